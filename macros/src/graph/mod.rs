//! `graph! { … }`: an ordinary block whose calls of delayed functions become tasks.
//!
//! In: the block. Out: the same block, each call through its callee's macro, between a builder and its graph:
//!
//! ```text
//! { use plain_call as __tw_1_fit;            // for each callee: what it is if it is not delayed,
//!   { use fit as __tw_1_fit;                 // and what it is, with its macro if it is delayed
//!     let this_graph = builder();
//!     let output = { … __tw_1_fit!(@call this_graph {fit} …) … };
//!     into_graph(&this_graph, finish(&this_graph, output)) } }
//! ```
//! The inner `use` hides the outer one only where `fit` has a macro; that is how `graph!` tells tasks from plain calls without
//! resolving names (`#[delayed]` puts the macro there). Two blocks: in one, the names would be ambiguous (E0659).
//!
//! Always plain, by syntax: callees bound by `let` or a pattern, `Type::new`, `Variant(..)`, `f64::max`, `(f)(x)`,
//! methods, and the names of standard macros.

mod rewrite;
mod scope;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use rewrite::Rewrite;
use scope::Callee;
use syn::parse::Parser;
use syn::{Block, Error};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    // `graph!` is a `macro_rules!` that passes `[$crate]` first.
    let Some(TokenTree::Group(krate)) = tokens.next() else {
        return Error::new(Span::call_site(), "call `taskweave::graph!`").to_compile_error();
    };
    let krate = krate.stream();
    let door = quote!(#krate::__private);
    let body = unwrapped(tokens.collect());
    if let Some(TokenTree::Ident(word)) = body.clone().into_iter().next()
        && word == "move"
    {
        let message = "`graph! { move .. }` does not act yet: it is for graphs that await, which come later\n\
            drop `move`; a plain `graph!` takes owned values by value and borrows the rest";
        return Error::new(word.span(), message).to_compile_error();
    }
    // A span of the user's own: the borrow checker hides names that come from macros.
    let user = body.clone().into_iter().next().map_or(Span::call_site(), |token| token.span());
    let statements = match Block::parse_within.parse2(body) {
        Ok(statements) => statements,
        Err(error) => return error.to_compile_error(),
    };
    let mut block = Block { brace_token: syn::token::Brace::default(), stmts: statements };
    let builder = Ident::new("this_graph", user);
    let mut rewrite = Rewrite::new(door.clone(), builder.clone());
    rewrite.block(&mut block);
    let (callees, mistakes) = rewrite.finish();
    let (fallbacks, lookups) = uses(&callees, &door);
    let body = &block.stmts;
    let output = Ident::new("output", Span::mixed_site());
    quote!({
        #fallbacks
        {
            #lookups
            #mistakes
            let #builder = #door::builder();
            #[deny(unused_must_use)]
            let #output = { #(#body)* };
            #door::into_graph(&#builder, #door::finish(&#builder, #output))
        }
    })
}

/// `graph!({ … })` and `graph! { … }` are the same; rustfmt formats the first only.
fn unwrapped(tokens: TokenStream) -> TokenStream {
    let mut all = tokens.clone().into_iter();
    match (all.next(), all.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
            group.stream()
        }
        _ => tokens,
    }
}

/// The two sets of `use`s: what each callee is if it is not delayed, and what it is.
fn uses(callees: &[Callee], door: &TokenStream) -> (TokenStream, TokenStream) {
    let fallbacks = callees.iter().map(|callee| {
        let alias = &callee.alias;
        quote!(#[allow(unused_imports, clippy::all, clippy::pedantic)] use #door::plain_call as #alias;)
    });
    let lookups = callees.iter().map(|callee| {
        let (path, alias) = (&callee.path, &callee.alias);
        quote!(#[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)] use #path as #alias;)
    });
    (quote!(#(#fallbacks)*), quote!(#(#lookups)*))
}

/// `name!(tokens)`, all of it at the user's span, so that lints and locations are the user's.
fn call_macro(name: &Ident, span: Span, tokens: TokenStream) -> TokenStream {
    let bang = quote_spanned!(span=> !);
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    quote!(#name #bang #group)
}
