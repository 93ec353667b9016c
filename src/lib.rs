//! Ordinary Rust functions and loops as parallel task graphs, checked at compile time.
//!
//! Put [`#[delayed]`](delayed) on a function and write an ordinary block in [`graph!`]: calls of delayed functions become
//! tasks, everything else stays what it is. The [`Graph`] it gives is typed and inert; [`compute`](Graph::compute) runs it on
//! all cores, releasing each intermediate result after its last reader.
//!
//! ```
//! use taskweave::prelude::*;
//!
//! #[delayed]
//! fn fit(data: &[f64], alpha: f64) -> f64 {
//!     let smooth = |level: f64, x: &f64| level + alpha * (x - level);
//!     data.iter().fold(data[0], smooth)
//! }
//! #[delayed]
//! fn closest(levels: Vec<(f64, f64)>, to: f64) -> f64 {
//!     levels.iter().min_by(|a, b| (a.1 - to).abs().total_cmp(&(b.1 - to).abs())).map_or(f64::NAN, |best| best.0)
//! }
//!
//! let data = vec![1.0, 2.0, 4.0, 3.0];                     // lent to every task, never copied
//! let graph = graph!({
//!     let mut levels = Vec::new();
//!     for step in 1..=100 {
//!         let alpha = f64::from(step) / 100.0;
//!         levels.push((alpha, fit(&data, alpha)));         // a task
//!     }
//!     closest(levels, 1.0)                                 // a task that waits for the others
//! });
//! assert_eq!(graph.to_string(), "101 tasks, 100 edges, depth 2, widest level 100");
//! assert_eq!(graph.compute()?, 0.01);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Where things are
//! - the language: [in full](language), and [every error](errors); [`delayed`], [`graph!`], [`Delayed`] (what a call in `graph!` returns);
//! - graphs that run again and again: [`static_graph!`], [`Graph::freeze`], [`input`];
//! - graphs: [`Graph`], [`compute`] for several at once, [`TaskInfo`] for checks of your own;
//! - who runs them: [`InThread`], [`Threads`], [`with_scheduler`]; `TASKWEAVE_SCHEDULER=in-thread|threads` and
//!   `TASKWEAVE_THREADS=n` in the environment;
//! - what goes wrong: [`Error`].
//!
//! # Ownership
//! A handle owns like its value. Passing it by value moves the value, `&handle` lends it; it is `Copy` if the value is, and
//! `handle.clone()` clones the value when it is read. Dask's "don't mutate your inputs" is the borrow checker's error here.

/// Chunked n-dimensional arrays: NumPy's interface, parallel and larger than memory. Behind the feature `array`.
#[cfg(feature = "array")]
#[cfg_attr(docsrs, doc(cfg(feature = "array")))]
pub mod array {
    #[doc(inline)]
    pub use taskweave_array::*;
}

/// Partitioned dataframes: pandas' and polars' interface, parallel and larger than memory. Behind the feature `frame`; with
/// `array` too, frames of arrays and arrays of frames.
#[cfg(feature = "frame")]
#[cfg_attr(docsrs, doc(cfg(feature = "frame")))]
pub mod frame {
    #[doc(inline)]
    pub use taskweave_frame::*;
}
pub use taskweave_runtime::{
    Builder, Cancelled, Completed, Compute, Delayed, DelayedFn, Error, ErrorKind, Event, Facts,
    Graph, InThread, IntoArg, Lend, LendArg, Limit, Observed, Observer, OnFailure,
    PICTURE_TASKS_MAX, PlainValue, Plan, Recorded, Recorder, Registration, Run, RunGrew,
    RunStarted, RunTask, Scheduler, Task, TaskEvent, TaskFn, TaskId, TaskInfo, TaskOptions,
    TaskStep, Threads, Unzip, cancelled, checkpoint, compute, compute_on, register_observer,
    task_attempt, task_seed, val, with_observer, with_scheduler,
};

/// Makes a function usable as a task in [`graph!`].
///
/// The function stays as it is: callable, coercible to a `fn` pointer, documented. Under its name come a type (`fit::task(a, b)`,
/// the [explicit form](Task), and `<fit as DelayedFn>`) and a macro by which `graph!` knows it; `use path::fit`,
/// `use path::*` and `use path::fit as other` bring all three.
///
/// On any free function: generic, `const`, `extern "C"`, inside another function; and on an `impl`, whose methods can then be called on handles
/// ([methods](language#methods)). A by-value parameter takes a value, a handle, a
/// [`Graph`] or a container of handles; a `&T`, `&[T]`, `&str`, `&dyn Trait` parameter takes `&handle`, a borrow of anything declared
/// before `graph!`, or an owned value. Not `async`, not `unsafe`, no `&mut`, no borrowed output; each says why.
///
/// Where a function's value has to be of another type than the parameter (a function item for a `fn` pointer, a `Box<Closure>`
/// for a `Box<dyn Fn>`), write a typed `let` before: arguments of tasks are not coerced.
///
/// Put `#[delayed]` above other attribute macros of the function, which may replace it.
///
/// # Options
/// - `name = "…"`: what errors and pictures call the task, instead of the function's name.
/// - `crate = path`: where taskweave is, if a macro or facade of yours re-exports it, or if it has another name in `Cargo.toml`: with `tw = { package = "taskweave" }` it
///   is `#[delayed(crate = tw)]`, or `extern crate tw as taskweave;` once at the root of the crate.
/// - `retries = n`, `backoff = duration`, `timeout = duration`, `priority = n`, `max_running = n`: how its tasks are run; each value is a constant
///   expression, and [`TaskOptions`] says what they mean. In an `impl` they stand on methods.
/// - `trait = Name`, on an `impl`: what the trait of its methods is called, instead of `TypeTasks`; a second block of the type in the same module needs it.
///
/// # Examples
/// ```
/// use taskweave::prelude::*;
///
/// #[delayed]
/// fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
///     text.parse()
/// }
/// #[delayed(name = "add up")]
/// fn total(values: &[f64]) -> f64 {
///     values.iter().sum()
/// }
///
/// let words = ["1", "2", "x"];
/// let graph = graph!({
///     let mut values = Vec::new();
///     for word in words {
///         values.push(parse(word)?);           // an `Err` stops the graph
///     }
///     total(values)
/// });
/// let error = graph.compute().unwrap_err();
/// assert_eq!(error.task(), Some("parse"));
/// assert_eq!(total(&[1.0, 2.0]), 3.0);         // still a function
/// ```
pub use taskweave_macros::delayed;

/// Builds a [`Graph`] from an ordinary block: calls of [`delayed`] functions become tasks.
///
/// `graph! { … }` or `graph!({ … })`; rustfmt formats the second. The last expression is the output: a handle, a tuple or container of
/// handles (plain values may be mixed in), or a plain value. Loops, `if`, `match`, closures, iterators, `?` on plain calls and
/// items work as anywhere, on values known while the graph is built; `load(path)?` on a delayed function is the task's `Ok` value, and an
/// `Err` stops everything downstream. `let (a, b) = pair(x);` takes a task's tuple apart.
///
/// What is borrowed with `&` must be declared before the block, for the graph lives on after it. Tasks that lead nowhere don't run; `Display`
/// counts them, and a call whose handle is dropped at once is a compile error.
///
/// `handle.await` waits for a value, so that results can steer the graph; `graph! { move … }` then owns what it uses. [The language in
/// full](language) has the rest.
///
/// These calls are always plain: `(f)(x)`, methods that are not delayed, `Type::new(..)`, names bound by `let`. A closure declared *outside* the block
/// is called as `(f)(x)`.
///
/// # Examples
/// ```
/// use taskweave::prelude::*;
///
/// #[delayed]
/// fn square(x: i64) -> i64 { x * x }
/// #[delayed]
/// fn add(a: i64, b: i64) -> i64 { a + b }
///
/// let graph = graph!({
///     let squares: Vec<_> = (1..=4).map(|x| square(x)).collect();
///     let mut sum = square(0);
///     for square in squares {
///         sum = add(sum, square);
///     }
///     (sum, sum * 2)
/// });
/// assert_eq!(graph.compute()?, (30, 60));
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! graph {
    ($($block:tt)*) => { $crate::__private::graph!([$crate] $($block)*) };
}

/// Declares a graph that is known when it is compiled: in any order, checked by the compiler, run again and again without allocating.
///
/// `static_graph! { pub struct Name(inputs) { let task = function(arguments); … output } }`: each task is a call of a [`delayed`] function
/// that is not generic, whose arguments are expressions of inputs and other tasks, above or below; `?` behind a call stops the run at an `Err`. It gives the
/// struct, `Name::new()`, `run(&mut self, inputs) -> Result<Output, Error>`, and `run_on(&mut self, &scheduler, inputs)`, which runs it on a scheduler of the caller's choice; and constants, for `const _: () = assert!(…)`:
///
/// | constant | what it is |
/// |---|---|
/// | `TASKS`, `EDGES` | how many tasks, and how many times they read one another |
/// | `CRITICAL_PATH`, `DEPTH` | tasks on the longest path, in the order of a run: one number, by two names |
/// | `WIDTH` | the most tasks of which none waits for another, in the order of a run: more threads have nothing to do |
/// | `LEVEL_WIDTH` | tasks on the widest level, where a task's level is the longest such path to it |
/// | `DOT` | the graph for Graphviz; what is ordered and reads nothing is dashed |
///
/// The order of a run is that of the data (`EDGES`), and that who takes a value comes after those who borrow it: with `a = eat(s)` and `b = look(&s)` the
/// path goes from `s` over `b` to `a`, and nothing runs beside them.
///
/// `-> T` may stand behind the inputs, and is checked. Cycles, tasks that lead nowhere, inputs that nothing reads (but for `_name`), unknown names, functions that are not delayed and wrong types are compile errors, where they are. A value
/// that several tasks take, or a task and the output, must be `Copy`; where one takes it and others borrow it with `&`, it comes after them.
///
/// # Examples
/// ```
/// use taskweave::prelude::*;
/// use taskweave::static_graph;
///
/// #[delayed]
/// fn half(x: f64) -> f64 { x / 2.0 }
/// #[delayed]
/// fn sum(a: f64, b: f64) -> f64 { a + b }
///
/// static_graph! {
///     struct Pipe(x: f64) {
///         let out = sum(left, right);
///         let left = half(start);
///         let right = sum(start, 1.0);
///         let start = half(x);
///         out
///     }
/// }
/// const _: () = assert!(Pipe::TASKS == 4 && Pipe::CRITICAL_PATH == 3 && Pipe::WIDTH == 2);
///
/// let mut pipe = Pipe::new();
/// assert_eq!(pipe.run(8.0)?, 7.0);
/// assert_eq!(pipe.run(2.0)?, 2.5);
/// # Ok::<(), Error>(())
/// ```
///
/// Each task has a `let` of its own: a call inside an argument is a plain call, which its task makes.
///
/// Several outputs are a tuple of tasks' names. The output takes them when all tasks have run, so others may borrow them:
///
/// ```
/// # use taskweave::prelude::*;
/// # use taskweave::static_graph;
/// #[delayed]
/// fn words(text: &str) -> Vec<String> { text.split(' ').map(str::to_owned).collect() }
/// #[delayed]
/// fn count(words: &[String]) -> usize { words.len() }
///
/// static_graph! {
///     struct Counted(text: &str) -> (Vec<String>, usize) {
///         let words = words(text);
///         let count = count(&words);
///         (words, count)
///     }
/// }
/// let (words, count) = Counted::new().run("a b")?;
/// assert_eq!((words.concat(), count), ("ab".to_owned(), 2));
/// # Ok::<(), Error>(())
/// ```
///
/// # Cost
/// A run is the calls, one after the other, and now and then two readings of the clock. If that took more than 30 µs, and tasks can run at once, runs on the
/// threads of the current scheduler are tried; the quicker way is kept, and the other tried again from time to time.
///
/// A run allocates nothing, on threads neither, but for the first ones there, whose memory is kept, and for a task that more than 64 others wait for: those that are not begun lie on a
/// thread's deque, which grows and shrinks again, with some six allocations each time their number doubles.
#[macro_export]
macro_rules! static_graph {
    ($($graph:tt)*) => { $crate::__private::static_graph!([$crate] $($graph)*); };
}

/// Gathers handles into one: of a vector of handles it makes a handle of a vector, of a graph a handle of its output.
///
/// A [`delayed`] function that returns what it is given, for [`graph!`]: to await several handles at once, or to use a
/// [`Graph`] like a handle.
///
/// # Examples
/// ```
/// use taskweave::gather;
/// use taskweave::prelude::*;
///
/// #[delayed]
/// fn square(x: u64) -> u64 { x * x }
/// fn part(x: u64) -> Graph<'static, u64> { graph!({ square(x) }) }
///
/// let graph = graph!({
///     let squares = gather((1..=3).map(|x| square(x)).collect::<Vec<_>>()).await;
///     let next = gather(part(4));
///     next + squares.iter().sum::<u64>()
/// });
/// assert_eq!(graph.compute()?, 30);
/// # Ok::<(), Error>(())
/// ```
///
/// # Cost
/// One task, and the container itself is moved.
#[delayed(crate = crate)]
pub fn gather<T: Send + Sync + 'static>(handles: T) -> T {
    handles
}

/// An input of a graph that will be [frozen](Graph::freeze): in [`graph!`] a handle of `value`, which [`Plan::set`] replaces from one run to
/// the next. In a graph that is just computed it is `value`; outside of `graph!` too. Its type is that of `value`, which [`Plan::set`] checks when it
/// runs: `set("n", 7)` gives an `i32`. Inputs of one name are set together, and have one type. For a parameter that is a `&str` the value is a `String`.
///
/// # Examples
/// ```
/// use taskweave::input;
/// use taskweave::prelude::*;
///
/// #[delayed]
/// fn fit(data: &[f64], alpha: f64) -> f64 { alpha * data.iter().sum::<f64>() }
///
/// let data = vec![1.0, 2.0];
/// let graph = graph!({
///     let alpha = input("alpha", 0.5);
///     fit(&data, alpha) + fit(&data, alpha * 2.0)
/// });
/// let mut plan = graph.freeze()?;
/// for alpha in [1.0, 2.0, 3.0] {
///     plan.set("alpha", alpha)?;
///     assert_eq!(plan.run()?, 9.0 * alpha);
/// }
/// assert!(plan.set("alfa", 1.0).unwrap_err().to_string().contains("it has `alpha`"));
/// # Ok::<(), Error>(())
/// ```
pub fn input<T: Clone + Send + Sync + 'static>(
    name: impl Into<std::borrow::Cow<'static, str>>,
    value: T,
) -> T {
    drop(name);
    value
}
#[doc(hidden)]
#[allow(non_camel_case_types, missing_debug_implementations)]
pub struct input {}
impl input {
    /// `input` as a task, for [`Builder::add`].
    pub fn task<'env, T: __private::InputValue>(
        name: impl Into<std::borrow::Cow<'static, str>>,
        value: T,
    ) -> Task<'env, T, __private::InputParts<T>> {
        __private::input_task(name.into(), value)
    }
}
#[doc(hidden)]
pub use taskweave_runtime::__input_call as input;

/// Asserts facts of a graph before it runs: `tasks`, `edges`, `depth` and `widest_level`, each compared with a number.
///
/// # Examples
/// ```
/// use taskweave::assert_graph;
/// use taskweave::prelude::*;
///
/// #[delayed]
/// fn square(x: u64) -> u64 { x * x }
/// #[delayed]
/// fn sum(values: Vec<u64>) -> u64 { values.iter().sum() }
///
/// let graph = graph!({
///     let squares: Vec<_> = (0..95).map(|x| square(x)).collect();
///     sum(squares)
/// });
/// assert_graph!(graph, tasks == 96, depth <= 12, widest_level >= 8);
/// ```
///
/// # Panics
/// If one does not hold, or the graph cannot run; the message names the fact, its value, and shows the graph. And if the graph, or a part of it, awaits:
/// it grows while it runs, so nothing holds of it before. Then assert the facts of the parts between its `.await`s, each as a graph of its own, or count
/// the tasks of a run with a [`Recorder`].
#[macro_export]
macro_rules! assert_graph {
    ($graph:expr $(, $fact:ident $op:tt $value:expr)+ $(,)?) => {{
        let graph: &$crate::Graph<'_, _> = &$graph;
        let facts = match $crate::__private::known_facts(graph) {
            ::core::result::Result::Ok(facts) => facts,
            ::core::result::Result::Err(why) => ::core::panic!("{}", why),
        };
        $(
            let (fact, value): (usize, usize) = (facts.$fact, $value);
            ::core::assert!(
                $crate::assert_graph!(@compared fact $op value),
                "the graph has {} = {}, which is not {} {}: {}",
                ::core::stringify!($fact), fact, ::core::stringify!($op), value, graph
            );
        )+
    }};
    ($graph:expr $(,)?) => {
        ::core::compile_error!(
            "say what holds of the graph: `assert_graph!(graph, tasks == 96, depth <= 12)`\n\
             its facts are `tasks`, `edges`, `depth` and `widest_level`"
        )
    };
    (@compared $fact:ident == $value:ident) => { $fact == $value };
    (@compared $fact:ident != $value:ident) => { $fact != $value };
    (@compared $fact:ident <= $value:ident) => { $fact <= $value };
    (@compared $fact:ident >= $value:ident) => { $fact >= $value };
    (@compared $fact:ident < $value:ident) => { $fact < $value };
    (@compared $fact:ident > $value:ident) => { $fact > $value };
    (@compared $fact:ident $op:tt $value:ident) => {
        ::core::compile_error!(
            "a fact of a graph is compared with a number: `tasks == 96`, `depth <= 12`"
        )
    };
}

/// What most programs need; for arrays `array::prelude` beside it.
///
/// Not [`gather`], [`input`], [`val`] and [`compute`](crate::compute()): a [`delayed`](macro@delayed) function of yours with such a name would be ambiguous.
///
/// # Examples
/// ```
/// use taskweave::prelude::*;
/// assert_eq!(graph!({ 1 + 1 }).compute()?, 2);
/// # Ok::<(), Error>(())
/// ```
pub mod prelude {
    pub use crate::{
        Compute, Delayed, Error, Graph, InThread, Scheduler, Threads, delayed, graph,
        with_scheduler,
    };
}

#[doc = include_str!("../docs/language.md")]
pub mod language {}

#[doc = include_str!("../docs/errors.md")]
pub mod errors {}

/// The one door for expanded code. Not public: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use taskweave_macros::{beside, graph, static_graph, wrong_count};
    pub use taskweave_runtime::__private::*;
    // The macros that count, which their crate cannot name by a path.
    pub use taskweave_runtime::*;
}
