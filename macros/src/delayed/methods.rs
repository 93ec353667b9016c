//! `#[delayed]` on an `impl` block: its methods can be called on a handle.
//!
//! In: the options and the block. Out: the block as written, and a trait with its methods for handles of its type.
//!
//! ```text
//! impl Fit { pub fn predict(&self, x: f64) -> f64 { … } }          as written
//! pub trait FitTasks<'g, 'env, const BLOCK: u64 = …>: HandleOf<'g, 'env, Fit> {
//!     fn predict<A1, M1>(&self, x: A1) -> Delayed<'g, 'env, f64> where A1: IntoArg<f64> { … }
//! }
//! impl FitTasks<'g, 'env, …> for Delayed<'g, 'env, Fit> {}
//! struct FitTasks_predict;  impl Body for FitTasks_predict { … Fit::predict(this, x) }
//! ```
//! A handle knows its builder, so nothing in `graph!` has to be rewritten: which `predict` is called is decided by the type
//! in front of the dot. Methods of another visibility than the widest get a trait of their own, so that a private method
//! stays one. Functions without a receiver stay what they are.
//!
//! The trait's name is fixed, for others import it. Two blocks of one type need two names, and the compiler says that the name is defined twice; `BLOCK` and
//! the bodies that stand in the trait are there so that it says nothing else: the second block's `impl`, which then is of the first one's trait, fits.

use super::aliases;
use super::expand::{Argument, argument, body, bounds, docs, pairs};
use super::foreign;
use super::options::{On, Options as TaskOptions, path_to_ours, twice};
use super::parse;
use super::refused;
use super::signature::{Signature, borrows, mistakes, ungroup};
use crate::apart;
use crate::near::nearest;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Error, Expr, FnArg, GenericParam, Generics, ImplItem, ImplItemFn, ItemFn,
    ItemImpl, Meta, Path, Receiver, Token, Type, Visibility, parse_quote,
};

/// Names that a handle has for itself: a method of that name would never be reached.
const OF_HANDLES: &[&str] =
    &["after", "catch", "clone", "map", "map_ref", "named", "or_fail", "unzip", "with"];

/// Names of methods that the standard library gives to every value: on a handle two would fit (E0034).
const OF_ALL_VALUES: &[&str] = &["into", "to_owned", "try_into"];

struct Options {
    name: Option<Ident>,
    krate: Path,
}

/// One method: what stands in the trait, and what it needs beside it.
struct Method {
    name: String,
    declaration: TokenStream,
    companions: TokenStream,
    vis: Visibility,
    /// Under a `#[cfg]` of its own there may be several of one name.
    conditional: bool,
}

fn collide(one: &Method, other: &Method) -> bool {
    one.name == other.name && !one.conditional && !other.conditional
}

/// What all methods of a block share.
struct Named<'a> {
    /// The trait's.
    name: &'a Ident,
    krate: &'a Path,
    cfgs: &'a [Attribute],
    /// Behind which the compiler would put a type parameter.
    advised: Span,
}

/// The block, and what is added to it or what is wrong with it. If nothing in it has to be changed, it comes out as the tokens it is.
pub(super) fn expand(
    options: TokenStream,
    mut block: ItemImpl,
    mut as_it_is: Option<TokenStream>,
) -> TokenStream {
    let mut wrong: Option<Error> = None;
    ungroup(&mut block.self_ty);
    if block.trait_.is_none() && is_nobodys(&block.self_ty) {
        // The compiler speaks: such a type has no methods of its own.
        return as_it_is.unwrap_or_else(|| parse::changed(block));
    }
    let options = options_of.parse2(options).unwrap_or_else(|error| {
        mistakes(&mut wrong)(error);
        Options { name: None, krate: parse_quote!(::taskweave) }
    });
    let name = match check_block(&block, &options) {
        Ok(name) => name,
        Err(error) => {
            mistakes(&mut wrong)(error);
            format_ident!("Tasks")
        }
    };
    let mut methods = Vec::new();
    // The module of the messages, if a method is refused.
    let mut failed: Option<Ident> = None;
    let cfgs: Vec<Attribute> =
        block.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect();
    if wrong.is_none() {
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else { continue };
            let attributes = function.attrs.len();
            let of_method = options_of_method(function, &mut mistakes(&mut wrong));
            if function.attrs.len() < attributes {
                as_it_is = None;
            }
            let (krate, advised) = (&options.krate, block.impl_token.span);
            let named = Named { name: &name, krate, cfgs: &cfgs, advised };
            match method(function, &block.self_ty, &block.generics, &named, &of_method) {
                // Of a name that is there twice the compiler speaks in the block.
                Ok(Some(method)) if methods.iter().any(|known| collide(known, &method)) => {}
                Ok(method) => methods.extend(method),
                Err(error) => {
                    let failed = failed.get_or_insert_with(|| apart::module_name(&name));
                    methods.extend(refused(function, &block.self_ty, &options.krate, failed));
                    let named = refused::mend(&mut function.sig, &refused::failed(failed));
                    if let Some(named) = named {
                        function.block.stmts.splice(0..0, named);
                        as_it_is = None;
                    }
                    mistakes(&mut wrong)(error);
                }
            }
        }
        if methods.is_empty() && wrong.is_none() {
            let message = "no method of this block takes `self` or `&self`, so #[delayed] has nothing to add\n\
                put #[delayed] on free functions, or leave it out";
            mistakes(&mut wrong)(Error::new(block.impl_token.span, message));
        }
    }
    let error = wrong.map(Error::into_compile_error);
    let error = match failed {
        Some(module) => quote!(#(#cfgs)* #[allow(non_snake_case)] mod #module { #error }),
        None => quote!(#error),
    };
    let traits = traits(&block, &name, &options.krate, &methods);
    let block = as_it_is.unwrap_or_else(|| parse::changed(block));
    quote!(#block #traits #error)
}

fn options_of(input: ParseStream) -> syn::Result<Options> {
    let mut options = Options { name: None, krate: parse_quote!(::taskweave) };
    while !input.is_empty() {
        if input.peek(Token![trait]) {
            let given = |input: ParseStream| {
                input.parse::<Token![=]>()?;
                input.parse::<Ident>()
            };
            let word = input.parse::<Token![trait]>()?.span;
            let wrong = "`trait` is the name of the trait that the methods on handles stand in: `#[delayed(trait = ModelOps)]`";
            let name = given(input).map_err(|error| {
                Error::new(if input.is_empty() { word } else { error.span() }, wrong)
            })?;
            if options.name.replace(name).is_some() {
                return Err(Error::new(word, twice("trait")));
            }
        } else if input.peek(Token![crate]) {
            input.parse::<Token![crate]>()?;
            options.krate = path_to_ours(input)?;
        } else {
            let option: Ident = input.parse()?;
            let meant = nearest(&option.to_string(), &["trait", "crate"])
                .map(|meant| format!("; did you mean `{meant}`?"))
                .unwrap_or_default();
            let message = format!(
                "#[delayed] on an `impl` has no option `{option}`{meant}\n\
                 it has `trait = Name` and `crate = path`; a task's options stand on its method, as `#[delayed(name = \"…\")]`"
            );
            return Err(Error::new(option.span(), message));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(options)
}

fn is_nobodys(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Reference(_)
            | Type::Slice(_)
            | Type::Array(_)
            | Type::Tuple(_)
            | Type::BareFn(_)
            | Type::Ptr(_)
            | Type::Never(_)
    )
}

/// What concerns the block as a whole; the trait's name.
fn check_block(block: &ItemImpl, options: &Options) -> Result<Ident, Error> {
    if let Some((_, path, _)) = &block.trait_ {
        let message = "#[delayed] does not take the `impl` of a trait: its methods are the trait's\n\
            write a free function that takes `&Type`, or `.map_ref(|value| value.method())` on the handle";
        return Err(Error::new(path.span(), message));
    }
    let lifetime = block.generics.lifetimes().next().map(Spanned::span);
    if let Some(lifetime) = lifetime.or_else(|| borrows(&block.self_ty)) {
        let message = "a task's output cannot borrow, so there is no handle of a type with a lifetime\n\
            write a free function that takes what it needs by value or by `&`";
        return Err(Error::new(lifetime, message));
    }
    let Type::Path(ty) = &*block.self_ty else {
        let message = "#[delayed] takes the `impl` of a type with a name";
        return Err(Error::new(block.self_ty.span(), message));
    };
    let last = ty.path.segments.last().map(|segment| segment.ident.clone());
    let last = last.unwrap_or_else(|| format_ident!("Type"));
    Ok(options.name.clone().unwrap_or_else(|| format_ident!("{}Tasks", last, span = last.span())))
}

/// What a `#[delayed(…)]` on the method says of its tasks; the attribute is taken away.
fn options_of_method(function: &mut ImplItemFn, wrong: &mut dyn FnMut(Error)) -> TaskOptions {
    let ours = |attribute: &Attribute| {
        attribute.path().segments.last().is_some_and(|segment| segment.ident == "delayed")
    };
    let at = function.attrs.iter().position(ours);
    let tokens = at.map(|at| match function.attrs.remove(at).meta {
        Meta::List(list) => list.tokens,
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(other) => {
            wrong(Error::new_spanned(
                &other,
                "options stand in parentheses: `#[delayed(name = \"…\")]`",
            ));
            TokenStream::new()
        }
    });
    let (options, mistakes) = TaskOptions::parse(tokens.unwrap_or_default(), On::Method);
    if let Some(error) = mistakes {
        wrong(error);
    }
    options
}

/// Writes the type out where a signature says `Self`; also in constants, which cannot depend on parameters, if `in_constants`.
struct NoSelf<'a> {
    own: &'a Type,
    in_constants: bool,
}

impl VisitMut for NoSelf<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path.path.is_ident("Self")
        {
            *ty = self.own.clone();
            return;
        }
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path.path.segments.first().is_some_and(|first| first.ident == "Self")
        {
            // `Self::Item`
            let (own, rest) = (self.own, path.path.segments.iter().skip(1));
            *ty = Type::Verbatim(quote!(<#own>::#(#rest)::*));
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    // `Self::ROWS`, in the length of an array or in braces.
    fn visit_expr_mut(&mut self, value: &mut Expr) {
        if let Expr::Path(path) = value
            && self.in_constants
            && path.qself.is_none()
            && path.path.segments.len() > 1
            && path.path.segments.first().is_some_and(|first| first.ident == "Self")
        {
            let (own, rest) = (self.own, path.path.segments.iter().skip(1));
            *value = Expr::Verbatim(quote!(<#own>::#(#rest)::*));
            return;
        }
        visit_mut::visit_expr_mut(self, value);
    }
}

/// A method as a function that takes the value first; `None` if it has no receiver.
fn as_function(
    function: &ImplItemFn,
    own: &Type,
    generics: &Generics,
) -> Result<Option<ItemFn>, Error> {
    let Some(receiver) = function.sig.receiver() else { return Ok(None) };
    check_receiver(receiver)?;
    let name = function.sig.ident.to_string();
    if OF_HANDLES.contains(&name.as_str()) {
        let message = format!(
            "a handle has a method `{name}` of its own, which would be called instead of this one\n\
             give the method another name, or move it to an `impl` without #[delayed]"
        );
        return Err(Error::new(function.sig.ident.span(), message));
    }
    if OF_ALL_VALUES.contains(&name.as_str()) {
        let message = format!(
            "every value has a method `{name}`, of the standard library; so on a handle it is not known which one is called\n\
             give the method another name, or move it to an `impl` without #[delayed]"
        );
        return Err(Error::new(function.sig.ident.span(), message));
    }
    let span = receiver.span();
    let this = Ident::new("this", Span::mixed_site().located_at(span));
    let taken: FnArg = match &receiver.reference {
        Some((and, _)) => {
            let and = quote_spanned!(and.span=> &);
            parse_quote!(#this: #and #own)
        }
        None => parse_quote!(#this: #own),
    };
    let mut sig = function.sig.clone();
    if let Some(first) = sig.inputs.first_mut() {
        *first = taken;
    }
    let in_constants = generics.params.is_empty();
    NoSelf { own, in_constants }.visit_signature_mut(&mut sig);
    let mut all = generics.clone();
    all.params.extend(sig.generics.params.iter().cloned());
    if let Some(clause) = &sig.generics.where_clause {
        all.make_where_clause().predicates.extend(clause.predicates.iter().cloned());
    }
    sig.generics = all;
    let block = Box::new(Block { brace_token: syn::token::Brace::default(), stmts: Vec::new() });
    Ok(Some(ItemFn { attrs: function.attrs.clone(), vis: function.vis.clone(), sig, block }))
}

/// What a method that is refused is on a handle: a task that will never run, of what it is meant to return, for any arguments.
fn refused(function: &ImplItemFn, own: &Type, krate: &Path, failed: &Ident) -> Option<Method> {
    let method = &function.sig.ident;
    let name = method.to_string();
    if OF_HANDLES.contains(&name.as_str()) || OF_ALL_VALUES.contains(&name.as_str()) {
        return None;
    }
    let mut sig = function.sig.clone();
    NoSelf { own, in_constants: false }.visit_signature_mut(&mut sig);
    let output = refused::output(&sig).unwrap_or_else(|| refused::failed(failed));
    let taken: Vec<Ident> = (1..sig.inputs.len()).map(|at| format_ident!("__A{at}")).collect();
    let door = quote!(#krate::__private);
    let (given, body) = match &output {
        Type::Tuple(unit) if unit.elems.is_empty() => (quote!(()), TokenStream::new()),
        output => (
            quote!(#krate::Delayed<'__g, '__env, #output>),
            quote! {
                #door::refused_method(#door::HandleOf::__builder(self))
            },
        ),
    };
    Some(Method {
        name,
        declaration: quote!(fn #method<#(#taken),*>(&self, #(_: #taken),*) -> #given { #body }),
        companions: TokenStream::new(),
        vis: function.vis.clone(),
        conditional: false,
    })
}

fn check_receiver(receiver: &Receiver) -> Result<(), Error> {
    if receiver.reference.is_some() && receiver.mutability.is_some() {
        let message = "a task cannot take `&mut self`: other tasks may be reading the value at the same time\n\
            take `mut self` and return the changed value, or move the method to an `impl` without #[delayed]";
        return Err(Error::new_spanned(receiver, message));
    }
    if receiver.colon_token.is_some() {
        let message = "the receiver of a #[delayed] method is `self` or `&self`\n\
            move the method to an `impl` without #[delayed]";
        return Err(Error::new_spanned(receiver, message));
    }
    Ok(())
}

fn method(
    function: &ImplItemFn,
    own: &Type,
    generics: &Generics,
    block: &Named<'_>,
    options: &TaskOptions,
) -> Result<Option<Method>, Error> {
    let (name, krate) = (block.name, block.krate);
    let Some(flat) = as_function(function, own, generics)? else { return Ok(None) };
    let mut signature = Signature::check(&flat)?;
    let door = quote!(#krate::__private);
    let method = &function.sig.ident;
    let plain = method.to_string().trim_start_matches("r#").to_string();
    let companion = format_ident!("__{}_{}", name, plain);
    let stem = format!("{name}_{plain}");
    let aliases = aliases::put(&mut signature, &stem, block.advised, None);
    let mut arguments: Vec<Argument> = signature
        .parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| argument(at, parameter, &stem, &Visibility::Inherited, &door))
        .collect();
    // The trait asks more of its type.
    arguments[0].check = foreign::instead(own, &function.sig);
    // Those of the block are the trait's, the others the method's.
    let of_block =
        generics.params.iter().filter(|p| !matches!(p, GenericParam::Lifetime(_))).count();
    let of_method = &signature.generics[of_block..];
    let (accepted, markers): (Vec<_>, Vec<_>) = arguments[1..]
        .iter()
        .map(|argument| (&argument.generics[0], &argument.generics[1]))
        .unzip();
    let argument_bounds = arguments[1..].iter().map(|argument| &argument.bound);
    let parameters = arguments[1..].iter().map(|argument| &argument.parameter);
    let (all, types, output) = (&signature.all_names, &signature.types, &signature.output);
    let bounds = bounds(&signature);
    let receiver = function.sig.receiver();
    let by_reference = receiver.is_some_and(|receiver| receiver.reference.is_some());
    let this = Ident::new("self", receiver.map_or(Span::call_site(), Spanned::span));
    let taken = if by_reference { quote!(&#this) } else { quote!(#this) };
    let shown_there = crate::shown_at(&door, output.span());
    let output_bound = signature
        .is_generic()
        .then(|| quote_spanned!(output.span()=> #output: #shown_there::TaskOutput,));
    let docs = docs(&function.attrs, &format!("[`{}::{plain}`] on a handle.", type_name(own)));
    let own_cfgs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let conditional = own_cfgs.clone().next().is_some();
    let cfgs = block.cfgs.iter().chain(own_cfgs);
    let cfgs = quote!(#(#cfgs)*);
    let head = quote! {
        #[track_caller]
        fn #method<#(#of_method,)* #(#markers,)* #(#accepted),*>(#taken, #(#parameters),*)
            -> #krate::Delayed<'__g, '__env, #output>
        where #(#argument_bounds,)* #bounds #(#types: '__env,)* #output_bound
    };
    let passed = pairs(arguments[1..].iter().map(|argument| argument.name.to_token_stream()));
    let held = quote!(#door::PhantomData<fn() -> (#(*const #types,)*)>);
    let all_generics = &signature.bare_generics;
    let written = &function.sig.generics;
    let has_impls = signature.generics.len()
        > of_block
            + written.params.iter().filter(|p| !matches!(p, GenericParam::Lifetime(_))).count();
    let turbofish = (!has_impls && !of_method.is_empty()).then(|| {
        let names = &all[of_block..];
        quote!(::<#(#names),*>)
    });
    let label = options.name.as_ref().map_or_else(
        || {
            let type_name = type_name(own);
            let label = format!("{type_name}::{plain}");
            quote!(#label)
        },
        |label| quote!(#label),
    );
    let callee = quote!(<#own>::#method #turbofish);
    let body = body(
        &quote!(#companion<#(#all),*>),
        &callee,
        &signature,
        &arguments,
        &door,
        &bounds,
        &quote!(#door::Label::generic(#label)),
        options,
    );
    let items = arguments.iter().flat_map(|argument| &argument.items);
    let call = if by_reference { quote!(add_method) } else { quote!(add_method_by_value) };
    let call = quote_spanned!(method.span()=> #door::#call);
    Ok(Some(Method {
        name: plain.clone(),
        declaration: quote! {
            #docs #head {
                #call::<#companion<#(#all),*>, _, _, _, _, _>(#this, #passed)
            }
        },
        companions: quote! {
            #cfgs
            #[allow(non_camel_case_types, dead_code)]
            struct #companion<#(#all_generics),*>(#held);
            #cfgs
            #[allow(deprecated)]
            #body
            #(#cfgs #aliases)*
            #(#cfgs #items)*
        },
        vis: function.vis.clone(),
        conditional,
    }))
}

/// `Fit` of `model::Fit<T>`.
fn type_name(ty: &Type) -> String {
    match ty {
        Type::Path(ty) => {
            ty.path.segments.last().map_or(String::new(), |last| last.ident.to_string())
        }
        ty => ty.to_token_stream().to_string(),
    }
}

/// A trait for each visibility, the widest first.
fn traits(block: &ItemImpl, name: &Ident, krate: &Path, methods: &[Method]) -> TokenStream {
    let text = |vis: &Visibility| vis.to_token_stream().to_string();
    let mut kinds: Vec<&Visibility> = Vec::new();
    for method in methods {
        if !kinds.iter().any(|known| text(known) == text(&method.vis)) {
            kinds.push(&method.vis);
        }
    }
    kinds.sort_by_key(|vis| match vis {
        Visibility::Public(_) => 0,
        Visibility::Restricted(restricted) if restricted.path.is_ident("crate") => 1,
        Visibility::Restricted(_) => 2,
        Visibility::Inherited => 3,
    });
    let all = kinds.iter().enumerate().map(|(at, &vis)| {
        let name = match (at, vis) {
            (0, _) => name.clone(),
            (_, Visibility::Inherited) => format_ident!("{name}Private"),
            (at, _) => format_ident!("{name}Within{at}"),
        };
        let methods = methods.iter().filter(|method| text(&method.vis) == text(vis));
        one_trait(block, &name, vis, krate, &methods.collect::<Vec<_>>())
    });
    quote!(#(#all)*)
}

/// A number for the block, from the names of its methods, of which a type has each once (FNV-1a).
fn number(methods: &[&Method]) -> u64 {
    let bytes = methods.iter().flat_map(|method| method.name.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

fn one_trait(
    block: &ItemImpl,
    name: &Ident,
    vis: &Visibility,
    krate: &Path,
    methods: &[&Method],
) -> TokenStream {
    let (own, generics) = (&block.self_ty, &block.generics);
    let parameters: Vec<_> = generics.params.iter().collect();
    let names = generics.params.iter().map(|parameter| match parameter {
        GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_token_stream(),
    });
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let types = generics.type_params().map(|parameter| &parameter.ident);
    // What a handle of it has to be.
    let held = (!parameters.is_empty()).then(
        || quote!(#own: ::core::marker::Send + ::core::marker::Sync + 'static, #(#types: '__env,)*),
    );
    let bounds = quote!(#(#predicates,)* #held);
    let declarations = methods.iter().map(|method| &method.declaration);
    let companions = methods.iter().map(|method| &method.companions);
    let cfgs: Vec<&Attribute> =
        block.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
    let number = number(methods);
    // A type of which there are no handles is shown.
    let shown_there = crate::shown_at(&quote!(#krate), own.span());
    let handle = quote_spanned!(own.span()=> #shown_there::Delayed<'__g, '__env, #own>);
    let doc = format!("The methods of [`{}`] on a handle of one, in `graph!`.", type_name(own));
    let allowed = quote! {
        #[allow(dead_code, deprecated, private_interfaces, private_bounds, clippy::all, clippy::pedantic)]
    };
    quote! {
        #(#cfgs)*
        #[doc = #doc]
        #allowed
        #vis trait #name<'__g, '__env: '__g, #(#parameters,)* const __BLOCK: u64 = #number>: #krate::__private::HandleOf<'__g, '__env, #own> where #bounds { #(#declarations)* }
        #(#cfgs)*
        #allowed
        impl<'__g, '__env: '__g, #(#parameters),*> #name<'__g, '__env, #(#names,)* #number>
            for #handle
        where #bounds
        {}
        #(#companions)*
    }
}
