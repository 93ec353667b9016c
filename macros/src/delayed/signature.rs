//! The signature as plain data, and all rules on it.
//!
//! In: the function. Out: [`Signature`], or every mistake at its span. What may be a parameter: any owned type, `&'static T`,
//! and `&T` on the outside (`&[T]`, `&str`, `&dyn Trait`); an output owns what it holds.

use super::sizes::{self, Of};
use super::{names, views};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, Error, FnArg, GenericParam, ItemFn, Lifetime, Pat, PathSegment, ReturnType,
    TraitBound, Type, TypeParamBound, TypeReference, WherePredicate, parse_quote,
};

pub(super) struct Signature {
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: Type,
    /// As written, for what its name says.
    pub(super) written_output: Type,
    /// Type and const parameters, then one for each `impl Trait`.
    pub(super) generics: Vec<TokenStream>,
    /// The same without their bounds, which would be told a second time: for a type that only carries them.
    pub(super) bare_generics: Vec<TokenStream>,
    /// The names of the user's own type and const parameters.
    pub(super) arguments: Vec<Ident>,
    /// The names of all type and const parameters, in the order of `generics`.
    pub(super) all_names: Vec<Ident>,
    /// The names of all type parameters.
    pub(super) types: Vec<Ident>,
    pub(super) predicates: Vec<WherePredicate>,
}

pub(super) struct Parameter {
    pub(super) name: Ident,
    /// As written, for its span.
    pub(super) written: Type,
    pub(super) how: How,
    /// Whether its type depends on a type parameter.
    pub(super) generic: bool,
}

pub(super) enum How {
    Value(Type),
    Lent(Type),
    /// A type parameter, which the argument decides.
    LentGeneric(Type),
    /// A trait object and its bounds.
    Dyn(Type, TokenStream),
}

impl Signature {
    pub(super) fn is_generic(&self) -> bool {
        !self.generics.is_empty()
    }

    /// The signature of a free function.
    pub(super) fn of_function(function: &ItemFn) -> Result<Signature, Error> {
        let mut found: Option<Error> = None;
        names::check(function, &mut |span, message| {
            mistakes(&mut found)(Error::new(span, message))
        });
        match (found, Signature::check(function)) {
            (None, checked) => checked,
            (Some(mut name), Err(other)) => {
                name.combine(other);
                Err(name)
            }
            (Some(name), Ok(_)) => Err(name),
        }
    }

    /// All but the name, which for a method may be anything.
    pub(super) fn check(function: &ItemFn) -> Result<Signature, Error> {
        let mut found: Option<Error> = None;
        let mut wrong = |span: Span, message: &str| mistakes(&mut found)(Error::new(span, message));
        whole(function, &mut wrong);
        let output = output(function, &mut wrong);
        let generics = &function.sig.generics;
        let mut types: Vec<Ident> = generics.type_params().map(|p| p.ident.clone()).collect();
        let names: Vec<String> = generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
                GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        let own = &function.sig.ident;
        if let Some(constant) = generics.const_params().find(|constant| constant.ident == *own) {
            wrong(
                constant.ident.span(),
                "a parameter of a #[delayed] function cannot have the function's name\n\
                 give it a name in capitals",
            );
        }
        let mut impls = ImplTraits(Vec::new());
        let mut parameters: Vec<Parameter> = function
            .sig
            .inputs
            .iter()
            .enumerate()
            .filter_map(|(at, input)| parameter(at, input, &names, &mut impls, &mut wrong))
            .collect();
        tell_apart(&mut parameters);
        let (mut tokens, mut arguments, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in &generics.params {
            match parameter.clone() {
                GenericParam::Lifetime(_) => {}
                GenericParam::Type(mut parameter) => {
                    parameter.default = None;
                    parameter.eq_token = None;
                    parameter.bounds = owned_bounds(&parameter.bounds, &mut wrong);
                    let name = &parameter.ident;
                    bare.push(quote!(#name: ?::core::marker::Sized));
                    arguments.push(parameter.ident.clone());
                    tokens.push(quote!(#parameter));
                }
                GenericParam::Const(mut parameter) => {
                    parameter.default = None;
                    parameter.eq_token = None;
                    bare.push(quote!(#parameter));
                    arguments.push(parameter.ident.clone());
                    tokens.push(quote!(#parameter));
                }
            }
        }
        let mut all_names = arguments.clone();
        for (name, bounds) in impls.0 {
            all_names.push(name.clone());
            bare.push(quote!(#name: ?::core::marker::Sized));
            tokens.push(quote!(#name: #bounds));
            types.push(name);
        }
        let mut predicates: Vec<WherePredicate> = generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
            .filter_map(|predicate| match predicate.clone() {
                WherePredicate::Type(mut predicate) => {
                    if predicate.lifetimes.is_none()
                        && let Some(span) = borrows(&predicate.bounded_ty)
                    {
                        wrong(
                            span,
                            "a bound of a #[delayed] function cannot speak of a lifetime of the call\n\
                             write it for all of them: `where for<'a> &'a T: ..`",
                        );
                    }
                    predicate.bounds = owned_bounds(&predicate.bounds, &mut wrong);
                    Some(WherePredicate::Type(predicate))
                }
                _ => None,
            })
            .collect();
        predicates.extend(said_to_have_a_size(&parameters, &output));
        match found {
            Some(mistakes) => Err(mistakes),
            None => Ok(Signature {
                parameters,
                written_output: output.clone(),
                output,
                generics: tokens,
                bare_generics: bare,
                arguments,
                all_names,
                types,
                predicates,
            }),
        }
    }
}

/// Where a type may have no size, the items beside the function take it on trust: the compiler speaks of the function alone. A bound that is false is a
/// mistake itself, but not one for all lifetimes.
fn said_to_have_a_size(parameters: &[Parameter], output: &Type) -> Option<WherePredicate> {
    let by_value = parameters.iter().filter_map(|parameter| match &parameter.how {
        How::Value(ty) => Some(ty),
        _ => None,
    });
    let ty = by_value.chain([output]).find(|ty| sizes::may_have_no_size(ty))?;
    Some(parse_quote!(for<'__a> #ty: ::core::marker::Sized))
}

/// Of a name that is there twice the compiler speaks, of the function.
fn tell_apart(parameters: &mut [Parameter]) {
    for at in 1..parameters.len() {
        let (before, rest) = parameters.split_at_mut(at);
        let name = &mut rest[0].name;
        if before.iter().any(|parameter| parameter.name == *name) {
            *name = format_ident!("argument_{at}", span = name.span());
        }
    }
}

/// Adds a mistake to those there are.
pub(super) fn mistakes(found: &mut Option<Error>) -> impl FnMut(Error) {
    |error| match found {
        Some(found) => found.combine(error),
        None => *found = Some(error),
    }
}

pub(super) type Wrong<'a> = dyn FnMut(Span, &str) + 'a;

fn whole(function: &ItemFn, wrong: &mut Wrong) {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        wrong(
            token.span,
            "#[delayed] does not take an `async fn`: tasks run on the graph's own threads\n\
             block on the future inside an ordinary function",
        );
    }
    if let Some(token) = &signature.unsafety {
        wrong(
            token.span,
            "#[delayed] does not take an `unsafe fn`: the scheduler would call it without a proof of its contract\n\
             wrap it in a safe function",
        );
    }
    let harness = |path: &syn::Path| {
        path.segments.last().is_some_and(|last| last.ident == "test" || last.ident == "bench")
    };
    if let Some(test) = function.attrs.iter().find(|attribute| harness(attribute.path())) {
        wrong(
            test.path().span(),
            "a test is called by the test harness alone: it cannot be a task\n\
             take #[delayed] away, and let the test call a function that is #[delayed]",
        );
    }
    if let Some(dots) = &signature.variadic {
        wrong(
            dots.span(),
            "#[delayed] does not take a function with a variable number of arguments",
        );
    }
}

fn output(function: &ItemFn, wrong: &mut Wrong) -> Type {
    let output = match &function.sig.output {
        ReturnType::Default => return parse_quote!(()),
        ReturnType::Type(_, output) => (**output).clone(),
    };
    let mut output = output;
    ungroup(&mut output);
    if let Some((span, message)) = sizes::mistake(&output, Of::Output) {
        wrong(span, &message);
        return output;
    }
    if let Some(span) = borrows(&output) {
        wrong(
            span,
            "a task's output outlives the call, so it cannot borrow\n\
             return an owned value (`String`, `Vec<T>`, `Arc<T>`)",
        );
    }
    let mut impls = ImplTraits(Vec::new());
    impls.visit_type_mut(&mut output.clone());
    if !impls.0.is_empty() {
        wrong(
            output.span(),
            "name the output type of a #[delayed] function: other tasks' parameters have to match it\n\
             return a concrete type, such as `Vec<T>` instead of `impl Iterator<Item = T>`",
        );
    }
    if matches!(output, Type::Never(_)) {
        wrong(
            output.span(),
            "a #[delayed] function must return: its output is what other tasks wait for\n\
             return what it makes, `()` if that is nothing, or leave #[delayed] out and call it in a function that returns",
        );
    }
    output
}

fn parameter(
    at: usize,
    input: &FnArg,
    generic_names: &[String],
    impls: &mut ImplTraits,
    wrong: &mut Wrong,
) -> Option<Parameter> {
    let input = match input {
        FnArg::Typed(input) => input,
        FnArg::Receiver(receiver) => {
            wrong(receiver.span(), super::ON_A_METHOD);
            return None;
        }
    };
    if let Some(cfg) = input.attrs.iter().find(|attribute| attribute.path().is_ident("cfg")) {
        wrong(
            cfg.span(),
            "a #[delayed] function cannot have a parameter under `#[cfg]`: write two functions",
        );
        return None;
    }
    let name = match &*input.pat {
        // A name with a capital is a pattern: a struct without fields, or a constant.
        Pat::Ident(pattern) if !begins_with_a_capital(&pattern.ident) => pattern.ident.clone(),
        pattern => format_ident!("argument_{at}", span = pattern.span()),
    };
    let written = (*input.ty).clone();
    let generic = mentions(&written, generic_names);
    let parameter = |how, generic| Some(Parameter { name, written: written.clone(), how, generic });
    let mut ty = written.clone();
    ungroup(&mut ty);
    if let Some((span, message)) = sizes::mistake(&ty, Of::Parameter) {
        wrong(span, &message);
        return None;
    }
    if let Type::Reference(reference) = &ty
        && !is_static(reference)
    {
        return parameter(lent(reference.clone(), generic_names, impls, wrong)?, true);
    }
    if let Some(span) = borrows(&ty) {
        let view = views::in_place_of_a_view(&ty);
        wrong(
            span,
            view.as_deref().unwrap_or("only the outermost `&` of a parameter can borrow: the graph lends it from another task's output\n\
             references inside `Vec`, `Option`, tuples or structs cannot be lent: take the values by value, or `Arc<T>`"),
        );
        return None;
    }
    let before = impls.0.len();
    impls.visit_type_mut(&mut ty);
    let generic = generic || impls.0.len() > before;
    parameter(How::Value(ty), generic)
}

fn begins_with_a_capital(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}

fn lent(
    reference: TypeReference,
    generic_names: &[String],
    impls: &mut ImplTraits,
    wrong: &mut Wrong,
) -> Option<How> {
    if let Some(token) = &reference.mutability {
        wrong(
            token.span,
            "a task cannot take `&mut`: its inputs may be read by other tasks at the same time\n\
             take the value by value (`mut x: T`) and return the changed value",
        );
        return None;
    }
    let mut target = *reference.elem;
    ungroup(&mut target);
    if let Some(span) = borrows(&target) {
        let view = views::in_place_of_a_view(&target);
        wrong(
            span,
            view.as_deref().unwrap_or("only the outermost `&` of a parameter can borrow: the graph lends it from another task's output\n\
             use `&[T]` of owned values, or `Vec<Arc<T>>`"),
        );
        return None;
    }
    if let Type::TraitObject(object) = &target {
        if mentions(&target, generic_names) {
            wrong(
                object.span(),
                "a `&dyn Trait` parameter of a #[delayed] function cannot depend on a type parameter\n\
                 take `&impl Trait` instead",
            );
            return None;
        }
        let bounds = object.bounds.to_token_stream();
        return Some(How::Dyn(target, bounds));
    }
    let is_impl = matches!(target, Type::ImplTrait(_));
    impls.visit_type_mut(&mut target);
    let is_parameter = |ty: &Type| matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| generic_names.contains(&name.to_string())));
    Some(if is_impl || is_parameter(&target) {
        How::LentGeneric(target)
    } else {
        How::Lent(target)
    })
}

/// Takes parentheses and the invisible groups of `macro_rules!` away.
pub(super) fn ungroup(ty: &mut Type) {
    loop {
        *ty = match ty {
            Type::Paren(inner) => (*inner.elem).clone(),
            Type::Group(inner) => (*inner.elem).clone(),
            _ => return,
        };
    }
}

pub(super) fn is_static(reference: &TypeReference) -> bool {
    reference.mutability.is_none()
        && reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
}

/// Where a type borrows for less than `'static`, if it does.
pub(super) fn borrows(ty: &Type) -> Option<Span> {
    /// Where, and the lifetimes of `for<'a>` around.
    struct Borrows(Option<Span>, Vec<String>);
    impl Borrows {
        fn outlives_nothing(&self, lifetime: &Lifetime) -> bool {
            lifetime.ident == "static" || self.1.contains(&lifetime.ident.to_string())
        }
    }
    impl<'a> Visit<'a> for Borrows {
        fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
            if !self.outlives_nothing(lifetime) {
                self.0.get_or_insert(lifetime.span());
            }
        }
        fn visit_path_segment(&mut self, segment: &'a PathSegment) {
            if let Some(span) = views::borrows_silently(segment) {
                self.0.get_or_insert(span);
            }
            visit::visit_path_segment(self, segment);
        }
        fn visit_bound_lifetimes(&mut self, bound: &'a BoundLifetimes) {
            self.1.extend(bound.lifetimes.iter().map(|parameter| match parameter {
                GenericParam::Lifetime(parameter) => parameter.lifetime.ident.to_string(),
                _ => String::new(),
            }));
        }
        fn visit_trait_bound(&mut self, bound: &'a TraitBound) {
            let around = self.1.len();
            visit::visit_trait_bound(self, bound);
            self.1.truncate(around);
        }
        fn visit_type_reference(&mut self, reference: &'a TypeReference) {
            if !reference.lifetime.as_ref().is_some_and(|lifetime| self.outlives_nothing(lifetime))
            {
                self.0.get_or_insert(reference.and_token.span);
            }
            visit::visit_type_reference(self, reference);
        }
        // `fn(&T)` borrows only when it is called, `impl Fn(&T)` and `dyn Fn(&T)` too.
        fn visit_type_bare_fn(&mut self, _: &'a syn::TypeBareFn) {}
        fn visit_parenthesized_generic_arguments(
            &mut self,
            _: &'a syn::ParenthesizedGenericArguments,
        ) {
        }
    }
    let mut borrows = Borrows(None, Vec::new());
    borrows.visit_type(ty);
    borrows.0
}

/// Bounds without the function's own lifetimes, which `task` does not have.
fn owned_bounds(
    bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>,
    wrong: &mut Wrong,
) -> syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]> {
    bounds
        .iter()
        .filter(|bound| match bound {
            TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
            bound => {
                let ty: Type = parse_quote!(dyn #bound);
                if !matches!(bound, TypeParamBound::Trait(bound) if bound.lifetimes.is_some())
                    && let Some(span) = borrows(&ty)
                {
                    wrong(
                        span,
                        "a type parameter of a #[delayed] function cannot have a bound with a lifetime of the call\n\
                         its values outlive the call: bound it by traits without lifetimes, or with `for<'a>`",
                    );
                }
                true
            }
        })
        .cloned()
        .collect()
}

/// Replaces each `impl Trait` by a type parameter of its own.
struct ImplTraits(Vec<(Ident, TokenStream)>);

impl VisitMut for ImplTraits {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::ImplTrait(impl_trait) = ty {
            let name = format_ident!("__Impl{}", self.0.len(), span = Span::mixed_site());
            self.0.push((name.clone(), impl_trait.bounds.to_token_stream()));
            *ty = parse_quote!(#name);
        }
    }
}

pub(super) fn mentions(ty: &Type, names: &[String]) -> bool {
    struct Mentions<'a>(&'a [String], bool);
    impl<'ast> Visit<'ast> for Mentions<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.1 |= self.0.contains(&ident.to_string());
        }
    }
    let mut mentions = Mentions(names, false);
    mentions.visit_type(ty);
    mentions.1
}
