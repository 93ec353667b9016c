//! The array as users hold it: an expression, or the error of the step that made none.
//!
//! In: operations. Out: results, graphs, and what can be said before anything is computed. Every operation goes through [`Array::step`], which keeps the first error.

use crate::block::Block;
use crate::called::surrounding;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::grid::Grid;
use crate::lower::Lowering;
use crate::pages;
use crate::rearrange::in_any_chunks;
use ndarray::{ArrayD, ArrayViewMutD, Axis, Dimension, IxDyn};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::{Debug, Display, Formatter};
use std::marker::{PhantomData, PhantomPinned};
use std::panic::Location;
use std::sync::Arc;
use taskweave_macros::delayed;
use taskweave_runtime::__private::{
    self as marker, Awaited, Deferred, Fulfilment, Late, Seal, collected,
};
use taskweave_runtime::{Builder, Compute, Delayed, Graph, Scheduler};

/// An n-dimensional array that is computed chunk by chunk, in parallel, when it is asked for.
///
/// It holds an expression: operations build larger expressions, at once and without computing anything. [`compute`](Array::compute) makes a
/// task graph of it and runs that; what elementwise operations, views and the reduction that follows do to a chunk is one pass over its
/// memory. `A` is the element type, `D` the rank as in `ndarray`: `Ix0` to `Ix6`, or `IxDyn` if it is known at run time only.
///
/// An impossible step, such as adding shapes that don't fit, gives an array that carries its error (the first one, with its line in the source) to
/// [`check`](Array::check) or `compute`. Cloning an array shares its expression: what is used twice is computed once.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Array;
/// let x = Array::<f64, _>::from_fn([4, 3], |[i, j]| (i * 3 + j) as f64).rechunk(2);
/// let y = ((&x - x.mean()) / x.std(0.0)).sum();
/// assert!(y.compute()?.into_scalar().abs() < 1e-12);
/// # Ok::<(), array::Error>(())
/// ```
#[must_use = "an array does nothing until it is computed"]
pub struct Array<A, D> {
    pub(crate) state: Result<ExprRef, Error>,
    /// Its own type's, not its content's, auto traits; never `Unpin`, so that it is never taken for a plain value of a task.
    types: PhantomData<fn() -> (A, D)>,
    _late: PhantomPinned,
}

/// What goes wrong while an array is computed is not seen in the array.
impl<A, D> std::panic::UnwindSafe for Array<A, D> {}
impl<A, D> std::panic::RefUnwindSafe for Array<A, D> {}

impl<A, D> Clone for Array<A, D> {
    /// O(1): the expression is shared.
    fn clone(&self) -> Self {
        Array::from_state(self.state.clone())
    }
}

impl<A, D> Array<A, D> {
    pub(crate) fn from_state(state: Result<ExprRef, Error>) -> Self {
        Array { state, types: PhantomData, _late: PhantomPinned }
    }

    /// The array that `step` makes of this one, or its error, with the caller's line, and the name of the function that it is written in; nothing, if there is an error already.
    #[track_caller]
    pub(crate) fn step<B, E>(
        &self,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        self.step_at(Location::caller(), step)
    }

    /// [`Array::step`] of a function that has not the name of the operation.
    #[track_caller]
    pub(crate) fn step_of<B, E>(
        &self,
        operation: &'static str,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        let made = self.state.as_ref().map_err(Clone::clone).and_then(step);
        Array::made_at(operation, Location::caller(), made)
    }

    /// The array, whose error, if it comes from a step that stands where the caller stands, is one of `operation`: of what is made of other operations.
    #[track_caller]
    pub(crate) fn called(self, operation: &'static str) -> Array<A, D> {
        let location = Location::caller();
        Array::from_state(self.state.map_err(|error| error.of_caller(operation, location)))
    }

    /// [`Array::step`], in a closure, which has no caller's line.
    pub(crate) fn step_at<B, E>(
        &self,
        location: &'static Location<'static>,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        let operation = surrounding(&step);
        let made = self.state.as_ref().map_err(Clone::clone).and_then(step);
        Array::made_at(operation, location, made)
    }

    /// The array of an expression that was made, or not, by a step at `location`.
    pub(crate) fn made_at(
        operation: &'static str,
        location: &'static Location<'static>,
        made: Result<Expr, Error>,
    ) -> Array<A, D> {
        let placed = made.map_err(|error| error.of_call(operation, location));
        Array::from_state(placed.map(|mut made| {
            made.stands_at(location);
            Arc::new(made)
        }))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Finds what is wrong with the array without computing it: the error of the first impossible step.
    ///
    /// # Errors
    /// Of shapes, axes, chunks and indices that don't fit; see [`ErrorKind`].
    pub fn check(&self) -> Result<(), Error> {
        self.state.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// The lengths of the axes.
    ///
    /// An array that carries an [error](Array::check) has no shape: this is `[]` then, as of one element without axes, and nobody knows it from that. So whoever decides by the shape says
    /// [`check`](Array::check) first; `println!("{x}")` shows the error in place of the shape.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::<f64, _>::zeros([4, 2]);
    /// assert_eq!(x.shape(), [4, 2]);
    /// let wrong = &x + Array::<f64, _>::zeros([4, 3]);
    /// assert!(wrong.shape().is_empty() && wrong.check().is_err());
    /// assert!(wrong.to_string().contains("cannot add shapes [4, 2] and [4, 3]"));
    /// ```
    pub fn shape(&self) -> &[usize] {
        self.state.as_ref().map_or(&[], |expr| &expr.shape)
    }

    /// The number of axes; of an array with an error 0, whatever its type says.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements; of an array with an error 0.
    #[doc(alias = "size")]
    pub fn len(&self) -> usize {
        self.state.as_ref().map_or(0, |expr| expr.shape.iter().product())
    }

    /// Whether there are no elements; of an array with an error `true`.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of chunks; of an array with an error 0.
    #[doc(alias = "npartitions")]
    pub fn chunk_count(&self) -> usize {
        self.state.as_ref().map_or(0, |expr| expr.grid.count())
    }

    /// The lengths of the chunks along an axis; of an axis that the array does not have, and of an array with an error, none.
    #[doc(alias = "chunks")]
    pub fn chunk_lengths(&self, axis: usize) -> Vec<usize> {
        match &self.state {
            Ok(expr) if axis < expr.shape.len() => {
                expr.grid.bounds(axis).windows(2).map(|bounds| bounds[1] - bounds[0]).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// Computes the array, on all cores, or whatever [`with_scheduler`](taskweave_runtime::with_scheduler) and the environment say.
    ///
    /// # Errors
    /// That of [`check`](Array::check), or that of the task that failed.
    ///
    /// # Cost
    /// The result, and for each worker the blocks of a few chunks. A task for each chunk of whatever is not computed inside the tasks of what follows.
    pub fn compute(&self) -> Result<ndarray::Array<A, D>, Error> {
        self.compute_with(|graph| graph.compute())
    }

    /// [`compute`](Array::compute) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Array::compute).
    pub fn compute_on(
        &self,
        scheduler: &(impl Scheduler + ?Sized),
    ) -> Result<ndarray::Array<A, D>, Error> {
        self.compute_with(|graph| graph.compute_on(scheduler))
    }

    /// Lets the tasks write to where each chunk belongs in the result, so that nothing is copied at the end, on one thread.
    fn compute_with(
        &self,
        compute: impl FnOnce(Graph<'_, Vec<()>>) -> Result<Vec<()>, taskweave_runtime::Error>,
    ) -> Result<ndarray::Array<A, D>, Error> {
        let expr = in_any_chunks(self.state.as_ref().map_err(Clone::clone)?);
        let mut all = room_for_result::<A>(expr)?;
        let roots = std::slice::from_ref(expr);
        let parts = parts(all.view_mut(), &expr.grid, 0);
        compute(Graph::build(|builder| Lowering::new(roots).write_to(builder, expr, parts)))?;
        Ok(all.into_dimensionality().expect("an expression has the rank of its array"))
    }

    /// The graph that computes the array: to look at, to run in the background, to pass to a task of another graph. Its tasks have the names of the operations that they end with, `sum` or
    /// `map_blocks`; one that several reductions share is a `reduce`.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    #[doc(alias = "visualize")]
    pub fn to_graph(&self) -> Result<Graph<'static, ndarray::Array<A, D>>, Error> {
        let expr = in_any_chunks(self.state.as_ref().map_err(Clone::clone)?);
        Ok(Graph::build(|builder| whole(builder, expr.location, expr, true)))
    }
}

/// The parts of an array that are the chunks, in C order.
fn parts<'a, A>(
    whole: ArrayViewMutD<'a, A>,
    grid: &Grid,
    axis: usize,
) -> Vec<ArrayViewMutD<'a, A>> {
    if axis == grid.rank() {
        return vec![whole];
    }
    let (mut all, mut rest) = (Vec::new(), whole);
    for at in 0..grid.count_along(axis) {
        let (part, after) = rest.split_at(Axis(axis), grid.range(axis, at).len());
        all.append(&mut parts(part, grid, axis + 1));
        rest = after;
    }
    all
}

/// Arrays that are computed in one graph.
#[derive(Default)]
struct Together {
    /// Those whose blocks are not there yet.
    waiting: Vec<(ExprRef, Fulfilment<Block>)>,
    /// Whether their tasks get the names of operations.
    is_named: bool,
    /// How many arrays will be computed, those with errors too, and how many have been added.
    count: usize,
    number: usize,
}

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
    for (expr, _) in &waiting {
        place_of.entry(Arc::as_ptr(expr)).or_insert_with(|| {
            roots.push(expr.clone());
            roots.len() - 1
        });
    }
    let lowering = Lowering::new(&roots);
    let lowering = if is_named { lowering.with_names() } else { lowering };
    let blocks = lowering.add_to(builder, &roots);
    for (expr, fulfilment) in waiting {
        builder.fulfil(fulfilment, &blocks[place_of[&Arc::as_ptr(&expr)]]);
    }
}

/// The handle of the whole array, whose task stands at `location`.
fn whole<'g, 'env, A: Element, D: Dimension + 'static>(
    builder: &'g Builder<'env>,
    location: &'static Location<'static>,
    expr: &ExprRef,
    is_named: bool,
) -> Delayed<'g, 'env, ndarray::Array<A, D>> {
    let (blocks, fulfilment) = builder.promise(add_blocks);
    builder.with_notes(|together: &mut Together| {
        together.waiting.push((expr.clone(), fulfilment));
        together.is_named |= is_named;
    });
    let assemble = assemble::task_or_fail(expr.clone(), blocks);
    builder.add_at(location, assemble).named(name_of_next(builder))
}

/// What an impossible array is.
#[delayed(crate = crate::__door)]
fn refused<T: Send + Sync + 'static>(error: Error) -> Result<T, Error> {
    Err(error)
}

/// An array of at least so many bytes is put together by all workers.
const TOGETHER_BYTES_MIN: usize = 8 << 20;

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
        let written = parts(all.view_mut(), &expr.grid, 0).into_iter().zip(blocks);
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

/// An array for the result, of zeros.
fn room_for_result<A: Element>(expr: &Expr) -> Result<ArrayD<A>, Error> {
    let memory = pages::untouched(expr.shape.iter().product()).ok_or_else(|| {
        Error::no_memory_for_result(&expr.shape, size_of::<A>()).at(expr.location)
    })?;
    Ok(ArrayD::from_shape_vec(IxDyn(&expr.shape), memory).expect("as long as its shape says"))
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
        self.add_at(Location::caller(), builder)
    }
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

/// An array in `graph!`: its task stands where the array was made.
struct Argument<A, D>(Array<A, D>);

impl<'env, A: Element, D: Dimension + 'static> Compute<'env> for Argument<A, D> {
    type Output = ndarray::Array<A, D>;
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        let location = match &self.0.state {
            Ok(expr) => expr.location,
            Err(error) => error.location().unwrap_or_else(Location::caller),
        };
        self.0.add_at(location, builder)
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
    fn handle(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, ndarray::Array<A, D>> {
        Argument(self).add_to(builder)
    }
}

/// Element type, shape, chunks, tasks and bytes. Of an array that carries an error, which has no shape: "no array: ", and the error.
impl<A: Element, D> Display for Array<A, D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let expr = match &self.state {
            Ok(expr) => expr,
            Err(error) => return write!(f, "no array: {error}"),
        };
        let bytes = expr.shape.iter().product::<usize>().saturating_mul(A::DTYPE.size);
        let (chunks, tasks) =
            (expr.grid.count(), Lowering::new(std::slice::from_ref(in_any_chunks(expr))).tasks());
        write!(
            f,
            "{} array of shape {:?} in chunks of {}: {} chunk{}, {} task{}, {}",
            A::DTYPE,
            &expr.shape[..],
            expr.grid,
            Grouped(chunks),
            if chunks == 1 { "" } else { "s" },
            Grouped(tasks),
            if tasks == 1 { "" } else { "s" },
            Bytes(bytes as u64)
        )
    }
}

/// As `Display`: elements are not computed to be shown.
impl<A: Element, D> Debug for Array<A, D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

/// A number with its thousands apart.
pub(crate) struct Grouped(pub(crate) usize);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A number of bytes, shown in the unit that suits it.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// assert_eq!(array::Bytes(3 << 20).to_string(), "3.0 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < units.len() {
            value /= 1024.0;
            unit += 1;
        }
        if unit == 0 {
            write!(f, "{} bytes", self.0)
        } else {
            write!(f, "{value:.1} {}", units[unit])
        }
    }
}

/// Checks that an axis exists.
pub(crate) fn check_axis(axis: usize, shape: &[usize]) -> Result<(), Error> {
    if axis < shape.len() {
        return Ok(());
    }
    let axes = match shape.len() {
        0 => "no axes".to_owned(),
        1 => "axis 0 only".to_owned(),
        n => format!("axes 0 to {}", n - 1),
    };
    let message = format!("there is no axis {axis} in shape {shape:?}, which has {axes}");
    Err(Error::new(ErrorKind::Axis, message))
}
