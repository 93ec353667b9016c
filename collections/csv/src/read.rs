//! Parts, as columns.
//!
//! In: a [`Part`] and the names of the columns that are wanted. Out: [`Columns`], of the whole part or piece by piece. Separators of all
//! columns are found, and only the fields of those that are wanted are looked at.
//!
//! Not here: where the first record of a part is known from (`split`).

use crate::columns::Columns;
use crate::error::{Error, ErrorKind};
use crate::fill::{Bad, View, append};
use crate::input::Found;
use crate::open::{Source, behind_newline};
use crate::pieces::{Pieces, RECORD_BYTES_MAX};
use crate::records::{Records, Shape};
use crate::report;
use crate::split::{Borders, Part, Search};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Smaller parts cost more than they bring.
const PART_BYTES_MIN: u64 = 64 << 10;

/// The longest record that is read while it is not sure that it is one.
const GUESSED_BYTES_MAX: usize = 16 << 20;

/// Where a part's first record begins.
#[derive(Clone, Copy)]
enum Begin {
    Sure(u64),
    Guess(u64),
}

/// Says of each row whether it is wanted.
type Choose<'a> = dyn FnMut(&Columns) -> Option<Vec<bool>> + 'a;

/// Which rows are wanted.
struct Choice<'a> {
    /// What is looked at, as places in the file.
    seen: &'a [usize],
    columns: Columns,
    choose: &'a mut Choose<'a>,
}

impl Source {
    /// Cuts the files into parts of about so many bytes, at least 64 KiB. A compressed file is one part.
    ///
    /// # Cost
    /// No file is read.
    pub fn parts(&self, bytes: u64) -> Vec<Part> {
        let bytes = bytes.max(PART_BYTES_MIN);
        let mut parts = Vec::new();
        for (file, found) in self.0.files.iter().enumerate() {
            let length = found.length;
            let count = if found.is_splittable() { length.div_ceil(bytes).max(1) } else { 1 };
            // `length * at / count` without an overflow.
            let border = |at: u64| (u128::from(length) * u128::from(at) / u128::from(count)) as u64;
            if !found.is_empty {
                parts.extend((0..count).map(|at| Part::new(file, border(at), border(at + 1))));
            }
        }
        parts
    }

    /// Reads the columns of these names, in this order, from a part. Without any name the rows are counted.
    ///
    /// # Errors
    /// A column that is not there ([`Column`](ErrorKind::Column)), a part that is not of this source ([`Part`](ErrorKind::Part)), and what
    /// is wrong with the file; see [`ErrorKind`].
    ///
    /// # Cost
    /// One pass over the bytes of the part. If it does not begin where a part that has been read ends, another one over the bytes between
    /// to find out whether they end in quotes, once for a source.
    pub fn read(&self, part: &Part, columns: &[&str]) -> Result<Columns, Error> {
        let wanted = self.wanted(columns)?;
        self.checked(part, |begin| {
            let mut columns = self.empty(&wanted);
            self.run(part, begin, &wanted, &mut columns, None, &mut |_| ControlFlow::Continue(()))?;
            Ok(columns)
        })
    }

    /// Reads a part piece by piece: `each` gets the rows of a piece (256 KiB if [`piece_bytes`](crate::Options::piece_bytes) says nothing
    /// else) and what it has made of those before, until it breaks. Returns what it has made of all. Memory is that of one piece.
    ///
    /// `init` and `each` may be called anew from the beginning: where the part was begun by a guess that turned out wrong. What was made by
    /// then is dropped, so it should have no effects elsewhere.
    ///
    /// # Examples
    /// ```
    /// use std::ops::ControlFlow;
    /// use taskweave_csv::{Options, Source};
    /// # let path = std::env::temp_dir().join(format!("taskweave-csv-fold-{}.csv", std::process::id()));
    /// std::fs::write(&path, "x,y\n1,2\n3,\n5,6\n")?;
    /// let source = Source::open([&path], Options::new())?;
    /// let mut sum = 0;
    /// for part in source.parts(1 << 20) {
    ///     sum += source.fold(&part, &["y"], || 0, |sum, columns| {
    ///         *sum += columns.column(0).as_int64().unwrap().iter().flatten().sum::<i64>();
    ///         ControlFlow::Continue(())
    ///     })?;
    /// }
    /// assert_eq!(sum, 8);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As of [`read`](Source::read).
    ///
    /// # Cost
    /// As of [`read`](Source::read).
    pub fn fold<S>(
        &self,
        part: &Part,
        columns: &[&str],
        init: impl FnMut() -> S,
        each: impl FnMut(&mut S, &Columns) -> ControlFlow<()>,
    ) -> Result<S, Error> {
        self.folded(part, &self.wanted(columns)?, None, init, each)
    }

    /// As [`fold`](Source::fold), of some of the rows: `choose` gets the columns `looked_at` of each piece, and says for each of its rows
    /// whether it is wanted; with `None` all are. Only of these `columns` are read, and what is wrong with other fields of the rest is not seen.
    ///
    /// Where most rows of a piece are wanted, those of the next pieces may be given to `each` without being chosen from.
    ///
    /// # Examples
    /// ```
    /// use std::ops::ControlFlow;
    /// use taskweave_csv::{Options, Source};
    /// # let path = std::env::temp_dir().join(format!("taskweave-csv-chosen-{}.csv", std::process::id()));
    /// std::fs::write(&path, "x,y\n1,2\n3,4\n5,6\n")?;
    /// let source = Source::open([&path], Options::new())?;
    /// let is_large = |columns: &taskweave_csv::Columns| {
    ///     let x = columns.column(0).as_int64().unwrap();
    ///     Some(x.iter().map(|x| x > Some(3)).collect())
    /// };
    /// let mut seen = Vec::new();
    /// for part in source.parts(1 << 20) {
    ///     seen.extend(source.fold_chosen(&part, &["x"], &["y"], is_large, Vec::new, |seen, columns| {
    ///         seen.extend(columns.column(0).as_int64().unwrap().iter());
    ///         ControlFlow::Continue(())
    ///     })?);
    /// }
    /// assert_eq!(seen, [Some(6)]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As of [`read`](Source::read).
    ///
    /// # Cost
    /// As of [`read`](Source::read); the columns `looked_at` are read of all rows.
    pub fn fold_chosen<S>(
        &self,
        part: &Part,
        looked_at: &[&str],
        columns: &[&str],
        mut choose: impl FnMut(&Columns) -> Option<Vec<bool>>,
        init: impl FnMut() -> S,
        each: impl FnMut(&mut S, &Columns) -> ControlFlow<()>,
    ) -> Result<S, Error> {
        let (seen, wanted) = (self.wanted(looked_at)?, self.wanted(columns)?);
        self.folded(part, &wanted, Some((&seen, &mut choose)), init, each)
    }

    /// Folds the pieces of a part, of the rows that are chosen by the columns `seen`, if there is a choice.
    fn folded<S>(
        &self,
        part: &Part,
        wanted: &[usize],
        mut choice: Option<(&[usize], &mut Choose<'_>)>,
        mut init: impl FnMut() -> S,
        mut each: impl FnMut(&mut S, &Columns) -> ControlFlow<()>,
    ) -> Result<S, Error> {
        self.checked(part, |begin| {
            let mut columns = self.empty(wanted);
            let mut made = init();
            let mut step = |columns: &mut Columns| {
                let flow = each(&mut made, columns);
                columns.clear();
                flow
            };
            let choice = choice.as_mut().map(|(seen, choose)| Choice {
                seen,
                columns: self.empty(seen),
                choose: &mut **choose,
            });
            self.run(part, begin, wanted, &mut columns, choice, &mut step)?;
            Ok(made)
        })
    }

    /// Reads a part piece by piece, as [`fold`](Source::fold) does, and hands out each piece once.
    ///
    /// # Errors
    /// As of [`read`](Source::read). Pieces before the error have been handed out then.
    ///
    /// # Cost
    /// As of [`read`](Source::read), but where the part begins is found out first, so what other threads are just reading is read too:
    /// [`fold`](Source::fold) need not.
    pub fn read_pieces(
        &self,
        part: &Part,
        columns: &[&str],
        mut each: impl FnMut(&Columns) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let wanted = self.wanted(columns)?;
        let found = self.found(part)?;
        let mut columns = self.empty(&wanted);
        let mut step = |columns: &mut Columns| {
            let flow = each(columns);
            columns.clear();
            flow
        };
        self.sure(part, found)
            .and_then(|start| {
                self.run(part, Begin::Sure(start), &wanted, &mut columns, None, &mut step)
            })
            .map_err(|error| found.located(error))
    }

    fn wanted(&self, names: &[&str]) -> Result<Vec<usize>, Error> {
        let fields = &self.0.schema.fields;
        // Files may have ten thousand columns, and all of them be wanted.
        let places: HashMap<&str, usize> =
            fields.iter().enumerate().map(|(at, field)| (field.name.as_str(), at)).collect();
        let place =
            |name: &&str| places.get(name).copied().ok_or_else(|| report::no_column(name, fields));
        names.iter().map(place).collect()
    }

    fn empty(&self, wanted: &[usize]) -> Columns {
        Columns::new(wanted.iter().map(|&at| self.0.schema.fields[at].clone()).collect())
    }

    /// The file of a part.
    fn found(&self, part: &Part) -> Result<&Found, Error> {
        let refuse = |message: String| Error::new(ErrorKind::Part, message);
        let files = &self.0.files;
        let Some(found) = files.get(part.file) else {
            let (file, count) = (part.file, files.len());
            return Err(refuse(format!("the part is of file {file}, and there are {count}")));
        };
        let (from, to) = (part.from, part.to);
        if from > to || to > found.length {
            let message = format!("there are no bytes {from}..{to}: the file has {}", found.length);
            return Err(refuse(message).in_file(&found.path));
        }
        if !found.is_splittable() && (from, to) != (0, found.length) {
            let message = format!(
                "the file is compressed, and bytes {from}..{to} of it cannot be read alone: read 0..{}",
                found.length
            );
            return Err(refuse(message).in_file(&found.path));
        }
        Ok(found)
    }

    /// Attempts to read a part from where it seems to begin, and again if it does not begin there.
    fn checked<S>(
        &self,
        part: &Part,
        mut attempt: impl FnMut(Begin) -> Result<S, Error>,
    ) -> Result<S, Error> {
        let found = self.found(part)?;
        let mut read = || match self.begin(part, found)? {
            begin @ Begin::Sure(_) => attempt(begin),
            begin @ Begin::Guess(guess) => {
                let result = attempt(begin);
                let sure = self.sure(part, found)?;
                // A right guess may have failed for what only a sure start may do: read a very long record.
                if sure == guess && result.is_ok() { result } else { attempt(Begin::Sure(sure)) }
            }
        };
        read().map_err(|error| found.located(error))
    }

    fn begin(&self, part: &Part, found: &Found) -> Result<Begin, Error> {
        if found.is_splittable() && part.from < found.length {
            let near = self.0.options.piece_bytes as u64;
            if let Search::Walk(known, _) = self.0.borders[part.file].search(part.from)
                && part.from - known > near
                && let Some(guess) = behind_newline(found, part.from, part.to)?
            {
                return Ok(Begin::Guess(guess));
            }
        }
        self.sure(part, found).map(Begin::Sure)
    }

    /// Where the first record of a part begins, or where its bytes end.
    fn sure(&self, part: &Part, found: &Found) -> Result<u64, Error> {
        if !found.is_splittable() {
            return Ok(found.start);
        }
        if part.from >= found.length {
            return Ok(found.length);
        }
        let borders = &self.0.borders[part.file];
        loop {
            match borders.search(part.from) {
                Search::At(start) => return Ok(start),
                Search::Walk(from, to) => {
                    let piece = self.0.options.piece_bytes;
                    let mut pieces = Pieces::new(found, &self.0.marks, piece, from, to)?;
                    while pieces.advance()?.is_some() {
                        learn(borders, &pieces, to);
                    }
                    if pieces.end() >= part.from {
                        return Ok(pieces.end());
                    }
                }
            }
        }
    }

    /// Appends the rows from `begin` to the end of the part to `columns`, and calls `each` after each piece.
    fn run(
        &self,
        part: &Part,
        begin: Begin,
        wanted: &[usize],
        columns: &mut Columns,
        mut choice: Option<Choice<'_>>,
        each: &mut dyn FnMut(&mut Columns) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let inner = &*self.0;
        let (options, marks) = (&inner.options, &inner.marks);
        let found = &inner.files[part.file];
        let truncate_ragged = options.truncate_ragged;
        let shape = Shape { columns: inner.schema.len(), marks, truncate_ragged };
        let to = if found.is_splittable() { part.to } else { u64::MAX };
        let (start, record_max) = match begin {
            Begin::Sure(start) => (start, RECORD_BYTES_MAX),
            Begin::Guess(start) => (start, GUESSED_BYTES_MAX),
        };
        let mut pieces =
            Pieces::new(found, marks, options.piece_bytes, start, to)?.with_record_max(record_max);
        let mut records = Records::default();
        while let Some(taken) = pieces.advance()? {
            let (data, index) = (pieces.data(), pieces.index());
            records
                .select(data, index, taken, &shape)
                .map_err(|error| report::ragged(&inner.schema.fields, &error, pieces.start()))?;
            if let Some(Choice { seen, columns, choose }) = &mut choice
                && records.len() > 0
            {
                let view = View { data, index, records: &records, shape: &shape, options };
                columns.clear();
                self.fill(&view, pieces.start(), seen, columns)?;
                if let Some(keeps) = choose(columns) {
                    let all = records.len();
                    records.retain(&keeps);
                    if records.len() * 8 > all * 7 {
                        // Not worth a look at each.
                        choice = None;
                    }
                }
            }
            let view = View { data, index, records: &records, shape: &shape, options };
            self.fill(&view, pieces.start(), wanted, columns)?;
            if found.is_splittable() {
                learn(&inner.borders[part.file], &pieces, part.to);
            }
            if records.len() > 0 && each(columns).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Appends the records of a piece to the columns that are wanted.
    fn fill(
        &self,
        view: &View,
        start: u64,
        wanted: &[usize],
        columns: &mut Columns,
    ) -> Result<(), Error> {
        // Of what is wrong in a piece, the first in the file.
        let mut first: Option<(usize, Bad)> = None;
        for (column, &at) in columns.columns.iter_mut().zip(wanted) {
            if let Err(bad) = append(column, at, view)
                && first.as_ref().is_none_or(|(_, known)| bad.record < known.record)
            {
                first = Some((at, bad));
            }
        }
        columns.rows += view.records.len();
        match first {
            None => Ok(()),
            Some((at, bad)) => {
                let (field, is_declared) = (&self.0.schema.fields[at], self.0.is_declared[at]);
                Err(report::bad(field, at, is_declared, &bad, view, start))
            }
        }
    }
}

/// Writes down where records begin that have been read up to `to`.
fn learn(borders: &Borders, pieces: &Pieces<'_>, to: u64) {
    if let Some(end) = pieces.long() {
        borders.long(pieces.start(), end);
    }
    borders.hop(pieces.start(), pieces.end(), to);
}
