//! A run of a graph that is built while it runs: what [`Growth`] knows, as drivers see it.
//!
//! In: waits of the body, and tasks that are done. Out: roots to claim, and the end of a wait.

use super::{Context, Run};
use crate::graph::node::NodeRef;
use crate::growth::Growth;
use crate::sync::atomic::Ordering::{Relaxed, Release};

impl Run<'_> {
    /// Begins a wait: for `done` to be set, if it is not over already. By the body's thread, with `growth` locked.
    pub(crate) fn waits(&self, growth: &Growth, already: bool) {
        self.roots_to_claim.store(growth.roots(), Relaxed);
        // Release: as where a worker sets it.
        self.done.store(already, Release);
    }

    /// Drops outputs that nobody reads any more, for the body's thread.
    pub(crate) fn drop_unread(&self, nodes: Vec<NodeRef>) {
        if nodes.is_empty() {
            return;
        }
        let context = self.context(0);
        nodes.into_iter().for_each(|node| node.drop_value(&context));
    }

    /// In a run that grows: a root to begin.
    #[cold]
    pub(crate) fn claim_grown(&self) -> Option<NodeRef> {
        if self.roots_to_claim.load(Relaxed) == 0 {
            return None;
        }
        let mut growth = self.growth()?;
        let root = growth.claim();
        self.roots_to_claim.store(growth.roots(), Relaxed);
        root
    }

    #[cold]
    pub(super) fn complete_grown(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let Some(mut growth) = self.growth() else { return false };
        let reached = growth.complete(node, |ready| context.ready(ready));
        // Nobody reads it who has not been counted: the body is over, or it holds it.
        let unread = node.readers() == 0;
        drop(growth);
        if unread {
            node.drop_value(context);
        }
        reached
    }
}
