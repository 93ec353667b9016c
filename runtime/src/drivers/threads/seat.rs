//! A thread at work in one job: where it takes its next task from, and what it leaves for others.
//!
//! In: a job, and a seat in it. Out: executed tasks. A worker stays until it finds nothing to do, or its turn is over; the caller until its run is done, or what the body of
//! a run that grows waits for. Cites the invariants of [`super`]. Not here: which job a worker enters.

use super::{Job, Own, Shared};
use crate::ahead::{HELPED_MAX, ROOTS_MAX, ROOTS_SHARE};
use crate::drivers::Work;
use crate::drivers::parking::Searching;
use crate::graph::node::NodeRef;
use crate::run::seed;
use crate::scheduler::Context;
use crate::sync::atomic::Ordering::{Relaxed, SeqCst};
use crate::sync::lock;
use crossbeam_deque::{Steal, Worker};
use std::ops::Range;
use std::time::{Duration, Instant};

/// How often a worker without work looks for some before it leaves: a few microseconds.
const LOOKS: u32 = 100;
/// How long a worker stays with one job while others wait, and a guest before it lets its host's work go on.
const TURN: Duration = Duration::from_millis(1);
/// The most tasks between two looks at the clock.
const BETWEEN_LOOKS_MAX: u32 = 1024;
/// The room for tasks made ready that a job keeps for its next run.
const READY_KEPT: usize = 1024;

/// A thread at work in a job.
pub(super) struct Seat<'a> {
    job: &'a Job,
    shared: &'a Shared,
    number: usize,
    deque: Worker<NodeRef>,
    /// Not in here: what a thread works with is looked at while this is borrowed.
    context: &'a Context<'a>,
    /// Claimed and not begun.
    roots: Range<usize>,
    /// Whether tasks may come from elsewhere than deques and known roots.
    looks_further: bool,
}

impl Work for Seat<'_> {
    fn until_done(&mut self) {
        self.work_as_caller();
    }

    fn offer(&mut self) {
        if self.job.run().has_roots() {
            self.shared.hunger.feed(&self.shared.jobs);
        }
    }
}

impl<'a> Seat<'a> {
    pub(super) fn take(
        job: &'a Job,
        shared: &'a Shared,
        number: usize,
        context: &'a Context<'a>,
    ) -> Seat<'a> {
        job.busy.fetch_add(1, SeqCst);
        let own = lock(&job.slots[number].own).take();
        let Own { deque, ready } = own.expect("T2: nobody else sits here");
        *context.others() = ready;
        let looks_further = job.run().queue().is_some();
        Seat { job, shared, number, deque, context, roots: 0..0, looks_further }
    }

    /// Gives the deque back (T2). Nothing that a seat does unwinds: a panic outside of a task aborts.
    pub(super) fn leave(self) {
        let mut ready = std::mem::take(&mut *self.context.others());
        ready.clear();
        // What one task made ready at once in an earlier run is not held for ever.
        ready.shrink_to(READY_KEPT);
        *lock(&self.job.slots[self.number].own) = Some(Own { deque: self.deque, ready });
        self.job.busy.fetch_sub(1, SeqCst);
    }

    /// A worker's share, until it finds nothing to do or it is another job's turn.
    pub(super) fn work_inside(&mut self, woken: Option<Searching<'_>>) {
        let mut turn: Option<Turn> = None;
        // SAFETY: it stays where it is while this is borrowed.
        let _at_work = unsafe { seed::at_work(Some(self.context)) };
        let mut next = match woken {
            Some(searching) => self.search(Some(searching)),
            None => self.next().or_else(|| self.search(Some(self.shared.hunger.search()))),
        };
        while let Some(node) = next {
            self.execute(node);
            if self.shared.running.load(Relaxed) > 1
                && turn.get_or_insert_with(Turn::begins).is_over()
            {
                break;
            }
            next = self.next().or_else(|| self.search(Some(self.shared.hunger.search())));
        }
        self.give_away();
    }

    /// The caller's share, until the run is done.
    fn work_as_caller(&mut self) {
        let (run, job) = (self.job.run(), self.job);
        // SAFETY: as in `work_inside`.
        let _at_work = unsafe { seed::at_work(Some(self.context)) };
        loop {
            if run.grows() && run.is_done() {
                // The body goes on; what is left is for others.
                return self.give_away();
            }
            // P2: a caller looks at its own job only, so it does not count as searching.
            match self.next().or_else(|| self.search(None)) {
                Some(node) => self.execute(node),
                None if run.is_done() => return,
                None => {
                    job.busy.fetch_sub(1, SeqCst);
                    job.caller.wait_until(|| run.is_done() || job.has_work());
                    job.busy.fetch_add(1, SeqCst);
                }
            }
        }
    }

    /// Runs one task, and shares what became ready but for the one to go on with.
    #[inline]
    fn execute(&mut self, node: NodeRef) {
        // SAFETY: R1: from a deque, claimed, or found ready by `execute`.
        let is_output = unsafe { self.job.run().execute(node, self.context) };
        if self.context.eased() && self.job.run().has_roots() {
            self.shared();
        }
        let mut ready = self.context.others();
        if ready.len() > 1 {
            let next = ready.pop();
            ready.drain(..).for_each(|node| self.deque.push(node));
            ready.extend(next);
            drop(ready);
            self.shared();
        } else if is_output {
            self.job.caller.wake();
        }
    }

    /// Tells those who wait that there is something to steal.
    fn shared(&self) {
        self.job.call(self.shared);
    }

    /// Leaves nothing behind that others cannot see.
    fn give_away(&mut self) {
        self.shed_roots();
        if let Some(node) = self.context.next() {
            self.deque.push(node);
            self.shared();
        }
    }

    /// Puts claimed roots where others can take them.
    fn shed_roots(&mut self) {
        if !self.roots.is_empty() {
            let roots = std::mem::replace(&mut self.roots, 0..0);
            let run = self.job.run();
            roots.rev().for_each(|at| self.deque.push(run.root(at)));
            self.shared();
        }
    }

    /// The next task: found ready, own, or a root; in a tied run a neighbour's before a root.
    #[inline]
    fn next(&mut self) -> Option<NodeRef> {
        if let Some(node) = self.context.next() {
            return Some(node);
        }
        if let Some(node) = self.deque.pop() {
            return Some(node);
        }
        if self.job.run().is_tied()
            && let Some(node) = self.help()
        {
            return Some(node);
        }
        let root = self.root();
        let hungry = || self.shared.hunger.is_hungry() || self.job.caller.is_waiting();
        if root.is_some() && hungry() {
            // None are held back: the next task may take long.
            self.shed_roots();
            if self.job.run().has_roots() {
                self.shared();
            }
        }
        root
    }

    /// A claimed root.
    #[inline]
    fn root(&mut self) -> Option<NodeRef> {
        let run = self.job.run();
        if self.looks_further {
            if let Some(node) = run.claim_queued() {
                return Some(node);
            }
            if run.grows() {
                return run.claim_grown();
            }
        }
        let at = self.roots.next().or_else(|| {
            // Whoever is alone goes on: what the waiting outputs wait for may be behind this root.
            if self.job.holds_back() && self.job.busy.load(SeqCst) > 1 {
                return None;
            }
            self.roots = run.claim_roots(ROOTS_MAX, ROOTS_SHARE * self.job.slots.len());
            self.roots.next()
        })?;
        Some(run.root(at))
    }

    /// Looks at all others' deques for a while.
    #[cold]
    #[inline(never)]
    fn search(&mut self, searching: Option<Searching<'_>>) -> Option<NodeRef> {
        let (run, job, shared) = (self.job.run(), self.job, self.shared);
        self.context.pauses();
        for _ in 0..LOOKS {
            // A run that grows has more to do when the body waits for nothing.
            if run.is_done() && !run.grows() {
                break;
            }
            if let Some(node) = self.steal().or_else(|| self.root()) {
                // P4.
                if searching.is_none_or(Searching::found) && job.has_work() {
                    shared.hunger.feed(&shared.jobs);
                }
                return Some(node);
            }
            std::hint::spin_loop();
        }
        None
    }

    /// A task that became ready on a neighbour, which may be at another one for long, as outputs may wait for it: before more of those are made. One task only, so that none
    /// is out of sight on its way (P1).
    #[cold]
    fn help(&self) -> Option<NodeRef> {
        let slots = &self.job.slots;
        let neighbours =
            (1..slots.len()).take(HELPED_MAX).map(|at| (self.number + at) % slots.len());
        neighbours.map(|at| &slots[at].stealer).filter(|deque| !deque.is_empty()).find_map(
            |deque| {
                loop {
                    match deque.steal() {
                        Steal::Success(node) => return Some(node),
                        Steal::Empty => return None,
                        Steal::Retry => {}
                    }
                }
            },
        )
    }

    fn steal(&self) -> Option<NodeRef> {
        let slots = &self.job.slots;
        for at in 1..slots.len() {
            let slot = &slots[(self.number + at) % slots.len()];
            loop {
                match slot.stealer.steal_batch_and_pop(&self.deque) {
                    Steal::Success(node) => return Some(node),
                    Steal::Empty => break,
                    Steal::Retry => {}
                }
            }
        }
        None
    }
}

/// How long a worker has been at a job: the clock is looked at some ten times in a turn, however long tasks take.
struct Turn {
    since: Instant,
    last: Instant,
    /// Tasks until the next look, and between two of them.
    left: u32,
    between: u32,
}

impl Turn {
    fn begins() -> Turn {
        let now = Instant::now();
        Turn { since: now, last: now, left: 1, between: 1 }
    }

    /// Whether it is over, after one more task.
    fn is_over(&mut self) -> bool {
        self.left -= 1;
        if self.left > 0 {
            return false;
        }
        let now = Instant::now();
        let took = now.duration_since(self.last).as_nanos().max(1);
        let aim = u128::from(self.between) * (TURN.as_nanos() / 10) / took;
        self.between = aim.clamp(1, u128::from(BETWEEN_LOOKS_MAX)) as u32;
        (self.last, self.left) = (now, self.between);
        now.duration_since(self.since) > TURN
    }
}
