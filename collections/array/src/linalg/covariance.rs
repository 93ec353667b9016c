//! Covariances and correlations of variables, which are the rows.
//!
//! In: a matrix with a row for each variable and a column for each observation, as NumPy's `cov` has it. Out: products of the centred rows with themselves. The mean is taken first, in a
//! pass of its own: sums of products of what is far from zero would lose its digits (Chan, Golub, LeVeque, *Algorithms for computing the sample variance*, 1983). It is two numbers, the first element of the
//! row and what the mean is off from that by, so that a rounded mean loses none either. All is done in f64, as in NumPy, and rounded at the end.

use crate::array::Array;
use crate::element::{Element, Float};
use crate::kernels::map1;
use ndarray::{Axis, Ix2, s};

impl<A: Element> Array<A, Ix2> {
    /// The covariances of the rows, `(n, n)` of a matrix `(n, m)`: the mean products of their differences from their means, with `m - ddof` as divisor; 1 for a sample, as NumPy's
    /// default.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]));
    /// assert_eq!(x.cov(1.0).compute()?, ndarray::arr2(&[[1.0, -1.0], [-1.0, 1.0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// One pass for the means, and a [product](Array::dot), in f64.
    #[track_caller]
    pub fn cov(&self, ddof: f64) -> Array<A, Ix2>
    where
        A: Float,
    {
        self.covariances(ddof).unary("cov", map1(A::from_f64)).called("cov")
    }

    /// [`cov`](Array::cov), in f64.
    #[track_caller]
    fn covariances(&self, ddof: f64) -> Array<f64, Ix2>
    where
        A: Float,
    {
        let wide = self.unary("cov", map1(A::to_f64));
        let observations = self.shape().get(1).copied().unwrap_or(0);
        // Differences from an element are exact or large; their mean is as small as the elements differ.
        let shifted = match observations {
            0 => wide,
            _ => &wide - wide.slice(s![.., ..1]),
        };
        let centred = &shifted - shifted.mean_axis(Axis(1)).insert_axis(Axis(1));
        // As in NumPy: with no degree of freedom left it is not finite.
        let freedom = observations as f64 - ddof;
        centred.dot(&centred.t()) / if freedom < 0.0 { 0.0 } else { freedom }
    }

    /// The correlations of the rows (Pearson's), `(n, n)` of a matrix `(n, m)`: from -1 to 1; NaN for a row that is the same everywhere.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[0.0, 1.0, 2.0], [5.0, 3.0, 1.0]]));
    /// assert!((x.corrcoef() - Array::from(ndarray::arr2(&[[1.0, -1.0], [-1.0, 1.0]]))).abs().max().compute()?.into_scalar() < 1e-15);
    /// # use array::Array;
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn corrcoef(&self) -> Array<A, Ix2>
    where
        A: Float,
    {
        let covariances = self.covariances(0.0);
        // Of equal numbers it is zero, and so is what is divided by it.
        let deviations = covariances.diag().sqrt();
        let scaled =
            &covariances / deviations.insert_axis(Axis(1)) / deviations.insert_axis(Axis(0));
        // Rounding may lead a little beyond.
        let within = scaled.clip(-1.0, 1.0);
        within.unary("corrcoef", map1(A::from_f64)).called("corrcoef")
    }
}

#[cfg(test)]
mod tests {
    use crate::Array;
    use ndarray::{arr2, s};

    #[test]
    fn digits_are_not_lost_far_from_zero_nor_at_the_ends_of_f32() {
        let right = 13.0 / 175.0_f64.sqrt();
        let far = [16_777_216_f32, 16_777_218., 16_777_220., 16_777_222.];
        for scale in [1.0, 2.0_f32.powi(-100), 2.0_f32.powi(100)] {
            let x = arr2(&[far.map(|x| x * scale), [1., 2., 3., 5.]]);
            let found = Array::from(x).rechunk([1, 2]).corrcoef().compute().unwrap();
            assert!((f64::from(found[[0, 1]]) - right).abs() < 2e-7, "{found}");
        }
        let far = [1e16, 1e16 + 2.0, 1e16 + 4.0, 1e16 + 6.0];
        let x = Array::from(arr2(&[far, [1., 2., 3., 5.]])).rechunk([2, 3]);
        let found = x.corrcoef().compute().unwrap();
        assert!((found[[0, 1]] - right).abs() < 1e-15, "{found}");
        let found = x.cov(1.0).compute().unwrap();
        assert_eq!(found.slice(s![0, ..]), ndarray::arr1(&[20.0 / 3.0, 13.0 / 3.0]));
        let none = x.cov(f64::NAN).compute().unwrap();
        assert!(none.iter().all(|x| x.is_nan()), "{none}");
    }
}
