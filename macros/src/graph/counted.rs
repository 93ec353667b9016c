//! A call with too many arguments, or too few: what the function's macro makes of it.
//!
//! In: `[crate] 2 kind how graph {path} {::<T>} {tasks} (arguments)`: how many there should be, of what kind the function is, and what the macro was told. Out: a call of the function itself, each argument behind
//! `Given`, all at the span of the argument, so that the compiler points at what the user wrote; and what is done with the handle (`?`, a tuple pattern).
//! A number with a comma for its dot has a message of its own.
//! The function is known to be delayed, the number to be wrong: there will be a message.
//!
//! Not here: the macros that count, and what `Given` is (the runtime's `counted`); methods of handles, whose arguments nobody counts.

use super::mistake;
use crate::relocate;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Token};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    parts(input)
        .unwrap_or_else(|| quote!(::core::compile_error!("this macro is private to `graph!`")))
}

fn parts(input: TokenStream) -> Option<TokenStream> {
    let mut tokens = input.into_iter();
    let krate = group(tokens.next())?.stream();
    let (parameters, kind) = (tokens.next()?.to_string(), tokens.next()?.to_string());
    let how = tokens.next()?.to_string();
    let builder = tokens.next()?;
    let [path, turbofish] = [group(tokens.next())?.stream(), group(tokens.next())?.stream()];
    let arguments = group(tokens.nth(1))?;
    let door = quote!(#krate::__private);
    let door_there = relocate(&door, arguments.span());
    let all = each(&arguments)?;
    // To remove an argument is no remedy there.
    let is_gather = parameters == "1" && kind == "__generic_task_call" && names_gather(&path);
    let gathered = is_gather && turbofish.is_empty() && all.len() > 1;
    let is_generic = kind.starts_with("__generic");
    let commas = if is_generic { None } else { commas_for_dots(&arguments, &all, &parameters) };
    let (message, mut handle) = if gathered {
        let written = all.iter().map(|(_, argument)| argument);
        let message = mistake(arguments.span(), ONE_CONTAINER);
        (Some(quote!(#message;)), quote!(#builder.add(#path::task((#(#written),*)))))
    } else {
        let (message, all) = match commas {
            Some((message, meant)) => (Some(message), meant),
            None => (None, all),
        };
        let given = all.iter().map(|(any_type, argument)| value(*any_type, argument));
        let mut given = Group::new(Delimiter::Parenthesis, quote!(#(#given),*));
        given.set_span(arguments.span());
        (message, quote!(#door_there::miscalled(&#builder, #path #turbofish #given)))
    };
    if how.starts_with("try") {
        handle = quote!(#handle.or_fail());
    }
    if how.ends_with("split") {
        handle = quote!(#door_there::unzip(#handle));
    }
    Some(quote!({
        #[allow(unused_imports)]
        use #door::{Anything as _, Given as __tw_given, Reference as _};
        #message
        #handle
    }))
}

const ONE_CONTAINER: &str = "`gather` takes one argument: a tuple, a vector or another container of handles\n\
    write a second pair of parentheses: `gather((a, b))`";

fn names_gather(path: &TokenStream) -> bool {
    path.clone().into_iter().last().is_some_and(|last| last.to_string() == "gather")
}

/// `half(1,5)`: where the number of arguments is right if each comma without a space between two integers is a dot, what to say, and the arguments that are meant,
/// each such number, and each integer, as one of any type.
fn commas_for_dots(
    arguments: &Group,
    all: &[(bool, TokenStream)],
    parameters: &str,
) -> Option<(TokenStream, Vec<(bool, TokenStream)>)> {
    let parameters: usize = parameters.parse().ok()?;
    let written = arguments.span().source_text().filter(|_| all.len() > parameters)?;
    let (mut meant, mut numbers, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some((any_type, argument)) = all.get(at) {
        let next = all.get(at + 1).map(|(_, next)| next);
        let rest = next.filter(|next| is_integer(next, false) && is_integer(argument, true));
        let number = rest.map(|rest| one_number(argument, ",", rest));
        match number.filter(|number| written.contains(number)) {
            Some(_) => {
                numbers.push(at);
                meant.push((true, argument.clone()));
                at += 2;
            }
            None => {
                // `add(1,2,3)`: which of them are one?
                let is_behind = numbers.last().is_some_and(|number| number + 2 == at);
                let chained = is_behind && is_integer(argument, false);
                let before = chained.then(|| one_number(&all[at - 1].1, ",", argument));
                if before.is_some_and(|before| written.contains(&before)) {
                    return None;
                }
                meant.push((*any_type || is_integer(argument, true), argument.clone()));
                at += 1;
            }
        }
    }
    let first = *numbers.first().filter(|_| meant.len() == parameters)?;
    let (argument, rest) = (&all[first].1, &all[first + 1].1);
    let thousands = rest.to_string().len() == 3;
    let marks: &[&str] = if thousands { &["_", "."] } else { &["."] };
    let numbers = marks.iter().map(|mark| format!("`{}`", one_number(argument, mark, rest)));
    let (comma, meant_number) =
        (one_number(argument, ",", rest), numbers.collect::<Vec<_>>().join(" or "));
    let (s, given) = (if parameters == 1 { "" } else { "s" }, all.len());
    let message = format!(
        "this function takes {parameters} argument{s} but {given} arguments were supplied\n\
         if `{comma}` is one number, write {meant_number}"
    );
    let error = Error::new_spanned(quote!(#argument #rest), message).into_compile_error();
    Some((error, meant))
}

fn one_number(argument: &TokenStream, mark: &str, rest: &TokenStream) -> String {
    let tokens = argument.clone().into_iter().map(|token| token.to_string());
    format!("{}{mark}{rest}", tokens.collect::<String>())
}

/// Whether it is digits alone, or such a number behind a minus.
fn is_integer(argument: &TokenStream, signed: bool) -> bool {
    let mut tokens = argument.clone().into_iter().peekable();
    let is_minus =
        |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '-');
    if signed {
        tokens.next_if(is_minus);
    }
    let number = tokens.next().map(|number| number.to_string()).unwrap_or_default();
    let is_digits = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    is_digits && tokens.next().is_none()
}

/// The arguments, which are in parentheses, or each in braces behind a word; with whether that says that any type may be meant.
fn each(arguments: &Group) -> Option<Vec<(bool, TokenStream)>> {
    if arguments.delimiter() == Delimiter::Bracket {
        let marked = arguments.stream().into_iter().map(|one| {
            let mut one = group(Some(one))?.stream().into_iter();
            Some((one.next()?.to_string() == "val", one.collect()))
        });
        return marked.collect();
    }
    let all = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(arguments.stream()).ok()?;
    Some(all.iter().map(|one| (false, one.to_token_stream())).collect())
}

/// An argument as a value of the parameter's type where its own is not known. It begins and ends where the argument does.
fn value(any_type: bool, argument: &TokenStream) -> TokenStream {
    let (first, last) = ends(argument).unwrap_or((Span::call_site(), Span::call_site()));
    let name = Ident::new("__tw_given", first);
    let given = match any_type {
        true => quote_spanned!(first=> (&#name(#argument))),
        false => quote_spanned!(first=> #name(#argument)),
    };
    let call = quote_spanned!(last=> ());
    quote_spanned!(first=> #given.value #call)
}

/// Where an argument begins and ends as it was written: what has become a call of its callee's macro has its arguments, its `?` and what stands before its `.` there.
fn ends(argument: &TokenStream) -> Option<(Span, Span)> {
    let tokens: Vec<TokenTree> = argument.clone().into_iter().collect();
    let through_a_macro = |at: usize| match tokens.get(at..at + 3)? {
        [TokenTree::Ident(name), _, TokenTree::Group(call)]
            if name.to_string().starts_with("__tw_") =>
        {
            macro_ends(name.span(), call)
        }
        _ => None,
    };
    let (first, last) = (tokens.first()?, tokens.last()?);
    let begin = through_a_macro(0).map_or(first.span(), |(begin, _)| begin);
    let behind = tokens.len().checked_sub(3).and_then(through_a_macro);
    let end = behind.map_or_else(
        || match last {
            TokenTree::Group(group) => group.span_close(),
            token => token.span(),
        },
        |(_, end)| end,
    );
    Some((begin, begin.located_at(end)))
}

fn macro_ends(callee: Span, call: &Group) -> Option<(Span, Span)> {
    let mut tokens = call.stream().into_iter();
    let how = tokens.nth(1)?;
    let word = how.to_string();
    let begin = match word.strip_prefix("handle_") {
        Some(_) => ends(&group(tokens.next())?.stream())?.0,
        None if word == "either" => return ends(&group(tokens.next())?.stream()),
        None => callee,
    };
    let end = match word.ends_with("try") {
        true => how.span(),
        false => group(tokens.last())?.span_close(),
    };
    Some((begin, end))
}

fn group(token: Option<TokenTree>) -> Option<Group> {
    match token {
        Some(TokenTree::Group(group)) => Some(group),
        _ => None,
    }
}
