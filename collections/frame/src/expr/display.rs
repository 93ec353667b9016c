//! Expressions as text, about as they were written.
//!
//! In: [`Expr`]. Out: operators between their sides, methods behind what they are called on. It is what messages and plans show.
//!
//! Not here: how frames show expressions (`plan`).

use super::{Expr, Node};
use std::fmt::{Debug, Display, Formatter};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.node() {
            Node::Column(name) => write!(f, "col({:?})", name.as_str()),
            Node::Literal(value) => write!(f, "{value}"),
            Node::Alias { input, name } => {
                write!(f, "{}.alias({:?})", Part(input), name.as_str())
            }
            Node::Binary { left, op, right } => {
                write!(f, "{} {} {}", Part(left), op.symbol(), Part(right))
            }
            Node::Function { function, inputs } => function.show(inputs, f),
            Node::Cast { input, dtype, strict } => {
                let name = if *strict { "cast" } else { "cast_or_null" };
                write!(f, "{}.{name}({dtype:?})", Part(input))
            }
            Node::When { branches, otherwise } => {
                for (at, (condition, value)) in branches.iter().enumerate() {
                    let dot = if at == 0 { "" } else { "." };
                    write!(f, "{dot}when({condition}).then({value})")?;
                }
                write!(f, ".otherwise({otherwise})")
            }
            Node::Agg { input: Some(input), kind } => write!(f, "{}.{kind}", Part(input)),
            Node::Agg { input: None, kind } => write!(f, "{kind}"),
            Node::TooDeep => f.write_str("…"),
            Node::Ordered { input, kind } => write!(f, "{}.{kind}", Part(input)),
        }
    }
}

/// As `Display`.
impl Debug for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

/// An expression as part of another: in brackets where they are needed.
pub(super) struct Part<'a>(pub &'a Expr);

impl Display for Part<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self.0.node() {
            Node::Binary { .. } => write!(f, "({})", self.0),
            _ => write!(f, "{}", self.0),
        }
    }
}
