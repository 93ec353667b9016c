//! Fields into columns.
//!
//! In: a piece's records, and a column that has those of the pieces before. Out: the column with one more value for each record, or the
//! first record whose field is none.
//!
//! The usual field is read as it lies there. One that is no value then may be a null, quoted or between spaces, which is looked into
//! behind a call that is not inlined.
//!
//! Not here: what is a record (`records`).

use crate::columns::{Booleans, Column, Values};
use crate::dialect::Options;
use crate::records::{Field, Records, Shape, text_of};
use crate::scan::Index;
use crate::texts::{SHORT_TEXT, Strings, short_view, view_of};
use crate::values::{
    SHORT_INTEGER, Wrong, boolean, date, datetime, float, integer, short_integer, unsigned,
};

/// The records of a piece.
pub(crate) struct View<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) index: &'a Index,
    pub(crate) records: &'a Records,
    pub(crate) shape: &'a Shape<'a>,
    pub(crate) options: &'a Options,
}

/// A field that is no value of its column.
#[derive(Debug)]
pub(crate) struct Bad {
    pub(crate) record: usize,
    pub(crate) why: Why,
    /// The text, without quotes.
    pub(crate) text: Vec<u8>,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Value(Wrong),
    /// It is no UTF-8.
    Encoding,
}

impl View<'_> {
    /// The fields of a column, one after the other.
    #[inline(always)]
    pub(crate) fn for_each<'a>(
        &'a self,
        column: usize,
        each: impl FnMut(usize, Option<Field<'a>>),
    ) {
        self.records.for_each(self.data, self.index, self.shape, column, each);
    }
}

/// Appends what is in the file's column `at`.
pub(crate) fn append(column: &mut Column, at: usize, view: &View) -> Result<(), Bad> {
    match column {
        Column::Null(count) => {
            let mut none = Values::<()>::default();
            fixed(&mut none, at, view, |_| None, |_| Err(Wrong::Text))?;
            *count += none.len();
            Ok(())
        }
        Column::Boolean(out) => booleans(out, at, view),
        Column::Int64(out) => fixed(out, at, view, usual_integer, integer),
        Column::UInt64(out) => fixed(out, at, view, by(unsigned), unsigned),
        Column::Float64(out) => fixed(out, at, view, by(float), float),
        Column::Date(out) => fixed(out, at, view, by(date), date),
        Column::Datetime { values, utc } => {
            let utc = *utc;
            let parse = |text: &[u8]| match datetime(text)? {
                (micros, has_offset) if has_offset == utc => Ok(micros),
                (_, true) => Err(Wrong::Offset),
                (_, false) => Err(Wrong::NoOffset),
            };
            fixed(values, at, view, by(parse), parse)
        }
        Column::String(out) => strings(out, at, view),
    }
}

/// The text of a field that is not simply a value, without quotes and spaces; `None` for a null.
pub(crate) fn laid_bare<'a>(
    field: Option<&'a [u8]>,
    options: &Options,
    scratch: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    let (text, _) = text_of(field?, options.quote, scratch);
    let trimmed = text.trim_ascii();
    let is_null = trimmed.is_empty() || options.is_null(text) || options.is_null(trimmed);
    (!is_null).then_some(trimmed)
}

#[inline(always)]
fn usual_integer(field: Field) -> Option<i64> {
    if field.len() <= SHORT_INTEGER {
        short_integer(field.first(), field.len())
    } else {
        integer(field.bytes()).ok()
    }
}

/// Reads the usual field by what reads every text.
fn by<T>(parse: impl Fn(&[u8]) -> Result<T, Wrong>) -> impl Fn(Field) -> Option<T> {
    #[inline(always)]
    move |field| parse(field.bytes()).ok()
}

/// What is written of values of a fixed size; `usual` may leave to `parse` what it does not know.
fn fixed<T: Copy + Default>(
    out: &mut Values<T>,
    at: usize,
    view: &View,
    usual: impl Fn(Field) -> Option<T>,
    parse: impl Fn(&[u8]) -> Result<T, Wrong>,
) -> Result<(), Bad> {
    // A null that is written as a value has to be looked for first.
    let is_value = |null: &Vec<u8>| parse(null.trim_ascii()).is_ok();
    let nulls_first = view.options.nulls.iter().any(is_value);
    let before = out.len();
    out.values.reserve(view.records.len());
    let mut odd = Odd::default();
    view.for_each(at, |record, field| {
        if !nulls_first
            && let Some(field) = field
            && let Some(value) = usual(field)
        {
            out.values.push(value);
        } else {
            out.values.push(odd.read(record, field.map(Field::bytes), view.options, &parse));
        }
    });
    out.mark(before, &odd.nulls);
    odd.bad.map_or(Ok(()), Err)
}

/// The fields that are not simply values.
#[derive(Default)]
struct Odd {
    nulls: Vec<u32>,
    bad: Option<Bad>,
    scratch: Vec<u8>,
}

impl Odd {
    #[inline(never)]
    fn read<T: Default>(
        &mut self,
        record: usize,
        field: Option<&[u8]>,
        options: &Options,
        parse: impl Fn(&[u8]) -> Result<T, Wrong>,
    ) -> T {
        let Some(text) = laid_bare(field, options, &mut self.scratch) else {
            self.nulls.push(record as u32);
            return T::default();
        };
        parse(text).unwrap_or_else(|wrong| {
            let bad = || Bad { record, why: Why::Value(wrong), text: text.to_vec() };
            self.bad.get_or_insert_with(bad);
            T::default()
        })
    }
}

fn booleans(out: &mut Booleans, at: usize, view: &View) -> Result<(), Bad> {
    let mut bytes = Values::<bool>::default();
    fixed(&mut bytes, at, view, by(boolean), boolean)?;
    let before = out.len();
    let mut nulls = Vec::new();
    for (at, value) in bytes.iter().enumerate() {
        out.push(value.unwrap_or_default());
        if value.is_none() {
            nulls.push(at as u32);
        }
    }
    out.mark(before, &nulls);
    Ok(())
}

fn strings(out: &mut Strings, at: usize, view: &View) -> Result<(), Bad> {
    let options = view.options;
    let before = out.len();
    out.reserve(view.records.len());
    let short_nulls = options.nulls.iter().filter(|null| null.len() <= SHORT_TEXT);
    let short_nulls: Vec<_> = short_nulls.map(|null| view_of(null)).collect();
    let (mut nulls, mut scratch) = (Vec::new(), Vec::new());
    view.for_each(at, |record, field| {
        if let Some(field) = field
            && (1..=SHORT_TEXT).contains(&field.len())
            && options.quote != Some(field.first::<1>()[0])
        {
            let text = short_view(field.first(), field.len());
            if short_nulls.contains(&text) {
                nulls.push(record as u32);
                out.push_view(view_of(b""));
            } else {
                out.push_view(text);
            }
            return;
        }
        let bytes = field.map(Field::bytes);
        let (text, is_quoted) = text_of(bytes.unwrap_or_default(), options.quote, &mut scratch);
        let is_missing = text.is_empty() && !is_quoted && options.missing_is_null;
        if is_missing || field.is_none() || options.is_null(text) {
            nulls.push(record as u32);
            out.push(b"");
        } else {
            out.push(text);
        }
    });
    out.mark(before, &nulls);
    match out.first_invalid(before) {
        None => Ok(()),
        Some(_) if options.is_lossy => {
            out.replace_invalid(before);
            Ok(())
        }
        Some(at) => {
            let text = out.get_bytes(at).unwrap_or_default().to_vec();
            Err(Bad { record: at - before, why: Why::Encoding, text })
        }
    }
}
