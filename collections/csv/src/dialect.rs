//! What users say of their files.
//!
//! In: calls of [`Options`]' methods. Out: options that don't contradict each other.
//!
//! Not here: what the files say of themselves (`open`).

use crate::error::{Error, ErrorKind};
use crate::schema::DataType;

/// Rows at the beginning of each file from which types are guessed.
const SAMPLE_ROWS: usize = 1000;
/// What is read at once: it fits the second-level cache, with the positions of its separators.
const PIECE_BYTES: usize = 256 << 10;

/// How files are written, and what is made of them.
///
/// # Examples
/// ```
/// use taskweave_csv::{DataType, Options};
/// let options = Options::new()
///     .delimiter(b';')
///     .null_values(["NA", "-"])
///     .declare("tail number", DataType::String);
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    pub(crate) comment: Option<Vec<u8>>,
    pub(crate) has_header: bool,
    pub(crate) nulls: Vec<Vec<u8>>,
    pub(crate) missing_is_null: bool,
    pub(crate) skip_rows: usize,
    pub(crate) truncate_ragged: bool,
    pub(crate) is_lossy: bool,
    pub(crate) rename_duplicates: bool,
    pub(crate) parse_dates: bool,
    pub(crate) allow_empty: bool,
    pub(crate) declared: Vec<(String, DataType)>,
    pub(crate) sample_rows: usize,
    pub(crate) piece_bytes: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            delimiter: b',',
            quote: Some(b'"'),
            comment: None,
            has_header: true,
            nulls: Vec::new(),
            missing_is_null: true,
            skip_rows: 0,
            truncate_ragged: false,
            is_lossy: false,
            rename_duplicates: false,
            parse_dates: false,
            allow_empty: false,
            declared: Vec::new(),
            sample_rows: SAMPLE_ROWS,
            piece_bytes: PIECE_BYTES,
        }
    }
}

impl Options {
    /// Commas, double quotes, a header, no comments.
    pub fn new() -> Options {
        Options::default()
    }

    /// The byte between fields, of ASCII; a comma if nothing is said.
    pub fn delimiter(mut self, delimiter: u8) -> Options {
        self.delimiter = delimiter;
        self
    }

    /// The byte around fields, of ASCII, or `None` if quotes are text; a double quote if nothing is said.
    pub fn quote(mut self, quote: impl Into<Option<u8>>) -> Options {
        self.quote = quote.into();
        self
    }

    /// Lines that begin with this are no records, wherever they stand. A line inside a quoted field is none of them.
    pub fn comment_prefix(mut self, prefix: &str) -> Options {
        self.comment = Some(prefix.as_bytes().to_vec());
        self
    }

    /// Whether the first record has the names (`true` if nothing is said); else they are `column_1`, `column_2` and so on.
    pub fn has_header(mut self, has_header: bool) -> Options {
        self.has_header = has_header;
        self
    }

    /// Texts that are nulls, in every column, quoted or not.
    pub fn null_values<T: AsRef<str>>(mut self, texts: impl IntoIterator<Item = T>) -> Options {
        self.nulls = texts.into_iter().map(|text| text.as_ref().as_bytes().to_vec()).collect();
        self
    }

    /// Whether an empty field without quotes is a null in columns of strings (`true` if nothing is said), or an empty string. In other
    /// columns it is a null in any case.
    pub fn missing_is_null(mut self, missing_is_null: bool) -> Options {
        self.missing_is_null = missing_is_null;
        self
    }

    /// So many lines at the beginning of each file are passed over before the header. Comments are not counted, blank lines are, and a
    /// quoted field with newlines in it is on one line.
    pub fn skip_rows(mut self, rows: usize) -> Options {
        self.skip_rows = rows;
        self
    }

    /// What a record with fewer fields than columns lacks is null, and what another has too many is dropped. If nothing is said, both are
    /// errors.
    pub fn truncate_ragged_lines(mut self, truncate: bool) -> Options {
        self.truncate_ragged = truncate;
        self
    }

    /// In columns of strings and in headers, bytes that are no UTF-8 become U+FFFD. If nothing is said, they are errors.
    pub fn lossy_utf8(mut self, is_lossy: bool) -> Options {
        self.is_lossy = is_lossy;
        self
    }

    /// A name that a header has twice gets `_duplicated_0` at its end where it comes again, then `_duplicated_1`. If nothing is said, it is
    /// an error.
    pub fn rename_duplicates(mut self, rename: bool) -> Options {
        self.rename_duplicates = rename;
        self
    }

    /// Whether columns of dates and times are found in the sample; else they are strings, if they are not declared.
    pub fn try_parse_dates(mut self, parse: bool) -> Options {
        self.parse_dates = parse;
        self
    }

    /// A file without a header is one without rows. If nothing is said, it is an error.
    pub fn allow_empty(mut self, allow: bool) -> Options {
        self.allow_empty = allow;
        self
    }

    /// The type of the column of this name, whatever the sample says. If all are declared, nothing is sampled.
    pub fn declare(mut self, name: impl Into<String>, data_type: DataType) -> Options {
        let name = name.into();
        self.declared.retain(|(known, _)| *known != name);
        self.declared.push((name, data_type));
        self
    }

    /// How many rows at the beginning of each file are sampled, 1000 if nothing is said. Of long files some rows further on are sampled
    /// too. With 0, what is not declared is a string.
    pub fn sample_rows(mut self, rows: usize) -> Options {
        self.sample_rows = rows;
        self
    }

    /// How much is read at once, 256 KiB if nothing is said; it grows where a record is longer.
    pub fn piece_bytes(mut self, bytes: usize) -> Options {
        self.piece_bytes = bytes;
        self
    }

    /// What cannot be meant.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::new(ErrorKind::Options, message));
        let bytes = [("delimiter", Some(self.delimiter)), ("quote", self.quote)];
        for (what, byte) in bytes {
            if let Some(byte) = byte
                && (byte >= 0x80 || byte == b'\n' || byte == b'\r')
            {
                let byte = byte.escape_ascii();
                return refuse(format!(
                    "the {what} `{byte}` cannot be told from text or a newline: use another byte of ASCII"
                ));
            }
        }
        if self.quote == Some(self.delimiter) {
            let byte = self.delimiter.escape_ascii();
            return refuse(format!(
                "`{byte}` is both the delimiter and the quote: set one of them, or `quote(None)`"
            ));
        }
        if let Some(comment) = &self.comment {
            let shown = comment.escape_ascii();
            let first = comment.first().copied();
            let Some(first) = first else {
                return refuse("an empty comment prefix makes every line a comment".to_owned());
            };
            if first == self.delimiter || Some(first) == self.quote {
                return refuse(format!(
                    "the comment prefix `{shown}` begins as a field does: use one that begins with neither the delimiter nor the quote"
                ));
            }
            if comment.contains(&b'\n') || comment.contains(&b'\r') {
                return refuse(format!("the comment prefix `{shown}` has a newline in it"));
            }
        }
        Ok(())
    }

    pub(crate) fn is_null(&self, text: &[u8]) -> bool {
        // Most texts differ in their first byte, which saves a call.
        self.nulls.iter().any(|null| null.first() == text.first() && null == text)
    }
}
