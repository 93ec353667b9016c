//! Several arrays as one: one after the other, on top of each other, with something around them.
//!
//! In: arrays. Out: custom expressions whose blocks are the inputs' own. Rolling, padding and tiling are made of slices, which are views, and of joining these.
//!
//! Not here: choices by a list of indices (`select`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::create::source;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Constant, Custom, Expr, ExprRef, Kind, Source};
use crate::grid::{Dims, check_count, check_size, number};
use crate::map::{Along, Map};
use crate::rearrange::regridded;
use crate::views::view;
use ndarray::{Axis, Dimension};
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
}

/// The expressions, which are of one type, one after the other along an axis.
fn joined(name: &'static str, inputs: Vec<ExprRef>, axis: usize) -> Result<Expr, Error> {
    let Some(first) = inputs.first().cloned() else {
        let message = format!("nothing to {name}: give at least one array");
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
                "cannot {name} shapes {:?} and {:?} along axis {axis}: all other axes have to be of one length",
                &first.shape[..],
                &input.shape[..]
            );
            return Err(Error::new(ErrorKind::Shape, message));
        }
        shape[axis] = shape[axis].saturating_add(input.shape[axis]);
    }
    check_size(&shape, first.dtype.size)?;
    // Nothing is joined of what has no elements.
    let mut parts: Vec<ExprRef> =
        inputs.iter().filter(|input| input.shape[axis] > 0).cloned().collect();
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
        let mut wanted = grid.clone();
        wanted.set(axis, part.grid.bounds(axis).clone());
        if part.grid != wanted {
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

/// The expressions of all arrays, or the first error.
fn all<A, D>(arrays: &[Array<A, D>]) -> Result<Vec<ExprRef>, Error> {
    arrays.iter().map(|array| array.state.clone()).collect()
}

fn at_caller<A, D>(
    state: Result<Expr, Error>,
    location: &'static Location<'static>,
) -> Array<A, D> {
    let placed = |error: Error| if error.location().is_some() { error } else { error.at(location) };
    Array::from_state(state.map(Arc::new).map_err(placed))
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
/// assert_eq!(concatenate(ndarray::Axis(0), &[x, y]).compute()?.to_vec(), [0, 1, 2, 7, 8]);
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// A task for each chunk, which copies nothing.
#[track_caller]
pub fn concatenate<A: Element, D: Dimension>(axis: Axis, arrays: &[Array<A, D>]) -> Array<A, D> {
    let location = Location::caller();
    at_caller(all(arrays).and_then(|inputs| joined("concatenate", inputs, axis.0)), location)
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
/// let both = stack(ndarray::Axis(1), &[x.clone(), x * 2]);
/// assert_eq!(both.compute()?, ndarray::arr2(&[[0, 0], [1, 2], [2, 4]]));
/// # Ok::<(), array::Error>(())
/// ```
#[track_caller]
pub fn stack<A: Element, D: Dimension>(axis: Axis, arrays: &[Array<A, D>]) -> Array<A, D::Larger> {
    let location = Location::caller();
    let layers: Vec<_> = arrays.iter().map(|array| array.insert_axis(axis)).collect();
    let inputs = all(&layers).and_then(|inputs| {
        let differs = inputs.iter().find(|input| input.shape != inputs[0].shape);
        match differs {
            None => Ok(inputs),
            Some(other) => {
                let bare = |expr: &ExprRef| {
                    let mut shape = expr.shape.to_vec();
                    shape.remove(axis.0);
                    shape
                };
                let message = format!(
                    "cannot stack shapes {:?} and {:?}: they have to be equal",
                    bare(&inputs[0]),
                    bare(other)
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
        }
    });
    at_caller(inputs.and_then(|inputs| joined("stack", inputs, axis.0)), location)
}

/// What an array is continued with at its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Pad<A> {
    /// A number.
    Constant(A),
    /// The element at the end, again and again.
    Edge,
    /// The elements turned round, without that at the end: `c b | a b c d | c b`.
    Reflect,
    /// The elements turned round, with that at the end: `b a | a b c d | d c`.
    Symmetric,
    /// The elements of the other end: `c d | a b c d | a b`.
    Wrap,
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
        let message = format!(
            "cannot pad axis {axis} of shape {:?} by {before} and {after}: it has elements for {room} at each end",
            &expr.shape[..]
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let end = |count: usize, is_before: bool| -> Result<ExprRef, Error> {
        let (first, last) = (0, len.wrapping_sub(1));
        match how {
            Pad::Constant(value) => {
                let mut shape = expr.shape.clone();
                shape[axis] = count;
                let value: Arc<dyn Constant> = Arc::new(value);
                let whole = source::<A>("full", &shape, expr.location, Source::Constant(value))?;
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

impl<A: Element, D: Dimension> Array<A, D> {
    /// The array with so many elements before and after it along each axis.
    ///
    /// # Errors
    /// Carried by the array: a pair for each axis; an array has to be as long as what is made of it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Pad};
    /// let x = Array::arange(1, 5, 1);
    /// assert_eq!(x.pad(&[(2, 1)], Pad::Reflect).compute()?.to_vec(), [3, 2, 1, 2, 3, 4, 3]);
    /// assert_eq!(x.pad(&[(1, 2)], Pad::Constant(0)).compute()?.to_vec(), [0, 1, 2, 3, 4, 0, 0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn pad(&self, widths: &[(usize, usize)], how: Pad<A>) -> Array<A, D> {
        self.step(|expr| {
            if widths.len() != expr.shape.len() {
                let message = format!(
                    "{} pairs of widths to pad shape {:?}; give one for each axis",
                    widths.len(),
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Axis, message));
            }
            let mut all = expr.clone();
            for (axis, &(before, after)) in widths.iter().enumerate() {
                if before > 0 || after > 0 {
                    all = Arc::new(padded(&all, axis, before, after, how)?);
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
            joined("roll", vec![end, beginning], axis.0)
        })
    }

    /// The array, `count` times along an axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 2, 1);
    /// assert_eq!(x.tile(3, ndarray::Axis(0)).compute()?.to_vec(), [0, 1, 0, 1, 0, 1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn tile(&self, count: usize, axis: Axis) -> Array<A, D> {
        self.step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            if count == 0 || expr.shape[axis.0] == 0 {
                let none = run(expr, axis.0, 0, 1, 0)?;
                return joined("tile", vec![none], axis.0);
            }
            let mut shape = expr.shape.clone();
            shape[axis.0] = shape[axis.0].saturating_mul(count);
            check_size(&shape, size_of::<A>())?;
            // Before there is a list of so many.
            check_count([expr.grid.count(), count].into_iter(), &shape)?;
            joined("tile", vec![expr.clone(); count], axis.0)
        })
    }
}
