//! Values and nulls as loops take them.
//!
//! In: columns. Out: slices of values, in which something stands for nulls; how many values between two rows are none; and columns again.

use polars_core::prelude::{ChunkedArray, IntoSeries, PlSmallStr, PolarsNumericType, Series};
use polars_core::utils::arrow::bitmap::BitmapBuilder;
use std::borrow::Cow;

/// Values in one slice, with `empty` for nulls.
pub(super) fn cells<T: PolarsNumericType>(
    values: &ChunkedArray<T>,
    empty: T::Native,
) -> Cow<'_, [T::Native]> {
    if let Ok(slice) = values.cont_slice() {
        return Cow::Borrowed(slice);
    }
    let mut cells = Vec::with_capacity(values.len());
    for array in values.downcast_iter() {
        let own = array.values().as_slice();
        match array.validity() {
            None => cells.extend_from_slice(own),
            Some(valid) => {
                let there = own.iter().zip(valid.iter());
                cells.extend(there.map(|(value, there)| if there { *value } else { empty }));
            }
        }
    }
    Cow::Owned(cells)
}

/// How many values between two rows are not null.
pub(super) enum Counts {
    All,
    /// Up to each row, before it.
    Before(Vec<u32>),
}

impl Counts {
    pub(super) fn of(series: &Series) -> Counts {
        if series.null_count() == 0 {
            return Counts::All;
        }
        let mut sum = 0;
        let mut counts = Vec::with_capacity(series.len() + 1);
        counts.push(0);
        for chunk in series.chunks() {
            let mut add = |there: bool| {
                sum += u32::from(there);
                sum
            };
            match chunk.validity() {
                None => counts.extend((0..chunk.len()).map(|_| add(true))),
                Some(valid) => counts.extend(valid.iter().map(add)),
            }
        }
        Counts::Before(counts)
    }

    #[inline]
    pub(super) fn between(&self, from: usize, to: usize) -> usize {
        match self {
            Counts::All => to.saturating_sub(from),
            Counts::Before(counts) => counts[to.max(from)].wrapping_sub(counts[from]) as usize,
        }
    }
}

/// Values with nulls.
pub(super) struct Out<T> {
    pub(super) values: Vec<T>,
    pub(super) valid: BitmapBuilder,
}

impl<T: Copy> Out<T> {
    pub(super) fn new(rows: usize) -> Out<T> {
        Out { values: Vec::with_capacity(rows), valid: BitmapBuilder::with_capacity(rows) }
    }

    #[inline]
    pub(super) fn push(&mut self, value: T, valid: bool) {
        self.values.push(value);
        self.valid.push(valid);
    }

    pub(super) fn series<P>(self) -> Series
    where
        P: PolarsNumericType<Native = T>,
        ChunkedArray<P>: IntoSeries,
    {
        let valid = self.valid.into_opt_validity();
        ChunkedArray::<P>::from_vec_validity(PlSmallStr::EMPTY, self.values, valid).into_series()
    }
}
