//! Names of no type that are read once, where that gives them none: `n + 1` and `&v`.
//!
//! In: an operand or an argument, and the block as it was written. Out: the same, with its type asked for at once: the compiler then says what is missing where the
//! name is bound, and no more. By itself it says it again of the operator, and of the parameter. Nothing else can give the name a type, for nothing else names it.
//!
//! Not here: what has no type by its syntax, and gets that of the parameter ([`super::typeless`]).

use super::rewrite::Rewrite;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{BinOp, Expr};

impl Rewrite {
    /// `n + 1` and `1 + n`, whose `n` has no type: the operator does not give it one.
    pub(super) fn operand(&self, whole: &mut Expr) {
        let Expr::Binary(binary) = whole else { return };
        let computes = matches!(
            binary.op,
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_)
        );
        // To a number anything may be added, too: itself, a borrow of one, a handle.
        let after_a_number = matches!(*binary.left, Expr::Lit(_)) && self.is_lone(&binary.right);
        let lone = match after_a_number {
            true => &mut binary.right,
            false if self.is_lone(&binary.left) => &mut binary.left,
            false => return,
        };
        if computes {
            let typed = self.helper("typed", lone.span());
            **lone = Expr::Verbatim(quote_spanned!(lone.span()=> #typed!(#lone)));
        }
    }

    /// `&v` as an argument, whose `v` has no type: of what a task borrows the parameter does not say it.
    pub(super) fn borrows_a_lone_name(&self, argument: &Expr) -> bool {
        matches!(argument, Expr::Reference(borrow) if self.is_lone(&borrow.expr))
    }

    /// Whether it is a name of no type that stands nowhere else in the block but where it is bound.
    fn is_lone(&self, expr: &Expr) -> bool {
        let Expr::Path(path) = expr else { return false };
        let Some(name) = path.path.get_ident().map(ToString::to_string) else { return false };
        self.scopes.is_typeless(&name) && mentions(self.written.clone(), &name) == 2
    }
}

fn mentions(tokens: TokenStream, name: &str) -> usize {
    let one = |token| match token {
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Ident(ident) => usize::from(ident == name),
        _ => 0,
    };
    tokens.into_iter().map(one).sum()
}
