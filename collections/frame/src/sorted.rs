//! Order that is there already: claimed, checked, and used.
//!
//! In: frames whose rows are sorted by a column. Out: frames that know between which values each partition lies, and parts of them.
//!
//! Not here: making an order (`sort`), which partitions a range can be in (`divisions`).

use crate::divisions::{Divisions, compare};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, IntoExpr, Literal, col, lit};
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node, NodeRef};
use crate::partitions::part;
use crate::rows::Step;
use crate::select::{existing, rows};
use crate::time::span_of;
use polars_core::prelude::{Column, DataFrame, DataType, PlSmallStr, SortOptions};
use polars_core::scalar::Scalar;
use polars_ops::series::SeriesMethods;
use std::cmp::Ordering;
use std::ops::{Bound, RangeBounds};

/// Of each partition the first and the last value of a column, whether the values between rise, and how many are null.
struct Ends(PlSmallStr);

impl Custom for Ends {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        Names::from([self.0.clone()])
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        ends(blocks[0].column(&self.0).map_err(Error::polars)?)
    }

    fn rows_max(&self) -> u64 {
        1
    }
}

fn ends(column: &Column) -> Result<DataFrame, Error> {
    let series = column.as_materialized_series();
    let rises = series.is_sorted(SortOptions::default()).map_err(Error::polars)?;
    let (nulls, rows) = (series.null_count() as u64, series.len());
    let count = rows.min(1);
    // Values of their own: a slice would keep all of the column.
    let one = |at: usize, name: &str| -> Result<Column, Error> {
        if rows == 0 {
            return Ok(column.slice(0, 0).with_name(name.into()));
        }
        let value = column.get(at).map_err(Error::polars)?.into_static();
        Ok(Column::new_scalar(name.into(), Scalar::new(column.dtype().clone(), value), 1))
    };
    let (first, last) = (one(0, "first")?, one(rows.saturating_sub(1), "last")?);
    let rest = [
        Column::new("rises".into(), vec![rises; count]),
        Column::new("nulls".into(), vec![nulls; count]),
    ];
    DataFrame::new(count, [first, last].into_iter().chain(rest).collect()).map_err(Error::polars)
}

/// Between which values partitions lie, or what is wrong with their order.
fn divisions(
    column: &PlSmallStr,
    dtype: &DataType,
    ends: &[DataFrame],
) -> Result<Divisions, Error> {
    let value = |frame: &DataFrame, name: &str| -> Result<Scalar, Error> {
        let value = frame.column(name).and_then(|column| column.get(0)).map_err(Error::polars)?;
        Ok(Scalar::new(dtype.clone(), value.into_static()))
    };
    let flag = |frame: &DataFrame, name: &str| {
        frame.column(name).ok().and_then(|column| column.bool().ok()?.get(0))
    };
    let wrong = |message: String| Err(Error::new(ErrorKind::Order, message));
    let remedy = format!("sort them first, with `sort(\"{column}\")`, if they fit into memory");
    // Of a partition without rows the end of the one before.
    let mut found: Vec<Option<(Scalar, Scalar)>> = Vec::with_capacity(ends.len());
    for (at, frame) in ends.iter().enumerate() {
        if frame.height() == 0 {
            found.push(None);
            continue;
        }
        let nulls = frame.column("nulls").ok().and_then(|column| column.u64().ok()?.get(0));
        if nulls != Some(0) {
            return wrong(format!(
                "column `{column}` has nulls in partition {at}, which have no place in an order: leave them out, with `drop_nulls(\"{column}\")`"
            ));
        }
        if flag(frame, "rises") != Some(true) {
            return wrong(format!(
                "the rows are not sorted by `{column}`: in partition {at} a value is less than the one before it; {remedy}"
            ));
        }
        let (first, last) = (value(frame, "first")?, value(frame, "last")?);
        if let Some((_, before)) = found.iter().rev().flatten().next()
            && compare(&before.as_any_value(), &first.as_any_value()) == Some(Ordering::Greater)
        {
            return wrong(format!(
                "the rows are not sorted by `{column}`: partition {at} begins with {}, and one before it ends with {}; {remedy}",
                first.as_any_value(),
                before.as_any_value()
            ));
        }
        found.push(Some((first, last)));
    }
    let Some((_, mut next)) = found.iter().rev().flatten().next().cloned() else {
        let nulls = vec![Scalar::null(dtype.clone()); ends.len() + 1];
        return Ok(Divisions::known(column.clone(), nulls));
    };
    let mut bounds = vec![next.clone()];
    let mut last_values = Vec::with_capacity(found.len());
    for found in found.iter().rev() {
        if let Some((first, last)) = found {
            next = first.clone();
            last_values.push(last.clone());
        } else {
            // What has no rows ends where it begins.
            last_values.push(next.clone());
        }
        bounds.push(next.clone());
    }
    bounds.reverse();
    last_values.reverse();
    Ok(Divisions::known(column.clone(), bounds).ending(last_values))
}

/// The same rows, of which more is known.
fn known(input: &NodeRef, divisions: Divisions) -> Result<Made, Error> {
    Ok(rows(input, Step::WithColumns(Vec::new()))?.with_divisions(divisions))
}

impl Frame {
    /// The same rows, which are sorted by this column: that is checked now, in one pass over that column, and the frame knows between which
    /// values each partition lies. What depends on that, as [`loc`](Frame::loc), reads only the partitions that it needs.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::{ErrorKind, prelude::*};
    /// let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4], "x" => [5, 1, 7, 2])?, 2);
    /// assert_eq!(frame.sorted_by("t").divisions().column(), Some("t"));
    /// let error = frame.sorted_by("x").check().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Order);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Rows that are not sorted, and nulls ([`Order`](ErrorKind::Order)); what goes wrong while the column is read.
    ///
    /// # Cost
    /// The column is read, and computed if it is a computed one, at once.
    #[doc(alias = "set_index")]
    #[track_caller]
    pub fn sorted_by(&self, column: impl IntoExpr) -> Frame {
        let column = column.into_expr();
        let ends = self.step("sorted_by", |input| {
            let name = existing(input, std::slice::from_ref(&column))?.swap_remove(0);
            let empty = input.empty();
            let schema = ends(empty.column(&name).map_err(Error::polars)?)?.schema().clone();
            Ok(Made::custom(vec![input.clone()], Ends(name), schema, input.partitions))
        });
        let found = ends.compute_partitions();
        self.step("sorted_by", |input| {
            let name = existing(input, std::slice::from_ref(&column))?.swap_remove(0);
            let dtype = input.schema.get(&name).expect("it was found").clone();
            known(input, divisions(&name, &dtype, &found?)?)
        })
    }

    /// The rows whose value of the column that the frame is sorted by lies in a range: `loc(a..b)`, `loc(a..=b)`, `loc(a..)`. Only the
    /// partitions are read that can have such rows.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4])?, 4).sorted_by("t");
    /// let some = frame.loc(2..4);
    /// assert_eq!(some.partitions(), 2);
    /// assert_eq!(some.compute()?, df!("t" => [2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Of dates and times a text stands for all of the year, month, day, hour, minute or second that it names, by the clock of the column's time
    /// zone: `loc("2013-01"..="2013-02")` has both months whole, as in pandas; `loc("2013-01".."2013-02")` has January alone, and
    /// `loc("2013-01-05 12:30"..)` begins with that minute.
    ///
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let days = df!("day" => ["2013-01-30", "2013-01-31", "2013-02-01", "2013-02-28", "2013-03-01"])?;
    /// let days = Frame::from_polars(days, 5).cast([("day", DataType::Date)]).sorted_by("day");
    /// assert_eq!(days.loc("2013-01-31"..="2013-02").compute()?.height(), 3);
    /// assert_eq!(days.loc("2013-01-31".."2013-02").compute()?.height(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A frame without divisions ([`Order`](ErrorKind::Order)); a value of another type ([`Type`](ErrorKind::Type)); a text that is no time
    /// ([`Value`](ErrorKind::Value)).
    #[track_caller]
    pub fn loc<T: Clone + Into<Literal>>(&self, range: impl RangeBounds<T>) -> Frame {
        let bound = |bound: Bound<&T>| match bound {
            Bound::Included(value) => Some((value.clone().into(), true)),
            Bound::Excluded(value) => Some((value.clone().into(), false)),
            Bound::Unbounded => None,
        };
        let given = [bound(range.start_bound()), bound(range.end_bound())];
        let chosen = self.step("loc", |input| {
            let Some(column) = input.divisions.column() else {
                let message = "it is not known by which column the rows are sorted: say it first, with `sorted_by`";
                return Err(Error::new(ErrorKind::Order, message));
            };
            let dtype = input.schema.get(column).expect("divisions are of a column that is there");
            let [from, to] = bounds_of(&given, column, dtype)?;
            let as_key = |given: &Option<(Expr, bool)>| match given {
                None => Ok(None),
                Some((value, _)) => value_of(value, input, column, dtype).map(Some),
            };
            let (low, high) = (as_key(&from)?, as_key(&to)?);
            let (first, last) =
                (low.as_ref().map(Scalar::as_any_value), high.as_ref().map(Scalar::as_any_value));
            // A moment that was cut to its day may lie behind it.
            let is_day = *dtype == DataType::Date;
            let last = last.as_ref().zip(to.as_ref().map(|(_, is_included)| *is_included || is_day));
            let mut range = input.divisions.partitions_of(first.as_ref(), last);
            // A frame has a partition, if there is nothing in it.
            if range.is_empty() {
                let at = range.start.min(input.partitions - 1);
                range = at..at + 1;
            }
            let made = part(input, range);
            let divisions = made.divisions.within(low.as_ref(), high.as_ref());
            Ok(made.with_divisions(divisions))
        });
        chosen.step("loc", |input| {
            let name = input.divisions.column().unwrap_or_default();
            let dtype = input.schema.get(name).expect("divisions are of a column that is there");
            let [from, to] = bounds_of(&given, name, dtype)?;
            let column = col(name);
            let mut conditions = Vec::new();
            if let Some((value, is_included)) = from {
                conditions.push(if is_included { column.gt_eq(value) } else { column.gt(value) });
            }
            if let Some((value, is_included)) = to {
                conditions.push(if is_included { column.lt_eq(value) } else { column.lt(value) });
            }
            let all = conditions.into_iter().reduce(|all, next| all.and(next));
            rows(input, Step::Filter(all.unwrap_or_else(|| lit(true))))
        })
    }
}

/// What bounds are compared with, and whether that is within them.
type Limit = Option<(Expr, bool)>;

/// The bounds of a range of a column: texts beside dates and times are the ends of what they stand for.
fn bounds_of(
    given: &[Option<(Literal, bool)>; 2],
    column: &str,
    dtype: &DataType,
) -> Result<[Limit; 2], Error> {
    let is_time = matches!(dtype, DataType::Date | DataType::Datetime(..));
    let limit = |given: &Option<(Literal, bool)>, is_end: bool| -> Result<Limit, Error> {
        let Some((value, is_included)) = given else { return Ok(None) };
        let (Literal::String(text), true) = (value, is_time) else {
            return Ok(Some((lit(value.clone()), *is_included)));
        };
        let [from, to] = span_of(text, column, dtype)?;
        // A range that has it begins before all of it, and ends behind.
        let value = if *is_included != is_end { from } else { to };
        Ok(Some((lit(value), !is_end)))
    };
    Ok([limit(&given[0], false)?, limit(&given[1], true)?])
}

/// A value of the column's type.
pub(crate) fn value_of(
    value: &Expr,
    input: &NodeRef,
    column: &str,
    dtype: &DataType,
) -> Result<Scalar, Error> {
    // Compared as a filter compares it, so that types that don't fit are told the same way.
    let _ = col(column).gt_eq(value.clone()).evaluate(&input.empty())?;
    let one = DataFrame::new(1, vec![Column::full_null(column.into(), 1, dtype)])
        .map_err(Error::polars)?;
    let value = value.evaluate(&one)?;
    let cast = value.cast(&comparable(dtype, value.dtype())).map_err(Error::polars)?;
    // What the type cannot hold is compared as it is.
    let value = if cast.null_count() > value.null_count() { value } else { cast };
    let dtype = value.dtype().clone();
    Ok(Scalar::new(dtype, value.get(0).map_err(Error::polars)?.into_static()))
}

/// The type in which a bound of that type is compared with the divisions: theirs, unless that would lose what stands behind the point.
fn comparable(own: &DataType, given: &DataType) -> DataType {
    if own.is_integer() && given.is_float() { given.clone() } else { own.clone() }
}
