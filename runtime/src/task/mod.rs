//! Tasks before they are in a graph: arguments, sources, and the inert [`Task`].
//!
//! `fit::task(a, b)` gives a [`Task`]: its arguments as they were passed, so that the borrow of a lent handle lasts
//! until the task is added, and its body. [`Builder::add`](crate::Builder::add) converts the arguments to
//! [sources](source) and puts both into the graph's arena.

pub(crate) mod argument;
pub(crate) mod lend;
pub(crate) mod methods;
pub(crate) mod options;
mod parameters;
pub(crate) mod source;
pub(crate) mod step;

use crate::error::BoxError;
use crate::graph::Builder;
use crate::graph::extras::{Cloner, cloner_of};
use crate::graph::node::{Failure, NodeRef, TaskName};
use crate::scheduler::attempts::Tries;
use crate::scheduler::failures::{drop_caught, drop_silently};
use options::TaskOptions;
pub use parameters::{Arguments, Dyn, Parameters, Ref, Value};
use std::any::TypeId;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use step::{Pass, Step};

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

/// A delayed function's name, and what tells it from others of its name.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    pub(crate) name: &'static str,
    /// The type of the function itself; none, if there are many.
    pub(crate) function: Option<TypeId>,
}

impl Label {
    /// Of a function.
    pub const fn of<F: 'static>(_: &F, name: &'static str) -> Label {
        Label { name, function: Some(TypeId::of::<F>()) }
    }

    /// Of a generic one.
    pub const fn generic(name: &'static str) -> Label {
        Label { name, function: None }
    }
}

/// All that `#[delayed]` says of a function in one impl, which is quicker to compile than several.
pub trait Body {
    /// What it is called, and which function it is.
    const LABEL: Label;
    /// What the function returns.
    type Output;
    /// Its parameters, as nested pairs.
    type Parameters: Parameters;
    /// How to clone plain values of its by-value parameters, in their order, where that is known; see `clone_of`.
    const CLONERS: &'static [Option<Cloner>] = &[];
    /// How its tasks are run.
    const OPTIONS: TaskOptions = TaskOptions::new();
    /// Whether an output is an `Err`, if it can be one.
    const FAILED: Option<fn(&Self::Output) -> bool> = None;
    /// Calls it.
    fn call<'a>(values: <Self::Parameters as Parameters>::Passed<'a>) -> Self::Output
    where
        Self::Parameters: 'a;
}

impl<B: Body> TaskFn for B {
    const NAME: &'static str = B::LABEL.name;
}
impl<B: Body> DelayedFn for B {
    type Output = B::Output;
}

/// The name of a function, as nodes want it.
pub struct Named<I>(PhantomData<I>);
impl<I: TaskFn> TaskName for Named<I> {
    const NAME: &'static str = I::NAME;
}

/// Arguments and a body; all that a [`Task`] is.
#[diagnostic::on_unimplemented(
    message = "this task cannot be made: an argument does not fit its parameter, as the message before says",
    label = "the task"
)]
pub trait Recipe<'env, T> {
    /// Puts the task into a graph, its value passed through `then`, which can be done again.
    #[doc(hidden)]
    fn add_to<U, F>(
        self,
        builder: &Builder<'env>,
        location: &'static Location<'static>,
        then: F,
    ) -> NodeRef
    where
        U: Send + Sync + 'static,
        F: Step<T, U> + Sync + 'env;
}

/// The recipe that [`new_task`] makes: the body `I`, and its arguments as they were passed.
pub struct Call<I, A, M>(A, PhantomData<fn() -> (I, M)>);

#[diagnostic::do_not_recommend]
impl<'env, I, A, M> Recipe<'env, I::Output> for Call<I, A, M>
where
    I: Body<Parameters: 'env> + 'env,
    A: Arguments<'env, I::Parameters, M>,
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
        G: Step<I::Output, U> + Sync + 'env,
    {
        let sources = self.0.into_source(builder);
        let call = |values, then: &G| {
            let mut held = A::hold(values);
            let output = I::call(A::pass(&mut held));
            drop(held);
            then.again(output)
        };
        let tried = |values, then: &G, tries: Tries<'_>| {
            try_all::<I, A, M, G, U>(A::hold(values), then, tries)
        };
        let calls = Calls::<I, _, _, _>(then, call, tried, PhantomData);
        let node = builder.push::<Named<I>, _, _, U>(location, sources, calls);
        if const { I::OPTIONS.say_something() } {
            builder.extras().borrow_mut().add_options(node, I::OPTIONS);
        }
        node
    }
}

/// Calls the function `I` until an attempt succeeds, or none is left.
fn try_all<'env, I, A, M, G, U>(
    mut held: A::Held,
    then: &G,
    tries: Tries<'_>,
) -> Result<U, BoxError>
where
    I: Body,
    A: Arguments<'env, I::Parameters, M>,
    G: Step<I::Output, U>,
{
    let mut output = None;
    let mut attempt = |is_last: bool| {
        output = None;
        let passed = match is_last {
            true => A::pass(&mut held),
            false => A::pass_clone(&mut held, I::CLONERS, 0).ok_or("a value cannot be cloned")?,
        };
        let value = I::call(passed);
        let failed = !is_last && I::FAILED.is_some_and(|failed| failed(&value));
        output = Some(then.again(value)?);
        // Without `?` it is the task's value, if no attempt follows.
        if failed { Err(ValueIsErr.into()) } else { Ok(()) }
    };
    let outcome =
        tries.all(&mut |is_last| match catch_unwind(AssertUnwindSafe(|| attempt(is_last))) {
            Ok(outcome) => outcome.map_err(Failure::Failed),
            Err(payload) => Err(Failure::Panicked(payload)),
        });
    if let Some(payload) = drop_caught(held) {
        // What else may panic when it is dropped is not dropped while that unwinds.
        drop_silently(output);
        drop_silently(outcome);
        resume_unwind(payload);
    }
    match outcome {
        Err(Failure::Failed(error)) if !error.is::<ValueIsErr>() => Err(error),
        Ok(()) | Err(Failure::Failed(_)) => {
            Ok(output.expect("an attempt that succeeds gives a value"))
        }
        // Whoever runs the task takes note of it.
        Err(Failure::Panicked(payload) | Failure::Dropped(payload)) => resume_unwind(payload),
    }
}

/// An attempt's value is an `Err`, which nobody takes out.
#[derive(Debug)]
struct ValueIsErr;

impl std::fmt::Display for ValueIsErr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("its value is an `Err`")
    }
}
impl std::error::Error for ValueIsErr {}

/// Calls the function `I`, once or as often as it is tried, and does with its output what comes then: in closures that capture nothing, whose types say nothing of
/// how long the arguments live.
struct Calls<I, G, C, D>(G, C, D, PhantomData<fn() -> I>);

impl<I, V, T, G, C, D> Step<V, T> for Calls<I, G, C, D>
where
    I: Body,
    G: Send,
    C: Fn(V, &G) -> Result<T, BoxError> + Send,
    D: Fn(V, &G, Tries<'_>) -> Result<T, BoxError> + Send,
{
    const AGAIN: bool = true;
    const CLONERS: &'static [Option<Cloner>] = I::CLONERS;
    const TRIES: Option<fn() -> bool> = Some(|| I::Parameters::can_be_cloned(I::CLONERS, 0));
    #[inline]
    fn once(self, values: V) -> Result<T, BoxError> {
        (self.1)(values, &self.0)
    }
    #[inline]
    fn again(&self, values: V) -> Result<T, BoxError> {
        (self.1)(values, &self.0)
    }
    fn tried(&self, values: V, tries: Tries<'_>) -> Result<T, BoxError> {
        (self.2)(values, &self.0, tries)
    }
}

/// The recipe of [`Task::or_fail`].
pub struct OrFail<R, T, M>(R, PhantomData<fn() -> (T, M)>);

#[diagnostic::do_not_recommend]
impl<'env, T, O, R, M> Recipe<'env, O> for OrFail<R, T, M>
where
    T: TaskResultOf<O, M> + 'env,
    O: 'env,
    M: 'env,
    R: Recipe<'env, T>,
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
        G: Step<O, U> + Sync + 'env,
    {
        self.0.add_to(builder, location, Succeeds::<G, O, M>(then, PhantomData))
    }
}

/// Passes on the `Ok` value.
struct Succeeds<G, O, M>(G, PhantomData<fn() -> (O, M)>);

impl<T: TaskResultOf<O, M>, O, U, G: Step<O, U>, M> Step<T, U> for Succeeds<G, O, M> {
    const AGAIN: bool = G::AGAIN;
    #[inline]
    fn once(self, result: T) -> Result<U, BoxError> {
        self.0.once(result.into_outcome()?)
    }
    #[inline]
    fn again(&self, result: T) -> Result<U, BoxError> {
        self.0.again(result.into_outcome()?)
    }
}

type AddTo<'env, R> = fn(R, &Builder<'env>, &'static Location<'static>) -> NodeRef;

/// What a task's output must be: `Send + Sync + 'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the output of a task",
    label = "tasks on other threads read it, for as long as they like",
    note = "an output must be `Send + Sync + 'static`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`, owned values instead of borrows, `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`"
)]
pub trait TaskOutput: Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> TaskOutput for T {}

/// What the value of an input must be: `Clone + Send + Sync + 'static`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an input",
    label = "a frozen graph keeps it, and gives tasks on other threads clones of it",
    note = "a value must be `Clone + Send + Sync + 'static`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`, owned values instead of borrows",
    note = "what a task gives is no input: leave `input(\"name\", ..)` away"
)]
pub trait InputValue: Clone + Send + Sync + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> InputValue for T {}

/// What a task's by-value parameter must be: `Send`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a task",
    label = "it would be sent to another thread",
    note = "a parameter must be `Send`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
pub trait TaskInput: Send {}
#[diagnostic::do_not_recommend]
impl<T: Send> TaskInput for T {}

/// Checks a parameter's type at its span.
#[inline(always)]
pub const fn task_input<T: TaskInput>() {}

/// What a by-value parameter of a task with retries must be: `Clone`. `T` is the same type again, for a `&T` is `Clone` too, and the compiler would say that in place of
/// our text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` must be `Clone` to be a by-value parameter of a task that may be tried again",
    label = "each attempt needs a value of its own",
    note = "derive `Clone` for a type of yours, say `T: Clone` of a type parameter, or take the value by `&`, so that all attempts borrow the same one"
)]
pub trait TaskRetryInput<T> {}
#[diagnostic::do_not_recommend]
impl<T: Clone> TaskRetryInput<T> for T {}

/// Used by the expansion of `#[delayed(retries = …)]`: checks a by-value parameter.
pub const fn task_retry_input<T: TaskRetryInput<T>>() {}

/// As [`task_retry_input`], of a parameter whose type is a type parameter: there the compiler says itself what to write, and it would be a trait of ours.
pub const fn a_task_that_is_tried_again_clones<T: Clone>() {}

/// A call that has not been made yet: `fit::task(1.0, 2.0)`, to be given to [`Builder::add`](crate::Builder::add).
///
/// `graph!` makes and adds tasks by itself; this is the explicit form.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// # use taskweave::__private::{Body, Call, Label, Task, Value, new_task};
/// # struct double;
/// # impl Body for double {
/// #   const LABEL: Label = Label::generic("double"); type Output = f64; type Parameters = (Value<f64>, ());
/// #   fn call<'a>((x, ()): (f64, ())) -> f64 where Self::Parameters: 'a { 2.0 * x } }
/// # impl double { fn task<'env, M, A: taskweave::IntoArg<'env, f64, M>>(x: A) -> Task<'env, f64, Call<double, (A, ()), (M, ())>> {
/// #   new_task((x, ())) } }
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
    /// Adds it; made where the arguments' types are checked, so that a wrong argument gives one message, there.
    pub(crate) add: AddTo<'env, R>,
    pub(crate) name: Option<Cow<'static, str>>,
    marker: PhantomData<(fn() -> T, fn(&'env ()) -> &'env ())>,
}

/// Used by the expansion of `#[delayed]`: a task that passes the values of `arguments` to `I::call`.
#[inline]
pub fn new_task<'env, I, A, M>(arguments: A) -> Task<'env, I::Output, Call<I, A, M>>
where
    I: Body<Parameters: 'env> + 'env,
    I::Output: TaskOutput,
    A: Arguments<'env, I::Parameters, M>,
{
    Task {
        recipe: Call(arguments, PhantomData),
        add: |recipe, builder, location| recipe.add_to(builder, location, Pass),
        name: None,
        marker: PhantomData,
    }
}

/// What `input("name", value)` in `graph!` becomes.
pub fn input_task<'env, T: InputValue>(
    name: Cow<'static, str>,
    value: T,
) -> Task<'env, T, InputParts<T>> {
    Task {
        recipe: InputParts(name, value),
        add: |recipe, builder, location| builder.input_at(location, recipe.0, recipe.1),
        name: None,
        marker: PhantomData,
    }
}

/// The recipe of [`input_task`].
pub struct InputParts<T>(Cow<'static, str>, T);

/// Says whether a type is `Clone`, where it is known: `<Probe<T>>::CLONER` is the inherent constant if it is, else the trait's.
pub struct Probe<T>(PhantomData<fn() -> T>);
impl<T: Clone> Probe<T> {
    /// How it is cloned.
    pub const CLONER: Option<Cloner> = Some(cloner_of::<T>());
}
impl<T, E> Probe<Result<T, E>> {
    /// Whether it is an `Err`.
    pub const FAILED: Option<fn(&Result<T, E>) -> bool> = Some(Result::is_err);
}
/// See [`Probe`].
pub trait NoResult<T> {
    /// It cannot be an `Err`.
    const FAILED: Option<fn(&T) -> bool> = None;
}
impl<T> NoResult<T> for Probe<T> {}

/// See [`Probe`].
pub trait NotClone {
    /// It cannot be cloned.
    const CLONER: Option<Cloner> = None;
}
impl<T> NotClone for Probe<T> {}

impl<T, R> Task<'_, T, R> {
    /// Gives this one task a name of its own, for errors, pictures and events.
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        Task { name: Some(name.into()), ..self }
    }
}

/// What `?` behind a delayed call takes: a `Result`.
#[diagnostic::on_unimplemented(
    message = "`?` behind a task needs a `Result`, and this one gives `{Self}`",
    label = "there is no error to stop the graph with",
    note = "return `value.ok_or(\"what is missing\")`, or leave the `?` away: the whole value is then the task's output"
)]
pub trait TaskResult: Sized {
    /// The value.
    type Ok;
    /// What stops the graph.
    type Err;
    #[doc(hidden)]
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}
#[diagnostic::do_not_recommend]
impl<T, E> TaskResult for Result<T, E> {
    type Ok = T;
    type Err = E;
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// An error that can stop a graph.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stop a graph",
    label = "`compute` returns it, perhaps from another thread",
    note = "an error must be `Send + Sync` and either an `Error` or text: `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`"
)]
pub trait TaskError<M> {
    #[doc(hidden)]
    fn into_error(self) -> BoxError;
}
#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> TaskError<Converted> for E {
    #[inline]
    fn into_error(self) -> BoxError {
        self.into()
    }
}
// What is wrong with it is said where the function returns it; here it would be told a second time.
macro_rules! unsendable {
    ($($Error:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl TaskError<Unsendable> for $Error {
            fn into_error(self) -> BoxError {
                self.to_string().into()
            }
        }
    )*};
}
unsendable!(Box<dyn std::error::Error> Box<dyn std::error::Error + Send> Box<dyn std::error::Error + Sync>);

/// Marker: an error that converts into a [`BoxError`].
pub struct Converted;
/// Marker: an error that no task can return.
pub struct Unsendable;

/// A [`TaskResult`] with an `O` in it, and an error that can stop a graph: with parameters, and no trait above it that has none, so that it is asked where a function
/// is called, and not where it is declared.
#[diagnostic::on_unimplemented(
    message = "`?` behind a task needs a `Result`, and this one gives `{Self}`",
    label = "there is no error to stop the graph with",
    note = "return `value.ok_or(\"what is missing\")`, or leave the `?` away: the whole value is then the task's output"
)]
pub trait TaskResultOf<O, M> {
    #[doc(hidden)]
    fn into_outcome(self) -> Result<O, BoxError>;
}
impl<O, M, T: TaskResult<Ok = O, Err: TaskError<M>>> TaskResultOf<O, M> for T {
    #[inline]
    fn into_outcome(self) -> Result<O, BoxError> {
        self.into_result().map_err(TaskError::into_error)
    }
}

/// As [`or_fail`], in the expansion of a function whose output may be no `Result`, whatever its name.
pub fn or_fail_of<'env, T, O, R, M>(task: Task<'env, T, R>) -> Task<'env, O, OrFail<R, T, M>>
where
    T: TaskResultOf<O, M> + 'env,
    M: 'env,
    O: Send + Sync + 'static,
    R: Recipe<'env, T>,
{
    Task {
        recipe: OrFail(task.recipe, PhantomData),
        add: |recipe, builder, location| recipe.add_to(builder, location, Pass),
        name: task.name,
        marker: PhantomData,
    }
}

/// `?` behind a delayed call; a function, so that the message for what is no `Result` is ours.
pub fn or_fail<'env, T, O, R, M>(task: Task<'env, T, R>) -> Task<'env, O, OrFail<R, T, M>>
where
    T: TaskResult<Ok = O, Err: TaskError<M>> + 'env,
    M: 'env,
    O: Send + Sync + 'static,
    R: Recipe<'env, T>,
{
    or_fail_of(task)
}

impl<'env, T, E, R> Task<'env, Result<T, E>, R>
where
    T: Send + Sync + 'static,
    E: Into<BoxError> + 'env,
    R: Recipe<'env, Result<T, E>>,
{
    /// What `?` on a delayed call does: the task's value is the `Ok` value, an `Err` stops everything downstream.
    pub fn or_fail(self) -> Task<'env, T, OrFail<R, Result<T, E>, Converted>> {
        or_fail(self)
    }
}
