//! Which inputs and tasks the arguments of a task use, and how.
//!
//! In: the call's arguments. Out: [`Use`]s. Names that an argument binds itself (in closures, blocks, patterns) are its own.

use super::check::{How, Mistakes, Use, What, unknown};
use super::parse::Task;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use std::collections::HashMap;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprCall, ExprClosure, ExprField, ExprForLoop, ExprIf, ExprIndex, ExprLet,
    ExprMacro, ExprMethodCall, ExprReference, ExprTry, ExprWhile, Local, Pat, PatIdent, Token,
};

pub(super) fn uses_of(
    task: &Task,
    names: &HashMap<String, What>,
    mistakes: &mut Mistakes,
) -> Vec<Use> {
    let mut uses = Uses {
        names,
        bound: Vec::new(),
        found: Vec::new(),
        wrong: Vec::new(),
        unseen: Vec::new(),
        tried: None,
    };
    task.call.args.iter().for_each(|argument| uses.visit_expr(argument));
    if let Some(tried) = uses.tried {
        let message = "`?` stands behind the whole call of a task, not inside its arguments\n\
            make a task of what may fail, with `?` behind it, and pass that";
        mistakes.add(tried, message);
    }
    if let Expr::Path(callee) = &*task.call.func
        && let Some(callee) = callee.path.get_ident()
        && uses.found.iter().any(|one| one.name == *callee)
    {
        let message = format!(
            "`{callee}` is both the function that is called and what is passed to it\ngive the task or input another name"
        );
        mistakes.add(callee.span(), &message);
    }
    for name in &uses.wrong {
        mistakes.add(name.span(), &unknown(name, names));
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

struct Uses<'a> {
    names: &'a HashMap<String, What>,
    /// What the argument has bound where the visit stands.
    bound: Vec<String>,
    found: Vec<Use>,
    wrong: Vec<Ident>,
    /// Macros that use names of the graph, and the first such name.
    unseen: Vec<(Ident, String)>,
    /// A `?` in an argument.
    tried: Option<Span>,
}

impl Uses<'_> {
    fn name(&mut self, expr: &Expr, how: How) -> bool {
        let Expr::Path(path) = expr else { return false };
        let Some(name) = path.path.get_ident() else { return false };
        let text = name.to_string();
        if self.bound.contains(&text) {
            return true;
        }
        match self.names.get(&text) {
            Some(&what) => self.found.push(Use { what, name: name.clone(), how }),
            // A constant, `None`.
            None if text.starts_with(char::is_uppercase) => {}
            None => self.wrong.push(name.clone()),
        }
        true
    }

    fn bind(&mut self, pattern: &Pat) {
        struct Bindings<'a>(&'a mut Vec<String>);
        impl<'ast> Visit<'ast> for Bindings<'_> {
            fn visit_pat_ident(&mut self, binding: &'ast PatIdent) {
                self.0.push(binding.ident.to_string());
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

    /// A name of the graph in the tokens of a macro, also in its text.
    fn used_in(&self, tokens: TokenStream) -> Option<String> {
        let known =
            |name: &str| self.names.contains_key(name) && !self.bound.iter().any(|b| b == name);
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(name) => Some(name.to_string()).filter(|name| known(name)),
            TokenTree::Group(group) => self.used_in(group.stream()),
            TokenTree::Literal(text) => {
                let text = text.to_string();
                let names = text.split('{').skip(1).map(|part| {
                    part.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .next()
                        .unwrap_or_default()
                });
                names.filter(|name| known(name)).map(str::to_owned).next()
            }
            TokenTree::Punct(_) => None,
        })
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_expr_try(&mut self, tried: &'ast ExprTry) {
        self.tried.get_or_insert(tried.question_token.span);
        self.visit_expr(&tried.expr);
    }
    fn visit_expr(&mut self, expr: &'ast Expr) {
        if !self.name(expr, How::Take) {
            visit::visit_expr(self, expr);
        }
    }
    fn visit_expr_reference(&mut self, reference: &'ast ExprReference) {
        if !self.name(&reference.expr, How::Lend) {
            visit::visit_expr_reference(self, reference);
        }
    }
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if !self.name(&call.receiver, How::Lend) {
            self.visit_expr(&call.receiver);
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }
    fn visit_expr_index(&mut self, index: &'ast ExprIndex) {
        if !self.name(&index.expr, How::Lend) {
            self.visit_expr(&index.expr);
        }
        self.visit_expr(&index.index);
    }
    fn visit_expr_field(&mut self, field: &'ast ExprField) {
        if !self.name(&field.base, How::Part) {
            self.visit_expr(&field.base);
        }
    }
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        // The function is no task.
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }
    fn visit_expr_macro(&mut self, call: &'ast ExprMacro) {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let pair = |input: syn::parse::ParseStream<'_>| {
            let member: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((member, input.parse::<Expr>()?))
        };
        let tokens = &call.mac.tokens;
        if call.mac.path.is_ident("vec") {
            if let Ok(members) = list.parse2(tokens.clone()) {
                // They don't live as long as the visit says, which needs them for no longer.
                members.iter().for_each(|member| Uses::visit_expr(self, member));
                return;
            }
            if let Ok((member, count)) = pair.parse2(tokens.clone()) {
                Uses::visit_expr(self, &member);
                Uses::visit_expr(self, &count);
                return;
            }
        }
        if let (Some(name), Some(called)) =
            (self.used_in(tokens.clone()), call.mac.path.segments.last())
        {
            self.unseen.push((called.ident.clone(), name));
        }
    }
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.scope(|uses| {
            closure.inputs.iter().for_each(|input| uses.bind(input));
            uses.visit_expr(&closure.body);
        });
    }
    fn visit_block(&mut self, block: &'ast Block) {
        self.scope(|uses| visit::visit_block(uses, block));
    }
    fn visit_local(&mut self, local: &'ast Local) {
        visit::visit_local(self, local);
        self.bind(&local.pat);
    }
    fn visit_expr_let(&mut self, condition: &'ast ExprLet) {
        self.visit_expr(&condition.expr);
        self.bind(&condition.pat);
    }
    fn visit_expr_if(&mut self, branch: &'ast ExprIf) {
        self.scope(|uses| {
            uses.visit_expr(&branch.cond);
            uses.visit_block(&branch.then_branch);
        });
        if let Some((_, otherwise)) = &branch.else_branch {
            self.visit_expr(otherwise);
        }
    }
    fn visit_expr_while(&mut self, repeated: &'ast ExprWhile) {
        self.scope(|uses| {
            uses.visit_expr(&repeated.cond);
            uses.visit_block(&repeated.body);
        });
    }
    fn visit_expr_for_loop(&mut self, repeated: &'ast ExprForLoop) {
        self.visit_expr(&repeated.expr);
        self.scope(|uses| {
            uses.bind(&repeated.pat);
            uses.visit_block(&repeated.body);
        });
    }
    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.scope(|uses| {
            uses.bind(&arm.pat);
            if let Some((_, guard)) = &arm.guard {
                uses.visit_expr(guard);
            }
            uses.visit_expr(&arm.body);
        });
    }
}
