//! Quantiles and counts that are about right: exact of few values, near of many, and the same bits for any number of workers.

use crate::support::{Random, check_rows, computed, float_column, framed, refused_at_once, taken};
use taskweave_frame::ErrorKind;
use taskweave_frame::polars_core::prelude::TimeUnit;
use taskweave_frame::prelude::*;
use taskweave_runtime::{InThread, Threads};

const PARTS: [f64; 5] = [0.0, 0.001, 0.6, 0.999, 1.0];

/// Of a column the quantiles at [`PARTS`].
fn quantiles(name: &str) -> Vec<Expr> {
    PARTS.iter().map(|q| col(name).approx_quantile(*q).alias(format!("{q}"))).collect()
}

/// The values of a row of floats.
fn row(table: &DataFrame, at: usize, from: usize) -> Vec<f64> {
    let cells = table.columns()[from..].iter();
    cells.map(|column| column.f64().unwrap().get(at).unwrap()).collect()
}

/// That ranks of quantiles are near, and the ends exact.
#[track_caller]
fn assert_near(found: &[f64], sorted: &[f64], what: &str) {
    let rank = |at: usize| at as f64 / sorted.len() as f64;
    for (&found, q) in found.iter().zip(PARTS) {
        let first = rank(sorted.partition_point(|value| *value < found));
        let last = rank(sorted.partition_point(|value| *value <= found));
        let error = (first - q).max(q - last);
        let most = if (0.01..=0.99).contains(&q) { 0.01 } else { 0.001 };
        assert!(error <= most, "{what}: {q} is {found}, {error} away");
    }
    assert_eq!(found[0], sorted[0], "{what}: the least");
    assert_eq!(found[PARTS.len() - 1], sorted[sorted.len() - 1], "{what}: the greatest");
}

/// Whether both have the same bits.
#[track_caller]
fn assert_bits(one: &DataFrame, other: &DataFrame, what: &str) {
    let bits = |table: &DataFrame| -> Vec<u64> {
        let floats = table.columns().iter().filter_map(|column| column.f64().ok());
        floats.flat_map(|column| column.iter().flatten().map(f64::to_bits)).collect()
    };
    assert_eq!(one.schema(), other.schema(), "{what}");
    assert_eq!(bits(one), bits(other), "{what}");
}

/// So many values of several kinds, in several orders.
fn inputs(rows: usize) -> Vec<(&'static str, Vec<f64>)> {
    let random = &mut Random::new(5);
    let random: Vec<f64> =
        (0..rows).map(|_| random.below(1 << 40) as f64 / (1_u64 << 40) as f64).collect();
    let mut sorted = random.clone();
    sorted.sort_by(f64::total_cmp);
    let reversed = sorted.iter().rev().copied().collect();
    let ties = random.iter().map(|u| (u * u * 12.0).floor()).collect();
    let exponential = random.iter().map(|u| -(1.0 - u).ln()).collect();
    vec![
        ("random", random),
        ("sorted", sorted),
        ("reversed", reversed),
        ("ties", ties),
        ("exponential", exponential),
    ]
}

/// That quantiles of these values are near, and those of three workers the same bits.
#[track_caller]
fn check_near(values: Vec<f64>, partitions: usize, what: &str) {
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let table = DataFrame::new(values.len(), vec![Column::new("x".into(), values)]).unwrap();
    let frame = Frame::from_polars(table, partitions).agg(quantiles("x"));
    let one = frame.compute_on(&InThread).unwrap();
    let what = format!("{what} in {partitions}");
    assert_near(&row(&one, 0, 0), &sorted, &what);
    let three = frame.compute_on(&Threads::new(3)).unwrap();
    assert_bits(&one, &three, &what);
}

#[test]
fn ranks_are_near_in_any_order_and_number_of_partitions() {
    for (what, values) in inputs(60_000) {
        for partitions in [1, 37] {
            check_near(values.clone(), partitions, what);
        }
    }
}

#[test]
fn ranks_of_a_million_values_are_near() {
    let (what, values) = inputs(1_000_000).pop().unwrap();
    check_near(values, 37, what);
}

#[test]
fn few_values_have_the_exact_quantiles() {
    let exact = [
        col("g").median().alias("a"),
        col("i").median().alias("b2"),
        col("g").quantile(0.3).alias("c"),
        col("f").quantile(0.9).alias("d2"),
        col("d").quantile(0.5).alias("e"),
        col("b").median().alias("f2"),
    ];
    let about = [
        col("g").approx_median().alias("a"),
        col("i").approx_median().alias("b2"),
        col("g").approx_quantile(0.3).alias("c"),
        col("f").approx_quantile(0.9).alias("d2"),
        col("d").approx_quantile(0.5).alias("e"),
        col("b").approx_median().alias("f2"),
    ];
    let whole = |t: &DataFrame| Frame::from_polars(t.clone(), 1);
    check_rows(0..8, 70, |f| f.agg(&about), |t| whole(t).agg(&exact).compute().unwrap());
    for keys in [&["s"][..], &["i", "b"]] {
        check_rows(
            0..8,
            70,
            |f| f.group_by(keys).agg(&about),
            |t| whole(t).group_by(keys).agg(&exact).compute().unwrap(),
        );
    }
    check_rows(
        0..8,
        70,
        |f| f.select(["n", "f", "g"]).approx_quantile(0.2),
        |t| whole(t).select(["n", "f", "g"]).quantile(0.2).compute().unwrap(),
    );
    check_rows(
        0..8,
        70,
        |f| f.select(["i", "g"]).approx_median(),
        |t| whole(t).select(["i", "g"]).median().compute().unwrap(),
    );
    check_rows(
        0..4,
        70,
        |f| f.resample("at", "6h").agg([col("g").approx_median(), col("i").approx_quantile(0.9)]),
        |t| {
            let exact = [col("g").median(), col("i").quantile(0.9)];
            whole(t).resample("at", "6h").agg(exact).compute().unwrap()
        },
    );
}

#[test]
fn large_groups_are_near_and_small_ones_exact() {
    let random = &mut Random::new(9);
    let rows = 120_000;
    // Three large groups, and ten thousand small ones.
    let keys: Vec<i64> = (0..rows)
        .map(|_| match random.below(4) {
            0 => 3 + random.below(10_000) as i64,
            large => large as i64 - 1,
        })
        .collect();
    let values: Vec<Option<f64>> = (0..rows)
        .map(|_| {
            let value = random.below(1_000_000) as f64 / 64.0;
            if random.once_in(9) { None } else { Some(value) }
        })
        .collect();
    let table =
        DataFrame::new(rows, vec![Column::new("k".into(), keys), float_column("x", values)])
            .unwrap();
    let exact = PARTS.iter().map(|q| col("x").quantile(*q).alias(format!("{q}")));
    let exact: Vec<Expr> = exact.collect();
    let exact = Frame::from_polars(table.clone(), 1).group_by("k").agg(exact).sort("k");
    let exact = exact.compute().unwrap();
    for _ in 0..3 {
        let grouped = framed(random, &table).group_by("k").agg(quantiles("x")).sort("k");
        let found = computed(&grouped).unwrap();
        assert_eq!(found.height(), exact.height());
        for key in 0..3 {
            let rows: Vec<usize> = (0..rows)
                .filter(|row| table.column("k").unwrap().i64().unwrap().get(*row) == Some(key))
                .collect();
            let group = taken(&table, &rows);
            let mut sorted: Vec<f64> =
                group.column("x").unwrap().f64().unwrap().iter().flatten().collect();
            sorted.sort_by(f64::total_cmp);
            assert_near(&row(&found, key as usize, 1), &sorted, &format!("group {key}"));
        }
        let small = |table: &DataFrame| table.slice(3, table.height());
        assert!(small(&found).equals_missing(&small(&exact)), "small groups are exact");
    }
}

#[test]
fn nulls_are_passed_over_and_nan_and_the_infinite_have_their_places() {
    let of_row = |row: usize| match row % 10 {
        0 => Some(f64::NAN),
        1 => Some(f64::INFINITY),
        2 => Some(f64::NEG_INFINITY),
        3 | 4 => None,
        _ => Some(row as f64),
    };
    let table = DataFrame::new(80_000, vec![float_column("x", (0..80_000).map(of_row).collect())]);
    let frame = Frame::from_polars(table.unwrap(), 5);
    for q in [0.0, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0] {
        let both = frame.agg([col("x").approx_quantile(q), col("x").quantile(q).alias("exact")]);
        let both = row(&both.compute().unwrap(), 0, 0);
        let is_near = match both[1].is_finite() {
            true => (both[0] - both[1]).abs() < 400.0,
            false => both[0] == both[1] || both[0].is_nan() && both[1].is_nan(),
        };
        assert!(is_near, "{q}: {both:?}");
    }
    let none = frame.filter(col("x").is_null()).agg([col("x").approx_median()]);
    assert_eq!(none.compute().unwrap(), df!("x" => [None::<f64>]).unwrap());
}

#[test]
fn times_keep_their_types_and_whole_numbers_are_whole() {
    let rows = 50_000_i64;
    let table = df!("d" => (0..rows as i32).collect::<Vec<_>>(), "t" => (0..rows).collect::<Vec<_>>(), "s" => (0..rows).collect::<Vec<_>>());
    let microseconds = TimeUnit::Microseconds;
    let frame = Frame::from_polars(table.unwrap(), 4).cast([
        ("d", DataType::Date),
        ("t", DataType::Datetime(microseconds, None)),
        ("s", DataType::Duration(microseconds)),
    ]);
    let about = ["d", "t", "s"].map(|name| col(name).approx_quantile(0.5));
    let exact = ["d", "t", "s"].map(|name| col(name).quantile(0.5));
    let (about, exact) = (frame.agg(about), frame.agg(exact));
    assert_eq!(about.schema(), exact.schema());
    let (about, exact) = (about.compute().unwrap(), exact.compute().unwrap());
    assert_eq!(about.schema(), exact.schema());
    let tick = |table: &DataFrame, at: usize| {
        let column = table.columns()[at].to_physical_repr().cast(&DataType::Int64).unwrap();
        column.i64().unwrap().get(0).unwrap()
    };
    const DAY: i64 = 86_400_000_000;
    assert_eq!(tick(&about, 0) % DAY, 0);
    assert!((tick(&about, 0) - tick(&exact, 0)).abs() < 50 * DAY);
    for at in [1, 2] {
        assert!((tick(&about, at) - tick(&exact, at)).abs() < 50);
    }
}

#[test]
fn what_exact_quantiles_refuse_is_refused() {
    let table = df!("x" => [1, 2], "s" => ["a", "b"], "b" => [true, false]).unwrap();
    let frame = Frame::from_polars(table, 1);
    refused_at_once(&frame.approx_quantile(1.2), ErrorKind::Value, &["between 0 and 1", "1.2"]);
    refused_at_once(&frame.agg(col("x").approx_quantile(-0.1)), ErrorKind::Value, &["-0.1"]);
    let of_text = frame.agg(col("s").approx_median());
    refused_at_once(&of_text, ErrorKind::Type, &["approx_median()", "str"]);
    let of_truth = frame.agg(col("b").approx_quantile(0.5));
    refused_at_once(&of_truth, ErrorKind::Type, &["approx_quantile(0.5)", "bool"]);
}

#[test]
fn two_parts_of_one_column_are_two_aggregations() {
    let frame = Frame::from_polars(df!("x" => [1.0, 2.0, 3.0, 4.0, 5.0]).unwrap(), 2);
    let range = col("x").approx_quantile(0.75) - col("x").approx_quantile(0.25);
    assert_eq!(frame.agg(range).compute().unwrap(), df!("x" => [2.0]).unwrap());
    let alone = frame.agg([col("x").approx_median().alias("m"), len()]).select("m");
    assert_eq!(alone.compute().unwrap(), df!("m" => [3.0]).unwrap());
    let plan = frame.agg(col("x").approx_quantile(0.5)).explain().unwrap();
    assert!(plan.contains("approx_quantile(0.5)"), "{plan}");
}

#[test]
fn few_different_values_are_counted_exactly() {
    let names = ["i", "k", "f", "g", "s", "t", "b", "d", "at", "l"];
    let about = names.map(|name| col(name).approx_n_unique());
    let exact = names.map(|name| col(name).n_unique());
    let whole = |t: &DataFrame| Frame::from_polars(t.clone(), 1);
    check_rows(0..8, 70, |f| f.agg(&about), |t| whole(t).agg(&exact).compute().unwrap());
    let by =
        |f: &Frame, exprs: &[Expr]| f.rename([("n", "key")]).group_by(["s", "b"]).agg(&exprs[..4]);
    check_rows(0..8, 70, |f| by(f, &about), |t| by(&whole(t), &exact).compute().unwrap());
    let windows = |f: &Frame, expr: Expr| f.resample("at", "2h").agg(expr);
    check_rows(
        0..4,
        70,
        |f| windows(f, col("i").approx_n_unique()),
        |t| windows(&whole(t), col("i").n_unique()).compute().unwrap(),
    );
}

#[test]
fn many_different_values_are_counted_about_and_alike_however_they_are_cut() {
    let random = &mut Random::new(21);
    let rows = 60_000;
    let table = df!(
        "k" => (0..rows).map(|row| row as i64 % 3).collect::<Vec<_>>(),
        "x" => (0..rows).map(|_| random.below(25_000) as i64).collect::<Vec<_>>(),
        "s" => (0..rows).map(|row| format!("a name {}", row / 3)).collect::<Vec<_>>(),
    )
    .unwrap();
    let exprs = [col("x").approx_n_unique(), col("s").approx_n_unique()];
    let exact = [col("x").n_unique(), col("s").n_unique()];
    let whole = Frame::from_polars(table.clone(), 1);
    for keys in [&[][..], &["k"]] {
        let of = |f: &Frame, exprs: &[Expr]| match keys.is_empty() {
            true => f.agg(exprs),
            false => f.group_by(keys).agg(exprs),
        };
        let exact = of(&whole, &exact).compute().unwrap();
        let found = of(&whole, &exprs).compute().unwrap();
        assert_eq!(found.schema(), exact.schema());
        for name in ["x", "s"] {
            let counts = |table: &DataFrame| -> Vec<u32> {
                table.column(name).unwrap().u32().unwrap().iter().flatten().collect()
            };
            for (found, exact) in counts(&found).into_iter().zip(counts(&exact)) {
                let error = f64::from(found) / f64::from(exact) - 1.0;
                assert!(error.abs() < 0.04, "`{name}`: {found} of {exact}");
            }
        }
        for _ in 0..3 {
            assert_eq!(computed(&of(&framed(random, &table), &exprs)).unwrap(), found);
        }
    }
}
