//! Arrays that are in files while they wait: to be put together to other chunks within a bound of memory, or for the last one who reads them.
//!
//! In: an array, chunks, and how many bytes may be held ([`Spill`]). Out: the array in these chunks. Where every new chunk needs a piece of every old one, all of the array has to be somewhere
//! before the first new chunk is there; if that is more than may be held, it is in a file.
//!
//! ```text
//! layout     where each piece lies in a file: pure data
//! tasks      what writes and reads it
//! ```
//! Not here: rechunking in memory (`rearrange`).

mod layout;
mod tasks;

use crate::array::Array;
use crate::coarse::parts;
use crate::element::Element;
use crate::expr::{ExprRef, Kind};
use crate::grid::{Chunks, Grid};
use crate::rearrange::regridded;
use crate::recut::Recut;
use layout::Layout;
use ndarray::Dimension;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

/// A task that writes holds at most this part of what each worker may hold: the blocks that its group is made of are being made meanwhile, and pieces are copied.
const GROUP_SHARE: u64 = 4;

/// How much of an array [`rechunk_within`](Array::rechunk_within) and [`spill`](Array::spill) may hold in memory, and where the rest goes meanwhile.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Spill;
/// let here = Spill::beyond(512 << 20);
/// assert_eq!(here, Spill::from(512 << 20));
/// let there = here.folder("/scratch");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spill {
    bytes: u64,
    folder: Option<PathBuf>,
}

impl Spill {
    /// So many bytes in memory; what is more goes to temporary files in [`std::env::temp_dir`].
    pub fn beyond(bytes: u64) -> Spill {
        Spill { bytes, folder: None }
    }

    /// Files go to this folder, which has to be there when the array is computed. One that is kept in memory, as `/tmp` is on some systems, saves none.
    #[must_use]
    pub fn folder(self, folder: impl Into<PathBuf>) -> Spill {
        Spill { folder: Some(folder.into()), ..self }
    }
}

/// So many bytes in memory.
impl From<u64> for Spill {
    fn from(bytes: u64) -> Spill {
        Spill::beyond(bytes)
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The same array in other chunks, of which no more than about so many bytes are in memory at once; the rest is in temporary files meanwhile.
    ///
    /// From rows to columns every new chunk needs a piece of every old one, so [`rechunk`](Array::rechunk) holds all of the array. If that is more than `spill` allows, each old chunk is written to a file as
    /// soon as it is computed, piece by piece, and new chunks are read from there when somebody needs them, anew for each reader: nothing is held but what workers have in hand. Parts of the array that have
    /// nothing to do with each other go through one after the other. What is made of sources alone, step by step, is cut at its sources, and needs no file; so does what is small enough.
    ///
    /// Files have no name while they are used, where the system allows that, and none is left, whatever happens. The numbers are the same as those of `rechunk`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Random;
    /// // 8 MB, of which each block goes through a function of our own.
    /// let x = Random::new(1).uniform::<f64, _>([1000, 1000]).rechunk([10, 1000]);
    /// let y = x.map_blocks(|block, _| block.mapv(f64::sqrt));
    /// let columns = y.rechunk_within([1000, 10], 1 << 20);
    /// let plan = columns.sum().plan(1)?;
    /// assert_eq!((plan.bytes_spilled(), plan.bytes_fetched()), (8_000_000, 8_000_000));
    /// assert!(plan.peak_bytes() < 1 << 20);
    /// assert_eq!(columns.compute()?, y.compute()?);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: chunks have to fit the shape. Of the task: [`Io`](crate::ErrorKind::Io) if there can be no file in the folder, or the disk is full.
    ///
    /// # Cost
    /// In memory: that of `rechunk`. Through files: the array is written once and read once for each reader; [`plan`](Array::plan) says how many bytes that is. A task for each old chunk or a few of them
    /// together, and one for each new chunk and reader. What chunks themselves take is not changed: each worker holds an old one or a new one, and what these are made of.
    #[track_caller]
    pub fn rechunk_within(
        &self,
        chunks: impl Into<Chunks>,
        spill: impl Into<Spill>,
    ) -> Array<A, D> {
        let (chunks, spill, location) = (chunks.into(), spill.into(), Location::caller());
        self.step(|expr| {
            let grid = Grid::new(&expr.shape, &chunks, size_of::<A>())?;
            let cut = Recut::default().free::<A>(expr, &grid).unwrap_or_else(|| expr.clone());
            if cut.grid == grid || grid.refines(&cut.grid) || is_small(&cut, &grid, spill.bytes) {
                return Ok(regridded(&cut, grid));
            }
            let group_bytes = spill.bytes / (GROUP_SHARE * workers_max() as u64);
            let group_bytes = usize::try_from(group_bytes).unwrap_or(usize::MAX);
            let layout = Layout::new(&cut.grid, &grid, size_of::<A>(), group_bytes);
            let spilled =
                tasks::spilled::<A>(&cut, layout, spill.folder, "rechunk_within", location);
            // Its chunks may be several of those that are wanted.
            Ok(if spilled.grid == grid { spilled } else { regridded(&Arc::new(spilled), grid) })
        })
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The same array, whose blocks are in a temporary file from when they have been computed to when the last one has read them, if it has more bytes than `spill` allows in memory.
    ///
    /// What is computed and read at two times is else held from the first to the second: all of `y` for `&y - y.mean()`, if `y` is not made of sources alone. The file belongs to a run: computed twice,
    /// the array is computed twice, unlike one that is [persisted](Array::persist).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Random;
    /// let x = Random::new(1).uniform::<f64, _>([1000, 1000]).rechunk([10, 1000]);
    /// let y = x.map_blocks(|block, _| block.mapv(f64::sqrt));
    /// let far = |y: &array::Array<f64, ndarray::Ix2>| (y - y.mean()).abs().max();
    /// assert!(far(&y).plan(1)?.peak_bytes() > 8_000_000);
    /// let spilled = y.spill(1 << 20);
    /// assert!(far(&spilled).plan(1)?.peak_bytes() < 200_000);
    /// assert_eq!(far(&spilled).compute()?, far(&y).compute()?);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Of the task: as of [`rechunk_within`](Array::rechunk_within).
    ///
    /// # Cost
    /// Nothing for an array that is small enough, that is made, in memory or in a file. Else the array is written once and read once for each reader; two tasks more for each chunk.
    #[track_caller]
    pub fn spill(&self, spill: impl Into<Spill>) -> Array<A, D> {
        let (spill, location) = (spill.into(), Location::caller());
        let bytes = self.len().saturating_mul(size_of::<A>());
        let is_source = |expr: &ExprRef| matches!(expr.kind, Kind::Source(_));
        if bytes as u64 <= spill.bytes || self.state.as_ref().is_ok_and(is_source) {
            return self.clone();
        }
        self.step(|expr| {
            let layout = Layout::unchanged(&expr.grid, size_of::<A>());
            Ok(tasks::spilled::<A>(expr, layout, spill.folder, "spill", location))
        })
    }
}

/// So many tasks are taken to run at once.
fn workers_max() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Whether what rechunking in memory holds at once is less than so many bytes: the parts that workers are at, and their new chunks.
fn is_small(expr: &ExprRef, grid: &Grid, bytes: u64) -> bool {
    let parts = parts(&expr.grid, grid);
    let at_once = workers_max().min(parts.count());
    let held = (parts.largest() + grid.largest()).saturating_mul(expr.dtype.size);
    held.saturating_mul(at_once) as u64 <= bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_folder_that_is_not_there_is_an_error_of_the_operation() {
        let x = Random::new(1).uniform::<f64, _>([100]).map_blocks(|block, _| block.to_owned());
        let spilled = x.spill(Spill::beyond(0).folder("/no/such/folder"));
        let error = (&spilled - spilled.mean()).sum().compute().unwrap_err().to_string();
        assert!(error.contains("spill: cannot make a temporary file in"), "{error}");
    }
}
