//! Expressions: what is to be computed of columns, as data.
//!
//! In: names of columns, literals and what is done with them, with polars' names. Out: [`Expr`], which the steps of a frame take. It is
//! closed, so that a frame can see which columns a step reads, and take an aggregation apart into what each partition does and what is left
//! to do with the results of all.
//!
//! ```text
//! literal    values in expressions              operators  + - * / % & | ! and comparisons
//! methods    what is done row by row            agg        aggregations, and the user's own
//! ordered    what needs the rows around a row   choose     when, then, otherwise
//! str, dt    of strings, of dates and times     into       what stands for expressions
//! horizontal several columns of a row           display    expressions as text
//! walk       what an expression reads and is    check      columns that are not there
//! value      a column, or one for all rows      types      which types go together
//! evaluate   an expression over a block
//! arithmetic, compare, cast, function           what the kernels of polars are called for
//! ```
//!
//! Not here: which step may take which expression, what becomes of aggregations ([`walk`] takes them out) and of ordered functions; those
//! are the frame's.

mod agg;
mod arithmetic;
mod cast;
mod check;
mod choose;
mod compare;
mod display;
mod dt;
mod evaluate;
mod function;
mod horizontal;
mod into;
mod literal;
mod methods;
mod operators;
mod ordered;
mod str;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod walk;

pub use agg::Aggregation;
pub(crate) use agg::{AggKind, ErasedAggregation};
pub(crate) use check::missing;
pub use choose::{Then, When, when};
pub use dt::DtExpr;
pub(crate) use evaluate::evaluate_all;
pub(crate) use function::Function;
pub use horizontal::{
    all_horizontal, any_horizontal, coalesce, max_horizontal, min_horizontal, sum_horizontal,
};
pub use into::{IntoExpr, IntoExprs};
pub use literal::Literal;
pub(crate) use operators::BinaryOp;
pub(crate) use ordered::OrderedKind;
pub use ordered::{Closed, RollingOptions, RollingStat, Window};
pub use str::StrExpr;
pub(crate) use walk::{AggLeaf, OrderedLeaf, Shape};

use polars_core::prelude::{DataType, PlSmallStr};
use std::sync::Arc;

/// An expression over the columns of a frame: `col("dep_delay").gt(0)`, `(col("a") + 1) * col("b")`, `col("dep_delay").mean()`.
///
/// It is cheap to clone, and nothing is computed before a frame needs it. Names, types and nulls are polars'; what differs is said where it
/// does. `Display` shows it about as it was written.
///
/// Rust's `==` and `<` give a `bool`, so that comparisons are methods: [`eq`](Expr::eq), [`gt`](Expr::gt) and their like.
///
/// # Types
/// Numbers in expressions take the type of the column they meet if they fit it: of a column `Int8`, `col("a") + 1` is `Int8` and
/// `col("a") + 1.5` is `Float64`. `/` is the division of reals, of integers too; [`floor_div`](Expr::floor_div) rounds. Integers wrap where
/// they overflow, as in polars, except in sums of columns. Text and numbers never meet in silence: [`cast`](Expr::cast) one of them.
///
/// # Examples
/// ```
/// use taskweave_frame::{col, lit, when};
/// let late = col("dep_delay").gt(15).and(col("carrier").eq("UA"));
/// assert_eq!(late.to_string(), r#"(col("dep_delay") > 15) & (col("carrier") == "UA")"#);
/// let label = when(late).then("late").otherwise(lit("fine")).alias("label");
/// assert_eq!(label.output_name(), "label");
/// ```
#[derive(Clone)]
pub struct Expr(Arc<Nested>);

/// What an expression is, and how many stand within each other in it.
struct Nested {
    node: Node,
    depth: usize,
    /// How many expressions it is made of, each counted as often as it stands in it.
    size: usize,
}

/// So many may stand within each other: what walks through them recurses, on the stack of a worker.
const DEPTH_MAX: usize = 250;

/// Of so many an expression may be made: one that is used twice within itself, and that again, doubles with each step.
const SIZE_MAX: usize = 1 << 20;

/// What an expression is.
pub(crate) enum Node {
    Column(PlSmallStr),
    Literal(Literal),
    Alias {
        input: Expr,
        name: PlSmallStr,
    },
    Binary {
        left: Expr,
        op: BinaryOp,
        right: Expr,
    },
    /// Row by row; the first input gives the name.
    Function {
        function: Function,
        inputs: Vec<Expr>,
    },
    Cast {
        input: Expr,
        dtype: DataType,
        strict: bool,
    },
    When {
        branches: Vec<(Expr, Expr)>,
        otherwise: Expr,
    },
    /// One value for many rows; without an input it counts them.
    Agg {
        input: Option<Expr>,
        kind: AggKind,
    },
    /// What needs the rows around a row.
    Ordered {
        input: Expr,
        kind: OrderedKind,
    },
    /// More than [`DEPTH_MAX`] or [`SIZE_MAX`], which no block computes.
    TooDeep,
}

impl Expr {
    pub(crate) fn node(&self) -> &Node {
        &self.0.node
    }

    fn function(function: Function, inputs: Vec<Expr>) -> Expr {
        Expr::from(Node::Function { function, inputs })
    }
}

impl From<Node> for Expr {
    fn from(node: Node) -> Expr {
        let (mut depth, mut size) = (1, 1_usize);
        for input in node.inputs() {
            depth = depth.max(input.0.depth + 1);
            size = size.saturating_add(input.0.size);
        }
        if depth > DEPTH_MAX || size > SIZE_MAX {
            return Expr(Arc::new(Nested { node: Node::TooDeep, depth: 1, size: 1 }));
        }
        Expr(Arc::new(Nested { node, depth, size }))
    }
}

/// The column of that name.
///
/// # Examples
/// ```
/// use taskweave_frame::col;
/// assert_eq!(col("dep_delay").to_string(), r#"col("dep_delay")"#);
/// ```
pub fn col(name: impl Into<PlSmallStr>) -> Expr {
    Node::Column(name.into()).into()
}

/// A value, the same for all rows. Text is text here; where columns are asked for, as in `select(["a"])`, it is a name.
///
/// A number has no type of its own but that of the column it meets; alone it is the smallest of `Int32`, `Int64` and `UInt64` that holds
/// it, or `Float64`, as in polars. `lit(1).cast(DataType::Int8)` has one.
pub fn lit(value: impl Into<Literal>) -> Expr {
    Node::Literal(value.into()).into()
}

/// How many rows there are: in a group, or in the frame.
pub fn len() -> Expr {
    Node::Agg { input: None, kind: AggKind::Len }.into()
}
