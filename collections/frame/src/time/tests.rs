//! Windows against polars on the whole column, against pandas, and against what they promise.

use super::grid::Grid;
use super::zone::{Twice, Zone};
use super::{Every, Fill, Side, Windows, civil, fill_periods, window_of};
use crate::error::ErrorKind;
use crate::ordered::tests_random as random;
use polars_core::prelude::*;
use std::collections::BTreeMap;

fn times(ticks: Vec<i64>, unit: TimeUnit, zone: Option<&str>) -> Column {
    let zone =
        zone.map(|zone| polars_core::prelude::TimeZone::opt_try_new(Some(zone)).unwrap().unwrap());
    Int64Chunked::from_vec("t".into(), ticks).into_datetime(unit, zone).into_column()
}

fn ticks(column: &Column) -> Vec<Option<i64>> {
    let ticks = column.to_physical_repr().cast(&DataType::Int64).unwrap();
    ticks.i64().unwrap().iter().collect()
}

const HOUR: i64 = 3_600_000_000;

#[test]
fn lengths_are_read_and_shown() {
    let shown = |text: &str| text.parse::<Every>().unwrap().to_string();
    let same = [
        "1w", "3d", "1mo", "1y", "90s", "250ms", "1d12h", "-6h", "1y3mo", "2w", "5us", "7ns", "0s",
    ];
    for text in same.iter().filter(|text| **text != "90s") {
        assert_eq!(shown(text), *text);
    }
    assert_eq!(
        (shown("90s"), shown("2q"), shown("24h")),
        ("1m30s".into(), "6mo".into(), "24h".into())
    );
}

#[test]
fn lengths_that_cannot_be_read_say_what_to_write() {
    let cases = [
        ("W", "write `1w`"),
        ("2W-SUN", "write `2w`; weeks begin on Monday"),
        ("ME", "write `1mo`; windows are named by their first day"),
        ("MS", "write `1mo`"),
        ("QE-DEC", "write `1q`"),
        ("5T", "write `5m`"),
        ("15min", "write `15m`"),
        ("H", "write `1h`"),
        ("3D", "write `3d`"),
        ("", "it is empty"),
        ("-", "it is empty"),
        ("d", "the number is missing: write `1d`"),
        ("5", "a unit should follow `5`, not nothing"),
        ("5 d", "a unit should follow `5`, not ` `"),
        ("5x", "there is no unit `x`; units are ns us ms s m h d w mo q y"),
        ("1.5h", "a unit should follow `1`, not `.`"),
        ("99999999999999999999d", "292 years"),
        ("9999999999h", "292 years"),
    ];
    for (text, part) in cases {
        let error = text.parse::<Every>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(
            error.to_string().starts_with(&format!("`{text}` is no length of time: ")),
            "{error}"
        );
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn months_and_days_are_those_of_the_calendar() {
    use chrono::{Datelike, Days, NaiveDate};
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    for day in (-800_000i64..800_000).step_by(13) {
        let date = if day < 0 {
            epoch - Days::new(day.unsigned_abs())
        } else {
            epoch + Days::new(day as u64)
        };
        let month = (i64::from(date.year()) - 1970) * 12 + i64::from(date.month0());
        assert_eq!(civil::month_of(day), month, "{date}");
        assert_eq!(civil::first_day_of(month), day - i64::from(date.day0()), "{date}");
    }
}

const RULES: [&str; 17] = [
    "1s", "90s", "15m", "1h", "6h", "7h", "24h", "1d", "2d", "10d", "1w", "2w", "1mo", "2mo",
    "5mo", "1q", "1y",
];

#[test]
fn windows_begin_where_those_of_polars_do() {
    use polars_time::prelude::Duration;
    let mut random = random(3);
    for rule in RULES {
        let polars = Duration::try_parse(rule).unwrap();
        for unit in [TimeUnit::Nanoseconds, TimeUnit::Microseconds, TimeUnit::Milliseconds] {
            // Ninety years before and after 1970.
            let scale = super::tick_nanos(unit);
            let all: Vec<i64> = (0..2000)
                .map(|_| {
                    random.next(5_600_000_000_000_000_000) as i64 / scale
                        - 2_800_000_000_000_000_000 / scale
                })
                .collect();
            let own = window_of(&times(all.clone(), unit, None), &Windows::every(rule)).unwrap();
            for (time, own) in all.iter().zip(ticks(&own)) {
                let theirs = match unit {
                    TimeUnit::Nanoseconds => polars.truncate_ns(*time, None),
                    TimeUnit::Microseconds => polars.truncate_us(*time, None),
                    TimeUnit::Milliseconds => polars.truncate_ms(*time, None),
                };
                assert_eq!(own, Some(theirs.unwrap()), "{rule} {unit}");
            }
        }
    }
}

#[test]
fn groups_are_those_of_polars_group_by_dynamic() {
    use polars_time::PolarsTemporalGroupby;
    use polars_time::prelude::{ClosedWindow, Duration, DynamicGroupOptions, Label};
    let mut random = random(11);
    let mut at = 1_356_000_000_000_000;
    let all: Vec<i64> = (0..300).map(|_| (at += random.next(30) as i64 * HOUR / 2, at).1).collect();
    let frame = DataFrame::new(all.len(), vec![times(all, TimeUnit::Microseconds, None)]).unwrap();
    for (rule, offset) in [
        ("1h", "0s"),
        ("6h", "2h"),
        ("1d", "0s"),
        ("1d", "6h"),
        ("1w", "0s"),
        ("1w", "-1d"),
        ("1mo", "0s"),
        ("1y", "3mo"),
    ] {
        for (side, theirs) in [(Side::Left, ClosedWindow::Left), (Side::Right, ClosedWindow::Right)]
        {
            for label in [Side::Left, Side::Right] {
                let every = Duration::try_parse(rule).unwrap();
                let options = DynamicGroupOptions {
                    index_column: "t".into(),
                    every,
                    period: every,
                    offset: Duration::try_parse(offset).unwrap(),
                    label: if label == Side::Left { Label::Left } else { Label::Right },
                    closed_window: theirs,
                    ..Default::default()
                };
                let (labels, _, groups) = frame.group_by_dynamic(None, &options).unwrap();
                let sizes = groups.iter().map(|group| group.len());
                let theirs: Vec<(Option<i64>, usize)> =
                    ticks(&labels).into_iter().zip(sizes).collect();
                let windows = Windows::every(rule).offset(offset).closed(side).label(label);
                let own = ticks(&window_of(frame.column("t").unwrap(), &windows).unwrap());
                let mut counts: Vec<(Option<i64>, usize)> = Vec::new();
                for label in own {
                    match counts.last_mut() {
                        Some((last, count)) if *last == label => *count += 1,
                        _ => counts.push((label, 1)),
                    }
                }
                let theirs: Vec<_> = theirs.into_iter().filter(|(_, count)| *count > 0).collect();
                assert_eq!(
                    counts, theirs,
                    "{rule} from {offset}, closed {side:?}, label {label:?}"
                );
            }
        }
    }
}

const ZONES: [&str; 6] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
];

/// I1 of `grid`.
#[test]
fn windows_neither_overlap_nor_leave_gaps_when_clocks_change() {
    let mut random = random(5);
    for name in ZONES {
        let zone = Zone::new(Some(name.parse().unwrap()), 1_000);
        for (rule, offset) in RULES.iter().map(|rule| (*rule, "0s")).chain([
            ("1d", "2h30m"),
            ("6h", "90m"),
            ("1mo", "2d"),
            ("1w", "-1d"),
        ]) {
            let every: Every = rule.parse().unwrap();
            let grid = Grid::new(every, offset.parse().unwrap(), 1_000_000, zone).unwrap();
            for _ in 0..60 {
                // 2012 and 2013.
                let mut time = 1_325_376_000_000 + random.next(63_158_400_000) as i64;
                for _ in 0..8 {
                    let start = grid.start(time).unwrap();
                    let next = grid.next(start).unwrap();
                    assert!(start <= time && time < next, "{name} {rule} {offset} {time}");
                    assert_eq!(grid.start(start), Some(start), "{name} {rule} {offset} {time}");
                    assert_eq!(grid.start(next), Some(next), "{name} {rule} {offset} {time}");
                    for part in 1..8 {
                        let between = start + (next - start) * part / 8;
                        assert_eq!(
                            grid.start(between),
                            Some(start),
                            "{name} {rule} {offset} {between}"
                        );
                    }
                    assert_eq!(grid.start(next - 1), Some(start), "{name} {rule} {offset} {next}");
                    time = next;
                }
            }
        }
    }
}

#[test]
fn windows_in_time_zones_begin_where_those_of_polars_do() {
    use polars_time::prelude::Duration;
    let mut random = random(8);
    for name in ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"] {
        let tz = name.parse().unwrap();
        for rule in ["15m", "1h", "6h", "1d", "1w", "1mo", "1q", "1y"] {
            let polars = Duration::try_parse(rule).unwrap();
            let all: Vec<i64> = (0..3000)
                .map(|_| 1_325_376_000_000 + random.next(126_000_000_000) as i64)
                .collect();
            let own = window_of(
                &times(all.clone(), TimeUnit::Milliseconds, Some(name)),
                &Windows::every(rule),
            )
            .unwrap();
            assert_eq!(own.dtype(), times(vec![], TimeUnit::Milliseconds, Some(name)).dtype());
            for (time, own) in all.iter().zip(ticks(&own)) {
                let theirs = polars.truncate_ms(*time, Some(&tz)).unwrap();
                assert_eq!(own, Some(theirs), "{name} {rule} {time}");
            }
        }
    }
}

#[test]
fn a_local_time_that_is_there_twice_or_not_at_all_is_an_instant() {
    let zone = Zone::new(Some("Europe/Berlin".parse().unwrap()), 1);
    // 2013-10-27 02:30 is there twice: 00:30 and 01:30 UTC. 2013-03-31 02:30 is not: clocks leap at 01:00 UTC.
    let (twice, never) = (1_382_841_000, 1_364_697_000);
    let (first, second) = (twice - 2 * 3600, twice - 3600);
    assert_eq!(zone.to_utc(twice, Twice::First), Some(first));
    assert_eq!(zone.to_utc(twice, Twice::LastBefore(second - 1)), Some(first));
    assert_eq!(zone.to_utc(twice, Twice::LastBefore(second)), Some(second));
    assert_eq!(zone.to_utc(never, Twice::First), Some(never - 1800 - 3600));
    assert_eq!(zone.to_local(first).zip(zone.to_local(second)), Some((twice, twice)));
}

#[test]
fn dates_and_nulls_have_labels_of_their_type() {
    let days = Series::new("d".into(), [Some(15_706i32), None, Some(15_713), Some(-1)]);
    let days = days.cast(&DataType::Date).unwrap().into_column();
    let of = |windows: Windows| window_of(&days, &windows).unwrap();
    // 2013-01-01 was a Tuesday.
    assert_eq!(ticks(&of(Windows::every("1w"))), [Some(15_705), None, Some(15_712), Some(-3)]);
    assert_eq!(of(Windows::every("1w")).dtype(), &DataType::Date);
    let right = Windows::every("1mo").label(Side::Right).closed(Side::Right);
    assert_eq!(ticks(&of(right)), [Some(15_706), None, Some(15_737), Some(0)]);
    let error = window_of(&days, &Windows::every("1h")).unwrap_err();
    assert!(error.to_string().contains("cast it to Datetime first"), "{error}");
}

#[test]
fn wrong_windows_say_what_is_wrong() {
    let t = times(vec![0], TimeUnit::Milliseconds, None);
    let check = |windows: Windows, column: &Column, part: &str| {
        let error = window_of(column, &windows).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    check(Windows::every("1W"), &t, "write `1w`");
    check(Windows::every("1w").offset("1D"), &t, "write `1d`");
    check(Windows::every("0d"), &t, "longer than nothing");
    check(Windows::every("-1d"), &t, "longer than nothing");
    check(Windows::every("1mo1d"), &t, "mixes units");
    check(Windows::every("1w").offset("1mo"), &t, "needs windows of months");
    check(Windows::every("1us"), &t, "no whole number of milliseconds");
    check(Windows::every("1d"), &Column::new("t".into(), ["2013"]), "to_datetime(");
    check(Windows::every("1d"), &Column::new("t".into(), [1i64]), "DataType::Datetime(");
    check(
        Windows::every("1mo"),
        &times(vec![i64::MIN + 5], TimeUnit::Nanoseconds, None),
        "too far from 1970",
    );
    check(
        Windows::every("1d"),
        &times(vec![i64::MAX], TimeUnit::Microseconds, Some("Europe/Berlin")),
        "too far",
    );
}

#[test]
fn empty_windows_are_filled_within_and_between_partitions() {
    let days = |days: &[i64]| {
        times(days.iter().map(|day| day * 24 * HOUR).collect(), TimeUnit::Microseconds, None)
    };
    let frame = |label: &[i64], sum: &[i64]| {
        let mean: Vec<f64> = sum.iter().map(|sum| *sum as f64).collect();
        let columns =
            vec![days(label), Column::new("sum".into(), sum), Column::new("mean".into(), mean)];
        DataFrame::new(label.len(), columns).unwrap()
    };
    let windows = Windows::every("1d");
    let fill = |name: &PlSmallStr| if name == "sum" { Fill::Zero } else { Fill::Null };
    let (first, second) = (frame(&[3, 4, 7], &[1, 2, 3]), frame(&[9, 11], &[4, 5]));
    let whole = frame(&[3, 4, 7, 9, 11], &[1, 2, 3, 4, 5]);
    let mut parts = fill_periods(&first, "t", &windows, None, fill).unwrap();
    parts.vstack_mut(&fill_periods(&second, "t", &windows, Some(&first), fill).unwrap()).unwrap();
    let whole = fill_periods(&whole, "t", &windows, None, fill).unwrap();
    assert!(parts.equals_missing(&whole), "{parts} {whole}");
    let day = |day: i64| Some(day * 24 * HOUR);
    assert_eq!(ticks(whole.column("t").unwrap()), (3..12).map(day).collect::<Vec<_>>());
    assert_eq!(ticks(whole.column("sum").unwrap()), [1, 2, 0, 0, 3, 0, 4, 0, 5].map(Some));
    assert_eq!(whole.column("mean").unwrap().null_count(), 4);
    let wrong = fill_periods(&frame(&[4, 3], &[1, 2]), "t", &windows, None, fill).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Order);
    let many = fill_periods(&frame(&[0, 300_000], &[1, 2]), "t", &Windows::every("1s"), None, fill);
    assert!(many.unwrap_err().to_string().contains("make them longer"));
}

/// Mean, sum, count, least, greatest, first and last of values, as pandas says them.
fn stat(name: &str, values: &[Option<f64>]) -> Option<f64> {
    let all: Vec<f64> = values.iter().flatten().copied().collect();
    let sum = all.iter().sum::<f64>();
    match name {
        "sum" => Some(sum),
        "count" => Some(all.len() as f64),
        "mean" => (!all.is_empty()).then(|| sum / all.len() as f64),
        "min" => all.iter().copied().reduce(f64::min),
        "max" => all.iter().copied().reduce(f64::max),
        "first" => all.first().copied(),
        _ => all.last().copied(),
    }
}

#[test]
fn resampled_series_are_what_pandas_gives() {
    type Row = (i64, Option<f64>);
    let mut series: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    let mut expected: BTreeMap<[&str; 6], Vec<Row>> = BTreeMap::new();
    for line in include_str!("../../tests/data/pandas_resample.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let row = (cells[6].parse().unwrap(), cells[7].parse().ok());
        if cells[1] == "series" {
            series.entry(cells[0]).or_default().push(row);
        } else {
            let key = [cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]];
            expected.entry(key).or_default().push(row);
        }
    }
    assert!(expected.len() > 200, "{}", expected.len());
    for ([zone, rule, closed, label, offset, name], expected) in expected {
        let rows = &series[zone];
        let side = |text| if text == "left" { Side::Left } else { Side::Right };
        let mut windows = Windows::every(rule).closed(side(closed)).label(side(label));
        if !offset.is_empty() {
            windows = windows.offset(offset);
        }
        let at = rows.iter().map(|(time, _)| *time).collect();
        let zone = Some(zone).filter(|zone| !zone.is_empty());
        let labels = ticks(&window_of(&times(at, TimeUnit::Microseconds, zone), &windows).unwrap());
        let mut groups: BTreeMap<i64, Vec<Option<f64>>> = BTreeMap::new();
        for (label, (_, value)) in labels.into_iter().zip(rows) {
            groups.entry(label.unwrap()).or_default().push(*value);
        }
        let values: Vec<Option<f64>> = groups.values().map(|group| stat(name, group)).collect();
        let at = times(groups.keys().copied().collect(), TimeUnit::Microseconds, zone);
        let frame =
            DataFrame::new(values.len(), vec![at, Column::new("x".into(), values)]).unwrap();
        let fill =
            |_: &PlSmallStr| if matches!(name, "sum" | "count") { Fill::Zero } else { Fill::Null };
        let frame = fill_periods(&frame, "t", &windows, None, fill).unwrap();
        let found = ticks(frame.column("t").unwrap()).into_iter().map(Option::unwrap);
        let found: Vec<Row> = found.zip(frame.column("x").unwrap().f64().unwrap().iter()).collect();
        let what = format!("{zone:?} {rule} closed {closed} label {label} offset {offset} {name}");
        let labels = |rows: &[Row]| rows.iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(labels(&found), labels(&expected), "{what}");
        for (found, expected) in found.iter().zip(&expected) {
            let same = match (found.1, expected.1) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9,
                (a, b) => a.is_some() == b.is_some(),
            };
            assert!(same, "{what}: {found:?}, not {expected:?}");
        }
    }
}
