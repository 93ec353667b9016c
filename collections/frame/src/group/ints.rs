//! Keys that are words: integers, dates, times, booleans, and floats by their bits.
//!
//! In: slices of words, with validity. Out: numbers of the distinct ones, in order of first appearance. A range of at most
//! [`DENSE_MAX`] words is looked up in a plain vector; wider ones in a hash table.

use super::slots::{EMPTY, Slots, hash_two, hash_word};
use polars_core::utils::arrow::bitmap::Bitmap;

/// Words that a plain table covers at most: 256 KiB, which stays in the second-level cache.
const DENSE_MAX: usize = 1 << 16;

pub(super) struct IntTable {
    /// The word of each number; of null's, 0.
    words: Vec<i64>,
    null: Option<u32>,
    index: Index,
}

enum Index {
    /// `numbers[word - base]`.
    Dense {
        base: i64,
        numbers: Vec<u32>,
    },
    Hashed(Slots),
}

impl IntTable {
    pub(super) fn new() -> IntTable {
        let index = Index::Dense { base: 0, numbers: Vec::new() };
        IntTable { words: Vec::new(), null: None, index }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn word(&self, number: u32) -> Option<i64> {
        (self.null != Some(number)).then(|| self.words[number as usize])
    }

    /// The number of null.
    pub(super) fn null_number(&mut self) -> u32 {
        let words = &mut self.words;
        *self.null.get_or_insert_with(|| {
            words.push(0);
            words.len() as u32 - 1
        })
    }

    /// Appends the numbers of these words to `into`.
    pub(super) fn encode(&mut self, words: &[i64], validity: Option<&Bitmap>, into: &mut Vec<u32>) {
        into.reserve(words.len());
        match validity {
            Some(validity) if validity.unset_bits() > 0 => {
                for (&word, valid) in words.iter().zip(validity.iter()) {
                    let number = if valid { self.number(word) } else { self.null_number() };
                    into.push(number);
                }
            }
            _ => self.encode_all(words, into),
        }
    }

    fn encode_all(&mut self, words: &[i64], into: &mut Vec<u32>) {
        let start = into.len();
        into.resize(start + words.len(), EMPTY);
        let places = &mut into[start..];
        let mut done = 0;
        while let Index::Dense { base, numbers } = &self.index {
            // As far as the words are known, in a loop that calls nothing.
            for (place, &word) in places[done..].iter_mut().zip(&words[done..]) {
                match numbers.get(word.wrapping_sub(*base) as usize) {
                    Some(&number) if number != EMPTY => *place = number,
                    _ => break,
                }
                done += 1;
            }
            if done == words.len() {
                return;
            }
            places[done] = self.number(words[done]);
            done += 1;
        }
        for (place, &word) in places[done..].iter_mut().zip(&words[done..]) {
            *place = self.number(word);
        }
    }

    /// The number of one word, which becomes the next when it is new.
    #[inline]
    pub(super) fn number(&mut self, word: i64) -> u32 {
        if let Index::Dense { base, numbers } = &self.index
            && let Some(&number) = numbers.get(word.wrapping_sub(*base) as usize)
            && number != EMPTY
        {
            return number;
        }
        self.number_or_new(word)
    }

    #[inline(never)]
    fn number_or_new(&mut self, word: i64) -> u32 {
        let next = self.words.len() as u32;
        let number = match &mut self.index {
            Index::Dense { base, numbers } => {
                let place = word.wrapping_sub(*base) as usize;
                match numbers.get_mut(place) {
                    Some(number) => {
                        if *number == EMPTY {
                            *number = next;
                        }
                        *number
                    }
                    None => {
                        self.widen(word);
                        return self.number_or_new(word);
                    }
                }
            }
            Index::Hashed(slots) => {
                let words = &self.words;
                if slots.is_full() {
                    slots.grow(words.len(), |number| hash_word(words[number] as u64));
                }
                // The number of null stands in the table too, under 0; it is not the number of the word 0.
                let null = self.null.unwrap_or(EMPTY);
                slots.find_or(hash_word(word as u64), next, |number| {
                    words[number as usize] == word && number != null
                })
            }
        };
        if number == next {
            self.words.push(word);
        }
        number
    }

    /// Covers `word` too: by a wider plain table, else by a hash table.
    #[cold]
    fn widen(&mut self, word: i64) {
        let null = self.null;
        let known = self.words.iter().enumerate();
        let known = known.filter(|&(number, _)| null != Some(number as u32)).map(|(_, word)| *word);
        let low = known.clone().fold(word, i64::min);
        let high = known.fold(word, i64::max);
        let range = high.abs_diff(low);
        if range < DENSE_MAX as u64 {
            // Room on both sides, so that ascending and descending words widen it a few times only.
            let size = (range as usize + 1).next_power_of_two().max(64);
            let size = (size * 2).min(DENSE_MAX);
            let slack = (size as i64 - range as i64 - 1) / 2;
            let base = low.saturating_sub(slack);
            let mut numbers = vec![EMPTY; size];
            for (number, word) in self.words.iter().enumerate() {
                if null != Some(number as u32) {
                    numbers[word.wrapping_sub(base) as usize] = number as u32;
                }
            }
            self.index = Index::Dense { base, numbers };
        } else {
            let mut slots = Slots::new();
            let words = &self.words;
            slots.grow(words.len(), |number| hash_word(words[number] as u64));
            self.index = Index::Hashed(slots);
        }
    }

    /// The numbers here of the words of a table whose rows come later.
    pub(super) fn absorb(&mut self, later: &IntTable) -> Vec<u32> {
        (0..later.len() as u32).map(|number| self.absorb_one(later, number)).collect()
    }

    /// The number here of one word of another table.
    pub(super) fn absorb_one(&mut self, later: &IntTable, number: u32) -> u32 {
        match later.word(number) {
            Some(word) => self.number(word),
            None => self.null_number(),
        }
    }

    /// A hash of the word of a number that is the same in every table.
    pub(super) fn hash(&self, number: u32) -> u64 {
        self.word(number).map_or(hash_two(1, 2), |word| hash_word(word as u64))
    }

    pub(super) fn bytes(&self) -> usize {
        let index = match &self.index {
            Index::Dense { numbers, .. } => numbers.capacity() * 4,
            Index::Hashed(slots) => slots.bytes(),
        };
        self.words.capacity() * 8 + index
    }
}
