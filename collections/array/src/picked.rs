//! Blocks whose elements along an axis are picked from others'.
//!
//! In: blocks, and for each place along the axis which of them its elements are in, and where. Out: the elements, copied: one by one along the last axis, in stretches of all that lies close along other axes.
//! Places are asked for a few hundred at a time, and first: the processor waits for several of their elements at once.
//!
//! Not here: which places these are (`chosen`).

use crate::block::Block;
use crate::walk::Walk;
use ndarray::{ArrayViewMutD, Axis, IxDyn, Slice};

/// So many places are asked for at once.
const TOGETHER: usize = 512;

/// Where elements are: in which block, and at which place along the axis.
pub(crate) type At = (usize, usize);

/// Appends the next so many places, fewer never.
pub(crate) type Next<'a> = &'a mut dyn FnMut(usize, &mut Vec<At>);

/// Fills a block of this shape, which is in C order.
pub(crate) fn pick<S: Copy + Send + Sync + 'static>(
    out: &mut [S],
    shape: &[usize],
    axis: usize,
    blocks: &[Block],
    next: Next<'_>,
) {
    if out.is_empty() {
        return;
    }
    let inner: usize = shape[axis + 1..].iter().product();
    let lies_close = |block: &Block| {
        let strides = &block.strides[axis + 1..];
        inner == 1 || Walk::new(0, &shape[axis + 1..], strides).is_one_run()
    };
    match blocks.iter().all(lies_close) {
        true => pick_runs(out, shape, axis, blocks, next),
        false => pick_views(out, shape, axis, blocks, next),
    }
}

/// Of blocks in which all that is within an element of the axis lies close.
fn pick_runs<S: Copy + Send + Sync + 'static>(
    out: &mut [S],
    shape: &[usize],
    axis: usize,
    blocks: &[Block],
    next: Next<'_>,
) {
    let (len, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
    let rows: usize = shape[..axis].iter().product();
    let memory: Vec<&[S]> = blocks.iter().map(Block::memory).collect();
    let walks: Vec<Walk> = blocks
        .iter()
        .map(|block| Walk::new(block.offset, &shape[..axis], &block.strides[..axis]))
        .collect();
    let steps: Vec<isize> = blocks.iter().map(|block| block.strides[axis]).collect();
    // From the first row to others the way is the same in all blocks, or not.
    let is_alike = walks.iter().all(|walk| walk.dims == walks[0].dims);
    let is_shared = is_alike && memory.iter().all(|&other| std::ptr::eq(other, memory[0]));
    let shift = |block: usize, row: usize| walks[block].at(row).wrapping_sub(walks[block].start());
    let (mut found, mut shifts): (Vec<At>, Vec<usize>) = (Vec::with_capacity(TOGETHER), vec![]);
    for first in (0..len).step_by(TOGETHER) {
        let count = TOGETHER.min(len - first);
        found.clear();
        next(count, &mut found);
        // From here on, where in the memory they are.
        for (block, at) in &mut found {
            *at = walks[*block].start().wrapping_add_signed(*at as isize * steps[*block]);
        }
        let block = found[0].0;
        let is_one = is_shared || found.iter().all(|&(other, _)| other == block);
        for row in 0..rows {
            let out = &mut out[(row * len + first) * inner..][..count * inner];
            if is_one {
                let (memory, shift) = (memory[block], shift(block, row));
                copy(out, inner, &found, |_, at| &memory[at.wrapping_add(shift)..]);
            } else if is_alike {
                let shift = shift(block, row);
                copy(out, inner, &found, |block, at| &memory[block][at.wrapping_add(shift)..]);
            } else {
                shifts.clear();
                shifts.extend((0..blocks.len()).map(|block| shift(block, row)));
                copy(out, inner, &found, |block, at| {
                    &memory[block][at.wrapping_add(shifts[block])..]
                });
            }
        }
    }
}

/// Copies so many elements from each place, of which `from` says what stands there and after it.
#[inline(always)]
fn copy<'a, S: Copy + 'a>(
    out: &mut [S],
    each: usize,
    found: &[At],
    from: impl Fn(usize, usize) -> &'a [S],
) {
    if each == 1 {
        // A call would take longer than the element.
        out.iter_mut().zip(found).for_each(|(out, &(block, at))| *out = from(block, at)[0]);
        return;
    }
    let mut done = 0;
    while done < found.len() {
        // What lies close is copied together.
        let (block, at) = found[done];
        let is_next = |&(step, other): &(usize, &At)| *other == (block, at + step * each);
        let close = (1..).zip(&found[done + 1..]).take_while(is_next).count() + 1;
        out[done * each..][..close * each].copy_from_slice(&from(block, at)[..close * each]);
        done += close;
    }
}

/// Of blocks in any order of axes.
fn pick_views<S: Copy + Send + Sync + 'static>(
    out: &mut [S],
    shape: &[usize],
    axis: usize,
    blocks: &[Block],
    next: Next<'_>,
) {
    let len = shape[axis];
    let mut whole = ArrayViewMutD::from_shape(IxDyn(shape), out)
        .expect("the buffer is as long as the shape says");
    let views: Vec<_> = blocks.iter().map(Block::view::<S>).collect();
    let mut found: Vec<At> = Vec::with_capacity(TOGETHER);
    for first in (0..len).step_by(TOGETHER) {
        found.clear();
        next(TOGETHER.min(len - first), &mut found);
        let mut done = 0;
        while done < found.len() {
            let (block, at) = found[done];
            let is_next = |&(step, other): &(usize, &At)| *other == (block, at + step);
            let count = (1..).zip(&found[done + 1..]).take_while(is_next).count() + 1;
            let place = first + done;
            let mut to = whole.slice_axis_mut(Axis(axis), Slice::from(place..place + count));
            let from = views[block].slice_axis(Axis(axis), Slice::from(at..at + count));
            ndarray::Zip::from(&mut to).and(&from).for_each(|to, from| *to = *from);
            done += count;
        }
    }
}
