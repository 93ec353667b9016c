//! Workers that are guests on the threads of a rayon pool, for programs that live in one already.
//!
//! In: a pool of the user's. Out: a [`Threads`] whose workers are jobs of that pool: each works as a thread of our own would, and goes when there is nothing to do. Where a pool of our own
//! wakes a thread, a guest is sent here; the counts that decide about it are the same ([`super::parking`]). Behind the feature `rayon`. Not here: what a worker does
//! ([`super::threads`]).
//!
//! ```text
//! sent --looks at all jobs--> works, for a slice at a time --nothing to do--> gone
//!                     ^                  \--slice over: lets one job of the pool's run first--/
//! ```
//! * `H1` A guest works on the number that it took when it came, and gives it back before it counts as idle: guests never outnumber numbers.
//! * `H2` A guest that is let in by another one, which lets a job of the pool's run, goes at once: the other one looks at all jobs again.

use super::Threads;
use super::threads::{Pool, Shared};
use std::cell::Cell;
use std::sync::{Arc, Weak};

thread_local! {
    /// Whether a guest below on this thread's stack lets a job of the pool's run.
    static LETS: Cell<bool> = const { Cell::new(false) };
    /// How many guests there are on this thread's stack: more than one where a task waits in one of the pool's joins.
    static GUESTS: Cell<usize> = const { Cell::new(0) };
}

/// Where guests go.
#[derive(Clone)]
enum Host {
    Global,
    Pool(Arc<rayon::ThreadPool>),
}

impl Host {
    fn threads(&self) -> usize {
        match self {
            Host::Global => rayon::current_num_threads(),
            Host::Pool(pool) => pool.current_num_threads(),
        }
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        match self {
            Host::Global => rayon::spawn(job),
            Host::Pool(pool) => pool.spawn(job),
        }
    }
}

impl Threads {
    /// Workers on the threads of a rayon pool, for a program that lives in one: tasks and the pool's own work then share its threads. As many threads run the
    /// tasks of a graph as the pool has, the computing caller, who need not be one of them, included.
    ///
    /// Tasks work for a millisecond or so at a time, then a thread first takes other work of the pool's; a task that takes longer keeps its thread as long, as any job of rayon's
    /// does. Rayon's own rule holds for what is called from jobs and tasks: **hold no lock across `join` or `par_iter`** that a task takes too. A thread that waits there takes other work meanwhile, and
    /// that may be a task. It may also be a job that is no part of any task, run in the middle of one: [`cancelled`](crate::cancelled), and what it computes, then are that task's.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use std::sync::Arc;
    /// use taskweave::{Graph, Threads};
    /// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
    /// let threads = Threads::on_rayon(&pool);
    /// let graph = Graph::build(|graph| {
    ///     let parts: Vec<_> = (0..100_u64).map(|n| graph.value(n).map(|n| n * n)).collect();
    ///     graph.gather(parts).map(|parts: Vec<u64>| parts.iter().sum::<u64>())
    /// });
    /// assert_eq!(graph.compute_on(&threads)?, 328_350);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
    pub fn on_rayon(pool: &Arc<rayon::ThreadPool>) -> Threads {
        hosted(Host::Pool(pool.clone()))
    }

    /// [`on_rayon`](Threads::on_rayon) in rayon's global pool.
    #[cfg_attr(docsrs, doc(cfg(feature = "rayon")))]
    pub fn on_global_rayon() -> Threads {
        hosted(Host::Global)
    }
}

fn hosted(host: Host) -> Threads {
    let guests = host.threads().saturating_sub(1);
    Threads::of(Pool::hosted(guests, |shared| {
        let shared = shared.clone();
        Box::new(move || send(&host, &shared))
    }))
}

/// Sends a guest, which counts as searching already.
fn send(host: &Host, shared: &Weak<Shared>) {
    let shared = shared.clone();
    host.spawn(move || {
        // Its pool is gone, and with it all there was to do.
        let Some(shared) = shared.upgrade() else { return };
        if LETS.get() {
            // H2.
            return shared.turn_away();
        }
        let below = GUESTS.replace(GUESTS.get() + 1);
        // One that keeps a task of another guest waiting, which waits in a join, stays for one turn: then the task may have what it waits for.
        shared.entertain(&mut || {
            if below > 0 {
                return false;
            }
            LETS.set(true);
            rayon::yield_now();
            LETS.set(false);
            true
        });
        GUESTS.set(below);
    });
}
