//! What a function cannot be called.
//!
//! In: the function. Out: why its name is refused, if it is. A function of some name is imported with the macro of that name, so it must be no
//! name that means something everywhere; the compiler would speak of that where the function is used, and not where it is declared.

use super::signature::Wrong;
use crate::{FUNCTIONS_OF_THE_PRELUDE, STD_MACROS};
use syn::ItemFn;

/// Whether a `use` of the function's name can stand beside it: it is no method, and no name of the language's.
pub(super) fn can_be_used(function: &ItemFn) -> bool {
    let mut can = function.sig.receiver().is_none();
    check(function, &mut |_, _| can = false);
    can
}

pub(super) fn check(function: &ItemFn, wrong: &mut Wrong) {
    let signature = &function.sig;
    let name = signature.ident.to_string();
    let plain = name.trim_start_matches("r#");
    if plain.starts_with(char::is_uppercase) {
        wrong(
            signature.ident.span(),
            &format!(
                "a #[delayed] function cannot be called `{name}`: `graph!` takes names with a capital for types and leaves them alone\n\
                 give it a name in snake_case"
            ),
        );
    }
    if NAMES_OF_THE_LANGUAGE.contains(&plain)
        || FUNCTIONS_OF_THE_PRELUDE.contains(&plain)
        || plain.starts_with("rustc_")
    {
        wrong(
            signature.ident.span(),
            &format!(
                "a #[delayed] function cannot be called `{name}`: in `use {name}` that also names a macro, an attribute, a crate or a \
                 function that is everywhere\ngive the function another name"
            ),
        );
    } else if STD_MACROS.contains(&plain) {
        wrong(
            signature.ident.span(),
            &format!(
                "a #[delayed] function cannot be called `{name}`: its name would hide the standard macro `{name}!`\n\
                 give the function another name"
            ),
        );
    }
    if crate::PRIMITIVES.contains(&name.as_str()) {
        wrong(
            signature.ident.span(),
            &format!(
                "a #[delayed] function cannot be called `{name}`: its name would hide the type `{name}`\n\
                 give the function another name"
            ),
        );
    }
}

/// Built-in attributes, tools and crates: a `use` of such a name is ambiguous (E0659). The compiler has
/// all of them, those that are not stable too; each that begins with `rustc_` is one.
#[rustfmt::skip]
const NAMES_OF_THE_LANGUAGE: &[&str] = &[
    "alloc", "alloc_error_handler", "allow", "allow_internal_unsafe",
    "allow_internal_unstable", "assert_graph", "automatically_derived", "cfg_accessible", "cfg_attr", "cfg_eval",
    "cfi_encoding", "clippy", "cold", "collapse_debuginfo", "compiler_builtins", "const_continue", "core",
    "coroutine", "coverage", "crate_name", "crate_type", "custom_mir", "debugger_visualizer", "define_opaque",
    "delayed", "deny", "deprecated", "derive", "derive_const", "diagnostic", "doc", "eii", "eii_declaration",
    "expect", "export_name", "export_stable", "feature", "ffi_const", "ffi_pure", "forbid", "fundamental", "graph",
    "ignore", "inline", "instruction_set", "lang", "link", "link_name", "link_ordinal", "link_section", "linkage",
    "loop_match", "macro_escape", "macro_export", "macro_use", "marker", "may_dangle", "miri", "move_size_limit",
    "must_not_suspend", "must_use", "naked", "needs_allocator", "needs_panic_runtime", "no_builtins", "no_core",
    "no_implicit_prelude", "no_link", "no_main", "no_mangle", "no_std", "non_exhaustive", "optimize", "panic_handler",
    "panic_runtime", "patchable_function_entry", "path", "pin_v2", "prelude_import", "proc_macro",
    "proc_macro_attribute", "proc_macro_derive", "profiler_runtime", "recursion_limit", "reexport_test_harness_main",
    "register_tool", "repr", "rust_analyzer", "rustfmt", "sanitize", "should_panic",
    "stable", "static_graph", "std", "target_feature", "taskweave", "test", "test_case", "test_runner",
    "track_caller", "type_length_limit", "unsafe_eii", "unstable", "used", "warn", "windows_subsystem",
];
