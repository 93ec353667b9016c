//! Partitions of other sizes, and with other borders.
//!
//! In: frames, sizes, values of the column that rows are sorted by. Out: frames of the same rows.
//!
//! Not here: other numbers of partitions (`partitions`).

use crate::bytes::Bytes;
use crate::divisions::{Divisions, compare};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, Literal, col, lit};
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node};
use crate::partitions::{PARTITIONS_MAX, Repartition, Share};
use crate::pipeline::stacked;
use crate::rows::Step;
use crate::sorted::value_of;
use polars_core::prelude::{Column, DataFrame, PlSmallStr};
use polars_core::scalar::Scalar;
use std::cmp::Ordering;
use std::panic::Location;

/// How many bytes each partition takes.
struct Sizes;

impl Custom for Sizes {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        node.inputs()[0].names()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        size(blocks[0].estimated_size() as u64)
    }

    fn rows_max(&self) -> u64 {
        1
    }
}

fn size(bytes: u64) -> Result<DataFrame, Error> {
    DataFrame::new(1, vec![Column::new("bytes".into(), [bytes])]).map_err(Error::polars)
}

/// Partitions between values.
struct Between {
    column: PlSmallStr,
    bounds: Vec<Scalar>,
    /// Which partitions of the input can have rows of each.
    from: Vec<std::ops::Range<usize>>,
}

impl Custom for Between {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        self.from[partition].clone().map(|at| Need::Input(0, at)).collect()
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.iter().chain([&self.column]).cloned().collect()
    }

    fn make(
        &self,
        node: &Node,
        partition: usize,
        blocks: Vec<DataFrame>,
    ) -> Result<DataFrame, Error> {
        let value = |at: usize| lit(Literal::Scalar(self.bounds[at].clone()));
        let own: Expr = col(self.column.clone());
        let is_last = partition + 2 == self.bounds.len();
        let below =
            if is_last { own.lt_eq(value(partition + 1)) } else { own.lt(value(partition + 1)) };
        let step = Step::Filter(own.gt_eq(value(partition)).and(below));
        match blocks.is_empty() {
            true => Ok(node.empty()),
            false => step.apply(stacked(blocks)?),
        }
    }
}

impl Frame {
    /// The same rows in partitions of about so many bytes in memory.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => vec![1_i64; 1000])?, 1);
    /// let parts = frame.repartition_bytes(1000);
    /// assert_eq!(parts.partitions(), 8);
    /// assert_eq!(parts.compute()?, frame.compute()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A size of 0, or one that makes more than a million partitions ([`Value`](ErrorKind::Value)); what goes wrong while the frame is computed.
    ///
    /// # Cost
    /// The frame is computed at once, partition by partition, to know their sizes; only these are kept.
    #[track_caller]
    pub fn repartition_bytes(&self, bytes: u64) -> Frame {
        let (name, location) = ("repartition_bytes", Location::caller());
        let sizes = self.step_at(name, location, |input| {
            if bytes == 0 {
                return Err(Error::new(ErrorKind::Value, "a partition of 0 bytes has no rows"));
            }
            let schema = size(0)?.schema().clone();
            Ok(Made::custom(vec![input.clone()], Sizes, schema, input.partitions))
        });
        let found = sizes.compute();
        self.step_at(name, location, |input| {
            let found = found?;
            let found = found.column("bytes").and_then(|column| column.u64().cloned());
            let sizes: Vec<u64> = found.map_err(Error::polars)?.iter().flatten().collect();
            let from = shares(&sizes, bytes)?;
            let (schema, partitions) = (input.schema.clone(), from.len());
            Ok(Made::custom(vec![input.clone()], Repartition { from }, schema, partitions))
        })
    }

    /// The same rows in partitions between these values of the column that they are sorted by: the first begins with the first value, each
    /// further one with the next, and the last ends with the last, which belongs to it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4, 5])?, 2).sorted_by("t");
    /// let parts = frame.repartition_at([1, 4, 6]);
    /// assert_eq!(parts.divisions().to_string(), "t: 1 | 4 | 6");
    /// assert_eq!(parts.compute_partitions()?[1], df!("t" => [4, 5])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A frame without divisions, values that fall, and values between which some rows do not lie ([`Order`](ErrorKind::Order)); fewer than two
    /// values ([`Value`](ErrorKind::Value)); values of another type ([`Type`](ErrorKind::Type)).
    #[track_caller]
    pub fn repartition_at<T: Into<Literal>>(&self, values: impl IntoIterator<Item = T>) -> Frame {
        let values: Vec<Expr> = values.into_iter().map(lit).collect();
        self.step("repartition_at", |input| {
            let wrong = |kind, message: String| Err(Error::new(kind, message));
            let Some(column) = input.divisions.column() else {
                let message = "it is not known by which column the rows are sorted: say it first, with `sorted_by`";
                return wrong(ErrorKind::Order, message.to_owned());
            };
            if values.len() < 2 {
                return wrong(ErrorKind::Value, "a partition has two borders, so there are two values at least".to_owned());
            }
            let dtype = input.schema.get(column).expect("divisions are of a column that is there");
            let bounds = values
                .iter()
                .map(|value| value_of(value, input, column, dtype))
                .collect::<Result<Vec<Scalar>, _>>()?;
            let order = |left: &Scalar, right: &Scalar| compare(&left.as_any_value(), &right.as_any_value());
            if let Some(pair) = bounds.windows(2).find(|pair| order(&pair[0], &pair[1]) == Some(Ordering::Greater)) {
                let message = format!("{} comes before {}, and borders do not fall", pair[0].as_any_value(), pair[1].as_any_value());
                return wrong(ErrorKind::Order, message);
            }
            let own = input.divisions.bounds();
            let (first, last) = (&own[0], &own[own.len() - 1]);
            // Of no rows they are null.
            let is_outside = (!first.is_null() && order(first, &bounds[0]) == Some(Ordering::Less))
                || order(last, &bounds[bounds.len() - 1]) == Some(Ordering::Greater);
            if is_outside {
                let message = format!(
                    "there are rows from {} to {}, which do not all lie between {} and {}: leave the others out first, with `loc`",
                    first.as_any_value(),
                    last.as_any_value(),
                    bounds[0].as_any_value(),
                    bounds[bounds.len() - 1].as_any_value()
                );
                return wrong(ErrorKind::Order, message);
            }
            let from = bounds
                .windows(2)
                .enumerate()
                .map(|(at, pair)| {
                    let (low, high) = (pair[0].as_any_value(), pair[1].as_any_value());
                    let is_last = at + 2 == bounds.len();
                    input.divisions.partitions_of(Some(&low), Some((&high, is_last)))
                })
                .collect();
            let column: PlSmallStr = column.into();
            let partitions = bounds.len() - 1;
            let divisions = Divisions::known(column.clone(), bounds.clone());
            let between = Between { column, bounds, from };
            let made = Made::custom(vec![input.clone()], between, input.schema.clone(), partitions);
            Ok(made.with_divisions(divisions))
        })
    }
}

/// Partitions of about so many bytes: large ones are cut, small ones put together with their neighbours.
fn shares(sizes: &[u64], bytes: u64) -> Result<Vec<Vec<Share>>, Error> {
    let mut from: Vec<Vec<Share>> = Vec::new();
    // What the last one has already.
    let mut filled = u64::MAX;
    for (partition, &size) in sizes.iter().enumerate() {
        let of = size.div_ceil(bytes).max(1);
        if of > PARTITIONS_MAX as u64 {
            let message = format!(
                "partition {partition} has {}, which would be {of} partitions of {}: ask for larger ones",
                Bytes(size),
                Bytes(bytes)
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        let of = of as usize;
        for at in 0..of {
            let share = Share { partition, at, of };
            let own = size / of as u64;
            match from.last_mut().filter(|_| filled.saturating_add(own) <= bytes) {
                Some(last) => {
                    last.push(share);
                    filled += own;
                }
                None => {
                    from.push(vec![share]);
                    filled = own;
                }
            }
        }
    }
    Ok(from)
}
