//! Medians and quantiles, about: of many values only a digest is kept.
//!
//! In: values. Out: quantiles in the types of the exact ones, of few values the exact ones.
//!
//! The latest values stand in a log. When it is long, the groups that have many values there put them into their digests; the others stay, so
//! that a group of three values takes no more than these.
//!
//! - `K1`: a group without a digest has all of its values in the log.
//! - `K2`: when the log is shortened depends on how many values and groups there are, never on time or on who does it.
//!
//! Not here: what a digest is (`digest`), quantiles of all values (`log`).

use super::super::slots::grow;
use super::super::{AggKind, AggSpec};
use super::digest::Digest;
use super::folds::floats;
use super::log::{Log, expect_part, quantile};
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::{DataType, QuantileMethod, Series};

/// A group with fewer values in the log keeps them there: 6 KiB, as much as the largest digest takes.
const FEW: usize = 512;

/// Values that the log is shortened at, if few of them are to stay: 192 KiB with their groups, which stays in the second-level cache.
const LOG_LONG: usize = 1 << 14;

struct Sketch {
    spec: AggSpec,
    q: f64,
    /// Of few values.
    method: QuantileMethod,
    log: Log,
    /// How many values were left when the log was shortened.
    left: usize,
    /// Of groups with many values; shorter than there are groups.
    digests: Vec<Option<Box<Digest>>>,
}

pub(super) fn of(spec: AggSpec) -> Result<Box<dyn State>, Error> {
    let (q, method) = match spec.kind {
        AggKind::ApproxQuantile(q) => (expect_part(q)?, QuantileMethod::Nearest),
        _ => (0.5, QuantileMethod::Linear),
    };
    let log = Log::default();
    Ok(Box::new(Sketch { spec, q, method, log, left: 0, digests: Vec::new() }))
}

impl Sketch {
    /// Puts values of the log into digests, if it is long (K2).
    fn shorten(&mut self) {
        // As much again as stayed the last time, and a value a group, so that what is done for each value stays the same.
        if self.log.len() < LOG_LONG.max(self.left * 2).max(self.log.groups()) {
            return;
        }
        let digests = &mut self.digests;
        self.log.drain(|log, group, values| {
            if values.len() < FEW {
                log.keep(group, values);
            } else {
                digest(digests, group).add(values);
            }
        });
        self.left = self.log.len();
    }
}

/// The digest of a group, which may be new.
fn digest(digests: &mut Vec<Option<Box<Digest>>>, group: usize) -> &mut Digest {
    grow(digests, group + 1, None);
    digests[group].get_or_insert_with(|| Box::new(Digest::new()))
}

impl State for Sketch {
    fn cover(&mut self, groups: usize) {
        self.log.cover(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        for start in (0..values.len()).step_by(LOG_LONG) {
            let rows = LOG_LONG.min(values.len() - start);
            let ids = match ids {
                Ids::One(_) => Ids::One(rows),
                Ids::Each(ids) => Ids::Each(&ids[start..start + rows]),
            };
            self.log.add(ids, &values.slice(start as i64, rows))?;
            self.shorten();
        }
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        for (later, &group) in later.digests.into_iter().zip(map) {
            if let Some(later) = later {
                digest(&mut self.digests, group as usize).absorb(*later);
            }
        }
        self.log.absorb(&later.log, map);
        // Not both together: what stays of two logs may be no more than of one.
        self.left = self.left.max(later.left);
        self.shorten();
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let log = self.log.pick(groups);
        let mut digests = Vec::new();
        for (new, &old) in groups.iter().enumerate() {
            if let Some(found @ Some(_)) = self.digests.get_mut(old as usize) {
                grow(&mut digests, new + 1, None);
                digests[new] = found.take();
            }
        }
        let (spec, q, method) = (self.spec.clone(), self.q, self.method);
        Box::new(Sketch { spec, q, method, log, left: 0, digests })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let Sketch { spec, q, method, mut log, mut digests, .. } = *self;
        let is_whole =
            spec.dtype.is_integer() || matches!(spec.dtype, DataType::Boolean | DataType::Date);
        let mut quantiles = Vec::with_capacity(log.groups());
        log.drain(|_, group, values| {
            // Taken, so that memory goes as it is no longer needed.
            let found = match digests.get_mut(group).and_then(Option::take) {
                None => quantile(values, q, method),
                Some(mut digest) => {
                    digest.add(values);
                    let found = digest.quantile(q);
                    // What lies between two whole numbers is none of them.
                    if is_whole { found.map(f64::round) } else { found }
                }
            };
            quantiles.push(found);
        });
        floats(quantiles.into_iter(), &spec)
    }

    fn bytes(&self) -> usize {
        let digests: usize = self.digests.iter().flatten().map(|digest| digest.bytes()).sum();
        self.log.bytes() + digests + self.digests.capacity() * size_of::<Option<Box<Digest>>>()
    }
}
