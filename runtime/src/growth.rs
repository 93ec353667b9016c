//! What a run knows of a graph that is built while it runs: which tasks there are, who waits for whom, what can be begun.
//!
//! In: nodes that the graph's body has added since it last waited ([`Growth::link`]), and tasks that are done. Out: roots to claim, tasks that
//! became ready, and the failure of what the body waits for. All of it stands behind one lock, because the body adds tasks while
//! workers finish others; a task of an ordinary run takes no lock (see [`crate::scheduler`]).
//!
//! ```text
//! added --link--> waiting --last dependency done--> ready --> complete     \_ all under the lock, but for the
//!             \-> root (urgent: what the body waits for; else: the rest)   /  task's own run
//! ```
//!
//! Nobody knows yet who will read an output, so the body holds each one: a reader more. It lets go of what is taken by value and can't
//! be used again (then the taker has the hold), and of all else when the body is over. Who takes a value waits for all who borrowed
//! it before, as an ordinary dependency. A failure marks those who need what failed; which one is told, the depth-first
//! order from what the body waits for decides. What fails elsewhere changes nothing for the body.
//!
//! * `G1` The body's thread alone adds nodes, and changes nodes that are not linked. Of a linked node it only counts readers up, which
//!   its own hold allows.
//! * `G2` Successors are written and read under the lock; [`COMPLETE`] is set under it, when they have been told.

use crate::error::Error;
use crate::graph::arena::Arena;
use crate::graph::extras::{ByNode, Extras};
use crate::graph::links::{Inputs, Target};
use crate::graph::node::{CLAIMED, COMPLETE, ENTERED, NodeRef, ORDERED, POISONED, SHARED, TAKEN};
use crate::order::{Dependencies, INPUTS_MAX, TASKS_MAX, Unordered};
use crate::task::source::Access;
use std::collections::{HashSet, VecDeque};
use std::ops::Range;

/// See the module's text.
#[derive(Default)]
pub(crate) struct Growth {
    pub(crate) extras: Extras,
    /// Lists of successors.
    links: Arena,
    /// Places and inputs of the tasks that are linked.
    linked: ByNode<Linked>,
    order: Vec<NodeRef>,
    edges: Vec<NodeRef>,
    /// Who borrows an output and is not known to be done with it.
    borrowers: ByNode<Vec<NodeRef>>,
    /// Outputs that the body does not hold any more.
    given: HashSet<NodeRef>,
    /// Outputs of which observers know that they are gone.
    told_gone: HashSet<NodeRef>,
    /// Why tasks failed.
    failures: ByNode<Error>,
    /// Those of them that somebody has caught.
    caught: HashSet<NodeRef>,
    /// Who waits for a borrower only in order to take what it borrowed: its failure is not the taker's.
    only_after: HashSet<(NodeRef, NodeRef)>,
    /// Roots of what the body waits for, the next one last.
    urgent: Vec<NodeRef>,
    /// Other roots, in the order in which they were added.
    rest: VecDeque<NodeRef>,
    /// All that was added, in that order, and the numbers of those of them that somebody has asked for.
    added: Vec<NodeRef>,
    numbers: ByNode<u32>,
    /// What the body waits for.
    awaited: Option<NodeRef>,
    /// How many tasks are linked and not complete.
    left: usize,
    /// If the body is over: how many tasks it has added before. It does not hold the outputs of later ones.
    over: Option<usize>,
}

struct Linked {
    place: u32,
    inputs: Range<usize>,
}

impl Growth {
    /// Makes tasks that were added known to the run: `target` and what it needs first, then, if `rest`, all others. `flags` says of
    /// a node whether it was taken and shared. Returns how many are new; their places follow one another.
    pub(crate) fn link(
        &mut self,
        added: &[NodeRef],
        target: NodeRef,
        rest: bool,
        flags: &dyn Fn(NodeRef) -> u32,
    ) -> Result<Range<usize>, Unordered> {
        let first = self.order.len();
        self.added.extend(added);
        self.wait_for_borrowers(added, flags);
        let mut roots = Vec::new();
        let mut linked = self.link_from(target, flags, &mut roots);
        if linked.is_ok() {
            self.promote(target, first, &mut roots);
        }
        // The first of them is the next to be claimed. Also where linking has failed: what is linked is waited for.
        roots.reverse();
        self.urgent.append(&mut roots);
        if rest {
            for &node in added {
                linked = linked.and_then(|()| self.link_from(node, flags, &mut roots));
            }
            self.rest.extend(roots);
        }
        linked.map(|()| first..self.order.len())
    }

    /// Lets each new task that takes an output come after those that borrow it and were added before.
    fn wait_for_borrowers(&mut self, added: &[NodeRef], flags: &dyn Fn(NodeRef) -> u32) {
        let mut inputs = Inputs::default();
        for &node in added {
            inputs.clear();
            node.visit(&mut inputs);
            for (input, access) in inputs.iter() {
                if access == Access::Lend {
                    self.borrowers.entry(input).or_default().push(node);
                } else if is_moved(flags(input))
                    && let Some(borrowers) = self.borrowers.remove(&input)
                {
                    for borrower in borrowers {
                        let waits = borrower == node
                            || inputs.iter().any(|(other, _)| other == borrower)
                            || self.extras.after(node).contains(&borrower);
                        if !waits && !is_complete(borrower) {
                            self.extras.add_after(node, borrower);
                            self.only_after.insert((node, borrower));
                        }
                    }
                }
            }
        }
    }

    /// Depth first from `start` through what is not linked, as [`crate::order::depth_first`].
    fn link_from(
        &mut self,
        start: NodeRef,
        flags: &dyn Fn(NodeRef) -> u32,
        roots: &mut Vec<NodeRef>,
    ) -> Result<(), Unordered> {
        let (mut steps, mut dependencies) = (Inputs::default(), Dependencies::default());
        steps.push(start, Access::Lend);
        while let Some((node, left)) = steps.pop() {
            if left {
                self.link_one(node, flags, &mut dependencies, roots)?;
            } else if node.has(ORDERED) {
                // Linked; of these only the run knows more.
            } else if node.has(ENTERED) {
                return Err(crate::order::cycle(node, &steps));
            } else {
                node.set_alone(ENTERED);
                steps.push_leave(node);
                let first = steps.len();
                node.visit(&mut steps);
                self.extras
                    .after(node)
                    .iter()
                    .for_each(|&earlier| steps.push(earlier, Access::Lend));
                steps.reverse_from(first);
            }
        }
        Ok(())
    }

    fn link_one(
        &mut self,
        node: NodeRef,
        flags: &dyn Fn(NodeRef) -> u32,
        dependencies: &mut Dependencies,
        roots: &mut Vec<NodeRef>,
    ) -> Result<(), Unordered> {
        // A place of 0 is below all, so that a run that is given up skips every task.
        let place = self.order.len() + 1;
        if place >= TASKS_MAX as usize {
            return Err(Unordered::TooLarge);
        }
        let first = self.edges.len();
        let (mut waits, mut is_poisoned) = (0, false);
        let Growth { extras, edges, links, given, only_after, linked, over, .. } = self;
        let held_places = over.unwrap_or(usize::MAX);
        let held = |input| {
            linked.get(&input).is_some_and(|linked: &Linked| linked.place as usize <= held_places)
        };
        dependencies.of(node, extras, |input, access| {
            edges.push(input);
            if access == Some(Access::Take) && is_moved(flags(input)) && held(input) {
                // The hold becomes the taker's.
                given.insert(input);
            } else if access.is_some() {
                input.add_reader_while_running();
            }
            if !is_complete(input) {
                waits += 1;
                input.set_successors(input.successors().with(links, Target::task(node), false));
            } else if input.has(POISONED) && !only_after.contains(&(node, input)) {
                is_poisoned = true;
            }
        });
        let count = edges.len() - first;
        if count > INPUTS_MAX {
            return Err(Unordered::TooManyInputs(node, count));
        }
        node.clear_alone(ENTERED | COMPLETE);
        node.set_alone(ORDERED);
        node.set_place(place as u32);
        node.expect(waits);
        node.set_readers(u32::from(self.over.is_none()));
        if is_poisoned {
            node.set_alone(POISONED);
        }
        let inputs = first..self.edges.len();
        self.linked.insert(node, Linked { place: place as u32, inputs });
        self.order.push(node);
        self.left += 1;
        if waits == 0 {
            roots.push(node);
        }
        Ok(())
    }

    /// Roots among what `target` needs that were linked earlier, when there were `first` tasks, and not claimed yet.
    fn promote(&self, target: NodeRef, first: usize, roots: &mut Vec<NodeRef>) {
        if self.rest.is_empty() {
            return;
        }
        let mut seen = HashSet::new();
        let mut steps = vec![target];
        while let Some(node) = steps.pop() {
            if is_complete(node) || !seen.insert(node) {
                continue;
            }
            let Some(linked) = self.linked.get(&node) else { continue };
            let inputs = &self.edges[linked.inputs.clone()];
            if inputs.is_empty() && !node.has(CLAIMED) && linked.place as usize <= first {
                roots.push(node);
            }
            steps.extend(inputs.iter().rev());
        }
    }

    /// A task to begin: of what the body waits for, if there is one.
    pub(crate) fn claim(&mut self) -> Option<NodeRef> {
        loop {
            let node = self.urgent.pop().or_else(|| self.rest.pop_front())?;
            // It may stand in both.
            if node.set_first(CLAIMED) {
                return Some(node);
            }
        }
    }

    /// All tasks that can be begun, for a run that keeps them elsewhere.
    pub(crate) fn claim_all(&mut self) -> Vec<NodeRef> {
        std::iter::from_fn(|| self.claim()).collect()
    }

    /// How many roots there are to claim; more than there are, if some stand in both lists.
    pub(crate) fn roots(&self) -> usize {
        self.urgent.len() + self.rest.len()
    }

    /// The body waits for `node`; whether it is done already.
    pub(crate) fn wait_for(&mut self, node: NodeRef) -> bool {
        self.awaited = Some(node);
        node.has(COMPLETE)
    }

    /// The run waits until nothing is left; whether that is so already.
    pub(crate) fn wait_for_all(&mut self) -> bool {
        self.awaited = None;
        self.left == 0
    }

    /// Notes why a task failed.
    pub(crate) fn failed(&mut self, node: NodeRef, error: Error) {
        self.failures.insert(node, error);
    }

    /// The failure behind a task that is done and failed or was skipped: the first one depth first, which no timing changes.
    pub(crate) fn failure(&self, node: NodeRef) -> Option<Error> {
        let (mut steps, mut seen) = (vec![node], HashSet::new());
        while let Some(node) = steps.pop() {
            if !node.has(POISONED) || !seen.insert(node) {
                continue;
            }
            if let Some(error) = self.failures.get(&node) {
                return Some(error.clone());
            }
            let Some(linked) = self.linked.get(&node) else { continue };
            let inputs = self.edges[linked.inputs.clone()].iter().rev();
            steps.extend(inputs.filter(|&&input| !self.only_after.contains(&(node, input))));
        }
        None
    }

    /// The number of a task in the order in which they were added.
    pub(crate) fn number(&mut self, node: NodeRef) -> Option<u32> {
        let known = self.numbers.len();
        let more = self.added.iter().enumerate().skip(known);
        self.numbers.extend(more.map(|(at, &node)| (node, at as u32)));
        self.numbers.get(&node).copied()
    }

    fn place(&self, node: NodeRef) -> u32 {
        self.linked.get(&node).map_or(u32::MAX, |linked| linked.place)
    }

    /// All failures of tasks that nobody has caught, in the order of their places.
    pub(crate) fn failures(&self) -> Vec<Error> {
        let uncaught = self.failures.iter().filter(|(node, _)| !self.caught.contains(node));
        let mut failures: Vec<(u32, &Error)> =
            uncaught.map(|(&node, error)| (self.place(node), error)).collect();
        failures.sort_unstable_by_key(|(place, _)| *place);
        failures.into_iter().map(|(_, error)| error.clone()).collect()
    }

    /// What somebody who reads `node` catches: of all failures that it did not run for that with the lowest place.
    pub(crate) fn catch(&mut self, node: NodeRef) -> Option<Error> {
        let (mut steps, mut seen) = (vec![node], HashSet::new());
        let mut lowest: Option<NodeRef> = None;
        while let Some(node) = steps.pop() {
            if !node.has(POISONED) || !seen.insert(node) {
                continue;
            }
            if self.failures.contains_key(&node) {
                self.caught.insert(node);
                if lowest.is_none_or(|lowest| self.place(node) < self.place(lowest)) {
                    lowest = Some(node);
                }
                continue;
            }
            let Some(linked) = self.linked.get(&node) else { continue };
            let inputs = self.edges[linked.inputs.clone()].iter();
            steps.extend(inputs.filter(|&&input| !self.only_after.contains(&(node, input))));
        }
        self.failures.get(&lowest?).cloned()
    }

    /// Whether a task that `node` only has to come after, without reading it, has failed.
    pub(crate) fn fails_after(&self, node: NodeRef) -> bool {
        let fails = |earlier: &NodeRef| {
            earlier.has(POISONED) && !self.only_after.contains(&(node, *earlier))
        };
        self.extras.after(node).iter().any(fails)
    }

    /// A task is done: tells those who wait for it, and `ready` which of them can run; whether it is what the body waits for, or the
    /// last one of a run that is over.
    pub(crate) fn complete(&mut self, node: NodeRef, mut ready: impl FnMut(NodeRef)) -> bool {
        node.set_alone(COMPLETE);
        self.left -= 1;
        let successors = node.successors();
        for at in (0..successors.len()).rev() {
            let target = successors.at(at).node();
            if node.has(POISONED) && !self.only_after.contains(&(target, node)) {
                target.set(POISONED);
            }
            if target.dependency_done() {
                ready(target);
            }
        }
        match self.awaited {
            Some(awaited) => awaited == node,
            None => self.left == 0,
        }
    }

    /// The body is over: what is linked from now on is not held.
    pub(crate) fn end_of_body(&mut self) {
        self.over = Some(self.order.len());
    }

    /// When all that reads something is linked: lets go of all but `output`, which the end of the run reads. Returns the outputs that
    /// nobody reads any more.
    pub(crate) fn let_go(&mut self, output: NodeRef) -> Vec<NodeRef> {
        let held = self.over.unwrap_or(self.order.len());
        if self.linked.get(&output).is_some_and(|linked| linked.place as usize > held) {
            output.add_reader_while_running();
        }
        let mut unread = Vec::new();
        for &node in &self.order[..held] {
            let ours = node != output && !self.given.contains(&node);
            if ours && node.reader_gone() && node.has(COMPLETE) {
                unread.push(node);
            }
        }
        unread
    }

    /// For observers: an output is gone; whether they don't know yet.
    pub(crate) fn tell_gone(&mut self, node: NodeRef) -> bool {
        self.told_gone.insert(node)
    }

    /// Takes what the body waited for: from here on it is the body's, and nobody's to drop.
    pub(crate) fn give(&mut self, node: NodeRef) {
        self.given.insert(node);
    }

    /// The places of what a linked task waits for.
    pub(crate) fn dependencies(&self, node: NodeRef) -> Vec<u32> {
        let Some(linked) = self.linked.get(&node) else { return Vec::new() };
        let place = |input| self.linked.get(input).map_or(0, |linked| linked.place - 1);
        self.edges[linked.inputs.clone()].iter().map(place).collect()
    }

    /// The tasks of these places.
    pub(crate) fn tasks(&self, places: Range<usize>) -> &[NodeRef] {
        &self.order[places]
    }
}

/// Whether it has told who waits for it. The mark means something else on a node that is not linked.
fn is_complete(node: NodeRef) -> bool {
    node.has(ORDERED) && node.has(COMPLETE)
}

/// Whether who takes the value takes it alone.
fn is_moved(flags: u32) -> bool {
    flags & TAKEN != 0 && flags & SHARED == 0
}
