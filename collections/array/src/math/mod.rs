//! Elementwise mathematical functions over slices of f64 and f32, as vector code where that is faster than std.
//!
//! In: one slice (two for `powf`, `atan2`, `hypot`) and a slice for the results, all of one length; a tile of about a thousand
//! elements, though any length will do. Out: `out[i] = f(x[i])`. Nothing is allocated, nothing panics on any value.
//!
//! Written here, and compiled for AVX-512, AVX2 and the baseline by [`crate::simd`]: `exp`, `exp2`, `exp_m1`, `ln`, `log2`,
//! `log10`, `ln_1p`, `sin`, `cos`, `tan`, `asin`, `acos`, `atan`, `sinh`, `cosh`, `tanh`, `asinh`, `acosh`, `atanh`, `atan2` and
//! `hypot`. Left to std, element by element: `cbrt` and `powf`, and `sin`, `cos`, `tan` of what is more than 1 647 099
//! from 0 (2^20 quarter turns): such elements are done over one by one, after the tile.
//!
//! Accuracy, in units in the last place (ulp) of the true value, over the whole range: f64 within 1 (`atan2` without a fused
//! multiply-add: 1.2), f32 within 0.54. Special values are those of C99's Annex F, the sign of 0 included; subnormal numbers
//! are read and written; NaN comes out as some NaN. What std computes is as good as std's. The last bit may differ between
//! instruction sets (fused multiply-add), never with an element's place in a slice or what is beside it.
//!
//! Not here: the formulas, which are in `exp`, `log`, `trig`, `inverse`, `hyperbolic` and `area` for f64 and in `single` for f32; functions of complex numbers are in `complex`.
//!
//! Sources: mostly methods and coefficients of fdlibm (Sun Microsystems, 1993: "Permission to use, copy, modify, and distribute
//! this software is freely granted, provided that this notice is preserved"; none of its text is here), in a form without
//! branches; the rest is our own. Each file says which.

mod area;
pub(crate) mod complex;
mod exp;
mod hyperbolic;
mod inverse;
mod log;
mod parts;
mod single;
#[cfg(test)]
mod tests;
mod trig;

use crate::simd::{Kernel, MulAdd, dispatch};
use std::marker::PhantomData;

/// A function of one number.
trait Unary<T> {
    /// f(x). `#[inline(always)]` down to the last instruction.
    fn value<M: MulAdd>(x: T) -> T;
    /// Whether x is where [`value`](Unary::value) is of no use.
    fn is_beyond(x: T) -> bool;
    /// f(x) by std, for such x.
    fn by_std(x: T) -> T;
}

/// A function of two numbers.
trait Binary<T> {
    fn value<M: MulAdd>(x: T, y: T) -> T;
}

/// The loop of a [`Unary`] over a slice.
struct Map<'a, F, T> {
    x: &'a [T],
    out: &'a mut [T],
    function: PhantomData<F>,
}

impl<F: Unary<T>, T: Copy> Kernel for Map<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let mut any_beyond = false;
        for (out, &x) in self.out.iter_mut().zip(self.x) {
            *out = F::value::<M>(x);
            any_beyond |= F::is_beyond(x);
        }
        if any_beyond {
            do_over::<F, T>(self.x, self.out);
        }
    }
}

#[cold]
#[inline(never)]
fn do_over<F: Unary<T>, T: Copy>(x: &[T], out: &mut [T]) {
    for (out, &x) in out.iter_mut().zip(x) {
        if F::is_beyond(x) {
            *out = F::by_std(x);
        }
    }
}

/// The loop of a [`Binary`] over two slices.
struct Zip<'a, F, T> {
    x: &'a [T],
    y: &'a [T],
    out: &'a mut [T],
    function: PhantomData<F>,
}

impl<F: Binary<T>, T: Copy> Kernel for Zip<'_, F, T> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        for ((out, &x), &y) in self.out.iter_mut().zip(self.x).zip(self.y) {
            *out = F::value::<M>(x, y);
        }
    }
}

fn unary<F: Unary<T>, T: Copy>(x: &[T], out: &mut [T]) {
    debug_assert_eq!(x.len(), out.len());
    dispatch(Map { x, out, function: PhantomData::<F> });
}

fn binary<F: Binary<T>, T: Copy>(x: &[T], y: &[T], out: &mut [T]) {
    debug_assert!(x.len() == out.len() && y.len() == out.len());
    dispatch(Zip { x, y, out, function: PhantomData::<F> });
}

/// Makes the trait and its two implementations from what is written here, in f64 and in `single`, and what is left to std.
macro_rules! real_math {
    (
        unary { $($Name:ident = $module:ident::$name:ident, up to $reach:expr;)* }
        binary { $($Name2:ident = $module2:ident::$name2:ident($x:ident, $y:ident);)* }
        by std { $($std:ident)* }
    ) => {
        /// The functions, over slices: `out[i] = f(x[i])`. Outside generic code they want `<f64 as RealMath>::exp`, for plain
        /// `f64::exp` is std's.
        #[doc(hidden)]
        pub trait RealMath: Copy {
            $(fn $name(x: &[Self], out: &mut [Self]);)*
            $(fn $name2($x: &[Self], $y: &[Self], out: &mut [Self]);)*
            $(
                /// One by one, by std.
                fn $std(x: &[Self], out: &mut [Self]);
            )*
            /// x to the power y, one by one, by std.
            fn powf(x: &[Self], y: &[Self], out: &mut [Self]);
        }
        $(
            struct $Name;
            impl Unary<f64> for $Name {
                #[inline(always)]
                fn value<M: MulAdd>(x: f64) -> f64 {
                    $module::$name::<M>(x)
                }
                #[inline(always)]
                fn is_beyond(x: f64) -> bool {
                    x.abs() > $reach
                }
                fn by_std(x: f64) -> f64 {
                    x.$name()
                }
            }
            impl Unary<f32> for $Name {
                #[inline(always)]
                fn value<M: MulAdd>(x: f32) -> f32 {
                    single::$name::<M>(f64::from(x)) as f32
                }
                #[inline(always)]
                fn is_beyond(x: f32) -> bool {
                    x.abs() > $reach as f32
                }
                fn by_std(x: f32) -> f32 {
                    x.$name()
                }
            }
        )*
        $(
            struct $Name2;
            impl Binary<f64> for $Name2 {
                #[inline(always)]
                fn value<M: MulAdd>(x: f64, y: f64) -> f64 {
                    $module2::$name2::<M>(x, y)
                }
            }
            impl Binary<f32> for $Name2 {
                #[inline(always)]
                fn value<M: MulAdd>(x: f32, y: f32) -> f32 {
                    single::$name2::<M>(f64::from(x), f64::from(y)) as f32
                }
            }
        )*
        real_math! { @impl f64 ($($Name $name)*) ($($Name2 $name2 $x $y)*) ($($std)*) }
        real_math! { @impl f32 ($($Name $name)*) ($($Name2 $name2 $x $y)*) ($($std)*) }
    };
    (
        @impl $T:ident ($($Name:ident $name:ident)*)
        ($($Name2:ident $name2:ident $x:ident $y:ident)*) ($($std:ident)*)
    ) => {
        impl RealMath for $T {
            $(
                fn $name(x: &[$T], out: &mut [$T]) {
                    unary::<$Name, $T>(x, out);
                }
            )*
            $(
                fn $name2($x: &[$T], $y: &[$T], out: &mut [$T]) {
                    binary::<$Name2, $T>($x, $y, out);
                }
            )*
            $(
                fn $std(x: &[$T], out: &mut [$T]) {
                    debug_assert_eq!(x.len(), out.len());
                    for (out, &x) in out.iter_mut().zip(x) {
                        *out = x.$std();
                    }
                }
            )*
            fn powf(x: &[$T], y: &[$T], out: &mut [$T]) {
                debug_assert!(x.len() == out.len() && y.len() == out.len());
                for ((out, x), &y) in out.iter_mut().zip(x).zip(y) {
                    *out = x.powf(y);
                }
            }
        }
    };
}

real_math! {
    unary {
        Exp = exp::exp, up to f64::INFINITY;
        Exp2 = exp::exp2, up to f64::INFINITY;
        ExpM1 = exp::exp_m1, up to f64::INFINITY;
        Ln = log::ln, up to f64::INFINITY;
        Log2 = log::log2, up to f64::INFINITY;
        Log10 = log::log10, up to f64::INFINITY;
        Ln1p = log::ln_1p, up to f64::INFINITY;
        Sin = trig::sin, up to trig::REACH;
        Cos = trig::cos, up to trig::REACH;
        Tan = trig::tan, up to trig::REACH;
        Asin = inverse::asin, up to f64::INFINITY;
        Acos = inverse::acos, up to f64::INFINITY;
        Atan = inverse::atan, up to f64::INFINITY;
        Sinh = hyperbolic::sinh, up to f64::INFINITY;
        Cosh = hyperbolic::cosh, up to f64::INFINITY;
        Tanh = hyperbolic::tanh, up to f64::INFINITY;
        Asinh = area::asinh, up to f64::INFINITY;
        Acosh = area::acosh, up to f64::INFINITY;
        Atanh = area::atanh, up to f64::INFINITY;
    }
    binary {
        Atan2 = inverse::atan2(y, x);
        Hypot = inverse::hypot(x, y);
    }
    by std { cbrt }
}
