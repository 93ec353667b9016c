//! What may be passed to a reference parameter, and how it is lent while the task runs.
//!
//! `&U` accepts `&handle` (nothing is cloned), a borrow of anything declared before the graph, an owned value, an
//! `Arc` or `Box`, a handle by value, a graph, or a container of handles that lends `&U` (`Vec<Delayed<T>>` for
//! `&[T]`). [`Lend`] says which type lends which; a `&dyn Trait` parameter goes through [`LendDyn`], for which
//! `#[delayed]` emits a type that knows how to unsize ([`Upcast`]).

use super::argument::marker::{Borrowed, BorrowedTwice, Exact, HandleRef, Later, Plain};
use super::argument::{Deferred, PlainValue, Seal};
use super::source::{Borrow, Cloners, Inputs, LateRef, Lent, Now, Source};
use crate::graph::{Builder, Delayed};
use crate::scheduler::Context;
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A value of this type can be lent as `&U`.
pub trait Lend<U: ?Sized> {
    /// Lends it.
    fn lend(&self) -> &U;
}

impl<T: ?Sized> Lend<T> for T {
    #[inline]
    fn lend(&self) -> &T {
        self
    }
}

macro_rules! lends {
    ($([$($generics:tt)*] $From:ty => $To:ty;)*) => {$(
        impl<$($generics)*> Lend<$To> for $From {
            #[inline]
            fn lend(&self) -> &$To {
                self
            }
        }
    )*};
}
lends! {
    [T] Vec<T> => [T];
    [T, const N: usize] [T; N] => [T];
    [] String => str;
    [] PathBuf => Path;
    [T: ?Sized] Arc<T> => T;
    [T: ?Sized] Box<T> => T;
    [T] Arc<Vec<T>> => [T];
    [] Arc<String> => str;
}

/// What a `&U` task parameter accepts. `M` is inferred; never name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a task parameter of type `&{U}`",
    label = "expected a `&{U}`, a `&` of a handle of one, or an owned value that lends one (handles in a `Vec`: the `Vec` itself)",
    note = "a `Result` lends no value: write `load(path)?` of a task that returns one",
    note = "the value must live as long as the graph: pass a `&` to something declared before `graph!`, an owned value, or an `Arc`",
    note = "tasks run on several threads, so what is passed must be `Send`, and what is borrowed `Sync`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
#[cfg_attr(
    feature = "arrays",
    diagnostic::on_unimplemented(
        note = "a lazy array goes in as it is, `x.clone()` and not `&x`, and lends what it computes: an `Array<f64, Ix2>` a `&ndarray::Array2<f64>`, both of rank 2, which is `Dim<[usize; 2]>`, the mean of one a `&ndarray::Array0<f64>`"
    )
)]
pub trait LendArg<'env, U: ?Sized, M> {
    #[doc(hidden)]
    type Source: Source<Value: Deref<Target = U>> + 'env;
    #[doc(hidden)]
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source;
}

/// How a fetched value `V` lends a `&U`.
pub trait How<V, U: ?Sized> {
    #[doc(hidden)]
    fn lend(value: &V) -> &U;
}
/// From another task's output.
pub struct FromHandle;
/// From a value the task owns.
pub struct FromOwned;
/// From a borrow that outlives the graph.
pub struct FromBorrow;
/// Through `H` as a `W`, then unsized by `A`.
pub struct FromDyn<A, W, H>(PhantomData<fn() -> (A, W, H)>);

impl<W: Lend<U> + Send + Sync + 'static, U: ?Sized> How<Lent<W>, U> for FromHandle {
    #[inline]
    fn lend(value: &Lent<W>) -> &U {
        value.get().lend()
    }
}
impl<W: Lend<U>, U: ?Sized> How<W, U> for FromOwned {
    #[inline]
    fn lend(value: &W) -> &U {
        value.lend()
    }
}
impl<W: Lend<U> + ?Sized, U: ?Sized> How<&W, U> for FromBorrow {
    #[inline]
    fn lend<'a>(value: &'a &W) -> &'a U {
        (**value).lend()
    }
}
impl<V, A: Upcast<W>, W: 'static, H: How<V, W>> How<V, A::To> for FromDyn<A, W, H> {
    #[inline]
    fn lend(value: &V) -> &A::To {
        A::up(H::lend(value))
    }
}

/// A source whose value is lent as `&U`.
pub struct Lender<S, U: ?Sized, H>(S, PhantomData<fn() -> (H, Box<U>)>);

/// A fetched value that derefs to what the parameter wants.
pub struct Loan<V, U: ?Sized, H>(V, PhantomData<fn() -> (H, Box<U>)>);

impl<V, U: ?Sized, H: How<V, U>> Deref for Loan<V, U, H> {
    type Target = U;
    #[inline]
    fn deref(&self) -> &U {
        H::lend(&self.0)
    }
}

impl<S: Source, U: ?Sized, H> Source for Lender<S, U, H> {
    type Value = Loan<S::Value, U, H>;
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        self.0.visit(inputs);
    }
    #[inline]
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        // SAFETY: promised by the caller.
        Loan(unsafe { self.0.fetch(context) }, PhantomData)
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.abandon(context);
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        // A plain value that is lent is not a parameter's own type.
        self.0.is_repeatable(&[], usize::MAX)
    }
    #[inline]
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        // SAFETY: promised by the caller.
        Loan(unsafe { self.0.fetch_again(context, &[], usize::MAX) }, PhantomData)
    }
}

fn lender<S, U: ?Sized, H>(source: S) -> Lender<S, U, H> {
    Lender(source, PhantomData)
}

#[diagnostic::do_not_recommend]
impl<'env, U, W> LendArg<'env, U, HandleRef> for &Delayed<'_, 'env, W>
where
    U: ?Sized + 'env,
    W: Lend<U> + Send + Sync + 'static,
{
    type Source = Lender<LateRef<W>, U, FromHandle>;
    #[inline]
    fn into_lender(self, builder: &Builder<'env>, _: Seal) -> Self::Source {
        lender(builder.lend(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'env, U, W> LendArg<'env, U, Borrowed> for &'env W
where
    U: ?Sized + 'env,
    W: Lend<U> + Sync + ?Sized + 'env,
{
    type Source = Lender<Borrow<'env, W>, U, FromBorrow>;
    #[inline]
    fn into_lender(self, _: &Builder<'env>, _: Seal) -> Self::Source {
        lender(Borrow(self))
    }
}

// What a loop over `&[&str]` gives; in a plain call the compiler takes the extra reference away. The inner one is copied, so the outer one may be of something made in the block.
#[diagnostic::do_not_recommend]
impl<'env, U, W> LendArg<'env, U, BorrowedTwice> for &&'env W
where
    U: ?Sized + 'env,
    W: Lend<U> + Sync + ?Sized + 'env,
{
    type Source = Lender<Borrow<'env, W>, U, FromBorrow>;
    #[inline]
    fn into_lender(self, _: &Builder<'env>, _: Seal) -> Self::Source {
        lender(Borrow(*self))
    }
}

#[diagnostic::do_not_recommend]
impl<'env, U, W> LendArg<'env, U, Plain> for W
where
    U: ?Sized + 'env,
    W: Lend<U> + Send + Unpin + 'env,
{
    type Source = Lender<Now<W>, U, FromOwned>;
    #[inline]
    fn into_lender(self, _: &Builder<'env>, _: Seal) -> Self::Source {
        lender(Now(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'env, U, W> LendArg<'env, U, Exact> for PlainValue<W>
where
    U: ?Sized + 'env,
    W: Lend<U> + Send + 'env,
{
    type Source = Lender<Now<W>, U, FromOwned>;
    #[inline]
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        lender(super::argument::IntoArg::into_source(self, builder, seal))
    }
}

// A handle by value, a graph, or a container of them.
#[diagnostic::do_not_recommend]
impl<'env, U, X, T, M> LendArg<'env, U, Later<(T, M)>> for X
where
    U: ?Sized + 'env,
    X: Deferred<'env, T, M>,
    T: Lend<U> + 'env,
{
    type Source = Lender<X::Source, U, FromOwned>;
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        lender(self.defer(builder, seal))
    }
}

/// What a `&T` task parameter accepts where `T` is a parameter of the function, to be found from the argument: as [`LendArg`],
/// but nothing is converted, and a plain value comes as a borrow or in [`val`](super::argument::val). Otherwise `T` could be
/// the borrow itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a task parameter of type `&{U}`",
    label = "expected `&Delayed`, or a borrow of something declared before the graph",
    note = "a plain value goes in as `taskweave::val(value)`",
    note = "tasks run on several threads, so what is passed must be `Send`, and what is borrowed `Sync`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
pub trait LendExact<'env, U: ?Sized, M>: LendArg<'env, U, M> {}

#[diagnostic::do_not_recommend]
impl<'env, U: Send + Sync + 'static> LendExact<'env, U, HandleRef> for &Delayed<'_, 'env, U> {}
#[diagnostic::do_not_recommend]
impl<'env, U: Sync + ?Sized + 'env> LendExact<'env, U, Borrowed> for &'env U {}
#[diagnostic::do_not_recommend]
impl<'env, U: Send + 'env> LendExact<'env, U, Exact> for PlainValue<U> {}
#[diagnostic::do_not_recommend]
impl<'env, U: 'env, X, M> LendExact<'env, U, Later<(U, M)>> for X where X: Deferred<'env, U, M> {}

/// Unsizes a `&W` to a trait object; emitted by `#[delayed]` for each `&dyn Trait` parameter.
pub trait Upcast<W: 'static> {
    /// The trait object.
    type To: ?Sized;
    /// Unsizes.
    fn up(value: &W) -> &Self::To;
}

/// What a `&dyn Trait` task parameter accepts. `M` is inferred; never name it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be lent to a task parameter of type `&{U}`",
    label = "expected `&` of something that implements the trait of `{U}`, `&` of a handle of one, or a `Box` or `Arc` of `{U}`",
    note = "implement the trait for it, or pass something that has it; a plain value goes in as `taskweave::val(value)`",
    note = "tasks run on several threads, so what is passed must be `Send`, and what is borrowed `Sync`: `Arc` instead of `Rc`, `Mutex` instead of `RefCell`"
)]
pub trait LendDyn<'env, U: ?Sized, A, M> {
    #[doc(hidden)]
    type Source: Source<Value: Deref<Target = U>> + 'env;
    #[doc(hidden)]
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source;
}

#[diagnostic::do_not_recommend]
impl<'env, U: ?Sized, A, M, X: LendArg<'env, U, M>> LendDyn<'env, U, A, (Exact, M)> for X {
    type Source = X::Source;
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        LendArg::into_lender(self, builder, seal)
    }
}

#[diagnostic::do_not_recommend]
impl<'env, U, A, W> LendDyn<'env, U, A, HandleRef> for &Delayed<'_, 'env, W>
where
    U: ?Sized + 'env,
    A: Upcast<W, To = U> + 'env,
    W: Send + Sync + 'static,
{
    type Source = Lender<LateRef<W>, U, FromDyn<A, W, FromHandle>>;
    fn into_lender(self, builder: &Builder<'env>, _: Seal) -> Self::Source {
        lender(builder.lend(self))
    }
}

#[diagnostic::do_not_recommend]
impl<'env, U, A, W> LendDyn<'env, U, A, Exact> for PlainValue<W>
where
    U: ?Sized + 'env,
    A: Upcast<W, To = U> + 'env,
    W: Send + 'static,
{
    type Source = Lender<Now<W>, U, FromDyn<A, W, FromOwned>>;
    fn into_lender(self, builder: &Builder<'env>, seal: Seal) -> Self::Source {
        lender(super::argument::IntoArg::into_source(self, builder, seal))
    }
}

// A plain value must come in `val`: `&W` may have the trait too, as it has `Debug` or `Fn`, and would then be meant as well.
#[diagnostic::do_not_recommend]
impl<'env, U, A, W> LendDyn<'env, U, A, Borrowed> for &'env W
where
    U: ?Sized + 'env,
    A: Upcast<W, To = U> + 'env,
    W: Sync + 'static,
{
    type Source = Lender<Borrow<'env, W>, U, FromDyn<A, W, FromBorrow>>;
    fn into_lender(self, _: &Builder<'env>, _: Seal) -> Self::Source {
        lender(Borrow(self))
    }
}
