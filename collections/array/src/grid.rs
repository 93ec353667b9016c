//! How an array is cut into chunks: pure data.
//!
//! In: a shape, and what the user says of chunks ([`Chunks`]). Out: a [`Grid`], the boundaries of the chunks along each axis.
//!
//! ```text
//! axis of length 10 in chunks of 4:   0    4    8  10      3 chunks; the last one is shorter
//! axis of length 0:                   0 0                  1 chunk, which is empty
//! ```
//! - `C1` Boundaries of an axis begin with 0, end with its length, and increase strictly; only an axis of length 0 has `[0, 0]`.
//! - `C2` A grid has at least one chunk; an array of rank 0 has one, with one element.
//! - `C3` The number of elements fits into `isize`, and there are at most [`CHUNKS_MAX`] chunks.

use crate::error::{Error, ErrorKind, counted};
use crate::list::{List, Position};
use crate::reshape::INFERRED;
use crate::sizes::{elements_by_itself, lengths_of};
use smallvec::SmallVec;
use std::fmt::{Display, Formatter};
use std::ops::Range;
use std::sync::Arc;

/// Lengths or positions, one for each axis.
pub(crate) type Dims = SmallVec<[usize; 4]>;

/// More chunks than this are a mistake: their tasks would not fit into memory.
pub(crate) const CHUNKS_MAX: usize = 1 << 26;

/// How an array is to be cut into chunks: 67,108,864 (2²⁶) at most, because each is a task. More are an error, which is carried by the array.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, Chunks};
/// let x = Array::<f64, _>::zeros([100, 90]);
/// assert_eq!(x.clone().rechunk(40).chunk_lengths(0), [40, 40, 20]);
/// assert_eq!(x.clone().rechunk([100, 30]).chunk_lengths(1), [30, 30, 30]);
/// assert_eq!(x.clone().rechunk((100, 30)).chunk_lengths(1), [30, 30, 30]);
/// assert_eq!(x.clone().rechunk([array::INFERRED, 30]).chunk_lengths(0), [100]);
/// assert_eq!(x.clone().rechunk(Chunks::lengths([vec![10, 90], vec![90]])).chunk_lengths(0), [10, 90]);
/// assert_eq!(x.rechunk(Chunks::bytes(36_000)).chunk_lengths(0), [50, 50]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Chunks(pub(crate) How);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    /// So long along every axis, or as long as the axis, if it is shorter.
    Each(usize),
    /// So long along the axes.
    Axes(Vec<usize>),
    /// Exactly these.
    Lengths(Vec<Vec<usize>>),
    /// About so many bytes, whole along the last axes as far as they go.
    Bytes(usize),
    /// About as many as are good where nobody says more, in this way.
    Auto,
}

impl Chunks {
    /// Chunks of about 4 MiB, whole along the last axes as far as that goes: what is used where nothing is said. Of an array beyond 256 GiB, about 65,536 larger ones.
    pub fn auto() -> Chunks {
        Chunks(How::Auto)
    }

    /// Chunks of at most about `bytes` bytes (at least one element), whole along the last axes as far as that goes.
    pub fn bytes(bytes: usize) -> Chunks {
        Chunks(How::Bytes(bytes))
    }

    /// Exactly these lengths of the chunks along each axis, which add up to the axis' length: a [`List`] of lists of any integers.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Chunks};
    /// let x = Array::<f64, _>::zeros([100, 90]).rechunk(Chunks::lengths([[10, 90], [45, 45]]));
    /// let same = Chunks::lengths([x.chunk_lengths(0), x.chunk_lengths(1)]);
    /// assert_eq!(x.t().t().rechunk(same).chunk_lengths(0), [10, 90]);
    /// ```
    pub fn lengths<I: Position, L: List<I> + Clone>(lengths: impl List<L>) -> Chunks {
        let all = |lengths: &L| lengths.list().iter().map(|length| length.index()).collect();
        Chunks(How::Lengths(lengths.list().iter().map(all).collect()))
    }
}

impl Default for Chunks {
    fn default() -> Chunks {
        Chunks::auto()
    }
}

/// The same length along every axis; axes that are shorter are one chunk, of [`INFERRED`] all of them.
impl From<usize> for Chunks {
    fn from(length: usize) -> Chunks {
        Chunks(How::Each(length))
    }
}

/// A length for each axis; an axis that is shorter is one chunk. [`INFERRED`] is the whole axis, dask's -1.
impl<const N: usize> From<[usize; N]> for Chunks {
    fn from(lengths: [usize; N]) -> Chunks {
        Chunks(How::Axes(lengths.into()))
    }
}

/// A length for each axis; an axis that is shorter is one chunk. [`INFERRED`] is the whole axis, dask's -1.
impl From<&[usize]> for Chunks {
    fn from(lengths: &[usize]) -> Chunks {
        Chunks(How::Axes(lengths.into()))
    }
}

/// A length for each axis; an axis that is shorter is one chunk.
impl<const N: usize> From<&[usize; N]> for Chunks {
    fn from(lengths: &[usize; N]) -> Chunks {
        Chunks::from(&lengths[..])
    }
}
/// A length for each axis; an axis that is shorter is one chunk.
impl From<&Vec<usize>> for Chunks {
    fn from(lengths: &Vec<usize>) -> Chunks {
        Chunks::from(&lengths[..])
    }
}

/// A length for each axis, as tuples of up to six.
macro_rules! tuples {
    ($(($($length:ident $usize:ty),+);)*) => {$(
        /// A length for each axis; an axis that is shorter is one chunk.
        impl From<($($usize,)+)> for Chunks {
            fn from(($($length,)+): ($($usize,)+)) -> Chunks {
                Chunks::from([$($length),+])
            }
        }
    )*};
}
tuples! {
    (a usize);
    (a usize, b usize);
    (a usize, b usize, c usize);
    (a usize, b usize, c usize, d usize);
    (a usize, b usize, c usize, d usize, e usize);
    (a usize, b usize, c usize, d usize, e usize, f usize);
}

/// The lengths of all chunks along each axis.
impl From<Vec<Vec<usize>>> for Chunks {
    fn from(lengths: Vec<Vec<usize>>) -> Chunks {
        Chunks(How::Lengths(lengths))
    }
}

/// The boundaries of the chunks of an array, along each axis (`C1`).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid(SmallVec<[Arc<[usize]>; 4]>);

impl Grid {
    /// The grid of an array of this shape, with elements of `size` bytes.
    pub(crate) fn new(shape: &[usize], chunks: &Chunks, size: usize) -> Result<Grid, Error> {
        let axes = shape.len();
        let per_axis = |given: usize| {
            let message = format!(
                "chunks are given for {} of an array of shape {shape:?}, which has {axes}; give one length for each axis, or one for all",
                counted(given, "axis")
            );
            if given == axes { Ok(()) } else { Err(Error::new(ErrorKind::Chunks, message)) }
        };
        match &chunks.0 {
            How::Each(length) => Grid::regular(shape, &Dims::from_elem(*length, axes)),
            How::Axes(lengths) => {
                per_axis(lengths.len())?;
                Grid::regular(shape, lengths)
            }
            How::Lengths(lengths) => {
                per_axis(lengths.len())?;
                let axis = |(axis, lengths): (usize, &Vec<usize>)| axis_of(shape, axis, lengths);
                Ok(Grid(lengths.iter().enumerate().map(axis).collect::<Result<_, _>>()?))
            }
            How::Bytes(bytes) => Grid::regular(shape, &lengths_of(shape, bytes / size.max(1))),
            How::Auto => Grid::regular(shape, &lengths_of(shape, elements_by_itself(shape, size))),
        }
        .and_then(|grid| grid.check_count(shape).map(|()| grid))
    }

    fn regular(shape: &[usize], lengths: &[usize]) -> Result<Grid, Error> {
        let counts = shape.iter().zip(lengths).map(|(&len, &length)| len.div_ceil(length.max(1)));
        check_count(counts, shape)?;
        let mut axes = SmallVec::new();
        for (axis, (&len, &length)) in shape.iter().zip(lengths).enumerate() {
            if length == 0 {
                let message = format!(
                    "chunks of length 0 along axis {axis} of shape {shape:?}; give 1 at least"
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
            let mut bounds: Vec<usize> = (0..len).step_by(length).collect();
            if bounds.is_empty() {
                bounds.push(0);
            }
            bounds.push(len);
            axes.push(bounds.into());
        }
        Ok(Grid(axes))
    }

    /// The grid that is one chunk.
    pub(crate) fn whole(shape: &[usize]) -> Grid {
        Grid(shape.iter().map(|&len| Arc::from([0, len])).collect())
    }

    pub(crate) fn from_bounds(axes: impl IntoIterator<Item = Arc<[usize]>>) -> Grid {
        Grid(axes.into_iter().collect())
    }

    /// Checks that there are not too many chunks (`C3`).
    pub(crate) fn check_count(&self, shape: &[usize]) -> Result<(), Error> {
        check_count(self.0.iter().map(|bounds| bounds.len() - 1), shape)
    }

    pub(crate) fn rank(&self) -> usize {
        self.0.len()
    }

    /// The boundaries along an axis.
    pub(crate) fn bounds(&self, axis: usize) -> &Arc<[usize]> {
        &self.0[axis]
    }

    /// The number of chunks along an axis.
    pub(crate) fn count_along(&self, axis: usize) -> usize {
        self.0[axis].len() - 1
    }

    /// The number of chunks along each axis.
    pub(crate) fn counts(&self) -> Dims {
        (0..self.rank()).map(|axis| self.count_along(axis)).collect()
    }

    /// The number of all chunks.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|bounds| bounds.len() - 1).product()
    }

    /// Where chunk number `at` along an axis begins and ends.
    pub(crate) fn range(&self, axis: usize, at: usize) -> Range<usize> {
        self.0[axis][at]..self.0[axis][at + 1]
    }

    /// Where the chunk begins.
    pub(crate) fn origin(&self, chunk: &[usize]) -> Dims {
        chunk.iter().enumerate().map(|(axis, &at)| self.0[axis][at]).collect()
    }

    /// The shape of the chunk.
    pub(crate) fn chunk_shape(&self, chunk: &[usize]) -> Dims {
        chunk.iter().enumerate().map(|(axis, &at)| self.range(axis, at).len()).collect()
    }

    /// The chunk along an axis that holds `position`, which is within the axis.
    pub(crate) fn chunk_at(&self, axis: usize, position: usize) -> usize {
        let inner = &self.0[axis][1..self.0[axis].len() - 1];
        inner.partition_point(|&bound| bound <= position)
    }

    /// The longest chunk along an axis.
    pub(crate) fn longest(&self, axis: usize) -> usize {
        self.0[axis].windows(2).map(|b| b[1] - b[0]).max().unwrap_or(0)
    }

    /// The elements of the largest chunk.
    pub(crate) fn largest(&self) -> usize {
        (0..self.rank()).map(|axis| self.longest(axis)).product()
    }

    /// Whether each chunk of it lies in one chunk of `other`, which is of the same shape.
    pub(crate) fn refines(&self, other: &Grid) -> bool {
        let is_finer = |(own, other): (&Arc<[usize]>, &Arc<[usize]>)| {
            Arc::ptr_eq(own, other) || other.iter().all(|bound| own.binary_search(bound).is_ok())
        };
        self.0.iter().zip(&other.0).all(is_finer)
    }

    /// The same with these boundaries along an axis.
    pub(crate) fn set(&mut self, axis: usize, bounds: Arc<[usize]>) {
        self.0[axis] = bounds;
    }

    /// The grid of both grids' boundaries: each chunk of it lies in one chunk of either.
    pub(crate) fn refine(&mut self, axis: usize, bounds: &Arc<[usize]>) {
        let own = &self.0[axis];
        if own == bounds {
            return;
        }
        let mut all: Vec<usize> = own.iter().chain(bounds.iter()).copied().collect();
        all.sort_unstable();
        all.dedup();
        // An axis of length 0 keeps its two boundaries (`C1`).
        if all.len() == 1 {
            all.push(all[0]);
        }
        self.0[axis] = all.into();
    }
}

impl Display for Grid {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let axis = |axis: usize| {
            let bounds = &self.0[axis];
            let first = bounds[1] - bounds[0];
            let lengths: Vec<usize> = bounds.windows(2).map(|b| b[1] - b[0]).collect();
            let is_regular = lengths[..lengths.len() - 1].iter().all(|&length| length == first);
            match is_regular && lengths[lengths.len() - 1] <= first {
                true => first.to_string(),
                false if lengths.len() <= 6 => format!("{lengths:?}"),
                false => format!("{} to {}", min(&lengths), max(&lengths)),
            }
        };
        let min = (0..self.rank()).map(axis).collect::<Vec<_>>().join(", ");
        write!(f, "[{min}]")
    }
}

fn min(lengths: &[usize]) -> usize {
    lengths.iter().copied().min().unwrap_or(0)
}
fn max(lengths: &[usize]) -> usize {
    lengths.iter().copied().max().unwrap_or(0)
}

fn axis_of(shape: &[usize], axis: usize, lengths: &[usize]) -> Result<Arc<[usize]>, Error> {
    let len = shape[axis];
    if len == 0 && lengths.iter().all(|&length| length == 0) {
        return Ok([0, 0].into());
    }
    if let Some(at) = lengths.iter().position(|&length| length == 0) {
        let message =
            format!("chunk {at} along axis {axis} of shape {shape:?} has length 0; leave it out");
        return Err(Error::new(ErrorKind::Chunks, message));
    }
    if let Some(at) = lengths.iter().position(|&length| length == INFERRED) {
        let message = format!(
            "chunk {at} along axis {axis} of shape {shape:?} has the length `INFERRED`: in a list of the lengths of all chunks each is said; one length for an axis, instead of a list, may be it (`INFERRED` is `usize::MAX`)"
        );
        return Err(Error::new(ErrorKind::Chunks, message));
    }
    let mut bounds = vec![0];
    let mut end = 0_usize;
    for &length in lengths {
        end = end.saturating_add(length);
        bounds.push(end);
    }
    if end != len {
        let message = format!(
            "chunks along axis {axis} of shape {shape:?} add up to {end}, and the axis is {len} long: give lengths that add up to that"
        );
        return Err(Error::new(ErrorKind::Chunks, message));
    }
    Ok(bounds.into())
}

pub(crate) fn check_count(
    mut counts: impl Iterator<Item = usize>,
    shape: &[usize],
) -> Result<(), Error> {
    let count = counts.try_fold(1_usize, |all, count| all.checked_mul(count.max(1)));
    if count.is_some_and(|count| count <= CHUNKS_MAX) {
        return Ok(());
    }
    let count = count.map_or("more than can be counted".to_owned(), |count| count.to_string());
    let message = format!(
        "an array of shape {shape:?} would have {count} chunks, and {CHUNKS_MAX} are the most; make the chunks larger"
    );
    Err(Error::new(ErrorKind::Overflow, message))
}

/// Checks that all lengths of a shape that the user gives are said, where none can follow from others.
pub(crate) fn check_said(shape: &[usize]) -> Result<(), Error> {
    let Some(axis) = shape.iter().position(|&len| len == INFERRED) else { return Ok(()) };
    let message = format!(
        "nothing says what the length of axis {axis} of shape {} follows from: only `reshape` infers lengths; say it (`INFERRED` is `usize::MAX`)",
        shown(shape)
    );
    Err(Error::new(ErrorKind::Shape, message))
}

/// The length of an axis of chunks of these lengths: too long, if it cannot be counted, and [`INFERRED`] only if one of them is.
pub(crate) fn all_of(lengths: &[usize]) -> usize {
    if lengths.contains(&INFERRED) {
        return INFERRED;
    }
    lengths.iter().fold(0, |sum: usize, &len| sum.saturating_add(len).min(INFERRED - 1))
}

/// Checks that a number that the user gives is none to be inferred: `what` says what it is, "number of bins".
pub(crate) fn check_number(what: &str, number: usize) -> Result<(), Error> {
    if number != INFERRED {
        return Ok(());
    }
    let message = format!(
        "`INFERRED` is no {what}: only `reshape` infers a length, and chunks may have that of the whole axis; give a number (`INFERRED` is `usize::MAX`)"
    );
    Err(Error::new(ErrorKind::Value, message))
}

/// That an index is beyond an axis. A negative one, which is none of `usize`, comes as one beyond all: NumPy's -1 is what [`INFERRED`] is. `remedy` says what takes it.
pub(crate) fn beyond_axis(
    index: usize,
    axis: usize,
    shape: &[usize],
    remedy: impl FnOnce(isize) -> String,
) -> Error {
    let (len, given) = (shape[axis], index as isize);
    let along = format!("along axis {axis} of shape {shape:?}");
    let message = match len.checked_sub(given.unsigned_abs()) {
        Some(counted) if given < 0 => format!(
            "index {given} {along}: indices are not counted from the end here; NumPy's {given} is {counted}, `len - {}`{}",
            given.unsigned_abs(),
            remedy(given)
        ),
        _ => return no_index(given, axis, shape),
    };
    Error::new(ErrorKind::Index, message)
}

/// That an index is beyond an axis, and is not counted from its end.
pub(crate) fn no_index(given: impl Display, axis: usize, shape: &[usize]) -> Error {
    let indices = match shape[axis] {
        0 => "none".to_owned(),
        len => format!("0 to {}", len - 1),
    };
    let message = format!(
        "there is no index {given} along axis {axis} of shape {shape:?}, whose indices are {indices}"
    );
    Error::new(ErrorKind::Index, message)
}

/// A shape as it is written, with [`INFERRED`] for a length that is to be inferred.
pub(crate) fn shown(shape: &[usize]) -> String {
    let length = |&len: &usize| match len {
        INFERRED => "INFERRED".to_owned(),
        _ => len.to_string(),
    };
    format!("[{}]", shape.iter().map(length).collect::<Vec<_>>().join(", "))
}

/// Checks that an array of this shape can be addressed: its bytes fit into `isize` (`C3`).
pub(crate) fn check_size(shape: &[usize], size: usize) -> Result<(), Error> {
    // As ndarray does: lengths of 0 do not hide the overflow of the others.
    let elements =
        shape.iter().filter(|&&len| len != 0).try_fold(1_usize, |n, &len| n.checked_mul(len));
    let bytes = elements.and_then(|n| n.checked_mul(size.max(1)));
    if bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok()) {
        return Ok(());
    }
    check_said(shape)?;
    let message =
        format!("shape {shape:?} has more elements than can be addressed; make it smaller");
    Err(Error::new(ErrorKind::Overflow, message))
}

/// The position of chunk number `number`, counted in C order.
pub(crate) fn position(mut number: usize, counts: &[usize]) -> Dims {
    let mut position = Dims::from_elem(0, counts.len());
    for axis in (0..counts.len()).rev() {
        position[axis] = number % counts[axis];
        number /= counts[axis];
    }
    position
}

/// The number of the chunk at `position`, counted in C order.
pub(crate) fn number(position: &[usize], counts: &[usize]) -> usize {
    position.iter().zip(counts).fold(0, |number, (&at, &count)| number * count + at)
}

/// The strides, in elements, of an array in C order.
pub(crate) fn c_strides(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let mut strides = SmallVec::from_elem(0, shape.len());
    let mut stride = 1;
    for axis in (0..shape.len()).rev() {
        strides[axis] = stride;
        stride *= shape[axis].max(1) as isize;
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(shape: &[usize], chunks: impl Into<Chunks>) -> Result<Grid, Error> {
        Grid::new(shape, &chunks.into(), 8)
    }

    #[test]
    fn lengths_are_capped_by_the_axis_and_the_last_chunk_is_shorter() {
        let grid = grid(&[10, 3], [4, 100]).unwrap();
        assert_eq!(grid.bounds(0)[..], [0, 4, 8, 10]);
        assert_eq!(grid.bounds(1)[..], [0, 3]);
        assert_eq!(grid.count(), 3);
        assert_eq!(grid.to_string(), "[4, 3]");
    }

    #[test]
    fn an_empty_axis_has_one_empty_chunk() {
        let grid = grid(&[0, 5], 2).unwrap();
        assert_eq!(grid.counts()[..], [1, 3]);
        assert_eq!(grid.chunk_shape(&[0, 2])[..], [0, 1]);
        assert!(Grid::new(&[0], &vec![vec![0, 0]].into(), 8).is_ok());
    }

    #[test]
    fn rank_zero_has_one_chunk() {
        assert_eq!(grid(&[], 5).unwrap().count(), 1);
    }

    #[test]
    fn chunks_that_do_not_fit_are_refused_with_the_lengths() {
        let text = |result: Result<Grid, Error>| result.unwrap_err().to_string();
        assert!(text(grid(&[4], 0)).contains("length 0 along axis 0"));
        assert!(text(grid(&[4], [1, 2])).contains("for 2 axes"));
        assert!(text(grid(&[4], vec![vec![3, 2]])).contains("add up to 5, and the axis is 4 long"));
        assert!(text(grid(&[4], vec![vec![4, 0]])).contains("chunk 1 along axis 0"));
        assert!(text(grid(&[4], vec![vec![usize::MAX - 1, 5]])).contains("add up to"));
    }

    #[test]
    fn positions_and_numbers_are_inverse() {
        let counts = [3, 1, 4];
        for at in 0..12 {
            assert_eq!(number(&position(at, &counts), &counts), at);
        }
    }

    #[test]
    fn a_position_is_found_in_its_chunk() {
        let grid = grid(&[10], 4).unwrap();
        let found: Vec<_> = (0..10).map(|at| grid.chunk_at(0, at)).collect();
        assert_eq!(found, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
    }
}
