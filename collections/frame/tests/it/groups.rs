//! Groups, against a plain loop that gathers the rows of each key and asks polars for each aggregate.

use crate::support::{Random, assert_same, check_rows, column, computed, framed, taken};
use std::collections::HashMap;
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::polars_core::scalar::Scalar;
use taskweave_frame::prelude::*;
use taskweave_frame::{Aggregation, Error};

/// The rows of each group, in the order in which the groups come.
pub fn rows_of(table: &DataFrame, keys: &[&str]) -> Vec<Vec<usize>> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for row in 0..table.height() {
        let cell = |key: &&str| match table.column(key).unwrap().get(row).unwrap() {
            // Both zeros are one value.
            AnyValue::Float64(0.0) => "zero".to_owned(),
            other => format!("{other:?}"),
        };
        let key = keys.iter().map(cell).collect::<Vec<_>>().join("|");
        let next = groups.len();
        let number = *numbers.entry(key).or_insert(next);
        if number == next {
            groups.push(Vec::new());
        }
        groups[number].push(row);
    }
    if keys.is_empty() && groups.is_empty() {
        groups.push(Vec::new());
    }
    groups
}

/// The keys of the groups, and for each of these columns what `of` makes of its rows.
fn expected(
    table: &DataFrame,
    keys: &[&str],
    of: &[(&str, &str, &dyn Fn(&Series) -> Scalar)],
) -> DataFrame {
    let groups = rows_of(table, keys);
    let firsts: Vec<usize> = groups.iter().filter_map(|rows| rows.first().copied()).collect();
    let mut columns: Vec<Column> = match keys.is_empty() {
        true => Vec::new(),
        false => taken(table, &firsts).select(keys.iter().copied()).unwrap().columns().to_vec(),
    };
    for (input, output, of) in of {
        let of_rows = |rows: &Vec<usize>| {
            of(taken(table, rows).column(input).unwrap().as_materialized_series())
        };
        let values: Vec<Scalar> = groups.iter().map(of_rows).collect();
        let dtype = of(&Series::new_empty((*input).into(), table.column(input).unwrap().dtype()))
            .dtype()
            .clone();
        columns.push(column(output, &dtype, &values));
    }
    DataFrame::new(groups.len(), columns).unwrap()
}

type Of<'a> = (&'a str, &'a str, &'a dyn Fn(&Series) -> Scalar);

#[track_caller]
fn check_groups(keys: &[&str], exprs: &[Expr], of: &[Of<'_>]) {
    check_rows(
        0..8,
        70,
        |f| if keys.is_empty() { f.agg(exprs) } else { f.group_by(keys).agg(exprs) },
        |t| expected(t, keys, of),
    );
}

/// So many kinds of keys.
const KEYS: [&[&str]; 9] =
    [&[], &["s"], &["i"], &["f"], &["b"], &["d"], &["s", "i"], &["t", "k"], &["i", "b", "t"]];

#[test]
fn sums_means_and_counts_are_those_of_polars() {
    let exprs = [
        col("i").sum().alias("a"),
        col("k").sum().alias("b2"),
        col("g").sum().alias("c"),
        col("g").mean().alias("d2"),
        col("i").mean().alias("e"),
        col("i").count().alias("f2"),
        len().alias("g2"),
    ];
    let count = |s: &Series| Scalar::from((s.len() - s.null_count()) as u32);
    let of: [Of<'_>; 7] = [
        ("i", "a", &|s| s.sum_reduce().unwrap()),
        ("k", "b2", &|s| s.sum_reduce().unwrap()),
        ("g", "c", &|s| s.sum_reduce().unwrap()),
        ("g", "d2", &|s| s.mean_reduce().unwrap()),
        ("i", "e", &|s| s.mean_reduce().unwrap()),
        ("i", "f2", &count),
        ("i", "g2", &|s| Scalar::from(s.len() as u32)),
    ];
    for keys in KEYS {
        check_groups(keys, &exprs, &of);
    }
}

#[test]
fn spreads_and_quantiles_are_those_of_polars() {
    let exprs = [
        col("g").std(1).alias("a"),
        col("g").var(0).alias("b"),
        col("i").std(1).alias("c"),
        col("g").median().alias("e"),
        col("i").median().alias("f2"),
        col("g").quantile(0.3).alias("g2"),
        col("i").quantile_with(0.75, QuantileMethod::Linear).alias("h"),
        col("f").var(1).alias("v"),
    ];
    let of: [Of<'_>; 8] = [
        ("g", "a", &|s| s.std_reduce(1).unwrap()),
        ("g", "b", &|s| s.var_reduce(0).unwrap()),
        ("i", "c", &|s| s.std_reduce(1).unwrap()),
        ("g", "e", &|s| s.median_reduce().unwrap()),
        ("i", "f2", &|s| s.median_reduce().unwrap()),
        ("g", "g2", &|s| s.quantile_reduce(0.3, QuantileMethod::Nearest).unwrap()),
        ("i", "h", &|s| s.quantile_reduce(0.75, QuantileMethod::Linear).unwrap()),
        ("f", "v", &|s| s.var_reduce(1).unwrap()),
    ];
    for keys in [KEYS[0], KEYS[1], KEYS[6]] {
        check_groups(keys, &exprs, &of);
    }
}

#[test]
fn extremes_ends_and_different_values_are_those_of_polars() {
    let mut exprs = Vec::new();
    let mut of: Vec<Of<'_>> = Vec::new();
    let names: Vec<(&str, [String; 5])> = ["i", "f", "s", "t", "b", "d", "at", "k"]
        .iter()
        .map(|name| {
            (
                *name,
                ["min", "max", "first", "last", "n_unique"].map(|what| format!("{name}_{what}")),
            )
        })
        .collect();
    for (name, outputs) in &names {
        exprs.extend([
            col(*name).min().alias(outputs[0].as_str()),
            col(*name).max().alias(outputs[1].as_str()),
            col(*name).first().alias(outputs[2].as_str()),
            col(*name).last().alias(outputs[3].as_str()),
            col(*name).n_unique().alias(outputs[4].as_str()),
        ]);
        of.extend([
            (
                *name,
                outputs[0].as_str(),
                &(|s: &Series| s.min_reduce().unwrap()) as &dyn Fn(&Series) -> Scalar,
            ),
            (*name, outputs[1].as_str(), &|s: &Series| s.max_reduce().unwrap()),
            (*name, outputs[2].as_str(), &|s: &Series| s.first()),
            (*name, outputs[3].as_str(), &|s: &Series| s.last()),
            (*name, outputs[4].as_str(), &|s: &Series| Scalar::from(s.n_unique().unwrap() as u32)),
        ]);
    }
    for keys in [KEYS[0], KEYS[1], KEYS[7]] {
        check_groups(keys, &exprs, &of);
    }
}

#[test]
fn truths_products_and_lists_are_those_of_the_rows() {
    let exprs = [
        col("b").any().alias("any"),
        col("b").all().alias("all"),
        col("i").product().alias("product"),
        col("n").implode().alias("rows"),
        col("b").sum().alias("trues"),
    ];
    let truths = |s: &Series| s.bool().unwrap().iter().flatten().collect::<Vec<_>>();
    let list = DataType::List(Box::new(DataType::Int64));
    let of: [Of<'_>; 5] = [
        ("b", "any", &|s| Scalar::from(truths(s).contains(&true))),
        ("b", "all", &|s| Scalar::from(!truths(s).contains(&false))),
        ("i", "product", &|s| Scalar::from(s.i64().unwrap().iter().flatten().product::<i64>())),
        ("n", "rows", &|s| {
            Scalar::new(list.clone(), AnyValue::List(s.clone().with_name("".into())))
        }),
        ("b", "trues", &|s| s.sum_reduce().unwrap()),
    ];
    for keys in [KEYS[0], KEYS[2], KEYS[6]] {
        check_groups(keys, &exprs, &of);
    }
}

#[test]
fn aggregates_are_computed_with() {
    let exprs = [
        (col("g").max() - col("g").min()).alias("range"),
        ((col("g") * 2).sum() / len()).alias("twice the mean"),
        when(col("i").count().gt(3)).then(col("i").sum()).otherwise(-1).alias("chosen"),
    ];
    let of: [Of<'_>; 3] = [
        ("g", "range", &|s| {
            let all: Vec<f64> = s.f64().unwrap().iter().flatten().collect();
            let least = all.iter().copied().reduce(f64::min);
            let most = all.iter().copied().reduce(f64::max);
            most.zip(least).map_or(Scalar::null(DataType::Float64), |(a, b)| Scalar::from(a - b))
        }),
        ("g", "twice the mean", &|s| {
            let sum: f64 = s.f64().unwrap().iter().flatten().map(|v| v * 2.0).sum();
            Scalar::from(sum / s.len() as f64)
        }),
        ("i", "chosen", &|s| {
            let all: Vec<i64> = s.i64().unwrap().iter().flatten().collect();
            Scalar::from(if all.len() > 3 { all.iter().sum() } else { -1 })
        }),
    ];
    for keys in [KEYS[0], KEYS[1], KEYS[6]] {
        check_groups(keys, &exprs, &of);
    }
}

#[test]
fn all_columns_that_are_meant_are_aggregated() {
    let of: [Of<'_>; 2] =
        [("i", "i", &|s| s.sum_reduce().unwrap()), ("g", "g", &|s| s.sum_reduce().unwrap())];
    check_rows(
        0..6,
        50,
        |f| f.select(["s", "i", "g"]).group_by("s").sum(),
        |t| expected(t, &["s"], &of),
    );
    let of: [Of<'_>; 2] =
        [("i", "i", &|s| s.max_reduce().unwrap()), ("t", "t", &|s| s.max_reduce().unwrap())];
    check_rows(
        0..6,
        50,
        |f| f.select(["s", "i", "t"]).group_by("s").max(),
        |t| expected(t, &["s"], &of),
    );
    check_rows(
        0..6,
        50,
        |f| f.group_by("s").len(),
        |t| expected(t, &["s"], &[("n", "len", &|s| Scalar::from(s.len() as u32))]),
    );
}

#[test]
fn keys_may_be_computed() {
    check_rows(
        0..6,
        50,
        |f| f.group_by([(col("n") % 3).alias("rest")]).agg([col("n").sum()]),
        |t| {
            let n = t.column("n").unwrap().i64().unwrap();
            let rest: Vec<Option<i64>> = n.iter().map(|v| v.map(|v| v % 3)).collect();
            let mut table = t.clone();
            table.with_column(Series::new("rest".into(), rest).into_column()).unwrap();
            expected(&table, &["rest"], &[("n", "n", &|s| s.sum_reduce().unwrap())])
        },
    );
}

#[test]
fn values_are_counted_most_frequent_first() {
    for keys in [&["s"][..], &["i", "b"]] {
        check_rows(
            0..8,
            50,
            |f| f.value_counts(keys),
            |t| {
                let counts =
                    expected(t, keys, &[("n", "count", &|s| Scalar::from(s.len() as u32))]);
                let options = SortMultipleOptions::new()
                    .with_order_descending(true)
                    .with_maintain_order(true);
                counts.sort(["count"], options).unwrap()
            },
        );
    }
}

/// So many groups that they are merged in shards.
#[test]
fn no_group_is_lost_among_many() {
    const GROUPS: usize = 70_000;
    let rows = 3 * GROUPS;
    let key = |row: usize| (row * 7_919) % GROUPS;
    let ints: Vec<i64> = (0..rows).map(|row| key(row) as i64).collect();
    let texts: Vec<String> =
        (0..rows).map(|row| format!("a key of many bytes {}", key(row))).collect();
    let values: Vec<i64> = (0..rows as i64).collect();
    let table = df!("int" => ints, "text" => texts, "x" => values).unwrap();
    let mut expected = vec![(0_i64, 0_i64, i64::MAX); GROUPS];
    for row in 0..rows {
        let own = &mut expected[key(row)];
        *own = (own.0 + row as i64, own.1 + 1, own.2.min(row as i64));
    }
    for keys in [&["int"][..], &["text"], &["text", "int"]] {
        let aggregates = [
            col("x").sum(),
            len().alias("len"),
            col("x").first().alias("first"),
            col("int").max().alias("key"),
        ];
        let frame = Frame::from_polars(table.clone(), 3).group_by(keys).agg(aggregates);
        let found = computed(&frame).unwrap();
        assert_eq!(found.height(), GROUPS, "{keys:?}");
        let of = |name: &str| found.column(name).unwrap().cast(&DataType::Int64).unwrap();
        let (keys, sums, lens, firsts) = (of("key"), of("x"), of("len"), of("first"));
        let mut seen = vec![false; GROUPS];
        for row in 0..GROUPS {
            let get = |column: &Column| column.i64().unwrap().get(row).unwrap();
            let at = get(&keys) as usize;
            assert!(!std::mem::replace(&mut seen[at], true), "{at} comes twice");
            assert_eq!((get(&sums), get(&lens), get(&firsts)), expected[at]);
        }
        // Others read them, too.
        let most = frame.agg([col("len").sum(), col("x").max()]).compute().unwrap();
        assert_eq!(
            most.column("len").unwrap().get(0).unwrap().try_extract::<i64>().unwrap(),
            rows as i64
        );
    }
}

/// What is in a group, one value behind the other: an order that is wrong shows.
struct Joined;

impl Aggregation for Joined {
    type State = String;

    fn name(&self) -> &str {
        "joined"
    }

    fn output(&self, _: &DataType) -> Result<DataType, Error> {
        Ok(DataType::String)
    }

    fn init(&self) -> String {
        String::new()
    }

    fn update(&self, state: &mut String, values: &Column) -> Result<(), Error> {
        for value in values.i64()?.iter() {
            state.push_str(&value.map_or("-".to_owned(), |value| format!("{value} ")));
        }
        Ok(())
    }

    fn merge(&self, state: &mut String, later: String) -> Result<(), Error> {
        state.push_str(&later);
        Ok(())
    }

    fn finish(&self, state: String) -> Result<Scalar, Error> {
        Ok(Scalar::new(DataType::String, AnyValue::StringOwned(state.into())))
    }
}

#[test]
fn aggregations_of_ones_own_see_the_rows_in_their_order() {
    let joined = |s: &Series| {
        let text: String = s
            .i64()
            .unwrap()
            .iter()
            .map(|v| v.map_or("-".to_owned(), |v| format!("{v} ")))
            .collect();
        Scalar::new(DataType::String, AnyValue::StringOwned(text.into()))
    };
    let exprs =
        [col("i").agg_with(Joined).alias("values"), col("n").agg_with(Joined).alias("rows")];
    for keys in [KEYS[0], KEYS[1], KEYS[6]] {
        check_groups(keys, &exprs, &[("i", "values", &joined), ("n", "rows", &joined)]);
    }
}

#[test]
fn variances_of_values_far_from_zero_keep_their_digits() {
    let random = &mut Random::new(0);
    let values: Vec<f64> = (0..300).map(|_| 1e9 + random.below(3) as f64).collect();
    let mean = values.iter().sum::<f64>() / 300.0;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 299.0;
    let table = df!("x" => values).unwrap();
    for _ in 0..5 {
        let found = computed(&framed(random, &table).var(1)).unwrap();
        let found = found.column("x").unwrap().f64().unwrap().get(0).unwrap();
        assert!((found - variance).abs() < 1e-6 * variance, "{found}, and {variance} expected");
    }
    let empty = computed(&framed(random, &table.clear()).var(1)).unwrap();
    assert_same(&empty, &df!("x" => [None::<f64>]).unwrap(), "no rows");
}

#[test]
fn aggregations_without_names_take_the_columns_that_they_are_there_for() {
    let rows = df!(
        "k" => ["a", "b", "a"],
        "n" => [1, 2, 3],
        "f" => [1.5, 2.5, 3.5],
        "b" => [true, false, true],
        "s" => ["x", "y", "z"],
        "d" => [1_i64, 2, 3],
        "m" => [1_i64, 2, 3]
    )
    .unwrap();
    let frame = Frame::from_polars(rows, 2)
        .cast([("d", DataType::Duration(TimeUnit::Microseconds)), ("m", DataType::Decimal(10, 2))]);
    let columns = |frame: Frame| frame.compute().unwrap().get_column_names_owned();
    let groups = frame.group_by("k");
    for summed in [groups.sum(), groups.mean(), groups.std(1), groups.median()] {
        assert_eq!(columns(summed), ["k", "n", "f", "b", "d"]);
    }
    assert_eq!(columns(groups.var(1)), ["k", "n", "f", "b"]);
    assert_eq!(columns(groups.quantile(0.5)), ["k", "n", "f"]);
    assert_eq!(columns(groups.max()), ["k", "n", "f", "b", "s", "d"]);
    for all in [groups.first(), groups.last(), groups.count(), groups.n_unique()] {
        assert_eq!(columns(all), ["k", "n", "f", "b", "s", "d", "m"]);
    }
    assert_eq!(columns(frame.cov(1)), ["column", "n", "f", "b"]);
    assert_eq!(columns(frame.rolling(2).mean()), ["n", "f"]);
    assert_eq!(columns(frame.cum_sum()), ["n", "f"]);
}
