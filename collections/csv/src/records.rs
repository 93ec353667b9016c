//! Which records there are, and their fields.
//!
//! In: bytes and the [`Index`] of their separators. Out: [`Records`], without blank lines and comments, each of which has as many fields as
//! there are columns, or says how many it has.
//!
//! Not here: what is in fields (`values`).

use crate::scan::{Index, Marks};

/// What a record has to look like.
pub(crate) struct Shape<'a> {
    pub(crate) columns: usize,
    pub(crate) marks: &'a Marks,
    /// Whether others are filled and cut.
    pub(crate) truncate_ragged: bool,
}

/// Where the records are that count.
#[derive(Default)]
pub(crate) struct Records {
    /// For each the place in the index before its first field.
    bases: Vec<u32>,
    /// How many fields each has; empty if each has as many as there are columns.
    counts: Vec<u32>,
}

/// A record with another number of fields.
#[derive(Debug)]
pub(crate) struct Ragged {
    /// Its first byte.
    pub(crate) start: usize,
    pub(crate) fields: usize,
}

impl Records {
    /// Takes the first `taken` records of `index`.
    pub(crate) fn select(
        &mut self,
        data: &[u8],
        index: &Index,
        taken: usize,
        shape: &Shape,
    ) -> Result<(), Ragged> {
        self.bases.clear();
        self.counts.clear();
        let mut base = 0;
        for at in 0..taken {
            let end = index.ends[at];
            let fields = (end - base) as usize;
            let is_plain = fields == shape.columns && shape.marks.comment.is_none();
            if is_plain || counts(data, index, at, fields, shape) {
                if fields == shape.columns {
                    self.push(base, fields);
                } else if shape.truncate_ragged {
                    if self.counts.is_empty() {
                        self.counts.resize(self.bases.len(), shape.columns as u32);
                        // A record that is there alone has to be told from none.
                        self.bases.push(base);
                        self.counts.push(fields as u32);
                    } else {
                        self.push(base, fields);
                    }
                } else {
                    return Err(Ragged { start: index.start(at), fields });
                }
            }
            base = end;
        }
        Ok(())
    }

    #[inline(always)]
    fn push(&mut self, base: u32, fields: usize) {
        self.bases.push(base);
        if !self.counts.is_empty() {
            self.counts.push(fields as u32);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bases.len()
    }

    /// Leaves out those of which `keeps`, which has a value for each, is false.
    pub(crate) fn retain(&mut self, keeps: &[bool]) {
        let kept = |list: &mut Vec<u32>| {
            let mut keeps = keeps.iter();
            list.retain(|_| keeps.next().copied().unwrap_or(true));
        };
        kept(&mut self.bases);
        kept(&mut self.counts);
    }

    /// Calls `each` with the fields of one column, in order; `None` for a field that its record lacks.
    #[inline(always)]
    pub(crate) fn for_each<'a>(
        &self,
        data: &'a [u8],
        index: &Index,
        shape: &Shape,
        column: usize,
        mut each: impl FnMut(usize, Option<Field<'a>>),
    ) {
        let positions = index.positions();
        for (at, &base) in self.bases.iter().enumerate() {
            let count = self.counts.get(at).map_or(shape.columns, |&count| count as usize);
            let base = base as usize + column;
            let is_there = column < count;
            each(at, is_there.then(|| field(data, positions, base, column + 1 == count)));
        }
    }

    /// The first byte of a field, or of the record if it lacks it.
    pub(crate) fn field_start(&self, index: &Index, record: usize, column: usize) -> usize {
        let base = self.bases[record] as usize;
        let is_there = self.counts.get(record).is_none_or(|&count| column < count as usize);
        index.positions()[if is_there { base + column } else { base }].wrapping_add(1) as usize
    }
}

/// A field where it lies.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    /// From its first byte to the end of the piece.
    rest: &'a [u8],
    len: usize,
}

impl<'a> Field<'a> {
    pub(crate) fn len(self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(crate) fn bytes(self) -> &'a [u8] {
        &self.rest[..self.len]
    }

    /// The first `N` bytes from where it begins, those behind it too.
    #[inline(always)]
    pub(crate) fn first<const N: usize>(self) -> [u8; N] {
        match self.rest.first_chunk() {
            Some(bytes) => *bytes,
            // Near the end of the piece.
            None => {
                let mut bytes = [0; N];
                bytes[..self.rest.len()].copy_from_slice(self.rest);
                bytes
            }
        }
    }
}

/// The field behind the position `before`; a carriage return before a newline is not part of it.
#[inline(always)]
pub(crate) fn field<'a>(
    data: &'a [u8],
    positions: &[u32],
    before: usize,
    ends_record: bool,
) -> Field<'a> {
    let start = positions[before].wrapping_add(1) as usize;
    let mut len = positions[before + 1] as usize - start;
    let rest = &data[start..];
    if ends_record && len > 0 && rest[len - 1] == b'\r' {
        len -= 1;
    }
    Field { rest, len }
}

/// Whether this is a record at all.
fn counts(data: &[u8], index: &Index, at: usize, fields: usize, shape: &Shape) -> bool {
    if is_comment(data, index, at, shape.marks) {
        return false;
    }
    // A line without anything in it is a null where there is one column.
    shape.columns == 1 || fields != 1 || !is_blank(data, index, at)
}

/// Whether a line is a comment.
pub(crate) fn is_comment(data: &[u8], index: &Index, at: usize, marks: &Marks) -> bool {
    marks.comment.as_ref().is_some_and(|prefix| data[index.start(at)..].starts_with(prefix))
}

/// Whether a record has one field, in which there is nothing, not even quotes.
pub(crate) fn is_blank(data: &[u8], index: &Index, at: usize) -> bool {
    let base = index.base(at) as usize;
    index.ends[at] as usize == base + 1 && field(data, index.positions(), base, true).len() == 0
}

/// The text of a field, and whether it is quoted.
#[inline(always)]
pub(crate) fn text_of<'a>(
    field: &'a [u8],
    quote: Option<u8>,
    scratch: &'a mut Vec<u8>,
) -> (&'a [u8], bool) {
    match field.split_first() {
        Some((first, rest)) if Some(*first) == quote => (inside(rest, *first, scratch), true),
        _ => (field, false),
    }
}

/// What is behind the quote that opens a field.
fn inside<'a>(rest: &'a [u8], quote: u8, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let next = |bytes: &[u8]| bytes.iter().position(|&byte| byte == quote).unwrap_or(bytes.len());
    let first = next(rest);
    if first + 1 >= rest.len() {
        return &rest[..first];
    }
    scratch.clear();
    let mut left = rest;
    loop {
        let at = next(left);
        scratch.extend_from_slice(&left[..at]);
        left = &left[(at + 1).min(left.len())..];
        match left.split_first() {
            Some((byte, behind)) if *byte == quote => {
                scratch.push(quote);
                left = behind;
            }
            // Closed: what follows is text, quotes too.
            _ => {
                scratch.extend_from_slice(left);
                return scratch;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::text_of;

    #[test]
    fn quotes_are_taken_off() {
        let check = |field: &str, text: &str, is_quoted: bool| {
            let mut scratch = Vec::new();
            let found = text_of(field.as_bytes(), Some(b'"'), &mut scratch);
            assert_eq!(found, (text.as_bytes(), is_quoted), "{field}");
        };
        check("", "", false);
        check("a\"b\"", "a\"b\"", false);
        check("\"\"", "", true);
        check("\"a,b\"", "a,b", true);
        check("\"a\"\"b\"", "a\"b", true);
        check("\"\"\"\"", "\"", true);
        check("\"\"\"\"\"\"", "\"\"", true);
        check("\"ab\"cd", "abcd", true);
        check("\"ab\"cd\"e\"\"f", "abcd\"e\"\"f", true);
        check("\"ab\" ", "ab ", true);
        let mut scratch = Vec::new();
        assert_eq!(text_of(b"\"a\"", None, &mut scratch), (&b"\"a\""[..], false));
    }
}
