//! What may be passed to a task's parameter.
//!
//! A by-value parameter `T` takes anything that is [`IntoArg`]: a plain `T`, a [`Delayed`] handle of one,
//! a [graph](crate::Graph) of one, or a container with handles in it. A `&U` parameter takes anything that is
//! [`LendArg`](super::lend::LendArg). Both have a marker parameter `M` that is only there to keep the impls apart: the
//! compiler finds it, because exactly one impl fits. Handles and graphs are never `Send + Unpin`, plain
//! values must be; that is what makes `twice(handle)` infer `T` as the handle's value for a generic `twice`.

use super::source::{
    Each, EachOf, Entries, FromEntries, FromPairs, Gathered, Late, Maybe, Now, Promised, Source,
    Tuple,
};
use crate::graph::builder::Promise;
use crate::graph::{Builder, Delayed, Graph};
use crate::run::Compute;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::marker::{PhantomData, PhantomPinned};

/// What a by-value task parameter of type `T` accepts. `M` is inferred; never name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a task parameter of type `{T}`",
    label = "expected `{T}`, a handle of one, or, of a container, its own kind with handles in it: `vec![a, b]` for a `Vec`, `[a, b]` for an array",
    note = "a `&` of a handle is for a parameter that is a reference, `&{T}`: make it one, or pass `handle.clone()`",
    note = "nothing is converted: write `1.0`, `n as u64`, `text.to_string()`, `load(path)?` of a task that returns a `Result`; a closure for a `Box<dyn Fn>` or `fn` in a typed `let`",
    note = "tasks run on several threads, so what enters one must be `Send`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`",
    note = "if both types are the same, it is not known to be `Unpin`, as a type parameter is not: pass `taskweave::val(value)`"
)]
#[cfg_attr(
    feature = "arrays",
    diagnostic::on_unimplemented(
        note = "a lazy array goes in as it is, `x.clone()` and not `&x`, and gives what it computes: an `Array<f64, Ix2>` an `ndarray::Array2<f64>`, both of rank 2, which is `Dim<[usize; 2]>`, the mean of one an `ndarray::Array0<f64>`, of which `mean.into_scalar()` is the number; one that is to stay lazy is passed as `taskweave::val(x)`"
    )
)]
pub trait IntoArg<'env, T, M> {
    #[doc(hidden)]
    type Source: Source<Value = T> + 'env;
    #[doc(hidden)]
    fn into_source(self, builder: &Builder<'env>, seal: Seal) -> Self::Source;
}

/// As [`IntoArg`], where `T` is a parameter of the function, to be found from the argument: of a type that is not found nothing can be said.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a generic task parameter, which is of type `{T}` here",
    label = "expected `{T}`, known to be `Send` and `Unpin`, or a handle of one, or, of a container, its own kind with handles in it",
    note = "a type parameter is not known to be `Unpin`: pass `taskweave::val(value)`, and declare it `T: Send + Sync + 'static`",
    note = "a `&` of a handle is for a parameter that is a reference, `&T`: make it one, or pass `handle.clone()`",
    note = "nothing is converted: write `1.0`, `n as u64`, `text.to_string()`, `load(path)?` of a task that returns a `Result`",
    note = "tasks run on several threads, so what enters one must be `Send`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
#[cfg_attr(
    feature = "arrays",
    diagnostic::on_unimplemented(
        note = "a lazy array goes in as it is, `x.clone()` and not `&x`, and gives what it computes; one that is to stay lazy is passed as `taskweave::val(x)`"
    )
)]
pub trait IntoGeneric<'env, T, M>: IntoArg<'env, T, M> {}
#[diagnostic::do_not_recommend]
impl<'env, T, M, X: IntoArg<'env, T, M>> IntoGeneric<'env, T, M> for X {}

/// A handle, a graph, or a container with at least one of them in it, that will give a `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold `Delayed` handles that make a `{T}`"
)]
pub trait Deferred<'env, T, M> {
    #[doc(hidden)]
    type Source: Source<Value = T> + 'env;
    #[doc(hidden)]
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source;
}

/// Nobody else can make one, so nobody else can call what takes one, or implement it: what a source keeps is true only of the
/// builder it was made for, and only if it is put into a node at once (`S1`).
#[derive(Clone, Copy)]
pub struct Seal(());
pub(crate) const SEAL: Seal = Seal(());

/// Markers, one for each way to be an argument.
pub mod marker {
    use std::marker::PhantomData;
    macro_rules! markers { ($($(#[$doc:meta])* $name:ident)*) => { $($(#[$doc])* pub struct $name;)* } }
    markers! {
        /// A plain value.
        Plain
        /// A plain value passed through [`val`](crate::val).
        Exact
        /// A handle.
        Handle
        /// A graph to splice in.
        Spliced
        /// A collection whose tasks are to be added.
        Collected
        /// A borrow from outside the graph.
        Borrowed
        /// A borrow of such a borrow.
        BorrowedTwice
        /// A borrowed handle.
        HandleRef
    }
    /// Something that holds handles.
    pub struct Later<M>(PhantomData<M>);
    /// A container of members of one kind.
    pub struct Members<M>(PhantomData<M>);
    /// A tuple whose first handle stands at `AT`.
    pub struct TupleAt<const AT: usize, M>(PhantomData<M>);
}
use marker::{Collected, Exact, Handle, Later, Members, Plain, Spliced, TupleAt};

impl<'env, T: Send + Unpin + 'env> IntoArg<'env, T, Plain> for T {
    type Source = Now<T>;
    #[inline]
    fn into_source(self, _: &Builder<'env>, _: Seal) -> Now<T> {
        Now(self)
    }
}

/// Passes `value` to a task exactly as it is; made by [`val`].
///
/// It is not `Unpin`, so that it is no plain value of its own type: a generic parameter could not choose.
#[must_use = "pass it on to a task"]
pub struct PlainValue<T>(T, PhantomPinned);

/// Passes a plain value whose type the parameter decides.
///
/// A task's parameter takes values and handles, so the type of `iter.collect()`, `text.into()` or
/// `text.parse()?` cannot be told from the parameter alone; `val` says that it is the value itself. `graph!`
/// adds it to `None`, `vec![]`, `X::new()` and `X::default()` by itself. Also for plain values that are not `Unpin`.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, val};
/// # use taskweave::__private::{Body, Call, Label, Task, Value, new_task};
/// # struct total;
/// # impl Body for total {
/// #   const LABEL: Label = Label::generic("total"); type Output = f64; type Parameters = (Value<Vec<f64>>, ());
/// #   fn call<'a>((x, ()): (Vec<f64>, ())) -> f64 where Self::Parameters: 'a { x.iter().sum() } }
/// # impl total { fn task<'env, M, A: taskweave::IntoArg<'env, Vec<f64>, M>>(x: A) -> Task<'env, f64, Call<total, (A, ()), (M, ())>> {
/// #   new_task((x, ())) } }
/// // `fn total(values: Vec<f64>) -> f64`, annotated with `#[delayed]`:
/// let graph = Graph::build(|graph| graph.add(total::task(val((1..4).map(f64::from).collect()))));
/// assert_eq!(graph.compute()?, 6.0);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub fn val<T>(value: T) -> PlainValue<T> {
    PlainValue(value, PhantomPinned)
}

#[diagnostic::do_not_recommend]
impl<'env, T: Send + 'env> IntoArg<'env, T, Exact> for PlainValue<T> {
    type Source = Now<T>;
    #[inline]
    fn into_source(self, _: &Builder<'env>, _: Seal) -> Now<T> {
        Now(self.0)
    }
}

#[diagnostic::do_not_recommend]
impl<'env, X, T, M> IntoArg<'env, T, Later<M>> for X
where
    X: Deferred<'env, T, M>,
{
    type Source = X::Source;
    #[inline]
    fn into_source(self, builder: &Builder<'env>, seal: Seal) -> X::Source {
        self.defer(builder, seal)
    }
}

impl<'env, T: Send + Sync + 'static> Deferred<'env, T, Handle> for Delayed<'_, 'env, T> {
    type Source = Late<T>;
    #[inline]
    fn defer(self, builder: &Builder<'env>, _: Seal) -> Late<T> {
        builder.take(&self)
    }
}

impl<'env, T: Send + Sync + 'static> Deferred<'env, T, Spliced> for Graph<'env, T> {
    type Source = Late<T>;
    fn defer(self, builder: &Builder<'env>, _: Seal) -> Late<T> {
        builder.splice(self)
    }
}

#[diagnostic::do_not_recommend]
impl<'env, T: Send + Sync + 'static> Deferred<'env, Vec<T>, Collected> for Promise<T> {
    type Source = Promised<T>;
    fn defer(self, builder: &Builder<'env>, _: Seal) -> Promised<T> {
        builder.promised(self)
    }
}

/// For collections of our own crates, whose `defer` is this: their tasks are added, and their value is the source. With `Seal` and [`Deferred`] behind the one
/// door for our own code, and for that only; a blanket implementation for all that is [`Compute`] would take rustc's word from messages about other arguments.
pub fn collected<'env, C: Compute<'env>>(
    collection: C,
    builder: &Builder<'env>,
    _: Seal,
) -> Late<C::Output> {
    builder.take(&collection.add_to(builder))
}

impl<'env, A: Deferred<'env, T, M>, T, M> Deferred<'env, Vec<T>, Members<M>> for Vec<A> {
    type Source = Each<A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        Each(self.into_iter().map(|member| member.defer(builder, seal)).collect())
    }
}

impl<'env, A: Deferred<'env, T, M>, T: 'env, M> Deferred<'env, VecDeque<T>, Members<M>>
    for VecDeque<A>
{
    type Source = Gathered<VecDeque<T>, A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        Gathered(self.into_iter().map(|member| member.defer(builder, seal)).collect(), PhantomData)
    }
}

impl<'env, A: Deferred<'env, T, M>, T: 'env, M> Deferred<'env, Box<[T]>, Members<M>> for Box<[A]> {
    type Source = Gathered<Box<[T]>, A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        let members = Vec::from(self).into_iter();
        Gathered(members.map(|member| member.defer(builder, seal)).collect(), PhantomData)
    }
}

impl<'env, A: Deferred<'env, T, M>, T, M, const N: usize> Deferred<'env, [T; N], Members<M>>
    for [A; N]
{
    type Source = EachOf<A::Source, N>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        EachOf(self.map(|member| member.defer(builder, seal)))
    }
}

impl<'env, A: Deferred<'env, T, M>, T, M> Deferred<'env, Option<T>, Members<M>> for Option<A> {
    type Source = Maybe<A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        Maybe(self.map(|member| member.defer(builder, seal)))
    }
}

fn entries<'env, M, K, A: Deferred<'env, T, X>, T, X>(
    map: impl IntoIterator<Item = (K, A)>,
    builder: &Builder<'env>,
    seal: Seal,
) -> Entries<M, K, A::Source> {
    let entries = map.into_iter().map(|(key, member)| (Now(key), member.defer(builder, seal)));
    Entries(entries.collect(), PhantomData)
}

impl<'env, K, A, T, M> Deferred<'env, BTreeMap<K, T>, Members<M>> for BTreeMap<K, A>
where
    K: Ord + Send + 'env,
    A: Deferred<'env, T, M>,
    T: 'env,
{
    type Source = Entries<BTreeMap<K, T>, K, A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        entries(self, builder, seal)
    }
}

impl<'env, K, A, T, M, H> Deferred<'env, HashMap<K, T, H>, Members<M>> for HashMap<K, A, H>
where
    K: Eq + Hash + Send + 'env,
    A: Deferred<'env, T, M>,
    T: 'env,
    H: BuildHasher + Default + Send + 'env,
    HashMap<K, T, H>: FromEntries<K, T>,
{
    type Source = Entries<HashMap<K, T, H>, K, A::Source>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        entries(self, builder, seal)
    }
}

// A tuple is deferred if one of its members is: one impl for each place of the first such member. What
// stands before it is plain, what stands after it is anything; so n impls for n members, not 2^n - 1.
macro_rules! tuples {
    (@pairs) => { () };
    (@pairs $A:ty, $($B:ty,)*) => { ($A, tuples!(@pairs $($B,)*)) };
    (@values) => { () };
    (@values ($a:expr) $(($b:expr))*) => { ($a, tuples!(@values $(($b))*)) };
    (@at [$($before:tt)*]) => {};
    (@at [$(($PX:ident $PT:ident $PM:ident $pi:tt))*] ($X:ident $T:ident $M:ident $i:tt) $(($SX:ident $ST:ident $SM:ident $si:tt))*) => {
        impl<'env, $($PT,)* $X, $T, $M, $($SX, $ST, $SM,)*>
            Deferred<'env, ($($PT,)* $T, $($ST,)*), TupleAt<$i, ($M, $($SM,)*)>>
            for ($($PT,)* $X, $($SX,)*)
        where
            $($PT: Send + Unpin + 'env,)*
            $X: Deferred<'env, $T, $M>,
            $($SX: IntoArg<'env, $ST, $SM>,)*
            $T: 'env,
            $($ST: 'env,)*
            ($($PT,)* $T, $($ST,)*): FromPairs<tuples!(@pairs $($PT,)* $T, $($ST,)*)>,
        {
            type Source = Tuple<
                tuples!(@pairs $(Now<$PT>,)* $X::Source, $($SX::Source,)*),
                ($($PT,)* $T, $($ST,)*),
            >;
            fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
                Tuple(
                    tuples!(@values $((Now(self.$pi)))* (self.$i.defer(builder, seal)) $((self.$si.into_source(builder, seal)))*),
                    PhantomData,
                )
            }
        }
        tuples!(@at [$(($PX $PT $PM $pi))* ($X $T $M $i)] $(($SX $ST $SM $si))*);
    };
    ($($member:tt)*) => { tuples!(@at [] $($member)*); };
}
tuples!((A TA MA 0));
tuples!((A TA MA 0) (B TB MB 1));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2) (D TD MD 3));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2) (D TD MD 3) (E TE ME 4));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2) (D TD MD 3) (E TE ME 4) (F TF MF 5));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2) (D TD MD 3) (E TE ME 4) (F TF MF 5) (G TG MG 6));
tuples!((A TA MA 0) (B TB MB 1) (C TC MC 2) (D TD MD 3) (E TE ME 4) (F TF MF 5) (G TG MG 6) (H TH MH 7));
