//! Numbers that grow by the same factor.
//!
//! In: both ends, and how many numbers. Out: sources, whose elements follow from their places.
//!
//! Not here: numbers the same distance apart (`create`).

use crate::array::Array;
use crate::create::{array, by_index};
use crate::element::{Element, Float};
use crate::error::{Error, ErrorKind};
use ndarray::{IntoDimension, Ix1};
use std::panic::Location;

/// Element `at` of `n` evenly spaced numbers from `start` to `end`.
fn between(start: f64, end: f64, n: usize, at: usize) -> f64 {
    match at + 1 == n && n > 1 {
        true => end,
        false => start + at as f64 * ((end - start) / (n.max(2) - 1) as f64),
    }
}

/// Numbers that are `factor` times powers of `base`.
#[derive(Clone, Copy)]
struct Powers {
    base: f64,
    factor: f64,
    exponents: (f64, f64),
}

impl Powers {
    /// From one positive number to another: powers of 10 as in NumPy, but of 2 where these are whole, or where they are so as seen from the first; powers between whole ones are exact.
    fn between(start: f64, end: f64) -> Powers {
        const BASES: [(f64, fn(f64) -> f64); 2] = [(10.0, f64::log10), (2.0, f64::log2)];
        let is_whole = |exponent: f64| exponent.is_finite() && exponent.fract() == 0.0;
        for (factor, start, end) in [(1.0, start, end), (start, 1.0, end / start)] {
            for (base, logarithm) in BASES {
                let exponents = (logarithm(start), logarithm(end));
                if is_whole(exponents.0) && is_whole(exponents.1) {
                    return Powers { base, factor, exponents };
                }
            }
        }
        Powers { base: 10.0, factor: 1.0, exponents: (start.log10(), end.log10()) }
    }

    fn number(&self, n: usize, at: usize) -> f64 {
        self.factor * self.base.powf(between(self.exponents.0, self.exponents.1, n, at))
    }
}

impl<A: Element> Array<A, Ix1> {
    /// `n` powers of `base`, whose exponents are evenly spaced from `start` to `end`, both included, as `ndarray`'s `logspace`; NumPy's has the base last, and 10 if none is said. Of a negative base the
    /// numbers are the negative of those of its absolute value.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::logspace(10.0_f64, 0.0, 3.0, 4).compute()?;
    /// assert!(x.iter().zip([1.0, 10.0, 100.0, 1000.0]).all(|(a, b)| (a / b - 1.0).abs() < 1e-14));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn logspace(base: A, start: A, end: A, n: usize) -> Array<A, Ix1>
    where
        A: Float,
    {
        let (from, to, of) = (start.to_f64(), end.to_f64(), base.to_f64());
        let sign = if of < 0.0 { -1.0 } else { 1.0 };
        let number = move |at: usize| A::from_f64(sign * of.abs().powf(between(from, to, n, at)));
        array("logspace", [n].into_dimension(), Location::caller(), by_index(number, false))
    }

    /// `n` numbers from `start` to `end`, both included, each of which is the one before it times the same factor, as NumPy's `geomspace`. Both may be negative.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::geomspace(-1000.0_f64, -1.0, 4).compute()?;
    /// assert!(x.iter().zip([1000.0, 100.0, 10.0, 1.0]).all(|(a, b)| (a / b + 1.0).abs() < 1e-14));
    /// assert_eq!((x[0], x[3]), (-1000.0, -1.0));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: [`ErrorKind::Value`] of zero, for no factor leads there or away, of signs that differ, and of numbers that are not finite.
    #[track_caller]
    pub fn geomspace(start: A, end: A, n: usize) -> Array<A, Ix1>
    where
        A: Float,
    {
        let location = Location::caller();
        let (from, to) = (start.to_f64(), end.to_f64());
        let is_way = from != 0.0 && to != 0.0 && (from > 0.0) == (to > 0.0);
        if !(from.is_finite() && to.is_finite() && is_way) {
            let message = format!(
                "geomspace from {start:?} to {end:?}: no factor leads from one to the other; both have to be finite, not zero, and of one sign"
            );
            let error = Error::new(ErrorKind::Value, message).of_call("geomspace", location);
            return Array::from_state(Err(error));
        }
        let (sign, powers) = (from.signum(), Powers::between(from.abs(), to.abs()));
        let number = move |at: usize| match at {
            0 => start,
            _ if at + 1 == n => end,
            _ => A::from_f64(sign * powers.number(n, at)),
        };
        array("geomspace", [n].into_dimension(), location, by_index(number, false))
    }
}

#[cfg(test)]
mod tests {
    use super::Powers;

    #[test]
    fn factors_that_are_powers_give_exact_numbers() {
        let all = |start: f64, end: f64, n: usize| -> Vec<f64> {
            let powers = Powers::between(start, end);
            (0..n).map(|at| powers.number(n, at)).collect()
        };
        let of_two: Vec<f64> = (0..9).map(|at| f64::from(1 << at)).collect();
        assert_eq!(all(1.0, 256.0, 9), of_two);
        let thrice: Vec<f64> = of_two.iter().map(|x| x * 3.0).collect();
        assert_eq!(all(3.0, 768.0, 9), thrice);
        let of_ten: Vec<f64> = (0..23).map(|at| format!("1e{at}").parse().unwrap()).collect();
        assert_eq!(all(1.0, 1e22, 23), of_ten);
        let falling: Vec<f64> = of_ten.iter().rev().copied().collect();
        assert_eq!(all(1e22, 1.0, 23), falling);
        assert_eq!(all(5.0, 5000.0, 4), [5.0, 50.0, 500.0, 5000.0]);
        // Where the factor of both ends is no number.
        let far = all(3e-300, 3e300, 3);
        assert!((far[1] / 3.0 - 1.0).abs() < 1e-12, "{far:?}");
    }
}
