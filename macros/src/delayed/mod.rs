//! `#[delayed]` on a free function.
//!
//! In: the options and the item. Out: the function as written and, under its name, a type with `task` and a macro that
//! `graph!` asks whether the function is delayed. On an error the item still comes out, so that one mistake gives one message.

mod expand;
mod options;
mod signature;

use options::Options;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use signature::Signature;
use syn::spanned::Spanned;
use syn::{Error, ImplItemFn, Item, parse2};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let function = match parse2::<Item>(item.clone()) {
        Ok(Item::Fn(function)) => function,
        Ok(Item::Impl(block)) => return refuse(&item, block.impl_token.span, ON_A_METHOD),
        Ok(other) => {
            let message = format!("#[delayed] goes on a free function, not on {}", what(&other));
            return refuse(&item, head(&other), &message);
        }
        // A method is no item: it may have a receiver.
        Err(error) => {
            return match parse2::<ImplItemFn>(item.clone()) {
                Ok(method) => {
                    let receiver = method.sig.receiver().map(Spanned::span);
                    refuse(&item, receiver.unwrap_or(method.sig.ident.span()), ON_A_METHOD)
                }
                Err(_) => error.to_compile_error(),
            };
        }
    };
    let (options, mistakes) = Options::parse(options);
    let mistakes = mistakes.map(|error| error.to_compile_error());
    match Signature::check(&function, &options) {
        Ok(signature) => {
            let added = expand::expand(&function, &signature, &options);
            quote!(#function #mistakes #added)
        }
        Err(error) => {
            let error = error.to_compile_error();
            quote!(#function #mistakes #error)
        }
    }
}

const ON_A_METHOD: &str = "#[delayed] goes on a free function, not on a method or an `impl`\n\
    write a free function that takes `&Type`, or `.map_ref(|value| value.method())` on the handle";

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
