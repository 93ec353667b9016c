//! Ordered functions across partitions: where the rows, or the carries, come from that a partition needs of the others.
//!
//! In: a frame's node, and expressions with `shift`, `rolling_mean`, `cum_sum` and their like. Out: nodes that add a column for each of them.
//!
//! Nobody knows how many rows partitions have, so each hands on what later ones may need, in a chain of small tasks: of what a partition ends
//! with, put behind what came from before it, as much is kept as anybody behind it can look at. So a window may be longer than partitions. The
//! same is done from the last partition backwards for what looks ahead; these rows are read once more, lest all partitions are kept until the
//! last one is there.
//!
//! ```text
//! own     p0 ───── p1 ───── p2 ─────        values of p2: of p2 itself and of c1
//! ends    e0       e1       e2
//! chain   c0 ────> c1 ────> c2              c1 = the last rows of c0 ++ e1
//! ```
//! Not here: the functions (`ordered`).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, OrderedKind, OrderedLeaf};
use crate::few::copied;
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::ordered::{self, Context, Need as Reach, apply, around, combine, context, local_carry};
use crate::pipeline::stacked;
use crate::rows::Step;
use crate::select::rows;
use polars_core::prelude::{Column, DataFrame, PlSmallStr, Schema};
use std::panic::Location;
use std::sync::Arc;

/// What the columns of ends and chains are called.
const VALUE: PlSmallStr = PlSmallStr::from_static("value");
const INDEX: PlSmallStr = PlSmallStr::from_static("index");

/// Which function, of which values, along which column.
struct Work {
    leaf: OrderedLeaf,
    by: Option<PlSmallStr>,
    context: Context,
}

/// On which side of a partition something stands.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Before,
    After,
}

impl Work {
    /// The values of a block, and the index, if there is one.
    fn values(&self, block: &DataFrame) -> Result<DataFrame, Error> {
        let mut columns = vec![self.leaf.input.evaluate(block)?.with_name(VALUE)];
        if let Some(by) = &self.by {
            columns.push(block.column(by).map_err(Error::polars)?.clone().with_name(INDEX));
        }
        DataFrame::new(block.height(), columns).map_err(Error::polars)
    }

    fn reads(&self) -> Names {
        let mut names = Names::new();
        self.leaf.input.columns(&mut names);
        names.extend(self.by.clone());
        names
    }

    /// More rows than these are not handed on.
    fn rows_max(&self, side: Side) -> u64 {
        match self.reach(side) {
            Reach::Rows(count) => count as u64,
            Reach::Period(_) => u64::MAX,
            Reach::Nothing | Reach::Carry => 1,
        }
    }

    fn reach(&self, side: Side) -> Reach {
        match side {
            Side::Before => self.context.before,
            Side::After => self.context.after,
        }
    }

    /// What these values hand on to those behind them, or before them.
    fn carry(&self, values: &DataFrame) -> Result<DataFrame, Error> {
        let values = values.column(&VALUE).map_err(Error::polars)?;
        local_carry(&self.leaf.kind, values).map_err(|error| self.told(error))
    }

    /// What is wrong with the values or the index, which have names of their own.
    fn told(&self, error: Error) -> Error {
        let value = format!("`{}`", self.leaf.input);
        let index = self.by.as_ref().map_or_else(|| "`index`".to_owned(), |by| format!("`{by}`"));
        error.reworded(|text| text.replace("`value`", &value).replace("`index`", &index))
    }

    /// What of these rows, which end where a later partition begins, or begin where an earlier one ends, can be looked at from there.
    fn kept(&self, rows: DataFrame, side: Side) -> Result<DataFrame, Error> {
        let count = match self.reach(side) {
            Reach::Rows(count) => count,
            Reach::Period(period) => {
                let index = rows.column(&INDEX).map_err(Error::polars)?;
                let last = match side {
                    Side::Before => index.slice(rows.height().saturating_sub(1) as i64, 1),
                    Side::After => index.slice(0, 1),
                };
                match side {
                    Side::Before => ordered::rows_before(index, &last, period)?,
                    Side::After => ordered::rows_after(index, &last, period)?,
                }
            }
            Reach::Nothing | Reach::Carry => 0,
        };
        let rows = match side {
            Side::Before => rows.tail(Some(count)),
            Side::After => rows.head(Some(count)),
        };
        copied(&rows)
    }
}

/// What a partition ends with, or begins with, or carries.
struct Ends {
    work: Arc<Work>,
    side: Side,
}

impl Custom for Ends {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        self.work.reads()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let values = self.work.values(&blocks[0])?;
        match self.work.reach(self.side) {
            Reach::Carry => self.work.carry(&values),
            _ => self.work.kept(values, self.side).map_err(|error| self.work.told(error)),
        }
    }

    fn rows_max(&self) -> u64 {
        self.work.rows_max(self.side)
    }
}

/// What a partition and all those before it hand on, or it and all those behind it.
struct Chain {
    work: Arc<Work>,
    side: Side,
}

impl Chain {
    /// In which order partitions are gone through: from the first, or from the last.
    fn place(&self, node: &Node, partition: usize) -> usize {
        match self.side {
            Side::Before => partition,
            Side::After => node.partitions - 1 - partition,
        }
    }
}

impl Custom for Chain {
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need> {
        let own = Need::Input(0, self.place(node, partition));
        match partition {
            0 => vec![own],
            _ => vec![own, Need::Own(partition - 1)],
        }
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        node.inputs()[0].names()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let [own, other] = &blocks[..] else {
            return Ok(blocks.into_iter().next().unwrap_or_default());
        };
        let (earlier, later) = match self.side {
            Side::Before => (other, own),
            Side::After => (own, other),
        };
        if self.work.reach(self.side) == Reach::Carry {
            return combine(&self.work.leaf.kind, earlier, later);
        }
        let both = stacked(vec![earlier.clone(), later.clone()])?;
        self.work.kept(both, self.side).map_err(|error| self.work.told(error))
    }

    fn rows_max(&self) -> u64 {
        self.work.rows_max(self.side)
    }
}

/// A partition with the column of the function.
struct Ordered {
    work: Arc<Work>,
    /// Which input is the chain from the first partition, and which that from the last.
    before: Option<usize>,
    after: Option<usize>,
}

impl Custom for Ordered {
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need> {
        let mut needs = vec![Need::Input(0, partition)];
        if let (Some(input), 1..) = (self.before, partition) {
            needs.push(Need::Input(input, partition - 1));
        }
        if let Some(input) = self.after
            && partition + 1 < node.partitions
        {
            needs.push(Need::Input(input, node.partitions - 2 - partition));
        }
        needs
    }

    fn needed_columns(&self, node: &Node, input: usize, wanted: &Names) -> Names {
        let own = &node.inputs()[input];
        if input > 0 {
            return own.names();
        }
        let mut needed = if self.is_idle(wanted) { Names::new() } else { self.work.reads() };
        needed.extend(wanted.iter().filter(|name| own.schema.contains(name)).cloned());
        needed
    }

    fn make(
        &self,
        node: &Node,
        partition: usize,
        blocks: Vec<DataFrame>,
    ) -> Result<DataFrame, Error> {
        let mut blocks = blocks.into_iter();
        let mut own = blocks.next().expect("the partition is the first of its needs");
        let before = self.before.filter(|_| partition > 0).and_then(|_| blocks.next());
        let after =
            self.after.filter(|_| partition + 1 < node.partitions).and_then(|_| blocks.next());
        let column = self.column(&own, before, after).map_err(|error| self.work.told(error))?;
        own.with_column(column.with_name(self.work.leaf.name.clone())).map_err(Error::polars)?;
        Ok(own)
    }

    fn is_idle(&self, wanted: &Names) -> bool {
        !wanted.contains(&self.work.leaf.name)
    }

    fn describe(&self) -> String {
        self.work.leaf.name.to_string()
    }
}

impl Ordered {
    fn column(
        &self,
        own: &DataFrame,
        before: Option<DataFrame>,
        after: Option<DataFrame>,
    ) -> Result<Column, Error> {
        let kind = &self.work.leaf.kind;
        let values = self.work.values(own)?;
        let is_carry = |side| self.work.reach(side) == Reach::Carry;
        if is_carry(Side::Before) || is_carry(Side::After) {
            let carry = before.or(after);
            return apply(kind, carry.as_ref(), values.column(&VALUE).map_err(Error::polars)?);
        }
        // What is beyond the reach of own rows is left out.
        let before = before.map(|rows| self.near(rows, &values, Side::Before)).transpose()?;
        let after = after.map(|rows| self.near(rows, &values, Side::After)).transpose()?;
        let counts = [&before, &after].map(|rows| rows.as_ref().map_or(0, DataFrame::height));
        let mut all = stacked(before.into_iter().chain([values]).chain(after).collect())?;
        all.rechunk_mut();
        let index = all.column(&INDEX).ok();
        around(kind, all.column(&VALUE).map_err(Error::polars)?, index, counts[0], counts[1])
    }

    fn near(&self, rows: DataFrame, own: &DataFrame, side: Side) -> Result<DataFrame, Error> {
        let Reach::Period(period) = self.work.reach(side) else { return Ok(rows) };
        let index = |frame: &DataFrame| frame.column(&INDEX).cloned().map_err(Error::polars);
        Ok(match side {
            Side::Before => {
                let count = ordered::rows_before(&index(&rows)?, &index(own)?, period)?;
                rows.tail(Some(count))
            }
            Side::After => {
                let count = ordered::rows_after(&index(&rows)?, &index(own)?, period)?;
                rows.head(Some(count))
            }
        })
    }
}

/// Adds the columns of ordered functions to a node.
pub(crate) struct Adding {
    name: &'static str,
    location: &'static Location<'static>,
}

impl Adding {
    pub(crate) fn new(name: &'static str, location: &'static Location<'static>) -> Adding {
        Adding { name, location }
    }

    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The node with a column for each ordered function in these expressions, and the expressions over these columns.
    pub(crate) fn taken_apart(
        &self,
        input: &NodeRef,
        exprs: &[Expr],
    ) -> Result<(NodeRef, Vec<Expr>), Error> {
        let mut leaves = Vec::new();
        let rest = exprs.iter().map(|expr| expr.split_ordered(&mut leaves)).collect();
        let mut node = input.clone();
        for leaf in leaves {
            node = self.added(&node, input, leaf)?;
        }
        Ok((node, rest))
    }

    fn node(
        &self,
        inputs: Vec<NodeRef>,
        make: impl Custom + 'static,
        schema: Arc<Schema>,
        divisions: Divisions,
    ) -> NodeRef {
        let partitions = inputs[0].partitions;
        let kind = Kind::Custom { inputs, make: Arc::new(make) };
        let (name, location) = (self.name, self.location);
        Arc::new(Node { kind, schema, partitions, divisions, name, location })
    }

    /// The node with the column of a function more. `base` is the node without any, which can be read once more.
    fn added(&self, input: &NodeRef, base: &NodeRef, leaf: OrderedLeaf) -> Result<NodeRef, Error> {
        let by = index_of(input, &leaf)?;
        let context = context(&leaf.kind)?;
        let work = Arc::new(Work { leaf, by, context });
        let empty = input.empty();
        let values = work.values(&empty)?;
        let is_of_base = work.reads().iter().all(|name| base.schema.contains(name));
        let mut inputs = vec![input.clone()];
        let mut chain = |side: Side| -> Result<Option<usize>, Error> {
            let needs = !matches!(work.reach(side), Reach::Nothing | Reach::Rows(0));
            if !needs || input.partitions == 1 {
                return Ok(None);
            }
            let read = match side {
                Side::Before => input.clone(),
                // Read once more; only so many rows of it, where that is known.
                Side::After => again(if is_of_base { base } else { input }),
            };
            let schema = match work.reach(side) {
                Reach::Carry => work.carry(&values)?.schema().clone(),
                _ => values.schema().clone(),
            };
            let read = match (side, work.reach(side)) {
                (Side::After, Reach::Rows(count)) => self.head(&read, count)?,
                _ => read,
            };
            let ends = Ends { work: work.clone(), side };
            let ends = self.node(vec![read], ends, schema.clone(), Divisions::Unknown);
            let chain = Chain { work: work.clone(), side };
            inputs.push(self.node(vec![ends], chain, schema, Divisions::Unknown));
            Ok(Some(inputs.len() - 1))
        };
        let (before, after) = (chain(Side::Before)?, chain(Side::After)?);
        let ordered = Ordered { work: work.clone(), before, after };
        let column = ordered
            .column(&empty, None, None)
            .map_err(|error| work.told(error))?
            .with_name(work.leaf.name.clone());
        let mut schema = (*input.schema).clone();
        schema.with_column(work.leaf.name.clone(), column.dtype().clone());
        Ok(self.node(inputs, ordered, Arc::new(schema), input.divisions.clone()))
    }

    fn head(&self, input: &NodeRef, count: usize) -> Result<NodeRef, Error> {
        Ok(Arc::new(rows(input, Step::Head(count))?.into_node(self.name, self.location)))
    }
}

/// The column that a window of time goes along.
fn index_of(input: &Node, leaf: &OrderedLeaf) -> Result<Option<PlSmallStr>, Error> {
    let OrderedKind::Rolling(_, options) = &leaf.kind else { return Ok(None) };
    if let crate::expr::Window::Rows(_) = options.window {
        return Ok(None);
    }
    let by = match (&options.by, input.divisions.column()) {
        (Some(by), _) => by.clone(),
        (None, Some(column)) => column.into(),
        (None, None) => {
            let message = format!(
                "`{}` goes along time, and it is not known along which column: say it, as in `RollingOptions::from(\"3d\").by(\"time\")`, or say `sorted_by(\"time\")` of the frame before",
                leaf.name
            );
            return Err(Error::new(ErrorKind::Order, message));
        }
    };
    match input.schema.contains(&by) {
        true => Ok(Some(by)),
        false => Err(crate::expr::missing(&by, &input.schema)),
    }
}

/// The same rows, read once more: steps of rows over the same source, but nodes of their own.
fn again(node: &NodeRef) -> NodeRef {
    // Without recursion, for chains may be long.
    let mut above = Vec::new();
    let mut base = node;
    while let Kind::Rows { input, .. } | Kind::Part { input, .. } = &base.kind {
        above.push(base);
        base = input;
    }
    let with = |node: &Node, kind: Kind| {
        let Node { schema, partitions, divisions, name, location, .. } = node;
        let (schema, divisions) = (schema.clone(), divisions.clone());
        let (partitions, name, location) = (*partitions, *name, *location);
        Arc::new(Node { kind, schema, partitions, divisions, name, location })
    };
    let mut made = match &base.kind {
        Kind::Source(source) => with(base, Kind::Source(source.clone())),
        // Made once: it is kept.
        _ => base.clone(),
    };
    for node in above.into_iter().rev() {
        let input = made;
        made = match &node.kind {
            Kind::Rows { step, .. } => with(node, Kind::Rows { input, step: step.clone() }),
            Kind::Part { first, .. } => with(node, Kind::Part { input, first: *first }),
            _ => unreachable!("only these were passed"),
        };
    }
    made
}
