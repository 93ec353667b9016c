//! Expressions over a block.
//!
//! In: [`Expr`] and a block of a frame. Out: a column of the height of the block and the name of the expression. Of a block without rows it
//! is a column of the type that all blocks give: that is how a frame knows its types. Aggregations and ordered functions are refused here;
//! the frame takes them out first. No kernel's panic leaves: it is an error.
//!
//! Not here: what single functions do (`function`, `str`, `dt`).

use super::check::missing;
use super::function::{chosen, to_common};
use super::value::Value;
use super::{DEPTH_MAX, Expr, Node, SIZE_MAX};
use crate::{Error, ErrorKind};
use polars_core::prelude::{Column, DataFrame};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// All of them, with the height of the block.
pub(crate) fn evaluate_all(exprs: &[Expr], frame: &DataFrame) -> Result<Vec<Column>, Error> {
    exprs.iter().map(|expr| expr.evaluate(frame)).collect()
}

impl Expr {
    /// Its values over a block. What is one value for all rows is a scalar column.
    pub(crate) fn evaluate(&self, frame: &DataFrame) -> Result<Column, Error> {
        // A kernel that panics leaves nothing behind: it is given what it may not change.
        let value = catch_unwind(AssertUnwindSafe(|| value(self, frame)));
        let value = value.unwrap_or_else(|payload| {
            Err(Error::of_panic(&format!("`{self}` panicked"), payload))
        })?;
        Ok(value.into_column(self.output_name(), frame.height()))
    }
}

fn value(whole: &Expr, frame: &DataFrame) -> Result<Value, Error> {
    match whole.node() {
        Node::Column(name) => match frame.column(name) {
            Ok(column) => Ok(Value::column(column)),
            Err(_) => Err(missing(name, frame.schema())),
        },
        Node::Literal(literal) => Ok(Value::literal(literal)),
        Node::Alias { input, .. } => value(input, frame),
        Node::Binary { left, op, right } => {
            let (l, r) = (value(left, frame)?, value(right, frame)?);
            match *op {
                op if op.is_comparison() => super::compare::compare(op, &l, &r, whole),
                op if op.is_boolean() => super::compare::boolean(op, &l, &r, whole, [left, right]),
                op => super::arithmetic::arithmetic(op, &l, &r, whole),
            }
        }
        Node::Function { function, inputs } => {
            let values = inputs.iter().map(|input| value(input, frame));
            function.evaluate(&values.collect::<Result<Vec<_>, _>>()?, inputs, whole)
        }
        Node::Cast { input, dtype, strict } => {
            super::cast::cast(&value(input, frame)?, dtype, *strict, whole)
        }
        Node::When { branches, otherwise } => choice(branches, otherwise, whole, frame),
        Node::TooDeep => Err(Error::new(
            ErrorKind::Expression,
            format!(
                "more than {DEPTH_MAX} expressions stand within each other, or more than {SIZE_MAX} in one: compute some of them first, with `with_columns`; many values that a column may have are `is_in`"
            ),
        )),
        Node::Agg { .. } => Err(Error::new(
            ErrorKind::Expression,
            format!(
                "`{whole}` is one value for many rows, and here each row needs its own: it belongs in `agg`"
            ),
        )),
        Node::Ordered { .. } => Err(Error::new(
            ErrorKind::Expression,
            format!(
                "`{whole}` looks at other rows, which it cannot do here: put it in `with_columns` or `select` first"
            ),
        )),
    }
}

/// Row by row the value of the first condition that is true.
fn choice(
    branches: &[(Expr, Expr)],
    otherwise: &Expr,
    whole: &Expr,
    frame: &DataFrame,
) -> Result<Value, Error> {
    let mut parts = branches.iter().map(|(_, then)| then.clone()).collect::<Vec<_>>();
    parts.push(otherwise.clone());
    let values = parts.iter().map(|part| value(part, frame)).collect::<Result<Vec<_>, _>>()?;
    let mut values = to_common(&values, &parts, whole)?;
    let mut result = values.pop().expect("otherwise is one");
    for ((condition, _), then) in branches.iter().zip(values).rev() {
        let mask = super::compare::truth(&value(condition, frame)?, condition, whole)?;
        result = chosen(&mask, &then, &result, whole)?;
    }
    Ok(result)
}
