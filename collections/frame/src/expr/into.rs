//! What stands for expressions where a step takes some.
//!
//! In: names and expressions, alone or several. Out: a vector of [`Expr`].
//!
//! Not here: what stands for values in expressions (`literal`).

use super::{Expr, Then, col};
use polars_core::prelude::PlSmallStr;

/// What stands for one expression: a name, which is a column's, or an expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither the name of a column nor an expression",
    label = "a name such as \"dep_delay\", or an expression such as `col(\"dep_delay\") + 1`, is wanted here"
)]
pub trait IntoExpr {
    /// That expression.
    fn into_expr(self) -> Expr;
}

macro_rules! names {
    ($($from:ty)*) => {$(
        impl IntoExpr for $from {
            fn into_expr(self) -> Expr {
                col(self)
            }
        }
    )*};
}

names! { &str String &String PlSmallStr }

impl IntoExpr for &&str {
    fn into_expr(self) -> Expr {
        col(*self)
    }
}

impl IntoExpr for Expr {
    fn into_expr(self) -> Expr {
        self
    }
}

impl IntoExpr for &Expr {
    fn into_expr(self) -> Expr {
        self.clone()
    }
}

impl IntoExpr for Then {
    fn into_expr(self) -> Expr {
        self.into()
    }
}

/// What stands for expressions: a name or an expression, an array, a slice or a vector of these, or a tuple of both.
///
/// # Examples
/// ```
/// use taskweave_frame::{IntoExprs, col};
/// assert_eq!("carrier".into_exprs().len(), 1);
/// assert_eq!(["origin", "dest"].into_exprs().len(), 2);
/// assert_eq!(("carrier", col("dep_delay") + 1).into_exprs().len(), 2);
/// assert_eq!([col("a"), col("b") + 1].into_exprs()[1].to_string(), r#"col("b") + 1"#);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` stands for no expressions",
    label = "one or several of these are wanted here: \"dep_delay\", `col(\"dep_delay\") + 1`",
    note = "several of one kind stand in an array or a vector, names beside expressions in a tuple: `(\"carrier\", col(\"dep_delay\") + 1)`"
)]
pub trait IntoExprs {
    /// Those expressions, in their order.
    fn into_exprs(self) -> Vec<Expr>;
}

impl<T: IntoExpr> IntoExprs for T {
    fn into_exprs(self) -> Vec<Expr> {
        vec![self.into_expr()]
    }
}

impl<T: IntoExpr, const N: usize> IntoExprs for [T; N] {
    fn into_exprs(self) -> Vec<Expr> {
        self.into_iter().map(T::into_expr).collect()
    }
}

impl<T: IntoExpr> IntoExprs for Vec<T> {
    fn into_exprs(self) -> Vec<Expr> {
        self.into_iter().map(T::into_expr).collect()
    }
}

impl<'a, T> IntoExprs for &'a [T]
where
    &'a T: IntoExpr,
{
    fn into_exprs(self) -> Vec<Expr> {
        self.iter().map(IntoExpr::into_expr).collect()
    }
}

impl<'a, T, const N: usize> IntoExprs for &'a [T; N]
where
    &'a T: IntoExpr,
{
    fn into_exprs(self) -> Vec<Expr> {
        self.iter().map(IntoExpr::into_expr).collect()
    }
}

impl<'a, T> IntoExprs for &'a Vec<T>
where
    &'a T: IntoExpr,
{
    fn into_exprs(self) -> Vec<Expr> {
        self.iter().map(IntoExpr::into_expr).collect()
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<$($name: IntoExpr),+> IntoExprs for ($($name,)+) {
            fn into_exprs(self) -> Vec<Expr> {
                #[expect(non_snake_case, reason = "each is called as its type")]
                let ($($name,)+) = self;
                vec![$($name.into_expr()),+]
            }
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
