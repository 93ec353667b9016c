//! Whether arrays are the same, or nearly so, and numbers in place of those that are none.
//!
//! In: arrays of floating-point numbers. Out: elementwise expressions, and reductions of these.
//!
//! Not here: comparisons of each element as such (`elementwise`).

use crate::array::Array;
use crate::either::AnyArray;
use crate::element::{Element, Float};
use crate::elementwise::{Both, Operand};
use crate::kernels::{map1, map2};
use ndarray::{DimMax, Dimension, Ix0};

impl<A: Element, D: Dimension> Array<A, D> {
    /// Whether each element is close to that of `other`, an array or a number: no farther than `absolute` and `relative` times the size of the latter. Infinities are close to themselves, NaN to
    /// nothing. NumPy's tolerances are `1e-5` and `1e-8`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, 1.1, f64::INFINITY, f64::NAN]);
    /// assert_eq!(x.isclose(&x, 0.0, 0.0).compute()?.to_vec(), [true, true, true, false]);
    /// assert_eq!(x.isclose(1.0 + 1e-9, 1e-5, 1e-8).compute()?.to_vec(), [true, false, false, false]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn isclose<E: Dimension>(
        &self,
        other: impl Operand<A, E>,
        relative: f64,
        absolute: f64,
    ) -> Array<bool, Both<D, E>>
    where
        A: Float,
        D: DimMax<E>,
    {
        let close = move |a: A, b: A| {
            let limit = A::from_f64(absolute).add_(A::from_f64(relative).mul_(b.abs_()));
            // From a finite number to an infinite one is not within an infinite limit.
            a == b || b.sub_(b) == A::ZERO && a.sub_(b).abs_() <= limit
        };
        self.binary(&other.into_array(), "isclose", map2(close))
    }

    /// Whether [all](Array::all) elements are [close](Array::isclose) to those of `other`, an array that broadcasts, or a number.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::linspace(0.0, 3.0, 100);
    /// assert!(x.sin().powi(2).allclose(&(1.0 - x.cos().powi(2)), 1e-9, 1e-12).compute()?.into_scalar());
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn allclose<E: Dimension>(
        &self,
        other: impl Operand<A, E>,
        relative: f64,
        absolute: f64,
    ) -> Array<bool, Ix0>
    where
        A: Float,
        D: DimMax<E>,
    {
        self.isclose(other, relative, absolute).all().called("allclose")
    }

    /// The elements, with `nan` in place of NaN, the largest finite number in place of infinity, and the least one in place of minus infinity. Others [`clip`](Array::clip) and
    /// [`where_`](Array::where_) put there.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    /// assert_eq!(x.nan_to_num(0.0).compute()?.to_vec(), [1.0, 0.0, f64::MAX, f64::MIN]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn nan_to_num(&self, nan: A) -> Array<A, D>
    where
        A: Float,
    {
        let number = move |a: A| match a {
            a if a.is_nan_() => nan,
            a if a == A::HIGHEST => A::LARGEST,
            a if a == A::LOWEST => A::LARGEST.neg_(),
            a => a,
        };
        self.unary("nan_to_num", map1(number))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Whether the arrays have one shape, and the same elements; NaN equals nothing. Of shapes that differ this is false, and no error. NumPy's `array_equal`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::arange(0, 4, 1);
    /// assert!(x.array_equal(&x + 1 - 1).compute()?.into_scalar());
    /// assert!(!x.array_equal(ndarray::arr1(&[0, 1, 2])).compute()?.into_scalar());
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn array_equal<E: Dimension>(&self, other: impl AnyArray<A, Dim = E>) -> Array<bool, Ix0>
    where
        D: DimMax<E>,
    {
        let other = other.lazy();
        let is_same = self.shape() == other.shape();
        match self.state.is_ok() && other.state.is_ok() && !is_same {
            true => Array::from_elem((), false),
            false => self.equal(&other).all().called("array_equal"),
        }
    }
}
