//! Lengths of time, and the windows that `resample` groups by.
//!
//! In: texts such as `"1w"`, columns of dates and times. Out: for each row the label of its window, and frames in which no window between
//! the first and the last is missing. Everything is a function of the row alone, never of the first row of a partition: whatever the
//! partitions are, a row is in the same window.
//!
//! ```text
//! every     lengths, read from texts          civil    days and months of the calendar
//! zone      clocks of time zones              grid     where windows begin, in ticks
//! windows   options; labels of rows           periods  windows without rows
//! spans     times as bounds are written
//! ```
//!
//! Not here: what is computed of a window (`group`), and windows around each row (`ordered`).

mod civil;
mod every;
mod grid;
mod periods;
mod spans;
mod windows;
mod zone;

#[cfg(test)]
mod tests;

pub use every::Every;
pub use windows::{Side, Windows};

pub(crate) use periods::{Fill, fill_periods};
pub(crate) use spans::span_of;
pub(crate) use windows::{OHLC, tick_nanos, window_of};
