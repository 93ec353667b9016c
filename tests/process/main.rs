//! What is process-wide: environment, allocations, expansions. One test runs at a time ([`SERIAL`]).
#![deny(warnings)]
#![allow(clippy::unwrap_used)]

mod allocations;
mod environment;
mod examples;
mod expansion;
#[cfg(target_os = "linux")]
mod idle;

use std::sync::Mutex;

/// Held by each test: they change or count what the whole process shares.
static SERIAL: Mutex<()> = Mutex::new(());
