//! Quantiles of windows that go along the rows.
//!
//! In: windows that never go back, and values. Out: a quantile of each. The values of a window stand in order in a list of short vectors: a
//! row that comes in or goes out costs a search in one of them and a move of what stands behind it, and a rank a walk along their lengths.
//! For windows of up to a million rows that is faster than a tree, which looks into memory everywhere.

use polars_core::prelude::QuantileMethod;
use std::ops::Range;

/// A vector of more values is cut in two: moving half of it costs about as much as walking along the lengths of a window of 10^5 rows.
const RUN_MAX: usize = 1024;

/// A number as bits that are ordered as polars orders numbers: NaN, whatever its sign, is the greatest.
fn key(value: f64) -> u64 {
    if value.is_nan() {
        return u64::MAX;
    }
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn number(key: u64) -> f64 {
    if key == u64::MAX {
        return f64::NAN;
    }
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Takes rows out of the window before and puts rows in, one window after the other, and calls `emit` with each one's values in order.
pub(super) fn slide_sorted(
    rows: Range<usize>,
    window: impl Fn(usize) -> (usize, usize),
    at: impl Fn(usize) -> Option<f64>,
    mut emit: impl FnMut(usize, usize, &Sorted),
) {
    let mut sorted = Sorted::default();
    let (mut from, mut to) = (0, 0);
    for row in rows {
        let (start, end) = window(row);
        if start >= to {
            sorted = Sorted::of((start..end).filter_map(&at).map(key).collect());
        } else {
            (from..start).filter_map(&at).map(key).for_each(|old| sorted.remove(old));
            (to..end).filter_map(&at).map(key).for_each(|new| sorted.insert(new));
        }
        (from, to) = (start, end.max(start));
        emit(start, end, &sorted);
    }
}

/// The values of a window, in order: no run is empty, and none of its values is less than one of a run before it.
#[derive(Default)]
pub(super) struct Sorted {
    runs: Vec<Vec<u64>>,
    len: usize,
}

impl Sorted {
    fn of(mut keys: Vec<u64>) -> Sorted {
        keys.sort_unstable();
        Sorted { len: keys.len(), runs: keys.chunks(RUN_MAX / 2).map(<[u64]>::to_vec).collect() }
    }

    /// The first run whose last value is not less.
    fn run_of(&self, key: u64) -> usize {
        self.runs.partition_point(|run| run.last().is_some_and(|last| *last < key))
    }

    fn insert(&mut self, key: u64) {
        self.len += 1;
        if self.runs.is_empty() {
            self.runs.push(Vec::new());
        }
        let place = self.run_of(key).min(self.runs.len() - 1);
        let run = &mut self.runs[place];
        run.insert(run.partition_point(|other| *other < key), key);
        if run.len() > RUN_MAX {
            let rest = run.split_off(RUN_MAX / 2);
            self.runs.insert(place + 1, rest);
        }
    }

    /// `key` is in it.
    fn remove(&mut self, key: u64) {
        self.len -= 1;
        let place = self.run_of(key);
        let run = &mut self.runs[place];
        run.remove(run.partition_point(|other| *other < key));
        if run.is_empty() {
            self.runs.remove(place);
        }
    }

    fn at(&self, mut rank: usize) -> f64 {
        for run in &self.runs {
            if rank < run.len() {
                return number(run[rank]);
            }
            rank -= run.len();
        }
        f64::NAN
    }

    /// None of no values.
    pub(super) fn quantile(&self, part: f64, method: QuantileMethod) -> Option<f64> {
        let last = self.len.checked_sub(1)?;
        let place = last as f64 * part;
        let (low, high) = (place.floor() as usize, (place.ceil() as usize).min(last));
        Some(match method {
            QuantileMethod::Lower => self.at(low),
            QuantileMethod::Higher => self.at(high),
            QuantileMethod::Nearest => self.at((place.round() as usize).min(last)),
            QuantileMethod::Equiprobable => {
                let place = ((last as f64 + 1.0) * part).ceil() - 1.0;
                self.at(place.max(0.0) as usize)
            }
            _ if low == high => self.at(low),
            QuantileMethod::Midpoint => (self.at(low) + self.at(high)) / 2.0,
            QuantileMethod::Linear => {
                let (below, above) = (self.at(low), self.at(high));
                below + (above - below) * (place - low as f64)
            }
        })
    }
}
