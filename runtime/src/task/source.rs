//! What a node stores for one argument, and how the value is got when the task runs.
//!
//! In: converted arguments ([`super::argument`], [`super::lend`]). Out: values, in the shape the task's
//! parameter has. A [`Source`] lives in the node's capture; containers of handles keep their own
//! allocation, so nothing is allocated for an argument that the caller did not allocate.
//!
//! * `S1` A source made from a handle names a node of the graph it is stored in ([`super::super::graph::Builder`] checks).
//! * `S3` A source is fetched again only if it said that it can be, with the same cloners; those stand in the expansion of `#[delayed]`,
//!   made from the parameters' own types.
//! * `S2` `fetch` and `abandon` consume the source: each input is let go of exactly once, also when a
//!   clone panics half-way through a container.

mod containers;
mod known;

pub use containers::{Each, EachOf, Entries, FromEntries, FromPairs, Gathered, Maybe, Tuple};

use crate::error::Error;
use crate::graph::extras::Cloner;
pub use crate::graph::links::Inputs;
use crate::graph::node::NodeRef;
use crate::scheduler::Context;
use known::known_cloner;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

/// How a task reads an input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Borrows it while the task runs.
    Lend,
    /// Takes it: moves, copies or clones.
    Take,
}

/// One argument as the node keeps it.
pub trait Source: Send + Sized {
    /// What the task's body receives.
    type Value;
    /// Appends every task that this argument reads.
    #[doc(hidden)]
    fn visit(&self, inputs: &mut Inputs);
    /// Gets the value.
    ///
    /// # Safety
    /// All tasks it reads have values; this is the one worker that runs the task.
    #[doc(hidden)]
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value;
    /// The task it is the value of, if it is a single handle.
    #[doc(hidden)]
    #[inline]
    fn single(&self) -> Option<Input> {
        None
    }
    /// The tasks whose values are its members, if it is a vector of single handles: those of type `T`, if this is a `Vec<T>`.
    #[doc(hidden)]
    fn members(&self) -> Option<Vec<Input>> {
        None
    }
    /// Lets go of all inputs without reading them.
    #[doc(hidden)]
    fn abandon(self, context: &Context<'_>);
    /// Whether it can be fetched again; the first plain argument is the one at `at` in `cloners`.
    #[doc(hidden)]
    fn is_repeatable(&self, cloners: Cloners, at: usize) -> bool;
    /// Gets the value, and stays.
    ///
    /// # Safety
    /// As [`Source::fetch`]; and [`Source::is_repeatable`] with the same arguments.
    #[doc(hidden)]
    unsafe fn fetch_again(&self, context: &Context<'_>, cloners: Cloners, at: usize)
    -> Self::Value;
}

/// How to clone plain arguments, by their places; see [`super::Body::CLONERS`].
pub type Cloners = &'static [Option<Cloner>];

/// A task that is read; opaque outside the runtime.
pub type Input = NodeRef;

/// Abandons what has not been fetched yet when a clone panics (`S2`).
struct Rest<'a, 'r, I: Iterator>(I, &'a Context<'r>)
where
    I::Item: Source;

impl<I: Iterator> Drop for Rest<'_, '_, I>
where
    I::Item: Source,
{
    fn drop(&mut self) {
        for source in self.0.by_ref() {
            source.abandon(self.1);
        }
    }
}

impl<I: Iterator> Iterator for Rest<'_, '_, I>
where
    I::Item: Source,
{
    type Item = <I::Item as Source>::Value;
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: `Rest` is made in `fetch` only, whose caller promises what `fetch` asks.
        self.0.next().map(|source| unsafe { source.fetch(self.1) })
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Rest<'_, '_, I> where I::Item: Source {}

/// As [`Rest`], of sources that stay.
struct RestAgain<'a, 'r, 's, S: Source>(std::slice::Iter<'s, S>, &'a Context<'r>, Cloners, usize);

impl<S: Source> Drop for RestAgain<'_, '_, '_, S> {
    fn drop(&mut self) {
        for source in self.0.by_ref() {
            let_go(source, self.1);
        }
    }
}

impl<S: Source> Iterator for RestAgain<'_, '_, '_, S> {
    type Item = S::Value;
    #[inline]
    fn next(&mut self) -> Option<S::Value> {
        // SAFETY: made in `fetch_again` only, whose caller promises what it asks.
        self.0.next().map(|source| unsafe { source.fetch_again(self.1, self.2, self.3) })
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<S: Source> ExactSizeIterator for RestAgain<'_, '_, '_, S> {}

/// Lets go of all inputs of a source that stays.
pub(crate) fn let_go(source: &impl Source, context: &Context<'_>) {
    let mut inputs = Inputs::default();
    source.visit(&mut inputs);
    inputs.iter().for_each(|(input, _)| input.release(context));
}

/// Lets go when a clone of an argument before it panics.
struct LetGo<'a, 'r, S: Source>(&'a S, &'a Context<'r>);

impl<S: Source> Drop for LetGo<'_, '_, S> {
    fn drop(&mut self) {
        let_go(self.0, self.1);
    }
}

/// A value that is known when the graph is built.
pub struct Now<T>(pub(crate) T);

impl<T: Send> Source for Now<T> {
    type Value = T;
    #[inline]
    fn visit(&self, _: &mut Inputs) {}
    #[inline]
    unsafe fn fetch(self, _: &Context<'_>) -> T {
        self.0
    }
    fn abandon(self, context: &Context<'_>) {
        // `planted-leak` is wrong on purpose: a gate that does not notice is broken.
        if cfg!(feature = "planted-leak") {
            return std::mem::forget(self.0);
        }
        context.drop_quietly(self.0);
    }
    fn is_repeatable(&self, cloners: Cloners, at: usize) -> bool {
        cloner_of_plain::<T>(cloners, at).is_some()
    }
    #[inline]
    unsafe fn fetch_again(&self, _: &Context<'_>, cloners: Cloners, at: usize) -> T {
        clone_of_plain(&self.0, cloners, at).expect("S3: it is repeatable")
    }
}

/// How to clone a value of a parameter, if that is known.
pub(crate) fn cloner_of_plain<T>(cloners: Cloners, at: usize) -> Option<Cloner> {
    cloner_at(cloners, at).or_else(known_cloner::<T>)
}

/// A clone of a value of a parameter, if that is known.
pub(crate) fn clone_of_plain<T>(value: &T, cloners: Cloners, at: usize) -> Option<T> {
    let cloner = cloner_of_plain::<T>(cloners, at)?;
    let mut room = std::mem::MaybeUninit::<T>::uninit();
    // SAFETY: S3: a cloner of `T`; it writes `room` or panics.
    unsafe { cloner(std::ptr::from_ref(value).cast(), room.as_mut_ptr().cast()) };
    // SAFETY: just written.
    Some(unsafe { room.assume_init() })
}

fn cloner_at(cloners: Cloners, at: usize) -> Option<Cloner> {
    cloners.get(at).copied().flatten()
}

/// A borrow from outside the graph, which can be lent as often as wanted.
pub struct Borrow<'env, W: ?Sized>(pub(crate) &'env W);

impl<'env, W: Sync + ?Sized> Source for Borrow<'env, W> {
    type Value = &'env W;
    #[inline]
    fn visit(&self, _: &mut Inputs) {}
    #[inline]
    unsafe fn fetch(self, _: &Context<'_>) -> &'env W {
        self.0
    }
    fn abandon(self, _: &Context<'_>) {}
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    #[inline]
    unsafe fn fetch_again(&self, _: &Context<'_>, _: Cloners, _: usize) -> &'env W {
        self.0
    }
}

/// The value of another task, taken. `None` only in a graph that carries an error and never runs.
pub struct Late<T> {
    pub(crate) node: Option<NodeRef>,
    pub(crate) value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Source for Late<T> {
    type Value = T;
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        if let Some(node) = self.node {
            inputs.push(node, Access::Take);
        }
    }
    #[inline]
    fn single(&self) -> Option<Input> {
        self.node
    }
    #[inline(always)]
    unsafe fn fetch(self, context: &Context<'_>) -> T {
        struct Release<'a, 'r>(NodeRef, &'a Context<'r>);
        impl Drop for Release<'_, '_> {
            fn drop(&mut self) {
                self.0.release(self.1);
            }
        }
        let node = self.node.expect("S1: a graph with a foreign handle never runs");
        let unwinding = Release(node, context);
        // SAFETY: N2 through S1 and the handle's type; the caller promises the rest.
        let value = unsafe { node.take(context) };
        std::mem::forget(unwinding);
        value
    }
    fn abandon(self, context: &Context<'_>) {
        if let Some(node) = self.node {
            node.release(context);
        }
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    #[inline(always)]
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        let same = Late { node: self.node, value: PhantomData };
        // SAFETY: promised by the caller.
        unsafe { same.fetch(context) }
    }
}

/// The value of another task, taken, or why there is none.
pub struct Caught<T>(pub(crate) Late<T>);

impl<T: Send + Sync + 'static> Source for Caught<T> {
    type Value = Result<T, Error>;
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        self.0.visit(inputs);
    }
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        match context.take_caught() {
            Some(error) => {
                self.0.abandon(context);
                Err(error)
            }
            // SAFETY: promised by the caller: nothing was caught, so the value is there.
            None => Ok(unsafe { self.0.fetch(context) }),
        }
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.abandon(context);
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        let same = Caught(Late { node: self.0.node, value: PhantomData });
        // SAFETY: promised by the caller.
        unsafe { same.fetch(context) }
    }
}

/// The values of tasks that were named after this was put into its node; see [`crate::graph::Builder::promise`].
pub struct Promised<T>(pub(crate) Arc<OnceLock<Vec<Late<T>>>>);

impl<T> Promised<T> {
    fn named(&self) -> &[Late<T>] {
        self.0.get().map_or(&[], Vec::as_slice)
    }
}

impl<T: Send + Sync + 'static> Source for Promised<T> {
    type Value = Vec<T>;
    fn visit(&self, inputs: &mut Inputs) {
        self.named().iter().for_each(|late| late.visit(inputs));
    }
    unsafe fn fetch(self, context: &Context<'_>) -> Vec<T> {
        // SAFETY: promised by the caller; these can all be fetched again, and it is done once.
        unsafe { self.fetch_again(context, &[], 0) }
    }
    fn abandon(self, context: &Context<'_>) {
        let_go(&self, context);
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Vec<T> {
        RestAgain(self.named().iter(), context, &[], 0).collect()
    }
}

/// Tasks that only have to be done.
pub(crate) struct All(pub(crate) Vec<NodeRef>);

impl Source for All {
    type Value = ();
    fn visit(&self, inputs: &mut Inputs) {
        self.0.iter().for_each(|&node| inputs.push(node, Access::Lend));
    }
    unsafe fn fetch(self, context: &Context<'_>) {
        self.abandon(context);
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.into_iter().for_each(|node| node.release(context));
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) {
        self.0.iter().for_each(|node| node.release(context));
    }
}

/// The value of another task, lent while this one runs.
pub struct LateRef<T> {
    pub(crate) node: Option<NodeRef>,
    pub(crate) value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Source for LateRef<T> {
    type Value = Lent<T>;
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        if let Some(node) = self.node {
            inputs.push(node, Access::Lend);
        }
    }
    #[inline(always)]
    unsafe fn fetch(self, context: &Context<'_>) -> Lent<T> {
        let node = self.node.expect("S1: a graph with a foreign handle never runs");
        Lent { node, context: std::ptr::from_ref(context).cast(), value: PhantomData }
    }
    fn abandon(self, context: &Context<'_>) {
        if let Some(node) = self.node {
            node.release(context);
        }
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    #[inline(always)]
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        let same = LateRef { node: self.node, value: PhantomData };
        // SAFETY: promised by the caller.
        unsafe { same.fetch(context) }
    }
}

/// A borrowed output; lets go when dropped, also when the task panics.
///
/// Given only to the body of the task that reads, which ends before its [`Context`] does.
pub struct Lent<T> {
    node: NodeRef,
    context: *const Context<'static>,
    value: PhantomData<fn() -> T>,
}

impl<T> Lent<T> {
    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: N2 through S1; this reader lets go in `drop` only (N4).
        unsafe { self.node.value() }
    }
}

impl<T> Drop for Lent<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the context is the one of the worker that runs the task, which outlives the task's body.
        let context = unsafe { &*self.context };
        if std::mem::needs_drop::<T>() || !context.in_sequence() {
            self.node.release(context);
        }
    }
}

impl Source for () {
    type Value = ();
    #[inline]
    fn visit(&self, _: &mut Inputs) {}
    #[inline]
    unsafe fn fetch(self, _: &Context<'_>) {}
    fn abandon(self, _: &Context<'_>) {}
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        true
    }
    #[inline]
    unsafe fn fetch_again(&self, _: &Context<'_>, _: Cloners, _: usize) {}
}

/// Two sources; arguments are nested pairs, so that any number of them needs one impl.
impl<A: Source, B: Source> Source for (A, B) {
    type Value = (A::Value, B::Value);
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        self.0.visit(inputs);
        self.1.visit(inputs);
    }
    #[inline(always)]
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        let mut rest = Rest(std::iter::once(self.1), context);
        // SAFETY: promised by the caller.
        let first = unsafe { self.0.fetch(context) };
        let second = rest.next().expect("S2: fetched once");
        (first, second)
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.abandon(context);
        self.1.abandon(context);
    }
    fn is_repeatable(&self, cloners: Cloners, at: usize) -> bool {
        self.0.is_repeatable(cloners, at) && self.1.is_repeatable(cloners, at.saturating_add(1))
    }
    #[inline(always)]
    unsafe fn fetch_again(
        &self,
        context: &Context<'_>,
        cloners: Cloners,
        at: usize,
    ) -> Self::Value {
        let rest = LetGo(&self.1, context);
        // SAFETY: promised by the caller.
        let first = unsafe { self.0.fetch_again(context, cloners, at) };
        std::mem::forget(rest);
        // SAFETY: promised by the caller.
        let second = unsafe { self.1.fetch_again(context, cloners, at.saturating_add(1)) };
        (first, second)
    }
}
