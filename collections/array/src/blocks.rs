//! Functions of the user's over whole blocks.
//!
//! In: functions of views of `ndarray`. Out: custom expressions that call them, once for each chunk. What a function returns has to be of the shape that was promised, or it writes to
//! a block that it is given; an error or a panic of it is an error of its task (`called`).
//!
//! Not here: functions of single elements (`elementwise`), which need no blocks, of rows (`rows`), of blocks with their neighbours (`overlap`), and of several arrays by labels (`blockwise`).

use crate::array::Array;
use crate::block::Block;
use crate::called::{Call, Name, Outcome};
use crate::either::AnyArray;
use crate::element::Element;
use crate::elementwise::{Both, broadcast, common_grid, cut_grid, in_chunks_of};
use crate::error::{Error, ErrorKind, counted, is_or_are};
use crate::expr::{Custom, Expr, ExprRef, Kind};
use crate::grid::{Chunks, Dims, Grid, How, all_of, check_size, number};
use crate::map::Map;
use crate::pool::{Room, room};
use crate::rearrange::regridded;
use crate::sizes::finer;
use crate::tile::type_of;
use crate::views::view_in;
use ndarray::{ArrayView, ArrayViewMut, ArrayViewMutD, DimMax, Dimension, IxDyn};
use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Which block a function of blocks is called with.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, BlockPlace};
/// // The last block is shorter.
/// let part = |place: &BlockPlace| place.range(0).map(|at| at as i64).collect::<ndarray::Array1<_>>();
/// assert_eq!(Array::from_blocks([5], 2, part).compute()?.to_vec(), [0, 1, 2, 3, 4]);
/// let x = Array::<f64, _>::ones([5, 3]).rechunk([2, 3]);
/// let most = x.map_blocks(|block, place| block.mapv(|x| x * place.extent[0] as f64)).max();
/// assert_eq!(most.compute()?.into_scalar(), 2.0);
/// # Ok::<(), array::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BlockPlace {
    /// Its position in the grid of chunks.
    pub chunk: Vec<usize>,
    /// The index of its first element in the array.
    pub origin: Vec<usize>,
    /// The shape of the block, without neighbours.
    pub extent: Vec<usize>,
    /// The shape of the array.
    pub shape: Vec<usize>,
    /// How many elements of its neighbours the function gets before it, along each axis; not 0 in [`map_overlap_into`](Array::map_overlap_into) only.
    pub before: Vec<usize>,
}

impl BlockPlace {
    pub(crate) fn new(expr: &Expr, at: &[usize]) -> BlockPlace {
        let (origin, extent) = (expr.grid.origin(at).to_vec(), expr.grid.chunk_shape(at).to_vec());
        let before = vec![0; at.len()];
        BlockPlace { chunk: at.to_vec(), origin, extent, shape: expr.shape.to_vec(), before }
    }

    /// The indices of the block's elements along an axis, in the array; along an axis that there is not, none.
    pub fn range(&self, axis: usize) -> Range<usize> {
        match (self.origin.get(axis), self.extent.get(axis)) {
            (Some(&first), Some(&len)) => first..first + len,
            _ => 0..0,
        }
    }
}

/// Makes room for a block that a function of the user's will make.
pub(crate) fn room_for<B: Element>(expr: &Expr, at: &[usize]) -> Option<Room> {
    let shape = expr.grid.chunk_shape(at);
    room(shape.iter().product::<usize>().saturating_mul(size_of::<B>()))
}

/// What a function gave, as the block it has to be; `who` gave it, and there was room for it.
pub(crate) fn checked<B: Element, E: Dimension>(
    who: &dyn Display,
    expr: &Expr,
    at: &[usize],
    given: ndarray::Array<B, E>,
    room: Option<Room>,
) -> Result<Block, Error> {
    let wanted = expr.grid.chunk_shape(at);
    if given.shape() != &wanted[..] {
        let remedy = match expr.name {
            "map_blocks" | "map_blocks_owned" => {
                "; `map_blocks_to` is for functions that give other shapes"
            }
            "map_blocks_to" => "; say the lengths of what it gives as `chunks`",
            "blockwise" => "; `new_axis` and `adjust_chunks` say of other shapes",
            _ => "; return an array of that shape",
        };
        let message = format!(
            "{who} returned shape {:?} for the block at {at:?}, whose shape is {:?}{remedy}",
            given.shape(),
            &wanted[..]
        );
        return Err(Error::new(ErrorKind::Shape, message).of_call(expr.name, expr.location));
    }
    Ok(Block::from_made(given, room))
}

pub(crate) fn typed<A: Element, D: Dimension>(block: &Block) -> ArrayView<'_, A, D> {
    block.view::<A>().into_dimensionality().expect("an expression has the rank of its array")
}

/// The block that `f` fills, in memory that an earlier block may have had.
pub(crate) fn filled<B: Element>(
    shape: Dims,
    f: impl FnOnce(ArrayViewMutD<'_, B>) -> Result<(), Error>,
) -> Result<Block, Error> {
    let mut buffer = crate::pool::buffer(&shape, B::default())?;
    let out = ArrayViewMutD::from_shape(IxDyn(&shape), &mut buffer);
    f(out.expect("the buffer is as long as the shape says"))?;
    Ok(Block::from_buffer(buffer, shape))
}

pub(crate) fn typed_mut<B, D: Dimension>(view: ArrayViewMutD<'_, B>) -> ArrayViewMut<'_, B, D> {
    view.into_dimensionality().expect("an expression has the rank of its array")
}

/// One block of the result for each of the input.
struct Mapped<A, D, B, E, R, F> {
    f: F,
    name: Name,
    types: PhantomData<fn(A, D) -> (B, E, R)>,
}

impl<A, D, B, E, R, F> Custom for Mapped<A, D, B, E, R, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    E: Dimension,
    R: Outcome<ndarray::Array<B, E>>,
    F: Fn(ArrayView<'_, A, D>, &BlockPlace) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        // Chunks correspond in C order, also where the ranks differ.
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let of_input = crate::grid::position(number(at, &expr.grid.counts()), &input.grid.counts());
        let place = BlockPlace::new(input, &of_input);
        let call = Call::new(expr, self.name, at);
        let room = room_for::<B>(expr, at);
        let given = call.run(|| (self.f)(typed(&blocks[0]), &place).outcome())?;
        checked(&self.name, expr, at, given, room)
    }
}

/// One block of the result for each of the input, in memory that is there.
struct MappedInto<A, D, B, R, F> {
    f: F,
    types: PhantomData<fn(A, D) -> (B, R)>,
}

impl<A, D, B, R, F> Custom for MappedInto<A, D, B, R, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    R: Outcome<()>,
    F: Fn(ArrayView<'_, A, D>, &BlockPlace, ArrayViewMut<'_, B, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (place, call) = (BlockPlace::new(expr, at), Call::new(expr, Name::of::<F>(), at));
        filled(expr.grid.chunk_shape(at), |out| {
            call.run(|| (self.f)(typed(&blocks[0]), &place, typed_mut(out)).outcome())
        })
    }
}

/// One block of the result for each of the input, which is given away.
struct MappedOwned<A, D, B, R, F> {
    f: F,
    types: PhantomData<fn(A, D) -> (B, R)>,
}

impl<A, D, B, R, F> Custom for MappedOwned<A, D, B, R, F>
where
    A: Element,
    D: Dimension,
    B: Element,
    R: Outcome<ndarray::Array<B, D>>,
    F: Fn(ndarray::Array<A, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, number(at, &expr.grid.counts()));
    }

    fn make(&self, expr: &Expr, at: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        let block = blocks.swap_remove(0).into_array::<A>()?.into_dimensionality();
        let block = block.expect("an expression has the rank of its array");
        let name = Name::of::<F>();
        let room = room_for::<B>(expr, at);
        let given = Call::new(expr, name, at).run(|| (self.f)(block).outcome())?;
        checked(&name, expr, at, given, room)
    }
}

/// One block of the result for the blocks of two inputs.
struct Zipped<A, B, C, G, R, F> {
    f: F,
    types: PhantomData<fn(A, B) -> (C, G, R)>,
}

impl<A, B, C, G, R, F> Custom for Zipped<A, B, C, G, R, F>
where
    A: Element,
    B: Element,
    C: Element,
    G: Dimension,
    R: Outcome<ndarray::Array<C, G>>,
    F: Fn(ArrayView<'_, A, G>, ArrayView<'_, B, G>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let number = number(at, &expr.grid.counts());
        need(0, number);
        need(1, number);
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (name, room) = (Name::of::<F>(), room_for::<C>(expr, at));
        let given = Call::new(expr, name, at)
            .run(|| (self.f)(typed(&blocks[0]), typed(&blocks[1])).outcome())?;
        checked(&name, expr, at, given, room)
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
    /// `f` of each block, which returns a block of the same shape, of any type, or a `Result` of one: see [`Outcome`].
    ///
    /// `f` is a closure or a function; a closure that ends in `collect()` says of what type, `collect::<Array1<_>>()`. A `#[delayed]` function is a function too, but has no parameters that are views: its name is passed to [`map_blocks_owned`](Array::map_blocks_owned).
    ///
    /// # Errors
    /// Of the task: a block of another shape, an error or a panic of `f`; it says at which block, and in which line the step stands.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// let centred = x.map_blocks(|block, _| &block - block[1]);
    /// assert_eq!(centred.compute()?.to_vec(), [-1, 0, 1, -1, 0, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, and its block, which `f` allocates; [`map_blocks_into`](Array::map_blocks_into) writes to memory that is there.
    #[track_caller]
    pub fn map_blocks<B: Element, R: Outcome<ndarray::Array<B, D>>>(
        &self,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace) -> R + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let name = name_of(&f);
            let make = Arc::new(Mapped { f, name, types: PhantomData });
            custom::<B>(
                "map_blocks",
                make,
                vec![expr.clone()],
                expr.shape.clone(),
                expr.grid.clone(),
            )
        })
    }

    /// `f` of each block, which writes a block of the same shape, of any type; all of it, for there stands whatever an earlier block has left.
    ///
    /// # Errors
    /// Of the task: an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// let turned = x.map_blocks_into(|block, _, mut out| {
    ///     out.iter_mut().zip(block.iter().rev()).for_each(|(out, x)| *out = f64::from(*x));
    /// });
    /// assert_eq!(turned.compute()?.to_vec(), [2.0, 1.0, 0.0, 5.0, 4.0, 3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// As [`map_blocks`](Array::map_blocks), without a fresh block for each call: touching new memory costs several times what writing to it costs.
    #[track_caller]
    pub fn map_blocks_into<B: Element, R: Outcome<()>>(
        &self,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace, ArrayViewMut<'_, B, D>) -> R
        + Send
        + Sync
        + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let make = Arc::new(MappedInto { f, types: PhantomData });
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_blocks_into", make, vec![expr.clone()], shape, grid)
        })
    }

    /// `f` of each block, which it gets as an array of its own, to change it in place and return it, or a block of the same shape of any type: what a `#[delayed]` function can be.
    ///
    /// # Errors
    /// Of the task: a block of another shape, an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Array1;
    /// // With `#[delayed]`, or without.
    /// # #[taskweave_macros::delayed(crate = array::__door)]
    /// fn falling(mut block: Array1<i32>) -> Array1<i32> {
    ///     block.invert_axis(ndarray::Axis(0));
    ///     block
    /// }
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// assert_eq!((x * 2).map_blocks_owned(falling).compute()?.to_vec(), [4, 2, 0, 10, 8, 6]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk. Nothing is copied, if nothing else reads the block, and it is computed; a block of memory of the user's is copied first.
    #[track_caller]
    pub fn map_blocks_owned<B: Element, R: Outcome<ndarray::Array<B, D>>>(
        &self,
        f: impl Fn(ndarray::Array<A, D>) -> R + Send + Sync + 'static,
    ) -> Array<B, D> {
        self.step(|expr| {
            let make = Arc::new(MappedOwned { f, types: PhantomData });
            let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
            custom::<B>("map_blocks_owned", make, vec![expr.clone()], shape, grid)
        })
    }

    /// `f` of each block, which returns a block of another shape, also of another rank: `chunks` are the lengths of the result's chunks along its axes, as many chunks
    /// as the array has, which correspond in C order: a list of lengths for each axis, or one length for each axis, of every chunk of an array that has as many chunks along its axes as this.
    ///
    /// # Errors
    /// Carried by the array: as many chunks, and lengths that are said, or follow: [`Chunks`] of bytes do not say how many there are. Of the task: a block of another shape than was promised, an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// // The extremes of each block.
    /// let x = array::Array::arange(0, 6, 1).rechunk(3);
    /// let ends = x.map_blocks_to(vec![vec![2, 2]], |block, _| ndarray::arr1(&[block[0], block[2]]));
    /// assert_eq!(ends.compute()?.to_vec(), [0, 2, 3, 5]);
    /// // Every block gives two.
    /// let ends = x.map_blocks_to(2, |block, _| ndarray::arr1(&[block[0], block[2]]));
    /// assert_eq!(ends.compute()?.to_vec(), [0, 2, 3, 5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "map_blocks")]
    #[track_caller]
    pub fn map_blocks_to<B: Element, E: Dimension + 'static, R: Outcome<ndarray::Array<B, E>>>(
        &self,
        chunks: impl Into<Chunks>,
        f: impl Fn(ArrayView<'_, A, D>, &BlockPlace) -> R + Send + Sync + 'static,
    ) -> Array<B, E> {
        let chunks = chunks.into();
        self.step(|expr| {
            let chunks = lengths_given(chunks, &expr.grid)?;
            if E::NDIM.is_some_and(|rank| rank != chunks.len()) {
                let message = format!(
                    "chunk lengths are given for {}, and the blocks have rank {}: give a list of lengths for each axis",
                    counted(chunks.len(), "axis"),
                    E::NDIM.unwrap_or(0)
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
            let shape: Dims = chunks.iter().map(|lengths| all_of(lengths)).collect();
            check_size(&shape, size_of::<B>())?;
            let grid = Grid::new(&shape, &Chunks::from(chunks), size_of::<B>())?;
            if grid.count() != expr.grid.count() {
                let message = format!(
                    "{} {} promised, and the array has {}: each of these gives one, so promise as many",
                    counted(grid.count(), "chunk"),
                    is_or_are(grid.count()),
                    expr.grid.count()
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
            let name = name_of(&f);
            let make = Arc::new(Mapped { f, name, types: PhantomData });
            custom::<B>("map_blocks_to", make, vec![expr.clone()], shape, grid)
        })
    }

    /// `f` of each block and that at its place of `other`, both broadcast to one shape, which is that of the block that `f` returns.
    ///
    /// # Errors
    /// Carried by the array: the shapes have to broadcast. Of the task: a block of another shape, an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 4, 1).rechunk(2);
    /// let sum = x.zip_blocks(&x, |a, b| &a + &b);
    /// assert_eq!(sum.compute()?.to_vec(), [0, 2, 4, 6]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "map_blocks")]
    #[track_caller]
    pub fn zip_blocks<B: Element, C: Element, E: Dimension + 'static, R>(
        &self,
        other: impl AnyArray<B, Dim = E>,
        f: impl Fn(ArrayView<'_, A, Both<D, E>>, ArrayView<'_, B, Both<D, E>>) -> R
        + Send
        + Sync
        + 'static,
    ) -> Array<C, Both<D, E>>
    where
        R: Outcome<ndarray::Array<C, Both<D, E>>>,
        D: DimMax<E>,
        Both<D, E>: 'static,
    {
        let other = other.lazy();
        self.step(|expr| {
            let other = other.state.as_ref().map_err(Clone::clone)?;
            let inputs = [expr, other];
            let shape = broadcast("zip_blocks", &inputs)?;
            check_size(&shape, size_of::<A>().max(size_of::<B>()))?;
            let common = common_grid(&inputs, &shape);
            let grid = cut_grid(&common, &inputs, &shape, size_of::<C>())?;
            let seen = |input: &ExprRef| -> ExprRef {
                let map = Map::broadcast(&input.shape, &shape);
                let input = in_chunks_of(input, &map, &common);
                Arc::new(view_in("broadcast", &input, map, shape.clone(), grid.clone()))
            };
            let make = Arc::new(Zipped::<A, B, C, Both<D, E>, R, _> { f, types: PhantomData });
            custom::<C>(
                "zip_blocks",
                make,
                vec![seen(expr), seen(other)],
                shape.clone(),
                grid.clone(),
            )
        })
    }
}

/// The lengths of the chunks that are promised, along each axis; one length is that of each chunk of a grid like this.
fn lengths_given(chunks: Chunks, grid: &Grid) -> Result<Vec<Vec<usize>>, Error> {
    let each = |axis: usize, len: usize| vec![len; grid.count_along(axis)];
    match chunks.0 {
        How::Lengths(lengths) => Ok(lengths),
        How::Each(len) => Ok((0..grid.rank()).map(|axis| each(axis, len)).collect()),
        How::Axes(axes) if axes.len() == grid.rank() => {
            Ok(axes.iter().enumerate().map(|(axis, &len)| each(axis, len)).collect())
        }
        How::Axes(axes) => {
            let message = format!(
                "one length of chunks is given for each of {}, and the array has rank {}, so how many chunks there are along each does not follow: give a list of lengths for each axis",
                counted(axes.len(), "axis"),
                grid.rank()
            );
            Err(Error::new(ErrorKind::Chunks, message))
        }
        How::Auto | How::Bytes(_) => {
            let message = "chunks by bytes say nothing of the blocks that the function returns: give their lengths, one for each axis, or a list for each axis";
            Err(Error::new(ErrorKind::Chunks, message))
        }
    }
}

/// What a function is called in messages.
pub(crate) fn name_of<F>(_: &F) -> Name {
    Name::of::<F>()
}

/// The expression in chunks that are whole along an axis, and of about so many bytes if one row is not more.
pub(crate) fn whole_along(expr: &ExprRef, axis: usize, bytes: usize) -> Result<Expr, Error> {
    if expr.grid.count_along(axis) == 1 {
        return Ok(regridded(expr, expr.grid.clone()));
    }
    longer_along(expr, axis, [0, expr.shape[axis]].into(), bytes)
}

/// The array with these boundaries along an axis, its chunks along the other axes cut until one is of so many bytes.
pub(crate) fn longer_along(
    expr: &ExprRef,
    axis: usize,
    bounds: Arc<[usize]>,
    bytes: usize,
) -> Result<Expr, Error> {
    let mut grid = expr.grid.clone();
    grid.set(axis, bounds);
    let row = grid.longest(axis).saturating_mul(expr.dtype.size).max(1);
    let mut others = expr.shape.clone();
    others[axis] = 1;
    let pieces = Grid::new(&others, &Chunks::bytes((bytes / row).max(1)), 1)?;
    // Each old length is cut evenly: of few lengths, so that the buffer of a block that is gone is that of the next one.
    for other in (0..others.len()).filter(|&other| other != axis) {
        let bounds = finer(grid.bounds(other), pieces.longest(other));
        grid.set(other, bounds);
    }
    grid.check_count(&expr.shape)?;
    Ok(regridded(expr, grid))
}
