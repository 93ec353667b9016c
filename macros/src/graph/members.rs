//! Members of a task's output, which has none until the task has run: one message for all that stand in one expression.
//!
//! In: an expression, before it is rewritten. Out: the same through the macro of the callee whose output has the members, which is a message
//! of ours where the callee is delayed.
//!
//! Not here: what else needs a value (`unready`).

use super::rewrite::Rewrite;
use super::unready::{named, operands_of, subject};
use super::{call_macro, mistake};
use quote::{ToTokens, quote};
use std::iter::once;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprBinary, ExprField, Macro, Member, Token};

impl Rewrite {
    pub(super) fn field(&mut self, field: &mut ExprField) -> Option<Expr> {
        let chain = (*field.base).clone();
        self.unready_output(&chain)?;
        let (message, span) = (no_field(field), field.member.span());
        self.visit_expr_mut(&mut field.base);
        self.needs_value(&chain, field.to_token_stream(), span, &message)
    }

    /// The members of handles among the parts of an expression, if there are two: the first speaks for all.
    pub(super) fn fields_among(&mut self, expr: &Expr) -> Vec<ExprField> {
        let parts: Vec<&Expr> = match expr {
            Expr::Call(call) => call.args.iter().collect(),
            Expr::Try(tried) => return self.fields_among(&tried.expr),
            Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            Expr::Array(array) => array.elems.iter().collect(),
            Expr::MethodCall(call) => once(&*call.receiver).chain(&call.args).collect(),
            Expr::Binary(binary) => vec![&binary.left, &binary.right],
            _ => return Vec::new(),
        };
        self.fields_of(parts)
    }

    /// The same of the arguments of a macro that takes expressions.
    pub(super) fn fields_in(&mut self, call: &Macro) -> Vec<ExprField> {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        match list.parse2(call.tokens.clone()) {
            Ok(arguments) => self.fields_of(arguments.iter().collect()),
            Err(_) => Vec::new(),
        }
    }

    pub(super) fn fields_of(&mut self, parts: Vec<&Expr>) -> Vec<ExprField> {
        let mut operands = Vec::new();
        parts.into_iter().for_each(|part| operands_of(part, &mut operands));
        let fields = operands.into_iter().filter_map(|part| match part {
            Expr::Field(field) if self.unready_output(&field.base).is_some() => Some(field.clone()),
            _ => None,
        });
        let fields: Vec<ExprField> = fields.collect();
        if fields.len() < 2 { Vec::new() } else { fields }
    }

    /// `whole`, in which there are these members of handles, or one message.
    pub(super) fn both_fields(&mut self, fields: &[ExprField], whole: &Expr) -> Option<Expr> {
        let first = fields.first()?;
        let base = |field: &ExprField| field.base.to_token_stream().to_string();
        let other = fields.iter().find(|other| base(other) != base(first));
        let (span, whole) = (first.member.span(), whole.to_token_stream());
        let Some(other) = other else {
            return self.needs_value(&first.base, whole, span, &no_field(first));
        };
        let mut aliases = [self.unready_output(&first.base)?, self.unready_output(&other.base)?];
        let both = no_fields(first, other);
        if aliases[0] == aliases[1] {
            return self.needs_value(&first.base, whole, span, &both);
        }
        // The other callee may be plain.
        aliases.iter_mut().for_each(|alias| alias.set_span(span));
        let [this, another] = aliases;
        let (one, both) = (mistake(span, &no_field(first)), mistake(span, &both));
        let message = call_macro(&another, span, quote!(@either {#one} {#both}));
        Some(Expr::Verbatim(call_macro(&this, span, quote!(@either {#whole} {#message}))))
    }

    /// What is combined by an operator, of whose members the whole speaks.
    pub(super) fn operands(&mut self, binary: &mut ExprBinary) {
        for side in [&mut binary.left, &mut binary.right] {
            self.is_operand = true;
            self.visit_expr_mut(side);
        }
    }
}

fn no_field(field: &ExprField) -> String {
    let (member, name) = (field.member.to_token_stream().to_string(), named(&field.base));
    let way = match &field.member {
        Member::Unnamed(_) => format!(
            "take a tuple apart with `let (a, b) = ..` or `.unzip()`, or write `.map(|{name}| {name}.{member})`, \
             or `.map_ref(|{name}| {name}.{member}.clone())` where it is read again"
        ),
        Member::Named(_) => format!(
            "write `.map_ref(|{name}| {name}.{member})` for a task that reads it (`.clone()` it if it is not `Copy`), \
             or wait for the value with `.await`"
        ),
    };
    format!("{}, which has no `{member}` until the task has run\n{way}", subject(&field.base))
}

/// Of members of two handles.
fn no_fields(first: &ExprField, other: &ExprField) -> String {
    let [one, another] = [first, other].map(|field| {
        let written = field.base.to_token_stream().to_string().replace(" [", "[");
        let (name, member) = (named(&field.base), field.member.to_token_stream());
        let task = format!("{written}.map_ref(|{name}| {name}.{member})");
        (written, task, member.to_string())
    });
    let member = if one.2 == another.2 { format!("no `{}`", one.2) } else { "no members".into() };
    format!(
        "`{}` and `{}` are tasks' outputs, which have {member} until the tasks have run\n\
         write `{}` and `{}` for tasks that read them (`.clone()` what is not `Copy`), \
         or call a #[delayed] function that takes both",
        one.0, another.0, one.1, another.1
    )
}
