//! Static graphs at run time: what `static_graph!` expands to.
//!
//! In: a table of tasks, and the tasks, in order or by number. Out: the value. A run is the tasks one after the other on the calling thread, as if
//! they had been written so, with a note of which one runs, for errors. If that takes long enough, and there is something to do at once,
//! runs on the scheduler are tried, and what is quicker is kept ([`Pace`]).
//!
//! On the scheduler the tasks are a [`Plan`] of nodes without values, which call the tasks by their numbers; values stand in [`Slot`]s on
//! the stack of who called.

mod dropped;
mod untried;

pub use dropped::Dropped;
pub use untried::{Nth, Passed, PassedOn, Reader, Reads, Right, Untried, Wrong};

use crate::drivers::pace::{Pace, threads_now};
use crate::error::{BoxError, Error, ErrorKind};
use crate::graph::Graph;
use crate::graph::builder::Gather;
use crate::graph::extras::Cloner;
use crate::graph::node::TaskName;
use crate::graph::plan::Plan;
use crate::run::seed;
use crate::task::step::Step;
use crate::task::{Probe, TaskError};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit, needs_drop};
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Instant;

/// A task of a static graph.
#[derive(Debug)]
pub struct StaticTask {
    /// The function's name.
    pub name: &'static str,
    /// Where it is called.
    pub location: &'static Location<'static>,
    /// The numbers of the tasks it comes after, all below its own.
    pub after: &'static [u32],
}

/// All tasks of a static graph, in an order in which they can run.
#[derive(Debug)]
pub struct Table {
    /// The tasks.
    pub tasks: &'static [StaticTask],
    /// The numbers of the tasks that the output comes after: the last one, or those of a tuple, which no task makes.
    pub output: &'static [u32],
    /// The most tasks of which none waits for another.
    pub width: usize,
}

/// The state of a static graph between runs.
#[derive(Default)]
pub struct Fixed {
    pace: Pace,
    /// Never locked: so that a static graph may be in a `static`, where a run, which needs it mutably, is refused in words about that.
    engine: Mutex<Option<Box<Engine>>>,
}

/// The tasks as nodes of a plan.
struct Engine {
    plan: Plan<'static, ()>,
    job: Arc<Job>,
}

/// What runs a task by its number, in the run that is going on.
///
/// Written by who owns the engine, when nothing runs; read by the tasks of its runs, which a run's beginning and end order after and before.
#[derive(Default)]
struct Job(Cell<Option<NonNull<JobFn<'static>>>>);

type JobFn<'a> = dyn Fn(u32) -> Result<(), BoxError> + Sync + 'a;

// SAFETY: see the type's text: never read while it is written.
unsafe impl Send for Job {}
// SAFETY: as for `Send`; what it points to is `Sync`.
unsafe impl Sync for Job {}

/// A node's step: the task of this number.
struct Numbered {
    number: u32,
    job: Arc<Job>,
}

impl Numbered {
    fn call(&self) -> Result<(), BoxError> {
        match self.job.0.get() {
            Some(job) => {
                // SAFETY: set for the time of a run, which this task is part of.
                let job = unsafe { job.as_ref() };
                // SAFETY: there is no context.
                let _at_work = unsafe { seed::at_work(None) };
                job(self.number)
            }
            None => Err("a task of a static graph ran outside of its runs".into()),
        }
    }
}

impl Step<(), ()> for Numbered {
    const AGAIN: bool = true;
    fn once(self, (): ()) -> Result<(), BoxError> {
        self.call()
    }
    fn again(&self, (): ()) -> Result<(), BoxError> {
        self.call()
    }
}

/// The kind of these nodes; each has a name of its own.
struct InStatic;
impl TaskName for InStatic {
    const NAME: &'static str = "static";
}

impl Engine {
    fn new(table: &Table) -> Result<Box<Engine>, Error> {
        let job = Arc::new(Job::default());
        let graph = Graph::build(|builder| {
            let mut nodes = Vec::with_capacity(table.tasks.len());
            for (number, task) in table.tasks.iter().enumerate() {
                let step = Numbered { number: number as u32, job: job.clone() };
                let node = builder.push::<InStatic, _, _, ()>(task.location, (), step);
                let mut extras = builder.extras().borrow_mut();
                extras.set_name(node, task.name.into());
                for &earlier in task.after {
                    extras.add_after(node, nodes[earlier as usize]);
                }
                nodes.push(node);
            }
            let output = match *table.output {
                [only] => nodes[only as usize],
                ref several => {
                    // It has no task: this is one that does nothing, which nobody is told of.
                    let step = Numbered { number: nodes.len() as u32, job: job.clone() };
                    let location = nodes.last().expect("a static graph has a task").location();
                    let node = builder.push::<Gather, _, _, ()>(location, (), step);
                    let mut extras = builder.extras().borrow_mut();
                    several.iter().for_each(|&at| extras.add_after(node, nodes[at as usize]));
                    node
                }
            };
            crate::graph::Delayed::new(output, builder)
        });
        Ok(Box::new(Engine { plan: graph.freeze()?, job }))
    }
}

impl Fixed {
    /// Before the first run.
    pub const fn new() -> Fixed {
        Fixed { pace: Pace::new(), engine: Mutex::new(None) }
    }

    /// Whether the next run is one on the scheduler.
    #[inline]
    pub fn at_once(&mut self, table: &Table) -> bool {
        table.width > 1 && self.pace.at_once(threads_now)
    }

    /// Runs the tasks one after the other; `tasks` notes which one runs.
    #[inline]
    pub fn in_order<T>(
        &mut self,
        table: &Table,
        tasks: impl FnOnce(&InOrder) -> Result<T, BoxError>,
    ) -> Result<T, Error> {
        let start = self.pace.begins_in_order();
        // SAFETY: there is no context.
        let _at_work = unsafe { seed::at_work(None) };
        let run = InOrder::default();
        let outcome = catch_unwind(AssertUnwindSafe(|| tasks(&run)));
        self.pace.ends_in_order(start);
        let outcome = match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let StaticTask { name, location, .. } = table.tasks[run.at.get() as usize];
                Err(Error::failed(name.into(), location, error))
            }
            Err(payload) => {
                let StaticTask { name, location, .. } = table.tasks[run.at.get() as usize];
                Err(Error::panicked(ErrorKind::Panicked, name.into(), location, payload))
            }
        };
        run.dropped.outcome(table, outcome)
    }

    /// Runs the tasks on the current scheduler; `job` runs the one of a number.
    pub fn all_at_once(
        &mut self,
        table: &Table,
        job: &(dyn Fn(u32) -> Result<(), BoxError> + Sync),
    ) -> Result<(), Error> {
        let engine = match self.engine.get_mut().unwrap_or_else(PoisonError::into_inner) {
            Some(engine) => engine,
            engine => engine.insert(Engine::new(table)?),
        };
        let start = Instant::now();
        engine.job.0.set(Some(erased(job)));
        let outcome = engine.plan.run_at_once();
        engine.job.0.set(None);
        self.pace.times_at_once(start);
        outcome
    }
}

/// The job without its lifetime: it is read only while the run goes on that it was made for.
fn erased<'a>(job: &'a JobFn<'a>) -> NonNull<JobFn<'static>> {
    let job: NonNull<JobFn<'a>> = NonNull::from(job);
    // SAFETY: only the lifetime differs, and `all_at_once`, which returns when nothing runs, takes the pointer away again.
    unsafe { std::mem::transmute::<NonNull<JobFn<'a>>, NonNull<JobFn<'static>>>(job) }
}

/// Knows nothing yet, like a new one.
impl Clone for Fixed {
    fn clone(&self) -> Fixed {
        Fixed::new()
    }
}

impl std::fmt::Debug for Fixed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fixed").field("pace", &self.pace).finish_non_exhaustive()
    }
}

/// A run of one task after the other.
#[derive(Debug, Default)]
pub struct InOrder {
    /// The number of the task that runs.
    at: Cell<u32>,
    dropped: Dropped,
}

impl InOrder {
    /// Notes which task runs.
    #[inline]
    pub fn set(&self, number: u32) {
        self.at.set(number);
    }

    /// Keeps a value while others run than the task that is noted, which is told of, if its destructor panics.
    #[inline]
    pub fn keep<T>(&self, value: T) -> Kept<'_, T> {
        let told_of = match needs_drop::<T>() {
            true => MaybeUninit::new((self.at.get(), &self.dropped)),
            false => MaybeUninit::uninit(),
        };
        Kept { value: ManuallyDrop::new(value), told_of }
    }
}

/// A value on its way from one task to others, where they run one after the other. One that needs no drop costs nothing: what is not
/// written is not kept up to date on the stack, and there is no code that reads it.
pub struct Kept<'run, T> {
    value: ManuallyDrop<T>,
    /// Written if the value needs to be dropped.
    told_of: MaybeUninit<(u32, &'run Dropped)>,
}

impl<T> Kept<'_, T> {
    /// Takes the value out.
    #[inline]
    pub fn take(self) -> T {
        let mut kept = ManuallyDrop::new(self);
        // SAFETY: what keeps it is not dropped, so nobody else takes the value.
        unsafe { ManuallyDrop::take(&mut kept.value) }
    }
}

impl<T> Deref for Kept<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Drop for Kept<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if needs_drop::<T>() {
            // SAFETY: `keep` has written it, for it needs to be dropped.
            let (number, dropped) = unsafe { self.told_of.assume_init() };
            // SAFETY: nobody uses it after this.
            dropped.drop(number, unsafe { ManuallyDrop::take(&mut self.value) });
        }
    }
}

/// A value on its way from one task to others, where they run at once.
#[derive(Debug)]
pub struct Slot<'run, T> {
    value: RwLock<Option<T>>,
    /// The task that is told of, if its destructor panics.
    number: u32,
    dropped: &'run Dropped,
}

/// A value that is lent.
pub struct SlotRef<'a, T>(RwLockReadGuard<'a, Option<T>>);

impl<T> Deref for SlotRef<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0
            .as_ref()
            .expect("a task runs after those it reads, and before who takes what it borrows")
    }
}

impl<'run, T> Slot<'run, T> {
    /// With a value.
    pub fn full(dropped: &'run Dropped, number: u32, value: T) -> Slot<'run, T> {
        Slot { value: RwLock::new(Some(value)), number, dropped }
    }

    /// Puts a value in.
    pub fn put(&self, value: T) {
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// Takes the value out.
    pub fn take(&self) -> T {
        let taken = self.value.write().unwrap_or_else(PoisonError::into_inner).take();
        taken.expect("a task runs after those it reads, and one takes each value")
    }

    /// Lends the value.
    pub fn lend(&self) -> SlotRef<'_, T> {
        SlotRef(self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Copies the value: where two take it, the compiler has seen that it is `Copy`.
    pub fn copy(&self, cloner: Option<Cloner>) -> T {
        let lent = self.lend();
        let cloner = cloner.expect("what several tasks take is `Copy`");
        let mut room = MaybeUninit::<T>::uninit();
        // SAFETY: the expansion gives `Probe::<T>::CLONER`, which writes `room` or panics.
        unsafe { cloner(std::ptr::from_ref(&*lent).cast(), room.as_mut_ptr().cast()) };
        // SAFETY: just written.
        unsafe { room.assume_init() }
    }
}

impl<T> Drop for Slot<'_, T> {
    fn drop(&mut self) {
        if needs_drop::<T>()
            && let Some(value) = self.value.get_mut().unwrap_or_else(PoisonError::into_inner).take()
        {
            self.dropped.drop(self.number, value);
        }
    }
}

/// The slot of a type that cannot be shared with other threads: nothing runs, for the compiler has refused the task that returns it. It only keeps the
/// compiler from refusing the type once more, in the words of what the expansion does.
#[derive(Debug)]
pub struct RefusedSlot<T>(PhantomData<fn() -> T>);

impl<T> RefusedSlot<T> {
    /// Never called.
    pub fn put(&self, _: T) {
        self.lend();
    }

    /// Never called.
    pub fn take(&self) -> T {
        unreachable!("a program with it is not compiled")
    }

    /// Never called.
    pub fn lend(&self) -> &T {
        unreachable!("a program with it is not compiled")
    }

    /// Never called.
    pub fn copy(&self, _: Option<Cloner>) -> T {
        self.take()
    }
}

impl<T: Send + Sync> Probe<T> {
    /// Where a task's value waits.
    pub const fn slot(dropped: &Dropped, number: u32) -> Slot<'_, T> {
        Slot { value: RwLock::new(None), number, dropped }
    }
}

/// Makes the slot of what is not `Send + Sync`.
pub trait NotShared<T> {
    /// See [`RefusedSlot`].
    fn slot(_: &Dropped, _: u32) -> RefusedSlot<T> {
        RefusedSlot(PhantomData)
    }
}
impl<T> NotShared<T> for Probe<T> {}

/// What an input of a static graph must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an input of a static graph",
    label = "tasks on other threads may read it",
    note = "an input must be `Send + Sync`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
pub trait StaticInput: Send + Sync {}
#[diagnostic::do_not_recommend]
impl<T: Send + Sync> StaticInput for T {}

/// Checks an input's type at its span.
#[inline(always)]
pub const fn static_input<T: StaticInput>() {}

/// `?` behind a task of a static graph.
#[inline]
pub fn tried<T, E: TaskError<M>, M>(result: Result<T, E>) -> Result<T, BoxError> {
    result.map_err(TaskError::into_error)
}

/// What a run gives of a task with `?`, whose output may be no `Result`: then that itself, for nothing runs.
pub trait IfTried<const IS_RESULT: bool> {
    /// It.
    type Ok;
}
impl<T, E> IfTried<true> for Result<T, E> {
    type Ok = T;
}
impl<T> IfTried<false> for T {
    type Ok = T;
}

/// A function that `#[delayed]` is on, as a value: never implemented, for its macro never asks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a #[delayed] function, so it cannot be a task of a static graph",
    label = "a plain function",
    note = "put #[delayed] on it, or call it inside a #[delayed] function"
)]
pub trait StaticTaskFn {
    #[doc(hidden)]
    fn is_one(&self) -> bool {
        false
    }
}

/// What a run gives, where the output's function is none: of a constant that is refused, which makes the type a wrong one, of which the compiler says nothing more.
#[derive(Debug)]
pub struct NotKnown<const IS_TASK: bool>(());
