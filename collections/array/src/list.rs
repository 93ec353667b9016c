//! Lists of values that are there already: indices, masks, weights, edges.
//!
//! In: what a call is given: slices, arrays and `Vec`s, and arrays of `ndarray` of rank 1, as lazy arrays give when they are computed. Out: one slice; what does not lie in one piece is copied.
//!
//! Not here: lists of lazy arrays (`join`).

use ndarray::{ArrayBase, Data, Ix1};
use std::borrow::Cow;
use std::sync::Arc;

/// Several values that are there already: an array, a slice or a `Vec`, or an array of `ndarray` of rank 1; each also by reference.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Array;
/// use ndarray::Axis;
/// let x = Array::arange(0, 6, 1);
/// assert_eq!(x.select(Axis(0), [4, 0]).compute()?.to_vec(), [4, 0]);
/// let is_even = (&x % 2).equal(0).compute()?;
/// assert_eq!(x.compress(Axis(0), &is_even).compute()?.to_vec(), [0, 2, 4]);
/// # Ok::<(), array::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of `{T}`",
    label = "neither a slice, an array or a `Vec` of `{T}`, nor an array of `ndarray` of rank 1",
    note = "a list is `[a, b]`, `&values`, a `Vec`, or what a lazy array of rank 1 gives, `&x.compute()?`; literals are written as those of that type, `1.0` for `f64`"
)]
pub trait List<T>: sealed::Sealed {
    /// All of them.
    #[doc(hidden)]
    fn list(&self) -> Cow<'_, [T]>
    where
        T: Clone;
}
mod sealed {
    pub trait Sealed {}
}

macro_rules! lists {
    ($([$($generics:tt)*] $List:ty;)*) => {$(
        impl<T, $($generics)*> sealed::Sealed for $List {}
        #[diagnostic::do_not_recommend]
        impl<T, $($generics)*> List<T> for $List {
            fn list(&self) -> Cow<'_, [T]>
            where
                T: Clone,
            {
                Cow::Borrowed(&self[..])
            }
        }
    )*};
}
lists! {
    [] [T];
    [] Vec<T>;
    [] Box<[T]>;
    [] Arc<[T]>;
    [const N: usize] [T; N];
}

impl<L: sealed::Sealed + ?Sized> sealed::Sealed for &L {}
#[diagnostic::do_not_recommend]
impl<T, L: List<T> + ?Sized> List<T> for &L {
    fn list(&self) -> Cow<'_, [T]>
    where
        T: Clone,
    {
        (**self).list()
    }
}

impl<S: Data> sealed::Sealed for ArrayBase<S, Ix1> {}
#[diagnostic::do_not_recommend]
impl<T, S: Data<Elem = T>> List<T> for ArrayBase<S, Ix1> {
    fn list(&self) -> Cow<'_, [T]>
    where
        T: Clone,
    {
        match self.as_slice() {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(self.to_vec()),
        }
    }
}

/// An integer that is a position along an axis.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of indices",
    label = "indices are integers",
    note = "a list of indices has elements of any type of integers of 32 or 64 bits"
)]
pub trait Position: Copy + std::fmt::Display + positions::Sealed {
    /// As the type of lengths: what is no position is beyond all axes.
    #[doc(hidden)]
    fn index(self) -> usize;
    /// Whether it is negative, or was before it became a `usize`.
    #[doc(hidden)]
    fn is_from_end(self) -> bool;
}
mod positions {
    pub trait Sealed {}
}
macro_rules! positions {
    ($($I:ident: $is_from_end:expr;)*) => {$(
        impl positions::Sealed for $I {}
        impl Position for $I {
            fn index(self) -> usize {
                // A negative one stays recognisable as such.
                usize::try_from(self).or_else(|_| isize::try_from(self).map(|index| index as usize)).unwrap_or(usize::MAX)
            }
            fn is_from_end(self) -> bool {
                $is_from_end(self)
            }
        }
    )*};
}
positions! {
    usize: |index| (index as isize) < 0;
    u64: |_| false;
    u32: |_| false;
    isize: |index| index < 0;
    i64: |index| index < 0;
    i32: |index| index < 0;
}
