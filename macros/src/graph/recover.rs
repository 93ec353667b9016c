//! Parses the block; where a statement is broken, the others are still there to be checked.
//!
//! In: the block's tokens. Out: its statements, and the syntax errors. A `let` with a broken right-hand side keeps its names, whose
//! value is the error itself: what uses them is not wrong a second time.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;
use syn::{Block, Error, Pat, Stmt};

/// The statements of a block, and what is wrong with their syntax.
pub(super) fn statements(tokens: TokenStream) -> (Vec<Stmt>, Vec<Error>) {
    match Block::parse_within.parse2(tokens.clone()) {
        Ok(statements) => (statements, Vec::new()),
        Err(first) => {
            let mut errors = Vec::new();
            let mended = mend(tokens, &mut errors);
            match Block::parse_within.parse2(mended) {
                Ok(statements) => (statements, errors),
                Err(_) => (Vec::new(), vec![first]),
            }
        }
    }
}

/// The same block without what is broken.
fn mend(tokens: TokenStream, errors: &mut Vec<Error>) -> TokenStream {
    let mut mended = TokenStream::new();
    for chunk in chunks(tokens) {
        match Block::parse_within.parse2(chunk.clone()) {
            Ok(_) => mended.extend(chunk),
            Err(error) => mended.extend(mend_chunk(chunk, error, errors)),
        }
    }
    mended
}

/// Perhaps only a block inside is broken; else the chunk goes, but for the names it binds.
fn mend_chunk(chunk: TokenStream, error: Error, errors: &mut Vec<Error>) -> TokenStream {
    let mut inside = Vec::new();
    let tried: TokenStream = chunk
        .clone()
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let broken = Block::parse_within.parse2(group.stream()).is_err();
                if !broken {
                    return TokenTree::Group(group);
                }
                let mut mended = Group::new(Delimiter::Brace, mend(group.stream(), &mut inside));
                mended.set_span(group.span());
                TokenTree::Group(mended)
            }
            token => token,
        })
        .collect();
    if !inside.is_empty() && Block::parse_within.parse2(tried.clone()).is_ok() {
        errors.append(&mut inside);
        return tried;
    }
    match bound(&chunk) {
        Some(pattern) => {
            let error = error.to_compile_error();
            quote!(let #pattern = { #error };)
        }
        None => {
            errors.push(error);
            TokenStream::new()
        }
    }
}

/// The pattern of `let pattern = …`.
fn bound(chunk: &TokenStream) -> Option<TokenStream> {
    let mut tokens = chunk.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Ident(word)) if word == "let" => {}
        _ => return None,
    }
    let ends =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    let pattern: TokenStream = tokens.take_while(|token| !ends(token)).collect();
    // A type is left away: the error has none.
    let pattern = pattern
        .into_iter()
        .take_while(|token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':'));
    let pattern: TokenStream = pattern.collect();
    Pat::parse_single.parse2(pattern.clone()).is_ok().then_some(pattern)
}

/// The tokens up to each `;`.
fn chunks(tokens: TokenStream) -> Vec<TokenStream> {
    let mut chunks = vec![TokenStream::new()];
    for token in tokens {
        let ends = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        if let Some(last) = chunks.last_mut() {
            last.extend([token]);
        }
        if ends {
            chunks.push(TokenStream::new());
        }
    }
    chunks
}
