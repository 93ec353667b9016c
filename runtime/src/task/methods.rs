//! Methods on handles: what the expansion of `#[delayed]` on an `impl` asks of a handle, and the calls that it makes.
//!
//! In: a handle and the other arguments. Out: a task in the handle's graph. Not here: what a task is ([`super`]), and how a handle is an argument (`argument`, `lend`).

use super::argument::marker::{Handle, HandleRef, Later};
use super::parameters::Arguments;
use super::{Body, Parameters, Ref, TaskOutput, Value, new_task};
use crate::graph::{Builder, Delayed};

/// What a trait of methods on handles of `T` asks of its one implementor. That handles can be arguments is known from here, so it is said once if there can be none.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be the output of a task, so there are no handles for its methods",
    label = "tasks on other threads would read it, for as long as they like",
    note = "it must be `Send + Sync + 'static`: in its fields `Arc` instead of `Rc`, `Mutex` instead of `Cell` and `RefCell`, `Box<dyn Fn() + Send + Sync>` instead of `Box<dyn Fn()>`"
)]
pub trait HandleOf<'g, 'env, T>: Sized {
    /// The handle, as an argument by value.
    type Own: Arguments<'env, Value<T>, Later<Handle>>;
    /// As an argument by reference.
    type Lent<'a>: Arguments<'env, Ref<T>, HandleRef>
    where
        Self: 'a;
    /// The handle.
    fn lent(&self) -> Self::Lent<'_>;
    /// The handle itself.
    fn own(self) -> Self::Own;
    /// The builder of its graph.
    fn __builder(&self) -> &'g Builder<'env>;
}

#[diagnostic::do_not_recommend]
impl<'g, 'env, T: Send + Sync + 'static> HandleOf<'g, 'env, T> for Delayed<'g, 'env, T> {
    type Own = Self;
    type Lent<'a>
        = &'a Self
    where
        Self: 'a;
    #[inline]
    fn lent(&self) -> &Self {
        self
    }
    #[inline]
    fn own(self) -> Self {
        self
    }
    #[inline]
    fn __builder(&self) -> &'g Builder<'env> {
        self.parts().1
    }
}

/// Used by the expansion of `#[delayed]` on an `impl`: adds the call of a method that takes `&self` to the graph of the handle it is called on.
#[track_caller]
#[inline]
pub fn add_method<'g, 'env, I, T, H, P, A, M>(
    this: &H,
    arguments: A,
) -> Delayed<'g, 'env, I::Output>
where
    I: Body<Parameters = (Ref<T>, P)> + 'env,
    (Ref<T>, P): Parameters + 'env,
    I::Output: TaskOutput,
    P: Parameters,
    H: HandleOf<'g, 'env, T>,
    A: Arguments<'env, P, M>,
{
    this.__builder().add(new_task::<I, _, _>((this.lent(), arguments)))
}

/// The same of one that takes `self`.
#[track_caller]
#[inline]
pub fn add_method_by_value<'g, 'env, I, T, H, P, A, M>(
    this: H,
    arguments: A,
) -> Delayed<'g, 'env, I::Output>
where
    I: Body<Parameters = (Value<T>, P)> + 'env,
    (Value<T>, P): Parameters + 'env,
    I::Output: TaskOutput,
    P: Parameters,
    H: HandleOf<'g, 'env, T>,
    A: Arguments<'env, P, M>,
{
    this.__builder().add(new_task::<I, _, _>((this.own(), arguments)))
}
