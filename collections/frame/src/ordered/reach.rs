//! Which rows a window holds.
//!
//! In: options, and for windows of time the index. Out: for each row the first row of its window and the one after the last; neither ever
//! goes back. Everything is as in pandas (`FixedWindowIndexer`, `VariableWindowIndexer`).
//!
//! A window of rows ends with its row; centered, it holds as many before as after, and of an even number one more before. A window of time
//! holds what is less than its length before the row; of rows with the same time those that stand before it, or none if the window is open
//! on the right. `Closed` adds or takes away an end.

use super::context::{length, ticks};
use crate::error::{Error, ErrorKind};
use crate::expr::{Closed, RollingOptions, Window};
use crate::time::Every;
use polars_core::prelude::Column;
use std::ops::Range;

/// The windows of own rows.
pub(super) enum Reach {
    /// Of row `i` the rows `i + 1 + ahead - rows - left .. i + 1 + ahead - right`, as far as there are any.
    Rows { rows: usize, ahead: usize, left: usize, right: usize, height: usize },
    /// Listed, for own rows, which begin at `before`.
    Listed { windows: Vec<(usize, usize)>, before: usize },
}

impl Reach {
    /// The windows of the rows `own` of `height`; `index` has all of them.
    pub(super) fn new(
        options: &RollingOptions,
        index: Option<&Column>,
        height: usize,
        own: Range<usize>,
    ) -> Result<Reach, Error> {
        let closed = options.closed.unwrap_or(Closed::Right);
        match &options.window {
            Window::Rows(0) => Err(Error::new(
                ErrorKind::Value,
                "a rolling window has no rows: it needs 1 at least",
            )),
            Window::Rows(rows) => Ok(Reach::Rows {
                rows: *rows,
                ahead: if options.center { (rows - 1) / 2 } else { 0 },
                left: usize::from(matches!(closed, Closed::Left | Closed::Both)),
                right: usize::from(matches!(closed, Closed::Left | Closed::Neither)),
                height,
            }),
            Window::Period(text) => {
                let period = super::context::period(text)?;
                let index = index.ok_or_else(|| {
                    let message = format!(
                        "a rolling window of `{text}` goes along a column of times: name it, as in RollingOptions::from(\"{text}\").by(\"time\")"
                    );
                    Error::new(ErrorKind::Order, message)
                })?;
                let before = own.start;
                let windows = listed(index, period, options.center, closed, own)?;
                Ok(Reach::Listed { windows, before })
            }
        }
    }
}

/// Rows whose windows have the same width; that of the first begins at `from`, that of the next one row later.
#[derive(Clone, Debug)]
pub(super) struct Even {
    pub(super) rows: Range<usize>,
    pub(super) from: usize,
    pub(super) width: usize,
}

impl Reach {
    /// Those of own rows whose windows no end of the column cuts off.
    pub(super) fn even(&self, own: &Range<usize>) -> Option<Even> {
        let Reach::Rows { rows, ahead, left, right, height } = *self else { return None };
        let width = rows.saturating_add(left).checked_sub(right).filter(|width| *width > 0)?;
        let end = own.end.checked_sub(1)?;
        let first = rows.saturating_add(left).saturating_sub(1 + ahead).max(own.start);
        let last = (height + right).saturating_sub(1 + ahead).min(end);
        let from = (first + 1 + ahead).checked_sub(rows.saturating_add(left))?;
        (first <= last).then(|| Even { rows: first..last + 1, from, width })
    }
}

/// Windows of time of own rows.
fn listed(
    index: &Column,
    period: Every,
    center: bool,
    closed: Closed,
    own: Range<usize>,
) -> Result<Vec<(usize, usize)>, Error> {
    let times = ticks(index)?;
    let length = length(index.name(), period, times.tick)?;
    let times: Vec<i64> = times.iter().collect();
    if let Some(row) = times.windows(2).position(|pair| pair[1] < pair[0]) {
        let shown = |row: usize| index.get(row).map_or(String::new(), |value| value.to_string());
        let message = format!(
            "a rolling window of `{period}` needs `{}` in order, and {} comes after {}: sort by it first",
            index.name(),
            shown(row + 1),
            shown(row)
        );
        return Err(Error::new(ErrorKind::Order, message));
    }
    let half = if center { length / 2 } else { 0 };
    let back = if center { half } else { length };
    let left = matches!(closed, Closed::Left | Closed::Both);
    let right = matches!(closed, Closed::Right | Closed::Both);
    let (mut from, mut to) = (0, 0);
    let windows = own.map(|row| {
        let start = times[row].saturating_sub(back);
        while from < row && (times[from] < start || (!left && times[from] == start)) {
            from += 1;
        }
        if center {
            let end = times[row].saturating_add(half);
            while to < times.len() && (times[to] < end || (right && times[to] == end)) {
                to += 1;
            }
            (from, to.max(from))
        } else if right {
            (from, row + 1)
        } else {
            while times[to] < times[row] {
                to += 1;
            }
            (from, to)
        }
    });
    Ok(windows.collect())
}
