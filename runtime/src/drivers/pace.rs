//! Whether running at once pays, for what runs again and again.
//!
//! In: how long runs took, one task after the other and on a scheduler. Out: which way the next one should go. The quicker way is kept, and the other
//! tried again from time to time, in case it no longer is the slower one. Not here: what runs.

use super::Driver;
use std::time::{Duration, Instant};

/// Runs shorter than this are not tried on threads: waking one takes several microseconds.
const PAYS_FROM: Duration = Duration::from_micros(30);
/// After how many runs the slower way is tried again.
const TRIED_AGAIN: u32 = 256;
/// Of how many short runs one after the other one is timed: reading the clock takes longer than a few small tasks.
const TIMED: u32 = 16;

/// See the module's text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    in_order: Option<Duration>,
    at_once: Option<Duration>,
    tries: u32,
    timed: u32,
}

impl Pace {
    pub(crate) const fn new() -> Pace {
        Pace { in_order: None, at_once: None, tries: 0, timed: 0 }
    }

    /// Whether the next run should be one on threads; `threads` says how many there are, and is asked only if it matters.
    #[inline]
    pub(crate) fn at_once(&mut self, threads: impl FnOnce() -> usize) -> bool {
        match self.in_order {
            Some(in_order) if in_order >= PAYS_FROM => self.tries(in_order, threads),
            _ => false,
        }
    }

    #[cold]
    fn tries(&mut self, in_order: Duration, threads: impl FnOnce() -> usize) -> bool {
        if threads() < 2 {
            return false;
        }
        self.tries = self.tries.wrapping_add(1);
        let Some(at_once) = self.at_once else { return true };
        (at_once < in_order) != self.tries.is_multiple_of(TRIED_AGAIN)
    }

    /// A run begins, one task after the other; to be given to [`Pace::ends_in_order`].
    #[inline]
    pub(crate) fn begins_in_order(&mut self) -> Option<Instant> {
        let long = self.in_order.is_none_or(|in_order| in_order >= PAYS_FROM);
        let timed = long || self.timed.is_multiple_of(TIMED);
        self.timed = self.timed.wrapping_add(1);
        timed.then(Instant::now)
    }

    #[inline]
    pub(crate) fn ends_in_order(&mut self, start: Option<Instant>) {
        if let Some(start) = start {
            self.in_order = Some(start.elapsed());
        }
    }

    /// Times a run on threads.
    pub(crate) fn times_at_once(&mut self, start: Instant) {
        self.at_once = Some(start.elapsed());
    }
}

/// How many threads can run a graph on the current scheduler.
pub(crate) fn threads_now() -> usize {
    Driver::current().map_or(1, |driver| driver.threads_of_a_run())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_runs_stay_in_order_and_long_ones_try_both_ways() {
        let mut pace = Pace::new();
        assert!(!pace.at_once(|| 8));
        pace.in_order = Some(Duration::from_micros(5));
        assert!(!pace.at_once(|| 8));
        pace.in_order = Some(Duration::from_millis(5));
        assert!(!pace.at_once(|| 1));
        assert!(pace.at_once(|| 8));
        pace.at_once = Some(Duration::from_millis(3));
        let at_once = (0..1000).filter(|_| pace.at_once(|| 8)).count();
        assert!((990..1000).contains(&at_once), "{at_once}");
        pace.at_once = Some(Duration::from_millis(8));
        let at_once = (0..1000).filter(|_| pace.at_once(|| 8)).count();
        assert!((1..10).contains(&at_once), "{at_once}");
    }
}
