//! Cholesky's factor of a matrix of many blocks.
//!
//! In: a matrix in square blocks. Out: its lower factor, in the same blocks. Step by step the first column of blocks is factorised, and what it explains taken away from the rest, which is the
//! next step's matrix; blocks of one step depend on few others, so those of several steps are computed at the same time (Buttari, Langou, Kurzak, Dongarra, *A class of parallel tiled linear algebra
//! algorithms for multicore architectures*, 2009).
//!
//! ```text
//! D = L Lᵀ         Diagonal    the factor L of the first block
//! P₁ = A₁ L⁻ᵀ      Panel       the blocks below
//! A₁₁ - P₁ P₁ᵀ     Rest        the next step's matrix: its lower half
//! ```
//! Not here: the factorisation of one block (`dense`), what users call (`systems`).

use super::dense::{Decompose, bytes_of, effort};
use super::gemm::{self, Write};
use super::product::matrix;
use super::tsqr::{Step, by_columns};
use crate::block::Block;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Dims, Grid, number};
use crate::pool::buffer;
use crate::recut::Recut;
use crate::sizes::even_bounds;
use std::marker::PhantomData;
use std::sync::Arc;

/// A block has so many rows: its product with another takes long beside what a task costs, and is done before the caches are too small for it.
pub(super) const TILE_ROWS: usize = 512;

/// Where the blocks of `n` rows end: as even as they can be.
pub(super) fn tiles(n: usize) -> Arc<[usize]> {
    even_bounds(n, n.div_ceil(TILE_ROWS))
}

/// The bounds from number `from` on, counted from there.
pub(super) fn rest(bounds: &[usize], from: usize) -> Arc<[usize]> {
    bounds[from..].iter().map(|bound| bound - bounds[from]).collect()
}

/// The lower factor of a square matrix.
pub(super) fn factor<A: Decompose>(step: Step, a: &ExprRef) -> Expr {
    let n = a.shape[0];
    let bounds = tiles(n);
    let count = bounds.len() - 1;
    let grid = Grid::from_bounds([bounds.clone(), bounds.clone()]);
    let mut now = Recut::default().recut::<A>(a, grid.clone());
    let mut factors = Vec::with_capacity(2 * count);
    for at in 0..count {
        let part = Part { first: bounds[at], n, element: PhantomData };
        let first: Arc<[usize]> = [0, bounds[at + 1] - bounds[at]].into();
        let diagonal = Diagonal::<A>(part);
        let diagonal = step.blocks::<A>(diagonal, vec![now.clone()], first.clone(), first.clone());
        let diagonal = Arc::new(diagonal);
        factors.push(diagonal.clone());
        if at + 1 == count {
            break;
        }
        let below = rest(&bounds, at + 1);
        let inputs = vec![now.clone(), diagonal];
        let panel = step.blocks::<A>(Panel::<A>(part), inputs, below.clone(), first);
        let panel = Arc::new(panel);
        factors.push(panel.clone());
        let inputs = vec![now, panel];
        now = Arc::new(step.blocks::<A>(Rest::<A>(part), inputs, below.clone(), below));
    }
    step.blocks::<A>(Lower::<A>(PhantomData), factors, bounds.clone(), bounds)
}

/// Which step it is.
struct Part<A> {
    /// The rows before it.
    first: usize,
    /// The rows of the whole matrix.
    n: usize,
    element: PhantomData<fn() -> A>,
}
impl<A> Clone for Part<A> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<A> Copy for Part<A> {}

impl<A: Decompose> Part<A> {
    fn failed(&self, expr: &Expr, kind: ErrorKind, what: &str) -> Error {
        let n = self.n;
        let message = format!("cholesky of a matrix of shape [{n}, {n}]: {what}");
        Error::new(kind, message).at(expr.location)
    }

    /// That what the first step reads is finite; `row` and `column` are where the block begins.
    fn check(&self, expr: &Expr, block: &Block, row: usize, column: usize) -> Result<(), Error> {
        if self.first > 0 {
            return Ok(());
        }
        let a = matrix::<A>(block);
        let is_bad =
            |((i, j), x): &((usize, usize), &A)| column + j <= row + i && !x.to_f64().is_finite();
        match a.indexed_iter().find(is_bad) {
            None => Ok(()),
            Some(((i, j), x)) => {
                let (i, j) = (row + i, column + j);
                let what = format!("element ({i}, {j}) is {x}; all have to be finite");
                Err(self.failed(expr, ErrorKind::NonFinite, &what))
            }
        }
    }
}

struct Diagonal<A>(Part<A>);

impl<A: Decompose> Custom for Diagonal<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        self.0.check(expr, &blocks[0], 0, 0)?;
        let a = matrix::<A>(&blocks[0]);
        let n = a.nrows();
        let values = A::cholesky_(a).map_err(|pivot| {
            let row = self.0.first + pivot;
            let what = format!(
                "it is not positive definite, as row {row} shows; `solve` takes any matrix that has an inverse, and a multiple of `Array::eye` added makes a symmetric one definite"
            );
            self.0.failed(expr, ErrorKind::Singular, &what)
        })?;
        Ok(by_columns(values, n, n))
    }

    fn effort(&self, expr: &Expr, _: &[usize]) -> Effort {
        effort(A::cholesky_bytes_(expr.shape[0]))
    }
}

struct Panel<A>(Part<A>);

impl<A: Decompose> Custom for Panel<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let columns = expr.inputs().next().map_or(1, |a| a.grid.count_along(1));
        need(0, (at[0] + 1) * columns);
        need(1, 0);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (a, l) = (&blocks[0], matrix::<A>(&blocks[1]));
        let shape = Dims::from_slice(&a.shape);
        let first = expr.grid.bounds(0)[at[0]] + shape[1];
        self.0.check(expr, a, first, 0)?;
        let mut out = copied::<A>(a)?;
        // x Lᵀ = a, row by row: L xᵀ = aᵀ, column by column.
        A::solve_lower_(l, &mut out);
        Ok(Block::from_buffer(out, shape))
    }

    fn effort(&self, expr: &Expr, _: &[usize]) -> Effort {
        // The factor, column by column.
        effort(bytes_of::<A>(expr.shape[1], expr.shape[1]))
    }
}

struct Rest<A>(Part<A>);

impl<A: Decompose> Custom for Rest<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let counts = expr.inputs().next().map(|a| a.grid.counts());
        let counts = counts.unwrap_or_else(|| Dims::from_slice(&[1, 1]));
        need(0, number(&[at[0] + 1, at[1] + 1], &counts));
        need(1, at[0]);
        need(1, at[1]);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let [a, rows, columns] = &blocks[..] else {
            unreachable!("it needs three blocks");
        };
        let width = rows.shape[1];
        let place = |axis: usize| expr.grid.bounds(axis)[at[axis]] + width;
        self.0.check(expr, a, place(0), place(1))?;
        let mut out = copied::<A>(a)?;
        gemm::product(&mut out, matrix::<A>(rows), matrix::<A>(columns).t(), Write::Subtract);
        Ok(Block::from_buffer(out, Dims::from_slice(&a.shape)))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let shape = expr.grid.chunk_shape(at);
        let width = expr.inputs().nth(1).map_or(0, |panel| panel.shape[1]);
        gemm::effort::<A>(shape[0], width, shape[1])
    }
}

/// A block's elements in C order.
pub(super) fn copied<A: Decompose>(block: &Block) -> Result<Vec<A>, Error> {
    let mut out = buffer(&block.shape, A::ZERO)?;
    for (to, &from) in out.iter_mut().zip(&block.view::<A>()) {
        *to = from;
    }
    Ok(out)
}

/// The factor, put together of its diagonal blocks and what is below them, column by column.
struct Lower<A>(PhantomData<fn() -> A>);

impl<A: Decompose> Custom for Lower<A> {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        match at[0].checked_sub(at[1]) {
            None => {}
            Some(0) => need(2 * at[1], 0),
            Some(below) => need(2 * at[1] + 1, below - 1),
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        if let Some(block) = blocks.pop() {
            return Ok(block);
        }
        let shape = expr.grid.chunk_shape(at);
        let mut zeros = buffer(&shape, A::ZERO)?;
        zeros.fill(A::ZERO);
        Ok(Block::from_buffer(zeros, shape))
    }
}
