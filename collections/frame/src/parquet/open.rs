//! The files of a source, looked at once.
//!
//! In: paths, and [`ParquetOptions`]. Out: [`ParquetSource`]: the schema that all files have, the row groups, and which of them make a partition.
//!
//! A partition is a run of row groups of at most [`PART_BYTES`] compressed bytes, and 16 times as many in memory, over the borders of files too: a thousand small files are not a thousand tasks. A row group is never
//! cut: whoever reads half of it decompresses all of it.
//!
//! Not here: rows (`read`).

use super::footer::{Footer, damaged, guarded};
use super::hive::{Constant, Found, constants, files_in, same_keys};
use crate::error::{Error, ErrorKind};
use polars_core::datatypes::DataType;
use polars_core::prelude::{ArrowField, ArrowSchema, Field, PlSmallStr, Schema, SchemaRef};
use polars_parquet::read::{RowGroupMetadata, infer_schema};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// So many compressed bytes a partition has at most, if its first row group has not more: enough work that a task costs nothing beside it, few enough that workers have several each.
const PART_BYTES: u64 = 8 << 20;
/// Of rows that take so many times as many bytes in memory, fewer: what repeats itself may be a hundredth in the file.
const MEMORY_PER_BYTE: u64 = 16;
/// And so many row groups, so that what can be left out is left out by whole tasks.
const PART_GROUPS: usize = 256;
/// Rows of a piece. Its columns stay in the caches between the steps that it goes through.
const PIECE_ROWS: usize = 32 << 10;

/// How Parquet files are read.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::{ParquetOptions, prelude::*};
/// # let folder = std::env::temp_dir().join(format!("taskweave-frame-missing-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// Frame::from_polars(df!("x" => [1], "y" => ["a"])?, 1).to_parquet(folder.join("a"))?;
/// Frame::from_polars(df!("x" => [2])?, 1).to_parquet(folder.join("b"))?;
/// let options = ParquetOptions::new().allow_missing_columns(true);
/// let frame = Frame::read_parquet_with([folder.join("a"), folder.join("b")], options);
/// assert_eq!(frame.compute()?, df!("x" => [1, 2], "y" => [Some("a"), None])?);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParquetOptions {
    pub(super) part_bytes: u64,
    pub(super) piece_rows: usize,
    pub(super) allow_missing_columns: bool,
    /// Of columns that folders are named after.
    pub(super) declared: Vec<(PlSmallStr, DataType)>,
}

impl Default for ParquetOptions {
    fn default() -> ParquetOptions {
        let (part_bytes, piece_rows) = (PART_BYTES, PIECE_ROWS);
        let declared = Vec::new();
        ParquetOptions { part_bytes, piece_rows, allow_missing_columns: false, declared }
    }
}

impl ParquetOptions {
    /// Partitions of about 8 MiB in the file, or 128 MiB in memory, and the same columns in all files.
    pub fn new() -> ParquetOptions {
        ParquetOptions::default()
    }

    /// Bytes of a partition at most, as they are in the files, of all columns, and 16 times as many in memory. A row group is never cut: a
    /// partition has at least one.
    pub fn partition_bytes(mut self, bytes: u64) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// Whether a column that the first file has and another has not is null there. Otherwise it is an error.
    pub fn allow_missing_columns(mut self, allow: bool) -> Self {
        self.allow_missing_columns = allow;
        self
    }

    /// The type of a column that folders are named after, such as `month=03`: a boolean, any number, `Date`, `Datetime`, `String` or a
    /// categorical. Otherwise it is guessed from all names: whole numbers, dates, times, else texts. A name that is no such value is an error, and so is
    /// a column that no folder is named after ([`Column`](ErrorKind::Column)).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::{ParquetOptions, prelude::*};
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-declare-{}", std::process::id()));
    /// Frame::from_polars(df!("zip" => ["01234", "99999"], "x" => [1, 2])?, 1).to_parquet_hive(&folder, "zip")?;
    /// let options = ParquetOptions::new().declare("zip", DataType::String);
    /// let frame = Frame::read_parquet_with(&folder, options);
    /// assert_eq!(frame.compute()?, df!("x" => [1, 2], "zip" => ["01234", "99999"])?);
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "hive_schema")]
    pub fn declare(mut self, name: impl Into<PlSmallStr>, dtype: DataType) -> Self {
        let name = name.into();
        self.declared.retain(|(own, _)| *own != name);
        self.declared.push((name, dtype));
        self
    }

    /// Rows of a piece at most.
    #[cfg(test)]
    pub(crate) fn piece_rows(mut self, rows: usize) -> Self {
        self.piece_rows = rows;
        self
    }
}

/// Parquet files with the same columns, to be read in partitions. It is cheap to clone, and any number of threads can read it at once.
#[derive(Clone, Debug)]
pub(crate) struct ParquetSource(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) options: ParquetOptions,
    pub(super) schema: SchemaRef,
    pub(super) files: Vec<Opened>,
    /// In the order of their rows.
    pub(super) groups: Vec<Group>,
    /// Each a run of `groups`.
    parts: Vec<Range<usize>>,
}

#[derive(Debug)]
pub(super) struct Opened {
    pub(super) footer: Footer,
    /// Types as the file has them.
    pub(super) fields: ArrowSchema,
    /// What its folder says of all its rows.
    pub(super) constants: Vec<Constant>,
}

/// A row group of some file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) file: usize,
    /// Within its file.
    pub(super) number: usize,
    pub(super) rows: usize,
    pub(super) bytes: u64,
    /// About what its rows take in memory, with all columns.
    memory: u64,
}

impl ParquetSource {
    /// Reads the footers of files. Of a folder they are its `*.parquet` files, also those in folders that are named after values, in the order of their names; of a pattern those that it matches.
    ///
    /// # Errors
    /// `Io` of a file that cannot be read, and of a folder without one; `Format` of one that is no Parquet file, is cut off or damaged; `Schema` where two have different columns.
    pub(crate) fn open<P: AsRef<Path>>(
        paths: &[P],
        options: ParquetOptions,
    ) -> Result<ParquetSource, Error> {
        let mut files: Vec<Opened> = Vec::new();
        let mut schema: Option<Schema> = None;
        let found = files_of(paths)?;
        let constants = constants(&found, &options.declared)?;
        for (found, constants) in found.iter().zip(constants) {
            let opened = Opened::read(&found.path, constants)?;
            let own = opened.schema()?;
            match &schema {
                None => schema = Some(own),
                Some(first) => {
                    let first = (first, files[0].footer.path.as_path());
                    same(first, (&own, &found.path), options.allow_missing_columns)?;
                }
            }
            files.push(opened);
        }
        let Some(schema) = schema else {
            let message = "there is no file to read: name at least one";
            return Err(Error::new(ErrorKind::Value, message));
        };
        let names: Vec<_> = schema.iter_names_cloned().collect();
        let groups = groups_of(&files, crate::held::width(&schema, &names));
        let parts = parts_of(&groups, options.part_bytes);
        Ok(ParquetSource(Arc::new(Inner {
            options,
            schema: Arc::new(schema),
            files,
            groups,
            parts,
        })))
    }

    /// Names and types of the columns, in the order of the first file.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    /// The files, in the order of their rows.
    pub(crate) fn files(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.0.files.iter().map(|file| file.footer.path.as_path())
    }

    /// How many partitions there are: at least one, which may have no rows.
    pub(crate) fn parts(&self) -> usize {
        self.0.parts.len()
    }

    /// The rows of a partition, before any is left out.
    pub(crate) fn rows(&self, part: usize) -> usize {
        self.groups(part).iter().map(|group| group.rows).sum()
    }

    /// The rows of the largest row group of a partition.
    pub(crate) fn row_group_rows(&self, part: usize) -> usize {
        self.groups(part).iter().map(|group| group.rows).max().unwrap_or(0)
    }

    /// The compressed bytes of some columns of a partition; of all without `columns`.
    pub(crate) fn bytes(&self, part: usize, columns: Option<&[PlSmallStr]>) -> u64 {
        let groups = self.groups(part).iter();
        match columns {
            None => groups.map(|group| group.bytes).sum(),
            Some(columns) => groups.map(|group| self.bytes_of(group, columns)).sum(),
        }
    }

    pub(super) fn bytes_of(&self, group: &Group, columns: &[PlSmallStr]) -> u64 {
        let metadata = self.metadata(group);
        let chunks = columns.iter().filter_map(|name| metadata.columns_under_root_iter(name));
        chunks.flatten().map(|chunk| chunk.compressed_size() as u64).sum()
    }

    pub(super) fn groups(&self, part: usize) -> &[Group] {
        &self.0.groups[self.0.parts[part].clone()]
    }

    pub(super) fn metadata(&self, group: &Group) -> &RowGroupMetadata {
        &self.0.files[group.file].footer.metadata.row_groups[group.number]
    }
}

impl Opened {
    fn read(path: &Path, constants: Vec<Constant>) -> Result<Opened, Error> {
        let footer = Footer::read(path)?;
        let fields = guarded(|| infer_schema(&footer.metadata));
        let fields = fields.map_err(|said| damaged(path, &said))?;
        Ok(Opened { footer, fields, constants })
    }

    /// The types that its columns have in a frame.
    fn schema(&self) -> Result<Schema, Error> {
        let mut schema = Schema::with_capacity(self.fields.len());
        for (name, field) in self.fields.iter() {
            let data_type = guarded(|| Ok(data_type(field)));
            let data_type = data_type.map_err(|_| {
                let path = self.footer.path.display();
                let message = format!(
                    "{path}: column `{name}` is of a type that is not read yet: {:?}",
                    field.dtype
                );
                Error::new(ErrorKind::NotYet, message)
            })?;
            schema.insert(name.clone(), data_type);
        }
        for Constant { field, .. } in &self.constants {
            schema.shift_remove(&field.name);
            schema.insert(field.name.clone(), field.dtype.clone());
        }
        Ok(schema)
    }

    /// The value that all rows have in a column, if its folder says so.
    pub(super) fn constant(&self, column: &str) -> Option<&Constant> {
        self.constants.iter().find(|constant| constant.field.name == column)
    }
}

fn data_type(field: &ArrowField) -> DataType {
    Field::from(field).dtype
}

/// A file is itself; a folder is the Parquet files in it, a pattern the files that it matches.
fn files_of<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Found>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let is_pattern = || path.to_string_lossy().contains(['*', '?', '[']);
        if path.is_dir() {
            files.extend(files_in(path)?);
        } else if !path.exists() && is_pattern() {
            let matched = taskweave_csv::glob(path).map_err(Error::csv)?;
            files.extend(matched.into_iter().map(|path| Found { path, keys: Vec::new() }));
        } else {
            files.push(Found { path: path.to_owned(), keys: Vec::new() });
        }
    }
    same_keys(&files)?;
    Ok(files)
}

/// Whether two files have the same columns; their order does not count.
fn same(
    (first, first_path): (&Schema, &Path),
    (other, path): (&Schema, &Path),
    allow_missing: bool,
) -> Result<(), Error> {
    let (first_path, path) = (first_path.display(), path.display());
    let wrong = |message| Err(Error::new(ErrorKind::Schema, message));
    for (name, expected) in first.iter() {
        match other.get(name) {
            Some(found) if found == expected => {}
            Some(found) => {
                return wrong(format!(
                    "{path}: column `{name}` is {found:?}, and {expected:?} in {first_path}: read them as frames of their own, and cast one"
                ));
            }
            None if allow_missing => {}
            None => {
                return wrong(format!(
                    "{path}: there is no column `{name}`, which {first_path} has: read them as frames of their own, or take it for null with `allow_missing_columns(true)`"
                ));
            }
        }
    }
    match other.iter_names().find(|name| !first.contains(name)) {
        None => Ok(()),
        Some(name) => wrong(format!(
            "{path}: column `{name}` is not in {first_path}, which is read first: read them as frames of their own, or name first the file that has all columns"
        )),
    }
}

/// Each with about what it takes in memory, if a row takes `width` bytes.
fn groups_of(files: &[Opened], width: u64) -> Vec<Group> {
    let mut groups = Vec::new();
    for (file, opened) in files.iter().enumerate() {
        for (number, group) in opened.footer.metadata.row_groups.iter().enumerate() {
            let (rows, bytes) = (group.num_rows(), group.compressed_size() as u64);
            let memory = (rows as u64).saturating_mul(width);
            groups.push(Group { file, number, rows, bytes, memory });
        }
    }
    groups
}

/// Runs of row groups, each as long as it may be.
fn parts_of(groups: &[Group], part_bytes: u64) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut bytes, mut memory) = (0, 0, 0_u64);
    let part_memory = part_bytes.saturating_mul(MEMORY_PER_BYTE);
    for (at, group) in groups.iter().enumerate() {
        let is_full = bytes + group.bytes > part_bytes
            || memory.saturating_add(group.memory) > part_memory
            || at - start == PART_GROUPS;
        if at > start && is_full {
            parts.push(start..at);
            (start, bytes, memory) = (at, 0, 0);
        }
        bytes += group.bytes;
        memory = memory.saturating_add(group.memory);
    }
    if start < groups.len() || parts.is_empty() {
        parts.push(start..groups.len());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(bytes: &[u64], part_bytes: u64) -> Vec<Range<usize>> {
        let group = |&bytes| Group { file: 0, number: 0, rows: 1, bytes, memory: bytes };
        parts_of(&bytes.iter().map(group).collect::<Vec<_>>(), part_bytes)
    }

    #[test]
    fn small_row_groups_are_read_together_and_large_ones_alone() {
        assert_eq!(parts(&[3, 3, 3, 20, 1, 9], 10), [0..3, 3..4, 4..6]);
        assert_eq!(parts(&[20, 20], 10), [0..1, 1..2]);
        assert_eq!(parts(&[], 10), [0..0; 1]);
        assert_eq!(parts(&[0; 300], 10), [0..256, 256..300]);
        let small = |memory| Group { file: 0, number: 0, rows: 1, bytes: 1, memory };
        assert_eq!(parts_of(&[80, 80, 1, 200, 1].map(small), 10), [0..2, 2..3, 3..4, 4..5]);
    }
}
