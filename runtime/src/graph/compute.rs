//! Running a graph: from [`Graph::compute`] to the value, by way of a [`Run`] and a driver.
//!
//! In: a graph. Out: its value, or the failure with the lowest place. What is left in the nodes is dropped before it returns. A graph that
//! awaits is run by [`super::growing`].

use super::node::{NodeRef, ORDERED, POISONED};
use super::{Core, Graph, Output};
use crate::drivers::{Driver, Scheduler, deeper};
use crate::error::{Error, ErrorKind};
use crate::graph::extras::Extras;
use crate::observe::spans::Spans;
use crate::observe::{Event, Observers, RunTask, now};
use crate::order::Dependencies;
use crate::run::control;
use crate::scheduler::Run;
use std::time::Duration;

impl<T> Graph<'_, T> {
    /// Runs the graph and returns its output: on the scheduler of the innermost
    /// [`with_scheduler`](crate::with_scheduler), else of the environment (`TASKWEAVE_SCHEDULER`, `TASKWEAVE_THREADS`), else on
    /// all cores.
    ///
    /// Returns when no worker uses the graph any more, also after a failure.
    ///
    /// # Errors
    /// What [`check`](Graph::check) finds; else the failure of the task with the lowest place in the depth-first order
    /// from the output: a panic, an `Err` taken with `?`, a destructor that panicked. Nothing downstream of it ran.
    ///
    /// # Cost
    /// O(tasks + edges) to order the graph; then the tasks. An output is dropped by its last reader.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    /// assert_eq!(graph.compute()?, 21);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn compute(self) -> Result<T, Error> {
        self.drive(&Driver::current()?)
    }

    /// [`compute`](Graph::compute) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Graph::compute).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::{Graph, InThread, Threads};
    /// let graph = || Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    /// assert_eq!(graph().compute_on(&InThread)?, graph().compute_on(&Threads::new(2))?);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn compute_on(self, scheduler: &(impl Scheduler + ?Sized)) -> Result<T, Error> {
        self.drive(&scheduler.driver()?)
    }

    pub(crate) fn drive(self, driver: &Driver) -> Result<T, Error> {
        let _one_run = deeper()?;
        if self.core.extras.borrow().has_after() {
            // Only `.after` can make tasks wait for each other for ever.
            self.check()?;
        }
        self.without_fault()?;
        match self.output {
            Output::Node(output, ..) => drive(&self.core, output, driver),
            Output::Body(body) => {
                body.drive(driver, self.core.failures_max.get(), self.core.seed.get())
            }
        }
    }
}

fn drive<T>(core: &Core, output: NodeRef, driver: &Driver) -> Result<T, Error> {
    let extras = core.extras.borrow();
    let mut run = Run::prepare(output, &extras).map_err(|unordered| unordered.told(&extras))?;
    run.set_failures_max(core.failures_max.get());
    run.set_seed(core.seed.get());
    run.trace(Spans::of_caller());
    run.tell_early(control::waiting());
    let observers = driver.observers();
    if let Some(all) = observers.and_of_the_process() {
        run.observe(all, driver.threads_of_a_run(), &|| run_tasks(core, &extras));
    }
    let registered = control::register(&run);
    driver.drive(&run, observers);
    drop(registered);
    let all_ran = run.tasks() == core.built.get();
    let observed = run.observed();
    let failure = run.take_failure(|late| core.first_of(late));
    drop(run);
    if failure.is_none() && all_ran && !output.has(POISONED) {
        // Every capture was used up, every value dropped by its last reader.
        core.built.set(0);
    }
    let outcome = match failure {
        Some(error) => Err(error),
        // Skipped without a failure.
        None if output.has(POISONED) => Err(Error::cancelled()),
        // SAFETY: the run is over without a failure, so the output, a `T` by the types of `finish`, is there, and
        // the run's own read is the only one left.
        None => Ok(unsafe { output.into_value::<T>() }),
    };
    finish(core, &extras, outcome, observed)
}

/// Drops what is left, and tells the end.
pub(super) fn finish<T>(
    core: &Core,
    extras: &Extras,
    outcome: Result<T, Error>,
    observed: Option<(Observers, u64)>,
) -> Result<T, Error> {
    let outcome = match (outcome, core.clear()) {
        (Ok(_), Some((node, payload))) => {
            let name = extras.name(node);
            Err(Error::panicked(ErrorKind::DropPanicked, name, node.location(), payload))
        }
        (outcome, _) => outcome,
    };
    if let Some((observers, run)) = observed {
        let (time, failed) = (Duration::from_nanos(now()), outcome.is_err());
        observers.tell(&Event::RunFinished { run, time, failed });
    }
    outcome
}

/// For observers: the tasks of a run that has been prepared and not begun.
pub(super) fn run_tasks(core: &Core, extras: &Extras) -> Vec<RunTask> {
    let mut nodes: Vec<NodeRef> = core.nodes().filter(|node| node.has(ORDERED)).collect();
    nodes.sort_unstable_by_key(|node| node.place());
    let mut dependencies = Dependencies::default();
    let task = |&node: &NodeRef| {
        let mut places = Vec::new();
        dependencies.of(node, extras, |input, _| places.push(input.place()));
        RunTask::of(node, extras.name(node), places)
    };
    nodes.iter().map(task).collect()
}
