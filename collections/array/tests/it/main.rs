//! Arrays as users see them, against `ndarray` in one block.
#![allow(clippy::unwrap_used)]

mod creation;
mod elementwise;
#[cfg(feature = "linalg")]
mod factors;
mod given;
mod graphs;
mod linalg;
mod reductions;
mod refusals;
mod views;
