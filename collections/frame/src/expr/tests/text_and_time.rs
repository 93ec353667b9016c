//! Text, dates and times against what is known of them.

use super::*;

fn texts(values: &[Option<&str>]) -> DataFrame {
    DataFrame::new(values.len(), vec![Column::new("s".into(), values)]).unwrap()
}

fn shown(column: &Column) -> Vec<String> {
    let values = (0..column.len()).map(|row| column.get(row).unwrap());
    values.map(|value| value.str_value().into_owned()).collect()
}

#[track_caller]
fn is(expr: Expr, frame: &DataFrame, values: &[&str]) {
    assert_eq!(shown(&run(&expr, frame)), values, "{expr}");
}

#[test]
fn functions_of_text() {
    let frame = texts(&[Some("Straße 7"), None, Some(""), Some(" ab12ab ")]);
    let s = col("s").str();
    is(s.to_uppercase(), &frame, &["STRASSE 7", "null", "", " AB12AB "]);
    is(s.len_chars(), &frame, &["8", "null", "0", "8"]);
    is(s.len_bytes(), &frame, &["9", "null", "0", "8"]);
    is(s.contains("[0-9]$"), &frame, &["true", "null", "false", "false"]);
    is(s.contains_literal("b1"), &frame, &["false", "null", "false", "true"]);
    is(s.starts_with("Str"), &frame, &["true", "null", "false", "false"]);
    is(s.ends_with(" "), &frame, &["false", "null", "false", "true"]);
    is(s.replace("ab", "x"), &frame, &["Straße 7", "null", "", " x12ab "]);
    is(s.replace_all("a(b)", "$1"), &frame, &["Straße 7", "null", "", " b12b "]);
    is(s.replace_all_literal("a", "."), &frame, &["Str.ße 7", "null", "", " .b12.b "]);
    is(s.replace_literal("a", "."), &frame, &["Str.ße 7", "null", "", " .b12ab "]);
    is(s.extract("([0-9]+)", 1), &frame, &["7", "null", "null", "12"]);
    is(s.count_matches("[0-9]"), &frame, &["1", "null", "0", "2"]);
    is(s.strip(), &frame, &["Straße 7", "null", "", "ab12ab"]);
    is(s.strip_chars(" ab"), &frame, &["Straße 7", "null", "", "12"]);
    is(s.strip_prefix("Str"), &frame, &["aße 7", "null", "", " ab12ab "]);
    is(s.slice(3, Some(2)), &frame, &["aß", "null", "", "12"]);
    is(s.slice(-2, None), &frame, &[" 7", "null", "", "b "]);
    is(s.slice(2, None), &frame, &["raße 7", "null", "", "b12ab "]);
    is(s.head(2), &frame, &["St", "null", "", " a"]);
    is(s.tail(-6), &frame, &[" 7", "null", "", "b "]);
    is(s.pad_start(9, '*'), &frame, &["*Straße 7", "null", "*********", "* ab12ab "]);
    let frame = texts(&[Some("-7"), Some("ff"), None]);
    is(s.zfill(4), &frame, &["-007", "00ff", "null"]);
    is(s.to_integer(16), &frame, &["-7", "255", "null"]);
    is(s.to_integer_or_null(10), &frame, &["-7", "null", "null"]);
}

#[test]
fn texts_are_read_as_dates_and_times() {
    let frame = texts(&[Some("2013-02-01 05:06:07"), None, Some("1969-12-31 23:59:59")]);
    let format = "%Y-%m-%d %H:%M:%S";
    let read = run(col("s").str().to_datetime(format), &frame);
    assert_eq!(*read.dtype(), DataType::Datetime(TimeUnit::Microseconds, None));
    let micros: Vec<_> = read.cast(&DataType::Int64).unwrap().i64().unwrap().iter().collect();
    assert_eq!(micros, [Some(1_359_695_167_000_000), None, Some(-1_000_000)]);
    let zoned = texts(&[Some("2013-02-01 05:06 +0100")]);
    let read = run(col("s").str().to_datetime("%Y-%m-%d %H:%M %z"), &zoned);
    assert_eq!(*read.dtype(), DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)));
    let days = texts(&[Some("01.02.2013")]);
    is(col("s").str().to_date("%d.%m.%Y"), &days, &["2013-02-01"]);
    is(lit("2013-02-01").cast(DataType::Date), &days, &["2013-02-01"]);
}

#[test]
fn parts_of_dates_and_times() {
    let frame = texts(&[Some("2013-12-30 23:45:59.123456"), None, Some("1969-02-28 00:00:00.5")]);
    let time = col("s").str().to_datetime("%Y-%m-%d %H:%M:%S%.f");
    let dt = time.dt();
    is(dt.year(), &frame, &["2013", "null", "1969"]);
    is(dt.iso_year(), &frame, &["2014", "null", "1969"]);
    is(dt.quarter(), &frame, &["4", "null", "1"]);
    is(dt.month(), &frame, &["12", "null", "2"]);
    is(dt.week(), &frame, &["1", "null", "9"]);
    is(dt.weekday(), &frame, &["1", "null", "5"]);
    is(dt.day(), &frame, &["30", "null", "28"]);
    is(dt.ordinal_day(), &frame, &["364", "null", "59"]);
    is(dt.hour(), &frame, &["23", "null", "0"]);
    is(dt.minute(), &frame, &["45", "null", "0"]);
    is(dt.second(), &frame, &["59", "null", "0"]);
    is(dt.millisecond(), &frame, &["123", "null", "500"]);
    is(dt.microsecond(), &frame, &["123456", "null", "500000"]);
    is(dt.nanosecond(), &frame, &["123456000", "null", "500000000"]);
    is(dt.date(), &frame, &["2013-12-30", "null", "1969-02-28"]);
    is(dt.time(), &frame, &["23:45:59.123456", "null", "00:00:00.500"]);
    is(dt.truncate("1w").dt().date(), &frame, &["2013-12-30", "null", "1969-02-24"]);
    is(dt.truncate("1mo").dt().date(), &frame, &["2013-12-01", "null", "1969-02-01"]);
    is(dt.offset_by("1mo").dt().date(), &frame, &["2014-01-30", "null", "1969-03-28"]);
    is(dt.month_end().dt().date(), &frame, &["2013-12-31", "null", "1969-02-28"]);
    is(dt.days_in_month(), &frame, &["31", "null", "28"]);
    is(dt.epoch_seconds(), &frame, &["1388447159", "null", "-26524800"]);
    is(dt.epoch_days(), &frame, &["16069", "null", "-307"]);
    is(dt.strftime("%d.%m.%y"), &frame, &["30.12.13", "null", "28.02.69"]);
    let berlin = dt.replace_time_zone(Some("UTC")).dt().convert_time_zone("Europe/Berlin");
    is(berlin.dt().hour(), &frame, &["0", "null", "1"]);
    is(berlin.dt().day(), &frame, &["31", "null", "28"]);
    is(berlin.dt().date(), &frame, &["2013-12-31", "null", "1969-02-28"]);
    is(berlin.dt().truncate("1d").dt().day(), &frame, &["31", "null", "28"]);
    is(berlin.dt().strftime("%H:%M"), &frame, &["00:45", "null", "01:00"]);
    is(berlin.dt().replace_time_zone(None).dt().hour(), &frame, &["0", "null", "1"]);
    let later = &time - &(&time - std::time::Duration::from_secs(90));
    is(later.dt().total_seconds(), &frame, &["90", "null", "90"]);
}

#[test]
fn texts_of_iso_8601_are_cast() {
    let written =
        ["2013-02-01 05:06:07.5", "2013-02-01T05:06:07", "2013-02-01 05:06", "2013-02-01"];
    let frame =
        texts(&[Some(written[0]), Some(written[1]), None, Some(written[2]), Some(written[3])]);
    let read = col("s").cast(DataType::Datetime(TimeUnit::Milliseconds, None));
    let clock = read.dt().strftime("%H:%M:%S%.3f");
    is(clock, &frame, &["05:06:07.500", "05:06:07.000", "null", "05:06:00.000", "00:00:00.000"]);
    let day = read.dt().date().eq(lit("2013-02-01").cast(DataType::Date));
    is(day, &frame, &["true", "true", "null", "true", "true"]);
    let said = refusal(col("s").cast(DataType::Date), &frame);
    assert!(
        said.contains(r#"cannot cast the value "2013-02-01 05:06:07.5" to Date strictly"#),
        "{said}"
    );
}

#[test]
fn lengths_and_dates_are_found_among_others() {
    let second = std::time::Duration::from_secs(1);
    let frame = texts(&[Some("2013-02-01"), None, Some("2013-02-02")]);
    let day = col("s").cast(DataType::Date);
    let length = &day - lit("2013-02-01").cast(DataType::Date);
    is(length.is_in([second * 86_400, second]), &frame, &["false", "null", "true"]);
    is(length.eq(std::time::Duration::ZERO), &frame, &["true", "null", "false"]);
    let first = Scalar::new(DataType::Date, AnyValue::Date(15_737));
    is(day.is_in([first.clone()]), &frame, &["true", "null", "false"]);
    is(day.gt(lit(first)), &frame, &["false", "null", "true"]);
}
