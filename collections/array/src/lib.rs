//! Chunked n-dimensional arrays, parallel and larger than memory, on the graphs of [taskweave](https://docs.rs/taskweave); use that
//! crate's feature `array`. For those who know NumPy or dask.array there is [a page](numpy) with what is which, and what differs.
//!
//! ```text
//! array        what users hold: an expression, or an error; together · parts  several in one graph
//! create       sources; spaced, coordinates     random     random ones
//! elementwise  operators, refused, sum; functions, complex, closeness  reducing   sums, means; extremes, scan, order
//! views        what moves nothing; diagonals    rearrange  other chunks; recut, known, join, nested, select, chosen, picked, places, reshape
//! sorting      order along an axis              found      what nobody knows the number of; room  for it
//! histogram    counts; bins                     calculus   gradients, areas, convolutions
//! blocks       functions of whole blocks; rows  overlap    with their neighbours; overlap_two, beyond; coarsened  of neighbours
//! blockwise    of several arrays, by labels      aggregate  reductions by functions of the user's
//! either       arrays of either kind, and list, of values, that calls are given; foreign  blocks that other collections of this workspace read and make
//! grid · sizes · map · coarse   how arrays are cut, and what is where: pure data
//! expr         expressions                       fuse      which of them become blocks
//! program · tile · turned · ahead · kernels · quotient · math · simd   chains of elementwise steps, in one pass
//! reduce · reductions · variance · pass · states · thin  elements along axes become one
//! store        arrays in files                    spill      rechunking through files
//! block        what tasks hand each other; pool   lower     the tasks; plan · rehearsal, what they will take
//! linalg       products of matrices, factorisations
//! ```
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aggregate;
mod ahead;
mod array;
mod beyond;
mod bins;
mod block;
mod blocks;
mod blockwise;
mod calculus;
mod called;
mod chosen;
mod closeness;
mod coarse;
mod coarsened;
mod complex;
mod coordinates;
mod create;
mod diagonals;
mod either;
mod element;
mod elementwise;
mod error;
mod expr;
mod extremes;
mod foreign;
mod found;
mod functions;
mod fuse;
mod grid;
mod held;
mod histogram;
mod join;
mod kernels;
mod known;
mod linalg;
mod list;
mod lower;
mod map;
mod math;
mod nested;
mod operators;
mod order;
mod overlap;
mod overlap_two;
mod pages;
mod parts;
mod pass;
mod picked;
mod places;
mod plan;
mod pool;
mod program;
mod quantile;
mod quotient;
mod random;
mod rearrange;
mod recut;
mod reduce;
mod reducing;
mod reductions;
mod refused;
mod rehearsal;
mod reshape;
mod room;
mod rows;
mod scan;
mod select;
mod simd;
mod sizes;
mod sorting;
mod spaced;
mod spill;
mod states;
mod store;
mod sum;
mod thin;
mod tile;
mod together;
mod turned;
mod variance;
mod views;
mod walk;

/// The crate whose arrays come in and go out.
pub use ndarray;

pub use aggregate::Aggregate;
pub use array::{Array, Bytes};
pub use beyond::{Boundaries, Boundary, Depths};
pub use bins::Bins;
pub use blocks::BlockPlace;
pub use blockwise::{Blockwise, Labelled, Labels};
pub use calculus::{Convolution, Spacing};
pub use called::{ElementOutcome, Failure, Outcome};
pub use complex::Analytic;
pub use coordinates::{meshgrid, ravel_multi_index, unravel_index};
pub use either::AnyArray;
pub use element::{Cast, DType, Element, Float, Number, Real, Summed};
pub use elementwise::{Bits, Condition, Operand};
pub use error::{Error, ErrorKind};
pub use grid::Chunks;
pub use join::{Arrays, Pad, Widths, concatenate, stack};
#[cfg(feature = "linalg")]
#[cfg_attr(docsrs, doc(cfg(feature = "linalg")))]
pub use linalg::{CompressedSvd, Decompose, SvdOptions};
pub use linalg::{Dot, Operands, einsum};
pub use list::{List, Position};
pub use nested::{Nested, block};
/// Complex elements: `Complex<f32>` and `Complex<f64>`, of the crate `num-complex`, which need not be a dependency.
pub use num_complex::Complex;
pub use operators::RightOperand;
pub use plan::Plan;
pub use random::{Choices, Random};
pub use reducing::{Axes, OneAxis, Over, OverKept};
pub use reshape::INFERRED;
pub use sorting::Side;
pub use spill::Spill;
pub use variance::Spread;
pub use views::SliceOf;

/// What most programs with arrays need: arrays, what stands in calls of their methods, and of [`ndarray`] the ranks, axes, slices and arrays, so that it need not be a dependency.
///
/// Not `ndarray`'s `Array`, for ours has the name; hence not its `prelude` beside this one. `taskweave::prelude` goes beside it. No functions: a function of yours with such a name, put
/// under `#[delayed]`, would be ambiguous.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::prelude::*;
/// let x = Random::new(1).uniform::<f64, Ix2>([100, 3]).rechunk((50, 3));
/// let means: Array1<f64> = x.slice(s![..50, ..]).mean_axis(Axis(0)).compute()?;
/// assert_eq!(means.len(), 3);
/// # Ok::<(), array::Error>(())
/// ```
pub mod prelude {
    pub use crate::{Array, Bins, Boundary, Chunks, INFERRED, Pad, Random};
    pub use ndarray::{
        Array0, Array1, Array2, Array3, Array4, Array5, Array6, ArrayD, ArrayView0, ArrayView1,
        ArrayView2, ArrayView3, ArrayView4, ArrayView5, ArrayView6, ArrayViewD, ArrayViewMut0,
        ArrayViewMut1, ArrayViewMut2, ArrayViewMut3, ArrayViewMut4, ArrayViewMut5, ArrayViewMut6,
        ArrayViewMutD, Axis, Ix0, Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn, NewAxis, s,
    };
}

#[doc = include_str!("../docs/numpy.md")]
pub mod numpy {}

/// The door for other collections of this workspace. Not public: it changes without notice.
#[doc(hidden)]
pub mod __foreign {
    pub use crate::block::Block;
    pub use crate::foreign::{Blocks, Elements, Foreign, OfBlocks, OfOther};
}

/// The door for what `#[delayed]` expands to in this crate, its tests and its examples, none of which knows the facade. Not public: it changes without notice.
#[doc(hidden)]
pub mod __door {
    pub use taskweave_runtime::Delayed;
    /// As the facade's.
    pub mod __private {
        pub use taskweave_macros::{beside, wrong_count};
        // The macros that count, which their crate cannot name by a path.
        pub use taskweave_runtime::__private::*;
        pub use taskweave_runtime::*;
    }
}
