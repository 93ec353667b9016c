//! What is said of a `?` that is missing in a static graph.
//!
//! In: a task's `Result` on its way to another task's parameter. Out: the same, whatever the parameter takes, for the compiler to check; but where the parameter
//! takes what is in the `Result`, a message of ours: at the argument, or once for all that read it, where it is made ([`Reader`]). Which one it is, the compiler decides as for
//! [`crate::task::Probe`]: by the inherent method, if there is one for these types, else by the trait's. Not here: `?` behind what is no `Result` ([`crate::task::TaskResult`]), and which
//! values are asked where (`fixed/untried.rs` of the macros).

use crate::task::{Ref, Value};
use std::borrow::Borrow;
use std::marker::PhantomData;

/// A value of a task without `?`, and the parameter `P` that it is passed to.
#[derive(Debug)]
pub struct Untried<P, A>(A, PhantomData<fn() -> P>);

impl<P, A> Untried<P, A> {
    /// On its way.
    #[inline(always)]
    pub fn new(value: A) -> Untried<P, A> {
        Untried(value, PhantomData)
    }
}

impl<T, E> Untried<Value<T>, Result<T, E>> {
    /// Refused.
    pub fn __tw_passed(self) -> T
    where
        Result<T, E>: PassedOn,
    {
        unreachable!("a program with it is not compiled")
    }
}

impl<'a, U: ?Sized, T: Borrow<U>, E> Untried<Ref<U>, &'a Result<T, E>> {
    /// Refused.
    pub fn __tw_passed(self) -> &'a U
    where
        Result<T, E>: PassedOn,
    {
        unreachable!("a program with it is not compiled")
    }
}

/// Passes what has no methods of these names of its own.
pub trait Passed: Sized {
    /// Its type.
    type It;
    /// The value.
    fn __tw_passed(self) -> Self::It;
    /// The value, if it has been asked where it is made.
    #[inline(always)]
    fn __tw_passed_on(self) -> Self::It {
        self.__tw_passed()
    }
}

impl<P, A> Passed for Untried<P, A> {
    type It = A;
    #[inline(always)]
    fn __tw_passed(self) -> A {
        self.0
    }
}

impl<T, E> Untried<Value<T>, Result<T, E>> {
    /// Told of where the value is made.
    pub fn __tw_passed_on(self) -> T {
        unreachable!("a program with it is not compiled")
    }
}

impl<'a, U: ?Sized, T: Borrow<U>, E> Untried<Ref<U>, &'a Result<T, E>> {
    /// Told of where the value is made.
    pub fn __tw_passed_on(self) -> &'a U {
        unreachable!("a program with it is not compiled")
    }
}

/// Who reads a value of a task without `?`: the parameter `P`, of an `A`.
#[derive(Debug)]
pub struct Reader<P, A>(PhantomData<fn(&A) -> P>);

impl<P, A> Reader<P, A> {
    /// Takes it.
    #[inline(always)]
    pub fn given(_: &A) -> Reader<P, A> {
        Reader(PhantomData)
    }
}

impl<'a, P, A> Reader<P, &'a A> {
    /// Looks at it.
    #[inline(always)]
    pub fn lent(_: &'a A) -> Reader<P, &'a A> {
        Reader(PhantomData)
    }
}

/// No reader so far is wrong.
#[derive(Debug)]
pub struct Right;
/// A reader takes what is in the `Result` `A`.
#[derive(Debug)]
pub struct Wrong<A>(PhantomData<fn() -> A>);

impl<T, E> Reader<Value<T>, Result<T, E>> {
    /// Whether it is right.
    pub fn __tw_reads(self) -> Wrong<Result<T, E>> {
        Wrong(PhantomData)
    }
}

impl<U: ?Sized, T: Borrow<U>, E> Reader<Ref<U>, &Result<T, E>> {
    /// Whether it is right.
    pub fn __tw_reads(self) -> Wrong<Result<T, E>> {
        Wrong(PhantomData)
    }
}

/// What has no method of this name of its own is right, or a mistake of another kind.
pub trait Reads: Sized {
    /// Whether it is right.
    #[inline(always)]
    fn __tw_reads(self) -> Right {
        Right
    }
}

impl<P, A> Reads for Reader<P, A> {}

impl Right {
    /// Both.
    #[inline(always)]
    pub fn and<R>(self, reader: R) -> R {
        reader
    }

    /// Nothing to be told of.
    #[inline(always)]
    pub fn told(self) {}
}

impl<A> Wrong<A> {
    /// Both.
    pub fn and<R>(self, _: R) -> Wrong<A> {
        self
    }

    /// Refused.
    pub fn told(self)
    where
        A: PassedOn,
    {
    }
}

/// Never implemented.
#[diagnostic::on_unimplemented(
    message = "this task's output is a `{Self}`, and is passed where what is in it is taken",
    label = "a `Result`",
    note = "put `?` behind the call that gives it, `let a = load(path)?;`: an `Err` then stops the graph"
)]
pub trait PassedOn {}

/// One of a function's parameters, from 0; of more than it has, none.
pub trait Nth<const AT: usize> {
    /// It.
    type Parameter;
}

impl<const AT: usize> Nth<AT> for () {
    type Parameter = ();
}
impl<A, B> Nth<0> for (A, B) {
    type Parameter = A;
}
macro_rules! nth {
    ($($at:literal $before:literal)*) => {$(
        impl<A, B: Nth<$before>> Nth<$at> for (A, B) {
            type Parameter = B::Parameter;
        }
    )*};
}
nth!(1 0 2 1 3 2 4 3 5 4 6 5 7 6);
