//! Ordered functions of all columns at once.
//!
//! In: frames. Out: frames of the same rows. What single columns need is said with expressions, `col("x").rolling_mean(100)`.
//!
//! Not here: how it is computed (`neighbours`, `ordered`).

use crate::error::Error;
use crate::expr::{Expr, OrderedKind, RollingOptions, RollingStat, col};
use crate::frame::Frame;
use crate::groupby::Meant;
use crate::neighbours::Adding;
use crate::node::NodeRef;
use crate::rows::Step;
use crate::select::rows;
use polars_core::prelude::PlSmallStr;
use std::panic::Location;

/// A window that goes along the rows of a frame: what [`Frame::rolling`] gives.
#[must_use = "a window is nothing until something is computed of it"]
pub struct Rolling<'a> {
    frame: &'a Frame,
    options: RollingOptions,
}

macro_rules! of_windows {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $stat:expr;)*) => {
        impl Rolling<'_> {
            $($(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $arg: $of)*) -> Frame {
                self.of_all(stringify!($name), Location::caller(), $stat)
            })*
        }
    };
}

of_windows! {
    /// The sum of each column of numbers.
    sum() RollingStat::Sum;
    /// The mean of each column of numbers.
    mean() RollingStat::Mean;
    /// The least value of each column of numbers.
    min() RollingStat::Min;
    /// The greatest value of each column of numbers.
    max() RollingStat::Max;
    /// The standard deviation of each column of numbers; [`RollingOptions::ddof`] says what is taken off the count, 1 if nothing is said.
    std() RollingStat::Std;
    /// The variance of each column of numbers; [`RollingOptions::ddof`] says what is taken off the count, 1 if nothing is said.
    var() RollingStat::Var;
    /// The median of each column of numbers.
    median() RollingStat::Median;
    /// The value below which the part `q` of the values lies, interpolated, of each column of numbers.
    quantile(q: f64) RollingStat::Quantile(q);
    /// How many values are not null, of each column of numbers.
    count() RollingStat::Count;
}

impl Rolling<'_> {
    fn of_all(
        &self,
        name: &'static str,
        location: &'static Location<'static>,
        stat: RollingStat,
    ) -> Frame {
        let kind = OrderedKind::Rolling(stat, self.options.clone());
        of_columns(self.frame, name, location, Meant::Numbers, true, &|column| {
            column.ordered(kind.clone())
        })
    }
}

/// A function of all columns that are meant; the column that the rows are sorted by stays as it is, if it `keeps` that.
fn of_columns(
    frame: &Frame,
    name: &'static str,
    location: &'static Location<'static>,
    meant: Meant,
    keeps: bool,
    of: &dyn Fn(&Expr) -> Expr,
) -> Frame {
    let adding = Adding::new(name, location);
    frame.step_at(name, location, |input: &NodeRef| -> Result<_, Error> {
        let kept: Vec<PlSmallStr> =
            input.divisions.column().filter(|_| keeps).map(PlSmallStr::from).into_iter().collect();
        let columns = meant.expect(name, &input.schema, &kept)?;
        let exprs: Vec<Expr> =
            kept.iter().map(|name| col(name.clone())).chain(columns.iter().map(of)).collect();
        let (input, exprs) = adding.taken_apart(input, &exprs)?;
        rows(&input, Step::Select(exprs))
    })
}

macro_rules! of_frames {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $meant:expr, $keeps:expr;)*) => {
        /// Functions of each row and of those around it, across partitions.
        impl Frame {
            $($(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $arg: $of)*) -> Frame {
                of_columns(self, stringify!($name), Location::caller(), $meant, $keeps, &|column| column.$name($($arg),*))
            })*
        }
    };
}

of_frames! {
    /// The values `n` rows before, or `-n` rows after; null where there are none.
    shift(n: i64) Meant::All, false;
    /// What each number is more than that `n` rows before.
    diff(n: i64) Meant::Numbers, true;
    /// What each number is more than that `n` rows before, as a part of it: 0.1 is ten per cent more.
    pct_change(n: i64) Meant::Numbers, true;
    /// The sums of all numbers up to each row. Nulls stay, and are passed over.
    cum_sum() Meant::Numbers, true;
    /// The products of all numbers up to each row. Nulls stay, and are passed over.
    cum_prod() Meant::Numbers, true;
    /// The least of all values up to each row. Nulls stay, and are passed over.
    cum_min() Meant::Numbers, true;
    /// The greatest of all values up to each row. Nulls stay, and are passed over.
    cum_max() Meant::Numbers, true;
    /// How many values up to each row are not null.
    cum_count() Meant::All, true;
    /// Nulls take the last value before them; with a limit only so many in a row do.
    forward_fill(limit: Option<usize>) Meant::All, true;
    /// Nulls take the next value after them; with a limit only so many in a row do.
    backward_fill(limit: Option<usize>) Meant::All, true;
}

impl Frame {
    /// A window that goes along the rows, so many of them or so much time: `rolling(100)`, `rolling("3d")`, or [`RollingOptions`]. A window of
    /// time goes along the column that the rows are sorted by ([`sorted_by`](Frame::sorted_by)), or the one that [`RollingOptions::by`] names.
    /// Windows may be longer than partitions.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1.0, 2.0, 3.0, 4.0])?, 4);
    /// let means = frame.rolling(3).mean();
    /// assert_eq!(means.compute()?, df!("x" => [None, None, Some(2.0), Some(3.0)])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rolling(&self, window: impl Into<RollingOptions>) -> Rolling<'_> {
        Rolling { frame: self, options: window.into() }
    }
}
