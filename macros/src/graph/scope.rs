//! Which names are local, and which callees have to be looked up.
//!
//! A block that declares items of its own gets a frame of its own, for the `use`s of callees that it declares.

use super::holds::Holds;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use std::collections::{HashMap, HashSet};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, ExprPath, Item, Pat, PatIdent, Path, PathArguments, Stmt, UseGlob, UseName,
    UseRename,
};

/// A callee that is looked up.
pub(super) struct Callee {
    pub(super) path: Path,
    pub(super) alias: Ident,
    key: String,
    /// Whether it is a function that is in scope everywhere, and not looked up: its name may be ambiguous.
    pub(super) everywhere: bool,
    /// Whether another callee has its path: this one is there under conditions of its own.
    pub(super) again: bool,
    /// The `#[cfg(..)]`s around each of its calls; without any if one call has none.
    conditions: Vec<Vec<TokenStream>>,
    /// Where one of these is met, the block declares a plain function of the name.
    unless: Vec<TokenStream>,
}

impl Callee {
    /// `#[cfg(..)]`, if it is only looked up under conditions.
    pub(super) fn cfg(&self) -> TokenStream {
        let unless = &self.unless;
        let unless = (!unless.is_empty()).then(|| quote!(#[cfg(not(any(#(#unless),*)))]));
        if self.conditions.iter().any(Vec::is_empty) {
            return quote!(#unless);
        }
        let any = self.conditions.iter().map(|all| quote!(all(#(#all),*)));
        quote!(#unless #[cfg(any(#(#any),*))])
    }
}

/// The callees looked up in one block with items.
#[derive(Default)]
pub(super) struct Frame {
    items: HashSet<String>,
    globs: bool,
    /// The conditions under which a plain function of a name is declared.
    plain_if: HashMap<String, Vec<TokenStream>>,
    pub(super) callees: Vec<Callee>,
}

/// What a name is in one lexical scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// A local variable.
    Value,
    /// A local variable that is no handle, as far as what it is bound to says so.
    PlainValue,
    /// A function without `#[delayed]`, declared in the block.
    Plain,
    /// Another item, which may be delayed.
    Item,
}

/// The names bound in one lexical scope; with the callee where a name is the result of a call, and what it holds as far as the syntax says so.
#[derive(Default)]
struct Names {
    bound: HashMap<String, Bound>,
    made_by: HashMap<String, Ident>,
    held: HashMap<String, Holds>,
    /// Those of collections of the standard library.
    collections: HashSet<String>,
    /// Those of what comes of a method of values.
    of_values: HashSet<String>,
    /// Those whose type is that of the parameter they are given to.
    typeless: HashSet<String>,
}

pub(super) struct Scopes {
    names: Vec<Names>,
    frames: Vec<Frame>,
    aliases: usize,
    /// The `#[cfg(..)]`s we are in.
    conditions: Vec<TokenStream>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Scopes {
            names: vec![Names::default()],
            frames: vec![Frame::default()],
            aliases: 0,
            conditions: Vec::new(),
        }
    }

    pub(super) fn enter(&mut self) {
        self.names.push(Names::default());
    }

    pub(super) fn leave(&mut self) {
        self.names.pop();
    }

    /// Enters the `#[cfg(..)]`s among these attributes; how many to leave again.
    pub(super) fn enter_conditions(&mut self, attributes: &[Attribute]) -> usize {
        let conditions = cfgs(attributes);
        let many = conditions.len();
        self.conditions.extend(conditions);
        many
    }

    pub(super) fn leave_conditions(&mut self, many: usize) {
        self.conditions.truncate(self.conditions.len() - many);
    }

    /// Binds the functions that a block declares, which hide what was bound around it.
    pub(super) fn bind_items(&mut self, block: &Block) {
        let Some(names) = self.names.last_mut() else { return };
        for statement in &block.stmts {
            if let Stmt::Item(Item::Fn(function)) = statement {
                // One under conditions may not be there: then the name is looked up, as far as they are not met.
                let plain =
                    function.attrs.iter().all(is_builtin) && cfgs(&function.attrs).is_empty();
                let bound = if plain { Bound::Plain } else { Bound::Item };
                names.bound.insert(function.sig.ident.to_string(), bound);
            }
        }
    }

    fn bound(&self, name: &str) -> Option<Bound> {
        self.names.iter().rev().find_map(|names| names.bound.get(name)).copied()
    }

    /// Opens a frame if the block declares something that a callee's path could begin with.
    pub(super) fn enter_frame(&mut self, block: &Block) -> bool {
        let mut frame = Frame::default();
        for statement in &block.stmts {
            if let Stmt::Item(item) = statement {
                frame.declare(item);
            }
        }
        let framed = frame.globs || !frame.items.is_empty();
        if framed {
            self.frames.push(frame);
        }
        framed
    }

    pub(super) fn leave_frame(&mut self) -> Frame {
        self.frames.pop().unwrap_or_default()
    }

    pub(super) fn bind(&mut self, pattern: &Pat) {
        struct Binds<'a>(&'a mut Names);
        impl<'ast> Visit<'ast> for Binds<'_> {
            fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
                let name = pattern.ident.to_string();
                self.0.made_by.remove(&name);
                self.0.held.remove(&name);
                self.0.collections.remove(&name);
                self.0.of_values.remove(&name);
                self.0.typeless.remove(&name);
                self.0.bound.insert(name, Bound::Value);
                visit::visit_pat_ident(self, pattern);
            }
        }
        if let Some(names) = self.names.last_mut() {
            Binds(names).visit_pat(pattern);
        }
    }

    /// Notes that the names of `pattern`, just bound, hold no handles.
    pub(super) fn bind_plain(&mut self, pattern: &Pat) {
        let names = names_of(pattern);
        if let Some(bound) = self.names.last_mut() {
            bound.bound.extend(names.iter().map(|name| (name.to_string(), Bound::PlainValue)));
        }
    }

    /// Whether a name is no handle: it comes from outside the block, or what it is bound to says so.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.bound(name) != Some(Bound::Value) && self.held(name).is_none()
    }

    /// Notes that `name`, just bound, holds the result of the callee behind `alias`.
    pub(super) fn bind_result(&mut self, name: &Ident, alias: Ident) {
        if let Some(names) = self.names.last_mut() {
            names.made_by.insert(name.to_string(), alias);
        }
    }

    /// Notes that the names of `pattern`, just bound, hold parts of the result of the callee behind `alias`.
    pub(super) fn bind_results(&mut self, pattern: &Pat, alias: &Ident) {
        names_of(pattern).iter().for_each(|name| self.bind_result(name, alias.clone()));
    }

    /// The innermost scope that binds a name.
    fn innermost(&self, name: &str) -> Option<&Names> {
        self.names.iter().rev().find(|names| names.bound.contains_key(name))
    }

    /// The callee whose result a name holds, if its innermost binding says so.
    pub(super) fn made_by(&self, name: &str) -> Option<Ident> {
        self.innermost(name)?.made_by.get(name).cloned()
    }

    /// Notes that `name`, just bound, has the type of the parameter it is given to.
    pub(super) fn bind_typeless(&mut self, name: &Ident) {
        if let Some(names) = self.names.last_mut() {
            names.typeless.insert(name.to_string());
        }
    }

    /// Whether a name has the type of the parameter it is given to.
    pub(super) fn is_typeless(&self, name: &str) -> bool {
        self.innermost(name).is_some_and(|names| names.typeless.contains(name))
    }

    /// Notes that `name`, just bound, comes of a method of values.
    pub(super) fn bind_of_a_value(&mut self, name: &Ident) {
        if let Some(names) = self.names.last_mut() {
            names.of_values.insert(name.to_string());
        }
    }

    /// Whether a name comes of a method of values.
    pub(super) fn is_of_a_value(&self, name: &str) -> bool {
        self.innermost(name).is_some_and(|names| names.of_values.contains(name))
    }

    /// Notes that `name`, just bound, is a collection of the standard library.
    pub(super) fn bind_collection(&mut self, name: &Ident) {
        if let Some(names) = self.names.last_mut() {
            names.collections.insert(name.to_string());
        }
    }

    /// Whether a name is one, by its innermost binding.
    pub(super) fn is_collection(&self, name: &str) -> bool {
        self.innermost(name).is_some_and(|names| names.collections.contains(name))
    }

    /// Notes what `name`, just bound, holds.
    pub(super) fn bind_held(&mut self, name: &str, held: Holds) {
        if let Some(names) = self.names.last_mut() {
            names.held.insert(name.to_owned(), held);
        }
    }

    /// Notes what `name`, wherever it is bound, holds from here on.
    pub(super) fn hold(&mut self, name: &str, held: Holds) {
        let mut scopes = self.names.iter_mut().rev();
        if let Some(names) = scopes.find(|names| names.bound.contains_key(name)) {
            names.held.insert(name.to_owned(), held);
        }
    }

    /// What a name holds, if its innermost binding says so.
    pub(super) fn held(&self, name: &str) -> Option<Holds> {
        self.innermost(name)?.held.get(name).cloned()
    }

    /// The alias under which a callee is looked up; none if it is a plain call by its syntax.
    pub(super) fn callee(&mut self, callee: &ExprPath) -> Option<Ident> {
        let path = &callee.path;
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let (first, last) = (names.first()?, names.last()?);
        let typed = |name: &String| name.starts_with(char::is_uppercase);
        let arguments = |at: usize| !path.segments[at].arguments.is_none();
        let plain = callee.qself.is_some()
            || names.iter().any(typed)
            || (0..names.len() - 1).any(arguments)
            || (path.leading_colon.is_some() && names.len() < 2)
            || (names.len() > 1 && crate::PRIMITIVES.contains(&first.as_str()))
            || (names.len() == 1
                && (matches!(
                    self.bound(first),
                    Some(Bound::Value | Bound::PlainValue | Bound::Plain)
                ) || crate::STD_MACROS.contains(&last.trim_start_matches("r#"))));
        if plain {
            return None;
        }
        let root = if path.leading_colon.is_some() { "::" } else { "" };
        let key = format!("{root}{}", names.join("::"));
        let located = Span::mixed_site().located_at(path.span());
        let conditions = self.conditions.clone();
        let frame = self.frame_of(first);
        if let Some(known) = frame.callees.iter_mut().find(|known| known.key == key) {
            if !known.conditions.iter().any(Vec::is_empty) {
                known.conditions.push(conditions);
            }
            let mut alias = known.alias.clone();
            alias.set_span(located);
            return Some(alias);
        }
        let mut bare = path.clone();
        if let Some(last) = bare.segments.last_mut() {
            last.arguments = PathArguments::None;
        }
        self.aliases += 1;
        let name = format!("__tw_{}_{}", self.aliases, last.trim_start_matches("r#"));
        let alias = Ident::new(&name, located);
        let everywhere = names.len() == 1
            && crate::FUNCTIONS_OF_THE_PRELUDE.contains(&&**last)
            && !self.frames.iter().any(|frame| frame.items.contains(last));
        let conditions = vec![conditions];
        let frame = self.frame_of(first);
        let plain_if = if names.len() == 1 { frame.plain_if.get(last) } else { None };
        frame.callees.push(Callee {
            path: bare,
            alias: alias.clone(),
            key,
            everywhere,
            again: false,
            unless: plain_if.cloned().unwrap_or_default(),
            conditions,
        });
        Some(alias)
    }

    /// The same callee, which is there only under the conditions that we are in: what it gave may not be there without them.
    pub(super) fn under_conditions(&mut self, alias: Ident) -> Ident {
        let conditions = vec![self.conditions.clone()];
        let made = |frame: &Frame| frame.callees.iter().position(|known| known.alias == alias);
        let mut frames = self.frames.iter_mut();
        let Some((frame, at)) = frames.find_map(|frame| made(frame).map(|at| (frame, at))) else {
            return alias;
        };
        self.aliases += 1;
        let known = &frame.callees[at];
        let conditional = Callee {
            path: known.path.clone(),
            alias: Ident::new(&format!("{alias}_{}", self.aliases), alias.span()),
            key: format!("{} again", known.key),
            everywhere: known.everywhere,
            again: true,
            conditions,
            unless: known.unless.clone(),
        };
        let alias = conditional.alias.clone();
        frame.callees.push(conditional);
        alias
    }

    /// The innermost frame that declares `name`, or may by a glob; else the outermost.
    fn frame_of(&mut self, name: &str) -> &mut Frame {
        let declares = |frame: &Frame| frame.globs || frame.items.contains(name);
        let at = self.frames.iter().rposition(declares).unwrap_or(0);
        &mut self.frames[at]
    }
}

/// The conditions of the `#[cfg(..)]`s among these attributes.
pub(super) fn cfgs(attributes: &[Attribute]) -> Vec<TokenStream> {
    let cfgs = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let lists = cfgs.filter_map(|cfg| cfg.meta.require_list().ok());
    lists.map(|list| list.tokens.clone()).collect()
}

/// Whether an attribute is the language's own: with none but these a function is not delayed.
fn is_builtin(attribute: &Attribute) -> bool {
    const BUILTIN: &[&str] = &[
        "allow",
        "cold",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "inline",
        "must_use",
        "track_caller",
        "warn",
        "cfg",
    ];
    BUILTIN.iter().any(|name| attribute.path().is_ident(name))
}

impl Frame {
    fn declare(&mut self, item: &Item) {
        match item {
            Item::Fn(item) => {
                let (name, conditions) = (item.sig.ident.to_string(), cfgs(&item.attrs));
                if item.attrs.iter().all(is_builtin) && !conditions.is_empty() {
                    let all = quote!(all(#(#conditions),*));
                    self.plain_if.entry(name.clone()).or_default().push(all);
                }
                self.items.insert(name)
            }
            Item::Mod(item) => self.items.insert(item.ident.to_string()),
            Item::Static(item) => self.items.insert(item.ident.to_string()),
            Item::Const(item) => self.items.insert(item.ident.to_string()),
            Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |rename| &rename.1);
                self.items.insert(name.to_string())
            }
            Item::Use(item) => {
                self.visit_item_use(item);
                true
            }
            _ => true,
        };
    }
}

impl<'ast> Visit<'ast> for Frame {
    fn visit_use_name(&mut self, name: &'ast UseName) {
        self.items.insert(name.ident.to_string());
    }
    fn visit_use_rename(&mut self, name: &'ast UseRename) {
        self.items.insert(name.rename.to_string());
    }
    fn visit_use_glob(&mut self, _: &'ast UseGlob) {
        self.globs = true;
    }
}

/// The names that a pattern binds.
pub(super) fn names_of(pattern: &Pat) -> Vec<Ident> {
    struct Names(Vec<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
            self.0.push(pattern.ident.clone());
            visit::visit_pat_ident(self, pattern);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pattern);
    names.0
}
