//! Key columns, and the table of all keys.
//!
//! In: columns of any type. Out: the group of each row; at the end, the keys of each group as columns of the same types.
//!
//! Each key column has a table of its distinct values, and each column after the first a table of pairs of (key so far, value).

use super::bytes::{BytesTable, hash_bytes};
use super::ints::IntTable;
use super::pairs::PairTable;
use super::slots::{EMPTY, check_room, fold, hash_two, hash_word};
use super::state::values::{binary, each_valid, from_binary, from_words, with_words};
use crate::error::{Error, ErrorKind};
use polars_core::prelude::row_encode::{_get_rows_encoded_ca_unordered, row_encoding_decode};
use polars_core::prelude::*;
use polars_core::utils::arrow::array::BinaryArray;

pub(super) struct KeyColumn {
    pub(super) name: PlSmallStr,
    pub(super) dtype: DataType,
    table: Table,
}

enum Table {
    /// Integers, booleans, times, and the bits of floats.
    Ints(IntTable),
    /// Strings, bytes, categories by their names.
    Bytes(BytesTable),
    /// Whatever else, by polars' encoding of rows.
    Rows(BytesTable),
}

impl KeyColumn {
    pub(super) fn new(name: PlSmallStr, dtype: DataType) -> KeyColumn {
        let table = match &dtype {
            DataType::Boolean | DataType::Null | DataType::Float32 | DataType::Float64 => {
                Table::Ints(IntTable::new())
            }
            DataType::Date | DataType::Time | DataType::Datetime(..) | DataType::Duration(_) => {
                Table::Ints(IntTable::new())
            }
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
                Table::Ints(IntTable::new())
            }
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
                Table::Ints(IntTable::new())
            }
            DataType::String | DataType::Binary => Table::Bytes(BytesTable::new()),
            DataType::Categorical(..) | DataType::Enum(..) => Table::Bytes(BytesTable::new()),
            _ => Table::Rows(BytesTable::new()),
        };
        KeyColumn { name, dtype, table }
    }

    pub(super) fn len(&self) -> usize {
        match &self.table {
            Table::Ints(table) => table.len(),
            Table::Bytes(table) | Table::Rows(table) => table.len(),
        }
    }

    /// Appends the numbers of a column's values to `into`.
    pub(super) fn encode(&mut self, values: &Series, into: &mut Vec<u32>) -> Result<(), Error> {
        check_room(self.len(), values.len())?;
        match &mut self.table {
            Table::Ints(table) => {
                with_words(values, |words, validity| table.encode(words, validity, into))
            }
            Table::Bytes(table) => {
                for array in binary(values)?.downcast_iter() {
                    table.encode(array, into);
                }
                Ok(())
            }
            Table::Rows(table) => {
                let column = values.clone().into_column();
                let rows = _get_rows_encoded_ca_unordered(PlSmallStr::EMPTY, &[column]);
                for array in rows.map_err(Error::polars)?.downcast_iter() {
                    into.extend(array.values_iter().map(|row| table.number(row)));
                }
                Ok(())
            }
        }
    }

    /// Appends a hash of each value to `into`, the same of equal values everywhere; all of its bits are good.
    pub(super) fn hash_values(&self, values: &Series, into: &mut Vec<u64>) -> Result<(), Error> {
        let null = hash_two(1, 2);
        let start = into.len();
        match &self.table {
            Table::Ints(_) => with_words(values, |words, validity| {
                let first = into.len();
                into.resize(first + words.len(), null);
                let hashes = &mut into[first..];
                each_valid(validity, words.len(), |row| hashes[row] = hash_word(words[row] as u64));
            })?,
            Table::Bytes(_) => {
                for array in binary(values)?.downcast_iter() {
                    into.extend(array.iter().map(|value| value.map_or(null, hash_bytes)));
                }
            }
            Table::Rows(_) => {
                let column = values.clone().into_column();
                let rows = _get_rows_encoded_ca_unordered(PlSmallStr::EMPTY, &[column]);
                for array in rows.map_err(Error::polars)?.downcast_iter() {
                    into.extend(array.values_iter().map(hash_bytes));
                }
            }
        }
        // One product leaves neighbouring words at regular distances.
        into[start..].iter_mut().for_each(|hash| *hash = hash_word(*hash));
        Ok(())
    }

    /// The numbers here of the values of a column of the same type.
    pub(super) fn absorb(&mut self, later: &KeyColumn) -> Result<Vec<u32>, Error> {
        check_room(self.len(), later.len())?;
        Ok(match (&mut self.table, &later.table) {
            (Table::Ints(table), Table::Ints(later)) => table.absorb(later),
            (Table::Bytes(table), Table::Bytes(later)) => table.absorb(later),
            (Table::Rows(table), Table::Rows(later)) => table.absorb(later),
            _ => unreachable!("merged states have keys of the same types"),
        })
    }

    /// A column of the values of these numbers only, and their numbers in it.
    pub(super) fn pick(&self, numbers: &[u32]) -> (KeyColumn, Vec<u32>) {
        let mut picked = KeyColumn::new(self.name.clone(), self.dtype.clone());
        let mut map = vec![EMPTY; self.len()];
        let number = |&number: &u32| {
            let known = &mut map[number as usize];
            if *known == EMPTY {
                *known = match (&mut picked.table, &self.table) {
                    (Table::Ints(table), Table::Ints(from)) => table.absorb_one(from, number),
                    (Table::Bytes(table), Table::Bytes(from)) => table.absorb_one(from, number),
                    (Table::Rows(table), Table::Rows(from)) => table.absorb_one(from, number),
                    _ => unreachable!("both are made for the same type"),
                };
            }
            *known
        };
        let numbers = numbers.iter().map(number).collect();
        (picked, numbers)
    }

    fn hashes(&self) -> Vec<u64> {
        let numbers = 0..self.len() as u32;
        match &self.table {
            Table::Ints(table) => numbers.map(|number| table.hash(number)).collect(),
            Table::Bytes(table) | Table::Rows(table) => {
                numbers.map(|number| table.hash(number)).collect()
            }
        }
    }

    /// The values, by number.
    fn values(&self) -> Result<Series, Error> {
        let numbers = 0..self.len() as u32;
        let name = self.name.clone();
        match &self.table {
            Table::Ints(table) => {
                from_words(name, numbers.map(|number| table.word(number)), &self.dtype)
            }
            Table::Bytes(table) => {
                let mut builder = BinaryChunkedBuilder::new(name, self.len());
                for number in numbers {
                    match table.get(number) {
                        Some(bytes) => builder.append_value(bytes.as_slice()),
                        None => builder.append_null(),
                    }
                }
                from_binary(builder.finish(), &self.dtype)
            }
            Table::Rows(table) => {
                let rows = numbers.map(|number| table.get(number));
                let rows: Vec<Vec<u8>> = rows
                    .map(|bytes| bytes.map_or(Vec::new(), |bytes| bytes.as_slice().to_vec()))
                    .collect();
                let rows = BinaryArray::<i64>::from_slice(&rows);
                let rows = BinaryOffsetChunked::with_chunk(PlSmallStr::EMPTY, rows);
                let fields = [Field::new(name.clone(), self.dtype.clone())];
                let options = [RowEncodingOptions::new_unsorted()];
                let decoded =
                    row_encoding_decode(&rows, &fields, &options).map_err(Error::polars)?;
                let mut columns = decoded.fields_as_series();
                Ok(columns.remove(0).with_name(name))
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match &self.table {
            Table::Ints(table) => table.bytes(),
            Table::Bytes(table) | Table::Rows(table) => table.bytes(),
        }
    }
}

/// The keys of all groups.
pub(super) struct KeyTable {
    columns: Vec<KeyColumn>,
    /// One less than columns: pair `i` is of the key so far and column `i + 1`.
    pairs: Vec<PairTable>,
    numbers: Vec<u32>,
}

impl KeyTable {
    pub(super) fn new(keys: &[(PlSmallStr, DataType)]) -> Result<KeyTable, Error> {
        let column = |(name, dtype): &(PlSmallStr, DataType)| {
            if dtype.contains_objects() {
                let message = format!("column `{name}` is {dtype}, which cannot be grouped by");
                return Err(Error::new(ErrorKind::Type, message));
            }
            Ok(KeyColumn::new(name.clone(), dtype.clone()))
        };
        let columns = keys.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let pairs = (1..columns.len()).map(|_| PairTable::new()).collect();
        Ok(KeyTable { columns, pairs, numbers: Vec::new() })
    }

    pub(super) fn columns(&self) -> &[KeyColumn] {
        &self.columns
    }

    /// How many groups; without key columns there is one.
    pub(super) fn len(&self) -> usize {
        match self.pairs.last() {
            Some(pairs) => pairs.len(),
            None => self.columns.first().map_or(1, KeyColumn::len),
        }
    }

    /// How many keys of the first `columns` columns.
    fn len_of(&self, columns: usize) -> usize {
        if columns == 1 { self.columns[0].len() } else { self.pairs[columns - 2].len() }
    }

    /// Replaces `ids` by the groups of these rows.
    pub(super) fn encode(&mut self, keys: &[Column], ids: &mut Vec<u32>) -> Result<(), Error> {
        ids.clear();
        let mut numbers = std::mem::take(&mut self.numbers);
        for (at, key) in keys.iter().enumerate() {
            let values = key.as_materialized_series();
            if at == 0 {
                self.columns[0].encode(values, ids)?;
            } else {
                numbers.clear();
                self.columns[at].encode(values, &mut numbers)?;
                self.chain(at, ids, &numbers)?;
            }
        }
        self.numbers = numbers;
        Ok(())
    }

    /// Makes of keys so far and values of column `at` the keys with that column.
    fn chain(&mut self, at: usize, ids: &mut [u32], numbers: &[u32]) -> Result<(), Error> {
        let counts = (self.len_of(at), self.columns[at].len());
        self.pairs[at - 1].encode(ids, numbers, counts)
    }

    /// The groups here of the groups of a table of later rows.
    pub(super) fn absorb(&mut self, later: &KeyTable) -> Result<Vec<u32>, Error> {
        let mut map = vec![0];
        for (at, column) in later.columns.iter().enumerate() {
            let values = self.columns[at].absorb(column)?;
            if at == 0 {
                map = values;
            } else {
                let (mut lefts, rights) = later.pairs[at - 1].mapped(&map, &values);
                self.chain(at, &mut lefts, &rights)?;
                map = lefts;
            }
        }
        Ok(map)
    }

    /// The numbers of the values of these groups, a vector a column.
    fn numbers_of(&self, groups: Vec<u32>) -> Vec<Vec<u32>> {
        let mut columns = Vec::with_capacity(self.columns.len());
        let mut numbers = groups;
        for pairs in self.pairs.iter().rev() {
            let (lefts, rights) = numbers.iter().map(|&number| pairs.get(number)).unzip();
            columns.push(rights);
            numbers = lefts;
        }
        columns.push(numbers);
        columns.reverse();
        columns
    }

    /// A table of these groups only, in this order.
    pub(super) fn pick(&self, groups: &[u32]) -> Result<KeyTable, Error> {
        if self.columns.is_empty() {
            return KeyTable::new(&[]);
        }
        let pairs = self.pairs.iter().map(|_| PairTable::new()).collect();
        let mut picked = KeyTable { columns: Vec::new(), pairs, numbers: Vec::new() };
        let mut ids = Vec::new();
        let last = self.columns.len() - 1;
        for (at, numbers) in self.numbers_of(groups.to_vec()).iter().enumerate() {
            let (column, numbers) = self.columns[at].pick(numbers);
            picked.columns.push(column);
            if at == 0 {
                ids = numbers;
            } else if at == last {
                // No group is there twice.
                picked.pairs[at - 1] = PairTable::of_sides(&ids, &numbers);
            } else {
                picked.chain(at, &mut ids, &numbers)?;
            }
        }
        Ok(picked)
    }

    /// A hash of the keys of each group, the same in every table.
    pub(super) fn hashes(&self) -> Vec<u64> {
        let Some(first) = self.columns.first() else { return vec![0] };
        let mut hashes = first.hashes();
        for (column, pairs) in self.columns[1..].iter().zip(&self.pairs) {
            let values = column.hashes();
            let both = (0..pairs.len() as u32).map(|number| {
                let (left, right) = pairs.get(number);
                fold(hashes[left as usize] ^ 0x9e37_79b9_7f4a_7c15, values[right as usize] | 1)
            });
            hashes = both.collect();
        }
        // Tables find their slots by the highest bits of the first hash, parts by those of this one.
        hashes.into_iter().map(|hash| hash_word(hash.rotate_left(32))).collect()
    }

    /// The keys as columns.
    pub(super) fn finish(self) -> Result<Vec<Column>, Error> {
        if let [column] = &self.columns[..] {
            return Ok(vec![column.values()?.into()]);
        }
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = self.numbers_of((0..self.len() as u32).collect());
        let columns = self.columns.iter().zip(numbers).map(|(column, numbers)| {
            let values = column.values()?;
            let numbers = IdxCa::from_vec(PlSmallStr::EMPTY, numbers);
            Ok(values.take(&numbers).map_err(Error::polars)?.into())
        });
        columns.collect()
    }

    pub(super) fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(KeyColumn::bytes).sum();
        let pairs: usize = self.pairs.iter().map(PairTable::bytes).sum();
        columns + pairs + self.numbers.capacity() * 4
    }
}
