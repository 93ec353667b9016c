//! Runs as users see them: several things in one run, runs that go on in the background, and what stops them.

pub(crate) mod completed;
pub(crate) mod control;
pub(crate) mod limit;
pub(crate) mod policy;
pub(crate) mod seed;
pub(crate) mod spawn;
pub(crate) mod timer;

use crate::drivers::Scheduler;
use crate::error::Error;
use crate::graph::{Builder, Delayed, Graph};
use crate::task::argument::{IntoArg, SEAL};

/// Something lazy that can become part of a graph: a [`Graph`], or a tuple of up to 8 of
/// them, an array, or a `Vec`.
///
/// [`compute`] takes it. All parts of a tuple are put into one graph and run together.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Compute, Graph, compute};
/// fn both<'env>(a: impl Compute<'env, Output = i32>, b: impl Compute<'env, Output = i32>) -> i32 {
///     let (a, b) = compute((a, b)).unwrap();
///     a + b
/// }
/// let graph = |n: i32| Graph::build(move |graph| graph.value(n));
/// assert_eq!(both(graph(1), graph(2)), 3);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing lazy that is computed",
    label = "expected a graph or a lazy array, a tuple of up to 8, an array or a `Vec`",
    note = "several that differ in type are a tuple, `(x, y)`; what a task computes is computed as the output of its `graph!`"
)]
pub trait Compute<'env>: Sized {
    /// What computing gives.
    type Output: Send + Sync + 'static;
    /// Says that it will be added, before anything is added that is computed with it: so collections know of each other, and what they have in common is computed once.
    fn announce(&self, _builder: &Builder<'env>) {}
    /// Adds its tasks to a graph that is being built.
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output>;
}

impl<'env, T: Send + Sync + 'static> Compute<'env> for Graph<'env, T> {
    type Output = T;
    #[track_caller]
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, T> {
        builder.spliced(self)
    }
}

impl<'env, C: Compute<'env>> Compute<'env> for Vec<C> {
    type Output = Vec<C::Output>;
    fn announce(&self, builder: &Builder<'env>) {
        self.iter().for_each(|part| part.announce(builder));
    }
    #[track_caller]
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        // A closure has no caller's line.
        let mut parts = Vec::with_capacity(self.len());
        for part in self {
            parts.push(part.add_to(builder));
        }
        builder.gather(parts)
    }
}

impl<'env, C: Compute<'env>, const N: usize> Compute<'env> for [C; N] {
    type Output = [C::Output; N];
    fn announce(&self, builder: &Builder<'env>) {
        self.iter().for_each(|part| part.announce(builder));
    }
    #[track_caller]
    fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
        // A closure has no caller's line.
        let mut parts = Vec::with_capacity(N);
        for part in self {
            parts.push(part.add_to(builder));
        }
        let Ok(parts) = <[_; N]>::try_from(parts) else { unreachable!("one for each") };
        builder.gather(parts)
    }
}

macro_rules! tuples {
    ($($C:ident)*) => {
        impl<'env, $($C: Compute<'env>),*> Compute<'env> for ($($C,)*) {
            type Output = ($($C::Output,)*);
            #[allow(non_snake_case)]
            fn announce(&self, builder: &Builder<'env>) {
                let ($($C,)*) = self;
                $($C.announce(builder);)*
            }
            #[allow(non_snake_case)]
            #[track_caller]
            fn add_to<'g>(self, builder: &'g Builder<'env>) -> Delayed<'g, 'env, Self::Output> {
                let ($($C,)*) = self;
                $(let $C = IntoArg::<$C::Output, _>::into_source($C.add_to(builder), builder, SEAL);)*
                builder.gather_sources(tuples!(@pairs $($C)*))
            }
        }
    };
    (@pairs) => { () };
    (@pairs $C:ident $($D:ident)*) => { ($C, tuples!(@pairs $($D)*)) };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);

#[track_caller]
fn graph<'env, C: Compute<'env>>(work: C) -> Graph<'env, C::Output> {
    let builder = Builder::new();
    work.announce(&builder);
    let finished = builder.finish(work.add_to(&builder));
    builder.take_graph(finished)
}

/// Computes one thing, or a tuple of them together in one run, as [`Graph::compute`] does.
///
/// # Errors
/// As [`Graph::compute`]; of several failures that of the part that stands first.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, compute};
/// let small = Graph::build(|graph| graph.value(1).map(|n: i32| n + 1));
/// let text = Graph::build(|graph| graph.value("two").map(str::len));
/// assert_eq!(compute((small, text))?, (2, 3));
/// # Ok::<(), taskweave::Error>(())
/// ```
#[track_caller]
pub fn compute<'env, C: Compute<'env>>(work: C) -> Result<C::Output, Error> {
    graph(work).compute()
}

/// [`compute`] on a scheduler of the caller's choice.
///
/// # Errors
/// As [`compute`].
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{Graph, InThread, compute_on};
/// let graph = |n: i32| Graph::build(move |graph| graph.value(n));
/// assert_eq!(compute_on((graph(1), graph(2)), &InThread)?, (1, 2));
/// # Ok::<(), taskweave::Error>(())
/// ```
#[track_caller]
pub fn compute_on<'env, C: Compute<'env>>(
    work: C,
    scheduler: &(impl Scheduler + ?Sized),
) -> Result<C::Output, Error> {
    graph(work).compute_on(scheduler)
}
