//! The rare facts of a graph's tasks, kept beside the nodes so that most tasks don't pay for them:
//! names given to one task, how to clone a shared output, what a task only comes after, and how it is to be run.

use super::node::{NodeRef, ORDERED};
use crate::task::options::TaskOptions;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// Clones the value at the first address into the second.
///
/// # Safety
/// Both addresses are of the type it was made for; the first holds a value, the second is room for one.
pub type Cloner = unsafe fn(*const (), *mut ());

/// The cloner of `T`.
pub(crate) const fn cloner_of<T: Clone>() -> Cloner {
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

/// See the module's text. One word, until there is something rare.
#[derive(Default)]
pub(crate) struct Extras(Option<Box<Tables>>);

#[derive(Default)]
struct Tables {
    names: ByNode<Cow<'static, str>>,
    cloners: ByNode<Cloner>,
    after: ByNode<Vec<NodeRef>>,
    options: ByNode<TaskOptions>,
    /// Whether a task catches failures.
    catches: bool,
}

/// A table of nodes. Addresses are nobody's choice, so a cheap hash will do.
pub(crate) type ByNode<V> = HashMap<NodeRef, V, BuildHasherDefault<AddressHasher>>;

/// Fibonacci hashing (Knuth, The Art of Computer Programming, 6.4) of one word.
#[derive(Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }
    fn write_usize(&mut self, word: usize) {
        // The table takes its highest and its lowest bits.
        let mixed = (self.0 ^ word as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

impl Hash for NodeRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.address().addr().get());
    }
}

/// Adds the entries of the smaller table to the larger.
fn join<V>(one: &mut ByNode<V>, mut other: ByNode<V>) {
    if other.len() > one.len() {
        std::mem::swap(one, &mut other);
    }
    one.extend(other);
}

impl Extras {
    fn tables(&mut self) -> &mut Tables {
        self.0.get_or_insert_default()
    }

    pub(crate) fn set_name(&mut self, node: NodeRef, name: Cow<'static, str>) {
        self.tables().names.insert(node, name);
    }

    pub(crate) fn name(&self, node: NodeRef) -> Cow<'static, str> {
        let given = self.0.as_ref().and_then(|tables| tables.names.get(&node));
        given.cloned().unwrap_or(Cow::Borrowed(node.kind().name))
    }

    pub(crate) fn set_cloner(&mut self, node: NodeRef, cloner: Cloner) {
        self.tables().cloners.insert(node, cloner);
    }

    #[inline]
    pub(crate) fn cloner(&self, node: NodeRef) -> Option<Cloner> {
        self.0.as_ref().and_then(|tables| tables.cloners.get(&node).copied())
    }

    pub(crate) fn add_after(&mut self, node: NodeRef, earlier: NodeRef) {
        self.tables().after.entry(node).or_default().push(earlier);
    }

    #[inline]
    pub(crate) fn after(&self, node: NodeRef) -> &[NodeRef] {
        match &self.0 {
            Some(tables) if !tables.after.is_empty() => {
                tables.after.get(&node).map_or(&[], Vec::as_slice)
            }
            _ => &[],
        }
    }

    /// A task that a run knows already, and that is told to come after another now.
    pub(crate) fn ordered_late(&self) -> Option<NodeRef> {
        let tables = self.0.as_ref()?;
        tables.after.keys().copied().find(|node| node.has(ORDERED))
    }

    #[inline]
    pub(crate) fn has_cloners(&self) -> bool {
        self.0.as_ref().is_some_and(|tables| !tables.cloners.is_empty())
    }

    #[inline]
    pub(crate) fn has_after(&self) -> bool {
        self.0.as_ref().is_some_and(|tables| !tables.after.is_empty())
    }

    pub(crate) fn set_catches(&mut self) {
        self.tables().catches = true;
    }

    pub(crate) fn has_catches(&self) -> bool {
        self.0.as_ref().is_some_and(|tables| tables.catches)
    }

    /// Says something of a task, which comes before what was said of it.
    pub(crate) fn add_options(&mut self, node: NodeRef, options: TaskOptions) {
        let said = self.tables().options.entry(node).or_default();
        *said = options.over(*said);
    }

    pub(crate) fn options(&self, node: NodeRef) -> TaskOptions {
        self.0.as_ref().and_then(|tables| tables.options.get(&node).copied()).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn has_options(&self) -> bool {
        self.0.as_ref().is_some_and(|tables| !tables.options.is_empty())
    }

    fn any_option(&self, is_one: impl Fn(&TaskOptions) -> bool) -> bool {
        self.0.as_ref().is_some_and(|tables| tables.options.values().any(is_one))
    }

    /// Whether the order of ready tasks depends on more than their places.
    pub(crate) fn has_priorities(&self) -> bool {
        self.any_option(|options| options.priority.is_some_and(|priority| priority != 0))
    }

    /// Whether a task may not take as long as it likes.
    pub(crate) fn has_time_limits(&self) -> bool {
        self.any_option(|options| options.timeout.is_some())
    }

    pub(crate) fn absorb(&mut self, other: Extras) {
        if let Some(other) = other.0 {
            let tables = self.tables();
            join(&mut tables.names, other.names);
            join(&mut tables.cloners, other.cloners);
            join(&mut tables.after, other.after);
            join(&mut tables.options, other.options);
            tables.catches |= other.catches;
        }
    }
}
