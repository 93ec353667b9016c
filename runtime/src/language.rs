//! Traits that exist for their messages: what `graph!` wraps conditions and loops in, and what a handle can't do.
//!
//! A handle has no value while the graph is being built. `if`, `while`, `for`, comparisons and indexing of one are therefore
//! type errors; the traits here make the compiler say so in our words. Each is zero cost: the plain case is inlined.

use crate::graph::{Builder, Delayed};
use std::cmp::Ordering;

/// Never implemented; carries the message of the impls below.
#[diagnostic::on_unimplemented(
    message = "this needs the value of a task that has not run yet",
    label = "`{Self}` has no value while the graph is being built",
    note = "wait for it with `.await`, or do this in a task: in a #[delayed] function, or in `.map(|value| ..)` or `.map_ref(|value| ..)`"
)]
pub trait Computed {}

impl<'g, 'env, T, R> PartialEq<R> for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    fn eq(&self, _: &R) -> bool {
        false
    }
}

impl<'g, 'env, T, R> PartialOrd<R> for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    fn partial_cmp(&self, _: &R) -> Option<Ordering> {
        None
    }
}

impl<'g, 'env, T> IntoIterator for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    type Item = T;
    type IntoIter = std::iter::Empty<T>;
    fn into_iter(self) -> Self::IntoIter {
        std::iter::empty()
    }
}

impl<'a, 'g, 'env, T> IntoIterator for &'a Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    type Item = &'a T;
    type IntoIter = std::iter::Empty<&'a T>;
    fn into_iter(self) -> Self::IntoIter {
        std::iter::empty()
    }
}

impl<'g, 'env, T, I> std::ops::Index<I> for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    type Output = T;
    fn index(&self, _: I) -> &T {
        never(self)
    }
}

/// For a function that can't be called: `Computed` has no impl.
fn never<T, C: Computed>(_: &C) -> T {
    std::process::abort()
}

/// As [`Computed`], of a method that many values have.
#[diagnostic::on_unimplemented(
    message = "this needs the value of a task that has not run yet",
    label = "`{Self}` has no value while the graph is being built",
    note = "wait for it with `.await`, or do this in a task: in a #[delayed] function, or in `.map(|value| ..)` or `.map_ref(|value| ..)`",
    note = "a method of a #[delayed] `impl Model` is called on the handle where its trait is imported, by its name: `use path::ModelTasks;`; of a method that fewer may see than others of the `impl` it is `ModelTasksWithin1` or `ModelTasksPrivate`"
)]
pub trait CalledOn {}

fn not_yet<T, C: CalledOn>(_: &C) -> T {
    std::process::abort()
}

// `&mut self`: found last, so that a method of the user's own on handles wins. Not made by a macro, for messages show the line.
// Results are of any type, so that what is done with them is no second mistake.
#[doc(hidden)]
#[allow(clippy::all, clippy::pedantic, missing_docs)]
#[rustfmt::skip]
impl<T> Delayed<'_, '_, T> {
    pub fn len(&mut self) -> usize where Self: CalledOn { not_yet(self) }
    pub fn capacity(&mut self) -> usize where Self: CalledOn { not_yet(self) }
    pub fn is_empty(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_some(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_none(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_ok(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_err(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn contains<A>(&mut self, _: A) -> bool where Self: CalledOn { not_yet(self) }
    pub fn contains_key<A>(&mut self, _: A) -> bool where Self: CalledOn { not_yet(self) }
    pub fn starts_with<A>(&mut self, _: A) -> bool where Self: CalledOn { not_yet(self) }
    pub fn ends_with<A>(&mut self, _: A) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_nan(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn is_finite(&mut self) -> bool where Self: CalledOn { not_yet(self) }
    pub fn to_string(&mut self) -> String where Self: CalledOn { not_yet(self) }
    pub fn to_uppercase(&mut self) -> String where Self: CalledOn { not_yet(self) }
    pub fn to_lowercase(&mut self) -> String where Self: CalledOn { not_yet(self) }
    pub fn trim(&mut self) -> String where Self: CalledOn { not_yet(self) }
    pub fn as_str(&mut self) -> String where Self: CalledOn { not_yet(self) }
    pub fn join<A>(&mut self, _: A) -> String where Self: CalledOn { not_yet(self) }
    pub fn iter<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn iter_mut<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn chars<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn lines<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn bytes<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn keys<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn values<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn split<A, R>(&mut self, _: A) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn split_whitespace<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn drain<A, R>(&mut self, _: A) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn windows<A, R>(&mut self, _: A) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn chunks<A, R>(&mut self, _: A) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn push<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn insert<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn remove<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn extend<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn sort(&mut self) where Self: CalledOn { not_yet(self) }
    pub fn sort_by<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn reverse(&mut self) where Self: CalledOn { not_yet(self) }
    pub fn clear(&mut self) where Self: CalledOn { not_yet(self) }
    pub fn unwrap<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn expect<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn unwrap_or<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn unwrap_or_default<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn ok<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn err<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn first<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn last<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn get<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn pop<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn sum<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn abs<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn sqrt<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn pow<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn powi<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn powf<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn exp<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn ln<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn floor<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn ceil<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn round<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn min<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn max<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn clamp<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn to_owned<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn to_vec<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn as_slice<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn as_ref<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn as_bytes<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn cmp<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn partial_cmp<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn total_cmp<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn parse<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn and_then<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn ok_or<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn into_scalar<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn mean<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn std<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn var<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn dot<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn t<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn view<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn slice<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn row<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn column<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn mapv<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn sum_axis<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn mean_axis<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn into_iter<R>(&mut self) -> std::iter::Empty<R> where Self: CalledOn { not_yet(self) }
    pub fn copied<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn flatten<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn as_mut<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn sin<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn cos<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn tan<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn tanh<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn signum<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn log10<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn log2<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn count<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn shape<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn ndim<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn nrows<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn ncols<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn compute<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn lock<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn into_inner<R>(&mut self) -> R where Self: CalledOn { not_yet(self) }
    pub fn map_err<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn context<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn with_context<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn map_or_else<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn unwrap_or_else<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn ok_or_else<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn filter<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn filter_map<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn flat_map<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn any<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn all<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn entry<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn block_on<A, R>(&mut self, _: A) -> R where Self: CalledOn { not_yet(self) }
    pub fn map_or<A, B, R>(&mut self, _: A, _: B) -> R where Self: CalledOn { not_yet(self) }
    pub fn fold<A, B, R>(&mut self, _: A, _: B) -> R where Self: CalledOn { not_yet(self) }
    pub fn sort_unstable(&mut self) where Self: CalledOn { not_yet(self) }
    pub fn dedup(&mut self) where Self: CalledOn { not_yet(self) }
    pub fn sort_by_key<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn sort_unstable_by<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
    pub fn retain<A>(&mut self, _: A) where Self: CalledOn { not_yet(self) }
}

/// Proof that a macro which `graph!` calls by a function's name is the function's. If you see this in a message: a macro of
/// yours has the name of a function that a `graph!` calls; write `(name)(..)` there.
#[derive(Clone, Copy, Debug)]
pub struct NoOtherMacro;

/// What a `for` in `graph!` loops over.
#[diagnostic::on_unimplemented(
    message = "cannot loop over `{Self}` while the graph is being built",
    label = "this must be an iterator that is known now",
    note = "if it is a task's output, a graph or a lazy array, wait for it with `.await`, or move the loop into a #[delayed] function that takes the collection",
    note = "a number of times is a range: `for n in 0..count`"
)]
pub trait GraphIter<I, T> {
    /// Starts it.
    fn iter(self) -> Each<I, T>;
}

#[diagnostic::do_not_recommend]
impl<C: IntoIterator> GraphIter<C::IntoIter, C::Item> for C {
    #[inline(always)]
    fn iter(self) -> Each<C::IntoIter, C::Item> {
        Each { over: self.into_iter(), next: C::IntoIter::next }
    }
}

/// An iterator that is one whatever it goes over: `for` asks too, and a second message would follow that of [`GraphIter`].
pub struct Each<I, T> {
    over: I,
    next: fn(&mut I) -> Option<T>,
}

impl<I, T> Iterator for Each<I, T> {
    type Item = T;
    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        (self.next)(&mut self.over)
    }
}

/// What an `if` or `while` in `graph!` decides on.
#[diagnostic::on_unimplemented(
    message = "cannot branch on `{Self}` while the graph is being built",
    label = "expected `bool`, known now",
    note = "if it is a task's output, a graph or a lazy array, wait for it with `.await`, or move the branch into a #[delayed] function that takes the `bool`",
    note = "if it is a plain value: a condition is a `bool`, as `x != 0`, `!x.is_empty()` or `x.is_some()`"
)]
pub trait GraphCond {
    /// The condition.
    fn cond(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl GraphCond for bool {
    #[inline(always)]
    fn cond(self) -> bool {
        self
    }
}

/// What a comparison in a condition of `graph!` compares.
#[diagnostic::on_unimplemented(
    message = "cannot decide on `{Self}` while the graph is being built",
    label = "this has no value while the graph is being built, or none that is compared with the other side's",
    note = "if it is a task's output, a graph or a lazy array, wait for it with `.await`, or move the decision into a #[delayed] function that takes the value",
    note = "if it is a plain value: the two types have no such comparison; see whether a `#[derive(PartialEq)]`, a `*x`, an `.as_str()` or a `1.0` for a `1` is missing"
)]
#[cfg_attr(
    feature = "arrays",
    diagnostic::on_unimplemented(
        note = "what is waited for is compared with what it can be, and a number with a number: an array of no axes is one by `.into_scalar()`, `x.max().await.into_scalar() > 0.1`"
    )
)]
pub trait Decide<B: ?Sized, How> {
    /// Compares.
    fn decide(&self, other: &B) -> bool;
}

macro_rules! decide {
    ($($How:ident $Std:ident $op:ident;)*) => {$(
        /// Marker of a comparison.
        pub struct $How;
        #[diagnostic::do_not_recommend]
        impl<A: ?Sized + $Std<B>, B: ?Sized> Decide<B, $How> for A {
            #[inline(always)]
            fn decide(&self, other: &B) -> bool {
                self.$op(other)
            }
        }
    )*};
}
decide! {
    IsEq PartialEq eq;
    IsNe PartialEq ne;
    IsLt PartialOrd lt;
    IsLe PartialOrd le;
    IsGt PartialOrd gt;
    IsGe PartialOrd ge;
}

// Not made by the macro, for messages show the function.

/// Compares in a condition.
#[inline(always)]
pub fn eq<A: ?Sized + Decide<B, IsEq>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// Compares in a condition.
#[inline(always)]
pub fn ne<A: ?Sized + Decide<B, IsNe>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// Compares in a condition.
#[inline(always)]
pub fn lt<A: ?Sized + Decide<B, IsLt>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// Compares in a condition.
#[inline(always)]
pub fn le<A: ?Sized + Decide<B, IsLe>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// Compares in a condition.
#[inline(always)]
pub fn gt<A: ?Sized + Decide<B, IsGt>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// Compares in a condition.
#[inline(always)]
pub fn ge<A: ?Sized + Decide<B, IsGe>, B: ?Sized>(left: &A, right: &B) -> bool {
    left.decide(right)
}

/// What a statement in `graph!` may let go of: anything but a handle, which is never `Unpin`.
#[diagnostic::on_unimplemented(
    message = "nothing reads this task's output, so the task would not run",
    label = "its handle is let go",
    note = "return it beside the result, as in `(result, saved)`, collect those of a loop in a `Vec` that is returned, or let a task come after it with `.after(&saved)`"
)]
pub trait Discard {}
#[diagnostic::do_not_recommend]
impl<T: Unpin> Discard for T {}

/// Checks what a statement lets go of.
#[inline(always)]
pub fn discarded<T: Discard>(value: T) -> T {
    value
}

/// What is of a known type: to call a method of anything else is the mistake.
pub trait Typed: Sized {
    /// Itself, by a name that no other method has.
    #[must_use]
    #[inline(always)]
    fn __tw_typed(self) -> Self {
        self
    }
}
impl<T> Typed for T {}

/// Checks a condition.
#[inline(always)]
pub fn cond<C: GraphCond>(condition: C) -> bool {
    condition.cond()
}

/// Starts a loop. The iterator and what it gives are parameters, not associated types: a second message about those would follow the first.
#[inline(always)]
pub fn iter<C: GraphIter<I, T>, I, T>(collection: C) -> Each<I, T> {
    collection.iter()
}

/// What [`Delayed::catch`] may give in place of a task's output: the same type.
#[diagnostic::on_unimplemented(
    message = "`catch` gives what the task would have given, which is `{Self}` here",
    label = "this is the task's whole `Result`",
    note = "put the `?` behind the call, `load(path)?.catch(..)`: then what is caught is an `Err` as well, and what is given is the value"
)]
pub trait CaughtAs<R, T>: Sized {
    /// Catches.
    fn caught<'g, 'env, F>(handle: Delayed<'g, 'env, Self>, f: F) -> Delayed<'g, 'env, T>
    where
        F: FnOnce(crate::Error) -> R + Send + 'env;
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> CaughtAs<T, T> for T {
    #[track_caller]
    fn caught<'g, 'env, F>(handle: Delayed<'g, 'env, T>, f: F) -> Delayed<'g, 'env, T>
    where
        F: FnOnce(crate::Error) -> T + Send + 'env,
    {
        handle.catch(f)
    }
}

/// Of no value: with it, what is given in place of a `Result` is not known before it is looked at, and the message is ours.
pub enum Nothing {}

#[diagnostic::do_not_recommend]
impl<T, E> CaughtAs<Nothing, Self> for Result<T, E> {
    fn caught<'g, 'env, F>(handle: Delayed<'g, 'env, Self>, _: F) -> Delayed<'g, 'env, Self>
    where
        F: FnOnce(crate::Error) -> Nothing + Send + 'env,
    {
        handle
    }
}

/// As [`Delayed::catch`], of a call whose function returns a `Result`. What it gives is a parameter: a second message about an associated type would follow the first.
#[track_caller]
pub fn caught<'g, 'env, A, R, T, F>(handle: Delayed<'g, 'env, A>, f: F) -> Delayed<'g, 'env, T>
where
    A: CaughtAs<R, T>,
    F: FnOnce(crate::Error) -> R + Send + 'env,
{
    A::caught(handle, f)
}

/// A function that `#[delayed]` has refused.
pub trait RefusedFn {
    /// A type that is wrong, of which the compiler says nothing.
    type Wrong;
}

/// A value of a wrong type: where it stands the compiler says nothing more of types that it cannot infer, nor of borrows.
pub fn wrong<F: RefusedFn>() -> F::Wrong {
    std::process::abort()
}

/// What a call of a refused function gives: a handle of the output that the function is meant to have, so that what is done with it is no second mistake.
/// It does not run: there has been a message.
pub fn refused<'g, 'env, A, T>(_: &'g Builder<'env>, _: A, _: fn() -> T) -> Delayed<'g, 'env, T> {
    std::process::abort()
}

/// As [`refused`], of a method.
pub fn refused_method<'g, 'env, T>(_: &'g Builder<'env>) -> Delayed<'g, 'env, T> {
    std::process::abort()
}

/// What a call of a refused function gives that returns nothing: it may stand alone.
pub fn refused_unit<A>(_: A) {}
