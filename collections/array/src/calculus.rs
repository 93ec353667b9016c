//! Samples of a function: their gradient, the area below them, values in between, and their convolution with others.
//!
//! In: arrays, and where the samples are taken: [`Spacing`]. Out: expressions over rows along an axis, which read the neighbours of each chunk, and elementwise steps.
//!
//! Not here: differences and running sums (`scan`), functions of the user's over neighbours (`overlap`).

use crate::array::{Array, check_axis};
use crate::block::Block;
use crate::blocks::custom;
use crate::element::{Element, Float, Number};
use crate::elementwise::elementwise;
use crate::error::{Error, ErrorKind, counted};
use crate::expr::{Custom, Effort, Expr, ExprRef};
use crate::grid::{Chunks, Grid, check_size};
use crate::kernels::{map1, map3};
use crate::list::List;
use crate::map::{Along, Map};
use crate::pool::buffer;
use crate::rearrange::{needs_of_region, pieces, region_of};
use crate::reducing::reduced;
use crate::reductions::Sum;
use crate::views::view;
use ndarray::{ArrayViewMutD, Axis, Dimension, Ix1, IxDyn, RemoveAxis};
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

/// Where samples along an axis are taken: a distance between neighbours, or the coordinate of each, in a slice, an array or a `Vec`.
#[derive(Clone, Debug, PartialEq)]
pub enum Spacing<A> {
    /// All neighbours are as far apart.
    Even(A),
    /// A coordinate for each index.
    At(Vec<A>),
}

impl<A> From<A> for Spacing<A> {
    fn from(distance: A) -> Spacing<A> {
        Spacing::Even(distance)
    }
}
impl<A> From<Vec<A>> for Spacing<A> {
    fn from(coordinates: Vec<A>) -> Spacing<A> {
        Spacing::At(coordinates)
    }
}
impl<A: Copy> From<&[A]> for Spacing<A> {
    fn from(coordinates: &[A]) -> Spacing<A> {
        Spacing::At(coordinates.to_vec())
    }
}
impl<A: Copy, const N: usize> From<&[A; N]> for Spacing<A> {
    fn from(coordinates: &[A; N]) -> Spacing<A> {
        Spacing::At(coordinates.to_vec())
    }
}

impl<A: Float> Spacing<A> {
    /// Checks that there is a coordinate for each index of the axis.
    fn check(&self, name: &str, shape: &[usize], axis: usize) -> Result<(), Error> {
        check_axis(axis, shape)?;
        match self {
            Spacing::At(all) if all.len() != shape[axis] => {
                let message = format!(
                    "{name} of {} along axis {axis} of shape {shape:?}, which is {} long: give one for each index, or one distance for all",
                    counted(all.len(), "coordinate"),
                    shape[axis]
                );
                Err(Error::new(ErrorKind::Shape, message))
            }
            _ => Ok(()),
        }
    }

    /// One distance, if all are equal, as NumPy has it.
    fn evened(self) -> Spacing<A> {
        let Spacing::At(all) = &self else { return self };
        let mut distances = all.windows(2).map(|pair| pair[1].sub_(pair[0]));
        match distances.next() {
            Some(first) if distances.all(|distance| distance == first) => Spacing::Even(first),
            _ => self,
        }
    }

    /// How far index `at` is from the one after it.
    #[inline]
    fn after(&self, at: usize) -> A {
        match self {
            Spacing::Even(distance) => *distance,
            Spacing::At(all) => all[at + 1].sub_(all[at]),
        }
    }
}

/// Each row along an axis from the stretch of the input's row that `reads` says.
struct Windows<A, R, F> {
    axis: usize,
    reads: R,
    f: F,
    of: PhantomData<fn(A) -> A>,
}

impl<A, R, F> Windows<A, R, F>
where
    R: Fn(Range<usize>) -> Range<usize>,
{
    fn region(&self, expr: &Expr, at: &[usize]) -> Vec<Range<usize>> {
        let mut region = region_of(&expr.grid, at);
        region[self.axis] = (self.reads)(region[self.axis].clone());
        region
    }
}

impl<A, R, F> Custom for Windows<A, R, F>
where
    A: Element,
    R: Fn(Range<usize>) -> Range<usize> + Send + Sync,
    F: Fn(&[A], Range<usize>, &mut [A]) + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for input in expr.inputs() {
            needs_of_region(&input.grid, &self.region(expr, at), |chunk| need(0, chunk));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let Some(input) = expr.inputs().next() else { unreachable!("made with an input") };
        let (axis, region) = (Axis(self.axis), self.region(expr, at));
        let parts = pieces(&input.grid, &region, &mut blocks.into_iter());
        let read = expr.of.gather(region.iter().map(Range::len).collect(), &parts)?;
        let (shape, range) = (expr.grid.chunk_shape(at), expr.grid.range(axis.0, at[axis.0]));
        let mut all = buffer(&shape, A::default())?;
        let mut out = ArrayViewMutD::from_shape(IxDyn(&shape), &mut all)
            .expect("the buffer is as long as the shape says");
        let (mut row, mut result) = (Vec::new(), Vec::new());
        for (mut out, values) in out.lanes_mut(axis).into_iter().zip(read.view::<A>().lanes(axis)) {
            let values = values.to_slice().unwrap_or_else(|| {
                row.clear();
                row.extend(values);
                &row
            });
            if let Some(out) = out.as_slice_mut() {
                (self.f)(values, range.clone(), out);
                continue;
            }
            result.resize(range.len(), A::default());
            (self.f)(values, range.clone(), &mut result);
            out.iter_mut().zip(&result).for_each(|(out, result)| *out = *result);
        }
        Ok(Block::from_buffer(all, shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        // What it reads is put together first; of rows that do not lie close one is copied, and its result.
        let region = self.region(expr, at);
        let read: usize = region.iter().map(Range::len).product();
        let row = match self.axis + 1 == region.len() {
            true => 0,
            false => region[self.axis].len() + expr.grid.range(self.axis, at[self.axis]).len(),
        };
        Effort {
            works: read.saturating_add(row).saturating_mul(size_of::<A>()),
            ..Effort::default()
        }
    }
}

/// An expression whose rows along an axis are `f` of stretches of the input's; `f` gets the stretch that `reads` gives for the indices of the result, and these.
fn windows<A: Element>(
    name: &'static str,
    input: &ExprRef,
    axis: usize,
    grid: Grid,
    reads: impl Fn(Range<usize>) -> Range<usize> + Send + Sync + 'static,
    f: impl Fn(&[A], Range<usize>, &mut [A]) + Send + Sync + 'static,
) -> Result<Expr, Error> {
    let mut shape = input.shape.clone();
    shape[axis] = grid.bounds(axis).last().copied().unwrap_or(0);
    let make = Arc::new(Windows { axis, reads, f, of: PhantomData });
    custom::<A>(name, make, vec![input.clone()], shape, grid)
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The gradient of samples along an axis: of second order from both neighbours inside, of first order from one at the ends. `spacing` is the distance of neighbours, or a slice of the
    /// coordinate of each index. NumPy's `gradient` with `edge_order=1`.
    ///
    /// # Errors
    /// Carried by the array: the axis has to have two elements at least, and as many coordinates, if they are given.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::Axis;
    /// let x = Array::from(vec![1.0, 2.0, 4.0, 7.0]);
    /// assert_eq!(x.gradient(Axis(0), 1.0).compute()?.to_vec(), [1.0, 1.5, 2.5, 3.0]);
    /// assert_eq!(x.gradient(Axis(0), &[0.0, 1.0, 3.0, 5.0]).compute()?.to_vec(), [1.0, 1.0, 1.25, 1.5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task for each chunk, which reads its neighbours along the axis.
    #[track_caller]
    pub fn gradient(&self, axis: Axis, spacing: impl Into<Spacing<A>>) -> Array<A, D>
    where
        A: Float,
    {
        let (spacing, axis) = (spacing.into(), axis.0);
        self.step(|expr| {
            spacing.check("gradient", &expr.shape, axis)?;
            let spacing = spacing.evened();
            let len = expr.shape[axis];
            if len < 2 {
                let message = format!(
                    "no gradient along axis {axis} of shape {:?}: it takes two elements at least",
                    &expr.shape[..]
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            let reads = move |own: Range<usize>| match own.is_empty() {
                true => own,
                false => own.start.saturating_sub(1)..len.min(own.end + 1),
            };
            let f = move |row: &[A], own: Range<usize>, out: &mut [A]| {
                let first = reads(own.clone()).start;
                for (at, out) in own.zip(out) {
                    let x = |at: usize| row[at - first];
                    *out = match at {
                        0 => x(1).sub_(x(0)).div_(spacing.after(0)),
                        _ if at + 1 == len => x(at).sub_(x(at - 1)).div_(spacing.after(at - 1)),
                        _ => between(&spacing, at, x(at - 1), x(at), x(at + 1)),
                    };
                }
            };
            windows("gradient", expr, axis, expr.grid.clone(), reads, f)
        })
    }

    /// The area below samples along an axis, by the trapezoidal rule. `spacing` is the distance of neighbours, or a slice of the coordinate of each index. Of less than two samples it is 0.
    /// NumPy's `trapezoid`.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis, and as many coordinates, if they are given.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::Axis;
    /// let x = Array::from(vec![1.0, 2.0, 3.0]);
    /// assert_eq!(x.trapezoid(Axis(0), 2.0).compute()?.into_scalar(), 8.0);
    /// assert_eq!(x.trapezoid(Axis(0), &[4.0, 6.0, 8.0]).compute()?.into_scalar(), 8.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "trapz")]
    #[track_caller]
    pub fn trapezoid(&self, axis: Axis, spacing: impl Into<Spacing<A>>) -> Array<A, D::Smaller>
    where
        A: Float,
        D: RemoveAxis,
    {
        let (location, spacing, axis) = (Location::caller(), spacing.into(), axis.0);
        self.step(|expr| {
            spacing.check("trapezoid", &expr.shape, axis)?;
            let mut shape = expr.shape.clone();
            shape[axis] = shape[axis].saturating_sub(1);
            let part = |start: usize| -> Result<ExprRef, Error> {
                let mut map = Map::identity(shape.len());
                map.0[axis].start = start;
                Ok(Arc::new(view("trapezoid", expr, map, shape.clone())?))
            };
            let distances: Vec<A> = match &spacing {
                Spacing::Even(distance) => vec![*distance],
                Spacing::At(_) => (0..shape[axis]).map(|at| spacing.after(at)).collect(),
            };
            let is_even = matches!(spacing, Spacing::Even(_));
            let distances: Array<A, Ix1> = Array::from(distances);
            let distances = distances.state.as_ref().map_err(Clone::clone)?;
            let along = if is_even { Along::fixed(0) } else { Along::axis(axis) };
            let map = Map([along].into_iter().collect());
            let distances = Arc::new(view("trapezoid", distances, map, shape.clone())?);
            let half = A::from_f64(0.5);
            let area = map3(move |a: A, b: A, distance: A| a.add_(b).mul_(distance).mul_(half));
            let (left, right) = (part(0)?, part(if expr.shape[axis] > 0 { 1 } else { 0 })?);
            let inputs = [&left, &right, &distances];
            let areas = Arc::new(elementwise::<A>("trapezoid", location, Arc::new(area), &inputs)?);
            let sum = Sum::<A> { skips_nan: false, element: PhantomData };
            reduced("trapezoid", location, &areas, &[axis], sum)
        })
    }

    /// The values at each element of a function that is known at the points `xs`, where it is `ys`, and straight in between; before the first point and after the last one it is what it is
    /// there. NaN of NaN. NumPy's `interp`.
    ///
    /// # Errors
    /// Carried by the array: as many points of either, one at least, and rising `xs`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![-1.0, 0.5, 1.5, 9.0]);
    /// assert_eq!(x.interp(&[0.0, 1.0, 2.0], &[10.0, 20.0, 0.0]).compute()?.to_vec(), [10.0, 15.0, 10.0, 0.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn interp(&self, xs: impl List<A>, ys: impl List<A>) -> Array<A, D>
    where
        A: Float,
    {
        let (xs, ys) = (xs.list(), ys.list());
        if let Err(message) = check_points(&xs, &ys) {
            return self.step(|_| Err(Error::new(ErrorKind::Value, message)));
        }
        let (xs, ys) = (xs.into_owned(), ys.into_owned());
        self.unary("interp", map1(move |x: A| interpolated(&xs, &ys, x)))
    }
}

/// That there is a value for each point, and that the points rise.
fn check_points<A: Float>(xs: &[A], ys: &[A]) -> Result<(), String> {
    if xs.len() != ys.len() || xs.is_empty() {
        let (points, values) = (counted(xs.len(), "point"), counted(ys.len(), "value"));
        return Err(format!(
            "interp between {points} with {values}: give a value for each point, and one point at least"
        ));
    }
    if let Some(at) = xs.iter().position(|x| x.is_nan_()) {
        return Err(format!(
            "interp between points of which number {at} is NaN: leave it out, and its value"
        ));
    }
    match xs.windows(2).position(|pair| pair[0] > pair[1]) {
        None => Ok(()),
        Some(at) => Err(format!(
            "interp between points of which number {}, {:?}, follows {:?}: give `xs` in rising order, with their `ys`",
            at + 1,
            xs[at + 1],
            xs[at]
        )),
    }
}

/// The gradient at a sample that has neighbours: that of the parabola through all three, as a sum of the values, as NumPy has it: what is infinite beside one that is none is not lost then.
fn between<A: Float>(spacing: &Spacing<A>, at: usize, before: A, own: A, after: A) -> A {
    if let Spacing::Even(distance) = spacing {
        return after.sub_(before).div_(distance.add_(*distance));
    }
    let (left, right) = (spacing.after(at - 1), spacing.after(at));
    let both = left.add_(right);
    // The nearer neighbour counts for more.
    let of_before = A::ZERO.sub_(right).div_(left.mul_(both));
    let of_own = right.sub_(left).div_(left.mul_(right));
    let of_after = left.div_(right.mul_(both));
    of_before.mul_(before).add_(of_own.mul_(own)).add_(of_after.mul_(after))
}

fn interpolated<A: Float>(xs: &[A], ys: &[A], x: A) -> A {
    let last = xs.len() - 1;
    if x.is_nan_() {
        return x;
    }
    let Some(at) = xs.partition_point(|&other| other <= x).checked_sub(1) else { return ys[0] };
    if at == last || x == xs[at] {
        return ys[at];
    }
    let slope = ys[at + 1].sub_(ys[at]).div_(xs[at + 1].sub_(xs[at]));
    let from_left = slope.mul_(x.sub_(xs[at])).add_(ys[at]);
    if !from_left.is_nan_() {
        return from_left;
    }
    // Infinite slopes: from the other side, or along a level.
    let from_right = slope.mul_(x.sub_(xs[at + 1])).add_(ys[at + 1]);
    if from_right.is_nan_() && ys[at] == ys[at + 1] { ys[at] } else { from_right }
}

/// Which part of a convolution is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convolution {
    /// All of it: one less than both lengths together.
    Full,
    /// As long as the array, from the middle.
    Same,
    /// Where the other one lies within the array: one more than the difference of the lengths.
    Valid,
}

impl<A: Element> Array<A, Ix1> {
    /// The convolution with `kernel`: element `n` of all of it is the sum of `x[n - i] * kernel[i]`. NumPy's `convolve`.
    ///
    /// # Errors
    /// Carried by the array: neither may be empty, and, but for all of it, the kernel may not be longer than the array.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Convolution};
    /// let x = Array::arange(1, 5, 1).rechunk(2);
    /// assert_eq!(x.convolve(&[1, 10], Convolution::Full).compute()?.to_vec(), [1, 12, 23, 34, 40]);
    /// assert_eq!(x.convolve(&[1, 10], Convolution::Valid).compute()?.to_vec(), [12, 23, 34]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A multiplication for each element and each number of the kernel. Each task reads what is as far from its chunk as the kernel is long.
    #[track_caller]
    pub fn convolve(&self, kernel: impl List<A>, part: Convolution) -> Array<A, Ix1>
    where
        A: Number,
    {
        let kernel = kernel.list();
        self.step(|expr| {
            let (len, width) = (expr.shape[0], kernel.len());
            if len == 0 || width == 0 || width > len && part != Convolution::Full {
                let remedy = match len == 0 || width == 0 {
                    true => "give some of both",
                    false => {
                        "give a kernel that is no longer than the array, or ask for `Convolution::Full`"
                    }
                };
                let message = format!(
                    "cannot convolve {} with a kernel of {width}: {remedy}",
                    counted(len, "element")
                );
                return Err(Error::new(ErrorKind::Shape, message));
            }
            // The first element of all of it that is asked for, and how many are.
            let (first, count) = match part {
                Convolution::Full => (0, len.saturating_add(width - 1)),
                Convolution::Same => ((width - 1) / 2, len),
                Convolution::Valid => (width - 1, len - (width - 1)),
            };
            check_size(&[count], size_of::<A>())?;
            let longest = expr.grid.largest().max(1);
            let grid = Grid::new(&[count], &Chunks::from(longest), size_of::<A>())?;
            let reads = move |own: Range<usize>| {
                let (from, to) = (own.start + first, own.end + first);
                let end = to.min(len);
                from.saturating_sub(width - 1).min(end)..end
            };
            let kernel = kernel.into_owned();
            let f = move |row: &[A], own: Range<usize>, out: &mut [A]| {
                let read = reads(own.clone());
                for (at, out) in own.zip(out) {
                    let at = at + first;
                    // The elements that the kernel meets, from the first one on.
                    let from = at.saturating_sub(width - 1).max(read.start);
                    let to = (at + 1).min(read.end);
                    let met = row[from - read.start..to - read.start].iter().rev();
                    let numbers = kernel[at + 1 - to..].iter();
                    *out = met.zip(numbers).fold(A::ZERO, |sum, (&x, &k)| sum.add_(x.mul_(k)));
                }
            };
            windows("convolve", expr, 0, grid, reads, f)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_of_nothing_is_not_helped_by_another_part() {
        let x = Array::from(vec![1.0, 2.0]);
        let said = |kernel: &[f64], part| x.convolve(kernel, part).check().unwrap_err().to_string();
        let none = said(&[], Convolution::Full);
        assert!(none.contains("with a kernel of 0: give some of both"), "{none}");
        let long = said(&[1.0; 3], Convolution::Same);
        assert!(long.contains("or ask for `Convolution::Full`"), "{long}");
    }
}
