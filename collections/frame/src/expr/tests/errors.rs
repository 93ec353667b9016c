//! What is said of expressions that have no meaning.

use super::*;
use crate::ErrorKind;

#[test]
fn a_column_that_is_not_there_names_the_near_one() {
    let names =
        ["year", "month", "day", "dep_time", "dep_delay", "arr_delay", "carrier", "origin", "dest"];
    let columns = names.iter().map(|name| Column::new((*name).into(), [1])).collect();
    let frame = DataFrame::new(1, columns).unwrap();
    let all = "he columns are `year`, `month`, `day`, `dep_time`, `dep_delay`, `arr_delay`, `carrier`, `origin`, … (9 in all)";
    for (name, said) in [
        (
            "dep_dellay",
            format!("there is no column `dep_dellay`: did you mean `dep_delay`? T{all}"),
        ),
        ("DepDelay", format!("there is no column `DepDelay`: did you mean `dep_delay`? T{all}")),
        ("tailnum", format!("there is no column `tailnum`; t{all}")),
    ] {
        let error = col(name).gt(0).evaluate(&frame).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Column);
        assert_eq!(error.to_string(), said);
    }
    assert_eq!(
        refusal(col("a"), &DataFrame::empty()),
        "there is no column `a`; there are no columns"
    );
}

#[test]
fn types_that_do_not_fit_name_both_and_the_remedy() {
    let frame = block(4, 21);
    for (expr, said) in [
        (
            col("s").gt(0),
            r#"`col("s") > 0` compares String with Int32; `cast` the text to a number, or the number to DataType::String"#,
        ),
        (
            col("i64").eq("a"),
            r#"`col("i64") == "a"` compares Int64 with String; `cast` the text to a number, or the number to DataType::String"#,
        ),
        (
            col("day").gt("2013-02-01"),
            r#"`col("day") > "2013-02-01"` compares Date with String; `cast` the text to the other's type, as in `lit("2013-02-01").cast(DataType::Date)`"#,
        ),
        (
            col("utc").gt(col("time")),
            r#"`col("utc") > col("time")` compares Datetime(μs, UTC) with Datetime(μs); bring both to one time zone, with `dt().convert_time_zone` or `dt().replace_time_zone`"#,
        ),
        (
            col("s") + 1,
            r#"`col("s") + 1`: there is no `+` of String and Int32; `cast` the text to a number, or the number to DataType::String"#,
        ),
        (
            col("day") + 1,
            r#"`col("day") + 1`: there is no `+` of Date and Int32; a length of time is a `lit(std::time::Duration)`, or `cast` to DataType::Duration"#,
        ),
        (col("s") * col("s"), r#"`col("s") * col("s")`: there is no `*` of String and String"#),
        (
            col("i64") & col("b"),
            r#"`col("i64") & col("b")` asks whether `col("i64")` is true, which is Int64: compare it with something, as in `col("i64") != 0`, or `cast` it to DataType::Boolean"#,
        ),
        (
            when(col("b")).then("a").otherwise(col("i64")),
            r#"`when(col("b")).then("a").otherwise(col("i64"))` cannot be both String and Int64: `"a"` is String, `col("i64")` is Int64; `cast` one of them"#,
        ),
        (
            col("i64").fill_null("none"),
            r#"`col("i64").fill_null("none")` cannot be both Int64 and String: `col("i64")` is Int64, `"none"` is String; `cast` one of them"#,
        ),
        (
            -col("u8"),
            r#"`-col("u8")`: UInt8 has no negative numbers; `cast` it to a type that has"#,
        ),
        (col("s").abs(), r#"`col("s").abs()` is of a number, but `col("s")` is String; `cast` it"#),
        (
            col("i64").str().len_chars(),
            r#"`col("i64").str().len_chars()` is of text, but `col("i64")` is Int64; `cast` it"#,
        ),
        (
            col("s").dt().year(),
            r#"`col("s").dt().year()` is of a Date or Datetime, but `col("s")` is String; read it with `str().to_datetime(format)` or `str().to_date(format)`"#,
        ),
        (
            col("i64").is_in(["a"]),
            r#"`col("i64").is_in(["a"])` compares Int64 with "a", which is String; `cast` one to the other's type"#,
        ),
    ] {
        let error = expr.evaluate(&frame).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type, "{expr}");
        assert_eq!(error.to_string(), said);
        // As much is known before there are rows.
        assert_eq!(expr.check(frame.schema()).unwrap_err().to_string(), said);
    }
}

#[test]
fn what_is_not_row_by_row_is_refused_here() {
    let frame = block(4, 22);
    let error = col("i64").gt(col("i64").mean()).evaluate(&frame).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expression);
    assert!(error.to_string().starts_with(r#"`col("i64").mean()` is one value for many rows"#));
    let error = (col("i64") - col("i64").shift(1)).evaluate(&frame).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expression);
    assert!(error.to_string().starts_with(r#"`col("i64").shift(1)` looks at other rows"#));
}

#[test]
fn patterns_and_formats_are_checked_without_rows() {
    let frame = block(0, 23);
    for (expr, said) in [
        (col("s").str().contains("("), "regex"),
        (col("s").str().replace_all("[", ""), "regex"),
        (col("s").str().extract("(", 1), "regex"),
        (col("time").dt().truncate("1 week"), "is no length of time"),
        (col("time").dt().offset_by("W"), "is no length of time"),
        (col("time").dt().convert_time_zone("Mars"), "Mars"),
        (col("time").dt().strftime("%Q"), "format"),
    ] {
        let error = expr.check(frame.schema()).unwrap_err().to_string();
        assert!(error.contains(said) && error.contains(&format!("`{expr}`")), "{expr}: {error}");
    }
}

#[test]
fn texts_that_are_not_what_they_are_read_as_are_shown() {
    let frame = DataFrame::new(3, vec![Column::new("s".into(), ["2013-02-01", "", "1.2.2013"])]);
    let frame = frame.unwrap().slice(1, 2);
    assert_eq!(
        refusal(col("s").str().to_date("%d.%m.%Y"), &frame),
        r#"`col("s").str().to_date("%d.%m.%Y")`: "" is not a date of the format "%d.%m.%Y"; `to_date_or_null` makes null of such texts"#
    );
    assert_eq!(
        refusal(col("s").str().to_integer(16), &frame.slice(1, 1)),
        r#"`col("s").str().to_integer(16)`: "1.2.2013" is not an Int64 to the base 16; `to_integer_or_null` makes null of such texts"#
    );
}

#[test]
fn as_many_as_may_be_stand_within_each_other_and_no_more() {
    // Half of what a thread has where nothing is said of it.
    let stack = std::thread::Builder::new().stack_size(1 << 20);
    let thread = stack.spawn(|| {
        let frame = block(3, 24);
        let within =
            |n| (0..n).fold(col("i64"), |expr, _| when(col("b")).then(expr + 1).otherwise(1));
        let deep = within((DEPTH_MAX - 1) / 2);
        assert_eq!(run(&deep, &frame).len(), 3);
        assert_eq!(deep.to_string().matches("when").count(), (DEPTH_MAX - 1) / 2);
        assert_eq!(deep.shape(), Shape::RowWise);
        let error = within(100_000).evaluate(&frame).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Expression);
        assert!(error.to_string().starts_with("more than 250 expressions stand within each other"));
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn a_category_is_no_number() {
    let frame = block(4, 25);
    let category = DataType::from_categories(Categories::global());
    for expr in [col("cat").cast(DataType::Int64), col("i64").cast(category)] {
        let error = expr.check(frame.schema()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Type);
        assert!(error.to_string().contains("cast to DataType::String first"), "{error}");
    }
}
