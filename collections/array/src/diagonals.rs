//! What lies on diagonals of matrices, and on either side of them.
//!
//! In: arrays with at least two axes, and how far a diagonal is from the main one: above it, if the number is positive. Out: views, and elementwise steps whose other input follows
//! from the index, so that they are part of what reads them.
//!
//! Not here: the main diagonal of a matrix, and its sum (`linalg`).

use crate::array::{Array, check_axis};
use crate::create::{by_index, source};
use crate::either::AnyArray;
use crate::element::{Element, Number};
use crate::elementwise::elementwise;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::grid::{Chunks, Dims, Grid, check_size};
use crate::kernels::map2;
use crate::map::{Along, Map};
use crate::views::view;
use ndarray::{Axis, Dimension, Ix1, Ix2};
use std::panic::Location;
use std::sync::Arc;

type Place = &'static Location<'static>;

/// Whether each element of matrices of `columns` columns is on a side of a diagonal, or on it: `is_side` of how far the element is above the main one.
fn sides(
    shape: [usize; 2],
    grid: Grid,
    at: Place,
    is_side: impl Fn(i128) -> bool + Send + Sync + 'static,
) -> Result<ExprRef, Error> {
    let columns = shape[1].max(1);
    let is_there =
        move |place: usize| is_side((place % columns) as i128 - (place / columns) as i128);
    let mut made = source::<bool>("side", &shape, at, by_index(is_there, true))?;
    made.grid = grid;
    Ok(Arc::new(made))
}

/// The elements of the matrices along the last two axes where `is_side` is true, and zero elsewhere.
fn one_side<A: Element>(
    name: &'static str,
    at: Place,
    expr: &ExprRef,
    is_side: impl Fn(i128) -> bool + Send + Sync + 'static,
) -> Result<Expr, Error> {
    let rank = expr.shape.len();
    let Some(first) = rank.checked_sub(2) else {
        let message = format!(
            "{name} of an array of shape {:?}, which has less than two axes: only matrices have a diagonal, and `insert_axis` makes one of a vector",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Axis, message));
    };
    let grid = Grid::from_bounds((first..rank).map(|axis| expr.grid.bounds(axis).clone()));
    let sides = sides([expr.shape[first], expr.shape[first + 1]], grid, at, is_side)?;
    let kept = map2(|element: A, is_kept: bool| if is_kept { element } else { A::default() });
    elementwise::<A>(name, at, Arc::new(kept), &[expr, &sides])
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The matrices along the last two axes with zeros above diagonal number `k`: 0 is the main one, 1 the one above it, -1 the one below. NumPy's `tril`.
    ///
    /// # Errors
    /// Carried by the array: it has to have two axes at least.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<i32, _>::ones([3, 3]);
    /// assert_eq!(x.tril(0).compute()?, ndarray::arr2(&[[1, 0, 0], [1, 1, 0], [1, 1, 1]]));
    /// assert_eq!(x.tril(-1).compute()?, ndarray::arr2(&[[0, 0, 0], [1, 0, 0], [1, 1, 0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn tril(&self, k: isize) -> Array<A, D> {
        let location = Location::caller();
        self.step(|expr| one_side::<A>("tril", location, expr, move |above| above <= k as i128))
    }

    /// The matrices along the last two axes with zeros below diagonal number `k`, which are counted as for [`tril`](Array::tril). NumPy's `triu`.
    ///
    /// # Errors
    /// Carried by the array: it has to have two axes at least.
    #[track_caller]
    pub fn triu(&self, k: isize) -> Array<A, D> {
        let location = Location::caller();
        self.step(|expr| one_side::<A>("triu", location, expr, move |above| above >= k as i128))
    }

    /// Diagonal number `k` of the matrices along two axes, counted as for [`tril`](Array::tril) where the first of the two axes goes down; it becomes the last axis, after all others. It has no
    /// element, if it lies outside of them. NumPy's `diagonal`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axes, which have to be two.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Axis;
    /// let x = array::Array::arange(0, 6, 1).reshape([2, 3]);
    /// assert_eq!(x.diagonal(1, Axis(0), Axis(1)).compute()?.to_vec(), [1, 5]);
    /// assert_eq!(x.diagonal(-1, Axis(0), Axis(1)).compute()?.to_vec(), [3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A view: chunks that the diagonal does not meet are not computed.
    #[track_caller]
    pub fn diagonal(&self, k: isize, down: Axis, right: Axis) -> Array<A, D::Smaller> {
        self.step(|expr| {
            check_axis(down.0, &expr.shape)?;
            check_axis(right.0, &expr.shape)?;
            if down == right {
                let message = format!(
                    "there is no diagonal of axis {} alone: name two different axes",
                    down.0
                );
                return Err(Error::new(ErrorKind::Axis, message));
            }
            let start = |k: isize| if k > 0 { k.unsigned_abs() } else { 0 };
            let (below, above) = (start(k.saturating_neg()), start(k));
            let room = |axis: Axis, start: usize| expr.shape[axis.0].saturating_sub(start);
            let len = room(down, below).min(room(right, above));
            let others = (0..expr.shape.len()).filter(|&axis| axis != down.0 && axis != right.0);
            let others: Vec<usize> = others.collect();
            let along = |axis: usize| {
                let start = if axis == down.0 { below } else { above };
                match others.iter().position(|&other| other == axis) {
                    Some(place) => Along::axis(place),
                    None => Along {
                        of: Some(others.len()),
                        start: if len == 0 { 0 } else { start },
                        step: 1,
                    },
                }
            };
            let map = Map((0..expr.shape.len()).map(along).collect());
            let mut shape: Dims = others.iter().map(|&axis| expr.shape[axis]).collect();
            shape.push(len);
            view("diagonal", expr, map, shape)
        })
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The square matrix with these elements on its diagonal, and zeros elsewhere. NumPy's `diag` of a vector.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::from_diag(Array::arange(1, 3, 1));
    /// assert_eq!(x.compute()?, ndarray::arr2(&[[1, 0], [0, 2]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "diag")]
    #[track_caller]
    pub fn from_diag(diagonal: impl AnyArray<A, Dim = Ix1>) -> Array<A, Ix2> {
        let location = Location::caller();
        diagonal.lazy().step(|expr| {
            let shape = [expr.shape[0], expr.shape[0]];
            check_size(&shape, size_of::<A>())?;
            let mut grid = Grid::new(&shape, &Chunks::auto(), size_of::<A>())?;
            if expr.grid.count_along(0) > grid.count_along(1) {
                grid.set(1, expr.grid.bounds(0).clone());
            }
            let is_on = sides(shape, grid, location, |above| above == 0)?;
            let element =
                map2(|is_on: bool, element: A| if is_on { element } else { A::default() });
            elementwise::<A>("from_diag", location, Arc::new(element), &[&is_on, expr])
        })
    }
}

impl<A: Element> Array<A, Ix2> {
    /// Ones on and below diagonal number `k`, counted as for [`tril`](Array::tril), and zeros above it. NumPy's `tri`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::<i32, _>::tri([2, 3], 1).compute()?, ndarray::arr2(&[[1, 1, 0], [1, 1, 1]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn tri(shape: [usize; 2], k: isize) -> Array<A, Ix2>
    where
        A: Number,
    {
        Array::ones(shape).tril(k).called("tri")
    }
}
