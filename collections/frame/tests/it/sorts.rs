//! Sorting, order that is there already, and what uses it.

use crate::support::{
    Random, assert_same, check, check_rows, computed, cut, framed, kept, table, ticks,
};
use taskweave_frame::polars_core::scalar::Scalar;
use taskweave_frame::prelude::*;
use taskweave_frame::{Divisions, ErrorKind};

#[test]
fn rows_are_sorted_and_equal_ones_keep_their_order() {
    let options = SortMultipleOptions::new().with_maintain_order(true);
    check(|f| f.sort("i"), |t| t.sort(["i"], options.clone()).unwrap());
    check(|f| f.sort(["s", "f"]), |t| t.sort(["s", "f"], options.clone()).unwrap());
    check(
        |f| f.select(["n", "t"]).sort("t").select("n"),
        |t| t.sort(["t"], options.clone()).unwrap().select(["n"]).unwrap(),
    );
    let down = options.clone().with_order_descending_multi([true, false]).with_nulls_last(true);
    check(|f| f.sort_with(["k", "i"], down.clone()), |t| t.sort(["k", "i"], down.clone()).unwrap());
}

#[test]
fn the_order_that_is_claimed_is_checked() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let rows = table(random, 20);
        let frame = framed(random, &rows);
        let i: Vec<Option<i64>> = ticks(&rows, "i");
        // Twenty values of seven are not in order but by chance, or they have a null.
        let is_sorted = i.is_sorted() && i.iter().all(Option::is_some);
        assert_eq!(frame.sorted_by("i").check().is_ok(), is_sorted, "seed {seed}");
        assert_eq!(frame.sorted_by("at").divisions().column(), Some("at"), "seed {seed}");
    }
}

#[test]
fn divisions_hold_what_they_say() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let rows = table(random, 25);
        let frame = framed(random, &rows).sorted_by("at");
        holds(&frame, &format!("seed {seed}"));
        holds(&frame.filter(col("i").gt(0)), &format!("seed {seed}, filtered"));
        holds(&frame.rename([("at", "time")]), &format!("seed {seed}, renamed"));
        holds(&frame.explode("l"), &format!("seed {seed}, exploded"));
        for partitions in 1..9 {
            holds(&frame.repartition(partitions), &format!("seed {seed}, {partitions} partitions"));
        }
        holds(
            &frame.with_columns([col("g").rolling_mean(3).alias("mean")]),
            &format!("seed {seed}, rolled"),
        );
        holds(&frame.loc(at(5)..at(400)), &format!("seed {seed}, loc"));
        let gone = [
            frame.drop("at"),
            frame.with_columns([col("n").alias("at")]),
            frame.sort("g"),
            frame.shift(1),
        ];
        for frame in gone {
            assert!(
                matches!(frame.divisions(), Divisions::Unknown),
                "seed {seed}: {}",
                frame.divisions()
            );
        }
    }
}

/// A time so many hours behind the first.
fn at(hours: i64) -> Scalar {
    let (ticks, unit) = (1_356_998_400_000_000 + hours * 3_600_000_000, TimeUnit::Microseconds);
    Scalar::new(DataType::Datetime(unit, None), AnyValue::Datetime(ticks, unit, None))
}

/// Of each partition every value lies between its bounds, and they rise.
#[track_caller]
fn holds(frame: &Frame, what: &str) {
    let divisions = frame.divisions();
    let blocks = frame.compute_partitions().unwrap();
    assert_eq!(blocks.len(), frame.partitions(), "{what}");
    let Some(column) = divisions.column() else { return };
    let bounds = divisions.bounds();
    assert_eq!(bounds.len(), blocks.len() + 1, "{what}");
    let ticks_of = |value: AnyValue<'_>| value.try_extract::<i64>().ok();
    let ticks_of = |value: AnyValue<'_>| match value {
        AnyValue::Datetime(ticks, ..) | AnyValue::DatetimeOwned(ticks, ..) => Some(ticks),
        other => ticks_of(other),
    };
    for (at, block) in blocks.iter().enumerate() {
        let (low, high) =
            (ticks_of(bounds[at].as_any_value()), ticks_of(bounds[at + 1].as_any_value()));
        let values = ticks(block, column);
        assert!(values.is_sorted(), "{what}: partition {at}");
        assert!(
            values.iter().all(|v| v.is_some() && low <= *v && *v <= high),
            "{what}: partition {at}"
        );
    }
}

#[test]
fn ranges_read_only_the_partitions_they_need() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let mut keys: Vec<i64> = (0..30).map(|_| random.below(15) as i64).collect();
        keys.sort_unstable();
        let rows = df!("key" => keys, "x" => (0..30_i64).collect::<Vec<_>>()).unwrap();
        let blocks = cut(random, &rows);
        let frame = Frame::from_partitions(blocks.clone()).sorted_by("key");
        let (low, high) = (random.below(18) as i64 - 1, random.below(18) as i64 - 1);
        let of = |is_in: &dyn Fn(i64) -> bool| {
            let keys = ticks(&rows, "key");
            kept(&rows, |row| is_in(keys[row].unwrap()))
        };
        let what = format!("seed {seed}, {low} to {high}");
        assert_same(
            &computed(&frame.loc(low..high)).unwrap(),
            &of(&|k| (low..high).contains(&k)),
            &what,
        );
        assert_same(
            &computed(&frame.loc(low..=high)).unwrap(),
            &of(&|k| (low..=high).contains(&k)),
            &what,
        );
        assert_same(&computed(&frame.loc(low..)).unwrap(), &of(&|k| k >= low), &what);
        assert_same(&computed(&frame.loc(..high)).unwrap(), &of(&|k| k < high), &what);
        let half = high as f64 + 0.5;
        assert_same(&computed(&frame.loc(..half)).unwrap(), &of(&|k| k <= high), &what);
        let has_some = |block: &&DataFrame| {
            ticks(block, "key").iter().flatten().any(|k| *k <= high && *k >= low)
        };
        let needed = blocks.iter().filter(has_some).count();
        let read = frame.loc(low..=high).partitions();
        assert!(read >= needed && read <= blocks.len(), "{what}");
        assert_same(
            &computed(&frame.loc(low..=high).agg([len()])).unwrap(),
            &df!("len" => [of(&|k| (low..=high).contains(&k)).height() as u32]).unwrap(),
            &what,
        );
    }
    // Of ten partitions two.
    let frame = Frame::from_polars(df!("t" => (0..100_i64).collect::<Vec<_>>()).unwrap(), 10)
        .sorted_by("t");
    assert_eq!(frame.loc(15_i64..25).partitions(), 2);
    assert_eq!(frame.loc(1_000_i64..).partitions(), 1);
    assert_eq!(frame.loc(1_000_i64..).compute().unwrap().height(), 0);
}

#[test]
fn an_order_of_texts_is_one_too() {
    check_rows(
        0..8,
        30,
        |f| f.drop_nulls("t").sort("t").sorted_by("t").loc("exactly".."n"),
        |t| {
            let order = SortMultipleOptions::new().with_maintain_order(true);
            let t = t.drop_nulls(Some(&["t"])).unwrap().sort(["t"], order).unwrap();
            let texts: Vec<String> =
                t.column("t").unwrap().str().unwrap().iter().flatten().map(str::to_owned).collect();
            kept(&t, |row| ("exactly".."n").contains(&texts[row].as_str()))
        },
    );
}

#[test]
fn an_order_of_floats_has_no_place_for_nan() {
    let rows = df!("x" => [1.0, f64::NAN, 2.0]).unwrap();
    let error = Frame::from_polars(rows, 1).sorted_by("x").check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Order, "{error}");
}

#[test]
fn groups_of_sorted_keys_stay_in_their_partitions() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let mut keys: Vec<i64> = (0..40).map(|_| random.below(25) as i64).collect();
        keys.sort_unstable();
        let rows = df!("key" => keys, "x" => (0..40_i64).collect::<Vec<_>>()).unwrap();
        let blocks = cut(random, &rows);
        let frame = Frame::from_partitions(blocks.clone());
        let sorted = frame.sorted_by("key");
        let of = |frame: &Frame| frame.group_by(col("key").alias("k")).agg([col("x").sum(), len()]);
        let groups = of(&sorted);
        let what = format!("seed {seed}");
        assert_same(&computed(&groups).unwrap(), &computed(&of(&frame)).unwrap(), &what);
        let ends: Vec<(Option<i64>, Option<i64>)> = blocks
            .iter()
            .map(|block| ticks(block, "key"))
            .filter(|keys| !keys.is_empty())
            .map(|keys| (keys[0], keys[keys.len() - 1]))
            .collect();
        let is_apart = ends.windows(2).all(|pair| pair[0].1 < pair[1].0);
        if is_apart && ends.len() == blocks.len() {
            assert_eq!(
                (groups.partitions(), groups.divisions().column()),
                (blocks.len(), Some("k")),
                "{what}"
            );
        } else if !is_apart {
            assert_eq!(groups.partitions(), 1, "{what}");
        }
    }
}
