//! Functions of the user's over the blocks of several arrays, whose axes have labels.
//!
//! In: arrays with a label for each axis, the labels of the result, and a function of one block of each. Out: a custom expression, a block of which is made of the blocks at its place along the
//! labels that they have in common.
//!
//! ```text
//! "ij" of x "ik" and y "kj":   block (i, j) is f(x of rows i, y of columns j); along k both are whole
//! "ij" of x "i"  and y "j":    block (i, j) is f(block i of x, block j of y)
//! "iz" of x "i", z new:        block (i, z) is f(block i of x)
//! ```
//! A label that the result does not have is contracted: the function gets blocks that are whole along it, which are put together once, not for each block of the result.
//!
//! Not here: arrays that broadcast (`blocks`), products (`linalg`).

use crate::array::Array;
use crate::block::Block;
use crate::blocks::{BlockPlace, checked, custom, name_of, room_for, typed};
use crate::called::{Call, Failure, Name, Outcome};
use crate::either::AnyArray;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Custom, Expr, ExprRef};
use crate::grid::{Chunks, Dims, Grid, all_of, check_size, number};
use crate::rearrange::regridded;
use ndarray::{ArrayView, Dimension, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6};
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

mod sealed {
    pub trait List {
        /// The labels, one after the other.
        fn list(&self) -> Vec<char>;
    }
    impl List for &str {
        fn list(&self) -> Vec<char> {
            self.chars().collect()
        }
    }
    impl<const N: usize> List for [char; N] {
        fn list(&self) -> Vec<char> {
            self.to_vec()
        }
    }
}

/// Labels of the axes of an array of rank `D`: a string with a letter for each, `"ij"`, or an array, `['i', 'j']`, whose length the compiler compares with the rank.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not label the axes of an array of rank `{D}`",
    label = "one label for each axis is wanted: a string, or an array of as many `char`s",
    note = "an array whose rank is known at run time only takes a string"
)]
pub trait Labels<D: Dimension>: sealed::List {}
impl<D: Dimension> Labels<D> for &str {}
macro_rules! labels {
    ($($N:literal $D:ty;)*) => { $(impl Labels<$D> for [char; $N] {})* };
}
labels! { 0 Ix0; 1 Ix1; 2 Ix2; 3 Ix3; 4 Ix4; 5 Ix5; 6 Ix6; }

/// A function of blocks of up to four arrays, whose axes are brought together by labels; dask's `blockwise`.
///
/// The same label stands for axes of the same length, or of length 1: such a block goes with all. Chunks may differ: along each label those of the array that has most of them are taken.
///
/// A label that the result has not is *contracted*: the function gets blocks that are whole along it. To go through a long axis in pieces instead, keep its label, let the function return length 1
/// there ([`adjust_chunks`](Blockwise::adjust_chunks)), and sum over it afterwards.
///
/// # Errors
/// Carried by the array: as many labels as axes, each label of the result once and of some array (or a [new axis](Blockwise::new_axis)), equal lengths. Of the task: a block of another shape, an
/// error or a panic of the function.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, Blockwise};
/// use ndarray::{Array2, arr2};
///
/// // A product of matrices, and an outer one.
/// let x = Array::from(arr2(&[[1, 2, 3], [4, 5, 6]])).rechunk(1);
/// let y = Array::from(arr2(&[[1, 0], [0, 1], [2, 2]])).rechunk(2);
/// let product = Blockwise::new("ij").with(&x, "ik").with(&y, "kj").map(|x, y| x.dot(&y));
/// assert_eq!(product.compute()?, arr2(&[[7, 8], [16, 17]]));
///
/// let (u, v) = (Array::arange(1, 4, 1).rechunk(2), Array::arange(0, 3, 1));
/// let outer = Blockwise::new(['i', 'j'])
///     .with(&u, ['i'])
///     .with(&v, ['j'])
///     .map(|u, v| Array2::from_shape_fn((u.len(), v.len()), |(i, j)| u[i] * v[j]));
/// assert_eq!(outer.compute()?, arr2(&[[0, 1, 2], [0, 2, 4], [0, 3, 6]]));
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// A task for each chunk of the result, and one for each block that has to be put together because its array has other chunks or a contracted label; such a block is held until the last task has read it.
#[must_use = "name the function: `.map(|x, y| ..)`"]
pub struct Blockwise<L, T> {
    out: Vec<char>,
    operands: Vec<Operand>,
    new_axes: Vec<(char, Vec<usize>)>,
    adjusted: Vec<(char, Box<dyn Fn(usize) -> usize>)>,
    types: PhantomData<fn() -> (L, T)>,
}

/// An array that has labels, in the type of a [`Blockwise`].
pub struct Labelled<A, D>(PhantomData<fn() -> (A, D)>);

struct Operand {
    array: Result<ExprRef, Error>,
    labels: Vec<char>,
}

impl<L: sealed::List> Blockwise<L, ()> {
    /// Of the labels of the result.
    pub fn new(labels: L) -> Blockwise<L, ()> {
        Blockwise {
            out: labels.list(),
            operands: Vec::new(),
            new_axes: Vec::new(),
            adjusted: Vec::new(),
            types: PhantomData,
        }
    }
}

impl<L, T> Blockwise<L, T> {
    /// An axis of the result that no array has, with the lengths of its chunks, for each of which the function is called.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Blockwise};
    /// use ndarray::{Array2, arr2};
    /// let x = Array::arange(1, 4, 1).rechunk(2);
    /// let powers = Blockwise::new("ip").with(&x, "i").new_axis('p', [3]).map(|x| {
    ///     Array2::from_shape_fn((x.len(), 3), |(i, p)| i32::pow(x[i], p as u32))
    /// });
    /// assert_eq!(powers.compute()?, arr2(&[[1, 1, 1], [1, 2, 4], [1, 3, 9]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn new_axis(mut self, label: char, lengths: impl Into<Vec<usize>>) -> Blockwise<L, T> {
        self.new_axes.push((label, lengths.into()));
        self
    }

    /// The lengths of the result's chunks along a label, each of that of the arrays' chunk: 1, if the function leaves one element of each.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Blockwise};
    /// use ndarray::Axis;
    /// // A product, a piece of the axis that is summed over at a time.
    /// let x = Array::<f64, _>::ones([4, 6]).rechunk(2);
    /// let parts = Blockwise::new("ijk")
    ///     .with(&x, "ik")
    ///     .with(&x, "jk")
    ///     .adjust_chunks('k', |_| 1)
    ///     .map(|x, y| x.dot(&y.t()).insert_axis(Axis(2)));
    /// assert_eq!(parts.sum_axis(Axis(2)).compute()?, ndarray::Array2::from_elem((4, 4), 6.0));
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn adjust_chunks(
        mut self,
        label: char,
        f: impl Fn(usize) -> usize + 'static,
    ) -> Blockwise<L, T> {
        self.adjusted.push((label, Box::new(f)));
        self
    }

    fn with_another<A, D, U>(mut self, array: Array<A, D>, labels: Vec<char>) -> Blockwise<L, U> {
        self.operands.push(Operand { array: array.state, labels });
        let Blockwise { out, operands, new_axes, adjusted, .. } = self;
        Blockwise { out, operands, new_axes, adjusted, types: PhantomData }
    }

    /// The array that `f` makes of blocks of all.
    fn mapped<B: Element, E: Dimension + 'static>(
        self,
        name: Name,
        location: &'static Location<'static>,
        f: impl Fn(&[Block], &BlockPlace) -> Result<ndarray::Array<B, E>, Failure>
        + Send
        + Sync
        + 'static,
    ) -> Array<B, E> {
        let made = self.planned::<B>(E::NDIM).and_then(|plan| {
            let Plan { inputs, along, shape, grid } = plan;
            let make = Arc::new(Joined { f, name, along, types: PhantomData });
            custom::<B>("blockwise", make, inputs, shape, grid)
        });
        Array::made_at("blockwise", location, made)
    }
}

/// What is known once all labels are.
struct Plan {
    /// In chunks that fit together.
    inputs: Vec<ExprRef>,
    /// For each axis of each input, the axis of the result whose chunks it goes with.
    along: Vec<Vec<Option<usize>>>,
    shape: Dims,
    grid: Grid,
}

/// A label, and where its axis is cut.
struct Axis {
    label: char,
    len: usize,
    bounds: Arc<[usize]>,
    /// Where it was seen, for messages: array, axis.
    seen: (usize, usize),
}

fn wrong<T>(message: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Axis, message))
}

fn text(labels: &[char]) -> String {
    labels.iter().collect()
}

impl<L, T> Blockwise<L, T> {
    fn planned<B: Element>(&self, rank: Option<usize>) -> Result<Plan, Error> {
        let arrays: Vec<&ExprRef> = self
            .operands
            .iter()
            .map(|operand| operand.array.as_ref().map_err(Clone::clone))
            .collect::<Result<_, _>>()?;
        let axes = self.axes(&arrays)?;
        self.check_result(&axes, rank)?;
        let place = |label: char| self.out.iter().position(|&out| out == label);
        let (mut inputs, mut along) = (Vec::new(), Vec::new());
        for (array, operand) in arrays.iter().zip(&self.operands) {
            let (mut bounds, mut places): (Vec<Arc<[usize]>>, Vec<_>) = (Vec::new(), Vec::new());
            for (&label, &len) in operand.labels.iter().zip(&array.shape) {
                let axis = axes.iter().find(|axis| axis.label == label);
                let axis = axis.filter(|axis| axis.len == len && place(label).is_some());
                bounds.push(axis.map_or_else(|| [0, len].into(), |axis| axis.bounds.clone()));
                places.push(axis.and_then(|_| place(label)));
            }
            let grid = Grid::from_bounds(bounds);
            grid.check_count(&array.shape)?;
            let is_so = grid == array.grid;
            inputs.push(if is_so { (*array).clone() } else { Arc::new(regridded(array, grid)) });
            along.push(places);
        }
        let lengths: Vec<Vec<usize>> =
            self.out.iter().map(|&out| self.lengths(out, &axes)).collect();
        for (label, lengths) in self.out.iter().zip(&lengths) {
            if lengths.len() > 1 && lengths.contains(&0) {
                let message = format!(
                    "the chunks of blockwise's result along `{label}` have the lengths {lengths:?}; a chunk has at least one element along an axis"
                );
                return Err(Error::new(ErrorKind::Chunks, message));
            }
        }
        let shape: Dims = lengths.iter().map(|lengths| all_of(lengths)).collect();
        check_size(&shape, size_of::<B>())?;
        let grid = Grid::new(&shape, &Chunks::from(lengths), size_of::<B>())?;
        Ok(Plan { inputs, along, shape, grid })
    }

    /// All labels of the arrays, each with its length and chunks.
    fn axes(&self, arrays: &[&ExprRef]) -> Result<Vec<Axis>, Error> {
        let mut axes: Vec<Axis> = Vec::new();
        for (at, (array, operand)) in arrays.iter().zip(&self.operands).enumerate() {
            let (labels, shape) = (&operand.labels, &array.shape);
            if labels.len() != shape.len() {
                return wrong(format!(
                    "array {at} of blockwise has shape {:?} and the labels {:?}; give one for each axis",
                    &shape[..],
                    text(labels)
                ));
            }
            for (axis, (&label, &len)) in labels.iter().zip(shape).enumerate() {
                let bounds = array.grid.bounds(axis);
                let Some(known) = axes.iter_mut().find(|known| known.label == label) else {
                    axes.push(Axis { label, len, bounds: bounds.clone(), seen: (at, axis) });
                    continue;
                };
                if known.len != len && known.len != 1 && len != 1 {
                    let (array, other) = known.seen;
                    return Err(Error::new(
                        ErrorKind::Shape,
                        format!(
                            "label `{label}` stands for length {} along axis {other} of array {array} of blockwise, and for {len} along axis {axis} of array {at}; axes of one label are of one length, or 1",
                            known.len
                        ),
                    ));
                }
                // An axis of length 1 goes with any other; of equal ones that in most chunks says.
                let is_longer = known.len == 1 && len != 1;
                if is_longer || known.len == len && bounds.len() > known.bounds.len() {
                    *known = Axis { label, len, bounds: bounds.clone(), seen: (at, axis) };
                }
            }
        }
        Ok(axes)
    }

    fn check_result(&self, axes: &[Axis], rank: Option<usize>) -> Result<(), Error> {
        let out = &self.out;
        if rank.is_some_and(|rank| rank != out.len()) {
            return wrong(format!(
                "the function of blockwise returns blocks of rank {}, and the labels of the result are {:?}; give one for each axis",
                rank.unwrap_or(0),
                text(out)
            ));
        }
        let is_of_array = |label: char| axes.iter().any(|axis| axis.label == label);
        let is_new = |label: char| self.new_axes.iter().any(|(new, _)| *new == label);
        for (at, &label) in out.iter().enumerate() {
            if out[..at].contains(&label) {
                return wrong(format!(
                    "label `{label}` stands twice in {:?}, the labels of blockwise's result; name each axis once",
                    text(out)
                ));
            }
            if !is_of_array(label) && !is_new(label) {
                return wrong(format!(
                    "label `{label}` of blockwise's result is of none of its arrays; an axis of its own is said by `new_axis('{label}', lengths)`"
                ));
            }
        }
        for (at, (label, _)) in self.new_axes.iter().enumerate() {
            if is_of_array(*label) || self.new_axes[..at].iter().any(|(other, _)| other == label) {
                return wrong(format!(
                    "the new axis `{label}` of blockwise is there already; take another letter"
                ));
            }
        }
        let new = self.new_axes.iter().map(|(label, _)| ("new axis", label));
        let adjusted = self.adjusted.iter().map(|(label, _)| ("adjusted axis", label));
        for (what, label) in new.chain(adjusted) {
            if !out.contains(label) {
                return wrong(format!(
                    "the {what} `{label}` of blockwise is not among the labels of the result, {:?}",
                    text(out)
                ));
            }
        }
        Ok(())
    }

    /// The lengths of the result's chunks along a label.
    fn lengths(&self, label: char, axes: &[Axis]) -> Vec<usize> {
        let axis = axes.iter().find(|axis| axis.label == label);
        let of_arrays = axis.map(|axis| axis.bounds.windows(2).map(|b| b[1] - b[0]).collect());
        let new = || self.new_axes.iter().find(|(new, _)| *new == label);
        let lengths: Vec<usize> =
            of_arrays.or_else(|| new().map(|(_, lengths)| lengths.clone())).unwrap_or_default();
        let adjust = |lengths: Vec<usize>, (of, f): &(char, Box<dyn Fn(usize) -> usize>)| {
            if *of == label { lengths.into_iter().map(f).collect() } else { lengths }
        };
        self.adjusted.iter().fold(lengths, adjust)
    }
}

/// One block of the result for one of each input.
struct Joined<B, E, F> {
    f: F,
    name: Name,
    along: Vec<Vec<Option<usize>>>,
    types: PhantomData<fn() -> (B, E)>,
}

impl<B, E, F> Custom for Joined<B, E, F>
where
    B: Element,
    E: Dimension,
    F: Fn(&[Block], &BlockPlace) -> Result<ndarray::Array<B, E>, Failure> + Send + Sync,
{
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        for (which, (input, along)) in expr.inputs().zip(&self.along).enumerate() {
            let chunk: Dims = along.iter().map(|axis| axis.map_or(0, |axis| at[axis])).collect();
            need(which, number(&chunk, &input.grid.counts()));
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let (place, call) = (BlockPlace::new(expr, at), Call::new(expr, self.name, at));
        let room = room_for::<B>(expr, at);
        checked(&self.name, expr, at, call.run(|| (self.f)(&blocks, &place))?, room)
    }
}

macro_rules! with {
    ($([$($A:ident $D:ident),*] $B:ident $E:ident;)*) => {$(
        impl<L, $($A, $D),*> Blockwise<L, ($(Labelled<$A, $D>,)*)> {
            /// With one more array, and the labels of its axes.
            pub fn with<$B: Element, $E: Dimension>(
                self,
                array: impl AnyArray<$B, Dim = $E>,
                labels: impl Labels<$E>,
            ) -> Blockwise<L, ($(Labelled<$A, $D>,)* Labelled<$B, $E>,)> {
                self.with_another(array.lazy(), labels.list())
            }
        }
    )*};
}
with! {
    [] A1 D1;
    [A1 D1] A2 D2;
    [A1 D1, A2 D2] A3 D3;
    [A1 D1, A2 D2, A3 D3] A4 D4;
}

macro_rules! map {
    ($([$($A:ident $D:ident $at:tt),*];)*) => {$(
        impl<L, $($A: Element, $D: Dimension + 'static),*> Blockwise<L, ($(Labelled<$A, $D>,)*)> {
            /// The array whose blocks `f` makes, of one block of each array, in their order.
            #[track_caller]
            pub fn map<B: Element, E: Dimension + 'static, R: Outcome<ndarray::Array<B, E>>>(
                self,
                f: impl Fn($(ArrayView<'_, $A, $D>),*) -> R + Send + Sync + 'static,
            ) -> Array<B, E>
            where
                L: Labels<E>,
            {
                let name = name_of(&f);
                self.mapped(name, Location::caller(), move |blocks, _| {
                    f($(typed(&blocks[$at])),*).outcome()
                })
            }

            /// [`map`](Blockwise::map), of a function that also gets which block of the result it makes.
            #[track_caller]
            pub fn map_with_place<B: Element, E: Dimension + 'static, R: Outcome<ndarray::Array<B, E>>>(
                self,
                f: impl Fn($(ArrayView<'_, $A, $D>,)* &BlockPlace) -> R + Send + Sync + 'static,
            ) -> Array<B, E>
            where
                L: Labels<E>,
            {
                let name = name_of(&f);
                self.mapped(name, Location::caller(), move |blocks, place| {
                    f($(typed(&blocks[$at]),)* place).outcome()
                })
            }
        }
    )*};
}
map! {
    [A1 D1 0];
    [A1 D1 0, A2 D2 1];
    [A1 D1 0, A2 D2 1, A3 D3 2];
    [A1 D1 0, A2 D2 1, A3 D3 2, A4 D4 3];
}
