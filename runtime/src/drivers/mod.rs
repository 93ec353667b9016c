//! Who runs a graph: the drivers, and how one is chosen.
//!
//! A driver owns queues and threads; what is ready, skipped or released is decided by [`crate::scheduler`]. Precedence:
//! the argument of `compute_on`, the innermost [`with_scheduler`], the environment, the default ([`Threads`] on all cores).
//! A task that computes a graph itself does so on the scheduler that runs the task.

mod env;
#[cfg(feature = "rayon")]
mod hosted;
mod in_thread;
mod nesting;
pub(crate) mod pace;
pub(crate) mod parking;
pub(crate) mod runners;
mod threads;

pub use in_thread::InThread;
pub(crate) use nesting::{deeper, in_a_task};
pub use threads::Threads;

use crate::error::Error;
use crate::observe::{Observer, Observers, observing};
use crate::scheduler::Run;
use runners::Spawned;
use std::cell::RefCell;
use std::sync::Arc;
use threads::Pool;

/// Something that can run a graph: [`InThread`] or [`Threads`].
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread, Scheduler, Threads};
/// let debug = true;
/// let scheduler: &dyn Scheduler = if debug { &InThread } else { &Threads::default() };
/// let graph = Graph::build(|graph| graph.value(2).map(|n: i32| n * 3));
/// assert_eq!(graph.compute_on(scheduler)?, 6);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub trait Scheduler: sealed::Sealed {
    #[doc(hidden)]
    fn driver(&self) -> Result<Driver, Error>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
    impl Sealed for super::InThread {}
    impl Sealed for super::Threads {}
}

/// A chosen scheduler, and who observes its runs. Opaque.
#[derive(Clone)]
pub struct Driver {
    kind: Kind,
    observers: Observers,
}

#[derive(Clone)]
enum Kind {
    InThread,
    Threads(Threads),
}

thread_local! {
    /// The schedulers of the enclosing [`with_scheduler`] calls, and of the task that runs on this thread.
    static SCOPES: RefCell<Vec<Driver>> = const { RefCell::new(Vec::new()) };
}

/// Leaves a scope also when it panics.
struct Scope;

impl Scope {
    fn enter(driver: Driver) -> Scope {
        // A thread that is ending may have lost its scopes: then there are none.
        let _ = SCOPES.try_with(|scopes| scopes.borrow_mut().push(driver));
        Scope
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // Taken out first: the last handle of a pool may be dropped here.
        let last = SCOPES.try_with(|scopes| scopes.borrow_mut().pop());
        drop(last);
    }
}

/// Computes every graph that `f` computes, on this thread, on `scheduler`; the innermost call counts.
///
/// # Errors
/// If the environment names a number of threads that means nothing and `scheduler` depends on it.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread, with_scheduler};
/// let id = with_scheduler(&InThread, || {
///     Graph::build(|graph| graph.value(()).map(|()| std::thread::current().id())).compute()
/// })??;
/// assert_eq!(id, std::thread::current().id());
/// # Ok::<(), taskweave::Error>(())
/// ```
pub fn with_scheduler<R>(
    scheduler: &(impl Scheduler + ?Sized),
    f: impl FnOnce() -> R,
) -> Result<R, Error> {
    let _scope = Scope::enter(scheduler.driver()?);
    Ok(f())
}

impl Driver {
    fn in_thread() -> Driver {
        Driver { kind: Kind::InThread, observers: Observers::default() }
    }

    fn threads(threads: Threads) -> Driver {
        Driver { kind: Kind::Threads(threads), observers: Observers::default() }
    }

    pub(crate) fn observed(self, observer: Arc<dyn Observer>) -> Driver {
        Driver { observers: self.observers.and(observer), ..self }
    }

    /// Who observes its runs, those of scopes included.
    pub(crate) fn observers(&self) -> Observers {
        self.observers.and_of_scopes()
    }

    /// The same, with the observers of the enclosing scopes: for another thread.
    pub(crate) fn with_scopes(self) -> Driver {
        Driver { observers: self.observers(), kind: self.kind }
    }

    /// Has `run` computed: here and now in thread, else when a runner of the pool is free.
    pub(crate) fn submit(&self, run: Arc<dyn Spawned>) {
        match &self.kind {
            Kind::InThread => run.begin(),
            Kind::Threads(threads) => {
                if let Ok(pool) = threads.pool() {
                    pool.submit(run);
                }
            }
        }
    }

    /// How many threads can run a graph.
    pub(crate) fn threads_of_a_run(&self) -> usize {
        match &self.kind {
            Kind::InThread => 1,
            Kind::Threads(threads) => threads.threads().unwrap_or(1),
        }
    }

    /// The scheduler of the innermost scope, else of the environment, else the default.
    pub(crate) fn current() -> Result<Driver, Error> {
        match SCOPES.try_with(|scopes| scopes.borrow().last().cloned()) {
            Ok(Some(driver)) => Ok(driver),
            _ => match env::scheduler()? {
                // A number that means nothing is an error also where none is needed.
                env::Choice::InThread => env::threads().map(|_| Driver::in_thread()),
                env::Choice::Threads => Threads::default().driver(),
            },
        }
    }

    /// Does something on the calling thread as a task of a run of this scheduler would: what it computes, it computes there.
    pub(crate) fn in_scope<R>(&self, observers: Observers, f: impl FnOnce() -> R) -> R {
        let kind = self.kind.clone();
        let _scope = Scope::enter(Driver { kind, observers: Observers::default() });
        let _observing = observing(observers);
        f()
    }

    /// Runs all tasks of `run`, whose own runs these observe too; returns when no thread uses it any more. The caller is
    /// one run [`deeper`].
    pub(crate) fn drive(&self, run: &Run<'_>, observers: Observers) {
        self.drive_with(run, observers, &mut |work| work.until_done());
    }

    /// As [`drive`](Driver::drive), but `what` says when the calling thread works.
    pub(crate) fn drive_with(
        &self,
        run: &Run<'_>,
        observers: Observers,
        what: &mut dyn FnMut(&mut dyn Work),
    ) {
        let kind = self.kind.clone();
        let _scope = Scope::enter(Driver { kind, observers: Observers::default() });
        let _observing = observing(observers.clone());
        match &self.kind {
            Kind::InThread => in_thread::drive(run, what),
            Kind::Threads(threads) => {
                if let Ok(pool) = threads.pool() {
                    Pool::drive(pool, run, observers, what);
                }
            }
        }
    }
}

/// The calling thread's share of a run.
pub(crate) trait Work {
    /// Works until the run is done, or what it waits for.
    fn until_done(&mut self);
    /// Tells others that there are roots to claim.
    fn offer(&mut self);
}
