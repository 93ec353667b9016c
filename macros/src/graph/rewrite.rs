//! The walk over the block: calls go through their callee's macro, conditions and loops through a helper with a message.
//!
//! In: the user's block. Out: the same block rewritten in place, the callees to look up, and what is wrong with it. Items in
//! the block are left alone; so are tokens inside macros whose grammar is not ours, unless they contain what looks like a call.

use super::scope::{Callee, Frame, Scopes};
use super::{call_macro, uses};
use crate::relocate;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, BinOp, Block, Error, Expr, ExprBinary, ExprCall, ExprClosure, ExprField, ExprForLoop,
    ExprIndex, ExprMethodCall, ExprTry, Item, Local, Macro, Member, Pat, PathArguments, Stmt,
    Token, UnOp, parse,
};

/// Standard macros whose arguments are ordinary expressions.
const EXPRESSION_MACROS: &[&str] = &[
    "vec",
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "write",
    "writeln",
];

pub(super) struct Rewrite {
    scopes: Scopes,
    door: TokenStream,
    builder: Ident,
    mistakes: Vec<Error>,
    /// In an `async` block `.await` is not ours.
    asyncs: usize,
}

impl Rewrite {
    pub(super) fn new(door: TokenStream, builder: Ident) -> Self {
        Rewrite { scopes: Scopes::new(), door, builder, mistakes: Vec::new(), asyncs: 0 }
    }

    pub(super) fn block(&mut self, block: &mut Block) {
        self.visit_block_mut(block);
    }

    pub(super) fn finish(mut self) -> (Vec<Callee>, TokenStream) {
        let mistakes = self.mistakes.iter().map(Error::to_compile_error);
        let mistakes = quote!(#(#mistakes)*);
        (self.scopes.leave_frame().callees, mistakes)
    }

    fn scoped(&mut self, f: impl FnOnce(&mut Self)) {
        self.scopes.enter();
        f(self);
        self.scopes.leave();
    }

    fn helper(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, Span::mixed_site().located_at(span));
        let door = relocate(&self.door, span);
        quote_spanned!(Span::mixed_site().located_at(span)=> #door::#name)
    }

    /// A call whose arguments have been rewritten: through its callee's macro, if it is looked up.
    fn call(&mut self, call: &ExprCall, how: &str) -> Option<Expr> {
        let Expr::Path(callee) = &*call.func else { return None };
        let mut alias = self.scopes.callee(callee)?;
        let mut path = callee.path.clone();
        let turbofish = path.segments.last_mut().map(|last| std::mem::take(&mut last.arguments));
        let (plain, tasks) = match turbofish {
            Some(PathArguments::AngleBracketed(turbofish)) => {
                let given = turbofish.args.iter();
                // Behind its own, `task` has two type parameters for each argument.
                let inferred = call.args.iter().map(|_| quote!(_, _));
                (quote!(#turbofish), quote!(::<#(#given,)* #(#inferred),*>))
            }
            _ => (quote!(), quote!()),
        };
        let span = call.span();
        let written = &call.args;
        let as_written = quote_spanned!(span=> (#written));
        let how = Ident::new(how, Span::mixed_site());
        let mut builder = self.builder.clone();
        builder.set_span(builder.span().located_at(callee.span()));
        alias.set_span(callee.span());
        // The task's arguments stand twice only where they differ from the plain ones: nested calls stay linear.
        let tokens = if call.args.iter().any(is_empty_value) {
            let val = self.helper("val", span);
            let wrapped = call.args.iter().map(|argument| {
                if is_empty_value(argument) { quote!(#val(#argument)) } else { quote!(#argument) }
            });
            let as_task = quote_spanned!(span=> (#(#wrapped),*));
            quote!(@#how #builder {#path} {#plain} {#tasks} #as_task #as_written)
        } else {
            quote!(@#how #builder {#path} {#plain} {#tasks} #as_written)
        };
        Some(Expr::Verbatim(call_macro(&alias, span, tokens)))
    }

    fn arguments(&mut self, call: &mut ExprCall) {
        if !matches!(&*call.func, Expr::Path(_)) {
            self.visit_expr_mut(&mut call.func);
        }
        for argument in &mut call.args {
            self.visit_expr_mut(argument);
        }
    }

    /// A condition: its leaves are checked to be known now.
    fn condition(&mut self, condition: &mut Expr) {
        match condition {
            Expr::Let(binding) => {
                self.visit_expr_mut(&mut binding.expr);
                self.scopes.bind(&binding.pat);
            }
            Expr::Paren(inner) => self.condition(&mut inner.expr),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.condition(&mut binary.left);
                self.condition(&mut binary.right);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) && is_decision(&unary.expr) => {
                self.condition(&mut unary.expr);
            }
            Expr::Binary(binary) if comparison(&binary.op).is_some() => {
                *condition = self.comparison(binary);
            }
            leaf => {
                let span = leaf.span();
                self.visit_expr_mut(leaf);
                let cond = self.helper("cond", span);
                *leaf = Expr::Verbatim(quote_spanned!(span=> #cond(#leaf)));
            }
        }
    }

    fn comparison(&mut self, binary: &mut ExprBinary) -> Expr {
        let left_span = binary.left.span();
        self.visit_expr_mut(&mut binary.left);
        self.visit_expr_mut(&mut binary.right);
        let compare = self.helper(comparison(&binary.op).unwrap_or("eq"), binary.op.span());
        let (left, right) = (&binary.left, &binary.right);
        let left = quote_spanned!(left_span=> &(#left));
        Expr::Verbatim(quote!(#compare(#left, &(#right))))
    }

    /// `let (a, b) = f(..)`: `f` decides whether a handle is taken apart, or a tuple.
    fn split(&mut self, local: &mut Local) -> bool {
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let Pat::Tuple(tuple) = pattern else { return false };
        if tuple.elems.len() < 2 || tuple.elems.iter().any(|p| matches!(p, Pat::Rest(_))) {
            return false;
        }
        let Some(init) = &mut local.init else { return false };
        let (tried, how) = match &mut *init.expr {
            Expr::Try(tried) => (&mut *tried.expr, "try_split"),
            expr => (expr, "split"),
        };
        let split = match tried {
            Expr::Call(call) => {
                self.arguments(call);
                self.call(&call.clone(), how)
            }
            // `.unzip()` has taken it apart already.
            Expr::MethodCall(call) if call.method != "unzip" => {
                match self.method(&call.clone(), how) {
                    Some(split) => Some(split),
                    None => return false,
                }
            }
            _ => return false,
        };
        if let Some(split) = split {
            *init.expr = split;
        }
        if let Some((_, diverge)) = &mut init.diverge {
            self.visit_expr_mut(diverge);
        }
        self.scopes.bind(&local.pat);
        true
    }

    /// Where `let name = ..` binds what a callee gives, or methods of that: the name and the callee.
    fn result_of(&mut self, local: &Local) -> Option<(Ident, Ident)> {
        let pattern = match &local.pat {
            Pat::Type(typed) => &*typed.pat,
            pattern => pattern,
        };
        let (Pat::Ident(name), Some(init)) = (pattern, &local.init) else { return None };
        Some((name.ident.clone(), self.root(&init.expr)?))
    }

    /// The callee at the beginning of a chain: what it gives, methods of that and `?` are handles if it is delayed.
    fn root(&mut self, expr: &Expr) -> Option<Ident> {
        match expr {
            Expr::Call(call) => match &*call.func {
                Expr::Path(callee) => self.scopes.callee(callee),
                _ => None,
            },
            Expr::Path(path) => self.scopes.made_by(&path.path.get_ident()?.to_string()),
            Expr::MethodCall(call) => self.root(&call.receiver),
            Expr::Try(tried) => self.root(&tried.expr),
            Expr::Paren(inner) => self.root(&inner.expr),
            _ => None,
        }
    }

    /// `chain.method(..)` and what is done with it (`try`, `split`, `try_split`), which differs if the chain is of handles.
    fn method(&mut self, call: &ExprMethodCall, how: &str) -> Option<Expr> {
        let mut alias = self.root(&call.receiver)?;
        let span = call.method.span();
        let mut rewritten = Expr::MethodCall(call.clone());
        self.visit_expr_mut(&mut rewritten);
        alias.set_span(alias.span().located_at(span));
        let how = Ident::new(&format!("method_{how}"), Span::mixed_site());
        Some(Expr::Verbatim(call_macro(&alias, span, quote!(@#how {#rewritten}))))
    }

    /// `chain.method(None)`: the argument's type is the parameter's, which a task's parameter does not say by itself.
    fn empty_arguments(&mut self, call: &mut ExprMethodCall) -> Option<Expr> {
        if !call.args.iter().any(is_empty_value) {
            return None;
        }
        let mut alias = self.root(&call.receiver)?;
        let span = call.method.span();
        let val = self.helper("val", span);
        let empty: Vec<bool> = call.args.iter().map(is_empty_value).collect();
        visit_mut::visit_expr_method_call_mut(self, call);
        let plain = Expr::MethodCall(call.clone());
        for (argument, empty) in call.args.iter_mut().zip(empty) {
            if empty {
                *argument = Expr::Verbatim(quote!(#val(#argument)));
            }
        }
        alias.set_span(alias.span().located_at(span));
        Some(Expr::Verbatim(call_macro(&alias, span, quote!(@either {#plain} {#call}))))
    }

    /// What needs the value of `base`, where `let base = callee(..)`: a message of ours if `callee` is delayed.
    fn needs_value(
        &mut self,
        base: &Expr,
        whole: &Expr,
        span: Span,
        message: impl FnOnce(&str) -> String,
    ) -> Option<Expr> {
        let Expr::Path(base) = base else { return None };
        let base = base.path.get_ident()?.to_string();
        let mut alias = self.scopes.made_by(&base)?;
        let message = message(&base);
        alias.set_span(span);
        let tokens = quote!(@needs_value {#whole} #message);
        Some(Expr::Verbatim(call_macro(&alias, span, tokens)))
    }

    fn field(&mut self, field: &ExprField) -> Option<Expr> {
        let member = field.member.to_token_stream().to_string();
        let whole = Expr::Field(field.clone());
        self.needs_value(&field.base, &whole, field.member.span(), |base| {
            let way = match &field.member {
                Member::Unnamed(_) => format!("take a tuple apart with `let (a, b) = ..` or `{base}.unzip()`"),
                Member::Named(_) => format!(
                    "write `{base}.map_ref(|{base}| {base}.{member})` for a task that reads it (`.clone()` it if it is not `Copy`)"
                ),
            };
            format!("`{base}` is a task's output, which has no `{member}` until the task has run\n{way}")
        })
    }

    fn index(&mut self, index: &ExprIndex) -> Option<Expr> {
        let at = index.index.to_token_stream().to_string();
        let whole = Expr::Index(index.clone());
        self.needs_value(&index.expr, &whole, index.span(), |base| {
            format!(
                "`{base}` is a task's output, which cannot be indexed until the task has run\n\
                 write `{base}.map_ref(|{base}| {base}[{at}])` for a task that reads it (`.clone()` it if it is not `Copy`)"
            )
        })
    }

    fn question(&mut self, tried: &ExprTry) -> Option<Expr> {
        let whole = Expr::Try(tried.clone());
        self.needs_value(&tried.expr, &whole, tried.question_token.span, |base| {
            format!(
                "`{base}` is a task's output, which is neither `Ok` nor `Err` until the task has run\n\
                 put the `?` where the task is made, `let {base} = ..(..)?;`, or write `{base}.or_fail()`: an `Err` then stops \
                 everything downstream"
            )
        })
    }

    fn macro_call(&mut self, call: &mut Macro) {
        let Some(name) = call.path.segments.last().map(|segment| segment.ident.to_string()) else {
            return;
        };
        if EXPRESSION_MACROS.contains(&name.as_str()) && self.expressions(call) {
            return;
        }
        // They expand by themselves.
        if name == "graph" || name == "static_graph" {
            return;
        }
        if let Some(callee) = first_call(call.tokens.clone()) {
            self.mistakes.push(Error::new(
                callee.span(),
                format!(
                    "graph! cannot see into `{name}!`, so it cannot tell whether `{callee}(..)` should become a task\n\
                     bind it with `let` before the macro, or write `({callee})(..)` for a plain call"
                ),
            ));
        }
    }

    /// Rewrites the arguments of a macro that takes expressions; false if these are not.
    fn expressions(&mut self, call: &mut Macro) -> bool {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut arguments) = list.parse2(call.tokens.clone()) {
            for argument in &mut arguments {
                // In `format!("{x}", x = f())` the assignment is the macro's.
                match argument {
                    Expr::Assign(named) => self.visit_expr_mut(&mut named.right),
                    argument => self.visit_expr_mut(argument),
                }
            }
            call.tokens = arguments.into_token_stream();
            return true;
        }
        let repeat = |input: parse::ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((value, input.parse::<Expr>()?))
        };
        if let Ok((mut value, mut count)) = repeat.parse2(call.tokens.clone()) {
            self.visit_expr_mut(&mut value);
            self.visit_expr_mut(&mut count);
            call.tokens = quote!(#value; #count);
            return true;
        }
        false
    }
}

impl VisitMut for Rewrite {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let framed = self.scopes.enter_frame(block);
        self.scoped(|this| {
            for statement in &mut block.stmts {
                this.visit_stmt_mut(statement);
            }
        });
        if framed {
            let Frame { callees, .. } = self.scopes.leave_frame();
            if callees.is_empty() {
                return;
            }
            let (fallbacks, lookups) = uses(&callees, &self.door);
            // The items stay in the outer block, where the lookups find them.
            let (items, rest): (Vec<Stmt>, Vec<Stmt>) = std::mem::take(&mut block.stmts)
                .into_iter()
                .partition(|statement| matches!(statement, Stmt::Item(_)));
            block.stmts = vec![Stmt::Expr(
                Expr::Verbatim(quote!({ #fallbacks #(#items)* { #lookups #(#rest)* } })),
                None,
            )];
        }
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Macro(call) => self.macro_call(&mut call.mac),
            statement => visit_mut::visit_stmt_mut(self, statement),
        }
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        if self.split(local) {
            return;
        }
        let result = self.result_of(local);
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
            }
        }
        self.scopes.bind(&local.pat);
        if let Some((name, alias)) = result {
            self.scopes.bind_result(&name, alias);
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.scoped(|this| {
            for input in &closure.inputs {
                this.scopes.bind(input);
            }
            this.visit_expr_mut(&mut closure.body);
        });
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.scoped(|this| {
            this.scopes.bind(&arm.pat);
            if let Some((_, guard)) = &mut arm.guard {
                this.condition(guard);
            }
            this.visit_expr_mut(&mut arm.body);
        });
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut ExprForLoop) {
        let span = each.expr.span();
        self.visit_expr_mut(&mut each.expr);
        let (iter, over) = (self.helper("iter", span), &each.expr);
        *each.expr = Expr::Verbatim(quote_spanned!(span=> #iter(#over)));
        self.scoped(|this| {
            this.scopes.bind(&each.pat);
            this.visit_block_mut(&mut each.body);
        });
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Call(call) => {
                self.arguments(call);
                if let Some(rewritten) = self.call(&call.clone(), "call") {
                    *expr = rewritten;
                }
            }
            Expr::Try(tried) => match &mut *tried.expr {
                Expr::Call(call) => {
                    self.arguments(call);
                    if let Some(rewritten) = self.call(&call.clone(), "try") {
                        *expr = rewritten;
                    }
                }
                Expr::MethodCall(call) => match self.method(&call.clone(), "try") {
                    Some(rewritten) => *expr = rewritten,
                    None => self.visit_expr_mut(&mut tried.expr),
                },
                _ => match self.question(tried) {
                    Some(rewritten) => *expr = rewritten,
                    None => self.visit_expr_mut(&mut tried.expr),
                },
            },
            Expr::MethodCall(call) => match self.empty_arguments(call) {
                Some(rewritten) => *expr = rewritten,
                None => visit_mut::visit_expr_method_call_mut(self, call),
            },
            Expr::Index(index) => match self.index(index) {
                Some(rewritten) => *expr = rewritten,
                None => visit_mut::visit_expr_index_mut(self, index),
            },
            Expr::If(branch) => {
                self.scoped(|this| {
                    this.condition(&mut branch.cond);
                    this.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.visit_expr_mut(otherwise);
                }
            }
            Expr::While(repeat) => self.scoped(|this| {
                this.condition(&mut repeat.cond);
                this.visit_block_mut(&mut repeat.body);
            }),
            Expr::Field(field) => match self.field(field) {
                Some(rewritten) => *expr = rewritten,
                None => visit_mut::visit_expr_field_mut(self, field),
            },
            Expr::Macro(call) => self.macro_call(&mut call.mac),
            Expr::Await(awaited) => {
                if self.asyncs == 0 {
                    self.mistakes.push(Error::new(
                        awaited.await_token.span,
                        "`.await` in `graph!` does not act yet: a graph is built before it runs\n\
                         move what depends on the value into a #[delayed] function, or into `.map(|value| ..)`",
                    ));
                    // One mistake, one message.
                    let base = awaited.base.clone();
                    *expr = *base;
                    self.visit_expr_mut(expr);
                } else {
                    visit_mut::visit_expr_await_mut(self, awaited);
                }
            }
            Expr::Async(block) => {
                self.asyncs += 1;
                self.visit_block_mut(&mut block.block);
                self.asyncs -= 1;
            }
            expr => visit_mut::visit_expr_mut(self, expr),
        }
    }
}

/// `None`, `vec![]`, `X::new()`, `X::default()`: no handle can be in them, and the parameter decides their type.
fn is_empty_value(argument: &Expr) -> bool {
    match argument {
        Expr::Path(path) => path.path.is_ident("None"),
        Expr::Macro(call) => call.mac.path.is_ident("vec") && call.mac.tokens.is_empty(),
        Expr::Call(call) => {
            let Expr::Path(callee) = &*call.func else { return false };
            let last = callee.path.segments.last().map(|segment| segment.ident.to_string());
            call.args.is_empty()
                && callee.path.segments.len() > 1
                && matches!(last.as_deref(), Some("new" | "default"))
        }
        _ => false,
    }
}

fn comparison(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Eq(_) => "eq",
        BinOp::Ne(_) => "ne",
        BinOp::Lt(_) => "lt",
        BinOp::Le(_) => "le",
        BinOp::Gt(_) => "gt",
        BinOp::Ge(_) => "ge",
        _ => return None,
    })
}

/// Whether `!` stands before something that is a condition by its syntax.
fn is_decision(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_decision(&inner.expr),
        Expr::Binary(binary) => {
            comparison(&binary.op).is_some() || matches!(binary.op, BinOp::And(_) | BinOp::Or(_))
        }
        _ => false,
    }
}

/// The first thing in a macro's tokens that looks like the call of a free function.
fn first_call(tokens: TokenStream) -> Option<Ident> {
    const KEYWORDS: &[&str] =
        &["if", "in", "match", "while", "for", "return", "let", "as", "move", "fn", "else", "loop"];
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let (TokenTree::Ident(name), Some(TokenTree::Group(group))) = (token, tokens.get(at + 1))
        {
            let before = at.checked_sub(1).map(|at| tokens[at].to_string()).unwrap_or_default();
            let text = name.to_string();
            let callable = text.starts_with(|c: char| c.is_lowercase() || c == '_');
            if group.delimiter() == Delimiter::Parenthesis
                && callable
                && before != "."
                && before != ":"
                && !KEYWORDS.contains(&text.as_str())
            {
                return Some(name.clone());
            }
        }
        if let TokenTree::Group(group) = token
            && let Some(name) = first_call(group.stream())
        {
            return Some(name);
        }
    }
    None
}
