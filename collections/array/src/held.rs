//! Arrays of blocks that come from elsewhere: kept results, functions of a block's place, graphs.
//!
//! In: computed blocks, closures, a grid of graphs. Out: custom expressions without inputs.
//!
//! Not here: arrays in one piece of memory (`create`), and in files (`store`).

use crate::array::Array;
use crate::block::Block;
use crate::blocks::{BlockPlace, checked, room_for};
use crate::called::{Call, Name, Outcome};
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Custom, Expr, ExprRef, Kind, Stored};
use crate::grid::{Chunks, Dims, Grid, check_said, check_size, number};
use crate::lower::Lowering;
use crate::rearrange::{needs_of_region, pieces};
use crate::tile::{Type, type_of};
use ndarray::{Dimension, IntoDimension};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use taskweave_macros::delayed;
use taskweave_runtime::{Builder, Compute, Delayed, Graph, Scheduler};

/// Blocks that are there.
struct Held(Arc<[Block]>);

impl Custom for Held {
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, expr: &Expr, at: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        Ok(self.0[number(at, &expr.grid.counts())].clone())
    }

    fn stored(&self, expr: &Expr) -> Option<Arc<dyn Stored>> {
        let (blocks, grid) = (self.0.clone(), expr.grid.clone());
        Some(Arc::new(InBlocks { blocks, grid, of: expr.of }))
    }
}

/// Blocks that are there, of which any part is read.
struct InBlocks {
    blocks: Arc<[Block]>,
    grid: Grid,
    of: &'static dyn Type,
}

impl Stored for InBlocks {
    fn read(&self, region: &[Range<usize>]) -> Result<Block, Error> {
        let mut blocks = Vec::new();
        needs_of_region(&self.grid, region, |chunk| blocks.push(self.blocks[chunk].clone()));
        let mut parts = pieces(&self.grid, region, &mut blocks.into_iter());
        if parts.len() == 1 {
            return Ok(parts.swap_remove(0).from);
        }
        self.of.gather(region.iter().map(Range::len).collect(), &parts)
    }

    fn grid(&self) -> Option<&Grid> {
        Some(&self.grid)
    }
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// Computes the array now, and keeps it in memory, in its chunks: what is made of the result reads that.
    ///
    /// # Errors
    /// As [`compute`](Array::compute).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([1000, 100]).persist()?;
    /// // Neither makes the random numbers again.
    /// let (mean, spread) = (x.mean().compute()?, x.std(0.0).compute()?);
    /// # assert!(mean.into_scalar().abs() < 0.1 && spread.into_scalar() > 0.9);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The memory of the array, until the last array that is made of it is gone; [`spill`](Array::spill) keeps it in a file for one run, [`store_npy`](Array::store_npy) for all.
    #[track_caller]
    pub fn persist(&self) -> Result<Array<A, D>, Error> {
        self.persist_with(|graph| graph.compute())
    }

    /// [`persist`](Array::persist) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Array::compute).
    #[track_caller]
    pub fn persist_on(&self, scheduler: &(impl Scheduler + ?Sized)) -> Result<Array<A, D>, Error> {
        self.persist_with(|graph| graph.compute_on(scheduler))
    }

    #[track_caller]
    fn persist_with(
        &self,
        compute: impl FnOnce(Graph<'static, Vec<Block>>) -> Result<Vec<Block>, taskweave_runtime::Error>,
    ) -> Result<Array<A, D>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let roots = std::slice::from_ref(expr);
        let graph = Graph::build(|builder| {
            let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            builder.gather(blocks)
        });
        let kind =
            Kind::Custom { make: Arc::new(Held(compute(graph)?.into())), inputs: Vec::new() };
        let (dtype, of, location) = (expr.dtype, expr.of, Location::caller());
        let (shape, grid) = (expr.shape.clone(), expr.grid.clone());
        let held = Expr { kind, name: "persist", dtype, of, shape, grid, location };
        Ok(Array::from_state(Ok(Arc::new(held))))
    }

    /// An array whose blocks are what `f` returns for each place, a block or a `Result` of one ([`Outcome`]): read from a file of one's own, or made by other means.
    ///
    /// # Errors
    /// Carried by the array: of a shape or chunks that cannot be. Of the task: an error or a panic of `f`, and a block of another shape than that of its chunk.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from_blocks([6], 2, |place| ndarray::arr1(&[place.origin[0] as i64, -1]));
    /// assert_eq!(x.compute()?.to_vec(), [0, -1, 2, -1, 4, -1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk that is needed, each time when the array is computed.
    #[track_caller]
    pub fn from_blocks<R: Outcome<ndarray::Array<A, D>>>(
        shape: impl IntoDimension<Dim = D>,
        chunks: impl Into<Chunks>,
        f: impl Fn(&BlockPlace) -> R + Send + Sync + 'static,
    ) -> Array<A, D> {
        let make = Made { f, types: PhantomData };
        from_elsewhere(
            "from_blocks",
            shape.into_dimension().slice(),
            &chunks.into(),
            Arc::new(make),
        )
    }

    /// An array whose blocks are the outputs of graphs, one for each chunk in C order.
    ///
    /// A graph runs once. So does the array: a second time it is an error, that says to [`persist`](Array::persist) it. What reads it in several places reads one run.
    ///
    /// # Errors
    /// Carried by the array: as many graphs as chunks. Of the task: an error of a graph, a block of another shape than that of its chunk, a second run.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use taskweave_runtime::Graph;
    /// let part = |n: i64| Graph::build(move |graph| graph.value(n).map(|n| ndarray::arr1(&[n, n + 1])));
    /// let x = Array::from_graphs([4], 2, vec![part(0), part(10)]);
    /// assert_eq!((x * 2).compute()?.to_vec(), [0, 2, 20, 22]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "from_delayed")]
    #[track_caller]
    pub fn from_graphs(
        shape: impl IntoDimension<Dim = D>,
        chunks: impl Into<Chunks>,
        graphs: Vec<Graph<'static, ndarray::Array<A, D>>>,
    ) -> Array<A, D> {
        let count = graphs.len();
        let graphs = Mutex::new(graphs.into_iter().map(Some).collect());
        let made: Array<A, D> = from_elsewhere(
            "from_graphs",
            shape.into_dimension().slice(),
            &chunks.into(),
            Arc::new(Graphs(graphs)),
        );
        let chunks = made.chunk_count();
        if made.state.is_err() || count == chunks {
            return made;
        }
        made.step_of("from_graphs", |expr| {
            let message = format!(
                "{} for an array of shape {:?} in {}: give one for each, in C order",
                counted(count, "graph"),
                &expr.shape[..],
                counted(chunks, "chunk")
            );
            Err(Error::new(ErrorKind::Chunks, message))
        })
    }
}

/// Blocks that a function makes.
struct Made<A, D, R, F> {
    f: F,
    types: PhantomData<fn() -> (A, D, R)>,
}

impl<A, D, R, F> Custom for Made<A, D, R, F>
where
    A: Element,
    D: Dimension,
    R: Outcome<ndarray::Array<A, D>>,
    F: Fn(&BlockPlace) -> R + Send + Sync,
{
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, expr: &Expr, at: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        let (place, name) = (BlockPlace::new(expr, at), Name::of::<F>());
        let room = room_for::<A>(expr, at);
        let given = Call::new(expr, name, at).run(|| (self.f)(&place).outcome())?;
        checked(&name, expr, at, given, room)
    }
}

/// Blocks that graphs give, each once.
struct Graphs<A, D>(Mutex<Vec<Option<Graph<'static, ndarray::Array<A, D>>>>>);

impl<A: Element, D: Dimension + 'static> Custom for Graphs<A, D> {
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, expr: &Expr, _: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        let message = "the graphs of this array have been taken by an earlier computation or `to_graph`, and a graph runs once; `persist()` the array to compute with it more often";
        Err(Error::new(ErrorKind::Value, message).of_call(expr.name, expr.location))
    }

    fn add<'g, 'env>(
        &self,
        expr: &Arc<Expr>,
        at: &[usize],
        builder: &'g Builder<'env>,
    ) -> Option<Delayed<'g, 'env, Block>> {
        let number = number(at, &expr.grid.counts());
        let graph = self.0.lock().unwrap_or_else(PoisonError::into_inner)[number].take()?;
        let given = graph.add_to(builder);
        let block = given_by_graph::task_or_fail(expr.clone(), Dims::from(at), given);
        Some(builder.add_at(expr.location, block).named("from_graphs"))
    }
}

/// A block that a graph gave.
#[delayed(crate = crate::__door)]
fn given_by_graph<A: Element, D: Dimension + 'static>(
    expr: ExprRef,
    at: Dims,
    given: ndarray::Array<A, D>,
) -> Result<Block, Error> {
    let room = room_for::<A>(&expr, &at);
    checked(&"the graph", &expr, &at, given, room)
}

/// An array of blocks that are made without others.
#[track_caller]
fn from_elsewhere<A: Element, D: Dimension>(
    name: &'static str,
    shape: &[usize],
    chunks: &Chunks,
    make: Arc<dyn Custom>,
) -> Array<A, D> {
    let location = Location::caller();
    let grid = check_said(shape)
        .and_then(|()| check_size(shape, size_of::<A>()))
        .and_then(|()| Grid::new(shape, chunks, size_of::<A>()));
    let made = grid.map_err(|error| error.of_call(name, location)).map(|grid| {
        let kind = Kind::Custom { make, inputs: Vec::new() };
        Arc::new(Expr {
            kind,
            name,
            dtype: A::DTYPE,
            of: type_of::<A>(),
            shape: shape.into(),
            grid,
            location,
        })
    });
    Array::from_state(made)
}
