//! Chunks that are neighbours, taken together, so that an array that is cut anew is not cut to small pieces: pure data.
//!
//! In: the chunks that there are, the chunks that are wanted. Out: boundaries that both have ([`parts`]), coarser chunks ([`merged`]), and whether to go by way of such ([`by_way_of`]).
//!
//! ```text
//! 1000 rows to 1000 columns            1000 · 1000 pieces of one element
//! by way of 30 rows, and 30 columns    1000 + 34 · 34 pieces, and 1000 views
//! ```

use crate::grid::{CHUNK_BYTES, Grid};
use std::sync::Arc;

/// Pieces that are larger are not made larger.
const PIECE_BYTES: usize = 4 << 10;
/// Fewer pieces than so many for each chunk are not made fewer.
const PIECES_PER_CHUNK: usize = 16;

/// The parts of which none needs anything of another: what lies between boundaries that both grids have.
pub(crate) fn parts(old: &Grid, new: &Grid) -> Grid {
    let common = |axis: usize| -> Arc<[usize]> {
        let both = old.bounds(axis).iter().copied();
        both.filter(|bound| new.bounds(axis).binary_search(bound).is_ok()).collect()
    };
    Grid::from_bounds((0..old.rank()).map(common))
}

/// Into how many pieces the boundaries of both grids cut an axis.
fn pieces_along(a: &Grid, b: &Grid, axis: usize) -> usize {
    let (a, b) = (a.bounds(axis), b.bounds(axis));
    let common = a.iter().filter(|bound| b.binary_search(bound).is_ok()).count();
    (a.len() + b.len() - common - 1).max(1)
}

/// Into how many pieces the boundaries of both grids cut the array.
fn pieces(a: &Grid, b: &Grid) -> usize {
    (0..a.rank()).map(|axis| pieces_along(a, b, axis)).fold(1, usize::saturating_mul)
}

/// Bytes of the array.
fn bytes(grid: &Grid, size: usize) -> usize {
    let lengths = (0..grid.rank()).map(|axis| grid.bounds(axis).last().copied().unwrap_or(0));
    lengths.fold(size, usize::saturating_mul)
}

/// Every other boundary is gone, but none of those of the parts.
fn halved(bounds: &[usize], parts: &[usize]) -> Arc<[usize]> {
    let mut kept = Vec::with_capacity(bounds.len() / 2 + 2);
    let mut is_dropped = true;
    for &bound in bounds {
        is_dropped = !is_dropped && parts.binary_search(&bound).is_err();
        if !is_dropped {
            kept.push(bound);
        }
    }
    kept.into()
}

/// The chunks of `grid`, neighbours taken together, but not over the boundaries of [`parts`], until the pieces that they have in common with chunks of `other` are of `piece_bytes` on average, or a chunk would have
/// more than `chunk_bytes`.
pub(crate) fn merged(
    grid: &Grid,
    other: &Grid,
    size: usize,
    piece_bytes: usize,
    chunk_bytes: usize,
) -> Grid {
    let (parts, all) = (parts(grid, other), bytes(grid, size));
    let mut merged = grid.clone();
    while all / pieces(&merged, other) < piece_bytes {
        // The axis along which most pieces become one.
        let mut best: Option<(f64, Grid)> = None;
        for axis in 0..grid.rank() {
            let mut wider = merged.clone();
            wider.set(axis, halved(merged.bounds(axis), parts.bounds(axis)));
            let gain = pieces_along(&merged, other, axis) as f64
                / pieces_along(&wider, other, axis) as f64;
            let fits = wider.largest().saturating_mul(size) <= chunk_bytes;
            if fits && gain > 1.0 && best.as_ref().is_none_or(|(most, _)| gain > *most) {
                best = Some((gain, wider));
            }
        }
        match best {
            None => break,
            Some((_, wider)) => merged = wider,
        }
    }
    merged
}

/// Chunks that are made of whole ones of `old`, and chunks of which those of `new` are parts, if to go by way of these is less work: where there are very many pieces, and small ones.
pub(crate) fn by_way_of(old: &Grid, new: &Grid, size: usize) -> Option<[Grid; 2]> {
    let pieces = pieces(old, new);
    let is_fine = bytes(old, size) / pieces < PIECE_BYTES
        && pieces / PIECES_PER_CHUNK > old.count() + new.count();
    is_fine.then(|| {
        let first = merged(old, new, size, PIECE_BYTES, CHUNK_BYTES);
        let second = merged(new, &first, size, PIECE_BYTES, CHUNK_BYTES);
        [first, second]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;

    fn grid(shape: &[usize], chunks: impl Into<Chunks>) -> Grid {
        Grid::new(shape, &chunks.into(), 8).unwrap()
    }

    #[test]
    fn chunks_are_merged_along_the_axis_that_makes_pieces_larger_and_no_further_than_allowed() {
        let (old, new) = (grid(&[64, 64], [1, 64]), grid(&[64, 64], [64, 1]));
        let wide = |new: &Grid, chunk_bytes| merged(&old, new, 8, 1 << 20, chunk_bytes);
        assert_eq!(wide(&new, 8 * 64 * 8).counts()[..], [8, 1]);
        assert_eq!(wide(&new, 0), old);
        assert_eq!(wide(&new, usize::MAX).count(), 1);
        // Nothing goes across the middle.
        let halves = grid(&[64, 64], [32, 1]);
        assert_eq!((parts(&old, &halves).count(), wide(&halves, usize::MAX).count()), (2, 2));
        // Large enough already.
        assert_eq!(merged(&old, &new, 8, 8, usize::MAX), old);
    }

    #[test]
    fn very_small_pieces_are_avoided_by_way_of_coarser_chunks() {
        let (old, new) = (grid(&[2000, 2000], [1, 2000]), grid(&[2000, 2000], [2000, 1]));
        let [first, second] = by_way_of(&old, &new, 8).unwrap();
        assert!(old.refines(&first) && new.refines(&second));
        assert!(first.largest().max(second.largest()) * 8 <= CHUNK_BYTES);
        assert!(pieces(&first, &second) < 10_000, "{}", pieces(&first, &second));
        // Pieces that are large, and few, stay.
        let (old, new) =
            (grid(&[14_000, 14_000], [100, 14_000]), grid(&[14_000, 14_000], [14_000, 100]));
        assert!(by_way_of(&old, &new, 8).is_none());
        assert!(by_way_of(&grid(&[10, 10], [1, 10]), &grid(&[10, 10], [10, 1]), 8).is_none());
        assert!(by_way_of(&grid(&[], 1), &grid(&[], 1), 8).is_none());
        assert!(by_way_of(&grid(&[0, 9], 1), &grid(&[0, 9], 2), 8).is_none());
    }
}
