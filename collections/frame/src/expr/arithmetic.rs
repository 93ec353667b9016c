//! `+ - * / // %` of two values.
//!
//! In: values. Out: what polars' kernels make of them, in the type that both have together. Integers wrap where they overflow; dividing by
//! zero gives an infinity or NaN, and null in `//` and `%` of integers. `%` has the sign of the divisor, as in polars and Python.
//!
//! Not here: comparisons (`compare`), which types go together (`types`).

use super::cast::cast_to_meet;
use super::types::{common, is_number, shown};
use super::value::Value;
use super::{BinaryOp, Expr};
use crate::{Error, ErrorKind};
use polars_core::prelude::{DataType, PolarsResult, Series, TimeUnit};
use polars_ops::series::floor_div_series;

/// The result for each row; `whole` is the expression, which messages show.
pub(super) fn arithmetic(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    whole: &Expr,
) -> Result<Value, Error> {
    let (ldtype, rdtype) = (left.dtype(), right.dtype());
    let plain = |dtype: &DataType| is_number(dtype) || dtype.is_null();
    if plain(ldtype) && plain(rdtype) {
        return numbers(op, left, right, whole);
    }
    let text = |dtype: &DataType| dtype.is_string() || dtype.is_null();
    if text(ldtype) && text(rdtype) && op == BinaryOp::Add {
        let left = cast_to_meet(left, &DataType::String, whole)?;
        let right = cast_to_meet(right, &DataType::String, whole)?;
        return left.zip(&right, whole, |left, right| left + right);
    }
    if is_time(ldtype) || is_time(rdtype) {
        return times(op, left, right, whole);
    }
    Err(refuse(op, left, right, whole))
}

fn numbers(op: BinaryOp, left: &Value, right: &Value, whole: &Expr) -> Result<Value, Error> {
    let mut dtype = common(&[left, right]).map_err(|_| refuse(op, left, right, whole))?;
    if op == BinaryOp::Div && (dtype.is_integer() || dtype.is_bool()) {
        dtype = DataType::Float64;
    }
    if dtype.is_bool() {
        // As polars counts them.
        dtype = if op == BinaryOp::Add { DataType::UInt32 } else { DataType::Int32 };
    }
    let open = left.open.is_some() && right.open.is_some();
    if dtype.is_null() {
        return left.zip(right, whole, |left, right| {
            let longer = if left.len() == 1 { right } else { left };
            Ok(longer.clone())
        });
    }
    let left = cast_to_meet(left, &dtype, whole)?;
    let right = cast_to_meet(right, &dtype, whole)?;
    let result = left.zip(&right, whole, |left, right| apply(op, left, right))?;
    Ok(result.opened(open))
}

fn apply(op: BinaryOp, left: &Series, right: &Series) -> PolarsResult<Series> {
    match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::Rem => left % right,
        _ => floor_div_series(left, right),
    }
}

fn is_time(dtype: &DataType) -> bool {
    dtype.is_temporal()
}

/// Of dates, times and lengths of time, which have a few operations each.
fn times(op: BinaryOp, left: &Value, right: &Value, whole: &Expr) -> Result<Value, Error> {
    use BinaryOp::{Add, Div, FloorDiv, Mul, Sub};
    use DataType::{Date, Datetime, Duration, Time};
    let (ldtype, rdtype) = (left.dtype(), right.dtype());
    let number = |dtype: &DataType| dtype.is_integer() || dtype.is_float();
    match (op, ldtype, rdtype) {
        // A null takes the type of a length of time.
        (Add | Sub, dtype, DataType::Null) => {
            let unit = match dtype {
                Datetime(unit, _) | Duration(unit) => *unit,
                _ => TimeUnit::Microseconds,
            };
            let length = Duration(unit);
            let right = cast_to_meet(right, &length, whole)?;
            times(op, left, &right, whole)
        }
        (Sub, Datetime(_, own), Datetime(_, other)) if own != other => {
            Err(refuse(op, left, right, whole))
        }
        (Add, Date | Datetime(..) | Duration(_), Duration(_))
        | (Add, Duration(_), Date | Datetime(..))
        | (Sub, Date | Datetime(..) | Duration(_), Duration(_))
        | (Sub, Date, Date)
        | (Sub, Time, Time)
        | (Sub, Date | Datetime(..), Date | Datetime(..))
        | (Div, Duration(_), Duration(_)) => {
            left.zip(right, whole, |left, right| apply(op, left, right))
        }
        (Mul | Div | FloorDiv, Duration(_), dtype) if number(dtype) => {
            scaled(op, left, right, whole)
        }
        (Mul, dtype, Duration(_)) if number(dtype) => scaled(op, right, left, whole),
        _ => Err(refuse(op, left, right, whole)),
    }
}

/// A length of time, so many times or so many parts of it.
fn scaled(op: BinaryOp, length: &Value, number: &Value, whole: &Expr) -> Result<Value, Error> {
    let dtype = if number.dtype().is_float() { DataType::Float64 } else { DataType::Int64 };
    let number = cast_to_meet(number, &dtype, whole)?;
    let op = if op == BinaryOp::FloorDiv { BinaryOp::Div } else { op };
    length.zip(&number, whole, |length, number| apply(op, length, number))
}

/// That the types have no such operation.
fn refuse(op: BinaryOp, left: &Value, right: &Value, whole: &Expr) -> Error {
    let (ldtype, rdtype) = (left.dtype(), right.dtype());
    let text = |dtype: &DataType| super::types::is_text(dtype);
    let remedy = match (ldtype, rdtype) {
        _ if text(ldtype) && is_number(rdtype) || text(rdtype) && is_number(ldtype) => {
            "; `cast` the text to a number, or the number to DataType::String"
        }
        _ if text(ldtype) && text(rdtype) && op == BinaryOp::Add => {
            "; `cast` both to DataType::String"
        }
        (DataType::Datetime(_, l), DataType::Datetime(_, r)) if l != r => {
            "; bring both to one time zone, with `dt().convert_time_zone` or `dt().replace_time_zone`"
        }
        _ if is_time(ldtype) && is_number(rdtype) || is_time(rdtype) && is_number(ldtype) => {
            "; a length of time is a `lit(std::time::Duration)`, or `cast` to DataType::Duration"
        }
        _ => "",
    };
    let message = format!(
        "`{whole}`: there is no `{}` of {} and {}{remedy}",
        op.symbol(),
        shown(ldtype),
        shown(rdtype)
    );
    Error::new(ErrorKind::Type, message)
}
