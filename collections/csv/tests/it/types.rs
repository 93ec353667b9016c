//! What columns are taken for, nulls, and values that contradict it.

use crate::support::{check, check_error, check_with};
use taskweave_csv::{DataType, Options};

#[test]
fn types_are_the_narrowest_of_the_sample() {
    check(
        "i,f,g,b,s,n\n1,1.5,1,true,x,\n-2,2,2.5,FALSE,1,\n",
        r#"i: Int64 [1, -2]; f: Float64 [1.5, 2]; g: Float64 [1, 2.5]; b: Boolean [true, false]; s: String ["x", "1"]; n: Null [-, -]"#,
    );
    check(
        "a,b\n007,99999999999999999999\n+1,1\n",
        r#"a: Int64 [7, 1]; b: String ["99999999999999999999", "1"]"#,
    );
    check("a\ninf\nNaN\n-1e3\n", "a: Float64 [inf, NaN, -1000]");
}

#[test]
fn numbers_may_be_quoted_or_between_spaces() {
    check("a,b\n\"1\", 2.5\n\" 3 \",\"4\"\n", "a: Int64 [1, 3]; b: Float64 [2.5, 4]");
}

#[test]
fn empty_fields_are_nulls() {
    check(
        "i,f,b\n,,\n1,2.5,true\n\"\",\" \",\n",
        "i: Int64 [-, 1, -]; f: Float64 [-, 2.5, -]; b: Boolean [-, true, -]",
    );
    check("s,i\n,1\n\"\",2\nx,3\n", r#"s: String [-, "", "x"]; i: Int64 [1, 2, 3]"#);
    let options = Options::new().missing_is_null(false);
    check_with("s,i\n,1\n\"\",\nx,3\n", options, r#"s: String ["", "", "x"]; i: Int64 [1, -, 3]"#);
}

#[test]
fn null_values_are_nulls_everywhere() {
    let options = || Options::new().null_values(["NA", "-999", "null"]);
    check_with(
        "i,f,s\nNA,1.5,x\n-999,-999,NA\n\"NA\", NA,\"null\"\n4,null,\n",
        options(),
        r#"i: Int64 [-, -, -, 4]; f: Float64 [1.5, -, -, -]; s: String ["x", -, -, -]"#,
    );
    check_with("a,b\nNA,NA\n", options(), "a: Null [-]; b: Null [-]");
}

#[test]
fn dates_and_times_are_found_if_they_are_looked_for() {
    let text = "d,t,u,m\n1970-01-02,1970-01-01 00:01,1970-01-01T01:00+01:00,1970-01-01\n1970/01/03,,1970-01-01T00:00:00.5Z,1970-01-01T00:00:01\n";
    let options = Options::new().try_parse_dates(true);
    check_with(
        text,
        options,
        "d: Date [1, 2]; t: Datetime [60000000, -]; u: Datetime in UTC [0, 500000]; m: Datetime [0, 1000000]",
    );
    check("d\n1970-01-02\n", r#"d: String ["1970-01-02"]"#);
}

#[test]
fn times_with_and_without_offset_are_not_one_column() {
    let text = "t\n1970-01-01T00:00Z\n1970-01-01T00:00\n";
    // Nothing is guessed of clocks: the sample has both, so they are text.
    let dates = Options::new().try_parse_dates(true);
    check_with(text, dates, r#"t: String ["1970-01-01T00:00Z", "1970-01-01T00:00"]"#);
    check_error(
        text,
        Options::new().declare("t", DataType::Datetime { utc: true }),
        "x.csv:3, column `t`: \"1970-01-01T00:00\" has no offset from UTC and is no Datetime in UTC, which the column is declared as: read it with `declare(\"t\", DataType::String)`",
    );
    check_error(
        text,
        Options::new().declare("t", DataType::Datetime { utc: false }),
        "x.csv:2, column `t`: \"1970-01-01T00:00Z\" has an offset from UTC and is no Datetime without one, which the column is declared as: read it with `declare(\"t\", DataType::String)`",
    );
}

#[test]
fn what_is_declared_is_not_guessed() {
    let options = Options::new().declare("a", DataType::String).declare("b", DataType::Float64);
    check_with("a,b\n1,2\n", options, r#"a: String ["1"]; b: Float64 [2]"#);
    check_error(
        "a,b\n1,2\n",
        Options::new().declare("c", DataType::String),
        "there is no column `c`: the columns are `a`, `b`",
    );
    check_with("a,b\n1,2\n", Options::new().sample_rows(0), r#"a: String ["1"]; b: String ["2"]"#);
}

#[test]
fn later_rows_that_contradict_the_sample_are_errors() {
    let check = |later: &str, expected: &str| {
        let text = format!("a,b,c\n1,,true\n2,,false\n{later}\n");
        check_error(text, Options::new().sample_rows(2), &format!("x.csv:4, {expected}"));
    };
    check(
        "3.5,,true",
        "column `a`: \"3.5\" is no Int64, which the sample took the column for: read it with `declare(\"a\", DataType::Float64)`, or with `null_values([\"3.5\"])` if it is one",
    );
    check(
        "99999999999999999999,,true",
        "column `a`: \"99999999999999999999\" needs more than the 64 bits of an Int64, which the sample took the column for: read it with `declare(\"a\", DataType::String)`",
    );
    check(
        "3,7,true",
        "column `b`: \"7\" is none of the nulls which are all that the sample has of the column: read it with `declare(\"b\", DataType::Int64)`, or with `null_values([\"7\"])` if it is one",
    );
    check(
        "3,,\"may\nbe\"",
        "column `c`: \"may\\nbe\" is no Boolean, which the sample took the column for: read it with `declare(\"c\", DataType::String)`, or with `null_values([\"may\\nbe\"])` if it is one",
    );
    // The first in the file, not in the order of columns.
    check(
        "3,x,true\ny,,true",
        "column `b`: \"x\" is none of the nulls which are all that the sample has of the column: read it with `declare(\"b\", DataType::String)`, or with `null_values([\"x\"])` if it is one",
    );
}

#[test]
fn long_texts_are_cut_in_messages() {
    let text = format!("a\n1\n{}\n", "é".repeat(1000));
    let error = crate::support::read(text, Options::new().sample_rows(1)).unwrap_err();
    assert!(error.contains(&format!("\"{}…\" is no Int64", "é".repeat(60))), "{error}");
    assert!(error.len() < 700, "{error}");
}

#[test]
fn integers_beyond_int64_are_declared() {
    let text = "a,b\n18446744073709551615,1\n\" 9223372036854775808 \",2\n,3\n+7,4\n-0,5\n";
    let options = || Options::new().declare("a", DataType::UInt64);
    let expected =
        "a: UInt64 [18446744073709551615, 9223372036854775808, -, 7, 0]; b: Int64 [1, 2, 3, 4, 5]";
    check_with(text, options(), expected);
    let declared = "which the column is declared as: read it with";
    check_error(
        "a\n1\n18446744073709551616\n",
        options(),
        &format!(
            "x.csv:3, column `a`: \"18446744073709551616\" is not within the 64 bits of a UInt64, {declared} `declare(\"a\", DataType::String)`"
        ),
    );
    check_error(
        "a\n1\n-5\n",
        options(),
        &format!(
            "x.csv:3, column `a`: \"-5\" is not within the 64 bits of a UInt64, {declared} `declare(\"a\", DataType::Int64)`"
        ),
    );
    check_error(
        "a\n1.5\n",
        options(),
        &format!(
            "x.csv:2, column `a`: \"1.5\" is no UInt64, {declared} `declare(\"a\", DataType::Float64)`, or with `null_values([\"1.5\"])` if it is one"
        ),
    );
    check_error(
        "a\n1\n18446744073709551615\n",
        Options::new().sample_rows(1),
        "x.csv:3, column `a`: \"18446744073709551615\" needs more than the 64 bits of an Int64, which the sample took the column for: read it with `declare(\"a\", DataType::UInt64)`, if no other is negative, or with `declare(\"a\", DataType::String)`",
    );
    // Not guessed: it may be a number as a name.
    check("a\n18446744073709551615\n", r#"a: String ["18446744073709551615"]"#);
}
