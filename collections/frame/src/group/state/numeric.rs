//! The state of an aggregation that folds numbers one by one.
//!
//! In: numbers with the group of each, and a fold (`folds`). Out: a column of what is folded, a value a group.

use super::super::AggSpec;
use super::super::slots::{grow, room};
use super::values::{Word, each_valid, with_values};
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::Series;

/// What the values of one group are folded into.
pub(super) trait Fold: Clone + Default + Send + 'static {
    /// What values are widened to.
    type Value: Word;
    fn add(&mut self, value: Self::Value);
    /// Adds the fold of later values.
    fn join(&mut self, later: &Self);
    /// A value a group.
    fn finish(groups: &[Self], spec: &AggSpec) -> Result<Series, Error>;
}

/// A fold a group.
pub(super) struct Folded<F> {
    spec: AggSpec,
    groups: Vec<F>,
}

impl<F: Fold> Folded<F> {
    pub(super) fn of(spec: AggSpec) -> Box<dyn State> {
        Box::new(Folded { spec, groups: Vec::<F>::new() })
    }
}

impl<F: Fold> State for Folded<F> {
    fn cover(&mut self, groups: usize) {
        grow(&mut self.groups, groups, F::default());
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let groups = &mut self.groups[..];
        match ids {
            Ids::One(_) => {
                // In a local, so that it stays in registers.
                let mut fold = groups[0].clone();
                with_values::<F::Value>(values, |values, validity| {
                    each_valid(validity, values.len(), |row| fold.add(values[row]));
                })?;
                groups[0] = fold;
                Ok(())
            }
            Ids::Each(ids) => {
                let mut rest = ids;
                with_values::<F::Value>(values, |values, validity| {
                    let ids;
                    (ids, rest) = rest.split_at(values.len());
                    each_valid(validity, values.len(), |row| {
                        groups[ids[row] as usize].add(values[row]);
                    });
                })
            }
        }
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        for (fold, &group) in later.groups.iter().zip(map) {
            self.groups[group as usize].join(fold);
        }
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let mut picked = Vec::new();
        room(&mut picked, groups.len());
        picked.extend(groups.iter().map(|&group| self.groups[group as usize].clone()));
        Box::new(Folded { spec: self.spec.clone(), groups: picked })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        F::finish(&self.groups, &self.spec)
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<F>()
    }
}
