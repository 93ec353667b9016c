//! Groups: which rows have the same keys, and what their values are reduced to.
//!
//! In: pieces of a partition, as columns of keys and columns of values. Out: one row a group, in order of first appearance: the keys, then the
//! aggregates, with polars' types and polars' treatment of nulls and NaN.
//!
//! ```text
//! key columns ──► KeyColumn: value → number ──► PairTable: (number, number) → number ──► group of each row
//! value columns ─────────────────────────────────────────────────────────────────────► State: a vector indexed by group
//! ```
//!
//! Partitions are grouped one by one and merged in a tree, so what is here depends on the order of rows only, never on who did what.
//!
//! I1. A table numbers what it sees 0, 1, 2, … in order of first appearance; groups are such numbers.
//! I2. A state has an entry for every group after `update` and `merge`.
//! I3. What is merged comes later in the order of rows.
//!
//! Not here: the tree and when to switch to parts ([`GroupState::split`] makes them); expressions over aggregates.

mod bytes;
mod ints;
mod keys;
mod pairs;
mod slots;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use crate::expr::AggKind;
pub(crate) use state::values::Word;

use crate::error::{Error, ErrorKind, counted};
use crate::expr::ErasedAggregation;
use keys::KeyTable;
use polars_core::prelude::{Column, DataFrame, DataType, PlSmallStr, Series};
use state::{Ids, State};

/// One aggregate: of what type its input is, and what its output is called.
#[derive(Clone, Debug)]
pub(crate) struct AggSpec {
    pub(crate) kind: AggKind,
    /// Of the input column; of no meaning to `Len`.
    pub(crate) dtype: DataType,
    /// Of the output.
    pub(crate) name: PlSmallStr,
}

/// The groups seen so far and the states of their aggregates.
pub(crate) struct GroupState {
    keys: KeyTable,
    specs: Vec<AggSpec>,
    states: Vec<Box<dyn State>>,
    /// The group of each row of a piece; kept for its memory.
    ids: Vec<u32>,
}

impl GroupState {
    /// Of no rows. Without keys there is one group, of all rows.
    ///
    /// # Errors
    /// When an aggregation is not defined for the type of its input.
    pub(crate) fn new(
        keys: &[(PlSmallStr, DataType)],
        aggs: &[AggSpec],
    ) -> Result<GroupState, Error> {
        let keys = KeyTable::new(keys)?;
        let mut states = aggs.iter().map(state::of).collect::<Result<Vec<_>, _>>()?;
        for state in &mut states {
            state.cover(keys.len());
        }
        Ok(GroupState { keys, specs: aggs.to_vec(), states, ids: Vec::new() })
    }

    /// Adds the rows of a piece: its key columns, and an input for each aggregate (for `Len`, any column of its length).
    ///
    /// # Errors
    /// When columns differ in length or are of other types than was said; more than 4 294 967 294 groups; what a user's aggregation
    /// returns.
    pub(crate) fn update(&mut self, keys: &[Column], inputs: &[Column]) -> Result<(), Error> {
        self.check(keys, inputs)?;
        let rows = keys.first().or(inputs.first()).map_or(0, Column::len);
        let mut ids = std::mem::take(&mut self.ids);
        let before = self.keys.len();
        let ids_of_rows = if keys.is_empty() {
            Ids::One(rows)
        } else {
            self.keys.encode(keys, &mut ids)?;
            Ids::Each(&ids)
        };
        let groups = self.keys.len();
        for (state, input) in self.states.iter_mut().zip(inputs) {
            state.cover(groups);
            state.update(ids_of_rows, before, input.as_materialized_series())?;
        }
        self.ids = ids;
        Ok(())
    }

    fn check(&self, keys: &[Column], inputs: &[Column]) -> Result<(), Error> {
        let said = (self.keys.columns().len(), self.specs.len());
        if (keys.len(), inputs.len()) != said {
            let message = format!(
                "{} and {} expected, {} and {} given",
                counted(said.0, "key"),
                counted(said.1, "input"),
                keys.len(),
                inputs.len()
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let rows = keys.first().or(inputs.first()).map_or(0, Column::len);
        let expected = self.keys.columns().iter().map(|key| (&key.name, &key.dtype));
        let types = self.specs.iter().map(|spec| (&spec.name, &spec.dtype));
        let len_only = expected.len();
        for (at, ((name, dtype), column)) in
            expected.chain(types).zip(keys.iter().chain(inputs)).enumerate()
        {
            if column.len() != rows {
                let message = format!(
                    "column `{name}` has {}, where the first one has {rows}",
                    counted(column.len(), "row")
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let any = at >= len_only && matches!(self.specs[at - len_only].kind, AggKind::Len);
            if !any && column.dtype() != dtype {
                let message = format!(
                    "column `{name}` is {} in one place and {dtype} in another; cast it to one type first",
                    column.dtype()
                );
                return Err(Error::new(ErrorKind::Schema, message));
            }
        }
        Ok(())
    }

    /// Adds the groups of rows that come later (I3).
    ///
    /// # Errors
    /// As [`GroupState::update`].
    pub(crate) fn merge(&mut self, later: GroupState) -> Result<(), Error> {
        let before = self.keys.len();
        let map = self.keys.absorb(&later.keys)?;
        drop(later.keys);
        let groups = self.keys.len();
        for (state, later) in self.states.iter_mut().zip(later.states) {
            state.cover(groups);
            state.merge(later, before, &map)?;
        }
        Ok(())
    }

    /// The groups in `parts` parts by the hash of their keys: the same keys are in the same part, whatever state they are in. In each part
    /// they are in order of first appearance.
    pub(crate) fn split(mut self, parts: usize) -> Result<Vec<GroupState>, Error> {
        let hashes = self.keys.hashes();
        let mut picks = vec![Vec::new(); parts.max(1)];
        for (group, hash) in hashes.into_iter().enumerate() {
            let part = (u128::from(hash) * picks.len() as u128) >> 64;
            picks[part as usize].push(group as u32);
        }
        let part = |picks: Vec<u32>| {
            let keys = self.keys.pick(&picks)?;
            let states = self.states.iter_mut().map(|state| state.pick(&picks)).collect();
            Ok(GroupState { keys, specs: self.specs.clone(), states, ids: Vec::new() })
        };
        picks.into_iter().map(part).collect()
    }

    /// One row a group: keys, then aggregates.
    ///
    /// # Errors
    /// A sum or a product that its type cannot hold; a name that is there twice; what a user's aggregation returns.
    pub(crate) fn finish(self) -> Result<DataFrame, Error> {
        let groups = self.keys.len();
        let mut columns = self.keys.finish()?;
        for (state, spec) in self.states.into_iter().zip(&self.specs) {
            let series: Series = state.finish()?;
            debug_assert_eq!(series.len(), groups, "I2");
            columns.push(series.with_name(spec.name.clone()).into());
        }
        DataFrame::new(groups, columns).map_err(Error::polars)
    }

    /// How many groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.keys.len()
    }

    /// About how much memory they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let states: usize = self.states.iter().map(|state| state.bytes()).sum();
        self.keys.bytes() + states + self.ids.capacity() * 4
    }
}
