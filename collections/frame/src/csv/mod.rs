//! Frames of CSV files.
//!
//! In: patterns of paths, and options. Out: a source whose partitions are ranges of bytes of the files; only the columns that are wanted are
//! parsed.
//!
//! ```text
//! options   what users say of their files
//! blocks    columns of the reader as polars' columns
//! ```
//! Not here: reading (the crate `taskweave_csv`).

mod blocks;
mod options;

pub use options::CsvOptions;

use crate::bytes::Bytes;
use crate::error::{Error, counted};
use crate::expr::Expr;
use crate::frame::{Frame, Sourced};
use crate::node::Names;
use crate::paths::{IntoPaths, Paths};
use crate::rows::Step;
use crate::source::{Sink, Source, Wanted};
use blocks::block;
use polars_core::prelude::{DataFrame, DataType, PlSmallStr, Schema, TimeUnit, TimeZone};
use std::cell::RefCell;
use std::ops::{ControlFlow, Range};
use std::panic::Location;
use std::sync::Arc;
use taskweave_csv as csv;

/// So many bytes of text are read at once.
const PIECE_BYTES: u64 = 256 << 10;

/// CSV files, in parts.
struct CsvSource {
    source: csv::Source,
    parts: Vec<csv::Part>,
    /// What is cast after the reader.
    casts: Vec<Expr>,
    files: usize,
    bytes: u64,
}

/// The type of a column that the reader gives.
fn typed(dtype: csv::DataType) -> DataType {
    match dtype {
        csv::DataType::Null => DataType::Null,
        csv::DataType::Boolean => DataType::Boolean,
        csv::DataType::Int64 => DataType::Int64,
        csv::DataType::UInt64 => DataType::UInt64,
        csv::DataType::Float64 => DataType::Float64,
        csv::DataType::Date => DataType::Date,
        csv::DataType::Datetime { utc } => {
            DataType::Datetime(TimeUnit::Microseconds, utc.then_some(TimeZone::UTC))
        }
        // The reader has no further types.
        _ => DataType::String,
    }
}

impl CsvSource {
    fn open(paths: &Paths, options: &CsvOptions) -> Result<Sourced, Error> {
        let (reader, casts) = options.split()?;
        let paths = paths.found("CSV")?;
        let source = csv::Source::open(&paths, reader).map_err(Error::csv)?;
        let parts = source.parts(options.bytes_of_partition().max(1));
        let bytes = parts.iter().map(|part| part.range().end - part.range().start).sum();
        let mut schema = Schema::default();
        for field in source.schema().fields() {
            schema.with_column(field.name.as_str().into(), typed(field.data_type));
        }
        let empty = DataFrame::empty_with_schema(&schema);
        let schema = Step::WithColumns(casts.clone()).apply(empty)?.schema().clone();
        let count = parts.len().max(1);
        let files = paths.len();
        Ok((Arc::new(CsvSource { source, parts, casts, files, bytes }), schema, count))
    }
}

/// What hands pieces through the reader, which may begin anew.
struct Handing<'a> {
    sink: &'a mut dyn Sink,
    failed: Option<Error>,
}

impl Handing<'_> {
    fn restart(&mut self) {
        self.failed = None;
        self.sink.restart();
    }

    fn hand(&mut self, piece: Result<DataFrame, Error>) -> ControlFlow<()> {
        piece.and_then(|piece| self.sink.take(piece)).unwrap_or_else(|error| {
            self.failed = Some(error);
            ControlFlow::Break(())
        })
    }
}

/// The rows that the next filters let through, found out before the other columns of them are read.
struct Choosing<'a> {
    columns: Vec<PlSmallStr>,
    casts: Step,
    filters: &'a [Expr],
}

impl<'a> Choosing<'a> {
    /// Nothing, if there is no filter, or no column besides those that it reads.
    fn new(source: &CsvSource, wanted: &Wanted<'a>) -> Option<Choosing<'a>> {
        let mut seen = Names::new();
        wanted.filters.iter().for_each(|filter| filter.columns(&mut seen));
        let is_seen = |name: &&PlSmallStr| seen.contains(*name);
        let columns: Vec<PlSmallStr> = wanted.columns.iter().filter(is_seen).cloned().collect();
        let is_worth_it = !columns.is_empty() && columns.len() < wanted.columns.len();
        is_worth_it.then(|| {
            let casts = Step::WithColumns(source.casts.clone()).pruned(&seen);
            Choosing { columns, casts, filters: wanted.filters }
        })
    }

    fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|name| name.as_str()).collect()
    }

    /// Of each row whether it is let through; nothing, if that cannot be said here: then the filters themselves say what is wrong.
    fn chosen(&self, columns: &csv::Columns) -> Option<Vec<bool>> {
        let piece = block(columns, &self.columns).and_then(|piece| self.casts.apply(piece)).ok()?;
        let mut chosen = vec![true; piece.height()];
        for filter in self.filters {
            let mask = filter.evaluate(&piece).ok()?;
            let mask = mask.bool().ok()?;
            if mask.len() != chosen.len() {
                return None;
            }
            for (own, mask) in chosen.iter_mut().zip(mask.iter()) {
                *own &= mask == Some(true);
            }
        }
        Some(chosen)
    }
}

impl Source for CsvSource {
    fn describe(&self) -> String {
        format!("{}, {}", counted(self.files, "CSV file"), Bytes(self.bytes))
    }

    fn read(
        &self,
        partition: usize,
        wanted: &Wanted<'_>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let Some(part) = self.parts.get(partition) else { return Ok(()) };
        let names: Vec<&str> = wanted.columns.iter().map(|name| name.as_str()).collect();
        let kept: Names = wanted.columns.iter().cloned().collect();
        let casts = Step::WithColumns(self.casts.clone()).pruned(&kept);
        let handing = RefCell::new(Handing { sink, failed: None });
        let init = || handing.borrow_mut().restart();
        let each = |(): &mut (), columns: &csv::Columns| {
            let piece = block(columns, wanted.columns).and_then(|piece| casts.apply(piece));
            handing.borrow_mut().hand(piece)
        };
        let choosing = Choosing::new(self, wanted);
        let folded = match &choosing {
            None => self.source.fold(part, &names, init, each),
            Some(choosing) => {
                let choose = |columns: &csv::Columns| choosing.chosen(columns);
                self.source.fold_chosen(part, &choosing.names(), &names, choose, init, each)
            }
        };
        folded.map_err(Error::csv)?;
        handing.into_inner().failed.map_or(Ok(()), Err)
    }

    fn bytes(&self, _: &[PlSmallStr], partitions: Range<usize>) -> u64 {
        let parts = self.parts.get(partitions).unwrap_or_default();
        parts.iter().map(|part| part.range().end - part.range().start).sum()
    }

    fn rows_about(&self, partition: usize) -> Option<u64> {
        self.parts.get(partition).map_or(Some(0), |part| self.source.rows(part))
    }

    fn piece_rows(&self, partition: usize) -> u64 {
        let part = self.parts.get(partition).map_or(0..0, csv::Part::range);
        let rows = self.rows_about(partition).unwrap_or(PIECE_BYTES);
        // The share of the rows that a piece is of the part.
        let bytes = (part.end - part.start).max(1);
        u64::try_from(u128::from(rows) * u128::from(bytes.min(PIECE_BYTES)) / u128::from(bytes))
            .unwrap_or(rows)
    }
}

impl Frame {
    /// The rows of CSV files: a path, a pattern such as `flights-*.csv`, or a list of these. The files have the same columns; types are
    /// guessed from a sample of every file.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-csv-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// std::fs::write(folder.join("1.csv"), "carrier,delay\nUA,2\nAA,\n")?;
    /// std::fs::write(folder.join("2.csv"), "carrier,delay\nUA,4\n")?;
    /// let flights = Frame::read_csv(folder.join("*.csv"));
    /// let means = flights.group_by("carrier").mean().compute()?;
    /// assert_eq!(means, df!("carrier" => ["UA", "AA"], "delay" => [Some(3.0), None])?);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Of the frame: a pattern that matches nothing, a file that cannot be opened ([`Io`](crate::ErrorKind::Io)); files with other columns
    /// ([`Schema`](crate::ErrorKind::Schema)); a header that has a name twice. When it is computed: a record that cannot be read, with its
    /// file, line and column.
    /// Of rows that a filter right behind leaves out, only the fields that it looks at are read, and so seen to be wrong.
    ///
    /// # Cost
    /// A sample of each file is read at once: 1000 rows at its beginning, and of a file of a megabyte or more 64 KiB at three places further on;
    /// all else when the frame is computed. Then the bytes of the files are read once, in pieces of 256 KiB, and only the fields of needed
    /// columns are parsed.
    #[track_caller]
    pub fn read_csv(paths: impl IntoPaths) -> Frame {
        let made = CsvSource::open(&paths.into_paths(), &CsvOptions::new());
        Frame::of_source("read_csv", Location::caller(), made)
    }

    /// [`read_csv`](Frame::read_csv) of files that are written in another way, or whose types are declared.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("taskweave-frame-options-{}.csv", std::process::id()));
    /// std::fs::write(&path, "tail;seats\nN1;NA\nN2;100\n")?;
    /// let options = CsvOptions::new().delimiter(b';').null_values(["NA"]).declare("seats", DataType::Int32);
    /// let planes = Frame::read_csv_with(&path, options);
    /// assert_eq!(planes.compute()?, df!("tail" => ["N1", "N2"], "seats" => [None, Some(100_i32)])?);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`read_csv`](Frame::read_csv), and options that contradict each other ([`Value`](crate::ErrorKind::Value)).
    #[track_caller]
    pub fn read_csv_with(paths: impl IntoPaths, options: CsvOptions) -> Frame {
        let made = CsvSource::open(&paths.into_paths(), &options);
        Frame::of_source("read_csv_with", Location::caller(), made)
    }
}
