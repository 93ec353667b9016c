//! Windows of time that rows are grouped by, against a plain loop over the rows and the windows.

use crate::support::{
    Random, assert_same, check_rows, computed, float_column, floats, framed, table, ticks,
};
use taskweave_frame::Side;
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::prelude::*;

const HOUR: i64 = 3_600_000_000;
/// The Monday from which weeks are counted: 1970-01-05.
const MONDAY: i64 = 4 * 24 * HOUR;

/// The number of a time's window of that length, counted from `origin`.
fn window(time: i64, length: i64, origin: i64, closed: Side) -> i64 {
    let back = i64::from(closed == Side::Right);
    (time - back - origin).div_euclid(length)
}

/// For each window from the first to the last the rows in it, and its label.
fn windows(
    at: &[i64],
    length: i64,
    origin: i64,
    closed: Side,
    label: Side,
) -> Vec<(i64, Vec<usize>)> {
    let of: Vec<i64> = at.iter().map(|time| window(*time, length, origin, closed)).collect();
    let (Some(first), Some(last)) = (of.iter().min(), of.iter().max()) else { return Vec::new() };
    (*first..=*last)
        .map(|number| {
            let rows = (0..at.len()).filter(|row| of[*row] == number).collect();
            (origin + (number + i64::from(label == Side::Right)) * length, rows)
        })
        .collect()
}

fn labels(windows: &[(i64, Vec<usize>)]) -> Column {
    let labels: Vec<i64> = windows.iter().map(|(label, _)| *label).collect();
    Series::new("at".into(), labels)
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .unwrap()
        .into_column()
}

fn expected(t: &DataFrame, windows: &[(i64, Vec<usize>)]) -> DataFrame {
    let g = floats(t, "g");
    let i = ticks(t, "i");
    let of = |of: &dyn Fn(&[f64]) -> Option<f64>| -> Vec<Option<f64>> {
        windows
            .iter()
            .map(|(_, rows)| of(&rows.iter().filter_map(|row| g[*row]).collect::<Vec<_>>()))
            .collect()
    };
    let mean = |v: &[f64]| (!v.is_empty()).then(|| v.iter().sum::<f64>() / v.len() as f64);
    let sums: Vec<i64> =
        windows.iter().map(|(_, rows)| rows.iter().filter_map(|row| i[*row]).sum()).collect();
    let lens: Vec<u32> = windows.iter().map(|(_, rows)| rows.len() as u32).collect();
    let firsts: Vec<Option<i64>> =
        windows.iter().map(|(_, rows)| rows.first().and_then(|row| i[*row])).collect();
    let columns = vec![
        labels(windows),
        float_column("g", of(&mean)),
        Series::new("sum".into(), sums).into_column(),
        Series::new("len".into(), lens).into_column(),
        float_column("most", of(&|v| v.iter().copied().reduce(f64::max))),
        Series::new("first".into(), firsts).into_column(),
    ];
    DataFrame::new(windows.len(), columns).unwrap()
}

fn aggregates() -> [Expr; 5] {
    [
        col("g").mean(),
        col("i").sum().alias("sum"),
        len(),
        col("g").max().alias("most"),
        col("i").first().alias("first"),
    ]
}

#[test]
fn windows_hold_their_rows_and_those_without_are_there() {
    for (text, length, origin) in
        [("1h", HOUR, 0), ("1d", 24 * HOUR, 0), ("3d", 72 * HOUR, 0), ("1w", 168 * HOUR, MONDAY)]
    {
        for (closed, label) in [
            (Side::Left, Side::Left),
            (Side::Right, Side::Left),
            (Side::Left, Side::Right),
            (Side::Right, Side::Right),
        ] {
            let of = Windows::every(text).closed(closed).label(label);
            check_rows(
                0..5,
                40,
                |f| f.resample("at", of.clone()).agg(aggregates()),
                |t| {
                    let at: Vec<i64> = ticks(t, "at").into_iter().flatten().collect();
                    expected(t, &windows(&at, length, origin, closed, label))
                },
            );
        }
    }
}

#[test]
fn windows_may_begin_later() {
    check_rows(
        0..5,
        40,
        |f| f.resample("at", Windows::every("1d").offset("6h")).agg(aggregates()),
        |t| {
            let at: Vec<i64> = ticks(t, "at").into_iter().flatten().collect();
            expected(t, &windows(&at, 24 * HOUR, 6 * HOUR, Side::Left, Side::Left))
        },
    );
}

#[test]
fn rows_need_be_in_no_order() {
    for seed in 0..8 {
        let random = &mut Random::new(seed);
        let rows = table(random, 40).select(["at", "g", "i"]).unwrap();
        let by = rows.sort(["g"], SortMultipleOptions::new()).unwrap();
        let found = computed(&framed(random, &by).resample("at", "1d").agg(aggregates())).unwrap();
        let at: Vec<i64> = ticks(&by, "at").into_iter().flatten().collect();
        let wanted = expected(&by, &windows(&at, 24 * HOUR, 0, Side::Left, Side::Left));
        assert_same(&found, &wanted, &format!("seed {seed}"));
    }
}

#[test]
fn months_and_quarters_are_those_of_the_calendar() {
    let days = ["2012-12-31", "2013-01-01", "2013-01-31", "2013-03-01", "2013-03-31", "2013-07-02"];
    let rows = df!("day" => days, "x" => [1_i64, 2, 3, 4, 5, 6]).unwrap();
    for partitions in 1..6 {
        let frame = Frame::from_polars(rows.clone(), partitions).cast([("day", DataType::Date)]);
        let of = |every: &str| {
            computed(&frame.resample("day", every).sum().cast([("day", DataType::String)])).unwrap()
        };
        let months = [
            "2012-12-01",
            "2013-01-01",
            "2013-02-01",
            "2013-03-01",
            "2013-04-01",
            "2013-05-01",
            "2013-06-01",
            "2013-07-01",
        ];
        assert_eq!(of("1mo"), df!("day" => months, "x" => [1_i64, 5, 0, 9, 0, 0, 0, 6]).unwrap());
        let quarters = ["2012-10-01", "2013-01-01", "2013-04-01", "2013-07-01"];
        assert_eq!(of("1q"), df!("day" => quarters, "x" => [1_i64, 14, 0, 6]).unwrap());
        assert_eq!(
            of("1y"),
            df!("day" => ["2012-01-01", "2013-01-01"], "x" => [1_i64, 20]).unwrap()
        );
    }
}

#[test]
fn prices_are_opened_and_closed_in_the_order_of_rows() {
    check_rows(
        0..6,
        40,
        |f| f.resample("at", "1d").ohlc("g"),
        |t| {
            let at: Vec<i64> = ticks(t, "at").into_iter().flatten().collect();
            let windows = windows(&at, 24 * HOUR, 0, Side::Left, Side::Left);
            let g = floats(t, "g");
            let of = |name: &str, of: &dyn Fn(&[f64]) -> Option<f64>| {
                let values = windows.iter().map(|(_, rows)| {
                    of(&rows.iter().filter_map(|row| g[*row]).collect::<Vec<_>>())
                });
                float_column(name, values.collect())
            };
            let columns = vec![
                labels(&windows),
                of("open", &|v| v.first().copied()),
                of("high", &|v| v.iter().copied().reduce(f64::max)),
                of("low", &|v| v.iter().copied().reduce(f64::min)),
                of("close", &|v| v.last().copied()),
            ];
            DataFrame::new(windows.len(), columns).unwrap()
        },
    );
}

#[test]
fn divisions_are_those_of_the_windows() {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let rows = table(random, 40).select(["at", "g"]).unwrap();
        let days = framed(random, &rows).sorted_by("at").resample("at", "1d").mean();
        assert_eq!(days.divisions().column(), Some("at"), "seed {seed}");
        let found = computed(&days).unwrap();
        // What was said of the order is so.
        let again = Frame::from_polars(found.clone(), 1).sorted_by("at");
        assert_eq!(again.divisions().to_string(), days.divisions().to_string(), "seed {seed}");
    }
}
