//! Linear systems: Cholesky's factor, solutions, least squares.
//!
//! In: a matrix, and right-hand sides. Out: what solves them. Least squares go by way of the singular values, and so work on bands.
//!
//! Not here: factorisations of many blocks (`cholesky`, `lu`).

use super::dense::Decompose;
use super::tsqr::Step;
use crate::array::Array;
use crate::either::AnyArray;
use crate::error::{Error, ErrorKind};
use crate::expr::ExprRef;
use crate::grid::Dims;
use crate::map::{Along, Map};
use crate::views::view;
use ndarray::{Axis, Dimension, Ix1, Ix2};
use std::panic::Location;
use std::sync::Arc;

/// That a matrix is square.
fn check_square(what: &str, a: &ExprRef, remedy: &str) -> Result<(), Error> {
    if a.shape[0] == a.shape[1] {
        return Ok(());
    }
    let message =
        format!("{what} of a matrix of shape {:?}, which has to be square{remedy}", &a.shape[..]);
    Err(Error::new(ErrorKind::Shape, message))
}

/// That right-hand sides fit: a vector or a matrix with as many rows.
fn check_sides(what: &str, a: &ExprRef, b: &ExprRef) -> Result<(), Error> {
    if (1..=2).contains(&b.shape.len()) && b.shape[0] == a.shape[0] {
        return Ok(());
    }
    let message = format!(
        "{what} of a matrix of shape {:?} and right-hand sides of shape {:?}, which have to be a vector of length {} or a matrix of so many rows",
        &a.shape[..],
        &b.shape[..],
        a.shape[0]
    );
    Err(Error::new(ErrorKind::Shape, message))
}

/// One divided by each singular value of a matrix of this shape; 0 for those that count as zero.
#[track_caller]
fn inverses<A: Decompose>(s: &Array<A, Ix1>, shape: &[usize]) -> Array<A, Ix1> {
    if shape.contains(&0) {
        // Of no singular values there is no largest one.
        return s.clone();
    }
    let longest = shape.iter().copied().max().unwrap_or(0);
    let least = A::from_f64(A::EPSILON_.to_f64() * longest as f64);
    s.zip_with(
        &s.max(),
        move |s: A, largest: A| {
            if s > largest.mul_(least) { A::ONE.div_(s) } else { A::ZERO }
        },
    )
}

impl<A: Decompose> Array<A, Ix2> {
    /// The lower triangular matrix L of a symmetric, positive definite matrix `L · Lᵀ`. Of the matrix, the lower triangle is read.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[4.0, 2.0], [2.0, 10.0]]));
    /// assert_eq!(x.cholesky().compute()?, ndarray::arr2(&[[2.0, 0.0], [1.0, 3.0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: the matrix has to be square. When computed: [`ErrorKind::Singular`] of a matrix that is not positive definite, [`ErrorKind::NonFinite`] of NaN and infinities.
    ///
    /// # Cost
    /// `n³ / 3` operations, on blocks of about 512 rows that are computed at the same time where they don't depend on each other. About as many elements are held as the lower half of the matrix has, beside it.
    #[track_caller]
    pub fn cholesky(&self) -> Array<A, Ix2> {
        let step = Step { name: "cholesky", location: Location::caller() };
        self.step(|expr| {
            check_square("cholesky", expr, "")?;
            Ok(super::cholesky::factor::<A>(step, expr))
        })
    }

    /// The solution x of `matrix · x = b` for a square matrix, where `b` is a vector, or a matrix whose columns are solved for.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::from(ndarray::arr2(&[[2.0, 0.0], [1.0, 1.0]]));
    /// assert_eq!(x.solve(&Array::from(vec![4.0, 5.0])).compute()?.to_vec(), [2.0, 3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: the matrix has to be square, and `b` as long. When computed: [`ErrorKind::Singular`] of a matrix that has no inverse, as far as rounding lets that be seen. NaN and infinities are no error: NaN in the matrix makes all of the solution NaN, in a right-hand side all of that one's, and infinities are computed with as they are.
    ///
    /// # Cost
    /// `2/3 · n³` operations and `2 · n²` for each right-hand side (LU with partial pivoting), on blocks of about 512 columns that are computed at the same time, but for one of each step, in which
    /// rows are exchanged. The factors are held until the solutions are known: as much as the matrix.
    #[track_caller]
    pub fn solve<E: Dimension>(&self, b: impl AnyArray<A, Dim = E>) -> Array<A, E> {
        let b = b.lazy();
        let step = Step { name: "solve", location: Location::caller() };
        self.step(|a| {
            let b = b.state.as_ref().map_err(Clone::clone)?;
            check_square("solve", a, "; `lstsq` takes any shape")?;
            check_sides("solve", a, b)?;
            if b.shape.len() == 2 {
                return Ok(super::lu::solve::<A>(step, a, b));
            }
            // A vector is a matrix of one column.
            let column = Map([Along::axis(0)].into_iter().collect());
            let sides = view("solve", b, column, Dims::from_slice(&[b.shape[0], 1]))?;
            let solved = Arc::new(super::lu::solve::<A>(step, a, &Arc::new(sides)));
            let map = Map([Along::axis(0), Along::fixed(0)].into_iter().collect());
            view("solve", &solved, map, b.shape.clone())
        })
    }

    /// The inverse of a square matrix. To solve a system, [`solve`](Array::solve) is quicker and more accurate than the product with the inverse.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[2.0, 0.0], [1.0, 1.0]]));
    /// assert_eq!(x.inv().compute()?, ndarray::arr2(&[[0.5, 0.0], [-0.5, 1.0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`solve`](Array::solve).
    ///
    /// # Cost
    /// `8/3 · n³` operations: that of [`solve`](Array::solve) with as many right-hand sides as there are rows.
    #[track_caller]
    pub fn inv(&self) -> Array<A, Ix2> {
        let step = Step { name: "inv", location: Location::caller() };
        self.step(|expr| {
            check_square("inv", expr, "")?;
            let ones = Array::<A, Ix2>::eye(expr.shape[0]);
            Ok(super::lu::solve::<A>(step, expr, ones.state.as_ref().map_err(Clone::clone)?))
        })
    }

    /// The pseudoinverse (Moore, Penrose) of any matrix, of shape `(n, m)` for one of shape `(m, n)`: `x.pinv().dot(&b)` is [`x.lstsq(&b)`](Array::lstsq), which takes less. NumPy's `pinv`.
    ///
    /// Singular values of less than ε times the longer side times the largest one count as zero, as in [`lstsq`](Array::lstsq); NumPy's `pinv` draws that line at 1e-15 times the largest one, if nothing is said.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([100, 3]);
    /// let one = x.pinv().dot(&x);
    /// assert!((one - array::Array::eye(3)).norm().compute()?.into_scalar() < 1e-12);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computed: as [`svd`](Array::svd).
    ///
    /// # Cost
    /// That of [`svd`](Array::svd), and of the product of U and V: `2 · m · n · k` operations, where `k` is the lesser of `m` and `n`.
    #[track_caller]
    pub fn pinv(&self) -> Array<A, Ix2> {
        let step = Step { name: "pinv", location: Location::caller() };
        let (u, s, vt) = self.svd_of(step, None);
        (vt.t() * inverses(&s, self.shape())).dot(&u.t()).called("pinv")
    }

    /// The x for which `matrix · x` is nearest to `b`, a vector or a matrix, in the 2-norm; if there are many, the shortest. Of any matrix: tall, wide, of less than full rank.
    ///
    /// Singular values of less than ε times the longer side times the largest one count as zero, as in NumPy's `lstsq`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// // The line through (0, 1), (1, 3), (2, 5).
    /// let x = Array::from(ndarray::arr2(&[[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]));
    /// let line = x.lstsq(&Array::from(vec![1.0, 3.0, 5.0])).compute()?;
    /// assert!((line[0] - 2.0_f64).abs() < 1e-12 && (line[1] - 1.0).abs() < 1e-12);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: `b` has to be as long as the matrix. When computed: as [`svd`](Array::svd).
    ///
    /// # Cost
    /// That of [`svd`](Array::svd), and products with U and V.
    #[track_caller]
    pub fn lstsq<E: Dimension>(&self, b: impl AnyArray<A, Dim = E>) -> Array<A, E> {
        let b = b.lazy();
        let fits: Array<A, E> = self.step(|a| {
            let b = b.state.as_ref().map_err(Clone::clone)?;
            check_sides("lstsq", a, b)?;
            let all: Vec<usize> = (0..b.shape.len()).collect();
            crate::views::permuted(b, &all)
        });
        let sides = fits.into_dyn();
        let step = Step { name: "lstsq", location: Location::caller() };
        let (u, s, vt) = self.svd_of(step, None);
        let inverse = inverses(&s, self.shape());
        let along_u = u.tensordot(&sides, [0], [0]);
        let inverse = match sides.ndim() {
            2 => inverse.insert_axis(Axis(1)).into_dyn(),
            _ => inverse.into_dyn(),
        };
        vt.tensordot(&(along_u * inverse), [0], [0]).into_dimensionality().called("lstsq")
    }
}
