//! Seeds for random numbers: a number for each task, the same on every scheduler.
//!
//! In: the run's seed, the task's name and its place in the graph. Out: 64 bits, mixed by SplitMix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014); the
//! name by FNV-1a first. Nothing is kept for it: a thread says which worker's state it works with, and that knows its task. Not here: where a task stands
//! ([`crate::scheduler`]).
//!
//! * `D1` What a thread works with is there until it says that it works with something else.

use crate::graph::Graph;
use crate::scheduler::Context;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

thread_local! {
    /// What this thread executes tasks with (D1).
    static AT_WORK: Cell<Option<NonNull<Context<'static>>>> = const { Cell::new(None) };
}

/// This thread executes tasks with `context`, until what is returned is dropped; with none, it executes something that is no task of a run.
///
/// # Safety
/// `context` stays where it is until then.
pub(crate) unsafe fn at_work(context: Option<&Context<'_>>) -> AtWork {
    let context = context.map(|context| NonNull::from(context).cast());
    AtWork(AT_WORK.replace(context))
}

/// Goes back to what the thread worked with before.
pub(crate) struct AtWork(Option<NonNull<Context<'static>>>);

impl Drop for AtWork {
    fn drop(&mut self) {
        AT_WORK.set(self.0);
    }
}

/// The seed of the task that runs on this thread.
pub(crate) fn of_this_task() -> Option<u64> {
    // SAFETY: D1.
    AT_WORK.get().and_then(|context| unsafe { context.as_ref() }.seed())
}

/// SplitMix64's finalizer.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The seed of a task.
pub(crate) fn seed(of_run: u64, name: &str, place: u64) -> u64 {
    let name = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(mix(mix(of_run.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ name).wrapping_add(place))
}

/// A number to seed a generator of random numbers with: another one for each task, and the same whenever the same graph is computed, on any scheduler, with any number of
/// workers.
///
/// It is made of the run's seed ([`Graph::seed`]), the task's name, and its place in the graph: its place in the depth-first order from the output, or, in a graph that
/// awaits, its number in the order in which tasks were added: a graph of another shape has other seeds. All attempts of a task have the same. The runs that a task computes have the task's seed, unless they are given one.
///
/// Outside of tasks, in destructors of values that tasks hand on, and in static graphs, whose tasks are calls, each call gives another number, which depends on how many calls there
/// were before in the process. A thread that waits in rayon inside of a task may run a job of rayon's that is no part of it: there the number is the task's.
/// [`compute_each`](Graph::compute_each) computes another graph than [`compute`](Graph::compute), with other seeds.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread, task_seed};
/// let draws = || {
///     Graph::build(|graph| {
///         let draws = (0..3).map(|_| graph.value(()).map(|()| task_seed())).collect::<Vec<_>>();
///         graph.gather(draws)
///     })
/// };
/// let first = draws().compute()?;
/// assert!(first[0] != first[1] && first[1] != first[2]);
/// assert_eq!(first, draws().compute_on(&InThread)?);
/// assert_ne!(first, draws().seed(1).compute()?);
/// # Ok::<(), taskweave::Error>(())
/// ```
///
/// # Cost
/// Some 20 ns; the first time in a plan or in a graph that awaits O(tasks).
pub fn task_seed() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // Relaxed: only that no two are alike matters.
    of_this_task().unwrap_or_else(|| seed(0, "", CALLS.fetch_add(1, Relaxed)))
}

/// Which attempt of its task this is, if the task is [tried again](crate::TaskOptions::retries): 1, then 2; 1 also in tasks that are tried once, and outside of tasks.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, task_attempt};
/// let graph = Graph::build(|graph| graph.value(()).map(|()| task_attempt()));
/// assert_eq!(graph.compute()?, 1);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub fn task_attempt() -> u32 {
    // SAFETY: D1.
    AT_WORK.get().map_or(1, |context| unsafe { context.as_ref() }.attempt_number())
}

impl<T> Graph<'_, T> {
    /// What the [seeds](task_seed) of this graph's tasks are made of; 0 if nothing is said, or, of a graph that a task computes, the task's seed. Of a graph that becomes part of another
    /// the other's counts, but for one that awaits, which is a task there.
    pub fn seed(self, seed: u64) -> Self {
        self.set_seed(Some(seed));
        self
    }

    /// With the seed that it would have if it were computed here, for a run that begins elsewhere.
    pub(crate) fn seeded_here(self) -> Self {
        self.inherit_seed(of_this_task().unwrap_or(0));
        self
    }
}
