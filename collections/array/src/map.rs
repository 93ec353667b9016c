//! Which element of one array an element of another one is: pure data.
//!
//! In: slices, transpositions, broadcasts, as they are written. Out: a [`Map`], which says for each axis of the *source* where on it the element
//! of the *result* at an index lies: at a fixed position, or at `start + step * index[of]` of one axis of the result. Slicing with any
//! step, transposing, flipping, broadcasting, inserting and removing axes are all maps of this kind, and one after the other they are one.
//!
//! ```text
//! x.t()               source axis 0: index[1]           source axis 1: index[0]
//! x.slice(2..;3, 5)   source axis 0: 2 + 3 * index[0]   source axis 1: 5
//! ```
//! - `M1` Every index within the result's shape gives a position within the source's.
//!
//! Not here: choices by a list of indices, which are tasks of their own.

use crate::grid::{Dims, Grid};
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// Where on one axis of the source an element of the result lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Along {
    /// The axis of the result whose index counts.
    pub(crate) of: Option<usize>,
    pub(crate) start: usize,
    pub(crate) step: isize,
}

impl Along {
    pub(crate) fn fixed(start: usize) -> Along {
        Along { of: None, start, step: 0 }
    }

    pub(crate) fn axis(of: usize) -> Along {
        Along { of: Some(of), start: 0, step: 1 }
    }

    /// The position on the source's axis, of the result's index.
    pub(crate) fn position(&self, index: &[usize]) -> usize {
        let Some(of) = self.of else { return self.start };
        // M1: it is within the axis, so nothing wraps in the end.
        self.start.wrapping_add_signed((index[of] as isize).wrapping_mul(self.step))
    }
}

/// Where the elements of a result are in their source (`M1`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Map(pub(crate) SmallVec<[Along; 4]>);

impl Map {
    pub(crate) fn identity(rank: usize) -> Map {
        Map((0..rank).map(Along::axis).collect())
    }

    /// Of an array of shape `source` that is broadcast to `rank` axes: shapes are aligned at their ends, and axes of length 1 repeat.
    pub(crate) fn broadcast(source: &[usize], result: &[usize]) -> Map {
        let new = result.len() - source.len();
        let along = |(axis, &len): (usize, &usize)| match len == 1 && result[new + axis] != 1 {
            true => Along::fixed(0),
            false => Along::axis(new + axis),
        };
        Map(source.iter().enumerate().map(along).collect())
    }

    /// This map, of what `inner` takes from its source: the elements of our result in that source.
    pub(crate) fn after(&self, inner: &Map) -> Map {
        let along = |inner: &Along| {
            let Some(of) = inner.of else { return *inner };
            let outer = self.0[of];
            let start =
                inner.start.wrapping_add_signed((outer.start as isize).wrapping_mul(inner.step));
            match outer.of {
                None => Along::fixed(start),
                Some(of) => {
                    Along { of: Some(of), start, step: outer.step.wrapping_mul(inner.step) }
                }
            }
        };
        Map(inner.0.iter().map(along).collect())
    }

    /// The position in the source of the element at `index` of the result.
    pub(crate) fn position(&self, index: &[usize]) -> Dims {
        self.0.iter().map(|along| along.position(index)).collect()
    }

    /// The least box of the source that holds all that a box of the result is made of; an empty one, if that is empty.
    pub(crate) fn region(&self, origin: &[usize], shape: &[usize]) -> Vec<Range<usize>> {
        let is_empty = shape.contains(&0);
        let along = |along: &Along| {
            let first = along.position(origin);
            if is_empty {
                return first..first;
            }
            let steps = along.of.map_or(0, |of| shape[of].saturating_sub(1));
            // M1: both are within the axis.
            let last = first.wrapping_add_signed((steps as isize).wrapping_mul(along.step));
            first.min(last)..first.max(last) + 1
        };
        self.0.iter().map(along).collect()
    }

    /// The boundaries that the source's chunks make along the axes of the result: of a chunk of the result, all lies in one chunk of the source.
    pub(crate) fn bounds(&self, grid: &Grid, shape: &[usize]) -> Vec<(usize, Arc<[usize]>)> {
        let mut all = Vec::new();
        for (axis, along) in self.0.iter().enumerate() {
            let Some(of) = along.of else { continue };
            let len = shape[of];
            if along.start == 0 && along.step == 1 && grid.bounds(axis).last() == Some(&len) {
                all.push((of, grid.bounds(axis).clone()));
                continue;
            }
            let mut bounds = vec![0];
            let mut at = 0;
            while at < len {
                let position = along.start.wrapping_add_signed(at as isize * along.step);
                let range = grid.range(axis, grid.chunk_at(axis, position));
                // How many more indices stay in the chunk.
                let room = match along.step {
                    0 => len,
                    step if step > 0 => (range.end - 1 - position) / step as usize,
                    step => (position - range.start) / step.unsigned_abs(),
                };
                at = len.min((at + 1).saturating_add(room));
                bounds.push(at);
            }
            if len == 0 {
                bounds.push(0);
            }
            all.push((of, bounds.into()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;

    #[test]
    fn maps_one_after_the_other_are_one() {
        // x of shape [10, 6]; y = x[9..;-2, 1..]; z = y.t()[2.., ..]
        let y = Map(SmallVec::from_slice(&[
            Along { of: Some(0), start: 9, step: -2 },
            Along { of: Some(1), start: 1, step: 1 },
        ]));
        let z = Map(SmallVec::from_slice(&[
            Along { of: Some(1), start: 0, step: 1 },
            Along { of: Some(0), start: 2, step: 1 },
        ]));
        let both = z.after(&y);
        for i in 0..3 {
            for j in 0..5 {
                assert_eq!(both.position(&[i, j]), y.position(&z.position(&[i, j])));
            }
        }
        assert_eq!(both.position(&[0, 0])[..], [9, 3]);
    }

    #[test]
    fn regions_hold_first_and_last() {
        let map = Map(SmallVec::from_slice(&[
            Along { of: Some(0), start: 9, step: -2 },
            Along::fixed(4),
            Along { of: Some(1), start: 1, step: 3 },
        ]));
        assert_eq!(map.region(&[1, 0], &[3, 2]), [3..8, 4..5, 1..5]);
        assert_eq!(map.region(&[1, 0], &[3, 0]), [7..7, 4..4, 1..1]);
    }

    #[test]
    fn boundaries_of_slices_follow_the_chunks() {
        let grid = Grid::new(&[10], &Chunks::from(4), 8).unwrap();
        let bounds = |start, step, len| {
            let map = Map(SmallVec::from_slice(&[Along { of: Some(0), start, step }]));
            map.bounds(&grid, &[len])[0].1.to_vec()
        };
        assert_eq!(bounds(0, 1, 10), [0, 4, 8, 10]);
        assert_eq!(bounds(1, 3, 3), [0, 1, 3]);
        assert_eq!(bounds(9, -1, 10), [0, 2, 6, 10]);
        assert_eq!(bounds(9, -2, 5), [0, 1, 3, 5]);
        assert_eq!(bounds(3, 1, 0), [0, 0]);
    }
}
