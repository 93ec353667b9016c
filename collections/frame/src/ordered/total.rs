//! Running totals.
//!
//! In: own rows, and the total of all before them. Out: their totals, or what they carry on: one value, null of rows that have none. Types
//! are polars': small integers add up in 64 bits, the count is an index. Unlike polars' they never wrap.
//!
//! Not here: the sum of a whole column (`group`).

use crate::error::{Error, ErrorKind};
use polars_core::prelude::{
    AnyValue, Column, DataFrame, DataType, IdxSize, IntoColumn, IntoSeries, NamedFrom, Series,
};
use polars_ops::series as ops;

/// What is totalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    Sum,
    Product,
    Min,
    Max,
    Count,
}

const NAME: &str = "carry";

/// The total of own rows.
pub(super) fn carry(total: Total, own: &Column) -> Result<DataFrame, Error> {
    let series = own.as_materialized_series();
    let value = match total {
        Total::Sum | Total::Product => run(total, series, None, false)?,
        Total::Min | Total::Max => extreme(total, series)?,
        Total::Count => {
            let count = (series.len() - series.null_count()) as IdxSize;
            Series::new(NAME.into(), [count])
        }
    };
    frame(value)
}

fn frame(value: Series) -> Result<DataFrame, Error> {
    let value = value.with_name(NAME.into()).into_column();
    DataFrame::new(1, vec![value]).map_err(Error::polars)
}

fn value_of(carry: &DataFrame) -> Result<&Series, Error> {
    carry.column(NAME).map(Column::as_materialized_series).map_err(Error::polars)
}

/// The total of two neighbours.
pub(super) fn combine(
    total: Total,
    earlier: &DataFrame,
    later: &DataFrame,
) -> Result<DataFrame, Error> {
    let (earlier, later) = (value_of(earlier)?, value_of(later)?);
    let value = match total {
        Total::Min | Total::Max => {
            let mut both = earlier.clone();
            both.append(later).map_err(Error::polars)?;
            extreme(total, &both.rechunk())?
        }
        Total::Count => {
            let count = counted(earlier)?.checked_add(counted(later)?);
            Series::new(NAME.into(), [count.ok_or_else(|| overflow(Total::Count, later))?])
        }
        Total::Sum | Total::Product => {
            let mut both = earlier.clone();
            both.append(later).map_err(Error::polars)?;
            run(total, &both.rechunk(), None, false)?
        }
    };
    frame(value)
}

fn counted(carry: &Series) -> Result<IdxSize, Error> {
    Ok(carry.idx().map_err(Error::polars)?.get(0).unwrap_or(0))
}

/// The totals of own rows.
pub(super) fn apply(
    total: Total,
    carry: Option<&DataFrame>,
    own: &Column,
) -> Result<Column, Error> {
    let series = own.as_materialized_series();
    let carry = carry.map(value_of).transpose()?;
    let out = match total {
        Total::Sum | Total::Product => run(total, series, carry, true)?,
        Total::Count => {
            let before = carry.map_or(Ok(0), counted)?;
            let more = (series.len() - series.null_count()) as IdxSize;
            before.checked_add(more).ok_or_else(|| overflow(total, series))?;
            ops::cum_count_with_init(series, false, before).map_err(Error::polars)?
        }
        Total::Min | Total::Max => {
            let before = match carry {
                Some(carry) => {
                    carry.to_physical_repr().get(0).map_err(Error::polars)?.into_static()
                }
                None => AnyValue::Null,
            };
            let of =
                if total == Total::Min { ops::cum_min_with_init } else { ops::cum_max_with_init };
            of(series, false, &before).map_err(Error::polars)?
        }
    };
    Ok(out.with_name(own.name().clone()).into_column())
}

/// The least or greatest of all, as the running ones see it: NaN only if there is nothing else.
fn extreme(total: Total, series: &Series) -> Result<Series, Error> {
    let scalar = if total == Total::Min { series.min_reduce() } else { series.max_reduce() };
    let scalar = scalar.map_err(Error::polars)?;
    Ok(scalar.into_series(NAME.into()))
}

/// Sums and products: of every row, or only the last one, which is null if there is nothing to total.
fn run(total: Total, series: &Series, carry: Option<&Series>, rows: bool) -> Result<Series, Error> {
    let name = series.name().clone();
    let sum = total == Total::Sum;
    let refused = |dtype: &DataType| {
        let what = if sum { "added up" } else { "multiplied" };
        Error::new(ErrorKind::Type, format!("`{name}` is {dtype}, which cannot be {what}"))
    };
    let wide = match series.dtype() {
        DataType::Boolean if sum => series.cast(&DataType::UInt32),
        DataType::Int8 | DataType::UInt8 | DataType::Int16 | DataType::UInt16 => {
            series.cast(&DataType::Int64)
        }
        DataType::Boolean | DataType::Int32 | DataType::UInt32 if !sum => {
            series.cast(&DataType::Int64)
        }
        DataType::Duration(unit) if sum => {
            let unit = *unit;
            let carry = carry.map(|carry| carry.to_physical_repr().into_owned());
            let ticks = series.to_physical_repr().into_owned();
            let out = run(total, &ticks, carry.as_ref(), rows)?;
            return out.cast(&DataType::Duration(unit)).map_err(Error::polars);
        }
        _ => Ok(series.clone()),
    };
    let wide = wide.map_err(Error::polars)?;
    // What is added to, its start, how a value is taken in, and how it comes out.
    macro_rules! scan {
        ($get:ident, $of:ty, $add:expr, $mul:expr) => {{
            let values = wide.$get().map_err(Error::polars)?;
            let before = match carry {
                Some(carry) => carry.get(0).map_err(Error::polars)?.extract::<$of>(),
                None => None,
            };
            let (mut state, mut any) =
                (before.unwrap_or(if sum { 0 as $of } else { 1 as $of }), false);
            let mut take = |value| {
                any = true;
                let next: Option<$of> = if sum { $add(state, value) } else { $mul(state, value) };
                state = next.ok_or_else(|| overflow(total, series))?;
                Ok(state as _)
            };
            if rows {
                let out = values.iter().map(|value| value.map(&mut take).transpose());
                let out: polars_core::prelude::ChunkedArray<_> =
                    out.collect::<Result<_, Error>>()?;
                same_type(values, out).with_name(name).into_series()
            } else {
                for value in values.iter().flatten() {
                    let _ = same_value(value, take(value)?);
                }
                Series::new(NAME.into(), [any.then_some(state)])
            }
        }};
    }
    Ok(match wide.dtype() {
        DataType::Int32 => scan!(i32, i32, i32::checked_add, i32::checked_mul),
        DataType::UInt32 => scan!(u32, u32, u32::checked_add, u32::checked_mul),
        DataType::Int64 => scan!(i64, i64, i64::checked_add, i64::checked_mul),
        DataType::UInt64 => scan!(u64, u64, u64::checked_add, u64::checked_mul),
        // In 64 bits: 24 million ones would be the end of it else.
        DataType::Float32 => {
            scan!(f32, f64, |a: f64, b: f32| Some(a + f64::from(b)), |a: f64, b: f32| {
                Some(a * f64::from(b))
            })
        }
        DataType::Float64 => scan!(f64, f64, |a, b| Some(a + b), |a, b| Some(a * b)),
        DataType::Decimal(..) if sum => decimal(&wide, carry, rows)?,
        other => return Err(refused(other)),
    })
}

/// Keeps the type of a total that of what is totalled.
fn same_type<T>(_: &T, out: T) -> T {
    out
}

fn same_value<T>(_: T, out: T) -> T {
    out
}

/// polars' own, which looks out for the precision.
fn decimal(series: &Series, carry: Option<&Series>, rows: bool) -> Result<Series, Error> {
    let before = match carry {
        Some(carry) => carry.get(0).map_err(Error::polars)?.into_static(),
        None => AnyValue::Null,
    };
    let out = ops::cum_sum_with_init(series, false, &before).map_err(|error| {
        Error::polars(error).reworded(|why| format!("`{}`: {why}", series.name()))
    })?;
    if rows {
        return Ok(out);
    }
    let valid = out.drop_nulls();
    Ok(match valid.len() {
        0 => Series::full_null(NAME.into(), 1, out.dtype()),
        count => valid.slice(count as i64 - 1, 1),
    })
}

fn overflow(total: Total, series: &Series) -> Error {
    let (what, remedy) = match total {
        Total::Count => ("count", "it is more rows than an index can count"),
        Total::Product => ("product", "cast it to Float64 first"),
        _ => ("sum", "cast it to Int64 or Float64 first"),
    };
    let message = format!(
        "the running {what} of `{}` is more than {} can hold: {remedy}",
        series.name(),
        series.dtype()
    );
    Error::new(ErrorKind::Overflow, message)
}
