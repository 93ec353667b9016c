//! A CSV file.
//!
//! In: pieces of rows of one schema, and [`CsvWriteOptions`]. Out: their text, made on the calling thread by polars' serializer.
//!
//! Not here: reading (`csv`, the frame's).

use super::Written;
use super::output::Output;
use super::parquet::same;
use super::pending::Pending;
use crate::error::{Error, ErrorKind};
use crate::parquet::guarded;
use polars_core::prelude::{DataFrame, DataType, Int64Chunked, PlSmallStr, SchemaRef, TimeUnit};
use polars_io::csv::write::{CsvSerializer, QuoteStyle, SerializeOptions, csv_header};
use std::path::Path;
use std::sync::Arc;

/// Rows whose text is made at once.
const BATCH_ROWS: usize = 4 << 10;

/// How CSV files are written.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::{CsvWriteOptions, prelude::*};
/// # let folder = std::env::temp_dir().join(format!("taskweave-frame-csv-options-{}", std::process::id()));
/// let frame = Frame::from_polars(df!("x" => [Some(1), None], "y" => ["a", "b"])?, 1);
/// frame.to_csv_with(&folder, CsvWriteOptions::new().separator(b';').null_value("NA"))?;
/// assert_eq!(std::fs::read_to_string(folder.join("part-00000.csv"))?, "x;y\n1;a\nNA;b\n");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CsvWriteOptions {
    has_header: bool,
    serialize: SerializeOptions,
}

impl Default for CsvWriteOptions {
    fn default() -> CsvWriteOptions {
        CsvWriteOptions { has_header: true, serialize: SerializeOptions::default() }
    }
}

impl CsvWriteOptions {
    /// Commas, double quotes where they are needed, a header, nothing where a value is null.
    pub fn new() -> CsvWriteOptions {
        CsvWriteOptions::default()
    }

    /// Whether the first line has the names of the columns.
    pub fn has_header(mut self, has_header: bool) -> Self {
        self.has_header = has_header;
        self
    }

    /// What stands between two values.
    pub fn separator(mut self, separator: u8) -> Self {
        self.serialize.separator = separator;
        self
    }

    /// What stands around values that need it.
    pub fn quote(mut self, quote: u8) -> Self {
        self.serialize.quote_char = quote;
        self
    }

    /// Which values stand in quotes.
    pub fn quote_style(mut self, style: QuoteStyle) -> Self {
        self.serialize.quote_style = style;
        self
    }

    /// What stands where a value is null.
    pub fn null_value(mut self, text: impl Into<String>) -> Self {
        self.serialize.null = text.into().into();
        self
    }

    /// How days are written, as [chrono](https://docs.rs/chrono/latest/chrono/format/strftime/) has it.
    pub fn date_format(mut self, format: impl Into<String>) -> Self {
        self.serialize.date_format = Some(format.into().into());
        self
    }

    /// How moments are written.
    pub fn datetime_format(mut self, format: impl Into<String>) -> Self {
        self.serialize.datetime_format = Some(format.into().into());
        self
    }

    /// So many digits behind the point of each float.
    pub fn float_precision(mut self, digits: usize) -> Self {
        self.serialize.float_precision = Some(digits);
        self
    }

    /// What ends a line.
    pub fn line_terminator(mut self, text: impl Into<String>) -> Self {
        self.serialize.line_terminator = text.into().into();
        self
    }

    /// Whether a reader can tell apart what these write.
    ///
    /// # Errors
    /// `Value` of options that contradict each other.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let SerializeOptions { separator, quote_char, .. } = self.serialize;
        let wrong = |message: &str| Err(Error::new(ErrorKind::Value, message));
        let is_newline = |byte| matches!(byte, b'\n' | b'\r');
        if !separator.is_ascii() || !quote_char.is_ascii() {
            return wrong("the separator and the quote of a CSV file are ASCII");
        }
        if separator == quote_char || is_newline(separator) || is_newline(quote_char) {
            return wrong(
                "the separator, the quote and the newline of a CSV file are three different bytes",
            );
        }
        self.check_texts()
    }

    /// Whether what is written as it is has a separator, a quote or a newline in it.
    fn check_texts(&self) -> Result<(), Error> {
        let SerializeOptions { separator, quote_char, quote_style, .. } = self.serialize;
        let wrong = |message: String| Err(Error::new(ErrorKind::Value, message));
        let is_end = |text: &str| matches!(text, "\n" | "\r\n" | "\r");
        if !is_end(&self.serialize.line_terminator) {
            let text = &self.serialize.line_terminator;
            return wrong(format!("lines of a CSV file end with LF, CRLF or CR, not {text:?}"));
        }
        let breaks = |text: &str| {
            text.bytes().any(|byte| {
                byte == separator || byte == quote_char || matches!(byte, b'\n' | b'\r')
            })
        };
        let null = &self.serialize.null;
        if breaks(null) {
            return wrong(format!(
                "{null:?}, which stands for null, has a separator, a quote or a newline of the file in it: take another text"
            ));
        }
        if matches!(quote_style, QuoteStyle::Always) {
            return Ok(());
        }
        if separator.is_ascii_alphanumeric() || b".-+:".contains(&separator) {
            let separator = char::from(separator);
            return wrong(format!(
                "numbers and times have {separator:?} in them, which cannot be the separator: take another one, or `QuoteStyle::Always`"
            ));
        }
        if matches!(quote_style, QuoteStyle::NonNumeric) {
            return Ok(());
        }
        let formats = [&self.serialize.date_format, &self.serialize.datetime_format];
        let is_broken = |format: &&PlSmallStr| breaks(format) || breaks(&sample(format));
        match formats.into_iter().flatten().find(is_broken) {
            Some(format) => wrong(format!(
                "the format {format:?} has the separator, the quote or a newline in it: take another separator, or `QuoteStyle::Always`"
            )),
            None => Ok(()),
        }
    }
}

/// A moment in this format, whose letters may stand for separators; nothing of a format that is none, which is told of when it is used.
fn sample(format: &str) -> String {
    const MOMENT: i64 = 1_387_843_199_123_456;
    let moment = Int64Chunked::from_vec(PlSmallStr::EMPTY, vec![MOMENT]);
    let moment = moment.into_datetime(TimeUnit::Microseconds, None);
    let written = guarded(|| moment.to_string(format));
    let text = written.ok().and_then(|texts| texts.get(0).map(str::to_owned));
    text.unwrap_or_default()
}

/// A file that is being written.
pub(crate) struct CsvFile {
    output: Output,
    serializer: CsvSerializer,
    schema: SchemaRef,
    text: Vec<u8>,
    rows: u64,
}

impl CsvFile {
    /// A file that has the name `path` when it is [`finish`](CsvFile::finish)ed.
    ///
    /// # Errors
    /// `Io` where it cannot be made; `Type` of a nested column; `Value` of options that contradict each other.
    pub(crate) fn create(
        path: &Path,
        schema: &SchemaRef,
        options: &CsvWriteOptions,
    ) -> Result<CsvFile, Error> {
        check(schema)?;
        options.check()?;
        CsvFile::new(Output::file(path)?, schema, options)
    }

    /// One in a folder that is pending, at a path within it.
    ///
    /// # Errors
    /// As [`create`](CsvFile::create).
    pub(crate) fn inside(
        folder: &Pending,
        path: &Path,
        schema: &SchemaRef,
        options: &CsvWriteOptions,
    ) -> Result<CsvFile, Error> {
        check(schema)?;
        options.check()?;
        CsvFile::new(Output::inside(folder, path)?, schema, options)
    }

    pub(super) fn new(
        mut output: Output,
        schema: &SchemaRef,
        options: &CsvWriteOptions,
    ) -> Result<CsvFile, Error> {
        let serialize = Arc::new(options.serialize.clone());
        if options.has_header && !schema.is_empty() {
            let names: Vec<&str> = schema.iter_names().map(|name| name.as_str()).collect();
            output.push(&csv_header(&names, &serialize).map_err(Error::polars)?)?;
        }
        let serializer = CsvSerializer::new(schema.clone(), serialize).map_err(Error::polars)?;
        Ok(CsvFile { output, serializer, schema: schema.clone(), text: Vec::new(), rows: 0 })
    }

    /// Rows behind those that are there.
    ///
    /// # Errors
    /// `Schema` of others than the file's; `Io` where they cannot be written; `Value` of a format that polars refuses.
    pub(crate) fn push(&mut self, piece: &DataFrame) -> Result<(), Error> {
        same(&self.schema, piece)?;
        let mut start = 0;
        while start < piece.height() {
            let count = BATCH_ROWS.min(piece.height() - start);
            // The serializer wants columns of one chunk.
            let mut batch = piece.slice(start as i64, count);
            batch.rechunk_mut();
            self.text.clear();
            let (serializer, text) = (&mut self.serializer, &mut self.text);
            guarded(|| serializer.serialize_to_csv(&batch, text))
                .map_err(|said| Error::new(ErrorKind::Value, said))?;
            self.output.push(&self.text)?;
            start += count;
        }
        self.rows += piece.height() as u64;
        Ok(())
    }

    /// Lets the file have its name, when it is on the disk.
    ///
    /// # Errors
    /// `Io` where it cannot be written; then there is none.
    pub(crate) fn finish(self) -> Result<Written, Error> {
        Ok(Written { files: 1, rows: self.rows, bytes: self.output.finish()? })
    }
}

/// What CSV cannot have.
fn check(schema: &SchemaRef) -> Result<(), Error> {
    let cannot = |data_type: &DataType| {
        data_type.is_nested() || data_type.is_binary() || data_type.is_duration()
    };
    let Some((name, data_type)) = schema.iter().find(|(_, data_type)| cannot(data_type)) else {
        return Ok(());
    };
    let remedy = match data_type {
        DataType::Duration(_) => "make it a number, as `dt().total_seconds()` does",
        _ => "cast it to String",
    };
    let message = format!(
        "column `{name}` is {data_type:?}, which CSV has no text for: write Parquet, or {remedy}"
    );
    Err(Error::new(ErrorKind::Type, message))
}
