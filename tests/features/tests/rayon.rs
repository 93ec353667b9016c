//! Workers that are guests in a rayon pool.
#![allow(clippy::unwrap_used)]

use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use taskweave::prelude::*;
use taskweave::{ErrorKind, Limit, TaskOptions, gather, task_seed};

fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
    Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

#[delayed]
fn leaf(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9).rotate_left(7)
}
#[delayed]
fn mix(a: u64, b: u64) -> u64 {
    a.rotate_left(3) ^ b
}
#[delayed]
fn fold(values: Vec<u64>) -> u64 {
    values.iter().fold(1, |sum, value| sum.wrapping_mul(31) ^ value)
}

/// A lattice, a fan and a chain.
fn graph(n: u64) -> Graph<'static, u64> {
    graph!({
        let mut row: Vec<_> = (0..n).map(|i| leaf(i)).collect();
        for _ in 0..n {
            row = row.windows(2).map(|two| mix(two[0], two[1])).chain([leaf(n)]).collect();
        }
        let mut x = fold(row);
        for _ in 0..n {
            x = mix(x, x);
        }
        x
    })
}

#[test]
fn graphs_give_what_they_give_in_thread() {
    for threads in [1, 2, 3, 8] {
        let pool = pool(threads);
        let hosted = Threads::on_rayon(&pool);
        assert_eq!(hosted.threads().unwrap(), threads);
        for n in [0, 1, 5, 60] {
            let expected = graph(n).compute_on(&InThread).unwrap();
            assert_eq!(graph(n).compute_on(&hosted).unwrap(), expected);
            // From a thread of the pool's.
            assert_eq!(pool.install(|| graph(n).compute_on(&hosted).unwrap()), expected);
        }
    }
    assert_eq!(
        graph(20).compute_on(&Threads::on_global_rayon()).unwrap(),
        graph(20).compute_on(&InThread).unwrap()
    );
}

#[test]
fn many_graphs_at_once_from_jobs_of_the_pool() {
    let pool = pool(4);
    let hosted = Threads::on_rayon(&pool);
    let expected = graph(12).compute_on(&InThread).unwrap();
    pool.install(|| {
        (0..200).into_par_iter().for_each(|_| {
            assert_eq!(graph(12).compute_on(&hosted).unwrap(), expected);
        });
    });
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(graph(12).compute_on(&hosted).unwrap(), expected);
                }
            });
        }
    });
}

#[delayed]
fn parallel_sum(from: u64) -> u64 {
    (from..from + 20_000).into_par_iter().map(|n| n.rotate_left(5)).reduce(|| 0, u64::wrapping_add)
}
#[delayed]
fn nested(depth: u64) -> u64 {
    if depth == 0 {
        return parallel_sum(1);
    }
    graph!({ mix(nested(depth - 1), nested(depth - 1)) }).compute().unwrap()
}

#[test]
fn tasks_use_the_pool_they_run_on_and_compute_graphs_on_it() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let hosted = Threads::on_rayon(&pool);
        let sums = || graph!({ fold((0..100).map(|n| parallel_sum(n)).collect::<Vec<_>>()) });
        assert_eq!(sums().compute_on(&hosted).unwrap(), sums().compute_on(&InThread).unwrap());
        let deep = || graph!({ nested(5) });
        assert_eq!(deep().compute_on(&hosted).unwrap(), deep().compute_on(&InThread).unwrap());
    }
}

#[delayed]
fn spin(micros: u64) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
    micros
}

#[test]
fn other_work_of_the_pool_goes_on_while_a_graph_runs() {
    let pool = pool(2);
    let hosted = Threads::on_rayon(&pool);
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let pool = &pool;
        let running = scope.spawn(move || {
            graph!({ fold((0..100_000).map(|_| spin(10)).collect::<Vec<_>>()) })
                .compute_on(&hosted)
                .unwrap()
        });
        // Each of these would wait for the end of the graph, if a guest never let others in.
        while !running.is_finished() {
            pool.install(|| done.fetch_add(1, SeqCst));
        }
    });
    assert!(done.load(SeqCst) > 10, "{done:?} jobs got through");
}

#[test]
fn failures_cancelling_and_options_are_as_on_threads_of_our_own() {
    #[delayed]
    fn fail(n: u64) -> Result<u64, String> {
        if n % 7 == 3 { Err(format!("number {n}")) } else { Ok(n) }
    }
    static TWO: Limit = Limit::new(2);
    let pool = pool(3);
    let hosted = Threads::on_rayon(&pool);
    let failing = || graph!({ fold((0..50).map(|n| fail(n)?).collect::<Vec<_>>()) });
    let error = failing().compute_on(&hosted).unwrap_err();
    assert!(error.to_string().ends_with("failed: number 3"), "{error}");
    let limited = TaskOptions::new().within(&TWO).priority(3);
    let graph = graph!({ fold((0..500).map(|n| leaf(n).with(limited)).collect::<Vec<_>>()) });
    assert!(graph.compute_on(&hosted).is_ok());
    let run =
        graph!({ gather((0..1_000).map(|_| spin(1_000)).collect::<Vec<_>>()) }).spawn_on(&hosted);
    assert_eq!(run.cancel_and_wait().unwrap_err().kind(), ErrorKind::Cancelled);
    #[delayed]
    fn draw() -> u64 {
        task_seed()
    }
    let draws = || graph!({ (0..20).map(|_| draw()).collect::<Vec<_>>() });
    assert_eq!(draws().compute_on(&hosted).unwrap(), draws().compute_on(&InThread).unwrap());
    let awaiting = || {
        graph!({
            let mut sum = 0;
            for n in 0..20 {
                sum += leaf(n).await % 1_000;
            }
            sum
        })
    };
    assert_eq!(awaiting().compute_on(&hosted).unwrap(), awaiting().compute_on(&InThread).unwrap());
}

#[test]
fn a_pool_outlives_the_threads_that_are_its_guests() {
    let pool = pool(3);
    for _ in 0..200 {
        let hosted = Threads::on_rayon(&pool);
        assert!(graph(8).compute_on(&hosted).is_ok());
        drop(hosted);
    }
    assert_eq!(pool.install(|| rayon::join(|| 1, || 2)), (1, 2));
    let hosted = Threads::on_rayon(&pool);
    drop(pool);
    assert!(graph(8).compute_on(&hosted).is_ok());
}
