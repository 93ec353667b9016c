//! One thread for the whole process that rings when it is time.
//!
//! In: what to ring, and when. Out: a ring, unless the [`Alarm`] was dropped before. The thread is started with the first alarm, and sleeps until the next one is due;
//! while there is none it waits for one. Not here: what a ring means ([`crate::scheduler`]).

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Something that can be rung.
pub(crate) trait Ring: Send + Sync {
    /// It is time. How long until the next ring, if there is to be one.
    fn ring(&self) -> Option<Duration>;
}

/// Rings until it is dropped.
pub(crate) struct Alarm {
    number: u64,
}

struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// By when they are due.
    due: BTreeMap<(Instant, u64), Arc<dyn Ring>>,
    /// When each is due.
    times: BTreeMap<u64, Instant>,
    last: u64,
    /// Whether the thread runs.
    runs: bool,
}

static TIMER: Timer = Timer {
    state: Mutex::new(State { due: BTreeMap::new(), times: BTreeMap::new(), last: 0, runs: false }),
    changed: Condvar::new(),
};

/// Rings `what` after `time`. Nothing rings if the system refuses the timer a thread, or no clock can tell the time.
pub(crate) fn ring_after(time: Duration, what: Arc<dyn Ring>) -> Alarm {
    let mut state = TIMER.lock();
    state.last += 1;
    let number = state.last;
    if let Some(at) = Instant::now().checked_add(time) {
        let is_first = state.due.first_key_value().is_none_or(|((first, _), _)| at < *first);
        state.due.insert((at, number), what);
        state.times.insert(number, at);
        if !state.runs {
            let name = "taskweave-timer".to_owned();
            state.runs = std::thread::Builder::new().name(name).spawn(|| TIMER.work()).is_ok();
        } else if is_first {
            TIMER.changed.notify_one();
        }
    }
    Alarm { number }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let mut state = TIMER.lock();
        let ring =
            state.times.remove(&self.number).and_then(|at| state.due.remove(&(at, self.number)));
        drop(state);
        drop(ring);
    }
}

impl Timer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut state = self.lock();
        loop {
            let Some((&(at, number), _)) = state.due.first_key_value() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = at.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                let waited = self.changed.wait_timeout(state, left);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            let Some((_, ring)) = state.due.pop_first() else { continue };
            drop(state);
            let next = ring.ring().and_then(|time| Instant::now().checked_add(time));
            state = self.lock();
            // Unless it was dropped while it rang.
            match next {
                Some(next) if state.times.contains_key(&number) => {
                    state.times.insert(number, next);
                    state.due.insert((next, number), ring);
                }
                _ => drop(state.times.remove(&number)),
            }
        }
    }
}
