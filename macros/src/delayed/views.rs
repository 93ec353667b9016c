//! Views of arrays as parameters and outputs: types that borrow without saying so.
//!
//! In: a type. Out: whether it is a view of `ndarray`, known by its name, for `ArrayView2<f64>` shows no lifetime; and what a parameter is in its place.
//!
//! Not here: all else that borrows (`signature`).

use proc_macro2::Span;
use quote::quote;
use syn::{GenericArgument, PathArguments, PathSegment, Type};

/// What stands behind `ArrayView` and `ArrayViewMut`.
const RANKS: &[&str] = &["", "0", "1", "2", "3", "4", "5", "6", "D"];

/// What stands behind `ArrayView` in the name of a view.
fn rank(segment: &PathSegment) -> Option<String> {
    let name = segment.ident.to_string();
    let rank = name.strip_prefix("ArrayView")?;
    let rank = rank.strip_prefix("Mut").unwrap_or(rank);
    RANKS.contains(&rank).then(|| rank.to_owned())
}

/// Where a view borrows whose lifetime is not written.
pub(super) fn borrows_silently(segment: &PathSegment) -> Option<Span> {
    let written = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
        }
        _ => false,
    };
    rank(segment).filter(|_| !written).map(|_| segment.ident.span())
}

/// What is said of a parameter that is a view.
pub(super) fn in_place_of_a_view(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    let rank = rank(segment)?;
    let elements = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            let is_lifetime =
                |argument: &&GenericArgument| matches!(argument, GenericArgument::Lifetime(_));
            let types = arguments.args.iter().filter(|argument| !is_lifetime(argument));
            let types: Vec<_> = types.map(|argument| quote!(#argument).to_string()).collect();
            format!("<{}>", types.join(", "))
        }
        _ => String::new(),
    };
    Some(format!(
        "only the outermost `&` of a parameter can borrow, and a view is none: the graph lends it from another task's output\n\
         take `&Array{rank}{elements}`, of which `x.view()` is a view"
    ))
}
