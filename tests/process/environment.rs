//! `TASKWEAVE_SCHEDULER` and `TASKWEAVE_THREADS`, each in a process of its own: this test binary again.

use std::process::Command;
use taskweave::ErrorKind;
use taskweave::prelude::*;

#[delayed]
fn id() -> std::thread::ThreadId {
    std::thread::current().id()
}

/// Not a test of its own: what the child process does.
#[test]
fn child() {
    let Ok(expected) = std::env::var("TASKWEAVE_TEST_EXPECT") else { return };
    let outcome = graph!({ id() }).compute();
    let seen = match (&outcome, Threads::default().threads()) {
        (Ok(_), Ok(threads)) => {
            let scheduler = std::env::var("TASKWEAVE_SCHEDULER").unwrap_or_default();
            if scheduler == "in-thread" {
                assert_eq!(outcome.ok(), Some(std::thread::current().id()));
            }
            format!("{threads} threads")
        }
        (Err(error), _) => {
            assert_eq!(error.kind(), ErrorKind::Environment);
            error.to_string()
        }
        (Ok(_), Err(error)) => panic!("computed although {error}"),
    };
    assert!(seen.contains(&expected), "expected {expected:?}, saw {seen:?}");
    // What the caller chose does not ask the environment.
    assert!(graph!({ id() }).compute_on(&InThread).is_ok());
    assert!(graph!({ id() }).compute_on(&Threads::new(2)).is_ok());
}

fn run(variables: &[(&str, &str)], expected: &str) {
    let _serial = super::SERIAL.lock();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "environment::child", "--nocapture"])
        .env_remove("TASKWEAVE_SCHEDULER")
        .env_remove("TASKWEAVE_THREADS")
        .env("TASKWEAVE_TEST_EXPECT", expected)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{variables:?}: {text}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{variables:?}");
}

#[test]
fn the_environment_chooses_threads_and_scheduler() {
    run(&[("TASKWEAVE_THREADS", "3")], "3 threads");
    run(&[("TASKWEAVE_SCHEDULER", "threads"), ("TASKWEAVE_THREADS", "1")], "1 threads");
    run(&[("TASKWEAVE_SCHEDULER", "in-thread")], "threads");
}

#[test]
fn a_wrong_value_is_an_error_that_says_what_to_write() {
    run(
        &[("TASKWEAVE_SCHEDULER", "Thread")],
        "TASKWEAVE_SCHEDULER=Thread names no scheduler: write `in-thread` or `threads`",
    );
    for wrong in ["0", "-1", "many", "", "99999999"] {
        run(
            &[("TASKWEAVE_THREADS", wrong)],
            "is not a number of threads: write one from 1 to 4096",
        );
    }
}
