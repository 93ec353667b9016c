//! Reductions by functions of the user's.
//!
//! In: what a part of a block gives (a state of any type), how two states become one, and what comes of the last: three functions, or an [`Aggregate`]. Out: custom expressions, whose tasks
//! make the states of each block, combine them in a tree whose form the grid alone decides, and finish: the same for any number of workers.
//!
//! ```text
//! input, chunks of axes [kept, reduced]     states [kept, piece]             elements [kept]
//!   | a b c … |  ──chunk──>                 | A B C … |  ──combine 8──> …  ──combine, finish──> | x |
//! ```
//! - `A1` A block of states is a vector of one for each element along the kept axes of the block, in C order, and is read by one task.
//!
//! Not here: sums and the like (`reducing`), which are part of the pass over what they read.

use crate::array::Array;
use crate::block::Block;
use crate::blocks::{BlockPlace, custom, name_of, typed};
use crate::called::{Call, ElementOutcome, Failure, Name, Outcome};
use crate::element::{DType, Element};
use crate::error::Error;
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid, number, position};
use crate::reduce::kept;
use crate::reducing::{Over, OverKept, chosen, with_axes};
use crate::tile::type_of;
use ndarray::{ArrayView, Axis, Dimension, Ix0, IxDyn, RemoveAxis, Slice};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// So many blocks of states are combined by one task.
const COMBINED: usize = 8;

/// A reduction of one's own, of elements of type `A` in arrays of rank `D`; for [`Array::aggregate`] and its forms. [`Array::reduction`] takes closures.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Aggregate, Array, BlockPlace, Failure};
/// use ndarray::{ArrayView, Axis, Dimension};
///
/// /// The mean of the logarithms' exponential.
/// struct GeometricMean;
/// impl<D: Dimension> Aggregate<f64, D> for GeometricMean {
///     type State = (f64, usize);
///     type Out = f64;
///     fn chunk(&self, values: ArrayView<'_, f64, D>, _: &BlockPlace) -> Result<(f64, usize), Failure> {
///         Ok((values.iter().map(|x| x.ln()).sum(), values.len()))
///     }
///     fn combine(&self, earlier: (f64, usize), later: (f64, usize)) -> (f64, usize) {
///         (earlier.0 + later.0, earlier.1 + later.1)
///     }
///     fn finish(&self, (logs, count): (f64, usize)) -> Result<f64, Failure> {
///         if count == 0 { Err("no geometric mean of nothing".into()) } else { Ok((logs / count as f64).exp()) }
///     }
/// }
///
/// let x = Array::from(ndarray::arr2(&[[1.0, 2.0], [4.0, 32.0]])).rechunk(1);
/// assert_eq!(x.aggregate(GeometricMean).compute()?.into_scalar(), 4.0);
/// assert!((x.aggregate_axis(Axis(0), GeometricMean).compute()?[0] - 2.0).abs() < 1e-15);
/// # Ok::<(), array::Error>(())
/// ```
pub trait Aggregate<A, D>: Send + Sync + 'static {
    /// What is known of the elements so far; of any type.
    type State: Clone + Send + Sync + 'static;
    /// What comes out.
    type Out: Element;

    /// The state of the elements of one block that become one: along the kept axes the view has length 1. Element `i` of it is element `place.origin + i` of the array. Of an axis of length 0 there are
    /// no elements, and it is called all the same.
    ///
    /// # Errors
    /// Whatever there is no state of; it fails the task.
    fn chunk(
        &self,
        values: ArrayView<'_, A, D>,
        place: &BlockPlace,
    ) -> Result<Self::State, Failure>;

    /// One state of two; `later` is of blocks that come after those of `earlier`, counted along the reduced axes in C order.
    fn combine(&self, earlier: Self::State, later: Self::State) -> Self::State;

    /// What comes of the state of all.
    ///
    /// # Errors
    /// Whatever has no result; it fails the task.
    fn finish(&self, state: Self::State) -> Result<Self::Out, Failure>;
}

/// Three functions, as one reduction.
struct Functions<C, M, F, S, R, Q> {
    chunk: C,
    combine: M,
    finish: F,
    types: PhantomData<fn() -> (S, R, Q)>,
}

impl<A, D, C, M, F, S, R, Q> Aggregate<A, D> for Functions<C, M, F, S, R, Q>
where
    C: Fn(ArrayView<'_, A, D>, &BlockPlace) -> R + Send + Sync + 'static,
    M: Fn(S, S) -> S + Send + Sync + 'static,
    F: Fn(S) -> Q + Send + Sync + 'static,
    S: Clone + Send + Sync + 'static,
    R: Outcome<S>,
    Q: ElementOutcome,
{
    type State = S;
    type Out = Q::Element;
    fn chunk(&self, values: ArrayView<'_, A, D>, place: &BlockPlace) -> Result<S, Failure> {
        (self.chunk)(values, place).outcome()
    }
    fn combine(&self, earlier: S, later: S) -> S {
        (self.combine)(earlier, later)
    }
    fn finish(&self, state: S) -> Result<Q::Element, Failure> {
        (self.finish)(state).outcome()
    }
}

/// What its functions are called in messages.
#[derive(Clone, Copy)]
struct Names {
    chunk: Name,
    combine: Name,
    finish: Name,
}

/// A reduction, and the axes that it goes along.
struct Reduction<G, A, D> {
    by: G,
    names: Names,
    /// Which axes are reduced.
    axes: Vec<bool>,
    /// The number of chunks along these.
    counts: Dims,
    types: PhantomData<fn(A) -> D>,
}

impl<A: Element, D: Dimension, G: Aggregate<A, D>> Reduction<G, A, D> {
    /// The chunk of the input that piece number `at[last]` of what is kept at the rest of `at` is.
    fn chunk_of(&self, at: &[usize]) -> Dims {
        let mut kept = at.iter().copied();
        let mut along = position(at[at.len() - 1], &self.counts).into_iter();
        let axes = self.axes.iter();
        axes.map(|&is_reduced| if is_reduced { along.next() } else { kept.next() })
            .map(|at| at.expect("one for each axis"))
            .collect()
    }

    /// The states of a block, one for each of its elements along the kept axes.
    fn states(
        &self,
        block: &ArrayView<'_, A, D>,
        mut place: BlockPlace,
    ) -> Result<Vec<G::State>, Failure> {
        let kept = kept(block.shape(), &self.axes);
        let origin = place.origin.clone();
        let mut states = Vec::with_capacity(kept.iter().product());
        for lane in 0..kept.iter().product() {
            let mut index = position(lane, &kept).into_iter();
            let mut values = block.view();
            let axes = self.axes.iter().enumerate().filter(|(_, is_reduced)| !**is_reduced);
            for ((axis, _), at) in axes.zip(&mut index) {
                values.slice_axis_inplace(Axis(axis), Slice::from(at..at + 1));
                place.origin[axis] = origin[axis] + at;
                place.extent[axis] = 1;
            }
            states.push(self.by.chunk(values, &place)?);
        }
        Ok(states)
    }

    /// The states of several blocks, as one block's.
    fn combined(
        &self,
        expr: &Expr,
        at: &[usize],
        blocks: Vec<Block>,
    ) -> Result<Vec<G::State>, Error> {
        Call::new(expr, self.names.combine, at).run(|| {
            let mut blocks = blocks.into_iter().map(Block::into_states::<G::State>);
            let first = blocks.next().expect("a grid has at least one chunk");
            let joined = |earlier: Vec<G::State>, later: Vec<G::State>| {
                let pairs = earlier.into_iter().zip(later);
                pairs.map(|(earlier, later)| self.by.combine(earlier, later)).collect()
            };
            Ok(blocks.fold(first, joined))
        })
    }
}

/// The states of the chunks of the input.
struct Leaves<G, A, D>(Arc<Reduction<G, A, D>>);

impl<A: Element, D: Dimension, G: Aggregate<A, D>> Custom for Leaves<G, A, D> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            need(0, number(&self.0.chunk_of(at), &input.grid.counts()));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let chunk = self.0.chunk_of(at);
        let (place, block) = (BlockPlace::new(input, &chunk), typed(&blocks[0]));
        let call = Call::new(expr, self.0.names.chunk, &chunk);
        let states = call.run(|| self.0.states(&block, place))?;
        Ok(Block::from_states(states, expr.grid.chunk_shape(at)))
    }
}

/// The states of several pieces, as those of one.
struct Branches<G, A, D>(Arc<Reduction<G, A, D>>);

impl<A: Element, D: Dimension, G: Aggregate<A, D>> Custom for Branches<G, A, D> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need_pieces(expr, &at[..at.len() - 1], at[at.len() - 1], need);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let states = self.0.combined(expr, &at[..at.len() - 1], blocks)?;
        Ok(Block::from_states(states, expr.grid.chunk_shape(at)))
    }
}

/// What comes of the states of the last pieces.
struct Root<G, A, D>(Arc<Reduction<G, A, D>>);

impl<A: Element, D: Dimension, G: Aggregate<A, D>> Custom for Root<G, A, D> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need_pieces(expr, at, 0, need);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let states = self.0.combined(expr, at, blocks)?;
        let values = Call::new(expr, self.0.names.finish, at)
            .run(|| states.into_iter().map(|state| self.0.by.finish(state)).collect())?;
        Ok(Block::from_buffer::<G::Out>(values, expr.grid.chunk_shape(at)))
    }
}

/// Group number `group` of the pieces that the input has of what is kept at `at`.
fn need_pieces(expr: &Expr, at: &[usize], group: usize, need: &mut dyn FnMut(usize, usize)) {
    for input in expr.inputs() {
        let counts = input.grid.counts();
        let pieces = counts[at.len()];
        let first = number(at, &counts[..at.len()]) * pieces;
        let from = group * COMBINED;
        (from..pieces.min(from + COMBINED)).for_each(|piece| need(0, first + piece));
    }
}

/// The expressions of a reduction of some axes.
fn reduction<A: Element, D: Dimension + 'static, G: Aggregate<A, D>>(
    input: &ExprRef,
    axes: &[usize],
    by: G,
    names: Names,
    location: &'static Location<'static>,
) -> Result<Expr, Error> {
    let axes = chosen(axes, &input.shape)?;
    let kept_shape = kept(&input.shape, &axes);
    let stays = |axis: &usize| !axes[*axis];
    let bounds: Vec<Arc<[usize]>> =
        (0..axes.len()).filter(stays).map(|axis| input.grid.bounds(axis).clone()).collect();
    let counts = input.grid.counts();
    let along = counts.iter().zip(&axes).filter(|&(_, is_reduced)| *is_reduced);
    let counts: Dims = along.map(|(&count, _)| count).collect();
    let mut pieces: usize = counts.iter().product();
    let make = Arc::new(Reduction { by, names, axes, counts, types: PhantomData });
    let of_states = |make: Arc<dyn Custom>, from: &ExprRef, pieces: usize| {
        let mut shape = kept_shape.clone();
        shape.push(pieces);
        let grid = Grid::from_bounds(bounds.iter().cloned().chain([(0..=pieces).collect()]));
        Arc::new(Expr {
            kind: Kind::Custom { make, inputs: vec![from.clone()] },
            name: "reduction",
            dtype: DType::of::<G::State>("state"),
            of: type_of::<G::Out>(),
            shape,
            grid,
            location,
        })
    };
    let mut states = of_states(Arc::new(Leaves(make.clone())), input, pieces);
    while pieces > COMBINED {
        pieces = pieces.div_ceil(COMBINED);
        states = of_states(Arc::new(Branches(make.clone())), &states, pieces);
    }
    let grid = Grid::from_bounds(bounds);
    custom::<G::Out>("reduction", Arc::new(Root(make)), vec![states], kept_shape, grid)
}

/// A step by functions of the user's, in its four forms.
macro_rules! forms {
    ($(#[$doc:meta])* $name:ident, $axis:ident, [$($generics:tt)*], ($($argument:ident: $Type:ty),*) -> $Out:ty,
        where [$($bounds:tt)*], $by:expr) => {
        impl<A: Element, D: Dimension + 'static> Array<A, D> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name<$($generics)*>(&self, $($argument: $Type),*) -> Array<$Out, Ix0>
            where
                $($bounds)*
            {
                let axes: Vec<usize> = (0..self.ndim()).collect();
                let ((by, names), location) = ($by, Location::caller());
                self.step(|expr| reduction(expr, &axes, by, names, location))
            }

            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along one axis.")]
            #[track_caller]
            pub fn $axis<$($generics)*>(&self, axis: Axis, $($argument: $Type),*) -> Array<$Out, D::Smaller>
            where
                D: RemoveAxis,
                $($bounds)*
            {
                let ((by, names), location) = ($by, Location::caller());
                self.step(|expr| reduction(expr, &[axis.0], by, names, location))
            }
        }
        impl<A: Element, D: Dimension + 'static> Over<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes.")]
            #[track_caller]
            pub fn $name<$($generics)*>(self, $($argument: $Type),*) -> Array<$Out, IxDyn>
            where
                $($bounds)*
            {
                let ((by, names), location) = ($by, Location::caller());
                self.array.step(|expr| reduction(expr, &self.axes, by, names, location))
            }
        }
        impl<A: Element, D: Dimension + 'static> OverKept<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes, which stay.")]
            #[track_caller]
            pub fn $name<$($generics)*>(self, $($argument: $Type),*) -> Array<$Out, D>
            where
                $($bounds)*
            {
                let Over { array, axes } = self.0;
                let ((by, names), location) = ($by, Location::caller());
                array.step(|expr| {
                    let small = reduction(expr, &axes, by, names, location)?;
                    Ok(with_axes(small, expr, &chosen(&axes, &expr.shape)?))
                })
            }
        }
    };
}

forms! {
    /// A reduction of one's own, of all elements: `chunk` makes a state of what a block has, of any type; `combine` makes one state of two, the earlier one first; `finish` makes an element of the last one.
    /// dask's `reduction`.
    ///
    /// `chunk` gets a view of the rank of the array, which along axes that are kept has length 1, so the same functions do for all axes, some, or one; and the place of the block: element
    /// `i` of the view is element `place.origin + i` of the array. `chunk` and `finish` may return a `Result`, see [`Outcome`]; `combine` then says
    /// what its parameters are, `|a: f64, b|`. Of an axis of length 0 `chunk` gets no elements.
    /// A reduction with a name is an [`Aggregate`].
    ///
    /// # Errors
    /// Of the task: an error or a panic of a function.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::{Axis, arr2};
    ///
    /// // How far the elements of each column lie apart.
    /// let x = Array::from(arr2(&[[1, 5], [2, 9], [8, 4], [9, 0]])).rechunk(2);
    /// let range = x.reduction_axis(
    ///     Axis(0),
    ///     |values, _| (*values.iter().min().unwrap(), *values.iter().max().unwrap()),
    ///     |a, b| (a.0.min(b.0), a.1.max(b.1)),
    ///     |(low, high)| high - low,
    /// );
    /// assert_eq!(range.compute()?.to_vec(), [8, 9]);
    ///
    /// // The row of the greatest element.
    /// let row = x.reduction(
    ///     |values, place| {
    ///         let (at, most) = values.indexed_iter().max_by_key(|(_, x)| **x).unwrap();
    ///         (*most, place.origin[0] + at.0)
    ///     },
    ///     |a, b| if b.0 > a.0 { b } else { a },
    ///     |(_, row)| row as u64,
    /// );
    /// assert_eq!(row.compute()?.into_scalar(), 1);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, whose block it reads, and a tree of tasks that combine eight at a time; `chunk` is called once for each element along the kept axes of each block. The form
    /// of the tree follows from the chunks alone, so the result has the same bits for any number of workers.
    reduction, reduction_axis, [S, R, Q], (
        chunk: impl Fn(ArrayView<'_, A, D>, &BlockPlace) -> R + Send + Sync + 'static,
        combine: impl Fn(S, S) -> S + Send + Sync + 'static,
        finish: impl Fn(S) -> Q + Send + Sync + 'static
    ) -> Q::Element,
    where [S: Clone + Send + Sync + 'static, R: Outcome<S>, Q: ElementOutcome],
    {
        let names = Names { chunk: name_of(&chunk), combine: name_of(&combine), finish: name_of(&finish) };
        (Functions { chunk, combine, finish, types: PhantomData }, names)
    }
}

forms! {
    /// A reduction that has a name, of all elements; see [`Aggregate`].
    ///
    /// # Errors
    /// Of the task: an error or a panic of the reduction.
    ///
    /// # Cost
    /// As [`reduction`](Array::reduction).
    #[doc(alias = "Aggregation")]
    aggregate, aggregate_axis, [G], (by: G) -> G::Out,
    where [G: Aggregate<A, D>],
    {
        let name = Name::of::<G>();
        (by, Names { chunk: name, combine: name, finish: name })
    }
}
