//! What `#[delayed]` adds beside the function.
//!
//! ```text
//! struct fit {}                                   the type: <fit as DelayedFn>, fit::task(a, b)
//! impl fit { pub fn task(a: impl IntoArg<f64>, m: impl LendArg<Model>) -> Task<Out> { Task::new(arguments, body) } }
//! impl TaskFn for fit, impl DelayedFn for fit      its name, its output
//! use task_call as fit;                           the macro that graph! asks
//! const _: () = { … }                             checks at the types' spans, if it is not generic
//! ```
//! Names of the expansion's own are hygienic (`mixed_site`), so a parameter may be called like the function.

use super::options::Options;
use super::signature::{How, Parameter, Signature};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, ItemFn};

struct Argument {
    parameter: TokenStream,
    marker: Ident,
    /// `arg::<f64, _, _>(a)`
    wrapped: TokenStream,
    /// What the closure binds.
    bound: Ident,
    /// `a` or `&*m`
    passed: TokenStream,
    check: Option<TokenStream>,
    items: Vec<TokenStream>,
}

pub(super) fn expand(function: &ItemFn, signature: &Signature, options: &Options) -> TokenStream {
    let (name, vis) = (&function.sig.ident, &function.vis);
    let krate = &options.krate;
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
    let parameters = arguments.iter().map(|argument| &argument.parameter);
    let markers = arguments.iter().map(|argument| &argument.marker);
    let passed = arguments.iter().map(|argument| &argument.passed);
    let wrapped = pairs(arguments.iter().map(|argument| argument.wrapped.clone()));
    let bound = pairs(arguments.iter().map(|argument| {
        let bound = &argument.bound;
        quote!(#bound)
    }));
    let items = arguments.iter().flat_map(|argument| &argument.items);
    let (generics, predicates, types) =
        (&signature.generics, &signature.predicates, &signature.types);
    let turbofish = (!signature.arguments.is_empty()).then(|| {
        let arguments = &signature.arguments;
        quote!(::<#(#arguments),*>)
    });
    let output = &signature.output;
    let output_bound = signature.is_generic().then(|| {
        quote_spanned!(output.span()=> #output: ::core::marker::Send + ::core::marker::Sync + 'static,)
    });
    let facts = (!signature.is_generic()).then(|| {
        let checks = arguments.iter().filter_map(|argument| argument.check.as_ref());
        let output_check = quote_spanned!(output.span()=> #door::task_output::<#output>(););
        quote! {
            #cfgs const _: () = { #(#checks)* #output_check };
            #cfgs impl #door::DelayedFn for #name { type Output = #output; }
        }
    });
    let task = Ident::new("task", name.span());
    quote! {
        #cfgs
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code)]
        #vis struct #name {}
        #cfgs
        #[allow(dead_code, deprecated, clippy::all, clippy::pedantic)]
        impl #name {
            #(#docs)*
            pub fn #task<'__env, #(#generics,)* #(#markers),*>(
                #(#parameters),*
            ) -> #door::Task<'__env, #output, impl #door::Recipe<'__env, #output>>
            where #(#predicates,)* #(#types: '__env,)* #output_bound
            {
                #door::Task::new::<#name, _, _>(#wrapped, |#bound| #name #turbofish (#(#passed),*))
            }
        }
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

fn argument(at: usize, parameter: &Parameter, function: &str, door: &TokenStream) -> Argument {
    let hygienic =
        |ident: &Ident| Ident::new(&ident.to_string(), Span::mixed_site().located_at(ident.span()));
    let name = match parameter.name.to_string().strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::mixed_site().located_at(parameter.name.span())),
        None => hygienic(&parameter.name),
    };
    let marker = format_ident!("__M{at}", span = Span::mixed_site());
    let bound = format_ident!("__value{at}", span = Span::mixed_site());
    let span = parameter.written.span();
    let (accepted, wrapped, passed, check, items) = match &parameter.how {
        How::Value(ty) => {
            let written = &parameter.written;
            (
                quote_spanned!(span=> impl #door::IntoArg<'__env, #ty, #marker>),
                quote!(#door::arg::<#ty, #marker, _>(#name)),
                quote!(#bound),
                (!parameter.generic)
                    .then(|| quote_spanned!(span=> #door::task_input::<#written>();)),
                Vec::new(),
            )
        }
        How::Lent(target) => (
            quote_spanned!(span=> impl #door::LendArg<'__env, #target, #marker>),
            quote!(#door::lend::<#target, #marker, _>(#name)),
            quote!(&*#bound),
            None,
            Vec::new(),
        ),
        How::Dyn(object, bounds) => {
            let upcast = format_ident!("__{function}_dyn_{at}");
            let structure = quote! {
                #[doc(hidden)]
                #[allow(non_camel_case_types, dead_code)]
                pub struct #upcast;
            };
            let upcasts = quote! {
                impl<__W: #bounds + 'static> #door::Upcast<__W> for #upcast {
                    type To = #object;
                    fn up(value: &__W) -> &(#object) { value }
                }
            };
            let items = vec![structure, upcasts];
            (
                quote_spanned!(span=> impl #door::LendDyn<'__env, #object, #upcast, #marker>),
                quote!(#door::lend_dyn::<#object, #upcast, #marker, _>(#name)),
                quote!(&*#bound),
                None,
                items,
            )
        }
    };
    let parameter = quote_spanned!(span=> #name: #accepted);
    Argument { parameter, marker, wrapped, bound, passed, check, items }
}

/// `(a, (b, ()))`: nested pairs, so that the library needs one impl for any number of arguments.
fn pairs(items: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    items.rev().fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

fn attributes<'a>(function: &'a ItemFn, names: &[&str]) -> Vec<&'a Attribute> {
    let wanted = |attribute: &&Attribute| names.iter().any(|name| attribute.path().is_ident(name));
    function.attrs.iter().filter(wanted).collect()
}
