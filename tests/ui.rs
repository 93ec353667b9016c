//! Wrong programs and their messages, odd programs that are right.
//!
//! Each file of `tests/ui` breaks one rule, which is its name; its `.stderr` is what the pinned compiler prints. Written anew
//! by `TRYBUILD=overwrite cargo test --test ui`, and reviewed like code. No message here shows lines of the standard library: they are
//! printed only where the component `rust-src` is installed.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn messages() {
    let folder = std::env::temp_dir().join(format!("taskweave-ui-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.compile_fail(too_many_tasks(&folder.canonicalize().unwrap()));
    cases.pass("tests/pass/*.rs");
    drop(cases);
    fs::remove_dir_all(&folder).unwrap();
}

/// A program that nobody would read, so it is written when it is needed: a static graph of one task more than it may have.
fn too_many_tasks(folder: &Path) -> PathBuf {
    const TASKS: usize = 4097;
    let mut program = String::from(
        "use taskweave::{delayed, static_graph};\n\n#[delayed]\nfn half(x: f64) -> f64 {\n    x / 2.0\n}\n\n\
         static_graph! {\n    pub struct Chain(x: f64) {\n        let t0 = half(x);\n",
    );
    for task in 1..TASKS {
        writeln!(program, "        let t{task} = half(t{});", task - 1).unwrap();
    }
    writeln!(program, "        t{}\n    }}\n}}\n\nfn main() {{}}", TASKS - 1).unwrap();
    let path = folder.join("static_graph_with_too_many_tasks.rs");
    let message = format!(
        "error: a static graph has at most 4096 tasks\n --> {}:9:16\n  |\n9 |     pub struct Chain(x: f64) {{\n  |                ^^^^^\n",
        path.display()
    );
    fs::write(path.with_extension("stderr"), message).unwrap();
    fs::write(&path, program).unwrap();
    path
}
