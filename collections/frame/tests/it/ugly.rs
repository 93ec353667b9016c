//! CSV files as others write them: each has the rows that it has, or an error with its file, line, column and a remedy.

use crate::support::{Folder, computed, refused, refused_at_once};
use taskweave_frame::ErrorKind::{Format, Schema};
use taskweave_frame::prelude::*;

/// What a file of these bytes is read as.
fn read(folder: &Folder, bytes: impl AsRef<[u8]>, options: CsvOptions) -> Frame {
    Frame::read_csv_with(folder.write("ugly.csv", bytes), options)
}

#[test]
fn what_is_odd_and_right_is_read() {
    let folder = Folder::new();
    let expected = df!(
        "n" => [Some(1_i64), Some(2), None, Some(4)],
        "text" => [Some("a, \"b\"\nc"), Some(""), None, Some("ü")],
    );
    let expected = expected.unwrap();
    let plain = "n,text\n1,\"a, \"\"b\"\"\nc\"\n2,\"\"\n,\n4,ü\n";
    let no_last_newline = plain.trim_end();
    // Newlines in quotes are text, and stay as they are.
    let crlf = plain.replace('\n', "\r\n").replace("\r\nc\"", "\nc\"");
    for text in [
        plain.to_owned(),
        no_last_newline.to_owned(),
        crlf,
        format!("\u{feff}{plain}"),
        plain.replace("n,text", "\"n\",\"text\""),
        plain.replace("1,\"a", "\n 1 ,\"a"),
    ] {
        let frame = read(&folder, &text, CsvOptions::new());
        assert!(computed(&frame).unwrap().equals_missing(&expected), "{text:?}");
        // A filter reads some of the fields only.
        let some = computed(&frame.filter(col("n").eq(1)).select("text")).unwrap();
        assert_eq!(some, df!("text" => ["a, \"b\"\nc"]).unwrap(), "{text:?}");
        assert_eq!(computed(&frame.agg(len())).unwrap(), df!("len" => [4_u32]).unwrap());
    }
    let nulls = CsvOptions::new().null_values(["NA", "-"]).comment_prefix("#").skip_rows(1);
    let text = "made by hand\nn,text\n# no row\n1,\"NA\"\n-,x\nNA,-\n";
    let expected =
        df!("n" => [Some(1_i64), None, None], "text" => [None, Some("x"), None]).unwrap();
    assert!(computed(&read(&folder, text, nulls)).unwrap().equals_missing(&expected));
    let ragged = CsvOptions::new().truncate_ragged_lines(true);
    let expected = df!("a" => [1_i64, 2, 4], "b" => [Some(1_i64), None, Some(4)]).unwrap();
    let frame = read(&folder, "a,b\n1,1\n2\n4,4,4\n", ragged);
    assert!(computed(&frame).unwrap().equals_missing(&expected));
}

#[test]
fn what_cannot_be_read_names_file_line_column_and_remedy() {
    let folder = Folder::new();
    let of = |bytes: &[u8], options: CsvOptions| read(&folder, bytes, options.sample_rows(2));
    let plain = CsvOptions::new;
    // Behind a field with newlines in it: lines are those of an editor.
    let quoted = "a,b\n1,\"x\n\ny\"\n2,z\n";
    for (row, kind, words) in [
        ("oh,z\n", Format, ["ugly.csv:6", "`a`", "\"oh\"", "declare(\"a\", DataType::String)"]),
        ("1.5,z\n", Format, ["ugly.csv:6", "`a`", "\"1.5\"", "declare(\"a\", DataType::Float64)"]),
        ("3\n", Format, ["ugly.csv:6", "`b`", "1 field", "truncate_ragged_lines(true)"]),
        ("3,z,4\n", Format, ["ugly.csv:6", "3 fields", "2 columns", "truncate_ragged_lines(true)"]),
        ("3,\"z\n", Format, ["ugly.csv:6", "never closed", "close it", "quote(None)"]),
    ] {
        let frame = of(format!("{quoted}{row}").as_bytes(), plain());
        refused(&frame, kind, &words);
        refused(&frame.agg([col("a").sum(), col("b").count()]), kind, &words);
    }
    let latin = [quoted.as_bytes(), b"3,caf\xe9\n"].concat();
    let words = ["ugly.csv:6", "`b`", "no UTF-8", "lossy_utf8(true)"];
    refused(&of(&latin, plain()), Format, &words);
    let lossy = of(&latin, plain().lossy_utf8(true)).filter(col("a").eq(3)).select("b");
    assert_eq!(computed(&lossy).unwrap(), df!("b" => ["caf\u{fffd}"]).unwrap());
    refused_at_once(
        &of(b"\xff\xfea\0,\0b\0", plain()),
        Format,
        &["ugly.csv", "UTF-16", "convert it to UTF-8"],
    );
    refused_at_once(&of(b"a,b,a\n", plain()), Schema, &["ugly.csv:1", "`a`", "rename_duplicates"]);
    // Declared, it is read as that, or told.
    let declared = of(quoted.as_bytes(), plain().declare("b", DataType::Int64));
    refused(&declared, Format, &["ugly.csv:2", "`b`", "declared", "DataType::String"]);
    let floats = of(format!("{quoted}1.5,z\n").as_bytes(), plain().declare("a", DataType::Float64));
    assert_eq!(computed(&floats.select("a").sum()).unwrap(), df!("a" => [4.5]).unwrap());
}
