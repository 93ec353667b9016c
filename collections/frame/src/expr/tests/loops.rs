//! Values against plain loops.

use super::*;

/// The values of two columns of `i64`, or of what casts to them.
fn both(frame: &DataFrame, left: &str, right: &str) -> Vec<(Option<i64>, Option<i64>)> {
    let of = |name: &str| frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
    let (left, right) = (of(left), of(right));
    left.i64().unwrap().iter().zip(right.i64().unwrap().iter()).collect()
}

fn is(expr: Expr, frame: &DataFrame, values: impl Iterator<Item = Option<i64>>) {
    let column = run(&expr, frame);
    let own = column.cast(&DataType::Int64).unwrap();
    let own: Vec<_> = own.i64().unwrap().iter().collect();
    assert_eq!(own, values.collect::<Vec<_>>(), "{expr}");
}

#[test]
fn integers_wrap_and_a_null_makes_null() {
    let frame = block(500, 11);
    let pairs = both(&frame, "i32", "i32");
    let of = |f: fn(i32) -> i32| pairs.iter().map(move |p| p.0.map(|x| i64::from(f(x as i32))));
    is(col("i32") + 1, &frame, of(|x| x.wrapping_add(1)));
    is(col("i32") * 3, &frame, of(|x| x.wrapping_mul(3)));
    is(-col("i32"), &frame, of(i32::wrapping_neg));
    is(col("i32").pow(3), &frame, of(|x| x.wrapping_pow(3)));
    is(col("i32").floor_div(-7), &frame, of(|x| (f64::from(x) / -7.0).floor() as i32));
    is(col("i32") % 7, &frame, of(|x| x.rem_euclid(7)));
    is(col("i32") % 0, &frame, pairs.iter().map(|_| None));
    let small = both(&frame, "i8", "u8");
    is(
        col("i8") + 1,
        &frame,
        small.iter().map(|p| p.0.map(|x| i64::from((x as i8).wrapping_add(1)))),
    );
    is(col("i8") + 200, &frame, small.iter().map(|p| p.0.map(|x| x + 200)));
    is(
        col("i8").pow(5),
        &frame,
        small.iter().map(|p| p.0.map(|x| i64::from((x as i8).wrapping_pow(5)))),
    );
    is(
        col("u8").pow(2),
        &frame,
        small.iter().map(|p| p.1.map(|x| i64::from((x as u8).wrapping_pow(2)))),
    );
    is(col("i8") - col("u8"), &frame, small.iter().map(|p| Some(p.0? - p.1?)));
    is(col("i8").sign(), &frame, small.iter().map(|p| p.0.map(i64::signum)));
    is(col("u8").sign(), &frame, small.iter().map(|p| p.1.map(i64::signum)));
    is(
        col("i8").abs(),
        &frame,
        small.iter().map(|p| p.0.map(|x| i64::from((x as i8).wrapping_abs()))),
    );
    is(col("i8").clip(-3, 9), &frame, small.iter().map(|p| p.0.map(|x| x.clamp(-3, 9))));
}

#[test]
fn a_number_takes_the_type_of_the_column_if_it_fits() {
    let frame = block(3, 12);
    for (expr, dtype) in [
        (col("i8") + 1, DataType::Int8),
        (1 + col("i8"), DataType::Int8),
        (col("i8") + 1_000, DataType::Int16),
        (col("i8") + 1.0, DataType::Float64),
        (col("i32") + 1i64, DataType::Int32),
        (col("i32") + 1_000_000_000_000i64, DataType::Int64),
        (col("u8") + 255, DataType::UInt8),
        (col("u8") - 1, DataType::UInt8),
        (col("u8") + -1, DataType::Int16),
        (col("f32") + 1, DataType::Float32),
        (col("f32") * 1.5, DataType::Float32),
        (col("i32") + col("f32"), DataType::Float64),
        (col("i8") + col("i64"), DataType::Int64),
        (col("i64") / 2, DataType::Float64),
        (col("f32") / 2, DataType::Float32),
        (col("i8") + lit(1).cast(DataType::Int64), DataType::Int64),
        (col("b") + col("b"), DataType::UInt32),
        (col("b") + 1, DataType::Int32),
        (lit(1) + 1, DataType::Int32),
        (lit(1) + 4_000_000_000i64, DataType::Int64),
        (col("i8") + (lit(1) + 2), DataType::Int8),
        (col("i8") + -lit(2), DataType::Int8),
        (lit(1.5), DataType::Float64),
        (when(col("b")).then(1).otherwise(col("i8")), DataType::Int8),
        (when(col("b")).then(1).otherwise(2.5), DataType::Float64),
        (when(col("b")).then(Literal::Null).otherwise("a"), DataType::String),
        (col("i8").fill_null(1.5), DataType::Float64),
        (col("length") / 2, DataType::Duration(TimeUnit::Microseconds)),
        (col("length") / col("length"), DataType::Float64),
    ] {
        assert_eq!(*run(&expr, &frame).dtype(), dtype, "{expr}");
    }
}

/// As polars orders floats: NaN is the greatest, and is itself.
fn order(left: f64, right: f64) -> std::cmp::Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

#[test]
fn comparisons_are_null_beside_a_null_and_nan_is_the_greatest() {
    let frame = block(400, 13);
    let floats = frame.column("f64").unwrap().f64().unwrap().clone();
    let integers = both(&frame, "i64", "u64");
    let x: Vec<_> =
        floats.iter().zip(integers).map(|(f, (i, _))| (f, i.map(|i| i as f64))).collect();
    let (f, i) = (col("f64"), col("i64"));
    type Test = fn(std::cmp::Ordering) -> bool;
    let tests: [(Expr, Test); 6] = [
        (f.gt(&i), |o| o.is_gt()),
        (f.gt_eq(&i), |o| o.is_ge()),
        (f.lt(&i), |o| o.is_lt()),
        (f.lt_eq(&i), |o| o.is_le()),
        (f.eq(&i), |o| o.is_eq()),
        (f.neq(&i), |o| o.is_ne()),
    ];
    for (expr, test) in tests {
        let own: Vec<_> = run(&expr, &frame).bool().unwrap().iter().collect();
        let loops: Vec<_> = x.iter().map(|(f, i)| Some(test(order((*f)?, (*i)?)))).collect();
        assert_eq!(own, loops, "{expr}");
    }
    let missing: Vec<_> = run(f.eq_missing(&i), &frame).bool().unwrap().iter().collect();
    let of = |(f, i): &(Option<f64>, Option<f64>)| match (f, i) {
        (Some(f), Some(i)) => Some(order(*f, *i).is_eq()),
        (f, i) => Some(f.is_none() && i.is_none()),
    };
    assert_eq!(missing, x.iter().map(of).collect::<Vec<_>>());
}

#[test]
fn a_value_out_of_range_is_compared_as_what_it_is() {
    let frame = block(200, 14);
    for name in ["i8", "u8", "u32", "u64", "i64"] {
        let there = |value: bool| {
            both(&frame, name, name).into_iter().map(move |p| p.0.map(|_| i64::from(value)))
        };
        is(col(name).gt(-1_000_000), &frame, there(true));
        is(col(name).lt(u64::MAX), &frame, there(true));
        is(col(name).eq(1e30), &frame, there(false));
        is(col(name).is_in([1_000_000_000_000i64, -1_000]), &frame, there(false));
    }
}

#[test]
fn three_valued_logic() {
    let frame = block(200, 15);
    let pairs = both(&frame, "b", "c");
    let truth = |x: Option<i64>| x.map(|x| x == 1);
    let all = |f: fn(Option<bool>, Option<bool>) -> Option<bool>| {
        pairs.iter().map(move |p| f(truth(p.0), truth(p.1)).map(i64::from))
    };
    is(
        col("b") & col("c"),
        &frame,
        all(|a, b| match (a, b) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (a, b) => Some(a? && b?),
        }),
    );
    is(
        col("b") | col("c"),
        &frame,
        all(|a, b| match (a, b) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (a, b) => Some(a? || b?),
        }),
    );
    is(col("b") ^ col("c"), &frame, all(|a, b| Some(a? != b?)));
    is(!col("b"), &frame, all(|a, _| a.map(|a| !a)));
    is(col("b").and(true), &frame, all(|a, _| a));
    is(col("b").or(Literal::Null), &frame, all(|a, _| a.filter(|a| *a)));
    // The first condition that is true decides.
    let choice = when(col("b")).then(1).when(col("c")).then(2).otherwise(3);
    is(
        choice,
        &frame,
        pairs.iter().map(|p| match p {
            (Some(1), _) => Some(1),
            (_, Some(1)) => Some(2),
            _ => Some(3),
        }),
    );
    let open = when(col("b")).then(col("i64"));
    let values = both(&frame, "b", "i64");
    is(open.into(), &frame, values.iter().map(|p| p.1.filter(|_| p.0 == Some(1))));
}

#[test]
fn nulls_and_nans_are_filled() {
    let frame = block(200, 16);
    let pairs = both(&frame, "i64", "u8");
    is(col("i64").fill_null(7), &frame, pairs.iter().map(|p| p.0.or(Some(7))));
    is(col("i64").fill_null(col("u8")), &frame, pairs.iter().map(|p| p.0.or(p.1)));
    is(
        col("i64").is_in([1, 2, 500]),
        &frame,
        pairs.iter().map(|p| p.0.map(|x| i64::from(x == 1 || x == 2))),
    );
    is(col("i64").is_in([1.0, 2.5]), &frame, pairs.iter().map(|p| p.0.map(|x| i64::from(x == 1))));
    is(
        col("i64").is_in([Some(1), None]),
        &frame,
        pairs.iter().map(|p| p.0.map(|x| i64::from(x == 1))),
    );
    let none: [i64; 0] = [];
    is(col("i64").is_in(none), &frame, pairs.iter().map(|p| p.0.map(|_| 0)));
    let filled = run(col("f64").fill_nan(1.0), &frame);
    let floats = frame.column("f64").unwrap().f64().unwrap().clone();
    let loops: Vec<_> =
        floats.iter().map(|x| x.map(|x| if x.is_nan() { 1.0 } else { x })).collect();
    assert_eq!(filled.f64().unwrap().iter().collect::<Vec<_>>(), loops);
}

#[test]
fn functions_of_floats() {
    let frame = block(300, 17);
    let floats: Vec<_> = frame.column("f64").unwrap().f64().unwrap().iter().collect();
    let x = col("f64");
    type Real = fn(f64) -> f64;
    let tests: [(Expr, Real); 12] = [
        (x.sqrt(), f64::sqrt),
        (x.exp(), f64::exp),
        (x.ln(), f64::ln),
        (x.log(3.0), |x| x.log(3.0)),
        (x.log1p(), f64::ln_1p),
        (x.floor(), f64::floor),
        (x.ceil(), f64::ceil),
        (x.round(0), f64::round_ties_even),
        (x.trunc(0), f64::trunc),
        (x.pow(2), |x| x.powf(2.0)),
        (2.0 * &x - 1, |x| 2.0 * x - 1.0),
        (1 / &x, |x| 1.0 / x),
    ];
    for (expr, real) in tests {
        let own = run(&expr, &frame);
        let own: Vec<_> = own.f64().unwrap().iter().map(|x| x.map(f64::to_bits)).collect();
        let quiet = |x: f64| if x.is_nan() { f64::NAN } else { x };
        let loops: Vec<_> = floats.iter().map(|x| x.map(|x| quiet(real(x)).to_bits())).collect();
        let own: Vec<_> =
            own.into_iter().map(|x| x.map(|x| quiet(f64::from_bits(x)).to_bits())).collect();
        assert_eq!(own, loops, "{expr}");
    }
}

#[test]
fn casts_name_the_value_that_has_none_or_make_it_null() {
    let frame = df(["1", "2", "x3"]);
    let strict = refusal(col("s").cast(DataType::Int64), &frame);
    assert_eq!(
        strict,
        r#"`col("s").cast(Int64)`: cannot cast the value "x3" to Int64 strictly; of a CSV file `null_values` names the texts that are no numbers, `cast_or_null` makes null of such values"#
    );
    let loose = run(col("s").cast_or_null(DataType::Int64), &frame);
    assert_eq!(loose.i64().unwrap().iter().collect::<Vec<_>>(), [Some(1), Some(2), None]);
}

fn df(texts: [&str; 3]) -> DataFrame {
    DataFrame::new(3, vec![Column::new("s".into(), texts)]).unwrap()
}

#[test]
fn several_columns_of_a_row() {
    let frame = block(400, 18);
    let (pairs, third) = (both(&frame, "i64", "u8"), both(&frame, "i8", "i8"));
    let rows: Vec<_> = pairs.iter().zip(third).map(|(p, t)| [p.0, p.1, t.0]).collect();
    let names = ["i64", "u8", "i8"];
    is(min_horizontal(names), &frame, rows.iter().map(|r| r.iter().flatten().min().copied()));
    is(max_horizontal(names), &frame, rows.iter().map(|r| r.iter().flatten().max().copied()));
    is(sum_horizontal(names), &frame, rows.iter().map(|r| Some(r.iter().flatten().sum())));
    is(coalesce(names), &frame, rows.iter().map(|r| r.iter().flatten().next().copied()));
    let none: [&str; 0] = [];
    assert_eq!(run(min_horizontal(none), &frame).null_count(), 400);
    // NaN gives way to a number, and not to a null.
    let (nan, null) = (Some(f64::NAN), None);
    let a = Column::new("a".into(), [nan, nan, null, Some(1.0), null, nan]);
    let b = Column::new("b".into(), [Some(2.0), null, nan, nan, null, nan]);
    let floats = DataFrame::new(6, vec![a, b]).unwrap();
    for expr in [min_horizontal(["a", "b"]), max_horizontal(["a", "b"])] {
        let shown: Vec<_> =
            run(expr, &floats).f64().unwrap().iter().map(|x| format!("{x:?}")).collect();
        assert_eq!(
            shown,
            ["Some(2.0)", "Some(NaN)", "Some(NaN)", "Some(1.0)", "None", "Some(NaN)"]
        );
    }
}
