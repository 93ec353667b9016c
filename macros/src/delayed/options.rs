//! What stands in the parentheses of `#[delayed(…)]`.
//!
//! In: the tokens. Out: [`Options`], with their defaults where they are wrong, and all that is wrong. What a task's own options mean is the library's business: here they
//! become a constant, so that the compiler checks their types and values. Not here: those of an `impl` as a whole ([`super::methods`]).

use crate::near::nearest;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Path, Token, UnOp, parse_quote};

/// How a task is run.
const OF_TASKS: &[&str] = &["priority", "retries", "backoff", "timeout", "max_running"];
/// What will be.
const LATER: &[&str] = &["cache", "remote"];
const ACTING: &str = "`name = \"…\"`, `priority = n`, `retries = n`, `backoff = duration`, `timeout = duration`, `max_running = n`";

/// Functions of `Duration` that take one number.
const FROM: &[&str] =
    &["from_secs", "from_millis", "from_micros", "from_nanos", "from_mins", "from_hours"];
const NO_TIME: &str = "a `timeout` of zero leaves an attempt no time to run\n\
                       say how long one may take, `timeout = Duration::from_secs(2)`, or leave `timeout` out";

pub(super) struct Options {
    pub(super) name: Option<LitStr>,
    pub(super) krate: Path,
    /// The options of tasks that are given, and their values.
    said: Vec<(Ident, Expr)>,
}

/// What the attribute stands on.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum On {
    Function,
    Method,
}

impl Options {
    /// The options, with their defaults where they are wrong, and all that is wrong.
    pub(super) fn parse(tokens: TokenStream, on: On) -> (Options, Option<Error>) {
        let krate = parse_quote!(::taskweave);
        let mut options = Options { name: None, krate, said: Vec::new() };
        let mut mistakes: Option<Error> = None;
        let mut wrong = |error: Error| match &mut mistakes {
            Some(mistakes) => mistakes.combine(error),
            None => mistakes = Some(error),
        };
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                if let Err(error) = options.one(input, on) {
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
        if let Some((backoff, _)) = options.said("backoff")
            && options.said("retries").is_none()
        {
            let message = "`backoff` is the pause before a task is tried again, and this one is not\n\
                           say how often: `retries = 3`";
            wrong(Error::new(backoff.span(), message));
        }
        (options, mistakes)
    }

    fn one(&mut self, input: ParseStream, on: On) -> Result<(), Error> {
        let (option, span): (String, Span) = if input.peek(Token![crate]) {
            ("crate".into(), input.parse::<Token![crate]>()?.span)
        } else {
            if let Some(text) = input.parse::<Option<LitStr>>()? {
                let message =
                    format!("a task's name stands behind the word: `name = {}`", text.token());
                return Err(Error::new(text.span(), message));
            }
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
                    let message = "a task's `name` cannot be empty: errors and pictures call it so\n\
                        say what it is, `name = \"fit a model\"`, or leave `name` out: then it is the function's";
                    return Err(Error::new(name.span(), message));
                }
                if self.name.replace(name).is_some() {
                    return Err(Error::new(span, twice("name")));
                }
            }
            "crate" if on == On::Function => self.krate = path_to_ours(input)?,
            known if OF_TASKS.contains(&known) => self.of_task(input, known, span)?,
            known if LATER.contains(&known) => {
                let message = format!(
                    "the #[delayed] option `{known}` does not act yet in this version, so it is refused\n\
                     remove it; the options that act: {ACTING}"
                );
                return Err(Error::new(span, message));
            }
            unknown => return Err(Error::new(span, is_unknown(unknown, on))),
        }
        Ok(())
    }

    /// `retries = 3`
    fn of_task(&mut self, input: ParseStream, option: &str, span: Span) -> Result<(), Error> {
        let example = match option {
            "backoff" => "a pause: `backoff = Duration::from_millis(100)`",
            "timeout" => "a duration: `timeout = Duration::from_secs(2)`",
            "priority" => "a number: `priority = 10`",
            "retries" => "a number: `retries = 3`",
            _ => "a number: `max_running = 4`",
        };
        let given = |input: ParseStream| {
            input.parse::<Token![=]>()?;
            input.parse::<Expr>()
        };
        let value = given(input).map_err(|error| {
            // Behind the option, if nothing follows it.
            let span = if input.is_empty() { span } else { error.span() };
            Error::new(span, format!("`{option}` is {example}"))
        })?;
        if self.said(option).is_some() {
            return Err(Error::new(span, twice(option)));
        }
        if let Some(own) = own_type(value.to_token_stream()) {
            let message = format!(
                "`Self` means nothing in the value of `{option}`, which is a constant of its own\nwrite the type's name"
            );
            return Err(Error::new(own, message));
        }
        if is_of_another_kind(option, &value) {
            return Err(Error::new(value.span(), format!("`{option}` is {example}")));
        }
        if option == "max_running" && is_zero(&value) {
            let message = "with `max_running = 0` no task could ever run\n\
                           say how many may run at once, one or more, or leave `max_running` out";
            return Err(Error::new(value.span(), message));
        }
        if option == "timeout" && is_no_time(&value) {
            return Err(Error::new(value.span(), NO_TIME));
        }
        self.said.push((Ident::new(option, span), value));
        Ok(())
    }

    fn said(&self, option: &str) -> Option<&(Ident, Expr)> {
        self.said.iter().find(|(said, _)| said == option)
    }

    /// Whether something is said of how tasks are run.
    pub(super) fn say_something(&self) -> bool {
        !self.said.is_empty()
    }

    /// Whether a task may be tried again.
    pub(super) fn retry(&self) -> bool {
        self.said("retries").is_some()
    }

    /// `const OPTIONS: TaskOptions = …;`, each option at its value's span.
    pub(super) fn constant(&self, door: &TokenStream) -> Option<TokenStream> {
        if !self.say_something() {
            return None;
        }
        let mut limit = None;
        let said = self.said.iter().map(|(option, value)| {
            let span = value.span();
            // A value that only the compiler sees to be wrong is shown where it stands.
            let shown_there = crate::relocate(door, span);
            if option == "max_running" {
                let here = format_ident!("__LIMIT", span = Span::mixed_site());
                limit = Some(quote_spanned! {span=>
                    static #here: #door::Limit = #shown_there::Limit::new(#value);
                });
                return quote!(.within(&#here));
            }
            let set = Ident::new(&option.to_string(), span);
            if option == "timeout" {
                return quote_spanned!(span=> .#set(#shown_there::some_time(#value)));
            }
            quote_spanned!(span=> .#set(#value))
        });
        let said: TokenStream = said.collect();
        Some(quote! {
            const OPTIONS: #door::TaskOptions = {
                #limit
                // The compiler evaluates it also where nobody calls the function.
                const __GIVEN: #door::TaskOptions = #door::TaskOptions::new() #said;
                __GIVEN
            };
        })
    }
}

/// What stands in the parentheses. `#[delayed = "…"]` has none: that text is what the macro gets, and the compiler has spoken of it.
pub(super) fn in_parentheses(options: TokenStream) -> TokenStream {
    let mut tokens = options.clone().into_iter();
    let (Some(TokenTree::Literal(given)), None) = (tokens.next(), tokens.next()) else {
        return options;
    };
    let written = Span::call_site().source_text();
    let is_told = written.as_deref().is_some_and(|written| {
        let written = written.strip_suffix(']').unwrap_or(written).trim_end();
        let before = written.strip_suffix(given.to_string().as_str());
        before.is_some_and(|before| before.trim_end().ends_with('='))
    });
    if is_told { TokenStream::new() } else { options }
}

/// `= my_facade::taskweave`, behind `crate`.
pub(super) fn path_to_ours(input: ParseStream) -> Result<Path, Error> {
    let given = |input: ParseStream| {
        input.parse::<Token![=]>()?;
        input.call(Path::parse_mod_style)
    };
    given(input).map_err(|error| {
        let message = "`crate` is a path to taskweave: `#[delayed(crate = my_facade::taskweave)]`";
        Error::new(error.span(), message)
    })
}

pub(super) fn twice(option: &str) -> String {
    format!("`{option}` is given twice\nkeep one of them")
}

/// Where `Self` stands.
fn own_type(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => Some(ident.span()),
        TokenTree::Group(group) => own_type(group.stream()),
        _ => None,
    })
}

/// Whether it is plain that a value cannot be one of this option.
fn is_of_another_kind(option: &str, value: &Expr) -> bool {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => matches!(option, "backoff" | "timeout"),
        Expr::Lit(_) => true,
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), .. }) => option != "priority",
        _ => false,
    }
}

fn is_zero(value: &Expr) -> bool {
    let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = value else { return false };
    number.base10_digits() == "0"
}

/// `Duration::ZERO`, `Duration::from_secs(0)` and the like. What only the compiler can know it finds when it evaluates the constant.
fn is_no_time(value: &Expr) -> bool {
    let path = |path: &Path, of: &str| {
        let mut names = path.segments.iter().rev().map(|segment| &segment.ident);
        names.next().is_some_and(|last| last == of)
            && names.next().is_some_and(|ty| ty == "Duration")
    };
    match value {
        Expr::Path(zero) => path(&zero.path, "ZERO"),
        Expr::Call(call) => {
            let Expr::Path(from) = &*call.func else { return false };
            let from_zero = call.args.len() == 1 && call.args.first().is_some_and(is_zero);
            from_zero && FROM.iter().any(|from_unit| path(&from.path, from_unit))
        }
        _ => false,
    }
}

fn is_unknown(option: &str, on: On) -> String {
    let of_function = (on == On::Function).then_some("crate");
    let known: Vec<&str> =
        OF_TASKS.iter().chain(LATER).copied().chain(["name"]).chain(of_function).collect();
    let meant = nearest(option, &known)
        .map(|meant| format!("; did you mean `{meant}`?"))
        .unwrap_or_default();
    match on {
        On::Function => {
            format!(
                "unknown #[delayed] option `{option}`{meant}\nthe options that act: {ACTING}, `crate = path`"
            )
        }
        On::Method => format!(
            "#[delayed] on a method has no option `{option}`{meant}\n\
             it has {ACTING}; those of the whole `impl` are `trait` and `crate`"
        ),
    }
}
