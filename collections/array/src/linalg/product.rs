//! Products of chunked matrices and tensors.
//!
//! In: two expressions, with the axes to be summed over last in the first and first in the second. Out: one expression. Each chunk of the result is a chain of tasks, a step for each
//! chunk along the inner axes: `c += a · b`, in the buffer that the step before has left. So a task holds three blocks, however long the inner axes are.
//!
//! ```text
//! lane 0:   a00·b00 ──> += a01·b10 ──> += a02·b20 ─┐
//! lane 1:   a03·b30 ──> += a04·b40 ────────────────┴─ sum    chunk (0, 0) of the result
//! ```
//! Where the result has few chunks, the inner axes are dealt to several lanes, which work at the same time and are summed in a tree. The number of lanes follows from
//! the chunks alone: the same bits for any number of workers, on one kind of processor.
//!
//! Not here: in which chunks (`cuts`, `recut`), the product of two blocks (`gemm`).

use super::cuts::{BLOCK_BYTES, Bounds, Cuts, OUTPUTS};
use super::gemm;
use crate::ahead::Values;
use crate::block::{Block, Strides};
use crate::element::{Element, Number};
use crate::error::Error;
use crate::expr::{Custom, Effort, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid, check_size, number, position};
use crate::pool::buffer;
use crate::recut::Recut;
use crate::reduce::Reduction;
use crate::reducing::reduced;
use crate::reductions::{add_each, fold};
use crate::tile::type_of;
use ndarray::{ArrayView2, ArrayViewMutD, Ix2, IxDyn};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

/// The product of `a` and `b`, summed over the last `inner` axes of `a` and the first ones of `b`, which are of the same lengths.
pub(crate) fn product<A: Number>(
    name: &'static str,
    location: &'static Location<'static>,
    a: &ExprRef,
    b: &ExprRef,
    inner: usize,
) -> Result<Expr, Error> {
    let bounds = |expr: &ExprRef, axes: Range<usize>| -> Bounds {
        axes.map(|axis| expr.grid.bounds(axis).clone()).collect()
    };
    let rows = a.shape.len() - inner;
    let cuts = Cuts::new(
        &bounds(a, 0..rows),
        [&bounds(a, rows..a.shape.len()), &bounds(b, 0..inner)],
        &bounds(b, inner..b.shape.len()),
        size_of::<A>(),
    );
    product_in::<A>(name, location, a, b, &cuts)
}

/// The product in these chunks.
fn product_in<A: Number>(
    name: &'static str,
    location: &'static Location<'static>,
    a: &ExprRef,
    b: &ExprRef,
    cuts: &Cuts,
) -> Result<Expr, Error> {
    let grid =
        |first: &Bounds, second: &Bounds| Grid::from_bounds(first.iter().chain(second).cloned());
    let mut recut = Recut::default();
    let a = recut.recut::<A>(a, grid(&cuts.rows, &cuts.inner));
    let b = recut.recut::<A>(b, grid(&cuts.inner, &cuts.columns));
    let (rows, inner) = (cuts.rows.len(), cuts.inner.len());
    let result = grid(&cuts.rows, &cuts.columns);
    let shape: Dims = a.shape[..rows].iter().chain(&b.shape[inner..]).copied().collect();
    check_size(&shape, size_of::<A>())?;
    result.check_count(&shape)?;
    let inner_counts: Dims = cuts.inner.iter().map(|bounds| bounds.len() - 1).collect();
    let largest = cuts.largest().saturating_mul(size_of::<A>());
    let deal = Deal::new(inner_counts.iter().product(), result.count(), largest);

    // Several lanes are an axis of their own, the first one.
    let mut of_lanes = shape;
    let mut axes: Bounds = (0..result.rank()).map(|axis| result.bounds(axis).clone()).collect();
    if deal.lanes > 1 {
        of_lanes.insert(0, deal.lanes);
        axes.insert(0, (0..=deal.lanes).collect());
    }
    let grid = Grid::from_bounds(axes);
    grid.check_count(&of_lanes)?;
    let mut before: Option<ExprRef> = None;
    for at in 0..deal.steps() {
        let mut inputs = vec![a.clone(), b.clone()];
        inputs.extend(before.take());
        let of = PhantomData::<fn() -> A>;
        let step = Step { at, deal, rows, inner: inner_counts.clone(), of };
        before = Some(Arc::new(Expr {
            kind: Kind::Custom { make: Arc::new(step), inputs },
            name,
            dtype: A::DTYPE,
            of: type_of::<A>(),
            shape: of_lanes.clone(),
            grid: grid.clone(),
            location,
        }));
    }
    let all = before.expect("a grid has at least one chunk");
    match deal.lanes {
        1 => Ok(Arc::into_inner(all).expect("nobody else has it yet")),
        _ => reduced(name, location, &all, &[0], Total::<A>(PhantomData)),
    }
}

/// So many lanes at most, where the result is one large chunk.
const LARGE_LANES: usize = 16;

/// How the chunks along the inner axes are dealt to lanes: neighbours together.
#[derive(Clone, Copy)]
struct Deal {
    chunks: usize,
    lanes: usize,
}

impl Deal {
    /// Of `chunks` along the inner axes, where the result has `outputs` chunks of at most `bytes`.
    fn new(chunks: usize, outputs: usize, bytes: usize) -> Deal {
        // What the lanes have is held until it is summed.
        let most = if bytes > BLOCK_BYTES { LARGE_LANES } else { OUTPUTS };
        // A lane of one step would be an addition for each multiplication.
        let lanes = most.div_ceil(outputs.max(1)).clamp(1, chunks.div_ceil(2).max(1));
        Deal { chunks, lanes }
    }

    /// The chunks of a lane.
    fn of(&self, lane: usize) -> Range<usize> {
        let first =
            |lane: usize| (lane as u128 * self.chunks as u128 / self.lanes as u128) as usize;
        first(lane)..first(lane + 1)
    }

    /// The steps of the longest lane.
    fn steps(&self) -> usize {
        self.chunks.div_ceil(self.lanes)
    }
}

/// One step of each chain.
struct Step<A> {
    at: usize,
    deal: Deal,
    /// How many axes are rows.
    rows: usize,
    /// How many chunks there are along each inner axis.
    inner: Dims,
    of: PhantomData<fn() -> A>,
}

impl<A> Step<A> {
    /// The chunk along the inner axes that is multiplied in a lane; none, if the lane has come to its end.
    fn chunk(&self, lane: usize) -> Option<Dims> {
        self.deal.of(lane).nth(self.at).map(|chunk| position(chunk, &self.inner))
    }
}

impl<A: Number> Custom for Step<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let Kind::Custom { inputs, .. } = &expr.kind else { return };
        let (lane, result) = if self.deal.lanes > 1 { (at[0], &at[1..]) } else { (0, at) };
        let (rows, columns) = result.split_at(self.rows);
        if self.at > 0 {
            need(2, number(at, &expr.grid.counts()));
        }
        let Some(inner) = self.chunk(lane) else { return };
        let chunk = |first: &[usize], second: &[usize], input: usize| {
            let at: Dims = first.iter().chain(second).copied().collect();
            number(&at, &inputs[input].grid.counts())
        };
        need(0, chunk(rows, &inner, 0));
        need(1, chunk(&inner, columns, 1));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let mut blocks = blocks.into_iter();
        let before = if self.at > 0 { blocks.next() } else { None };
        let (Some(a), Some(b)) = (blocks.next(), blocks.next()) else {
            return Ok(before.expect("the first step has a chunk"));
        };
        let adds = before.is_some();
        let mut out = match before {
            Some(before) => before.into_buffer::<A>()?,
            None => buffer(&shape, A::ZERO)?,
        };
        let (a, b) = (as_matrix::<A>(a, self.rows)?, as_matrix::<A>(b, self.inner.len())?);
        let write = if adds { gemm::Write::Add } else { gemm::Write::Set };
        gemm::product(&mut out, matrix(&a), matrix(&b), write);
        Ok(Block::from_buffer(out, shape))
    }

    fn reads_as_it_lies(&self, expr: &Expr, input: usize) -> bool {
        let lanes = usize::from(self.deal.lanes > 1);
        let columns = expr.shape.len() - lanes - self.rows;
        // One axis is taken as one, wherever it lies.
        input < 2 && self.inner.len() <= 1 && [self.rows, columns][input] <= 1
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let (lane, result) = if self.deal.lanes > 1 { (at[0], &at[1..]) } else { (0, at) };
        let (Some(inner), Some(a)) = (self.chunk(lane), expr.inputs().next()) else {
            return Effort::default();
        };
        let depth = elements_along(&a.grid, self.rows, &inner);
        let shape = expr.grid.chunk_shape(at);
        let (rows, columns) = shape[shape.len() - result.len()..].split_at(self.rows);
        let (m, n): (usize, usize) = (rows.iter().product(), columns.iter().product());
        let mut effort = gemm::effort::<A>(m, depth, n);
        for ((input, read), elements) in expr.inputs().enumerate().zip([m, n]) {
            // What is not in C order is copied.
            let is_looked_at = matches!(read.kind, Kind::View { .. } | Kind::Source(_));
            if is_looked_at && !self.reads_as_it_lies(expr, input) {
                let bytes = elements.saturating_mul(depth).saturating_mul(size_of::<A>());
                effort.works = effort.works.saturating_add(bytes);
            }
        }
        effort
    }
}

/// The elements of a chunk along some axes, of which `first` is the first one, and along which it is at these places.
pub(super) fn elements_along(grid: &Grid, first: usize, at: &[usize]) -> usize {
    let len = |(axis, &at): (usize, &usize)| {
        let bounds = grid.bounds(first + axis);
        bounds[at + 1] - bounds[at]
    };
    at.iter().enumerate().map(len).product()
}

/// A block of rank 2 as `ndarray` has it.
pub(crate) fn matrix<A: Element>(block: &Block) -> ArrayView2<'_, A> {
    block.view::<A>().into_dimensionality::<Ix2>().expect("it is of rank 2")
}

/// The block as a matrix, its first `rows` axes taken as one and the others too; copied, if they don't lie so.
pub(crate) fn as_matrix<A: Element>(block: Block, rows: usize) -> Result<Block, Error> {
    let merged = merged(&block, 0..rows).zip(merged(&block, rows..block.shape.len()));
    if let Some(((m, m_stride), (n, n_stride))) = merged {
        let strides = Strides::from_slice(&[m_stride, n_stride]);
        return Ok(block.part(Dims::from_slice(&[m, n]), strides, block.offset));
    }
    let len = |axes: &[usize]| axes.iter().product();
    let shape = Dims::from_slice(&[len(&block.shape[..rows]), len(&block.shape[rows..])]);
    let mut copy = buffer(&shape, A::default())?;
    let to = ArrayViewMutD::from_shape(IxDyn(&block.shape), &mut copy);
    to.expect("as long as its shape says").assign(&block.view::<A>());
    Ok(Block::from_buffer(copy, shape))
}

/// Length and stride of some axes taken as one, if they lie so.
fn merged(block: &Block, axes: Range<usize>) -> Option<(usize, isize)> {
    let (mut len, mut stride) = (1, 1);
    for axis in axes.rev() {
        let (own, step) = (block.shape[axis], block.strides[axis]);
        match own {
            1 => continue,
            _ if len == 1 => stride = step,
            _ if step != stride.wrapping_mul(len as isize) => return None,
            _ => {}
        }
        len *= own;
    }
    Some((len, stride))
}

/// Sums in the numbers' own type.
pub(crate) struct Total<A>(pub(crate) PhantomData<A>);

impl<A: Number> Reduction for Total<A> {
    type In = A;
    type State = A;
    type Out = A;
    fn nothing(&self) -> A {
        A::ZERO
    }
    fn run(&self, values: Values<'_, A>, _: u64) -> A {
        fold(values, A::ZERO, A::add_, A::add_)
    }
    fn lanes(&self, sums: &mut [A], values: &[A], _: u64) {
        add_each(sums, values, A::add_);
    }
    fn combine(&self, a: &mut A, b: &A) {
        *a = a.add_(*b);
    }
    fn finish(&self, sum: &A, _: u64) -> A {
        *sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::Array;
    use crate::grid::Chunks;
    use ndarray::Array2;

    fn bounds(len: usize, chunk: usize) -> Bounds {
        vec![Grid::new(&[len], &Chunks::from(chunk), 8).unwrap().bounds(0).clone()]
    }

    #[test]
    fn chains_and_lanes_of_any_chunks_give_the_product() {
        for (m, k, n) in [(5, 7, 4), (1, 40, 1), (12, 3, 9), (30, 150, 2), (4, 0, 3), (0, 3, 2)] {
            for (rows, inner, columns) in [(2, 1, 3), (5, 2, 1), (1, 7, 9), (40, 200, 40)] {
                let a = Array2::from_shape_fn((m, k), |(i, j)| (i * 3 + j * 5) as i64 % 7 - 2);
                let b = Array2::from_shape_fn((k, n), |(i, j)| (i * 4 + j * 9) as i64 % 5 - 1);
                let cuts = Cuts {
                    rows: bounds(m, rows),
                    inner: bounds(k, inner),
                    columns: bounds(n, columns),
                };
                let (x, y) = (Array::from(a.clone()), Array::from(b.clone()).mapv(|y: i64| y + 1));
                let (x, y) = (x.state.unwrap(), y.state.unwrap());
                let expr = product_in::<i64>("dot", Location::caller(), &x, &y, &cuts).unwrap();
                let got = Array::<i64, Ix2>::from_state(Ok(Arc::new(expr))).compute().unwrap();
                assert_eq!(got, a.dot(&(b + 1)), "{m} {k} {n}, {cuts:?}");
            }
        }
    }

    #[test]
    fn lanes_have_all_chunks_once() {
        for chunks in 1..40 {
            for outputs in [1, 3, 20, 64, 1000] {
                let deal = Deal::new(chunks, outputs, 8);
                let dealt: Vec<usize> = (0..deal.lanes).flat_map(|lane| deal.of(lane)).collect();
                assert_eq!(dealt, (0..chunks).collect::<Vec<_>>());
                assert!(
                    (0..deal.lanes).all(|lane| (1..=deal.steps()).contains(&deal.of(lane).len()))
                );
            }
        }
    }
}
