//! Frozen graphs: ordered and linked once, run again and again.
//!
//! In: a graph ([`Graph::freeze`]). Out: a [`Plan`], whose inputs can be replaced and which gives a value each time it runs. Nothing is built,
//! ordered or linked for a run; counts are set back to what they were, in one pass over the nodes.
//!
//! A node keeps what it captured: plain arguments are cloned for each run, closures of the user's may give away what they captured, so a
//! task with one cannot be frozen. Outputs are dropped by their last readers, as ever.
//!
//! * `F1` Between runs no output is there and nothing runs: a run that failed drops what it left behind.

use super::extras::Extras;
use super::node::{NodeRef, ORDERED, POISONED, Role, SHARED, TAKEN};
use super::{Core, Graph, Output};
use crate::drivers::pace::Pace;
use crate::drivers::{Driver, Scheduler, deeper};
use crate::error::{Error, ErrorKind};
use crate::observe::spans::Spans;
use crate::observe::{Event, now};
use crate::order::Dependencies;
use crate::run::control;
use crate::scheduler::Run;
use crate::scheduler::failures::drop_silently;
use crate::task::source::Access;
use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A graph that can be run again and again, with other inputs; made by [`Graph::freeze`].
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let graph = Graph::build(|graph| {
///     let x = graph.input("x", 1.0_f64);
///     (x + 1.0) * 2.0
/// });
/// let mut plan: taskweave::Plan<'_, f64> = graph.freeze()?;
/// assert_eq!(plan.run()?, 4.0);
/// plan.set("x", 4.0)?;
/// assert_eq!(plan.run()?, 10.0);
/// # Ok::<(), taskweave::Error>(())
/// ```
pub struct Plan<'env, T> {
    run: Box<Run<'static>>,
    output: NodeRef,
    /// The tasks: in the order in which they were built, which is that of memory, if nothing that they hand on owns anything; else in that of
    /// places, which holds less at once.
    steps: Vec<NodeRef>,
    /// With what counts they begin a run, in the same order. Apart, because one task after the other needs few of them, and large graphs
    /// are limited by memory.
    counts: Vec<Counts>,
    /// The ones whose readers are counted also where one task runs after the other.
    owning: Vec<u32>,
    /// Whether they can run one after the other in this order.
    in_sequence: bool,
    pace: Pace,
    /// See [`Graph::seed`].
    seed: Option<u64>,
    inputs: Vec<(String, NodeRef)>,
    /// Names of inputs that no task reads.
    unread: Vec<String>,
    core: Core,
    value: PhantomData<(fn() -> T, super::Captures<'env>)>,
}

/// The counts of a task before a run.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pending: u32,
    readers: u32,
    pub(crate) place: u32,
}

impl<'env, T> Graph<'env, T> {
    /// Makes a plan of it: ordered and linked once, to be run as often as wanted, its [inputs](super::Builder::input) replaced in
    /// between.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds. [`ErrorKind::RunsOnce`] if a task cannot be called again; the message says which, and what
    /// to write: closures of `map` and `map_ref` may give away what they captured, so they become delayed functions; plain arguments by
    /// value must be `Clone`, or be lent; a graph that awaits is built anew each time. [`ErrorKind::Input`] if inputs of one name have different types.
    ///
    /// # Cost
    /// O(tasks + edges), once; then a run costs the tasks, and 3 to 8 ns for each of them in thread.
    ///
    /// A run allocates nothing but what tasks and clones of plain arguments do, unless it is observed, or options or [`on_failure`](Graph::on_failure) are given; on threads
    /// the first ones allocate what later ones use again. Where more than 64 tasks wait for one, those that are not begun lie on a thread's deque, which grows and shrinks
    /// again, with some six allocations each time their number doubles.
    pub fn freeze(self) -> Result<Plan<'env, T>, Error> {
        self.check()?;
        let location = self.grows_at();
        let (core, output) = self.into_parts();
        let Output::Node(output, ..) = output else {
            return Err(Error::at(
                ErrorKind::RunsOnce,
                location,
                "a graph that awaits is built anew each time, so it cannot be frozen: freeze the parts between its `.await`s".into(),
            ));
        };
        let extras = core.extras.take();
        let mut run = Run::prepare(output, &extras).map_err(|unordered| unordered.told(&extras))?;
        run.set_failures_max(core.failures_max.get());
        let seed = core.seed.get();
        let mut order: Vec<NodeRef> = core.nodes().filter(|node| node.has(ORDERED)).collect();
        let owns = order.iter().any(|node| node.counts_readers());
        let mut in_sequence = !owns && can_follow(&order, &extras);
        if !in_sequence {
            order.sort_unstable_by_key(|node| node.place());
            in_sequence = can_follow(&order, &extras);
        }
        // In a row only the first failure counts.
        in_sequence &= core.failures_max.get() == NonZeroUsize::MIN && !extras.has_options();
        let mut counts = Vec::with_capacity(order.len());
        for &node in &order {
            if let Err(why) = node.is_repeatable() {
                let name = extras.name(node);
                return Err(Error::of_task(ErrorKind::RunsOnce, name, node.location(), why.into()));
            }
            let (pending, readers) = node.counts();
            counts.push(Counts { pending, readers, place: node.place() });
        }
        let inputs: Vec<(String, NodeRef)> = order
            .iter()
            .filter(|node| node.is_input())
            .map(|&node| (extras.name(node).into_owned(), node))
            .collect();
        each_of_one_type(&inputs)?;
        let unread = core
            .nodes()
            .filter(|node| node.is_input() && !node.has(ORDERED))
            .map(|node| extras.name(node).into_owned())
            .collect();
        let owning =
            (0..order.len() as u32).filter(|&at| order[at as usize].counts_readers()).collect();
        let mut run = run.kept();
        run.keep(extras);
        let pace = Pace::new();
        Ok(Plan {
            run,
            output,
            steps: order,
            counts,
            owning,
            in_sequence,
            pace,
            seed,
            inputs,
            unread,
            core,
            value: PhantomData,
        })
    }
}

/// Whether all inputs of a name, which are set together, have one type.
fn each_of_one_type(inputs: &[(String, NodeRef)]) -> Result<(), Error> {
    let mut types: HashMap<&str, (TypeId, &'static str)> = HashMap::new();
    for (name, node) in inputs {
        let mut is_known = |ty, ty_name: &'static str| {
            let (first, first_name) = *types.entry(name).or_insert((ty, ty_name));
            if first == ty { Ok(()) } else { Err(first_name) }
        };
        let mut own = "";
        // SAFETY: F1; the graph is ours, and none of it runs yet.
        let known = unsafe {
            node.with_input(&mut |ty, ty_name, _| {
                own = ty_name;
                is_known(ty, ty_name)
            })
        };
        if let Err(first) = known {
            let message = format!(
                "inputs of one name are set together, and `{name}` is a `{first}` elsewhere and a `{own}` here: give them two names"
            );
            return Err(Error::at(ErrorKind::Input, Some(node.location()), message));
        }
    }
    Ok(())
}

impl<T> Plan<'_, T> {
    /// Replaces the value of the input `name`, from the next run on; of all inputs of that name.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if there is no such input, or it has another type.
    pub fn set<V: Clone + Send + 'static>(&mut self, name: &str, value: V) -> Result<(), Error> {
        let nodes = || self.inputs.iter().filter(|(input, _)| input == name).map(|(_, node)| node);
        let mut found = false;
        // All of them are looked at before one is changed.
        for changes in [false, true] {
            for node in nodes() {
                found = true;
                // SAFETY: F1.
                let replaced = unsafe {
                    node.with_input(&mut |ty, ty_name, slot| {
                        if ty != TypeId::of::<V>() {
                            return Err(ty_name);
                        }
                        if let (true, Some(slot)) = (changes, slot.downcast_mut::<V>()) {
                            slot.clone_from(&value);
                        }
                        Ok(())
                    })
                };
                if let Err(expected) = replaced {
                    let given = std::any::type_name::<V>();
                    let message = format!(
                        "the input `{name}` is a `{expected}`, and was to be set to a `{given}`"
                    );
                    return Err(Error::new(ErrorKind::Input, message));
                }
            }
        }
        if found { Ok(()) } else { Err(self.no_input(name)) }
    }

    /// What the [seeds](crate::task_seed) of its tasks are made of from the next run on, as [`Graph::seed`]; else each run has the same.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    fn no_input(&self, name: &str) -> Error {
        if self.unread.iter().any(|unread| unread == name) {
            let message = format!(
                "no task that leads to the output reads the input `{name}`, so it is no part of the plan"
            );
            return Error::new(ErrorKind::Input, message);
        }
        let known: Vec<&str> = self.inputs().collect();
        let known = match known.as_slice() {
            [] => "it has none: make them with `input(\"name\", value)`".into(),
            known => format!("it has `{}`", known.join("`, `")),
        };
        Error::new(ErrorKind::Input, format!("the plan has no input `{name}`; {known}"))
    }

    /// The names of its inputs.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|(name, _)| name.as_str())
    }

    /// How many tasks a run has, those included that only tie others together.
    pub fn tasks(&self) -> usize {
        self.steps.len()
    }

    /// Runs it, on the scheduler that [`Graph::compute`] would take. After a failure it can be run again. Where runs are so short, or tasks so
    /// small, that threads don't pay, it runs on the calling thread alone; both ways are tried from time to time.
    ///
    /// # Errors
    /// As [`Graph::compute`].
    pub fn run(&mut self) -> Result<T, Error> {
        self.drive(&Driver::current()?)
    }

    /// [`run`](Plan::run) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`Graph::compute`].
    pub fn run_on(&mut self, scheduler: &(impl Scheduler + ?Sized)) -> Result<T, Error> {
        self.drive(&scheduler.driver()?)
    }

    /// As [`run`](Plan::run), on the threads there are.
    pub(crate) fn run_at_once(&mut self) -> Result<T, Error> {
        self.drive_at_once(&Driver::current()?)
    }

    fn drive(&mut self, driver: &Driver) -> Result<T, Error> {
        let observers = driver.observers();
        // Who can cancel has to be asked, before each task.
        let watched = observers.and_of_the_process().is_some()
            || control::current().is_some()
            || Spans::of_caller().is_some();
        let alone = self.in_sequence && !watched;
        if !alone || self.pace.at_once(|| driver.threads_of_a_run()) {
            let start = Instant::now();
            let outcome = self.drive_at_once(driver);
            self.pace.times_at_once(start);
            return outcome;
        }
        let _one_run = deeper()?;
        let start = self.pace.begins_in_order();
        for &at in &self.owning {
            // SAFETY: F1.
            unsafe { self.set_back(at as usize) };
        }
        let Plan { run, steps, counts, owning, seed, .. } = self;
        run.set_seed(*seed);
        let owns = !owning.is_empty();
        let outcome = driver.in_scope(observers, || run.in_sequence(steps, counts, owns));
        let core = &self.core;
        let late = self.run.take_failure(|late| core.first_of(late));
        let outcome = match (outcome, late) {
            (Err(error), _) | (Ok(()), Some(error)) => {
                self.drop_outputs();
                Err(error)
            }
            // SAFETY: all tasks have run, so the output, a `T` by the types of `finish`, is there, and the last read is ours.
            (Ok(()), None) => Ok(unsafe { self.output.into_value::<T>() }),
        };
        self.pace.ends_in_order(start);
        outcome
    }

    fn drive_at_once(&mut self, driver: &Driver) -> Result<T, Error> {
        let _one_run = deeper()?;
        for at in 0..self.steps.len() {
            // SAFETY: F1.
            unsafe { self.set_back(at) };
        }
        self.run.begin_again();
        self.run.set_seed(self.seed);
        self.run.trace(Spans::of_caller());
        self.run.tell_early(control::waiting());
        let observers = driver.observers();
        if let Some(all) = observers.and_of_the_process() {
            let core = &self.core;
            self.run.observe_again(all, driver.threads_of_a_run(), &|extras| {
                super::compute::run_tasks(core, extras)
            });
        }
        let registered = control::register(&self.run);
        driver.drive(&self.run, observers);
        drop(registered);
        let core = &self.core;
        let outcome = match self.run.take_failure(|late| core.first_of(late)) {
            Some(error) => {
                self.drop_outputs();
                Err(error)
            }
            None if self.output.has(POISONED) => {
                self.drop_outputs();
                Err(Error::cancelled())
            }
            // SAFETY: the run is over without a failure, so the output, a `T` by the types of `finish`, is there, and
            // the run's own read is the only one left.
            None => Ok(unsafe { self.output.into_value::<T>() }),
        };
        if let Some((observers, run)) = self.run.observed() {
            let (time, failed) = (Duration::from_nanos(now()), outcome.is_err());
            observers.tell(&Event::RunFinished { run, time, failed });
        }
        outcome
    }

    /// Sets a task's counts back.
    ///
    /// # Safety
    /// Nothing runs, and there is no output.
    #[inline]
    unsafe fn set_back(&self, at: usize) {
        let Counts { pending, readers, place } = self.counts[at];
        // SAFETY: promised by the caller.
        unsafe { self.steps[at].set_back(pending, readers, place) };
    }

    /// Drops what a run that failed has left (`F1`).
    fn drop_outputs(&self) {
        for step in &self.steps {
            // What it panics with is one failure more of a run that has failed.
            // SAFETY: nothing runs; what is dropped here is not dropped again, because its counts are set back.
            let dropped = catch_unwind(AssertUnwindSafe(|| unsafe { step.drop_left() }));
            drop_silently(dropped);
        }
    }
}

/// Whether in this order each task comes after what it waits for, and who takes a value alone after all who borrow it.
fn can_follow(order: &[NodeRef], extras: &Extras) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Output {
        Missing,
        There,
        Taken,
    }
    let mut dependencies = Dependencies::default();
    let mut outputs = vec![Output::Missing; order.len()];
    let mut follows = true;
    for &node in order {
        // The inputs of one task are read together.
        dependencies.of(node, extras, |input, access| {
            let output = outputs[input.place() as usize];
            follows &= output == Output::There || (output == Output::Taken && access.is_none());
        });
        dependencies.of(node, extras, |input, access| {
            if access == Some(Access::Take) && input.has(TAKEN) && !input.has(SHARED) {
                outputs[input.place() as usize] = Output::Taken;
            }
        });
        outputs[node.place() as usize] = Output::There;
    }
    follows
}

impl<T> std::fmt::Debug for Plan<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inputs: Vec<&str> = self.inputs().collect();
        f.debug_struct("Plan").field("tasks", &self.tasks()).field("inputs", &inputs).finish()
    }
}

/// A task that gives what an input of a plan was set to.
pub(crate) struct InputTask;
impl super::node::TaskName for InputTask {
    const NAME: &'static str = "input";
    const ROLE: Role = Role::Glue;
}
