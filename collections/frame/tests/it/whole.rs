//! Reductions of whole frames.

use crate::support::{check, column};
use taskweave_frame::polars_core::scalar::Scalar;
use taskweave_frame::prelude::*;

/// One row: of each of these columns what `of` makes of it.
fn reduced(table: &DataFrame, names: &[&str], of: impl Fn(&Series) -> Scalar) -> DataFrame {
    let columns = names.iter().map(|name| {
        let scalar = of(table.column(name).unwrap().as_materialized_series());
        column(name, &scalar.dtype().clone(), &[scalar])
    });
    DataFrame::new(1, columns.collect()).unwrap()
}

const NUMBERS: [&str; 5] = ["n", "i", "k", "f", "g"];

#[test]
fn reductions_of_numbers_are_those_of_polars() {
    check(|f| f.select(NUMBERS).sum(), |t| reduced(t, &NUMBERS, |s| s.sum_reduce().unwrap()));
    check(|f| f.select(NUMBERS).mean(), |t| reduced(t, &NUMBERS, |s| s.mean_reduce().unwrap()));
    check(|f| f.select(NUMBERS).std(1), |t| reduced(t, &NUMBERS, |s| s.std_reduce(1).unwrap()));
    check(|f| f.select(NUMBERS).var(0), |t| reduced(t, &NUMBERS, |s| s.var_reduce(0).unwrap()));
    check(|f| f.select(NUMBERS).median(), |t| reduced(t, &NUMBERS, |s| s.median_reduce().unwrap()));
    check(
        |f| f.select(NUMBERS).quantile(0.9),
        |t| reduced(t, &NUMBERS, |s| s.quantile_reduce(0.9, QuantileMethod::Nearest).unwrap()),
    );
}

#[test]
fn reductions_of_what_has_an_order_are_those_of_polars() {
    let names = ["n", "i", "k", "f", "g", "s", "t", "b", "d", "at"];
    check(|f| f.min(), |t| reduced(t, &names, |s| s.min_reduce().unwrap()));
    check(|f| f.max(), |t| reduced(t, &names, |s| s.max_reduce().unwrap()));
    check(|f| f.n_unique(), |t| reduced(t, &names, |s| Scalar::from(s.n_unique().unwrap() as u32)));
}

#[test]
fn reductions_of_all_columns_are_those_of_polars() {
    let names = ["n", "i", "k", "f", "g", "s", "t", "b", "d", "at", "l"];
    check(|f| f.first(), |t| reduced(t, &names, |s| s.first()));
    check(|f| f.last(), |t| reduced(t, &names, |s| s.last()));
    check(
        |f| f.count(),
        |t| reduced(t, &names, |s| Scalar::from((s.len() - s.null_count()) as u32)),
    );
}

#[test]
fn a_selection_of_aggregates_has_one_row() {
    check(
        |f| f.select([col("i").sum(), len().alias("rows")]),
        |t| {
            let sum = reduced(t, &["i"], |s| s.sum_reduce().unwrap());
            let mut sum = sum;
            sum.with_column(Column::new("rows".into(), [t.height() as u32])).unwrap();
            sum
        },
    );
    check(
        |f| f.filter(col("i").gt(100)).agg([len().alias("rows"), col("g").mean()]),
        |_| df!("rows" => [0_u32], "g" => [None::<f64>]).unwrap(),
    );
}

#[test]
fn aggregates_are_rows_like_others() {
    check(
        |f| {
            f.group_by("s")
                .agg([col("g").max()])
                .filter(col("s").is_not_null())
                .agg([col("g").sum(), len()])
        },
        |t| {
            let groups = crate::groups::rows_of(t, &["s"]);
            let s = t.column("s").unwrap().str().unwrap();
            let g = t.column("g").unwrap().f64().unwrap();
            let most: Vec<f64> = groups
                .iter()
                .filter(|rows| s.get(rows[0]).is_some())
                .map(|rows| rows.iter().filter_map(|row| g.get(*row)).fold(f64::MIN, f64::max))
                .collect();
            df!("g" => [most.iter().sum::<f64>()], "len" => [most.len() as u32]).unwrap()
        },
    );
}
