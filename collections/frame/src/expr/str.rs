//! Functions of text.
//!
//! In: expressions whose values are text, or categories. Out: expressions, and what polars' kernels make of the values. Patterns and formats
//! are part of the expression and no columns, so that what is wrong with them is known before a file is read.
//!
//! Not here: casts of text (`cast`).

use super::function::not_of;
use super::types::{is_category, is_text};
use super::value::{Value, refused};
use super::{Expr, Function, Node};
use crate::{Error, ErrorKind};
use polars_core::prelude::arity::{unary_elementwise, unary_elementwise_values};
use polars_core::prelude::{
    BooleanChunked, Column, DataType, Int64Chunked, IntoSeries, NewChunkedArray, PlSmallStr,
    PolarsResult, Series, StringChunked, TimeUnit, UInt64Chunked,
};
use polars_ops::chunked_array::strings::StringNameSpaceImpl;
use polars_time::prelude::StringMethods;
use std::fmt::{Display, Formatter};

/// Functions of text: `col("carrier").str()`.
#[derive(Clone)]
pub struct StrExpr(pub(super) Expr);

/// What is done with a text.
#[derive(Clone, Debug)]
pub(crate) enum StrFunction {
    ToLowercase,
    ToUppercase,
    LenChars,
    LenBytes,
    Contains(PlSmallStr),
    ContainsLiteral(PlSmallStr),
    StartsWith(PlSmallStr),
    EndsWith(PlSmallStr),
    CountMatches(PlSmallStr),
    Find(PlSmallStr),
    Replace(PlSmallStr, PlSmallStr),
    ReplaceLiteral(PlSmallStr, PlSmallStr),
    ReplaceAll(PlSmallStr, PlSmallStr),
    ReplaceAllLiteral(PlSmallStr, PlSmallStr),
    Extract(PlSmallStr, usize),
    StripChars(Option<PlSmallStr>),
    StripCharsStart(Option<PlSmallStr>),
    StripCharsEnd(Option<PlSmallStr>),
    StripPrefix(PlSmallStr),
    StripSuffix(PlSmallStr),
    Slice(i64, Option<u64>),
    Head(i64),
    Tail(i64),
    Zfill(u64),
    PadStart(u64, char),
    PadEnd(u64, char),
    Split(PlSmallStr),
    ToDate(PlSmallStr, bool),
    ToTime(PlSmallStr, bool),
    ToDatetime(PlSmallStr, bool),
    ToInteger(u32, bool),
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) $function:expr;)*) => {
        impl StrExpr {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $of)*) -> Expr {
                self.0.with(Function::Str($function))
            })*
        }
    };
}

methods! {
    /// In small letters.
    to_lowercase() StrFunction::ToLowercase;
    /// In capitals.
    to_uppercase() StrFunction::ToUppercase;
    /// How many characters it has.
    len_chars() StrFunction::LenChars;
    /// How many bytes it has.
    len_bytes() StrFunction::LenBytes;
    /// Whether a regular expression, with the syntax of the crate `regex`, is found in it.
    contains(pattern: &str) StrFunction::Contains(pattern.into());
    /// Whether a text is found in it.
    contains_literal(text: &str) StrFunction::ContainsLiteral(text.into());
    /// Whether it starts with a text.
    starts_with(text: &str) StrFunction::StartsWith(text.into());
    /// Whether it ends with a text.
    ends_with(text: &str) StrFunction::EndsWith(text.into());
    /// How often a regular expression is found in it.
    count_matches(pattern: &str) StrFunction::CountMatches(pattern.into());
    /// At which byte a regular expression is found first; null where it is not.
    find(pattern: &str) StrFunction::Find(pattern.into());
    /// With another text for what a regular expression finds first; `$1` or `${name}` in it is a group.
    replace(pattern: &str, with: &str) StrFunction::Replace(pattern.into(), with.into());
    /// With another text where a text is found first.
    replace_literal(text: &str, with: &str) StrFunction::ReplaceLiteral(text.into(), with.into());
    /// With another text for all that a regular expression finds; `$1` or `${name}` in it is a group.
    replace_all(pattern: &str, with: &str) StrFunction::ReplaceAll(pattern.into(), with.into());
    /// With another text wherever a text is found.
    replace_all_literal(text: &str, with: &str) StrFunction::ReplaceAllLiteral(text.into(), with.into());
    /// What a group of a regular expression finds, or with 0 all of it; null where it is not found.
    extract(pattern: &str, group: usize) StrFunction::Extract(pattern.into(), group);
    /// Without white space at both ends.
    strip() StrFunction::StripChars(None);
    /// Without those characters at both ends.
    strip_chars(characters: &str) StrFunction::StripChars(Some(characters.into()));
    /// Without those characters at its start.
    strip_chars_start(characters: &str) StrFunction::StripCharsStart(Some(characters.into()));
    /// Without those characters at its end.
    strip_chars_end(characters: &str) StrFunction::StripCharsEnd(Some(characters.into()));
    /// Without that text at its start.
    strip_prefix(text: &str) StrFunction::StripPrefix(text.into());
    /// Without that text at its end.
    strip_suffix(text: &str) StrFunction::StripSuffix(text.into());
    /// So many characters from the one with that number; a negative number counts from the end. `None` takes all that follow.
    slice(offset: i64, length: Option<u64>) StrFunction::Slice(offset, length);
    /// The first `n` characters; with a negative number all but the last `-n`.
    head(n: i64) StrFunction::Head(n);
    /// The last `n` characters; with a negative number all but the first `-n`.
    tail(n: i64) StrFunction::Tail(n);
    /// With zeros in front, behind a sign, up to so many bytes.
    zfill(length: u64) StrFunction::Zfill(length);
    /// With a character in front up to so many characters.
    pad_start(length: u64, with: char) StrFunction::PadStart(length, with);
    /// With a character behind up to so many characters.
    pad_end(length: u64, with: char) StrFunction::PadEnd(length, with);
    /// What stands between a text, as a list.
    split(by: &str) StrFunction::Split(by.into());
    /// As a date of that format, `"%Y-%m-%d"`, as `chrono` has them. What is none is an error that shows it.
    to_date(format: &str) StrFunction::ToDate(format.into(), true);
    /// As [`to_date`](StrExpr::to_date); what is none is null.
    to_date_or_null(format: &str) StrFunction::ToDate(format.into(), false);
    /// As a time of day of that format, `"%H:%M:%S"`. What is none is an error that shows it.
    to_time(format: &str) StrFunction::ToTime(format.into(), true);
    /// As [`to_time`](StrExpr::to_time); what is none is null.
    to_time_or_null(format: &str) StrFunction::ToTime(format.into(), false);
    /// As a date and time of that format, `"%Y-%m-%d %H:%M:%S"`, in microseconds; with `%z` in UTC. What is none is an error that shows it.
    to_datetime(format: &str) StrFunction::ToDatetime(format.into(), true);
    /// As [`to_datetime`](StrExpr::to_datetime); what is none is null.
    to_datetime_or_null(format: &str) StrFunction::ToDatetime(format.into(), false);
    /// As an `Int64`, of digits to a base from 2 to 36. What is none is an error that shows it.
    to_integer(base: u32) StrFunction::ToInteger(base, true);
    /// As [`to_integer`](StrExpr::to_integer); what is none is null.
    to_integer_or_null(base: u32) StrFunction::ToInteger(base, false);
}

impl Display for StrFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let stripped = |name: &str, of: &Option<PlSmallStr>| match of {
            Some(of) => format!("{name}({:?})", of.as_str()),
            None => "strip()".to_owned(),
        };
        let read = |name: &str, format: &dyn std::fmt::Debug, strict: &bool| {
            let or_null = if *strict { "" } else { "_or_null" };
            format!("{name}{or_null}({format:?})")
        };
        let shown = match self {
            StrFunction::StripChars(of) => stripped("strip_chars", of),
            StrFunction::StripCharsStart(of) => stripped("strip_chars_start", of),
            StrFunction::StripCharsEnd(of) => stripped("strip_chars_end", of),
            StrFunction::ToDate(format, strict) => read("to_date", format, strict),
            StrFunction::ToTime(format, strict) => read("to_time", format, strict),
            StrFunction::ToDatetime(format, strict) => read("to_datetime", format, strict),
            StrFunction::ToInteger(base, strict) => read("to_integer", base, strict),
            other => {
                // The variant's name, then what is in it, as `Debug` shows both.
                let shown = format!("{other:?}");
                let (name, args) = shown.split_once('(').unwrap_or((&shown, ")"));
                format!("{}({args}", super::function::snake(name))
            }
        };
        f.write_str(&shown)
    }
}

impl StrFunction {
    pub(super) fn evaluate(&self, value: &Value, whole: &Expr) -> Result<Value, Error> {
        let cast;
        let value = match value.dtype() {
            DataType::String => value,
            dtype if is_category(dtype) || dtype.is_null() => {
                cast = value.map(whole, |series| series.cast(&DataType::String))?;
                &cast
            }
            dtype => {
                debug_assert!(!is_text(dtype));
                let Node::Function { inputs, .. } = whole.node() else {
                    unreachable!("a function is asked for by one")
                };
                return Err(not_of("text", value, &inputs[0], whole));
            }
        };
        let text = value.series.str().map_err(|error| refused(whole, error))?;
        let series = self.of(text).map_err(|error| refused(whole, error))?;
        self.refuse_lost(text, &series, whole)?;
        Ok(Value { series, one: value.one, open: None })
    }

    fn of(&self, text: &StringChunked) -> PolarsResult<Series> {
        use StrFunction::*;
        Ok(match self {
            ToLowercase => text.to_lowercase().into_series(),
            ToUppercase => text.to_uppercase().into_series(),
            LenChars => text.str_len_chars().into_series(),
            LenBytes => text.str_len_bytes().into_series(),
            Contains(pattern) => text.contains(pattern, true)?.into_series(),
            ContainsLiteral(part) => text.contains_literal(part)?.into_series(),
            StartsWith(start) => tested(text, |text| text.starts_with(start.as_str())),
            EndsWith(end) => tested(text, |text| text.ends_with(end.as_str())),
            CountMatches(pattern) => text.count_matches(pattern, false)?.into_series(),
            Find(pattern) => text.find(pattern, true)?.into_series(),
            Replace(pattern, with) => text.replace(pattern, with)?.into_series(),
            ReplaceLiteral(part, with) => text.replace_literal(part, with, 1)?.into_series(),
            ReplaceAll(pattern, with) => text.replace_all(pattern, with)?.into_series(),
            ReplaceAllLiteral(part, with) => text.replace_literal_all(part, with)?.into_series(),
            Extract(pattern, group) => text.extract(&one(pattern), *group)?.into_series(),
            StripChars(of) => text.strip_chars(&set(of))?.into_series(),
            StripCharsStart(of) => text.strip_chars_start(&set(of))?.into_series(),
            StripCharsEnd(of) => text.strip_chars_end(&set(of))?.into_series(),
            StripPrefix(prefix) => text.strip_prefix(&one(prefix)).into_series(),
            StripSuffix(suffix) => text.strip_suffix(&one(suffix)).into_series(),
            Slice(offset, length) => {
                let length = length.unwrap_or(u64::MAX);
                text.str_slice(&number(*offset), &count(length))?.into_series()
            }
            Head(n) => text.str_head(&number(*n))?.into_series(),
            Tail(n) => text.str_tail(&number(*n))?.into_series(),
            Zfill(length) => text.zfill(&lengths(*length)).into_series(),
            PadStart(length, with) => text.pad_start(&lengths(*length), *with).into_series(),
            PadEnd(length, with) => text.pad_end(&lengths(*length), *with).into_series(),
            Split(by) => text.split(&one(by))?.into_series(),
            ToDate(format, _) => text.as_date(Some(format), true)?.into_series(),
            ToTime(format, _) => text.as_time(Some(format), true)?.into_series(),
            ToDatetime(format, _) => {
                let zone = format.contains("%z") || format.contains("%:z");
                let unit = TimeUnit::Microseconds;
                text.as_datetime(Some(format), unit, true, zone, None, &one("raise"))?.into_series()
            }
            ToInteger(base, _) => integers(text, *base).into_series(),
        })
    }

    /// That a text is not what it is read as, where that is asked for strictly.
    fn refuse_lost(&self, text: &StringChunked, read: &Series, whole: &Expr) -> Result<(), Error> {
        let (name, of, how) = match self {
            StrFunction::ToDate(format, true) => {
                ("to_date", "a date", format!(" of the format {format:?}"))
            }
            StrFunction::ToTime(format, true) => {
                ("to_time", "a time", format!(" of the format {format:?}"))
            }
            StrFunction::ToDatetime(format, true) => {
                ("to_datetime", "a date and time", format!(" of the format {format:?}"))
            }
            StrFunction::ToInteger(base, true) => {
                ("to_integer", "an Int64", format!(" to the base {base}"))
            }
            _ => return Ok(()),
        };
        if text.null_count() == read.null_count() {
            return Ok(());
        }
        let there = read.is_not_null();
        let lost = text
            .iter()
            .zip(there.iter())
            .find_map(|(text, read)| text.filter(|_| read == Some(false)));
        Err(Error::new(
            ErrorKind::Value,
            format!(
                "`{whole}`: {:?} is not {of}{how}; `{name}_or_null` makes null of such texts",
                lost.unwrap_or_default()
            ),
        ))
    }
}

fn tested(text: &StringChunked, test: impl Fn(&str) -> bool) -> Series {
    let tested: BooleanChunked = unary_elementwise_values(text, test);
    tested.into_series()
}

fn one(text: &str) -> StringChunked {
    StringChunked::from_slice(PlSmallStr::EMPTY, &[text])
}

/// The characters that are taken off: white space if none are said.
fn set(of: &Option<PlSmallStr>) -> Column {
    let of: StringChunked = [of.as_deref()].into_iter().collect();
    of.into_series().into()
}

fn number(number: i64) -> Column {
    Column::new(PlSmallStr::EMPTY, [number])
}

fn count(count: u64) -> Column {
    Column::new(PlSmallStr::EMPTY, [count])
}

fn lengths(length: u64) -> UInt64Chunked {
    UInt64Chunked::from_slice(PlSmallStr::EMPTY, &[length])
}

fn integers(text: &StringChunked, base: u32) -> Int64Chunked {
    let base = base.clamp(2, 36);
    unary_elementwise(text, |text| i64::from_str_radix(text?, base).ok())
}
