//! What is said where the system has no memory, in a child process that may have little: an error of the task, which stands where the step does, and no end of the process.
//!
//! Not here: what no system has memory for (`limits`).
#![cfg(target_os = "linux")]

#[cfg(feature = "linalg")]
use ndarray::Ix2;
use std::process::Command;
use taskweave_array::{Array, Error, ErrorKind, Random};
use taskweave_runtime::InThread;

/// What a child is to do.
const WHAT: &str = "TASKWEAVE_TEST_NO_MEMORY";

/// From here on the process may have so many bytes more than it has.
fn limit_memory(more: u64) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    let most = pages * 4096 + more;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the pointer is to a limit that lives.
    unsafe { assert_eq!(libc::setrlimit(libc::RLIMIT_AS, &limit), 0) };
}

#[track_caller]
fn is_of_memory<T>(result: Result<T, Error>, text: &str) {
    let error = result.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
    assert_eq!(error.location().map(|at| at.file()), Some(file!()), "{error}");
    assert!(error.to_string().contains(text), "{error}");
}

const MIB: u64 = 1 << 20;

/// Not a test of its own: what the child process does.
#[test]
fn child() {
    let Ok(what) = std::env::var(WHAT) else { return };
    let values = ndarray::Array1::from_shape_fn(4 << 20, |at| at as f64).into_shared();
    let x = Array::from(values).rechunk(4 << 20);
    let of_graph = |error| Err::<(), Error>(Error::from(error));
    match &what[..] {
        "unique" => {
            let graph = x.unique().unwrap();
            limit_memory(20 * MIB);
            is_of_memory(
                graph
                    .compute_on(&InThread)
                    .or_else(|error| of_graph(error).map(|()| unreachable!())),
                "no memory for 4194304 elements to be sorted, which take 32.0 MiB: ",
            );
        }
        "unique_counts" => {
            let graph = x.unique_counts().unwrap();
            limit_memory(60 * MIB);
            is_of_memory(
                graph
                    .compute_on(&InThread)
                    .or_else(|error| of_graph(error).map(|()| unreachable!())),
                "no memory for 4194305 elements to be sorted, which take 64.0 MiB: ",
            );
        }
        "sample_weighted" => {
            let chosen = Random::new(1).sample_weighted(4 << 20, vec![1.0; 4 << 20], 10);
            limit_memory(40 * MIB);
            is_of_memory(chosen.compute_on(&InThread), "to be sorted, which take 64.0 MiB: ");
        }
        #[cfg(feature = "linalg")]
        "svd" => {
            let square = Random::new(1).uniform::<f64, Ix2>([700, 700]);
            limit_memory(28 * MIB);
            is_of_memory(square.svd().1.compute_on(&InThread), "no memory for ");
        }
        _ => panic!("no child does {what}"),
    }
}

#[test]
fn what_there_is_no_memory_for_is_an_error_of_the_task_and_ends_no_process() {
    let all = ["unique", "unique_counts", "sample_weighted", "svd"];
    for what in all.into_iter().filter(|&what| what != "svd" || cfg!(feature = "linalg")) {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "no_memory::child", "--nocapture", "--test-threads=1"])
            .env(WHAT, what)
            // Other arenas have addresses that they do not use, which the limit would not see.
            .env("MALLOC_ARENA_MAX", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{what}: {}: {said}", child.status);
    }
}
