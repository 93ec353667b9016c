//! [`Delayed`]: what a caller holds of a task's future output.
//!
//! A handle has the ownership of its value: it is `Copy` iff the value is, `Clone` iff the value is, and passing it
//! by value moves it. It is two addresses, the task's node and its builder, which it borrows.

use super::builder::Builder;
use super::extras::cloner_of;
use super::node::{NodeRef, ORDERED, Role, TaskName};
use crate::error::{BoxError, Error, ErrorKind};
use crate::task::options::TaskOptions;
use crate::task::source::{Caught, Lent};
use crate::task::step::{Again, Once};
use std::borrow::Cow;
use std::marker::{PhantomData, PhantomPinned};
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// A value that a task will produce.
///
/// Pass it to other tasks: by value it moves the output, `&handle` lends it. It is `Copy` iff `T` is and `Clone` iff
/// `T` is (a clone of the handle clones the output when it is read, except for the last reader, which moves it). It has no
/// value while the graph is being built: fields, methods and indexing go through [`map`](Delayed::map) or
/// [`map_ref`](Delayed::map_ref), decisions into a `#[delayed]` function.
///
/// `'g` is the borrow of its graph's builder, `'env` what the tasks may borrow. A function of your own that takes a handle and gives one names both,
/// `fn scaled<'g, 'env>(x: Delayed<'g, 'env, f64>) -> Delayed<'g, 'env, f64>`, and uses its methods and operators; to call `#[delayed]` functions it takes the [`Builder`] too, as `graph: &'g Builder<'env>`,
/// and says `graph.add(half::task(x))`, for it stands in no `graph!`.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::Graph;
/// let graph = Graph::build(|graph| {
///     let words = graph.value(vec!["to", "weave"]);
///     let count = words.map_ref(|words| words.len());
///     let first = words.map(|words| words[0].to_string());
///     graph.gather((count, first))
/// });
/// assert_eq!(graph.compute()?, (2, "to".to_string()));
/// # Ok::<(), taskweave::Error>(())
/// ```
#[must_use = "nothing reads this task's output, so it would not run: return it, pass it on, or let a task come `.after(&it)`"]
pub struct Delayed<'g, 'env, T> {
    /// Of a name that nobody else's field or method has: those would be called private.
    __at: At<'g, 'env, T>,
}

struct At<'g, 'env, T> {
    node: NodeRef,
    /// An address, and no reference, so that a handle sent to a thread gives one message, not one for each field behind it.
    builder: NonNull<Builder<'env>>,
    borrow: PhantomData<fn() -> &'g Builder<'env>>,
    /// Invariant in `T`: `Copy` for some lifetimes must not be `Copy` for others.
    value: PhantomData<fn(T) -> T>,
    /// Never `Unpin`, so never a plain value: see [`crate::task::argument`].
    _late: PhantomPinned,
}

impl<T> Clone for At<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for At<'_, '_, T> {}

impl<'g, 'env, T> Delayed<'g, 'env, T> {
    pub(crate) fn new(node: NodeRef, builder: &'g Builder<'env>) -> Self {
        let at = At {
            node,
            builder: NonNull::from(builder),
            borrow: PhantomData,
            value: PhantomData,
            _late: PhantomPinned,
        };
        Delayed { __at: at }
    }

    /// The same handle again, for one that is replaced at once.
    pub(crate) fn again(&self) -> Self {
        Delayed { __at: self.__at }
    }

    pub(crate) fn parts(&self) -> (NodeRef, &'g Builder<'env>) {
        // SAFETY: made from a `&'g Builder<'env>`, whose borrow `'g` the handle's type keeps.
        (self.__at.node, unsafe { self.__at.builder.as_ref() })
    }
}

impl<T: Clone> Clone for Delayed<'_, '_, T> {
    #[allow(clippy::non_canonical_clone_impl)]
    fn clone(&self) -> Self {
        let (node, builder) = self.parts();
        // Now, not at first use: from here on nobody may assume that one reader takes the value alone.
        builder.share(node);
        builder.extras().borrow_mut().set_cloner(node, cloner_of::<T>());
        Delayed::new(node, builder)
    }
}

impl<T: Copy> Copy for Delayed<'_, '_, T> {}

macro_rules! kinds {
    ($($name:ident = $text:literal, $role:ident;)*) => {$(
        pub(crate) struct $name;
        impl TaskName for $name {
            const NAME: &'static str = $text;
            const ROLE: Role = Role::$role;
        }
    )*};
}
/// Runs also if its input has failed.
pub(crate) struct Catch;
impl TaskName for Catch {
    const NAME: &'static str = "catch";
    const CATCHES: bool = true;
}
kinds! {
    Map = "map", Task;
    MapRef = "map_ref", Task;
    OrFail = "?", Part;
    Split = "unzip", Part;
    Member = "member", Part;
}

impl<'g, 'env, T: Send + Sync + 'static> Delayed<'g, 'env, T> {
    /// A task that takes the output and makes another value of it.
    #[track_caller]
    pub fn map<R, F>(self, f: F) -> Delayed<'g, 'env, R>
    where
        R: Send + Sync + 'static,
        F: FnOnce(T) -> R + Send + 'env,
    {
        let builder = self.parts().1;
        let source = builder.take(&self);
        let node = builder.push::<Map, _, _, R>(
            Location::caller(),
            source,
            Once(move |value| Ok(f(value))),
        );
        Delayed::new(node, builder)
    }

    /// A task that reads the output and makes another value: for fields, methods, indexing.
    #[track_caller]
    pub fn map_ref<R, F>(&self, f: F) -> Delayed<'g, 'env, R>
    where
        R: Send + Sync + 'static,
        F: FnOnce(&T) -> R + Send + 'env,
    {
        let builder = self.parts().1;
        let source = builder.lend(self);
        let node = builder.push::<MapRef, _, _, R>(
            Location::caller(),
            source,
            Once(move |value: Lent<T>| Ok(f(value.get()))),
        );
        Delayed::new(node, builder)
    }

    /// The output, or what `f` makes of the failure, if the task has failed or something it needs: then the run goes on.
    ///
    /// `f` gets the [`Error`] that [`compute`](crate::Graph::compute) would return: of several failures among what the task needs, that with the lowest
    /// place. A failure that leads to the output by another way too, past every `catch`, stops the run as ever; so does
    /// cancelling. What a task only comes [`after`](Delayed::after) is not caught.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| {
    ///     let parsed = ["1", "x", "3"].map(|text| {
    ///         graph.value(text).map(|text: &str| text.parse::<i32>()).or_fail().catch(|_| 0)
    ///     });
    ///     graph.gather(parsed).map(|all: [i32; 3]| all.iter().sum::<i32>())
    /// });
    /// assert_eq!(graph.compute()?, 4);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    ///
    /// # Cost
    /// A task. A graph in which somebody catches takes one more pass over its tasks and edges.
    #[track_caller]
    pub fn catch<F>(self, f: F) -> Delayed<'g, 'env, T>
    where
        F: FnOnce(Error) -> T + Send + 'env,
    {
        let builder = self.parts().1;
        let source = Caught(builder.take(&self));
        let step = Once(move |outcome: Result<T, Error>| Ok(outcome.unwrap_or_else(f)));
        let node = builder.push::<Catch, _, _, T>(Location::caller(), source, step);
        builder.extras().borrow_mut().set_catches();
        Delayed::new(node, builder)
    }

    /// Gives this one task a name of its own, for errors, pictures and events.
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Self {
        let (node, name) = (self.__at.node, name.into());
        let mut extras = self.parts().1.extras().borrow_mut();
        if node.task_behind() != node {
            // An `Err` that is taken out of the task's output is told under this name too.
            extras.set_name(node, name.clone());
        }
        extras.set_name(node.task_behind(), name);
        drop(extras);
        self
    }

    /// Says how this one task is run: how often it is tried, for how long, when its turn comes. What is not said is as its function's `#[delayed(…)]` says.
    ///
    /// A mistake is an error of the graph, which [`check`](crate::Graph::check) finds: something said of a [plain value](crate::Builder::value); [retries](TaskOptions::retries) of what
    /// can run only once; a [pause](TaskOptions::backoff) without retries; anything said in a graph that awaits when the task may be running already.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::{Graph, TaskOptions};
    /// let graph = Graph::build(|graph| {
    ///     let last = graph.value(1).map(|n: i32| n + 1);
    ///     let first = graph.value(2).map(|n| n * 10).with(TaskOptions::new().priority(1));
    ///     last + first
    /// });
    /// assert_eq!(graph.compute()?, 22);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn with(self, options: TaskOptions) -> Self {
        let builder = self.parts().1;
        let node = self.__at.node.task_behind();
        let refused = if !node.kind().role.is_task() {
            Some(
                "is a plain value and no task, so options have nothing to act on: give them to the task that reads it",
            )
        } else if node.has(ORDERED) && builder.is_growing() {
            Some(
                "was given options when it may be running already: say so before the graph's next `.await`",
            )
        } else if options.retries.is_some_and(|retries| retries > 0) {
            match node.kind().tries {
                Some(trial) if (trial.can)() => None,
                Some(_) => Some(
                    "cannot be tried again: a parameter takes its value, whose type is not known to be `Clone`; \
                     make it `Clone`, take it by `&`, or say `#[delayed(retries = …)]` at the function",
                ),
                None => Some(
                    "cannot be tried again: a closure may give away what it captured, and an operator what it takes; \
                     say it of the call before it, or write a #[delayed] function instead",
                ),
            }
        } else {
            None
        };
        let mut extras = builder.extras().borrow_mut();
        extras.add_options(node, options);
        let retries = extras.options(node).retries.unwrap_or(0);
        let pauses_for_nothing =
            options.backoff.is_some() && options.retries.is_none() && retries == 0;
        let refused = refused.or(pauses_for_nothing.then_some(
            "pauses before it is tried again, and it is not: say how often, with `retries`, before or beside `backoff`",
        ));
        if let Some(why) = refused {
            let name = extras.name(node);
            builder.fault(|| Error::of_task(ErrorKind::Options, name, node.location(), why.into()));
        }
        drop(extras);
        self
    }

    /// Makes this task start only when `earlier` has run, without reading its output: for tasks that work on the
    /// outside world. Tasks that end up waiting for each other are an error of `check` and `compute`.
    ///
    /// # Examples
    /// ```
    /// # use std::sync::Mutex;
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let log = Mutex::new(Vec::new());
    /// let graph = Graph::build(|graph| {
    ///     let save = graph.value(()).map(|()| log.lock().unwrap().push("save"));
    ///     let mail = graph.value(()).map(|()| log.lock().unwrap().push("mail")).after(&save);
    ///     graph.gather((mail, save))
    /// });
    /// graph.compute()?;
    /// assert_eq!(log.into_inner().unwrap(), ["save", "mail"]);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    pub fn after<U>(self, earlier: &Delayed<'_, 'env, U>) -> Self {
        let builder = self.parts().1;
        if let Some(earlier) = builder.own(earlier) {
            builder.extras().borrow_mut().add_after(self.__at.node.task_behind(), earlier);
        }
        self
    }

    /// Takes a handle of a tuple apart into a tuple of handles; nothing is cloned.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| {
    ///     let (sum, count) = graph.value((6.0, 3)).unzip();
    ///     graph.gather((count, sum)).map(|(count, sum): (i32, f64)| sum / f64::from(count))
    /// });
    /// assert_eq!(graph.compute()?, 2.0);
    /// # Ok::<(), taskweave::Error>(())
    /// ```
    #[track_caller]
    pub fn unzip<H>(self) -> H
    where
        T: Unzip<'g, 'env, H>,
    {
        T::unzip(self)
    }
}

impl<'g, 'env, T, E> Delayed<'g, 'env, Result<T, E>>
where
    T: Send + Sync + 'static,
    E: Into<BoxError> + Send + Sync + 'static,
{
    /// `?` for a handle: the `Ok` value; an `Err` stops everything downstream and comes out of `compute`.
    #[track_caller]
    pub fn or_fail(self) -> Delayed<'g, 'env, T> {
        let builder = self.parts().1;
        let source = builder.take(&self);
        // The error is the reader's in the graph, but the user knows it by the task that returned it.
        let (name, location) =
            (builder.extras().borrow().name(self.__at.node), self.__at.node.location());
        let node = builder.push::<OrFail, _, _, T>(
            location,
            source,
            Again(|result: Result<T, E>| result.map_err(Into::into)),
        );
        builder.extras().borrow_mut().set_name(node, name);
        Delayed::new(node, builder)
    }
}

/// Takes a handle of a tuple apart, for `let (a, b) = f(..)`: a function, so that the message for what is no tuple is ours.
#[track_caller]
pub fn unzip<'g, 'env, T, H>(handle: Delayed<'g, 'env, T>) -> H
where
    T: Unzip<'g, 'env, H>,
{
    T::unzip(handle)
}

/// Handles of pairs as pairs of handles; from `.unzip()` of an iterator of them.
#[track_caller]
pub fn pairs<'g, 'env: 'g, A, B, I>(
    handles: I,
) -> impl Iterator<Item = (Delayed<'g, 'env, A>, Delayed<'g, 'env, B>)>
where
    I: Iterator<Item = Delayed<'g, 'env, (A, B)>>,
    (A, B): Unzip<'g, 'env, (Delayed<'g, 'env, A>, Delayed<'g, 'env, B>)>,
{
    handles.map(unzip)
}

/// Tuples of 2 to 8 members, whose handle can be taken apart into `H`, a tuple of handles.
///
/// `H` is a parameter and no associated type: what is no tuple would be told twice.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of 2 to 8 outputs, so its handle cannot be taken apart",
    label = "expected a handle of such a tuple",
    note = "if it is a `Result` of one, write `?` behind the call",
    note = "for one field of a struct write `.map_ref(|value| value.field.clone())`"
)]
pub trait Unzip<'g, 'env, H>: Sized {
    #[doc(hidden)]
    #[track_caller]
    fn unzip(handle: Delayed<'g, 'env, Self>) -> H;
}

/// A member of a tuple that has been taken apart, waiting for its one reader.
struct Shelf<T>(Mutex<Option<T>>);

impl<T> Shelf<T> {
    fn new(value: T) -> Self {
        Shelf(Mutex::new(Some(value)))
    }
    fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S: Send + Sync + 'static> Delayed<'_, '_, S> {
    /// The step that takes one member.
    fn take_of<T>(
        &self,
        of: fn(&S) -> &Shelf<T>,
    ) -> Again<impl Fn(Lent<S>) -> Result<T, BoxError> + Send + use<S, T>> {
        Again(move |shelves: Lent<S>| {
            of(shelves.get()).take().ok_or_else(|| "a member was taken twice".into())
        })
    }
}

macro_rules! unzips {
    ($($T:ident $at:tt)*) => {
        #[diagnostic::do_not_recommend]
        impl<'g, 'env, $($T: Send + Sync + 'static),*> Unzip<'g, 'env, ($(Delayed<'g, 'env, $T>,)*)> for ($($T,)*) {
            #[track_caller]
            fn unzip(handle: Delayed<'g, 'env, Self>) -> ($(Delayed<'g, 'env, $T>,)*) {
                let (builder, location) = (handle.parts().1, Location::caller());
                let source = builder.take(&handle);
                let shelves = builder.push::<Split, _, _, ($(Shelf<$T>,)*)>(
                    location,
                    source,
                    Again(|tuple: Self| Ok(($(Shelf::new(tuple.$at),)*))),
                );
                let shelves: Delayed<'g, 'env, ($(Shelf<$T>,)*)> = Delayed::new(shelves, builder);
                ($({
                    let source = builder.lend(&shelves);
                    let take = shelves.take_of(|shelves| &shelves.$at);
                    Delayed::new(builder.push::<Member, _, _, $T>(location, source, take), builder)
                },)*)
            }
        }
    };
}
unzips!(A 0 B 1);
unzips!(A 0 B 1 C 2);
unzips!(A 0 B 1 C 2 D 3);
unzips!(A 0 B 1 C 2 D 3 E 4);
unzips!(A 0 B 1 C 2 D 3 E 4 F 5);
unzips!(A 0 B 1 C 2 D 3 E 4 F 5 G 6);
unzips!(A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
