//! Other types.
//!
//! In: values and types. Out: the values in that type, by polars' casts. What has no value there is an error that shows the first such
//! value, or null if that is asked for.
//!
//! Not here: which types meet (`types`).

use super::types::{is_category, shown};
use super::value::Value;
use super::{Expr, Node};
use crate::{Error, ErrorKind};
use polars_core::prelude::polars_bail;
use polars_core::prelude::{
    DataType, IntoSeries, NamedFrom, PlSmallStr, PolarsResult, Series, StringChunked,
};
use polars_time::prelude::StringMethods;

impl Expr {
    /// In another type: `col("dep_delay").cast(DataType::Float64)`.
    ///
    /// Floats become integers without their fraction, text is read as numbers, and as dates and times if it has the format `2013-02-01`,
    /// `05:06:07` or `2013-02-01 05:06:07`, with `T` or without; other formats are for [`to_date`](super::StrExpr::to_date) and its like. Anything
    /// becomes text. A value that has
    /// none in the other type is an error of the kind [`Value`](ErrorKind::Value) that shows it; [`cast_or_null`](Expr::cast_or_null) makes it null.
    pub fn cast(&self, dtype: DataType) -> Expr {
        Node::Cast { input: self.clone(), dtype, strict: true }.into()
    }

    /// As [`cast`](Expr::cast), but a value that has none in the other type becomes null.
    pub fn cast_or_null(&self, dtype: DataType) -> Expr {
        Node::Cast { input: self.clone(), dtype, strict: false }.into()
    }
}

/// What [`Expr::cast`] and [`Expr::cast_or_null`] ask for.
pub(super) fn cast(
    value: &Value,
    dtype: &DataType,
    strict: bool,
    whole: &Expr,
) -> Result<Value, Error> {
    if value.dtype() == dtype {
        return Ok(Value { open: None, ..value.clone() });
    }
    let result = converted(&value.series, dtype).map_err(|error| {
        let message = format!(
            "`{whole}`: {} cannot be cast to {}: {error}",
            shown(value.dtype()),
            shown(dtype)
        );
        Error::new(ErrorKind::Type, message)
    })?;
    if strict && let Some(lost) = lost(&value.series, &result) {
        return Err(Error::new(
            ErrorKind::Value,
            format!(
                "`{whole}`: cannot cast {lost} to {} strictly; {}`cast_or_null` makes null of such values",
                shown(dtype),
                hint(value.dtype(), dtype)
            ),
        ));
    }
    Ok(Value { series: result, one: value.one, open: None })
}

/// By polars' cast, but for texts as dates and times, which it leaves to functions of text, and guesses the format of.
fn converted(series: &Series, dtype: &DataType) -> PolarsResult<Series> {
    let (from, to) = (is_category(series.dtype()), is_category(dtype));
    if from && dtype.is_primitive_numeric() || to && series.dtype().is_primitive_numeric() {
        // polars takes the number for the place of a category, unchecked.
        polars_bail!(InvalidOperation: "a category is a text; cast to DataType::String first");
    }
    if !dtype.is_known() {
        polars_bail!(InvalidOperation: "no column has that type");
    }
    let Ok(text) = series.str() else { return series.cast(dtype) };
    match dtype {
        DataType::Date => Ok(text.as_date(Some("%Y-%m-%d"), true)?.into_series()),
        DataType::Time => Ok(text.as_time(Some("%H:%M:%S%.f"), true)?.into_series()),
        DataType::Datetime(unit, zone) => {
            let mut read: Option<Series> = None;
            for format in DATETIMES {
                let raise = StringChunked::new(PlSmallStr::EMPTY, ["raise"]);
                let next = text.as_datetime(Some(format), *unit, true, false, None, &raise)?;
                let next = match zone {
                    Some(_) => super::dt::zoned(&next, zone.as_ref())?.into_series(),
                    None => next.into_series(),
                };
                let all = match read {
                    Some(read) => read.zip_with(&read.is_not_null(), &next)?,
                    None => next,
                };
                if all.null_count() == text.null_count() {
                    return Ok(all);
                }
                read = Some(all);
            }
            Ok(read.expect("there are formats"))
        }
        _ => series.cast(dtype),
    }
}

/// The formats of ISO 8601 in which a text is a `Datetime`.
const DATETIMES: [&str; 4] =
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d"];

/// As the type that it and another value are taken as together.
pub(super) fn cast_to_meet(value: &Value, dtype: &DataType, whole: &Expr) -> Result<Value, Error> {
    if value.dtype() == dtype {
        return Ok(value.clone());
    }
    let series = value.series.cast(dtype);
    let series = series.map_err(|error| super::value::refused(whole, error))?;
    if let Some(lost) = lost(&value.series, &series) {
        let message = format!(
            "`{whole}` is computed as {}, which {lost} is not; `cast` one side to a type that holds both",
            shown(dtype)
        );
        return Err(Error::new(ErrorKind::Value, message));
    }
    Ok(Value { series, one: value.one, open: None })
}

/// The first value that is null in another type, as text.
fn lost(before: &Series, after: &Series) -> Option<String> {
    if before.null_count() == after.null_count() {
        return None;
    }
    let (before_null, after_null) = (before.is_null(), after.is_null());
    let at = before_null
        .iter()
        .zip(after_null.iter())
        .position(|pair| pair == (Some(false), Some(true)))?;
    // To show a date that no calendar reaches would panic.
    let one = before.slice(at as i64, 1);
    let shown =
        if super::dt::is_within_calendar(&one) { one } else { one.to_physical_repr().into_owned() };
    shown.get(0).ok().map(|value| format!("the value {value}"))
}

/// What else may be meant by a cast of texts.
fn hint(from: &DataType, to: &DataType) -> &'static str {
    match (from, to) {
        (DataType::String, DataType::Date | DataType::Datetime(..)) => {
            "`str().to_date(format)` and `str().to_datetime(format)` read other ways of writing it, "
        }
        (DataType::String, to) if to.is_numeric() => {
            "of a CSV file `null_values` names the texts that are no numbers, "
        }
        _ => "",
    }
}
