//! Who sleeps, who wakes them, and why no wake-up is lost.
//!
//! Two kinds of threads wait. A pool's workers, for work in any job: [`Hunger`]. The caller of one run, for work in it or
//! its end: [`Waiter`]. Nobody polls, and an idle pool uses no CPU.
//!
//! In: "there is something to take", and a look at where it could be. Out: threads that wait and wake. Not here: deques, jobs
//! and what a worker does when it is awake ([`super::threads`]).
//!
//! ```text
//! producer  put the task on a deque | fence | look who waits: the caller of the run? else, if nobody is searching, a worker
//! worker    lock | idle + 1 | fence | look at all jobs | wait      woken by: lock | idle - 1, searching + 1 | signal
//!           look around for a while | searching - 1 | and from the beginning
//! caller    waiting = true | fence | look at the run | park        woken by: waiting = false, by one producer | signal
//! ```
//! * `P1` Both sides write first, then fence (SeqCst), then read what the other side wrote. Of two such fences one comes first, and
//!   what was written before it is seen after the other. So if a worker's last look misses a task, the producer of that
//!   task sees `idle` with that worker in it.
//! * `P2` The producer then wakes a worker, unless it sees one searching. That one was counted in `searching` when the producer
//!   looked, so its own last look, which is behind its next fence, comes after the producer's fence and sees the task.
//!   Only threads that look at all jobs before they wait count as searching: a pool's workers, not callers.
//! * `P3` A thread looks and begins to wait under the lock under which it is woken: the signal cannot fall between.
//! * `P4` A searcher that finds something, and is the last one, wakes another if more is visible: a producer that relied on it (P2)
//!   may have put down more than one task.
//!
//! Who is woken counts as searching from the moment of the signal: while it is on its way nobody else is woken for the same
//! task. `models.rs` checks this file, with every interleaving of up to three preemptions.

use crate::sync::atomic::Ordering::{Relaxed, SeqCst};
use crate::sync::atomic::{AtomicBool, AtomicUsize, fence};
use crate::sync::{Condvar, Mutex, lock, wait};

/// The workers of a pool that have nothing to do.
pub struct Hunger {
    /// Parked, or about to be, and not signalled yet. Written under the lock.
    idle: AtomicUsize,
    /// Awake, or signalled, and looking for work.
    searching: AtomicUsize,
    /// Signals that no worker has taken yet. Only used under the lock.
    signals: AtomicUsize,
    fed: Condvar,
    /// What sends a worker, if workers are guests and go instead of being parked.
    sends: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Hunger {
    pub fn new() -> Hunger {
        Hunger {
            idle: AtomicUsize::new(0),
            searching: AtomicUsize::new(0),
            signals: AtomicUsize::new(0),
            fed: Condvar::new(),
            sends: None,
        }
    }

    /// Of `guests` workers that are sent when there is something to do, and go when there is not.
    #[cfg(feature = "rayon")]
    pub fn of_guests(guests: usize, sends: Box<dyn Fn() + Send + Sync>) -> Hunger {
        Hunger { idle: AtomicUsize::new(guests), sends: Some(sends), ..Hunger::new() }
    }

    /// Whether somebody would take work at once. A hint.
    #[inline]
    pub fn is_hungry(&self) -> bool {
        self.searching.load(Relaxed) + self.idle.load(Relaxed) > 0
    }

    /// Wakes a worker if one is needed for what was just made visible; `jobs` is what workers look at.
    #[inline]
    pub fn feed<J>(&self, jobs: &Mutex<J>) {
        // P1, P2.
        fence(SeqCst);
        if self.searching.load(Relaxed) == 0 && self.idle.load(Relaxed) > 0 {
            self.wake_one(jobs);
        }
    }

    #[cold]
    fn wake_one<J>(&self, jobs: &Mutex<J>) -> bool {
        // P3.
        let jobs = lock(jobs);
        if self.idle.load(Relaxed) == 0 {
            return false;
        }
        self.idle.fetch_sub(1, SeqCst);
        self.searching.fetch_add(1, SeqCst);
        if let Some(send) = &self.sends {
            drop(jobs);
            send();
            return true;
        }
        self.signals.fetch_add(1, Relaxed);
        self.fed.notify_one();
        true
    }

    /// Wakes all.
    pub fn feed_all<J>(&self, jobs: &Mutex<J>) {
        while self.wake_one(jobs) {}
    }

    /// What `look` finds, and the count as searching of a worker that was woken for it; while it finds nothing, the
    /// thread is parked.
    pub fn look_or_park<J, T>(
        &self,
        jobs: &Mutex<J>,
        mut look: impl FnMut(&mut J) -> Option<T>,
    ) -> (T, Option<Searching<'_>>) {
        let mut guard = lock(jobs);
        loop {
            // `planted-wakeup` is wrong on purpose: a gate that does not notice is broken.
            let early =
                if cfg!(feature = "planted-wakeup") { Some(look(&mut guard)) } else { None };
            self.idle.fetch_add(1, SeqCst);
            // P1: `idle` before the look.
            fence(SeqCst);
            if let Some(found) = early.unwrap_or_else(|| look(&mut guard)) {
                self.idle.fetch_sub(1, SeqCst);
                return (found, None);
            }
            while self.signals.load(Relaxed) == 0 {
                guard = wait(&self.fed, guard);
            }
            self.signals.fetch_sub(1, Relaxed);
            let searching = Searching { hunger: self, over: false };
            if let Some(found) = look(&mut guard) {
                return (found, Some(searching));
            }
        }
    }

    /// As [`look_or_park`](Hunger::look_or_park), for a guest, which goes if it finds nothing: under the lock it counts as idle, and `goes` is called. `sent` is its count as
    /// searching, if it has just come.
    #[cfg(feature = "rayon")]
    pub fn look_or_go<'a, J, T>(
        &self,
        jobs: &Mutex<J>,
        sent: Option<Searching<'a>>,
        mut look: impl FnMut(&mut J) -> Option<T>,
        goes: impl FnOnce(&mut J),
    ) -> Option<(T, Option<Searching<'a>>)> {
        let mut guard = lock(jobs);
        if let Some(found) = look(&mut guard) {
            return Some((found, sent));
        }
        // No longer searching before the last look (P2).
        drop(sent);
        self.idle.fetch_add(1, SeqCst);
        // P1: `idle` before the look.
        fence(SeqCst);
        if let Some(found) = look(&mut guard) {
            self.idle.fetch_sub(1, SeqCst);
            return Some((found, None));
        }
        goes(&mut guard);
        None
    }

    /// A guest goes without looking; `goes` is called under the lock. If something is left to do, another one has to be sent.
    #[cfg(feature = "rayon")]
    pub fn goes<J>(&self, jobs: &Mutex<J>, goes: impl FnOnce(&mut J)) {
        let mut guard = lock(jobs);
        self.idle.fetch_add(1, SeqCst);
        goes(&mut guard);
    }

    /// The count as searching of a guest that was sent.
    #[cfg(feature = "rayon")]
    pub fn sent(&self) -> Searching<'_> {
        Searching { hunger: self, over: false }
    }

    /// Counts a worker as searching until what is returned is dropped, or it has found something.
    pub fn search(&self) -> Searching<'_> {
        self.searching.fetch_add(1, SeqCst);
        Searching { hunger: self, over: false }
    }
}

/// A worker that looks for work.
pub struct Searching<'a> {
    hunger: &'a Hunger,
    over: bool,
}

impl Searching<'_> {
    /// It found something; true if nobody else is searching now, so that somebody may have to be woken for more (P4).
    pub fn found(mut self) -> bool {
        self.over = true;
        self.hunger.searching.fetch_sub(1, SeqCst) == 1
    }
}

impl Drop for Searching<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.hunger.searching.fetch_sub(1, SeqCst);
        }
    }
}

/// The caller of a run.
pub struct Waiter {
    waiting: AtomicBool,
    parked: Mutex<()>,
    changed: Condvar,
}

impl Waiter {
    pub fn new() -> Waiter {
        Waiter { waiting: AtomicBool::new(false), parked: Mutex::new(()), changed: Condvar::new() }
    }

    /// Returns when `ready` says so; parked meanwhile. Called by one thread at a time.
    pub fn wait_until(&self, ready: impl Fn() -> bool) {
        if ready() {
            return;
        }
        let mut parked = lock(&self.parked);
        loop {
            self.waiting.store(true, SeqCst);
            // P1: `waiting` before the look.
            fence(SeqCst);
            if ready() {
                break;
            }
            parked = wait(&self.changed, parked);
        }
        self.waiting.store(false, SeqCst);
    }

    /// Whether the caller would take work at once. A hint.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed)
    }

    /// Wakes the caller, if it waits, after what it waits for has changed; true if this call did.
    #[inline]
    pub fn wake(&self) -> bool {
        // P1.
        fence(SeqCst);
        self.waiting.load(Relaxed) && self.wake_now()
    }

    #[cold]
    fn wake_now(&self) -> bool {
        // P3.
        let _parked = lock(&self.parked);
        let woken = self.waiting.swap(false, SeqCst);
        if woken {
            self.changed.notify_one();
        }
        woken
    }
}
