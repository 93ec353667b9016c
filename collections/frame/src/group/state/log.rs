//! Medians and quantiles: exact, of all values, which are kept.
//!
//! In: values. Out: quantiles as polars computes them. The state is a log of (group, value), 12 bytes a value that is not null; at the end
//! it is sorted by group, and of each group only what the quantile needs is selected.
//!
//! Not here: quantiles for which not all values are kept (`sketch`; it and `estimate` have logs, too).

use super::super::slots::{EMPTY, room};
use super::super::{AggKind, AggSpec};
use super::folds::floats;
use super::values::{each_valid, with_values};
use super::{Ids, State, same};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::{QuantileMethod, Series};

/// Values and their groups, in the order of rows.
#[derive(Default)]
pub(super) struct Log<T = f64> {
    groups: usize,
    ids: Vec<u32>,
    values: Vec<T>,
}

impl Log {
    /// Adds the values that are not null.
    pub(super) fn add(&mut self, ids: Ids<'_>, values: &Series) -> Result<(), Error> {
        self.reserve(values.len());
        let mut start = 0;
        with_values::<f64>(values, |values, validity| {
            each_valid(validity, values.len(), |row| {
                self.push(ids.at(start + row) as u32, values[row]);
            });
            start += values.len();
        })
    }
}

impl<T: Copy + Default> Log<T> {
    pub(super) fn cover(&mut self, groups: usize) {
        self.groups = self.groups.max(groups);
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Adds a value of one group.
    #[inline]
    pub(super) fn push(&mut self, group: u32, value: T) {
        self.ids.push(group);
        self.values.push(value);
    }

    /// Adds later values, whose groups are here called as `map` says.
    pub(super) fn absorb(&mut self, later: &Log<T>, map: &[u32]) {
        self.reserve(later.len());
        self.ids.extend(later.ids.iter().map(|&id| map[id as usize]));
        self.values.extend_from_slice(&later.values);
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        let len = self.len() + more;
        room(&mut self.ids, len);
        room(&mut self.values, len);
    }

    /// The values of these groups only, which are numbered anew in this order.
    pub(super) fn pick(&self, groups: &[u32]) -> Log<T> {
        let mut map = vec![EMPTY; self.groups];
        for (new, &old) in groups.iter().enumerate() {
            map[old as usize] = new as u32;
        }
        let kept = self.ids.iter().zip(&self.values);
        let kept = kept.map(|(&id, &value)| (map[id as usize], value));
        let (ids, values) = kept.filter(|(id, _)| *id != EMPTY).unzip();
        Log { groups: groups.len(), ids, values }
    }

    /// Takes all values out, and gives those of each group, in order, to `each`, with a log for what shall stay.
    pub(super) fn drain(&mut self, mut each: impl FnMut(&mut Log<T>, usize, &mut [T])) {
        // Counted, then put in place: a counting sort by group.
        let mut places = vec![0usize; self.groups];
        for &id in &self.ids {
            places[id as usize] += 1;
        }
        let mut before = 0;
        for place in &mut places {
            (*place, before) = (before, before + *place);
        }
        let mut sorted = vec![T::default(); self.values.len()];
        for (&id, &value) in self.ids.iter().zip(&self.values) {
            let place = &mut places[id as usize];
            sorted[*place] = value;
            *place += 1;
        }
        self.ids.clear();
        self.values.clear();
        // Each place is now the end of its group.
        let (mut rest, mut start) = (&mut sorted[..], 0);
        for (group, end) in places.into_iter().enumerate() {
            let values;
            (values, rest) = rest.split_at_mut(end - start);
            start = end;
            each(self, group, values);
        }
    }

    /// Adds values of one group.
    pub(super) fn keep(&mut self, group: usize, values: &[T]) {
        self.ids.resize(self.ids.len() + values.len(), group as u32);
        self.values.extend_from_slice(values);
    }

    pub(super) fn bytes(&self) -> usize {
        self.ids.capacity() * 4 + self.values.capacity() * size_of::<T>()
    }
}

/// Exact quantiles.
struct Exact {
    spec: AggSpec,
    q: f64,
    method: QuantileMethod,
    log: Log,
}

pub(super) fn of(spec: AggSpec) -> Result<Box<dyn State>, Error> {
    let (q, method) = match spec.kind {
        AggKind::Quantile(q, method) => (expect_part(q)?, method),
        _ => (0.5, QuantileMethod::Linear),
    };
    Ok(Box::new(Exact { spec, q, method, log: Log::default() }))
}

/// That a quantile is of a part.
pub(super) fn expect_part(q: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&q) {
        return Ok(q);
    }
    let message = format!("a quantile is between 0 and 1, and not {q}");
    Err(Error::new(ErrorKind::Value, message))
}

impl State for Exact {
    fn cover(&mut self, groups: usize) {
        self.log.cover(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        self.log.add(ids, values)
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        self.log.absorb(&same::<Self>(later).log, map);
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let (spec, q, method) = (self.spec.clone(), self.q, self.method);
        Box::new(Exact { spec, q, method, log: self.log.pick(groups) })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let Exact { spec, q, method, mut log } = *self;
        let mut quantiles = Vec::with_capacity(log.groups());
        log.drain(|_, _, values| quantiles.push(quantile(values, q, method)));
        floats(quantiles.into_iter(), &spec)
    }

    fn bytes(&self) -> usize {
        self.log.bytes()
    }
}

/// With NaN the greatest.
fn order(a: &f64, b: &f64) -> std::cmp::Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// As `quantile_slice` of polars-core.
pub(super) fn quantile(values: &mut [f64], q: f64, method: QuantileMethod) -> Option<f64> {
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
