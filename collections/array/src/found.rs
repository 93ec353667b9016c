//! What is found in an array, where nobody knows before how much that is: different elements, places of what is not zero, elements under a mask.
//!
//! In: arrays. Out: graphs and no arrays, because the shape of an array is always known. Each block gives a list; lists of different elements are merged in a tree, lists with places
//! are put in order at the end.
//!
//! Not here: what has one result for each element (`sorting`), or a number of results that is said before (`histogram`).

use crate::array::Array;
use crate::block::Block;
use crate::element::{Element, Real};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef};
use crate::grid::{c_strides, position};
use crate::lower::Lowering;
use crate::order::by_size;
use crate::rearrange::regridded;
use ndarray::{Array1, Array2, Dimension};
use std::sync::Arc;
use taskweave_runtime::Graph;

/// Makes a list of each block, one list of all lists, two at a time, and the result of that.
fn merged<T, R>(
    name: &'static str,
    expr: &ExprRef,
    list: impl Fn(&Block) -> Vec<T> + Copy + Send + Sync + 'static,
    merge: impl Fn(Vec<T>, Vec<T>) -> Vec<T> + Copy + Send + Sync + 'static,
    finish: impl Fn(Vec<T>) -> R + Send + Sync + 'static,
) -> Graph<'static, R>
where
    T: Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    let roots = std::slice::from_ref(expr);
    Graph::build(|builder| {
        let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
        let lists =
            blocks.into_iter().map(|block| block.map(move |block| list(&block)).named(name));
        let mut lists: Vec<_> = lists.collect();
        while lists.len() > 1 {
            let mut level = Vec::with_capacity(lists.len() / 2 + 1);
            let mut rest = lists.into_iter();
            while let Some(a) = rest.next() {
                level.push(match rest.next() {
                    None => a,
                    Some(b) => builder.gather((a, b)).map(move |(a, b)| merge(a, b)).named(name),
                });
            }
            lists = level;
        }
        lists.swap_remove(0).map(finish).named(name)
    })
}

/// The different ones of some elements, in rising order.
fn different<A: Real>(mut values: Vec<A>) -> Vec<A> {
    values.sort_unstable_by(A::order_);
    values.dedup_by(|a, b| by_size(a, b).is_eq());
    values
}

/// Elements with how often each is there, in rising order, as one such list.
fn counted<A: Real>(mut all: Vec<(A, u64)>) -> Vec<(A, u64)> {
    // Of two such lists one after the other this is a merge.
    all.sort_by(|a, b| by_size(&a.0, &b.0));
    // Equal ones are added to the first of them.
    all.dedup_by(|later, first| {
        let is_same = by_size(&later.0, &first.0).is_eq();
        if is_same {
            first.1 += later.1;
        }
        is_same
    });
    all
}

impl<A: Real, D: Dimension> Array<A, D> {
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
    pub fn unique(&self) -> Result<Graph<'static, Array1<A>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let list = |block: &Block| different(block.view::<A>().iter().copied().collect());
        Ok(merged("unique", expr, list, |a, b| different([a, b].concat()), Array1::from))
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
    pub fn unique_counts(&self) -> Result<Graph<'static, (Array1<A>, Array1<u64>)>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let list = |block: &Block| {
            let mut values: Vec<A> = block.view::<A>().iter().copied().collect();
            values.sort_unstable_by(A::order_);
            let runs = values.chunk_by(|a, b| by_size(a, b).is_eq());
            runs.map(|run| (run[0], run.len() as u64)).collect()
        };
        let apart = |all: Vec<(A, u64)>| {
            let (values, counts): (Vec<A>, Vec<u64>) = all.into_iter().unzip();
            (Array1::from(values), Array1::from(counts))
        };
        Ok(merged("unique_counts", expr, list, |a, b| counted([a, b].concat()), apart))
    }
}

/// Calls `f` with each element of a chunk and where it is in the whole array, counted in C order.
fn each_place<A: Element>(expr: &Expr, chunk: usize, block: &Block, mut f: impl FnMut(usize, A)) {
    let at = position(chunk, &expr.grid.counts());
    let (origin, strides) = (expr.grid.origin(&at), c_strides(&expr.shape));
    let Some((&row, outer)) = block.shape.split_last() else {
        return block.view::<A>().iter().for_each(|&element| f(0, element));
    };
    let mut elements = block.view::<A>().into_iter();
    for number in 0..outer.iter().product() {
        let within = position(number, outer);
        let start: usize = (0..outer.len())
            .map(|axis| (origin[axis] + within[axis]) * strides[axis].unsigned_abs())
            .sum();
        let first = start + origin[outer.len()];
        (first..first + row).zip(elements.by_ref()).for_each(|(at, &element)| f(at, element));
    }
}

/// What `find` keeps of the chunks of an expression, in C order of the array.
fn in_order<T, R>(
    name: &'static str,
    inputs: &[ExprRef],
    find: impl Fn(usize, &[Block]) -> Vec<(usize, T)> + Clone + Send + Sync + 'static,
    finish: impl Fn(Vec<(usize, T)>) -> R + Send + Sync + 'static,
) -> Graph<'static, R>
where
    T: Clone + Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    Graph::build(|builder| {
        let lowering = Lowering::new(inputs);
        let mut all: Vec<_> =
            lowering.add_to(builder, inputs).into_iter().map(Vec::into_iter).collect();
        let mut lists = Vec::new();
        for chunk in 0..inputs[0].grid.count() {
            let blocks: Vec<_> = all.iter_mut().filter_map(Iterator::next).collect();
            let find = find.clone();
            let list = move |blocks: Vec<Block>| find(chunk, &blocks);
            lists.push(builder.gather(blocks).map(list).named(name));
        }
        let finish = move |lists: Vec<Vec<(usize, T)>>| {
            let mut all = lists.concat();
            if !all.is_sorted_by_key(|(at, _)| *at) {
                all.sort_unstable_by_key(|(at, _)| *at);
            }
            finish(all)
        };
        builder.gather(lists).map(finish).named(name)
    })
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
        let places = |all: Vec<(usize, ())>| all.into_iter().map(|(at, ())| at).collect();
        Ok(in_order("flatnonzero", std::slice::from_ref(expr), nonzero::<A>(expr), places))
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
        let indices = move |all: Vec<(usize, ())>| {
            let mut rows = Array2::zeros([all.len(), shape.len()]);
            for (mut row, (at, ())) in rows.rows_mut().into_iter().zip(all) {
                row.iter_mut().zip(position(at, &shape)).for_each(|(to, index)| *to = index);
            }
            rows
        };
        Ok(in_order("argwhere", std::slice::from_ref(expr), nonzero::<A>(expr), indices))
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
    /// assert_eq!(x.extract(&(&x % 4).equal(0))?.compute().unwrap().to_vec(), [0, 4, 8]);
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "mask")]
    #[track_caller]
    pub fn extract<E: Dimension>(
        &self,
        mask: &Array<bool, E>,
    ) -> Result<Graph<'static, Array1<A>>, Error> {
        let expr = self.state.as_ref().map_err(Clone::clone)?;
        let mask = mask.state.as_ref().map_err(Clone::clone)?;
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
        let of = expr.clone();
        let find = move |chunk: usize, blocks: &[Block]| {
            let (mut found, mut is_wanted) = (Vec::new(), blocks[1].view::<bool>().into_iter());
            each_place(&of, chunk, &blocks[0], |at, element: A| {
                if is_wanted.next() == Some(&true) {
                    found.push((at, element));
                }
            });
            found
        };
        let elements = |all: Vec<(usize, A)>| all.into_iter().map(|(_, element)| element).collect();
        Ok(in_order("extract", &[expr.clone(), mask], find, elements))
    }
}

/// Finds the places of what is not zero.
fn nonzero<A: Element>(
    expr: &ExprRef,
) -> impl Fn(usize, &[Block]) -> Vec<(usize, ())> + Clone + Send + Sync + 'static {
    let of = expr.clone();
    move |chunk, blocks| {
        let mut found = Vec::new();
        each_place(&of, chunk, &blocks[0], |at, element: A| {
            if element != A::default() {
                found.push((at, ()));
            }
        });
        found
    }
}
