//! What stands between two expressions.
//!
//! In: expressions and literals, on both sides of Rust's operators, or in methods with polars' names. Out: [`Expr`]. Not here: what they
//! compute (`arithmetic`, `compare`).

use super::{Expr, Function, Node};

/// What is done with two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
    Eq,
    NotEq,
    EqMissing,
    NeqMissing,
    Gt,
    GtEq,
    Lt,
    LtEq,
    And,
    Or,
    Xor,
}

impl BinaryOp {
    /// As it is written between two values.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Rem => "%",
            BinaryOp::Eq => "==",
            BinaryOp::NotEq => "!=",
            BinaryOp::EqMissing => "==?",
            BinaryOp::NeqMissing => "!=?",
            BinaryOp::Gt => ">",
            BinaryOp::GtEq => ">=",
            BinaryOp::Lt => "<",
            BinaryOp::LtEq => "<=",
            BinaryOp::And => "&",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
        }
    }

    /// Of the comparisons the one that says the same with its sides exchanged.
    pub(crate) fn flipped(self) -> BinaryOp {
        match self {
            BinaryOp::Gt => BinaryOp::Lt,
            BinaryOp::GtEq => BinaryOp::LtEq,
            BinaryOp::Lt => BinaryOp::Gt,
            BinaryOp::LtEq => BinaryOp::GtEq,
            other => other,
        }
    }

    pub(crate) fn is_comparison(self) -> bool {
        use BinaryOp::*;
        matches!(self, Eq | NotEq | EqMissing | NeqMissing | Gt | GtEq | Lt | LtEq)
    }

    pub(super) fn is_boolean(self) -> bool {
        matches!(self, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor)
    }
}

fn binary(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    Node::Binary { left, op, right }.into()
}

macro_rules! binary_methods {
    ($($(#[$doc:meta])* $name:ident $op:ident;)*) => {
        impl Expr {
            $($(#[$doc])*
            pub fn $name(&self, other: impl Into<Expr>) -> Expr {
                binary(self.clone(), BinaryOp::$op, other.into())
            })*
        }
    };
}

binary_methods! {
    /// Whether both are the same; null if one of them is. NaN is equal to itself, as in polars.
    ///
    /// A text on the right is a text: `col("carrier").eq("UA")`. A column is `col("origin").eq(col("dest"))`.
    eq Eq;
    /// Whether they differ; null if one of them is.
    neq NotEq;
    /// As [`eq`](Expr::eq), but two nulls are equal, and a null is not equal to a value.
    eq_missing EqMissing;
    /// As [`neq`](Expr::neq), but two nulls are equal, and a null is not equal to a value.
    neq_missing NeqMissing;
    /// Whether it is greater; null if one of them is. NaN is greater than all numbers, as in polars. A filter leaves nulls out.
    gt Gt;
    /// Whether it is greater or the same; null if one of them is.
    gt_eq GtEq;
    /// Whether it is less; null if one of them is.
    lt Lt;
    /// Whether it is less or the same; null if one of them is.
    lt_eq LtEq;
    /// Whether both are true: `&`. A null and a false is false, a null and a true is null.
    and And;
    /// Whether one of both is true: `|`. A null or a true is true, a null or a false is null.
    or Or;
    /// Whether just one of both is true: `^`. Null if one of them is.
    xor Xor;
    /// How often the other goes into it, rounded down. Of integers, null where the other is zero.
    ///
    /// # Examples
    /// ```
    /// use taskweave_frame::col;
    /// assert_eq!(col("distance").floor_div(100).to_string(), r#"col("distance") // 100"#);
    /// ```
    floor_div FloorDiv;
}

impl Expr {
    /// Whether it is false: `!`.
    pub fn not(&self) -> Expr {
        self.with(Function::Not)
    }

    /// The number with the other sign: unary `-`.
    pub fn neg(&self) -> Expr {
        self.with(Function::Neg)
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident $op:ident, $($number:ty)*;)*) => {$(
        impl<R: Into<Expr>> std::ops::$trait<R> for Expr {
            type Output = Expr;
            fn $method(self, other: R) -> Expr {
                binary(self, BinaryOp::$op, other.into())
            }
        }
        impl<R: Into<Expr>> std::ops::$trait<R> for &Expr {
            type Output = Expr;
            fn $method(self, other: R) -> Expr {
                binary(self.clone(), BinaryOp::$op, other.into())
            }
        }
        $(
            impl std::ops::$trait<Expr> for $number {
                type Output = Expr;
                fn $method(self, other: Expr) -> Expr {
                    binary(self.into(), BinaryOp::$op, other)
                }
            }
            impl std::ops::$trait<&Expr> for $number {
                type Output = Expr;
                fn $method(self, other: &Expr) -> Expr {
                    binary(self.into(), BinaryOp::$op, other.clone())
                }
            }
        )*
    )*};
}

operator! {
    Add add Add, i32 i64 f32 f64 &str;
    Sub sub Sub, i32 i64 f32 f64;
    Mul mul Mul, i32 i64 f32 f64;
    Div div Div, i32 i64 f32 f64;
    Rem rem Rem, i32 i64 f32 f64;
    BitAnd bitand And, bool;
    BitOr bitor Or, bool;
    BitXor bitxor Xor, bool;
}

macro_rules! prefix {
    ($($trait:ident $method:ident;)*) => {$(
        impl std::ops::$trait for Expr {
            type Output = Expr;
            fn $method(self) -> Expr {
                Expr::function(Function::$trait, vec![self])
            }
        }
        impl std::ops::$trait for &Expr {
            type Output = Expr;
            fn $method(self) -> Expr {
                Expr::function(Function::$trait, vec![self.clone()])
            }
        }
    )*};
}

prefix! { Not not; Neg neg; }
