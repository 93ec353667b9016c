//! Times as they are written, each for the span that its digits leave open.
//!
//! In: `2013`, `2013-01`, `2013-01-05`, `2013-01-05 12`, `2013-01-05 12:30`, `2013-01-05T12:30:15.25`. Out: where the year, month, day, hour,
//! minute or second begins and where the next one does, as values of a column of dates or times, by the clock of its time zone.
//!
//! Not here: what is between them (`loc`, the frame's).

use super::civil::first_day_of;
use super::every::DAY_NANOS;
use super::windows::clock;
use super::zone::{Twice, Zone};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::{AnyValue, DataType, TimeUnit};
use polars_core::scalar::Scalar;

const SECOND_NANOS: i128 = 1_000_000_000;

/// The span of a text for a column of that name and type, which is of dates or times: its first value, and the first one behind it.
pub(crate) fn span_of(text: &str, name: &str, dtype: &DataType) -> Result<[Scalar; 2], Error> {
    let wrong = || {
        let message = format!(
            "{text:?} is no time to look for in `{name}`, which is {dtype}: write it as \"2013\", \"2013-01\", \"2013-01-05\", \"2013-01-05 12:30\" or \"2013-01-05 12:30:15\", by the clock of the column"
        );
        Error::new(ErrorKind::Value, message)
    };
    let ends = read(text).ok_or_else(wrong)?;
    let (mut tick, mut zone) = clock(name, dtype)?;
    let mut dtype = dtype.clone();
    if dtype == DataType::Date && ends.iter().any(|end| end % i128::from(DAY_NANOS) != 0) {
        // A time of day, beside which a date is its midnight.
        (tick, zone, dtype) = (1_000, None, DataType::Datetime(TimeUnit::Microseconds, None));
    }
    let zone = Zone::new(zone, 1_000_000_000 / tick.min(1_000_000_000));
    let value = |(end, back): (i128, i64)| {
        // The first tick that is not before it. An end is behind the last tick of the span: what a clock shows twice is taken the first time, both
        // where the span begins and where it ends.
        let local = i64::try_from(-(-end).div_euclid(i128::from(tick))).ok()?;
        let ticks = zone.to_utc(local.checked_sub(back)?, Twice::First)?.checked_add(back)?;
        let value = match &dtype {
            DataType::Datetime(unit, zone) => {
                AnyValue::DatetimeOwned(ticks, *unit, zone.clone().map(std::sync::Arc::new))
            }
            _ => AnyValue::Date(i32::try_from(ticks).ok()?),
        };
        Some(Scalar::new(dtype.clone(), value))
    };
    let [from, to] = [(ends[0], 0), (ends[1], 1)].map(value);
    Ok([from.ok_or_else(wrong)?, to.ok_or_else(wrong)?])
}

/// Both ends in nanoseconds of a clock since 1970.
fn read(text: &str) -> Option<[i128; 2]> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    let months = |month: i64| (year - 1970) * 12 + month - 1;
    let (from, to) = match (month, day) {
        (None, _) => (first_day_of(months(1)), first_day_of(months(13))),
        (Some(month), day) => {
            let month = digits(month, 2).filter(|month| (1..=12).contains(month))?;
            let (first, next) = (first_day_of(months(month)), first_day_of(months(month + 1)));
            match day {
                None => (first, next),
                Some(day) => {
                    let at = first + digits(day, 2)? - 1;
                    ((first..next).contains(&at).then_some(at)?, at + 1)
                }
            }
        }
    };
    let [from, to] = [from, to].map(|day| i128::from(day) * i128::from(DAY_NANOS));
    match time {
        None => Some([from, to]),
        Some(time) => {
            let [start, end] = time_of_day(time)?;
            day.map(|_| [from + start, from + end])
        }
    }
}

/// Both ends in nanoseconds since midnight.
fn time_of_day(text: &str) -> Option<[i128; 2]> {
    let mut parts = text.split(':');
    let below = |text: &str, limit: i64| digits(text, 2).filter(|n| *n < limit).map(i128::from);
    let start = below(parts.next()?, 24)? * 3600 * SECOND_NANOS;
    let Some(minute) = parts.next() else { return Some([start, start + 3600 * SECOND_NANOS]) };
    let start = start + below(minute, 60)? * 60 * SECOND_NANOS;
    let Some(second) = parts.next() else { return Some([start, start + 60 * SECOND_NANOS]) };
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = match second.split_once('.') {
        None => (second, None),
        Some((second, fraction)) => (second, Some(fraction)),
    };
    let start = start + below(second, 60)? * SECOND_NANOS;
    let Some(fraction) = fraction else { return Some([start, start + SECOND_NANOS]) };
    let places = u32::try_from(fraction.len()).ok().filter(|places| (1..=9).contains(places))?;
    let unit = 10_i128.pow(9 - places);
    let start = start + i128::from(digits(fraction, fraction.len())?) * unit;
    Some([start, start + unit])
}

/// A number of so many digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn texts_stand_for_what_they_leave_open() {
        let hours = |text: &str| read(text).map(|ends| ends.map(|end| end / 3_600_000_000_000));
        assert_eq!(hours("1970"), Some([0, 365 * 24]));
        assert_eq!(hours("1972-02"), Some([(730 + 31) * 24, (730 + 60) * 24]));
        assert_eq!(hours("1969-12-31"), Some([-24, 0]));
        assert_eq!(hours("1970-01-02 05"), Some([29, 30]));
        assert_eq!(read("1970-01-01 00:01"), Some([60_000_000_000, 120_000_000_000]));
        assert_eq!(read("1970-01-01T00:00:01"), Some([1_000_000_000, 2_000_000_000]));
        assert_eq!(read("1970-01-01 00:00:00.25"), Some([250_000_000, 260_000_000]));
        assert_eq!(read("1969-12-31 23:59:59.999999999"), Some([-1, 0]));
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "13",
            "2013-",
            "2013-1",
            "2013-13",
            "2013-00",
            "2013-02-29",
            "2013-01-00",
            "2013-01-05 ",
            "2013-01-05 24",
            "2013-01-05 12:60",
            "2013-01-05 12:30:60",
            "2013-01-05 12:30:00.",
            "2013 12:00",
            "2013-01 12:00",
            "2013-01-05-01",
            "2013-01-05 12:30:00Z",
            "2013-01-05 12:30:00.1234567890",
            "+013",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
