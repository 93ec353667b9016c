//! Operators and methods that there are not, so that the compiler says what to write in their place.
//!
//! In: `x == y`, `&x > 0.0`, `1 - &x` of floating-point numbers, `x[[0, 1]]`, `for … in &x`, `x.iter()`, `x.unwrap()`, `x.log()`. Out: a message. Rust's comparisons give one `bool`, and its brackets a reference to a value that is there already: neither can be had of what is not
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
use num_complex::Complex;
use std::cmp::Ordering;
use std::ops::{Add, Div, Index, Mul, Sub};

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

/// Of an array that is lent, with what is no reference. Of numbers these are the types that literals have where nothing else says one: of two the compiler would not take either.
macro_rules! lent {
    ($([$($generics:ident),*] $With:ty;)*) => {$(
        #[doc(hidden)]
        impl<A: ComparedByOperator<Gives: Known>, D, $($generics),*> PartialEq<$With> for &Array<A, D> {
            fn eq(&self, _: &$With) -> bool {
                <A::Gives as Known>::never()
            }
        }
        #[doc(hidden)]
        impl<A: ComparedByOperator<Gives: Known>, D, $($generics),*> PartialOrd<$With> for &Array<A, D> {
            fn partial_cmp(&self, _: &$With) -> Option<Ordering> {
                <A::Gives as Known>::never()
            }
        }
    )*};
}
lent! {
    [] f64;
    [] i32;
    [] bool;
    [B, E] Array<B, E>;
}

/// What nothing is, and what may be compared for all the compiler knows before it sees what an array is compared with: without it the compiler would want a reference there, as `std` compares two.
pub struct Anything<T>(T);
#[doc(hidden)]
impl<A, D, T: ComparedByOperator<Gives: Known>> PartialEq<Anything<T>> for &Array<A, D> {
    fn eq(&self, _: &Anything<T>) -> bool {
        T::Gives::never()
    }
}
#[doc(hidden)]
impl<A, D, T: ComparedByOperator<Gives: Known>> PartialOrd<Anything<T>> for &Array<A, D> {
    fn partial_cmp(&self, _: &Anything<T>) -> Option<Ordering> {
        T::Gives::never()
    }
}

/// What a number before an operator needs of the array behind it, whose elements it is none of: nothing has it.
#[diagnostic::on_unimplemented(
    message = "a number before an array of `{A}` is one of `{A}`",
    label = "this number is of another type",
    note = "a literal is written as one of the array's type, `1.0 - &x` of `f64`, `1 - &x` of integers; `.cast()` gives the array another type, `2.0 * x.cast::<f64>()`, also a mask, `1.0 - mask.cast::<f64>()`"
)]
pub trait AfterNumber<A> {
    fn never() -> !;
}

/// Of numbers these are the types that literals have where nothing else says one: of two the compiler would take neither, and say what `std` says.
macro_rules! after_numbers {
    ($($N:ty: $($A:ty)*;)*) => {$($(
        after_numbers!(@ops $N, $A: Add add, Sub sub, Mul mul, Div div);
    )*)*};
    (@ops $N:ty, $A:ty: $($Op:ident $op:ident),*) => {$(
        #[doc(hidden)]
        impl<D: AfterNumber<$A>> $Op<Array<$A, D>> for $N {
            type Output = Array<$A, D>;
            fn $op(self, _: Array<$A, D>) -> Array<$A, D> {
                D::never()
            }
        }
        #[doc(hidden)]
        impl<D: AfterNumber<$A>> $Op<&Array<$A, D>> for $N {
            type Output = Array<$A, D>;
            fn $op(self, _: &Array<$A, D>) -> Array<$A, D> {
                D::never()
            }
        }
    )*};
}
after_numbers! {
    i32: f32 f64 Complex<f32> Complex<f64> bool;
    f64: i8 i16 i32 i64 u8 u16 u32 u64 Complex<f32> Complex<f64> bool;
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

/// So `for` says it of an array that is lent. Of one that is given away it speaks of `Iterator`: were that implemented for the array itself, iterators' methods would stand before its own.
#[doc(hidden)]
impl<A: HasValues, D> Iterator for &Array<A, D> {
    type Item = A;
    fn next(&mut self) -> Option<A> {
        never()
    }
}

/// What methods need that give one row after the other.
#[diagnostic::on_unimplemented(
    message = "an array that is not computed has no rows to go through",
    label = "an array has no values before it is computed",
    note = "`x.compute()?.axis_iter(Axis(0))` goes through those that are there; `x.index_axis(Axis(0), i)` is one that is computed later, and `x.map_axis(Axis(1), f)` calls a function of each while it is computed"
)]
pub trait HasRows {}

/// What methods need that change an array in place.
#[diagnostic::on_unimplemented(
    message = "an array is an expression, and is not changed in place",
    label = "every step makes a new array",
    note = "`x = x.mapv(f)` and `x += 1.0` put the new one in its place, `x.full_like(0.0)` is another of its shape, and `x.assign(s![1..3, ..], &y)` has other elements there"
)]
pub trait ChangedInPlace {}

/// What methods need that a `Result` has and an array has not.
#[diagnostic::on_unimplemented(
    message = "a step gives an array and no `Result`: the array carries its error",
    label = "an array is no `Result`",
    note = "`x.compute()` gives the first error of all steps, and `x.check()` does before anything runs"
)]
pub trait IsResult {}

/// What methods need that NumPy, or `ndarray`, calls otherwise: a trait of its own for each, for its message.
macro_rules! called_otherwise {
    ($($Trait:ident $message:literal;)*) => {$(
        #[diagnostic::on_unimplemented(
            message = $message,
            label = "it has another name here",
            note = "the page `numpy` of the documentation has all names"
        )]
        pub trait $Trait {}
    )*};
}
called_otherwise! {
    Ln "NumPy's `log` is `x.ln()` here, and that of `ndarray` to a base `x.ln() / base.ln()`";
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
    Powf "NumPy's `power`, or `pow`, is `x.powf(&y)` here, of an integer `x.powi(2)`";
    Powi "NumPy's `square`, and `pow2` of `ndarray`, is `x.powi(2)` here";
    Clip "`clamp` of `ndarray` is `x.clip(low, high)` here, as in NumPy";
    Prod "`product` of `ndarray` is `x.prod()` here, as in NumPy";
    ProdAxis "`product_axis` of `ndarray` is `x.prod_axis(Axis(0))` here";
    Arange "`range` of `ndarray` is `Array::arange(start, end, step)` here, as in NumPy";
    Len "NumPy's `size` is `x.len()` here";
    Quantile "NumPy's `percentile(q)` is `x.quantile(q / 100.0)` here";
    Gt "NumPy's `greater` is `x.gt(&y)` here";
    Not "NumPy's `logical_not` is `!&x` here";
    StoreNpy "NumPy's `save` is `x.store_npy(path)` here";
    Flat "NumPy's `flat` is `x.flatten()` here";
    T "NumPy's `T` is `x.t()` here";
    Re "NumPy's `real` is `x.re()` here, of complex numbers";
    Im "NumPy's `imag` is `x.im()` here, of complex numbers";
    Arg "NumPy's `angle` is `x.arg()` here, of complex numbers";
    Size "NumPy's `itemsize` is `x.dtype().size` here";
    ToGraph "dask's `visualize` is `x.to_graph()?.to_dot()` here, or `.to_mermaid()`";
    ChunkLengths "dask's `chunks` is `x.chunk_lengths(0)` here, along one axis";
    ChunkLengthsLen "dask's `numblocks` is `x.chunk_lengths(0).len()` here, along one axis";
    ChunkLengthsMax "dask's `chunksize` is the greatest of `x.chunk_lengths(0)` here, along one axis";
    ChunkCount "dask's `npartitions` is `x.chunk_count()` here";
    Cloned "NumPy's `copy` is `x.clone()` here, which copies no elements";
}

/// What a determinant needs: nothing has it.
#[diagnostic::on_unimplemented(
    message = "there are no determinants of lazy arrays",
    label = "no such method",
    note = "of `x.qr()` the diagonal of R is not negative, so `x.qr().1.diag().prod()` is the determinant without its sign, and `x.qr().1.diag().ln().sum()` its logarithm, which does not overflow"
)]
pub trait HasDeterminant {}

/// What eigenvalues need: nothing has it.
#[diagnostic::on_unimplemented(
    message = "there are no eigenvalues of lazy arrays",
    label = "no such method",
    note = "`x.svd()` gives singular values, `let (u, s, vt) = x.svd()`, which of a symmetric matrix are the eigenvalues without their signs; of `x.compute()?`, an array of `ndarray`, crates such as `faer` find them"
)]
pub trait HasEigenvalues {}

/// What factorisations need where their feature is not enabled.
#[cfg(not(feature = "linalg"))]
#[diagnostic::on_unimplemented(
    message = "factorisations of arrays are in the feature `linalg`, which is not enabled",
    label = "a factorisation",
    note = "in Cargo.toml: `taskweave = {{ .., features = [\"linalg\"] }}`, which has `array` too"
)]
pub trait Linalg {}

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
    #[doc(hidden)] pub fn indexed_iter(&mut self) -> std::iter::Empty<(D, A)> where Self: HasValues { never() }
    #[doc(hidden)] pub fn rows(&mut self) -> std::iter::Empty<Self> where Self: HasRows { never() }
    #[doc(hidden)] pub fn columns(&mut self) -> std::iter::Empty<Self> where Self: HasRows { never() }
    #[doc(hidden)] pub fn lanes<T>(&mut self, _: T) -> std::iter::Empty<Self> where Self: HasRows { never() }
    #[doc(hidden)] pub fn outer_iter(&mut self) -> std::iter::Empty<Self> where Self: HasRows { never() }
    #[doc(hidden)] pub fn axis_iter<T>(&mut self, _: T) -> std::iter::Empty<Self> where Self: HasRows { never() }
    #[doc(hidden)] pub fn fill<T>(&mut self, _: T) where Self: ChangedInPlace { never() }
    #[doc(hidden)] pub fn mapv_inplace<F>(&mut self, _: F) where Self: ChangedInPlace { never() }
    #[doc(hidden)] pub fn map_inplace<F>(&mut self, _: F) where Self: ChangedInPlace { never() }
    #[doc(hidden)] pub fn slice_mut<T>(&mut self, _: T) -> Self where Self: ChangedInPlace { never() }
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
    #[doc(hidden)] pub fn pow<T>(&mut self, _: T) -> Self where Self: Powf { never() }
    #[doc(hidden)] pub fn power<T>(&mut self, _: T) -> Self where Self: Powf { never() }
    #[doc(hidden)] pub fn log(&mut self) -> Self where Self: Ln { never() }
    #[doc(hidden)] pub fn absolute(&mut self) -> Self where Self: Abs { never() }
    #[doc(hidden)] pub fn astype<B>(&mut self) -> Array<B, D> where Self: Cast { never() }
    #[doc(hidden)] pub fn matmul<T>(&mut self, _: T) -> Self where Self: Dot { never() }
    #[doc(hidden)] pub fn transpose(&mut self) -> Self where Self: Transposed { never() }
    #[doc(hidden)] pub fn ravel(&mut self) -> Array<A, Ix1> where Self: Flatten { never() }
    #[doc(hidden)] pub fn flat(&mut self) -> Array<A, Ix1> where Self: Flat { never() }
    #[doc(hidden)] #[allow(non_snake_case)] pub fn T(&mut self) -> Self where Self: T { never() }
    #[doc(hidden)] pub fn real(&mut self) -> Self where Self: Re { never() }
    #[doc(hidden)] pub fn imag(&mut self) -> Self where Self: Im { never() }
    #[doc(hidden)] pub fn angle(&mut self) -> Self where Self: Arg { never() }
    #[doc(hidden)] pub fn clamp<T>(&mut self, _: T, _: T) -> Self where Self: Clip { never() }
    #[doc(hidden)] pub fn product(&mut self) -> Self where Self: Prod { never() }
    #[doc(hidden)] pub fn product_axis<T>(&mut self, _: T) -> Self where Self: ProdAxis { never() }
    #[doc(hidden)] pub fn pow2(&mut self) -> Self where Self: Powi { never() }
    #[doc(hidden)] pub fn itemsize(&mut self) -> usize where Self: Size { never() }
    #[doc(hidden)] pub fn visualize(&mut self) where Self: ToGraph { never() }
    #[doc(hidden)] pub fn chunks(&mut self) -> Vec<Vec<usize>> where Self: ChunkLengths { never() }
    #[doc(hidden)] pub fn numblocks(&mut self) -> Vec<usize> where Self: ChunkLengthsLen { never() }
    #[doc(hidden)] pub fn chunksize(&mut self) -> Vec<usize> where Self: ChunkLengthsMax { never() }
    #[doc(hidden)] pub fn npartitions(&mut self) -> usize where Self: ChunkCount { never() }
    #[doc(hidden)] pub fn flip<T>(&mut self, _: T) -> Self where Self: InvertAxis { never() }
    #[doc(hidden)] pub fn squeeze(&mut self) -> Self where Self: RemoveAxis { never() }
    #[doc(hidden)] pub fn expand_dims<T>(&mut self, _: T) -> Array<A, D::Larger> where D: Dimension, Self: InsertAxis { never() }
    #[doc(hidden)] pub fn swapaxes(&mut self, _: usize, _: usize) -> Self where Self: SwapAxes { never() }
    #[doc(hidden)] pub fn broadcast_to<T>(&mut self, _: T) -> Self where Self: Broadcast { never() }
    #[doc(hidden)] pub fn take<T, U>(&mut self, _: T, _: U) -> Self where Self: Select { never() }
    #[doc(hidden)] pub fn det(&mut self) -> Self where Self: HasDeterminant { never() }
    #[doc(hidden)] pub fn slogdet(&mut self) -> (Self, Self) where Self: HasDeterminant { never() }
    #[doc(hidden)] pub fn eig(&mut self) -> (Self, Self) where Self: HasEigenvalues { never() }
    #[doc(hidden)] pub fn eigh(&mut self) -> (Self, Self) where Self: HasEigenvalues { never() }
    #[doc(hidden)] pub fn eigvals(&mut self) -> Self where Self: HasEigenvalues { never() }
    #[doc(hidden)] pub fn eigvalsh(&mut self) -> Self where Self: HasEigenvalues { never() }
    #[doc(hidden)] pub fn copy(&mut self) -> Self where Self: Cloned { never() }
    #[doc(hidden)] pub fn unwrap(&mut self) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn expect<T>(&mut self, _: T) -> Self where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_ok(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn is_err(&mut self) -> bool where Self: IsResult { never() }
    #[doc(hidden)] pub fn map_err<F>(&mut self, _: F) -> Self where Self: IsResult { never() }
}

// What they give is of any type, so that its use is no second mistake.
#[cfg(not(feature = "linalg"))]
#[doc(hidden)]
#[allow(missing_docs)]
#[rustfmt::skip]
impl<A, D> Array<A, D> {
    #[doc(hidden)] pub fn svd(&mut self) -> (Self, Self, Self) where Self: Linalg { never() }
    #[doc(hidden)] pub fn svd_compressed<T, R>(&mut self, _: usize, _: T) -> R where Self: Linalg { never() }
    #[doc(hidden)] pub fn qr(&mut self) -> (Self, Self) where Self: Linalg { never() }
    #[doc(hidden)] pub fn cholesky(&mut self) -> Self where Self: Linalg { never() }
    #[doc(hidden)] pub fn inv(&mut self) -> Self where Self: Linalg { never() }
    #[doc(hidden)] pub fn pinv(&mut self) -> Self where Self: Linalg { never() }
    #[doc(hidden)] pub fn solve<T, R>(&mut self, _: T) -> R where Self: Linalg { never() }
    #[doc(hidden)] pub fn lstsq<T, R>(&mut self, _: T) -> R where Self: Linalg { never() }
}

// Of vectors alone: else the compiler would want to know the rank first.
#[doc(hidden)]
#[allow(missing_docs)]
#[rustfmt::skip]
impl<A> Array<A, Ix1> {
    #[doc(hidden)] pub fn range(_: A, _: A, _: A) -> Self where Self: Arange { never() }
}
