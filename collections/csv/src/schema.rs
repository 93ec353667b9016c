//! Names and types of columns.
//!
//! In: a header, and what a sample of rows was taken for or what was declared. Out: [`Schema`].
//!
//! Not here: how types are guessed (`infer`), and columns themselves (`columns`).

use std::fmt::{Display, Formatter};

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// Nothing but nulls.
    Null,
    /// `true` and `false`, also as `True` and `TRUE`.
    Boolean,
    /// 64-bit integers.
    Int64,
    /// 64-bit integers that are not negative. No sample is taken for them: they are declared.
    UInt64,
    /// 64-bit floats.
    Float64,
    /// Days since 1970-01-01, written `2013-01-31` or `2013/01/31`.
    Date,
    /// Microseconds since 1970-01-01T00:00, written as a date, `T` or a space, and `05:00`, `05:00:30` or `05:00:30.25`. What is
    /// finer than microseconds is cut off.
    Datetime {
        /// Whether each text has an offset (`Z`, `+01:00`), so that values are in UTC; without it none has one.
        utc: bool,
    },
    /// Text in UTF-8.
    String,
}

impl Display for DataType {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DataType::Null => "Null",
            DataType::Boolean => "Boolean",
            DataType::Int64 => "Int64",
            DataType::UInt64 => "UInt64",
            DataType::Float64 => "Float64",
            DataType::Date => "Date",
            DataType::Datetime { utc: false } => "Datetime",
            DataType::Datetime { utc: true } => "Datetime in UTC",
            DataType::String => "String",
        })
    }
}

impl DataType {
    /// As it is written in a program.
    pub(crate) fn in_code(self) -> &'static str {
        match self {
            DataType::Null => "DataType::Null",
            DataType::Boolean => "DataType::Boolean",
            DataType::Int64 => "DataType::Int64",
            DataType::UInt64 => "DataType::UInt64",
            DataType::Float64 => "DataType::Float64",
            DataType::Date => "DataType::Date",
            DataType::Datetime { utc: false } => "DataType::Datetime { utc: false }",
            DataType::Datetime { utc: true } => "DataType::Datetime { utc: true }",
            DataType::String => "DataType::String",
        }
    }
}

/// A column's name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As the header has it, or `column_1` and so on.
    pub name: String,
    /// What the column is read as.
    pub data_type: DataType,
}

/// The columns of a source, in the order of its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    pub(crate) fields: Vec<Field>,
}

impl Schema {
    /// The columns.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Their number.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is none, as in a source of empty files.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Their names, as [`Source::read`](crate::Source::read) takes them.
    pub fn names(&self) -> Vec<&str> {
        self.fields.iter().map(|field| field.name.as_str()).collect()
    }

    /// Where the column of this name stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

impl Display for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for (at, field) in self.fields.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", field.name, field.data_type)?;
        }
        Ok(())
    }
}
