//! Arrays of what lies in files.
//!
//! In: paths. Out: arrays whose elements tasks read when they need them, or an error: of a file that is no `.npy` file, is too short, or holds something else than is asked for.

use super::file::NamedFile;
use super::npy::{Header, check_length};
use super::source::{OfFile, OfStack};
use super::stack::Stack;
use crate::array::Array;
use crate::create::source;
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Expr, Kind, Source};
use crate::grid::{Chunks, Grid, check_said};
use crate::tile::type_of;
use ndarray::{Dimension, IntoDimension};
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// The array in a `.npy` file, as NumPy's `save` writes it.
    ///
    /// The header is read at once; elements are read by the tasks that need them, so an array may be larger than memory. Versions 1.0 to 3.0, C and
    /// Fortran order, and NumPy's types `?`, `i1` to `i8`, `u1` to `u8`, `f4`, `f8`, `c8` and `c16` in the machine's byte order, also by their other names. Rechunking is
    /// free, and of a slice no more is read than its chunks' boxes. The file stays open; it should not be changed while the array is in use.
    ///
    /// It gives an array and no `Result`, so no `?` follows: [`check`](Array::check) says at once what is wrong with the file, `compute` later.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::Ix2;
    /// # let path = std::env::temp_dir().join(format!("taskweave-doc-from-npy-{}.npy", std::process::id()));
    /// Array::<f64, _>::ones([300, 200]).store_npy(&path)?;
    /// let x = Array::<f64, Ix2>::from_npy(&path);
    /// assert_eq!(x.shape(), [300, 200]);
    /// assert_eq!(x.sum().compute()?.into_scalar(), 60_000.0);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: [`Io`](crate::ErrorKind::Io) if the file cannot be read, [`Format`](crate::ErrorKind::Format) if it is no `.npy` file, has been cut off or
    /// holds another type, [`Shape`](crate::ErrorKind::Shape) if it holds another rank. From a task, if the file cannot be read any more or has become shorter.
    ///
    /// # Cost
    /// The header. Of each task that reads, its box of elements; each reader reads again, so that nothing has to be kept. Chunks that are whole along the last axes
    /// (the first ones in Fortran order), as they are if nobody says otherwise, are read with one call; others with a call for each row, or for 256 KiB of short rows.
    #[doc(alias = "load")]
    #[track_caller]
    pub fn from_npy(path: impl AsRef<Path>) -> Array<A, D> {
        let location = Location::caller();
        let open = || {
            let file = NamedFile::open(path.as_ref())?;
            let header = Header::read(&file)?;
            header.check::<A, D>(&file)?;
            of_file::<A>("from_npy", file, header, location)
        };
        Array::from_state(open().map(Arc::new).map_err(|error| error.of_call("from_npy", location)))
    }

    /// The array whose elements are the bytes of a file from byte `offset` on, in C order and in the machine's byte order.
    ///
    /// As [`from_npy`](Array::from_npy), of a file that does not say what it holds. What follows the elements is ignored.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// # let path = std::env::temp_dir().join(format!("taskweave-doc-from-raw-{}.bin", std::process::id()));
    /// Array::arange(0_u16, 12, 1).store_raw(&path)?;
    /// let x = Array::<u16, _>::from_raw(&path, [2, 5], 4);
    /// assert_eq!(x.compute()?, ndarray::arr2(&[[2, 3, 4, 5, 6], [7, 8, 9, 10, 11]]));
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: [`Io`](crate::ErrorKind::Io) if the file cannot be read, [`Format`](crate::ErrorKind::Format) if it is too short. From a task, as of `from_npy`.
    ///
    /// # Cost
    /// As `from_npy`.
    #[doc(alias("fromfile", "memmap"))]
    #[track_caller]
    pub fn from_raw(
        path: impl AsRef<Path>,
        shape: impl IntoDimension<Dim = D>,
        offset: u64,
    ) -> Array<A, D> {
        let location = Location::caller();
        let shape = shape.into_dimension();
        let open = || {
            let file = NamedFile::open(path.as_ref())?;
            check_said(shape.slice())?;
            check_length::<A>(&file, shape.slice(), offset)?;
            let shape = shape.slice().into();
            let header = Header { descr: String::new(), is_fortran: false, shape, start: offset };
            of_file::<A>("from_raw", file, header, location)
        };
        Array::from_state(open().map(Arc::new).map_err(|error| error.of_call("from_raw", location)))
    }

    /// The array in a stack of `.npy` files, as [`store_npy_stack`](Array::store_npy_stack) writes it: a chunk of rows for each file.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::Ix1;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-doc-from-stack-{}", std::process::id()));
    /// Array::arange(0, 10, 1).rechunk(4).store_npy_stack(&folder)?;
    /// let x = Array::<i32, Ix1>::from_npy_stack(&folder);
    /// assert_eq!(x.chunk_lengths(0), [4, 4, 2]);
    /// assert_eq!(x.compute()?.to_vec(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: as of [`from_npy`](Array::from_npy), of each file; [`Format`](crate::ErrorKind::Format), if the files are not what `info` says. From a task, if
    /// a file is not there any more, or another one.
    ///
    /// # Cost
    /// The header of each file, and again when a task reads from it: files are not kept open. Else as `from_npy`.
    #[track_caller]
    pub fn from_npy_stack(folder: impl AsRef<Path>) -> Array<A, D> {
        let location = Location::caller();
        let open = || {
            let stack = Stack::open_all::<A, D>(folder.as_ref())?;
            let (shape, bounds) = (stack.shape.clone(), stack.bounds.clone());
            let stored = Arc::new(OfStack::<A, D>::new(stack, location));
            let mut expr = source::<A>("from_npy_stack", &shape, location, Source::Stored(stored))?;
            let rows = std::iter::once(bounds.into());
            let rest = (1..shape.len()).map(|axis| [0, shape[axis]].into());
            expr.grid = Grid::from_bounds(rows.chain(rest));
            expr.grid.check_count(&shape)?;
            Ok(expr)
        };
        Array::from_state(
            open().map(Arc::new).map_err(|error: Error| error.of_call("from_npy_stack", location)),
        )
    }
}

/// The array in one file, in chunks that are read with one call.
fn of_file<A: Element>(
    name: &'static str,
    file: NamedFile,
    header: Header,
    location: &'static Location<'static>,
) -> Result<Expr, Error> {
    let (shape, is_fortran) = (header.shape.clone(), header.is_fortran);
    let stored = Arc::new(OfFile::<A>::new(file, header, name, location));
    let mut axes = shape.clone();
    if is_fortran {
        axes.reverse();
    }
    // A file of no elements can have any shape: there would be as many chunks as its header likes.
    let grid = match shape.contains(&0) {
        true => Grid::whole(&axes),
        false => Grid::new(&axes, &Chunks::auto(), size_of::<A>())?,
    };
    let mut bounds: Vec<_> = (0..grid.rank()).map(|axis| grid.bounds(axis).clone()).collect();
    if is_fortran {
        bounds.reverse();
    }
    let grid = Grid::from_bounds(bounds);
    let (dtype, of, kind) = (A::DTYPE, type_of::<A>(), Kind::Source(Source::Stored(stored)));
    Ok(Expr { kind, name, dtype, of, shape, grid, location })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn an_offset_behind_the_end_of_a_file_is_called_that() {
        let folder = folder("taskweave-offset");
        let path = folder.join("x.raw");
        std::fs::write(&path, [0; 96]).unwrap();
        let error = Array::<f64, ndarray::Ix2>::from_raw(&path, [0, 4], 97).check().unwrap_err();
        let text = "its elements are to begin at byte 97, and it ends at byte 96";
        assert!(error.to_string().contains(text), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_of_another_dtype_than_its_stack_is_named() {
        let folder = folder("taskweave-dtypes");
        let x = Array::<f64, ndarray::Ix2>::ones([4, 3]).rechunk([2, 3]);
        let stack = folder.join("stack");
        x.store_npy_stack(&stack).unwrap();
        let said = || {
            let open = Array::<f64, ndarray::Ix2>::from_npy_stack(&stack);
            open.check().unwrap_err().to_string()
        };
        Array::<f32, ndarray::Ix2>::ones([2, 3]).store_npy(stack.join("1.npy")).unwrap();
        let one = said();
        assert!(one.contains("1.npy: its elements are of dtype") && one.contains("f4"), "{one}");
        assert!(one.contains("the stack's info says") && !one.contains("ask for"), "{one}");
        let info = std::fs::read_to_string(stack.join("info")).unwrap();
        std::fs::write(stack.join("info"), info.replace("f8", "i8")).unwrap();
        let all = said();
        assert!(all.contains("0.npy") && all.contains("i8; all files of a stack"), "{all}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
