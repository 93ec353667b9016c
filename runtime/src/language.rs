//! Traits that exist for their messages: what `graph!` wraps conditions and loops in, and what a handle can't do.
//!
//! A handle has no value while the graph is being built. `if`, `while`, `for`, comparisons and indexing of one are therefore
//! type errors; the traits here make the compiler say so in our words. Each is zero cost: the plain case is inlined.

use crate::graph::Delayed;
use std::cmp::Ordering;
use std::fmt;

/// Never implemented; carries the message of the impls below.
#[diagnostic::on_unimplemented(
    message = "this needs the value of a task that has not run yet",
    label = "`{Self}` has no value while the graph is being built",
    note = "do this inside a #[delayed] function, or in `.map(|value| ..)` or `.map_ref(|value| ..)` on the handle"
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

impl<'g, 'env, T> fmt::Display for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

impl<'g, 'env, T> fmt::Debug for Delayed<'g, 'env, T>
where
    Delayed<'g, 'env, T>: Computed,
{
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
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
fn never<T>(_: &impl Computed) -> T {
    std::process::abort()
}

// `&mut self`: found last, so that a method of the user's own on handles wins.
macro_rules! methods {
    ($($name:ident ( $($arg:ident)? ))*) => {
        #[doc(hidden)]
        #[allow(clippy::all, clippy::pedantic, missing_docs)]
        impl<T> Delayed<'_, '_, T> {
            $(pub fn $name$(<$arg>)?(&mut self $(, _: $arg)?) -> T where Self: Computed { never(self) })*
        }
    };
}
methods! {
    len() is_empty() unwrap() expect(A) unwrap_or(A) is_some() is_none() is_ok() is_err() iter() iter_mut() keys() values()
    first() last() get(A) contains(A) push(A) pop() sum() abs() sqrt() powi(A) min(A) max(A) to_string() to_owned() as_str()
    as_ref() chars() lines() trim() cmp(A) partial_cmp(A) to_vec() as_slice() sort()
}

/// Proof that a macro which `graph!` calls by a function's name is the function's. If you see this in a message: a macro of
/// yours has the name of a function that a `graph!` calls; write `(name)(..)` there.
#[derive(Clone, Copy, Debug)]
pub struct NoOtherMacro;

/// What a `for` in `graph!` loops over.
#[diagnostic::on_unimplemented(
    message = "cannot loop over `{Self}` while the graph is being built",
    label = "this must be an iterator that is known now",
    note = "if it is a `Delayed`, move the loop into a #[delayed] function that takes the collection"
)]
pub trait GraphIter<I> {
    /// Starts it.
    fn iter(self) -> I;
}

#[diagnostic::do_not_recommend]
impl<C: IntoIterator> GraphIter<C::IntoIter> for C {
    #[inline(always)]
    fn iter(self) -> C::IntoIter {
        self.into_iter()
    }
}

/// What an `if` or `while` in `graph!` decides on.
#[diagnostic::on_unimplemented(
    message = "cannot branch on `{Self}` while the graph is being built",
    label = "expected `bool`, known now",
    note = "if it is a `Delayed<bool>`, move the branch into a #[delayed] function that takes the `bool`"
)]
pub trait GraphCond {
    /// The condition.
    fn cond(self) -> bool;
}

impl GraphCond for bool {
    #[inline(always)]
    fn cond(self) -> bool {
        self
    }
}

/// What a comparison in a condition of `graph!` compares.
#[diagnostic::on_unimplemented(
    message = "cannot decide on `{Self}` while the graph is being built",
    label = "cannot be compared now with `{B}`",
    note = "if it is a `Delayed`, move the decision into a #[delayed] function that takes the value"
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
        /// Compares in a condition.
        #[inline(always)]
        pub fn $op<A: ?Sized + Decide<B, $How>, B: ?Sized>(left: &A, right: &B) -> bool {
            left.decide(right)
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

/// Checks a condition.
#[inline(always)]
pub fn cond<C: GraphCond>(condition: C) -> bool {
    condition.cond()
}

/// Starts a loop. The iterator is a parameter, not an associated type: a second message about it would follow the first.
#[inline(always)]
pub fn iter<C: GraphIter<I>, I: Iterator>(collection: C) -> I {
    collection.iter()
}
