//! Functions of several columns, row by row.
//!
//! In: expressions. Out: one expression of all of them, and what it is in each row. The type is that of all together.
//!
//! Not here: aggregations, which go down a column (`agg`).

use super::arithmetic::arithmetic;
use super::compare::{boolean, compare, truth};
use super::function::{chosen, not_of, to_common};
use super::types::is_number;
use super::value::Value;
use super::{BinaryOp, Expr, Function, IntoExprs, Literal};
use crate::Error;
use polars_core::prelude::{DataType, IntoSeries, PolarsResult, Series};

/// What is made of the values of a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Horizontal {
    Coalesce,
    Min,
    Max,
    Sum,
    All,
    Any,
}

impl Horizontal {
    /// As the function that makes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Horizontal::Coalesce => "coalesce",
            Horizontal::Min => "min_horizontal",
            Horizontal::Max => "max_horizontal",
            Horizontal::Sum => "sum_horizontal",
            Horizontal::All => "all_horizontal",
            Horizontal::Any => "any_horizontal",
        }
    }
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident $function:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(exprs: impl IntoExprs) -> Expr {
            let exprs = exprs.into_exprs();
            if exprs.is_empty() {
                return Literal::Null.into();
            }
            Expr::function(Function::Horizontal(Horizontal::$function), exprs)
        }
    )*};
}

functions! {
    /// The first that is not null, row by row. Of no columns it is null.
    ///
    /// # Examples
    /// ```
    /// use taskweave_frame::coalesce;
    /// let time = coalesce(["dep_time", "sched_dep_time"]);
    /// assert_eq!(time.to_string(), r#"coalesce([col("dep_time"), col("sched_dep_time")])"#);
    /// ```
    coalesce Coalesce;
    /// The least, row by row. Nulls are passed over, and so is NaN beside a number.
    min_horizontal Min;
    /// The greatest, row by row. Nulls are passed over, and so is NaN beside a number.
    max_horizontal Max;
    /// The sum, row by row. Nulls count as 0.
    sum_horizontal Sum;
    /// Whether all are true, row by row, as `&` has it.
    all_horizontal All;
    /// Whether one is true, row by row, as `|` has it.
    any_horizontal Any;
}

impl Horizontal {
    pub(super) fn evaluate(
        self,
        values: &[Value],
        inputs: &[Expr],
        whole: &Expr,
    ) -> Result<Value, Error> {
        match self {
            Horizontal::Sum => return sum(values, inputs, whole),
            Horizontal::All => return truths(BinaryOp::And, values, inputs, whole),
            Horizontal::Any => return truths(BinaryOp::Or, values, inputs, whole),
            _ => {}
        }
        let values = to_common(values, inputs, whole)?;
        let (first, rest) = values.split_first().expect("there is one");
        rest.iter().try_fold(first.clone(), |all, value| {
            let first = match self {
                Horizontal::Min => wins(BinaryOp::Lt, &all, value, whole)?,
                Horizontal::Max => wins(BinaryOp::Gt, &all, value, whole)?,
                _ => all.test(whole, |series| Ok(series.is_not_null()))?,
            };
            chosen(&first, &all, value, whole)
        })
    }
}

/// Where the one is taken and not the other.
fn wins(op: BinaryOp, left: &Value, right: &Value, whole: &Expr) -> Result<Value, Error> {
    let is_null = |value: &Value| value.test(whole, |series| Ok(series.is_null()));
    let float = left.dtype().is_float();
    // NaN is compared as the greatest, and is null here.
    let gone = |value: &Value| match float {
        true => value.test(whole, |series| Ok(series.is_nan()? | series.is_null())),
        false => is_null(value),
    };
    let better = compare(op, left, right, whole)?;
    let (left_gone, right_gone) = (gone(left)?, gone(right)?);
    let stays = better.zip(&left_gone, whole, |better, gone| better & &not(gone)?)?;
    let wins = stays.zip(&right_gone, whole, |stays, gone| stays | gone)?;
    // Of a null and a NaN it is NaN.
    wins.zip(&is_null(left)?, whole, |wins, null| wins & &not(null)?)
}

fn not(truths: &Series) -> PolarsResult<Series> {
    Ok((!truths.bool()?).into_series())
}

fn truths(op: BinaryOp, values: &[Value], inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
    let first = truth(&values[0], &inputs[0], whole)?;
    let rest = values.iter().zip(inputs).skip(1);
    rest.into_iter()
        .try_fold(first, |all, (value, input)| boolean(op, &all, value, whole, [&inputs[0], input]))
}

fn sum(values: &[Value], inputs: &[Expr], whole: &Expr) -> Result<Value, Error> {
    let mut all: Option<Value> = None;
    let zero = Value::literal(&Literal::Int(0));
    for (value, input) in values.iter().zip(inputs) {
        let length = matches!(value.dtype(), DataType::Duration(_));
        if !is_number(value.dtype()) && !value.dtype().is_null() && !length {
            return Err(not_of("numbers", value, input, whole));
        }
        let zero = match value.dtype() {
            DataType::Boolean => Value::literal(&Literal::Boolean(false)),
            DataType::Duration(_) => {
                let zero = zero.map(whole, |zero| zero.cast(&DataType::Int64))?;
                zero.map(whole, |zero| zero.cast(value.dtype()))?
            }
            _ => zero.clone(),
        };
        let there = value.test(whole, |series| Ok(series.is_not_null()))?;
        let pair = to_common(&[value.clone(), zero], &[input.clone(), input.clone()], whole)?;
        let filled = chosen(&there, &pair[0], &pair[1], whole)?;
        let filled = Value { open: value.open, ..filled };
        all = Some(match all {
            Some(all) => arithmetic(BinaryOp::Add, &all, &filled, whole)?,
            None => filled,
        });
    }
    Ok(all.expect("there is one"))
}
