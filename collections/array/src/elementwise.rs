//! What works on each element by itself: any function, comparisons and choices.
//!
//! In: arrays whose shapes broadcast, as in NumPy: aligned at the last axis, an axis of length 1 repeats. Out: elementwise expressions, whose chunks are those of both
//! operands together, so that each lies in one chunk of either; where axes of both repeat, these are cut to what chunks are by themselves.
//!
//! Not here: operators (`operators`), what a step does to a tile (`kernels`).

use crate::array::Array;
use crate::either::AnyArray;
use crate::element::{Cast, Element, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Constant, Expr, ExprRef, Kind, Source};
use crate::grid::{Dims, Grid, check_size};
use crate::kernels::{Kernel, Users, map1, map2, map3};
use crate::known::once;
use crate::map::Map;
use crate::rearrange::regridded;
use crate::sizes::{cut, elements_by_itself};
use crate::thin::calls_users;
use crate::tile::type_of;
use ndarray::{DimMax, Dimension};
use std::panic::Location;
use std::sync::Arc;

/// The rank of what two arrays of these ranks make together.
pub(crate) type Both<D1, D2> = <D1 as DimMax<D2>>::Output;

/// The shape that the inputs are broadcast to.
pub(crate) fn broadcast(name: &str, inputs: &[&ExprRef]) -> Result<Dims, Error> {
    let rank = inputs.iter().map(|input| input.shape.len()).max().unwrap_or(0);
    let mut shape = Dims::from_elem(1, rank);
    for input in inputs {
        let new = rank - input.shape.len();
        for (axis, &len) in input.shape.iter().enumerate() {
            let all = &mut shape[new + axis];
            if *all == 1 {
                *all = len;
            } else if len != 1 && len != *all {
                let lengths = format!("axis {} has lengths {all} and {len}", new + axis);
                return Err(no_broadcast(name, inputs, &lengths));
            }
        }
    }
    Ok(shape)
}

/// That the shapes do not broadcast, as the operators say it, or as all others do.
fn no_broadcast(name: &str, inputs: &[&ExprRef], lengths: &str) -> Error {
    let shapes: Vec<_> = inputs.iter().map(|input| format!("{:?}", &input.shape[..])).collect();
    let shapes = shapes.join(" and ");
    let what = match name {
        "add" | "subtract" | "multiply" | "divide" => format!("cannot {name} shapes {shapes}"),
        _ => format!("shapes {shapes} do not broadcast"),
    };
    let remedy = match inputs.iter().all(|input| input.shape.len() == inputs[0].shape.len()) {
        true => "",
        false => {
            "; shapes are aligned at the last axis, and `insert_axis` puts an axis of length 1 where it is wanted"
        }
    };
    let message = format!("{what}: {lengths}, which have to be equal or 1{remedy}");
    Error::new(ErrorKind::Shape, message)
}

/// The elementwise expression of `kernel` over the inputs, which broadcast.
pub(crate) fn elementwise<B: Element>(
    name: &'static str,
    location: &'static Location<'static>,
    kernel: Arc<dyn Kernel>,
    inputs: &[&ExprRef],
) -> Result<Expr, Error> {
    let shape = broadcast(name, inputs)?;
    check_size(&shape, size_of::<B>())?;
    let common = common_grid(inputs, &shape);
    let pair = |input: &&ExprRef| {
        let map = Map::broadcast(&input.shape, &shape);
        (in_chunks_of(input, &map, &common), map)
    };
    let pairs = inputs.iter().map(pair).collect();
    let grid = cut_grid(&common, inputs, &shape, size_of::<B>())?;
    let kind = Kind::Elementwise { kernel, inputs: pairs };
    Ok(Expr { kind, name, dtype: B::DTYPE, of: type_of::<B>(), shape, grid, location })
}

/// The chunks in which these inputs are computed together: along each axis those of the input that has most. An input whose boundaries are not among these is rechunked.
pub(crate) fn common_grid(inputs: &[&ExprRef], shape: &[usize]) -> Grid {
    let mut grid = Grid::whole(shape);
    for input in inputs {
        for (axis, bounds) in Map::broadcast(&input.shape, shape).bounds(&input.grid, shape) {
            // Boundaries of both would make slivers, and slivers of slivers in what follows.
            if bounds.len() > grid.bounds(axis).len() {
                grid.set(axis, bounds);
            }
        }
    }
    grid
}

/// [`common_grid`], with chunks cut that are larger than any input's, because axes repeat, and larger than chunks are by themselves, of the largest elements involved: conditions are as large
/// as what they are conditions for. They lie in the inputs' as before.
pub(crate) fn cut_grid(
    common: &Grid,
    inputs: &[&ExprRef],
    shape: &[usize],
    size: usize,
) -> Result<Grid, Error> {
    let largest = inputs.iter().map(|input| input.grid.largest()).max().unwrap_or(0);
    let size = inputs.iter().map(|input| input.dtype.size).fold(size, usize::max);
    let mut grid = common.clone();
    cut(&mut grid, largest.max(elements_by_itself(shape, size)));
    grid.check_count(shape)?;
    Ok(grid)
}

/// The input, in chunks such that each chunk of `grid` lies in one, seen through `map`.
pub(crate) fn in_chunks_of(input: &ExprRef, map: &Map, grid: &Grid) -> ExprRef {
    let along = |(axis, along): (usize, &crate::map::Along)| match along.of {
        Some(of) => grid.bounds(of).clone(),
        None => input.grid.bounds(axis).clone(),
    };
    let wanted = Grid::from_bounds(map.0.iter().enumerate().map(along));
    // Larger chunks are as good.
    if wanted.refines(&input.grid) {
        return input.clone();
    }
    let made = || Arc::new(regridded(input, wanted.clone()));
    // A function of the user's is called once for several operations in the same chunks.
    let of_users = calls_users(&input.kind).then(|| once(input, &wanted, || Some(made())));
    of_users.flatten().unwrap_or_else(made)
}

/// A number as an array of rank 0.
fn constant<A: Element>(value: A, location: &'static Location<'static>) -> ExprRef {
    let value: Arc<dyn Constant> = Arc::new(value);
    Arc::new(Expr {
        kind: Kind::Source(Source::Constant(value)),
        name: "constant",
        dtype: A::DTYPE,
        of: type_of::<A>(),
        shape: Dims::new(),
        grid: Grid::whole(&[]),
        location,
    })
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// `f` of each element; `name` is for plans and messages.
    #[track_caller]
    pub(crate) fn unary<B: Element>(
        &self,
        name: &'static str,
        kernel: impl Kernel + 'static,
    ) -> Array<B, D> {
        let location = Location::caller();
        self.step_of(name, |expr| elementwise::<B>(name, location, Arc::new(kernel), &[expr]))
    }

    /// `kernel` of each element and that at its index of `other`.
    #[track_caller]
    pub(crate) fn binary<B: Element, C: Element, E: Dimension>(
        &self,
        other: &Array<B, E>,
        name: &'static str,
        kernel: impl Kernel + 'static,
    ) -> Array<C, Both<D, E>>
    where
        D: DimMax<E>,
    {
        let location = Location::caller();
        self.step_of(name, |expr| {
            let other = other.state.as_ref().map_err(Clone::clone)?;
            elementwise::<C>(name, location, Arc::new(kernel), &[expr, other])
        })
    }

    /// `kernel` of a number and each element.
    #[track_caller]
    pub(crate) fn after_number<B: Element, C: Element>(
        &self,
        number: B,
        name: &'static str,
        kernel: impl Kernel + 'static,
    ) -> Array<C, D> {
        let location = Location::caller();
        self.step_of(name, |expr| {
            elementwise::<C>(name, location, Arc::new(kernel), &[&constant(number, location), expr])
        })
    }

    /// `f` of each element, which is called for a whole tile at a time and compiled into its loop.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 4, 1).mapv(|n: i32| f64::from(n) / 2.0);
    /// assert_eq!(x.compute()?.to_vec(), [0.0, 0.5, 1.0, 1.5]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("frompyfunc", "vectorize"))]
    #[track_caller]
    pub fn mapv<B: Element>(&self, f: impl Fn(A) -> B + Send + Sync + 'static) -> Array<B, D> {
        self.unary("mapv", Users(map1(f)))
    }

    /// `f` of each element and that at its index of `other`, broadcast.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::Array;
    /// let (x, y) = (Array::arange(0, 4, 1), Array::arange(4, 0, -1));
    /// assert_eq!(x.zip_with(&y, |x: i32, y: i32| x.max(y)).compute()?.to_vec(), [4, 3, 2, 3]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "frompyfunc")]
    #[track_caller]
    pub fn zip_with<B: Element, C: Element, E: Dimension>(
        &self,
        other: impl AnyArray<B, Dim = E>,
        f: impl Fn(A, B) -> C + Send + Sync + 'static,
    ) -> Array<C, Both<D, E>>
    where
        D: DimMax<E>,
    {
        self.binary(&other.lazy(), "zip_with", Users(map2(f)))
    }

    /// The elements as another type, as Rust's `as` converts them; see [`Cast`].
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![-1.5, 0.0, 300.7]);
    /// assert_eq!(x.cast::<u8>().compute()?.to_vec(), [0, 0, 255]);
    /// assert_eq!(x.cast::<bool>().compute()?.to_vec(), [true, false, true]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "astype")]
    #[track_caller]
    pub fn cast<B: Cast<A>>(&self) -> Array<B, D> {
        self.unary("cast", map1(B::cast))
    }

    /// Whether each element is NaN.
    #[doc(alias("isnan", "isnull"))]
    #[track_caller]
    pub fn is_nan(&self) -> Array<bool, D> {
        self.unary("is_nan", map1(A::is_nan_))
    }
}

macro_rules! compared {
    ($($(#[$doc:meta])* $name:ident, $bound:ident, |$a:ident, $b:ident| $f:expr;)*) => {
        impl<A: Element, D: Dimension> Array<A, D> {$(
            $(#[$doc])*
            #[track_caller]
            pub fn $name<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<bool, Both<D, E>>
            where
                A: Real,
                D: DimMax<E>,
            {
                self.binary(&other.into_array(), stringify!($name), map2(|$a: A, $b: A| $f))
            }
        )*}
    };
}
compared! {
    /// Whether each element is less than that of `other`, an array or a number.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 4, 1);
    /// assert_eq!(x.lt(2).compute()?.to_vec(), [true, true, false, false]);
    /// assert_eq!(x.lt(&x).any().compute()?.into_scalar(), false);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "less")]
    lt, Real, |a, b| a < b;
    /// Whether each element is at most that of `other`.
    #[doc(alias = "less_equal")]
    le, Real, |a, b| a <= b;
    /// Whether each element is greater than that of `other`.
    #[doc(alias = "greater")]
    gt, Real, |a, b| a > b;
    /// Whether each element is at least that of `other`.
    #[doc(alias = "greater_equal")]
    ge, Real, |a, b| a >= b;
}

/// An array, an array or a view of `ndarray`, which is copied if it is borrowed, or a number that stands for an array of rank 0.
///
/// # Examples
/// Either has the element type of the array:
/// ```compile_fail,E0277
/// # use taskweave_array as array;
/// let is_less = array::Array::<f64, _>::ones([2]).lt(1);
/// ```
/// ```
/// # use taskweave_array as array;
/// let is_less = array::Array::<f64, _>::ones([2]).lt(1.0);
/// # is_less.check().unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no operand for an array of `{A}`",
    label = "neither an array nor a number of `{A}`",
    note = "an operand is an array, an array or a view of `ndarray`, or a number, of `{A}` as the array is: a literal is written as one of that type, `1.0` for `f64`, and `.cast()` gives either array the other's type, `mask.cast::<f64>()`; what a task computes is waited for, `handle.await`"
)]
pub trait Operand<A, D>: operand::Sealed {
    #[doc(hidden)]
    #[track_caller]
    fn into_array(self) -> Array<A, D>;
}
mod operand {
    pub trait Sealed {}
    impl<A, D> Sealed for super::Array<A, D> {}
    impl<A, D> Sealed for &super::Array<A, D> {}
    impl<A, D> Sealed for ndarray::Array<A, D> {}
    impl<A, D> Sealed for ndarray::ArcArray<A, D> {}
    impl<A, D> Sealed for &ndarray::Array<A, D> {}
    impl<A, D> Sealed for &ndarray::ArcArray<A, D> {}
    impl<A, D> Sealed for ndarray::ArrayView<'_, A, D> {}
    impl<A, D> Sealed for &ndarray::ArrayView<'_, A, D> {}
    impl<A: super::Element> Sealed for A {}
}
#[diagnostic::do_not_recommend]
impl<A, D> Operand<A, D> for Array<A, D> {
    fn into_array(self) -> Array<A, D> {
        self
    }
}
#[diagnostic::do_not_recommend]
impl<A, D> Operand<A, D> for &Array<A, D> {
    fn into_array(self) -> Array<A, D> {
        self.clone()
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for ndarray::Array<A, D> {
    fn into_array(self) -> Array<A, D> {
        Array::from_ndarray(self)
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for ndarray::ArcArray<A, D> {
    fn into_array(self) -> Array<A, D> {
        Array::from_ndarray(self)
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for &ndarray::Array<A, D> {
    fn into_array(self) -> Array<A, D> {
        Array::from_ndarray(self.clone())
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for &ndarray::ArcArray<A, D> {
    fn into_array(self) -> Array<A, D> {
        Array::from_ndarray(self.clone())
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for ndarray::ArrayView<'_, A, D> {
    fn into_array(self) -> Array<A, D> {
        Array::from_ndarray(self.to_owned())
    }
}
#[diagnostic::do_not_recommend]
impl<A: Element, D: Dimension> Operand<A, D> for &ndarray::ArrayView<'_, A, D> {
    fn into_array(self) -> Array<A, D> {
        self.view().into_array()
    }
}
impl<A: Element> Operand<A, ndarray::Ix0> for A {
    fn into_array(self) -> Array<A, ndarray::Ix0> {
        Array::from_state(Ok(constant(self, Location::caller())))
    }
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// Whether each element equals that of `other`, an array or a number. NaN equals nothing.
    #[track_caller]
    pub fn equal<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<bool, Both<D, E>>
    where
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "equal", map2(|a: A, b: A| a == b))
    }

    /// Whether each element differs from that of `other`, an array or a number.
    #[track_caller]
    pub fn not_equal<E: Dimension>(&self, other: impl Operand<A, E>) -> Array<bool, Both<D, E>>
    where
        D: DimMax<E>,
    {
        self.binary(&other.into_array(), "not_equal", map2(|a: A, b: A| a != b))
    }
}

/// Elements that say what is true: `bool`.
#[diagnostic::on_unimplemented(
    message = "an array of `{Self}` is no condition",
    label = "conditions are arrays of `bool`, and this is one of `{Self}`",
    note = "a comparison makes one, of which the choice is a method: `x.gt(0.0).where_(&x, 0.0)`, `mask.where_(&x, 0.0)`, `x.not_equal(0.0).any()`"
)]
pub trait Condition: Element {}
impl Condition for bool {}

impl<C: Element, D: Dimension> Array<C, D> {
    /// The elements of `yes` where this is true, of `no` elsewhere; all three broadcast.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(-2.0, 3.0, 1.0);
    /// assert_eq!(x.lt(0.0).where_(0.0, &x).compute()?.to_vec(), [0.0, 0.0, 0.0, 1.0, 2.0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias("where", "select", "piecewise"))]
    #[track_caller]
    pub fn where_<A: Element, D1: Dimension, D2: Dimension>(
        &self,
        yes: impl Operand<A, D1>,
        no: impl Operand<A, D2>,
    ) -> Array<A, Both<Both<D, D1>, D2>>
    where
        C: Condition,
        D: DimMax<D1>,
        Both<D, D1>: DimMax<D2>,
    {
        let location = Location::caller();
        let (yes, no) = (yes.into_array(), no.into_array());
        let kernel = map3(|is: bool, yes: A, no: A| if is { yes } else { no });
        self.step(|expr| {
            let yes = yes.state.as_ref().map_err(Clone::clone)?;
            let no = no.state.as_ref().map_err(Clone::clone)?;
            elementwise::<A>("where", location, Arc::new(kernel), &[expr, yes, no])
        })
    }
}

/// Elements made of bits: `bool` and integers.
#[diagnostic::on_unimplemented(
    message = "elements of `{Self}` have no logic and no bits",
    label = "`{Self}` is neither `bool` nor an integer",
    note = "comparisons make `bool`s: `x.gt(0.0) & x.lt(1.0)`"
)]
pub trait Bits: Element {
    #[doc(hidden)]
    fn and_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn or_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn xor_(self, other: Self) -> Self;
    #[doc(hidden)]
    fn not_(self) -> Self;
}
macro_rules! bits {
    ($($A:ty)*) => {$(
        impl Bits for $A {
            #[inline(always)]
            fn and_(self, other: $A) -> $A { self & other }
            #[inline(always)]
            fn or_(self, other: $A) -> $A { self | other }
            #[inline(always)]
            fn xor_(self, other: $A) -> $A { self ^ other }
            #[inline(always)]
            fn not_(self) -> $A { !self }
        }
    )*};
}
bits! { bool i8 i16 i32 i64 u8 u16 u32 u64 }
