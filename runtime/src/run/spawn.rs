//! Runs that go on in the background: [`Graph::spawn`] and what a [`Run`] can do.
//!
//! In: a graph that borrows nothing. Out: its value, to whoever waits, polls or awaits. A run is one [`Shared`], held by its handle and by the queue of the
//! pool's runners until one of them begins it; whoever waits for a run whose turn has not come takes it away and computes it himself, so
//! runs that wait for each other need no more threads than one.

use super::control::{Control, Early, under};
use crate::drivers::runners::Spawned;
use crate::drivers::{Driver, Scheduler, in_a_task};
use crate::error::{Error, ErrorKind};
use crate::graph::Graph;
use crate::observe::spans::Spans;
use crate::observe::{Observers, observing};
use crate::scheduler::failures::drop_silently;
use crate::sync::{Condvar, Mutex, MutexGuard, lock, wait, wait_for};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A graph that is being computed in the background; made by [`Graph::spawn`].
///
/// [`wait`](Run::wait) for its value, or `.await` it: a `Run` is a [`Future`], for any async runtime. Dropping it cancels it.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let sum = |from: u64, to: u64| Graph::build(move |graph| graph.value(()).map(move |()| (from..to).sum::<u64>()));
/// let (low, high) = (sum(0, 500).spawn(), sum(500, 1_000).spawn());
/// assert_eq!(low.wait()? + high.wait()?, 499_500);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "dropping a run cancels it: wait for it, or keep it"]
pub struct Run<T: Send + 'static> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    control: Arc<Control>,
    /// Who waits for it may be told that it has failed before it can end, so he does not compute it himself if he need not.
    timed: bool,
}

/// What computes a run's value.
type Job<T> = Box<dyn FnOnce(&Driver) -> Result<T, Error> + Send>;

struct State<T> {
    /// Until somebody begins it.
    job: Option<(Job<T>, Driver)>,
    outcome: Option<Result<T, Error>>,
    /// Whether there is an outcome, or was.
    finished: bool,
    /// Whether nothing runs any more: later than `finished`, if the run has failed because a task takes too long.
    over: bool,
    /// Of the failures so far, that with the lowest place.
    lowest: Option<(u32, Error)>,
    /// Nobody will ask for the outcome.
    abandoned: bool,
    waker: Option<Waker>,
}

impl<T: Send + 'static> Graph<'static, T> {
    /// Computes the graph in the background, on the scheduler that [`compute`](Graph::compute) would take.
    ///
    /// A thread of the pool's own takes the part of the thread that computes, so as many threads work on the graph as in `compute`. A pool begins as
    /// many runs at once as it has threads, and those that tasks spawn besides (256 in all); others wait for their turn, first come first
    /// served, or until somebody waits for them. On [`InThread`](crate::InThread) the graph is computed on the calling thread before `spawn` returns.
    ///
    /// # Errors
    /// None here: what [`compute`](Graph::compute) would return as an error comes out of [`Run::wait`].
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let run = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1)).spawn();
    /// assert_eq!(run.wait()?, 21);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn spawn(self) -> Run<T> {
        let timed = self.has_time_limits();
        let graph = self.seeded_here();
        Run::new(Box::new(|driver| graph.drive(driver)), Driver::current(), timed)
    }

    /// [`spawn`](Graph::spawn) on a scheduler of the caller's choice.
    pub fn spawn_on(self, scheduler: &(impl Scheduler + ?Sized)) -> Run<T> {
        let timed = self.has_time_limits();
        let graph = self.seeded_here();
        Run::new(Box::new(|driver| graph.drive(driver)), scheduler.driver(), timed)
    }
}

impl<T: Send + 'static> Run<T> {
    /// `timed` if some of its tasks may not take longer than they are given.
    pub(super) fn new(job: Job<T>, driver: Result<Driver, Error>, timed: bool) -> Run<T> {
        let job = match Spans::of_caller() {
            Some(spans) => Box::new(move |driver: &Driver| spans.carried(|| job(driver))),
            None => job,
        };
        let (job, outcome, driver) = match driver.map(Driver::with_scopes) {
            Ok(driver) => (Some((job, driver.clone())), None, Some(driver)),
            Err(error) => (None, Some(Err(error)), None),
        };
        let finished = outcome.is_some();
        let state = State {
            job,
            outcome,
            finished,
            over: finished,
            lowest: None,
            abandoned: false,
            waker: None,
        };
        let shared = Arc::new_cyclic(|this: &Weak<Shared<T>>| Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
            control: Arc::new(Control::new(this.clone())),
            timed,
        });
        if let Some(driver) = driver {
            driver.submit(shared.clone());
        }
        Run { shared }
    }

    /// Waits for the value. If the run has not begun, it may be computed on this thread.
    ///
    /// # Errors
    /// As [`Graph::compute`]; if a task has run out of [time](crate::TaskOptions::timeout) that, without waiting until it returns, unless
    /// this is a task which waits itself; [`ErrorKind::Cancelled`] if it was cancelled before its output was there.
    pub fn wait(self) -> Result<T, Error> {
        if !self.shared.timed || in_a_task() {
            self.shared.begin();
        }
        let mut state = self.shared.lock();
        loop {
            if let Some(outcome) = state.outcome.take() {
                return outcome;
            }
            if state.finished {
                return Err(taken());
            }
            state = wait(&self.shared.changed, state);
        }
    }

    /// Waits for the value, at most for `time`; `None` if it is not there by then. The run goes on.
    ///
    /// # Errors
    /// As [`wait`](Run::wait); [`ErrorKind::Taken`] if the value was taken before.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use std::time::Duration;
    /// use taskweave::{Graph, cancelled};
    /// let run = Graph::build(|graph| {
    ///     graph.value(()).map(|()| while !cancelled() { std::thread::yield_now() })
    /// })
    /// .spawn();
    /// assert!(run.wait_timeout(Duration::from_millis(10)).is_none());
    /// assert!(!run.is_finished());
    /// run.cancel();
    /// ```
    pub fn wait_timeout(&self, time: Duration) -> Option<Result<T, Error>> {
        let until = Instant::now().checked_add(time);
        let mut state = self.shared.lock();
        loop {
            if let Some(outcome) = state.outcome.take() {
                return Some(outcome);
            }
            if state.finished {
                return Some(Err(taken()));
            }
            // A time that no clock can tell is for ever.
            let Some(until) = until else {
                state = wait(&self.shared.changed, state);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            state = wait_for(&self.shared.changed, state, left);
        }
    }

    /// Computes the run on this thread, if it has not begun.
    pub(super) fn begin(&self) {
        self.shared.begin();
    }

    /// Whether the value, or an error, is there, so that [`wait`](Run::wait) returns at once.
    pub fn is_finished(&self) -> bool {
        self.shared.lock().finished
    }

    /// Starts no more tasks, and returns at once. Tasks that have begun run to their end, and can ask whether the run is
    /// [`cancelled`](crate::cancelled); a thread that has just taken a task may still begin it. Graphs that its tasks compute are cancelled too, but for static
    /// graphs, which are one call; runs that its tasks spawn are for who holds them to cancel.
    ///
    /// If the output is there already, or no task was left to start, the run ends as it would have.
    pub fn cancel(&self) {
        self.shared.control.cancel();
    }

    /// [`cancel`](Run::cancel), and waits until no task of the run is running any more, one that has run out of time included.
    ///
    /// # Errors
    /// As [`wait`](Run::wait): [`ErrorKind::Cancelled`], unless the output was there first or a task
    /// has failed.
    pub fn cancel_and_wait(self) -> Result<T, Error> {
        self.cancel();
        self.shared.begin();
        let mut state = self.shared.lock();
        while !state.over {
            state = wait(&self.shared.changed, state);
        }
        drop(state);
        self.wait()
    }
}

fn taken() -> Error {
    Error::new(ErrorKind::Taken, "the value of this run has been taken before".into())
}

impl<T: Send + 'static> Drop for Run<T> {
    fn drop(&mut self) {
        self.cancel();
        let mut state = self.shared.lock();
        state.abandoned = true;
        let left = (state.job.take(), state.outcome.take(), state.waker.take());
        drop(state);
        // Users' values, whose destructors are users' code: not under the lock.
        drop(left);
    }
}

impl<T: Send + 'static> Future for Run<T> {
    type Output = Result<T, Error>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Wakers are users' code: not under the lock.
        let waker = context.waker().clone();
        let mut state = self.shared.lock();
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome);
        }
        if state.finished {
            return Poll::Ready(Err(taken()));
        }
        let before = state.waker.replace(waker);
        drop(state);
        drop(before);
        Poll::Pending
    }
}

impl<T: Send + 'static> std::fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("is_finished", &self.is_finished()).finish()
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        lock(&self.state)
    }
}

impl<T: Send + 'static> Spawned for Shared<T> {
    fn waits(&self) -> bool {
        self.lock().job.is_some()
    }

    fn is_timed(&self) -> bool {
        self.timed
    }

    fn begin(&self) {
        let Some((job, driver)) = self.lock().job.take() else { return };
        let outcome = {
            let _control = under(Some(self.control.clone()));
            // Who observes it, its driver knows; who waits for it may be observed by others.
            let _observing = observing(Observers::default());
            // What panics here is a destructor of the user's, outside of any task.
            catch_unwind(AssertUnwindSafe(|| job(&driver)))
                .unwrap_or_else(|payload| Err(Error::run_panicked(payload)))
        };
        let mut state = self.lock();
        state.over = true;
        let (waker, unwanted) = state.end(outcome);
        let lowest = state.lowest.take();
        drop(state);
        self.changed.notify_all();
        tell(waker, (unwanted, lowest, driver));
    }
}

impl<T> State<T> {
    /// There is an outcome; who waits for it, and what nobody wants.
    fn end(&mut self, outcome: Result<T, Error>) -> (Option<Waker>, Option<Result<T, Error>>) {
        if self.finished || self.abandoned {
            self.finished = true;
            return (self.waker.take(), Some(outcome));
        }
        self.finished = true;
        (self.waker.take(), self.outcome.replace(outcome))
    }
}

/// Wakers and destructors are users' code: one that panics must not take the thread with it.
fn tell(waker: Option<Waker>, unwanted: impl Sized) {
    let told = catch_unwind(AssertUnwindSafe(|| {
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(unwanted);
    }));
    drop_silently(told);
}

impl<T: Send + 'static> Early for Shared<T> {
    fn note(&self, place: u32, error: &Error) {
        let mut state = self.lock();
        if state.lowest.as_ref().is_none_or(|(lowest, _)| place < *lowest) {
            let before = state.lowest.replace((place, error.clone()));
            drop(state);
            tell(None, before);
        }
    }

    fn end(&self, place: u32, error: Error) {
        self.note(place, &error);
        let mut state = self.lock();
        let lowest = state.lowest.as_ref().map_or(error, |(_, error)| error.clone());
        let (waker, unwanted) = state.end(Err(lowest));
        drop(state);
        self.changed.notify_all();
        if waker.is_none() {
            return tell(None, unwanted);
        }
        // Not on the thread that watches all time limits of the process, unless the system gives no other.
        let left = Arc::new(Mutex::new(Some((waker, unwanted))));
        let tells = |left: &Mutex<Option<_>>| {
            let taken = lock(left).take();
            if let Some((waker, unwanted)) = taken {
                tell(waker, unwanted);
            }
        };
        let there = left.clone();
        let name = "taskweave-waker".to_owned();
        let spawned = std::thread::Builder::new().name(name).spawn(move || tells(&there));
        if spawned.is_err() {
            tells(&left);
        }
    }
}
