//! Files in gzip and zstd.

use crate::support::{Folder, shown, whole};
use flate2::{Compression, write::GzEncoder};
use std::io::Write;
use taskweave_csv::{ErrorKind, Options, Part, Source};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn long() -> String {
    "\u{feff}a,b\n".to_owned()
        + &(0..20_000).map(|row| format!("{row},\"x\n\"\n")).collect::<String>()
}

#[test]
fn a_gzip_file_is_one_part_whatever_its_name() {
    let folder = Folder::new();
    let path = folder.write("x.csv", gzip(b"a,b\n1,x\n2,y\n"));
    let source = Source::open([&path], Options::new().piece_bytes(3)).unwrap();
    assert_eq!(shown(&source).unwrap(), r#"a: Int64 [1, 2]; b: String ["x", "y"]"#);
    assert_eq!(source.parts(1), [whole(&source, 0)]);
    let error = source.read(&Part::new(0, 3, 10), &["a"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Part);
    assert!(
        error
            .to_string()
            .contains("the file is compressed, and bytes 3..10 of it cannot be read alone")
    );
}

#[test]
fn gzip_members_are_read_one_behind_the_other() {
    let folder = Folder::new();
    let bytes = [gzip(b"a,b\n1,"), gzip(b"x\n2,y\n")].concat();
    let source = Source::open([folder.write("x.csv.gz", bytes)], Options::new()).unwrap();
    assert_eq!(shown(&source).unwrap(), r#"a: Int64 [1, 2]; b: String ["x", "y"]"#);
}

#[test]
fn gzip_files_that_are_cut_off_or_damaged_are_errors() {
    let folder = Folder::new();
    let whole_file = gzip(long().as_bytes());
    let options = || Options::new().sample_rows(10);
    let path = folder.write("x.csv.gz", &whole_file[..whole_file.len() - 100]);
    let source = Source::open([path], options()).unwrap();
    let error = source.read(&whole(&source, 0), &["a"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    assert_eq!(
        folder.message(&error),
        "x.csv.gz: the gzip file is cut off: get it anew, it is not whole"
    );
    let mut damaged = whole_file.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    let source = Source::open([folder.write("y.csv.gz", damaged)], options()).unwrap();
    let error = source.read(&whole(&source, 0), &["a"]).unwrap_err();
    assert!(folder.message(&error).starts_with("y.csv.gz: the gzip file cannot be uncompressed ("));
}

#[test]
fn errors_in_gzip_files_name_the_line() {
    let folder = Folder::new();
    let bytes = gzip((long() + "x,y\n").as_bytes());
    let source = Source::open([folder.write("x.csv.gz", bytes)], Options::new()).unwrap();
    assert_eq!(source.schema().to_string(), "a: Int64, b: String");
    let error = source.read(&whole(&source, 0), &["a"]).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(40_002), Some("a")));
}

#[cfg(feature = "zstd")]
fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_frames_are_read_one_behind_the_other() {
    let folder = Folder::new();
    // A frame that readers skip, of three bytes.
    let skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let bytes = [zstd(b"a,b\n1,"), skipped.to_vec(), zstd(b"x\n2,y\n")].concat();
    let source = Source::open([folder.write("x.csv.zst", bytes)], Options::new()).unwrap();
    assert_eq!(shown(&source).unwrap(), r#"a: Int64 [1, 2]; b: String ["x", "y"]"#);
    assert_eq!(source.parts(1), [whole(&source, 0)]);
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_files_that_are_cut_off_are_errors() {
    let folder = Folder::new();
    let bytes = zstd(long().as_bytes());
    let options = || Options::new().sample_rows(10);
    let source = Source::open([folder.write("x.csv", &bytes)], options()).unwrap();
    assert_eq!(source.read(&whole(&source, 0), &["a"]).unwrap().rows(), 20_000);
    // Wherever it is cut, but for its first four bytes, by which it is known.
    for left in [5, 6, 10, 20, 1_000, bytes.len() / 2, bytes.len() - 10, bytes.len() - 1] {
        let source = Source::open([folder.write("y.csv", &bytes[..left])], options());
        let error = source.and_then(|source| source.read(&whole(&source, 0), &["a"])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        let expected = "y.csv: the zstd file is cut off: get it anew, it is not whole";
        assert_eq!(folder.message(&error), expected, "{left} bytes are left");
    }
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_files_with_a_wrong_byte_are_damaged() {
    let folder = Folder::new();
    let mut bytes = zstd(long().as_bytes());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    let source = Source::open([folder.write("x.csv", &bytes)], Options::new().sample_rows(10));
    let error = source.and_then(|source| source.read(&whole(&source, 0), &["a"])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    let message = folder.message(&error);
    assert!(message.starts_with("x.csv: the zstd file cannot be uncompressed ("), "{message}");
    assert!(message.ends_with("get it anew, it is damaged"), "{message}");
}

#[cfg(not(feature = "zstd"))]
#[test]
fn zstd_files_name_the_feature() {
    let expected = "x.csv: is compressed with zstd: enable the feature `zstd` of taskweave-csv, or uncompress it";
    crate::support::check_error([0x28, 0xb5, 0x2f, 0xfd, 0], Options::new(), expected);
}
