//! In which order states of a reduction are combined: pairwise, so that the error of a sum grows with the logarithm of the number of its terms.
//!
//! In: states, one after the other, or rows of elements for a row of states. Out: one state, or one row.
//!
//! Not here: what states are (`reductions`), and where elements come from (`reduce`).

use crate::reduce::Reduction;
use crate::reductions::ROWS;
use crate::tile::TILE;
use smallvec::SmallVec;

/// States that are combined pairwise: of the sizes 1, 2, 4, … at most one is kept of each.
pub(crate) struct Cascade<S> {
    levels: SmallVec<[Option<S>; 8]>,
}

impl<S> Default for Cascade<S> {
    fn default() -> Self {
        Cascade { levels: SmallVec::new() }
    }
}

impl<S: Copy> Cascade<S> {
    pub(crate) fn push<R: Reduction<State = S>>(&mut self, reduction: &R, mut state: S) {
        for level in &mut self.levels {
            match level.take() {
                None => {
                    *level = Some(state);
                    return;
                }
                Some(mut earlier) => {
                    reduction.combine(&mut earlier, &state);
                    state = earlier;
                }
            }
        }
        self.levels.push(Some(state));
    }

    pub(crate) fn finish<R: Reduction<State = S>>(self, reduction: &R) -> Option<S> {
        let mut all: Option<S> = None;
        for mut earlier in self.levels.into_iter().flatten() {
            if let Some(later) = &all {
                reduction.combine(&mut earlier, later);
            }
            all = Some(earlier);
        }
        all
    }
}

/// So many rows go into one row of states, before that is combined with others: few enough for a sum's error, many for its speed.
pub(crate) const ROWS_TOGETHER: usize = 32;

/// So many columns of a block of rows are added up before the next ones: their states stay in the L1 cache.
const STRIP: usize = TILE;

/// A row of states that rows of elements are added to.
pub(crate) struct Lanes<A, S> {
    now: Vec<S>,
    rows: usize,
    /// Rows that wait until there are [`ROWS`] of them ([`Reduction::gathers_rows`]).
    waiting: Vec<A>,
    /// As in [`Cascade`].
    levels: Vec<Option<Vec<S>>>,
    /// Rows of states that are free again.
    spare: Vec<Vec<S>>,
}

impl<A: Copy, S: Copy> Lanes<A, S> {
    pub(crate) fn new<R: Reduction<In = A, State = S>>(reduction: &R, n: usize) -> Self {
        let now = vec![reduction.nothing(); n];
        Lanes { now, rows: 0, waiting: Vec::new(), levels: Vec::new(), spare: Vec::new() }
    }

    /// How many states there are.
    pub(crate) fn len(&self) -> usize {
        self.now.len()
    }

    /// Adds rows that lie one after the other, the first one at `at` and the others `stride` apart.
    pub(crate) fn add_rows<R: Reduction<In = A, State = S>>(
        &mut self,
        reduction: &R,
        mut values: &[A],
        at: u64,
        stride: u64,
    ) {
        if !reduction.gathers_rows() {
            return self.add_now(reduction, values, at, stride);
        }
        let n = self.now.len();
        while !values.is_empty() {
            if self.waiting.is_empty() {
                let (now, rest) = values.split_at(values.len() / (ROWS * n) * ROWS * n);
                self.add_now(reduction, now, at, stride);
                values = rest;
            }
            let (now, rest) = values.split_at(values.len().min(ROWS * n - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            values = rest;
            if self.waiting.len() == ROWS * n {
                self.add_waiting(reduction);
            }
        }
    }

    fn add_waiting<R: Reduction<In = A, State = S>>(&mut self, reduction: &R) {
        let mut rows = std::mem::take(&mut self.waiting);
        self.add_now(reduction, &rows, 0, 0);
        rows.clear();
        self.waiting = rows;
    }

    fn add_now<R: Reduction<In = A, State = S>>(
        &mut self,
        reduction: &R,
        mut values: &[A],
        mut at: u64,
        stride: u64,
    ) {
        let n = self.now.len();
        while !values.is_empty() {
            if self.rows == ROWS_TOGETHER {
                self.carry(reduction);
            }
            let rows = (ROWS_TOGETHER - self.rows).min(values.len() / n);
            let (now, rest) = values.split_at(rows * n);
            self.add_block(reduction, now, at, stride);
            self.rows += rows;
            (values, at) = (rest, at + rows as u64 * stride);
        }
    }

    fn add_block<R: Reduction<In = A, State = S>>(
        &mut self,
        reduction: &R,
        values: &[A],
        at: u64,
        stride: u64,
    ) {
        let n = self.now.len();
        let count = values.len() / n;
        let at = |row: usize| at + row as u64 * stride;
        for from in (0..n).step_by(STRIP) {
            let strip = from..n.min(from + STRIP);
            let row = |row: usize| &values[row * n..][..n][strip.clone()];
            let states = &mut self.now[strip.clone()];
            let several = count / ROWS * ROWS;
            for first in (0..several).step_by(ROWS) {
                let rows = std::array::from_fn(|number| row(first + number));
                reduction.rows(states, rows, std::array::from_fn(|number| at(first + number)));
            }
            let few = several..count;
            if !few.is_empty() {
                let rows: SmallVec<[_; ROWS]> = few.clone().map(row).collect();
                let at: SmallVec<[_; ROWS]> = few.map(at).collect();
                reduction.few_rows(states, &rows, &at);
            }
        }
    }

    fn carry<R: Reduction<In = A, State = S>>(&mut self, reduction: &R) {
        self.rows = 0;
        let n = self.now.len();
        let mut fresh = self.spare.pop().unwrap_or_default();
        fresh.clear();
        fresh.resize(n, reduction.nothing());
        let mut carried = std::mem::replace(&mut self.now, fresh);
        for level in &mut self.levels {
            match level.take() {
                None => {
                    *level = Some(carried);
                    return;
                }
                Some(mut earlier) => {
                    reduction.combine_rows(&mut earlier, &carried);
                    self.spare.push(std::mem::replace(&mut carried, earlier));
                }
            }
        }
        self.levels.push(Some(carried));
    }

    pub(crate) fn finish<R>(mut self, reduction: &R, states: &mut [S])
    where
        R: Reduction<In = A, State = S>,
    {
        self.add_waiting(reduction);
        let mut all = std::mem::take(&mut self.now);
        for mut earlier in self.levels.into_iter().flatten() {
            reduction.combine_rows(&mut earlier, &all);
            all = earlier;
        }
        reduction.combine_rows(states, &all);
    }
}
