//! What a run does after a failure.
//!
//! In: the user's choice. Out: how many failures a run takes note of before tasks of higher places don't start any more.

use crate::graph::Graph;
use std::num::NonZeroUsize;

/// What a run does after a failure; set by [`Graph::on_failure`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum OnFailure {
    /// Tasks of higher places than the one that failed don't start any more.
    #[default]
    Stop,
    /// So many tasks may fail: then tasks of higher places than these don't start any more. None at all means one.
    StopAfter(usize),
    /// All that does not need what failed runs.
    Finish,
}

impl OnFailure {
    pub(crate) fn failures_max(self) -> NonZeroUsize {
        match self {
            OnFailure::Stop => NonZeroUsize::MIN,
            OnFailure::StopAfter(failures) => {
                NonZeroUsize::new(failures).unwrap_or(NonZeroUsize::MIN)
            }
            OnFailure::Finish => NonZeroUsize::MAX,
        }
    }
}

impl<T> Graph<'_, T> {
    /// What a run of this graph does when a task fails; [`OnFailure::Stop`] if nothing is said. The error is that of the failing task with the lowest
    /// place, as ever, and [`Error::all`](crate::Error::all) of it are the failures in the order of their places: the same whatever the timing.
    ///
    /// Of a graph that becomes part of another the other's choice counts, but for one that awaits, which is a task there and keeps its own. A graph that awaits ends
    /// with the first failure it awaits; with another choice than
    /// `Stop` the tasks that the scheduler knows by then finish first, and their failures are told too.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::{Graph, OnFailure};
    /// let graph = Graph::build(|graph| {
    ///     let all = ["1", "x", "3", "y"]
    ///         .map(|text| graph.value(text).map(|text: &str| text.parse::<i32>()).or_fail());
    ///     graph.gather(all)
    /// });
    /// let error = graph.on_failure(OnFailure::Finish).compute().unwrap_err();
    /// assert_eq!(error.all().len(), 2);
    /// assert!(error.to_string().ends_with("invalid digit found in string (and 1 more failure)"));
    /// ```
    pub fn on_failure(self, policy: OnFailure) -> Self {
        self.set_failures_max(policy.failures_max());
        self
    }
}
