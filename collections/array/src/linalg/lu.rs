//! Linear systems of many blocks.
//!
//! In: a square matrix, and right-hand sides. Out: the solutions. The matrix is cut to blocks of whole columns, and the right-hand sides stand beside it. Step by step the first block of columns is
//! factorised, with its rows in the order that keeps the factors small, and the others follow: what is left below is the next step's matrix (LU with partial pivoting: Golub, Van Loan,
//! *Matrix Computations*, 4th edition, section 3.4). Then the solutions come from the last rows up.
//!
//! ```text
//! A₀ = P [L₀; L₁] U     Panel     one task, as all rows may be exchanged
//! Uⱼ = L₀⁻¹ (P Aⱼ)₀     Follow    for each block of columns and of right-hand sides, at the same time;
//! (P Aⱼ)₁ - L₁ Uⱼ                 the next step's, below Uⱼ in the same block
//! ```
//! The next panel follows as soon as its block of columns has, while the others are still at work.
//!
//! Not here: the factorisation of a panel (`dense`), what users call (`systems`).

use super::cholesky::{copied, rest, tiles};
use super::dense::{Decompose, bytes_of, effort};
use super::gemm::{self, Write};
use super::product::matrix;
use super::tsqr::{Step, by_columns, corner};
use crate::block::Block;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Dims, Grid};
use crate::pool::buffer;
use crate::recut::Recut;
use crate::sizes::CHUNK_BYTES;
use crate::sizes::even_bounds;
use ndarray::s;
use std::marker::PhantomData;
use std::sync::Arc;

/// The solutions of `a · x = b`, for square `a` and as many rows in the matrix `b`.
pub(super) fn solve<A: Decompose>(step: Step, a: &ExprRef, b: &ExprRef) -> Expr {
    let (n, sides) = (a.shape[0], b.shape[1]);
    let bounds = tiles(n);
    let count = bounds.len() - 1;
    let whole: Arc<[usize]> = [0, n].into();
    let most = (CHUNK_BYTES / size_of::<A>() / n.max(1)).max(1);
    let of_sides = even_bounds(sides, sides.div_ceil(most));
    let grid = |columns: &Arc<[usize]>| Grid::from_bounds([whole.clone(), columns.clone()]);
    let mut recut = Recut::default();
    let a = recut.recut::<A>(a, grid(&bounds));
    let b = recut.recut::<A>(b, grid(&of_sides));
    let all = |from: usize| -> Arc<[usize]> {
        let own = rest(&bounds, from);
        let end = own[own.len() - 1];
        own.iter().copied().chain(of_sides[1..].iter().map(|bound| end + bound)).collect()
    };
    let mut now = Inputs { first: a, second: Some(b), split: count };
    // Of each step the panel and what follows it, which begins with the panel's own rows.
    let mut steps: Vec<(ExprRef, ExprRef)> = Vec::with_capacity(count);
    for at in 0..count {
        let width = bounds[at + 1] - bounds[at];
        let skipped = if at == 0 { 0 } else { bounds[at] - bounds[at - 1] };
        let (rows, n) = (n - bounds[at], n);
        let panel = Panel::<A> { skipped, width, first: bounds[at], n, element: PhantomData };
        let columns = [0, width + 1].into();
        let inputs = vec![now.first.clone()];
        let panel = Arc::new(step.blocks::<A>(panel, inputs, [0, rows].into(), columns));
        let follow = Follow::<A> { skipped, width, split: now.split, element: PhantomData };
        let inputs = [panel.clone(), now.first.clone()].into_iter().chain(now.second.take());
        let follow =
            Arc::new(step.blocks::<A>(follow, inputs.collect(), [0, rows].into(), all(at + 1)));
        steps.push((panel, follow.clone()));
        now = Inputs { first: follow, second: None, split: usize::MAX };
    }
    let mut solved: Vec<ExprRef> = Vec::with_capacity(count);
    for (at, (panel, follow)) in steps.iter().enumerate().rev() {
        let width = bounds[at + 1] - bounds[at];
        let below = count - at - 1;
        let back = Back::<A> { width, below, element: PhantomData };
        let mut inputs = vec![panel.clone(), follow.clone()];
        inputs.extend(solved.iter().rev().cloned());
        let rows = [0, width].into();
        solved.push(Arc::new(step.blocks::<A>(back, inputs, rows, of_sides.clone())));
    }
    solved.reverse();
    step.blocks::<A>(Bands, solved, bounds, of_sides)
}

/// What a step reads: one expression's blocks of columns, then another's, of which the first is number `split`.
struct Inputs {
    first: ExprRef,
    second: Option<ExprRef>,
    split: usize,
}

/// The rows of a step's matrix, which in the block of the step before stand below `skipped` others.
fn below(block: &Block, skipped: usize) -> Block {
    corner(block, skipped..block.shape[0], block.shape[1])
}

struct Panel<A> {
    skipped: usize,
    width: usize,
    /// The rows before it.
    first: usize,
    /// The rows of the whole matrix.
    n: usize,
    element: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Panel<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let a = below(&blocks[0], self.skipped);
        let rows = a.shape[0];
        let values = A::lu_(matrix(&a)).map_err(|pivot| {
            let (n, pivot) = (self.n, self.first + pivot);
            let message = format!(
                "{} of a matrix of shape [{n}, {n}]: it is singular, as pivot {pivot} is zero; `lstsq` gives the shortest of the nearest solutions",
                expr.name
            );
            Error::new(ErrorKind::Singular, message).at(expr.location)
        })?;
        Ok(by_columns(values, rows, self.width + 1))
    }

    fn effort(&self, expr: &Expr, _: &[usize]) -> Effort {
        effort(A::lu_bytes_(expr.shape[0], self.width))
    }
}

struct Follow<A> {
    skipped: usize,
    width: usize,
    split: usize,
    element: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Follow<A> {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
        // The first block of columns is the panel's.
        match (at[1] + 1).checked_sub(self.split) {
            Some(of_sides) => need(2, of_sides),
            None => need(1, at[1] + 1),
        }
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (panel, a) = (matrix::<A>(&blocks[0]), below(&blocks[1], self.skipped));
        let (shape, width) = (Dims::from_slice(&a.shape), self.width);
        let mut out = buffer(&shape, A::ZERO)?;
        let from = matrix::<A>(&a);
        if shape[1] > 0 {
            let order = panel.column(width);
            for (to, &row) in out.chunks_exact_mut(shape[1]).zip(&order) {
                for (to, &from) in to.iter_mut().zip(from.row(row.to_f64() as usize)) {
                    *to = from;
                }
            }
        }
        let (top, rest) = out.split_at_mut(width * shape[1]);
        A::solve_unit_lower_(panel.slice(s![..width, ..width]), top);
        let top =
            ndarray::ArrayView2::from_shape((width, shape[1]), &*top).expect("it has so many rows");
        gemm::product(rest, panel.slice(s![width.., ..width]), top, Write::Subtract);
        Ok(Block::from_buffer(out, shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let shape = expr.grid.chunk_shape(at);
        solved_and_multiplied::<A>(shape[0] - self.width.min(shape[0]), self.width, shape[1])
    }
}

struct Back<A> {
    width: usize,
    /// The number of bands below.
    below: usize,
    element: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Back<A> {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
        need(1, self.below + at[1]);
        for band in 0..self.below {
            need(1, band);
            need(2 + band, at[1]);
        }
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let own = |block: &Block| corner(block, 0..self.width, block.shape[1]);
        let (panel, sides) = (own(&blocks[0]), own(&blocks[1]));
        let mut out = copied::<A>(&sides)?;
        for pair in blocks[2..].chunks_exact(2) {
            let u = own(&pair[0]);
            gemm::product(&mut out, matrix::<A>(&u), matrix(&pair[1]), Write::Subtract);
        }
        A::solve_upper_(matrix::<A>(&panel).slice(s![.., ..self.width]), &mut out);
        Ok(Block::from_buffer(out, sides.shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        solved_and_multiplied::<A>(self.width, self.width, expr.grid.chunk_shape(at)[1])
    }
}

/// What a product of an `m x k` and a `k x n` matrix takes, and a solution with a triangle of k columns, of which it makes a copy; one after the other.
fn solved_and_multiplied<A: Decompose>(m: usize, k: usize, n: usize) -> Effort {
    let product = gemm::effort::<A>(m, k, n);
    let solution = effort(bytes_of::<A>(k, k));
    Effort { works: product.works.max(solution.works), ..solution }
}

/// The bands of the solutions, one below the other.
struct Bands;

impl Custom for Bands {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(at[0], at[1]);
    }

    fn make(&self, _: &Expr, _: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        Ok(blocks.pop().expect("it needs one block"))
    }
}
