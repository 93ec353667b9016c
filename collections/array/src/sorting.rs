//! Elements in order along an axis, and places in what is in order.
//!
//! In: arrays of numbers with an order; NaN is greater than all else, as in NumPy. Out: custom expressions over chunks that are whole along the axis, or beside an array in order that is
//! one chunk: that is sorted or read by one task, and shared by those that search it.
//!
//! Not here: what needs no whole order: quantiles, the largest few, the different ones (`order`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::{custom, whole_along};
use crate::either::AnyArray;
use crate::element::{Element, Real};
use crate::elementwise::Operand;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Grid, number};
use crate::kernels::map1;
use crate::list::List;
use crate::places::in_order;
use crate::pool::buffer;
use crate::rearrange::regridded;
use crate::sizes::CHUNK_BYTES;
use ndarray::{ArrayViewMutD, Axis, Dimension, Ix1, IxDyn};
use std::marker::PhantomData;
use std::sync::Arc;

/// Each row along an axis becomes one of the same length. `S` is what rows are worked on in, one after the other.
struct Rows<A, B, S, F> {
    axis: usize,
    f: F,
    /// Bytes of `S`, for each element of a row.
    works: usize,
    of: PhantomData<fn(A, S) -> B>,
}

impl<A, B, S, F> Custom for Rows<A, B, S, F>
where
    A: Element,
    B: Element,
    S: Default,
    F: Fn(&[A], &mut [B], &mut S) + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (axis, shape) = (Axis(self.axis), expr.grid.chunk_shape(at));
        let len = shape[axis.0];
        let mut all = buffer(&shape, B::default())?;
        let mut out = ArrayViewMutD::from_shape(IxDyn(&shape), &mut all)
            .expect("the buffer is as long as the shape says");
        let (mut row, mut result, mut works) = (Vec::new(), Vec::new(), S::default());
        let rows = blocks[0].view::<A>();
        for (mut out, values) in out.lanes_mut(axis).into_iter().zip(rows.lanes(axis)) {
            let values = match values.to_slice() {
                Some(values) => values,
                None => {
                    row.clear();
                    row.extend(values);
                    &row
                }
            };
            match out.as_slice_mut() {
                Some(out) => (self.f)(values, out, &mut works),
                None => {
                    result.resize(len, B::default());
                    (self.f)(values, &mut result, &mut works);
                    out.iter_mut().zip(&result).for_each(|(out, result)| *out = *result);
                }
            }
        }
        Ok(Block::from_buffer(all, shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let shape = expr.grid.chunk_shape(at);
        // Rows that lie apart are copied, and what becomes of them too.
        let is_last = shape[self.axis + 1..].iter().all(|&len| len == 1);
        let copies = if is_last { 0 } else { size_of::<A>() + size_of::<B>() };
        let works = shape[self.axis].saturating_mul(self.works + copies);
        Effort { works, ..Effort::default() }
    }
}

fn of_rows<A: Element, B: Element, S: Default + 'static>(
    name: &'static str,
    expr: &ExprRef,
    axis: usize,
    works: usize,
    f: impl Fn(&[A], &mut [B], &mut S) + Send + Sync + 'static,
) -> Result<Expr, Error> {
    check_axis(axis, &expr.shape)?;
    let input = Arc::new(whole_along(expr, axis, CHUNK_BYTES)?);
    let (shape, grid) = (input.shape.clone(), input.grid.clone());
    let make = Arc::new(Rows { axis, f, works, of: PhantomData });
    custom::<B>(name, make, vec![input], shape, grid)
}

fn sorted<A: Real>(expr: &ExprRef, axis: usize) -> Result<Expr, Error> {
    of_rows("sort", expr, axis, 0, |row: &[A], out: &mut [A], (): &mut ()| {
        // NaN to the end first: what is left needs one comparison for each pair.
        let mut known = 0;
        let mut end = row.len();
        for &value in row {
            if value.is_nan_() {
                end -= 1;
                out[end] = value;
            } else {
                out[known] = value;
                known += 1;
            }
        }
        A::sort_known_(&mut out[..known]);
    })
}

/// Whether an element and an index of its row fit into 64 bits.
fn is_short<A: Real>(len: usize) -> bool {
    size_of::<A>() <= size_of::<u32>() && u32::try_from(len).is_ok()
}

/// Elements with their indices behind them, as one number each: no two are equal, so that any sort keeps equal elements in their order, and comparing takes no look at the row.
type Numbered = (Vec<u64>, Vec<u128>);

/// The indices of a row in the order of its elements.
fn order<A: Real>(row: &[A], out: &mut [u64], (short, long): &mut Numbered) {
    // Of NaN nothing holds, so there is none but one that is all.
    if row.is_sorted_by(|a, b| a <= b) {
        return out.iter_mut().zip(0..).for_each(|(out, at)| *out = at);
    }
    if is_short::<A>(row.len()) {
        short.clear();
        short.extend((0..).zip(row).map(|(at, value): (u64, _)| value.to_key() << 32 | at));
        short.sort_unstable();
        out.iter_mut().zip(short).for_each(|(out, all)| *out = *all & u64::from(u32::MAX));
    } else {
        long.clear();
        let all = |(at, value): (u128, &A)| u128::from(value.to_key()) << 64 | at;
        long.extend((0..).zip(row).map(all));
        long.sort_unstable();
        out.iter_mut().zip(long).for_each(|(out, all)| *out = *all as u64);
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The elements of each row along an axis in rising order; NaN last. Of an array of any rank in one order, sort what [`flatten`](Array::flatten) gives.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{Axis, arr2};
    /// let x = array::Array::from(arr2(&[[3, 1, 2], [0, 5, 4]]));
    /// assert_eq!(x.sort(Axis(1)).compute()?, arr2(&[[1, 2, 3], [0, 4, 5]]));
    /// assert_eq!(x.sort(Axis(0)).compute()?, arr2(&[[0, 1, 2], [3, 5, 4]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks become whole along the axis, so that a row has to fit into memory: of an array of rank 1 all of it. Then O(n log n) for a row of n elements. For the largest few,
    /// [`topk`](Array::topk) takes less.
    #[track_caller]
    pub fn sort(&self, axis: Axis) -> Array<A, D>
    where
        A: Real,
    {
        self.step(|expr| sorted::<A>(expr, axis.0))
    }

    /// For each row along an axis the indices of its elements in rising order: equal ones in the order in which they stand, NaN last.
    /// [`take_along_axis`](Array::take_along_axis) puts this array, or another one, into that order.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![2.0, f64::NAN, 1.0, 2.0]);
    /// assert_eq!(x.argsort(ndarray::Axis(0)).compute()?.to_vec(), [2, 0, 3, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// As [`sort`](Array::sort), and 16 bytes for each element of a row while it is worked on; 8, if elements have no more than 32 bits.
    #[track_caller]
    pub fn argsort(&self, axis: Axis) -> Array<u64, D>
    where
        A: Real,
    {
        self.step(|expr| {
            let is_short = expr.shape.get(axis.0).is_some_and(|&len| is_short::<A>(len));
            let works = if is_short { size_of::<u64>() } else { size_of::<u128>() };
            of_rows("argsort", expr, axis.0, works, order::<A>)
        })
    }
}

/// Where an element belongs among equal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before them.
    Left,
    /// After them.
    Right,
}

/// How many elements of `sorted` stand before the place of `value`.
fn place<A: Real>(sorted: &[A], value: &A, side: Side) -> usize {
    match side {
        Side::Left if value.is_nan_() => sorted.partition_point(|other| !other.is_nan_()),
        Side::Right if value.is_nan_() => sorted.len(),
        // NaN stands at the end, and is neither less nor equal.
        Side::Left => sorted.partition_point(|other| other < value),
        Side::Right => sorted.partition_point(|other| other <= value),
    }
}

/// A function of each element and an array of rank 1, which is one chunk.
struct Against<A, B, F>(F, PhantomData<fn(A) -> B>);

impl<A: Element, B: Element, F: Fn(&[A], A) -> B + Send + Sync> Custom for Against<A, B, F> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
        need(1, number(at, &expr.grid.counts()));
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (all, values) = (in_order::<A>(&blocks[0]), in_order::<A>(&blocks[1]));
        let mut out = buffer(&blocks[1].shape, B::default())?;
        for (out, &value) in out.iter_mut().zip(values.iter()) {
            *out = (self.0)(&all, value);
        }
        Ok(Block::from_buffer::<B>(out, blocks[1].shape.clone()))
    }
}

fn against<A: Element, B: Element>(
    name: &'static str,
    all: &ExprRef,
    values: &ExprRef,
    f: impl Fn(&[A], A) -> B + Send + Sync + 'static,
) -> Result<Expr, Error> {
    let all = Arc::new(regridded(all, Grid::whole(&all.shape)));
    let (shape, grid) = (values.shape.clone(), values.grid.clone());
    custom::<B>(name, Arc::new(Against(f, PhantomData)), vec![all, values.clone()], shape, grid)
}

impl<A: Element> Array<A, Ix1> {
    /// Where each of `values`, an array or a number, belongs in this array, which has to be in rising order: before or after equal elements. So many elements come before it; NaN
    /// belongs at the end.
    ///
    /// Of an array that is not in order the result means nothing.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Side};
    /// let edges = Array::from(vec![1.0, 2.0, 2.0, 5.0]);
    /// let values = Array::from(ndarray::arr2(&[[0.0, 2.0], [4.0, 9.0]]));
    /// assert_eq!(edges.searchsorted(&values, Side::Left).compute()?, ndarray::arr2(&[[0, 1], [3, 4]]));
    /// assert_eq!(edges.searchsorted(2.0, Side::Right).compute()?.into_scalar(), 3);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The array becomes one chunk, which each chunk of the values reads; O(log n) for each of them.
    #[track_caller]
    pub fn searchsorted<E: Dimension>(
        &self,
        values: impl Operand<A, E>,
        side: Side,
    ) -> Array<u64, E>
    where
        A: Real,
    {
        let values = values.into_array();
        self.step(|all| {
            let values = values.state.as_ref().map_err(Clone::clone)?;
            against("searchsorted", all, values, move |all: &[A], value: A| {
                place(all, &value, side) as u64
            })
        })
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Whether each element is one of those of `test`, an array of any shape. NaN equals nothing.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::arange(0, 6, 1);
    /// assert_eq!(x.isin(Array::from(vec![9, 4, 1])).compute()?.to_vec(), [false, true, false, false, true, false]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The elements of `test` become one chunk, which is sorted; O(log m) of m of them for each element.
    #[doc(alias = "in1d")]
    #[track_caller]
    pub fn isin<E: Dimension>(&self, test: impl AnyArray<A, Dim = E>) -> Array<bool, D>
    where
        A: Real,
    {
        let sorted: Array<A, Ix1> = test.lazy().flatten().step(|test| sorted::<A>(test, 0));
        self.step(|expr| {
            let all = sorted.state.as_ref().map_err(Clone::clone)?;
            against("isin", all, expr, |all: &[A], value: A| {
                all.get(place(all, &value, Side::Left)).is_some_and(|&found| found == value)
            })
        })
    }

    /// Which of the stretches between `edges` each element lies in: 0 before the first edge, 1 between the first and the second, and so on. A stretch has its lower end in it, or its upper
    /// one, if `right` is true. Edges may also fall: then 0 is above the first one. NaN counts as greater than all edges. NumPy's `digitize`.
    ///
    /// # Errors
    /// Carried by the array: the edges have to rise, or fall, and none may be NaN.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![0.2, 6.4, 3.0, 1.0]);
    /// assert_eq!(x.digitize(&[0.0, 1.0, 2.5, 4.0, 10.0], false).compute()?.to_vec(), [1, 4, 3, 2]);
    /// assert_eq!(x.digitize(&[0.0, 1.0, 2.5, 4.0, 10.0], true).compute()?.to_vec(), [1, 4, 3, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn digitize(&self, edges: impl List<A>, right: bool) -> Array<u64, D>
    where
        A: Real,
    {
        let edges = edges.list();
        let rises = edges.windows(2).all(|pair| pair[0] <= pair[1]);
        let falls = edges.windows(2).all(|pair| pair[0] >= pair[1]);
        if edges.iter().any(|edge| edge.is_nan_()) || !rises && !falls {
            return self.step(|_| {
                let message = match edges.iter().position(|edge| edge.is_nan_()) {
                    Some(at) => format!("edges of which number {at} is NaN: leave it out"),
                    None => "edges that neither rise nor fall: give them in order".to_owned(),
                };
                Err(Error::new(ErrorKind::Value, message))
            });
        }
        let side = if right { Side::Left } else { Side::Right };
        let mut rising = edges.into_owned();
        if !rises {
            rising.reverse();
        }
        self.unary(
            "digitize",
            map1(move |value: A| {
                let before = place(&rising, &value, side);
                (if rises { before } else { rising.len() - before }) as u64
            }),
        )
    }
}
