//! Order along axes, places in what is in order, and what is found, against plain loops.

use crate::given::Given;
use ndarray::{ArrayD, Axis, Dimension, IxDyn, Slice};
use taskweave_array::{Array, ErrorKind, Real, Side};

/// Small whole numbers with many ties, now and then NaN, and the same in chunks, with at least one axis.
fn given_pair(given: &mut Given) -> (ArrayD<f64>, Array<f64, IxDyn>) {
    let mut shape = given.shape();
    if shape.is_empty() {
        shape.push(1 + given.below(50));
    }
    let a = given.whole(&shape).mapv(|x| if x % 17.0 == 0.0 { f64::NAN } else { x % 9.0 });
    let x = Array::from_ndarray(a.clone()).rechunk(given.chunks(&shape));
    // With blocks of its own, or not.
    let x = if given.below(2) == 0 { x.map_blocks(|block, _| block.to_owned()) } else { x };
    (a, x)
}

fn before(a: f64, b: f64) -> std::cmp::Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Equal, where NaN equals NaN.
fn same(a: &ArrayD<f64>, b: &ArrayD<f64>) -> bool {
    a.shape() == b.shape() && a.iter().zip(b).all(|(a, b)| a == b || a.is_nan() && b.is_nan())
}

#[test]
fn rows_in_order_and_taken_in_that_order() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let (a, x) = given_pair(&mut given);
        let axis = Axis(given.below(a.ndim()));
        let what = format!("seed {seed}, {x}, {axis:?}");
        let mut order = ArrayD::<u64>::zeros(a.raw_dim());
        for (mut order, row) in order.lanes_mut(axis).into_iter().zip(a.lanes(axis)) {
            let mut all: Vec<u64> = (0..row.len() as u64).collect();
            all.sort_by(|&i, &j| before(row[i as usize], row[j as usize]).then(i.cmp(&j)));
            order.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        }
        assert_eq!(x.argsort(axis).compute().unwrap(), order, "{what}");
        let mut sorted = a.clone();
        for (mut to, (row, order)) in
            sorted.lanes_mut(axis).into_iter().zip(a.lanes(axis).into_iter().zip(order.lanes(axis)))
        {
            to.iter_mut().zip(order).for_each(|(to, &from)| *to = row[from as usize]);
        }
        assert!(same(&x.sort(axis).compute().unwrap(), &sorted), "{what}");
        // Fewer indices than elements, in other chunks.
        let some = order.slice_axis(axis, Slice::from(..a.len_of(axis).div_ceil(3))).to_owned();
        let chunks = given.chunks(some.shape());
        let indices = Array::from_ndarray(some).rechunk(chunks);
        let want = sorted.slice_axis(axis, Slice::from(..a.len_of(axis).div_ceil(3))).to_owned();
        assert!(same(&x.take_along_axis(&indices, axis).compute().unwrap(), &want), "{what}");
    }
}

#[test]
fn rows_of_any_type_are_put_in_order_with_their_indices() {
    fn check<A: Real>(values: &[A]) {
        let row = Array::from(values.to_vec()).rechunk(7);
        let mut want: Vec<u64> = (0..values.len() as u64).collect();
        let is_nan = |value: &A| value.partial_cmp(value).is_none();
        want.sort_by(|&i, &j| {
            let (a, b) = (&values[i as usize], &values[j as usize]);
            a.partial_cmp(b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
        });
        assert_eq!(row.argsort(Axis(0)).compute().unwrap().to_vec(), want);
        let sorted = row.sort(Axis(0)).compute().unwrap();
        let same = |a: &A, b: &A| a == b || is_nan(a) && is_nan(b);
        assert_eq!(sorted.len(), want.len());
        assert!(sorted.iter().zip(&want).all(|(a, &at)| same(a, &values[at as usize])));
    }
    let mut given = Given::seed(1);
    for len in [0, 1, 2, 20, 21, 500] {
        let mut numbers = || (0..len).map(|_| given.next()).collect::<Vec<u64>>();
        check(&numbers().iter().map(|&x| (x % 5) as i8 - 2).collect::<Vec<i8>>());
        check(&numbers().iter().map(|&x| x as u16).collect::<Vec<u16>>());
        check(&numbers().iter().map(|&x| x as i32).collect::<Vec<i32>>());
        check(&numbers().iter().map(|&x| x as i64).collect::<Vec<i64>>());
        check(&numbers().iter().map(|&x| x % 9).collect::<Vec<u64>>());
        let all = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 2.0, f64::INFINITY, f64::NAN, -f64::NAN];
        check(&numbers().iter().map(|&x| all[x as usize % 8]).collect::<Vec<f64>>());
        check(&numbers().iter().map(|&x| all[x as usize % 8] as f32).collect::<Vec<f32>>());
        check(&numbers().iter().map(|&x| f32::from_bits(x as u32)).collect::<Vec<f32>>());
        check(&numbers().iter().map(|&x| f64::from_bits(x)).collect::<Vec<f64>>());
    }
}

#[test]
fn sorting_keeps_the_bits_of_each_element() {
    let all = [0.0, f64::NAN, -0.0, 1.0, -f64::NAN, -0.0, f64::from_bits(0x7ff0_0000_0000_0007)];
    let mut want: Vec<u64> = all.iter().map(|x| x.to_bits()).collect();
    let sorted = Array::from(all.to_vec()).rechunk(2).sort(Axis(0)).compute().unwrap();
    let mut found: Vec<u64> = sorted.iter().map(|x| x.to_bits()).collect();
    want.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, want);
}

#[test]
fn different_elements_of_many_chunks_few_or_many_or_apart() {
    let mut given = Given::seed(3);
    let len = 60_000;
    // Few, as many as there are, some, those of each chunk apart, and all of one chunk elsewhere too.
    type Kind = fn(usize, u64) -> f64;
    let kinds: [Kind; 5] = [
        |_, x| (x % 10) as f64,
        |_, x| x as f64,
        |_, x| (x % 30_000) as f64 - 500.0,
        |at, x| (at / 1000 * 1000) as f64 + (x % 1000) as f64,
        |at, _| (at % 6000) as f64,
    ];
    for (number, kind) in kinds.iter().enumerate() {
        let mut values: Vec<f64> = (0..len).map(|at| kind(at, given.next())).collect();
        for at in (0..len).step_by(1009) {
            values[at] = [f64::NAN, -0.0, 0.0, f64::INFINITY][at % 4];
        }
        for rows in [len, 20_000, 1000, 777] {
            let x = Array::from(values.clone()).rechunk(rows);
            let found = x.unique().unwrap().compute().unwrap();
            let mut want = values.clone();
            want.sort_by(|a, b| before(*a, *b));
            want.dedup_by(|a, b| before(*a, *b).is_eq());
            let (want, found) = (ndarray::arr1(&want).into_dyn(), found.into_dyn());
            assert!(same(&found, &want), "kind {number}, chunks of {rows}");
            assert!(found.iter().all(|&x| x != 0.0 || x.is_sign_negative()), "-0, if there is one");
            let (found, counts) = x.unique_counts().unwrap().compute().unwrap();
            assert!(same(&found.clone().into_dyn(), &want), "kind {number}, chunks of {rows}");
            assert_eq!(counts.sum(), len as u64);
            let mut all = values.clone();
            all.sort_by(|a, b| before(*a, *b));
            let runs = all.chunk_by(|a, b| before(*a, *b).is_eq());
            assert!(runs.zip(&counts).all(|(run, &count)| run.len() as u64 == count));
        }
        let x = Array::from(values.iter().map(|&x| x as i32).collect::<Vec<_>>()).rechunk(999);
        let mut want: Vec<i32> = values.iter().map(|&x| x as i32).collect();
        want.sort_unstable();
        want.dedup();
        assert_eq!(x.unique().unwrap().compute().unwrap().to_vec(), want);
    }
}

/// Numbers from `least` on, so far apart at most.
fn integers_between<A: Real + Ord + std::hash::Hash>(least: A, next: impl Fn(A, u64) -> A) {
    let mut given = Given::seed(8);
    for apart in [1, 2, 100, 255] {
        let values: Vec<A> = (0..3000).map(|_| next(least, given.next() % apart)).collect();
        let mut want = std::collections::BTreeMap::<A, u64>::new();
        values.iter().for_each(|&value| *want.entry(value).or_default() += 1);
        for chunk in [3000, 100, 3, 1] {
            let x = Array::from(values[..chunk * (3000 / chunk).min(200)].to_vec()).rechunk(chunk);
            let mut want = want.clone();
            values[x.shape()[0]..].iter().for_each(|value| *want.get_mut(value).unwrap() -= 1);
            want.retain(|_, count| *count > 0);
            let (found, counts) = x.unique_counts().unwrap().compute().unwrap();
            assert_eq!(found.to_vec(), want.keys().copied().collect::<Vec<_>>());
            assert_eq!(counts.to_vec(), want.values().copied().collect::<Vec<_>>());
            assert_eq!(x.unique().unwrap().compute().unwrap(), found);
        }
    }
}

#[test]
fn different_integers_at_both_ends_of_their_types() {
    integers_between(i8::MIN, |least, more| least.wrapping_add(more as i8));
    integers_between(i64::MIN, |least, more| least + more as i64);
    integers_between(i64::MAX, |last, less| last - less as i64);
    integers_between(u64::MAX, |last, less| last - less);
    integers_between(-40_i32, |least, more| least + more as i32);
    integers_between(0_u16, |least, more| least + 257 * more as u16);
    // One of them is far from all others.
    let mut values: Vec<i64> = (0..5000).map(|at| at % 7).collect();
    values[4000] = i64::MIN;
    let x = Array::from(values);
    assert_eq!(x.unique().unwrap().compute().unwrap().to_vec(), [i64::MIN, 0, 1, 2, 3, 4, 5, 6]);
}

#[test]
fn rows_that_rise_already_are_in_their_order() {
    let nan = f64::NAN;
    for (row, want) in [
        (vec![1.0, 1.0, 2.0, f64::INFINITY], [0, 1, 2, 3]),
        (vec![0.0, -0.0, 0.0, 1.0], [0, 1, 2, 3]),
        (vec![1.0, 2.0, nan, nan], [0, 1, 2, 3]),
        (vec![nan, 1.0, 2.0, 3.0], [1, 2, 3, 0]),
        (vec![1.0, 2.0, nan, 3.0], [0, 1, 3, 2]),
        (vec![1.0, 2.0, 3.0, 0.5], [3, 0, 1, 2]),
    ] {
        assert_eq!(Array::from(row).argsort(Axis(0)).compute().unwrap().to_vec(), want);
    }
    assert_eq!(Array::from(vec![nan]).argsort(Axis(0)).compute().unwrap().to_vec(), [0]);
}

#[test]
fn places_in_what_is_in_order() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let (a, x) = given_pair(&mut given);
        let mut edges: Vec<f64> =
            (0..given.below(30)).map(|_| given.below(19) as f64 - 9.0).collect();
        edges.sort_by(f64::total_cmp);
        let all = Array::from(edges.clone()).rechunk(1 + given.below(9));
        let count = |value: f64, or_equal: bool| {
            let is_before =
                |edge: &&f64| **edge < value || value.is_nan() || or_equal && **edge == value;
            edges.iter().filter(is_before).count() as u64
        };
        let what = format!("seed {seed}, {x}, {edges:?}");
        let left = all.searchsorted(&x, Side::Left).compute().unwrap();
        assert_eq!(left, a.mapv(|value| count(value, false)), "{what}");
        let right = all.searchsorted(&x, Side::Right).compute().unwrap();
        assert_eq!(right, a.mapv(|value| count(value, true)), "{what}");
        assert_eq!(x.digitize(&edges, true).compute().unwrap(), left, "{what}");
        assert_eq!(x.digitize(&edges, false).compute().unwrap(), right, "{what}");
        let is_in = a.mapv(|value| edges.contains(&value));
        assert_eq!(x.isin(&all).compute().unwrap(), is_in, "{what}");
    }
}

#[test]
fn what_is_found_in_any_shape_in_any_chunks() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape).mapv(|x| (x / 400.0).trunc());
        let x = given.chunked(&a);
        let what = format!("seed {seed}, {x}");
        let places: Vec<usize> =
            a.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(at, _)| at).collect();
        assert_eq!(x.flatnonzero().unwrap().compute().unwrap().to_vec(), places, "{what}");
        let indices = x.argwhere().unwrap().compute().unwrap();
        assert_eq!(indices.dim(), (places.len(), shape.len()), "{what}");
        let at = a.indexed_iter().filter(|(_, x)| **x != 0.0);
        assert!(at.zip(indices.rows()).all(|((at, _), row)| at.slice() == row.to_vec()), "{what}");
        let mask = x.not_equal(0.0).rechunk(given.chunks(&shape));
        let found = x.extract(&mask).unwrap().compute().unwrap();
        assert_eq!(
            found.to_vec(),
            a.iter().copied().filter(|x| *x != 0.0).collect::<Vec<_>>(),
            "{what}"
        );
        let (values, counts) = x.unique_counts().unwrap().compute().unwrap();
        assert_eq!(counts.sum() as usize, a.len(), "{what}");
        for (value, count) in values.iter().zip(&counts) {
            assert_eq!(*count as usize, a.iter().filter(|x| *x == value).count(), "{what}");
        }
        assert_eq!(values, x.unique().unwrap().compute().unwrap(), "{what}");
    }
}

#[test]
fn weights_and_pairs_of_any_shape_in_any_chunks() {
    for seed in 0..80 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, b) = (given.whole(&shape), given.whole(&shape));
        let (x, w) = (given.chunked(&a), given.chunked(&b));
        let edges = [-500.0, -10.0, 0.0, 300.0];
        let bin = |value: f64| match edges.iter().filter(|&&edge| edge <= value).count() {
            4 if value == 300.0 => Some(2),
            0 | 4 => None,
            n => Some(n - 1),
        };
        let (mut sums, mut pairs) = (vec![0.0; 3], ndarray::Array2::<u64>::zeros([3, 3]));
        for (&a, &b) in a.iter().zip(&b) {
            if let Some(row) = bin(a) {
                sums[row] += b;
                if let Some(column) = bin(b) {
                    pairs[[row, column]] += 1;
                }
            }
        }
        let what = format!("seed {seed}, {x}");
        assert_eq!(x.histogram_weighted(&w, &edges).compute().unwrap().to_vec(), sums, "{what}");
        assert_eq!(x.histogram2d(&w, &edges, &edges).compute().unwrap(), pairs, "{what}");
        let mut sums = vec![0.0; 2001];
        a.iter().zip(&b).for_each(|(&a, &b)| sums[(a + 1000.0) as usize] += b);
        let got = (&x + 1000.0).bincount_weighted(&w, 2001).compute().unwrap();
        assert_eq!(got.to_vec(), sums, "{what}");
    }
}

#[test]
fn refused_with_the_values() {
    let x = Array::from(vec![1.0, 2.5, f64::NAN]);
    let text = |result: Result<(), taskweave_array::Error>| result.unwrap_err().to_string();
    assert!(text(x.sort(Axis(1)).check()).contains("axis 1"));
    assert!(text(x.argsort(Axis(1)).check()).contains("axis 1"));
    assert!(
        text(x.digitize(&[1.0, 3.0, 2.0], false).check())
            .contains("edges that neither rise nor fall")
    );
    assert!(
        text(x.digitize(&[f64::NAN], false).check()).contains("edges of which number 0 is NaN")
    );
    assert!(
        text(x.histogram_in(&[1.0]).check()).contains("between 1 edge: give two edges at least")
    );
    assert!(text(x.histogram_in(&[1.0, 0.5]).check()).contains("0.5 follows 1"));
    assert!(text(x.histogram_in(&[1.0, f64::NAN]).check()).contains("number 1 is NaN"));
    assert!(text(x.histogram_density((0, 0.0, 1.0)).check()).contains("0 bins from 0.0 to 1.0"));
    let four = Array::<f64, _>::ones([4]);
    let weighted = x.histogram_weighted(&four, (2, 0.0, 1.0));
    assert!(text(weighted.check()).contains("weights of shape [4] for an array of shape [3]"));
    assert!(text(x.bincount_weighted(&four, 3).check()).contains("weights of shape [4]"));
    let error = x.bincount_weighted(&x, 3).compute().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("bincount_weighted: 2.5 at index [1] is no whole number from 0 to 2"),
        "{error}"
    );
    assert!(
        text(x.extract(&four.gt(0.0)).map(|_| ())).contains("a mask of shape [4] from shape [3]")
    );
    let far = x.take_along_axis(&Array::from(vec![0, 3]), Axis(0));
    let error = far.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Index);
    assert!(error.to_string().contains("index 3 along axis 0, which is 3 long"), "{error}");
    let table = Array::<f64, _>::ones([2, 3]);
    let indices = Array::<u64, _>::zeros([3, 3]);
    assert!(
        text(table.take_along_axis(&indices, Axis(1)).check()).contains("indices of shape [3, 3]")
    );
    assert!(table.take_along_axis(&indices, Axis(0)).check().is_ok());
}
