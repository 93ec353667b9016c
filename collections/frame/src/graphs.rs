//! Frames of graphs: partitions that somebody else's tasks make.
//!
//! In: graphs that give polars' frames. Out: a frame with a partition for each of them.
//!
//! Not here: frames as graphs ([`Frame::to_graph`]).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::frame::Frame;
use crate::memory::{matching, selected};
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::pipeline::guarded;
use polars_core::prelude::{DataFrame, PlSmallStr};
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use taskweave_macros::delayed;
use taskweave_runtime::{Builder, Compute, Delayed, Graph};

/// Graphs that have not been taken yet.
struct Graphs(Mutex<Vec<Option<Graph<'static, DataFrame>>>>);

impl Custom for Graphs {
    fn needs(&self, _: &Node, _: usize) -> Vec<Need> {
        Vec::new()
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        Names::new()
    }

    fn make(&self, _: &Node, _: usize, _: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let message = "the graphs of this frame have been taken by an earlier computation or `to_graph`, and a graph runs once; `persist()` the frame to compute with it more often";
        Err(Error::new(ErrorKind::Value, message))
    }

    fn is_taken(&self) -> bool {
        true
    }

    fn add<'g, 'env>(
        &self,
        node: &NodeRef,
        wanted: &Arc<[PlSmallStr]>,
        partition: usize,
        builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, DataFrame>> {
        let graph = self.0.lock().unwrap_or_else(PoisonError::into_inner)[partition].take()?;
        let given = graph.add_to(builder);
        let task = given_by_graph::task_or_fail(node.clone(), wanted.clone(), partition, given);
        Some(builder.add_at(node.location, task).named("from_graphs"))
    }
}

/// A partition that a graph gave.
#[delayed(crate = crate::__door)]
fn given_by_graph(
    node: NodeRef,
    wanted: Arc<[PlSmallStr]>,
    at: usize,
    given: DataFrame,
) -> Result<DataFrame, Error> {
    guarded(&node, || {
        let given = matching(given, &node.schema)
            .map_err(|error| error.reworded(|text| format!("graph {at}: {text}")))?;
        selected(&given, &wanted)
    })
}

impl Frame {
    /// A frame whose partitions are the outputs of graphs, in their order. `schema` is what they give: a frame without rows will do.
    ///
    /// A graph runs once. So does the frame: a second time it is an error, that says to [`persist`](Frame::persist) it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// use taskweave_runtime::Graph;
    /// let part = |n: i64| Graph::build(move |graph| graph.value(n).map(|n| df!("n" => [n]).unwrap()));
    /// let frame = Frame::from_graphs(vec![part(1), part(2)], df!("n" => [0_i64])?);
    /// assert_eq!(frame.sum().compute()?, df!("n" => [3_i64])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Of the frame: no graph at all ([`Value`](ErrorKind::Value)). When it is computed: an error of a graph, columns that are not those of
    /// `schema` ([`Schema`](ErrorKind::Schema)), a second run ([`Value`](ErrorKind::Value)).
    #[doc(alias = "from_delayed")]
    #[track_caller]
    pub fn from_graphs(graphs: Vec<Graph<'static, DataFrame>>, schema: DataFrame) -> Frame {
        let location = Location::caller();
        let partitions = graphs.len();
        if partitions == 0 {
            let error =
                Error::new(ErrorKind::Value, "there is no graph, so there would be no partition");
            return Frame::made("from_graphs", location, Err(error));
        }
        let make = Arc::new(Graphs(Mutex::new(graphs.into_iter().map(Some).collect())));
        let kind = Kind::Custom { inputs: Vec::new(), make };
        let (schema, divisions) = (schema.schema().clone(), Divisions::Unknown);
        let name = "from_graphs";
        Frame::made(
            name,
            location,
            Ok(Node { kind, schema, partitions, divisions, name, location }),
        )
    }
}
