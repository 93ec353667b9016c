//! Groups against polars' own `group_by` on the whole frame, and against plain loops, over random frames, cuts and trees of merges.

use super::{AggKind, AggSpec, GroupState};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::*;

mod edges;
mod sketches;

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((u128::from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)) * below as u128) >> 64) as usize
    }

    fn column<T>(
        &mut self,
        rows: usize,
        mut value: impl FnMut(&mut Random) -> T,
    ) -> Vec<Option<T>> {
        (0..rows).map(|_| (self.below(7) > 0).then(|| value(self))).collect()
    }
}

const CARRIERS: [&str; 6] = ["UA", "", "AA", "Ünïted", "twelve bytes", "Delta"];
const FLOATS: [f64; 8] = [0.0, -0.0, f64::NAN, 1.5, -2.25, f64::INFINITY, 1e300, 5e-324];

fn date(series: Series) -> Series {
    series.cast(&DataType::Date).expect("days")
}

/// Columns of keys, named after their types.
fn keys(rows: usize, random: &mut Random) -> Vec<Column> {
    let few = random.column(rows, |random| CARRIERS[random.below(6)]);
    let long = random.column(rows, |random| format!("longer than in a view {}", random.below(9)));
    let wide = random.column(rows, |random| (random.below(4) as i64 - 2) * (1 << 61));
    let near = random.column(rows, |random| random.below(20) as i64 - 10);
    let small = random.column(rows, |random| random.below(20) as i8 - 10);
    let large = random.column(rows, |random| u64::MAX - random.below(3) as u64 * (1 << 62));
    let floats = random.column(rows, |random| FLOATS[random.below(8)]);
    let halves = random.column(rows, |random| FLOATS[random.below(5)] as f32);
    let truths = random.column(rows, |random| random.below(2) == 0);
    let days = random.column(rows, |random| random.below(70_000) as i32 - 3);
    let moments = random.column(rows, |random| random.below(4) as i64 * 86_400_000_000);
    let categories = Series::new("cat".into(), few.clone());
    let categories = categories.cast(&DataType::from_categories(Categories::global()));
    let names = FrozenCategories::new(CARRIERS).expect("distinct");
    let names =
        Series::new("enum".into(), few.clone()).cast(&DataType::from_frozen_categories(names));
    let moments = Series::new("datetime".into(), moments);
    let lists =
        (0..rows).map(|_| Series::new("".into(), vec![random.below(3) as i64; random.below(3)]));
    let lists: ListChunked = lists.collect();
    let fields = [Series::new("a".into(), few.clone()), Series::new("b".into(), near.clone())];
    let fields = StructChunked::from_series("struct".into(), rows, fields.iter()).expect("fields");
    let all = vec![
        Series::new("str".into(), few),
        Series::new("long".into(), long),
        Series::new("wide".into(), wide),
        Series::new("i64".into(), near),
        Series::new("i8".into(), small),
        Series::new("u64".into(), large),
        Series::new("f64".into(), floats),
        Series::new("f32".into(), halves),
        Series::new("bool".into(), truths),
        date(Series::new("date".into(), days)),
        moments.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("a moment"),
        moments
            .cast(&DataType::Duration(TimeUnit::Microseconds))
            .expect("a time")
            .with_name("duration".into()),
        categories.expect("categories"),
        names.expect("names"),
        lists.into_series().with_name("list".into()),
        fields.into_series(),
        Series::full_null("null".into(), rows, &DataType::Null),
    ];
    all.into_iter().map(Column::from).collect()
}

/// Columns of values.
fn values(rows: usize, random: &mut Random) -> Vec<Column> {
    let number = |random: &mut Random| random.below(2001) as i64 - 1000;
    let floats = random.column(rows, |random| number(random) as f64 / 8.0);
    let odd = random.column(rows, |random| FLOATS[random.below(5)]);
    let integers = random.column(rows, number);
    let times = Series::new("".into(), random.column(rows, |random| random.below(1 << 40) as i64));
    let words =
        random.column(rows, |random| format!("{:0>1$}", random.below(99), random.below(20)));
    let mut all = vec![
        Series::new("f64".into(), floats.clone()),
        Series::new("f32".into(), floats).cast(&DataType::Float32).expect("floats"),
        Series::new("odd".into(), odd),
        Series::new("i64".into(), integers.clone()),
        Series::new("i32".into(), integers.clone()).cast(&DataType::Int32).expect("integers"),
        Series::new("i16".into(), integers).cast(&DataType::Int16).expect("integers"),
        Series::new("u8".into(), random.column(rows, |random| random.below(256) as u8)),
        Series::new("u32".into(), random.column(rows, |random| random.below(9999) as u32)),
        Series::new("u64".into(), random.column(rows, |random| random.below(1 << 45) as u64)),
        Series::new("bool".into(), random.column(rows, |random| random.below(3) == 0)),
        date(Series::new("date".into(), random.column(rows, |random| random.below(9999) as i32))),
        Series::new("str".into(), words),
        Series::full_null("none".into(), rows, &DataType::Float64),
    ];
    let of_time = [
        DataType::Datetime(TimeUnit::Milliseconds, None),
        DataType::Duration(TimeUnit::Nanoseconds),
        DataType::Time,
    ];
    for dtype in of_time {
        all.push(times.cast(&dtype).expect("times").with_name(dtype.to_string().into()));
    }
    let mut columns: Vec<Column> = all.into_iter().map(Column::from).collect();
    columns.extend(keys(rows, random).split_off(12).into_iter().take(4));
    columns
}

/// States of random pieces of the rows, merged in a random tree.
fn state(
    keys: &[Column],
    inputs: &[Column],
    specs: &[AggSpec],
    random: &mut Random,
) -> Result<GroupState, Error> {
    let types: Vec<_> = keys.iter().map(|key| (key.name().clone(), key.dtype().clone())).collect();
    let rows = keys.first().or(inputs.first()).map_or(0, Column::len);
    let mut states = vec![GroupState::new(&types, specs)?];
    let mut start = 0;
    while start < rows {
        let piece = (random.below(rows / 4 + 2)).min(rows - start);
        // In one chunk or two.
        let first = random.below(piece + 1);
        let cut = |columns: &[Column]| -> Vec<Column> {
            let column = |column: &Column| {
                let mut cut = column.slice(start as i64, first);
                let rest = column.slice((start + first) as i64, piece - first);
                cut.append(&rest).expect("the same type");
                cut
            };
            columns.iter().map(column).collect()
        };
        let last = states.last_mut().expect("one at least");
        last.update(&cut(keys), &cut(inputs))?;
        start += piece;
        if random.below(2) == 0 {
            states.push(GroupState::new(&types, specs)?);
        }
    }
    while states.len() > 1 {
        let at = random.below(states.len() - 1);
        let later = states.remove(at + 1);
        states[at].merge(later)?;
    }
    Ok(states.remove(0))
}

fn kinds() -> Vec<AggKind> {
    use AggKind::*;
    let methods = [
        QuantileMethod::Nearest,
        QuantileMethod::Lower,
        QuantileMethod::Higher,
        QuantileMethod::Midpoint,
        QuantileMethod::Linear,
        QuantileMethod::Equiprobable,
    ];
    let mut all = vec![
        Sum,
        Mean,
        Std(1),
        Std(0),
        Var(1),
        Var(3),
        Min,
        Max,
        Count,
        Len,
        NUnique,
        ApproxNUnique,
        Median,
        ApproxMedian,
        ApproxQuantile(0.3),
        First,
        Last,
        Product,
        Any,
        All,
        Implode,
    ];
    all.extend(methods.map(|method| Quantile(0.3, method)));
    all.extend([0.0, 1.0, 0.5].map(|q| Quantile(q, QuantileMethod::Linear)));
    all
}

/// What polars has for it; none where it has nothing to compare with.
#[allow(deprecated)] // It is what polars-core has without the lazy engine.
fn expected(frame: &DataFrame, keys: &[Column], value: &Column, kind: &AggKind) -> Option<Series> {
    let grouped = frame.group_by_with_series(keys.to_vec(), false, true).expect("groups");
    let grouped = grouped.select([value.name().clone()]);
    let of_frame = match kind {
        AggKind::Sum => grouped.sum(),
        AggKind::Mean => grouped.mean(),
        AggKind::Std(ddof) => grouped.std(*ddof),
        AggKind::Var(ddof) => grouped.var(*ddof),
        AggKind::Min => grouped.min(),
        AggKind::Max => grouped.max(),
        AggKind::NUnique | AggKind::ApproxNUnique => grouped.n_unique(),
        // Of few values they are exact.
        AggKind::Median | AggKind::ApproxMedian => grouped.median(),
        AggKind::ApproxQuantile(q) => grouped.quantile(*q, QuantileMethod::Nearest),
        AggKind::First => grouped.first(),
        AggKind::Last => grouped.last(),
        AggKind::Quantile(q, method) => grouped.quantile(*q, *method),
        _ => return of_loop(value, grouped.get_groups(), kind),
    };
    let frame = of_frame.expect("defined");
    Some(frame.columns().last().expect("the value").as_materialized_series().clone())
}

/// The rest, group by group.
fn of_loop(value: &Column, groups: &GroupsType, kind: &AggKind) -> Option<Series> {
    let groups = groups.iter().map(|group| match group {
        GroupsIndicator::Idx((_, rows)) => {
            value.take_slice(rows).expect("rows").as_materialized_series().clone()
        }
        GroupsIndicator::Slice([start, rows]) => {
            value.slice(start.into(), rows as usize).as_materialized_series().clone()
        }
    });
    let name = value.name().clone();
    let number = |series: &Series| series.cast(&DataType::Float64).expect("numbers");
    let product = |series: Series| -> f64 {
        number(&series).f64().expect("floats").iter().flatten().product()
    };
    Some(
        match kind {
            AggKind::Len => groups
                .map(|group| Some(group.len() as u32))
                .collect::<UInt32Chunked>()
                .into_series(),
            AggKind::Count => {
                let count = |group: Series| Some((group.len() - group.null_count()) as u32);
                groups.map(count).collect::<UInt32Chunked>().into_series()
            }
            AggKind::Any => {
                let any = |group: Series| Some(group.bool().expect("bools").any());
                groups.map(any).collect::<BooleanChunked>().into_series()
            }
            AggKind::All => {
                let all = |group: Series| Some(group.bool().expect("bools").all());
                groups.map(all).collect::<BooleanChunked>().into_series()
            }
            AggKind::Product if value.dtype().is_float() => {
                let products = groups.map(|group| Some(product(group))).collect::<Float64Chunked>();
                products.into_series().cast(value.dtype()).expect("floats")
            }
            AggKind::Implode => {
                let lists = groups.collect::<ListChunked>().into_series();
                lists.cast(&DataType::List(Box::new(value.dtype().clone()))).expect("lists")
            }
            _ => return None,
        }
        .with_name(name),
    )
}

/// Equal, floats to 1e-12 of their size, times to one unit: polars rounds means and quantiles of them in another order.
fn assert_same(found: &Series, expected: &Series, what: &str) {
    assert_eq!(found.dtype(), expected.dtype(), "{what}: type");
    assert_eq!(found.len(), expected.len(), "{what}: length");
    let (close, least) = match found.dtype() {
        DataType::Float32 => (1e-6, 1e-3),
        DataType::Float64 => (1e-12, 1e-3),
        DataType::Datetime(..) | DataType::Duration(_) | DataType::Time => (0.0, 1.0),
        _ => {
            let expected = expected.clone().with_name(found.name().clone());
            assert!(found.equals_missing(&expected), "{what}: {found} {expected}");
            return;
        }
    };
    let float =
        |series: &Series| series.to_physical_repr().cast(&DataType::Float64).expect("numbers");
    let (found, expected) = (float(found), float(expected));
    let pairs = found.f64().expect("floats").iter().zip(expected.f64().expect("floats").iter());
    for (row, (found, expected)) in pairs.enumerate() {
        let same = match (found, expected) {
            (Some(a), Some(b)) => {
                let near =
                    if close == 0.0 { least } else { close * a.abs().max(b.abs()).max(least) };
                a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= near
            }
            (a, b) => a.is_none() && b.is_none(),
        };
        assert!(same, "{what}: row {row}: {found:?}, polars {expected:?}");
    }
}

fn spec(value: &Column, kind: &AggKind, at: usize) -> AggSpec {
    AggSpec { kind: kind.clone(), dtype: value.dtype().clone(), name: format!("{at}").into() }
}

/// All aggregates that are defined of all values, against polars.
fn check(seed: u64, rows: usize, named: &[&str]) {
    let mut random = Random(seed);
    let all = keys(rows, &mut random);
    let keys: Vec<Column> = named
        .iter()
        .map(|name| all.iter().find(|key| key.name() == name).expect("a key").clone())
        .collect();
    let values = values(rows, &mut random);
    let mut inputs = Vec::new();
    let mut specs = Vec::new();
    for value in &values {
        for kind in kinds() {
            let spec = spec(value, &kind, specs.len());
            // Products of many integers overflow; the edges have them.
            let fits = value.dtype().is_float() || !matches!(kind, AggKind::Product);
            if fits && super::state::of(&spec).is_ok() {
                inputs.push(value.clone());
                specs.push(spec);
            }
        }
    }
    let state = state(&keys, &inputs, &specs, &mut random).expect("defined");
    let found = state.finish().expect("no sum overflows");
    let frame = DataFrame::new(rows, values.clone()).expect("values");
    let by = frame.group_by_with_series(keys.clone(), false, true).expect("groups");
    for (found, expected) in found.columns().iter().zip(by.keys()) {
        let what = format!("seed {seed}, keys {named:?}, key {}", found.name());
        assert_same(found.as_materialized_series(), expected.as_materialized_series(), &what);
    }
    for ((found, spec), input) in found.columns()[keys.len()..].iter().zip(&specs).zip(&inputs) {
        let Some(expected) = expected(&frame, &keys, input, &spec.kind) else { continue };
        let what = format!("seed {seed}, keys {named:?}, {:?} of {}", spec.kind, input.name());
        assert_same(found.as_materialized_series(), &expected, &what);
    }
}

#[test]
fn groups_are_those_of_polars_for_every_type_of_key() {
    let random = &mut Random(7);
    for key in keys(3, random) {
        check(11 + random.below(1000) as u64, 60, &[key.name()]);
    }
}

#[test]
fn groups_are_those_of_polars_for_several_keys() {
    check(3, 300, &["str", "i64"]);
    check(4, 300, &["date", "wide"]);
    check(5, 400, &["bool", "str", "f64"]);
    check(6, 200, &["struct", "long", "cat"]);
    check(7, 1, &["str", "bool"]);
    check(8, 0, &["str", "bool"]);
}

/// Enough keys for hash tables that grow, against a map.
#[test]
fn many_groups_are_counted_as_by_a_map() {
    let mut random = Random(99);
    let rows = 60_000;
    let words: Vec<String> = (0..rows).map(|_| format!("N{}", random.below(500))).collect();
    let days: Vec<i64> = (0..rows).map(|_| random.below(300) as i64 * 1_000_003).collect();
    let numbers: Vec<i64> = (0..rows).map(|_| random.below(100) as i64).collect();
    let mut sums = std::collections::HashMap::new();
    let mut order = Vec::new();
    for row in 0..rows {
        let key = (words[row].clone(), days[row]);
        let entry = sums.entry(key.clone()).or_insert_with(|| {
            order.push(key);
            (0, 0)
        });
        entry.0 += numbers[row];
        entry.1 += 1;
    }
    let keys = [Column::new("word".into(), words), Column::new("day".into(), days)];
    let value = Column::new("x".into(), numbers);
    let specs = [spec(&value, &AggKind::Sum, 0), spec(&value, &AggKind::Len, 1)];
    let state = state(&keys, &[value.clone(), value], &specs, &mut random).expect("defined");
    assert_eq!(state.groups(), order.len());
    let found = state.finish().expect("small sums");
    let column = |at: usize| found.columns()[at].as_materialized_series();
    for (row, key) in order.iter().enumerate() {
        assert_eq!(column(0).str().expect("words").get(row), Some(&*key.0));
        assert_eq!(column(1).i64().expect("days").get(row), Some(key.1));
        assert_eq!(column(2).i64().expect("sums").get(row), Some(sums[key].0));
        assert_eq!(column(3).u32().expect("counts").get(row), Some(sums[key].1));
    }
}

/// Parts have every group once, the same keys are in the same part of any state, and merged parts are parts of what is merged.
#[test]
fn parts_are_by_key() {
    let mut random = Random(5);
    let rows = 2_000;
    let all = keys(rows, &mut random);
    let keys = [all[0].clone(), all[9].clone()];
    let values = values(rows, &mut random);
    let kinds = [
        AggKind::Sum,
        AggKind::Median,
        AggKind::ApproxMedian,
        AggKind::NUnique,
        AggKind::ApproxNUnique,
        AggKind::First,
        AggKind::Last,
        AggKind::Implode,
    ];
    let specs: Vec<_> =
        kinds.iter().enumerate().map(|(at, kind)| spec(&values[0], kind, at)).collect();
    let inputs = vec![values[0].clone(); specs.len()];
    let cut = |columns: &[Column], start: i64, rows: usize| -> Vec<Column> {
        columns.iter().map(|column| column.slice(start, rows)).collect()
    };
    let mut halves = [0, 1_000].map(|start| {
        state(&cut(&keys, start, 1_000), &cut(&inputs, start, 1_000), &specs, &mut random)
            .expect("defined")
    });
    let whole = state(&keys, &inputs, &specs, &mut random).expect("defined");
    let whole = whole.finish().expect("sums");
    let later = std::mem::replace(&mut halves[1], GroupState::new(&[], &[]).expect("nothing"));
    let [first, _] = halves;
    let parts = first.split(5).expect("parts").into_iter().zip(later.split(5).expect("parts"));
    let parts = parts.map(|(mut first, later)| {
        first.merge(later).expect("the same types");
        assert!(first.groups() > whole.height() / 8, "about a fifth");
        first.finish().expect("sums")
    });
    let together =
        parts.reduce(|all, part| all.vstack(&part).expect("the same types")).expect("parts");
    let sorted = |frame: &DataFrame| {
        frame.sort(["str", "date"], SortMultipleOptions::default()).expect("columns")
    };
    for (found, expected) in sorted(&together).columns().iter().zip(sorted(&whole).columns()) {
        assert_same(
            found.as_materialized_series(),
            expected.as_materialized_series(),
            found.name(),
        );
    }
}
