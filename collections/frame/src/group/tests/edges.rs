//! What stands at the edges: nothing, one, too much.

use super::*;

/// One aggregate of the whole column, whose pieces are cut at random.
pub(super) fn whole(values: Series, kind: AggKind) -> Result<Series, Error> {
    let value = Column::from(values);
    let specs = [spec(&value, &kind, 0)];
    let state = state(&[], &[value], &specs, &mut Random(17))?;
    assert_eq!(state.groups(), 1);
    let frame = state.finish()?;
    Ok(frame.columns()[0].as_materialized_series().clone())
}

fn is(values: impl Into<Series>, kind: AggKind, expected: impl Into<AnyValue<'static>>) {
    let found = whole(values.into(), kind.clone()).expect("defined");
    let value = found.get(0).expect("one value");
    assert_eq!(value, expected.into(), "{kind:?}");
}

pub(super) fn floats(values: &[f64]) -> Series {
    Series::new("x".into(), values)
}

#[test]
fn without_keys_there_is_one_group_even_of_no_rows() {
    is(floats(&[]), AggKind::Sum, 0.0);
    is(floats(&[]), AggKind::Len, 0u32);
    is(floats(&[]), AggKind::Count, 0u32);
    is(floats(&[]), AggKind::NUnique, 0u32);
    is(floats(&[]), AggKind::Product, 1.0);
    let without = [
        AggKind::Mean,
        AggKind::Min,
        AggKind::Max,
        AggKind::Std(1),
        AggKind::Median,
        AggKind::ApproxMedian,
        AggKind::First,
        AggKind::Last,
    ];
    for kind in without {
        is(floats(&[]), kind, AnyValue::Null);
    }
    is(floats(&[1.0, 2.0, 4.0]), AggKind::First, 1.0);
    is(floats(&[1.0, 2.0, 4.0]), AggKind::Last, 4.0);
    is(floats(&[1.0, 2.0, 4.0]), AggKind::Mean, 7.0 / 3.0);
    is(floats(&[1.0, 2.0, 4.0]), AggKind::Median, 2.0);
    is(floats(&[1.0, 2.0, 2.0]), AggKind::NUnique, 2u32);
    is(Series::new("x".into(), ["b", "a"]), AggKind::Min, AnyValue::StringOwned("a".into()));
}

#[test]
fn whole_reductions_are_those_of_polars() {
    let mut random = Random(23);
    for value in values(200, &mut random) {
        let series = value.as_materialized_series();
        let kinds = [
            AggKind::Sum,
            AggKind::Mean,
            AggKind::Min,
            AggKind::Max,
            AggKind::Std(1),
            AggKind::Var(1),
            AggKind::Median,
        ];
        for kind in kinds {
            let Ok(found) = whole(series.clone(), kind.clone()) else { continue };
            let polars = match kind {
                AggKind::Sum => series.sum_reduce(),
                AggKind::Mean => series.mean_reduce(),
                AggKind::Min => series.min_reduce(),
                AggKind::Max => series.max_reduce(),
                AggKind::Std(ddof) => series.std_reduce(ddof),
                AggKind::Var(ddof) => series.var_reduce(ddof),
                _ => series.median_reduce(),
            };
            let Ok(polars) = polars else { continue };
            assert_same(
                &found,
                &polars.into_series("x".into()),
                &format!("{kind:?} of {}", series.name()),
            );
        }
    }
}

#[test]
fn a_sum_that_its_type_does_not_hold_is_an_error() {
    let error = whole(Series::new("x".into(), [i64::MAX, 1]), AggKind::Sum).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Overflow);
    let text = "the sum of `0` is 9223372036854775808, more than i64 holds; cast the column to Float64 first";
    assert_eq!(error.message(), text);
    // On the way it may be.
    is(Series::new("x".into(), [i64::MAX, 1, -2]), AggKind::Sum, i64::MAX - 1);
    is(Series::new("x".into(), [u64::MAX, 0]), AggKind::Sum, u64::MAX);
    is(Series::new("x".into(), [1, u64::MAX]), AggKind::Max, u64::MAX);
    let error = whole(Series::new("x".into(), [u64::MAX, 1]), AggKind::Sum).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Overflow);
    let error =
        whole(Series::new("x".into(), [i32::MIN, -1]), AggKind::Sum).expect_err("too small");
    assert!(error.message().ends_with("(or to Int64)"), "{error}");
    is(Series::new("x".into(), [i16::MAX, 1]), AggKind::Sum, 32_768i64);
    let error =
        whole(Series::new("x".into(), [i64::MAX, 2]), AggKind::Product).expect_err("too large");
    assert_eq!(error.kind(), ErrorKind::Overflow);
    is(Series::new("x".into(), [i64::MAX, 2, 0]), AggKind::Product, 0i64);
    is(Series::new("x".into(), [-3i32, 5]), AggKind::Product, -15i64);
}

#[test]
fn sums_keep_what_rounding_would_lose() {
    is(floats(&[1e16, 1.0, -1e16]), AggKind::Sum, 1.0);
    is(floats(&[1e100, 1.0, -1e100, 1.0]), AggKind::Mean, 0.5);
    is(floats(&[f64::INFINITY, 1.0]), AggKind::Sum, f64::INFINITY);
    let found = whole(floats(&[f64::INFINITY, f64::NEG_INFINITY]), AggKind::Sum).expect("a sum");
    assert!(found.f64().expect("floats").get(0).expect("a value").is_nan());
    let far: Vec<f64> = (0..1000).map(|at| 1e9 + f64::from(at % 2)).collect();
    let found = whole(floats(&far), AggKind::Var(0)).expect("a variance");
    let found = found.f64().expect("floats").get(0).expect("a value");
    assert!((found - 0.25).abs() < 1e-9, "{found}");
}

#[test]
fn nan_is_least_and_greatest_only_of_nothing_else() {
    is(floats(&[f64::NAN, 2.0, f64::NAN, 1.0]), AggKind::Min, 1.0);
    is(floats(&[f64::NAN, 2.0, f64::NAN, 1.0]), AggKind::Max, 2.0);
    let found = whole(floats(&[f64::NAN, f64::NAN]), AggKind::Max).expect("a value");
    assert!(found.f64().expect("floats").get(0).expect("a value").is_nan());
}

#[test]
fn what_is_not_defined_says_so() {
    let error = whole(Series::new("x".into(), ["a"]), AggKind::Sum).expect_err("strings");
    assert_eq!(error.kind(), ErrorKind::Type);
    assert!(error.message().contains("is not defined for str"), "{error}");
    let linear = QuantileMethod::Linear;
    let error = whole(floats(&[1.0]), AggKind::Quantile(1.2, linear)).expect_err("beyond 1");
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Value, "a quantile is between 0 and 1, and not 1.2")
    );
    let value = Column::from(floats(&[1.0]));
    let mut state = GroupState::new(&[], &[spec(&value, &AggKind::Sum, 0)]).expect("defined");
    let error = state.update(&[], &[Column::new("x".into(), [1i64])]).expect_err("another type");
    assert_eq!(error.kind(), ErrorKind::Schema);
    let error = state.update(&[], &[]).expect_err("no input");
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn of_nulls_of_no_type_there_are_nulls() {
    let nulls = || Series::full_null("x".into(), 5, &DataType::Null);
    for kind in [AggKind::Sum, AggKind::Mean, AggKind::Max, AggKind::Median, AggKind::First] {
        let found = whole(nulls(), kind).expect("defined");
        assert_eq!((found.dtype(), found.null_count()), (&DataType::Null, 1));
    }
    is(nulls(), AggKind::Count, 0u32);
    is(nulls(), AggKind::Len, 5u32);
}

/// The strings of a group, one after the other: it depends on their order.
struct Joined;

impl crate::Aggregation for Joined {
    type State = String;

    fn name(&self) -> &str {
        "joined"
    }

    fn output(&self, input: &DataType) -> Result<DataType, Error> {
        if *input == DataType::String {
            return Ok(DataType::String);
        }
        Err(Error::new(ErrorKind::Type, "strings only"))
    }

    fn init(&self) -> String {
        String::new()
    }

    fn update(&self, state: &mut String, values: &Column) -> Result<(), Error> {
        state.extend(values.str().map_err(Error::polars)?.iter().flatten());
        Ok(())
    }

    fn merge(&self, state: &mut String, later: String) -> Result<(), Error> {
        state.push_str(&later);
        Ok(())
    }

    fn finish(&self, state: String) -> Result<Scalar, Error> {
        Ok(Scalar::new(DataType::String, AnyValue::StringOwned(state.into())))
    }
}

#[test]
fn an_aggregation_of_ones_own_has_the_rows_in_order() {
    let mut random = Random(31);
    let keys: Vec<i64> = (0..500).map(|_| random.below(9) as i64).collect();
    let words: Vec<String> = (0..500).map(|row| format!("{row};")).collect();
    let mut expected = vec![String::new(); 9];
    for (&key, word) in keys.iter().zip(&words) {
        expected[key as usize].push_str(word);
    }
    let value = Column::new("word".into(), words);
    let own = AggKind::User(Arc::new(Joined));
    let specs = [spec(&value, &own, 0)];
    let keys = [Column::new("key".into(), keys)];
    let state = state(&keys, &[value], &specs, &mut random).expect("defined");
    let parts = state.split(3).expect("parts");
    assert_eq!(parts.iter().map(GroupState::groups).sum::<usize>(), 9);
    for part in parts {
        let frame = part.finish().expect("strings");
        let keys = frame.columns()[0].i64().expect("keys").iter();
        for (key, joined) in keys.zip(frame.columns()[1].str().expect("strings").iter()) {
            assert_eq!(joined, Some(&*expected[key.expect("no null") as usize]));
        }
    }
    let refused = whole(floats(&[1.0]), own).expect_err("floats");
    assert_eq!(refused.message(), "aggregation `joined`: strings only");
}
