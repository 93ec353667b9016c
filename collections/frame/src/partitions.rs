//! Steps of whole partitions.
//!
//! In: frames, functions of partitions, numbers of them. Out: frames.
//!
//! Not here: partitions of other sizes, or with other borders (`recut`).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::frame::{Frame, Made};
use crate::memory::{FrameOutcome, listed, matching};
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::pipeline::stacked;
use polars_core::prelude::{DataFrame, Schema};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// More partitions are a mistake, and no plan.
pub(crate) const PARTITIONS_MAX: usize = 1 << 20;

/// A function of partitions.
type Function = dyn Fn(DataFrame) -> Result<DataFrame, Error> + Send + Sync;

/// Each partition by a function.
struct Mapped {
    function: Box<Function>,
    schema: Arc<Schema>,
}

impl Custom for Mapped {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        // Nobody knows what the function looks at.
        node.inputs()[0].names()
    }

    fn makes_rows(&self) -> bool {
        true
    }

    fn make(
        &self,
        _: &Node,
        partition: usize,
        mut blocks: Vec<DataFrame>,
    ) -> Result<DataFrame, Error> {
        let place = |text: &str| format!("partition {partition}: {text}");
        let made = (self.function)(blocks.swap_remove(0)).map_err(|error| error.reworded(place))?;
        matching(made, &self.schema).map_err(|error| error.reworded(place))
    }
}

/// What the function makes of no rows.
fn inferred(function: &Function, input: &Node) -> Result<Arc<Schema>, Error> {
    let asked =
        "the function was called with a frame without rows, to learn which columns it gives, and";
    let remedy =
        "say them, with `map_partitions_to`, or let it return early where there are no rows";
    let made = catch_unwind(AssertUnwindSafe(|| function(input.empty())))
        .unwrap_or_else(|payload| Err(Error::of_panic("it panicked", payload)));
    let made = made.map_err(|error| error.reworded(|text| format!("{asked} {text}; {remedy}")))?;
    Ok(made.schema().clone())
}

fn mapped(input: &NodeRef, function: Box<Function>, schema: Arc<Schema>) -> Made {
    let partitions = input.partitions;
    let mapped = Mapped { function, schema: schema.clone() };
    Made::custom(vec![input.clone()], mapped, schema, partitions)
}

/// Fewer or more partitions of the same rows.
pub(crate) struct Repartition {
    /// Of each partition: from which partition of the input, which share of it, from which to which; several follow each other.
    pub(crate) from: Vec<Vec<Share>>,
}

/// Part `at` of `of` of the rows of a partition.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    pub(crate) partition: usize,
    pub(crate) at: usize,
    pub(crate) of: usize,
}

impl Custom for Repartition {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        self.from[partition].iter().map(|share| Need::Input(0, share.partition)).collect()
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.clone()
    }

    fn make(&self, _: &Node, partition: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let shares = self.from[partition].iter().zip(blocks).map(|(share, block)| {
            let start = |at: usize| at * block.height() / share.of;
            block.slice(start(share.at) as i64, start(share.at + 1) - start(share.at))
        });
        stacked(shares.collect())
    }
}

/// Frames one behind the other.
struct Concat;

impl Custom for Concat {
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need> {
        let mut at = partition;
        for (number, input) in node.inputs().iter().enumerate() {
            if at < input.partitions {
                return vec![Need::Input(number, at)];
            }
            at -= input.partitions;
        }
        unreachable!("there are as many partitions as the inputs have together")
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.clone()
    }

    fn make(&self, node: &Node, _: usize, mut blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let block = blocks.swap_remove(0);
        // In the order of the first one's columns.
        let names: Vec<_> = node
            .schema
            .iter_names()
            .filter(|name| block.schema().contains(name))
            .cloned()
            .collect();
        crate::memory::selected(&block, &names)
    }
}

impl Frame {
    /// Each partition by a function, a plain one or one with `#[delayed]`, which gets all of its columns and returns a `DataFrame` or a
    /// `Result` of one. Which columns it gives is learnt by calling it with a frame without rows.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// let sizes = frame.map_partitions(|part| df!("rows" => [part.height() as u32]));
    /// assert_eq!(sizes.compute()?, df!("rows" => [1_u32, 1, 1])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Of the frame: what the function returns, or its panic, when it is called without rows. When it is computed: the same, with the number of
    /// the partition; columns that are not those that it gave then ([`Schema`](ErrorKind::Schema)).
    #[doc(alias = "map_batches")]
    #[track_caller]
    pub fn map_partitions<R: FrameOutcome>(
        &self,
        function: impl Fn(DataFrame) -> R + Send + Sync + 'static,
    ) -> Frame {
        self.step("map_partitions", |input| {
            let function: Box<Function> = Box::new(move |part| function(part).outcome());
            let schema = inferred(&*function, input)?;
            Ok(mapped(input, function, schema))
        })
    }

    /// [`map_partitions`](Frame::map_partitions) with the columns that the function gives: a frame without rows will do. The function is not
    /// called before the frame is computed.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// let firsts = frame.map_partitions_to(df!("x" => [0])?, |part| part.head(Some(1)));
    /// assert_eq!(firsts.compute()?.height(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When it is computed: as [`map_partitions`](Frame::map_partitions).
    #[track_caller]
    pub fn map_partitions_to<R: FrameOutcome>(
        &self,
        schema: DataFrame,
        function: impl Fn(DataFrame) -> R + Send + Sync + 'static,
    ) -> Frame {
        self.step("map_partitions_to", |input| {
            let function: Box<Function> = Box::new(move |part| function(part).outcome());
            Ok(mapped(input, function, schema.schema().clone()))
        })
    }

    /// The same rows in another number of partitions: neighbours together, or each of them cut into as many as it takes.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4, 5])?, 2);
    /// for partitions in [1, 2, 3, 7] {
    ///     let again = frame.repartition(partitions);
    ///     assert_eq!(again.partitions(), partitions);
    ///     assert_eq!(again.compute()?, frame.compute()?);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No partition at all, and more than a million ([`Value`](ErrorKind::Value)).
    ///
    /// # Cost
    /// Partitions that are put together are copied. What is cut keeps no divisions, for nobody knows its values yet.
    #[track_caller]
    pub fn repartition(&self, partitions: usize) -> Frame {
        self.step("repartition", |input| {
            if partitions == 0 {
                return Err(Error::new(ErrorKind::Value, "there has to be one partition at least"));
            }
            if partitions > PARTITIONS_MAX {
                let message =
                    format!("{partitions} partitions are too many: {PARTITIONS_MAX} is the most");
                return Err(Error::new(ErrorKind::Value, message));
            }
            let have = input.partitions;
            let start = |at: usize, of: usize, all: usize| at * all / of;
            let (from, divisions) = if partitions <= have {
                let ranges = (0..partitions)
                    .map(|at| start(at, partitions, have)..start(at + 1, partitions, have));
                let ranges: Vec<_> = ranges.collect();
                let divisions = input.divisions.of(&ranges);
                let whole = |partition| Share { partition, at: 0, of: 1 };
                (ranges.into_iter().map(|range| range.map(whole).collect()).collect(), divisions)
            } else {
                let cut = |partition| {
                    let of =
                        start(partition + 1, have, partitions) - start(partition, have, partitions);
                    (0..of).map(move |at| vec![Share { partition, at, of }])
                };
                ((0..have).flat_map(cut).collect(), Divisions::Unknown)
            };
            let schema = input.schema.clone();
            let made = Made::custom(vec![input.clone()], Repartition { from }, schema, partitions);
            Ok(made.with_divisions(divisions))
        })
    }

    /// Frames of the same columns, one behind the other.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let (a, b) = (Frame::from_polars(df!("x" => [1])?, 1), Frame::from_polars(df!("x" => [2])?, 1));
    /// assert_eq!(Frame::concat([&a, &b]).compute()?, df!("x" => [1, 2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No frame at all ([`Value`](ErrorKind::Value)); one that has other columns ([`Schema`](ErrorKind::Schema)).
    #[track_caller]
    pub fn concat<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Frame {
        let frames: Vec<&Frame> = frames.into_iter().collect();
        let Some(first) = frames.first() else {
            let error = Error::new(ErrorKind::Value, "there is no frame to concatenate");
            return Frame::made("concat", std::panic::Location::caller(), Err(error));
        };
        first.step("concat", |input| {
            // One frame behind the other, as in a loop, is all of them.
            let mut inputs = match &input.kind {
                Kind::Custom { inputs, .. } if input.name == "concat" => inputs.clone(),
                _ => vec![input.clone()],
            };
            for (at, frame) in frames.iter().enumerate().skip(1) {
                let next = frame.node()?;
                matching(next.empty(), &input.schema).map_err(|error| {
                    let (own, other) = (listed(&next.schema), listed(&input.schema));
                    error.reworded(|_| format!("frame {at} has {own}, and frame 0 has {other}: cast, rename or select what differs"))
                })?;
                inputs.push(next.clone());
            }
            let partitions = inputs.iter().map(|input| input.partitions).sum();
            Ok(Made::custom(inputs, Concat, input.schema.clone(), partitions))
        })
    }
}

/// Some of the partitions of a node.
pub(crate) fn part(input: &NodeRef, range: std::ops::Range<usize>) -> Made {
    let kind = Kind::Part { input: input.clone(), first: range.start };
    let runs: Vec<_> = range.clone().map(|at| at..at + 1).collect();
    let divisions = input.divisions.of(&runs);
    Made { kind, schema: input.schema.clone(), partitions: range.len(), divisions }
}
