//! Where a box of an array lies in a file that holds the array in C order: pure data.
//!
//! In: the array's shape, and the box. Out: the [`Span`]s of the file that hold the box's elements, in C order. Stretches of elements that lie close to each other are one span, with
//! what lies between them: a call to the system costs about as much as copying a page.
//!
//! ```text
//! (4, 6), rows 1..3, columns 2..5     . . . . . .
//!                                     . . x x x .     two runs of 3, 6 apart;
//!                                     . . x x x .     as one span: x x x . . . x x x
//!                                     . . . . . .
//! ```

use smallvec::SmallVec;
use std::ops::Range;

/// Less than so many bytes between two stretches are read too.
const GAP_BYTES_MAX: usize = 4 << 10;
/// A span of several stretches is not longer than this.
const SPAN_BYTES_MAX: usize = 256 << 10;

/// A box of an array.
pub(crate) struct Region {
    /// Where its first element lies, in elements.
    start: usize,
    /// How many elements lie without a gap.
    run: usize,
    /// Number and distance of such, the innermost axis first.
    outer: SmallVec<[(usize, usize); 4]>,
}

/// Runs of elements, evenly spaced.
#[derive(Debug, PartialEq)]
pub(crate) struct Span {
    /// Where the first one begins in the file, in elements.
    pub(crate) at: usize,
    /// How many runs there are.
    pub(crate) runs: usize,
    /// How many elements each has.
    pub(crate) run: usize,
    /// From the beginning of one to that of the next.
    pub(crate) stride: usize,
}

impl Span {
    /// From the first element to the last.
    pub(crate) fn len(&self) -> usize {
        (self.runs - 1) * self.stride + self.run
    }
}

impl Region {
    pub(crate) fn new(shape: &[usize], region: &[Range<usize>]) -> Region {
        // Where nothing begins may be before the array, as of an axis that was turned round.
        if region.iter().any(Range::is_empty) {
            return Region { start: 0, run: 0, outer: SmallVec::new() };
        }
        let (mut start, mut run, mut stride) = (0, 1, 1);
        let mut outer = SmallVec::new();
        for (&len, range) in shape.iter().zip(region).rev() {
            start += range.start * stride;
            // All axes inside this one are whole.
            if run == stride {
                run *= range.len();
            } else if range.len() != 1 {
                outer.push((range.len(), stride));
            }
            stride *= len;
        }
        Region { start, run, outer }
    }

    /// Calls `f` with each run, as a span of its own, in C order.
    pub(crate) fn each_run<E>(&self, f: impl FnMut(Span) -> Result<(), E>) -> Result<(), E> {
        self.each(|_, _| 1, f)
    }

    /// Calls `f` with spans that cover all runs, in C order.
    pub(crate) fn each_span<E>(
        &self,
        size: usize,
        f: impl FnMut(Span) -> Result<(), E>,
    ) -> Result<(), E> {
        let together = |run: usize, stride: usize| match (stride - run) * size < GAP_BYTES_MAX {
            true => (SPAN_BYTES_MAX / (stride * size)).max(1),
            false => 1,
        };
        self.each(together, f)
    }

    fn each<E>(
        &self,
        together: impl Fn(usize, usize) -> usize,
        mut f: impl FnMut(Span) -> Result<(), E>,
    ) -> Result<(), E> {
        let Region { start, run, ref outer } = *self;
        if run == 0 {
            return Ok(());
        }
        let (&(count, stride), outer) = outer.split_first().unwrap_or((&(1, run), &[]));
        let most = together(run, stride);
        for mut row in 0..outer.iter().map(|&(count, _)| count).product() {
            let mut at = start;
            for &(count, stride) in outer {
                at += row % count * stride;
                row /= count;
            }
            for first in (0..count).step_by(most) {
                let runs = most.min(count - first);
                f(Span { at: at + first * stride, runs, run, stride })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn elements(shape: &[usize], region: &[Range<usize>], size: usize) -> (usize, Vec<usize>) {
        let (mut spans, mut all) = (0, Vec::new());
        let each = |span: Span| {
            spans += 1;
            for run in 0..span.runs {
                all.extend((span.at + run * span.stride..).take(span.run));
            }
            Ok::<_, Infallible>(())
        };
        match size {
            0 => Region::new(shape, region).each_run(each),
            size => Region::new(shape, region).each_span(size, each),
        }
        .unwrap();
        (spans, all)
    }

    #[test]
    fn a_box_is_its_elements_in_order() {
        let expected: Vec<usize> = (1..3)
            .flat_map(|i| (0..2).flat_map(move |j| (2..5).map(move |k| (i * 3 + j) * 6 + k)))
            .collect();
        let region = [1..3, 0..2, 2..5];
        assert_eq!(elements(&[4, 3, 6], &region, 0), (4, expected.clone()));
        assert_eq!(elements(&[4, 3, 6], &region, 8), (2, expected.clone()));
        assert_eq!(elements(&[4, 3, 6], &region, 2000), (4, expected));
    }

    #[test]
    fn whole_inner_axes_are_one_run() {
        assert_eq!(elements(&[4, 3, 2], &[1..3, 0..3, 0..2], 8), (1, (6..18).collect()));
        assert_eq!(elements(&[4, 3, 1], &[2..3, 1..3, 0..1], 8), (1, (7..9).collect()));
        assert_eq!(elements(&[], &[], 8), (1, vec![0]));
        assert_eq!(elements(&[4, 0], &[1..3, 0..0], 8), (0, vec![]));
        assert_eq!(elements(&[0, 4], &[0..0, 1..3], 8), (0, vec![]));
        assert_eq!(elements(&[1, 3], &[usize::MAX..usize::MAX, 0..3], 8), (0, vec![]));
    }
}
