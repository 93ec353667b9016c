//! Errors of records, in words.
//!
//! In: a record or a field that is not as it should be. Out: an [`Error`] that quotes it and says what to write instead.
//!
//! Not here: on which line it is (`input`).

use crate::error::{Error, ErrorKind, quoted};
use crate::fill::{Bad, View, Why};
use crate::infer::{kind_of, widened};
use crate::records::Ragged;
use crate::schema::{DataType, Field};
use crate::values::{Wrong, unsigned};

/// How many names are listed.
const NAMES_MAX: usize = 20;

/// That a record has more or fewer fields than there are columns; `start` is where the piece begins.
pub(crate) fn ragged(fields: &[Field], ragged: &Ragged, start: u64) -> Error {
    let (found, wanted) = (ragged.fields, fields.len());
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    // A header in one piece is one between other delimiters, if it has any.
    let between = |byte: &u8| fields.len() == 1 && fields[0].name.as_bytes().contains(byte);
    let remedy = match [b';', b'\t', b'|'].iter().find(|byte| between(byte)) {
        Some(byte) => {
            format!(
                "if another byte stands between fields, say so with `delimiter(b{:?})`",
                char::from(*byte)
            )
        }
        None => {
            "correct it, or have such records filled and cut with `truncate_ragged_lines(true)`"
                .to_owned()
        }
    };
    let message = format!(
        "the record has {} where there {} {}: {remedy}",
        counted(found, "field"),
        if wanted == 1 { "is" } else { "are" },
        counted(wanted, "column"),
    );
    let column = match fields.get(found) {
        // The first that is missing, or the first there is no name for.
        Some(field) => field.name.clone(),
        None => (wanted + 1).to_string(),
    };
    Error::new(ErrorKind::Ragged, message).at(start + ragged.start as u64).in_column(column)
}

/// That a field is no value of its column; `start` is where the piece begins.
pub(crate) fn bad(
    field: &Field,
    at: usize,
    is_declared: bool,
    bad: &Bad,
    view: &View,
    start: u64,
) -> Error {
    let text = quoted(&bad.text);
    let (kind, message) = match bad.why {
        Why::Encoding => (
            ErrorKind::Format,
            format!("{text} is no UTF-8: convert the file, or read it with `lossy_utf8(true)`"),
        ),
        Why::Value(wrong) => {
            (ErrorKind::Type, contradiction(field, is_declared, wrong, &bad.text, &text))
        }
    };
    let offset = start + view.records.field_start(view.index, bad.record, at) as u64;
    Error::new(kind, message).at(offset).in_column(&field.name)
}

fn contradiction(
    field: &Field,
    is_declared: bool,
    wrong: Wrong,
    bytes: &[u8],
    text: &str,
) -> String {
    let taken = match field.data_type {
        _ if is_declared => "which the column is declared as",
        DataType::Null => "which are all that the sample has of the column",
        _ => "which the sample took the column for",
    };
    let what = match (wrong, field.data_type) {
        (Wrong::Range, DataType::UInt64) => {
            format!("{text} is not within the 64 bits of a UInt64, {taken}")
        }
        (Wrong::Range, _) => format!("{text} needs more than the 64 bits of an Int64, {taken}"),
        (Wrong::Offset, _) => {
            format!("{text} has an offset from UTC and is no Datetime without one, {taken}")
        }
        (Wrong::NoOffset, _) => {
            format!("{text} has no offset from UTC and is no Datetime in UTC, {taken}")
        }
        (Wrong::Text, DataType::Null) => format!("{text} is none of the nulls {taken}"),
        (Wrong::Text, data_type) => format!("{text} is no {data_type}, {taken}"),
    };
    let wider = match field.data_type {
        DataType::UInt64 => widened(DataType::Int64, kind_of(bytes)),
        data_type => widened(data_type, kind_of(bytes)),
    };
    let declare = |as_type: DataType| format!("`declare({:?}, {})`", field.name, as_type.in_code());
    let mut remedy = declare(wider);
    if wrong == Wrong::Range && field.data_type == DataType::Int64 && unsigned(bytes).is_ok() {
        remedy =
            format!("{}, if no other is negative, or with {remedy}", declare(DataType::UInt64));
    }
    match wrong {
        Wrong::Text => {
            format!("{what}: read it with {remedy}, or with `null_values([{text}])` if it is one")
        }
        _ => format!("{what}: read it with {remedy}"),
    }
}

/// That there is no column of this name.
pub(crate) fn no_column(name: &str, fields: &[Field]) -> Error {
    let mut names: Vec<_> =
        fields.iter().take(NAMES_MAX).map(|field| format!("`{}`", field.name)).collect();
    if fields.len() > NAMES_MAX {
        names.push(format!("and {} more", fields.len() - NAMES_MAX));
    }
    let message = match names.is_empty() {
        true => format!("there is no column `{name}`: the files are empty"),
        false => format!("there is no column `{name}`: the columns are {}", names.join(", ")),
    };
    Error::new(ErrorKind::Column, message)
}
