//! Folders that are named after values, as Hive has them.
//!
//! In: a folder. Out: the Parquet files in it, and what `origin=JFK/month=3/` says of each: columns of one value. They stand behind the others; one that a file has too is the path's.
//!
//! The types of such columns are those that are declared, else those that all their texts have: whole numbers, days, moments, else texts. `__HIVE_DEFAULT_PARTITION__` is null. Files that are hidden, whose names begin with a dot or `_`, are passed over.
//!
//! Not here: writing such folders (`write`).

use crate::error::{Error, ErrorKind};
use crate::expr::col;
use polars_core::prelude::{
    DataFrame, DataType, Field, IntoColumn, NamedFrom, PlSmallStr, Scalar, Series, TimeUnit,
};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The folder of null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";
/// Folders deeper than this are a link that leads to itself.
const DEPTH_MAX: usize = 64;

/// A file of a folder, and what the folders between say of it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) keys: Vec<(PlSmallStr, Option<String>)>,
}

/// A column of one value.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    pub(super) field: Field,
    pub(super) value: Scalar,
}

/// The Parquet files of a folder, in the order of their names; of folders in it only those named after values.
pub(super) fn files_in(folder: &Path) -> Result<Vec<Found>, Error> {
    let mut files = Vec::new();
    walk(folder, &mut Vec::new(), &mut files)?;
    if files.is_empty() {
        let (shown, pattern) = (folder.display(), folder.join("*"));
        let pattern = pattern.display();
        let message = format!(
            "the folder {shown} has no file named `*.parquet`: name the files, or a pattern such as `{pattern}`"
        );
        return Err(Error::new(ErrorKind::Io, message));
    }
    Ok(files)
}

fn walk(
    folder: &Path,
    keys: &mut Vec<(PlSmallStr, Option<String>)>,
    files: &mut Vec<Found>,
) -> Result<(), Error> {
    let fail = |error| Error::io("cannot read the folder", folder, error);
    let mut entries = Vec::new();
    for entry in folder.read_dir().map_err(fail)? {
        entries.push(entry.map_err(fail)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(['.', '_']) {
            continue;
        }
        let is_parquet = path.extension().is_some_and(|extension| extension == "parquet");
        if is_parquet && path.is_file() {
            files.push(Found { path: path.clone(), keys: keys.clone() });
        } else if let Some((key, value)) = name.split_once('=')
            && keys.len() < DEPTH_MAX
            && path.is_dir()
        {
            let value = (value != NULL).then(|| decoded(value).into_owned());
            keys.push((PlSmallStr::from_str(&decoded(key)), value));
            walk(&path, keys, files)?;
            keys.pop();
        }
    }
    Ok(())
}

/// Whether all files are in folders of the same names.
pub(super) fn same_keys(files: &[Found]) -> Result<(), Error> {
    let names = |found: &Found| found.keys.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let Some(first) = files.first().map(names) else { return Ok(()) };
    let Some(other) = files.iter().find(|found| names(found) != first) else {
        return Ok(());
    };
    let shown = |keys: Vec<PlSmallStr>| match keys.len() {
        0 => "in no folder named after a value".to_owned(),
        _ => format!("in folders named after `{}`", keys.join("`, `")),
    };
    let message = format!(
        "{} is {}, and {} is {}: read them as frames of their own",
        other.path.display(),
        shown(names(other)),
        files[0].path.display(),
        shown(first)
    );
    Err(Error::new(ErrorKind::Schema, message))
}

/// The columns that folders give to each file.
pub(super) fn constants(
    files: &[Found],
    declared: &[(PlSmallStr, DataType)],
) -> Result<Vec<Vec<Constant>>, Error> {
    let mut constants: Vec<Vec<Constant>> = vec![Vec::new(); files.len()];
    let Some(first) = files.first() else { return Ok(constants) };
    if let Some((name, _)) =
        declared.iter().find(|(name, _)| first.keys.iter().all(|(key, _)| key != name))
    {
        let message = format!(
            "no folder is named after `{name}`, as {} shows, and only such columns are declared: others have the types of the files, and `cast` makes others of them",
            first.path.display()
        );
        return Err(Error::new(ErrorKind::Column, message));
    }
    for (at, (key, _)) in first.keys.iter().enumerate() {
        let texts: Vec<Option<&str>> =
            files.iter().map(|found| found.keys[at].1.as_deref()).collect();
        let series = match declared.iter().find(|(name, _)| name == key) {
            None => typed(key, &texts),
            Some((_, dtype)) => as_declared(key, &texts, dtype, files)?,
        };
        let field = Field::new(key.clone(), series.dtype().clone());
        for (row, constants) in constants.iter_mut().enumerate() {
            let value = series.get(row).map_err(Error::polars)?.into_static();
            let value = Scalar::new(field.dtype.clone(), value);
            constants.push(Constant { field: field.clone(), value });
        }
    }
    Ok(constants)
}

/// Texts as values of a declared type.
fn as_declared(
    key: &PlSmallStr,
    texts: &[Option<&str>],
    dtype: &DataType,
    files: &[Found],
) -> Result<Series, Error> {
    let all = Series::new(key.clone(), texts);
    let made = if dtype.is_bool() {
        let truth = |text: &&str| match *text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        let truths = texts.iter().map(|text| text.as_ref().and_then(truth));
        Series::new(key.clone(), truths.collect::<Vec<_>>())
    } else {
        let rows = DataFrame::new(texts.len(), vec![all.into_column()]).map_err(Error::polars)?;
        let cast = col(key.clone()).cast_or_null(dtype.clone());
        cast.evaluate(&rows)?.take_materialized_series()
    };
    let is_lost =
        |(text, is_null): (&Option<&str>, Option<bool>)| text.is_some() && is_null == Some(true);
    match texts.iter().zip(made.is_null().iter()).position(is_lost) {
        None => Ok(made),
        Some(at) => {
            let (path, text) = (files[at].path.display(), texts[at].unwrap_or_default());
            let message = format!(
                "{path}: {text:?} is no {dtype}, which `{key}` is declared as: declare it as `DataType::String`"
            );
            Err(Error::new(ErrorKind::Value, message))
        }
    }
}

/// Texts as values of the narrowest type that all have.
fn typed(name: &PlSmallStr, texts: &[Option<&str>]) -> Series {
    let values = |value: fn(&str) -> Option<i64>| {
        let values = texts.iter().map(|text| text.map_or(Some(None), |text| value(text).map(Some)));
        let values: Option<Vec<Option<i64>>> = values.collect();
        values.filter(|values| values.iter().any(Option::is_some))
    };
    let moment = DataType::Datetime(TimeUnit::Microseconds, None);
    let (values, data_type) = if let Some(values) = values(|text| text.parse().ok()) {
        (values, DataType::Int64)
    } else if let Some(values) = values(day) {
        (values, DataType::Date)
    } else if let Some(values) = values(microsecond) {
        (values, moment)
    } else {
        return Series::new(name.clone(), texts);
    };
    let series = Series::new(name.clone(), values);
    series.cast(&data_type).expect("numbers of days and of microseconds are days and moments")
}

/// `2013-01-31` as days since 1970: Howard Hinnant's `days_from_civil`.
fn day(text: &str) -> Option<i64> {
    if !is_like(text, "0000-00-00") {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// `2013-01-31 01:02:03.5` as microseconds since 1970.
fn microsecond(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_fraction = fraction.len() <= 6 && !fraction.is_empty();
    if !is_fraction || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if !is_like(seconds, "0000-00-00 00:00:00") {
        return None;
    }
    let number = |from: usize, to: usize| seconds[from..to].parse::<i64>().ok();
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((day(&seconds[..10])? * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + format!("{fraction:0<6}").parse::<i64>().ok()?)
}

/// Whether a text has digits where the pattern has zeros, and else what it has.
fn is_like(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            wanted => byte == wanted,
        })
}

/// `%2F` as what it stands for; what stands for nothing stays.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_folders_get_the_type_that_all_have() {
        let typed = |texts: &[Option<&str>]| typed(&"x".into(), texts).dtype().clone();
        assert_eq!(typed(&[Some("1"), None, Some("-20")]), DataType::Int64);
        assert_eq!(typed(&[Some("2013-01-31")]), DataType::Date);
        assert_eq!(typed(&[Some("2013-02-31")]), DataType::String);
        let moment = DataType::Datetime(TimeUnit::Microseconds, None);
        assert_eq!(
            typed(&[Some("2013-01-31 00:00:00.000000"), Some("2013-01-31 01:02:03")]),
            moment
        );
        assert_eq!(typed(&[Some("1"), Some("a")]), DataType::String);
        assert_eq!(typed(&[None]), DataType::String);
        assert_eq!(typed(&[Some("2013-01-31 24:00:00")]), DataType::String);
    }

    #[test]
    fn days_and_moments_are_counted_from_1970() {
        assert_eq!(day("1970-01-01"), Some(0));
        assert_eq!(day("1969-12-31"), Some(-1));
        assert_eq!(day("2000-02-29"), Some(11_016));
        assert_eq!(day("0000-03-01"), Some(-719_468));
        assert_eq!(day("1900-02-29"), None);
        assert_eq!(day("2013-13-01"), None);
        assert_eq!(microsecond("1970-01-02 00:00:01.5"), Some(86_401_500_000));
        assert_eq!(microsecond("1970-01-01 00:00:00."), None);
    }

    #[test]
    fn codes_are_what_they_stand_for() {
        assert_eq!(decoded("a%2Fb%20c%25"), "a/b c%");
        assert_eq!(decoded("%C3%BC"), "ü");
        assert_eq!(decoded("5% %zz %+1 %"), "5% %zz %+1 %");
        assert_eq!(decoded("%ff"), "%ff");
    }
}
