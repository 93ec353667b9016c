//! A task that is tried: again after a failure, and for so long.
//!
//! In: what makes one attempt. Out: the last attempt's failure, or none. Only tasks of which options say so come here; how a function is called again is in
//! [`crate::task`]. Not here: who may begin when ([`super::closely`]).
//!
//! ```text
//! attempt: runs --returns in time--------------------------> its outcome
//!              \--time is over: cancelled() is true--returns--> timed out -> the next attempt, if one is left
//!                                  \--as long again: given up; who waits for a spawned run gets the error now
//! ```

use super::Context;
use super::failures::drop_silently;
use crate::error::{Attempt, Error};
use crate::graph::node::{Failure, NodeRef};
use crate::run::control::{Control, Early, under};
use crate::run::timer::{Ring, ring_after};
use crate::sync::{Mutex, lock};
use crate::task::options::TaskOptions;
use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How the task that a worker runs is tried: a word, because it is passed where stack is dear.
#[derive(Clone, Copy)]
pub struct Tries<'c>(pub(super) &'c Context<'c>);

/// What is said of a task that is tried.
#[derive(Clone, Copy)]
pub(super) struct Tried {
    pub(super) node: NodeRef,
    pub(super) options: TaskOptions,
}

/// A task has not returned in time.
#[derive(Debug)]
pub(crate) struct TimedOut {
    after: Duration,
    /// Whether another attempt would have followed, had it returned.
    given_up: bool,
}

impl std::fmt::Display for TimedOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it did not return within {:?}", self.after)?;
        match self.given_up {
            true => write!(f, ", nor within {:?} more, so it is not tried again", self.after),
            false => Ok(()),
        }
    }
}
impl std::error::Error for TimedOut {}

/// Looks after one attempt.
struct Watch {
    state: Mutex<State>,
    timeout: Duration,
    control: Arc<Control>,
    is_last: bool,
    /// Who wants to know at once, and what: the task's place, and what its error is made of.
    early: Option<(Arc<dyn Early>, u32, Cow<'static, str>, &'static Location<'static>, Attempt)>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Runs,
    TimedOut,
    GivenUp,
    Over,
}

impl Ring for Watch {
    fn ring(&self) -> Option<Duration> {
        let mut state = lock(&self.state);
        *state = match *state {
            State::Runs => State::TimedOut,
            State::TimedOut => State::GivenUp,
            State::GivenUp | State::Over => return None,
        };
        let gives_up = self.is_last || *state == State::GivenUp;
        drop(state);
        self.control.cancel();
        if !gives_up {
            return Some(self.timeout);
        }
        if let Some((early, place, name, location, attempt)) = &self.early {
            let source = Box::new(TimedOut { after: self.timeout, given_up: !self.is_last });
            early.end(*place, Error::failed(name.clone(), location, source).in_attempt(*attempt));
        }
        None
    }
}

impl Tries<'_> {
    /// Tries the task until an attempt succeeds, or none is left; `attempt` is told whether it is the last.
    pub(crate) fn all(
        &self,
        attempt: &mut dyn FnMut(bool) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Some(tried) = self.0.tries.take() else { return attempt(true) };
        tried.all(self.0, attempt)
    }
}

impl Tried {
    /// See [`Tries::all`].
    pub(super) fn all(
        &self,
        context: &Context<'_>,
        attempt: &mut dyn FnMut(bool) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let place = self.node.place();
        // What runs only once has no option that says otherwise.
        let of = self.options.retries.unwrap_or(0).saturating_add(1);
        let mut number = 1;
        loop {
            let (is_last, now) = (number == of, Attempt { number, of });
            context.attempt.set(Some(now));
            let mut one = || match &context.run.spans {
                None => attempt(is_last),
                Some(spans) => {
                    let name = context.run.name(self.node);
                    spans.in_task(&name, place, number, || attempt(is_last))
                }
            };
            let (outcome, state) = self.watched(context, place, now, &mut one);
            let outcome = match (state, self.options.timeout) {
                (State::TimedOut | State::GivenUp, Some(timeout)) => {
                    drop_silently(outcome);
                    let given_up = state == State::GivenUp;
                    Err(Failure::Failed(Box::new(TimedOut { after: timeout, given_up })))
                }
                _ => outcome,
            };
            match outcome {
                Ok(()) => return Ok(()),
                Err(failure) if is_last || state == State::GivenUp => return Err(failure),
                Err(failure) => {
                    number += 1;
                    context.run.pause(place, self.options.pause_before(number));
                    if context.run.is_stopped(place) {
                        return Err(failure);
                    }
                    drop_silently(failure);
                }
            }
        }
    }

    /// Makes one attempt, under a control of its own if it needs one; how it ended.
    fn watched(
        &self,
        context: &Context<'_>,
        place: u32,
        number: Attempt,
        attempt: &mut dyn FnMut() -> Result<(), Failure>,
    ) -> (Result<(), Failure>, State) {
        let Some(timeout) = self.options.timeout else { return (attempt(), State::Over) };
        let control = Arc::new(Control::of_task(None));
        let run = context.run;
        let early = run
            .early(self.node)
            .map(|early| (early, place, run.name(self.node), self.node.location(), number));
        let watch = Arc::new(Watch {
            state: Mutex::new(State::Runs),
            timeout,
            control: control.clone(),
            is_last: number.number == number.of,
            early,
        });
        let start = Instant::now();
        let alarm = ring_after(timeout, watch.clone());
        let outcome = {
            let _control = under(Some(control));
            attempt()
        };
        drop(alarm);
        let mut state = lock(&watch.state);
        // The alarm may be late.
        let late = *state == State::Runs && start.elapsed() > timeout;
        let ended = if late { State::TimedOut } else { *state };
        *state = State::Over;
        (outcome, if ended == State::Runs { State::Over } else { ended })
    }
}
