//! What tasks hand each other: a block of an array, with its element type known at run time.
//!
//! In: vectors that kernels fill, arrays of the user's. Out: [`Block`]s, cheap to clone: the memory is shared, a shape and strides say which part of
//! it the block is. Buffers of blocks that are gone are kept for the next one of the same length, up to a limit: fresh memory costs several
//! times what writing to it costs. No more are kept than were asked for, so what comes from elsewhere takes no room; and none beside a new buffer that is larger than all that may be kept.
//!
//! - `B1` Every index within a block's shape gives an offset within its memory.
//!
//! Not here: what is computed. Views of the user's `ndarray` types are made here, in safe code: the bounds are checked once a block.

use crate::element::Element;
use crate::error::Error;
use crate::grid::{Dims, c_strides};
use crate::pages;
use ndarray::{ArcArray, ArrayD, ArrayViewD, Axis, IxDyn, ShapeBuilder};
use smallvec::SmallVec;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Buffers smaller than this are not kept: the allocator is quick with them.
const POOLED_BYTES_MIN: usize = 64 << 10;
/// So many bytes of buffers are kept in the process, at most.
const POOLED_BYTES_MAX: usize = 32 << 20;

/// Strides of a block, in elements.
pub(crate) type Strides = SmallVec<[isize; 4]>;

/// A part of some memory, as an array (`B1`).
#[derive(Clone)]
pub(crate) struct Block {
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
        let shape: Dims = array.shape().into();
        let lies_close = array.strides().iter().all(|&stride| stride >= 0)
            && array.as_slice_memory_order().is_some();
        if !lies_close {
            return Block::from_buffer(array.iter().copied().collect(), shape);
        }
        let strides = array.strides().into();
        Block { memory: Arc::new(Memory::Shared(array)), shape, strides, offset: 0 }
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

    /// The buffer, if this is the only block of it and all of it; a copy of the elements otherwise. In C order.
    pub(crate) fn into_array<A: Element>(self) -> Result<ArrayD<A>, Error> {
        let is_all = self.as_slice::<A>().is_some_and(|own| own.len() == self.memory::<A>().len());
        if !is_all {
            let mut copy = array_of(&self.shape, A::default())?;
            copy.assign(&self.view::<A>());
            return Ok(copy);
        }
        let shape = IxDyn(&self.shape);
        let memory =
            self.memory.downcast::<Memory<A>>().expect("blocks are read as what they were made of");
        let buffer = match Arc::try_unwrap(memory) {
            Ok(mut memory) => match &mut memory {
                Memory::Pooled(buffer) => {
                    forget::<A>(buffer.len());
                    std::mem::take(buffer)
                }
                // In C order, as the block is.
                Memory::Shared(array) => {
                    copied(&self.shape, array.as_slice_memory_order().unwrap_or(&[]))?
                }
            },
            Err(memory) => copied(&self.shape, memory.as_slice())?,
        };
        Ok(ArrayD::from_shape_vec(shape, buffer).expect("the buffer is as long as the shape says"))
    }
}

/// Kept buffers, by type and length.
#[derive(Default)]
struct Pool {
    kept: HashMap<(TypeId, usize), Kept>,
    bytes: usize,
}

impl Pool {
    /// Takes all buffers out, for whoever has let go of the pool to drop.
    fn all(&mut self) -> Vec<Vec<Box<dyn Any + Send>>> {
        self.bytes = 0;
        self.kept.values_mut().map(|of_len| std::mem::take(&mut of_len.buffers)).collect()
    }
}

/// Of one type and length.
#[derive(Default)]
struct Kept {
    buffers: Vec<Box<dyn Any + Send>>,
    /// How many more may come back.
    lent: usize,
}

/// Whether buffers of so many bytes are kept.
fn is_pooled(bytes: usize) -> bool {
    (POOLED_BYTES_MIN..=POOLED_BYTES_MAX).contains(&bytes)
}

fn pool() -> &'static Mutex<Pool> {
    static POOL: OnceLock<Mutex<Pool>> = OnceLock::new();
    POOL.get_or_init(Mutex::default)
}

/// A buffer for a block, whose elements are whatever they were; zero if it is new.
pub(crate) fn buffer<S: Copy + Send + Sync + 'static>(
    shape: &[usize],
    zero: S,
) -> Result<Vec<S>, Error> {
    let len: usize = shape.iter().product();
    let bytes = len.saturating_mul(size_of::<S>());
    if bytes > POOLED_BYTES_MAX {
        let gone = pool().lock().unwrap_or_else(PoisonError::into_inner).all();
        drop(gone);
    }
    if is_pooled(bytes) {
        let mut pool = pool().lock().unwrap_or_else(PoisonError::into_inner);
        let of_len = pool.kept.entry((TypeId::of::<S>(), len)).or_default();
        of_len.lent += 1;
        if let Some(kept) = of_len.buffers.pop() {
            pool.bytes -= bytes;
            drop(pool);
            if let Ok(buffer) = kept.downcast::<Vec<S>>() {
                return Ok(*buffer);
            }
        }
    }
    pages::filled(len, zero).ok_or_else(|| Error::no_memory(shape, size_of::<S>()))
}

/// An array of one value.
pub(crate) fn array_of<S: Copy>(shape: &[usize], value: S) -> Result<ArrayD<S>, Error> {
    let values = pages::filled(shape.iter().product(), value);
    let values = values.ok_or_else(|| Error::no_memory(shape, size_of::<S>()))?;
    Ok(ArrayD::from_shape_vec(IxDyn(shape), values).expect("as long as its shape says"))
}

/// A copy of the values of a block.
pub(crate) fn copied<S: Copy>(shape: &[usize], values: &[S]) -> Result<Vec<S>, Error> {
    pages::copied(values).ok_or_else(|| Error::no_memory(shape, size_of::<S>()))
}

/// Keeps the buffer, if one of its length was asked for.
fn give_back<S: Copy + Send + Sync + 'static>(buffer: Vec<S>) {
    let bytes = buffer.len().saturating_mul(size_of::<S>());
    if !is_pooled(bytes) {
        return;
    }
    let key = (TypeId::of::<S>(), buffer.len());
    let mut pool = pool().lock().unwrap_or_else(PoisonError::into_inner);
    let Some(of_len) = pool.kept.get_mut(&key).filter(|of_len| of_len.lent > 0) else { return };
    of_len.lent -= 1;
    let mut gone = Vec::new();
    if pool.bytes + bytes > POOLED_BYTES_MAX {
        // Of lengths that are not in use any more: all go, those in use come back.
        gone = pool.all();
        pool.kept.retain(|&of_len, kept| kept.lent > 0 || of_len == key);
    }
    pool.bytes += bytes;
    pool.kept.entry(key).or_default().buffers.push(Box::new(buffer));
    drop(pool);
    drop(gone);
}

/// A buffer of so many elements will not come back.
fn forget<S: 'static>(len: usize) {
    if is_pooled(len.saturating_mul(size_of::<S>())) {
        let mut pool = pool().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_len) = pool.kept.get_mut(&(TypeId::of::<S>(), len)) {
            of_len.lent = of_len.lent.saturating_sub(1);
        }
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

    #[test]
    fn a_buffer_comes_back_only_for_its_type_and_length() {
        let len = POOLED_BYTES_MIN / 8 + 11;
        let mut asked_for = buffer(&[len], 0_u64).unwrap();
        asked_for.fill(7);
        drop(Block::from_buffer(asked_for, Dims::from_slice(&[len])));
        assert!(buffer(&[len + 1], 0_u64).unwrap().iter().all(|&x| x == 0));
        assert!(buffer(&[len], 0_i64).unwrap().iter().all(|&x| x == 0));
        assert!(buffer(&[len], 0_u64).unwrap().iter().all(|&x| x == 7));
    }

    #[test]
    fn no_more_buffers_are_kept_than_were_asked_for() {
        let (len, key) = (POOLED_BYTES_MIN / 8 + 13, TypeId::of::<i64>());
        let kept = || {
            let pool = pool().lock().unwrap();
            pool.kept.get(&(key, len)).map_or((0, 0), |kept| (kept.buffers.len(), kept.lent))
        };
        let shape = || Dims::from_slice(&[len]);
        drop(Block::from_buffer(vec![7_i64; len], shape()));
        assert_eq!(kept(), (0, 0));
        let first = Block::from_buffer(buffer(&[len], 0_i64).unwrap(), shape());
        let second = Block::from_buffer(buffer(&[len], 0_i64).unwrap(), shape());
        assert_eq!(kept(), (0, 2));
        // What a user takes stays with the user.
        assert_eq!(first.into_array::<i64>().unwrap().len(), len);
        assert_eq!(kept(), (0, 1));
        drop(second);
        drop(Block::from_buffer(vec![7_i64; len], shape()));
        assert_eq!(kept(), (1, 0));
    }
}
