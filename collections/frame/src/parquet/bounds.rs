//! The least and the greatest value of a column in a row group.
//!
//! In: a footer's statistics, and a literal. Out: [`Bound`]s that can be compared, where they are of types that polars compares by value; else nothing. Types whose order in the statistics is not known, or
//! not that of polars, have none: categories, decimals, times, nested columns.
//!
//! A literal is a range of them: polars compares moments in the coarser of two units, and numbers of `f32` with a literal rounded to `f32`, and so one literal can be equal to several values. It is below and
//! above a value if the whole range is.
//!
//! Not here: what follows from bounds (`prune`).

use polars_core::prelude::{AnyValue, DataType, Scalar, TimeUnit};
use polars_io::parquet::metadata::FileMetadata;
use polars_parquet::parquet::metadata::{ColumnOrder, SortOrder};
use polars_parquet::parquet::statistics::Statistics;
use polars_parquet::read::{ColumnChunkMetadata, ParquetTimeUnit, PrimitiveLogicalType};
use std::cmp::Ordering;

/// A value that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Bound {
    /// Integers, and what is stored as such: booleans, days, moments.
    Int(i128),
    /// Never NaN.
    Float(f64),
    Text(Vec<u8>),
}

/// What is known of a column in a row group.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<Bound>,
    pub(super) max: Option<Bound>,
    pub(super) nulls: Option<i64>,
    /// Whether texts are not cut off.
    pub(super) is_exact: bool,
}

impl Bound {
    /// How this stands to a literal. An integer is compared with a float as one, as polars does: that rounds, and keeps the order.
    pub(super) fn order(&self, literal: &Bound) -> Option<Ordering> {
        match (self, literal) {
            (Bound::Int(value), Bound::Int(literal)) => Some(value.cmp(literal)),
            (Bound::Int(value), Bound::Float(literal)) => (*value as f64).partial_cmp(literal),
            (Bound::Float(value), Bound::Float(literal)) => value.partial_cmp(literal),
            (Bound::Text(value), Bound::Text(literal)) => Some(value.cmp(literal)),
            _ => None,
        }
    }

    /// The same of a greatest value, which may be the beginning of a text.
    pub(super) fn order_as_max(&self, literal: &Bound) -> Option<Ordering> {
        match (self, literal) {
            (Bound::Text(value), Bound::Text(literal)) if literal.starts_with(value) => None,
            _ => self.order(literal),
        }
    }
}

impl Bounds {
    /// What a footer knows of a column, which is of this type in a frame.
    pub(super) fn of(
        metadata: &FileMetadata,
        group: usize,
        column: &str,
        data_type: &DataType,
    ) -> Option<Bounds> {
        let group = &metadata.row_groups[group];
        let &[index] = group.columns_idxs_under_root_iter(column)? else { return None };
        if data_type.is_nested() {
            return None;
        }
        let chunk = &group.parquet_columns()[index];
        // Statistics that cannot be read are none.
        let statistics = chunk.statistics(&metadata.footer_buf)?.ok()?;
        let nulls = statistics.null_count();
        let order = metadata.column_orders.as_ref().and_then(|orders| orders.get(index));
        let (min, max) = match range(&statistics, chunk, order, data_type) {
            Some((min, max)) => (min, max),
            None => (None, None),
        };
        Some(Bounds { min, max, nulls, is_exact: false })
    }

    /// Of a column that has the same value in all rows.
    pub(super) fn of_constant(value: &Scalar, rows: usize) -> Bounds {
        let nulls = if value.is_null() { rows as i64 } else { 0 };
        let bound = literal(value.value(), value.dtype());
        let (min, max) = bound.unzip();
        Bounds { min, max, nulls: Some(nulls), is_exact: true }
    }
}

type Range = (Option<Bound>, Option<Bound>);

fn range(
    statistics: &Statistics,
    chunk: &ColumnChunkMetadata,
    order: Option<&ColumnOrder>,
    data_type: &DataType,
) -> Option<Range> {
    let order = order.copied().unwrap_or(ColumnOrder::Undefined);
    let is_unsigned = order == ColumnOrder::TypeDefinedOrder(SortOrder::Unsigned);
    let is_signed = order.sort_order() == SortOrder::Signed;
    let int = |value: Option<i128>| value.map(Bound::Int);
    let float = |value: Option<f64>| value.filter(|it| !it.is_nan()).map(Bound::Float);
    let text = |value: &Option<Vec<u8>>| value.clone().map(Bound::Text);
    let is_int = data_type.is_signed_integer() || is_temporal(data_type, chunk);
    let range = match statistics {
        Statistics::Int32(it) if is_int && is_signed => {
            (int(it.min_value.map(i128::from)), int(it.max_value.map(i128::from)))
        }
        Statistics::Int64(it) if is_int && is_signed => {
            (int(it.min_value.map(i128::from)), int(it.max_value.map(i128::from)))
        }
        Statistics::Int32(it) if data_type.is_unsigned_integer() && is_unsigned => {
            let unsigned = |value: Option<i32>| int(value.map(|it| i128::from(it as u32)));
            (unsigned(it.min_value), unsigned(it.max_value))
        }
        Statistics::Int64(it) if data_type.is_unsigned_integer() && is_unsigned => {
            let unsigned = |value: Option<i64>| int(value.map(|it| i128::from(it as u64)));
            (unsigned(it.min_value), unsigned(it.max_value))
        }
        Statistics::Boolean(it) if *data_type == DataType::Boolean => {
            (int(it.min_value.map(i128::from)), int(it.max_value.map(i128::from)))
        }
        Statistics::Float(it) if *data_type == DataType::Float32 => {
            (float(it.min_value.map(f64::from)), float(it.max_value.map(f64::from)))
        }
        Statistics::Double(it) if *data_type == DataType::Float64 => {
            (float(it.min_value), float(it.max_value))
        }
        Statistics::Binary(it) if *data_type == DataType::String && is_unsigned => {
            (text(&it.min_value), text(&it.max_value))
        }
        _ => return None,
    };
    Some(range)
}

/// Whether a column is of days or moments, in the unit in which the file has them.
fn is_temporal(data_type: &DataType, chunk: &ColumnChunkMetadata) -> bool {
    let logical = &chunk.descriptor().descriptor.primitive_type.logical_type;
    match (data_type, logical) {
        (DataType::Date, Some(PrimitiveLogicalType::Date)) => true,
        (DataType::Datetime(ours, _), Some(PrimitiveLogicalType::Timestamp { unit, .. })) => {
            matches!(
                (ours, unit),
                (TimeUnit::Milliseconds, ParquetTimeUnit::Milliseconds)
                    | (TimeUnit::Microseconds, ParquetTimeUnit::Microseconds)
                    | (TimeUnit::Nanoseconds, ParquetTimeUnit::Nanoseconds)
            )
        }
        _ => false,
    }
}

/// A literal as the least and the greatest value of a column of this type that it can be equal to.
pub(super) fn literal(literal: &AnyValue<'_>, data_type: &DataType) -> Option<(Bound, Bound)> {
    let one = |bound: Bound| Some((bound.clone(), bound));
    match data_type {
        DataType::Boolean => match literal {
            AnyValue::Boolean(value) => one(Bound::Int(i128::from(*value))),
            _ => None,
        },
        DataType::String => one(Bound::Text(literal.get_str()?.as_bytes().to_vec())),
        DataType::Date => match literal {
            AnyValue::Date(days) => one(Bound::Int(i128::from(*days))),
            _ => None,
        },
        DataType::Datetime(unit, _) => moment(literal, *unit),
        data_type if data_type.is_integer() => match literal {
            AnyValue::Float64(value) if !value.is_nan() => one(Bound::Float(*value)),
            // With 64 bits, signed and unsigned ones meet as floats.
            AnyValue::UInt64(value) if data_type.is_signed_integer() => {
                one(Bound::Float(*value as f64))
            }
            _ if *data_type == DataType::UInt64 && !is_unsigned(literal) => {
                one(Bound::Float(integer(literal)? as f64))
            }
            _ => one(Bound::Int(integer(literal)?)),
        },
        DataType::Float64 => one(Bound::Float(number(literal)?)),
        DataType::Float32 => {
            let exact = number(literal)?;
            let rounded = f64::from(exact as f32);
            Some((Bound::Float(exact.min(rounded)), Bound::Float(exact.max(rounded))))
        }
        _ => None,
    }
}

fn is_unsigned(literal: &AnyValue<'_>) -> bool {
    use AnyValue::{UInt8, UInt16, UInt32, UInt64};
    matches!(literal, UInt8(_) | UInt16(_) | UInt32(_) | UInt64(_))
}

fn integer(literal: &AnyValue<'_>) -> Option<i128> {
    match literal {
        AnyValue::Int8(value) => Some(i128::from(*value)),
        AnyValue::Int16(value) => Some(i128::from(*value)),
        AnyValue::Int32(value) => Some(i128::from(*value)),
        AnyValue::Int64(value) => Some(i128::from(*value)),
        AnyValue::UInt8(value) => Some(i128::from(*value)),
        AnyValue::UInt16(value) => Some(i128::from(*value)),
        AnyValue::UInt32(value) => Some(i128::from(*value)),
        AnyValue::UInt64(value) => Some(i128::from(*value)),
        _ => None,
    }
}

/// A number that is none of NaN.
fn number(literal: &AnyValue<'_>) -> Option<f64> {
    let value = match literal {
        AnyValue::Float64(value) => *value,
        AnyValue::Float32(value) => f64::from(*value),
        _ => integer(literal)? as f64,
    };
    (!value.is_nan()).then_some(value)
}

/// A moment, in the unit of a column.
fn moment(literal: &AnyValue<'_>, unit: TimeUnit) -> Option<(Bound, Bound)> {
    let (value, own) = match literal {
        AnyValue::Datetime(value, own, _) => (i128::from(*value), per_day(*own)),
        AnyValue::DatetimeOwned(value, own, _) => (i128::from(*value), per_day(*own)),
        AnyValue::Date(days) => (i128::from(*days) * per_day(unit), per_day(unit)),
        _ => return None,
    };
    let wanted = per_day(unit);
    let (low, high) = if own > wanted {
        let finer = own / wanted;
        let floor = value.div_euclid(finer);
        (floor, floor + i128::from(floor * finer != value))
    } else {
        // As many values of the column as are equal to it when they are cut off to its unit, towards zero or down.
        let coarser = wanted / own;
        (value * coarser - (coarser - 1), value * coarser + (coarser - 1))
    };
    Some((Bound::Int(low), Bound::Int(high)))
}

fn per_day(unit: TimeUnit) -> i128 {
    let seconds = 86_400;
    match unit {
        TimeUnit::Milliseconds => seconds * 1_000,
        TimeUnit::Microseconds => seconds * 1_000_000,
        TimeUnit::Nanoseconds => seconds * 1_000_000_000,
    }
}
