//! How far apart the extremes are, where they are without NaN, and weighted means: reductions that are made of others.
//!
//! In: an array, and axes as for other reductions. Out: reductions with an elementwise step after them, in the same four forms. What is reduced twice is read in one pass.
//!
//! Not here: reductions that are one (`reducing`, `reductions`).

use crate::ahead::Values;
use crate::array::{Array, check_axis};
use crate::either::AnyArray;
use crate::element::{Element, Number, Real};
use crate::elementwise::elementwise;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::kernels::{Kernel, map1, map2};
use crate::map::{Along, Map};
use crate::reduce::Reduction;
use crate::reducing::{Over, OverKept, check_some, chosen, reduced, with_axes};
use crate::reductions::{Extreme, Sum};
use crate::tile::{Arg, Dest, Fault, Operand, Tile};
use crate::views::view;
use ndarray::{Axis, Dimension, Ix0, IxDyn, RemoveAxis};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// Where the extreme is of what is not NaN: the first of several.
struct ArgOfSome<A> {
    is_max: bool,
    element: PhantomData<A>,
}

/// Where nothing but NaN is, as a place.
const NOWHERE: u64 = u64::MAX;

impl<A: Real> ArgOfSome<A> {
    /// Puts what stands at `at` in the place of what is known, if it is better, or as good and earlier: rows come in an order that is not that of the elements.
    #[inline(always)]
    fn take(&self, state: &mut (A, u64), value: A, at: u64) {
        let is_better = if self.is_max { value > state.0 } else { value < state.0 };
        let is_first = state.1 == NOWHERE && !value.is_nan_();
        if at != NOWHERE && (is_first || is_better || value == state.0 && at < state.1) {
            *state = (value, at);
        }
    }
}

impl<A: Real> Reduction for ArgOfSome<A> {
    type In = A;
    type State = (A, u64);
    type Out = u64;
    const ASKS_WHERE: bool = true;
    fn nothing(&self) -> (A, u64) {
        (if self.is_max { A::LOWEST } else { A::HIGHEST }, NOWHERE)
    }
    fn run(&self, values: Values<'_, A>, first: u64) -> (A, u64) {
        let mut state = self.nothing();
        for (at, &value) in (first..).zip(values.slice()) {
            self.take(&mut state, value, at);
        }
        state
    }
    fn lanes(&self, states: &mut [(A, u64)], values: &[A], at: u64) {
        for (state, &value) in states.iter_mut().zip(values) {
            self.take(state, value, at);
        }
    }
    fn combine(&self, a: &mut (A, u64), b: &(A, u64)) {
        self.take(a, b.0, b.1);
    }
    fn finish(&self, state: &(A, u64), _: u64) -> u64 {
        state.1
    }
}

/// Places as they are; that there is none is an error.
struct Somewhere;

impl Kernel for Somewhere {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        let missing = match tile.operand::<u64>(args[0]) {
            Operand::Slice(places) => places.iter().position(|&place| place == NOWHERE),
            Operand::Splat(place) => (tile.n > 0 && place == NOWHERE).then_some(0),
        };
        if let (Some(at), None) = (missing, &tile.fault) {
            let remedy =
                "that has no place; look with `is_nan`, or put numbers there with `nan_to_num`";
            tile.fault = Some(Fault { at, what: "there is nothing but NaN", remedy });
        }
        map1(|place: u64| place).run(tile, args, dest);
    }
}

/// Sums divided by those of their weights; that these are 0 is an error.
struct ByWeights<A>(PhantomData<fn() -> A>);

impl<A: Number> Kernel for ByWeights<A> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        let wrong = match tile.operand::<A>(args[1]) {
            Operand::Slice(totals) => totals.iter().position(|&total| total == A::ZERO),
            Operand::Splat(total) => (tile.n > 0 && total == A::ZERO).then_some(0),
        };
        if let (Some(at), None) = (wrong, &tile.fault) {
            let remedy = "there is no mean then; give some that do not, or divide `(&x * &weights).sum()` by their sum, which may be 0";
            tile.fault = Some(Fault { at, what: "the sum of the weights is 0", remedy });
        }
        map2(A::div_).run(tile, args, dest);
    }
}

type Made = Result<Expr, Error>;
type Place = &'static Location<'static>;

fn arg_of_some<A: Real>(name: &'static str, at: Place, input: &ExprRef, axes: &[usize]) -> Made {
    check_some(name, input, axes)?;
    let reduction = ArgOfSome::<A> { is_max: name == "nanargmax", element: PhantomData };
    let places = Arc::new(reduced(name, at, input, axes, reduction)?);
    elementwise::<u64>(name, at, Arc::new(Somewhere), &[&places])
}

fn peak_to_peak<A: Real>(name: &'static str, at: Place, input: &ExprRef, axes: &[usize]) -> Made {
    check_some(name, input, axes)?;
    let least = Extreme::<A> { worst: A::HIGHEST, is_max: false, skips_nan: false };
    let greatest = Extreme::<A> { worst: A::LOWEST, is_max: true, skips_nan: false };
    let least = Arc::new(reduced("min", at, input, axes, least)?);
    let greatest = Arc::new(reduced("max", at, input, axes, greatest)?);
    elementwise::<A>(name, at, Arc::new(map2(A::sub_)), &[&greatest, &least])
}

/// The weights as an array of the input's shape: they are one already, or of rank 1 along the only axis that is reduced.
fn weights_of(weights: &ExprRef, input: &ExprRef, axes: &[usize]) -> Result<ExprRef, Error> {
    if weights.shape == input.shape {
        return Ok(weights.clone());
    }
    match (&weights.shape[..], axes) {
        (&[len], &[axis]) if input.shape.get(axis) == Some(&len) => {
            let map = Map([Along::axis(axis)].into_iter().collect());
            Ok(Arc::new(view("broadcast", weights, map, input.shape.clone())?))
        }
        _ => {
            let message = format!(
                "weights of shape {:?} for the average along axes {axes:?} of shape {:?}: give one for each element, or, along one axis, one for each index",
                &weights.shape[..],
                &input.shape[..]
            );
            Err(Error::new(ErrorKind::Shape, message))
        }
    }
}

fn weighted_mean<A: Number>(
    name: &'static str,
    at: Place,
    input: &ExprRef,
    axes: &[usize],
    weights: &Result<ExprRef, Error>,
) -> Made {
    axes.iter().try_for_each(|&axis| check_axis(axis, &input.shape))?;
    let weights = weights_of(weights.as_ref().map_err(Clone::clone)?, input, axes)?;
    let weighted = map2(|value: A, weight: A::Mean| value.to_mean().mul_(weight));
    let weighted =
        Arc::new(elementwise::<A::Mean>("multiply", at, Arc::new(weighted), &[input, &weights])?);
    let sum = || Sum::<A::Mean> { skips_nan: false, element: PhantomData };
    let sums = Arc::new(reduced("sum", at, &weighted, axes, sum())?);
    let total = Arc::new(reduced("sum", at, &weights, axes, sum())?);
    // Of no elements there is no mean either, as without weights.
    let is_of_some = axes.iter().all(|&axis| input.shape[axis] > 0);
    let divided: Arc<dyn Kernel> = match is_of_some {
        true => Arc::new(ByWeights::<A::Mean>(PhantomData)),
        false => Arc::new(map2(<A::Mean>::div_)),
    };
    elementwise::<A::Mean>(name, at, divided, &[&sums, &total])
}

/// What is made of reductions, in the four forms that they have.
macro_rules! forms {
    ($($(#[$doc:meta])* $Bound:ident: $name:ident, $axis:ident -> $Out:ty, $made:expr
        $(, [$E:ident] $argument:ident: $Type:ty)?;)*) => {$(
        impl<A: Element, D: Dimension> Array<A, D> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name$(<$E: Dimension>)?(&self $(, $argument: $Type)?) -> Array<$Out, Ix0>
            where
                A: $Bound,
            {
                let location = Location::caller();
                $(let $argument = $argument.lazy();)?
                let axes: Vec<usize> = (0..self.ndim()).collect();
                self.step(|expr| $made(stringify!($name), location, expr, &axes $(, &$argument.state)?))
            }

            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along one axis.")]
            #[track_caller]
            pub fn $axis$(<$E: Dimension>)?(&self, axis: Axis $(, $argument: $Type)?) -> Array<$Out, D::Smaller>
            where
                A: $Bound,
                D: RemoveAxis,
            {
                let location = Location::caller();
                $(let $argument = $argument.lazy();)?
                self.step(|expr| $made(stringify!($name), location, expr, &[axis.0] $(, &$argument.state)?))
            }
        }
        impl<A: Element, D: Dimension> Over<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes.")]
            #[track_caller]
            pub fn $name$(<$E: Dimension>)?(self $(, $argument: $Type)?) -> Array<$Out, IxDyn>
            where
                A: $Bound,
            {
                let location = Location::caller();
                $(let $argument = $argument.lazy();)?
                self.array.step(|expr| $made(stringify!($name), location, expr, &self.axes $(, &$argument.state)?))
            }
        }
        impl<A: Element, D: Dimension> OverKept<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes, which stay.")]
            #[track_caller]
            pub fn $name$(<$E: Dimension>)?(self $(, $argument: $Type)?) -> Array<$Out, D>
            where
                A: $Bound,
            {
                let location = Location::caller();
                $(let $argument = $argument.lazy();)?
                let Over { array, axes } = self.0;
                array.step(|expr| {
                    let small = $made(stringify!($name), location, expr, &axes $(, &$argument.state)?)?;
                    Ok(with_axes(small, expr, &chosen(&axes, &expr.shape)?))
                })
            }
        }
    )*};
}
forms! {
    /// The greatest element less the least: how far they are apart. NaN, if any is NaN; integers wrap around.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[4, 9, 2], [7, 7, 7]]));
    /// assert_eq!(x.ptp_axis(ndarray::Axis(1)).compute()?.to_vec(), [7, 0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    Real: ptp, ptp_axis -> A, peak_to_peak::<A>;
    /// Where the least element is that is not NaN: the first of them; along one axis its index there, along several counted in C order.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element. Of the task: nothing but NaN where one is looked for.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![f64::NAN, 3.0, 1.0, 1.0]);
    /// assert_eq!(x.nanargmin().compute()?.into_scalar(), 2);
    /// assert!((x * f64::NAN).nanargmin().compute().is_err());
    /// # Ok::<(), array::Error>(())
    /// ```
    Real: nanargmin, nanargmin_axis -> u64, arg_of_some::<A>;
    /// Where the greatest element is that is not NaN: the first of them; along one axis its index there, along several counted in C order.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element. Of the task: nothing but NaN where one is looked for.
    Real: nanargmax, nanargmax_axis -> u64, arg_of_some::<A>;
    /// The weighted mean: the sum of products with the weights, divided by the sum of the weights. These are an array of the same shape, or, along one axis, one of rank 1 with a weight
    /// for each index. Of no elements NaN, as their mean.
    ///
    /// # Errors
    /// Carried by the array: the weights have to fit. Of the task: weights whose sum is 0, which NumPy refuses too.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// use ndarray::Axis;
    /// let x = Array::from(ndarray::arr2(&[[1, 2], [3, 6]]));
    /// let weights = Array::from(vec![3.0, 1.0]);
    /// assert_eq!(x.average_axis(Axis(0), &weights).compute()?.to_vec(), [1.5, 3.0]);
    /// assert_eq!(x.average_axis(Axis(1), &weights).compute()?.to_vec(), [1.25, 3.75]);
    /// # Ok::<(), array::Error>(())
    /// ```
    Number: average, average_axis -> A::Mean, weighted_mean::<A>, [E] weights: impl AnyArray<A::Mean, Dim = E>;
}
