//! What files look like: delimiters, quotes, newlines, comments, blank lines, byte order marks.

use crate::support::{check, check_error, check_with};
use taskweave_csv::{DataType, Options};

#[test]
fn newlines_are_lf_or_crlf_or_both() {
    let expected = r#"a: Int64 [1, 2]; b: String ["x", "y"]"#;
    check("a,b\n1,x\n2,y\n", expected);
    check("a,b\r\n1,x\r\n2,y\r\n", expected);
    check("a,b\r\n1,x\n2,y\r\n", expected);
    check("a,b\n1,x\n2,y", expected);
    check("a,b\r\n1,x\r\n2,y\r", expected);
}

#[test]
fn a_lone_carriage_return_is_text() {
    check("a,b\nx\ry,1\n", r#"a: String ["x\ry"]; b: Int64 [1]"#);
}

#[test]
fn quotes_hold_delimiters_newlines_and_quotes() {
    check(
        "a,\"b\"\n\"x,1\",\"2\"\n\"x\ny\",\"3\"\r\n\"x\"\"y\",4\n",
        r#"a: String ["x,1", "x\ny", "x\"y"]; b: Int64 [2, 3, 4]"#,
    );
    check("a,b\n\"\"\"\",1\n\"\r\n\",2\n", r#"a: String ["\"", "\r\n"]; b: Int64 [1, 2]"#);
}

#[test]
fn a_quote_in_a_field_without_quotes_is_text() {
    check(
        "a,b\n5\" pipe,1\nx\"\"y,2\nz\",3\n",
        r#"a: String ["5\" pipe", "x\"\"y", "z\""]; b: Int64 [1, 2, 3]"#,
    );
    check("a,b\n1, \"x\"\n2,3\" \"4\n", r#"a: Int64 [1, 2]; b: String [" \"x\"", "3\" \"4"]"#);
}

#[test]
fn what_follows_a_closing_quote_is_text() {
    check(
        "a,b\n\"x\"y,1\n\"x\" ,2\n\"x\"y\"z,3\n",
        r#"a: String ["xy", "x ", "xy\"z"]; b: Int64 [1, 2, 3]"#,
    );
}

#[test]
fn a_quote_that_is_never_closed_is_an_error() {
    check_error(
        "a,b\n1,2\n3,\"x\n4,5\n",
        Options::new(),
        "x.csv:3: the quote that opens this field is never closed: close it, or read quotes as text with `quote(None)`",
    );
    check_with(
        "a,b\n1,2\n3,\"x\n4,5\n",
        Options::new().quote(None),
        r#"a: Int64 [1, 3, 4]; b: String ["2", "\"x", "5"]"#,
    );
}

#[test]
fn other_delimiters_and_quotes() {
    let options = Options::new().delimiter(b';').quote(b'\'');
    check_with("a;b\n'1;2';\"x\n", options, r#"a: String ["1;2"]; b: String ["\"x"]"#);
    let options = Options::new().delimiter(b'\t');
    check_with("a\tb\n1\t2,5\n", options, r#"a: Int64 [1]; b: String ["2,5"]"#);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let refuse = |options: Options, expected: &str| check_error("a\n", options, expected);
    refuse(
        Options::new().delimiter(b'"'),
        "`\\\"` is both the delimiter and the quote: set one of them, or `quote(None)`",
    );
    refuse(
        Options::new().delimiter(b'\n'),
        "the delimiter `\\n` cannot be told from text or a newline: use another byte of ASCII",
    );
    refuse(
        Options::new().quote(0xab),
        "the quote `\\xab` cannot be told from text or a newline: use another byte of ASCII",
    );
    refuse(Options::new().comment_prefix(""), "an empty comment prefix makes every line a comment");
    refuse(
        Options::new().comment_prefix(",#"),
        "the comment prefix `,#` begins as a field does: use one that begins with neither the delimiter nor the quote",
    );
    refuse(Options::new().comment_prefix("#\n"), "the comment prefix `#\\n` has a newline in it");
}

#[test]
fn comments_are_no_records_and_their_quotes_open_nothing() {
    let text = "# a \"title\n#,\"\na,b\n1,x\n#\"2,y\n\"#\n#\",z\n2,#\n# it's the end";
    let options = Options::new().comment_prefix("#");
    let expected = r##"a: String ["1", "#\n#", "2"]; b: String ["x", "z", "#"]"##;
    check_with(text, options, expected);
    let text = "//\na,b\n/1,x\n//1,\"\n2,y\n//";
    check_with(
        text,
        Options::new().comment_prefix("//"),
        r#"a: String ["/1", "2"]; b: String ["x", "y"]"#,
    );
}

#[test]
fn blank_lines_are_no_records_where_there_are_columns() {
    check("\n\r\na,b\n\n1,x\n\r\n\n2,y\n\n", r#"a: Int64 [1, 2]; b: String ["x", "y"]"#);
}

#[test]
fn blank_lines_are_nulls_where_there_is_one_column() {
    check("a\n1\n\n2\n\r\n", "a: Int64 [1, -, 2, -]");
    check("a\nx\n\n\"\"\n", r#"a: String ["x", -, ""]"#);
    let options = || Options::new().has_header(false);
    check_with("\n1\n\n", options(), "column_1: Int64 [-, 1, -]");
    check_with("\n1,2\n\n", options(), "column_1: Int64 [1]; column_2: Int64 [2]");
}

#[test]
fn rows_without_a_header_have_numbered_columns() {
    let options = Options::new().has_header(false).declare("column_2", DataType::String);
    check_with("1,2\n3,4", options, r#"column_1: Int64 [1, 3]; column_2: String ["2", "4"]"#);
}

#[test]
fn rows_before_the_header_are_skipped() {
    let text = "A report, \"of\nsome\" kind\n\na,b\n1,2\n";
    // The quote is in the midst of a field: three lines, the last of which is blank.
    check_with(text, Options::new().skip_rows(3), "a: Int64 [1]; b: Int64 [2]");
    let text = "\"A report, of\nsome kind\"\n# made by hand\na,b\n1,2\n";
    let options = Options::new().skip_rows(1).comment_prefix("#");
    check_with(text, options, "a: Int64 [1]; b: Int64 [2]");
    let options = Options::new().skip_rows(1).has_header(false);
    check_with("x\n1,2\n", options, "column_1: Int64 [1]; column_2: Int64 [2]");
}

#[test]
fn a_byte_order_mark_is_skipped_or_named() {
    check("\u{feff}a,b\n1,2\n", "a: Int64 [1]; b: Int64 [2]");
    check("\u{feff}\"a\",b\n1,2\n", "a: Int64 [1]; b: Int64 [2]");
    let expected = "x.csv: begins with a byte order mark of UTF-16: convert it to UTF-8, as `iconv -f UTF-16 -t UTF-8` does";
    check_error(b"\xff\xfea\0\n\0", Options::new(), expected);
    check_error(b"\xfe\xff\0a\0\n", Options::new(), expected);
}

#[test]
fn what_is_no_such_file_is_told() {
    check_error(
        "a;b\n1,5;2\n",
        Options::new(),
        "x.csv:2, column `2`: the record has 2 fields where there is 1 column: if another byte stands between fields, say so with `delimiter(b';')`",
    );
    check("a\rb,c\n1,2\n3,4\n", "a\rb: Int64 [1, 3]; c: Int64 [2, 4]");
    check_error(
        "a,b\r1,2\r3,4\r",
        Options::new(),
        "x.csv:1, column `2`: the header has a carriage return in it: if lines end with it alone, convert the file, as `tr '\\r' '\\n'` does",
    );
    let parquet = "x.csv: is a Parquet file, and no text: read it with what reads Parquet";
    check_error(b"PAR1\x15\0PAR1", Options::new(), parquet);
    // What plants get of the light, in ecology.
    check("PAR1,PAR2\n1,2\n", "PAR1: Int64 [1]; PAR2: Int64 [2]");
}

#[test]
fn ragged_rows_are_errors_or_filled_and_cut() {
    check_error(
        "a,b,c\n1,2,3\n4,5\n",
        Options::new(),
        "x.csv:3, column `c`: the record has 2 fields where there are 3 columns: correct it, or have such records filled and cut with `truncate_ragged_lines(true)`",
    );
    check_error(
        "a\n1,2\n",
        Options::new(),
        "x.csv:2, column `2`: the record has 2 fields where there is 1 column: correct it, or have such records filled and cut with `truncate_ragged_lines(true)`",
    );
    let options = Options::new().truncate_ragged_lines(true).missing_is_null(false);
    check_with(
        "a,b\n1\r\n2,x\r\n3,y,z\r\n4,\r\n\"5\"\r\n",
        options,
        r#"a: Int64 [1, 2, 3, 4, 5]; b: String [-, "x", "y", "", -]"#,
    );
}

#[test]
fn bytes_that_are_no_utf_8_are_errors_or_replaced() {
    check_error(
        b"a,b\n1,x\n2,\xe9t\xe9\n",
        Options::new(),
        "x.csv:3, column `b`: \"\u{fffd}t\u{fffd}\" is no UTF-8: convert the file, or read it with `lossy_utf8(true)`",
    );
    check_with(
        b"a,\xe9\n1,\xe9t\n2,\xc3\xa9\n",
        Options::new().lossy_utf8(true),
        "a: Int64 [1, 2]; \u{fffd}: String [\"\u{fffd}t\", \"é\"]",
    );
    check_error(
        b"a,\xe9\n1,2\n",
        Options::new(),
        "x.csv:1, column `2`: the name \"\u{fffd}\" is no UTF-8: convert the file, or read it with `lossy_utf8(true)`",
    );
    // Together they would be a character.
    check_error(
        b"a,b\n\xc3,\xa9\n\xa9,\n",
        Options::new(),
        "x.csv:2, column `a`: \"\u{fffd}\" is no UTF-8: convert the file, or read it with `lossy_utf8(true)`",
    );
}
