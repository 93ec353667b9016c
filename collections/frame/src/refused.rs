//! Expressions that have no meaning where they stand.
//!
//! In: an expression, and the place. Out: the error that says which part of it, and what to write instead.
//!
//! Not here: columns that are not there, and types (`expr`).

use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, Shape};

/// Refuses what has no value for each row by itself. `place` is where it stands, as in "a filter".
pub(crate) fn expect_rows(expr: &Expr, place: &str) -> Result<(), Error> {
    let message = match expr.shape() {
        Shape::Constant | Shape::RowWise => return Ok(()),
        Shape::Aggregated { part } | Shape::Mixed { aggregate: part, .. } => format!(
            "`{part}` is one value of many rows, and {place} wants one of each row: compute it first, as `agg([{part}]).compute()?` does, and put the value in with `lit`"
        ),
        Shape::Ordered { part } => format!(
            "`{part}` looks at the rows around each row, and {place} wants a value out of each row alone: make it a column first, with `with_columns`"
        ),
        Shape::Nested { outer, inner } => nested(&outer, &inner),
    };
    Err(Error::new(ErrorKind::Expression, message))
}

/// Refuses what has no single value for the rows of a group.
pub(crate) fn expect_aggregation(expr: &Expr) -> Result<(), Error> {
    let message = match expr.shape() {
        Shape::Aggregated { .. } => return Ok(()),
        Shape::Constant => format!(
            "`{expr}` aggregates nothing: put it into a column of the result, with `with_columns`"
        ),
        Shape::RowWise => format!(
            "`{expr}` has a value for each row, and a group wants one of all its rows: say which, as in `{0}.mean()` or `{0}.first()`",
            in_parentheses(expr)
        ),
        Shape::Mixed { aggregate, rows } => format!(
            "`{rows}` has a value for each row, and stands beside `{aggregate}`, which has one for all: say which of them, as in `({rows}).first()`"
        ),
        Shape::Ordered { part } => format!(
            "`{part}` has a value for each row, and a group wants one of all its rows: say which, as in `{part}.last()`"
        ),
        Shape::Nested { outer, inner } => nested(&outer, &inner),
    };
    Err(Error::new(ErrorKind::Expression, message))
}

fn nested(outer: &str, inner: &str) -> String {
    format!(
        "`{outer}` is made of `{inner}`, which is one value of many rows already: aggregate one after the other, with two calls of `agg`"
    )
}

/// As it has to stand before a method.
fn in_parentheses(expr: &Expr) -> String {
    match expr.as_column() {
        Some(_) => expr.to_string(),
        None => format!("({expr})"),
    }
}

/// That a condition is none.
pub(crate) fn not_a_condition(expr: &Expr, dtype: &polars_core::prelude::DataType) -> Error {
    let message = format!(
        "`{expr}` is of type {dtype}, and a filter wants what is true or false: compare it, as in `{0}.gt(0)`",
        in_parentheses(expr)
    );
    Error::new(ErrorKind::Type, message)
}
