//! Windows that no row is in.
//!
//! In: a frame with one row a window, sorted by the labels. Out: the same with a row for each window between the first and the last:
//! nothing was added up there, so sums and counts are 0, and what has no value is null.
//!
//! Not here: what windows with rows have (`resample`, the frame's).

use super::windows::Windows;
use crate::error::{Error, ErrorKind};
use polars_core::prelude::{
    Column, DataFrame, DataType, FillNullStrategy, IdxCa, IdxSize, Int64Chunked, IntoColumn,
    IntoSeries, NewChunkedArray, PlSmallStr,
};

/// What a column says of a window without rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Sums, counts, lengths.
    Zero,
    /// Everything else.
    Null,
}

/// How many windows are added at most: 2^26 of them take half a gigabyte a column. More are a mistake in the length, or in a time.
const EMPTY_MAX: usize = 1 << 26;

/// `frame`, which has one row a window and is sorted by `label`, with the windows that are missing. `previous` is the last row of the
/// partition before this one, if there is one: windows after it are filled too, so that partitions together have no gap. `fill` says what
/// a column has there.
///
/// # Errors
/// Labels that are null, or not sorted; more than 2^26 windows to add.
pub(crate) fn fill_periods(
    frame: &DataFrame,
    label: &str,
    windows: &Windows,
    previous: Option<&DataFrame>,
    fill: impl Fn(&PlSmallStr) -> Fill,
) -> Result<DataFrame, Error> {
    let column = frame.column(label).map_err(Error::polars)?;
    let grid = windows.grid(label, column.dtype())?;
    let present = ticks(column)?;
    let mut last = match previous {
        None => None,
        Some(previous) => ticks(previous.column(label).map_err(Error::polars)?)?.last().copied(),
    };
    let mut rows: Vec<Option<IdxSize>> = Vec::with_capacity(present.len());
    let mut labels: Vec<i64> = Vec::with_capacity(present.len());
    for (row, own) in present.iter().enumerate() {
        if let Some(mut before) = last {
            if *own <= before {
                let message = format!("labels of `{label}` are not sorted, or not one a row");
                return Err(Error::new(ErrorKind::Order, message));
            }
            while let Some(next) = grid.next(before).filter(|next| next < own) {
                if labels.len() - row >= EMPTY_MAX {
                    return Err(too_many(label, windows));
                }
                rows.push(None);
                labels.push(next);
                before = next;
            }
        }
        rows.push(Some(row as IdxSize));
        labels.push(*own);
        last = Some(*own);
    }
    if labels.len() == present.len() {
        return Ok(frame.clone());
    }
    let height = labels.len();
    let rows = IdxCa::from_iter_options(PlSmallStr::EMPTY, rows.into_iter());
    let mut labels = Some(labels);
    let columns = frame.columns().iter().map(|old| {
        if old.name() == label {
            let labels = labels.take().expect("names of columns are unique");
            return labelled(labels, old);
        }
        let taken = old.as_materialized_series().take(&rows).map_err(Error::polars)?;
        match fill(old.name()) {
            Fill::Null => Ok(taken.into_column()),
            Fill::Zero => {
                let filled = taken.fill_null(FillNullStrategy::Zero).map_err(Error::polars)?;
                Ok(filled.into_column())
            }
        }
    });
    DataFrame::new(height, columns.collect::<Result<_, Error>>()?).map_err(Error::polars)
}

fn too_many(label: &str, windows: &Windows) -> Error {
    let message = format!(
        "windows of {windows} over `{label}` leave more than {EMPTY_MAX} of them empty: make them longer, or look for a time that is wrong"
    );
    Error::new(ErrorKind::Value, message)
}

/// Labels as ticks, none of them null.
fn ticks(column: &Column) -> Result<Vec<i64>, Error> {
    let ticks = column.to_physical_repr().cast(&DataType::Int64).map_err(Error::polars)?;
    let ticks = ticks.i64().map_err(Error::polars)?;
    if ticks.null_count() > 0 {
        let message =
            format!("a label of `{}` is null: rows without a time have no window", column.name());
        return Err(Error::new(ErrorKind::Value, message));
    }
    Ok(ticks.into_no_null_iter().collect())
}

/// Ticks as labels of the type of `old`.
fn labelled(labels: Vec<i64>, old: &Column) -> Result<Column, Error> {
    let ticks = Int64Chunked::from_vec(old.name().clone(), labels);
    let mut labels = match old.dtype() {
        DataType::Datetime(unit, zone) => ticks.into_datetime(*unit, zone.clone()).into_series(),
        other => ticks
            .into_series()
            .cast(&DataType::Int32)
            .and_then(|days| days.cast(other))
            .map_err(Error::polars)?,
    };
    labels.set_sorted_flag(polars_core::series::IsSorted::Ascending);
    Ok(labels.into_column())
}
