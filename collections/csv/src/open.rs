//! The files of a source, looked at once.
//!
//! In: paths and [`Options`]. Out: [`Source`], which knows where records begin in each file, the names of the columns, and their types.
//!
//! Types come from rows at the beginning of every file, and of long ones from [`PLACES`] further on, up to the end. Whether those begin
//! outside of quotes is not known for sure, so they are only taken for rows if each has as many fields as there are columns; types can
//! only get wider by them.
//!
//! Not here: how rows are read (`read`).

use crate::dialect::Options;
use crate::error::{Error, ErrorKind};
use crate::fill::View;
use crate::infer::observe;
use crate::input::{Found, Input};
use crate::pieces::Pieces;
use crate::records::{Records, Shape, field, is_blank, is_comment, text_of};
use crate::report;
use crate::scan::Marks;
use crate::schema::{DataType, Field, Schema};
use crate::split::{Borders, Part};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// What is read of a sample at once.
const SAMPLE_BYTES: usize = 64 << 10;
/// How many places of a long file are sampled besides its beginning.
const PLACES: u64 = 3;
/// A file so many times longer than a sample is long.
const LONG: u64 = 16;

/// CSV files with the same columns, to be read in parts.
///
/// It is cheap to clone, and can be read by any number of threads at once. What it knows of a file is what it was when it was opened; a
/// file that has changed since is an error.
///
/// # Examples
/// ```
/// use taskweave_csv::{DataType, Options, Source};
/// # let folder = std::env::temp_dir().join(format!("taskweave-csv-open-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let (a, b) = (folder.join("a.csv"), folder.join("b.csv"));
/// std::fs::write(&a, "day,delay\n2013-01-01,2\n")?;
/// std::fs::write(&b, "day,delay\n2013-01-02,3.5\n")?;
/// let source = Source::open([&a, &b], Options::new().declare("day", DataType::Date))?;
/// assert_eq!(source.schema().to_string(), "day: Date, delay: Float64");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Source(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) marks: Marks,
    pub(crate) schema: Schema,
    /// For each column whether its type is declared.
    pub(crate) is_declared: Vec<bool>,
    pub(crate) files: Vec<Found>,
    /// For each file.
    pub(crate) borders: Vec<Borders>,
    /// How many bytes a record has in the mean, if there was a sample.
    record_bytes: Option<u64>,
}

impl Source {
    /// Looks at the files: their headers, and a sample of their rows. [`glob`](crate::glob()) makes paths of a pattern.
    ///
    /// # Errors
    /// [`Options`](ErrorKind::Options) that contradict each other, or no file; a file that cannot be read ([`Io`](ErrorKind::Io)), has
    /// no record ([`Empty`](ErrorKind::Empty)), is no text in UTF-8 or cut off ([`Format`](ErrorKind::Format)), has another header than
    /// the first or a name twice ([`Header`](ErrorKind::Header)), or has a ragged row in the sample ([`Ragged`](ErrorKind::Ragged)); a
    /// declared column that is not there ([`Column`](ErrorKind::Column)).
    ///
    /// # Cost
    /// At most about 400 KiB of each file are read, unless its first rows are longer or skipped ones are.
    pub fn open<P: AsRef<Path>>(
        paths: impl IntoIterator<Item = P>,
        options: Options,
    ) -> Result<Source, Error> {
        options.check()?;
        let marks = Marks::of(&options);
        let mut files: Vec<Found> = Vec::new();
        let mut header: Option<(Vec<String>, usize)> = None;
        for path in paths {
            let mut found = Found::new(path.as_ref())?;
            let head =
                Head::read(&found, &marks, &options).map_err(|error| found.located(error))?;
            let Some(head) = head else {
                if !options.allow_empty {
                    let message = "has no record, not even a header: leave it out, or take it for a file without rows with `allow_empty(true)`";
                    return Err(Error::new(ErrorKind::Empty, message).in_file(&found.path));
                }
                found.is_empty = true;
                // What lines there are, are no rows.
                found.start = if found.is_splittable() { found.length } else { u64::MAX };
                files.push(found);
                continue;
            };
            found.start = head.start;
            match &header {
                None => header = Some((head.names, files.len())),
                Some((names, first)) => {
                    same(names, &files[*first].path, &head.names, &found.path)?;
                }
            }
            files.push(found);
        }
        if files.is_empty() {
            let message = "there is no file to read: name at least one";
            return Err(Error::new(ErrorKind::Options, message));
        }
        let names = match header {
            Some((names, _)) => names,
            // Where nothing says otherwise, what is declared is there.
            None => options.declared.iter().map(|(name, _)| name.clone()).collect(),
        };
        let fields = names.into_iter().map(|name| Field { name, data_type: DataType::Null });
        let mut schema = Schema { fields: fields.collect() };
        let mut is_declared = vec![false; schema.len()];
        for (name, data_type) in &options.declared {
            let Some(at) = schema.position(name) else {
                return Err(report::no_column(name, &schema.fields));
            };
            schema.fields[at].data_type = *data_type;
            is_declared[at] = true;
        }
        let mut record_bytes = None;
        if is_declared.contains(&false) {
            let mut sample =
                Sample { options: &options, marks: &marks, schema: &schema, seen: (0, 0) };
            let types = sample.of(&files)?;
            record_bytes = sample.record_bytes();
            let columns = schema.fields.iter_mut().zip(&is_declared).zip(types);
            for ((field, _), data_type) in columns.filter(|((_, declared), _)| !**declared) {
                field.data_type = data_type;
            }
        }
        let borders = files.iter().map(|found| Borders::new(found.start)).collect();
        let inner = Inner { options, marks, schema, is_declared, files, borders, record_bytes };
        Ok(Source(Arc::new(inner)))
    }

    /// About how many rows a part has, by the mean length of the rows in the sample; nothing of a compressed file, and where there was no
    /// sample.
    ///
    /// # Cost
    /// Nothing is read.
    pub fn rows(&self, part: &Part) -> Option<u64> {
        let is_known = self.0.files.get(part.file).is_some_and(Found::is_splittable);
        let bytes = part.to.saturating_sub(part.from);
        self.0.record_bytes.filter(|_| is_known).map(|record| bytes.div_ceil(record))
    }

    /// Names and types of the columns.
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The files, in the order in which they were named.
    pub fn files(&self) -> impl ExactSizeIterator<Item = &Path> {
        self.0.files.iter().map(|found| found.path.as_path())
    }
}

/// What stands before the rows.
struct Head {
    names: Vec<String>,
    /// Where the first row begins.
    start: u64,
}

impl Head {
    fn read(found: &Found, marks: &Marks, options: &Options) -> Result<Option<Head>, Error> {
        let mut pieces = Pieces::new(found, marks, SAMPLE_BYTES, found.start, u64::MAX)?;
        let mut skipped = 0;
        // A blank line is a row if there is one column.
        let mut first_line = None;
        while let Some(taken) = pieces.advance()? {
            let (data, index) = (pieces.data(), pieces.index());
            for at in 0..taken {
                if is_comment(data, index, at, marks) {
                    continue;
                }
                if skipped < options.skip_rows {
                    skipped += 1;
                    continue;
                }
                let line = pieces.start() + index.start(at) as u64;
                let first_line = *first_line.get_or_insert(line);
                if is_blank(data, index, at) {
                    continue;
                }
                let count = (index.ends[at] - index.base(at)) as usize;
                if !options.has_header {
                    let names = (1..=count).map(|number| format!("column_{number}")).collect();
                    let start = if count == 1 { first_line } else { line };
                    return Ok(Some(Head { names, start }));
                }
                let base = index.base(at) as usize;
                let is_alone = index.ends.len() == 1;
                let mut names = Vec::with_capacity(count);
                for column in 0..count {
                    let is_last = column + 1 == count;
                    let field = field(data, index.positions(), base + column, is_last);
                    names.push(
                        name(field.bytes(), column, is_alone, options)
                            .map_err(|error| error.at(line))?,
                    );
                }
                let names = distinct(names, options).map_err(|error| error.at(line))?;
                let start = pieces.start() + index.start(at + 1).min(data.len()) as u64;
                return Ok(Some(Head { names, start }));
            }
        }
        Ok(None)
    }
}

/// A name of the header, which may be the only record.
fn name(field: &[u8], column: usize, is_alone: bool, options: &Options) -> Result<String, Error> {
    let mut scratch = Vec::new();
    let (text, is_quoted) = text_of(field, options.quote, &mut scratch);
    if is_alone && !is_quoted && text.contains(&b'\r') {
        let message = "the header has a carriage return in it: if lines end with it alone, convert the file, as `tr '\\r' '\\n'` does";
        return Err(Error::new(ErrorKind::Format, message).in_column((column + 1).to_string()));
    }
    if options.is_lossy {
        return Ok(String::from_utf8_lossy(text).into_owned());
    }
    String::from_utf8(text.to_vec()).map_err(|error| {
        let shown = crate::error::quoted(error.as_bytes());
        let message = format!(
            "the name {shown} is no UTF-8: convert the file, or read it with `lossy_utf8(true)`"
        );
        Error::new(ErrorKind::Format, message).in_column((column + 1).to_string())
    })
}

/// Names that are there twice are renamed, or an error.
fn distinct(names: Vec<String>, options: &Options) -> Result<Vec<String>, Error> {
    let mut known: HashSet<String> = HashSet::with_capacity(names.len());
    let given: HashSet<String> = names.iter().cloned().collect();
    if given.len() == names.len() {
        return Ok(names);
    }
    let mut renamed = Vec::with_capacity(names.len());
    for name in names {
        if known.insert(name.clone()) {
            renamed.push(name);
            continue;
        }
        if !options.rename_duplicates {
            let message = "the header has this name twice: change it, or read the file with `rename_duplicates(true)`";
            return Err(Error::new(ErrorKind::Header, message).in_column(name));
        }
        let free = (0..).map(|number| format!("{name}_duplicated_{number}"));
        let mut free = free.filter(|name| !known.contains(name) && !given.contains(name));
        let new = free.next().unwrap_or(name);
        known.insert(new.clone());
        renamed.push(new);
    }
    Ok(renamed)
}

/// Whether two files have the same header.
fn same(names: &[String], first: &Path, others: &[String], path: &Path) -> Result<(), Error> {
    let remedy = "read files with different headers as sources of their own";
    let first = first.display();
    let different = names.iter().zip(others).position(|(name, other)| name != other);
    let error = match different {
        Some(at) => Error::new(
            ErrorKind::Header,
            format!("column {} is `{}` in {first}: {remedy}", at + 1, names[at]),
        )
        .in_column(&others[at]),
        None if names.len() > others.len() => Error::new(
            ErrorKind::Header,
            format!("{first} has this column, and this file has not: {remedy}"),
        )
        .in_column(&names[others.len()]),
        None if names.len() < others.len() => Error::new(
            ErrorKind::Header,
            format!("this file has this column, and {first} has not: {remedy}"),
        )
        .in_column(&others[names.len()]),
        None => return Ok(()),
    };
    Err(error.in_file(path))
}

/// How types are found.
struct Sample<'a> {
    options: &'a Options,
    marks: &'a Marks,
    schema: &'a Schema,
    /// So many records, and so many bytes of them.
    seen: (u64, u64),
}

impl Sample<'_> {
    /// The mean length of a record.
    fn record_bytes(&self) -> Option<u64> {
        let (records, bytes) = self.seen;
        bytes.checked_div(records).map(|mean| mean.max(1))
    }

    /// The types of all columns.
    fn of(&mut self, files: &[Found]) -> Result<Vec<DataType>, Error> {
        if self.options.sample_rows == 0 {
            return Ok(vec![DataType::String; self.schema.len()]);
        }
        let mut types = vec![DataType::Null; self.schema.len()];
        for found in files.iter().filter(|found| !found.is_empty) {
            let seen = self.beginning(found, &mut types).map_err(|error| found.located(error))?;
            let length = found.length - found.start.min(found.length);
            if !found.is_splittable() || length < LONG * SAMPLE_BYTES as u64 {
                continue;
            }
            for place in 1..=PLACES {
                let last = length - SAMPLE_BYTES as u64;
                let at = found.start + last * place / PLACES;
                // What is seen surely need not be guessed, and may be lines in quotes.
                if at >= seen {
                    self.place(found, at, &mut types)?;
                }
            }
        }
        Ok(types)
    }

    /// The first rows, and where they end.
    fn beginning(&mut self, found: &Found, types: &mut [DataType]) -> Result<u64, Error> {
        let truncate_ragged = self.options.truncate_ragged;
        let shape = Shape { columns: types.len(), marks: self.marks, truncate_ragged };
        let mut pieces = Pieces::new(found, self.marks, SAMPLE_BYTES, found.start, u64::MAX)?;
        let mut records = Records::default();
        let mut left = self.options.sample_rows;
        while left > 0
            && let Some(taken) = pieces.advance()?
        {
            let (data, index) = (pieces.data(), pieces.index());
            records
                .select(data, index, taken, &shape)
                .map_err(|error| report::ragged(&self.schema.fields, &error, pieces.start()))?;
            let (records, shape) = (&records, &shape);
            observe(&View { data, index, records, shape, options: self.options }, left, types);
            left = left.saturating_sub(records.len());
            self.see(taken, &pieces);
        }
        Ok(pieces.end())
    }

    fn see(&mut self, records: usize, pieces: &Pieces) {
        self.seen.0 += records as u64;
        self.seen.1 += pieces.end() - pieces.start();
    }

    /// Rows further on, if they look like rows.
    fn place(&mut self, found: &Found, at: u64, types: &mut [DataType]) -> Result<(), Error> {
        let Some(start) = behind_newline(found, at, at + SAMPLE_BYTES as u64)? else {
            return Ok(());
        };
        let mut pieces = Pieces::new(found, self.marks, SAMPLE_BYTES, start, u64::MAX)?
            .with_record_max(SAMPLE_BYTES);
        let taken = match pieces.advance() {
            Ok(taken) => taken.unwrap_or(0),
            Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::Changed) => {
                return Err(error);
            }
            // It did not begin with a row.
            Err(_) => return Ok(()),
        };
        let shape = Shape { columns: types.len(), marks: self.marks, truncate_ragged: false };
        let (data, index) = (pieces.data(), pieces.index());
        let mut records = Records::default();
        if is_outside(data, self.marks) && records.select(data, index, taken, &shape).is_ok() {
            let (records, shape, options) = (&records, &shape, self.options);
            observe(&View { data, index, records, shape, options }, usize::MAX, types);
            self.see(taken, &pieces);
        }
        Ok(())
    }
}

/// Whether bytes that begin behind a newline begin with a record, and not in quotes: whether the quotes in them stand where they may in the one
/// case, and not in the other. Without any quote it is taken for a record. Text behind a quote that closes speaks against either.
fn is_outside(data: &[u8], marks: &Marks) -> bool {
    let Some(quote) = marks.quote.filter(|quote| data.contains(quote)) else { return true };
    let fits = |mut is_inside: bool| {
        let is_border = |byte: Option<&u8>| {
            byte.is_none_or(|byte| *byte == marks.delimiter || matches!(byte, b'\n' | b'\r'))
        };
        let mut at = 0;
        while let Some(next) = data[at..].iter().position(|byte| *byte == quote) {
            let place = at + next;
            let behind = data.get(place + 1);
            at = place + 1;
            let is_behind_border =
                is_border(place.checked_sub(1).and_then(|before| data.get(before)));
            if is_inside && behind == Some(&quote) {
                // Between borders these are an empty field, and hardly a quote in a text.
                if is_behind_border && is_border(data.get(place + 2)) {
                    return false;
                }
                at += 1;
                continue;
            }
            if is_inside && !is_border(behind) {
                return false;
            }
            // In the midst of a field a quote is text.
            is_inside = !is_inside && is_behind_border;
        }
        true
    };
    fits(false) && !fits(true)
}

/// The first byte from `at` on that has a newline before it, if that is before `to`.
pub(crate) fn behind_newline(found: &Found, at: u64, to: u64) -> Result<Option<u64>, Error> {
    // Most lines are shorter.
    const STEP: usize = 4 << 10;
    let mut start = at.saturating_sub(1);
    let mut input = Input::open(found, start)?;
    let mut buffer = vec![0; STEP];
    loop {
        let count = input.read(&mut buffer)?;
        if let Some(newline) = buffer[..count].iter().position(|&byte| byte == b'\n') {
            let behind = start + newline as u64 + 1;
            return Ok((behind < to).then_some(behind));
        }
        start += count as u64;
        if count == 0 || start >= to {
            return Ok(None);
        }
    }
}
