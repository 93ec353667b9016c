//! What needs a value that is not there: elements, patterns, casts and the like of a task's output, with what to write instead.
//!
//! In: an expression whose beginning is a callee's result. Out: the same through the callee's macro, which is a message of ours where
//! the callee is delayed. Where it is not known what the beginning holds (a parameter, what a plain function gives), the types say it.
//!
//! Not here: members (`members`).

use super::call_macro;
use super::holds::{Holds, combines};
use super::rewrite::Rewrite;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BinOp, Expr, ExprBinary, ExprCast, ExprIndex, ExprMatch, ExprMethodCall, ExprRange, ExprTry,
    GenericArgument, Local, Pat, PatIdent, Type, UnOp, parse_quote,
};

/// Methods after which a handle is left that nobody reads.
const GIVES_A_HANDLE: &[&str] = &["named", "after", "catch", "map", "map_ref", "or_fail", "with"];

/// Methods of vectors and iterators that compare what is in them.
const ORDERS: &[&str] = &["max", "min", "sort", "sort_unstable", "is_sorted", "dedup"];

/// Those that compare it with a closure.
const ORDERS_BY: &[&str] = &["max_by", "min_by", "sort_by", "sort_unstable_by", "is_sorted_by"];

/// Methods of vectors that compare what is in them with a value.
const FINDS: &[&str] = &["contains", "binary_search"];

/// Methods of one that compare it with another.
const COMPARES: &[&str] = &["cmp", "partial_cmp", "total_cmp"];

/// What a message calls the value of `chain`.
pub(super) fn named(chain: &Expr) -> String {
    match chain {
        Expr::Path(path) => path.path.get_ident().map_or("value".into(), Ident::to_string),
        _ => "value".into(),
    }
}

/// "`v` holds tasks' outputs" or "this holds tasks' outputs"; and the way to one task of them.
fn many(chain: &Expr) -> (String, String) {
    match chain {
        Expr::Path(_) => {
            let name = named(chain);
            (format!("`{name}` holds tasks' outputs"), format!("gather({name})"))
        }
        _ => ("this holds tasks' outputs".into(), "gather(..)".into()),
    }
}

/// "`m` is a task's output" or "this is a task's output".
pub(super) fn subject(chain: &Expr) -> String {
    match chain {
        Expr::Path(_) => format!("`{}` is a task's output", named(chain)),
        _ => "this is a task's output".into(),
    }
}

impl Rewrite {
    /// `whole`, which has been rewritten, or a message if `chain` is of handles.
    pub(super) fn needs_value(
        &mut self,
        chain: &Expr,
        whole: TokenStream,
        span: Span,
        message: &str,
    ) -> Option<Expr> {
        self.unready_output(chain).map(|alias| told(alias, whole, span, message))
    }

    pub(super) fn index(&mut self, index: &mut ExprIndex) -> Option<Expr> {
        let chain = (*index.expr).clone();
        self.unready_output(&chain)?;
        let (at, name) = (index.index.to_token_stream().to_string(), named(&chain));
        let message = format!(
            "{}, which cannot be indexed until the task has run\n\
             write `.map_ref(|{name}| {name}[{at}])` for a task that reads it (`.clone()` it if it is not `Copy`), \
             or wait for the value with `.await`",
            subject(&chain)
        );
        let span = index.span();
        self.visit_expr_mut(&mut index.expr);
        self.visit_expr_mut(&mut index.index);
        self.needs_value(&chain, index.to_token_stream(), span, &message)
    }

    /// `h?` on a name: where the task was made, its callee's macro sees the `?`.
    pub(super) fn question(&mut self, tried: &ExprTry) -> Option<Expr> {
        let base = named(&tried.expr);
        let message = format!(
            "`{base}` is a task's output, which is neither `Ok` nor `Err` until the task has run\n\
             put the `?` where the task is made, `let {base} = ..(..)?;`, or write `{base}.or_fail()`: an `Err` then stops \
             everything downstream"
        );
        let span = tried.question_token.span;
        self.needs_value(&tried.expr, tried.to_token_stream(), span, &message)
    }

    /// A `match` that has been rewritten, on `chain`.
    pub(super) fn matched(&mut self, chain: &Expr, whole: &ExprMatch) -> Option<Expr> {
        let message = decides(chain, "matched");
        let mut alias = self.unready_output(chain)?;
        let span = chain.span();
        alias.set_span(span);
        // In braces, for a statement needs no `;` behind them.
        let bang = quote_spanned!(span=> !);
        let tokens = quote!(@needs_value {#whole} #message);
        let mut group = Group::new(Delimiter::Brace, tokens);
        group.set_span(span);
        Some(Expr::Verbatim(quote!(#alias #bang #group)))
    }

    /// The right-hand side of `if let`, `while let`, `let … else` and of patterns that look inside.
    pub(super) fn looked_into(&mut self, chain: &Expr, value: &Expr) -> Option<Expr> {
        let message = decides(chain, "taken apart by a pattern");
        self.needs_value(chain, value.to_token_stream(), chain.span(), &message)
    }

    pub(super) fn cast(&mut self, cast: &mut ExprCast) -> Option<Expr> {
        let (chain, ty) = ((*cast.expr).clone(), cast.ty.to_token_stream().to_string());
        self.unready_output(&chain)?;
        let name = named(&chain);
        let message = format!(
            "{}, which cannot be cast until the task has run\nwrite `.map(|{name}| {name} as {ty})`",
            subject(&chain)
        );
        self.visit_expr_mut(&mut cast.expr);
        self.needs_value(&chain, cast.to_token_stream(), chain.span(), &message)
    }

    /// `0..n` where `n` is a handle.
    pub(super) fn range(&mut self, range: &mut ExprRange) -> Option<Expr> {
        let ends = [range.start.as_deref(), range.end.as_deref()];
        let chain =
            ends.into_iter().flatten().find(|end| self.unready_output(end).is_some())?.clone();
        for end in [&mut range.start, &mut range.end].into_iter().flatten() {
            self.visit_expr_mut(end);
        }
        let message = format!(
            "{}, which is no end of a range until the task has run\n\
             wait for the value with `.await`, or move the loop into a #[delayed] function",
            subject(&chain)
        );
        self.needs_value(&chain, range.to_token_stream(), chain.span(), &message)
    }

    /// `*h > 1.0` where `h` is lent.
    pub(super) fn lent_compared(&mut self, chain: &Expr, whole: &ExprBinary) -> Option<Expr> {
        let message = "this is a task's output, which cannot be compared until the task has run\n\
            do it in a #[delayed] function that takes the values, or wait for them with `gather(..).await`";
        self.needs_value(chain, whole.to_token_stream(), chain.span(), message)
    }

    /// `a && b` where one of them is a handle; in a condition, where both are.
    pub(super) fn both(&mut self, chain: &Expr, whole: &ExprBinary) -> Option<Expr> {
        let operator = if matches!(whole.op, BinOp::And(_)) { "&" } else { "|" };
        let message = format!(
            "{}, which is neither true nor false until the task has run\n\
             write `{operator}` between two outputs for a task that combines them, or wait for the value with `.await`",
            subject(chain)
        );
        self.needs_value(chain, whole.to_token_stream(), chain.span(), &message)
    }

    /// An argument of a macro that prints; `alone` is the macro as it is written, if it shows no other output.
    pub(super) fn printed(
        &mut self,
        chain: &Expr,
        whole: &Expr,
        (macro_name, alone): (&str, Option<&str>),
    ) -> Option<Expr> {
        if self.unready_output(chain).is_none() {
            let alias = self.outputs_in(chain)?;
            let (subject, gathered) = many(chain);
            let message = format!(
                "{subject}, which cannot be shown until the tasks have run\n\
                 wait for the values with `{gathered}.await`, or show what `compute` returns"
            );
            return Some(told(alias, whole.to_token_stream(), chain.span(), &message));
        }
        let name = named(chain);
        let shown = match alone {
            Some(written) if matches!(chain, Expr::Path(_)) => written.to_owned(),
            _ => format!("{macro_name}!(\"{{{name}}}\")"),
        };
        let way = match macro_name {
            "format" if alone.is_none() && matches!(chain, Expr::Path(_)) => {
                "join the outputs first, `gather((a, b)).map(|(a, b)| format!(..))`, call a #[delayed] function of them, \
                 or wait for the values with `.await`"
                    .into()
            }
            "format" => format!(
                "write `.map(|{name}| {shown})` for a task that makes the text, or `.map_ref` where it is read again, \
                 or wait for the value with `.await`"
            ),
            "dbg" => format!(
                "write `.map(|{name}| dbg!({name}))`, which gives the value on, wait for the value with `.await`, \
                 or show what `compute` returns"
            ),
            _ => format!(
                "write `.map_ref(|{name}| println!(\"{{{name}}}\"))` and return that task too, wait for the value with `.await`, \
                 or print what `compute` returns"
            ),
        };
        let message =
            format!("{}, which cannot be shown until the task has run\n{way}", subject(chain));
        self.needs_value(chain, whole.to_token_stream(), chain.span(), &message)
    }

    /// A macro that asserts something of `chain`.
    pub(super) fn asserted(&mut self, chain: &Expr, whole: &Expr) -> Option<Expr> {
        if self.unready_output(chain).is_none() {
            let alias = self.outputs_in(chain)?;
            let (subject, gathered) = many(chain);
            let message = format!(
                "{subject}, of which nothing can be asserted until the tasks have run\n\
                 assert it in a task, `{gathered}.map(|values| {{ assert!(..); values }})`, wait for the values with \
                 `{gathered}.await`, or look at what `compute` returns"
            );
            return Some(told(alias, whole.to_token_stream(), chain.span(), &message));
        }
        let name = named(chain);
        let message = format!(
            "{}, of which nothing can be asserted until the task has run\n\
             assert it in a task, `.map(|{name}| {{ assert!(..); {name} }})`, wait for the value with `.await`, \
             or look at what `compute` returns",
            subject(chain)
        );
        self.needs_value(chain, whole.to_token_stream(), chain.span(), &message)
    }

    /// In a closure that runs later: handles that it reads beside its own, which are not there when it runs.
    pub(super) fn captured(&mut self, closure: &mut Expr) {
        let mut own = Own::default();
        own.visit_expr(closure);
        Captured { rewrite: self, own: own.0 }.visit_expr_mut(closure);
    }

    /// `handles.collect::<Result<Vec<_>, _>>()`, also with `?` behind it, and `handles.sum()`: they need each value.
    pub(super) fn consumed(&mut self, whole: &Expr) -> Option<Expr> {
        let call = match whole {
            Expr::Try(tried) => &*tried.expr,
            whole => whole,
        };
        let Expr::MethodCall(call) = call else { return None };
        let orders = orders(call);
        if !orders && (!call.args.is_empty() || !consumes(call)) {
            return None;
        }
        let Holds::Handle(alias) = self.holds(&call.receiver)?.one()? else { return None };
        let message = match asked(call).and_then(last_name) {
            _ if orders => "these are tasks' outputs, which cannot be compared until the tasks have run\n\
                hand them to a #[delayed] function that takes a `Vec`, or wait for the values with `gather(..).await`"
                .into(),
            Some(name) if call.method == "collect" => format!(
                "these are tasks' outputs, whose `{name}`s are not there until the tasks have run\n{}",
                match name.as_str() {
                    "Result" =>
                        "put the `?` behind the call, `.map(|x| f(x)?)`, and collect a `Vec`: an `Err` then stops the graph",
                    _ =>
                        "collect a `Vec`, and hand it to a #[delayed] function that takes a `Vec<Option<_>>`",
                }
            ),
            _ => format!(
                "these are tasks' outputs, of which there is no {} until the tasks have run\n{}",
                call.method,
                match call.method == "sum" {
                    true =>
                        "fold them, `.fold(gather(0.0), |sum, x| sum + x)`, or collect a `Vec` and hand it to a #[delayed] function",
                    false =>
                        "fold them, `.fold(gather(1.0), |product, x| product * x)`, or collect a `Vec` and hand it to a #[delayed] function",
                }
            ),
        };
        let span = call.method.span();
        let mut rewritten = whole.clone();
        match &mut rewritten {
            Expr::Try(tried) => visit_mut::visit_expr_mut(self, &mut tried.expr),
            rewritten => visit_mut::visit_expr_mut(self, rewritten),
        }
        Some(told(alias, rewritten.to_token_stream(), span, &message))
    }

    /// `let v: Result<Vec<_>, _> = handles.collect();`: the type goes into the call, where it is looked at.
    pub(super) fn asked_by_let(&mut self, local: &mut Local) {
        let (Pat::Type(typed), Some(init)) = (&local.pat, &mut local.init) else { return };
        let Expr::MethodCall(call) = &mut *init.expr else { return };
        if call.turbofish.is_some() || !typed.attrs.is_empty() {
            return;
        }
        let ty = &typed.ty;
        let mut with_type = call.clone();
        with_type.turbofish = Some(parse_quote!(::<#ty>));
        if (consumes(&with_type) || consumes(call))
            && let Some(Holds::Many(one)) = self.holds(&call.receiver)
            && matches!(*one, Holds::Handle(_) | Holds::Perhaps(_))
        {
            *call = with_type;
            local.pat = (*typed.pat).clone();
        }
    }

    /// A statement, or `let _ = ..`, that lets go of a handle at once.
    pub(super) fn discarded(&mut self, value: &Expr) -> Option<Expr> {
        let chain = without_question(value);
        if let Expr::MethodCall(call) = chain
            && !gives_a_handle(call)
        {
            return self.discarded_method(value, call.method.span());
        }
        let span = match chain {
            Expr::Call(call) => call.func.span(),
            Expr::Binary(binary) => binary.op.span(),
            chain => chain.span(),
        };
        let message = "nothing reads this task's output, so the task would not run\n\
            return it beside the result, as in `(result, saved)`, collect those of a loop in a `Vec` that is returned, \
            or let a task come after it with `.after(&saved)`";
        self.let_go(value, span, message, |value| value)
    }

    /// The last statement of a block whose value is used: with a `;`, though it makes a task.
    pub(super) fn discarded_last(&mut self, value: &Expr, semicolon: Span) -> Option<Expr> {
        if let Expr::MethodCall(call) = without_question(value)
            && !gives_a_handle(call)
        {
            return None;
        }
        let message = "this `;` lets go of a task's output, and the block then gives nothing\n\
            remove it: the value of a block is what stands last, without a `;`";
        let made_by = self.unready_output(without_question(value));
        let mut whole = self.let_go(value, semicolon, message, |value| quote!({ #value; }))?;
        if !self.let_go.is_empty() {
            let mut value = value.clone();
            self.visit_expr_mut(&mut value);
            // Of the first branch it is enough to be told.
            for alias in &self.let_go {
                let mut alias = alias.clone();
                alias.set_span(semicolon);
                let either = quote!(@either {#whole} {#value});
                whole = Expr::Verbatim(call_macro(&alias, semicolon, either));
            }
        }
        self.let_go.extend(made_by);
        Some(whole)
    }

    /// An expression that makes a task, with a message if it does; what it is else is put together by `plain`.
    fn let_go(
        &mut self,
        value: &Expr,
        span: Span,
        message: &str,
        plain: impl FnOnce(TokenStream) -> TokenStream,
    ) -> Option<Expr> {
        let chain = without_question(value);
        if !matches!(chain, Expr::Call(_) | Expr::MethodCall(_) | Expr::Binary(_) | Expr::Unary(_))
        {
            return None;
        }
        let mut operands = Vec::new();
        operands_of(chain, &mut operands);
        operands.retain(|operand| self.unready_output(operand).is_some());
        if operands.is_empty() {
            return None;
        }
        let mut rewritten = value.clone();
        self.visit_expr_mut(&mut rewritten);
        let mut whole = plain(rewritten.to_token_stream());
        // A handle is what one of them is enough for.
        for operand in operands {
            whole = self.needs_value(operand, whole, span, message)?.to_token_stream();
        }
        Some(Expr::Verbatim(whole))
    }

    /// A method's call on what may be a handle, whose result is let go: an error if that is a handle, which its type says.
    fn discarded_method(&mut self, value: &Expr, span: Span) -> Option<Expr> {
        let mut alias = self.unready_output(without_question(value))?;
        alias.set_span(span);
        let discarded = self.helper("discarded", span);
        let mut rewritten = value.clone();
        self.visit_expr_mut(&mut rewritten);
        let task = quote_spanned!(span=> #discarded(#rewritten));
        Some(Expr::Verbatim(call_macro(&alias, span, quote!(@either {#rewritten} {#task}))))
    }
}

/// `whole`, or a message if the callee is delayed.
fn told(mut alias: Ident, whole: TokenStream, span: Span, message: &str) -> Expr {
    alias.set_span(span);
    Expr::Verbatim(call_macro(&alias, span, quote!(@needs_value {#whole} #message)))
}

pub(super) fn without_question(value: &Expr) -> &Expr {
    if let Expr::Try(tried) = value { &tried.expr } else { value }
}

pub(super) fn gives_a_handle(call: &ExprMethodCall) -> bool {
    GIVES_A_HANDLE.iter().any(|name| call.method == name)
}

/// The one type behind `::` of a method's call.
fn asked(call: &ExprMethodCall) -> Option<&Type> {
    match call.turbofish.as_ref()?.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn last_name(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|last| last.ident.to_string())
}

/// Whether a method of an iterator needs the values, and not only what holds them; a type of the user's own may be summed of handles.
fn consumes(call: &ExprMethodCall) -> bool {
    let asked = asked(call).map(|ty| last_name(ty).unwrap_or_default());
    match (call.method.to_string().as_str(), asked) {
        ("collect", Some(name)) => name == "Result" || name == "Option",
        ("sum" | "product", Some(name)) => crate::PRIMITIVES.contains(&name.as_str()),
        ("sum" | "product", None) => true,
        _ => false,
    }
}

/// Whether a method of a vector or an iterator compares what is in it: by its name, with a closure that compares its parameters or their fields, or with another value.
fn orders(call: &ExprMethodCall) -> bool {
    match call.args.first() {
        // An iterator has no `sort` but one of the user's.
        None if matches!(&*call.receiver, Expr::MethodCall(_)) => {
            ["max", "min"].iter().any(|name| call.method == name)
        }
        None => ORDERS.iter().any(|name| call.method == name),
        Some(Expr::Closure(closure)) if call.args.len() == 1 && closure.inputs.len() == 2 => {
            let mut body = &*closure.body;
            while let Expr::MethodCall(outer) = body {
                if COMPARES.iter().any(|name| outer.method == name) {
                    let Expr::Path(compared) = of_fields(&outer.receiver) else { return false };
                    let is_own = |own: &Pat| matches!(own, Pat::Ident(own) if compared.path.is_ident(&own.ident));
                    return ORDERS_BY.iter().any(|name| call.method == name)
                        && closure.inputs.iter().any(is_own);
                }
                body = &outer.receiver;
            }
            false
        }
        Some(_) => call.args.len() == 1 && FINDS.iter().any(|name| call.method == name),
    }
}

/// What the fields are of.
fn of_fields(mut value: &Expr) -> &Expr {
    while let Expr::Field(field) = value {
        value = &field.base;
    }
    value
}

/// The names that are bound anywhere in an expression.
#[derive(Default)]
struct Own(Vec<Ident>);

impl<'a> Visit<'a> for Own {
    fn visit_pat_ident(&mut self, name: &'a PatIdent) {
        self.0.push(name.ident.clone());
    }
}

/// Names of handles become a message where they are read.
struct Captured<'a> {
    rewrite: &'a mut Rewrite,
    own: Vec<Ident>,
}

impl VisitMut for Captured<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let chain = expr.clone();
        let Expr::Path(path) = &chain else { return visit_mut::visit_expr_mut(self, expr) };
        let Some(name) = path.path.get_ident().filter(|name| !self.own.contains(name)) else {
            return;
        };
        let message = format!(
            "`{name}` is a task's output, and this closure runs in another task, where there are no handles\n\
             join them first, `gather((a, {name})).map(|(a, {name})| ..)`, or call a #[delayed] function of both"
        );
        let read = self.rewrite.needs_value(&chain, path.to_token_stream(), name.span(), &message);
        if let Some(read) = read {
            *expr = read;
        }
    }
}

/// What is combined by operators that give a handle for a handle; the expression itself where there are none.
pub(super) fn operands_of<'a>(expr: &'a Expr, operands: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Paren(inner) => operands_of(&inner.expr, operands),
        Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
            operands_of(&unary.expr, operands);
        }
        Expr::Binary(binary) if combines(&binary.op) => {
            operands_of(&binary.left, operands);
            operands_of(&binary.right, operands);
        }
        expr => operands.push(expr),
    }
}

fn decides(chain: &Expr, how: &str) -> String {
    let name = named(chain);
    format!(
        "{}, which cannot be {how} until the task has run\n\
         wait for the value with `.await`, or do it in a task: `.map(|{name}| match {name} {{ .. }})`; \
         to stop the graph at an `Err`, write `?` behind the call",
        subject(chain)
    )
}

/// Whether a pattern asks what the value is, or for its parts.
pub(super) fn looks_inside(pattern: &Pat) -> bool {
    match pattern {
        Pat::Struct(_) | Pat::TupleStruct(_) | Pat::Slice(_) | Pat::Lit(_) | Pat::Range(_) => true,
        Pat::Or(or) => or.cases.iter().any(looks_inside),
        Pat::Paren(inner) => looks_inside(&inner.pat),
        Pat::Reference(inner) => looks_inside(&inner.pat),
        Pat::Path(_) => true,
        // `None`
        Pat::Ident(name) => name.ident.to_string().starts_with(char::is_uppercase),
        Pat::Tuple(tuple) => tuple.elems.iter().any(looks_inside),
        Pat::Type(typed) => looks_inside(&typed.pat),
        _ => false,
    }
}

/// Whether it is `let _ = ..`.
pub(super) fn is_wild(local: &Local) -> bool {
    match &local.pat {
        Pat::Wild(_) => true,
        Pat::Type(typed) => matches!(&*typed.pat, Pat::Wild(_)),
        _ => false,
    }
}
