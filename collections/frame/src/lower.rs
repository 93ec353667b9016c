//! Tasks for a frame: which there are, and what each of them does.
//!
//! In: expressions to be computed, and a graph that is being built. Out: for each of them the handles of its partitions. From the nodes that
//! are to be computed downwards it is found out which columns of each node somebody needs, and by how many it is read. What one reader
//! reads row by row is done in the task of that reader, piece by piece, together with the reading of files; what several read, or what needs
//! whole partitions, has tasks of its own. An aggregation folds the pieces of each partition into a state; states are merged in a tree whose
//! form the number of partitions alone decides, so results have the same bits for any number of workers.
//!
//! ```text
//! read + steps ──> fold ─┐
//! read + steps ──> fold ─┴─ merge ─┬─ merge ──> finish (a task for each shard, if groups are many) ──> stack
//! ...                              │
//! ```
//! Not here: how a task goes through its pieces (`pipeline`), what steps do (`rows`), how states are merged (`group`).

use crate::error::Error;
use crate::expr::col;
use crate::grouping::{Folding, Grouping};
use crate::held::{Trial, Weight, width};
use crate::memory::selected;
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef, in_order};
use crate::pipeline::{Pipeline, guarded, stacked};
use crate::rows::Step;
use crate::shards::Shards;
use polars_core::prelude::{DataFrame, PlSmallStr};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use taskweave_macros::delayed;
use taskweave_runtime::{Builder, Delayed};

/// So many states are merged by one task.
const MERGED_AT_ONCE: usize = 8;
/// Into so many shards states are split that have many groups.
const SHARDS: usize = 16;

/// A partition of a node that has only row-wise steps above its base.
#[delayed(crate = crate::__door)]
fn partition(work: Arc<Pipeline>, at: usize, block: Option<DataFrame>) -> Result<DataFrame, Error> {
    guarded(&work.of, || selected(&work.collect(at, block)?, &work.wanted))
}

/// A partition of what makes whole ones.
#[delayed(crate = crate::__door)]
fn custom(
    node: NodeRef,
    wanted: Arc<[PlSmallStr]>,
    at: usize,
    blocks: Vec<DataFrame>,
) -> Result<DataFrame, Error> {
    guarded(&node, || selected(&made(&node)?.make(&node, at, blocks)?, &wanted))
}

fn made(node: &Node) -> Result<&dyn Custom, Error> {
    match &node.kind {
        Kind::Custom { make, .. } => Ok(&**make),
        _ => unreachable!("only such a node has the task"),
    }
}

/// Into how many shards states are split when they are: one group is one.
fn shards_of(grouping: &Grouping) -> usize {
    if grouping.has_keys() { SHARDS } else { 1 }
}

/// What an aggregation's tasks share.
struct Folder {
    of: NodeRef,
    /// The columns of the result that somebody needs.
    wanted: Arc<[PlSmallStr]>,
    grouping: Arc<Grouping>,
    pipeline: Pipeline,
}

/// The state of a partition.
#[delayed(crate = crate::__door)]
fn fold(work: Arc<Folder>, at: usize, block: Option<DataFrame>) -> Result<Shards, Error> {
    guarded(&work.of, || {
        let mut folding = Folding::new(&work.grouping, &work.of);
        work.pipeline.run(at, block.as_ref(), &mut folding)?;
        Shards::new(folding.into_state()?, shards_of(&work.grouping))
    })
}

/// Neighbouring states as one.
#[delayed(crate = crate::__door)]
fn merge(work: Arc<Folder>, states: Vec<Shards>) -> Result<Shards, Error> {
    guarded(&work.of, || Shards::merged(states))
}

/// The groups of a shard.
#[delayed(crate = crate::__door)]
fn finish(work: Arc<Folder>, shard: usize, states: &Shards) -> Result<DataFrame, Error> {
    guarded(&work.of, || {
        let state = match states.take(shard)? {
            Some(state) => state,
            None => work.grouping.state()?,
        };
        selected(&work.grouping.finish(state)?, &work.wanted)
    })
}

/// Blocks one behind the other.
#[delayed(crate = crate::__door)]
pub(crate) fn stack(node: NodeRef, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
    guarded(&node, || stacked(blocks))
}

/// What is known of all nodes before tasks are added.
pub(crate) struct Lowering {
    /// Each node behind those that it reads.
    order: Vec<NodeRef>,
    facts: HashMap<*const Node, Facts>,
    /// Where tasks are only counted and weighed: then nothing is taken that can be taken once.
    trial: Option<Trial>,
}

/// What is known of a node.
#[derive(Default)]
struct Facts {
    wanted: Names,
    readers: usize,
    /// Partitions outside of these nobody reads.
    partitions: Range<usize>,
}

impl Facts {
    fn read_by(&mut self, columns: Names, partitions: Range<usize>) {
        self.wanted.extend(columns);
        self.partitions = match self.readers {
            0 => partitions,
            _ => {
                let own = &self.partitions;
                own.start.min(partitions.start)..own.end.max(partitions.end)
            }
        };
        self.readers += 1;
    }
}

impl Lowering {
    /// For these nodes, of which all columns are wanted.
    pub(crate) fn new(roots: &[NodeRef]) -> Lowering {
        Lowering::of_parts(roots, |root| 0..root.partitions)
    }

    /// For these partitions of these nodes, of which all columns are wanted.
    pub(crate) fn of_parts(
        roots: &[NodeRef],
        parts: impl Fn(&NodeRef) -> Range<usize>,
    ) -> Lowering {
        let order = ordered(roots);
        let mut facts: HashMap<*const Node, Facts> =
            order.iter().map(|node| (Arc::as_ptr(node), Facts::default())).collect();
        for root in roots {
            let own = facts.entry(Arc::as_ptr(root)).or_default();
            own.read_by(root.names(), parts(root));
        }
        for node in order.iter().rev() {
            let Facts { wanted, partitions, readers } = &facts[&Arc::as_ptr(node)];
            if *readers == 0 {
                continue;
            }
            let (wanted, partitions) = (wanted.clone(), partitions.clone());
            // What is idle passes its first input on.
            let read = if is_idle(node, &wanted) { 1 } else { node.inputs().len() };
            for (at, input) in node.inputs().iter().take(read).enumerate() {
                let needed = node.needed_columns(at, &wanted);
                let partitions = match &node.kind {
                    Kind::Rows { .. } => partitions.clone(),
                    Kind::Part { first, .. } => first + partitions.start..first + partitions.end,
                    _ => 0..input.partitions,
                };
                facts.entry(Arc::as_ptr(input)).or_default().read_by(needed, partitions);
            }
        }
        Lowering { order, facts, trial: None }
    }

    /// The same, to count and weigh tasks.
    pub(crate) fn on_trial(mut self) -> Lowering {
        self.trial = Some(Trial::new(&self.order));
        self
    }

    /// What tasks weigh, if they are weighed.
    pub(crate) fn trial(&self) -> Option<&Trial> {
        self.trial.as_ref()
    }

    /// The nodes, each behind those that it reads.
    pub(crate) fn order(&self) -> &[NodeRef] {
        &self.order
    }

    /// The columns of a node that somebody needs, in the order of its schema.
    pub(crate) fn columns(&self, node: &Node) -> Vec<PlSmallStr> {
        in_order(&node.schema, self.wanted_of(node))
    }

    /// The columns of a node that somebody needs.
    pub(crate) fn wanted_of(&self, node: &Node) -> &Names {
        &self.facts[&std::ptr::from_ref(node)].wanted
    }

    /// Partitions outside of these nobody reads.
    fn read_of(&self, node: &Node) -> Range<usize> {
        self.facts[&std::ptr::from_ref(node)].partitions.clone()
    }

    /// How many bytes of files a source reads.
    pub(crate) fn bytes(&self, node: &Node) -> u64 {
        match &node.kind {
            Kind::Source(source) => source.bytes(&self.columns(node), self.read_of(node)),
            _ => 0,
        }
    }

    /// The node, or what is passed on by it, and by others below, that make nothing.
    pub(crate) fn below_idle<'a>(&self, node: &'a NodeRef) -> &'a NodeRef {
        let mut node = node;
        while is_idle(node, self.wanted_of(node)) {
            node = &node.inputs()[0];
        }
        node
    }

    /// Whether a node has blocks of its own, besides those of the roots.
    pub(crate) fn has_blocks(&self, node: &NodeRef) -> bool {
        let Facts { wanted, readers, .. } = &self.facts[&Arc::as_ptr(node)];
        let readers = *readers;
        match node.kind {
            _ if is_idle(node, wanted) => readers > 1,
            Kind::Group { .. } | Kind::Custom { .. } => readers > 0,
            Kind::Part { .. } => false,
            Kind::Source(_) | Kind::Rows { .. } => readers > 1,
        }
    }

    /// What is left of a step. Of columns that are replaced, and not read for that, only the schema still knows where they stand.
    fn left_of(&self, step: &Step, node: &Node, input: &Node) -> Step {
        let wanted = self.wanted_of(node);
        let pruned = step.pruned(wanted);
        let Step::WithColumns(exprs) = &pruned else { return pruned };
        let is_read = |name: &PlSmallStr| self.wanted_of(input).contains(name);
        let is_lost = |name: &PlSmallStr| input.schema.contains(name) && !is_read(name);
        if !exprs.iter().any(|expr| is_lost(&expr.output_name())) {
            return pruned;
        }
        let of = |name: PlSmallStr| {
            let own = exprs.iter().find(|expr| expr.output_name() == name);
            own.cloned().unwrap_or_else(|| col(name))
        };
        Step::Select(in_order(&node.schema, wanted).into_iter().map(of).collect())
    }

    /// The steps from the next node below that has blocks, or from a source, up to this one.
    pub(crate) fn pipeline(&self, node: &NodeRef) -> Pipeline {
        let mut steps = Vec::new();
        let mut base = node.clone();
        let mut first = 0;
        while Arc::ptr_eq(&base, node) || !self.has_blocks(&base) {
            base = match &base.kind {
                Kind::Rows { input, step } => {
                    steps.push((base.clone(), self.left_of(step, &base, input)));
                    input.clone()
                }
                Kind::Part { input, first: own } => {
                    first += own;
                    input.clone()
                }
                Kind::Custom { inputs, .. } if is_idle(&base, self.wanted_of(&base)) => {
                    inputs[0].clone()
                }
                _ => break,
            };
        }
        steps.reverse();
        let mut filters = Vec::new();
        for (_, step) in &steps {
            match step {
                Step::Filter(predicate) => {
                    filters.extend(predicate.conjuncts().into_iter().cloned())
                }
                // What only says more of the rows.
                Step::WithColumns(exprs) if exprs.is_empty() => {}
                _ => break,
            }
        }
        let wanted = self.columns(node).into();
        Pipeline {
            of: node.clone(),
            columns: self.columns(&base),
            base,
            first,
            wanted,
            filters,
            steps,
        }
    }

    /// Adds the tasks, and gives for each root the handles of its partitions.
    pub(crate) fn add_to<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        roots: &[NodeRef],
    ) -> Vec<Vec<Delayed<'g, 'env, DataFrame>>> {
        let mut adding = Adding { lowering: self, builder, blocks: HashMap::new() };
        for node in &self.order {
            let is_root = roots.iter().any(|root| Arc::ptr_eq(root, node));
            if is_root || self.has_blocks(node) {
                let blocks = adding.add(node);
                adding.blocks.insert(Arc::as_ptr(node), blocks);
            }
        }
        roots.iter().map(|root| adding.blocks[&Arc::as_ptr(root)].clone()).collect()
    }

    /// Adds tasks that go through the pieces of each partition of a node, instead of those that would make its blocks: `task` gets the steps,
    /// the number of the partition, and the block that the steps begin with, unless that is a source.
    pub(crate) fn add_consumers<'g, 'env, T>(
        &self,
        builder: &'g Builder<'env>,
        root: &NodeRef,
        task: impl Fn(Arc<Pipeline>, usize, Option<Handle<'g, 'env>>) -> T,
    ) -> Vec<T> {
        let below = self.add_below(builder);
        let work = Arc::new(self.pipeline(root));
        (0..root.partitions).map(|at| task(work.clone(), at, below.block_of(&work, at))).collect()
    }

    /// Adds the tasks of all that has blocks, which those read that go through pieces.
    pub(crate) fn add_below<'a, 'g, 'env>(
        &'a self,
        builder: &'g Builder<'env>,
    ) -> Adding<'a, 'g, 'env> {
        let mut adding = Adding { lowering: self, builder, blocks: HashMap::new() };
        for node in self.order.iter().filter(|node| self.has_blocks(node)) {
            let blocks = adding.add(node);
            adding.blocks.insert(Arc::as_ptr(node), blocks);
        }
        adding
    }
}

/// What the pieces of a partition take that are in memory at once.
fn piece_bytes(work: &Pipeline, at: usize) -> u64 {
    match &work.base.kind {
        Kind::Source(source) => source
            .piece_rows(work.first + at)
            .saturating_mul(width(&work.base.schema, &work.columns)),
        _ => 0,
    }
}

/// Whether a node passes its first input on, if these columns of it are wanted.
fn is_idle(node: &Node, wanted: &Names) -> bool {
    matches!(&node.kind, Kind::Custom { make, .. } if make.is_idle(wanted))
}

/// Nodes, each behind those that it reads; without recursion, for chains may be long.
fn ordered(roots: &[NodeRef]) -> Vec<NodeRef> {
    let mut seen = std::collections::HashSet::new();
    let mut order = Vec::new();
    for root in roots {
        let mut path = vec![(root.clone(), 0)];
        if !seen.insert(Arc::as_ptr(root)) {
            continue;
        }
        while let Some((node, next)) = path.pop() {
            match node.inputs().get(next) {
                None => order.push(node),
                Some(input) => {
                    let input = input.clone();
                    path.push((node, next + 1));
                    if seen.insert(Arc::as_ptr(&input)) {
                        path.push((input, 0));
                    }
                }
            }
        }
    }
    order
}

/// Tasks that are being added.
pub(crate) struct Adding<'a, 'g, 'env> {
    lowering: &'a Lowering,
    builder: &'g Builder<'env>,
    blocks: HashMap<*const Node, Handles<'g, 'env>>,
}

type Handle<'g, 'env> = Delayed<'g, 'env, DataFrame>;
type Handles<'g, 'env> = Vec<Handle<'g, 'env>>;

impl<'g, 'env> Adding<'_, 'g, 'env> {
    /// The blocks of a node.
    fn add(&mut self, node: &NodeRef) -> Handles<'g, 'env> {
        match &node.kind {
            Kind::Source(_) | Kind::Rows { .. } | Kind::Part { .. } => self.add_rows(node),
            Kind::Group { input, grouping } => vec![self.add_group(node, input, grouping)],
            Kind::Custom { .. } if is_idle(node, self.lowering.wanted_of(node)) => {
                self.add_rows(node)
            }
            Kind::Custom { inputs, make } => self.add_custom(node, inputs, &**make),
        }
    }

    fn add_rows(&self, node: &NodeRef) -> Handles<'g, 'env> {
        let work = Arc::new(self.lowering.pipeline(node));
        (0..node.partitions)
            .map(|at| {
                let block = self.block_of(&work, at);
                let is_read = block.is_none();
                let task = partition::task_or_fail(work.clone(), at, block);
                self.named(node, self.builder.add_at(node.location, task), |trial| {
                    let keeps = trial.bytes(node, &work.wanted, at);
                    // Pieces are put together behind the last one, as copies.
                    let pieces = piece_bytes(&work, at).saturating_add(keeps);
                    Weight { keeps, works: if is_read { pieces } else { 0 } }
                })
            })
            .collect()
    }

    /// The handle of a task of a node under the node's name; of one that is weighed, under the place of its weight.
    fn named<T: Send + Sync + 'static>(
        &self,
        node: &Node,
        handle: Delayed<'g, 'env, T>,
        weigh: impl FnOnce(&Trial) -> Weight,
    ) -> Delayed<'g, 'env, T> {
        match &self.lowering.trial {
            None => handle.named(node.name),
            Some(trial) => handle.named(trial.name(weigh(trial))),
        }
    }

    /// The block of a base; nothing of a source that has none.
    fn block(&self, base: &NodeRef, at: usize) -> Option<Handle<'g, 'env>> {
        self.blocks.get(&Arc::as_ptr(base)).map(|blocks| blocks[at].clone())
    }

    /// The block that a partition of steps begins with; nothing of a source that has none.
    pub(crate) fn block_of(&self, work: &Pipeline, at: usize) -> Option<Handle<'g, 'env>> {
        self.block(&work.base, work.first + at)
    }

    fn add_custom(
        &self,
        node: &NodeRef,
        inputs: &[NodeRef],
        make: &dyn Custom,
    ) -> Handles<'g, 'env> {
        let mut own: Handles<'g, 'env> = Vec::with_capacity(node.partitions);
        let inputs: Vec<Handles<'g, 'env>> = inputs
            .iter()
            .map(|input| match self.blocks.get(&Arc::as_ptr(input)) {
                Some(blocks) => blocks.clone(),
                None => self.add_rows(input),
            })
            .collect();
        let wanted: Arc<[PlSmallStr]> = self.lowering.columns(node).into();
        let read = self.lowering.read_of(node);
        for at in 0..node.partitions {
            let added = match self.lowering.trial.is_some() {
                true if make.is_taken() => None,
                _ if !read.contains(&at) => None,
                _ => make.add(node, &wanted, at, self.builder),
            };
            if let Some(added) = added {
                own.push(added);
                continue;
            }
            let blocks: Handles<'g, 'env> = make
                .needs(node, at)
                .into_iter()
                .map(|need| match need {
                    Need::Input(input, partition) => inputs[input][partition].clone(),
                    Need::Own(partition) => own[partition].clone(),
                })
                .collect();
            let task = custom::task_or_fail(node.clone(), wanted.clone(), at, blocks);
            own.push(self.named(node, self.builder.add_at(node.location, task), |trial| Weight {
                keeps: trial.bytes(node, &wanted, at),
                works: 0,
            }));
        }
        own
    }

    fn add_group(
        &self,
        node: &NodeRef,
        input: &NodeRef,
        grouping: &Arc<Grouping>,
    ) -> Handle<'g, 'env> {
        let wanted = self.lowering.wanted_of(node);
        let pipeline = match self.blocks.contains_key(&Arc::as_ptr(input)) {
            true => Pipeline {
                of: node.clone(),
                base: input.clone(),
                first: 0,
                columns: in_order(&input.schema, &grouping.needs(wanted)),
                wanted: Arc::default(),
                filters: Vec::new(),
                steps: Vec::new(),
            },
            false => self.lowering.pipeline(input),
        };
        let grouping = Arc::new(grouping.pruned(wanted));
        let work = Arc::new(Folder {
            of: node.clone(),
            wanted: self.lowering.columns(node).into(),
            grouping: grouping.clone(),
            pipeline,
        });
        let (builder, here) = (self.builder, node.location);
        let mut level: Vec<Delayed<'g, 'env, Shards>> = (0..input.partitions)
            .map(|at| {
                let block = self.block_of(&work.pipeline, at);
                let is_read = block.is_none();
                let added = builder.add_at(here, fold::task_or_fail(work.clone(), at, block));
                self.named(node, added, |_| Weight {
                    keeps: 0,
                    works: if is_read { piece_bytes(&work.pipeline, at) } else { 0 },
                })
            })
            .collect();
        while level.len() > 1 {
            let mut rest = level.into_iter();
            level = std::iter::from_fn(|| {
                let some: Vec<_> = rest.by_ref().take(MERGED_AT_ONCE).collect();
                (!some.is_empty()).then(|| {
                    let added = builder.add_at(here, merge::task_or_fail(work.clone(), some));
                    self.named(node, added, |_| Weight::default())
                })
            })
            .collect();
        }
        let all = level.swap_remove(0);
        let shards = shards_of(&grouping);
        let finished: Handles<'g, 'env> = (0..shards)
            .map(|shard| {
                let task = finish::task_or_fail(work.clone(), shard, &all);
                self.named(node, builder.add_at(here, task), |_| Weight::default())
            })
            .collect();
        let all = builder.add_at(here, stack::task_or_fail(node.clone(), finished));
        self.named(node, all, |_| Weight::default())
    }
}
