//! What lies across the order in which it is read, as a transposed block: put into that order a few rows at a time, in squares that the cache holds.
//!
//! In: a [`Walk`] whose neighbours are not along its innermost axis, and the stretch of elements that a tile needs. Out: where these are in a patch, a copy of some columns, also of the rows
//! that come next, or in a register, if the tile is not within a patch.
//!
//! ```text
//! read in rows, lies in columns    1 1 1 1 | 2 2 2 2     a tile needs four of a row: patch 1 has those of the rows below too,
//!                                  1 1 1 1 | 2 2 2 2     and is made anew when others are asked for
//!                                  . . . .   . . . .
//! ```
//! All patches together are some rows, however many there are: [`Walk::rows_turned`].
//!
//! Not here: what has to be turned ([`Walk::neighbours`]).

use crate::block::Block;
use crate::tile::{Loaded, Register, Type};
use crate::walk::Walk;
use std::ops::Range;

/// A copy of some columns of some rows.
struct Patch {
    rows: Range<usize>,
    /// Its elements, row by row.
    register: Register,
}

/// The patches of a leaf.
pub(crate) struct Turned<'a> {
    block: &'a Block,
    along: usize,
    /// How many columns a row has, how many of them a patch has, which the first tile says, and how many rows.
    width: usize,
    columns: usize,
    rows: usize,
    /// In the order of their columns.
    patches: Vec<Option<Patch>>,
}

impl<'a> Turned<'a> {
    /// Of a block that the walk leads across, if it does.
    pub(crate) fn new(block: &'a Block, walk: &Walk, size: usize) -> Option<Turned<'a>> {
        let along = walk.neighbours()?;
        let (width, rows) = (walk.width(along), walk.rows_turned(along, size));
        Some(Turned { block, along, width, columns: 0, rows, patches: Vec::new() })
    }

    /// The block whose elements they are.
    pub(crate) fn block(&self) -> &'a Block {
        self.block
    }

    /// Elements of a patch.
    pub(crate) fn patch(&self, number: usize) -> &Register {
        let patch = self.patches[number].as_ref();
        &patch.expect("what is loaded is in a patch").register
    }

    /// Gets the elements `start..start + n`: into a patch, or into the register.
    pub(crate) fn load(
        &mut self,
        of: &dyn Type,
        walk: &Walk,
        start: usize,
        n: usize,
        register: &mut Option<Register>,
    ) -> Loaded {
        if self.patches.is_empty() {
            self.columns = n.clamp(1, self.width);
            self.patches.resize_with(self.width.div_ceil(self.columns), || None);
        }
        let mut done = 0;
        while done < n {
            let (width, at) = (self.width, start + done);
            let (row, column) = (at / width, at % width);
            let number = column / self.columns;
            let first = number * self.columns;
            let columns = first..width.min(first + self.columns);
            let patch = self.fetched(of, walk, number, row, &columns);
            let at = (row - patch.rows.start) * columns.len() + column - first;
            // Whole rows follow each other.
            let next = row + 1 - patch.rows.start;
            let rows = if columns.len() == width { patch.rows.len() } else { next };
            let count = (n - done).min(rows * columns.len() - at);
            if count == n {
                return Loaded::Patch(number, at);
            }
            let register = register.get_or_insert_with(|| of.register());
            of.copy_part(&patch.register, at..at + count, register, done);
            done += count;
        }
        Loaded::Copied
    }

    /// The patch of these columns, with the row in it.
    fn fetched(
        &mut self,
        of: &dyn Type,
        walk: &Walk,
        number: usize,
        row: usize,
        columns: &Range<usize>,
    ) -> &Patch {
        let most = self.rows * columns.len();
        let patch = self.patches[number]
            .get_or_insert_with(|| Patch { rows: 0..0, register: of.registers(most) });
        if !patch.rows.contains(&row) {
            // Rows lie side by side as far as the axis goes.
            let len = walk.dims[self.along].0;
            patch.rows = row..(row + self.rows).min((row / len + 1) * len);
            let rows = patch.rows.clone();
            of.turn(self.block, walk, self.along, rows, columns.clone(), &mut patch.register);
        }
        patch
    }
}
