//! Reductions of chunks that are thin along the reduced axes: they are cut anew, or put together, and their results keep the chunks that they would have.

use crate::given::Given;
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskweave_array::{Array, BlockPlace};
use taskweave_runtime::compute;

fn close(a: &ArrayD<f64>, b: &ArrayD<f64>) -> bool {
    a.shape() == b.shape()
        && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs().max(1.0))
}

#[test]
fn results_are_those_of_one_block_and_keep_their_chunks() {
    for seed in 0..80 {
        let mut given = Given::seed(seed);
        let rank = 1 + given.below(3);
        let shape: Vec<usize> = (0..rank).map(|_| 1 + given.below(120 / (1 + rank))).collect();
        let chunks: Vec<usize> = (0..rank).map(|_| 1 + given.below(4)).collect();
        let a = ArrayD::from_shape_simple_fn(IxDyn(&shape), || given.below(1000) as f64 - 500.0);
        let x = Array::from(a.clone()).rechunk(&chunks[..]);
        let copied = x.map_blocks(|block: ArrayViewD<'_, f64>, _: &BlockPlace| block.to_owned());
        let axis = given.below(rank);
        for x in [x.clone(), copied, &x + 0.0] {
            let sums = x.sum_axis(Axis(axis));
            let variances = x.var_axis(Axis(axis), 0.0);
            let largest = x.argmax_axis(Axis(axis));
            for other in (0..rank).filter(|&other| other != axis) {
                let place = other - usize::from(other > axis);
                assert_eq!(sums.chunk_lengths(place), x.chunk_lengths(other), "{x}");
                assert_eq!(variances.chunk_lengths(place), x.chunk_lengths(other), "{x}");
            }
            assert!(close(&sums.compute().unwrap(), &a.sum_axis(Axis(axis))), "seed {seed}, {x}");
            let want = a.var_axis(Axis(axis), 0.0);
            assert!(close(&variances.compute().unwrap(), &want), "seed {seed}, {x}");
            let places = a.map_axis(Axis(axis), |lane| {
                let most = lane.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                lane.iter().position(|&x| x == most).unwrap() as u64
            });
            assert_eq!(largest.compute().unwrap(), places, "seed {seed}, {x}");
        }
    }
}

#[test]
fn wide_rows_take_no_memory_for_their_states() {
    let x = Array::<f32, _>::from_elem([64, 1_000_000], 1.5).rechunk([1, 1_000_000]);
    let variances = x.var_axis(Axis(0), 0.0);
    let plan = variances.plan(2).unwrap();
    assert!(plan.peak_bytes() < 32 << 20, "{plan}");
    // Computed rows are put together until they are as large as their states.
    let rows = x.map_blocks(|block: ndarray::ArrayView2<'_, f32>, _: &BlockPlace| block.to_owned());
    let plan = rows.var_axis(Axis(0), 0.0).plan(2).unwrap();
    assert!(plan.peak_bytes() < 500 << 20, "{plan}");
}

#[test]
fn rows_that_are_files_are_read_as_they_lie() {
    let folder = std::env::temp_dir().join(format!("taskweave-rows-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let x = Array::<f64, _>::arange(0.0, 60_000.0, 1.0).reshape([6, 10_000]);
    // One file: each chunk is all rows of half of the columns.
    x.store_npy(folder.join("x.npy")).unwrap();
    let rows = Array::<f64, ndarray::Ix2>::from_npy(folder.join("x.npy")).rechunk([1, 10_000]);
    let plan = rows.var_axis(Axis(0), 0.0).plan(1).unwrap();
    assert_eq!((plan.bytes_read(), plan.tasks()), (480_000, 4));
    // A file for each row. Four rows take as many bytes as their states: two chunks of three rows.
    x.rechunk([1, 10_000]).store_npy_stack(folder.join("stack")).unwrap();
    let rows = Array::<f64, ndarray::Ix2>::from_npy_stack(folder.join("stack"));
    let variances = rows.var_axis(Axis(0), 0.0);
    assert_eq!(variances.plan(1).unwrap().bytes_read(), 480_000);
    assert_eq!(variances.plan(1).unwrap().tasks(), 3);
    let want = x.compute().unwrap().var_axis(Axis(0), 0.0);
    assert!(close(&variances.compute().unwrap().into_dyn(), &want.into_dyn()));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_one_chunk_along_the_reduced_axis_stays_as_it_is() {
    let x = Array::<f64, _>::ones([3, 1000]).rechunk([3, 10]);
    assert_eq!(x.var_axis(Axis(0), 0.0).plan(1).unwrap().tasks(), 200);
}

/// A number that is counted when it is made.
fn counted(calls: &Arc<AtomicUsize>, x: f64) -> f64 {
    calls.fetch_add(1, Ordering::Relaxed);
    x
}

#[test]
fn a_function_of_the_users_is_called_once_for_each_element() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let x = Array::<f64, _>::ones([40, 500]).rechunk([1, 500]);
    let mapped = x.mapv(move |x| counted(&counter, x + 1.0));
    let counter = calls.clone();
    let made = Array::from_fn([40, 500], move |[i, j]| counted(&counter, (i * j) as f64));
    for y in [mapped, made.rechunk([1, 500])] {
        let centred = (&y - y.mean_axis(Axis(0))) / y.std_axis(Axis(0), 0.0);
        centred.compute().unwrap();
        assert_eq!(calls.swap(0, Ordering::Relaxed), 40 * 500);
        let several = (y.var_axis(Axis(0), 0.0), y.std_axis(Axis(0), 0.0), y.min_axis(Axis(0)));
        compute(several).unwrap();
        assert_eq!(calls.swap(0, Ordering::Relaxed), 40 * 500);
    }
}

#[test]
fn reductions_of_one_array_share_a_pass() {
    let values = ndarray::Array2::from_shape_fn((64, 20_000), |(i, j)| ((i * 7 + j) % 11) as f64);
    let x = Array::from(values).rechunk([1, 20_000]);
    for x in [x.clone(), &x * 2.0, x.rechunk([2, 9_000])] {
        let both = x.mean_axis(Axis(0)) + x.std_axis(Axis(0), 0.0) + x.max_axis(Axis(0));
        assert_eq!(both.plan(2).unwrap().bytes_read(), 64 * 20_000 * 8, "{x}");
    }
}
