//! Models of a whole pool, which shuttle runs with many thousands of schedules.
//!
//!     RUSTFLAGS="--cfg shuttle" cargo test -p taskweave-runtime --lib --release schedules
//!
//! More threads and longer graphs than loom can explore ([`models`](crate) of that name), but not all schedules, and none of what a weakly ordered processor may do: half of them are
//! chosen at random, half by priorities that change at a few random points (Burckhardt et al., A Randomized Scheduler with Probabilistic Guarantees of Finding
//! Bugs, 2010). Graphs, runs, parking, the queue of late tasks and limits are what ships; the deques are a locked list here.

use crate::drivers::parking::{Hunger, Waiter};
use crate::graph::node::NodeRef;
use crate::run::limit::Limit;
use crate::scheduler::{Context, Run};
use crate::task::options::TaskOptions;
use crate::{Builder, Graph};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use shuttle::sync::{Arc, Mutex};
use shuttle::{Config, Runner, thread};

/// Schedules of each kind for each model.
const SCHEDULES: usize = 5_000;

fn check(model: impl Fn() + Send + Sync + 'static) {
    let model = std::sync::Arc::new(model);
    let (random, pct) = (model.clone(), model);
    let run = Runner::new(RandomScheduler::new(SCHEDULES), Config::new()).run(move || random());
    let run = run + Runner::new(PctScheduler::new(3, SCHEDULES), Config::new()).run(move || pct());
    println!("shuttle schedules: {run}");
}

/// What the threads of a model share.
struct Pool {
    run: *const Run<'static>,
    jobs: Mutex<()>,
    list: Mutex<Vec<NodeRef>>,
    /// How many are in the list: visible without its lock, as of a deque.
    len: AtomicUsize,
    hunger: Hunger,
    caller: Waiter,
    ending: AtomicBool,
}
// SAFETY: as the drivers' `RunRef`; all threads are joined before the run ends.
unsafe impl Send for Pool {}
// SAFETY: as above.
unsafe impl Sync for Pool {}

impl Pool {
    fn run(&self) -> &Run<'static> {
        // SAFETY: all threads are joined before the run ends.
        unsafe { &*self.run }
    }

    fn has_work(&self) -> bool {
        self.len.load(Ordering::SeqCst) > 0 || self.run().has_queued()
    }

    fn call(&self) {
        if !self.caller.wake() {
            self.hunger.feed(&self.jobs);
        }
    }

    fn push(&self, nodes: &mut Vec<NodeRef>) {
        let mut list = self.list.lock().unwrap();
        list.append(nodes);
        self.len.store(list.len(), Ordering::SeqCst);
        drop(list);
        self.call();
    }

    fn pop(&self) -> Option<NodeRef> {
        let mut list = self.list.lock().unwrap();
        let node = list.pop();
        self.len.store(list.len(), Ordering::SeqCst);
        node.or_else(|| self.run().claim_queued())
    }

    /// Works until there is nothing to take.
    fn work(&self, context: &Context<'_>) {
        while let Some(node) = context.next().or_else(|| self.pop()) {
            // SAFETY: each root is in the list once, each other task is found ready once.
            let is_output = unsafe { self.run().execute(node, context) };
            let mut ready = std::mem::take(&mut *context.others());
            if ready.len() > 1 {
                let next = ready.pop();
                self.push(&mut ready);
                context.others().extend(next);
            } else {
                context.others().append(&mut ready);
            }
            if is_output {
                self.caller.wake();
            }
        }
    }

    fn worker(&self) {
        let context = self.run().context(1);
        loop {
            let (goes_on, searching) = self.hunger.look_or_park(&self.jobs, |()| {
                if self.ending.load(Ordering::SeqCst) {
                    return Some(false);
                }
                self.has_work().then_some(true)
            });
            drop(searching);
            if !goes_on {
                return;
            }
            self.work(&context);
        }
    }
}

/// Computes a graph on `workers` threads and the calling one, as a pool does.
fn compute(graph: &Graph<'static, u64>, workers: usize) -> Option<u64> {
    let extras = graph.extras();
    let run = Run::prepare(graph.output(), &extras).unwrap_or_else(|_| unreachable!("no cycle"));
    let pool = Arc::new(Pool {
        run: std::ptr::from_ref(&*run).cast(),
        jobs: Mutex::new(()),
        list: Mutex::new(Vec::new()),
        len: AtomicUsize::new(0),
        hunger: Hunger::new(),
        caller: Waiter::new(),
        ending: AtomicBool::new(false),
    });
    if let Some(queue) = run.queue() {
        let pool = pool.clone();
        queue.call_by(Some(std::sync::Arc::new(move || pool.call())));
    }
    run.begin();
    let mut roots: Vec<NodeRef> = run.claim_all_roots().map(|at| run.root(at)).collect();
    let threads: Vec<_> = (0..workers)
        .map(|_| {
            let pool = pool.clone();
            thread::spawn(move || pool.worker())
        })
        .collect();
    pool.push(&mut roots);
    let context = run.context(0);
    loop {
        pool.work(&context);
        if run.is_done() {
            break;
        }
        pool.caller.wait_until(|| run.is_done() || pool.has_work());
    }
    pool.ending.store(true, Ordering::SeqCst);
    pool.hunger.feed_all(&pool.jobs);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(context);
    if let Some(queue) = run.queue() {
        queue.call_by(None);
    }
    let mut run = run;
    let failed = run.take_failure(|late| late.pop().map(|(_, error)| error)).is_some();
    // SAFETY: the run is over and has not failed.
    (!failed).then(|| unsafe { graph.output().into_value::<u64>() })
}

/// A fan of `n` tasks, each as `task` makes it, and their sum.
fn fan(n: u64, options: TaskOptions, task: fn(u64) -> u64) -> Graph<'static, u64> {
    Graph::build(move |graph: &Builder<'static>| {
        let parts: Vec<_> = (0..n).map(|n| graph.value(n).map(task).with(options)).collect();
        graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum())
    })
}

#[test]
fn every_task_of_a_graph_runs_whoever_sleeps_when() {
    check(|| {
        let graph = Graph::build(|graph| {
            let a = graph.value(1_u64).map(|n| n + 1);
            let parts: Vec<_> = (0..4).map(|n| a.map_ref(move |a| a + n)).collect();
            let sum = graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>());
            sum + a
        });
        assert_eq!(compute(&graph, 2), Some(16));
    });
}

#[test]
fn tasks_that_wait_for_their_turn_come_back() {
    check(|| {
        static ONE: Limit = Limit::new(1);
        let options = TaskOptions::new().within(&ONE);
        assert_eq!(compute(&fan(4, options, |n| n), 2), Some(6));
        assert_eq!(ONE.running(), 0);
    });
}

#[test]
fn a_failure_ends_a_run_in_which_tasks_wait_for_their_turn() {
    check(|| {
        static TWO: Limit = Limit::new(2);
        let options = TaskOptions::new().within(&TWO).priority(1);
        let graph = Graph::build(move |graph: &Builder<'static>| {
            let parts: Vec<_> = (0..4_u64)
                .map(|n| {
                    let task = graph.value(n).map(|n| if n == 1 { Err("no") } else { Ok(n) });
                    task.with(options).or_fail()
                })
                .collect();
            graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>())
        });
        assert_eq!(compute(&graph, 2), None);
        assert_eq!(TWO.running(), 0);
    });
}

/// Nobody but the workers takes tasks here, so one wake-up that is lost is a task that nobody runs.
#[test]
fn workers_come_back_for_every_task() {
    const TASKS: usize = 4;
    struct Work {
        hunger: Hunger,
        jobs: Mutex<()>,
        left: AtomicUsize,
        ran: AtomicUsize,
        over: Waiter,
        ending: AtomicBool,
    }
    impl Work {
        fn worker(&self) {
            loop {
                let (goes_on, searching) = self.hunger.look_or_park(&self.jobs, |()| {
                    if self.ending.load(Ordering::SeqCst) {
                        return Some(false);
                    }
                    (self.left.load(Ordering::SeqCst) > 0).then_some(true)
                });
                let took = |left: usize| left.checked_sub(1);
                let taken = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, took);
                // P4.
                if let (Ok(left), Some(true)) = (taken, searching.map(|search| search.found()))
                    && left > 1
                {
                    self.hunger.feed(&self.jobs);
                }
                if taken.is_ok() && self.ran.fetch_add(1, Ordering::SeqCst) + 1 == TASKS {
                    self.over.wake();
                }
                if !goes_on {
                    return;
                }
            }
        }
    }
    let model = |workers: usize| {
        let work = Arc::new(Work {
            hunger: Hunger::new(),
            jobs: Mutex::new(()),
            left: AtomicUsize::new(0),
            ran: AtomicUsize::new(0),
            over: Waiter::new(),
            ending: AtomicBool::new(false),
        });
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                let work = work.clone();
                thread::spawn(move || work.worker())
            })
            .collect();
        for _ in 0..TASKS {
            work.left.fetch_add(1, Ordering::SeqCst);
            work.hunger.feed(&work.jobs);
        }
        work.over.wait_until(|| work.ran.load(Ordering::SeqCst) == TASKS);
        work.ending.store(true, Ordering::SeqCst);
        work.hunger.feed_all(&work.jobs);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    };
    check(move || model(1));
    check(move || model(2));
}
