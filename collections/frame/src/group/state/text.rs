//! The least and the greatest string, by bytes; of categories, by their names.
//!
//! In: strings with the group of each. Out: one of each group.

use super::super::slots::grow;
use super::super::{AggKind, AggSpec};
use super::values::{binary, from_binary};
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::*;

struct Extreme {
    spec: AggSpec,
    most: bool,
    groups: Vec<Option<Box<[u8]>>>,
    /// Bytes of the strings.
    held: usize,
}

/// None when the type has no such order.
pub(super) fn of(spec: AggSpec) -> Option<Box<dyn State>> {
    let most = matches!(spec.kind, AggKind::Max);
    let ordered =
        matches!(spec.dtype, DataType::String | DataType::Binary | DataType::Categorical(..));
    ordered.then(|| Box::new(Extreme { spec, most, groups: Vec::new(), held: 0 }) as Box<dyn State>)
}

impl Extreme {
    fn add(&mut self, group: usize, value: &[u8]) {
        let known = &mut self.groups[group];
        let better = match known {
            None => true,
            Some(known) if self.most => value > &**known,
            Some(known) => value < &**known,
        };
        if better {
            self.held += value.len();
            self.held -= known.as_ref().map_or(0, |known| known.len());
            *known = Some(value.into());
        }
    }
}

impl State for Extreme {
    fn cover(&mut self, groups: usize) {
        grow(&mut self.groups, groups, None);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let values = binary(values)?;
        for (row, value) in values.iter().enumerate() {
            if let Some(value) = value {
                self.add(ids.at(row), value);
            }
        }
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        for (value, &group) in same::<Self>(later).groups.iter().zip(map) {
            if let Some(value) = value {
                self.add(group as usize, value);
            }
        }
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let groups: Vec<_> =
            groups.iter().map(|&group| self.groups[group as usize].clone()).collect();
        let held = groups.iter().flatten().map(|value| value.len()).sum();
        Box::new(Extreme { spec: self.spec.clone(), most: self.most, groups, held })
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let mut builder = BinaryChunkedBuilder::new(self.spec.name.clone(), self.groups.len());
        for value in &self.groups {
            builder.append_option(value.as_deref());
        }
        from_binary(builder.finish(), &self.spec.dtype)
    }

    fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Option<Box<[u8]>>>() + self.held
    }
}
