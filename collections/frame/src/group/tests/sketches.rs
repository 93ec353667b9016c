//! Quantiles and counts that are about right: what they take, and that they are exact where values are few.

use super::edges::{floats, whole};
use super::*;

fn state_of(keys: &[Column], value: &Column, kind: &AggKind) -> GroupState {
    let specs = [spec(value, kind, 0)];
    state(keys, std::slice::from_ref(value), &specs, &mut Random(41)).expect("defined")
}

#[test]
fn memory_is_that_of_few_values_or_of_a_digest() {
    let rows = 60_000;
    let value = Column::new("x".into(), (0..rows).map(|row| row as f64).collect::<Vec<_>>());
    let by = |groups: usize| {
        let keys = (0..rows).map(|row| (row % groups) as i64).collect::<Vec<_>>();
        let keys = [Column::new("key".into(), keys)];
        let of = |kind| state_of(&keys, &value, &kind).bytes();
        of(AggKind::ApproxMedian) - of(AggKind::Len)
    };
    // What is kept as it is has 12 bytes, and vectors have some room.
    let kept = rows * 12;
    assert!(by(20_000) < kept * 2, "{}", by(20_000));
    assert!(by(60_000) < kept * 2, "{}", by(60_000));
    let log = (1 << 14) * 12 * 2;
    assert!(by(1) < log + 8_000, "{}", by(1));
    assert!(by(10) < log + 10 * 8_000, "{}", by(10));
}

#[test]
fn memory_of_many_partitions_is_that_of_one() {
    let (groups, rows) = (50, 20_000);
    let keys = (0..rows).map(|row| (row % groups) as i64).collect::<Vec<_>>();
    let keys = [Column::new("key".into(), keys)];
    let mut random = Random(53);
    for kind in [AggKind::ApproxMedian, AggKind::ApproxNUnique] {
        let mut all: Option<GroupState> = None;
        for partition in 0..40 {
            let values = (0..rows).map(|_| random.below(1 << 40) as i64).collect::<Vec<_>>();
            let state = state_of(&keys, &Column::new("x".into(), values), &kind);
            match &mut all {
                None => all = Some(state),
                Some(all) => all.merge(state).expect("the same types"),
            }
            // Twice what stays in a log at most, with room, and what is kept of many.
            let bytes = all.as_ref().map_or(0, GroupState::bytes);
            assert!(bytes < groups * (2 * 2 * (12 << 10) + (10 << 10)), "{partition}: {bytes}");
        }
    }
}

#[test]
fn groups_are_exact_beside_those_that_have_many_values() {
    let rows = 60_000;
    let mut random = Random(43);
    // Three groups with many rows, 300 with few.
    let keys: Vec<i64> = (0..rows)
        .map(|row| if row % 50 == 0 { 3 + (row / 50 % 300) as i64 } else { row as i64 % 3 })
        .collect();
    let values: Vec<f64> = (0..rows).map(|_| random.below(1_000_000) as f64 / 8.0).collect();
    let mut groups = vec![Vec::new(); 303];
    for (&key, &value) in keys.iter().zip(&values) {
        groups[key as usize].push(value);
    }
    let keys = [Column::new("key".into(), keys)];
    let value = Column::new("x".into(), values);
    let found = state_of(&keys, &value, &AggKind::ApproxQuantile(0.3)).finish().expect("floats");
    let keys = found.columns()[0].i64().expect("keys").iter();
    for (key, found) in keys.zip(found.columns()[1].f64().expect("floats").iter()) {
        let (key, found) = (key.expect("no null") as usize, found.expect("a value"));
        groups[key].sort_by(f64::total_cmp);
        let group = &groups[key];
        let place = (group.len() - 1) as f64 * 0.3;
        if key >= 3 {
            assert_eq!(found, group[place.round() as usize], "group {key}");
        } else {
            let rank = group.partition_point(|value| *value < found) as f64;
            assert!((rank - place).abs() < group.len() as f64 * 0.002, "group {key}: {rank}");
        }
    }
}

#[test]
fn types_are_those_of_the_exact_ones_of_few_and_of_many() {
    let mut random = Random(47);
    // The log is shortened beyond 16 384.
    for rows in [60, 17_000] {
        for value in values(rows, &mut random) {
            let series = value.as_materialized_series();
            for (about, exact) in [
                (AggKind::ApproxMedian, AggKind::Median),
                (AggKind::ApproxQuantile(0.4), AggKind::Quantile(0.4, QuantileMethod::Nearest)),
            ] {
                let what = format!("{about} of {rows} rows of {}", value.name());
                match (whole(series.clone(), about), whole(series.clone(), exact)) {
                    (Ok(about), Ok(exact)) => {
                        assert_eq!(about.dtype(), exact.dtype(), "{what}");
                        assert_eq!(about.null_count(), exact.null_count(), "{what}");
                        if rows == 60 {
                            assert_same(&about, &exact, &what);
                        }
                    }
                    (Err(about), Err(exact)) => {
                        assert_eq!(about.kind(), exact.kind(), "{what}");
                    }
                    (about, exact) => panic!("{what}: {about:?}, {exact:?}"),
                }
            }
        }
    }
}

#[test]
fn whole_numbers_and_days_are_whole() {
    let of = |series: Series| {
        let found = whole(series, AggKind::ApproxQuantile(0.35)).expect("defined");
        found.to_physical_repr().cast(&DataType::Float64).expect("numbers")
    };
    let value = |series: &Series| series.f64().expect("floats").get(0).expect("a value");
    let numbers = Series::new("x".into(), (0..40_000).map(|at| at % 7).collect::<Vec<i32>>());
    assert_eq!(value(&of(numbers.clone())), 2.0);
    assert_eq!(value(&of(date(numbers))) % 86_400e6, 0.0);
    let odd = floats(&(0..40_000).map(|at| f64::from(at) / 3.0).collect::<Vec<_>>());
    assert!((value(&of(odd)) - 40_000.0 / 3.0 * 0.35).abs() < 20.0);
}

#[test]
fn a_part_is_between_0_and_1() {
    for q in [1.2, -0.1, f64::NAN] {
        let error = whole(floats(&[1.0]), AggKind::ApproxQuantile(q)).expect_err("beyond");
        let exact = AggKind::Quantile(q, QuantileMethod::Nearest);
        let exact = whole(floats(&[1.0]), exact).expect_err("beyond");
        assert_eq!((error.kind(), error.message()), (exact.kind(), exact.message()));
    }
}

#[test]
fn different_values_are_counted_exactly_when_few_and_about_when_many() {
    let rows = 60_000;
    let of = |series: Series| {
        let found = whole(series, AggKind::ApproxNUnique).expect("defined");
        assert_eq!(found.dtype(), &IDX_DTYPE);
        found.u32().expect("counts").get(0).expect("a count")
    };
    let numbers =
        |of: &dyn Fn(usize) -> i64| Series::new("x".into(), (0..rows).map(of).collect::<Vec<_>>());
    assert_eq!(of(numbers(&|row| row as i64 % 1_000)), 1_000);
    let zeros = (0..rows).map(|row| if row % 2 == 0 { 0.0 } else { -0.0 }).collect::<Vec<_>>();
    assert_eq!(of(floats(&zeros)), 1);
    let words =
        |long: usize| (0..rows).map(|row| format!("{:0>long$}", row / 2)).collect::<Vec<_>>();
    for (series, count) in [
        (numbers(&|row| row as i64), 60_000),
        (numbers(&|row| (row as i64 / 4) << 40), 15_000),
        (numbers(&|row| row as i64).cast(&DataType::Float64).expect("floats"), 60_000),
        (Series::new("x".into(), words(5)), 30_000),
        (Series::new("x".into(), words(20)), 30_000),
    ] {
        let found = of(series.clone());
        let error = f64::from(found) / f64::from(count) - 1.0;
        assert!(error.abs() < 0.04, "{found} of {count}");
        // Neither the order nor the number of rows counts.
        let mut twice = series.reverse();
        twice.append(&series).expect("the same type");
        assert_eq!(of(twice), found);
    }
}
