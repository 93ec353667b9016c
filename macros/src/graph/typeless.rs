//! Values without a type, which is that of the parameter they are given to: `None`, `vec![]`, `x.into()`, `text.parse()?`, and names bound to such.
//!
//! In: arguments and `let`s as they stand in the block. Out: whether their type is open, by syntax and by the names in scope.
//!
//! Not here: what becomes of them in a call ([`super::calls`]); names that nothing gives a type ([`super::lone`]).

use super::rewrite::Rewrite;
use proc_macro2::Ident;
use syn::visit::Visit;
use syn::{Expr, ExprMethodCall, Local, Pat, PathArguments, PathSegment};

impl Rewrite {
    /// What is of the type that the parameter has: by its syntax, or a name bound to such a value.
    pub(super) fn has_no_type_yet(&self, argument: &Expr) -> bool {
        match argument {
            Expr::Path(path) => {
                let name = path.path.get_ident().map(Ident::to_string);
                has_no_type_yet(argument) || name.is_some_and(|name| self.scopes.is_typeless(&name))
            }
            argument => has_no_type_yet(argument),
        }
    }

    /// Where `let name = ..` binds a value whose type is that of the parameter it is given to, or `let (a, b) = (.., ..)` some of them: the names.
    pub(super) fn typeless(&mut self, local: &Local) -> Vec<Ident> {
        let mut names = Vec::new();
        if let Some(init) = &local.init {
            self.typeless_in(&local.pat, &init.expr, &mut names);
        }
        names
    }

    fn typeless_in(&mut self, pattern: &Pat, value: &Expr, names: &mut Vec<Ident>) {
        let name = match (pattern, value) {
            (Pat::Ident(name), _) => name,
            (Pat::Tuple(patterns), Expr::Tuple(values)) => {
                let is_rest = |pattern: &&Pat| matches!(pattern, Pat::Rest(_));
                let before_rest = patterns.elems.iter().take_while(|pattern| !is_rest(pattern));
                for (pattern, value) in before_rest.zip(&values.elems) {
                    self.typeless_in(pattern, value, names);
                }
                return;
            }
            _ => return,
        };
        let bound = match value {
            Expr::Path(path) => {
                let of = path.path.get_ident().map(Ident::to_string);
                of.is_some_and(|of| self.scopes.is_typeless(&of))
            }
            // If there may be handles in it, it has a type.
            Expr::MethodCall(call) if call.method == "collect" => {
                gives_any_type(call) && self.holds(value).is_none()
            }
            // Unless it is filled later.
            empty @ (Expr::Call(_) | Expr::Macro(_)) => {
                name.mutability.is_none() && has_no_type_yet(empty)
            }
            Expr::MethodCall(call) => gives_any_type(call),
            Expr::Try(tried) => is_call_of(&tried.expr, &["parse", "try_into"]),
            _ => false,
        };
        if bound {
            names.push(name.ident.clone());
        }
    }
}

/// What is of the type that the parameter has: `None`, `vec![]`, `X::new()`, `X::default()`, in which no handle can be (but an empty `Vec::<Delayed<f64>>::new()` is like one with
/// handles in it); and what `x.into()`, `x.collect()`, `x.sum()`, `x.parse()?` and the like give.
fn has_no_type_yet(argument: &Expr) -> bool {
    match argument {
        Expr::MethodCall(call) => gives_any_type(call),
        Expr::Try(tried) => is_call_of(&tried.expr, &["parse", "try_into"]),
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Macro(call) => call.mac.path.is_ident("vec") && call.mac.tokens.is_empty(),
        Expr::Call(call) => {
            let Expr::Path(callee) = &*call.func else { return false };
            if callee.path.is_ident("Some") {
                return call.args.iter().all(has_no_type_yet);
            }
            let last = callee.path.segments.last().map(|segment| segment.ident.to_string());
            call.args.is_empty()
                && callee.path.segments.len() > 1
                && !callee.path.segments.iter().any(says_types)
                && matches!(last.as_deref(), Some("new" | "default"))
        }
        _ => false,
    }
}

/// Whether a method's result is of any type that is asked for.
pub(super) fn gives_any_type(call: &ExprMethodCall) -> bool {
    let unwraps = ["unwrap", "expect"].iter().any(|name| call.method == name);
    if unwraps {
        return is_call_of(&call.receiver, &["parse", "try_into"]);
    }
    let of_an_iterator = is_one_of(call, &["sum", "product"]) && is_iterator(&call.receiver);
    call.args.is_empty() && (of_an_iterator || is_one_of(call, &["into", "collect"]))
}

/// Whether it is an iterator by its syntax: arrays, handles and others have methods `sum` and `product` of their own.
fn is_iterator(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => matches!(&*inner.expr, Expr::Range(_)) || is_iterator(&inner.expr),
        Expr::MethodCall(call) => {
            // What arrays and handles have, too.
            let shared = ["map", "take", "zip", "chain", "flatten", "by_ref"];
            let is = |names: &[&str]| names.iter().any(|name| call.method == name);
            is(&ITERATORS) || (is(&shared) && is_iterator(&call.receiver))
        }
        _ => false,
    }
}

/// Methods that give an iterator.
const ITERATORS: [&str; 30] = [
    "iter",
    "iter_mut",
    "into_iter",
    "chars",
    "bytes",
    "keys",
    "values",
    "into_keys",
    "into_values",
    "values_mut",
    "drain",
    "lines",
    "split_whitespace",
    "windows",
    "chunks",
    "chunks_exact",
    "filter",
    "filter_map",
    "copied",
    "cloned",
    "enumerate",
    "rev",
    "skip",
    "step_by",
    "flat_map",
    "take_while",
    "skip_while",
    "map_while",
    "scan",
    "inspect",
];

/// Whether it is a call of one of these methods, which does not say the type.
pub(super) fn is_call_of(expr: &Expr, methods: &[&str]) -> bool {
    matches!(expr, Expr::MethodCall(call) if is_one_of(call, methods))
}

pub(super) fn is_one_of(call: &ExprMethodCall, methods: &[&str]) -> bool {
    call.turbofish.is_none() && methods.iter().any(|name| call.method == name)
}

/// Whether types are written behind a name, all of them: `Vec::<f64>`, and not `Vec::<_>`.
fn says_types(segment: &PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return false };
    struct Inferred(bool);
    impl<'a> Visit<'a> for Inferred {
        fn visit_type_infer(&mut self, _: &'a syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut inferred = Inferred(false);
    inferred.visit_angle_bracketed_generic_arguments(arguments);
    !inferred.0
}
