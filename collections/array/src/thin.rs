//! Chunks that are thin along reduced axes: their states would take more than they do.
//!
//! In: what is to be reduced. Out: the same in other chunks, where that takes less. A variance knows 32 bytes of each column, be it of one row: of rows of `f32` that are a chunk each,
//! states would be eight times what is read.
//!
//! ```text
//! x             64 chunks [1, 1000000]    states of 64 x 32 MB
//! from sources  64 chunks [64, 15625]     cut anew where it is read, in one file or in memory: no more than one row of states
//! others        64 chunks [1, 1000000]    those of some together, one after the other, go into one row of states
//! ```
//! The result keeps the chunks that it would have.
//!
//! Not here: how something is cut anew (`recut`), how several chunks go into one row of states (`pass`).

use crate::element::Element;
use crate::expr::{ExprRef, Kind, Source};
use crate::grid::{Dims, Grid};
use crate::known::once;
use crate::recut::Recut;
use crate::reductions::ROWS;
use std::sync::Arc;

/// States are taken to have so many bytes, or what they have if that is more: those of a variance. So reductions with smaller ones go over the same chunks, and share a pass.
const STATE: usize = 32;

/// Below so many times the bytes of its states a chunk is thin, where reading it in other chunks is free.
const THIN: usize = 4;

/// Where that is free, so many rows at least go into a row of states, and so many times its bytes.
const ROWS_WANTED: usize = 64;
const TIMES_STATES: usize = 8;

/// Pieces that are cut have so many elements at least.
const PIECE_MIN: usize = 4096;

/// Of chunks that are small more go together, as long as an element of each column of all of them is not more than so many bytes.
const BYTES_TOGETHER: usize = 32;

/// So many tasks are left at least, for as many workers; of chunks that take longer than reading them more.
const LEFT: usize = 16;
const LEFT_LONG: usize = 32;
/// Of those as many also where states are large.
const LEFT_LEAN: usize = 8;

/// The expression in chunks that are not thin along the reduced axes, where it was; its states are of so many bytes.
pub(crate) fn thickened<A: Element>(input: &ExprRef, axes: &[bool], state: usize) -> ExprRef {
    let (grid, size, state) = (&input.grid, size_of::<A>(), state.max(STATE));
    let counts = grid.counts();
    let is_alone = counts.iter().zip(axes).all(|(&count, &is_reduced)| !is_reduced || count == 1);
    if is_alone || input.shape.contains(&0) {
        return input.clone();
    }
    let longest: Dims = (0..axes.len()).map(|axis| grid.longest(axis)).collect();
    let Some(bytes) = rows(grid, axes).checked_mul(size).filter(|&bytes| bytes < THIN * state)
    else {
        return input.clone();
    };
    let wanted = (TIMES_STATES * state).max(ROWS_WANTED * size);
    let (thick, times) = merged(grid, axes, wanted.div_ceil(bytes));
    let finer = cut(&thick, axes, &longest, times);
    if finer.check_count(&input.shape).is_ok() && is_free(input, &mut { Left::ALL }) {
        let free = || Recut::with_held().free::<A>(input, &finer);
        if let Some(free) = once(input, &finer, free) {
            return free;
        }
    }
    input.clone()
}

/// How many chunks, one after the other along the reduced axes, go into one block of states; `state` is the size of one. What they are made of may be there at once: that is no more than their states
/// would be.
pub(crate) fn together(input: &ExprRef, axes: &[bool], state: usize, asks_where: bool) -> usize {
    let (grid, size, state) = (&input.grid, input.dtype.size, state.max(STATE));
    let counts = grid.counts();
    let reduced = counts.iter().zip(axes).filter(|(_, is_reduced)| **is_reduced);
    let count: usize = reduced.map(|(&count, _)| count).product();
    if count <= 1 || input.shape.contains(&0) {
        return 1;
    }
    // What asks where elements are wants them in their order: that of the chunks, if those are whole along all reduced axes but the first.
    let mut inner = (0..axes.len()).filter(|&axis| axes[axis]).skip(1);
    if asks_where && inner.any(|axis| counts[axis] > 1) {
        return 1;
    }
    let rows = rows(grid, axes);
    let most = ROWS.max(BYTES_TOGETHER / size);
    let is_light = is_light(input, &mut { Left::ALL });
    let quick = (most / rows).min(grid.count() / if is_light { LEFT } else { LEFT_LONG });
    let lean = state / rows.saturating_mul(size).max(1);
    let lean = if is_light { lean } else { lean.min(grid.count() / LEFT_LEAN) };
    quick.max(lean).clamp(1, count)
}

/// As of so many thin chunks as are together what is read may be there at once, which is so many bytes for each element: no more than the states of [`ROWS`] chunks.
pub(crate) fn read_at_once(input: &ExprRef, axes: &[bool], bytes: usize) -> usize {
    let row = rows(&input.grid, axes).saturating_mul(bytes).max(1);
    (ROWS * input.dtype.size / row).max(1)
}

/// How many rows a chunk has, which become one.
fn rows(grid: &Grid, axes: &[bool]) -> usize {
    let reduced = (0..axes.len()).filter(|&axis| axes[axis]);
    reduced.map(|axis| grid.longest(axis)).fold(1, usize::saturating_mul)
}

/// Whether going through it takes no longer than reading it.
fn is_light(expr: &ExprRef, left: &mut Left) -> bool {
    match &expr.kind {
        Kind::Elementwise { .. } | Kind::View { .. } => {
            !calls_users(&expr.kind)
                && left.takes(&expr.kind)
                && expr.inputs().all(|input| is_light(input, left))
        }
        kind => !calls_users(kind),
    }
}

/// Elementwise chains of so many steps are as cheap as reading: a longer one that others read too is computed once.
const STEPS_MAX: usize = 2;

/// Expressions of more parts than this are not looked through, however they are made.
const PARTS_MAX: usize = 24;

/// What an expression may be made of, to be as cheap as reading it.
struct Left {
    parts: usize,
    steps: usize,
}

impl Left {
    const ALL: Left = Left { parts: PARTS_MAX, steps: STEPS_MAX };

    /// Whether an expression like this one is among it; then it is taken away.
    fn takes(&mut self, kind: &Kind) -> bool {
        let steps = usize::from(matches!(kind, Kind::Elementwise { .. }));
        let left = (self.parts.checked_sub(1), self.steps.checked_sub(steps));
        let (Some(parts), Some(steps)) = left else { return false };
        *self = Left { parts, steps };
        true
    }
}

/// Whether reading it in other chunks is free, and doing so a second time too. Not where a function of the user's is called, nor for what is a file for each row, nor across the order of the elements.
fn is_free(expr: &ExprRef, left: &mut Left) -> bool {
    let is_free_itself = match &expr.kind {
        Kind::Source(Source::Stored(stored)) => stored.is_one_file(),
        Kind::View { map, .. } => {
            let axes: Dims = map.0.iter().filter_map(|along| along.of).collect();
            axes.is_sorted()
        }
        Kind::Source(_) | Kind::Elementwise { .. } => !calls_users(&expr.kind),
        Kind::Custom { make, .. } => make.stored(expr).is_some(),
        Kind::Reduce { .. } => false,
    };
    is_free_itself && left.takes(&expr.kind) && expr.inputs().all(|input| is_free(input, left))
}

/// Whether a function of the user's is called for each element: it may take long, and is called once where others read too what it makes.
pub(crate) fn calls_users(kind: &Kind) -> bool {
    match kind {
        Kind::Source(Source::Generated { make, is_cheap }) => {
            !is_cheap && !make.goes_by_stretches()
        }
        Kind::Elementwise { kernel, .. } => kernel.is_users(),
        _ => false,
    }
}

/// The grid with about so many chunks along the reduced axes made one, the innermost axes first; and how many really are.
fn merged(grid: &Grid, axes: &[bool], chunks: usize) -> (Grid, usize) {
    let (mut left, mut times) = (chunks, 1);
    let mut bounds: Vec<Arc<[usize]>> = Vec::with_capacity(axes.len());
    for axis in (0..axes.len()).rev() {
        let old = grid.bounds(axis);
        let some = left.min(old.len() - 1);
        if !axes[axis] || some <= 1 {
            bounds.push(old.clone());
            continue;
        }
        // Even ones: of 10 chunks 5 and 5 instead of 8 and 2.
        let parts = (old.len() - 1).div_ceil(some);
        let some = (old.len() - 1).div_ceil(parts);
        let last = old[old.len() - 1];
        bounds.push(old[..old.len() - 1].iter().step_by(some).copied().chain([last]).collect());
        (left, times) = (left.div_ceil(some), times * some);
    }
    bounds.reverse();
    (Grid::from_bounds(bounds), times)
}

/// The grid with chunks along the kept axes cut into about so many, the outermost axes first.
fn cut(grid: &Grid, axes: &[bool], longest: &[usize], times: usize) -> Grid {
    let mut left = times;
    let along = |axis: usize| {
        let old = grid.bounds(axis);
        // What follows along the other kept axes lies beside it.
        let beside = (axis + 1..axes.len()).filter(|&axis| !axes[axis]).map(|axis| longest[axis]);
        let least = PIECE_MIN.div_ceil(beside.fold(1, usize::saturating_mul).max(1));
        let parts = left.min(longest[axis] / least);
        if axes[axis] || parts <= 1 {
            return old.clone();
        }
        left = left.div_ceil(parts);
        let piece = longest[axis].div_ceil(parts);
        let ends = old.windows(2).flat_map(|ends| (ends[0]..ends[1]).step_by(piece));
        ends.chain([old[old.len() - 1]]).collect()
    };
    Grid::from_bounds((0..axes.len()).map(along))
}
