//! `static_graph! { struct Name(inputs) { let a = f(b); …; out } }`: a graph that is known when it is compiled.
//!
//! In: the declaration, in any order. Out: the struct with its facts as constants, and `run`; or every mistake at its span.
//!
//! ```text
//! parse    tokens -> Declaration: inputs, tasks with their arguments, the output; or its head, if the syntax is wrong
//! check    names, cycles, tasks that lead nowhere -> Model: who reads what and how, an order (`takers`: who takes a value, and when)
//! facts    Model -> TASKS, EDGES, CRITICAL_PATH, WIDTH, …
//! untried  the `?` that is missing: which values are asked, and where
//! expand   a function for each task, one after the other in `run`, and by number for when they run at once
//! shell    the struct, its facts, and `run`; with nothing in it, if there are mistakes
//! ```
//! Each call stands in the expansion once, in a function of its own whose parameters have the types of the other tasks' outputs, so a wrong
//! argument is one mistake. That callees are delayed is asked of their macros, as in [`crate::graph`].

mod check;
mod expand;
mod facts;
mod parse;
mod shell;
mod takers;
mod untried;
mod uses;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::Error;
use syn::parse::Parser;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    // `static_graph!` is a `macro_rules!` that passes `[$crate]` first.
    let Some(TokenTree::Group(krate)) = tokens.next() else {
        return Error::new(Span::call_site(), "call `taskweave::static_graph!`").to_compile_error();
    };
    let (krate, tokens): (_, TokenStream) = (krate.stream(), tokens.collect());
    match parse::declaration.parse2(tokens.clone()) {
        Ok(declaration) => shell::expand(&krate, &declaration, check::check(&declaration)),
        Err(error) => match parse::head.parse2(tokens) {
            Ok(declaration) => shell::expand(&krate, &declaration, Err(error)),
            Err(_) => error.to_compile_error(),
        },
    }
}
