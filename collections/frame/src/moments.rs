//! How columns go with each other: covariances and correlations.
//!
//! In: the columns of numbers of a frame. Out: a square table of them, in one partition. For each pair the rows count in which neither value is
//! null. Of each partition means and sums of products of deviations are taken, and put together as in Chan, Golub, LeVeque, "Updating
//! formulae and a pairwise algorithm for computing sample variances" (1979), in the order of the partitions. Means are those of distances from
//! the first value of the partition, which are exact of integers.
//!
//! Not here: what is known of a single column (`groupby`).

use crate::error::Error;
use crate::expr::Expr;
use crate::frame::{Frame, Made};
use crate::groupby::Meant;
use crate::node::{Custom, Names, Need, Node, NodeRef};
use polars_core::prelude::{Column, DataFrame, DataType, PlSmallStr};
use std::panic::Location;

/// The values of a column, in full.
enum Values {
    Ints(Vec<Option<i128>>),
    Floats(Vec<Option<f64>>),
}

/// A value in full.
#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    fn is_finite(&self) -> bool {
        matches!(self, Number::Int(_)) || matches!(self, Number::Float(value) if value.is_finite())
    }

    fn float(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        }
    }

    /// By how much it is more than another one.
    fn above(self, other: Number) -> f64 {
        if let (Number::Int(own), Number::Int(other)) = (self, other)
            && let Some(apart) = own.checked_sub(other)
        {
            return apart as f64;
        }
        self.float() - other.float()
    }

    /// The same as a sum of two floats, as an integer may have more digits than one.
    fn split(self) -> [f64; 2] {
        match self {
            Number::Float(value) => [value, 0.0],
            Number::Int(value) => {
                let low = value.rem_euclid(1 << 32);
                [(value - low) as f64, low as f64]
            }
        }
    }
}

impl Values {
    fn of(column: &Column) -> Result<Values, Error> {
        let series = column.as_materialized_series();
        if series.dtype().is_integer()
            && let Ok(integers) = series.cast(&DataType::Int128)
            && integers.null_count() == series.null_count()
        {
            let integers = integers.i128().map_err(Error::polars)?;
            return Ok(Values::Ints(integers.iter().collect()));
        }
        let floats = series.cast(&DataType::Float64).map_err(Error::polars)?;
        Ok(Values::Floats(floats.f64().map_err(Error::polars)?.iter().collect()))
    }

    fn len(&self) -> usize {
        match self {
            Values::Ints(values) => values.len(),
            Values::Floats(values) => values.len(),
        }
    }

    fn get(&self, row: usize) -> Option<Number> {
        match self {
            Values::Ints(values) => values[row].map(Number::Int),
            Values::Floats(values) => values[row].map(Number::Float),
        }
    }
}

/// What is known of a pair of columns.
#[derive(Clone, Copy, Default)]
struct Pair {
    count: f64,
    /// From where the values of each are measured.
    firsts: [[f64; 2]; 2],
    means: [f64; 2],
    /// Sums of squares of deviations, and of their products.
    squares: [f64; 2],
    products: f64,
}

impl Pair {
    fn of(left: &Values, right: &Values) -> Pair {
        let rows = 0..left.len().min(right.len());
        let both: Vec<(Number, Number)> =
            rows.filter_map(|row| Some((left.get(row)?, right.get(row)?))).collect();
        let count = both.len() as f64;
        // Of the rows that count; an infinity is no place to measure from.
        let first = |side: fn(&(Number, Number)) -> Number| {
            both.iter().map(side).find(Number::is_finite).unwrap_or(Number::Float(0.0))
        };
        if both.is_empty() {
            return Pair::default();
        }
        let (left, right) = (first(|both| both.0), first(|both| both.1));
        let both = || both.iter().map(|(l, r)| (l.above(left), r.above(right)));
        let (l, r) = both().fold((0.0, 0.0), |sums, (l, r)| (sums.0 + l, sums.1 + r));
        let means = [l / count, r / count];
        let firsts = [left.split(), right.split()];
        let mut pair = Pair { count, firsts, means, ..Pair::default() };
        for (l, r) in both() {
            let (l, r) = (l - means[0], r - means[1]);
            pair.squares[0] += l * l;
            pair.squares[1] += r * r;
            pair.products += l * r;
        }
        pair
    }

    fn with(self, later: Pair) -> Pair {
        if self.count == 0.0 || later.count == 0.0 {
            return if self.count == 0.0 { later } else { self };
        }
        let count = self.count + later.count;
        let apart = [0, 1].map(|at| {
            let (own, other) = (self.firsts[at], later.firsts[at]);
            (other[0] - own[0]) + (other[1] - own[1]) + (later.means[at] - self.means[at])
        });
        let weight = self.count * later.count / count;
        let mean = |at: usize| self.means[at] + apart[at] * later.count / count;
        let square =
            |at: usize| self.squares[at] + later.squares[at] + apart[at] * apart[at] * weight;
        Pair {
            count,
            firsts: self.firsts,
            means: [mean(0), mean(1)],
            squares: [square(0), square(1)],
            products: self.products + later.products + apart[0] * apart[1] * weight,
        }
    }

    const FIELDS: usize = 10;

    fn to_row(self) -> [f64; Pair::FIELDS] {
        let [[a, b], [c, d]] = self.firsts;
        let ([left, right], [l, r]) = (self.means, self.squares);
        [self.count, a, b, c, d, left, right, l, r, self.products]
    }

    fn from_row(row: [f64; Pair::FIELDS]) -> Pair {
        let [count, a, b, c, d, left, right, l, r, products] = row;
        let firsts = [[a, b], [c, d]];
        Pair { count, firsts, means: [left, right], squares: [l, r], products }
    }
}

/// The pairs of the columns of a partition, as a frame with a row for each pair.
struct Pairs(Vec<PlSmallStr>);

/// Those of all partitions, put together, and what is asked for of them.
struct Table {
    columns: Vec<PlSmallStr>,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Covariance(u8),
    Correlation,
}

fn frame_of(pairs: &[Pair]) -> Result<DataFrame, Error> {
    let column = |field: usize| {
        let values: Vec<f64> = pairs.iter().map(|pair| pair.to_row()[field]).collect();
        Column::new(field.to_string().into(), values)
    };
    DataFrame::new(pairs.len(), (0..Pair::FIELDS).map(column).collect()).map_err(Error::polars)
}

fn pairs_of(frame: &DataFrame) -> Result<Vec<Pair>, Error> {
    let columns = (0..Pair::FIELDS)
        .map(|field| frame.columns()[field].f64().map_err(Error::polars))
        .collect::<Result<Vec<_>, _>>()?;
    let value = |field: usize, row: usize| columns[field].get(row).unwrap_or_default();
    Ok((0..frame.height())
        .map(|row| Pair::from_row(std::array::from_fn(|field| value(field, row))))
        .collect())
}

impl Custom for Pairs {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, _: &Node, _: usize, _: &Names) -> Names {
        self.0.iter().cloned().collect()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let values = self.0.iter().map(|name| {
            let column = blocks[0].column(name).map_err(Error::polars)?;
            Values::of(column)
        });
        let values = values.collect::<Result<Vec<_>, Error>>()?;
        let rows = 0..values.len();
        let pairs: Vec<Pair> = rows
            .flat_map(|row| values[row..].iter().map(move |right| (row, right)))
            .map(|(row, right)| Pair::of(&values[row], right))
            .collect();
        frame_of(&pairs)
    }
}

impl Custom for Table {
    fn needs(&self, node: &Node, _: usize) -> Vec<Need> {
        (0..node.inputs()[0].partitions).map(|at| Need::Input(0, at)).collect()
    }

    fn needed_columns(&self, node: &Node, _: usize, _: &Names) -> Names {
        node.inputs()[0].names()
    }

    fn make(&self, _: &Node, _: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let mut all: Vec<Pair> = Vec::new();
        for block in &blocks {
            let pairs = pairs_of(block)?;
            all = match all.is_empty() {
                true => pairs,
                false => all.into_iter().zip(pairs).map(|(own, later)| own.with(later)).collect(),
            };
        }
        let count = self.columns.len();
        // Of each pair once: the triangle above the diagonal, row by row.
        let place = |row: usize, column: usize| {
            let (row, column) = (row.min(column), row.max(column));
            row * count - row * row.saturating_sub(1) / 2 + column - row
        };
        let value = |row, column| all.get(place(row, column)).and_then(|pair| self.what.of(*pair));
        let table =
            (0..count).map(|column| (0..count).map(|row| value(row, column)).collect::<Vec<_>>());
        let names: Vec<&str> = self.columns.iter().map(|name| name.as_str()).collect();
        let first = Column::new("column".into(), names);
        let rest =
            self.columns.iter().zip(table).map(|(name, values)| Column::new(name.clone(), values));
        DataFrame::new(count, std::iter::once(first).chain(rest).collect()).map_err(Error::polars)
    }
}

impl What {
    fn of(self, pair: Pair) -> Option<f64> {
        match self {
            What::Covariance(ddof) => {
                let count = pair.count - f64::from(ddof);
                (count > 0.0).then(|| pair.products / count)
            }
            // A column of one value goes with nothing: 0 / 0, as polars has it.
            What::Correlation => {
                let product = pair.squares[0] * pair.squares[1];
                // Exact where it can be, but for what overflows or vanishes.
                let both = match product.is_normal() {
                    true => product.sqrt(),
                    false => pair.squares[0].sqrt() * pair.squares[1].sqrt(),
                };
                (pair.count > 1.0).then(|| (pair.products / both).clamp(-1.0, 1.0))
            }
        }
    }
}

impl Frame {
    /// How the columns of numbers go with each other: a table with a column `column`, which has the names, and one for each of them. For each
    /// pair the rows count in which neither is null; it is null of `ddof` rows or less.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1.0, 2.0, 3.0], "b" => [2.0, 4.0, 6.0])?, 2);
    /// let expected = df!("column" => ["a", "b"], "a" => [1.0, 2.0], "b" => [2.0, 4.0])?;
    /// assert_eq!(frame.cov(1).compute()?, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No column of numbers ([`Type`](crate::ErrorKind::Type)).
    ///
    /// # Cost
    /// One pass; time grows with the square of the number of columns.
    #[track_caller]
    pub fn cov(&self, ddof: u8) -> Frame {
        self.table("cov", Location::caller(), What::Covariance(ddof))
    }

    /// Pearson's correlations of the columns of numbers: a table as of [`cov`](Frame::cov). Of a column that has one value only they are NaN.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("a" => [1, 2, 3], "b" => [6, 4, 2])?, 2);
    /// let expected = df!("column" => ["a", "b"], "a" => [1.0, -1.0], "b" => [-1.0, 1.0])?;
    /// assert_eq!(frame.corr().compute()?, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`cov`](Frame::cov).
    ///
    /// # Cost
    /// As [`cov`](Frame::cov).
    #[track_caller]
    pub fn corr(&self) -> Frame {
        self.table("corr", Location::caller(), What::Correlation)
    }

    fn table(&self, name: &'static str, location: &'static Location<'static>, what: What) -> Frame {
        self.step_at(name, location, |input: &NodeRef| {
            let columns = Meant::Counted.expect(name, &input.schema, &[])?;
            let columns: Vec<PlSmallStr> = columns.iter().map(Expr::output_name).collect();
            let pairs = Pairs(columns.clone());
            let schema = pairs.make(input, 0, vec![input.empty()])?.schema().clone();
            let pairs = Made::custom(vec![input.clone()], pairs, schema, input.partitions);
            let pairs = std::sync::Arc::new(pairs.into_node(name, location));
            let table = Table { columns, what };
            let schema = table.make(&pairs, 0, Vec::new())?.schema().clone();
            Ok(Made::custom(vec![pairs], table, schema, 1))
        })
    }
}
