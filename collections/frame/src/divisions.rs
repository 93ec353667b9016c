//! What is known of the order of a frame's rows: between which values of which column each partition lies.
//!
//! In: bounds that were computed or claimed. Out: which partitions a range of values can be in.
//!
//! - `V1`: bounds never fall, there is one more than partitions, and of partition `i` every value `v` of the column has
//!   `bounds[i] <= v <= bounds[i + 1]`, in rising order; none is null.
//!
//! Not here: the tasks that check it (`sorted`).

use polars_core::prelude::{AnyValue, PlSmallStr};
use polars_core::scalar::Scalar;
use std::cmp::Ordering;
use std::fmt::{Display, Formatter};
use std::ops::Range;
use std::sync::Arc;

/// What is known of the order of rows.
///
/// # Examples
/// ```
/// # use taskweave_frame as frame;
/// use frame::prelude::*;
/// let frame = Frame::from_polars(df!("t" => [1, 2, 3, 4])?, 2).sorted_by("t");
/// assert_eq!(frame.divisions().to_string(), "t: 1 | 3 | 4");
/// assert_eq!(frame.divisions().column(), Some("t"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub enum Divisions {
    /// Nothing.
    #[default]
    Unknown,
    /// The rows are sorted by a column.
    Known(Bounds),
}

/// The column by which rows are sorted, and the values that begin each partition.
#[derive(Clone, Debug)]
pub struct Bounds {
    column: PlSmallStr,
    values: Arc<[Scalar]>,
    /// The last value of each partition, if it is known, else the bound behind it.
    ends: Arc<[Scalar]>,
}

impl Divisions {
    /// Divisions by these bounds, which hold `V1`.
    pub(crate) fn known(column: PlSmallStr, values: Vec<Scalar>) -> Divisions {
        let ends = values.get(1..).unwrap_or_default().into();
        Divisions::Known(Bounds { column, values: values.into(), ends })
    }

    /// The same, with the last value of each partition.
    pub(crate) fn ending(self, ends: Vec<Scalar>) -> Divisions {
        match self {
            Divisions::Unknown => Divisions::Unknown,
            Divisions::Known(bounds) => Divisions::Known(Bounds { ends: ends.into(), ..bounds }),
        }
    }

    /// The column by which the rows are sorted, if one is known.
    pub fn column(&self) -> Option<&str> {
        match self {
            Divisions::Unknown => None,
            Divisions::Known(bounds) => Some(&bounds.column),
        }
    }

    /// The first value of each partition, and the last one of the last; nothing if they are not known.
    pub fn bounds(&self) -> &[Scalar] {
        match self {
            Divisions::Unknown => &[],
            Divisions::Known(bounds) => &bounds.values,
        }
    }

    /// The same, if the column is still the one it was: `name_of` says what it is called now, if it is there.
    pub(crate) fn renamed(
        &self,
        name_of: impl FnOnce(&PlSmallStr) -> Option<PlSmallStr>,
    ) -> Divisions {
        match self {
            Divisions::Unknown => Divisions::Unknown,
            Divisions::Known(bounds) => match name_of(&bounds.column) {
                None => Divisions::Unknown,
                Some(column) => Divisions::Known(Bounds { column, ..bounds.clone() }),
            },
        }
    }

    /// The same of runs of partitions that are put together, one behind the other.
    pub(crate) fn of(&self, runs: &[Range<usize>]) -> Divisions {
        let (Divisions::Known(bounds), Some(last)) = (self, runs.last()) else {
            return Divisions::Unknown;
        };
        if runs.iter().any(Range::is_empty) {
            return Divisions::Unknown;
        }
        let starts = runs.iter().map(|run| run.start).chain([last.end]);
        let values = starts.map(|at| bounds.values[at].clone()).collect();
        let ends = runs.iter().map(|run| bounds.ends[run.end - 1].clone()).collect();
        Divisions::known(bounds.column.clone(), values).ending(ends)
    }

    /// The same of the rows between two values, where they are given.
    pub(crate) fn within(&self, low: Option<&Scalar>, high: Option<&Scalar>) -> Divisions {
        let Divisions::Known(bounds) = self else { return Divisions::Unknown };
        let clamped = |value: &Scalar| {
            let is = |order: Ordering, limit: &Scalar| {
                limit.dtype() == value.dtype()
                    && !limit.is_null()
                    && compare(&value.as_any_value(), &limit.as_any_value()) == Some(order)
            };
            match (low, high) {
                (Some(low), _) if is(Ordering::Less, low) => low.clone(),
                (_, Some(high)) if is(Ordering::Greater, high) => high.clone(),
                _ => value.clone(),
            }
        };
        let all = |values: &[Scalar]| values.iter().map(clamped).collect::<Vec<Scalar>>();
        Divisions::known(bounds.column.clone(), all(&bounds.values)).ending(all(&bounds.ends))
    }

    /// Whether each value of the column is in one partition only.
    pub(crate) fn are_apart(&self) -> bool {
        let Divisions::Known(Bounds { values, ends, .. }) = self else { return false };
        let next = values.iter().skip(1).take(ends.len().saturating_sub(1));
        ends.iter().zip(next).all(|(end, next)| {
            compare(&end.as_any_value(), &next.as_any_value()) == Some(Ordering::Less)
        })
    }

    /// Which partitions may have values from `from` on and up to `to`, with that or without, where they are given.
    pub(crate) fn partitions_of(
        &self,
        from: Option<&AnyValue<'_>>,
        to: Option<(&AnyValue<'_>, bool)>,
    ) -> Range<usize> {
        let Divisions::Known(Bounds { values, ends, .. }) = self else { return 0..0 };
        let count = ends.len();
        let order = |bound: &Scalar, value: &AnyValue<'_>| compare(&bound.as_any_value(), value);
        // Null bounds nothing.
        let (from, to) = (from.filter(|from| !from.is_null()), to.filter(|(to, _)| !to.is_null()));
        // A partition that ends below `from` has nothing of it, one that begins above `to` neither; both rise (`V1`).
        let start = from
            .map_or(0, |from| ends.partition_point(|end| order(end, from) == Some(Ordering::Less)));
        let end = to.map_or(count, |(to, is_included)| {
            values[..count].partition_point(|begin| match order(begin, to) {
                Some(Ordering::Greater) => false,
                Some(Ordering::Equal) => is_included,
                _ => true,
            })
        });
        let end = end.max(start);
        start..end
    }
}

/// The order of two values of one type, or of two numbers; `None` if they have none. Integers beside floats are rounded: what is less or
/// greater then is so.
pub(crate) fn compare(left: &AnyValue<'_>, right: &AnyValue<'_>) -> Option<Ordering> {
    if left.is_primitive_numeric() && right.is_primitive_numeric() && left.dtype() != right.dtype()
    {
        return left.extract::<f64>()?.partial_cmp(&right.extract::<f64>()?);
    }
    left.partial_cmp(right)
}

/// `time: a | b | c`, at most six of them; `unknown`.
impl Display for Divisions {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Divisions::Known(bounds) = self else { return f.write_str("unknown") };
        write!(f, "{}: ", bounds.column)?;
        let count = bounds.values.len();
        for (at, value) in bounds.values.iter().enumerate() {
            if count > 6 && (3..count - 2).contains(&at) {
                if at == 3 {
                    f.write_str(" | …")?;
                }
                continue;
            }
            write!(f, "{}{}", if at > 0 { " | " } else { "" }, value.as_any_value())?;
        }
        Ok(())
    }
}
