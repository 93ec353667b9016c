//! What a frame will do, said before it is done: which tasks, files and columns, how many rows, how much memory.
//!
//! In: an expression. Out: [`Plan`], numbers; and the text of [`Frame::explain`].
//!
//! Not here: doing it (`lower`).

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::Expr;
use crate::frame::Frame;
use crate::lower::Lowering;
use crate::node::{Kind, Node, NodeRef};
use crate::rows::Step;
use std::collections::HashSet;
use std::fmt::{Display, Formatter, Write};
use std::panic::Location;
use std::sync::Arc;
use taskweave_runtime::Graph;

/// What computing a frame takes.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::prelude::*;
/// let frame = Frame::from_polars(df!("x" => [1_i64, 2, 3], "y" => [4_i64, 5, 6])?, 3);
/// let plan = frame.group_by("x").agg([col("y").sum()]).plan(2)?;
/// assert_eq!((plan.partitions(), plan.bytes_read()), (1, 0));
/// // Three rows of sixteen bytes, and the last of them twice while it is made from another.
/// assert_eq!(frame.map_partitions(|part| part).plan(1)?.peak_bytes(), Some(64));
/// let error = frame.sort("x").plan(1)?.within(10).unwrap_err();
/// assert!(error.to_string().contains("computing needs about"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    tasks: usize,
    partitions: usize,
    bytes_read: u64,
    rows: Option<u64>,
    peak_bytes: Option<u64>,
    workers: usize,
}

impl Plan {
    pub(crate) fn new(node: &NodeRef, workers: usize) -> Plan {
        let roots = std::slice::from_ref(node);
        let lowering = Lowering::new(roots).on_trial();
        let bytes_read = lowering.order().iter().map(|node| lowering.bytes(node)).sum();
        let graph = Graph::build(|builder| {
            let blocks = lowering.add_to(builder, roots).swap_remove(0);
            builder.gather(blocks)
        });
        // A graph that is built like this one has nothing that could be wrong with it.
        let tasks = graph.tasks().unwrap_or_default();
        let trial = lowering.trial();
        Plan {
            tasks: tasks.len(),
            partitions: node.partitions,
            bytes_read,
            rows: trial.and_then(|trial| trial.rows(node)),
            peak_bytes: trial.and_then(|trial| trial.peak(&tasks, workers)),
            workers: workers.max(1),
        }
    }

    /// How many tasks there are.
    pub fn tasks(&self) -> usize {
        self.tasks
    }

    /// How many partitions the result has.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// How many bytes of files are read: of CSV all that the partitions are, of Parquet those of the columns that are needed.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// At most how many rows the result has, if a filter lets every row through. Of CSV files they are estimated, from the lengths of rows in
    /// their samples. Nothing where it is not known before: of groups, joins and lists, of compressed files and of those whose columns are all
    /// declared (then there is no sample), of what functions of the user's and graphs make.
    pub fn rows(&self) -> Option<u64> {
        self.rows
    }

    /// About how many bytes of memory blocks take at once, besides what is in memory already: those of the result, those that wait for their
    /// last reader, and the pieces that are being read. It is from above where filters leave rows out, and texts are taken for 24 bytes each.
    ///
    /// The states and results of aggregations are not counted, for how many groups there are is known when they have been found; nor what joins
    /// and lists make of a row more than one, nor what functions of the user's take. Nothing, if of some rows it is not known how many there
    /// are.
    pub fn peak_bytes(&self) -> Option<u64> {
        self.peak_bytes
    }

    /// The plan, if [`peak_bytes`](Plan::peak_bytes) are not more than these.
    ///
    /// # Errors
    /// [`Memory`](ErrorKind::Memory), if they are, or are not known.
    #[track_caller]
    pub fn within(self, bytes: u64) -> Result<Plan, Error> {
        let workers = counted(self.workers, "worker");
        let limit = Bytes(bytes);
        let message = match self.peak_bytes {
            Some(peak) if peak <= bytes => return Ok(self),
            Some(peak) => format!(
                "computing needs about {} with {workers}, and {limit} are the limit: fewer columns, aggregating, or writing the result with `to_parquet` needs less",
                Bytes(peak)
            ),
            None => format!(
                "whether {limit} are enough is not known, for nobody knows how many rows there are before they are made: `persist` what functions, graphs, compressed files or CSV files without a sample give, and plan what follows"
            ),
        };
        Err(Error::new(ErrorKind::Memory, message).of_call("within", Location::caller()))
    }
}

/// "27 tasks, 1 partition, 1.0 GiB to read, about 12.0 MiB in use at once with 2 workers".
impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (tasks, partitions) =
            (counted(self.tasks, "task"), counted(self.partitions, "partition"));
        write!(f, "{tasks}, {partitions}, {} to read", Bytes(self.bytes_read))?;
        match self.peak_bytes {
            Some(peak) => {
                let workers = counted(self.workers, "worker");
                write!(f, ", about {} in use at once with {workers}", Bytes(peak))
            }
            None => write!(f, ", memory not known before"),
        }
    }
}

impl Frame {
    /// What computing the frame with so many workers takes; see [`Plan`].
    ///
    /// # Errors
    /// That of [`check`](Frame::check).
    ///
    /// # Cost
    /// O(tasks); nothing is read.
    pub fn plan(&self, workers: usize) -> Result<Plan, Error> {
        self.node().map(|node| Plan::new(node, workers))
    }

    /// The steps from the result down to the files, after optimisation: which columns each reader parses, which filters it knows, and what has
    /// tasks of its own. Steps with a `│` before them are done in the task of the step above.
    ///
    /// # Errors
    /// That of [`check`](Frame::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3], "y" => [4, 5, 6], "z" => [7, 8, 9])?, 3);
    /// let text = frame.filter(col("x").gt(1)).group_by("x").agg([col("y").sum()]).explain()?;
    /// assert!(text.contains("columns x, y of 3"), "{text}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self) -> Result<String, Error> {
        let node = self.node()?;
        let lowering = Lowering::new(std::slice::from_ref(node));
        let mut telling = Telling { lowering, told: HashSet::new(), text: String::new() };
        telling.tell(node);
        Ok(telling.text)
    }
}

/// The text of [`Frame::explain`] while it is written.
struct Telling {
    lowering: Lowering,
    /// Nodes of which it is told already what they read: a node with several readers is told of once, lest ways through the graph are counted.
    told: HashSet<*const Node>,
    text: String,
}

/// A node that is to be told of.
struct Next {
    node: NodeRef,
    depth: usize,
    is_fused: bool,
    /// What stands right above it.
    filters: Vec<Expr>,
}

impl Telling {
    /// Tells of a node and of all that it reads, without recursion, for chains may be long.
    fn tell(&mut self, root: &NodeRef) {
        let first = Next { node: root.clone(), depth: 0, is_fused: false, filters: Vec::new() };
        let mut left = vec![first];
        while let Some(next) = left.pop() {
            left.extend(self.tell_one(next));
        }
    }

    /// Tells of a node, and gives what is to be told of then, the last one first.
    fn tell_one(&mut self, next: Next) -> Vec<Next> {
        let Next { node, depth, is_fused, mut filters } = next;
        let node = self.lowering.below_idle(&node);
        let indent = "  ".repeat(depth);
        let bar = if is_fused { "│ " } else { "" };
        let is_again = !self.told.insert(Arc::as_ptr(node)) && !node.inputs().is_empty();
        let again = if is_again { ", as above" } else { "" };
        let said = said(&self.lowering, node, &filters);
        let _ = writeln!(self.text, "{indent}{bar}{}{said}{again}", node.name);
        if is_again {
            return Vec::new();
        }
        match &node.kind {
            Kind::Rows { step: Step::Filter(predicate), .. } => {
                filters.extend(predicate.conjuncts().into_iter().cloned());
            }
            Kind::Rows { step: Step::WithColumns(exprs), .. } if exprs.is_empty() => {}
            Kind::Part { .. } => {}
            _ => filters.clear(),
        }
        let goes_on = match node.kind {
            Kind::Rows { .. } | Kind::Part { .. } => true,
            Kind::Group { .. } => true,
            Kind::Source(_) | Kind::Custom { .. } => false,
        };
        let next = |input: &NodeRef| {
            let below = self.lowering.below_idle(input);
            let has_blocks = self.lowering.has_blocks(input) || self.lowering.has_blocks(below);
            let is_fused = (is_fused || goes_on) && !has_blocks;
            let depth = if is_fused { depth } else { depth + 1 };
            // Those that have several inputs have none above.
            let filters = if is_fused { std::mem::take(&mut filters) } else { Vec::new() };
            Next { node: input.clone(), depth, is_fused, filters }
        };
        let mut all: Vec<Next> = node.inputs().iter().map(next).collect();
        all.reverse();
        all
    }
}

/// What is said behind a step's name.
fn said(lowering: &Lowering, node: &Node, filters: &[Expr]) -> String {
    match &node.kind {
        Kind::Source(source) => {
            let columns = lowering.columns(node);
            let names: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
            let wanted = match names.len() {
                0 => "no columns".to_owned(),
                n if n == node.schema.len() => format!("all {}", counted(n, "column")),
                _ => format!("columns {} of {}", names.join(", "), node.schema.len()),
            };
            let bytes = match lowering.bytes(node) {
                0 => String::new(),
                bytes => format!(", {} to read", Bytes(bytes)),
            };
            let pruned = source.pruned(filters).map_or(String::new(), |said| format!(", {said}"));
            let parts = counted(node.partitions, "partition");
            format!(" {}: {wanted}, {parts}{bytes}{pruned}", source.describe())
        }
        Kind::Part { first, .. } => format!(" {}..{}", first, first + node.partitions),
        Kind::Rows { step, .. } => match step.pruned(lowering.wanted_of(node)) {
            Step::Select(exprs) | Step::WithColumns(exprs) => format!(" [{}]", list(&exprs)),
            Step::Filter(predicate) => format!(" {predicate}"),
            Step::Head(rows) => format!(" {rows} of each partition"),
            Step::Explode(columns) => format!(" [{}]", columns.join(", ")),
            Step::Window { of, windows, .. } => format!(" {of} into windows of {windows}"),
            Step::Unpivot { on, .. } => format!(" [{}]", on.join(", ")),
        },
        Kind::Group { grouping, .. } => grouping.pruned(lowering.wanted_of(node)).describe(),
        Kind::Custom { make, .. } => {
            let parts = counted(node.partitions, "partition");
            match make.describe() {
                said if said.is_empty() => format!(": {parts}"),
                said => format!(" {said}: {parts}"),
            }
        }
    }
}

/// Expressions with commas between them.
pub(crate) fn list(exprs: &[impl Display]) -> String {
    exprs.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
