//! Numbers that are far from zero and close to each other, and those at the ends of their types: what floats of 64 bits would lose.

use crate::support::{Folder, Random, computed, framed, refused};
use taskweave_frame::ErrorKind;
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::prelude::*;

/// Of integers, exactly but for the last division.
fn variance(values: &[i128]) -> f64 {
    let count = values.len() as i128;
    let sum: i128 = values.iter().map(|value| value - values[0]).sum();
    let squares: i128 = values.iter().map(|value| (value - values[0]).pow(2)).sum();
    (count * squares - sum * sum) as f64 / (count * (count - 1)) as f64
}

#[track_caller]
fn is_near(found: Option<f64>, expected: f64, what: &str) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= 1e-12 * expected, "{what}: {found}, not {expected}");
}

fn number(table: &DataFrame, name: &str, row: usize) -> Option<f64> {
    table.column(name).unwrap().f64().unwrap().get(row)
}

#[test]
fn variances_of_large_integers_are_those_of_their_distances() {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let far: [i128; 4] = [1 << 60, -(1 << 60), i128::from(i64::MAX) - 10, i128::from(i64::MIN)];
        let offset = far[random.below(4)];
        let near: Vec<i128> = (0..200).map(|_| random.below(10) as i128).collect();
        let signed: Vec<i64> = near.iter().map(|n| (n + offset) as i64).collect();
        let unsigned: Vec<u64> = near.iter().map(|n| u64::MAX - 9 + *n as u64).collect();
        let key: Vec<i32> = (0..200).map(|row| row % 3).collect();
        let mut table = df!("key" => key, "i" => signed.clone(), "u" => unsigned).unwrap();
        let length = Series::new("d".into(), signed)
            .cast(&DataType::Duration(TimeUnit::Nanoseconds))
            .unwrap();
        table.with_column(length.into_column()).unwrap();
        let frame = framed(random, &table);
        let what = format!("seed {seed}, {offset}, {} partitions", frame.partitions());
        let all = [col("i").var(1), col("u").var(1), col("i").std(1).alias("std")];
        let found = computed(&frame.agg(all.clone())).unwrap();
        is_near(number(&found, "i", 0), variance(&near), &what);
        is_near(number(&found, "u", 0), variance(&near), &what);
        is_near(number(&found, "std", 0), variance(&near).sqrt(), &what);
        let found = computed(&frame.group_by("key").agg(all)).unwrap();
        for key in 0..3 {
            let own: Vec<i128> = near.iter().skip(key).step_by(3).copied().collect();
            is_near(number(&found, "i", key), variance(&own), &what);
            is_near(number(&found, "u", key), variance(&own), &what);
        }
        let rolled = [
            col("i").rolling_var(10),
            col("u").rolling_std(10),
            col("d").rolling_std(10).cast(DataType::Int64),
        ];
        let found = computed(&frame.select(rolled)).unwrap();
        for row in 9..200 {
            let expected = variance(&near[row - 9..=row]);
            is_near(number(&found, "i", row), expected, &what);
            is_near(number(&found, "u", row), expected.sqrt(), &what);
            // Cut to whole ticks.
            let length = found.column("d").unwrap().i64().unwrap().get(row).unwrap();
            let is_near = (expected.sqrt() - length as f64 - 0.5).abs() < 0.6;
            assert!(is_near, "{what}: {length}, not {}", expected.sqrt());
        }
    }
}

#[test]
fn covariances_of_large_integers_are_those_of_their_distances() {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let near: Vec<i128> = (0..200).map(|_| random.below(10) as i128).collect();
        let offset = if seed % 2 == 0 { 1_i128 << 60 } else { -(1 << 60) };
        let large: Vec<i64> = near.iter().map(|n| (n + offset) as i64).collect();
        let most: Vec<u64> = near.iter().map(|n| u64::MAX - *n as u64).collect();
        let table = df!("i" => large, "u" => most).unwrap();
        let frame = framed(random, &table);
        let what = format!("seed {seed}, {} partitions", frame.partitions());
        let found = computed(&frame.cov(1)).unwrap();
        is_near(number(&found, "i", 0), variance(&near), &what);
        is_near(number(&found, "u", 1), variance(&near), &what);
        is_near(number(&found, "u", 0).map(|v| -v), variance(&near), &what);
        let found = computed(&frame.corr()).unwrap();
        is_near(number(&found, "u", 0).map(|v| -v), 1.0, &what);
    }
}

#[test]
fn variances_from_end_to_end_of_a_type_are_there() {
    let rows = df!("i" => [i64::MIN, i64::MAX], "u" => [0, u64::MAX]).unwrap();
    for partitions in [1, 2] {
        let found = computed(&Frame::from_polars(rows.clone(), partitions).std(1)).unwrap();
        let expected = 2f64.powi(64) / 2f64.sqrt();
        is_near(number(&found, "i", 0), expected, "i");
        is_near(number(&found, "u", 0), expected, "u");
    }
}

#[test]
fn integers_beyond_int64_are_read_from_csv() {
    let folder = Folder::new();
    let values = [Some(u64::MAX), None, Some(0), Some(i64::MAX as u64 + 1)];
    let rows = df!("u" => values, "n" => [1_i64, 2, 3, 4]).unwrap();
    Frame::from_polars(rows.clone(), 2).to_csv(folder.path("csv")).unwrap();
    let options = || CsvOptions::new().declare("u", DataType::UInt64);
    let read = Frame::read_csv_with(folder.path("csv/*.csv"), options());
    assert_eq!(read.schema().get("u"), Some(&DataType::UInt64));
    assert!(computed(&read).unwrap().equals_missing(&rows));
    let large = read.filter(col("u").gt(i64::MAX as u64)).select("n");
    assert_eq!(computed(&large).unwrap(), df!("n" => [1_i64, 4]).unwrap());
    let path = folder.write("beyond.csv", "u\n1\n18446744073709551616\n");
    let beyond = Frame::read_csv_with(path, options());
    refused(&beyond, ErrorKind::Format, &["beyond.csv:3", "`u`", "64 bits of a UInt64", "String"]);
}
