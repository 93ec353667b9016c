//! Functions of dates, times and lengths of time.
//!
//! In: expressions whose values are `Date`, `Datetime`, `Time` or `Duration`. Out: expressions, and what polars' kernels make of the values.
//! Of a `Datetime` with a time zone all parts are those of the clock there.
//!
//! Not here: lengths of time and windows (`time`).

use super::function::not_of;
use super::value::{Value, refused};
use super::{Expr, Function, Node};
use crate::{Error, ErrorKind};
use polars_core::prelude::{
    ChunkApply, DataType, DatetimeChunked, Int64Chunked, IntoSeries, NamedFrom, NewChunkedArray,
    NonExistent, PlSmallStr, PolarsResult, Series, StringChunked, TimeUnit, TimeZone,
};
use polars_ops::chunked_array::datetime::replace_time_zone;
use polars_time::prelude::{
    DurationMethods, PolarsMonthEnd, PolarsMonthStart, PolarsTruncate, TemporalMethods,
    impl_offset_by,
};
use std::fmt::{Display, Formatter};

/// Functions of dates, times and lengths of time: `col("time").dt()`.
#[derive(Clone)]
pub struct DtExpr(pub(super) Expr);

/// What is done with a date, a time or a length of time.
#[derive(Clone, Debug)]
pub(crate) enum DtFunction {
    Year,
    IsoYear,
    Quarter,
    Month,
    Week,
    Weekday,
    Day,
    OrdinalDay,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    DaysInMonth,
    IsLeapYear,
    MonthStart,
    MonthEnd,
    Date,
    Time,
    Truncate(PlSmallStr),
    OffsetBy(PlSmallStr),
    Timestamp(TimeUnit),
    EpochSeconds,
    EpochDays,
    CastTimeUnit(TimeUnit),
    Strftime(PlSmallStr),
    ConvertTimeZone(PlSmallStr),
    ReplaceTimeZone(Option<PlSmallStr>),
    TotalDays,
    TotalHours,
    TotalMinutes,
    TotalSeconds,
    TotalMilliseconds,
    TotalMicroseconds,
    TotalNanoseconds,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $function:expr;)*) => {
        impl DtExpr {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $of)*) -> Expr {
                self.0.with(Function::Dt($function))
            })*
        }
    };
}

methods! {
    /// The year, an `Int32`.
    year() DtFunction::Year;
    /// The year that the week belongs to, by ISO 8601.
    iso_year() DtFunction::IsoYear;
    /// The quarter, 1 to 4.
    quarter() DtFunction::Quarter;
    /// The month, 1 to 12.
    month() DtFunction::Month;
    /// The week by ISO 8601, 1 to 53.
    week() DtFunction::Week;
    /// The day of the week, from 1, which is Monday, to 7.
    weekday() DtFunction::Weekday;
    /// The day of the month, from 1.
    day() DtFunction::Day;
    /// The day of the year, from 1.
    ordinal_day() DtFunction::OrdinalDay;
    /// The hour, 0 to 23.
    hour() DtFunction::Hour;
    /// The minute, 0 to 59.
    minute() DtFunction::Minute;
    /// The second, 0 to 59.
    second() DtFunction::Second;
    /// The whole milliseconds of the second.
    millisecond() DtFunction::Millisecond;
    /// The whole microseconds of the second.
    microsecond() DtFunction::Microsecond;
    /// The nanoseconds of the second.
    nanosecond() DtFunction::Nanosecond;
    /// How many days the month has.
    days_in_month() DtFunction::DaysInMonth;
    /// Whether the year has 366 days.
    is_leap_year() DtFunction::IsLeapYear;
    /// The same time on the first day of the month.
    month_start() DtFunction::MonthStart;
    /// The same time on the last day of the month.
    month_end() DtFunction::MonthEnd;
    /// The date.
    date() DtFunction::Date;
    /// The time of day.
    time() DtFunction::Time;
    /// The start of the window of that length it lies in: `"1h"`, `"1d"`, `"1w"` from Monday, `"1mo"`.
    truncate(every: &str) DtFunction::Truncate(every.into());
    /// So much later: `"3d"`, `"-1mo"`, which on a 31st gives the last day of a shorter month.
    offset_by(by: &str) DtFunction::OffsetBy(by.into());
    /// The time since 1970-01-01 00:00 UTC in that unit, an `Int64`.
    timestamp(unit: TimeUnit) DtFunction::Timestamp(unit);
    /// The whole seconds since 1970-01-01 00:00 UTC.
    epoch_seconds() DtFunction::EpochSeconds;
    /// The whole days since 1970-01-01, an `Int32`.
    epoch_days() DtFunction::EpochDays;
    /// In another unit, which may cut off what is smaller.
    cast_time_unit(unit: TimeUnit) DtFunction::CastTimeUnit(unit);
    /// As text, in a format of `chrono`: `"%Y-%m-%d"`.
    strftime(format: &str) DtFunction::Strftime(format.into());
    /// The same moment by the clock of another zone: `"Europe/Berlin"`.
    convert_time_zone(zone: &str) DtFunction::ConvertTimeZone(zone.into());
    /// The same clock in a zone, which makes it another moment, or in none. What that clock never shows, or twice, is an error.
    replace_time_zone(zone: Option<&str>) DtFunction::ReplaceTimeZone(zone.map(PlSmallStr::from));
    /// A length of time in whole days.
    total_days() DtFunction::TotalDays;
    /// A length of time in whole hours.
    total_hours() DtFunction::TotalHours;
    /// A length of time in whole minutes.
    total_minutes() DtFunction::TotalMinutes;
    /// A length of time in whole seconds.
    total_seconds() DtFunction::TotalSeconds;
    /// A length of time in whole milliseconds.
    total_milliseconds() DtFunction::TotalMilliseconds;
    /// A length of time in whole microseconds.
    total_microseconds() DtFunction::TotalMicroseconds;
    /// A length of time in nanoseconds.
    total_nanoseconds() DtFunction::TotalNanoseconds;
}

impl Display for DtFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let shown = format!("{self:?}");
        let (name, args) = shown.split_once('(').unwrap_or((&shown, ")"));
        write!(f, "{}({args}", super::function::snake(name))
    }
}

impl DtFunction {
    pub(super) fn evaluate(&self, value: &Value, whole: &Expr) -> Result<Value, Error> {
        if !self.takes(value.dtype()) {
            let Node::Function { inputs, .. } = whole.node() else {
                unreachable!("a function is asked for by one")
            };
            return Err(not_of(self.wants(), value, &inputs[0], whole));
        }
        if let DtFunction::Truncate(length) | DtFunction::OffsetBy(length) = self {
            polars_time::Duration::try_parse(length).map_err(|error| {
                let message = format!(
                    "`{whole}`: {:?} is no length of time, such as \"15m\", \"1h\", \"1d\", \"1w\" or \"1mo\": {error}",
                    length.as_str()
                );
                Error::new(ErrorKind::Value, message)
            })?;
        }
        within_calendar(&value.series, whole)?;
        if let (DtFunction::Strftime(_), true) = (self, value.series.is_empty()) {
            // What is wrong with a format shows only where a value is written.
            let zero = Series::new(PlSmallStr::EMPTY, [0i64]);
            let zero = zero.cast(&DataType::Int32).and_then(|zero| zero.cast(value.dtype()));
            let written = zero.and_then(|zero| self.of(&zero));
            written.map_err(|error| refused(whole, error)).map(drop)?;
        }
        let series = self.of(&value.series).map_err(|error| refused(whole, error))?;
        Ok(Value { series, one: value.one, open: None })
    }

    /// Whether it is a function of such values.
    fn takes(&self, dtype: &DataType) -> bool {
        use DtFunction::*;
        let (date, datetime) = (dtype.is_date(), dtype.is_datetime());
        match self {
            Hour | Minute | Second | Millisecond | Microsecond | Nanosecond => {
                datetime || *dtype == DataType::Time
            }
            Time | ConvertTimeZone(_) | ReplaceTimeZone(_) => datetime,
            CastTimeUnit(_) => datetime || dtype.is_duration(),
            TotalDays | TotalHours | TotalMinutes | TotalSeconds | TotalMilliseconds
            | TotalMicroseconds | TotalNanoseconds => dtype.is_duration(),
            Strftime(_) => date || datetime || *dtype == DataType::Time,
            _ => date || datetime,
        }
    }

    fn wants(&self) -> &'static str {
        use DtFunction::*;
        match self {
            Hour | Minute | Second | Millisecond | Microsecond | Nanosecond => "a Datetime or Time",
            Time | ConvertTimeZone(_) | ReplaceTimeZone(_) => "a Datetime",
            CastTimeUnit(_) => "a Datetime or Duration",
            TotalDays | TotalHours | TotalMinutes | TotalSeconds | TotalMilliseconds
            | TotalMicroseconds | TotalNanoseconds => "a Duration",
            Strftime(_) => "a Date, Datetime or Time",
            _ => "a Date or Datetime",
        }
    }

    fn of(&self, series: &Series) -> PolarsResult<Series> {
        use DtFunction::*;
        Ok(match self {
            Year => series.year()?.into_series(),
            IsoYear => series.iso_year()?.into_series(),
            Quarter => series.quarter()?.into_series(),
            Month => series.month()?.into_series(),
            Week => series.week()?.into_series(),
            Weekday => series.weekday()?.into_series(),
            Day => series.day()?.into_series(),
            OrdinalDay => series.ordinal_day()?.into_series(),
            Hour => series.hour()?.into_series(),
            Minute => series.minute()?.into_series(),
            Second => series.second()?.into_series(),
            Millisecond => series.nanosecond()?.apply_values(|n| n / 1_000_000).into_series(),
            Microsecond => series.nanosecond()?.apply_values(|n| n / 1_000).into_series(),
            Nanosecond => series.nanosecond()?.into_series(),
            DaysInMonth => series.days_in_month()?.into_series(),
            IsLeapYear => series.is_leap_year()?.into_series(),
            Date => match series.dtype() {
                DataType::Date => series.clone(),
                _ => local(series.datetime()?)?.into_series().cast(&DataType::Date)?,
            },
            Time => local(series.datetime()?)?.into_series().cast(&DataType::Time)?,
            MonthStart | MonthEnd | Truncate(_) => self.moved(series)?,
            OffsetBy(by) => impl_offset_by(series, &one(by).into_series())?,
            Strftime(format) => series.strftime(format)?,
            _ => self.counted(series)?,
        })
    }

    /// The start or the end of a month or window.
    fn moved(&self, series: &Series) -> PolarsResult<Series> {
        let date = series.date().ok();
        let datetime = if date.is_none() { Some(series.datetime()?) } else { None };
        let zone = datetime.and_then(|datetime| datetime.time_zone().as_ref());
        let zone = zone.map(TimeZone::to_chrono).transpose()?;
        let zone = zone.as_ref();
        Ok(match (self, date, datetime) {
            (DtFunction::MonthStart, Some(date), _) => date.month_start(None)?.into_series(),
            (DtFunction::MonthEnd, Some(date), _) => date.month_end(None)?.into_series(),
            (DtFunction::Truncate(every), Some(date), _) => {
                date.truncate(None, &one(every))?.into_series()
            }
            (DtFunction::MonthStart, _, Some(time)) => time.month_start(zone)?.into_series(),
            (DtFunction::MonthEnd, _, Some(time)) => time.month_end(zone)?.into_series(),
            (DtFunction::Truncate(every), _, Some(time)) => {
                time.truncate(zone, &one(every))?.into_series()
            }
            _ => series.clone(),
        })
    }

    /// In a unit, or by the clock of a zone.
    fn counted(&self, series: &Series) -> PolarsResult<Series> {
        use DtFunction::*;
        Ok(match self {
            Timestamp(unit) => series.timestamp(*unit)?.into_series(),
            EpochSeconds => {
                let stamps = series.timestamp(TimeUnit::Microseconds)?;
                stamps.apply_values(|micros| micros.div_euclid(1_000_000)).into_series()
            }
            EpochDays => series.cast(&DataType::Date)?.cast(&DataType::Int32)?,
            CastTimeUnit(unit) => match series.dtype() {
                DataType::Datetime(_, zone) => {
                    series.cast(&DataType::Datetime(*unit, zone.clone()))?
                }
                _ => series.cast(&DataType::Duration(*unit))?,
            },
            ConvertTimeZone(zone) => {
                let zone = TimeZone::opt_try_new(Some(zone.clone()))?;
                let datetime = series.datetime()?;
                let moments: Int64Chunked = datetime.physical().clone();
                moments.into_datetime(datetime.time_unit(), zone).into_series()
            }
            ReplaceTimeZone(zone) => {
                let zone = TimeZone::opt_try_new(zone.clone())?;
                zoned(series.datetime()?, zone.as_ref())?.into_series()
            }
            TotalDays => series.duration()?.days().into_series(),
            TotalHours => series.duration()?.hours().into_series(),
            TotalMinutes => series.duration()?.minutes().into_series(),
            TotalSeconds => series.duration()?.seconds().into_series(),
            TotalMilliseconds => series.duration()?.milliseconds().into_series(),
            TotalMicroseconds => series.duration()?.microseconds().into_series(),
            _ => series.duration()?.nanoseconds().into_series(),
        })
    }
}

/// So many days before and after 1970 a date may be: some years from where the calendar of `chrono` ends, which kernels panic beyond.
const DAYS_MAX: u64 = 90_000_000;

/// A date, as its number, that no calendar reaches.
fn beyond_calendar(series: &Series) -> Option<i64> {
    let day = match series.dtype() {
        DataType::Date => 1,
        DataType::Datetime(TimeUnit::Milliseconds, _) => 86_400_000,
        DataType::Datetime(TimeUnit::Microseconds, _) => 86_400_000_000,
        // All nanoseconds of 64 bits are within it.
        _ => return None,
    };
    let physical = series.to_physical_repr();
    let ends = [physical.min::<i64>(), physical.max::<i64>()];
    let far = |end: &i64| end.unsigned_abs() / day > DAYS_MAX;
    ends.into_iter().flatten().flatten().find(far)
}

/// Whether all dates are such that kernels take them.
pub(super) fn is_within_calendar(series: &Series) -> bool {
    beyond_calendar(series).is_none()
}

/// Refuses dates that no calendar reaches, as a wrong unit makes of numbers.
fn within_calendar(series: &Series, whole: &Expr) -> Result<(), Error> {
    let Some(far) = beyond_calendar(series) else { return Ok(()) };
    let message = format!(
        "`{whole}`: there is a {} that is {far} since 1970, more than {DAYS_MAX} days away, which no calendar reaches; is it in another unit?",
        super::types::shown(series.dtype())
    );
    Err(Error::new(ErrorKind::Value, message))
}

/// The clock of its zone, without a zone.
fn local(datetime: &DatetimeChunked) -> PolarsResult<DatetimeChunked> {
    match datetime.time_zone() {
        Some(_) => zoned(datetime, None),
        None => Ok(datetime.clone()),
    }
}

/// The same clock in another zone.
pub(super) fn zoned(
    datetime: &DatetimeChunked,
    zone: Option<&TimeZone>,
) -> PolarsResult<DatetimeChunked> {
    replace_time_zone(datetime, zone, &one("raise"), NonExistent::Raise)
}

fn one(text: &str) -> StringChunked {
    StringChunked::from_slice(PlSmallStr::EMPTY, &[text])
}
