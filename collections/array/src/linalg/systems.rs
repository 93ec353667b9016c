//! Linear systems: Cholesky's factor, solutions, least squares.
//!
//! In: a matrix, and right-hand sides. Out: what solves them. Cholesky and `solve` put the matrix into one block and are one task; least squares go by way of the singular values, and so work on bands.

use super::dense::Decompose;
use super::product::matrix;
use super::recut::Recut;
use super::tsqr::{Step, by_columns};
use crate::array::Array;
use crate::block::{Block, Strides};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid};
use crate::tile::type_of;
use ndarray::{Axis, Dimension, Ix2};
use std::marker::PhantomData;
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

/// The array as one chunk.
fn whole<A: Decompose>(expr: &ExprRef) -> ExprRef {
    Recut::default().recut::<A>(expr, Grid::whole(&expr.shape))
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
    /// One task of `n³ / 3` operations on one thread, which holds the matrix in one block and the result.
    #[track_caller]
    pub fn cholesky(&self) -> Array<A, Ix2> {
        let step = Step { name: "cholesky", location: Location::caller() };
        self.step(|expr| {
            check_square("cholesky", expr, "")?;
            let shape = [expr.shape[0], expr.shape[0]];
            Ok(step.expr::<A>(Cholesky::<A>(PhantomData), vec![whole::<A>(expr)], shape, None))
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
    /// Carried by the array: the matrix has to be square, and `b` as long. When computed: [`ErrorKind::Singular`] of a matrix that has no inverse, as far as rounding lets that be seen; NaN and infinities give such.
    ///
    /// # Cost
    /// One task of `2/3 · n³` operations on one thread (LU with partial pivoting), which holds the matrix in one block, its factors, and the right-hand sides.
    #[track_caller]
    pub fn solve<E: Dimension>(&self, b: &Array<A, E>) -> Array<A, E> {
        let location = Location::caller();
        self.step(|a| {
            let b = b.state.as_ref().map_err(Clone::clone)?;
            check_square("solve", a, "; `lstsq` takes any shape")?;
            check_sides("solve", a, b)?;
            let make = Arc::new(Solve::<A>(PhantomData));
            Ok(Expr {
                kind: Kind::Custom { make, inputs: vec![whole::<A>(a), whole::<A>(b)] },
                name: "solve",
                dtype: A::DTYPE,
                of: type_of::<A>(),
                shape: b.shape.clone(),
                grid: Grid::whole(&b.shape),
                location,
            })
        })
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
    pub fn lstsq<E: Dimension>(&self, b: &Array<A, E>) -> Array<A, E> {
        let fits: Array<A, E> = self.step(|a| {
            let b = b.state.as_ref().map_err(Clone::clone)?;
            check_sides("lstsq", a, b)?;
            let all: Vec<usize> = (0..b.shape.len()).collect();
            crate::views::permuted(b, &all)
        });
        let sides = fits.into_dyn();
        let longest = self.shape().iter().copied().max().unwrap_or(0);
        let (u, s, vt) = self.svd();
        let least = A::from_f64(A::EPSILON_.to_f64() * longest as f64);
        let inverse =
            match self.shape().contains(&0) {
                // Of no singular values there is no largest one.
                true => s,
                false => s.zip_with(&s.max(), move |s: A, largest: A| {
                    if s > largest.mul_(least) { A::ONE.div_(s) } else { A::ZERO }
                }),
            };
        let along_u = u.tensordot(&sides, [0], [0]);
        let inverse = match sides.ndim() {
            2 => inverse.insert_axis(Axis(1)).into_dyn(),
            _ => inverse.into_dyn(),
        };
        vt.tensordot(&(along_u * inverse), [0], [0]).into_dimensionality()
    }
}

/// The lower factor of a block.
struct Cholesky<A>(PhantomData<fn() -> A>);

impl<A: Decompose> Custom for Cholesky<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let a = matrix::<A>(&blocks[0]);
        let n = a.nrows();
        let failed = |kind, what: String| {
            let message = format!("cholesky of a matrix of shape {:?}: {what}", &expr.shape[..]);
            Error::new(kind, message).at(expr.location)
        };
        if let Some(((i, j), x)) =
            a.indexed_iter().find(|&((i, j), x)| j <= i && !x.to_f64().is_finite())
        {
            let what = format!("element ({i}, {j}) is {x}; all have to be finite");
            return Err(failed(ErrorKind::NonFinite, what));
        }
        let values = A::cholesky_(a).map_err(|pivot| {
            let what = format!(
                "it is not positive definite, as row {pivot} shows; `solve` takes any matrix that has an inverse, and a multiple of `Array::eye` added makes a symmetric one definite"
            );
            failed(ErrorKind::Singular, what)
        })?;
        Ok(by_columns(values, n, n))
    }
}

/// The solutions for a block of right-hand sides.
struct Solve<A>(PhantomData<fn() -> A>);

impl<A: Decompose> Custom for Solve<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
        need(1, 0);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (a, b) = (&blocks[0], &blocks[1]);
        let (rows, columns) = (b.shape[0], b.shape.get(1).copied().unwrap_or(1));
        let strides = Strides::from_slice(&[b.strides[0], b.strides.get(1).copied().unwrap_or(1)]);
        let sides = b.part(Dims::from_slice(&[rows, columns]), strides, b.offset);
        let values = A::solve_(matrix(a), matrix(&sides)).map_err(|pivot| {
            let message = format!(
                "solve of a matrix of shape {:?}: it is singular, as pivot {pivot} is zero; `lstsq` gives the shortest of the nearest solutions",
                &a.shape[..]
            );
            Error::new(ErrorKind::Singular, message).at(expr.location)
        })?;
        match b.shape.len() {
            1 => Ok(Block::from_buffer(values, expr.shape.clone())),
            _ => Ok(by_columns(values, rows, columns)),
        }
    }
}
