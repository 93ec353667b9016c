//! How numbers are folded: sums, means, moments, extremes, products.
//!
//! In: numbers, one after the other, or what others were folded to. Out: a number, or that there is none, or that it cannot be held.
//!
//! Sums of floats carry the rounding errors along (Neumaier's sum with Knuth's branch-free two-sum; The Art of Computer Programming 2,
//! §4.2.2, theorem B), off the critical path of the addition, so they cost little and are right to the last bits. Sums of integers are of
//! 128 bits and exact; they are refused at the end when the type of the output cannot hold them. Variances are Welford's, joined by Chan,
//! Golub and LeVeque's formula (Updating Formulae and a Pairwise Algorithm, 1979), of distances from the first value of each group, which are
//! small where values are large and close to each other, and exact of integers.
//!
//! Not here: which fold an aggregation is (`mod`), their states (`numeric`).

use super::super::{AggKind, AggSpec};
use super::numeric::Fold;
use super::values::{Word, narrowed};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::*;
use std::marker::PhantomData;

/// A sum of floats, and what rounding took from it.
#[derive(Clone, Copy, Default)]
pub(super) struct FloatSum {
    sum: f64,
    lost: f64,
}

impl FloatSum {
    #[inline]
    fn plus(&mut self, value: f64) {
        let sum = self.sum + value;
        let back = sum - self.sum;
        self.lost += (self.sum - (sum - back)) + (value - back);
        self.sum = sum;
    }

    fn total(&self) -> f64 {
        // What is lost by an infinite sum is NaN, and of no meaning.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}

impl Fold for FloatSum {
    type Value = f64;
    #[inline]
    fn add(&mut self, value: f64) {
        self.plus(value);
    }
    fn join(&mut self, later: &FloatSum) {
        self.plus(later.sum);
        self.lost += later.lost;
    }
    fn finish(groups: &[FloatSum], spec: &AggSpec) -> Result<Series, Error> {
        let sums = groups.iter().map(|sum| Some(sum.total()));
        narrowed(spec.name.clone(), sums, &spec.dtype)
    }
}

/// An exact sum of integers: the two halves of an `i128`, which need no alignment of 16.
#[derive(Clone, Copy)]
pub(super) struct IntSum<T> {
    low: u64,
    high: i64,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for IntSum<T> {
    fn default() -> IntSum<T> {
        IntSum { low: 0, high: 0, of: PhantomData }
    }
}

/// The halves of integers.
pub(super) trait Int: Word {
    fn halves(self) -> (u64, i64);
    fn wide(self) -> i128;
}

impl Int for i64 {
    #[inline]
    fn halves(self) -> (u64, i64) {
        (self as u64, self >> 63)
    }
    fn wide(self) -> i128 {
        self.into()
    }
}

impl Int for u64 {
    #[inline]
    fn halves(self) -> (u64, i64) {
        (self, 0)
    }
    fn wide(self) -> i128 {
        self.into()
    }
}

impl<T> IntSum<T> {
    #[inline]
    fn plus(&mut self, (low, high): (u64, i64)) {
        let (sum, carry) = self.low.overflowing_add(low);
        self.low = sum;
        self.high += high + i64::from(carry);
    }

    fn total(&self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }
}

impl<T: Int> Fold for IntSum<T> {
    type Value = T;
    #[inline]
    fn add(&mut self, value: T) {
        self.plus(value.halves());
    }
    fn join(&mut self, later: &IntSum<T>) {
        self.plus((later.low, later.high));
    }
    fn finish(groups: &[IntSum<T>], spec: &AggSpec) -> Result<Series, Error> {
        let dtype = match &spec.dtype {
            DataType::Boolean => IDX_DTYPE,
            dtype => accumulated(dtype),
        };
        integers("sum", groups.iter().map(|sum| Some(sum.total())), &dtype, spec)
    }
}

/// In which type polars sums a small integer.
fn accumulated(dtype: &DataType) -> DataType {
    match dtype {
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => DataType::Int64,
        dtype => dtype.clone(),
    }
}

/// A series of exact integers; refused when `dtype` does not hold one of them.
pub(super) fn integers(
    what: &str,
    mut values: impl Iterator<Item = Option<i128>>,
    dtype: &DataType,
    spec: &AggSpec,
) -> Result<Series, Error> {
    let range = match dtype.to_physical() {
        DataType::Int32 => i32::MIN.into()..=i32::MAX.into(),
        DataType::UInt32 => 0..=u32::MAX.into(),
        DataType::UInt64 => 0..=u64::MAX.into(),
        _ => i64::MIN.into()..=i64::MAX.into(),
    };
    let mut beyond = None;
    let checked = values.by_ref().map(|value: Option<i128>| {
        let value = value?;
        if !range.contains(&value) {
            beyond.get_or_insert(value);
        }
        Some(value)
    });
    let name = spec.name.clone();
    let series = if *dtype == DataType::UInt64 {
        narrowed::<u64>(name, checked.map(|value| value.map(|value| value as u64)), dtype)
    } else {
        let held = |value: i128| value.clamp(*range.start(), *range.end()) as i64;
        narrowed::<i64>(name, checked.map(|value| value.map(held)), dtype)
    };
    match beyond {
        None => series,
        Some(value) => Err(overflow(what, Some(value), dtype, spec)),
    }
}

fn overflow(what: &str, value: Option<i128>, dtype: &DataType, spec: &AggSpec) -> Error {
    let value = value.map_or("large".to_string(), |value| value.to_string());
    let message = format!(
        "the {what} of `{}` is {value}, more than {dtype} holds; cast the column to Float64 first{}",
        spec.name,
        if matches!(dtype, DataType::Int32 | DataType::UInt32) { " (or to Int64)" } else { "" }
    );
    Error::new(ErrorKind::Overflow, message)
}

/// A sum and a count.
#[derive(Clone, Copy, Default)]
pub(super) struct FloatMean {
    sum: FloatSum,
    count: u64,
}

impl Fold for FloatMean {
    type Value = f64;
    #[inline]
    fn add(&mut self, value: f64) {
        self.sum.plus(value);
        self.count += 1;
    }
    fn join(&mut self, later: &FloatMean) {
        self.sum.join(&later.sum);
        self.count += later.count;
    }
    fn finish(groups: &[FloatMean], spec: &AggSpec) -> Result<Series, Error> {
        let mean =
            |group: &FloatMean| (group.count > 0).then(|| group.sum.total() / group.count as f64);
        floats(groups.iter().map(mean), spec)
    }
}

/// An exact sum and a count.
#[derive(Clone, Copy)]
pub(super) struct IntMean<T> {
    sum: IntSum<T>,
    count: u64,
}

impl<T> Default for IntMean<T> {
    fn default() -> IntMean<T> {
        IntMean { sum: IntSum::default(), count: 0 }
    }
}

impl<T: Int> Fold for IntMean<T> {
    type Value = T;
    #[inline]
    fn add(&mut self, value: T) {
        self.sum.add(value);
        self.count += 1;
    }
    fn join(&mut self, later: &IntMean<T>) {
        self.sum.join(&later.sum);
        self.count += later.count;
    }
    fn finish(groups: &[IntMean<T>], spec: &AggSpec) -> Result<Series, Error> {
        let mean = |group: &IntMean<T>| {
            (group.count > 0).then(|| group.sum.total() as f64 / group.count as f64)
        };
        floats(groups.iter().map(mean), spec)
    }
}

const MICROSECONDS_PER_DAY: f64 = 86_400e6;

/// Means and quantiles, in the type that polars gives them.
pub(super) fn floats(
    values: impl Iterator<Item = Option<f64>>,
    spec: &AggSpec,
) -> Result<Series, Error> {
    let name = spec.name.clone();
    let truncated = |value: Option<f64>| value.map(|value| value as i64);
    match &spec.dtype {
        DataType::Float32 => narrowed(name, values, &DataType::Float32),
        DataType::Date => {
            let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
            let microseconds = values.map(|days| days.map(|days| days * MICROSECONDS_PER_DAY));
            narrowed(name, microseconds.map(truncated), &dtype)
        }
        DataType::Time | DataType::Datetime(..) | DataType::Duration(_) => {
            narrowed(name, values.map(truncated), &spec.dtype)
        }
        DataType::Null => narrowed(name, values, &DataType::Null),
        _ => narrowed(name, values, &DataType::Float64),
    }
}

/// The first value, how many there are, the mean of their distances from it, and the sum of squares of their distances from the mean.
#[derive(Clone, Copy)]
pub(super) struct Moments<T> {
    first: T,
    count: f64,
    mean: f64,
    squares: f64,
}

impl<T: Word> Default for Moments<T> {
    fn default() -> Moments<T> {
        Moments { first: T::default(), count: 0.0, mean: 0.0, squares: 0.0 }
    }
}

impl<T: Word> Fold for Moments<T> {
    type Value = T;
    #[inline]
    fn add(&mut self, value: T) {
        if self.count == 0.0 {
            self.first = value;
        }
        let value = value.above(self.first);
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }
    fn join(&mut self, later: &Moments<T>) {
        if later.count == 0.0 || self.count == 0.0 {
            if self.count == 0.0 {
                *self = *later;
            }
            return;
        }
        let count = self.count + later.count;
        let between = later.first.above(self.first) + (later.mean - self.mean);
        self.mean += between * (later.count / count);
        self.squares += later.squares + between * between * (self.count * later.count / count);
        self.count = count;
    }
    fn finish(groups: &[Moments<T>], spec: &AggSpec) -> Result<Series, Error> {
        let (ddof, root) = match spec.kind {
            AggKind::Std(ddof) => (ddof, true),
            AggKind::Var(ddof) => (ddof, false),
            _ => unreachable!("moments are of std and var"),
        };
        let value = |group: &Moments<T>| {
            let degrees = group.count - f64::from(ddof);
            let variance = (degrees > 0.0).then(|| group.squares / degrees);
            if root { variance.map(f64::sqrt) } else { variance }
        };
        floats(groups.iter().map(value), spec)
    }
}

/// The least and the greatest; NaN only when there is nothing else.
macro_rules! extreme {
    ($name:ident, $better:tt) => {
        #[derive(Clone, Copy, Default)]
        pub(super) struct $name<T> {
            value: T,
            seen: bool,
        }

        impl<T: Word> Fold for $name<T>
        where
            ChunkedArray<T::Polars>: IntoSeries,
        {
            type Value = T;
            #[inline]
            fn add(&mut self, value: T) {
                // The second comparison is true of NaN alone.
                #[allow(clippy::eq_op)]
                if !self.seen || value $better self.value || self.value != self.value {
                    self.value = value;
                    self.seen = true;
                }
            }
            fn join(&mut self, later: &$name<T>) {
                if later.seen {
                    self.add(later.value);
                }
            }
            fn finish(groups: &[$name<T>], spec: &AggSpec) -> Result<Series, Error> {
                let values = groups.iter().map(|group| group.seen.then_some(group.value));
                narrowed(spec.name.clone(), values, &spec.dtype)
            }
        }
    };
}
extreme!(Least, <);
extreme!(Most, >);

#[derive(Clone, Copy)]
pub(super) struct FloatProduct(f64);

impl Default for FloatProduct {
    fn default() -> FloatProduct {
        FloatProduct(1.0)
    }
}

impl Fold for FloatProduct {
    type Value = f64;
    #[inline]
    fn add(&mut self, value: f64) {
        self.0 *= value;
    }
    fn join(&mut self, later: &FloatProduct) {
        self.0 *= later.0;
    }
    fn finish(groups: &[FloatProduct], spec: &AggSpec) -> Result<Series, Error> {
        narrowed(spec.name.clone(), groups.iter().map(|group| Some(group.0)), &spec.dtype)
    }
}

/// A product of integers; none where it is beyond 64 bits, from which only a 0 brings it back.
#[derive(Clone, Copy)]
pub(super) struct IntProduct<T> {
    product: Option<i128>,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for IntProduct<T> {
    fn default() -> IntProduct<T> {
        IntProduct { product: Some(1), of: PhantomData }
    }
}

impl<T> IntProduct<T> {
    fn times(&mut self, factor: Option<i128>) {
        self.product = match (self.product, factor) {
            (Some(0), _) | (_, Some(0)) => Some(0),
            (Some(product), Some(factor)) => {
                product.checked_mul(factor).filter(|product| product.unsigned_abs() >> 64 == 0)
            }
            _ => None,
        }
    }
}

impl<T: Int> Fold for IntProduct<T> {
    type Value = T;
    fn add(&mut self, value: T) {
        self.times(Some(value.wide()));
    }
    fn join(&mut self, later: &IntProduct<T>) {
        self.times(later.product);
    }
    fn finish(groups: &[IntProduct<T>], spec: &AggSpec) -> Result<Series, Error> {
        let dtype = match spec.dtype {
            DataType::UInt64 => DataType::UInt64,
            _ => DataType::Int64,
        };
        if groups.iter().any(|group| group.product.is_none()) {
            return Err(overflow("product", None, &dtype, spec));
        }
        integers("product", groups.iter().map(|group| group.product), &dtype, spec)
    }
}

/// Whether one of them is true; whether all are.
macro_rules! truth {
    ($name:ident, $first:literal, $op:tt) => {
        #[derive(Clone, Copy)]
        pub(super) struct $name(bool);

        impl Default for $name {
            fn default() -> $name {
                $name($first)
            }
        }

        impl Fold for $name {
            type Value = i64;
            fn add(&mut self, value: i64) {
                self.0 = self.0 $op (value != 0);
            }
            fn join(&mut self, later: &$name) {
                self.0 = self.0 $op later.0;
            }
            fn finish(groups: &[$name], spec: &AggSpec) -> Result<Series, Error> {
                let truths = groups.iter().map(|group| Some(group.0));
                let truths: BooleanChunked = truths.collect();
                Ok(truths.with_name(spec.name.clone()).into_series())
            }
        }
    };
}
truth!(Any, false, ||);
truth!(All, true, &&);
