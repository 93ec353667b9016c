//! What a partition needs of the others.
//!
//! In: what is to be computed. Out: how many rows, or how much time, before and after; or that a carry is enough.
//!
//! Not here: fetching it (`neighbours`, the frame's).

use crate::error::{Error, ErrorKind};
use crate::expr::{Closed, OrderedKind, RollingOptions, Window};
use crate::time::{Every, tick_nanos};
use polars_core::prelude::{Column, DataType, Int64Chunked};

/// What a partition needs of those on one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Need {
    Nothing,
    /// So many rows next to it, or fewer if there are no more.
    Rows(usize),
    /// The rows next to it of so much time; see [`rows_before`] and [`rows_after`].
    Period(Every),
    /// One row that stands for all of them.
    Carry,
}

/// What a partition needs on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Context {
    pub(crate) before: Need,
    pub(crate) after: Need,
}

/// What a partition needs of the others for `kind`.
///
/// # Errors
/// A period that cannot be read, or has no fixed length.
pub(crate) fn context(kind: &OrderedKind) -> Result<Context, Error> {
    use OrderedKind as Kind;
    let carry = Context { before: Need::Carry, after: Need::Nothing };
    match kind {
        Kind::Shift(n) | Kind::Diff(n) | Kind::PctChange(n) => {
            let rows = Need::Rows(usize::try_from(n.unsigned_abs()).unwrap_or(usize::MAX));
            Ok(match n {
                0 => Context { before: Need::Nothing, after: Need::Nothing },
                1.. => Context { before: rows, after: Need::Nothing },
                _ => Context { before: Need::Nothing, after: rows },
            })
        }
        Kind::CumSum | Kind::CumProd | Kind::CumMin | Kind::CumMax | Kind::CumCount => Ok(carry),
        Kind::ForwardFill(_) => Ok(carry),
        Kind::BackwardFill(_) => Ok(Context { before: carry.after, after: carry.before }),
        Kind::Rolling(_, options) => of_window(options),
    }
}

fn of_window(options: &RollingOptions) -> Result<Context, Error> {
    match &options.window {
        Window::Rows(rows) => {
            let after = if options.center { rows.saturating_sub(1) / 2 } else { 0 };
            let earlier = matches!(options.closed, Some(Closed::Left | Closed::Both));
            let before = rows.saturating_sub(1 + after).saturating_add(usize::from(earlier));
            Ok(Context { before: Need::Rows(before), after: Need::Rows(after) })
        }
        Window::Period(text) => {
            let period = period(text)?;
            let after = if options.center { Need::Period(period) } else { Need::Nothing };
            Ok(Context { before: Need::Period(period), after })
        }
    }
}

/// The length of a rolling window of time.
pub(super) fn period(text: &str) -> Result<Every, Error> {
    let every: Every = text.parse()?;
    match every.fixed_nanos() {
        Some(1..) => Ok(every),
        Some(_) => Err(refused(text, "it must be longer than nothing")),
        None => Err(refused(text, "months have no fixed length: write days, such as `30d`")),
    }
}

fn refused(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::Value, format!("a rolling window of `{text}`: {why}"))
}

/// How many of the last rows of an earlier partition are within `period` of the first of own rows. If it is all of them, the partition
/// before that one may have some too.
pub(crate) fn rows_before(earlier: &Column, own: &Column, period: Every) -> Result<usize, Error> {
    let (earlier, own) = (ticks(earlier)?, ticks(own)?);
    let Some(first) = own.first() else { return Ok(0) };
    let from = first.saturating_sub(length(&own.name, period, own.tick)?);
    Ok(earlier.iter().rev().take_while(|time| *time >= from).count())
}

/// How many of the first rows of a later partition are within `period` of the last of own rows.
pub(crate) fn rows_after(later: &Column, own: &Column, period: Every) -> Result<usize, Error> {
    let (later, own) = (ticks(later)?, ticks(own)?);
    let Some(last) = own.last() else { return Ok(0) };
    let to = last.saturating_add(length(&own.name, period, own.tick)?);
    Ok(later.iter().take_while(|time| *time <= to).count())
}

/// An index of times, in ticks.
pub(super) struct Ticks {
    name: String,
    ticks: Int64Chunked,
    /// How many nanoseconds a tick is.
    pub(super) tick: i64,
}

impl Ticks {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator {
        self.ticks.into_no_null_iter()
    }

    fn first(&self) -> Option<i64> {
        self.iter().next()
    }

    fn last(&self) -> Option<i64> {
        self.iter().next_back()
    }
}

/// The times of an index, none of them null. Dates count as their first microsecond.
pub(super) fn ticks(index: &Column) -> Result<Ticks, Error> {
    let name = index.name().to_string();
    let (times, tick) = match index.dtype() {
        DataType::Date => {
            let unit = polars_core::prelude::TimeUnit::Microseconds;
            (index.cast(&DataType::Datetime(unit, None)).map_err(Error::polars)?, 1_000)
        }
        DataType::Datetime(unit, _) => (index.clone(), tick_nanos(*unit)),
        other => {
            let message = format!(
                "a window of time goes along a column of dates or times, and `{name}` is {other}"
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
    };
    if times.null_count() > 0 {
        let message = format!(
            "a window of time goes along `{name}`, which has {} without a time: leave them out, with `drop_nulls(\"{name}\")`",
            crate::error::counted(times.null_count(), "row")
        );
        return Err(Error::new(ErrorKind::Order, message));
    }
    let ticks = times.as_materialized_series().to_physical_repr();
    Ok(Ticks { name, ticks: ticks.i64().map_err(Error::polars)?.clone(), tick })
}

/// `period` in ticks.
pub(super) fn length(name: &str, period: Every, tick: i64) -> Result<i64, Error> {
    let nanos = period.fixed_nanos().unwrap_or(0);
    if nanos < tick || nanos % tick != 0 {
        let message = format!(
            "a rolling window of `{period}`: `{name}` counts in units of {tick} ns, of which it is no whole number: cast it to a finer Datetime"
        );
        return Err(Error::new(ErrorKind::Value, message));
    }
    Ok(nanos / tick)
}
