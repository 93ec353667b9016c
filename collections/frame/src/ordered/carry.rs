//! What goes by a carry: one row that stands for all rows before a partition, or after it.
//!
//! In: own rows, or carries. Out: carries, or the values of own rows. A carry is a frame of one row, so that it can go between tasks, and
//! processes, like any partition.
//!
//! Not here: the chain of carries (`neighbours`, the frame's).

use super::filled;
use super::total;
use crate::error::{Error, ErrorKind};
use crate::expr::OrderedKind;
use polars_core::prelude::{Column, DataFrame};

/// What own rows alone carry on.
pub(crate) fn local_carry(kind: &OrderedKind, own: &Column) -> Result<DataFrame, Error> {
    match kind {
        OrderedKind::ForwardFill(_) => filled::carry(own, false),
        OrderedKind::BackwardFill(_) => filled::carry(own, true),
        _ => total::carry(total_of(kind)?, own),
    }
}

/// What two neighbours carry on together; `earlier` is the one whose rows come first, whichever way the carry goes.
pub(crate) fn combine(
    kind: &OrderedKind,
    earlier: &DataFrame,
    later: &DataFrame,
) -> Result<DataFrame, Error> {
    match kind {
        OrderedKind::ForwardFill(_) => filled::combine(later, earlier),
        OrderedKind::BackwardFill(_) => filled::combine(earlier, later),
        _ => total::combine(total_of(kind)?, earlier, later),
    }
}

/// The values of own rows, given what all before them carry (of a backward fill: all after them), if there are any.
pub(crate) fn apply(
    kind: &OrderedKind,
    carry: Option<&DataFrame>,
    own: &Column,
) -> Result<Column, Error> {
    match kind {
        OrderedKind::ForwardFill(limit) => filled::apply(own, carry, *limit, false),
        OrderedKind::BackwardFill(limit) => filled::apply(own, carry, *limit, true),
        _ => total::apply(total_of(kind)?, carry, own),
    }
}

fn total_of(kind: &OrderedKind) -> Result<total::Total, Error> {
    match kind {
        OrderedKind::CumSum => Ok(total::Total::Sum),
        OrderedKind::CumProd => Ok(total::Total::Product),
        OrderedKind::CumMin => Ok(total::Total::Min),
        OrderedKind::CumMax => Ok(total::Total::Max),
        OrderedKind::CumCount => Ok(total::Total::Count),
        other => {
            let message = format!("{other:?} goes by rows beside, not by a carry");
            Err(Error::new(ErrorKind::Expression, message))
        }
    }
}
