//! The depth-first order from the output: which tasks run, and each one's place.
//!
//! In: the output's node and the extra dependencies of `.after(…)`. Out: the tasks it needs, dependencies first, each
//! after those of its earlier arguments: the order in which plain evaluation would run them. O(tasks + edges),
//! without recursion; a node's place is written into it. A cycle, which only `.after` can make, comes out as its path.

use crate::graph::extras::Extras;
use crate::graph::node::{Mark, NodeRef};
use crate::task::source::Access;

/// Tasks wait for each other, in this order.
pub(crate) struct Cycle(pub(crate) Vec<NodeRef>);

/// All that a node waits for: what it reads, then what it only comes after (`None`).
pub(crate) fn dependencies(
    node: NodeRef,
    extras: &Extras,
    each: &mut dyn FnMut(NodeRef, Option<Access>),
) {
    node.visit(&mut |input, access| each(input, Some(access)));
    for &earlier in extras.after(node) {
        each(earlier, None);
    }
}

/// The nodes that `output` needs, in order; marks are reset before it returns.
pub(crate) fn order(output: NodeRef, extras: &Extras) -> Result<Vec<NodeRef>, Cycle> {
    enum Step {
        Enter(NodeRef),
        Leave(NodeRef),
    }
    let mut order = Vec::new();
    let mut steps = vec![Step::Enter(output)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(node) => match node.mark() {
                Mark::Left => {}
                Mark::Unseen => {
                    node.set_mark(Mark::Entered);
                    steps.push(Step::Leave(node));
                    let first = steps.len();
                    dependencies(node, extras, &mut |input, _| {
                        if input.mark() != Mark::Left {
                            steps.push(Step::Enter(input));
                        }
                    });
                    steps[first..].reverse();
                }
                // On the way down to here: those entered but not left are its consumers.
                Mark::Entered => {
                    let entered: Vec<NodeRef> = steps
                        .iter()
                        .filter_map(|step| match step {
                            Step::Leave(node) => Some(*node),
                            Step::Enter(_) => None,
                        })
                        .collect();
                    let start = entered.iter().position(|&other| other == node).unwrap_or(0);
                    let mut cycle = entered[start..].to_vec();
                    cycle.push(node);
                    for node in entered.into_iter().chain(order) {
                        node.set_mark(Mark::Unseen);
                    }
                    return Err(Cycle(cycle));
                }
            },
            Step::Leave(node) => {
                node.set_mark(Mark::Left);
                node.set_place(u32::try_from(order.len()).unwrap_or(u32::MAX - 1));
                order.push(node);
            }
        }
    }
    for node in &order {
        node.set_mark(Mark::Unseen);
    }
    Ok(order)
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
