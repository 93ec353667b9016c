//! Parts of files, and where the records of a part begin.
//!
//! In: ranges of bytes. Out: for each range the first record that begins in it. A newline may be in quotes, and only the bytes before it
//! tell, so this is found in two ways:
//!
//! - **surely**: by reading on from the nearest place that is known to begin a record;
//! - **by a guess**: behind the first newline, as if it were not in quotes. A guess is checked before anything that was read from it is
//!   handed out, so it costs time at most.
//!
//! Both need what is known, which all readers of a file write down in its [`Borders`]: whoever has read from `a` to `b` knows that a record
//! begins at `b` if one begins at `a` (a *hop*), whether his own beginning was sure or not. Hops that hang together from the first record on
//! are sure. So if parts are read in about the order of the file, by any number of threads, nothing is read twice; if they are not, what
//! was not read yet is searched for separators once.
//!
//! Of a record that is longer than a piece both ends are written down, so that who looks for a border in it need not read it again.
//!
//! - `U1`: `sure` is sorted, begins with the file's first record, and in each of its places a record begins, or the file ends.
//!
//! Not here: reading (`read`).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A range of bytes of one file: the records that begin in it.
///
/// # Examples
/// ```
/// use taskweave_csv::Part;
/// let part = Part::new(0, 1000, 2000);
/// assert_eq!((part.file(), part.range()), (0, 1000..2000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    pub(crate) file: usize,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

impl Part {
    /// The records of the source's file `file` that begin in the bytes from `from` on and before `to`. Parts that cover a file without
    /// overlapping have each of its records once, wherever their borders are. A compressed file is one part, from 0 on.
    pub fn new(file: usize, from: u64, to: u64) -> Part {
        Part { file, from, to }
    }

    /// The place of its file among the source's.
    pub fn file(&self) -> usize {
        self.file
    }

    /// Its bytes. Of a compressed file they are those of the compressed one.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.from..self.to
    }
}

/// What is known of where records of a file begin.
#[derive(Debug)]
pub(crate) struct Borders(Mutex<Known>);

#[derive(Debug)]
struct Known {
    /// `U1`.
    sure: Vec<u64>,
    /// If a record begins at the first, one begins at the second.
    hops: BTreeMap<u64, u64>,
    /// For ends of parts: if a record begins at the first place, then the first one at or behind the end begins at the second.
    firsts: BTreeMap<u64, (u64, u64)>,
    /// Of long records: if one begins at the first place, the next one begins at the second.
    long: BTreeMap<u64, u64>,
}

/// How the search for a border goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// A record begins there.
    At(u64),
    /// One begins at the first place: read on to the second.
    Walk(u64, u64),
}

impl Borders {
    /// For a file whose first record begins at `start`.
    pub(crate) fn new(start: u64) -> Borders {
        let (hops, firsts, long) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Borders(Mutex::new(Known { sure: vec![start], hops, firsts, long }))
    }

    /// If a record begins at `from`, one begins at `to`, and if that is not before `border`, it is the first that is not.
    pub(crate) fn hop(&self, from: u64, to: u64, border: u64) {
        self.known(|known| {
            // What lies behind the last sure place is sure already.
            if from < to && known.sure.last().is_some_and(|&last| last <= from) {
                known.hops.insert(from, to);
            }
            if from < border && border <= to {
                known.firsts.insert(border, (from, to));
            }
        });
    }

    /// If a record begins at `from`, it ends before `to`.
    pub(crate) fn long(&self, from: u64, to: u64) {
        self.known(|known| known.long.insert(from, to));
    }

    /// What to do to find the first record at or behind `border`.
    pub(crate) fn search(&self, border: u64) -> Search {
        self.known(|known| {
            let behind = known.sure.partition_point(|&at| at <= border);
            let Some(&nearest) = known.sure[..behind].last() else {
                return Search::At(known.sure[0]);
            };
            if nearest == border {
                return Search::At(border);
            }
            if let Some((from, first)) = known.firsts.get(&border)
                && known.sure.binary_search(from).is_ok()
            {
                return Search::At(*first);
            }
            if let Some(&behind) = known.long.get(&nearest)
                && border <= behind
            {
                return Search::At(behind);
            }
            // Where others have gone on from, unless what is known goes on already.
            let next = match known.sure.get(behind) {
                None => known.hops.range(nearest + 1..border).next(),
                Some(_) => None,
            };
            Search::Walk(nearest, next.map_or(border, |(&from, _)| from))
        })
    }

    fn known<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        // Each change of it is whole, so a panic elsewhere leaves it as it should be.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let result = look(&mut known);
        known.extend();
        result
    }
}

impl Known {
    /// Follows the hops from the last sure place.
    fn extend(&mut self) {
        let mut last = self.sure[self.sure.len() - 1];
        while let Some(to) = self.hops.remove(&last) {
            self.sure.push(to);
            last = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Borders, Search};

    #[test]
    fn hops_become_sure_when_they_hang_together() {
        let borders = Borders::new(10);
        assert_eq!(borders.search(3), Search::At(10));
        assert_eq!(borders.search(10), Search::At(10));
        assert_eq!(borders.search(100), Search::Walk(10, 100));
        // Another thread began at 50, by a guess.
        borders.hop(50, 80, 1000);
        assert_eq!(borders.search(100), Search::Walk(10, 50));
        borders.hop(80, 100, 1000);
        borders.hop(10, 30, 1000);
        assert_eq!(borders.search(100), Search::Walk(30, 50));
        borders.hop(30, 50, 1000);
        assert_eq!(borders.search(100), Search::At(100));
        assert_eq!(borders.search(90), Search::Walk(80, 90));
        assert_eq!(borders.search(101), Search::Walk(100, 101));
    }

    #[test]
    fn whoever_reads_to_a_border_knows_what_is_behind_it() {
        let borders = Borders::new(0);
        borders.hop(50, 83, 80);
        assert_eq!(borders.search(80), Search::Walk(0, 50));
        borders.hop(0, 50, 45);
        assert_eq!(borders.search(80), Search::At(83));
        assert_eq!(borders.search(45), Search::At(50));
        assert_eq!(borders.search(81), Search::Walk(50, 81));
    }

    #[test]
    fn a_long_record_is_read_once() {
        let borders = Borders::new(10);
        borders.long(20, 500);
        borders.hop(20, 520, 100);
        // It is not known yet that a record begins there.
        assert_eq!(borders.search(300), Search::Walk(10, 20));
        borders.hop(10, 20, 100);
        assert_eq!(borders.search(300), Search::At(500));
        assert_eq!(borders.search(500), Search::At(500));
        assert_eq!(borders.search(501), Search::Walk(20, 501));
        assert_eq!(borders.search(15), Search::Walk(10, 15));
    }

    #[test]
    fn a_wrong_guess_is_passed_over() {
        let borders = Borders::new(0);
        borders.hop(50, 80, 1000);
        assert_eq!(borders.search(100), Search::Walk(0, 50));
        // No record begins at 50: the first behind it is at 60.
        borders.hop(0, 60, 1000);
        assert_eq!(borders.search(100), Search::Walk(60, 100));
        borders.hop(60, 110, 1000);
        assert_eq!(borders.search(100), Search::Walk(60, 100));
    }
}
