//! Where the elements of an array that is cut anew lie in temporary files meanwhile: pure data.
//!
//! In: the chunks that there are, the chunks that are wanted, and how many bytes a task may hold. Out: a [`Layout`]. Boundaries that both grids have cut the array into *parts*, none of which
//! needs anything of another: each has a file. Old chunks of a part that are neighbours are taken together as a *group*, if new chunks would else be made of many small pieces, and so are new chunks. What a group and a
//! new chunk have in common, a *piece*, lies in one stretch of the file; the pieces of a new chunk lie one after the other, and so do the new chunks.
//!
//! ```text
//! old chunks  1 1 1 1 1 1     new chunks  a a | b b | c c     file   a1 a3 | b1 b3 | c1 c3
//!             2 2 2 2 2 2                 a a | b b | c c            groups 1 = {1, 2} and 3 = {3}
//!             3 3 3 3 3 3                 a a | b b | c c            written: 3 pieces a group; read: one stretch a chunk
//! ```
//! - `L1` A group lies in one part, and so does a new chunk; a group is made of whole old chunks.

use crate::coarse::{merged, parts};
use crate::grid::{Dims, Grid, position};
use crate::rearrange::region_of;
use std::ops::Range;

/// Pieces that are smaller on average are made larger, as far as a task may hold so much: a call to the system should be small beside what it copies.
const PIECE_BYTES: usize = 64 << 10;

/// New chunks of at most so many groups wait for these alone: that is as many edges for each.
const CLOSE_MAX: usize = 8;

/// Old chunks, new ones, and what lies between.
pub(crate) struct Layout {
    pub(crate) old: Grid,
    pub(crate) new: Grid,
    pub(crate) parts: Grid,
    pub(crate) groups: Grid,
    /// Bytes of an element.
    pub(crate) size: usize,
}

impl Layout {
    /// From chunks `old` to `new` of the same array; old chunks are taken together up to so many bytes, and so are new ones: what is wanted is then a part of one.
    pub(crate) fn new(old: &Grid, new: &Grid, size: usize, group_bytes: usize) -> Layout {
        let parts = parts(old, new);
        let groups = merged(old, new, size, PIECE_BYTES, group_bytes);
        let new = merged(new, &groups, size, PIECE_BYTES, group_bytes);
        Layout { old: old.clone(), new, parts, groups, size }
    }

    /// Of chunks that stay as they are: all in one file.
    pub(crate) fn unchanged(grid: &Grid, size: usize) -> Layout {
        let shape: Dims =
            (0..grid.rank()).map(|axis| grid.bounds(axis).last().copied().unwrap_or(0)).collect();
        let (old, new, groups) = (grid.clone(), grid.clone(), grid.clone());
        Layout { old, new, parts: Grid::whole(&shape), groups, size }
    }

    /// Whether each new chunk is made of few groups: then it need not wait for the others of its part.
    pub(crate) fn is_close(&self) -> bool {
        let most = |axis: usize| {
            let count = |at: usize| {
                let range = self.new.range(axis, at);
                self.groups.chunk_at(axis, range.end.saturating_sub(1).max(range.start))
                    - self.groups.chunk_at(axis, range.start)
                    + 1
            };
            (0..self.new.count_along(axis)).map(count).max().unwrap_or(1)
        };
        (0..self.new.rank()).map(most).product::<usize>() <= CLOSE_MAX
    }

    /// Where a group lies.
    pub(crate) fn group(&self, number: usize) -> Vec<Range<usize>> {
        region_of(&self.groups, &position(number, &self.groups.counts()))
    }

    /// Where a part lies.
    pub(crate) fn part(&self, number: usize) -> Vec<Range<usize>> {
        region_of(&self.parts, &position(number, &self.parts.counts()))
    }

    /// Where the part lies that an element is in (`L1`).
    fn part_of(&self, region: &[Range<usize>]) -> Dims {
        let along = |(axis, range): (usize, &Range<usize>)| self.parts.chunk_at(axis, range.start);
        region.iter().enumerate().map(along).collect()
    }

    /// The number of the part that a region is in, which is in one.
    pub(crate) fn part_number(&self, region: &[Range<usize>]) -> usize {
        crate::grid::number(&self.part_of(region), &self.parts.counts())
    }

    /// The byte of its part's file with which a new chunk begins.
    pub(crate) fn start_of_chunk(&self, chunk: &[Range<usize>]) -> u64 {
        let part = region_of(&self.parts, &self.part_of(chunk));
        (before(&part, chunk) * self.size) as u64
    }

    /// The byte of its part's file with which a piece of a new chunk begins.
    pub(crate) fn start_of_piece(&self, chunk: &[Range<usize>], piece: &[Range<usize>]) -> u64 {
        self.start_of_chunk(chunk) + (before(chunk, piece) * self.size) as u64
    }
}

/// What two regions have in common.
pub(crate) fn both(a: &[Range<usize>], b: &[Range<usize>]) -> Vec<Range<usize>> {
    a.iter().zip(b).map(|(a, b)| a.start.max(b.start)..a.end.min(b.end)).collect()
}

/// How many elements of `whole` come before `inner`, if `whole` is cut by a grid of which `inner` is a chunk, and chunks lie in C order one after the other.
fn before(whole: &[Range<usize>], inner: &[Range<usize>]) -> usize {
    let mut left: usize = whole.iter().map(Range::len).product();
    let (mut before, mut prefix) = (0, 1);
    for (whole, inner) in whole.iter().zip(inner) {
        left = left.checked_div(whole.len()).unwrap_or(0);
        before += prefix * (inner.start - whole.start) * left;
        prefix *= inner.len();
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;
    use crate::rearrange::{each_in, overlapping};

    fn grid(shape: &[usize], chunks: impl Into<Chunks>) -> Grid {
        Grid::new(shape, &chunks.into(), 8).unwrap()
    }

    /// Checks that the pieces lie in the files without gaps and in the order in which they are read.
    fn check(layout: &Layout) {
        let mut ends = vec![0; layout.parts.count()];
        let all: Vec<_> = layout.new.counts().iter().map(|&count| 0..count).collect();
        let mut chunks = Vec::new();
        each_in(&all, |chunk| chunks.push(region_of(&layout.new, chunk)));
        // In the order of the file of each part, which is that of the whole grid.
        for chunk in chunks {
            let part = layout.part_number(&chunk);
            assert_eq!(layout.start_of_chunk(&chunk), ends[part]);
            each_in(&overlapping(&layout.groups, &chunk), |group| {
                let piece = both(&region_of(&layout.groups, group), &chunk);
                assert_eq!(layout.start_of_piece(&chunk, &piece), ends[part]);
                let elements: usize = piece.iter().map(Range::len).product();
                ends[part] += (elements * layout.size) as u64;
            });
        }
        let whole: usize = (0..layout.old.rank())
            .map(|axis| layout.old.bounds(axis)[layout.old.count_along(axis)])
            .product();
        assert_eq!(ends.iter().sum::<u64>(), (whole * layout.size) as u64);
    }

    #[test]
    fn pieces_lie_one_after_the_other_in_the_order_of_reading() {
        let shape = [12, 10, 7];
        for (old, new) in
            [([1, 10, 7], [12, 1, 7]), ([5, 3, 2], [4, 10, 3]), ([4, 5, 7], [2, 10, 1])]
        {
            for group_bytes in [0, 500, 10_000] {
                let layout = Layout::new(&grid(&shape, old), &grid(&shape, new), 8, group_bytes);
                check(&layout);
                assert!(layout.old.refines(&layout.groups) && layout.groups.refines(&layout.parts));
                assert!(layout.new.refines(&layout.parts));
            }
        }
        check(&Layout::new(&grid(&[], 1), &grid(&[], 1), 8, 0));
        check(&Layout::unchanged(&grid(&shape, [5, 3, 2]), 8));
    }

    #[test]
    fn chunks_that_few_groups_make_wait_for_these() {
        let (old, new) = (grid(&[64, 64], [1, 64]), grid(&[64, 64], [64, 1]));
        assert!(Layout::unchanged(&old, 8).is_close());
        assert!(!Layout::new(&old, &new, 8, 0).is_close());
        let layout = Layout::new(&old, &new, 8, 8 * 64 * 8);
        assert_eq!((layout.groups.count(), layout.new.count()), (8, 8));
        assert!(layout.is_close() && new.refines(&layout.new));
        assert!(Layout::new(&old, &grid(&[64, 64], [2, 9]), 8, 0).is_close());
    }
}
