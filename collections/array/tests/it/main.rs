//! Arrays as users see them, against `ndarray` in one block.
#![allow(clippy::unwrap_used)]

mod accepted;
mod aggregates;
mod blocks;
mod blockwise;
mod choices;
mod coarsened;
mod complex;
mod composed;
mod corners;
mod counts;
mod covariances;
mod creation;
mod dask_examples;
#[cfg(feature = "linalg")]
mod deficient;
mod einsum;
mod either;
mod elementwise;
#[cfg(feature = "linalg")]
mod factors;
mod given;
mod graphs;
mod impossible;
mod interrupted;
mod limits;
mod linalg;
mod messages;
mod moments;
mod no_memory;
mod numpy_page;
mod numpy_results;
mod once;
mod order;
mod pairs;
mod plain;
mod plans;
mod programs;
mod quantiles;
mod rearranged;
mod reductions;
mod refusals;
mod running;
mod same_bits;
mod sorted;
mod spilled;
mod storage;
#[cfg(feature = "linalg")]
mod systems;
mod thin;
mod views;
