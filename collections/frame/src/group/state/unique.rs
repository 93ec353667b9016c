//! How many distinct values a group has, null being one.
//!
//! In: values of any type. Out: counts.
//!
//! The values are numbered as keys are, and a table of pairs (group, value) says which are new.

use super::super::AggSpec;
use super::super::keys::KeyColumn;
use super::super::pairs::PairTable;
use super::super::slots::EMPTY;
use super::folds::integers;
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::{IDX_DTYPE, Series};

struct Distinct {
    spec: AggSpec,
    values: KeyColumn,
    pairs: PairTable,
    groups: usize,
    numbers: Vec<u32>,
}

impl Distinct {
    fn new(spec: AggSpec) -> Distinct {
        let values = KeyColumn::new(spec.name.clone(), spec.dtype.clone());
        Distinct { spec, values, pairs: PairTable::new(), groups: 0, numbers: Vec::new() }
    }
}

pub(super) fn of(spec: AggSpec) -> Box<dyn State> {
    Box::new(Distinct::new(spec))
}

impl State for Distinct {
    fn cover(&mut self, groups: usize) {
        self.groups = self.groups.max(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        self.numbers.clear();
        self.values.encode(values, &mut self.numbers)?;
        let mut groups = match ids {
            Ids::One(rows) => vec![0; rows],
            Ids::Each(ids) => ids.to_vec(),
        };
        self.pairs.encode(&mut groups, &self.numbers, (self.groups, self.values.len()))
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        let values = self.values.absorb(&later.values)?;
        let (mut groups, values) = later.pairs.mapped(map, &values);
        self.pairs.encode(&mut groups, &values, (self.groups, self.values.len()))
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let mut map = vec![EMPTY; self.groups];
        for (new, &old) in groups.iter().enumerate() {
            map[old as usize] = new as u32;
        }
        let pairs = (0..self.pairs.len() as u32).map(|number| self.pairs.get(number));
        let pairs = pairs.map(|(group, value)| (map[group as usize], value));
        let (mut ids, numbers): (Vec<u32>, Vec<u32>) =
            pairs.filter(|(group, _)| *group != EMPTY).unzip();
        let mut picked = Distinct::new(self.spec.clone());
        let (values, numbers) = self.values.pick(&numbers);
        let counts = (groups.len(), values.len());
        let encoded = picked.pairs.encode(&mut ids, &numbers, counts);
        encoded.expect("these pairs are fewer than before");
        (picked.values, picked.groups) = (values, groups.len());
        Box::new(picked)
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let mut counts = vec![0i128; self.groups];
        for number in 0..self.pairs.len() as u32 {
            counts[self.pairs.get(number).0 as usize] += 1;
        }
        integers("n_unique", counts.into_iter().map(Some), &IDX_DTYPE, &self.spec)
    }

    fn bytes(&self) -> usize {
        self.values.bytes() + self.pairs.bytes() + self.numbers.capacity() * 4
    }
}
