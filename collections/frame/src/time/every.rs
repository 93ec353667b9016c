//! A length of time, as people write it: `"1w"`, `"250ms"`, `"1d12h"`.
//!
//! In: a text. Out: [`Every`], in four counts that are not the same thing: months and weeks and days of the calendar, and nanoseconds. The
//! units are polars'; a name of pandas' gives an error that says what to write instead.
//!
//! Not here: where windows of that length begin (`grid`).

use crate::error::{Error, ErrorKind};
use std::fmt::{Debug, Display, Formatter};
use std::str::FromStr;

pub(super) const DAY_NANOS: i64 = 86_400_000_000_000;

/// A length of time, by the calendar where it says so: a month is a month, and a day has 23 or 25 hours when clocks change.
///
/// Numbers with units, one or several: `ns` `us` `ms` `s` `m` (minutes) `h` `d` `w` `mo` (months) `q` `y`. Offsets may begin with a minus.
///
/// # Examples
/// ```
/// # use taskweave_frame::Every;
/// let every: Every = "90m".parse()?;
/// assert_eq!(every.to_string(), "1h30m");
/// let wrong = "2ME".parse::<Every>().unwrap_err();
/// assert!(wrong.to_string().contains("`2mo`"));
/// # Ok::<(), taskweave_frame::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Every {
    pub(super) months: i64,
    pub(super) weeks: i64,
    pub(super) days: i64,
    pub(super) nanos: i64,
}

impl Every {
    /// Whether it is no time at all.
    pub(crate) fn is_zero(&self) -> bool {
        *self == Every::default()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.months < 0 || self.weeks < 0 || self.days < 0 || self.nanos < 0
    }

    /// In nanoseconds, if every day has 24 hours; nothing of months, which have no length.
    pub(crate) fn fixed_nanos(&self) -> Option<i64> {
        let days = self.weeks.checked_mul(7)?.checked_add(self.days)?;
        let whole = days.checked_mul(DAY_NANOS)?.checked_add(self.nanos)?;
        (self.months == 0).then_some(whole)
    }

    /// How many of its four counts are not zero.
    pub(super) fn units(&self) -> usize {
        [self.months, self.weeks, self.days, self.nanos].iter().filter(|n| **n != 0).count()
    }

    fn add(&mut self, count: i64, unit: &str) -> Option<()> {
        let (field, factor) = match unit {
            "ns" => (&mut self.nanos, 1),
            "us" => (&mut self.nanos, 1_000),
            "ms" => (&mut self.nanos, 1_000_000),
            "s" => (&mut self.nanos, 1_000_000_000),
            "m" => (&mut self.nanos, 60_000_000_000),
            "h" => (&mut self.nanos, 3_600_000_000_000),
            "d" => (&mut self.days, 1),
            "w" => (&mut self.weeks, 1),
            "mo" => (&mut self.months, 1),
            "q" => (&mut self.months, 3),
            "y" => (&mut self.months, 12),
            _ => unreachable!("`units` lists what is matched here"),
        };
        *field = field.checked_add(count.checked_mul(factor)?)?;
        Some(())
    }
}

const UNITS: [&str; 11] = ["ns", "us", "ms", "s", "m", "h", "d", "w", "mo", "q", "y"];

/// What pandas and dask call them, and what that is here. Units that begin periods come first.
const ALIASES: [(&str, &str); 40] = [
    ("D", "d"),
    ("H", "h"),
    ("T", "m"),
    ("min", "m"),
    ("Min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("S", "s"),
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("L", "ms"),
    ("milli", "ms"),
    ("U", "us"),
    ("micro", "us"),
    ("N", "ns"),
    ("nano", "ns"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("W", "w"),
    ("week", "w"),
    ("weeks", "w"),
    ("M", "mo"),
    ("MS", "mo"),
    ("ME", "mo"),
    ("month", "mo"),
    ("months", "mo"),
    ("Q", "q"),
    ("QS", "q"),
    ("QE", "q"),
    ("quarter", "q"),
    ("Y", "y"),
    ("A", "y"),
    ("YS", "y"),
    ("YE", "y"),
    ("year", "y"),
    ("years", "y"),
];

/// What is different, besides the name.
fn difference(alias: &str) -> &'static str {
    match alias {
        "W" => {
            "; weeks begin on Monday and are named by their first day, where pandas' end on Sunday and are named by it"
        }
        "M" | "ME" | "Q" | "QE" | "Y" | "YE" | "A" => {
            "; windows are named by their first day: ask for the label on the right for the day after their last one"
        }
        _ => "",
    }
}

impl FromStr for Every {
    type Err = Error;

    fn from_str(text: &str) -> Result<Every, Error> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut every = Every::default();
        let mut rest = digits;
        while !rest.is_empty() {
            rest = every.take(rest, text)?;
        }
        if digits.is_empty() {
            return Err(refused(text, "it is empty: write a number and a unit, such as `1w`"));
        }
        if negative {
            let Every { months, weeks, days, nanos } = every;
            every = Every { months: -months, weeks: -weeks, days: -days, nanos: -nanos };
        }
        Ok(every)
    }
}

impl Every {
    /// One number and unit from the beginning of `rest`; what remains.
    fn take<'a>(&mut self, rest: &'a str, whole: &str) -> Result<&'a str, Error> {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = rest.split_at(digits);
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_alphabetic()).len();
        let (unit, mut after) = rest.split_at(letters);
        let shown = if number.is_empty() { "1" } else { number };
        if let Some((_, ours)) = ALIASES.iter().find(|(alias, _)| *alias == unit) {
            let more = difference(unit);
            // `W-SUN`, `QE-DEC`: what follows belongs to pandas' name.
            after = "";
            let remedy = format!("`{unit}` is pandas' name: write `{shown}{ours}`{more}");
            return Err(refused(whole, &remedy)).map(|()| after);
        }
        if !UNITS.contains(&unit) {
            let found = if unit.is_empty() {
                let wrong = after.chars().next().map_or("nothing".into(), |c| format!("`{c}`"));
                format!("a unit should follow `{number}`, not {wrong}")
            } else {
                format!("there is no unit `{unit}`")
            };
            return Err(refused(whole, &format!("{found}; units are {}", UNITS.join(" "))));
        }
        if number.is_empty() {
            return Err(refused(whole, &format!("the number is missing: write `1{unit}`")));
        }
        let count = number.parse().ok().and_then(|count| self.add(count, unit));
        count
            .ok_or_else(|| refused(whole, "it is longer than 292 years in nanoseconds can say"))?;
        Ok(after)
    }
}

fn refused(text: &str, why: &str) -> Error {
    Error::new(ErrorKind::Value, format!("`{text}` is no length of time: {why}"))
}

impl Display for Every {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if self.is_zero() {
            return f.write_str("0s");
        }
        if self.is_negative() {
            f.write_str("-")?;
        }
        let (months, mut nanos) = (self.months.abs(), self.nanos.unsigned_abs());
        let parts = [(months / 12, "y"), (months % 12, "mo"), (self.weeks.abs(), "w")];
        for (count, unit) in parts.into_iter().chain([(self.days.abs(), "d")]) {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        let clock = [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000)];
        for (unit, size) in clock.into_iter().chain([("ms", 1_000_000), ("us", 1_000), ("ns", 1)]) {
            if nanos >= size {
                write!(f, "{}{unit}", nanos / size)?;
                nanos %= size;
            }
        }
        Ok(())
    }
}

impl Debug for Every {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}
