//! The parameters of a function, and arguments that fit them.
//!
//! In: a function's parameter types, as nested pairs of [`Value`], [`Ref`] and [`Dyn`], and arguments as they were passed. Out: sources for the node; then, when the task runs,
//! what is held of the values, and what is passed to the function: once, or again and again as long as they can be cloned. Not here: which arguments fit a
//! parameter ([`super::argument`], [`super::lend`]).

use super::argument::{IntoArg, SEAL};
use super::lend::{LendArg, LendDyn};
use super::source::{Cloners, Source, clone_of_plain, cloner_of_plain};
use crate::graph::Builder;
use std::marker::PhantomData;

/// The parameters of a function: one of [`Value`], [`Ref`] or [`Dyn`], or nested pairs of them.
pub trait Parameters {
    /// What is passed when the function is called.
    type Passed<'a>
    where
        Self: 'a;
    /// Whether values for it can be cloned; the first is the one at `at` in `cloners`.
    #[doc(hidden)]
    fn can_be_cloned(cloners: Cloners, at: usize) -> bool;
}

/// A parameter `T`.
pub struct Value<T>(PhantomData<fn() -> T>);
/// A parameter `&U`.
pub struct Ref<U: ?Sized>(PhantomData<fn() -> Box<U>>);
/// A parameter `&U` where `U` is a trait object that `A` unsizes to.
pub struct Dyn<U: ?Sized, A>(PhantomData<fn() -> (Box<U>, A)>);

impl<T> Parameters for Value<T> {
    type Passed<'a>
        = T
    where
        Self: 'a;
    fn can_be_cloned(cloners: Cloners, at: usize) -> bool {
        cloner_of_plain::<T>(cloners, at).is_some()
    }
}
impl<U: ?Sized> Parameters for Ref<U> {
    type Passed<'a>
        = &'a U
    where
        Self: 'a;
    fn can_be_cloned(_: Cloners, _: usize) -> bool {
        true
    }
}
impl<U: ?Sized, A> Parameters for Dyn<U, A> {
    type Passed<'a>
        = &'a U
    where
        Self: 'a;
    fn can_be_cloned(_: Cloners, _: usize) -> bool {
        true
    }
}
impl Parameters for () {
    type Passed<'a> = ();
    fn can_be_cloned(_: Cloners, _: usize) -> bool {
        true
    }
}
impl<A: Parameters, B: Parameters> Parameters for (A, B) {
    type Passed<'a>
        = (A::Passed<'a>, B::Passed<'a>)
    where
        Self: 'a;
    fn can_be_cloned(cloners: Cloners, at: usize) -> bool {
        A::can_be_cloned(cloners, at) && B::can_be_cloned(cloners, at.saturating_add(1))
    }
}

/// Arguments of a task that is not in a graph yet, for the parameters `P`.
pub trait Arguments<'env, P: Parameters, M> {
    #[doc(hidden)]
    type Source: Source + 'env;
    /// The values, while the function runs: what is lent stays here.
    #[doc(hidden)]
    type Held;
    #[doc(hidden)]
    fn into_source(self, builder: &Builder<'env>) -> Self::Source;
    #[doc(hidden)]
    fn hold(values: <Self::Source as Source>::Value) -> Self::Held;
    #[doc(hidden)]
    fn pass<'a>(held: &'a mut Self::Held) -> P::Passed<'a>
    where
        P: 'a;
    /// As `pass`, and keeps what it passes, if that can be cloned.
    #[doc(hidden)]
    fn pass_clone<'a>(
        held: &'a mut Self::Held,
        cloners: Cloners,
        at: usize,
    ) -> Option<P::Passed<'a>>
    where
        P: 'a;
}

impl<'env, T, M, X: IntoArg<'env, T, M>> Arguments<'env, Value<T>, M> for X {
    type Source = X::Source;
    type Held = Option<T>;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.into_source(builder, SEAL)
    }
    #[inline]
    fn hold(value: T) -> Option<T> {
        Some(value)
    }
    #[inline]
    fn pass<'a>(held: &'a mut Option<T>) -> T
    where
        Value<T>: 'a,
    {
        held.take().expect("values are passed once")
    }
    fn pass_clone<'a>(held: &'a mut Option<T>, cloners: Cloners, at: usize) -> Option<T>
    where
        Value<T>: 'a,
    {
        clone_of_plain(held.as_ref()?, cloners, at)
    }
}
impl<'env, U: ?Sized, M, X: LendArg<'env, U, M>> Arguments<'env, Ref<U>, M> for X {
    type Source = X::Source;
    type Held = <X::Source as Source>::Value;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.into_lender(builder, SEAL)
    }
    #[inline]
    fn hold(value: Self::Held) -> Self::Held {
        value
    }
    #[inline]
    fn pass<'a>(held: &'a mut Self::Held) -> &'a U
    where
        Ref<U>: 'a,
    {
        held
    }
    fn pass_clone<'a>(held: &'a mut Self::Held, _: Cloners, _: usize) -> Option<&'a U>
    where
        Ref<U>: 'a,
    {
        Some(held)
    }
}
impl<'env, U: ?Sized, A, M, X: LendDyn<'env, U, A, M>> Arguments<'env, Dyn<U, A>, M> for X {
    type Source = X::Source;
    type Held = <X::Source as Source>::Value;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.into_lender(builder, SEAL)
    }
    #[inline]
    fn hold(value: Self::Held) -> Self::Held {
        value
    }
    #[inline]
    fn pass<'a>(held: &'a mut Self::Held) -> &'a U
    where
        Dyn<U, A>: 'a,
    {
        held
    }
    fn pass_clone<'a>(held: &'a mut Self::Held, _: Cloners, _: usize) -> Option<&'a U>
    where
        Dyn<U, A>: 'a,
    {
        Some(held)
    }
}
impl<'env> Arguments<'env, (), ()> for () {
    type Source = ();
    type Held = ();
    #[inline]
    fn into_source(self, _: &Builder<'env>) {}
    #[inline]
    fn hold((): ()) {}
    #[inline]
    fn pass<'a>((): &'a mut ())
    where
        (): 'a,
    {
    }
    fn pass_clone<'a>((): &'a mut (), _: Cloners, _: usize) -> Option<()>
    where
        (): 'a,
    {
        Some(())
    }
}
impl<'env, P, M, A, Q, N, B> Arguments<'env, (P, Q), (M, N)> for (A, B)
where
    P: Parameters,
    Q: Parameters,
    A: Arguments<'env, P, M>,
    B: Arguments<'env, Q, N>,
{
    type Source = (A::Source, B::Source);
    type Held = (A::Held, B::Held);
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> Self::Source {
        (self.0.into_source(builder), self.1.into_source(builder))
    }
    #[inline]
    fn hold((first, rest): <Self::Source as Source>::Value) -> Self::Held {
        (A::hold(first), B::hold(rest))
    }
    #[inline]
    fn pass<'a>((first, rest): &'a mut Self::Held) -> (P::Passed<'a>, Q::Passed<'a>)
    where
        (P, Q): 'a,
    {
        (A::pass(first), B::pass(rest))
    }
    fn pass_clone<'a>(
        (first, rest): &'a mut Self::Held,
        cloners: Cloners,
        at: usize,
    ) -> Option<(P::Passed<'a>, Q::Passed<'a>)>
    where
        (P, Q): 'a,
    {
        Some((
            A::pass_clone(first, cloners, at)?,
            B::pass_clone(rest, cloners, at.saturating_add(1))?,
        ))
    }
}
