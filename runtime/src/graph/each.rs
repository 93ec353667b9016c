//! The members of a graph's output one by one, as they are done.
//!
//! In: a graph whose output is a `Vec` of tasks' outputs. Out: each, or why there is none, as soon as it is there. Each member gets a node that
//! catches its failure and hands it over; the gathering node is left alone, so it does not run. Not here: the background ([`crate::run`]).

use super::node::{NodeRef, Role, TaskName, new_node};
use super::{Graph, Output};
use crate::drivers::{Driver, Scheduler};
use crate::error::{Error, ErrorKind};
use crate::task::source::{All, Caught, Late};
use crate::task::step::{Once, Pass};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Mutex;

/// Hands a member over.
struct Deliver;
impl TaskName for Deliver {
    const NAME: &'static str = "compute_each";
    const ROLE: Role = Role::Glue;
    const CATCHES: bool = true;
}

/// Waits for all.
struct Delivered;
impl TaskName for Delivered {
    const NAME: &'static str = "compute_each";
    const ROLE: Role = Role::Glue;
}

impl<T: Send + Sync + 'static> Graph<'_, Vec<T>> {
    /// Runs the graph, and gives each member of its output to `each` as soon as it is there, with its index: for progress, and for results that
    /// are too many to keep. A member whose task has failed, or needs what has failed, comes as an `Err`, and the run goes on.
    ///
    /// `each` is called once for each member, one call at a time, on the thread that has finished it: a long call keeps that thread from other tasks.
    ///
    /// # Errors
    /// What [`compute`](Graph::compute) finds before the run; [`ErrorKind::Cancelled`]; and if `each` panics. Members that were not
    /// reached by then are not given.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| {
    ///     let parsed = ["1", "2", "3"].map(|text| {
    ///         graph.value(text).map(|text: &str| text.parse::<i32>()).or_fail()
    ///     });
    ///     graph.gather(Vec::from(parsed))
    /// });
    /// let (mut sum, mut failed) = (0, Vec::new());
    /// graph.compute_each(|index, result| match result {
    ///     Ok(value) => sum += value,
    ///     Err(error) => failed.push((index, error.to_string())),
    /// })?;
    /// assert_eq!((sum, failed.len()), (6, 0));
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    ///
    /// # Cost
    /// A step for each member, and what [`catch`](crate::Delayed::catch) costs. The members have to be the output of the graph themselves, as the last expression of a
    /// `graph!` that is a `Vec` of handles. If the output is a task's that returns a `Vec`, or a handle that [gathers](crate::Builder::gather) some, and of a graph that
    /// awaits, all members are given when the last is there, and a failure is the run's.
    #[track_caller]
    pub fn compute_each<F>(self, each: F) -> Result<(), Error>
    where
        F: FnMut(usize, Result<T, Error>) + Send,
    {
        self.drive_each(&Driver::current()?, Location::caller(), each)
    }

    /// [`compute_each`](Graph::compute_each) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute_each`](Graph::compute_each).
    #[track_caller]
    pub fn compute_each_on<F>(
        self,
        scheduler: &(impl Scheduler + ?Sized),
        each: F,
    ) -> Result<(), Error>
    where
        F: FnMut(usize, Result<T, Error>) + Send,
    {
        self.drive_each(&scheduler.driver()?, Location::caller(), each)
    }

    pub(crate) fn drive_each<F>(
        self,
        driver: &Driver,
        here: &'static Location<'static>,
        mut each: F,
    ) -> Result<(), Error>
    where
        F: FnMut(usize, Result<T, Error>) + Send,
    {
        let members = match &self.output {
            // SAFETY: made with the node, in `finish`; nothing has run.
            Output::Node(node, Some(members), _) => unsafe { members(*node) },
            _ => None,
        };
        let Some(members) = members else {
            let values = self.drive(driver)?;
            let given = catch_unwind(AssertUnwindSafe(|| {
                values.into_iter().enumerate().for_each(|(at, value)| each(at, Ok(value)));
            }));
            return given.map_err(|payload| {
                Error::panicked(ErrorKind::Panicked, Deliver::NAME.into(), here, payload)
            });
        };
        let each = Mutex::new(each);
        let deliver = |at: usize, result: Result<T, Error>| {
            // One that has panicked is not called again: the run has failed.
            if let Ok(mut each) = each.lock() {
                each(at, result);
            }
        };
        self.delivering(&members, here, &deliver).drive(driver)
    }
}

impl<'env, T: Send + Sync + 'static> Graph<'env, Vec<T>> {
    /// The graph that gives each of `members` to `deliver`.
    fn delivering<'a, F>(
        self,
        members: &[NodeRef],
        here: &'static Location<'static>,
        deliver: &'a F,
    ) -> Graph<'a, ()>
    where
        'env: 'a,
        F: Fn(usize, Result<T, Error>) + Sync,
    {
        let (core, _) = self.into_parts();
        let one = |(at, &node): (usize, &NodeRef)| {
            let value = Late { node: Some(node), value: PhantomData };
            let step = Once(move |result: Result<T, Error>| {
                deliver(at, result);
                Ok(())
            });
            new_node::<Deliver, _, _, ()>(&core.arena, node.location(), Caught(value), step)
        };
        let delivered: Vec<NodeRef> = members.iter().enumerate().map(one).collect();
        let last = new_node::<Delivered, _, _, ()>(&core.arena, here, All(delivered), Pass);
        core.built.set(core.built.get() + members.len() + 1);
        core.extras.borrow_mut().set_catches();
        Graph::new(core, Output::Node(last, None, PhantomData))
    }
}
