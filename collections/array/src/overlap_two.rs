//! Functions of the user's over the blocks of two arrays, each with its neighbours.
//!
//! In: two arrays of one shape, in the chunks that they have together, and what [`overlap`](crate::overlap) wants of each. Out: a custom expression, whose tasks extend the blocks of both.
//!
//! Not here: how a block is put together with its neighbours, and the functions of one array (`overlap`).

use crate::array::Array;
use crate::beyond::{Boundaries, Depths};
use crate::block::Block;
use crate::blocks::{custom, typed};
use crate::called::{Call, Name, Outcome};
use crate::either::AnyArray;
use crate::element::Element;
use crate::elementwise::common_grid;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr};
use crate::overlap::Around;
use crate::rearrange::regridded;
use ndarray::{ArrayView, Dimension};
use std::marker::PhantomData;
use std::sync::Arc;

/// Blocks of two inputs with their neighbours.
struct Overlapped<A, B, D, C, R, F> {
    first: Around<A>,
    second: Around<B>,
    f: F,
    types: PhantomData<fn(D) -> (C, R)>,
}

/// The two inputs.
fn inputs(expr: &Expr) -> [&Expr; 2] {
    let mut inputs = expr.inputs();
    let (Some(first), Some(second)) = (inputs.next(), inputs.next()) else {
        unreachable!("made with two inputs")
    };
    [first, second]
}

impl<A, B, D, C, R, F> Custom for Overlapped<A, B, D, C, R, F>
where
    A: Element,
    B: Element,
    D: Dimension,
    C: Element,
    R: Outcome<ndarray::Array<C, D>>,
    F: Fn(ArrayView<'_, A, D>, ArrayView<'_, B, D>) -> R + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let [first, second] = inputs(expr);
        self.first.needs(first, at, |chunk| need(0, chunk));
        self.second.needs(second, at, |chunk| need(1, chunk));
    }

    fn make(&self, expr: &Expr, at: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        let [first, second] = inputs(expr);
        let mut of_first = 0;
        self.first.needs(first, at, |_| of_first += 1);
        let of_second = blocks.split_off(of_first);
        let extended = self.first.extended(first, at, blocks)?;
        let other = self.second.extended(second, at, of_second)?;
        let name = Name::of::<F>();
        let call = Call::new(expr, name, at);
        let room = extended.room::<C>();
        let given = call.run(|| (self.f)(typed(&extended.block), typed(&other.block)).outcome())?;
        extended.trimmed(expr, at, name, given, room)
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let [first, second] = inputs(expr);
        let (all, others) = (self.first.elements(first, at), self.second.elements(second, at));
        let own: usize = expr.grid.chunk_shape(at).iter().product();
        // The block is a part of what the function returns.
        let keeps = all.saturating_sub(own) * size_of::<C>();
        let works = all * size_of::<A>() + others * size_of::<B>();
        Effort { works, keeps, ..Effort::default() }
    }
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// [`map_overlap`](Array::map_overlap) by a function of two arrays of one shape: `f` of each block and that at its place of `other`, both with `depth` neighbours, each with a boundary of
    /// its own; of what `f` returns, a block of the shape of the first, the neighbours are taken off. dask's `map_overlap(f, x, y)`.
    ///
    /// # Errors
    /// Carried by the array: arrays of one shape, a depth for each axis, boundaries for all or for each, and blocks with their neighbours that can be addressed. Of the task: a block of
    /// another shape, an error or a panic of `f`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Boundary};
    /// // Carried along by the wind, where it blows.
    /// let smoke = Array::from(vec![1.0, 2.0, 3.0, 4.0]).rechunk(2);
    /// let is_windy = Array::from(vec![true, true, false, true]).rechunk(3);
    /// let blown = smoke.zip_overlap(
    ///     &is_windy,
    ///     &[1],
    ///     Boundary::Periodic,
    ///     Boundary::Constant(false),
    ///     |smoke, is_windy| {
    ///         let mut next = smoke.to_owned();
    ///         for i in 1..smoke.len() {
    ///             if is_windy[i] {
    ///                 next[i] = smoke[i - 1];
    ///             }
    ///         }
    ///         next
    ///     },
    /// );
    /// assert_eq!(blown.compute()?.to_vec(), [4.0, 1.0, 3.0, 3.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, which copies the chunks of both and their neighbours together, and a block that `f` allocates. If the chunks differ, those are taken along each axis of the
    /// array that has most, and the other one is rechunked.
    #[doc(alias = "map_overlap")]
    #[track_caller]
    pub fn zip_overlap<B: Element, C: Element, R: Outcome<ndarray::Array<C, D>>>(
        &self,
        other: impl AnyArray<B, Dim = D>,
        depth: impl Into<Depths>,
        boundary: impl Into<Boundaries<A>>,
        other_boundary: impl Into<Boundaries<B>>,
        f: impl Fn(ArrayView<'_, A, D>, ArrayView<'_, B, D>) -> R + Send + Sync + 'static,
    ) -> Array<C, D> {
        let (other, depth) = (other.lazy(), depth.into());
        self.step(|expr| {
            let other = other.state.as_ref().map_err(Clone::clone)?;
            if other.shape != expr.shape {
                let message = format!(
                    "blocks with their neighbours of shapes {:?} and {:?}, which have to be one: `broadcast` repeats an axis of length 1",
                    &expr.shape[..],
                    &other.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let grid = common_grid(&[expr, other], &expr.shape);
            let first = Arc::new(regridded(expr, grid.clone()));
            let second = Arc::new(regridded(other, grid.clone()));
            let make = Overlapped {
                first: Around::new(depth.clone(), boundary.into(), &first)?,
                second: Around::new(depth, other_boundary.into(), &second)?,
                f,
                types: PhantomData,
            };
            let shape = expr.shape.clone();
            custom::<C>("zip_overlap", Arc::new(make), vec![first, second], shape, grid)
        })
    }
}
