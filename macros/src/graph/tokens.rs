//! Macros inside the block: the arguments of the standard library's are expressions, and rewritten; what looks like a call inside any
//! other would silently stay one, so it is a mistake.

use super::mistake;
use super::rewrite::Rewrite;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Error, Expr, ExprLit, ExprMacro, Lit, Macro, Pat, Token};

/// Standard macros whose arguments are ordinary expressions.
const EXPRESSION_MACROS: &[&str] = &[
    "vec",
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "write",
    "writeln",
];

/// Standard macros in which what looks like a call is none.
const NO_CALLS: &[&str] = &[
    "cfg",
    "cfg_select",
    "concat",
    "env",
    "option_env",
    "stringify",
    "include",
    "include_str",
    "include_bytes",
    "compile_error",
    "file",
    "line",
    "column",
    "module_path",
    "macro_rules",
    "offset_of",
    "addr_of",
    "addr_of_mut",
];

/// Those that show their arguments.
const PRINTS: &[&str] = &[
    "println",
    "print",
    "eprintln",
    "eprint",
    "format",
    "dbg",
    "panic",
    "write",
    "writeln",
    "assert_eq",
    "assert_ne",
    "debug_assert_eq",
    "debug_assert_ne",
];

/// Those that decide on their arguments.
const ASSERTS: &[&str] =
    &["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne"];

/// The name of a macro.
fn name(call: &Macro) -> String {
    call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

impl Rewrite {
    /// A macro where an expression stands; what takes its place, if it can't stay.
    pub(super) fn macro_expression(&mut self, call: &mut ExprMacro) -> Option<Expr> {
        let name = name(&call.mac);
        if EXPRESSION_MACROS.contains(&name.as_str())
            && let fields = self.fields_in(&call.mac)
            && !fields.is_empty()
        {
            let mut whole = call.clone();
            self.macro_call(&mut whole.mac);
            return self.both_fields(&fields, &Expr::Macro(whole));
        }
        if PRINTS.contains(&name.as_str())
            && let Some(message) = self.prints_outputs(&call.mac)
        {
            return Some(message);
        }
        if ASSERTS.contains(&name.as_str())
            && let Some(rewritten) = self.asserts(call)
        {
            return Some(rewritten);
        }
        if name == "matches"
            && let Some(rewritten) = self.matches(&call.mac)
        {
            return Some(rewritten);
        }
        if name == "dbg"
            && let Some(rewritten) = self.dbg(&call.mac)
        {
            return Some(rewritten);
        }
        if EXPRESSION_MACROS.contains(&name.as_str())
            && let Some(message) = self.lacks_a_comma(&call.mac)
        {
            return Some(message);
        }
        self.macro_call(&mut call.mac);
        None
    }

    /// A macro that takes expressions and is given two without a comma between them: a message in its place.
    fn lacks_a_comma(&mut self, call: &Macro) -> Option<Expr> {
        let mut missing = None;
        let parser = |input: ParseStream| {
            let mut arguments = Vec::new();
            while !input.is_empty() {
                arguments.push(input.parse::<Expr>()?);
                if !input.is_empty()
                    && !input.peek(Token![;])
                    && input.parse::<Option<Token![,]>>()?.is_none()
                {
                    missing.get_or_insert(input.span());
                }
            }
            Ok(arguments)
        };
        let arguments = parser.parse2(call.tokens.clone()).ok()?;
        let missing = missing?;
        // They are walked through all the same, for what they use and whether they wait.
        for mut argument in arguments {
            self.visit_expr_mut(&mut argument);
        }
        Some(self.mistake_at(missing, "expected `,`"))
    }

    /// A macro anywhere.
    pub(super) fn macro_call(&mut self, call: &mut Macro) {
        let name = name(call);
        if EXPRESSION_MACROS.contains(&name.as_str()) && self.expressions(call, &name) {
            return;
        }
        // They expand by themselves, or take no expressions.
        if matches!(name.as_str(), "graph" | "static_graph") || NO_CALLS.contains(&name.as_str()) {
            return;
        }
        if let Some(callee) = first_call(call.tokens.clone()) {
            self.mistakes.push(Error::new(
                callee.span(),
                format!(
                    "graph! cannot see into `{name}!`, so it cannot tell whether `{callee}(..)` should become a task\n\
                     bind it with `let` before the macro, or write `({callee})(..)` for a plain call"
                ),
            ));
        }
    }

    /// Rewrites the arguments of a macro that takes expressions; false if these are not.
    fn expressions(&mut self, call: &mut Macro, name: &str) -> bool {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(mut arguments) = list.parse2(call.tokens.clone()) {
            let written = arguments.first().map(|first| first.to_token_stream().to_string());
            let prints = PRINTS.contains(&name);
            let as_written = as_written(name, &arguments);
            for argument in &mut arguments {
                // In `format!("{x}", x = f())` the assignment is the macro's.
                let argument = match argument {
                    Expr::Assign(named) => &mut *named.right,
                    argument => argument,
                };
                let chain = argument.clone();
                self.visit_expr_mut(argument);
                if prints
                    && let Some(shown) = self.printed(&chain, argument, (name, Some(&as_written)))
                {
                    *argument = shown;
                }
            }
            // `assert!(f(x))` shows what it was given, which is no longer what the user wrote.
            if matches!(name, "assert" | "debug_assert")
                && arguments.len() == 1
                && let Some(written) = written
            {
                let shown = format!("assertion failed: {written}");
                arguments.push(syn::parse_quote!("{}"));
                arguments.push(syn::parse_quote!(#shown));
            }
            call.tokens = arguments.into_token_stream();
            return true;
        }
        let repeat = |input: ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((value, input.parse::<Expr>()?))
        };
        if let Ok((mut value, mut count)) = repeat.parse2(call.tokens.clone()) {
            self.visit_expr_mut(&mut value);
            self.visit_expr_mut(&mut count);
            call.tokens = quote!(#value; #count);
            return true;
        }
        false
    }

    /// `println!("{x}")` where `x` is a handle, or `println!("{} {}", x, y)` where both are: one message in its place.
    fn prints_outputs(&mut self, call: &Macro) -> Option<Expr> {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let arguments = list.parse2(call.tokens.clone()).ok()?;
        let text = arguments.iter().find_map(|argument| match argument {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
            _ => None,
        });
        // Of what these compare they speak themselves.
        let asserts = ASSERTS.contains(&&*name(call));
        let mut given = Vec::new();
        let mut outputs = Vec::new();
        for argument in &arguments {
            let shown = match argument {
                Expr::Assign(named) => {
                    given.push(named.left.to_token_stream().to_string());
                    &*named.right
                }
                argument => argument,
            };
            if !asserts && self.outputs_in(shown).is_some() {
                outputs.push(shown.clone());
            }
        }
        let mut names = text.as_ref().map(|text| names_in(&text.value())).unwrap_or_default();
        names.retain(|name| !given.contains(name) && self.is_a_handle(name));
        // One argument has its message in its own place.
        if names.is_empty() && outputs.len() < 2 {
            return None;
        }
        let by_name = names.iter().filter_map(|name| {
            let mut ident = syn::parse_str::<Ident>(name).ok()?;
            ident.set_span(text.as_ref()?.span());
            Some(syn::parse_quote!(#ident))
        });
        let outputs: Vec<Expr> = by_name.chain(outputs).collect();
        let name = name(call);
        let as_written = as_written(&name, &arguments);
        let alone = (outputs.len() == 1).then_some(&*as_written);
        let mut rewritten = call.clone();
        self.macro_call(&mut rewritten);
        let mut whole = Expr::Macro(ExprMacro { attrs: Vec::new(), mac: rewritten });
        let mut any = false;
        for output in outputs.iter().rev() {
            if let Some(message) = self.printed(output, &whole, (&name, alone)) {
                (whole, any) = (message, true);
            }
        }
        any.then_some(whole)
    }

    /// Whether a name holds a task's output, or some, as far as the syntax says so.
    fn is_a_handle(&mut self, name: &str) -> bool {
        syn::parse_str::<Ident>(name)
            .is_ok_and(|name| self.outputs_in(&syn::parse_quote!(#name)).is_some())
    }

    /// `assert!(x > 0.0)`, `assert_eq!(x, y)` of handles: one message in the place of the macro.
    fn asserts(&mut self, call: &ExprMacro) -> Option<Expr> {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let arguments = list.parse2(call.mac.tokens.clone()).ok()?;
        let compared = if name(&call.mac).ends_with("assert") { 1 } else { 2 };
        let mut leaves = Vec::new();
        arguments.iter().take(compared).for_each(|argument| decided(argument, &mut leaves));
        let mut leaves = leaves.into_iter();
        let one = leaves.clone().find(|leaf| self.unready_output(leaf).is_some());
        let chain = one.or_else(|| leaves.find(|leaf| self.outputs_in(leaf).is_some()))?.clone();
        let mut whole = call.clone();
        self.macro_call(&mut whole.mac);
        self.asserted(&chain, &Expr::Macro(whole))
    }

    /// `matches!(value, pattern if guard)`
    fn matches(&mut self, call: &Macro) -> Option<Expr> {
        let parser = |input: ParseStream| {
            let value: Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pattern = Pat::parse_multi_with_leading_vert(input)?;
            let guard = match input.parse::<Option<Token![if]>>()? {
                Some(_) => Some(input.parse::<Expr>()?),
                None => None,
            };
            input.parse::<Option<Token![,]>>()?;
            Ok((value, pattern, guard))
        };
        let (value, pattern, guard) = parser.parse2(call.tokens.clone()).ok()?;
        let guard = guard.map(|guard| quote!(if #guard));
        let mut rewritten: Expr = syn::parse_quote! {
            match #value { #pattern #guard => true, _ => false }
        };
        self.visit_expr_mut(&mut rewritten);
        Some(Expr::Verbatim(quote!({ #[allow(clippy::match_like_matches_macro)] { #rewritten } })))
    }

    /// `dbg!(f(x))` shows what it was given, which would not be what the user wrote.
    fn dbg(&mut self, call: &Macro) -> Option<Expr> {
        let value: Expr = syn::parse2(call.tokens.clone()).ok()?;
        let mut rewritten = value.clone();
        self.visit_expr_mut(&mut rewritten);
        if rewritten.to_token_stream().to_string() == value.to_token_stream().to_string() {
            return None;
        }
        if let Some(message) = self.printed(&value, &rewritten, ("dbg", None)) {
            rewritten = message;
        }
        let text = value.to_token_stream().to_string();
        let shown = Ident::new("value", proc_macro2::Span::mixed_site());
        Some(Expr::Verbatim(quote! {
            match #rewritten {
                #shown => {
                    ::std::eprintln!(
                        "[{}:{}:{}] {} = {:#?}",
                        ::core::file!(), ::core::line!(), ::core::column!(), #text, &#shown
                    );
                    #shown
                }
            }
        }))
    }

    /// A message where an expression stands.
    pub(super) fn mistake_at(&self, span: proc_macro2::Span, message: &str) -> Expr {
        Expr::Verbatim(mistake(span, message))
    }
}

/// A macro as it is written, in one line.
fn as_written(name: &str, arguments: &Punctuated<Expr, Token![,]>) -> String {
    let arguments: Vec<_> = arguments.iter().map(|one| one.to_token_stream().to_string()).collect();
    format!("{name}!({})", arguments.join(", "))
}

/// The names that a format string captures: `{name}`, and the width and precision in `{:width$.precision$}`.
pub(crate) fn names_in(format: &str) -> Vec<String> {
    let in_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = Vec::new();
    let text = format.replace("{{", "").replace("}}", "");
    for part in text.split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        let (shown, how) = inside.split_once(':').unwrap_or((inside, ""));
        names.extend(shown.split(|c| !in_name(c)).next());
        // What stands before each `$`; a `0` before it is no part of it.
        let (counts, _) = how.rsplit_once('$').unwrap_or_default();
        let counts = counts.split('$').filter_map(|count| count.rsplit(|c| !in_name(c)).next());
        names.extend(counts.map(|count| count.trim_start_matches(|c: char| c.is_ascii_digit())));
    }
    names.retain(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_'));
    names.into_iter().map(str::to_owned).collect()
}

/// What a condition asks for: the operands of its operators.
fn decided<'a>(condition: &'a Expr, leaves: &mut Vec<&'a Expr>) {
    match condition {
        Expr::Paren(inner) => decided(&inner.expr, leaves),
        Expr::Unary(unary) => decided(&unary.expr, leaves),
        Expr::Reference(inner) => decided(&inner.expr, leaves),
        Expr::Binary(binary) => {
            decided(&binary.left, leaves);
            decided(&binary.right, leaves);
        }
        leaf => leaves.push(leaf),
    }
}

/// The first thing in a macro's tokens that looks like the call of a free function.
fn first_call(tokens: TokenStream) -> Option<Ident> {
    const KEYWORDS: &[&str] =
        &["if", "in", "match", "while", "for", "return", "let", "as", "move", "fn", "else", "loop"];
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        if let (TokenTree::Ident(name), Some(TokenTree::Group(group))) = (token, tokens.get(at + 1))
        {
            let before = at.checked_sub(1).map(|at| tokens[at].to_string()).unwrap_or_default();
            let text = name.to_string();
            let callable = text.starts_with(|c: char| c.is_lowercase() || c == '_');
            if group.delimiter() == Delimiter::Parenthesis
                && callable
                && before != "."
                && before != ":"
                && !KEYWORDS.contains(&text.as_str())
            {
                return Some(name.clone());
            }
        }
        if let TokenTree::Group(group) = token
            && let Some(name) = first_call(group.stream())
        {
            return Some(name);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_format_are_those_that_it_captures() {
        let cases = [
            ("{x} {y:?}", "x y"),
            ("{{x}} {{{y}}} {0} {}", "y"),
            ("{:w$} {x:>0width$.precision$} {:1$}", "w x width precision"),
            ("{x }", "x"),
            ("x", ""),
        ];
        for (format, names) in cases {
            assert_eq!(names_in(format).join(" "), names, "{format}");
        }
    }
}
