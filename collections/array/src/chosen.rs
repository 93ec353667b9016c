//! Which elements along an axis are chosen, and which chunks they lie in: pure data.
//!
//! In: lists of indices, conditions, numbers of times. Out: a [`Choice`], which says for each place of the result which element stands there, and [`Taken`], the chunks that a stretch of places takes from.
//!
//! ```text
//! List    [4, 0, 0]             indices, in 32 bits where the axis is no longer than that
//! Kept    true false true       a bit for each element; stretches of the result begin at places that are looked up once
//! Each    3 times               0 0 0 1 1 1
//! All     again and again       0 1 2 0 1 2
//! ```
//! Not here: tasks (`select`), and who copies (`picked`).

use crate::grid::Grid;
use crate::places::Stretches;
use std::ops::Range;

/// Which elements along an axis, in which order.
pub(crate) enum Choice {
    /// These.
    List(Indices),
    /// Those whose bit is set.
    Kept(Kept),
    /// All, each so many times.
    Each(usize),
    /// So many, which are all, again and again.
    All(usize),
}

/// Indices, as short as they can be: reading them takes as long as reading the elements.
pub(crate) enum Indices {
    Short(Vec<u32>),
    Long(Vec<usize>),
}

impl Indices {
    /// Of an axis that is `len` long; the first index that is beyond it, if there is one.
    pub(crate) fn new(indices: &[usize], len: usize) -> Result<Indices, usize> {
        let is_beyond = |index: &usize| *index >= len;
        if indices.iter().fold(false, |any, index| any | is_beyond(index)) {
            return Err(indices.iter().copied().find(is_beyond).unwrap_or(len));
        }
        // Each is less than the length.
        Ok(match u32::try_from(len) {
            Ok(_) => Indices::Short(indices.iter().map(|&index| index as u32).collect()),
            Err(_) => Indices::Long(indices.to_vec()),
        })
    }
}

/// Elements that are kept, of which the first of each stretch of the result is known.
pub(crate) struct Kept {
    /// A bit for each element, the first one the lowest.
    words: Vec<u64>,
    count: usize,
    /// Where the elements stand with which stretches of the result begin; behind them the length of the axis.
    starts: Vec<usize>,
}

impl Kept {
    pub(crate) fn new(keep: &[bool]) -> Kept {
        let word = |keep: &[bool]| {
            keep.iter().enumerate().fold(0, |word, (at, &keep)| word | u64::from(keep) << at)
        };
        let (whole, rest) = keep.as_chunks::<64>();
        let mut words: Vec<u64> = whole.iter().map(word_of).collect();
        words.extend((!rest.is_empty()).then(|| word(rest)));
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Kept { words, count, starts: Vec::new() }
    }

    /// How many are kept.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Looks up where the stretches begin whose boundaries these are.
    fn look_up(&mut self, bounds: &[usize]) {
        let (mut before, mut word) = (0, 0);
        self.starts.clear();
        for &bound in bounds {
            while let Some(next) = self.words.get(word)
                && before + next.count_ones() as usize <= bound
            {
                before += next.count_ones() as usize;
                word += 1;
            }
            let within = self.words.get(word).map_or(0, |&next| nth(next, bound - before));
            self.starts.push(word * 64 + within);
        }
    }

    /// Those of stretch `number` of the result, and all after them, in rising order.
    pub(crate) fn of_stretch(&self, number: usize) -> Rising<'_> {
        self.from(self.starts[number])
    }

    fn from(&self, start: usize) -> Rising<'_> {
        let number = start / 64;
        let word = self.words.get(number).map_or(0, |word| word & (u64::MAX << (start % 64)));
        Rising { words: &self.words, number, word }
    }

    /// Whether any is kept of a stretch of the axis.
    fn any_in(&self, range: Range<usize>) -> bool {
        self.from(range.start).next().is_some_and(|first| first < range.end)
    }
}

/// The places of bits that are set.
pub(crate) struct Rising<'a> {
    words: &'a [u64],
    number: usize,
    /// What is left of the word of that number.
    word: u64,
}

impl Iterator for Rising<'_> {
    type Item = usize;
    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.word == 0 {
            self.number += 1;
            self.word = *self.words.get(self.number)?;
        }
        let at = self.number * 64 + self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(at)
    }
}

/// The bits of 64 conditions, the first one the lowest.
fn word_of(keep: &[bool; 64]) -> u64 {
    /// Moves the lowest bit of each byte to its place in the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let (eights, _) = keep.as_chunks::<8>();
    eights.iter().enumerate().fold(0, |word, (at, eight)| {
        let bytes = u64::from_le_bytes(eight.map(u8::from));
        word | (bytes.wrapping_mul(GATHER) >> 56) << (8 * at)
    })
}

/// Where the bit stands that has `before` set ones below it.
fn nth(mut word: u64, before: usize) -> usize {
    for _ in 0..before {
        word &= word.wrapping_sub(1);
    }
    word.trailing_zeros() as usize
}

/// The chunks along an axis that a chunk of the result takes from.
#[derive(Debug, PartialEq)]
pub(crate) enum Taken {
    All(usize),
    /// These, in rising order.
    Some(Vec<u32>),
}

impl Taken {
    pub(crate) fn chunks(&self) -> impl Iterator<Item = usize> {
        let (all, some): (usize, &[u32]) = match self {
            Taken::All(count) => (*count, &[]),
            Taken::Some(chunks) => (0, chunks),
        };
        (0..all).chain(some.iter().map(|&chunk| chunk as usize))
    }
}

impl Choice {
    /// The choice for a result with these boundaries.
    pub(crate) fn cut(mut self, bounds: &[usize]) -> Choice {
        if let Choice::Kept(kept) = &mut self {
            kept.look_up(bounds);
        }
        self
    }

    /// The chunks along the axis that chunk `number` of the result, which has these places, takes from.
    pub(crate) fn taken(
        &self,
        number: usize,
        places: Range<usize>,
        grid: &Grid,
        axis: usize,
    ) -> Taken {
        let count = grid.count_along(axis);
        let chunk_of = |index: usize| grid.chunk_at(axis, index);
        // There are at most 2²⁶ chunks.
        let between = |first: usize, last: usize| (first as u32..=last as u32).collect();
        match self {
            _ if places.is_empty() => Taken::Some(Vec::new()),
            _ if count == 1 => Taken::All(1),
            Choice::All(len) if places.len() >= *len => Taken::All(count),
            Choice::All(len) => taken_one_by_one(places.map(|place| place % len), grid, axis),
            Choice::Each(times) => Taken::Some(between(
                chunk_of(places.start / times),
                chunk_of((places.end - 1) / times),
            )),
            Choice::Kept(kept) => {
                let (start, end) = (kept.starts[number], kept.starts[number + 1]);
                let last = chunk_of(end.clamp(start + 1, grid.bounds(axis)[count]) - 1);
                let holds = |&chunk: &u32| {
                    let range = grid.range(axis, chunk as usize);
                    kept.any_in(range.start.max(start)..range.end.min(end))
                };
                let all: Vec<u32> = between(chunk_of(start), last);
                Taken::Some(all.into_iter().filter(holds).collect())
            }
            Choice::List(Indices::Short(list)) => {
                taken_one_by_one(list[places].iter().map(|&index| index as usize), grid, axis)
            }
            Choice::List(Indices::Long(list)) => {
                taken_one_by_one(list[places].iter().copied(), grid, axis)
            }
        }
    }
}

/// The chunks that indices fall into. Of indices in no order, which soon have been in all, not all are looked at.
fn taken_one_by_one(indices: impl Iterator<Item = usize>, grid: &Grid, axis: usize) -> Taken {
    let count = grid.count_along(axis);
    let stretches = Stretches::along(grid, axis);
    let (mut is_taken, mut taken) = (vec![false; count], 0);
    // Neighbours mostly come from one chunk.
    let mut last = 0..0;
    for index in indices {
        if last.contains(&index) {
            continue;
        }
        let (chunk, _) = stretches.find(index);
        last = grid.range(axis, chunk);
        if !std::mem::replace(&mut is_taken[chunk], true) {
            taken += 1;
            if taken == count {
                return Taken::All(count);
            }
        }
    }
    Taken::Some((0..count as u32).filter(|&chunk| is_taken[chunk as usize]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;

    #[test]
    fn kept_elements_are_found_from_the_boundaries_of_the_result() {
        for len in [0_usize, 1, 63, 64, 65, 128, 500] {
            for every in [1, 2, 3, 64, 65, 200, 1000] {
                let keep: Vec<bool> = (0..len).map(|at| at % every == every - 1).collect();
                let places: Vec<usize> = (0..len).filter(|&at| keep[at]).collect();
                let kept = Kept::new(&keep);
                assert_eq!(kept.count(), places.len());
                let mut bounds: Vec<usize> = (0..places.len()).step_by(7).collect();
                bounds.push(places.len());
                let Choice::Kept(kept) = Choice::Kept(kept).cut(&bounds) else { unreachable!() };
                for (number, range) in bounds.windows(2).enumerate() {
                    let found: Vec<usize> =
                        kept.of_stretch(number).take(range[1] - range[0]).collect();
                    assert_eq!(found, places[range[0]..range[1]], "{len} {every}");
                }
            }
        }
    }

    #[test]
    fn no_chunk_is_taken_from_in_vain() {
        let grid = Grid::new(&[100], &Chunks::from(10), 8).unwrap();
        let keep: Vec<bool> = (0..100).map(|at| at == 15 || at == 47 || at == 99).collect();
        let choice = Choice::Kept(Kept::new(&keep)).cut(&[0, 2, 3]);
        assert_eq!(choice.taken(0, 0..2, &grid, 0), Taken::Some(vec![1, 4]));
        assert_eq!(choice.taken(1, 2..3, &grid, 0), Taken::Some(vec![9]));
        let list = Indices::new(&[99, 15, 98, 0], 100).ok().unwrap();
        assert_eq!(Choice::List(list).taken(0, 0..4, &grid, 0), Taken::Some(vec![0, 1, 9]));
        let list = Indices::new(&[5, 95, 15, 25, 35, 45, 55, 65, 75, 85, 0], 100).ok().unwrap();
        assert_eq!(Choice::List(list).taken(0, 0..11, &grid, 0), Taken::All(10));
        assert_eq!(Choice::Each(10).taken(0, 95..105, &grid, 0), Taken::Some(vec![0, 1]));
        assert_eq!(Choice::All(100).taken(0, 98..102, &grid, 0), Taken::Some(vec![0, 9]));
    }

    #[test]
    fn an_index_beyond_the_axis_is_named() {
        assert_eq!(Indices::new(&[3, 9, 10, 12], 10).err(), Some(10));
        assert!(Indices::new(&[], 0).is_ok());
    }
}
