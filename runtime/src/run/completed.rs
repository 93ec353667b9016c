//! The members of an output as they are done, while the graph is computed in the background.
//!
//! In: a graph whose output is a `Vec`. Out: an iterator that waits for the next member, whichever it is. Between both stands a channel. Not here: who computes
//! ([`super::spawn`]).

use super::spawn::Run;
use crate::drivers::{Driver, Scheduler, in_a_task};
use crate::error::Error;
use crate::graph::Graph;
use std::panic::Location;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The members of a graph's output in the order in which they are done; made by [`Graph::as_completed`].
///
/// An iterator that waits for the next one: its index, and the value, or why there is none. Dropping it cancels the run. In a task, which may be what
/// the run's turn waits for, a run that has not begun is computed when the first member is asked for, all of it.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let graph = Graph::build(|graph| {
///     let squares: Vec<_> = (0..9_u64).map(|n| graph.value(n).map(|n| n * n)).collect();
///     graph.gather(squares)
/// });
/// let mut seen = 0;
/// let mut completed = graph.as_completed();
/// for (index, square) in &mut completed {
///     assert_eq!(square?, (index * index) as u64);
///     seen += 1;
/// }
/// completed.wait()?;
/// assert_eq!(seen, 9);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "dropping it cancels the run"]
pub struct Completed<T: Send + 'static> {
    run: Run<()>,
    members: Receiver<(usize, Result<T, Error>)>,
}

impl<T: Send + Sync + 'static> Graph<'static, Vec<T>> {
    /// Computes the graph in the background, as [`spawn`](Graph::spawn) does, and gives each member of its output as soon as it is there, as
    /// [`compute_each`](Graph::compute_each) does: also those that failed.
    #[track_caller]
    pub fn as_completed(self) -> Completed<T> {
        self.completed(Driver::current(), Location::caller())
    }

    /// [`as_completed`](Graph::as_completed) on a scheduler of the caller's choice.
    #[track_caller]
    pub fn as_completed_on(self, scheduler: &(impl Scheduler + ?Sized)) -> Completed<T> {
        self.completed(scheduler.driver(), Location::caller())
    }

    fn completed(
        self,
        driver: Result<Driver, Error>,
        here: &'static Location<'static>,
    ) -> Completed<T> {
        let (done, members) = channel();
        let graph = self.seeded_here();
        let job = move |driver: &Driver| {
            // Who does not listen any more has cancelled the run.
            graph.drive_each(driver, here, |at, result| drop(done.send((at, result))))
        };
        Completed { run: Run::new(Box::new(job), driver, false), members }
    }
}

impl<T: Send + 'static> Completed<T> {
    /// Starts no more tasks; see [`Run::cancel`]. Members that are done are still given.
    pub fn cancel(&self) {
        self.run.cancel();
    }

    /// Waits until the run is over; members that have not been asked for are dropped.
    ///
    /// # Errors
    /// What ended the run before all members were given: what [`compute`](Graph::compute) finds before the run, or
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled). Failures of tasks have been given with their members.
    pub fn wait(self) -> Result<(), Error> {
        self.run.wait()
    }
}

impl<T: Send + 'static> Iterator for Completed<T> {
    type Item = (usize, Result<T, Error>);
    fn next(&mut self) -> Option<Self::Item> {
        match self.members.try_recv() {
            Ok(member) => Some(member),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                // Its turn may not have come, and the task that waits here may be what it waits for.
                if in_a_task() {
                    self.run.begin();
                }
                self.members.recv().ok()
            }
        }
    }
}

impl<T: Send + 'static> std::fmt::Debug for Completed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Completed").field("run", &self.run).finish_non_exhaustive()
    }
}
