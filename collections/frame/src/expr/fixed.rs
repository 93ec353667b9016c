//! Dates and times of which each part has its number of digits, as most files write them.
//!
//! In: a format, and texts. Out: what they are read as, if every text is written in exactly that way; nothing otherwise, and whoever asks reads
//! all of them the longer way, which knows all formats.

use chrono::{Datelike, NaiveDate};
use polars_core::prelude::{Int32Chunked, Int64Chunked, NewChunkedArray, StringChunked};

const SECOND_MICROS: i64 = 1_000_000;
const DAY_SECONDS: i64 = 86_400;
/// From 0001-01-01, which is day 1 there, to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

/// A format all of whose parts have a fixed number of digits: `%Y-%m-%dT%H:%M:%SZ`.
pub(super) struct Fixed {
    pieces: Vec<Piece>,
    length: usize,
    has_time: bool,
}

#[derive(Clone, Copy)]
enum Piece {
    Byte(u8),
    Number(Part),
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Part {
    fn of(letter: u8) -> Option<Part> {
        Some(match letter {
            b'Y' => Part::Year,
            b'm' => Part::Month,
            b'd' => Part::Day,
            b'H' => Part::Hour,
            b'M' => Part::Minute,
            b'S' => Part::Second,
            _ => return None,
        })
    }

    fn digits(self) -> usize {
        if self == Part::Year { 4 } else { 2 }
    }
}

impl Fixed {
    /// The format, if it is one: a year, a month, a day, and hours with minutes or none, each once.
    pub(super) fn of(format: &str) -> Option<Fixed> {
        let format =
            format.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S").replace("%R", "%H:%M");
        let mut bytes = format.bytes();
        let mut pieces = Vec::new();
        let mut counts = [0; 6];
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                pieces.push(Piece::Byte(byte));
                continue;
            }
            match bytes.next()? {
                b'%' => pieces.push(Piece::Byte(b'%')),
                letter => {
                    let part = Part::of(letter)?;
                    counts[part as usize] += 1;
                    pieces.push(Piece::Number(part));
                }
            }
        }
        let has_time = counts[3] == 1;
        let is_whole = counts[..3] == [1; 3] && counts[3] < 2 && counts[3] == counts[4];
        if !is_whole || counts[5] > counts[3] {
            return None;
        }
        let length = pieces.iter().map(|piece| match piece {
            Piece::Byte(_) => 1,
            Piece::Number(part) => part.digits(),
        });
        Some(Fixed { length: length.sum(), pieces, has_time })
    }

    /// Microseconds since 1970.
    pub(super) fn moments(&self, texts: &StringChunked) -> Option<Int64Chunked> {
        let mut days = Days::default();
        let mut read = Vec::with_capacity(texts.len());
        for text in texts.iter() {
            read.push(match text {
                None => None,
                Some(text) => {
                    let [year, month, day, hour, minute, second] = self.parts(text.as_bytes())?;
                    if hour > 23 || minute > 59 || second > 59 {
                        return None;
                    }
                    let day = i64::from(days.since_1970(year, month, day)?);
                    let seconds = i64::from(hour * 3600 + minute * 60 + second);
                    Some((day * DAY_SECONDS + seconds) * SECOND_MICROS)
                }
            });
        }
        Some(Int64Chunked::from_slice_options(texts.name().clone(), &read))
    }

    /// Days since 1970, of a format without a time.
    pub(super) fn days(&self, texts: &StringChunked) -> Option<Int32Chunked> {
        if self.has_time {
            return None;
        }
        let mut days = Days::default();
        let mut read = Vec::with_capacity(texts.len());
        for text in texts.iter() {
            read.push(match text {
                None => None,
                Some(text) => {
                    let [year, month, day, ..] = self.parts(text.as_bytes())?;
                    Some(days.since_1970(year, month, day)?)
                }
            });
        }
        Some(Int32Chunked::from_slice_options(texts.name().clone(), &read))
    }

    /// The numbers, in the order of [`Part`].
    #[inline]
    fn parts(&self, text: &[u8]) -> Option<[u32; 6]> {
        if text.len() != self.length {
            return None;
        }
        let mut parts = [0; 6];
        let mut rest = text;
        for piece in &self.pieces {
            match *piece {
                Piece::Byte(byte) => {
                    let (first, behind) = rest.split_first()?;
                    if *first != byte {
                        return None;
                    }
                    rest = behind;
                }
                Piece::Number(part) => {
                    let (digits, behind) = rest.split_at_checked(part.digits())?;
                    let mut number = 0;
                    for digit in digits {
                        let digit = digit.wrapping_sub(b'0');
                        if digit > 9 {
                            return None;
                        }
                        number = number * 10 + u32::from(digit);
                    }
                    parts[part as usize] = number;
                    rest = behind;
                }
            }
        }
        Some(parts)
    }
}

/// Days of the calendar; rows that follow each other are mostly of one.
#[derive(Default)]
struct Days {
    last: Option<((u32, u32, u32), i32)>,
}

impl Days {
    #[inline]
    fn since_1970(&mut self, year: u32, month: u32, day: u32) -> Option<i32> {
        if let Some((date, days)) = self.last
            && date == (year, month, day)
        {
            return Some(days);
        }
        let date = NaiveDate::from_ymd_opt(year as i32, month, day)?;
        let days = date.num_days_from_ce() - EPOCH_FROM_CE;
        self.last = Some(((year, month, day), days));
        Some(days)
    }
}

#[cfg(test)]
mod tests {
    use super::Fixed;
    use polars_core::prelude::{IntoSeries, PlSmallStr, StringChunked, TimeUnit};
    use polars_time::prelude::StringMethods;

    fn column(texts: &[Option<&str>]) -> StringChunked {
        texts.iter().copied().collect::<StringChunked>()
    }

    #[test]
    fn what_is_read_is_what_polars_reads() {
        let formats = [
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%SZ",
            "%d.%m.%Y %H:%M",
            "%Y%m%d%H%M%S",
            "%F %T",
            "%F",
            "%m/%d/%Y",
            "100%% %Y-%m-%d",
        ];
        let dates = [(2013, 1, 31), (2012, 2, 29), (1, 1, 1), (1969, 12, 31), (9999, 12, 31)];
        for format in formats {
            let fixed = Fixed::of(format).unwrap();
            let texts: Vec<String> = dates
                .iter()
                .map(|(y, m, d)| {
                    let time = |date: String| {
                        date.replace("%H", "07").replace("%M", "05").replace("%S", "59")
                    };
                    let whole = format.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S");
                    let date = whole.replace("%Y", &format!("{y:04}"));
                    let date = date.replace("%m", &format!("{m:02}"));
                    time(date.replace("%d", &format!("{d:02}"))).replace("%%", "%")
                })
                .collect();
            let mut texts: Vec<Option<&str>> =
                texts.iter().map(|text| Some(text.as_str())).collect();
            texts.insert(1, None);
            let texts = column(&texts);
            let raise = StringChunked::from_iter([Some("raise")]);
            let polars = texts
                .as_datetime(Some(format), TimeUnit::Microseconds, true, false, None, &raise)
                .unwrap();
            let own = fixed.moments(&texts).unwrap();
            assert!(
                own.into_series().equals_missing(&polars.physical().clone().into_series()),
                "{format}"
            );
            if let Some(days) = fixed.days(&texts) {
                let polars = texts.as_date(Some(format), true).unwrap();
                assert!(
                    days.into_series().equals_missing(&polars.physical().clone().into_series()),
                    "{format}"
                );
            }
        }
    }

    #[test]
    fn other_texts_and_formats_go_the_longer_way() {
        let fixed = Fixed::of("%Y-%m-%d %H:%M:%S").unwrap();
        let odd = [
            "2013-01-31 24:00:00",
            "2013-02-30 00:00:00",
            "2013-1-31 00:00:00",
            "-013-01-31 00:00:00",
            "2013-01-31 00:00:60",
            "2013-01-31T00:00:00",
            "2013-01-31 00:00:0",
            "",
            "2013-01-31 00:00:00 ",
            "２013-01-31 00:00:00",
        ];
        for text in odd {
            assert!(fixed.moments(&column(&[Some(text)])).is_none(), "{text}");
        }
        for format in [
            "%Y-%m",
            "%y-%m-%d",
            "%Y-%m-%d %H",
            "%Y-%m-%d %M",
            "%Y-%m-%d %I:%M %p",
            "%Y-%m-%d %H:%M %z",
            "%Y-%Y-%m-%d",
            "%",
        ] {
            assert!(Fixed::of(format).is_none(), "{format}");
        }
        let empty = StringChunked::from_iter(std::iter::empty::<Option<&str>>());
        let named = empty.with_name(PlSmallStr::from_static("t"));
        assert_eq!(fixed.moments(&named).unwrap().name(), "t");
    }
}
