//! What a task does with its arguments: once, or again and again.
//!
//! In: values. Out: the output, or an error. A graph that is computed runs each step once, and may use it up; a graph that is frozen
//! ([`crate::graph::plan`]) runs it again, which a closure of the user's does not allow: it may give away what it captured.

use crate::error::BoxError;
use crate::graph::extras::Cloner;
use crate::scheduler::attempts::Tries;
use std::any::{Any, TypeId};

/// See the module's text.
pub trait Step<V, T>: Send {
    /// Whether it can be done again.
    const AGAIN: bool;
    /// How to clone plain arguments, by their places.
    const CLONERS: &'static [Option<Cloner>] = &[];
    /// Whether it can be tried several times with the same values; `None` if it looks after no attempts at all.
    const TRIES: Option<fn() -> bool> = None;
    /// Does it, using it up.
    fn once(self, values: V) -> Result<T, BoxError>;
    /// Does it; called only if [`Step::AGAIN`].
    fn again(&self, values: V) -> Result<T, BoxError>;
    /// Tries it; called only if [`Step::TRIES`].
    fn tried(&self, values: V, _: Tries<'_>) -> Result<T, BoxError> {
        self.again(values)
    }
    /// If it is an input of a frozen graph: what it can be replaced by.
    fn input(&mut self) -> Option<(TypeId, &'static str, &mut dyn Any)> {
        None
    }
    /// Whether [`Step::input`] gives something.
    const IS_INPUT: bool = false;
}

/// The output is the argument.
pub(crate) struct Pass;

impl<T> Step<T, T> for Pass {
    const AGAIN: bool = true;
    #[inline]
    fn once(self, value: T) -> Result<T, BoxError> {
        Ok(value)
    }
    #[inline]
    fn again(&self, value: T) -> Result<T, BoxError> {
        Ok(value)
    }
}

/// A closure that may be used up.
pub(crate) struct Once<F>(pub(crate) F);

impl<V, T, F: FnOnce(V) -> Result<T, BoxError> + Send> Step<V, T> for Once<F> {
    const AGAIN: bool = false;
    #[inline]
    fn once(self, values: V) -> Result<T, BoxError> {
        (self.0)(values)
    }
    fn again(&self, _: V) -> Result<T, BoxError> {
        Err("a closure that runs once was called again".into())
    }
}

/// A function of ours that captures nothing it could give away.
pub(crate) struct Again<F>(pub(crate) F);

impl<V, T, F: Fn(V) -> Result<T, BoxError> + Send> Step<V, T> for Again<F> {
    const AGAIN: bool = true;
    #[inline]
    fn once(self, values: V) -> Result<T, BoxError> {
        (self.0)(values)
    }
    #[inline]
    fn again(&self, values: V) -> Result<T, BoxError> {
        (self.0)(values)
    }
}

/// The value that an input has now.
pub(crate) struct Input<T>(pub(crate) T);

impl<T: Clone + Send + 'static> Step<(), T> for Input<T> {
    const AGAIN: bool = true;
    const IS_INPUT: bool = true;
    fn once(self, (): ()) -> Result<T, BoxError> {
        Ok(self.0)
    }
    fn again(&self, (): ()) -> Result<T, BoxError> {
        Ok(self.0.clone())
    }
    fn input(&mut self) -> Option<(TypeId, &'static str, &mut dyn Any)> {
        Some((TypeId::of::<T>(), std::any::type_name::<T>(), &mut self.0))
    }
}
