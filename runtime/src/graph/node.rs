//! One task in the arena: its header, its place or output, and what it captured.
//!
//! ```text
//! header   32 B  kind | location of the call | successors | pending, flags | readers
//! output         the task's place in the order until it runs, its value afterwards
//! capture        its arguments (sources) and its body
//! ```
//!
//! Who writes, who reads, when:
//! * `kind`, `location`: written once when the node is made, read by anyone after.
//! * `successors`: written while a run is prepared (one thread), only read while it runs.
//! * `pending`: while building and ordering, flags of that one thread. While running, every finished
//!   dependency takes one off (AcqRel: what the dependency wrote is seen by who finds the last one), after setting
//!   [`POISONED`] if it failed; from then on only the one worker that runs the task writes it.
//! * `readers`: while running, the reads that are still to come; each
//!   read takes one off when it has let go (AcqRel: all reads happen before the value is dropped).
//! * the output: written by the worker that runs the task; then shared, until the last reader moves
//!   it out or drops it.
//! * the capture: dropped by the worker that runs or skips the task, or with the graph.
//!
//! Invariants that the `unsafe` in this crate cites:
//! * `N1` A node lives in its graph's arena and never moves; a [`NodeRef`] is used only while the graph lives.
//! * `N2` A [`NodeRef`] of kind `Kind::of::<S, F, T>` points at a `Node<S, F, T>`, and its output, if any, is a `T`.
//! * `N3` Exactly one worker takes a ready task, so it alone touches the capture and writes the output.
//! * `N4` A reader that has not let go keeps the output alive and in place.

mod by_type;
mod repeat;

pub(crate) use by_type::{MembersOf, members, new_node};

use super::links::{Successors, Target};
use crate::error::BoxError;
use crate::observe::TaskId;
use crate::scheduler::Context;
use crate::sync::atomic::AtomicU32;
use crate::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed};
use crate::task::source::Inputs;
use by_type::{cloned, output_of};
use std::any::{Any, TypeId};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::ptr::NonNull;

/// The part of `pending` that counts dependencies: 2²⁴ − 1 of them at most, where a [join](super::links::Join) is one.
pub(crate) const COUNT: u32 = (1 << 24) - 1;
/// The depth-first search is below this task.
pub(crate) const ENTERED: u32 = 1 << 24;
/// In an observed run: its release has been told. The search is over by then.
pub(crate) const RELEASED: u32 = ENTERED;
/// The depth-first search has left this task: it has its place.
pub(crate) const ORDERED: u32 = 1 << 25;
/// An earlier argument of the task that is being added borrows the value.
pub(crate) const LENT_NOW: u32 = 1 << 26;
/// In a run: its output, which owns memory, comes from a root alone and has to wait for a reader that waits for more than roots. Building is over by then.
pub(crate) const TIED: u32 = LENT_NOW;
/// In a run that grows: who waits for it has been told.
pub(crate) const COMPLETE: u32 = LENT_NOW;
/// In a run that grows: a root that somebody has taken.
pub(crate) const CLAIMED: u32 = ENTERED;
/// The task has run and its output stands in the node.
pub(crate) const HAS_VALUE: u32 = 1 << 27;
/// A task this one needs has failed or was skipped: skip this one too.
pub(crate) const POISONED: u32 = 1 << 28;
/// Some reader takes the value (not only borrows it).
pub(crate) const TAKEN: u32 = 1 << 29;
/// The value was taken and then used again, or its handle cloned: it is `Copy` or has a cloner.
pub(crate) const SHARED: u32 = 1 << 30;
/// The capture has been used up: nothing left to drop but, perhaps, the output.
pub(crate) const SPENT: u32 = 1 << 31;

/// How a finished dependency is counted off. `planted-handover` is wrong on purpose: a gate that does not notice is broken.
pub(crate) const HANDS_OVER: Ordering =
    if cfg!(feature = "planted-handover") { Relaxed } else { AcqRel };
/// How who is last sees what the others wrote.
pub(crate) const SEES: Ordering =
    if cfg!(feature = "planted-handover") { Relaxed } else { Acquire };

/// Why a task gave no value.
pub(crate) enum Failure {
    Panicked(Box<dyn Any + Send>),
    Failed(BoxError),
    Dropped(Box<dyn Any + Send>),
}

/// What an observer of the graph sees of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A task of the user's.
    Task,
    /// Ties handles together; not counted, looked through.
    Glue,
    /// A graph that is built while it runs, as a task of another.
    Grown,
    /// Glue that gives a part of one task's output: what is said of its handle is meant of the task.
    Part,
}

impl Role {
    /// Whether it is a task of the user's.
    pub(crate) fn is_task(self) -> bool {
        matches!(self, Role::Task | Role::Grown)
    }
}

/// Everything about a node that its type decides.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    /// Whether it runs also if its input has failed.
    pub(crate) catches: bool,
    /// Of the whole node, in bytes.
    pub(crate) bytes: usize,
    /// Of an output that owns nothing elsewhere.
    pub(crate) output_bytes: Option<usize>,
    place_offset: usize,
    run: unsafe fn(NodeRef, &Context<'_>) -> Result<(), Failure>,
    skip: unsafe fn(NodeRef, &Context<'_>),
    visit: unsafe fn(NodeRef, &mut Inputs),
    drop_capture: unsafe fn(NodeRef),
    /// How it is run without being used up; `None` if that cannot be.
    again: Option<Repeat>,
    /// How it is tried; `None` if it looks after no attempts.
    pub(crate) tries: Option<Trial>,
    /// If it is an input of a plan.
    input: Option<unsafe fn(NodeRef, &mut WithInput<'_>) -> Result<(), &'static str>>,
    /// `None` if there is nothing to do.
    drop_output: Option<unsafe fn(NodeRef)>,
}

/// Running a node that stays.
#[derive(Clone, Copy)]
struct Repeat {
    /// Whether its arguments can be fetched again.
    can: unsafe fn(NodeRef) -> bool,
    run: unsafe fn(NodeRef, &Context<'_>) -> Result<(), Failure>,
    skip: unsafe fn(NodeRef, &Context<'_>),
}

/// Running a node in attempts.
#[derive(Clone, Copy)]
pub(crate) struct Trial {
    /// Whether there can be several.
    pub(crate) can: fn() -> bool,
    run: unsafe fn(NodeRef, &Context<'_>, bool) -> Result<(), Failure>,
}

/// What is done with an input: its type, the type's name, and where it stands.
pub(crate) type WithInput<'a> =
    dyn FnMut(TypeId, &'static str, &mut dyn Any) -> Result<(), &'static str> + 'a;

#[repr(C)]
pub(crate) struct Header {
    kind: &'static Kind,
    location: &'static Location<'static>,
    successors: Cell<Successors>,
    pending: AtomicU32,
    readers: AtomicU32,
}

#[cfg(not(any(loom, shuttle)))]
const _: () = assert!(size_of::<Header>() <= 32, "bytes are time: see ARCHITECTURE.md");

#[repr(C)]
union Output<T> {
    place: u32,
    value: ManuallyDrop<T>,
}

#[repr(C)]
struct Node<S, F, T> {
    header: Header,
    output: Output<T>,
    capture: Capture<S, F>,
}

struct Capture<S, F> {
    sources: ManuallyDrop<S>,
    body: ManuallyDrop<F>,
}

/// The names and roles of tasks, known from a type.
pub trait TaskName {
    /// The name that messages and pictures show.
    const NAME: &'static str;
    /// What it is to who looks at the graph.
    const ROLE: Role = Role::Task;
    /// Whether it runs also if its input has failed.
    const CATCHES: bool = false;
}

/// The address of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct NodeRef(NonNull<Header>);

// SAFETY: N1; all a `NodeRef` gives access to is either atomic, written before a run starts (L1), or
// guarded by N3 and N4; captures and outputs are `Send` (bounds of `new_node`),
// and outputs that a task reads are `Sync` (bounds of `Builder::push`).
unsafe impl Send for NodeRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for NodeRef {}

/// What one more taker means: a second use, or a borrow by the same task, proves that the value can be copied or cloned: of
/// any other handle the borrow checker allows neither.
#[inline]
pub(crate) fn taken(flags: u32) -> u32 {
    if flags & (TAKEN | LENT_NOW) != 0 { TAKEN | SHARED } else { TAKEN }
}

/// What one more borrower means: after a taker it proves `Copy`, by the borrow checker.
#[inline]
pub(crate) fn lent(flags: u32) -> u32 {
    if flags & TAKEN != 0 { SHARED | LENT_NOW } else { LENT_NOW }
}

impl NodeRef {
    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: N1.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    pub(crate) fn kind(self) -> &'static Kind {
        self.header().kind
    }

    pub(crate) fn location(self) -> &'static Location<'static> {
        self.header().location
    }

    /// The address, for tagged pointers.
    #[inline]
    pub(crate) fn address(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// What observers know it by.
    pub(crate) fn id(self) -> TaskId {
        TaskId(self.0.addr().get())
    }

    /// # Safety
    /// N1: the address of a node.
    #[inline]
    pub(crate) unsafe fn from_address(address: NonNull<u8>) -> NodeRef {
        NodeRef(address.cast())
    }

    /// Sets flags in `pending`. Relaxed: guards nothing by itself; see the module's field rules.
    pub(crate) fn set(self, flags: u32) {
        self.header().pending.fetch_or(flags, Relaxed);
    }

    /// Sets flags; whether none of them was set before.
    pub(crate) fn set_first(self, flags: u32) -> bool {
        self.header().pending.fetch_or(flags, Relaxed) & flags == 0
    }

    /// Sets flags where only this thread writes `pending`: no read-modify-write is needed.
    #[inline]
    pub(crate) fn set_alone(self, flags: u32) {
        let pending = &self.header().pending;
        pending.store(pending.load(Relaxed) | flags, Relaxed);
    }

    /// Sets flags and takes others away, where only this thread writes `pending`.
    #[inline]
    pub(crate) fn change_alone(self, clear: u32, set: u32) {
        let pending = &self.header().pending;
        pending.store(pending.load(Relaxed) & !clear | set, Relaxed);
    }

    #[inline]
    pub(crate) fn clear_alone(self, flags: u32) {
        let pending = &self.header().pending;
        pending.store(pending.load(Relaxed) & !flags, Relaxed);
    }

    #[inline]
    pub(crate) fn has(self, flag: u32) -> bool {
        self.header().pending.load(Relaxed) & flag != 0
    }

    /// Notes a reader that takes the value.
    #[inline]
    pub(crate) fn note_taken(self) {
        self.set_alone(taken(self.flags()));
    }

    /// Notes a reader that borrows the value.
    #[inline]
    pub(crate) fn note_lent(self) {
        self.set_alone(lent(self.flags()));
    }

    #[inline]
    pub(crate) fn flags(self) -> u32 {
        self.header().pending.load(Relaxed) & !COUNT
    }

    /// The task whose output this is a part of; itself, if it is none. While building only.
    pub(crate) fn task_behind(self) -> NodeRef {
        let (mut node, mut inputs) = (self, Inputs::default());
        while node.kind().role == Role::Part {
            node.visit(&mut inputs);
            let Some((behind, _)) = inputs.iter().next() else { return node };
            node = behind;
            inputs.clear();
        }
        node
    }

    /// The task's place in the order. Meaningful between ordering and running.
    #[inline]
    pub(crate) fn place(self) -> u32 {
        let at = self.0.as_ptr().cast::<u8>().wrapping_add(self.kind().place_offset).cast::<u32>();
        // SAFETY: N2: an `Output<T>` whose value has not been written holds its place.
        unsafe { at.read() }
    }

    #[inline]
    pub(crate) fn set_place(self, place: u32) {
        let at = self.0.as_ptr().cast::<u8>().wrapping_add(self.kind().place_offset).cast::<u32>();
        // SAFETY: N2; called while ordering, on one thread, before any value is written.
        unsafe { at.write(place) }
    }

    /// Appends every task this one reads, in the order of its arguments.
    #[inline]
    pub(crate) fn visit(self, inputs: &mut Inputs) {
        // SAFETY: called while building or preparing: captures are alive and nothing runs.
        unsafe { (self.kind().visit)(self, inputs) }
    }

    // ---- preparing a run

    /// Expects `count` dependencies.
    #[inline]
    pub(crate) fn expect(self, count: u32) {
        let pending = &self.header().pending;
        pending.store(pending.load(Relaxed) & !COUNT | count, Relaxed);
    }

    /// How many dependencies it expects. While a run is prepared, once the search has left it.
    #[inline]
    pub(crate) fn expected(self) -> u32 {
        self.header().pending.load(Relaxed) & COUNT
    }

    #[inline]
    pub(crate) fn add_reader(self) {
        let readers = &self.header().readers;
        readers.store(readers.load(Relaxed) + 1, Relaxed);
    }

    /// A reader more while the run goes on: only while another one, which the caller answers for, is counted (`G1`).
    /// Relaxed: it guards nothing; who counts down orders what matters.
    pub(crate) fn add_reader_while_running(self) {
        self.header().readers.fetch_add(1, Relaxed);
    }

    /// A reader that never read; whether it was the last.
    pub(crate) fn reader_gone(self) -> bool {
        self.header().readers.fetch_sub(1, AcqRel) == 1
    }

    pub(crate) fn set_readers(self, readers: u32) {
        self.header().readers.store(readers, Relaxed);
    }

    #[inline]
    pub(crate) fn successors(self) -> Successors {
        self.header().successors.get()
    }

    #[inline]
    pub(crate) fn set_successors(self, successors: Successors) {
        self.header().successors.set(successors);
    }

    /// The reader that moves the value out, if it has to wait for the borrowers.
    #[inline]
    fn mover(self) -> Option<Target> {
        self.successors().mover()
    }

    // ---- running

    #[inline]
    pub(crate) fn readers(self) -> u32 {
        self.header().readers.load(Acquire)
    }

    /// Takes one dependency off; true if it was the last, and the task is now ready.
    ///
    /// AcqRel: Release publishes what the finished dependency wrote; Acquire lets the one who finds the
    /// last count see what all the others published.
    ///
    /// Who finds a count of one is the last, and nobody else can touch it: it is not worth a read-modify-write.
    #[inline]
    pub(crate) fn dependency_done(self) -> bool {
        let pending = &self.header().pending;
        pending.load(SEES) & COUNT == 1 || pending.fetch_sub(1, HANDS_OVER) & COUNT == 1
    }

    /// Runs the task.
    ///
    /// # Safety
    /// N3: the caller took this ready task, and its inputs have values.
    #[inline]
    pub(crate) unsafe fn run(self, context: &Context<'_>) -> Result<(), Failure> {
        // SAFETY: N2; passed on.
        unsafe { (self.kind().run)(self, context) }
    }

    /// Runs the task in attempts, which stand in `context`; if it `stays`, it can be run again.
    ///
    /// # Safety
    /// As [`NodeRef::run`], or [`NodeRef::run_again`]; its kind is one that is tried.
    pub(crate) unsafe fn run_tried(
        self,
        context: &Context<'_>,
        stays: bool,
    ) -> Result<(), Failure> {
        match self.kind().tries {
            // SAFETY: N2; passed on.
            Some(trial) => unsafe { (trial.run)(self, context, stays) },
            None => unreachable!("asked before"),
        }
    }

    /// Lets go of all inputs without running.
    ///
    /// # Safety
    /// N3: the caller took this ready task.
    pub(crate) unsafe fn skip(self, context: &Context<'_>) {
        // SAFETY: N2; passed on.
        unsafe { (self.kind().skip)(self, context) }
    }

    /// Borrows the output.
    ///
    /// # Safety
    /// N2 with `T`, the task has a value, and the caller is one of its readers until `'a` ends (N4).
    pub(crate) unsafe fn value<'a, T>(self) -> &'a T {
        // SAFETY: N2, N4.
        unsafe { &*output_of::<T>(self) }
    }

    /// Takes the output: moves it if the caller is the last reader, else clones or copies it.
    /// Afterwards the caller is no longer a reader, unless the clone panics.
    ///
    /// # Safety
    /// As [`NodeRef::value`]. If others still read, the value is `Copy` or has a cloner ([`SHARED`]).
    #[inline]
    pub(crate) unsafe fn take<T>(self, context: &Context<'_>) -> T {
        let value = output_of::<T>(self);
        if !std::mem::needs_drop::<T>() && context.copies() {
            // SAFETY: nothing has to be dropped, so nothing is counted: who moves the value out comes last, and others copy it.
            return unsafe { value.read() };
        }
        if !std::mem::needs_drop::<T>() && context.in_sequence() {
            return match context.cloner(self) {
                // SAFETY: the cloner was recorded for this node's `T`.
                Some(cloner) => unsafe { cloned(cloner, value) },
                // SAFETY: as above.
                None => unsafe { value.read() },
            };
        }
        // Acquire: sees that all other readers have let go.
        if self.header().readers.load(Acquire) == 1 {
            // `planted-double-drop` is wrong on purpose: a gate that does not notice is broken.
            if !cfg!(feature = "planted-double-drop") {
                self.header().readers.store(0, Relaxed);
            }
            if std::mem::needs_drop::<T>() && self.has(TIED) && !context.grows() {
                context.holds_one_less();
            }
            // SAFETY: N4; the last reader moves the value out, and nobody drops it: no readers are left.
            return unsafe { value.read() };
        }
        let taken = match context.cloner(self) {
            // SAFETY: the cloner was recorded for this node's `T`.
            Some(cloner) => unsafe { cloned(cloner, value) },
            // SAFETY: SHARED without a cloner: a handle was used after it was passed by value, which the
            // borrow checker allows for `Copy` handles only, and a handle is `Copy` only if `T` is.
            None => unsafe { value.read() },
        };
        self.release(context);
        taken
    }

    /// One reader lets go: the last one drops the value, the last borrower lets a waiting mover start.
    pub(crate) fn release(self, context: &Context<'_>) {
        let header = self.header();
        // `planted-release` is wrong on purpose: a gate that does not notice is broken.
        let last = if cfg!(feature = "planted-release") { 2 } else { 1 };
        // Acquire: the last reader sees that all others have let go, and is alone.
        if header.readers.load(Acquire) == last {
            header.readers.store(0, Relaxed);
            return self.drop_value(context);
        }
        // Read first: after the subtraction another worker may end the run and free the node. In a run that grows, who takes waits for
        // the borrowers themselves (G2).
        let mover = if context.grows() { None } else { self.mover() };
        match header.readers.fetch_sub(1, AcqRel) {
            1 => self.drop_value(context),
            2 => {
                if let Some(mover) = mover
                    && let Some(ready) = mover.dependency_done()
                {
                    context.ready(ready);
                }
            }
            _ => {}
        }
    }

    /// Drops the output, if there is one; a panic in its destructor becomes this task's failure.
    #[inline]
    pub(crate) fn drop_value(self, context: &Context<'_>) {
        let Some(drop_output) = self.kind().drop_output else { return };
        if self.has(HAS_VALUE) {
            if self.has(TIED) && !context.grows() {
                context.holds_one_less();
            }
            let dropped = context.outside_of_tasks(|| {
                // SAFETY: N2; N4: no reader is left.
                catch_unwind(AssertUnwindSafe(|| unsafe { drop_output(self) }))
            });
            if let Err(payload) = dropped {
                context.fail_late(self, Failure::Dropped(payload));
            }
        }
    }

    /// The final read of a run.
    ///
    /// # Safety
    /// N2 with `T`; the run is over, it was successful, and `readers` is 1.
    pub(crate) unsafe fn into_value<T>(self) -> T {
        self.header().readers.store(0, Relaxed);
        // SAFETY: N2, N4.
        unsafe { output_of::<T>(self).read() }
    }

    /// Drops what is left in a node of a graph that goes.
    ///
    /// # Safety
    /// Nothing runs; called once for each node.
    pub(crate) unsafe fn drop_remains(self) {
        if !self.has(SPENT) {
            // SAFETY: N2; not run, so the capture is alive.
            unsafe { (self.kind().drop_capture)(self) }
        } else if let Some(drop_output) = self.kind().drop_output
            && self.has(HAS_VALUE)
            && self.readers() > 0
        {
            // SAFETY: N2; a value nobody took, as the output of a run that failed late.
            unsafe { drop_output(self) }
        }
    }
}
