//! What stands in the parentheses of `#[delayed(…)]`.

use crate::near::nearest;
use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, LitStr, Path, Token, parse_quote};

const ACTING: &str = "`name = \"…\"`, `crate = path`";
const KNOWN: &[&str] = &[
    "name",
    "crate",
    "retries",
    "backoff",
    "timeout",
    "priority",
    "max_running",
    "cache",
    "remote",
];

pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) krate: Path,
}

impl Options {
    /// The options, with their defaults where they are wrong, and all that is wrong.
    pub(super) fn parse(tokens: TokenStream) -> (Options, Option<Error>) {
        let mut options = Options { name: None, krate: parse_quote!(::taskweave) };
        let mut mistakes: Option<Error> = None;
        let mut wrong = |error: Error| match &mut mistakes {
            Some(mistakes) => mistakes.combine(error),
            None => mistakes = Some(error),
        };
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                if let Err(error) = options.one(input) {
                    wrong(error);
                    // What follows a mistake is not worth a message of its own.
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<proc_macro2::TokenTree>()?;
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            wrong(error);
        }
        (options, mistakes)
    }

    fn one(&mut self, input: ParseStream) -> Result<(), Error> {
        let (option, span): (String, Span) = if input.peek(Token![crate]) {
            ("crate".into(), input.parse::<Token![crate]>()?.span)
        } else {
            let option: Ident = input.parse()?;
            (option.to_string(), option.span())
        };
        match option.as_str() {
            "name" => {
                let given = |input: ParseStream| {
                    input.parse::<Token![=]>()?;
                    input.parse::<LitStr>()
                };
                let name = given(input).map_err(|error| {
                    Error::new(
                        error.span(),
                        "`name` is a text: `#[delayed(name = \"fit a model\")]`",
                    )
                })?;
                if name.value().trim().is_empty() {
                    return Err(Error::new(name.span(), "a task's name cannot be empty"));
                }
                if self.name.replace(name).is_some() {
                    return Err(Error::new(span, "`name` is given twice"));
                }
            }
            "crate" => {
                let given = |input: ParseStream| {
                    input.parse::<Token![=]>()?;
                    input.call(Path::parse_mod_style)
                };
                self.krate = given(input).map_err(|error| {
                    Error::new(error.span(), "`crate` is a path to taskweave: `#[delayed(crate = my_facade::taskweave)]`")
                })?;
            }
            known if KNOWN.contains(&known) => {
                if input.peek(Token![=]) {
                    input.parse::<Token![=]>()?;
                    input.parse::<Expr>()?;
                }
                let message = format!(
                    "the #[delayed] option `{known}` does not act yet in this version, so it is refused\n\
                     remove it; the options that act: {ACTING}"
                );
                return Err(Error::new(span, message));
            }
            unknown => {
                let meant = nearest(unknown, KNOWN)
                    .map(|meant| format!("; did you mean `{meant}`?"))
                    .unwrap_or_default();
                let message = format!(
                    "unknown #[delayed] option `{unknown}`{meant}\nthe options that act: {ACTING}"
                );
                return Err(Error::new(span, message));
            }
        }
        Ok(())
    }
}
