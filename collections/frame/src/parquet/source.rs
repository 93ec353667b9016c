//! Frames of Parquet files.
//!
//! In: patterns of paths. Out: a source whose partitions are runs of row groups; only the columns that are wanted are read, and of the row
//! groups only those that can have rows that the next filters let through.
//!
//! Not here: reading (`read`).

use super::{Comparison, Operator, ParquetOptions, ParquetSource};
use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{BinaryOp, Expr, Function, Node, Shape};
use crate::frame::{Frame, Sourced};
use crate::node::Names;
use crate::paths::{IntoPaths, Paths};
use crate::source::{Sink, Source, Wanted};
use polars_core::prelude::{AnyValue, DataFrame, PlSmallStr};
use std::ops::{ControlFlow, Range};
use std::panic::Location;
use std::sync::Arc;

/// What the footers' statistics can be asked.
fn comparisons(filters: &[Expr]) -> Vec<Comparison> {
    filters.iter().filter_map(comparison).collect()
}

fn comparison(filter: &Expr) -> Option<Comparison> {
    if let Node::Function {
        function: function @ (Function::IsNull | Function::IsNotNull),
        inputs,
    } = filter.node()
    {
        let operator = match function {
            Function::IsNull => Operator::IsNull,
            _ => Operator::IsNotNull,
        };
        let column = match inputs[0].node() {
            Node::Column(name) => name.clone(),
            _ => return None,
        };
        return Some(Comparison { column, operator, literal: AnyValue::Null });
    }
    let (column, operator, literal) = compared(filter)?;
    let operator = match operator {
        BinaryOp::Eq => Operator::Eq,
        BinaryOp::NotEq => Operator::NotEq,
        BinaryOp::Gt => Operator::Gt,
        BinaryOp::GtEq => Operator::GtEq,
        BinaryOp::Lt => Operator::Lt,
        BinaryOp::LtEq => Operator::LtEq,
        _ => return None,
    };
    Some(Comparison { column, operator, literal })
}

/// If it compares a column with what no column has a part in: the value of that, as of `lit("2013-01-05").cast(DataType::Date)`.
fn compared(filter: &Expr) -> Option<(PlSmallStr, BinaryOp, AnyValue<'static>)> {
    if let Some((column, operator, literal)) = filter.as_comparison() {
        return Some((column.clone(), operator, literal.scalar().as_any_value().into_static()));
    }
    let Node::Binary { left, op, right } = filter.node() else { return None };
    let (column, operator, constant) = match (left.as_column(), right.as_column()) {
        _ if !op.is_comparison() => return None,
        (Some(column), None) => (column, *op, right),
        (None, Some(column)) => (column, op.flipped(), left),
        _ => return None,
    };
    Some((column.clone(), operator, value_of(constant)?))
}

/// The value of an expression without columns.
fn value_of(expr: &Expr) -> Option<AnyValue<'static>> {
    let mut columns = Names::new();
    expr.columns(&mut columns);
    if !columns.is_empty() || !matches!(expr.shape(), Shape::Constant) {
        return None;
    }
    let one_row = DataFrame::new(1, Vec::new()).ok()?;
    let value = expr.evaluate(&one_row).ok()?;
    value.get(0).ok().map(AnyValue::into_static)
}

fn opened(paths: &Paths, options: ParquetOptions) -> Result<Sourced, Error> {
    // A folder stands for the files in it.
    let found = paths.found_or_folders("Parquet")?;
    let source = ParquetSource::open(&found, options)?;
    let (schema, parts) = (source.schema().clone(), source.parts());
    Ok((Arc::new(source), schema, parts))
}

impl Source for ParquetSource {
    fn describe(&self) -> String {
        let bytes = (0..self.parts()).map(|part| self.bytes(part, None)).sum();
        let rows = (0..self.parts()).map(|part| self.rows(part)).sum();
        let (files, rows) = (counted(self.files().len(), "Parquet file"), counted(rows, "row"));
        format!("{files} of {rows}, {}", Bytes(bytes))
    }

    fn read(
        &self,
        partition: usize,
        wanted: &Wanted<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let mut is_done = false;
        let mut each = |piece| match sink.take(piece)? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                is_done = true;
                // No error of anybody's: it ends the reading.
                Err(Error::new(ErrorKind::Value, "no further piece is wanted"))
            }
        };
        let filters = comparisons(wanted.filters);
        match ParquetSource::read(self, partition, Some(wanted.columns), &filters, &mut each) {
            Err(_) if is_done => Ok(()),
            other => other,
        }
    }

    fn bytes(&self, columns: &[PlSmallStr], partitions: Range<usize>) -> u64 {
        partitions.map(|part| self.bytes(part, Some(columns))).sum()
    }

    fn rows(&self, partition: usize) -> Option<usize> {
        Some(ParquetSource::rows(self, partition))
    }

    fn piece_rows(&self, partition: usize) -> u64 {
        self.row_group_rows(partition) as u64
    }

    fn pruned(&self, filters: &[Expr]) -> Option<String> {
        let filters = comparisons(filters);
        let pruned = self.pruned(None, &filters);
        (pruned.skipped > 0).then(|| {
            format!("{} of {} left out", pruned.skipped, counted(pruned.row_groups, "row group"))
        })
    }
}

impl Frame {
    /// The rows of Parquet files: a path, a pattern such as `flights-*.parquet`, a folder, which stands for the `.parquet` files in it, or a
    /// list of these. The files have the same columns.
    ///
    /// Of a folder also those files are read that stand in folders named after values, `origin=JFK/month=3/`. These are columns then, behind the
    /// others: `Int64`, `Date` or `Datetime` where all names are such, else `String`; `__HIVE_DEFAULT_PARTITION__` is null.
    ///
    /// Of the files only the columns are read that are needed, and only the row groups in which rows can be that a filter right behind lets
    /// through: [`explain`](Frame::explain) says which.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-parquet-{}", std::process::id()));
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3], "y" => ["a", "b", "c"])?, 2);
    /// frame.to_parquet(&folder)?;
    /// let again = Frame::read_parquet(&folder);
    /// // Small files are read together.
    /// assert_eq!(again.partitions(), 1);
    /// assert_eq!(again.compute()?, frame.compute()?);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Of the frame: a pattern that matches nothing, a file that cannot be opened ([`Io`](ErrorKind::Io)), that is no Parquet or is cut off
    /// ([`Format`](ErrorKind::Format)), files with other columns ([`Schema`](ErrorKind::Schema)). When it is computed: a page that is damaged.
    ///
    /// # Cost
    /// The footers are read at once, all else when the frame is computed: for each worker the needed columns of a row group.
    #[track_caller]
    pub fn read_parquet(paths: impl IntoPaths) -> Frame {
        let made = opened(&paths.into_paths(), ParquetOptions::default());
        Frame::of_source("read_parquet", Location::caller(), made)
    }

    /// [`read_parquet`](Frame::read_parquet) of files of which some lack columns, or in partitions of another size.
    ///
    /// # Errors
    /// As [`read_parquet`](Frame::read_parquet).
    ///
    /// # Cost
    /// As [`read_parquet`](Frame::read_parquet).
    #[track_caller]
    pub fn read_parquet_with(paths: impl IntoPaths, options: ParquetOptions) -> Frame {
        let made = opened(&paths.into_paths(), options);
        Frame::of_source("read_parquet_with", Location::caller(), made)
    }
}
