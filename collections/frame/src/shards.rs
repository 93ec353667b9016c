//! States of aggregations on their way through the tree: whole while groups are few, in shards when they are many.
//!
//! In: the state of a partition, or neighbouring ones. Out: one that stands for all, whose shards different tasks take. A state with many
//! groups is split by the hash of the key, so that each shard is merged by a task of its own: in a tree of whole states the last merge
//! would be the work of one thread.
//!
//! - `S1`: states stand in the order of their partitions, in each shard.
//! - `S2`: each shard is taken once.
//!
//! Not here: the states themselves (`group`), the tree (`lower`).

use crate::error::Error;
use crate::group::GroupState;
use std::sync::{Mutex, PoisonError};

/// States that take more are split: to merge them is work for several tasks.
const MANY_BYTES: usize = 4 << 20;

/// States of neighbouring partitions.
pub(crate) struct Shards {
    /// One list, or as many as there are shards (`S1`).
    lists: Vec<Mutex<Vec<GroupState>>>,
    /// Into how many it is split when it is.
    count: usize,
}

impl Shards {
    /// Of one partition.
    pub(crate) fn new(state: GroupState, count: usize) -> Result<Shards, Error> {
        Shards { lists: vec![Mutex::new(vec![state])], count }.split_if_many()
    }

    /// Of neighbours, in their order.
    pub(crate) fn merged(all: Vec<Shards>) -> Result<Shards, Error> {
        let count = all.first().map_or(1, |first| first.count);
        if all.iter().any(Shards::is_split) {
            let mut lists: Vec<Vec<GroupState>> = (0..count).map(|_| Vec::new()).collect();
            for shards in all {
                for (list, states) in lists.iter_mut().zip(shards.split()?.lists) {
                    list.extend(states.into_inner().unwrap_or_else(PoisonError::into_inner));
                }
            }
            return Ok(Shards { lists: lists.into_iter().map(Mutex::new).collect(), count });
        }
        let mut states = all
            .into_iter()
            .flat_map(|shards| shards.lists)
            .flat_map(|list| list.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut merged = Vec::new();
        if let Some(mut first) = states.next() {
            for next in states {
                first.merge(next)?;
            }
            merged.push(first);
        }
        Shards { lists: vec![Mutex::new(merged)], count }.split_if_many()
    }

    /// The groups of a shard; nothing, if it is one that there is not, because groups are few.
    pub(crate) fn take(&self, shard: usize) -> Result<Option<GroupState>, Error> {
        let Some(list) = self.lists.get(shard) else { return Ok(None) };
        let states = std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner));
        let mut states = states.into_iter();
        let Some(mut first) = states.next() else { return Ok(None) };
        for next in states {
            first.merge(next)?;
        }
        Ok(Some(first))
    }

    fn is_split(&self) -> bool {
        self.lists.len() > 1
    }

    fn split_if_many(self) -> Result<Shards, Error> {
        let is_large = self.lists.iter().any(|list| {
            let list = list.lock().unwrap_or_else(PoisonError::into_inner);
            list.iter().any(|state| state.groups() > self.count && state.bytes() > MANY_BYTES)
        });
        if is_large && self.count > 1 { self.split() } else { Ok(self) }
    }

    fn split(self) -> Result<Shards, Error> {
        if self.is_split() || self.count == 1 {
            return Ok(self);
        }
        let mut lists: Vec<Vec<GroupState>> = (0..self.count).map(|_| Vec::new()).collect();
        for state in self
            .lists
            .into_iter()
            .flat_map(|list| list.into_inner().unwrap_or_else(PoisonError::into_inner))
        {
            for (list, part) in lists.iter_mut().zip(state.split(self.count)?) {
                list.push(part);
            }
        }
        Ok(Shards { lists: lists.into_iter().map(Mutex::new).collect(), count: self.count })
    }
}
