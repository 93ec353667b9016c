//! Hourly temperatures from a CSV file, one gapless series per airport.
//!
//! In: a file with the columns `origin,time_hour,temp`, sorted by origin, then time: `time_hour` in UTC
//! as `2013-01-01T06:00:00Z`, `temp` in degrees Fahrenheit or empty. Out: a [`Series`] per origin.
//!
//! A series has one temperature for each hour from its first to its last hour with a known one. An hour
//! whose row is absent or whose `temp` is empty lies on the straight line between its nearest known
//! neighbours:
//!
//! ```text
//! left + (right - left) · (steps from left / steps from left to right)
//! ```
//!
//! `examples/data/make_holt_reference.py` does the same arithmetic in the same order.
//!
//! - I1: a series has at least two temperatures, all of them finite.
//! - I2: the hours of an airport rise strictly, so that every hour has at most one row.

use std::{fmt, path::Path};

/// The longest series accepted: ten years. One mistyped year would otherwise fill gigabytes.
const SERIES_HOURS_MAX: i64 = 10 * 366 * 24;

/// The temperatures of one airport.
#[derive(Debug)]
pub(crate) struct Series {
    /// The airport's code.
    pub(crate) origin: String,
    /// One temperature per hour, in °F (I1).
    pub(crate) temps: Vec<f64>,
    /// Rows read, with and without a temperature.
    pub(crate) rows: usize,
    /// How many of `temps` were filled.
    pub(crate) filled: usize,
}

/// Why a file gives no series. Its text is one line with the path and what to do.
#[derive(Debug)]
pub(crate) struct LoadError {
    path: String,
    line: u64,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Unreadable(csv::Error),
    Columns(Vec<String>),
    Hour(String),
    Temperature(String),
    Unsorted(String),
    TooLong(String),
    TooShort(String),
    Empty,
}

/// Reads and fills every series of the file.
pub(crate) fn load(path: &Path) -> Result<Vec<Series>, LoadError> {
    let fail = |line, problem| LoadError { path: path.display().to_string(), line, problem };
    let mut reader = csv::Reader::from_path(path).map_err(|e| fail(0, Problem::Unreadable(e)))?;
    let headers = reader.headers().map_err(|e| fail(1, Problem::Unreadable(e)))?;
    if headers != vec!["origin", "time_hour", "temp"] {
        return Err(fail(1, Problem::Columns(headers.iter().map(String::from).collect())));
    }

    let mut readings: Vec<Readings> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| fail(0, Problem::Unreadable(e)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row::parse(&record[0], &record[1], &record[2]).map_err(|p| fail(line, p))?;
        push(&mut readings, row).map_err(|p| fail(line, p))?;
    }
    if readings.is_empty() {
        return Err(fail(0, Problem::Empty));
    }
    readings.into_iter().map(|r| r.fill().map_err(|p| fail(0, p))).collect()
}

/// One line of the file.
struct Row<'a> {
    origin: &'a str,
    /// Hours since the first hour of year 1.
    hour: i64,
    temp: Option<f64>,
}

impl<'a> Row<'a> {
    fn parse(origin: &'a str, time: &str, temp: &str) -> Result<Row<'a>, Problem> {
        let hour = parse_hour(time).ok_or_else(|| Problem::Hour(time.into()))?;
        let temp = match temp {
            "" => None,
            text => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Some(value), // I1
                _ => return Err(Problem::Temperature(text.into())),
            },
        };
        Ok(Row { origin, hour, temp })
    }
}

/// What the file says about one airport.
struct Readings {
    origin: String,
    rows: usize,
    last_hour: i64,
    known: Vec<(i64, f64)>,
}

/// Adds a row to its airport's readings, which are the last ones unless the row begins an airport.
fn push(readings: &mut Vec<Readings>, row: Row<'_>) -> Result<(), Problem> {
    let begins = match readings.last() {
        None => true,
        Some(last) if row.origin == last.origin && row.hour > last.last_hour => false, // I2
        Some(last) if row.origin > last.origin.as_str() => true,
        Some(_) => return Err(Problem::Unsorted(row.origin.into())),
    };
    if begins {
        let (origin, last_hour) = (row.origin.to_string(), row.hour);
        readings.push(Readings { origin, rows: 0, last_hour, known: Vec::new() });
    }
    if let Some(last) = readings.last_mut() {
        last.rows += 1;
        last.last_hour = row.hour;
        last.known.extend(row.temp.map(|temp| (row.hour, temp)));
    }
    Ok(())
}

impl Readings {
    fn fill(self) -> Result<Series, Problem> {
        let Readings { origin, rows, known, .. } = self;
        let (Some(&(first_hour, first)), Some(&(last_hour, _))) = (known.first(), known.last())
        else {
            return Err(Problem::TooShort(origin));
        };
        if last_hour == first_hour {
            return Err(Problem::TooShort(origin)); // I1
        }
        if last_hour - first_hour >= SERIES_HOURS_MAX {
            return Err(Problem::TooLong(origin));
        }
        let mut temps = vec![first];
        for pair in known.windows(2) {
            let ((left_hour, left), (right_hour, right)) = (pair[0], pair[1]);
            let gap = right_hour - left_hour;
            for step in 1..gap {
                temps.push(left + (right - left) * (step as f64 / gap as f64));
            }
            temps.push(right);
        }
        let filled = temps.len() - known.len();
        Ok(Series { origin, temps, rows, filled })
    }
}

/// Hours from 0001-01-01T00 to `text`, which must be a full hour in UTC: `2013-01-01T06:00:00Z`.
fn parse_hour(text: &str) -> Option<i64> {
    let is_template = |(a, b): (u8, u8)| if b == b'0' { a.is_ascii_digit() } else { a == b };
    let template = "0000-00-00T00:";
    let head = text.strip_suffix("00:00Z")?;
    if head.len() != template.len() || !head.bytes().zip(template.bytes()).all(is_template) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| head[range].parse::<i64>().ok();
    let (year, month, day, hour) = (number(0..4)?, number(5..7)?, number(8..10)?, number(11..13)?);

    // The Gregorian calendar: a leap year every 4 years, not every 100, but every 400.
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before = usize::try_from(month - 1).ok()?;
    let length = *lengths.get(before)?;
    if year < 1 || !(1..=length).contains(&day) || hour > 23 {
        return None;
    }
    let full_years = year - 1;
    let leap_days = full_years / 4 - full_years / 100 + full_years / 400;
    let days = full_years * 365 + leap_days + lengths[..before].iter().sum::<i64>() + day - 1;
    Some(days * 24 + hour)
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use {}", self.path)?;
        if self.line > 0 {
            write!(f, " (line {})", self.line)?;
        }
        match &self.problem {
            Problem::Unreadable(error) => write!(f, ": {error}")?,
            Problem::Columns(found) => {
                write!(
                    f,
                    ": expected the columns origin,time_hour,temp, found {}",
                    found.join(",")
                )?;
            }
            Problem::Hour(text) => {
                write!(f, ": `{text}` is not an hour like 2013-01-01T06:00:00Z")?
            }
            Problem::Temperature(text) => write!(f, ": `{text}` is not a finite temperature")?,
            Problem::Unsorted(origin) => {
                write!(
                    f,
                    ": a row of `{origin}` is not after the row before it by origin, time_hour"
                )?;
            }
            Problem::TooLong(origin) => {
                write!(f, ": the series of `{origin}` is longer than {SERIES_HOURS_MAX} hours")?;
            }
            Problem::TooShort(origin) => {
                write!(f, ": `{origin}` has fewer than two hours with a temperature")?;
            }
            Problem::Empty => write!(f, ": it has no rows")?,
        }
        write!(
            f,
            "; make the file with `python examples/data/make_weather.py`, \
             or name another behind `--`"
        )
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}
