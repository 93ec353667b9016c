//! The state machine of one run, without threads.
//!
//! In: a graph's output; [`Run::prepare`] orders and links what it needs. A driver claims ready tasks and roots, calls [`Run::execute`], and gets
//! back what became ready; it is over when the output's task is ([`Run::is_done`]).
//!
//! ```text
//! waiting --last dependency done--> ready --taken by one worker--> run ------> value, released by its last reader
//!                                                             \--> skipped or failed: dependents are poisoned
//! ```
//!
//! Every task that the output needs is run or skipped, so counts always come out even: also after a failure each
//! task lets go of its inputs and tells its successors. A failure has a *place*; tasks of a higher place no longer start,
//! those of a lower one do, so the failure with the lowest place is found whatever the timing.
//!
//! * `R1` A node is handed to `execute` once: roots by the claim counter, the others by who took their last count.
//! * `R2` All tasks of a run are ancestors of the output, so when it is done no worker touches a node any more: a worker
//!   reads where a node's successors stand before it takes off the first count, and each one before it takes off its count.
//!
//! Not here: queues, threads, parking ([`crate::drivers`]).

use crate::error::{Error, ErrorKind};
use crate::graph::arena::Arena;
use crate::graph::extras::{Cloner, Extras};
use crate::graph::links::{Inputs, JOINED, JoinRef, Target};
use crate::graph::node::{
    Failure, HAS_VALUE, NodeRef, POISONED, RELEASED, Role, SHARED, TAKEN, TIED,
};
use crate::graph::plan::Counts;
use crate::growth::Growth;
use crate::observe::{Event, Observers, RunStarted, RunTask, TaskEvent, TaskStep, now};
use crate::order::{self, Unordered, depth_first};
use crate::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use crate::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};
use crate::task::source::Access;
use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One execution of a graph.
///
/// * `next_root`: any worker adds to it to claim roots (Relaxed: roots are written before the run starts).
/// * `roots_to_claim`: in a run that grows, how many its growth has: written under its lock, read without, as a hint (Relaxed).
/// * `held`: outputs of tied roots that are there and not read yet: counted up by who runs the root, down by the last reader,
///   looked at before a root is claimed (Relaxed: a limit that is a few off is as good).
/// * `failed_place`: the lowest place that failed so far; lowered by the failing worker, read by all before a task starts
///   (Relaxed: a late reader runs a task that it might have skipped, which changes no result).
/// * `done`: set by the worker that finished the output, or what the body of a run that grows waits for (Release), read by drivers
///   (Acquire); unset by the body's thread before it waits again.
pub(crate) struct Run<'a> {
    facts: Facts<'a>,
    observers: Option<Observers>,
    id: u64,
    /// Lists of successors and joins.
    _links: Arena,
    /// All of its joins, for when it begins again.
    joins: Vec<JoinRef>,
    tasks: usize,
    roots: Vec<NodeRef>,
    /// Whether any root is [`TIED`].
    tied: bool,
    /// Whether its tasks run one after the other, in the order of places ([`Run::in_sequence`]).
    sequence: bool,
    /// Whose end is the run's; none in a run that grows.
    output: Option<NodeRef>,
    next_root: AtomicUsize,
    roots_to_claim: AtomicUsize,
    held: AtomicUsize,
    failed_place: AtomicU32,
    failures: Mutex<Failures>,
    done: AtomicBool,
}

/// The rare facts of a run's tasks.
enum Facts<'a> {
    /// All tasks were there when it was prepared.
    Known(&'a Extras),
    /// So they were, and the run is one of many of the same graph.
    Kept(Extras),
    /// It is built while it runs.
    Growing(Box<Mutex<Growth>>),
}

/// What a worker carries while it executes tasks of one run.
pub struct Context<'r> {
    run: &'r Run<'r>,
    worker: u32,
    /// [`Run::sequence`], and whether a value that need not be dropped can be read as often as wanted.
    sequence: bool,
    copies: bool,
    /// Found ready and not taken yet; the last is the one to go on with.
    ready: RefCell<Vec<NodeRef>>,
    dropped: RefCell<Option<Box<dyn Any + Send>>>,
    /// Boxed, because few runs are observed.
    steps: RefCell<Option<Box<Steps>>>,
    /// In an observed run: when the last task ended, if the worker has gone straight on since.
    ended: Cell<Option<u64>>,
    /// A tied output is gone, and somebody may be waiting for that.
    eased: Cell<bool>,
}

/// Room for what observers are told of one task.
#[derive(Default)]
struct Steps {
    inputs: Inputs,
    events: Vec<TaskEvent>,
}

/// Counts the dependencies of a task while they are linked.
struct Dependencies<'a> {
    links: &'a Arena,
    joins: &'a mut Vec<JoinRef>,
    node: NodeRef,
    dependencies: u32,
    at: u32,
    /// How many the task itself has to wait for, joins being one.
    expected: u32,
    target: Target,
}

impl Dependencies<'_> {
    /// What the next dependency tells: the task, or, beyond the first 64, the join of the next 64.
    #[inline]
    fn next(&mut self) -> Target {
        if self.at < JOINED {
            self.expected += 1;
        } else if self.at.is_multiple_of(JOINED) {
            self.expected += 1;
            let joined = JOINED.min(self.dependencies - self.at);
            self.target = Target::join(self.links, self.node, joined);
            self.joins.extend(self.target.as_join());
        }
        self.at += 1;
        self.target
    }
}

impl<'a> Run<'a> {
    /// Orders and links the tasks that `output` needs: who waits for whom, how many readers each has. O(tasks + edges).
    ///
    /// In a box, so that runs inside each other take little stack.
    #[inline(never)]
    pub(crate) fn prepare(output: NodeRef, extras: &'a Extras) -> Result<Box<Self>, Unordered> {
        let links = Arena::new();
        let (mut roots, mut joins, mut tasks, mut tied) = (Vec::new(), Vec::new(), 0, false);
        depth_first(output, extras, |node, inputs| {
            tasks += 1;
            let after = extras.after(node);
            let dependencies = (inputs.iter().len() + after.len()) as u32;
            if dependencies == 0 {
                roots.push(node);
                return node.expect(0);
            }
            let mut counted = Dependencies {
                links: &links,
                joins: &mut joins,
                node,
                dependencies,
                at: 0,
                expected: 0,
                target: Target::task(node),
            };
            for (input, access) in inputs.iter() {
                input.add_reader();
                let mover = access == Access::Take && input.has(TAKEN) && !input.has(SHARED);
                input.set_successors(input.successors().with(&links, counted.next(), mover));
            }
            for earlier in after {
                earlier.set_successors(earlier.successors().with(&links, counted.next(), false));
            }
            node.expect(counted.expected);
            tied |= tie(&inputs, dependencies);
        })?;
        output.add_reader();
        let run = Run::new(Facts::Known(extras), Some(output));
        Ok(Box::new(Run { _links: links, joins, tasks, roots, tied, ..run }))
    }

    /// A run of a graph that is built while it runs: without tasks.
    #[inline(never)]
    pub(crate) fn growing() -> Box<Self> {
        Box::new(Run::new(Facts::Growing(Box::default()), None))
    }

    fn new(facts: Facts<'a>, output: Option<NodeRef>) -> Self {
        Run {
            facts,
            observers: None,
            id: 0,
            _links: Arena::new(),
            joins: Vec::new(),
            tasks: 0,
            roots: Vec::new(),
            tied: false,
            sequence: false,
            output,
            next_root: AtomicUsize::new(0),
            roots_to_claim: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            failed_place: AtomicU32::new(u32::MAX),
            failures: Mutex::default(),
            done: AtomicBool::new(false),
        }
    }

    /// Whether it is built while it runs.
    #[inline]
    pub(crate) fn grows(&self) -> bool {
        matches!(self.facts, Facts::Growing(_))
    }

    /// Whether any handle of its graph was cloned.
    fn has_cloners(&self) -> bool {
        match &self.facts {
            Facts::Kept(extras) => extras.has_cloners(),
            _ => true,
        }
    }

    /// Whether it can begin again.
    #[inline]
    fn is_kept(&self) -> bool {
        matches!(self.facts, Facts::Kept(_))
    }

    /// What it knows of a graph that grows.
    pub(crate) fn growth(&self) -> Option<MutexGuard<'_, Growth>> {
        match &self.facts {
            Facts::Known(_) | Facts::Kept(_) => None,
            Facts::Growing(growth) => Some(growth.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// The same run, which can begin again; it wants its facts back ([`Run::keep`]).
    pub(crate) fn kept(self) -> Box<Run<'static>> {
        let run = Run::new(Facts::Kept(Extras::default()), self.output);
        let Run { _links, joins, tasks, roots, tied, .. } = self;
        Box::new(Run { _links, joins, tasks, roots, tied, ..run })
    }

    /// Gives a run that can begin again its facts.
    pub(crate) fn keep(&mut self, extras: Extras) {
        self.facts = Facts::Kept(extras);
    }

    /// Sets itself back to the beginning, when nothing runs.
    pub(crate) fn begin_again(&mut self) {
        for join in &self.joins {
            join.set_back();
        }
        self.observers = None;
        self.next_root.store(0, Relaxed);
        self.held.store(0, Relaxed);
        self.failed_place.store(u32::MAX, Relaxed);
        self.done.store(false, Relaxed);
    }

    /// Runs `tasks`, all of them, one after the other. Each comes after those it reads, and who takes a value after who borrows it; nobody
    /// observes; the counts of outputs that own something are set back.
    ///
    /// # Errors
    /// What failed with the lowest place.
    pub(crate) fn in_sequence(&mut self, tasks: &[Counts]) -> Result<(), Error> {
        self.sequence = true;
        let context = self.context(0);
        let mut outcome = Ok(());
        let unwinding = AbortOnUnwind("a panic outside of any task");
        for (at, task) in tasks.iter().enumerate() {
            // SAFETY: R1, N3: on one thread, once each, after those it reads.
            if let Err(failure) = unsafe { (task.run)(task.node, &context) } {
                outcome = Err(self.after_failure(tasks, at, failure, &context));
                break;
            }
            if task.owns && task.node.readers() == 0 {
                task.node.drop_value(&context);
            }
        }
        std::mem::forget(unwinding);
        drop(context);
        self.sequence = false;
        outcome
    }

    /// Task `failed` has failed: those of lower places that don't need it still run. The failure with the lowest place.
    #[cold]
    fn after_failure(
        &self,
        tasks: &[Counts],
        failed: usize,
        failure: Failure,
        context: &Context<'_>,
    ) -> Error {
        let error = |at: usize, failure| self.error(tasks[at].node, failure);
        let mut lowest = (tasks[failed].place, error(failed, failure));
        let mut gone: HashSet<NodeRef> = HashSet::from([tasks[failed].node]);
        let mut dependencies = order::Dependencies::default();
        let none = Extras::default();
        let extras = if let Facts::Kept(extras) = &self.facts { extras } else { &none };
        for (at, task) in tasks.iter().enumerate().skip(failed + 1) {
            let mut skipped = task.place > lowest.0;
            dependencies.of(task.node, extras, |input, _| skipped |= gone.contains(&input));
            if skipped {
                gone.insert(task.node);
                continue;
            }
            // SAFETY: as in `in_sequence`; all it reads is there.
            if let Err(failure) = unsafe { (task.run)(task.node, context) } {
                gone.insert(task.node);
                let next = (task.place, error(at, failure));
                drop_silently(std::mem::replace(&mut lowest, next));
            }
        }
        lowest.1
    }

    /// As [`Run::observe`], of a run that has its facts itself.
    pub(crate) fn observe_again(
        &mut self,
        observers: Observers,
        threads: usize,
        graph: &dyn Fn(&Extras) -> Vec<RunTask>,
    ) {
        let facts = std::mem::replace(&mut self.facts, Facts::Kept(Extras::default()));
        if let Facts::Kept(extras) = &facts {
            self.observe(observers, threads, &|| graph(extras));
        }
        self.facts = facts;
    }

    /// The failure with the lowest place, when the run is done; else of those of values that were dropped late the one whose
    /// task `first_of` finds first.
    pub(crate) fn take_failure(
        &mut self,
        first_of: impl FnOnce(&mut Vec<(NodeRef, Error)>) -> Option<Error>,
    ) -> Option<Error> {
        let failures = self.failures.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(failures).into_first(first_of)
    }

    /// Begins a wait: for `done` to be set, if it is not over already. By the body's thread, with `growth` locked.
    pub(crate) fn waits(&self, growth: &Growth, already: bool) {
        self.roots_to_claim.store(growth.roots(), Relaxed);
        // Release: as where a worker sets it.
        self.done.store(already, Release);
    }

    /// Drops outputs that nobody reads any more, for the body's thread.
    pub(crate) fn drop_unread(&self, nodes: Vec<NodeRef>) {
        if nodes.is_empty() {
            return;
        }
        let context = self.context(0);
        nodes.into_iter().for_each(|node| node.drop_value(&context));
    }

    /// Tasks that have not begun are skipped from now on.
    pub(crate) fn give_up(&self) {
        self.failed_place.store(0, Relaxed);
    }

    fn name(&self, node: NodeRef) -> Cow<'static, str> {
        match (&self.facts, self.growth()) {
            (Facts::Known(extras), _) => extras.name(node),
            (Facts::Kept(extras), _) => extras.name(node),
            (_, Some(growth)) => growth.extras.name(node),
            _ => Cow::Borrowed(node.kind().name),
        }
    }

    /// How many tasks it has.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    /// Tells `observers` of all that follows, beginning with the start; `graph` lists the tasks.
    pub(crate) fn observe(
        &mut self,
        observers: Observers,
        threads: usize,
        graph: &dyn Fn() -> Vec<RunTask>,
    ) {
        static RUNS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        // Relaxed: only that no two are alike matters.
        self.id = RUNS.fetch_add(1, Relaxed);
        let (run, tasks, roots) = (self.id, self.tasks, self.roots.len());
        let started =
            RunStarted { run, time: Duration::from_nanos(now()), tasks, roots, threads, graph };
        observers.tell(&Event::RunStarted(&started));
        self.observers = Some(observers);
    }

    /// Who observes it, for what comes after it: the end.
    pub(crate) fn observed(&self) -> Option<(Observers, u64)> {
        Some((self.observers.clone()?, self.id))
    }

    /// What worker `worker` carries.
    pub(crate) fn context(&self, worker: u32) -> Context<'_> {
        Context {
            run: self,
            worker,
            sequence: self.sequence,
            copies: self.sequence && !self.has_cloners(),
            ready: RefCell::default(),
            dropped: RefCell::new(None),
            steps: RefCell::default(),
            ended: Cell::new(None),
            eased: Cell::new(false),
        }
    }

    /// Some of the next tasks without dependencies, in the order of places: at most `max` and a `share`-th of those left.
    /// Ask only when nothing else is ready, for that is what bounds the memory a run holds.
    pub(crate) fn claim_roots(&self, max: usize, share: usize) -> Range<usize> {
        let all = self.roots.len();
        // One by one where the next one may have to wait.
        let max = if self.tied { 1 } else { max };
        let left = all.saturating_sub(self.next_root.load(Relaxed));
        if left == 0 {
            return 0..0;
        }
        let claimed = (left / share).clamp(1, max);
        let first = self.next_root.fetch_add(claimed, Relaxed);
        first.min(all)..(first + claimed).min(all)
    }

    /// All of them, for a driver that runs one task at a time anyway.
    pub(crate) fn claim_all_roots(&self) -> Range<usize> {
        let first = self.next_root.swap(self.roots.len(), Relaxed);
        first..self.roots.len()
    }

    /// A claimed root.
    pub(crate) fn root(&self, at: usize) -> NodeRef {
        self.roots[at]
    }

    /// Whether roots are left to claim.
    pub(crate) fn has_roots(&self) -> bool {
        self.next_root.load(Relaxed) < self.roots.len() || self.roots_to_claim.load(Relaxed) > 0
    }

    /// In a run that grows: a root to begin.
    #[cold]
    pub(crate) fn claim_grown(&self) -> Option<NodeRef> {
        if self.roots_to_claim.load(Relaxed) == 0 {
            return None;
        }
        let mut growth = self.growth()?;
        let root = growth.claim();
        self.roots_to_claim.store(growth.roots(), Relaxed);
        root
    }

    /// Whether no more roots should be claimed, because `limit` outputs are waiting for something else.
    pub(crate) fn holds_back(&self, limit: usize) -> bool {
        self.tied && self.held.load(Relaxed) >= limit
    }

    /// How many roots there are.
    pub(crate) fn roots(&self) -> usize {
        self.roots.len()
    }

    /// Whether the output's task is done. Acquire: sees all that the run wrote.
    pub(crate) fn is_done(&self) -> bool {
        self.done.load(Acquire)
    }

    /// Runs or skips one ready task; what became ready is put on top of `context`, the task of the lowest place last; true if it
    /// was the output.
    ///
    /// # Safety
    /// R1.
    #[inline]
    pub(crate) unsafe fn execute(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let unwinding = AbortOnUnwind("a panic outside of any task");
        let is_output = if self.observers.is_none() {
            // SAFETY: R1.
            unsafe { self.run_or_skip(node, self.skips(node), context) };
            self.complete(node, context)
        } else {
            // SAFETY: R1.
            unsafe { self.execute_observed(node, context) }
        };
        if is_output {
            // Release: publishes the value, and all that the run did, to who waits for it.
            self.done.store(true, Release);
        }
        std::mem::forget(unwinding);
        is_output
    }

    /// Whether a ready task does not run: what it needs failed, or something of lower place.
    #[inline]
    fn skips(&self, node: NodeRef) -> bool {
        node.has(POISONED) || node.place() > self.failed_place.load(Relaxed)
    }

    /// # Safety
    /// R1.
    #[inline]
    unsafe fn run_or_skip(&self, node: NodeRef, skips: bool, context: &Context<'_>) -> TaskStep {
        let place = node.place();
        let mut step = TaskStep::Finished;
        if skips {
            // SAFETY: N3 by R1.
            unsafe { if self.is_kept() { node.skip_again(context) } else { node.skip(context) } };
            node.set_alone(POISONED);
            step = TaskStep::Skipped;
        } else {
            // SAFETY: N3 by R1; its inputs have values, or it would be poisoned.
            let ran =
                unsafe { if self.is_kept() { node.run_again(context) } else { node.run(context) } };
            if let Err(failure) = ran {
                self.record(node, place, self.error(node, failure));
                node.set_alone(POISONED);
                step = TaskStep::Failed;
            }
        }
        if context.dropped.borrow().is_some()
            && let Some(payload) = context.dropped.take()
        {
            let failure = Failure::Dropped(payload);
            match self.grows() {
                true => context.fail_late(node, failure),
                false => self.record(node, place, self.error(node, failure)),
            }
        }
        step
    }

    /// As `execute`, and tells what happens.
    ///
    /// # Safety
    /// R1.
    #[cold]
    unsafe fn execute_observed(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let Some(observers) = &self.observers else { return false };
        let mut steps = context.steps.borrow_mut();
        let Steps { inputs, events } = &mut **steps.get_or_insert_default();
        node.visit(inputs);
        let skips = self.skips(node);
        if !skips && node.kind().role.is_task() {
            // One task's end is the next one's start: the clock is most of what an event costs. Not where another worker may
            // have ended something that the next one waits for.
            let alone = match &self.facts {
                Facts::Known(extras) => inputs.len() <= 1 && extras.after(node).is_empty(),
                Facts::Kept(extras) => inputs.len() <= 1 && extras.after(node).is_empty(),
                Facts::Growing(_) => false,
            };
            let time = context.ended.take().filter(|_| alone).unwrap_or_else(now);
            events.push(self.event(node, TaskStep::Started, time, context));
            observers.tell(&Event::Tasks(events));
            events.clear();
        }
        drop(steps);
        // SAFETY: R1.
        let step = unsafe { self.run_or_skip(node, skips, context) };
        let time = now();
        context.ended.set(Some(time));
        let mut steps = context.steps.borrow_mut();
        let Steps { inputs, events } = &mut **steps.get_or_insert_default();
        let mut event = |node: NodeRef, step| {
            if node.kind().role.is_task() {
                events.push(self.event(node, step, time, context));
            }
        };
        event(node, step);
        // The run is not over before this task is complete, so its inputs are still there.
        for (input, _) in inputs.iter() {
            let gone = input.readers() == 0 && input.has(HAS_VALUE);
            let first = |node: NodeRef| match self.growth() {
                Some(mut growth) => growth.tell_gone(node),
                None => node.set_first(RELEASED),
            };
            if gone && first(input) {
                event(input, TaskStep::Released);
            }
        }
        inputs.clear();
        if node.readers() == 0 && node.has(HAS_VALUE) {
            event(node, TaskStep::Released);
        }
        let before = context.ready.borrow().len();
        let is_output = self.complete(node, context);
        for &ready in &context.ready.borrow()[before..] {
            event(ready, TaskStep::Ready);
        }
        observers.tell(&Event::Tasks(events));
        events.clear();
        is_output
    }

    #[inline]
    fn event(&self, node: NodeRef, step: TaskStep, time: u64, context: &Context<'_>) -> TaskEvent {
        let (run, task, kind, worker) = (self.id, node.id(), node.kind(), context.worker);
        TaskEvent { run, task, kind, time, worker, step }
    }

    /// Tells those who wait for `node`; whether that was what the driver waits for.
    #[inline]
    fn complete(&self, node: NodeRef, context: &Context<'_>) -> bool {
        match &self.facts {
            Facts::Known(_) | Facts::Kept(_) => self.complete_known(node, context),
            Facts::Growing(_) => return self.complete_grown(node, context),
        }
        Some(node) == self.output
    }

    #[cold]
    fn complete_grown(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let Some(mut growth) = self.growth() else { return false };
        let reached = growth.complete(node, |ready| context.ready(ready));
        // Nobody reads it who has not been counted: the body is over, or it holds it.
        let unread = node.readers() == 0;
        drop(growth);
        if unread {
            node.drop_value(context);
        }
        reached
    }

    fn complete_known(&self, node: NodeRef, context: &Context<'_>) {
        let failed = node.has(POISONED);
        let readers = node.readers();
        if readers == 0 {
            node.drop_value(context);
        }
        // Read before the last count is taken off (R2): the list itself stays until the run is over.
        let successors = node.successors();
        let first = match successors.mover() {
            Some(mover) => {
                if failed {
                    mover.node().set(POISONED);
                }
                // With borrowers beside it, the last of them lets the mover start.
                u32::from(readers > 1)
            }
            None => 0,
        };
        let mut at = successors.len();
        while at > first {
            at -= 1;
            let target = successors.at(at);
            if failed {
                target.node().set(POISONED);
            }
            if let Some(ready) = target.dependency_done() {
                context.ready(ready);
            }
        }
    }

    fn error(&self, node: NodeRef, failure: Failure) -> Error {
        let (name, location) = (self.name(node), node.location());
        match failure {
            // A graph inside of this one: what failed is a task of its own.
            Failure::Failed(source) if node.kind().role == Role::Grown && source.is::<Error>() => {
                match source.downcast::<Error>() {
                    Ok(error) => *error,
                    Err(source) => Error::failed(name, location, source),
                }
            }
            Failure::Panicked(payload) => {
                Error::panicked(ErrorKind::Panicked, name, location, payload)
            }
            Failure::Dropped(payload) => {
                Error::panicked(ErrorKind::DropPanicked, name, location, payload)
            }
            Failure::Failed(source) => Error::failed(name, location, source),
        }
    }

    fn record(&self, node: NodeRef, place: u32, error: Error) {
        if let Some(mut growth) = self.growth() {
            return growth.failed(node, error);
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut loser = Some((place, error));
        if failures.first.as_ref().is_none_or(|(lowest, _)| place < *lowest) {
            std::mem::swap(&mut failures.first, &mut loser);
        }
        drop(failures);
        self.failed_place.fetch_min(place, AcqRel);
        // What it holds is the user's: a payload, an error.
        drop_silently(loser);
    }
}

impl Failures {
    fn into_first(
        self,
        first_of: impl FnOnce(&mut Vec<(NodeRef, Error)>) -> Option<Error>,
    ) -> Option<Error> {
        let Failures { first, mut late } = self;
        let error = match first {
            Some((_, error)) => Some(error),
            None if late.is_empty() => None,
            None => first_of(&mut late),
        };
        drop_silently(late);
        error
    }
}

/// Drops something of the user's; what its destructor panics with comes back.
fn drop_caught<T>(value: T) -> Option<Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| drop(value))).err()
}

/// Drops something of the user's where a panic of its destructor is of no use to anybody. The payload of that panic, which might
/// panic in turn, is not dropped.
fn drop_silently<T>(value: T) {
    if let Some(payload) = drop_caught(value) {
        std::mem::forget(payload);
    }
}

/// What went wrong in a run.
#[derive(Default)]
struct Failures {
    /// With the lowest place so far.
    first: Option<(u32, Error)>,
    /// Of values whose destructors panicked when their last reader let go, which is when timing wants it.
    late: Vec<(NodeRef, Error)>,
}

/// The most outputs of roots that one task reads and that can still be tied: a task that reads more of them needs them all at
/// once, so nothing is saved by making them later.
const TIED_MAX: usize = 4;

/// Ties the roots among `inputs` to their reader, if it reads something else too; whether there were any.
fn tie(inputs: &Inputs, dependencies: u32) -> bool {
    if !(2..=2 * TIED_MAX as u32).contains(&dependencies) {
        return false;
    }
    let roots = inputs.iter().filter(|(input, _)| input.is_root()).count();
    if roots == 0 || roots > TIED_MAX || roots == dependencies as usize {
        return false;
    }
    let mut tied = false;
    for (input, _) in inputs.iter() {
        if input.is_root() && input.kind().output_bytes.is_none() {
            input.set_alone(TIED);
            tied = true;
        }
    }
    tied
}

/// Users' panics are caught around their code; one that gets here leaves counts that would no longer come out even.
pub(crate) struct AbortOnUnwind(pub(crate) &'static str);

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("taskweave: {}; the run cannot be completed, aborting", self.0);
        std::process::abort();
    }
}

impl Context<'_> {
    /// A task whose last dependency is done.
    #[inline]
    pub(crate) fn ready(&self, node: NodeRef) {
        self.ready.borrow_mut().push(node);
    }

    /// The task to go on with: the last that was found ready.
    #[inline]
    pub(crate) fn next(&self) -> Option<NodeRef> {
        self.ready.borrow_mut().pop()
    }

    /// All others that were found ready, the one to take next last.
    #[inline]
    pub(crate) fn others(&self) -> std::cell::RefMut<'_, Vec<NodeRef>> {
        self.ready.borrow_mut()
    }

    /// A tied output is there.
    #[cold]
    pub(crate) fn holds_one_more(&self) {
        self.run.held.fetch_add(1, Relaxed);
    }

    /// A tied output is gone.
    #[cold]
    pub(crate) fn holds_one_less(&self) {
        self.run.held.fetch_sub(1, Relaxed);
        self.eased.set(true);
    }

    /// Whether a tied output is gone since this was asked last.
    #[inline]
    pub(crate) fn eased(&self) -> bool {
        self.eased.replace(false)
    }

    /// The worker does not go straight on with another task.
    pub(crate) fn pauses(&self) {
        self.ended.set(None);
    }

    /// How to clone the output of `node`, if one of its handles was cloned.
    pub(crate) fn cloner(&self, node: NodeRef) -> Option<Cloner> {
        match &self.run.facts {
            Facts::Known(extras) => extras.cloner(node),
            Facts::Kept(extras) => extras.cloner(node),
            Facts::Growing(_) => self.run.growth()?.extras.cloner(node),
        }
    }

    /// Whether its run is one task after the other, and no handle of its graph was cloned.
    #[inline]
    pub(crate) fn copies(&self) -> bool {
        self.copies
    }

    /// Whether its run is one task after the other, with nobody looking.
    #[inline]
    pub(crate) fn in_sequence(&self) -> bool {
        self.sequence
    }

    /// Whether its run is built while it runs.
    #[inline]
    pub(crate) fn grows(&self) -> bool {
        self.run.grows()
    }

    /// A value's destructor panicked after its task was done: still that task's failure, at the very end of the order,
    /// because the timing of a release must not decide which of two errors is returned.
    pub(crate) fn fail_late(&self, node: NodeRef, failure: Failure) {
        let error = self.run.error(node, failure);
        let mut failures = self.run.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.late.push((node, error));
    }

    /// Drops a value that a task did not use; a panic in its destructor becomes the task's failure.
    pub(crate) fn drop_quietly<T>(&self, value: T) {
        if let Some(payload) = drop_caught(value) {
            let mut dropped = self.dropped.borrow_mut();
            let second = if dropped.is_some() { Some(payload) } else { dropped.replace(payload) };
            drop(dropped);
            drop_silently(second);
        }
    }
}
