//! Which outputs wait for other roots than their own, so that threads don't make more and more of them.
//!
//! In: a task that is being linked, and what it reads. Out: [`TIED`] on those of its inputs that a root makes by itself, if the task reads something else too. Such
//! outputs are counted while they are there, and roots are claimed one by one, when no other thread has left a ready task, and not beyond a limit.
//!
//! ```text
//! fold     load -> merge -> merge -> ...       what is loaded waits for the merge before
//!                  load ----^
//! scan     load -> parse ---> shift -> write   what is parsed waits for the totals of all before
//!                    totals ---^
//! ```
//! Not here: who counts ([`crate::graph::node`]), who holds back and who helps first ([`crate::drivers`]).

use crate::ahead::{TIED_DEPENDENCIES_MAX, TIED_MAX, TIED_STEPS_MAX};
use crate::graph::links::Inputs;
use crate::graph::node::{NodeRef, TIED};

/// Ties those `inputs` to their reader that come from a root each, if it reads something else too; whether there were any. `way` is
/// memory to search in.
#[inline]
pub(super) fn tie(inputs: &Inputs, dependencies: u32, way: &mut Inputs) -> bool {
    if !(2..=TIED_DEPENDENCIES_MAX).contains(&dependencies) {
        return false;
    }
    let may_be_tied = |node: NodeRef| node.expected() <= 1 && node.kind().output_bytes.is_none();
    inputs.iter().any(|(input, _)| may_be_tied(input)) && tie_some(inputs, dependencies, way)
}

/// See [`tie`], where some input owns memory.
#[inline(never)]
fn tie_some(inputs: &Inputs, dependencies: u32, way: &mut Inputs) -> bool {
    let (mut count, mut alone) = (0, 0_u32);
    for (at, (input, _)) in inputs.iter().enumerate() {
        if comes_alone(input, way) {
            alone |= 1 << at;
            count += 1;
            if count > TIED_MAX {
                return false;
            }
        }
    }
    if count == 0 || count == dependencies as usize {
        return false;
    }
    let mut tied = false;
    for (at, (input, _)) in inputs.iter().enumerate() {
        if alone & 1 << at != 0 && input.kind().output_bytes.is_none() {
            input.set_alone(TIED);
            tied = true;
        }
    }
    tied
}

/// Whether `node` is there as soon as some root has run, and a few tasks after it that wait for nothing else and whose input nobody else is known to read: who
/// claims the root makes it. While a run is linked, of a node that the search has left.
fn comes_alone(node: NodeRef, way: &mut Inputs) -> bool {
    match node.expected() {
        0 => true,
        1 => follows_root(node, way),
        _ => false,
    }
}

/// See [`comes_alone`], of a node with one dependency.
fn follows_root(mut node: NodeRef, way: &mut Inputs) -> bool {
    for _ in 0..TIED_STEPS_MAX {
        way.clear();
        node.visit(way);
        // It may read nothing, and only come after something.
        let Some((input, _)) = way.iter().next() else { return false };
        if input.readers() != 1 {
            return false;
        }
        match input.expected() {
            0 => return true,
            1 => node = input,
            _ => return false,
        }
    }
    false
}
