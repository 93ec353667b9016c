//! Buffers of blocks that are gone, kept for the next ones: fresh memory costs several times what writing to it costs.
//!
//! In: lengths that are asked for, buffers that come back, room for what tasks work in and for what functions of the user's make. Out: buffers. A buffer serves the next block of its type and
//! length. No more are kept than were asked for, so what comes from elsewhere takes no place of theirs.
//!
//! - `B2` What is kept and what tasks have is together never more than tasks have had at once, nor is what is kept more than a limit: buffers that nobody asks for make room for those that somebody
//!   does. So memory that was enough for the blocks is enough with the pool too, and a plan need not count it.
//!
//! Not here: blocks (`block`), where memory comes from (`pages`).

use crate::error::Error;
use crate::pages;
use ndarray::{ArrayD, IxDyn};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Buffers smaller than this are not kept: the allocator is quick with them.
const POOLED_BYTES_MIN: usize = 64 << 10;
/// So many bytes of buffers are kept in the process, at most.
const POOLED_BYTES_MAX: usize = 32 << 20;

/// Type and number of elements.
type Length = (TypeId, usize);

/// Kept buffers, by type and length (`B2`).
#[derive(Default)]
struct Pool {
    by_length: HashMap<Length, Kept>,
    /// Bytes of those that are kept.
    kept: usize,
    /// Bytes that tasks have, of buffers and of what they work in.
    lent: usize,
    /// The most that tasks have had at once.
    most: usize,
}

/// Of one type and length.
#[derive(Default)]
struct Kept {
    buffers: Vec<Buffer>,
    /// How many more may come back.
    lent: usize,
}

/// A vector of some type, with its bytes.
type Buffer = (Box<dyn Any + Send>, usize);

impl Pool {
    /// A task has so many bytes more. What has to go for it is dropped when the pool is free again.
    fn lend(&mut self, bytes: usize) -> Vec<Buffer> {
        self.lent = self.lent.saturating_add(bytes);
        self.let_go(self.most.saturating_sub(self.lent))
    }

    /// What has been lent is there: the system had memory for it.
    fn is_there(&mut self) {
        self.most = self.most.max(self.lent);
    }

    /// A buffer that is kept, if there is one of this length; with what else has to go.
    fn ask(&mut self, length: Length, bytes: usize) -> (Option<Buffer>, Vec<Buffer>) {
        let of_length = self.by_length.entry(length).or_default();
        of_length.lent += 1;
        let found = of_length.buffers.pop();
        self.kept -= found.as_ref().map_or(0, |&(_, bytes)| bytes);
        let gone = self.lend(bytes);
        (found, gone)
    }

    /// Whether a buffer of this length was asked for and is not back, which it is now.
    fn is_back(&mut self, length: Length, bytes: usize) -> bool {
        let Some(of_length) = self.by_length.get_mut(&length).filter(|kept| kept.lent > 0) else {
            return false;
        };
        of_length.lent -= 1;
        if of_length.lent == 0 && bytes > POOLED_BYTES_MAX {
            self.by_length.remove(&length);
        }
        self.lent = self.lent.saturating_sub(bytes);
        true
    }

    /// Keeps a buffer that was asked for; what has to go for it.
    fn keep(&mut self, length: Length, buffer: Box<dyn Any + Send>, bytes: usize) -> Vec<Buffer> {
        if !self.is_back(length, bytes) || bytes > POOLED_BYTES_MAX {
            return vec![(buffer, bytes)];
        }
        let mut gone = Vec::new();
        if self.kept + bytes > POOLED_BYTES_MAX {
            // Of lengths that are not in use any more: all go, those in use come back.
            gone = self.let_go(0);
        }
        self.kept += bytes;
        self.by_length.entry(length).or_default().buffers.push((buffer, bytes));
        gone
    }

    /// Lets go of buffers until no more than so many bytes are kept; those of lengths first of which no other buffer is in use.
    fn let_go(&mut self, bytes: usize) -> Vec<Buffer> {
        let mut gone = Vec::new();
        for of_idle in [true, false] {
            if self.kept <= bytes {
                break;
            }
            for kept in self.by_length.values_mut().filter(|kept| (kept.lent == 0) == of_idle) {
                while self.kept > bytes
                    && let Some(buffer) = kept.buffers.pop()
                {
                    self.kept -= buffer.1;
                    gone.push(buffer);
                }
            }
            self.by_length.retain(|_, kept| kept.lent > 0 || !kept.buffers.is_empty());
        }
        gone
    }
}

fn pool() -> MutexGuard<'static, Pool> {
    static POOL: OnceLock<Mutex<Pool>> = OnceLock::new();
    POOL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// A buffer for a block, whose elements are whatever they were; zero if it is new.
pub(crate) fn buffer<S: Copy + Send + Sync + 'static>(
    shape: &[usize],
    zero: S,
) -> Result<Vec<S>, Error> {
    let len: usize = shape.iter().product();
    let bytes = len.saturating_mul(size_of::<S>());
    if bytes >= POOLED_BYTES_MIN {
        let (found, gone) = pool().ask((TypeId::of::<S>(), len), bytes);
        drop(gone);
        if let Some((kept, _)) = found
            && let Ok(buffer) = kept.downcast::<Vec<S>>()
        {
            return Ok(*buffer);
        }
    }
    let new = pages::filled(len, zero);
    if bytes >= POOLED_BYTES_MIN {
        match new {
            Some(_) => pool().is_there(),
            None => forget::<S>(len),
        }
    }
    new.ok_or_else(|| Error::no_memory(shape, size_of::<S>()))
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
pub(crate) fn give_back<S: Copy + Send + Sync + 'static>(buffer: Vec<S>) {
    let bytes = buffer.len().saturating_mul(size_of::<S>());
    if bytes >= POOLED_BYTES_MIN {
        let length = (TypeId::of::<S>(), buffer.len());
        let gone = pool().keep(length, Box::new(buffer), bytes);
        drop(gone);
    }
}

/// A buffer of so many elements will not come back.
pub(crate) fn forget<S: 'static>(len: usize) {
    let bytes = len.saturating_mul(size_of::<S>());
    if bytes >= POOLED_BYTES_MIN {
        pool().is_back((TypeId::of::<S>(), len), bytes);
    }
}

/// Memory that does not come from the pool, as long as this is there: what a task works in, and what a function of the user's has made.
pub(crate) struct Room(NonZeroUsize);

/// Makes room for so many bytes of other memory: what is kept goes for them.
pub(crate) fn room(bytes: usize) -> Option<Room> {
    let counted = NonZeroUsize::new(bytes).filter(|_| bytes >= POOLED_BYTES_MIN)?;
    let gone = pool().lend(bytes);
    drop(gone);
    Some(Room(counted))
}

impl Room {
    /// The memory is there, or has been.
    pub(crate) fn is_used(&self) {
        pool().is_there();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut pool = pool();
        pool.lent = pool.lent.saturating_sub(self.0.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::Block;
    use crate::grid::Dims;

    #[test]
    fn a_buffer_comes_back_only_for_its_type_and_length() {
        room_for_all();
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
        room_for_all();
        let (len, key) = (POOLED_BYTES_MIN / 8 + 13, TypeId::of::<i64>());
        let kept = || {
            pool().by_length.get(&(key, len)).map_or((0, 0), |kept| (kept.buffers.len(), kept.lent))
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

    /// From now on tasks have had so much at once that what other tests ask for takes no buffer from a test's pool.
    fn room_for_all() {
        let room = room(1 << 40);
        room.iter().for_each(Room::is_used);
    }

    /// A pool of its own, that buffers are asked for and given back to by their bytes.
    struct Trial(Pool);

    impl Trial {
        fn ask(&mut self, bytes: usize) -> bool {
            let found = self.0.ask((TypeId::of::<u8>(), bytes), bytes).0.is_some();
            self.0.is_there();
            self.check();
            found
        }

        fn give_back(&mut self, bytes: usize) {
            self.0.keep((TypeId::of::<u8>(), bytes), Box::new(()), bytes);
            self.check();
        }

        /// `B2`, and that the counts are those of the buffers.
        fn check(&self) {
            let buffers = self.0.by_length.values().flat_map(|kept| &kept.buffers);
            assert_eq!(self.0.kept, buffers.map(|buffer| buffer.1).sum());
            assert!(self.0.kept <= POOLED_BYTES_MAX);
            assert!(self.0.kept + self.0.lent <= self.0.most);
        }
    }

    #[test]
    fn what_is_kept_makes_room_for_what_is_asked_for() {
        const MIB: usize = 1 << 20;
        let mut pool = Trial(Pool::default());
        assert!(!pool.ask(4 * MIB) && !pool.ask(2 * MIB));
        pool.give_back(4 * MIB);
        assert_eq!((pool.0.kept, pool.0.lent, pool.0.most), (4 * MIB, 2 * MIB, 6 * MIB));
        // Another length: with 2 in use and 3 asked for there is no room for the 4.
        assert!(!pool.ask(3 * MIB));
        assert_eq!((pool.0.kept, pool.0.lent, pool.0.most), (0, 5 * MIB, 6 * MIB));
        pool.give_back(2 * MIB);
        pool.give_back(3 * MIB);
        assert_eq!((pool.0.kept, pool.0.lent), (5 * MIB, 0));
        // What is worked in, too: of 5 MiB one of the two buffers can stay.
        drop(pool.0.lend(3 * MIB));
        pool.0.is_there();
        pool.check();
        let stayed = pool.0.kept;
        assert!(stayed == 2 * MIB || stayed == 3 * MIB, "{stayed}");
        assert!(pool.ask(stayed), "it has been kept");
        pool.give_back(stayed);
        assert_eq!((pool.0.kept, pool.0.lent), (stayed, 3 * MIB));
        // What there is no memory for leaves all as it was.
        let most = pool.0.most;
        pool.0.ask((TypeId::of::<u8>(), usize::MAX / 2), usize::MAX / 2);
        pool.0.is_back((TypeId::of::<u8>(), usize::MAX / 2), usize::MAX / 2);
        assert_eq!((pool.0.kept, pool.0.most), (0, most));
        // Larger than is kept: counted as long as it is there.
        assert!(!pool.ask(2 * POOLED_BYTES_MAX));
        assert_eq!(pool.0.kept, 0);
        pool.give_back(2 * POOLED_BYTES_MAX);
        assert_eq!((pool.0.kept, pool.0.lent), (0, 3 * MIB));
    }

    #[test]
    fn any_order_keeps_within_what_was_in_use_at_once() {
        let mut state = 7_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below
        };
        let mut pool = Trial(Pool::default());
        let (mut held, mut live, mut most, mut hits) = (Vec::new(), 0, 0, 0);
        for _ in 0..20_000 {
            if held.is_empty() || next(2) == 0 && held.len() < 12 {
                let bytes = (1 + next(9)) * 700_000;
                hits += usize::from(pool.ask(bytes));
                held.push(bytes);
                live += bytes;
                most = most.max(live);
            } else {
                let bytes = held.swap_remove(next(held.len()));
                pool.give_back(bytes);
                live -= bytes;
            }
            assert_eq!((pool.0.lent, pool.0.most), (live, most));
        }
        assert!(hits > 3_000, "{hits}");
    }
}
