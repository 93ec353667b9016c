//! Arrays as users see them, against `ndarray` in one block.
#![allow(clippy::unwrap_used)]

mod blocks;
mod choices;
mod composed;
mod creation;
mod einsum;
mod elementwise;
#[cfg(feature = "linalg")]
mod factors;
mod given;
mod graphs;
mod linalg;
mod numpy_page;
mod numpy_results;
mod order;
mod plans;
mod rearranged;
mod reductions;
mod refusals;
mod sorted;
mod storage;
mod views;
