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
//! Not here: deques, threads, parking ([`crate::drivers`]). Beside it: [`context`], what a worker carries; [`failures`]; runs that are
//! [`observed`], that [begin again](again) and that [grow](grown); tasks of which [options](closely) say how they are run.

mod again;
pub(crate) mod attempts;
mod closely;
mod context;
pub(crate) mod failures;
mod grown;
mod guard;
mod observed;
pub(crate) mod queue;
mod tied;

pub use context::Context;

use crate::graph::arena::Arena;
use crate::graph::extras::Extras;
use crate::graph::links::{Inputs, JOINED, JoinRef, Target};
use crate::graph::node::{Failure, NodeRef, POISONED, SHARED, TAKEN};
use crate::growth::Growth;
use crate::observe::spans::Spans;
use crate::observe::{Observers, TaskStep};
use crate::order::{Unordered, depth_first};
use crate::run::control::Early;
use crate::run::seed;
use crate::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use crate::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize};
use crate::task::options::TaskOptions;
use crate::task::source::Access;
use failures::{AbortOnUnwind, Failures};
use guard::Guard;
use queue::Queue;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tied::tie;

/// One execution of a graph.
///
/// * `next_root`: any worker adds to it to claim roots (Relaxed: roots are written before the run starts).
/// * `roots_to_claim`: in a run that grows, how many its growth has: written under its lock, read without, as a hint (Relaxed).
/// * `held`: tied outputs that are there and not read yet: counted up by who runs the task, down by the last reader,
///   looked at before a root is claimed (Relaxed: a limit that is a few off is as good).
/// * `stop_place`: tasks from this place on don't start any more: those behind the lowest one that failed, or all, when the run is
///   cancelled; lowered by the failing worker or by who cancels, read by all before a task starts (Relaxed: a late reader runs a task
///   that it might have skipped, which changes no result).
/// * `done`: set by the worker that finished the output, or what the body of a run that grows waits for (Release), read by drivers
///   (Acquire); unset by the body's thread before it waits again.
pub(crate) struct Run<'a> {
    facts: Facts<'a>,
    /// Whether a task is run by calling its function and no more: nobody observes, and no options are given.
    is_plain: bool,
    observers: Option<Observers>,
    /// The caller's span, and who wants some of the tasks.
    spans: Option<Spans>,
    /// If options are given, or may be given yet.
    queue: Option<Arc<Queue>>,
    /// Who waits for it, and wants to know early.
    early: Option<Arc<dyn Early>>,
    id: u64,
    /// Lists of successors and joins.
    _links: Arena,
    /// All of its joins, for when it begins again.
    joins: Vec<JoinRef>,
    tasks: usize,
    roots: Vec<NodeRef>,
    /// Whether any output is [`TIED`](crate::graph::node::TIED).
    tied: bool,
    /// If somebody catches failures.
    guard: Option<Box<Guard>>,
    /// Whether its tasks run one after the other, in the order of places ([`Run::in_sequence`]).
    sequence: bool,
    /// Whose end is the run's; none in a run that grows.
    output: Option<NodeRef>,
    next_root: AtomicUsize,
    roots_to_claim: AtomicUsize,
    held: AtomicUsize,
    stop_place: AtomicU32,
    /// How many failures it takes note of before tasks behind them don't start any more.
    failures_max: NonZeroUsize,
    /// See [`Graph::seed`](crate::Graph::seed).
    seed: u64,
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

/// Links one dependency: `input` tells `target`, which reads it as `access` says.
#[inline]
fn link(links: &Arena, input: NodeRef, access: Access, target: Target) {
    input.add_reader();
    let mover = access == Access::Take && input.has(TAKEN) && !input.has(SHARED);
    input.set_successors(input.successors().with(links, target, mover));
}

/// Links more than [`JOINED`] dependencies of `node`: the first of them tell the task, each further 64 a join. How many the task
/// itself has to wait for.
#[cold]
fn link_joined(
    links: &Arena,
    joins: &mut Vec<JoinRef>,
    node: NodeRef,
    inputs: &Inputs,
    after: &[NodeRef],
) -> u32 {
    let (mut expected, mut target) = (0, Target::task(node));
    let mut left = (inputs.len() + after.len()) as u32;
    let mut at = 0;
    let mut next = || {
        if at < JOINED {
            expected += 1;
        } else if at.is_multiple_of(JOINED) {
            expected += 1;
            target = Target::join(links, node, JOINED.min(left));
            joins.extend(target.as_join());
        }
        at += 1;
        left -= 1;
        target
    };
    for (input, access) in inputs.iter() {
        link(links, input, access, next());
    }
    for earlier in after {
        earlier.set_successors(earlier.successors().with(links, next(), false));
    }
    expected
}

impl<'a> Run<'a> {
    /// Orders and links the tasks that `output` needs: who waits for whom, how many readers each has. O(tasks + edges).
    ///
    /// In a box, so that runs inside each other take little stack.
    pub(crate) fn prepare(output: NodeRef, extras: &'a Extras) -> Result<Box<Self>, Unordered> {
        match extras.has_catches() {
            false => Run::linked::<false>(output, extras),
            true => Run::linked::<true>(output, extras),
        }
    }

    /// See [`Run::prepare`]; twice, so that a graph in which nobody catches does not pay for it.
    #[inline(never)]
    fn linked<const CATCHES: bool>(
        output: NodeRef,
        extras: &'a Extras,
    ) -> Result<Box<Self>, Unordered> {
        let links = Arena::new();
        let (mut roots, mut joins, mut tasks, mut tied) = (Vec::new(), Vec::new(), 0, false);
        let (mut order, mut way) = (Vec::new(), Inputs::default());
        depth_first(output, extras, |node, inputs| {
            tasks += 1;
            if CATCHES {
                order.push(node);
            }
            let after = extras.after(node);
            let dependencies = (inputs.len() + after.len()) as u32;
            if dependencies == 0 {
                roots.push(node);
                return node.expect(0);
            }
            if dependencies > JOINED {
                return node.expect(link_joined(&links, &mut joins, node, inputs, after));
            }
            let target = Target::task(node);
            for (input, access) in inputs.iter() {
                link(&links, input, access, target);
            }
            for earlier in after {
                earlier.set_successors(earlier.successors().with(&links, target, false));
            }
            node.expect(dependencies);
            tied |= tie(inputs, dependencies, &mut way);
        })?;
        output.add_reader();
        let guard = CATCHES.then(|| Box::new(Guard::of(&order, output, extras)));
        let mut run = Run::new(Facts::Known(extras), Some(output));
        if extras.has_options() {
            run.with_options(extras.has_priorities());
        }
        Ok(Box::new(Run { _links: links, joins, tasks, roots, tied, guard, ..run }))
    }

    /// A run of a graph that is built while it runs: without tasks.
    #[inline(never)]
    pub(crate) fn growing() -> Box<Self> {
        let mut run = Run::new(Facts::Growing(Box::default()), None);
        run.with_options(false);
        Box::new(run)
    }

    /// Options are given, or may be given yet.
    fn with_options(&mut self, sorts: bool) {
        let queue = Arc::new(Queue::default());
        if sorts {
            queue.sort_from_now_on();
        }
        (self.queue, self.is_plain) = (Some(queue), false);
    }

    fn new(facts: Facts<'a>, output: Option<NodeRef>) -> Self {
        Run {
            facts,
            is_plain: true,
            observers: None,
            spans: None,
            queue: None,
            early: None,
            id: 0,
            _links: Arena::new(),
            joins: Vec::new(),
            tasks: 0,
            roots: Vec::new(),
            tied: false,
            guard: None,
            sequence: false,
            output,
            next_root: AtomicUsize::new(0),
            roots_to_claim: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            stop_place: AtomicU32::new(u32::MAX),
            failures_max: NonZeroUsize::MIN,
            seed: 0,
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

    fn name(&self, node: NodeRef) -> Cow<'static, str> {
        match (&self.facts, self.growth()) {
            (Facts::Known(extras), _) => extras.name(node),
            (Facts::Kept(extras), _) => extras.name(node),
            (_, Some(growth)) => growth.extras.name(node),
            _ => Cow::Borrowed(node.kind().name),
        }
    }

    /// See [`crate::OnFailure`].
    pub(crate) fn set_failures_max(&mut self, failures: NonZeroUsize) {
        self.failures_max = failures;
    }

    /// Carries these into its tasks.
    pub(crate) fn trace(&mut self, spans: Option<Spans>) {
        self.is_plain &= spans.is_none();
        self.spans = spans;
    }

    /// See [`Graph::seed`](crate::Graph::seed).
    pub(crate) fn set_seed(&mut self, seed: Option<u64>) {
        self.seed = seed.or_else(seed::of_this_task).unwrap_or(0);
    }

    /// Tasks that have not begun are skipped from now on.
    pub(crate) fn stop(&self) {
        self.stop_place.store(0, Relaxed);
        self.stops_early();
    }

    /// How many tasks it has.
    pub(crate) fn tasks(&self) -> usize {
        self.tasks
    }

    /// What worker `worker` carries.
    pub(crate) fn context(&self, worker: u32) -> Context<'_> {
        Context {
            run: self,
            worker,
            sequence: self.sequence,
            copies: self.sequence && !self.has_cloners(),
            task: Cell::new(None),
            at: Cell::new(0),
            counts: &[],
            ready: RefCell::default(),
            dropped: RefCell::new(None),
            caught: RefCell::new(None),
            options: Cell::new(TaskOptions::new()),
            tries: Cell::new(None),
            attempt: Cell::new(None),
            limit: Cell::new(None),
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

    /// Whether outputs of roots may have to wait for tasks that come from other roots.
    #[inline]
    pub(crate) fn is_tied(&self) -> bool {
        self.tied
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
    #[inline(always)]
    pub(crate) unsafe fn execute(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let unwinding = AbortOnUnwind("a panic outside of any task");
        let is_output = if self.is_plain {
            // SAFETY: R1.
            let step =
                unsafe { self.run_or_skip::<false>(node, self.skips(node, context), context) };
            self.complete(node, step, context)
        } else {
            // SAFETY: R1.
            unsafe { self.execute_closely(node, context) }
        };
        if is_output {
            // Release: publishes the value, and all that the run did, to who waits for it.
            self.done.store(true, Release);
        }
        std::mem::forget(unwinding);
        is_output
    }

    /// Whether a ready task does not run: what it needs failed, or something of lower place, or the run is cancelled.
    #[inline]
    fn skips(&self, node: NodeRef, context: &Context<'_>) -> bool {
        node.place() >= self.stop_place.load(Relaxed)
            || (node.has(POISONED) && !self.catches(node, context))
    }

    /// Whether a poisoned task catches what it was poisoned by, which then stands in `context`.
    #[cold]
    fn catches(&self, node: NodeRef, context: &Context<'_>) -> bool {
        let caught = self.caught(node);
        let catches = caught.is_some();
        drop(context.caught.replace(caught));
        catches
    }

    /// # Safety
    /// R1.
    #[inline(always)]
    unsafe fn run_or_skip<const CLOSELY: bool>(
        &self,
        node: NodeRef,
        skips: bool,
        context: &Context<'_>,
    ) -> TaskStep {
        let place = node.place();
        let mut step = TaskStep::Finished;
        if skips {
            // SAFETY: N3 by R1.
            unsafe { if self.is_kept() { node.skip_again(context) } else { node.skip(context) } };
            node.set_alone(POISONED);
            step = TaskStep::Skipped;
        } else {
            context.task.set(Some(node));
            // SAFETY: N3 by R1; its inputs have values, or it would be poisoned.
            let ran = unsafe {
                match CLOSELY {
                    true => self.run_closely(node, context),
                    false if self.is_kept() => node.run_again(context),
                    false => node.run(context),
                }
            };
            if let Err(failure) = ran {
                let mut error = self.error(node, failure);
                if CLOSELY && let Some(attempt) = context.attempt.take() {
                    error = error.in_attempt(attempt);
                }
                self.record(node, place, error);
                node.set_alone(POISONED);
                step = TaskStep::Failed;
            }
        }
        if CLOSELY {
            // Observers may ask, when there is a value where its place stood.
            context.task.set(None);
            // Before others let go of what they read, which may run anything.
            if let Some(limit) = context.limit.take() {
                limit.leave();
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

    /// Tells those who wait for `node`; whether that was what the driver waits for.
    #[inline(always)]
    fn complete(&self, node: NodeRef, step: TaskStep, context: &Context<'_>) -> bool {
        // `planted-hang` is wrong on purpose: a gate that does not notice is broken.
        if cfg!(feature = "planted-hang") && step == TaskStep::Failed {
            return false;
        }
        match &self.facts {
            Facts::Known(_) | Facts::Kept(_) => self.complete_known(node, context),
            Facts::Growing(_) => return self.complete_grown(node, context),
        }
        Some(node) == self.output
    }

    #[inline(always)]
    fn complete_known(&self, node: NodeRef, context: &Context<'_>) {
        let (failed, readers) = (node.has(POISONED), node.readers());
        // Most have one reader, which nothing else has to go before.
        if readers == 1
            && !failed
            && let Some(target) = node.successors().only()
        {
            if let Some(ready) = target.dependency_done() {
                context.ready(ready);
            }
            return;
        }
        self.complete_any(node, failed, readers, context);
    }

    #[cold]
    fn poison(&self, node: NodeRef, target: NodeRef) {
        if let Some(guard) = &self.guard {
            guard.poisons(node, target);
        }
        target.set(POISONED);
    }

    fn complete_any(&self, node: NodeRef, failed: bool, readers: u32, context: &Context<'_>) {
        if readers == 0 {
            node.drop_value(context);
        }
        // Read before the last count is taken off (R2): the list itself stays until the run is over.
        let successors = node.successors();
        let first = match successors.mover() {
            Some(mover) => {
                if failed {
                    self.poison(node, mover.node());
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
                self.poison(node, target.node());
            }
            if let Some(ready) = target.dependency_done() {
                context.ready(ready);
            }
        }
    }
}
