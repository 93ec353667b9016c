//! What `#[delayed]` adds beside the function.
//!
//! ```text
//! #[beside(…)] mod __fit_8_4 { struct fit {} }     the type: <fit as DelayedFn>, fit::task(a, b); and in the attribute:
//! impl __fit_8_4::fit { pub fn task<A0, A1>(a: A0, m: A1) -> Task<Out, Call<Self, arguments>> where A0: IntoArg<f64>, A1: LendArg<Model> }
//! impl Body for __fit_8_4::fit                          its name, parameters, output, and the call
//! use __task_call_2 as fit;                            the macro that graph! asks, of two parameters
//! use __fit_8_4::fit;
//! ```
//! The module carries the other items until it is expanded itself: inside an `impl`, where none of them may stand, and which no macro
//! can know, the compiler then complains once, of the attribute. The second expansion takes 2.4 % of the instructions of a `cargo check` of 200 functions and nothing else.
//!
//! Whoever else has the name, be it another delayed function or a module, nothing is implemented for that: the type is reached by its module, which has
//! the place of the function in its name. What is imported as `fit` has the span of the function, which its first and last tokens have: if the name is taken in the same
//! scope, the compiler shows the function, and once, for it tells of one name at one span only once, be it in three namespaces. The items stand where the function does, for its types
//! may be known inside a function only; so messages call the function `<impl fit>::task`, and not `fit::task`.
//!
//! A function that nobody uses, be it plainly or in a graph, is told of as any other, for nothing here says `allow(dead_code)`: what does keeps alive what it
//! names. The type and its functions may be unused: their names are of the expansion's own (`ours`), of which the compiler gives no such warning.
//!
//! One that returns a `Result` also has `task_or_fail`, for `?` behind it: as `or_fail(fit::task(..))`, but what is wrong with an argument is told once.
//! A generic function's body stands on a type of its own, `__fit_body<T>`. The argument types are named, not `impl Trait`
//! and no closure is returned: an opaque type would repeat each message about an argument. Names of the expansion's own are
//! hygienic (`mixed_site`), so a parameter may be called like the function. The compiler spends its time on impls, bounds
//! and calls of generic functions: there is one impl and one such call for each function (see `benches/compile_time`).

use super::aliases;
use super::options::Options;
use super::signature::{How, Parameter, Signature};
use crate::apart;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ItemFn, Meta, Type, TypePath, Visibility};

/// Up to how many parameters there is a macro that counts the arguments: one more than clippy lets pass.
const COUNTED_MAX: usize = 8;

pub(super) struct Argument {
    /// `a: A0`, at the span of the parameter's type.
    pub(super) parameter: TokenStream,
    /// `a`
    pub(super) name: Ident,
    /// `A0`, `M0`
    pub(super) generics: [Ident; 2],
    /// `A0: IntoArg<'env, f64, M0>`
    pub(super) bound: TokenStream,
    /// `Value<f64>`
    kind: TokenStream,
    /// What the body binds.
    value: Ident,
    /// `task_input::<f64>();`, at the type's span, where the type is known.
    pub(super) check: Option<TokenStream>,
    /// What a `&dyn Trait` needs beside the function.
    pub(super) items: Vec<TokenStream>,
}

pub(super) fn expand(
    function: &ItemFn,
    signature: &mut Signature,
    options: &Options,
) -> TokenStream {
    let (name, vis, krate) = (&function.sig.ident, &function.vis, &options.krate);
    let door = quote!(#krate::__private);
    let plain_name = name.to_string().trim_start_matches("r#").to_string();
    let label = options.name.as_ref().map_or(quote!(#plain_name), |label| quote!(#label));
    let cfgs = attributes(function, &["cfg"]);
    let cfgs = quote!(#(#cfgs)*);
    let docs =
        docs(&function.attrs, &format!("A call of `{plain_name}` that has not been made yet."));
    // Its type stands in a module of its own: whoever has the name too, nothing is implemented for that.
    let module = apart::module_name(name);
    let aliases = aliases::put(
        signature,
        &module.to_string()[2..],
        name.span(),
        Some(&function.sig.generics.params),
    );
    let signature = &*signature;
    let arguments: Vec<Argument> = signature
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| argument(at, parameter, &plain_name, vis, &door))
        .collect();
    let bounds = bounds(signature);
    let own = quote!(#module::#name);
    let task = task(&own, name, signature, &arguments, &door, &bounds, &docs);
    let turbofish = (!signature.arguments.is_empty()).then(|| {
        let arguments = &signature.arguments;
        quote!(::<#(#arguments),*>)
    });
    let callee = quote!(#name #turbofish);
    let body_type = body_type(&own, name, signature);
    // Of a generic function there are many.
    let known = match signature.is_generic() {
        true => quote!(#door::Label::generic(#label)),
        false => quote!(#door::Label::of(&#name, #label)),
    };
    let body = body(&body_type, &callee, signature, &arguments, &door, &bounds, &known, options);
    let body_struct = signature.is_generic().then(|| {
        let (body, types, bare) = (body_name(name), &signature.types, &signature.bare_generics);
        let held = quote!(#door::PhantomData<fn() -> (#(*const #types,)*)>);
        quote! {
            #[doc(hidden)]
            #[allow(non_camel_case_types)]
            #vis struct #body<#(#bare),*>(#held);
            #[allow(unused_qualifications)]
            impl #door::TaskFn for #own { const NAME: &'static str = #label; }
        }
    });
    let items = arguments.iter().flat_map(|argument| &argument.items);
    let kind = match (signature.is_generic(), options.say_something()) {
        (true, _) => "generic_",
        (false, true) => "optioned_",
        (false, false) => "",
    };
    let tried = if is_result(&signature.written_output) { "try_" } else { "" };
    let alias = match arguments.len() {
        parameters @ ..=COUNTED_MAX => format_ident!("__{kind}{tried}task_call_{parameters}"),
        _ => format_ident!("{kind}{tried}task_call"),
    };
    // What has the function's name has its span; a path from the root means the same anywhere.
    let (first, last) = (first_span(function), function.block.brace_token.span.close());
    let alias = match krate.leading_colon {
        Some(_) => crate::shown_at(&quote!(#door::#alias), first),
        None => crate::relocate(&quote!(#door::#alias), first),
    };
    let mut macro_name = name.clone();
    macro_name.set_span(last);
    let mut unlinted = name.clone();
    unlinted.set_span(ours(name.span()));
    let seen = apart::from_within(vis);
    let in_module = crate::relocate(&quote!(#module), first);
    quote! {
        #cfgs
        #[#door::beside(
            #[allow(deprecated, private_bounds, private_interfaces, unused_qualifications, clippy::all, clippy::pedantic)]
            impl #own { #task }
            #(#aliases)*
            #body_struct
            #[allow(deprecated, unused_qualifications)]
            #body
            #[doc(hidden)]
            #[allow(unused_imports)]
            #vis use {#alias as #macro_name, #in_module::#macro_name};
            #(#items)*
        )]
        #[doc(hidden)]
        #[allow(non_camel_case_types, non_snake_case, unreachable_pub, missing_debug_implementations, missing_copy_implementations, clippy::empty_structs_with_brackets, clippy::redundant_pub_crate)]
        mod #module { #seen struct #unlinted {} }
    }
}

/// Whether a type is a `Result` by its name; another one's `?` is checked later.
fn is_result(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Result"))
}

/// There, but of our own: that it is not used the compiler does not tell.
fn ours(place: Span) -> Span {
    Span::mixed_site().located_at(place)
}

/// Where the function begins, behind its attributes.
fn first_span(function: &ItemFn) -> Span {
    match &function.vis {
        Visibility::Inherited => function.sig.span(),
        vis => vis.span(),
    }
}

fn body_name(name: &Ident) -> Ident {
    format_ident!("__{}_body", name.to_string().trim_start_matches("r#"), span = name.span())
}

/// The type whose `Body` is the call: the function's own, or one with its generics.
fn body_type(own: &TokenStream, name: &Ident, signature: &Signature) -> TokenStream {
    if signature.is_generic() {
        let (body, names) = (body_name(name), &signature.all_names);
        quote!(#body<#(#names),*>)
    } else {
        own.clone()
    }
}

/// What the user wrote on the generics.
pub(super) fn bounds(signature: &Signature) -> TokenStream {
    let predicates = &signature.predicates;
    quote!(#(#predicates,)*)
}

fn task(
    own: &TokenStream,
    name: &Ident,
    signature: &Signature,
    arguments: &[Argument],
    door: &TokenStream,
    bounds: &TokenStream,
    docs: &TokenStream,
) -> TokenStream {
    let (output, generics, types) = (&signature.output, &signature.generics, &signature.types);
    let body_type = body_type(own, name, signature);
    let own = arguments.iter().map(|argument| &argument.generics[1]);
    let accepted = arguments.iter().map(|argument| &argument.generics[0]);
    let parameters = arguments.iter().map(|argument| &argument.parameter);
    let argument_bounds = arguments.iter().map(|argument| &argument.bound);
    let taken = pairs(accepted.clone().map(ToTokens::to_token_stream));
    let markers = pairs(own.clone().map(ToTokens::to_token_stream));
    let passed = pairs(arguments.iter().map(|argument| argument.name.to_token_stream()));
    // A wrong output type is found here, and shown there.
    let shown_there = crate::shown_at(door, output.span());
    let output_bound = signature
        .is_generic()
        .then(|| quote_spanned!(output.span()=> #output: #shown_there::TaskOutput,));
    let task = Ident::new("task", ours(name.span()));
    let new = quote_spanned!(output.span()=> #shown_there::new_task(#passed));
    let or_fail = is_result(&signature.written_output).then(|| {
        let name = Ident::new("task_or_fail", ours(name.span()));
        let (own, accepted) = (own.clone(), accepted.clone());
        let (parameters, argument_bounds) = (parameters.clone(), argument_bounds.clone());
        quote! {
            #docs
            #[doc(hidden)]
            pub fn #name<'__env, #(#generics,)* #(#own,)* #(#accepted,)* __TwOk, __TwErr>(
                #(#parameters),*
            ) -> #door::Task<'__env, __TwOk, #door::OrFail<#door::Call<#body_type, #taken, #markers>, #output, __TwErr>>
            where
                #(#argument_bounds,)*
                #bounds #(#types: '__env,)* #output_bound
                #output: #door::TaskResultOf<__TwOk, __TwErr>,
                __TwOk: ::core::marker::Send + ::core::marker::Sync + 'static,
                __TwErr: '__env,
            {
                #door::or_fail_of(#new)
            }
        }
    });
    quote! {
        #or_fail
        #docs
        pub fn #task<'__env, #(#generics,)* #(#own,)* #(#accepted),*>(
            #(#parameters),*
        ) -> #door::Task<'__env, #output, #door::Call<#body_type, #taken, #markers>>
        where #(#argument_bounds,)* #bounds #(#types: '__env,)* #output_bound
        {
            #new
        }
    }
}

/// `impl Body`: the name, the parameters, and the call of `callee`.
#[allow(clippy::too_many_arguments)]
pub(super) fn body(
    body_type: &TokenStream,
    callee: &TokenStream,
    signature: &Signature,
    arguments: &[Argument],
    door: &TokenStream,
    bounds: &TokenStream,
    label: &TokenStream,
    options: &Options,
) -> TokenStream {
    let (output, generics) = (&signature.output, &signature.generics);
    let kinds = pairs(arguments.iter().map(|argument| argument.kind.clone()));
    let checks = arguments.iter().filter_map(|argument| argument.check.as_ref());
    let values = pairs(arguments.iter().map(|argument| argument.value.to_token_stream()));
    let passed = arguments.iter().map(|argument| &argument.value);
    let cloners = cloners(signature, door, options.retry());
    let retried = signature.parameters.iter().filter_map(|parameter| match &parameter.how {
        How::Value(ty) if options.retry() => {
            let span = parameter.written.span();
            let shown_there = crate::shown_at(door, span);
            let is_parameter = matches!(ty, Type::Path(path) if signature.types.iter().any(|own| path.path.is_ident(own)));
            let check = match is_parameter {
                true => Ident::new("a_task_that_is_tried_again_clones", span),
                false => Ident::new("task_retry_input", span),
            };
            Some(quote_spanned!(span=> #shown_there::#check::<#ty>();))
        }
        _ => None,
    });
    // An alias may hide a `Result`.
    let written = &signature.written_output;
    let failed = (is_result(written) || !is_plainly_no_result(written)).then(|| {
        quote! {
            const FAILED: ::core::option::Option<fn(&#output) -> bool> =
                { #[allow(unused_imports)] use #door::NoResult as _; <#door::Probe<#output>>::FAILED };
        }
    });
    let options = options.constant(door);
    // Of a type whose lifetime is hidden the compiler speaks once, if it is named only where `'__env` is the one lifetime there is. That takes
    // the compiler 1.6 % longer, so it is done where such a type may be.
    let hidden = !signature.is_generic()
        && signature.parameters.iter().any(|parameter| match &parameter.how {
            How::Value(ty) | How::Lent(ty) | How::LentGeneric(ty) | How::Dyn(ty, _) => {
                may_hide_a_lifetime(ty)
            }
        });
    let env = hidden.then(|| quote!('__env));
    let named = if hidden { quote!(Self::Parameters) } else { kinds.clone() };
    quote! {
        impl<#env #(#generics),*> #door::Body for #body_type
        where #bounds
        {
            const LABEL: #door::Label = #label;
            type Output = #output;
            type Parameters = #kinds;
            #cloners
            #failed
            #options
            fn call<'__a>(#values: <#named as #door::Parameters>::Passed<'__a>) -> #output
            where #named: '__a
            {
                #(#checks)*
                #(#retried)*
                #callee (#(#passed),*)
            }
        }
    }
}

/// How plain values are cloned when the task is one of a frozen graph, and values when it is tried again: only where a type is known, or has to be `Clone`, and is
/// not one that the library knows.
fn cloners(signature: &Signature, door: &TokenStream, retry: bool) -> Option<TokenStream> {
    let probed = |parameter: &Parameter| match &parameter.how {
        How::Value(ty) if (retry || !parameter.generic) && !is_well_known(ty) => Some(ty.clone()),
        _ => None,
    };
    let probed: Vec<_> = signature.parameters.iter().map(probed).collect();
    if probed.iter().all(Option::is_none) {
        return None;
    }
    let cloners = probed.iter().map(|ty| match ty {
        Some(ty) => quote!(<#door::Probe<#ty>>::CLONER),
        None => quote!(::core::option::Option::None),
    });
    Some(
        quote!(const CLONERS: #door::Cloners = { #[allow(unused_imports)] use #door::NotClone as _; &[#(#cloners),*] };),
    )
}

/// Whether a type may have a lifetime that is not written: it is not known, and nothing stands in angle brackets behind it.
fn may_hide_a_lifetime(ty: &Type) -> bool {
    struct Bare(bool);
    impl<'a> Visit<'a> for Bare {
        fn visit_type_path(&mut self, path: &'a TypePath) {
            let last = path.path.segments.last();
            let bare = last.is_some_and(|last| last.arguments.is_none());
            self.0 |=
                bare && !is_well_known(&Type::Path(path.clone())) && !path.path.is_ident("str");
            visit::visit_type_path(self, path);
        }
    }
    let mut bare = Bare(false);
    bare.visit_type(ty);
    bare.0
}

/// A type of the language's own, or of the prelude.
fn is_plainly_no_result(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            is_well_known(ty)
                || last.is_some_and(|last| {
                    ["Vec", "Option", "Box"].iter().any(|known| last.ident == known)
                })
        }
        _ => true,
    }
}

/// A type that the library can clone by itself; the list there is longer.
fn is_well_known(ty: &Type) -> bool {
    const WELL_KNOWN: &[&str] = &[
        "f64", "f32", "u64", "i64", "usize", "u32", "i32", "isize", "u8", "i8", "u16", "i16",
        "u128", "i128", "bool", "char", "String",
    ];
    matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|name| WELL_KNOWN.iter().any(|known| name == known)))
}

/// The argument for the parameter at `at` of `function`, which is seen as far as `vis` says.
pub(super) fn argument(
    at: usize,
    parameter: &Parameter,
    function: &str,
    vis: &Visibility,
    door: &TokenStream,
) -> Argument {
    let located = Span::mixed_site().located_at(parameter.name.span());
    let name = match parameter.name.to_string().strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, located),
        None => Ident::new(&parameter.name.to_string(), located),
    };
    let ident = |letter: &str| Ident::new(&format!("__{letter}{at}"), Span::mixed_site());
    let (accepted, marker, value) = (ident("A"), ident("M"), ident("v"));
    let span = parameter.written.span();
    let shown_there = crate::shown_at(door, span);
    let (mut check, mut items) = (None, Vec::new());
    let (bound, kind) = match &parameter.how {
        How::Value(ty) => {
            if !parameter.generic {
                check = Some(quote_spanned!(span=> #door::task_input::<#ty>();));
            }
            // A parameter of the function: what it is, is found from the argument.
            let is_found = parameter.generic
                && matches!(ty, Type::Path(path) if path.path.get_ident().is_some());
            let accepts = if is_found { "IntoGeneric" } else { "IntoArg" };
            let accepts = Ident::new(accepts, span);
            (
                quote_spanned!(span=> #shown_there::#accepts<'__env, #ty, #marker>),
                quote!(#door::Value<#ty>),
            )
        }
        How::Lent(target) => (
            quote_spanned!(span=> #shown_there::LendArg<'__env, #target, #marker>),
            quote!(#door::Ref<#target>),
        ),
        How::LentGeneric(target) => (
            quote_spanned!(span=> #shown_there::LendExact<'__env, #target, #marker>),
            quote!(#door::Ref<#target>),
        ),
        How::Dyn(object, bounds) => {
            let upcast = format_ident!("__{function}_dyn_{at}");
            items = vec![
                quote! {
                    #[doc(hidden)]
                    #[allow(non_camel_case_types, dead_code)]
                    #vis struct #upcast;
                },
                quote! {
                    impl<__W: #bounds + 'static> #door::Upcast<__W> for #upcast {
                        type To = #object;
                        fn up(value: &__W) -> &Self::To { value }
                    }
                },
            ];
            let bound =
                quote_spanned!(span=> #shown_there::LendDyn<'__env, #object, #upcast, #marker>);
            (bound, quote!(#door::Dyn<#object, #upcast>))
        }
    };
    // Of a handle that is moved twice the compiler shows the type of the parameter that takes it.
    let there = Ident::new(&accepted.to_string(), Span::mixed_site().located_at(span));
    Argument {
        parameter: quote_spanned!(span=> #name: #there),
        bound: quote_spanned!(span=> #accepted: #bound),
        name,
        generics: [accepted, marker],
        kind,
        value,
        check,
        items,
    }
}

/// `(a, (b, ()))`: nested pairs, so that the library needs one impl for any number of arguments.
pub(super) fn pairs(items: impl DoubleEndedIterator<Item = TokenStream>) -> TokenStream {
    items.rev().fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

/// What says `line` in place of the function's text, whose examples would run again; and what else is said of it.
pub(super) fn docs(attributes: &[Attribute], line: &str) -> TokenStream {
    let is_text = |attribute: &&Attribute| {
        attribute.path().is_ident("doc") && matches!(attribute.meta, Meta::NameValue(_))
    };
    let line = attributes.iter().any(|one| is_text(&one)).then(|| quote!(#[doc = #line]));
    let kept = attributes.iter().filter(|attribute| {
        !is_text(attribute)
            && ["cfg", "doc", "deprecated"].iter().any(|name| attribute.path().is_ident(name))
    });
    quote!(#line #(#kept)*)
}

fn attributes<'a>(function: &'a ItemFn, names: &[&str]) -> Vec<&'a Attribute> {
    let wanted = |attribute: &&Attribute| names.iter().any(|name| attribute.path().is_ident(name));
    function.attrs.iter().filter(wanted).collect()
}
