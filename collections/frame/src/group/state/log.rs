//! Medians and quantiles: exact, of all values, which are kept.
//!
//! In: values. Out: quantiles as polars computes them. The state is a log of (group, value), 12 bytes a value that is not null; at the end
//! it is sorted by group, and of each group only what the quantile needs is selected.

use super::super::slots::{EMPTY, room};
use super::super::{AggKind, AggSpec};
use super::folds::floats;
use super::values::{each_valid, with_values};
use super::{Ids, State, same};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::{QuantileMethod, Series};

struct Log {
    spec: AggSpec,
    q: f64,
    method: QuantileMethod,
    groups: usize,
    ids: Vec<u32>,
    values: Vec<f64>,
}

pub(super) fn of(spec: AggSpec) -> Result<Box<dyn State>, Error> {
    let (q, method) = match spec.kind {
        AggKind::Quantile(q, method) => (q, method),
        _ => (0.5, QuantileMethod::Linear),
    };
    if !(0.0..=1.0).contains(&q) {
        let message = format!("a quantile is between 0 and 1, and not {q}");
        return Err(Error::new(ErrorKind::Value, message));
    }
    Ok(Box::new(Log { spec, q, method, groups: 0, ids: Vec::new(), values: Vec::new() }))
}

impl State for Log {
    fn cover(&mut self, groups: usize) {
        self.groups = self.groups.max(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let len = self.values.len() + values.len();
        room(&mut self.ids, len);
        room(&mut self.values, len);
        let mut start = 0;
        with_values::<f64>(values, |values, validity| {
            each_valid(validity, values.len(), |row| {
                self.ids.push(ids.at(start + row) as u32);
                self.values.push(values[row]);
            });
            start += values.len();
        })
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        let len = self.values.len() + later.values.len();
        room(&mut self.ids, len);
        room(&mut self.values, len);
        self.ids.extend(later.ids.iter().map(|&id| map[id as usize]));
        self.values.extend_from_slice(&later.values);
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let mut map = vec![EMPTY; self.groups];
        for (new, &old) in groups.iter().enumerate() {
            map[old as usize] = new as u32;
        }
        let kept = self.ids.iter().zip(&self.values);
        let kept = kept.map(|(&id, &value)| (map[id as usize], value));
        let (ids, values) = kept.filter(|(id, _)| *id != EMPTY).unzip();
        let (spec, q, method) = (self.spec.clone(), self.q, self.method);
        Box::new(Log { spec, q, method, groups: groups.len(), ids, values })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let Log { spec, q, method, groups, ids, values } = *self;
        // Counted, then put in place: a counting sort by group.
        let mut starts = vec![0usize; groups + 1];
        for &id in &ids {
            starts[id as usize + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut places = starts.clone();
        let mut sorted = vec![0.0; values.len()];
        for (&id, &value) in ids.iter().zip(&values) {
            let place = &mut places[id as usize];
            sorted[*place] = value;
            *place += 1;
        }
        let mut rest = &mut sorted[..];
        let quantiles: Vec<Option<f64>> = starts
            .windows(2)
            .map(|ends| {
                let (group, after) = std::mem::take(&mut rest).split_at_mut(ends[1] - ends[0]);
                rest = after;
                quantile(group, q, method)
            })
            .collect();
        floats(quantiles.into_iter(), &spec)
    }

    fn bytes(&self) -> usize {
        self.ids.capacity() * 4 + self.values.capacity() * 8
    }
}

/// With NaN the greatest.
fn order(a: &f64, b: &f64) -> std::cmp::Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// As `quantile_slice` of polars-core.
fn quantile(values: &mut [f64], q: f64, method: QuantileMethod) -> Option<f64> {
    if values.len() < 2 {
        return values.first().copied();
    }
    let count = values.len() as f64;
    let place = (count - 1.0) * q;
    let top = place.ceil() as usize;
    let at = match method {
        QuantileMethod::Nearest => place.round() as usize,
        QuantileMethod::Lower | QuantileMethod::Midpoint | QuantileMethod::Linear => place as usize,
        QuantileMethod::Higher => top,
        QuantileMethod::Equiprobable => ((count * q).ceil() - 1.0).max(0.0) as usize,
    };
    let at = at.min(values.len() - 1);
    let (_, lower, above) = values.select_nth_unstable_by(at, order);
    let lower = *lower;
    let between = matches!(method, QuantileMethod::Midpoint | QuantileMethod::Linear) && at != top;
    if !between {
        return Some(lower);
    }
    let upper = above.iter().copied().min_by(order)?;
    Some(if lower == upper {
        lower
    } else if method == QuantileMethod::Midpoint {
        (lower + upper) / 2.0
    } else {
        (place - at as f64) * (upper - lower) + lower
    })
}
