//! Texts against the standard library's readings, and against days counted one by one.
//!
//! In: texts, odd ones and random ones. Out: the same values, or none.

use super::{SHORT_INTEGER, Wrong, boolean, date, datetime, float, integer, short_integer};

#[test]
fn integers() {
    for text in [
        "0",
        "-0",
        "+7",
        "007",
        "12345",
        "-99",
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775807",
        "-9223372036854775808",
        "0000000000000000000000001",
    ] {
        assert_eq!(integer(text.as_bytes()), Ok(text.parse().unwrap()), "{text}");
    }
    for text in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"] {
        assert_eq!(integer(text.as_bytes()), Err(Wrong::Range), "{text}");
    }
    for text in ["", "-", "+", "1a", "a", "1.0", "--1", "1 ", " 1", "9223372036854775807x", "１"] {
        assert_eq!(integer(text.as_bytes()), Err(Wrong::Text), "{text}");
    }
}

#[test]
fn short_integers_are_the_same_without_a_loop() {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    // Digits, what stands beside them in ASCII, signs, and bytes with the high bit.
    let letters = *b"0123456789019283/:-+. \x00\x7f\x80\x89\x8a\xff";
    let mut numbers = 0;
    for _ in 0..400_000 {
        let from = if next().is_multiple_of(2) { 10 } else { letters.len() };
        let mut text = [0; SHORT_INTEGER];
        text.fill_with(|| letters[next() % from]);
        if next().is_multiple_of(4) {
            text[0] = b'-';
        }
        let len = next() % (SHORT_INTEGER + 1);
        let expected = integer(&text[..len]).ok().filter(|_| text[0] != b'+');
        assert_eq!(short_integer(text, len), expected, "{:?}", &text[..len]);
        numbers += u32::from(expected.is_some());
    }
    assert!(numbers > 100_000);
}

#[test]
fn floats_are_the_nearest() {
    let mut texts: Vec<String> = [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "1",
        "1.5",
        "-1.25",
        ".5",
        "5.",
        "0.1",
        "0.3",
        "2e-3",
        "1E5",
        "+1.5",
        "9007199254740992",
        "9007199254740993",
        "9007199254740993.5",
        "123456789012345678901234567890",
        "0.000000000000000000001",
        "1e308",
        "1e309",
        "5e-324",
        "2.2250738585072011e-308",
        "inf",
        "-inf",
        "NaN",
        "infinity",
        "1.7976931348623157e308",
        "0.0000000000000000000000000001",
        "1844674407370955161.5",
        "18446744073709551615",
        "99999999999999999999",
        "1.0000000000000000000",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut state = 3_u64;
    for _ in 0..20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let digits = (state >> 11) % 10_u64.pow((state % 19) as u32 + 1);
        let places = (state >> 7) as usize % 22;
        let mut text = format!("{digits:0>width$}", width = places + 1);
        text.insert(text.len() - places, '.');
        texts.push(text);
    }
    for text in texts {
        let value: f64 = text.parse().unwrap();
        let found = float(text.as_bytes()).unwrap();
        assert!(found.to_bits() == value.to_bits() || found.is_nan() && value.is_nan(), "{text}");
    }
    for text in ["", ".", "-", "-.", "1.2.3", "1e", "e5", "0x10", "1,5", "1 ", "--1", "1_0"] {
        assert_eq!(float(text.as_bytes()), Err(Wrong::Text), "{text}");
    }
}

#[test]
fn booleans() {
    assert_eq!(boolean(b"TRUE"), Ok(true));
    assert_eq!(boolean(b"false"), Ok(false));
    assert_eq!(boolean(b"tRUE"), Err(Wrong::Text));
    assert_eq!(boolean(b"1"), Err(Wrong::Text));
}

#[test]
fn every_day_of_ten_thousand_years_is_one_after_the_other() {
    let mut expected = -719_528;
    for year in 0..10_000 {
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let months = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in months.into_iter().enumerate() {
            for day in [1, days] {
                let text = format!("{year:04}-{:02}-{day:02}", month + 1);
                assert_eq!(date(text.as_bytes()), Ok(expected + day - 1), "{text}");
            }
            let text = format!("{year:04}-{:02}-{:02}", month + 1, days + 1);
            assert_eq!(date(text.as_bytes()), Err(Wrong::Text), "{text}");
            expected += days;
        }
    }
    assert_eq!(date(b"1970-01-01"), Ok(0));
    assert_eq!(date(b"2013/01/31"), Ok(15_736));
    for text in [
        "2013-1-31",
        "2013-00-01",
        "2013-13-01",
        "2013-01-00",
        "2013-01/31",
        "31-01-2013",
        "2013-01-31 ",
    ] {
        assert_eq!(date(text.as_bytes()), Err(Wrong::Text), "{text}");
    }
}

#[test]
fn times() {
    let day = 15_736 * 86_400_000_000;
    let check = |text: &str, micros: i64, has_offset: bool| {
        assert_eq!(datetime(text.as_bytes()), Ok((micros, has_offset)), "{text}");
    };
    check("2013-01-31", day, false);
    check("2013-01-31T05:00", day + 18_000_000_000, false);
    check("2013-01-31 05:00:30", day + 18_030_000_000, false);
    check("2013-01-31 05:00:30.25", day + 18_030_250_000, false);
    check("2013-01-31 05:00:30.123456789", day + 18_030_123_456, false);
    check("2013-01-31 05:00Z", day + 18_000_000_000, true);
    check("2013-01-31T05:00:00+01:00", day + 14_400_000_000, true);
    check("2013-01-31T05:00:00-0130", day + 23_400_000_000, true);
    check("2013-01-31T05:00:00.5+05", day + 500_000, true);
    check("1969-12-31T23:59:59.75", -250_000, false);
    for text in [
        "",
        "2013-01-31T",
        "2013-01-31T5:00",
        "2013-01-31T24:00",
        "2013-01-31T05:60",
        "2013-01-31T05:00:60",
        "2013-01-31T05:00:00.",
        "2013-01-31T05:00.5",
        "2013-01-31T05:00:00.1234567890",
        "2013-01-31T05:00+1",
        "2013-01-31T05:00+24:00",
        "2013-01-31T05:00 Z",
        "2013-01-31x05:00",
        "2013-02-30T05:00",
        "2013-01-3é",
    ] {
        assert_eq!(datetime(text.as_bytes()), Err(Wrong::Text), "{text}");
    }
}
