//! Calls: through the macro of their callee, which knows whether it is delayed.
//!
//! In: a call whose arguments have been rewritten, or a chain of methods on what a callee gave. Out: a macro call of the callee's alias
//! with the tokens for both cases. What is done with the result (`?`, a tuple pattern) is part of it, for it differs too.

use super::apart::is_tuple;
use super::call_macro;
use super::holds::Holds;
use super::rewrite::Rewrite;
use super::scope::cfgs;
use super::typeless::{gives_any_type, is_call_of, is_one_of};
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use std::borrow::Cow;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprCall, ExprGroup, ExprMethodCall, ExprParen, Local, Pat, PatTuple, PathArguments,
    Token, parse_quote_spanned,
};

impl Rewrite {
    /// A call whose arguments have been rewritten: through its callee's macro, if it is looked up. With what is done, and the span of that word.
    pub(super) fn call(&mut self, call: &ExprCall, (how, at): (&str, Span)) -> Option<Expr> {
        let Expr::Path(callee) = &*call.func else { return None };
        let mut alias = self.scopes.callee(callee)?;
        let mut path = callee.path.clone();
        let turbofish = path.segments.last_mut().map(|last| std::mem::take(&mut last.arguments));
        let (plain, tasks, or_fail) = match turbofish {
            Some(PathArguments::AngleBracketed(turbofish)) => {
                let given = turbofish.args.iter();
                // Behind its own, `task` has two type parameters for each argument: all of one kind, then all of the other.
                let each = call.args.iter().map(|argument| quote_spanned!(argument.span()=> _));
                let inferred = each.clone().chain(each);
                let tasks = quote!(#(#given,)* #(#inferred),*);
                (quote!(#turbofish), quote!(::<#tasks>), quote!(::<#tasks, _, _>))
            }
            _ => Default::default(),
        };
        // `task_or_fail` has two more: what is in the `Result`.
        let tasks = match how {
            "try" | "try_split" => quote!([#tasks] [#or_fail]),
            _ => tasks,
        };
        let span = call.span();
        let how = Ident::new(how, at);
        let mut builder = self.builder.clone();
        builder.set_span(builder.span().located_at(callee.span()));
        alias.set_span(callee.span());
        let collects = call.args.iter().any(|argument| is_call_of(argument, &["collect"]));
        let written = match collects {
            true => {
                let of = |one: &Expr| match one {
                    Expr::MethodCall(chain) if has_calls(&chain.receiver) => collected(one, &alias),
                    other => match self.holds(other).and_then(Holds::one) {
                        Some(Holds::Handle(made_by)) => collected(other, &made_by),
                        _ => other.clone(),
                    },
                };
                Cow::Owned(call.args.iter().map(of).collect())
            }
            false => Cow::Borrowed(&call.args),
        };
        // Marked only where a task's argument differs from a plain one.
        let count = Literal::usize_unsuffixed(call.args.len());
        let called = |marked, written: &Punctuated<Expr, Token![,]>| {
            let (delimiter, written) = match marked {
                Some(marked) => (Delimiter::Bracket, marked),
                None => (Delimiter::Parenthesis, written.to_token_stream()),
            };
            let mut arguments = Group::new(delimiter, written);
            arguments.set_span(call.paren_token.span.join());
            let tokens = quote!(@#how #count #builder {#path} {#plain} {#tasks} #arguments);
            call_macro(&alias, span, tokens)
        };
        let call = called(self.marked(&written, |_| true), &written);
        // What it is then decides who made its receiver.
        let made_by = written.iter().find_map(|argument| self.own_method(argument));
        Some(Expr::Verbatim(match made_by {
            Some(mut made_by) => {
                made_by.set_span(span);
                let own = |argument: &Expr| self.own_method(argument).is_none();
                let vectors = written.iter().cloned().map(into_a_vector).collect();
                let of_a_handle = called(self.marked(&vectors, own), &vectors);
                call_macro(&made_by, span, quote!(@either {#call} {#of_a_handle}))
            }
            None => call,
        }))
    }

    /// `x.collect()` and `x.into()` of a name that is a handle if this callee is delayed: then it is a method of the user's. And `[x, y].into()`.
    fn own_method(&self, argument: &Expr) -> Option<Ident> {
        let Expr::MethodCall(call) = argument else { return None };
        let receiver = match &*call.receiver {
            Expr::Array(array) if call.method == "into" => array.elems.first()?,
            receiver => receiver,
        };
        let Expr::Path(receiver) = receiver else { return None };
        let name = receiver.path.get_ident().filter(|_| gives_any_type(call))?;
        let name = name.to_string();
        let held = || match self.scopes.held(&name)? {
            Holds::Handle(alias) | Holds::Perhaps(alias) => Some(alias),
            _ => None,
        };
        self.scopes.made_by(&name).or_else(held)
    }

    /// The arguments, each behind a word that says whether its type is the parameter's; `None` if that is so of none.
    fn marked(
        &self,
        arguments: &Punctuated<Expr, Token![,]>,
        only: impl Fn(&Expr) -> bool,
    ) -> Option<TokenStream> {
        let is_marked = |argument: &Expr| only(argument) && self.has_no_type_yet(argument);
        let is_asked = |argument: &Expr| self.borrows_a_lone_name(argument);
        if !arguments.iter().any(|argument| is_marked(argument) || is_asked(argument)) {
            return None;
        }
        let marked = arguments.iter().map(|argument| {
            let word = match argument {
                argument if is_marked(argument) => quote!(val),
                argument if is_asked(argument) => quote!(typed),
                _ => quote!(any),
            };
            quote!({#word #argument})
        });
        Some(quote!(#(#marked)*))
    }

    /// `let handles = xs.map(|x| f(x)).collect();` without a type: a vector, where `f` is delayed.
    pub(super) fn collects(&mut self, local: &mut Local) {
        let (Pat::Ident(_), Some(init)) = (&local.pat, &mut local.init) else { return };
        if !is_call_of(&init.expr, &["collect"]) {
            return;
        }
        let Some(Holds::Handle(alias) | Holds::Perhaps(alias)) =
            self.holds(&init.expr).and_then(Holds::one)
        else {
            return;
        };
        self.visit_expr_mut(&mut init.expr);
        *init.expr = collected(&init.expr, &alias);
    }

    pub(super) fn arguments(&mut self, call: &mut ExprCall) {
        if !matches!(&*call.func, Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        for argument in &mut call.args {
            self.is_used = true;
            self.visit_expr_mut(argument);
        }
    }

    /// The callee at the beginning of a chain: what it gives, methods of that and `?` are handles if it is delayed.
    pub(super) fn root(&mut self, expr: &Expr) -> Option<Ident> {
        match expr {
            Expr::Call(call) => match &*call.func {
                Expr::Path(callee) => self.scopes.callee(callee),
                _ => None,
            },
            Expr::Path(path) => self.scopes.made_by(&path.path.get_ident()?.to_string()),
            // Which gives several.
            Expr::MethodCall(call) if call.method == "unzip" => None,
            Expr::MethodCall(call) => self.root(&call.receiver),
            Expr::Try(tried) => self.root(&tried.expr),
            Expr::Paren(inner) => self.root(&inner.expr),
            Expr::Group(inner) => self.root(&inner.expr),
            _ => None,
        }
    }

    /// The callee whose output it is: certainly, or as far as the syntax says what names, elements and members hold.
    pub(super) fn output_of(&mut self, expr: &Expr) -> Option<Ident> {
        self.root(expr).or_else(|| self.handle(expr))
    }

    /// The same, also of what holds outputs: a vector, a tuple, a map.
    pub(super) fn outputs_in(&mut self, expr: &Expr) -> Option<Ident> {
        let output = self.unready_output(expr);
        output.or_else(|| self.holds(expr).filter(|_| !self.is_of_a_value(expr))?.callee())
    }

    /// Where `let name = ..` binds what a callee gives, or methods of that: the name and the callee.
    pub(super) fn result_of(&mut self, local: &Local) -> Option<(Ident, Ident)> {
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let (Pat::Ident(name), Some(init)) = (pattern, &local.init) else { return None };
        Some((name.ident.clone(), self.root(&init.expr)?))
    }

    /// `let (a, b) = f(..)`, or a method, or a name: what it is decides whether a handle is taken apart, or a tuple.
    pub(super) fn split(&mut self, local: &mut Local) -> bool {
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let Pat::Tuple(tuple) = pattern else { return false };
        if tuple.elems.len() < 2 {
            return false;
        }
        let (tuple, is_typed) = (tuple.clone(), matches!(local.pat, Pat::Type(_)));
        let Some(init) = &mut local.init else { return false };
        unwrap(&mut init.expr);
        let made_by = self.output_of(&init.expr);
        if tuple.elems.iter().any(is_tuple) {
            if !self.split_deep(&tuple, &mut init.expr) {
                return false;
            }
            return self.has_split(local, made_by);
        }
        let (tried, how) = match &mut *init.expr {
            Expr::Try(tried) => (&mut *tried.expr, "try_split"),
            expr => (expr, "split"),
        };
        let split = match tried {
            Expr::Call(call) => {
                self.arguments(call);
                self.call(call, (how, Span::mixed_site()))
            }
            // `.unzip()` has taken it apart already.
            Expr::MethodCall(call) if call.method == "unzip" => {
                if !is_typed && let Some(vectors) = self.unzipped_to_vectors(call) {
                    *init.expr = vectors;
                }
                return false;
            }
            chain @ (Expr::MethodCall(_)
            | Expr::Path(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::If(_)
            | Expr::Match(_)) => match self.of_handle(&chain.clone(), (how, Span::mixed_site())) {
                Some(split) => Some(split),
                None => return false,
            },
            _ => return false,
        };
        if let Some(split) = split {
            *init.expr = split;
        }
        self.has_split(local, made_by)
    }

    /// The names of a tuple pattern, whose value has been taken apart, are bound; they are handles if the callee is delayed.
    fn has_split(&mut self, local: &mut Local, made_by: Option<Ident>) -> bool {
        if let Some(init) = &mut local.init
            && let Some((_, diverge)) = &mut init.diverge
        {
            self.visit_expr_mut(diverge);
        }
        self.scopes.bind(&local.pat);
        if let Some(mut alias) = made_by {
            if !cfgs(&local.attrs).is_empty() {
                alias = self.scopes.under_conditions(alias);
            }
            self.scopes.bind_results(&local.pat, &alias);
        }
        true
    }

    /// `let ((a, b), c) = f(..)`: where `f` is delayed, a handle of a tuple in a tuple is taken apart in turn.
    pub(super) fn split_deep(&mut self, tuple: &PatTuple, value: &mut Expr) -> bool {
        let Some(mut alias) = self.output_of(value) else { return false };
        let span = match &*value {
            Expr::Try(tried) => tried.expr.span(),
            value => value.span(),
        };
        alias.set_span(span);
        self.visit_expr_mut(value);
        let unzip = self.helper("unzip", span);
        let task = taken_apart(tuple, quote!(#value), &unzip);
        *value = Expr::Verbatim(call_macro(&alias, span, quote!(@either {#value} {#task})));
        true
    }

    /// What is done (`try`, `split`, `try_split`) with a chain, which is a chain of handles if its callee is delayed.
    pub(super) fn of_handle(&mut self, chain: &Expr, (how, at): (&str, Span)) -> Option<Expr> {
        let mut alias = self.output_of(chain)?;
        let span = match chain {
            Expr::MethodCall(call) => call.method.span(),
            chain => chain.span(),
        };
        let mut rewritten = chain.clone();
        self.visit_expr_mut(&mut rewritten);
        alias.set_span(span);
        let how = Ident::new(&format!("handle_{how}"), at);
        Some(Expr::Verbatim(call_macro(&alias, span, quote!(@#how {#rewritten}))))
    }

    /// A method's call. In what a task runs, calls are plain; and `None` as an argument has the type of the parameter, which
    /// a task's parameter does not say by itself.
    pub(super) fn method_call(&mut self, call: &mut ExprMethodCall) -> Option<Expr> {
        self.unzipped(call);
        let runs_later = |argument: &Expr| matches!(argument, Expr::Closure(_));
        let closure = call.args.len() == 1 && call.args.first().is_some_and(runs_later);
        if (call.method == "map_ref" || call.method == "catch") && closure {
            // Only handles have it.
            let made_here =
                if gives_a_plain_value(call) { self.root(&call.receiver) } else { None };
            self.visit_expr_mut(&mut call.receiver);
            call.args.iter_mut().for_each(|closure| self.captured(closure));
            return made_here.map(|alias| caught(alias, call));
        }
        let later = call.method == "map" && closure;
        // What is said of a handle is no argument of a task.
        let of_handle = ["with", "named", "after", "catch"].iter().any(|name| call.method == name);
        if of_handle || (!later && !call.args.iter().any(|one| self.has_no_type_yet(one))) {
            self.pushed(call);
            self.method_arguments(call);
            return None;
        }
        let root = if later { self.handle(&call.receiver) } else { self.root(&call.receiver) };
        let Some(mut alias) = root else {
            self.method_arguments(call);
            return None;
        };
        let span = call.method.span();
        alias.set_span(span);
        let mut written = call.args.clone();
        if self.root(&call.receiver).is_some() {
            written.iter_mut().for_each(|closure| self.captured(closure));
        }
        visit_mut::visit_expr_method_call_mut(self, call);
        let ExprMethodCall { receiver, dot_token, method, turbofish, args, paren_token, .. } = call;
        let behind = |delimiter, arguments: TokenStream| {
            let mut group = Group::new(delimiter, arguments);
            group.set_span(paren_token.span.join());
            group
        };
        let tokens = match self.marked(args, |_| true) {
            Some(marked) => {
                let marked = behind(Delimiter::Bracket, marked);
                quote!(@handle_call {#receiver} {#method #turbofish} #marked)
            }
            None => {
                // The receiver stands there once, however long the chain is.
                let plain = behind(Delimiter::Parenthesis, quote!(#args));
                let task = behind(Delimiter::Parenthesis, quote!(#written));
                quote!(@handle_map {#receiver} {#dot_token #method #turbofish} #plain #task)
            }
        };
        Some(Expr::Verbatim(call_macro(&alias, span, tokens)))
    }

    /// The receiver and the arguments of a call that stays as it is. A closure is given what the receiver holds.
    fn method_arguments(&mut self, call: &mut ExprMethodCall) {
        let closure = call.args.len() == 1 && matches!(call.args[0], Expr::Closure(_));
        let held = if closure { self.holds(&call.receiver) } else { None };
        self.visit_expr_mut(&mut call.receiver);
        self.element = held.and_then(Holds::one);
        for argument in &mut call.args {
            self.visit_expr_mut(argument);
        }
        self.element = None;
    }
}

/// `f(..).catch(|_| 0.0)`: of a function that returns a `Result` the `?` is missing, which its macro knows.
fn gives_a_plain_value(call: &ExprMethodCall) -> bool {
    let (Some(Expr::Closure(closure)), Expr::Call(_)) = (call.args.first(), &*call.receiver) else {
        return false;
    };
    let body = match &*closure.body {
        Expr::Unary(unary) => &*unary.expr,
        body => body,
    };
    let is_vec = |body: &Expr| matches!(body, Expr::Macro(of) if of.mac.path.is_ident("vec"));
    let is_constant = |body: &Expr| matches!(body, Expr::Path(of) if of.path.segments.len() > 1);
    let is_written = matches!(body, Expr::Lit(_) | Expr::Struct(_));
    call.method == "catch" && (is_written || is_vec(body) || is_constant(body))
}

fn caught(mut alias: Ident, call: &ExprMethodCall) -> Expr {
    let ExprMethodCall { receiver, dot_token, method, turbofish, args, .. } = call;
    let span = method.span();
    alias.set_span(span);
    let tokens = quote!(@caught {#receiver} {#dot_token #method #turbofish} (#args));
    Expr::Verbatim(call_macro(&alias, span, tokens))
}

/// `value`, a handle of a tuple, as a tuple of handles in the shape of the pattern.
fn taken_apart(tuple: &PatTuple, value: TokenStream, unzip: &TokenStream) -> TokenStream {
    let name = |at: usize| Ident::new(&format!("__part_{at}"), Span::mixed_site());
    let parts = tuple.elems.iter().enumerate().map(|(at, part)| match part {
        Pat::Rest(_) => (quote!(..), None),
        part => {
            let name = name(at);
            let mut inner = part;
            while let Pat::Paren(paren) = inner {
                inner = &paren.pat;
            }
            let value = match inner {
                Pat::Tuple(tuple) if is_tuple(inner) => taken_apart(tuple, quote!(#name), unzip),
                _ => quote!(#name),
            };
            (quote!(#name), Some(value))
        }
    });
    let (patterns, values): (Vec<TokenStream>, Vec<Option<TokenStream>>) = parts.unzip();
    // What the pattern leaves out is left out of the value too: `..` fits nothing as well.
    let values = values.iter().flatten();
    quote!(match #unzip(#value) { (#(#patterns),*) => (#(#values,)*) })
}

/// `xs.map(|x| f(x)).collect()` as an argument: of a task it is a vector, in which there may be handles.
fn collected(argument: &Expr, alias: &Ident) -> Expr {
    match argument {
        Expr::MethodCall(call) if is_one_of(call, &["collect"]) => {
            let span = call.method.span();
            let mut typed = call.clone();
            typed.turbofish = Some(parse_quote_spanned!(span=> ::<::std::vec::Vec<_>>));
            Expr::Verbatim(call_macro(alias, span, quote!(@either {#call} {#typed})))
        }
        argument => argument.clone(),
    }
}

/// `[x, y].into()`, whose members are handles: a vector.
fn into_a_vector(argument: Expr) -> Expr {
    match argument {
        Expr::MethodCall(call) if matches!(&*call.receiver, Expr::Array(_)) => {
            let (array, span) = (&call.receiver, call.method.span());
            parse_quote_spanned!(span=> ::std::vec::Vec::from(#array))
        }
        argument => argument,
    }
}

/// Whether there are calls in it that go through their callee's macro.
fn has_calls(expr: &Expr) -> bool {
    fn is_in(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => is_in(group.stream()),
            TokenTree::Ident(name) => name.to_string().starts_with("__tw_"),
            _ => false,
        })
    }
    is_in(quote!(#expr))
}

/// Takes parentheses and the invisible groups of `macro_rules!` away.
fn unwrap(expr: &mut Expr) {
    while let Expr::Paren(ExprParen { expr: inner, .. })
    | Expr::Group(ExprGroup { expr: inner, .. }) = expr
    {
        let inner = std::mem::replace(&mut **inner, Expr::PLACEHOLDER);
        *expr = inner;
    }
}
