//! Covariances and correlations of variables, which are the rows.
//!
//! In: a matrix with a row for each variable and a column for each observation, as NumPy's `cov` has it. Out: products of the centred rows with themselves. The mean is taken first, in a
//! pass of its own: sums of products of what is far from zero would lose its digits (Chan, Golub, LeVeque, *Algorithms for computing the sample variance*, 1983).

use crate::array::Array;
use crate::element::{Element, Float};
use ndarray::{Axis, Ix2};

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
    /// One pass for the means, and a [product](Array::dot).
    #[track_caller]
    pub fn cov(&self, ddof: f64) -> Array<A, Ix2>
    where
        A: Float,
    {
        let centred = self - self.mean_axis(Axis(1)).insert_axis(Axis(1));
        let observations = self.shape().get(1).copied().unwrap_or(0) as f64;
        // As in NumPy: with no degree of freedom left it is not finite.
        let products = centred.dot(&centred.t()) / A::from_f64((observations - ddof).max(0.0));
        products.called("cov")
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
        let covariances = self.cov(0.0);
        let deviations = covariances.diag().sqrt();
        let deviations = match self.shape().get(1) {
            None | Some(0) => deviations,
            // What their rounded mean leaves of equal numbers is not zero.
            Some(_) => {
                let varies = self.max_axis(Axis(1)).not_equal(self.min_axis(Axis(1)));
                varies.where_(deviations, A::NAN_)
            }
        };
        let scaled =
            &covariances / deviations.insert_axis(Axis(1)) / deviations.insert_axis(Axis(0));
        // Rounding may lead a little beyond.
        scaled.clip(A::ONE.neg_(), A::ONE).called("corrcoef")
    }
}
