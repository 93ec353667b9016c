//! Partitioned dataframes, parallel and larger than memory, on the graphs of [taskweave](https://docs.rs/taskweave); use that crate's feature
//! `frame`. The partitions are frames of polars, which comes with this crate as [`polars_core`]. For those who know pandas, polars or
//! dask.dataframe there is [a page](pandas) with what is which, and what differs.
//!
//! ```text
//! frame       what users hold: an expression, or an error
//! expr        expressions over columns              divisions  what is known of the order of rows
//! csv · parquet · memory · graphs · paths   where rows come from, by way of source
//! arrays      frames of arrays and arrays of frames, behind the feature `array`
//! select      steps of rows and columns             groupby    groups, aggregations; grouping  as tasks see them
//! ranked · moments   the greatest rows; covariances        shown      a look at the rows
//! join        with a small side, or aligned         sort       in memory; sorted  order that is there already
//! partitions · recut   steps of whole partitions, and other ones
//! resample · time   windows that rows are grouped by
//! rolling · neighbours · ordered   what looks at other rows too, across partitions
//! write       frames into files                     plan       what a frame will do; held  in how much memory
//! node        the expression                        rows       steps that are done piece by piece
//! group       states of aggregations                shards     on their way through the tree
//! lower       the tasks; pipeline  one of them        undocumented  what is used of polars that it does not document
//! few         few rows of large blocks            error · refused · bytes   in words
//! ```
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "array")]
mod arrays;
mod bytes;
mod csv;
mod divisions;
mod error;
mod expr;
mod few;
mod frame;
mod graphs;
mod group;
mod groupby;
mod grouping;
mod held;
mod join;
mod lower;
mod memory;
mod moments;
mod neighbours;
mod node;
mod ordered;
mod parquet;
mod partitions;
mod paths;
mod pipeline;
mod plan;
mod ranked;
mod recut;
mod refused;
mod resample;
mod rolling;
mod rows;
mod select;
mod shards;
mod shown;
mod sort;
mod sorted;
mod source;
mod time;
mod undocumented;
mod write;

#[cfg(feature = "array")]
#[cfg_attr(docsrs, doc(cfg(feature = "array")))]
pub use arrays::{ArrayElement, ArrayRank};
pub use bytes::Bytes;
pub use csv::CsvOptions;
pub use divisions::{Bounds, Divisions};
pub use error::{Error, ErrorKind};
pub use expr::*;
pub use frame::Frame;
pub use groupby::GroupBy;
pub use memory::FrameOutcome;
pub use parquet::ParquetOptions;
pub use paths::{IntoPaths, Paths};
pub use plan::Plan;
pub use resample::Resample;
pub use rolling::Rolling;
pub use select::{ALL, All, IntoSubset};
pub use time::{Every, Side, Windows};
pub use write::{CsvWriteOptions, ParquetCompression, ParquetWriteOptions, QuoteStyle, Written};

/// The crates whose types come in and go out; their version is part of this crate's.
pub use {polars_core, polars_ops, polars_time};

#[doc = include_str!("../docs/pandas.md")]
pub mod pandas {}

/// What most programs with frames need: frames and expressions, and of polars what stands in calls and results.
pub mod prelude {
    pub use crate::{ALL, CsvOptions, Expr, Frame, RollingOptions, Windows, col, len, lit, when};
    pub use polars_core::df;
    pub use polars_core::prelude::{
        AnyValue, Column, DataFrame, DataType, PolarsError, PolarsResult, QuantileMethod, Series,
        SortMultipleOptions, TimeUnit, TimeZone,
    };
    pub use polars_ops::frame::JoinType;
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
