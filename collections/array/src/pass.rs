//! A pass over chunks that become one block of states: in which order their elements come by.
//!
//! In: chunks, one after the other along the reduced axes, and reductions. Out: a block of states for each reduction. Chunks that are rows of one row of states are gone through piece by piece of these, so
//! that their states stay in the cache; all else chunk by chunk.
//!
//! ```text
//! three chunks of two rows     a a a | b b b     order: a a a a a a, b b b b b b
//!                              a a a | b b b            the first piece of all rows, then the second one
//! ```
//! Not here: what becomes of elements (`reduce`), and which chunks go together (`thin`).

use crate::block::Block;
use crate::error::Error;
use crate::program::Program;
use crate::reduce::{AnyReduction, Reducer, kept};
use crate::reductions::LANES;
use crate::states::ROWS_TOGETHER;
use crate::tile::{Arg, TILE, Tile};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

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

/// Rows whose slots follow each other, and which all begin at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) rows: usize,
    pub(crate) slot: usize,
    pub(crate) first: u64,
}

/// The states of chunks for each of the reductions, in one pass over them; of what is read from files, so many chunks are there at once.
pub(crate) fn reduce_chunks(
    chunks: &[ChunkOf<'_>],
    at_once: usize,
    reductions: &[Arc<dyn AnyReduction>],
) -> Result<Vec<Block>, Error> {
    let kept = kept(chunks[0].shape, chunks[0].axes);
    let asks_where = reductions.iter().any(|reduction| reduction.asks_where());
    let mut reducers: Vec<_> =
        reductions.iter().map(|reduction| reduction.begin(&kept)).collect::<Result<_, _>>()?;
    let groups: Vec<Groups> = chunks.iter().map(|chunk| Groups::new(chunk, asks_where)).collect();
    let rows: Option<Vec<Group>> = groups.iter().map(Groups::rows).collect();
    match (rows, kept.iter().product()) {
        (_, 0) => {}
        (Some(rows), len) if chunks.len() > 1 => {
            let all: Vec<_> = chunks.iter().zip(rows).collect();
            columns_of_all(&all, len, at_once, &mut reducers)?;
        }
        _ => {
            for (chunk, groups) in chunks.iter().zip(&groups) {
                let blocks = &chunk.program.read(chunk.origin, chunk.shape, chunk.blocks)?;
                let tile = chunk.program.tile(chunk.origin, chunk.shape, blocks);
                Pass { chunk, tile, reducers: &mut reducers }.all(groups)?;
            }
        }
    }
    Ok(reducers.into_iter().map(|reducer| reducer.finish(kept.clone())).collect())
}

/// Rows of `len` elements of several chunks are added to one row of states.
fn columns_of_all(
    chunks: &[(&ChunkOf<'_>, Group)],
    len: usize,
    at_once: usize,
    reducers: &mut [Box<dyn Reducer + '_>],
) -> Result<(), Error> {
    let (piece, per_tile) = if len >= TILE / 4 { (even(len), 1) } else { (len, TILE / len) };
    let pieces = pieces(len, piece);
    // All rows of a piece come by before those of the next one, if all are there at once.
    let is_by_pieces = chunks.len() <= at_once;
    if !is_by_pieces {
        reducers.iter_mut().for_each(|reducer| reducer.begin_columns(&pieces));
    }
    for some in chunks.chunks(at_once.max(1)) {
        let read = |(chunk, _): &(&ChunkOf<'_>, Group)| {
            chunk.program.read(chunk.origin, chunk.shape, chunk.blocks).map(Cow::into_owned)
        };
        let blocks: Vec<Vec<Block>> = some.iter().map(read).collect::<Result<_, _>>()?;
        let with_blocks = some.iter().zip(&blocks);
        let mut tiles: Vec<Tile<'_>> = with_blocks
            .map(|((chunk, _), blocks)| chunk.program.tile(chunk.origin, chunk.shape, blocks))
            .collect();
        // The registers of one tile serve all of them, and stay in the cache.
        let mut registers = std::mem::take(&mut tiles[0].registers);
        for (part, &n) in pieces.iter().enumerate() {
            if is_by_pieces {
                reducers.iter_mut().for_each(|reducer| reducer.begin_columns(&[n]));
            }
            let number = if is_by_pieces { 0 } else { part };
            for ((chunk, rows), tile) in some.iter().zip(&mut tiles) {
                std::mem::swap(&mut registers, &mut tile.registers);
                for row in (0..rows.len).step_by(per_tile) {
                    let rows_now = per_tile.min(rows.len - row);
                    let at = first_of(chunk) + row as u64 * rows.stride;
                    chunk.program.run_tile(tile, row * len + part * piece, n * rows_now)?;
                    for reducer in &mut *reducers {
                        reducer.column_piece(number, tile, chunk.program.result, at, rows.stride);
                    }
                }
                std::mem::swap(&mut registers, &mut tile.registers);
            }
            if is_by_pieces {
                reducers.iter_mut().for_each(|reducer| reducer.end_columns(part * piece));
            }
        }
    }
    if !is_by_pieces {
        reducers.iter_mut().for_each(|reducer| reducer.end_columns(0));
    }
    Ok(())
}

/// The lengths of the pieces of a row.
fn pieces(len: usize, piece: usize) -> SmallVec<[usize; 16]> {
    (0..len).step_by(piece).map(|from| piece.min(len - from)).collect()
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

    /// The rows of a chunk, if all of them are added to one row of states.
    fn rows(&self) -> Option<Group> {
        match self.groups[..] {
            [Group { is_reduced: false, .. }] => {
                Some(Group { len: 1, is_reduced: true, stride: 1 })
            }
            [rows, Group { is_reduced: false, .. }] => Some(rows),
            _ => None,
        }
    }
}

/// The first element of the chunk, counted along the reduced axes of the whole array.
fn first_of(chunk: &ChunkOf<'_>) -> u64 {
    let axes = chunk.origin.iter().zip(chunk.whole).zip(chunk.axes);
    axes.filter(|(_, is_reduced)| **is_reduced)
        .fold(0, |first, ((&at, &len), _)| first * len as u64 + at as u64)
}

/// Pieces of a row of `len` elements, all but the last of this length: about even, none more than a tile, and without a rest that vectors don't fill.
pub(crate) fn even(len: usize) -> usize {
    let piece = len.div_ceil(len.div_ceil(TILE).max(1)).max(1);
    if piece < len { piece.next_multiple_of(LANES) } else { piece }
}

/// A chunk that is being reduced.
struct Pass<'a, 'b, 'c> {
    chunk: &'a ChunkOf<'a>,
    tile: Tile<'b>,
    reducers: &'a mut Vec<Box<dyn Reducer + 'c>>,
}

impl Pass<'_, '_, '_> {
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
        for reducer in &mut *self.reducers {
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
        let pieces = pieces(len, piece);
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
