//! How CSV files are read into frames.
//!
//! In: what users say of their files. Out: options of the reader, and what is done with its columns then.
//!
//! Not here: what the reader does with them (the crate `taskweave_csv`).

use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, col};
use polars_core::prelude::{DataType, PlSmallStr, TimeUnit};
use taskweave_csv as csv;

/// So many bytes of a file are a partition, if nothing is said: some seconds' work at most, and small beside the memory.
const PARTITION_BYTES: u64 = 32 << 20;

/// How CSV files are read.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::prelude::*;
/// let options = CsvOptions::new()
///     .delimiter(b';')
///     .null_values(["NA", "-"])
///     .declare("tail number", DataType::String);
/// ```
#[derive(Clone, Debug)]
pub struct CsvOptions {
    inner: csv::Options,
    declared: Vec<(PlSmallStr, DataType)>,
    partition_bytes: u64,
}

impl Default for CsvOptions {
    fn default() -> CsvOptions {
        CsvOptions::new()
    }
}

/// Passes on what the reader itself knows.
macro_rules! passed_on {
    ($($(#[$doc:meta])* $name:ident($arg:ident: $of:ty);)*) => {
        $($(#[$doc])*
        pub fn $name(self, $arg: $of) -> CsvOptions {
            CsvOptions { inner: self.inner.$name($arg), ..self }
        })*
    };
}

impl CsvOptions {
    /// Commas, double quotes, a header, no comments; types are guessed from a sample of every file.
    pub fn new() -> CsvOptions {
        let inner = csv::Options::new();
        CsvOptions { inner, declared: Vec::new(), partition_bytes: PARTITION_BYTES }
    }

    passed_on! {
        /// The byte between fields, of ASCII; a comma if nothing is said.
        delimiter(delimiter: u8);
        /// Lines that begin with this are no records, wherever they stand. A line inside a quoted field is none of them.
        comment_prefix(prefix: &str);
        /// Whether the first record has the names (`true` if nothing is said); else they are `column_1`, `column_2` and so on.
        has_header(has_header: bool);
        /// Whether an empty field without quotes is a null in columns of strings (`true` if nothing is said), or an empty string. In other
        /// columns it is a null in any case.
        missing_is_null(missing_is_null: bool);
        /// So many lines at the beginning of each file are passed over before the header.
        skip_rows(rows: usize);
        /// What a record with fewer fields than columns lacks is null, and what another has too many is dropped. If nothing is said, both
        /// are errors.
        truncate_ragged_lines(truncate: bool);
        /// In columns of strings and in headers, bytes that are no UTF-8 become U+FFFD. If nothing is said, they are errors.
        lossy_utf8(is_lossy: bool);
        /// A name that a header has twice gets `_duplicated_0` at its end where it comes again. If nothing is said, it is an error.
        rename_duplicates(rename: bool);
        /// Whether columns of dates and times are found in the sample; else they are strings, if they are not declared.
        try_parse_dates(parse: bool);
        /// A file without a header is one without rows. If nothing is said, it is an error.
        allow_empty(allow: bool);
        /// So many rows at the beginning of each file are sampled, 1000 if nothing is said. Of long files some rows further on are sampled
        /// too. With 0, what is not declared is a string.
        sample_rows(rows: usize);
    }

    /// The byte around fields, of ASCII, or `None` if quotes are text; a double quote if nothing is said.
    pub fn quote(self, quote: impl Into<Option<u8>>) -> CsvOptions {
        CsvOptions { inner: self.inner.quote(quote), ..self }
    }

    /// Texts that are nulls, in every column, quoted or not.
    pub fn null_values<T: AsRef<str>>(self, texts: impl IntoIterator<Item = T>) -> CsvOptions {
        CsvOptions { inner: self.inner.null_values(texts), ..self }
    }

    /// The type of the column of this name, whatever the sample says: a boolean, any number, `Date`, `Datetime` in microseconds or
    /// milliseconds, `String` or a categorical; integers beyond `i64::MAX` are read where `UInt64` or 128 bits are declared. A value that it
    /// cannot hold is an error.
    #[doc(alias = "dtype")]
    pub fn declare(self, name: impl Into<PlSmallStr>, dtype: DataType) -> CsvOptions {
        let name = name.into();
        let mut declared = self.declared;
        declared.retain(|(own, _)| *own != name);
        declared.push((name, dtype));
        CsvOptions { declared, ..self }
    }

    /// So many bytes of a file are a partition, 64 KiB at least, and 32 MiB if nothing is said. A compressed file is one partition.
    #[doc(alias = "blocksize")]
    pub fn partition_bytes(self, bytes: u64) -> CsvOptions {
        CsvOptions { partition_bytes: bytes, ..self }
    }

    pub(super) fn bytes_of_partition(&self) -> u64 {
        self.partition_bytes
    }

    /// The reader's own options, and what is cast after it.
    pub(super) fn split(&self) -> Result<(csv::Options, Vec<Expr>), Error> {
        let mut options = self.inner.clone();
        let mut casts = Vec::new();
        for (name, dtype) in &self.declared {
            let read_as = read_as(name, dtype)?;
            options = options.declare(name.as_str(), read_as);
            if super::typed(read_as) != *dtype {
                casts.push(col(name.clone()).cast(dtype.clone()));
            }
        }
        Ok((options, casts))
    }
}

/// What a column of that type is read as.
fn read_as(name: &str, dtype: &DataType) -> Result<csv::DataType, Error> {
    Ok(match dtype {
        DataType::Boolean => csv::DataType::Boolean,
        DataType::Null => csv::DataType::Null,
        DataType::Float32 | DataType::Float64 => csv::DataType::Float64,
        DataType::UInt64 => csv::DataType::UInt64,
        DataType::Int128 | DataType::UInt128 => csv::DataType::String,
        dtype if dtype.is_integer() => csv::DataType::Int64,
        DataType::Date => csv::DataType::Date,
        DataType::Datetime(TimeUnit::Nanoseconds, _) => {
            let message = format!(
                "column `{name}` cannot be declared as {dtype}, for microseconds are read: declare `DataType::Datetime(TimeUnit::Microseconds, …)`, or `DataType::String`, and `cast` it"
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
        DataType::Datetime(_, zone) => csv::DataType::Datetime { utc: zone.is_some() },
        DataType::String
        | DataType::Categorical(..)
        | DataType::Enum(..)
        | DataType::Decimal(..) => csv::DataType::String,
        other => {
            let message = format!(
                "column `{name}` cannot be declared as {other}: read it as String, and make it that with `with_columns`"
            );
            return Err(Error::new(ErrorKind::Type, message));
        }
    })
}
