//! Functions of one complex number in f64: principal values. What f32's are is these, rounded.
//!
//! In: one number. Out: one number, each part within a few units in its last place, or, of a logarithm, within
//! 2^-104 where that is more. Special values are those of C99's Annex G.
//!
//! Method: the textbook formulas, but where they lose digits or overflow on the way. ln |z| near the unit circle is half of
//! ln(1 + d), with d = |z|² - 1 from exact products; e^x beyond the numbers is multiplied in parts, the small factor first;
//! roots are W. Kahan's, "Branch cuts for complex elementary functions" (1987).
//!
//! Not here: loops; what is vector code (the other files).

use super::parts::{product, sum};
use crate::simd::TwoRoundings;
use num_complex::Complex;

/// Up to here e^x is a number, and so are cosh and sinh.
const REACH: f64 = 709.0;
/// From here on cosh and sinh of |x| are half of e^|x|.
const STEP: f64 = 700.0;

/// e^x · factor · most, for x from [`REACH`] on: infinite only where the product is.
fn exp_times(x: f64, factor: f64, most: f64) -> f64 {
    let step = STEP.exp();
    match x > 2.0 * STEP {
        true => factor * step * (x - 2.0 * STEP).exp() * (step * most),
        false => factor * (x - STEP).exp() * (step * most),
    }
}

pub(crate) fn exp(z: Complex<f64>) -> Complex<f64> {
    match z {
        Complex { re, im } if im == 0.0 => Complex::new(re.exp(), im),
        Complex { re, im } if re.is_finite() && im.is_finite() && re > REACH => {
            Complex::new(exp_times(re, im.cos(), 1.0), exp_times(re, im.sin(), 1.0))
        }
        _ => z.exp(),
    }
}

pub(crate) fn ln(z: Complex<f64>) -> Complex<f64> {
    Complex::new(ln_of_modulus(z.re.abs(), z.im.abs()), z.arg())
}

fn ln_of_modulus(a: f64, b: f64) -> f64 {
    let (most, least) = if a > b { (a, b) } else { (b, a) };
    // So large that the modulus may be beyond the numbers, or so small that it may have few digits.
    let power = match most {
        _ if most > 2.0_f64.powi(1000) => -200,
        _ if most < 2.0_f64.powi(-900) => 200,
        _ => 0,
    };
    if power != 0 && least.is_finite() && most.is_finite() {
        let scale = 2.0_f64.powi(power);
        let unscaled = (most * scale).hypot(least * scale).ln();
        return unscaled - f64::from(power) * std::f64::consts::LN_2;
    }
    if (0.5..2.0).contains(&most) && least < 2.0 {
        let (square, lost) = product::<TwoRoundings>(most, most);
        let (other, lost_too) = product::<TwoRoundings>(least, least);
        let (part, rest) = sum(square, -1.0);
        let (high, more) = sum(part, other);
        let d = high + (((rest + more) + lost) + lost_too);
        if -0.5 < d && d < 1.0 {
            return 0.5 * d.ln_1p();
        }
    }
    a.hypot(b).ln()
}

pub(crate) fn sin(z: Complex<f64>) -> Complex<f64> {
    let (re, im) = (z.re, z.im);
    if re == 0.0 {
        return Complex::new(re, im.sinh());
    }
    match (re.is_finite(), im) {
        (false, 0.0) => Complex::new(f64::NAN, im),
        (false, _) if im.is_infinite() => Complex::new(f64::NAN, im),
        _ if im.abs() > REACH && im.is_finite() => {
            let (sin, cos) = re.sin_cos();
            let size = im.abs();
            Complex::new(exp_times(size, sin, 0.5), exp_times(size, cos, 0.5_f64.copysign(im)))
        }
        _ => Complex::new(re.sin() * im.cosh(), re.cos() * im.sinh()),
    }
}

pub(crate) fn cos(z: Complex<f64>) -> Complex<f64> {
    let (re, im) = (z.re, z.im);
    if re == 0.0 {
        return Complex::new(im.cosh(), -(re * im.clamp(-1.0, 1.0)));
    }
    match (re.is_finite(), im) {
        (false, 0.0) => Complex::new(f64::NAN, 0.0),
        (false, _) if im.is_infinite() => Complex::new(f64::INFINITY, f64::NAN),
        _ if im.abs() > REACH && im.is_finite() => {
            let (sin, cos) = re.sin_cos();
            let size = im.abs();
            Complex::new(exp_times(size, cos, 0.5), exp_times(size, -sin, 0.5_f64.copysign(im)))
        }
        _ => Complex::new(re.cos() * im.cosh(), -(re.sin() * im.sinh())),
    }
}

/// The square root with a real part that is not negative, to the last digits in both parts (Kahan): the half of an angle would
/// lose the lesser one.
pub(crate) fn root(z: Complex<f64>) -> Complex<f64> {
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

/// 1 / z, without the square of the modulus, and with the signs of zeros that a conjugate has.
pub(crate) fn recip(z: Complex<f64>) -> Complex<f64> {
    let Complex { re, im } = z;
    if re == 0.0 && im == 0.0 {
        return Complex::new(1.0 / re.abs(), 0.0 / im.abs());
    }
    // R. L. Smith, Algorithm 116, Comm. ACM 5 (1962).
    if re.abs() >= im.abs() {
        let ratio = im / re;
        let whole = re + im * ratio;
        Complex::new(1.0 / whole, -ratio / whole)
    } else {
        let ratio = re / im;
        let whole = re * ratio + im;
        Complex::new(ratio / whole, -1.0 / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;

    /// Both parts are within so many units in the last place, and zeros have the sign.
    #[track_caller]
    fn check(f: fn(Complex<f64>) -> Complex<f64>, (re, im): (f64, f64), right: (f64, f64)) {
        let got = f(Complex::new(re, im));
        for (got, right) in [(got.re, right.0), (got.im, right.1)] {
            let is_near = (got - right).abs() <= 4.0 * f64::EPSILON * right.abs();
            let is_same = got == right && got.is_sign_negative() == right.is_sign_negative();
            let is_right = if right == 0.0 || right.is_infinite() { is_same } else { is_near };
            assert!(
                is_right || got.is_nan() && right.is_nan(),
                "{re:e} {im:e}: {got:e}, {right:e}"
            );
        }
    }

    #[test]
    fn logarithms_near_the_unit_circle_and_at_the_ends() {
        let quarter = std::f64::consts::FRAC_PI_4;
        check(ln, (1.0, 1e-9), (5e-19, 1e-9));
        check(ln, (0.6, 0.8), (2.2204460492503132e-17, 0.9272952180016123));
        check(ln, (-0.8, 0.6000000000000001), (8.881784197001252e-17, 2.498091544796509));
        check(ln, (f64::MAX, f64::MAX), (710.1292864836639, quarter));
        check(ln, (1e308, 1e308), (709.542782232446, quarter));
        check(ln, (5e-324, 5e-324), (-744.0934983311013, quarter));
        check(ln, (1.0, 1.0), (0.34657359027997264, quarter));
        check(ln, (3.0, 4.0), (1.6094379124341003, 0.9272952180016122));
        check(ln, (INF, NAN), (INF, NAN));
        check(ln, (-INF, INF), (INF, 3.0 * quarter));
        check(ln, (0.0, 0.0), (-INF, 0.0));
    }

    #[test]
    fn what_overflows_in_one_part_does_not_in_the_other() {
        check(exp, (710.0, 1.0), (1.2070325234545281e308, INF));
        check(exp, (710.0, 1e-300), (INF, 223399476.61617112));
        check(exp, (1450.0, 5e-324), (INF, 2.6350169706336343e+306));
        check(exp, (INF, 1.0), (INF, INF));
        check(exp, (-INF, INF), (0.0, 0.0));
        check(exp, (1.0, NAN), (NAN, NAN));
        check(sin, (1e-300, 720.0), (2460350465131.9077, INF));
        check(sin, (-0.5, -710.0), (-5.355170720030244e+307, -9.802574250689392e+307));
        check(cos, (-0.5, -710.0), (9.802574250689392e+307, -5.355170720030244e+307));
        check(cos, (1.0, INF), (INF, -INF));
    }

    #[test]
    fn special_values_are_those_of_c99() {
        check(sin, (INF, 0.0), (NAN, 0.0));
        check(sin, (NAN, -0.0), (NAN, -0.0));
        check(sin, (NAN, -INF), (NAN, -INF));
        check(sin, (INF, 1.0), (NAN, NAN));
        check(sin, (2.0, 0.0), (0.9092974268256817, -0.0));
        check(cos, (INF, 0.0), (NAN, 0.0));
        check(cos, (NAN, -INF), (INF, NAN));
        check(cos, (2.0, 0.0), (-0.4161468365471424, -0.0));
        check(recip, (0.0, -1.0), (0.0, 1.0));
        check(recip, (2.0, 0.0), (0.5, -0.0));
        check(recip, (3.0, 4.0), (0.12, -0.16));
        check(recip, (1e200, 1e200), (5e-201, -5e-201));
    }
}
