//! Aggregates of windows of equally many rows, all at once.
//!
//! In: values, and how many make a window. Out: for each window its aggregate. The values are cut into blocks as long as a window; a window
//! is the end of one block and the beginning of the next, of which the aggregates are made in one pass over each block, from both of its ends.
//! As in [`stacks`](super::stacks) nothing is subtracted; this is the same algorithm (van Herk 1992, Gil and Werman 1993), without a decision
//! for each row.
//!
//! ```text
//!   block   a   b   c   d |  e   f   g   h |
//!   ends    abcd bcd cd d | efgh fgh gh  h |      window b..f: bcd joined with e
//!   begins                |  e   ef  efg   |
//! ```

/// Windows shorter than this are added up one by one, many at a time.
const SHORT: usize = 8;
/// So many values are in the first cache together with their results.
const NEAR: usize = 1024;

/// The aggregates of the windows `i..i + width` of `values`, appended to `out`; `done` takes them as they are finished, some at a time, with the
/// first `i` of these.
pub(super) fn windows<T: Copy>(
    values: &[T],
    width: usize,
    empty: T,
    join: impl Fn(T, T) -> T,
    out: &mut Vec<T>,
    mut done: impl FnMut(usize, &mut [T]),
) {
    let count = (values.len() + 1).saturating_sub(width);
    if count == 0 {
        return;
    }
    let base = out.len();
    out.resize(base + count, empty);
    let out = &mut out[base..];
    if width <= SHORT {
        for (part, out) in out.chunks_mut(NEAR).enumerate() {
            for place in 0..width {
                let values = &values[part * NEAR + place..][..out.len()];
                for (sum, value) in out.iter_mut().zip(values) {
                    *sum = join(*sum, *value);
                }
            }
            done(part * NEAR, out);
        }
        return;
    }
    let mut ends = vec![empty; width];
    let mut next = vec![empty; width];
    let mut sum = empty;
    for (end, value) in ends.iter_mut().zip(&values[..width]).rev() {
        sum = join(*value, sum);
        *end = sum;
    }
    for (block, out) in out.chunks_mut(width).enumerate() {
        let after = &values[(block + 1) * width..];
        if out.len() == width && after.len() >= width {
            both_ways(&after[..width], &ends, &mut next, empty, &join, out);
            std::mem::swap(&mut ends, &mut next);
        } else {
            let mut begin = empty;
            for (place, out) in out.iter_mut().enumerate() {
                *out = join(ends[place], begin);
                if let Some(value) = after.get(place) {
                    begin = join(begin, *value);
                }
            }
        }
        done(block * width, out);
    }
}

/// One block: the windows that end in it, and the aggregates from each place to its end.
fn both_ways<T: Copy>(
    block: &[T],
    ends: &[T],
    next: &mut [T],
    empty: T,
    join: impl Fn(T, T) -> T,
    out: &mut [T],
) {
    let (mut begin, mut end) = (empty, empty);
    let forth = out.iter_mut().zip(ends).zip(block);
    // Two chains in one loop: neither waits for the other.
    for (((out, tail), value), (next, last)) in forth.zip(next.iter_mut().zip(block).rev()) {
        *out = join(*tail, begin);
        begin = join(begin, *value);
        end = join(*last, end);
        *next = end;
    }
}
