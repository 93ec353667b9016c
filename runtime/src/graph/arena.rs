//! The memory of one graph: a bump allocator whose chunks never move.
//!
//! In: sizes. Out: addresses that stay valid until the arena is dropped. A graph that is spliced
//! into another hands over its chunks ([`Arena::absorb`]), so addresses survive that too.
//!
//! ```text
//! chunk 0  | node | node | link link | node |……|     4 KiB
//! chunk 1  | node | node | node |……………………………|    16 KiB, then 64, … up to 2 MiB
//! ```
//!
//! Not here: what stands in the memory. The arena runs no destructor; [`super::Core`] keeps a list
//! through the nodes and drops what is left in them before the arena goes.
//!
//! * `A1` An address handed out is aligned to 16 bytes at least, lies in a chunk owned by this arena,
//!   and overlaps no other address handed out.
//! * `A2` A chunk is freed only when the arena that owns it is dropped.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

/// The first chunk: one page, so that a small graph costs little.
const FIRST_CHUNK_BYTES: usize = 4 << 10;
/// The largest ordinary chunk: one huge page; a single larger node gets a chunk of its own.
const CHUNK_BYTES_MAX: usize = 2 << 20;
/// What every address is aligned to at least: the alignment of most SIMD types.
const ALIGN: usize = 16;

struct Chunk {
    start: NonNull<u8>,
    layout: Layout,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: A2; `start` came from `alloc` with this layout and is freed once, here.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// A bump allocator; see the module's text.
pub(crate) struct Arena {
    cursor: Cell<*mut u8>,
    left: Cell<usize>,
    next_chunk_bytes: Cell<usize>,
    chunks: RefCell<Vec<Chunk>>,
}

// SAFETY: the addresses are the arena's own; what stands at them is the business of the nodes, which are `Send`.
unsafe impl Send for Arena {}

impl Arena {
    pub(crate) const fn new() -> Self {
        Arena {
            cursor: Cell::new(std::ptr::null_mut()),
            left: Cell::new(0),
            next_chunk_bytes: Cell::new(FIRST_CHUNK_BYTES),
            chunks: RefCell::new(Vec::new()),
        }
    }

    /// Memory for one value of this layout, not yet initialised (`A1`).
    #[inline]
    pub(crate) fn alloc(&self, layout: Layout) -> NonNull<u8> {
        let cursor = self.cursor.get();
        let padding = cursor.align_offset(layout.align().max(ALIGN));
        let needed = padding.saturating_add(layout.size());
        if needed > self.left.get() || cursor.is_null() {
            return self.alloc_in_new_chunk(layout);
        }
        self.left.set(self.left.get() - needed);
        self.cursor.set(cursor.wrapping_add(needed));
        // SAFETY: A1; `padding + size` fits into what is left of a live chunk, so this is not null.
        unsafe { NonNull::new_unchecked(cursor.wrapping_add(padding)) }
    }

    #[cold]
    fn alloc_in_new_chunk(&self, wanted: Layout) -> NonNull<u8> {
        let align = wanted.align().max(ALIGN);
        let bytes = self.next_chunk_bytes.get().max(wanted.size() + align);
        self.next_chunk_bytes.set((bytes * 4).min(CHUNK_BYTES_MAX));
        let layout =
            Layout::from_size_align(bytes, align).unwrap_or_else(|_| handle_alloc_error(wanted));
        // SAFETY: `bytes` is not zero: FIRST_CHUNK_BYTES at least.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        self.chunks.borrow_mut().push(Chunk { start, layout });
        self.cursor.set(start.as_ptr().wrapping_add(wanted.size()));
        self.left.set(bytes - wanted.size());
        start
    }

    /// Moves everything out, leaving an empty arena.
    pub(crate) fn take(&self) -> Arena {
        Arena {
            cursor: Cell::new(self.cursor.replace(std::ptr::null_mut())),
            left: Cell::new(self.left.replace(0)),
            next_chunk_bytes: Cell::new(self.next_chunk_bytes.replace(FIRST_CHUNK_BYTES)),
            chunks: RefCell::new(self.chunks.take()),
        }
    }

    /// Takes over the chunks of `other`, whose addresses stay valid (`A2`).
    pub(crate) fn absorb(&self, other: Arena) {
        self.chunks.borrow_mut().append(&mut other.chunks.borrow_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_aligned_and_apart() {
        let arena = Arena::new();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for i in 0..2_000_usize {
            let align = 1 << (i % 8);
            let layout = Layout::from_size_align(i % 300 + 1, align).expect("a small layout");
            let at = arena.alloc(layout).as_ptr() as usize;
            assert_eq!(at % align.max(ALIGN), 0);
            taken.push((at, at + layout.size()));
        }
        let big = Layout::from_size_align(5 << 20, 4096).expect("a large layout");
        assert_eq!(arena.alloc(big).as_ptr() as usize % 4096, 0);
        taken.sort_unstable();
        assert!(taken.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    }
}
