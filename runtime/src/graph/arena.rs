//! The memory of one graph: a bump allocator whose chunks never move.
//!
//! In: sizes. Out: addresses that stay valid until the arena is dropped. A graph that is spliced
//! into another hands over its chunks ([`Arena::absorb`]), so addresses survive that too.
//!
//! ```text
//! chunk 0  | node | node | 0 | node |………|     1 KiB
//! chunk 1  | node | node | node |……………………|     4 KiB, then 16, … up to 2 MiB (one huge page)
//! ```
//! Every allocation is a whole number of words, and the gaps before over-aligned ones are zero, so that a graph can walk
//! its nodes without a list through them ([`Arena::spans`]).
//!
//! Not here: what stands in the memory. The arena runs no destructor; [`super::Core`] walks the nodes
//! and drops what is left in them before the arena goes.
//!
//! * `A1` An address handed out is aligned to [`ALIGN`] bytes at least, lies in a chunk owned by this arena,
//!   and overlaps no other address handed out.
//! * `A2` A chunk is freed, or kept for another arena, only when the arena that owns it is dropped.
//! * `A3` From a chunk's start to its end there is nothing but allocations and words of zero.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

/// The first chunk: room for a few tasks, so that a small graph costs little.
const FIRST_CHUNK_BYTES: usize = 1 << 10;
/// The largest ordinary chunk: one huge page; a single larger node gets a chunk of its own.
const CHUNK_BYTES_MAX: usize = 2 << 20;
/// What every address is aligned to at least, so that three bits of it are free for tags.
pub(crate) const ALIGN: usize = 8;

struct Chunk {
    start: NonNull<u8>,
    layout: Layout,
    /// Where its allocations end; not kept up to date for the chunk that is being filled.
    end: *mut u8,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if self.layout == HUGE {
            let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < KEPT_MAX {
                return kept.push(Kept(self.start));
            }
        }
        // SAFETY: A2; `start` came from `take_from_system` with this layout and is given back once, here.
        unsafe { give_back(self.start, self.layout) }
    }
}

/// A chunk of the largest ordinary size, and aligned to it.
const HUGE: Layout = match Layout::from_size_align(CHUNK_BYTES_MAX, CHUNK_BYTES_MAX) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two"),
};
/// How many of these the process keeps for its next graphs: 32 MiB, which else would come from the system anew, page
/// by page, for each graph.
const KEPT_MAX: usize = 16;

/// A free chunk of layout `HUGE`, owned by the list.
struct Kept(NonNull<u8>);
// SAFETY: memory that nobody uses.
unsafe impl Send for Kept {}

static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// A bump allocator; see the module's text.
pub(crate) struct Arena {
    cursor: Cell<*mut u8>,
    left: Cell<usize>,
    next_chunk_bytes: Cell<usize>,
    /// The last one is being filled.
    chunks: RefCell<Vec<Chunk>>,
}

// SAFETY: the addresses are the arena's own; what stands at them is the business of the nodes, which are `Send`.
unsafe impl Send for Arena {}

impl Default for Arena {
    fn default() -> Self {
        Arena::new()
    }
}

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
        let size = layout.size().next_multiple_of(ALIGN);
        // Layouts are known when this is inlined: no padding, for all but over-aligned ones.
        let padding = if layout.align() <= ALIGN { 0 } else { cursor.align_offset(layout.align()) };
        let needed = padding.saturating_add(size);
        if needed > self.left.get() {
            return self.alloc_in_new_chunk(layout);
        }
        if padding > 0 {
            // SAFETY: A1; what is skipped lies before `needed`, in what is left of a live chunk (A3).
            unsafe { cursor.write_bytes(0, padding) };
        }
        self.left.set(self.left.get() - needed);
        self.cursor.set(cursor.wrapping_add(needed));
        // SAFETY: A1; `padding + size` fits into what is left of a live chunk, so this is not null.
        unsafe { NonNull::new_unchecked(cursor.wrapping_add(padding)) }
    }

    #[cold]
    #[inline(never)]
    fn alloc_in_new_chunk(&self, wanted: Layout) -> NonNull<u8> {
        let size = wanted.size().next_multiple_of(ALIGN);
        let bytes = self.next_chunk_bytes.get().max(size);
        self.next_chunk_bytes.set((self.next_chunk_bytes.get() * 4).min(CHUNK_BYTES_MAX));
        let huge = bytes.is_multiple_of(CHUNK_BYTES_MAX);
        let align = wanted.align().max(if huge { CHUNK_BYTES_MAX } else { ALIGN });
        let layout =
            Layout::from_size_align(bytes, align).unwrap_or_else(|_| handle_alloc_error(wanted));
        let kept = if layout == HUGE {
            KEPT.lock().unwrap_or_else(PoisonError::into_inner).pop()
        } else {
            None
        };
        let start = kept.map(|kept| kept.0).unwrap_or_else(|| {
            take_from_system(layout).unwrap_or_else(|| handle_alloc_error(layout))
        });
        let mut chunks = self.chunks.borrow_mut();
        if let Some(full) = chunks.last_mut() {
            full.end = self.cursor.get();
        }
        chunks.push(Chunk { start, layout, end: start.as_ptr() });
        self.cursor.set(start.as_ptr().wrapping_add(size));
        self.left.set(bytes - size);
        start
    }

    /// Where allocations stand: from each start up to its end, nothing but allocations and words of zero (`A3`).
    pub(crate) fn spans(&self) -> Vec<(NonNull<u8>, *mut u8)> {
        let chunks = self.chunks.borrow();
        let mut spans: Vec<_> = chunks.iter().map(|chunk| (chunk.start, chunk.end)).collect();
        if let Some(filling) = spans.last_mut() {
            filling.1 = self.cursor.get();
        }
        spans
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

    /// Takes over the chunks of `other`, whose addresses stay valid (`A2`). O(chunks of the smaller one); the chunk with more
    /// room is filled on.
    pub(crate) fn absorb(&self, other: Arena) {
        let mut chunks = self.chunks.borrow_mut();
        let mut others = other.chunks.take();
        for (chunks, cursor) in [(&mut *chunks, &self.cursor), (&mut others, &other.cursor)] {
            if let Some(filling) = chunks.last_mut() {
                filling.end = cursor.get();
            }
        }
        let larger = self.next_chunk_bytes.get().max(other.next_chunk_bytes.get());
        self.next_chunk_bytes.set(larger);
        let ours = if other.left.get() > self.left.get() {
            self.cursor.set(other.cursor.get());
            self.left.set(other.left.get());
            false
        } else {
            true
        };
        let filling = if ours { chunks.pop() } else { others.pop() };
        if others.len() > chunks.len() {
            std::mem::swap(&mut *chunks, &mut others);
        }
        chunks.append(&mut others);
        chunks.extend(filling);
    }
}

/// Memory for a chunk.
#[cfg(all(target_os = "linux", not(miri)))]
fn take_from_system(layout: Layout) -> Option<NonNull<u8>> {
    if layout != HUGE {
        // SAFETY: the size is not zero: FIRST_CHUNK_BYTES at least.
        return NonNull::new(unsafe { alloc(layout) });
    }
    // Straight from the system, so that it goes straight back: of what `malloc` aligns this much it keeps the holes. Twice the size
    // holds an aligned chunk, the rest goes back at once.
    let (bytes, protection) = (2 * CHUNK_BYTES_MAX, libc::PROT_READ | libc::PROT_WRITE);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a fresh mapping at an address of the system's choice.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    let start = start.cast::<u8>();
    let before = start.align_offset(CHUNK_BYTES_MAX);
    let chunk = start.wrapping_add(before);
    let behind = bytes - CHUNK_BYTES_MAX - before;
    // SAFETY: parts of the fresh mapping, on both sides of the chunk, which nobody uses; and advice on the chunk, which changes no
    // content: one page of 2 MiB instead of 512 means fewer faults and fewer misses of the address cache.
    unsafe {
        if before > 0 {
            libc::munmap(start.cast(), before);
        }
        if behind > 0 {
            libc::munmap(chunk.wrapping_add(CHUNK_BYTES_MAX).cast(), behind);
        }
        libc::madvise(chunk.cast(), CHUNK_BYTES_MAX, libc::MADV_HUGEPAGE);
    }
    NonNull::new(chunk)
}

/// Gives a chunk's memory back.
///
/// # Safety
/// It came from [`take_from_system`] with this layout, and nobody uses it any more.
#[cfg(all(target_os = "linux", not(miri)))]
unsafe fn give_back(start: NonNull<u8>, layout: Layout) {
    if layout == HUGE {
        // SAFETY: promised by the caller: a mapping of this size.
        unsafe { libc::munmap(start.as_ptr().cast(), layout.size()) };
    } else {
        // SAFETY: promised by the caller: it came from `alloc`.
        unsafe { dealloc(start.as_ptr(), layout) }
    }
}

/// Memory for a chunk.
#[cfg(not(all(target_os = "linux", not(miri))))]
fn take_from_system(layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the size is not zero: FIRST_CHUNK_BYTES at least.
    NonNull::new(unsafe { alloc(layout) })
}

/// Gives a chunk's memory back.
///
/// # Safety
/// It came from [`take_from_system`] with this layout, and nobody uses it any more.
#[cfg(not(all(target_os = "linux", not(miri))))]
unsafe fn give_back(start: NonNull<u8>, layout: Layout) {
    // SAFETY: promised by the caller.
    unsafe { dealloc(start.as_ptr(), layout) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_over_stays_and_can_be_walked() {
        let layout = Layout::from_size_align(24, 8).expect("a small layout");
        // Beyond the largest chunk; Miri has none of that size, and time for less.
        let many = if cfg!(miri) { 3_000 } else { 300_000 };
        for (mine, theirs) in
            [(0, 0), (0, 9), (9, 0), (3, 2_000), (2_000, 3), (500, 500), (many, 1)]
        {
            let (arena, other) = (Arena::new(), Arena::new());
            let write = |arena: &Arena, from: usize, many: usize| {
                for number in from..from + many {
                    // SAFETY: fresh memory of this layout.
                    unsafe { arena.alloc(layout).cast::<[usize; 3]>().write([1, 2, number]) };
                }
            };
            write(&arena, 0, mine);
            write(&other, mine, theirs);
            arena.absorb(other);
            write(&arena, mine + theirs, 100);
            let mut seen = vec![false; mine + theirs + 100];
            for (start, end) in arena.spans() {
                let mut at = start.as_ptr();
                while at < end {
                    // SAFETY: A3: all allocations here are of this kind.
                    let [one, two, number] = unsafe { at.cast::<[usize; 3]>().read() };
                    assert_eq!((one, two, seen[number]), (1, 2, false));
                    seen[number] = true;
                    at = at.wrapping_add(layout.size());
                }
            }
            assert!(seen.iter().all(|seen| *seen));
        }
    }

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
