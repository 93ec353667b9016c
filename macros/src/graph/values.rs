//! Methods of values, called on an output that is not there yet: `let n = v.len();`.
//!
//! In: expressions, patterns. Out: whether an expression comes of such a method, and whether a pattern says a type that no output has. An output has no such method, and the compiler says so
//! where it stands, so what is made of what it gives is not told of a second time. A delayed method may have the name too: then what it gives is an output, of which the compiler speaks
//! where a value is needed.
//!
//! Not here: what is said of outputs (`unready`), which methods need them (`unready`'s `ORDERS`, `consumes`).

use super::rewrite::Rewrite;
use proc_macro2::Ident;
use syn::{Expr, Local, Pat, Type};

/// Methods of numbers, texts, lists and iterators that are no handle's.
const OF_VALUES: &[&str] = &[
    "len",
    "abs",
    "powi",
    "powf",
    "sqrt",
    "exp",
    "ln",
    "floor",
    "ceil",
    "round",
    "trunc",
    "signum",
    "count",
    "iter",
    "first",
    "last",
    "get",
    "max",
    "min",
    "sum",
    "chars",
    "bytes",
    "lines",
    "split",
    "split_whitespace",
    "trim",
    "parse",
    "as_str",
    "to_string",
    "keys",
    "values",
];

/// Whether a pattern says that it is of a type that no output has: a number, a truth value, a text.
pub(super) fn says_a_plain_type(pattern: &Pat) -> bool {
    let Pat::Type(typed) = pattern else { return false };
    let Type::Path(path) = &*typed.ty else { return false };
    path.path.get_ident().is_some_and(crate::names_a_plain_type)
}

impl Rewrite {
    /// The callee whose output it is, unless a method of values was called on that.
    pub(super) fn unready_output(&mut self, expr: &Expr) -> Option<Ident> {
        self.output_of(expr).filter(|_| !self.is_of_a_value(expr))
    }

    /// Whether an expression comes of a method of values on an output.
    pub(super) fn is_of_a_value(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::MethodCall(call) => {
                let has_its_name = OF_VALUES.iter().any(|name| call.method == name);
                has_its_name && self.output_of(&call.receiver).is_some()
                    || self.is_of_a_value(&call.receiver)
            }
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|name| self.scopes.is_of_a_value(&name.to_string())),
            Expr::Binary(binary) => {
                self.is_of_a_value(&binary.left) || self.is_of_a_value(&binary.right)
            }
            Expr::Try(tried) => self.is_of_a_value(&tried.expr),
            Expr::Await(waits) => self.is_of_a_value(&waits.base),
            Expr::Paren(inner) => self.is_of_a_value(&inner.expr),
            Expr::Group(inner) => self.is_of_a_value(&inner.expr),
            Expr::Reference(lent) => self.is_of_a_value(&lent.expr),
            Expr::Unary(unary) => self.is_of_a_value(&unary.expr),
            Expr::Index(index) => self.is_of_a_value(&index.expr),
            Expr::Cast(cast) => self.is_of_a_value(&cast.expr),
            _ => false,
        }
    }

    /// Whether a `let` binds what comes of such a method.
    pub(super) fn binds_of_a_value(&mut self, local: &Local) -> bool {
        local.init.as_ref().is_some_and(|init| self.is_of_a_value(&init.expr))
    }
}
