//! Sums, means, extremes: elements along axes become one.
//!
//! In: an array, and the axes: all of them, one, or any choice. Out: reduction expressions. Each reduction comes in the forms of `ndarray`: `sum()` of everything,
//! `sum_axis(Axis(0))` along one axis, and `over([0, 2]).sum()` along several, which keep their place as axes of length 1 after `keep_dims()`.
//!
//! Not here: what is computed (`reductions`).

use crate::array::{Array, check_axis};
use crate::element::{Element, Number, Real, Summed};
use crate::elementwise::Condition;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef, Kind};
use crate::grid::Grid;
use crate::map::{Along, Map};
use crate::rearrange::regridded;
use crate::reduce::{Reduction, kept};
use crate::reductions::{AnyOrAll, ArgExtreme, Count, Extreme, Mean, MeanOfSome, Prod, Sum};
use crate::thin::{thickened, together};
use crate::tile::type_of;
use crate::variance::{Spread, Variance};
use ndarray::{Axis, Dimension, Ix0, IxDyn, RemoveAxis};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

/// An array and some of its axes, to be reduced; made by [`Array::over`].
#[must_use = "name the reduction: `.sum()`"]
pub struct Over<A, D> {
    pub(crate) array: Array<A, D>,
    pub(crate) axes: Vec<usize>,
}

/// Some axes: one, `0` or `Axis(0)`, or several, `[0, 2]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no axes",
    label = "neither the number of an axis nor several",
    note = "axes are `0`, `Axis(0)`, `[0, 2]`, `(0, 2)`, or a slice or `Vec` of `usize`"
)]
pub trait Axes: sealed::Sealed {
    #[doc(hidden)]
    fn numbers(self) -> Vec<usize>;
}
/// One axis: `0` or `Axis(0)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no axis",
    label = "neither the number of an axis nor an `Axis`",
    note = "an axis is `0` or `Axis(0)`, a number of type `usize`"
)]
pub trait OneAxis: sealed::Sealed {
    #[doc(hidden)]
    fn number(self) -> usize;
}
#[diagnostic::do_not_recommend]
impl OneAxis for usize {
    fn number(self) -> usize {
        self
    }
}
#[diagnostic::do_not_recommend]
impl OneAxis for Axis {
    fn number(self) -> usize {
        self.0
    }
}
mod sealed {
    pub trait Sealed {}
}
macro_rules! axes {
    ($([$($generics:tt)*] $Axes:ty, $axes:pat => $numbers:expr;)*) => {$(
        impl<$($generics)*> sealed::Sealed for $Axes {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Axes for $Axes {
            fn numbers(self) -> Vec<usize> {
                let $axes = self;
                $numbers
            }
        }
    )*};
}
axes! {
    [] usize, axis => vec![axis];
    [] Axis, axis => vec![axis.0];
    [] Vec<usize>, axes => axes;
    [] &Vec<usize>, axes => axes.clone();
    [] &[usize], axes => axes.to_vec();
    [const N: usize] [usize; N], axes => axes.to_vec();
    [const N: usize] &[usize; N], axes => axes.to_vec();
    [] (usize, usize), (a, b) => vec![a, b];
    [] (usize, usize, usize), (a, b, c) => vec![a, b, c];
}

/// As [`Over`], with the reduced axes kept as axes of length 1.
#[must_use = "name the reduction: `.sum()`"]
pub struct OverKept<A, D>(pub(crate) Over<A, D>);

impl<A, D> Over<A, D> {
    /// Keeps the axes as such of length 1, so that the result broadcasts against the array; NumPy's `keepdims=True`.
    #[doc(alias = "keepdims")]
    pub fn keep_dims(self) -> OverKept<A, D> {
        OverKept(self)
    }
}

/// Which axes of a shape are named.
pub(crate) fn chosen(axes: &[usize], shape: &[usize]) -> Result<Vec<bool>, Error> {
    let mut is_chosen = vec![false; shape.len()];
    for &axis in axes {
        check_axis(axis, shape)?;
        if std::mem::replace(&mut is_chosen[axis], true) {
            let message = format!(
                "axis {axis} of shape {shape:?} is named twice: name each axis to be reduced once"
            );
            return Err(Error::new(ErrorKind::Axis, message));
        }
    }
    Ok(is_chosen)
}

/// The reduction of some axes of an expression.
pub(crate) fn reduced<R: Reduction<In = A, Out = B>, A: Element, B: Element>(
    name: &'static str,
    location: &'static Location<'static>,
    input: &ExprRef,
    axes: &[usize],
    reduction: R,
) -> Result<Expr, Error>
where
    R::State: Copy,
{
    let is_reduced = chosen(axes, &input.shape)?;
    let kept_grid = |grid: &Grid| {
        let stays = |axis: &usize| !is_reduced[*axis];
        let axes = (0..input.shape.len()).filter(stays);
        Grid::from_bounds(axes.map(|axis| grid.bounds(axis).clone()))
    };
    let thick = thickened::<A>(input, &is_reduced, size_of::<R::State>());
    let together = together(&thick, &is_reduced, size_of::<R::State>(), R::ASKS_WHERE);
    let (grid, asked) = (kept_grid(&thick.grid), kept_grid(&input.grid));
    let shape = kept(&input.shape, &is_reduced);
    let reduction = Arc::new(reduction);
    let kind = Kind::Reduce { reduction, input: thick, axes: is_reduced, together };
    let expr = Expr { kind, name, dtype: B::DTYPE, of: type_of::<B>(), shape, grid, location };
    if expr.grid == asked {
        return Ok(expr);
    }
    let mut in_chunks_asked = regridded(&Arc::new(expr), asked);
    in_chunks_asked.name = name;
    Ok(in_chunks_asked)
}

/// What is left of the input when these axes are reduced, with them put back, of length 1.
pub(crate) fn with_axes(reduced: Expr, input: &ExprRef, axes: &[bool]) -> Expr {
    let mut shape = input.shape.clone();
    let mut map = Map(smallvec::SmallVec::new());
    let mut bounds: Vec<Arc<[usize]>> = Vec::new();
    for axis in 0..input.shape.len() {
        if axes[axis] {
            shape[axis] = 1;
            bounds.push([0, 1].into());
        } else {
            bounds.push(reduced.grid.bounds(map.0.len()).clone());
            map.0.push(Along::axis(axis));
        }
    }
    let (name, dtype, of, location) = (reduced.name, reduced.dtype, reduced.of, reduced.location);
    let kind = Kind::View { input: Arc::new(reduced), map };
    Expr { kind, name, dtype, of, shape, grid: Grid::from_bounds(bounds), location }
}

/// That there are elements along the axes.
pub(crate) fn check_some(name: &str, input: &ExprRef, axes: &[usize]) -> Result<(), Error> {
    match axes.iter().find(|&&axis| input.shape.get(axis) == Some(&0)) {
        None => Ok(()),
        Some(axis) => {
            let message = format!(
                "a zero-size array has no {name}: axis {axis} of shape {:?} has length 0; look at `is_empty` first, or leave such arrays out",
                &input.shape[..]
            );
            Err(Error::new(ErrorKind::Shape, message))
        }
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Chooses the axes that the reduction which follows goes along.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::<f64, _>::ones([2, 3, 4]);
    /// assert_eq!(x.over([0, 2]).sum().compute()?, ndarray::arr1(&[8.0, 8.0, 8.0]).into_dyn());
    /// assert_eq!((&x - x.over(1).keep_dims().mean()).shape(), [2, 3, 4]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "axis")]
    pub fn over(&self, axes: impl Axes) -> Over<A, D> {
        Over { array: self.clone(), axes: axes.numbers() }
    }

    fn every_axis(&self) -> Vec<usize> {
        (0..self.ndim()).collect()
    }
}

/// A reduction in its four forms. What stands behind its name is what the compiler shows of who calls it with an axis.
macro_rules! reductions {
    ($($Bound:ident: $(#[$doc:meta])* $name:ident $(($argument:ident: $Type:ty))?, $axis:ident -> $Out:ty,
        $fails:literal, $reduction:expr;)*) => {$(
        impl<A: Element, D: Dimension> Array<A, D> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $argument: $Type)?) -> Array<$Out, Ix0>
            where
                A: $Bound,
            {
                let location = Location::caller();
                self.step(|expr| {
                    let axes = self.every_axis();
                    if $fails { check_some(stringify!($name), expr, &axes)?; }
                    reduced(stringify!($name), location, expr, &axes, $reduction)
                })
            }

            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along one axis.")]
            #[track_caller]
            pub fn $axis(&self, axis: Axis $(, $argument: $Type)?) -> Array<$Out, D::Smaller>
            where
                A: $Bound,
                D: RemoveAxis,
            {
                let location = Location::caller();
                self.step(|expr| {
                    if $fails { check_some(stringify!($name), expr, &[axis.0])?; }
                    reduced(stringify!($name), location, expr, &[axis.0], $reduction)
                })
            }
        }
        impl<A: Element, D: Dimension> Over<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes.")]
            #[track_caller]
            pub fn $name(self $(, $argument: $Type)?) -> Array<$Out, IxDyn>
            where
                A: $Bound,
            {
                let location = Location::caller();
                self.array.step(|expr| {
                    if $fails { check_some(stringify!($name), expr, &self.axes)?; }
                    reduced(stringify!($name), location, expr, &self.axes, $reduction)
                })
            }
        }
        impl<A: Element, D: Dimension> OverKept<A, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes, which stay.")]
            #[track_caller]
            pub fn $name(self $(, $argument: $Type)?) -> Array<$Out, D>
            where
                A: $Bound,
            {
                let location = Location::caller();
                let Over { array, axes } = self.0;
                array.step(|expr| {
                    if $fails { check_some(stringify!($name), expr, &axes)?; }
                    let small = reduced(stringify!($name), location, expr, &axes, $reduction)?;
                    Ok(with_axes(small, expr, &chosen(&axes, &expr.shape)?))
                })
            }
        }
    )*};
}
reductions! {
    Summed:
    /// The sum: of integers in the widest integer of their sign, of `bool` the number of those that are true, as `u64`, of all else in their own type. Floating-point numbers are added pairwise.
    ///
    /// The order of the additions depends on shape and chunks alone: the same bits for any number of workers.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{Axis, arr1};
    /// let x = array::Array::from(ndarray::arr2(&[[1_i8, 2], [100, 101]]));
    /// assert_eq!(x.sum().compute()?.into_scalar(), 204_i64);
    /// assert_eq!(x.sum_axis(Axis(0)).compute()?, arr1(&[101, 103]));
    /// # Ok::<(), array::Error>(())
    /// ```
    sum, // Along axes: `x.sum_axis(Axis(0))`, `x.over([0, 1]).sum()`.
    sum_axis -> A::Sum, false, Sum::<A> { skips_nan: false, element: PhantomData };
    Number:
    /// The product, in the type that [`sum`](Array::sum) has.
    #[doc(alias("product", "product_axis"))]
    prod, // Along axes: `x.prod_axis(Axis(0))`, `x.over([0, 1]).prod()`.
    prod_axis -> A::Sum, false, Prod::<A> { skips_nan: false, element: PhantomData };
    Summed:
    /// The arithmetic mean: `f64` of integers, their own type of all else; of `bool` the part of them that is true. NaN of no elements.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 8, 1);
    /// assert_eq!(x.mean().compute()?.into_scalar(), 3.5);
    /// assert_eq!(x.lt(2).mean().compute()?.into_scalar(), 0.25);
    /// # Ok::<(), array::Error>(())
    /// ```
    mean, // Along axes: `x.mean_axis(Axis(0))`, `x.over([0, 1]).mean()`.
    mean_axis -> A::Mean, false, Mean::<A>(PhantomData);
    Real:
    /// The least element; NaN, if any is NaN.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    #[doc(alias = "amin")]
    min, // Along axes: `x.min_axis(Axis(0))`, `x.over([0, 1]).min()`.
    min_axis -> A, true, Extreme::<A> { worst: A::HIGHEST, is_max: false, skips_nan: false };
    Real:
    /// The greatest element; NaN, if any is NaN.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    #[doc(alias = "amax")]
    max, // Along axes: `x.max_axis(Axis(0))`, `x.over([0, 1]).max()`.
    max_axis -> A, true, Extreme::<A> { worst: A::LOWEST, is_max: true, skips_nan: false };
    Real:
    /// Where the least element is: the first of them, or the first NaN; along one axis its index there, along several counted in C order.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    argmin, // Along axes: `x.argmin_axis(Axis(0))`, `x.over([0, 1]).argmin()`.
    argmin_axis -> u64, true, ArgExtreme::<A> { is_max: false, element: PhantomData };
    Real:
    /// Where the greatest element is: the first of them, or the first NaN; along one axis its index there, along several counted in C order.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    argmax, // Along axes: `x.argmax_axis(Axis(0))`, `x.over([0, 1]).argmax()`.
    argmax_axis -> u64, true, ArgExtreme::<A> { is_max: true, element: PhantomData };
    Element:
    /// How many elements are not zero, or are true.
    count_nonzero, // Along axes: `x.count_nonzero_axis(Axis(0))`, `x.over([0, 1]).count_nonzero()`.
    count_nonzero_axis -> u64, false, Count::<A>(PhantomData);
    Spread:
    /// The variance: the sum of the squared (absolute) differences from the mean, divided by the number of elements less `ddof`, the "delta degrees of freedom": 0
    /// for a whole population, 1 for a sample; `var(0.0)` is NumPy's default. With no degree of freedom left it is not finite.
    var(ddof: f64), // `var(0.0)` is NumPy's default. Along axes: `x.var_axis(Axis(0), 0.0)`, `x.over([0, 1]).var(0.0)`.
    var_axis -> A::Variance, false, Variance::<A> { ddof, is_root: false, skips_nan: false, element: PhantomData };
    Spread:
    /// The standard deviation: the root of the [variance](Array::var); `std(0.0)` is NumPy's default.
    std(ddof: f64), // `std(0.0)` is NumPy's default. Along axes: `x.std_axis(Axis(0), 0.0)`, `x.over([0, 1]).std(0.0)`.
    std_axis -> A::Variance, false, Variance::<A> { ddof, is_root: true, skips_nan: false, element: PhantomData };
    Real:
    /// The [least](Array::min) element that is not NaN; infinity, if all are.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    nanmin, // Along axes: `x.nanmin_axis(Axis(0))`, `x.over([0, 1]).nanmin()`.
    nanmin_axis -> A, true, Extreme::<A> { worst: A::HIGHEST, is_max: false, skips_nan: true };
    Real:
    /// The [greatest](Array::max) element that is not NaN; minus infinity, if all are.
    ///
    /// # Errors
    /// Carried by the array: there has to be an element.
    nanmax, // Along axes: `x.nanmax_axis(Axis(0))`, `x.over([0, 1]).nanmax()`.
    nanmax_axis -> A, true, Extreme::<A> { worst: A::LOWEST, is_max: true, skips_nan: true };
    Number:
    /// The [mean](Array::mean) of the elements that are not NaN; NaN, if all are.
    nanmean, // Along axes: `x.nanmean_axis(Axis(0))`, `x.over([0, 1]).nanmean()`.
    nanmean_axis -> A::Mean, false, MeanOfSome::<A>(PhantomData);
    Spread:
    /// The [variance](Array::var) of the elements that are not NaN; NaN, if they are no more than `ddof`.
    nanvar(ddof: f64), // `nanvar(0.0)` is NumPy's default. Along axes: `x.nanvar_axis(Axis(0), 0.0)`, `x.over([0, 1]).nanvar(0.0)`.
    nanvar_axis -> A::Variance, false, Variance::<A> { ddof, is_root: false, skips_nan: true, element: PhantomData };
    Spread:
    /// The [standard deviation](Array::std) of the elements that are not NaN; NaN, if they are no more than `ddof`.
    nanstd(ddof: f64), // `nanstd(0.0)` is NumPy's default. Along axes: `x.nanstd_axis(Axis(0), 0.0)`, `x.over([0, 1]).nanstd(0.0)`.
    nanstd_axis -> A::Variance, false, Variance::<A> { ddof, is_root: true, skips_nan: true, element: PhantomData };
    Number:
    /// The [sum](Array::sum) of the elements that are not NaN.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![1.0, f64::NAN, 3.0]);
    /// assert_eq!(x.nansum().compute()?.into_scalar(), 4.0);
    /// assert_eq!(x.nanmean().compute()?.into_scalar(), 2.0);
    /// # Ok::<(), array::Error>(())
    /// ```
    nansum, // Along axes: `x.nansum_axis(Axis(0))`, `x.over([0, 1]).nansum()`.
    nansum_axis -> A::Sum, false, Sum::<A> { skips_nan: true, element: PhantomData };
    Number:
    /// The [product](Array::prod) of the elements that are not NaN.
    nanprod, // Along axes: `x.nanprod_axis(Axis(0))`, `x.over([0, 1]).nanprod()`.
    nanprod_axis -> A::Sum, false, Prod::<A> { skips_nan: true, element: PhantomData };
}

macro_rules! logical {
    ($($(#[$doc:meta])* $name:ident, $axis:ident, $is_all:literal;)*) => {$(
        impl<C: Element, D: Dimension> Array<C, D> {
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self) -> Array<bool, Ix0>
            where
                C: Condition,
            {
                let location = Location::caller();
                let kind = AnyOrAll { is_all: $is_all };
                self.step(|expr| reduced(stringify!($name), location, expr, &self.every_axis(), kind))
            }
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along one axis.")]
            #[track_caller]
            pub fn $axis(&self, axis: Axis) -> Array<bool, D::Smaller>
            where
                C: Condition,
                D: RemoveAxis,
            {
                let location = Location::caller();
                let kind = AnyOrAll { is_all: $is_all };
                self.step(|expr| reduced(stringify!($name), location, expr, &[axis.0], kind))
            }
        }
        impl<C: Element, D: Dimension> Over<C, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes.")]
            #[track_caller]
            pub fn $name(self) -> Array<bool, IxDyn>
            where
                C: Condition,
            {
                let location = Location::caller();
                let kind = AnyOrAll { is_all: $is_all };
                self.array.step(|expr| reduced(stringify!($name), location, expr, &self.axes, kind))
            }
        }
        impl<C: Element, D: Dimension> OverKept<C, D> {
            #[doc = concat!("[`", stringify!($name), "`](Array::", stringify!($name), ") along the chosen axes, which stay.")]
            #[track_caller]
            pub fn $name(self) -> Array<bool, D>
            where
                C: Condition,
            {
                let location = Location::caller();
                let Over { array, axes } = self.0;
                let kind = AnyOrAll { is_all: $is_all };
                array.step(|expr| {
                    let small = reduced(stringify!($name), location, expr, &axes, kind)?;
                    Ok(with_axes(small, expr, &chosen(&axes, &expr.shape)?))
                })
            }
        }
    )*};
}
logical! {
    /// Whether any element is true.
    any, // Along axes: `x.any_axis(Axis(0))`, `x.over([0, 1]).any()`.
    any_axis, false;
    /// Whether all elements are true.
    all, // Along axes: `x.all_axis(Axis(0))`, `x.over([0, 1]).all()`.
    all_axis, true;
}
