//! The greatest rows, and how columns go with each other, over many partitionings.

use crate::support::{Random, assert_same, computed, cut};
use taskweave_frame::prelude::*;

/// Rows with a number that is sometimes null, and its place.
fn rows(random: &mut Random) -> DataFrame {
    let count = 20 + random.below(40);
    let values: Vec<Option<i64>> =
        (0..count).map(|_| (random.below(6) > 0).then(|| random.below(12) as i64 - 6)).collect();
    let others: Vec<Option<f64>> = (0..count)
        .map(|_| (random.below(6) > 0).then(|| random.below(1000) as f64 / 7.0))
        .collect();
    let places: Vec<i64> = (0..count as i64).collect();
    df!("x" => values, "y" => others, "place" => places).unwrap()
}

#[test]
fn the_greatest_rows_are_those_that_a_stable_sort_puts_first() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let rows = rows(random);
        let frame = Frame::from_partitions(cut(random, &rows));
        let count = random.below(rows.height() + 3);
        for is_falling in [true, false] {
            let options = SortMultipleOptions::new()
                .with_order_descending(is_falling)
                .with_nulls_last(true)
                .with_maintain_order(true);
            let expected = rows.sort(["x"], options).unwrap().head(Some(count));
            let own = if is_falling { frame.top_k(count, "x") } else { frame.bottom_k(count, "x") };
            let what = format!("seed {seed}, {count} rows, falling {is_falling}");
            assert_same(&computed(&own).unwrap(), &expected, &what);
        }
    }
}

/// The covariance of the pairs without nulls by its definition.
fn covariance(pairs: &[(f64, f64)], ddof: f64) -> Option<f64> {
    let count = pairs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (left, right) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
    let sum: f64 = pairs.iter().map(|(l, r)| (l - left) * (r - right)).sum();
    (count > ddof).then(|| sum / (count - ddof))
}

#[test]
fn covariances_and_correlations_are_those_of_all_rows() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let rows = rows(random);
        let frame = Frame::from_partitions(cut(random, &rows));
        let (cov, corr) = (computed(&frame.cov(1)).unwrap(), computed(&frame.corr()).unwrap());
        let column = |name: &str| -> Vec<Option<f64>> {
            rows[name].cast(&DataType::Float64).unwrap().f64().unwrap().iter().collect()
        };
        let names = ["x", "y", "place"];
        for (row, left) in names.iter().enumerate() {
            for right in names {
                let both: Vec<(f64, f64)> = column(left)
                    .into_iter()
                    .zip(column(right))
                    .filter_map(|(l, r)| l.zip(r))
                    .collect();
                let of = |which: fn(&(f64, f64)) -> f64| -> f64 {
                    let own: Vec<_> = both.iter().map(|pair| (which(pair), which(pair))).collect();
                    covariance(&own, 1.0).unwrap()
                };
                let expected = covariance(&both, 1.0).unwrap();
                let whole = expected / (of(|pair| pair.0) * of(|pair| pair.1)).sqrt();
                let near = |found: Option<f64>, expected: f64| {
                    (found.unwrap() - expected).abs() <= 1e-9 * expected.abs().max(1.0)
                };
                let what = format!("seed {seed}, {left} with {right}");
                assert!(near(cov[right].f64().unwrap().get(row), expected), "{what}");
                assert!(near(corr[right].f64().unwrap().get(row), whole), "{what}");
            }
        }
    }
}
