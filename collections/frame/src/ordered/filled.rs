//! Nulls that take the value of a neighbour.
//!
//! In: own rows, with what comes from beyond them. Out: the same, filled. A carry is the last value that is not null and how many nulls
//! follow it, which is what a limit counts. The other way round everything is mirrored.
//!
//! Not here: nulls that take a value that is said (`fill_null`, an expression's).

use crate::error::Error;
use polars_core::prelude::{
    Column, DataFrame, IdxCa, IdxSize, IntoColumn, IntoSeries, NamedFrom, PlSmallStr, Series,
};
use polars_core::scalar::Scalar;

/// What own rows carry on: a value, null if there is none, and the nulls after it.
pub(super) fn carry(own: &Column, backward: bool) -> Result<DataFrame, Error> {
    let series = own.as_materialized_series();
    let valid = series.is_not_null();
    let found = if backward {
        valid.iter().position(|valid| valid == Some(true))
    } else {
        (0..series.len())
            .rev()
            .zip(valid.iter().rev())
            .find(|(_, valid)| *valid == Some(true))
            .map(|(at, _)| at)
    };
    let run = match found {
        None => series.len(),
        Some(at) if backward => at,
        Some(at) => series.len() - 1 - at,
    };
    let value = match found {
        None => Series::full_null("value".into(), 1, series.dtype()),
        // A value of its own: a slice would keep all of the column.
        Some(at) => {
            let value = series.get(at).map_err(Error::polars)?.into_static();
            Scalar::new(series.dtype().clone(), value).into_series("value".into())
        }
    };
    frame(value, run as u64)
}

fn frame(value: Series, run: u64) -> Result<DataFrame, Error> {
    let run = Series::new("run".into(), [run]);
    DataFrame::new(1, vec![value.into_column(), run.into_column()]).map_err(Error::polars)
}

fn run_of(carry: &DataFrame) -> Result<u64, Error> {
    let run = carry.column("run").and_then(|run| run.u64().map(|run| run.get(0)));
    Ok(run.map_err(Error::polars)?.unwrap_or(0))
}

fn value_of(carry: &DataFrame) -> Result<&Column, Error> {
    carry.column("value").map_err(Error::polars)
}

/// `near` is the one next to the rows that will be filled.
pub(super) fn combine(near: &DataFrame, far: &DataFrame) -> Result<DataFrame, Error> {
    if value_of(near)?.null_count() == 0 {
        return Ok(near.clone());
    }
    let value = value_of(far)?.as_materialized_series().clone();
    frame(value, run_of(near)?.saturating_add(run_of(far)?))
}

/// Own rows with nulls filled, at most `limit` in a row.
pub(super) fn apply(
    own: &Column,
    carry: Option<&DataFrame>,
    limit: Option<usize>,
    backward: bool,
) -> Result<Column, Error> {
    let series = own.as_materialized_series();
    if series.null_count() == 0 {
        return Ok(own.clone());
    }
    let (beyond, mut run) = match carry {
        Some(carry) => (value_of(carry)?.as_materialized_series().clone(), run_of(carry)?),
        None => (Series::full_null(PlSmallStr::EMPTY, 1, series.dtype()), 0),
    };
    let limit = limit.map_or(u64::MAX, |limit| limit as u64);
    // Row 0 is the value from beyond, own rows follow.
    let mut from: IdxSize = 0;
    let mut source = |row: usize, valid: Option<bool>| {
        if valid == Some(true) {
            (from, run) = (row as IdxSize + 1, 0);
            return from;
        }
        run = run.saturating_add(1);
        // A null of its own.
        if run <= limit { from } else { row as IdxSize + 1 }
    };
    let valid = series.is_not_null();
    let mut rows: Vec<IdxSize> = vec![0; series.len()];
    if backward {
        // Not `enumerate().rev()`: the iterator of polars does not know its length after a step from behind.
        for (row, valid) in (0..series.len()).rev().zip(valid.iter().rev()) {
            rows[row] = source(row, valid);
        }
    } else {
        for (row, valid) in valid.iter().enumerate() {
            rows[row] = source(row, valid);
        }
    }
    let mut extended = beyond.with_name(own.name().clone());
    extended.append(series).map_err(Error::polars)?;
    let rows = IdxCa::from_vec(PlSmallStr::EMPTY, rows);
    let filled = extended.rechunk().take(&rows).map_err(Error::polars)?;
    Ok(filled.into_series().into_column())
}
