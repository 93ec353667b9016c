//! Aggregations: one value for the rows of a group, or of a whole frame.
//!
//! In: expressions. Out: expressions over [`AggKind`], and [`Aggregation`], by which users write their own. Not here: how they are computed.

use super::{Expr, Node};
use crate::Error;
use polars_core::prelude::{Column, DataType, QuantileMethod, Scalar};
use std::any::Any;
use std::fmt::{Debug, Display, Formatter};
use std::sync::Arc;

/// What is made of many values.
#[derive(Clone, Debug)]
pub(crate) enum AggKind {
    Sum,
    Mean,
    /// With the degrees of freedom that are taken off.
    Std(u8),
    Var(u8),
    Min,
    Max,
    /// How many are not null.
    Count,
    /// How many there are.
    Len,
    NUnique,
    ApproxNUnique,
    Median,
    Quantile(f64, QuantileMethod),
    ApproxMedian,
    ApproxQuantile(f64),
    First,
    Last,
    Product,
    /// Null counts as false.
    Any,
    /// Null counts as true.
    All,
    /// All of them, as a list.
    Implode,
    User(Arc<dyn ErasedAggregation>),
}

impl PartialEq for AggKind {
    fn eq(&self, other: &AggKind) -> bool {
        use AggKind::*;
        match (self, other) {
            (Std(a), Std(b)) | (Var(a), Var(b)) => a == b,
            (Quantile(a, how), Quantile(b, other)) => a == b && how == other,
            (ApproxQuantile(a), ApproxQuantile(b)) => a == b,
            (User(a), User(b)) => Arc::ptr_eq(a, b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

/// As the method that makes it: `sum()`, `std(1)`.
impl Display for AggKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            AggKind::Sum => "sum",
            AggKind::Mean => "mean",
            AggKind::Std(ddof) => return write!(f, "std({ddof})"),
            AggKind::Var(ddof) => return write!(f, "var({ddof})"),
            AggKind::Min => "min",
            AggKind::Max => "max",
            AggKind::Count => "count",
            AggKind::Len => "len",
            AggKind::NUnique => "n_unique",
            AggKind::ApproxNUnique => "approx_n_unique",
            AggKind::Median => "median",
            AggKind::Quantile(q, _) => return write!(f, "quantile({q})"),
            AggKind::ApproxMedian => "approx_median",
            AggKind::ApproxQuantile(q) => return write!(f, "approx_quantile({q})"),
            AggKind::First => "first",
            AggKind::Last => "last",
            AggKind::Product => "product",
            AggKind::Any => "any",
            AggKind::All => "all",
            AggKind::Implode => "implode",
            AggKind::User(user) => return write!(f, "agg_with({})", user.name()),
        };
        write!(f, "{name}()")
    }
}

/// An aggregation of the user's own, for [`Expr::agg_with`].
///
/// The rows of a group come in pieces, in their order; what is known of some of them is a state, and states of consecutive rows are merged
/// in their order. For the same file and options the pieces are the same, however many workers there are.
///
/// # Examples
/// ```
/// use taskweave_frame::{Aggregation, Error, col};
/// use polars_core::prelude::{Column, DataType, Scalar};
/// /// The largest minus the smallest.
/// struct Range;
/// impl Aggregation for Range {
///     type State = Option<(f64, f64)>;
///     fn name(&self) -> &str { "range" }
///     fn output(&self, _input: &DataType) -> Result<DataType, Error> { Ok(DataType::Float64) }
///     fn init(&self) -> Self::State { None }
///     fn update(&self, state: &mut Self::State, values: &Column) -> Result<(), Error> {
///         for value in values.f64()?.iter().flatten() {
///             let (low, high) = state.unwrap_or((value, value));
///             *state = Some((low.min(value), high.max(value)));
///         }
///         Ok(())
///     }
///     fn merge(&self, state: &mut Self::State, later: Self::State) -> Result<(), Error> {
///         *state = match (*state, later) {
///             (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
///             (a, b) => a.or(b),
///         };
///         Ok(())
///     }
///     fn finish(&self, state: Self::State) -> Result<Scalar, Error> {
///         Ok(state.map_or(Scalar::null(DataType::Float64), |(low, high)| (high - low).into()))
///     }
/// }
/// assert_eq!(col("x").agg_with(Range).to_string(), r#"col("x").agg_with(range)"#);
/// ```
pub trait Aggregation: Send + Sync + 'static {
    /// What is known of some rows of a group.
    type State: Send + 'static;
    /// What it is called in messages and plans.
    fn name(&self) -> &str;
    /// The type of the result, of values of that type.
    ///
    /// # Errors
    /// If it takes no values of that type.
    fn output(&self, input: &DataType) -> Result<DataType, Error>;
    /// What is known of no rows.
    fn init(&self) -> Self::State;
    /// Takes in more rows of a group: `values` are of that group alone.
    ///
    /// # Errors
    /// What the frame then fails with.
    fn update(&self, state: &mut Self::State, values: &Column) -> Result<(), Error>;
    /// Takes in what is known of the rows that come next.
    ///
    /// # Errors
    /// What the frame then fails with.
    fn merge(&self, state: &mut Self::State, later: Self::State) -> Result<(), Error>;
    /// The value of the group, of the type that [`output`](Aggregation::output) says.
    ///
    /// # Errors
    /// What the frame then fails with.
    fn finish(&self, state: Self::State) -> Result<Scalar, Error>;
}

/// What is known of some rows, of one of many aggregations.
type State = Box<dyn Any + Send>;

/// An [`Aggregation`] with its state's type put away. Users write the former.
pub(crate) trait ErasedAggregation: Send + Sync {
    /// See [`Aggregation::name`].
    fn name(&self) -> &str;
    /// See [`Aggregation::output`].
    ///
    /// # Errors
    /// As there.
    fn output(&self, input: &DataType) -> Result<DataType, Error>;
    /// See [`Aggregation::init`].
    fn init(&self) -> State;
    /// See [`Aggregation::update`].
    ///
    /// # Errors
    /// As there.
    fn update(&self, state: &mut State, values: &Column) -> Result<(), Error>;
    /// See [`Aggregation::merge`].
    ///
    /// # Errors
    /// As there.
    fn merge(&self, state: &mut State, later: State) -> Result<(), Error>;
    /// See [`Aggregation::finish`].
    ///
    /// # Errors
    /// As there.
    fn finish(&self, state: State) -> Result<Scalar, Error>;
}

/// Why a state has the type it is taken for.
const OWN: &str = "a state goes back only to the aggregation that made it";

impl<A: Aggregation> ErasedAggregation for A {
    fn name(&self) -> &str {
        Aggregation::name(self)
    }

    fn output(&self, input: &DataType) -> Result<DataType, Error> {
        Aggregation::output(self, input)
    }

    fn init(&self) -> State {
        Box::new(Aggregation::init(self))
    }

    fn update(&self, state: &mut State, values: &Column) -> Result<(), Error> {
        Aggregation::update(self, state.downcast_mut().expect(OWN), values)
    }

    fn merge(&self, state: &mut State, later: State) -> Result<(), Error> {
        let later = *later.downcast().expect(OWN);
        Aggregation::merge(self, state.downcast_mut().expect(OWN), later)
    }

    fn finish(&self, state: State) -> Result<Scalar, Error> {
        Aggregation::finish(self, *state.downcast().expect(OWN))
    }
}

impl Debug for dyn ErasedAggregation {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Expr {
    /// How many are null: `is_null().sum()`.
    pub fn null_count(&self) -> Expr {
        self.is_null().sum()
    }
}

macro_rules! aggregations {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $kind:expr;)*) => {
        /// Aggregations: for `agg`, where they give one value for each group, or one for the whole frame.
        impl Expr {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $of)*) -> Expr {
                self.aggregated($kind)
            })*
        }
    };
}

aggregations! {
    /// The sum of what is not null; of nothing it is 0. Of integers of less than 32 bits it is `Int64`; one that its type cannot hold is an
    /// error of the kind [`Overflow`](crate::ErrorKind::Overflow).
    sum() AggKind::Sum;
    /// The mean of what is not null; of nothing it is null.
    mean() AggKind::Mean;
    /// The standard deviation, the sum of squares divided by the count minus `ddof`: 1 for that of a sample. Null of `ddof` values or less.
    std(ddof: u8) AggKind::Std(ddof);
    /// The variance, the sum of squares divided by the count minus `ddof`: 1 for that of a sample. Null of `ddof` values or less.
    var(ddof: u8) AggKind::Var(ddof);
    /// The least that is not null; of nothing it is null.
    min() AggKind::Min;
    /// The greatest that is not null; of nothing it is null.
    max() AggKind::Max;
    /// How many are not null. [`len`](super::len) counts all.
    count() AggKind::Count;
    /// How many there are, nulls too.
    len() AggKind::Len;
    /// How many different values there are; null is one of them.
    n_unique() AggKind::NUnique;
    /// About how many different values there are, null being one of them, where they are too many to be kept. Exact where they are fewer
    /// than 1 024; else with a standard error of 1.15 %, so that one estimate in twenty is 2.3 % away or more.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let numbers: Vec<i64> = (0..100_000).collect();
    /// let frame = Frame::from_polars(df!("x" => numbers)?, 8);
    /// let found = frame.agg(col("x").approx_n_unique()).compute()?;
    /// let found = found.column("x")?.u32()?.get(0).expect("a count");
    /// assert!((95_000..105_000).contains(&found));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cost
    /// A group takes 12 bytes a value while fewer than 1 024 differ, then 8 KiB, and a log that all groups share. The result depends neither
    /// on the order of rows nor on workers. The algorithm is HyperLogLog, with hashes of 64 bits and the estimate of O. Ertl
    /// (arXiv:1702.01284, 2017).
    approx_n_unique() AggKind::ApproxNUnique;
    /// The value in the middle of what is not null, or the mean of both.
    median() AggKind::Median;
    /// The value below which the part `q` of all lies, from 0 to 1, of what is not null: that nearest to it, as `polars` has it unless told
    /// otherwise. See [`quantile_with`](Expr::quantile_with).
    quantile(q: f64) AggKind::Quantile(q, QuantileMethod::Nearest);
    /// As [`quantile`](Expr::quantile), with what is made of the two values beside the place: `Linear` is what NumPy and pandas do.
    quantile_with(q: f64, method: QuantileMethod) AggKind::Quantile(q, method);
    /// About the value in the middle of what is not null; see [`approx_quantile`](Expr::approx_quantile). Of few values it is the
    /// [`median`](Expr::median).
    approx_median() AggKind::ApproxMedian;
    /// About the value below which the part `q` of all lies, from 0 to 1, of what is not null, in the type of [`quantile`](Expr::quantile);
    /// for values that are too many to be kept.
    ///
    /// Groups of fewer than 512 values have the exact quantile, and so have 0 and 1, the least and the greatest. Else it is a value whose rank
    /// is near, of whole numbers and dates rounded to one. Of a million values that differ the rank was away from `q` by at most 0.05 % when it
    /// was measured, and by 0.01 % near 0.001 and 0.999, whatever their order and in however many partitions; of values that are often
    /// equal, or very many powers of ten apart, by at most 0.7 % and 0.1 %. No bound is proven. NaN is greater than all other values.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let numbers: Vec<i64> = (0..100_000).collect();
    /// let frame = Frame::from_polars(df!("x" => numbers)?, 8);
    /// let found = frame.agg(col("x").approx_quantile(0.9)).compute()?;
    /// let found = found.column("x")?.f64()?.get(0).expect("there are values");
    /// assert!((found - 90_000.0).abs() < 100.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Cost
    /// A group takes 12 bytes a value while it has fewer than 512, and then some 4 KiB, and a log that all groups share; `quantile` takes 12
    /// bytes a value. It takes more time than `quantile`. The result is the same bits for any number of workers; with other partitions it
    /// can be another. The algorithm is the merging t-digest of T. Dunning and O. Ertl (arXiv:1902.04023, 2019), of at most 400 centroids.
    approx_quantile(q: f64) AggKind::ApproxQuantile(q);
    /// The first, null or not.
    first() AggKind::First;
    /// The last, null or not.
    last() AggKind::Last;
    /// The product of what is not null; of nothing it is 1.
    product() AggKind::Product;
    /// Whether one is true; nulls are passed over.
    any() AggKind::Any;
    /// Whether all are true; nulls are passed over.
    all() AggKind::All;
    /// All values, as a list.
    implode() AggKind::Implode;
}

impl Expr {
    /// An aggregation of one's own; see [`Aggregation`].
    pub fn agg_with(&self, aggregation: impl Aggregation) -> Expr {
        self.aggregated(AggKind::User(Arc::new(aggregation)))
    }

    pub(crate) fn aggregated(&self, kind: AggKind) -> Expr {
        Node::Agg { input: Some(self.clone()), kind }.into()
    }
}
