//! Reductions: elements along axes become one.
//!
//! In: a [`Reduction`], which says how elements go into a state, how states become one, and what comes of it. Out: for each chunk of the input a block of states,
//! combined in a tree whose form the grid alone decides: the same bits for any number of workers, on one kind of processor.
//!
//! ```text
//! a chunk, axes in C order, neighbours of one kind made one:
//! [kept, reduced]   rows become one state each:        Reduction::run     on pieces of a row
//! [reduced, kept]   rows are added to a row of states: Reduction::lanes   on pieces of a row
//! ```
//! States of pieces are combined pairwise ([`Cascade`]), so the error of a sum grows with the logarithm of the number of its terms.
//!
//! Not here: which reductions there are (`reductions`).

use crate::block::Block;
use crate::error::Error;
use crate::grid::Dims;
use crate::program::Program;
use crate::tile::{Operand, TILE, Tile};
use smallvec::SmallVec;

/// How elements become one.
pub(crate) trait Reduction: Send + Sync + 'static {
    /// What goes in.
    type In: Copy + Send + Sync + 'static;
    /// What is known of the elements so far.
    type State: Copy + Send + Sync + 'static;
    /// What comes out.
    type Out: Copy + Send + Sync + 'static;
    /// Whether it asks where elements are.
    const ASKS_WHERE: bool = false;

    /// The state of no elements.
    fn nothing(&self) -> Self::State;
    /// The state of a run of elements; `first` counts along the reduced axes, in C order.
    fn run(&self, values: &[Self::In], first: u64) -> Self::State;
    /// The state of the same element `n` times.
    fn splat(&self, value: Self::In, n: usize, first: u64) -> Self::State {
        self.run(&vec![value; n], first)
    }
    /// Adds an element to each state; `at` is where all of them are along the reduced axes.
    fn lanes(&self, states: &mut [Self::State], values: &[Self::In], at: u64);
    /// Makes one state of two; `b` comes after `a`.
    fn combine(&self, a: &mut Self::State, b: &Self::State);
    /// What comes of the state of `count` elements.
    fn finish(&self, state: &Self::State, count: u64) -> Self::Out;
}

/// [`Reduction`], whatever its types.
pub(crate) trait AnyReduction: Send + Sync {
    /// The states of a chunk, in a block whose shape is that of the kept axes.
    fn chunk(&self, chunk: &ChunkOf<'_>) -> Result<Block, Error>;
    /// The states of several such blocks; `count` if nothing follows, and elements come out.
    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Block;
}

/// A chunk to be reduced, and where it is.
pub(crate) struct ChunkOf<'a> {
    pub(crate) program: &'a Program,
    pub(crate) origin: &'a [usize],
    pub(crate) shape: &'a [usize],
    pub(crate) blocks: &'a [Block],
    /// Which axes are reduced.
    pub(crate) axes: &'a [bool],
    /// Of the whole array.
    pub(crate) whole: &'a [usize],
}

impl<R: Reduction> AnyReduction for R {
    fn chunk(&self, chunk: &ChunkOf<'_>) -> Result<Block, Error> {
        let kept: Dims = kept(chunk.shape, chunk.axes);
        let mut states = vec![self.nothing(); kept.iter().product()];
        let blocks = &chunk.program.read(chunk.origin, chunk.shape, chunk.blocks)?;
        let mut tile = chunk.program.tile(chunk.origin, chunk.shape, blocks);
        let groups = Groups::new(chunk, R::ASKS_WHERE);
        Reducing { reduction: self, chunk, tile: &mut tile, states: &mut states }.all(&groups)?;
        Ok(Block::from_buffer(states, kept))
    }

    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Block {
        let (first, rest) = blocks.split_first().expect("a grid has at least one chunk");
        let states = |block: &Block| block.memory::<R::State>().to_vec();
        let mut all = states(first);
        for block in rest {
            for (a, b) in all.iter_mut().zip(block.memory::<R::State>()) {
                self.combine(a, b);
            }
        }
        let shape = first.shape.clone();
        match count {
            None => Block::from_buffer(all, shape),
            Some(count) => {
                let out = all.iter().map(|state| self.finish(state, count)).collect();
                Block::from_buffer::<R::Out>(out, shape)
            }
        }
    }
}

/// The lengths along the axes that stay.
pub(crate) fn kept(shape: &[usize], axes: &[bool]) -> Dims {
    shape.iter().zip(axes).filter(|&(_, is_reduced)| !is_reduced).map(|(&len, _)| len).collect()
}

/// A chunk's axes in C order, neighbours of one kind made one.
struct Groups {
    groups: SmallVec<[Group; 4]>,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    len: usize,
    is_reduced: bool,
    /// Of a reduced group: how far apart its elements are, counted along the reduced axes of the whole array.
    stride: u64,
}

impl Groups {
    fn new(chunk: &ChunkOf<'_>, asks_where: bool) -> Groups {
        let mut groups: SmallVec<[Group; 4]> = SmallVec::new();
        let mut stride = 1;
        let mut all: SmallVec<[(Group, bool); 4]> = SmallVec::new();
        for axis in (0..chunk.shape.len()).rev() {
            let (len, is_reduced) = (chunk.shape[axis], chunk.axes[axis]);
            all.push((Group { len, is_reduced, stride }, len == chunk.whole[axis]));
            if is_reduced {
                stride *= chunk.whole[axis] as u64;
            }
        }
        // From the innermost axis outwards: an axis joins the one inside it.
        let mut inner_is_whole = true;
        for (group, is_whole) in all {
            // An innermost group's elements are neighbours, also when it is one of several.
            let is_asked = asks_where && group.is_reduced && !is_whole && groups.is_empty();
            if group.len == 1 && !is_asked {
                inner_is_whole &= is_whole || !group.is_reduced;
                continue;
            }
            match groups.last_mut() {
                Some(inner)
                    if inner.is_reduced == group.is_reduced
                        && (!group.is_reduced || !asks_where || inner_is_whole) =>
                {
                    inner.len *= group.len;
                }
                _ => groups.push(group),
            }
            inner_is_whole = is_whole;
        }
        groups.reverse();
        Groups { groups }
    }
}

/// The first element of the chunk, counted along the reduced axes of the whole array.
fn first_of(chunk: &ChunkOf<'_>) -> u64 {
    let axes = chunk.origin.iter().zip(chunk.whole).zip(chunk.axes);
    axes.filter(|(_, is_reduced)| **is_reduced)
        .fold(0, |first, ((&at, &len), _)| first * len as u64 + at as u64)
}

/// A chunk that is being reduced.
struct Reducing<'a, 'b, R: Reduction> {
    reduction: &'a R,
    chunk: &'a ChunkOf<'a>,
    tile: &'a mut Tile<'b>,
    states: &'a mut [R::State],
}

impl<R: Reduction> Reducing<'_, '_, R> {
    fn all(&mut self, groups: &Groups) -> Result<(), Error> {
        let first = first_of(self.chunk);
        if self.chunk.shape.contains(&0) {
            return Ok(());
        }
        match groups.groups[..] {
            [] => self.rows(&[], 1, first, 1),
            [ref outer @ .., Group { len, is_reduced: true, stride }] => {
                self.rows(outer, len, first, stride)
            }
            [ref outer @ .., rows, Group { len, .. }] => self.columns(outer, rows, len, first),
            // Nothing is reduced but axes of length 1.
            [Group { len, .. }] => {
                let rows = Group { len: 1, is_reduced: true, stride: 1 };
                self.columns(&[], rows, len, first)
            }
        }
    }

    /// The slot and the reduced index of row number `row` of the outer groups.
    fn row(outer: &[Group], mut row: usize) -> (usize, u64) {
        let (mut slot, mut slot_stride, mut at) = (0, 1, 0);
        for group in outer.iter().rev() {
            let index = row % group.len;
            row /= group.len;
            if group.is_reduced {
                at += index as u64 * group.stride;
            } else {
                slot += index * slot_stride;
                slot_stride *= group.len;
            }
        }
        (slot, at)
    }

    /// Rows of `len` elements become one state each.
    fn rows(&mut self, outer: &[Group], len: usize, first: u64, stride: u64) -> Result<(), Error> {
        debug_assert!(stride == 1 || !R::ASKS_WHERE);
        let count: usize = outer.iter().map(|group| group.len).product();
        let per_tile = if len >= TILE { 1 } else { TILE / len };
        let mut row = 0;
        while row < count {
            let rows = per_tile.min(count - row);
            if rows == 1 {
                let (slot, at) = Self::row(outer, row);
                self.long_row(row * len, len, slot, first + at)?;
            } else {
                self.short_rows(outer, row..row + rows, len, first)?;
            }
            row += rows;
        }
        Ok(())
    }

    /// One row, in pieces.
    fn long_row(&mut self, start: usize, len: usize, slot: usize, first: u64) -> Result<(), Error> {
        let mut cascade = Cascade::default();
        let piece = len.div_ceil(len.div_ceil(TILE));
        for from in (0..len).step_by(piece) {
            let n = piece.min(len - from);
            self.chunk.program.run_tile(self.tile, start + from, n)?;
            let state = match self.tile.operand::<R::In>(self.chunk.program.result) {
                Operand::Slice(values) => self.reduction.run(values, first + from as u64),
                Operand::Splat(value) => self.reduction.splat(value, n, first + from as u64),
            };
            cascade.push(self.reduction, state);
        }
        if let Some(state) = cascade.finish(self.reduction) {
            self.reduction.combine(&mut self.states[slot], &state);
        }
        Ok(())
    }

    /// Several rows, in one tile.
    fn short_rows(
        &mut self,
        outer: &[Group],
        rows: std::ops::Range<usize>,
        len: usize,
        first: u64,
    ) -> Result<(), Error> {
        self.chunk.program.run_tile(self.tile, rows.start * len, rows.len() * len)?;
        let values = self.tile.operand::<R::In>(self.chunk.program.result);
        for (number, row) in rows.enumerate() {
            let (slot, at) = Self::row(outer, row);
            let state = match values {
                Operand::Slice(values) => {
                    self.reduction.run(&values[number * len..][..len], first + at)
                }
                Operand::Splat(value) => self.reduction.splat(value, len, first + at),
            };
            self.reduction.combine(&mut self.states[slot], &state);
        }
        Ok(())
    }

    /// Rows of `len` elements are added to one row of states.
    fn columns(
        &mut self,
        outer: &[Group],
        rows: Group,
        len: usize,
        first: u64,
    ) -> Result<(), Error> {
        let count: usize = outer.iter().map(|group| group.len).product();
        // Of short rows several make a tile.
        let (piece, per_tile) = match len >= TILE / 4 {
            true => (len.div_ceil(len.div_ceil(TILE)), 1),
            false => (len, TILE / len),
        };
        for number in 0..count {
            let (slot, at) = Self::row(outer, number);
            // Rows in their order, so that memory is read as it lies, and of each row the pieces.
            let mut lanes: Vec<_> = (0..len)
                .step_by(piece)
                .map(|from| Lanes::new(self.reduction, piece.min(len - from)))
                .collect();
            for row in (0..rows.len).step_by(per_tile) {
                let rows_now = per_tile.min(rows.len - row);
                for (part, lanes) in lanes.iter_mut().enumerate() {
                    let n = lanes.now.len();
                    let start = (number * rows.len + row) * len + part * piece;
                    self.chunk.program.run_tile(self.tile, start, n * rows_now)?;
                    let values = self.tile.operand::<R::In>(self.chunk.program.result);
                    for r in 0..rows_now {
                        let at = first + at + (row + r) as u64 * rows.stride;
                        match values {
                            Operand::Slice(values) => {
                                lanes.add(self.reduction, &values[r * n..][..n], at)
                            }
                            Operand::Splat(value) => lanes.add(self.reduction, &vec![value; n], at),
                        }
                    }
                }
            }
            for (part, lanes) in lanes.into_iter().enumerate() {
                let states = &mut self.states[slot * len + part * piece..];
                lanes.finish(self.reduction, states);
            }
        }
        Ok(())
    }
}

/// States that are combined pairwise: of the sizes 1, 2, 4, … at most one is kept of each.
pub(crate) struct Cascade<S> {
    levels: SmallVec<[Option<S>; 8]>,
}

impl<S> Default for Cascade<S> {
    fn default() -> Self {
        Cascade { levels: SmallVec::new() }
    }
}

impl<S: Copy> Cascade<S> {
    fn push<R: Reduction<State = S>>(&mut self, reduction: &R, mut state: S) {
        for level in &mut self.levels {
            match level.take() {
                None => {
                    *level = Some(state);
                    return;
                }
                Some(mut earlier) => {
                    reduction.combine(&mut earlier, &state);
                    state = earlier;
                }
            }
        }
        self.levels.push(Some(state));
    }

    fn finish<R: Reduction<State = S>>(self, reduction: &R) -> Option<S> {
        let mut all: Option<S> = None;
        for mut earlier in self.levels.into_iter().flatten() {
            if let Some(later) = &all {
                reduction.combine(&mut earlier, later);
            }
            all = Some(earlier);
        }
        all
    }
}

/// So many rows go into one row of states, before that is combined with others: few enough for a sum's error, many for its speed.
const ROWS_TOGETHER: usize = 16;

/// A row of states that rows of elements are added to.
struct Lanes<S> {
    now: Vec<S>,
    rows: usize,
    /// As in [`Cascade`].
    levels: Vec<Option<Vec<S>>>,
}

impl<S: Copy> Lanes<S> {
    fn new<R: Reduction<State = S>>(reduction: &R, n: usize) -> Self {
        Lanes { now: vec![reduction.nothing(); n], rows: 0, levels: Vec::new() }
    }

    #[inline]
    fn add<R: Reduction<State = S>>(&mut self, reduction: &R, values: &[R::In], at: u64) {
        if self.rows == ROWS_TOGETHER {
            self.carry(reduction);
        }
        reduction.lanes(&mut self.now, values, at);
        self.rows += 1;
    }

    fn carry<R: Reduction<State = S>>(&mut self, reduction: &R) {
        self.rows = 0;
        let fresh = vec![reduction.nothing(); self.now.len()];
        let mut carried = std::mem::replace(&mut self.now, fresh);
        for level in &mut self.levels {
            match level.take() {
                None => {
                    *level = Some(carried);
                    return;
                }
                Some(mut earlier) => {
                    combine_all(reduction, &mut earlier, &carried);
                    carried = earlier;
                }
            }
        }
        self.levels.push(Some(carried));
    }

    fn finish<R: Reduction<State = S>>(mut self, reduction: &R, states: &mut [S]) {
        let mut all = std::mem::take(&mut self.now);
        for mut earlier in self.levels.into_iter().flatten() {
            combine_all(reduction, &mut earlier, &all);
            all = earlier;
        }
        combine_all(reduction, states, &all);
    }
}

fn combine_all<R: Reduction>(reduction: &R, a: &mut [R::State], b: &[R::State]) {
    for (a, b) in a.iter_mut().zip(b) {
        reduction.combine(a, b);
    }
}
