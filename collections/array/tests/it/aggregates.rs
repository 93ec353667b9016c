//! Reductions by functions of the user's, against loops over the whole.

use crate::given::Given;
use ndarray::{ArrayD, ArrayView, Axis, Dimension, Ix2, IxDyn, s};
use std::collections::BTreeMap;
use taskweave_array::{Aggregate, Array, BlockPlace, Blockwise, ErrorKind, Failure};
use taskweave_runtime::{InThread, Threads};

/// How often each value stands there, and where first: a state that is no element.
type Seen = BTreeMap<i64, (usize, Vec<usize>)>;

/// Of the most frequent value, the last of them, a number that says which, how often, and where it stands first.
struct Mode;

impl<D: Dimension> Aggregate<f64, D> for Mode {
    type State = Seen;
    type Out = f64;
    fn chunk(&self, values: ArrayView<'_, f64, D>, place: &BlockPlace) -> Result<Seen, Failure> {
        assert_eq!(place.extent, values.shape());
        let mut seen = Seen::new();
        for (at, value) in values.into_dyn().indexed_iter() {
            let index: Vec<usize> =
                place.origin.iter().enumerate().map(|(axis, first)| first + at[axis]).collect();
            seen.entry(*value as i64).or_insert((0, index)).0 += 1;
        }
        Ok(seen)
    }
    fn combine(&self, mut earlier: Seen, later: Seen) -> Seen {
        for (value, (count, index)) in later {
            let all = earlier.entry(value).or_insert((0, index.clone()));
            all.0 += count;
            all.1 = all.1.clone().min(index);
        }
        earlier
    }
    fn finish(&self, seen: Seen) -> Result<f64, Failure> {
        let most = seen.iter().max_by_key(|(_, (count, _))| *count);
        let Some((value, (count, index))) = most else { return Ok(f64::INFINITY) };
        let place = index.iter().fold(0, |place, at| place * 10_007 + at);
        Ok((*value as f64) * 1e6 + (*count as f64) * 1e3 + (place % 997) as f64)
    }
}

/// The same of the whole.
fn mode(values: &ArrayD<f64>, axes: &[usize]) -> ArrayD<f64> {
    let mut shape = values.shape().to_vec();
    axes.iter().for_each(|&axis| shape[axis] = 1);
    let mut all = ArrayD::from_elem(IxDyn(&shape), Seen::new());
    for (index, value) in values.indexed_iter() {
        let mut at = index.clone();
        axes.iter().for_each(|&axis| at[axis] = 0);
        let index: Vec<usize> = (0..index.ndim()).map(|axis| index[axis]).collect();
        all[at].entry(*value as i64).or_insert((0, index)).0 += 1;
    }
    all.mapv(|seen| Aggregate::<f64, IxDyn>::finish(&Mode, seen).unwrap())
}

#[test]
fn any_state_along_any_axes_in_any_chunks() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let shape: Vec<usize> = given.shape().into_iter().map(|len| len.min(30)).collect();
        let a = given.whole(&shape).mapv(|x| (x / 300.0).round());
        let x = given.chunked(&a);
        let axes: Vec<usize> = (0..shape.len()).filter(|_| given.below(2) == 0).collect();
        let want = mode(&a, &axes);
        let kept = x.over(axes.clone()).keep_dims().aggregate(Mode);
        assert_eq!(kept.compute().unwrap(), want, "seed {seed}, {axes:?}, {x}");
        let mut dropped = want.clone();
        axes.iter().rev().for_each(|&axis| dropped = dropped.index_axis(Axis(axis), 0).to_owned());
        let over = x.over(axes).aggregate(Mode);
        assert_eq!(over.compute_on(&InThread).unwrap(), dropped, "seed {seed}");
        let every: Vec<usize> = (0..shape.len()).collect();
        let all = x.aggregate(Mode).compute().unwrap().into_scalar();
        assert_eq!(all, *mode(&a, &every).first().unwrap(), "seed {seed}");
        for axis in every {
            let want = mode(&a, &[axis]).index_axis_move(Axis(axis), 0);
            assert_eq!(x.aggregate_axis(Axis(axis), Mode).compute().unwrap(), want, "seed {seed}");
        }
    }
}

#[test]
fn views_are_seen_as_what_they_are() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = [2 + given.below(20), 2 + given.below(20)];
        let a = given.whole(&shape).mapv(|x| (x / 300.0).round());
        let x = given.chunked(&a).into_dimensionality::<Ix2>();
        let views = [
            x.t(),
            x.slice(s![..;-1, 1..]),
            x.slice(s![1..;2, ..;-1]).t(),
            x.index_axis(Axis(0), 1).broadcast([5, shape[1]]),
            x.reshape([shape[1], shape[0]]),
            x.map_blocks_owned(|block| block).invert_axis(Axis(1)),
        ];
        for (number, view) in views.iter().enumerate() {
            let whole = view.compute().unwrap();
            let want = mode(&whole.clone().into_dyn(), &[1]);
            let got = view.over([1]).keep_dims().aggregate(Mode).compute().unwrap();
            assert_eq!(got.into_dyn(), want, "seed {seed}, view {number}, {view}");
            let mut owned = whole.clone();
            owned *= 3.0;
            let tripled = view.map_blocks_owned(|mut block| {
                block *= 3.0;
                block
            });
            assert_eq!(tripled.compute().unwrap(), owned, "seed {seed}, view {number}");
            let into = view.map_blocks_into(|block, _, mut out| out.assign(&(&block * 3.0)));
            assert_eq!(into.compute().unwrap(), owned, "seed {seed}, view {number}");
            let product =
                Blockwise::new("ij").with(view, "ki").with(view, "kj").map(|a, b| a.t().dot(&b));
            assert_eq!(product.compute().unwrap(), whole.t().dot(&whole), "seed {seed}");
            assert_eq!(view.compute().unwrap(), whole, "seed {seed}, view {number}");
        }
    }
}

#[test]
fn the_tree_is_the_same_for_any_number_of_workers() {
    // Sums in one precision, in an order that the chunks decide; 700 chunks along the axis, so three levels.
    let x = Array::<f64, Ix2>::from_fn([2100, 4], |[i, j]| ((i * 7 + j) as f64).sin() * 1e8);
    let x = x.rechunk([3, 2]);
    let sums = || {
        x.reduction_axis(
            Axis(0),
            |values, _| values.iter().map(|x| *x as f32).fold(0.0_f32, |sum, x| sum + x),
            |a, b| a + b,
            |sum| sum,
        )
    };
    let once = sums().compute_on(&InThread).unwrap();
    for workers in [1, 2, 8] {
        assert_eq!(sums().compute_on(&Threads::new(workers)).unwrap(), once);
    }
    // By hand: eight neighbours at a time.
    let whole = x.compute().unwrap();
    for (column, sum) in whole.columns().into_iter().zip(&once) {
        let chunks = column.to_vec();
        let mut level: Vec<f32> =
            chunks.chunks(3).map(|c| c.iter().map(|x| *x as f32).fold(0.0, |a, b| a + b)).collect();
        while level.len() > 1 {
            level = level.chunks(8).map(|c| c[1..].iter().fold(c[0], |a, b| a + b)).collect();
        }
        assert_eq!(level[0], *sum);
    }
}

#[test]
fn a_reduction_is_an_array_like_any_other() {
    let x = Array::<f64, Ix2>::from_fn([6, 4], |[i, j]| (4 * i + j) as f64).rechunk(2);
    let low = x.over([1]).keep_dims().reduction(
        |values, _| values.iter().copied().fold(f64::INFINITY, f64::min),
        f64::min,
        |low| low,
    );
    let got = (&x - &low).sum_axis(Axis(0)).compute().unwrap();
    assert_eq!(got.to_vec(), [0.0, 6.0, 12.0, 18.0]);
    assert_eq!(low.t().shape(), [1, 6]);
    let plan = low.plan(1).unwrap();
    // Blocks, their states, what comes of these, and that with its axis put back.
    assert_eq!(plan.tasks(), 6 + 6 + 3 + 3);
    assert!(plan.peak_bytes() < 1000, "{plan}");
}

#[test]
fn what_goes_wrong_says_where() {
    let x = Array::<i64, Ix2>::from_fn([6, 4], |[i, j]| (4 * i + j) as i64).rechunk([2, 4]);
    fn small(values: ArrayView<'_, i64, Ix2>, _: &BlockPlace) -> Result<i64, String> {
        let large = values.iter().find(|x| **x > 20);
        large.map_or(Ok(values.sum()), |large| Err(format!("{large} is too large")))
    }
    let line = line!() + 1;
    let error = x.reduction(small, |a: i64, b: i64| a + b, |sum| sum).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    assert_eq!(error.location().unwrap().line(), line);
    let text = error.to_string();
    assert!(
        text.ends_with("): reduction: `small` failed for the block at [2, 0]: 21 is too large"),
        "{text}"
    );
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "21 is too large");

    let error = x
        .over([0])
        .keep_dims()
        .reduction(|_, _| 0_i64, |_, _| panic!("no sum"), |sum| sum)
        .compute()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("reduction: the function panicked on the block at [0]: no sum"),
        "{text}"
    );
    let error = x
        .reduction_axis(Axis(1), |_, _| 0_i64, |a, b| a + b, |_| Err::<f64, _>("nothing to finish"))
        .compute()
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("reduction: the function failed for the block at [0]: nothing to finish"),
        "{text}"
    );
    let error = x.aggregate_axis(Axis(2), Nothing).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Axis);
    let error = x.over([0, 0]).aggregate(Nothing).check().unwrap_err();
    assert!(error.to_string().contains("axis 0 of shape [6, 4] is named twice"), "{error}");
    let error = x.aggregate(Nothing).compute().unwrap_err();
    assert!(error.to_string().ends_with("`Nothing` failed for the block at [0, 0]: no state"));
}

struct Nothing;
impl<D: Dimension> Aggregate<i64, D> for Nothing {
    type State = ();
    type Out = i64;
    fn chunk(&self, _: ArrayView<'_, i64, D>, _: &BlockPlace) -> Result<(), Failure> {
        Err("no state".into())
    }
    fn combine(&self, _: (), _: ()) {}
    fn finish(&self, _: ()) -> Result<i64, Failure> {
        Ok(0)
    }
}
