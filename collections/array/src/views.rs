//! The same elements, arranged otherwise: transposed, sliced, broadcast.
//!
//! In: an array and how to look at it. Out: view expressions, which move nothing: what reads them reads the blocks below at other places, and chunks that nobody
//! looks at are never computed. The chunks of a view are those of its array, as far as they are seen.
//!
//! Not here: what needs elements of several chunks in one (`rearrange`).

use crate::array::{Array, check_axis};
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted, is_or_are};
use crate::expr::{Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid, beyond_axis, check_said, check_size};
use crate::map::{Along, Map};
use crate::sizes::{cut, elements_by_itself};
use ndarray::{Axis, Dimension, IntoDimension, IxDyn, RemoveAxis, SliceInfo, SliceInfoElem};
use ndarray::{Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6};
use smallvec::SmallVec;

/// The view of `input` through `map`, in chunks that follow from the input's. What repeats is cut, where chunks would be larger than the input's and than chunks are by themselves.
pub(crate) fn view(
    name: &'static str,
    input: &ExprRef,
    map: Map,
    shape: Dims,
) -> Result<Expr, Error> {
    check_size(&shape, input.dtype.size)?;
    let mut grid = seen_grid(input, &map, &shape);
    cut(&mut grid, input.grid.largest().max(elements_by_itself(&shape, input.dtype.size)));
    grid.check_count(&shape)?;
    Ok(view_in(name, input, map, shape, grid))
}

/// The largest chunks of a view each of which lies in one chunk of its input.
pub(crate) fn seen_grid(input: &Expr, map: &Map, shape: &[usize]) -> Grid {
    let mut grid = Grid::whole(shape);
    for (axis, bounds) in map.bounds(&input.grid, shape) {
        grid.refine(axis, &bounds);
    }
    grid
}

/// The view of `input` in these chunks, each of which has to lie in one of [`seen_grid`].
pub(crate) fn view_in(
    name: &'static str,
    input: &ExprRef,
    map: Map,
    shape: Dims,
    grid: Grid,
) -> Expr {
    let (dtype, of, location) = (input.dtype, input.of, input.location);
    let kind = Kind::View { input: input.clone(), map };
    Expr { kind, name, dtype, of, shape, grid, location }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The array with its axes in the opposite order: the transposed matrix.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]));
    /// assert_eq!(x.t().compute()?, ndarray::arr2(&[[1, 4], [2, 5], [3, 6]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "transpose")]
    #[track_caller]
    pub fn t(&self) -> Array<A, D> {
        self.step(|expr| {
            let order: Dims = (0..expr.shape.len()).rev().collect();
            permuted(expr, &order)
        })
    }

    /// The array with its axes in another order: axis `i` of the result is axis `axes[i]` of the array.
    ///
    /// # Errors
    /// Carried by the array: each axis has to be named once.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f32, _>::zeros([2, 3, 4]);
    /// assert_eq!(x.permuted_axes([2, 0, 1]).shape(), [4, 2, 3]);
    /// assert!(x.permuted_axes([2, 0, 0]).check().is_err());
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("transpose", "moveaxis"))]
    #[track_caller]
    pub fn permuted_axes(&self, axes: impl IntoDimension<Dim = D>) -> Array<A, D> {
        let axes = axes.into_dimension();
        self.step(|expr| permuted(expr, axes.slice()))
    }

    /// The array with two of its axes exchanged.
    #[doc(alias = "swapaxes")]
    #[track_caller]
    pub fn swap_axes(&self, a: usize, b: usize) -> Array<A, D> {
        self.step(|expr| {
            check_axis(a, &expr.shape)?;
            check_axis(b, &expr.shape)?;
            let mut order: Dims = (0..expr.shape.len()).collect();
            order.swap(a, b);
            permuted(expr, &order)
        })
    }

    /// The array with the order of the elements along an axis turned round; NumPy's `flip`.
    #[doc(alias("flip", "fliplr", "flipud"))]
    #[track_caller]
    pub fn invert_axis(&self, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let mut map = Map::identity(expr.shape.len());
            let start = expr.shape[axis.0].saturating_sub(1);
            map.0[axis.0] = Along { of: Some(axis.0), start, step: -1 };
            view("invert_axis", expr, map, expr.shape.clone())
        })
    }

    /// The array turned by so many quarters of a full turn in the plane of two axes, from the first towards the second; back, if `times` is negative. NumPy's `rot90`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axes, which have to be two.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]));
    /// assert_eq!(x.rot90(1, [0, 1]).compute()?, ndarray::arr2(&[[3, 6], [2, 5], [1, 4]]));
    /// assert_eq!(x.rot90(-1, [0, 1]).compute()?, ndarray::arr2(&[[4, 1], [5, 2], [6, 3]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn rot90(&self, times: isize, [first, second]: [usize; 2]) -> Array<A, D> {
        if first == second {
            return self.step(|_| {
                let message =
                    format!("there is no plane of axis {first} alone: name two different axes");
                Err(Error::new(ErrorKind::Axis, message))
            });
        }
        // Both axes have to be there, also where none is moved.
        let same = self.swap_axes(first, second).swap_axes(first, second);
        let turned = match times.rem_euclid(4) {
            0 => same,
            1 => self.invert_axis(Axis(second)).swap_axes(first, second),
            2 => self.invert_axis(Axis(first)).invert_axis(Axis(second)),
            _ => self.swap_axes(first, second).invert_axis(Axis(second)),
        };
        turned.called("rot90")
    }

    /// The array with a new axis of length 1 before axis `axis`, or after the last one; NumPy's `expand_dims`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Axis;
    /// let x = array::Array::arange(0, 3, 1);
    /// let table = x.insert_axis(Axis(1)) * x.insert_axis(Axis(0));
    /// assert_eq!(table.compute()?, ndarray::arr2(&[[0, 0, 0], [0, 1, 2], [0, 2, 4]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("expand_dims", "newaxis"))]
    #[track_caller]
    pub fn insert_axis(&self, axis: Axis) -> Array<A, D::Larger> {
        self.step(|expr| inserted(expr, axis.0))
    }

    /// The array without an axis, at its index `index`; a negative index cannot be given, `slice` takes one.
    ///
    /// # Errors
    /// Carried by the array: the index has to be within the axis.
    #[doc(alias = "getitem")]
    #[track_caller]
    pub fn index_axis(&self, axis: Axis, index: usize) -> Array<A, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            without_axis(expr, axis.0, index)
        })
    }

    /// The array without an axis of length 1; NumPy's `squeeze`.
    ///
    /// # Errors
    /// Carried by the array: the axis has to be of length 1.
    #[doc(alias = "squeeze")]
    #[track_caller]
    pub fn remove_axis(&self, axis: Axis) -> Array<A, D::Smaller>
    where
        D: RemoveAxis,
    {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let len = expr.shape[axis.0];
            if len != 1 {
                let message = format!(
                    "cannot remove axis {} of shape {:?}: it has length {len}, and only an axis of length 1 can go; `index_axis` takes one index of it",
                    axis.0, &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            without_axis(expr, axis.0, 0)
        })
    }

    /// The array repeated to a larger shape: shapes are aligned at their ends, axes of length 1 and missing ones repeat; NumPy's `broadcast_to`.
    ///
    /// # Errors
    /// Carried by the array: every axis has to be of the new length or of length 1.
    ///
    /// # Cost
    /// Nothing is copied. Chunks that would be larger than the array's are cut to about 4 MiB.
    #[doc(alias = "broadcast_to")]
    #[track_caller]
    pub fn broadcast<E: Dimension>(&self, shape: impl IntoDimension<Dim = E>) -> Array<A, E> {
        let shape = shape.into_dimension();
        self.step(|expr| {
            let to = shape.slice();
            check_said(to)?;
            let new = to.len().checked_sub(expr.shape.len());
            let fits = new.is_some_and(|new| {
                expr.shape.iter().zip(&to[new..]).all(|(&len, &to)| len == to || len == 1)
            });
            if !fits {
                let message = format!(
                    "cannot broadcast shape {:?} to {to:?}: aligned at the end, each axis has to be of the new length or of length 1",
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            view("broadcast", expr, Map::broadcast(&expr.shape, to), to.into())
        })
    }

    /// A part of the array, as `ndarray`'s `s![…]` says: ranges with steps, negative ones too, single indices, new axes.
    ///
    /// As in `ndarray`, a negative step goes through the same range from its end. Bounds are clamped to nothing; they have to be within the
    /// axis, as in `ndarray`.
    ///
    /// # Errors
    /// Carried by the array: bounds and indices have to be within the axes, and a range with a negative step may not end before it begins, as one of NumPy's does.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{arr1, s};
    /// let x = array::Array::<i64, ndarray::Ix2>::from_fn([4, 5], |[i, j]| 10 * i as i64 + j as i64);
    /// assert_eq!(x.slice(s![-1, 1..4]).compute()?, arr1(&[31, 32, 33]));
    /// assert_eq!(x.slice(s![..;-2, 0]).compute()?, arr1(&[30, 10]));
    /// assert!(x.slice(s![4, ..]).check().unwrap_err().to_string().contains("index 4"));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "getitem")]
    #[track_caller]
    pub fn slice<I: SliceOf<D>>(&self, info: I) -> Array<A, I::OutDim> {
        self.step(|expr| sliced(expr, info.of_axes()))
    }

    /// The same array with its rank known at run time only.
    pub fn into_dyn(self) -> Array<A, IxDyn> {
        Array::from_state(self.state)
    }

    /// The same array with its rank known at compile time.
    ///
    /// # Errors
    /// Carried by the array: it has to be of that rank.
    #[track_caller]
    pub fn into_dimensionality<E: Dimension>(self) -> Array<A, E> {
        let rank = self.ndim();
        if let Some(wanted) = E::NDIM.filter(|&wanted| wanted != rank && self.state.is_ok()) {
            return self.step(|expr| {
                let message = format!(
                    "an array of shape {:?} has {}, and {wanted} {} asked for: ask for `{}`; `reshape`, `insert_axis` and `index_axis` make other ranks",
                    &expr.shape[..],
                    counted(rank, "axis"),
                    is_or_are(wanted),
                    if rank <= 6 { format!("Ix{rank}") } else { "IxDyn".to_owned() },
                );
                Err(Error::new(ErrorKind::Shape, message))
            });
        }
        Array::from_state(self.state)
    }
}

impl<A: Element> Array<A, Ix2> {
    /// A row of a matrix: `x.index_axis(Axis(0), index)`.
    ///
    /// # Errors
    /// Carried by the array: there has to be such a row.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[1, 2], [3, 4]]));
    /// assert_eq!(x.row(1).compute()?.to_vec(), [3, 4]);
    /// assert_eq!(x.column(1).compute()?.to_vec(), [2, 4]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn row(&self, index: usize) -> Array<A, Ix1> {
        self.step(|expr| without_axis(expr, 0, index))
    }

    /// A column of a matrix: `x.index_axis(Axis(1), index)`.
    ///
    /// # Errors
    /// Carried by the array: there has to be such a column.
    #[track_caller]
    pub fn column(&self, index: usize) -> Array<A, Ix1> {
        self.step(|expr| without_axis(expr, 1, index))
    }
}

/// What says a part of an array of rank `D`: what `s![…]` of `ndarray` makes for that rank, as a [`SliceArg`](ndarray::SliceArg) is; of rank `IxDyn` also a list of [`SliceInfoElem`]s.
#[diagnostic::on_unimplemented(
    message = "this is no slice of an array of rank `{D}`",
    label = "no `s![…]` of so many axes",
    note = "`s![…]` says something of every axis of the array: `s![0..2]` is a part of a vector, `s![0..2, ..]` are two rows of a matrix, `s![.., 0]` is a column, `s![..;2, ..]` every other row"
)]
pub trait SliceOf<D> {
    /// The rank of the part.
    type OutDim: Dimension;
    #[doc(hidden)]
    fn of_axes(&self) -> &[SliceInfoElem];
}
#[diagnostic::do_not_recommend]
impl<T, D, In, Out> SliceOf<D> for SliceInfo<T, In, Out>
where
    T: AsRef<[SliceInfoElem]>,
    In: SlicedAs<D>,
    Out: Dimension,
{
    type OutDim = Out;
    fn of_axes(&self) -> &[SliceInfoElem] {
        self.as_ref()
    }
}
#[diagnostic::do_not_recommend]
impl SliceOf<IxDyn> for [SliceInfoElem] {
    type OutDim = IxDyn;
    fn of_axes(&self) -> &[SliceInfoElem] {
        self
    }
}
#[diagnostic::do_not_recommend]
impl<I: SliceOf<D> + ?Sized, D> SliceOf<D> for &I {
    type OutDim = I::OutDim;
    fn of_axes(&self) -> &[SliceInfoElem] {
        (**self).of_axes()
    }
}

/// A rank that `s![…]` is made for, where arrays of rank `D` are sliced.
///
/// It is asked of what `s![…]` says and not concluded from the array, as [`SliceArg`](ndarray::SliceArg) would: else the compiler would find `s![0]` of a matrix, whose literal has no type yet,
/// to be at odds with itself, and say that.
pub trait SlicedAs<D>: Dimension {}
#[diagnostic::do_not_recommend]
impl<In: Dimension> SlicedAs<IxDyn> for In {}
macro_rules! sliced_as_they_are {
    ($($D:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl SlicedAs<$D> for $D {}
    )*};
}
sliced_as_they_are! { Ix0 Ix1 Ix2 Ix3 Ix4 Ix5 Ix6 }

pub(crate) fn permuted(expr: &ExprRef, order: &[usize]) -> Result<Expr, Error> {
    let mut map: SmallVec<[Option<usize>; 4]> = SmallVec::from_elem(None, expr.shape.len());
    for (new, &old) in order.iter().enumerate() {
        check_axis(old, &expr.shape)?;
        map[old] = Some(new);
    }
    if map.contains(&None) || order.len() != expr.shape.len() {
        let message = format!(
            "cannot permute the axes of shape {:?} as {order:?}: each axis has to be named once",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Axis, message));
    }
    let along = |new: &Option<usize>| Along { of: *new, start: 0, step: 1 };
    let map = Map(map.iter().map(along).collect());
    view("permuted_axes", expr, map, order.iter().map(|&old| expr.shape[old]).collect())
}

/// With an axis of length 1 before axis `axis`, or after the last one.
pub(crate) fn inserted(expr: &ExprRef, axis: usize) -> Result<Expr, Error> {
    if axis > expr.shape.len() {
        let (shape, last) = (&expr.shape[..], expr.shape.len());
        let message = format!(
            "axis {} cannot be put into shape {shape:?}: give one from 0 to {last}",
            axis as isize
        );
        return Err(Error::new(ErrorKind::Axis, message));
    }
    let mut shape = expr.shape.clone();
    shape.insert(axis, 1);
    let along = |old: usize| Along::axis(if old < axis { old } else { old + 1 });
    let map = Map((0..expr.shape.len()).map(along).collect());
    view("insert_axis", expr, map, shape)
}

fn without_axis(expr: &ExprRef, axis: usize, index: usize) -> Result<Expr, Error> {
    if index >= expr.shape[axis] {
        let slice = |given: isize| {
            let all = 0..expr.shape.len();
            let part = |at| if at == axis { given.to_string() } else { "..".to_owned() };
            format!("; `slice(s![{}])` counts it so", all.map(part).collect::<Vec<_>>().join(", "))
        };
        return Err(beyond_axis(index, axis, &expr.shape, slice));
    }
    let along = |old: usize| match old {
        old if old == axis => Along::fixed(index),
        old if old < axis => Along::axis(old),
        old => Along::axis(old - 1),
    };
    let map = Map((0..expr.shape.len()).map(along).collect());
    let mut shape = expr.shape.clone();
    shape.remove(axis);
    view("index_axis", expr, map, shape)
}

fn check_index(given: isize, index: usize, axis: usize, shape: &[usize]) -> Result<(), Error> {
    if index < shape[axis] {
        return Ok(());
    }
    let message = format!(
        "there is no index {given} along axis {axis} of shape {shape:?}, whose indices are {}",
        match shape[axis] {
            0 => "none".to_owned(),
            len => format!("0 to {} and -{len} to -1", len - 1),
        }
    );
    Err(Error::new(ErrorKind::Index, message))
}

/// An index as it is given, counted from the end if it is negative; `len` and more if it is out of the axis.
fn from_end(index: isize, len: usize) -> usize {
    match index {
        index if index >= 0 => index.unsigned_abs(),
        index => len.checked_sub(index.unsigned_abs()).unwrap_or(usize::MAX),
    }
}

pub(crate) fn sliced(expr: &ExprRef, info: &[SliceInfoElem]) -> Result<Expr, Error> {
    let taken = info.iter().filter(|part| !part.is_new_axis()).count();
    if taken != expr.shape.len() {
        let message = format!(
            "a slice of {} of shape {:?}, which has {}: name each axis, one that is taken as a whole by `..`",
            counted(taken, "axis"),
            &expr.shape[..],
            expr.shape.len()
        );
        return Err(Error::new(ErrorKind::Index, message));
    }
    let (mut map, mut shape, mut axis) = (Map(SmallVec::new()), Dims::new(), 0);
    for part in info {
        match *part {
            SliceInfoElem::NewAxis => {
                shape.push(1);
                continue;
            }
            SliceInfoElem::Index(given) => {
                let index = from_end(given, expr.shape[axis]);
                check_index(given, index, axis, &expr.shape)?;
                map.0.push(Along::fixed(index));
            }
            SliceInfoElem::Slice { start, end, step } => {
                let (start, len, step) = range(start, end, step, axis, &expr.shape)?;
                map.0.push(Along { of: Some(shape.len()), start, step });
                shape.push(len);
            }
        }
        axis += 1;
    }
    view("slice", expr, map, shape)
}

/// Where a range begins, how many elements it has, and their step.
fn range(
    start: isize,
    end: Option<isize>,
    step: isize,
    axis: usize,
    shape: &[usize],
) -> Result<(usize, usize, isize), Error> {
    let len = shape[axis];
    let (from, to) = (from_end(start, len), end.map_or(len, |end| from_end(end, len)));
    if from > len || to > len {
        let end = end.map_or(String::new(), |end| end.to_string());
        let message = format!(
            "slice {start}..{end} along axis {axis} of shape {shape:?} goes beyond its length {len}; nothing is cut off, so give bounds within it"
        );
        return Err(Error::new(ErrorKind::Index, message));
    }
    if step == 0 {
        let message = format!(
            "a slice along axis {axis} of shape {shape:?} has a step of 0, which gets nowhere"
        );
        return Err(Error::new(ErrorKind::Index, message));
    }
    if step < 0 && from > to {
        // As NumPy writes what is `s![to + 1..from + 1; step]` here: nothing would be taken, which nobody means.
        let message = format!(
            "slice {start}..{};{step} along axis {axis} of shape {shape:?} takes nothing: a negative step goes through the same range from its end, so NumPy's [{from}:{to}:{step}] is s![{}..{};{step}]",
            end.map_or(String::new(), |end| end.to_string()),
            to + 1,
            from.saturating_add(1).min(len),
        );
        return Err(Error::new(ErrorKind::Index, message));
    }
    let span = to.saturating_sub(from);
    let count = span.div_ceil(step.unsigned_abs());
    let first = match (count, step) {
        // Nothing is taken: anywhere.
        (0, _) => 0,
        (_, step) if step > 0 => from,
        _ => to - 1,
    };
    // The way from one element to itself is none, however long the step.
    Ok((first, count, if count > 1 { step } else { 1 }))
}
