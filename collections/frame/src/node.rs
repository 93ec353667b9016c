//! The expression that a frame is: what its rows come from, and what is done with them.
//!
//! In: steps. Out: [`Node`]s, each of which knows its schema and its partitions before anything is computed.
//!
//! ```text
//! Source   rows from elsewhere: files, memory, graphs          (`source`)
//! Rows     a step that looks at one row at a time              (`rows`)
//! Part     some of the partitions of another
//! Group    many partitions become one, by keys or without      (`grouping`)
//! Custom   all else: whole partitions, each made of some of others'
//! ```
//! Not here: what the tasks are (`lower`).

use crate::divisions::Divisions;
use crate::error::Error;
use crate::grouping::Grouping;
use crate::rows::Step;
use crate::source::Source;
use polars_core::prelude::{DataFrame, PlSmallStr, Schema};
use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::Arc;
use taskweave_runtime::{Builder, Delayed};

pub(crate) type NodeRef = Arc<Node>;
/// Names of columns.
pub(crate) type Names = BTreeSet<PlSmallStr>;

/// One step of a frame's expression.
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) schema: Arc<Schema>,
    /// How many there are.
    pub(crate) partitions: usize,
    pub(crate) divisions: Divisions,
    /// What the user called, and where.
    pub(crate) name: &'static str,
    pub(crate) location: &'static Location<'static>,
}

/// What a node does.
pub(crate) enum Kind {
    Source(Arc<dyn Source>),
    Rows { input: NodeRef, step: Step },
    Part { input: NodeRef, first: usize },
    Group { input: NodeRef, grouping: Arc<Grouping> },
    Custom { inputs: Vec<NodeRef>, make: Arc<dyn Custom> },
}

/// A block that a partition is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A partition of an input.
    Input(usize, usize),
    /// An earlier partition of the node itself.
    Own(usize),
}

/// What makes whole partitions.
pub(crate) trait Custom: Send + Sync {
    /// Which blocks a partition is made of, in the order in which [`make`](Custom::make) gets them.
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need>;

    /// Which columns of an input are needed, if these of the result are.
    fn needed_columns(&self, node: &Node, input: usize, wanted: &Names) -> Names;

    /// Makes the partition. Its columns are those wanted, at least; what else there is, and the order, is of no account.
    fn make(
        &self,
        node: &Node,
        partition: usize,
        blocks: Vec<DataFrame>,
    ) -> Result<DataFrame, Error>;

    /// Whether there may be more rows than those that are read, or nobody knows how many.
    fn makes_rows(&self) -> bool {
        false
    }

    /// More rows than these no partition has.
    fn rows_max(&self) -> u64 {
        u64::MAX
    }

    /// Whether each partition is that of the first input, if these columns of it are wanted: then nothing is made.
    fn is_idle(&self, _wanted: &Names) -> bool {
        false
    }

    /// The task that makes a partition, where it is not one that calls [`make`](Custom::make).
    fn add<'g, 'env>(
        &self,
        _node: &NodeRef,
        _wanted: &Arc<[PlSmallStr]>,
        _partition: usize,
        _builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, DataFrame>> {
        None
    }

    /// Whether [`add`](Custom::add) gives away what can be given once.
    fn is_taken(&self) -> bool {
        false
    }

    /// How many rows each partition has, if that is known.
    fn lengths(&self) -> Option<Vec<usize>> {
        None
    }

    /// What `explain` says behind the step's name.
    fn describe(&self) -> String {
        String::new()
    }
}

impl Node {
    /// What the node reads.
    pub(crate) fn inputs(&self) -> &[NodeRef] {
        match &self.kind {
            Kind::Source(_) => &[],
            Kind::Rows { input, .. } | Kind::Part { input, .. } | Kind::Group { input, .. } => {
                std::slice::from_ref(input)
            }
            Kind::Custom { inputs, .. } => inputs,
        }
    }

    /// Which columns of an input are needed, if these of the node are.
    pub(crate) fn needed_columns(&self, input: usize, wanted: &Names) -> Names {
        match &self.kind {
            Kind::Source(_) => Names::new(),
            Kind::Rows { input, step } => step.needs(wanted, &input.schema),
            Kind::Part { .. } => wanted.clone(),
            Kind::Group { grouping, .. } => grouping.needs(wanted),
            Kind::Custom { make, .. } => make.needed_columns(self, input, wanted),
        }
    }

    /// What it reads, taken out of it.
    fn taken_inputs(&mut self) -> Vec<NodeRef> {
        if self.inputs().is_empty() {
            return Vec::new();
        }
        let gone = Kind::Custom { inputs: Vec::new(), make: Arc::new(Gone) };
        match std::mem::replace(&mut self.kind, gone) {
            Kind::Source(_) => Vec::new(),
            Kind::Rows { input, .. } | Kind::Part { input, .. } | Kind::Group { input, .. } => {
                vec![input]
            }
            Kind::Custom { inputs, .. } => inputs,
        }
    }

    /// A frame of this schema without rows.
    pub(crate) fn empty(&self) -> DataFrame {
        DataFrame::empty_with_schema(&self.schema)
    }

    /// All of its columns.
    pub(crate) fn names(&self) -> Names {
        self.schema.iter_names_cloned().collect()
    }
}

/// Without recursion: chains of steps may be longer than the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut left = self.taken_inputs();
        while let Some(node) = left.pop() {
            if let Some(mut node) = Arc::into_inner(node) {
                left.extend(node.taken_inputs());
            }
        }
    }
}

/// What is left of a node that is being dropped.
struct Gone;

impl Custom for Gone {
    fn needs(&self, _: &Node, _: usize) -> Vec<Need> {
        Vec::new()
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        Names::new()
    }

    fn make(&self, node: &Node, _: usize, _: Vec<DataFrame>) -> Result<DataFrame, Error> {
        Ok(node.empty())
    }
}

/// The columns of a schema that are wanted, in its order.
pub(crate) fn in_order(schema: &Schema, wanted: &Names) -> Vec<PlSmallStr> {
    schema.iter_names().filter(|name| wanted.contains(*name)).cloned().collect()
}
