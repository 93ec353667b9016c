//! Which types go together, and as which type.
//!
//! In: types of values, and numbers that have none yet. Out: the type both are taken as, by polars' rules, or none. It is stricter than
//! polars where that makes text of numbers, or numbers of dates.
//!
//! Not here: converting values (`cast`).

use super::Expr;
use super::value::Value;
use crate::{Error, ErrorKind};
use polars_core::prelude::{DataType, UnknownKind};
use polars_core::utils::get_supertype;

/// Whether it is a number, or counts as one.
pub(super) fn is_number(dtype: &DataType) -> bool {
    dtype.is_primitive_numeric() || dtype.is_decimal() || dtype.is_bool()
}

pub(super) fn is_text(dtype: &DataType) -> bool {
    dtype.is_string() || is_category(dtype)
}

pub(super) fn is_category(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Categorical(..) | DataType::Enum(..))
}

/// The type of both.
pub(super) fn together(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType::{Date, Datetime, Duration, List, Null};
    match (left, right) {
        _ if left == right => Some(left.clone()),
        (Null, other) | (other, Null) => Some(other.clone()),
        _ if is_number(left) && is_number(right) => get_supertype(left, right),
        _ if is_text(left) && is_text(right) => Some(DataType::String),
        (Date, Datetime(..)) | (Datetime(..), Date) => get_supertype(left, right),
        (Datetime(..), Datetime(..)) | (Duration(_), Duration(_)) => get_supertype(left, right),
        (List(left), List(right)) => together(left, right).map(|inner| List(Box::new(inner))),
        _ => None,
    }
}

/// The type of a type and a value, which takes it if it is a number that has none.
fn with(dtype: &DataType, value: &Value) -> Option<DataType> {
    match value.open {
        // polars leaves this one open.
        Some(UnknownKind::Float) if dtype.is_bool() => Some(DataType::Float64),
        Some(kind) if is_number(dtype) => {
            let both = get_supertype(dtype, &DataType::Unknown(kind));
            both.filter(DataType::is_known)
        }
        _ => together(dtype, value.dtype()),
    }
}

/// The type of all values, or the first that doesn't go with those that have a type, and that type.
pub(super) fn common(values: &[&Value]) -> Result<DataType, (usize, DataType)> {
    let mut dtype = DataType::Null;
    for open in [false, true] {
        // A number that has no type takes that of a column; without a column all have their own.
        let of_column = open && dtype != DataType::Null;
        for (at, value) in values.iter().enumerate() {
            if value.open.is_some() == open {
                let both =
                    if of_column { with(&dtype, value) } else { together(&dtype, value.dtype()) };
                dtype = both.ok_or_else(|| (at, dtype.clone()))?;
            }
        }
    }
    Ok(dtype)
}

/// The type of the parts of an expression, which are shown if there is none.
pub(super) fn common_of(
    values: &[&Value],
    parts: &[&Expr],
    whole: &Expr,
) -> Result<DataType, Error> {
    common(values).map_err(|(at, dtype)| {
        let (part, own) = (parts[at], shown(values[at].dtype()));
        let other = values.iter().position(|value| *value.dtype() == dtype);
        let other = other.map_or(String::from("the others"), |other| format!("`{}`", parts[other]));
        Error::new(
            ErrorKind::Type,
            format!(
                "`{whole}` cannot be both {} and {own}: {other} is {}, `{part}` is {own}; `cast` one of them",
                shown(&dtype),
                shown(&dtype)
            ),
        )
    })
}

/// A type as it is written in Rust.
pub(super) fn shown(dtype: &DataType) -> String {
    match dtype {
        DataType::Datetime(unit, zone) => match zone {
            Some(zone) => format!("Datetime({unit}, {zone})"),
            None => format!("Datetime({unit})"),
        },
        DataType::Duration(unit) => format!("Duration({unit})"),
        DataType::Categorical(..) => "Categorical".to_owned(),
        DataType::Enum(..) => "Enum".to_owned(),
        other => format!("{other:?}"),
    }
}
