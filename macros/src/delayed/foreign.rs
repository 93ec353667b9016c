//! An `impl` of a type that is not this crate's: the compiler says so, and what its method's task calls is no second mistake.
//!
//! In: the type that the block is of, and a method. Out: where the type's name is one of the standard library's or the language's, a trait that has the method for
//! any type. A method of the type's own comes before it, so a type of the user's that has such a name is called as ever.
//!
//! Not here: types that have no name at all ([`super::methods`]); those of other crates, for which names say nothing.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Signature, Type};

/// Of the standard library, the ones that hold data.
const STANDARD: &[&str] = &[
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "Box",
    "Cell",
    "Duration",
    "HashMap",
    "HashSet",
    "Instant",
    "Mutex",
    "Option",
    "OsString",
    "Path",
    "PathBuf",
    "Rc",
    "RefCell",
    "Result",
    "RwLock",
    "String",
    "SystemTime",
    "Vec",
    "VecDeque",
];

/// The trait, which stands where the method is called; `None` if the type may well be the user's.
pub(super) fn instead(own: &Type, method: &Signature) -> Option<TokenStream> {
    if !may_be_foreign(own) {
        return None;
    }
    let meant = Ident::new("Meant", Span::mixed_site());
    let name = &method.ident;
    let types = method.generics.type_params().map(|parameter| &parameter.ident);
    let constants = method.generics.const_params();
    let taken = (0..method.inputs.len()).map(|at| format_ident!("__a{at}"));
    Some(quote! {
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        trait #meant {
            fn #name<#(#types,)* #(#constants),*>(#(#taken: impl ::core::marker::Sized),*) -> ! { loop {} }
        }
        impl<__T: ?::core::marker::Sized> #meant for __T {}
    })
}

fn may_be_foreign(own: &Type) -> bool {
    let Type::Path(path) = own else { return false };
    let mut segments = path.path.segments.iter().map(|segment| segment.ident.to_string());
    let named = |known: &[&str], name: &str| known.contains(&name);
    match (segments.next(), segments.next()) {
        (Some(name), None) => named(STANDARD, &name) || named(crate::PRIMITIVES, &name),
        (Some(root), Some(_)) => named(&["std", "core", "alloc"], &root),
        _ => false,
    }
}
