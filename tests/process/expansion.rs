//! The expansion of `#[delayed]` stays small: what a user sees who expands it.

use std::process::Command;

/// Lines that rustc's pretty printer makes of a file with one delayed function, beyond those without it.
fn expanded_lines(attribute: &str) -> usize {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join("expansion_probe.rs");
    let text = format!(
        "pub struct Model;\n{attribute}\npub fn fit(alpha: f64, model: &Model) -> f64 {{ let _ = model; alpha }}\n"
    );
    std::fs::write(&source, text).unwrap();
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    let newest = |prefix: &str, suffix: &str| {
        let mut found: Vec<_> = std::fs::read_dir(&deps)
            .unwrap()
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(prefix) && name.ends_with(suffix)
            })
            .collect();
        found.sort_by_key(|path| path.metadata().and_then(|meta| meta.modified()).ok());
        found.pop().unwrap_or_else(|| panic!("no {prefix}*{suffix} beside the tests"))
    };
    let rlib = newest("libtaskweave-", ".rlib");
    let output = Command::new("rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Zunpretty=expanded", "--edition=2024", "--crate-type=lib"])
        .arg(format!("-Ldependency={}", deps.display()))
        .arg(format!("--extern=taskweave={}", rlib.display()))
        .arg(&source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[test]
fn a_function_of_two_arguments_expands_to_less_than_forty_lines() {
    let _serial = super::SERIAL.lock();
    let lines = expanded_lines("#[taskweave::delayed]") - expanded_lines("");
    assert!(lines < 40, "{lines} lines");
}
