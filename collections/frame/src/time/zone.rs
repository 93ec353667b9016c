//! What clocks show in a time zone, in ticks.
//!
//! In: ticks of UTC or of a local clock since 1970. Out: the other one. Where clocks are set back a local time is there twice, where they
//! are set forward it is not there; [`Zone::to_utc`] says which instant is meant.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A time zone, for ticks of one length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zone {
    /// None if the clock is UTC's.
    tz: Option<Tz>,
    per_second: i64,
}

/// Which instant a local time means that is there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twice {
    /// The first: a day is one day, though it has 25 hours.
    First,
    /// The last that is not after this instant: an hour is an hour, though two of them have the same name.
    LastBefore(i64),
}

impl Zone {
    pub(super) fn new(tz: Option<Tz>, per_second: i64) -> Zone {
        let tz = tz.filter(|tz| !matches!(tz, Tz::UTC | Tz::Etc__UTC | Tz::GMT | Tz::Etc__GMT));
        Zone { tz, per_second }
    }

    pub(super) fn is_utc(&self) -> bool {
        self.tz.is_none()
    }

    /// By how much the local clock is ahead at `instant`.
    fn ahead(&self, instant: i64) -> i64 {
        let Some(tz) = self.tz else { return 0 };
        // What is out of chrono's range has the offset of its end.
        let seconds =
            instant.div_euclid(self.per_second).clamp(-8_000_000_000_000, 8_000_000_000_000);
        let utc = DateTime::from_timestamp(seconds, 0).expect("within 250 000 years of 1970");
        let offset = tz.offset_from_utc_datetime(&utc.naive_utc()).fix();
        i64::from(offset.local_minus_utc()) * self.per_second
    }

    pub(super) fn to_local(self, instant: i64) -> Option<i64> {
        instant.checked_add(self.ahead(instant))
    }

    /// The instant at which the clock shows `local`; the first one after it, if the clock leaps over it.
    pub(super) fn to_utc(self, local: i64, twice: Twice) -> Option<i64> {
        if self.tz.is_none() {
            return Some(local);
        }
        // No zone changes its clock twice within two days.
        let day = 86_400 * self.per_second;
        let before = self.ahead(local.checked_sub(day)?);
        let after = self.ahead(local.checked_add(day)?);
        let (early, late) = (local.checked_sub(before)?, local.checked_sub(after)?);
        if before == after {
            return Some(early);
        }
        match (self.ahead(early) == before, self.ahead(late) == after) {
            (true, true) => match twice {
                Twice::LastBefore(instant) if late <= instant => Some(late),
                _ => Some(early),
            },
            (true, false) => Some(early),
            (false, true) => Some(late),
            (false, false) => Some(self.leap(late, early, before)),
        }
    }

    /// The first instant in `from..=to` at which the clock is not `before` ahead any more.
    fn leap(&self, from: i64, to: i64, before: i64) -> i64 {
        let (mut low, mut high) = (from, to);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.ahead(middle) == before { low = middle + 1 } else { high = middle }
        }
        low
    }
}
