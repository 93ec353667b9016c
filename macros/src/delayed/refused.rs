//! What comes out beside the message for a function that is refused.
//!
//! In: the function and what is wrong with it. Out: the function, so that plain code that calls it is not wrong a second time, and what its name means in
//! `graph!`: a task that will never run, with the output that the function will have when it is mended, for any arguments. Where that
//! output is not known, it is a type that is wrong itself, of which the compiler says nothing: one of a module with a macro that failed, the message.
//!
//! A signature that the compiler refuses too comes out in a mended form, with such a type: its message would follow ours. A function whose name cannot be imported
//! is a plain one to `graph!`; it comes out so that it takes handles and gives such a type, for what it gives is then no handle.

use super::sizes::{self, Of};
use super::{names, signature};
use crate::apart;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Error, FnArg, GenericArgument, GenericParam, ItemFn, Lifetime,
    Path, PathArguments, ReturnType, Signature, Stmt, Type, TypeParamBound, TypeReference,
    parse_quote,
};

/// The function, the message, and what `graph!` asks.
pub(super) fn expand(
    item: &TokenStream,
    function: &ItemFn,
    krate: &Path,
    error: &Error,
) -> TokenStream {
    let error = error.to_compile_error();
    let module = apart::module_name(&function.sig.ident);
    let failed = failed(&module);
    if !names::can_be_used(function) {
        let Some(item) = taking_anything(function, &failed) else { return quote!(#item #error) };
        let cfgs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
        return quote!(#item #(#cfgs)* #[doc(hidden)] mod #module { #error });
    }
    let item = mended(function, &failed).unwrap_or_else(|| item.clone());
    let output = output(&function.sig).unwrap_or_else(|| failed.clone());
    let beside = beside(function, krate, &module, (&output, &failed), Some(error));
    quote!(#item #beside)
}

/// Declares `'__env` where it is named: the compiler advises that name of ours where a lifetime is hidden. Of what it is to be there is one message, ours.
pub(super) fn with_the_advised_lifetime(function: &mut ItemFn) -> bool {
    struct Advised(bool);
    impl<'a> Visit<'a> for Advised {
        fn visit_lifetime(&mut self, lifetime: &'a Lifetime) {
            self.0 |= lifetime.ident == "__env";
        }
    }
    let mut advised = Advised(false);
    function.sig.inputs.iter().for_each(|input| advised.visit_fn_arg(input));
    advised.visit_return_type(&function.sig.output);
    let declared = |one: &syn::LifetimeParam| one.lifetime.ident == "__env";
    let missing = advised.0 && !function.sig.generics.lifetimes().any(declared);
    if missing {
        function.sig.generics.params.insert(0, parse_quote!('__env));
    }
    missing
}

/// Says `'static` of what the output borrows, where no parameter is borrowed that it could borrow of: of what it is to be there is one message, ours.
pub(super) fn with_a_lifetime_of_the_output(function: &mut ItemFn) -> bool {
    #[derive(Default)]
    struct Borrows(bool);
    impl<'a> Visit<'a> for Borrows {
        fn visit_type_reference(&mut self, _: &'a TypeReference) {
            self.0 = true;
        }
        fn visit_lifetime(&mut self, _: &'a Lifetime) {
            self.0 = true;
        }
    }
    struct Said(bool);
    impl VisitMut for Said {
        fn visit_type_reference_mut(&mut self, borrow: &mut TypeReference) {
            self.0 |= borrow.lifetime.is_none();
            borrow.lifetime.get_or_insert_with(|| parse_quote!('static));
            visit_mut::visit_type_reference_mut(self, borrow);
        }
    }
    let mut borrows = Borrows::default();
    function.sig.inputs.iter().for_each(|input| borrows.visit_fn_arg(input));
    let mut said = Said(false);
    if !borrows.0 {
        said.visit_return_type_mut(&mut function.sig.output);
    }
    said.0
}

/// What `graph!` asks, in a module of this name; with the output, and the type that is wrong.
fn beside(
    function: &ItemFn,
    krate: &Path,
    module: &Ident,
    (output, wrong): (&Type, &Type),
    error: Option<TokenStream>,
) -> TokenStream {
    let (vis, name, door) = (&function.vis, &function.sig.ident, quote!(#krate::__private));
    let seen = apart::from_within(vis);
    let call = match output {
        Type::Tuple(unit) if unit.elems.is_empty() => quote!(refused_unit_call),
        _ => quote!(refused_task_call),
    };
    let cfgs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let own = Ident::new("output", name.span());
    quote! {
        #(#cfgs)*
        #[#door::beside(
            #[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
            impl #module::#name { pub fn #own() -> #output { loop {} } }
            impl #door::RefusedFn for #module::#name { type Wrong = #wrong; }
            #[doc(hidden)]
            #[allow(unused_imports)]
            #vis use {#door::#call as #name, #module::#name};
        )]
        #[doc(hidden)]
        #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
        mod #module {
            #error
            #seen struct #name {}
        }
    }
}

/// The same of a function of which the compiler has told what is wrong: there is no message, and nothing is left of its body. `None` where it is not known what it gives.
pub(super) fn told(function: &ItemFn, krate: &Path) -> Option<TokenStream> {
    let mut function = function.clone();
    function.block.stmts.clear();
    let output = output(&function.sig)?;
    function.sig.output = parse_quote!(-> #output);
    function.block = parse_quote!({ loop {} });
    let item = taking_anything(&function, &output)?;
    if !names::can_be_used(&function) {
        return Some(item);
    }
    let module = apart::module_name(&function.sig.ident);
    let beside = beside(&function, krate, &module, (&output, &parse_quote!(())), None);
    Some(quote!(#item #beside))
}

/// A type that is wrong: of what a macro that has failed may have declared the compiler says nothing.
pub(super) fn failed(module: &Ident) -> Type {
    parse_quote!(#module::Output)
}

/// The function of a name that `graph!` calls as a plain one: it takes handles too. What its body uses stays used.
fn taking_anything(function: &ItemFn, output: &Type) -> Option<TokenStream> {
    let ItemFn { attrs, vis, sig, .. } = function;
    let is_special = sig.constness.is_some() || sig.unsafety.is_some() || sig.abi.is_some();
    if sig.receiver().is_some() || !sig.generics.params.is_empty() || is_special {
        return None;
    }
    let name = &sig.ident;
    let taken: Vec<Ident> = (0..sig.inputs.len()).map(|at| format_ident!("__A{at}")).collect();
    Some(quote! {
        #(#attrs)*
        #[allow(unused, clippy::all, clippy::pedantic)]
        #vis fn #name<#(#taken),*>(#(_: #taken),*) -> #output {
            #function
            loop {}
        }
    })
}

/// The function with a wrong type for each that the compiler refuses, if one is: its body is then silent, too, and uses what it uses.
fn mended(function: &ItemFn, wrong: &Type) -> Option<TokenStream> {
    let mut signature = function.sig.clone();
    let named = mend(&mut signature, wrong)?;
    let (attributes, vis, statements) = (&function.attrs, &function.vis, &function.block.stmts);
    Some(quote! {
        #(#attributes)*
        #vis #signature { #(#named)* #(#statements)* }
    })
}

/// Puts a wrong type in place of each that the compiler refuses. If there is one: statements that name what has no size, so that it is not an unused import.
pub(super) fn mend(signature: &mut Signature, wrong: &Type) -> Option<Vec<Stmt>> {
    let (mut changed, mut named) = (false, Vec::new());
    let mut mend = |ty: &mut Type, of| {
        signature::ungroup(ty);
        if sizes::mistake(ty, of).is_none() {
            return;
        }
        changed = true;
        if let Some(found) = sizes::without_a_size(ty) {
            named.push(match found.ty {
                // Of several bounds it stands in parentheses, of one the compiler calls them unused.
                Type::TraitObject(ty) if ty.bounds.len() > 1 => parse_quote!(let _: *const (#ty);),
                ty => parse_quote!(let _: *const #ty;),
            });
        }
        *ty = wrong.clone();
    };
    for input in &mut signature.inputs {
        if let FnArg::Typed(input) = input {
            mend(&mut input.ty, Of::Parameter);
        }
    }
    if let ReturnType::Type(_, output) = &mut signature.output {
        mend(output, Of::Output);
    }
    changed.then_some(named)
}

/// The output that the function is meant to have, if that is known.
pub(super) fn output(function: &Signature) -> Option<Type> {
    let output = match &function.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, output) => owned(output)?,
    };
    let generics: Vec<String> = function
        .generics
        .params
        .iter()
        .map(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident.to_string(),
            GenericParam::Const(parameter) => parameter.ident.to_string(),
            GenericParam::Lifetime(parameter) => parameter.lifetime.ident.to_string(),
        })
        .collect();
    let known = signature::borrows(&output).is_none()
        && !signature::mentions(&output, &generics)
        && sizes::mistake(&output, Of::Output).is_none();
    known.then_some(output)
}

/// What is returned in place of what a task cannot return.
fn owned(ty: &Type) -> Option<Type> {
    let mut ty = ty.clone();
    signature::ungroup(&mut ty);
    match &ty {
        Type::Reference(reference) if !signature::is_static(reference) => owned(&reference.elem),
        Type::Slice(slice) => {
            let element = owned(&slice.elem)?;
            Some(parse_quote!(::std::vec::Vec<#element>))
        }
        ty if sizes::is_str(ty) => Some(parse_quote!(::std::string::String)),
        Type::ImplTrait(implemented) => {
            let item = implemented.bounds.iter().find_map(item_of)?;
            Some(parse_quote!(::std::vec::Vec<#item>))
        }
        Type::Never(_) | Type::Infer(_) | Type::TraitObject(_) => None,
        _ => Some(ty),
    }
}

/// `T` of `Iterator<Item = T>`.
fn item_of(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) =
        &bound.path.segments.last()?.arguments
    else {
        return None;
    };
    args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(item) if item.ident == "Item" => owned(&item.ty),
        _ => None,
    })
}
