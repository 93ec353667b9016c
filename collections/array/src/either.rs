//! Arrays of either kind, where a function takes several.
//!
//! In: a lazy array or one of `ndarray`, given away or lent. Out: a lazy array.
//!
//! Not here: what stands for an array too where there is no doubt about ranks: numbers (`elementwise`, `operators`).

use crate::array::Array;
use crate::element::Element;
use ndarray::{ArcArray, Array as NdArray, ArrayView, Dimension};

/// An array, or one of `ndarray` or a view of it, of elements `A`.
///
/// What `ndarray` owns is taken over as [`Array::from_ndarray`] does, without a copy if its elements lie without gaps; what is borrowed, and a view, is copied. One that is used again is better
/// made an array once, `Array::from(values)`.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, concatenate};
/// use ndarray::{Axis, arr1};
/// let (x, last) = (Array::arange(0, 3, 1), arr1(&[7, 8]));
/// assert_eq!(concatenate(Axis(0), (&x, &last)).compute()?.to_vec(), [0, 1, 2, 7, 8]);
/// assert!(x.isin(last).any().compute()?.into_scalar() == false);
/// # Ok::<(), array::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no array of `{A}`",
    label = "neither an array nor one of `ndarray`, of elements `{A}`",
    note = "`.cast()` gives an array another type of elements; `Array::from(values)` makes one of a `Vec`, and of rows `[[1.0, 2.0], [3.0, 4.0]]`; what a task computes is waited for, `handle.await`"
)]
pub trait AnyArray<A>: sealed::Sealed {
    /// Its rank.
    type Dim: Dimension;
    /// The array.
    #[doc(hidden)]
    #[track_caller]
    fn lazy(self) -> Array<A, Self::Dim>;
}
mod sealed {
    pub trait Sealed {}
}

macro_rules! arrays {
    ($($Own:ty, $this:ident => $lazy:expr;)*) => {$(
        impl<A, D> sealed::Sealed for $Own {}
        #[diagnostic::do_not_recommend]
        impl<A: Element, D: Dimension> AnyArray<A> for $Own {
            type Dim = D;
            fn lazy(self) -> Array<A, D> {
                let $this = self;
                $lazy
            }
        }
    )*};
}
arrays! {
    Array<A, D>, array => array;
    &Array<A, D>, array => array.clone();
    // What a loop over references gives.
    &&Array<A, D>, array => Array::clone(array);
    NdArray<A, D>, values => Array::from_ndarray(values);
    &NdArray<A, D>, values => Array::from_ndarray(values.clone());
    ArcArray<A, D>, values => Array::from_ndarray(values);
    &ArcArray<A, D>, values => Array::from_ndarray(values.clone());
    ArrayView<'_, A, D>, values => Array::from_ndarray(values.to_owned());
    &ArrayView<'_, A, D>, values => Array::from_ndarray(values.to_owned());
}
