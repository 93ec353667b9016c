//! What may be passed to a task's parameter.
//!
//! A by-value parameter `T` takes anything that is [`IntoArg`]: a plain `T`, a [`Delayed`] handle of one,
//! a [graph](crate::Graph) of one, or a container with handles in it. A `&U` parameter takes anything that is
//! [`LendArg`](super::lend::LendArg). Both have a marker parameter `M` that is only there to keep the impls apart: the
//! compiler finds it, because exactly one impl fits. Handles and graphs are never `Send + Unpin`, plain
//! values must be; that is what makes `twice(handle)` infer `T` as the handle's value for a generic `twice`.

use super::source::{
    Each, EachOf, Entries, FromEntries, FromPairs, Late, Maybe, Now, Source, Tuple,
};
use crate::graph::{Builder, Delayed, Graph};
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

/// What a by-value task parameter of type `T` accepts. `M` is inferred; never name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed to a task parameter of type `{T}`",
    label = "expected `{T}`, `Delayed<{T}>`, or a container of `Delayed`",
    note = "a value that enters a task must be `Send` (`Arc` instead of `Rc`, `Mutex` instead of `RefCell`): tasks run on several threads",
    note = "to use an output in several by-value parameters pass `x.clone()`, or make the parameter a reference"
)]
pub trait IntoArg<'env, T, M> {
    #[doc(hidden)]
    type Source: Source<Value = T> + 'env;
    #[doc(hidden)]
    fn into_source(self, builder: &Builder<'env>) -> Self::Source;
}

/// A handle, a graph, or a container with at least one of them in it, that will give a `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold `Delayed` handles that make a `{T}`"
)]
pub trait Deferred<'env, T, M> {
    #[doc(hidden)]
    type Source: Source<Value = T> + 'env;
    #[doc(hidden)]
    fn defer(self, builder: &Builder<'env>) -> Self::Source;
}

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
use marker::{Exact, Handle, Later, Members, Plain, Spliced, TupleAt};

impl<'env, T: Send + Unpin + 'env> IntoArg<'env, T, Plain> for T {
    type Source = Now<T>;
    #[inline]
    fn into_source(self, _: &Builder<'env>) -> Now<T> {
        Now(self)
    }
}

/// Passes `value` to a task exactly as it is; made by [`val`].
#[must_use = "pass it on to a task"]
pub struct Exactly<T>(T);

/// Passes a plain value whose type the parameter decides.
///
/// A task's parameter takes values and handles, so the type of `iter.collect()`, `text.into()` or
/// `text.parse()?` cannot be told from the parameter alone; `val` says that it is the value itself. `graph!`
/// adds it to `None`, `vec![]`, `X::new()` and `X::default()` by itself. Also for plain values that are not `Unpin`.
///
/// # Examples
/// ```
/// use taskweave_runtime::{Graph, val};
/// # use taskweave_runtime::__private::{Body, Call, Task, Value, new_task};
/// # struct total;
/// # impl Body for total {
/// #   const LABEL: &'static str = "total"; type Output = f64; type Parameters = (Value<Vec<f64>>, ());
/// #   fn call((x, ()): (Vec<f64>, ())) -> f64 { x.iter().sum() } }
/// # impl total { fn task<'env, M, A: taskweave_runtime::IntoArg<'env, Vec<f64>, M>>(x: A) -> Task<'env, f64, Call<total, (A, ()), (M, ())>> {
/// #   new_task((x, ())) } }
/// // `fn total(values: Vec<f64>) -> f64`, annotated with `#[delayed]`:
/// let graph = Graph::build(|graph| graph.add(total::task(val((1..4).map(f64::from).collect()))));
/// assert_eq!(graph.compute()?, 6.0);
/// # Ok::<(), taskweave_runtime::Error>(())
/// ```
pub fn val<T>(value: T) -> Exactly<T> {
    Exactly(value)
}

#[diagnostic::do_not_recommend]
impl<'env, T: Send + 'env> IntoArg<'env, T, Exact> for Exactly<T> {
    type Source = Now<T>;
    #[inline]
    fn into_source(self, _: &Builder<'env>) -> Now<T> {
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
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.defer(builder)
    }
}

impl<'env, T: Send + Sync + 'static> Deferred<'env, T, Handle> for Delayed<'_, 'env, T> {
    type Source = Late<T>;
    #[inline]
    fn defer(self, builder: &Builder<'env>) -> Late<T> {
        builder.take(&self)
    }
}

impl<'env, T: Send + Sync + 'static> Deferred<'env, T, Spliced> for Graph<'env, T> {
    type Source = Late<T>;
    fn defer(self, builder: &Builder<'env>) -> Late<T> {
        builder.splice(self)
    }
}

impl<'env, A: Deferred<'env, T, M>, T, M> Deferred<'env, Vec<T>, Members<M>> for Vec<A> {
    type Source = Each<A::Source>;
    fn defer(self, builder: &Builder<'env>) -> Self::Source {
        Each(self.into_iter().map(|member| member.defer(builder)).collect())
    }
}

impl<'env, A: Deferred<'env, T, M>, T, M, const N: usize> Deferred<'env, [T; N], Members<M>>
    for [A; N]
{
    type Source = EachOf<A::Source, N>;
    fn defer(self, builder: &Builder<'env>) -> Self::Source {
        EachOf(self.map(|member| member.defer(builder)))
    }
}

impl<'env, A: Deferred<'env, T, M>, T, M> Deferred<'env, Option<T>, Members<M>> for Option<A> {
    type Source = Maybe<A::Source>;
    fn defer(self, builder: &Builder<'env>) -> Self::Source {
        Maybe(self.map(|member| member.defer(builder)))
    }
}

fn entries<'env, M, K, A: Deferred<'env, T, X>, T, X>(
    map: impl IntoIterator<Item = (K, A)>,
    builder: &Builder<'env>,
) -> Entries<M, K, A::Source> {
    let entries = map.into_iter().map(|(key, member)| (Now(key), member.defer(builder)));
    Entries(entries.collect(), PhantomData)
}

impl<'env, K, A, T, M> Deferred<'env, BTreeMap<K, T>, Members<M>> for BTreeMap<K, A>
where
    K: Ord + Send + 'env,
    A: Deferred<'env, T, M>,
    T: 'env,
{
    type Source = Entries<BTreeMap<K, T>, K, A::Source>;
    fn defer(self, builder: &Builder<'env>) -> Self::Source {
        entries(self, builder)
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
    fn defer(self, builder: &Builder<'env>) -> Self::Source {
        entries(self, builder)
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
            fn defer(self, builder: &Builder<'env>) -> Self::Source {
                Tuple(
                    tuples!(@values $((Now(self.$pi)))* (self.$i.defer(builder)) $((self.$si.into_source(builder)))*),
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
