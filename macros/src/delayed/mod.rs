//! `#[delayed]` on a free function, or on an `impl` ([`methods`]).
//!
//! In: the options and the item. Out: the function as written and, under its name, a type with `task` and a macro that
//! `graph!` asks whether the function is delayed. On an error the item still comes out, so that one mistake gives one message.

mod expand;
mod methods;
mod options;
mod signature;
mod views;

use options::{On, Options};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use signature::Signature;
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{
    Attribute, Block, Error, Expr, ImplItemFn, Item, ItemFn, ItemImpl, Stmt, braced, parse2,
};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let function = match with_opaque_body.parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => match parse2::<ItemImpl>(item.clone()) {
            Ok(block) => return methods::expand(options, block),
            Err(_) => return not_a_function(&item, &error),
        },
    };
    let (options, mistakes) = Options::parse(options, On::Function);
    let mistakes = mistakes.map(|error| error.to_compile_error());
    match Signature::of_function(&function) {
        Ok(signature) => {
            let added = expand::expand(&function, &signature, &options);
            quote!(#item #mistakes #added)
        }
        Err(error) => {
            let error = error.to_compile_error();
            let (vis, name, krate) = (&function.vis, &function.sig.ident, &options.krate);
            // So that where it is called does not say that it is not delayed.
            let alias = signature::can_be_used(&function).then(|| {
                quote! {
                    #[doc(hidden)]
                    #[allow(unused_imports)]
                    #vis use #krate::__private::refused_call as #name;
                }
            });
            quote!(#item #mistakes #error #alias)
        }
    }
}

/// A function whose body stays the tokens it is: they are the compiler's business, and parsing them takes time.
fn with_opaque_body(input: ParseStream<'_>) -> syn::Result<ItemFn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let (vis, sig) = (input.parse()?, input.parse()?);
    let body;
    let brace_token = braced!(body in input);
    let body: TokenStream = body.parse()?;
    let stmts = vec![Stmt::Expr(Expr::Verbatim(body), None)];
    Ok(ItemFn { attrs, vis, sig, block: Box::new(Block { brace_token, stmts }) })
}

fn not_a_function(item: &TokenStream, error: &Error) -> TokenStream {
    match parse2::<Item>(item.clone()) {
        Ok(other) => {
            let message = format!("#[delayed] goes on a free function, not on {}", what(&other));
            refuse(item, head(&other), &message)
        }
        // A method is no item: it may have a receiver.
        Err(_) => match parse2::<ImplItemFn>(item.clone()) {
            Ok(method) => {
                let receiver = method.sig.receiver().map(Spanned::span);
                refuse(item, receiver.unwrap_or(method.sig.ident.span()), ON_A_METHOD)
            }
            Err(_) => error.to_compile_error(),
        },
    }
}

const ON_A_METHOD: &str = "#[delayed] goes on a free function or on a whole `impl`, not on one method\n\
    put it on the `impl`: then its methods can be called on handles";

/// The item as it was, and one message; in an `impl` that must be a macro call, which is an item there.
fn refuse(item: &TokenStream, span: Span, message: &str) -> TokenStream {
    let error = quote_spanned!(span=> ::core::compile_error!{ #message });
    quote!(#item #error)
}

fn what(item: &Item) -> &'static str {
    match item {
        Item::Struct(_) => "a struct",
        Item::Enum(_) => "an enum",
        Item::Trait(_) => "a trait",
        Item::Mod(_) => "a module",
        Item::Const(_) => "a constant",
        Item::Static(_) => "a static",
        Item::Use(_) => "a `use`",
        Item::Type(_) => "a type",
        _ => "this item",
    }
}

fn head(item: &Item) -> Span {
    match item {
        Item::Struct(item) => item.struct_token.span,
        Item::Enum(item) => item.enum_token.span,
        Item::Trait(item) => item.trait_token.span,
        Item::Mod(item) => item.mod_token.span,
        other => Error::new_spanned(other, "").span(),
    }
}
