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

/// What an example prints, which must succeed.
fn printed(name: &str, arguments: &[&str]) -> String {
    let output = example(name, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{name}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn control_flow_says_how_far_its_search_is_from_the_optimum() {
    let text = printed("control_flow", &["20"]);
    assert!(text.contains("a graph that grows while it runs"), "{text}");
    for airport in ["EWR", "JFK", "LGA"] {
        let line = text.lines().find(|line| line.starts_with(airport)).unwrap();
        assert!(line.contains("optimum"), "{line}");
    }
    assert!(text.contains("14.9 % of the full grid's"), "{text}");
    assert!(text.contains("equal the plain loops' bit for bit"), "{text}");
    // What is not a number of steps is one line that says so.
    for steps in ["0", "1001", "many"] {
        let output = example("control_flow", &[steps]);
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("control_flow: STEPS") && text.contains(steps), "{text}");
    }
}

#[test]
fn pipeline_prints_the_facts_that_the_compiler_checked() {
    let text = printed("pipeline", &[]);
    assert!(text.contains("Pipe: 11 tasks, 15 edges, critical path 5, width 5"), "{text}");
    assert!(text.contains("digraph Pipe {"), "{text}");
    assert!(text.contains("all 100000 scores equal the plain function's bit for bit"), "{text}");
}

#[test]
fn methods_gives_the_table_of_the_plain_calls() {
    let text = printed("methods", &[]);
    assert!(text.contains("15 tasks, 12 edges, depth 2, widest level 12"), "{text}");
    assert!(text.contains("all results equal the plain calls' bit for bit"), "{text}");
}

#[test]
fn robust_tells_each_failure_in_the_order_of_the_sweep() {
    let text = printed("robust", &[]);
    for line in [
        "stop at the first failure: 1 told",
        "stop after two: 2 told",
        "finish: 4 told",
        "  Panicked: panicked: a rate of 2.8 settles on one value, whose spread is 0",
        "  Failed: failed: a rate of 4.05 escapes after 2 steps",
        "catch: the largest spread of those that have one is 902 ‰",
        "  3.2  358 ‰",
        "  TimedOut: timed out: it did not return within 200ms",
        "  4    TimedOut",
        "retries: 3 times asked",
        "spawned: not done after 100 ms",
        "cancelled: stopped at a checkpoint: the run was cancelled",
    ] {
        assert!(text.contains(&format!("{line}\n")), "{line}: {text}");
    }
}
