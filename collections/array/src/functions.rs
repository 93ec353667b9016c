//! Mathematical functions of each element.
//!
//! In: arrays of numbers. Out: elementwise expressions, whose kernels are those of `math` or of [`Analytic`], over whole tiles, or closures.
//!
//! Not here: operators, comparisons and what any element type has (`elementwise`); what complex numbers alone have (`complex`).

use crate::array::Array;
use crate::complex::Analytic;
use crate::element::{Element, Float, Number, Real};
use crate::elementwise::{Both, Operand};
use crate::kernels::{Checked, Whole, Whole2, map1, map2};
use crate::math::RealMath;
use ndarray::{DimMax, Dimension};

/// Functions of a number, over slices.
macro_rules! functions {
    ($Bound:ident as $Functions:ident: $($(#[$doc:meta])* $name:ident;)*) => {
        /// Functions of analysis, each over whole tiles as vector code where that is quicker than the standard library. Values are within one unit in the last
        /// place (`atan2` of `f64`: 1.2), special values those of C99; of complex numbers they are `num-complex`'s, on the axes those of real numbers.
        impl<A: Element, D: Dimension> Array<A, D> {$(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self) -> Array<A, D>
            where
                A: $Bound,
            {
                self.unary(stringify!($name), Whole(<A as $Functions>::$name))
            }
        )*}
    };
}
functions! { Analytic as Analytic:
    /// e to the power of each element.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::zeros([3]);
    /// assert_eq!(x.exp().compute()?.to_vec(), [1.0; 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    exp;
    /// The natural logarithm: minus infinity of 0, NaN of what is negative. Of complex numbers that with an imaginary part from -π to π.
    #[doc(alias = "log")]
    ln;
    /// The sine, of radians.
    sin;
    /// The cosine, of radians.
    cos;
}
functions! { Float as RealMath:
    /// 2 to the power of each element.
    exp2;
    /// e to the power of each element, less 1: precise where that is small.
    #[doc(alias = "expm1")]
    exp_m1;
    /// The logarithm to the base 2; to any other `x.ln() / base.ln()`.
    #[doc(alias = "log")]
    log2;
    /// The logarithm to the base 10.
    log10;
    /// The natural logarithm of 1 and each element: precise where that is small.
    #[doc(alias = "log1p")]
    ln_1p;
    /// The tangent, of radians.
    tan;
    /// The arcsine, in radians; NaN outside of -1 to 1.
    #[doc(alias = "arcsin")]
    asin;
    /// The arccosine, in radians; NaN outside of -1 to 1.
    #[doc(alias = "arccos")]
    acos;
    /// The arctangent, in radians.
    #[doc(alias = "arctan")]
    atan;
    /// The hyperbolic sine.
    sinh;
    /// The hyperbolic cosine.
    cosh;
    /// The hyperbolic tangent.
    tanh;
    /// The inverse of the hyperbolic sine.
    #[doc(alias = "arcsinh")]
    asinh;
    /// The inverse of the hyperbolic cosine; NaN below 1.
    #[doc(alias = "arccosh")]
    acosh;
    /// The inverse of the hyperbolic tangent; NaN outside of -1 to 1.
    #[doc(alias = "arctanh")]
    atanh;
    /// The cube root.
    cbrt;
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The square root; NaN of what is negative. Of complex numbers the one whose real part is not negative.
    #[track_caller]
    pub fn sqrt(&self) -> Array<A, D>
    where
        A: Analytic,
    {
        self.unary("sqrt", map1(A::sqrt_))
    }

    /// The greatest whole number that is not greater.
    #[track_caller]
    pub fn floor(&self) -> Array<A, D>
    where
        A: Float,
    {
        self.unary("floor", map1(A::floor_))
    }

    /// The least whole number that is not less.
    #[track_caller]
    pub fn ceil(&self) -> Array<A, D>
    where
        A: Float,
    {
        self.unary("ceil", map1(A::ceil_))
    }

    /// The nearest whole number, the even one of two that are as near, as in NumPy.
    #[doc(alias("rint", "around"))]
    #[track_caller]
    pub fn round(&self) -> Array<A, D>
    where
        A: Float,
    {
        self.unary("round", map1(A::round_))
    }

    /// The whole number next to each element on the way to zero.
    #[doc(alias = "fix")]
    #[track_caller]
    pub fn trunc(&self) -> Array<A, D>
    where
        A: Float,
    {
        self.unary("trunc", map1(A::trunc_))
    }

    /// What is behind the decimal point, with the sign of each element: the element less its [`trunc`](Array::trunc), so NaN of what is infinite.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![2.75, -2.75, 4.0]);
    /// assert_eq!(x.fract().compute()?.to_vec(), [0.75, -0.75, 0.0]);
    /// assert_eq!(x.recip().compute()?[2], 0.25);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "modf")]
    #[track_caller]
    pub fn fract(&self) -> Array<A, D>
    where
        A: Float,
    {
        self.unary("fract", map1(|a: A| a.sub_(a.trunc_())))
    }

    /// 1 divided by each element.
    #[doc(alias = "reciprocal")]
    #[track_caller]
    pub fn recip(&self) -> Array<A, D>
    where
        A: Analytic,
    {
        self.unary("recip", map1(A::recip_))
    }

    /// Whether each element is finite.
    #[doc(alias = "isfinite")]
    #[track_caller]
    pub fn is_finite(&self) -> Array<bool, D>
    where
        A: Float,
    {
        self.unary("is_finite", map1(|a: A| a.sub_(a) == A::ZERO))
    }

    /// Whether each element is infinite.
    #[doc(alias = "isinf")]
    #[track_caller]
    pub fn is_infinite(&self) -> Array<bool, D>
    where
        A: Float,
    {
        self.unary("is_infinite", map1(|a: A| a == A::HIGHEST || a == A::LOWEST))
    }

    /// Each element to the power of that of `exponent`, an array or a number.
    ///
    /// # Cost
    /// The standard library's function, element by element; of a number that is 2, 0.5, or another small whole number, `powi` and [`sqrt`](Array::sqrt) are quicker.
    #[doc(alias("power", "pow", "float_power"))]
    #[track_caller]
    pub fn powf<E: Dimension>(&self, exponent: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        self.binary(&exponent.into_array(), "powf", Whole2(<A as RealMath>::powf))
    }

    /// Each element with the sign of that of `other`, an array or a number; also of zeros and NaN.
    #[track_caller]
    pub fn copysign<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        let signed = |a: A, b: A| if a.is_negative() == b.is_negative() { a } else { a.neg_() };
        self.binary(&other.into_array(), "copysign", map2(signed))
    }

    /// Whether the sign of each element is negative, also of -0.0 and of NaN. NumPy's `signbit`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, 0.0, -0.0, -3.0]);
    /// assert_eq!(x.is_sign_negative().compute()?.to_vec(), [false, false, true, true]);
    /// assert_eq!(x.copysign(-1.0).compute()?.to_vec(), [-1.0, 0.0, 0.0, -3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "signbit")]
    #[track_caller]
    pub fn is_sign_negative(&self) -> Array<bool, D>
    where
        A: Float,
    {
        self.unary("is_sign_negative", map1(A::is_negative))
    }

    /// Radians as degrees.
    #[doc(alias("degrees", "rad2deg"))]
    #[track_caller]
    pub fn to_degrees(&self) -> Array<A, D>
    where
        A: Float,
    {
        let factor = A::from_f64(180.0 / std::f64::consts::PI);
        self.unary("to_degrees", map1(move |a: A| a.mul_(factor)))
    }

    /// Degrees as radians.
    #[doc(alias("radians", "deg2rad"))]
    #[track_caller]
    pub fn to_radians(&self) -> Array<A, D>
    where
        A: Float,
    {
        let factor = A::from_f64(std::f64::consts::PI / 180.0);
        self.unary("to_radians", map1(move |a: A| a.mul_(factor)))
    }

    /// The logarithm of the sum of the powers of e, to each element and to that of `other`, without overflow on the way. NumPy's `logaddexp`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![0.0, 1000.0, f64::NEG_INFINITY]);
    /// let sums = x.logaddexp(&x).compute()?;
    /// assert_eq!(sums.to_vec(), [2_f64.ln(), 1000.0 + 2_f64.ln(), f64::NEG_INFINITY]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn logaddexp<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        let other = other.into_array();
        let greater: Array<A, Both<D, E>> = self.binary(&other, "logaddexp", map2(A::greater_));
        // Of equal infinities the difference is none, and adds nothing that counts.
        let apart = map2(|a: A, b: A| if a == b { A::ZERO } else { a.sub_(b).abs_().neg_() });
        let apart: Array<A, Both<D, E>> = self.binary(&other, "logaddexp", apart);
        greater.binary(&apart.exp().ln_1p(), "logaddexp", map2(A::add_))
    }

    /// The angle of the point (`other`, `self`) in radians, from -π to π.
    #[doc(alias = "arctan2")]
    #[track_caller]
    pub fn atan2<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "atan2", Whole2(<A as RealMath>::atan2))
    }

    /// The root of the sum of the squares of each element and that of `other`, without overflow on the way.
    #[track_caller]
    pub fn hypot<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "hypot", Whole2(<A as RealMath>::hypot))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Each element to a whole power that is not negative, by repeated squaring; integers wrap around.
    ///
    /// The exponent is a `u32`, as that of Rust's `i32::pow`: integers have no negative powers. Those of floating-point numbers are `x.powf(-2.0)`, or `1.0 / x.powi(2)`, any other power, also
    /// one for each element, is [`powf`](Array::powf); of integers that is `x.cast::<f64>().powf(0.5)`, or `x.zip_with(&y, |x, y| x.pow(y))`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::arange(0, 5, 1).powi(3).compute()?.to_vec(), [0, 1, 8, 27, 64]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("power", "square", "pow", "pow2"))]
    #[track_caller]
    pub fn powi(&self, exponent: u32) -> Array<A, D>
    where
        A: Number,
    {
        match exponent {
            2 => self.unary("powi", map1(|a: A| a.mul_(a))),
            3 => self.unary("powi", map1(|a: A| a.mul_(a).mul_(a))),
            _ => self.unary("powi", map1(move |a: A| power(a, exponent))),
        }
    }
}

fn power<A: Number>(mut base: A, mut exponent: u32) -> A {
    let mut result = A::ONE;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.mul_(base);
        }
        base = base.mul_(base);
        exponent >>= 1;
    }
    result
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The absolute value; of the least integer of a type itself, which wraps around.
    #[doc(alias("absolute", "fabs"))]
    #[track_caller]
    pub fn abs(&self) -> Array<A, D>
    where
        A: Real,
    {
        self.unary("abs", map1(A::abs_))
    }

    /// -1, 0 or 1, as the sign is; NaN of NaN.
    #[doc(alias = "sign")]
    #[track_caller]
    pub fn signum(&self) -> Array<A, D>
    where
        A: Real,
    {
        let sign = |a: A| match a {
            a if a > A::ZERO => A::ONE,
            a if a < A::ZERO => A::ONE.neg_(),
            a if a == A::ZERO => A::ZERO,
            nan => nan,
        };
        self.unary("signum", map1(sign))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The greater one of each element and that of `other`, an array or a number; NaN, if either is.
    #[track_caller]
    pub fn maximum<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "maximum", map2(A::greater_))
    }

    /// The lesser one of each element and that of `other`, an array or a number; NaN, if either is.
    #[track_caller]
    pub fn minimum<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "minimum", map2(A::lesser_))
    }

    /// The greater one of each element and that of `other`, an array or a number; the one that is a number, if one is NaN. NumPy's `fmax`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, f64::NAN, 3.0]);
    /// assert_eq!(x.fmax(2.0).compute()?.to_vec(), [2.0, 2.0, 3.0]);
    /// assert_eq!(x.fmin(2.0).compute()?.to_vec(), [1.0, 2.0, 2.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn fmax<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        let greater = |a: A, b: A| if a >= b || b.is_nan_() { a } else { b };
        self.binary(&other.into_array(), "fmax", map2(greater))
    }

    /// The lesser one of each element and that of `other`, an array or a number; the one that is a number, if one is NaN. NumPy's `fmin`.
    #[track_caller]
    pub fn fmin<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        let lesser = |a: A, b: A| if a <= b || b.is_nan_() { a } else { b };
        self.binary(&other.into_array(), "fmin", map2(lesser))
    }

    /// The quotient of each element and that of `other`, an array or a number, towards minus infinity: Python's `//`. Together with [`remainder`](Array::remainder) it gives the element back.
    ///
    /// # Errors
    /// Of the task: an integer that is divided by zero.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![-7, 7, -8]);
    /// assert_eq!(x.floor_divide(4).compute()?.to_vec(), [-2, 1, -2]);
    /// assert_eq!(x.remainder(4).compute()?.to_vec(), [1, 3, 0]);
    /// assert_eq!((&x % 4).compute()?.to_vec(), [-3, 3, 0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn floor_divide<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        let quotient = Checked(map2(A::floored_quotient), A::has_no_quotient_by);
        self.binary(&other.into_array(), "floor_divide", quotient)
    }

    /// What is left of each element when that of `other`, an array or a number, is taken from it as often as [`floor_divide`](Array::floor_divide) says: of the sign of the latter, as Python's `%`.
    ///
    /// # Errors
    /// Of the task: an integer that is divided by zero.
    #[doc(alias = "mod")]
    #[track_caller]
    pub fn remainder<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<A, Both<D, E>>
    where
        A: Real,
        D: DimMax<E>,
    {
        let remainder = Checked(map2(A::floored_remainder), A::has_no_quotient_by);
        self.binary(&other.into_array(), "remainder", remainder)
    }

    /// Each element, but no less than `low` and no more than `high`; NaN stays. If `low` is greater than `high`, everything is `high`; if either is NaN, everything is. As NumPy's `clip`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::arange(0, 5, 1).clip(1, 3).compute()?.to_vec(), [1, 1, 2, 3, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "clamp")]
    #[track_caller]
    pub fn clip(&self, low: A, high: A) -> Array<A, D>
    where
        A: Real,
    {
        if let Some(nan) = [low, high].into_iter().find(|bound| bound.is_nan_()) {
            return self.unary("clip", map1(move |_: A| nan));
        }
        let clip = move |a: A| {
            let a = if a < low { low } else { a };
            if a > high { high } else { a }
        };
        self.unary("clip", map1(clip))
    }
}
