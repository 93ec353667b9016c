//! What taskweave does, one module a behaviour; each test is a sentence.
#![deny(warnings)]
#![allow(clippy::unwrap_used)]
#![forbid(unsafe_code)]

mod arguments;
mod await_failures;
mod awaiting;
mod bad_input;
mod blocks;
mod catching;
mod composition;
mod drivers;
mod each;
mod elements;
mod errors;
mod functions;
mod hidden;
mod methods;
mod options;
mod ownership;
mod pictures;
mod plans;
mod policies;
mod random;
mod scheduling;
mod seeds;
mod spawning;
mod static_drops;
mod static_graphs;
mod static_orders;
mod static_outputs;
mod time_limits;
mod turns;

use taskweave::prelude::*;

/// On every driver.
fn everywhere(test: impl Fn(&dyn Scheduler)) {
    test(&InThread);
    for workers in [1, 2, 8] {
        test(&Threads::new(workers));
    }
}
