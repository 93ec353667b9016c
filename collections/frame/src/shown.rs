//! A look at frames: the first rows, the last, some, and what describes all.
//!
//! In: frames. Out: frames of polars, computed at once, of as few partitions as it takes.
//!
//! Not here: what is said without computing anything (`plan`).

use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, col, len, lit};
use crate::few::cut;
use crate::frame::{Frame, Made};
use crate::node::{Custom, Names, Need, Node};
use crate::partitions::part;
use crate::pipeline::stacked;
use crate::rows::Step;
use crate::select::rows;
use polars_core::prelude::{Column, DataFrame, DataType, QuantileMethod};

impl Frame {
    /// The first rows, computed: of as many partitions as it takes, of files only the beginning.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4])?, 4);
    /// assert_eq!(frame.filter(col("x").gt(1)).head(2)?, df!("x" => [2, 3])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    ///
    /// # Cost
    /// Partition after partition, until there are so many rows.
    #[track_caller]
    pub fn head(&self, count: usize) -> Result<DataFrame, Error> {
        let mut blocks: Vec<DataFrame> = Vec::new();
        let mut left = count;
        let node = self.node()?;
        for at in 0..node.partitions {
            let one = self.step("head", |input| Ok(part(input, at..at + 1)));
            let some = one.step("head", |input| rows(input, Step::Head(left))).compute()?;
            left -= some.height();
            blocks.push(some);
            if left == 0 {
                break;
            }
        }
        stacked(blocks)
    }

    /// The last rows, computed: of as many partitions as it takes, from the last one backwards.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4])?, 4);
    /// assert_eq!(frame.tail(3)?, df!("x" => [2, 3, 4])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    #[track_caller]
    pub fn tail(&self, count: usize) -> Result<DataFrame, Error> {
        let mut blocks: Vec<DataFrame> = Vec::new();
        let mut left = count;
        let node = self.node()?;
        for at in (0..node.partitions).rev() {
            let some = self.step("tail", |input| Ok(part(input, at..at + 1))).compute()?;
            let some = cut(some.tail(Some(left)), some.height())?;
            left -= some.height();
            blocks.push(some);
            if left == 0 {
                break;
            }
        }
        blocks.reverse();
        stacked(blocks)
    }

    /// About this part of the rows, from 0 to 1, chosen by chance; the same ones for the same seed and the same partitions. Each row is chosen
    /// or not by itself, so that their number varies as that of heads among tossed coins.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => (0..10_000).collect::<Vec<i32>>())?, 4);
    /// let some = frame.sample(0.1, 42).compute()?;
    /// assert!((800..1_200).contains(&some.height()));
    /// assert_eq!(frame.sample(0.1, 42).compute()?, some);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A part that is not from 0 to 1 ([`Value`](ErrorKind::Value)).
    #[track_caller]
    pub fn sample(&self, fraction: f64, seed: u64) -> Frame {
        self.step("sample", |input| {
            if !(0.0..=1.0).contains(&fraction) {
                let message = format!("a part of the rows is from 0 to 1, and not {fraction}");
                return Err(Error::new(ErrorKind::Value, message));
            }
            let (schema, partitions) = (input.schema.clone(), input.partitions);
            let made =
                Made::custom(vec![input.clone()], Sample { fraction, seed }, schema, partitions);
            Ok(made.with_divisions(input.divisions.clone()))
        })
    }

    /// What describes each column: how many values are not null and null, mean, standard deviation, least, quarters, greatest. A column
    /// `statistic` says which; of what is no number there are counts, and the least and the greatest as text.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// let frame = Frame::from_polars(df!("x" => [Some(1.0), None, Some(3.0)])?, 2);
    /// let summary = frame.describe()?;
    /// assert_eq!(summary["x"].f64()?.get(0), Some(2.0));
    /// assert_eq!(summary["statistic"].str()?.get(2), Some("mean"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Frame::compute).
    ///
    /// # Cost
    /// One pass; quarters are exact, so all numbers are in memory.
    #[track_caller]
    pub fn describe(&self) -> Result<DataFrame, Error> {
        const STATISTICS: [&str; 9] =
            ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"];
        let schema = self.schema();
        let mut wanted: Vec<Expr> = Vec::new();
        for (name, dtype) in schema.iter() {
            let is_decimal = matches!(dtype, DataType::Decimal(..));
            let dtype = if is_decimal { &DataType::Float64 } else { dtype };
            let column = match is_decimal {
                true => col(name.clone()).cast(DataType::Float64),
                false => col(name.clone()),
            };
            let number = dtype.is_primitive_numeric() || *dtype == DataType::Boolean;
            let quarter =
                |q| column.cast(DataType::Float64).quantile_with(q, QuantileMethod::Linear);
            let null = || lit(f64::NAN).first();
            let stats = [
                column.count(),
                len() - column.count(),
                if number { column.mean() } else { null() },
                if number { column.cast(DataType::Float64).std(1) } else { null() },
                if dtype.is_nested() { null() } else { column.min() },
                if number { quarter(0.25) } else { null() },
                if number { quarter(0.5) } else { null() },
                if number { quarter(0.75) } else { null() },
                if dtype.is_nested() { null() } else { column.max() },
            ];
            wanted.extend(
                stats
                    .into_iter()
                    .zip(STATISTICS)
                    .map(|(stat, what)| stat.alias(format!("{name}\u{0}{what}"))),
            );
        }
        let row = self.agg(wanted).compute()?;
        let mut columns = vec![Column::new("statistic".into(), STATISTICS)];
        for (name, dtype) in schema.iter() {
            let number = dtype.is_primitive_numeric()
                || matches!(dtype, DataType::Boolean | DataType::Decimal(..));
            let cells = STATISTICS.iter().map(|what| {
                let cell = row.column(&format!("{name}\u{0}{what}")).map_err(Error::polars)?;
                let is_blank = !number && !matches!(*what, "count" | "null_count" | "min" | "max");
                let is_blank = is_blank || (dtype.is_nested() && matches!(*what, "min" | "max"));
                let wanted = if number { DataType::Float64 } else { DataType::String };
                let cell = match is_blank {
                    true => Column::full_null(name.clone(), 1, &wanted),
                    false => cell.cast(&wanted).map_err(Error::polars)?,
                };
                Ok(cell.with_name(name.clone()))
            });
            let cells: Vec<Column> = cells.collect::<Result<_, Error>>()?;
            let mut cells = cells.into_iter();
            let first = cells.next().expect("there are nine of them");
            let all = cells.try_fold(first, |mut all, next| {
                all.append_owned(next).map_err(Error::polars)?;
                Ok::<Column, Error>(all)
            })?;
            columns.push(all);
        }
        DataFrame::new(STATISTICS.len(), columns).map_err(Error::polars)
    }
}

/// Rows chosen by chance.
struct Sample {
    fraction: f64,
    seed: u64,
}

impl Custom for Sample {
    fn needs(&self, _: &Node, partition: usize) -> Vec<Need> {
        vec![Need::Input(0, partition)]
    }

    fn needed_columns(&self, _: &Node, _: usize, wanted: &Names) -> Names {
        wanted.clone()
    }

    fn make(&self, _: &Node, partition: usize, blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
        let block = &blocks[0];
        // Of 2⁵³ equally likely numbers those below this are chosen.
        let limit = (self.fraction * (1_u64 << 53) as f64) as u64;
        let chosen: Vec<bool> = (0..block.height())
            .map(|row| mixed(self.seed, partition as u64, row as u64) >> 11 < limit)
            .collect();
        let mask = Column::new("chosen".into(), chosen);
        block.filter_seq(mask.bool().map_err(Error::polars)?).map_err(Error::polars)
    }

    fn describe(&self) -> String {
        format!("{} of the rows", self.fraction)
    }
}

/// 64 bits for a row: the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014), once for each of
/// the numbers.
fn mixed(seed: u64, partition: u64, row: u64) -> u64 {
    [partition, row].into_iter().fold(finalised(seed), |state, next| {
        finalised(state ^ next.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    })
}

fn finalised(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
