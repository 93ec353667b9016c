//! Operators between arrays, and between arrays and numbers.
//!
//! In: an array, and what stands beside it: an array, an array or a view of `ndarray`, or a number. Out: elementwise expressions.
//!
//! What stands on the right is one parameter with one bound, [`RightOperand`], rather than an implementation for each kind of it: so the compiler says of a wrong one what that trait says, and
//! not that `std`'s is missing. Numbers on the left are a list, because one implementation for all of them would leave open which type a literal has.
//!
//! Not here: what a step does to a tile (`kernels`); operators that there are not (`refused`).

use crate::array::Array;
use crate::element::{Element, Number};
use crate::elementwise::{Bits, Both, Operand};
use crate::kernels::{Checked, map1, map2};
use crate::quotient::Divide;
use ndarray::{ArcArray, Array as NdArray, ArrayView, DimMax, Dimension, Ix0};
use std::marker::PhantomData;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};
use std::ops::{AddAssign, DivAssign, MulAssign, RemAssign, SubAssign};
use std::ops::{BitAndAssign, BitOrAssign, BitXorAssign};

/// What stands on the right of an operator: an [`Operand`] whose rank follows from its type.
///
/// An array of `ndarray` that is borrowed, and a view, are copied; one that is used again is better made an array once, `Array::from(values)`.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use ndarray::arr1;
/// let x = array::Array::<f64, _>::ones([2]);
/// let y = (&x + 1.0) * &x + arr1(&[0.0, 10.0]);
/// assert_eq!((arr1(&[1.0, 2.0]) - &y).compute()?.to_vec(), [-1.0, -10.0]);
/// let values = arr1(&[1.0, 2.0]);
/// assert_eq!((&values - y * values.view()).compute()?.to_vec(), [-1.0, -22.0]);
/// # Ok::<(), array::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no operand for an array of `{A}`",
    label = "neither an array nor a number of `{A}`",
    note = "an operand is an array, an array or a view of `ndarray`, or a number, of `{A}` as the array is: a literal is written as one of that type, `1.0` for `f64`, and `.cast()` gives either array the other's type, `mask.cast::<f64>()`; what a task computes is waited for, `handle.await`"
)]
pub trait RightOperand<A>: Operand<A, Self::Rank> {
    /// The rank: that of the array, `Ix0` of a number.
    type Rank: Dimension;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for Array<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for &Array<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for NdArray<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for &NdArray<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for ArcArray<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for &ArcArray<A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for ArrayView<'_, A, D> {
    type Rank = D;
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> RightOperand<A> for &ArrayView<'_, A, D> {
    type Rank = D;
}
impl<A: Element> RightOperand<A> for A {
    type Rank = Ix0;
}

/// Operators between an array and what stands on its right, and between an array of `ndarray` and one of ours.
///
/// What elements they need is asked of the rank on the right, which follows from what stands there: so arrays of other elements have the operator, as far as the compiler knows before it sees what
/// stands there, and it says what `$Family` says, and not that `std`'s is missing.
macro_rules! operators {
    ($(#[$says:meta])* $Family:ident of $Bound:path: $($Op:ident, $op:ident, $name:literal, $kernel:expr;)*) => {
        $(#[$says])*
        pub trait $Family<A>: Dimension {
            $(
                #[doc(hidden)]
                #[track_caller]
                fn $op<D: Dimension + DimMax<Self>>(x: &Array<A, D>, y: &Array<A, Self>) -> Array<A, Both<D, Self>>;
            )*
        }
        #[doc(hidden)]
        #[diagnostic::do_not_recommend]
        impl<A: $Bound, E: Dimension> $Family<A> for E {
            $(
                #[track_caller]
                fn $op<D: Dimension + DimMax<E>>(x: &Array<A, D>, y: &Array<A, E>) -> Array<A, Both<D, E>> {
                    x.binary(y, $name, $kernel)
                }
            )*
        }
        $(
            impl<A: Element, D: Dimension + DimMax<T::Rank>, T: RightOperand<A, Rank: $Family<A>>> $Op<T> for &Array<A, D> {
                type Output = Array<A, Both<D, T::Rank>>;
                #[track_caller]
                fn $op(self, other: T) -> Self::Output {
                    <T::Rank as $Family<A>>::$op(self, &other.into_array())
                }
            }
            impl<A: Element, D: Dimension + DimMax<T::Rank>, T: RightOperand<A, Rank: $Family<A>>> $Op<T> for Array<A, D> {
                type Output = Array<A, Both<D, T::Rank>>;
                #[track_caller]
                fn $op(self, other: T) -> Self::Output {
                    <T::Rank as $Family<A>>::$op(&self, &other.into_array())
                }
            }
            operators! { @first NdArray<A, D>, $Op, $op, $name, $Bound, $kernel }
            operators! { @first &NdArray<A, D>, $Op, $op, $name, $Bound, $kernel }
            operators! { @first ArcArray<A, D>, $Op, $op, $name, $Bound, $kernel }
            operators! { @first &ArcArray<A, D>, $Op, $op, $name, $Bound, $kernel }
            operators! { @first ArrayView<'_, A, D>, $Op, $op, $name, $Bound, $kernel }
            operators! { @first &ArrayView<'_, A, D>, $Op, $op, $name, $Bound, $kernel }
        )*
    };
    (@first $First:ty, $Op:ident, $op:ident, $name:literal, $Bound:path, $kernel:expr) => {
        operators! { @both $First, &Array<A, E>, $Op, $op, $name, $Bound, $kernel }
        operators! { @both $First, Array<A, E>, $Op, $op, $name, $Bound, $kernel }
    };
    (@both $First:ty, $Second:ty, $Op:ident, $op:ident, $name:literal, $Bound:path, $kernel:expr) => {
        impl<A: $Bound, D: Dimension + DimMax<E>, E: Dimension> $Op<$Second> for $First {
            type Output = Array<A, Both<D, E>>;
            #[track_caller]
            fn $op(self, other: $Second) -> Self::Output {
                Operand::<A, D>::into_array(self).binary(&other, $name, $kernel)
            }
        }
    };
}
operators! {
    #[diagnostic::on_unimplemented(
        message = "arrays of `{A}` have no arithmetic",
        label = "`{A}` is no number",
        note = "of `bool`s, which have `&`, `|` and `^`, `.cast::<f64>()` makes numbers: `x * mask.cast::<f64>()`; `sum` and `mean` take them as they are, and `mask.where_(&x, 0.0)` chooses"
    )]
    Arithmetic of Number:
    Add, add, "add", map2(A::add_);
    Sub, sub, "subtract", map2(A::sub_);
    Mul, mul, "multiply", map2(A::mul_);
    Div, div, "divide", Checked(Divide::<A>(PhantomData), A::has_no_quotient_by);
    Rem, rem, "rem", Checked(map2(A::rem_), A::has_no_quotient_by);
}
operators! {
    #[diagnostic::on_unimplemented(
        message = "arrays of `{A}` have no logic and no bits",
        label = "`{A}` is neither `bool` nor an integer",
        note = "comparisons make `bool`s: `x.gt(0.0) & x.lt(1.0)`"
    )]
    Logic of Bits:
    BitAnd, bitand, "bitand", map2(A::and_);
    BitOr, bitor, "bitor", map2(A::or_);
    BitXor, bitxor, "bitxor", map2(A::xor_);
}

/// `x += y`: `x` becomes the array `x + y`.
macro_rules! assigning {
    ($($Op:ident $assign:ident $op:tt $Family:ident;)*) => {$(
        impl<A: Element, D: Dimension + DimMax<T::Rank, Output = D>, T: RightOperand<A, Rank: $Family<A>>> $Op<T>
            for Array<A, D>
        {
            #[track_caller]
            fn $assign(&mut self, other: T) {
                *self = &*self $op other;
            }
        }
    )*};
}
assigning! {
    AddAssign add_assign + Arithmetic;
    SubAssign sub_assign - Arithmetic;
    MulAssign mul_assign * Arithmetic;
    DivAssign div_assign / Arithmetic;
    RemAssign rem_assign % Arithmetic;
    BitAndAssign bitand_assign & Logic;
    BitOrAssign bitor_assign | Logic;
    BitXorAssign bitxor_assign ^ Logic;
}

/// A number before the operator.
macro_rules! numbers_first {
    ($($A:ty)*) => {$(
        numbers_first!(@ops $A: Add add "add" add_, Sub sub "subtract" sub_, Mul mul "multiply" mul_);
        impl<D: Dimension> Div<Array<$A, D>> for $A {
            type Output = Array<$A, D>;
            #[track_caller]
            fn div(self, array: Array<$A, D>) -> Array<$A, D> {
                self / &array
            }
        }
        impl<D: Dimension> Div<&Array<$A, D>> for $A {
            type Output = Array<$A, D>;
            #[track_caller]
            fn div(self, array: &Array<$A, D>) -> Array<$A, D> {
                let divide = Checked(map2(<$A as Number>::div_), <$A as Number>::has_no_quotient_by);
                array.after_number(self, "divide", divide)
            }
        }
    )*};
    (@ops $A:ty: $($Op:ident $op:ident $name:literal $f:ident),*) => {$(
        impl<D: Dimension> $Op<Array<$A, D>> for $A {
            type Output = Array<$A, D>;
            #[track_caller]
            fn $op(self, array: Array<$A, D>) -> Array<$A, D> {
                array.after_number(self, $name, map2(<$A as Number>::$f))
            }
        }
        impl<D: Dimension> $Op<&Array<$A, D>> for $A {
            type Output = Array<$A, D>;
            #[track_caller]
            fn $op(self, array: &Array<$A, D>) -> Array<$A, D> {
                array.after_number(self, $name, map2(<$A as Number>::$f))
            }
        }
    )*};
}
numbers_first! { i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 num_complex::Complex<f32> num_complex::Complex<f64> }

impl<A: Number, D: Dimension> Neg for &Array<A, D> {
    type Output = Array<A, D>;
    #[track_caller]
    fn neg(self) -> Array<A, D> {
        self.unary("negative", map1(A::neg_))
    }
}
impl<A: Number, D: Dimension> Neg for Array<A, D> {
    type Output = Array<A, D>;
    #[track_caller]
    fn neg(self) -> Array<A, D> {
        -&self
    }
}
impl<A: Bits, D: Dimension> Not for &Array<A, D> {
    type Output = Array<A, D>;
    #[track_caller]
    fn not(self) -> Array<A, D> {
        self.unary("not", map1(A::not_))
    }
}
impl<A: Bits, D: Dimension> Not for Array<A, D> {
    type Output = Array<A, D>;
    #[track_caller]
    fn not(self) -> Array<A, D> {
        !&self
    }
}
