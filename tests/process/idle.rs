//! An idle pool uses no CPU: nobody polls.

use taskweave::prelude::*;

#[delayed]
fn number(n: u64) -> u64 {
    n
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}

/// Nanoseconds of CPU that the pools' threads have used, from the kernel.
fn used() -> Option<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let folder = task.ok()?.path();
        if std::fs::read_to_string(folder.join("comm")).ok()?.starts_with("taskweave-") {
            let line = std::fs::read_to_string(folder.join("schedstat")).ok()?;
            sum += line.split_whitespace().next()?.parse::<u64>().ok()?;
        }
    }
    Some(sum)
}

#[test]
fn an_idle_pool_uses_no_cpu() {
    let _serial = super::SERIAL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let threads = Threads::new(4);
    let graph = graph!({
        let all: Vec<_> = (0..100_000).map(|n| number(n)).collect();
        total(all)
    });
    assert_eq!(graph.compute_on(&threads).unwrap(), 100_000 * 99_999 / 2);
    // Workers park within microseconds; until they have, the two figures differ.
    let pause = std::time::Duration::from_millis(50);
    let quiet = (0..100).any(|_| {
        let before = used();
        std::thread::sleep(pause);
        before.is_some() && before == used()
    });
    if used().is_none() {
        println!("skipped: this kernel has no /proc/self/task/*/schedstat");
    } else {
        assert!(quiet, "the threads of an idle pool use CPU");
    }
}
