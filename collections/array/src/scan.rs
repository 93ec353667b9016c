//! Sums and products of all elements up to each one, and differences of neighbours.
//!
//! In: an array and an axis. Out: for chunks that are cut along the axis, three expressions: what each chunk adds up to, the same of these (by this very way, if they are many), and
//! each chunk's own sums on top of what comes before it. So the work is in proportion to the elements, and nothing waits for its neighbour but a small array.
//!
//! ```text
//! chunks     1 2 3 | 4 5 | 6         of each:  6 | 9 | 6       up to each:  6 | 15 | 21
//! result     1 3 6 | 6 + (4 9) | 15 + (6)
//! ```
//! Blelloch, *Prefix sums and their applications*, 1990.

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, typed};
use crate::element::Number;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{Dims, number};
use crate::kernels::map1;
use crate::rearrange::regridded;
use ndarray::{ArrayD, ArrayViewD, Axis, Dimension, Slice};
use std::marker::PhantomData;
use std::sync::Arc;

/// So many chunks' totals are added up by one task.
const TOTALS_TOGETHER: usize = 256;

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

/// What each chunk adds up to along the axis.
struct Totals<S>(S, usize);

impl<S: Scanned> Custom for Totals<S> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let block: ArrayViewD<'_, S::In> = typed(&blocks[0]);
        let axis = Axis(self.1);
        let mut shape = block.raw_dim();
        shape[axis.0] = 1;
        let mut all = ArrayD::from_elem(shape, self.0.first());
        let mut totals = all.index_axis_mut(axis, 0);
        for row in block.axis_iter(axis) {
            ndarray::Zip::from(&mut totals)
                .and(&row)
                .for_each(|all, &next| *all = self.0.add(*all, next));
        }
        Ok(Block::from_array(all.into_shared()))
    }
}

/// The sums within each chunk, on top of the second input: what comes before the chunk.
struct Within<S>(S, usize);

impl<S: Scanned> Custom for Within<S> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
        if let (Some(before), Some(totals)) = (at[self.1].checked_sub(1), expr.inputs().nth(1)) {
            let mut chunk = Dims::from(at);
            chunk[self.1] = totals.grid.chunk_at(self.1, before);
            need(1, number(&chunk, &totals.grid.counts()));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let axis = Axis(self.1);
        let block: ArrayViewD<'_, S::In> = typed(&blocks[0]);
        let mut all = ArrayD::from_elem(block.raw_dim(), self.0.first());
        let mut shape = block.raw_dim();
        shape[axis.0] = 1;
        let mut before = ArrayD::from_elem(shape, self.0.first());
        if let (Some(totals), Some(of), Some(last)) =
            (blocks.get(1), expr.inputs().nth(1), at[axis.0].checked_sub(1))
        {
            let first = of.grid.range(axis.0, of.grid.chunk_at(axis.0, last)).start;
            let mut view: ArrayViewD<'_, S::Out> = typed(totals);
            view.slice_axis_inplace(axis, Slice::from(last - first..last - first + 1));
            before.assign(&view);
        }
        let mut before = before.index_axis_move(axis, 0);
        for (mut out, row) in all.axis_iter_mut(axis).zip(block.axis_iter(axis)) {
            let zip = ndarray::Zip::from(&mut out).and(&mut before).and(&row);
            zip.for_each(|out, all, &next| {
                *all = self.0.add(*all, next);
                *out = *all;
            });
        }
        Ok(Block::from_array(all.into_shared()))
    }
}

fn scanned<S: Scanned>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    what: S,
) -> Result<Expr, Error> {
    check_axis(axis, &expr.shape)?;
    let mut inputs = vec![expr.clone()];
    if expr.grid.count_along(axis) > 1 {
        inputs.push(again(name, totals(name, expr, axis, what)?, axis, what)?);
    }
    let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
    custom::<S::Out>(name, Arc::new(Within(what, axis)), inputs, shape, grid)
}

/// What each chunk adds up to along the axis, several together in a chunk.
fn totals<S: Scanned>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    what: S,
) -> Result<ExprRef, Error> {
    let chunks = expr.grid.count_along(axis);
    let mut shape = expr.shape.clone();
    shape[axis] = chunks;
    let mut grid = expr.grid.clone();
    grid.set(axis, (0..=chunks).collect());
    let make = Arc::new(Totals(what, axis));
    let each = custom::<S::Out>(name, make, vec![expr.clone()], shape, grid.clone())?;
    let mut bounds: Vec<usize> = (0..chunks).step_by(TOTALS_TOGETHER).collect();
    bounds.push(chunks);
    grid.set(axis, bounds.into());
    Ok(Arc::new(regridded(&Arc::new(each), grid)))
}

/// The sums up to each of the totals. They may be many themselves: then by their own totals, and so on, without recursion, whose types would have no end.
fn again<S: Scanned>(
    name: &'static str,
    first: ExprRef,
    axis: usize,
    what: S,
) -> Result<ExprRef, Error> {
    let mut levels = vec![first];
    loop {
        let level = &levels[levels.len() - 1];
        if level.grid.count_along(axis) == 1 {
            break;
        }
        let next = totals(name, level, axis, Again(what))?;
        levels.push(next);
    }
    // From the smallest to the largest.
    let mut above: Option<ExprRef> = None;
    for level in levels.into_iter().rev() {
        let (shape, grid) = (level.shape.clone(), level.grid.clone());
        let inputs = std::iter::once(level).chain(above).collect();
        let make = Arc::new(Within(Again(what), axis));
        above = Some(Arc::new(custom::<S::Out>(name, make, inputs, shape, grid)?));
    }
    Ok(above.expect("there is at least one level"))
}

impl<A: Number, D: Dimension> Array<A, D> {
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
    /// Two tasks for each chunk, and few more. Elements are added one after the other within a chunk.
    #[track_caller]
    pub fn cumsum(&self, axis: Axis) -> Array<A::Sum, D> {
        self.step(|expr| scanned("cumsum", expr, axis.0, Sums::<A>(PhantomData)))
    }

    /// The product of all elements up to each one along an axis, itself included; NumPy's `cumprod`.
    #[track_caller]
    pub fn cumprod(&self, axis: Axis) -> Array<A::Sum, D> {
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
    pub fn nancumsum(&self, axis: Axis) -> Array<A::Sum, D> {
        let known = |a: A| if a.is_nan_() { A::ZERO } else { a };
        self.unary::<A>("nancumsum", map1(known)).cumsum(axis)
    }

    /// [`cumprod`](Array::cumprod) of the elements that are not NaN: these multiply by 1. NumPy's `nancumprod`.
    #[track_caller]
    pub fn nancumprod(&self, axis: Axis) -> Array<A::Sum, D> {
        let known = |a: A| if a.is_nan_() { A::ONE } else { a };
        self.unary::<A>("nancumprod", map1(known)).cumprod(axis)
    }

    /// The differences of neighbours along an axis: one less than there are elements; NumPy's `diff`.
    ///
    /// # Errors
    /// Carried by the array: the axis has to have an element.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1, 4, 9, 16]);
    /// assert_eq!(x.diff(ndarray::Axis(0)).compute()?.to_vec(), [3, 5, 7]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn diff(&self, axis: Axis) -> Array<A, D>
    where
        D: ndarray::DimMax<D, Output = D>,
    {
        let len = self.shape().get(axis.0).copied();
        let part = |first: usize| {
            self.step(|expr| {
                check_axis(axis.0, &expr.shape)?;
                if len == Some(0) {
                    let message = format!(
                        "no differences along axis {} of shape {:?}, which has no element",
                        axis.0,
                        &expr.shape[..]
                    );
                    return Err(Error::new(ErrorKind::Shape, message));
                }
                let mut map = crate::map::Map::identity(expr.shape.len());
                map.0[axis.0].start = first;
                let mut shape = expr.shape.clone();
                shape[axis.0] -= 1;
                crate::views::view("diff", expr, map, shape)
            })
        };
        let (later, earlier): (Array<A, D>, Array<A, D>) = (part(1), part(0));
        later - earlier
    }
}
