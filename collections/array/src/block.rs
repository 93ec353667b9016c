//! What tasks hand each other: a block of an array, with its element type known at run time.
//!
//! In: vectors that kernels fill, arrays of the user's. Out: [`Block`]s, cheap to clone: the memory is shared, a shape and strides say which part of
//! it the block is.
//!
//! - `B1` Every index within a block's shape gives an offset within its memory.
//!
//! Not here: where buffers come from and go to (`pool`), what is computed. Views of the user's `ndarray` types are made here, in safe code: the bounds are checked once a block.

use crate::element::Element;
use crate::error::Error;
use crate::grid::{Dims, c_strides};
use crate::pool::{Room, array_of, buffer, copied, forget, give_back};
use ndarray::{ArcArray, ArrayD, ArrayViewD, Axis, Dimension, IxDyn, ShapeBuilder};
use smallvec::SmallVec;
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

/// Strides of a block, in elements.
pub(crate) type Strides = SmallVec<[isize; 4]>;

/// A part of some memory, as an array (`B1`).
#[derive(Clone)]
pub struct Block {
    memory: Arc<dyn Any + Send + Sync>,
    pub(crate) shape: Dims,
    pub(crate) strides: Strides,
    pub(crate) offset: usize,
}

/// The memory behind blocks.
enum Memory<S: Copy + Send + Sync + 'static> {
    /// Goes back to the pool.
    Pooled(Vec<S>),
    /// The user's, in any order of axes that leaves no gaps.
    Shared(ArcArray<S, IxDyn>),
    /// The same, large and made by a function of the user's, with the room for it, which is held.
    Made(Box<(ArcArray<S, IxDyn>, Room)>),
}

impl<S: Copy + Send + Sync + 'static> Drop for Memory<S> {
    fn drop(&mut self) {
        if let Memory::Pooled(buffer) = self {
            give_back(std::mem::take(buffer));
        }
    }
}

impl<S: Copy + Send + Sync + 'static> Memory<S> {
    fn as_slice(&self) -> &[S] {
        match self {
            Memory::Pooled(buffer) => buffer,
            // Only such are made into memory.
            Memory::Shared(array) => array.as_slice_memory_order().unwrap_or(&[]),
            Memory::Made(made) => made.0.as_slice_memory_order().unwrap_or(&[]),
        }
    }
}

impl Block {
    /// Of a buffer in C order, as long as the shape says.
    pub(crate) fn from_buffer<S: Copy + Send + Sync + 'static>(
        buffer: Vec<S>,
        shape: Dims,
    ) -> Block {
        debug_assert_eq!(buffer.len(), shape.iter().product::<usize>());
        let strides = c_strides(&shape);
        Block { memory: Arc::new(Memory::Pooled(buffer)), shape, strides, offset: 0 }
    }

    /// Of the user's array, without a copy unless its elements lie apart.
    pub(crate) fn from_array<A: Element>(array: ArcArray<A, IxDyn>) -> Block {
        Block::from_array_in(array, None)
    }

    /// Of an array that a function of the user's has made, with the room that was made for it.
    pub(crate) fn from_made<A: Element, D: Dimension>(
        array: ndarray::Array<A, D>,
        room: Option<Room>,
    ) -> Block {
        room.iter().for_each(Room::is_used);
        Block::from_array_in(array.into_dyn().into_shared(), room)
    }

    fn from_array_in<A: Element>(array: ArcArray<A, IxDyn>, room: Option<Room>) -> Block {
        let shape: Dims = array.shape().into();
        let lies_close = array.strides().iter().all(|&stride| stride >= 0)
            && array.as_slice_memory_order().is_some();
        if !lies_close {
            return Block::from_buffer(array.iter().copied().collect(), shape);
        }
        let strides = array.strides().into();
        let memory = match room {
            Some(room) => Memory::Made(Box::new((array, room))),
            None => Memory::Shared(array),
        };
        Block { memory: Arc::new(memory), shape, strides, offset: 0 }
    }

    /// Of states that are no elements; only [`Block::into_states`] reads them.
    pub(crate) fn from_states<S: Clone + Send + Sync + 'static>(
        states: Vec<S>,
        shape: Dims,
    ) -> Block {
        let strides = c_strides(&shape);
        Block { memory: Arc::new(states), shape, strides, offset: 0 }
    }

    /// The states that it was made of; a copy, if there are other blocks of them.
    pub(crate) fn into_states<S: Clone + Send + Sync + 'static>(self) -> Vec<S> {
        let states = self.memory.downcast::<Vec<S>>();
        Arc::unwrap_or_clone(states.expect("states are read as what they were made of"))
    }

    /// No elements, but something that tasks hand each other the way they do blocks.
    pub(crate) fn token<T: Send + Sync + 'static>(token: Arc<T>) -> Block {
        let none = Dims::from_slice(&[0]);
        Block { memory: token, strides: c_strides(&none), shape: none, offset: 0 }
    }

    /// What [`Block::token`] was given.
    ///
    /// # Panics
    /// If that was of another type: tasks are made for the tokens that they get.
    pub(crate) fn of_token<T: Send + Sync + 'static>(&self) -> &T {
        self.memory.downcast_ref().expect("tokens are read as what they were made of")
    }

    /// Another part of the same memory.
    pub(crate) fn part(&self, shape: Dims, strides: Strides, offset: usize) -> Block {
        Block { memory: self.memory.clone(), shape, strides, offset }
    }

    /// The part of it that lies in these ranges of its axes.
    pub(crate) fn within(&self, ranges: &[Range<usize>]) -> Block {
        let offset =
            ranges.iter().zip(&self.strides).fold(self.offset, |offset, (range, &stride)| {
                offset.wrapping_add_signed(range.start as isize * stride)
            });
        self.part(ranges.iter().map(Range::len).collect(), self.strides.clone(), offset)
    }

    /// The memory that it is a part of.
    ///
    /// # Panics
    /// If its elements are of another type: programs are made with types that fit.
    pub(crate) fn memory<S: Copy + Send + Sync + 'static>(&self) -> &[S] {
        let memory = self.memory.downcast_ref::<Memory<S>>();
        memory.expect("blocks are read as what they were made of").as_slice()
    }

    /// The number of its elements.
    pub(crate) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether its elements lie in C order without gaps.
    pub(crate) fn is_c_order(&self) -> bool {
        let axes = self.shape.iter().zip(&self.strides).rev();
        let mut axes = axes.filter(|&(&len, _)| len != 1);
        let in_order = axes.try_fold(1, |expected, (&len, &stride)| {
            (stride == expected).then_some(expected * len as isize)
        });
        self.len() == 0 || in_order.is_some()
    }

    /// Its elements, if they lie in C order without gaps.
    pub(crate) fn as_slice<S: Copy + Send + Sync + 'static>(&self) -> Option<&[S]> {
        match self.len() {
            0 => Some(&[]),
            len if self.is_c_order() => Some(&self.memory::<S>()[self.offset..self.offset + len]),
            _ => None,
        }
    }

    /// As a view of `ndarray`.
    pub(crate) fn view<S: Copy + Send + Sync + 'static>(&self) -> ArrayViewD<'_, S> {
        let memory = self.memory::<S>();
        if self.len() == 0 {
            return ArrayViewD::from_shape(IxDyn(&self.shape), &[]).expect("B1: nothing is read");
        }
        // Safe constructors take no negative strides: those axes are taken backwards, and turned round.
        let mut offset = self.offset;
        let mut strides = IxDyn(&self.shape);
        for (axis, (&len, &stride)) in self.shape.iter().zip(&self.strides).enumerate() {
            // Of one element the stride does not matter, and is any number.
            if len > 1 && stride < 0 {
                offset -= (len - 1) * stride.unsigned_abs();
            }
            strides[axis] = if len > 1 { stride.unsigned_abs() } else { 1 };
        }
        let shape = IxDyn(&self.shape).strides(strides);
        let mut view =
            ArrayViewD::from_shape(shape, &memory[offset..]).expect("B1: all is in the memory");
        for (axis, (&len, &stride)) in self.shape.iter().zip(&self.strides).enumerate() {
            if len > 1 && stride < 0 {
                view.invert_axis(Axis(axis));
            }
        }
        view
    }

    /// The buffer, if this is the only block of it and all of it, in C order; else the block.
    fn into_own<A: Element>(self) -> Result<Vec<A>, Block> {
        let is_all = self.as_slice::<A>().is_some_and(|own| own.len() == self.memory::<A>().len());
        if !is_all {
            return Err(self);
        }
        let Block { memory, shape, strides, offset } = self;
        let memory: Arc<Memory<A>> =
            memory.downcast().expect("blocks are read as what they were made of");
        let memory: Arc<dyn Any + Send + Sync> = match Arc::try_unwrap(memory) {
            Ok(Memory::Pooled(ref mut buffer)) => return Ok(std::mem::take(buffer)),
            Ok(shared) => Arc::new(shared),
            Err(memory) => memory,
        };
        Err(Block { memory, shape, strides, offset })
    }

    /// An array of the user's: the buffer, if this is the only block of it and all of it; a copy of the elements otherwise. In C order.
    pub(crate) fn into_array<A: Element>(self) -> Result<ArrayD<A>, Error> {
        let shape = IxDyn(&self.shape);
        let buffer = match self.into_own::<A>() {
            Ok(own) => {
                forget::<A>(own.len());
                own
            }
            Err(block) => match block.as_slice::<A>() {
                Some(values) => copied(&block.shape, values)?,
                None => {
                    let mut copy = array_of(&block.shape, A::default())?;
                    copy.assign(&block.view::<A>());
                    return Ok(copy);
                }
            },
        };
        Ok(ArrayD::from_shape_vec(shape, buffer).expect("the buffer is as long as the shape says"))
    }

    /// A buffer that will be a block again, with the elements in C order: its own or a copy, as [`into_array`](Block::into_array).
    pub(crate) fn into_buffer<A: Element>(self) -> Result<Vec<A>, Error> {
        self.into_own::<A>().or_else(|block| {
            let mut copy = buffer(&block.shape, A::default())?;
            copy.iter_mut().zip(&block.view::<A>()).for_each(|(to, &from)| *to = from);
            Ok(copy)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn a_users_array_is_shared_in_any_order_of_axes() {
        let array = Array2::from_shape_fn((3, 4), |(i, j)| (10 * i + j) as i64);
        let turned = array.clone().reversed_axes().into_dyn().into_shared();
        let first = turned.as_ptr();
        let block = Block::from_array(turned.clone());
        assert_eq!(block.memory::<i64>().as_ptr(), first);
        assert_eq!(block.view::<i64>(), turned.view());
    }

    #[test]
    fn an_array_with_gaps_or_backwards_is_copied() {
        let array = Array2::from_shape_fn((6, 4), |(i, j)| (10 * i + j) as i64).into_shared();
        for part in [array.clone().slice_move(s![..;2, ..]), array.slice_move(s![..;-1, ..])] {
            let block = Block::from_array(part.clone().into_dyn());
            assert_eq!(block.view::<i64>(), part.into_dyn().view());
        }
    }

    #[test]
    fn negative_strides_are_views_too() {
        let mut block = Block::from_buffer((0..12_i64).collect(), Dims::from_slice(&[3, 4]));
        block.offset = 8;
        block.strides[0] = -4;
        let expected = ndarray::array![[8, 9, 10, 11], [4, 5, 6, 7], [0, 1, 2, 3]].into_dyn();
        assert_eq!(block.view::<i64>(), expected.view());
        assert!(block.as_slice::<i64>().is_none());
    }
}
