//! Which row groups can be left out.
//!
//! In: comparisons of columns with literals, all of which a wanted row fulfils; the statistics of a row group. Out: whether no row of it can be wanted. Where statistics are missing, or may mean
//! something else, the answer is that one can.
//!
//! A comparison with null is null, and so no wanted row has a null in a compared column. Statistics know nothing of NaN, which polars takes for greater than all numbers and equal to itself: of floats
//! only what lies below a literal, or at it, can be ruled out. A text at the end of a range may be cut off there, so one that begins with it is not ruled out.
//!
//! Not here: rows themselves: a row group is read or left out.

use super::bounds::{self, Bounds};
use super::open::{Group, ParquetSource};
use polars_core::prelude::{AnyValue, DataType, PlSmallStr};
use std::cmp::Ordering;

/// A column, compared with a literal.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) column: PlSmallStr,
    pub(crate) operator: Operator,
    /// Not looked at by `IsNull` and `IsNotNull`.
    pub(crate) literal: AnyValue<'static>,
}

/// How a column stands to a literal, which is on the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
    IsNull,
    IsNotNull,
}

/// What comparisons leave of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pruned {
    pub(crate) row_groups: usize,
    /// So many of these are not read.
    pub(crate) skipped: usize,
    /// The rows of those that are.
    pub(crate) rows: usize,
    /// Their compressed bytes, of the columns that are read.
    pub(crate) bytes: u64,
}

impl ParquetSource {
    /// What is read of all partitions.
    pub(crate) fn pruned(
        &self,
        columns: Option<&[PlSmallStr]>,
        comparisons: &[Comparison],
    ) -> Pruned {
        let groups = &self.0.groups;
        let mut pruned = Pruned { row_groups: groups.len(), ..Pruned::default() };
        for group in groups {
            if self.is_impossible(group, comparisons) {
                pruned.skipped += 1;
                continue;
            }
            pruned.rows += group.rows;
            pruned.bytes += columns.map_or(group.bytes, |columns| self.bytes_of(group, columns));
        }
        pruned
    }

    /// Whether no row of a row group fulfils all comparisons.
    pub(super) fn is_impossible(&self, group: &Group, comparisons: &[Comparison]) -> bool {
        comparisons.iter().any(|comparison| {
            let Some(data_type) = self.schema().get(&comparison.column) else {
                return false;
            };
            let file = &self.0.files[group.file];
            let bounds = match file.constant(&comparison.column) {
                Some(constant) => Some(Bounds::of_constant(&constant.value, group.rows)),
                None => {
                    let metadata = &file.footer.metadata;
                    Bounds::of(metadata, group.number, &comparison.column, data_type)
                }
            };
            bounds.is_some_and(|bounds| is_ruled_out(comparison, data_type, &bounds, group.rows))
        })
    }
}

fn is_ruled_out(
    comparison: &Comparison,
    data_type: &DataType,
    bounds: &Bounds,
    rows: usize,
) -> bool {
    use Operator::{Eq, Gt, GtEq, IsNotNull, IsNull, Lt, LtEq, NotEq};
    let operator = comparison.operator;
    let are_null = bounds.nulls.is_some_and(|nulls| nulls == rows as i64);
    match operator {
        IsNull => return bounds.nulls == Some(0),
        IsNotNull => return are_null,
        // What is compared with null is for polars to say.
        _ if comparison.literal.is_null() => return false,
        _ if are_null => return true,
        _ => {}
    }
    let may_be_nan = data_type.is_float();
    let Some((low, high)) = bounds::literal(&comparison.literal, data_type) else {
        return false;
    };
    let min = bounds.min.as_ref().and_then(|min| min.order(&high));
    let max = bounds.max.as_ref().and_then(|max| match bounds.is_exact {
        true => max.order(&low),
        false => max.order_as_max(&low),
    });
    match operator {
        Eq => min == Some(Ordering::Greater) || max == Some(Ordering::Less),
        Lt => min.is_some_and(Ordering::is_ge),
        LtEq => min == Some(Ordering::Greater),
        Gt => !may_be_nan && max.is_some_and(Ordering::is_le),
        GtEq => !may_be_nan && max == Some(Ordering::Less),
        NotEq => {
            let is_text = data_type.is_string() && !bounds.is_exact;
            low == high
                && !may_be_nan
                && !is_text
                && (min, max) == (Some(Ordering::Equal), Some(Ordering::Equal))
        }
        IsNull | IsNotNull => false,
    }
}
