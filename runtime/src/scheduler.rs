//! The state machine of one run, without threads.
//!
//! In: an ordered graph ([`Run::prepare`]). A driver claims ready tasks and roots, calls [`Run::execute`], and gets
//! back what became ready; it is over when the output's task is ([`Run::is_done`]).
//!
//! ```text
//! waiting --last dependency done--> ready --taken by one worker--> run ------> value, released by its last reader
//!                                                             \--> skipped or failed: dependents are poisoned
//! ```
//!
//! Every task that the output needs is run or skipped, so counts always come out even: also after a failure each
//! task lets go of its inputs and tells its successors. A failure has a *place*; tasks of a higher place no longer start,
//! those of a lower one do, so the failure with the lowest place is found whatever the timing.
//!
//! * `R1` A node is handed to `execute` once: roots by the claim counter, the others by who took their last count.
//! * `R2` All tasks of a run are ancestors of the output, so when it is done no worker touches a node any more: a worker
//!   reads a link before it takes the count off the link's consumer.
//!
//! Not here: queues, threads, parking ([`crate::drivers`]).

use crate::error::{Error, ErrorKind};
use crate::graph::arena::Arena;
use crate::graph::extras::{Cloner, Extras};
use crate::graph::node::{COUNT, Failure, NodeRef, POISONED, SHARED, TAKEN};
use crate::order::dependencies;
use crate::task::source::Access;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};
use std::sync::{Mutex, PoisonError};

/// One execution of a graph.
///
/// * `next_root`: any worker adds to it to claim a root (Relaxed: roots are written before the run starts).
/// * `failed_place`: the lowest place that failed so far; lowered by the failing worker, read by all before a task starts
///   (Relaxed: a late reader runs a task that it might have skipped, which changes no result).
/// * `done`: set by the worker that finished the output (Release), read by drivers (Acquire).
pub(crate) struct Run<'a> {
    extras: &'a Extras,
    roots: Vec<NodeRef>,
    output: NodeRef,
    next_root: AtomicUsize,
    failed_place: AtomicU32,
    failure: Mutex<Option<(u32, Error)>>,
    done: AtomicBool,
}

/// What a worker carries while it executes tasks of one run.
pub struct Context<'r> {
    run: &'r Run<'r>,
    ready: RefCell<Vec<NodeRef>>,
    dropped: RefCell<Option<Box<dyn Any + Send>>>,
}

impl<'a> Run<'a> {
    /// Links the ordered tasks: who waits for whom, how many readers each has. O(tasks + edges).
    pub(crate) fn prepare(
        order: &[NodeRef],
        extras: &'a Extras,
        arena: &Arena,
    ) -> Result<Self, Error> {
        for node in order {
            node.reset_links();
        }
        let mut roots = Vec::new();
        for &node in order {
            let mut count = 0_u32;
            dependencies(node, extras, &mut |input, access| {
                count += 1;
                if access.is_some() {
                    input.add_reader();
                }
                let mover = access == Some(Access::Take) && input.has(TAKEN) && !input.has(SHARED);
                input.add_successor(arena, node, mover);
            });
            if count > COUNT {
                let (name, most) = (extras.name(node), COUNT);
                let message = format!("reads {count} outputs, the most a task can read is {most}");
                return Err(Error::of_task(ErrorKind::TooLarge, name, node.location(), message));
            }
            node.expect(count);
            if count == 0 {
                roots.push(node);
            }
        }
        let output = *order.last().expect("the order holds the output at least");
        output.add_reader();
        Ok(Run {
            extras,
            roots,
            output,
            next_root: AtomicUsize::new(0),
            failed_place: AtomicU32::new(u32::MAX),
            failure: Mutex::new(None),
            done: AtomicBool::new(false),
        })
    }

    /// The next task without dependencies, in the order of places; ask only when nothing else is ready, for that is
    /// what bounds the memory a run holds.
    pub(crate) fn claim_root(&self) -> Option<NodeRef> {
        if self.next_root.load(Relaxed) >= self.roots.len() {
            return None;
        }
        self.roots.get(self.next_root.fetch_add(1, Relaxed)).copied()
    }

    /// Whether roots are left to claim.
    pub(crate) fn has_roots(&self) -> bool {
        self.next_root.load(Relaxed) < self.roots.len()
    }

    /// How many roots there are.
    pub(crate) fn roots(&self) -> usize {
        self.roots.len()
    }

    /// Whether the output's task is done. Acquire: sees all that the run wrote.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Acquire)
    }

    /// Runs or skips one ready task; what became ready is appended to `ready`, to be run last in, first out.
    ///
    /// # Safety
    /// R1.
    pub(crate) unsafe fn execute(&self, node: NodeRef, ready: &mut Vec<NodeRef>) {
        let context = Context {
            run: self,
            ready: RefCell::new(std::mem::take(ready)),
            dropped: RefCell::new(None),
        };
        let unwinding = AbortOnUnwind;
        let place = node.place();
        let failure = if node.has(POISONED) || place > self.failed_place.load(Relaxed) {
            // SAFETY: N3 by R1.
            unsafe { node.skip(&context) };
            node.set(POISONED);
            None
        } else {
            // SAFETY: N3 by R1; its inputs have values, or it would be poisoned.
            unsafe { node.run(&context) }.err()
        };
        if let Some(failure) = failure {
            self.record(place, self.error(node, failure));
            node.set(POISONED);
        }
        if let Some(payload) = context.dropped.take() {
            self.record(place, self.error(node, Failure::Dropped(payload)));
        }
        self.complete(node, &context);
        std::mem::forget(unwinding);
        *ready = context.ready.into_inner();
    }

    /// Tells those who wait for `node`.
    fn complete(&self, node: NodeRef, context: &Context<'_>) {
        let failed = node.has(POISONED);
        let readers = node.readers();
        if readers == 0 {
            node.drop_value(context);
        }
        let is_output = node == self.output;
        let mut link = node.first_successor();
        if let Some(first) = link
            && first.mover
        {
            if failed {
                first.consumer.set(POISONED);
            }
            // With borrowers before it, the last of them lets the mover start.
            if readers > 1 {
                link = first.next_link();
            }
        }
        while let Some(here) = link {
            // Read before the count is taken off (R2).
            link = here.next_link();
            if failed {
                here.consumer.set(POISONED);
            }
            if here.consumer.dependency_done() {
                context.ready(here.consumer);
            }
        }
        if is_output {
            // Release: publishes the value, and all that the run did, to who waits for it.
            self.done.store(true, Release);
        }
    }

    fn error(&self, node: NodeRef, failure: Failure) -> Error {
        let (name, location) = (self.extras.name(node), node.location());
        match failure {
            Failure::Panicked(payload) => {
                Error::panicked(ErrorKind::Panicked, name, location, payload)
            }
            Failure::Dropped(payload) => {
                Error::panicked(ErrorKind::DropPanicked, name, location, payload)
            }
            Failure::Failed(source) => Error::failed(name, location, source),
        }
    }

    fn record(&self, place: u32, error: Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref().is_none_or(|(lowest, _)| place < *lowest) {
            *failure = Some((place, error));
        }
        self.failed_place.fetch_min(place, AcqRel);
    }

    /// The failure with the lowest place, when the run is done.
    pub(crate) fn into_failure(self) -> Option<Error> {
        let failure = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner);
        failure.map(|(_, error)| error)
    }
}

/// Users' panics are caught around their code; one that gets here is ours, and counts would no longer come out even.
struct AbortOnUnwind;

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("taskweave: a panic outside of any task; the run cannot be completed, aborting");
        std::process::abort();
    }
}

impl Context<'_> {
    /// A task whose last dependency is done.
    pub(crate) fn ready(&self, node: NodeRef) {
        self.ready.borrow_mut().push(node);
    }

    /// How to clone the output of `node`, if one of its handles was cloned.
    pub(crate) fn cloner(&self, node: NodeRef) -> Option<Cloner> {
        self.run.extras.cloner(node)
    }

    /// A value's destructor panicked after its task was done: still that task's failure, at the very end of the order,
    /// because the timing of a release must not decide which of two errors is returned.
    pub(crate) fn fail_late(&self, node: NodeRef, failure: Failure) {
        let error = self.run.error(node, failure);
        let mut slot = self.run.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some((u32::MAX, error));
        }
    }

    /// Drops a value that a task did not use; a panic in its destructor becomes the task's failure.
    pub(crate) fn drop_quietly<T>(&self, value: T) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            self.dropped.borrow_mut().get_or_insert(payload);
        }
    }
}
