//! Products of each matrix of a stack with that at its place in another one.
//!
//! In: two expressions whose first axes are those of the stacks, with the axes to be summed over last in the first one, and after those of the stack in the second. Out: one expression.
//! Each task multiplies the matrices of one chunk; where the inner axes are cut, what comes of each piece is a layer, and layers are summed in a tree, whose form the chunks alone decide.
//!
//! Not here: products of two matrices (`product`), the product of two blocks (`gemm`).

use super::gemm;
use super::product::{Total, as_matrix, elements_along, matrix};
use crate::block::{Block, Strides};
use crate::blocks::custom;
use crate::element::Number;
use crate::error::Error;
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Dims, Grid, check_size, number, position};
use crate::pool::buffer;
use crate::rearrange::regridded;
use crate::reducing::reduced;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// The products of the chunks: axes of the stacks, of rows, of columns, and in front of them all pieces of the inner axes.
struct Products<A> {
    batch: usize,
    rows: usize,
    /// How many pieces there are along each inner axis.
    inner: Dims,
    of: PhantomData<fn() -> A>,
}

impl<A: Number> Custom for Products<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let inner = position(at[0], &self.inner);
        let (batch, others) = at[1..].split_at(self.batch);
        let (rows, columns) = others.split_at(self.rows);
        let parts = [[batch, rows, &inner], [batch, &inner, columns]];
        for (number_of, (input, parts)) in expr.inputs().zip(parts).enumerate() {
            need(number_of, number(&parts.concat(), &input.grid.counts()));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let stack = &shape[1..][..self.batch];
        let count: usize = stack.iter().product();
        let mut all = buffer(&shape, A::ZERO)?;
        let size = all.len() / count.max(1);
        for one in 0..count {
            let at = position(one, stack);
            let a = as_matrix::<A>(of_stack(&blocks[0], &at), self.rows)?;
            let b = as_matrix::<A>(of_stack(&blocks[1], &at), self.inner.len())?;
            let to = &mut all[one * size..][..size];
            gemm::product(to, matrix(&a), matrix(&b), gemm::Write::Set);
        }
        Ok(Block::from_buffer(all, shape))
    }

    fn reads_as_it_lies(&self, expr: &Expr, input: usize) -> bool {
        let columns = expr.shape.len() - 1 - self.batch - self.rows;
        self.inner.len() <= 1 && [self.rows, columns].get(input).is_some_and(|&axes| axes <= 1)
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        // One is multiplied after the other.
        let inner = position(at[0], &self.inner);
        let first = expr.inputs().next();
        let depth = first.map_or(1, |a| elements_along(&a.grid, self.batch + self.rows, &inner));
        let shape = expr.grid.chunk_shape(at);
        let (rows, columns) = shape[1 + self.batch..].split_at(self.rows);
        gemm::effort::<A>(rows.iter().product(), depth, columns.iter().product())
    }
}

/// What lies at this place of a stack, whose axes are the first ones.
fn of_stack(stack: &Block, at: &[usize]) -> Block {
    let (shape, strides) = (&stack.shape[at.len()..], &stack.strides[at.len()..]);
    let along = at.iter().zip(&stack.strides);
    let step: isize = along.map(|(&at, &stride)| at as isize * stride).sum();
    let offset = stack.offset.wrapping_add_signed(step);
    stack.part(Dims::from_slice(shape), Strides::from_slice(strides), offset)
}

/// The products of stacks of `batch` axes, summed over the last `inner` axes of `a` and those after the stack's of `b`; of the same lengths.
pub(crate) fn batched<A: Number>(
    name: &'static str,
    location: &'static Location<'static>,
    a: &ExprRef,
    b: &ExprRef,
    batch: usize,
    inner: usize,
) -> Result<Expr, Error> {
    let rows = a.shape.len() - batch - inner;
    let columns = batch + inner..b.shape.len();
    let finer = |of_a: usize, of_b: usize| {
        let (of_a, of_b) = (a.grid.bounds(of_a), b.grid.bounds(of_b));
        if of_b.len() > of_a.len() { of_b.clone() } else { of_a.clone() }
    };
    let stack: Vec<_> = (0..batch).map(|axis| finer(axis, axis)).collect();
    let inner: Vec<_> = (0..inner).map(|axis| finer(batch + rows + axis, batch + axis)).collect();
    let row: Vec<_> = (batch..batch + rows).map(|axis| a.grid.bounds(axis).clone()).collect();
    let column: Vec<_> = columns.clone().map(|axis| b.grid.bounds(axis).clone()).collect();
    let grid = |parts: [&[Arc<[usize]>]; 3]| Grid::from_bounds(parts.concat());
    let first = Arc::new(regridded(a, grid([&stack, &row, &inner])));
    let second = Arc::new(regridded(b, grid([&stack, &inner, &column])));
    let pieces: Dims = inner.iter().map(|bounds| bounds.len() - 1).collect();
    let layers: usize = pieces.iter().product();
    let mut shape: Dims =
        a.shape[..batch + rows].iter().chain(&b.shape[columns]).copied().collect();
    shape.insert(0, layers);
    check_size(&shape, size_of::<A>())?;
    let layer: Vec<Arc<[usize]>> = vec![(0..=layers).collect()];
    let result = Grid::from_bounds([layer, stack, row, column].concat());
    result.check_count(&shape)?;
    let make = Arc::new(Products::<A> { batch, rows, inner: pieces, of: PhantomData });
    let mut products = custom::<A>(name, make, vec![first, second], shape, result)?;
    products.location = location;
    reduced(name, location, &Arc::new(products), &[0], Total::<A>(PhantomData))
}
