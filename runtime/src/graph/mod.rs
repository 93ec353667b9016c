//! A graph: its memory, its tasks, what is wrong with it.
//!
//! In: what a [`Builder`] collected. Out: results ([`Graph::compute`]) or facts ([`Graph::check`], `Display`,
//! [`Graph::tasks`], pictures). `Core` owns the arena and the list through all nodes; it drops what a run has left.

pub(crate) mod arena;
pub(crate) mod builder;
pub(crate) mod extras;
pub(crate) mod handle;
pub(crate) mod links;
pub(crate) mod node;
mod operators;
mod picture;
mod shape;

pub use picture::PICTURE_TASKS_MAX;

pub use builder::Builder;
pub use handle::{Delayed, Unzip};
pub use shape::TaskInfo;

use crate::drivers::{Driver, Scheduler, deeper};
use crate::error::{Error, ErrorKind};
use crate::observe::{Event, RunTask, now};
use crate::order::{Dependencies, INPUTS_MAX, TASKS_MAX, Unordered, deadlock, order};
use crate::scheduler::Run;
use arena::{ALIGN, Arena};
use extras::Extras;
use node::{NodeRef, ORDERED};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::time::Duration;

/// Says that captures of any kind live as long as `'env` and are dropped with the graph.
pub(crate) type Captures<'env> = PhantomData<Box<dyn FnOnce() + Send + 'env>>;

/// The tasks of a graph.
pub(crate) struct Core {
    pub(crate) arena: Arena,
    /// How many nodes there are in which something may be left to drop.
    pub(crate) built: Cell<usize>,
    /// What the arguments of the task that is being added borrow.
    pub(crate) lent_now: RefCell<Vec<NodeRef>>,
    pub(crate) extras: RefCell<Extras>,
    pub(crate) fault: RefCell<Option<Error>>,
}

impl Core {
    pub(crate) fn new() -> Self {
        Core {
            arena: Arena::new(),
            built: Cell::new(0),
            lent_now: RefCell::default(),
            extras: RefCell::default(),
            fault: RefCell::new(None),
        }
    }

    pub(crate) fn take(&self) -> Core {
        Core {
            arena: self.arena.take(),
            built: Cell::new(self.built.take()),
            lent_now: RefCell::default(),
            extras: RefCell::new(self.extras.take()),
            fault: RefCell::new(self.fault.take()),
        }
    }

    /// Takes over the tasks of `other`; their addresses stay valid (`A2`).
    pub(crate) fn absorb(&self, other: Core) {
        self.built.set(self.built.get() + other.built.take());
        self.extras.borrow_mut().absorb(other.extras.take());
        if let Some(fault) = other.fault.take() {
            self.fault.borrow_mut().get_or_insert(fault);
        }
        self.arena.absorb(other.arena.take());
    }

    /// All nodes, in the order in which they were built; those of a spliced graph stand together.
    pub(crate) fn nodes(&self) -> Nodes {
        Nodes { spans: self.arena.spans().into_iter(), at: None }
    }

    /// The failure among these whose task was built first.
    fn first_of(&self, late: &mut Vec<(NodeRef, Error)>) -> Option<Error> {
        let first = match late.len() {
            0 | 1 => 0,
            _ => {
                let at: HashMap<NodeRef, usize> =
                    late.iter().enumerate().map(|(at, (node, _))| (*node, at)).collect();
                self.nodes().find_map(|node| at.get(&node).copied())?
            }
        };
        (first < late.len()).then(|| late.swap_remove(first).1)
    }

    /// Drops what is left in the nodes; the first panic of a destructor comes back, the others are dropped with it.
    fn clear(&self) -> Option<(NodeRef, Box<dyn Any + Send>)> {
        let mut first = None;
        if self.built.take() == 0 {
            return None;
        }
        for node in self.nodes() {
            // SAFETY: nothing runs; `built` was taken, so each node is dropped once.
            let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { node.drop_remains() }));
            if let Err(payload) = dropped {
                first.get_or_insert((node, payload));
            }
        }
        first
    }
}

/// A walk over the nodes of an arena.
pub(crate) struct Nodes {
    spans: std::vec::IntoIter<(NonNull<u8>, *mut u8)>,
    /// What is left of the span.
    at: Option<(NonNull<u8>, *mut u8)>,
}

impl Iterator for Nodes {
    type Item = NodeRef;
    fn next(&mut self) -> Option<NodeRef> {
        loop {
            let (at, end) = match self.at.take() {
                Some(span) => span,
                None => self.spans.next()?,
            };
            if at.as_ptr() >= end {
                continue;
            }
            // SAFETY: A3: a word of zero, or a node, which begins with the address of its kind.
            let empty = unsafe { at.cast::<usize>().read() } == 0;
            // SAFETY: N1, if it is not empty.
            let node = (!empty).then(|| unsafe { NodeRef::from_address(at) });
            let bytes = node.map_or(ALIGN, |node| node.kind().bytes.next_multiple_of(ALIGN));
            // SAFETY: A3: still inside the span, or at its end.
            self.at = Some((unsafe { at.add(bytes) }, end));
            if node.is_some() {
                return node;
            }
        }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        if let Some((_, payload)) = self.clear()
            && !std::thread::panicking()
        {
            resume_unwind(payload);
        }
    }
}

/// A graph of tasks whose output is a `T`; inert until [`compute`](Graph::compute).
///
/// `graph!` makes one. It may borrow what was declared before it (`'env`), so `compute` returns only when every worker has
/// let go of it, also after a panic; dropping it, or forgetting it, runs nothing. It can be passed as an argument to a
/// task of another graph, whose tasks then include its own.
///
/// `Display` counts: tasks, edges, depth (tasks on the longest path), the widest level, and the tasks that lead nowhere, which
/// don't run. `Debug` shows the same, and never a value.
///
/// # Examples
/// ```
/// use taskweave_runtime::Graph;
/// let base = [1, 2, 3];
/// let graph = Graph::build(|graph| {
///     let squares: Vec<_> = base.iter().map(|&n| graph.value(n).map(|n: i32| n * n)).collect();
///     graph.gather(squares).map(|squares: Vec<i32>| squares.iter().sum::<i32>())
/// });
/// assert_eq!(graph.to_string(), "4 tasks, 3 edges, depth 2, widest level 3");
/// assert_eq!(graph.compute()?, 14);
/// # Ok::<(), taskweave_runtime::Error>(())
/// ```
#[must_use = "a graph does nothing until `compute` is called"]
pub struct Graph<'env, T> {
    core: Core,
    output: NodeRef,
    value: PhantomData<fn() -> T>,
    captures: Captures<'env>,
    /// Never `Unpin`, so never a plain value: see [`crate::task::argument`].
    _late: PhantomPinned,
}

impl<'env, T> Graph<'env, T> {
    pub(crate) fn new(core: Core, output: NodeRef) -> Self {
        Graph { core, output, value: PhantomData, captures: PhantomData, _late: PhantomPinned }
    }

    pub(crate) fn into_parts(self) -> (Core, NodeRef) {
        (self.core, self.output)
    }

    #[cfg(all(test, loom))]
    pub(crate) fn output(&self) -> NodeRef {
        self.output
    }

    #[cfg(all(test, loom))]
    pub(crate) fn extras(&self) -> std::cell::Ref<'_, Extras> {
        self.core.extras.borrow()
    }

    /// Builds a graph in the explicit form: `f` adds tasks to the [`Builder`] and returns the handle of the output.
    ///
    /// `graph!` is the usual way; this one needs no macro at the place where the graph is built.
    pub fn build<F>(f: F) -> Graph<'env, T>
    where
        F: for<'g> FnOnce(&'g Builder<'env>) -> Delayed<'g, 'env, T>,
        T: Send + Sync + 'static,
    {
        let builder = Builder::new();
        let finished = builder.finish(f(&builder));
        builder.take_graph(finished)
    }

    /// Finds what is wrong with the graph without running it.
    ///
    /// # Errors
    /// [`ErrorKind::ForeignHandle`], [`ErrorKind::Cycle`], [`ErrorKind::TooLarge`].
    ///
    /// # Cost
    /// O(tasks + edges).
    ///
    /// # Examples
    /// ```
    /// use taskweave_runtime::{ErrorKind, Graph};
    /// let graph = Graph::build(|graph| {
    ///     let a = graph.value(1).map(|n: i32| n).named("a");
    ///     let b = a.map(|n| n).named("b");
    ///     let a = a.after(&b);
    ///     graph.gather((a, b))
    /// });
    /// let error = graph.check().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Cycle);
    /// assert!(error.to_string().contains("wait for each other"));
    /// ```
    pub fn check(&self) -> Result<(), Error> {
        self.ordered().map(drop)
    }

    /// The tasks that run, in order.
    pub(crate) fn ordered(&self) -> Result<Vec<NodeRef>, Error> {
        self.without_fault()?;
        let extras = self.core.extras.borrow();
        let order = order(self.output, &extras).map_err(|unordered| self.unordered(unordered))?;
        if extras.has_after() {
            let stuck = deadlock(&order, &extras);
            if !stuck.is_empty() {
                let why = "tasks wait for each other, because one takes a value by value while another, made to come \
                           after it with `.after(…)`, still borrows it: ";
                return Err(self.cycle(&stuck, ", ", why));
            }
        }
        Ok(order)
    }

    fn without_fault(&self) -> Result<(), Error> {
        match &*self.core.fault.borrow() {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    fn unordered(&self, why: Unordered) -> Error {
        match why {
            Unordered::Cycle(path) => self.cycle(&path, " -> ", "tasks wait for each other: "),
            Unordered::TooLarge => Error::new(
                ErrorKind::TooLarge,
                format!("a graph holds at most {TASKS_MAX} tasks, this one has more"),
            ),
            Unordered::TooManyInputs(node, count) => Error::of_task(
                ErrorKind::TooLarge,
                self.core.extras.borrow().name(node),
                node.location(),
                format!("reads {count} outputs, the most a task can read is {INPUTS_MAX}"),
            ),
        }
    }

    fn cycle(&self, path: &[NodeRef], between: &str, what: &str) -> Error {
        let extras = self.core.extras.borrow();
        // A cycle is read from the one that waits; enough of a long one to find it.
        const SHOWN_MAX: usize = 12;
        let mut steps: Vec<String> = path
            .iter()
            .take(SHOWN_MAX)
            .map(|&node| {
                let at = node.location();
                format!("`{}` ({}:{})", extras.name(node), at.file(), at.line())
            })
            .collect();
        if path.len() > SHOWN_MAX {
            steps.push(format!("… {} more", path.len() - SHOWN_MAX));
        }
        Error::new(ErrorKind::Cycle, format!("{what}{}", steps.join(between)))
    }

    /// Runs the graph and returns its output: on the scheduler of the innermost
    /// [`with_scheduler`](crate::with_scheduler), else of the environment (`TASKWEAVE_SCHEDULER`, `TASKWEAVE_THREADS`), else on
    /// all cores.
    ///
    /// Returns when no worker uses the graph any more, also after a failure.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds; else the failure of the task with the lowest place in the depth-first order
    /// from the output: a panic, an `Err` taken with `?`, a destructor that panicked. Nothing downstream of it ran.
    ///
    /// # Cost
    /// O(tasks + edges) to order the graph; then the tasks. An output is dropped by its last reader.
    ///
    /// # Examples
    /// ```
    /// use taskweave_runtime::Graph;
    /// let graph = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    /// assert_eq!(graph.compute()?, 21);
    /// # Ok::<(), taskweave_runtime::Error>(())
    /// ```
    pub fn compute(self) -> Result<T, Error> {
        self.drive(&Driver::current()?)
    }

    /// [`compute`](Graph::compute) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Graph::compute).
    ///
    /// # Examples
    /// ```
    /// use taskweave_runtime::{Graph, InThread, Threads};
    /// let graph = || Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    /// assert_eq!(graph().compute_on(&InThread)?, graph().compute_on(&Threads::new(2))?);
    /// # Ok::<(), taskweave_runtime::Error>(())
    /// ```
    pub fn compute_on(self, scheduler: &(impl Scheduler + ?Sized)) -> Result<T, Error> {
        self.drive(&scheduler.driver()?)
    }

    /// For observers: the tasks of a run that has been prepared and not begun.
    fn run_tasks(&self, extras: &Extras) -> Vec<RunTask> {
        let mut nodes: Vec<NodeRef> = self.core.nodes().filter(|node| node.has(ORDERED)).collect();
        nodes.sort_unstable_by_key(|node| node.place());
        let mut dependencies = Dependencies::default();
        let task = |&node: &NodeRef| {
            let mut places = Vec::new();
            dependencies.of(node, extras, |input, _| places.push(input.place()));
            RunTask {
                task: node.id(),
                name: extras.name(node),
                file: node.location().file(),
                line: node.location().line(),
                glue: !node.kind().role.is_task(),
                dependencies: places,
            }
        };
        nodes.iter().map(task).collect()
    }

    fn drive(self, driver: &Driver) -> Result<T, Error> {
        let _one_run = deeper()?;
        let extras = self.core.extras.borrow();
        if extras.has_after() {
            // Only `.after` can make tasks wait for each other for ever.
            self.check()?;
        }
        self.without_fault()?;
        let mut run =
            Run::prepare(self.output, &extras).map_err(|unordered| self.unordered(unordered))?;
        let observers = driver.observers();
        if let Some(all) = observers.and_of_the_process() {
            run.observe(all, driver.threads_of_a_run(), &|| self.run_tasks(&extras));
        }
        driver.drive(&run, observers);
        let all_ran = run.tasks() == self.core.built.get();
        let observed = run.observed();
        let failure = run.into_failure(|late| self.core.first_of(late));
        let name = |node| extras.name(node);
        if failure.is_none() && all_ran {
            // Every capture was used up, every value dropped by its last reader.
            self.core.built.set(0);
        }
        let outcome = match failure {
            Some(error) => Err(error),
            // SAFETY: the run is over without a failure, so the output, a `T` by the types of `finish`, is there, and
            // the run's own read is the only one left.
            None => Ok(unsafe { self.output.into_value::<T>() }),
        };
        let outcome = match (outcome, self.core.clear()) {
            (Ok(_), Some((node, payload))) => {
                Err(Error::panicked(ErrorKind::DropPanicked, name(node), node.location(), payload))
            }
            (outcome, _) => outcome,
        };
        if let Some((observers, run)) = observed {
            let (time, failed) = (Duration::from_nanos(now()), outcome.is_err());
            observers.tell(&Event::RunFinished { run, time, failed });
        }
        outcome
    }
}
