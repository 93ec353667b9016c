//! Windows that go along the rows.
//!
//! In: a column, and options. Out: a value for each own row: null where fewer than `min_periods` values are in its window that are not null.
//! Counts are null where fewer rows are in it, null or not: so they are in pandas.
//! Types are polars': means, variances and quantiles of numbers are Float64, of Float32 that; sums of small integers are Int64 and never
//! wrap; least and greatest keep the type. NaN is a value, as in polars, and makes what it is in NaN, but for quantiles, where it is the
//! greatest.
//!
//! Variances are those of counts, means and sums of squares around them, joined as Chan, Golub and LeVeque, "Updating Formulae and a Pairwise
//! Algorithm for Computing Sample Variances" (1979) do.
//!
//! Not here: which rows a window holds (`reach`), how it moves on (`blocks`, `stacks`, `ranks`).

use super::blocks;
use super::cells::{Counts, Out, cells};
use super::ranks::slide_sorted;
use super::reach::{Even, Reach};
use super::stacks::slide;
use crate::error::{Error, ErrorKind};
use crate::expr::{RollingOptions, RollingStat, Window};
use crate::group::Word;
use polars_core::prelude::{
    ChunkedArray, Column, DataType, Float64Chunked, Float64Type, IdxSize, IdxType, Int64Type,
    IntoColumn, IntoSeries, PolarsNumericType, QuantileMethod, Series, UInt64Type,
};
use std::ops::Range;

/// The values of own rows: those of `values` without its first `before` and its last `after`.
pub(super) fn rolling(
    values: &Column,
    index: Option<&Column>,
    stat: RollingStat,
    options: &RollingOptions,
    before: usize,
    after: usize,
) -> Result<Column, Error> {
    let series = values.as_materialized_series().rechunk();
    let own = before..values.len() - after;
    let least = least(options)?;
    if let RollingStat::Quantile(part) = stat
        && !(0.0..=1.0).contains(&part)
    {
        let message = format!("a quantile of {part}: it must be between 0 and 1");
        return Err(Error::new(ErrorKind::Value, message));
    }
    let reach = Reach::new(options, index, values.len(), own.clone())?;
    let even = reach.even(&own);
    let job = Job { stat, least, ddof: options.ddof, own, even };
    let out = match &reach {
        Reach::Rows { rows, ahead, left, right, height } => job.compute(&series, |row| {
            let end = row + 1 + ahead;
            (
                (end.saturating_sub(rows.saturating_add(*left))).min(*height),
                (end - right).min(*height),
            )
        }),
        Reach::Listed { windows, before } => job.compute(&series, |row| windows[row - before]),
    }?;
    Ok(out.with_name(values.name().clone()).into_column())
}

/// How many values a window must have.
fn least(options: &RollingOptions) -> Result<usize, Error> {
    match (&options.window, options.min_periods) {
        (Window::Rows(rows), Some(least)) if least > *rows => {
            let message = format!("min_periods is {least}, and the window only has {rows} rows");
            Err(Error::new(ErrorKind::Value, message))
        }
        (_, Some(least)) => Ok(least),
        (Window::Rows(rows), None) => Ok(*rows),
        (Window::Period(_), None) => Ok(1),
    }
}

/// What is to be computed, but for the windows.
struct Job {
    stat: RollingStat,
    least: usize,
    ddof: u8,
    own: Range<usize>,
    /// The rows whose windows are all as long as the options say, if they are.
    even: Option<Even>,
}

impl Job {
    fn compute(
        &self,
        series: &Series,
        window: impl Fn(usize) -> (usize, usize),
    ) -> Result<Series, Error> {
        use RollingStat as Stat;
        let dtype = series.dtype();
        let long = matches!(dtype, DataType::Int128 | DataType::UInt128);
        let numeric = (dtype.is_primitive_numeric() && !long) || dtype.is_bool();
        let duration = matches!(dtype, DataType::Duration(_));
        let cast = |to: &DataType| series.to_physical_repr().cast(to).map_err(Error::polars);
        match self.stat {
            Stat::Count => Ok(self.count(series, window)),
            Stat::Min | Stat::Max if *dtype == DataType::UInt64 => {
                self.extreme(series.u64().map_err(Error::polars)?, u64::MIN, u64::MAX, window)
            }
            Stat::Min | Stat::Max if dtype.is_float() => {
                let floats = cast(&DataType::Float64)?;
                let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
                self.extreme(floats.f64().map_err(Error::polars)?, low, high, window)?
                    .cast(dtype)
                    .map_err(Error::polars)
            }
            Stat::Min | Stat::Max if numeric || dtype.is_temporal() => {
                let ticks = cast(&DataType::Int64)?;
                self.extreme(ticks.i64().map_err(Error::polars)?, i64::MIN, i64::MAX, window)
                    .and_then(|out| back(out, dtype))
            }
            Stat::Sum if (numeric || duration) && !dtype.is_float() => {
                self.whole_sum(series, window)
            }
            Stat::Min | Stat::Max => Err(self.refused(series)),
            _ if numeric || duration || dtype.is_decimal() => {
                let floats = match self.stat {
                    _ if dtype.is_decimal() => {
                        series.cast(&DataType::Float64).map_err(Error::polars)?
                    }
                    // Only distances count.
                    Stat::Std | Stat::Var if *dtype == DataType::UInt64 => {
                        above_first(series.u64().map_err(Error::polars)?)
                    }
                    Stat::Std | Stat::Var if !dtype.is_float() => {
                        above_first(cast(&DataType::Int64)?.i64().map_err(Error::polars)?)
                    }
                    _ => cast(&DataType::Float64)?,
                };
                let out = self.float(floats.f64().map_err(Error::polars)?, window);
                match dtype {
                    DataType::Float32 => out.cast(dtype).map_err(Error::polars),
                    DataType::Duration(_) => back(out, dtype),
                    _ => Ok(out),
                }
            }
            _ => Err(self.refused(series)),
        }
    }

    fn refused(&self, series: &Series) -> Error {
        let (name, dtype) = (format!("{:?}", self.stat).to_lowercase(), series.dtype());
        let message =
            format!("`{}` is {dtype}, of which there is no rolling {name}", series.name());
        Error::new(ErrorKind::Type, message)
    }

    fn count(&self, series: &Series, window: impl Fn(usize) -> (usize, usize)) -> Series {
        let counts = Counts::of(series);
        let mut out = Out::<IdxSize>::new(self.own.len());
        for row in self.own.clone() {
            let (from, to) = window(row);
            let enough = Counts::All.between(from, to) >= self.least;
            out.push(counts.between(from, to) as IdxSize, enough);
        }
        out.series::<IdxType>()
    }

    /// Sums, means, variances, quantiles, of and in 64 bits.
    fn float(&self, values: &Float64Chunked, window: impl Fn(usize) -> (usize, usize)) -> Series {
        let counts = Counts::of(&values.clone().into_series());
        let mut out = Out::<f64>::new(self.own.len());
        match self.stat {
            RollingStat::Sum => {
                let cells = cells(values, 0.0);
                out = self.totals(window, &cells, &counts, 0.0, |a, b| a + b, |sum, _| sum, 0);
            }
            RollingStat::Mean => {
                let cells = cells(values, 0.0);
                let mean = |sum, count| sum / count as f64;
                out = self.totals(window, &cells, &counts, 0.0, |a, b| a + b, mean, 1);
            }
            RollingStat::Std | RollingStat::Var => {
                let root = self.stat == RollingStat::Std;
                let off = f64::from(self.ddof);
                let least = self.least.max(usize::from(self.ddof) + 1);
                let cells = cells(values, 0.0);
                let at = |at: usize| {
                    let there = counts.between(at, at + 1) as f64;
                    Moments { count: there, mean: cells[at] * there, squares: 0.0 }
                };
                slide(
                    self.own.clone(),
                    window,
                    Moments::default(),
                    at,
                    Moments::join,
                    |from, to, all| {
                        let count = counts.between(from, to);
                        // An infinity is infinitely far from itself.
                        let squares = if all.mean.is_finite() { all.squares } else { f64::NAN };
                        let variance = squares / (all.count - off);
                        out.push(if root { variance.sqrt() } else { variance }, count >= least);
                    },
                );
            }
            _ => {
                let part = if let RollingStat::Quantile(part) = self.stat { part } else { 0.5 };
                let cells = cells(values, 0.0);
                let at = |at: usize| (counts.between(at, at + 1) > 0).then(|| cells[at]);
                slide_sorted(self.own.clone(), window, at, |from, to, sorted| {
                    let value = sorted.quantile(part, QuantileMethod::Linear);
                    let enough = counts.between(from, to) >= self.least;
                    out.push(value.unwrap_or(0.0), enough && value.is_some());
                });
            }
        }
        out.series::<Float64Type>()
    }

    /// Sums of integers, which are exact, in the type that polars gives them.
    fn whole_sum(
        &self,
        series: &Series,
        window: impl Fn(usize) -> (usize, usize),
    ) -> Result<Series, Error> {
        let of = match series.dtype() {
            DataType::Boolean => DataType::UInt32,
            DataType::Int8 | DataType::UInt8 | DataType::Int16 | DataType::UInt16 => {
                DataType::Int64
            }
            other => other.clone(),
        };
        let counts = Counts::of(series);
        let mut rows: Vec<i128> = Vec::with_capacity(series.len());
        if let Ok(values) = series.u64() {
            rows.extend(values.iter().map(|value| i128::from(value.unwrap_or(0))));
        } else {
            let ticks = series.to_physical_repr().cast(&DataType::Int64).map_err(Error::polars)?;
            let ticks = ticks.i64().map_err(Error::polars)?;
            rows.extend(ticks.iter().map(|value| i128::from(value.unwrap_or(0))));
        }
        let (low, high) = match of {
            DataType::UInt32 => (0, i128::from(u32::MAX)),
            DataType::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
            DataType::UInt64 => (0, i128::from(u64::MAX)),
            _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
        };
        let (mut sum, mut start, mut end) = (0i128, 0, 0);
        // A sum of unsigned ones is kept as the signed one of the same bits.
        let mut out = Out::<i64>::new(self.own.len());
        for row in self.own.clone() {
            let (from, to) = window(row);
            sum += rows[end.min(to)..to].iter().sum::<i128>();
            sum -= rows[start..from].iter().sum::<i128>();
            (start, end) = (from, to.max(end));
            let enough = counts.between(from, to) >= self.least;
            if enough && !(low..=high).contains(&sum) {
                let message = format!(
                    "a rolling sum of `{}` is {sum}, which {of} cannot hold: cast it to Float64 first",
                    series.name()
                );
                return Err(Error::new(ErrorKind::Overflow, message));
            }
            out.push(if enough { sum as i64 } else { 0 }, enough);
        }
        if of == DataType::UInt64 {
            let Out { values, valid } = out;
            let values = values.into_iter().map(|value| value as u64).collect();
            return Ok(Out { values, valid }.series::<UInt64Type>());
        }
        back(out.series::<Int64Type>(), &of)
    }

    /// The least or greatest; `low` and `high` are the ends of the type.
    fn extreme<T>(
        &self,
        values: &ChunkedArray<T>,
        low: T::Native,
        high: T::Native,
        window: impl Fn(usize) -> (usize, usize),
    ) -> Result<Series, Error>
    where
        T: PolarsNumericType,
        T::Native: PartialOrd,
        ChunkedArray<T>: IntoSeries,
    {
        let counts = Counts::of(&values.clone().into_series());
        // NaN is not equal to itself, and goes before everything.
        #[allow(clippy::eq_op)]
        let nan = |a: &T::Native| a != a;
        let least = |a, b| if a < b || nan(&a) { a } else { b };
        let most = |a, b| if a > b || nan(&a) { a } else { b };
        let out = if self.stat == RollingStat::Min {
            self.totals(window, &cells(values, high), &counts, high, least, |value, _| value, 1)
        } else {
            self.totals(window, &cells(values, low), &counts, low, most, |value, _| value, 1)
        };
        Ok(out.series::<T>())
    }

    /// What windows come to, one value joined with the other; `finish` makes a result of it and of how many values are not null, which are
    /// `least` at least.
    #[allow(clippy::too_many_arguments)]
    fn totals<T: Copy>(
        &self,
        window: impl Fn(usize) -> (usize, usize),
        cells: &[T],
        counts: &Counts,
        empty: T,
        join: impl Fn(T, T) -> T,
        finish: impl Fn(T, usize) -> T,
        least: usize,
    ) -> Out<T> {
        let least = self.least.max(least);
        let mut out = Out::<T>::new(self.own.len());
        let even = self.even.clone().unwrap_or(Even {
            rows: self.own.end..self.own.end,
            from: 0,
            width: 0,
        });
        let some = |rows: Range<usize>, out: &mut Out<T>| {
            slide(
                rows,
                &window,
                empty,
                |at| cells[at],
                &join,
                |from, to, total| {
                    let count = counts.between(from, to);
                    out.push(finish(total, count), count >= least);
                },
            );
        };
        some(self.own.start..even.rows.start, &mut out);
        if !even.rows.is_empty() {
            let Even { rows, from, width } = &even;
            let values = &cells[*from..from + rows.len() + width - 1];
            let Out { values: totals, valid } = &mut out;
            blocks::windows(values, *width, empty, &join, totals, |first, totals| {
                if let Counts::All = counts {
                    for total in totals.iter_mut() {
                        *total = finish(*total, *width);
                    }
                    valid.extend_constant(totals.len(), *width >= least);
                    return;
                }
                let Counts::Before(counts) = counts else { return };
                let (before, after) = (&counts[from + first..], &counts[from + first + width..]);
                let counts = || before.iter().zip(after).map(|(a, b)| (b - a) as usize);
                for (total, count) in totals.iter_mut().zip(counts()) {
                    *total = finish(*total, count);
                }
                for enough in counts().take(totals.len()).map(|count| count >= least) {
                    valid.push(enough);
                }
            });
        }
        some(even.rows.end..self.own.end, &mut out);
        out
    }
}

/// Up to here floats hold every integer.
const EXACT: f64 = (1_u64 << 53) as f64;

/// By how much integers are more than the first of them, if floats hold that exactly, and not the integers themselves; else the integers.
fn above_first<T: PolarsNumericType<Native: Word>>(integers: &ChunkedArray<T>) -> Series {
    let above = |first: T::Native| -> Float64Chunked {
        integers.iter().map(|value| value.map(|value| value.above(first))).collect()
    };
    let is_exact =
        |floats: &Float64Chunked| floats.iter().flatten().all(|value| value.abs() <= EXACT);
    let whole = above(T::Native::default());
    let floats = match is_exact(&whole) {
        true => whole,
        false => {
            let near = above(integers.iter().flatten().next().unwrap_or_default());
            if is_exact(&near) { near } else { whole }
        }
    };
    floats.with_name(integers.name().clone()).into_series()
}

/// Ticks, or what was computed of them, in the type they are of.
fn back(out: Series, dtype: &DataType) -> Result<Series, Error> {
    let physical = dtype.to_physical();
    let out = if out.dtype().is_float() { out.cast(&DataType::Int64) } else { Ok(out) };
    out.and_then(|out| out.cast(&physical)).and_then(|out| out.cast(dtype)).map_err(Error::polars)
}

/// Count, mean, and the sum of the squares of the differences from it.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    #[inline]
    fn join(self, other: Moments) -> Moments {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return self;
        }
        let gap = other.mean - self.mean;
        let part = other.count / count;
        Moments {
            count,
            mean: self.mean + gap * part,
            squares: self.squares + other.squares + gap * gap * self.count * part,
        }
    }
}
