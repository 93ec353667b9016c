//! The depth-first search from the output: which tasks run, and each one's place. A run links tasks as the search leaves
//! them ([`depth_first`]); `check` and `Display` want the order itself ([`order`]).
//!
//! In: the output's node and the extra dependencies of `.after(…)`. Out: the tasks it needs, dependencies first, each
//! after those of its earlier arguments: the order in which plain evaluation would run them. O(tasks + edges),
//! without recursion; a node's place is written into it. A cycle, which only `.after` can make, comes out as its path.

use crate::graph::extras::Extras;
use crate::graph::links::{Inputs, JOINED};
use crate::graph::node::{COUNT, ENTERED, LENT_NOW, NodeRef, ORDERED};
use crate::task::source::Access;

/// The most tasks one graph can have: a place is 32 bits wide.
pub(crate) const TASKS_MAX: u32 = u32::MAX - 1;
/// The most outputs one task can read.
pub(crate) const INPUTS_MAX: usize = (COUNT as usize - JOINED as usize) * JOINED as usize;

/// Why there is no order.
pub(crate) enum Unordered {
    /// Tasks wait for each other, in this order.
    Cycle(Vec<NodeRef>),
    /// More than [`TASKS_MAX`].
    TooLarge,
    /// This task reads this many, more than [`INPUTS_MAX`].
    TooManyInputs(NodeRef, usize),
}

/// All that nodes wait for, one node after the other.
#[derive(Default)]
pub(crate) struct Dependencies(Inputs);

impl Dependencies {
    /// What `node` reads, then what it only comes after (`None`).
    pub(crate) fn of(
        &mut self,
        node: NodeRef,
        extras: &Extras,
        mut each: impl FnMut(NodeRef, Option<Access>),
    ) {
        self.0.clear();
        node.visit(&mut self.0);
        self.0.iter().for_each(|(input, access)| each(input, Some(access)));
        for &earlier in extras.after(node) {
            each(earlier, None);
        }
    }
}

/// Goes through all that `output` needs, depth first: gives each its place and [`ORDERED`], then `leave`s it with what
/// it reads.
pub(crate) fn depth_first(
    output: NodeRef,
    extras: &Extras,
    mut leave: impl FnMut(NodeRef, &Inputs),
) -> Result<(), Unordered> {
    let (mut inputs, mut steps) = (Inputs::default(), Inputs::default());
    steps.push(output, Access::Lend);
    let mut place = 0;
    while let Some((node, left)) = steps.pop() {
        if left {
            if place == TASKS_MAX {
                return Err(Unordered::TooLarge);
            }
            node.change_alone(ENTERED | LENT_NOW, ORDERED);
            node.set_place(place);
            place += 1;
            node.visit(&mut inputs);
            let count = inputs.len() + extras.after(node).len();
            if count > INPUTS_MAX {
                return Err(Unordered::TooManyInputs(node, count));
            }
            leave(node, &inputs);
            inputs.clear();
            continue;
        }
        let marks = node.flags();
        if marks & ENTERED != 0 {
            return Err(cycle(node, &steps));
        }
        if marks & ORDERED == 0 {
            node.set_alone(ENTERED);
            steps.push_leave(node);
            let first = steps.len();
            node.visit(&mut steps);
            extras.after(node).iter().for_each(|&earlier| steps.push(earlier, Access::Lend));
            // The first on top.
            steps.reverse_from(first);
        }
    }
    Ok(())
}

/// The way from `node` down to itself: those entered but not left are its consumers. Their marks are taken away.
pub(crate) fn cycle(node: NodeRef, steps: &Inputs) -> Unordered {
    let entered: Vec<NodeRef> = steps.leaves().collect();
    for node in &entered {
        node.clear_alone(ENTERED);
    }
    let start = entered.iter().position(|&other| other == node).unwrap_or(0);
    let mut cycle = entered[start..].to_vec();
    cycle.push(node);
    Unordered::Cycle(cycle)
}

/// The nodes that `output` needs, in order; no marks are left.
pub(crate) fn order(output: NodeRef, extras: &Extras) -> Result<Vec<NodeRef>, Unordered> {
    let mut order = Vec::new();
    let outcome = depth_first(output, extras, |node, _| order.push(node));
    for node in &order {
        node.clear_alone(ORDERED);
    }
    outcome.map(|()| order)
}

/// The tasks that would wait for ever, if any: `.after` can also ask a borrower to come after the task that takes the
/// borrowed value, which itself waits for its borrowers. Looked for only in graphs that use `.after`. O(tasks + edges).
pub(crate) fn deadlock(order: &[NodeRef], extras: &Extras) -> Vec<NodeRef> {
    use crate::graph::node::{SHARED, TAKEN};
    const NOBODY: u32 = u32::MAX;
    let place = |node: NodeRef| node.place() as usize;
    let mut dependencies = Dependencies::default();
    let mut readers = vec![0_u32; order.len()];
    let mut movers = vec![NOBODY; order.len()];
    for (at, &node) in order.iter().enumerate() {
        dependencies.of(node, extras, |input, access| {
            readers[place(input)] += u32::from(access.is_some());
            if access == Some(Access::Take) && input.has(TAKEN) && !input.has(SHARED) {
                movers[place(input)] = at as u32;
            }
        });
    }
    // Without somebody who waits for borrowers there is no wait that the search has not seen.
    if !movers.iter().zip(&readers).any(|(&mover, &readers)| mover != NOBODY && readers > 1) {
        return Vec::new();
    }
    // Who is told when a task is done, all in one list, and where each task's begin; a mover is told by the last reader.
    let mut waits = vec![0_u32; order.len()];
    let mut starts = vec![0_u32; order.len() + 1];
    let mut each_edge = |edge: &mut dyn FnMut(usize, usize)| {
        for (at, &node) in order.iter().enumerate() {
            dependencies.of(node, extras, |input, access| {
                let moves = access == Some(Access::Take) && movers[place(input)] == at as u32;
                edge(if moves { usize::MAX } else { place(input) }, at);
            });
        }
    };
    each_edge(&mut |from, to| {
        waits[to] += 1;
        if from != usize::MAX {
            starts[from + 1] += 1;
        }
    });
    for at in 0..order.len() {
        starts[at + 1] += starts[at];
    }
    let mut free = starts.clone();
    let mut successors = vec![0_u32; starts[order.len()] as usize];
    each_edge(&mut |from, to| {
        if from != usize::MAX {
            successors[free[from] as usize] = to as u32;
            free[from] += 1;
        }
    });
    let mut ready: Vec<usize> = (0..order.len()).filter(|&at| waits[at] == 0).collect();
    let mut done = vec![false; order.len()];
    while let Some(at) = ready.pop() {
        done[at] = true;
        let mut tell = |to: u32| {
            let to = to as usize;
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(to);
            }
        };
        successors[starts[at] as usize..starts[at + 1] as usize].iter().for_each(|&to| tell(to));
        if movers[at] != NOBODY && readers[at] == 1 {
            tell(movers[at]);
        }
        dependencies.of(order[at], extras, |input, access| {
            let input = place(input);
            if access.is_some() {
                readers[input] -= 1;
                // Of the readers only the mover is left, and it has not been told yet.
                if readers[input] == 1 && movers[input] != NOBODY && movers[input] != at as u32 {
                    tell(movers[input]);
                }
            }
        });
    }
    order.iter().zip(done).filter(|(_, done)| !done).map(|(node, _)| *node).collect()
}
