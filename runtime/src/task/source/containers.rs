//! Sources of containers: vectors, arrays, options, maps, tuples of what single handles are sources of.
//!
//! In: the sources of the members. Out: the container, filled in order. If a member panics while it is fetched, the rest lets go of what it would
//! have read (`S2`).

use super::{Cloners, Input, Inputs, Now, Rest, RestAgain, Source};
use crate::scheduler::Context;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

/// A vector of sources.
pub struct Each<S>(pub(crate) Vec<S>);

impl<S: Source> Source for Each<S> {
    type Value = Vec<S::Value>;
    fn visit(&self, inputs: &mut Inputs) {
        self.0.iter().for_each(|source| source.visit(inputs));
    }
    fn members(&self) -> Option<Vec<Input>> {
        self.0.iter().map(Source::single).collect()
    }
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        Rest(self.0.into_iter(), context).collect()
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.into_iter().for_each(|source| source.abandon(context));
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.iter().all(|source| source.is_repeatable(&[], 0))
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        RestAgain(self.0.iter(), context, &[], 0).collect()
    }
}

/// Sources for a container that is not a vector.
pub struct Gathered<C, S>(pub(crate) Vec<S>, pub(crate) PhantomData<fn() -> C>);

impl<C: FromIterator<S::Value>, S: Source> Source for Gathered<C, S> {
    type Value = C;
    fn visit(&self, inputs: &mut Inputs) {
        self.0.iter().for_each(|source| source.visit(inputs));
    }
    unsafe fn fetch(self, context: &Context<'_>) -> C {
        Rest(self.0.into_iter(), context).collect()
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.into_iter().for_each(|source| source.abandon(context));
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.iter().all(|source| source.is_repeatable(&[], 0))
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        RestAgain(self.0.iter(), context, &[], 0).collect()
    }
}

/// An array of sources.
pub struct EachOf<S, const N: usize>(pub(crate) [S; N]);

impl<S: Source, const N: usize> Source for EachOf<S, N> {
    type Value = [S::Value; N];
    fn visit(&self, inputs: &mut Inputs) {
        self.0.iter().for_each(|source| source.visit(inputs));
    }
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        let mut rest = Rest(self.0.into_iter(), context);
        std::array::from_fn(|_| rest.next().expect("S2: N sources, each fetched once"))
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.into_iter().for_each(|source| source.abandon(context));
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.iter().all(|source| source.is_repeatable(&[], 0))
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        let mut rest = RestAgain(self.0.iter(), context, &[], 0);
        std::array::from_fn(|_| rest.next().expect("S2: N sources, each fetched once"))
    }
}

/// A source or nothing.
pub struct Maybe<S>(pub(crate) Option<S>);

impl<S: Source> Source for Maybe<S> {
    type Value = Option<S::Value>;
    fn visit(&self, inputs: &mut Inputs) {
        if let Some(source) = &self.0 {
            source.visit(inputs);
        }
    }
    unsafe fn fetch(self, context: &Context<'_>) -> Self::Value {
        // SAFETY: promised by the caller.
        self.0.map(|source| unsafe { source.fetch(context) })
    }
    fn abandon(self, context: &Context<'_>) {
        if let Some(source) = self.0 {
            source.abandon(context);
        }
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.iter().all(|source| source.is_repeatable(&[], 0))
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> Self::Value {
        // SAFETY: promised by the caller.
        self.0.as_ref().map(|source| unsafe { source.fetch_again(context, &[], 0) })
    }
}

/// The entries of a map, as pairs of a plain key and a source.
pub struct Entries<M, K, S>(pub(crate) Vec<(Now<K>, S)>, pub(crate) PhantomData<fn() -> M>);

/// A map that can be gathered from its entries.
pub trait FromEntries<K, V>: Sized {
    #[doc(hidden)]
    fn from_entries(entries: impl Iterator<Item = (K, V)>) -> Self;
}

impl<K: Ord, V> FromEntries<K, V> for BTreeMap<K, V> {
    fn from_entries(entries: impl Iterator<Item = (K, V)>) -> Self {
        entries.collect()
    }
}

impl<K: Eq + Hash, V, H: BuildHasher + Default + Send> FromEntries<K, V> for HashMap<K, V, H> {
    fn from_entries(entries: impl Iterator<Item = (K, V)>) -> Self {
        entries.collect()
    }
}

impl<M: FromEntries<K, S::Value>, K: Send, S: Source> Source for Entries<M, K, S> {
    type Value = M;
    fn visit(&self, inputs: &mut Inputs) {
        self.0.iter().for_each(|(_, source)| source.visit(inputs));
    }
    unsafe fn fetch(self, context: &Context<'_>) -> M {
        M::from_entries(Rest(self.0.into_iter(), context))
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.into_iter().for_each(|source| source.abandon(context));
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.iter().all(|entry| entry.is_repeatable(&[], 0))
    }
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> M {
        M::from_entries(RestAgain(self.0.iter(), context, &[], 0))
    }
}

/// A tuple of sources, kept as nested pairs.
pub struct Tuple<P, T>(pub(crate) P, pub(crate) PhantomData<fn() -> T>);

/// A tuple that can be made from nested pairs.
pub trait FromPairs<P> {
    #[doc(hidden)]
    fn from_pairs(pairs: P) -> Self;
}

macro_rules! from_pairs {
    (@pairs) => { () };
    (@pairs $A:ident $($B:ident)*) => { ($A, from_pairs!(@pairs $($B)*)) };
    ($($A:ident)*) => {
        impl<$($A),*> FromPairs<from_pairs!(@pairs $($A)*)> for ($($A,)*) {
            #[inline]
            #[allow(non_snake_case)]
            fn from_pairs(from_pairs!(@pairs $($A)*): from_pairs!(@pairs $($A)*)) -> Self {
                ($($A,)*)
            }
        }
    };
}
from_pairs!(A);
from_pairs!(A B);
from_pairs!(A B C);
from_pairs!(A B C D);
from_pairs!(A B C D E);
from_pairs!(A B C D E F);
from_pairs!(A B C D E F G);
from_pairs!(A B C D E F G H);

impl<P: Source, T: FromPairs<P::Value>> Source for Tuple<P, T> {
    type Value = T;
    #[inline]
    fn visit(&self, inputs: &mut Inputs) {
        self.0.visit(inputs);
    }
    #[inline]
    unsafe fn fetch(self, context: &Context<'_>) -> T {
        // SAFETY: promised by the caller.
        T::from_pairs(unsafe { self.0.fetch(context) })
    }
    fn abandon(self, context: &Context<'_>) {
        self.0.abandon(context);
    }
    fn is_repeatable(&self, _: Cloners, _: usize) -> bool {
        self.0.is_repeatable(&[], 0)
    }
    #[inline]
    unsafe fn fetch_again(&self, context: &Context<'_>, _: Cloners, _: usize) -> T {
        // SAFETY: promised by the caller.
        T::from_pairs(unsafe { self.0.fetch_again(context, &[], 0) })
    }
}
