//! Parses the block; where a statement is broken, the others are still there to be checked.
//!
//! In: the block's tokens. Out: its statements, each broken one replaced by its error, and what is lost with them. The error stands where the
//! value would: a `let` keeps its names, a broken last expression is still the block's value. It is of any type, so what uses it is not wrong
//! a second time. Where only a block inside of a statement is broken, what is around that block stays.
//!
//! ```text
//! for x in xs { f(x); }     sound
//! let y = 3 + ;             -> let y = { error };
//! g(y)                      sound
//! ```
//! A broken statement ends behind its `;`; behind the `}` of a loop, an `if`, a `match` or an item; and where the `;` is missing, before a word
//! that begins a statement. Not here: the rules of `graph!`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Block, Error, Expr, Pat, Result, Stmt, Token, braced};

/// What is no longer there.
#[derive(Clone, Copy, Default)]
pub(super) struct Lost {
    /// Whether anything is.
    pub(super) any: bool,
    /// Whether there was an `.await` in it.
    pub(super) awaits: bool,
}

impl Lost {
    fn add(&mut self, other: Lost) {
        self.any |= other.any;
        self.awaits |= other.awaits;
    }
}

/// The statements of a block, and what of it is lost.
pub(super) fn statements(tokens: TokenStream) -> (Vec<Stmt>, Lost) {
    let mut lost = Lost::default();
    if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
        return (statements, lost);
    }
    let end = tokens.clone().into_iter().last();
    let mut block = Group::new(Delimiter::Brace, tokens);
    // What is missing at the end is missing behind the last token.
    block.set_span(end.map_or_else(Span::call_site, |token| token.span()));
    (within(block, &mut lost), lost)
}

/// The statements in braces.
fn within(block: Group, lost: &mut Lost) -> Vec<Stmt> {
    let parser = |input: ParseStream<'_>| {
        let content;
        braced!(content in input);
        recovered(&content, lost)
    };
    parser.parse2(TokenTree::Group(block).into()).unwrap_or_default()
}

fn recovered(input: ParseStream<'_>, lost: &mut Lost) -> Result<Vec<Stmt>> {
    let mut statements = Vec::new();
    while !input.is_empty() {
        if let semi @ Some(_) = input.parse::<Option<Token![;]>>()? {
            statements.push(Stmt::Expr(Expr::Verbatim(TokenStream::new()), semi));
            continue;
        }
        let ahead = input.fork();
        if let Ok(statement) = ahead.parse() {
            input.advance_to(&ahead);
            statements.push(statement);
            continue;
        }
        // It is broken, or the last expression.
        let ahead = input.fork();
        match ahead.call(Block::parse_within) {
            Ok(rest) => {
                input.advance_to(&ahead);
                statements.extend(rest);
            }
            Err(error) => {
                let rest: TokenStream = input.fork().parse()?;
                let many = length(&Vec::from_iter(rest));
                let broken = (0..many).map(|_| input.parse()).collect::<Result<Vec<_>>>()?;
                statements.extend(mended(&broken, &error, lost));
            }
        }
    }
    Ok(statements)
}

/// What stands for a broken statement. Perhaps only a block inside is broken; else it is its error, which keeps the names that it binds.
fn mended(broken: &[TokenTree], error: &Error, lost: &mut Lost) -> Vec<Stmt> {
    let mut inside = Lost::default();
    let tried = blocks_mended(broken, &mut inside);
    if inside.any
        && let Ok(statements) = Block::parse_within.parse2(tried)
    {
        lost.add(inside);
        return statements;
    }
    lost.add(Lost { any: true, awaits: awaits(broken) });
    let error = error.to_compile_error();
    let error = Stmt::Expr(Expr::Verbatim(quote!({ #error })), None);
    if let Some(name) = broken_function(broken) {
        // A value of any type: what is called by that name is not wrong as well.
        return Block::parse_within.parse2(quote!(let #name = #error;)).unwrap_or(vec![error]);
    }
    let Some(pattern) = bound(broken) else { return vec![error] };
    if let Some((mut whole, rest)) = unended(broken) {
        whole.push(error);
        whole.extend(rest);
        return whole;
    }
    let Ok(mut bound) = Block::parse_within.parse2(quote!(let #pattern = #error;)) else {
        return vec![error];
    };
    if !broken.last().is_some_and(|end| is(end, ';')) {
        // It is the last one, where the block's value would stand.
        bound.push(error);
    }
    bound
}

/// A `let` that lacks no more than its `;`, and what stands behind that.
fn unended(broken: &[TokenTree]) -> Option<(Vec<Stmt>, Vec<Stmt>)> {
    let ends = (1..=broken.len()).rev();
    let mut ends = ends.filter(|&end| {
        !matches!(broken.get(end), Some(TokenTree::Punct(_))) && !ends_in_a_tuple(&broken[..end])
    });
    ends.find_map(|end| {
        let (whole, rest) = broken.split_at(end);
        let whole = Block::parse_within.parse2(quote!(#(#whole)* ;)).ok()?;
        let next = rest.first();
        let rest = Block::parse_within.parse2(quote!(#(#rest)*)).ok()?;
        let ends_its_line = next.is_none_or(|next| begins_a_line(&broken[end - 1], next));
        (ends_its_line && is_whole(&whole)).then_some((whole, rest))
    })
}

/// Whether what looks like the arguments of what a call gives is a tuple on the next line.
fn ends_in_a_tuple(tokens: &[TokenTree]) -> bool {
    let in_parentheses = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    matches!(tokens, [.., call, tuple] if in_parentheses(call) && in_parentheses(tuple) && begins_a_line(call, tuple))
}

/// Whether it is one `let`, which says more than names.
fn is_whole(statements: &[Stmt]) -> bool {
    let [Stmt::Local(local)] = statements else { return false };
    local.init.is_some() || matches!(local.pat, Pat::Type(_))
}

/// Whether `next` stands on a line behind that of `last`; where there are no lines (in the tests below), it does.
fn begins_a_line(last: &TokenTree, next: &TokenTree) -> bool {
    !proc_macro::is_available()
        || last.span().unwrap().end().line() < next.span().unwrap().start().line()
}

/// The tokens, what is broken in their blocks mended.
fn blocks_mended(tokens: &[TokenTree], lost: &mut Lost) -> TokenStream {
    let mut braces = Braces::default();
    let mended = tokens.iter().enumerate().map(|(at, token)| {
        let holds = braces.reads(tokens, at);
        let TokenTree::Group(group) = token else { return token.clone() };
        let mut inside = Lost::default();
        let stream = match holds {
            _ if is_of_a_macro(tokens, at) => return token.clone(),
            Some(Holds::Block) if Block::parse_within.parse2(group.stream()).is_ok() => {
                return token.clone();
            }
            Some(Holds::Block) => {
                let statements = within(group.clone(), &mut inside);
                quote!(#(#statements)*)
            }
            Some(Holds::Other) | None => {
                blocks_mended(&Vec::from_iter(group.stream()), &mut inside)
            }
        };
        if !inside.any {
            return token.clone();
        }
        lost.add(inside);
        let mut group = Group::new(group.delimiter(), stream);
        group.set_span(token.span());
        TokenTree::Group(group)
    });
    mended.collect()
}

/// How many tokens a broken statement has.
fn length(tokens: &[TokenTree]) -> usize {
    let begins = start(tokens);
    let is_like_a_block = is_like_a_block(&tokens[begins..]);
    let mut braces = Braces::default();
    for (at, token) in tokens.iter().enumerate() {
        if at > begins && begins_a_statement(&tokens[..at], token) {
            return at;
        }
        let holds = braces.reads(tokens, at);
        let goes_on = tokens.get(at + 1).is_some_and(|next| {
            is(next, '.')
                || is(next, '?')
                || is(next, '=')
                || ["else", "in"].iter().any(|w| word(next, w))
        });
        let ends = is_like_a_block && holds.is_some() && braces.0.is_empty() && !goes_on;
        if ends || is(token, ';') {
            return at + 1;
        }
    }
    tokens.len()
}

/// Where a statement begins behind its attributes and its label.
fn start(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while tokens.get(at).is_some_and(|token| is(token, '#')) {
        at += 2;
    }
    if tokens.get(at).is_some_and(|token| is(token, '\'')) {
        at += 3;
    }
    at.min(tokens.len())
}

/// Whether a statement that begins so ends with braces.
fn is_like_a_block(tokens: &[TokenTree]) -> bool {
    const WORDS: &[&str] = &[
        "for",
        "while",
        "loop",
        "if",
        "match",
        "unsafe",
        "fn",
        "struct",
        "enum",
        "impl",
        "trait",
        "mod",
        "pub",
        "macro_rules",
    ];
    match tokens.first() {
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(first) => WORDS.iter().any(|known| word(first, known)),
        None => false,
    }
}

/// Whether `token`, behind these, can only begin another statement: the `;` before it is missing.
fn begins_a_statement(before: &[TokenTree], token: &TokenTree) -> bool {
    const WORDS: &[&str] =
        &["let", "for", "while", "loop", "if", "match", "return", "break", "continue"];
    // Behind these there is no value yet.
    const OPEN: &[&str] = &[
        "as", "async", "await", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let",
        "loop", "match", "move", "mut", "ref", "return", "unsafe", "where", "while",
    ];
    let has_value = match before.last() {
        Some(TokenTree::Ident(last)) => !OPEN.iter().any(|open| last == open),
        Some(TokenTree::Punct(last)) => last.as_char() == '?',
        Some(_) => true,
        None => false,
    };
    let is_impl = || word(token, "for") && before.iter().any(|token| word(token, "impl"));
    has_value && WORDS.iter().any(|known| word(token, known)) && !is_impl()
}

/// What a pair of braces holds.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Block,
    /// Arms, fields, or what a macro makes of it.
    Other,
}

/// What the braces will hold that are still to come, by the words before them.
#[derive(Default)]
struct Braces(Vec<Holds>);

impl Braces {
    /// Reads one token after the other; what it holds, if it is a pair of braces.
    fn reads(&mut self, tokens: &[TokenTree], at: usize) -> Option<Holds> {
        let next = tokens.get(at + 1);
        match &tokens[at] {
            TokenTree::Ident(word_here) => {
                let holds = match word_here.to_string().as_str() {
                    "match" => Holds::Other,
                    "if" | "while" | "for" | "loop" | "unsafe" | "fn" => Holds::Block,
                    "else" if !next.is_some_and(|next| word(next, "if")) => Holds::Block,
                    _ => return None,
                };
                self.0.push(holds);
                None
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                // A pattern's.
                if next.is_some_and(|next| is(next, '=') || word(next, "in")) {
                    return Some(Holds::Other);
                }
                Some(self.0.pop().unwrap_or_else(|| holds_behind(&tokens[..at])))
            }
            _ => None,
        }
    }
}

/// What braces hold that no word has announced.
fn holds_behind(before: &[TokenTree]) -> Holds {
    let is_block = match before {
        [] => true,
        [.., arrow, TokenTree::Punct(last)] if last.as_char() == '>' => is(arrow, '='),
        [.., TokenTree::Punct(last)] => last.as_char() != '!',
        [.., last] => {
            ["async", "move", "const", "return", "break"].iter().any(|known| word(last, known))
        }
    };
    if is_block { Holds::Block } else { Holds::Other }
}

/// Whether the token at `at` is what a macro is given.
fn is_of_a_macro(tokens: &[TokenTree], at: usize) -> bool {
    match &tokens[..at] {
        [.., TokenTree::Ident(name), bang] if is(bang, '!') => {
            !["if", "while", "match", "return", "in"].iter().any(|word| name == word)
        }
        _ => false,
    }
}

/// The pattern of `let pattern = …`, or what comes nearest to it. A type is left away: the error has none.
fn bound(broken: &[TokenTree]) -> Option<TokenStream> {
    let rest = broken.get(start(broken)..)?;
    let (_, rest) = rest.split_first().filter(|(first, _)| word(first, "let"))?;
    let is_colon = |at: usize| rest.get(at).is_some_and(|token| is(token, ':'));
    let ends = |at: &usize| {
        let of_a_path = is_colon(at + 1) || (*at > 0 && is_colon(at - 1));
        is(&rest[*at], '=') || is(&rest[*at], ';') || (is_colon(*at) && !of_a_path)
    };
    let end = (0..rest.len()).find(ends).unwrap_or(rest.len());
    let pattern = |end: usize| {
        let pattern: TokenStream = rest[..end].iter().cloned().collect();
        Pat::parse_single.parse2(pattern.clone()).is_ok().then_some(pattern)
    };
    let has_value = rest.get(end).is_some_and(|end| !is(end, ';'));
    let nearest = || {
        // Without a `=` the value begins where the pattern ends.
        if !has_value && let pattern @ Some(_) = (1..end).rev().find_map(pattern) {
            return pattern;
        }
        let mut names = Vec::new();
        names_of(&rest[..end], &mut names);
        (!names.is_empty()).then(|| quote!((#(#names,)*)))
    };
    pattern(end).or_else(nearest)
}

/// The names in what should be a pattern; once each.
fn names_of(tokens: &[TokenTree], names: &mut Vec<Ident>) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => names_of(&Vec::from_iter(group.stream()), names),
            TokenTree::Ident(name) => {
                let next = tokens.get(at + 1);
                let calls = matches!(next, Some(TokenTree::Group(_)));
                let of_a_path = next.is_some_and(|next| is(next, ':') || is(next, '!'));
                let is_name = name.to_string().starts_with(|c: char| c.is_lowercase())
                    && syn::parse2::<Ident>(token.clone().into()).is_ok();
                if is_name && !calls && !of_a_path && !names.contains(name) {
                    names.push(name.clone());
                }
            }
            _ => {}
        }
    }
}

/// The name of a function whose signature is broken.
fn broken_function(broken: &[TokenTree]) -> Option<TokenTree> {
    let rest = broken.get(start(broken)..)?;
    let at = rest.iter().position(|token| word(token, "fn"))?;
    // Before it stand `pub(crate)`, `const` and the like.
    let begins = rest[..at].iter().all(|token| match token {
        TokenTree::Ident(word) => {
            ["pub", "const", "async", "unsafe", "extern"].iter().any(|known| word == known)
        }
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    });
    rest.get(at + 1).filter(|name| begins && matches!(name, TokenTree::Ident(_))).cloned()
}

/// Whether there is an `.await` in it.
fn awaits(tokens: &[TokenTree]) -> bool {
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => awaits(&Vec::from_iter(group.stream())),
        token => word(token, "await") && at > 0 && is(&tokens[at - 1], '.'),
    })
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    /// The statements, `broken` where an error stands; and whether an `.await` is lost.
    fn recovered(text: &str) -> (String, bool) {
        fn plain(tokens: TokenStream) -> TokenStream {
            let is_error = |group: &Group| group.stream().to_string().contains("compile_error");
            tokens
                .into_iter()
                .map(|token| match token {
                    TokenTree::Group(group) if is_error(&group) => {
                        let first = group.stream().into_iter().next();
                        match first.is_some_and(|first| is(&first, ':')) {
                            true => quote!(broken),
                            false => {
                                let inside = plain(group.stream());
                                TokenTree::Group(Group::new(group.delimiter(), inside)).into()
                            }
                        }
                    }
                    token => token.into(),
                })
                .collect()
        }
        let (statements, lost) = statements(text.parse().expect("tokens"));
        let all: TokenStream = statements.iter().map(ToTokens::to_token_stream).collect();
        (plain(all).to_string(), lost.awaits)
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let expected: TokenStream = expected.parse().expect("tokens");
        assert_eq!(recovered(text).0, expected.to_string(), "{text}");
    }

    #[test]
    fn what_is_broken_goes_alone() {
        check("let a = f(1); a", "let a = f(1); a");
        check(
            "let a = f(1); let b = 3 + ; let c = g(a); c",
            "let a = f(1); let b = broken; let c = g(a); c",
        );
        check(
            "for x in xs { f(x); } let y = 3 + ; g(y)",
            "for x in xs { f(x); } let y = broken; g(y)",
        );
        check("if a { b } else { c } let y = 3 + ; y", "if a { b } else { c } let y = broken; y");
        check("match a { _ => {} } y += ; z", "match a { _ => {} } broken z");
        check("f(a; b); c", "broken c");
        check("; ; let y: Vec<f64> = [1 2]; y", "; ; let y = broken; y");
        check("#[allow(x)] let (a, mut b) = + ; a", "let (a, mut b) = broken; a");
        check("let path::Of(a) = 1 + ; a", "let path::Of(a) = broken; a");
        check("let 3 = + ; a", "let 3 = broken; a");
        check("let = 3; a", "broken a");
    }

    #[test]
    fn a_broken_pattern_keeps_its_names() {
        check("let a b = f(1); a", "let (a, b,) = broken; a");
        check("let (a, , b) = f(1); a", "let (a, b,) = broken; a");
        check("let let a = f(1); a", "let (a,) = broken; a");
        check("let a mut = f(1); a", "let (a,) = broken; a");
        check("let Some(q) f(1) else { g(2) }; q", "let Some(q) = broken; q");
        check("let P { a b } = f(1); b", "let (a, b,) = broken; b");
        check("fn f(x f64) -> f64 { x } f(1.0)", "let f = broken; f(1.0)");
        check("pub(crate) fn f(x: ) { x } f(1.0)", "let f = broken; f(1.0)");
    }

    #[test]
    fn a_broken_last_expression_is_still_one() {
        check("let a = f(1); a +", "let a = f(1); broken");
        check("a.", "broken");
        check("if a { b + } else { c }", "if a { broken } else { c }");
        check("let a = f(1)", "let a = f(1); broken");
        check("let a = f(1) +", "let a = broken; broken");
    }

    #[test]
    fn what_is_around_a_broken_block_stays() {
        check("for x in xs { let y = 3 + ; f(y); } z", "for x in xs { let y = broken; f(y); } z");
        check(
            "if a { b + } else if c { + } else { d } z",
            "if a { broken } else if c { broken } else { d } z",
        );
        check(
            "let y = match a { A { n } => { n + } _ => b }; y",
            "let y = match a { A { n } => { broken } _ => b }; y",
        );
        check(
            "let y = xs.map(|x| { let z = x + ; z }); y",
            "let y = xs.map(|x| { let z = broken; z }); y",
        );
        check("fn f(x: f64) -> f64 { x + } f(1.0)", "fn f(x: f64) -> f64 { broken } f(1.0)");
        check("if let P { a } = p { a + } z", "if let P { a } = p { broken } z");
        // A field, arms, and what a macro is given are no statements.
        check("let y = P { a: + }; y", "let y = broken; y");
        check("let y = match a { A => + }; y", "let y = broken; y");
        check("let y = m!{ + } + ; y", "let y = broken; y");
        check("for x in 3 + { f(x); } z", "broken z");
    }

    #[test]
    fn a_missing_semicolon_is_all_that_is_missing() {
        check("let a = f(1) let b = g(a); b", "let a = f(1); broken let b = g(a); b");
        check("let a = f(1) for x in a { } b", "let a = f(1); broken for x in a { } b");
        check("f(1) if a { b } c", "broken if a { b } c");
        check("let a = f(1) g(a, 2)", "let a = f(1); broken g(a, 2)");
        check("let a = f(1) g(a); b", "let a = f(1); broken g(a); b");
        check("let a = b c d; a", "let a = broken; a");
        check("let a = f(1) 2.0 +; a", "let a = broken; a");
        check(
            "let a = if b { 1 } else { 2 } let c = a; c",
            "let a = if b { 1 } else { 2 }; broken let c = a; c",
        );
        check("impl A for B { + } c", "broken c");
    }

    #[test]
    fn an_await_that_is_lost_is_known() {
        assert!(recovered("let a = f(x.await + ); a").1);
        assert!(!recovered("let a = f(await + ); a.await").1);
        assert!(!recovered("for x in xs { let y = 3 + ; z.await; }").1);
    }
}
