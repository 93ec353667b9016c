//! Spans of [`tracing`](https://docs.rs/tracing), behind the feature of that name.
//!
//! In: the span in which a run is computed. Out: the same span around each task, whichever thread runs it, and in it one of the task's own: `task`, with its `name`, its `place` in the order
//! and the number of the `attempt`, at level `INFO` of the target `taskweave`. If nobody subscribes, and the caller has no span, a run is what it is without
//! the feature. Not here: events for observers ([`super`]).

#[cfg(not(feature = "tracing"))]
pub(crate) use none::Spans;
#[cfg(feature = "tracing")]
pub(crate) use some::Spans;

#[cfg(feature = "tracing")]
mod some {
    use tracing::{Level, Span, info_span, span_enabled};

    /// What is carried into the tasks of a run: its caller's span.
    #[derive(Clone)]
    pub(crate) struct Spans(Span);

    impl Spans {
        /// What a run that begins now carries, if it is anything.
        pub(crate) fn of_caller() -> Option<Spans> {
            let caller = Span::current();
            let wanted = !caller.is_none() || span_enabled!(target: "taskweave", Level::INFO);
            wanted.then_some(Spans(caller))
        }

        /// Does something as a part of what the caller does.
        pub(crate) fn carried<R>(&self, f: impl FnOnce() -> R) -> R {
            self.0.in_scope(f)
        }

        /// Runs a task.
        pub(crate) fn in_task<R>(
            &self,
            name: &str,
            place: u32,
            attempt: u32,
            f: impl FnOnce() -> R,
        ) -> R {
            let _caller = self.0.enter();
            info_span!(target: "taskweave", "task", name, place, attempt).in_scope(f)
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod none {
    /// There are none.
    #[derive(Clone)]
    pub(crate) enum Spans {}

    impl Spans {
        #[inline(always)]
        pub(crate) fn of_caller() -> Option<Spans> {
            None
        }
        pub(crate) fn carried<R>(&self, _: impl FnOnce() -> R) -> R {
            match *self {}
        }
        pub(crate) fn in_task<R>(&self, _: &str, _: u32, _: u32, _: impl FnOnce() -> R) -> R {
            match *self {}
        }
    }
}
