//! The house rules that a machine can see: how files open, how long they are, where `unsafe` may stand.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// The rooms that ARCHITECTURE.md names.
const UNSAFE_ROOMS: &[&str] = &[
    "benches/src/tbb.rs",
    "collections/array/src/ahead.rs",
    "collections/array/src/linalg/gemm.rs",
    "collections/array/src/pages.rs",
    "collections/array/src/parts.rs",
    "runtime/src/drivers/in_thread.rs",
    "runtime/src/drivers/threads.rs",
    "runtime/src/drivers/threads/seat.rs",
    "runtime/src/fixed.rs",
    "runtime/src/graph/arena.rs",
    "runtime/src/graph/builder.rs",
    "runtime/src/graph/compute.rs",
    "runtime/src/graph/each.rs",
    "runtime/src/graph/extras.rs",
    "runtime/src/graph/growing.rs",
    "runtime/src/graph/handle.rs",
    "runtime/src/graph/links.rs",
    "runtime/src/graph/mod.rs",
    "runtime/src/graph/node.rs",
    "runtime/src/graph/node/by_type.rs",
    "runtime/src/graph/node/repeat.rs",
    "runtime/src/graph/plan.rs",
    "runtime/src/models.rs",
    "runtime/src/run/control.rs",
    "runtime/src/run/seed.rs",
    "runtime/src/schedules.rs",
    "runtime/src/scheduler.rs",
    "runtime/src/scheduler/again.rs",
    "runtime/src/scheduler/closely.rs",
    "runtime/src/scheduler/observed.rs",
    "runtime/src/task/lend.rs",
    "runtime/src/task/source.rs",
    "runtime/src/task/source/containers.rs",
];
/// A file above it is split.
const LINES_MAX: usize = 600;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn files_open_with_what_they_are_and_keep_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in [
        "src",
        "runtime/src",
        "macros/src",
        "collections",
        "examples",
        "benches",
        "tests/it",
        "tests/process",
    ] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 40, "the folders have moved");
    let mut broken = Vec::new();
    for path in files {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        if name.contains("/tests/ui/") {
            // Programs that are wrong, each of which is one mistake.
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with("//!") {
            broken.push(format!("{name}: opens without `//!`"));
        }
        if text.lines().count() > LINES_MAX {
            broken.push(format!("{name}: longer than {LINES_MAX} lines"));
        }
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
        let has_unsafe = code.clone().any(|line| {
            line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
                && !line.contains('"')
        });
        if has_unsafe && name.contains("/src/") && !UNSAFE_ROOMS.contains(&name.as_str()) {
            broken.push(format!("{name}: `unsafe` outside the rooms of ARCHITECTURE.md"));
        }
        if code.clone().any(|line| line.contains("todo!(") || line.contains("#[ignore")) {
            broken.push(format!("{name}: a stub or an ignored test"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
