//! All values of each group, in order, as a list.
//!
//! In: values of any type. Out: a list a group.
//!
//! The state is a log of all rows with their groups; at the end it is sorted by group, which keeps the order of rows.

use super::super::AggSpec;
use super::super::slots::EMPTY;
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::chunked_array::builder::get_list_builder;
use polars_core::prelude::*;

struct Lists {
    spec: AggSpec,
    groups: usize,
    ids: Vec<u32>,
    log: Series,
}

pub(super) fn of(spec: AggSpec) -> Box<dyn State> {
    let log = Series::new_empty(spec.name.clone(), &spec.dtype);
    Box::new(Lists { spec, groups: 0, ids: Vec::new(), log })
}

fn taken(log: &Series, rows: Vec<u32>) -> Result<Series, Error> {
    log.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows)).map_err(Error::polars)
}

impl State for Lists {
    fn cover(&mut self, groups: usize) {
        self.groups = self.groups.max(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        match ids {
            Ids::One(rows) => self.ids.resize(self.ids.len() + rows, 0),
            Ids::Each(ids) => self.ids.extend_from_slice(ids),
        }
        self.log.append(values).map(|_| ()).map_err(Error::polars)
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        self.ids.extend(later.ids.iter().map(|&id| map[id as usize]));
        self.log.append(&later.log).map(|_| ()).map_err(Error::polars)
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let mut map = vec![EMPTY; self.groups];
        for (new, &old) in groups.iter().enumerate() {
            map[old as usize] = new as u32;
        }
        let kept = self.ids.iter().enumerate().map(|(row, &id)| (row as u32, map[id as usize]));
        let (rows, ids): (Vec<u32>, Vec<u32>) = kept.filter(|(_, id)| *id != EMPTY).unzip();
        self.log = self.log.rechunk();
        let log = taken(&self.log, rows).expect("these rows are in the log");
        Box::new(Lists { spec: self.spec.clone(), groups: groups.len(), ids, log })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let mut rows: Vec<u32> = (0..self.ids.len() as u32).collect();
        rows.sort_by_key(|&row| self.ids[row as usize]);
        let sorted = taken(&self.log.rechunk(), rows)?;
        let mut lengths = vec![0usize; self.groups];
        for &id in &self.ids {
            lengths[id as usize] += 1;
        }
        let mut builder =
            get_list_builder(&self.spec.dtype, sorted.len(), lengths.len(), self.spec.name.clone());
        let mut start = 0;
        for length in lengths {
            let values = sorted.slice(start as i64, length);
            builder.append_series(&values).map_err(Error::polars)?;
            start += length;
        }
        Ok(builder.finish().into_series())
    }

    fn bytes(&self) -> usize {
        self.log.estimated_size() + self.ids.capacity() * 4
    }
}
