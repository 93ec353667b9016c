//! An array that tasks write to, each to a part of its own, without a borrow: parts and whole go into a graph that outlives the function that makes it.
//!
//! In: a vector, a shape and a grid. Out: a [`Whole`] and a [`Part`] for each chunk; the whole becomes the vector again when no part is left. Its elements are at first what they were.
//!
//! - `W1` Parts of one array share no elements.
//! - `W2` Whoever has a part or the whole holds the memory, and the vector is made again by the last one, or for the whole alone.
//!
//! Not here: results that a borrow is enough for (`array`), and who writes.
#![allow(unsafe_code)]

use crate::element::Element;
use crate::grid::Grid;
use ndarray::{ArrayViewMutD, Axis, Dim, IxDynImpl, RawArrayViewMut};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::Arc;

type RawView<A> = RawArrayViewMut<A, Dim<IxDynImpl>>;

/// A vector taken apart (`W2`).
struct Memory<A> {
    start: NonNull<A>,
    len: usize,
    capacity: usize,
}

// SAFETY: it owns the elements as a vector does. Through a shared one nothing is read or written: parts do that, each to what is its own (W1).
unsafe impl<A: Send> Send for Memory<A> {}
// SAFETY: as above.
unsafe impl<A: Send> Sync for Memory<A> {}

impl<A> Memory<A> {
    fn new(vector: Vec<A>) -> Memory<A> {
        let mut vector = ManuallyDrop::new(vector);
        let start = NonNull::new(vector.as_mut_ptr()).unwrap_or(NonNull::dangling());
        Memory { start, len: vector.len(), capacity: vector.capacity() }
    }

    fn into_vec(self) -> Vec<A> {
        let memory = ManuallyDrop::new(self);
        // SAFETY: these are a vector's, which nobody else has made again (W2): this one is not dropped.
        unsafe { Vec::from_raw_parts(memory.start.as_ptr(), memory.len, memory.capacity) }
    }
}

impl<A> Drop for Memory<A> {
    fn drop(&mut self) {
        // SAFETY: as in `into_vec`, which forgets the memory.
        drop(unsafe { Vec::from_raw_parts(self.start.as_ptr(), self.len, self.capacity) });
    }
}

/// The array, while its parts are written.
pub(crate) struct Whole<A>(Arc<Memory<A>>);

impl<A> Whole<A> {
    /// The vector; none, while there are parts.
    pub(crate) fn into_vec(self) -> Option<Vec<A>> {
        Arc::into_inner(self.0).map(Memory::into_vec)
    }
}

/// A part of the array (`W1`).
pub(crate) struct Part<A> {
    view: RawView<A>,
    /// Kept for the view (`W2`).
    _memory: Arc<Memory<A>>,
}

// SAFETY: it has its elements for itself (W1), and holds the memory (W2).
unsafe impl<A: Send> Send for Part<A> {}
// SAFETY: a shared part gives nothing.
unsafe impl<A: Send> Sync for Part<A> {}

impl<A> Part<A> {
    pub(crate) fn view_mut(&mut self) -> ArrayViewMutD<'_, A> {
        // SAFETY: the elements are there as long as the part (W2), and borrowed from it, whose own they are (W1). They are aligned and within one vector, which the view was made of.
        unsafe { self.view.clone().deref_into_view_mut() }
    }
}

/// The array in C order of `grid`'s shape, and its chunks in C order.
///
/// # Panics
/// If the vector is not as long as the shape says: it is made for it.
pub(crate) fn apart<A: Element>(vector: Vec<A>, grid: &Grid) -> (Whole<A>, Vec<Part<A>>) {
    let shape: Vec<usize> =
        (0..grid.rank()).map(|axis| grid.bounds(axis).last().copied().unwrap_or(0)).collect();
    assert_eq!(vector.len(), shape.iter().product::<usize>(), "made for its shape");
    let memory = Arc::new(Memory::new(vector));
    // SAFETY: in C order the shape takes as many elements as there are.
    let whole = unsafe { RawView::from_shape_ptr(shape, memory.start.as_ptr()) };
    let mut views = Vec::with_capacity(grid.count());
    split(whole, grid, 0, &mut views);
    let part = |view| Part { view, _memory: memory.clone() };
    let parts = views.into_iter().map(part).collect();
    (Whole(memory), parts)
}

/// Chunks share no elements: ranges along an axis follow each other.
fn split<A>(whole: RawView<A>, grid: &Grid, axis: usize, views: &mut Vec<RawView<A>>) {
    if axis == grid.rank() {
        views.push(whole);
        return;
    }
    let mut rest = whole;
    for at in 0..grid.count_along(axis) {
        let (part, after) = rest.split_at(Axis(axis), grid.range(axis, at).len());
        split(part, grid, axis + 1, views);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Chunks;
    use ndarray::{Array, IxDyn};
    use std::thread;

    fn regular(shape: &[usize], chunks: &[usize]) -> Grid {
        Grid::new(shape, &Chunks::from(chunks), 8).unwrap()
    }

    /// Chunks of a shape, each written by a thread of its own with its number.
    fn written(shape: &[usize], chunks: &[usize]) -> Vec<f64> {
        let grid = regular(shape, chunks);
        let (whole, parts) = apart(vec![-1.0; shape.iter().product()], &grid);
        thread::scope(|scope| {
            for (number, mut part) in parts.into_iter().enumerate() {
                scope.spawn(move || part.view_mut().fill(number as f64));
            }
        });
        whole.into_vec().unwrap()
    }

    #[test]
    fn each_part_is_its_chunk() {
        for (shape, chunks) in
            [(&[5, 4][..], &[2, 3][..]), (&[7], &[3]), (&[2, 3, 4], &[1, 2, 3]), (&[0, 3], &[1, 1])]
        {
            let grid = regular(shape, chunks);
            let mut expected = Array::from_elem(IxDyn(shape), -1.0);
            for (number, mut part) in crate::array::parts(expected.view_mut(), &grid).enumerate() {
                part.fill(number as f64);
            }
            assert_eq!(written(shape, chunks), expected.into_raw_vec_and_offset().0);
        }
    }

    #[test]
    fn the_whole_is_given_when_no_part_is_left() {
        let grid = regular(&[4], &[2]);
        let (whole, parts) = apart(vec![1_u8; 4], &grid);
        assert!(whole.into_vec().is_none());
        // The memory is there as long as a part is.
        let mut last = parts.into_iter().next_back().unwrap();
        last.view_mut().fill(2);
        assert!(last.view_mut().iter().eq(&[2, 2]));
        let (whole, parts) = apart(vec![1_u8; 4], &grid);
        drop(parts);
        assert_eq!(whole.into_vec().unwrap(), [1; 4]);
    }
}
