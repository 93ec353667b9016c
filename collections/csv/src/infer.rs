//! Types of a sample of rows.
//!
//! In: records of a piece, and the types of those before. Out: the narrowest types that all of them are values of.
//!
//! ```text
//! Null -> Boolean, Int64, Date, Datetime in UTC        each of them -> String
//! Int64 -> Float64 -> String                           Date -> Datetime -> String
//! ```
//!
//! Quotes say nothing of types. Integers that need more than 64 bits are strings: as floats they would lose digits in silence.
//!
//! Not here: which rows are the sample (`open`).

use crate::dialect::Options;
use crate::fill::{View, laid_bare};
use crate::records::Field;
use crate::schema::DataType;
use crate::values::{Wrong, boolean, date, datetime, float, integer};

/// What a text is written for, if dates are looked for.
pub(crate) fn kind_of(text: &[u8]) -> DataType {
    match integer(text) {
        Ok(_) => return DataType::Int64,
        Err(Wrong::Range) => return DataType::String,
        Err(_) => {}
    }
    if float(text).is_ok() {
        DataType::Float64
    } else if boolean(text).is_ok() {
        DataType::Boolean
    } else if date(text).is_ok() {
        DataType::Date
    } else if let Ok((_, utc)) = datetime(text) {
        DataType::Datetime { utc }
    } else {
        DataType::String
    }
}

/// The narrowest type that has the values of both.
pub(crate) fn widened(a: DataType, b: DataType) -> DataType {
    use DataType::{Date, Datetime, Float64, Int64, Null, String};
    match (a, b) {
        (Null, other) | (other, Null) => other,
        (a, b) if a == b => a,
        (Int64, Float64) | (Float64, Int64) => Float64,
        (Date, Datetime { utc: false }) | (Datetime { utc: false }, Date) => {
            Datetime { utc: false }
        }
        _ => String,
    }
}

/// Widens `types` by what is in the first `rows` records.
pub(crate) fn observe(view: &View, rows: usize, types: &mut [DataType]) {
    let mut scratch = Vec::new();
    for (column, known) in types.iter_mut().enumerate() {
        view.for_each(column, |record, field| {
            let field = field.map(Field::bytes);
            if record < rows
                && *known != DataType::String
                && let Some(text) = laid_bare(field, view.options, &mut scratch)
            {
                *known = widened(*known, seen(text, view.options));
            }
        });
    }
}

fn seen(text: &[u8], options: &Options) -> DataType {
    match kind_of(text) {
        DataType::Date | DataType::Datetime { .. } if !options.parse_dates => DataType::String,
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::{kind_of, widened};
    use crate::schema::DataType::{self, *};

    #[test]
    fn texts_have_kinds() {
        let check =
            |text: &str, kind: DataType| assert_eq!(kind_of(text.as_bytes()), kind, "{text}");
        check("12", Int64);
        check("-007", Int64);
        check("92233720368547758080", String);
        check("1.5", Float64);
        check("1e5", Float64);
        check("nan", Float64);
        check("TRUE", Boolean);
        check("2013-01-31", Date);
        check("2013-01-31 05:00", Datetime { utc: false });
        check("2013-01-31T05:00Z", Datetime { utc: true });
        check("UA", String);
    }

    #[test]
    fn types_widen_in_any_order() {
        let all = [
            Null,
            Boolean,
            Int64,
            Float64,
            Date,
            Datetime { utc: false },
            Datetime { utc: true },
            String,
        ];
        for a in all {
            for b in all {
                assert_eq!(widened(a, b), widened(b, a));
                assert_eq!(widened(widened(a, b), b), widened(a, b));
                for c in all {
                    assert_eq!(widened(widened(a, b), c), widened(a, widened(b, c)), "{a} {b} {c}");
                }
            }
        }
        assert_eq!(widened(Int64, Float64), Float64);
        assert_eq!(widened(Date, Datetime { utc: true }), String);
    }
}
