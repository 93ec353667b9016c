//! What `#[delayed]` adds beside the function.
//!
//! ```text
//! struct fit {}                                   the type: <fit as DelayedFn>, fit::task(a, b)
//! impl fit { pub fn task(a: A0, m: A1) -> Task<Out, Call<fit, arguments>> where A0: IntoArg<f64>, A1: LendArg<Model> }
//! impl Body for fit                               the call, with the values when they are there
//! impl TaskFn for fit, impl DelayedFn for fit      its name, its output
//! use task_call as fit;                           the macro that graph! asks
//! const _: () = { … }                             checks at the types' spans, if it is not generic
//! ```
//! A generic function's body stands on a type of its own, `__fit_body<T>`. The argument types are named, not `impl Trait`
//! and no closure is returned: an opaque type would repeat each message about an argument. Names of the expansion's own are hygienic (`mixed_site`), so a parameter may be called like the function.

use super::options::Options;
use super::signature::{How, Parameter, Signature};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ItemFn, Type};

struct Argument {
    /// `a: A0`, at the span of the parameter's type.
    parameter: TokenStream,
    /// `A0`, `M0`
    generics: [Ident; 2],
    /// `A0: IntoArg<'env, f64, M0>`
    bound: TokenStream,
    /// `ByValue<A0, f64, M0>`
    kept: TokenStream,
    /// `arg(a)`
    wrapped: TokenStream,
    /// What the body binds, its type, and what it passes on: `v0`, `f64`, `v0`, or `v1`, `V1`, `&*v1`.
    value: Ident,
    value_type: TokenStream,
    passed: TokenStream,
    /// `V1: Deref<Target = Model>`
    value_generic: Option<TokenStream>,
    check: Option<TokenStream>,
    items: Vec<TokenStream>,
}

pub(super) fn expand(function: &ItemFn, signature: &Signature, options: &Options) -> TokenStream {
    let (name, vis, krate) = (&function.sig.ident, &function.vis, &options.krate);
    let door = quote!(#krate::__private);
    let plain_name = name.to_string().trim_start_matches("r#").to_string();
    let label = options.name.as_ref().map_or(quote!(#plain_name), |label| quote!(#label));
    let cfgs = attributes(function, &["cfg"]);
    let cfgs = quote!(#(#cfgs)*);
    let docs = attributes(function, &["cfg", "doc", "deprecated"]);
    let arguments: Vec<Argument> = signature
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| argument(at, parameter, &plain_name, &door))
        .collect();
    let output = &signature.output;
    let generics = &signature.generics;
    let bounds = bounds(signature);
    let task = task(name, signature, &arguments, &door, &bounds, &docs);
    let body = body(name, signature, &arguments, &door, &bounds);
    let body_struct = signature.is_generic().then(|| {
        let (body, names, types) = (body_name(name), &signature.all_names, &signature.types);
        let held = quote!(#door::PhantomData<fn() -> (#(::std::boxed::Box<#types>,)*)>);
        quote! {
            #cfgs
            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            #vis struct #body<#(#generics),*>(#held) where #bounds;
            #cfgs
            impl<#(#generics),*> #door::TaskFn for #body<#(#names),*> where #bounds {
                const NAME: &'static str = #label;
            }
        }
    });
    let facts = (!signature.is_generic()).then(|| {
        let checks = arguments.iter().filter_map(|argument| argument.check.as_ref());
        quote! {
            #cfgs const _: () = { #(#checks)* };
            #cfgs impl #door::DelayedFn for #name { type Output = #output; }
        }
    });
    let items = arguments.iter().flat_map(|argument| &argument.items);
    quote! {
        #cfgs
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #name {}
        #cfgs
        #[allow(dead_code, deprecated, clippy::all, clippy::pedantic)]
        impl #name { #task }
        #body_struct
        #cfgs
        #[allow(deprecated, clippy::all, clippy::pedantic)]
        #body
        #cfgs
        impl #door::TaskFn for #name { const NAME: &'static str = #label; }
        #facts
        #cfgs
        #[doc(hidden)]
        #[allow(unused_imports)]
        #vis use #door::task_call as #name;
        #(#cfgs #items)*
    }
}

fn body_name(name: &Ident) -> Ident {
    format_ident!("__{}_body", name.to_string().trim_start_matches("r#"), span = name.span())
}

/// The type whose `Body` is the call: the function's own, or one with its generics.
fn body_type(name: &Ident, signature: &Signature) -> TokenStream {
    if signature.is_generic() {
        let (body, names) = (body_name(name), &signature.all_names);
        quote!(#body<#(#names),*>)
    } else {
        quote!(#name)
    }
}

/// What the user wrote on the generics.
fn bounds(signature: &Signature) -> TokenStream {
    let predicates = &signature.predicates;
    quote!(#(#predicates,)*)
}

fn task(
    name: &Ident,
    signature: &Signature,
    arguments: &[Argument],
    door: &TokenStream,
    bounds: &TokenStream,
    docs: &[&Attribute],
) -> TokenStream {
    let (output, generics, types) = (&signature.output, &signature.generics, &signature.types);
    let own = arguments.iter().map(|argument| &argument.generics[1]);
    let accepted = arguments.iter().map(|argument| &argument.generics[0]);
    let parameters = arguments.iter().map(|argument| &argument.parameter);
    let argument_bounds = arguments.iter().map(|argument| &argument.bound);
    let kept = pairs(arguments.iter().map(|argument| argument.kept.clone()));
    let wrapped = pairs(arguments.iter().map(|argument| argument.wrapped.clone()));
    let body_type = body_type(name, signature);
    let output_bound = signature.is_generic().then(|| {
        quote_spanned!(output.span()=> #output: ::core::marker::Send + ::core::marker::Sync + 'static,)
    });
    let task = Ident::new("task", name.span());
    // A wrong output type is found here, and shown there.
    let shown_there = door.clone().into_iter().map(|mut token| {
        token.set_span(output.span());
        token
    });
    let new = quote_spanned!(output.span()=> #(#shown_there)*::Task::new(#wrapped));
    quote! {
        #(#docs)*
        pub fn #task<'__env, #(#generics,)* #(#own,)* #(#accepted),*>(
            #(#parameters),*
        ) -> #door::Task<'__env, #output, #door::Call<#body_type, #kept>>
        where #(#argument_bounds,)* #bounds #(#types: '__env,)* #output_bound
        {
            #new
        }
    }
}

fn body(
    name: &Ident,
    signature: &Signature,
    arguments: &[Argument],
    door: &TokenStream,
    bounds: &TokenStream,
) -> TokenStream {
    let (output, generics) = (&signature.output, &signature.generics);
    let value_generics = arguments.iter().filter_map(|argument| argument.value_generic.as_ref());
    let types = pairs(arguments.iter().map(|argument| argument.value_type.clone()));
    let values = pairs(arguments.iter().map(|argument| argument.value.to_token_stream()));
    let passed = arguments.iter().map(|argument| &argument.passed);
    let turbofish = (!signature.arguments.is_empty()).then(|| {
        let arguments = &signature.arguments;
        quote!(::<#(#arguments),*>)
    });
    let body_type = body_type(name, signature);
    quote! {
        impl<#(#generics,)* #(#value_generics),*> #door::Body<#types, #output> for #body_type
        where #bounds
        {
            fn call(#values: #types) -> #output { #name #turbofish (#(#passed),*) }
        }
    }
}

fn argument(at: usize, parameter: &Parameter, function: &str, door: &TokenStream) -> Argument {
    let located = Span::mixed_site().located_at(parameter.name.span());
    let name = match parameter.name.to_string().strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, located),
        None => Ident::new(&parameter.name.to_string(), located),
    };
    let ident = |letter: &str| Ident::new(&format!("__{letter}{at}"), Span::mixed_site());
    let (accepted, marker, value, lent) = (ident("A"), ident("M"), ident("v"), ident("V"));
    let span = parameter.written.span();
    let parameter_tokens = quote_spanned!(span=> #name: #accepted);
    let lends = |target: &Type| {
        let generic = quote!(#lent: #door::Deref<Target = #target>);
        (quote!(#lent), quote!(&*#value), Some(generic))
    };
    let (bound, kept, wrapped, (value_type, passed, value_generic), check, items);
    match &parameter.how {
        How::Value(ty) => {
            let written = &parameter.written;
            bound = quote_spanned!(span=> #accepted: #door::IntoArg<'__env, #ty, #marker>);
            kept = quote!(#door::ByValue<#accepted, #ty, #marker>);
            wrapped = quote!(#door::arg(#name));
            (value_type, passed, value_generic) = (quote!(#ty), quote!(#value), None);
            check = (!parameter.generic)
                .then(|| quote_spanned!(span=> #door::task_input::<#written>();));
            items = Vec::new();
        }
        How::Lent(target) => {
            bound = quote_spanned!(span=> #accepted: #door::LendArg<'__env, #target, #marker>);
            kept = quote!(#door::ByRef<#accepted, #target, #marker>);
            wrapped = quote!(#door::lend(#name));
            (value_type, passed, value_generic) = lends(target);
            (check, items) = (None, Vec::new());
        }
        How::Dyn(object, bounds) => {
            let upcast = format_ident!("__{function}_dyn_{at}");
            bound =
                quote_spanned!(span=> #accepted: #door::LendDyn<'__env, #object, #upcast, #marker>);
            kept = quote!(#door::ByDyn<#accepted, #object, #upcast, #marker>);
            wrapped = quote!(#door::lend_dyn(#name));
            (value_type, passed, value_generic) = lends(object);
            check = None;
            items = vec![
                quote! {
                    #[doc(hidden)]
                    #[allow(non_camel_case_types, dead_code)]
                    pub struct #upcast;
                },
                quote! {
                    impl<__W: #bounds + 'static> #door::Upcast<__W> for #upcast {
                        type To = #object;
                        fn up(value: &__W) -> &Self::To { value }
                    }
                },
            ];
        }
    }
    Argument {
        parameter: parameter_tokens,
        generics: [accepted, marker],
        bound,
        kept,
        wrapped,
        value,
        value_type,
        passed,
        value_generic,
        check,
        items,
    }
}

/// `(a, (b, ()))`: nested pairs, so that the library needs one impl for any number of arguments.
fn pairs(items: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    items.rev().fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

fn attributes<'a>(function: &'a ItemFn, names: &[&str]) -> Vec<&'a Attribute> {
    let wanted = |attribute: &&Attribute| names.iter().any(|name| attribute.path().is_ident(name));
    function.attrs.iter().filter(wanted).collect()
}
