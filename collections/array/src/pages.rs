//! Large pages for large vectors.
//!
//! In: lengths. Out: vectors, of which the system is told that it may take large pages; none, where it has no memory. Reading a large array in 4 KiB pages costs a
//! third of the time in looking up addresses, and touching it for the first time costs a fault for each (sums of 800 MB: 0.033 s without, 0.025 s with; NumPy does the
//! same). Where the system knows no such advice, nothing happens.
//!
//! Not here: who needs memory (`block` keeps buffers, `array` makes results).
#![allow(unsafe_code)]

use crate::store::AsBytes;

/// Vectors smaller than this are left alone: a large page is 2 MiB.
const ADVISED_BYTES_MIN: usize = 4 << 20;

/// A vector of `len` times `zero`, in large pages if it is large; none, if there is no memory for it.
pub(crate) fn filled<S: Copy>(len: usize, zero: S) -> Option<Vec<S>> {
    let mut vector = reserved(len)?;
    vector.resize(len, zero);
    Some(vector)
}

/// A copy of the values, as [`filled`].
pub(crate) fn copied<S: Copy>(values: &[S]) -> Option<Vec<S>> {
    let mut vector = reserved(values.len())?;
    vector.extend_from_slice(values);
    Some(vector)
}

/// The lists one after the other, as [`filled`].
pub(crate) fn joined<S: Copy>(mut lists: Vec<Vec<S>>) -> Vec<S> {
    if lists.len() == 1 {
        return lists.swap_remove(0);
    }
    let mut all = reserved(lists.iter().map(Vec::len).sum()).unwrap_or_default();
    for list in lists {
        all.extend_from_slice(&list);
    }
    all
}

/// A vector of nothing with room for `len`.
fn reserved<S>(len: usize) -> Option<Vec<S>> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(len).ok()?;
    if len.saturating_mul(size_of::<S>()) >= ADVISED_BYTES_MIN {
        advise(&vector);
    }
    Some(vector)
}

/// A vector of `len` zeros that nobody has touched, if the allocator has such; in large pages if it is large. None, if there is no memory for it.
pub(crate) fn untouched<A: AsBytes>(len: usize) -> Option<Vec<A>> {
    let vector = A::zeros(len)?;
    if vector.len().saturating_mul(size_of::<A>()) >= ADVISED_BYTES_MIN {
        advise(&vector);
    }
    Some(vector)
}

#[cfg(target_os = "linux")]
fn advise<S>(vector: &Vec<S>) {
    const PAGE: usize = 4096;
    let start = (vector.as_ptr() as usize).next_multiple_of(PAGE);
    let end = (vector.as_ptr() as usize + vector.capacity() * size_of::<S>()) / PAGE * PAGE;
    if start < end {
        // SAFETY: the pages lie within the vector's allocation, and the advice changes how they are backed, never what is in them. What the
        // call returns does not matter: it is advice.
        unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise<S>(_: &Vec<S>) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_as_long_as_asked_and_hold_what_was_asked() {
        for len in [0, 1, 1 << 19, (1 << 20) + 3] {
            let sevens = filled(len, 7_i64).unwrap();
            assert!(sevens.len() == len && sevens.iter().all(|&x| x == 7));
            assert_eq!(copied(&sevens).unwrap(), sevens);
            let zeros = untouched::<u64>(len).unwrap();
            assert!(zeros.len() == len && zeros.iter().all(|&x| x == 0));
        }
    }

    #[test]
    fn what_there_is_no_memory_for_is_none() {
        for len in [1 << 47, usize::MAX] {
            assert!(filled(len, 7_i64).is_none() && untouched::<u64>(len).is_none());
        }
    }
}
