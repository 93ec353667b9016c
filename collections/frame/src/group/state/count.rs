//! Counts: of rows, and of values that are not null.
//!
//! In: how many rows and values a piece has of each group. Out: counts.

use super::super::AggSpec;
use super::super::slots::grow;
use super::folds::integers;
use super::values::each_valid;
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::{DataType, IDX_DTYPE, Series};

struct Counts {
    spec: AggSpec,
    /// Whether nulls are left out.
    valid: bool,
    groups: Vec<u64>,
}

pub(super) fn of(spec: AggSpec, valid: bool) -> Box<dyn State> {
    Box::new(Counts { spec, valid, groups: Vec::new() })
}

impl State for Counts {
    fn cover(&mut self, groups: usize) {
        grow(&mut self.groups, groups, 0);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let all = !self.valid || (values.null_count() == 0 && *values.dtype() != DataType::Null);
        let groups = &mut self.groups[..];
        match ids {
            Ids::One(rows) => {
                groups[0] += (rows - if all { 0 } else { values.null_count() }) as u64;
            }
            Ids::Each(ids) if all => {
                for &id in ids {
                    groups[id as usize] += 1;
                }
            }
            Ids::Each(_) if *values.dtype() == DataType::Null => {}
            Ids::Each(ids) => {
                let mut rest = ids;
                for chunk in values.chunks() {
                    let ids;
                    (ids, rest) = rest.split_at(chunk.len());
                    each_valid(chunk.validity(), ids.len(), |row| groups[ids[row] as usize] += 1);
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        for (&count, &group) in same::<Self>(later).groups.iter().zip(map) {
            self.groups[group as usize] += count;
        }
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let groups = groups.iter().map(|&group| self.groups[group as usize]).collect();
        Box::new(Counts { spec: self.spec.clone(), valid: self.valid, groups })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let counts = self.groups.iter().map(|&count| Some(i128::from(count)));
        integers("count", counts, &IDX_DTYPE, &self.spec)
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * 8
    }
}
