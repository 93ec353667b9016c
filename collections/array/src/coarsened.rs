//! Functions of the user's over blocks of neighbours: the array in less detail.
//!
//! In: how many neighbours along each axis, and a function of views of so many. Out: a custom expression over chunks that hold whole blocks of neighbours, which calls the function once for each.
//! An error or a panic of the function is one of its task, and names the element.
//!
//! ```text
//! shape [6, 4] by [2, 4]     the chunks' boundaries 0 3 6  ->  0 2 6     elements 0 1 3
//! ```
//! Not here: functions of whole chunks (`blocks`), and of blocks that overlap (`overlap`).

use crate::array::Array;
use crate::block::Block;
use crate::blocks::{custom, filled, typed};
use crate::called::{Call, ElementOutcome, Name};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr};
use crate::grid::{Dims, Grid, check_number, number, position};
use crate::list::List;
use crate::rearrange::regridded;
use ndarray::{ArrayView, Dimension};
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// `f` of each block of so many neighbours along the axes, which becomes one element, or a `Result` of one: of shape `(n, m)` by `[p, q]` an array of shape `(n / p, m / q)`. dask's `coarsen`.
    ///
    /// What is left over at the end of an axis is left out before, as dask's `trim_excess` does: `x.slice(s![..6, ..])`.
    ///
    /// # Errors
    /// Carried by the array: a number for each axis, at least 1, of which the axis' length is a multiple. Of the task: an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[1, 2, 3, 4], [5, 6, 7, 8]]));
    /// assert_eq!(x.coarsen([2, 2], |block| block.sum()).compute()?, ndarray::arr2(&[[14, 22]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk. Chunks that end within a block of neighbours are cut before it, which copies what is computed.
    #[track_caller]
    pub fn coarsen<R: ElementOutcome>(
        &self,
        by: impl List<usize>,
        f: impl Fn(ArrayView<'_, A, D>) -> R + Send + Sync + 'static,
    ) -> Array<R::Element, D> {
        let by = by.list();
        self.step(|expr| {
            check(&expr.shape, &by)?;
            let axes = 0..by.len();
            let bounds = axes.map(|axis| whole_blocks(expr.grid.bounds(axis), by[axis]));
            let input = Arc::new(regridded(expr, Grid::from_bounds(bounds)));
            let shape = expr.shape.iter().zip(&*by).map(|(len, by)| len / by).collect();
            let coarse = |(axis, by): (usize, &usize)| {
                input.grid.bounds(axis).iter().map(|at| at / by).collect()
            };
            let grid = Grid::from_bounds(by.iter().enumerate().map(coarse));
            let make = Coarsened::<A, D, R, _> { f, by: (&*by).into(), types: PhantomData };
            custom::<R::Element>("coarsen", Arc::new(make), vec![input], shape, grid)
        })
    }
}

fn check(shape: &[usize], by: &[usize]) -> Result<(), Error> {
    let wrong = |kind, what: &str| {
        Err(Error::new(kind, format!("cannot coarsen shape {shape:?} by {by:?}: {what}")))
    };
    if by.len() != shape.len() {
        return wrong(ErrorKind::Axis, "give one number for each axis, 1 where it stays as it is");
    }
    if by.contains(&0) {
        return wrong(ErrorKind::Value, "no block has 0 elements; give 1 at least");
    }
    by.iter().try_for_each(|&by| check_number("number of neighbours", by))?;
    if let Some(axis) = (0..by.len()).find(|&axis| (1..by[axis]).contains(&shape[axis])) {
        let (len, by) = (shape[axis], by[axis]);
        let what = format!(
            "axis {axis} has length {len}, which holds no block of {by}; give {len} at most"
        );
        return wrong(ErrorKind::Shape, &what);
    }
    let Some(axis) = (0..by.len()).find(|&axis| !shape[axis].is_multiple_of(by[axis])) else {
        return Ok(());
    };
    let (len, by) = (shape[axis], by[axis]);
    let what = format!(
        "axis {axis} is no multiple of {by}; leave out what is left over, as `slice` to length {} does",
        len / by * by
    );
    wrong(ErrorKind::Shape, &what)
}

/// The boundaries that are within no block of so many, each before the one that was.
fn whole_blocks(bounds: &[usize], by: usize) -> Arc<[usize]> {
    let mut whole: Vec<usize> = bounds.iter().map(|at| at / by * by).collect();
    whole.dedup();
    // An axis of length 0 keeps its two boundaries (`C1`).
    if whole.len() == 1 {
        whole.push(0);
    }
    whole.into()
}

/// An element for each block of neighbours.
struct Coarsened<A, D, R, F> {
    f: F,
    by: Dims,
    types: PhantomData<fn(A, D) -> R>,
}

impl<A, D, R, F> Custom for Coarsened<A, D, R, F>
where
    A: Element,
    D: Dimension,
    R: ElementOutcome,
    F: Fn(ArrayView<'_, A, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (block, call) = (typed::<A, D>(&blocks[0]), Call::new(expr, Name::of::<F>(), at));
        let (shape, origin) = (expr.grid.chunk_shape(at), expr.grid.origin(at));
        let mut by = D::zeros(self.by.len());
        by.slice_mut().copy_from_slice(&self.by);
        let current = Cell::new(0);
        let place = || {
            let within = position(current.get(), &shape);
            let at: Dims = within.iter().zip(&origin).map(|(at, origin)| at + origin).collect();
            format!("the block of the element at {:?}", &at[..])
        };
        filled(shape.clone(), |mut out| {
            call.run_at(place, || {
                for (at, (out, part)) in out.iter_mut().zip(block.exact_chunks(by)).enumerate() {
                    current.set(at);
                    *out = (self.f)(part).outcome()?;
                }
                Ok(())
            })
        })
    }
}
