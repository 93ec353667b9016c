//! Parquet files in folders named after values, as Hive has them.
//!
//! In: pieces of rows, and the columns whose values name folders. Out: `origin=JFK/month=3/part-00007.parquet`, without these columns: readers have them from the path. A null is `__HIVE_DEFAULT_PARTITION__`, and
//! what cannot stand in a name is `%2F`, both as polars and Hive have it.
//!
//! Rows are kept until they are [`KEPT_BYTES`]; then each folder gets a file of its own with what there is for it. So no file is open while there are others, however many values there are.
//!
//! Not here: reading such folders (`parquet`, the frame's).

use super::pending::Pending;
use super::{ParquetFile, ParquetWriteOptions, Written};
use crate::error::{Error, ErrorKind};
use crate::undocumented::parts_by;
use polars_core::prelude::{Column, DataFrame, DataType, IntoColumn, PlSmallStr, SchemaRef};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Rows are kept until they have so many bytes.
const KEPT_BYTES: usize = 128 << 20;
/// The folder of null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The files of one partition.
pub(crate) struct HiveFiles<'a> {
    folder: &'a Pending,
    keys: Vec<PlSmallStr>,
    options: ParquetWriteOptions,
    /// Of the files, which don't have the keys.
    schema: SchemaRef,
    partition: usize,
    /// The rows of each folder.
    kept: BTreeMap<String, DataFrame>,
    kept_bytes: usize,
    kept_bytes_max: usize,
    /// How often what was kept has been written.
    rounds: usize,
    written: Written,
    /// What has its name in the folder already: it is removed, if the partition is begun anew.
    named: Vec<PathBuf>,
}

impl<'a> HiveFiles<'a> {
    /// Files of the partition of that number, in a folder that is pending.
    ///
    /// # Errors
    /// `Column` of a key that is not there, or is there twice, and where nothing but keys is; `Type` of a key that has no text.
    pub(crate) fn new(
        folder: &'a Pending,
        partition: usize,
        schema: &SchemaRef,
        keys: &[PlSmallStr],
        options: &ParquetWriteOptions,
    ) -> Result<HiveFiles<'a>, Error> {
        let schema = Arc::new(without_keys(schema, keys)?);
        let (keys, options) = (keys.to_vec(), options.clone());
        let (kept, kept_bytes, rounds, written) = (BTreeMap::new(), 0, 0, Written::default());
        Ok(HiveFiles {
            folder,
            keys,
            options,
            schema,
            partition,
            kept,
            kept_bytes,
            kept_bytes_max: KEPT_BYTES,
            rounds,
            written,
            named: Vec::new(),
        })
    }

    /// Keeps fewer rows.
    #[cfg(test)]
    pub(super) fn keeping(mut self, bytes: usize) -> HiveFiles<'a> {
        self.kept_bytes_max = bytes;
        self
    }

    /// Rows behind those that are there.
    ///
    /// # Errors
    /// `Io` where they cannot be written.
    pub(crate) fn push(&mut self, piece: &DataFrame) -> Result<(), Error> {
        if piece.height() == 0 {
            return Ok(());
        }
        let parts = parts_by(piece, &self.keys);
        for part in parts.map_err(Error::polars)? {
            let keys = self.keys.iter().map(|key| part.column(key).cloned());
            let keys = keys.collect::<Result<Vec<_>, _>>().map_err(Error::polars)?;
            let folder = folder_of(&keys)?;
            let rows = part.drop_many(self.keys.iter().cloned());
            self.kept_bytes += rows.estimated_size();
            match self.kept.get_mut(&folder) {
                None => {
                    self.kept.insert(folder, rows);
                }
                Some(kept) => {
                    kept.vstack_mut_owned(rows).map_err(Error::polars)?;
                }
            }
        }
        if self.kept_bytes >= self.kept_bytes_max {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is kept.
    fn write(&mut self) -> Result<(), Error> {
        let name = match self.rounds {
            0 => format!("part-{:05}.parquet", self.partition),
            round => format!("part-{:05}-{round}.parquet", self.partition),
        };
        while let Some((folder, rows)) = self.kept.pop_first() {
            let path = PathBuf::from(folder).join(&name);
            let mut file = ParquetFile::inside(self.folder, &path, &self.schema, &self.options)?;
            file.push(rows)?;
            self.written += file.finish()?;
            self.named.push(self.folder.path().join(&path));
        }
        self.kept_bytes = 0;
        self.rounds += 1;
        Ok(())
    }

    /// Writes what is left. The folder is the caller's to finish, when all partitions are there.
    ///
    /// # Errors
    /// `Io` where it cannot be written.
    pub(crate) fn finish(mut self) -> Result<Written, Error> {
        self.write()?;
        self.named.clear();
        Ok(self.written)
    }
}

impl Drop for HiveFiles<'_> {
    fn drop(&mut self) {
        for path in &self.named {
            // What cannot be removed is in a folder that is not whole.
            let _ = std::fs::remove_file(path);
        }
    }
}

fn without_keys(
    schema: &SchemaRef,
    keys: &[PlSmallStr],
) -> Result<polars_core::prelude::Schema, Error> {
    let wrong = |kind, message| Err(Error::new(kind, message));
    if keys.is_empty() {
        return wrong(ErrorKind::Column, "there is no column to name folders after".into());
    }
    let mut rest = (**schema).clone();
    for key in keys {
        let Some(data_type) = rest.shift_remove(key) else {
            let what = if schema.contains(key) { "is named twice" } else { "is not there" };
            return wrong(ErrorKind::Column, format!("column `{key}` {what}"));
        };
        if data_type.is_nested() || data_type.is_binary() {
            let what = format!("column `{key}` is {data_type:?}, which names no folder");
            return wrong(ErrorKind::Type, what);
        }
    }
    if rest.is_empty() {
        let what = "all columns name folders: nothing is left to be written";
        return wrong(ErrorKind::Column, what.into());
    }
    Ok(rest)
}

/// The folder of the first row of these columns: `origin=JFK/month=3`.
fn folder_of(keys: &[Column]) -> Result<String, Error> {
    let mut folder = String::new();
    for key in keys {
        let first = key.slice(0, 1);
        // As text, polars gives a time without what is less than a second.
        let texts = match first.as_materialized_series().time() {
            Ok(times) => Ok(times.to_string("%T%.f").into_column()),
            Err(_) => first.cast(&DataType::String),
        };
        let texts = texts.map_err(Error::polars)?;
        let texts = texts.str().map_err(Error::polars)?;
        let value = match texts.get(0) {
            None => NULL.into(),
            // So that it is not taken for null.
            Some(NULL) => encoded(NULL).replacen('_', "%5F", 1),
            Some(text) => encoded(text),
        };
        let separator = if folder.is_empty() { "" } else { "/" };
        let _ = write!(folder, "{separator}{}={value}", encoded(key.name()));
    }
    Ok(folder)
}

/// With what Hive, polars and file systems keep for themselves as `%` and its code.
fn encoded(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_kept = byte.is_ascii_graphic() && !b"\"#%'*/:=?\\{[]}^<>|".contains(&byte);
        match is_kept {
            true => name.push(char::from(byte)),
            false => {
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}
