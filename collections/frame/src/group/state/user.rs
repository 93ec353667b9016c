//! Aggregations of the user's own: a state a group, behind a trait.
//!
//! In: values of a group, piece by piece. Out: what the user's aggregation makes of them.

use super::super::{AggSpec, ErasedAggregation};
use super::{Ids, State, same};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::*;
use std::any::Any;

struct Own {
    spec: AggSpec,
    own: Arc<dyn ErasedAggregation>,
    output: DataType,
    groups: Vec<Box<dyn Any + Send>>,
}

/// Of an error of the aggregation `own`.
fn told<T>(own: &dyn ErasedAggregation, result: Result<T, Error>) -> Result<T, Error> {
    result.map_err(|error| error.reworded(|said| format!("aggregation `{}`: {said}", own.name())))
}

pub(super) fn of(own: Arc<dyn ErasedAggregation>, spec: AggSpec) -> Result<Box<dyn State>, Error> {
    let output = told(&*own, own.output(&spec.dtype))?;
    Ok(Box::new(Own { spec, own, output, groups: Vec::new() }))
}

impl State for Own {
    fn cover(&mut self, groups: usize) {
        while self.groups.len() < groups {
            self.groups.push(self.own.init());
        }
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let Ids::Each(ids) = ids else {
            let values = values.clone().into_column();
            return told(&*self.own, self.own.update(&mut self.groups[0], &values));
        };
        // Rows by group, in order within each.
        let mut rows: Vec<u32> = (0..ids.len() as u32).collect();
        rows.sort_by_key(|&row| ids[row as usize]);
        for run in rows.chunk_by(|&a, &b| ids[a as usize] == ids[b as usize]) {
            let group = ids[run[0] as usize] as usize;
            let places = IdxCa::from_vec(PlSmallStr::EMPTY, run.to_vec());
            let taken = values.take(&places).map_err(Error::polars)?.into_column();
            told(&*self.own, self.own.update(&mut self.groups[group], &taken))?;
        }
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, before: usize, map: &[u32]) -> Result<(), Error> {
        for (state, &group) in same::<Self>(later).groups.into_iter().zip(map) {
            let group = group as usize;
            if group >= before {
                self.groups[group] = state;
            } else {
                told(&*self.own, self.own.merge(&mut self.groups[group], state))?;
            }
        }
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let states = &mut self.groups;
        let taken = |&group: &u32| std::mem::replace(&mut states[group as usize], Box::new(()));
        let groups = groups.iter().map(taken).collect();
        let (spec, own, output) = (self.spec.clone(), self.own.clone(), self.output.clone());
        Box::new(Own { spec, own, output, groups })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let own = &*self.own;
        let mut values = Vec::with_capacity(self.groups.len());
        for state in self.groups {
            let value = told(own, own.finish(state))?;
            if !value.is_null() && *value.dtype() != self.output {
                let message = format!(
                    "aggregation `{}` said it gives {}, and gave {}",
                    own.name(),
                    self.output,
                    value.dtype()
                );
                return Err(Error::new(ErrorKind::Type, message));
            }
            values.push(value.into_value());
        }
        let name = self.spec.name.clone();
        Series::from_any_values_and_dtype(name, &values, &self.output, true).map_err(Error::polars)
    }

    fn bytes(&self) -> usize {
        self.groups.len() * 64
    }
}
