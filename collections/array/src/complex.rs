//! Functions of complex numbers, each of one element.
//!
//! In: arrays of `Complex<f32>` and `Complex<f64>`. Out: elementwise expressions, in one pass with those around them: parts, conjugates, absolute values and arguments. The trait [`Analytic`] says which functions of
//! analysis are those of real numbers and of complex ones alike.
//!
//! Not here: those functions as methods, and what real numbers alone have (`functions`); arithmetic (`element`).

use crate::array::Array;
use crate::element::{Element, Float, Number};
use crate::kernels::{Whole, map1};
use crate::math::RealMath;
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
        }
        /// Principal values, as `num-complex` has them, but for numbers on the axes, where a zero times what overflows would be NaN, and roots.
        impl Analytic for Complex<$T> {
            fn exp(x: &[Self], out: &mut [Self]) {
                each(x, out, |z| if z.im == 0.0 { Complex::new(z.re.exp(), z.im) } else { z.exp() });
            }
            fn ln(x: &[Self], out: &mut [Self]) { each(x, out, Complex::<$T>::ln); }
            fn sin(x: &[Self], out: &mut [Self]) {
                each(x, out, |z| if z.re == 0.0 { Complex::new(z.re, z.im.sinh()) } else { z.sin() });
            }
            fn cos(x: &[Self], out: &mut [Self]) {
                let on_axis = |z: Self| Complex::new(z.im.cosh(), -(z.re * z.im.clamp(-1.0, 1.0)));
                each(x, out, |z| if z.re == 0.0 { on_axis(z) } else { z.cos() });
            }
            fn sqrt_(self) -> Self {
                let root = root(Complex::new(f64::from(self.re), f64::from(self.im)));
                Complex::new(root.re as $T, root.im as $T)
            }
        }
    )*};
}
analytic! { f32 f64 }

/// The square root with a real part that is not negative, to the last digits in both parts (Kahan, *Branch cuts for complex elementary functions*, 1987): the half of an angle would
/// lose the lesser one.
fn root(z: Complex<f64>) -> Complex<f64> {
    let largest = z.re.abs().max(z.im.abs());
    if z.re == 0.0 && z.im == 0.0 {
        return Complex::new(0.0, z.im);
    }
    // As C99 has it: what is infinite in one direction is so whatever the other is.
    match (z.re, z.im) {
        (_, im) if im.is_infinite() => return Complex::new(f64::INFINITY, im),
        (f64::INFINITY, im) if im.is_nan() => return Complex::new(f64::INFINITY, im),
        (f64::INFINITY, im) => return Complex::new(f64::INFINITY, 0.0_f64.copysign(im)),
        (f64::NEG_INFINITY, im) if im.is_nan() => return Complex::new(im, f64::INFINITY),
        (f64::NEG_INFINITY, im) => return Complex::new(0.0, f64::INFINITY.copysign(im)),
        (re, im) if re.is_nan() || im.is_nan() => return Complex::new(f64::NAN, f64::NAN),
        _ => {}
    }
    // By a power of four, so that neither sums overflow nor halves lose digits.
    let exponent = (largest.log2() / 2.0).floor().clamp(-500.0, 500.0);
    let (down, up) = ((-2.0 * exponent).exp2(), exponent.exp2());
    let (re, im) = (z.re * down, z.im * down);
    let long = ((re.abs() + re.hypot(im)) / 2.0).sqrt();
    let short = im.abs() / (2.0 * long);
    let (re, im) = if re >= 0.0 { (long, short) } else { (short, long) };
    Complex::new(re * up, (im * up).copysign(z.im))
}

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
