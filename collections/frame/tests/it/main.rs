//! Frames as users see them, against polars and plain loops over all rows in one frame.
#![allow(clippy::unwrap_used)]

mod approx;
#[cfg(feature = "array")]
mod arrays;
mod columns;
mod composed;
mod corners;
mod disks;
mod files;
mod found;
mod groups;
mod joins;
mod looks;
mod numbers;
mod ordered;
mod pandas_page;
mod partitions;
mod plans;
mod ranked;
mod recut;
mod refusals;
mod resampled;
mod sorts;
mod support;
mod targets;
mod ugly;
mod whole;
mod zones;
