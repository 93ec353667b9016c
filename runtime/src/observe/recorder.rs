//! An observer that keeps every event, for tests and tools.
//!
//! In: events, from any number of workers. Out: all of them, by time, and the runs. Not here: what they mean.

use super::{Event, Observer, TaskEvent};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many lists there are: workers with the same number modulo this share one.
const LISTS: usize = 64;
/// Events in a block of a list.
const BLOCK: usize = 1024;

/// Keeps the events of tasks, and when runs started and finished.
///
/// Each worker writes into a list of its own, so recording costs little more than the clock. Memory: 40 bytes an event.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread, Recorder, TaskStep};
/// let recorder = Arc::new(Recorder::new());
/// let graph = Graph::build(|graph| graph.value(1).map(|n: i32| n + 1).map(|n| n + 1));
/// graph.compute_on(&InThread.observe(recorder.clone()))?;
/// let steps: Vec<TaskStep> = recorder.events().iter().map(|event| event.step()).collect();
/// use TaskStep::*;
/// assert_eq!(steps, [Ready, Started, Finished, Ready, Started, Finished, Released]);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[derive(Debug)]
pub struct Recorder {
    /// In blocks, so that nothing is moved when they grow.
    lists: Vec<Mutex<Vec<Vec<TaskEvent>>>>,
    runs: Mutex<Vec<Recorded>>,
}

/// A run that a [`Recorder`] saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Recorded {
    /// Which run.
    pub run: u64,
    /// How many tasks it had, so far.
    pub tasks: usize,
    /// When it started.
    pub started: Duration,
    /// When it finished, and whether it failed, if it has.
    pub finished: Option<(Duration, bool)>,
}

impl Default for Recorder {
    fn default() -> Self {
        Recorder::new()
    }
}

impl Recorder {
    /// Without events.
    pub fn new() -> Self {
        Recorder { lists: (0..LISTS).map(|_| Mutex::default()).collect(), runs: Mutex::default() }
    }

    /// All events of tasks so far, by time; those of one worker in the order in which it made them.
    pub fn events(&self) -> Vec<TaskEvent> {
        let mut all = Vec::new();
        for list in &self.lists {
            let list = list.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(list.iter().flatten().copied());
        }
        all.sort_by_key(|event| event.time);
        all
    }

    /// All runs so far, in the order in which they started.
    pub fn runs(&self) -> Vec<Recorded> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Recorder {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::Tasks(steps) => {
                let worker = steps.first().map_or(0, |step| step.worker as usize);
                let mut list =
                    self.lists[worker % LISTS].lock().unwrap_or_else(PoisonError::into_inner);
                for step in steps {
                    match list.last_mut() {
                        Some(block) if block.len() < BLOCK => block.push(*step),
                        _ => {
                            let mut block = Vec::with_capacity(BLOCK);
                            block.push(*step);
                            list.push(block);
                        }
                    }
                }
            }
            Event::RunStarted(run) => {
                let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                let (started, tasks) = (run.time, run.tasks);
                runs.push(Recorded { run: run.run, tasks, started, finished: None });
            }
            Event::RunGrew(more) => {
                let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(entry) = runs.iter_mut().rev().find(|entry| entry.run == more.run) {
                    entry.tasks += more.tasks;
                }
            }
            Event::RunFinished { run, time, failed } => {
                let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(entry) = runs.iter_mut().rev().find(|entry| entry.run == run) {
                    entry.finished = Some((time, failed));
                }
            }
        }
    }
}
