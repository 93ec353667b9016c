//! Operators and methods that there are not, so that the compiler says what to write in their place.
//!
//! In: `x == y`, `x < y`, `x[[0, 1]]`, `x.iter()`, `x.unwrap()`. Out: a message. Rust's comparisons give one `bool`, and its brackets a reference to a value that is there already: neither can be had of what is not
//! computed. Each operator is implemented for what has a trait of this file, which nothing has, and the compiler says what that trait says, and not that `std`'s is missing. It does that only
//! where it cannot know before it sees the other operand, and where what lacks the trait is not the array itself, of which it would say the latter; hence [`OneBool`].
//!
//! Nothing here is ever called.
//!
//! Not here: the operators that there are, and what they say of wrong operands (`operators`).

use crate::array::Array;
use std::cmp::Ordering;
use std::ops::Index;

/// What arrays are compared with by an operator: not even arrays.
#[diagnostic::on_unimplemented(
    message = "arrays are not compared by operators, which give one `bool`",
    label = "no array is compared by `==`, `<` and their like",
    note = "`x.equal(&y)`, `x.not_equal(&y)`, `x.lt(&y)`, `x.le(&y)`, `x.gt(&y)` and `x.ge(0.0)` give an array of `bool`, of which `.all()` and `.any()` make one; in tests compare what is computed: `assert_eq!(x.compute()?, y.compute()?)`"
)]
pub trait ComparedByOperator {
    type Gives;
}
impl<A, D> ComparedByOperator for Array<A, D> {
    type Gives = OneBool;
}

/// What comparing two arrays by an operator would give.
pub struct OneBool;

/// What comes of comparing arrays: nothing.
#[diagnostic::on_unimplemented(
    message = "arrays are not compared by operators, which give one `bool`",
    label = "no array is compared by `==`, `<` and their like",
    note = "`x.equal(&y)`, `x.not_equal(&y)`, `x.lt(&y)`, `x.le(&y)`, `x.gt(&y)` and `x.ge(0.0)` give an array of `bool`, of which `.all()` and `.any()` make one; in tests compare what is computed: `assert_eq!(x.compute()?, y.compute()?)`"
)]
pub trait Known {
    fn never() -> !;
}

/// What stands in the brackets behind an array: nothing.
#[diagnostic::on_unimplemented(
    message = "arrays are not indexed by brackets, which refer to what is there already",
    label = "an array that is not computed has no element and no part to refer to",
    note = "`x.slice(s![1..3, ..])` is a part, `x.index_axis(Axis(0), 2)` a row, `x.select(Axis(0), &[2, 0])` some rows; `x.compute()?` is an array of `ndarray`, which has brackets: `x.compute()?[[0, 1]]`"
)]
pub trait InBrackets {
    fn never() -> !;
}

#[doc(hidden)]
impl<A, D, T: ComparedByOperator<Gives: Known>> PartialEq<T> for Array<A, D> {
    fn eq(&self, _: &T) -> bool {
        T::Gives::never()
    }
}

#[doc(hidden)]
impl<A, D, T: ComparedByOperator<Gives: Known>> PartialOrd<T> for Array<A, D> {
    fn partial_cmp(&self, _: &T) -> Option<Ordering> {
        T::Gives::never()
    }
}

#[doc(hidden)]
impl<A, D, I: InBrackets> Index<I> for Array<A, D> {
    type Output = A;
    fn index(&self, _: I) -> &A {
        I::never()
    }
}

/// What methods need that arrays of `ndarray` have and lazy ones have not: values that are there.
#[diagnostic::on_unimplemented(
    message = "this needs the values of an array that is not computed yet",
    label = "an array has no values before it is computed",
    note = "`x.compute()?` is an array of `ndarray`, which has them; in `graph!` it is `x.await`, or a #[delayed] function takes the `ndarray` array; a function of elements is given to `x.mapv(…)`, one of blocks to `x.map_blocks(…)`"
)]
pub trait HasValues {}

/// What methods need that a `Result` has and an array has not.
#[diagnostic::on_unimplemented(
    message = "a step gives an array and no `Result`: the array carries its error",
    label = "an array is no `Result`",
    note = "`x.compute()` gives the first error of all steps, and `x.check()` does before anything runs"
)]
pub trait IsResult {}

/// For a function that can't be called: what its array should be, nothing is.
fn never<T>() -> T {
    std::process::abort()
}

// `&mut self`: found last, so that a method of the user's own on arrays wins. Not made by a macro, for messages show the line.
#[doc(hidden)]
#[allow(missing_docs)]
#[rustfmt::skip]
impl<A, D> Array<A, D> {
    #[doc(hidden)] pub fn into_scalar(&mut self) -> A where Self: HasValues { never() }
    #[doc(hidden)] pub fn item(&mut self) -> A where Self: HasValues { never() }
    #[doc(hidden)] pub fn to_vec(&mut self) -> Vec<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn into_vec(&mut self) -> Vec<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn tolist(&mut self) -> Vec<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn view(&mut self) -> Self where Self: HasValues { never() }
    #[doc(hidden)] pub fn as_slice(&mut self) -> Vec<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn iter(&mut self) -> std::iter::Empty<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn iter_mut(&mut self) -> std::iter::Empty<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn rows(&mut self) -> std::iter::Empty<Self> where Self: HasValues { never() }
    #[doc(hidden)] pub fn get<I>(&mut self, _: I) -> Option<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn first(&mut self) -> Option<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn last(&mut self) -> Option<A> where Self: HasValues { never() }
    #[doc(hidden)] pub fn map<F>(&mut self, _: F) -> Self where Self: HasValues { never() }
    #[doc(hidden)] pub fn for_each<F>(&mut self, _: F) where Self: HasValues { never() }
    #[doc(hidden)] pub fn unwrap(&mut self) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn expect<T>(&mut self, _: T) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_ok(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_err(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn map_err<F>(&mut self, _: F) -> Self where Self: IsResult { never() }
}
