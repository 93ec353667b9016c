//! What computing an array will take, before it is computed.
//!
//! In: the tasks that an array needs. Out: a [`Plan`]: how many tasks, how many bytes they read, and how much memory is expected to be in use at once, found by going through the
//! tasks in the order in which the workers run them ([`crate::rehearsal`]) and letting go of each block after its last reader.
//!
//! The figure is from above: the result is counted from the beginning, and a block that is only another look at a block as one of its own; but products read memory of the user's as it lies. What users' functions take besides the block that they
//! return is not known. Buffers that the process keeps for next blocks need not be counted: they go when others need their room ([`crate::pool`]). With several workers it also depends on how long tasks take, which is not known: then it is the most of a few ways.

use crate::array::{Array, Bytes, Grouped, check_axis};
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::ExprRef;
use crate::lower::Lowering;
use crate::rearrange::in_any_chunks;
use crate::rehearsal::{Kept, Rehearsal};
use crate::store::to_be_written;
use ndarray::Dimension;
use std::fmt::{Debug, Display, Formatter};
use std::panic::Location;

/// What computing an array will take; made by [`Array::plan`].
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, Random};
/// let x = Random::new(1).uniform::<f64, _>([100_000, 1000]);
/// let plan = (x.sin() + 1.0).mean().plan(2)?;
/// // 800 MB of numbers, of which only a tile at a time is ever there.
/// assert!(plan.peak_bytes() < 1 << 20);
/// let whole = x.sin().plan(2)?;
/// let error = whole.within(100 << 20).unwrap_err();
/// assert!(error.to_string().contains("and 100.0 MiB are the limit"));
/// # Ok::<(), array::Error>(())
/// ```
#[derive(Clone)]
pub struct Plan {
    tasks: usize,
    bytes_read: u64,
    bytes_spilled: u64,
    bytes_fetched: u64,
    result_bytes: u64,
    peak_bytes: u64,
    task_bytes: u64,
    thread_bytes: u64,
    workers: usize,
    holders: Vec<Holder>,
}

/// An operation whose blocks are in memory when most is in use.
#[derive(Clone)]
struct Holder {
    name: &'static str,
    location: &'static Location<'static>,
    bytes: u64,
}

/// What a task takes itself, with its place in the run, and what each block that it reads takes besides; measured over graphs of 10 to 200,000 tasks, of all memory: that of large graphs comes from the
/// system, and an allocator that counts sees none of it.
const TASK_BYTES: u64 = 210;
const READ_BYTES: u64 = 52;
/// What it takes besides to write a chunk of the result to its place in memory, and to a file.
const PLACED_BYTES: u64 = 260;
const STORED_BYTES: u64 = 340;
/// What a block takes besides its elements while it is there.
const BLOCK_BYTES: u64 = 200;
/// What each block that a task reads takes while it runs: as one of its arguments, and as a piece that is put in its place.
const ARGUMENT_BYTES: u64 = 240;
/// The memory of a graph is taken in steps, each four times as large as the one before, up to 2 MiB: so many tenths of what is needed may be taken and not used, and at most so many bytes.
const UNUSED_TENTHS: u64 = 18;
const UNUSED_BYTES_MAX: u64 = 5 << 18;
/// Less than this for tasks is not shown.
const TASK_BYTES_SHOWN: u64 = 1 << 20;
/// So many of those that hold most are named.
const HOLDERS_NAMED: usize = 3;

impl Plan {
    /// The number of tasks.
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// Bytes that are read from memory of the user's and from files.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Bytes that are written to temporary files, by [`rechunk_within`](Array::rechunk_within) and [`spill`](Array::spill).
    pub fn bytes_spilled(&self) -> u64 {
        self.bytes_spilled
    }

    /// Bytes that are read from temporary files: as many as are written for each reader.
    pub fn bytes_fetched(&self) -> u64 {
        self.bytes_fetched
    }

    /// Bytes of the result.
    pub fn result_bytes(&self) -> u64 {
        self.result_bytes
    }

    /// Bytes that blocks, and what their tasks work in, are expected to take at once, the result included unless it is stored, memory of the user's not.
    ///
    /// Buffers of blocks that are gone, of which the process keeps some for the next ones (at most 32 MiB), are let go of before all takes more than this, or than it has taken before.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// Bytes that the tasks themselves take, besides [`peak_bytes`](Plan::peak_bytes): about 210 each, 52 for each block that one reads, some 300 for each chunk of the result and for each block as long as it is there; and up to twice that again, but no more than 1.3 MB, because the memory of a graph is taken in steps.
    pub fn task_bytes(&self) -> u64 {
        self.task_bytes
    }

    /// Bytes that all workers' threads keep for products and factorisations of matrices, besides [`peak_bytes`](Plan::peak_bytes): what they pack matrices in, as large as the processor's caches. A thread makes
    /// it at its first such task, uses it for all that follow, and gives it back when it ends. None, if the array needs none of them.
    pub fn thread_bytes(&self) -> u64 {
        self.thread_bytes
    }

    /// The plan, if all is expected to do with so much memory: [`peak_bytes`](Plan::peak_bytes), [`task_bytes`](Plan::task_bytes) and [`thread_bytes`](Plan::thread_bytes) together. What functions of the user allocate besides the blocks that they return is not in it.
    ///
    /// # Errors
    /// [`ErrorKind::Memory`] if it is not, with the operations that hold most.
    pub fn within(self, bytes: u64) -> Result<Plan, Error> {
        let beside = self.task_bytes.saturating_add(self.thread_bytes);
        let needed = self.peak_bytes.saturating_add(beside);
        if needed <= bytes {
            return Ok(self);
        }
        let holder = |holder: &Holder| {
            let (file, line) = (holder.location.file(), holder.location.line());
            format!("`{}` ({file}:{line}) holds {}", holder.name, Bytes(holder.bytes))
        };
        let mut named: Vec<String> = self.holders.iter().take(HOLDERS_NAMED).map(holder).collect();
        let most = self.peak_bytes.max(self.task_bytes).max(self.thread_bytes);
        let beside = if most == self.peak_bytes {
            None
        } else if most == self.task_bytes {
            let tasks = Grouped(self.tasks);
            let are = if self.tasks == 1 { "task takes" } else { "tasks take" };
            Some((format!("{tasks} {are} {}", Bytes(self.task_bytes)), "larger chunks need less"))
        } else {
            let kept = Bytes(self.thread_bytes);
            let what = format!("the threads keep {kept} to pack matrices in");
            Some((what, "fewer workers need less"))
        };
        let remedy = match beside {
            Some((what, remedy)) => {
                named.insert(0, what);
                remedy
            }
            None => {
                "smaller chunks, fewer workers, or storing the result chunk by chunk need less, and for what is computed and then read twice, or in other chunks, `.spill(bytes)`"
            }
        };
        let message = format!(
            "computing needs about {} with {} worker{}, and {} are the limit: {}; {remedy}",
            Bytes(needed),
            self.workers,
            if self.workers == 1 { "" } else { "s" },
            Bytes(bytes),
            named.join(", ")
        );
        Err(Error::new(ErrorKind::Memory, message))
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} task{}, {} read, ",
            Grouped(self.tasks),
            if self.tasks == 1 { "" } else { "s" },
            Bytes(self.bytes_read)
        )?;
        if self.bytes_spilled > 0 {
            let (written, read) = (Bytes(self.bytes_spilled), Bytes(self.bytes_fetched));
            write!(f, "{written} written to temporary files and {read} read from them, ")?;
        }
        write!(
            f,
            "about {} in use at once with {} worker{}",
            Bytes(self.peak_bytes),
            self.workers,
            if self.workers == 1 { "" } else { "s" }
        )?;
        if self.task_bytes >= TASK_BYTES_SHOWN {
            write!(f, ", and {} for tasks", Bytes(self.task_bytes))?;
        }
        if self.thread_bytes > 0 {
            write!(f, ", and {} to pack matrices in", Bytes(self.thread_bytes))?;
        }
        Ok(())
    }
}

impl Debug for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// What computing the array with so many workers will take; see [`Plan`].
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Cost
    /// In proportion to the tasks, none of which is run.
    pub fn plan(&self, workers: usize) -> Result<Plan, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        Ok(planned(in_any_chunks(expr), workers, true))
    }

    /// What storing the array with so many workers will take, by [`store_npy`](Array::store_npy) or [`store_raw`](Array::store_raw), not by [`store_npy_stack`](Array::plan_store_npy_stack): as [`plan`](Array::plan), but the result is in memory a chunk at a time.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([1000, 1000]).rechunk([10, 1000]);
    /// let (computed, stored) = (x.sin().plan(1)?, x.sin().plan_store(1)?);
    /// assert_eq!((computed.peak_bytes(), stored.peak_bytes()), (8_000_000, 80_000));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Cost
    /// As that of `plan`.
    pub fn plan_store(&self, workers: usize) -> Result<Plan, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        Ok(planned(&to_be_written(expr), workers, false))
    }

    /// What [`store_npy_stack`](Array::store_npy_stack) with so many workers will take: as [`plan_store`](Array::plan_store), but chunks are never put together before they are written, for the first
    /// axis says which file they go to.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([1000, 1000]).rechunk([10, 1000]);
    /// assert_eq!(x.sin().plan_store_npy_stack(1)?.peak_bytes(), 80_000);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// That of [`check`](Array::check); [`Axis`](ErrorKind::Axis), if the array has no axis.
    ///
    /// # Cost
    /// As that of `plan`.
    #[track_caller]
    pub fn plan_store_npy_stack(&self, workers: usize) -> Result<Plan, Error> {
        let location = Location::caller();
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let here = |error: Error| error.of_call("plan_store_npy_stack", location);
        check_axis(0, &expr.shape).map_err(here)?;
        Ok(planned(expr, workers, false))
    }
}

fn planned(expr: &ExprRef, workers: usize, is_kept: bool) -> Plan {
    let lowering = Lowering::new(std::slice::from_ref(expr));
    let elements: usize = expr.shape.iter().product();
    let result_bytes = (elements as u64).saturating_mul(expr.dtype.size as u64);
    // The chunks of the result are written to their places, by their tasks or from blocks.
    let kept = Kept {
        bytes: if is_kept { result_bytes } else { 0 },
        is_in_place: is_kept && result_bytes > 0 && lowering.writes_in_place(),
    };
    let blocks = lowering.blocks();
    let reads = blocks.iter().flatten().flatten().map(|block| block.reads.len() as u64).sum();
    let mut held = Rehearsal::new(&blocks, &lowering.late()).held(workers.max(1), kept);
    for (group, effort) in lowering.shared() {
        held.share(group, effort);
    }
    let mut holders: Vec<Holder> = held
        .by_group
        .into_iter()
        .enumerate()
        .filter(|&(_, bytes)| bytes > 0)
        .map(|(group, bytes)| {
            let (name, location) = lowering.origin(group);
            Holder { name, location, bytes: u64::try_from(bytes).unwrap_or(u64::MAX) }
        })
        .collect();
    holders.sort_by_key(|holder| std::cmp::Reverse(holder.bytes));
    let (bytes_spilled, bytes_fetched) = lowering.spilled();
    let of_chunk = if is_kept { PLACED_BYTES } else { STORED_BYTES };
    let longest = blocks.iter().flatten().flatten().map(|block| block.reads.len()).max();
    let arguments = (longest.unwrap_or(0) as u64)
        .saturating_mul(workers.clamp(1, lowering.tasks().max(1)) as u64)
        .min(reads);
    let running = BLOCK_BYTES * held.blocks as u64 + ARGUMENT_BYTES * arguments;
    let (tasks, of_result) = (lowering.tasks(), of_chunk * expr.grid.count() as u64);
    Plan {
        tasks,
        bytes_read: lowering.bytes_read(),
        bytes_spilled,
        bytes_fetched,
        result_bytes,
        peak_bytes: u64::try_from(held.peak).unwrap_or(u64::MAX),
        task_bytes: task_bytes(tasks as u64, reads, of_result, running),
        thread_bytes: (lowering.of_thread() as u64)
            .saturating_mul(workers.clamp(1, tasks.max(1)) as u64),
        workers: workers.max(1),
        holders,
    }
}

/// Of so many tasks, and of bytes that are known: those of writing the result's chunks, and what there is only while tasks run.
fn task_bytes(tasks: u64, reads: u64, result: u64, running: u64) -> u64 {
    let used = TASK_BYTES * tasks + READ_BYTES * reads + result;
    running + used + (used * UNUSED_TENTHS / 10).min(UNUSED_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use crate::random::Random;

    #[test]
    fn the_order_of_all_weights_counts() {
        let n = 1_000_000;
        let x = Random::new(1).sample_weighted(n, vec![1.0; n], n / 4);
        // Times and places of all, and half of these again while they are sorted.
        assert_eq!(x.plan(2).unwrap().peak_bytes(), 20_000_000);
        let error = x.plan(2).unwrap().within(1 << 20).unwrap_err().to_string();
        assert!(error.contains("`sample_weighted` (") && error.contains("19.1 MiB"), "{error}");
        // Twice the same array makes its order once.
        assert!((&x + &x).plan(2).unwrap().peak_bytes() < 25_000_000);
    }

    #[cfg(feature = "linalg")]
    #[test]
    fn what_a_factorisation_works_in_counts() {
        let peak = |n: usize| {
            let x = Random::new(1).uniform::<f64, _>([n, n]);
            x.svd().1.plan(2).unwrap().peak_bytes() as f64 / (n * n * 8) as f64
        };
        // As measured at 1200 and 2000: R, all factors, the copy, U and V, and as much again to work in.
        assert!((11.0..14.0).contains(&peak(1200)), "{}", peak(1200));
        assert!((11.0..14.0).contains(&peak(2000)), "{}", peak(2000));
        let tall = Random::new(1).uniform::<f64, _>([20_000, 50]).svd().1.plan(2).unwrap();
        assert!(tall.peak_bytes() > 15_000_000, "{tall}");
    }

    #[test]
    fn what_threads_keep_to_pack_matrices_in_counts() {
        let x = Random::new(1).uniform::<f64, _>([64, 64]);
        assert_eq!(x.sum().plan(2).unwrap().thread_bytes(), 0);
        let product = x.dot(&x).plan(2).unwrap();
        // As much as a cache, for each of two workers; one task needs one.
        assert!(product.thread_bytes() >= 2 * (64 << 10), "{product}");
        assert!(product.to_string().ends_with(" to pack matrices in"), "{product}");
        let (of_one, peak) = (product.thread_bytes() / 2, product.peak_bytes());
        assert_eq!(x.dot(&x).plan(1).unwrap().thread_bytes(), of_one);
        let error = product.within(of_one).unwrap_err().to_string();
        assert!(peak < of_one && error.contains(": the threads keep "), "{error}");
        assert!(error.ends_with("; fewer workers need less"), "{error}");
        // Integers are multiplied without.
        let integers = Random::new(1).integers(0, 9, [64, 64]);
        assert_eq!(integers.dot(&integers).plan(2).unwrap().thread_bytes(), 0);
    }
}
