//! Building a graph allocates the arena's chunks and nothing else; running one again nothing, on threads too.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use taskweave::prelude::*;

struct Counting;

thread_local! {
    /// Of this thread alone: the test harness allocates on others.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Whether this thread computes, and is none of a pool's.
    static IS_CALLER: Cell<bool> = const { Cell::new(false) };
}
/// Of all threads.
static EVERYWHERE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        EVERYWHERE.fetch_add(1, Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[delayed]
fn leaf(x: f64) -> f64 {
    x
}
#[delayed]
fn join(a: f64, b: &f64) -> f64 {
    a + b
}
#[delayed]
fn pair(a: f64) -> (f64, f64) {
    (a, a)
}
#[delayed]
fn checked(a: f64) -> Result<f64, String> {
    Ok(a)
}

#[test]
fn building_allocates_chunks_only() {
    let _serial = super::SERIAL.lock();
    const TASKS: usize = 100_000;
    let before = ALLOCATIONS.get();
    let graph = graph!({
        let mut sum = leaf(0.0);
        for i in 0..TASKS {
            let (a, b) = pair(leaf(i as f64));
            sum = join(sum, &a) + checked(b)? * 2.0;
        }
        sum
    });
    let allocations = ALLOCATIONS.get() - before;
    // 800,000 nodes of some 64 bytes in chunks of up to 2 MiB.
    assert!(allocations < 100, "{allocations} allocations for {} tasks", 8 * TASKS);
    assert_eq!(graph.compute().unwrap(), 3.0 * (TASKS * (TASKS - 1) / 2) as f64);
}

#[test]
fn handles_in_a_vector_keep_its_allocation() {
    let _serial = super::SERIAL.lock();
    #[delayed]
    fn total(values: Vec<f64>) -> f64 {
        values.iter().sum()
    }
    const TASKS: usize = 10_000;
    let before = ALLOCATIONS.get();
    let graph = graph!({
        let mut values = Vec::with_capacity(TASKS);
        for i in 0..TASKS {
            values.push(leaf(i as f64));
        }
        total(values)
    });
    let allocations = ALLOCATIONS.get() - before;
    assert!(allocations < 20, "{allocations} allocations");
    assert_eq!(graph.compute().unwrap(), (TASKS * (TASKS - 1) / 2) as f64);
}

/// Allocations of `run`, on this thread.
fn allocations_of(mut run: impl FnMut()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

mod pipe {
    use super::{checked, join, leaf, pair};
    use taskweave::{delayed, static_graph};

    #[delayed]
    fn first(both: &(f64, f64)) -> f64 {
        both.0
    }
    static_graph! {
        pub struct Pipe(x: f64, factor: &f64) {
            let out = join(left, &right);
            let left = join(start, factor);
            let right = first(&both);
            let both = pair(start);
            let start = checked(one)?;
            let one = leaf(x);
            out
        }
    }
    static_graph! {
        pub struct Tuple(x: f64) {
            let one = leaf(x);
            let both = pair(one);
            let sum = join(one, &one);
            (sum, both, one)
        }
    }
}

#[test]
fn a_static_graph_runs_without_allocating() {
    let _serial = super::SERIAL.lock();
    let mut pipe = pipe::Pipe::new();
    let mut tuple = pipe::Tuple::new();
    let mut sum = 0.0;
    // A run that the machine holds up would be tried on threads, where the first one allocates.
    let allocations = taskweave::with_scheduler(&InThread, || {
        allocations_of(|| {
            for n in 0..1_000 {
                sum += pipe.run(f64::from(n), &1.0).unwrap();
                let (twice, both, one) = tuple.run(f64::from(n)).unwrap();
                sum += twice - both.0 - one;
            }
        })
    })
    .unwrap();
    assert_eq!(sum, f64::from((0..1_000).map(|n| 2 * n + 1).sum::<i32>()));
    assert_eq!(allocations, 0);
}

#[test]
fn a_plan_runs_again_without_allocating_per_task() {
    let _serial = super::SERIAL.lock();
    fn plan(tasks: u32) -> taskweave::Plan<'static, f64> {
        let graph = graph!({
            let start = taskweave::input("start", 1.0);
            let mut sum = leaf(start);
            for n in 0..tasks {
                let leaf = leaf(f64::from(n));
                sum = join(sum, &leaf);
            }
            sum
        });
        graph.freeze().unwrap()
    }
    let counts = [100, 10_000].map(|tasks| {
        let mut plan = plan(tasks);
        let all = f64::from(tasks) * f64::from(tasks - 1) / 2.0;
        let mut again = |start: f64| {
            plan.set("start", start).unwrap();
            assert_eq!(plan.run_on(&InThread).unwrap(), start + all);
        };
        again(1.0); // what is allocated once
        (allocations_of(|| again(2.0)), allocations_of(|| again(3.0)))
    });
    assert_eq!(counts[0], counts[1], "allocations grow with the tasks");
    assert_eq!(counts[0].0, 0);
}

/// Tasks that threads have run that are not the caller's.
static BY_OTHERS: AtomicUsize = AtomicUsize::new(0);

/// Long enough for a few hundred of them to pay on threads.
#[delayed]
fn slow(x: u64) -> u64 {
    if !IS_CALLER.get() {
        BY_OTHERS.fetch_add(1, Relaxed);
    }
    (0..300).fold(x, |x, n| std::hint::black_box(x.rotate_left(5) ^ n)) & 1
}
#[delayed]
fn slow_sum(a: u64, b: u64) -> u64 {
    slow(a) + slow(b)
}

/// What a run allocates, on all threads, in which more than one took part: the middle of many such runs, because the test harness allocates too.
fn allocations_on_threads(mut run: impl FnMut()) -> usize {
    const RUNS: usize = 40;
    IS_CALLER.set(true);
    let mut counts = Vec::with_capacity(RUNS);
    for _ in 0..4_000 {
        BY_OTHERS.store(0, Relaxed);
        let before = EVERYWHERE.load(Relaxed);
        run();
        let allocations = EVERYWHERE.load(Relaxed) - before;
        if BY_OTHERS.load(Relaxed) > 0 {
            counts.push(allocations);
        }
        if counts.len() == RUNS {
            break;
        }
    }
    // On a machine that is busy with other things threads are tried now and then only.
    assert!(counts.len() >= 10, "{} runs on more than one thread", counts.len());
    counts.sort_unstable();
    counts[counts.len() / 2]
}

mod fans {
    use super::{BY_OTHERS, IS_CALLER, Relaxed};
    use std::time::Duration;
    use taskweave::{delayed, static_graph};

    /// Threads pay for this one on a machine that is busy with other things, too.
    #[delayed]
    fn nap(x: u64) -> u64 {
        if !IS_CALLER.get() {
            BY_OTHERS.fetch_add(1, Relaxed);
        }
        std::thread::sleep(Duration::from_micros(50));
        x
    }

    #[delayed]
    fn total(values: &[u64]) -> u64 {
        values.iter().sum()
    }
    macro_rules! fan {
        ($name:ident: $($task:ident)*) => {
            static_graph! {
                pub struct $name(x: u64) {
                    let out = total(&[$($task),*]);
                    $(let $task = nap(x);)*
                    out
                }
            }
        };
    }
    fan!(Narrow:
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14);
    fan!(Wide:
        t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23
        t24 t25 t26 t27 t28 t29 t30 t31 t32 t33 t34 t35 t36 t37 t38 t39 t40 t41 t42 t43 t44 t45
        t46 t47 t48 t49 t50 t51 t52 t53 t54 t55 t56 t57 t58 t59 t60 t61 t62 t63 t64 t65 t66 t67
        t68 t69 t70 t71 t72 t73 t74 t75 t76 t77 t78 t79 t80 t81 t82 t83 t84 t85 t86 t87 t88 t89
        t90 t91 t92 t93 t94 t95 t96 t97 t98 t99 t100 t101 t102 t103 t104 t105 t106 t107 t108
        t109 t110 t111 t112 t113 t114 t115 t116 t117 t118 t119);
}

#[test]
fn a_static_graph_runs_on_threads_without_allocating() {
    let _serial = super::SERIAL.lock();
    let counts = taskweave::with_scheduler(&Threads::new(2), || {
        let (mut narrow, mut wide) = (fans::Narrow::new(), fans::Wide::new());
        [
            allocations_on_threads(|| assert!(narrow.run(1).unwrap() <= 15)),
            allocations_on_threads(|| assert!(wide.run(1).unwrap() <= 120)),
        ]
    })
    .unwrap();
    assert_eq!(counts, [0, 0]);
}

/// What goes on after a failure is never run one task after the other, however quick that would be.
fn always_on_threads<T>(graph: Graph<'_, T>) -> Graph<'_, T> {
    graph.on_failure(taskweave::OnFailure::Finish)
}

#[test]
fn a_plan_runs_again_on_threads_without_allocating() {
    let _serial = super::SERIAL.lock();
    let threads = Threads::new(2);
    let counts = [8, 10].map(|levels| {
        let graph = graph!({
            let mut row: Vec<_> = (0..1_u64 << (levels - 1)).map(|x| slow(x)).collect();
            while row.len() > 1 {
                row = row.chunks(2).map(|pair| slow_sum(pair[0], pair[1])).collect();
            }
            row[0]
        });
        let mut plan = always_on_threads(graph).freeze().unwrap();
        assert_eq!(plan.tasks(), (1 << levels) - 1);
        allocations_on_threads(|| assert!(plan.run_on(&threads).unwrap() <= 2))
    });
    assert_eq!(counts, [0, 0]);
}

/// What becomes ready at once and is not begun lies on a deque, which grows beyond 64, and shrinks again.
#[test]
fn a_task_that_many_wait_for_costs_allocations_for_each_doubling() {
    let _serial = super::SERIAL.lock();
    let threads = Threads::new(2);
    let counts = [250, 1_000].map(|width| {
        let graph = graph!({
            let first = slow(1);
            let row: Vec<_> = (0..width).map(|x| slow_sum(first, x)).collect();
            taskweave::gather(row)
        });
        let mut plan = always_on_threads(graph).freeze().unwrap();
        allocations_on_threads(|| assert!(plan.run_on(&threads).unwrap().len() > 200))
    });
    assert!(counts[0] <= 20 && counts[1] <= 40, "{counts:?}");
}
