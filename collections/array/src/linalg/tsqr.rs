//! The QR factorisation of a tall matrix, band by band.
//!
//! In: a matrix, and where the bands of its rows end. Out: expressions of its factors. Each band is factorised by itself; the R of some bands, one below the other, make a small tall matrix, which is
//! factorised in turn, until one is left (Demmel, Grigori, Hoemmen, Langou, *Communication-optimal parallel and sequential QR and LU factorizations*, 2012; in tasks as Benson, Gleich, Demmel,
//! *Direct QR factorizations for tall-and-skinny matrices in MapReduce architectures*, 2013, section III-B).
//!
//! ```text
//! band 0 ─> Q0, R0 ─┐
//! band 1 ─> Q1, R1 ─┼─> [R0; R1; R2] = Q R        Q of band i: Qi · (the rows of Q that belong to Ri)
//! band 2 ─> Q2, R2 ─┘
//! ```
//! A chunk of a level is the factors of `Decompose::qr_`, in one block: Q is not made of them, but its product with what comes from above is, at the price of one product of matrices. `Level` says what is where. As a last step,
//! Q may be multiplied by a small matrix, on the same way.

use super::dense::{Decompose, bytes_of, columns as copied, effort, factors_height, room};
use super::gemm;
use super::product::matrix;
use crate::block::{Block, Strides};
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid};
use crate::pool::{array_of, buffer};
use crate::tile::type_of;
use ndarray::{Array2, ArrayView2, Axis, Slice, s};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

/// The factors of so many bands become one matrix.
const MERGED: usize = 8;

/// What an expression of a factorisation is called, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) location: &'static Location<'static>,
}

impl Step {
    /// An expression of the factorisation.
    pub(super) fn expr<A: Decompose>(
        self,
        make: impl Custom + 'static,
        inputs: Vec<ExprRef>,
        shape: [usize; 2],
        rows: Option<Arc<[usize]>>,
    ) -> Expr {
        let rows = rows.unwrap_or_else(|| [0, shape[0]].into());
        self.blocks::<A>(make, inputs, rows, [0, shape[1]].into())
    }

    /// The same, its blocks cut at these rows and columns.
    pub(super) fn blocks<A: Decompose>(
        self,
        make: impl Custom + 'static,
        inputs: Vec<ExprRef>,
        rows: Arc<[usize]>,
        columns: Arc<[usize]>,
    ) -> Expr {
        let end = |bounds: &[usize]| bounds.last().copied().unwrap_or(0);
        Expr {
            kind: Kind::Custom { make: Arc::new(make), inputs },
            name: self.name,
            dtype: A::DTYPE,
            of: type_of::<A>(),
            shape: Dims::from_slice(&[end(&rows), end(&columns)]),
            grid: Grid::from_bounds([rows, columns]),
            location: self.location,
        }
    }
}

/// A block of a matrix that lies column by column.
pub(super) fn by_columns<A: Decompose>(values: Vec<A>, rows: usize, columns: usize) -> Block {
    let block = Block::from_buffer(values, Dims::from_slice(&[columns, rows]));
    let strides = Strides::from_slice(&[1, rows as isize]);
    block.part(Dims::from_slice(&[rows, columns]), strides, 0)
}

/// Some rows and the first columns of a block.
pub(super) fn corner(block: &Block, rows: Range<usize>, columns: usize) -> Block {
    let offset = block.offset.wrapping_add_signed(rows.start as isize * block.strides[0]);
    let shape = Dims::from_slice(&[rows.len(), columns]);
    // Of nothing, the offset need not lie in the memory.
    let offset = if rows.is_empty() || columns == 0 { 0 } else { offset };
    block.part(shape, block.strides.clone(), offset)
}

/// The factors of one level: chunk `i` is those of a matrix of `rows[i]` rows.
struct Level {
    factors: ExprRef,
    rows: Arc<[usize]>,
}

/// Which matrix a factorisation without NaN and infinities is of.
#[derive(Clone)]
pub(super) struct Refusing {
    /// Its shape, as the user has it.
    pub(super) of: Dims,
    /// Whether it is factorised the other way round.
    pub(super) is_turned: bool,
}

impl Refusing {
    /// The error that names an element of a band that is not finite; `first` is the band's first row.
    fn error<A: Decompose>(
        &self,
        expr: &Expr,
        band: ArrayView2<'_, A>,
        first: usize,
    ) -> Option<Error> {
        let ((i, j), x) = band.indexed_iter().find(|(_, x)| !x.to_f64().is_finite())?;
        let (i, j) = if self.is_turned { (j, first + i) } else { (first + i, j) };
        let message = format!(
            "{} of a matrix of shape {:?}: element ({i}, {j}) is {x}; all have to be finite: look for others with `is_finite`, and replace them with `where_`",
            expr.name,
            &self.of[..]
        );
        Some(Error::new(ErrorKind::NonFinite, message).at(expr.location))
    }
}

/// A factorisation in a tree.
pub(super) struct Tsqr {
    levels: Vec<Level>,
    columns: usize,
    /// So many bands, one after the other, are a chunk of Q.
    together: Arc<[usize]>,
    step: Step,
}

impl Tsqr {
    /// The factorisation of a matrix whose chunks are bands of whole rows; `together` of them at a time are a chunk of Q.
    pub(super) fn new<A: Decompose>(
        step: Step,
        bands: ExprRef,
        together: Arc<[usize]>,
        refusing: Option<Refusing>,
    ) -> Tsqr {
        let columns = bands.shape[1];
        let rows = (0..bands.grid.count_along(0)).map(|at| bands.grid.range(0, at).len()).collect();
        let mut tree = Tsqr { levels: Vec::new(), columns, together, step };
        tree.add::<A>(bands, rows, 1, refusing);
        while let Some(level) = tree.levels.last().filter(|level| level.rows.len() > 1) {
            let merged = level.rows.chunks(MERGED);
            let merged = merged.map(|rows| rows.iter().map(|rows| columns.min(*rows)).sum());
            let (merged, below) = (merged.collect(), level.factors.clone());
            tree.add::<A>(below, merged, MERGED, None);
        }
        tree
    }

    fn add<A: Decompose>(
        &mut self,
        input: ExprRef,
        rows: Arc<[usize]>,
        merged: usize,
        refusing: Option<Refusing>,
    ) {
        let mut bounds = vec![0];
        for &rows in &*rows {
            bounds.push(bounds[bounds.len() - 1] + factors_height(rows, self.columns));
        }
        let of_inputs = self.levels.last().map(|below| below.rows.clone());
        let make =
            Factorise::<A> { merged, rows: rows.clone(), of_inputs, refusing, of: PhantomData };
        let shape = [bounds[bounds.len() - 1], self.columns];
        let factors = self.step.expr::<A>(make, vec![input], shape, Some(bounds.into()));
        self.levels.push(Level { factors: Arc::new(factors), rows });
    }

    fn top(&self) -> &Level {
        self.levels.last().expect("a grid has at least one chunk")
    }

    /// The number of columns of Q, and of rows of R.
    pub(super) fn rank(&self) -> usize {
        self.top().rows[0].min(self.columns)
    }

    pub(super) fn r<A: Decompose>(&self) -> Expr {
        let (top, k) = (self.top(), self.rank());
        let make = Corner::<A>::new(top.rows[0]..top.rows[0] + k, self.columns);
        self.step.expr::<A>(make, vec![top.factors.clone()], [k, self.columns], None)
    }

    /// Q, multiplied by a matrix that is one chunk.
    pub(super) fn q<A: Decompose>(&self, by: Option<ExprRef>) -> Expr {
        let columns = by.as_ref().map_or(self.rank(), |by| by.shape[1]);
        let mut from_above = by;
        for at in (1..self.levels.len()).rev() {
            let (level, below) = (&self.levels[at], &self.levels[at - 1]);
            let mut pieces = Vec::with_capacity(below.rows.len());
            for (parent, children) in below.rows.chunks(MERGED).enumerate() {
                let mut first = 0;
                for rows in children {
                    let rows = self.columns.min(*rows);
                    pieces.push((parent, first..first + rows));
                    first += rows;
                }
            }
            let chunks = pieces.into_iter().map(|piece| vec![piece]).collect();
            from_above = Some(Arc::new(self.expanded::<A>(level, chunks, from_above, columns)));
        }
        let first = &self.levels[0];
        let mut pieces = first.rows.iter().enumerate().map(|(at, &rows)| (at, 0..rows));
        let chunks = self.together.iter().map(|&count| pieces.by_ref().take(count).collect());
        self.expanded::<A>(first, chunks.collect(), from_above, columns)
    }

    fn expanded<A: Decompose>(
        &self,
        level: &Level,
        chunks: Vec<Vec<(usize, Range<usize>)>>,
        by: Option<ExprRef>,
        columns: usize,
    ) -> Expr {
        let mut bounds = vec![0];
        for pieces in &chunks {
            let rows: usize = pieces.iter().map(|(_, rows)| rows.len()).sum();
            bounds.push(bounds[bounds.len() - 1] + rows);
        }
        let make = Expand::<A> { chunks, rows: level.rows.clone(), of: PhantomData };
        let shape = [bounds[bounds.len() - 1], columns];
        let inputs = std::iter::once(level.factors.clone()).chain(by).collect();
        self.step.expr::<A>(make, inputs, shape, Some(bounds.into()))
    }
}

/// The factors of a band, or of the R of several chunks of the level below.
struct Factorise<A> {
    merged: usize,
    /// How many rows each matrix has.
    rows: Arc<[usize]>,
    /// How many rows the matrices of the level below have.
    of_inputs: Option<Arc<[usize]>>,
    /// Of bands: whether NaN and infinities are an error. Else all factors are NaN.
    refusing: Option<Refusing>,
    of: PhantomData<fn() -> A>,
}

impl<A> Factorise<A> {
    /// The first row of a band.
    fn first_row(&self, expr: &Expr, band: usize) -> usize {
        expr.inputs().next().map_or(0, |bands| bands.grid.bounds(0)[band])
    }
}

impl<A: Decompose> Custom for Factorise<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let count = expr.inputs().next().map_or(0, |input| input.grid.count());
        let first = at[0] * self.merged;
        (first..count.min(first + self.merged)).for_each(|chunk| need(0, chunk));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let values = match &self.of_inputs {
            None => {
                let (band, first) = (matrix::<A>(&blocks[0]), self.first_row(expr, at[0]));
                let factors = A::qr_(band);
                // They are NaN from the first one on, if an element is not finite.
                let is_bad = factors.first().is_some_and(|factor| factor.is_nan_());
                let refusing = self.refusing.as_ref().filter(|_| is_bad);
                if let Some(error) = refusing.and_then(|all| all.error(expr, band, first)) {
                    return Err(error);
                }
                factors
            }
            Some(rows) => {
                let rows = &rows[at[0] * self.merged..];
                let of_r = blocks.iter().zip(rows).map(|(block, &rows)| {
                    let columns = block.shape[1];
                    corner(block, rows..rows + rows.min(columns), columns)
                });
                A::qr_(stacked::<A>(&of_r.collect::<Vec<_>>())?.view())
            }
        };
        Ok(by_columns(values, shape[0], shape[1]))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let shape = expr.grid.chunk_shape(at);
        let rows = self.rows[at[0]];
        // Those of several bands become one matrix first.
        let stacked = self.of_inputs.as_ref().map_or(0, |_| bytes_of::<A>(rows, shape[1]));
        effort(A::qr_bytes_(rows, shape[1]).saturating_add(stacked))
    }
}

/// Matrices one below the other.
fn stacked<A: Decompose>(blocks: &[Block]) -> Result<Array2<A>, Error> {
    let rows = blocks.iter().map(|block| block.shape[0]).sum();
    let all = array_of(&[rows, blocks[0].shape[1]], A::ZERO)?;
    let mut all: Array2<A> = all.into_dimensionality().expect("made of two lengths");
    let mut first = 0;
    for block in blocks {
        let slice = Slice::from(first..first + block.shape[0]);
        all.slice_axis_mut(Axis(0), slice).assign(&matrix::<A>(block));
        first += block.shape[0];
    }
    Ok(all)
}

/// Rows of Q, multiplied by what comes from above.
struct Expand<A> {
    /// For each chunk its pieces: which chunk of the level each comes of, and which rows of that's Q it is.
    chunks: Vec<Vec<(usize, Range<usize>)>>,
    /// How many rows each Q of the level has.
    rows: Arc<[usize]>,
    of: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for Expand<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in 0..expr.inputs().count() {
            self.chunks[at[0]].iter().for_each(|&(parent, _)| need(input, parent));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let shape = expr.grid.chunk_shape(at);
        let pieces = &self.chunks[at[0]];
        let mut out = buffer(&shape, A::ZERO)?;
        let (factors, by) = blocks.split_at(pieces.len());
        let mut rest = &mut out[..];
        for (at, (parent, rows)) in pieces.iter().enumerate() {
            let to;
            (to, rest) = rest.split_at_mut(rows.len() * shape[1]);
            let by = by.get(at).map(matrix::<A>);
            expand(to, matrix(&factors[at]), rows.clone(), self.rows[*parent], by);
        }
        Ok(Block::from_buffer(out, shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let mut inputs = expr.inputs();
        let (Some(factors), by) = (inputs.next(), inputs.next()) else {
            return Effort::default();
        };
        // Of one piece after the other: the product of M with what comes from above, and V's with that.
        let rows = self.chunks[at[0]].iter().map(|(parent, _)| self.rows[*parent]);
        let rank = rows.max().unwrap_or(0).min(factors.shape[1]);
        let most = self.chunks[at[0]].iter().map(|(_, rows)| rows.len()).max().unwrap_or(0);
        let columns = by.map_or(rank, |by| by.shape[1]);
        let last = gemm::effort::<A>(most, rank, columns);
        let Some(by) = by else { return last };
        let inner = gemm::effort::<A>(rank, rank, by.shape[1]).works.max(last.works);
        Effort { works: bytes_of::<A>(rank, by.shape[1]).saturating_add(inner), ..last }
    }
}

/// Rows of Q, of the factors of a matrix of so many rows, times a matrix if there is one: `V (M B) + S B`.
fn expand<A: Decompose>(
    to: &mut [A],
    factors: ArrayView2<'_, A>,
    rows: Range<usize>,
    of: usize,
    by: Option<ArrayView2<'_, A>>,
) {
    let k = of.min(factors.ncols());
    let columns = by.map_or(k, |by| by.ncols());
    if to.is_empty() {
        return;
    }
    let v = factors.slice(s![rows.clone(), ..k]);
    let inner = factors.slice(s![of + k..of + 2 * k, ..k]);
    let signs = factors.slice(s![of + 2 * k, ..k]);
    match by {
        Some(by) => {
            let mut product = room(&[k, columns]);
            gemm::product(&mut product, inner, by, gemm::Write::Set);
            let product = ArrayView2::from_shape((k, columns), &product);
            gemm::product(to, v, product.expect("as long as its shape says"), gemm::Write::Set);
        }
        None => gemm::product(to, v, inner, gemm::Write::Set),
    }
    // Of S only the first rows are not zero.
    for (i, to) in rows.zip(to.chunks_exact_mut(columns)).take_while(|(i, _)| *i < k) {
        match by {
            Some(by) => {
                let all = to.iter_mut().zip(by.row(i));
                all.for_each(|(to, &b)| *to = to.add_(signs[i].mul_(b)));
            }
            None => to[i] = to[i].add_(signs[i]),
        }
    }
}

/// Some rows of the only chunk: a copy, so that the rest is not kept as long as they are.
pub(super) struct Corner<A> {
    rows: Range<usize>,
    columns: usize,
    of: PhantomData<fn() -> A>,
}

impl<A> Corner<A> {
    pub(super) fn new(rows: Range<usize>, columns: usize) -> Corner<A> {
        Corner { rows, columns, of: PhantomData }
    }
}

impl<A: Decompose> Custom for Corner<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, _: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let part = corner(&blocks[0], self.rows.clone(), self.columns);
        Ok(by_columns(copied(matrix::<A>(&part)), self.rows.len(), self.columns))
    }
}
