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
//! With an `.await` in it, the block becomes a closure that `compute` runs: `growing(|this_graph| { let output = { … };
//! Ok(finish(this_graph, output)) })`, in which `x.await` is `wait(this_graph, x)?`.
//!
//! Always plain, by syntax: callees bound by `let` or a pattern, `Type::new`, `Variant(..)`, `f64::max`, `(f)(x)`,
//! methods, the names of standard macros and of functions that are everywhere (`drop`), and what stands in a closure given to `.map` or `.map_ref` of a handle, which a task runs.

mod apart;
mod calls;
mod conditions;
pub(crate) mod counted;
mod holds;
mod lone;
mod members;
mod recover;
mod rewrite;
mod scope;
mod tokens;
mod typeless;
mod unready;
mod values;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use rewrite::{Rewrite, Rewritten};
use scope::Callee;
use syn::spanned::Spanned;
use syn::{Block, Error};
pub(crate) use tokens::names_in;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    // `graph!` is a `macro_rules!` that passes `[$crate]` first.
    let Some(TokenTree::Group(krate)) = tokens.next() else {
        return Error::new(Span::call_site(), "call `taskweave::graph!`").to_compile_error();
    };
    let krate = krate.stream();
    let door = quote!(#krate::__private);
    let (moves, body) = moved(unwrapped(tokens.collect()));
    let body = unwrapped(body);
    // A span of the user's own: the borrow checker hides names that come from macros.
    let user = body.clone().into_iter().next().map_or(Span::call_site(), |token| token.span());
    // What messages of the borrow checker call the graph; unless the user calls something so.
    let taken = body.to_string().contains("this_graph");
    let builder = Ident::new(if taken { "__tw_graph" } else { "this_graph" }, user);
    let (statements, lost) = recover::statements(body.clone());
    let mut block = Block { brace_token: syn::token::Brace::default(), stmts: statements };
    let mut rewrite = Rewrite::new(door.clone(), builder.clone(), lost.awaits);
    rewrite.block(&mut block, body);
    let Rewritten { callees, mut mistakes, awaits } = rewrite.finish();
    if let (Some(word), false) = (&moves, awaits) {
        let message = "`move` is for graphs that `.await`, which are built when they are computed; this one is built here\n\
            drop `move`: what is used by value moves, and the rest is borrowed";
        mistakes.push(Error::new(word.span(), message));
    }
    let mistakes = mistakes.iter().map(Error::to_compile_error);
    let Uses { fallbacks, lookups, checks } = uses(&callees, &builder, &door);
    let body = &block.stmts;
    let output = Ident::new("output", Span::mixed_site());
    let graph = if awaits {
        let closure = quote_spanned! {user=>
            #moves |#builder| -> ::core::result::Result<_, #door::Stop> {
                #checks
                let #output = { #(#body)* };
                ::core::result::Result::Ok(#door::finish(#builder, #output))
            }
        };
        quote!(#door::growing(#closure))
    } else {
        quote! {
            let #builder = #door::builder();
            #checks
            let #output = { #(#body)* };
            #door::into_graph(&#builder, #door::finish(&#builder, #output))
        }
    };
    // By this name what a macro says of a wrong number of arguments finds the way back here.
    quote!({
        #[allow(unused_imports, clippy::all, clippy::pedantic)]
        use #door::wrong_count as __tw_wrong_count;
        #fallbacks
        {
            #lookups
            #(#mistakes)*
            #graph
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

/// The word `move` at the beginning, and the rest.
fn moved(tokens: TokenStream) -> (Option<Ident>, TokenStream) {
    let mut rest = tokens.clone().into_iter();
    match rest.next() {
        // Not a closure as the block's first expression.
        Some(TokenTree::Ident(word)) if word == "move" => match rest.clone().next() {
            Some(TokenTree::Punct(punct)) if punct.as_char() == '|' => (None, tokens),
            _ => (Some(word), rest.collect()),
        },
        _ => (None, tokens),
    }
}

/// What stands before the calls of callees.
#[derive(Default)]
struct Uses {
    /// What each is if it is not delayed.
    fallbacks: TokenStream,
    /// What it is.
    lookups: TokenStream,
    /// Behind those, where the builder is: that the macro of the name, if there is one, is ours, for a plain function may share its name with a macro of the user's;
    /// and that the function is the macro's, for a plain one may hide it.
    checks: TokenStream,
}

fn uses(callees: &[Callee], builder: &Ident, door: &TokenStream) -> Uses {
    if callees.is_empty() {
        return Uses::default();
    }
    let fallbacks = callees.iter().map(|callee| {
        let alias = &callee.alias;
        quote!(#[allow(unused_imports, clippy::all, clippy::pedantic)] use #door::plain_call as #alias;)
    });
    let looked_up = || callees.iter().filter(|callee| !callee.everywhere);
    let lookups = looked_up().map(|callee| {
        let (path, alias, cfg) = (&callee.path, &callee.alias, callee.cfg());
        quote!(#cfg #[allow(unused_imports, deprecated, clippy::all, clippy::pedantic)] use #path as #alias;)
    });
    let checks = looked_up().filter(|callee| !callee.again).map(|callee| {
        let (path, cfg) = (&callee.path, callee.cfg());
        // The function by the alias: a local variable of the name has been told of where that is imported.
        let value = &callee.alias;
        let tokens = quote!(@known #builder {#path} #value);
        // Where it is called first: what is wrong is told with that line.
        let mut alias = callee.alias.clone();
        alias.set_span(path.span());
        let known = call_macro(&alias, path.span(), tokens);
        quote!(#cfg #[allow(deprecated)] let _: #door::NoOtherMacro = #known;)
    });
    Uses {
        fallbacks: quote!(#(#fallbacks)*),
        lookups: quote!(#(#lookups)*),
        checks: quote!(#(#checks)*),
    }
}

/// `name!(tokens)`, all of it at the user's span, so that lints and locations are the user's.
pub(crate) fn call_macro(name: &Ident, span: Span, tokens: TokenStream) -> TokenStream {
    let bang = quote_spanned!(span=> !);
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    quote!(#name #bang #group)
}

/// A mistake where an expression stands: what uses its value is not wrong a second time.
pub(super) fn mistake(span: Span, message: &str) -> TokenStream {
    quote_spanned!(span=> ::core::compile_error!(#message))
}
