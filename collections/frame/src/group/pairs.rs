//! Keys that are pairs of numbers: how several key columns become one.
//!
//! In: the numbers of the key so far, and of one more column. Out: numbers of the distinct pairs, in order of first appearance. While the
//! product of both counts is small, a plain matrix; else a hash table, whose look-ups are asked for a batch ahead.

use super::slots::{EMPTY, Slots, check_room, hash_word, room};
use crate::error::Error;

/// Cells of a matrix at most: 256 KiB, which stays in the second-level cache.
const CELLS_MAX: usize = 1 << 16;

/// Rows that are asked for ahead: their slots and keys fit the first-level cache.
const BATCH: usize = 256;

pub(super) struct PairTable {
    /// `left << 32 | right`.
    pairs: Vec<u64>,
    index: Index,
    hashes: Vec<u64>,
    numbers: Vec<u32>,
}

enum Index {
    /// `cells[left << shift | right]`.
    Matrix {
        shift: u32,
        cells: Vec<u32>,
    },
    Hashed(Slots),
}

#[inline]
fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

impl PairTable {
    pub(super) fn new() -> PairTable {
        let index = Index::Matrix { shift: 0, cells: Vec::new() };
        PairTable { pairs: Vec::new(), index, hashes: Vec::new(), numbers: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(super) fn get(&self, number: u32) -> (u32, u32) {
        let pair = self.pairs[number as usize];
        ((pair >> 32) as u32, pair as u32)
    }

    /// Puts the number of each pair in the place of its left side; the sides' numbers are below `counts`.
    ///
    /// # Errors
    /// When there may be more pairs than numbers.
    pub(super) fn encode(
        &mut self,
        left: &mut [u32],
        right: &[u32],
        counts: (usize, usize),
    ) -> Result<(), Error> {
        check_room(self.pairs.len(), left.len())?;
        self.cover(counts);
        match &mut self.index {
            Index::Matrix { shift, cells } => {
                for (left, &right) in left.iter_mut().zip(right) {
                    let cell = &mut cells[((*left as usize) << *shift) | right as usize];
                    if *cell == EMPTY {
                        *cell = self.pairs.len() as u32;
                        self.pairs.push(pair(*left, right));
                    }
                    *left = *cell;
                }
            }
            Index::Hashed(slots) => {
                for (left, right) in left.chunks_mut(BATCH).zip(right.chunks(BATCH)) {
                    self.hashes.clear();
                    let hashes = left.iter().zip(right).map(|(&a, &b)| hash_word(pair(a, b)));
                    self.hashes.extend(hashes);
                    let pairs = &mut self.pairs;
                    if slots.is_far() {
                        slots.touch(&self.hashes, &mut self.numbers, |n| pairs[n as usize]);
                    }
                    for ((left, &right), &hash) in left.iter_mut().zip(right).zip(&self.hashes) {
                        if slots.is_full() {
                            slots.grow(pairs.len(), |number| hash_word(pairs[number]));
                        }
                        let (key, next) = (pair(*left, right), pairs.len() as u32);
                        *left = slots.find_or(hash, next, |number| pairs[number as usize] == key);
                        if *left == next {
                            room(pairs, next as usize + 1);
                            pairs.push(key);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes the matrix large enough, or a hash table of it.
    fn cover(&mut self, (lefts, rights): (usize, usize)) {
        let Index::Matrix { shift, cells } = &mut self.index else { return };
        if rights <= 1 << *shift && lefts << *shift <= cells.len() {
            return;
        }
        let width = rights.next_power_of_two();
        let height = lefts.next_power_of_two().max(1);
        if width.saturating_mul(height) <= CELLS_MAX {
            // Room for what comes, so that it is laid out anew a few times only.
            let width = if width * height * 2 <= CELLS_MAX { width * 2 } else { width };
            let height = if width * height * 2 <= CELLS_MAX { height * 2 } else { height };
            *shift = width.trailing_zeros();
            *cells = vec![EMPTY; width * height];
            for (number, &pair) in self.pairs.iter().enumerate() {
                let (left, right) = ((pair >> 32) as usize, pair as u32 as usize);
                cells[(left << *shift) | right] = number as u32;
            }
        } else {
            let mut slots = Slots::new();
            let pairs = &self.pairs;
            slots.grow(pairs.len(), |number| hash_word(pairs[number]));
            self.index = Index::Hashed(slots);
        }
    }

    /// The pairs, each side by a map of its own.
    pub(super) fn mapped<'a>(
        &'a self,
        lefts: &'a [u32],
        rights: &'a [u32],
    ) -> (Vec<u32>, Vec<u32>) {
        self.pairs
            .iter()
            .map(|&pair| (lefts[(pair >> 32) as usize], rights[pair as u32 as usize]))
            .unzip()
    }

    pub(super) fn bytes(&self) -> usize {
        let index = match &self.index {
            Index::Matrix { cells, .. } => cells.capacity() * 4,
            Index::Hashed(slots) => slots.bytes(),
        };
        self.pairs.capacity() * 8 + index
    }
}
