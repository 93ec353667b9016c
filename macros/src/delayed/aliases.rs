//! Types of a signature that are named once: an alias stands for each, beside the function.
//!
//! In: the signature of a function, and what the aliases are called after. Out: the aliases, and the signature with them in place of its types.
//!
//! Of a name that is not known the compiler speaks once at each place, if what it advises is the same: that depends on the item around (`f<Foo>`), and on
//! whether the name stands in angle brackets. So an alias is like the function: it has no parameters, and its name ends where the function's does. An alias
//! costs the compiler time, so only a type has one that has such a name in angle brackets. Of a generic function a type has one that is such a name, which is in angle
//! brackets in what is implemented, or has one in its own, where the compiler puts a parameter behind the function's own; not if it depends on those.
//!
//! Not here: which types a signature may have (`signature`, `sizes`).

use super::signature::{How, Signature};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{AngleBracketedGenericArguments, Expr, GenericParam, Token, Type, TypeArray, TypePath};

/// Puts aliases in place of types; `advised` is where the compiler would put a type parameter behind, and `parameters` a function's own, behind which it would if there are any.
pub(super) fn put(
    signature: &mut Signature,
    stem: &str,
    advised: Span,
    parameters: Option<&Punctuated<GenericParam, Token![,]>>,
) -> Vec<TokenStream> {
    let mut aliases = Vec::new();
    let is_generic = signature.is_generic();
    let names: Vec<String> = signature.all_names.iter().map(ToString::to_string).collect();
    // What the compiler advises where a lifetime is hidden, as it does of other functions.
    let hidden = is_generic.then(|| quote!(<'__env>));
    let behind = parameters.map(|parameters| {
        let last = parameters.last().map(ToTokens::to_token_stream);
        last.and_then(|last| last.into_iter().last())
            .map(|last| quote_spanned!(last.span()=> <'__env>))
    });
    let mut known: Vec<String> = Vec::new();
    let mut alias = |ty: &mut Type| {
        let env = match is_generic {
            true if is_an_unknown_name(ty, &names) => &hidden,
            true if may_be_unknown(ty) && !depends(ty, &names) => match &behind {
                Some(behind) => behind,
                None => return,
            },
            // Of a function with lifetimes only.
            false if may_be_unknown(ty) => behind.as_ref().unwrap_or(&None),
            _ => return,
        };
        let given = env.is_some().then(|| quote!('static));
        let text = ty.to_token_stream().to_string();
        let at = known.iter().position(|known| *known == text).unwrap_or(known.len());
        let name = format_ident!("__{stem}_type{at}", span = advised);
        if at == known.len() {
            known.push(text);
            aliases.push(quote! {
                #[allow(non_camel_case_types, dead_code, deprecated, unused_lifetimes, unused_qualifications, clippy::all, clippy::pedantic)]
                type #name #env = #ty;
            });
        }
        // From where the type begins to where it ends.
        let mut spans = ty.to_token_stream().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or(advised);
        let last = spans.last().unwrap_or(first);
        let name = format_ident!("{name}", span = first);
        let brackets = quote!(<#given>).into_iter().map(|mut bracket: TokenTree| {
            bracket.set_span(last);
            bracket
        });
        let brackets: TokenStream = brackets.collect();
        *ty = Type::Verbatim(quote!(#name #brackets));
    };
    for parameter in &mut signature.parameters {
        match &mut parameter.how {
            How::Value(ty) | How::Lent(ty) => alias(ty),
            How::LentGeneric(_) | How::Dyn(..) => {}
        }
    }
    alias(&mut signature.output);
    aliases
}

/// Of a generic function's types: whether it is one name, which is none of the function's own.
fn is_an_unknown_name(ty: &Type, own: &[String]) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.get_ident().is_some_and(|name| !own.contains(&name.to_string()))
        && !is_well_known(path)
}

/// Whether one of these names, or a lifetime, is in it.
fn depends(ty: &Type, names: &[String]) -> bool {
    fn any(tokens: TokenStream, names: &[String]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => any(group.stream(), names),
            TokenTree::Ident(name) => names.contains(&name.to_string()),
            TokenTree::Punct(punct) => punct.as_char() == '\'',
            TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream(), names)
}

/// Whether a name in angle brackets, or the length of an array, may be unknown.
fn may_be_unknown(ty: &Type) -> bool {
    #[derive(Default)]
    struct Names {
        depth: usize,
        found: bool,
    }
    impl<'a> Visit<'a> for Names {
        fn visit_angle_bracketed_generic_arguments(
            &mut self,
            arguments: &'a AngleBracketedGenericArguments,
        ) {
            self.depth += 1;
            visit::visit_angle_bracketed_generic_arguments(self, arguments);
            self.depth -= 1;
        }
        fn visit_type_path(&mut self, path: &'a TypePath) {
            self.found |= self.depth > 0 && !is_well_known(path);
            visit::visit_type_path(self, path);
        }
        fn visit_type_array(&mut self, array: &'a TypeArray) {
            self.found |= !matches!(array.len, Expr::Lit(_));
            visit::visit_type_array(self, array);
        }
    }
    let mut names = Names::default();
    names.visit_type(ty);
    names.found
}

/// Of a path, or of one with arguments, the compiler advises nothing.
fn is_well_known(path: &TypePath) -> bool {
    path.path.get_ident().is_none_or(crate::names_a_plain_type)
}
