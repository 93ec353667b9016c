//! Who watches a run that may hang: after a while it prints what is known of it and ends the process.
//!
//! In: a seed, and words that say what is done with it; counts from an observer, where the run is observed. Out: nothing, if all goes well.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use taskweave::{Event, Observer, TaskStep, Threads};

/// How long a run of microseconds may take on a machine that has other things to do: `TASKWEAVE_GATE_PATIENCE` in seconds, else two minutes.
fn patience() -> Duration {
    let given = std::env::var("TASKWEAVE_GATE_PATIENCE").ok();
    Duration::from_secs(given.map_or(120, |seconds| seconds.parse().expect("a number of seconds")))
}

/// Past the test harness, which keeps what is printed until a test is over: this one never will be.
macro_rules! told {
    ($($what:tt)*) => { writeln!(std::io::stderr(), $($what)*).unwrap_or(()) };
}

/// Until it is dropped, the run is watched.
pub struct Watched {
    state: State,
    _over: Sender<()>,
}

/// What an observer has seen.
#[derive(Clone, Default)]
pub struct State(Arc<Mutex<Seen>>);
#[derive(Default)]
struct Seen {
    tasks: usize,
    /// The last step of each task, by the text of its number.
    steps: BTreeMap<String, TaskStep>,
}

impl Watched {
    pub fn new(seed: u64, what: &str) -> Watched {
        let (over, is_over) = channel::<()>();
        let state = State::default();
        let (watched, what) = (state.clone(), what.to_string());
        std::thread::spawn(move || {
            if is_over.recv_timeout(patience()) == Err(RecvTimeoutError::Timeout) {
                told!("watchdog: a run hangs: seed {seed}, {what}");
                watched.print();
                again(seed);
                std::process::abort();
            }
        });
        Watched { state, _over: over }
    }

    pub fn observer(&self) -> State {
        self.state.clone()
    }
}

impl State {
    fn print(&self) {
        let Ok(seen) = self.0.try_lock() else { return };
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        for step in seen.steps.values() {
            *last.entry(format!("{step:?}")).or_default() += 1;
        }
        told!("watchdog: of {} tasks, by their last step: {last:?}", seen.tasks);
        for (task, step) in &seen.steps {
            if matches!(step, TaskStep::Ready | TaskStep::Started) {
                told!("watchdog: {task} is {step:?}");
            }
        }
    }
}

impl Observer for State {
    fn observe(&self, event: &Event<'_>) {
        let mut seen = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
        match event {
            Event::RunStarted(run) => seen.tasks += run.tasks,
            Event::Tasks(steps) => {
                for step in *steps {
                    seen.steps.insert(format!("task {:?}", step.task()), step.step());
                }
            }
            _ => {}
        }
    }
}

/// The same graph once more, observed: what the one that hangs may look like, if nobody looked at it.
fn again(seed: u64) {
    let state = State::default();
    let seen = state.clone();
    std::thread::spawn(move || {
        drop(crate::graphs::build(seed).compute_on(&Threads::new(2).observe(seen)));
    });
    std::thread::sleep(Duration::from_secs(2));
    told!("watchdog: the same graph again, after two seconds:");
    state.print();
}
