//! Steps of rows and columns.
//!
//! In: frames and expressions. Out: frames. None of them reads anything; what they do is done while the rows are read.
//!
//! Not here: doing them (`rows`), rows that look at others (`neighbours`).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, IntoExprs, Shape, col, lit, missing};
use crate::frame::{Frame, Made};
use crate::neighbours::Adding;
use crate::node::{Kind, NodeRef};
use crate::refused;
use crate::rows::Step;
use polars_core::prelude::{DataType, PlSmallStr};
use std::panic::Location;
use std::sync::Arc;

/// The node of a step of rows, whose schema is that of what the step makes of no rows.
pub(crate) fn rows(input: &NodeRef, step: Step) -> Result<Made, Error> {
    let schema = step.apply(input.empty())?.schema().clone();
    let divisions = match &step {
        Step::Select(exprs) => input.divisions.renamed(|column| name_behind(exprs, column)),
        Step::WithColumns(exprs) => input.divisions.renamed(|column| {
            (!exprs.iter().any(|e| e.output_name() == *column)).then(|| column.clone())
        }),
        Step::Filter(_) | Step::Head(_) | Step::Window { .. } => input.divisions.clone(),
        Step::Explode(columns) => {
            input.divisions.renamed(|column| (!columns.contains(column)).then(|| column.clone()))
        }
        Step::Unpivot { .. } => Divisions::Unknown,
    };
    let kind = Kind::Rows { input: input.clone(), step };
    Ok(Made { kind, schema, partitions: input.partitions, divisions })
}

/// What a column is called after a selection that has it unchanged.
fn name_behind(exprs: &[Expr], column: &PlSmallStr) -> Option<PlSmallStr> {
    exprs.iter().find(|expr| expr.as_column() == Some(column)).map(|expr| expr.output_name())
}

/// Refuses what has no value for each row out of the row alone, and names that are there twice.
fn expect_rows(exprs: &[Expr], place: &str) -> Result<(), Error> {
    exprs.iter().try_for_each(|expr| refused::expect_rows(expr, place))?;
    expect_names(exprs)
}

/// Refuses what has no value for each row, and names that are there twice.
fn columns_of(exprs: &[Expr], place: &str) -> Result<(), Error> {
    let is_ordered = |expr: &&Expr| matches!(expr.shape(), Shape::Ordered { .. });
    let rest = exprs.iter().filter(|expr| !is_ordered(expr));
    rest.into_iter().try_for_each(|expr| refused::expect_rows(expr, place))?;
    expect_names(exprs)
}

pub(crate) fn expect_names<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    for expr in exprs {
        if !seen.insert(expr.output_name()) {
            let message = format!(
                "two columns would be called `{}`: give one of them another name, with `alias`",
                expr.output_name()
            );
            return Err(Error::new(ErrorKind::Column, message));
        }
    }
    Ok(())
}

/// The names, if all of them are columns.
pub(crate) fn existing(input: &NodeRef, names: &[Expr]) -> Result<Vec<PlSmallStr>, Error> {
    names
        .iter()
        .map(|expr| match expr.as_column() {
            None => {
                let message = format!(
                    "`{expr}` is no name of a column: make it one first, with `with_columns`"
                );
                Err(Error::new(ErrorKind::Expression, message))
            }
            Some(name) if input.schema.contains(name) => Ok(name.clone()),
            Some(name) => Err(missing(name, &input.schema)),
        })
        .collect()
}

impl Frame {
    /// These columns, in this order: names, or expressions that are computed. If all are aggregations, the result is one row of them, as of
    /// [`agg`](Frame::agg).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2], "b" => [0.5, 2.5])?, 2);
    /// let selected = frame.select([col("b"), (col("a") * 10).alias("tens")]);
    /// assert_eq!(selected.compute()?, df!("b" => [0.5, 2.5], "tens" => [10, 20])?);
    /// assert_eq!(frame.select("a").columns(), ["a"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)); types that don't fit ([`Type`](ErrorKind::Type)); an aggregation beside
    /// what has a value for each row ([`Expression`](ErrorKind::Expression)).
    #[track_caller]
    pub fn select(&self, exprs: impl IntoExprs) -> Frame {
        let exprs = exprs.into_exprs();
        if !exprs.is_empty()
            && exprs.iter().all(|expr| matches!(expr.shape(), Shape::Aggregated { .. }))
        {
            return self.step("select", |input| crate::groupby::grouped(input, Vec::new(), &exprs));
        }
        let adding = Adding::new("select", Location::caller());
        self.step("select", |input| {
            columns_of(&exprs, "a column of `select`")?;
            let (input, exprs) = adding.taken_apart(input, &exprs)?;
            rows(&input, Step::Select(exprs))
        })
    }

    /// All columns, and these: a name that is there already is replaced. All of them are computed of the columns before, not of each other.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2])?, 1);
    /// let both = frame.with_columns([(col("a") + 1).alias("b"), col("a") * 2]);
    /// assert_eq!(both.compute()?, df!("a" => [2, 4], "b" => [2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`select`](Frame::select).
    #[doc(alias = "assign")]
    #[track_caller]
    pub fn with_columns(&self, exprs: impl IntoExprs) -> Frame {
        let exprs = exprs.into_exprs();
        let adding = Adding::new("with_columns", Location::caller());
        self.step("with_columns", |input| {
            columns_of(&exprs, "a column of `with_columns`")?;
            let (with, rest) = adding.taken_apart(input, &exprs)?;
            let made = rows(&with, Step::WithColumns(rest))?;
            if Arc::ptr_eq(&with, input) {
                return Ok(made);
            }
            // Without the columns of the functions themselves.
            let names = input.schema.iter_names_cloned();
            let new =
                exprs.iter().map(Expr::output_name).filter(|name| !input.schema.contains(name));
            let kept = names.chain(new).map(col).collect();
            let made = Arc::new(made.into_node("with_columns", adding.location()));
            rows(&made, Step::Select(kept))
        })
    }

    /// The rows of which the condition is true; not those of which it is null.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [Some(1), None, Some(3)])?, 2);
    /// assert_eq!(frame.filter(col("a").gt(1)).compute()?, df!("a" => [Some(3)])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`select`](Frame::select), and a condition that is no boolean ([`Type`](ErrorKind::Type)).
    #[track_caller]
    pub fn filter(&self, condition: Expr) -> Frame {
        self.step("filter", |input| {
            expect_rows(std::slice::from_ref(&condition), "a filter")?;
            rows(input, Step::Filter(condition))
        })
    }

    /// Without these columns.
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)).
    #[track_caller]
    pub fn drop(&self, columns: impl IntoExprs) -> Frame {
        let columns = columns.into_exprs();
        self.step("drop", |input| {
            let dropped = existing(input, &columns)?;
            let kept = input.schema.iter_names().filter(|name| !dropped.contains(name));
            rows(input, Step::Select(kept.map(|name| col(name.as_str())).collect()))
        })
    }

    /// The same columns, some of them with other names: pairs of the old and the new one.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1], "b" => [2])?, 1);
    /// assert_eq!(frame.rename([("a", "x")]).columns(), ["x", "b"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there, and a name that would be there twice ([`Column`](ErrorKind::Column)).
    #[track_caller]
    pub fn rename<O: AsRef<str>, N: AsRef<str>>(
        &self,
        names: impl IntoIterator<Item = (O, N)>,
    ) -> Frame {
        let names: Vec<(PlSmallStr, PlSmallStr)> = names
            .into_iter()
            .map(|(old, new)| (old.as_ref().into(), new.as_ref().into()))
            .collect();
        self.step("rename", |input| {
            for (old, _) in &names {
                if !input.schema.contains(old) {
                    return Err(missing(old, &input.schema));
                }
            }
            let exprs: Vec<Expr> = input
                .schema
                .iter_names()
                .map(|name| match names.iter().find(|(old, _)| old == name) {
                    Some((_, new)) => col(name.as_str()).alias(new.as_str()),
                    None => col(name.as_str()),
                })
                .collect();
            expect_rows(&exprs, "`rename`")?;
            rows(input, Step::Select(exprs))
        })
    }

    /// Some columns as other types: pairs of a name and a type.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2])?, 1);
    /// let floats = frame.cast([("a", DataType::Float64)]);
    /// assert_eq!(floats.compute()?, df!("a" => [1.0, 2.0])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there; when it is computed, a value that the type cannot hold.
    #[doc(alias = "astype")]
    #[track_caller]
    pub fn cast<N: AsRef<str>>(&self, types: impl IntoIterator<Item = (N, DataType)>) -> Frame {
        let exprs: Vec<Expr> =
            types.into_iter().map(|(name, dtype)| col(name.as_ref()).cast(dtype)).collect();
        self.step("cast", |input| {
            expect_rows(&exprs, "`cast`")?;
            rows(input, Step::WithColumns(exprs))
        })
    }

    /// A value in place of nulls: a number in each column of numbers, else in each column of the value's type. A column takes the type that has
    /// both, so that whole numbers filled with 0.5 are `Float64`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [Some(1), None], "s" => [None, Some("x")])?, 1);
    /// let filled = frame.fill_null(0).compute()?;
    /// assert_eq!(filled, df!("a" => [Some(1), Some(0)], "s" => [None, Some("x")])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "fillna")]
    #[track_caller]
    pub fn fill_null(&self, value: impl Into<crate::expr::Literal>) -> Frame {
        let value = lit(value);
        self.step("fill_null", |input| {
            let dtype = value.evaluate(&input.empty())?.dtype().clone();
            let is_of_kind = |own: &DataType| {
                (own.is_primitive_numeric() && dtype.is_primitive_numeric()) || *own == dtype
            };
            let filled = input
                .schema
                .iter()
                .filter(|(_, own)| is_of_kind(own))
                .map(|(name, _)| col(name.as_str()).fill_null(value.clone()))
                .collect();
            rows(input, Step::WithColumns(filled))
        })
    }

    /// The rows without a null in these columns; in any column with [`ALL`]. With an empty list no column is looked at, and all
    /// rows stay.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [Some(1), None], "b" => [None, Some(2)])?, 1);
    /// assert_eq!(frame.drop_nulls("a").compute()?.height(), 1);
    /// assert_eq!(frame.drop_nulls(ALL).compute()?.height(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)).
    #[doc(alias = "dropna")]
    #[track_caller]
    pub fn drop_nulls(&self, columns: impl IntoSubset) -> Frame {
        let columns = columns.into_subset();
        self.step("drop_nulls", |input| {
            let names = match &columns {
                None => input.schema.iter_names_cloned().collect(),
                Some(columns) => existing(input, columns)?,
            };
            let conditions = names.iter().map(|name| col(name.as_str()).is_not_null());
            // In pairs, and pairs of pairs: expressions stand within each other only so often.
            let mut all: Vec<Expr> = conditions.collect();
            while all.len() > 1 {
                let pair = |pair: &[Expr]| match pair {
                    [left, right] => left.clone().and(right.clone()),
                    alone => alone[0].clone(),
                };
                all = all.chunks(2).map(pair).collect();
            }
            rows(input, Step::Filter(all.pop().unwrap_or_else(|| lit(true))))
        })
    }

    /// A row for each element of lists, which stand in these columns; of an empty list and of a null one row with a null.
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)), or has no lists ([`Type`](ErrorKind::Type)); when it is computed, lists of
    /// different lengths in a row.
    #[track_caller]
    pub fn explode(&self, columns: impl IntoExprs) -> Frame {
        let columns = columns.into_exprs();
        self.step("explode", |input| {
            let columns = existing(input, &columns)?;
            for name in &columns {
                if let Some(dtype) = input.schema.get(name)
                    && !matches!(dtype, DataType::List(_))
                {
                    let message = format!(
                        "column `{name}` is of type {dtype}, and only lists can be exploded"
                    );
                    return Err(Error::new(ErrorKind::Type, message));
                }
            }
            rows(input, Step::Explode(columns))
        })
    }

    /// From wide to long: of each row a row for each of the columns `on`, with its name in `variable`, its value in `value`, and the columns
    /// `index` as they are. Of each piece that is read the rows stand together by column, as polars has them: sort them if the order counts.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("id" => [1], "a" => [2], "b" => [3])?, 1);
    /// let long = frame.unpivot(["a", "b"], "id").compute()?;
    /// assert_eq!(long, df!("id" => [1, 1], "variable" => ["a", "b"], "value" => [2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)), and columns `on` without a common type ([`Type`](ErrorKind::Type)): text and
    /// numbers have one, text.
    #[doc(alias = "melt")]
    #[track_caller]
    pub fn unpivot(&self, on: impl IntoExprs, index: impl IntoExprs) -> Frame {
        let (on, index) = (on.into_exprs(), index.into_exprs());
        self.step("unpivot", |input| {
            let (on, index) = (existing(input, &on)?, existing(input, &index)?);
            let (variable, value) = ("variable".into(), "value".into());
            rows(input, Step::Unpivot { on, index, variable, value })
        })
    }
}

/// All columns, whichever they are: `drop_nulls(ALL)`, `unique(ALL)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct All;

/// All columns, whichever they are: `drop_nulls(ALL)`, `unique(ALL)`.
pub const ALL: All = All;

/// Which columns of a row are looked at: those that are named, as of [`IntoExprs`], or [`ALL`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` says of no columns that they are looked at",
    label = "names are wanted here, or `ALL`"
)]
pub trait IntoSubset {
    /// Those that are named; nothing, where all are meant.
    fn into_subset(self) -> Option<Vec<Expr>>;
}

impl<T: IntoExprs> IntoSubset for T {
    fn into_subset(self) -> Option<Vec<Expr>> {
        Some(self.into_exprs())
    }
}

impl IntoSubset for All {
    fn into_subset(self) -> Option<Vec<Expr>> {
        None
    }
}
