//! What the environment asks for: `TASKWEAVE_SCHEDULER=in-thread|threads` and `TASKWEAVE_THREADS=n`.
//!
//! Read when a graph is computed without a scheduler of its own; a value that means nothing is an error that says so.

use super::threads::THREADS_MAX;
use crate::error::{Error, ErrorKind};
use std::env::VarError;
use std::num::NonZeroUsize;

pub(super) enum Choice {
    InThread,
    Threads,
}

fn read(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(value)) => {
            let message = format!("{name}={} is not text", value.to_string_lossy());
            Err(Error::new(ErrorKind::Environment, message))
        }
    }
}

pub(super) fn scheduler() -> Result<Choice, Error> {
    match read("TASKWEAVE_SCHEDULER")?.as_deref() {
        Some("in-thread") => Ok(Choice::InThread),
        None | Some("threads") => Ok(Choice::Threads),
        Some(other) => Err(Error::new(
            ErrorKind::Environment,
            format!(
                "TASKWEAVE_SCHEDULER={other} names no scheduler: write `in-thread` or `threads`"
            ),
        )),
    }
}

/// How many threads the default pool has: as the environment says, else one for each core.
pub(super) fn threads() -> Result<usize, Error> {
    let Some(text) = read("TASKWEAVE_THREADS")? else {
        return Ok(std::thread::available_parallelism().map_or(1, NonZeroUsize::get));
    };
    match text.trim().parse::<usize>() {
        Ok(threads) if (1..=THREADS_MAX).contains(&threads) => Ok(threads),
        _ => Err(Error::new(
            ErrorKind::Environment,
            format!(
                "TASKWEAVE_THREADS={text} is not a number of threads: write one from 1 to {THREADS_MAX}"
            ),
        )),
    }
}
