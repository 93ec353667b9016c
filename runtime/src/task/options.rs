//! What can be said of a task beside its function: how often it is tried, for how long, and when its turn comes.
//!
//! In: `#[delayed(retries = 3)]` of a function, `.with(…)` of one call. Out: plain data, which [`crate::scheduler`] acts on. A graph in which nobody says anything
//! pays nothing. Not here: where it is kept until then ([`crate::graph::extras`]).

use crate::run::limit::Limit;
use std::time::Duration;

/// How tasks are run: `#[delayed(retries = 3)]` says it of all tasks of a function, [`with`](crate::Delayed::with) of one.
///
/// What is not said of a task is what its function says, else the default.
///
/// | option | meaning | default |
/// |---|---|---|
/// | [`priority`](TaskOptions::priority) | of the tasks that could begin, those of a higher one come first | 0 |
/// | [`retries`](TaskOptions::retries) | how often it is tried again after a panic, an `Err`, a timeout | 0 |
/// | [`backoff`](TaskOptions::backoff) | how long to wait before that | not at all |
/// | [`timeout`](TaskOptions::timeout) | how long one attempt may take | for ever |
/// | [`within`](TaskOptions::within) | how many of a group may run at once (of a function: `max_running = n`) | all |
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use std::time::Duration;
/// use taskweave::{ErrorKind, Graph, TaskOptions, cancelled};
/// let graph = Graph::build(|graph| {
///     let patient = graph.value(()).map(|()| {
///         while !cancelled() {
///             std::thread::yield_now();
///         }
///     });
///     patient.with(TaskOptions::new().timeout(Duration::from_millis(5)))
/// });
/// assert_eq!(graph.compute().unwrap_err().kind(), ErrorKind::TimedOut);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "options are given to a task with `.with(…)`"]
pub struct TaskOptions {
    pub(crate) priority: Option<i32>,
    pub(crate) retries: Option<u32>,
    pub(crate) backoff: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) limit: Option<&'static Limit>,
}

/// Used by the expansion of `#[delayed(timeout = …)]`, so that what is wrong with the time is shown there.
///
/// # Panics
/// If it is zero.
#[track_caller]
pub const fn some_time(time: Duration) -> Duration {
    // Not `assert!`, of which a message shows lines of the standard library, where its source is installed.
    let some = if time.is_zero() { None } else { Some(time) };
    some.expect("a `timeout` of zero leaves an attempt no time to run: say how long one may take, or leave `timeout` out")
}

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_secs(60);

impl TaskOptions {
    /// Nothing said.
    pub const fn new() -> Self {
        TaskOptions { priority: None, retries: None, backoff: None, timeout: None, limit: None }
    }

    /// Of the tasks of a run that could begin, those of a higher priority come first; among equals the order is as ever. It is the task's own: what reads its output has
    /// another, so a chain that is urgent says so of each of its tasks. Which error a run returns does not depend on priorities.
    ///
    /// # Cost
    /// A graph in which somebody says so keeps its ready tasks in one ordered queue behind a lock, some 300 ns a task.
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Tries the task again after a panic, an `Err` or a timeout, `retries` times at most; the last failure is the task's. An `Err` counts also where it is the task's
    /// value, without `?`: then the last attempt's value is. (Where the output of a generic function is a type parameter, nobody knows that it is a `Result`.)
    ///
    /// Each attempt gets what the first one got: by-value parameters are cloned for all but the last, so they must be `Clone`. `#[delayed(retries = n)]` checks that at
    /// the parameter; [`with`](crate::Delayed::with), which does not know the function, makes it an error of the graph. Closures of `map` and `map_ref`
    /// can run only once.
    ///
    /// # Cost
    /// Some 300 ns a task, and the clones.
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Waits before an attempt that follows a failed one: `pause` the first time, then twice as long each time, a minute at most. The thread of the task waits too,
    /// so other tasks have one thread less meanwhile, and the task keeps its place in a [limit](TaskOptions::within); cancelling ends it.
    pub const fn backoff(mut self, pause: Duration) -> Self {
        self.backoff = Some(pause);
        self
    }

    /// How long one attempt may take. After that what needs the task does not start, and [`cancelled`](crate::cancelled) is true in it; graphs that it computes are
    /// cancelled.
    ///
    /// A thread cannot be stopped, so the task runs on until it returns, and what it returns is dropped. [`compute`](crate::Graph::compute) waits for that, because a task may
    /// borrow what is its caller's; so does a [`catch`](crate::Delayed::catch) of the failure, and a graph that awaits. [`Run::wait`](crate::Run::wait) and a `Run` that is
    /// awaited give the error in time, if the run stops at the first failure: that with the lowest place so far, as nobody knows what else will fail. Of a task that is tried again the next attempt begins when the one before
    /// has returned; if that takes as long again, it is given up.
    ///
    /// # Panics
    /// If `time` is zero; in a `const`, and so in `#[delayed(timeout = …)]`, that is a compile error.
    ///
    /// # Cost
    /// One to two microseconds for each attempt, and one more thread for the whole process.
    #[track_caller]
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(some_time(time));
        self
    }

    /// Lets the task run only while fewer tasks run than `limit` lets in, in the whole process; see [`Limit`]. `#[delayed(max_running = n)]` is the same with a limit of the function's own.
    pub const fn within(mut self, limit: &'static Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// These, and where they say nothing, `others`.
    pub(crate) fn over(self, others: TaskOptions) -> TaskOptions {
        TaskOptions {
            priority: self.priority.or(others.priority),
            retries: self.retries.or(others.retries),
            backoff: self.backoff.or(others.backoff),
            timeout: self.timeout.or(others.timeout),
            limit: self.limit.or(others.limit),
        }
    }

    /// Whether anything is said. All of it is decided when a function is compiled.
    pub(crate) const fn say_something(&self) -> bool {
        self.priority.is_some()
            || self.retries.is_some()
            || self.backoff.is_some()
            || self.timeout.is_some()
            || self.limit.is_some()
    }

    /// The pause before attempt `number`, the second being the first that has one.
    pub(crate) fn pause_before(&self, number: u32) -> Duration {
        let doubled = 1_u32.checked_shl(number.saturating_sub(2)).unwrap_or(u32::MAX);
        self.backoff.unwrap_or(Duration::ZERO).saturating_mul(doubled).min(PAUSE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let options = TaskOptions::new().backoff(Duration::from_millis(100));
        let pauses: Vec<u128> = [2, 3, 4, 11, 12, 40, u32::MAX]
            .map(|number| options.pause_before(number).as_millis())
            .into();
        assert_eq!(pauses, [100, 200, 400, 51_200, 60_000, 60_000, 60_000]);
        assert_eq!(TaskOptions::new().pause_before(2), Duration::ZERO);
    }

    #[test]
    fn what_is_said_of_a_task_comes_before_what_is_said_of_its_function() {
        let function = TaskOptions::new().retries(3).priority(1);
        let options = TaskOptions::new().retries(0).over(function);
        assert_eq!((options.retries, options.priority), (Some(0), Some(1)));
    }
}
