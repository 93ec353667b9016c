//! Where windows begin.
//!
//! In: a length, an offset and a time zone. Out: for an instant, in ticks since 1970, the beginning of its window and of the next one.
//! Windows of nanoseconds to days are counted from 1970, weeks from a Monday, months from January 1970, all on the local clock: so does
//! polars' `truncate`. A window is as long as the clock says: the day on which clocks are set back has 25 hours, and so have windows of six
//! hours one that lasts seven.
//!
//! I1. `start(t) <= t < next(start(t))`, and `start` of every instant between is the same: windows neither overlap nor leave gaps.
//!
//! Not here: columns (`windows`).

use super::civil::{first_day_of, month_of};
use super::every::{DAY_NANOS, Every};
use super::zone::{Twice, Zone};

/// Windows over instants in ticks of one length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    step: Step,
    zone: Zone,
    per_day: i64,
    /// Windows shorter than a day tell hours of the same name apart.
    by_clock: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Windows of so many ticks, one of which begins at `origin`.
    Ticks { length: i64, origin: i64 },
    /// Windows of so many months, `lag` ticks and `months` months late.
    Months { count: i64, months: i64, lag: i64 },
}

/// Why there are no such windows, as the end of a sentence.
pub(super) type Refusal = String;

impl Grid {
    /// Ticks are `tick` nanoseconds long, which divides a day.
    pub(super) fn new(every: Every, offset: Every, tick: i64, zone: Zone) -> Result<Grid, Refusal> {
        if every.is_zero() || every.is_negative() {
            return Err("windows must be longer than nothing".into());
        }
        if every.units() > 1 {
            return Err(format!(
                "`{every}` mixes units that cannot be exchanged: months, weeks, days, hours and less"
            ));
        }
        let per_day = DAY_NANOS / tick;
        let lag = ticks(Every { months: 0, ..offset }, tick)?;
        let step = if every.months > 0 {
            Step::Months { count: every.months, months: offset.months, lag }
        } else if offset.months != 0 {
            return Err(format!("an offset of months (`{offset}`) needs windows of months"));
        } else {
            let length = ticks(every, tick)?;
            // 1970-01-05 was a Monday.
            let monday = if every.weeks > 0 { 4 * per_day } else { 0 };
            Step::Ticks { length, origin: (monday + lag).rem_euclid(length) }
        };
        Ok(Grid { step, zone, per_day, by_clock: every.nanos > 0 })
    }

    /// Whether it takes more than a division to find a window.
    pub(super) fn is_dear(&self) -> bool {
        !self.zone.is_utc() || matches!(self.step, Step::Months { .. })
    }

    /// The beginning of the window that `instant` is in; none out of range.
    pub(super) fn start(&self, instant: i64) -> Option<i64> {
        let local = self.zone.to_local(instant)?;
        let start = self.local_start(local)?;
        let twice = if self.by_clock { Twice::LastBefore(instant) } else { Twice::First };
        self.zone.to_utc(start, twice)
    }

    fn local_start(&self, local: i64) -> Option<i64> {
        match self.step {
            Step::Ticks { length, origin } => {
                local.checked_sub(local.checked_sub(origin)?.rem_euclid(length))
            }
            Step::Months { count, months, lag } => {
                let month = month_of(local.checked_sub(lag)?.div_euclid(self.per_day));
                self.month_start(month - (month - months).rem_euclid(count), lag)
            }
        }
    }

    fn month_start(&self, month: i64, lag: i64) -> Option<i64> {
        first_day_of(month).checked_mul(self.per_day)?.checked_add(lag)
    }

    /// The beginning of the window after the one that begins at `start`.
    pub(super) fn next(&self, start: i64) -> Option<i64> {
        if let (Step::Ticks { length, .. }, true) = (self.step, self.zone.is_utc()) {
            return start.checked_add(length);
        }
        let mut probe = start;
        let mut found = start;
        while found <= start {
            probe = self.later(probe)?;
            found = self.start(probe)?;
        }
        // When clocks are set back a window may be shorter than the rest, and the probe beyond it.
        while let Some(earlier) = self.start(found - 1).filter(|earlier| *earlier > start) {
            found = earlier;
        }
        Some(found)
    }

    /// An instant after `instant`, about a window later.
    fn later(&self, instant: i64) -> Option<i64> {
        match self.step {
            Step::Ticks { length, .. } => instant.checked_add(length),
            Step::Months { count, lag, .. } => {
                let local = self.zone.to_local(instant)?.checked_sub(lag)?;
                let month = month_of(local.div_euclid(self.per_day)) + count;
                let day = if self.zone.is_utc() { 0 } else { self.per_day };
                self.month_start(month, lag)?.checked_add(day)
            }
        }
    }
}

/// So many ticks; a length that is not a whole number of them is refused.
fn ticks(length: Every, tick: i64) -> Result<i64, Refusal> {
    let nanos = length.fixed_nanos().ok_or_else(|| format!("`{length}` is too long"))?;
    if nanos % tick != 0 {
        let (unit, remedy) = match tick {
            1_000 => ("microseconds", "cast it to Datetime with nanoseconds"),
            1_000_000 => ("milliseconds", "cast it to Datetime with microseconds or nanoseconds"),
            _ => ("days", "cast it to Datetime first"),
        };
        return Err(format!(
            "`{length}` is no whole number of {unit}, which the column counts: {remedy}"
        ));
    }
    Ok(nanos / tick)
}
