//! Events: what a run does, told to whoever asked.
//!
//! In: steps of [`crate::scheduler`] and the beginning and end of runs. Out: [`Event`]s, plain data, in the order in which
//! each worker made them. Without an observer a task pays for one comparison, and nothing else.
//!
//! Who asks: a scheduler's handle ([`Observed`]), a scope ([`with_observer`]), or the whole process ([`register_observer`]), through
//! which crates above this one watch runs without being known here.

mod recorder;
pub(crate) mod spans;

pub use recorder::{Recorded, Recorder};

use crate::drivers::{Driver, Scheduler, sealed};
use crate::error::Error;
use crate::graph::node::{Kind, NodeRef};
use crate::scheduler::failures::AbortOnUnwind;
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Sees what runs do. Called on the threads that do it, in the middle of their work, so it should be quick and must not
/// compute graphs, which would be observed in turn; a panic in it aborts the process.
///
/// # Examples
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Event, Graph, InThread, Observer, TaskStep};
///
/// #[derive(Default)]
/// struct Count(AtomicUsize);
/// impl Observer for Count {
///     fn observe(&self, event: &Event<'_>) {
///         if let Event::Tasks(steps) = event {
///             let finished = steps.iter().filter(|step| step.step() == TaskStep::Finished);
///             self.0.fetch_add(finished.count(), Ordering::Relaxed);
///         }
///     }
/// }
///
/// let count = Arc::new(Count::default());
/// let graph = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1).map(|n| 2 * n));
/// assert_eq!(graph.compute_on(&InThread.observe(count.clone()))?, 42);
/// assert_eq!(count.0.load(Ordering::Relaxed), 2);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub trait Observer: Send + Sync {
    /// Something happened.
    fn observe(&self, event: &Event<'_>);
}

impl<O: Observer + ?Sized> Observer for Arc<O> {
    fn observe(&self, event: &Event<'_>) {
        (**self).observe(event);
    }
}

/// What an [`Observer`] is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A graph has been ordered, and its first tasks are ready. On the thread that computes.
    RunStarted(&'a RunStarted<'a>),
    /// A graph that awaits has got more tasks. On the thread that computes.
    RunGrew(&'a RunGrew<'a>),
    /// Steps that one worker took, in this order; a task's start is told before it runs, the others when it has.
    Tasks(&'a [TaskEvent]),
    /// The output is there, or a failure, and no worker uses the graph any more. On the thread that computes.
    RunFinished {
        /// Which run.
        run: u64,
        /// Since the process first asked for the time.
        time: Duration,
        /// Whether it gave an error.
        failed: bool,
    },
}

/// A task of one run; the same in all of its events, and of no other task of the run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TaskId(pub(crate) usize);

/// What a task does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum TaskStep {
    /// All it waits for is done. Tasks that wait for nothing are ready from the start, and have no such event.
    Ready,
    /// A worker runs it.
    Started,
    /// It returned.
    Finished,
    /// It panicked, or returned an `Err` that `?` took.
    Failed,
    /// It does not run, because something it needs failed, or something of lower place.
    Skipped,
    /// Its output has been dropped, or moved into its last reader. Not of the graph's output, which the caller gets.
    Released,
}

/// One step of one task. Small, because a busy run has many: 40 bytes.
#[derive(Clone, Copy)]
pub struct TaskEvent {
    pub(crate) run: u64,
    pub(crate) task: TaskId,
    pub(crate) kind: &'static Kind,
    /// In nanoseconds.
    pub(crate) time: u64,
    pub(crate) worker: u32,
    pub(crate) step: TaskStep,
}

impl TaskEvent {
    /// Which run, counted from the start of the process.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// Which task.
    pub fn task(&self) -> TaskId {
        self.task
    }

    /// What it does.
    pub fn step(&self) -> TaskStep {
        self.step
    }

    /// The function's name; a name given by `.named(…)` stands in [`RunStarted::graph`].
    pub fn name(&self) -> &'static str {
        self.kind.name
    }

    /// Who does it: 0 the thread that computes, from 1 on the pool's.
    pub fn worker(&self) -> usize {
        self.worker as usize
    }

    /// Since the process first asked for the time. Steps that follow from one another share one reading of the clock: also
    /// the end of a task and the start of the next, if the worker goes straight on.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.time)
    }

    /// The bytes of its output, if its type says so: types that own memory elsewhere don't.
    pub fn bytes(&self) -> Option<usize> {
        self.kind.output_bytes
    }
}

impl std::fmt::Debug for TaskEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TaskEvent")
            .field("run", &self.run)
            .field("task", &self.task)
            .field("name", &self.name())
            .field("step", &self.step)
            .field("worker", &self.worker)
            .field("time", &self.time())
            .field("bytes", &self.bytes())
            .finish()
    }
}

/// The graph of a run that starts.
pub struct RunStarted<'a> {
    /// Which run, counted from the start of the process.
    pub run: u64,
    /// Since the process first asked for the time.
    pub time: Duration,
    /// How many tasks it has, those included that only tie others together; none yet, if it is built while it runs.
    pub tasks: usize,
    /// How many of them wait for nothing.
    pub roots: usize,
    /// How many threads can run it, the computing one included.
    pub threads: usize,
    pub(crate) graph: &'a dyn Fn() -> Vec<RunTask>,
}

impl RunStarted<'_> {
    /// All its tasks, in the order of their places. O(tasks + edges), for this call only.
    pub fn graph(&self) -> Vec<RunTask> {
        (self.graph)()
    }
}

impl std::fmt::Debug for RunStarted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunStarted")
            .field("run", &self.run)
            .field("tasks", &self.tasks)
            .field("roots", &self.roots)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

/// What is new in a graph that is built while it runs.
pub struct RunGrew<'a> {
    /// Which run.
    pub run: u64,
    /// Since the process first asked for the time.
    pub time: Duration,
    /// The place of the first new task.
    pub first: usize,
    /// How many there are.
    pub tasks: usize,
    pub(crate) graph: &'a dyn Fn() -> Vec<RunTask>,
}

impl RunGrew<'_> {
    /// The new tasks, in the order of their places, of which the first is [`RunGrew::first`]. O(tasks + edges).
    pub fn graph(&self) -> Vec<RunTask> {
        (self.graph)()
    }
}

impl std::fmt::Debug for RunGrew<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunGrew")
            .field("run", &self.run)
            .field("first", &self.first)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}

/// A task of a run that starts.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RunTask {
    /// Which task.
    pub task: TaskId,
    /// Its name, or the one it was given.
    pub name: Cow<'static, str>,
    /// The file of the call.
    pub file: &'static str,
    /// The line of the call, from 1.
    pub line: u32,
    /// Whether it only ties others together (a plain value, a gathering of handles); it has no events.
    pub glue: bool,
    /// The places of the tasks it waits for, in the order of its arguments; its own place is its index.
    pub dependencies: Vec<u32>,
}

impl RunTask {
    pub(crate) fn of(node: NodeRef, name: Cow<'static, str>, dependencies: Vec<u32>) -> RunTask {
        let (file, line) = (node.location().file(), node.location().line());
        let glue = !node.kind().role.is_task();
        RunTask { task: node.id(), name, file, line, glue, dependencies }
    }
}

/// All who observe a run.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn and(&self, observer: Arc<dyn Observer>) -> Observers {
        let mut all = self.clone();
        all.0.push(observer);
        all
    }

    /// These, and those of the enclosing scopes.
    pub(crate) fn and_of_scopes(&self) -> Observers {
        let mut all = of_scopes();
        all.0.extend_from_slice(&self.0);
        all
    }

    /// These, and those of the whole process; `None` if there is nobody.
    pub(crate) fn and_of_the_process(&self) -> Option<Observers> {
        // Acquire: sees what was registered before it was counted.
        let registered = REGISTERED.load(Acquire) > 0;
        if self.0.is_empty() && !registered {
            return None;
        }
        let mut all = self.clone();
        if registered {
            let registered = registry().lock().unwrap_or_else(PoisonError::into_inner);
            all.0.extend(registered.iter().map(|(_, observer)| observer.clone()));
        }
        Some(all)
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        let unwinding = AbortOnUnwind("an observer panicked");
        for observer in &self.0 {
            observer.observe(event);
        }
        std::mem::forget(unwinding);
    }
}

thread_local! {
    /// Who observes what this thread computes: through scopes, and the runs of the tasks it is in.
    static OBSERVING: RefCell<Observers> = const { RefCell::new(Observers(Vec::new())) };
}

/// Those of the enclosing scopes. None on a thread that is ending and has lost them.
fn of_scopes() -> Observers {
    OBSERVING.try_with(|observers| observers.borrow().clone()).unwrap_or_default()
}

/// What this thread computes is observed by these, until what is returned is dropped.
pub(crate) fn observing(observers: Observers) -> Observing {
    Observing(OBSERVING.try_with(|before| before.replace(observers)).unwrap_or_default())
}

/// Goes back to those it holds.
pub(crate) struct Observing(Observers);

impl Drop for Observing {
    fn drop(&mut self) {
        let before = std::mem::take(&mut self.0);
        let gone = OBSERVING.try_with(|observers| observers.replace(before));
        // After the borrow: an observer may be dropped here.
        drop(gone);
    }
}

/// The time of events, in nanoseconds: enough for 584 years.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let passed = START.get_or_init(Instant::now).elapsed();
    passed.as_secs() * 1_000_000_000 + u64::from(passed.subsec_nanos())
}

/// How many observers the process has registered.
static REGISTERED: AtomicUsize = AtomicUsize::new(0);

type Registry = Mutex<Vec<(usize, Arc<dyn Observer>)>>;

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::default)
}

/// Observes all runs of the process that start while the returned value lives.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, Recorder, register_observer};
/// let recorder = Arc::new(Recorder::new());
/// let registration = register_observer(recorder.clone());
/// Graph::build(|graph| graph.value(1).map(|n: i32| n + 1)).compute()?;
/// drop(registration);
/// assert!(!recorder.events().is_empty());
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "dropping it ends the observation"]
pub fn register_observer(observer: impl Observer + 'static) -> Registration {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let mut registered = registry().lock().unwrap_or_else(PoisonError::into_inner);
    registered.push((id, Arc::new(observer)));
    REGISTERED.store(registered.len(), Release);
    Registration(id)
}

/// Keeps an observer registered.
#[derive(Debug)]
pub struct Registration(usize);

impl Drop for Registration {
    fn drop(&mut self) {
        let mut registered = registry().lock().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = registered.extract_if(.., |(id, _)| *id == self.0).collect();
        REGISTERED.store(registered.len(), Release);
        drop(registered);
        drop(gone);
    }
}

/// A scheduler whose runs are observed; made by [`InThread::observe`](crate::InThread::observe) and
/// [`Threads::observe`](crate::Threads::observe).
#[derive(Clone)]
pub struct Observed<S> {
    scheduler: S,
    observer: Arc<dyn Observer>,
}

impl<S> Observed<S> {
    pub(crate) fn new(scheduler: S, observer: impl Observer + 'static) -> Self {
        Observed { scheduler, observer: Arc::new(observer) }
    }

    /// One more observer, told after the others.
    pub fn observe(self, observer: impl Observer + 'static) -> Observed<Self> {
        Observed::new(self, observer)
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for Observed<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Observed").field(&self.scheduler).finish()
    }
}

impl<S: Scheduler> sealed::Sealed for Observed<S> {}
impl<S: Scheduler> Scheduler for Observed<S> {
    fn driver(&self) -> Result<Driver, Error> {
        Ok(self.scheduler.driver()?.observed(self.observer.clone()))
    }
}

/// Observes every graph that `f` computes on this thread, on whichever scheduler, and the graphs that their tasks compute.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, Recorder, with_observer};
/// let recorder = Arc::new(Recorder::new());
/// let two = with_observer(recorder.clone(), || {
///     Graph::build(|graph| graph.value(1).map(|n: i32| n + 1)).compute()
/// })?;
/// assert_eq!(two, 2);
/// assert_eq!(recorder.events().len(), 3);       // ready, started, finished
/// # Ok::<(), taskweave::Error>(())
/// ```
pub fn with_observer<R>(observer: impl Observer + 'static, f: impl FnOnce() -> R) -> R {
    let _observing = observing(of_scopes().and(Arc::new(observer)));
    f()
}
