//! Handles that are taken apart where they stand in something else: `let (a, (b, c)) = (x, f(..))` and `handles.unzip()`.
//!
//! In: a `let` of tuples, or a call of `unzip`, before they are visited. Out: the member, or the receiver, through the macro of the callee that gives the handles, as it is or
//! with each handle taken apart. The standard library's `unzip` then makes two collections of handles of it.
//!
//! Not here: `let (a, b) = handle` ([`super::calls`]), and a handle's own `unzip`, which is a method like any.

use super::call_macro;
use super::holds::Holds;
use super::rewrite::Rewrite;
use super::unready::without_question;
use proc_macro2::{Ident, Span};
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprMethodCall, Pat, Stmt, parse_quote, parse_quote_spanned};

impl Rewrite {
    /// `let (a, (b, c)) = (x, f(..))`: the members that are taken apart. Which of the names are handles is not noted here; what may be one has been.
    pub(super) fn split_members(&mut self, pattern: &Pat, value: &mut Expr) {
        let (Pat::Tuple(tuple), Expr::Tuple(values)) = (pattern, value) else { return };
        let is_rest = |pattern: &&Pat| matches!(pattern, Pat::Rest(_));
        let before_rest = tuple.elems.iter().take_while(|pattern| !is_rest(pattern));
        for (pattern, value) in before_rest.zip(&mut values.elems) {
            match (pattern, value) {
                (Pat::Tuple(_), value @ Expr::Tuple(_)) => self.split_members(pattern, value),
                (Pat::Tuple(inner), value)
                    if is_tuple(pattern)
                        && self.surely_handle(without_question(value)).is_some() =>
                {
                    self.split_deep(inner, value);
                }
                _ => {}
            }
        }
    }

    /// The receiver of a call of `unzip`.
    pub(super) fn unzipped(&mut self, call: &mut ExprMethodCall) {
        let Some(alias) = self.unzips(call) else { return };
        let (handles, pairs) = (&call.receiver, self.helper("pairs", call.method.span()));
        let tokens = quote!(@either {#handles} {#pairs(#handles)});
        *call.receiver = Expr::Verbatim(call_macro(&alias, call.method.span(), tokens));
    }

    /// `let (xs, ys) = handles.unzip();` without a type: two vectors, where these are handles.
    pub(super) fn unzipped_to_vectors(&mut self, call: &mut ExprMethodCall) -> Option<Expr> {
        if call.turbofish.is_some() {
            return None;
        }
        let alias = self.unzips(call)?;
        let span = call.method.span();
        let (handles, pairs) = (&call.receiver, self.helper("pairs", span));
        let mut typed = call.clone();
        *typed.receiver = Expr::Verbatim(quote!(#pairs(#handles)));
        typed.turbofish =
            Some(parse_quote_spanned!(span=> ::<_, _, ::std::vec::Vec<_>, ::std::vec::Vec<_>>));
        Some(Expr::Verbatim(call_macro(&alias, span, quote!(@either {#call} {#typed}))))
    }

    /// The callee that gives the handles, whose macro is asked, if there are any; then the receiver has been visited.
    fn unzips(&mut self, call: &mut ExprMethodCall) -> Option<Ident> {
        if call.method != "unzip" || !call.args.is_empty() {
            return None;
        }
        let Holds::Handle(mut alias) = self.holds(&call.receiver)?.one()? else { return None };
        alias.set_span(call.method.span());
        self.visit_expr_mut(&mut call.receiver);
        Some(alias)
    }
}

/// Whether a pattern takes a tuple apart.
pub(super) fn is_tuple(pattern: &Pat) -> bool {
    match pattern {
        Pat::Tuple(tuple) => tuple.elems.len() > 1,
        Pat::Paren(inner) => is_tuple(&inner.pat),
        _ => false,
    }
}

/// `for (a, b) in handles` and `|(a, b)| ..` of handles: the handle of a tuple is taken apart by a `let` in the body, as elsewhere.
pub(super) fn taken_apart_within(pattern: &mut Pat, held: &Holds) -> Vec<Stmt> {
    fn walk(pattern: &mut Pat, held: &Holds, apart: &mut Vec<Stmt>) {
        match (&mut *pattern, held) {
            (Pat::Tuple(tuple), Holds::Handle(_) | Holds::Perhaps(_)) => {
                let whole = Ident::new(&format!("whole_{}", apart.len()), Span::mixed_site());
                apart.push(parse_quote!(let #tuple = #whole;));
                *pattern = parse_quote!(#whole);
            }
            (Pat::Tuple(tuple), Holds::Parts(parts)) => {
                let is_rest = |pattern: &&mut Pat| matches!(pattern, Pat::Rest(_));
                let before_rest = tuple.elems.iter_mut().take_while(|pattern| !is_rest(pattern));
                for (pattern, part) in before_rest.zip(parts) {
                    part.iter().for_each(|part| walk(pattern, part, apart));
                }
            }
            _ => {}
        }
    }
    let mut apart = Vec::new();
    walk(pattern, held, &mut apart);
    apart
}
