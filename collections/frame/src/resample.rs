//! Windows of time that rows are grouped by.
//!
//! In: frames, a column of times, windows. Out: frames with a row for each window from the first to the last, in their order.
//!
//! Not here: where windows begin (`time`), aggregations (`groupby`).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::expr::{AggKind, Expr, IntoExpr, IntoExprs, Node as ExprNode, col, len};
use crate::frame::{Frame, Made};
use crate::groupby::{Meant, grouped};
use crate::node::{Custom, Names, Need, Node, NodeRef};
use crate::rows::Step;
use crate::select::{existing, rows};
use crate::time::{Fill, OHLC, Windows, fill_periods, window_of};
use polars_core::prelude::{Column, DataFrame, PlSmallStr, SortMultipleOptions};
use polars_core::scalar::Scalar;
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

/// What the column of windows is called while rows are grouped: no column of a user's is.
const WINDOW: PlSmallStr = PlSmallStr::from_static("\u{0}window");

/// The rows of a frame in windows of time: what [`Frame::resample`] gives.
#[must_use = "windows are nothing until something is aggregated"]
pub struct Resample<'a> {
    frame: &'a Frame,
    by: Expr,
    windows: Windows,
}

/// Puts the windows into their order, and those without rows between them.
struct Finish {
    by: PlSmallStr,
    windows: Windows,
    /// Columns that have 0 where there are no rows.
    zeros: HashSet<PlSmallStr>,
}

impl Custom for Finish {
    fn needs(&self, node: &Node, _: usize) -> Vec<Need> {
        (0..node.inputs()[0].partitions).map(|at| Need::Input(0, at)).collect()
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        node.inputs()[0].names()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let all = crate::pipeline::stacked(blocks)?;
        let labels = all.column(&self.by).map_err(Error::polars)?;
        if labels.null_count() > 0 {
            let message = format!(
                "column `{0}` has nulls, which are in no window: leave them out, with `drop_nulls(\"{0}\")`",
                self.by
            );
            return Err(Error::new(ErrorKind::Order, message));
        }
        let options = SortMultipleOptions::new().with_multithreaded(false);
        let sorted = all.sort([self.by.clone()], options).map_err(Error::polars)?;
        let fill =
            |name: &PlSmallStr| if self.zeros.contains(name) { Fill::Zero } else { Fill::Null };
        fill_periods(&sorted, &self.by, &self.windows, None, fill)
    }
}

/// Whether an aggregation of no rows is 0.
fn is_zero(expr: &Expr) -> bool {
    match expr.node() {
        ExprNode::Alias { input, .. } => is_zero(input),
        ExprNode::Agg { kind, .. } => {
            matches!(
                kind,
                AggKind::Sum
                    | AggKind::Count
                    | AggKind::Len
                    | AggKind::NUnique
                    | AggKind::ApproxNUnique
            )
        }
        _ => false,
    }
}

impl Resample<'_> {
    /// What each window becomes: a row with its label and these aggregations. In windows without rows sums and counts
    /// (`count`, `len`, `n_unique`, `approx_n_unique`) are 0, all else is null, also what is computed of several aggregations.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let rows = df!("day" => ["2013-01-01", "2013-01-05", "2013-01-21"], "x" => [1, 2, 4])?;
    /// let frame = Frame::from_polars(rows, 2).cast([("day", DataType::Date)]);
    /// let weeks = frame.resample("day", "1w").agg([col("x").sum(), col("x").mean().alias("mean")]);
    /// let expected = df!(
    ///     "day" => ["2012-12-31", "2013-01-07", "2013-01-14", "2013-01-21"],
    ///     "x" => [3, 0, 0, 4],
    ///     "mean" => [Some(1.5), None, None, Some(4.0)],
    /// )?;
    /// assert_eq!(weeks.cast([("day", DataType::String)]).compute()?, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)) or has no times ([`Type`](ErrorKind::Type)); a length that cannot be read
    /// ([`Value`](ErrorKind::Value)); what is no aggregation ([`Expression`](ErrorKind::Expression)). When it is computed: times that are null.
    ///
    /// # Cost
    /// One pass over the rows, which need be in no order. The result is one partition.
    #[track_caller]
    pub fn agg(&self, aggregations: impl IntoExprs) -> Frame {
        let aggregations = aggregations.into_exprs();
        self.made("agg", Location::caller(), |_| Ok(aggregations))
    }

    /// How many rows are in each window, in a column `len`.
    #[doc(alias = "size")]
    #[track_caller]
    pub fn len(&self) -> Frame {
        self.made("len", Location::caller(), |_| Ok(vec![len()]))
    }

    /// The first, the greatest, the least and the last value of a column in each window, as columns `open`, `high`, `low` and `close`; with
    /// several columns behind their names: `price_open`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let rows = df!("day" => ["2013-01-01", "2013-01-02", "2013-01-03"], "price" => [5.0, 7.0, 6.0])?;
    /// let frame = Frame::from_polars(rows, 2).cast([("day", DataType::Date)]);
    /// let month = frame.resample("day", "1mo").ohlc("price").compute()?;
    /// assert_eq!(month.get_column_names(), ["day", "open", "high", "low", "close"]);
    /// assert_eq!(month["high"].f64()?.get(0), Some(7.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`agg`](Resample::agg).
    #[track_caller]
    pub fn ohlc(&self, columns: impl IntoExprs) -> Frame {
        let columns = columns.into_exprs();
        self.made("ohlc", Location::caller(), |_| {
            let is_one = columns.len() == 1;
            let called = |column: &Expr, what: &str| match is_one {
                true => what.to_owned(),
                false => format!("{}_{what}", column.output_name()),
            };
            let of = |column: &Expr| {
                OHLC.map(|(name, kind)| column.aggregated(kind).alias(called(column, name)))
            };
            Ok(columns.iter().flat_map(of).collect())
        })
    }

    pub(crate) fn of_all(
        &self,
        name: &'static str,
        location: &'static Location<'static>,
        meant: Meant,
        aggregate: impl Fn(&Expr) -> Expr,
    ) -> Frame {
        self.made(name, location, |input| {
            let by = existing(input, std::slice::from_ref(&self.by))?;
            let columns = meant.expect(name, &input.schema, &by)?;
            Ok(columns.iter().map(aggregate).collect())
        })
    }

    fn made(
        &self,
        name: &'static str,
        location: &'static Location<'static>,
        aggregations: impl FnOnce(&NodeRef) -> Result<Vec<Expr>, Error>,
    ) -> Frame {
        let node = |made: Made| Arc::new(made.into_node(name, location));
        self.frame.step_at(name, location, |input| {
            let by = existing(input, std::slice::from_ref(&self.by))?.swap_remove(0);
            let dtype = input.schema.get(&by).expect("it was found");
            self.windows.check(&by, dtype)?;
            let aggregations = aggregations(input)?;
            let step = Step::Window { of: by.clone(), windows: self.windows.clone(), into: WINDOW };
            let with_windows = node(rows(input, step)?);
            let keys = vec![col(WINDOW).alias(by.clone())];
            let groups = node(grouped(&with_windows, keys, &aggregations)?);
            let zeros =
                aggregations.iter().filter(|expr| is_zero(expr)).map(Expr::output_name).collect();
            let finish = Finish { by: by.clone(), windows: self.windows.clone(), zeros };
            let schema = finish.make(&groups, 0, vec![groups.empty()])?.schema().clone();
            let divisions = self.divisions(input, &by)?;
            Ok(Made::custom(vec![groups], finish, schema, 1).with_divisions(divisions))
        })
    }

    /// Between which windows the result lies, if it is known between which times the rows lie.
    fn divisions(&self, input: &Node, by: &PlSmallStr) -> Result<Divisions, Error> {
        let bounds = input.divisions.bounds();
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else {
            return Ok(Divisions::Unknown);
        };
        if input.divisions.column() != Some(by.as_str()) || first.is_null() {
            return Ok(Divisions::Unknown);
        }
        let label = |time: &Scalar| {
            let time = Column::new_scalar(by.clone(), time.clone(), 1);
            let label = window_of(&time, &self.windows)?;
            let dtype = label.dtype().clone();
            Ok::<_, Error>(Scalar::new(dtype, label.get(0).map_err(Error::polars)?.into_static()))
        };
        Ok(Divisions::known(by.clone(), vec![label(first)?, label(last)?]))
    }
}

impl Frame {
    /// The rows in windows of time, by a column of dates or times: `"1w"`, `"15m"`, `"1mo"`, or [`Windows`] with what else is to be said of
    /// them. The rows need be in no order; those of a window that count as first and last are so in the order of the rows.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let rows = df!("day" => ["2013-01-01", "2013-02-05"], "x" => [1.0, 2.0])?;
    /// let frame = Frame::from_polars(rows, 1).cast([("day", DataType::Date)]);
    /// assert_eq!(frame.resample("day", "1mo").mean().compute()?.height(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "group_by_dynamic")]
    pub fn resample(&self, by: impl IntoExpr, windows: impl Into<Windows>) -> Resample<'_> {
        Resample { frame: self, by: by.into_expr(), windows: windows.into() }
    }
}
