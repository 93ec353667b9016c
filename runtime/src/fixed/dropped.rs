//! Destructors that panic in a static graph's run.
//!
//! In: values that nobody took, when [`super::Kept`] and [`super::Slot`] let go of them. Out: what the run gives: such a panic is its error, if
//! no task has failed, and never unwinds out of the run or into another destructor. Of several that of the task which comes
//! first in the order of a run is told; an input's is told of its last reader. Not here: panics of tasks ([`super::Fixed`]).

use super::Table;
use crate::error::{Error, ErrorKind};
use crate::scheduler::failures::{drop_caught, drop_silently};
use std::any::Any;
use std::sync::{Mutex, PoisonError};

/// The panic of a destructor, with the number of the task that it is told of.
#[derive(Debug, Default)]
pub struct Dropped(Mutex<Option<(u32, Box<dyn Any + Send>)>>);

impl Dropped {
    /// None yet.
    pub const fn new() -> Dropped {
        Dropped(Mutex::new(None))
    }

    /// Drops a value of this task.
    pub(super) fn drop<T>(&self, number: u32, value: T) {
        if let Some(payload) = drop_caught(value) {
            self.note(number, payload);
        }
    }

    #[cold]
    fn note(&self, number: u32, payload: Box<dyn Any + Send>) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = first.as_ref().is_none_or(|(known, _)| number < *known);
        let late =
            if is_first { first.replace((number, payload)) } else { Some((number, payload)) };
        drop(first);
        drop_silently(late);
    }

    /// What a run gives, when all of its values are dropped: a task's failure is told rather than a destructor's.
    #[inline]
    pub fn outcome<T>(mut self, table: &Table, outcome: Result<T, Error>) -> Result<T, Error> {
        match self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            None => outcome,
            Some((number, payload)) => told(table, number, payload, outcome),
        }
    }
}

#[cold]
fn told<T>(
    table: &Table,
    number: u32,
    payload: Box<dyn Any + Send>,
    outcome: Result<T, Error>,
) -> Result<T, Error> {
    match outcome {
        Ok(value) => {
            drop_silently(value);
            let task = &table.tasks[number as usize];
            let kind = ErrorKind::DropPanicked;
            Err(Error::panicked(kind, task.name.into(), task.location, payload))
        }
        Err(error) => {
            drop_silently(payload);
            Err(error)
        }
    }
}
