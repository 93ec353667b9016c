//! The array as users hold it: an expression, or the error of the step that made none.
//!
//! In: operations. Out: results, graphs, and what can be said before anything is computed. Every operation goes through [`Array::step`], which keeps the first error.

use crate::called::surrounding;
use crate::element::{DType, Element};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::grid::Grid;
use crate::lower::Lowering;
use crate::pages;
use crate::rearrange::in_any_chunks;
use crate::reducing::OneAxis;
use crate::together::whole;
use ndarray::{ArrayD, ArrayViewMutD, Axis, Dimension, Ix2, IxDyn};
use std::fmt::{Debug, Display, Formatter};
use std::marker::{PhantomData, PhantomPinned};
use std::panic::Location;
use std::sync::Arc;
use taskweave_runtime::{Graph, Scheduler};

/// An n-dimensional array that is computed chunk by chunk, in parallel, when it is asked for.
///
/// It holds an expression: operations build larger expressions, at once and without computing anything. [`compute`](Array::compute) makes a
/// task graph of it and runs that; what elementwise operations, views and the reduction that follows do to a chunk is one pass over its
/// memory. `A` is the element type, `D` the rank as in `ndarray`: `Ix0` to `Ix6`, or `IxDyn` if it is known at run time only.
///
/// An impossible step, such as adding shapes that don't fit, gives an array that carries its error (the first one, with its line in the source) to
/// [`check`](Array::check) or `compute`. Cloning an array shares its expression: what is used twice is computed once.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Array;
/// let x = Array::<f64, _>::from_fn([4, 3], |[i, j]| (i * 3 + j) as f64).rechunk(2);
/// let y = ((&x - x.mean()) / x.std(0.0)).sum();
/// assert!(y.compute()?.into_scalar().abs() < 1e-12);
/// # Ok::<(), array::Error>(())
/// ```
#[must_use = "an array does nothing until it is computed"]
pub struct Array<A, D> {
    pub(crate) state: Result<ExprRef, Error>,
    /// Its own type's, not its content's, auto traits; never `Unpin`, so that it is never taken for a plain value of a task.
    types: PhantomData<fn() -> (A, D)>,
    _late: PhantomPinned,
}

/// What goes wrong while an array is computed is not seen in the array.
impl<A, D> std::panic::UnwindSafe for Array<A, D> {}
impl<A, D> std::panic::RefUnwindSafe for Array<A, D> {}

impl<A, D> Clone for Array<A, D> {
    /// O(1): the expression is shared.
    fn clone(&self) -> Self {
        Array::from_state(self.state.clone())
    }
}

impl<A, D> Array<A, D> {
    pub(crate) fn from_state(state: Result<ExprRef, Error>) -> Self {
        Array { state, types: PhantomData, _late: PhantomPinned }
    }

    /// The array that `step` makes of this one, or its error, with the caller's line, and the name of the function that it is written in; nothing, if there is an error already.
    #[track_caller]
    pub(crate) fn step<B, E>(
        &self,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        self.step_at(Location::caller(), step)
    }

    /// [`Array::step`] of a function that has not the name of the operation.
    #[track_caller]
    pub(crate) fn step_of<B, E>(
        &self,
        operation: &'static str,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        let made = self.state.as_ref().map_err(Clone::clone).and_then(step);
        Array::made_at(operation, Location::caller(), made)
    }

    /// The array, whose error, if it comes from a step that stands where the caller stands, is one of `operation`: of what is made of other operations.
    #[track_caller]
    pub(crate) fn called(self, operation: &'static str) -> Array<A, D> {
        let location = Location::caller();
        Array::from_state(self.state.map_err(|error| error.of_caller(operation, location)))
    }

    /// The array, whose last step is called `operation` in plans, if nobody else has it yet: what is made of other operations.
    pub(crate) fn planned_as(self, operation: &'static str) -> Array<A, D> {
        let mut state = self.state;
        if let Some(own) = state.as_mut().ok().and_then(Arc::get_mut) {
            own.name = operation;
        }
        Array::from_state(state)
    }

    /// [`Array::step`], in a closure, which has no caller's line.
    pub(crate) fn step_at<B, E>(
        &self,
        location: &'static Location<'static>,
        step: impl FnOnce(&ExprRef) -> Result<Expr, Error>,
    ) -> Array<B, E> {
        let operation = surrounding(&step);
        let made = self.state.as_ref().map_err(Clone::clone).and_then(step);
        Array::made_at(operation, location, made)
    }

    /// The array of an expression that was made, or not, by a step at `location`.
    pub(crate) fn made_at(
        operation: &'static str,
        location: &'static Location<'static>,
        made: Result<Expr, Error>,
    ) -> Array<A, D> {
        let placed = made.map_err(|error| error.of_call(operation, location));
        Array::from_state(placed.map(|mut made| {
            made.stands_at(location);
            Arc::new(made)
        }))
    }
}

/// The shape of an array with an error, of the largest rank that a type has.
static NO_LENGTHS: [usize; 6] = [0; 6];

impl<A: Element, D: Dimension> Array<A, D> {
    /// Finds what is wrong with the array without computing it: the error of the first impossible step.
    ///
    /// # Errors
    /// Of shapes, axes, chunks and indices that don't fit; see [`ErrorKind`].
    pub fn check(&self) -> Result<(), Error> {
        self.state.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// The lengths of the axes.
    ///
    /// An array that carries an [error](Array::check) has no shape. It has the axes that its type says, each of length 0, so that `x.shape()[0]` is a number and the error is what is seen, at
    /// `compute`; of rank `IxDyn` this is `[]`. Nothing else tells such an array from an empty one: whoever decides by the shape says [`check`](Array::check) first. `println!("{x}")` shows the
    /// error in place of the shape.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::<f64, _>::zeros([4, 2]);
    /// assert_eq!(x.shape(), [4, 2]);
    /// let wrong = &x + Array::<f64, _>::zeros([4, 3]);
    /// assert_eq!(wrong.shape(), [0, 0]);
    /// let error = wrong.check().unwrap_err();
    /// assert!(error.to_string().ends_with("axis 1 has lengths 2 and 3, which have to be equal or 1"));
    /// ```
    pub fn shape(&self) -> &[usize] {
        match &self.state {
            Ok(expr) => &expr.shape,
            Err(_) => &NO_LENGTHS[..D::NDIM.unwrap_or(0)],
        }
    }

    /// The [`shape`](Array::shape) as numbers: of a matrix a pair.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let (rows, columns) = array::Array::<f64, _>::zeros([4, 2]).dim();
    /// assert_eq!(rows * columns, 8);
    /// ```
    pub fn dim(&self) -> D::Pattern {
        self.raw_dim().into_pattern()
    }

    /// The [`shape`](Array::shape) as `ndarray` has it: what makes another array of the same shape.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let x = Array::<f64, _>::zeros([4, 2]);
    /// assert_eq!(Array::from_elem(x.raw_dim(), true).shape(), [4, 2]);
    /// ```
    pub fn raw_dim(&self) -> D {
        let mut lengths = D::zeros(self.ndim());
        lengths.slice_mut().copy_from_slice(self.shape());
        lengths
    }

    /// The length of an axis; of one that the array does not have 0.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Axis;
    /// let x = array::Array::<f64, _>::zeros([4, 2]);
    /// assert_eq!((x.len_of(Axis(1)), x.len_of(Axis(2))), (2, 0));
    /// ```
    pub fn len_of(&self, axis: Axis) -> usize {
        self.shape().get(axis.0).copied().unwrap_or(0)
    }

    /// The number of axes; of an array with an error what its type says, and 0 of rank `IxDyn`.
    pub fn ndim(&self) -> usize {
        self.shape().len()
    }

    /// The number of elements; of an array with an error 0.
    #[doc(alias = "size")]
    pub fn len(&self) -> usize {
        self.state.as_ref().map_or(0, |expr| expr.shape.iter().product())
    }

    /// Whether there are no elements; of an array with an error `true`.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type of the elements, which the array's own type says too, as it is at run time.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f32, _>::zeros([4, 2]);
    /// assert_eq!((x.dtype().name, x.dtype().size), ("f32", 4));
    /// assert_eq!(x.gt(0.0).dtype().to_string(), "bool");
    /// ```
    #[doc(alias = "itemsize")]
    pub fn dtype(&self) -> DType {
        A::DTYPE
    }

    /// The bytes of all elements, as many as the result of [`compute`](Array::compute) takes, or a file; what computing takes is said by [`plan`](Array::plan). Of an array with an error 0.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::zeros([1000, 20]);
    /// assert_eq!(x.nbytes(), 160_000);
    /// assert_eq!(x.mean().nbytes(), 8);
    /// ```
    pub fn nbytes(&self) -> u64 {
        self.len() as u64 * A::DTYPE.size as u64
    }

    /// The number of chunks; of an array with an error 0.
    #[doc(alias = "npartitions")]
    pub fn chunk_count(&self) -> usize {
        self.state.as_ref().map_or(0, |expr| expr.grid.count())
    }

    /// The lengths of the chunks along an axis; of an axis that the array does not have, none. Of an array with an error one, of length 0, as its [`shape`](Array::shape) says.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::zeros([100, 90]).rechunk(40);
    /// assert_eq!(x.chunk_lengths(0), [40, 40, 20]);
    /// assert_eq!(x.chunk_lengths(ndarray::Axis(1)), [40, 40, 10]);
    /// ```
    #[doc(alias = "chunks")]
    pub fn chunk_lengths(&self, axis: impl OneAxis) -> Vec<usize> {
        let axis = axis.number();
        match &self.state {
            _ if axis >= self.ndim() => Vec::new(),
            Ok(expr) => expr.grid.bounds(axis).windows(2).map(|ends| ends[1] - ends[0]).collect(),
            Err(_) => vec![0],
        }
    }
}

impl<A: Element> Array<A, Ix2> {
    /// The number of rows: the length of axis 0.
    pub fn nrows(&self) -> usize {
        self.shape()[0]
    }

    /// The number of columns: the length of axis 1.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::zeros([4, 2]);
    /// assert_eq!((x.nrows(), x.ncols()), (4, 2));
    /// ```
    pub fn ncols(&self) -> usize {
        self.shape()[1]
    }
}

impl<A: Element, D: Dimension + 'static> Array<A, D> {
    /// Computes the array, on all cores, or whatever [`with_scheduler`](taskweave_runtime::with_scheduler) and the environment say.
    ///
    /// The result is an array of `ndarray` of the same rank, also of rank 0, as a sum of everything is: its number is `.into_scalar()`.
    ///
    /// # Errors
    /// That of [`check`](Array::check), or that of the task that failed.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Error};
    /// fn total(x: &Array<f64, ndarray::Ix2>) -> Result<f64, Error> {
    ///     Ok(x.sum().compute()?.into_scalar())
    /// }
    /// assert_eq!(total(&Array::ones([4, 2]))?, 8.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// The result, and for each worker the blocks of a few chunks. A task for each chunk of whatever is not computed inside the tasks of what follows.
    pub fn compute(&self) -> Result<ndarray::Array<A, D>, Error> {
        self.compute_with(|graph| graph.compute())
    }

    /// [`compute`](Array::compute) on a scheduler of the caller's choice.
    ///
    /// # Errors
    /// As [`compute`](Array::compute).
    pub fn compute_on(
        &self,
        scheduler: &(impl Scheduler + ?Sized),
    ) -> Result<ndarray::Array<A, D>, Error> {
        self.compute_with(|graph| graph.compute_on(scheduler))
    }

    /// Lets the tasks write to where each chunk belongs in the result, so that nothing is copied at the end, on one thread.
    fn compute_with(
        &self,
        compute: impl FnOnce(Graph<'_, Vec<()>>) -> Result<Vec<()>, taskweave_runtime::Error>,
    ) -> Result<ndarray::Array<A, D>, Error> {
        let expr = in_any_chunks(self.state.as_ref().map_err(Clone::clone)?);
        let mut all = room_for_result::<A>(expr)?;
        let roots = std::slice::from_ref(expr);
        let parts = parts(all.view_mut(), &expr.grid);
        compute(Graph::build(|builder| Lowering::new(roots).write_to(builder, expr, parts)))?;
        Ok(all.into_dimensionality().expect("an expression has the rank of its array"))
    }

    /// The graph that computes the array: to look at, to run in the background, to pass to a task of another graph. Its tasks have the names of the operations that they end with, `sum` or
    /// `map_blocks`; one that several reductions share is a `reduce`.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    #[doc(alias = "visualize")]
    pub fn to_graph(&self) -> Result<Graph<'static, ndarray::Array<A, D>>, Error> {
        let expr = in_any_chunks(self.state.as_ref().map_err(Clone::clone)?);
        Ok(Graph::build(|builder| whole(builder, expr.location, expr, true)))
    }
}

/// The parts of an array that are the chunks, in C order, one after the other: all of them together take more than very small chunks.
pub(crate) fn parts<'a, A>(
    whole: ArrayViewMutD<'a, A>,
    grid: &Grid,
) -> impl Iterator<Item = ArrayViewMutD<'a, A>> {
    // What is left, the axis that it is cut along next, and the number of its first chunk there.
    let mut left = vec![(whole, 0, 0)];
    std::iter::from_fn(move || {
        loop {
            let (rest, axis, at) = left.pop()?;
            if axis == grid.rank() {
                return Some(rest);
            }
            if at < grid.count_along(axis) {
                let (part, after) = rest.split_at(Axis(axis), grid.range(axis, at).len());
                left.extend([(after, axis, at + 1), (part, axis + 1, 0)]);
            }
        }
    })
}

/// An array for the result, of zeros.
pub(crate) fn room_for_result<A: Element>(expr: &Expr) -> Result<ArrayD<A>, Error> {
    let memory = pages::untouched(expr.shape.iter().product()).ok_or_else(|| {
        Error::no_memory_for_result(&expr.shape, size_of::<A>()).at(expr.location)
    })?;
    Ok(ArrayD::from_shape_vec(IxDyn(&expr.shape), memory).expect("as long as its shape says"))
}

/// Element type, shape, chunks, tasks and bytes. Of an array that carries an error, which has no shape: "no array: ", and the error.
impl<A: Element, D> Display for Array<A, D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let expr = match &self.state {
            Ok(expr) => expr,
            Err(error) => return write!(f, "no array: {error}"),
        };
        let (chunks, tasks) =
            (expr.grid.count(), Lowering::new(std::slice::from_ref(in_any_chunks(expr))).tasks());
        write!(
            f,
            "{} array of shape {:?} in chunks of {}: {} chunk{}, {} task{}, {}",
            A::DTYPE,
            &expr.shape[..],
            expr.grid,
            Grouped(chunks),
            if chunks == 1 { "" } else { "s" },
            Grouped(tasks),
            if tasks == 1 { "" } else { "s" },
            Bytes(expr.shape.iter().product::<usize>() as u64 * A::DTYPE.size as u64)
        )
    }
}

/// As `Display`: elements are not computed to be shown.
impl<A: Element, D> Debug for Array<A, D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

/// A number with its thousands apart.
pub(crate) struct Grouped(pub(crate) usize);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A number of bytes, shown in the unit that suits it.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// assert_eq!(array::Bytes(3 << 20).to_string(), "3.0 MiB");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < units.len() {
            value /= 1024.0;
            unit += 1;
        }
        if unit == 0 {
            write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
        } else {
            write!(f, "{value:.1} {}", units[unit])
        }
    }
}

/// Checks that an axis exists.
pub(crate) fn check_axis(axis: usize, shape: &[usize]) -> Result<(), Error> {
    if axis < shape.len() {
        return Ok(());
    }
    let axes = match shape.len() {
        0 => "no axes".to_owned(),
        1 => "axis 0 only".to_owned(),
        n => format!("axes 0 to {}", n - 1),
    };
    let mut message =
        format!("there is no axis {} in shape {shape:?}, which has {axes}", axis as isize);
    // As NumPy counts from the last one: `-1 as usize`.
    if let Some(counted) =
        shape.len().checked_add_signed(axis as isize).filter(|_| (axis as isize) < 0)
    {
        message +=
            &format!("; axes are not counted from the last one here: that is axis {counted}");
    }
    Err(Error::new(ErrorKind::Axis, message))
}
