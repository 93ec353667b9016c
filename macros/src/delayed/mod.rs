//! `#[delayed]` on a free function, or on an `impl` ([`methods`]).
//!
//! In: the options and the item. Out: the function as written and, under its name, a type with `task` and a macro that
//! `graph!` asks whether the function is delayed. On an error the item still comes out, so that one mistake gives one message.

mod aliases;
mod expand;
mod foreign;
mod methods;
mod names;
mod options;
mod parse;
mod refused;
mod signature;
pub(crate) mod sizes;
mod views;

use options::{On, Options};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use signature::Signature;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Attribute, Block, Error, ImplItemFn, Item, TraitItemFn, parse2};

pub(crate) fn expand(options: TokenStream, mut item: TokenStream) -> TokenStream {
    let options = options::in_parentheses(options);
    let parsed =
        parse::function(&item).or_else(|error| match parse::with_a_mended_signature(&item) {
            Some((mended, function)) => {
                item = mended;
                Ok(function)
            }
            None => Err(error),
        });
    let (mut function, twice) = match parsed {
        Ok(mut function) => {
            let twice = again(&mut function.attrs);
            if twice.is_some() {
                item = function.to_token_stream();
            }
            (function, twice)
        }
        Err(error) => match parse::block(&item) {
            Ok((mut block, is_mended)) => {
                let twice = again(&mut block.attrs);
                let as_it_is = (!is_mended && twice.is_none()).then_some(item);
                let block = methods::expand(options, block, as_it_is);
                return quote!(#block #twice);
            }
            Err(_) => {
                let krate = || Options::parse(options, On::Function).0.krate;
                let told = parse::with_types_for_all(&item)
                    .and_then(|function| refused::told(&function, &krate()));
                return told.unwrap_or_else(|| not_a_function(&item, &error));
            }
        },
    };
    let (options, mistakes) = Options::parse(options, On::Function);
    let mistakes = mistakes.map(|error| error.to_compile_error());
    let mistakes = quote!(#mistakes #twice);
    match Signature::of_function(&function) {
        Ok(mut signature) => {
            let added = expand::expand(&function, &mut signature, &options);
            quote!(#item #mistakes #added)
        }
        Err(error) => {
            let is_advised = refused::with_the_advised_lifetime(&mut function);
            if refused::with_a_lifetime_of_the_output(&mut function) || is_advised {
                item = function.to_token_stream();
            }
            let refused = refused::expand(&item, &function, &options.krate, &error);
            quote!(#mistakes #refused)
        }
    }
}

/// Takes a second `#[delayed]` away: what it says.
fn again(attributes: &mut Vec<Attribute>) -> Option<TokenStream> {
    let ours = |attribute: &Attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "delayed")
    };
    let second = attributes.iter().find(|attribute| ours(attribute))?.path().span();
    attributes.retain(|attribute| !ours(attribute));
    let message = "`#[delayed]` is there twice\n\
        put all options into one: `#[delayed(name = \"…\", retries = 3)]`";
    Some(Error::new(second, message).to_compile_error())
}

fn not_a_function(item: &TokenStream, error: &Error) -> TokenStream {
    match parse2::<Item>(item.clone()) {
        Ok(other) => {
            let message = format!(
                "#[delayed] goes on a free function or on a whole `impl`, not on {}\n{}",
                what(&other),
                instead(&other)
            );
            refuse(item, head(&other), &message)
        }
        // A method is no item: it may have a receiver.
        Err(_) => match parse2::<ImplItemFn>(item.clone()) {
            Ok(method) => {
                let receiver = method.sig.receiver().map(Spanned::span);
                refuse(item, receiver.unwrap_or(method.sig.ident.span()), ON_A_METHOD)
            }
            // Of an attribute on a statement or an expression the compiler speaks.
            Err(_) if Block::parse_within.parse2(item.clone()).is_ok() => item.clone(),
            Err(_) => error.to_compile_error(),
        },
    }
}

const ON_A_METHOD: &str = "#[delayed] goes on a free function or on a whole `impl`, not on one method\n\
    put it on the `impl`: then its methods can be called on handles; in place of a trait's method write a free function";

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
        Item::Verbatim(item) if has_no_body(item) => "a function without a body",
        _ => "this item",
    }
}

/// What to do in place of that.
fn instead(item: &Item) -> &'static str {
    match item {
        Item::Struct(_) | Item::Enum(_) => {
            "put it on the functions that make one, or on an `impl` of it"
        }
        Item::Trait(_) => OF_A_TRAIT,
        Item::Verbatim(item) if has_no_body(item) => OF_A_TRAIT,
        _ => "put it on the function that is to be a task",
    }
}

const OF_A_TRAIT: &str = "a trait's methods have no tasks: write a free function that takes `&impl Trait`, or\n\
    `.map_ref(|value| value.method())` on the handle";

fn has_no_body(item: &TokenStream) -> bool {
    parse2::<TraitItemFn>(item.clone()).is_ok()
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
