//! What holds handles: vectors, tuples and closures of what callees give, so that what is done with one is done with a handle.
//!
//! In: an expression, before it is rewritten, and what the names in it hold. Out: what it holds, as far as its syntax says so.
//!
//! ```text
//! half(x)                         Handle(half)
//! vec![half(x), half(y)]          Many(Handle(half))      for h in .. { h.map(|v| ..) }
//! (half(x), 1.0)                  Parts[Handle(half), -]  t.0.map(|v| ..)
//! |x| half(x)                     Gives(Handle(half))     make(x).map(|v| ..)
//! ```
//! What a method of the user's gives, on a handle or pushed to a collection of the user's, is perhaps a handle: where a right program would be refused, it is none.
//! It is a guess where [`Rewrite::root`] is certain: a macro knows no types. So it decides only where the callee is delayed: which calls in a closure are plain,
//! what `?` and tuple patterns do there, and who is told that a value is not there yet.
//!
//! Not here: the messages (`unready`, `conditions`).

use super::rewrite::Rewrite;
use super::unready::gives_a_handle;
use proc_macro2::Ident;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{
    BinOp, Block, Expr, ExprAssign, ExprCall, ExprClosure, ExprMacro, ExprMethodCall, Local,
    Member, Pat, Stmt, Token, Type, UnOp,
};

/// What an expression or a name holds.
#[derive(Clone)]
pub(super) enum Holds {
    /// What this callee gives: a handle, if it is delayed.
    Handle(Ident),
    /// The same unless a method of the user's, on a handle or of a collection, does something else.
    Perhaps(Ident),
    /// Any number of these: a vector, an iterator, an `Option`.
    Many(Box<Holds>),
    /// What `insert(at, value)` was called on with one of these: a map, which is gone over in pairs, or a vector.
    Values(Box<Holds>),
    /// The members of a tuple.
    Parts(Vec<Option<Holds>>),
    /// A closure that gives this.
    Gives(Box<Holds>),
}

impl Holds {
    fn many(self) -> Self {
        Holds::Many(Box::new(self))
    }

    /// What a loop with this pattern goes over: of a map, its pairs.
    pub(super) fn gone_over(self, pattern: &Pat) -> Option<Self> {
        match (self, pattern) {
            (Holds::Values(value), Pat::Tuple(pair)) if pair.elems.len() == 2 => {
                Some(Holds::Parts(vec![None, Some(*value)]))
            }
            (held, _) => held.one(),
        }
    }

    /// The same, held by what may be something else.
    fn perhaps(self) -> Self {
        match self {
            Holds::Handle(alias) => Holds::Perhaps(alias),
            Holds::Many(one) => Holds::Many(Box::new(one.perhaps())),
            Holds::Values(one) => Holds::Values(Box::new(one.perhaps())),
            Holds::Parts(parts) => {
                Holds::Parts(parts.into_iter().map(|part| part.map(Holds::perhaps)).collect())
            }
            other => other,
        }
    }

    /// The callee of some that are held, whatever holds them; if nothing else can be.
    pub(super) fn callee(self) -> Option<Ident> {
        match self {
            Holds::Handle(alias) => Some(alias),
            Holds::Perhaps(_) => None,
            Holds::Many(one) | Holds::Values(one) => one.callee(),
            Holds::Parts(parts) => parts.into_iter().flatten().find_map(Holds::callee),
            Holds::Gives(_) => None,
        }
    }

    /// One of many.
    pub(super) fn one(self) -> Option<Self> {
        if let Holds::Many(one) = self { Some(*one) } else { None }
    }
}

impl Rewrite {
    /// The callee whose output this is, certainly or as far as the syntax says so.
    pub(super) fn handle(&mut self, expr: &Expr) -> Option<Ident> {
        match self.holds(expr)? {
            Holds::Handle(alias) | Holds::Perhaps(alias) => Some(alias),
            _ => None,
        }
    }

    /// The same, if nothing else can be.
    pub(super) fn surely_handle(&mut self, expr: &Expr) -> Option<Ident> {
        match self.holds(expr)? {
            Holds::Handle(alias) => Some(alias),
            _ => None,
        }
    }

    /// What an expression holds.
    pub(super) fn holds(&mut self, expr: &Expr) -> Option<Holds> {
        match expr {
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                let made_by = |this: &Self| this.scopes.made_by(&name).map(Holds::Handle);
                self.scopes.held(&name).or_else(|| made_by(self))
            }
            Expr::Call(call) => self.held_by_call(call),
            Expr::MethodCall(call) => self.held_by_method(call),
            Expr::Closure(closure) => {
                let gives = self.given(closure, None)?;
                Some(Holds::Gives(Box::new(gives)))
            }
            Expr::Array(array) => array.elems.iter().find_map(|e| self.holds(e)).map(Holds::many),
            Expr::Repeat(repeat) => self.holds(&repeat.expr).map(Holds::many),
            Expr::Macro(call) => self.held_by_vec(call),
            Expr::Tuple(tuple) => {
                let parts: Vec<_> = tuple.elems.iter().map(|part| self.holds(part)).collect();
                parts.iter().any(Option::is_some).then_some(Holds::Parts(parts))
            }
            Expr::Field(field) => {
                let Member::Unnamed(at) = &field.member else { return None };
                let Holds::Parts(mut parts) = self.holds(&field.base)? else { return None };
                parts.get_mut(at.index as usize)?.take()
            }
            Expr::Index(index) => match (self.holds(&index.expr)?, &*index.index) {
                (Holds::Values(one), _) => Some(*one),
                (many, Expr::Range(_)) => Some(many),
                (many, _) => many.one(),
            },
            Expr::Reference(inner) => self.holds(&inner.expr),
            Expr::Paren(inner) => self.holds(&inner.expr),
            Expr::Group(inner) => self.holds(&inner.expr),
            Expr::Try(tried) => match self.holds(&tried.expr)? {
                Holds::Many(one) => Some(*one),
                other => Some(other),
            },
            Expr::Unary(unary) => {
                let inner = self.holds(&unary.expr)?;
                let same = matches!(unary.op, UnOp::Deref(_))
                    || matches!(inner, Holds::Handle(_) | Holds::Perhaps(_));
                same.then_some(inner)
            }
            Expr::Binary(binary) if combines(&binary.op) => {
                let left = self.handle(&binary.left);
                left.or_else(|| self.handle(&binary.right)).map(Holds::Handle)
            }
            Expr::Block(block) => self.held_by_block(&block.block),
            Expr::If(branch) => {
                let then = self.held_by_block(&branch.then_branch);
                then.or_else(|| self.holds(&branch.else_branch.as_ref()?.1))
            }
            Expr::Match(choice) => {
                let held = self.holds(&choice.expr);
                let mut arms = choice.arms.iter().filter(|arm| arm.attrs.is_empty());
                arms.find_map(|arm| {
                    self.scoped(|this| {
                        this.scopes.bind(&arm.pat);
                        this.bind_held(&arm.pat, held.clone());
                        this.holds(&arm.body)
                    })
                })
            }
            _ => None,
        }
    }

    fn held_by_call(&mut self, call: &ExprCall) -> Option<Holds> {
        let Expr::Path(callee) = &*call.func else { return None };
        // Under a condition of its own it is looked up where it is rewritten.
        if !call.attrs.is_empty() {
            return None;
        }
        if let Some(alias) = self.scopes.callee(callee) {
            return Some(Holds::Handle(alias));
        }
        let name = callee.path.get_ident()?.to_string();
        if name == "Some" || name == "Ok" {
            return self.holds(call.args.first()?).map(Holds::many);
        }
        match self.scopes.held(&name)? {
            Holds::Gives(gives) => Some(*gives),
            _ => None,
        }
    }

    fn held_by_method(&mut self, call: &ExprMethodCall) -> Option<Holds> {
        let held = self.holds(&call.receiver);
        let argument = call.args.first();
        match (call.method.to_string().as_str(), held) {
            // Several handles.
            ("unzip", Some(Holds::Handle(alias))) => {
                Some(Holds::Parts(vec![Some(Holds::Handle(alias)); UNZIPPED_MAX]))
            }
            // Methods of a handle give one, as far as they are its own.
            (_, Some(Holds::Handle(alias))) if gives_a_handle(call) || call.method == "clone" => {
                Some(Holds::Handle(alias))
            }
            (_, Some(Holds::Handle(alias) | Holds::Perhaps(alias))) => Some(Holds::Perhaps(alias)),
            ("map" | "then", held) => {
                let Expr::Closure(closure) = argument? else { return None };
                self.given(closure, held.and_then(Holds::one)).map(Holds::many)
            }
            ("clone" | "as_ref" | "as_mut" | "to_owned", held) => held,
            (
                "get" | "get_mut" | "values" | "values_mut" | "into_values",
                Some(Holds::Values(one)),
            ) => Some(one.many()),
            // Collected from pairs.
            ("values" | "values_mut" | "into_values", Some(Holds::Many(pair))) => match *pair {
                Holds::Parts(mut pair) if pair.len() == 2 => pair.pop()?.map(Holds::many),
                _ => None,
            },
            ("iter" | "iter_mut" | "into_iter", held @ Some(Holds::Values(_))) => held,
            ("enumerate", held) => {
                let one = held.and_then(Holds::one);
                one.map(|one| Holds::Parts(vec![None, Some(one)]).many())
            }
            ("zip", held) => {
                let (left, right) = (held, self.holds(argument?));
                let parts = [left, right].map(|held| held.and_then(Holds::one));
                let any = parts.iter().any(Option::is_some);
                any.then(|| Holds::Parts(parts.into()).many())
            }
            // Not `remove`: a vector's gives one of many, a map's an `Option` of one.
            ("unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "swap_remove", held) => {
                held?.one()
            }
            (
                "iter" | "iter_mut" | "into_iter" | "drain" | "rev" | "skip" | "take" | "step_by"
                | "chain" | "filter" | "inspect" | "peekable" | "by_ref" | "cloned" | "copied"
                | "collect" | "to_vec" | "into" | "pop" | "next" | "first" | "last" | "get"
                | "reduce",
                held @ Some(Holds::Many(_)),
            ) => held,
            ("fold", _) => self.holds(argument?),
            _ => None,
        }
    }

    /// What a closure gives whose first parameter is this.
    fn given(&mut self, closure: &ExprClosure, parameter: Option<Holds>) -> Option<Holds> {
        self.scoped(|this| {
            for input in &closure.inputs {
                this.scopes.bind(input);
            }
            if let Some(first) = closure.inputs.first() {
                this.bind_held(first, parameter);
            }
            this.holds(&closure.body)
        })
    }

    /// Of a block that binds no names, for they are not known here.
    fn held_by_block(&mut self, block: &Block) -> Option<Holds> {
        let [Stmt::Expr(value, None)] = &*block.stmts else { return None };
        self.holds(value)
    }

    fn held_by_vec(&mut self, call: &ExprMacro) -> Option<Holds> {
        if !call.mac.path.is_ident("vec") {
            return None;
        }
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let elements = list.parse2(call.mac.tokens.clone()).ok()?;
        elements.iter().find_map(|element| self.holds(element)).map(Holds::many)
    }

    /// Notes what the names of a pattern, just bound, hold.
    pub(super) fn bind_held(&mut self, pattern: &Pat, held: Option<Holds>) {
        let Some(held) = held else { return };
        match (pattern, held) {
            (Pat::Ident(name), held) => self.scopes.bind_held(&name.ident.to_string(), held),
            (Pat::Reference(inner), held) => self.bind_held(&inner.pat, Some(held)),
            (Pat::Paren(inner), held) => self.bind_held(&inner.pat, Some(held)),
            (Pat::Type(typed), held) => self.bind_held(&typed.pat, Some(held)),
            (Pat::Tuple(tuple), Holds::Parts(parts)) => {
                for (pattern, part) in tuple.elems.iter().zip(parts) {
                    // Where `..` ends is not known.
                    if matches!(pattern, Pat::Rest(_)) {
                        break;
                    }
                    self.bind_held(pattern, part);
                }
            }
            // It has been taken apart, into handles if it is one.
            (Pat::Tuple(tuple), of @ (Holds::Handle(_) | Holds::Perhaps(_))) => {
                for pattern in &tuple.elems {
                    self.bind_held(pattern, Some(of.clone()));
                }
            }
            (Pat::TupleStruct(of), Holds::Many(one)) if of.elems.len() == 1 => {
                self.bind_held(&of.elems[0], Some(*one));
            }
            (Pat::Slice(slice), Holds::Many(one)) => {
                for pattern in &slice.elems {
                    self.bind_held(pattern, Some((*one).clone()));
                }
            }
            _ => {}
        }
    }

    /// `name = value`, of a name that is bound and perhaps given its value here.
    pub(super) fn assigned(&mut self, assign: &ExprAssign) {
        if let Expr::Path(path) = &*assign.left
            && let Some(name) = path.path.get_ident().map(Ident::to_string)
            && self.scopes.made_by(&name).is_none()
            && let Some(held) = self.holds(&assign.right)
        {
            self.scopes.hold(&name, held);
        }
    }

    /// `name.push(value)` and the like.
    pub(super) fn pushed(&mut self, call: &ExprMethodCall) {
        let Expr::Path(path) = &*call.receiver else { return };
        let (Some(name), Some(last)) = (path.path.get_ident(), call.args.last()) else { return };
        let name = name.to_string();
        if self.scopes.made_by(&name).is_some() {
            return;
        }
        let held = match call.method.to_string().as_str() {
            "insert" if call.args.len() == 2 => {
                // What else is known of it says more.
                let known = self.scopes.held(&name).is_some();
                let value = if known { None } else { self.holds(last) };
                value.map(|value| Holds::Values(Box::new(value)))
            }
            "push" | "push_back" | "push_front" | "insert" => self.holds(last).map(Holds::many),
            "extend" | "append" => self.holds(last),
            _ => None,
        };
        if let Some(held) = held {
            let is_known = self.scopes.is_collection(&name);
            self.scopes.hold(&name, if is_known { held } else { held.perhaps() });
        }
    }
}

/// Whether a `let` makes a collection of the standard library, by its type or by what it is made with.
pub(super) fn makes_a_collection(local: &Local) -> bool {
    let is_one = |name: &Ident| COLLECTIONS.iter().any(|one| name == one);
    if let Pat::Type(typed) = &local.pat {
        let Type::Path(path) = &*typed.ty else { return false };
        return path.path.segments.last().is_some_and(|last| is_one(&last.ident));
    }
    match local.init.as_ref().map(|init| &*init.expr) {
        Some(Expr::Macro(call)) => call.mac.path.is_ident("vec"),
        Some(Expr::MethodCall(call)) => call.method == "to_vec",
        Some(Expr::Call(call)) => {
            let Expr::Path(callee) = &*call.func else { return false };
            callee.path.segments.iter().rev().nth(1).is_some_and(|of| is_one(&of.ident))
        }
        _ => false,
    }
}

const COLLECTIONS: [&str; 8] =
    ["Vec", "VecDeque", "LinkedList", "HashMap", "BTreeMap", "HashSet", "BTreeSet", "BinaryHeap"];

/// So many handles a handle is taken apart into, at most.
const UNZIPPED_MAX: usize = 12;

/// Whether an operator gives a third value, and neither decides nor assigns.
pub(super) fn combines(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::Add(_)
            | BinOp::Sub(_)
            | BinOp::Mul(_)
            | BinOp::Div(_)
            | BinOp::Rem(_)
            | BinOp::BitAnd(_)
            | BinOp::BitOr(_)
            | BinOp::BitXor(_)
            | BinOp::Shl(_)
            | BinOp::Shr(_)
    )
}
