//! Cancelling: what a run can be stopped by from outside, and what its tasks can ask.
//!
//! In: a wish to stop. Out: runs that start no more tasks, and tasks that know. A [`Control`] belongs to one spawned run and to all that its
//! tasks compute in turn: it is inherited by the threads that run them, as observers are. A task with a time limit, or with a place in a [`Limit`], has one of its own
//! below that of its run. What is computed without one costs nothing. Not here: what a stopped run does ([`crate::scheduler`]).
//!
//! * `C1` A run is in the list while its [`Registered`] lives, which ends before the run does; both ends of the list are under its lock.

use super::limit::Limit;
use crate::error::Error;
use crate::scheduler::Run;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::{Acquire, Release};
use crate::sync::{Mutex, lock, thread_local};
use std::cell::RefCell;
use std::sync::{Arc, Weak};

/// See the module's text.
pub(crate) struct Control {
    /// Written once, by who cancels (Release); read by tasks that ask, and by runs that begin (Acquire).
    cancelled: AtomicBool,
    runs: Mutex<Vec<RunRef>>,
    /// That of the run whose task this one is of.
    above: Option<Arc<Control>>,
    /// Where the task has places, and those it is part of, or was spawned by.
    places: Vec<&'static Limit>,
    /// Who wants to know at once when the run that was spawned has failed; the first run under this control takes it.
    waiting: Mutex<Option<Weak<dyn Early>>>,
}

/// Somebody who waits for a run, and need not wait until its tasks have returned.
pub(crate) trait Early: Send + Sync {
    /// A task of this place has failed.
    fn note(&self, place: u32, error: &Error);
    /// So has this one, and the run cannot end until it returns: the failure of the lowest place is what comes out.
    fn end(&self, place: u32, error: Error);
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
    /// Of a spawned run, whose failure `waiting` wants to know early.
    pub(crate) fn new(waiting: Weak<dyn Early>) -> Control {
        let places = current().map(|spawner| spawner.places.clone()).unwrap_or_default();
        Control { waiting: Mutex::new(Some(waiting)), places, ..Control::below(None, None) }
    }

    /// Of one task, below what runs on this thread.
    pub(crate) fn of_task(place: Option<&'static Limit>) -> Control {
        Control::below(current(), place)
    }

    fn below(above: Option<Arc<Control>>, place: Option<&'static Limit>) -> Control {
        let mut places = above.as_ref().map(|above| above.places.clone()).unwrap_or_default();
        places.extend(place);
        Control {
            cancelled: AtomicBool::new(false),
            runs: Mutex::new(Vec::new()),
            above,
            places,
            waiting: Mutex::new(None),
        }
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

    /// This one, and those above.
    fn chain(&self) -> impl Iterator<Item = &Control> {
        std::iter::successors(Some(self), |control| control.above.as_deref())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.chain().any(|control| control.cancelled.load(Acquire))
    }
}

/// Who wants to know early how the spawned run ends, for the first run of it that asks.
pub(crate) fn waiting() -> Option<Arc<dyn Early>> {
    let control = current()?;
    let waiting = lock(&control.waiting).take();
    waiting?.upgrade()
}

/// Whether what runs on this thread is part of a task that has a place in `limit`.
pub(crate) fn has_place(limit: &Limit) -> bool {
    current().is_some_and(|control| control.places.contains(&limit))
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
    for control in control.iter().flat_map(|control| control.chain()) {
        let mut runs = lock(&control.runs);
        if control.cancelled.load(Acquire) {
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
        for control in self.control.iter().flat_map(|control| control.chain()) {
            lock(&control.runs).retain(|other| other.0 != self.run);
        }
    }
}

/// Whether the run that this task belongs to has been cancelled, or the task has run out of [time](crate::TaskOptions::timeout): for long tasks, which else run to
/// their end.
///
/// False in a task of [`Graph::compute`](crate::Graph::compute) without a time limit, unless it is computed inside a spawned run, and outside of tasks.
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

/// The error of [`checkpoint`]: the run has been cancelled, or the task's time is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the run was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// An `Err` once the run that this task belongs to has been [`cancelled`], or the task's time is over, to leave a long task with `?`.
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
