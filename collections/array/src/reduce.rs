//! Reductions: elements along axes become one.
//!
//! In: a [`Reduction`], which says how elements go into a state, how states become one, and what comes of it. Out: for each chunk of the input, or for some that are thin, a block of states,
//! combined in a tree whose form the grid alone decides: the same bits for any number of workers, on one kind of processor.
//!
//! ```text
//! a chunk, axes in C order, neighbours of one kind made one:
//! [kept, reduced]   rows become one state each:        Reduction::run     on pieces of a row
//! [reduced, kept]   rows are added to a row of states: Reduction::lanes   on pieces of a row
//! ```
//! Short rows are several to a tile: `Reduction::short_rows`.
//!
//! Not here: which reductions there are (`reductions`, `variance`), in which order elements come by (`pass`), and in which order states are combined (`states`).

use crate::ahead::Values;
use crate::block::Block;
use crate::error::Error;
use crate::grid::Dims;
use crate::pass::{Run, even};
use crate::pool::buffer;
use crate::reductions::ROWS;
use crate::states::{Cascade, Lanes, ROWS_TOGETHER};
use crate::tile::{Arg, Operand, TILE, Tile};

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
    /// Bytes that are in use besides while a chunk of this shape is reduced: where whole rows are added to rows of states, these, and rows that wait; of a piece of them only, if it goes by pieces.
    fn pass_bytes(&self, shape: &[usize], axes: &[bool], is_by_pieces: bool) -> usize;
    /// Begins with a chunk that has this shape along the kept axes.
    fn begin(&self, kept: &[usize]) -> Result<Box<dyn Reducer + '_>, Error>;
    /// The states of several blocks of states; `count` if nothing follows, and elements come out.
    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Result<Block, Error>;
}

/// Rows of so few elements are reduced many by one call: more fill enough vectors by themselves.
const SHORT_ROW: usize = 64;

/// A reduction of chunks, while tiles of them come by.
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

impl<R: Reduction> AnyReduction for R {
    fn asks_where(&self) -> bool {
        R::ASKS_WHERE
    }

    fn state_bytes(&self) -> usize {
        size_of::<R::State>()
    }

    fn pass_bytes(&self, shape: &[usize], axes: &[bool], is_by_pieces: bool) -> usize {
        let (rows, mut len) = rows_added(shape, axes);
        if is_by_pieces && len == kept(shape, axes).iter().product() {
            len = len.min(TILE);
        }
        let waiting = if self.gathers_rows() { ROWS * size_of::<R::In>() } else { 0 };
        len.saturating_mul(rows_of_states(rows) * size_of::<R::State>() + waiting)
    }

    fn begin(&self, kept: &[usize]) -> Result<Box<dyn Reducer + '_>, Error> {
        let mut states = buffer(kept, self.nothing())?;
        states.fill(self.nothing());
        let (row, lanes) = (Cascade::default(), Vec::new());
        Ok(Box::new(Reducing { reduction: self, states, row, lanes }))
    }

    fn combine(&self, blocks: &[Block], count: Option<u64>) -> Result<Block, Error> {
        let (first, rest) = blocks.split_first().expect("a grid has at least one chunk");
        let shape = first.shape.clone();
        let Some(count) = count else {
            if rest.is_empty() {
                return Ok(first.clone());
            }
            let states = first.memory::<R::State>();
            let mut own = match states.first() {
                Some(&least) => buffer(&shape, least)?,
                None => Vec::new(),
            };
            own.copy_from_slice(states);
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

/// A reduction, and its states so far.
struct Reducing<'a, R: Reduction> {
    reduction: &'a R,
    states: Vec<R::State>,
    /// Of the row at hand.
    row: Cascade<R::State>,
    /// Of the rows at hand, for each piece of them.
    lanes: Vec<Lanes<R::In, R::State>>,
}

impl<R: Reduction> Reducer for Reducing<'_, R> {
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
