//! Functions of a row and of those around it, against plain loops, over partitions of which some have no rows.

use crate::support::{
    Random, assert_same, check, check_rows, computed, float_column, floats, framed, table, ticks,
    with,
};
use taskweave_frame::Closed;
use taskweave_frame::polars_core::prelude::{IntoColumn, NamedFrom};
use taskweave_frame::prelude::*;

type Values = Vec<Option<f64>>;

fn shifted(values: &[Option<f64>], by: i64) -> Values {
    (0..values.len() as i64)
        .map(|row| usize::try_from(row - by).ok().and_then(|at| values.get(at).copied().flatten()))
        .collect()
}

fn both(a: Option<f64>, b: Option<f64>, of: impl Fn(f64, f64) -> f64) -> Option<f64> {
    a.zip(b).map(|(a, b)| of(a, b))
}

/// What goes along the rows; nulls stay, and are passed over.
fn running(values: &[Option<f64>], of: impl Fn(f64, f64) -> f64) -> Values {
    let mut state = None;
    let one = |value: &Option<f64>| {
        value.map(|value| {
            let next = state.map_or(value, |before| of(before, value));
            state = Some(next);
            next
        })
    };
    values.iter().map(one).collect()
}

fn filled(values: &[Option<f64>], limit: Option<usize>) -> Values {
    let (mut last, mut count) = (None, 0);
    let one = |value: &Option<f64>| {
        if value.is_some() {
            (last, count) = (*value, 0);
            return *value;
        }
        count += 1;
        last.filter(|_| limit.is_none_or(|limit| count <= limit))
    };
    values.iter().map(one).collect()
}

/// A table with a column `x` of floats and nulls.
fn numbers(random: &mut Random, rows: usize) -> DataFrame {
    let table = table(random, rows);
    let x: Values =
        floats(&table, "g").into_iter().map(|v| if random.once_in(4) { None } else { v }).collect();
    with(&table.select(["n", "at"]).unwrap(), float_column("x", x))
}

/// A step, and the same of all values.
#[track_caller]
fn check_x(step: impl Fn(Expr) -> Expr, expected: impl Fn(&[Option<f64>]) -> Values) {
    for seed in 0..12 {
        let random = &mut Random::new(seed);
        let height = random.below(40);
        let table = numbers(random, height);
        let frame = framed(random, &table);
        let wanted = with(&table, float_column("y", expected(&floats(&table, "x"))));
        let made = frame.with_columns([step(col("x")).alias("y")]);
        assert_same(&computed(&made).unwrap(), &wanted, &format!("seed {seed}"));
        let alone = made.select("y").compute().unwrap();
        assert_same(&alone, &wanted.select(["y"]).unwrap(), &format!("seed {seed}, alone"));
        // Behind a filter, and as a part of an expression.
        let made =
            frame.filter(col("n").gt(4)).select([(step(col("x")) * 2.0).alias("y"), col("n")]);
        let rest = crate::support::kept(&table, |row| row > 4);
        let doubled: Values =
            expected(&floats(&rest, "x")).into_iter().map(|v| v.map(|v| v * 2.0)).collect();
        let wanted = DataFrame::new(
            rest.height(),
            vec![float_column("y", doubled), rest.column("n").unwrap().clone()],
        )
        .unwrap();
        assert_same(&computed(&made).unwrap(), &wanted, &format!("seed {seed}, filtered"));
    }
}

#[test]
fn rows_are_compared_with_those_before_and_behind() {
    for by in [0, 1, 3, 17, -1, -5, -100] {
        check_x(|x| x.shift(by), |v| shifted(v, by));
    }
    for by in [1, 4, -2] {
        check_x(
            |x| x.diff(by),
            |v| v.iter().zip(shifted(v, by)).map(|(a, b)| both(*a, b, |a, b| a - b)).collect(),
        );
    }
    check(
        |f| f.select(["s", "n"]).shift(2),
        |t| {
            let of = |name: &str| {
                t.column(name).unwrap().as_materialized_series().shift(2).into_column()
            };
            DataFrame::new(t.height(), vec![of("s"), of("n")]).unwrap()
        },
    );
}

#[test]
fn changes_are_parts_of_what_was_before() {
    check_x(
        |x| x.pct_change(1),
        |v| v.iter().zip(shifted(v, 1)).map(|(a, b)| both(*a, b, |a, b| a / b - 1.0)).collect(),
    );
}

#[test]
fn totals_run_across_partitions() {
    check_x(|x| x.cum_sum(), |v| running(v, |a, b| a + b));
    check_x(|x| x.cum_min(), |v| running(v, f64::min));
    check_x(|x| x.cum_max(), |v| running(v, f64::max));
    check_x(
        |x| (x / 400.0).cum_prod(),
        |v| {
            let v: Values = v.iter().map(|v| v.map(|v| v / 400.0)).collect();
            running(&v, |a, b| a * b)
        },
    );
    check_rows(
        0..10,
        40,
        |f| f.select("i").cum_count(),
        |t| {
            let mut count = 0_u32;
            let counts: Vec<u32> = ticks(t, "i")
                .into_iter()
                .map(|v| {
                    count += u32::from(v.is_some());
                    count
                })
                .collect();
            DataFrame::new(t.height(), vec![Series::new("i".into(), counts).into_column()]).unwrap()
        },
    );
    check_rows(
        0..10,
        40,
        |f| f.select(["i", "k"]).cum_sum(),
        |t| {
            let sums = |name: &str| -> Vec<Option<i64>> {
                let mut sum = 0;
                ticks(t, name)
                    .into_iter()
                    .map(|v| {
                        v.map(|v| {
                            sum += v;
                            sum
                        })
                    })
                    .collect()
            };
            let column = |name: &str| Series::new(name.into(), sums(name)).into_column();
            let mut columns = vec![column("i"), column("k")];
            // As polars has it: of small integers the totals are of 64 bits.
            columns[1] = columns[1].cast(&DataType::Int64).unwrap();
            DataFrame::new(t.height(), columns).unwrap()
        },
    );
}

#[test]
fn nulls_take_the_values_beside_them() {
    for limit in [None, Some(1), Some(2), Some(30)] {
        check_x(|x| x.forward_fill(limit), |v| filled(v, limit));
        check_x(
            |x| x.backward_fill(limit),
            |v| {
                let back: Values = v.iter().rev().copied().collect();
                filled(&back, limit).into_iter().rev().collect()
            },
        );
    }
}

/// The values of a window of rows that are not null, if they are enough.
fn of_rows(
    values: &[Option<f64>],
    (before, after): (usize, usize),
    least: usize,
    of: impl Fn(&[f64]) -> Option<f64>,
) -> Values {
    (0..values.len())
        .map(|row| {
            let window = &values[row.saturating_sub(before)..(row + after + 1).min(values.len())];
            let some: Vec<f64> = window.iter().flatten().copied().collect();
            if some.len() < least { None } else { of(&some) }
        })
        .collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    (values.len() > 1).then(|| squares / (values.len() - 1) as f64)
}

/// Interpolated.
fn quantile(values: &[f64], part: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = part * (sorted.len().checked_sub(1)? as f64);
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * (place - place.floor()))
}

#[test]
fn windows_of_rows_reach_into_other_partitions() {
    let options = |rows: usize, least: usize| RollingOptions::from(rows).min_periods(least);
    for (rows, least) in [(1, 1), (3, 1), (3, 3), (10, 2), (100, 1)] {
        let window = (rows - 1, 0);
        check_x(|x| x.rolling_mean(options(rows, least)), |v| of_rows(v, window, least, mean));
        check_x(
            |x| x.rolling_max(options(rows, least)),
            |v| of_rows(v, window, least, |v| v.iter().copied().reduce(f64::max)),
        );
    }
    check_x(|x| x.rolling_sum(4), |v| of_rows(v, (3, 0), 4, |v| Some(v.iter().sum())));
    check_x(
        |x| x.rolling_min(options(5, 1)),
        |v| of_rows(v, (4, 0), 1, |v| v.iter().copied().reduce(f64::min)),
    );
    check_x(|x| x.rolling_var(options(6, 1)), |v| of_rows(v, (5, 0), 1, variance));
    check_x(
        |x| x.rolling_std(options(6, 2)),
        |v| of_rows(v, (5, 0), 2, |v| variance(v).map(f64::sqrt)),
    );
    check_x(|x| x.rolling_median(options(5, 1)), |v| of_rows(v, (4, 0), 1, |v| quantile(v, 0.5)));
    check_x(
        |x| x.rolling_quantile(0.3, options(7, 1)),
        |v| of_rows(v, (6, 0), 1, |v| quantile(v, 0.3)),
    );
}

#[test]
fn windows_may_lie_around_their_row() {
    for (rows, around) in [(3, (1, 1)), (4, (2, 1)), (31, (15, 15))] {
        let options = RollingOptions::from(rows).center(true).min_periods(1);
        check_x(|x| x.rolling_mean(options.clone()), |v| of_rows(v, around, 1, mean));
    }
}

/// The values of a window of time that are not null.
fn of_time(
    table: &DataFrame,
    (from, to): (i64, i64),
    closed: Closed,
    of: impl Fn(&[f64]) -> Option<f64>,
) -> Values {
    let (at, values) = (ticks(table, "at"), floats(table, "x"));
    let is_in = |own: i64, other: i64| {
        let (start, end) = (own + from, own + to);
        let is_behind_start = match closed {
            Closed::Left | Closed::Both => other >= start,
            _ => other > start,
        };
        let is_before_end = match closed {
            Closed::Right | Closed::Both => other <= end,
            _ => other < end,
        };
        is_behind_start && is_before_end
    };
    (0..at.len())
        .map(|row| {
            let own = at[row].unwrap();
            let some: Vec<f64> = (0..at.len())
                .filter(|r| is_in(own, at[*r].unwrap()))
                .filter_map(|r| values[r])
                .collect();
            of(&some)
        })
        .collect()
}

/// A window of time that ends with its row looks at rows of the same time behind it no more than pandas does: not at all.
fn up_to_own(table: &DataFrame, length: i64, of: impl Fn(&[f64]) -> Option<f64>) -> Values {
    let (at, values) = (ticks(table, "at"), floats(table, "x"));
    (0..at.len())
        .map(|row| {
            let own = at[row].unwrap();
            let some: Vec<f64> = (0..=row)
                .filter(|r| at[*r].unwrap() > own - length)
                .filter_map(|r| values[r])
                .collect();
            of(&some)
        })
        .collect()
}

const HOUR: i64 = 3_600_000_000;

#[test]
fn windows_of_time_reach_into_other_partitions() {
    for seed in 0..12 {
        let random = &mut Random::new(seed);
        let height = random.below(50);
        let mut table = numbers(random, height);
        // Without times that come twice: what they see of each other is told by the test below.
        let mut at: Vec<i64> = ticks(&table, "at").into_iter().flatten().collect();
        for (row, time) in at.iter_mut().enumerate() {
            *time += row as i64 * 1_000;
        }
        let at = Series::new("at".into(), at).cast(table.column("at").unwrap().dtype()).unwrap();
        table.with_column(at.into_column()).unwrap();
        let frame = framed(random, &table).sorted_by("at");
        for (text, length) in [("1h", HOUR), ("1d", 24 * HOUR), ("4w", 28 * 24 * HOUR)] {
            let found =
                computed(&frame.with_columns([col("x").rolling_mean(text).alias("y")])).unwrap();
            let expected = up_to_own(&table, length, mean);
            assert_same(
                &found,
                &with(&table, float_column("y", expected)),
                &format!("seed {seed}, {text}"),
            );
            for closed in [Closed::Left, Closed::Right, Closed::Both, Closed::Neither] {
                let options = RollingOptions::from(text).closed(closed).by("at");
                let found =
                    computed(&frame.select([col("x").rolling_sum(options).alias("y")])).unwrap();
                let expected = of_time(&table, (-length, 0), closed, |v| {
                    (!v.is_empty()).then(|| v.iter().sum())
                });
                let expected = DataFrame::new(height, vec![float_column("y", expected)]).unwrap();
                assert_same(&found, &expected, &format!("seed {seed}, {text}, closed {closed:?}"));
            }
            let options = RollingOptions::from(text).center(true);
            let found =
                computed(&frame.select([col("x").rolling_mean(options).alias("y")])).unwrap();
            let expected = of_time(&table, (-length / 2, length / 2), Closed::Right, mean);
            let expected = DataFrame::new(height, vec![float_column("y", expected)]).unwrap();
            assert_same(&found, &expected, &format!("seed {seed}, {text}, centered"));
        }
    }
}

#[test]
fn rows_of_one_time_are_the_same_in_any_partitions() {
    for seed in 0..12 {
        let random = &mut Random::new(seed);
        let table = numbers(random, 40);
        for closed in [Closed::Left, Closed::Right, Closed::Both, Closed::Neither] {
            let options = RollingOptions::from("1d").closed(closed).by("at").min_periods(0);
            let sums = |frame: &Frame| {
                computed(&frame.select([col("x").rolling_count(options.clone())])).unwrap()
            };
            let one = sums(&Frame::from_polars(table.clone(), 1));
            let some = sums(&framed(random, &table));
            assert_same(&some, &one, &format!("seed {seed}, closed {closed:?}"));
        }
    }
}

#[test]
fn all_columns_of_numbers_are_rolled_over() {
    check_rows(
        0..8,
        40,
        |f| f.select(["s", "g"]).rolling(3).mean(),
        |t| {
            DataFrame::new(
                t.height(),
                vec![float_column("g", of_rows(&floats(t, "g"), (2, 0), 3, mean))],
            )
            .unwrap()
        },
    );
    check_rows(
        0..8,
        40,
        |f| f.select(["g", "n"]).sorted_by("n").rolling(2).max(),
        |t| {
            let g = of_rows(&floats(t, "g"), (1, 0), 2, |v| v.iter().copied().reduce(f64::max));
            DataFrame::new(t.height(), vec![t.column("n").unwrap().clone(), float_column("g", g)])
                .unwrap()
        },
    );
    check_rows(
        0..8,
        40,
        |f| f.select([col("g").rolling_mean(5)]).max(),
        |t| {
            let most =
                of_rows(&floats(t, "g"), (4, 0), 5, mean).into_iter().flatten().reduce(f64::max);
            DataFrame::new(1, vec![float_column("g", vec![most])]).unwrap()
        },
    );
}
