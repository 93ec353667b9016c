//! A Parquet file.
//!
//! In: pieces of rows of one schema. Out: row groups of so many rows each, however they were cut, compressed on the calling thread.
//!
//! Not here: reading (`parquet`, the frame's).

use super::Written;
use super::output::Output;
use super::pending::Pending;
use crate::error::{Error, ErrorKind};
use crate::parquet::guarded;
use polars_core::prelude::{DataFrame, SchemaRef};
use polars_io::parquet::write::{BatchedWriter, ParquetCompression, ParquetWriter};
use std::path::Path;

/// Rows of a row group: as polars has them.
const ROW_GROUP_ROWS: usize = 512 * 512;
/// A row group ends at so many bytes too, as they are in memory: rows may be long.
const ROW_GROUP_BYTES: usize = 128 << 20;

/// How Parquet files are written.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::prelude::*;
/// use frame::{ParquetCompression, ParquetWriteOptions};
/// # let folder = std::env::temp_dir().join(format!("taskweave-frame-options-{}", std::process::id()));
/// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 1);
/// let options = ParquetWriteOptions::new().compression(ParquetCompression::Snappy).row_group_rows(2);
/// frame.to_parquet_with(&folder, options)?;
/// assert_eq!(Frame::read_parquet(&folder).compute()?, frame.compute()?);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParquetWriteOptions {
    compression: ParquetCompression,
    row_group_rows: usize,
    has_statistics: bool,
}

impl Default for ParquetWriteOptions {
    fn default() -> ParquetWriteOptions {
        let compression = ParquetCompression::Zstd(None);
        ParquetWriteOptions { compression, row_group_rows: ROW_GROUP_ROWS, has_statistics: true }
    }
}

impl ParquetWriteOptions {
    /// Compressed with zstd, row groups of 262,144 rows, with statistics: what polars does.
    pub fn new() -> ParquetWriteOptions {
        ParquetWriteOptions::default()
    }

    /// How pages are compressed. Snappy is read by all readers, zstd is smaller.
    pub fn compression(mut self, compression: ParquetCompression) -> Self {
        self.compression = compression;
        self
    }

    /// Rows of a row group, at least one. A reader holds the columns it needs of one row group at a time.
    pub fn row_group_rows(mut self, rows: usize) -> Self {
        self.row_group_rows = rows.max(1);
        self
    }

    /// Whether the least and the greatest value of each column are written for each row group, by which readers leave row groups out.
    pub fn statistics(mut self, has_statistics: bool) -> Self {
        self.has_statistics = has_statistics;
        self
    }
}

/// A file that is being written.
pub(crate) struct ParquetFile {
    output: Output,
    writer: BatchedWriter<Output>,
    schema: SchemaRef,
    row_group_rows: usize,
    /// What is no row group yet.
    kept: Option<DataFrame>,
    kept_bytes: usize,
    rows: u64,
}

impl ParquetFile {
    /// A file that has the name `path` when it is [`finish`](ParquetFile::finish)ed.
    ///
    /// # Errors
    /// `Io` where it cannot be made; `Type` of a column that Parquet cannot have.
    pub(crate) fn create(
        path: &Path,
        schema: &SchemaRef,
        options: &ParquetWriteOptions,
    ) -> Result<ParquetFile, Error> {
        check(path, schema)?;
        ParquetFile::new(Output::file(path)?, schema, options)
    }

    /// One in a folder that is pending, at a path within it.
    ///
    /// # Errors
    /// As [`create`](ParquetFile::create).
    pub(crate) fn inside(
        folder: &Pending,
        path: &Path,
        schema: &SchemaRef,
        options: &ParquetWriteOptions,
    ) -> Result<ParquetFile, Error> {
        check(&folder.shown().join(path), schema)?;
        ParquetFile::new(Output::inside(folder, path)?, schema, options)
    }

    pub(super) fn new(
        output: Output,
        schema: &SchemaRef,
        options: &ParquetWriteOptions,
    ) -> Result<ParquetFile, Error> {
        use polars_io::prelude::StatisticsOptions;
        let statistics = match options.has_statistics {
            true => StatisticsOptions::default(),
            false => StatisticsOptions::empty(),
        };
        let writer = ParquetWriter::new(output.clone())
            .with_compression(options.compression)
            .with_statistics(statistics)
            .set_parallel(false);
        let writer = guarded(|| writer.batched(schema)).map_err(|said| output.said(said))?;
        let (row_group_rows, schema) = (options.row_group_rows, schema.clone());
        let (kept, kept_bytes, rows) = (None, 0, 0);
        Ok(ParquetFile { output, writer, schema, row_group_rows, kept, kept_bytes, rows })
    }

    /// Rows behind those that are there.
    ///
    /// # Errors
    /// `Schema` of others than the file's; `Io` where they cannot be written.
    ///
    /// # Cost
    /// At most the rows of a row group are kept, twice while it is written.
    pub(crate) fn push(&mut self, piece: DataFrame) -> Result<(), Error> {
        same(&self.schema, &piece)?;
        self.rows += piece.height() as u64;
        self.kept_bytes += piece.estimated_size();
        match &mut self.kept {
            None => self.kept = Some(piece),
            Some(kept) => {
                kept.vstack_mut_owned(piece).map_err(Error::polars)?;
            }
        }
        while self.kept_rows() >= self.row_group_rows {
            self.write(self.row_group_rows)?;
        }
        if self.kept_bytes >= ROW_GROUP_BYTES {
            self.write(self.kept_rows())?;
        }
        Ok(())
    }

    fn kept_rows(&self) -> usize {
        self.kept.as_ref().map_or(0, DataFrame::height)
    }

    /// Writes the first rows that are kept, as a row group.
    fn write(&mut self, rows: usize) -> Result<(), Error> {
        let Some(kept) = self.kept.take() else { return Ok(()) };
        let total = kept.height();
        if rows < total {
            self.kept = Some(kept.slice(rows as i64, total - rows));
        }
        // A row group is a chunk.
        let mut group = kept.slice(0, rows);
        drop(kept);
        group.rechunk_mut();
        self.kept_bytes = self.kept.as_ref().map_or(0, DataFrame::estimated_size);
        let writer = &mut self.writer;
        guarded(|| writer.write_batch(&group)).map_err(|said| self.output.said(said))
    }

    /// Writes what is left, and lets the file have its name, when it is on the disk.
    ///
    /// # Errors
    /// `Io` where it cannot be written; then there is none.
    pub(crate) fn finish(mut self) -> Result<Written, Error> {
        let rest = self.kept_rows();
        if rest > 0 {
            self.write(rest)?;
        }
        let ParquetFile { output, writer, rows, .. } = self;
        guarded(|| writer.finish()).map_err(|said| output.said(said))?;
        drop(writer);
        Ok(Written { files: 1, rows, bytes: output.finish()? })
    }
}

/// What Parquet cannot have.
fn check(path: &Path, schema: &SchemaRef) -> Result<(), Error> {
    if schema.is_empty() {
        let message = format!("cannot write {}: there is no column", path.display());
        return Err(Error::new(ErrorKind::Column, message));
    }
    Ok(())
}

/// Whether a piece has the columns of a file.
pub(super) fn same(schema: &SchemaRef, piece: &DataFrame) -> Result<(), Error> {
    let found = piece.schema();
    if found == schema {
        return Ok(());
    }
    let different = schema.iter().zip(found.iter()).find(|(expected, found)| expected != found);
    let message = match different {
        Some(((name, expected), (other, found))) => format!(
            "a partition has the column `{other}` of type {found:?} where the first has `{name}` of type {expected:?}"
        ),
        None => {
            format!("a partition has {} columns, and the first has {}", found.len(), schema.len())
        }
    };
    Err(Error::new(ErrorKind::Schema, message))
}
