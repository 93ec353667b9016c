//! What goes by rows beside and by carries against polars on the whole column, and against what pandas says of the same numbers, in partitions
//! of every size.

use super::tests::{STATS, as_partition, column, committed, numbers, options, random};
use super::{Need, apply, around, combine, context, local_carry};
use crate::expr::{OrderedKind as Kind, Window};
use polars_core::prelude::*;
use polars_core::series::ops::NullBehavior;

fn on_the_whole(kind: &Kind, series: &Series) -> Series {
    use polars_ops::series as ops;
    match kind {
        Kind::Shift(n) => series.shift(*n),
        Kind::Diff(n) => ops::diff(series, *n, NullBehavior::Ignore).unwrap(),
        Kind::PctChange(n) => ops::pct_change(series, &Series::new("n".into(), [*n])).unwrap(),
        Kind::CumSum => ops::cum_sum(series, false).unwrap(),
        Kind::CumProd => ops::cum_prod(series, false).unwrap(),
        Kind::CumMin => ops::cum_min(series, false).unwrap(),
        Kind::CumMax => ops::cum_max(series, false).unwrap(),
        Kind::CumCount => ops::cum_count(series, false).unwrap(),
        Kind::ForwardFill(limit) => {
            series.fill_null(FillNullStrategy::Forward(limit.map(|n| n as IdxSize))).unwrap()
        }
        Kind::BackwardFill(limit) => {
            series.fill_null(FillNullStrategy::Backward(limit.map(|n| n as IdxSize))).unwrap()
        }
        Kind::Rolling(..) => unreachable!("not among these"),
    }
}

/// In partitions that begin at `cuts`.
fn in_partitions(kind: &Kind, values: &Column, cuts: &[usize]) -> Column {
    let ends: Vec<usize> = cuts.iter().skip(1).copied().chain([values.len()]).collect();
    let parts = || cuts.iter().zip(&ends).map(|(from, to)| (*from, *to));
    let own = |from: usize, to: usize| values.slice(from as i64, to - from);
    let need = context(kind).unwrap();
    let carries: Vec<DataFrame> = if need.before == Need::Carry || need.after == Need::Carry {
        parts().map(|(from, to)| local_carry(kind, &own(from, to)).unwrap()).collect()
    } else {
        vec![]
    };
    let chained = |carries: &[DataFrame]| {
        let mut all = carries.iter().cloned();
        let first = all.next()?;
        Some(all.fold(first, |earlier, later| combine(kind, &earlier, &later).unwrap()))
    };
    let results = parts().enumerate().map(|(part, (from, to))| {
        if need.before == Need::Carry {
            apply(kind, chained(&carries[..part]).as_ref(), &own(from, to)).unwrap()
        } else if need.after == Need::Carry {
            apply(kind, chained(&carries[part + 1..]).as_ref(), &own(from, to)).unwrap()
        } else {
            as_partition(kind, values, None, from, to).unwrap()
        }
    });
    let mut results = results.collect::<Vec<_>>().into_iter();
    let mut all = results.next().unwrap();
    for result in results {
        assert_eq!(all.dtype(), result.dtype(), "{kind:?}");
        all.append(&result).unwrap();
    }
    all
}

fn kinds() -> Vec<Kind> {
    let mut kinds = vec![Kind::CumSum, Kind::CumProd, Kind::CumMin, Kind::CumMax, Kind::CumCount];
    kinds.extend([0, 1, -1, 3, -4, 30].map(Kind::Shift));
    kinds.extend([0, 1, -2, 5].map(Kind::Diff));
    kinds.extend([1, -3].map(Kind::PctChange));
    for limit in [None, Some(0), Some(1), Some(3)] {
        kinds.extend([Kind::ForwardFill(limit), Kind::BackwardFill(limit)]);
    }
    kinds
}

#[test]
fn in_any_three_partitions_the_values_are_those_of_polars_on_the_whole_column() {
    let rows = 10;
    let mut columns = Vec::new();
    for seed in 1..5 {
        let mut random = random(seed * 77);
        let x: Vec<Option<i64>> =
            (0..rows).map(|_| (random.next(9) > 3).then(|| random.next(7) as i64 + 1)).collect();
        let x = Series::new("x".into(), x);
        let as_days = x.cast(&DataType::Int32).unwrap().cast(&DataType::Date).unwrap();
        for dtype in [
            DataType::Int8,
            DataType::UInt32,
            DataType::Int64,
            DataType::Float32,
            DataType::Boolean,
        ] {
            columns.push(x.cast(&dtype).unwrap());
        }
        columns.push(x.cast(&DataType::Duration(TimeUnit::Milliseconds)).unwrap());
        columns.extend([x.cast(&DataType::String).unwrap(), as_days]);
        columns.push(column(&numbers(rows, seed)).take_materialized_series());
    }
    columns.push(Series::full_null("x".into(), rows, &DataType::Float64));
    let mut compared = 0;
    for series in columns {
        for kind in kinds() {
            let fit = series.dtype().is_primitive_numeric();
            let keeps = matches!(
                kind,
                Kind::Shift(_) | Kind::ForwardFill(_) | Kind::BackwardFill(_) | Kind::CumCount
            );
            let ordered =
                matches!(kind, Kind::CumMin | Kind::CumMax) && *series.dtype() != DataType::String;
            let adds = kind == Kind::CumSum
                && matches!(series.dtype(), DataType::Duration(_) | DataType::Boolean);
            if !(fit || keeps || ordered || adds) {
                continue;
            }
            let whole = on_the_whole(&kind, &series);
            for (a, b) in (0..=rows).flat_map(|a| (a..=rows).map(move |b| (a, b))) {
                let found = in_partitions(&kind, &series.clone().into_column(), &[0, a, b]);
                let same = found.dtype() == whole.dtype()
                    && found.len() == whole.len()
                    && (0..whole.len())
                        .all(|row| alike(found.get(row).unwrap(), whole.get(row).unwrap()));
                assert!(
                    same,
                    "{kind:?} cut at {a} and {b} of {series:?}: {found:?}, not {whole:?}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 20_000, "{compared}");
}

fn alike(a: AnyValue<'_>, b: AnyValue<'_>) -> bool {
    if let (Some(x), Some(y)) = (a.extract::<f64>(), b.extract::<f64>()) {
        return x == y || x.is_nan() && y.is_nan() || (x - y).abs() <= 1e-6 * y.abs().max(1.0);
    }
    a == b
}

#[test]
fn no_rows_give_no_rows_of_the_right_type() {
    for dtype in [DataType::Int16, DataType::Float32, DataType::Float64, DataType::UInt64] {
        let some = Series::full_null("x".into(), 3, &dtype).into_column();
        let none = some.slice(0, 0);
        for stat in STATS {
            let kind = Kind::Rolling(stat, options(Window::Rows(2)));
            let (some, none) = (around(&kind, &some, None, 0, 0), around(&kind, &none, None, 0, 0));
            assert_eq!(some.unwrap().dtype(), none.unwrap().dtype(), "{kind:?}");
        }
        for kind in kinds() {
            let carry = matches!(context(&kind).unwrap(), c if c.before == Need::Carry || c.after == Need::Carry);
            let of = |x: &Column| {
                if carry { apply(&kind, None, x) } else { around(&kind, x, None, 0, 0) }
            };
            assert_eq!(of(&some).unwrap().dtype(), of(&none).unwrap().dtype(), "{kind:?}");
            assert_eq!(of(&none).unwrap().len(), 0);
        }
    }
}

#[test]
fn shifts_totals_and_fills_are_what_pandas_gives() {
    let columns = committed(include_str!("../../tests/data/pandas_ordered.csv"));
    let x = column(&columns[0].1);
    for (header, expected) in &columns[1..] {
        let mut words = header.split(' ');
        let name = words.next().unwrap();
        let n = words.next().map(|word| word.parse::<i64>().unwrap());
        let limit = n.map(|n| n as usize);
        let kind = match name {
            "shift" => Kind::Shift(n.unwrap()),
            "diff" => Kind::Diff(n.unwrap()),
            "pct_change" => Kind::PctChange(n.unwrap()),
            "cum_sum" => Kind::CumSum,
            "cum_prod" => Kind::CumProd,
            "cum_min" => Kind::CumMin,
            "cum_max" => Kind::CumMax,
            "forward_fill" => Kind::ForwardFill(limit),
            _ => Kind::BackwardFill(limit),
        };
        for cuts in [vec![0], vec![0, 1, 2, 20], vec![0, 13, 13, 27]] {
            let found = in_partitions(&kind, &x, &cuts);
            for (row, (found, expected)) in found.f64().unwrap().iter().zip(expected).enumerate() {
                let same = match (found, expected) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs(),
                    (a, b) => a.is_some() == b.is_some(),
                };
                assert!(same, "{header}: row {row} is {found:?}, not {expected:?}");
            }
        }
    }
}
