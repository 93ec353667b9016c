//! Cancelling: what a run can be stopped by from outside, and what its tasks can ask.
//!
//! In: a wish to stop. Out: runs that start no more tasks, and tasks that know. A [`Control`] belongs to one spawned run and to all that its
//! tasks compute in turn: it is inherited by the threads that run them, as observers are. What is computed without one costs nothing. Not here: what a
//! stopped run does ([`crate::scheduler`]).
//!
//! * `C1` A run is in the list while its [`Registered`] lives, which ends before the run does; both ends of the list are under its lock.

use crate::scheduler::Run;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::{Acquire, Release};
use crate::sync::{Mutex, lock};
use std::cell::RefCell;
use std::sync::Arc;

/// See the module's text.
pub(crate) struct Control {
    /// Written once, by who cancels (Release); read by tasks that ask, and by runs that begin (Acquire).
    cancelled: AtomicBool,
    runs: Mutex<Vec<RunRef>>,
}

/// A run that may have to be stopped (C1).
struct RunRef(*const Run<'static>);
// SAFETY: a `Run` is shared between threads anyway; C1 keeps it alive.
unsafe impl Send for RunRef {}

thread_local! {
    /// The control of what runs on this thread.
    static CURRENT: RefCell<Option<Arc<Control>>> = const { RefCell::new(None) };
}

impl Control {
    pub(crate) fn new() -> Control {
        Control { cancelled: AtomicBool::new(false), runs: Mutex::new(Vec::new()) }
    }

    /// Tasks that have not begun are skipped from now on, also in runs that begin later.
    pub(crate) fn cancel(&self) {
        // Under the lock, so that a run which is not in the list yet sees it when it enters.
        let runs = lock(&self.runs);
        self.cancelled.store(true, Release);
        for run in &*runs {
            // SAFETY: C1.
            unsafe { &*run.0 }.stop();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Acquire)
    }
}

/// The control of what runs on this thread, if it has one.
pub(crate) fn current() -> Option<Arc<Control>> {
    // A thread that is ending may have lost it.
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// What runs on this thread has this control, until what is returned is dropped.
pub(crate) fn under(control: Option<Arc<Control>>) -> Under {
    Under(CURRENT.try_with(|current| current.replace(control)).ok().flatten())
}

/// Goes back to the control it holds.
pub(crate) struct Under(Option<Arc<Control>>);

impl Drop for Under {
    fn drop(&mut self) {
        let before = self.0.take();
        let ended = CURRENT.try_with(|current| current.replace(before));
        drop(ended);
    }
}

/// Lets this thread's control stop `run`, until what is returned is dropped.
pub(crate) fn register<'a>(run: &'a Run<'_>) -> Registered<'a> {
    let control = current();
    if let Some(control) = &control {
        let mut runs = lock(&control.runs);
        if control.is_cancelled() {
            run.stop();
        }
        runs.push(RunRef(std::ptr::from_ref(run).cast()));
    }
    Registered { control, run: std::ptr::from_ref(run).cast(), _run: std::marker::PhantomData }
}

/// See [`register`].
pub(crate) struct Registered<'a> {
    control: Option<Arc<Control>>,
    run: *const Run<'static>,
    _run: std::marker::PhantomData<&'a Run<'static>>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        if let Some(control) = &self.control {
            lock(&control.runs).retain(|other| other.0 != self.run);
        }
    }
}

/// Whether the run that this task belongs to has been cancelled: for long tasks, which else run to their end.
///
/// False in a task of [`Graph::compute`](crate::Graph::compute), unless it is computed inside a spawned run, and outside of tasks.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, cancelled};
/// let (begun, begins) = std::sync::mpsc::channel();
/// let graph = Graph::build(|graph| {
///     graph.value(()).map(move |()| {
///         let mut steps = 0_u64;
///         while !cancelled() {
///             steps += 1;
///             if steps == 1 {
///                 begun.send(()).unwrap();
///             }
///         }
///         steps
///     })
/// });
/// let run = graph.spawn();
/// begins.recv().unwrap();
/// // The task has begun, so it ends by itself, and its value comes out.
/// assert!(run.cancel_and_wait().is_ok_and(|steps| steps > 0));
/// ```
///
/// # Cost
/// A few nanoseconds.
pub fn cancelled() -> bool {
    CURRENT
        .try_with(|current| current.borrow().as_ref().is_some_and(|control| control.is_cancelled()))
        .unwrap_or(false)
}

/// The error of [`checkpoint`]: the run has been cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the run was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// An `Err` once the run that this task belongs to has been [`cancelled`], to leave a long task with `?`.
///
/// # Errors
/// [`Cancelled`].
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Cancelled, checkpoint};
/// fn long_sum(values: &[f64]) -> Result<f64, Cancelled> {
///     let mut sum = 0.0;
///     for block in values.chunks(100_000) {
///         checkpoint()?;
///         sum += block.iter().sum::<f64>();
///     }
///     Ok(sum)
/// }
/// assert_eq!(long_sum(&[1.0, 2.0]), Ok(3.0));
/// ```
pub fn checkpoint() -> Result<(), Cancelled> {
    if cancelled() { Err(Cancelled) } else { Ok(()) }
}
