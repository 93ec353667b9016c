//! Factorisations of one block, by `faer`, on one thread: tasks are the parallelism.
//!
//! In: matrices with any strides. Out: factors in vectors, column by column, with signs that are fixed; Q as what a product with it needs. What calls `faer` is compiled here, once for `f32` and once for `f64`.
//!
//! Not here: matrices of many blocks (`tsqr`), messages (`factors`, `systems`).

use crate::element::Float;
use crate::error::Error;
use crate::expr::Effort;
use crate::pool::buffer;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::lu::partial_pivoting as lu;
use faer::linalg::qr::no_pivoting::factor as qr;
use faer::linalg::svd;
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place as solve_lower,
    solve_unit_lower_triangular_in_place as solve_unit_lower,
    solve_upper_triangular_in_place as solve_upper,
};
use faer::traits::RealField;
use faer::{Mat, MatMut, MatRef, Par};
use gemm_common::cache::CACHE_INFO;
use ndarray::{ArrayView2, Axis, ShapeBuilder};
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
    /// Factors Q and R of an `m x n` matrix, R's diagonal not negative, column by column in [`factors_height`] rows. With k the lesser of m and n: V, `m x k`; R, `k x n`; M, `k x k`; and k signs, such that `Q = S + V · M`,
    /// where S is zero but for the signs on its diagonal. (M is minus the inverse of T times the first rows of V, transposed: `Q = I - V T⁻¹ Vᵀ`.) All are NaN, if the matrix has elements
    /// that are not finite.
    #[doc(hidden)]
    fn qr_(a: ArrayView2<'_, Self>) -> Vec<Self>;
    /// Bytes that [`Decompose::qr_`] of an `m x n` matrix takes, besides what it reads and gives.
    #[doc(hidden)]
    fn qr_bytes_(m: usize, n: usize) -> usize;
    /// Of a square matrix of n columns, `(2n + 1) x n`, column by column: U, V transposed, and the singular values; nothing, if it does not converge.
    #[doc(hidden)]
    fn svd_(a: ArrayView2<'_, Self>) -> Option<Vec<Self>>;
    /// Bytes that [`Decompose::svd_`] of a matrix of n columns takes, besides what it reads and gives.
    #[doc(hidden)]
    fn svd_bytes_(n: usize) -> usize;
    /// The lower factor, column by column; or at which pivot it is not positive definite. It reads the lower triangle.
    #[doc(hidden)]
    fn cholesky_(a: ArrayView2<'_, Self>) -> Result<Vec<Self>, usize>;
    /// Bytes that [`Decompose::cholesky_`] of a matrix of n columns takes, besides what it reads and gives.
    #[doc(hidden)]
    fn cholesky_bytes_(n: usize) -> usize;
    /// The factors L, of a diagonal of ones that is left out, and U of a tall matrix of n columns, in one `m x n`, column by column; as a last column, which of the rows each row was. Or which pivot is zero.
    #[doc(hidden)]
    fn lu_(a: ArrayView2<'_, Self>) -> Result<Vec<Self>, usize>;
    /// Bytes that [`Decompose::lu_`] of an `m x n` matrix takes, besides what it reads and gives.
    #[doc(hidden)]
    fn lu_bytes_(m: usize, n: usize) -> usize;
    /// Solves in place, with the diagonal and what is below it, for right-hand sides that lie one after the other.
    #[doc(hidden)]
    fn solve_lower_(l: ArrayView2<'_, Self>, sides: &mut [Self]);
    /// The same with ones as the diagonal; the right-hand sides are the columns of a matrix that lies row by row.
    #[doc(hidden)]
    fn solve_unit_lower_(l: ArrayView2<'_, Self>, sides: &mut [Self]);
    /// The same with the diagonal and what is above it; right-hand sides as columns.
    #[doc(hidden)]
    fn solve_upper_(u: ArrayView2<'_, Self>, sides: &mut [Self]);
}

/// A buffer. That there is no memory for it unwinds, and is the task's error: functions of matrices have other errors.
pub(super) fn room<A: Float>(shape: &[usize]) -> Vec<A> {
    buffer(shape, A::ZERO).unwrap_or_else(|error| resume_unwind(Box::new(error)))
}

/// What `faer` works in, as [`room`].
fn scratch_of(bytes: StackReq) -> MemBuffer {
    let buffer = MemBuffer::try_new(bytes);
    buffer.unwrap_or_else(|_| {
        let bytes = bytes.unaligned_bytes_required();
        resume_unwind(Box::new(Error::no_memory_to_work_in(bytes)))
    })
}

/// A matrix of zeros, as [`room`].
fn zeros<A: Float + RealField>(rows: usize, columns: usize) -> Mat<A> {
    let mut matrix = Mat::new();
    if matrix.try_reserve(rows, columns).is_err() {
        resume_unwind(Box::new(Error::no_memory_to_work_in(bytes_of::<A>(rows, columns))));
    }
    matrix.resize_with(rows, columns, |_, _| A::ZERO);
    matrix
}

/// The rows of [`Decompose::qr_`]'s result.
pub(super) fn factors_height(rows: usize, columns: usize) -> usize {
    rows + 2 * rows.min(columns) + 1
}

/// So many rows are copied at a time: of each a cache line is read for several columns.
const ROWS: usize = 64;

/// A copy, column by column, each of which begins so many elements after the one before.
fn by_columns_into<A: Float>(a: ArrayView2<'_, A>, to: &mut [A], stride: usize) {
    for (at, rows) in a.axis_chunks_iter(Axis(0), ROWS).enumerate() {
        for (from, to) in rows.columns().into_iter().zip(to.chunks_mut(stride)) {
            to[at * ROWS..][..from.len()].iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}

/// A copy, column by column.
pub(super) fn columns<A: Float>(a: ArrayView2<'_, A>) -> Vec<A> {
    let mut copy = room(a.shape());
    if !copy.is_empty() {
        by_columns_into(a, &mut copy, a.nrows());
    }
    copy
}

/// Bytes of a matrix.
pub(super) fn bytes_of<A>(rows: usize, columns: usize) -> usize {
    rows.saturating_mul(columns).saturating_mul(size_of::<A>())
}

/// What `faer` works in: one block for all columns.
fn qr_scratch<A: RealField>(m: usize, n: usize) -> StackReq {
    qr::qr_in_place_scratch::<A>(m, n, m.min(n), Par::Seq, Default::default())
}

/// What `faer` works in, with as many singular vectors as columns.
fn svd_scratch<A: RealField>(n: usize) -> StackReq {
    let thin = svd::ComputeSvdVectors::Thin;
    svd::svd_scratch::<A>(n, n, thin, thin, Par::Seq, Default::default())
}

/// What `faer` works in.
fn cholesky_scratch<A: RealField>(n: usize) -> StackReq {
    llt::cholesky_in_place_scratch::<A>(n, Par::Seq, Default::default())
}

/// What `faer` works in.
fn lu_scratch<A: RealField>(m: usize, n: usize) -> StackReq {
    lu::factor::lu_in_place_scratch::<usize, A>(m, n, Par::Seq, Default::default())
}

/// What `faer` packs matrices in on each thread, where it takes `private-gemm-x86` for it: twice the 2 MiB that this takes for a last cache that it does not look up without its feature `std`.
const PACKED_BYTES: usize = if cfg!(target_arch = "x86_64") { 4 << 20 } else { 0 };

/// What a factorisation or a triangular solution takes: so many bytes while it runs, and what each thread packs matrices in for products, those of `faer` and those that follow ([`gemm`](super::gemm)).
pub(super) fn effort(works: usize) -> Effort {
    let of_thread = CACHE_INFO[1].cache_bytes + PACKED_BYTES;
    Effort { works, of_thread, ..Effort::default() }
}

/// The powers of two that take the number near 1 and back; `most` is the type's largest exponent.
fn powers(largest: f64, most: i32) -> (f64, f64) {
    let most = f64::from(most - 4);
    let exponent = if largest > 0.0 { largest.log2().floor().clamp(-most, most) } else { 0.0 };
    ((-exponent).exp2(), exponent.exp2())
}

/// [`Decompose::svd_`] of a matrix column by column, in `f64` if that has more digits.
fn svd_in_f64<A: Decompose>(a: &[A], n: usize) -> Option<Vec<f64>> {
    if A::EPSILON_.to_f64() <= f64::EPSILON {
        return None;
    }
    let mut wide = room(&[a.len()]);
    wide.iter_mut().zip(a).for_each(|(wide, x)| *wide = x.to_f64());
    let a: Vec<f64> = wide;
    f64::svd_(ArrayView2::from_shape((n, n).f(), &a).ok()?)
}

macro_rules! decompose {
    ($($A:ident)*) => {$(
        impl Decompose for $A {
            const EPSILON_: $A = $A::EPSILON;

            fn qr_(a: ArrayView2<'_, $A>) -> Vec<$A> {
                let (m, n) = a.dim();
                let k = m.min(n);
                let height = factors_height(m, n);
                let mut out = room(&[height, n]);
                if k == 0 {
                    out.fill(0.0);
                    return out;
                }
                by_columns_into(a, &mut out, height);
                // Columns without a finite norm would be left out as if they were zero. Bits without a sign are in the order of numbers, and those of NaN come last.
                let bits = |all, x: &$A| Ord::max(all, x.abs().to_bits());
                let of_column = |column: &[$A]| column[..m].iter().fold(0, bits);
                let largest = out.chunks_exact(height).map(of_column).fold(0, Ord::max);
                if largest >= $A::INFINITY.to_bits() {
                    out.fill($A::NAN);
                    return out;
                }
                // Squares of what is tiny or huge would be 0 or infinite.
                let (down, up) = powers(f64::from($A::from_bits(largest)), $A::MAX_EXP);
                let (down, up) = (down as $A, up as $A);
                let is_far = up.abs().log2().abs() > ($A::MAX_EXP / 8) as $A;
                if is_far {
                    for column in out.chunks_exact_mut(height) {
                        column[..m].iter_mut().for_each(|x| *x *= down);
                    }
                }
                // One block for all columns: its T is all that is needed beside V.
                let mut t = zeros::<$A>(k, k);
                let mut memory = scratch_of(qr_scratch::<$A>(m, n));
                let stack = MemStack::new(&mut memory);
                let basis = MatMut::from_column_major_slice_with_stride_mut(&mut out, m, n, height);
                qr::qr_in_place(basis, t.as_mut(), Par::Seq, stack, Default::default());
                let mut inner = zeros::<$A>(k, k);
                for (j, column) in out.chunks_exact_mut(height).enumerate() {
                    let (v, rest) = column.split_at_mut(m);
                    let (r, rest) = rest.split_at_mut(k);
                    let above = (j + 1).min(k);
                    r[..above].copy_from_slice(&v[..above]);
                    r[above..].fill(0.0);
                    rest.fill(0.0);
                    if j < k {
                        v[..j].fill(0.0);
                        v[j] = 1.0;
                        let sign = if r[j] < 0.0 { -1.0 } else { 1.0 };
                        rest[k] = sign;
                        // The transposed of V's first rows.
                        for (i, v) in v[..k].iter().enumerate() {
                            inner[(j, i)] = *v;
                        }
                    }
                }
                let signs: Vec<$A> = (0..k).map(|j| out[j * height + m + 2 * k]).collect();
                solve_upper(t.as_ref(), inner.as_mut(), Par::Seq);
                for (j, column) in out.chunks_exact_mut(height).enumerate() {
                    for (r, sign) in column[m..m + k].iter_mut().zip(&signs) {
                        *r *= sign;
                        if is_far {
                            *r *= up;
                        }
                    }
                    if j < k {
                        for (to, x) in column[m + k..m + 2 * k].iter_mut().zip(inner.col_as_slice(j)) {
                            *to = -x * signs[j];
                        }
                    }
                }
                out
            }

            fn qr_bytes_(m: usize, n: usize) -> usize {
                let k = m.min(n);
                if k == 0 {
                    return 0;
                }
                // T and M, besides the scratch.
                bytes_of::<$A>(k, 2 * k).saturating_add(qr_scratch::<$A>(m, n).unaligned_bytes_required())
            }

            fn svd_(a: ArrayView2<'_, $A>) -> Option<Vec<$A>> {
                let n = a.nrows();
                let mut out = room(&[2 * n + 1, n]);
                if n == 0 {
                    return Some(out);
                }
                // By a power of two near 1, as LAPACK does: squares of what is tiny or huge would be 0 or infinite.
                let mut copy = columns(a);
                let largest = copy.iter().fold(0.0, |most: $A, x| most.max(x.abs()));
                let (down, up) = powers(f64::from(largest), $A::MAX_EXP);
                let (down, up) = (down as $A, up as $A);
                copy.iter_mut().for_each(|x| *x *= down);
                let a = faer::MatRef::from_column_major_slice(&copy, n, n);
                let mut memory = scratch_of(svd_scratch::<$A>(n));
                let (mut u, mut v) = (zeros::<$A>(n, n), zeros::<$A>(n, n));
                let mut s = faer::diag::Diag::<$A>::zeros(n);
                let mut compute = |a, u: &mut Mat<$A>, v: &mut Mat<$A>| {
                    let (u, v) = (Some(u.as_mut()), Some(v.as_mut()));
                    svd::svd(a, s.as_mut(), u, v, Par::Seq, MemStack::new(&mut memory), Default::default()).ok()
                };
                // What does not converge one way may do so the other, or with more digits.
                let found = compute(a, &mut u, &mut v).or_else(|| compute(a.transpose(), &mut v, &mut u));
                if found.is_none() {
                    let found = svd_in_f64(&copy, n)?;
                    out.iter_mut().zip(found).for_each(|(to, x)| *to = x as $A);
                    out.iter_mut().skip(2 * n).step_by(2 * n + 1).for_each(|s| *s *= up);
                    return Some(out);
                }
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

            fn svd_bytes_(n: usize) -> usize {
                if n == 0 {
                    return 0;
                }
                // The scaled copy, U and V, besides the scratch.
                bytes_of::<$A>(n, 3 * n).saturating_add(svd_scratch::<$A>(n).unaligned_bytes_required())
            }

            fn cholesky_(a: ArrayView2<'_, $A>) -> Result<Vec<$A>, usize> {
                let n = a.nrows();
                let mut out = columns(a);
                if n == 0 {
                    return Ok(out);
                }
                let l = MatMut::from_column_major_slice_mut(&mut out, n, n);
                let mut memory = scratch_of(cholesky_scratch::<$A>(n));
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

            fn cholesky_bytes_(n: usize) -> usize {
                cholesky_scratch::<$A>(n).unaligned_bytes_required()
            }

            fn lu_(a: ArrayView2<'_, $A>) -> Result<Vec<$A>, usize> {
                let (m, n) = a.dim();
                let mut out = room(&[m, n + 1]);
                if m == 0 {
                    return Ok(out);
                }
                let (values, order) = out.split_at_mut(m * n);
                if n > 0 {
                    by_columns_into(a, values, m);
                }
                // By a power of two near 1: what is tiny has no inverse that is finite.
                let largest = values.iter().fold(0.0, |most: $A, x| most.max(x.abs()));
                let (down, up) = powers(f64::from(largest), $A::MAX_EXP);
                let (down, up) = (down as $A, up as $A);
                values.iter_mut().for_each(|x| *x *= down);
                let mut factors = MatMut::from_column_major_slice_mut(values, m, n);
                let (mut forward, mut backward) = (vec![0_usize; m], vec![0_usize; m]);
                let mut memory = scratch_of(lu_scratch::<$A>(m, n));
                let stack = MemStack::new(&mut memory);
                lu::factor::lu_in_place(
                    factors.as_mut(), &mut forward, &mut backward, Par::Seq, stack, Default::default(),
                );
                if let Some(pivot) = (0..n).find(|&i| factors[(i, i)] == 0.0) {
                    return Err(pivot);
                }
                for (j, column) in values.chunks_exact_mut(m).enumerate() {
                    column[..=j].iter_mut().for_each(|x| *x *= up);
                }
                for (to, from) in order.iter_mut().zip(forward) {
                    *to = from as $A;
                }
                Ok(out)
            }

            fn lu_bytes_(m: usize, n: usize) -> usize {
                // Which row each was, and the other way, besides the scratch.
                bytes_of::<usize>(m, 2).saturating_add(lu_scratch::<$A>(m, n).unaligned_bytes_required())
            }

            fn solve_lower_(l: ArrayView2<'_, $A>, sides: &mut [$A]) {
                let n = l.nrows();
                if sides.is_empty() {
                    return;
                }
                let (l, count) = (columns(l), sides.len() / n);
                let l = MatRef::from_column_major_slice(&l, n, n);
                solve_lower(l, MatMut::from_column_major_slice_mut(sides, n, count), Par::Seq);
            }

            fn solve_unit_lower_(l: ArrayView2<'_, $A>, sides: &mut [$A]) {
                let n = l.nrows();
                if sides.is_empty() {
                    return;
                }
                let (l, count) = (columns(l), sides.len() / n);
                let l = MatRef::from_column_major_slice(&l, n, n);
                solve_unit_lower(l, MatMut::from_row_major_slice_mut(sides, n, count), Par::Seq);
            }

            fn solve_upper_(u: ArrayView2<'_, $A>, sides: &mut [$A]) {
                let n = u.nrows();
                if sides.is_empty() {
                    return;
                }
                let (mut u, count) = (columns(u), sides.len() / n);
                let upper = u.chunks_exact(n).enumerate().flat_map(|(j, column)| &column[..=j]);
                let largest = upper.fold(0.0, |most: $A, x| most.max(x.abs()));
                let (down, _) = powers(f64::from(largest), $A::MAX_EXP);
                u.iter_mut().for_each(|x| *x *= down as $A);
                let u = MatRef::from_column_major_slice(&u, n, n);
                solve_upper(u, MatMut::from_row_major_slice_mut(sides, n, count), Par::Seq);
                sides.iter_mut().for_each(|x| *x *= down as $A);
            }
        }
    )*};
}
decompose! { f32 f64 }

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    /// Upper bidiagonal matrices of powers of two, for which the iteration in `f32` finds no end one way, or either way: it needs the other way, or `f64`.
    #[test]
    fn what_does_not_converge_at_first_is_decomposed_all_the_same() {
        for (seed, columns) in [(32624, 37), (66616, 28), (76808, 32)] {
            let mut next = splitmix(seed);
            // The form of the matrix was drawn first.
            let form = [next() % 40 + 1, next() % 7, next() % 2];
            assert_eq!(form, [columns, 3, 0]);
            let n = columns as usize;
            let mut a = Array2::<f32>::zeros((n, n));
            for (j, i) in (0..n).flat_map(|j| (0..n).map(move |i| (j, i))) {
                let exponent = next() % 60;
                if i == j || i + 1 == j {
                    a[[i, j]] = (-(exponent as f32)).exp2();
                }
            }
            let all = f32::svd_(a.view()).unwrap_or_else(|| panic!("seed {seed}"));
            let part = |j: usize, from: usize| &all[j * (2 * n + 1) + from..][..n];
            let s: Vec<f32> = (0..n).map(|j| all[j * (2 * n + 1) + 2 * n]).collect();
            assert!(s.is_sorted_by(|a, b| a >= b) && s[n - 1] >= 0.0, "seed {seed}: {s:?}");
            for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
                let product: f32 = (0..n).map(|k| part(k, 0)[i] * s[k] * part(j, n)[k]).sum();
                let error = (product - a[[i, j]]).abs();
                assert!(error <= 16.0 * f32::EPSILON * s[0], "seed {seed}, ({i}, {j}): {error}");
            }
        }
    }

    fn splitmix(mut seed: u64) -> impl FnMut() -> u64 {
        move || {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let x = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^ (x >> 31)
        }
    }
}
