//! Functions of complex numbers, each of one element.
//!
//! In: arrays of `Complex<f32>` and `Complex<f64>`. Out: elementwise expressions, in one pass with those around them: parts, conjugates, absolute values and arguments. The trait [`Analytic`] says which functions of
//! analysis are those of real numbers and of complex ones alike.
//!
//! Not here: those functions as methods, and what real numbers alone have (`functions`); their formulas (`math::complex`); arithmetic (`element`).

use crate::array::Array;
use crate::element::{Cast, Element, Float, Number};
use crate::kernels::{Whole, map1};
use crate::math::{RealMath, complex};
use ndarray::Dimension;
use num_complex::Complex;

/// Numbers with functions of analysis: `f32`, `f64`, and complex numbers of these.
#[diagnostic::on_unimplemented(
    message = "this is a function of floating-point and complex numbers, and `{Self}` is neither",
    label = "`{Self}` is neither `f32` nor `f64`, nor a complex number of these",
    note = "say `.cast::<f64>()` first, or `.mapv(…)` with the function of `{Self}` itself"
)]
pub trait Analytic: Number {
    #[doc(hidden)]
    fn exp(x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn ln(x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn sin(x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn cos(x: &[Self], out: &mut [Self]);
    #[doc(hidden)]
    fn sqrt_(self) -> Self;
    #[doc(hidden)]
    fn recip_(self) -> Self;
}

macro_rules! analytic {
    ($($T:ident)*) => {$(
        impl Analytic for $T {
            fn exp(x: &[$T], out: &mut [$T]) { <$T as RealMath>::exp(x, out); }
            fn ln(x: &[$T], out: &mut [$T]) { <$T as RealMath>::ln(x, out); }
            fn sin(x: &[$T], out: &mut [$T]) { <$T as RealMath>::sin(x, out); }
            fn cos(x: &[$T], out: &mut [$T]) { <$T as RealMath>::cos(x, out); }
            #[inline(always)]
            fn sqrt_(self) -> $T { self.sqrt() }
            #[inline(always)]
            fn recip_(self) -> $T { self.recip() }
        }
        /// Principal values, computed in f64.
        impl Analytic for Complex<$T> {
            fn exp(x: &[Self], out: &mut [Self]) { each(x, out, |z| Self::cast(complex::exp(Complex::cast(z)))); }
            fn ln(x: &[Self], out: &mut [Self]) { each(x, out, |z| Self::cast(complex::ln(Complex::cast(z)))); }
            fn sin(x: &[Self], out: &mut [Self]) { each(x, out, |z| Self::cast(complex::sin(Complex::cast(z)))); }
            fn cos(x: &[Self], out: &mut [Self]) { each(x, out, |z| Self::cast(complex::cos(Complex::cast(z)))); }
            fn sqrt_(self) -> Self { Self::cast(complex::root(Complex::cast(self))) }
            fn recip_(self) -> Self { Self::cast(complex::recip(Complex::cast(self))) }
        }
    )*};
}
analytic! { f32 f64 }

fn each<A: Copy>(x: &[A], out: &mut [A], f: impl Fn(A) -> A) {
    out.iter_mut().zip(x).for_each(|(out, &x)| *out = f(x));
}

/// So many elements are taken apart at a time.
const APART: usize = 128;

/// A function of the imaginary and the real parts.
fn of_parts<T: Float>(z: &[Complex<T>], out: &mut [T], f: fn(&[T], &[T], &mut [T])) {
    let (mut im, mut re) = ([T::ZERO; APART], [T::ZERO; APART]);
    for (z, out) in z.chunks(APART).zip(out.chunks_mut(APART)) {
        for ((z, im), re) in z.iter().zip(&mut im).zip(&mut re) {
            (*im, *re) = (z.im, z.re);
        }
        f(&im[..z.len()], &re[..z.len()], out);
    }
}

impl<T: Float, D: Dimension> Array<Complex<T>, D>
where
    Complex<T>: Element,
{
    /// The real part of each element.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Complex};
    /// let z = Array::from(vec![Complex::new(3.0, 4.0), Complex::new(0.0, -1.0)]);
    /// assert_eq!(z.re().compute()?.to_vec(), [3.0, 0.0]);
    /// assert_eq!(z.im().compute()?.to_vec(), [4.0, -1.0]);
    /// assert_eq!(z.modulus().compute()?.to_vec(), [5.0, 1.0]);
    /// assert_eq!((&z * z.conj()).re().compute()?.to_vec(), [25.0, 1.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "real")]
    #[track_caller]
    pub fn re(&self) -> Array<T, D> {
        self.unary("re", map1(|z: Complex<T>| z.re))
    }

    /// The imaginary part of each element.
    #[doc(alias = "imag")]
    #[track_caller]
    pub fn im(&self) -> Array<T, D> {
        self.unary("im", map1(|z: Complex<T>| z.im))
    }

    /// The conjugate of each element: the sign of the imaginary part is the other one.
    #[doc(alias = "conjugate")]
    #[track_caller]
    pub fn conj(&self) -> Array<Complex<T>, D> {
        self.unary("conj", map1(|z: Complex<T>| Complex::new(z.re, z.im.neg_())))
    }

    /// The absolute value of each element, a real number, without overflow on the way: NumPy's `abs`. (The [`norm`](Array::norm) of an array is that of all its elements, and [`abs`](Array::abs) of real numbers.)
    #[doc(alias("abs", "absolute", "magnitude"))]
    #[track_caller]
    pub fn modulus(&self) -> Array<T, D> {
        let modulus = |z: &[Complex<T>], out: &mut [T]| of_parts(z, out, <T as RealMath>::hypot);
        self.unary("modulus", Whole(modulus))
    }

    /// The argument of each element, its angle in the plane, from -π to π: NumPy's `angle`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Complex};
    /// let z = Array::from(vec![Complex::new(0.0, 2.0), Complex::new(-1.0, 0.0)]);
    /// assert_eq!(z.arg().compute()?.to_vec(), [std::f64::consts::FRAC_PI_2, std::f64::consts::PI]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("angle", "phase"))]
    #[track_caller]
    pub fn arg(&self) -> Array<T, D> {
        let arg = |z: &[Complex<T>], out: &mut [T]| of_parts(z, out, <T as RealMath>::atan2);
        self.unary("arg", Whole(arg))
    }
}
