//! Arrays from nothing, from the user's memory, and from functions of the index.
//!
//! In: shapes and what to put there. Out: sources. No memory is taken until a task needs a chunk, and mostly not then: a constant or a number that follows from its
//! index is made in the pass that reads it. Rechunking a source costs nothing.

use crate::array::Array;
use crate::block::Block;
use crate::called::Name;
use crate::element::{Element, Float, Number, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Constant, Expr, Kind, Source};
use crate::grid::{Chunks, Grid, check_said, check_size};
use crate::rearrange::regridded;
use crate::reshape::INFERRED;
use crate::tile::{Generated, Register, type_of};
use crate::walk::Walk;
use ndarray::{
    ArcArray, Array as NdArray, ArrayView, Dimension, IntoDimension, Ix1, Ix2, Ix3, arr1, arr2,
    arr3,
};
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::Arc;

/// A source of this shape, in chunks chosen by bytes.
pub(crate) fn source<A: Element>(
    name: &'static str,
    shape: &[usize],
    location: &'static Location<'static>,
    source: Source,
) -> Result<Expr, Error> {
    let grid = check_size(shape, size_of::<A>())
        .and_then(|()| Grid::new(shape, &Chunks::auto(), size_of::<A>()))
        .map_err(|error| error.of_call(name, location))?;
    let kind = Kind::Source(source);
    Ok(Expr {
        kind,
        name,
        dtype: A::DTYPE,
        of: type_of::<A>(),
        shape: shape.into(),
        grid,
        location,
    })
}

/// The array of a source whose shape the user gives.
pub(crate) fn array<A: Element, D: Dimension>(
    name: &'static str,
    shape: D,
    location: &'static Location<'static>,
    from: Source,
) -> Array<A, D> {
    let said = check_said(shape.slice()).map_err(|error| error.of_call(name, location));
    let made = said.and_then(|()| source::<A>(name, shape.slice(), location, from));
    Array::from_state(made.map(Arc::new))
}

/// Elements that follow from where they stand, counted in C order.
pub(crate) struct ByIndex<A, F>(pub(crate) F, pub(crate) PhantomData<fn() -> A>);

impl<A: Element, F: Fn(usize) -> A + Send + Sync> Generated for ByIndex<A, F> {
    fn fill(&self, walk: &Walk, start: usize, n: usize, register: &mut Register) {
        fill(walk, start, n, register, &self.0);
    }
}

fn fill<A: Element>(
    walk: &Walk,
    start: usize,
    n: usize,
    register: &mut Register,
    f: impl Fn(usize) -> A,
) {
    let out = register.downcast_mut::<Vec<A>>().expect("programs are made with types that fit");
    walk.runs(start, n, |at, step, run| {
        let mut at = at;
        for out in &mut out[run] {
            *out = f(at);
            at = at.wrapping_add_signed(step);
        }
    });
}

/// What a function of the user's gives for each index. Whoever fills a tile with it knows nothing of the function, so a panic is made an error here, and goes on as one.
struct ByFunction<A, F, const N: usize> {
    f: F,
    shape: [usize; N],
    location: &'static Location<'static>,
    element: PhantomData<fn() -> A>,
}

impl<A, F, const N: usize> Generated for ByFunction<A, F, N>
where
    A: Element,
    F: Fn([usize; N]) -> A + Send + Sync,
{
    fn fill(&self, walk: &Walk, start: usize, n: usize, register: &mut Register) {
        let current = Cell::new([0; N]);
        let by_place = |mut at: usize| {
            let mut index = [0; N];
            for axis in (0..N).rev() {
                index[axis] = at % self.shape[axis];
                at /= self.shape[axis];
            }
            current.set(index);
            (self.f)(index)
        };
        let all = AssertUnwindSafe(|| fill(walk, start, n, register, by_place));
        if let Err(payload) = catch_unwind(all) {
            let (function, index) = (Name::of::<F>(), current.get());
            let what = format!("from_fn: {function} panicked on the element at {index:?}");
            resume_unwind(Box::new(Error::panicked(&what, &*payload).at(self.location)));
        }
    }
}

pub(crate) fn by_index<A: Element>(
    f: impl Fn(usize) -> A + Send + Sync + 'static,
    is_cheap: bool,
) -> Source {
    Source::Generated { make: Arc::new(ByIndex(f, PhantomData)), is_cheap }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// An array with the same element everywhere, in chunks of about 4 MiB ([`Chunks::auto`]). Other chunks of this and of all that is made here are said by
    /// [`rechunk`](Array::rechunk), which costs nothing.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from_elem([2, 3], 7_i64);
    /// assert_eq!(x.compute()?, ndarray::arr2(&[[7, 7, 7], [7, 7, 7]]));
    /// assert_eq!(array::Array::from_elem([1000, 1000], 7_i64).rechunk(100).chunk_count(), 100);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "full")]
    #[track_caller]
    pub fn from_elem(shape: impl IntoDimension<Dim = D>, element: A) -> Array<A, D> {
        let constant: Arc<dyn Constant> = Arc::new(element);
        array("from_elem", shape.into_dimension(), Location::caller(), Source::Constant(constant))
    }

    /// An array of what `f` gives for each index, as an array of a usize for each axis.
    ///
    /// `f` is called when a chunk is computed, once for each element unless the array is read in several places of a graph that computes with parts
    /// of it only.
    ///
    /// # Errors
    /// Of the task: a panic of `f`, with the index.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<_, ndarray::Ix2>::from_fn([2, 3], |[i, j]| 10 * i as i64 + j as i64);
    /// assert_eq!(x.compute()?, ndarray::arr2(&[[0, 1, 2], [10, 11, 12]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("fromfunction", "from_shape_fn"))]
    #[track_caller]
    pub fn from_fn<const N: usize>(
        shape: [usize; N],
        f: impl Fn([usize; N]) -> A + Send + Sync + 'static,
    ) -> Array<A, D>
    where
        [usize; N]: IntoDimension<Dim = D>,
    {
        let location = Location::caller();
        let make = Arc::new(ByFunction { f, shape, location, element: PhantomData });
        let from = Source::Generated { make, is_cheap: false };
        array("from_fn", shape.into_dimension(), location, from)
    }

    /// The array of an `ndarray` array, owned or shared, without copying it.
    ///
    /// The memory is shared if its elements lie in it without gaps, in any order of axes; of a part of a shared array, or one that is turned
    /// round, the elements are copied.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from_ndarray(ndarray::arr2(&[[1, 2], [3, 4]]));
    /// assert_eq!(x.sum().compute()?.into_scalar(), 10_i64);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("asarray", "from_array"))]
    #[track_caller]
    pub fn from_ndarray(values: impl Into<ArcArray<A, D>>) -> Array<A, D> {
        let values: ArcArray<A, D> = values.into();
        let shape = values.raw_dim();
        let block = Block::from_array(values.into_dyn());
        array("from_ndarray", shape, Location::caller(), Source::Memory(block))
    }
}

/// `Array::from_ndarray`.
impl<A: Element, D: Dimension> From<NdArray<A, D>> for Array<A, D> {
    #[track_caller]
    fn from(values: NdArray<A, D>) -> Array<A, D> {
        Array::from_ndarray(values)
    }
}

/// `Array::from_ndarray`.
impl<A: Element, D: Dimension> From<ArcArray<A, D>> for Array<A, D> {
    #[track_caller]
    fn from(values: ArcArray<A, D>) -> Array<A, D> {
        Array::from_ndarray(values)
    }
}

/// A copy of an array of `ndarray`.
impl<A: Element, D: Dimension> From<&NdArray<A, D>> for Array<A, D> {
    #[track_caller]
    fn from(values: &NdArray<A, D>) -> Array<A, D> {
        Array::from_ndarray(values.clone())
    }
}

/// A copy of a part of an array of `ndarray`.
impl<A: Element, D: Dimension> From<ArrayView<'_, A, D>> for Array<A, D> {
    #[track_caller]
    fn from(values: ArrayView<'_, A, D>) -> Array<A, D> {
        Array::from_ndarray(values.to_owned())
    }
}

/// An array of rank 1: `Array::from([1.0, 2.0])`.
impl<A: Element, const N: usize> From<[A; N]> for Array<A, Ix1> {
    #[track_caller]
    fn from(values: [A; N]) -> Array<A, Ix1> {
        Array::from(arr1(&values))
    }
}

/// An array of rank 2, of its rows.
impl<A: Element, const M: usize, const N: usize> From<[[A; N]; M]> for Array<A, Ix2> {
    #[track_caller]
    fn from(rows: [[A; N]; M]) -> Array<A, Ix2> {
        Array::from(arr2(&rows))
    }
}

/// An array of rank 2, of its rows.
impl<A: Element, const N: usize> From<Vec<[A; N]>> for Array<A, Ix2> {
    #[track_caller]
    fn from(rows: Vec<[A; N]>) -> Array<A, Ix2> {
        Array::from(NdArray::from(rows))
    }
}

/// An array of rank 3.
impl<A: Element, const L: usize, const M: usize, const N: usize> From<[[[A; N]; M]; L]>
    for Array<A, Ix3>
{
    #[track_caller]
    fn from(values: [[[A; N]; M]; L]) -> Array<A, Ix3> {
        Array::from(arr3(&values))
    }
}

/// An array of rank 1.
impl<A: Element> From<Vec<A>> for Array<A, Ix1> {
    #[track_caller]
    fn from(values: Vec<A>) -> Array<A, Ix1> {
        Array::from_ndarray(NdArray::from(values))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// An array of the same shape, in the same chunks, with the same element everywhere. Nothing of this array is computed for it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::ones([2, 3]).rechunk(1);
    /// assert_eq!(x.full_like(7.0).compute()?, ndarray::arr2(&[[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]]));
    /// assert_eq!(x.full_like(7.0).chunk_count(), 6);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn full_like(&self, element: A) -> Array<A, D> {
        let location = Location::caller();
        self.step(|expr| {
            let constant: Arc<dyn Constant> = Arc::new(element);
            let made = source::<A>("full", &expr.shape, location, Source::Constant(constant))?;
            Ok(regridded(&Arc::new(made), expr.grid.clone()))
        })
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Zeros in the shape and the chunks of this array.
    #[track_caller]
    pub fn zeros_like(&self) -> Array<A, D>
    where
        A: Number,
    {
        self.full_like(A::ZERO).called("zeros_like")
    }

    /// Ones in the shape and the chunks of this array.
    #[track_caller]
    pub fn ones_like(&self) -> Array<A, D>
    where
        A: Number,
    {
        self.full_like(A::ONE).called("ones_like")
    }

    /// Zeros.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::zeros([1000, 1000, 1000]);
    /// assert_eq!(x.sum().compute()?.into_scalar(), 0.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn zeros(shape: impl IntoDimension<Dim = D>) -> Array<A, D>
    where
        A: Number,
    {
        Array::from_elem(shape, A::ZERO).called("zeros")
    }

    /// Ones.
    #[track_caller]
    pub fn ones(shape: impl IntoDimension<Dim = D>) -> Array<A, D>
    where
        A: Number,
    {
        Array::from_elem(shape, A::ONE).called("ones")
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The identity of shape `(n, n)`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::<i32, _>::eye(2).compute()?, ndarray::arr2(&[[1, 0], [0, 1]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn eye(n: usize) -> Array<A, Ix2>
    where
        A: Number,
    {
        let one_or_zero = move |at: usize| if at / n == at % n { A::ONE } else { A::ZERO };
        array("eye", [n, n].into_dimension(), Location::caller(), by_index(one_or_zero, true))
    }
}

impl<A: Element> Array<A, Ix1> {
    /// The numbers from `start` on, `step` apart, before `end`: `ceil((end - start) / step)` of them, as NumPy's `arange`.
    ///
    /// Element `i` is `start + i * step`, so errors don't add up.
    ///
    /// # Errors
    /// Carried by the array: of a step of zero, and of numbers that are not finite.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// assert_eq!(Array::arange(0, 10, 3).compute()?.to_vec(), [0, 3, 6, 9]);
    /// assert_eq!(Array::arange(1.0, 0.0, -0.5).compute()?.to_vec(), [1.0, 0.5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "range")]
    #[track_caller]
    pub fn arange(start: A, end: A, step: A) -> Array<A, Ix1>
    where
        A: Real,
    {
        let location = Location::caller();
        let count = count_of_steps(start, end, step);
        let state = count.map_err(|error| error.of_call("arange", location)).and_then(|count| {
            let number = move |at: usize| start.add_(A::from_count(at).mul_(step));
            source::<A>("arange", &[count], location, by_index(number, true))
        });
        Array::from_state(state.map(Arc::new))
    }
}

/// How many steps there are before the end.
fn count_of_steps<A: Real>(start: A, end: A, step: A) -> Result<usize, Error> {
    let (from, to, by) = (start.to_f64(), end.to_f64(), step.to_f64());
    let wrong = |what: &str| {
        let message = format!("arange from {start:?} to {end:?} in steps of {step:?}: {what}");
        Error::new(ErrorKind::Value, message)
    };
    if by == 0.0 {
        return Err(wrong("a step of zero gets nowhere; give another"));
    }
    if !(from.is_finite() && to.is_finite() && by.is_finite()) {
        return Err(wrong("the numbers have to be finite"));
    }
    A::steps(start, end, step)
        .filter(|&count| count != INFERRED)
        .ok_or_else(|| wrong("these are more than can be counted; make the step longer"))
}

impl<A: Element> Array<A, Ix1> {
    /// `n` numbers evenly spaced from `start` to `end`, both included, as NumPy's `linspace`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// assert_eq!(array::Array::linspace(0.0, 1.0, 5).compute()?.to_vec(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn linspace(start: A, end: A, n: usize) -> Array<A, Ix1>
    where
        A: Float,
    {
        let parts = A::from_f64(n.saturating_sub(1).max(1) as f64);
        let step = end.sub_(start).div_(parts);
        let number = move |at: usize| {
            if at + 1 == n && n > 1 { end } else { start.add_(A::from_count(at).mul_(step)) }
        };
        array("linspace", [n].into_dimension(), Location::caller(), by_index(number, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_numbers_as_can_be_counted_are_too_many() {
        let said = |error: Option<Error>| error.map(|error| error.to_string()).unwrap_or_default();
        let text = "these are more than can be counted; make the step longer";
        let signed = said(Array::arange(i64::MIN, i64::MAX, 1).check().err());
        let unsigned = said(Array::arange(0, u64::MAX, 1).check().err());
        assert!(signed.contains(text) && unsigned.contains(text), "{signed}; {unsigned}");
    }
}
