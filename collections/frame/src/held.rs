//! How many rows and bytes blocks have, and how much of it is in memory at once, before any is there.
//!
//! In: nodes, each behind those that it reads, and then the tasks of a graph that is never run. Out: estimates from above: a filter is taken to
//! let every row through, a text for [`TEXT_BYTES`]. What nobody can know is left out: how many groups there are, how many rows a join or
//! lists make of one, what functions of the user's take.
//!
//! - `H1`: a task of a trial has for its name the place of its [`Weight`], as the order in which tasks run is not that in which they are added.
//!
//! Not here: what is said of it (`plan`).

use crate::node::{Kind, Need, Node, NodeRef};
use crate::rows::Step;
use polars_core::prelude::{DataType, PlSmallStr, Schema};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use taskweave_runtime::TaskInfo;

/// A text in memory: its view, and a few that are too long to stand in it.
const TEXT_BYTES: u64 = 24;
/// A list or another value of no fixed size.
const OTHER_BYTES: u64 = 32;

/// What a task's block takes, and what the task takes besides while it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Weight {
    pub(crate) keeps: u64,
    pub(crate) works: u64,
}

/// A graph that is built to be looked at.
pub(crate) struct Trial {
    rows: Rows,
    weights: RefCell<Vec<Weight>>,
}

impl Trial {
    pub(crate) fn new(order: &[NodeRef]) -> Trial {
        Trial { rows: Rows::of(order), weights: RefCell::default() }
    }

    /// The name of a task of this weight (`H1`).
    pub(crate) fn name(&self, weight: Weight) -> String {
        let mut weights = self.weights.borrow_mut();
        weights.push(weight);
        (weights.len() - 1).to_string()
    }

    /// What these columns of a partition take.
    pub(crate) fn bytes(&self, node: &Node, columns: &[PlSmallStr], partition: usize) -> u64 {
        let rows = self.rows.of_partition(node, partition).unwrap_or(0);
        rows.saturating_mul(width(&node.schema, columns))
    }

    /// At most how many rows a node has, if that is known.
    pub(crate) fn rows(&self, node: &Node) -> Option<u64> {
        if self.rows.is_made(node) {
            return None;
        }
        (0..node.partitions).map(|at| self.rows.of_partition(node, at)).sum()
    }

    /// How many bytes are in memory at once while so many workers run these tasks, which are in the order in which one worker runs them. Each
    /// further worker may be at the task that takes most. Nothing, if of some rows it is not known how many there are.
    pub(crate) fn peak(&self, tasks: &[TaskInfo], workers: usize) -> Option<u64> {
        if self.rows.is_unknown {
            return None;
        }
        let weights = self.weights.borrow();
        let of = |task: &TaskInfo| {
            let place = task.name().parse().ok();
            place.and_then(|place: usize| weights.get(place)).copied().unwrap_or_default()
        };
        let mut readers = vec![0_u32; tasks.len()];
        for &read in tasks.iter().flat_map(TaskInfo::dependencies) {
            readers[read] += 1;
        }
        let (mut held, mut peak, mut largest) = (0_u64, 0_u64, 0_u64);
        for task in tasks {
            let Weight { keeps, works } = of(task);
            held = held.saturating_add(keeps);
            peak = peak.max(held.saturating_add(works));
            largest = largest.max(keeps.saturating_add(works));
            for &read in task.dependencies() {
                readers[read] -= 1;
                // Results have no reader here, and stay.
                if readers[read] == 0 {
                    held -= of(&tasks[read]).keeps;
                }
            }
        }
        let others = (workers.max(1).min(tasks.len().max(1)) - 1) as u64;
        Some(peak.saturating_add(largest.saturating_mul(others)))
    }
}

/// At most how many rows each partition of each node has.
struct Rows {
    /// Nothing where it is not known.
    of: HashMap<*const Node, Option<Vec<u64>>>,
    is_unknown: bool,
    /// Nodes whose rows nobody can count before, and what is made of them.
    made: HashSet<*const Node>,
}

impl Rows {
    fn of(order: &[NodeRef]) -> Rows {
        let (of, made) = (HashMap::with_capacity(order.len()), HashSet::new());
        let mut rows = Rows { of, is_unknown: false, made };
        for node in order {
            let is_made = match &node.kind {
                Kind::Group { .. } | Kind::Rows { step: Step::Explode(_), .. } => true,
                Kind::Custom { make, .. } => make.makes_rows(),
                _ => false,
            };
            if is_made || node.inputs().iter().any(|input| rows.is_made(input)) {
                rows.made.insert(Arc::as_ptr(node));
            }
            let own: Option<Vec<u64>> =
                (0..node.partitions).map(|at| rows.next(node, at)).collect();
            // Of the rows of groups nobody knows how many there are; they are left out.
            rows.is_unknown |= own.is_none();
            let own = match node.kind {
                Kind::Custom { ref inputs, .. } => own.map(|own| rows.shared(node, inputs, own)),
                _ => own,
            };
            rows.of.insert(Arc::as_ptr(node), own);
        }
        rows
    }

    fn is_made(&self, node: &Node) -> bool {
        self.made.contains(&std::ptr::from_ref(node))
    }

    fn of_partition(&self, node: &Node, partition: usize) -> Option<u64> {
        let own = self.of.get(&std::ptr::from_ref(node))?.as_ref()?;
        own.get(partition).copied()
    }

    /// The rows of a partition of a node whose inputs are known. What makes other partitions than its input has gets 0 here, and its share in
    /// [`shared`](Rows::shared).
    fn next(&self, node: &Node, at: usize) -> Option<u64> {
        match &node.kind {
            Kind::Source(source) => source.rows_about(at),
            Kind::Part { input, first } => self.of_partition(input, first + at),
            Kind::Group { .. } => Some(0),
            Kind::Rows { input, step } => {
                let rows = self.of_partition(input, at)?;
                Some(match step {
                    Step::Head(most) => rows.min(*most as u64),
                    Step::Unpivot { on, .. } => rows.saturating_mul(on.len() as u64),
                    _ => rows,
                })
            }
            Kind::Custom { inputs, make } if inputs.is_empty() => {
                make.lengths().and_then(|lengths| lengths.get(at).map(|&rows| rows as u64))
            }
            Kind::Custom { inputs, make } => {
                let rows = match inputs[0].partitions == node.partitions {
                    true => self.of_partition(&inputs[0], at)?,
                    false => 0,
                };
                Some(rows.min(make.rows_max()))
            }
        }
    }

    /// Where partitions are made of parts of others, the rows of one that several read are divided among these.
    fn shared(&self, node: &Node, inputs: &[NodeRef], own: Vec<u64>) -> Vec<u64> {
        let Kind::Custom { make, .. } = &node.kind else { return own };
        if inputs.first().is_none_or(|input| input.partitions == node.partitions) {
            return own;
        }
        let mut readers: HashMap<(usize, usize), u64> = HashMap::new();
        let needs: Vec<Vec<Need>> = (0..node.partitions).map(|at| make.needs(node, at)).collect();
        for need in needs.iter().flatten() {
            if let Need::Input(input, partition) = need {
                *readers.entry((*input, *partition)).or_default() += 1;
            }
        }
        let share = |need: &Need| match need {
            Need::Input(input, at) => {
                let rows = self.of_partition(&inputs[*input], *at).unwrap_or(0);
                rows.div_ceil(readers[&(*input, *at)])
            }
            Need::Own(_) => 0,
        };
        let all = needs.iter().map(|needs| needs.iter().map(share).sum::<u64>());
        all.map(|rows| rows.min(make.rows_max())).collect()
    }
}

/// How many bytes these columns of a row take.
pub(crate) fn width(schema: &Schema, columns: &[PlSmallStr]) -> u64 {
    columns.iter().filter_map(|name| schema.get(name)).map(size_of).sum()
}

fn size_of(dtype: &DataType) -> u64 {
    match dtype {
        DataType::Null => 0,
        DataType::Boolean | DataType::Int8 | DataType::UInt8 => 1,
        DataType::Int16 | DataType::UInt16 => 2,
        DataType::Int32 | DataType::UInt32 | DataType::Float32 | DataType::Date => 4,
        DataType::Int64
        | DataType::UInt64
        | DataType::Float64
        | DataType::Datetime(..)
        | DataType::Duration(_)
        | DataType::Time => 8,
        DataType::Decimal(..) => 16,
        DataType::String | DataType::Binary => TEXT_BYTES,
        DataType::Categorical(..) | DataType::Enum(..) => 4,
        DataType::Struct(fields) => fields.iter().map(|field| size_of(field.dtype())).sum(),
        _ => OTHER_BYTES,
    }
}
