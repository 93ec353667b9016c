//! Keys that are strings or bytes.
//!
//! In: arrays of views (16 bytes a row: up to 12 bytes stand in the view itself, longer ones in a buffer). Out: numbers of the distinct
//! ones, in order of first appearance. A short string is hashed and compared as the one `u128` that its view is; a small cache from view
//! to number answers most rows of a column with few values.

use super::slots::{EMPTY, Slots, hash_two};
use polars_core::utils::arrow::array::{Array, BinaryViewArray, View};
use std::hash::{BuildHasher, Hasher};

/// Entries of the cache: 16 KiB, and few of some thousand strings get the same.
const CACHE: usize = 1 << CACHE_BITS;
const CACHE_BITS: u32 = 12;

/// The longest string that stands in its view.
const INLINE: usize = View::MAX_INLINE_SIZE as usize;

pub(super) struct BytesTable {
    keys: Vec<Key>,
    /// The strings that are longer than [`INLINE`], one after the other.
    long: Vec<u8>,
    null: Option<u32>,
    slots: Slots,
    /// A number whose string has this place.
    cache: Box<[u32; CACHE]>,
}

/// A short string's view; of a long one its length, the low half of its hash, and where it starts in `long`.
#[derive(Clone, Copy, PartialEq)]
struct Key(u128);

impl Key {
    fn len(self) -> usize {
        self.0 as u32 as usize
    }

    fn long(len: usize, hash: u64, start: usize) -> Key {
        Key(len as u128 | u128::from(hash as u32) << 32 | (start as u128) << 64)
    }

    fn start(self) -> usize {
        (self.0 >> 64) as usize
    }

    fn hash_half(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// The view of a short string.
fn short(bytes: &[u8]) -> u128 {
    let mut view = [0; 16];
    view[0] = bytes.len() as u8;
    view[4..4 + bytes.len()].copy_from_slice(bytes);
    u128::from_le_bytes(view)
}

#[inline]
fn hash_short(view: u128) -> u64 {
    hash_two(view as u64, (view >> 64) as u64)
}

/// The same in every process, so that parts of groups agree.
const SEEDS: ahash::RandomState = ahash::RandomState::with_seeds(
    0x243f_6a88_85a3_08d3,
    0x1319_8a2e_0370_7344,
    0xa409_3822_299f_31d0,
    0x082e_fa98_ec4e_6c89,
);

fn hash_long(bytes: &[u8]) -> u64 {
    let mut hasher = SEEDS.build_hasher();
    hasher.write(bytes);
    hash_two(hasher.finish(), bytes.len() as u64)
}

/// A hash of bytes, the same as that of a number that has them.
pub(super) fn hash_bytes(bytes: &[u8]) -> u64 {
    if bytes.len() <= INLINE { hash_short(short(bytes)) } else { hash_long(bytes) }
}

/// No view of a string is this: its length would be of a short one, and its bytes beyond the length not 0.
const NO_VIEW: u128 = u128::MAX << 32;

impl BytesTable {
    pub(super) fn new() -> BytesTable {
        let cache = Box::new([EMPTY; CACHE]);
        BytesTable { keys: Vec::new(), long: Vec::new(), null: None, slots: Slots::new(), cache }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The bytes of a number; none of null's.
    pub(super) fn get(&self, number: u32) -> Option<Bytes<'_>> {
        if self.null == Some(number) {
            return None;
        }
        let key = self.keys[number as usize];
        if key.len() <= INLINE {
            return Some(Bytes::Short(key.0.to_le_bytes()));
        }
        Some(Bytes::Long(&self.long[key.start()..key.start() + key.len()]))
    }

    pub(super) fn null_number(&mut self) -> u32 {
        let keys = &mut self.keys;
        *self.null.get_or_insert_with(|| {
            keys.push(Key(NO_VIEW));
            keys.len() as u32 - 1
        })
    }

    /// Appends the numbers of an array's strings to `into`.
    pub(super) fn encode(&mut self, array: &BinaryViewArray, into: &mut Vec<u32>) {
        let views = array.views().as_slice();
        match array.validity().filter(|validity| validity.unset_bits() > 0) {
            Some(validity) => {
                let rows = views.iter().zip(validity.iter()).enumerate();
                into.extend(rows.map(|(row, (&view, valid))| {
                    if valid { self.view(view, array, row) } else { self.null_number() }
                }));
            }
            None => {
                let rows = views.iter().enumerate();
                into.extend(rows.map(|(row, &view)| self.view(view, array, row)));
            }
        }
    }

    #[inline]
    fn view(&mut self, view: View, array: &BinaryViewArray, row: usize) -> u32 {
        if !view.is_inline() {
            return self.number_long(array.value(row));
        }
        let word = view.as_u128().to_le();
        // One product is enough to find a place in the cache.
        let mixed = (word as u64 ^ (word >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> (64 - CACHE_BITS)) as usize;
        let cached = self.cache[place];
        if let Some(key) = self.keys.get(cached as usize)
            && key.0 == word
        {
            return cached;
        }
        let number = self.number_short(word);
        self.cache[place] = number;
        number
    }

    #[inline(never)]
    fn number_short(&mut self, view: u128) -> u32 {
        self.make_room();
        let next = self.keys.len() as u32;
        let keys = &self.keys;
        let number =
            self.slots.find_or(hash_short(view), next, |number| keys[number as usize].0 == view);
        if number == next {
            self.keys.push(Key(view));
        }
        number
    }

    fn number_long(&mut self, bytes: &[u8]) -> u32 {
        self.make_room();
        let hash = hash_long(bytes);
        let next = self.keys.len() as u32;
        let (keys, long) = (&self.keys, &self.long);
        let number = self.slots.find_or(hash, next, |number| {
            let key = keys[number as usize];
            key.len() == bytes.len()
                && key.hash_half() == hash as u32
                && &long[key.start()..key.start() + key.len()] == bytes
        });
        if number == next {
            self.keys.push(Key::long(bytes.len(), hash, self.long.len()));
            self.long.extend_from_slice(bytes);
        }
        number
    }

    /// The number of these bytes.
    pub(super) fn number(&mut self, bytes: &[u8]) -> u32 {
        if bytes.len() <= INLINE {
            self.number_short(short(bytes))
        } else {
            self.number_long(bytes)
        }
    }

    fn make_room(&mut self) {
        if self.slots.is_full() {
            let (keys, long) = (&self.keys, &self.long);
            self.slots.grow(keys.len(), |number| hash_key(keys[number], long));
        }
    }

    /// A hash of the bytes of a number that is the same in every table.
    pub(super) fn hash(&self, number: u32) -> u64 {
        if self.null == Some(number) {
            return hash_two(1, 2);
        }
        hash_key(self.keys[number as usize], &self.long)
    }

    /// The numbers here of the strings of a table whose rows come later.
    pub(super) fn absorb(&mut self, later: &BytesTable) -> Vec<u32> {
        (0..later.len() as u32).map(|number| self.absorb_one(later, number)).collect()
    }

    /// The number here of one string of another table.
    pub(super) fn absorb_one(&mut self, later: &BytesTable, number: u32) -> u32 {
        match later.get(number) {
            Some(bytes) => self.number(bytes.as_slice()),
            None => self.null_number(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.keys.capacity() * 16 + self.long.capacity() + self.slots.bytes() + CACHE * 4
    }
}

fn hash_key(key: Key, long: &[u8]) -> u64 {
    if key.0 == NO_VIEW {
        return 0;
    }
    if key.len() <= INLINE {
        return hash_short(key.0);
    }
    hash_long(&long[key.start()..key.start() + key.len()])
}

/// The bytes of a key, taken out of its view where they stand there.
pub(super) enum Bytes<'a> {
    Short([u8; 16]),
    Long(&'a [u8]),
}

impl Bytes<'_> {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Short(view) => &view[4..4 + view[0] as usize],
            Bytes::Long(bytes) => bytes,
        }
    }
}
