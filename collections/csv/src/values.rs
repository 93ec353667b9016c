//! Texts as values.
//!
//! In: the bytes of a text without its quotes. Out: the number, the truth, the day or the time it is written for, or [`Wrong`].
//!
//! Not here: nulls and quotes (`fill`), and which type a column has (`infer`).

/// Why a text is no value of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It is written otherwise.
    Text,
    /// It is an integer that needs more than 64 bits, or is negative where none is.
    Range,
    /// It has an offset from UTC in a column without them.
    Offset,
    /// It has none in a column with them.
    NoOffset,
}

/// Digits of which every number fits.
const DIGITS_SAFE: usize = 18;

/// `-12`, `+3`.
#[inline(always)]
pub(crate) fn integer(text: &[u8]) -> Result<i64, Wrong> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return Err(Wrong::Text);
    }
    if digits.len() > DIGITS_SAFE {
        return long_integer(is_negative, digits);
    }
    let mut value = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Wrong::Text);
        }
        value = value * 10 + i64::from(digit);
    }
    Ok(if is_negative { -value } else { value })
}

/// The longest text that [`short_integer`] reads.
pub(crate) const SHORT_INTEGER: usize = 8;

/// What [`integer`] gives for a text of up to eight bytes, whatever lies behind it; nothing if it is no integer, or begins with a plus.
///
/// Without a loop, as how many digits follow cannot be foretold. The digits stand in a word, the last one highest, and neighbours are
/// brought together three times: to numbers of two digits, of four, and of eight.
#[inline(always)]
pub(crate) fn short_integer(text: [u8; SHORT_INTEGER], len: usize) -> Option<i64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // With it a byte of ten or more has the high bit.
    const TO_HIGH: u64 = 0x7676_7676_7676_7676;
    let word = u64::from_le_bytes(text);
    let is_negative = text[0] == b'-';
    let count = len.wrapping_sub(usize::from(is_negative));
    if count.wrapping_sub(1) >= SHORT_INTEGER {
        return None;
    }
    let word = word >> (8 * u32::from(is_negative));
    let shift = 64 - 8 * count as u32;
    let digits = (word << shift) ^ (ZEROS << shift);
    // A byte beyond 0x89 carries into the next one: then it has the high bit itself.
    if (digits.wrapping_add(TO_HIGH) | digits) & HIGH != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let value = ((fours * 10_000 + (fours >> 32)) & 0xffff_ffff) as i64;
    Some(if is_negative { -value } else { value })
}

#[cold]
fn long_integer(is_negative: bool, digits: &[u8]) -> Result<i64, Wrong> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Wrong::Text);
    }
    // Downwards, where there is one more.
    let mut value = 0_i64;
    for byte in digits {
        let digit = i64::from(byte - b'0');
        value = value.checked_mul(10).and_then(|v| v.checked_sub(digit)).ok_or(Wrong::Range)?;
    }
    if is_negative { Ok(value) } else { value.checked_neg().ok_or(Wrong::Range) }
}

/// `12`, `+3`, `18446744073709551615`; `-0` is zero.
#[inline(always)]
pub(crate) fn unsigned(text: &[u8]) -> Result<u64, Wrong> {
    match integer(text) {
        Ok(value) => u64::try_from(value).map_err(|_| Wrong::Range),
        Err(Wrong::Range) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Wrong::Range)
        }
        Err(wrong) => Err(wrong),
    }
}

/// The powers of ten that are exact.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
/// Up to here each integer is a float.
const EXACT_MAX: u64 = 1 << 53;

/// `1`, `-1.5`, `.5`, `2e-3`, `inf`, `NaN`; the nearest float, ties to even.
///
/// Few digits are a quotient of two exact floats, rounded once by the division (Clinger, "How to read floating point numbers accurately",
/// 1990, section 4); the standard library reads the rest.
#[inline(always)]
pub(crate) fn float(text: &[u8]) -> Result<f64, Wrong> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // With 19 digits and a point the mantissa fits.
    if digits.is_empty() || digits.len() > 20 {
        return any_float(text);
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return any_float(text);
        }
    }
    let places = point.map_or(0, |at| digits.len() - at - 1);
    let count = digits.len() - usize::from(point.is_some());
    if count == 0 || count > 19 || mantissa > EXACT_MAX {
        return any_float(text);
    }
    let value = mantissa as f64 / TENS[places];
    Ok(if is_negative { -value } else { value })
}

#[inline(never)]
fn any_float(text: &[u8]) -> Result<f64, Wrong> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Wrong::Text)
}

/// `true` and `false`, as Rust, Python and R write them.
#[inline(always)]
pub(crate) fn boolean(text: &[u8]) -> Result<bool, Wrong> {
    match text {
        b"true" | b"True" | b"TRUE" => Ok(true),
        b"false" | b"False" | b"FALSE" => Ok(false),
        _ => Err(Wrong::Text),
    }
}

/// `2013-01-31`, `2013/01/31`; days since 1970-01-01.
#[inline(always)]
pub(crate) fn date(text: &[u8]) -> Result<i32, Wrong> {
    let &[y1, y2, y3, y4, first @ (b'-' | b'/'), m1, m2, second, d1, d2] = text else {
        return Err(Wrong::Text);
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let (month, day) = (pair(m1, m2)?, pair(d1, d2)?);
    if first != second || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return Err(Wrong::Text);
    }
    Ok(days(year, month, day))
}

/// Two digits.
#[inline(always)]
fn pair(tens: u8, ones: u8) -> Result<i32, Wrong> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 {
        return Err(Wrong::Text);
    }
    Ok(i32::from(tens) * 10 + i32::from(ones))
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, from year 0 on. Years begin in March, so that the leap day is their last: then a
/// month begins `(153 m + 2) / 5` days after that.
fn days(year: i32, month: i32, day: i32) -> i32 {
    // From 0000-03-01 to 1970-01-01.
    const EPOCH: i32 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 + day - 1 - EPOCH
}

const MICROS: i64 = 1_000_000;

/// `2013-01-31T05:00`, with a space for the `T`, seconds and up to nine places of them, and `Z` or an offset as `+01:00`, `+0100` or `+01`;
/// or a date, for its midnight. Microseconds since 1970-01-01T00:00, in UTC if there is an offset, and whether there is. What is finer than
/// microseconds is cut off.
#[inline(always)]
pub(crate) fn datetime(text: &[u8]) -> Result<(i64, bool), Wrong> {
    let Some((day, rest)) = text.split_at_checked(10) else { return Err(Wrong::Text) };
    let day = i64::from(date(day)?) * 86_400;
    let rest = match rest {
        [] => return Ok((day * MICROS, false)),
        [b'T' | b' ', rest @ ..] => rest,
        _ => return Err(Wrong::Text),
    };
    let &[h1, h2, b':', m1, m2, ref rest @ ..] = rest else { return Err(Wrong::Text) };
    let (hours, minutes) = (pair(h1, h2)?, pair(m1, m2)?);
    // Places are those of seconds: of minutes there are none.
    let (seconds, (micros, rest)) = match rest {
        [b':', s1, s2, rest @ ..] => (pair(*s1, *s2)?, fraction(rest)?),
        _ => (0, (0, rest)),
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return Err(Wrong::Text);
    }
    let (offset, has_offset) = offset(rest)?;
    let seconds = day + i64::from(hours * 3600 + minutes * 60 + seconds) - i64::from(offset);
    Ok((seconds * MICROS + micros, has_offset))
}

/// A point and places, if there are any.
#[inline(always)]
fn fraction(text: &[u8]) -> Result<(i64, &[u8]), Wrong> {
    let [b'.', places @ ..] = text else { return Ok((0, text)) };
    let count = places.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return Err(Wrong::Text);
    }
    let digit = |at: usize| if at < count { i64::from(places[at] - b'0') } else { 0 };
    let micros = (0..6).fold(0, |micros, at| micros * 10 + digit(at));
    Ok((micros, &places[count..]))
}

/// Seconds that clocks there are before UTC, and whether it is said.
#[inline(always)]
fn offset(text: &[u8]) -> Result<(i32, bool), Wrong> {
    let (sign, clock) = match text {
        [] => return Ok((0, false)),
        b"Z" | b"z" => return Ok((0, true)),
        [b'+', clock @ ..] => (1, clock),
        [b'-', clock @ ..] => (-1, clock),
        _ => return Err(Wrong::Text),
    };
    let (hours, minutes) = match *clock {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (pair(h1, h2)?, pair(m1, m2)?),
        [h1, h2] => (pair(h1, h2)?, 0),
        _ => return Err(Wrong::Text),
    };
    if hours > 23 || minutes > 59 {
        return Err(Wrong::Text);
    }
    Ok((sign * (hours * 3600 + minutes * 60), true))
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
