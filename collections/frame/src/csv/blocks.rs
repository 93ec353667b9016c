//! Columns of the CSV reader as polars' columns.
//!
//! In: columns, which belong to the reader's buffers. Out: a block of copies: of numbers and of bits of validity as they are, of strings
//! views, with the bytes of those that are too long to stand in a view.
//!
//! Not here: reading (the crate `taskweave_csv`).

use crate::error::{Error, ErrorKind};
use polars_core::prelude::{
    BooleanChunked, Column, DataFrame, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn,
    IntoSeries, PlSmallStr, StringChunked, TimeUnit, TimeZone,
};
use polars_core::utils::arrow::array::{BooleanArray, MutableBinaryViewArray};
use polars_core::utils::arrow::bitmap::Bitmap;
use polars_core::utils::arrow::datatypes::ArrowDataType;
use taskweave_csv as csv;

/// A block of these columns; without any, one that has only a number of rows.
pub(super) fn block(columns: &csv::Columns, names: &[PlSmallStr]) -> Result<DataFrame, Error> {
    let columns_of_block = names
        .iter()
        .enumerate()
        .map(|(at, name)| column(columns.column(at), name.clone()))
        .collect::<Result<Vec<_>, _>>()?;
    DataFrame::new(columns.rows(), columns_of_block).map_err(Error::polars)
}

fn column(column: &csv::Column, name: PlSmallStr) -> Result<Column, Error> {
    Ok(match column {
        csv::Column::Null(count) => {
            Column::full_null(name, *count, &polars_core::prelude::DataType::Null)
        }
        csv::Column::Boolean(values) => {
            let validity = values.validity().map(bitmap).transpose()?;
            let array =
                BooleanArray::try_new(ArrowDataType::Boolean, bitmap(values.values())?, validity)
                    .map_err(Error::polars)?;
            BooleanChunked::with_chunk(name, array).into_column()
        }
        csv::Column::Int64(values) => {
            let validity = values.validity().map(bitmap).transpose()?;
            Int64Chunked::from_vec_validity(name, values.values().to_vec(), validity).into_column()
        }
        csv::Column::Float64(values) => {
            let validity = values.validity().map(bitmap).transpose()?;
            Float64Chunked::from_vec_validity(name, values.values().to_vec(), validity)
                .into_column()
        }
        csv::Column::Date(values) => {
            let validity = values.validity().map(bitmap).transpose()?;
            Int32Chunked::from_vec_validity(name, values.values().to_vec(), validity)
                .into_date()
                .into_column()
        }
        csv::Column::Datetime { utc, values } => {
            let validity = values.validity().map(bitmap).transpose()?;
            Int64Chunked::from_vec_validity(name, values.values().to_vec(), validity)
                .into_datetime(TimeUnit::Microseconds, utc.then_some(TimeZone::UTC))
                .into_series()
                .into_column()
        }
        csv::Column::String(strings) => texts(strings, name)?,
        other => {
            let message = format!("column `{name}` is of type {}", other.data_type());
            return Err(Error::new(ErrorKind::Type, message));
        }
    })
}

fn bitmap(bits: &csv::Bitmap) -> Result<Bitmap, Error> {
    Bitmap::try_new(bits.as_bytes().to_vec(), bits.len()).map_err(Error::polars)
}

/// Views of strings: of those of up to 12 bytes a view is all there is.
fn texts(strings: &csv::Strings, name: PlSmallStr) -> Result<Column, Error> {
    let offsets = strings.offsets();
    // All at once, which is quicker than one by one. The reader has seen to it that they are.
    let text = std::str::from_utf8(strings.bytes())
        .map_err(|error| Error::new(ErrorKind::Format, format!("column `{name}`: {error}")))?;
    let mut views = MutableBinaryViewArray::<str>::with_capacity(strings.len());
    for pair in offsets.windows(2) {
        let (start, end) = (pair[0] as usize, pair[1] as usize);
        views.push_value_ignore_validity(&text[start..end]);
    }
    let validity = strings.validity().map(bitmap).transpose()?;
    let array = views.freeze().with_validity(validity);
    Ok(StringChunked::with_chunk(name, array).into_column())
}
