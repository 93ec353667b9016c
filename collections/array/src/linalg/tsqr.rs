//! The QR factorisation of a tall matrix, band by band.
//!
//! In: a matrix, and where the bands of its rows end. Out: expressions of its factors. Each band is factorised by itself; the R of some bands, one below the other, make a small tall matrix, which is
//! factorised in turn, until one is left (Demmel, Grigori, Hoemmen, Langou, *Communication-optimal parallel and sequential QR and LU factorizations*, 2012; in tasks as Benson, Gleich, Demmel,
//! *Direct QR factorizations for tall-and-skinny matrices in MapReduce architectures*, 2013, section III-B).
//!
//! ```text
//! band 0 ─> Q0, R0 ─┐
//! band 1 ─> Q1, R1 ─┼─> [R0; R1; R2] = Q R        Q of band i: Qi · (the rows of Q that belong to Ri)
//! band 2 ─> Q2, R2 ─┘
//! ```
//! A chunk of a level is Q above R, in one block; `Level` says what is where. As a last step, Q may be multiplied by a small matrix, on the same way.

use super::dense::Decompose;
use super::gemm;
use super::product::matrix;
use crate::block::{Block, Strides, buffer};
use crate::error::Error;
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid};
use crate::tile::type_of;
use ndarray::{Array2, ArrayView2, Axis, Slice};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

/// The factors of so many bands become one matrix.
const MERGED: usize = 8;

/// What an expression of a factorisation is called, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) location: &'static Location<'static>,
}

impl Step {
    /// An expression of the factorisation.
    pub(super) fn expr<A: Decompose>(
        self,
        make: impl Custom + 'static,
        inputs: Vec<ExprRef>,
        shape: [usize; 2],
        rows: Option<Arc<[usize]>>,
    ) -> Expr {
        let rows = rows.unwrap_or_else(|| [0, shape[0]].into());
        self.blocks::<A>(make, inputs, rows, [0, shape[1]].into())
    }

    /// The same, its blocks cut at these rows and columns.
    pub(super) fn blocks<A: Decompose>(
        self,
        make: impl Custom + 'static,
        inputs: Vec<ExprRef>,
        rows: Arc<[usize]>,
        columns: Arc<[usize]>,
    ) -> Expr {
        let end = |bounds: &[usize]| bounds.last().copied().unwrap_or(0);
        Expr {
            kind: Kind::Custom { make: Arc::new(make), inputs },
            name: self.name,
            dtype: A::DTYPE,
            of: type_of::<A>(),
            shape: Dims::from_slice(&[end(&rows), end(&columns)]),
            grid: Grid::from_bounds([rows, columns]),
            location: self.location,
        }
    }
}

/// A block of a matrix that lies column by column.
pub(super) fn by_columns<A: Decompose>(values: Vec<A>, rows: usize, columns: usize) -> Block {
    let block = Block::from_buffer(values, Dims::from_slice(&[columns, rows]));
    let strides = Strides::from_slice(&[1, rows as isize]);
    block.part(Dims::from_slice(&[rows, columns]), strides, 0)
}

/// Some rows and the first columns of a block.
pub(super) fn corner(block: &Block, rows: Range<usize>, columns: usize) -> Block {
    let offset = block.offset.wrapping_add_signed(rows.start as isize * block.strides[0]);
    let shape = Dims::from_slice(&[rows.len(), columns]);
    // Of nothing, the offset need not lie in the memory.
    let offset = if rows.is_empty() || columns == 0 { 0 } else { offset };
    block.part(shape, block.strides.clone(), offset)
}

/// The factors of one level: chunk `i` is Q, `rows[i]` rows of it, above R.
struct Level {
    factors: ExprRef,
    rows: Arc<[usize]>,
}

/// A factorisation in a tree.
pub(super) struct Tsqr {
    levels: Vec<Level>,
    columns: usize,
    step: Step,
}

impl Tsqr {
    /// The factorisation of a matrix whose chunks are bands of whole rows.
    pub(super) fn new<A: Decompose>(step: Step, bands: ExprRef) -> Tsqr {
        let columns = bands.shape[1];
        let rows = (0..bands.grid.count_along(0)).map(|at| bands.grid.range(0, at).len()).collect();
        let mut tree = Tsqr { levels: Vec::new(), columns, step };
        tree.add::<A>(bands, rows, 1);
        while let Some(level) = tree.levels.last().filter(|level| level.rows.len() > 1) {
            let merged = level.rows.chunks(MERGED);
            let merged = merged.map(|rows| rows.iter().map(|rows| columns.min(*rows)).sum());
            let (merged, below) = (merged.collect(), level.factors.clone());
            tree.add::<A>(below, merged, MERGED);
        }
        tree
    }

    fn add<A: Decompose>(&mut self, input: ExprRef, rows: Arc<[usize]>, merged: usize) {
        let mut bounds = vec![0];
        for &rows in &*rows {
            bounds.push(bounds[bounds.len() - 1] + rows + rows.min(self.columns));
        }
        let of_inputs = self.levels.last().map(|below| below.rows.clone());
        let make = Factorise::<A> { merged, of_inputs, of: PhantomData };
        let shape = [bounds[bounds.len() - 1], self.columns];
        let factors = self.step.expr::<A>(make, vec![input], shape, Some(bounds.into()));
        self.levels.push(Level { factors: Arc::new(factors), rows });
    }

    fn top(&self) -> &Level {
        self.levels.last().expect("a grid has at least one chunk")
    }

    /// The number of columns of Q, and of rows of R.
    pub(super) fn rank(&self) -> usize {
        self.top().rows[0].min(self.columns)
    }

    pub(super) fn r<A: Decompose>(&self) -> Expr {
        let (top, k) = (self.top(), self.rank());
        let make = Corner { rows: top.rows[0]..top.rows[0] + k, columns: self.columns };
        self.step.expr::<A>(make, vec![top.factors.clone()], [k, self.columns], None)
    }

    /// Q, multiplied by a matrix that is one chunk.
    pub(super) fn q<A: Decompose>(&self, by: Option<ExprRef>) -> Expr {
        let columns = by.as_ref().map_or(self.rank(), |by| by.shape[1]);
        let mut from_above = by;
        for at in (1..self.levels.len()).rev() {
            let (level, below) = (&self.levels[at], &self.levels[at - 1]);
            let mut pieces = Vec::with_capacity(below.rows.len());
            for (parent, children) in below.rows.chunks(MERGED).enumerate() {
                let mut first = 0;
                for rows in children {
                    let rows = self.columns.min(*rows);
                    pieces.push((parent, first..first + rows));
                    first += rows;
                }
            }
            from_above = Some(Arc::new(self.expanded::<A>(level, pieces, from_above, columns)));
        }
        let first = &self.levels[0];
        let pieces = first.rows.iter().enumerate().map(|(at, &rows)| (at, 0..rows)).collect();
        self.expanded::<A>(first, pieces, from_above, columns)
    }

    fn expanded<A: Decompose>(
        &self,
        level: &Level,
        pieces: Vec<(usize, Range<usize>)>,
        by: Option<ExprRef>,
        columns: usize,
    ) -> Expr {
        let mut bounds = vec![0];
        for (_, rows) in &pieces {
            bounds.push(bounds[bounds.len() - 1] + rows.len());
        }
        let ranks = level.rows.iter().map(|&rows| rows.min(self.columns)).collect();
        let make = Expand::<A> { pieces, ranks, of: PhantomData };
        let shape = [bounds[bounds.len() - 1], columns];
        let inputs = std::iter::once(level.factors.clone()).chain(by).collect();
        self.step.expr::<A>(make, inputs, shape, Some(bounds.into()))
    }
}

/// Q and R of a band, or of the R of several chunks of the level below.
struct Factorise<A> {
    merged: usize,
    /// How many rows of Q the chunks of the level below have.
    of_inputs: Option<Arc<[usize]>>,
    of: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Factorise<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let count = expr.inputs().next().map_or(0, |input| input.grid.count());
        let first = at[0] * self.merged;
        (first..count.min(first + self.merged)).for_each(|chunk| need(0, chunk));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let values = match &self.of_inputs {
            None => A::qr_(matrix(&blocks[0])),
            Some(rows) => {
                let rows = &rows[at[0] * self.merged..];
                let of_r = blocks
                    .iter()
                    .zip(rows)
                    .map(|(block, &rows)| corner(block, rows..block.shape[0], block.shape[1]));
                A::qr_(stacked::<A>(&of_r.collect::<Vec<_>>()).view())
            }
        };
        Ok(by_columns(values, shape[0], shape[1]))
    }
}

/// Matrices one below the other.
fn stacked<A: Decompose>(blocks: &[Block]) -> Array2<A> {
    let rows = blocks.iter().map(|block| block.shape[0]).sum();
    let mut all = Array2::from_elem((rows, blocks[0].shape[1]), A::ZERO);
    let mut first = 0;
    for block in blocks {
        let slice = Slice::from(first..first + block.shape[0]);
        all.slice_axis_mut(Axis(0), slice).assign(&matrix::<A>(block));
        first += block.shape[0];
    }
    all
}

/// Rows of Q, multiplied by what comes from above.
struct Expand<A> {
    /// For each chunk, which chunk of the level it comes of, and which rows of that.
    pieces: Vec<(usize, Range<usize>)>,
    /// How many columns Q has, of each chunk of the level.
    ranks: Vec<usize>,
    of: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Expand<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let (parent, _) = self.pieces[at[0]];
        need(0, parent);
        if expr.inputs().count() > 1 {
            need(1, parent);
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let (parent, rows) = &self.pieces[at[0]];
        let q = corner(&blocks[0], rows.clone(), self.ranks[*parent]);
        let Some(by) = blocks.get(1) else { return Ok(q) };
        let mut out = buffer(shape.iter().product(), A::ZERO);
        let (q, by): (ArrayView2<'_, A>, _) = (matrix(&q), matrix(by));
        gemm::product(&mut out, q, by, gemm::Write::Set);
        Ok(Block::from_buffer(out, shape))
    }
}

/// Some rows of the only chunk.
pub(super) struct Corner {
    pub(super) rows: Range<usize>,
    pub(super) columns: usize,
}

impl Custom for Corner {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        Ok(corner(&blocks[0], self.rows.clone(), self.columns))
    }
}
