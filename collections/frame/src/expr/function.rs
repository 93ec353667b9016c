//! Functions of the values of one row.
//!
//! In: a [`Function`] and values. Out: what polars' kernels make of them, or ours where it has none.
//!
//! Not here: functions of text (`str`), of times (`dt`), of several columns (`horizontal`).

use super::compare::truth;
use super::display::Part;
use super::dt::DtFunction;
use super::horizontal::Horizontal;
use super::str::StrFunction;
use super::types::{common_of, is_number, shown};
use super::value::Value;
use super::{Expr, Literal};
use crate::{Error, ErrorKind};
use polars_core::prelude::{
    AnyValue, BooleanChunked, ChunkApply, ChunkFullNull, DataType, Float64Chunked, Int64Chunked,
    IntoSeries, NamedFrom, NewChunkedArray, PlSmallStr, PolarsResult, Series, UInt64Chunked,
    UnknownKind,
};
use polars_ops::series::{RoundMode, RoundSeries, abs, clip, clip_max, clip_min, is_in, negate};
use std::fmt::Formatter;
use std::sync::{Arc, OnceLock};

/// What is done with the values of a row.
#[derive(Clone, Debug)]
pub(crate) enum Function {
    Not,
    Neg,
    IsNull,
    IsNotNull,
    IsNan,
    IsNotNan,
    IsFinite,
    IsInfinite,
    FillNull,
    FillNan,
    IsIn(Arc<Members>),
    Abs,
    Sign,
    Real(Real),
    Log(f64),
    Pow,
    Round(u32),
    Trunc(u32),
    Floor,
    Ceil,
    Clip,
    ClipMin,
    ClipMax,
    Horizontal(Horizontal),
    Str(StrFunction),
    Dt(DtFunction),
}

/// The values that a value may be one of.
#[derive(Debug)]
pub(crate) struct Members {
    values: Vec<Literal>,
    /// As a list of a type, of the first that was asked for.
    list: OnceLock<(DataType, Series)>,
}

impl Members {
    pub fn new(values: Vec<Literal>) -> Arc<Members> {
        Arc::new(Members { values, list: OnceLock::new() })
    }
}

/// Functions of real numbers, which of all others make `Float64` first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Real {
    Sqrt,
    Cbrt,
    Exp,
    Ln,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Arcsin,
    Arccos,
    Arctan,
    Radians,
    Degrees,
}

impl Function {
    /// As it was written, of those inputs.
    pub(super) fn show(&self, inputs: &[Expr], f: &mut Formatter<'_>) -> std::fmt::Result {
        let input = Part(&inputs[0]);
        let name = match self {
            Function::Not => return write!(f, "!{input}"),
            Function::Neg => return write!(f, "-{input}"),
            Function::IsIn(members) => {
                write!(f, "{input}.is_in([")?;
                for (at, value) in members.values.iter().take(SHOWN).enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
                }
                return f.write_str(if members.values.len() > SHOWN { ", …])" } else { "])" });
            }
            Function::Log(base) => return write!(f, "{input}.log({base})"),
            Function::Round(decimals) => return write!(f, "{input}.round({decimals})"),
            Function::Trunc(decimals) => return write!(f, "{input}.trunc({decimals})"),
            Function::Str(function) => return write!(f, "{input}.str().{function}"),
            Function::Dt(function) => return write!(f, "{input}.dt().{function}"),
            Function::Horizontal(function) => {
                return write!(f, "{}({inputs:?})", function.name());
            }
            Function::Real(real) => format!("{real:?}").to_lowercase(),
            other => snake(&format!("{other:?}")),
        };
        write!(f, "{input}.{name}(")?;
        for (at, input) in inputs[1..].iter().enumerate() {
            write!(f, "{}{input}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }

    /// What it makes of the values of a block; `whole` is the expression, which messages show.
    pub(super) fn evaluate(
        &self,
        values: &[Value],
        inputs: &[Expr],
        whole: &Expr,
    ) -> Result<Value, Error> {
        let value = &values[0];
        match self {
            Function::Not => {
                let value = truth(value, &inputs[0], whole)?;
                value.test(whole, |series| series.bool().map(|truths| !truths))
            }
            Function::IsNull => value.test(whole, |series| Ok(series.is_null())),
            Function::IsNotNull => value.test(whole, |series| Ok(series.is_not_null())),
            Function::FillNull => fill_null(values, inputs, whole),
            Function::IsIn(list) => value_is_in(value, list, whole),
            Function::Horizontal(function) => function.evaluate(values, inputs, whole),
            Function::Str(function) => function.evaluate(value, whole),
            Function::Dt(function) => function.evaluate(value, whole),
            _ => self.of_numbers(values, inputs, whole),
        }
    }

    fn of_numbers(&self, values: &[Value], inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
        let value = &values[0];
        let length = matches!(value.dtype(), DataType::Duration(_));
        let clips = matches!(self, Function::Clip | Function::ClipMin | Function::ClipMax);
        let fits = is_number(value.dtype()) || value.dtype().is_null();
        let lengths = matches!(self, Function::Neg | Function::Abs) && length;
        if !(fits || lengths || clips && value.dtype().is_temporal()) {
            return Err(not_of("a number", value, &inputs[0], whole));
        }
        // Nulls that have no type, and booleans, are numbers here.
        let own = match value.dtype() {
            DataType::Null => Some(DataType::Float64),
            DataType::Boolean => Some(DataType::Int32),
            _ => None,
        };
        let cast;
        let value = match own {
            Some(dtype) if !clips => {
                cast = value.map(whole, |series| series.cast(&dtype))?;
                &cast
            }
            _ => value,
        };
        match self {
            Function::Neg if value.dtype().is_unsigned_integer() => {
                let own = shown(value.dtype());
                Err(Error::new(
                    ErrorKind::Type,
                    format!(
                        "`{whole}`: {own} has no negative numbers; `cast` it to a type that has"
                    ),
                ))
            }
            Function::Neg => {
                let open = value.open.is_some();
                Ok(value.map(whole, negate)?.opened(open))
            }
            Function::Abs => value.map(whole, abs),
            Function::Sign => value.map(whole, sign),
            Function::IsNan => value.test(whole, Series::is_nan),
            Function::IsNotNan => value.test(whole, Series::is_not_nan),
            Function::IsFinite => value.test(whole, Series::is_finite),
            Function::IsInfinite => value.test(whole, Series::is_infinite),
            Function::Real(real) => value.map(whole, |series| real.of(series)),
            Function::Log(base) => {
                let base = *base;
                value
                    .map(whole, |series| of_floats(series, |x| x.log(base as f32), |x| x.log(base)))
            }
            Function::Round(decimals) => {
                value.map(whole, |series| series.round(*decimals, RoundMode::HalfToEven))
            }
            Function::Trunc(decimals) => {
                value.map(whole, |series| series.round(*decimals, RoundMode::ToZero))
            }
            Function::Floor => value.map(whole, RoundSeries::floor),
            Function::Ceil => value.map(whole, RoundSeries::ceil),
            Function::Pow => power(value, &values[1], inputs, whole),
            Function::FillNan => fill_nan(value, &values[1], inputs, whole),
            _ => self.clipped(values, inputs, whole),
        }
    }

    fn clipped(&self, values: &[Value], inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
        let values = to_common(values, inputs, whole)?;
        let rest = values[1..].iter().all(|value| value.one);
        let one = values[0].one && rest;
        let series = values.iter().map(|value| &value.series).collect::<Vec<_>>();
        let clipped = match self {
            Function::ClipMin => clip_min(series[0], series[1]),
            Function::ClipMax => clip_max(series[0], series[1]),
            _ => clip(series[0], series[1], series[2]),
        };
        let series = clipped.map_err(|error| super::value::refused(whole, error))?;
        Ok(Value { series, one, open: None })
    }
}

/// So many values are shown of a list.
const SHOWN: usize = 5;

/// `IsNull` as `is_null`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// That a function is of other values.
pub(super) fn not_of(what: &str, value: &Value, part: &Expr, whole: &Expr) -> Error {
    let remedy = match value.dtype() {
        DataType::String if what.contains("Date") => {
            "; read it with `str().to_datetime(format)` or `str().to_date(format)`"
        }
        _ => "; `cast` it",
    };
    let message =
        format!("`{whole}` is of {what}, but `{part}` is {}{remedy}", shown(value.dtype()));
    Error::new(ErrorKind::Type, message)
}

/// All values, in the type they have together.
pub(super) fn to_common(
    values: &[Value],
    inputs: &[Expr],
    whole: &Expr,
) -> Result<Vec<Value>, Error> {
    let parts = inputs.iter().collect::<Vec<_>>();
    let dtype = common_of(&values.iter().collect::<Vec<_>>(), &parts, whole)?;
    values.iter().map(|value| super::cast::cast_to_meet(value, &dtype, whole)).collect()
}

/// Where the mask is true the one, else the other.
pub(super) fn chosen(mask: &Value, yes: &Value, no: &Value, whole: &Expr) -> Result<Value, Error> {
    let truths = mask.series.bool().expect("what chooses is boolean");
    let series = yes.series.zip_with(truths, &no.series);
    let series = series.map_err(|error| super::value::refused(whole, error))?;
    Ok(Value { series, one: mask.one && yes.one && no.one, open: None })
}

fn fill_null(values: &[Value], inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
    let category = super::types::is_category(values[0].dtype());
    let values = match &values[1] {
        // A category takes a text if it has it.
        fill if category && fill.dtype().is_string() => {
            let dtype = values[0].dtype().clone();
            vec![values[0].clone(), super::cast::cast_to_meet(fill, &dtype, whole)?]
        }
        _ => to_common(values, inputs, whole)?,
    };
    if values[0].series.null_count() == 0 && (!values[0].one || values[1].one) {
        return Ok(values[0].clone());
    }
    let there = values[0].test(whole, |series| Ok(series.is_not_null()))?;
    chosen(&there, &values[0], &values[1], whole)
}

fn fill_nan(value: &Value, fill: &Value, inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
    if !value.dtype().is_float() {
        return Ok(value.clone());
    }
    let values = to_common(&[value.clone(), fill.clone()], inputs, whole)?;
    let nan = values[0].test(whole, Series::is_nan)?;
    chosen(&nan, &values[1], &values[0], whole)
}

fn value_is_in(value: &Value, members: &Members, whole: &Expr) -> Result<Value, Error> {
    let dtype = value.dtype();
    if dtype.is_null() {
        let nulls = |len| BooleanChunked::full_null(PlSmallStr::EMPTY, len);
        return value.test(whole, |series| Ok(nulls(series.len())));
    }
    // A category is compared as its text.
    let text;
    let value = if super::types::is_category(dtype) {
        text = value.map(whole, |series| series.cast(&DataType::String))?;
        &text
    } else {
        value
    };
    let dtype = value.dtype();
    match members.list.get() {
        Some((of, list)) if of == dtype => value.test(whole, |series| is_in(series, list, false)),
        _ => {
            let list = members_as(dtype, &members.values, whole)?;
            // Blocks have one type: another comes only where an expression is used for two frames.
            let _ = members.list.set((dtype.clone(), list.clone()));
            value.test(whole, |series| is_in(series, &list, false))
        }
    }
}

/// Values as a list of that type, without those that no value of it is.
fn members_as(dtype: &DataType, values: &[Literal], whole: &Expr) -> Result<Series, Error> {
    let mut members = Vec::with_capacity(values.len());
    let column = Value::rows(Series::new_empty(PlSmallStr::EMPTY, dtype));
    for literal in values.iter().filter(|literal| !matches!(literal, Literal::Null)) {
        let one = Value::literal(literal);
        if super::types::common(&[&column, &one]).is_err() {
            let message = format!(
                "`{whole}` compares {} with {literal}, which is {}; `cast` one to the other's type",
                shown(dtype),
                shown(one.dtype())
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
        let cast = one.series.cast(dtype).ok().filter(|cast| {
            dtype.is_float() || cast.cast(one.dtype()).is_ok_and(|back| back.equals(&one.series))
        });
        members.extend(cast.and_then(|cast| cast.get(0).ok().map(AnyValue::into_static)));
    }
    let members = Series::from_any_values_and_dtype(PlSmallStr::EMPTY, &members, dtype, false);
    let list = members.and_then(|members| members.implode());
    list.map(IntoSeries::into_series).map_err(|error| super::value::refused(whole, error))
}

impl Real {
    fn of(self, series: &Series) -> PolarsResult<Series> {
        match self {
            Real::Sqrt => of_floats(series, f32::sqrt, f64::sqrt),
            Real::Cbrt => of_floats(series, f32::cbrt, f64::cbrt),
            Real::Exp => of_floats(series, f32::exp, f64::exp),
            Real::Ln => of_floats(series, f32::ln, f64::ln),
            Real::Log2 => of_floats(series, f32::log2, f64::log2),
            Real::Log10 => of_floats(series, f32::log10, f64::log10),
            Real::Log1p => of_floats(series, f32::ln_1p, f64::ln_1p),
            Real::Sin => of_floats(series, f32::sin, f64::sin),
            Real::Cos => of_floats(series, f32::cos, f64::cos),
            Real::Tan => of_floats(series, f32::tan, f64::tan),
            Real::Arcsin => of_floats(series, f32::asin, f64::asin),
            Real::Arccos => of_floats(series, f32::acos, f64::acos),
            Real::Arctan => of_floats(series, f32::atan, f64::atan),
            Real::Radians => of_floats(series, f32::to_radians, f64::to_radians),
            Real::Degrees => of_floats(series, f32::to_degrees, f64::to_degrees),
        }
    }
}

/// Of `Float32` in that type, of all other numbers in `Float64`.
fn of_floats(
    series: &Series,
    single: impl Fn(f32) -> f32 + Copy,
    double: impl Fn(f64) -> f64 + Copy,
) -> PolarsResult<Series> {
    if let Ok(floats) = series.f32() {
        return Ok(floats.apply_values(single).into_series());
    }
    let floats = series.cast(&DataType::Float64)?;
    Ok(floats.f64()?.apply_values(double).into_series())
}

fn sign(series: &Series) -> PolarsResult<Series> {
    if let Ok(floats) = series.f32() {
        let of = |x: f32| if x == 0.0 || x.is_nan() { x } else { x.signum() };
        return Ok(floats.apply_values(of).into_series());
    }
    if series.dtype().is_integer() {
        // Between -1 and 1 all integers are their signs.
        let dtype = series.dtype();
        let least = if dtype.is_unsigned_integer() { 0 } else { -1 };
        let least = Series::new(PlSmallStr::EMPTY, [least]).cast(dtype)?;
        let most = Series::new(PlSmallStr::EMPTY, [1]).cast(dtype)?;
        return clip(series, &least, &most);
    }
    let of = |x: f64| if x == 0.0 || x.is_nan() { x } else { x.signum() };
    Ok(series.cast(&DataType::Float64)?.f64()?.apply_values(of).into_series())
}

fn power(base: &Value, exponent: &Value, inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
    if !is_number(exponent.dtype()) && !exponent.dtype().is_null() {
        return Err(not_of("a number", exponent, &inputs[1], whole));
    }
    let of_integers = base.dtype().is_integer() && exponent.dtype().is_integer();
    let negative = matches!(exponent.open, Some(UnknownKind::Int(exponent)) if exponent < 0);
    if of_integers && !negative {
        return base.zip(exponent, whole, integer_power);
    }
    // In `Float32` only if nothing is more.
    let values = to_common(&[base.clone(), exponent.clone()], inputs, whole)?;
    let single = *values[0].dtype() == DataType::Float32;
    values[0].zip(&values[1], whole, |base, exponent| {
        let (base, exponent) = (base.cast(&DataType::Float64)?, exponent.cast(&DataType::Float64)?);
        let powers: Float64Chunked = pairs(base.f64()?, exponent.f64()?, |x, y| Some(x.powf(y)));
        let powers = powers.into_series();
        if single { powers.cast(&DataType::Float32) } else { Ok(powers) }
    })
}

/// Modulo 2⁶⁴, and so, in the type of the base, modulo its size.
fn integer_power(base: &Series, exponent: &Series) -> PolarsResult<Series> {
    let dtype = base.dtype();
    let exponent = exponent.cast(&DataType::Int64)?;
    let raised = |base: u64, exponent: i64| {
        let exponent = u64::try_from(exponent).ok()?;
        let (mut square, mut product, mut left) = (base, 1u64, exponent);
        while left > 0 {
            if left & 1 == 1 {
                product = product.wrapping_mul(square);
            }
            square = square.wrapping_mul(square);
            left >>= 1;
        }
        Some(product)
    };
    let powers = if dtype.is_unsigned_integer() {
        let base = base.cast(&DataType::UInt64)?;
        let powers: UInt64Chunked = pairs(base.u64()?, exponent.i64()?, raised);
        powers.into_series()
    } else {
        let base = base.cast(&DataType::Int64)?;
        let raised = |base: i64, exponent| raised(base as u64, exponent).map(|power| power as i64);
        let powers: Int64Chunked = pairs(base.i64()?, exponent.i64()?, raised);
        powers.into_series()
    };
    powers.cast_with_options(dtype, polars_core::chunked_array::cast::CastOptions::Overflowing)
}

/// What a function makes of the values of two columns, one of which may be one value for all rows.
fn pairs<A, B, O>(
    left: &polars_core::prelude::ChunkedArray<A>,
    right: &polars_core::prelude::ChunkedArray<B>,
    of: impl Fn(A::Native, B::Native) -> Option<O::Native>,
) -> polars_core::prelude::ChunkedArray<O>
where
    A: polars_core::prelude::PolarsNumericType,
    B: polars_core::prelude::PolarsNumericType,
    O: polars_core::prelude::PolarsNumericType,
    polars_core::prelude::ChunkedArray<O>: NewChunkedArray<O, O::Native>,
{
    let of = |pair: (Option<A::Native>, Option<B::Native>)| of(pair.0?, pair.1?);
    let name = PlSmallStr::EMPTY;
    match (left.len(), right.len()) {
        (1, n) if n != 1 => {
            let one = left.get(0);
            NewChunkedArray::from_iter_options(name, right.iter().map(|right| of((one, right))))
        }
        (n, 1) if n != 1 => {
            let one = right.get(0);
            NewChunkedArray::from_iter_options(name, left.iter().map(|left| of((left, one))))
        }
        _ => NewChunkedArray::from_iter_options(name, left.iter().zip(right.iter()).map(of)),
    }
}
