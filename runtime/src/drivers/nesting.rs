//! How many runs are computed inside each other.
//!
//! A task that computes a graph waits on its stack for that graph's tasks, which may do the same. The depth is that of the
//! runs, whichever threads their tasks are on, so that the limit does not depend on timing.
//!
//! In: a run that begins, or a worker that enters one. Out: the depth, or an error at the limit. Not here: how much stack
//! the tasks themselves take.

use crate::error::{Error, ErrorKind};
use std::cell::Cell;

/// The most runs that may be inside each other; each takes less than 2 KiB of stack beside what the tasks take.
pub(crate) const NESTED_MAX: usize = 256;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How many runs this thread's work is inside of.
pub(crate) fn depth() -> usize {
    DEPTH.get()
}

/// Whether this thread is computing something.
pub(crate) fn in_a_task() -> bool {
    depth() > 0
}

/// Work at this depth, until what is returned is dropped.
pub(crate) fn at(depth: usize) -> Depth {
    Depth(DEPTH.replace(depth))
}

/// One more run inside of those there are.
///
/// # Errors
/// At the limit.
pub(crate) fn deeper() -> Result<Depth, Error> {
    let depth = depth();
    if depth < NESTED_MAX {
        return Ok(at(depth + 1));
    }
    let message = format!(
        "{NESTED_MAX} graphs are being computed inside each other's tasks, the most there can be: \
         does a task compute a graph that calls the task again?"
    );
    Err(Error::new(ErrorKind::NestedTooDeep, message))
}

/// Goes back to the depth it holds.
pub(crate) struct Depth(usize);

impl Drop for Depth {
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}
