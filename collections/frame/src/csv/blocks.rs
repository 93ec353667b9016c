//! Columns of the CSV reader as polars' columns.
//!
//! In: columns, which belong to the reader's buffers. Out: a block of copies: of numbers, bits of validity and the views of strings as they
//! are, and of the bytes of strings that are too long to stand in a view.
//!
//! Not here: reading (the crate `taskweave_csv`).

use crate::error::{Error, ErrorKind};
use crate::undocumented::push_short;
use polars_core::prelude::{
    BooleanChunked, Column, DataFrame, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn,
    IntoSeries, PlSmallStr, StringChunked, TimeUnit, TimeZone, UInt64Chunked,
};
use polars_core::utils::arrow::array::{BooleanArray, MutableBinaryViewArray, View};
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
        csv::Column::UInt64(values) => {
            let validity = values.validity().map(bitmap).transpose()?;
            UInt64Chunked::from_vec_validity(name, values.values().to_vec(), validity).into_column()
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

/// The reader's views are polars', but for the buffers of long texts.
fn texts(strings: &csv::Strings, name: PlSmallStr) -> Result<Column, Error> {
    // The reader has seen to it that all are UTF-8; polars wants to see it of the long ones, and all at once is quicker than one by one.
    let buffers = strings
        .buffers()
        .iter()
        .map(|buffer| std::str::from_utf8(buffer))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::new(ErrorKind::Format, format!("column `{name}`: {error}")))?;
    let mut texts = MutableBinaryViewArray::<str>::with_capacity(strings.len());
    for view in strings.views().iter().map(view) {
        if view.is_inline() {
            push_short(&mut texts, view);
        } else {
            let start = view.offset as usize;
            let text = &buffers[view.buffer_idx as usize][start..start + view.length as usize];
            texts.push_value_ignore_validity(text);
        }
    }
    let validity = strings.validity().map(bitmap).transpose()?;
    let array = texts.freeze().with_validity(validity);
    Ok(StringChunked::with_chunk(name, array).into_column())
}

/// A view of the reader as polars': as numbers they are the same, with the length lowest.
#[inline]
fn view(bytes: &[u8; 16]) -> View {
    View::from(u128::from_le_bytes(*bytes))
}
