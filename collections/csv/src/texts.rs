//! Columns of texts, as views in the layout of Arrow.
//!
//! In: texts, one after the other (`fill`). Out: [`Strings`]: for each text 16 bytes, in which a short one stands as it is, and buffers with
//! the long ones.
//!
//! - `O2`: when a piece has been read, each text is UTF-8, and a view says where its text is.
//! - `O3`: of a view of up to 12 bytes those behind the text are zero, so that equal texts have equal views.
//!
//! Not here: what is a null, and what quotes mean (`fill`).

use crate::columns::{Bitmap, is_valid, mark};

/// The longest text that stands in its view, in bytes.
pub(crate) const SHORT_TEXT: usize = 12;

/// Of each text its length, in four bytes with the lowest first. Behind it stands a text of up to 12 bytes itself, and zeros; of a longer
/// one its first four bytes, the number of its buffer, and where in it the text begins, in four bytes each.
pub(crate) type View = [u8; 16];

/// A buffer that would be longer is followed by another one: places in them have 32 bits, of which Arrow takes one for a sign.
const BUFFER_BYTES_MAX: usize = i32::MAX as usize;

/// The view of a text of `len` bytes, up to 12, behind which anything may lie.
#[inline(always)]
pub(crate) fn short_view(text: [u8; 16], len: usize) -> View {
    let kept = !(u128::MAX << (8 * len));
    let text = u128::from_le_bytes(text) & kept;
    (text << 32 | len as u128).to_le_bytes()
}

/// The view of a text of up to 12 bytes.
pub(crate) fn view_of(text: &[u8]) -> View {
    let mut bytes = [0; 16];
    bytes[..text.len()].copy_from_slice(text);
    short_view(bytes, text.len())
}

/// Four bytes of a view.
fn word(view: &View, at: usize) -> u32 {
    u32::from_le_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]])
}

#[inline(always)]
fn length(view: &View) -> usize {
    word(view, 0) as usize
}

/// Texts; where there is a null, the text is empty.
#[derive(Clone, Debug, Default)]
pub struct Strings {
    views: Vec<View>,
    buffers: Vec<Vec<u8>>,
    pub(crate) validity: Option<Bitmap>,
}

impl PartialEq for Strings {
    fn eq(&self, other: &Strings) -> bool {
        self.len() == other.len()
            && (0..self.len()).all(|at| self.get_bytes(at) == other.get_bytes(at))
    }
}

impl Eq for Strings {}

impl Strings {
    /// How many there are, nulls too.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// For each text its length, in four bytes with the lowest first; behind it a text of up to 12 bytes itself, and zeros, and of a longer
    /// one its first four bytes, the number of its buffer, and where in it the text begins, in four bytes each.
    pub fn views(&self) -> &[[u8; 16]] {
        &self.views
    }

    /// The buffers with the texts of more than 12 bytes, one behind the other, each of them UTF-8.
    pub fn buffers(&self) -> &[Vec<u8>] {
        &self.buffers
    }

    /// Which of them are no nulls; `None` if all are.
    pub fn validity(&self) -> Option<&Bitmap> {
        self.validity.as_ref()
    }

    /// Text `at`; `None` for a null and beyond the end.
    ///
    /// # Cost
    /// The text is checked to be UTF-8 each time; [`get_bytes`](Strings::get_bytes) does without.
    pub fn get(&self, at: usize) -> Option<&str> {
        // `O2`: it always is.
        self.get_bytes(at).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The bytes of text `at`; `None` for a null and beyond the end.
    pub fn get_bytes(&self, at: usize) -> Option<&[u8]> {
        (at < self.len() && is_valid(&self.validity, at)).then(|| self.raw(at))
    }

    /// One after the other, `None` for nulls.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The views, the buffers and the validity.
    pub fn into_parts(self) -> (Vec<[u8; 16]>, Vec<Vec<u8>>, Option<Bitmap>) {
        (self.views, self.buffers, self.validity)
    }

    fn raw(&self, at: usize) -> &[u8] {
        let view = &self.views[at];
        let length = length(view);
        if length <= SHORT_TEXT {
            return &view[4..4 + length];
        }
        let (buffer, start) = (word(view, 8) as usize, word(view, 12) as usize);
        &self.buffers[buffer][start..start + length]
    }

    pub(crate) fn reserve(&mut self, count: usize) {
        self.views.reserve(count);
    }

    /// A text of up to 12 bytes, as its view.
    #[inline(always)]
    pub(crate) fn push_view(&mut self, view: View) {
        self.views.push(view);
    }

    /// Any text.
    #[inline(always)]
    pub(crate) fn push(&mut self, text: &[u8]) {
        if text.len() <= SHORT_TEXT {
            self.views.push(view_of(text));
        } else {
            self.push_long(text);
        }
    }

    #[inline(always)]
    fn push_long(&mut self, text: &[u8]) {
        let has_room = |buffer: &Vec<u8>| buffer.len() + text.len() <= BUFFER_BYTES_MAX;
        if !self.buffers.last().is_some_and(has_room) {
            self.buffers.push(Vec::new());
        }
        let at = self.buffers.len() - 1;
        let buffer = &mut self.buffers[at];
        let mut view = [0; 16];
        view[..4].copy_from_slice(&(text.len() as u32).to_le_bytes());
        view[4..8].copy_from_slice(&text[..4]);
        view[8..12].copy_from_slice(&(at as u32).to_le_bytes());
        view[12..].copy_from_slice(&(buffer.len() as u32).to_le_bytes());
        buffer.extend_from_slice(text);
        self.views.push(view);
    }

    pub(crate) fn mark(&mut self, before: usize, nulls: &[u32]) {
        let len = self.len();
        mark(&mut self.validity, before, len, nulls);
    }

    /// The first text from `before` on that is no UTF-8 (`O2`).
    pub(crate) fn first_invalid(&self, before: usize) -> Option<usize> {
        if self.is_ascii(before) {
            return None;
        }
        (before..self.len()).find(|&at| std::str::from_utf8(self.raw(at)).is_err())
    }

    /// Whether the texts from `before` on are, as far as that is quickly said.
    fn is_ascii(&self, before: usize) -> bool {
        const HIGH: u128 = 0x8080_8080_8080_8080_8080_8080_0000_0000;
        let mut first_long = None;
        let mut bits = 0;
        for view in &self.views[before..] {
            if length(view) <= SHORT_TEXT {
                bits |= u128::from_le_bytes(*view);
            } else {
                first_long.get_or_insert(view);
            }
        }
        let is_long_ascii = first_long.is_none_or(|view| {
            let (buffer, start) = (word(view, 8) as usize, word(view, 12) as usize);
            self.buffers[buffer][start..].is_ascii()
                && self.buffers[buffer + 1..].iter().all(|buffer| buffer.is_ascii())
        });
        bits & HIGH == 0 && is_long_ascii
    }

    /// Replaces what is no UTF-8 from text `before` on.
    pub(crate) fn replace_invalid(&mut self, before: usize) {
        let texts: Vec<String> = (before..self.len())
            .map(|at| String::from_utf8_lossy(self.raw(at)).into_owned())
            .collect();
        let long = self.views[before..].iter().find(|view| length(view) > SHORT_TEXT);
        if let Some(view) = long {
            let (buffer, start) = (word(view, 8) as usize, word(view, 12) as usize);
            self.buffers.truncate(buffer + 1);
            self.buffers[buffer].truncate(start);
        }
        self.views.truncate(before);
        texts.iter().for_each(|text| self.push(text.as_bytes()));
    }

    /// Empties it and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.views.clear();
        self.buffers.truncate(1);
        self.buffers.iter_mut().for_each(Vec::clear);
        self.validity = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{SHORT_TEXT, Strings, short_view, view_of};

    #[test]
    fn short_texts_stand_in_their_views() {
        for length in 0..=SHORT_TEXT {
            let text: Vec<u8> = (0..length as u8).map(|at| b'a' + at).collect();
            let mut around = [0xff; 16];
            around[..length].copy_from_slice(&text);
            let view = short_view(around, length);
            assert_eq!(view, view_of(&text));
            assert_eq!(view[..4], (length as u32).to_le_bytes());
            assert_eq!(
                (&view[4..4 + length], &view[4 + length..]),
                (&text[..], &[0; 12][length..])
            );
        }
    }

    #[test]
    fn texts_come_back_from_wherever_they_stand() {
        let lengths = [0, 1, 11, 12, 13, 100, 12, 13, 3];
        let expected: Vec<String> =
            lengths.iter().map(|&length| "abcdefghijklm".repeat(8)[..length].to_owned()).collect();
        let mut texts = Strings::default();
        for _ in 0..3 {
            texts.clear();
            expected.iter().for_each(|text| texts.push(text.as_bytes()));
            assert_eq!(texts.iter().flatten().collect::<Vec<_>>(), expected);
            assert_eq!(texts.buffers().iter().map(Vec::len).sum::<usize>(), 126);
            assert_eq!(texts.first_invalid(0), None);
        }
    }

    #[test]
    fn characters_cut_by_a_field_are_invalid() {
        for tail in ["", " and more than twelve bytes"] {
            let mut texts = Strings::default();
            texts.push(b"a");
            texts.push(format!("\u{e9}{tail}").as_bytes());
            assert_eq!(texts.first_invalid(0), None);
            let [first, second] = "\u{e9}".as_bytes() else { panic!("two bytes") };
            texts.push(&[tail.as_bytes(), &[*first]].concat());
            texts.push(&[&[*second], tail.as_bytes()].concat());
            assert_eq!(texts.first_invalid(1), Some(2));
            assert_eq!(texts.first_invalid(3), Some(3));
            texts.replace_invalid(1);
            let all: Vec<_> = texts.iter().flatten().collect();
            let expected = [
                "a".to_owned(),
                format!("\u{e9}{tail}"),
                format!("{tail}\u{fffd}"),
                format!("\u{fffd}{tail}"),
            ];
            assert_eq!(all, expected);
            assert_eq!(texts.first_invalid(0), None);
        }
    }
}
