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
//! Short rows are several to a tile: `Reduction::short_rows`.
//!
//! Not here: which reductions there are (`reductions`, `variance`), and in which order states are combined (`states`).

use crate::ahead::Values;
use crate::block::{Block, array_of, buffer, copied};
use crate::error::Error;
use crate::grid::Dims;
use crate::program::Program;
use crate::reductions::{LANES, ROWS};
use crate::states::{Cascade, Lanes, ROWS_TOGETHER};
use crate::tile::{Arg, Operand, TILE, Tile};
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

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
    fn run(&self, values: Values<'_, Self::In>, first: u64) -> Self::State;
    /// The state of the same element `n` times.
    fn splat(&self, value: Self::In, n: usize, first: u64) -> Self::State {
        self.run(vec![value; n][..].into(), first)
    }
    /// Rows that lie one after the other, each of which goes into a state; `first` is where all of them begin.
    fn short_rows(&self, states: &mut [Self::State], values: &[Self::In], first: u64) {
        each_row(self, states, values, first);
    }
    /// Adds an element to each state; `at` is where all of them are along the reduced axes.
    fn lanes(&self, states: &mut [Self::State], values: &[Self::In], at: u64);
    /// The same for several rows, one after the other.
    fn rows(&self, states: &mut [Self::State], rows: [&[Self::In]; ROWS], at: [u64; ROWS]) {
        for (values, at) in rows.into_iter().zip(at) {
            self.lanes(states, values, at);
        }
    }
    /// The same for some rows, fewer than [`ROWS`].
    fn few_rows(&self, states: &mut [Self::State], rows: &[&[Self::In]], at: &[u64]) {
        for (values, &at) in rows.iter().zip(at) {
            self.lanes(states, values, at);
        }
    }
    /// Whether rows that come one at a time are gathered until there are [`ROWS`] of them, without where they are: worth it where a state is much larger than an element.
    fn gathers_rows(&self) -> bool {
        false
    }
    /// Makes one state of two; `b` comes after `a`.
    fn combine(&self, a: &mut Self::State, b: &Self::State);
    /// The same for each state of a row.
    fn combine_rows(&self, a: &mut [Self::State], b: &[Self::State]) {
        for (a, b) in a.iter_mut().zip(b) {
            self.combine(a, b);
        }
    }
    /// What comes of the state of `count` elements.
    fn finish(&self, state: &Self::State, count: u64) -> Self::Out;
}

/// Rows that lie one after the other, each of which goes into a state by itself.
pub(crate) fn each_row<R: Reduction + ?Sized>(
    reduction: &R,
    states: &mut [R::State],
    values: &[R::In],
    first: u64,
) {
    let len = values.len() / states.len().max(1);
    for (state, row) in states.iter_mut().zip(values.chunks_exact(len.max(1))) {
        reduction.combine(state, &reduction.run(row.into(), first));
    }
}

/// [`Reduction`], whatever its types.
pub(crate) trait AnyReduction: Send + Sync {
    /// Whether it asks where elements are.
    fn asks_where(&self) -> bool;
    /// Bytes of a state.
    fn state_bytes(&self) -> usize;
    /// Bytes that are in use besides while a chunk of this shape is reduced: where whole rows are added to rows of states, these, and rows that wait.
    fn pass_bytes(&self, shape: &[usize], axes: &[bool]) -> usize;
    /// Begins with a chunk that has this shape along the kept axes.
    fn begin(&self, kept: &[usize]) -> Result<Box<dyn Reducer + '_>, Error>;
    /// The states of several blocks of states; `count` if nothing follows, and elements come out.
    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Result<Block, Error>;
}

/// Rows of so few elements are reduced many by one call: more fill enough vectors by themselves.
const SHORT_ROW: usize = 64;

/// A reduction of one chunk, while tiles of it come by.
pub(crate) trait Reducer {
    /// A piece of a row, which becomes one state.
    fn piece(&mut self, tile: &Tile<'_>, result: Arg, first: u64);
    /// The row is over; its state is that in `slot`.
    fn end_row(&mut self, slot: usize);
    /// Rows of `len` elements, all of the tile.
    fn short_rows(&mut self, tile: &Tile<'_>, result: Arg, len: usize, runs: &[Run]);
    /// Rows begin that are added to one row of states, in pieces of these lengths.
    fn begin_columns(&mut self, pieces: &[usize]);
    /// A piece of several such rows, the first one at `at` and the others `stride` apart.
    fn column_piece(&mut self, piece: usize, tile: &Tile<'_>, result: Arg, at: u64, stride: u64);
    /// The rows are over; their states begin in `slot`.
    fn end_columns(&mut self, slot: usize);
    /// The states, in a block whose shape is that of the kept axes.
    fn finish(self: Box<Self>, kept: Dims) -> Block;
}

/// Rows whose slots follow each other, and which all begin at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    rows: usize,
    slot: usize,
    first: u64,
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

/// The states of a chunk for each of the reductions, in one pass over it.
pub(crate) fn reduce_chunk(
    chunk: &ChunkOf<'_>,
    reductions: &[Arc<dyn AnyReduction>],
) -> Result<Vec<Block>, Error> {
    let kept = kept(chunk.shape, chunk.axes);
    let asks_where = reductions.iter().any(|reduction| reduction.asks_where());
    let blocks = &chunk.program.read(chunk.origin, chunk.shape, chunk.blocks)?;
    let mut pass = Pass {
        chunk,
        tile: chunk.program.tile(chunk.origin, chunk.shape, blocks),
        reducers: reductions
            .iter()
            .map(|reduction| reduction.begin(&kept))
            .collect::<Result<_, _>>()?,
    };
    pass.all(&Groups::new(chunk, asks_where))?;
    Ok(pass.reducers.into_iter().map(|reducer| reducer.finish(kept.clone())).collect())
}

impl<R: Reduction> AnyReduction for R {
    fn asks_where(&self) -> bool {
        R::ASKS_WHERE
    }

    fn state_bytes(&self) -> usize {
        size_of::<R::State>()
    }

    fn pass_bytes(&self, shape: &[usize], axes: &[bool]) -> usize {
        let (rows, len) = rows_added(shape, axes);
        let waiting = if self.gathers_rows() { ROWS * size_of::<R::In>() } else { 0 };
        len.saturating_mul(rows_of_states(rows) * size_of::<R::State>() + waiting)
    }

    fn begin(&self, kept: &[usize]) -> Result<Box<dyn Reducer + '_>, Error> {
        let states = array_of(kept, self.nothing())?.into_raw_vec_and_offset().0;
        let (row, lanes) = (Cascade::default(), Vec::new());
        Ok(Box::new(OneChunk { reduction: self, states, row, lanes }))
    }

    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Result<Block, Error> {
        let (first, rest) = blocks.split_first().expect("a grid has at least one chunk");
        let shape = first.shape.clone();
        let Some(count) = count else {
            if rest.is_empty() {
                return Ok(first.clone());
            }
            let mut own = copied(&shape, first.memory::<R::State>())?;
            for block in rest {
                self.combine_rows(&mut own, block.memory::<R::State>());
            }
            return Ok(Block::from_buffer(own, shape));
        };
        let Some(mut least) = first.memory::<R::State>().first().copied() else {
            return Ok(Block::from_buffer::<R::Out>(Vec::new(), shape));
        };
        rest.iter().for_each(|block| self.combine(&mut least, &block.memory::<R::State>()[0]));
        let mut out = buffer(&shape, self.finish(&least, count))?;
        // Some at a time, so that states of all are not there besides elements of all.
        let mut own: Vec<R::State> = Vec::with_capacity(TILE.min(out.len()));
        for (number, out) in out.chunks_mut(TILE).enumerate() {
            let some = number * TILE..number * TILE + out.len();
            own.clear();
            own.extend_from_slice(&first.memory::<R::State>()[some.clone()]);
            for block in rest {
                self.combine_rows(&mut own, &block.memory::<R::State>()[some.clone()]);
            }
            for (out, state) in out.iter_mut().zip(&own) {
                *out = self.finish(state, count);
            }
        }
        Ok(Block::from_buffer(out, shape))
    }
}

/// The lengths along the axes that stay.
pub(crate) fn kept(shape: &[usize], axes: &[bool]) -> Dims {
    shape.iter().zip(axes).filter(|&(_, is_reduced)| !is_reduced).map(|(&len, _)| len).collect()
}

/// How many whole rows of a chunk are added to one row of states, and how long these are; none, where a row becomes one state.
fn rows_added(shape: &[usize], axes: &[bool]) -> (usize, usize) {
    let inner = shape.iter().zip(axes).rev().filter(|&(&len, _)| len != 1);
    let (mut rows, mut len) = (1_usize, None);
    for (&along, &is_reduced) in inner {
        match (is_reduced, len) {
            (true, None) => return (0, 0),
            (true, Some(_)) => rows = rows.saturating_mul(along),
            (false, _) if rows > 1 => break,
            (false, _) => len = Some(len.unwrap_or(1_usize).saturating_mul(along)),
        }
    }
    len.map_or((0, 0), |len| (rows, len))
}

/// How many rows of states there are while so many rows are added to them: one that rows are added to, and, of [`ROWS_TOGETHER`] rows each, those that wait for each other to be combined pairwise.
fn rows_of_states(rows: usize) -> usize {
    let carried = rows.saturating_sub(1) / ROWS_TOGETHER;
    carried.checked_ilog2().map_or(1, |levels| 2 + levels as usize)
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

/// Pieces of a row of `len` elements, all but the last of this length: about even, none more than a tile, and without a rest that vectors don't fill.
fn even(len: usize) -> usize {
    let piece = len.div_ceil(len.div_ceil(TILE).max(1)).max(1);
    if piece < len { piece.next_multiple_of(LANES) } else { piece }
}

/// A chunk that is being reduced.
struct Pass<'a, 'b> {
    chunk: &'a ChunkOf<'a>,
    tile: Tile<'b>,
    reducers: Vec<Box<dyn Reducer + 'a>>,
}

impl Pass<'_, '_> {
    fn all(&mut self, groups: &Groups) -> Result<(), Error> {
        let first = first_of(self.chunk);
        if self.chunk.shape.contains(&0) {
            return Ok(());
        }
        match groups.groups[..] {
            [] => self.rows(&[], 1, first),
            [ref outer @ .., Group { len, is_reduced: true, .. }] => self.rows(outer, len, first),
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

    /// The rows as runs: along the innermost group, if that is kept.
    fn runs(outer: &[Group], rows: Range<usize>, first: u64) -> SmallVec<[Run; 4]> {
        let mut runs = SmallVec::new();
        let most = outer.last().map_or(1, |inner| if inner.is_reduced { 1 } else { inner.len });
        let mut row = rows.start;
        while row < rows.end {
            let (slot, at) = Self::row(outer, row);
            let rows = (most - row % most).min(rows.end - row);
            runs.push(Run { rows, slot, first: first + at });
            row += rows;
        }
        runs
    }

    /// Computes a tile, and hands it to each reducer.
    fn tile(
        &mut self,
        start: usize,
        n: usize,
        mut f: impl FnMut(&mut dyn Reducer, &Tile<'_>, Arg),
    ) -> Result<(), Error> {
        self.chunk.program.run_tile(&mut self.tile, start, n)?;
        for reducer in &mut self.reducers {
            f(&mut **reducer, &self.tile, self.chunk.program.result);
        }
        Ok(())
    }

    /// Rows of `len` elements, which are neighbours, become one state each.
    fn rows(&mut self, outer: &[Group], len: usize, first: u64) -> Result<(), Error> {
        let count: usize = outer.iter().map(|group| group.len).product();
        let per_tile = if len >= TILE { 1 } else { TILE / len };
        let as_it_lies = self.chunk.program.is_read_as_it_lies(&self.tile);
        for row in (0..count).step_by(per_tile) {
            let rows = row..count.min(row + per_tile);
            if rows.len() > 1 {
                let (start, n) = (row * len, rows.len() * len);
                let runs = Self::runs(outer, rows, first);
                self.tile(start, n, |reducer, tile, result| {
                    reducer.short_rows(tile, result, len, &runs)
                })?;
                continue;
            }
            let (slot, at) = Self::row(outer, row);
            // Several reducers read a piece one after the other, while it is in the cache.
            let piece = if as_it_lies && self.reducers.len() == 1 { len } else { even(len) };
            for from in (0..len).step_by(piece) {
                let place = first + at + from as u64;
                let n = piece.min(len - from);
                self.tile(row * len + from, n, |reducer, tile, result| {
                    reducer.piece(tile, result, place)
                })?;
            }
            self.reducers.iter_mut().for_each(|reducer| reducer.end_row(slot));
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
        // Of short rows several make a tile, and of rows that lie in memory one after the other.
        let (piece, per_tile) = match len >= TILE / 4 {
            true if self.chunk.program.is_read_as_it_lies(&self.tile) => (len, ROWS_TOGETHER),
            true => (even(len), 1),
            false => (len, TILE / len),
        };
        let pieces: SmallVec<[usize; 16]> =
            (0..len).step_by(piece).map(|from| piece.min(len - from)).collect();
        for number in 0..count {
            let (slot, at) = Self::row(outer, number);
            self.reducers.iter_mut().for_each(|reducer| reducer.begin_columns(&pieces));
            // Rows in their order, so that memory is read as it lies, and of each row the pieces.
            for row in (0..rows.len).step_by(per_tile) {
                let rows_now = per_tile.min(rows.len - row);
                let at = first + at + row as u64 * rows.stride;
                for (part, n) in pieces.iter().enumerate() {
                    let start = (number * rows.len + row) * len + part * piece;
                    self.tile(start, n * rows_now, |reducer, tile, result| {
                        reducer.column_piece(part, tile, result, at, rows.stride);
                    })?;
                }
            }
            self.reducers.iter_mut().for_each(|reducer| reducer.end_columns(slot * len));
        }
        Ok(())
    }
}

/// A reduction of one chunk, and its states so far.
struct OneChunk<'a, R: Reduction> {
    reduction: &'a R,
    states: Vec<R::State>,
    /// Of the row at hand.
    row: Cascade<R::State>,
    /// Of the rows at hand, for each piece of them.
    lanes: Vec<Lanes<R::In, R::State>>,
}

impl<R: Reduction> Reducer for OneChunk<'_, R> {
    fn piece(&mut self, tile: &Tile<'_>, result: Arg, first: u64) {
        let values = match tile.operand::<R::In>(result) {
            Operand::Slice(values) => values,
            Operand::Splat(value) => {
                let state = self.reduction.splat(value, tile.n, first);
                return self.row.push(self.reduction, state);
            }
        };
        let mut first = first;
        for values in values.pieces(even(values.len())) {
            self.row.push(self.reduction, self.reduction.run(values, first));
            first += values.len() as u64;
        }
    }

    fn end_row(&mut self, slot: usize) {
        if let Some(state) = std::mem::take(&mut self.row).finish(self.reduction) {
            self.reduction.combine(&mut self.states[slot], &state);
        }
    }

    fn short_rows(&mut self, tile: &Tile<'_>, result: Arg, len: usize, runs: &[Run]) {
        let values = tile.operand::<R::In>(result);
        let mut done = 0;
        for &Run { rows, slot, first } in runs {
            let states = &mut self.states[slot..][..rows];
            match values {
                Operand::Slice(values) => {
                    let values = &values[done * len..][..rows * len];
                    match len <= SHORT_ROW {
                        true => self.reduction.short_rows(states, values, first),
                        false => each_row(self.reduction, states, values, first),
                    }
                }
                Operand::Splat(value) => {
                    let state = self.reduction.splat(value, len, first);
                    states.iter_mut().for_each(|all| self.reduction.combine(all, &state));
                }
            }
            done += rows;
        }
    }

    fn begin_columns(&mut self, pieces: &[usize]) {
        self.lanes = pieces.iter().map(|&n| Lanes::new(self.reduction, n)).collect();
    }

    fn column_piece(&mut self, piece: usize, tile: &Tile<'_>, result: Arg, at: u64, stride: u64) {
        let lanes = &mut self.lanes[piece];
        let n = lanes.len();
        let same;
        let values = match tile.operand::<R::In>(result) {
            Operand::Slice(values) => values.slice(),
            Operand::Splat(value) => {
                same = vec![value; tile.n];
                &same
            }
        };
        debug_assert_eq!(values.len() % n, 0);
        lanes.add_rows(self.reduction, values, at, stride);
    }

    fn end_columns(&mut self, slot: usize) {
        let mut rest = &mut self.states[slot..];
        for lanes in std::mem::take(&mut self.lanes) {
            let (states, after) = rest.split_at_mut(lanes.len());
            lanes.finish(self.reduction, states);
            rest = after;
        }
    }

    fn finish(self: Box<Self>, kept: Dims) -> Block {
        Block::from_buffer(self.states, kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_where_the_last_axis_stays() {
        let of = |shape: &[usize], axes: &[bool]| rows_added(shape, axes);
        assert_eq!(of(&[4, 5], &[true, false]), (4, 5));
        assert_eq!(of(&[4, 1, 5, 1], &[true, true, false, true]), (4, 5));
        assert_eq!(of(&[7, 4, 2, 5], &[false, true, false, false]), (4, 10));
        assert_eq!(of(&[4, 5], &[false, true]), (0, 0));
        assert_eq!(of(&[1, 5], &[true, false]), (1, 5));
        assert_eq!(of(&[1, 1], &[true, false]), (0, 0));
        assert_eq!(of(&[], &[]), (0, 0));
        // 32 rows are added to each; after 128 there are rows of 64 and 32, those at hand, and new ones.
        assert_eq!(
            [0, 1, 32, 33, 64, 65, 97, 129, 1000].map(rows_of_states),
            [1, 1, 1, 2, 2, 3, 3, 4, 6]
        );
    }
}
