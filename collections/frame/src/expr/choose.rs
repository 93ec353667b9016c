//! `when(…).then(…).otherwise(…)`.
//!
//! In: conditions and values. Out: the expression that has, row by row, the value of the first condition that is true. Not here: how it is
//! computed (`evaluate`).

use super::{Expr, Literal, Node};
use std::ops::Deref;

/// Begins a choice: of the rows where the condition is true. Where it is null the next one decides, as where it is false.
///
/// # Examples
/// ```
/// use taskweave_frame::{col, when};
/// let size = when(col("distance").gt(2000)).then("far").when(col("distance").gt(500)).then("near").otherwise("here");
/// assert_eq!(
///     size.to_string(),
///     r#"when(col("distance") > 2000).then("far").when(col("distance") > 500).then("near").otherwise("here")"#
/// );
/// ```
pub fn when(condition: impl Into<Expr>) -> When {
    When { branches: Vec::new(), condition: condition.into() }
}

/// A condition whose value is to be said: [`then`](When::then).
#[must_use]
#[derive(Clone)]
pub struct When {
    branches: Vec<(Expr, Expr)>,
    condition: Expr,
}

/// A choice that may go on ([`when`](Then::when)) or end ([`otherwise`](Then::otherwise)). As an expression, with all its methods, it is null
/// for the other rows.
#[must_use]
#[derive(Clone)]
pub struct Then {
    branches: Vec<(Expr, Expr)>,
    /// Null for the other rows.
    open: Expr,
}

impl When {
    /// The value where the condition is true. A text is a text, not a name.
    pub fn then(mut self, value: impl Into<Expr>) -> Then {
        self.branches.push((self.condition, value.into()));
        let (branches, otherwise) = (self.branches.clone(), Literal::Null.into());
        Then { branches: self.branches, open: Node::When { branches, otherwise }.into() }
    }
}

impl Then {
    /// Another condition, where none before is true.
    pub fn when(self, condition: impl Into<Expr>) -> When {
        When { branches: self.branches, condition: condition.into() }
    }

    /// The value where no condition is true.
    pub fn otherwise(self, value: impl Into<Expr>) -> Expr {
        Node::When { branches: self.branches, otherwise: value.into() }.into()
    }
}

impl Deref for Then {
    type Target = Expr;
    fn deref(&self) -> &Expr {
        &self.open
    }
}

impl From<Then> for Expr {
    fn from(value: Then) -> Expr {
        value.open
    }
}
