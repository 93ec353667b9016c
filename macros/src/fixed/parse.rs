//! The syntax of `static_graph!`.
//!
//! In: tokens. Out: [`Declaration`], plain data with spans.

use crate::delayed::sizes::without_a_size;
use proc_macro2::{Group, Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{
    Attribute, Error, Expr, ExprCall, ExprPath, FnArg, Lifetime, Pat, PatIdent, PatType, Result,
    Token, Type, TypeImplTrait, TypeReference, Visibility, braced, parenthesized, parse_quote,
    token,
};

const NO_LINE: &str = "a static graph has `let task = function(..);` lines and the output's name; loops and conditions need `graph!`";
const NO_ITEM: &str = "a static graph has `let task = function(..);` lines and the output's name\n\
    put constants, `use` and other items outside, before `static_graph!`";
const NO_INPUT: &str = "an input is a name and a type, as in `x: f64`";
const NO_OUTPUT: &str = "the block ends with the name of the output\n\
    give it a name first: `let out = function(..); out`";

/// All that stands in the braces.
pub(super) struct Declaration {
    pub(super) attributes: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    pub(super) inputs: Vec<Input>,
    /// `-> T`, if it is written.
    pub(super) returns: Option<Type>,
    pub(super) tasks: Vec<Task>,
    pub(super) output: Output,
}

/// What a run gives.
pub(super) enum Output {
    /// The value of one task.
    One(Ident),
    /// Those of several.
    Tuple(Vec<Ident>),
}

impl Output {
    pub(super) fn names(&self) -> &[Ident] {
        match self {
            Output::One(name) => std::slice::from_ref(name),
            Output::Tuple(names) => names,
        }
    }
}

pub(super) struct Input {
    pub(super) name: Ident,
    pub(super) ty: Type,
}

/// `let name = call(..)` or `let name = call(..)?`
pub(super) struct Task {
    /// Of lints.
    pub(super) attributes: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) call: ExprCall,
    pub(super) tried: bool,
}

pub(super) fn declaration(input: ParseStream) -> Result<Declaration> {
    let attributes = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    input.parse::<Token![struct]>().map_err(|error| {
        Error::new(
            error.span(),
            "a static graph is a `struct`\nwrite `static_graph! { pub struct Name(x: f64) { let a = f(x); a } }`",
        )
    })?;
    let name = input.parse()?;
    if input.peek(Token![<]) {
        let message = "a static graph has no parameters of types or lifetimes\n\
            write the types, and references without a lifetime: `text: &str`";
        return Err(input.error(message));
    }
    if !input.peek(token::Paren) {
        let message = "the inputs of a static graph stand in parentheses behind its name, as those of a function\n\
            write `static_graph! { pub struct Name(x: f64) { let a = f(x); a } }`";
        return Err(input.error(message));
    }
    let parameters;
    parenthesized!(parameters in input);
    let inputs = parameters.parse_terminated(one_input, Token![,])?.into_iter().collect();
    let returns = match input.parse::<Option<Token![->]>>()? {
        Some(_) => match input.parse()? {
            Type::Infer(hole) => {
                let message = "leave `-> _` away: the output's type is known";
                return Err(Error::new_spanned(hole, message));
            }
            returns => Some(returns),
        },
        None => None,
    };
    let body;
    braced!(body in input);
    let mut tasks = Vec::new();
    while body.peek(Token![let]) || body.peek(Token![#]) {
        tasks.push(task(&body)?);
    }
    if body.is_empty() {
        let message = "the name of the output is missing: write the task's name last, without `;`";
        return Err(Error::new(body.span(), message));
    }
    let output = output(&body)?;
    if !input.is_empty() {
        let message = "one static graph is declared at a time: write another `static_graph! { .. }` for the next";
        return Err(input.error(message));
    }
    Ok(Declaration { attributes, vis, name, inputs, returns, tasks, output })
}

/// The last line: a task's name, or a tuple of such names.
fn output(body: ParseStream) -> Result<Output> {
    if body.peek(token::Paren) {
        let span = body.span();
        let output = match body.parse()? {
            Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
                Output::Tuple(tuple.elems.into_iter().map(member).collect::<Result<_>>()?)
            }
            Expr::Paren(one) => Output::One(member(*one.expr)?),
            other => return Err(Error::new_spanned(other, NO_OUTPUT)),
        };
        let message = match body.is_empty() {
            true => return Ok(output),
            false if body.peek(Token![;]) => {
                "a static graph ends with the names of its outputs: write them last, without `;`"
            }
            false => NO_OUTPUT,
        };
        return Err(Error::new(span, message));
    }
    if body.peek(token::Bracket) {
        let message = "several outputs are a tuple of tasks' names: `(a, b)`";
        return Err(body.error(message));
    }
    if is_item(body) {
        return Err(body.error(NO_ITEM));
    }
    if let Some(word) = body.parse::<Option<Token![return]>>()? {
        let message =
            "a static graph ends with the name of the output: leave the `return` and the `;` away";
        return Err(Error::new(word.span, message));
    }
    let name: Ident = body.parse().map_err(|error| Error::new(error.span(), NO_LINE))?;
    if is_assigned(body) {
        let message = format!(
            "a task of a static graph cannot be assigned to: it is one call, and gives one value\n\
             give the next value a name of its own: `let next = function({name});`"
        );
        return Err(Error::new(name.span(), message));
    }
    if body.is_empty() {
        return Ok(Output::One(name));
    }
    let message = if body.peek(Token![;]) {
        format!("a static graph ends with the name of the output: write `{name}` last, without `;`")
    } else if body.peek(token::Paren) && name == "Ok" {
        "`run` gives the output in a `Result` anyway: leave the `Ok` away".to_owned()
    } else if body.peek(Token![!]) && name != "vec" {
        format!(
            "a static graph has no statements, so no `{name}!`\n\
             put it into a #[delayed] function, whose call is a task"
        )
    } else {
        NO_OUTPUT.to_owned()
    };
    Err(Error::new(name.span(), message))
}

/// What stands outside of a static graph.
fn is_item(body: ParseStream) -> bool {
    body.peek(Token![const])
        || body.peek(Token![static])
        || body.peek(Token![use])
        || body.peek(Token![fn])
        || body.peek(Token![struct])
        || body.peek(Token![enum])
        || body.peek(Token![type])
}

fn is_assigned(body: ParseStream) -> bool {
    body.peek(Token![=]) && !body.peek(Token![==])
        || body.peek(Token![+=])
        || body.peek(Token![-=])
        || body.peek(Token![*=])
        || body.peek(Token![/=])
}

fn member(expr: Expr) -> Result<Ident> {
    match ungrouped(expr) {
        Expr::Path(path) if path.path.get_ident().is_some() => {
            Ok(path.path.segments[0].ident.clone())
        }
        other => {
            let message = "a member of the output is the name of a task\n\
                give it a name first: `let out = function(..);`";
            Err(Error::new_spanned(other, message))
        }
    }
}

/// What can be known of a declaration with a mistake in its syntax: all but the tasks. Inputs that are no inputs take anything.
pub(super) fn head(input: ParseStream) -> Result<Declaration> {
    let attributes = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    input.parse::<Token![struct]>()?;
    let name = input.parse()?;
    let parameters: Group = input.parse()?;
    let inputs = Punctuated::<FnArg, Token![,]>::parse_terminated.parse2(parameters.stream())?;
    let inputs = inputs.into_iter().enumerate().map(|(at, input)| {
        let FnArg::Typed(PatType { pat, ty, .. }) = input else {
            return Err(Error::new_spanned(input, "no input"));
        };
        let name = match *pat {
            Pat::Ident(pattern) => pattern.ident,
            _ => format_ident!("input_{at}"),
        };
        let ty =
            if input_type(&ty).is_ok() { *ty } else { parse_quote!(impl ::core::marker::Sized) };
        Ok(Input { name, ty })
    });
    let inputs = inputs.collect::<Result<_>>()?;
    let returns = match input.parse::<Option<Token![->]>>()? {
        Some(_) => Some(input.parse()?).filter(|ty| !matches!(ty, Type::Infer(_))),
        None => None,
    };
    input.parse::<TokenStream>()?;
    let output = Output::Tuple(Vec::new());
    Ok(Declaration { attributes, vis, name, inputs, returns, tasks: Vec::new(), output })
}

fn one_input(input: ParseStream) -> Result<Input> {
    let alone = input.fork();
    if alone.parse::<Type>().is_ok() && (alone.is_empty() || alone.peek(Token![,])) {
        return Err(input.error("an input is a name and a type: write both, as in `x: f64`"));
    }
    match input.parse()? {
        FnArg::Typed(PatType { attrs, pat, ty, .. }) => match *pat {
            _ if attrs.iter().any(is_cfg) => Err(Error::new_spanned(
                attrs.into_iter().find(is_cfg),
                "an input is always there: put the `#[cfg]` on the whole graph, declared once for each case",
            )),
            Pat::Ident(PatIdent { mutability: Some(word), .. }) => Err(Error::new_spanned(
                word,
                "an input is written without `mut`: no task changes another's input",
            )),
            Pat::Ident(pattern) if pattern.subpat.is_none() => {
                input_type(&ty)?;
                Ok(Input { name: pattern.ident, ty: *ty })
            }
            pattern => Err(Error::new_spanned(pattern, NO_INPUT)),
        },
        receiver => Err(Error::new_spanned(receiver, NO_INPUT)),
    }
}

/// What cannot be the type of an input.
fn input_type(ty: &Type) -> Result<()> {
    struct Refused(Option<Error>);
    impl<'ast> Visit<'ast> for Refused {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            if lifetime.ident != "static" {
                let message = "an input has no named lifetime: write the reference without it, as in `text: &str`";
                self.0.get_or_insert(Error::new(lifetime.span(), message));
            }
        }
        fn visit_type_impl_trait(&mut self, ty: &'ast TypeImplTrait) {
            let message = "a static graph has no type parameters: write the input's type";
            self.0.get_or_insert(Error::new_spanned(ty, message));
        }
    }
    if let Type::Reference(TypeReference { mutability: Some(word), .. }) = ty {
        return Err(Error::new_spanned(
            word,
            "an input cannot be borrowed mutably: tasks that run at once may all use it\n\
             take the value by value, and return the changed one as a task's output",
        ));
    }
    if let Some(found) = without_a_size(ty) {
        let message = found.held(true).unwrap_or_else(|| {
            "an input is passed by value, so its size must be known: borrow it, as in `text: &str`"
                .into()
        });
        return Err(Error::new_spanned(found.ty, message));
    }
    let mut refused = Refused(None);
    refused.visit_type(ty);
    refused.0.map_or(Ok(()), Err)
}

/// Takes the invisible groups of `macro_rules!` away.
pub(super) fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungrouped(*group.expr),
        expr => expr,
    }
}

fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// What stands before a task: docs, which nobody reads, and lints, which are its function's.
fn attributes(input: ParseStream) -> Result<Vec<Attribute>> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    let lints = ["allow", "expect", "warn", "deny", "forbid"];
    for attribute in &attributes {
        if is_cfg(attribute) {
            let message = "a task is always there: put the `#[cfg]` on the whole graph, declared once for each case,\n\
                or inside the #[delayed] function";
            return Err(Error::new_spanned(attribute, message));
        }
        if !lints.iter().any(|lint| attribute.path().is_ident(lint)) {
            let message = "a task of a static graph takes comments and lints: `/// …`, `#[allow(..)]`\n\
                put other attributes on the #[delayed] function, or on the whole graph";
            return Err(Error::new_spanned(attribute, message));
        }
    }
    Ok(attributes)
}

fn task(input: ParseStream) -> Result<Task> {
    let attributes = attributes(input)?;
    input.parse::<Token![let]>().map_err(|error| Error::new(error.span(), NO_LINE))?;
    let name: Ident = input.parse().map_err(|error| {
        Error::new(
            error.span(),
            "a task of a static graph has a plain name: `let name = function(..);`\n\
             a tuple is taken apart in the function that takes it, `next(pair)`, or where it is used, if it is `Copy`: `next(pair.0, pair.1)`",
        )
    })?;
    if input.peek(Token![:]) {
        return Err(input.error("a task's type is what its function returns: leave it out"));
    }
    input.parse::<Token![=]>()?;
    let expr: Expr = input.parse()?;
    input.parse::<Token![;]>()?;
    let (expr, tried) = match ungrouped(expr) {
        Expr::Try(tried) => (ungrouped(*tried.expr), true),
        expr => (expr, false),
    };
    match expr {
        Expr::Call(mut call) => {
            *call.func = ungrouped(*call.func);
            called(attributes, name, call, tried)
        }
        Expr::MethodCall(call) => Err(Error::new(
            call.method.span(),
            "a method cannot be a task of a static graph, also not one of a #[delayed] impl\n\
             write a #[delayed] function that calls it",
        )),
        value if is_known(&value) => {
            let message = "a task of a static graph is the call of a #[delayed] function, and this is a value\n\
                pass it where it is used, or give it a name before `static_graph!`: `const NAME: f64 = ..;`";
            Err(Error::new_spanned(value, message))
        }
        Expr::Path(value) => {
            let message = "a task of a static graph is the call of a #[delayed] function, and this has a name already\n\
                use that name where the value is needed";
            Err(Error::new_spanned(value, message))
        }
        other => Err(no_task(&other)),
    }
}

/// `2.0`, `-2.0`
fn is_known(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Unary(negated) => is_known(&negated.expr),
        _ => false,
    }
}

fn called(attributes: Vec<Attribute>, name: Ident, call: ExprCall, tried: bool) -> Result<Task> {
    match &*call.func {
        Expr::Path(callee)
            if callee.path.segments.iter().any(|segment| !segment.arguments.is_none())
                && !is_associated(callee) =>
        {
            Err(Error::new_spanned(
                callee,
                "a generic #[delayed] function cannot be a task of a static graph, also not with its types said\n\
                 call it inside a #[delayed] function that says the types",
            ))
        }
        Expr::Path(callee) if !is_associated(callee) => Ok(Task { attributes, name, call, tried }),
        Expr::Path(callee) => Err(Error::new_spanned(
            callee,
            "methods, associated functions and constructors are plain, so this cannot be a task of a static graph\n\
                 call it inside a #[delayed] function",
        )),
        _ => Err(no_task(&call)),
    }
}

fn no_task(expr: &impl ToTokens) -> Error {
    let message = "a task of a static graph is the call of a #[delayed] function\n\
        put what it does into one; loops and conditions need `graph!`";
    Error::new_spanned(expr, message)
}

/// `f64::max`, `Type::new`, `Variant`: behind a type, or a type's own name.
fn is_associated(callee: &ExprPath) -> bool {
    let mut names = callee.path.segments.iter().map(|segment| segment.ident.to_string());
    callee.qself.is_some()
        || names.any(|name| name.starts_with(char::is_uppercase))
        || (callee.path.segments.len() > 1
            && callee
                .path
                .segments
                .first()
                .is_some_and(|first| crate::PRIMITIVES.contains(&first.ident.to_string().as_str())))
}
