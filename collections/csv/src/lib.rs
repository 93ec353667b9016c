//! CSV files into typed columns, as fast as the memory allows and with nothing guessed in silence.
//!
//! In: paths and [`Options`]. Out: a [`Schema`], [`Part`]s that can be read in parallel and in any order, and [`Columns`] in the layout of
//! Arrow. Whatever the parts are, together they give exactly the rows of the files, in their order; a row that cannot be read gives an
//! [`Error`] that names the file, the line, the column, the text and the remedy.
//!
//! ```text
//! dialect    what users say of their files          error     what goes wrong
//! schema     names and types                        columns   what is read
//! input      bytes of files; frames, of zstd         lanes     64 bytes compared at once
//! scan       positions of separators                records   which of them are whose; fields without quotes
//! values     texts as numbers and dates             fill      fields into columns
//! pieces     a file piece by piece                  infer     types of a sample
//! split      parts, and where their records begin   open      the files, once: header, sample
//! read       parts                                  report    errors of records, in words
//! glob       patterns of paths                  texts     columns of texts
//! ```
//!
//! # What is read as what
//! Records end with LF or CRLF. A field is quoted if its first byte is the quote; in it, delimiters and newlines are text and a doubled
//! quote is one. Quotes in the midst of other fields are text, and so is what follows a closing quote. A blank line is no record, except
//! in files of one column, where it is a null. A lone CR is text. A UTF-8 byte order mark is skipped.
//!
//! Nulls are the texts that [`Options::null_values`] names, quoted or not, and empty fields; with strings only those that are not quoted,
//! and only if [`Options::missing_is_null`] says so. Numbers, booleans and dates may stand between spaces and in quotes.
//!
//! # Examples
//! ```
//! use taskweave_csv::{Options, Source};
//! # let folder = std::env::temp_dir().join(format!("taskweave-csv-front-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("planes.csv");
//! std::fs::write(&path, "carrier,delay\nUA,2.5\n\"A, B\",\nUA,4\n")?;
//! let source = Source::open([&path], Options::new())?;
//! assert_eq!(source.schema().to_string(), "carrier: String, delay: Float64");
//! let mut sum = 0.0;
//! for part in source.parts(16 << 20) {
//!     let columns = source.read(&part, &["delay"])?;
//!     let delays = columns.column(0).as_float64().unwrap();
//!     sum += delays.iter().flatten().sum::<f64>();
//! }
//! assert_eq!(sum, 6.5);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod columns;
mod dialect;
mod error;
mod fill;
#[cfg(feature = "zstd")]
mod frames;
mod glob;
mod infer;
mod input;
mod lanes;
mod open;
mod pieces;
mod read;
mod records;
mod report;
mod scan;
mod schema;
mod split;
mod texts;
mod values;

pub use columns::{Bitmap, Booleans, Column, Columns, Values};
pub use dialect::Options;
pub use error::{Error, ErrorKind};
pub use glob::glob;
pub use open::Source;
pub use schema::{DataType, Field, Schema};
pub use split::Part;
pub use texts::Strings;
