//! Rolling windows against a plain loop, against polars on the whole column, and against what pandas says of the same numbers; each of them
//! in partitions, for every place at which a short column can be cut.

use super::{Need, apply, around, combine, context, local_carry, rows_after, rows_before};
use crate::error::{Error, ErrorKind};
use crate::expr::{Closed, OrderedKind as Kind, RollingOptions, RollingStat as Stat, Window};
use polars_core::prelude::*;

/// Numbers without a pattern, the same every time.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

pub(crate) fn random(seed: u64) -> Random {
    Random(seed)
}

pub(super) fn numbers(rows: usize, seed: u64) -> Vec<Option<f64>> {
    let mut random = Random(seed);
    let one = |_| match random.next(20) {
        0..3 => None,
        3 => Some(f64::NAN),
        4 => Some(f64::INFINITY),
        5 => Some(-0.0),
        _ => Some(random.next(4000) as f64 / 8.0 - 250.0),
    };
    (0..rows).map(one).collect()
}

/// Minutes that never go back, some of them equal.
fn minutes(rows: usize, seed: u64) -> Vec<i64> {
    let (mut random, mut at) = (Random(seed), 0);
    let steps = [0, 0, 1, 1, 2, 5, 40];
    (0..rows).map(|_| (at += steps[random.next(7) as usize], at).1).collect()
}

fn times(minutes: &[i64]) -> Column {
    let ticks: Vec<i64> = minutes.iter().map(|minute| minute * 60_000_000).collect();
    let ticks = Int64Chunked::from_vec("t".into(), ticks);
    ticks.into_datetime(TimeUnit::Microseconds, None).into_column()
}

pub(super) fn column(values: &[Option<f64>]) -> Column {
    Column::new("x".into(), values)
}

pub(super) fn options(window: Window) -> RollingOptions {
    RollingOptions { window, min_periods: None, center: false, closed: None, ddof: 1, by: None }
}

/// The rows `from..to` as a partition that gets no more than the rows it asks for.
pub(super) fn as_partition(
    kind: &Kind,
    values: &Column,
    index: Option<&Column>,
    from: usize,
    to: usize,
) -> Result<Column, Error> {
    let own = to - from;
    let all = values.len();
    let (before, after) = needed(kind, index, from, to, all)?;
    let part = |column: &Column| column.slice((from - before) as i64, before + own + after);
    around(kind, &part(values), index.map(part).as_ref(), before, after)
}

/// How many rows before and after it gets.
fn needed(
    kind: &Kind,
    index: Option<&Column>,
    from: usize,
    to: usize,
    all: usize,
) -> Result<(usize, usize), Error> {
    let context = context(kind)?;
    let own = || index.unwrap().slice(from as i64, to - from);
    let before = match context.before {
        Need::Rows(rows) => rows.min(from),
        Need::Period(period) => rows_before(&index.unwrap().slice(0, from), &own(), period)?,
        _ => 0,
    };
    let after = match context.after {
        Need::Rows(rows) => rows.min(all - to),
        Need::Period(period) => {
            rows_after(&index.unwrap().slice(to as i64, all - to), &own(), period)?
        }
        _ => 0,
    };
    Ok((before, after))
}

#[track_caller]
fn assert_same(found: &Column, expected: &[Option<f64>], what: &str) {
    let floats = found.cast(&DataType::Float64).unwrap();
    let found: Vec<_> = floats.f64().unwrap().iter().collect();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let same = match (found, expected) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-9 * b.abs().max(1.0)
            }
            _ => false,
        };
        assert!(same, "{what}: row {row} is {found:?}, not {expected:?}");
    }
}

/// A window by its definition: the rows of which the distance is right.
fn held(options: &RollingOptions, times: &[i64], row: usize) -> Vec<usize> {
    let closed = options.closed.unwrap_or(Closed::Right);
    let left = matches!(closed, Closed::Left | Closed::Both);
    let right = matches!(closed, Closed::Right | Closed::Both);
    match &options.window {
        Window::Rows(rows) => {
            let rows = (*rows).min(1000) as i64;
            let end = row as i64 + if options.center { (rows - 1) / 2 } else { 0 };
            let (first, last) =
                (end - rows + if left { 0 } else { 1 }, if right { end } else { end - 1 });
            (0..times.len()).filter(|at| (first..=last).contains(&(*at as i64))).collect()
        }
        Window::Period(text) => {
            let length: i64 = text.trim_end_matches('m').parse().unwrap();
            let (back, ahead) = if options.center { (length / 2, length / 2) } else { (length, 0) };
            let (start, end) = (times[row] - back, times[row] + ahead);
            let within = |at: &usize| {
                let time = times[*at];
                let after = time > start || left && time == start || *at >= row;
                let before = if options.center {
                    time < end || right && time == end
                } else if right {
                    *at <= row
                } else {
                    time < times[row]
                };
                after && before
            };
            (0..times.len()).filter(within).collect()
        }
    }
}

fn plain(
    stat: Stat,
    options: &RollingOptions,
    x: &[Option<f64>],
    times: &[i64],
) -> Vec<Option<f64>> {
    let default = if let Window::Rows(rows) = options.window { rows } else { 1 };
    let least = options.min_periods.unwrap_or(default);
    let of = |row| {
        let held = held(options, times, row);
        let mut all: Vec<f64> = held.iter().filter_map(|at| x[*at]).collect();
        let count = all.len() as f64;
        if stat == Stat::Count {
            return (held.len() >= least).then_some(count);
        }
        if all.len() < least {
            return None;
        }
        let sum = all.iter().sum::<f64>();
        let ddof = f64::from(options.ddof);
        let var =
            all.iter().map(|x| (x - sum / count) * (x - sum / count)).sum::<f64>() / (count - ddof);
        match stat {
            Stat::Sum => return Some(sum),
            _ if all.is_empty() => return None,
            Stat::Std | Stat::Var if count <= ddof => return None,
            _ => {}
        }
        // NaN last, whatever its sign.
        all.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())));
        let nan = all.last().is_some_and(|last| last.is_nan());
        let part = if let Stat::Quantile(part) = stat { part } else { 0.5 };
        let place = (count - 1.0) * part;
        let (low, high) = (all[place.floor() as usize], all[place.ceil() as usize]);
        Some(match stat {
            Stat::Mean => sum / count,
            Stat::Min => {
                if nan {
                    f64::NAN
                } else {
                    all[0]
                }
            }
            Stat::Max => {
                if nan {
                    f64::NAN
                } else {
                    all[all.len() - 1]
                }
            }
            Stat::Var => var,
            Stat::Std => var.sqrt(),
            _ if place.fract() == 0.0 => low,
            _ => low + (high - low) * place.fract(),
        })
    };
    (0..x.len()).map(of).collect()
}

pub(super) const STATS: [Stat; 10] = [
    Stat::Sum,
    Stat::Mean,
    Stat::Min,
    Stat::Max,
    Stat::Std,
    Stat::Var,
    Stat::Median,
    Stat::Quantile(0.0),
    Stat::Quantile(0.3),
    Stat::Count,
];

fn all_options(windows: &[Window]) -> Vec<RollingOptions> {
    let mut all = Vec::new();
    for window in windows {
        let closed = [None, Some(Closed::Left), Some(Closed::Both), Some(Closed::Neither)];
        for (center, closed) in [false, true].into_iter().flat_map(|c| closed.map(|d| (c, d))) {
            for min_periods in [None, Some(0), Some(1), Some(3)] {
                let ddof = u8::from(min_periods != Some(3));
                let options =
                    RollingOptions { center, closed, min_periods, ddof, ..options(window.clone()) };
                if !matches!(window, Window::Rows(rows) if min_periods.is_some_and(|n| n > *rows)) {
                    all.push(options);
                }
            }
        }
    }
    all
}

#[test]
fn every_window_of_every_cut_is_what_a_plain_loop_gives() {
    let rows = 9;
    let windows = [1, 2, 3, 4, 9, usize::MAX].map(Window::Rows);
    let periods = ["2m", "4m", "6m", "60m", "500m"].map(|text| Window::Period(text.into()));
    for seed in 1..3 {
        let (x, minutes) = (numbers(rows, seed), minutes(rows, seed));
        let (values, index) = (column(&x), times(&minutes));
        for options in all_options(&[windows.as_slice(), &periods].concat()) {
            for stat in STATS {
                let expected = plain(stat, &options, &x, &minutes);
                let kind = Kind::Rolling(stat, options.clone());
                for (from, to) in
                    (0..=rows).flat_map(|from| (from..=rows).map(move |to| (from, to)))
                {
                    let found = as_partition(&kind, &values, Some(&index), from, to).unwrap();
                    let what = format!("{kind:?} of {x:?} at {minutes:?}, rows {from}..{to}");
                    assert_same(&found, &expected[from..to], &what);
                }
            }
        }
    }
}

#[test]
fn long_windows_of_many_rows_are_what_a_plain_loop_gives() {
    let rows = 400;
    for seed in 1..3 {
        let (mut x, minutes) = (numbers(rows, seed), minutes(rows, seed));
        if seed == 1 {
            x.iter_mut().for_each(|x| *x = Some(x.filter(|x| x.is_finite()).unwrap_or(1.5)));
        }
        let (values, index) = (column(&x), times(&minutes));
        let windows = [5, 8, 9, 16, 100, 199, 400].map(Window::Rows);
        let periods = ["30m", "900m"].map(|text| Window::Period(text.into()));
        for window in [windows.as_slice(), &periods].concat() {
            for (center, min_periods) in [(false, None), (true, Some(1))] {
                let options = RollingOptions { center, min_periods, ..options(window.clone()) };
                for stat in STATS {
                    let kind = Kind::Rolling(stat, options.clone());
                    let expected = plain(stat, &options, &x, &minutes);
                    for cut in [0, 150, 400] {
                        let before = as_partition(&kind, &values, Some(&index), 0, cut).unwrap();
                        assert_same(&before, &expected[..cut], &format!("{kind:?}"));
                        let after = as_partition(&kind, &values, Some(&index), cut, rows).unwrap();
                        assert_same(&after, &expected[cut..], &format!("{kind:?}"));
                    }
                }
            }
        }
    }
}

#[test]
fn types_and_values_are_those_of_polars_on_the_whole_column() {
    use polars_time::prelude::SeriesOpsTime;
    let x: Vec<Option<i64>> = numbers(60, 9)
        .iter()
        .map(|x| x.filter(|x| x.is_finite()).map(|x| (x.abs() as i64) % 100))
        .collect();
    let whole = Series::new("x".into(), x);
    let types = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Boolean,
        DataType::Date,
        DataType::Datetime(TimeUnit::Milliseconds, None),
        DataType::Duration(TimeUnit::Nanoseconds),
    ];
    for dtype in types {
        let series = match dtype {
            DataType::Date => whole.cast(&DataType::Int32).unwrap().cast(&dtype).unwrap(),
            _ => whole.cast(&dtype).unwrap(),
        };
        for (window_size, center) in [(1, false), (4, true), (10, false)] {
            let theirs = RollingOptionsFixedWindow {
                window_size,
                min_periods: 1,
                center,
                ..Default::default()
            };
            let options = RollingOptions {
                center,
                min_periods: Some(1),
                ..options(Window::Rows(window_size))
            };
            let numeric = dtype.is_primitive_numeric() || dtype.is_bool();
            let mut pairs = vec![
                (Stat::Min, series.rolling_min(theirs.clone())),
                (Stat::Max, series.rolling_max(theirs.clone())),
            ];
            if numeric {
                pairs.push((Stat::Sum, series.rolling_sum(theirs.clone())));
                pairs.push((Stat::Mean, series.rolling_mean(theirs.clone())));
                pairs.push((Stat::Var, series.rolling_var(theirs.clone())));
            }
            for (stat, theirs) in pairs {
                let theirs = theirs.unwrap();
                let kind = Kind::Rolling(stat, options.clone());
                let own = around(&kind, &series.clone().into_column(), None, 0, 0).unwrap();
                assert_eq!(own.dtype(), theirs.dtype(), "{kind:?} of {dtype}");
                let theirs = theirs.to_physical_repr().cast(&DataType::Float64).unwrap();
                let found = own.to_physical_repr();
                let expected: Vec<_> = theirs.f64().unwrap().iter().collect();
                if dtype == DataType::Float32 {
                    let found = found.cast(&DataType::Float64).unwrap();
                    for (a, b) in found.f64().unwrap().iter().zip(&expected) {
                        let close =
                            a.zip(*b).is_none_or(|(a, b)| (a - b).abs() <= 1e-2 * b.abs().max(1.0));
                        assert!(a.is_some() == b.is_some() && close, "{kind:?}: {a:?} {b:?}");
                    }
                } else {
                    assert_same(&found, &expected, &format!("{kind:?} of {dtype}"));
                }
            }
        }
    }
}

#[test]
fn what_is_not_finite_leaves_a_window_without_a_trace_and_small_numbers_survive_great_ones() {
    let mut x = vec![Some(0.1); 400];
    (x[50], x[150], x[250]) = (Some(f64::NAN), Some(f64::INFINITY), Some(1e300));
    for window in [3, 20] {
        for (stat, expected) in
            [(Stat::Mean, 0.1), (Stat::Sum, 0.1 * window as f64), (Stat::Var, 0.0)]
        {
            let kind = Kind::Rolling(stat, options(Window::Rows(window)));
            let found = around(&kind, &column(&x), None, 0, 0).unwrap();
            for at in [49, 50 + window, 149, 150 + window, 249, 250 + window, 399] {
                let value = found.f64().unwrap().get(at).unwrap();
                assert!(
                    (value - expected).abs() < 1e-15 * window as f64,
                    "{kind:?} at {at}: {value}"
                );
            }
        }
    }
}

#[test]
fn variances_of_numbers_far_from_zero_are_right() {
    let x: Vec<Option<f64>> = (0..1000).map(|row| Some(1e9 + (row % 2) as f64)).collect();
    let kind = Kind::Rolling(Stat::Var, RollingOptions { ddof: 0, ..options(Window::Rows(100)) });
    let found = around(&kind, &column(&x), None, 0, 0).unwrap();
    assert!(found.f64().unwrap().iter().flatten().all(|var| (var - 0.25).abs() < 1e-6));
}

#[test]
fn sums_that_their_type_cannot_hold_are_errors() {
    let x = Column::new("x".into(), [i64::MAX, 1, -1]);
    let wide = around(&Kind::Rolling(Stat::Sum, options(Window::Rows(2))), &x, None, 0, 0);
    for error in [wide.unwrap_err(), apply(&Kind::CumSum, None, &x).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Overflow, "{error}");
        assert!(
            error.to_string().contains("`x`") && error.to_string().contains("cast it to"),
            "{error}"
        );
    }
    let carry = local_carry(&Kind::CumProd, &x.slice(0, 1)).unwrap();
    let more = local_carry(&Kind::CumProd, &Column::new("x".into(), [3i64])).unwrap();
    assert_eq!(combine(&Kind::CumProd, &carry, &more).unwrap_err().kind(), ErrorKind::Overflow);
}

#[test]
fn wrong_options_say_what_is_wrong() {
    let check = |options: RollingOptions, stat: Stat, index: Option<&Column>, part: &str| {
        let kind = Kind::Rolling(stat, options);
        let error = context(&kind)
            .err()
            .or_else(|| around(&kind, &column(&numbers(3, 5)), index, 0, 0).err());
        let error = error.unwrap_or_else(|| panic!("{kind:?} is no error")).to_string();
        assert!(error.contains(part), "{error}");
    };
    let period = |text: &str| options(Window::Period(text.into()));
    check(options(Window::Rows(0)), Stat::Mean, None, "1 at least");
    check(
        RollingOptions { min_periods: Some(4), ..options(Window::Rows(3)) },
        Stat::Mean,
        None,
        "only has 3 rows",
    );
    check(options(Window::Rows(3)), Stat::Quantile(1.2), None, "between 0 and 1");
    check(period("3d"), Stat::Mean, None, ".by(\"time\")");
    check(period("1mo"), Stat::Mean, None, "`30d`");
    check(period("3D"), Stat::Mean, None, "write `3d`");
    check(period("0s"), Stat::Mean, None, "longer than nothing");
    check(period("1d"), Stat::Mean, Some(&times(&[3, 1, 2])), "sort by it first");
    check(period("1ns"), Stat::Mean, Some(&times(&[1, 2, 3])), "finer Datetime");
    check(period("1d"), Stat::Mean, Some(&column(&numbers(3, 5))), "dates or times");
    let text = Column::new("name".into(), ["a", "b"]);
    let error = around(&Kind::Rolling(Stat::Mean, options(Window::Rows(1))), &text, None, 0, 0)
        .unwrap_err();
    assert_eq!(error.to_string(), "`name` is str, of which there is no rolling mean");
}

/// The columns of a committed file; empty cells are null.
pub(super) fn committed(text: &str) -> Vec<(String, Vec<Option<f64>>)> {
    let mut lines = text.lines();
    let mut columns: Vec<_> =
        lines.next().unwrap().split(',').map(|name| (name.to_string(), Vec::new())).collect();
    for line in lines {
        for ((_, column), cell) in columns.iter_mut().zip(line.split(',')) {
            column.push((!cell.is_empty()).then(|| cell.parse().unwrap()));
        }
    }
    columns
}

/// As a header of `pandas_rolling.csv` says it: `6h sum True both 2`.
fn said(header: &str) -> Kind {
    let words: Vec<&str> = header.split(' ').collect();
    let window = words[0].parse().map_or_else(|_| Window::Period(words[0].into()), Window::Rows);
    let stat = match words[1] {
        "mean" => Stat::Mean,
        "sum" => Stat::Sum,
        "min" => Stat::Min,
        "max" => Stat::Max,
        "count" => Stat::Count,
        "std" => Stat::Std,
        "var" => Stat::Var,
        "median" => Stat::Median,
        other => Stat::Quantile(other.trim_start_matches("quantile:").parse().unwrap()),
    };
    let closed = match words[3] {
        "right" => None,
        "left" => Some(Closed::Left),
        "both" => Some(Closed::Both),
        _ => Some(Closed::Neither),
    };
    let min_periods = words.get(4).map(|word| word.parse().unwrap());
    let options =
        RollingOptions { center: words[2] == "True", closed, min_periods, ..options(window) };
    Kind::Rolling(stat, options)
}

#[test]
fn rolling_is_what_pandas_gives() {
    let columns = committed(include_str!("../../tests/data/pandas_rolling.csv"));
    let ticks: Vec<i64> = columns[0].1.iter().map(|time| time.unwrap() as i64).collect();
    let index = Int64Chunked::from_vec("time".into(), ticks);
    let index = index.into_datetime(TimeUnit::Microseconds, None).into_column();
    let x = column(&columns[1].1);
    assert!(columns.len() > 200);
    for (header, expected) in &columns[2..] {
        let kind = said(header);
        for cut in [0, 7, 30] {
            let before = as_partition(&kind, &x, Some(&index), 0, cut).unwrap();
            assert_same(&before, &expected[..cut], header);
            let after = as_partition(&kind, &x, Some(&index), cut, x.len()).unwrap();
            assert_same(&after, &expected[cut..], header);
        }
    }
}

#[test]
fn medians_of_long_windows_are_in_the_middle() {
    let x: Vec<Option<f64>> = numbers(6000, 21).iter().map(|x| x.filter(|x| !x.is_nan())).collect();
    let options = RollingOptions { min_periods: Some(1), ..options(Window::Rows(4000)) };
    let found = around(&Kind::Rolling(Stat::Median, options), &column(&x), None, 0, 0).unwrap();
    for row in (0..6000).step_by(97) {
        let mut all: Vec<f64> =
            x[(row + 1usize).saturating_sub(4000)..=row].iter().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        let middle =
            all.len().checked_sub(1).map(|last| (all[last / 2] + all[last.div_ceil(2)]) / 2.0);
        assert_eq!(found.f64().unwrap().get(row), middle, "row {row}");
    }
}
