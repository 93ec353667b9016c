//! Where elements lie on a line, and the way from one to the next.
//!
//! In: the shape of a chunk, where its first element lies, and strides. Out: a [`Walk`], which gives the stretches of elements in C order that lie evenly, and copies what is read across
//! its order in squares that the cache holds.
//!
//! Not here: what the elements are (`block`, `tile`).

use crate::tile::TILE;
use smallvec::SmallVec;
use std::ops::Range;

/// Shorter axes, and shorter ways, are read as they lie.
const TURNED_MIN: usize = 8;
/// The side of a square that is copied at once when axes are exchanged: lines of the cache for both sides of it fit into L1.
const SQUARE: usize = 32;
/// Of wide rows fewer are turned at once, so that they don't take more than this, but a line of the cache at least.
const TURNED_BYTES: usize = 256 << 10;

/// Where the elements of a chunk, taken in C order, lie on a line: start and strides, with neighbouring axes made one where they can be.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    start: usize,
    pub(crate) dims: SmallVec<[(usize, isize); 4]>,
}

impl Walk {
    /// Of a chunk of this shape whose first element lies at `start`.
    pub(crate) fn new(start: usize, shape: &[usize], strides: &[isize]) -> Walk {
        let mut dims: SmallVec<[(usize, isize); 4]> = SmallVec::new();
        for (&len, &stride) in shape.iter().zip(strides) {
            if len == 1 {
                continue;
            }
            match dims.last_mut() {
                Some((outer, outer_stride))
                    if *outer_stride == stride.wrapping_mul(len as isize) =>
                {
                    *outer *= len;
                    *outer_stride = stride;
                }
                _ => dims.push((len, stride)),
            }
        }
        Walk { start, dims }
    }

    /// Whether all elements are neighbours, or all the same one.
    pub(crate) fn is_flat(&self) -> bool {
        self.step_all().is_some()
    }

    /// Whether all elements are neighbours, in their order.
    pub(crate) fn is_one_run(&self) -> bool {
        self.step_all() == Some(1)
    }

    /// Where the first element lies.
    #[inline]
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Whether some elements are at one place.
    pub(crate) fn repeats(&self) -> bool {
        self.dims.iter().any(|&(_, step)| step == 0)
    }

    /// The step between all elements, if it is one.
    fn step_all(&self) -> Option<isize> {
        match self.dims[..] {
            [] => Some(0),
            [(_, step)] => Some(step),
            _ => None,
        }
    }

    /// The axis along which elements are neighbours, if it is not the innermost one and reading across it would take one element of each line of the cache
    /// again and again.
    pub(crate) fn neighbours(&self) -> Option<usize> {
        let (&(inner, step), outer) = self.dims.split_last()?;
        let along = outer
            .iter()
            .rposition(|&(len, stride)| stride.unsigned_abs() == 1 && len >= TURNED_MIN)?;
        let elements: usize = self.dims.iter().map(|&(len, _)| len).product();
        let is_long_way = step.unsigned_abs() >= TURNED_MIN && inner >= TURNED_MIN;
        (is_long_way && elements >= TILE).then_some(along)
    }

    /// How many elements a row has: what is inside of the axis.
    pub(crate) fn width(&self, along: usize) -> usize {
        self.dims[along + 1..].iter().map(|&(len, _)| len).product()
    }

    /// How many rows of what lies along this axis are turned at once, of elements of this size.
    pub(crate) fn rows_turned(&self, along: usize, size: usize) -> usize {
        let row = self.width(along).saturating_mul(size).max(1);
        (TURNED_BYTES / row).clamp(TURNED_MIN, SQUARE).min(self.dims[along].0)
    }

    /// Copies what it leads to in `memory` into C order, in squares that the cache holds: these rows of what lies along the axis, and of each these columns.
    pub(crate) fn copy_turned<S: Copy>(
        &self,
        memory: &[S],
        along: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        out: &mut [S],
    ) {
        let row_step = self.dims[along].1;
        let to_row = Walk { start: self.start, dims: self.dims[..=along].into() };
        let within = Walk { start: to_row.at(rows.start), dims: self.dims[along + 1..].into() };
        within.runs(columns.start, columns.len(), |at, step, run| {
            for first in run.clone().step_by(SQUARE) {
                let square = first..run.end.min(first + SQUARE);
                let at = at.wrapping_add_signed((first - run.start) as isize * step);
                for row in 0..rows.len() {
                    let from = at.wrapping_add_signed(row as isize * row_step);
                    let out = &mut out[row * columns.len()..][square.clone()];
                    for (column, out) in out.iter_mut().enumerate() {
                        *out = memory[from.wrapping_add_signed(column as isize * step)];
                    }
                }
            }
        });
    }

    /// Calls `run(position, step, range)` for the stretches of the elements `start..start + n` that lie evenly.
    pub(crate) fn runs(
        &self,
        start: usize,
        n: usize,
        mut run: impl FnMut(usize, isize, Range<usize>),
    ) {
        let Some((&(len, step), outer)) = self.dims.split_last() else {
            return if n > 0 {
                run(self.start, 0, 0..n)
            };
        };
        let mut done = 0;
        while done < n {
            let row = (start + done) / len;
            let at = (start + done) % len;
            let count = (len - at).min(n - done);
            let position = self.row(row, outer).wrapping_add_signed(at as isize * step);
            run(position, step, done..done + count);
            done += count;
        }
    }

    /// Where the element is that comes after so many, in C order.
    #[inline]
    pub(crate) fn at(&self, element: usize) -> usize {
        match self.dims[..] {
            [] => self.start,
            [(_, step)] => self.start.wrapping_add_signed(element as isize * step),
            _ => self.row(element, &self.dims),
        }
    }

    /// Where the given row of the innermost axis begins.
    fn row(&self, mut row: usize, outer: &[(usize, isize)]) -> usize {
        let mut position = self.start;
        for &(len, stride) in outer.iter().rev() {
            position = position.wrapping_add_signed((row % len) as isize * stride);
            row /= len;
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_gives_each_element_its_place() {
        // (2, 3, 4) with the axes turned round, of memory in C order of (4, 3, 2).
        let walk = Walk::new(5, &[2, 3, 4], &[1, 2, 6]);
        let mut found = vec![0; 24];
        for (start, n) in [(0, 7), (7, 10), (17, 7)] {
            walk.runs(start, n, |at, step, run| {
                for (count, place) in run.enumerate() {
                    found[start + place] = at.wrapping_add_signed(count as isize * step);
                }
            });
        }
        let expected: Vec<usize> =
            (0..24).map(|at| 5 + at / 12 + at / 4 % 3 * 2 + at % 4 * 6).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn axes_that_lie_one_after_the_other_are_one() {
        assert!(Walk::new(0, &[5, 1, 7], &[7, 99, 1]).is_flat());
        assert!(Walk::new(0, &[5, 7], &[0, 0]).is_flat());
        assert!(!Walk::new(0, &[5, 7], &[0, 1]).is_flat());
    }

    #[test]
    fn exchanged_axes_are_copied_to_their_places() {
        for (shape, strides, start) in
            [([40, 70], [1, 40], 0), ([40, 70], [-1, 40], 39), ([33, 65], [1, -33], 33 * 64)]
        {
            let walk = Walk::new(start, &shape, &strides);
            let memory: Vec<usize> = (0..40 * 70).collect();
            let (rows, columns) = (3..shape[0], 1..shape[1]);
            let mut out = vec![0; rows.len() * columns.len()];
            walk.copy_turned(&memory, 0, rows.clone(), columns.clone(), &mut out);
            for (at, &value) in out.iter().enumerate() {
                let (i, j) = (rows.start + at / columns.len(), 1 + at % columns.len());
                assert_eq!(
                    value as isize,
                    start as isize + i as isize * strides[0] + j as isize * strides[1]
                );
            }
        }
        // (a, b, c) seen as (b, a, c), in which c and a are far apart.
        let walk = Walk::new(0, &[9, 10, 16], &[1, 144, 9]);
        let (memory, mut out) = ((0..9 * 10 * 16).collect::<Vec<usize>>(), vec![0; 9 * 10 * 16]);
        walk.copy_turned(&memory, 0, 0..9, 0..160, &mut out);
        assert_eq!((out[1], out[16], out[160]), (9, 144, 1));
        // And as (c, a), of each b.
        let walk = Walk::new(0, &[10, 9, 16], &[144, 1, 9]);
        walk.copy_turned(&memory, 1, 9 * 3 + 2..9 * 4, 4..16, &mut out);
        assert_eq!((out[0], out[1], out[12]), (3 * 144 + 2 + 36, 3 * 144 + 2 + 45, 3 * 144 + 39));
    }
}
