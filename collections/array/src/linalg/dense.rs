//! Factorisations of one block, by `faer`, on one thread: tasks are the parallelism.
//!
//! In: matrices with any strides. Out: factors in vectors, column by column, with signs that are fixed. What calls `faer` is compiled here, once for `f32` and once for `f64`.
//!
//! Not here: matrices of many blocks (`tsqr`), messages (`factors`, `systems`).

use crate::block::buffer;
use crate::element::Float;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::householder;
use faer::linalg::lu::partial_pivoting as lu;
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::linalg::svd;
use faer::{Conj, Mat, MatMut, Par};
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};
use std::panic::resume_unwind;

/// Elements whose matrices can be factorised: `f32` and `f64`.
#[diagnostic::on_unimplemented(
    message = "matrices of `{Self}` have no factorisations here",
    label = "`{Self}` is neither `f32` nor `f64`",
    note = "say `.cast::<f64>()` first"
)]
pub trait Decompose: Float {
    #[doc(hidden)]
    const EPSILON_: Self;
    /// `(m + k) x n`, column by column: above Q, `m x k`, below R, `k x n`, where k is the lesser of m and n. R's diagonal is not negative.
    #[doc(hidden)]
    fn qr_(a: ArrayView2<'_, Self>) -> Vec<Self>;
    /// Of a square matrix of n columns, `(2n + 1) x n`, column by column: U, V transposed, and the singular values; nothing, if it does not converge.
    #[doc(hidden)]
    fn svd_(a: ArrayView2<'_, Self>) -> Option<Vec<Self>>;
    /// The lower factor, column by column; or at which pivot it is not positive definite. It reads the lower triangle.
    #[doc(hidden)]
    fn cholesky_(a: ArrayView2<'_, Self>) -> Result<Vec<Self>, usize>;
    /// The solution, column by column; or which pivot is zero.
    #[doc(hidden)]
    fn solve_(a: ArrayView2<'_, Self>, b: ArrayView2<'_, Self>) -> Result<Vec<Self>, usize>;
}

/// A buffer. That there is no memory for it unwinds, and is the task's error: functions of matrices have other errors.
fn room<A: Float>(shape: &[usize]) -> Vec<A> {
    buffer(shape, A::ZERO).unwrap_or_else(|error| resume_unwind(Box::new(error)))
}

/// A copy, column by column.
fn columns<A: Float>(a: ArrayView2<'_, A>) -> Vec<A> {
    let mut copy = room(a.shape());
    let to = ArrayViewMut2::from_shape(a.raw_dim().f(), &mut copy);
    to.expect("as long as its shape says").assign(&a);
    copy
}

macro_rules! decompose {
    ($($A:ident)*) => {$(
        impl Decompose for $A {
            const EPSILON_: $A = $A::EPSILON;

            fn qr_(a: ArrayView2<'_, $A>) -> Vec<$A> {
                let (m, n) = a.dim();
                let k = m.min(n);
                let mut out = room(&[m + k, n]);
                out.fill(0.0);
                if k == 0 {
                    return out;
                }
                let mut basis = columns(a);
                let mut basis = MatMut::from_column_major_slice_mut(&mut basis, m, n);
                let size = qr::recommended_block_size::<$A>(m, n);
                let mut coefficients = Mat::<$A>::zeros(size, k);
                let scratch = qr::qr_in_place_scratch::<$A>(m, n, size, Par::Seq, Default::default());
                let (mut memory, to) = (MemBuffer::new(scratch), coefficients.as_mut());
                let stack = MemStack::new(&mut memory);
                qr::qr_in_place(basis.as_mut(), to, Par::Seq, stack, Default::default());
                let basis = basis.as_ref();
                let q = MatMut::from_column_major_slice_with_stride_mut(&mut out, m, k, m + k);
                let mut q = q;
                q.as_mut().diagonal_mut().fill(1.0);
                let scratch = householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<$A>(m, size, k);
                let mut memory = MemBuffer::new(scratch);
                householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
                    basis.get(.., ..k),
                    coefficients.as_ref(),
                    Conj::No,
                    q,
                    Par::Seq,
                    MemStack::new(&mut memory),
                );
                for (j, column) in out.chunks_exact_mut(m + k).enumerate() {
                    for (i, r) in column[m..].iter_mut().enumerate().take(j + 1) {
                        *r = if basis[(i, i)] < 0.0 { -basis[(i, j)] } else { basis[(i, j)] };
                    }
                    if j < k && basis[(j, j)] < 0.0 {
                        column[..m].iter_mut().for_each(|q| *q = -*q);
                    }
                }
                out
            }

            fn svd_(a: ArrayView2<'_, $A>) -> Option<Vec<$A>> {
                let n = a.nrows();
                let mut out = vec![0.0; (2 * n + 1) * n];
                if n == 0 {
                    return Some(out);
                }
                // By a power of two near 1, as LAPACK does: squares of what is tiny or huge would be 0 or infinite.
                let mut copy = columns(a);
                let largest = copy.iter().fold(0.0, |most: $A, x| most.max(x.abs()));
                let most = ($A::MAX_EXP - 4) as $A;
                let exponent = if largest > 0.0 { largest.log2().floor().clamp(-most, most) } else { 0.0 };
                let (down, up) = ((-exponent).exp2(), exponent.exp2());
                copy.iter_mut().for_each(|x| *x *= down);
                let a = faer::MatRef::from_column_major_slice(&copy, n, n);
                let thin = svd::ComputeSvdVectors::Thin;
                let scratch = svd::svd_scratch::<$A>(n, n, thin, thin, Par::Seq, Default::default());
                let mut memory = MemBuffer::new(scratch);
                let (mut u, mut v) = (Mat::<$A>::zeros(n, n), Mat::<$A>::zeros(n, n));
                let mut s = faer::diag::Diag::<$A>::zeros(n);
                let mut compute = |a, u: &mut Mat<$A>, v: &mut Mat<$A>| {
                    let (u, v) = (Some(u.as_mut()), Some(v.as_mut()));
                    svd::svd(a, s.as_mut(), u, v, Par::Seq, MemStack::new(&mut memory), Default::default()).ok()
                };
                // What does not converge one way may do so the other.
                compute(a, &mut u, &mut v).or_else(|| compute(a.transpose(), &mut v, &mut u))?;
                for j in 0..n {
                    let of_v = v.col_as_slice(j);
                    let largest = of_v.iter().fold(0.0, |a: $A, &b| if b.abs() > a.abs() { b } else { a });
                    let sign = if largest < 0.0 { -1.0 } else { 1.0 };
                    let column = &mut out[j * (2 * n + 1)..][..2 * n + 1];
                    for (to, from) in column.iter_mut().zip(u.col_as_slice(j)) {
                        *to = sign * from;
                    }
                    column[2 * n] = s[j] * up;
                    for (i, from) in of_v.iter().enumerate() {
                        out[i * (2 * n + 1) + n + j] = sign * from;
                    }
                }
                Some(out)
            }

            fn cholesky_(a: ArrayView2<'_, $A>) -> Result<Vec<$A>, usize> {
                let n = a.nrows();
                let mut out = columns(a);
                if n == 0 {
                    return Ok(out);
                }
                let l = MatMut::from_column_major_slice_mut(&mut out, n, n);
                let scratch = llt::cholesky_in_place_scratch::<$A>(n, Par::Seq, Default::default());
                let mut memory = MemBuffer::new(scratch);
                let stack = MemStack::new(&mut memory);
                let llt::LltError::NonPositivePivot { index } =
                    match llt::cholesky_in_place(l, Default::default(), Par::Seq, stack, Default::default()) {
                        Err(error) => error,
                        Ok(_) => {
                            for (j, column) in out.chunks_exact_mut(n).enumerate() {
                                column[..j].fill(0.0);
                            }
                            return Ok(out);
                        }
                    };
                Err(index)
            }

            fn solve_(a: ArrayView2<'_, $A>, b: ArrayView2<'_, $A>) -> Result<Vec<$A>, usize> {
                let (n, count) = b.dim();
                let mut out = columns(b);
                if n == 0 {
                    return Ok(out);
                }
                let mut factors = columns(a);
                let mut factors = MatMut::from_column_major_slice_mut(&mut factors, n, n);
                let (mut forward, mut backward) = (vec![0_usize; n], vec![0_usize; n]);
                let scratch = lu::factor::lu_in_place_scratch::<usize, $A>(n, n, Par::Seq, Default::default());
                let mut memory = MemBuffer::new(scratch);
                let stack = MemStack::new(&mut memory);
                let (_, order) = lu::factor::lu_in_place(
                    factors.as_mut(), &mut forward, &mut backward, Par::Seq, stack, Default::default(),
                );
                let factors = factors.as_ref();
                if let Some(pivot) = (0..n).find(|&i| factors[(i, i)] == 0.0) {
                    return Err(pivot);
                }
                let scratch = lu::solve::solve_in_place_scratch::<usize, $A>(n, count, Par::Seq);
                let mut memory = MemBuffer::new(scratch);
                let to = MatMut::from_column_major_slice_mut(&mut out, n, count);
                let stack = MemStack::new(&mut memory);
                lu::solve::solve_in_place(factors, factors, order, to, Par::Seq, stack);
                Ok(out)
            }
        }
    )*};
}
decompose! { f32 f64 }
