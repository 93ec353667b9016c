//! How many rows partitions have.
//!
//! In: a frame's node. Out: their numbers, where sources say them and no step changes them; else a frame that counts.
//!
//! Not here: what they are wanted for (`to`).

use crate::error::{Error, ErrorKind};
use crate::frame::{Frame, Made};
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::rows::Step;
use polars_core::prelude::{Column, DataFrame, PlSmallStr};
use std::panic::Location;

/// What the only column of a frame that counts is called.
const ROWS: PlSmallStr = PlSmallStr::from_static("rows");

/// How many rows each partition has, if that is known without looking at any: of what is in memory, of Parquet, whose footers say it, and of arrays.
pub(super) fn known(node: &NodeRef) -> Option<Vec<usize>> {
    let mut node = node;
    let mut range = 0..node.partitions;
    // What is left of each partition.
    let mut most = usize::MAX;
    let all = loop {
        match &node.kind {
            Kind::Source(source) => {
                break (0..node.partitions)
                    .map(|at| source.rows(at))
                    .collect::<Option<Vec<_>>>()?;
            }
            Kind::Custom { make, .. } => break make.lengths()?,
            Kind::Rows { input, step } => {
                match step {
                    Step::Select(_) | Step::WithColumns(_) | Step::Window { .. } => {}
                    Step::Head(rows) => most = most.min(*rows),
                    Step::Filter(_) | Step::Explode(_) | Step::Unpivot { .. } => return None,
                }
                node = input;
            }
            Kind::Part { input, first } => {
                range = range.start + first..range.end + first;
                node = input;
            }
            Kind::Group { .. } => return None,
        }
    };
    Some(all[range].iter().map(|&rows| rows.min(most)).collect())
}

/// A row for each partition, which says how many it has.
struct Counts;

impl Custom for Counts {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        Names::new()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        one(blocks[0].height())
    }
}

fn one(rows: usize) -> Result<DataFrame, Error> {
    DataFrame::new(1, vec![Column::new(ROWS, [rows as u64])]).map_err(Error::polars)
}

/// Counts the rows of each partition, now.
pub(super) fn counted(
    frame: &Frame,
    name: &'static str,
    location: &'static Location<'static>,
) -> Result<Vec<usize>, Error> {
    let counts = frame.step_at(name, location, |input| {
        let schema = one(0)?.schema().clone();
        Ok(Made::custom(vec![input.clone()], Counts, schema, input.partitions))
    });
    let counts = counts.compute()?;
    let counts = counts.column(&ROWS).and_then(|column| column.u64()).map_err(Error::polars)?;
    let rows = |rows: u64| {
        let too_many = |_| Error::new(ErrorKind::Overflow, "more rows than can be counted");
        usize::try_from(rows).map_err(too_many)
    };
    counts.iter().flatten().map(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::known;
    use crate::prelude::*;

    #[test]
    fn rows_are_known_where_no_step_changes_them() {
        let frame = Frame::from_polars(df!("x" => [1, 2, 3]).unwrap(), 2);
        let rows = |frame: &Frame| known(frame.node().unwrap());
        assert_eq!(rows(&frame), Some(vec![2, 1]));
        assert_eq!(rows(&frame.with_columns(col("x") * 2).select("x")), Some(vec![2, 1]));
        for other in [frame.filter(col("x").gt(1)), frame.sort("x"), frame.cum_sum()] {
            assert_eq!(rows(&other), None);
        }
    }
}
