//! Arrays as users see them, against `ndarray` in one block.
#![allow(clippy::unwrap_used)]

mod blocks;
mod creation;
mod elementwise;
mod given;
mod graphs;
mod order;
mod plans;
mod rearranged;
mod reductions;
mod refusals;
mod storage;
mod views;
