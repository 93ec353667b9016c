//! Linear algebra: products of vectors, matrices and tensors; factorisations.
//!
//! In: arrays in any chunks. Out: expressions. Two vectors are multiplied and summed in one pass over their elements. Products with matrices work on blocks that are
//! as good as square, and are cut anew where they are not.
//!
//! ```text
//! mod      what users call         cuts     which chunks a product wants: pure data
//! product  chains of steps         gemm     the product of two blocks
//! norm     sums of squares
//! einsum   products over any axes  subscripts   which axes; batched   those of stacks of matrices
//!
//! with the feature `linalg`:
//! factors     QR and SVD                             tsqr   of bands of rows, in a tree
//! compressed  the SVD's largest part, by sampling    dense  of one block
//! systems     Cholesky, linear systems, least squares
//! cholesky    Cholesky's factor, in square blocks    lu     linear systems, in blocks of columns
//! ```

mod batched;
mod covariance;
mod cross;
mod cuts;
mod einsum;
mod gemm;
mod norm;
mod product;
mod subscripts;

#[cfg(feature = "linalg")]
mod cholesky;
#[cfg(feature = "linalg")]
mod compressed;
#[cfg(feature = "linalg")]
mod dense;
#[cfg(feature = "linalg")]
mod factors;
#[cfg(feature = "linalg")]
mod lu;
#[cfg(feature = "linalg")]
mod systems;
#[cfg(feature = "linalg")]
mod tsqr;

#[cfg(feature = "linalg")]
pub use compressed::{CompressedSvd, SvdOptions};
#[cfg(feature = "linalg")]
pub use dense::Decompose;

pub use einsum::{Operands, einsum};

use crate::array::{Array, check_axis};
use crate::either::AnyArray;
use crate::element::{Element, Float, Number};
use crate::elementwise::elementwise;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::ExprRef;
use crate::grid::Dims;
use crate::kernels::map2;
use crate::map::{Along, Map};
use crate::reducing::reduced;
use crate::views::{permuted, view};
use ndarray::{Axis, Dimension, Ix0, Ix1, Ix2, Ix4, IxDyn};
use norm::Norm;
use product::{Total, product};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

mod sealed {
    pub trait Sealed {}
    impl<A, D> Sealed for super::Array<A, D> {}
}

/// What can be multiplied by what: vectors and matrices. It is called through [`Array::dot`].
///
/// # Examples
/// Products are of one type of elements, and of ranks that are known to the compiler:
/// ```compile_fail,E0277
/// # use taskweave_array as array;
/// let (x, v) = (array::Array::<f64, _>::ones([2, 3]), array::Array::<f32, _>::ones([3]));
/// let product = x.dot(&v);
/// ```
/// ```
/// # use taskweave_array as array;
/// let (x, v) = (array::Array::<f64, _>::ones([2, 3]), array::Array::<f32, _>::ones([3]));
/// let product = x.dot(&v.cast::<f64>());
/// # product.check().unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "there is no product of `{Self}` and `{Rhs}`",
    label = "not a vector or a matrix of the same numbers",
    note = "`dot` is of arrays, also of `ndarray`, of rank `Ix1` or `Ix2` with one type of elements: `.cast::<f64>()` makes another type, `.into_dimensionality::<Ix2>()` says a rank that is known at run time only",
    note = "`.tensordot(…)` is of any ranks; what a task computes is waited for, `handle.await`"
)]
pub trait Dot<Rhs>: sealed::Sealed {
    /// What comes out.
    type Output;
    /// The product.
    #[doc(hidden)]
    #[track_caller]
    fn dot_(&self, other: &Rhs) -> Self::Output;
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The matrix product: of two vectors a number, of a matrix and a vector (on either side) a vector, of two matrices a matrix.
    ///
    /// Integers wrap around in their own type. The order of the additions depends on shapes and chunks alone: the same bits for any number of workers, on one kind of processor.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{arr1, arr2};
    /// let x = array::Array::from(arr2(&[[1.0, 2.0], [3.0, 4.0]]));
    /// let v = array::Array::from(vec![1.0, -1.0]);
    /// assert_eq!(x.dot(&(x.t() + 1.0)).compute()?, arr2(&[[8.0, 14.0], [18.0, 32.0]]));
    /// assert_eq!(x.dot(&v).compute()?, arr1(&[-1.0, -1.0]));
    /// assert_eq!(v.dot(&x).compute()?, arr1(&[-2.0, -2.0]));
    /// assert_eq!(v.dot(&v).compute()?.into_scalar(), 2.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: the last axis of the array has to be as long as the first one of `other`.
    ///
    /// # Cost
    /// Of two vectors: one pass, which holds neither. Of matrices of shapes `(m, k)` and `(k, n)`: `m · k · n` multiplications, in blocks. Operands in chunks that are bad
    /// for a product, bands for example, are cut to about 1000 x 1000 `f64` (8 MB), or less where there would be fewer than 64; that costs nothing for what is made of
    /// arrays in memory elementwise, and a copy otherwise. Chunks between a third and twice that edge stay. Each chunk of the result is a chain of tasks, one for each chunk along `k`,
    /// which holds three blocks at a time. Blocks of an operand that is computed, rather than in memory, are held as long as the chunks of the result need them: of the second one all,
    /// unless the result is small beside the operands (`k` is 16 times `m` and `n`, and the result no larger than 32 MB): then it is one chunk, and each block is read once.
    #[doc(alias = "matmul")]
    #[track_caller]
    pub fn dot<Rhs>(&self, other: &Rhs) -> <Self as Dot<Rhs>>::Output
    where
        A: Number,
        Self: Dot<Rhs>,
    {
        self.dot_(other)
    }

    /// The sum of products over some axes of both arrays, in the order in which they are named; the others stay, those of `other` last. NumPy's `tensordot`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::ones([3, 4, 5]);
    /// let y = array::Array::<f64, _>::ones([5, 2, 4]);
    /// let z = x.tensordot(&y, [1, 2], [2, 0]);
    /// assert_eq!(z.compute()?, ndarray::ArrayD::from_elem(vec![3, 2], 20.0));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: as many axes of either, each once, and pairs of the same lengths.
    ///
    /// # Cost
    /// As [`dot`](Array::dot) of the matrices that come of taking the axes that stay as one, and those that are summed over; blocks whose axes do not lie so are copied, one at a time.
    #[track_caller]
    pub fn tensordot<E: Dimension>(
        &self,
        other: impl AnyArray<A, Dim = E>,
        axes: impl Into<Vec<usize>>,
        other_axes: impl Into<Vec<usize>>,
    ) -> Array<A, IxDyn>
    where
        A: Number,
    {
        let (location, other) = (Location::caller(), other.lazy());
        let (axes, other_axes) = (axes.into(), other_axes.into());
        self.step(|a| {
            let b = other.state.as_ref().map_err(Clone::clone)?;
            check_pairs(a, b, &axes, &other_axes)?;
            let stays = |rank: usize, axes: &[usize]| -> Vec<usize> {
                (0..rank).filter(|axis| !axes.contains(axis)).collect()
            };
            let mut order = stays(a.shape.len(), &axes);
            order.extend(&axes);
            let a = Arc::new(permuted(a, &order)?);
            let mut order = other_axes.clone();
            order.extend(stays(b.shape.len(), &other_axes));
            let b = Arc::new(permuted(b, &order)?);
            product::<A>("tensordot", location, &a, &b, axes.len())
        })
    }
}

/// That both arrays have the axes, and these the same lengths.
fn check_pairs(a: &ExprRef, b: &ExprRef, axes: &[usize], others: &[usize]) -> Result<(), Error> {
    if axes.len() != others.len() {
        let message = format!(
            "tensordot over {} of the first array and {} of the second: they are summed over in pairs, so name as many of both",
            counted(axes.len(), "axis"),
            others.len()
        );
        return Err(Error::new(ErrorKind::Axis, message));
    }
    for (expr, axes) in [(a, axes), (b, others)] {
        for (at, &axis) in axes.iter().enumerate() {
            check_axis(axis, &expr.shape)?;
            if axes[..at].contains(&axis) {
                let message =
                    format!("axis {axis} is named twice; name each axis to be summed over once");
                return Err(Error::new(ErrorKind::Axis, message));
            }
        }
    }
    axes.iter()
        .zip(others)
        .try_for_each(|(&axis, &other)| check_inner("tensordot", a, b, axis, other))
}

/// That an axis of one array is as long as an axis of the other.
fn check_inner(
    what: &str,
    a: &ExprRef,
    b: &ExprRef,
    of_a: usize,
    of_b: usize,
) -> Result<(), Error> {
    let (m, n) = (a.shape[of_a], b.shape[of_b]);
    if m == n {
        return Ok(());
    }
    let message = format!(
        "no {what} of shapes {:?} and {:?}: axis {of_a} of the first has length {m} and axis {of_b} of the second {n}, which have to be equal",
        &a.shape[..],
        &b.shape[..]
    );
    Err(Error::new(ErrorKind::Shape, message))
}

#[diagnostic::do_not_recommend]
impl<A: Number> Dot<Array<A, Ix1>> for Array<A, Ix1> {
    type Output = Array<A, Ix0>;
    #[track_caller]
    fn dot_(&self, other: &Array<A, Ix1>) -> Array<A, Ix0> {
        let location = Location::caller();
        self.step_of("dot", |a| {
            let b = other.state.as_ref().map_err(Clone::clone)?;
            check_inner("dot product", a, b, 0, 0)?;
            let products =
                elementwise::<A>("multiply", location, Arc::new(map2(A::mul_)), &[a, b])?;
            reduced("dot", location, &Arc::new(products), &[0], Total::<A>(PhantomData))
        })
    }
}

/// Products with a matrix: the last axis of the one and the first of the other are summed over.
macro_rules! products {
    ($($D:ty, $E:ty => $Out:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<A: Number> Dot<Array<A, $E>> for Array<A, $D> {
            type Output = Array<A, $Out>;
            #[track_caller]
            fn dot_(&self, other: &Array<A, $E>) -> Array<A, $Out> {
                let location = Location::caller();
                self.step_of("dot", |a| {
                    let b = other.state.as_ref().map_err(Clone::clone)?;
                    check_inner("dot product", a, b, a.shape.len() - 1, 0)?;
                    product::<A>("dot", location, a, b, 1)
                })
            }
        }
    )*};
}
products! { Ix2, Ix1 => Ix1; Ix1, Ix2 => Ix1; Ix2, Ix2 => Ix2; }

/// With an array of `ndarray` or a view of one, which is copied.
macro_rules! products_with {
    ($($Rhs:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<A: Number, D: Dimension, E: Dimension> Dot<$Rhs> for Array<A, D>
        where
            Self: Dot<Array<A, E>>,
        {
            type Output = <Self as Dot<Array<A, E>>>::Output;
            #[track_caller]
            fn dot_(&self, other: &$Rhs) -> Self::Output {
                self.dot(&other.lazy())
            }
        }
    )*};
}
products_with! { ndarray::Array<A, E> ndarray::ArcArray<A, E> ndarray::ArrayView<'_, A, E> }

impl<A: Element> Array<A, Ix1> {
    /// The products of each element with each of `other`: element `(i, j)` is `self[i] * other[j]`. NumPy's `outer`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(1, 3, 1);
    /// assert_eq!(x.outer(&array::Array::arange(0, 3, 1)).compute()?, ndarray::arr2(&[[0, 1, 2], [0, 2, 4]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn outer(&self, other: impl AnyArray<A, Dim = Ix1>) -> Array<A, Ix2>
    where
        A: Number,
    {
        let column = self.insert_axis(Axis(1));
        column.binary(&other.lazy().insert_axis(Axis(0)), "outer", map2(A::mul_)).called("outer")
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The Kronecker product: each element in the place of a block, which is `other` times the element. NumPy's `kron`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::arr2;
    /// let x = array::Array::from(arr2(&[[1, 0], [0, 2]]));
    /// let y = array::Array::from(arr2(&[[1, 1]]));
    /// assert_eq!(x.kron(&y).compute()?, arr2(&[[1, 1, 0, 0], [0, 0, 2, 2]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Errors
    /// Carried by the array: more elements than can be addressed.
    ///
    /// # Cost
    /// As [`reshape`](Array::reshape) of what is computed: a copy.
    #[track_caller]
    pub fn kron(&self, other: impl AnyArray<A, Dim = Ix2>) -> Array<A, Ix2>
    where
        A: Number,
    {
        let other = other.lazy();
        let ((m, n), (p, q)) = (self.dim(), other.dim());
        let (blocks, within) = (self.insert_axis(Axis(1)), other.insert_axis(Axis(0)));
        let products =
            blocks.insert_axis(Axis(3)).binary(&within.insert_axis(Axis(2)), "kron", map2(A::mul_));
        let products: Array<A, Ix4> = products;
        products.reshape([m.saturating_mul(p), n.saturating_mul(q)]).called("kron")
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The diagonal: element `i` is that at `(i, i)`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]));
    /// assert_eq!(x.diag().compute()?.to_vec(), [1, 5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn diag(&self) -> Array<A, Ix1> {
        self.step(|expr| {
            let len = expr.shape[0].min(expr.shape[1]);
            let map = Map([Along::axis(0), Along::axis(0)].into_iter().collect());
            view("diag", expr, map, Dims::from_slice(&[len]))
        })
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The sum of the [diagonal](Array::diag), in the type that [`sum`](Array::sum) has.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::<i8, _>::eye(1000).trace().compute()?.into_scalar(), 1000_i64);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The chunks on the diagonal are computed, and no others.
    #[track_caller]
    pub fn trace(&self) -> Array<A::Sum, Ix0>
    where
        A: Number,
    {
        self.diag().sum().called("trace")
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The 2-norm of all elements, of a matrix the Frobenius norm: the root of the sum of their squares, without overflow where the result has none.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let norm: f64 = Array::from(vec![3e200, 4e200]).norm().compute()?.into_scalar();
    /// assert!((norm / 5e200 - 1.0).abs() < 1e-15);
    /// assert_eq!(Array::<f64, _>::eye(9).norm().compute()?.into_scalar(), 3.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn norm(&self) -> Array<A, Ix0>
    where
        A: Float,
    {
        let location = Location::caller();
        self.step(|expr| {
            let axes: Vec<usize> = (0..expr.shape.len()).collect();
            reduced("norm", location, expr, &axes, Norm::<A>(PhantomData))
        })
    }
}
