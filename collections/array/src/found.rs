//! What is found in an array, where nobody knows before how much that is: different elements, places of what is not zero, elements under a mask.
//!
//! In: arrays. Out: graphs and no arrays, because the shape of an array is always known. Each block gives a list; lists of different elements are merged in a tree, as far as that makes
//! them shorter, and the rest stretch by stretch; lists with places are put in order at the end.
//!
//! Not here: where its lists get memory (`room`), what has one result for each element (`sorting`), or a number of results that is said before (`histogram`).

use crate::array::Array;
use crate::block::Block;
use crate::either::AnyArray;
use crate::element::{Element, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::grid::{c_strides, position};
use crate::lower::Lowering;
use crate::order::by_size;
use crate::pages;
use crate::places;
use crate::pool::array_of;
use crate::rearrange::regridded;
use crate::room::{has_room_for, in_block, one_after_the_other, own, room};
use ndarray::{Array1, Array2, Dimension};
use std::sync::Arc;
use taskweave_runtime::Graph;

/// What there is of each block, and of all, in rising order, each once.
trait Once: Copy + Send + Sync + 'static {
    type Value: Real;
    fn value(&self) -> Self::Value;
    /// The different ones of a block.
    fn of_block(block: &Block) -> Result<Vec<Self>, Error>;
    /// Several such lists, one after the other, as one.
    fn merge(lists: Vec<Self>) -> Vec<Self>;
}

impl<A: Real> Once for A {
    type Value = A;
    fn value(&self) -> A {
        *self
    }
    fn of_block(block: &Block) -> Result<Vec<A>, Error> {
        let values = in_block(block)?;
        Ok(match counted(&values) {
            Some(all) => all.map(|(value, _)| value).collect(),
            None => different(own(values)?, A::sort_known_),
        })
    }
    fn merge(lists: Vec<A>) -> Vec<A> {
        different(lists, |values| match has_room_for::<A>(values.len()) {
            true => A::merge_known_(values),
            false => A::sort_known_(values),
        })
    }
}

/// An element, and how often it is there.
impl<A: Real> Once for (A, u64) {
    type Value = A;
    fn value(&self) -> A {
        self.0
    }
    fn of_block(block: &Block) -> Result<Vec<(A, u64)>, Error> {
        let values = in_block(block)?;
        if let Some(all) = counted(&values) {
            return Ok(all.collect());
        }
        let mut values = own(values)?;
        let nan = known_first(&mut values);
        let (known, nan) = values.split_at_mut(nan);
        A::sort_known_(known);
        let mut all = room(known.chunk_by(A::eq).count() + 1)?;
        all.extend(known.chunk_by(A::eq).map(|run| (run[0], run.len() as u64)));
        all.extend(nan.first().map(|&first| (first, nan.len() as u64)));
        Ok(all)
    }
    fn merge(mut lists: Vec<(A, u64)>) -> Vec<(A, u64)> {
        // Of lists that are in order this is a merge.
        match has_room_for::<Self>(lists.len()) {
            true => lists.sort_by_key(|(value, _)| value.to_key()),
            false => lists.sort_unstable_by_key(|(value, _)| value.to_key()),
        }
        // Equal ones are added to the first of them; of zeros the lesser one stays, wherever it was.
        lists.dedup_by(|later, first| {
            let is_same = by_size(&later.0, &first.0).is_eq();
            if is_same {
                first.1 += later.1;
                if !first.0.is_nan_() {
                    first.0 = first.0.lesser_(later.0);
                }
            }
            is_same
        });
        lists
    }
}

/// Lists in rising order, to be one: several, if they have little in common, so that one would be no shorter.
type Lists<T> = Arc<Vec<Vec<T>>>;

/// So many lists are put together by one task.
const TOGETHER: usize = 8;
/// Lists of so few elements are always made one.
const SHORT: usize = 1 << 14;
/// Of so many elements of a list it is looked whether another one has them.
const LOOKED_AT: usize = 64;
/// Lists are made one if at least such a part of those is there twice.
const IN_COMMON: usize = 8;
/// What several lists have becomes one in so many stretches, each a task.
const STRETCHES: usize = 16;
/// Of so many elements of each stretch it is found where stretches are to begin.
const SAMPLES: usize = 64;

/// The lists of all, as one if that is shorter.
fn together<T: Once>(all: Vec<Lists<T>>) -> Result<Lists<T>, Error> {
    let mut lists: Vec<Vec<T>> = Vec::new();
    for some in all {
        match Arc::try_unwrap(some) {
            Ok(some) => lists.extend(some),
            Err(some) => {
                for list in &*some {
                    lists.push(one_after_the_other(&[list])?);
                }
            }
        }
    }
    lists.retain(|list| !list.is_empty());
    let total: usize = lists.iter().map(Vec::len).sum();
    if lists.len() > 1 && (total <= SHORT || has_much_in_common(&lists)) {
        let parts: Vec<&[T]> = lists.iter().map(Vec::as_slice).collect();
        let all = one_after_the_other(&parts)?;
        lists = vec![T::merge(all)];
    }
    Ok(Arc::new(lists))
}

/// Whether elements of the longest list are in others.
fn has_much_in_common<T: Once>(lists: &[Vec<T>]) -> bool {
    let Some(longest) = (0..lists.len()).max_by_key(|&at| lists[at].len()) else { return false };
    let sample = lists[longest].iter().step_by(lists[longest].len().div_ceil(LOOKED_AT).max(1));
    let is_elsewhere = |value: &T| {
        let (value, mut others) = (value.value(), (0..lists.len()).filter(|&at| at != longest));
        others.any(|at| lists[at].binary_search_by(|other| by_size(&other.value(), &value)).is_ok())
    };
    let looked_at = sample.len();
    sample.filter(|value| is_elsewhere(value)).count() * IN_COMMON >= looked_at
}

/// A stretch of what is in all lists, as one list. Those of all numbers one after the other are all.
fn stretch<T: Once>(lists: &[Vec<T>], number: usize) -> Result<Vec<T>, Error> {
    let total: usize = lists.iter().map(Vec::len).sum();
    let step = total.div_ceil(STRETCHES * SAMPLES).max(1);
    let samples = lists.iter().flat_map(|list| list.iter().step_by(step));
    let mut samples: Vec<u64> = samples.map(|sample| sample.value().to_key()).collect();
    samples.sort_unstable();
    // The least key of a stretch; what is the same for all has equal keys, so all of it is in one.
    let start = |number: usize| samples.get(samples.len() * number / STRETCHES).copied();
    let place = |list: &[T], number: usize| match (number, start(number)) {
        (0, _) => 0,
        (STRETCHES, _) | (_, None) => list.len(),
        (_, Some(key)) => list.partition_point(|other| other.value().to_key() < key),
    };
    let parts: Vec<&[T]> = lists
        .iter()
        .map(|list| &list[place(list, number)..place(list, number + 1)])
        .filter(|part| !part.is_empty())
        .collect();
    let all = one_after_the_other(&parts)?;
    Ok(if parts.len() == 1 { all } else { T::merge(all) })
}

/// Finds what is in each block, once, and finishes with what is in all.
fn merged<T: Once, R: Send + Sync + 'static>(
    name: &'static str,
    expr: &ExprRef,
    finish: impl Fn(Vec<T>) -> R + Send + Sync + 'static,
) -> Graph<'static, R> {
    let (roots, here) = (std::slice::from_ref(expr), expr.location);
    Graph::build(|builder| {
        let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
        let list = move |block: Block| {
            let list = T::of_block(&block).map_err(|error| error.at(here))?;
            Ok::<Lists<T>, Error>(Arc::new(vec![list]))
        };
        let together = move |lists| together::<T>(lists).map_err(|error| error.at(here));
        let mut lists: Vec<_> =
            blocks.into_iter().map(|block| block.map(list).named(name).or_fail()).collect();
        let is_one = lists.len() == 1;
        while lists.len() > 1 {
            let mut level = Vec::with_capacity(lists.len().div_ceil(TOGETHER));
            let mut rest = lists.into_iter();
            loop {
                let some: Vec<_> = rest.by_ref().take(TOGETHER).collect();
                match some.len() {
                    0 => break,
                    1 => level.extend(some),
                    _ => level.push(builder.gather(some).map(together).named(name).or_fail()),
                }
            }
            lists = level;
        }
        let lists = lists.swap_remove(0);
        if is_one {
            let take = |lists: Lists<T>| match Arc::try_unwrap(lists) {
                Ok(mut lists) => Ok(lists.swap_remove(0)),
                Err(lists) => one_after_the_other(&[&lists[0]]),
            };
            let all = move |lists| take(lists).map_err(|error| error.at(here)).map(&finish);
            return lists.map(all).named(name).or_fail();
        }
        let stretches = (0..STRETCHES).map(|number| {
            let stretch =
                move |lists: Lists<T>| stretch(&lists, number).map_err(|error| error.at(here));
            lists.clone().map(stretch).named(name).or_fail()
        });
        let stretches = builder.gather(stretches.collect::<Vec<_>>());
        let all = move |stretches| joined(stretches).map_err(|error| error.at(here)).map(&finish);
        stretches.map(all).named(name).or_fail()
    })
}

/// Integers that are no further apart are counted one by one: as many counts stay in the cache.
const APART: u64 = 1 << 15;

/// The different ones of integers that are close together, in rising order, and how often each is there. None of others.
fn counted<A: Real>(values: &[A]) -> Option<impl Iterator<Item = (A, u64)> + use<A>> {
    let is_integer = A::HIGHEST.to_f64().is_finite();
    let most = APART.min(values.len() as u64);
    if !is_integer || most == 0 {
        return None;
    }
    let ends = |values: &[A]| {
        values.iter().fold((u64::MAX, 0), |(least, last), value| {
            (least.min(value.to_key()), last.max(value.to_key()))
        })
    };
    // Of those that are far apart some are enough.
    let (least, last) = ends(&values[..values.len().min(LOOKED_AT)]);
    if last - least >= most {
        return None;
    }
    let (least, last) = ends(values);
    if last - least >= most {
        return None;
    }
    let mut counts = vec![0_u64; (last - least) as usize + 1];
    for value in values {
        counts[(value.to_key() - least) as usize] += 1;
    }
    let all = (least..=last).zip(counts).filter(|&(_, count)| count > 0);
    Some(all.map(|(key, count)| (A::of_key(key), count)))
}

/// Puts what is NaN behind all else; how many are not.
fn known_first<A: Real>(values: &mut [A]) -> usize {
    let mut known = 0;
    if !values.iter().fold(false, |any, value| any | value.is_nan_()) {
        return values.len();
    }
    for at in 0..values.len() {
        if !values[at].is_nan_() {
            values.swap(known, at);
            known += 1;
        }
    }
    known
}

/// The different ones of some elements, in rising order, by a function that sorts those that are not NaN.
fn different<A: Real>(mut values: Vec<A>, sort: impl Fn(&mut [A])) -> Vec<A> {
    let known = known_first(&mut values);
    let nan = values.get(known).copied();
    values.truncate(known);
    sort(&mut values);
    values.dedup();
    values.extend(nan);
    values
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The different elements, in rising order; NaN once, as the last. How many they are is not known before, so this is a graph.
    ///
    /// Which of them each element is, NumPy's `inverse`, says [`searchsorted`](Array::searchsorted).
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Side};
    /// let x = Array::from(vec![30, 10, 30, 20, 10]).rechunk(2);
    /// let values = Array::from(x.unique()?.compute().unwrap());
    /// assert_eq!(values.compute()?.to_vec(), [10, 20, 30]);
    /// assert_eq!(values.searchsorted(&x, Side::Left).compute()?.to_vec(), [2, 0, 2, 1, 0]);
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn unique(&self) -> Result<Graph<'static, Array1<A>>, Error>
    where
        A: Real,
    {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        Ok(merged::<A, _>("unique", expr, Array1::from))
    }

    /// The different elements, in rising order, and how often each is there; NaN once, as the last. NumPy's `unique_counts`.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(vec![3, 1, 3, 2, 1, 3]).rechunk(2);
    /// let (values, counts) = x.unique_counts()?.compute().unwrap();
    /// assert_eq!((values.to_vec(), counts.to_vec()), (vec![1, 2, 3], vec![2, 1, 3]));
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn unique_counts(&self) -> Result<Graph<'static, (Array1<A>, Array1<u64>)>, Error>
    where
        A: Real,
    {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let apart = |all: Vec<(A, u64)>| {
            let (values, counts): (Vec<A>, Vec<u64>) = all.into_iter().unzip();
            (Array1::from(values), Array1::from(counts))
        };
        Ok(merged("unique_counts", expr, apart))
    }
}

/// Calls `f` with each row of a chunk and where it begins in the whole array, counted in C order.
fn each_row<A: Element>(expr: &Expr, chunk: usize, block: &Block, mut f: impl FnMut(usize, &[A])) {
    let at = position(chunk, &expr.grid.counts());
    let (origin, strides) = (expr.grid.origin(&at), c_strides(&expr.shape));
    let elements = places::in_order::<A>(block);
    let Some((&row, outer)) = block.shape.split_last() else { return f(0, &elements) };
    for (number, elements) in elements.chunks_exact(row.max(1)).enumerate() {
        let within = position(number, outer);
        let start: usize = (0..outer.len())
            .map(|axis| (origin[axis] + within[axis]) * strides[axis].unsigned_abs())
            .sum();
        f(start + origin[outer.len()], elements);
    }
}

/// What `finish` makes of what `find` keeps of each chunk.
fn of_chunks<T, R>(
    name: &'static str,
    inputs: &[ExprRef],
    find: impl Fn(usize, &[Block]) -> Result<Vec<T>, Error> + Clone + Send + Sync + 'static,
    finish: impl Fn(Vec<Vec<T>>) -> Result<R, Error> + Send + Sync + 'static,
) -> Graph<'static, R>
where
    T: Copy + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    let here = inputs[0].location;
    let finish = move |lists| finish(lists).map_err(|error| error.at(here));
    Graph::build(|builder| {
        let lowering = Lowering::new(inputs);
        let mut all: Vec<_> =
            lowering.add_to(builder, inputs).into_iter().map(Vec::into_iter).collect();
        let mut lists = Vec::new();
        for chunk in 0..inputs[0].grid.count() {
            let blocks: Vec<_> = all.iter_mut().filter_map(Iterator::next).collect();
            let find = find.clone();
            let list =
                move |blocks: Vec<Block>| find(chunk, &blocks).map_err(|error| error.at(here));
            lists.push(builder.gather(blocks).map(list).named(name).or_fail());
        }
        builder.gather(lists).map(finish).named(name).or_fail()
    })
}

/// What is kept of all chunks, in C order of the array; of each chunk it is.
fn in_order<T: Copy + Send + Sync>(
    lists: Vec<Vec<T>>,
    place: impl Fn(&T) -> usize,
) -> Result<Vec<T>, Error> {
    let ends = lists.iter().filter_map(|list| Some((place(list.first()?), place(list.last()?))));
    let is_in_order = ends.is_sorted_by(|before, after| before.1 <= after.0);
    let mut all = joined(lists)?;
    if !is_in_order {
        all.sort_unstable_by_key(place);
    }
    Ok(all)
}

/// The lists one after the other.
fn joined<T: Copy + Send + Sync>(lists: Vec<Vec<T>>) -> Result<Vec<T>, Error> {
    let len: usize = lists.iter().map(Vec::len).sum();
    pages::joined(lists).ok_or_else(|| Error::no_memory_for_result(&[len], size_of::<T>()))
}

/// Whether chunks have one after the other what the array has in C order: it is cut along one axis, and those before that have length 1.
fn follow_each_other(expr: &Expr) -> bool {
    let is_cut = |&axis: &usize| expr.grid.count_along(axis) > 1;
    let Some(first) = (0..expr.grid.rank()).find(is_cut) else { return true };
    expr.shape[..first].iter().all(|&len| len == 1)
        && !(first + 1..expr.grid.rank()).any(|axis| is_cut(&axis))
}

/// A list for so many, and one more, to which what is not wanted at the end is written: a step without a branch takes as long for any mask.
fn list<A: Element>(count: usize) -> Result<Vec<A>, Error> {
    pages::untouched(count + 1).ok_or_else(|| Error::no_memory(&[count], size_of::<A>()))
}

/// The elements of a block under a mask, in C order.
fn under_mask<A: Element>(blocks: &[Block]) -> Result<Vec<A>, Error> {
    let (elements, mask) =
        (places::in_order::<A>(&blocks[0]), places::in_order::<bool>(&blocks[1]));
    let count = mask.iter().filter(|&&is_wanted| is_wanted).count();
    let mut found = list(count)?;
    let mut at = 0;
    for (&element, &is_wanted) in elements.iter().zip(&*mask) {
        found[at] = element;
        at += usize::from(is_wanted);
    }
    found.truncate(count);
    Ok(found)
}

impl<A: Element, D: Dimension> Array<A, D> {
    /// The places of the elements that are not zero, or are true, counted in C order. How many they are is not known before, so this is a graph.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[0, 7], [5, 0]])).rechunk(1);
    /// assert_eq!(x.flatnonzero()?.compute().unwrap().to_vec(), [1, 2]);
    /// # Ok::<(), array::Error>(())
    /// ```
    pub fn flatnonzero(&self) -> Result<Graph<'static, Array1<usize>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let places = |lists| in_order(lists, |&at| at).map(Array1::from);
        Ok(of_chunks("flatnonzero", std::slice::from_ref(expr), nonzero::<A>(expr), places))
    }

    /// The indices of the elements that are not zero, or are true, one row for each, in C order of the elements; its columns are what NumPy's `nonzero` gives.
    ///
    /// # Errors
    /// That of [`check`](Array::check).
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::from(ndarray::arr2(&[[0, 7], [5, 0]])).rechunk(1);
    /// assert_eq!(x.gt(0).argwhere()?.compute().unwrap(), ndarray::arr2(&[[0, 1], [1, 0]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "nonzero")]
    pub fn argwhere(&self) -> Result<Graph<'static, Array2<usize>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let shape = expr.shape.clone();
        let indices = move |lists| {
            let all = in_order(lists, |&at| at)?;
            let mut rows = array_of(&[all.len(), shape.len()], 0_usize)?;
            for (mut row, at) in rows.rows_mut().into_iter().zip(all) {
                row.iter_mut().zip(position(at, &shape)).for_each(|(to, index)| *to = index);
            }
            Ok(rows.into_dimensionality().expect("a matrix"))
        };
        Ok(of_chunks("argwhere", std::slice::from_ref(expr), nonzero::<A>(expr), indices))
    }

    /// The elements where `mask`, an array of the same shape, is true, in C order. NumPy's `extract`, and `x[mask]`. How many they are is not known before, so this is a graph.
    ///
    /// # Errors
    /// That of [`check`](Array::check) of either, and of shapes that differ.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let x = array::Array::arange(0, 10, 1).rechunk(3);
    /// assert_eq!(x.extract((&x % 4).equal(0))?.compute().unwrap().to_vec(), [0, 4, 8]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn extract<E: Dimension>(
        &self,
        mask: impl AnyArray<bool, Dim = E>,
    ) -> Result<Graph<'static, Array1<A>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let mask = &mask.lazy().state?;
        if mask.shape != expr.shape {
            let message = format!(
                "cannot extract by a mask of shape {:?} from shape {:?}: they have to be equal",
                &mask.shape[..],
                &expr.shape[..]
            );
            let location = std::panic::Location::caller();
            return Err(Error::new(ErrorKind::Shape, message).of_call("extract", location));
        }
        let mask: ExprRef = match mask.grid == expr.grid {
            true => mask.clone(),
            false => Arc::new(regridded(mask, expr.grid.clone())),
        };
        let inputs = [expr.clone(), mask];
        if follow_each_other(expr) {
            let find = |_: usize, blocks: &[Block]| under_mask::<A>(blocks);
            return Ok(of_chunks("extract", &inputs, find, |lists| {
                joined(lists).map(Array1::from)
            }));
        }
        let of = expr.clone();
        let find = move |chunk: usize, blocks: &[Block]| {
            let mask = places::in_order::<bool>(&blocks[1]);
            let (mut found, mut is_wanted) = (Vec::new(), mask.iter());
            each_row(&of, chunk, &blocks[0], |first, row: &[A]| {
                let wanted = (first..).zip(row).zip(&mut is_wanted).filter(|(_, wanted)| **wanted);
                found.extend(wanted.map(|((at, &element), _)| (at, element)));
            });
            Ok(found)
        };
        let elements = |lists| {
            let all = in_order(lists, |&(at, _)| at)?;
            Ok(all.into_iter().map(|(_, element): (_, A)| element).collect())
        };
        Ok(of_chunks("extract", &inputs, find, elements))
    }
}

/// Of fewer than one in so many elements a branch that is seldom taken takes less time than none.
const SELDOM: usize = 8;

/// Finds the places of what is not zero.
fn nonzero<A: Element>(
    expr: &ExprRef,
) -> impl Fn(usize, &[Block]) -> Result<Vec<usize>, Error> + Clone + Send + Sync + 'static {
    let of = expr.clone();
    move |chunk, blocks| {
        let elements = places::in_order::<A>(&blocks[0]);
        let count = elements.iter().filter(|&&element| element != A::default()).count();
        if count < elements.len() / SELDOM {
            let mut found = Vec::with_capacity(count);
            each_row(&of, chunk, &blocks[0], |first, row: &[A]| {
                let all = (first..).zip(row).filter(|&(_, &element)| element != A::default());
                found.extend(all.map(|(at, _)| at));
            });
            return Ok(found);
        }
        let (mut found, mut next) = (list::<u64>(count)?, 0);
        each_row(&of, chunk, &blocks[0], |first, row: &[A]| {
            for (at, &element) in (first as u64..).zip(row) {
                found[next] = at;
                next += usize::from(element != A::default());
            }
        });
        found.truncate(count);
        // Of one size, so that the memory stays.
        Ok(found.into_iter().map(|at| at as usize).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Once;

    #[test]
    fn the_lesser_zero_stays_however_lists_are_put_together() {
        for lists in [[(0.0, 2), (-0.0, 1)], [(-0.0, 2), (0.0, 1)]] {
            let merged: Vec<(f64, u64)> = Once::merge(lists.to_vec());
            assert!(matches!(merged[..], [(zero, 3)] if zero.to_bits() == (-0.0_f64).to_bits()));
        }
    }
}
