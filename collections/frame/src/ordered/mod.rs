//! Functions of a row and of those around it: shifts, running totals, fills, rolling windows.
//!
//! In: a column of one partition, with the rows or the carry it needs of the others. Out: the column of the partition's own rows. Whatever
//! the partitions are, the values are the same, but for the last bits of sums.
//!
//! ```text
//! context   what each needs of other partitions
//! around    shift, diff: rows beside          carry      one row that stands for all before, or after
//! total     running totals                    filled     nulls that take a neighbour's value
//! rolling   windows: types, options           reach      which rows a window holds
//! stacks    aggregates of any windows         blocks     of windows of equally many rows
//! ranks     medians and quantiles of windows    cells      values and nulls as loops take them
//! ```
//!
//! A function needs one of two things. Of *rows beside*, a partition comes as `before`, own rows, `after` in one column, and [`around()`] gives
//! the values of own rows. Of a *carry*, each partition makes one of its own rows ([`local_carry`]), [`combine`] chains them, and [`apply`]
//! gives the values of own rows from what all before, or after, carry: so none has to wait for another one's rows.
//!
//! Not here: how rows and carries come from one partition to the next.

mod around;
mod blocks;
mod carry;
mod cells;
mod context;
mod filled;
mod ranks;
mod reach;
mod rolling;
mod stacks;
mod total;

#[cfg(test)]
mod partition_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::random as tests_random;

pub(crate) use around::around;
pub(crate) use carry::{apply, combine, local_carry};
pub(crate) use context::{Context, Need, context, rows_after, rows_before};
