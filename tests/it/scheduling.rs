//! What a scheduler has to promise: nested runs, locks held while computing, other pools, order, memory. Decided from events
//! and counters, never from the clock.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, Mutex};
use taskweave::TaskStep::{Finished, Ready, Released, Skipped, Started};
use taskweave::prelude::*;
use taskweave::{ErrorKind, Recorder, TaskId, register_observer, with_observer};

#[delayed]
fn number(n: u64) -> u64 {
    n
}
#[delayed]
fn plus(a: u64, b: u64) -> u64 {
    a + b
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}

fn sum_to(n: u64) -> Graph<'static, u64> {
    graph!({
        let all: Vec<_> = (0..n).map(|i| number(i)).collect();
        total(all)
    })
}

/// A task that computes a graph of two tasks, of which one does the same, `depth` times.
#[delayed]
fn nested(depth: u64) -> Result<u64, taskweave::Error> {
    if depth == 0 {
        return Ok(1);
    }
    let graph = graph!({
        let below = nested(depth - 1)?;
        let beside = number(1);
        plus(below, beside)
    });
    graph.compute()
}

#[test]
fn runs_inside_each_other_finish_at_any_depth_on_any_number_of_workers() {
    for workers in [1, 2, 8] {
        let threads = Threads::new(workers);
        for depth in [1, 2, 3, 10, 50, 100] {
            assert_eq!(graph!({ nested(depth)? }).compute_on(&threads).unwrap(), depth + 1);
        }
    }
}

#[test]
fn too_deep_a_nesting_is_an_error_that_says_so() {
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(1), &Threads::new(3)] {
        let error = graph!({ nested(1_000)? }).compute_on(scheduler).unwrap_err();
        let mut innermost = &error;
        while let Some(below) = innermost.downcast_ref::<taskweave::Error>() {
            innermost = below;
        }
        assert_eq!(innermost.kind(), ErrorKind::NestedTooDeep);
        assert!(innermost.to_string().contains("256 graphs are being computed inside each other"));
        // The pool is as good as before.
        assert_eq!(sum_to(100).compute_on(scheduler).unwrap(), 4950);
    }
}

thread_local! {
    /// Tasks of `outer` on this thread's stack.
    static ON_STACK: Cell<usize> = const { Cell::new(0) };
}

/// rayon#592, #751, #854: a thread that waits must not begin unrelated tasks on top of what waits.
#[test]
fn a_task_that_waits_for_a_graph_runs_nothing_else_meanwhile() {
    static WORST: AtomicUsize = AtomicUsize::new(0);
    #[delayed]
    fn outer(lock: &Mutex<u64>, n: u64) -> u64 {
        ON_STACK.set(ON_STACK.get() + 1);
        WORST.fetch_max(ON_STACK.get(), Relaxed);
        // Held while a graph is computed on the same pool: a second `outer` on this stack would never get it.
        let mut held = lock.lock().unwrap();
        *held += sum_to(8).compute().unwrap();
        drop(held);
        ON_STACK.set(ON_STACK.get() - 1);
        n
    }
    for workers in [1, 2, 8] {
        let lock = Mutex::new(0);
        let graph = graph!({
            let all: Vec<_> = (0..500).map(|n| outer(&lock, n)).collect();
            total(all)
        });
        assert_eq!(graph.compute_on(&Threads::new(workers)).unwrap(), 500 * 499 / 2);
        assert_eq!(*lock.lock().unwrap(), 500 * 28);
    }
    assert_eq!(WORST.load(Relaxed), 1);
}

/// rayon#751, #1251: two pools that compute on each other.
#[test]
fn pools_that_compute_on_each_other_neither_hang_nor_pile_up() {
    let (a, b) = (Threads::new(2), Threads::new(2));
    #[delayed]
    fn ping(a: &Threads, b: &Threads, left: u64) -> u64 {
        if left == 0 {
            return 1;
        }
        let graph = graph!({
            let parts: Vec<_> = (0..3).map(|_| ping(b, a, left - 1)).collect();
            total(parts)
        });
        graph.compute_on(b).unwrap()
    }
    assert_eq!(graph!({ ping(&a, &b, 6) }).compute_on(&a).unwrap(), 3_u64.pow(6));
}

/// rayon#592: computing inside a body of `par_iter`, where all of rayon's threads may be waiting for us.
#[test]
fn computing_inside_par_iter_and_par_iter_inside_tasks_finish() {
    use rayon::prelude::*;
    let threads = Threads::new(4);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let sums: u64 = pool.install(|| {
        (0..500_u64).into_par_iter().map(|n| sum_to(n % 20).compute_on(&threads).unwrap()).sum()
    });
    assert_eq!(sums, (0..500_u64).map(|n| (n % 20) * (n % 20).saturating_sub(1) / 2).sum::<u64>());

    #[delayed]
    fn squares(pool: &rayon::ThreadPool, threads: &Threads, n: u64) -> u64 {
        pool.install(|| {
            (0..n).into_par_iter().map(|i| sum_to(i % 5).compute_on(threads).unwrap()).sum()
        })
    }
    let graph = graph!({
        let all: Vec<_> = (0..50).map(|n| squares(&pool, &threads, n)).collect();
        total(all)
    });
    let plain: u64 = (0..50_u64).flat_map(|n| 0..n).map(|i| [0, 0, 1, 3, 6][i as usize % 5]).sum();
    assert_eq!(graph.compute_on(&threads).unwrap(), plain);
}

#[test]
fn many_threads_compute_many_graphs_on_one_pool() {
    let threads = Threads::new(2);
    std::thread::scope(|scope| {
        for thread in 0..64_u64 {
            let threads = &threads;
            scope.spawn(move || {
                for n in 0..1_000 {
                    let n = (n + thread) % 12;
                    let expected = n * n.saturating_sub(1) / 2;
                    assert_eq!(sum_to(n).compute_on(threads).unwrap(), expected);
                }
            });
        }
    });
}

/// A value that counts how many of it are alive.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Self {
        most.fetch_max(alive.fetch_add(1, SeqCst) + 1, SeqCst);
        Counted(alive.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn no_more_intermediates_are_alive_than_workers_need() {
    #[delayed]
    fn load(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Counted {
        Counted::new(alive, most)
    }
    #[delayed]
    fn reduce(block: Counted) -> u64 {
        drop(block);
        1
    }
    #[delayed]
    fn look(block: &Counted) -> u64 {
        block.0.load(SeqCst).min(1) as u64
    }
    for workers in [1, 2, 8] {
        for loads_first in [false, true] {
            let (alive, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let graph = graph!({
                let mut level = Vec::new();
                if loads_first {
                    let blocks: Vec<_> = (0..2_000).map(|_| load(&alive, &most)).collect();
                    for (i, block) in blocks.into_iter().enumerate() {
                        level.push(if i % 2 == 0 { reduce(block) } else { look(&block) });
                    }
                } else {
                    for _ in 0..2_000 {
                        let block = load(&alive, &most);
                        level.push(reduce(block));
                    }
                }
                while level.len() > 1 {
                    level = level
                        .chunks(2)
                        .map(|two| if two.len() == 2 { plus(two[0], two[1]) } else { two[0] })
                        .collect();
                }
                level[0]
            });
            assert_eq!(graph.compute_on(&Threads::new(workers)).unwrap(), 2_000);
            assert_eq!(alive.load(SeqCst), 0);
            let most = most.load(SeqCst);
            assert!(most <= workers + 1, "{most} blocks alive at once on {workers} workers");
        }
    }
}

#[test]
fn a_fold_does_not_load_all_it_folds_at_once() {
    #[delayed]
    fn load(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Counted {
        Counted::new(alive, most)
    }
    #[delayed]
    fn merge(sum: u64, block: Counted) -> u64 {
        // Longer than loading takes.
        let spent = (0..3_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        drop(block);
        sum + spent.min(1)
    }
    for workers in [1, 2, 8] {
        let (alive, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let graph = graph!({
            let mut sum = merge(0, load(&alive, &most));
            for _ in 1..1_000 {
                sum = merge(sum, load(&alive, &most));
            }
            sum
        });
        graph.compute_on(&Threads::new(workers)).unwrap();
        assert_eq!(alive.load(SeqCst), 0);
        let most = most.load(SeqCst);
        assert!(most <= 6 * workers, "{most} blocks alive at once on {workers} workers");
    }
}

/// Each block waits for the totals of those before it, and what is made of it is used by a task that takes long.
#[test]
fn a_scan_does_not_run_ahead_of_those_who_use_it() {
    #[delayed]
    fn load(alive: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Counted {
        Counted::new(alive, most)
    }
    #[delayed]
    fn parse(block: Counted) -> Counted {
        block
    }
    #[delayed]
    fn count_of(_block: &Counted) -> u64 {
        1
    }
    #[delayed]
    fn both(before: u64, of_block: u64) -> u64 {
        before + of_block
    }
    #[delayed]
    fn shift(block: Counted, before: u64) -> (Counted, u64) {
        (block, before)
    }
    #[delayed]
    fn consume(shifted: (Counted, u64)) -> u64 {
        let spent = (0..20_000_u64).fold(0, |sum, n| std::hint::black_box(sum ^ n));
        shifted.1 + spent.min(1)
    }
    #[delayed]
    fn add_up(written: Vec<u64>) -> u64 {
        written.iter().sum()
    }
    for workers in [1, 2, 8] {
        let (alive, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let graph = graph!({
            let (mut written, mut before) = (Vec::new(), both(0, 0));
            for _ in 0..1_000 {
                let block = parse(load(&alive, &most));
                let of_block = count_of(&block);
                written.push(consume(shift(block, before)));
                before = both(before, of_block);
            }
            add_up(written)
        });
        graph.compute_on(&Threads::new(workers)).unwrap();
        assert_eq!(alive.load(SeqCst), 0);
        let most = most.load(SeqCst);
        assert!(most <= 8 * workers, "{most} blocks alive at once on {workers} workers");
    }
}

/// Folds from the right need all they fold at once; nobody may wait for that not to be so.
#[test]
fn what_needs_everything_at_once_gets_it() {
    #[delayed]
    fn load(n: u64) -> Vec<u64> {
        vec![n]
    }
    #[delayed]
    fn merge(block: Vec<u64>, mut rest: Vec<u64>) -> Vec<u64> {
        rest.extend(block);
        rest
    }
    for workers in [1, 2, 8] {
        let threads = Threads::new(workers);
        for _ in 0..20 {
            let graph = graph!({
                let blocks: Vec<_> = (0..300).map(|n| load(n)).collect();
                let mut rest = merge(load(300), load(301));
                for block in blocks.into_iter().rev() {
                    rest = merge(block, rest);
                }
                rest
            });
            assert_eq!(graph.compute_on(&threads).unwrap().len(), 302);
        }
    }
}

/// Every task's steps, in order, and the worker of each.
fn by_task(recorder: &Recorder) -> HashMap<TaskId, Vec<taskweave::TaskEvent>> {
    let mut tasks: HashMap<TaskId, Vec<taskweave::TaskEvent>> = HashMap::new();
    for event in recorder.events() {
        tasks.entry(event.task()).or_default().push(event);
    }
    tasks
}

#[test]
fn events_tell_each_step_of_each_task_once() {
    for workers in [1, 2, 8] {
        let recorder = Arc::new(Recorder::new());
        let threads = Threads::new(workers).observe(recorder.clone());
        assert_eq!(sum_to(1_000).compute_on(&threads).unwrap(), 499_500);
        let tasks = by_task(&recorder);
        assert_eq!(tasks.len(), 1_001);
        for events in tasks.values() {
            let count = |step| events.iter().filter(|event| event.step() == step).count();
            let is_total = events[0].name() == "total";
            assert_eq!(count(Started), 1);
            assert_eq!(count(Finished), 1);
            assert_eq!(count(Ready), usize::from(is_total));
            assert_eq!(count(Released), usize::from(!is_total));
            let time = |step| events.iter().find(|event| event.step() == step).unwrap().time();
            assert!(time(Started) <= time(Finished));
            assert!(events.iter().all(|event| event.worker() < workers));
            assert!(events.iter().all(|event| event.bytes() == Some(8)));
        }
        let runs = recorder.runs();
        assert_eq!((runs.len(), runs[0].tasks), (1, 1_001));
        assert!(matches!(runs[0].finished, Some((time, false)) if time >= runs[0].started));
    }
}

#[test]
fn a_task_starts_after_all_it_reads_and_in_the_order_of_places_in_thread() {
    let graph = |recorder: &Arc<Recorder>, scheduler: &dyn Scheduler| {
        with_observer(recorder.clone(), || {
            let graph = graph!({
                let mut row: Vec<_> = (0..30).map(|i| number(i)).collect();
                for _ in 0..20 {
                    for i in 1..row.len() {
                        row[i] = plus(row[i - 1], row[i]);
                    }
                }
                row[29]
            });
            graph.compute_on(scheduler).unwrap()
        })
    };
    let expected = graph(&Arc::new(Recorder::new()), &InThread);
    for workers in [1, 2, 8] {
        let recorder = Arc::new(Recorder::new());
        let shape = Arc::new(Shape::default());
        let threads = Threads::new(workers).observe(shape.clone());
        assert_eq!(graph(&recorder, &threads), expected);
        let tasks = by_task(&recorder);
        let shape = shape.0.lock().unwrap();
        for task in shape.iter().filter(|task| !task.glue) {
            let time = |id: TaskId, step| {
                tasks[&id].iter().find(|event| event.step() == step).unwrap().time()
            };
            for &place in &task.dependencies {
                let input = &shape[place as usize];
                assert!(time(input.task, Finished) <= time(task.task, Started));
            }
        }
        if workers == 1 {
            let events = recorder.events();
            let started = events.iter().filter(|event| event.step() == Started);
            // On one thread tasks start in the order of their places.
            let places: Vec<usize> = started
                .map(|event| shape.iter().position(|task| task.task == event.task()).unwrap())
                .collect();
            assert!(places.is_sorted(), "{places:?}");
        }
    }
}

/// Keeps the graph of the last run that started.
#[derive(Default)]
struct Shape(Mutex<Vec<taskweave::RunTask>>);

impl taskweave::Observer for Shape {
    fn observe(&self, event: &taskweave::Event<'_>) {
        if let taskweave::Event::RunStarted(run) = event {
            *self.0.lock().unwrap() = run.graph();
        }
    }
}

#[test]
fn a_failure_is_told_with_what_it_skips() {
    #[delayed]
    fn bad(n: u64) -> u64 {
        assert!(n > 7, "too small");
        n
    }
    let recorder = Arc::new(Recorder::new());
    let graph = graph!({
        let a = bad(1);
        let b = plus(a, 1);
        plus(b, 1)
    });
    assert!(graph.compute_on(&InThread.observe(recorder.clone())).is_err());
    let steps: Vec<_> =
        recorder.events().iter().map(|event| (event.name(), event.step())).collect();
    let failed = taskweave::TaskStep::Failed;
    let expected = [
        ("bad", Started),
        ("bad", failed),
        ("plus", Ready),
        ("plus", Skipped),
        ("plus", Ready),
        ("plus", Skipped),
    ];
    // What gave no value has none to release.
    assert_eq!(steps, expected.to_vec());
    assert!(matches!(recorder.runs()[0].finished, Some((_, true))));
}

#[test]
fn a_run_that_is_refused_is_not_told() {
    let recorder = Arc::new(Recorder::new());
    let result =
        with_observer(recorder.clone(), || graph!({ nested(1_000)? }).compute_on(&InThread));
    assert!(result.is_err());
    assert_eq!(recorder.runs().len(), 256);
    assert!(recorder.runs().iter().all(|run| matches!(run.finished, Some((_, true)))));
}

#[test]
fn the_graphs_that_tasks_compute_are_observed_too_once_each() {
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(1), &Threads::new(4)] {
        let recorder = Arc::new(Recorder::new());
        with_observer(recorder.clone(), || {
            graph!({ nested(5)? }).compute_on(scheduler).unwrap();
        });
        assert_eq!(recorder.runs().len(), 6);
        let tasks = by_task(&recorder);
        let started = tasks.values().flatten().filter(|event| event.step() == Started).count();
        // Six `nested`, and five times `number` and `plus`.
        assert_eq!(started, 16);
        sum_to(3).compute_on(scheduler).unwrap();
        assert_eq!(recorder.runs().len(), 6);
    }
}

#[test]
fn the_whole_process_can_be_observed_and_stops_being() {
    let recorder = Arc::new(Recorder::new());
    let registration = register_observer(recorder.clone());
    // Other tests' runs are seen too, so only this one's name counts.
    #[delayed(name = "only here")]
    fn here() -> u64 {
        7
    }
    let seen = || recorder.events().iter().filter(|event| event.name() == "only here").count();
    graph!({ here() }).compute().unwrap();
    assert_eq!(seen(), 2);
    drop(registration);
    graph!({ here() }).compute().unwrap();
    assert_eq!(seen(), 2);
}

#[test]
fn a_thread_that_is_ending_can_compute() {
    struct Last(Arc<AtomicUsize>);
    impl Drop for Last {
        fn drop(&mut self) {
            let threads = Threads::new(2);
            let sum = sum_to(10).compute_on(&threads).unwrap() + sum_to(10).compute().unwrap();
            self.0.store(sum as usize, SeqCst);
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Option<Last>> = const { std::cell::RefCell::new(None) };
    }
    let sum = Arc::new(AtomicUsize::new(0));
    let at_end = sum.clone();
    std::thread::spawn(move || {
        // Before anything of ours: thread-locals go in the opposite order.
        LAST.set(Some(Last(at_end)));
        sum_to(3).compute().unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(sum.load(SeqCst), 90);
}
