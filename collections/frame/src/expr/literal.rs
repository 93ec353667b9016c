//! Values that stand in expressions.
//!
//! In: numbers, texts, booleans, nulls and scalars of polars. Out: [`Literal`], which knows the type that it has alone. Not here: which type
//! it takes beside a column (`types`).

use super::{Expr, Node};
use polars_core::prelude::{AnyValue, DataType, PlSmallStr, Scalar, TimeUnit, UnknownKind};
use std::fmt::{Display, Formatter};

/// A value in an expression, as [`lit`](super::lit) takes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Literal {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer, which takes the type of the column it meets.
    Int(i128),
    /// A real number, which takes the type of the column it meets if that is a float.
    Float(f64),
    /// A text.
    String(PlSmallStr),
    /// A value of one type: a date, say.
    Scalar(Scalar),
}

impl Literal {
    /// With its type when it stands alone.
    pub(crate) fn scalar(&self) -> Scalar {
        match self {
            Literal::Null => Scalar::null(DataType::Null),
            Literal::Boolean(value) => Scalar::from(*value),
            Literal::Int(value) => match (i32::try_from(*value), i64::try_from(*value)) {
                (Ok(value), _) => Scalar::from(value),
                (_, Ok(value)) => Scalar::from(value),
                // What is made into literals has 64 bits.
                _ => Scalar::from(u64::try_from(*value).unwrap_or(u64::MAX)),
            },
            Literal::Float(value) => Scalar::from(*value),
            Literal::String(value) => Scalar::from(value.clone()),
            Literal::Scalar(scalar) => scalar.clone(),
        }
    }

    /// What of its type is open, as polars writes it.
    pub(super) fn open(&self) -> Option<UnknownKind> {
        match self {
            Literal::Int(value) => Some(UnknownKind::Int(*value)),
            Literal::Float(_) => Some(UnknownKind::Float),
            _ => None,
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Boolean(value) => write!(f, "{value}"),
            Literal::Int(value) => write!(f, "{value}"),
            Literal::Float(value) => write!(f, "{value:?}"),
            Literal::String(value) => write!(f, "{:?}", value.as_str()),
            Literal::Scalar(scalar) => write!(f, "{}", scalar.value()),
        }
    }
}

macro_rules! literals {
    ($($variant:ident($as:ty): $($from:ty)*;)*) => {$($(
        impl From<$from> for Literal {
            fn from(value: $from) -> Literal {
                Literal::$variant(value as $as)
            }
        }
        impl From<$from> for Expr {
            fn from(value: $from) -> Expr {
                Node::Literal(value.into()).into()
            }
        }
    )*)*};
}

literals! {
    Int(i128): i8 i16 i32 i64 isize u8 u16 u32 u64 usize;
    Float(f64): f32 f64;
    Boolean(bool): bool;
}

macro_rules! texts {
    ($($from:ty)*) => {$(
        impl From<$from> for Literal {
            fn from(value: $from) -> Literal {
                Literal::String(value.into())
            }
        }
        /// As a text, not as a name.
        impl From<$from> for Expr {
            fn from(value: $from) -> Expr {
                Node::Literal(value.into()).into()
            }
        }
    )*};
}

texts! { &str String &String PlSmallStr }

/// A length of time, in microseconds.
impl From<std::time::Duration> for Literal {
    fn from(value: std::time::Duration) -> Literal {
        let micros = i64::try_from(value.as_micros()).unwrap_or(i64::MAX);
        let unit = TimeUnit::Microseconds;
        Literal::Scalar(Scalar::new(DataType::Duration(unit), AnyValue::Duration(micros, unit)))
    }
}

impl From<std::time::Duration> for Expr {
    fn from(value: std::time::Duration) -> Expr {
        Node::Literal(value.into()).into()
    }
}

impl From<Scalar> for Literal {
    fn from(value: Scalar) -> Literal {
        Literal::Scalar(value)
    }
}

impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(value: Option<T>) -> Literal {
        value.map_or(Literal::Null, Into::into)
    }
}

impl From<Literal> for Expr {
    fn from(value: Literal) -> Expr {
        Node::Literal(value).into()
    }
}

impl From<&Expr> for Expr {
    fn from(value: &Expr) -> Expr {
        value.clone()
    }
}
