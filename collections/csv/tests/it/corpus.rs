//! Small ugly files, kept so that they are read again and again.
//!
//! In: the files in `tests/corpus`; what fails once belongs there. Out: no panic in any dialect; the same rows or the same kind of error
//! for each size of pieces; with a border at each byte, the rows of the whole.

use crate::support::{Folder, Random, fold_all, read_all};
use taskweave_csv::{Options, Part, Source};

fn dialects() -> Vec<Options> {
    let lenient = || Options::new().truncate_ragged_lines(true).rename_duplicates(true);
    vec![
        Options::new(),
        lenient().lossy_utf8(true).try_parse_dates(true),
        lenient().quote(None).has_header(false).lossy_utf8(true),
        lenient().comment_prefix("#").null_values(["NA", "1"]).missing_is_null(false),
        lenient().delimiter(b';').quote(b'\'').allow_empty(true).skip_rows(1),
    ]
}

#[test]
fn ugly_files_give_rows_or_errors_whatever_the_pieces_and_parts() {
    let folder = Folder::new();
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut count = 0;
    let (mut read, mut refused) = (0, 0);
    for entry in std::fs::read_dir(corpus).unwrap() {
        let from = entry.unwrap().path();
        let bytes = std::fs::read(&from).unwrap();
        let path = folder.write("x.csv", &bytes);
        let name = from.file_name().unwrap().to_string_lossy().into_owned();
        count += 1;
        for (dialect, options) in dialects().into_iter().enumerate() {
            let open = |pieces| Source::open([&path], options.clone().piece_bytes(pieces));
            let all = |pieces| open(pieces).and_then(|source| read_all(&source));
            let expected = all(1 << 18).map_err(|error| (error.kind(), error.line()));
            for pieces in [1, 7, 64] {
                let found = all(pieces).map_err(|error| (error.kind(), error.line()));
                // Where several rows are wrong, which is found first may differ.
                match (&found, &expected) {
                    (Err(_), Err(_)) => {}
                    _ => assert_eq!(found, expected, "{name}, dialect {dialect}, {pieces}"),
                }
            }
            let Ok(expected) = expected else {
                refused += 1;
                continue;
            };
            read += 1;
            let length = bytes.len() as u64;
            let compressed = bytes.starts_with(&[0x1f, 0x8b]);
            for border in (0..=length).filter(|_| !compressed) {
                let source = open(4).unwrap();
                if source.schema().is_empty() {
                    continue;
                }
                let second = fold_all(&source, &Part::new(0, border, length)).unwrap();
                let mut both = fold_all(&source, &Part::new(0, 0, border)).unwrap();
                both.extend(second);
                assert_eq!(both, expected, "{name}, dialect {dialect}, at {border}");
            }
        }
    }
    assert!(
        count >= 30 && read >= 80 && refused >= 20,
        "{count} files, {read} read, {refused} refused"
    );
}

#[test]
fn random_bytes_give_rows_or_errors_whatever_the_pieces_and_parts() {
    const TOKENS: &[&[u8]] = &[
        b"\"",
        b"\"",
        b",",
        b",",
        b"\n",
        b"\n",
        b"\r\n",
        b"\r",
        b"a",
        b"12",
        b"-1.5e3",
        b"#",
        b";",
        b"'",
        b"\xff",
        b"\xc3\xa9",
        b"\0",
        b" ",
        b"NA",
        b"2013-01-31",
        b"T05:00Z",
        b"true",
        b"\xef\xbb\xbf",
        b"\x1f\x8b",
        b"a text that is longer than what fits into a block of sixty-four bytes, by some",
    ];
    let folder = Folder::new();
    let (mut read, mut refused) = (0, 0);
    for seed in 0..300_u64 {
        let mut random = Random::new(2_000_000 + seed);
        let count = random.below(120);
        let tokens = TOKENS.len() - random.below(TOKENS.len() - 1);
        let bytes: Vec<u8> =
            (0..count).flat_map(|_| TOKENS[random.below(tokens)]).copied().collect();
        let path = folder.write("x.csv", &bytes);
        for (dialect, options) in dialects().into_iter().enumerate() {
            let open = |pieces| Source::open([&path], options.clone().piece_bytes(pieces));
            let all = |pieces| open(pieces).and_then(|source| read_all(&source));
            let pieces = 1 + random.below(80);
            match (all(1 << 18), all(pieces)) {
                (Err(_), Err(_)) => refused += 1,
                (Ok(expected), Ok(found)) => {
                    read += 1;
                    assert_eq!(found, expected, "seed {seed}, dialect {dialect}, {pieces}");
                    let length = bytes.len() as u64;
                    let border = random.below(bytes.len() + 1) as u64;
                    let source = open(pieces).unwrap();
                    if source.schema().is_empty() {
                        continue;
                    }
                    let second = fold_all(&source, &Part::new(0, border, length)).unwrap();
                    let mut both = fold_all(&source, &Part::new(0, 0, border)).unwrap();
                    both.extend(second);
                    assert_eq!(both, expected, "seed {seed}, dialect {dialect}, at {border}");
                }
                (expected, found) => {
                    panic!("seed {seed}, dialect {dialect}, {pieces}: {expected:?}, {found:?}")
                }
            }
        }
    }
    assert!(read > 300 && refused > 300, "{read} read, {refused} refused");
}
