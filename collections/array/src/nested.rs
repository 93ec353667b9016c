//! An array of blocks that stand beside and below each other.
//!
//! In: arrays in nested lists. Out: what joining them gives: the innermost lists along the last axis, those around them along the axis before it, and so on, as NumPy's `block`.
//!
//! Not here: joining itself (`join`).

use crate::array::Array;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::join::concatenate;
use ndarray::{Axis, Dimension};

mod sealed {
    pub trait Sealed {}
    impl<A, D> Sealed for super::Array<A, D> {}
    impl<T: Sealed> Sealed for &T {}
    impl<T: Sealed> Sealed for &[T] {}
    impl<T: Sealed> Sealed for Vec<T> {}
    impl<T: Sealed, const N: usize> Sealed for [T; N] {}
}

/// Arrays in lists that are nested equally deep: arrays, slices and `Vec`s of arrays, of such lists, and so on.
pub trait Nested<A, D>: sealed::Sealed {
    /// How deep the lists are; 0 of an array.
    #[doc(hidden)]
    const DEPTH: usize;
    /// All of them as one.
    #[doc(hidden)]
    #[track_caller]
    fn joined(&self) -> Array<A, D>;
}

impl<A: Element, D: Dimension> Nested<A, D> for Array<A, D> {
    const DEPTH: usize = 0;
    fn joined(&self) -> Array<A, D> {
        self.clone()
    }
}

impl<A, D, T: Nested<A, D>> Nested<A, D> for &T {
    const DEPTH: usize = T::DEPTH;
    #[track_caller]
    fn joined(&self) -> Array<A, D> {
        T::joined(self)
    }
}

/// The parts along the axis that lists of this depth are joined along.
#[track_caller]
fn along<A: Element, D: Dimension, T: Nested<A, D>>(parts: &[T], depth: usize) -> Array<A, D> {
    let mut arrays = Vec::with_capacity(parts.len());
    for part in parts {
        arrays.push(part.joined());
    }
    let rank = arrays.iter().find(|array| array.state.is_ok()).map_or(depth, Array::ndim);
    match rank.checked_sub(depth) {
        Some(axis) => concatenate(Axis(axis), &arrays).called("block"),
        // One that is impossible says so itself.
        None => arrays.iter().find(|array| array.state.is_err()).unwrap_or(&arrays[0]).step_of("block", |expr| {
            let message = format!(
                "blocks of shape {:?} in lists that are {depth} deep: they need one axis at least for each list, and `insert_axis` makes more",
                &expr.shape[..]
            );
            Err(Error::new(ErrorKind::Axis, message))
        }),
    }
}

macro_rules! lists {
    ($([$($N:tt)*] $List:ty;)*) => {$(
        impl<A: Element, D: Dimension, T: Nested<A, D> $($N)*> Nested<A, D> for $List {
            const DEPTH: usize = T::DEPTH + 1;
            #[track_caller]
            fn joined(&self) -> Array<A, D> {
                along(&self[..], Self::DEPTH)
            }
        }
    )*};
}
lists! { [] Vec<T>; [] &[T]; [, const N: usize] [T; N]; }

/// The blocks as one array: in lists one deep they stand one after the other along the last axis, in lists of lists each list is a row of blocks, and rows stand below each other, along the
/// axis before the last. All have the rank of the result; [`insert_axis`](Array::insert_axis) makes rows of vectors. Lists are of one type, so an array of
/// `ndarray` is made one of ours before: `Array::from(values)`.
///
/// # Errors
/// Carried by the array: blocks in a row of one height, rows of one width, no empty list, and lists no deeper than the blocks have axes.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, block};
/// let (a, b) = (Array::<i32, _>::eye(2), Array::<i32, _>::ones([2, 1]));
/// let all = block([[&a, &b], [&b, &a]]);
/// assert_eq!(all.compute()?, ndarray::arr2(&[[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 1]]));
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// As [`concatenate`]: a task for each chunk, which copies nothing. Where blocks are cut differently along an axis, some are rechunked.
#[track_caller]
pub fn block<A: Element, D: Dimension>(blocks: impl Nested<A, D>) -> Array<A, D> {
    blocks.joined()
}
