//! What an `if`, a `while` or a guard decides on, which must be known while the graph is being built; and whether an `if` or a `match` gives a handle.
//!
//! In: a condition, before it is rewritten. Out: its leaves through a helper whose trait has a message for handles, graphs and lazy arrays.
//! A comparison of what can be none of these, as far as its syntax says so, stays an operator: of a wrong type there the compiler speaks,
//! with its own help. Where only a callee decides that, its macro chooses.
//!
//! Not here: `let` in conditions ([`Rewrite::binding`]), what a name holds ([`super::holds`]).

use super::call_macro;
use super::holds::combines;
use super::rewrite::Rewrite;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Arm, BinOp, Block, Expr, ExprBinary, ExprIf, ExprMethodCall, Stmt, Token, UnOp};

/// Methods that give a number, a `bool` or text, whatever they are called on.
const GIVES_PLAIN: &[&str] = &[
    "len",
    "is_empty",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "to_string",
    "as_str",
    "trim",
    "to_uppercase",
    "to_lowercase",
    "starts_with",
    "ends_with",
    "contains_key",
];

/// Methods that go over what they are called on.
const GOES_OVER: &[&str] = &[
    "iter",
    "iter_mut",
    "into_iter",
    "enumerate",
    "rev",
    "skip",
    "take",
    "step_by",
    "zip",
    "cloned",
    "copied",
    "chars",
    "bytes",
    "lines",
    "split_whitespace",
    "windows",
    "chunks",
    "keys",
    "values",
    "drain",
];

impl Rewrite {
    /// A condition: its leaves are checked to be known now.
    pub(super) fn condition(&mut self, condition: &mut Expr) {
        match condition {
            Expr::Let(binding) => self.binding(binding),
            Expr::Paren(inner) => self.condition(&mut inner.expr),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) => {
                let both = self.output_of(&binary.left).and(self.output_of(&binary.right));
                let chain = both.map(|_| binary.left.clone());
                self.condition(&mut binary.left);
                self.condition(&mut binary.right);
                // Of two outputs one message.
                if let Some(message) = chain.and_then(|chain| self.both(&chain, binary)) {
                    *condition = message;
                }
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) && is_decision(&unary.expr) => {
                self.condition(&mut unary.expr);
            }
            Expr::Binary(binary) if comparison(&binary.op).is_some() => {
                let fields = self.fields_of(vec![&binary.left, &binary.right]);
                if let Some(compared) = self.comparison(binary) {
                    *condition = compared;
                }
                if let Some(message) = self.both_fields(&fields, condition) {
                    *condition = message;
                }
            }
            Expr::Assign(assign) => {
                let span = assign.eq_token.span;
                // They are walked through all the same, for what they use and whether they wait.
                self.visit_expr_mut(&mut assign.left);
                self.visit_expr_mut(&mut assign.right);
                *condition = self
                    .mistake_at(span, "`=` assigns, and this is a condition\ncompare with `==`");
            }
            leaf => {
                let span = leaf.span();
                self.visit_expr_mut(leaf);
                let cond = self.helper("cond", span);
                *leaf = Expr::Verbatim(quote_spanned!(span=> #cond(#leaf)));
            }
        }
    }

    /// An `if`; `is_used` where its value is.
    pub(super) fn branches(&mut self, branch: &mut ExprIf, is_used: bool) {
        let is_used = branch.else_branch.is_some() && (is_used || self.branch_gives(branch));
        self.scoped(|this| {
            this.condition(&mut branch.cond);
            this.is_used = is_used;
            this.visit_block_mut(&mut branch.then_branch);
        });
        if let Some((_, otherwise)) = &mut branch.else_branch {
            self.is_used = is_used;
            self.visit_expr_mut(otherwise);
        }
    }

    /// Whether it is a comparison of an output, of which [`Self::compared`] speaks.
    pub(super) fn compares_outputs(&mut self, binary: &ExprBinary) -> bool {
        let sides = [&*binary.left, &*binary.right];
        comparison(&binary.op).is_some()
            && sides.into_iter().any(|side| match side {
                // It may be a reference, with which the compiler compares another.
                Expr::Path(_) => self.root(side).is_some(),
                side => self.output_of(side).is_some(),
            })
    }

    /// A comparison of an output, where nothing is decided on it.
    pub(super) fn compared(&mut self, binary: &mut ExprBinary) -> Option<Expr> {
        let lent =
            |side: &Expr| matches!(side, Expr::Unary(side) if matches!(side.op, UnOp::Deref(_)));
        let sides = [&*binary.left, &*binary.right];
        let chain = sides.into_iter().find(|side| lent(side) && self.output_of(side).is_some());
        match chain.cloned() {
            Some(chain) => {
                self.visit_expr_mut(&mut binary.left);
                self.visit_expr_mut(&mut binary.right);
                self.lent_compared(&chain, binary)
            }
            None => self.comparison(binary),
        }
    }

    /// A comparison that has not been rewritten; what takes its place, if it does not stay an operator.
    fn comparison(&mut self, binary: &mut ExprBinary) -> Option<Expr> {
        let callees = [&binary.left, &binary.right].map(|side| self.output_of(side));
        let known = [&binary.left, &binary.right].into_iter().zip(&callees);
        let known = known
            .fold(true, |known, (side, callee)| known && (callee.is_some() || self.is_plain(side)));
        let (left_span, right_span) = (binary.left.span(), binary.right.span());
        self.visit_expr_mut(&mut binary.left);
        self.visit_expr_mut(&mut binary.right);
        let span = binary.op.span();
        let compare = self.helper(comparison(&binary.op).unwrap_or("eq"), span);
        let (left, right) = (&binary.left, &binary.right);
        let left = quote_spanned!(left_span=> &(#left));
        let right = quote_spanned!(right_span=> &(#right));
        let decided = quote_spanned!(span=> #compare(#left, #right));
        // A handle first: of what comes first the helper speaks.
        let turned = quote_spanned!(span=> #compare(#right, #left));
        let mut compared = if known { binary.to_token_stream() } else { decided.clone() };
        let [left, right] = callees;
        if known && left.is_none() && right.is_none() {
            return None;
        }
        // Without knowing the other side the helper is there anyway.
        let left = left.filter(|_| known);
        for (alias, decided) in [(right, turned), (left, decided)] {
            if let Some(mut alias) = alias {
                alias.set_span(span);
                compared = call_macro(&alias, span, quote!(@either {#compared} {#decided}));
            }
        }
        Some(Expr::Verbatim(compared))
    }

    /// Whether it is neither a handle nor a graph nor a lazy array, as far as its syntax says so.
    pub(super) fn is_plain(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(_) => true,
            Expr::Cast(cast) => self.output_of(&cast.expr).is_none(),
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => self.scopes.is_plain(&name.to_string()),
                None => true,
            },
            Expr::Paren(inner) => self.is_plain(&inner.expr),
            Expr::Group(inner) => self.is_plain(&inner.expr),
            Expr::Reference(inner) => self.is_plain(&inner.expr),
            Expr::Unary(unary) => self.is_plain(&unary.expr),
            Expr::Field(field) => self.is_plain(&field.base),
            Expr::Index(index) => self.is_plain(&index.expr) && self.is_plain(&index.index),
            Expr::Binary(binary) if combines(&binary.op) => {
                self.is_plain(&binary.left) && self.is_plain(&binary.right)
            }
            Expr::MethodCall(call) if is_one_of(call, GIVES_PLAIN) => {
                self.output_of(&call.receiver).is_none()
            }
            // A variant, as `Some(3)`.
            Expr::Call(call) if is_variant(&call.func) => {
                call.args.iter().all(|argument| self.is_plain(argument))
            }
            Expr::Array(array) => array.elems.iter().all(|element| self.is_plain(element)),
            Expr::Tuple(tuple) => tuple.elems.iter().all(|element| self.is_plain(element)),
            Expr::Macro(call) if call.mac.path.is_ident("vec") => {
                let list = Punctuated::<Expr, Token![,]>::parse_terminated;
                list.parse2(call.mac.tokens.clone()).is_ok_and(|elements| {
                    // Nothing is known of an empty one.
                    !elements.is_empty() && elements.iter().all(|element| self.is_plain(element))
                })
            }
            _ => false,
        }
    }

    /// Whether the value of an `if` is a task's output, and a branch ends in a `;`, as far as its syntax says so.
    pub(super) fn branch_gives(&mut self, branch: &ExprIf) -> bool {
        let otherwise = branch.else_branch.as_ref().map(|(_, otherwise)| &**otherwise);
        let lets_go = ends_in_a_call(&branch.then_branch) || otherwise.is_some_and(lets_go);
        lets_go && self.gives_if(branch)
    }

    /// The same of a `match`.
    pub(super) fn arms_give(&mut self, arms: &[Arm]) -> bool {
        arms.iter().any(|arm| lets_go(&arm.body))
            && arms.iter().filter(|arm| arm.attrs.is_empty()).any(|arm| {
                self.scoped(|this| {
                    this.scopes.bind(&arm.pat);
                    this.gives(&arm.body)
                })
            })
    }

    fn gives_if(&mut self, branch: &ExprIf) -> bool {
        // What its condition binds is not known here.
        let then = !binds(&branch.cond) && self.gives_block(&branch.then_branch);
        then || branch.else_branch.as_ref().is_some_and(|(_, otherwise)| self.gives(otherwise))
    }

    fn gives(&mut self, branch: &Expr) -> bool {
        match branch {
            Expr::Block(block) => self.gives_block(&block.block),
            Expr::If(branch) => self.gives_if(branch),
            value => self.output_of(value).is_some(),
        }
    }

    /// Of a block that binds no names, for they are not known here.
    fn gives_block(&mut self, block: &Block) -> bool {
        matches!(&*block.stmts, [Stmt::Expr(value, None)] if self.output_of(value).is_some())
    }

    /// Whether it goes over what is plain.
    pub(super) fn goes_over_plain(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::Range(range) => {
                let ends = [range.start.as_deref(), range.end.as_deref()];
                ends.into_iter().flatten().all(|end| self.output_of(end).is_none())
            }
            Expr::Paren(inner) => self.goes_over_plain(&inner.expr),
            Expr::MethodCall(call) if is_one_of(call, GOES_OVER) => {
                self.goes_over_plain(&call.receiver)
                    && call.args.iter().all(|argument| self.goes_over_plain(argument))
            }
            expr => self.is_plain(expr),
        }
    }
}

/// Whether a branch ends in a call and a `;`.
fn lets_go(branch: &Expr) -> bool {
    match branch {
        Expr::Block(block) => ends_in_a_call(&block.block),
        Expr::If(branch) => {
            let otherwise = branch.else_branch.as_ref();
            ends_in_a_call(&branch.then_branch)
                || otherwise.is_some_and(|(_, otherwise)| lets_go(otherwise))
        }
        _ => false,
    }
}

fn ends_in_a_call(block: &Block) -> bool {
    let Some(Stmt::Expr(last, Some(_))) = block.stmts.last() else { return false };
    let last = if let Expr::Try(tried) = last { &tried.expr } else { last };
    matches!(last, Expr::Call(_) | Expr::MethodCall(_) | Expr::Binary(_) | Expr::Unary(_))
}

/// Whether there is a `let` in a condition.
fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

fn is_variant(callee: &Expr) -> bool {
    let Expr::Path(callee) = callee else { return false };
    let last = callee.path.segments.last().map(|segment| segment.ident.to_string());
    last.is_some_and(|name| name.starts_with(char::is_uppercase))
}

fn is_one_of(call: &ExprMethodCall, methods: &[&str]) -> bool {
    methods.iter().any(|name| call.method == name)
}

fn comparison(operator: &BinOp) -> Option<&'static str> {
    Some(match operator {
        BinOp::Eq(_) => "eq",
        BinOp::Ne(_) => "ne",
        BinOp::Lt(_) => "lt",
        BinOp::Le(_) => "le",
        BinOp::Gt(_) => "gt",
        BinOp::Ge(_) => "ge",
        _ => return None,
    })
}

/// Whether `!` stands before something that is a condition by its syntax.
fn is_decision(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_decision(&inner.expr),
        Expr::Binary(binary) => {
            comparison(&binary.op).is_some() || matches!(binary.op, BinOp::And(_) | BinOp::Or(_))
        }
        _ => false,
    }
}
