//! Room for lists that grow with the data: the system is asked for it, and where it has none that is an error, not the end of the process.
//!
//! In: lengths, lists, blocks. Out: lists with room for as much, or the elements of those given, one after the other.
//!
//! Not here: large pages and results (`pages`, `array`), and the memory of blocks (`block`).

use crate::block::Block;
use crate::element::Element;
use crate::error::Error;
use std::borrow::Cow;

/// An empty list with room for so many.
pub(crate) fn room<T>(len: usize) -> Result<Vec<T>, Error> {
    let mut list = Vec::new();
    let has_room = list.try_reserve_exact(len);
    has_room.map_err(|_| Error::no_memory_to_sort(len, size_of::<T>()))?;
    Ok(list)
}

/// Whether there is memory for so many more: sorting what is in order takes as much, and ends the process where there is none.
pub(crate) fn has_room_for<T>(len: usize) -> bool {
    room::<T>(len).is_ok()
}

/// The lists as one.
pub(crate) fn one_after_the_other<T: Copy>(lists: &[&[T]]) -> Result<Vec<T>, Error> {
    let mut all = room(lists.iter().map(|list| list.len()).sum())?;
    lists.iter().for_each(|list| all.extend_from_slice(list));
    Ok(all)
}

/// The elements of a block, in C order.
pub(crate) fn in_block<A: Element>(block: &Block) -> Result<Cow<'_, [A]>, Error> {
    if let Some(values) = block.as_slice::<A>() {
        return Ok(Cow::Borrowed(values));
    }
    let mut all = room(block.shape.iter().product())?;
    all.extend(block.view::<A>().iter());
    Ok(Cow::Owned(all))
}

/// The same, to be sorted.
pub(crate) fn own<A: Element>(values: Cow<'_, [A]>) -> Result<Vec<A>, Error> {
    match values {
        Cow::Borrowed(values) => one_after_the_other(&[values]),
        Cow::Owned(values) => Ok(values),
    }
}
