//! The examples as a user runs them.

use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs an example, which `cargo test` has built beside the tests; else builds it.
fn example(name: &str, arguments: &[&str]) -> Output {
    let tests = std::env::current_exe().unwrap();
    let built: PathBuf = tests.ancestors().nth(2).unwrap().join("examples").join(name);
    let mut command = if built.exists() {
        Command::new(built)
    } else {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--example", name, "--"]);
        cargo
    };
    command.args(arguments).output().unwrap()
}

#[test]
fn hello_prints_its_graph_and_result() {
    let output = example("hello", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("11 tasks, 10 edges, depth 2, widest level 10"), "{text}");
    assert!(text.contains("385"), "{text}");
}

#[test]
fn a_missing_data_file_is_one_line_that_names_it() {
    let output = example("sweep", &["no/such/file.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("sweep: ") && text.contains("no/such/file.csv"), "{text}");
}
