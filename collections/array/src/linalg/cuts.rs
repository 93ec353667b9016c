//! Which chunks a product of matrices is made in: pure data.
//!
//! In: the chunks of the axes of both operands, as they are. Out: those that the product is computed with. Rows are the first operand's free axes, columns the second's, and inner axes those
//! that are summed over; of a tensor each of these is a group of axes, taken as one.
//!
//! ```text
//!        inner            columns           columns
//! rows  ┌──┬──┐   inner  ┌──┬──┬──┐   rows ┌──┬──┬──┐
//!       ├──┼──┤     ·    ├──┼──┼──┤    =   ├──┼──┼──┤    a block is rows x inner, inner x columns, rows x columns
//!       └──┴──┘          └──┴──┴──┘        └──┴──┴──┘
//! ```
//! The time to bring two blocks of edge e is that of 2e² elements, the time to multiply them that of e³ products, so long thin blocks are bad and square ones good. A group's chunks stay as they are
//! if they are neither a third as long as the best on average nor twice as long.

use crate::grid::{Chunks, Grid};
use std::sync::Arc;

/// The boundaries of the chunks along each axis of a group.
pub(crate) type Bounds = Vec<Arc<[usize]>>;

/// Bytes of the largest block of a product: 1000 x 1000 `f64`.
pub(crate) const BLOCK_BYTES: usize = 8_000_000;
/// A matrix with so few rows or columns is thin.
const THIN: usize = 128;
/// Where a matrix is small, it is cut to edges as short as this so that there are [`OUTPUTS`].
const EDGE_SMALL: usize = 256;
/// Operands so many times as long as the result's sides are read once, if the result is no larger than [`WHOLE`] blocks: else all of one would be held, or computed again.
const LONG: usize = 16;
const WHOLE: usize = 4;
/// So many chunks of the result occupy a large machine; more are of no use.
pub(crate) const OUTPUTS: usize = 64;

/// The chunks of a product.
#[derive(Debug, PartialEq)]
pub(crate) struct Cuts {
    pub(crate) rows: Bounds,
    pub(crate) inner: Bounds,
    pub(crate) columns: Bounds,
}

impl Cuts {
    /// The chunks for operands in these chunks, of elements of `size` bytes; the inner axes are cut in two ways.
    pub(crate) fn new(rows: &Bounds, inner: [&Bounds; 2], columns: &Bounds, size: usize) -> Cuts {
        let (m, n) = (length(rows), length(columns));
        let elements = (BLOCK_BYTES / size).max(1);
        let square = elements.isqrt().max(1);
        let for_all = m.saturating_mul(n).div_ceil(OUTPUTS).isqrt();
        let is_long = length(inner[0]) >= m.max(n).saturating_mul(LONG)
            && m.saturating_mul(n) <= elements.saturating_mul(WHOLE);
        // As one chunk, the result is made in one pass over the operands.
        let edge =
            if is_long { m.max(n).max(EDGE_SMALL) } else { square.min(for_all.max(EDGE_SMALL)) };
        // Of a thin product the long edges may be longer.
        let wide = |other: usize| (elements / other.clamp(1, square)).max(square);
        let along = |group: &Bounds, length: usize, other: usize| {
            let most = if other <= THIN { wide(other) } else { edge };
            let least = if is_long { length } else { edge / 3 };
            cut(group, least, most, most.min(length.div_ceil(OUTPUTS).max(edge)))
        };
        let (rows, columns) = (along(rows, m, n), along(columns, n, m));
        let inner_edge = wide(longest(&rows).max(longest(&columns)));
        let inner_least = edge.min(square) / 3;
        let inner = match inner.iter().find(|inner| is_good(inner, inner_least, inner_edge)) {
            Some(good) => (**good).clone(),
            None => cut(inner[0], inner_least, inner_edge, inner_edge),
        };
        Cuts { rows, inner, columns }
    }

    /// The elements of the largest chunk of the result.
    pub(crate) fn largest(&self) -> usize {
        longest(&self.rows).saturating_mul(longest(&self.columns))
    }
}

/// How many elements a group has, at most as many as can be counted.
pub(crate) fn length(bounds: &Bounds) -> usize {
    bounds.iter().fold(1, |all, bounds| all.saturating_mul(bounds[bounds.len() - 1]))
}

/// The elements of the largest chunk of a group.
fn longest(bounds: &Bounds) -> usize {
    let along = |bounds: &Arc<[usize]>| bounds.windows(2).map(|b| b[1] - b[0]).max().unwrap_or(0);
    bounds.iter().fold(1, |all, bounds| all.saturating_mul(along(bounds)))
}

fn count(bounds: &Bounds) -> usize {
    bounds.iter().fold(1, |all, bounds| all.saturating_mul(bounds.len() - 1))
}

/// Whether chunks are of `least` elements on average, and none of more than twice `most`.
fn is_good(bounds: &Bounds, least: usize, most: usize) -> bool {
    let (length, count) = (length(bounds), count(bounds));
    let average = length.div_ceil(count.max(1));
    longest(bounds) <= most.saturating_mul(2) && (count == 1 || average >= least)
}

/// The chunks as they are, if they are good; else regular ones of about `edge`.
fn cut(bounds: &Bounds, least: usize, most: usize, edge: usize) -> Bounds {
    if is_good(bounds, least, most) {
        return bounds.clone();
    }
    let shape: Vec<usize> = bounds.iter().map(|bounds| bounds[bounds.len() - 1]).collect();
    match Grid::new(&shape, &Chunks::bytes(edge), 1) {
        Ok(grid) => (0..grid.rank()).map(|axis| grid.bounds(axis).clone()).collect(),
        // Too many chunks: not with fewer than there were.
        Err(_) => bounds.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(shape: &[usize], chunks: impl Into<Chunks>) -> Bounds {
        let grid = Grid::new(shape, &chunks.into(), 8).unwrap();
        (0..shape.len()).map(|axis| grid.bounds(axis).clone()).collect()
    }

    fn lengths(bounds: &Bounds) -> Vec<usize> {
        bounds.iter().map(|bounds| bounds[1]).collect()
    }

    #[test]
    fn bands_become_squares_and_good_chunks_stay() {
        let (bands, whole) = (bounds(&[10_000], 52), bounds(&[10_000], 10_000));
        let cuts = Cuts::new(&bands, [&whole, &bands], &whole, 8);
        assert_eq!(
            [lengths(&cuts.rows), lengths(&cuts.inner), lengths(&cuts.columns)],
            [[1000], [1000], [1000]]
        );
        let given = bounds(&[10_000], 777);
        let cuts = Cuts::new(&given, [&whole, &given], &given, 8);
        assert_eq!([&cuts.rows, &cuts.inner, &cuts.columns], [&given; 3]);
    }

    #[test]
    fn a_thin_product_is_cut_along_its_long_axis_only() {
        let (long, short) = (bounds(&[200_000], 10_485), bounds(&[50], 50));
        let cuts = Cuts::new(&short, [&long, &long], &short, 8);
        assert_eq!([&cuts.rows, &cuts.inner, &cuts.columns], [&short, &long, &short]);
        let cuts = Cuts::new(&long, [&short, &short], &short, 8);
        assert_eq!([&cuts.rows, &cuts.inner, &cuts.columns], [&long, &short, &short]);
    }

    #[test]
    fn a_long_product_has_one_chunk() {
        let (long, short) = (bounds(&[200_000], 1000), bounds(&[2000], 500));
        let cuts = Cuts::new(&short, [&long, &long], &short, 8);
        assert_eq!([lengths(&cuts.rows), lengths(&cuts.columns)], [[2000], [2000]]);
        assert_eq!(cuts.inner, long);
        assert_eq!(cuts.largest(), 4_000_000);
    }

    #[test]
    fn a_small_matrix_is_one_chunk_and_an_empty_one_too() {
        let small = bounds(&[30], 1);
        let cuts = Cuts::new(&small, [&small, &small], &bounds(&[0], 1), 8);
        assert_eq!(lengths(&cuts.rows), [30]);
        assert_eq!(lengths(&cuts.inner), [30]);
        assert_eq!(lengths(&cuts.columns), [0]);
    }

    #[test]
    fn groups_of_axes_are_taken_as_one() {
        let group = bounds(&[100, 100], 1);
        assert_eq!(longest(&cut(&group, 300, 1000, 1000)), 1000);
        assert!(cut(&Vec::new(), 2, 5, 5).is_empty());
    }
}
