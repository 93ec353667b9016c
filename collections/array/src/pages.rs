//! Large pages for large vectors.
//!
//! In: lengths. Out: vectors, of which the system is told that it may take large pages; none, where it has no memory. Reading a large array in 4 KiB pages costs a
//! third of the time in looking up addresses, and touching it for the first time costs a fault for each (sums of 800 MB: 0.033 s without, 0.025 s with; NumPy does the
//! same). Where the system knows no such advice, nothing happens.
//!
//! Not here: who needs memory (`block` keeps buffers, `array` makes results).
#![allow(unsafe_code)]

use crate::store::AsBytes;
use crate::together::TOGETHER_BYTES_MIN;
use std::mem::MaybeUninit;
use taskweave_runtime::Graph;

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

/// The lists one after the other; none, if there is no memory for it. Large ones are copied by all workers.
pub(crate) fn joined<S: Copy + Send + Sync>(mut lists: Vec<Vec<S>>) -> Option<Vec<S>> {
    if lists.len() == 1 {
        return lists.pop();
    }
    let len: usize = lists.iter().map(Vec::len).sum();
    let mut all = reserved(len)?;
    if len.saturating_mul(size_of::<S>()) >= TOGETHER_BYTES_MIN
        && copy_together(&lists, &mut all.spare_capacity_mut()[..len]).is_ok()
    {
        // SAFETY: there is room for `len`, and each place has been written: the lists fill as many, and all have been copied.
        unsafe { all.set_len(len) };
        return Some(all);
    }
    for list in lists {
        all.extend_from_slice(&list);
    }
    Some(all)
}

/// Writes the lists one after the other, each by a task. When it is well, each place of `to` has been written.
///
/// # Panics
/// If they are not as long together as `to`.
fn copy_together<'a, S: Copy + Send + Sync>(
    lists: &'a [Vec<S>],
    mut to: &'a mut [MaybeUninit<S>],
) -> Result<(), taskweave_runtime::Error> {
    let mut pairs = Vec::with_capacity(lists.len());
    for list in lists {
        let (own, rest) = to.split_at_mut(list.len());
        to = rest;
        pairs.push((own, list));
    }
    assert!(to.is_empty(), "as long as the lists are");
    Graph::build(|builder| {
        let copy = |(to, list): (&'a mut [MaybeUninit<S>], &'a Vec<S>)| {
            let copy = move |()| {
                for (to, &value) in to.iter_mut().zip(list) {
                    to.write(value);
                }
            };
            builder.value(()).map(copy).named("join")
        };
        builder.gather(pairs.into_iter().map(copy).collect::<Vec<_>>())
    })
    .compute()?;
    Ok(())
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
    fn lists_are_joined_in_their_order() {
        for len in [10, 100_000] {
            let lists: Vec<Vec<usize>> = (0..25)
                .map(|number| (0..len * (number % 4)).map(|at| at + number).collect())
                .collect();
            let expected = lists.concat();
            assert_eq!(expected.len() * 8 >= TOGETHER_BYTES_MIN, len > 10);
            assert_eq!(joined(lists).unwrap(), expected);
        }
    }

    #[test]
    fn what_there_is_no_memory_for_is_none() {
        for len in [1 << 47, usize::MAX] {
            assert!(filled(len, 7_i64).is_none() && untouched::<u64>(len).is_none());
        }
    }
}
