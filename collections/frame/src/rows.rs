//! Steps that look at one row at a time, which are done to each piece of a partition while it is read.
//!
//! In: a piece. Out: what the step makes of it. A step also says which columns it needs for those that are wanted of it, and what of it is
//! left to do then: that is how a reader knows what it need not read.
//!
//! Not here: which steps are done together (`lower`), what users call them (`select`).

use crate::error::Error;
use crate::expr::{Expr, evaluate_all};
use crate::node::Names;
use crate::time::{Windows, window_of};
use polars_core::prelude::{Column, DataFrame, DataType, PlSmallStr, Schema};
use std::collections::HashMap;

/// A step of rows.
#[derive(Clone)]
pub(crate) enum Step {
    /// These columns and no others.
    Select(Vec<Expr>),
    /// All columns, and these, which may replace some.
    WithColumns(Vec<Expr>),
    /// The rows of which this is true.
    Filter(Expr),
    /// The first rows of the partition.
    Head(usize),
    /// A row for each element of lists.
    Explode(Vec<PlSmallStr>),
    /// All columns, and for each row the label of its window of time.
    Window { of: PlSmallStr, windows: Windows, into: PlSmallStr },
    /// A row for each of the columns `on`, with its name and its value.
    Unpivot { on: Vec<PlSmallStr>, index: Vec<PlSmallStr>, variable: PlSmallStr, value: PlSmallStr },
}

impl Step {
    /// Which columns are needed, if these of the result are.
    pub(crate) fn needs(&self, wanted: &Names, input: &Schema) -> Names {
        let mut needed = Names::new();
        match self {
            Step::Select(exprs) => {
                for expr in exprs.iter().filter(|expr| wanted.contains(&expr.output_name())) {
                    expr.columns(&mut needed);
                }
            }
            Step::WithColumns(exprs) => {
                needed.clone_from(wanted);
                for expr in exprs {
                    needed.remove(&expr.output_name());
                }
                for expr in exprs.iter().filter(|expr| wanted.contains(&expr.output_name())) {
                    expr.columns(&mut needed);
                }
            }
            Step::Filter(predicate) => {
                needed.clone_from(wanted);
                predicate.columns(&mut needed);
            }
            Step::Head(_) => needed.clone_from(wanted),
            Step::Explode(columns) => {
                needed.clone_from(wanted);
                needed.extend(columns.iter().cloned());
            }
            Step::Window { of, into, .. } => {
                needed.clone_from(wanted);
                needed.remove(into);
                needed.insert(of.clone());
            }
            Step::Unpivot { on, index, .. } => {
                needed.extend(on.iter().cloned());
                needed.extend(index.iter().filter(|name| wanted.contains(*name)).cloned());
            }
        }
        needed.retain(|name| input.contains(name));
        needed
    }

    /// What is left of the step, if only these columns of its result are wanted.
    pub(crate) fn pruned(&self, wanted: &Names) -> Step {
        let kept = |exprs: &[Expr]| {
            exprs.iter().filter(|expr| wanted.contains(&expr.output_name())).cloned().collect()
        };
        match self {
            Step::Select(exprs) => Step::Select(kept(exprs)),
            Step::WithColumns(exprs) => Step::WithColumns(kept(exprs)),
            Step::Unpivot { on, index, variable, value } => Step::Unpivot {
                on: on.clone(),
                index: index.iter().filter(|name| wanted.contains(*name)).cloned().collect(),
                variable: variable.clone(),
                value: value.clone(),
            },
            other => other.clone(),
        }
    }

    /// Does the step to a piece. Of [`Step::Head`] it is taken for the first one.
    pub(crate) fn apply(&self, piece: DataFrame) -> Result<DataFrame, Error> {
        match self {
            Step::Select(exprs) => {
                let columns = evaluate_all(exprs, &piece)?;
                DataFrame::new(piece.height(), columns).map_err(Error::polars)
            }
            Step::WithColumns(exprs) => {
                let new = evaluate_all(exprs, &piece)?;
                let height = piece.height();
                let mut columns = piece.into_columns();
                let mut places: HashMap<PlSmallStr, usize> =
                    columns.iter().enumerate().map(|(at, own)| (own.name().clone(), at)).collect();
                for column in new {
                    match places.get(column.name()) {
                        Some(&at) => columns[at] = column,
                        None => {
                            places.insert(column.name().clone(), columns.len());
                            columns.push(column);
                        }
                    }
                }
                DataFrame::new(height, columns).map_err(Error::polars)
            }
            Step::Filter(predicate) => {
                let mask = predicate.evaluate(&piece)?;
                let mask = if mask.dtype() == &DataType::Null {
                    Column::full_null(mask.name().clone(), mask.len(), &DataType::Boolean)
                } else {
                    mask
                };
                let mask = mask
                    .bool()
                    .map_err(|_| crate::refused::not_a_condition(predicate, mask.dtype()))?;
                if mask.len() == 1 && piece.height() != 1 {
                    let keeps = mask.get(0) == Some(true);
                    return Ok(if keeps { piece } else { piece.clear() });
                }
                piece.filter_seq(mask).map_err(Error::polars)
            }
            Step::Head(rows) => Ok(piece.head(Some(*rows))),
            Step::Explode(columns) => explode(&piece, columns),
            Step::Window { of, windows, into } => {
                let labels = window_of(piece.column(of).map_err(Error::polars)?, windows)?;
                let mut piece = piece;
                piece.with_column(labels.with_name(into.clone())).map_err(Error::polars)?;
                Ok(piece)
            }
            Step::Unpivot { on, index, variable, value } => {
                use polars_ops::frame::unpivot::UnpivotDF;
                let args = polars_core::prelude::UnpivotArgsIR::new(
                    piece.get_column_names_owned(),
                    Some(on.clone()),
                    index.clone(),
                    Some(value.clone()),
                    Some(variable.clone()),
                );
                piece.unpivot2(args).map_err(Error::polars)
            }
        }
    }
}

fn explode(piece: &DataFrame, columns: &[PlSmallStr]) -> Result<DataFrame, Error> {
    let options = polars_core::prelude::ExplodeOptions { empty_as_null: true, keep_nulls: true };
    piece.explode(columns.iter().map(|name| name.as_str()), options).map_err(Error::polars)
}
