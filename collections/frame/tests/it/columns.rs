//! Steps of rows and columns: `select`, `with_columns`, `filter` and their like.

use crate::support::{
    Random, assert_same, but, check, computed, floats, framed, kept, table, taken, ticks, with,
};
use taskweave_frame::polars_core::prelude::{ExplodeOptions, IntoColumn, NamedFrom, UnpivotArgsIR};
use taskweave_frame::polars_ops::frame::unpivot::UnpivotDF;
use taskweave_frame::prelude::*;

#[test]
fn columns_are_selected_in_the_order_asked_for() {
    check(|f| f.select(["s", "n"]), |t| t.select(["s", "n"]).unwrap());
    check(|f| f.drop(["i", "l"]), |t| t.select(but(t, &["i", "l"])).unwrap());
    check(
        |f| f.rename([("i", "int"), ("s", "i")]),
        |t| {
            let mut table = t.clone();
            table.rename("i", "int".into()).unwrap();
            table.rename("s", "i".into()).unwrap();
            table
        },
    );
}

#[test]
fn new_columns_stand_behind_and_replaced_ones_where_they_were() {
    let twice = |t: &DataFrame| -> Column {
        let i = t.column("i").unwrap().i64().unwrap();
        let values: Vec<Option<i64>> = i.iter().map(|v| v.map(|v| v * 2)).collect();
        Series::new("i".into(), values).into_column()
    };
    check(|f| f.with_columns([col("i") * 2]), |t| with(t, twice(t)));
    check(
        |f| {
            f.with_columns([
                (col("i") * 2).alias("twice"),
                lit(7_i64).cast(DataType::Int64).alias("seven"),
            ])
        },
        |t| {
            let twice = twice(t).with_name("twice".into());
            let seven = Series::new("seven".into(), vec![7_i64; t.height()]);
            with(&with(t, twice), seven)
        },
    );
    // A column that is replaced without being read.
    check(
        |f| f.with_columns([lit(7_i64).cast(DataType::Int64).alias("n")]),
        |t| with(t, Series::new("n".into(), vec![7_i64; t.height()])),
    );
    check(
        |f| f.select(["n", "i"]).with_columns([col("i").alias("n")]),
        |t| {
            let n = t.column("i").unwrap().clone().with_name("n".into());
            with(&t.select(["n", "i"]).unwrap(), n)
        },
    );
}

#[test]
fn rows_are_filtered_and_null_is_not_true() {
    check(
        |f| f.filter(col("i").gt(0)),
        |t| {
            let i = ticks(t, "i");
            kept(t, |row| i[row].is_some_and(|v| v > 0))
        },
    );
    check(
        |f| f.filter(col("i").gt(0).or(col("f").lt(0.0))).filter(col("n").gt_eq(10)),
        |t| {
            let (i, f, n) = (ticks(t, "i"), floats(t, "f"), ticks(t, "n"));
            kept(t, |row| {
                (i[row].is_some_and(|v| v > 0) || f[row].is_some_and(|v| v < 0.0))
                    && n[row] >= Some(10)
            })
        },
    );
    check(
        |f| f.filter(col("b").eq(true)).filter(lit(true)),
        |t| {
            let b: Vec<Option<bool>> = t.column("b").unwrap().bool().unwrap().iter().collect();
            kept(t, |row| b[row] == Some(true))
        },
    );
    check(|f| f.filter(lit(false)), |t| t.clear());
    check(
        |f| f.filter(col("s").is_in(["k1", "k3", "nothing"])),
        |t| {
            let s: Vec<Option<String>> = t
                .column("s")
                .unwrap()
                .str()
                .unwrap()
                .iter()
                .map(|v| v.map(str::to_owned))
                .collect();
            kept(t, |row| matches!(s[row].as_deref(), Some("k1" | "k3")))
        },
    );
    // Nothing but the filter's column is asked for, and nothing at all.
    check(
        |f| f.with_columns([(col("i") + 1).alias("more")]).filter(col("more").gt(1)).select(["t"]),
        |t| {
            let i = ticks(t, "i");
            kept(t, |row| i[row].is_some_and(|v| v > 0)).select(["t"]).unwrap()
        },
    );
}

#[test]
fn types_are_cast() {
    check(
        |f| f.cast([("k", DataType::Int64), ("n", DataType::String)]),
        |t| {
            let k = t.column("k").unwrap().cast(&DataType::Int64).unwrap();
            let n = t.column("n").unwrap().cast(&DataType::String).unwrap();
            with(&with(t, k), n)
        },
    );
    check(
        |f| {
            f.cast([("i", DataType::Int8), ("d", DataType::Datetime(TimeUnit::Milliseconds, None))])
        },
        |t| {
            let i = t.column("i").unwrap().cast(&DataType::Int8).unwrap();
            let d = t
                .column("d")
                .unwrap()
                .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
                .unwrap();
            with(&with(t, i), d)
        },
    );
}

#[test]
fn nulls_are_filled_and_left_out() {
    check(
        |f| f.fill_null(0),
        |t| {
            let of = |name: &str, zero: f64| {
                let column = t.column(name).unwrap();
                let filled: Vec<f64> =
                    floats(t, name).into_iter().map(|v| v.unwrap_or(zero)).collect();
                Series::new(name.into(), filled).cast(column.dtype()).unwrap()
            };
            with(&with(t, of("i", 0.0)), of("f", 0.0))
        },
    );
    check(
        |f| f.fill_null("none"),
        |t| {
            let of = |name: &str| {
                let column = t.column(name).unwrap().str().unwrap();
                Series::new(
                    name.into(),
                    column.iter().map(|v| v.unwrap_or("none").to_owned()).collect::<Vec<_>>(),
                )
            };
            with(&with(t, of("s")), of("t"))
        },
    );
    check(|f| f.drop_nulls(["i", "s"]), |t| t.drop_nulls(Some(&["i", "s"])).unwrap());
    check(|f| f.drop_nulls(ALL), |t| t.drop_nulls::<&str>(None).unwrap());
    check(|f| f.select(["k"]).drop_nulls(ALL), |t| t.select(["k"]).unwrap());
}

#[test]
fn lists_are_exploded() {
    let options = ExplodeOptions { empty_as_null: true, keep_nulls: true };
    check(|f| f.explode("l"), |t| t.explode(["l"], options).unwrap());
    check(
        |f| f.select(["n", "l"]).explode("l").filter(col("l").gt(3)),
        |t| {
            let long = t.select(["n", "l"]).unwrap().explode(["l"], options).unwrap();
            let l = ticks(&long, "l");
            kept(&long, |row| l[row] > Some(3))
        },
    );
}

#[test]
fn wide_becomes_long() {
    // Rows of each partition stand together: sorted they are those of the whole.
    let order = SortMultipleOptions::new().with_maintain_order(true);
    let sorted = |t: DataFrame| t.sort(["n", "variable"], order.clone()).unwrap();
    for seed in 0..8 {
        let random = &mut Random::new(seed);
        let table = table(random, 40).select(["n", "i", "k", "s"]).unwrap();
        let frame = framed(random, &table);
        let found = computed(&frame.unpivot(["i", "k"], ["n", "s"])).unwrap();
        let args = UnpivotArgsIR::new(
            table.get_column_names_owned(),
            Some(vec!["i".into(), "k".into()]),
            vec!["n".into(), "s".into()],
            None,
            None,
        );
        let expected = table.unpivot2(args).unwrap();
        assert_same(&sorted(found), &sorted(expected), &format!("seed {seed}"));
        // Of the long frame one column.
        let values =
            computed(&frame.unpivot(["i", "k"], ["n", "s"]).select("value").sum()).unwrap();
        let expected: i64 =
            ticks(&table, "i").into_iter().chain(ticks(&table, "k")).flatten().sum();
        assert_eq!(
            values.column("value").unwrap().i64().unwrap().get(0),
            Some(expected),
            "seed {seed}"
        );
    }
}

#[test]
fn conditions_choose_between_values() {
    check(
        |f| {
            let label = when(col("i").gt(1)).then("high").when(col("i").lt(-1)).then("low");
            f.select([col("n"), label.otherwise(lit("middle")).alias("label")])
        },
        |t| {
            let labels: Vec<&str> = ticks(t, "i")
                .into_iter()
                .map(|v| match v {
                    Some(2..) => "high",
                    Some(..=-2) => "low",
                    _ => "middle",
                })
                .collect();
            with(&t.select(["n"]).unwrap(), Series::new("label".into(), labels))
        },
    );
}

#[test]
fn the_first_of_each_key_are_unique() {
    let firsts = |t: &DataFrame, keys: &[&str]| {
        let rows: Vec<String> = (0..t.height())
            .map(|row| {
                let cell = |key: &&str| format!("{:?}", t.column(key).unwrap().get(row).unwrap());
                keys.iter().map(cell).collect::<Vec<_>>().join("|")
            })
            .collect();
        let mut seen = std::collections::HashSet::new();
        let first: Vec<usize> =
            (0..t.height()).filter(|row| seen.insert(rows[*row].clone())).collect();
        taken(t, &first)
    };
    check(|f| f.unique("s"), |t| firsts(t, &["s"]));
    check(|f| f.unique(["i", "b"]), |t| firsts(t, &["i", "b"]));
    check(|f| f.unique("d"), |t| firsts(t, &["d"]));
    check(
        |f| f.select(["i", "t"]).unique(ALL),
        |t| firsts(&t.select(["i", "t"]).unwrap(), &["i", "t"]),
    );
    check(|f| f.unique("t").select("n"), |t| firsts(t, &["t"]).select(["n"]).unwrap());
}

#[test]
fn long_chains_of_steps_are_no_burden() {
    let table = df!("x" => [1_i64, 2, 3]).unwrap();
    let mut frame = Frame::from_polars(table, 2);
    for _ in 0..300 {
        frame = frame.with_columns([col("x") + 1]);
    }
    assert_eq!(computed(&frame).unwrap(), df!("x" => [301_i64, 302, 303]).unwrap());
}

#[test]
fn chains_longer_than_the_stack_are_computed_and_dropped() {
    let mut frame = Frame::from_polars(df!("x" => [1_i64, 2, 3]).unwrap(), 2);
    for _ in 0..30_000 {
        frame = frame.filter(col("x").gt(1));
    }
    assert_eq!(frame.agg([len()]).compute().unwrap(), df!("len" => [2_u32]).unwrap());
}
