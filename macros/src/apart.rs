//! Items that stand in a module of their own, so that of two with one name each is one thing, and the name alone is there twice.
//!
//! In: an item's name and visibility. Out: the module's name, and the visibility in it. Not here: the items.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use syn::Visibility;

/// The visibility of what is seen as far as `vis` says, from within a module where that stands.
pub(crate) fn from_within(vis: &Visibility) -> TokenStream {
    let Visibility::Restricted(restricted) = vis else {
        return match vis {
            Visibility::Inherited => quote!(pub(super)),
            _ => quote!(pub),
        };
    };
    let path = &restricted.path;
    match path.segments.first().map(|first| first.ident.to_string()).as_deref() {
        Some("self") => quote!(pub(super)),
        Some("super") => quote!(pub(in super::#path)),
        _ => quote!(#vis),
    }
}

/// How many modules have been named after a name and a place, by that: files have the same places, and items that a macro makes have the macro's.
static NAMED: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);

/// What no other item's module is called: by where the item stands, and counted where that is not enough, for a module imports with
/// `use super::*` what is called so in the one around, too.
pub(crate) fn module_name(name: &Ident) -> Ident {
    // The compiler's own span, which there is wherever a macro is expanded.
    let (at, plain) = (name.span().unwrap(), name.to_string());
    let plain = plain.trim_start_matches("r#");
    let place = format!("__{plain}_{}_{}", at.line(), at.column());
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let before = named.get_or_insert_default().entry(place.clone()).or_insert(0);
    *before += 1;
    match *before {
        1 => Ident::new(&place, name.span()),
        count => format_ident!("{place}_{count}", span = name.span()),
    }
}
