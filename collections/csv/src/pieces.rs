//! A file piece by piece, each of which begins with a record.
//!
//! In: where a record begins, and where the part ends. Out: bytes with the index of their separators, and how many of the records belong
//! to the part: those that begin before its end. One buffer is read into again and again; what is left of the last record moves to its
//! front. Where a record is longer than the buffer, it is doubled.
//!
//! Not here: whether a record begins there (`split`).

use crate::error::{Error, ErrorKind};
use crate::input::{Found, Input};
use crate::scan::{Index, Marks, scan};

/// What is read beyond the end of a part at first: most records are shorter.
const OVERRUN_BYTES: u64 = 4 << 10;
/// The longest record. Positions have 32 bits, and what is longer is a quote that was not closed.
pub(crate) const RECORD_BYTES_MAX: usize = 1 << 30;
/// A buffer that has grown to so many pieces is cut again when it can be.
const PIECES_KEPT: usize = 16;

/// A file that is read piece by piece.
pub(crate) struct Pieces<'a> {
    input: Input<'a>,
    marks: &'a Marks,
    piece: usize,
    record_max: usize,
    /// Where the part ends.
    to: u64,
    buffer: Vec<u8>,
    /// So many bytes of it have been read.
    held: usize,
    /// Those of them that have been handed out.
    used: usize,
    /// Where in the file the buffer begins.
    start: u64,
    is_end: bool,
    index: Index,
}

impl<'a> Pieces<'a> {
    /// The records that begin at `start` and before `to`.
    pub(crate) fn new(
        found: &'a Found,
        marks: &'a Marks,
        piece: usize,
        start: u64,
        to: u64,
    ) -> Result<Pieces<'a>, Error> {
        let input = Input::open(found, start)?;
        let (buffer, index) = (Vec::new(), Index::default());
        let piece = piece.clamp(1, RECORD_BYTES_MAX);
        let (held, used, is_end) = (0, 0, false);
        let record_max = RECORD_BYTES_MAX;
        Ok(Pieces { input, marks, piece, record_max, to, buffer, held, used, start, is_end, index })
    }

    /// Longer records are errors: for who is not sure that a record begins at the start, and may be about to read what is between two
    /// quotes.
    pub(crate) fn with_record_max(mut self, bytes: usize) -> Self {
        self.record_max = bytes;
        self
    }

    /// The bytes of the piece at hand.
    pub(crate) fn data(&self) -> &[u8] {
        &self.buffer[..self.held]
    }

    /// Their separators.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Where in the file they begin.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Where the record behind those that have been handed out begins.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.used as u64
    }

    /// Where the first record of the piece ends, if it is longer than a piece is else.
    pub(crate) fn long(&self) -> Option<u64> {
        let end = self.index.start(1).min(self.held);
        (end > self.piece).then_some(self.start + end as u64)
    }

    /// The next piece: how many records of it belong to the part, or `None` if there is none left.
    pub(crate) fn advance(&mut self) -> Result<Option<usize>, Error> {
        self.buffer.copy_within(self.used..self.held, 0);
        self.start += self.used as u64;
        self.held -= self.used;
        self.used = 0;
        if self.start >= self.to {
            return Ok(None);
        }
        if self.held < self.piece && self.buffer.len() / PIECES_KEPT > self.piece.max(1 << 16) {
            self.buffer.truncate(self.piece);
            self.buffer.shrink_to_fit();
        }
        let near = (self.to - self.start).saturating_add(OVERRUN_BYTES);
        let mut wanted = self.piece.min(usize::try_from(near).unwrap_or(usize::MAX));
        loop {
            self.fill(wanted)?;
            scan(&self.buffer[..self.held], self.marks, self.is_end, &mut self.index);
            let complete = self.index.ends.len();
            if complete > 0 {
                let taken = self.taken(complete);
                if self.index.is_open && self.is_end && taken == complete {
                    return Err(self.never_closed());
                }
                self.used = self.index.start(taken).min(self.held);
                return Ok(Some(taken));
            }
            if self.is_end {
                return Ok(None);
            }
            if self.held >= self.record_max {
                return Err(self.too_long());
            }
            wanted = (2 * self.held.max(wanted)).min(self.record_max);
        }
    }

    /// Reads until so many bytes are held, or there are no more.
    fn fill(&mut self, wanted: usize) -> Result<(), Error> {
        if self.buffer.len() < wanted {
            let more = wanted - self.buffer.len();
            if self.buffer.try_reserve_exact(more).is_err() {
                return Err(self.too_long());
            }
            self.buffer.resize(wanted, 0);
        }
        while self.held < wanted && !self.is_end {
            match self.input.read(&mut self.buffer[self.held..wanted])? {
                0 => self.is_end = true,
                count => self.held += count,
            }
        }
        Ok(())
    }

    /// How many of the records begin before the end of the part.
    fn taken(&self, complete: usize) -> usize {
        let limit = usize::try_from(self.to - self.start).unwrap_or(usize::MAX);
        let positions = self.index.positions();
        // Each newline before the limit has a record behind it that begins there.
        let behind = |&end: &u32| (positions[end as usize] as usize) < limit.saturating_sub(1);
        (1 + self.index.ends.partition_point(behind)).min(complete)
    }

    fn never_closed(&self) -> Error {
        let positions = self.index.positions();
        let opened = positions[positions.len() - 2].wrapping_add(1);
        let message = "the quote that opens this field is never closed: close it, or read quotes as text with `quote(None)`";
        Error::new(ErrorKind::Format, message).at(self.start + u64::from(opened))
    }

    fn too_long(&self) -> Error {
        let message = format!(
            "this record takes more than {} MiB, for which there is no room: a quote may not be closed, which `quote(None)` reads as text",
            self.held >> 20
        );
        Error::new(ErrorKind::Format, message).at(self.start)
    }
}
