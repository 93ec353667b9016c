//! The frame as users hold it: an expression, or the error of the step that made none.
//!
//! In: operations. Out: results, graphs, and what can be said before anything is computed. Every operation goes through [`Frame::step`], which
//! keeps the first error.
//!
//! Not here: what steps there are (`select`, `groupby` and their like), the tasks (`lower`).

use crate::bytes::Bytes;
use crate::divisions::Divisions;
use crate::error::{Error, counted};
use crate::lower::{Lowering, stack};
use crate::memory::kept;
use crate::node::{Custom, Kind, Node, NodeRef};
use crate::pipeline::stacked;
use crate::source::Source;
use polars_core::prelude::{DataFrame, Schema};
use std::fmt::{Debug, Display, Formatter};
use std::marker::PhantomPinned;
use std::panic::Location;
use std::sync::Arc;
use taskweave_runtime::{Graph, Scheduler};

/// A dataframe in partitions that is computed partition by partition, in parallel, when it is asked for.
///
/// It holds an expression: operations build larger expressions, at once and without reading anything but what tells the columns' types
/// ([`sorted_by`](Frame::sorted_by) and [`repartition_bytes`](Frame::repartition_bytes) have to know more, and look at the rows).
/// [`compute`](Frame::compute) makes a task graph of it and runs that; what steps do to single rows is done while files are read, a few
/// thousand rows at a time, and of files only the columns that are needed are parsed. Each partition is a polars
/// [`DataFrame`].
///
/// An impossible step, such as a filter by a column that is not there, gives a frame that carries its error (the first one, with its line in
/// the source) to [`check`](Frame::check) or `compute`. Cloning a frame shares its expression.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::prelude::*;
/// let flights = df!("carrier" => ["UA", "AA", "UA"], "delay" => [Some(2.0), Some(5.0), None])?;
/// let flights = Frame::from_polars(flights, 2);
/// let means = flights.group_by("carrier").agg([col("delay").mean()]);
/// assert_eq!(means.compute()?, df!("carrier" => ["UA", "AA"], "delay" => [2.0, 5.0])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "a frame does nothing until it is computed"]
pub struct Frame {
    pub(crate) state: Result<NodeRef, Error>,
    /// Never `Unpin`, so that it is never taken for a plain value of a task.
    _late: PhantomPinned,
}

/// What a source is made of: itself, its schema, and how many partitions it has.
pub(crate) type Sourced = (Arc<dyn Source>, Arc<Schema>, usize);

impl Frame {
    pub(crate) fn from_state(state: Result<NodeRef, Error>) -> Frame {
        Frame { state, _late: PhantomPinned }
    }

    /// The frame of a source, or of why there is none.
    pub(crate) fn of_source<S: Source + ?Sized + 'static>(
        name: &'static str,
        location: &'static Location<'static>,
        made: Result<(Arc<S>, Arc<Schema>, usize), Error>,
    ) -> Frame
    where
        Arc<S>: IntoSource,
    {
        Frame::made(
            name,
            location,
            made.map(|(source, schema, partitions)| Node {
                kind: Kind::Source(source.into_source()),
                schema,
                partitions,
                divisions: Divisions::Unknown,
                name,
                location,
            }),
        )
    }

    /// The frame of a node that was made, or not, by the call of `name` at `location`.
    pub(crate) fn made(
        name: &'static str,
        location: &'static Location<'static>,
        made: Result<Node, Error>,
    ) -> Frame {
        Frame::from_state(made.map(Arc::new).map_err(|error| error.of_call(name, location)))
    }

    /// The frame that `step` makes of this one, or its error, with the caller's line; nothing, if there is an error already.
    #[track_caller]
    pub(crate) fn step(
        &self,
        name: &'static str,
        step: impl FnOnce(&NodeRef) -> Result<Made, Error>,
    ) -> Frame {
        self.step_at(name, Location::caller(), step)
    }

    /// [`Frame::step`] where the caller is not who the user called.
    pub(crate) fn step_at(
        &self,
        name: &'static str,
        location: &'static Location<'static>,
        step: impl FnOnce(&NodeRef) -> Result<Made, Error>,
    ) -> Frame {
        let made = self.state.as_ref().map_err(Clone::clone).and_then(|node| {
            crate::pipeline::guarded_step(|| step(node)).map(|made| made.into_node(name, location))
        });
        Frame::made(name, location, made)
    }

    /// What the frame is made of.
    pub(crate) fn node(&self) -> Result<&NodeRef, Error> {
        self.state.as_ref().map_err(Clone::clone)
    }

    /// Finds what is wrong with the frame without computing it: the error of the first impossible step.
    ///
    /// # Errors
    /// Of columns, types and files that don't fit; see [`ErrorKind`](crate::ErrorKind).
    pub fn check(&self) -> Result<(), Error> {
        self.node().map(drop)
    }

    /// The columns with their types; none of a frame that carries an [error](Frame::check).
    pub fn schema(&self) -> Arc<Schema> {
        self.state.as_ref().map_or_else(|_| Arc::new(Schema::default()), |node| node.schema.clone())
    }

    /// The names of the columns, in their order; none of a frame that carries an [error](Frame::check).
    pub fn columns(&self) -> Vec<String> {
        self.schema().iter_names().map(|name| name.to_string()).collect()
    }

    /// How many partitions there are; 0 of a frame that carries an [error](Frame::check).
    #[doc(alias = "npartitions")]
    pub fn partitions(&self) -> usize {
        self.state.as_ref().map_or(0, |node| node.partitions)
    }

    /// What is known of the order of the rows.
    pub fn divisions(&self) -> Divisions {
        self.state.as_ref().map_or(Divisions::Unknown, |node| node.divisions.clone())
    }

    /// Computes the frame into one, its partitions one behind the other.
    ///
    /// # Errors
    /// That of [`check`](Frame::check), and what goes wrong while it is computed: a file that cannot be read, a record that is no value of its
    /// column's type, a function that fails or panics.
    ///
    /// # Cost
    /// The result, and for each worker what is read of a partition.
    #[doc(alias = "collect")]
    pub fn compute(&self) -> Result<DataFrame, Error> {
        stacked(self.compute_partitions_with(|graph| graph.compute())?)
    }

    /// [`compute`](Frame::compute) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    pub fn compute_on(&self, scheduler: &(impl Scheduler + ?Sized)) -> Result<DataFrame, Error> {
        stacked(self.compute_partitions_with(|graph| graph.compute_on(scheduler))?)
    }

    /// Computes the frame, partition by partition.
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    pub fn compute_partitions(&self) -> Result<Vec<DataFrame>, Error> {
        self.compute_partitions_with(|graph| graph.compute())
    }

    fn compute_partitions_with(
        &self,
        compute: impl FnOnce(
            Graph<'static, Vec<DataFrame>>,
        ) -> Result<Vec<DataFrame>, taskweave_runtime::Error>,
    ) -> Result<Vec<DataFrame>, Error> {
        let node = self.node()?;
        let roots = std::slice::from_ref(node);
        let graph = Graph::build(|builder| {
            let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            builder.gather(blocks)
        });
        Ok(compute(graph)?)
    }

    /// Computes the frame now, and keeps it in memory, in its partitions: what is made of the result reads that.
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3).filter(col("x").gt(1)).persist()?;
    /// // Neither filters again.
    /// assert_eq!(frame.sum().compute()?, df!("x" => [5])?);
    /// assert_eq!(frame.compute()?.height(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn persist(&self) -> Result<Frame, Error> {
        let blocks = self.compute_partitions()?;
        let node = self.node()?;
        Ok(Frame::from_state(Ok(Arc::new(kept(node, blocks)))))
    }

    /// [`persist`](Frame::persist) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    ///
    /// # Cost
    /// That of computing it, and the memory of its rows as long as a frame reads them.
    pub fn persist_on(&self, scheduler: &(impl Scheduler + ?Sized)) -> Result<Frame, Error> {
        let blocks = self.compute_partitions_with(|graph| graph.compute_on(scheduler))?;
        let node = self.node()?;
        Ok(Frame::from_state(Ok(Arc::new(kept(node, blocks)))))
    }

    /// The graph that computes the frame: to look at, to run in the background, to pass to a task of another graph. Its tasks have the names of
    /// the steps.
    ///
    /// # Errors
    /// That of [`check`](Frame::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// let run = frame.sum().to_graph()?.spawn();
    /// assert_eq!(run.wait()?, df!("x" => [6])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "to_delayed")]
    pub fn to_graph(&self) -> Result<Graph<'static, DataFrame>, Error> {
        let node = self.node()?.clone();
        Ok(Graph::build(|builder| {
            let roots = std::slice::from_ref(&node);
            let mut blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            match blocks.len() {
                1 => blocks.swap_remove(0),
                _ => builder.add_at(node.location, stack::task_or_fail(node.clone(), blocks)),
            }
        }))
    }
}

/// What can be a source, also if its type is forgotten already.
pub(crate) trait IntoSource {
    fn into_source(self) -> Arc<dyn Source>;
}

impl<S: Source + 'static> IntoSource for Arc<S> {
    fn into_source(self) -> Arc<dyn Source> {
        self
    }
}

impl IntoSource for Arc<dyn Source> {
    fn into_source(self) -> Arc<dyn Source> {
        self
    }
}

/// A node without what every step has: its name and its place.
pub(crate) struct Made {
    pub(crate) kind: Kind,
    pub(crate) schema: Arc<Schema>,
    pub(crate) partitions: usize,
    pub(crate) divisions: Divisions,
}

impl Made {
    /// Of whole partitions.
    pub(crate) fn custom(
        inputs: Vec<NodeRef>,
        make: impl Custom + 'static,
        schema: Arc<Schema>,
        partitions: usize,
    ) -> Made {
        let kind = Kind::Custom { inputs, make: Arc::new(make) };
        Made { kind, schema, partitions, divisions: Divisions::Unknown }
    }

    pub(crate) fn with_divisions(self, divisions: Divisions) -> Made {
        Made { divisions, ..self }
    }

    pub(crate) fn into_node(
        self,
        name: &'static str,
        location: &'static Location<'static>,
    ) -> Node {
        let Made { kind, schema, partitions, divisions } = self;
        Node { kind, schema, partitions, divisions, name, location }
    }
}

/// Columns with their types, partitions, divisions, tasks. Of a frame that carries an error: "no frame: ", and the error.
impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let node = match &self.state {
            Ok(node) => node,
            Err(error) => return write!(f, "no frame: {error}"),
        };
        let plan = crate::plan::Plan::new(node, 1);
        writeln!(
            f,
            "frame of {} in {}, divisions {}, {}, {} to read",
            counted(node.schema.len(), "column"),
            counted(node.partitions, "partition"),
            node.divisions,
            counted(plan.tasks(), "task"),
            Bytes(plan.bytes_read()),
        )?;
        let width = node.schema.iter_names().map(|name| name.chars().count()).max().unwrap_or(0);
        for (at, (name, dtype)) in node.schema.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "  {name:width$}  {dtype}")?;
        }
        Ok(())
    }
}

/// As `Display`: rows are not computed to be shown.
impl Debug for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}
