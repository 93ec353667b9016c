//! Sorting of what fits into memory.
//!
//! In: frames, columns, directions. Out: frames of one partition.
//!
//! Not here: order that is there already (`sorted_by`), sorting beyond memory.

use crate::divisions::Divisions;
use crate::error::Error;
use crate::expr::IntoExprs;
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node, NodeRef};
use crate::pipeline::stacked;
use crate::select::existing;
use polars_core::prelude::{DataFrame, PlSmallStr, SortMultipleOptions};

/// All rows in one partition, sorted.
struct Sort {
    by: Vec<PlSmallStr>,
    options: SortMultipleOptions,
}

impl Custom for Sort {
    fn needs(&self, node: &Node, _: usize) -> Vec<Need> {
        (0..node.inputs()[0].partitions).map(|at| Need::Input(0, at)).collect()
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.iter().chain(&self.by).cloned().collect()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let mut all = stacked(blocks)?;
        all.rechunk_mut();
        all.sort(self.by.iter().cloned(), self.options.clone()).map_err(Error::polars)
    }

    fn describe(&self) -> String {
        format!("[{}]", self.by.join(", "))
    }
}

/// The node of a stable sort by these columns; with nulls first, last where it is descending.
pub(crate) fn sorted(input: &NodeRef, by: &[PlSmallStr], descending: bool) -> Result<Made, Error> {
    let options = SortMultipleOptions::new()
        .with_order_descending(descending)
        .with_nulls_last(descending)
        .with_maintain_order(true);
    sorted_with(input, by.to_vec(), options)
}

fn sorted_with(
    input: &NodeRef,
    by: Vec<PlSmallStr>,
    options: SortMultipleOptions,
) -> Result<Made, Error> {
    let options = options.with_multithreaded(false);
    // What polars refuses it refuses of no rows too.
    let made = input.empty().sort(by.iter().cloned(), options.clone()).map_err(Error::polars)?;
    let schema = made.schema().clone();
    let made = Made::custom(vec![input.clone()], Sort { by, options }, schema, 1);
    Ok(made.with_divisions(Divisions::Unknown))
}

impl Frame {
    /// The rows sorted by these columns, rising, nulls first; rows that are equal stay in their order.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [3, 1, 2])?, 3);
    /// assert_eq!(frame.sort("x").compute()?, df!("x" => [1, 2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](crate::ErrorKind::Column)).
    ///
    /// # Cost
    /// All rows are in memory, twice, and one task sorts them. Of rows that are sorted already, [`sorted_by`](Frame::sorted_by) only checks that.
    #[doc(alias = "sort_values")]
    #[track_caller]
    pub fn sort(&self, by: impl IntoExprs) -> Frame {
        let by = by.into_exprs();
        self.step("sort", |input| sorted(input, &existing(input, &by)?, false))
    }

    /// The rows sorted by these columns with directions and places of nulls of one's own.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [3, 1, 2])?, 3);
    /// let falling = frame.sort_with("x", SortMultipleOptions::new().with_order_descending(true));
    /// assert_eq!(falling.compute()?, df!("x" => [3, 2, 1])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`sort`](Frame::sort), and options for another number of columns.
    ///
    /// # Cost
    /// As [`sort`](Frame::sort).
    #[track_caller]
    pub fn sort_with(&self, by: impl IntoExprs, options: SortMultipleOptions) -> Frame {
        let by = by.into_exprs();
        self.step("sort_with", |input| sorted_with(input, existing(input, &by)?, options))
    }
}
