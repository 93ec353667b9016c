//! The rows with the greatest values, or the least.
//!
//! In: frames, columns, how many rows. Out: frames of one partition. Of each partition only so many rows are kept as are asked for.
//!
//! Not here: all rows in order (`sort`).

use crate::error::Error;
use crate::expr::IntoExprs;
use crate::few::copied;
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node};
use crate::pipeline::stacked;
use crate::select::existing;
use polars_core::prelude::{DataFrame, PlSmallStr, SortMultipleOptions};

/// The first rows of a sorted partition, or of what several partitions gave.
struct Ranked {
    by: Vec<PlSmallStr>,
    count: usize,
    is_falling: bool,
    /// Whether all partitions are put together.
    is_last: bool,
}

impl Custom for Ranked {
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need> {
        match self.is_last {
            true => (0..node.inputs()[0].partitions).map(|at| Need::Input(0, at)).collect(),
            false => vec![Need::Input(0, partition)],
        }
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.iter().chain(&self.by).cloned().collect()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let all = stacked(blocks)?;
        let options = SortMultipleOptions::new()
            .with_order_descending(self.is_falling)
            .with_nulls_last(true)
            .with_maintain_order(true)
            .with_multithreaded(false);
        let sorted = all.sort(self.by.iter().cloned(), options).map_err(Error::polars)?;
        copied(&sorted.head(Some(self.count)))
    }

    fn rows_max(&self) -> u64 {
        self.count as u64
    }

    fn describe(&self) -> String {
        format!("{} by [{}]", self.count, self.by.join(", "))
    }
}

impl Frame {
    #[track_caller]
    fn ranked(
        &self,
        name: &'static str,
        count: usize,
        by: impl IntoExprs,
        is_falling: bool,
    ) -> Frame {
        let by = by.into_exprs();
        let location = std::panic::Location::caller();
        let step = |is_last| {
            let by = &by;
            move |input: &crate::node::NodeRef| {
                let by = existing(input, by)?;
                let partitions = if is_last { 1 } else { input.partitions };
                let ranked = Ranked { by, count, is_falling, is_last };
                // What has no order is refused of no rows too.
                ranked.make(input, 0, vec![input.empty()])?;
                Ok(Made::custom(vec![input.clone()], ranked, input.schema.clone(), partitions))
            }
        };
        self.step_at(name, location, step(false)).step_at(name, location, step(true))
    }

    /// The `count` rows with the greatest values in these columns, the greatest first, nulls last; of equal ones those that come first.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [3, 9, 1, 7])?, 3);
    /// assert_eq!(frame.top_k(2, "x").compute()?, df!("x" => [9, 7])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](crate::ErrorKind::Column)).
    #[doc(alias = "nlargest")]
    #[track_caller]
    pub fn top_k(&self, count: usize, by: impl IntoExprs) -> Frame {
        self.ranked("top_k", count, by, true)
    }

    /// The `count` rows with the least values in these columns, the least first, nulls last; of equal ones those that come first.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [3, 9, 1, 7])?, 3);
    /// assert_eq!(frame.bottom_k(2, "x").compute()?, df!("x" => [1, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`top_k`](Frame::top_k).
    #[doc(alias = "nsmallest")]
    #[track_caller]
    pub fn bottom_k(&self, count: usize, by: impl IntoExprs) -> Frame {
        self.ranked("bottom_k", count, by, false)
    }
}
