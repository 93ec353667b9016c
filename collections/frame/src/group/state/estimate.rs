//! How many distinct values a group has, about; null is one.
//!
//! In: values of any type. Out: counts, exact of few values.
//!
//! Of values only hashes are kept. They stand in a log, of which those that are there twice are taken out when it is long; a group with many
//! different ones gets registers instead. The count depends on the set of values alone: a group of fewer than [`FEW`] never gets registers, and
//! one of as many or more has them in the end.
//!
//! Not here: what registers are (`registers`), exact counts (`unique`).

use super::super::AggSpec;
use super::super::keys::KeyColumn;
use super::super::slots::grow;
use super::folds::integers;
use super::log::Log;
use super::registers::Registers;
use super::{Ids, State, same};
use crate::error::Error;
use polars_core::prelude::{IDX_DTYPE, Series};

/// A group with fewer different values keeps their hashes: 12 KiB, little more than registers take.
const FEW: usize = 1 << 10;

/// Hashes that the log is shortened at, if few of them are to stay: 192 KiB with their groups, which stays in the second-level cache.
const LOG_LONG: usize = 1 << 14;

struct Estimate {
    spec: AggSpec,
    /// How values are hashed.
    hashed: KeyColumn,
    log: Log<u64>,
    /// How many hashes were left when the log was shortened.
    left: usize,
    /// Of groups with many different values; shorter than there are groups.
    registers: Vec<Option<Registers>>,
    /// The hashes of a piece; kept for its memory.
    hashes: Vec<u64>,
}

impl Estimate {
    fn new(spec: AggSpec) -> Estimate {
        let hashed = KeyColumn::new(spec.name.clone(), spec.dtype.clone());
        let (registers, hashes) = (Vec::new(), Vec::new());
        Estimate { spec, hashed, log: Log::default(), left: 0, registers, hashes }
    }

    /// Makes the log shorter, if it is long.
    fn shorten(&mut self) {
        // As much again as stayed the last time, and a value a group, so that what is done for each value stays the same.
        if self.log.len() < LOG_LONG.max(self.left * 2).max(self.log.groups()) {
            return;
        }
        let registers = &mut self.registers;
        self.log.drain(|log, group, hashes| {
            let hashes = distinct(hashes);
            let known = registers.get_mut(group).and_then(Option::as_mut);
            if known.is_none() && hashes.len() < FEW {
                log.keep(group, hashes);
                return;
            }
            grow(registers, group + 1, None);
            let registers = registers[group].get_or_insert_with(Registers::new);
            hashes.iter().for_each(|hash| registers.insert(*hash));
        });
        self.left = self.log.len();
    }
}

pub(super) fn of(spec: AggSpec) -> Box<dyn State> {
    Box::new(Estimate::new(spec))
}

/// The different ones, in order.
fn distinct(hashes: &mut [u64]) -> &[u64] {
    hashes.sort_unstable();
    let mut kept = 0;
    for at in 0..hashes.len() {
        if at == 0 || hashes[at] != hashes[kept - 1] {
            hashes[kept] = hashes[at];
            kept += 1;
        }
    }
    &hashes[..kept]
}

impl State for Estimate {
    fn cover(&mut self, groups: usize) {
        self.log.cover(groups);
    }

    fn update(&mut self, ids: Ids<'_>, _: usize, values: &Series) -> Result<(), Error> {
        let mut hashes = std::mem::take(&mut self.hashes);
        for start in (0..values.len()).step_by(LOG_LONG) {
            let piece = values.slice(start as i64, LOG_LONG);
            hashes.clear();
            self.hashed.hash_values(&piece, &mut hashes)?;
            for (row, &hash) in hashes.iter().enumerate() {
                let group = ids.at(start + row);
                match self.registers.get_mut(group) {
                    Some(Some(registers)) => registers.insert(hash),
                    _ => self.log.push(group as u32, hash),
                }
            }
            self.shorten();
        }
        self.hashes = hashes;
        Ok(())
    }

    fn merge(&mut self, later: Box<dyn State>, _: usize, map: &[u32]) -> Result<(), Error> {
        let later = same::<Self>(later);
        for (later, &group) in later.registers.into_iter().zip(map) {
            let Some(later) = later else { continue };
            let group = group as usize;
            grow(&mut self.registers, group + 1, None);
            match &mut self.registers[group] {
                Some(registers) => registers.absorb(&later),
                none => *none = Some(later),
            }
        }
        self.log.absorb(&later.log, map);
        // Not both together: what stays of two logs may be no more than of one.
        self.left = self.left.max(later.left);
        self.shorten();
        Ok(())
    }

    fn pick(&mut self, groups: &[u32]) -> Box<dyn State> {
        let mut picked = Estimate::new(self.spec.clone());
        picked.log = self.log.pick(groups);
        for (new, &old) in groups.iter().enumerate() {
            if let Some(found @ Some(_)) = self.registers.get_mut(old as usize) {
                grow(&mut picked.registers, new + 1, None);
                picked.registers[new] = found.take();
            }
        }
        Box::new(picked)
    }

    fn finish(self: Box<Self>) -> Result<Series, Error> {
        let Estimate { spec, mut log, mut registers, .. } = *self;
        let mut counts = Vec::with_capacity(log.groups());
        log.drain(|_, group, hashes| {
            let hashes = distinct(hashes);
            let known = registers.get_mut(group).and_then(Option::take);
            let count = if known.is_none() && hashes.len() < FEW {
                hashes.len() as u64
            } else {
                // Also where all of them are known: counts are the same however rows are cut.
                let mut registers = known.unwrap_or_else(Registers::new);
                hashes.iter().for_each(|hash| registers.insert(*hash));
                registers.estimate()
            };
            counts.push(Some(i128::from(count)));
        });
        integers("approx_n_unique", counts.into_iter(), &IDX_DTYPE, &spec)
    }

    fn bytes(&self) -> usize {
        let registers: usize = self.registers.iter().flatten().map(Registers::bytes).sum();
        let places = self.registers.capacity() * size_of::<Option<Registers>>();
        self.log.bytes() + registers + places + self.hashes.capacity() * 8
    }
}
