//! The largest singular values of a large matrix, by sampling.
//!
//! In: a matrix, and how many singular values are wanted. Out: these and their vectors. The matrix is multiplied with a few random vectors; what comes out spans nearly what the largest
//! singular vectors span, the more so after some turns of the power iteration, with QR between, without which all would turn towards the first one (Halko, Martinsson, Tropp, *Finding structure with
//! randomness*, 2011, algorithms 4.4 and 5.1).

use super::dense::Decompose;
use super::tsqr::Step;
use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::random::Random;
use ndarray::{Ix0, Ix1, Ix2, s};
use std::panic::Location;

/// How [`Array::svd_compressed`] samples.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// let quick = array::SvdOptions { power_iterations: 0, ..Default::default() };
/// assert_eq!(quick.oversampling, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SvdOptions {
    /// Turns of the power iteration, each of which reads the matrix twice; 2 if nothing is said. With none, slowly falling singular values are some per cent off.
    pub power_iterations: usize,
    /// How many more vectors are sampled than are wanted; 10 if nothing is said.
    pub oversampling: usize,
    /// Of the random numbers; 0 if nothing is said.
    pub seed: u64,
}

impl Default for SvdOptions {
    fn default() -> SvdOptions {
        SvdOptions { power_iterations: 2, oversampling: 10, seed: 0 }
    }
}

/// What [`Array::svd_compressed`] finds.
#[derive(Clone, Debug)]
pub struct CompressedSvd<A: Element> {
    /// The left singular vectors, as columns: `(m, k)`.
    pub u: Array<A, Ix2>,
    /// The singular values, falling: `(k)`.
    pub s: Array<A, Ix1>,
    /// The right singular vectors, as rows: `(k, n)`.
    pub vt: Array<A, Ix2>,
    /// How far `(u * s) · vt` is from the matrix, in the Frobenius norm, as a part of the matrix' norm: `√(1 - ‖s‖² / ‖matrix‖²)`, which is exact but for rounding
    /// (about 1e-8 in `f64`). It costs a pass over the matrix, if it is computed. The best error of this rank is not known without all singular values.
    pub error: Array<A, Ix0>,
}

impl<A: Decompose> Array<A, Ix2> {
    /// The `k` largest singular values and their vectors, approximately, of a matrix of which many are small.
    ///
    /// The same options and chunks give the same bits. Signs are as those of [`svd`](Array::svd) of a wide matrix: of small ones that are not to be seen, so they may differ from those of `svd`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let mut random = array::Random::new(1);
    /// let x = random.normal::<f64, _>([500, 3]).dot(&random.normal([3, 400]));
    /// let found = x.svd_compressed(3, Default::default());
    /// assert!(found.error.compute()?.into_scalar() < 1e-7);
    /// assert!(((found.u * found.s).dot(&found.vt) - &x).norm().compute()?.into_scalar() < 1e-9);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the arrays: `k` is at least 1 and at most the lesser side of the matrix. When computed: as [`svd`](Array::svd), but that no element is named.
    ///
    /// # Cost
    /// The matrix is multiplied `2 + 2 · power_iterations` times with `k + oversampling` vectors. If it is in memory that is all; if it is computed, its blocks are kept from one product to the next.
    #[track_caller]
    pub fn svd_compressed(&self, k: usize, options: SvdOptions) -> CompressedSvd<A> {
        let checked: Array<A, Ix2> = self.step(|expr| {
            let rank = expr.shape[0].min(expr.shape[1]);
            if (1..=rank).contains(&k) {
                return crate::views::permuted(expr, &[0, 1]);
            }
            let has = match rank {
                0 => "none, for it has no elements".to_owned(),
                _ => format!("{rank}; ask for 1 to {rank}"),
            };
            let message = format!(
                "svd_compressed with {} of a matrix of shape {:?}, which has {has}",
                counted(k, "singular value"),
                &expr.shape[..]
            );
            Err(Error::new(ErrorKind::Value, message))
        });
        let (m, n) = match checked.shape() {
            &[m, n] => (m, n),
            _ => (0, 0),
        };
        let sampled = k.saturating_add(options.oversampling).min(m.min(n));
        let vectors = Random::new(options.seed).normal::<A, Ix2>([n, sampled]);
        let (mut q, _) = checked.dot(&vectors).qr();
        for _ in 0..options.power_iterations {
            let (back, _) = checked.t().dot(&q).qr();
            (q, _) = checked.dot(&back).qr();
        }
        let step = Step { name: "svd_compressed", location: Location::caller() };
        let (u, s, vt) = q.t().dot(&checked).svd_of(step, Some([m, n]));
        let u = q.dot(&u.slice(s![.., ..k.min(sampled)]));
        let (s, vt) = (s.slice(s![..k.min(sampled)]), vt.slice(s![..k.min(sampled), ..]));
        let error = s.norm().zip_with(&checked.norm(), |found: A, all: A| {
            let part = found.to_f64() / all.to_f64();
            let left = ((1.0 - part) * (1.0 + part)).max(0.0).sqrt();
            A::from_f64(if all == A::ZERO { 0.0 } else { left })
        });
        CompressedSvd { u, s, vt, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_of_nothing_has_no_singular_values_to_ask_for() {
        let x = Array::<f64, Ix2>::zeros([0, 4]);
        let error = x.svd_compressed(1, SvdOptions::default()).s.check().unwrap_err().to_string();
        let text = "with 1 singular value of a matrix of shape [0, 4], which has none";
        assert!(error.contains(text) && !error.contains("ask for"), "{error}");
    }
}
