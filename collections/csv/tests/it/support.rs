//! Folders for files, what is in columns as text, and random numbers.
//!
//! In: the text of a file. Out: `name: Type [values]` for each column, or the error's message.

use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskweave_csv::{Column, Columns, Error, Options, Part, Source};

/// A folder that is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        // Relaxed: each gets a number of its own, and that is all.
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("taskweave-csv-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        // Some file systems wait for the disk when a file is written over, not when it is made anew.
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A message without the folder's name.
    pub fn message(&self, error: &Error) -> String {
        error.to_string().replace(&format!("{}/", self.0.display()), "")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The values of a column as text.
pub fn texts(column: &Column) -> Vec<Option<String>> {
    fn of<T: ToString>(values: impl Iterator<Item = Option<T>>) -> Vec<Option<String>> {
        values.map(|value| value.map(|value| value.to_string())).collect()
    }
    match column {
        Column::Null(count) => vec![None; *count],
        Column::Boolean(values) => of(values.iter()),
        Column::Int64(values) | Column::Datetime { values, .. } => of(values.iter()),
        Column::UInt64(values) => of(values.iter()),
        Column::Float64(values) => of(values.iter()),
        Column::Date(values) => of(values.iter()),
        Column::String(values) => of(values.iter()),
        _ => panic!("a type that tests don't know"),
    }
}

pub fn rows(columns: &Columns) -> Vec<Vec<Option<String>>> {
    let all: Vec<_> = (0..columns.fields().len()).map(|at| texts(columns.column(at))).collect();
    (0..columns.rows()).map(|row| all.iter().map(|column| column[row].clone()).collect()).collect()
}

pub fn whole(source: &Source, file: usize) -> Part {
    let path = source.files().nth(file).unwrap();
    Part::new(file, 0, std::fs::metadata(path).unwrap().len())
}

/// Reads all of it, in one part for each file.
pub fn read_all(source: &Source) -> Result<Vec<Vec<Option<String>>>, Error> {
    let mut all = Vec::new();
    for part in source.parts(u64::MAX) {
        all.extend(rows(&source.read(&part, &source.schema().names())?));
    }
    Ok(all)
}

/// The same piece by piece.
pub fn fold_all(source: &Source, part: &Part) -> Result<Vec<Vec<Option<String>>>, Error> {
    source.fold(part, &source.schema().names(), Vec::new, |all, columns| {
        all.extend(rows(columns));
        ControlFlow::Continue(())
    })
}

pub fn shown(source: &Source) -> Result<String, Error> {
    let all = read_all(source)?;
    let mut shown = String::new();
    for (at, field) in source.schema().fields().iter().enumerate() {
        let text = |value: &Option<String>| match value {
            None => "-".to_owned(),
            Some(text) if field.data_type == taskweave_csv::DataType::String => format!("{text:?}"),
            Some(text) => text.clone(),
        };
        let values: Vec<String> = all.iter().map(|row| text(&row[at])).collect();
        let gap = if at == 0 { "" } else { "; " };
        write!(shown, "{gap}{}: {} [{}]", field.name, field.data_type, values.join(", ")).unwrap();
    }
    Ok(shown)
}

/// What a file of these bytes is read as, or the message.
pub fn read(bytes: impl AsRef<[u8]>, options: Options) -> Result<String, String> {
    let folder = Folder::new();
    let path = folder.write("x.csv", bytes);
    Source::open([path], options)
        .and_then(|source| shown(&source))
        .map_err(|error| folder.message(&error))
}

#[track_caller]
pub fn check_with(bytes: impl AsRef<[u8]>, options: Options, expected: &str) {
    assert_eq!(read(bytes, options).as_deref(), Ok(expected));
}

#[track_caller]
pub fn check(bytes: impl AsRef<[u8]>, expected: &str) {
    check_with(bytes, Options::new(), expected);
}

#[track_caller]
pub fn check_error(bytes: impl AsRef<[u8]>, options: Options, expected: &str) {
    assert_eq!(read(bytes, options), Err(expected.to_owned()));
}

/// Numbers that look random, the same for the same seed.
pub struct Random(u64);

impl Random {
    /// The seed is that of `TASKWEAVE_SEED`, if it is set, plus `at`.
    pub fn new(at: u64) -> Random {
        let seed = std::env::var("TASKWEAVE_SEED").ok().and_then(|text| text.parse().ok());
        Random(seed.unwrap_or(0_u64).wrapping_add(at).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}
