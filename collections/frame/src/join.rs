//! Joins: with a small right side, and of sides that are both sorted by the key.
//!
//! In: two frames, and the columns that are to be equal. Out: frames with the partitions of the left one. The right side is put together, and
//! each partition of the left is joined with all of it; where both have divisions by the key, with those partitions of the right that can have
//! its keys.
//!
//! Not here: joins of two large sides in any order, which need a shuffle.

use crate::bytes::Bytes;
use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::expr::IntoExprs;
use crate::few::chosen;
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node, NodeRef};
use crate::pipeline::stacked;
use crate::plan::Plan;
use crate::select::existing;
use polars_core::prelude::{DataFrame, DataType, PlSmallStr, Schema, TimeUnit};
use polars_ops::frame::{DataFrameJoinOps, JoinArgs, JoinType, MaintainOrderJoin};
use std::ops::Range;
use std::sync::Arc;

/// A right side of more bytes of files than this is not small.
const SMALL_BYTES_MAX: u64 = 512 << 20;
/// What a column of the right side gets behind its name where the left has one of that name.
const SUFFIX: &str = "_right";

/// A join, partition by partition of the left side.
struct Join {
    left_on: Vec<PlSmallStr>,
    right_on: Vec<PlSmallStr>,
    how: JoinType,
    /// Of each partition of the left those of the right that it is joined with; all, if nothing is known.
    aligned: Option<Vec<Range<usize>>>,
}

impl Join {
    fn of(&self, left: &DataFrame, right: &DataFrame) -> Result<DataFrame, Error> {
        let maintain_order = MaintainOrderJoin::LeftRight;
        let args = JoinArgs { maintain_order, ..JoinArgs::new(self.how.clone()) };
        let joined = left.join(right, &self.left_on, &self.right_on, args, None);
        joined.map(chosen).map_err(Error::polars)
    }

    /// Whether columns of the right side are in the result.
    fn has_right(&self) -> bool {
        matches!(self.how, JoinType::Inner | JoinType::Left)
    }
}

impl Custom for Join {
    fn needs(&self, node: &Node, partition: usize) -> Vec<Need> {
        let right = match &self.aligned {
            None => 0..node.inputs()[1].partitions,
            Some(ranges) => ranges[partition].clone(),
        };
        std::iter::once(Need::Input(0, partition))
            .chain(right.map(|at| Need::Input(1, at)))
            .collect()
    }

    fn needed_columns(&self, node: &Node, input: usize, wanted: &Names) -> Names {
        let own = &node.inputs()[input].schema;
        let left = &node.inputs()[0].schema;
        match input {
            // A column that is not wanted, but whose name puts the suffix behind one of the right side, is needed for that.
            0 => own
                .iter_names()
                .filter(|name| {
                    wanted.contains(*name)
                        || self.left_on.contains(*name)
                        || (self.has_right() && wanted.contains(format!("{name}{SUFFIX}").as_str()))
                })
                .cloned()
                .collect(),
            _ => own
                .iter_names()
                .filter(|name| {
                    let is_twice = left.contains(name);
                    let shown = if is_twice { format!("{name}{SUFFIX}") } else { name.to_string() };
                    self.right_on.contains(*name)
                        || (self.has_right() && wanted.contains(shown.as_str()))
                })
                .cloned()
                .collect(),
        }
    }

    fn make(&self, node: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let mut blocks = blocks.into_iter();
        let left = blocks.next().expect("the left side's partition is the first of its needs");
        let right = match blocks.len() {
            0 => node.inputs()[1].empty(),
            _ => stacked(blocks.collect())?,
        };
        self.of(&left, &right)
    }

    fn makes_rows(&self) -> bool {
        self.has_right()
    }

    fn describe(&self) -> String {
        let how = match &self.aligned {
            None => "with all of the right side",
            Some(_) => "aligned by divisions",
        };
        let (left, right) = (self.left_on.join(", "), self.right_on.join(", "));
        let on = if left == right { left } else { format!("{left} = {right}") };
        format!("{} [{on}] {how}", self.how)
    }
}

/// A small side, in one piece.
struct Whole;

impl Custom for Whole {
    fn needs(&self, node: &Node, _: usize) -> Vec<Need> {
        (0..node.inputs()[0].partitions).map(|at| Need::Input(0, at)).collect()
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.clone()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let mut all = stacked(blocks)?;
        all.rechunk_mut();
        Ok(all)
    }
}

/// What cannot be joined.
fn checked(left: &Node, right: &Node, join: &Join) -> Result<(), Error> {
    if join.left_on.is_empty() || join.left_on.len() != join.right_on.len() {
        let message = format!(
            "as many columns of both sides have to be equal, and there are {} of the left and {} of the right",
            join.left_on.len(),
            join.right_on.len()
        );
        return Err(Error::new(ErrorKind::Value, message));
    }
    let of = |schema: &Schema, name: &PlSmallStr| schema.get(name).cloned();
    for (left_name, right_name) in join.left_on.iter().zip(&join.right_on) {
        let (l, r) = (of(&left.schema, left_name), of(&right.schema, right_name));
        if let (Some(l), Some(r)) = (l, r)
            && l != r
        {
            let remedy = remedy(right_name, &l, &r);
            let message = format!(
                "column `{left_name}` is of type {l} on the left and `{right_name}` of type {r} on the right: {remedy}"
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
    }
    Ok(())
}

/// How a column of the right side becomes of the left one's type.
fn remedy(name: &str, left: &DataType, right: &DataType) -> String {
    let unit = |unit: &TimeUnit| match unit {
        TimeUnit::Nanoseconds => "TimeUnit::Nanoseconds",
        TimeUnit::Microseconds => "TimeUnit::Microseconds",
        TimeUnit::Milliseconds => "TimeUnit::Milliseconds",
    };
    let done = match (left, right) {
        (DataType::Datetime(_, Some(zone)), DataType::Datetime(_, other)) if other.is_none() => {
            return format!(
                "say which clock that is, as `right.with_columns([col(\"{name}\").dt().replace_time_zone(Some(\"{zone}\"))])` does"
            );
        }
        (DataType::Datetime(_, None), DataType::Datetime(_, Some(zone))) => {
            return format!(
                "say which clock the left one is, with `dt().replace_time_zone(Some(\"{zone}\"))`"
            );
        }
        (DataType::Datetime(_, Some(zone)), DataType::Datetime(_, other))
            if other.as_ref() != Some(zone) =>
        {
            return format!(
                "bring both to one time zone, as `right.with_columns([col(\"{name}\").dt().convert_time_zone(\"{zone}\")])` does"
            );
        }
        (DataType::Datetime(of, _), DataType::Datetime(..)) => {
            return format!(
                "bring both to one unit, as `right.with_columns([col(\"{name}\").dt().cast_time_unit({})])` does",
                unit(of)
            );
        }
        (DataType::Datetime(of, _), _) => format!("DataType::Datetime({}, None)", unit(of)),
        (DataType::Duration(of), _) => format!("DataType::Duration({})", unit(of)),
        (other, _) => format!("DataType::{other:?}"),
    };
    format!("cast one of them, as `right.cast([(\"{name}\", {done})])` does")
}

/// Of each partition of the left those of the right that can have its keys, if both are sorted by the key.
fn alignment(left: &Node, right: &Node, join: &Join) -> Option<Vec<Range<usize>>> {
    let is_by = |divisions: &Divisions, on: &[PlSmallStr]| {
        on.len() == 1 && divisions.column() == Some(on[0].as_str())
    };
    if !is_by(&left.divisions, &join.left_on) || !is_by(&right.divisions, &join.right_on) {
        return None;
    }
    let values: Vec<_> = left.divisions.bounds().iter().map(|bound| bound.as_any_value()).collect();
    Some(
        values
            .windows(2)
            .map(|pair| right.divisions.partitions_of(Some(&pair[0]), Some((&pair[1], true))))
            .collect(),
    )
}

fn joined(left: &NodeRef, right: &NodeRef, join: Join) -> Result<Made, Error> {
    if !matches!(join.how, JoinType::Inner | JoinType::Left | JoinType::Semi | JoinType::Anti) {
        let message = format!(
            "a {} join is not there yet: it has rows of the right side that no partition of the left knows of. There are inner, left, semi and anti joins; a right join is a left join with the sides exchanged",
            join.how
        );
        return Err(Error::new(ErrorKind::NotYet, message));
    }
    checked(left, right, &join)?;
    let aligned = alignment(left, right, &join);
    if aligned.is_none() {
        let bytes = Plan::new(right, 1).bytes_read();
        if bytes > SMALL_BYTES_MAX {
            let message = format!(
                "the right side reads {}, and joins of two large sides are not there yet: exchange the sides if the left one is small, filter or select the right one and `persist` it, or sort both by the key and say `sorted_by` of each",
                Bytes(bytes)
            );
            return Err(Error::new(ErrorKind::NotYet, message));
        }
    }
    // Put together once, and not for each partition of the left.
    let right = match (&aligned, right.partitions) {
        (None, 2..) => {
            let whole = Made::custom(vec![right.clone()], Whole, right.schema.clone(), 1);
            &Arc::new(whole.into_node(right.name, right.location))
        }
        _ => right,
    };
    let join = Join { aligned, ..join };
    let schema = join.of(&left.empty(), &right.empty())?.schema().clone();
    let divisions = left.divisions.clone();
    let partitions = left.partitions;
    Ok(Made::custom(vec![left.clone(), right.clone()], join, schema, partitions)
        .with_divisions(divisions))
}

impl Frame {
    /// Rows of this frame with those of another whose columns `on` are equal: `Inner`, `Left`, `Semi` (rows that have a partner) or `Anti`
    /// (those that have none). A column of the right side whose name the left has too gets `_right` behind it. Nulls are equal to nothing.
    ///
    /// The right side has to be small, or both sorted by the key (see [`sorted_by`](Frame::sorted_by)). The rows are in the order of the left
    /// side.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let flights = Frame::from_polars(df!("tail" => ["N1", "N2", "N1"], "delay" => [1, 2, 3])?, 2);
    /// let planes = Frame::from_polars(df!("tail" => ["N1"], "seats" => [100])?, 1);
    /// let joined = flights.join(&planes, "tail", JoinType::Inner);
    /// let expected = df!("tail" => ["N1", "N1"], "delay" => [1, 3], "seats" => [100, 100])?;
    /// assert_eq!(joined.compute()?, expected);
    /// assert_eq!(flights.join(&planes, "tail", JoinType::Anti).compute()?.height(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)), keys of different types ([`Type`](ErrorKind::Type)); a right side that is
    /// too large, and other kinds of joins ([`NotYet`](ErrorKind::NotYet)).
    ///
    /// # Cost
    /// A table of the right side's keys for each partition of the left one.
    #[doc(alias = "merge")]
    #[track_caller]
    pub fn join(&self, right: &Frame, on: impl IntoExprs, how: JoinType) -> Frame {
        let on = on.into_exprs();
        self.step("join", |left| {
            let right = right.node()?;
            let (left_on, right_on) =
                (existing(left, &on)?, existing(right, &on).map_err(of_right)?);
            joined(left, right, Join { left_on, right_on, how, aligned: None })
        })
    }

    /// [`join`](Frame::join) where the columns are called differently on both sides; those of the right side are left out.
    ///
    /// # Errors
    /// As [`join`](Frame::join).
    ///
    /// # Cost
    /// As [`join`](Frame::join).
    #[track_caller]
    pub fn join_on(
        &self,
        right: &Frame,
        left_on: impl IntoExprs,
        right_on: impl IntoExprs,
        how: JoinType,
    ) -> Frame {
        let (left_on, right_on) = (left_on.into_exprs(), right_on.into_exprs());
        self.step("join_on", |left| {
            let right = right.node()?;
            let left_on = existing(left, &left_on)?;
            let right_on = existing(right, &right_on).map_err(of_right)?;
            joined(left, right, Join { left_on, right_on, how, aligned: None })
        })
    }
}

fn of_right(error: Error) -> Error {
    error.reworded(|text| format!("of the right side: {text}"))
}
