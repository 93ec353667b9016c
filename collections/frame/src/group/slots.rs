//! A hash table of numbers: from the hash of a key to the number of the key.
//!
//! In: hashes, and a way to compare a key with the one of a number. Out: numbers, given in order of first appearance. The keys themselves
//! stand elsewhere, in one vector, so that a slot is four bytes. Open addressing with linear probing, at most three quarters full.
//!
//! Why not `hashbrown`: with millions of keys a look-up waits for memory, and here a batch can ask for all of its slots before it reads
//! the first ([`Slots::touch`]).
//!
//! Not here: what keys are ([`ints`](super::ints), [`bytes`](super::bytes), [`pairs`](super::pairs)).

use crate::error::{Error, ErrorKind};
use std::hint::black_box;

/// No key here. No number is this: tables refuse more keys before.
pub(super) const EMPTY: u32 = u32::MAX;

/// The most keys that a table numbers.
const KEYS_MAX: usize = u32::MAX as usize - 1;

/// From here on a table is larger than the second-level cache of usual processors, and asking ahead pays.
const SLOTS_NEAR: usize = 1 << 15;

pub(super) struct Slots {
    slots: Vec<u32>,
    used: usize,
}

impl Slots {
    pub(super) fn new() -> Slots {
        Slots { slots: vec![EMPTY; 64], used: 0 }
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        // The highest bits of a product are its best.
        (hash >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    /// The number of the key with this hash, for which `equal` says whether it is the key of a number; when there is none, it gets `next`.
    #[inline]
    pub(super) fn find_or(&mut self, hash: u64, next: u32, equal: impl Fn(u32) -> bool) -> u32 {
        let mask = self.slots.len() - 1;
        let mut place = self.place(hash);
        loop {
            let number = self.slots[place & mask];
            if number == EMPTY {
                self.slots[place & mask] = next;
                self.used += 1;
                return next;
            }
            if equal(number) {
                return number;
            }
            place += 1;
        }
    }

    /// Whether [`Slots::grow`] must be called before the next key.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.used * 4 >= self.slots.len() * 3
    }

    /// Makes room for twice as many; `hash` gives the hash of the key of each number below `count`.
    #[cold]
    pub(super) fn grow(&mut self, count: usize, hash: impl Fn(usize) -> u64) {
        let mut size = self.slots.len();
        while count * 2 >= size {
            size *= 2;
        }
        self.slots = Vec::new();
        self.slots = vec![EMPTY; size];
        self.used = count;
        let mask = size - 1;
        for number in 0..count {
            let mut place = self.place(hash(number));
            while self.slots[place & mask] != EMPTY {
                place += 1;
            }
            self.slots[place & mask] = number as u32;
        }
    }

    /// Whether to [`touch`](Slots::touch) before a batch.
    pub(super) fn is_far(&self) -> bool {
        self.slots.len() > SLOTS_NEAR
    }

    /// Reads the slots of these hashes without waiting for one before the next, so that they are near when they are needed, and then the
    /// keys in them: `key` reads that of a number.
    pub(super) fn touch(&self, hashes: &[u64], numbers: &mut Vec<u32>, key: impl Fn(u32) -> u64) {
        numbers.clear();
        numbers.extend(hashes.iter().map(|&hash| self.slots[self.place(hash)]));
        let mut all = 0;
        for &number in numbers.iter() {
            if number != EMPTY {
                all ^= key(number);
            }
        }
        black_box(all);
    }

    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * 4
    }
}

/// Mixes two words into one: the halves of their product, folded (the step of wyhash).
#[inline]
pub(super) fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Digits of pi: nothing up the sleeve.
const SEEDS: [u64; 3] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d1];

/// The hash of a word. The same in every process: parts of a partitioned output must agree.
#[inline]
pub(super) fn hash_word(word: u64) -> u64 {
    fold(word ^ SEEDS[0], SEEDS[1] | 1)
}

/// The hash of two words.
#[inline]
pub(super) fn hash_two(low: u64, high: u64) -> u64 {
    fold(fold(low ^ SEEDS[0], high ^ SEEDS[1]) ^ SEEDS[2], SEEDS[1] | 1)
}

/// Makes a vector as long as `len`, without the slack of doubling when it is large.
pub(super) fn grow<T: Clone>(vector: &mut Vec<T>, len: usize, with: T) {
    room(vector, len);
    vector.resize(len.max(vector.len()), with);
}

/// Room for `len`: doubled while small, by half when large, which is copied less often, and of which the system gives only what is used.
pub(super) fn room<T>(vector: &mut Vec<T>, len: usize) {
    let capacity = vector.capacity();
    if len > capacity {
        let more = if capacity < 1 << 18 { capacity * 2 } else { capacity + capacity / 2 };
        vector.reserve_exact(len.max(more) - vector.len());
    }
}

/// Whether a table of `known` keys can take `more`.
pub(super) fn check_room(known: usize, more: usize) -> Result<(), Error> {
    if known + more > KEYS_MAX {
        let message = format!(
            "there may be more than {KEYS_MAX} groups, the most there can be; group by fewer columns, or filter first"
        );
        return Err(Error::new(ErrorKind::Value, message));
    }
    Ok(())
}
