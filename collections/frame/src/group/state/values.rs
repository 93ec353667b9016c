//! Columns as slices of numbers, and back.
//!
//! In: series of any numeric or temporal type. Out: their values as `i64`, `u64` or `f64`, which hold every value of them exactly, so that
//! loops are compiled three times and not fourteen; and series of those types made of such values.

use crate::error::Error;
use polars_core::prelude::*;
use polars_core::utils::arrow::bitmap::Bitmap;
use polars_core::utils::arrow::types::NativeType;

/// A type that values are widened to.
pub(crate) trait Word: NativeType + PartialOrd {
    type Polars: PolarsNumericType<Native = Self>;
    const DTYPE: DataType;
    /// By how much it is more than `other`, rounded once.
    fn above(self, other: Self) -> f64;
}

impl Word for i64 {
    type Polars = Int64Type;
    const DTYPE: DataType = DataType::Int64;
    fn above(self, other: i64) -> f64 {
        match self.checked_sub(other) {
            Some(apart) => apart as f64,
            None => (i128::from(self) - i128::from(other)) as f64,
        }
    }
}

impl Word for u64 {
    type Polars = UInt64Type;
    const DTYPE: DataType = DataType::UInt64;
    fn above(self, other: u64) -> f64 {
        if self >= other { (self - other) as f64 } else { -((other - self) as f64) }
    }
}

impl Word for f64 {
    type Polars = Float64Type;
    const DTYPE: DataType = DataType::Float64;
    fn above(self, other: f64) -> f64 {
        self - other
    }
}

/// Calls `each` with the values of every chunk, widened to `T`, and their validity.
pub(crate) fn with_values<T: Word>(
    values: &Series,
    mut each: impl FnMut(&[T], Option<&Bitmap>),
) -> Result<(), Error> {
    let physical = values.to_physical_repr();
    let widened;
    let physical = if *physical.dtype() == T::DTYPE {
        &*physical
    } else {
        widened = physical.cast(&T::DTYPE).map_err(Error::polars)?;
        &widened
    };
    let array: &ChunkedArray<T::Polars> = physical.as_ref().as_ref();
    for chunk in array.downcast_iter() {
        each(chunk.values().as_slice(), chunk.validity());
    }
    Ok(())
}

/// The bits of a float, such that equal floats have equal bits: 0 for -0, one NaN for all.
fn float_word(value: f64) -> i64 {
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    value.to_bits() as i64
}

/// Calls `each` with the values of every chunk as words that are equal where the values are.
pub(crate) fn with_words(
    values: &Series,
    mut each: impl FnMut(&[i64], Option<&Bitmap>),
) -> Result<(), Error> {
    let mut words: Vec<i64> = Vec::new();
    match values.dtype() {
        DataType::Float32 | DataType::Float64 => with_values::<f64>(values, |values, validity| {
            words.clear();
            words.extend(values.iter().map(|&value| float_word(value)));
            each(&words, validity);
        }),
        DataType::UInt64 => with_values::<u64>(values, |values, validity| {
            words.clear();
            words.extend(values.iter().map(|&value| value as i64));
            each(&words, validity);
        }),
        _ => with_values::<i64>(values, each),
    }
}

/// A series of a type whose values are words as [`with_words`] gives them.
pub(crate) fn from_words(
    name: PlSmallStr,
    words: impl Iterator<Item = Option<i64>>,
    dtype: &DataType,
) -> Result<Series, Error> {
    match dtype {
        DataType::Float32 | DataType::Float64 => {
            let floats = words.map(|word| word.map(|word| f64::from_bits(word as u64)));
            narrowed::<f64>(name, floats, dtype)
        }
        DataType::UInt64 => {
            narrowed::<u64>(name, words.map(|word| word.map(|word| word as u64)), dtype)
        }
        _ => narrowed::<i64>(name, words, dtype),
    }
}

/// A series of `dtype`, whose values these are, widened.
pub(crate) fn narrowed<T: Word>(
    name: PlSmallStr,
    values: impl Iterator<Item = Option<T>>,
    dtype: &DataType,
) -> Result<Series, Error>
where
    ChunkedArray<T::Polars>: IntoSeries,
{
    if *dtype == DataType::Null {
        return Ok(Series::full_null(name, values.count(), dtype));
    }
    let wide: ChunkedArray<T::Polars> = ChunkedArray::from_iter_options(name, values);
    let wide = wide.into_series();
    if wide.dtype() == dtype {
        return Ok(wide);
    }
    let physical = wide.strict_cast(&dtype.to_physical()).map_err(Error::polars)?;
    physical.cast(dtype).map_err(Error::polars)
}

/// Strings, categories by their names, and bytes, as bytes.
pub(crate) fn binary(values: &Series) -> Result<BinaryChunked, Error> {
    let bytes = match values.dtype() {
        DataType::Binary => values.binary().cloned(),
        DataType::String => values.str().map(StringChunked::as_binary),
        _ => values.cast(&DataType::String).and_then(|names| Ok(names.str()?.as_binary())),
    };
    bytes.map_err(Error::polars)
}

/// Bytes as [`binary`] gives them, of the type they were.
pub(crate) fn from_binary(bytes: BinaryChunked, dtype: &DataType) -> Result<Series, Error> {
    let bytes = bytes.into_series();
    let series = match dtype {
        DataType::Binary => Ok(bytes),
        DataType::String => bytes.cast(&DataType::String),
        dtype => bytes.cast(&DataType::String).and_then(|names| names.cast(dtype)),
    };
    series.map_err(Error::polars)
}

/// Calls `each` with the rows that are not null.
#[inline(always)]
pub(crate) fn each_valid(validity: Option<&Bitmap>, rows: usize, mut each: impl FnMut(usize)) {
    let Some(validity) = validity.filter(|validity| validity.unset_bits() > 0) else {
        for row in 0..rows {
            each(row);
        }
        return;
    };
    let chunks = validity.chunks::<u64>();
    let (last, last_rows) = (chunks.remainder(), chunks.remainder_len());
    let mut base = 0;
    for mut word in chunks {
        if word == u64::MAX {
            for row in base..base + 64 {
                each(row);
            }
        } else {
            while word != 0 {
                each(base + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
        base += 64;
    }
    for row in 0..last_rows {
        if last >> row & 1 == 1 {
            each(base + row);
        }
    }
}
