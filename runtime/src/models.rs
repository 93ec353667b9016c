//! Models of the hand-over and of parking, which loom runs with every interleaving of up to three preemptions.
//!
//!     RUSTFLAGS="--cfg loom" cargo test -p taskweave-runtime --lib --release models
//!
//! The hand-over is that of real graphs: nodes, links, joins and readers are the ones that ship, with loom's atomics in them;
//! only the deques are a locked queue here. What tasks read is a cell that loom watches, so a read that is not ordered after
//! the write is found even where the processor would forgive it.

use crate::drivers::parking::{Hunger, Waiter};
use crate::graph::node::NodeRef;
use crate::scheduler::Run;
use crate::{Builder, Delayed, Graph};
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize;
use loom::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// Explores a model, and says how many executions that took, for the gate to add up.
fn check(model: impl Fn() + Send + Sync + 'static) {
    static EXECUTIONS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(move || {
        EXECUTIONS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        model();
    });
    println!("loom executions: {}", EXECUTIONS.swap(0, std::sync::atomic::Ordering::Relaxed));
}

/// A value whose reads and writes loom orders.
struct Watched(UnsafeCell<u64>);
// SAFETY: loom finds any access that would make this wrong.
unsafe impl Send for Watched {}
// SAFETY: as above.
unsafe impl Sync for Watched {}

impl Watched {
    fn new(value: u64) -> Self {
        let cell = UnsafeCell::new(0);
        // SAFETY: not shared yet.
        cell.with_mut(|at| unsafe { *at = value });
        Watched(cell)
    }
    fn get(&self) -> u64 {
        // SAFETY: loom finds a write at the same time.
        self.0.with(|at| unsafe { *at })
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // A write: loom finds a drop that is not after every read.
        // SAFETY: loom finds an access at the same time.
        self.0.with_mut(|at| unsafe { *at = u64::MAX });
    }
}

/// Runs a graph on two threads that take ready tasks from a locked queue.
fn on_two_threads(graph: &Graph<'static, Watched>) -> u64 {
    struct Shared(*const Run<'static>, Mutex<Vec<NodeRef>>);
    // SAFETY: as the drivers' `RunRef`; both threads are joined before the run ends.
    unsafe impl Send for Shared {}
    // SAFETY: as above.
    unsafe impl Sync for Shared {}
    fn work(shared: &Shared) {
        // SAFETY: alive until both threads have ended.
        let run = unsafe { &*shared.0 };
        let context = run.context(0);
        while !run.is_done() {
            let found = context.next().or_else(|| shared.1.lock().unwrap().pop());
            match found {
                Some(node) => {
                    // SAFETY: each root is in the queue once, each other task is found ready once.
                    unsafe { run.execute(node, &context) };
                    let mut ready = context.others();
                    let next = ready.pop();
                    shared.1.lock().unwrap().append(&mut ready);
                    ready.extend(next);
                }
                None => thread::yield_now(),
            }
        }
    }
    let extras = graph.extras();
    let run = Run::prepare(graph.output(), &extras).unwrap_or_else(|_| unreachable!("no cycle"));
    let roots = run.claim_roots(usize::MAX, 1).rev().map(|at| run.root(at)).collect();
    let shared = Arc::new(Shared(std::ptr::from_ref(&*run).cast(), Mutex::new(roots)));
    let other = shared.clone();
    let worker = thread::spawn(move || work(&other));
    work(&shared);
    worker.join().unwrap();
    // SAFETY: the run is over and has not failed.
    let value = unsafe { graph.output().into_value::<Watched>() };
    value.get()
}

fn watched<'g>(graph: &'g Builder<'static>, n: u64) -> Delayed<'g, 'static, Watched> {
    graph.value(n).map(Watched::new)
}

#[test]
fn what_a_task_wrote_is_seen_by_those_that_read_it() {
    check(|| {
        let graph = Graph::build(|graph| {
            let (a, b) = (watched(graph, 1), watched(graph, 2));
            graph.gather((a, b)).map(|(a, b): (Watched, Watched)| Watched::new(a.get() + b.get()))
        });
        assert_eq!(on_two_threads(&graph), 3);
    });
}

#[test]
fn a_value_is_dropped_after_its_last_reader_and_a_mover_waits_for_the_borrowers() {
    check(|| {
        let graph = Graph::build(|graph| {
            let a = watched(graph, 1);
            let b = a.map_ref(|a| Watched::new(a.get() + 1));
            let c = a.map_ref(|a| Watched::new(a.get() + 2));
            let d = a.map(|a| Watched::new(a.get() + 3));
            graph.gather((b, c, d)).map(|(b, c, d): (Watched, Watched, Watched)| {
                Watched::new(b.get() + c.get() + d.get())
            })
        });
        assert_eq!(on_two_threads(&graph), 9);
    });
}

/// A pool's worker and who gives it work: the worker must come back for every task, however the two interleave.
#[test]
fn no_wake_up_of_a_worker_is_lost() {
    check(|| {
        let hunger = Arc::new(Hunger::new());
        let jobs = Arc::new(Mutex::new(()));
        // What lies on deques: visible without the lock.
        let tasks = Arc::new(AtomicUsize::new(0));
        let worker = {
            let (hunger, jobs, tasks) = (hunger.clone(), jobs.clone(), tasks.clone());
            thread::spawn(move || {
                for _ in 0..2 {
                    let look = |_: &mut ()| (tasks.load(Acquire) > 0).then_some(());
                    let ((), searching) = hunger.look_or_park(&jobs, look);
                    drop(searching);
                    // The only one who takes.
                    tasks.fetch_sub(1, Relaxed);
                }
            })
        };
        for _ in 0..2 {
            tasks.fetch_add(1, Release);
            hunger.feed(&jobs);
        }
        worker.join().unwrap();
    });
}

/// The caller parks until the run is done; whoever ends it wakes the caller.
#[test]
fn no_wake_up_of_the_caller_is_lost() {
    check(|| {
        let waiter = Arc::new(Waiter::new());
        let left = Arc::new(AtomicUsize::new(2));
        let ends = |waiter: Arc<Waiter>, left: Arc<AtomicUsize>| {
            thread::spawn(move || {
                left.fetch_sub(1, Release);
                waiter.wake();
            })
        };
        let a = ends(waiter.clone(), left.clone());
        let b = ends(waiter.clone(), left.clone());
        waiter.wait_until(|| left.load(Acquire) == 0);
        a.join().unwrap();
        b.join().unwrap();
    });
}
