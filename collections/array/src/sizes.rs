//! How large chunks are where nobody says it: pure data.
//!
//! In: shapes, and grids that follow from others'. Out: lengths of chunks of about [`CHUNK_BYTES`]. What is made whole is cut along its first axes; what gets larger than what it is
//! made of, because axes repeat, along its longest ones.
//!
//! ```text
//! from nothing      [1000, 8192]            in chunks of [64, 8192]       4 MiB of f64, rows whole
//! (n, 1) - (1, n)   [50000, 50000] in one   in chunks of [715, 715]       each operand is read 70 times, and not 5,000 times
//! ```
//! Not here: chunks that are said (`grid`).

use crate::array::Bytes;
use crate::error::{Error, ErrorKind};
use crate::grid::{Dims, Grid};
use std::sync::Arc;

/// Bytes of a chunk where nobody says more: small beside a machine's memory for each worker, large beside what a task costs.
pub(crate) const CHUNK_BYTES: usize = 4 << 20;

/// Where nobody says more there are about so many chunks at most, and larger ones of arrays beyond 256 GiB: a graph of more tasks would be work by itself.
const CHUNKS_BY_ITSELF_MAX: usize = 1 << 16;

/// So many elements of `size` bytes has a chunk of an array of this shape, where nobody says more.
pub(crate) fn elements_by_itself(shape: &[usize], size: usize) -> usize {
    let all = shape.iter().fold(1_usize, |all, &len| all.saturating_mul(len));
    (CHUNK_BYTES / size.max(1)).max(all.div_ceil(CHUNKS_BY_ITSELF_MAX)).max(1)
}

/// Where chunks are as large as they are by themselves and are made as a whole, larger ones are a mistake: the array is then beyond 256 TiB.
const MADE_BYTES_MAX: u64 = 4 << 30;

/// Checks that a result that is made chunk by chunk, and whose chunks follow from its size, has none that no memory is for: that is so of any slice of it. `remedy` says what to do.
pub(crate) fn check_made(
    shape: &[usize],
    grid: &Grid,
    size: usize,
    remedy: &str,
) -> Result<(), Error> {
    let by_itself = elements_by_itself(shape, size);
    let (largest, bytes) =
        (grid.largest(), |elements: usize| (elements as u64).saturating_mul(size as u64));
    if bytes(by_itself) <= MADE_BYTES_MAX || bytes(largest) < bytes(by_itself) / 2 {
        return Ok(());
    }
    let all = shape.iter().fold(1_usize, |all, &len| all.saturating_mul(len));
    let message = format!(
        "a result of shape {shape:?} takes {}, and each of its chunks, which are made as a whole, {}: {remedy}",
        Bytes(bytes(all)),
        Bytes(bytes(largest))
    );
    Err(Error::new(ErrorKind::Overflow, message))
}

/// Where `count` pieces of `len` elements end, 0 before them: as even as they can be, and one at least.
#[cfg_attr(not(feature = "linalg"), allow(dead_code, reason = "factorisations are cut so"))]
pub(crate) fn even_bounds(len: usize, count: usize) -> Arc<[usize]> {
    let count = count.max(1);
    (0..=count).map(|at| (len as u128 * at as u128 / count as u128) as usize).collect()
}

/// Chunk lengths for about so many elements: the last axes whole as far as that goes, then part of one, then 1. Of an array without elements: one chunk.
pub(crate) fn lengths_of(shape: &[usize], elements: usize) -> Dims {
    if shape.contains(&0) {
        return shape.iter().map(|&len| len.max(1)).collect();
    }
    let mut left = elements.max(1);
    let mut lengths = Dims::from_elem(1, shape.len());
    for axis in (0..shape.len()).rev() {
        let len = shape[axis];
        let pieces = len.div_ceil(left.min(len));
        // Pieces of about one length, rather than a short one at the end.
        lengths[axis] = len.div_ceil(pieces);
        left /= lengths[axis];
        if left <= 1 && pieces > 1 {
            break;
        }
        left = left.max(1);
    }
    lengths
}

/// Cuts chunks of more than `most` elements along their longest axes, to one length. As squares, chunks of what repeats along their axes read least.
pub(crate) fn cut(grid: &mut Grid, most: usize) {
    if grid.largest() <= most.max(1) {
        return;
    }
    let longest: Dims = (0..grid.rank()).map(|axis| grid.longest(axis)).collect();
    let fits = |length: usize| {
        let chunk = longest.iter().fold(1_usize, |all, &len| all.saturating_mul(len.min(length)));
        chunk <= most.max(1)
    };
    // It is true of 1, and not of the longest.
    let (mut length, mut too_long) = (1, longest.iter().copied().max().unwrap_or(1));
    while length + 1 < too_long {
        let middle = length + (too_long - length) / 2;
        if fits(middle) { length = middle } else { too_long = middle }
    }
    for axis in (0..grid.rank()).filter(|&axis| longest[axis] > length) {
        let bounds = finer(grid.bounds(axis), length);
        grid.set(axis, bounds);
    }
}

/// The boundaries, with further ones where they are further apart than `length`.
pub(crate) fn finer(bounds: &[usize], length: usize) -> Arc<[usize]> {
    let mut all = vec![0];
    for range in bounds.windows(2) {
        let len = range[1] - range[0];
        let step = len.div_ceil(len.div_ceil(length.max(1)).max(1)).max(1);
        all.extend((range[0]..range[1]).step_by(step).skip(1));
        all.push(range[1]);
    }
    all.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;

    #[test]
    fn chunks_of_bytes_keep_the_last_axes_whole() {
        let lengths = |shape: &[usize], elements| lengths_of(shape, elements).to_vec();
        assert_eq!(lengths(&[100, 90], 4500), [50, 90]);
        assert_eq!(lengths(&[100, 90], 10), [1, 10]);
        assert_eq!(lengths(&[7, 100, 90], usize::MAX), [7, 100, 90]);
        assert_eq!(lengths(&[7, 100, 90], 1), [1, 1, 1]);
        assert_eq!(lengths(&[0, 3], 100), [1, 3]);
        assert_eq!(lengths(&[1 << 40, 0], 1), [1 << 40, 1]);
    }

    #[test]
    fn arrays_that_are_very_large_have_larger_chunks_rather_than_more() {
        assert_eq!(elements_by_itself(&[1000, 1000], 8), 1 << 19);
        assert_eq!(elements_by_itself(&[1 << 50], 8), 1 << 34);
        assert_eq!(elements_by_itself(&[usize::MAX, 2], 1), usize::MAX.div_ceil(1 << 16));
        assert_eq!(elements_by_itself(&[], 16), 1 << 18);
    }

    #[test]
    fn what_is_too_large_is_cut_along_its_longest_axes() {
        let cut_to = |shape: &[usize], chunks: usize, most| {
            let mut grid = Grid::new(shape, &Chunks::from(chunks), 8).unwrap();
            let before = grid.clone();
            cut(&mut grid, most);
            assert!(grid.refines(&before) && grid.largest() <= most.max(1), "{grid}");
            grid.to_string()
        };
        assert_eq!(cut_to(&[50_000, 50_000], usize::MAX, 1 << 19), "[715, 715]");
        // Short axes stay whole.
        assert_eq!(cut_to(&[3000, 3, 3000], usize::MAX, 1 << 19), "[375, 3, 375]");
        assert_eq!(cut_to(&[10, 1_000_000], usize::MAX, 1 << 19), "[10, 50000]");
        // What is no larger is not cut.
        assert_eq!(cut_to(&[100, 90], 50, 2500), "[50, 50]");
        assert_eq!(cut_to(&[100, 90], 50, 2499), "[25, [25, 25, 40]]");
        assert_eq!(cut_to(&[7, 9], 9, 0), "[1, 1]");
        assert_eq!(cut_to(&[0, 9], 9, 0), "[0, 9]");
        assert_eq!(cut_to(&[], 9, 0), "[]");
    }
}
