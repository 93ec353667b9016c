//! Arrays in graphs: several computed in one run, and arrays that are arguments of tasks.
//!
//! In: arrays, and a graph that is being built. Out: their handles. What several arrays have in common is computed once: tasks are added when all arrays are known. A large array that is computed with
//! others is written block by block to where it belongs; one that is an argument is put together when its blocks are there, as often as the graph is run.
//!
//! Not here: one array alone (`array`), what the tasks are (`lower`).

use crate::array::{Array, parts, room_for_result};
use crate::block::Block;
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Expr, ExprRef};
use crate::lower::Lowering;
use crate::parts::{Part, Whole, apart};
use crate::rearrange::in_any_chunks;
use ndarray::{ArrayD, ArrayViewMutD, Dimension, IxDyn};
use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;
use taskweave_macros::delayed;
use taskweave_runtime::__private::{
    self as marker, Awaited, Deferred, Fulfilment, Late, Promise, Seal, collected,
};
use taskweave_runtime::{Builder, Compute, Delayed, Graph};

/// Arrays that are computed in one graph.
#[derive(Default)]
struct Together {
    /// Those whose blocks are not there yet.
    waiting: Vec<(ExprRef, Waiting)>,
    /// Whether their tasks get the names of operations.
    is_named: bool,
    /// How many arrays will be computed, those with errors too, and how many have been added.
    count: usize,
    number: usize,
}

/// What an array waits for.
enum Waiting {
    Blocks(Fulfilment<Block>),
    /// Those of some chunks, by their numbers.
    Chunks(Fulfilment<Block>, Vec<usize>),
    /// Its blocks, written to where they belong.
    Written(Fulfilment<()>, Write),
}

impl Waiting {
    /// Marks the chunks that are waited for.
    fn need(&self, needed: &mut [bool]) {
        match self {
            Waiting::Chunks(_, chunks) => chunks.iter().for_each(|&chunk| needed[chunk] = true),
            Waiting::Blocks(_) | Waiting::Written(..) => needed.fill(true),
        }
    }
}

/// See [`written`].
type Write =
    Box<dyn for<'g, 'env> FnOnce(&[Delayed<'g, 'env, Block>]) -> Vec<Delayed<'g, 'env, ()>> + Send>;

/// What the task is called that gives an array: of several, which it is.
fn name_of_next(builder: &Builder<'_>) -> Cow<'static, str> {
    builder.with_notes(|together: &mut Together| {
        together.number += 1;
        match together.count {
            0 | 1 => "array".into(),
            count => format!("array {} of {count}", together.number).into(),
        }
    })
}

/// Adds the tasks of all arrays that wait for their blocks: what they have in common is computed once.
fn add_blocks(builder: &Builder<'_>) {
    let (waiting, is_named) = builder.with_notes(|together: &mut Together| {
        (std::mem::take(&mut together.waiting), together.is_named)
    });
    let mut roots: Vec<ExprRef> = Vec::new();
    let mut place_of: HashMap<*const Expr, usize> = HashMap::new();
    // Who waits for each of them.
    let mut waiters: Vec<Vec<usize>> = Vec::new();
    for (waiter, (expr, _)) in waiting.iter().enumerate() {
        let place = *place_of.entry(Arc::as_ptr(expr)).or_insert_with(|| {
            roots.push(expr.clone());
            waiters.push(Vec::new());
            roots.len() - 1
        });
        waiters[place].push(waiter);
    }
    let lowering = Lowering::of_chunks(&roots, |at, needed| {
        waiters[at].iter().for_each(|&waiter| waiting[waiter].1.need(needed));
    });
    let lowering = if is_named { lowering.with_names() } else { lowering };
    let blocks = lowering.add_chunks_to(builder, &roots);
    for (expr, waiting) in waiting {
        let blocks = &blocks[place_of[&Arc::as_ptr(&expr)]];
        match waiting {
            Waiting::Blocks(fulfilment) => builder.fulfil(fulfilment, blocks.iter().flatten()),
            Waiting::Chunks(fulfilment, chunks) => {
                let some = chunks.iter().filter_map(|&chunk| blocks[chunk].as_ref());
                builder.fulfil(fulfilment, some);
            }
            Waiting::Written(fulfilment, write) => {
                let blocks: Vec<_> = blocks.iter().flatten().cloned().collect();
                builder.fulfil(fulfilment, &write(&blocks));
            }
        }
    }
}

/// The handle of the whole array, whose task stands at `location`.
pub(crate) fn whole<'g, 'env, A: Element, D: Dimension + 'static>(
    builder: &'g Builder<'env>,
    location: &'static Location<'static>,
    expr: &ExprRef,
    is_named: bool,
) -> Delayed<'g, 'env, ndarray::Array<A, D>> {
    let (blocks, fulfilment) = builder.promise(add_blocks);
    builder.with_notes(|together: &mut Together| {
        together.waiting.push((expr.clone(), Waiting::Blocks(fulfilment)));
        together.is_named |= is_named;
    });
    let assemble = assemble::task_or_fail(expr.clone(), blocks);
    builder.add_at(location, assemble).named(name_of_next(builder))
}

/// The blocks of some chunks, for a task that has other use for them than to put them together.
pub(crate) fn lent(
    builder: &Builder<'_>,
    expr: Option<&ExprRef>,
    chunks: Vec<usize>,
) -> Promise<Block> {
    let (blocks, fulfilment) = builder.promise(add_blocks);
    if let Some(expr) = expr {
        builder.with_notes(|together: &mut Together| {
            together.waiting.push((expr.clone(), Waiting::Chunks(fulfilment, chunks)));
        });
    }
    blocks
}

/// The same, for a graph that is computed once: the room for the array is there from the beginning, and each block goes there when it is made.
fn whole_in_place<'g, 'env, A: Element, D: Dimension + 'static>(
    builder: &'g Builder<'env>,
    location: &'static Location<'static>,
    expr: &ExprRef,
) -> Result<Delayed<'g, 'env, ndarray::Array<A, D>>, Error> {
    let room = room_for_result::<A>(expr)?;
    let (whole, parts) = apart(room.into_raw_vec_and_offset().0, &expr.grid);
    let write: Write = Box::new(move |blocks| written(blocks, parts));
    let (written, fulfilment) = builder.promise(add_blocks);
    builder.with_notes(|together: &mut Together| {
        together.waiting.push((expr.clone(), Waiting::Written(fulfilment, write)));
    });
    let given = given::task(whole, expr.clone(), written);
    Ok(builder.add_at(location, given).named(name_of_next(builder)))
}

/// A task for each block that writes it to its part, and lets go of both.
fn written<'g, 'env, A: Element>(
    blocks: &[Delayed<'g, 'env, Block>],
    parts: Vec<Part<A>>,
) -> Vec<Delayed<'g, 'env, ()>> {
    let write = |(block, mut part): (&Delayed<'g, 'env, Block>, Part<A>)| {
        let write = move |block: Block| part.view_mut().assign(&block.view::<A>());
        block.clone().map(write).named("write")
    };
    blocks.iter().zip(parts).map(write).collect()
}

/// The array whose parts have been written.
#[delayed(crate = crate::__door)]
fn given<A: Element, D: Dimension + 'static>(
    whole: Whole<A>,
    expr: ExprRef,
    written: Vec<()>,
) -> ndarray::Array<A, D> {
    debug_assert_eq!(written.len(), expr.grid.count());
    let all = whole.into_vec().expect("who has written has let go of its part");
    let all = ArrayD::from_shape_vec(IxDyn(&expr.shape), all).expect("as long as its shape says");
    all.into_dimensionality().expect("an expression has the rank of its array")
}

/// What an impossible array is.
#[delayed(crate = crate::__door)]
fn refused<T: Send + Sync + 'static>(error: Error) -> Result<T, Error> {
    Err(error)
}

/// An array of at least so many bytes is put together by all workers.
pub(crate) const TOGETHER_BYTES_MIN: usize = 8 << 20;

/// Adds a task for each block that writes it to its part, and lets go of it.
fn write_all<'g, 'env, A: Element>(
    builder: &'g Builder<'env>,
    blocks: Vec<(ArrayViewMutD<'env, A>, Block)>,
) -> Delayed<'g, 'env, Vec<()>> {
    let write = |(mut part, block): (ArrayViewMutD<'env, A>, Block)| {
        let block = builder.value(block);
        block.map(move |block| part.assign(&block.view::<A>())).named("write")
    };
    builder.gather(blocks.into_iter().map(write).collect::<Vec<_>>())
}

/// One array of all blocks, in C order of the chunks.
#[delayed(crate = crate::__door)]
fn assemble<A: Element, D: Dimension + 'static>(
    expr: ExprRef,
    mut blocks: Vec<Block>,
) -> Result<ndarray::Array<A, D>, Error> {
    let all = if blocks.len() == 1 {
        blocks.swap_remove(0).into_array::<A>()?
    } else {
        let mut all = room_for_result::<A>(&expr)?;
        let written = parts(all.view_mut(), &expr.grid).zip(blocks);
        if expr.shape.iter().product::<usize>().saturating_mul(size_of::<A>()) < TOGETHER_BYTES_MIN
        {
            written.for_each(|(mut part, block)| part.assign(&block.view::<A>()));
        } else {
            let written = written.collect();
            Graph::build(|builder| write_all::<A>(builder, written)).compute()?;
        }
        all
    };
    Ok(all.into_dimensionality().expect("an expression has the rank of its array"))
}

/// The array's value, computed with other things in one run. One that carries an error is a task that fails with it, and says which of several arrays it is.
impl<'env, A: Element, D: Dimension + 'static> Compute<'env> for Array<A, D> {
    type Output = ndarray::Array<A, D>;
    fn announce(&self, builder: &Builder<'env>) {
        builder.with_notes(|together: &mut Together| {
            together.count += 1;
        });
    }
    #[track_caller]
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        let here = Location::caller();
        let Ok(expr) = self.state.as_ref().map(in_any_chunks) else {
            return self.add_at(here, builder);
        };
        // What is not announced may be a part of a graph that is frozen, and run again.
        let is_computed = builder.with_notes(|together: &mut Together| together.count > 0);
        if !is_computed || !is_written_in_place::<A>(expr) {
            return self.add_at(here, builder);
        }
        whole_in_place(builder, here, expr)
            .unwrap_or_else(|error| Array::<A, D>::from_state(Err(error)).add_at(here, builder))
    }
}

/// One that is borrowed is computed as its clone, which copies no elements.
impl<'env, A: Element, D: Dimension + 'static> Compute<'env> for &Array<A, D> {
    type Output = ndarray::Array<A, D>;
    fn announce(&self, builder: &Builder<'env>) {
        (*self).announce(builder);
    }
    #[track_caller]
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        self.clone().add_to(builder)
    }
}

/// Whether each block of the array is written to where it belongs, when several things are computed in one run.
fn is_written_in_place<A: Element>(expr: &Expr) -> bool {
    // A single block becomes the array, without a copy.
    expr.grid.count() > 1
        && expr.shape.iter().product::<usize>().saturating_mul(size_of::<A>()) >= TOGETHER_BYTES_MIN
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    fn add_at<'g, 'env>(
        self,
        location: &'static Location<'static>,
        builder: &'g Builder<'env>,
    ) -> Delayed<'g, 'env, ndarray::Array<A, D>> {
        match self.state {
            Ok(expr) => whole(builder, location, in_any_chunks(&expr), false),
            Err(error) => {
                let failed = builder.add_at(location, refused::task_or_fail(error));
                failed.named(name_of_next(builder))
            }
        }
    }
}

/// An array in `graph!`: its task stands where the array was made, and that of an impossible one is called as the step that is wrong.
struct Argument<A, D>(Array<A, D>);

impl<'env, A: Element, D: Dimension + 'static> Compute<'env> for Argument<A, D> {
    type Output = ndarray::Array<A, D>;
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        match &self.0.state {
            Ok(expr) => {
                let location = expr.location;
                self.0.add_at(location, builder)
            }
            Err(error) => {
                let location = error.location().unwrap_or_else(Location::caller);
                let name = error.operation().unwrap_or("array");
                let failed = refused::task_or_fail(error.clone().of_task());
                builder.add_at(location, failed).named(name)
            }
        }
    }
}

/// An argument of a task in `graph!`, which adds the array's tasks to the graph.
#[diagnostic::do_not_recommend]
impl<'env, A: Element, D: Dimension + 'static>
    Deferred<'env, ndarray::Array<A, D>, marker::Collected> for Array<A, D>
{
    type Source = Late<ndarray::Array<A, D>>;
    fn defer(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        collected(Argument(self), builder, seal)
    }
}

/// `x.await` in `graph!`.
#[diagnostic::do_not_recommend]
impl<'g, 'env, A: Element, D: Dimension + 'static> Awaited<'g, 'env, ndarray::Array<A, D>>
    for Array<A, D>
{
    fn __handle(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, ndarray::Array<A, D>> {
        Argument(self).add_to(builder)
    }
}
