//! Types that no value of a signature can have: without a size, or not written out, or of a size that cannot be known.
//!
//! In: the type of a parameter, of an output, or of an input of a static graph. Out: what is wrong with it and what to write instead.
//!
//! The compiler says it too, of each place where the expansion has the type; so the function does not come out as written ([`super::refused`]).
//! Not here: what no macro can know, such as an alias, or whether `Path` is that of the standard library: of that one the compiler speaks ([`may_have_no_size`]).

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    ExprPath, GenericArgument, PathArguments, PathSegment, Type, TypeInfer, TypeParamBound,
    TypePath,
};

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
    if let Some(span) = self_in_a_constant(ty) {
        let message = "a constant in a type cannot depend on `Self` where the `impl` has parameters\n\
            use a constant that stands outside of the `impl`";
        return Some((span, message.to_string()));
    }
    let found = without_a_size(ty)?;
    let (bad, is_shared) = (found.ty, of == Of::Output);
    if let Some(message) = found.held(is_shared) {
        return Some((bad.span(), message));
    }
    let (text, owned) = (text(bad), owned(bad, is_shared));
    let (of, instead) = match (of, bad) {
        (Of::Output, _) => ("an output", format!("return `{owned}`")),
        (Of::Parameter, Type::TraitObject(object)) if object.bounds.len() > 1 => {
            ("a parameter", format!("take `&({text})`, or `{owned}` by value"))
        }
        (Of::Parameter, _) => ("a parameter", format!("take `&{text}`, or `{owned}` by value")),
    };
    let message = format!("`{text}` has no size, so it cannot be {of} of a function\n{instead}");
    Some((bad.span(), message))
}

/// A type without a size where one is needed.
pub(crate) struct WithoutASize<'a> {
    pub(crate) ty: &'a Type,
    /// What cannot hold it, if it is only part of a type.
    holder: Option<&'a Type>,
}

impl WithoutASize<'_> {
    /// The message of one that is part of a type; what stands in its place may have to be read by several threads.
    pub(crate) fn held(&self, is_shared: bool) -> Option<String> {
        let (ty, holder) = (text(self.ty), text(self.holder?));
        let owned = owned(self.ty, is_shared);
        Some(format!(
            "`{ty}` has no size, so `{holder}` cannot hold it\nwrite `{owned}` in its place"
        ))
    }
}

/// The first type without a size in the type of a value.
pub(crate) fn without_a_size(ty: &Type) -> Option<WithoutASize<'_>> {
    find(ty, None, true)
}

/// In `ty`, which is part of `holder`, and may have to have a size itself.
fn find<'a>(ty: &'a Type, holder: Option<&'a Type>, sized: bool) -> Option<WithoutASize<'a>> {
    let this = sized.then_some(WithoutASize { ty, holder });
    let inside = |part: &'a Type, sized| find(part, Some(ty), sized);
    match ty {
        Type::Paren(inner) => find(&inner.elem, holder, sized),
        Type::Group(inner) => find(&inner.elem, holder, sized),
        Type::TraitObject(_) => this,
        Type::Slice(slice) => this.or_else(|| inside(&slice.elem, true)),
        Type::Array(array) => inside(&array.elem, true),
        Type::Reference(reference) => inside(&reference.elem, false),
        Type::Ptr(pointer) => inside(&pointer.elem, false),
        Type::Tuple(tuple) => {
            let last = tuple.elems.len().saturating_sub(1);
            let mut parts = tuple.elems.iter().enumerate();
            // Behind a pointer the last member may have none.
            parts.find_map(|(at, part)| inside(part, sized || at < last))
        }
        // Most types are a name.
        Type::Path(path) if path.path.segments.iter().all(|one| one.arguments.is_none()) => {
            sized.then(|| owner(path)).flatten().and(this)
        }
        Type::Path(path) => path.path.segments.iter().find_map(|segment| {
            let name = segment.ident.to_string();
            let sized = HOLDERS.contains(&&*name);
            arguments(segment).find_map(|part| inside(part, sized))
        }),
        _ => None,
    }
}

/// Types of the standard library whose arguments have a size.
const HOLDERS: &[&str] = &[
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "HashMap",
    "HashSet",
    "LinkedList",
    "Option",
    "Result",
    "Vec",
    "VecDeque",
];

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// What owns what a type without a size is, if it is known by its name. A `Path` may be anybody's.
fn owner(path: &TypePath) -> Option<&'static str> {
    if path.qself.is_some() {
        return None;
    }
    let names: Vec<String> = path.path.segments.iter().map(|one| one.ident.to_string()).collect();
    match &*names.iter().map(String::as_str).collect::<Vec<_>>() {
        ["str"] => Some("String"),
        ["std", "path", "Path"] => Some("PathBuf"),
        ["OsStr"] | ["std", "ffi", "OsStr"] => Some("OsString"),
        ["CStr"] | ["std" | "core", "ffi", "CStr"] => Some("CString"),
        _ => None,
    }
}

/// Whether it may be the `Path` of the standard library, which has no size; or anybody's.
pub(super) fn may_have_no_size(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.segments.last().is_some_and(|last| last.ident == "Path" && last.arguments.is_none()))
}

/// What to write in place of a type without a size, where a value is owned.
fn owned(ty: &Type, is_shared: bool) -> String {
    match ty {
        Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
        Type::TraitObject(object) => {
            let has = |name: &str| {
                object.bounds.iter().any(|bound| {
                    matches!(bound, TypeParamBound::Trait(bound) if bound.path.is_ident(name))
                })
            };
            let needed: &[&str] = if is_shared { &["Send", "Sync"] } else { &["Send"] };
            let missing = needed.iter().filter(|name| !has(name));
            let missing: String = missing.map(|name| format!(" + {name}")).collect();
            format!("Box<{}{missing}>", text(object))
        }
        Type::Path(path) => owner(path).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
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

/// Where `Self::N` stands in a type. That of an `impl` without parameters has been written out.
fn self_in_a_constant(ty: &Type) -> Option<Span> {
    struct InAConstant(Option<Span>);
    impl<'a> Visit<'a> for InAConstant {
        fn visit_expr_path(&mut self, path: &'a ExprPath) {
            if let Some(first) = path.path.segments.first()
                && first.ident == "Self"
            {
                self.0.get_or_insert(first.ident.span());
            }
            visit::visit_expr_path(self, path);
        }
    }
    let mut found = InAConstant(None);
    found.visit_type(ty);
    found.0
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
        (" ;", ";"),
        (" ()", "()"),
        ("& ", "&"),
        (" (", "("),
    ]
    .iter()
    .fold(text, |text, (spaced, written)| text.replace(spaced, written))
}
