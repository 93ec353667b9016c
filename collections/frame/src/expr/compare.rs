//! Comparisons of two values, and `& | ^` of what they give.
//!
//! In: values. Out: booleans, by polars' kernels. Types that don't go together are refused, with both and the remedy.
//!
//! Not here: arithmetic (`arithmetic`), which row groups a comparison rules out (`parquet`).

use super::cast::cast_to_meet;
use super::types::{common, is_category, is_number, is_text, shown};
use super::value::Value;
use super::{BinaryOp, Expr};
use crate::{Error, ErrorKind};
use polars_core::prelude::{
    BooleanChunked, ChunkCompareEq, ChunkCompareIneq, DataType, IntoSeries, PolarsResult, Series,
};

/// The result for each row; `whole` is the expression, which messages show.
pub(super) fn compare(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    whole: &Expr,
) -> Result<Value, Error> {
    let category = is_category(left.dtype()) || is_category(right.dtype());
    if category && is_text(left.dtype()) && is_text(right.dtype()) {
        // polars has kernels for these.
        return left.zip(right, whole, |left, right| Ok(kernel(op, left, right)?.into_series()));
    }
    let dtype = common(&[left, right]).map_err(|_| refuse(left, right, whole))?;
    let (left, right) = (cast_to_meet(left, &dtype, whole)?, cast_to_meet(right, &dtype, whole)?);
    left.zip(&right, whole, |left, right| Ok(kernel(op, left, right)?.into_series()))
}

fn kernel(op: BinaryOp, left: &Series, right: &Series) -> PolarsResult<BooleanChunked> {
    match op {
        BinaryOp::Eq => left.equal(right),
        BinaryOp::NotEq => left.not_equal(right),
        BinaryOp::EqMissing => left.equal_missing(right),
        BinaryOp::NeqMissing => left.not_equal_missing(right),
        BinaryOp::Gt => left.gt(right),
        BinaryOp::GtEq => left.gt_eq(right),
        BinaryOp::Lt => left.lt(right),
        _ => left.lt_eq(right),
    }
}

/// That they can't be compared.
fn refuse(left: &Value, right: &Value, whole: &Expr) -> Error {
    let (ldtype, rdtype) = (left.dtype(), right.dtype());
    let time = |dtype: &DataType| dtype.is_temporal();
    let remedy = match (ldtype, rdtype) {
        _ if is_text(ldtype) && is_number(rdtype) || is_text(rdtype) && is_number(ldtype) => {
            "; `cast` the text to a number, or the number to DataType::String"
        }
        (DataType::Datetime(..), DataType::Datetime(..)) => {
            "; bring both to one time zone, with `dt().convert_time_zone` or `dt().replace_time_zone`"
        }
        _ if time(ldtype) && is_text(rdtype) || time(rdtype) && is_text(ldtype) => {
            "; `cast` the text to the other's type, as in `lit(\"2013-02-01\").cast(DataType::Date)`"
        }
        _ => "; `cast` one of them to the other's type",
    };
    let message = format!("`{whole}` compares {} with {}{remedy}", shown(ldtype), shown(rdtype));
    Error::new(ErrorKind::Type, message)
}

/// `& | ^`.
pub(super) fn boolean(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    whole: &Expr,
    parts: [&Expr; 2],
) -> Result<Value, Error> {
    let left = truth(left, parts[0], whole)?;
    let right = truth(right, parts[1], whole)?;
    left.zip(&right, whole, |left, right| match op {
        BinaryOp::And => left & right,
        BinaryOp::Or => left | right,
        _ => left ^ right,
    })
}

/// A value that is true, false or null; anything else is refused.
pub(super) fn truth(value: &Value, part: &Expr, whole: &Expr) -> Result<Value, Error> {
    match value.dtype() {
        DataType::Boolean => Ok(value.clone()),
        DataType::Null => cast_to_meet(value, &DataType::Boolean, whole),
        other => Err(Error::new(
            ErrorKind::Type,
            format!(
                "`{whole}` asks whether `{part}` is true, which is {}: compare it with something, as in `{part} != 0`, or `cast` it to DataType::Boolean",
                shown(other)
            ),
        )),
    }
}
