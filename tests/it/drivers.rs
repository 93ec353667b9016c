//! Who runs a graph, and on which threads.

use std::collections::HashSet;
use std::sync::{Arc, Barrier, Mutex};
use std::thread::ThreadId;
use taskweave::prelude::*;

#[delayed]
fn id() -> ThreadId {
    std::thread::current().id()
}
#[delayed]
fn inc(x: u64) -> u64 {
    x + 1
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}

fn wide(n: u64) -> Graph<'static, u64> {
    graph!({
        let mut values = Vec::new();
        for i in 0..n {
            values.push(inc(i));
        }
        total(values)
    })
}

#[test]
fn in_thread_runs_on_the_caller() {
    let ids = graph!({ (0..10).map(|_| id()).collect::<Vec<_>>() }).compute_on(&InThread).unwrap();
    assert!(ids.iter().all(|&id| id == std::thread::current().id()));
}

#[test]
fn at_most_n_threads_run_a_graph_and_the_caller_is_one() {
    let pool = Threads::new(3);
    assert_eq!(pool.threads().unwrap(), 3);
    // Two tasks meet at a barrier, so at least two threads work at once.
    let barrier = Barrier::new(3);
    let ids = Mutex::new(HashSet::new());
    #[delayed]
    fn meet(barrier: &Barrier, ids: &Mutex<HashSet<ThreadId>>) {
        ids.lock().unwrap().insert(std::thread::current().id());
        barrier.wait();
    }
    let graph = graph!({ (0..30).map(|_| meet(&barrier, &ids)).collect::<Vec<_>>() });
    graph.compute_on(&pool).unwrap();
    let ids = ids.into_inner().unwrap();
    assert_eq!(ids.len(), 3);
    assert!(ids.contains(&std::thread::current().id()));
}

#[test]
fn the_innermost_scope_wins_and_the_argument_wins_over_it() {
    let here = std::thread::current().id();
    let scoped = with_scheduler(&Threads::new(1), || {
        with_scheduler(&InThread, || graph!({ id() }).compute().unwrap())
    });
    assert_eq!(scoped.unwrap().unwrap(), here);
    let count = with_scheduler(&InThread, || wide(100).compute_on(&Threads::new(2)).unwrap());
    assert_eq!(count.unwrap(), 5050);
}

#[test]
fn a_task_computes_on_the_scheduler_that_runs_it() {
    #[delayed]
    fn inner() -> Vec<ThreadId> {
        let graph = graph!({ (0..20).map(|_| id()).collect::<Vec<_>>() });
        graph.compute().unwrap()
    }
    let ids = graph!({ inner() }).compute_on(&InThread).unwrap();
    assert!(ids.iter().all(|&id| id == std::thread::current().id()));
}

#[test]
fn tasks_compute_graphs_of_their_own_at_any_depth() {
    #[delayed]
    fn down(depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        graph!({
            let (a, b) = (down_again(depth - 1), inc(0));
            total(vec![a, b])
        })
        .compute()
        .unwrap()
    }
    #[delayed]
    fn down_again(depth: u64) -> u64 {
        down(depth)
    }
    for threads in [1, 2, 8] {
        let pool = Threads::new(threads);
        let results = graph!({ (0..8).map(|_| down(12)).collect::<Vec<_>>() });
        assert_eq!(results.compute_on(&pool).unwrap(), [13; 8]);
    }
}

#[test]
fn many_threads_compute_at_once_on_one_pool() {
    let pool = Threads::new(2);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            let pool = pool.clone();
            scope.spawn(move || {
                for n in 0..50 {
                    assert_eq!(wide(n).compute_on(&pool).unwrap(), n * (n + 1) / 2);
                }
            });
        }
    });
}

#[test]
fn the_last_handle_may_be_dropped_inside_a_task() {
    #[delayed]
    fn drop_it(slot: &Mutex<Option<Threads>>) -> bool {
        slot.lock().unwrap().take().is_some()
    }
    let pool = Threads::new(2);
    let slot = Mutex::new(Some(pool.clone()));
    let graph = graph!({ (0..4).map(|_| drop_it(&slot)).collect::<Vec<_>>() });
    let dropped = graph.compute_on(&pool).unwrap();
    assert_eq!(dropped.iter().filter(|dropped| **dropped).count(), 1);
}

#[test]
fn a_pool_without_handles_has_joined_its_threads() {
    let alive = Arc::new(());
    thread_local!(static KEPT: Mutex<Option<Arc<()>>> = const { Mutex::new(None) });
    #[delayed]
    fn keep(alive: Arc<()>, barrier: &Barrier) {
        barrier.wait();
        KEPT.with(|kept| *kept.lock().unwrap() = Some(alive));
    }
    let pool = Threads::new(2);
    let barrier = Barrier::new(2);
    graph!({ vec![keep(alive.clone(), &barrier), keep(alive.clone(), &barrier)] })
        .compute_on(&pool)
        .unwrap();
    drop(pool);
    KEPT.with(|kept| kept.lock().unwrap().take());
    // The other thread's locals are gone, because it was joined.
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn zero_threads_means_one_for_each_core() {
    assert!(Threads::new(0).threads().unwrap() >= 1);
    assert_eq!(wide(10).compute_on(&Threads::new(0)).unwrap(), 55);
}
