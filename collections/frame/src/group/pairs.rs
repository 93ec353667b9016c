//! Keys that are pairs of numbers: how several key columns become one.
//!
//! In: the numbers of the key so far, and of one more column. Out: numbers of the distinct pairs, in order of first appearance. While the
//! product of both counts is small, or not much larger than there are pairs, a plain matrix; else a hash table, whose look-ups are asked for
//! a batch ahead.
//!
//! Not here: tables of single columns (`ints`, `bytes`), which columns there are (`keys`).

use super::slots::{EMPTY, Slots, check_room, hash_word, room};
use crate::error::Error;

/// Cells that a matrix may have in any case: 256 KiB, which stays in the second-level cache.
const CELLS_NEAR: usize = 1 << 16;

/// So many cells for each pair that is known, and for each row of a batch, are worth it in a larger one: a look-up waits for one cell, and for none if rows with the same major number follow
/// each other, as days do in a log; in a hash table it waits for a slot and a pair.
const CELLS_PER_PAIR: usize = 8;

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
    /// It is made when it is needed.
    Missing,
    Matrix(Matrix),
    Hashed(Slots),
}

/// The number of each pair in its cell.
struct Matrix {
    /// Which side's number is the row of the matrix.
    major: Side,
    /// A row has `1 << shift` cells.
    shift: u32,
    cells: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl Matrix {
    #[inline]
    fn place(&self, left: u32, right: u32) -> usize {
        let (row, cell) = match self.major {
            Side::Left => (left, right),
            Side::Right => (right, left),
        };
        (row as usize) << self.shift | cell as usize
    }

    /// With room for so many numbers on both sides.
    fn new(pairs: &[u64], major: Side, counts: (usize, usize)) -> Matrix {
        let (rows, width) = sides(major, counts);
        let shift = width.next_power_of_two().trailing_zeros();
        let mut matrix = Matrix { major, shift, cells: vec![EMPTY; rows << shift] };
        for (number, &pair) in pairs.iter().enumerate() {
            let place = matrix.place((pair >> 32) as u32, pair as u32);
            matrix.cells[place] = number as u32;
        }
        matrix
    }

    fn has_room(&self, counts: (usize, usize)) -> bool {
        let (rows, width) = sides(self.major, counts);
        width <= 1 << self.shift && rows << self.shift <= self.cells.len()
    }
}

/// How many rows there are, and how many cells in each.
fn sides(major: Side, (lefts, rights): (usize, usize)) -> (usize, usize) {
    match major {
        Side::Left => (lefts, rights),
        Side::Right => (rights, lefts),
    }
}

/// The side whose number is more often that of the row before.
fn steadier(left: &[u32], right: &[u32]) -> Side {
    let changes = |numbers: &[u32]| numbers.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if changes(right) < changes(left) { Side::Right } else { Side::Left }
}

#[inline]
fn pair(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

impl PairTable {
    pub(super) fn new() -> PairTable {
        PairTable::of_distinct(Vec::new())
    }

    /// Of pairs of which none is there twice, in their order.
    fn of_distinct(pairs: Vec<u64>) -> PairTable {
        PairTable { pairs, index: Index::Missing, hashes: Vec::new(), numbers: Vec::new() }
    }

    /// Of pairs of which none is there twice, in their order: nothing is looked up.
    pub(super) fn of_sides(left: &[u32], right: &[u32]) -> PairTable {
        let pairs = left.iter().zip(right).map(|(&left, &right)| pair(left, right));
        PairTable::of_distinct(pairs.collect())
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
        self.cover(left, right, counts);
        match &mut self.index {
            Index::Missing => {}
            Index::Matrix(matrix) => {
                for (left, &right) in left.iter_mut().zip(right) {
                    let place = matrix.place(*left, right);
                    let cell = &mut matrix.cells[place];
                    if *cell == EMPTY {
                        let number = self.pairs.len();
                        *cell = number as u32;
                        room(&mut self.pairs, number + 1);
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

    /// Makes the matrix large enough for these rows, or a hash table of it.
    fn cover(&mut self, left: &[u32], right: &[u32], counts: (usize, usize)) {
        let known = match &self.index {
            Index::Hashed(_) => return,
            Index::Matrix(matrix) if matrix.has_room(counts) => return,
            Index::Matrix(matrix) => Some(matrix),
            Index::Missing => None,
        };
        let is_near = |(lefts, rights): (usize, usize)| lefts.saturating_mul(rights) <= CELLS_NEAR;
        // Room for what comes, so that it is laid out anew a few times only.
        let (lefts, rights) =
            (counts.0.next_power_of_two().max(1), counts.1.next_power_of_two().max(1));
        let near = [(2 * lefts, 2 * rights), (lefts, 2 * rights), (lefts, rights)];
        if let Some(&counts) = near.iter().find(|&&counts| is_near(counts)) {
            self.index = Index::Matrix(Matrix::new(&self.pairs, Side::Left, counts));
            return;
        }
        let far = known.filter(|known| known.cells.len() > CELLS_NEAR);
        let major = far.map_or_else(|| steadier(left, right), |known| known.major);
        let (rows, width) = sides(major, counts);
        let pairs = self.pairs.len() + left.len();
        let most = pairs.saturating_mul(CELLS_PER_PAIR);
        let cells = width.next_power_of_two().saturating_mul(rows);
        if cells > most {
            let mut slots = Slots::new();
            let pairs = &self.pairs;
            slots.grow(pairs.len(), |number| hash_word(pairs[number]));
            self.index = Index::Hashed(slots);
            return;
        }
        let more = rows + (rows / 4).min((most - cells) / width.next_power_of_two());
        match &mut self.index {
            // It has more rows than before, and what is there stays where it is.
            Index::Matrix(known) if known.major == major && width <= 1 << known.shift => {
                let cells = more << known.shift;
                known.cells.reserve_exact(cells - known.cells.len());
                known.cells.resize(cells, EMPTY);
            }
            index => {
                let counts = if major == Side::Left { (more, width) } else { (width, more) };
                *index = Index::Matrix(Matrix::new(&self.pairs, major, counts));
            }
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
            Index::Missing => 0,
            Index::Matrix(matrix) => matrix.cells.capacity() * 4,
            Index::Hashed(slots) => slots.bytes(),
        };
        self.pairs.capacity() * 8 + index
    }
}

#[cfg(test)]
mod tests {
    use super::{CELLS_NEAR, Index, PairTable, Side};
    use std::collections::HashMap;

    /// Numbers of pairs by a table and by a map of the standard library, batch by batch.
    struct Both {
        table: PairTable,
        map: HashMap<(u32, u32), u32>,
        counts: (usize, usize),
    }

    impl Both {
        fn new() -> Both {
            Both { table: PairTable::new(), map: HashMap::new(), counts: (0, 0) }
        }

        fn encode(&mut self, pairs: &[(u32, u32)]) {
            let (mut left, right): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
            for &(left, right) in pairs {
                self.counts.0 = self.counts.0.max(left as usize + 1);
                self.counts.1 = self.counts.1.max(right as usize + 1);
            }
            self.table.encode(&mut left, &right, self.counts).unwrap();
            for (pair, number) in pairs.iter().zip(left) {
                let next = self.map.len() as u32;
                assert_eq!(number, *self.map.entry(*pair).or_insert(next), "{pair:?}");
                assert_eq!(self.table.get(number), *pair);
            }
            assert_eq!(self.table.len(), self.map.len());
        }
    }

    /// Numbers that look like chance.
    fn chance(state: &mut u64, below: u32) -> u32 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((*state >> 32) % u64::from(below)) as u32
    }

    #[test]
    fn a_steady_side_is_the_row_of_a_matrix() {
        for major in [Side::Left, Side::Right] {
            let (mut both, mut state) = (Both::new(), 1);
            let mut day = 0;
            for _ in 0..40 {
                let batch: Vec<_> = (0..5000)
                    .map(|_| {
                        day += u32::from(chance(&mut state, 400) == 0);
                        let plane = chance(&mut state, 900);
                        if major == Side::Left { (day, plane) } else { (plane, day) }
                    })
                    .collect();
                both.encode(&batch);
            }
            let Index::Matrix(matrix) = &both.table.index else { panic!("it is no matrix") };
            assert!(matrix.cells.len() > CELLS_NEAR && matrix.major == major);
            assert!(both.table.bytes() < 64 * both.table.len());
        }
    }

    #[test]
    fn matrices_become_hash_tables_where_pairs_are_few() {
        let (mut both, mut state) = (Both::new(), 2);
        for size in [10, 100, 1000, 10_000, 100_000] {
            let pairs = (0..3000).map(|_| (chance(&mut state, size), chance(&mut state, size)));
            both.encode(&pairs.collect::<Vec<_>>());
        }
        assert!(matches!(both.table.index, Index::Hashed(_)));
    }

    #[test]
    fn distinct_pairs_are_found_again() {
        let mut state = 3;
        for size in [5, 300, 5000] {
            let mut both = Both::new();
            let pairs = (0..2000).map(|_| (chance(&mut state, size), chance(&mut state, size)));
            both.encode(&pairs.collect::<Vec<_>>());
            let all = (0..both.table.len() as u32).map(|number| both.table.get(number));
            let (left, right): (Vec<u32>, Vec<u32>) = all.unzip();
            both.table = PairTable::of_sides(&left, &right);
            let pairs = (0..2000).map(|_| (chance(&mut state, size), chance(&mut state, size)));
            both.encode(&pairs.collect::<Vec<_>>());
        }
    }
}
