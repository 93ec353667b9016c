//! Chunked n-dimensional arrays, parallel and larger than memory, on the graphs of [taskweave](https://docs.rs/taskweave); use that
//! crate's feature `array`. For those who know NumPy or dask.array there is [a page](numpy) with what is which, and what differs.
//!
//! ```text
//! array        what users hold: an expression, or an error
//! create       sources                          random     random ones
//! elementwise  operators; functions              reducing   sums, means, extremes; scan, order
//! views        what moves nothing               rearrange  other chunks; join, select, reshape
//! blocks       functions of whole blocks        overlap    with their neighbours
//! blockwise    of several arrays, by labels      aggregate  reductions by functions of the user's
//! grid · map · coarse   how arrays are cut, and what is where: pure data
//! expr         expressions                       fuse      which of them become blocks
//! program · tile · kernels · math · simd         chains of elementwise steps, in one pass
//! reduce · reductions                            elements along axes become one
//! store        arrays in files                    spill      rechunking through files
//! block        what tasks hand each other        lower     the tasks; plan, what they will take
//! linalg       products of matrices, factorisations
//! ```
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod aggregate;
mod array;
mod block;
mod blocks;
mod blockwise;
mod called;
mod coarse;
mod create;
mod element;
mod elementwise;
mod error;
mod expr;
mod functions;
mod fuse;
mod grid;
mod held;
mod join;
mod kernels;
mod linalg;
mod lower;
mod map;
mod math;
mod order;
mod overlap;
mod pages;
mod plan;
mod program;
mod quantile;
mod random;
mod rearrange;
mod reduce;
mod reducing;
mod reductions;
mod reshape;
mod scan;
mod select;
mod simd;
mod spill;
mod store;
mod tile;
mod views;
mod walk;

pub use aggregate::Aggregate;
pub use array::{Array, Bytes};
pub use blocks::BlockPlace;
pub use blockwise::{Blockwise, Labelled, Labels};
pub use called::{ElementOutcome, Failure, Outcome};
pub use element::{Cast, DType, Element, Float, Number, Real};
pub use elementwise::{Bits, Operand};
pub use error::{Error, ErrorKind};
pub use grid::Chunks;
pub use join::{Pad, concatenate, stack};
pub use linalg::Dot;
#[cfg(feature = "linalg")]
#[cfg_attr(docsrs, doc(cfg(feature = "linalg")))]
pub use linalg::{CompressedSvd, Decompose, SvdOptions};
pub use overlap::{Boundaries, Boundary, Depths};
pub use plan::Plan;
pub use random::Random;
pub use reducing::{Over, OverKept};
pub use reductions::Spread;
pub use spill::Spill;

#[doc = include_str!("../docs/numpy.md")]
pub mod numpy {}
