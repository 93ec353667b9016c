//! Sums and products of all elements up to each one, and differences of neighbours.
//!
//! In: an array and an axis. Out: for chunks that are cut along the axis, three kinds of expressions: what each chunk adds up to, what four of these, four of those and so on add up to, and
//! each chunk's own sums on top of what comes before it, which is a few of such totals. So the work is in proportion to the elements, nothing waits for its neighbour but a small array, and a chunk
//! is gone when those before it have been added up.
//!
//! ```text
//! chunks     1 2 3 | 4 5 | 6         of each:  6 | 9 | 6       before each:  0 | 6 | 6 + 9
//! result     1 3 6 | 6 + (4 9) | 15 + (6)
//!
//! before chunk 27 = 1 · 16 + 2 · 4 + 3:   one total of 16 chunks, two of 4, three of one
//! ```
//! Blelloch, *Prefix sums and their applications*, 1990.

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, filled, typed};
use crate::element::{Element, Number};
use crate::error::Error;
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid, number};
use crate::kernels::map1;
use crate::pool::array_of;
use crate::tile::type_of;
use ndarray::{ArrayViewD, ArrayViewMutD, Axis, Dimension};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// So many totals make one of the next level. With more of them a chunk reads more, on fewer levels.
const TOGETHER: usize = 4;

/// What is added up: sums or products, of elements or of sums.
trait Scanned: Copy + Send + Sync + 'static {
    type In: crate::element::Element;
    type Out: crate::element::Element;
    fn first(self) -> Self::Out;
    fn add(self, all: Self::Out, next: Self::In) -> Self::Out;
    fn join(self, earlier: Self::Out, later: Self::Out) -> Self::Out;
}

#[derive(Clone, Copy)]
struct Sums<A>(PhantomData<A>);
impl<A: Number> Scanned for Sums<A> {
    type In = A;
    type Out = A::Sum;
    fn first(self) -> A::Sum {
        A::Sum::ZERO
    }
    fn add(self, all: A::Sum, next: A) -> A::Sum {
        all.add_(next.widen())
    }
    fn join(self, earlier: A::Sum, later: A::Sum) -> A::Sum {
        earlier.add_(later)
    }
}

#[derive(Clone, Copy)]
struct Products<A>(PhantomData<A>);
impl<A: Number> Scanned for Products<A> {
    type In = A;
    type Out = A::Sum;
    fn first(self) -> A::Sum {
        A::Sum::ONE
    }
    fn add(self, all: A::Sum, next: A) -> A::Sum {
        all.mul_(next.widen())
    }
    fn join(self, earlier: A::Sum, later: A::Sum) -> A::Sum {
        earlier.mul_(later)
    }
}

/// What has been added up already, as what is to be added up.
#[derive(Clone, Copy)]
struct Again<S>(S);
impl<S: Scanned> Scanned for Again<S> {
    type In = S::Out;
    type Out = S::Out;
    fn first(self) -> S::Out {
        self.0.first()
    }
    fn add(self, all: S::Out, next: S::Out) -> S::Out {
        self.0.join(all, next)
    }
    fn join(self, earlier: S::Out, later: S::Out) -> S::Out {
        self.0.join(earlier, later)
    }
}

/// What chunks add up to along the axis, so many together.
struct Totals<S> {
    what: S,
    axis: usize,
    together: usize,
}

impl<S: Scanned> Custom for Totals<S> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            let (counts, mut chunk) = (input.grid.counts(), Dims::from(at));
            let first = at[self.axis] * self.together;
            for along in first..(first + self.together).min(counts[self.axis]) {
                chunk[self.axis] = along;
                need(0, number(&chunk, &counts));
            }
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        filled(expr.grid.chunk_shape(at), |mut all| {
            all.fill(self.what.first());
            let mut totals = all.index_axis_mut(Axis(self.axis), 0);
            for block in &blocks {
                let block: ArrayViewD<'_, S::In> = typed(block);
                if is_narrow(&block, self.axis) {
                    let zip = ndarray::Zip::from(&mut totals).and(block.lanes(Axis(self.axis)));
                    zip.for_each(|all, lane| {
                        *all = lane.iter().fold(*all, |all, &next| self.what.add(all, next));
                    });
                    continue;
                }
                for row in block.axis_iter(Axis(self.axis)) {
                    let zip = ndarray::Zip::from(&mut totals).and(&row);
                    zip.for_each(|all, &next| *all = self.what.add(*all, next));
                }
            }
            Ok(())
        })
    }
}

/// The sums within each chunk of the first input, on top of what comes before it: totals of the other inputs, those of the most chunks first.
struct Within<S>(S, usize);

impl<S: Scanned> Custom for Within<S> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // First what the chunks before leave behind: then they need not wait for this one.
        let levels = expr.inputs().count().saturating_sub(2);
        if levels > 0 {
            need(1 + levels, 0);
        }
        for (level, totals) in expr.inputs().skip(1).take(levels).enumerate() {
            let (counts, mut chunk) = (totals.grid.counts(), Dims::from(at));
            let size = TOGETHER.pow((levels - 1 - level) as u32);
            let end = at[self.1] / size;
            // Before that, a total of the level above has them all.
            let start = if level == 0 { 0 } else { end / TOGETHER * TOGETHER };
            for along in start..end {
                chunk[self.1] = along;
                need(1 + level, number(&chunk, &counts));
            }
        }
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let axis = Axis(self.1);
        let Some((block, before)) = blocks.split_last() else { unreachable!("a chunk is read") };
        let totals = before.get(1..).unwrap_or_default();
        let block: ArrayViewD<'_, S::In> = typed(block);
        let mut shape = Dims::from(block.shape());
        shape[axis.0] = 1;
        let mut before = array_of(&shape, self.0.first())?;
        for total in totals {
            let total: ArrayViewD<'_, S::Out> = typed(total);
            before.zip_mut_with(&total, |before, &total| *before = self.0.join(*before, total));
        }
        let mut before = before.index_axis_move(axis, 0);
        filled(block.shape().into(), |mut all: ArrayViewMutD<'_, S::Out>| {
            if is_narrow(&block, self.1) {
                let zip = ndarray::Zip::from(all.lanes_mut(axis)).and(&mut before);
                zip.and(block.lanes(axis)).for_each(|out, all, lane| {
                    for (out, &next) in out.into_iter().zip(lane) {
                        *all = self.0.add(*all, next);
                        *out = *all;
                    }
                });
                return Ok(());
            }
            for (mut out, row) in all.axis_iter_mut(axis).zip(block.axis_iter(axis)) {
                let zip = ndarray::Zip::from(&mut out).and(&mut before).and(&row);
                zip.for_each(|out, all, &next| {
                    *all = self.0.add(*all, next);
                    *out = *all;
                });
            }
            Ok(())
        })
    }
}

/// Whether there are few elements besides those along the axis: then these are gone through in turn, else all of a row at once.
fn is_narrow<S>(block: &ArrayViewD<'_, S>, axis: usize) -> bool {
    const NARROW: usize = 32;
    block.len() < NARROW.saturating_mul(block.len_of(Axis(axis)))
}

fn scanned<S: Scanned>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    what: S,
) -> Result<Expr, Error> {
    check_axis(axis, &expr.shape)?;
    let mut levels = Vec::new();
    if expr.grid.count_along(axis) > 1 {
        levels.push(totals(name, expr, axis, what, 1)?);
        while let Some(last) = levels.last()
            && last.grid.count_along(axis) > TOGETHER
        {
            levels.push(totals(name, last, axis, Again(what), TOGETHER)?);
        }
    }
    let is_cut = !levels.is_empty();
    let mut inputs: Vec<ExprRef> =
        std::iter::once(expr.clone()).chain(levels.into_iter().rev()).collect();
    if is_cut {
        inputs.push(Arc::new(beginning(expr)));
    }
    let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
    custom::<S::Out>(name, Arc::new(Within(what, axis)), inputs, shape, grid)
}

/// What all chunks read besides, and nothing is in it. Tasks that read a source and something else let the run know that sources wait for each other; it goes through them one by one then, and not with each
/// worker at another place, where chunks would be held until all before them have been read.
struct Beginning;

impl Custom for Beginning {
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, _: &Expr, _: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        Ok(Block::token(Arc::new(())))
    }
}

fn beginning(expr: &Expr) -> Expr {
    let (shape, grid) = (Dims::from_slice(&[1]), Grid::whole(&[1]));
    let kind = Kind::Custom { make: Arc::new(Beginning), inputs: Vec::new() };
    let (dtype, of, location) = (u8::DTYPE, type_of::<u8>(), expr.location);
    Expr { kind, name: "beginning", dtype, of, shape, grid, location }
}

/// What so many chunks together add up to along the axis, a chunk each.
fn totals<S: Scanned>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    what: S,
    together: usize,
) -> Result<ExprRef, Error> {
    let chunks = expr.grid.count_along(axis).div_ceil(together);
    let (mut shape, mut grid) = (expr.shape.clone(), expr.grid.clone());
    shape[axis] = chunks;
    grid.set(axis, (0..=chunks).collect());
    let make = Arc::new(Totals { what, axis, together });
    Ok(Arc::new(custom::<S::Out>(name, make, vec![expr.clone()], shape, grid)?))
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The sum of all elements up to each one along an axis, itself included, in the type that [`sum`](Array::sum) has; NumPy's `cumsum`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(1_i64, 6, 1).rechunk(2);
    /// assert_eq!(x.cumsum(ndarray::Axis(0)).compute()?.to_vec(), [1, 3, 6, 10, 15]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Two tasks for each chunk, and a third as many more for small arrays. Elements are added one after the other within a chunk. Of what is computed a chunk is held until those before it have been read
    /// once: with several workers at most four for each of them wait for the others. A file is read twice.
    #[track_caller]
    pub fn cumsum(&self, axis: Axis) -> Array<A::Sum, D>
    where
        A: Number,
    {
        self.step(|expr| scanned("cumsum", expr, axis.0, Sums::<A>(PhantomData)))
    }

    /// The product of all elements up to each one along an axis, itself included; NumPy's `cumprod`.
    #[track_caller]
    pub fn cumprod(&self, axis: Axis) -> Array<A::Sum, D>
    where
        A: Number,
    {
        self.step(|expr| scanned("cumprod", expr, axis.0, Products::<A>(PhantomData)))
    }

    /// [`cumsum`](Array::cumsum) of the elements that are not NaN: these add nothing. NumPy's `nancumsum`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, f64::NAN, 2.0]).rechunk(2);
    /// assert_eq!(x.nancumsum(ndarray::Axis(0)).compute()?.to_vec(), [1.0, 1.0, 3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn nancumsum(&self, axis: Axis) -> Array<A::Sum, D>
    where
        A: Number,
    {
        let known = |a: A| if a.is_nan_() { A::ZERO } else { a };
        self.unary::<A>("nancumsum", map1(known)).cumsum(axis).called("nancumsum")
    }

    /// [`cumprod`](Array::cumprod) of the elements that are not NaN: these multiply by 1. NumPy's `nancumprod`.
    #[track_caller]
    pub fn nancumprod(&self, axis: Axis) -> Array<A::Sum, D>
    where
        A: Number,
    {
        let known = |a: A| if a.is_nan_() { A::ONE } else { a };
        self.unary::<A>("nancumprod", map1(known)).cumprod(axis).called("nancumprod")
    }

    /// The differences of neighbours along an axis: one less than there are elements, none of none; NumPy's `diff`. Those of differences are `x.diff(a).diff(a)`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1, 4, 9, 16]);
    /// assert_eq!(x.diff(ndarray::Axis(0)).compute()?.to_vec(), [3, 5, 7]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "ediff1d")]
    #[track_caller]
    pub fn diff(&self, axis: Axis) -> Array<A, D>
    where
        A: Number,
        D: ndarray::DimMax<D, Output = D>,
    {
        let location = Location::caller();
        let part = |first: usize| {
            self.step_at(location, |expr| {
                check_axis(axis.0, &expr.shape)?;
                let mut map = crate::map::Map::identity(expr.shape.len());
                let mut shape = expr.shape.clone();
                // Of nothing there are no differences.
                if shape[axis.0] > 0 {
                    map.0[axis.0].start = first;
                    shape[axis.0] -= 1;
                }
                crate::views::view("diff", expr, map, shape)
            })
        };
        let (later, earlier): (Array<A, D>, Array<A, D>) = (part(1), part(0));
        (later - earlier).called("diff")
    }
}
