//! Failures that are caught: which tasks a `.catch` stands behind, and what went wrong above each.
//!
//! In: the order of a run, then its failures and skips. Out: for a `.catch`, the failure with the lowest place among what it needs. Only graphs in which
//! somebody catches have a [`Guard`], and only failures and skips come here. Not here: failures that nobody catches ([`super::failures`]).

use super::{Facts, Run};
use crate::error::Error;
use crate::graph::extras::{ByNode, Extras};
use crate::graph::links::Inputs;
use crate::graph::node::{NodeRef, POISONED};
use crate::sync::{Mutex, lock};
use std::collections::{BTreeMap, HashSet};

/// See the module's text.
pub(super) struct Guard {
    /// Tasks all of whose ways to the output lead through a `.catch`: their failures stop nothing but what needs them.
    guarded: HashSet<NodeRef>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Failures of guarded tasks, by their places.
    errors: BTreeMap<u32, Error>,
    /// The lowest place among the failures that a task did not run for, its own included.
    causes: ByNode<u32>,
}

impl Guard {
    /// Of a run that has been linked; `order` has all its tasks, dependencies first. O(tasks + edges).
    pub(super) fn of(order: &[NodeRef], output: NodeRef, extras: &Extras) -> Guard {
        let mut guarded = HashSet::new();
        let mut inputs = Inputs::default();
        for &node in order.iter().rev().filter(|&&node| node != output) {
            let successors = node.successors();
            let catches = |target: NodeRef, inputs: &mut Inputs| {
                // What it only comes after is not what it catches.
                inputs.clear();
                target.visit(inputs);
                target.kind().catches
                    && inputs.iter().any(|(input, _)| input == node)
                    && !extras.after(target).contains(&node)
            };
            let is_guarded = (0..successors.len()).all(|at| {
                let target = successors.at(at).node();
                guarded.contains(&target) || catches(target, &mut inputs)
            });
            if is_guarded {
                guarded.insert(node);
            }
        }
        Guard { guarded, state: Mutex::default() }
    }

    /// Whether a failure of this task is caught wherever it leads.
    pub(super) fn guards(&self, node: NodeRef) -> bool {
        self.guarded.contains(&node)
    }

    /// Takes note of a failure, if it is caught; else gives it back.
    pub(super) fn failed(&self, node: NodeRef, place: u32, error: Error) -> Result<(), Error> {
        if !self.guarded.contains(&node) {
            return Err(error);
        }
        let mut state = lock(&self.state);
        // A destructor's panic comes after the task's own failure, or what it was skipped for.
        state.errors.entry(place).or_insert(error);
        let cause = state.causes.entry(node).or_insert(place);
        *cause = place.min(*cause);
        Ok(())
    }

    /// `target` will not run, because `node` did not.
    pub(super) fn poisons(&self, node: NodeRef, target: NodeRef) {
        let mut state = lock(&self.state);
        if let Some(&cause) = state.causes.get(&node) {
            let lowest = state.causes.entry(target).or_insert(cause);
            *lowest = cause.min(*lowest);
        }
    }

    /// What `catcher` catches of `node`, which has no value.
    fn catch(&self, catcher: NodeRef, node: NodeRef) -> Option<Error> {
        let mut state = lock(&self.state);
        let cause = *state.causes.get(&node)?;
        // Should it fail in turn, that is its own failure.
        state.causes.remove(&catcher);
        state.errors.get(&cause).cloned()
    }
}

impl Run<'_> {
    /// Whether a poisoned task runs all the same, because it catches: then with what it has caught.
    #[cold]
    pub(super) fn caught(&self, node: NodeRef) -> Option<Error> {
        if !node.kind().catches {
            return None;
        }
        let mut inputs = Inputs::default();
        node.visit(&mut inputs);
        let (input, _) = inputs.iter().next()?;
        let failed = |earlier: &NodeRef| earlier.has(POISONED);
        let mut growth = self.growth();
        let comes_after_failure = match (&self.facts, &growth) {
            (Facts::Known(extras), _) => extras.after(node).iter().any(failed),
            (_, Some(growth)) => growth.fails_after(node),
            _ => false,
        };
        if comes_after_failure || !input.has(POISONED) {
            return None;
        }
        let error = match (&self.guard, &mut growth) {
            (Some(guard), _) => guard.catch(node, input),
            (None, Some(growth)) => growth.catch(input),
            (None, None) => None,
        }?;
        // A task that can run has no other worker.
        node.clear_alone(POISONED);
        Some(error)
    }
}
