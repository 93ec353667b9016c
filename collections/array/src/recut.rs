//! Arrays in the chunks that somebody wants, without a copy where that can be: operands of products, what goes through files.
//!
//! In: an expression and a grid. Out: the expression in that grid. What is made of sources alone, elementwise and through views that leave the axes whole, is cut anew at its sources, which
//! costs nothing; all else is copied from chunk to chunk (`rearrange`).
//!
//! ```text
//! x.t() + 1     sources: x      x in other chunks, .t() + 1
//! x.cumsum()    its own kind    blocks, copied
//! ```

use crate::element::Element;
use crate::expr::{Expr, ExprRef, Kind, Source};
use crate::grid::Grid;
use crate::map::Map;
use crate::rearrange::regridded;
use std::sync::Arc;

/// Expressions of more parts than this are copied: their parts may be worth more than a copy, and a chain of a million is not walked.
const PARTS_MAX: usize = 24;

/// What has been cut anew, so that what is used twice stays one.
#[derive(Default)]
pub(crate) struct Recut {
    done: Vec<(ExprRef, ExprRef)>,
    /// Whether blocks that are in memory are sources too.
    takes_held: bool,
}

impl Recut {
    /// The same, to which blocks that are in memory are sources too: for what reads each element once.
    pub(crate) fn with_held() -> Recut {
        Recut { takes_held: true, ..Recut::default() }
    }

    /// The expression in the chunks of `grid`.
    pub(crate) fn recut<A: Element>(&mut self, expr: &ExprRef, grid: Grid) -> ExprRef {
        if expr.grid == grid {
            return expr.clone();
        }
        let mut parts = PARTS_MAX;
        if is_free(expr, &grid, self.takes_held, &mut parts) {
            return self.at_its_sources::<A>(expr, grid);
        }
        // A transposed matrix is copied as it lies, and looked at the other way round.
        if let Kind::View { input, map } = &expr.kind
            && let Some(below) = through(map, input, &grid)
        {
            let input = self.recut::<A>(input, below);
            return self.with_kind(expr, Kind::View { input, map: map.clone() }, grid);
        }
        match self.found(expr, &grid) {
            Some(found) => found,
            None => self.keep(expr, Arc::new(regridded(expr, grid))),
        }
    }

    /// The expression in the chunks of `grid`, if it can be cut so at its sources.
    pub(crate) fn free<A: Element>(&mut self, expr: &ExprRef, grid: &Grid) -> Option<ExprRef> {
        let mut parts = PARTS_MAX;
        let is_free = is_free(expr, grid, self.takes_held, &mut parts);
        is_free.then(|| self.at_its_sources::<A>(expr, grid.clone()))
    }

    fn at_its_sources<A: Element>(&mut self, expr: &ExprRef, grid: Grid) -> ExprRef {
        if expr.grid == grid {
            return expr.clone();
        }
        if let Some(found) = self.found(expr, &grid) {
            return found;
        }
        let mut below = |input: &ExprRef, map: &Map| {
            let grid = through(map, input, &grid).unwrap_or_else(|| input.grid.clone());
            self.at_its_sources::<A>(input, grid)
        };
        let kind = match &expr.kind {
            Kind::View { input, map } => Kind::View { input: below(input, map), map: map.clone() },
            Kind::Elementwise { kernel, inputs } => {
                let inputs = inputs.iter().map(|(input, map)| (below(input, map), map.clone()));
                Kind::Elementwise { inputs: inputs.collect(), kernel: kernel.clone() }
            }
            Kind::Custom { make, .. } if let Some(stored) = make.stored(expr) => {
                Kind::Source(Source::Stored(stored))
            }
            _ => return self.keep(expr, Arc::new(regridded(expr, grid))),
        };
        self.with_kind(expr, kind, grid)
    }

    fn with_kind(&mut self, expr: &ExprRef, kind: Kind, grid: Grid) -> ExprRef {
        let Expr { name, dtype, of, location, .. } = **expr;
        let shape = expr.shape.clone();
        self.keep(expr, Arc::new(Expr { kind, name, dtype, of, shape, grid, location }))
    }

    fn found(&self, expr: &ExprRef, grid: &Grid) -> Option<ExprRef> {
        let is_it = |(from, to): &&(ExprRef, ExprRef)| Arc::ptr_eq(from, expr) && to.grid == *grid;
        self.done.iter().find(is_it).map(|(_, to)| to.clone())
    }

    fn keep(&mut self, from: &ExprRef, to: ExprRef) -> ExprRef {
        self.done.push((from.clone(), to.clone()));
        to
    }
}

/// The expression once more, if it is made of sources alone: what reads that makes it again, instead of waiting with what reads the other one.
pub(crate) fn once_more(expr: &ExprRef) -> Option<ExprRef> {
    let mut parts = PARTS_MAX;
    is_free(expr, &expr.grid, false, &mut parts).then(|| copy(expr))
}

fn copy(expr: &ExprRef) -> ExprRef {
    let kind = match &expr.kind {
        Kind::View { input, map } => Kind::View { input: copy(input), map: map.clone() },
        Kind::Elementwise { kernel, inputs } => {
            let inputs = inputs.iter().map(|(input, map)| (copy(input), map.clone()));
            Kind::Elementwise { inputs: inputs.collect(), kernel: kernel.clone() }
        }
        _ => return Arc::new(regridded(expr, expr.grid.clone())),
    };
    let Expr { name, dtype, of, location, .. } = **expr;
    let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
    Arc::new(Expr { kind, name, dtype, of, shape, grid, location })
}

/// Whether the expression can be cut so at its sources.
fn is_free(expr: &ExprRef, grid: &Grid, takes_held: bool, parts: &mut usize) -> bool {
    let Some(left) = parts.checked_sub(1) else { return false };
    *parts = left;
    let mut below = |input: &ExprRef, map: &Map| match through(map, input, grid) {
        Some(grid) => is_free(input, &grid, takes_held, parts),
        None => false,
    };
    match &expr.kind {
        Kind::Source(_) => true,
        Kind::Custom { make, .. } => takes_held && make.stored(expr).is_some(),
        Kind::View { input, map } => below(input, map),
        Kind::Elementwise { inputs, .. } => inputs.iter().all(|(input, map)| below(input, map)),
        _ => false,
    }
}

/// The grid of an input under which each chunk of the result lies in one of the input's, if the axes are seen whole.
fn through(map: &Map, input: &ExprRef, grid: &Grid) -> Option<Grid> {
    let mut axes = Vec::with_capacity(input.shape.len());
    for (along, &len) in map.0.iter().zip(&input.shape) {
        axes.push(match along.of {
            None if len == 1 => Arc::from([0, 1]),
            Some(of) if along.start == 0 && along.step == 1 => {
                let bounds = grid.bounds(of);
                if bounds[bounds.len() - 1] != len {
                    return None;
                }
                bounds.clone()
            }
            _ => return None,
        });
    }
    Some(Grid::from_bounds(axes))
}
