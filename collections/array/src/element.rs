//! The types an array can hold, and what their arithmetic is.
//!
//! In: Rust's numbers. Out: one meaning for each operation that never panics. Integers wrap around, as NumPy's do; a division by
//! zero of integers has no value, and is reported by whoever divides. Floating-point numbers follow IEEE 754.
//!
//! ```text
//! Element   all: bool, i8..i64, u8..u64, f32, f64, Complex<f32>, Complex<f64>
//! └ Summed  the same: sums and means
//!   └ Number  all but bool: + - * /
//!     └ Real  without the complex ones: an order, minima, quantiles
//!       └ Float  f32, f64: functions of analysis, some of which complex numbers have too (`Analytic`)
//! ```
//! The traits are sealed: blocks of other types can be mapped to and from in the tasks around an array.

use crate::complex::Analytic;
use crate::math::RealMath;
use crate::random::Uniform;
use crate::store::AsBytes;
use crate::variance::Spread;
use num_complex::Complex;
use std::any::TypeId;
use std::cmp::Ordering;
use std::fmt::{Debug, Display};

mod sealed {
    pub trait Sealed {}
}

/// What an array can hold: `bool`, integers of 8 to 64 bits, `f32`, `f64`, and complex numbers of these.
///
/// # Examples
/// Of other types there are no arrays:
/// ```compile_fail,E0277
/// # use taskweave_array as array;
/// let places = array::Array::from(vec![1_usize, 2]);
/// ```
/// ```
/// # use taskweave_array as array;
/// let places = array::Array::from(vec![1_u64, 2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "an array cannot hold elements of `{Self}`",
    label = "`{Self}` is no element type",
    note = "elements are `bool`, `i8` to `i64`, `u8` to `u64`, `f32`, `f64`, `Complex<f32>` and `Complex<f64>`: say `u64` for `usize`, and keep other types in arrays of their fields, or of indices"
)]
pub trait Element:
    Copy + Default + PartialEq + Send + Sync + Debug + Display + AsBytes + sealed::Sealed + 'static
{
    #[doc(hidden)]
    const DTYPE: DType;
    /// Whether it is "not a number"; never, for types without one.
    #[doc(hidden)]
    fn is_nan_(self) -> bool {
        false
    }
}

/// An element type at run time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DType {
    /// Its name in Rust.
    pub name: &'static str,
    /// Bytes of one element.
    pub size: usize,
    id: TypeId,
}

impl DType {
    pub(crate) const fn of<A: 'static>(name: &'static str) -> DType {
        DType { name, size: size_of::<A>(), id: TypeId::of::<A>() }
    }
}

impl Display for DType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Elements with sums and means: numbers, and `bool`, which counts as 0 and 1.
pub trait Summed: Element {
    /// What sums are made in: the widest integer of its sign, `u64` of `bool`, the type itself otherwise.
    type Sum: Number;
    /// What means are: `f64` of integers and `bool`, the type itself otherwise.
    type Mean: Number<Mean = Self::Mean, Sum = Self::Mean>;
    /// What variances are, of what has such: the type of the mean, without its imaginary part. It is said here, where all elements have one, so that the compiler speaks of [`Spread`] where that is missing.
    type Variance: Float;
    #[doc(hidden)]
    fn widen(self) -> Self::Sum;
    #[doc(hidden)]
    fn to_mean(self) -> Self::Mean;
    #[doc(hidden)]
    fn mean_of_count(count: u64) -> Self::Mean;
}

impl Summed for bool {
    type Sum = u64;
    type Mean = f64;
    type Variance = f64;
    #[inline(always)]
    fn widen(self) -> u64 {
        u64::from(self)
    }
    #[inline(always)]
    fn to_mean(self) -> f64 {
        f64::from(u8::from(self))
    }
    #[inline(always)]
    fn mean_of_count(count: u64) -> f64 {
        count as f64
    }
}

/// Elements with arithmetic: integers, floating-point and complex numbers.
///
/// Integers wrap around where they overflow.
#[diagnostic::on_unimplemented(
    message = "an array of `{Self}` has no arithmetic",
    label = "`{Self}` is no number",
    note = "numbers are `i8` to `i64`, `u8` to `u64`, `f32`, `f64` and complex ones: of `bool`s, say `.cast::<u8>()` first, or `sum`, `mean`, `any`, `all`, `&`, `|`"
)]
pub trait Number: Summed {
    #[doc(hidden)]
    const ZERO: Self;
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    fn add_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn sub_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn mul_(self, other: Self) -> Self;
    /// The quotient; whatever, if [`Number::has_no_quotient_by`] says so.
    #[doc(hidden)]
    fn div_(self, other: Self) -> Self;
    /// The remainder, of the dividend's sign.
    #[doc(hidden)]
    fn rem_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn neg_(self) -> Self;
    #[doc(hidden)]
    fn has_no_quotient_by(self) -> bool;
}

/// Numbers with an order.
#[diagnostic::on_unimplemented(
    message = "elements of `{Self}` have no order",
    label = "`{Self}` is no real number",
    note = "real numbers are `i8` to `i64`, `u8` to `u64`, `f32` and `f64`: of complex ones, say `.modulus()` or `.re()` first, of `bool`s `.cast::<u8>()`"
)]
pub trait Real: Spread + PartialOrd {
    /// The least value; minus infinity where there is one.
    #[doc(hidden)]
    const LOWEST: Self;
    /// The greatest value; infinity where there is one.
    #[doc(hidden)]
    const HIGHEST: Self;
    #[doc(hidden)]
    fn to_f64(self) -> f64;
    #[doc(hidden)]
    fn abs_(self) -> Self;
    /// The lesser one: NaN, if either is, and -0 rather than 0.
    #[doc(hidden)]
    fn lesser_(self, other: Self) -> Self;
    /// The greater one: NaN, if either is, and 0 rather than -0.
    #[doc(hidden)]
    fn greater_(self, other: Self) -> Self;
    /// The same NaN for all of them.
    #[doc(hidden)]
    fn one_nan_(self) -> Self {
        self
    }
    /// By size, -0 before 0, and NaN last.
    #[doc(hidden)]
    fn order_(&self, other: &Self) -> Ordering;
    /// The quotient towards minus infinity; whatever, if [`Number::has_no_quotient_by`] says so.
    #[doc(hidden)]
    fn floored_quotient(self, other: Self) -> Self;
    /// What is left of it, of the divisor's sign.
    #[doc(hidden)]
    fn floored_remainder(self, other: Self) -> Self;
    #[doc(hidden)]
    fn from_count(count: usize) -> Self;
    /// The number of steps from `start` that come before `end`; of a step that is not zero, and finite numbers.
    #[doc(hidden)]
    fn steps(start: Self, end: Self, step: Self) -> Option<usize>;
    /// A number of as many bits as the type has, in the same order as the elements: equal for both zeros, NaN the greatest.
    #[doc(hidden)]
    fn to_key(self) -> u64;
    /// The element that has this number.
    #[doc(hidden)]
    fn of_key(key: u64) -> Self;
    /// Sorts elements none of which is NaN; -0 before 0.
    #[doc(hidden)]
    fn sort_known_(values: &mut [Self]);
    /// The same, quicker if they are stretches that are in order.
    #[doc(hidden)]
    fn merge_known_(values: &mut [Self]);
}

/// Floating-point numbers of the machine.
#[diagnostic::on_unimplemented(
    message = "this is a function of floating-point numbers, and `{Self}` is none",
    label = "`{Self}` is neither `f32` nor `f64`",
    note = "say `.cast::<f64>()` first, or `.mapv(…)` with the function of `{Self}` itself"
)]
pub trait Float: Real<Sum = Self, Mean = Self> + Analytic + RealMath + Uniform {
    #[doc(hidden)]
    const NAN_: Self;
    /// The largest finite number.
    #[doc(hidden)]
    const LARGEST: Self;
    #[doc(hidden)]
    fn from_f64(x: f64) -> Self;
    /// Whether its sign is, also that of zero and of NaN.
    #[doc(hidden)]
    fn is_negative(self) -> bool;
    #[doc(hidden)]
    fn floor_(self) -> Self;
    #[doc(hidden)]
    fn ceil_(self) -> Self;
    #[doc(hidden)]
    fn round_(self) -> Self;
    #[doc(hidden)]
    fn trunc_(self) -> Self;
}

macro_rules! elements {
    ($($A:ty, $name:literal;)*) => {$(
        impl sealed::Sealed for $A {}
        impl Element for $A {
            const DTYPE: DType = DType::of::<$A>($name);
        }
    )*};
}
elements! {
    bool, "bool";
    i8, "i8"; i16, "i16"; i32, "i32"; i64, "i64";
    u8, "u8"; u16, "u16"; u32, "u32"; u64, "u64";
}

macro_rules! integers {
    ($($A:ty, $Sum:ty;)*) => {$(
        impl Summed for $A {
            type Sum = $Sum;
            type Mean = f64;
            type Variance = f64;
            #[inline(always)]
            fn widen(self) -> $Sum { <$Sum>::from(self) }
            #[inline(always)]
            fn to_mean(self) -> f64 { self as f64 }
            #[inline(always)]
            fn mean_of_count(count: u64) -> f64 { count as f64 }
        }
        impl Number for $A {
            const ZERO: $A = 0;
            const ONE: $A = 1;
            #[inline(always)]
            fn add_(self, other: $A) -> $A { self.wrapping_add(other) }
            #[inline(always)]
            fn sub_(self, other: $A) -> $A { self.wrapping_sub(other) }
            #[inline(always)]
            fn mul_(self, other: $A) -> $A { self.wrapping_mul(other) }
            #[inline(always)]
            fn div_(self, other: $A) -> $A { if other == 0 { 0 } else { self.wrapping_div(other) } }
            #[inline(always)]
            fn rem_(self, other: $A) -> $A { if other == 0 { 0 } else { self.wrapping_rem(other) } }
            #[inline(always)]
            fn neg_(self) -> $A { self.wrapping_neg() }
            #[inline(always)]
            fn has_no_quotient_by(self) -> bool { self == 0 }
        }
        impl Real for $A {
            const LOWEST: $A = <$A>::MIN;
            const HIGHEST: $A = <$A>::MAX;
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "no unsigned integer is less than 0")]
            fn abs_(self) -> $A { if self < 0 { self.wrapping_neg() } else { self } }
            #[inline(always)]
            fn lesser_(self, other: $A) -> $A { self.min(other) }
            #[inline(always)]
            fn greater_(self, other: $A) -> $A { self.max(other) }
            #[inline(always)]
            fn order_(&self, other: &$A) -> Ordering { self.cmp(other) }
            #[allow(unused_comparisons, reason = "no unsigned integer is less than 0")]
            fn floored_quotient(self, other: $A) -> $A {
                let rest = self.rem_(other);
                let is_above = rest != 0 && (rest < 0) != (other < 0);
                if is_above { self.div_(other).wrapping_sub(1) } else { self.div_(other) }
            }
            #[inline(always)]
            #[allow(unused_comparisons, reason = "no unsigned integer is less than 0")]
            fn floored_remainder(self, other: $A) -> $A {
                let rest = self.rem_(other);
                if rest != 0 && (rest < 0) != (other < 0) { rest.wrapping_add(other) } else { rest }
            }
            #[inline(always)]
            fn from_count(count: usize) -> $A { count as $A }
            fn steps(start: $A, end: $A, step: $A) -> Option<usize> {
                let (way, step) = (i128::from(end) - i128::from(start), i128::from(step));
                let is_on_the_way = way != 0 && (way > 0) == (step > 0);
                let steps = (way.unsigned_abs()).div_ceil(step.unsigned_abs());
                if is_on_the_way { usize::try_from(steps).ok() } else { Some(0) }
            }
            #[inline(always)]
            fn to_key(self) -> u64 {
                // Sign bits beyond the type's are cut off.
                (self.wrapping_sub(<$A>::MIN) as u64) & (u64::MAX >> (64 - <$A>::BITS))
            }
            #[inline(always)]
            fn of_key(key: u64) -> $A { (key as $A).wrapping_add(<$A>::MIN) }
            fn sort_known_(values: &mut [$A]) { values.sort_unstable(); }
            fn merge_known_(values: &mut [$A]) { values.sort(); }
        }
    )*};
}
integers! { i8, i64; i16, i64; i32, i64; i64, i64; u8, u64; u16, u64; u32, u64; u64, u64; }

macro_rules! floats {
    ($($A:ident, $Bits:ident, $Signed:ident, $name:literal;)*) => {$(
        impl sealed::Sealed for $A {}
        impl Element for $A {
            const DTYPE: DType = DType::of::<$A>($name);
            #[inline(always)]
            fn is_nan_(self) -> bool { self.is_nan() }
        }
        impl Summed for $A {
            type Sum = $A;
            type Mean = $A;
            type Variance = $A;
            #[inline(always)]
            fn widen(self) -> $A { self }
            #[inline(always)]
            fn to_mean(self) -> $A { self }
            #[inline(always)]
            fn mean_of_count(count: u64) -> $A { count as $A }
        }
        impl Number for $A {
            const ZERO: $A = 0.0;
            const ONE: $A = 1.0;
            #[inline(always)]
            fn add_(self, other: $A) -> $A { self + other }
            #[inline(always)]
            fn sub_(self, other: $A) -> $A { self - other }
            #[inline(always)]
            fn mul_(self, other: $A) -> $A { self * other }
            #[inline(always)]
            fn div_(self, other: $A) -> $A { self / other }
            #[inline(always)]
            fn rem_(self, other: $A) -> $A { self % other }
            #[inline(always)]
            fn neg_(self) -> $A { -self }
            #[inline(always)]
            fn has_no_quotient_by(self) -> bool { false }
        }
        impl Real for $A {
            const LOWEST: $A = $A::NEG_INFINITY;
            const HIGHEST: $A = $A::INFINITY;
            #[inline(always)]
            fn to_f64(self) -> f64 { f64::from(self) }
            #[inline(always)]
            fn abs_(self) -> $A { self.abs() }
            // Two minima, as processors have them: of numbers that are equal or not ordered each gives its second argument, so that nothing but the bits
            // of both is left to do. Those of NaN and of anything are NaN's.
            #[inline(always)]
            fn lesser_(self, other: $A) -> $A {
                let (one, two) = (
                    if self < other { self } else { other },
                    if other < self { other } else { self },
                );
                $A::from_bits(one.to_bits() | two.to_bits())
            }
            // The same, but for the sign, which is that of both.
            #[inline(always)]
            fn greater_(self, other: $A) -> $A {
                let (one, two) = (
                    if self > other { self } else { other },
                    if other > self { other } else { self },
                );
                let (one, two, sign) = (one.to_bits(), two.to_bits(), $A::to_bits(-0.0));
                $A::from_bits((one | two) & !sign | one & two)
            }
            #[inline(always)]
            fn one_nan_(self) -> $A { if self.is_nan() { $A::NAN } else { self } }
            fn order_(&self, other: &$A) -> Ordering {
                match (self.is_nan(), other.is_nan()) {
                    (false, false) => self.total_cmp(other),
                    (a, b) => a.cmp(&b),
                }
            }
            #[inline]
            fn floored_quotient(self, other: $A) -> $A {
                if other == 0.0 {
                    return self / other;
                }
                let rest = self % other;
                let quotient = (self - rest) / other;
                let is_above = rest != 0.0 && (rest < 0.0) != (other < 0.0);
                let quotient = if is_above { quotient - 1.0 } else { quotient };
                if quotient == 0.0 {
                    return $A::copysign(0.0, self / other);
                }
                // The quotient is whole, but for rounding.
                let floor = quotient.floor();
                if quotient - floor > 0.5 { floor + 1.0 } else { floor }
            }
            #[inline]
            fn floored_remainder(self, other: $A) -> $A {
                let rest = self % other;
                match rest == 0.0 {
                    true => $A::copysign(0.0, other),
                    false if (rest < 0.0) != (other < 0.0) => rest + other,
                    false => rest,
                }
            }
            #[inline(always)]
            fn from_count(count: usize) -> $A { count as $A }
            fn steps(start: $A, end: $A, step: $A) -> Option<usize> {
                let steps = ((end - start) / step).ceil().max(0.0);
                (steps < isize::MAX as $A).then_some(steps as usize)
            }
            #[inline(always)]
            fn to_key(self) -> u64 {
                const SIGN: $Bits = 1 << ($Bits::BITS - 1);
                if self.is_nan() {
                    return u64::from($Bits::MAX);
                }
                // -0.0 + 0.0 is 0.0.
                let bits = (self + 0.0).to_bits();
                u64::from(if bits & SIGN == 0 { bits | SIGN } else { !bits })
            }
            #[inline(always)]
            fn of_key(key: u64) -> $A {
                const SIGN: $Bits = 1 << ($Bits::BITS - 1);
                let key = key as $Bits;
                $A::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
            }
            fn sort_known_(values: &mut [$A]) {
                as_integers(bytemuck::cast_slice_mut(values), |values: &mut [$Signed]| {
                    values.sort_unstable();
                }, |bits| bits ^ (bits >> ($Signed::BITS - 1)) & $Signed::MAX);
            }
            fn merge_known_(values: &mut [$A]) {
                as_integers(bytemuck::cast_slice_mut(values), |values: &mut [$Signed]| {
                    values.sort();
                }, |bits| bits ^ (bits >> ($Signed::BITS - 1)) & $Signed::MAX);
            }
        }
        impl Float for $A {
            const NAN_: $A = $A::NAN;
            const LARGEST: $A = $A::MAX;
            #[inline(always)]
            fn from_f64(x: f64) -> $A { x as $A }
            #[inline(always)]
            fn is_negative(self) -> bool { self.is_sign_negative() }
            #[inline(always)]
            fn floor_(self) -> $A { self.floor() }
            #[inline(always)]
            fn ceil_(self) -> $A { self.ceil() }
            #[inline(always)]
            fn round_(self) -> $A { self.round_ties_even() }
            #[inline(always)]
            fn trunc_(self) -> $A { self.trunc() }
        }
        impl sealed::Sealed for Complex<$A> {}
        impl Element for Complex<$A> {
            const DTYPE: DType = DType::of::<Complex<$A>>(concat!("Complex<", $name, ">"));
            #[inline(always)]
            fn is_nan_(self) -> bool { self.re.is_nan() || self.im.is_nan() }
        }
        impl Summed for Complex<$A> {
            type Sum = Complex<$A>;
            type Mean = Complex<$A>;
            type Variance = $A;
            #[inline(always)]
            fn widen(self) -> Self { self }
            #[inline(always)]
            fn to_mean(self) -> Self { self }
            #[inline(always)]
            fn mean_of_count(count: u64) -> Self { Complex::new(count as $A, 0.0) }
        }
        impl Number for Complex<$A> {
            const ZERO: Self = Complex::new(0.0, 0.0);
            const ONE: Self = Complex::new(1.0, 0.0);
            #[inline(always)]
            fn add_(self, other: Self) -> Self { self + other }
            #[inline(always)]
            fn sub_(self, other: Self) -> Self { self - other }
            #[inline(always)]
            fn mul_(self, other: Self) -> Self { self * other }
            #[inline(always)]
            fn div_(self, other: Self) -> Self {
                // R. L. Smith, Algorithm 116, Comm. ACM 5 (1962): the square of the divisor's absolute value may be out of range, where the quotient is not.
                let (a, b, c, d) = (self.re, self.im, other.re, other.im);
                if c.abs() >= d.abs() {
                    if c == 0.0 && d == 0.0 {
                        return Complex::new(a / c.abs(), b / c.abs());
                    }
                    let ratio = d / c;
                    let whole = c + d * ratio;
                    Complex::new((a + b * ratio) / whole, (b - a * ratio) / whole)
                } else {
                    let ratio = c / d;
                    let whole = d + c * ratio;
                    Complex::new((a * ratio + b) / whole, (b * ratio - a) / whole)
                }
            }
            #[inline(always)]
            fn rem_(self, other: Self) -> Self { self % other }
            #[inline(always)]
            fn neg_(self) -> Self { -self }
            #[inline(always)]
            fn has_no_quotient_by(self) -> bool { false }
        }
    )*};
}
floats! { f32, u32, i32, "f32"; f64, u64, i64, "f64"; }

/// Does something with the bits of floating-point numbers as integers in the same order: comparing those takes one instruction. `turn` makes these of the bits, and the bits of these again.
fn as_integers<I: Copy>(bits: &mut [I], f: impl FnOnce(&mut [I]), turn: impl Fn(I) -> I) {
    bits.iter_mut().for_each(|bits| *bits = turn(*bits));
    f(bits);
    bits.iter_mut().for_each(|bits| *bits = turn(*bits));
}

/// Elements that can be made of elements of type `A`, as Rust's `as` does it.
///
/// Floating-point numbers become the nearest integer towards zero within the type's range, NaN becomes 0; wider integers lose their upper bits; `bool`s are 0 and
/// 1, and what is not 0 is true. Complex numbers come of all, and become none but complex ones.
#[diagnostic::on_unimplemented(
    message = "elements of `{A}` cannot be cast to `{Self}`",
    label = "no `as` leads from `{A}` to `{Self}`",
    note = "`.cast` leads to element types, so to `u64` rather than `usize`; of complex numbers `.re()` is the real part; `.mapv(…)` takes any function"
)]
pub trait Cast<A: Element>: Element {
    #[doc(hidden)]
    fn cast(from: A) -> Self;
}

macro_rules! casts {
    ($($A:ty)*) => { $(casts!(@to $A: i8 i16 i32 i64 u8 u16 u32 u64 f32 f64);)* };
    (@to $A:ty: $($B:ty)*) => {
        $(
            impl Cast<$A> for $B {
                #[inline(always)]
                fn cast(from: $A) -> $B { from as $B }
            }
        )*
        impl Cast<$A> for bool {
            #[inline(always)]
            fn cast(from: $A) -> bool { from != <$A as Number>::ZERO }
        }
        impl Cast<bool> for $A {
            #[inline(always)]
            fn cast(from: bool) -> $A { if from { <$A as Number>::ONE } else { <$A as Number>::ZERO } }
        }
        impl Cast<$A> for Complex<f32> {
            #[inline(always)]
            fn cast(from: $A) -> Complex<f32> { Complex::new(from as f32, 0.0) }
        }
        impl Cast<$A> for Complex<f64> {
            #[inline(always)]
            fn cast(from: $A) -> Complex<f64> { Complex::new(from as f64, 0.0) }
        }
    };
}
casts! { i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 }
impl Cast<Complex<f32>> for Complex<f64> {
    #[inline(always)]
    fn cast(from: Complex<f32>) -> Complex<f64> {
        Complex::new(f64::from(from.re), f64::from(from.im))
    }
}
impl Cast<Complex<f64>> for Complex<f32> {
    #[inline(always)]
    fn cast(from: Complex<f64>) -> Complex<f32> {
        Complex::new(from.re as f32, from.im as f32)
    }
}
macro_rules! casts_to_itself {
    ($($A:ty)*) => {$(
        impl Cast<$A> for $A {
            #[inline(always)]
            fn cast(from: $A) -> $A { from }
        }
    )*};
}
casts_to_itself! { bool Complex<f32> Complex<f64> }
