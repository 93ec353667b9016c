//! Functions of the user's over whole blocks.
//!
//! In: closures, or `#[delayed]` functions, of views of `ndarray`. Out: custom expressions that call them, once for each chunk. What a function returns has to be of the shape
//! that was promised; a panic in it is an error of its task.
//!
//! Not here: functions of single elements (`elementwise`), which need no blocks, and of blocks with their neighbours (`overlap`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::element::Element;
use crate::elementwise::{Both, broadcast, common_grid, cut_grid, in_chunks_of};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Chunks, Dims, Grid, check_size, number};
use crate::map::Map;
use crate::rearrange::regridded;
use crate::sizes::CHUNK_BYTES;
use crate::tile::type_of;
use crate::views::view_in;
use ndarray::{ArrayView, ArrayView1, Axis, DimMax, Dimension, RemoveAxis};
use std::marker::PhantomData;
use std::sync::Arc;

/// Which block a function of blocks is called with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BlockPlace {
    /// Its position in the grid of chunks.
    pub chunk: Vec<usize>,
    /// The index of its first element in the array.
    pub origin: Vec<usize>,
    /// The shape of the array.
    pub shape: Vec<usize>,
}

impl BlockPlace {
    pub(crate) fn new(expr: &Expr, at: &[usize]) -> BlockPlace {
        let origin = expr.grid.origin(at).to_vec();
        BlockPlace { chunk: at.to_vec(), origin, shape: expr.shape.to_vec() }
    }
}

/// What a function gave, as the block it has to be.
pub(crate) fn checked<B: Element, E: Dimension>(
    name: &str,
    expr: &Expr,
    at: &[usize],
    given: ndarray::Array<B, E>,
) -> Result<Block, Error> {
    let wanted = expr.grid.chunk_shape(at);
    if given.shape() != &wanted[..] {
        let message = format!(
            "{name}: the function returned shape {:?} for the block at {at:?}, whose shape is {:?}",
            given.shape(),
            &wanted[..]
        );
        return Err(Error::new(ErrorKind::Shape, message).at(expr.location));
    }
    Ok(Block::from_array(given.into_dyn().into_shared()))
}

pub(crate) fn typed<A: Element, D: Dimension>(block: &Block) -> ArrayView<'_, A, D> {
    block.view::<A>().into_dimensionality().expect("an expression has the rank of its array")
}

/// One block of the result for each of the input.
struct Mapped<A, D, B, E, F> {
    f: F,
    types: PhantomData<fn(A, D) -> (B, E)>,
}

impl<A, D, B, E, F> Custom for Mapped<A, D, B, E, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    E: Dimension,
    F: Fn(ArrayView<'_, A, D>, &BlockPlace) -> ndarray::Array<B, E> + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // Chunks correspond in C order, also where the ranks differ.
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let of_input = crate::grid::position(number(at, &expr.grid.counts()), &input.grid.counts());
        let place = BlockPlace::new(input, &of_input);
        checked("map_blocks", expr, at, (self.f)(typed(&blocks[0]), &place))
    }
}

/// One block of the result for the blocks of two inputs.
struct Zipped<A, D, B, E, C, G, F> {
    f: F,
    types: PhantomData<fn(A, D, B, E) -> (C, G)>,
}

impl<A, D, B, E, C, G, F> Custom for Zipped<A, D, B, E, C, G, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    E: Dimension,
    C: Element,
    G: Dimension,
    F: Fn(ArrayView<'_, A, G>, ArrayView<'_, B, G>) -> ndarray::Array<C, G> + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let number = number(at, &expr.grid.counts());
        need(0, number);
        need(1, number);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        checked("zip_blocks", expr, at, (self.f)(typed(&blocks[0]), typed(&blocks[1])))
    }
}

/// A custom expression of another type.
pub(crate) fn custom<B: Element>(
    name: &'static str,
    make: Arc<dyn Custom>,
    inputs: Vec<ExprRef>,
    shape: Dims,
    grid: Grid,
) -> Result<Expr, Error> {
    check_size(&shape, size_of::<B>())?;
    let location = inputs[0].location;
    Ok(Expr {
        kind: Kind::Custom { make, inputs },
        name,
        dtype: B::DTYPE,
        of: type_of::<B>(),
        shape,
        grid,
        location,
    })
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// `f` of each block, which returns a block of the same shape, of any type.
    ///
    /// # Errors
    /// Of the task: a block of another shape, or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// let sorted = x.map_blocks(|block, _| block.iter().rev().copied().collect());
    /// assert_eq!(sorted.compute()?.to_vec(), [2, 1, 0, 5, 4, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, and its block.
    #[track_caller]
    pub fn map_blocks<B: Element>(
        &self,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace) -> ndarray::Array<B, D> + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let make = Arc::new(Mapped { f, types: PhantomData });
            custom::<B>(
                "map_blocks",
                make,
                vec![expr.clone()],
                expr.shape.clone(),
                expr.grid.clone(),
            )
        })
    }

    /// `f` of each block, which returns a block of another shape, also of another rank: `chunks` are the lengths of the result's chunks along its axes, as many chunks
    /// as the array has, which correspond in C order.
    ///
    /// # Errors
    /// Carried by the array: as many chunks. Of the task: a block of another shape than was promised, or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// // The extremes of each block.
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// let ends = x.map_blocks_to(vec![vec![2, 2]], |block, _| ndarray::arr1(&[block[0], block[2]]));
    /// assert_eq!(ends.compute()?.to_vec(), [0, 2, 3, 5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn map_blocks_to<B: Element, E: Dimension + 'static>(
        &self,
        chunks: Vec<Vec<usize>>,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace) -> ndarray::Array<B, E> + Send + Sync + 'static,
    ) -> Array<B, E> {
        self.step(|expr| {
            if E::NDIM.is_some_and(|rank| rank != chunks.len()) {
                let message = format!(
                    "chunk lengths are given for {} axes of blocks of rank {}",
                    chunks.len(),
                    E::NDIM.unwrap_or(0)
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
            let sum = |lengths: &Vec<usize>| {
                lengths.iter().fold(0_usize, |sum, &len| sum.saturating_add(len))
            };
            let shape: Dims = chunks.iter().map(sum).collect();
            check_size(&shape, size_of::<B>())?;
            let grid = Grid::new(&shape, &Chunks::from(chunks), size_of::<B>())?;
            if grid.count() != expr.grid.count() {
                let message = format!(
                    "{} chunks are promised, and the array has {}: each gives one",
                    grid.count(),
                    expr.grid.count()
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
            let make = Arc::new(Mapped { f, types: PhantomData });
            custom::<B>("map_blocks", make, vec![expr.clone()], shape, grid)
        })
    }

    /// `f` of each block and that at its place of `other`, both broadcast to one shape, which is that of the block that `f` returns.
    ///
    /// # Errors
    /// Carried by the array: the shapes have to broadcast. Of the task: a block of another shape, or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 4, 1).rechunk(2);
    /// let sum = x.zip_blocks(&x, |a, b| &a + &b);
    /// assert_eq!(sum.compute()?.to_vec(), [0, 2, 4, 6]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn zip_blocks<B: Element, C: Element, E: Dimension + 'static>(
        &self,
        other: &Array<B, E>,
        f: impl Fn(
            ArrayView<'_, A, Both<D, E>>,
            ArrayView<'_, B, Both<D, E>>,
        ) -> ndarray::Array<C, Both<D, E>>
        + Send
        + Sync
        + 'static,
    ) -> Array<C, Both<D, E>>
    where
        D: DimMax<E>,
        Both<D, E>: 'static,
    {
        self.step(|expr| {
            let other = other.state.as_ref().map_err(Clone::clone)?;
            let inputs = [expr, other];
            let shape = broadcast("zip the blocks of", &inputs)?;
            check_size(&shape, size_of::<A>().max(size_of::<B>()))?;
            let common = common_grid(&inputs, &shape);
            let grid = cut_grid(&common, &inputs, &shape, size_of::<C>())?;
            let seen = |input: &ExprRef| -> ExprRef {
                let map = Map::broadcast(&input.shape, &shape);
                let input = in_chunks_of(input, &map, &common);
                Arc::new(view_in("broadcast", &input, map, shape.clone(), grid.clone()))
            };
            let make = Arc::new(Zipped::<A, D, B, E, C, Both<D, E>, _> { f, types: PhantomData });
            custom::<C>(
                "zip_blocks",
                make,
                vec![seen(expr), seen(other)],
                shape.clone(),
                grid.clone(),
            )
        })
    }

    /// `f` of each row along an axis, which becomes one element; NumPy's `apply_along_axis`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[3, 1], [2, 5]]));
    /// let spread = x.map_axis(ndarray::Axis(1), |row| row.iter().max().unwrap() - row.iter().min().unwrap());
    /// assert_eq!(spread.compute()?.to_vec(), [2, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Chunks become whole along the axis.
    #[track_caller]
    pub fn map_axis<B: Element>(
        &self,
        axis: Axis,
        f: impl Fn(ArrayView1<'_, A>) -> B + Send + Sync + 'static,
    ) -> Array<B, D::Smaller>
    where
        D: RemoveAxis,
        D::Smaller: 'static,
    {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let input = Arc::new(whole_along(expr, axis.0, CHUNK_BYTES)?);
            let mut shape = expr.shape.clone();
            shape.remove(axis.0);
            let others = (0..expr.shape.len()).filter(|&other| other != axis.0);
            let grid = Grid::from_bounds(others.map(|other| input.grid.bounds(other).clone()));
            let rows = move |block: ArrayView<'_, A, D>, _: &BlockPlace| block.map_axis(axis, &f);
            let make = Arc::new(Mapped { f: rows, types: PhantomData });
            custom::<B>("map_axis", make, vec![input], shape, grid)
        })
    }
}

/// The expression in chunks that are whole along an axis, and of about so many bytes if one row is not more.
pub(crate) fn whole_along(expr: &ExprRef, axis: usize, bytes: usize) -> Result<Expr, Error> {
    if expr.grid.count_along(axis) == 1 {
        return Ok(regridded(expr, expr.grid.clone()));
    }
    let row = expr.shape[axis].saturating_mul(expr.dtype.size).max(1);
    // The chunks along the other axes, cut further until one is of the size.
    let mut others = expr.shape.clone();
    others[axis] = 1;
    let pieces = Grid::new(&others, &Chunks::bytes((bytes / row).max(1)), 1)?;
    let mut grid = expr.grid.clone();
    grid.set(axis, [0, expr.shape[axis]].into());
    for other in (0..others.len()).filter(|&other| other != axis) {
        grid.refine(other, pieces.bounds(other));
    }
    grid.check_count(&expr.shape)?;
    Ok(regridded(expr, grid))
}
