//! Operators and methods that there are not, so that the compiler says what to write in their place.
//!
//! In: `x == y`, `x < y`, `x[[0, 1]]`, `x.iter()`, `x.unwrap()`, `x.log()`. Out: a message. Rust's comparisons give one `bool`, and its brackets a reference to a value that is there already: neither can be had of what is not
//! computed. Each operator is implemented for what has a trait of this file, which nothing has, and the compiler says what that trait says, and not that `std`'s is missing. It does that only
//! where it cannot know before it sees the other operand, and where what lacks the trait is not the array itself, of which it would say the latter; hence [`OneBool`].
//!
//! Methods that NumPy, `ndarray` or `Result` have, and lazy arrays have not or call otherwise, need a trait too that no array has.
//!
//! Nothing here is ever called.
//!
//! Not here: the operators that there are, and what they say of wrong operands (`operators`).

use crate::array::Array;
use ndarray::{Dimension, Ix1};
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

/// What methods need that NumPy calls otherwise: a trait of its own for each, for its message.
macro_rules! called_otherwise {
    ($($Trait:ident $message:literal;)*) => {$(
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "arrays have the names of `ndarray`",
            note = "the page `numpy` of the documentation has all names"
        )]
        pub trait $Trait {}
    )*};
}
called_otherwise! {
    Ln "NumPy's `log` is `x.ln()` here";
    Abs "NumPy's `absolute` is `x.abs()` here";
    Cast "NumPy's `astype` is `x.cast::<f32>()` here";
    Dot "NumPy's `matmul` is `x.dot(&y)` here, of stacks of matrices `einsum(\"bij,bjk->bik\", (&x, &y))`";
    Transposed "NumPy's `transpose` is `x.t()` here, with an order of the axes `x.permuted_axes([1, 0])`";
    Flatten "NumPy's `ravel` is `x.flatten()` here";
    InvertAxis "NumPy's `flip` is `x.invert_axis(Axis(0))` here, once for each axis";
    RemoveAxis "NumPy's `squeeze` is `x.remove_axis(Axis(0))` here, of one axis";
    InsertAxis "NumPy's `expand_dims` is `x.insert_axis(Axis(0))` here";
    SwapAxes "NumPy's `swapaxes` is `x.swap_axes(0, 1)` here";
    Broadcast "NumPy's `broadcast_to` is `x.broadcast([2, 3])` here";
    Select "NumPy's `take` is `x.select(Axis(0), &[2, 0])` here";
    Powf "NumPy's `power` is `x.powf(&y)` here, of an integer `x.powi(2)`";
    Powi "NumPy's `square` is `x.powi(2)` here";
    Len "NumPy's `size` is `x.len()` here";
    Quantile "NumPy's `percentile(q)` is `x.quantile(q / 100.0)` here";
    Gt "NumPy's `greater` is `x.gt(&y)` here";
    Not "NumPy's `logical_not` is `!&x` here";
    StoreNpy "NumPy's `save` is `x.store_npy(path)` here";
    Cloned "NumPy's `copy` is `x.clone()` here, which copies no elements";
}

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
    #[doc(hidden)] pub fn square(&mut self) -> Self where Self: Powi { never() }
    #[doc(hidden)] pub fn size(&mut self) -> Self where Self: Len { never() }
    #[doc(hidden)] pub fn percentile<T>(&mut self, _: T) -> Self where Self: Quantile { never() }
    #[doc(hidden)] pub fn greater<T>(&mut self, _: T) -> Self where Self: Gt { never() }
    #[doc(hidden)] pub fn logical_not(&mut self) -> Self where Self: Not { never() }
    #[doc(hidden)] pub fn save<T>(&mut self, _: T) -> Self where Self: StoreNpy { never() }
    #[doc(hidden)] pub fn power<T>(&mut self, _: T) -> Self where Self: Powf { never() }
    #[doc(hidden)] pub fn log(&mut self) -> Self where Self: Ln { never() }
    #[doc(hidden)] pub fn absolute(&mut self) -> Self where Self: Abs { never() }
    #[doc(hidden)] pub fn astype<B>(&mut self) -> Array<B, D> where Self: Cast { never() }
    #[doc(hidden)] pub fn matmul<T>(&mut self, _: T) -> Self where Self: Dot { never() }
    #[doc(hidden)] pub fn transpose(&mut self) -> Self where Self: Transposed { never() }
    #[doc(hidden)] pub fn ravel(&mut self) -> Array<A, Ix1> where Self: Flatten { never() }
    #[doc(hidden)] pub fn flip<T>(&mut self, _: T) -> Self where Self: InvertAxis { never() }
    #[doc(hidden)] pub fn squeeze(&mut self) -> Self where Self: RemoveAxis { never() }
    #[doc(hidden)] pub fn expand_dims<T>(&mut self, _: T) -> Array<A, D::Larger> where D: Dimension, Self: InsertAxis { never() }
    #[doc(hidden)] pub fn swapaxes(&mut self, _: usize, _: usize) -> Self where Self: SwapAxes { never() }
    #[doc(hidden)] pub fn broadcast_to<T>(&mut self, _: T) -> Self where Self: Broadcast { never() }
    #[doc(hidden)] pub fn take<T, U>(&mut self, _: T, _: U) -> Self where Self: Select { never() }
    #[doc(hidden)] pub fn copy(&mut self) -> Self where Self: Cloned { never() }
    #[doc(hidden)] pub fn unwrap(&mut self) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn expect<T>(&mut self, _: T) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_ok(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_err(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn map_err<F>(&mut self, _: F) -> Self where Self: IsResult { never() }
}
