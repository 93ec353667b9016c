//! Aggregations as tasks see them: what of a piece goes into states, and what is made of states in the end.
//!
//! In: keys and aggregations as users write them. Out: a [`Grouping`], which folds pieces into [`GroupState`]s, and a frame of each.
//!
//! An expression such as `col("a").sum() / len()` is taken apart into what goes through states, here the sum and the number of rows, and
//! what is computed of the results.
//!
//! Not here: the states (`group`), the tasks (`lower`).

use crate::error::Error;
use crate::expr::{AggLeaf, Expr, col, evaluate_all};
use crate::group::{AggSpec, GroupState};
use crate::node::{Names, Node};
use crate::plan::list;
use crate::refused::{expect_aggregation, expect_rows};
use crate::source::Sink;
use polars_core::prelude::{Column, DataFrame, DataType, PlSmallStr, Schema};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What is aggregated, by which keys.
pub(crate) struct Grouping {
    /// Of rows.
    pub(crate) keys: Vec<Expr>,
    /// What goes through states.
    pub(crate) leaves: Vec<AggLeaf>,
    /// What is computed of keys and states: the columns of the result.
    post: Vec<Expr>,
    /// The aggregations as they were written.
    written: Vec<Expr>,
    key_fields: Vec<(PlSmallStr, DataType)>,
    specs: Vec<AggSpec>,
}

impl Grouping {
    /// Takes the aggregations apart; and the schema of the result.
    pub(crate) fn new(
        input: &Node,
        keys: Vec<Expr>,
        aggregations: &[Expr],
    ) -> Result<(Grouping, Arc<Schema>), Error> {
        let empty = input.empty();
        for key in &keys {
            expect_rows(key, "a key of groups")?;
        }
        let key_columns = evaluate_all(&keys, &empty)?;
        let key_fields: Vec<_> =
            key_columns.iter().map(|key| (key.name().clone(), key.dtype().clone())).collect();
        let mut leaves = Vec::new();
        let mut post: Vec<Expr> = key_fields.iter().map(|(name, _)| col(name.clone())).collect();
        for expr in aggregations {
            expect_aggregation(expr)?;
            post.push(expr.split_aggregations(&mut leaves));
        }
        let specs = leaves
            .iter()
            .map(|leaf: &AggLeaf| {
                let dtype = match &leaf.input {
                    None => DataType::Null,
                    Some(input) => input.evaluate(&empty)?.dtype().clone(),
                };
                Ok(AggSpec { kind: leaf.kind.clone(), dtype, name: leaf.name.clone() })
            })
            .collect::<Result<_, Error>>()?;
        let written = aggregations.to_vec();
        let grouping = Grouping { keys, leaves, post, written, key_fields, specs };
        let result = grouping.finish(grouping.state()?)?;
        let schema = result.schema().clone();
        Ok((grouping, schema))
    }

    /// Which columns of its input it reads for these of the result. Keys are always needed.
    pub(crate) fn needs(&self, wanted: &Names) -> Names {
        let mut needed = Names::new();
        for expr in self.keys.iter().chain(self.written_of(wanted)) {
            expr.columns(&mut needed);
        }
        needed
    }

    /// What is left, if only these columns of the result are wanted: all keys, and their aggregations.
    pub(crate) fn pruned(&self, wanted: &Names) -> Grouping {
        let written: Vec<Expr> = self.written_of(wanted).cloned().collect();
        let mut leaves = Vec::new();
        let mut post: Vec<Expr> =
            self.key_fields.iter().map(|(name, _)| col(name.clone())).collect();
        post.extend(written.iter().map(|expr| expr.split_aggregations(&mut leaves)));
        let spec = |leaf: &AggLeaf| self.specs.iter().find(|spec| spec.name == leaf.name).cloned();
        let specs = leaves.iter().filter_map(spec).collect();
        let (keys, key_fields) = (self.keys.clone(), self.key_fields.clone());
        Grouping { keys, leaves, post, written, key_fields, specs }
    }

    fn written_of<'a>(&'a self, wanted: &'a Names) -> impl Iterator<Item = &'a Expr> {
        self.written.iter().filter(|expr| wanted.contains(&expr.output_name()))
    }

    /// A state of no rows.
    pub(crate) fn state(&self) -> Result<GroupState, Error> {
        GroupState::new(&self.key_fields, &self.specs)
    }

    /// Whether there are groups at all, or one of all rows.
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The columns of the result.
    pub(crate) fn finish(&self, state: GroupState) -> Result<DataFrame, Error> {
        let states = state.finish()?;
        let columns = evaluate_all(&self.post, &states)?;
        DataFrame::new(states.height(), columns).map_err(Error::polars)
    }

    fn update(&self, state: &mut GroupState, piece: &DataFrame) -> Result<(), Error> {
        let keys = evaluate_all(&self.keys, piece)?;
        // Rows that are only counted still have to be said.
        let rows = || Column::full_null(PlSmallStr::EMPTY, piece.height(), &DataType::Null);
        let inputs = self
            .leaves
            .iter()
            .map(|leaf| {
                leaf.input.as_ref().map_or_else(|| Ok(rows()), |input| input.evaluate(piece))
            })
            .collect::<Result<Vec<_>, _>>()?;
        state.update(&keys, &inputs)
    }

    /// The keys and the aggregations, as `explain` shows them.
    pub(crate) fn describe(&self) -> String {
        let aggregations = list(&self.written);
        match self.keys.is_empty() {
            true => format!(" [{aggregations}]"),
            false => format!(" [{aggregations}] by [{}]", list(&self.keys)),
        }
    }
}

/// Folds pieces into a state.
pub(crate) struct Folding<'a> {
    grouping: &'a Grouping,
    /// By whose name and line errors are told.
    of: &'a Node,
    state: Result<GroupState, Error>,
}

impl<'a> Folding<'a> {
    pub(crate) fn new(grouping: &'a Grouping, of: &'a Node) -> Folding<'a> {
        Folding { grouping, of, state: grouping.state() }
    }

    pub(crate) fn into_state(self) -> Result<GroupState, Error> {
        self.state
    }
}

impl Sink for Folding<'_> {
    fn restart(&mut self) {
        self.state = self.grouping.state();
    }

    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error> {
        let state = self.state.as_mut().map_err(|error| error.clone())?;
        let updated = self.grouping.update(state, &piece);
        updated.map_err(|error| error.of_call(self.of.name, self.of.location))?;
        Ok(ControlFlow::Continue(()))
    }
}
