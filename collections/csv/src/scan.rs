//! One pass over bytes that writes down where separators are.
//!
//! In: bytes that begin with a record. Out: [`Index`], the positions of the delimiters and newlines that are not in quotes. What is a
//! separator is defined by a machine that reads byte by byte ([`State`]):
//!
//! ```text
//!              quote                quote                  quote
//! Record,Field ─────> Quoted <─────────────────── Closed   (a doubled quote)
//!      │ text           └───────── quote ─────────>  │ text
//!      └─────────────────────> Text <────────────────┘      a quote in Text is text
//! delimiter: all but Quoted -> Field     newline: all but Quoted -> Record     Record, comment prefix -> Comment, until a newline
//! ```
//!
//! Blocks of 64 bytes go a shorter way if that gives the same (`I1`). Quotes toggle whether one is inside, so a prefix sum without carries
//! over the mask of quotes has a one for each byte inside.
//!
//! - `I1`: the short way is taken if each quote that would open a field stands where one may: behind a separator, or behind a quote that
//!   has just closed. Reading from the left, the first that does not is where parity and the machine part; if there is none, they agree.
//! - `I2`: `positions[0]` is one before the first byte, so field `c` of a record lies between the positions `base + c` and `base + c + 1`.
//!
//! Not here: which records are blank, comments or ragged (`records`).

use crate::dialect::Options;
use crate::lanes::{BLOCK, Lanes, Walk, dispatch};

/// The bytes that are looked for.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    /// Not empty.
    pub(crate) comment: Option<Vec<u8>>,
}

impl Marks {
    pub(crate) fn of(options: &Options) -> Marks {
        let (delimiter, quote) = (options.delimiter, options.quote);
        Marks { delimiter, quote, comment: options.comment.clone() }
    }
}

/// Where separators are.
#[derive(Default)]
pub(crate) struct Index {
    /// `I2`. Longer than what is used, so that blocks are written without a look at the end.
    positions: Vec<u32>,
    used: usize,
    /// For each record the index in `positions` of the newline that ends it.
    pub(crate) ends: Vec<u32>,
    /// Whether the bytes end inside quotes.
    pub(crate) is_open: bool,
}

/// One before the first byte.
const BEFORE: u32 = u32::MAX;

impl Index {
    pub(crate) fn positions(&self) -> &[u32] {
        &self.positions[..self.used]
    }

    /// Where in `positions` record `at` begins: field `c` lies behind `base + c`.
    pub(crate) fn base(&self, at: usize) -> u32 {
        if at == 0 { 0 } else { self.ends[at - 1] }
    }

    /// The first byte of record `at`; of the one after the last, the first byte behind the last newline.
    pub(crate) fn start(&self, at: usize) -> usize {
        self.positions[self.base(at) as usize].wrapping_add(1) as usize
    }

    fn clear(&mut self) {
        self.ends.clear();
        self.used = 0;
        self.reserve();
        self.positions[0] = BEFORE;
        self.used = 1;
    }

    #[inline(always)]
    fn reserve(&mut self) {
        if self.positions.len() < self.used + BLOCK {
            self.positions.resize(2 * (self.used + BLOCK), 0);
        }
    }

    #[inline(always)]
    fn push_block<L: Lanes>(&mut self, lanes: L, base: u32, separators: u64, mut newlines: u64) {
        while newlines != 0 {
            let below = (newlines & newlines.wrapping_neg()) - 1;
            self.ends.push(self.used as u32 + (separators & below).count_ones());
            newlines &= newlines - 1;
        }
        self.reserve();
        if let Some(out) = self.positions[self.used..].first_chunk_mut() {
            lanes.places(base, separators, out);
        }
        self.used += separators.count_ones() as usize;
    }

    fn push(&mut self, position: usize, is_newline: bool) {
        self.reserve();
        if is_newline {
            self.ends.push(self.used as u32);
        }
        self.positions[self.used] = position as u32;
        self.used += 1;
    }
}

/// What the machine knows of the bytes before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A record begins.
    Record,
    /// A field begins that is not a record's first.
    Field,
    /// In a field, outside of quotes.
    Text,
    /// In quotes.
    Quoted,
    /// Behind a quote that closes, or is the first of a doubled one.
    Closed,
    /// In a line that is none.
    Comment,
}

/// Finds the separators in `data`, which begins with a record and is shorter than 4 GiB. With `is_last` the last record needs no newline.
pub(crate) fn scan(data: &[u8], marks: &Marks, is_last: bool, index: &mut Index) {
    dispatch(Scan { data, marks, is_last, index });
}

struct Scan<'a> {
    data: &'a [u8],
    marks: &'a Marks,
    is_last: bool,
    index: &'a mut Index,
}

impl Walk for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn walk<L: Lanes>(self, lanes: L) {
        let Scan { data, marks, is_last, index } = self;
        index.clear();
        let mut state = State::Record;
        let (blocks, rest) = data.as_chunks::<BLOCK>();
        for (at, block) in blocks.iter().enumerate() {
            state = step(lanes, data, at * BLOCK, block, BLOCK, marks, state, index);
        }
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            let at = data.len() - rest.len();
            state = step(lanes, data, at, &block, rest.len(), marks, state, index);
        }
        index.is_open = state == State::Quoted;
        if is_last && index.start(index.ends.len()) < data.len() {
            index.push(data.len(), true);
        }
    }
}

/// A block, the short way if it can be taken.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "what a block is, and what is known of it")]
fn step<L: Lanes>(
    lanes: L,
    data: &[u8],
    at: usize,
    block: &[u8; BLOCK],
    length: usize,
    marks: &Marks,
    state: State,
    index: &mut Index,
) -> State {
    let valid = u64::MAX >> (BLOCK - length);
    let quotes = match marks.quote {
        Some(quote) => lanes.equal(block, quote) & valid,
        None => 0,
    };
    let newlines = lanes.equal(block, b'\n') & valid;
    let separators = (lanes.equal(block, marks.delimiter) & valid) | newlines;
    let last = 1 << (length - 1);
    if quotes == 0 && marks.comment.is_none() && state != State::Quoted {
        index.push_block(lanes, at as u32, separators, newlines);
        // No branch: whether a block ends with a separator cannot be foretold.
        let ends = usize::from(separators & last != 0) + usize::from(newlines & last != 0);
        return [State::Text, State::Field, State::Record][ends];
    }
    let mut inside = if state == State::Quoted { u64::MAX } else { 0 };
    inside ^= prefix_xor(quotes);
    let (separators, newlines) = (separators & !inside, newlines & !inside);
    let closing = quotes & !inside;
    let may_open = matches!(state, State::Record | State::Field | State::Closed);
    let before = ((separators | closing) << 1) | u64::from(may_open);
    let mut is_odd = quotes & inside & !before != 0 || state == State::Comment;
    if let Some(&[first, ..]) = marks.comment.as_deref() {
        let begins = (newlines << 1) | u64::from(state == State::Record);
        is_odd |= lanes.equal(block, first) & valid & begins != 0;
    }
    if is_odd {
        return step_by_byte(data, at, length, marks, state, index);
    }
    index.push_block(lanes, at as u32, separators, newlines);
    if inside & last != 0 {
        State::Quoted
    } else if newlines & last != 0 {
        State::Record
    } else if separators & last != 0 {
        State::Field
    } else if closing & last != 0 {
        State::Closed
    } else {
        State::Text
    }
}

/// Bit `i` is the sum without carries of the bits up to `i`.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// A block by the machine itself.
#[cold]
#[inline(never)]
fn step_by_byte(
    data: &[u8],
    at: usize,
    length: usize,
    marks: &Marks,
    mut state: State,
    index: &mut Index,
) -> State {
    for position in at..at + length {
        let byte = data[position];
        if state == State::Record
            && let Some(comment) = &marks.comment
            && data[position..].starts_with(comment)
        {
            state = State::Comment;
            continue;
        }
        let is_quote = Some(byte) == marks.quote;
        state = match state {
            State::Quoted if is_quote => State::Closed,
            State::Quoted => State::Quoted,
            _ if byte == b'\n' => {
                index.push(position, true);
                State::Record
            }
            State::Comment => State::Comment,
            State::Closed | State::Record | State::Field if is_quote => State::Quoted,
            _ if byte == marks.delimiter => {
                index.push(position, false);
                State::Field
            }
            _ => State::Text,
        };
    }
    state
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
