//! What a task does to a partition: reading, steps of rows, and what takes the result.
//!
//! In: a base, which is a source or has a block, and the steps above it. Out: the pieces of a partition, one after the other, to whatever takes
//! them, or all of it; what goes wrong on the way, and panics, as errors of the step.
//!
//! Not here: which steps are done by which task (`lower`), what they do (`rows`).

use crate::error::Error;
use crate::expr::Expr;
use crate::few::{chosen, cut, some};
use crate::memory::{hand_out, selected};
use crate::node::{Kind, Node, NodeRef};
use crate::rows::Step;
use crate::source::{Sink, Wanted};
use crate::undocumented::on_this_thread;
use polars_core::prelude::{DataFrame, PlSmallStr};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What one task does to a partition: the steps between a base, which has blocks or is a source, and a node.
pub(crate) struct Pipeline {
    /// What the last step is of, by whose name and line errors are told.
    pub(crate) of: NodeRef,
    pub(crate) base: NodeRef,
    /// Which partition of the base is the first one here.
    pub(crate) first: usize,
    /// What is read of the base, in the order of its schema.
    pub(crate) columns: Vec<PlSmallStr>,
    /// What somebody needs of the result, in the order of its schema.
    pub(crate) wanted: Arc<[PlSmallStr]>,
    /// The filters right behind the base, which a reader may use.
    pub(crate) filters: Vec<Expr>,
    /// From the base upwards, each with the node that it is of.
    pub(crate) steps: Vec<(NodeRef, Step)>,
}

impl Pipeline {
    /// Hands the pieces of a partition, after all steps, to `sink`. The block is that of the base, unless that is a source.
    pub(crate) fn run(
        &self,
        partition: usize,
        block: Option<&DataFrame>,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        let mut stepping = Stepping { steps: &self.steps, left: limits(&self.steps), sink };
        match (&self.base.kind, block) {
            (Kind::Source(source), None) => {
                let wanted = Wanted { columns: &self.columns, filters: &self.filters };
                source
                    .read(self.first + partition, &wanted, &mut stepping)
                    .map_err(|error| error.of_call(self.base.name, self.base.location))
            }
            (_, Some(block)) => hand_out(block, &self.columns, &mut stepping),
            _ => unreachable!("what is no source has a block"),
        }
    }

    /// The whole partition.
    pub(crate) fn collect(
        &self,
        partition: usize,
        block: Option<DataFrame>,
    ) -> Result<DataFrame, Error> {
        if let Some(mut block) = block {
            // In one piece already.
            block = selected(&block, &self.columns)?;
            for (node, step) in &self.steps {
                let rows = block.height();
                block =
                    step.apply(block).map_err(|error| error.of_call(node.name, node.location))?;
                block = match step {
                    Step::Head(_) => cut(block, rows)?,
                    Step::Filter(_) => some(block, rows)?,
                    _ => block,
                };
            }
            return Ok(if self.chooses() { chosen(block) } else { block });
        }
        let mut stacking = Stacking { all: None, are_chosen: self.chooses() };
        self.run(partition, None, &mut stacking)?;
        match stacking.all {
            Some(mut all) => {
                all.rechunk_mut();
                Ok(all)
            }
            None => self.without_rows(),
        }
    }

    /// Whether some of the rows are left out.
    fn chooses(&self) -> bool {
        self.steps.iter().any(|(_, step)| matches!(step, Step::Filter(_)))
    }

    /// What comes out where nothing comes in.
    fn without_rows(&self) -> Result<DataFrame, Error> {
        let mut block = selected(&self.base.empty(), &self.columns)?;
        for (node, step) in &self.steps {
            block = step.apply(block).map_err(|error| error.of_call(node.name, node.location))?;
        }
        Ok(block)
    }
}

/// Does the steps to each piece.
struct Stepping<'a> {
    steps: &'a [(NodeRef, Step)],
    /// How many rows each step still takes.
    left: Vec<usize>,
    sink: &'a mut dyn Sink,
}

impl Sink for Stepping<'_> {
    fn restart(&mut self) {
        self.left = limits(self.steps);
        self.sink.restart();
    }

    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error> {
        let mut piece = piece;
        let mut is_last = false;
        for ((node, step), left) in self.steps.iter().zip(&mut self.left) {
            match step {
                Step::Head(_) => {
                    piece = cut(piece.head(Some(*left)), piece.height())?;
                    *left -= piece.height();
                    is_last |= *left == 0;
                }
                step => {
                    let rows = piece.height();
                    piece = step
                        .apply(piece)
                        .map_err(|error| error.of_call(node.name, node.location))?;
                    if matches!(step, Step::Filter(_)) {
                        piece = some(piece, rows)?;
                    }
                }
            }
        }
        let next = self.sink.take(piece)?;
        Ok(if is_last { ControlFlow::Break(()) } else { next })
    }
}

/// How many rows of a partition each step takes.
fn limits(steps: &[(NodeRef, Step)]) -> Vec<usize> {
    let limit = |step: &Step| if let Step::Head(rows) = step { *rows } else { usize::MAX };
    steps.iter().map(|(_, step)| limit(step)).collect()
}

/// Puts pieces one behind the other.
#[derive(Default)]
struct Stacking {
    all: Option<DataFrame>,
    /// Pieces may be few rows of what they keep.
    are_chosen: bool,
}

impl Sink for Stacking {
    fn restart(&mut self) {
        self.all = None;
    }

    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error> {
        let piece = if self.are_chosen { chosen(piece) } else { piece };
        match &mut self.all {
            // A piece without rows has nothing to add.
            Some(_) if piece.height() == 0 => {}
            Some(all) if all.height() > 0 => {
                all.vstack_mut_owned(piece).map_err(Error::polars)?;
            }
            none_yet => *none_yet = Some(piece),
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Blocks of one schema, one behind the other; those without rows add nothing.
pub(crate) fn stacked(blocks: Vec<DataFrame>) -> Result<DataFrame, Error> {
    let mut all = Stacking::default();
    for block in blocks {
        let _ = all.take(block)?;
    }
    Ok(all.all.unwrap_or_default())
}

/// What goes wrong in what a task does, also a panic, is an error that names the step and its line.
pub(crate) fn guarded<T>(node: &Node, f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let done = catch_unwind(AssertUnwindSafe(|| on_this_thread(f))).unwrap_or_else(|payload| {
        Err(Error::of_panic("a panic while a partition was computed", payload))
    });
    done.map_err(|error| error.of_call(node.name, node.location))
}

/// What goes wrong in what a step says of no rows, also a panic.
pub(crate) fn guarded_step<T>(f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(|| on_this_thread(f))).unwrap_or_else(|payload| {
        Err(Error::of_panic("a panic while the columns were found out", payload))
    })
}
