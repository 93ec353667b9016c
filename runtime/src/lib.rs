//! The graphs, schedulers and errors behind [taskweave](https://docs.rs/taskweave); use that crate.
//!
//! ```text
//! task/      arguments, sources, inert tasks          what #[delayed] expands to
//! graph/     arena, nodes, builder, handles, shape    what graph! builds
//! order      the depth-first order from the output
//! scheduler  ready, release, failure: no threads
//! growth     the same for graphs that are built while they run
//! drivers/   in_thread, threads                       who runs it
//! ahead      how far they go ahead of what is needed next
//! observe/   events, for whoever asks
//! run/       compute, for one graph or several
//! fixed      static graphs
//! language, counted                                what exists for messages
//! ```
//! `unsafe` stands in `graph/`, `task/`, `scheduler`, `fixed` and `drivers/`; their texts name the invariants it cites.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod ahead;
mod counted;
mod drivers;
mod error;
mod fixed;
mod graph;
mod growth;
mod language;
#[cfg(all(test, loom))]
mod models;
mod observe;
mod order;
mod run;
mod scheduler;
#[cfg(all(test, shuttle))]
mod schedules;
#[cfg(all(test, not(any(loom, shuttle))))]
mod small_graphs;
mod sync;
mod task;

pub use drivers::{InThread, Scheduler, Threads, with_scheduler};
pub use error::{Error, ErrorKind};
pub use graph::{Builder, Delayed, Facts, Graph, PICTURE_TASKS_MAX, Plan, TaskInfo, Unzip};
pub use observe::{
    Event, Observed, Observer, Recorded, Recorder, Registration, RunGrew, RunStarted, RunTask,
    TaskEvent, TaskId, TaskStep, register_observer, with_observer,
};
pub use run::completed::Completed;
pub use run::control::{Cancelled, cancelled, checkpoint};
pub use run::limit::Limit;
pub use run::policy::OnFailure;
pub use run::seed::{task_attempt, task_seed};
pub use run::spawn::Run;
pub use run::{Compute, compute, compute_on};
pub use task::argument::{IntoArg, PlainValue, val};
pub use task::lend::{Lend, LendArg};
pub use task::options::TaskOptions;
pub use task::{DelayedFn, Task, TaskFn};

/// What expanded code calls. Not public: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub mod ahead {
        pub use crate::ahead::*;
    }
    pub use crate::counted::{Anything, Given, Reference, Scalar, miscalled};
    pub use crate::error::BoxError;
    pub use crate::fixed::{
        Dropped, Fixed, IfTried, InOrder, Kept, NotKnown, NotShared, Nth, Passed, PassedOn, Reader,
        Reads, RefusedSlot, Right, Slot, StaticInput, StaticTask, StaticTaskFn, Table, Untried,
        Wrong, static_input, tried,
    };
    pub use crate::graph::builder::{
        Finished, Fulfilment, GraphOutput, Promise, builder, finish, into_graph,
    };
    pub use crate::graph::growing::{Awaited, Stop, StopError, growing, wait};
    pub use crate::graph::handle::{pairs, unzip};
    pub use crate::graph::shape::known_facts;
    pub use crate::language::{
        CalledOn, CaughtAs, Computed, Decide, Discard, GraphCond, GraphIter, NoOtherMacro,
        RefusedFn, Typed, caught, cond, discarded, eq, ge, gt, iter, le, lt, ne, refused,
        refused_method, refused_unit, wrong,
    };
    pub use crate::run::limit::Limit;
    pub use crate::task::argument::marker::*;
    pub use crate::task::argument::{Deferred, IntoArg, IntoGeneric, Seal, collected, val};
    pub use crate::task::lend::{Lend, LendArg, LendDyn, LendExact, Upcast};
    pub use crate::task::methods::{HandleOf, add_method, add_method_by_value};
    pub use crate::task::options::{TaskOptions, some_time};
    pub use crate::task::source::{Cloners, Late};
    pub use crate::task::{
        Body, Call, DelayedFn, Dyn, InputParts, InputValue, Label, NoResult, NotClone, OrFail,
        Parameters, Probe, Recipe, Ref, Task, TaskError, TaskFn, TaskInput, TaskOutput, TaskResult,
        TaskResultOf, Value, a_task_that_is_tried_again_clones, input_task, new_task, or_fail,
        or_fail_of, task_input, task_retry_input,
    };
    pub use crate::{
        __generic_task_call as generic_task_call, __generic_try_task_call as generic_try_task_call,
        __optioned_task_call as optioned_task_call,
        __optioned_try_task_call as optioned_try_task_call, __plain_call as plain_call,
        __refused_task_call as refused_task_call, __refused_unit_call as refused_unit_call,
        __task_call as task_call, __try_task_call as try_task_call, __typed as typed,
    };
    pub use core::marker::PhantomData;
}

/// What a call in `graph!` becomes when its callee is not delayed: the call as it was.
///
/// `@call 2 graph {path} {::<T>} {::<T, _>} (arguments)`, of two arguments, or `[{any a} {val b}]` where `b`'s type is the parameter's, or `{typed b}` where it is nobody's; the second
/// turbofish has two `_` for each argument. For `@try` and `@try_split` it is `{[::<T, _>] [::<T, _, _, _>]}`, of `task` and of `task_or_fail`. `@handle_…` is for what follows on what the callee gave, `@either` where the two cases differ,
/// `@caught` of a call without `?` whose failure becomes a plain value, `@needs_value` where a task's output cannot stand. `@known graph {path} alias` proves that a macro of this name is ours, and sees whether the function is.
#[doc(hidden)]
#[macro_export]
macro_rules! __plain_call {
    (@call $n:tt $g:ident {$($f:tt)*} {$($turbofish:tt)*} $task:tt ($($arg:tt)*)) => {
        $($f)* $($turbofish)* ($($arg)*)
    };
    (@call $n:tt $g:ident {$($f:tt)*} {$($turbofish:tt)*} $task:tt [$({$how:ident $($arg:tt)*})*]) => {
        $($f)* $($turbofish)* ($($($arg)*),*)
    };
    (@try $($call:tt)*) => { $crate::__plain_call!(@call $($call)*)? };
    (@split $($call:tt)*) => { $crate::__plain_call!(@call $($call)*) };
    (@try_split $($call:tt)*) => { $crate::__plain_call!(@call $($call)*)? };
    (@handle_call {$($chain:tt)*} {$($method:tt)*} [$({$how:ident $($arg:tt)*})*]) => {
        $($chain)*.$($method)*($($($arg)*),*)
    };
    (@handle_map {$($chain:tt)*} {$($method:tt)*} $plain:tt $task:tt) => { $($chain)* $($method)* $plain };
    (@handle_try {$($chain:tt)*}) => { $($chain)*? };
    (@handle_split {$($chain:tt)*}) => { $($chain)* };
    (@handle_try_split {$($chain:tt)*}) => { $($chain)*? };
    (@either {$($plain:tt)*} {$($task:tt)*}) => { $($plain)* };
    (@caught {$($call:tt)*} {$($method:tt)*} $arguments:tt) => { $($call)* $($method)* $arguments };
    (@needs_value {$($plain:tt)*} $message:literal) => { $($plain)* };
    (@known $($known:tt)*) => { $crate::__private::NoOtherMacro };
    (@gate {$own:ident} $good:tt {$($bad:tt)*}) => {{
        // A type that is wrong, and so is silent wherever it is used. Of a name that is not known the compiler has spoken: then this is silent, too.
        #[allow(dead_code)]
        type __TwNotKnown = $crate::__private::NotKnown<{ $crate::__private::StaticTaskFn::is_one(&$own) }>;
        $($bad)*
    }};
}

/// A value whose type has to be known here: of one that is not, the compiler speaks where it is bound, and at once, so that nothing follows.
#[doc(hidden)]
#[macro_export]
macro_rules! __typed {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::Typed as _;
        $value.__tw_typed()
    }};
}

/// The same of `input`, whose value has no parameter's type to take: it is passed as it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __input_call {
    (@call 2 $g:ident $f:tt $plain:tt $turbofish:tt [$({$how:ident $($arg:tt)*})*]) => {
        $crate::__generic_task_call_2!(@call 2 $g $f $plain $turbofish ($($($arg)*),*))
    };
    ($($call:tt)*) => { $crate::__generic_task_call_2!($($call)*) };
}

/// What a call in `graph!` becomes when its callee is delayed; re-exported under the function's own name.
#[doc(hidden)]
#[macro_export]
macro_rules! __task_call {
    (@call $n:tt $g:ident {$($f:tt)*} $plain:tt {$($turbofish:tt)*} ($($arg:tt)*)) => {
        $g.add($($f)*::task $($turbofish)* ($($arg)*))
    };
    (@call $n:tt $g:ident {$($f:tt)*} $plain:tt {$($turbofish:tt)*} [$({$how:ident $($arg:tt)*})*]) => {
        $g.add($($f)*::task $($turbofish)* ($($crate::__task_call!(@argument $how $($arg)*)),*))
    };
    (@argument val $($arg:tt)*) => { $crate::__private::val($($arg)*) };
    (@argument any $($arg:tt)*) => { $($arg)* };
    (@argument typed $($arg:tt)*) => { $crate::__typed!($($arg)*) };
    (@try $n:tt $g:ident {$($f:tt)*} $plain:tt {[$($turbofish:tt)*] $or_fail:tt} ($($arg:tt)*)) => {
        $g.add($crate::__private::or_fail($($f)*::task $($turbofish)* ($($arg)*)))
    };
    (@try $n:tt $g:ident {$($f:tt)*} $plain:tt {[$($turbofish:tt)*] $or_fail:tt} [$({$how:ident $($arg:tt)*})*]) => {
        $g.add($crate::__private::or_fail(
            $($f)*::task $($turbofish)* ($($crate::__task_call!(@argument $how $($arg)*)),*)
        ))
    };
    (@split $n:tt $g:ident $($call:tt)*) => {
        $crate::__private::unzip($crate::__task_call!(@call $n $g $($call)*))
    };
    (@try_split $n:tt $g:ident $($call:tt)*) => {
        $crate::__private::unzip($crate::__task_call!(@try $n $g $($call)*))
    };
    (@handle_call {$($chain:tt)*} {$($method:tt)*} [$({$how:ident $($arg:tt)*})*]) => {
        $($chain)*.$($method)*($($crate::__task_call!(@argument $how $($arg)*)),*)
    };
    (@handle_map {$($chain:tt)*} {$($method:tt)*} $plain:tt $task:tt) => { $($chain)* $($method)* $task };
    (@handle_try {$($chain:tt)*}) => { $($chain)*.or_fail() };
    (@handle_split {$($chain:tt)*}) => { $crate::__private::unzip($($chain)*) };
    (@handle_try_split {$($chain:tt)*}) => { $crate::__private::unzip($($chain)*.or_fail()) };
    (@either {$($plain:tt)*} {$($task:tt)*}) => { $($task)* };
    (@caught {$($call:tt)*} {$($method:tt)*} $arguments:tt) => { $($call)* $($method)* $arguments };
    (@needs_value {$($plain:tt)*} $message:literal) => { ::core::compile_error!($message) };
    (@known $g:ident {$($f:tt)*} $value:ident) => { $g.known::<$($f)*, _>(&$value) };
    (@gate $own:tt {$($good:tt)*} $bad:tt) => {{ $($good)* }};
    (@untried $f:tt $at:tt $($value:tt)*) => { $($value)* };
    ($($other:tt)*) => {
        ::core::compile_error!("call the function itself, or `name::task(..)` for the explicit form; the macro of this name is private to `graph!`")
    };
}

/// As `__task_call`, of a function that `#[delayed]` has refused: nothing more is said of it, whatever the arguments.
///
/// With a value of a wrong type in front: the compiler says nothing more of types in the same body that it cannot infer, so the arguments may be anything, and are used.
#[doc(hidden)]
#[macro_export]
macro_rules! __refused_task_call {
    (@call $n:tt $g:ident {$($f:tt)*} $plain:tt $tasks:tt ($($arg:tt)*)) => {{
        $crate::__private::wrong::<$($f)*>();
        $crate::__private::refused(&$g, ($($arg)*), $($f)*::output)
    }};
    (@call $n:tt $g:ident $f:tt $plain:tt $tasks:tt [$({$how:ident $($arg:tt)*})*]) => {
        $crate::__refused_task_call!(@call $n $g $f $plain $tasks ($($($arg)*),*))
    };
    (@try $($call:tt)*) => { $crate::__refused_task_call!(@call $($call)*).or_fail() };
    (@split $($call:tt)*) => {
        $crate::__private::unzip($crate::__refused_task_call!(@call $($call)*))
    };
    (@try_split $($call:tt)*) => {
        $crate::__private::unzip($crate::__refused_task_call!(@try $($call)*))
    };
    (@needs_value {$($plain:tt)*} $message:literal) => { $($plain)* };
    (@known $($known:tt)*) => { $crate::__private::NoOtherMacro };
    (@gate {$own:ident} $good:tt {$($bad:tt)*}) => {{
        #[allow(dead_code)]
        type __TwNotKnown = <$own as $crate::__private::RefusedFn>::Wrong;
        $($bad)*
    }};
    ($($other:tt)*) => { $crate::__task_call!($($other)*) };
}

/// As `__refused_task_call`, of a function that returns nothing: it may stand alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __refused_unit_call {
    (@call $n:tt $g:ident {$($f:tt)*} $plain:tt $tasks:tt ($($arg:tt)*)) => {{
        $crate::__private::wrong::<$($f)*>();
        $crate::__private::refused_unit(($($arg)*))
    }};
    (@call $n:tt $g:ident $f:tt $plain:tt $tasks:tt [$({$how:ident $($arg:tt)*})*]) => {
        $crate::__refused_unit_call!(@call $n $g $f $plain $tasks ($($($arg)*),*))
    };
    (@try $($call:tt)*) => { $crate::__refused_unit_call!(@call $($call)*) };
    ($($other:tt)*) => { $crate::__refused_task_call!($($other)*) };
}

/// As `__task_call`, of a generic function.
#[doc(hidden)]
#[macro_export]
macro_rules! __generic_task_call {
    (@gate $own:tt $good:tt {$($bad:tt)*}) => {{
        mod __tw_failed {
            ::core::compile_error!(
                "a generic #[delayed] function cannot be a task of a static graph, whose types are known\n\
                 call it inside a #[delayed] function that says the types"
            );
        }
        #[allow(dead_code)]
        type __TwNotKnown = __tw_failed::Output;
        $($bad)*
    }};
    (@known $($known:tt)*) => { $crate::__private::NoOtherMacro };
    ($($other:tt)*) => { $crate::__task_call!($($other)*) };
}

/// As `__task_call`, of a function that returns a `Result`: `?` is checked with the arguments, so that a wrong one is one message.
#[doc(hidden)]
#[macro_export]
macro_rules! __try_task_call {
    (@try $n:tt $g:ident {$($f:tt)*} $plain:tt {$task:tt [$($turbofish:tt)*]} ($($arg:tt)*)) => {
        $g.add($($f)*::task_or_fail $($turbofish)* ($($arg)*))
    };
    (@try $n:tt $g:ident {$($f:tt)*} $plain:tt {$task:tt [$($turbofish:tt)*]} [$({$how:ident $($arg:tt)*})*]) => {
        $g.add($($f)*::task_or_fail $($turbofish)* ($($crate::__task_call!(@argument $how $($arg)*)),*))
    };
    (@try_split $n:tt $g:ident $($call:tt)*) => {
        $crate::__private::unzip($crate::__try_task_call!(@try $n $g $($call)*))
    };
    (@caught {$($call:tt)*} $method:tt ($($closure:tt)*)) => {
        $crate::__private::caught($($call)*, $($closure)*)
    };
    ($($other:tt)*) => { $crate::__task_call!($($other)*) };
}

/// As `__try_task_call`, of a generic function.
#[doc(hidden)]
#[macro_export]
macro_rules! __generic_try_task_call {
    (@gate $($gate:tt)*) => { $crate::__generic_task_call!(@gate $($gate)*) };
    (@known $($known:tt)*) => { $crate::__private::NoOtherMacro };
    ($($other:tt)*) => { $crate::__try_task_call!($($other)*) };
}

/// As `__task_call`, of a function that says how its tasks are run.
#[doc(hidden)]
#[macro_export]
macro_rules! __optioned_task_call {
    (@gate $own:tt $good:tt {$($bad:tt)*}) => {{
        mod __tw_failed {
            ::core::compile_error!(
                "a task of a static graph is a call, and nothing looks after it: this function has options (`retries`, `timeout`, …), which would not act\n\
                 give the options to a function that calls this one, and use it in `graph!`"
            );
        }
        #[allow(dead_code)]
        type __TwNotKnown = __tw_failed::Output;
        $($bad)*
    }};
    ($($other:tt)*) => { $crate::__task_call!($($other)*) };
}

/// As `__try_task_call`, of a function that says how its tasks are run.
#[doc(hidden)]
#[macro_export]
macro_rules! __optioned_try_task_call {
    (@gate $($gate:tt)*) => { $crate::__optioned_task_call!(@gate $($gate)*) };
    ($($other:tt)*) => { $crate::__try_task_call!($($other)*) };
}
