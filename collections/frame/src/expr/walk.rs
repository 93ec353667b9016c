//! What an expression reads, is, and is made of.
//!
//! In: [`Expr`]. Out: the columns it reads, its name, its [`Shape`], its conditions one by one, and the expression that is left when its
//! aggregations, or ordered functions, are columns ([`AggLeaf`], [`OrderedLeaf`]).
//!
//! Not here: what becomes of what is taken out (`grouping`, `neighbours`, both the frame's).

use super::{AggKind, BinaryOp, Expr, Function, Literal, Node, OrderedKind};
use polars_core::prelude::{DataType, PlSmallStr};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// How many values an expression has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// It reads no columns: one value.
    Constant,
    /// One for each row, out of that row.
    RowWise,
    /// One for many rows; the part that makes it so.
    Aggregated { part: String },
    /// One for each row, out of those around it too; the part that makes it so.
    Ordered { part: String },
    /// An aggregation beside rows: one part has one value, the other one for each row.
    Mixed { aggregate: String, rows: String },
    /// An aggregation of an aggregation, or an ordered function of one.
    Nested { outer: String, inner: String },
}

/// An aggregation that was taken out of an expression.
#[derive(Clone, Debug)]
pub(crate) struct AggLeaf {
    /// What is aggregated; none where rows are counted.
    pub input: Option<Expr>,
    pub kind: AggKind,
    /// The column that stands for it in what is left.
    pub name: PlSmallStr,
}

/// An ordered function that was taken out of an expression.
#[derive(Clone, Debug)]
pub(crate) struct OrderedLeaf {
    /// Row by row, over columns and over the leaves before this one.
    pub input: Expr,
    pub kind: OrderedKind,
    /// The column that stands for it in what is left.
    pub name: PlSmallStr,
}

impl Expr {
    /// The name of its column: that of the first column in it.
    pub fn output_name(&self) -> PlSmallStr {
        match self.node() {
            Node::Column(name) | Node::Alias { name, .. } => name.clone(),
            Node::Literal(_) | Node::TooDeep => PlSmallStr::from_static("literal"),
            Node::Binary { left, .. } => left.output_name(),
            Node::Function { inputs, .. } => inputs[0].output_name(),
            Node::When { branches, .. } => branches[0].1.output_name(),
            Node::Agg { input: None, .. } => PlSmallStr::from_static("len"),
            Node::Cast { input, .. }
            | Node::Agg { input: Some(input), .. }
            | Node::Ordered { input, .. } => input.output_name(),
        }
    }

    fn inputs(&self) -> Vec<&Expr> {
        self.node().inputs()
    }

    /// The columns it reads, into a set.
    pub(crate) fn columns(&self, into: &mut BTreeSet<PlSmallStr>) {
        match self.node() {
            Node::Column(name) => {
                into.insert(name.clone());
            }
            Node::Ordered { kind: OrderedKind::Rolling(_, options), .. } => {
                into.extend(options.by.clone());
            }
            _ => {}
        }
        for input in self.inputs() {
            input.columns(into);
        }
    }

    /// How many values it has, and what makes it so.
    pub(crate) fn shape(&self) -> Shape {
        let part = || self.to_string();
        let within = self.inputs().into_iter().map(|input| (input, input.shape()));
        match self.node() {
            Node::Column(_) => Shape::RowWise,
            Node::Literal(_) | Node::TooDeep => Shape::Constant,
            Node::Agg { .. } | Node::Ordered { .. } => {
                let aggregates = matches!(self.node(), Node::Agg { .. });
                for (_, shape) in within {
                    match shape {
                        Shape::Aggregated { part: inner } => {
                            return Shape::Nested { outer: part(), inner };
                        }
                        Shape::Mixed { .. } | Shape::Nested { .. } => return shape,
                        Shape::Constant | Shape::RowWise | Shape::Ordered { .. } => {}
                    }
                }
                if aggregates {
                    Shape::Aggregated { part: part() }
                } else {
                    Shape::Ordered { part: part() }
                }
            }
            _ => within.fold(Shape::Constant, |all, (input, shape)| all.beside(shape, input, self)),
        }
    }

    /// The conditions that all have to be true for it to be.
    pub(crate) fn conjuncts(&self) -> Vec<&Expr> {
        match self.node() {
            Node::Alias { input, .. } => input.conjuncts(),
            Node::Binary { left, op: BinaryOp::And, right } => {
                let mut all = left.conjuncts();
                all.extend(right.conjuncts());
                all
            }
            _ => vec![self],
        }
    }

    /// If it compares a column with a value: both, with the column on the left.
    pub(crate) fn as_comparison(&self) -> Option<(&PlSmallStr, BinaryOp, &Literal)> {
        let Node::Binary { left, op, right } = self.node() else { return None };
        match (left.node(), right.node()) {
            _ if !op.is_comparison() => None,
            (Node::Column(name), Node::Literal(value)) => Some((name, *op, value)),
            (Node::Literal(value), Node::Column(name)) => Some((name, op.flipped(), value)),
            _ => None,
        }
    }

    /// The column it is, if it is nothing but one, with or without another name.
    pub(crate) fn as_column(&self) -> Option<&PlSmallStr> {
        match self.node() {
            Node::Column(name) => Some(name),
            Node::Alias { input, .. } => input.as_column(),
            _ => None,
        }
    }

    /// The same over other columns and with other parts, where `new` has one.
    fn replaced(&self, new: &mut dyn FnMut(&Expr) -> Option<Expr>) -> Expr {
        if let Some(new) = new(self) {
            return new;
        }
        match self.node() {
            Node::Column(_) | Node::Literal(_) | Node::TooDeep | Node::Agg { input: None, .. } => {
                self.clone()
            }
            Node::Alias { input, name } => {
                Node::Alias { input: input.replaced(new), name: name.clone() }.into()
            }
            Node::Binary { left, op, right } => {
                Node::Binary { left: left.replaced(new), op: *op, right: right.replaced(new) }
                    .into()
            }
            Node::Function { function, inputs } => {
                let inputs = inputs.iter().map(|input| input.replaced(new)).collect();
                Expr::function(function.clone(), inputs)
            }
            Node::Cast { input, dtype, strict } => {
                Node::Cast { input: input.replaced(new), dtype: dtype.clone(), strict: *strict }
                    .into()
            }
            Node::When { branches, otherwise } => {
                let branches = branches.iter().map(|(a, b)| (a.replaced(new), b.replaced(new)));
                Node::When { branches: branches.collect(), otherwise: otherwise.replaced(new) }
                    .into()
            }
            Node::Agg { input: Some(input), kind } => input.replaced(new).aggregated(kind.clone()),
            Node::Ordered { input, kind } => input.replaced(new).ordered(kind.clone()),
        }
    }

    /// Takes its aggregations out: what is left is row by row over columns with the names of the leaves, and is called as this. The same
    /// aggregation is taken out once, also of several expressions with the same leaves.
    pub(crate) fn split_aggregations(&self, leaves: &mut Vec<AggLeaf>) -> Expr {
        let left = self.replaced(&mut |part| match part.node() {
            Node::Agg { input, kind } => {
                let name = part.leaf_name();
                if !leaves.iter().any(|leaf| leaf.name == name) {
                    leaves.push(AggLeaf {
                        input: input.clone(),
                        kind: kind.clone(),
                        name: name.clone(),
                    });
                }
                Some(super::col(name))
            }
            _ => None,
        });
        left.called(self.output_name())
    }

    /// Takes its ordered functions out, the inner ones first: what is left is row by row over the columns and those of the leaves, and is
    /// called as this. The same function is taken out once, also of several expressions with the same leaves.
    pub(crate) fn split_ordered(&self, leaves: &mut Vec<OrderedLeaf>) -> Expr {
        fn split(expr: &Expr, leaves: &mut Vec<OrderedLeaf>) -> Expr {
            expr.replaced(&mut |part| match part.node() {
                Node::Ordered { input, kind } => {
                    let name = part.leaf_name();
                    if !leaves.iter().any(|leaf| leaf.name == name) {
                        let input = split(input, leaves);
                        leaves.push(OrderedLeaf { input, kind: kind.clone(), name: name.clone() });
                    }
                    Some(super::col(name))
                }
                _ => None,
            })
        }
        split(self, leaves).called(self.output_name())
    }

    /// Under which name a part that was taken out is a column: as it is written, with what that leaves out, so that two that differ have two
    /// names.
    fn leaf_name(&self) -> PlSmallStr {
        let mut name = self.to_string();
        self.add_unshown(&mut name);
        PlSmallStr::from_string(name)
    }

    fn add_unshown(&self, into: &mut String) {
        // Writing into a string does not fail.
        let _ = match self.node() {
            Node::Agg { kind: AggKind::User(user), .. } => {
                write!(into, " at {:p}", Arc::as_ptr(user))
            }
            Node::Agg { kind: AggKind::Quantile(_, method), .. } => write!(into, " {method:?}"),
            Node::Function { function: Function::IsIn(of), .. } => {
                write!(into, " of {:p}", Arc::as_ptr(of))
            }
            Node::Literal(Literal::Scalar(value)) => {
                write!(into, " {:?} {:?}", value.dtype(), value.value())
            }
            Node::Cast {
                dtype: dtype @ (DataType::Enum(..) | DataType::Categorical(..)), ..
            } => {
                write!(into, " {dtype:?}")
            }
            _ => Ok(()),
        };
        self.inputs().into_iter().for_each(|input| input.add_unshown(into));
    }

    /// With that name, if it has another.
    pub(crate) fn called(self, name: PlSmallStr) -> Expr {
        if self.output_name() == name { self } else { self.alias(name) }
    }
}

impl Node {
    /// The expressions it is made of.
    pub(super) fn inputs(&self) -> Vec<&Expr> {
        match self {
            Node::Column(_) | Node::Literal(_) | Node::Agg { input: None, .. } | Node::TooDeep => {
                vec![]
            }
            Node::Alias { input, .. }
            | Node::Cast { input, .. }
            | Node::Agg { input: Some(input), .. }
            | Node::Ordered { input, .. } => vec![input],
            Node::Binary { left, right, .. } => vec![left, right],
            Node::Function { inputs, .. } => inputs.iter().collect(),
            Node::When { branches, otherwise } => {
                let mut inputs = branches.iter().flat_map(|(a, b)| [a, b]).collect::<Vec<_>>();
                inputs.push(otherwise);
                inputs
            }
        }
    }
}

impl Shape {
    /// Of both together; `input` has the other, and is part of `whole`.
    fn beside(self, other: Shape, input: &Expr, whole: &Expr) -> Shape {
        use Shape::{Aggregated, Constant, Mixed, Nested, Ordered, RowWise};
        match (self, other) {
            (mixed @ (Mixed { .. } | Nested { .. }), _)
            | (_, mixed @ (Mixed { .. } | Nested { .. })) => mixed,
            (Constant, other) | (other, Constant) => other,
            (Aggregated { part }, RowWise) => Mixed { aggregate: part, rows: input.to_string() },
            (Aggregated { part }, Ordered { part: rows }) => Mixed { aggregate: part, rows },
            (Ordered { part: rows }, Aggregated { part }) => Mixed { aggregate: part, rows },
            (RowWise, Aggregated { part }) => {
                let rows = whole.inputs().into_iter().find(|input| input.shape() == RowWise);
                let rows = rows.map_or_else(|| whole.to_string(), Expr::to_string);
                Mixed { aggregate: part, rows }
            }
            (ordered @ Ordered { .. }, _) | (_, ordered @ Ordered { .. }) => ordered,
            (aggregated @ Aggregated { .. }, _) => aggregated,
            (RowWise, RowWise) => RowWise,
        }
    }
}
