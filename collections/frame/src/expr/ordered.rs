//! Functions of a row and of those around it.
//!
//! In: expressions. Out: expressions over [`OrderedKind`]. Not here: how they are computed, and where the rows of other partitions come from.

use super::{Expr, Node};
use polars_core::prelude::PlSmallStr;
use std::fmt::{Display, Formatter};

/// What is made of a row and of those around it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum OrderedKind {
    /// The value so many rows before; after, if negative.
    Shift(i64),
    /// The difference from the value so many rows before.
    Diff(i64),
    /// The same, as part of the value there.
    PctChange(i64),
    CumSum,
    CumProd,
    CumMin,
    CumMax,
    CumCount,
    /// Nulls take the last value before them, so many in a row.
    ForwardFill(Option<usize>),
    BackwardFill(Option<usize>),
    Rolling(RollingStat, RollingOptions),
}

/// What is made of the values in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RollingStat {
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The standard deviation.
    Std,
    /// The variance.
    Var,
    /// The value in the middle.
    Median,
    /// The value below which a part of all lies, interpolated.
    Quantile(f64),
    /// How many are not null.
    Count,
}

/// How long a window is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Window {
    /// So many rows.
    Rows(usize),
    /// So much time: `"3d"`, `"90s"`, of the column that [`RollingOptions::by`] names, or else of the one that the frame is sorted by.
    Period(PlSmallStr),
}

/// Which ends of a window of time belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The earlier.
    Left,
    /// The later.
    Right,
    /// Both.
    Both,
    /// None.
    Neither,
}

/// A window that goes along the rows: `100` rows, or `"3d"`, with what else is to be said of it.
///
/// # Examples
/// ```
/// use taskweave_frame::{Closed, RollingOptions, col};
/// let mean = col("dep_delay").rolling_mean(100);
/// assert_eq!(mean.to_string(), r#"col("dep_delay").rolling_mean(100)"#);
/// let options = RollingOptions::from("3d").by("time").min_periods(5).closed(Closed::Both);
/// assert_eq!(
///     col("dep_delay").rolling_max(options).to_string(),
///     r#"col("dep_delay").rolling_max("3d", by "time", min_periods 5, closed both)"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RollingOptions {
    pub(crate) window: Window,
    pub(crate) min_periods: Option<usize>,
    pub(crate) center: bool,
    pub(crate) closed: Option<Closed>,
    pub(crate) ddof: u8,
    pub(crate) by: Option<PlSmallStr>,
}

impl RollingOptions {
    /// A window of that length, which ends with the row it is of.
    pub fn new(window: impl Into<RollingOptions>) -> RollingOptions {
        window.into()
    }

    fn of(window: Window) -> RollingOptions {
        let (min_periods, center, closed, ddof, by) = (None, false, None, 1, None);
        RollingOptions { window, min_periods, center, closed, ddof, by }
    }

    /// Null if fewer values than these are in the window and not null. Else it is all rows of a window of rows, and 1 of one of time, as in
    /// pandas.
    pub fn min_periods(mut self, count: usize) -> RollingOptions {
        self.min_periods = Some(count);
        self
    }

    /// Whether the row is in the middle of its window; of an even number of rows it is the first after the middle.
    pub fn center(mut self, center: bool) -> RollingOptions {
        self.center = center;
        self
    }

    /// Which ends of a window belong to it; else the later one, as in pandas.
    pub fn closed(mut self, closed: Closed) -> RollingOptions {
        self.closed = Some(closed);
        self
    }

    /// What is taken off the count in variances and standard deviations; else 1.
    pub fn ddof(mut self, ddof: u8) -> RollingOptions {
        self.ddof = ddof;
        self
    }

    /// The column that a window of time goes along, which has to be in order; else it is the one that the frame is sorted by.
    pub fn by(mut self, column: impl Into<PlSmallStr>) -> RollingOptions {
        self.by = Some(column.into());
        self
    }
}

/// A window of so many rows.
impl From<usize> for RollingOptions {
    fn from(rows: usize) -> RollingOptions {
        RollingOptions::of(Window::Rows(rows))
    }
}

/// A window of so much time: `"3d"`.
impl From<&str> for RollingOptions {
    fn from(period: &str) -> RollingOptions {
        RollingOptions::of(Window::Period(period.into()))
    }
}

/// A window of so much time.
impl From<String> for RollingOptions {
    fn from(period: String) -> RollingOptions {
        RollingOptions::of(Window::Period(period.into()))
    }
}

impl Display for RollingOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match &self.window {
            Window::Rows(rows) => write!(f, "{rows}")?,
            Window::Period(period) => write!(f, "{:?}", period.as_str())?,
        }
        if let Some(by) = &self.by {
            write!(f, ", by {:?}", by.as_str())?;
        }
        if let Some(count) = self.min_periods {
            write!(f, ", min_periods {count}")?;
        }
        if self.center {
            f.write_str(", center")?;
        }
        if let Some(closed) = self.closed {
            write!(f, ", closed {}", format!("{closed:?}").to_lowercase())?;
        }
        if self.ddof != 1 {
            write!(f, ", ddof {}", self.ddof)?;
        }
        Ok(())
    }
}

/// As the method that makes it: `shift(1)`.
impl Display for OrderedKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            OrderedKind::Shift(n) => write!(f, "shift({n})"),
            OrderedKind::Diff(n) => write!(f, "diff({n})"),
            OrderedKind::PctChange(n) => write!(f, "pct_change({n})"),
            OrderedKind::CumSum => f.write_str("cum_sum()"),
            OrderedKind::CumProd => f.write_str("cum_prod()"),
            OrderedKind::CumMin => f.write_str("cum_min()"),
            OrderedKind::CumMax => f.write_str("cum_max()"),
            OrderedKind::CumCount => f.write_str("cum_count()"),
            OrderedKind::ForwardFill(limit) => write!(f, "forward_fill({limit:?})"),
            OrderedKind::BackwardFill(limit) => write!(f, "backward_fill({limit:?})"),
            OrderedKind::Rolling(RollingStat::Quantile(q), options) => {
                write!(f, "rolling_quantile({q}, {options})")
            }
            OrderedKind::Rolling(stat, options) => {
                write!(f, "rolling_{}({options})", format!("{stat:?}").to_lowercase())
            }
        }
    }
}

macro_rules! ordered {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $kind:expr;)*) => {
        /// Functions of a row and of those around it, in the order of the frame, across its partitions.
        impl Expr {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $of)*) -> Expr {
                self.ordered($kind)
            })*
        }
    };
}

ordered! {
    /// The value `n` rows before, or `-n` rows after; null where there is none.
    shift(n: i64) OrderedKind::Shift(n);
    /// What the value is more than that `n` rows before. Integers wrap, as in polars; of those without a sign the result has one.
    diff(n: i64) OrderedKind::Diff(n);
    /// What the value is more than that `n` rows before, as a part of it: 0.1 is ten per cent more.
    pct_change(n: i64) OrderedKind::PctChange(n);
    /// The sum of all up to here. Nulls stay, and are passed over.
    cum_sum() OrderedKind::CumSum;
    /// The product of all up to here. Nulls stay, and are passed over.
    cum_prod() OrderedKind::CumProd;
    /// The least of all up to here. Nulls stay, and are passed over.
    cum_min() OrderedKind::CumMin;
    /// The greatest of all up to here. Nulls stay, and are passed over.
    cum_max() OrderedKind::CumMax;
    /// How many up to here are not null.
    cum_count() OrderedKind::CumCount;
    /// Nulls take the last value before them; with a limit only so many in a row do.
    forward_fill(limit: Option<usize>) OrderedKind::ForwardFill(limit);
    /// Nulls take the next value after them; with a limit only so many in a row do.
    backward_fill(limit: Option<usize>) OrderedKind::BackwardFill(limit);
}

macro_rules! rolling {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $stat:expr;)*) => {
        /// Windows that go along the rows: of so many rows, `rolling_mean(100)`, or of so much time, `rolling_mean("3d")`.
        impl Expr {
            $($(#[$doc])*
            pub fn $name(&self, $($arg: $of,)* window: impl Into<RollingOptions>) -> Expr {
                self.ordered(OrderedKind::Rolling($stat, window.into()))
            })*
        }
    };
}

rolling! {
    /// The mean of the window; see [`RollingOptions`].
    rolling_mean() RollingStat::Mean;
    /// The sum of the window; see [`RollingOptions`].
    rolling_sum() RollingStat::Sum;
    /// The least of the window; see [`RollingOptions`].
    rolling_min() RollingStat::Min;
    /// The greatest of the window; see [`RollingOptions`].
    rolling_max() RollingStat::Max;
    /// The standard deviation of the window; see [`RollingOptions`].
    rolling_std() RollingStat::Std;
    /// The variance of the window; see [`RollingOptions`].
    rolling_var() RollingStat::Var;
    /// The value in the middle of the window; see [`RollingOptions`].
    rolling_median() RollingStat::Median;
    /// The value below which the part `q` of the window lies, interpolated between two; see [`RollingOptions`].
    rolling_quantile(q: f64) RollingStat::Quantile(q);
    /// How many in the window are not null; see [`RollingOptions`].
    rolling_count() RollingStat::Count;
}

impl Expr {
    pub(crate) fn ordered(&self, kind: OrderedKind) -> Expr {
        Node::Ordered { input: self.clone(), kind }.into()
    }
}
