//! The rare facts of a graph's tasks, kept beside the nodes so that most tasks don't pay for them:
//! names given to one task, how to clone a shared output, and what a task only comes after.

use super::node::NodeRef;
use std::borrow::Cow;
use std::collections::HashMap;

/// Clones the value at the first address into the second.
///
/// # Safety
/// Both addresses are of the type it was made for; the first holds a value, the second is room for one.
pub(crate) type Cloner = unsafe fn(*const (), *mut ());

/// The cloner of `T`.
pub(crate) fn cloner_of<T: Clone>() -> Cloner {
    /// # Safety
    /// See [`Cloner`].
    unsafe fn clone_into<T: Clone>(from: *const (), to: *mut ()) {
        // SAFETY: promised by the caller.
        let value = unsafe { (*from.cast::<T>()).clone() };
        // SAFETY: promised by the caller.
        unsafe { to.cast::<T>().write(value) };
    }
    clone_into::<T>
}

/// See the module's text.
#[derive(Default)]
pub(crate) struct Extras {
    names: HashMap<NodeRef, Cow<'static, str>>,
    cloners: HashMap<NodeRef, Cloner>,
    after: HashMap<NodeRef, Vec<NodeRef>>,
}

impl Extras {
    pub(crate) fn set_name(&mut self, node: NodeRef, name: Cow<'static, str>) {
        self.names.insert(node, name);
    }

    pub(crate) fn name(&self, node: NodeRef) -> Cow<'static, str> {
        self.names.get(&node).cloned().unwrap_or(Cow::Borrowed(node.kind().name))
    }

    pub(crate) fn set_cloner(&mut self, node: NodeRef, cloner: Cloner) {
        self.cloners.insert(node, cloner);
    }

    pub(crate) fn cloner(&self, node: NodeRef) -> Option<Cloner> {
        if self.cloners.is_empty() { None } else { self.cloners.get(&node).copied() }
    }

    pub(crate) fn add_after(&mut self, node: NodeRef, earlier: NodeRef) {
        self.after.entry(node).or_default().push(earlier);
    }

    pub(crate) fn after(&self, node: NodeRef) -> &[NodeRef] {
        if self.after.is_empty() { &[] } else { self.after.get(&node).map_or(&[], Vec::as_slice) }
    }

    pub(crate) fn has_after(&self) -> bool {
        !self.after.is_empty()
    }

    pub(crate) fn absorb(&mut self, other: Extras) {
        self.names.extend(other.names);
        self.cloners.extend(other.cloners);
        self.after.extend(other.after);
    }
}
