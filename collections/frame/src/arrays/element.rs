//! Which values of columns are elements of arrays, and as what.
//!
//! In: columns of booleans, integers and floats of any size. Out: elements of one type. Whole numbers stay what they are, and so do floats but where they
//! become `f32`; what cannot is told.
//!
//! Not here: where elements go (`fill`).

use crate::error::{Error, ErrorKind};
use polars_core::prelude::{
    ChunkedArray, Column, DataType, IntoColumn, NamedFrom, PlSmallStr, PolarsNumericType, Schema,
    Series,
};
use std::fmt::Debug;
use std::ops::Range;
use taskweave_array::Element;

/// The elements of arrays that are columns of frames: `bool`, `i8` to `i64`, `u8` to `u64`, `f32` and `f64`.
#[diagnostic::on_unimplemented(
    message = "no column of a frame has elements of `{Self}`",
    label = "`bool`, `i8` to `i64`, `u8` to `u64`, `f32` or `f64` is wanted here",
    note = "of complex numbers the parts are such: `x.re()`, `x.im()`"
)]
pub trait ArrayElement: Element + sealed::Of {
    /// The type of its columns.
    #[doc(hidden)]
    const DATA_TYPE: DataType;
    /// What null is.
    #[doc(hidden)]
    const OF_NULL: Option<Self>;
    /// A column of these values, which are not copied.
    #[doc(hidden)]
    fn column(name: PlSmallStr, values: Vec<Self>) -> Column;
}

mod sealed {
    /// What makes elements of values.
    pub trait Fits<S>: Sized {
        /// The same number, if there is one.
        fn fitting(value: S) -> Option<Self>;
    }

    /// All types of columns.
    pub trait Of:
        Fits<bool>
        + Fits<i8>
        + Fits<i16>
        + Fits<i32>
        + Fits<i64>
        + Fits<u8>
        + Fits<u16>
        + Fits<u32>
        + Fits<u64>
        + Fits<f32>
        + Fits<f64>
    {
    }
}
use sealed::Fits;

macro_rules! elements {
    ($($A:ty, $Type:ident, $variant:ident, $null:expr;)*) => {$(
        impl sealed::Of for $A {}
        impl ArrayElement for $A {
            const DATA_TYPE: DataType = DataType::$variant;
            const OF_NULL: Option<$A> = $null;
            fn column(name: PlSmallStr, values: Vec<$A>) -> Column {
                ChunkedArray::<polars_core::prelude::$Type>::from_vec(name, values).into_column()
            }
        }
    )*};
}
elements! {
    i8, Int8Type, Int8, None;
    i16, Int16Type, Int16, None;
    i32, Int32Type, Int32, None;
    i64, Int64Type, Int64, None;
    u8, UInt8Type, UInt8, None;
    u16, UInt16Type, UInt16, None;
    u32, UInt32Type, UInt32, None;
    u64, UInt64Type, UInt64, None;
    f32, Float32Type, Float32, Some(f32::NAN);
    f64, Float64Type, Float64, Some(f64::NAN);
}
impl sealed::Of for bool {}
impl ArrayElement for bool {
    const DATA_TYPE: DataType = DataType::Boolean;
    const OF_NULL: Option<bool> = None;
    fn column(name: PlSmallStr, values: Vec<bool>) -> Column {
        // In a bit each, so these are.
        Series::new(name, values).into_column()
    }
}

/// Whole numbers from each of these types.
macro_rules! to_ints {
    ($($A:ty)*) => {$(
        to_ints!(@from $A: i8 i16 i32 i64 u8 u16 u32 u64);
        impl Fits<bool> for $A {
            #[inline(always)]
            fn fitting(value: bool) -> Option<$A> {
                Some(<$A>::from(value))
            }
        }
        to_ints!(@whole $A: f32 f64);
    )*};
    (@from $A:ty: $($S:ty)*) => {$(
        impl Fits<$S> for $A {
            #[inline(always)]
            #[allow(clippy::unnecessary_fallible_conversions)]
            fn fitting(value: $S) -> Option<$A> {
                <$A>::try_from(value).ok()
            }
        }
    )*};
    (@whole $A:ty: $($S:ty)*) => {$(
        impl Fits<$S> for $A {
            #[inline(always)]
            fn fitting(value: $S) -> Option<$A> {
                // Of NaN and of infinities the difference is NaN, which differs too.
                if value - value.trunc() != 0.0 {
                    return None;
                }
                // What is too large for that is too large for all.
                <$A>::try_from(value as i128).ok()
            }
        }
    )*};
}
to_ints! { i8 i16 i32 i64 u8 u16 u32 u64 }

/// Floats from each of these types.
macro_rules! to_floats {
    ($($A:ty)*) => {$(
        to_floats!(@from $A: i8 i16 i32 i64 u8 u16 u32 u64);
        impl Fits<bool> for $A {
            #[inline(always)]
            fn fitting(value: bool) -> Option<$A> {
                Some(<$A>::from(u8::from(value)))
            }
        }
    )*};
    (@from $A:ty: $($S:ty)*) => {$(
        impl Fits<$S> for $A {
            #[inline(always)]
            fn fitting(value: $S) -> Option<$A> {
                let float = value as $A;
                let is_exact = <$S>::BITS <= <$A>::MANTISSA_DIGITS
                    || (value as i128).unsigned_abs() <= 1 << <$A>::MANTISSA_DIGITS
                    || float as i128 == value as i128;
                is_exact.then_some(float)
            }
        }
    )*};
}
to_floats! { f32 f64 }

macro_rules! same {
    ($($A:ty)*) => {$(
        impl Fits<$A> for $A {
            #[inline(always)]
            fn fitting(value: $A) -> Option<$A> {
                Some(value)
            }
        }
    )*};
}
same! { f32 f64 bool }

impl Fits<f32> for f64 {
    #[inline(always)]
    fn fitting(value: f32) -> Option<f64> {
        Some(f64::from(value))
    }
}

/// Rounded; of what is beyond all `f32` there is none.
impl Fits<f64> for f32 {
    #[inline(always)]
    fn fitting(value: f64) -> Option<f32> {
        let float = value as f32;
        (float.is_finite() || !value.is_finite()).then_some(float)
    }
}

/// Numbers are refused before.
macro_rules! no_bools {
    ($($S:ty)*) => {$(
        impl Fits<$S> for bool {
            fn fitting(_: $S) -> Option<bool> {
                None
            }
        }
    )*};
}
no_bools! { i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 }

/// What is no element.
pub(super) enum Unfit {
    Null,
    /// As it is shown.
    Value(String),
}

/// Writes some rows of a column in one chunk to each `step`th place of `out`; or says which of them, counted from the first, does not fit.
pub(super) fn write<T: ArrayElement>(
    column: &Series,
    rows: Range<usize>,
    out: &mut [T],
    step: usize,
) -> Result<(), (usize, Unfit)> {
    let out = out.iter_mut().step_by(step);
    macro_rules! numbers {
        ($($variant:ident $get:ident;)*) => {
            match column.dtype() {
                $(DataType::$variant => match column.$get() {
                    Ok(values) => write_numbers(values, rows, out),
                    Err(_) => unreachable!("it is of that type"),
                },)*
                DataType::Boolean => {
                    let part = column.slice(rows.start as i64, rows.len());
                    let values = part.bool().expect("it is of that type");
                    write_each(values.iter(), out)
                }
                // Of nulls alone; others have been refused.
                _ => write_each(rows.map(|_| None::<bool>), out),
            }
        };
    }
    numbers! {
        Int8 i8; Int16 i16; Int32 i32; Int64 i64; UInt8 u8; UInt16 u16; UInt32 u32; UInt64 u64;
        Float32 f32; Float64 f64;
    }
}

fn write_numbers<'a, P: PolarsNumericType, T: ArrayElement + Fits<P::Native>>(
    values: &ChunkedArray<P>,
    rows: Range<usize>,
    out: impl Iterator<Item = &'a mut T>,
) -> Result<(), (usize, Unfit)>
where
    P::Native: Debug,
{
    if let Ok(all) = values.cont_slice() {
        for (at, (&value, out)) in all[rows].iter().zip(out).enumerate() {
            *out = T::fitting(value).ok_or_else(|| (at, Unfit::Value(format!("{value:?}"))))?;
        }
        return Ok(());
    }
    write_each(values.slice(rows.start as i64, rows.len()).iter(), out)
}

fn write_each<'a, S: Copy + Debug, T: ArrayElement + Fits<S>>(
    values: impl Iterator<Item = Option<S>>,
    out: impl Iterator<Item = &'a mut T>,
) -> Result<(), (usize, Unfit)> {
    for (at, (value, out)) in values.zip(out).enumerate() {
        *out = match value {
            None => T::OF_NULL.ok_or((at, Unfit::Null))?,
            Some(value) => {
                T::fitting(value).ok_or_else(|| (at, Unfit::Value(format!("{value:?}"))))?
            }
        };
    }
    Ok(())
}

/// Refuses columns whose values are no elements of `T`, whatever they are.
pub(super) fn expect_fitting<T: ArrayElement>(schema: &Schema) -> Result<(), Error> {
    for (name, dtype) in schema.iter() {
        let is_number = matches!(
            dtype,
            DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::UInt8
                | DataType::UInt16
                | DataType::UInt32
                | DataType::UInt64
                | DataType::Float32
                | DataType::Float64
        );
        let is_bool = T::DATA_TYPE == DataType::Boolean;
        let remedy = match dtype {
            DataType::Boolean | DataType::Null => continue,
            _ if is_number && !is_bool => continue,
            _ if is_number => format!("compare it before, as in `col(\"{name}\").neq(0)`"),
            dtype if dtype.is_temporal() => format!(
                "make numbers of it before, with a function of `col(\"{name}\").dt()`, or leave it out, with `select` or `drop(\"{name}\")`"
            ),
            dtype if dtype.is_numeric() => {
                format!("cast it before, with `cast([(\"{name}\", DataType::Float64)])`")
            }
            _ => {
                format!("leave it out, with `select` or `drop(\"{name}\")`, or make numbers of it")
            }
        };
        let message = format!(
            "column `{name}` is of type {dtype}, and an array of {} does not hold such: {remedy}",
            T::DTYPE
        );
        return Err(Error::new(ErrorKind::Type, message));
    }
    Ok(())
}
