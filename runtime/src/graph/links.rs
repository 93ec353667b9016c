//! Edges, a word for each: who waits for a node, and what a node reads.
//!
//! In: the edges that [`crate::scheduler`] finds when a run is prepared, and what sources say they read. Out: targets to tell, and
//! inputs to visit. Not here: counting, but for that of a join.
//!
//! Who waits stands in a word of the node's header, and in more memory only where there are two or more.
//!
//! ```text
//! successors  none | one target | address of a list       bits: LIST, MOVER (the first target moves the value out)
//! target      a node | a join                             bit: JOIN
//! list        length, room | target | target | …          in the memory of the run, moved to twice the room when full
//! join        64 of a task's many dependencies: one counter, so that threads don't all write the task's
//! ```
//! A list is in the order in which targets were linked, which is that of their places, but for a mover, which comes first.
//!
//! * `L1` Targets and lists are written while a run is prepared, on one thread, and only read while it runs. Lists and joins
//!   live in the run's memory, targets in the graph's; both outlive the run.
//! * `L2` The three lowest bits of an address of a node, a list or a join are zero: they are aligned to 8.

use super::arena::{ALIGN, Arena};
use super::node::{HANDS_OVER, NodeRef, SEES};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::task::source::Access;
use std::alloc::Layout;
use std::num::NonZeroUsize;
use std::ptr::NonNull;

const LIST: usize = 1;
const MOVER: usize = 2;
const JOIN: usize = 4;
const TAGS: usize = LIST | MOVER | JOIN;
const _: () = assert!(TAGS < ALIGN);

/// A task with more dependencies than this has a [`Join`] for each further this many.
pub(crate) const JOINED: u32 = 64;

#[inline]
fn tagged(address: NonNull<u8>, tags: usize) -> NonNull<u8> {
    address.map_addr(|at| at | tags)
}

#[inline]
fn tags(address: NonNull<u8>) -> usize {
    address.addr().get() & TAGS
}

/// The address without its tags.
#[inline]
fn untagged(address: NonNull<u8>) -> NonNull<u8> {
    // SAFETY: not zero: it was an address before it was tagged (L2).
    address.map_addr(|at| unsafe { NonZeroUsize::new_unchecked(at.get() & !TAGS) })
}

/// What a finished task tells: a task that waits for it, or a join of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(NonNull<u8>);

/// Some of a task's dependencies, apart from all others: what one thread counts off is not in another's cache line.
#[repr(align(64))]
pub(crate) struct Join {
    task: NodeRef,
    left: AtomicU32,
}

/// A join, and how many it begins with.
pub(crate) struct JoinRef(NonNull<Join>, u32);

// SAFETY: L1: the join lives in the run's memory, beside which this stands; its counter is atomic.
unsafe impl Send for JoinRef {}
// SAFETY: as for `Send`.
unsafe impl Sync for JoinRef {}

impl JoinRef {
    /// Counts from the beginning, when nothing runs.
    pub(crate) fn set_back(&self) {
        // SAFETY: L1.
        unsafe { self.0.as_ref() }.left.store(self.1, Ordering::Relaxed);
    }
}

impl Target {
    /// The join, if it is one, with the count it has now.
    pub(crate) fn as_join(self) -> Option<JoinRef> {
        let join = self.get().err()?;
        Some(JoinRef(NonNull::from(join), join.left.load(Ordering::Relaxed)))
    }

    pub(crate) fn task(node: NodeRef) -> Target {
        Target(node.address())
    }

    /// A join of `dependencies` of `task`'s.
    pub(crate) fn join(memory: &Arena, task: NodeRef, dependencies: u32) -> Target {
        let at = memory.alloc(Layout::new::<Join>());
        // SAFETY: A1: fresh memory of this layout.
        unsafe { at.cast::<Join>().write(Join { task, left: AtomicU32::new(dependencies) }) };
        Target(tagged(at, JOIN))
    }

    #[inline]
    fn get(self) -> Result<NodeRef, &'static Join> {
        if tags(self.0) & JOIN == 0 {
            // SAFETY: N1.
            Ok(unsafe { NodeRef::from_address(untagged(self.0)) })
        } else {
            // SAFETY: L1; not used beyond the run.
            Err(unsafe { untagged(self.0).cast::<Join>().as_ref() })
        }
    }

    /// The task that waits.
    pub(crate) fn node(self) -> NodeRef {
        self.get().unwrap_or_else(|join| join.task)
    }

    /// Takes one dependency off; the task, if it was its last one.
    #[inline]
    pub(crate) fn dependency_done(self) -> Option<NodeRef> {
        let task = match self.get() {
            Ok(task) => task,
            // As in `NodeRef::dependency_done`.
            Err(join) => {
                if join.left.load(SEES) != 1 && join.left.fetch_sub(1, HANDS_OVER) != 1 {
                    return None;
                }
                join.task
            }
        };
        task.dependency_done().then_some(task)
    }
}

/// All who wait for a node.
#[derive(Clone, Copy)]
pub(crate) struct Successors(Option<NonNull<u8>>);

/// The head of a list; its targets follow.
#[repr(C)]
struct List {
    length: u32,
    room: u32,
}

impl List {
    fn layout(room: u32) -> Layout {
        let targets = Layout::array::<Target>(room as usize).expect("fewer targets than edges");
        Layout::new::<List>().extend(targets).expect("fewer targets than edges").0
    }

    /// The target at `at`, to read or write.
    ///
    /// # Safety
    /// L1: `list` is a list, and `at` is below its room.
    unsafe fn target(list: NonNull<List>, at: u32) -> NonNull<Target> {
        // SAFETY: the targets stand behind the head, in the same allocation.
        unsafe { list.add(1).cast::<Target>().add(at as usize) }
    }
}

impl Successors {
    pub(crate) const NONE: Successors = Successors(None);

    /// With one more.
    #[inline]
    pub(crate) fn with(self, memory: &Arena, target: Target, mover: bool) -> Successors {
        let mark = if mover { MOVER } else { 0 };
        match self.0 {
            None => Successors(Some(tagged(target.0, mark))),
            Some(here) => Self::in_list(here, memory, target, mover),
        }
    }

    /// With one more than what stands at `here`.
    fn in_list(here: NonNull<u8>, memory: &Arena, target: Target, mover: bool) -> Successors {
        let mark = if mover { MOVER } else { 0 };
        let moves = tags(here) & MOVER;
        let list = if tags(here) & LIST == 0 {
            let list = Self::new_list(memory, 2);
            // SAFETY: L1; room for two.
            unsafe {
                List::target(list, 0).write(Target(tagged(untagged(here), tags(here) & JOIN)));
                (*list.as_ptr()).length = 1;
            }
            list
        } else {
            let list = untagged(here).cast::<List>();
            // SAFETY: L1.
            let List { length, room } = unsafe { list.read() };
            if length < room {
                list
            } else {
                let larger = Self::new_list(memory, room * 2);
                // SAFETY: L1; twice the room, and apart.
                unsafe {
                    let (from, to) = (List::target(list, 0), List::target(larger, 0));
                    from.copy_to_nonoverlapping(to, length as usize);
                    (*larger.as_ptr()).length = length;
                }
                larger
            }
        };
        // SAFETY: L1; there is room for one more.
        unsafe {
            let length = list.read().length;
            (*list.as_ptr()).length = length + 1;
            List::target(list, length).write(target);
            if mover {
                List::target(list, 0).swap(List::target(list, length));
            }
        }
        Successors(Some(tagged(list.cast(), LIST | moves | mark)))
    }

    fn new_list(memory: &Arena, room: u32) -> NonNull<List> {
        let list = memory.alloc(List::layout(room)).cast::<List>();
        // SAFETY: A1: fresh memory of this layout.
        unsafe { list.write(List { length: 0, room }) };
        list
    }

    /// The one that moves the value out, if there is one.
    pub(crate) fn mover(self) -> Option<Target> {
        let here = self.0?;
        (tags(here) & MOVER != 0).then(|| self.at(0))
    }

    /// The only one, if there is one and no more.
    #[inline]
    pub(crate) fn only(self) -> Option<Target> {
        let here = self.0?;
        (tags(here) & LIST == 0).then(|| Target(tagged(untagged(here), tags(here) & JOIN)))
    }

    /// How many.
    #[inline]
    pub(crate) fn len(self) -> u32 {
        match self.0 {
            None => 0,
            Some(here) if tags(here) & LIST == 0 => 1,
            // SAFETY: L1.
            Some(here) => unsafe { untagged(here).cast::<List>().read().length },
        }
    }

    /// The one at `at`, below `len`.
    #[inline]
    pub(crate) fn at(self, at: u32) -> Target {
        if let Some(only) = self.only() {
            return only;
        }
        let here = self.0.expect("`at` is below `len`");
        // SAFETY: L1.
        unsafe { List::target(untagged(here).cast(), at).read() }
    }
}

/// What tasks read, in the order of their arguments; also the stack of the depth-first search.
///
/// One word for each: the address, and in its lowest bits how it is read, or that it is to be left.
#[derive(Default)]
pub struct Inputs(Vec<NonNull<u8>>);

const TAKEN: usize = 1;
const LEAVE: usize = 2;

impl Inputs {
    /// Notes one.
    #[inline]
    pub(crate) fn push(&mut self, node: NodeRef, access: Access) {
        let tag = if access == Access::Take { TAKEN } else { 0 };
        self.0.push(tagged(node.address(), tag));
    }

    /// A step of the search: to leave `node`.
    #[inline]
    pub(crate) fn push_leave(&mut self, node: NodeRef) {
        self.0.push(tagged(node.address(), LEAVE));
    }

    #[inline]
    fn node(word: NonNull<u8>) -> NodeRef {
        // SAFETY: N1: only nodes of the graph are pushed.
        unsafe { NodeRef::from_address(untagged(word)) }
    }

    /// All of them.
    #[inline]
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (NodeRef, Access)> {
        self.0.iter().map(|&word| {
            let access = if tags(word) & TAKEN == 0 { Access::Lend } else { Access::Take };
            (Self::node(word), access)
        })
    }

    /// What is on top of the stack, and whether to leave it.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<(NodeRef, bool)> {
        self.0.pop().map(|word| (Self::node(word), tags(word) & LEAVE != 0))
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first of those pushed since `first` comes on top.
    #[inline]
    pub(crate) fn reverse_from(&mut self, first: usize) {
        if self.0.len() - first > 1 {
            self.0[first..].reverse();
        }
    }

    /// What is still to be left.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = NodeRef> {
        self.0.iter().filter(|&&word| tags(word) & LEAVE != 0).map(|&word| Self::node(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successors_keep_their_order_and_the_mover_first() {
        let memory = Arena::new();
        let node = |_| {
            // Only the address counts here.
            let at = memory.alloc(Layout::from_size_align(32, 8).expect("a small layout"));
            // SAFETY: never looked into.
            Target::task(unsafe { NodeRef::from_address(at) })
        };
        let targets: Vec<Target> = (0..9).map(node).collect();
        for mover in [None, Some(0), Some(1), Some(8)] {
            let mut all = Successors::NONE;
            assert_eq!(all.len(), 0);
            for (at, &target) in targets.iter().enumerate() {
                all = all.with(&memory, target, mover == Some(at));
                assert_eq!(all.len() as usize, at + 1);
            }
            assert!(all.mover() == mover.map(|at| targets[at]));
            let mut seen: Vec<Target> = (0..all.len()).map(|at| all.at(at)).collect();
            if let Some(at) = mover {
                assert!(seen[0] == targets[at]);
                seen.swap(0, at);
            }
            assert!(seen == targets);
        }
        let join = Target::join(&memory, targets[0].node(), 2);
        assert!(join.node() == targets[0].node());
        assert!(Successors::NONE.with(&memory, join, true).mover() == Some(join));
    }
}
