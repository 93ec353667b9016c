//! The product of two blocks, added to a third.
//!
//! In: matrices with any strides. Out: `c = a · b` or `c += a · b`, on one thread: tasks are the parallelism. Floating-point and complex numbers go through the crate `gemm`, whose
//! kernels are chosen when they run; integers through a loop that wraps around.
//!
//! The one unsafe call is paid for: on blocks of 1000 x 1000 `f64` and one thread of a machine with AVX-512 it does 114 GFLOP/s, where `ndarray`'s own product does half of
//! that. `faer`, whose interface is safe, does 109, and takes a minute to build.
#![allow(unsafe_code)]

use crate::element::Number;
use crate::expr::Effort;
use crate::simd::{Kernel, MulAdd, dispatch};
use gemm_common::cache::CACHE_INFO;
use ndarray::ArrayView2;
use num_complex::Complex;
use std::any::TypeId;

/// Whether the numbers are of a type that `gemm` knows; it panics with any other.
fn is_known<A: 'static>() -> bool {
    let of = TypeId::of::<A>();
    of == TypeId::of::<f32>()
        || of == TypeId::of::<f64>()
        || of == TypeId::of::<Complex<f32>>()
        || of == TypeId::of::<Complex<f64>>()
}

/// What becomes of a product.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Write {
    Set,
    Add,
    #[cfg_attr(not(feature = "linalg"), allow(dead_code))]
    Subtract,
}

/// Writes the product of `a` and `b` to `c`, which is in C order, or adds it to that, or takes it away.
///
/// # Panics
/// If the shapes don't fit.
pub(crate) fn product<A: Number>(
    c: &mut [A],
    a: ArrayView2<'_, A>,
    b: ArrayView2<'_, A>,
    write: Write,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    assert!(k == b.nrows() && m.checked_mul(n) == Some(c.len()), "the shapes fit");
    if k == 0 && write == Write::Set {
        c.fill(A::ZERO);
    }
    if c.is_empty() || k == 0 {
        return;
    }
    if !is_known::<A>() {
        return looped(c, a, b, write);
    }
    let (a_strides, b_strides) = (a.strides(), b.strides());
    let factor = if write == Write::Subtract { A::ZERO.sub_(A::ONE) } else { A::ONE };
    // SAFETY: the views of `ndarray` give addresses and strides under which each of their elements can be read, and these are m x k and k x n; `c` is m x n elements in C
    // order, borrowed mutably, so it overlaps neither. The type is one that `gemm` knows, and all of them are plain numbers.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            1,
            n as isize,
            write != Write::Set,
            a.as_ptr(),
            a_strides[1],
            a_strides[0],
            b.as_ptr(),
            b_strides[1],
            b_strides[0],
            A::ONE,
            factor,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// The depth of what is packed at a time, at most; by `gemm`, whose rule is that of its `kernel_params`.
const DEPTH: usize = 512;
/// The right-hand matrix is packed before all else if it has no more columns than this, or at most as many.
const PREPACKED_MAX: usize = 16 * 48;
/// What is packed is of whole panels of at most so many.
const PANEL: usize = 48;

/// What the product of an `m x k` and a `k x n` matrix takes besides them: packed copies, as `gemm` makes them of some depth at a time; of numbers that it does not know, the second matrix in
/// C order.
pub(super) fn effort<A: Number>(m: usize, k: usize, n: usize) -> Effort {
    let bytes = |rows: usize, columns: usize| {
        rows.saturating_mul(columns.next_multiple_of(PANEL)).saturating_mul(size_of::<A>())
    };
    if !is_known::<A>() {
        return Effort {
            works: k.saturating_mul(n).saturating_mul(size_of::<A>()),
            ..Effort::default()
        };
    }
    let depth = k.min(DEPTH);
    let mut first = bytes(depth, m);
    if CACHE_INFO[2].cache_bytes > 0 {
        first = first.min(CACHE_INFO[2].cache_bytes.max(bytes(depth, PANEL)));
    }
    let second = if n <= PREPACKED_MAX { bytes(depth, n) } else { 0 };
    // Each thread packs the first matrix in as much as the second cache has.
    Effort { works: first + second, of_thread: CACHE_INFO[1].cache_bytes, ..Effort::default() }
}

struct Row<'a, A>(&'a mut [A], A, &'a [A], Write);
impl<A: Number> Kernel for Row<'_, A> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let Row(to, factor, from, write) = self;
        let all = to.iter_mut().zip(from);
        match write {
            Write::Subtract => all.for_each(|(to, &from)| *to = to.sub_(factor.mul_(from))),
            _ => all.for_each(|(to, &from)| *to = to.add_(factor.mul_(from))),
        }
    }
}

/// The product row by row, in the numbers' own arithmetic.
fn looped<A: Number>(c: &mut [A], a: ArrayView2<'_, A>, b: ArrayView2<'_, A>, write: Write) {
    if write == Write::Set {
        c.fill(A::ZERO);
    }
    let b = b.as_standard_layout();
    for (to, row) in c.chunks_exact_mut(b.ncols()).zip(a.rows()) {
        for (&factor, from) in row.iter().zip(b.rows()) {
            if let Some(from) = from.to_slice() {
                dispatch(Row(to, factor, from, write));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    /// Small whole numbers, so that every order of the additions gives the same.
    fn matrix<A: Number>(rows: usize, columns: usize, seed: usize) -> Array2<A> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            let n = (i * 31 + j * 17 + seed * 7) % 11;
            (0..n).fold(A::ZERO, |sum, _| sum.add_(A::ONE)).sub_(A::ONE)
        })
    }

    fn naive<A: Number>(a: &ArrayView2<'_, A>, b: &ArrayView2<'_, A>) -> Vec<A> {
        let one = |i: usize, j: usize| {
            (0..a.ncols()).fold(A::ZERO, |sum, k| sum.add_(a[[i, k]].mul_(b[[k, j]])))
        };
        (0..a.nrows()).flat_map(|i| (0..b.ncols()).map(move |j| one(i, j))).collect()
    }

    fn check<A: Number>() {
        for (m, k, n) in [(1, 1, 1), (7, 5, 3), (33, 70, 41), (1, 90, 4), (20, 1, 20), (3, 0, 2)] {
            let (a, b) = (matrix::<A>(2 * m, k, 1), matrix::<A>(n, k, 2));
            let a = a.slice(s![..;-2, ..]);
            let b = b.t();
            let mut c = vec![A::ONE; m * n];
            product(&mut c, a, b, Write::Set);
            assert_eq!(c, naive(&a, &b));
            product(&mut c, a, b, Write::Add);
            let twice: Vec<A> = naive(&a, &b).into_iter().map(|x| x.add_(x)).collect();
            assert_eq!(c, twice);
            product(&mut c, a, b, Write::Subtract);
            assert_eq!(c, naive(&a, &b));
        }
    }

    #[test]
    fn it_is_the_naive_product_for_all_types_and_strides() {
        check::<f32>();
        check::<f64>();
        check::<Complex<f32>>();
        check::<Complex<f64>>();
        check::<i8>();
        check::<u16>();
        check::<i64>();
    }
}
