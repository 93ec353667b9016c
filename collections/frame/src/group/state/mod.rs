//! States of aggregations: what is known of every group so far.
//!
//! In: the values of a piece with the group of each row, states of later rows. Out: a column with a value a group.
//!
//! A state is a flat vector with an entry a group, and each piece is one loop over its rows.
//!
//! ```text
//! count · numeric, by folds · pick · text   one value a group, made with each row
//! log · list · unique   all values of each group
//! sketch, of digests · estimate, of registers   about as much as is asked for, of many values
//! user      what users write                       values    columns as words and bytes
//! ```
//! Not here: which rows are a group (`keys`).

mod count;
mod digest;
mod estimate;
mod folds;
mod list;
mod log;
mod numeric;
mod pick;
mod registers;
mod sketch;
mod text;
mod unique;
mod user;
pub(super) mod values;

use super::{AggKind, AggSpec};
use crate::error::{Error, ErrorKind};
use folds::{
    All, Any, FloatMean, FloatProduct, FloatSum, IntMean, IntProduct, IntSum, Least, Moments, Most,
};
use numeric::Folded;
use polars_core::prelude::{DataType, Series};

/// The groups of the rows of a piece.
#[derive(Clone, Copy)]
pub(super) enum Ids<'a> {
    /// So many rows, all of group 0.
    One(usize),
    Each(&'a [u32]),
}

impl Ids<'_> {
    /// The rows in which groups stand for the first time; there were `before` before the piece.
    fn firsts(&self, before: usize, mut found: impl FnMut(usize)) {
        match self {
            // There is one group before any row.
            Ids::One(_) => {}
            Ids::Each(ids) => {
                let mut next = before as u32;
                for (row, &id) in ids.iter().enumerate() {
                    if id == next {
                        found(row);
                        next += 1;
                    }
                }
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Ids::One(rows) => *rows,
            Ids::Each(ids) => ids.len(),
        }
    }

    #[inline]
    fn at(&self, row: usize) -> usize {
        match self {
            Ids::One(_) => 0,
            Ids::Each(ids) => ids[row] as usize,
        }
    }
}

/// The state of one aggregate in all groups.
pub(super) trait State: std::any::Any + Send {
    /// Makes entries for so many groups.
    fn cover(&mut self, groups: usize);

    /// Adds the rows of a piece, before which there were `before` groups.
    fn update(&mut self, ids: Ids<'_>, before: usize, values: &Series) -> Result<(), Error>;

    /// Adds a state of the same kind, of later rows; `map` has the groups here of its groups, and there were `before` groups.
    fn merge(&mut self, later: Box<dyn State>, before: usize, map: &[u32]) -> Result<(), Error>;

    /// The state of these groups only, in this order.
    fn pick(&mut self, groups: &[u32]) -> Box<dyn State>;

    /// A value a group.
    fn finish(self: Box<Self>) -> Result<Series, Error>;

    fn bytes(&self) -> usize;
}

/// `later` as what it is: merged states are made by the same specification.
fn same<S: State>(later: Box<dyn State>) -> Box<S> {
    let later: Box<dyn std::any::Any> = later;
    later.downcast().expect("merged states are of the same aggregation")
}

/// How a type takes part in arithmetic.
enum Number {
    Float,
    /// Integers and what counts as one.
    Signed,
    Unsigned,
}

/// Of what kind the numbers of a type are; none when it has none.
fn number(dtype: &DataType) -> Option<Number> {
    Some(match dtype {
        DataType::Float32 | DataType::Float64 => Number::Float,
        DataType::UInt64 => Number::Unsigned,
        DataType::Boolean | DataType::Null => Number::Signed,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Number::Signed,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Number::Signed,
        DataType::Date | DataType::Time | DataType::Datetime(..) | DataType::Duration(_) => {
            Number::Signed
        }
        _ => return None,
    })
}

/// That an aggregation is not defined for its type.
fn refused(spec: &AggSpec) -> Error {
    let (kind, name, dtype) = (&spec.kind, &spec.name, &spec.dtype);
    // What most often makes a column of numbers text.
    let remedy = match dtype {
        DataType::String => {
            "if texts of a CSV file such as \"NA\" made it one, name them with `null_values`; else cast it, or"
        }
        _ => "cast it, or",
    };
    let message = format!(
        "`{kind}` is not defined for {dtype}, the type of what `{name}` is made of: {remedy} take first, last, count or n_unique"
    );
    Error::new(ErrorKind::Type, message)
}

/// The state of no rows.
pub(super) fn of(spec: &AggSpec) -> Result<Box<dyn State>, Error> {
    let is_moment = matches!(spec.dtype, DataType::Date | DataType::Time | DataType::Datetime(..));
    let is_time = is_moment || matches!(spec.dtype, DataType::Duration(_));
    let is_enum = matches!(spec.dtype, DataType::Enum(..));
    let kind = number(&spec.dtype);
    let asked = spec;
    let spec = spec.clone();
    Ok(match (&spec.kind, kind) {
        (AggKind::Len, _) => count::of(spec, false),
        (AggKind::Count, _) => count::of(spec, true),
        (AggKind::First, _) => pick::of(spec, false),
        (AggKind::Last, _) => pick::of(spec, true),
        (AggKind::Implode, _) => list::of(spec),
        (AggKind::NUnique, _) => unique::of(spec),
        (AggKind::ApproxNUnique, _) => estimate::of(spec),
        (AggKind::User(own), _) => user::of(own.clone(), spec)?,
        // In the order in which the categories were declared, which is that of their numbers.
        (AggKind::Min, _) if is_enum => Folded::<Least<i64>>::of(spec),
        (AggKind::Max, _) if is_enum => Folded::<Most<i64>>::of(spec),
        (AggKind::Min | AggKind::Max, None) => text::of(spec).ok_or_else(|| refused(asked))?,
        (_, None) => return Err(refused(asked)),
        (AggKind::Min, Some(Number::Float)) => Folded::<Least<f64>>::of(spec),
        (AggKind::Min, Some(Number::Signed)) => Folded::<Least<i64>>::of(spec),
        (AggKind::Min, Some(Number::Unsigned)) => Folded::<Least<u64>>::of(spec),
        (AggKind::Max, Some(Number::Float)) => Folded::<Most<f64>>::of(spec),
        (AggKind::Max, Some(Number::Signed)) => Folded::<Most<i64>>::of(spec),
        (AggKind::Max, Some(Number::Unsigned)) => Folded::<Most<u64>>::of(spec),
        (AggKind::Mean, Some(Number::Float)) => Folded::<FloatMean>::of(spec),
        (AggKind::Mean, Some(Number::Signed)) => Folded::<IntMean<i64>>::of(spec),
        (AggKind::Mean, Some(Number::Unsigned)) => Folded::<IntMean<u64>>::of(spec),
        (AggKind::Quantile(..) | AggKind::ApproxQuantile(_), _)
            if spec.dtype == DataType::Boolean =>
        {
            return Err(refused(asked));
        }
        (AggKind::Median | AggKind::Quantile(..), _) => log::of(spec)?,
        (AggKind::ApproxMedian | AggKind::ApproxQuantile(_), _) => sketch::of(spec)?,
        (AggKind::Any | AggKind::All, _) if spec.dtype != DataType::Boolean => {
            return Err(refused(asked));
        }
        (AggKind::Any, _) => Folded::<Any>::of(spec),
        (AggKind::All, _) => Folded::<All>::of(spec),
        _ if is_moment => return Err(refused(asked)),
        // Its unit would be a square of time.
        (AggKind::Var(_), _) if is_time => return Err(refused(asked)),
        (AggKind::Sum, Some(Number::Float)) => Folded::<FloatSum>::of(spec),
        (AggKind::Sum, Some(Number::Signed)) => Folded::<IntSum<i64>>::of(spec),
        (AggKind::Sum, Some(Number::Unsigned)) => Folded::<IntSum<u64>>::of(spec),
        (AggKind::Std(_) | AggKind::Var(_), Some(Number::Float)) => {
            Folded::<Moments<f64>>::of(spec)
        }
        (AggKind::Std(_) | AggKind::Var(_), Some(Number::Signed)) => {
            Folded::<Moments<i64>>::of(spec)
        }
        (AggKind::Std(_) | AggKind::Var(_), Some(Number::Unsigned)) => {
            Folded::<Moments<u64>>::of(spec)
        }
        (AggKind::Product, _) if is_time => return Err(refused(asked)),
        (AggKind::Product, Some(Number::Float)) => Folded::<FloatProduct>::of(spec),
        (AggKind::Product, Some(Number::Signed)) => Folded::<IntProduct<i64>>::of(spec),
        (AggKind::Product, Some(Number::Unsigned)) => Folded::<IntProduct<u64>>::of(spec),
    })
}
