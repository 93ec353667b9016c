//! Windows of time that rows are grouped by.
//!
//! In: [`Windows`], which says how long they are and what they are called, and a column of dates or times. Out: the label of each row's
//! window.
//!
//! Not here: windows around each row (`ordered`, the frame's).

use super::every::Every;
use super::grid::Grid;
use super::zone::Zone;
use crate::error::{Error, ErrorKind};
use crate::expr::AggKind;
use polars_core::prelude::{
    Column, DataType, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries, NewChunkedArray, TimeUnit,
};
use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

/// An end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Its beginning.
    Left,
    /// The beginning of the next one.
    Right,
}

/// Windows of time, one after the other without gaps, that [`resample`](crate::Frame::resample) groups rows by.
///
/// Unless said otherwise they hold their beginning and not their end, and are named by their beginning. Days begin at midnight, weeks on
/// Monday, months, quarters and years on their first day, all by the clock of the column's time zone; windows of several units are counted
/// from 1970 (weeks: from 1970-01-05), so that the same instant is in the same window in every frame. These are polars' conventions.
/// pandas ends weeks, months, quarters and years on their last day, and counts windows that don't divide a day from the first row's day.
///
/// # Examples
/// ```
/// # use taskweave_frame::{Side, Windows};
/// let days = Windows::every("1d").offset("6h").label(Side::Right);
/// assert_eq!(days.to_string(), "1d from 6h on, named by their end");
/// ```
#[derive(Clone, Debug)]
pub struct Windows {
    every: Every,
    offset: Every,
    closed: Side,
    label: Side,
    /// Of the first text that cannot be read.
    error: Option<Error>,
}

impl Windows {
    /// Windows of this length: `"1w"`, `"15m"`, `"1mo"`; see [`Every`]. A text that cannot be read is an error of the frame that uses it.
    pub fn every(length: impl AsRef<str>) -> Windows {
        let (every, error) = read(length.as_ref());
        Windows { every, offset: Every::default(), closed: Side::Left, label: Side::Left, error }
    }

    /// Which end belongs to a window: with [`Side::Right`] a row on the border is in the earlier one.
    pub fn closed(mut self, side: Side) -> Windows {
        self.closed = side;
        self
    }

    /// By which end windows are named.
    pub fn label(mut self, side: Side) -> Windows {
        self.label = side;
        self
    }

    /// How much later than else they begin: `"6h"` makes days from six to six, `"-1d"` weeks from Sunday on, `"3mo"` years from April on.
    pub fn offset(mut self, length: impl AsRef<str>) -> Windows {
        let (offset, error) = read(length.as_ref());
        self.offset = offset;
        self.error = self.error.or(error);
        self
    }

    /// What can be said against them before any row is read, for a column of this name and type.
    pub(crate) fn check(&self, name: &str, dtype: &DataType) -> Result<(), Error> {
        self.grid(name, dtype).map(|_| ())
    }

    /// The same, in ticks of a column of this type.
    pub(super) fn grid(&self, name: &str, dtype: &DataType) -> Result<Grid, Error> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let (tick, zone) = clock(name, dtype)?;
        let zone = Zone::new(zone, 1_000_000_000 / tick.min(1_000_000_000));
        Grid::new(self.every, self.offset, tick, zone).map_err(|why| {
            Error::new(ErrorKind::Value, format!("windows of {} over `{name}`: {why}", self.every))
        })
    }
}

fn read(length: &str) -> (Every, Option<Error>) {
    match length.parse() {
        Ok(every) => (every, None),
        Err(error) => (Every::default(), Some(error)),
    }
}

/// How many nanoseconds a tick of such a column is, and its time zone.
pub(super) fn clock(name: &str, dtype: &DataType) -> Result<(i64, Option<chrono_tz::Tz>), Error> {
    match dtype {
        DataType::Date => Ok((super::every::DAY_NANOS, None)),
        DataType::Datetime(unit, zone) => {
            let zone = zone.as_ref().map(|zone| zone.to_chrono()).transpose();
            Ok((tick_nanos(*unit), zone.map_err(Error::polars)?))
        }
        other => {
            let remedy = match other {
                DataType::String => format!(
                    ": read it first, as in col(\"{name}\").str().to_datetime(\"%Y-%m-%d %H:%M:%S\")"
                ),
                other if other.is_integer() => {
                    format!(": cast it first, as in col(\"{name}\").cast(DataType::Datetime(..))")
                }
                _ => String::new(),
            };
            let message = format!("`{name}` is {other}, neither Date nor Datetime{remedy}");
            Err(Error::new(ErrorKind::Type, message))
        }
    }
}

pub(crate) fn tick_nanos(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => 1,
        TimeUnit::Microseconds => 1_000,
        TimeUnit::Milliseconds => 1_000_000,
    }
}

/// The label of each row's window, of the column's own type and name. A row without a time has no window: its label is null.
///
/// # Cost
/// A comparison or two a row while neighbours share a window; else a division, and in a time zone a look into its table.
pub(crate) fn window_of(column: &Column, windows: &Windows) -> Result<Column, Error> {
    let grid = windows.grid(column.name(), column.dtype())?;
    let series = column.as_materialized_series();
    let sorted = series.is_sorted_flag();
    let mut cursor = Cursor::new(grid, windows, column.name());
    let mut labels = if let Ok(days) = series.date() {
        let out: Int32Chunked = if days.physical().null_count() == 0 {
            let own = days.physical().into_no_null_iter().map(|day| cursor.day(day));
            Int32Chunked::from_vec(column.name().clone(), own.collect::<Result<_, _>>()?)
        } else {
            let own = days.physical().iter().map(|day| day.map(|day| cursor.day(day)).transpose());
            let rows: Vec<Option<i32>> = own.collect::<Result<_, _>>()?;
            Int32Chunked::from_iter_options(column.name().clone(), rows.into_iter())
        };
        out.into_date().into_series()
    } else {
        let times = series.datetime().map_err(Error::polars)?;
        let out = if times.physical().null_count() == 0 {
            let own = times.physical().into_no_null_iter().map(|time| cursor.label(time));
            Int64Chunked::from_vec(column.name().clone(), own.collect::<Result<_, _>>()?)
        } else {
            let own = times.physical().iter().map(|t| t.map(|t| cursor.label(t)).transpose());
            let rows: Vec<Option<i64>> = own.collect::<Result<_, _>>()?;
            Int64Chunked::from_iter_options(column.name().clone(), rows.into_iter())
        };
        out.into_datetime(times.time_unit(), times.time_zone().clone()).into_series()
    };
    // Labels never decrease where times don't.
    labels.set_sorted_flag(sorted);
    Ok(labels.into_column())
}

/// The window of the last row, which is that of most next ones.
struct Cursor<'a> {
    grid: Grid,
    /// One tick, if the right end belongs to windows: a row is where the instant before it is.
    back: i64,
    right_label: bool,
    start: i64,
    end: i64,
    label: i64,
    /// Windows that were found, from beginning to end, where finding them is dear and rows are not in order.
    found: BTreeMap<i64, i64>,
    name: &'a str,
}

/// So many windows are remembered; a column that needs more of them has few rows in each.
const FOUND_MAX: usize = 4096;

impl Cursor<'_> {
    fn new<'a>(grid: Grid, windows: &Windows, name: &'a str) -> Cursor<'a> {
        Cursor {
            grid,
            back: i64::from(windows.closed == Side::Right),
            right_label: windows.label == Side::Right,
            start: i64::MAX,
            end: i64::MIN,
            label: 0,
            found: BTreeMap::new(),
            name,
        }
    }

    #[inline]
    fn label(&mut self, time: i64) -> Result<i64, Error> {
        let time = time.saturating_sub(self.back);
        if time < self.start || time >= self.end {
            self.turn(time).ok_or_else(|| {
                let message = format!(
                    "a time in `{}` is too far from 1970 for windows around it ({time} ticks)",
                    self.name
                );
                Error::new(ErrorKind::Value, message)
            })?;
        }
        Ok(self.label)
    }

    fn day(&mut self, day: i32) -> Result<i32, Error> {
        let label = self.label(i64::from(day))?;
        i32::try_from(label).map_err(|_| {
            let message = format!("a date in `{}` is too far from 1970 for windows", self.name);
            Error::new(ErrorKind::Value, message)
        })
    }

    fn turn(&mut self, time: i64) -> Option<()> {
        let known = self.found.range(..=time).next_back().filter(|(_, end)| time < **end);
        (self.start, self.end) = match known {
            Some((start, end)) => (*start, *end),
            None => {
                let start = self.grid.start(time)?;
                let end = self.grid.next(start)?;
                if self.grid.is_dear() && self.found.len() < FOUND_MAX {
                    self.found.insert(start, end);
                }
                (start, end)
            }
        };
        self.label = if self.right_label { self.end } else { self.start };
        Some(())
    }
}

/// The four columns of open, high, low and close, and what each is of a window's rows.
pub(crate) const OHLC: [(&str, AggKind); 4] = [
    ("open", AggKind::First),
    ("high", AggKind::Max),
    ("low", AggKind::Min),
    ("close", AggKind::Last),
];

/// Windows of this length.
impl From<&str> for Windows {
    fn from(length: &str) -> Windows {
        Windows::every(length)
    }
}

/// Windows of this length.
impl From<String> for Windows {
    fn from(length: String) -> Windows {
        Windows::every(length)
    }
}

impl Display for Windows {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.every)?;
        if !self.offset.is_zero() {
            write!(f, " from {} on", self.offset)?;
        }
        if self.closed == Side::Right {
            f.write_str(", closed on the right")?;
        }
        if self.label == Side::Right {
            f.write_str(", named by their end")?;
        }
        Ok(())
    }
}
