//! Operators that there are not, so that the compiler says what to write in their place.
//!
//! In: `x == y`, `x < y`, `x[[0, 1]]`. Out: a message. Rust's comparisons give one `bool`, and its brackets a reference to a value that is there already: neither can be had of what is not
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
