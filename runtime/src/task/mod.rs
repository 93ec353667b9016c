//! Tasks before they are in a graph: arguments, sources, and the inert [`Task`].
//!
//! `fit::task(a, b)` gives a [`Task`]: its arguments as they were passed, so that the borrow of a lent handle lasts
//! until the task is added, and its body. [`Builder::add`](crate::Builder::add) converts the arguments to
//! [sources](source) and puts both into the graph's arena.

pub(crate) mod argument;
pub(crate) mod lend;
pub(crate) mod source;

use crate::error::BoxError;
use crate::graph::Builder;
use crate::graph::node::{NodeRef, TaskName};
use argument::IntoArg;
use lend::{LendArg, LendDyn};
use source::Source;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::panic::Location;

/// What `#[delayed]` knows of a function, on the type it adds under the function's name.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::TaskFn;
/// struct fit;
/// impl TaskFn for fit {
///     const NAME: &'static str = "fit";
/// }
/// assert_eq!(fit::NAME, "fit");
/// ```
pub trait TaskFn {
    /// The name that errors, pictures and events show: the function's, or `#[delayed(name = "…")]`.
    const NAME: &'static str;
}

/// A [`TaskFn`] that is not generic, so that its output's type is known.
pub trait DelayedFn: TaskFn {
    /// What the function returns.
    type Output;
}

/// The name of a function, as nodes want it.
pub struct Named<I>(PhantomData<I>);
impl<I: TaskFn> TaskName for Named<I> {
    const NAME: &'static str = I::NAME;
}

/// Arguments of a task that is not in a graph yet.
pub trait Arguments<'env> {
    #[doc(hidden)]
    type Source: Source + 'env;
    #[doc(hidden)]
    fn into_source(self, builder: &Builder<'env>) -> Self::Source;
}

/// A by-value argument for a parameter `T`.
pub struct ByValue<X, T, M>(X, PhantomData<fn() -> (T, M)>);
/// An argument for a parameter `&U`.
pub struct ByRef<X, U: ?Sized, M>(X, PhantomData<fn() -> (Box<U>, M)>);
/// An argument for a parameter `&dyn Trait`.
pub struct ByDyn<X, U: ?Sized, A, M>(X, PhantomData<fn() -> (Box<U>, A, M)>);

/// Wraps a by-value argument.
#[inline]
pub fn arg<T, M, X>(argument: X) -> ByValue<X, T, M> {
    ByValue(argument, PhantomData)
}
/// Wraps a `&U` argument.
#[inline]
pub fn lend<U: ?Sized, M, X>(argument: X) -> ByRef<X, U, M> {
    ByRef(argument, PhantomData)
}
/// Wraps a `&dyn Trait` argument.
#[inline]
pub fn lend_dyn<U: ?Sized, A, M, X>(argument: X) -> ByDyn<X, U, A, M> {
    ByDyn(argument, PhantomData)
}

impl<'env, T, M, X: IntoArg<'env, T, M>> Arguments<'env> for ByValue<X, T, M> {
    type Source = X::Source;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.0.into_source(builder)
    }
}
impl<'env, U: ?Sized, M, X: LendArg<'env, U, M>> Arguments<'env> for ByRef<X, U, M> {
    type Source = X::Source;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.0.into_lender(builder)
    }
}
impl<'env, U: ?Sized, A, M, X: LendDyn<'env, U, A, M>> Arguments<'env> for ByDyn<X, U, A, M> {
    type Source = X::Source;
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> X::Source {
        self.0.into_lender(builder)
    }
}
impl<'env> Arguments<'env> for () {
    type Source = ();
    #[inline]
    fn into_source(self, _: &Builder<'env>) {}
}
impl<'env, A: Arguments<'env>, B: Arguments<'env>> Arguments<'env> for (A, B) {
    type Source = (A::Source, B::Source);
    #[inline]
    fn into_source(self, builder: &Builder<'env>) -> Self::Source {
        (self.0.into_source(builder), self.1.into_source(builder))
    }
}

/// Arguments and a body; all that a [`Task`] is.
pub trait Recipe<'env, T> {
    /// Puts the task into a graph, its value passed through `then`.
    #[doc(hidden)]
    fn add_to<U, F>(
        self,
        builder: &Builder<'env>,
        location: &'static Location<'static>,
        then: F,
    ) -> NodeRef
    where
        U: Send + Sync + 'static,
        F: FnOnce(T) -> Result<U, BoxError> + Send + 'env;
}

/// What a task does with its values: the call of the user's function.
pub trait Body<V, T> {
    /// Calls it.
    fn call(values: V) -> T;
}

/// The recipe that [`Task::new`] makes: the body `I`, and its arguments as they were passed.
pub struct Call<I, A>(A, PhantomData<fn() -> I>);

impl<'env, I, A, T> Recipe<'env, T> for Call<I, A>
where
    I: TaskFn + Body<<A::Source as Source>::Value, T>,
    A: Arguments<'env>,
{
    #[inline]
    fn add_to<U, G>(
        self,
        builder: &Builder<'env>,
        location: &'static Location<'static>,
        then: G,
    ) -> NodeRef
    where
        U: Send + Sync + 'static,
        G: FnOnce(T) -> Result<U, BoxError> + Send + 'env,
    {
        let sources = self.0.into_source(builder);
        builder.push::<Named<I>, _, _, U>(location, sources, move |values| then(I::call(values)))
    }
}

/// The recipe of [`Task::or_fail`].
pub struct OrFail<R, E>(R, PhantomData<fn() -> E>);

impl<'env, T, E, R> Recipe<'env, T> for OrFail<R, E>
where
    T: 'env,
    E: Into<BoxError> + 'env,
    R: Recipe<'env, Result<T, E>>,
{
    #[inline]
    fn add_to<U, G>(
        self,
        builder: &Builder<'env>,
        location: &'static Location<'static>,
        then: G,
    ) -> NodeRef
    where
        U: Send + Sync + 'static,
        G: FnOnce(T) -> Result<U, BoxError> + Send + 'env,
    {
        self.0.add_to(builder, location, move |result: Result<T, E>| {
            result.map_err(Into::into).and_then(then)
        })
    }
}

type AddTo<'env, R> = fn(R, &Builder<'env>, &'static Location<'static>) -> NodeRef;

/// What a task's output must be: `Send + Sync + 'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the output of a task",
    label = "tasks on other threads read it, for as long as they like",
    note = "an output must be `Send + Sync + 'static`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`, owned values instead of borrows"
)]
pub trait TaskOutput: Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> TaskOutput for T {}

/// What a task's by-value parameter must be: `Send`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a task",
    label = "it would be sent to another thread",
    note = "a parameter must be `Send`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
pub trait TaskInput: Send {}
#[diagnostic::do_not_recommend]
impl<T: Send> TaskInput for T {}

/// A call that has not been made yet: `fit::task(1.0, 2.0)`, to be given to [`Builder::add`](crate::Builder::add).
///
/// `graph!` makes and adds tasks by itself; this is the explicit form.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// # use taskweave::__private::{arg, Body, ByValue, Call, Task};
/// # struct double; impl taskweave::TaskFn for double { const NAME: &'static str = "double"; }
/// # impl Body<(f64, ()), f64> for double { fn call((x, ()): (f64, ())) -> f64 { 2.0 * x } }
/// # impl double { fn task<'env, M, A: taskweave::IntoArg<'env, f64, M>>(x: A) -> Task<'env, f64, Call<double, (ByValue<A, f64, M>, ())>> {
/// #   Task::new((arg(x), ())) } }
/// use taskweave::Graph;
/// // `fn double(x: f64) -> f64`, annotated with `#[delayed]`:
/// let graph = Graph::build(|graph| {
///     let two = graph.add(double::task(1.0));
///     graph.add(double::task(two).named("twice again"))
/// });
/// assert_eq!(graph.compute()?, 4.0);
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "a task does nothing until it is added to a graph"]
pub struct Task<'env, T, R> {
    pub(crate) recipe: R,
    /// Adds it; known where the arguments' types are checked, so that a wrong argument gives one message, there.
    pub(crate) add: AddTo<'env, R>,
    pub(crate) name: Option<Cow<'static, str>>,
    marker: PhantomData<(fn() -> T, fn(&'env ()) -> &'env ())>,
}

impl<'env, T> Task<'env, T, ()> {
    /// Used by the expansion of `#[delayed]`: a task called `I::NAME` that passes the values of `arguments` to `I::call`.
    #[doc(hidden)]
    #[inline]
    pub fn new<I, A>(arguments: A) -> Task<'env, T, Call<I, A>>
    where
        T: TaskOutput,
        I: TaskFn + Body<<A::Source as Source>::Value, T>,
        A: Arguments<'env>,
    {
        Task {
            recipe: Call(arguments, PhantomData),
            add: |recipe, builder, location| recipe.add_to(builder, location, Ok),
            name: None,
            marker: PhantomData,
        }
    }
}

impl<T, R> Task<'_, T, R> {
    /// Gives this one task a name of its own, for errors, pictures and events.
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Task { name: Some(name.into()), ..self }
    }
}

impl<'env, T, E, R> Task<'env, Result<T, E>, R>
where
    T: Send + Sync + 'static,
    E: Into<BoxError> + 'env,
    R: Recipe<'env, Result<T, E>>,
{
    /// What `?` on a delayed call does: the task's value is the `Ok` value, an `Err` stops everything downstream.
    pub fn or_fail(self) -> Task<'env, T, OrFail<R, E>> {
        Task {
            recipe: OrFail(self.recipe, PhantomData),
            add: |recipe, builder, location| recipe.add_to(builder, location, Ok),
            name: self.name,
            marker: PhantomData,
        }
    }
}
