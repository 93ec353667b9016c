//! Groups, and what is made of each of them.
//!
//! In: frames, keys, aggregations. Out: frames with a row for each group.
//!
//! Not here: what becomes of rows and states (`grouping`, `group`), windows of time (`resample`).

use crate::divisions::Divisions;
use crate::error::{Error, ErrorKind};
use crate::expr::{AggKind, Expr, IntoExprs, col, len};
use crate::frame::{Frame, Made};
use crate::grouping::{Folding, Grouping};
use crate::node::{Custom, Kind, Names, Need, Node, NodeRef};
use crate::select::{IntoSubset, expect_names};
use crate::source::Sink;
use polars_core::prelude::{DataFrame, DataType, PlSmallStr, Schema};
use std::panic::Location;
use std::sync::Arc;

/// The node of an aggregation.
pub(crate) fn grouped(
    input: &NodeRef,
    keys: Vec<Expr>,
    aggregations: &[Expr],
) -> Result<Made, Error> {
    expect_names(keys.iter().chain(aggregations))?;
    let (grouping, schema) = Grouping::new(input, keys, aggregations)?;
    if let [key] = &grouping.keys[..]
        && key.as_column().map(|name| name.as_str()) == input.divisions.column()
        && input.divisions.are_apart()
    {
        let name = key.output_name();
        let divisions = input.divisions.renamed(|_| Some(name));
        let inputs = vec![input.clone()];
        let made = Made::custom(inputs, Apart(grouping), schema, input.partitions);
        return Ok(made.with_divisions(divisions));
    }
    let kind = Kind::Group { input: input.clone(), grouping: Arc::new(grouping) };
    Ok(Made { kind, schema, partitions: 1, divisions: Divisions::Unknown })
}

/// Groups none of which is in two partitions.
struct Apart(Grouping);

impl Custom for Apart {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        self.0.needs(&node.names())
    }

    fn make(&self, node: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let mut folding = Folding::new(&self.0, node);
        for block in blocks {
            let _ = folding.take(block)?;
        }
        self.0.finish(folding.into_state()?)
    }

    fn describe(&self) -> String {
        format!("{}, partition by partition", self.0.describe().trim_start())
    }
}

/// Which columns an aggregation without names means: those for which it is there.
#[derive(Clone, Copy)]
pub(crate) enum Meant {
    /// Integers and floats.
    Numbers,
    /// And booleans.
    Counted,
    /// And lengths of time.
    Summed,
    /// What has an order, of which the least is kept.
    Ordered,
    /// What has no parts.
    Flat,
    All,
}

impl Meant {
    fn takes(self, dtype: &DataType) -> bool {
        match self {
            Meant::Numbers => dtype.is_primitive_numeric(),
            Meant::Counted => dtype.is_primitive_numeric() || dtype.is_bool(),
            Meant::Summed => Meant::Counted.takes(dtype) || matches!(dtype, DataType::Duration(_)),
            Meant::Ordered => !dtype.is_nested() && !matches!(dtype, DataType::Decimal(..)),
            Meant::Flat => !dtype.is_nested(),
            Meant::All => true,
        }
    }

    /// The columns of a schema that are meant by `name`, without the keys; an error, if there is none.
    pub(crate) fn expect(
        self,
        name: &str,
        schema: &Schema,
        keys: &[PlSmallStr],
    ) -> Result<Vec<Expr>, Error> {
        let columns = self.columns(schema, keys);
        if columns.is_empty() {
            let message = format!(
                "there is no column that `{name}` has a meaning for: {}",
                crate::memory::listed(schema)
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
        Ok(columns)
    }

    fn columns(self, schema: &Schema, keys: &[PlSmallStr]) -> Vec<Expr> {
        schema
            .iter()
            .filter(|(name, dtype)| self.takes(dtype) && !keys.contains(*name))
            .map(|(name, _)| col(name.clone()))
            .collect()
    }
}

/// The rows of a frame in groups, one for each combination of values of the keys: what [`Frame::group_by`] gives.
#[must_use = "groups are nothing until something is aggregated"]
pub struct GroupBy<'a> {
    frame: &'a Frame,
    keys: Vec<Expr>,
}

/// Aggregations of all columns for which they have a meaning.
macro_rules! of_all_columns {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $meant:expr;)*) => {
        impl GroupBy<'_> {
            $($(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $arg: $of)*) -> Frame {
                self.of_all(stringify!($name), $meant, |column| column.$name($($arg),*))
            })*
        }

        impl crate::resample::Resample<'_> {
            $($(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $arg: $of)*) -> Frame {
                self.of_all(stringify!($name), Location::caller(), $meant, |column| column.$name($($arg),*))
            })*
        }

        impl Frame {
            $($(#[$doc])*
            /// The result has one row.
            #[track_caller]
            pub fn $name(&self $(, $arg: $of)*) -> Frame {
                GroupBy { frame: self, keys: Vec::new() }
                    .of_all(stringify!($name), $meant, |column| column.$name($($arg),*))
            })*
        }
    };
}

of_all_columns! {
    /// The sum of each column of numbers, booleans or lengths of time.
    sum() Meant::Summed;
    /// The mean of each column of numbers, booleans or lengths of time.
    mean() Meant::Summed;
    /// The standard deviation of each column of numbers, booleans or lengths of time, with the degrees of freedom that are taken off: 1 for that of a sample.
    std(ddof: u8) Meant::Summed;
    /// The variance of each column of numbers or booleans, with the degrees of freedom that are taken off: 1 for that of a sample.
    var(ddof: u8) Meant::Counted;
    /// The median of each column of numbers, booleans or lengths of time. Exact: all values are kept until then.
    median() Meant::Summed;
    /// The value of each column of numbers below which the part `q` of it lies, the nearest one, as of [`Expr::quantile`]. Exact: all values are
    /// kept until then.
    quantile(q: f64) Meant::Numbers;
    /// About the median of each column of numbers, booleans or lengths of time, as of [`Expr::approx_median`], for values that are too many to
    /// be kept.
    approx_median() Meant::Summed;
    /// About the value of each column of numbers below which the part `q` of it lies, as of [`Expr::approx_quantile`], for values that are too
    /// many to be kept.
    approx_quantile(q: f64) Meant::Numbers;
    /// The least value of each column that has an order, and is no decimal.
    min() Meant::Ordered;
    /// The greatest value of each column that has an order, and is no decimal.
    max() Meant::Ordered;
    /// The first value of each column, null or not.
    first() Meant::All;
    /// The last value of each column, null or not.
    last() Meant::All;
    /// How many values of each column are not null.
    count() Meant::All;
    /// How many different values each column has; null is one of them.
    n_unique() Meant::Flat;
    /// About how many different values each column has, as of [`Expr::approx_n_unique`], where they are too many to be kept.
    approx_n_unique() Meant::Flat;
}

impl GroupBy<'_> {
    /// What each group becomes: a row with the keys and these aggregations.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("k" => ["a", "b", "a"], "x" => [1, 2, 5])?, 2);
    /// let result = frame
    ///     .group_by("k")
    ///     .agg([len().alias("rows"), (col("x").max() - col("x").min()).alias("range")]);
    /// assert_eq!(result.compute()?, df!("k" => ["a", "b"], "rows" => [2_u32, 1], "range" => [4, 0])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)); what is no aggregation ([`Expression`](ErrorKind::Expression)); types that
    /// an aggregation does not take ([`Type`](ErrorKind::Type)).
    ///
    /// # Cost
    /// One pass over the rows. Each partition gives a state of each of its groups; states are merged in a tree, and where groups are many, in
    /// shards by the hash of the key. If the rows are [sorted by](Frame::sorted_by) the key, and no value of it is in two partitions, nothing is
    /// merged, and the result has the partitions that there are.
    #[track_caller]
    pub fn agg(&self, aggregations: impl IntoExprs) -> Frame {
        let aggregations = aggregations.into_exprs();
        self.frame.step("agg", |input| grouped(input, self.keys.clone(), &aggregations))
    }

    /// How many rows each group has, in a column `len`.
    #[doc(alias = "size")]
    #[track_caller]
    pub fn len(&self) -> Frame {
        self.frame.step("len", |input| grouped(input, self.keys.clone(), &[len()]))
    }

    #[track_caller]
    fn of_all(&self, name: &'static str, meant: Meant, aggregate: impl Fn(&Expr) -> Expr) -> Frame {
        self.frame.step(name, |input| {
            let keys: Vec<PlSmallStr> = self.keys.iter().map(Expr::output_name).collect();
            let columns = meant.expect(name, &input.schema, &keys)?;
            let aggregations: Vec<Expr> = columns.iter().map(aggregate).collect();
            grouped(input, self.keys.clone(), &aggregations)
        })
    }
}

impl Frame {
    /// The rows in groups, one for each combination of values of the keys: names of columns, or expressions. Null is a value like others.
    ///
    /// The order of the groups is that in which their keys come in the rows, unless they are very many; it is the same for any number of
    /// workers.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("k" => ["a", "b", "a"], "x" => [1, 2, 5])?, 2);
    /// assert_eq!(frame.group_by("k").sum().compute()?, df!("k" => ["a", "b"], "x" => [6, 2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "groupby")]
    pub fn group_by(&self, keys: impl IntoExprs) -> GroupBy<'_> {
        GroupBy { frame: self, keys: keys.into_exprs() }
    }

    /// One row: these aggregations of all rows.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 6])?, 2);
    /// let both = frame.agg([col("x").mean(), col("x").max().alias("most")]);
    /// assert_eq!(both.compute()?, df!("x" => [3.0], "most" => [6])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`GroupBy::agg`].
    #[track_caller]
    pub fn agg(&self, aggregations: impl IntoExprs) -> Frame {
        let aggregations = aggregations.into_exprs();
        self.step("agg", |input| grouped(input, Vec::new(), &aggregations))
    }

    /// How often each value of a column, or each combination of several, occurs: the columns, and `count`, the most frequent first; of equally
    /// frequent ones that which comes first in the rows, unless they are very many.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("k" => ["a", "b", "b"])?, 2);
    /// let counts = frame.value_counts("k").compute()?;
    /// assert_eq!(counts, df!("k" => ["b", "a"], "count" => [2_u32, 1])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)).
    #[track_caller]
    pub fn value_counts(&self, columns: impl IntoExprs) -> Frame {
        let columns = columns.into_exprs();
        let counted =
            self.step("value_counts", |input| grouped(input, columns, &[len().alias("count")]));
        counted.step("value_counts", |input| crate::sort::sorted(input, &["count".into()], true))
    }

    /// The different rows by these columns, of each the first; by all columns with [`ALL`](crate::ALL). With an empty list all rows are the
    /// same, and the first one stays.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("k" => ["a", "b", "a"], "x" => [1, 2, 3])?, 2);
    /// assert_eq!(frame.unique("k").compute()?, df!("k" => ["a", "b"], "x" => [1, 2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)).
    ///
    /// # Cost
    /// The different rows are in memory at once.
    #[doc(alias = "drop_duplicates")]
    #[track_caller]
    pub fn unique(&self, columns: impl IntoSubset) -> Frame {
        let columns = columns.into_subset();
        let order: Vec<Expr> = self.schema().iter_names().map(|name| col(name.clone())).collect();
        let unique = self.step("unique", |input| {
            let keys = match &columns {
                None => input.schema.iter_names_cloned().collect(),
                Some(columns) => crate::select::existing(input, columns)?,
            };
            let firsts: Vec<Expr> = input
                .schema
                .iter_names()
                .filter(|name| !keys.contains(*name))
                .map(|name| col(name.clone()).aggregated(AggKind::First))
                .collect();
            grouped(input, keys.iter().map(|name| col(name.clone())).collect(), &firsts)
        });
        unique.step("unique", |input| crate::select::rows(input, crate::rows::Step::Select(order)))
    }
}
