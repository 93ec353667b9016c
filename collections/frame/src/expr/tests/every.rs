//! What holds for every expression: one type over any block, a value for each row, and the same ones whatever the blocks are.

use super::*;
use std::time::Duration;

/// An expression of each kind, on columns of each type it takes.
pub(super) fn all() -> Vec<Expr> {
    let mut all = Vec::new();
    let numbers = ["i8", "i16", "i32", "i64", "u8", "u32", "u64", "f32", "f64", "b"];
    for name in numbers {
        let x = || col(name);
        all.extend([x() + 1, 1 - x(), x() * 2.5, x() / 2, 7 / x(), x().floor_div(3), x() % 5]);
        all.extend([x().eq(3), x().gt(-1), x().lt_eq(1000), x().neq(2.5), x().eq_missing(4)]);
        all.extend([x().is_null(), x().is_not_null(), x().is_nan(), x().is_not_nan()]);
        all.extend([x().is_finite(), x().is_infinite(), x().sqrt(), x().cbrt(), x().exp()]);
        all.extend([x().ln(), x().log(3.0), x().log2(), x().log10(), x().log1p(), x().sign()]);
        all.extend([x().sin(), x().arctan(), x().degrees(), x().round(1), x().trunc(1)]);
        all.extend([x().floor(), x().ceil(), x().pow(2), x().pow(-1), x().pow(0.5)]);
        all.extend([x().fill_null(0), x().fill_null(1.5), x().fill_nan(0.0), x().is_in([1, 2, 3])]);
        all.extend([x().cast(DataType::Float64), x().cast(DataType::String)]);
        all.extend([x().is_between(-5, 5), x().cast_or_null(DataType::Int8)]);
        all.push(when(x().gt(0)).then(x()).otherwise(0));
        all.push(when(x().gt(0)).then(x()).when(x().lt(-3)).then(1.5).into());
        all.extend(numbers.iter().flat_map(|y| [x() + col(*y), x() / col(*y), x().lt(col(*y))]));
        if name != "b" {
            all.extend([x().clip(1, 5), x().clip_min(2), x().clip_max(3), x().abs()]);
            all.extend((!name.starts_with('u')).then(|| -x()));
            all.extend([x() - x(), x() % x(), x().floor_div(x()), x().pow(x())]);
        }
    }
    all.extend([lit(1) + 2, lit(1.5), lit("a") + "b", lit(true), Literal::Null.into()]);
    all.extend([lit(1) + lit(Literal::Null), -lit(3), lit(1).eq(2), lit(2).pow(3)]);
    all.extend([col("b") & col("c"), col("b") | true, !col("b"), col("b") ^ col("c")]);
    all.extend([col("s").eq("UA"), col("s") + "!", col("s").gt(col("digits")), lit("a").lt("b")]);
    all.extend([col("cat").eq("UA"), col("cat").eq(col("cat")), col("cat").is_in(["UA", "no"])]);
    all.extend([col("s").is_in(["UA", "aa"]), col("s").fill_null("none"), col("s").is_null()]);
    all.extend([col("digits").cast(DataType::Int32), col("s").cast_or_null(DataType::Float64)]);
    all.push(when(col("b")).then(col("s")).otherwise("no"));
    all.extend([col("time") - col("time"), col("day") - col("day"), col("time") - col("day")]);
    all.extend([col("time") + col("length"), col("day") + col("length"), col("utc") - col("utc")]);
    all.extend([col("length") * 2, col("length") / 2, col("length") / col("length")]);
    all.extend([col("length") + Duration::from_secs(1), 0.5 * col("length"), -col("length")]);
    all.extend([col("length").gt(Duration::from_secs(1)), col("length").abs()]);
    all.extend([col("time").gt(col("day")), col("day").eq(lit("2013-02-01").cast(DataType::Date))]);
    all.extend([col("clock") - col("clock"), col("clock").lt(col("clock"))]);
    all.extend([col("day").fill_null(lit("2013-02-01").cast(DataType::Date))]);
    all.extend([min_horizontal(["i8", "u32", "f64"]), max_horizontal(["f64", "f32", "i64"])]);
    all.extend([sum_horizontal(["i8", "b", "f32"]), coalesce([col("i8"), col("u64"), lit(0)])]);
    all.extend([sum_horizontal(["length", "length"]), sum_horizontal("b"), coalesce(["s", "cat"])]);
    all.extend([
        all_horizontal(["b", "c"]),
        any_horizontal([col("b"), col("i8").gt(0), lit(true)]),
    ]);
    all.extend([min_horizontal(["s", "digits"]), max_horizontal(["day", "time"])]);
    all.extend(text());
    all.extend(time());
    all
}

fn text() -> Vec<Expr> {
    let mut all = Vec::new();
    for name in ["s", "cat"] {
        let s = || col(name).str();
        all.extend([s().to_lowercase(), s().to_uppercase(), s().len_chars(), s().len_bytes()]);
        all.extend([s().contains("^[A-Z]"), s().contains_literal("a"), s().starts_with("U")]);
        all.extend([s().ends_with("A"), s().count_matches("[0-9]"), s().find("a"), s().strip()]);
        all.extend([s().replace("a", "b"), s().replace_literal("a", "b"), s().slice(-2, None)]);
        all.extend([s().replace_all("[a-z]", "$0$0"), s().replace_all_literal("a", "")]);
        all.extend([s().extract("([0-9]+)", 1), s().strip_chars(" x"), s().strip_prefix("U")]);
        all.extend([s().strip_chars_start(" "), s().strip_chars_end(" "), s().strip_suffix("A")]);
        all.extend([s().slice(1, Some(2)), s().head(2), s().tail(2), s().zfill(5), s().split("a")]);
        all.extend([s().pad_start(6, '*'), s().pad_end(6, '日'), s().to_integer_or_null(10)]);
        all.extend([s().to_date_or_null("%Y-%m-%d"), s().to_datetime_or_null("%Y-%m-%d %H:%M")]);
        all.extend([s().to_time_or_null("%H:%M"), s().to_datetime_or_null("%Y-%m-%d %H:%M %z")]);
    }
    all.push(col("digits").str().to_integer(10));
    let micros = TimeUnit::Microseconds;
    for dtype in [DataType::Date, DataType::Time, DataType::Datetime(micros, Some(TimeZone::UTC))] {
        all.push(col("s").cast_or_null(dtype));
    }
    all
}

fn time() -> Vec<Expr> {
    let mut all = Vec::new();
    let tokyo = || col("utc").dt().convert_time_zone("Asia/Tokyo");
    for x in [col("day"), col("time"), col("utc"), tokyo()] {
        let dt = || x.dt();
        all.extend([dt().year(), dt().iso_year(), dt().quarter(), dt().month(), dt().week()]);
        all.extend([dt().weekday(), dt().day(), dt().ordinal_day(), dt().days_in_month()]);
        all.extend([dt().is_leap_year(), dt().month_start(), dt().month_end(), dt().date()]);
        all.extend([dt().truncate("1w"), dt().truncate("1mo"), dt().offset_by("1mo")]);
        all.extend([dt().timestamp(TimeUnit::Milliseconds), dt().epoch_seconds()]);
        all.extend([dt().epoch_days(), dt().strftime("%Y/%m/%d")]);
    }
    for x in [col("clock"), col("time"), tokyo()] {
        let dt = || x.dt();
        all.extend([dt().hour(), dt().minute(), dt().second(), dt().millisecond()]);
        all.extend([dt().microsecond(), dt().nanosecond(), dt().strftime("%H:%M")]);
    }
    let dt = || col("time").dt();
    all.extend([dt().time(), dt().cast_time_unit(TimeUnit::Milliseconds)]);
    all.extend([dt().replace_time_zone(Some("UTC")), tokyo().dt().replace_time_zone(None)]);
    let dt = || col("length").dt();
    all.extend([dt().total_days(), dt().total_hours(), dt().total_minutes(), dt().total_seconds()]);
    all.extend([dt().total_milliseconds(), dt().total_microseconds(), dt().total_nanoseconds()]);
    all.push(dt().cast_time_unit(TimeUnit::Nanoseconds));
    all
}

#[test]
fn a_type_does_not_depend_on_the_rows() {
    let frame = block(97, 1);
    let nulls = DataFrame::new(
        3,
        frame.columns().iter().map(|c| Column::full_null(c.name().clone(), 3, c.dtype())).collect(),
    )
    .unwrap();
    for expr in all() {
        let whole = run(&expr, &frame);
        assert_eq!(whole.len(), 97, "{expr}");
        assert_eq!(*whole.name(), expr.output_name(), "{expr}");
        for block in [frame.head(Some(0)), frame.head(Some(1)), nulls.clone()] {
            let part = run(&expr, &block);
            assert_eq!(part.dtype(), whole.dtype(), "{expr} over {} rows", block.height());
            assert_eq!(part.len(), block.height(), "{expr}");
        }
        let checked = expr.check(frame.schema()).unwrap();
        assert_eq!(checked.dtype(), whole.dtype(), "{expr}");
    }
}

#[test]
fn the_ends_of_all_types_stop_no_thread() {
    let frame = block(2, 8);
    let ends = |column: &Column| {
        let dtype = column.dtype();
        let physical = dtype.to_physical();
        let ends = match physical.is_integer() && !dtype.is_categorical() {
            true => physical.min().and_then(|min| Ok((min, physical.max()?))).ok(),
            false => None,
        };
        let Some((min, max)) = ends else { return column.clone() };
        let values = [min.value().clone(), max.value().clone()];
        let ends =
            Series::from_any_values_and_dtype(column.name().clone(), &values, &physical, true);
        ends.unwrap().cast(dtype).unwrap_or_else(|_| column.as_materialized_series().clone()).into()
    };
    let ends: Vec<_> = frame.columns().iter().map(ends).collect();
    let frame = DataFrame::new(2, ends).unwrap();
    for expr in all() {
        // What is refused is said, and is no panic of a kernel.
        if let Err(error) = expr.evaluate(&frame) {
            let kind = error.kind();
            assert!(matches!(kind, crate::ErrorKind::Value | crate::ErrorKind::Type), "{error}");
        }
    }
}

#[test]
fn decimals_are_numbers() {
    let mut frame = block(40, 7);
    let decimal = frame.column("i64").unwrap().cast(&DataType::Decimal(20, 2)).unwrap();
    frame.with_column(decimal.with_name("d".into())).unwrap();
    let d = || col("d");
    for expr in [
        d() + 1,
        d() - d(),
        d() * 2,
        d() / 2,
        d() * 1.5,
        d() + col("i64"),
        d() + col("f32"),
        d().gt(0),
        d().eq(col("i64")),
        d().lt(1.5),
        d().is_null(),
        d().fill_null(0),
        -d(),
        d().abs(),
        d().sqrt(),
        d().round(1),
        d().floor(),
        d().pow(2),
        d().clip(1, 5),
        d().is_in([1, 2]),
        d().cast(DataType::Float64),
        d().cast(DataType::String),
        sum_horizontal(["d", "i64"]),
        when(col("b")).then(d()).otherwise(0),
        d().sign(),
    ] {
        let whole = run(&expr, &frame);
        assert_eq!(expr.check(frame.schema()).unwrap().dtype(), whole.dtype(), "{expr}");
        let float = frame.column("i64").unwrap().clone().with_name("d".into());
        let mut floats = frame.clone();
        floats.with_column(float.cast(&DataType::Float64).unwrap()).unwrap();
        let float = run(&expr, &floats);
        if whole.dtype().is_bool() || whole.dtype().is_float() || whole.dtype().is_decimal() {
            let whole = whole.cast(&DataType::Float64).unwrap();
            let float = float.cast(&DataType::Float64).unwrap();
            let gap = |(a, b): (Option<f64>, Option<f64>)| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() > 0.006,
                (a, b) => a.is_some() != b.is_some(),
            };
            let gaps = whole.f64().unwrap().iter().zip(float.f64().unwrap().iter()).any(gap);
            assert!(!gaps, "{expr}: {whole:?} {float:?}");
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_block() {
    for seed in 2..5 {
        let frame = block(120, seed);
        for expr in all() {
            let whole = run(&expr, &frame);
            let mut random = Random::new(seed);
            let mut at = 0;
            while at < frame.height() {
                let rows = random.below(40) as usize;
                let part = run(&expr, &frame.slice(at as i64, rows));
                let same = whole.slice(at as i64, rows);
                assert!(part.equals_missing(&same), "{expr} (seed {seed}): {part:?} {same:?}");
                at += rows;
            }
        }
    }
}

#[test]
fn a_column_that_is_one_value_is_as_one_that_has_it_in_each_row() {
    let one = block(1, 9);
    let scalar = |c: &Column| {
        let value = c.get(0).unwrap().into_static();
        Column::new_scalar(c.name().clone(), Scalar::new(c.dtype().clone(), value), 5)
    };
    let scalars = DataFrame::new(5, one.columns().iter().map(scalar).collect()).unwrap();
    let mut rows = scalars.clone();
    for column in materialized(&scalars) {
        rows.with_column(column).unwrap();
    }
    for expr in all() {
        let (left, right) = (run(&expr, &scalars), run(&expr, &rows));
        assert!(left.equals_missing(&right), "{expr}: {left:?} {right:?}");
        assert_eq!(left.dtype(), right.dtype(), "{expr}");
    }
}

/// The same columns, with a value in each row.
fn materialized(frame: &DataFrame) -> Vec<Column> {
    frame.columns().iter().map(|c| c.as_materialized_series().clone().into()).collect()
}
