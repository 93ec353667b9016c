//! Graphs that await: built while they run.
//!
//! In: the body of a `graph!` with `.await` in it, as a closure that has not run. Out: a [`Graph`] like any other; computing it runs the body
//! on the thread that computes, which adds tasks and, at each `.await`, works on what is there until the value is
//! ([`wait`]). Workers run other tasks meanwhile. As an argument of another graph it is one task, which computes it.
//!
//! ```text
//! body:   add, add, wait for x ----------------------------> add, … ----> output
//! run:                link x's needs, then the rest | until x is done | link what is new | until all is done
//! ```
//! What a run knows of such a graph: [`crate::growth`]. A body that fails, or waits for a task that failed, ends there: what has not begun
//! is skipped, and the run ends when the tasks that are running have.

use super::builder::{Builder, Finished};
use super::handle::Delayed;
use super::node::{NodeRef, POISONED, Role, TaskName};
use super::{Core, Graph, Output, compute};
use crate::drivers::{Driver, Work};
use crate::error::{BoxError, Error, ErrorKind};
use crate::observe::spans::Spans;
use crate::observe::{Event, RunGrew, RunTask, now};
use crate::run::control;
use crate::scheduler::Run;
use crate::task::step::Pass;
use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::time::Duration;

/// Without `'env` in its argument, so that a graph of a longer lifetime goes where one of a shorter is wanted; [`growing`] puts it back.
type Run1<'env, T> =
    dyn for<'g> FnOnce(&'g Builder<'static>) -> Result<Finished<T>, Stop> + Send + 'env;

/// What builds a graph while it runs.
pub(crate) struct Body<'env, T> {
    run: Box<Run1<'env, T>>,
    location: &'static Location<'static>,
}

/// Why a body stopped before its end: any error that `?` took, or the failure of a task it waited for.
#[derive(Debug)]
pub struct Stop(Error);

/// What `?` on a plain value takes in a graph that awaits: what a task's `?` takes, any error or text.
/// Of `?` the compiler shows its own message, and of ours the label.
#[diagnostic::on_unimplemented(
    label = "expected an `Error` that is `Send + Sync`, or text: `.map_err(|error| ..)?` makes one"
)]
pub trait StopError: Into<BoxError> {}
#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> StopError for E {}

impl<E: StopError> From<E> for Stop {
    #[track_caller]
    fn from(error: E) -> Stop {
        let boxed: BoxError = error.into();
        match boxed.downcast::<Error>() {
            Ok(of_a_task) => Stop(*of_a_task),
            Err(other) => Stop(Error::of_body(ErrorKind::Failed, Location::caller(), other)),
        }
    }
}

/// What a `graph!` that awaits expands to.
#[track_caller]
pub fn growing<'env, T, F>(body: F) -> Graph<'env, T>
where
    F: for<'g> FnOnce(&'g Builder<'env>) -> Result<Finished<T>, Stop> + Send + 'env,
{
    let run = move |builder: &Builder<'static>| {
        // SAFETY: lifetimes don't change what a builder is, and it takes from this body alone. What the body puts into tasks lives for
        // its own `'env`, which ends no earlier than that of the graph that is computed.
        body(unsafe { std::mem::transmute::<&Builder<'static>, &Builder<'env>>(builder) })
    };
    let body = Body { run: Box::new(run), location: Location::caller() };
    Graph::new(Core::new(), Output::Body(body))
}

/// What can be awaited in `graph!`: the output of a task, and what adds tasks that have one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in `graph!`",
    label = "only a task's output, a graph and a lazy array can, by value",
    note = "of a borrowed handle write `handle.clone().await`, or `.map_ref(|value| ..).await`; of several handles `taskweave::gather(handles).await`",
    note = "a future of an async runtime is waited for inside a #[delayed] function, with the runtime's `block_on`"
)]
pub trait Awaited<'g, 'env, T> {
    #[doc(hidden)]
    fn __handle(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, T>;
}

#[diagnostic::do_not_recommend]
impl<'g, 'env, T: Send + Sync + 'static> Awaited<'g, 'env, T> for Delayed<'g, 'env, T> {
    fn __handle(self, _: &'g Builder<'env>) -> Delayed<'g, 'env, T> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'g, 'env, T: Send + Sync + 'static> Awaited<'g, 'env, T> for Graph<'env, T> {
    fn __handle(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, T> {
        builder.spliced(self)
    }
}

/// A node that takes what a body waits for.
struct Await;
impl TaskName for Await {
    const NAME: &'static str = "await";
    const ROLE: Role = Role::Glue;
}

/// A graph that awaits, as a task of another.
pub(crate) struct Grown;
impl TaskName for Grown {
    const NAME: &'static str = "graph";
    const ROLE: Role = Role::Grown;
}

/// What `x.await` in `graph!` becomes: `wait(this_graph, x)?`.
#[track_caller]
pub fn wait<'g, 'env, T, X>(builder: &'g Builder<'env>, handle: X) -> Result<T, Stop>
where
    T: Send + Sync + 'static,
    X: Awaited<'g, 'env, T>,
{
    let source = builder.take(&handle.__handle(builder));
    let node = builder.push::<Await, _, _, T>(Location::caller(), source, Pass);
    builder.until_done(node).map_err(Stop)?;
    // SAFETY: it is done without a failure, its output is a `T`, and the body, which holds it, is its only reader:
    // nobody has its handle.
    Ok(unsafe { node.into_value::<T>() })
}

/// A run whose graph grows, and the thread that works on it between two steps of the body.
pub(crate) struct Growing<'a> {
    run: &'a Run<'a>,
    work: RefCell<&'a mut dyn Work>,
    /// Whether tasks that nobody waits for yet should run, because there are threads for them.
    ahead: bool,
    /// See [`crate::OnFailure`].
    failures_max: NonZeroUsize,
}

impl Growing<'_> {
    /// Makes what was added known, and works until `node` is done.
    pub(crate) fn until_done(&self, builder: &Builder<'_>, node: NodeRef) -> Result<(), Error> {
        self.link(builder, node, false)?;
        self.work.borrow_mut().until_done();
        let mut growth = self.run.growth().expect("a run that grows");
        match growth.failure(node) {
            Some(error) => Err(error),
            None if node.has(POISONED) => Err(Error::cancelled()),
            None => {
                growth.give(node);
                Ok(())
            }
        }
    }

    /// The end of the body: works until its output is done, and nothing else is running.
    fn until_over(&self, builder: &Builder<'_>, output: NodeRef) -> Result<(), Error> {
        let linked = self.link(builder, output, true);
        if linked.is_ok() {
            self.work.borrow_mut().until_done();
        }
        // What leads nowhere and has not begun does not run.
        self.give_up();
        linked?;
        let failure = self.run.growth().expect("a run that grows").failure(output);
        match failure {
            Some(error) => Err(error),
            None if output.has(POISONED) => Err(Error::cancelled()),
            None => Ok(()),
        }
    }

    /// The failure that ended the body, which knows the others.
    fn all_failures(&self, error: Error) -> Error {
        let growth = self.run.growth().expect("a run that grows");
        let all = growth.failures();
        drop(growth);
        Error::first_of_all(error, all, self.failures_max.get())
    }

    /// Skips what has not begun, and works until nothing is left.
    fn give_up(&self) {
        self.run.stop();
        self.wait_for_all();
    }

    /// Works until nothing is left.
    fn wait_for_all(&self) {
        let mut growth = self.run.growth().expect("a run that grows");
        let already = growth.wait_for_all();
        self.run.waits(&growth, already);
        drop(growth);
        self.work.borrow_mut().until_done();
    }

    fn link(&self, builder: &Builder<'_>, node: NodeRef, last: bool) -> Result<(), Error> {
        builder.settle();
        let mut growth = self.run.growth().expect("a run that grows");
        let added = builder.hand_over(&mut growth.extras)?;
        let queue =
            self.run.queue().filter(|queue| queue.sorts() || growth.extras.has_priorities());
        if last {
            growth.end_of_body();
        }
        let flags = |node| builder.flags(node);
        let linked = growth.link(&added, node, self.ahead && !last, &flags);
        let new = match linked {
            Ok(new) => new,
            Err(unordered) => return Err(unordered.told(&growth.extras)),
        };
        let unread = if last { growth.let_go(node) } else { Vec::new() };
        let already = growth.wait_for(node);
        let mut roots = Vec::new();
        if let Some(queue) = queue {
            queue.sort_from_now_on();
            let all = growth.claim_all();
            let priority = |node| growth.extras.options(node).priority.unwrap_or(0);
            roots = all.into_iter().map(|node| (node, priority(node))).collect();
        }
        self.run.waits(&growth, already);
        drop(growth);
        if let Some(queue) = queue {
            queue.push_all(roots);
        }
        self.run.drop_unread(unread);
        if let Some((observers, run)) = self.run.observed().filter(|_| !new.is_empty()) {
            let (first, tasks) = (new.start, new.len());
            let graph = || self.tasks(new.clone());
            let time = Duration::from_nanos(now());
            observers.tell(&Event::RunGrew(&RunGrew { run, time, first, tasks, graph: &graph }));
        }
        self.work.borrow_mut().offer();
        Ok(())
    }

    /// For observers.
    fn tasks(&self, places: std::ops::Range<usize>) -> Vec<RunTask> {
        let growth = self.run.growth().expect("a run that grows");
        let task = |&node: &NodeRef| {
            RunTask::of(node, growth.extras.name(node), growth.dependencies(node))
        };
        growth.tasks(places).iter().map(task).collect()
    }
}

impl<'env, T> Body<'env, T> {
    /// Where its `graph!` stands.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Runs the body, and what it builds.
    pub(crate) fn drive(
        self,
        driver: &Driver,
        failures_max: NonZeroUsize,
        seed: Option<u64>,
    ) -> Result<T, Error> {
        let builder = Builder::growing();
        let mut run = Run::growing();
        run.set_seed(seed);
        run.trace(Spans::of_caller());
        let (observers, threads) = (driver.observers(), driver.threads_of_a_run());
        if let Some(all) = observers.and_of_the_process() {
            run.observe(all, threads, &Vec::new);
        }
        // It ends when its body does, which nobody can know early: nor do the graphs that its tasks compute.
        drop(control::waiting());
        let registered = control::register(&run);
        let (mut body, mut outcome) = (Some(self.run), None);
        driver.drive_with(&run, observers, &mut |work| {
            let (ahead, work) = (threads > 1, RefCell::new(work));
            let growing = Growing { run: &run, work, ahead, failures_max };
            outcome = body.take().map(|body| growing.run_body(&builder, body, self.location));
        });
        let outcome = outcome.unwrap_or_else(|| unreachable!("drivers do what they are given"));
        drop(registered);
        let observed = run.observed();
        let late = run.take_failure(|late| builder.core().first_of(late));
        drop(run);
        let output = match (outcome, late) {
            // SAFETY: the run is over and did not fail, the output is a `T` by the types of `finish`, and the run's read is the
            // only one left, or the value can be copied.
            (Ok(node), None) => Ok(unsafe { node.into_value::<T>() }),
            (Ok(_), Some(error)) | (Err(error), _) => Err(error),
        };
        compute::finish(builder.core(), &builder.core().extras.borrow(), output, observed)
    }

    /// The body as a task of another graph, computed on the scheduler that runs the task.
    pub(crate) fn into_task(
        self,
        failures_max: NonZeroUsize,
        seed: Option<u64>,
    ) -> impl FnOnce(()) -> Result<T, BoxError> + Send + 'env
    where
        T: 'env,
    {
        move |()| {
            let graph = Graph::new(Core::new(), Output::Body(self));
            graph.set_failures_max(failures_max);
            graph.set_seed(seed);
            graph.compute().map_err(|error| Box::new(error) as BoxError)
        }
    }
}

impl Growing<'_> {
    fn run_body<'env, T>(
        &self,
        builder: &Builder<'static>,
        body: Box<Run1<'env, T>>,
        location: &'static Location<'static>,
    ) -> Result<NodeRef, Error> {
        let finished = builder.grows_in(self, || catch_unwind(AssertUnwindSafe(|| body(builder))));
        let finished = match finished {
            Ok(Ok(finished)) => builder.node_of(finished),
            Ok(Err(Stop(error))) => Err(error),
            Err(payload) => Err(Error::body_panicked(location, payload)),
        };
        match finished {
            Ok(output) => match self.until_over(builder, output) {
                Ok(()) => Ok(output),
                Err(error) if self.failures_max == NonZeroUsize::MIN => Err(error),
                Err(error) => Err(self.all_failures(error)),
            },
            Err(error) if self.failures_max == NonZeroUsize::MIN => {
                self.give_up();
                Err(error)
            }
            Err(error) => {
                self.wait_for_all();
                Err(self.all_failures(error))
            }
        }
    }
}
