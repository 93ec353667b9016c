//! What an expression is over a block: a value for each row, or one for all of them.
//!
//! In: columns and literals. Out: [`Value`], which kernels take as series of the block's height or of one value. A literal stays one value
//! as long as it meets no column, so `col("a") * 2` makes no column of twos.
//!
//! Not here: what is done with values (`function` and its like).

use super::{Expr, Literal};
use crate::Error;
use polars_core::prelude::{
    BooleanChunked, Column, DataType, IntoSeries, PlSmallStr, PolarsError, PolarsResult, Scalar,
    Series, UnknownKind,
};

/// A value for each row, or one for all.
#[derive(Clone)]
pub(super) struct Value {
    pub series: Series,
    /// Whether it is one value for all rows.
    pub one: bool,
    /// Of a number that has no type yet, and takes that of what it meets.
    pub open: Option<UnknownKind>,
}

impl Value {
    /// One for each row.
    pub(super) fn rows(series: Series) -> Value {
        Value { series, one: false, open: None }
    }

    pub(super) fn literal(literal: &Literal) -> Value {
        let series = literal.scalar().into_series(PlSmallStr::EMPTY);
        Value { series, one: true, open: literal.open() }
    }

    /// Of a column of a block: one that is the same in all rows stays one value.
    pub(super) fn column(column: &Column) -> Value {
        match column {
            Column::Scalar(scalar) if !scalar.is_empty() => {
                Value { series: scalar.as_single_value_series(), one: true, open: None }
            }
            other => Value::rows(other.as_materialized_series().clone()),
        }
    }

    pub(super) fn dtype(&self) -> &DataType {
        self.series.dtype()
    }

    /// What a kernel makes of it; `whole` is the expression that asks for it.
    pub(super) fn map(
        &self,
        whole: &Expr,
        kernel: impl FnOnce(&Series) -> PolarsResult<Series>,
    ) -> Result<Value, Error> {
        let series = kernel(&self.series).map_err(|error| refused(whole, error))?;
        Ok(Value { series, one: self.one, open: None })
    }

    /// What a kernel says of it.
    pub(super) fn test(
        &self,
        whole: &Expr,
        kernel: impl FnOnce(&Series) -> PolarsResult<BooleanChunked>,
    ) -> Result<Value, Error> {
        self.map(whole, |series| Ok(kernel(series)?.into_series()))
    }

    /// What a kernel makes of both.
    pub(super) fn zip(
        &self,
        other: &Value,
        whole: &Expr,
        kernel: impl FnOnce(&Series, &Series) -> PolarsResult<Series>,
    ) -> Result<Value, Error> {
        let series = kernel(&self.series, &other.series).map_err(|error| refused(whole, error))?;
        Ok(Value { series, one: self.one && other.one, open: None })
    }

    /// That number without a type, if both it was made of have none.
    pub(super) fn opened(mut self, open: bool) -> Value {
        if open && self.one {
            let value = self.series.get(0).ok();
            self.open = match self.series.dtype() {
                dtype if dtype.is_integer() => {
                    value.and_then(|value| value.extract::<i128>()).map(UnknownKind::Int)
                }
                dtype if dtype.is_float() => Some(UnknownKind::Float),
                _ => None,
            };
        }
        self
    }

    /// As a column of a block.
    pub(super) fn into_column(self, name: PlSmallStr, height: usize) -> Column {
        if !self.one {
            return self.series.with_name(name).into();
        }
        let value = self.series.get(0).expect("one value is there").into_static();
        Column::new_scalar(name, Scalar::new(self.series.dtype().clone(), value), height)
    }
}

/// That polars refuses to compute an expression.
pub(super) fn refused(whole: &Expr, error: PolarsError) -> Error {
    Error::polars(error).reworded(|said| format!("cannot compute `{whole}`: {said}"))
}
