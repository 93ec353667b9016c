//! What a graph is built with: `graph!` makes one, and [`Graph::build`](super::Graph::build) lends one.
//!
//! In: tasks and the output. Out: handles, then a [`Graph`]. A handle borrows its builder, so it cannot outlive the
//! building; the graph takes over the arena. What is wrong with a graph that is being built (a handle of another
//! graph) is kept as its fault, and comes out of `check` and `compute`: building never panics.

use super::arena::Arena;
use super::extras::{ByNode, Extras};
use super::growing::{Growing, Grown};
use super::handle::Delayed;
use super::node::{
    LENT_NOW, MembersOf, NodeRef, ORDERED, Role, SHARED, TAKEN, TaskName, lent, members, new_node,
    taken,
};
use super::plan::InputTask;
use super::{Core, Graph, Output};
use crate::error::{Error, ErrorKind};
use crate::language::NoOtherMacro;
use crate::task::argument::{IntoArg, SEAL};
use crate::task::source::{FromPairs, Late, LateRef, Now, Promised, Source};
use crate::task::step::{Again, Input, Once, Pass, Step};
use crate::task::{Body, Task};
use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::marker::{PhantomData, PhantomPinned};
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

/// Collects the tasks of one graph.
///
/// Tasks are added with [`Builder::add`]; the handles it returns are passed to further tasks. In `graph!` the builder
/// is the hidden `this_graph`, which messages of the borrow checker name when a handle leaves the block.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let graph = Graph::build(|graph| {
///     let half = graph.value(42).map(|x: i32| x / 2);
///     half + 1
/// });
/// assert_eq!(graph.compute()?, 22);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub struct Builder<'env> {
    core: Core,
    id: u64,
    /// If the graph is built while it runs.
    grows: Option<Box<Grows>>,
    /// What collections keep while their parts are added, one of each type.
    notes: RefCell<Vec<Box<dyn Any + Send>>>,
    /// What is called when all tasks are there, or, where the graph is built while it runs, all that are wanted now.
    settles: RefCell<Vec<fn(&Builder<'_>)>>,
    /// Invariant: a builder for long borrows must not take short ones. Owning: see [`Graph`].
    env: PhantomData<(fn(&'env ()) -> &'env (), super::Captures<'env>)>,
}

/// What a builder knows of the run that its graph is built in.
#[derive(Default)]
struct Grows {
    /// Set while the body runs, by the frame that owns what it points to ([`Builder::grows_in`]).
    run: Cell<Option<NonNull<Growing<'static>>>>,
    /// What the body did with handles of nodes that the run knows: marks of nodes, kept here because workers write theirs.
    marks: RefCell<ByNode<u32>>,
}

/// An argument for a `Vec<T>`, whose handles will be known later; see [`Builder::promise`]. Not `Clone`: its values are taken for one task.
#[doc(hidden)]
pub struct Promise<T> {
    late: Arc<OnceLock<Vec<Late<T>>>>,
    builder: u64,
    /// Never a plain value.
    _late: PhantomPinned,
}

/// Gives a [`Promise`] its handles.
#[doc(hidden)]
pub struct Fulfilment<T> {
    late: Arc<OnceLock<Vec<Late<T>>>>,
    builder: u64,
}

/// What `graph!` begins with.
pub fn builder<'env>() -> Builder<'env> {
    Builder::new()
}

/// What the last expression of `graph!` can be. `M` is inferred; never name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the output of a graph",
    label = "the last expression of the block has this type",
    note = "an output is a handle, a plain value, or a `Vec`, array, `Option`, tuple of up to 8, or map with handles in it; of an iterator write `.collect::<Vec<_>>()`",
    note = "of a struct with handles in it return the handles as a tuple, or let a task make the struct: a #[delayed] function that takes its fields"
)]
pub trait GraphOutput<'env, T, M>: IntoArg<'env, T, M> {}
#[diagnostic::do_not_recommend]
impl<'env, T, M, O: IntoArg<'env, T, M>> GraphOutput<'env, T, M> for O {}

/// What `graph!` ends with: the last use of the handles made with `builder`.
#[track_caller]
pub fn finish<'env, T, M, O>(builder: &Builder<'env>, output: O) -> Finished<T>
where
    O: GraphOutput<'env, T, M>,
    T: Send + 'env,
{
    builder.finish(output)
}

/// The graph, after [`finish`].
pub fn into_graph<'env, T>(builder: &Builder<'env>, finished: Finished<T>) -> Graph<'env, T> {
    builder.take_graph(finished)
}

/// The output of a graph, as `finish` has stored it.
#[must_use = "give it to `into_graph`"]
pub struct Finished<T> {
    node: NodeRef,
    members: Option<MembersOf>,
    builder: u64,
    value: PhantomData<fn() -> T>,
}

/// A node that gathers handles into one value.
pub(crate) struct Gather;
impl TaskName for Gather {
    const NAME: &'static str = "gather";
    const ROLE: Role = Role::Glue;
}

/// A plain value that stands for a task.
pub(crate) struct Value;
impl TaskName for Value {
    const NAME: &'static str = "value";
    const ROLE: Role = Role::Glue;
}

/// Numbers builders, so that a [`Finished`] is known to be of the builder it is given to.
static BUILDERS: AtomicU64 = AtomicU64::new(0);

fn finished_elsewhere() -> Error {
    let message = "the output given to this graph was finished by another builder";
    Error::new(ErrorKind::ForeignHandle, message.into())
}

impl<'env> Builder<'env> {
    /// An empty graph. Allocates nothing until the first task is added.
    pub(crate) fn new() -> Self {
        // Relaxed: only that no two are alike matters.
        let id = BUILDERS.fetch_add(1, Relaxed);
        Builder {
            core: Core::new(),
            id,
            grows: None,
            notes: RefCell::default(),
            settles: RefCell::default(),
            env: PhantomData,
        }
    }

    /// An empty graph that is built while it runs.
    pub(crate) fn growing() -> Self {
        let builder = Builder { grows: Some(Box::default()), ..Builder::new() };
        *builder.core.fresh.borrow_mut() = Some(Box::default());
        builder
    }

    /// Whether it is built while it runs.
    pub(crate) fn is_growing(&self) -> bool {
        self.grows.is_some()
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    /// Adds a task, and returns the handle of its future output. O(1) plus its arguments' handles.
    #[track_caller]
    #[inline]
    pub fn add<'g, T, R>(&'g self, task: Task<'env, T, R>) -> Delayed<'g, 'env, T> {
        self.add_at(Location::caller(), task)
    }

    /// Sees whether a name, by which `graph!` has found the delayed function of a body, is to Rust also that function, `seen`: a plain one may hide it.
    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn known<B: Body, F: 'static>(&self, _seen: &F) -> NoOtherMacro {
        if B::LABEL.function.is_some_and(|function| function != TypeId::of::<F>()) {
            self.is_hidden(B::LABEL.name, Location::caller());
        }
        NoOtherMacro
    }

    #[cold]
    fn is_hidden(&self, name: &'static str, location: &'static Location<'static>) {
        self.fault(|| {
            let message = format!(
                "is hidden by a plain function of its name: write `({name})(..)` to call that, or give one of them another name"
            );
            Error::of_task(ErrorKind::Hidden, name.into(), location, message)
        });
    }

    /// [`add`](Self::add) for collections of our own crates, whose tasks stand where the user called an operation.
    #[doc(hidden)]
    #[inline]
    pub fn add_at<'g, T, R>(
        &'g self,
        location: &'static Location<'static>,
        task: Task<'env, T, R>,
    ) -> Delayed<'g, 'env, T> {
        let node = (task.add)(task.recipe, self, location);
        if let Some(name) = task.name {
            self.extras().borrow_mut().set_name(node, name);
        }
        Delayed::new(node, self)
    }

    /// What collections keep of a kind while they are added, for our own crates: made where there is none.
    #[doc(hidden)]
    pub fn with_notes<N: Default + Send + 'static, R>(&self, f: impl FnOnce(&mut N) -> R) -> R {
        let mut notes = self.notes.borrow_mut();
        if let Some(note) = notes.iter_mut().find_map(|note| note.downcast_mut::<N>()) {
            return f(note);
        }
        let mut note = N::default();
        let result = f(&mut note);
        notes.push(Box::new(note));
        result
    }

    /// An argument for a `Vec<T>` of a task that is added now, whose handles `settle` gives: it is called when all tasks have been added, once for all promises that name it.
    /// So a collection knows all that is wanted of it before it adds tasks, and what several parts have in common is added once.
    #[doc(hidden)]
    pub fn promise<T>(&self, settle: fn(&Builder<'_>)) -> (Promise<T>, Fulfilment<T>) {
        let mut settles = self.settles.borrow_mut();
        if !settles.iter().any(|&known| std::ptr::fn_addr_eq(known, settle)) {
            settles.push(settle);
        }
        let late = Arc::new(OnceLock::new());
        let promise = Promise { late: late.clone(), builder: self.id, _late: PhantomPinned };
        (promise, Fulfilment { late, builder: self.id })
    }

    /// Gives a promise of this builder its handles.
    #[doc(hidden)]
    pub fn fulfil<'h, T: 'h>(
        &self,
        fulfilment: Fulfilment<T>,
        handles: impl IntoIterator<Item = &'h Delayed<'h, 'env, T>>,
    ) where
        'env: 'h,
    {
        // Ids are given once in a process, so what the promise was put into is one of our nodes (`S1`).
        if fulfilment.builder == self.id {
            let late = handles.into_iter().map(|handle| self.take(handle)).collect();
            let _ = fulfilment.late.set(late);
        }
    }

    /// The source of a promise; empty, if it is another builder's.
    pub(crate) fn promised<T>(&self, promise: Promise<T>) -> Promised<T> {
        if promise.builder == self.id {
            return Promised(promise.late);
        }
        self.fault(|| {
            let message = "what was promised to one graph was given to another";
            Error::new(ErrorKind::ForeignHandle, message.into())
        });
        Promised(Arc::default())
    }

    /// Lets collections add what they have promised, for which they may be promised something in turn: an array of a frame of an array.
    pub(crate) fn settle(&self) {
        loop {
            let settles = self.settles.take();
            if settles.is_empty() {
                return;
            }
            settles.into_iter().for_each(|settle| settle(self));
        }
    }

    /// A handle of a value that is known already.
    #[track_caller]
    pub fn value<'g, T: Send + Sync + 'static>(&'g self, value: T) -> Delayed<'g, 'env, T> {
        Delayed::new(self.push::<Value, _, _, T>(Location::caller(), Now(value), Pass), self)
    }

    /// An input of the graph: `value`, and in a [frozen](Graph::freeze) graph what [`Plan::set`](super::Plan::set) says. In `graph!`
    /// write `input("name", value)`.
    #[track_caller]
    pub fn input<'g, T: Clone + Send + Sync + 'static>(
        &'g self,
        name: impl Into<Cow<'static, str>>,
        value: T,
    ) -> Delayed<'g, 'env, T> {
        Delayed::new(self.input_at(Location::caller(), name.into(), value), self)
    }

    pub(crate) fn input_at<T: Clone + Send + Sync + 'static>(
        &self,
        location: &'static Location<'static>,
        name: Cow<'static, str>,
        value: T,
    ) -> NodeRef {
        let node = self.push::<InputTask, _, _, T>(location, (), Input(value));
        self.extras().borrow_mut().set_name(node, name);
        node
    }

    /// Gathers handles into one handle: of a vector of handles, a handle of a vector; of a graph, its output.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| {
    ///     let parts: Vec<_> = (1..4).map(|n| graph.value(n)).collect();
    ///     graph.gather(parts).map(|parts: Vec<i32>| parts.iter().sum::<i32>())
    /// });
    /// assert_eq!(graph.compute()?, 6);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    #[track_caller]
    pub fn gather<'g, T, M, X>(&'g self, handles: X) -> Delayed<'g, 'env, T>
    where
        T: Send + Sync + 'static,
        X: IntoArg<'env, T, M>,
    {
        let source = handles.into_source(self, SEAL);
        Delayed::new(self.push::<Gather, _, _, T>(Location::caller(), source, Pass), self)
    }

    /// Declares the output: a handle, a container or tuple of handles, or a plain value.
    #[track_caller]
    pub(crate) fn finish<T, M, O>(&self, output: O) -> Finished<T>
    where
        O: IntoArg<'env, T, M>,
        T: Send + 'env,
    {
        let source = output.into_source(self, SEAL);
        self.settle();
        // A single handle is the output itself; anything else is gathered. Nobody but the caller of `compute` reads
        // what is gathered, so it need not be `Sync` or `'static`.
        let (node, members) = match source.single() {
            Some(node) => (node, None),
            None => {
                let here = Location::caller();
                let node =
                    self.note(|arena| new_node::<Gather, _, _, T>(arena, here, source, Pass));
                (node, Some(members::<O::Source, Pass, T> as MembersOf))
            }
        };
        Finished { node, members, builder: self.id, value: PhantomData }
    }

    /// The graph of everything added. `&self`, so that a handle that escapes gives one message, about the borrow; the
    /// handles that are left must not be used any more, which is why this is not public.
    pub(crate) fn take_graph<T>(&self, finished: Finished<T>) -> Graph<'env, T> {
        if finished.builder != self.id {
            self.fault(finished_elsewhere);
        }
        Graph::new(self.core.take(), Output::Node(finished.node, finished.members, PhantomData))
    }

    /// The output of a graph that is built while it runs.
    pub(crate) fn node_of<T>(&self, finished: Finished<T>) -> Result<NodeRef, Error> {
        if finished.builder == self.id { Ok(finished.node) } else { Err(finished_elsewhere()) }
    }

    /// Runs `body` with `.await` working on the run.
    pub(crate) fn grows_in<R>(&self, run: &Growing<'_>, body: impl FnOnce() -> R) -> R {
        let Some(grows) = &self.grows else { return body() };
        grows.run.set(Some(NonNull::from(run).cast()));
        let result = body();
        grows.run.set(None);
        result
    }

    /// Works until `node`, which was just added, is done.
    pub(crate) fn until_done(&self, node: NodeRef) -> Result<(), Error> {
        match self.grows.as_ref().and_then(|grows| grows.run.get()) {
            // SAFETY: set by `grows_in` only, which is on the stack below: the body cannot outlive it, for handles and what is made
            // of them borrow this builder.
            Some(run) => unsafe { run.as_ref() }.until_done(self, node),
            None => Err(Error::new(
                ErrorKind::ForeignHandle,
                "awaited after the graph's body was over".into(),
            )),
        }
    }

    /// The nodes that were added since this was asked last, what is said of them moved to `extras`; or what is wrong.
    pub(crate) fn hand_over(&self, extras: &mut Extras) -> Result<Vec<NodeRef>, Error> {
        if let Some(fault) = &*self.core.fault.borrow() {
            return Err(fault.clone());
        }
        let said = self.core.extras.take();
        if let Some(late) = said.ordered_late() {
            let at = late.location();
            return Err(Error::of_task(
                ErrorKind::Cycle,
                extras.name(late),
                at,
                "was told to come `.after` another task when it may be running already: say so before the graph's next `.await`"
                    .into(),
            ));
        }
        extras.absorb(said);
        Ok(self
            .core
            .fresh
            .borrow_mut()
            .as_mut()
            .map(|fresh| std::mem::take(&mut **fresh))
            .unwrap_or_default())
    }

    /// Whether an output is taken, and shared, as far as is known.
    pub(crate) fn flags(&self, node: NodeRef) -> u32 {
        self.marks_of(node).unwrap_or_else(|| node.flags())
    }

    /// The marks of a node that the run knows; none, if they still stand in the node.
    #[inline]
    fn marks_of(&self, node: NodeRef) -> Option<u32> {
        let grows = self.grows.as_ref()?;
        if !node.has(ORDERED) {
            return None;
        }
        let marks = grows.marks.borrow().get(&node).copied().unwrap_or(0);
        Some(marks | node.flags() & (TAKEN | SHARED))
    }

    fn mark(&self, node: NodeRef, marks: u32) {
        if let Some(grows) = &self.grows {
            grows.marks.borrow_mut().insert(node, marks);
        }
    }

    /// Notes that a handle was cloned.
    pub(crate) fn share(&self, node: NodeRef) {
        match self.marks_of(node) {
            None => node.set(SHARED),
            Some(marks) => self.mark(node, marks | SHARED),
        }
    }

    #[inline]
    pub(crate) fn push<I, S, F, T>(
        &self,
        location: &'static Location<'static>,
        sources: S,
        body: F,
    ) -> NodeRef
    where
        I: TaskName,
        S: Source + 'env,
        F: Step<S::Value, T> + 'env,
        T: Send + Sync + 'static,
    {
        self.note(|arena| new_node::<I, S, F, T>(arena, location, sources, body))
    }

    /// Counts a new node.
    #[inline]
    fn note(&self, make: impl FnOnce(&Arena) -> NodeRef) -> NodeRef {
        let core = &self.core;
        for lent in core.lent_now.borrow_mut().drain(..) {
            match self.marks_of(lent) {
                None => lent.clear_alone(LENT_NOW),
                Some(marks) => self.mark(lent, marks & !LENT_NOW),
            }
        }
        core.built.set(core.built.get() + 1);
        let node = make(&core.arena);
        if self.grows.is_some()
            && let Some(fresh) = &mut *core.fresh.borrow_mut()
        {
            fresh.push(node);
        }
        node
    }

    pub(crate) fn extras(&self) -> &RefCell<Extras> {
        &self.core.extras
    }

    /// Keeps the first thing that is wrong with this graph.
    pub(crate) fn fault(&self, error: impl FnOnce() -> Error) {
        self.core.fault.borrow_mut().get_or_insert_with(error);
    }

    /// The node of a handle, if it is one of this graph's.
    #[inline]
    pub(crate) fn own<T>(&self, handle: &Delayed<'_, 'env, T>) -> Option<NodeRef> {
        let (node, builder) = handle.parts();
        if std::ptr::eq(self, builder) {
            return Some(node);
        }
        let name = builder.extras().borrow().name(node);
        self.fault(|| {
            Error::of_task(
                ErrorKind::ForeignHandle,
                name,
                node.location(),
                "belongs to another graph than the one it was passed to: build both in one `graph!`, \
                 or make it the output of its graph and pass that graph"
                    .into(),
            )
        });
        None
    }

    #[inline]
    pub(crate) fn take<T>(&self, handle: &Delayed<'_, 'env, T>) -> Late<T> {
        let node = self.own(handle);
        if let Some(node) = node {
            match self.marks_of(node) {
                None => node.note_taken(),
                Some(marks) => self.mark(node, marks | taken(marks)),
            }
        }
        Late { node, value: PhantomData }
    }

    #[inline]
    pub(crate) fn lend<T>(&self, handle: &Delayed<'_, 'env, T>) -> LateRef<T> {
        let node = self.own(handle);
        if let Some(node) = node {
            match self.marks_of(node) {
                None => node.note_lent(),
                Some(marks) => self.mark(node, marks | lent(marks)),
            }
            self.core.lent_now.borrow_mut().push(node);
        }
        LateRef { node, value: PhantomData }
    }

    /// The handle of another graph's output, its tasks now this graph's.
    pub(crate) fn spliced<'g, T: Send + Sync + 'static>(
        &'g self,
        graph: Graph<'env, T>,
    ) -> Delayed<'g, 'env, T> {
        let (core, output) = graph.into_parts();
        let output = match output {
            Output::Node(output, ..) => output,
            Output::Body(body) => {
                let node = self.push::<Grown, _, _, T>(
                    body.location(),
                    (),
                    Once(body.into_task(core.failures_max.get(), core.seed.get())),
                );
                return Delayed::new(node, self);
            }
        };
        self.core.absorb(core);
        // `finish` took it for the caller of `compute`; now the new handle's readers count, and nobody else's.
        output.clear_alone(TAKEN);
        Delayed::new(output, self)
    }

    #[track_caller]
    pub(crate) fn gather_sources<'g, S, T>(&'g self, sources: S) -> Delayed<'g, 'env, T>
    where
        S: Source + 'env,
        T: FromPairs<S::Value> + Send + Sync + 'static,
    {
        let node = self.push::<Gather, _, _, T>(
            Location::caller(),
            sources,
            Again(|p| Ok(T::from_pairs(p))),
        );
        Delayed::new(node, self)
    }

    /// Takes over the tasks of another graph; its output becomes an input.
    pub(crate) fn splice<T: Send + Sync + 'static>(&self, graph: Graph<'env, T>) -> Late<T> {
        self.take(&self.spliced(graph))
    }
}
