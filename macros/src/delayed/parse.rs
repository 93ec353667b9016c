//! A function, or an `impl`, whose bodies stay the tokens they are: they are the compiler's business, and parsing them takes time.
//!
//! In: the item. Out: its signatures as syntax, with each body in one piece. The compiler has read the item before, and has told what is wrong in it; of what it then went
//! on with, it wants to know nothing more. So a mistake in a body is passed on, and a common one in a signature (`x f64`, `f64 x`, `x: f64 = 1.0`, `x: f64; y: f64`, `x: f64 y: f64`, `): f64 {`, `) => f64 {`, `fn f {`) is mended;
//! a parameter without a type cannot be.
//!
//! Not here: rules of ours (`signature`, `methods`), and what is no function (`mod`).

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::iter::{once, repeat_n};
use syn::parse::{ParseStream, Parser};
use syn::token::Brace;
use syn::{
    Attribute, Block, Error, Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemFn, ItemImpl, Pat, Stmt,
    Token, Type, braced, parse2,
};

/// A free function.
pub(super) fn function(item: &TokenStream) -> syn::Result<ItemFn> {
    let parse = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        let (vis, sig) = (input.parse()?, input.parse()?);
        let body;
        let brace_token = braced!(body in input);
        let body: TokenStream = body.parse()?;
        let stmts = vec![Stmt::Expr(Expr::Verbatim(body), None)];
        Ok(ItemFn { attrs, vis, sig, block: Box::new(Block { brace_token, stmts }) })
    };
    parse.parse2(item.clone())
}

/// The same of which the compiler has refused the signature, and as it is meant.
pub(super) fn with_a_mended_signature(item: &TokenStream) -> Option<(TokenStream, ItemFn)> {
    let mended = mended(item.clone())?;
    let function = function(&mended).ok()?;
    Some((mended, function))
}

/// A function of which parameters have no type, of which the compiler has told: they get one, and the function is not to be used.
pub(super) fn with_types_for_all(item: &TokenStream) -> Option<ItemFn> {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let at = parameters_at(&tokens)?;
    let TokenTree::Group(parameters) = &tokens[at] else { return None };
    let all = each_parameter(parameters.stream())?.into_iter().map(|parameter| {
        let untyped = |input: ParseStream<'_>| {
            Pat::parse_single(input)?;
            input.parse::<Option<Token![:]>>()?;
            Ok(quote!(_: ()))
        };
        untyped.parse2(parameter.clone()).unwrap_or(parameter)
    });
    let all = quote!((#(#all),*));
    let (before, after) = (&tokens[..at], &tokens[at + 1..]);
    function(&quote!(#(#before)* #all #(#after)*)).ok()
}

/// An `impl`, and whether a signature in it has been mended.
pub(super) fn block(item: &TokenStream) -> syn::Result<(ItemImpl, bool)> {
    let mut head: Vec<TokenTree> = item.clone().into_iter().collect();
    let Some(TokenTree::Group(members)) = head.pop() else {
        return parse2(item.clone()).map(|block| (block, false));
    };
    // The braces without what is in them: the rest is short.
    let mut empty = Group::new(members.delimiter(), TokenStream::new());
    empty.set_span(members.span());
    let head = head.into_iter().chain(once(TokenTree::Group(empty)));
    let mut block: ItemImpl = parse2(head.collect())?;
    let mut is_mended = false;
    let parse = |input: ParseStream<'_>| {
        block.attrs.extend(input.call(Attribute::parse_inner)?);
        while !input.is_empty() {
            block.items.push(member(input, &mut is_mended)?);
        }
        Ok(())
    };
    parse.parse2(members.stream())?;
    Ok((block, is_mended))
}

/// An `impl` in which something has been changed.
pub(super) fn changed(mut block: ItemImpl) -> TokenStream {
    for item in &mut block.items {
        if let ImplItem::Fn(ImplItemFn { attrs, vis, sig, block, .. }) = item
            && let [Stmt::Expr(Expr::Verbatim(body), None)] = &*block.stmts
        {
            *item = ImplItem::Verbatim(quote!(#(#attrs)* #vis #sig #body));
        }
    }
    block.into_token_stream()
}

fn member(input: ParseStream<'_>, is_mended: &mut bool) -> syn::Result<ImplItem> {
    if method(&input.fork()).is_ok() {
        return method(input).map(ImplItem::Fn);
    }
    if input.fork().parse::<ImplItem>().is_ok() {
        return input.parse();
    }
    let written = up_to_a_body(input)?;
    match mended(written.clone()).map(|mended| method.parse2(mended)) {
        Some(Ok(method)) => {
            *is_mended = true;
            Ok(ImplItem::Fn(method))
        }
        // The compiler has spoken; with it, it would not find the other methods either.
        _ => {
            *is_mended = true;
            Ok(ImplItem::Verbatim(TokenStream::new()))
        }
    }
}

/// A method, whose body is one with its braces, for the compiler says where they are.
fn method(input: ParseStream<'_>) -> syn::Result<ImplItemFn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let (vis, sig) = (input.parse()?, input.parse()?);
    if !input.peek(Brace) {
        return Err(input.error("expected a body"));
    }
    let body: TokenTree = input.parse()?;
    let stmts = vec![Stmt::Expr(Expr::Verbatim(body.into()), None)];
    let block = Block { brace_token: Brace::default(), stmts };
    Ok(ImplItemFn { attrs, vis, defaultness: None, sig, block })
}

/// What is written up to a body's end, or a `;`.
fn up_to_a_body(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut all = TokenStream::new();
    while !input.is_empty() {
        let next: TokenTree = input.parse()?;
        let is_last = match &next {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(mark) => mark.as_char() == ';',
            _ => false,
        };
        all.extend([next]);
        if is_last {
            break;
        }
    }
    Ok(all)
}

/// The function as it is meant; `None` if that is not known.
fn mended(function: TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    let Some(at) = parameters_at(&tokens) else {
        // `fn f {`
        let name = function_at(&tokens)? + 1;
        let TokenTree::Ident(_) = tokens.get(name)? else { return None };
        tokens.insert(name + 1, TokenTree::Group(Group::new(Delimiter::Parenthesis, quote!())));
        return Some(tokens.into_iter().collect());
    };
    let TokenTree::Group(parameters) = &tokens[at] else { return None };
    let mut given = Group::new(Delimiter::Parenthesis, in_parentheses(parameters.stream())?);
    given.set_span(parameters.span());
    tokens[at] = TokenTree::Group(given);
    let arrow = match (tokens.get(at + 1), tokens.get(at + 2)) {
        (Some(TokenTree::Punct(one)), Some(TokenTree::Punct(two)))
            if one.as_char() == '=' && two.as_char() == '>' =>
        {
            2
        }
        (Some(TokenTree::Punct(one)), _) if one.as_char() == ':' => 1,
        _ => 0,
    };
    if arrow > 0 {
        tokens.splice(at + 1..=at + arrow, quote!(->));
    }
    Some(tokens.into_iter().collect())
}

/// Where the word `fn` stands.
fn function_at(tokens: &[TokenTree]) -> Option<usize> {
    tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if *word == "fn"))
}

/// Where the parameters stand: in the first parentheses behind the generics.
fn parameters_at(tokens: &[TokenTree]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, function_at(tokens)?);
    loop {
        match tokens.get(at)? {
            TokenTree::Group(group) if depth == 0 => {
                return (group.delimiter() == Delimiter::Parenthesis).then_some(at);
            }
            token => angle(&mut depth, token, at.checked_sub(1).and_then(|at| tokens.get(at))),
        }
        at += 1;
    }
}

/// Counts how deep in `<…>` what follows is.
fn angle(depth: &mut usize, token: &TokenTree, before: Option<&TokenTree>) {
    let is = |token: Option<&TokenTree>, mark| matches!(token, Some(TokenTree::Punct(one)) if one.as_char() == mark);
    if is(Some(token), '<') {
        *depth += 1;
    } else if is(Some(token), '>') && !is(before, '-') && !is(before, '=') {
        *depth = depth.saturating_sub(1);
    }
}

/// The parameters as they are written; `x: f64 y: f64` are two.
fn each_parameter(parameters: TokenStream) -> Option<Vec<TokenStream>> {
    let tokens: Vec<TokenTree> = parameters.into_iter().collect();
    let mut all: Vec<Vec<TokenTree>> = vec![Vec::new()];
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        angle(&mut depth, token, at.checked_sub(1).map(|before| &tokens[before]));
        match token {
            TokenTree::Punct(mark) if depth == 0 && matches!(mark.as_char(), ',' | ';') => {
                all.push(Vec::new());
                continue;
            }
            TokenTree::Ident(_) if depth == 0 && begins(&tokens, at, all.last()?) => {
                all.push(Vec::new());
            }
            _ => {}
        }
        all.last_mut()?.push(token.clone());
    }
    // What is left open is the last one's.
    all.last_mut()?.extend(repeat_n(TokenTree::Punct(Punct::new('>', Spacing::Alone)), depth));
    let written = all.into_iter().filter(|parameter| !parameter.is_empty());
    Some(written.map(|parameter| parameter.into_iter().collect()).collect())
}

/// Whether a parameter begins with the name at a place behind one that has a type, without a comma between them.
fn begins(tokens: &[TokenTree], at: usize, written: &[TokenTree]) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':' && mark.spacing() == Spacing::Alone);
    let ends_a_type = match written.last() {
        Some(TokenTree::Ident(name)) => !["mut", "dyn", "impl"].iter().any(|word| name == word),
        Some(TokenTree::Group(_)) => true,
        Some(TokenTree::Punct(mark)) => mark.as_char() == '>',
        _ => false,
    };
    ends_a_type && is_colon(tokens.get(at + 1)) && written.iter().any(|token| is_colon(Some(token)))
}

/// The parameters as they are meant.
fn in_parentheses(parameters: TokenStream) -> Option<TokenStream> {
    let all = each_parameter(parameters)?.into_iter().map(|parameter| {
        match parse2::<FnArg>(parameter.clone()) {
            Ok(_) => Some(parameter),
            Err(_) => meant.parse2(parameter).ok(),
        }
    });
    let all: Vec<TokenStream> = all.collect::<Option<_>>()?;
    Some(quote!(#(#all),*))
}

/// `x: f64` of `x f64`, `f64 x` and `x: f64 = 1.0`.
fn meant(input: ParseStream<'_>) -> Result<TokenStream, Error> {
    let changed: Option<Token![mut]> = input.parse()?;
    let name: Ident = input.parse()?;
    let colon: Option<Token![:]> = input.parse()?;
    let ty: Type = input.parse()?;
    if colon.is_some() {
        input.parse::<Token![=]>()?;
        input.parse::<TokenStream>()?;
    }
    let is_a_type = crate::names_a_plain_type(&name);
    match &ty {
        Type::Path(path) if colon.is_none() && is_a_type && path.path.get_ident().is_some() => {
            Ok(quote!(#ty: #name))
        }
        _ => Ok(quote!(#changed #name: #ty)),
    }
}
