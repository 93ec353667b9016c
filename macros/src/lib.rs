//! The macros of [taskweave](https://docs.rs/taskweave); use them through that crate.
//!
//! ```text
//! delayed/  #[delayed] fn f   parse -> options -> signature (model and checks) -> expand
//! graph/    graph! { … }      parse -> scope (which names are local) -> rewrite
//! fixed/    static_graph! { … }  parse -> check -> facts -> expand
//! ```
//! Each parses to plain data, checks all rules, reports all mistakes at their spans, and only then expands; the expansion
//! is one library call a task plus the user's own tokens. Nothing here knows how a graph is run.

mod apart;
mod delayed;
mod fixed;
mod graph;
mod near;

use proc_macro::TokenStream;

/// Makes a function usable as a task in `graph!`; see `taskweave::delayed`.
#[proc_macro_attribute]
pub fn delayed(options: TokenStream, item: TokenStream) -> TokenStream {
    delayed::expand(options.into(), item.into()).into()
}

/// `#[beside(items)] mod m {}` is the module and the items: what looks like one item to whoever parses it first.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn beside(items: TokenStream, item: TokenStream) -> TokenStream {
    let mut all = item;
    all.extend(items);
    all
}

/// Expands `taskweave::graph!`, which passes its crate in brackets first.
#[doc(hidden)]
#[proc_macro]
pub fn graph(input: TokenStream) -> TokenStream {
    graph::expand(input.into()).into()
}

/// Expands a call in `graph!` that has not as many arguments as its function has parameters.
#[doc(hidden)]
#[proc_macro]
pub fn wrong_count(input: TokenStream) -> TokenStream {
    graph::counted::expand(input.into()).into()
}

/// Expands `taskweave::static_graph!`, which passes its crate in brackets first.
#[doc(hidden)]
#[proc_macro]
pub fn static_graph(input: TokenStream) -> TokenStream {
    fixed::expand(input.into()).into()
}

/// The same tokens, shown at `span`: they still mean what they meant where they came from.
pub(crate) fn relocate(
    tokens: &proc_macro2::TokenStream,
    span: proc_macro2::Span,
) -> proc_macro2::TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(span));
        token
    });
    moved.collect()
}

/// Types of the language: what stands behind one is its own (`f64::max`), and no delayed function may be named as one.
pub(crate) const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "f16", "f32", "f64", "f128", "i8", "i16", "i32", "i64", "i128", "isize",
    "u8", "u16", "u32", "u64", "u128", "usize",
];

/// Whether it is the name of one of them, or of the text that is owned.
pub(crate) fn names_a_plain_type(name: &proc_macro2::Ident) -> bool {
    name == "String" || PRIMITIVES.iter().any(|known| name == known)
}

/// Functions that are in scope everywhere. No delayed function is called so, and what is called so in `graph!` is plain.
pub(crate) const FUNCTIONS_OF_THE_PRELUDE: &[&str] =
    &["align_of", "align_of_val", "drop", "size_of", "size_of_val"];

/// Names whose macro is the standard library's: never looked up, and refused as names of delayed functions.
pub(crate) const STD_MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "cfg_select",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "bench",
    "thread_local",
    "todo",
    "try",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
    "concat_idents",
    "const_format_args",
    "global_allocator",
    "global_asm",
    "is_x86_feature_detected",
    "concat_bytes",
    "deref",
    "log_syntax",
    "pattern_type",
    "trace_macros",
    "type_ascribe",
    // Attributes that are macros, and not stable.
    "alloc_error_handler",
    "cfg_accessible",
    "cfg_eval",
    "define_opaque",
    "derive_const",
    "eii",
    "eii_declaration",
    "test_case",
    "unsafe_eii",
];

/// The same tokens as if they had been written at `span`: a bound that is not met is shown there.
pub(crate) fn shown_at(
    tokens: &proc_macro2::TokenStream,
    span: proc_macro2::Span,
) -> proc_macro2::TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    moved.collect()
}
