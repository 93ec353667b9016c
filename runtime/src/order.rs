//! The depth-first search from the output: which tasks run, and each one's place. A run links tasks as the search leaves
//! them ([`depth_first`]); `check` and `Display` want the order itself ([`order`]).
//!
//! In: the output's node and the extra dependencies of `.after(…)`. Out: the tasks it needs, dependencies first, each
//! after those of its earlier arguments: the order in which plain evaluation would run them. O(tasks + edges),
//! without recursion; a node's place is written into it. A cycle, which only `.after` can make, comes out as its path.

use crate::graph::extras::Extras;
use crate::graph::links::{Inputs, JOINED};
use crate::graph::node::{COUNT, ENTERED, NodeRef, ORDERED};
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

/// All that a node waits for: what it reads, then what it only comes after (`None`).
pub(crate) fn dependencies(
    node: NodeRef,
    extras: &Extras,
    each: &mut dyn FnMut(NodeRef, Option<Access>),
) {
    let mut inputs = Inputs::default();
    node.visit(&mut inputs);
    inputs.iter().for_each(|(input, access)| each(input, Some(access)));
    for &earlier in extras.after(node) {
        each(earlier, None);
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
            node.clear_alone(ENTERED);
            node.set_alone(ORDERED);
            node.set_place(place);
            place += 1;
            node.visit(&mut inputs);
            let count = inputs.len() + extras.after(node).len();
            if count > INPUTS_MAX {
                return Err(Unordered::TooManyInputs(node, count));
            }
            leave(node, &inputs);
            inputs.clear();
        } else if node.has(ENTERED) {
            return Err(cycle(node, &steps));
        } else if !node.has(ORDERED) {
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
fn cycle(node: NodeRef, steps: &Inputs) -> Unordered {
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
/// borrowed value, which itself waits for its borrowers. Looked for only in graphs that use `.after`.
pub(crate) fn deadlock(order: &[NodeRef], extras: &Extras) -> Vec<NodeRef> {
    use crate::graph::node::{SHARED, TAKEN};
    let place = |node: NodeRef| node.place() as usize;
    let mut waits = vec![0_u32; order.len()];
    let mut readers = vec![0_u32; order.len()];
    let mut successors: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
    let mut movers: Vec<Option<usize>> = vec![None; order.len()];
    let mut inputs: Vec<Vec<usize>> = vec![Vec::new(); order.len()];
    for (at, &node) in order.iter().enumerate() {
        dependencies(node, extras, &mut |input, access| {
            waits[at] += 1;
            if access.is_some() {
                readers[place(input)] += 1;
                inputs[at].push(place(input));
            }
            if access == Some(Access::Take) && input.has(TAKEN) && !input.has(SHARED) {
                movers[place(input)] = Some(at);
            } else {
                successors[place(input)].push(at);
            }
        });
    }
    let mut ready: Vec<usize> = (0..order.len()).filter(|&at| waits[at] == 0).collect();
    let mut done = vec![false; order.len()];
    while let Some(at) = ready.pop() {
        done[at] = true;
        let mut tell = |to: usize, ready: &mut Vec<usize>| {
            waits[to] -= 1;
            if waits[to] == 0 {
                ready.push(to);
            }
        };
        for &next in &successors[at] {
            tell(next, &mut ready);
        }
        if let (Some(mover), 1) = (movers[at], readers[at]) {
            tell(mover, &mut ready);
        }
        for &input in &inputs[at] {
            readers[input] -= 1;
            // Of the readers only the mover is left, and it has not been told yet.
            if let (Some(mover), 1) = (movers[input], readers[input])
                && mover != at
            {
                tell(mover, &mut ready);
            }
        }
    }
    order.iter().zip(done).filter(|(_, done)| !done).map(|(node, _)| *node).collect()
}
