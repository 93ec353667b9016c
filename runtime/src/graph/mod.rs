//! A graph: its memory, its tasks, what is wrong with it.
//!
//! In: what a [`Builder`] collected. Out: results ([`Graph::compute`]) or facts ([`Graph::check`], `Display`,
//! [`Graph::tasks`], pictures). `Core` owns the arena and the list through all nodes; it drops what a run has left.

pub(crate) mod arena;
pub(crate) mod builder;
mod compute;
mod each;
pub(crate) mod extras;
pub(crate) mod growing;
pub(crate) mod handle;
pub(crate) mod links;
pub(crate) mod node;
mod operators;
mod picture;
pub(crate) mod plan;
pub(crate) mod shape;

pub use picture::PICTURE_TASKS_MAX;

pub use builder::Builder;
pub use handle::{Delayed, Unzip};
pub use plan::Plan;
pub use shape::{Facts, TaskInfo};

use crate::error::{Error, ErrorKind};
use crate::order::{INPUTS_MAX, TASKS_MAX, Unordered, deadlock, order};
use arena::{ALIGN, Arena};
use extras::Extras;
use growing::Body;
use node::{MembersOf, NodeRef};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::marker::{PhantomData, PhantomPinned};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::ptr::NonNull;

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
    /// See [`crate::OnFailure`].
    pub(crate) failures_max: Cell<NonZeroUsize>,
    /// See [`Graph::seed`].
    pub(crate) seed: Cell<Option<u64>>,
    /// If the graph is built while it runs: the nodes that the run does not know yet.
    #[allow(clippy::box_collection, reason = "keeps graphs that do not grow small on the stack")]
    pub(crate) fresh: RefCell<Option<Box<Vec<NodeRef>>>>,
}

impl Core {
    pub(crate) fn new() -> Self {
        Core {
            arena: Arena::new(),
            built: Cell::new(0),
            lent_now: RefCell::default(),
            extras: RefCell::default(),
            fault: RefCell::new(None),
            failures_max: Cell::new(NonZeroUsize::MIN),
            seed: Cell::new(None),
            fresh: RefCell::new(None),
        }
    }

    pub(crate) fn take(&self) -> Core {
        Core {
            arena: self.arena.take(),
            built: Cell::new(self.built.take()),
            lent_now: RefCell::default(),
            extras: RefCell::new(self.extras.take()),
            fault: RefCell::new(self.fault.take()),
            failures_max: self.failures_max.clone(),
            seed: self.seed.clone(),
            fresh: RefCell::new(self.fresh.take()),
        }
    }

    /// Takes over the tasks of `other`; their addresses stay valid (`A2`).
    pub(crate) fn absorb(&self, other: Core) {
        self.built.set(self.built.get() + other.built.take());
        self.extras.borrow_mut().absorb(other.extras.take());
        if let Some(fault) = other.fault.take() {
            self.fault.borrow_mut().get_or_insert(fault);
        }
        if let Some(fresh) = &mut *self.fresh.borrow_mut() {
            fresh.extend(other.nodes());
        }
        self.arena.absorb(other.arena.take());
    }

    /// All nodes, in the order in which they were built; those of a spliced graph stand together.
    pub(crate) fn nodes(&self) -> Nodes {
        Nodes { spans: self.arena.spans().into_iter(), at: None }
    }

    /// The failure among these whose task was built first.
    pub(crate) fn first_of(&self, late: &mut Vec<(NodeRef, Error)>) -> Option<Error> {
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
    pub(crate) fn clear(&self) -> Option<(NodeRef, Box<dyn Any + Send>)> {
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
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let base = [1, 2, 3];
/// let graph = Graph::build(|graph| {
///     let squares: Vec<_> = base.iter().map(|&n| graph.value(n).map(|n: i32| n * n)).collect();
///     graph.gather(squares).map(|squares: Vec<i32>| squares.iter().sum::<i32>())
/// });
/// assert_eq!(graph.to_string(), "4 tasks, 3 edges, depth 2, widest level 3");
/// assert_eq!(graph.compute()?, 14);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "a graph does nothing until `compute` is called"]
pub struct Graph<'env, T> {
    core: Core,
    output: Output<'env, T>,
    captures: Captures<'env>,
    /// Never `Unpin`, so never a plain value: see [`crate::task::argument`].
    _late: PhantomPinned,
}

/// Where a graph's value comes from.
pub(crate) enum Output<'env, T> {
    /// The node whose output it is, and how its members are found, if it gathers some.
    Node(NodeRef, Option<MembersOf>, PhantomData<fn() -> T>),
    /// What builds the graph while it runs: a `graph!` with `.await` in it.
    Body(Body<'env, T>),
}

impl<'env, T> Graph<'env, T> {
    pub(crate) fn new(core: Core, output: Output<'env, T>) -> Self {
        Graph { core, output, captures: PhantomData, _late: PhantomPinned }
    }

    pub(crate) fn into_parts(self) -> (Core, Output<'env, T>) {
        (self.core, self.output)
    }

    pub(crate) fn set_failures_max(&self, failures: NonZeroUsize) {
        self.core.failures_max.set(failures);
    }

    pub(crate) fn set_seed(&self, seed: Option<u64>) {
        self.core.seed.set(seed);
    }

    /// Sets the seed, if none has been given.
    pub(crate) fn inherit_seed(&self, seed: u64) {
        self.core.seed.set(self.core.seed.get().or(Some(seed)));
    }

    /// Whether it is built while it runs, so that nothing is known of its tasks.
    pub(crate) fn grows(&self) -> bool {
        self.grows_at().is_some()
    }

    /// Where its `graph!` stands, if it is built while it runs.
    pub(crate) fn grows_at(&self) -> Option<&'static Location<'static>> {
        match &self.output {
            Output::Node(..) => None,
            Output::Body(body) => Some(body.location()),
        }
    }

    /// Whether a task may not take as long as it likes, as far as is known.
    pub(crate) fn has_time_limits(&self) -> bool {
        self.core.extras.borrow().has_time_limits()
    }

    #[cfg(all(test, any(loom, shuttle)))]
    pub(crate) fn output(&self) -> NodeRef {
        match &self.output {
            Output::Node(node, ..) => *node,
            Output::Body(_) => unreachable!("models do not await"),
        }
    }

    #[cfg(all(test, any(loom, shuttle)))]
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
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::{ErrorKind, Graph};
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
        let Output::Node(output, ..) = self.output else { return Ok(Vec::new()) };
        let order = order(output, &extras).map_err(|unordered| unordered.told(&extras))?;
        if extras.has_after() {
            let stuck = deadlock(&order, &extras);
            if !stuck.is_empty() {
                let why = "tasks wait for each other, because one takes a value by value while another, made to come \
                           after it with `.after(…)`, still borrows it: ";
                return Err(told_cycle(&stuck, ", ", why, &extras));
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
}

impl Unordered {
    /// As an error.
    pub(crate) fn told(self, extras: &Extras) -> Error {
        match self {
            Unordered::Cycle(path) => {
                told_cycle(&path, " -> ", "tasks wait for each other: ", extras)
            }
            Unordered::TooLarge => Error::new(
                ErrorKind::TooLarge,
                format!("a graph holds at most {TASKS_MAX} tasks, this one has more"),
            ),
            Unordered::TooManyInputs(node, count) => Error::of_task(
                ErrorKind::TooLarge,
                extras.name(node),
                node.location(),
                format!("reads {count} outputs, the most a task can read is {INPUTS_MAX}"),
            ),
        }
    }
}

fn told_cycle(path: &[NodeRef], between: &str, what: &str, extras: &Extras) -> Error {
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
