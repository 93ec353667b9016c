//! What went wrong in a run, and what happens to the user's values that have a say in it.
//!
//! In: failures of tasks, and of destructors. Out: the one that is returned. Errors and payloads are the user's, and may panic when they are
//! dropped: that is never allowed to get into the scheduler.

use super::Run;
use crate::error::{Error, ErrorKind};
use crate::graph::node::{Failure, NodeRef, Role};
use crate::sync::atomic::Ordering::AcqRel;
use std::any::Any;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

/// What went wrong in a run.
#[derive(Default)]
pub(super) struct Failures {
    /// With the lowest places so far, as many as the run takes note of.
    pub(super) lowest: BTreeMap<u32, Error>,
    /// Of values whose destructors panicked when their last reader let go, which is when timing wants it.
    pub(super) late: Vec<(NodeRef, Error)>,
}

impl Failures {
    pub(super) fn into_first(
        self,
        first_of: impl FnOnce(&mut Vec<(NodeRef, Error)>) -> Option<Error>,
    ) -> Option<Error> {
        let Failures { lowest, mut late } = self;
        let error = match Error::first_of(lowest.into_values().collect()) {
            Some(error) => Some(error),
            None if late.is_empty() => None,
            None => first_of(&mut late),
        };
        drop_silently(late);
        error
    }
}

impl Run<'_> {
    pub(super) fn error(&self, node: NodeRef, failure: Failure) -> Error {
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

    pub(super) fn record(&self, node: NodeRef, place: u32, error: Error) {
        if let Some(mut growth) = self.growth() {
            return growth.failed(node, error);
        }
        let error = match &self.guard {
            None => error,
            Some(guard) => match guard.failed(node, place, error) {
                Ok(()) => return,
                Err(error) => error,
            },
        };
        if let Some(early) = &self.early {
            early.note(place, &error);
        }
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let lowest = &mut failures.lowest;
        let mut loser = None;
        match lowest.entry(place) {
            // A destructor's panic after the task's own failure.
            Entry::Occupied(_) => loser = Some((place, error)),
            Entry::Vacant(entry) => drop(entry.insert(error)),
        }
        if lowest.len() > self.failures_max.get() {
            loser = lowest.pop_last();
        }
        if lowest.len() == self.failures_max.get()
            && let Some((&last, _)) = lowest.last_key_value()
        {
            self.stop_place.fetch_min(last + 1, AcqRel);
            drop(failures);
            self.stops_early();
        } else {
            drop(failures);
        }
        // What it holds is the user's: a payload, an error.
        drop_silently(loser);
    }
}

/// Drops something of the user's; what its destructor panics with comes back.
pub(crate) fn drop_caught<T>(value: T) -> Option<Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| drop(value))).err()
}

/// Drops something of the user's where a panic of its destructor is of no use to anybody. The payload of that panic is dropped too;
/// if that panics in turn, there the chain ends: the payload of a payload is not dropped.
pub(crate) fn drop_silently<T>(value: T) {
    if let Some(last) = drop_caught(value).and_then(drop_caught) {
        std::mem::forget(last);
    }
}

/// Users' panics are caught around their code; one that gets here leaves counts that would no longer come out even.
pub(crate) struct AbortOnUnwind(pub(crate) &'static str);

impl Drop for AbortOnUnwind {
    fn drop(&mut self) {
        eprintln!("taskweave: {}; the run cannot be completed, aborting", self.0);
        std::process::abort();
    }
}
