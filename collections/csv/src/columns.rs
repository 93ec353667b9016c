//! What is read: columns in the layout of Arrow.
//!
//! In: values and nulls, one after the other (`fill`). Out: [`Columns`], whose buffers are values and bits of validity with the lowest first
//! (strings: `texts`); [`Values::into_parts`] and its like give them away without a copy.
//!
//! - `O1`: a validity has as many bits as there are values, and is there only if one is a null.
//!
//! Not here: texts (`texts`), what becomes a value or a null (`fill`).

use crate::schema::{DataType, Field};
use crate::texts::Strings;

/// Bits, the lowest of each byte first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    bytes: Vec<u8>,
    len: usize,
}

impl Bitmap {
    /// How many bits there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `at`; false beyond the end.
    pub fn get(&self, at: usize) -> bool {
        at < self.len && self.bytes[at / 8] >> (at % 8) & 1 == 1
    }

    /// How many are zero.
    pub fn count_zeros(&self) -> usize {
        // Beyond the end there are zeros only.
        self.len - self.bytes.iter().map(|byte| byte.count_ones() as usize).sum::<usize>()
    }

    /// The bytes; bits beyond the end are zero.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, and the number of bits.
    pub fn into_parts(self) -> (Vec<u8>, usize) {
        (self.bytes, self.len)
    }

    fn push(&mut self, bit: bool) {
        if self.len.is_multiple_of(8) {
            self.bytes.push(0);
        }
        self.bytes[self.len / 8] |= u8::from(bit) << (self.len % 8);
        self.len += 1;
    }

    fn push_ones(&mut self, mut count: usize) {
        while count > 0 && !self.len.is_multiple_of(8) {
            self.push(true);
            count -= 1;
        }
        self.bytes.resize(self.bytes.len() + count / 8, 0xff);
        self.len += count / 8 * 8;
        for _ in 0..count % 8 {
            self.push(true);
        }
    }

    fn unset(&mut self, at: usize) {
        self.bytes[at / 8] &= !(1 << (at % 8));
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.len = 0;
    }
}

/// Makes a validity say that of the values from `before` to `len` those in `nulls`, counted from `before`, are nulls (`O1`).
pub(crate) fn mark(validity: &mut Option<Bitmap>, before: usize, len: usize, nulls: &[u32]) {
    if nulls.is_empty() && validity.is_none() {
        return;
    }
    let bits = validity.get_or_insert_default();
    bits.push_ones(len - bits.len());
    for &at in nulls {
        bits.unset(before + at as usize);
    }
}

pub(crate) fn is_valid(validity: &Option<Bitmap>, at: usize) -> bool {
    validity.as_ref().is_none_or(|bits| bits.get(at))
}

fn null_count(validity: &Option<Bitmap>) -> usize {
    validity.as_ref().map_or(0, Bitmap::count_zeros)
}

/// Numbers or times; where there is a null, the value is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values<T> {
    pub(crate) values: Vec<T>,
    validity: Option<Bitmap>,
}

impl<T: Copy> Values<T> {
    /// How many there are, nulls too.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them, with zeros for nulls.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// Which of them are no nulls; `None` if all are.
    pub fn validity(&self) -> Option<&Bitmap> {
        self.validity.as_ref()
    }

    /// Value `at`; `None` for a null and beyond the end.
    pub fn get(&self, at: usize) -> Option<T> {
        self.values.get(at).copied().filter(|_| is_valid(&self.validity, at))
    }

    /// One after the other, `None` for nulls.
    pub fn iter(&self) -> impl Iterator<Item = Option<T>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The values and the validity.
    pub fn into_parts(self) -> (Vec<T>, Option<Bitmap>) {
        (self.values, self.validity)
    }

    pub(crate) fn mark(&mut self, before: usize, nulls: &[u32]) {
        mark(&mut self.validity, before, self.values.len(), nulls);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.validity = None;
    }
}

/// Truths, as bits; where there is a null, the bit is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booleans {
    values: Bitmap,
    validity: Option<Bitmap>,
}

impl Booleans {
    /// How many there are, nulls too.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them, with zeros for nulls.
    pub fn values(&self) -> &Bitmap {
        &self.values
    }

    /// Which of them are no nulls; `None` if all are.
    pub fn validity(&self) -> Option<&Bitmap> {
        self.validity.as_ref()
    }

    /// Value `at`; `None` for a null and beyond the end.
    pub fn get(&self, at: usize) -> Option<bool> {
        (at < self.len() && is_valid(&self.validity, at)).then(|| self.values.get(at))
    }

    /// One after the other, `None` for nulls.
    pub fn iter(&self) -> impl Iterator<Item = Option<bool>> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The values and the validity.
    pub fn into_parts(self) -> (Bitmap, Option<Bitmap>) {
        (self.values, self.validity)
    }

    pub(crate) fn push(&mut self, bit: bool) {
        self.values.push(bit);
    }

    pub(crate) fn mark(&mut self, before: usize, nulls: &[u32]) {
        mark(&mut self.validity, before, self.values.len(), nulls);
    }

    fn clear(&mut self) {
        self.values.clear();
        self.validity = None;
    }
}

/// A column of one of the types.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Column {
    /// So many nulls.
    Null(usize),
    /// Truths.
    Boolean(Booleans),
    /// Integers.
    Int64(Values<i64>),
    /// Integers that are not negative.
    UInt64(Values<u64>),
    /// Floats.
    Float64(Values<f64>),
    /// Days since 1970-01-01.
    Date(Values<i32>),
    /// Microseconds since 1970-01-01T00:00.
    Datetime {
        /// The microseconds.
        values: Values<i64>,
        /// Whether they are in UTC, or on a clock nobody said where.
        utc: bool,
    },
    /// Texts.
    String(Strings),
}

/// The values if they are of this type.
macro_rules! accessor {
    ($name:ident, $variant:ident, $type:ty, $what:literal) => {
        #[doc = concat!("The values, if they are ", $what, ".")]
        pub fn $name(&self) -> Option<&$type> {
            match self {
                Column::$variant(values) => Some(values),
                _ => None,
            }
        }
    };
}

impl Column {
    pub(crate) fn new(data_type: DataType) -> Column {
        match data_type {
            DataType::Null => Column::Null(0),
            DataType::Boolean => Column::Boolean(Booleans::default()),
            DataType::Int64 => Column::Int64(Values::default()),
            DataType::UInt64 => Column::UInt64(Values::default()),
            DataType::Float64 => Column::Float64(Values::default()),
            DataType::Date => Column::Date(Values::default()),
            DataType::Datetime { utc } => Column::Datetime { values: Values::default(), utc },
            DataType::String => Column::String(Strings::default()),
        }
    }

    accessor!(as_boolean, Boolean, Booleans, "truths");
    accessor!(as_int64, Int64, Values<i64>, "integers");
    accessor!(as_uint64, UInt64, Values<u64>, "integers that are not negative");
    accessor!(as_float64, Float64, Values<f64>, "floats");
    accessor!(as_date, Date, Values<i32>, "days");
    accessor!(as_string, String, Strings, "texts");

    /// The microseconds, if they are times.
    pub fn as_datetime(&self) -> Option<&Values<i64>> {
        match self {
            Column::Datetime { values, .. } => Some(values),
            _ => None,
        }
    }

    /// The type.
    pub fn data_type(&self) -> DataType {
        match self {
            Column::Null(_) => DataType::Null,
            Column::Boolean(_) => DataType::Boolean,
            Column::Int64(_) => DataType::Int64,
            Column::UInt64(_) => DataType::UInt64,
            Column::Float64(_) => DataType::Float64,
            Column::Date(_) => DataType::Date,
            Column::Datetime { utc, .. } => DataType::Datetime { utc: *utc },
            Column::String(_) => DataType::String,
        }
    }

    /// How many values there are, nulls too.
    pub fn len(&self) -> usize {
        match self {
            Column::Null(count) => *count,
            Column::Boolean(values) => values.len(),
            Column::Int64(values) | Column::Datetime { values, .. } => values.len(),
            Column::UInt64(values) => values.len(),
            Column::Float64(values) => values.len(),
            Column::Date(values) => values.len(),
            Column::String(values) => values.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them are nulls.
    pub fn null_count(&self) -> usize {
        match self {
            Column::Null(count) => *count,
            Column::Boolean(values) => null_count(&values.validity),
            Column::Int64(values) | Column::Datetime { values, .. } => null_count(&values.validity),
            Column::UInt64(values) => null_count(&values.validity),
            Column::Float64(values) => null_count(&values.validity),
            Column::Date(values) => null_count(&values.validity),
            Column::String(values) => null_count(&values.validity),
        }
    }

    /// Empties it and keeps the memory.
    pub(crate) fn clear(&mut self) {
        match self {
            Column::Null(count) => *count = 0,
            Column::Boolean(values) => values.clear(),
            Column::Int64(values) | Column::Datetime { values, .. } => values.clear(),
            Column::UInt64(values) => values.clear(),
            Column::Float64(values) => values.clear(),
            Column::Date(values) => values.clear(),
            Column::String(values) => values.clear(),
        }
    }
}

/// The columns that were asked for, all of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    fields: Vec<Field>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
}

impl Columns {
    pub(crate) fn new(fields: Vec<Field>) -> Columns {
        let columns = fields.iter().map(|field| Column::new(field.data_type)).collect();
        Columns { fields, columns, rows: 0 }
    }

    /// How many rows there are, also if no column was asked for.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names and types, in the order in which they were asked for.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Column `at` of those that were asked for.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn column(&self, at: usize) -> &Column {
        &self.columns[at]
    }

    /// The column of this name.
    pub fn by_name(&self, name: &str) -> Option<&Column> {
        let at = self.fields.iter().position(|field| field.name == name)?;
        Some(&self.columns[at])
    }

    /// The columns, without their names.
    pub fn into_columns(self) -> Vec<Column> {
        self.columns
    }

    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        self.columns.iter_mut().for_each(Column::clear);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bitmap, Values};

    #[test]
    fn bits_are_pushed_by_the_byte() {
        for before in 0..20 {
            for count in 0..40 {
                let mut bits = Bitmap::default();
                (0..before).for_each(|at: usize| bits.push(at.is_multiple_of(3)));
                bits.push_ones(count);
                bits.push(false);
                let expected = |at: usize| {
                    if at < before { at.is_multiple_of(3) } else { at < before + count }
                };
                assert_eq!(bits.len(), before + count + 1);
                assert!((0..bits.len() + 9).all(|at| bits.get(at) == expected(at)));
                let zeros = (0..bits.len()).filter(|&at| !expected(at)).count();
                assert_eq!(bits.count_zeros(), zeros);
            }
        }
    }

    #[test]
    fn a_validity_comes_with_the_first_null() {
        let mut values = Values { values: vec![1; 10], validity: None };
        values.mark(0, &[]);
        assert_eq!(values.validity(), None);
        values.values.extend([0; 10]);
        values.mark(10, &[0, 9]);
        values.values.extend([2; 3]);
        values.mark(20, &[]);
        let nulls: Vec<usize> = (0..23).filter(|&at| values.get(at).is_none()).collect();
        assert_eq!(nulls, [10, 19]);
        assert_eq!(values.validity().map(Bitmap::len), Some(23));
    }
}
