//! Types that no value of a signature can have: without a size, or not written out.
//!
//! In: the type of a parameter, or an output. Out: what is wrong with it and what to write instead.
//!
//! The compiler says it too, of each place where the expansion has the type; so the function does not come out as written ([`super::refused`]).

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Type, TypeInfer};

/// Of which part of a signature a type is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Of {
    Parameter,
    Output,
}

/// What is wrong with a type, and where.
pub(super) fn mistake(ty: &Type, of: Of) -> Option<(Span, String)> {
    if let Some(span) = inferred(ty) {
        let message = "`_` stands for no type in a signature, also in that of a #[delayed] function\n\
            write the type out";
        return Some((span, message.to_string()));
    }
    let instead = match (ty, of) {
        (Type::Slice(slice), Of::Parameter) => {
            let element = text(&slice.elem);
            format!("take `&[{element}]`, or `Vec<{element}>` by value")
        }
        (Type::Slice(slice), Of::Output) => format!("return `Vec<{}>`", text(&slice.elem)),
        (ty, Of::Parameter) if is_str(ty) => "take `&str`, or `String` by value".into(),
        (ty, Of::Output) if is_str(ty) => "return `String`".into(),
        (Type::TraitObject(object), Of::Parameter) => {
            let lent =
                if object.bounds.len() > 1 { format!("({})", text(object)) } else { text(object) };
            format!("take `&{lent}`, or `Box<{} + Send>` by value", text(object))
        }
        (Type::TraitObject(object), Of::Output) => {
            format!("return `Box<{} + Send + Sync>`", text(object))
        }
        _ => return None,
    };
    let of = match of {
        Of::Parameter => "a parameter",
        Of::Output => "an output",
    };
    let message =
        format!("`{}` has no size, so it cannot be {of} of a function\n{instead}", text(ty));
    Some((ty.span(), message))
}

pub(super) fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident("str"))
}

/// Where `_` stands in a type.
fn inferred(ty: &Type) -> Option<Span> {
    struct Inferred(Option<Span>);
    impl<'a> Visit<'a> for Inferred {
        fn visit_type_infer(&mut self, infer: &'a TypeInfer) {
            self.0.get_or_insert(infer.underscore_token.span);
            visit::visit_type_infer(self, infer);
        }
    }
    let mut inferred = Inferred(None);
    inferred.visit_type(ty);
    inferred.0
}

/// A type as it is written.
fn text(ty: &impl ToTokens) -> String {
    let text = ty.to_token_stream().to_string();
    // The tokens are printed with a space between any two.
    [
        (" :: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ()", "()"),
        ("& ", "&"),
        (" (", "("),
    ]
    .iter()
    .fold(text, |text, (spaced, written)| text.replace(spaced, written))
}
