//! Arrays into files.
//!
//! In: an array and a path. Out: a file, written by the tasks that compute the array's chunks. It has its name only when it is whole and on the disk.

use super::sink::{Format, Sink};
use crate::array::{Array, check_axis};
use crate::element::Element;
use crate::error::Error;
use crate::expr::ExprRef;
use crate::grid::{Grid, position};
use crate::lower::Lowering;
use crate::rearrange::{in_any_chunks, regridded};
use crate::sizes::CHUNK_BYTES;
use ndarray::Dimension;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use taskweave_runtime::{Graph, Scheduler};

/// Chunks whose rows have so many bytes are written as they are, also if others were asked for.
const ROW_BYTES: usize = 4 << 10;

/// Chunks of shorter rows than this are put together to longer ones first, if that takes no more memory than [`BAND_BYTES`]: each is a call to the system.
const RUN_BYTES: usize = 1 << 10;
/// As much memory may putting together take. Where whole rows would take more, as many chunks are put together as make rows of [`ROW_BYTES`], or as many as this is enough for.
const BAND_BYTES: usize = 256 << 20;

/// The bytes that are written at once, of a chunk.
fn run_bytes(grid: &Grid, size: usize) -> usize {
    let mut elements: usize = 1;
    for axis in (0..grid.rank()).rev() {
        elements = elements.saturating_mul(grid.range(axis, 0).len());
        if grid.count_along(axis) > 1 {
            break;
        }
    }
    elements.saturating_mul(size)
}

/// The expression whose chunks are written where those of `expr` are to be: those below a change of chunks, if that does not make the stretches short that are written at once; others, if they are too short.
pub(crate) fn to_be_written(expr: &ExprRef) -> ExprRef {
    let run = |expr: &ExprRef| run_bytes(&expr.grid, expr.dtype.size);
    let below = in_any_chunks(expr);
    let chosen = if run(below) >= run(expr).min(ROW_BYTES) { below } else { expr };
    in_longer_rows(chosen, BAND_BYTES).unwrap_or_else(|| chosen.clone())
}

/// The expression in chunks that are whole along as many of the last axes as make their rows long enough, as far as these take no more than `band` bytes, cut along the axis before.
fn in_longer_rows(expr: &ExprRef, band: usize) -> Option<ExprRef> {
    let (size, mut grid) = (expr.dtype.size, expr.grid.clone());
    if expr.shape.contains(&0) {
        return None;
    }
    let mut first = grid.rank();
    while run_bytes(&grid, size) < RUN_BYTES {
        first = first.checked_sub(1).filter(|&first| first > 0)?;
        let largest = grid.largest().saturating_mul(size);
        let longest = grid.longest(first);
        let whole = largest / longest.max(1);
        if whole.saturating_mul(expr.shape[first]) <= band {
            grid.set(first, [0, expr.shape[first]].into());
            continue;
        }
        let run: usize = expr.shape[first + 1..].iter().product::<usize>().saturating_mul(size);
        let most = (band / whole.max(1)).min(ROW_BYTES.div_ceil(run.max(1)));
        let bounds = neighbours_together(grid.bounds(first), most);
        if bounds.len() == grid.bounds(first).len() {
            return None;
        }
        grid.set(first, bounds.into());
        break;
    }
    if first == grid.rank() {
        return None;
    }
    let others = grid.largest() / grid.longest(first - 1).max(1);
    let most = (CHUNK_BYTES / size / others.max(1)).max(1);
    let mut bounds = vec![0];
    for at in 0..grid.count_along(first - 1) {
        let range = grid.range(first - 1, at);
        bounds.extend((range.start + most..range.end).step_by(most));
        bounds.push(range.end);
    }
    grid.set(first - 1, bounds.into());
    Some(Arc::new(regridded(expr, grid)))
}

/// The boundaries without those between chunks that are no longer than `most` together.
fn neighbours_together(bounds: &[usize], most: usize) -> Vec<usize> {
    let mut kept = vec![0];
    for pair in bounds[1..].windows(2) {
        if pair[1] - kept[kept.len() - 1] > most {
            kept.push(pair[0]);
        }
    }
    kept.extend(bounds.last());
    kept
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// Computes the array into a `.npy` file, which NumPy's `load` reads.
    ///
    /// Tasks write each chunk to its place when it is computed, so an array may be larger than memory. What is written has another name in the same folder until all
    /// is on the disk: a run that fails leaves the file that was there before, or none, and no half one. It is in C order and in the machine's byte order.
    /// A process that is killed meanwhile leaves what it has written beside it, under a name of the form `.taskweave-….tmp`: nobody reads such a file, and when no process writes there it may be deleted.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// # let path = std::env::temp_dir().join(format!("taskweave-doc-store-npy-{}.npy", std::process::id()));
    /// let x = Array::linspace(0.0, 1.0, 101).rechunk(20);
    /// (&x * &x).store_npy(&path)?;
    /// assert_eq!(Array::<f64, ndarray::Ix1>::from_npy(&path).compute()?[50], 0.25);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Array::compute), and [`Io`](crate::ErrorKind::Io) if the file cannot be written: there is no such folder, the disk is full, or what has the name is
    /// read-only or no file.
    ///
    /// # Cost
    /// For each worker the blocks of a few chunks; the disk holds the old file and the new one for a while. Before the file gets its name the system is told to bring all of it to the disk
    /// (`fsync`), and after it the folder, so that a power failure leaves no half file: that takes as long as the disk takes to write what it has not written yet, and milliseconds of a small file.
    /// Chunks that are whole along the last axes are written with one
    /// call to the system, others with a call for each row. Where rows would have less than 1 KiB, chunks beside each other are put together first: all of them, if those take no more than 256 MiB, else as
    /// many as make rows of 4 KiB within that. If rows would still be short, say [`rechunk_within`](Array::rechunk_within) before storing.
    #[doc(alias = "save")]
    #[track_caller]
    pub fn store_npy(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.store("store_npy", path.as_ref(), Format::Npy, |graph| graph.compute())
    }

    /// [`store_npy`](Array::store_npy) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As `store_npy`.
    #[track_caller]
    pub fn store_npy_on(
        &self,
        path: impl AsRef<Path>,
        scheduler: &(impl Scheduler + ?Sized),
    ) -> Result<(), Error> {
        self.store("store_npy_on", path.as_ref(), Format::Npy, |graph| graph.compute_on(scheduler))
    }

    /// Computes the array into a file of nothing but its elements, in C order and in the machine's byte order: NumPy's `tofile`.
    ///
    /// Else as [`store_npy`](Array::store_npy), also in what a process that is killed leaves; [`from_raw`](Array::from_raw) reads it, told type and shape.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// # let path = std::env::temp_dir().join(format!("taskweave-doc-store-raw-{}.bin", std::process::id()));
    /// array::Array::from(vec![1_u8, 2, 3]).store_raw(&path)?;
    /// assert_eq!(std::fs::read(&path).unwrap(), [1, 2, 3]);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `store_npy`.
    ///
    /// # Cost
    /// As `store_npy`.
    #[doc(alias = "tofile")]
    #[track_caller]
    pub fn store_raw(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.store("store_raw", path.as_ref(), Format::Raw, |graph| graph.compute())
    }

    /// [`store_raw`](Array::store_raw) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As `store_raw`.
    #[track_caller]
    pub fn store_raw_on(
        &self,
        path: impl AsRef<Path>,
        scheduler: &(impl Scheduler + ?Sized),
    ) -> Result<(), Error> {
        self.store("store_raw_on", path.as_ref(), Format::Raw, |graph| graph.compute_on(scheduler))
    }

    /// Computes the array into a new folder with a `.npy` file for each chunk along the first axis: `0.npy`, `1.npy`, and so on.
    ///
    /// The folder also gets a file `info`, a line of JSON: `{"format": "npy stack 1", "descr": "<f8", "shape": [10, 4], "lengths": [4, 4, 2]}`. The files are those of
    /// dask's `to_npy_stack`, whose `info` is a pickle. All or nothing, as [`store_npy`](Array::store_npy): the folder has its name when all is on the disk, and is one called `.taskweave-….tmp`
    /// before, which a process that is killed leaves.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-doc-store-stack-{}", std::process::id()));
    /// Array::<f32, _>::zeros([10, 4]).rechunk(4).store_npy_stack(&folder)?;
    /// assert_eq!(Array::<f32, ndarray::Ix2>::from_npy(folder.join("2.npy")).shape(), [2, 4]);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As `store_npy`; [`Io`](crate::ErrorKind::Io), if there is something in the folder already; [`Axis`](crate::ErrorKind::Axis), if the array has no axis.
    ///
    /// # Cost
    /// As `store_npy`, with an `fsync` for each file.
    #[doc(alias = "to_npy_stack")]
    #[track_caller]
    pub fn store_npy_stack(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.store("store_npy_stack", folder.as_ref(), Format::Stack, |graph| graph.compute())
    }

    /// [`store_npy_stack`](Array::store_npy_stack) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As `store_npy_stack`.
    #[track_caller]
    pub fn store_npy_stack_on(
        &self,
        folder: impl AsRef<Path>,
        scheduler: &(impl Scheduler + ?Sized),
    ) -> Result<(), Error> {
        self.store("store_npy_stack_on", folder.as_ref(), Format::Stack, |graph| {
            graph.compute_on(scheduler)
        })
    }

    #[track_caller]
    fn store(
        &self,
        operation: &'static str,
        path: &Path,
        format: Format,
        compute: impl FnOnce(Graph<'_, Vec<()>>) -> Result<Vec<()>, taskweave_runtime::Error>,
    ) -> Result<(), Error> {
        let location = Location::caller();
        let here = |error: Error| error.of_call(operation, location);
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let expr = &match format {
            Format::Stack => {
                check_axis(0, &expr.shape).map_err(here)?;
                expr.clone()
            }
            Format::Npy | Format::Raw => to_be_written(expr),
        };
        let sink = Sink::new::<A>(path, format, expr).map_err(here)?;
        let (to, counts) = (&sink, &expr.grid.counts());
        compute(Graph::build(|builder| {
            let roots = std::slice::from_ref(expr);
            let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            let written = blocks.into_iter().enumerate().map(|(at, block)| {
                let write = move |block| to.write::<A>(&position(at, counts), &block).map_err(here);
                block.map(write).named("write").or_fail()
            });
            builder.gather(written.collect::<Vec<_>>())
        }))?;
        sink.finish::<A>().map_err(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Ix2, Ix3};

    #[test]
    fn short_rows_are_put_together_as_far_as_memory_goes() {
        let grid = |chunks: [usize; 2], band: usize| {
            let x = Array::<f64, Ix2>::zeros([10_000, 1000]).rechunk(chunks);
            let found = in_longer_rows(x.state.as_ref().unwrap(), band);
            found.map(|expr| (expr.grid.longest(0), expr.grid.longest(1)))
        };
        // Whole rows, in pieces of 4 MiB.
        assert_eq!(grid([10_000, 10], 80_000_000), Some((524, 1000)));
        // Rows of 4 KiB, then as long as there is memory for.
        assert_eq!(grid([10_000, 10], 79_999_999), Some((1028, 510)));
        assert_eq!(grid([10_000, 10], 8_000_000), Some((5242, 100)));
        assert_eq!(grid([10_000, 10], 2_000_000), Some((10_000, 20)));
        assert_eq!(grid([10_000, 10], 1_599_999), None);
        // Long enough.
        assert_eq!(grid([10_000, 200], 1), None);
        assert_eq!(grid([10, 1000], 1), None);
        let x = Array::<f64, Ix3>::zeros([50, 40, 10]).rechunk([50, 1, 2]);
        let found = in_longer_rows(x.state.as_ref().unwrap(), 40_000).unwrap();
        assert_eq!(found.grid.to_string(), "[50, 10, 10]");
    }

    #[test]
    fn boundaries_are_left_out_where_neighbours_are_short() {
        assert_eq!(neighbours_together(&[0, 3, 6, 9, 11], 6), [0, 6, 11]);
        assert_eq!(neighbours_together(&[0, 7, 8, 9, 20], 6), [0, 7, 9, 20]);
        assert_eq!(neighbours_together(&[0, 5], 1), [0, 5]);
    }
}
