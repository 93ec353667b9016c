//! The walk over the block: calls go through their callee's macro, conditions and loops through a helper with a message.
//!
//! In: the user's block. Out: the same block rewritten in place, the callees to look up, what is wrong with it, and whether it awaits.
//! Items in the block are left alone; so are tokens inside macros whose grammar is not ours, unless they contain what looks
//! like a call. What a call becomes stands in [`super::calls`], what needs a value that isn't there in [`super::unready`], what is decided on in
//! [`super::conditions`].

use super::apart::taken_apart_within;
use super::holds::{Holds, combines, makes_a_collection};
use super::mistake;
use super::scope::{Callee, Frame, Scopes, cfgs, names_of};
use super::unready::{is_wild, looks_inside};
use super::values;
use super::{Uses, uses};
use crate::relocate;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Attribute, BinOp, Block, Error, Expr, ExprAwait, ExprClosure, ExprConst, ExprForLoop,
    ExprLet, ExprLit, ExprRange, ExprRepeat, FieldValue, Item, Lit, Local, Pat, Stmt, Type,
    parse_quote,
};

const NO_RETURN: &str = "`return` in a graph that awaits has nowhere to go: the function around it is over when the graph is built\n\
    make the value the last expression; to stop with an error write `Err(error)?`";

/// Makes mistakes of the `return`s of a block, so that their types are not wrong as well; how many.
struct NoReturns(usize);

impl VisitMut for NoReturns {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Return(returned) => {
                *expr = Expr::Verbatim(mistake(returned.return_token.span, NO_RETURN));
                self.0 += 1;
            }
            Expr::Closure(_) | Expr::Async(_) => {}
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

/// The walk through the block.
pub(super) struct Rewrite {
    pub(super) scopes: Scopes,
    door: TokenStream,
    pub(super) builder: Ident,
    /// The block as it was written.
    pub(super) written: TokenStream,
    pub(super) mistakes: Vec<Error>,
    /// In an `async` block `.await` is not ours.
    asyncs: usize,
    /// How many closures we are in.
    closures: usize,
    awaits: bool,
    /// What the closure's parameter holds that is visited next.
    pub(super) element: Option<Holds>,
    /// Whether the value of the expression, or the block, is used that is visited next.
    pub(super) is_used: bool,
    /// Whether the expression that is visited next is an operand, of whose members the whole speaks.
    pub(super) is_operand: bool,
    /// The callees of outputs that branches let go of, of whose `;` it has been told.
    pub(super) let_go: Vec<Ident>,
    /// Where the block returns from the function around it.
    returns: Vec<Span>,
}

/// What is known when the walk is over.
pub(super) struct Rewritten {
    pub(super) callees: Vec<Callee>,
    pub(super) mistakes: Vec<Error>,
    pub(super) awaits: bool,
}

impl Rewrite {
    /// `awaits` where an `.await` is known of that is no longer there.
    pub(super) fn new(door: TokenStream, builder: Ident, awaits: bool) -> Self {
        Rewrite {
            scopes: Scopes::new(),
            door,
            builder,
            written: TokenStream::new(),
            mistakes: Vec::new(),
            asyncs: 0,
            closures: 0,
            awaits,
            element: None,
            is_used: false,
            is_operand: false,
            let_go: Vec::new(),
            returns: Vec::new(),
        }
    }

    pub(super) fn block(&mut self, block: &mut Block, written: TokenStream) {
        self.written = written;
        self.visit_block_mut(block);
        if self.awaits && !self.returns.is_empty() {
            let mut replaced = NoReturns(0);
            replaced.visit_block_mut(block);
            if replaced.0 == self.returns.len() {
                self.returns.clear();
            }
        }
    }

    pub(super) fn finish(mut self) -> Rewritten {
        if self.awaits {
            let returns = self.returns.iter().map(|span| Error::new(*span, NO_RETURN));
            self.mistakes.extend(returns);
        }
        let callees = self.scopes.leave_frame().callees;
        Rewritten { callees, mistakes: self.mistakes, awaits: self.awaits }
    }

    pub(super) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.enter();
        let value = f(self);
        self.scopes.leave();
        value
    }

    pub(super) fn helper(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, Span::mixed_site().located_at(span));
        let door = relocate(&self.door, span);
        quote_spanned!(Span::mixed_site().located_at(span)=> #door::#name)
    }

    /// `let pattern = value` in a condition.
    pub(super) fn binding(&mut self, binding: &mut ExprLet) {
        let held = self.holds(&binding.expr);
        self.right_hand_side(&binding.pat, &mut binding.expr);
        self.scopes.bind(&binding.pat);
        self.bind_held(&binding.pat, held);
    }

    /// What a pattern is matched with.
    fn right_hand_side(&mut self, pattern: &Pat, value: &mut Expr) {
        let chain = looks_inside(pattern).then(|| value.clone());
        self.visit_expr_mut(value);
        if let Some(message) = chain.and_then(|chain| self.looked_into(&chain, value)) {
            *value = message;
        }
    }

    /// `x.await`: the value, for which the body waits; a failed task ends the body.
    fn awaited(&mut self, awaited: &mut ExprAwait) -> Expr {
        let span = awaited.await_token.span;
        self.visit_expr_mut(&mut awaited.base);
        self.awaits = true;
        if self.closures > 0 {
            return self.mistake_at(
                span,
                "`.await` cannot stand inside a closure of `graph!`, which is not the graph's body\n\
                 await in a `for` loop, or gather the handles and await once: `gather(handles).await`",
            );
        }
        if let Expr::Paren(inner) = &*awaited.base {
            awaited.base = inner.expr.clone();
        }
        let wait = self.helper("wait", awaited.base.span());
        let (base, builder) = (&awaited.base, &self.builder);
        let question = quote_spanned!(span=> ?);
        Expr::Verbatim(quote!(#wait(#builder, #base)#question))
    }

    fn arm(&mut self, arm: &mut Arm, is_used: bool) {
        let conditions = self.scopes.enter_conditions(&arm.attrs);
        self.scoped(|this| {
            this.scopes.bind(&arm.pat);
            if let Some((_, guard)) = &mut arm.guard {
                this.condition(guard);
            }
            this.is_used = is_used;
            this.visit_expr_mut(&mut arm.body);
        });
        self.scopes.leave_conditions(conditions);
    }

    fn statement(&mut self, statement: &mut Stmt) -> bool {
        let Stmt::Expr(expr, Some(_)) = statement else { return false };
        if let Expr::Assign(assign) = expr
            && matches!(*assign.left, Expr::Infer(_))
        {
            // `_ = ..`
            let rewritten = self.discarded(&assign.right);
            return rewritten.map(|rewritten| *assign.right = rewritten).is_some();
        }
        let written = attributes(expr).map(std::mem::take).unwrap_or_default();
        let rewritten = self.discarded(expr);
        let found = rewritten.is_some();
        match rewritten {
            Some(rewritten) => *expr = with_attributes(written, rewritten),
            None => {
                if let Some(place) = attributes(expr) {
                    *place = written;
                }
            }
        }
        found
    }
}

impl VisitMut for Rewrite {
    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_block_mut(&mut self, block: &mut Block) {
        let is_used = std::mem::take(&mut self.is_used);
        let framed = self.scopes.enter_frame(block);
        self.scoped(|this| {
            this.scopes.bind_items(block);
            let last = block.stmts.len().saturating_sub(1);
            for (at, statement) in block.stmts.iter_mut().enumerate() {
                let is_used = is_used && at == last;
                if is_used
                    && let Stmt::Expr(value, Some(semicolon)) = statement
                    && let Some(message) = this.discarded_last(value, semicolon.span)
                {
                    *statement = Stmt::Expr(message, None);
                    continue;
                }
                this.is_used = is_used;
                // Branches that give one value are told of once.
                let around = (!is_used).then(|| std::mem::take(&mut this.let_go));
                this.visit_stmt_mut(statement);
                this.is_used = false;
                this.let_go = around.unwrap_or_default();
            }
        });
        if framed {
            let Frame { callees, .. } = self.scopes.leave_frame();
            if callees.is_empty() {
                return;
            }
            let Uses { fallbacks, lookups, checks } = uses(&callees, &self.builder, &self.door);
            // The items stay in the outer block, where the lookups find them.
            let (items, rest): (Vec<Stmt>, Vec<Stmt>) = std::mem::take(&mut block.stmts)
                .into_iter()
                // But for `macro_rules!`, whose place says what it sees.
                .partition(|statement| {
                    matches!(statement, Stmt::Item(item) if !matches!(item, Item::Macro(_)))
                });
            block.stmts = vec![Stmt::Expr(
                Expr::Verbatim(quote!({ #fallbacks #(#items)* { #lookups #checks #(#rest)* } })),
                None,
            )];
        }
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        let written: &[Attribute] = match statement {
            Stmt::Local(local) => &local.attrs,
            Stmt::Expr(expr, _) => attributes(expr).map_or(&[], |attributes| attributes),
            Stmt::Macro(call) => &call.attrs,
            Stmt::Item(_) => &[],
        };
        let conditions = self.scopes.enter_conditions(written);
        match statement {
            Stmt::Macro(call) => {
                let mut expression = syn::ExprMacro { attrs: Vec::new(), mac: call.mac.clone() };
                match self.macro_expression(&mut expression) {
                    Some(message) => {
                        let message = with_attributes(std::mem::take(&mut call.attrs), message);
                        *statement = Stmt::Expr(message, call.semi_token);
                    }
                    None => call.mac = expression.mac,
                }
            }
            statement => {
                if !self.statement(statement) {
                    visit_mut::visit_stmt_mut(self, statement);
                }
            }
        }
        self.scopes.leave_conditions(conditions);
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        if is_wild(local)
            && let Some(init) = &mut local.init
            && let Some(rewritten) = self.discarded(&init.expr)
        {
            *init.expr = rewritten;
            return;
        }
        if self.split(local) {
            return;
        }
        let typeless = self.typeless(local);
        let (collection, of_a_value) = (makes_a_collection(local), self.binds_of_a_value(local));
        self.asked_by_let(local);
        let is_typed = values::says_a_plain_type(&local.pat);
        let result = self.result_of(local).filter(|_| !is_typed);
        let held = match &local.init {
            Some(init) if result.is_none() && !is_typed => self.holds(&init.expr),
            _ => None,
        };
        let plain = local.init.as_ref().is_some_and(|init| self.is_plain(&init.expr));
        self.collects(local);
        if let Some(init) = &mut local.init {
            self.split_members(&local.pat, &mut init.expr);
            self.is_used = true;
            self.right_hand_side(&local.pat, &mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
            }
        }
        let before = result.as_ref().and_then(|(name, _)| self.scopes.made_by(&name.to_string()));
        self.scopes.bind(&local.pat);
        if plain {
            self.scopes.bind_plain(&local.pat);
        }
        if collection {
            names_of(&local.pat).iter().for_each(|name| self.scopes.bind_collection(name));
        }
        if of_a_value {
            names_of(&local.pat).iter().for_each(|name| self.scopes.bind_of_a_value(name));
        }
        self.bind_held(&local.pat, held);
        typeless.iter().for_each(|name| self.scopes.bind_typeless(name));
        if let Some((name, mut alias)) = result {
            if !cfgs(&local.attrs).is_empty() {
                // What another `let` of the name has made, this one may have made as well.
                let held = before.map(|_| Holds::Handle(alias.clone()));
                self.bind_held(&local.pat, held);
                alias = self.scopes.under_conditions(alias);
            }
            self.scopes.bind_result(&name, alias);
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        let asyncs = usize::from(closure.asyncness.is_some());
        self.asyncs += asyncs;
        self.closures += 1;
        let held = self.element.take();
        if let (Some(held), Some(first)) = (&held, closure.inputs.first_mut()) {
            let apart = taken_apart_within(first, held);
            if !apart.is_empty() {
                let body = &closure.body;
                *closure.body = parse_quote!({ #(#apart)* #body });
            }
        }
        self.scoped(|this| {
            for input in &closure.inputs {
                this.scopes.bind(input);
            }
            if let Some(first) = closure.inputs.first() {
                this.bind_held(first, held);
            }
            this.visit_expr_mut(&mut closure.body);
        });
        self.closures -= 1;
        self.asyncs -= asyncs;
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.arm(arm, false);
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        let conditions = self.scopes.enter_conditions(&field.attrs);
        visit_mut::visit_field_value_mut(self, field);
        self.scopes.leave_conditions(conditions);
    }

    fn visit_expr_for_loop_mut(&mut self, each: &mut ExprForLoop) {
        let span = each.expr.span();
        let held = self.holds(&each.expr).and_then(|held| held.gone_over(&each.pat));
        if let Some(held) = &held {
            let apart = taken_apart_within(&mut each.pat, held);
            each.body.stmts.splice(0..0, apart);
        }
        let plain = self.goes_over_plain(&each.expr);
        match no_loop(&each.expr) {
            Some(message) => *each.expr = self.mistake_at(span, &message),
            None => {
                self.visit_expr_mut(&mut each.expr);
                let (iter, over) = (self.helper("iter", span), &each.expr);
                *each.expr = Expr::Verbatim(quote_spanned!(span=> #iter(#over)));
            }
        }
        self.scoped(|this| {
            this.scopes.bind(&each.pat);
            if plain {
                this.scopes.bind_plain(&each.pat);
            }
            this.bind_held(&each.pat, held);
            this.visit_block_mut(&mut each.body);
        });
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let is_used = std::mem::take(&mut self.is_used);
        let written = attributes(expr).map(std::mem::take).unwrap_or_default();
        let conditions = self.scopes.enter_conditions(&written);
        let is_operand = std::mem::take(&mut self.is_operand);
        let fields = if is_operand { Vec::new() } else { self.fields_among(expr) };
        let consumed = self.consumed(expr);
        self.operand(expr);
        let replaced = match expr {
            _ if consumed.is_some() => consumed,
            Expr::Call(call) => {
                self.arguments(call);
                self.call(call, ("call", Span::mixed_site()))
            }
            Expr::Try(tried) => match &mut *tried.expr {
                Expr::Call(call) => {
                    let question = Span::mixed_site().located_at(tried.question_token.span);
                    self.arguments(call);
                    self.call(call, ("try", question))
                }
                chain @ Expr::MethodCall(_) => {
                    let question = Span::mixed_site().located_at(tried.question_token.span);
                    let rewritten = self.of_handle(&chain.clone(), ("try", question));
                    if rewritten.is_none() {
                        self.visit_expr_mut(chain);
                    }
                    rewritten
                }
                _ => {
                    let rewritten = self.question(tried);
                    if rewritten.is_none() {
                        self.visit_expr_mut(&mut tried.expr);
                    }
                    rewritten
                }
            },
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Index(index) => self.index(index).or_else(|| {
                visit_mut::visit_expr_index_mut(self, index);
                None
            }),
            Expr::Field(field) => self.field(field).or_else(|| {
                visit_mut::visit_expr_field_mut(self, field);
                None
            }),
            Expr::Cast(cast) => self.cast(cast).or_else(|| {
                visit_mut::visit_expr_cast_mut(self, cast);
                None
            }),
            Expr::Range(range) => self.range(range).or_else(|| {
                visit_mut::visit_expr_range_mut(self, range);
                None
            }),
            Expr::Match(choice) => {
                let looks = choice.arms.iter().any(|arm| looks_inside(&arm.pat));
                let chain = looks.then(|| (*choice.expr).clone());
                let is_used = is_used || self.arms_give(&choice.arms);
                self.visit_expr_mut(&mut choice.expr);
                choice.arms.iter_mut().for_each(|arm| self.arm(arm, is_used));
                chain.and_then(|chain| self.matched(&chain, choice))
            }
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                let sides = [&binary.left, &binary.right];
                let handle = sides.into_iter().find(|side| self.output_of(side).is_some()).cloned();
                visit_mut::visit_expr_binary_mut(self, binary);
                handle.and_then(|chain| self.both(&chain, binary))
            }
            Expr::Binary(binary) if combines(&binary.op) => {
                self.operands(binary);
                None
            }
            Expr::Binary(binary) if self.compares_outputs(binary) => self.compared(binary),
            Expr::If(branch) => {
                self.branches(branch, is_used);
                None
            }
            Expr::While(repeat) => {
                self.scoped(|this| {
                    this.condition(&mut repeat.cond);
                    this.visit_block_mut(&mut repeat.body);
                });
                None
            }
            Expr::Block(block) if block.label.is_none() => {
                self.is_used = is_used;
                self.visit_block_mut(&mut block.block);
                None
            }
            Expr::Closure(closure) => {
                self.visit_expr_closure_mut(closure);
                // So that it does not take the builder away.
                closure.capture.is_some().then(|| {
                    let builder = &self.builder;
                    Expr::Verbatim(
                        quote!({ #[allow(unused_variables)] let #builder = &#builder; #closure }),
                    )
                })
            }
            Expr::Macro(call) => self.macro_expression(call),
            Expr::Assign(assign) => {
                self.assigned(assign);
                self.visit_expr_mut(&mut assign.left);
                self.is_used = true;
                self.visit_expr_mut(&mut assign.right);
                None
            }
            Expr::Await(awaited) if self.asyncs == 0 => Some(self.awaited(awaited)),
            Expr::Return(returned) => {
                if self.closures == 0 && self.asyncs == 0 {
                    self.returns.push(returned.return_token.span);
                }
                visit_mut::visit_expr_return_mut(self, returned);
                None
            }
            Expr::Async(block) => {
                self.asyncs += 1;
                self.visit_block_mut(&mut block.block);
                self.asyncs -= 1;
                None
            }
            _ => {
                visit_mut::visit_expr_mut(self, expr);
                None
            }
        };
        let both = self.both_fields(&fields, replaced.as_ref().unwrap_or(expr));
        let replaced = both.or(replaced);
        self.scopes.leave_conditions(conditions);
        match replaced {
            Some(rewritten) => *expr = with_attributes(written, rewritten),
            None if written.is_empty() => {}
            None => {
                if let Some(place) = attributes(expr) {
                    *place = written;
                }
            }
        }
    }

    // What is computed while compiling makes no tasks.
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}

    fn visit_expr_repeat_mut(&mut self, repeat: &mut ExprRepeat) {
        self.visit_expr_mut(&mut repeat.expr);
    }

    fn visit_type_mut(&mut self, _: &mut Type) {}

    fn visit_pat_mut(&mut self, _: &mut Pat) {}
}

/// The attributes of an expression that may be replaced.
fn attributes(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    Some(match expr {
        Expr::Call(expr) => &mut expr.attrs,
        Expr::MethodCall(expr) => &mut expr.attrs,
        Expr::Try(expr) => &mut expr.attrs,
        Expr::Field(expr) => &mut expr.attrs,
        Expr::Index(expr) => &mut expr.attrs,
        Expr::Cast(expr) => &mut expr.attrs,
        Expr::Range(expr) => &mut expr.attrs,
        Expr::Match(expr) => &mut expr.attrs,
        Expr::Binary(expr) => &mut expr.attrs,
        Expr::Macro(expr) => &mut expr.attrs,
        Expr::Await(expr) => &mut expr.attrs,
        Expr::Block(expr) => &mut expr.attrs,
        Expr::If(expr) => &mut expr.attrs,
        Expr::ForLoop(expr) => &mut expr.attrs,
        Expr::While(expr) => &mut expr.attrs,
        Expr::Loop(expr) => &mut expr.attrs,
        _ => return None,
    })
}

fn with_attributes(attributes: Vec<Attribute>, expr: Expr) -> Expr {
    if attributes.is_empty() { expr } else { Expr::Verbatim(quote!(#(#attributes)* #expr)) }
}

/// A message of what by its syntax cannot be looped over: a number, or a range that begins nowhere.
fn no_loop(over: &Expr) -> Option<String> {
    let (what, end) = match over {
        Expr::Paren(inner) => return no_loop(&inner.expr),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => ("a number", number.to_token_stream()),
        Expr::Range(ExprRange { start: None, end: Some(end), limits, .. }) => {
            let closed = matches!(limits, syn::RangeLimits::Closed(_)).then(|| quote!(=));
            ("a range without a beginning", quote!(#closed #end))
        }
        _ => return None,
    };
    let end = end.to_string().replace("= ", "=");
    Some(format!("cannot loop over {what}\nwrite where it begins: `for n in 0..{end}`"))
}
