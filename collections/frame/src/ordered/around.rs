//! What needs rows beside a partition's own.
//!
//! In: a column of rows before, own rows and rows after. Out: the values of own rows.
//!
//! Not here: windows (`rolling`), where the rows beside come from (`neighbours`, the frame's).

use super::rolling::rolling;
use crate::error::{Error, ErrorKind};
use crate::expr::OrderedKind;
use polars_core::prelude::{Column, IntoColumn, IntoSeries, NamedFrom, Series};
use polars_core::series::ops::NullBehavior;

/// The values of own rows: those of `values` without its first `before` and its last `after`. Windows of time go along `index`, which has as
/// many rows.
///
/// # Errors
/// Types and options that the function does not have; an index that is not in order.
pub(crate) fn around(
    kind: &OrderedKind,
    values: &Column,
    index: Option<&Column>,
    before: usize,
    after: usize,
) -> Result<Column, Error> {
    let own = values.len().checked_sub(before + after);
    let own = own.expect("own rows stand between those before and those after");
    let series = values.as_materialized_series();
    let whole = match kind {
        // A shift beyond all rows leaves none, and the least number has no negative.
        OrderedKind::Shift(n) => Ok(series.shift((*n).max(-i64::MAX))),
        OrderedKind::Diff(n) => {
            polars_ops::series::diff(series, (*n).max(-i64::MAX), NullBehavior::Ignore)
        }
        OrderedKind::PctChange(n) => {
            let n = Series::new("n".into(), [(*n).max(-i64::MAX)]);
            polars_ops::series::pct_change(series, &n)
        }
        OrderedKind::Rolling(stat, options) => {
            return rolling(values, index, *stat, options, before, after);
        }
        other => {
            let message = format!("{other:?} goes by a carry, not by rows beside");
            return Err(Error::new(ErrorKind::Expression, message));
        }
    };
    let whole = whole.map_err(Error::polars)?;
    Ok(whole.slice(before as i64, own).into_series().into_column())
}
