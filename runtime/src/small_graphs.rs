//! Graphs small enough for Miri: every way memory is used, a few tasks each. (Tests.)
//!
//!     MIRIFLAGS="-Zmiri-tree-borrows -Zmiri-ignore-leaks" cargo +nightly miri test -p taskweave-runtime --lib
//!
//! Tree borrows, because crossbeam-epoch is not made for stacked ones; leaks are ignored for its sake too.

use crate::{Delayed, Graph, InThread, Scheduler, Threads};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

fn on_each(check: impl Fn(&dyn Scheduler)) {
    check(&InThread);
    check(&Threads::new(2));
}

#[test]
fn a_wide_join_of_values_that_own_memory() {
    on_each(|scheduler| {
        let graph = Graph::build(|graph| {
            let parts: Vec<_> =
                (0..150_u64).map(|n| graph.value(n).map(|n: u64| vec![n; 3])).collect();
            // Leads nowhere.
            let _ = graph.value(String::from("unread"));
            graph.gather(parts).map(|parts: Vec<Vec<u64>>| parts.iter().flatten().sum::<u64>())
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 3 * 150 * 149 / 2);
    });
}

#[test]
fn borrowers_a_mover_copies_and_clones() {
    on_each(|scheduler| {
        let graph = Graph::build(|graph| {
            let text = graph.value(String::from("task"));
            let lengths: Vec<_> = (0..5).map(|n| text.map_ref(move |t| t.len() + n)).collect();
            let kept: Delayed<'_, '_, String> = text.clone();
            let moved = text.map(|t: String| t + "weave");
            let number = graph.value(7_u64);
            let (once, twice) = (number.map(|n| n + 1), number.map(|n| n * 2));
            graph.gather((graph.gather(lengths), kept, moved, once, twice))
        });
        let (lengths, kept, moved, once, twice): (Vec<usize>, String, String, u64, u64) =
            graph.compute_on(scheduler).unwrap();
        assert_eq!((lengths.iter().sum::<usize>(), once, twice), (30, 8, 14));
        assert_eq!((kept.as_str(), moved.as_str()), ("task", "taskweave"));
    });
}

#[test]
fn over_aligned_and_large_values_and_spliced_graphs() {
    #[repr(align(64))]
    #[derive(Clone, Copy)]
    struct Wide([u64; 8]);
    on_each(|scheduler| {
        let part = Graph::build(|graph| graph.value(Wide([3; 8])).map(|wide| wide.0[7]));
        let graph = Graph::build(|graph| {
            let one = graph.value(1_u8).map(u64::from);
            let big = graph.value([1_u64; 2_000]).map(|all| all.iter().sum::<u64>());
            let wide = graph.value(Wide([5; 8])).map(|wide| wide.0.iter().sum::<u64>());
            graph.gather((one, big, wide, graph.gather(part)))
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (1, 2_000, 40, 3));
    });
}

#[test]
fn failures_nesting_and_what_is_dropped() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    on_each(|scheduler| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let made = |n: usize| {
            let dropped = dropped.clone();
            move |_: usize| (n, Counted(dropped))
        };
        let graph = Graph::build(|graph| {
            let all: Vec<_> = (0..6).map(|n| graph.value(n).map(made(n))).collect();
            let all = graph.gather(all);
            all.map(|all: Vec<(usize, Counted)>| {
                assert!(all.len() > 6, "on purpose");
                0
            })
        });
        assert!(graph.compute_on(scheduler).unwrap_err().to_string().contains("on purpose"));
        assert_eq!(dropped.load(SeqCst), 6);

        let never_run = Graph::build(|graph| graph.value(1).map(made(1)));
        drop(never_run);

        let graph = Graph::build(|graph| {
            graph.value(3_u64).map(|n| {
                let inner = Graph::build(|graph| {
                    let parts: Vec<_> = (0..n).map(|n| graph.value(n).map(|n| n + 1)).collect();
                    graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>())
                });
                inner.compute().unwrap()
            })
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 6);
    });
}
