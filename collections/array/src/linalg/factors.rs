//! QR and singular values of matrices.
//!
//! In: matrices in any chunks. Out: their factors. A tall matrix is cut to bands of whole rows, a wide one is factorised as the tall one that it is the other way round.
//!
//! Not here: the tree of bands (`tsqr`), the factors of a block (`dense`).

use super::dense::{Decompose, effort};
use super::product::matrix;
use super::tsqr::{Corner, Refusing, Step, Tsqr, by_columns};
use crate::array::Array;
use crate::block::Block;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Dims, Grid};
use crate::map::{Along, Map};
use crate::recut::Recut;
use crate::sizes::CHUNK_BYTES;
use crate::sizes::even_bounds;
use crate::views::view;
use ndarray::{Ix1, Ix2};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// A band has so many times as many rows as columns, so that the R of eight bands are as large as two.
const TALL: usize = 4;

/// The matrix in bands of whole rows, and how many of them are a chunk of the matrix: its own chunks, if they are tall, each cut to bands.
pub(super) fn bands<A: Decompose>(matrix: &ExprRef) -> (ExprRef, Arc<[usize]>) {
    let (m, n) = (matrix.shape[0], matrix.shape[1]);
    let own = matrix.grid.bounds(0);
    let shortest = own.windows(2).map(|b| b[1] - b[0]).min().unwrap_or(0);
    let is_tall = n > 0 && shortest >= n.saturating_mul(2);
    let least = (CHUNK_BYTES / size_of::<A>() / n.max(1)).max(n.saturating_mul(TALL)).max(1);
    let chunks =
        if is_tall { own.clone() } else { even_bounds(m, if n == 0 { 1 } else { m / least }) };
    let (mut rows, mut counts) = (vec![0], Vec::new());
    for chunk in chunks.windows(2) {
        let length = chunk[1] - chunk[0];
        let cuts = even_bounds(length, if n == 0 { 1 } else { length / least });
        rows.extend(cuts[1..].iter().map(|end| chunk[0] + end));
        counts.push(cuts.len() - 1);
    }
    let grid = Grid::from_bounds([rows.into(), [0, n].into()]);
    (Recut::default().recut::<A>(matrix, grid), counts.into())
}

impl<A: Decompose> Array<A, Ix2> {
    /// The factors Q and R of a matrix of shape `(m, n)`: Q has orthonormal columns, R is upper triangular, and `Q · R` is the matrix. Their shapes are `(m, k)` and `(k, n)`, where `k` is the lesser of `m` and
    /// `n`. No element of R's diagonal is negative, which makes the factors of a matrix of full rank unique. Of a matrix with NaN or infinities, all of both factors is NaN.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([1000, 5]).rechunk([100, 5]);
    /// let (q, r) = x.qr();
    /// assert!((q.dot(&r) - &x).norm().compute()?.into_scalar() < 1e-12);
    /// assert!((q.t().dot(&q) - array::Array::eye(5)).norm().compute()?.into_scalar() < 1e-12);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// About `5 · m · n²` operations. Bands of rows, each at least twice as long as it is wide, are factorised at the same time: the array's own chunks where they are such, those beyond 4 MiB in pieces, else it is cut to
    /// bands of about 4 MiB and no less than `4 · n` rows. A matrix with fewer rows than that is one task. R alone holds a few bands at a time; Q holds the factors of all bands until R is known: as much as the matrix.
    ///
    /// By Benson, Gleich, Demmel, *Direct QR factorizations for tall-and-skinny matrices in MapReduce architectures*, 2013.
    #[track_caller]
    pub fn qr(&self) -> (Array<A, Ix2>, Array<A, Ix2>) {
        let step = Step { name: "qr", location: Location::caller() };
        match &self.state {
            Ok(expr) => {
                let (bands, together) = bands::<A>(expr);
                let tree = Tsqr::new::<A>(step, bands, together, None);
                (array(tree.q::<A>(None)), array(tree.r::<A>()))
            }
            Err(error) => {
                (Array::from_state(Err(error.clone())), Array::from_state(Err(error.clone())))
            }
        }
    }

    /// The singular value decomposition U, s and V transposed: U and V have orthonormal columns, s falls and is not negative, and `(U * s) · Vt` is the matrix. Of a matrix of shape `(m, n)` their shapes are `(m, k)`,
    /// `(k)` and `(k, n)`, where `k` is the lesser of `m` and `n`.
    ///
    /// Signs are fixed: of each pair of singular vectors, that in the smaller matrix (Vt of a tall matrix, U of a wide one) has its largest element positive, the first one if there are several.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Random::new(1).normal::<f64, _>([1000, 5]).rechunk([100, 5]);
    /// let (u, s, vt) = x.svd();
    /// assert!(((u * s).dot(&vt) - &x).norm().compute()?.into_scalar() < 1e-12);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// When it is computed: [`ErrorKind::NonFinite`] of NaN and infinities, which names one of these elements, and of a matrix whose singular values are too large for its type;
    /// [`ErrorKind::NotConverged`], if the iteration finds no end, which no finite matrix is known for. Squares may overflow: elements of `1e300` are scaled.
    ///
    /// # Cost
    /// As [`qr`](Array::qr), and the decomposition of a square matrix of `k` rows, which is one task.
    #[track_caller]
    pub fn svd(&self) -> (Array<A, Ix2>, Array<A, Ix1>, Array<A, Ix2>) {
        let step = Step { name: "svd", location: Location::caller() };
        self.svd_of(step, None)
    }

    /// [`svd`](Array::svd), as a part of what the user called `step`, of this matrix or of one of shape `of` that this one was made of.
    pub(super) fn svd_of(
        &self,
        step: Step,
        of: Option<[usize; 2]>,
    ) -> (Array<A, Ix2>, Array<A, Ix1>, Array<A, Ix2>) {
        let expr = match &self.state {
            Ok(expr) => expr,
            Err(error) => {
                let failed = || Err(error.clone());
                let of_s = Array::from_state(failed());
                return (Array::from_state(failed()), of_s, Array::from_state(failed()));
            }
        };
        let is_turned = expr.shape[0] < expr.shape[1];
        // Elements of what is made of the user's matrix have no name.
        let named = of.is_none().then(|| Refusing { of: expr.shape.clone(), is_turned });
        let of = of.map_or_else(|| expr.shape.clone(), |of| Dims::from_slice(&of));
        if is_turned {
            let turned = self.t();
            let tall = turned.state.as_ref().unwrap_or(expr);
            let (u, s, vt) = svd_of_tall::<A>(step, of, named, tall);
            return (vt.t(), s, u.t());
        }
        svd_of_tall(step, of, named, expr)
    }
}

pub(super) fn array<A: Decompose, D>(expr: Expr) -> Array<A, D> {
    Array::from_state(Ok(Arc::new(expr)))
}

fn svd_of_tall<A: Decompose>(
    step: Step,
    of: Dims,
    named: Option<Refusing>,
    expr: &ExprRef,
) -> (Array<A, Ix2>, Array<A, Ix1>, Array<A, Ix2>) {
    let (bands, together) = bands::<A>(expr);
    let is_named = named.is_some();
    let tree = Tsqr::new::<A>(step, bands, together, named);
    let n = expr.shape[1];
    let make = SvdOfBlock::<A> { of, is_named, element: PhantomData };
    let r = Arc::new(tree.r::<A>());
    let all = Arc::new(step.expr::<A>(make, vec![r], [2 * n + 1, n], None));
    let part = |rows: std::ops::Range<usize>| {
        let shape = [rows.len(), n];
        step.expr::<A>(Corner::<A>::new(rows, n), vec![all.clone()], shape, None)
    };
    let u = tree.q::<A>(Some(Arc::new(part(0..n))));
    let s = Arc::new(part(2 * n..2 * n + 1));
    let map = Map([Along::fixed(0), Along::axis(0)].into_iter().collect());
    let s = view("svd", &s, map, Dims::from_slice(&[n])).map(Arc::new);
    (array(u), Array::from_state(s), array(part(n..2 * n)))
}

fn are_finite<'a, A: Decompose>(mut all: impl Iterator<Item = &'a A>) -> bool {
    all.all(|x| x.to_f64().is_finite())
}

/// U, Vt and s of a square block, one below the other.
struct SvdOfBlock<A> {
    /// The shape of the user's matrix.
    of: Dims,
    /// Whether elements of it that are not finite have been refused.
    is_named: bool,
    element: PhantomData<fn() -> A>,
}

impl<A: Decompose> Custom for SvdOfBlock<A> {
    fn needs(&self, _: &Expr, _: &[usize], need: &mut dyn FnMut(usize, usize)) {
        need(0, 0);
    }

    fn make(&self, expr: &Expr, _: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let a = matrix::<A>(&blocks[0]);
        let failed = |kind: ErrorKind, what: &str| {
            let message = format!("{} of a matrix of shape {:?}: {what}", expr.name, &self.of[..]);
            Error::new(kind, message).at(expr.location)
        };
        let beyond = || {
            let what = match self.is_named {
                true => {
                    "its singular values are beyond the range of its elements; divide it by its largest element first"
                }
                false => {
                    "it has elements that are NaN, infinite, or too large; look for them with `is_finite` and `max`, and replace them with `where_`"
                }
            };
            failed(ErrorKind::NonFinite, what)
        };
        if !are_finite(a.iter()) {
            return Err(beyond());
        }
        let values = A::svd_(a).ok_or_else(|| {
            let what = "the iteration does not converge; in other units, divided by its largest element say, it may";
            failed(ErrorKind::NotConverged, what)
        })?;
        if !are_finite(values.iter()) {
            return Err(beyond());
        }
        Ok(by_columns(values, expr.shape[0], expr.shape[1]))
    }

    fn effort(&self, expr: &Expr, _: &[usize]) -> Effort {
        effort(A::svd_bytes_(expr.shape[1]))
    }
}
