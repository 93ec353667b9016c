//! Arrays into files.
//!
//! In: an array and a path. Out: a file, written by the tasks that compute the array's chunks. It has its name only when it is whole and on the disk.

use super::sink::{Format, Sink};
use crate::array::{Array, check_axis};
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Expr, ExprRef};
use crate::grid::position;
use crate::lower::Lowering;
use crate::rearrange::in_any_chunks;
use ndarray::Dimension;
use std::panic::Location;
use std::path::Path;
use taskweave_runtime::{Graph, Scheduler};

/// Chunks whose rows have so many bytes are written as they are, also if others were asked for.
const ROW_BYTES: usize = 4 << 10;

/// The expression whose chunks are written where those of `expr` are to be: those below a change of chunks, if that does not make the stretches short that are written at once.
pub(crate) fn to_be_written(expr: &ExprRef) -> &ExprRef {
    let row = |expr: &Expr| {
        let mut elements = 1;
        for axis in (0..expr.shape.len()).rev() {
            elements *= expr.grid.range(axis, 0).len();
            if expr.grid.count_along(axis) > 1 {
                break;
            }
        }
        elements.saturating_mul(expr.dtype.size)
    };
    let below = in_any_chunks(expr);
    if row(below) >= row(expr).min(ROW_BYTES) { below } else { expr }
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// Computes the array into a `.npy` file, which NumPy's `load` reads.
    ///
    /// Tasks write each chunk to its place when it is computed, so an array may be larger than memory. What is written has another name in the same folder until all
    /// is on the disk: a run that fails leaves the file that was there before, or none, and no half one. It is in C order and in the machine's byte order.
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
    /// For each worker the blocks of a few chunks; the disk holds the old file and the new one for a while. Chunks that are whole along the last axes are written with one
    /// call to the system, others with a call for each row: [`rechunk`](Array::rechunk) before storing if those are short.
    #[track_caller]
    pub fn store_npy(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.store(path.as_ref(), Format::Npy, |graph| graph.compute())
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
        self.store(path.as_ref(), Format::Npy, |graph| graph.compute_on(scheduler))
    }

    /// Computes the array into a file of nothing but its elements, in C order and in the machine's byte order: NumPy's `tofile`.
    ///
    /// Else as [`store_npy`](Array::store_npy); [`from_raw`](Array::from_raw) reads it, told type and shape.
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
    #[track_caller]
    pub fn store_raw(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.store(path.as_ref(), Format::Raw, |graph| graph.compute())
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
        self.store(path.as_ref(), Format::Raw, |graph| graph.compute_on(scheduler))
    }

    /// Computes the array into a new folder with a `.npy` file for each chunk along the first axis: `0.npy`, `1.npy`, and so on.
    ///
    /// The folder also gets a file `info`, a line of JSON: `{"format": "npy stack 1", "descr": "<f8", "shape": [10, 4], "lengths": [4, 4, 2]}`. The files are those of
    /// dask's `to_npy_stack`, whose `info` is a pickle. All or nothing, as [`store_npy`](Array::store_npy): the folder has its name when all is on the disk.
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
    /// As `store_npy`.
    #[track_caller]
    pub fn store_npy_stack(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        self.store(folder.as_ref(), Format::Stack, |graph| graph.compute())
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
        self.store(folder.as_ref(), Format::Stack, |graph| graph.compute_on(scheduler))
    }

    #[track_caller]
    fn store(
        &self,
        path: &Path,
        format: Format,
        compute: impl FnOnce(Graph<'_, Vec<()>>) -> Result<Vec<()>, taskweave_runtime::Error>,
    ) -> Result<(), Error> {
        let location = Location::caller();
        let here = |error: Error| error.at(location);
        let mut expr = self.state.as_ref().map_err(Clone::clone)?;
        match format {
            Format::Stack => check_axis(0, &expr.shape).map_err(here)?,
            Format::Npy | Format::Raw => expr = to_be_written(expr),
        }
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
