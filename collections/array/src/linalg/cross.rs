//! The vector product of vectors of length 3.
//!
//! In: two arrays with vectors along an axis. Out: elementwise steps of their components, which are stacked.
//!
//! Not here: products of matrices (`product`).

use crate::array::{Array, check_axis};
use crate::either::AnyArray;
use crate::element::Number;
use crate::elementwise::broadcast;
use crate::error::{Error, ErrorKind};
use crate::join::stack;
use crate::views::permuted;
use ndarray::{Axis, RemoveAxis};

impl<A: Number, D: RemoveAxis> Array<A, D> {
    /// The vector product of vectors of length 3 along an axis with those of another array of the same rank, which broadcasts along the other axes. NumPy's `cross`.
    ///
    /// # Errors
    /// Carried by the array: both have to have as many axes, length 3 along this one, and to broadcast.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::{Axis, arr2};
    /// let x = Array::from(arr2(&[[1, 0, 0], [1, 2, 3]]));
    /// let y = Array::from(arr2(&[[0, 1, 0], [4, 5, 6]]));
    /// assert_eq!(x.cross(&y, Axis(1)).compute()?, arr2(&[[0, 0, 1], [-3, 6, -3]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Three tasks for each chunk, one for each component: chunks have length 1 along the axis.
    #[track_caller]
    pub fn cross(&self, other: impl AnyArray<A, Dim = D>, axis: Axis) -> Array<A, D> {
        let other = other.lazy();
        let checked: Array<A, D> = self.step(|a| {
            let b = other.state.as_ref().map_err(Clone::clone)?;
            for shape in [&a.shape, &b.shape] {
                check_axis(axis.0, shape)?;
            }
            if a.shape.len() != b.shape.len() {
                let message = format!(
                    "no cross product of shapes {:?} and {:?}: give arrays of one rank, as `insert_axis` makes them",
                    &a.shape[..],
                    &b.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            if [a, b].iter().any(|vectors| vectors.shape[axis.0] != 3) {
                let message = format!(
                    "no cross product of shapes {:?} and {:?} along axis {}: vectors have to be of length 3; with a third component of 0 those of length 2 are",
                    &a.shape[..],
                    &b.shape[..],
                    axis.0
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            broadcast("cross", &[a, b])?;
            permuted(a, &(0..a.shape.len()).collect::<Vec<_>>())
        });
        if checked.state.is_err() {
            return checked;
        }
        let part = |of: &Array<A, D>, at: usize| of.clone().into_dyn().index_axis(axis, at);
        let ([a, b, c], [x, y, z]) =
            ([0, 1, 2].map(|at| part(self, at)), [0, 1, 2].map(|at| part(&other, at)));
        // Not in a closure, of whose steps the line here would be told.
        let components = [&b * &z - &c * &y, &c * &x - &a * &z, &a * &y - &b * &x];
        let components = components.map(|component| component.planned_as("cross"));
        stack(axis, &components).into_dimensionality().called("cross").planned_as("cross")
    }
}
