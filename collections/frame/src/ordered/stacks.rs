//! Aggregates of windows that go along the rows, without taking anything out of them again.
//!
//! In: windows that never go back, and how two aggregates are joined. Out: the aggregate of each window. A window consists of two parts: its
//! front, of which the aggregates from every row to the end of the front are kept, and its back, of which one aggregate is. A row comes in
//! at the back; when the front is used up, all of the window becomes the front. Each row is joined at most three times, and nothing is ever
//! subtracted: a sum is as accurate as a plain loop over its window, and a NaN or an infinity leaves it without a trace.
//!
//! ```text
//!   front: sums to its end         back: one sum
//!   [a+b+c+d] [b+c+d] [c+d] [d]  |  e+f+g
//!                      ^ window: c+d joined with e+f+g
//! ```
//!
//! This is the queue made of two stacks of Tangwongsan, Hirzel, Schneider and Wu, "General Incremental Sliding-Window Aggregation" (VLDB
//! 2015), section 2 of their survey. Over windows of equally many rows it is the algorithm of van Herk (1992) and of Gil and Werman (1993),
//! "Computing 2-D min, median, and max filters".

use std::ops::Range;

/// The aggregates of the windows of `rows`. `window` says which values one holds, `from..to`; neither end ever goes back. `at` is the
/// aggregate of one value. `emit` takes the window's ends and its aggregate.
pub(super) fn slide<S: Copy>(
    rows: Range<usize>,
    window: impl Fn(usize) -> (usize, usize),
    empty: S,
    at: impl Fn(usize) -> S,
    join: impl Fn(S, S) -> S,
    mut emit: impl FnMut(usize, usize, S),
) {
    // The aggregates from each row to the end of the front, the last row first.
    let mut front: Vec<S> = Vec::new();
    let (mut middle, mut back, mut end) = (0, empty, 0);
    for row in rows {
        let (from, to) = window(row);
        if from >= middle {
            front.clear();
            let mut sum = empty;
            front.extend((from..to).rev().map(|value| {
                sum = join(at(value), sum);
                sum
            }));
            (middle, back) = (to.max(from), empty);
        } else {
            for value in end..to {
                back = join(back, at(value));
            }
        }
        end = to;
        let state = if from < middle { join(front[middle - 1 - from], back) } else { empty };
        emit(from, to, state);
    }
}
