//! Random files against the `csv` crate.
//!
//! In: seeds. Out: the same fields, whatever the dialect and the size of pieces. A seed that fails is printed; `TASKWEAVE_SEED` shifts all.

use crate::support::{Folder, Random, read_all};
use taskweave_csv::{ErrorKind, Options, Source};

pub struct Dialect {
    pub delimiter: u8,
    pub quote: Option<u8>,
    pub comment: Option<u8>,
}

impl Dialect {
    pub fn options(&self) -> Options {
        let options = Options::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .missing_is_null(false)
            .truncate_ragged_lines(true)
            .sample_rows(0);
        match self.comment {
            Some(byte) => options.comment_prefix(&char::from(byte).to_string()),
            None => options,
        }
    }
}

/// What the `csv` crate makes of it, cut or filled to so many columns, without the header.
pub fn expected(bytes: &[u8], dialect: &Dialect, columns: usize) -> Vec<Vec<Option<String>>> {
    // A comment that the file ends in is a record to that crate, unless a newline follows.
    let mut bytes = bytes.to_vec();
    if dialect.comment.is_some() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(true)
        .flexible(true)
        .delimiter(dialect.delimiter)
        .quoting(dialect.quote.is_some())
        .quote(dialect.quote.unwrap_or(b'"'))
        .comment(dialect.comment)
        .from_reader(bytes.as_slice());
    let row = |record: csv::StringRecord| {
        (0..columns).map(|at| record.get(at).map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Three columns, then whatever the tokens give.
pub fn random_file(random: &mut Random, tokens: &[&str], length: usize) -> String {
    let mut text = "a,b,c\n".to_owned();
    for _ in 0..random.below(length) {
        text += random.pick(tokens);
    }
    text
}

pub const TOKENS: &[&[&str]] = &[
    &["a", "1", ",", "\n", "\r\n", "\"", "\"\"", "é", "# x", " "],
    &[
        "abc",
        "12",
        ",",
        ",",
        "\"x\"",
        "\"y\"\"z\"",
        "\n",
        "\"a,\nb\"",
        "\r\n",
        "long enough to fill a block",
    ],
    &["\"", "\n", ","],
    &["a", "b", "c", "d", "e", ",", "\n", "1.5", "#"],
];

#[test]
fn random_files_are_read_as_the_csv_crate_reads_them() {
    let folder = Folder::new();
    let (mut compared, mut unclosed) = (0, 0);
    for seed in 0..3000_u64 {
        let mut random = Random::new(seed);
        let tokens = TOKENS[random.below(TOKENS.len())];
        let text = random_file(&mut random, tokens, 300);
        let dialect = Dialect {
            delimiter: b',',
            quote: (random.below(4) > 0).then_some(b'"'),
            comment: (random.below(3) == 0).then_some(b'#'),
        };
        let path = folder.write("x.csv", &text);
        let pieces = [1, 10, 63, 64, 65, 200, 1 << 18][random.below(7)];
        let source = Source::open([path], dialect.options().piece_bytes(pieces));
        match source.and_then(|source| read_all(&source)) {
            Ok(rows) => {
                compared += 1;
                assert_eq!(rows, expected(text.as_bytes(), &dialect, 3), "seed {seed}: {text:?}");
            }
            Err(error) => {
                unclosed += 1;
                assert_eq!(error.kind(), ErrorKind::Format, "seed {seed}: {error}");
                assert!(error.to_string().contains("is never closed"), "seed {seed}: {error}");
                // Closed, it is read.
                let closed = text.clone() + "\"";
                let path = folder.write("x.csv", &closed);
                let source = Source::open([path], dialect.options()).unwrap();
                let rows = read_all(&source).unwrap();
                assert_eq!(
                    rows,
                    expected(closed.as_bytes(), &dialect, 3),
                    "seed {seed}: {closed:?}"
                );
            }
        }
    }
    assert!(compared > 1500 && unclosed > 100, "{compared} {unclosed}");
}

#[test]
fn what_the_csv_crate_writes_is_read() {
    let folder = Folder::new();
    for seed in 0..200 {
        let mut random = Random::new(seed);
        let columns = 2 + random.below(30);
        let mut rows = Vec::new();
        for _ in 0..random.below(60) {
            let field = |random: &mut Random| {
                let count = random.below(6);
                (0..count)
                    .map(|_| random.pick(&["a", "é", "\"", ",", "\r", "\n", " ", "x y z"]))
                    .collect()
            };
            rows.push((0..columns).map(|_| field(&mut random)).collect::<Vec<String>>());
        }
        let terminator = [csv::Terminator::CRLF, csv::Terminator::Any(b'\n')][random.below(2)];
        let style = [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always][random.below(2)];
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.terminator(terminator).quote_style(style).from_writer(Vec::new());
        writer.write_record((0..columns).map(|at| format!("c{at}"))).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let path = folder.write("x.csv", writer.into_inner().unwrap());
        let options = Options::new().missing_is_null(false).sample_rows(0);
        let source = Source::open([path], options.piece_bytes(1 + random.below(500))).unwrap();
        let expected: Vec<Vec<_>> =
            rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect();
        assert_eq!(read_all(&source).unwrap(), expected, "seed {seed}");
    }
}

#[test]
fn numbers_are_read_as_the_standard_library_reads_them() {
    let folder = Folder::new();
    let mut random = Random::new(77);
    let (mut text, mut integers, mut floats) = ("i,f\n".to_owned(), Vec::new(), Vec::new());
    for _ in 0..5000 {
        let digits = random.below(usize::MAX) as i64 >> random.below(63);
        let integer = if random.below(2) == 0 { digits } else { -digits };
        let float = f64::from_bits(random.below(usize::MAX) as u64);
        let float = if float.is_finite() && random.below(2) == 0 {
            format!("{float:e}")
        } else {
            format!("{}.{}", random.below(100_000), random.below(1_000_000))
        };
        text += &format!("{integer},{float}\n");
        integers.push(integer);
        floats.push(float.parse::<f64>().unwrap());
    }
    let source = Source::open([folder.write("x.csv", text)], Options::new()).unwrap();
    assert_eq!(source.schema().to_string(), "i: Int64, f: Float64");
    let columns = source.read(&source.parts(u64::MAX)[0], &["f", "i"]).unwrap();
    assert_eq!(columns.column(0).as_float64().unwrap().values(), floats);
    assert_eq!(columns.column(1).as_int64().unwrap().values(), integers);
    assert_eq!(columns.column(0).null_count(), 0);
}
