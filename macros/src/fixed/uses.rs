//! Which inputs and tasks the arguments of a task use, and how.
//!
//! In: the call's arguments. Out: [`Use`]s; and the call as it stands in the task's function, where `&name` of what is lent is `name`. Names that
//! an argument binds itself (in closures, blocks, patterns) are its own.

use super::check::{How, Mistakes, Use, What, plain, unknown};
use super::parse::{Task, ungrouped};
use crate::graph::names_in;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::HashMap;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprAsync, ExprCall, ExprClosure, ExprField, ExprForLoop, ExprIf, ExprIndex,
    ExprLet, ExprLit, ExprMacro, ExprMethodCall, ExprReference, ExprReturn, ExprTry, ExprWhile,
    Fields, Item, Lit, LitStr, Local, Macro, Pat, PatIdent, Stmt, Token, UseTree,
};

pub(super) fn uses_of(
    task: &Task,
    names: &HashMap<String, What>,
    mistakes: &mut Mistakes,
) -> Vec<Use> {
    let mut call = task.call.clone();
    let mut uses = Uses::new(names, plain(&task.name));
    for (at, argument) in call.args.iter_mut().enumerate() {
        uses.argument = at;
        uses.visit_expr_mut(argument);
    }
    if let Some(returned) = uses.returned {
        let message = "`return` would leave the argument only, not the graph, which always gives its output\n\
            make the value the block's last expression, or make a task of what returns";
        mistakes.add(returned, message);
    }
    if let Some(tried) = uses.tried {
        let message = "`?` stands behind the whole call of a task, not inside its arguments\n\
            make a task of what may fail, with `?` behind it, and pass that";
        mistakes.add(tried, message);
    }
    if let Expr::Path(callee) = &*task.call.func
        && let Some(callee) = callee.path.get_ident()
        && uses.found.iter().any(|one| plain(&one.name) == plain(callee))
    {
        let message = format!(
            "`{callee}` is both the function that is called and what is passed to it\ngive the task or input another name"
        );
        mistakes.add(callee.span(), &message);
    }
    for name in &uses.wrong {
        let mut message = unknown(name, names);
        if !message.contains("did you mean") {
            message += &format!(
                "\npass a constant, a static or a function by its path: `self::{}`",
                plain(name)
            );
        }
        mistakes.add(name.span(), &message);
    }
    for (called, name) in &uses.unseen {
        let message = format!(
            "a static graph does not look into `{called}!`, which uses `{name}`\n\
             put the macro into a #[delayed] function"
        );
        mistakes.add(called.span(), &message);
    }
    uses.found
}

/// The call, as it stands in a function with these parameters: `&name` of one that is a borrow itself is `name`.
pub(super) fn in_function(task: &Task, parameters: &[Use]) -> ExprCall {
    let names: HashMap<String, What> =
        parameters.iter().map(|one| (plain(&one.name), one.what)).collect();
    let mut call = task.call.clone();
    let mut uses = Uses::new(&names, plain(&task.name));
    uses.lent = parameters.iter().filter(|one| one.how == How::Lend).map(|one| one.what).collect();
    call.args.iter_mut().for_each(|argument| uses.visit_expr_mut(argument));
    call
}

struct Uses<'a> {
    names: &'a HashMap<String, What>,
    /// Whose arguments they are.
    own: String,
    /// The argument where the visit stands.
    argument: usize,
    /// What the argument has bound where the visit stands.
    bound: Vec<String>,
    found: Vec<Use>,
    wrong: Vec<Ident>,
    /// Macros that use names of the graph, and the first such name.
    unseen: Vec<(Ident, String)>,
    /// A `?` in an argument, and a `return`, which leave it; those of a closure leave that.
    tried: Option<Span>,
    returned: Option<Span>,
    closures: usize,
    /// Whose `&name` becomes `name`.
    lent: Vec<What>,
}

impl<'a> Uses<'a> {
    fn new(names: &'a HashMap<String, What>, own: String) -> Uses<'a> {
        Uses {
            names,
            own,
            argument: 0,
            bound: Vec::new(),
            found: Vec::new(),
            wrong: Vec::new(),
            unseen: Vec::new(),
            tried: None,
            returned: None,
            closures: 0,
            lent: Vec::new(),
        }
    }

    /// A name, also in parentheses.
    fn named(expr: &Expr) -> Option<&Ident> {
        match expr {
            Expr::Path(path) => path.path.get_ident(),
            Expr::Paren(inner) => Self::named(&inner.expr),
            Expr::Group(inner) => Self::named(&inner.expr),
            _ => None,
        }
    }

    /// What a name stands for, if that is something of the graph.
    fn meant(&self, name: &Ident) -> Option<What> {
        let text = plain(name);
        if self.bound.contains(&text) { None } else { self.names.get(&text).copied() }
    }

    fn name(&mut self, expr: &Expr, how: How) -> bool {
        let Some(name) = Self::named(expr) else { return false };
        let text = plain(name);
        match self.meant(name) {
            Some(what) => {
                let (name, argument) = (name.clone(), self.argument);
                self.found.push(Use { what, name, argument, how });
            }
            // A constant, `None`.
            None if text.starts_with(char::is_uppercase) || self.bound.contains(&text) => {}
            None => self.wrong.push(name.clone()),
        }
        true
    }

    fn bind(&mut self, pattern: &Pat) {
        struct Bindings<'a>(&'a mut Vec<String>);
        impl<'ast> Visit<'ast> for Bindings<'_> {
            fn visit_pat_ident(&mut self, binding: &'ast PatIdent) {
                self.0.push(plain(&binding.ident));
                visit::visit_pat_ident(self, binding);
            }
        }
        Bindings(&mut self.bound).visit_pat(pattern);
    }

    /// What is bound in `inside` ends with it.
    fn scope(&mut self, inside: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        inside(self);
        self.bound.truncate(outside);
    }

    /// A name of the graph that a macro uses: in its arguments, which mostly are expressions, or in a format.
    fn used_in(&self, call: &Macro) -> Option<String> {
        let called = call.path.segments.last()?.ident.to_string();
        if NO_NAMES.contains(&&*called) {
            return None;
        }
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let Ok(arguments) = list.parse2(call.tokens.clone()) else {
            return self.used_in_tokens(call.tokens.clone());
        };
        let mut inside = Uses::new(self.names, self.own.clone());
        inside.bound.clone_from(&self.bound);
        // In `format!("{x}", x = 1)` the name is the macro's.
        let mut given = Vec::new();
        for argument in arguments.clone() {
            match argument {
                Expr::Assign(named) => {
                    given.extend(Self::named(&named.left).map(plain));
                    inside.visit_expr_mut(&mut { *named.right });
                }
                mut argument => inside.visit_expr_mut(&mut argument),
            }
        }
        let used = inside.found.first().map(|one| plain(&one.name));
        let used = used.or_else(|| inside.unseen.into_iter().next().map(|(_, name)| name));
        let formats = arguments.iter().enumerate().filter(|(at, _)| is_format(&called, *at));
        used.or_else(|| {
            let texts = formats.filter_map(|(_, argument)| match argument {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                _ => None,
            });
            let mut names = texts.flat_map(|text| names_in(&text));
            names.find(|name| self.is_of_graph(name) && !given.contains(name))
        })
    }

    fn used_in_tokens(&self, tokens: TokenStream) -> Option<String> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(name) => Some(plain(&name)).filter(|name| self.is_of_graph(name)),
            TokenTree::Group(group) => self.used_in_tokens(group.stream()),
            TokenTree::Literal(text) => {
                let text: LitStr = syn::parse2(TokenTree::Literal(text).into()).ok()?;
                names_in(&text.value()).into_iter().find(|name| self.is_of_graph(name))
            }
            TokenTree::Punct(_) => None,
        })
    }

    fn is_of_graph(&self, name: &str) -> bool {
        self.names.contains_key(name) && !self.bound.iter().any(|bound| bound == name)
    }
}

/// Standard macros whose arguments are no values.
const NO_NAMES: &[&str] = &[
    "cfg",
    "column",
    "compile_error",
    "concat",
    "env",
    "file",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "module_path",
    "offset_of",
    "option_env",
    "stringify",
];

/// Whether the argument at this place is a format, if it is a text; of a macro that is not known it may be.
fn is_format(called: &str, at: usize) -> bool {
    match called {
        "format" | "format_args" | "print" | "println" | "eprint" | "eprintln" | "panic"
        | "todo" | "unimplemented" | "unreachable" => at == 0,
        "write" | "writeln" | "assert" | "debug_assert" => at == 1,
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => at == 2,
        "dbg" | "vec" => false,
        _ => true,
    }
}

/// The names of values that an item brings into its block.
fn values_of(item: &Item, names: &mut Vec<String>) {
    match item {
        Item::Fn(item) => names.push(plain(&item.sig.ident)),
        Item::Const(item) => names.push(plain(&item.ident)),
        Item::Static(item) => names.push(plain(&item.ident)),
        Item::Struct(item) if !matches!(item.fields, Fields::Named(_)) => {
            names.push(plain(&item.ident));
        }
        Item::Use(item) => imported(&item.tree, names),
        _ => {}
    }
}

/// The names that a `use` brings; `self` is a module, and what a `*` brings cannot be seen.
fn imported(tree: &UseTree, names: &mut Vec<String>) {
    match tree {
        UseTree::Path(path) => imported(&path.tree, names),
        UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
        UseTree::Name(name) if name.ident != "self" => names.push(plain(&name.ident)),
        UseTree::Rename(name) if name.ident != "self" => names.push(plain(&name.rename)),
        _ => {}
    }
}

impl VisitMut for Uses<'_> {
    fn visit_expr_try_mut(&mut self, tried: &mut ExprTry) {
        if self.closures == 0 {
            self.tried.get_or_insert(tried.question_token.span);
        }
        self.visit_expr_mut(&mut tried.expr);
    }
    fn visit_expr_return_mut(&mut self, returned: &mut ExprReturn) {
        if self.closures == 0 {
            self.returned.get_or_insert(returned.return_token.span);
        }
        visit_mut::visit_expr_return_mut(self, returned);
    }
    fn visit_expr_async_mut(&mut self, later: &mut ExprAsync) {
        self.closures += 1;
        visit_mut::visit_expr_async_mut(self, later);
        self.closures -= 1;
    }
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Reference(ExprReference { mutability: None, expr: inner, .. }) = expr
            && let Some(what) = Self::named(inner).and_then(|name| self.meant(name))
            && self.lent.contains(&what)
        {
            *expr = (**inner).clone();
        } else if !self.name(expr, How::Take) {
            visit_mut::visit_expr_mut(self, expr);
        }
    }
    fn visit_expr_reference_mut(&mut self, reference: &mut ExprReference) {
        if !self.name(&reference.expr, How::Lend) {
            self.visit_expr_mut(&mut reference.expr);
        }
    }
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        // Some methods take it.
        if !self.name(&call.receiver, How::Part) {
            self.visit_expr_mut(&mut call.receiver);
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }
    fn visit_expr_index_mut(&mut self, index: &mut ExprIndex) {
        if !self.name(&index.expr, How::Lend) {
            self.visit_expr_mut(&mut index.expr);
        }
        self.visit_expr_mut(&mut index.index);
    }
    fn visit_expr_field_mut(&mut self, field: &mut ExprField) {
        if !self.name(&field.base, How::Part) {
            self.visit_expr_mut(&mut field.base);
        }
    }
    fn visit_expr_call_mut(&mut self, call: &mut ExprCall) {
        match Self::named(&call.func) {
            // A value that is called; a task's own name is a function's there, for it cannot wait for itself.
            Some(name) if plain(name) != self.own && self.meant(name).is_some() => {
                self.name(&call.func, How::Part);
            }
            Some(_) => {}
            None if matches!(ungrouped((*call.func).clone()), Expr::Path(_)) => {}
            None => self.visit_expr_mut(&mut call.func),
        }
        call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
    }
    fn visit_expr_macro_mut(&mut self, call: &mut ExprMacro) {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let pair = |input: syn::parse::ParseStream<'_>| {
            let member: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((member, input.parse::<Expr>()?))
        };
        let tokens = call.mac.tokens.clone();
        if call.mac.path.is_ident("vec") {
            if let Ok(mut members) = list.parse2(tokens.clone()) {
                members.iter_mut().for_each(|member| self.visit_expr_mut(member));
                call.mac.tokens = quote!(#members);
                return;
            }
            if let Ok((mut member, mut count)) = pair.parse2(tokens.clone()) {
                self.visit_expr_mut(&mut member);
                self.visit_expr_mut(&mut count);
                call.mac.tokens = quote!(#member; #count);
                return;
            }
        }
        let used = self.used_in(&call.mac);
        if let (Some(name), Some(called)) = (used, call.mac.path.segments.last()) {
            self.unseen.push((called.ident.clone(), name));
        }
    }
    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.closures += 1;
        self.scope(|uses| {
            closure.inputs.iter().for_each(|input| uses.bind(input));
            uses.visit_expr_mut(&mut closure.body);
        });
        self.closures -= 1;
    }
    /// Items are known in the whole block, and see no names of the graph.
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.scope(|uses| {
            for stmt in &block.stmts {
                if let Stmt::Item(item) = stmt {
                    values_of(item, &mut uses.bound);
                }
            }
            visit_mut::visit_block_mut(uses, block);
        });
    }
    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_local_mut(&mut self, local: &mut Local) {
        if let Some(init) = &mut local.init {
            visit_mut::visit_local_init_mut(self, init);
        }
        self.bind(&local.pat);
    }
    fn visit_expr_let_mut(&mut self, condition: &mut ExprLet) {
        self.visit_expr_mut(&mut condition.expr);
        self.bind(&condition.pat);
    }
    fn visit_expr_if_mut(&mut self, branch: &mut ExprIf) {
        self.scope(|uses| {
            uses.visit_expr_mut(&mut branch.cond);
            uses.visit_block_mut(&mut branch.then_branch);
        });
        if let Some((_, otherwise)) = &mut branch.else_branch {
            self.visit_expr_mut(otherwise);
        }
    }
    fn visit_expr_while_mut(&mut self, repeated: &mut ExprWhile) {
        self.scope(|uses| {
            uses.visit_expr_mut(&mut repeated.cond);
            uses.visit_block_mut(&mut repeated.body);
        });
    }
    fn visit_expr_for_loop_mut(&mut self, repeated: &mut ExprForLoop) {
        self.visit_expr_mut(&mut repeated.expr);
        self.scope(|uses| {
            uses.bind(&repeated.pat);
            uses.visit_block_mut(&mut repeated.body);
        });
    }
    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.scope(|uses| {
            uses.bind(&arm.pat);
            if let Some((_, guard)) = &mut arm.guard {
                uses.visit_expr_mut(guard);
            }
            uses.visit_expr_mut(&mut arm.body);
        });
    }
}
