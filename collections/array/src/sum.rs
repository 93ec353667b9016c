//! Sums of several arrays, by `Iterator::sum`.
//!
//! In: an iterator of arrays. Out: one, each added to those before it.
//!
//! Not here: sums of the elements of one array (`reducing`); arrays of `ndarray`, and numbers (`operators`).

use crate::array::Array;
use crate::element::Number;
use crate::elementwise::elementwise;
use crate::error::{Error, ErrorKind};
use crate::kernels::map2;
use ndarray::Dimension;
use std::iter::Sum;
use std::sync::Arc;

/// The arrays added, one after the other, as [`+`](std::ops::Add) does. NumPy's `sum` of a list of arrays.
///
/// # Errors
/// Carried by the array: shapes that do not fit, of the kind [`ErrorKind::Shape`], which stands where the later of both arrays does. Of no arrays, [`ErrorKind::Value`]: nothing says of which shape
/// the sum would be. Where there may be none, `arrays.fold(Array::zeros(shape), |sum, x| sum + x)` says it.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Array;
/// use ndarray::Ix1;
/// let arrays = vec![Array::from(vec![1.0, 2.0]), Array::from(vec![10.0, 20.0])];
/// let sum: Array<f64, Ix1> = arrays.iter().sum();
/// assert_eq!(sum.compute()?.to_vec(), [11.0, 22.0]);
/// assert_eq!(arrays.into_iter().sum::<Array<_, _>>().compute()?.to_vec(), [11.0, 22.0]);
/// # Ok::<(), array::Error>(())
/// ```
impl<A: Number, D: Dimension> Sum for Array<A, D> {
    fn sum<I: Iterator<Item = Array<A, D>>>(arrays: I) -> Array<A, D> {
        arrays.reduce(|sum, other| added(&sum, &other)).unwrap_or_else(|| {
            let message = "a sum of no arrays has no shape; begin with one, as `arrays.fold(Array::zeros(shape), |sum, x| sum + x)` does";
            Array::from_state(Err(Error::new(ErrorKind::Value, message)))
        })
    }
}

/// As that of arrays that are given away.
impl<'a, A: Number, D: Dimension> Sum<&'a Array<A, D>> for Array<A, D> {
    fn sum<I: Iterator<Item = &'a Array<A, D>>>(arrays: I) -> Array<A, D> {
        arrays.cloned().sum()
    }
}

/// The sum of both. `std` does not say where it was asked for: it stands where the later one does.
fn added<A: Number, D: Dimension>(sum: &Array<A, D>, other: &Array<A, D>) -> Array<A, D> {
    let state = sum.state.as_ref().map_err(Clone::clone).and_then(|sum| {
        let other = other.state.as_ref().map_err(Clone::clone)?;
        let (at, add) = (other.location, Arc::new(map2(A::add_)));
        elementwise::<A>("add", at, add, &[sum, other]).map(Arc::new).map_err(|e| e.at(at))
    });
    Array::from_state(state)
}
