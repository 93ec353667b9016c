//! Ordinary Rust functions and loops as parallel task graphs, checked at compile time.
pub use taskweave_macros::delayed;
pub use taskweave_runtime::*;

/// Builds a graph.
#[macro_export]
macro_rules! graph {
    ($($block:tt)*) => { $crate::__private::graph!([$crate] $($block)*) };
}

/// What most programs need.
pub mod prelude {
    pub use crate::{
        Compute, Delayed, Error, Graph, InThread, Scheduler, Threads, compute, delayed, graph, val,
        with_scheduler,
    };
}

/// x
#[doc(hidden)]
pub mod __private {
    pub use taskweave_macros::graph;
    pub use taskweave_runtime::__private::*;
}
