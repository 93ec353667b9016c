//! Several arrays as one: one after the other, on top of each other, with something around them.
//!
//! In: arrays. Out: custom expressions whose blocks are the inputs' own. Rolling and padding are made of slices, which are views, and of joining these.
//!
//! Not here: choices by a list of indices, and of all elements several times (`select`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::create::source;
use crate::either::AnyArray;
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Constant, Custom, Expr, ExprRef, Kind, Source};
use crate::grid::{Dims, all_of, check_number, check_size, number};
use crate::list::List;
use crate::map::{Along, Map};
use crate::rearrange::regridded;
use crate::select::tiled;
use crate::views::{inserted, view};
use ndarray::{Axis, Dimension};
use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;

/// Chunks of inputs that lie one after the other along an axis.
struct Joined {
    axis: usize,
    /// With which chunk along the axis each input begins.
    first: Vec<usize>,
}

impl Custom for Joined {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let input = self.first.partition_point(|&first| first <= at[self.axis]) - 1;
        let mut chunk = Dims::from(at);
        chunk[self.axis] -= self.first[input];
        if let Some(of) = expr.inputs().nth(input) {
            need(input, number(&chunk, &of.grid.counts()));
        }
    }

    fn make(&self, _: &Expr, _: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        Ok(blocks.swap_remove(0))
    }

    fn joins(&self) -> Option<usize> {
        Some(self.axis)
    }
}

/// The expressions, which are of one type, one after the other along an axis.
pub(crate) fn joined(name: &'static str, inputs: Vec<ExprRef>, axis: usize) -> Result<Expr, Error> {
    let Some(first) = inputs.first().cloned() else {
        let message = "there is no array: give one at least";
        return Err(Error::new(ErrorKind::Shape, message));
    };
    check_axis(axis, &first.shape)?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for input in &inputs {
        let fits = |(at, (a, b)): (usize, (&usize, &usize))| at == axis || a == b;
        let is_same = input.shape.len() == shape.len()
            && input.shape.iter().zip(&first.shape).enumerate().all(fits);
        if !is_same {
            let message = format!(
                "arrays of shapes {:?} and {:?} cannot be put one after the other along axis {axis}: all other axes have to be of one length",
                &first.shape[..],
                &input.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        shape[axis] = all_of(&[shape[axis], input.shape[axis]]);
    }
    check_size(&shape, first.dtype.size)?;
    // Nothing is joined of what has no elements; what is joined already gives its parts, so that a loop makes no chain.
    let mut parts = Vec::with_capacity(inputs.len());
    for input in inputs.iter().filter(|input| input.shape[axis] > 0) {
        match &input.kind {
            Kind::Custom { make, inputs } if make.joins() == Some(axis) => {
                parts.extend_from_slice(inputs);
            }
            _ => parts.push(input.clone()),
        }
    }
    if parts.is_empty() {
        parts.push(first.clone());
    }
    let mut grid = parts[0].grid.clone();
    for part in &parts {
        for other in (0..shape.len()).filter(|&other| other != axis) {
            if part.grid.count_along(other) > grid.count_along(other) {
                grid.set(other, part.grid.bounds(other).clone());
            }
        }
    }
    let (mut bounds, mut starts) = (vec![0], Vec::new());
    for part in &mut parts {
        let is_cut_so =
            |other: usize| other == axis || part.grid.bounds(other) == grid.bounds(other);
        if !(0..shape.len()).all(is_cut_so) {
            let mut wanted = grid.clone();
            wanted.set(axis, part.grid.bounds(axis).clone());
            *part = Arc::new(regridded(part, wanted));
        }
        starts.push(bounds.len() - 1);
        let base = bounds[bounds.len() - 1];
        bounds.extend(part.grid.bounds(axis)[1..].iter().map(|bound| base + bound));
    }
    grid.set(axis, bounds.into());
    grid.check_count(&shape)?;
    let (dtype, of, location) = (first.dtype, first.of, first.location);
    let kind = Kind::Custom { make: Arc::new(Joined { axis, first: starts }), inputs: parts };
    Ok(Expr { kind, name, dtype, of, shape, grid, location })
}

/// Several arrays of one type and rank, of either kind ([`AnyArray`]): an array, a slice or a `Vec` of them, or of references to them, or a tuple of up to eight, in which lazy arrays stand beside
/// those of `ndarray`.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, concatenate, stack};
/// use ndarray::{Axis, arr1};
/// let (x, y) = (Array::arange(0, 3, 1), Array::arange(7, 9, 1));
/// assert_eq!(concatenate(Axis(0), [&x, &y]).compute()?.to_vec(), [0, 1, 2, 7, 8]);
/// assert_eq!(concatenate(Axis(0), (&x, arr1(&[9]), y)).len(), 6);
/// let parts: Vec<_> = (0..4).map(|n| &x + n).collect();
/// assert_eq!(stack(Axis(0), &parts).shape(), [4, 3]);
/// # Ok::<(), array::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of arrays of one type and rank",
    label = "neither a list of arrays nor one of references to arrays",
    note = "lists are `[&x, &y]`, `&[x, y]`, `(&x, &y)`, and a `Vec` or a slice of arrays, lazy ones or of `ndarray`, and in a tuple of both; `x.insert_axis(Axis(0))` has one axis more"
)]
pub trait Arrays<A, D>: sealed::Sealed {
    /// All of them.
    #[doc(hidden)]
    #[track_caller]
    fn arrays(self) -> Vec<Array<A, D>>;
}
mod sealed {
    pub trait Sealed {}
}

macro_rules! lists {
    ($([$($generics:tt)*] $List:ty, $Each:ty;)*) => {$(
        impl<$($generics)*> sealed::Sealed for $List {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*, A: Element, D: Dimension> Arrays<A, D> for $List
        where
            $Each: AnyArray<A, Dim = D>,
        {
            fn arrays(self) -> Vec<Array<A, D>> {
                let mut all = Vec::with_capacity(self.len());
                for array in self {
                    all.push(array.lazy());
                }
                all
            }
        }
    )*};
}
lists! {
    ['a, T] &'a [T], &'a T;
    [T, const N: usize] [T; N], T;
    ['a, T, const N: usize] &'a [T; N], &'a T;
    [T] Vec<T>, T;
    ['a, T] &'a Vec<T>, &'a T;
}

macro_rules! tuples {
    ($($($T:ident $array:ident),+;)*) => {$(
        impl<$($T),+> sealed::Sealed for ($($T,)+) {}
        #[diagnostic::do_not_recommend]
        impl<A: Element, D: Dimension, $($T: AnyArray<A, Dim = D>),+> Arrays<A, D> for ($($T,)+) {
            fn arrays(self) -> Vec<Array<A, D>> {
                let ($($array,)+) = self;
                vec![$($array.lazy()),+]
            }
        }
    )*};
}
tuples! {
    A0 a;
    A0 a, A1 b;
    A0 a, A1 b, A2 c;
    A0 a, A1 b, A2 c, A3 d;
    A0 a, A1 b, A2 c, A3 d, A4 e;
    A0 a, A1 b, A2 c, A3 d, A4 e, A5 f;
    A0 a, A1 b, A2 c, A3 d, A4 e, A5 f, A6 g;
    A0 a, A1 b, A2 c, A3 d, A4 e, A5 f, A6 g, A7 h;
}

/// The expressions of all arrays, or the first error.
#[track_caller]
fn all<A, D>(arrays: impl Arrays<A, D>) -> Result<Vec<ExprRef>, Error> {
    arrays.arrays().into_iter().map(|array| array.state).collect()
}

/// The arrays one after the other along an axis that they have; all other axes are of one length.
///
/// # Errors
/// Carried by the array: of shapes that don't fit, and of no arrays at all.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, concatenate};
/// let (x, y) = (Array::arange(0, 3, 1), Array::arange(7, 9, 1));
/// assert_eq!(concatenate(ndarray::Axis(0), [&x, &y]).compute()?.to_vec(), [0, 1, 2, 7, 8]);
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// A task for each chunk, which copies nothing. In a loop, each turn takes over the list of what is joined so far: to push the arrays to a vector, and join them once, is quicker.
#[doc(alias("hstack", "vstack", "append"))]
#[track_caller]
pub fn concatenate<A: Element, D: Dimension>(axis: Axis, arrays: impl Arrays<A, D>) -> Array<A, D> {
    let joined = all(arrays).and_then(|inputs| joined("concatenate", inputs, axis.0));
    Array::made_at("concatenate", Location::caller(), joined)
}

/// The arrays, all of one shape, along a new axis.
///
/// # Errors
/// Carried by the array: of shapes that differ, and of no arrays at all.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, stack};
/// let x = Array::arange(0, 3, 1);
/// let both = stack(ndarray::Axis(1), [&x, &(&x * 2)]);
/// assert_eq!(both.compute()?, ndarray::arr2(&[[0, 0], [1, 2], [2, 4]]));
/// # Ok::<(), array::Error>(())
/// ```
#[doc(alias("vstack", "dstack"))]
#[track_caller]
pub fn stack<A: Element, D: Dimension>(
    axis: Axis,
    arrays: impl Arrays<A, D>,
) -> Array<A, D::Larger> {
    let stacked = all(arrays).and_then(|inputs| {
        if let Some(other) = inputs.iter().find(|input| input.shape != inputs[0].shape) {
            let message = format!(
                "cannot stack shapes {:?} and {:?}: they have to be equal; `concatenate` puts arrays one after the other",
                &inputs[0].shape[..],
                &other.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        let layer = |input: &ExprRef| inserted(input, axis.0).map(Arc::new);
        joined("stack", inputs.iter().map(layer).collect::<Result<_, _>>()?, axis.0)
    });
    Array::made_at("stack", Location::caller(), stacked)
}

/// What an array is continued with at its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Pad<A> {
    /// A number.
    Constant(A),
    /// The element at the end, again and again.
    Edge,
    /// The elements turned round, without that at the end: `c b | a b c d | c b`, NumPy's `reflect`. Not what [`Boundary::Reflect`](crate::Boundary::Reflect) is, which
    /// has dask's name: that is [`Pad::Symmetric`]. Beyond them they are turned round again, as in the two that follow: `d c b | a b c d | c b a b`.
    Reflect,
    /// The elements turned round, with that at the end: `b a | a b c d | d c`, NumPy's `symmetric`, and [`Boundary::Reflect`](crate::Boundary::Reflect).
    Symmetric,
    /// The elements of the other end: `c d | a b c d | a b`.
    Wrap,
}

/// How many elements [`Array::pad`] puts before and after an array: along all axes as many, `1`, or so many before and after, `(1, 2)`, or along each axis its own, a [`List`] of pairs,
/// `[(1, 2), (0, 0)]`.
///
/// A list of numbers is none: NumPy takes `[1, 2]` for a pair, and it looks like numbers for two axes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say by how much to pad",
    label = "neither a number, nor a pair, nor a list of pairs",
    note = "widths are `1` or `(1, 2)`, before and after, for all axes, or a list of pairs, one for each axis: `[(1, 2), (0, 0)]`"
)]
pub trait Widths {
    /// Those of an array of so many axes, or as many as were given.
    #[doc(hidden)]
    fn along(&self, axes: usize) -> Cow<'_, [(usize, usize)]>;
}
#[diagnostic::do_not_recommend]
impl Widths for usize {
    fn along(&self, axes: usize) -> Cow<'_, [(usize, usize)]> {
        vec![(*self, *self); axes].into()
    }
}
#[diagnostic::do_not_recommend]
impl Widths for (usize, usize) {
    fn along(&self, axes: usize) -> Cow<'_, [(usize, usize)]> {
        vec![*self; axes].into()
    }
}
#[diagnostic::do_not_recommend]
impl<L: List<(usize, usize)>> Widths for L {
    fn along(&self, _: usize) -> Cow<'_, [(usize, usize)]> {
        self.list()
    }
}

/// Elements `from`, `from + step`, … of an axis, `len` of them.
fn run(
    expr: &ExprRef,
    axis: usize,
    from: usize,
    step: isize,
    len: usize,
) -> Result<ExprRef, Error> {
    let mut map = Map::identity(expr.shape.len());
    map.0[axis] = Along { of: Some(axis), start: if len == 0 { 0 } else { from }, step };
    let mut shape = expr.shape.clone();
    shape[axis] = len;
    Ok(Arc::new(view("slice", expr, map, shape)?))
}

/// Axis `axis` continued by so many elements before and after it.
fn padded<A: Element>(
    expr: &ExprRef,
    axis: usize,
    before: usize,
    after: usize,
    how: Pad<A>,
    location: &'static Location<'static>,
) -> Result<Expr, Error> {
    let len = expr.shape[axis];
    // How many elements the ends can be made of.
    let room = match how {
        Pad::Constant(_) => usize::MAX,
        Pad::Edge if len > 0 => usize::MAX,
        Pad::Edge => 0,
        Pad::Reflect => len.saturating_sub(1),
        Pad::Symmetric | Pad::Wrap => len,
    };
    if before.max(after) > room {
        if len == 0 {
            let message = format!(
                "cannot pad axis {axis} of shape {:?} by {before} and {after}: it has no elements to make others of; give `Pad::Constant`",
                &expr.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        if len > 1 || !matches!(how, Pad::Reflect) {
            return round_again(expr, axis, before, after, how);
        }
    }
    // A single element has no others to be turned round.
    let how = if len == 1 && matches!(how, Pad::Reflect) { Pad::Edge } else { how };
    let end = |count: usize, is_before: bool| -> Result<ExprRef, Error> {
        let (first, last) = (0, len.wrapping_sub(1));
        match how {
            Pad::Constant(value) => {
                let mut shape = expr.shape.clone();
                shape[axis] = count;
                check_size(&shape, size_of::<A>())?;
                let value: Arc<dyn Constant> = Arc::new(value);
                let whole = source::<A>("full", &shape, location, Source::Constant(value))?;
                let mut grid = expr.grid.clone();
                grid.set(axis, whole.grid.bounds(axis).clone());
                Ok(Arc::new(regridded(&Arc::new(whole), grid)))
            }
            Pad::Edge => run(expr, axis, if is_before { first } else { last }, 0, count),
            Pad::Reflect if is_before => run(expr, axis, count, -1, count),
            Pad::Reflect => run(expr, axis, last.wrapping_sub(1), -1, count),
            Pad::Symmetric if is_before => run(expr, axis, count.wrapping_sub(1), -1, count),
            Pad::Symmetric => run(expr, axis, last, -1, count),
            Pad::Wrap if is_before => run(expr, axis, len - count, 1, count),
            Pad::Wrap => run(expr, axis, first, 1, count),
        }
    };
    joined("pad", vec![end(before, true)?, expr.clone(), end(after, false)?], axis)
}

/// [`padded`] by more than the axis has: what it is continued with comes again and again.
fn round_again<A: Element>(
    expr: &ExprRef,
    axis: usize,
    before: usize,
    after: usize,
    how: Pad<A>,
) -> Result<Expr, Error> {
    let len = expr.shape[axis];
    // What comes again: the axis, and the way back.
    let back = match how {
        Pad::Symmetric => run(expr, axis, len - 1, -1, len)?,
        Pad::Reflect => run(expr, axis, len.saturating_sub(2), -1, len.saturating_sub(2))?,
        _ => run(expr, axis, 0, 1, 0)?,
    };
    let once = Arc::new(joined("pad", vec![expr.clone(), back], axis)?);
    let period = once.shape[axis];
    let shift = (period - before % period) % period;
    let mut shape = expr.shape.clone();
    shape[axis] = before.saturating_add(len).saturating_add(after);
    check_size(&shape, size_of::<A>())?;
    let count = (shift + shape[axis]).div_ceil(period);
    let all = Arc::new(tiled("pad", &once, axis, count, count.saturating_mul(period))?);
    let part = run(&all, axis, shift, 1, shape[axis])?;
    view("pad", &part, Map::identity(shape.len()), shape)
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The array with so many elements before and after it along each axis: a list of pairs, one for each axis, or, as in NumPy, one pair or one number for all axes ([`Widths`]).
    ///
    /// # Errors
    /// Carried by the array: a pair for each axis; other elements than a constant are made of those that the axis has, so there has to be one.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Pad};
    /// let x = Array::arange(1, 5, 1);
    /// assert_eq!(x.pad(&[(2, 1)], Pad::Reflect).compute()?.to_vec(), [3, 2, 1, 2, 3, 4, 3]);
    /// assert_eq!(x.pad([(1, 2)], Pad::Constant(0)).compute()?.to_vec(), [0, 1, 2, 3, 4, 0, 0]);
    /// assert_eq!(x.pad(1, Pad::Edge).compute()?.to_vec(), [1, 1, 2, 3, 4, 4]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn pad(&self, widths: impl Widths, how: Pad<A>) -> Array<A, D> {
        let location = Location::caller();
        self.step(|expr| {
            let widths = widths.along(expr.shape.len());
            if widths.len() != expr.shape.len() {
                let message = format!(
                    "{} of widths to pad shape {:?}: give one for each axis, or one pair or number for all, `(1, 2)` or `1`",
                    counted(widths.len(), "pair"),
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Axis, message));
            }
            let mut all = expr.clone();
            widths.iter().try_for_each(|&(before, after)| {
                check_number("width", before)?;
                check_number("width", after)
            })?;
            for (axis, &(before, after)) in widths.iter().enumerate() {
                if before > 0 || after > 0 {
                    all = Arc::new(padded(&all, axis, before, after, how, location)?);
                }
            }
            view("pad", &all, Map::identity(all.shape.len()), all.shape.clone())
        })
    }

    /// The array with its elements moved along an axis; those that leave one end come in at the other. A negative shift moves towards the beginning.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 5, 1);
    /// assert_eq!(x.roll(2, ndarray::Axis(0)).compute()?.to_vec(), [3, 4, 0, 1, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn roll(&self, shift: isize, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let len = expr.shape[axis.0];
            let shift = if len == 0 { 0 } else { shift.rem_euclid(len as isize) as usize };
            let end = run(expr, axis.0, len - shift, 1, shift)?;
            let beginning = run(expr, axis.0, 0, 1, len - shift)?;
            let rolled = joined("roll", vec![end, beginning], axis.0)?;
            if rolled.grid == expr.grid {
                return Ok(rolled);
            }
            // In the chunks of before: a loop that rolls would cut them into ever smaller ones.
            let mut rolled = regridded(&Arc::new(rolled), expr.grid.clone());
            rolled.name = "roll";
            Ok(rolled)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_beyond_all_memory_is_one_of_pad() {
        let x = Array::<f64, ndarray::Ix1>::zeros([3]);
        let error = x.pad((1 << 62, 1 << 61), Pad::Constant(0.0)).check().unwrap_err();
        assert!(error.to_string().contains("pad: shape [4611686018427387904] has more"), "{error}");
    }
}
