//! Reductions of chunks that are thin along the reduced axes: they are cut anew, or several go into one block of states, and their results keep the chunks that they would have.

use crate::given::Given;
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskweave_array::{Array, BlockPlace};
use taskweave_runtime::{Threads, compute};

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
    // Of computed rows so many go together that they are as large as their states.
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
    // A file for each row. Four rows take as many bytes as their states: two passes over three rows each.
    x.rechunk([1, 10_000]).store_npy_stack(folder.join("stack")).unwrap();
    let rows = Array::<f64, ndarray::Ix2>::from_npy_stack(folder.join("stack"));
    let variances = rows.var_axis(Axis(0), 0.0);
    assert_eq!(variances.plan(1).unwrap().bytes_read(), 480_000);
    assert_eq!(variances.plan(1).unwrap().tasks(), 3);
    let want = x.compute().unwrap().var_axis(Axis(0), 0.0);
    assert!(close(&variances.compute().unwrap().into_dyn(), &want.into_dyn()));
    std::fs::remove_dir_all(folder).unwrap();
}

/// An array in chunks of one row or a few, in each way that is not one file: computed, in memory in chunks, in a stack of files, in files that are stacked.
fn in_pieces(a: &ArrayD<f64>, chunks: &[usize], folder: &Path) -> Vec<Array<f64, IxDyn>> {
    let x = Array::from(a.clone()).rechunk(chunks);
    std::fs::create_dir(folder).unwrap();
    x.store_npy_stack(folder.join("stack")).unwrap();
    let copied = x.map_blocks(|block: ArrayViewD<'_, f64>, _: &BlockPlace| block.to_owned());
    let stack = Array::<f64, IxDyn>::from_npy_stack(folder.join("stack"));
    let file = |row: usize| {
        let path = folder.join(format!("{row}.npy"));
        Array::from(a.index_axis(Axis(0), row).to_owned()).store_npy(&path).unwrap();
        Array::<f64, IxDyn>::from_npy(path)
    };
    let files: Vec<_> = (0..a.len_of(Axis(0))).map(file).collect();
    let stacked = taskweave_array::stack(Axis(0), &files);
    let both = &stack + &copied - &stack;
    vec![copied, x.persist().unwrap(), (&x * 1.0).persist().unwrap(), stack, stacked, both]
}

#[test]
fn what_is_in_pieces_is_reduced_as_one_block() {
    let folder = std::env::temp_dir().join(format!("taskweave-pieces-{}", std::process::id()));
    for (seed, shape, chunks) in [
        (1, &[130, 40][..], &[1, 40][..]),
        (2, &[70, 9, 31], &[2, 9, 31]),
        (3, &[33, 2, 1500], &[1, 2, 700]),
        (4, &[300], &[1]),
        (5, &[90, 3, 5], &[3, 1, 2]),
    ] {
        let mut given = Given::seed(seed);
        let a = ArrayD::from_shape_simple_fn(IxDyn(shape), || given.below(900) as f64 * 0.1);
        for x in in_pieces(&a, chunks, &folder) {
            // A function of the user's, a chain of steps, and the array itself.
            for y in [x.clone(), x.mapv(|x| x + 0.25) - 0.25, (&x * 2.0 + 1.0 - 1.0) / 2.0] {
                let (first, inner) = (Axis(0), Axis(shape.len() - 1));
                let sums = y.sum_axis(first);
                let want = a.sum_axis(first);
                let [one, three] = [1, 3].map(|n| sums.compute_on(&Threads::new(n)).unwrap());
                assert_eq!(one, three, "{x}");
                assert!(close(&one, &want), "{x}");
                let variances = y.over([0]).var(1.0).compute().unwrap();
                assert!(close(&variances, &a.var_axis(first, 1.0)), "{x}");
                assert!(close(&y.sum_axis(inner).compute().unwrap(), &a.sum_axis(inner)), "{x}");
                let total = y.mean().compute().unwrap().into_scalar();
                assert!((total - a.mean().unwrap()).abs() < 1e-9, "{x}");
            }
            let places = a.map_axis(Axis(0), |lane| {
                let most = lane.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                lane.iter().position(|&x| x == most).unwrap() as u64
            });
            assert_eq!(x.argmax_axis(Axis(0)).compute().unwrap(), places, "{x}");
            let centred = ((&x - x.mean_axis(Axis(0))) / 2.0).max_axis(Axis(0)).compute().unwrap();
            let mean = a.mean_axis(Axis(0)).unwrap();
            let largest = a.fold_axis(Axis(0), f64::NEG_INFINITY, |&a, &b| a.max(b));
            assert!(close(&centred, &((largest - mean) / 2.0)), "{x}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn several_files_go_into_one_block_of_states() {
    let folder = std::env::temp_dir().join(format!("taskweave-several-{}", std::process::id()));
    let x = Array::<u8, _>::from_elem([400, 30, 40], 3).rechunk([1, 30, 40]);
    x.store_npy_stack(&folder).unwrap();
    let images = Array::<u8, ndarray::Ix3>::from_npy_stack(&folder).cast::<f64>();
    let (mean, spread) = (images.mean_axis(Axis(0)), images.std_axis(Axis(0), 0.0));
    // 50 passes, and a tree of 13, 4 and 1 above them; a second one of these if both are wanted.
    assert_eq!((mean.plan(2).unwrap().tasks(), spread.plan(2).unwrap().tasks()), (68, 68));
    let both = (&mean + &spread).plan(2).unwrap();
    assert_eq!((both.tasks(), both.bytes_read()), (50 + 18 + 18 + 1, 400 * 1200));
    assert_eq!(mean.compute().unwrap(), ndarray::Array2::from_elem((30, 40), 3.0));
    // A block of states is there for each of a few, not for each file: less than 13 for one worker.
    let states = mean.plan(1).unwrap().peak_bytes();
    assert!(states < 13 * 1200 * 8 + 8 * 1200, "{states}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn blocks_in_memory_are_read_in_other_chunks() {
    let x = Array::<f64, _>::ones([64, 100_000]).rechunk([1, 100_000]);
    let held = (&x * 2.0).persist().unwrap();
    // No more than 64 rows of a piece are looked at by a task, and none is copied.
    let plan = held.max_axis(Axis(0)).plan(2).unwrap();
    assert!(plan.tasks() < 64 && plan.peak_bytes() < 8 << 20, "{plan}");
    assert_eq!(plan.bytes_read(), 64 * 100_000 * 8);
    let several = (held.max_axis(Axis(0)) + held.var_axis(Axis(0), 0.0)).plan(2).unwrap();
    assert_eq!(several.bytes_read(), 64 * 100_000 * 8, "{several}");
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
fn a_function_is_called_once_for_operations_with_an_array_in_other_chunks() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let w = Array::<f64, _>::from_fn([60, 50], move |[i, j]| counted(&count, (i * 50 + j) as f64));
    let w = w.rechunk([7, 50]);
    let y = Array::from(ndarray::Array2::<f64>::ones((60, 50))).rechunk([60, 6]);
    let z = (&y + &w) * (&y - &w) + (&w * &y).sqrt();
    let of = |w: f64| (1.0 + w) * (1.0 - w) + w.sqrt();
    let expected = ndarray::Array2::from_shape_fn((60, 50), |(i, j)| of((i * 50 + j) as f64));
    assert_eq!(z.compute().unwrap(), expected);
    assert_eq!(calls.load(Ordering::Relaxed), 60 * 50);
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

#[test]
fn reductions_with_states_of_all_sizes_share_a_pass() {
    let folder = std::env::temp_dir().join(format!("taskweave-thin-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let values = ndarray::Array2::from_shape_fn((64, 5000), |(i, j)| ((i * 7 + j) % 11) as f32);
    let stored = Array::from(values.clone()).rechunk([1, 5000]);
    for rows in 1..=40 {
        let x = Array::from(values.clone()).rechunk([rows, 5000]);
        let all = x.mean_axis(Axis(0)) + x.var_axis(Axis(0), 0.0) + x.max_axis(Axis(0));
        assert_eq!(all.plan(2).unwrap().bytes_read(), 64 * 5000 * 4, "{rows} rows a chunk");
    }
    stored.store_npy_stack(&folder).unwrap();
    let x = Array::<f32, ndarray::Ix2>::from_npy_stack(&folder);
    let both = x.mean_axis(Axis(0)) + x.std_axis(Axis(0), 0.0);
    assert_eq!(both.plan(2).unwrap().bytes_read(), 64 * 5000 * 4);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn reductions_of_many_arrays_share_a_pass_each() {
    let one = |number: usize| {
        let values =
            ndarray::Array2::from_shape_fn((64, 50), |(i, j)| ((i * number + j) % 7) as f64);
        Array::from(values).rechunk([1, 50])
    };
    let all: Vec<_> = (0..100).map(one).collect();
    let mut of_all: Vec<_> = all.iter().map(|x| x.mean_axis(Axis(0))).collect();
    of_all.extend(all.iter().map(|x| x.std_axis(Axis(0), 0.0)));
    let sum = of_all.into_iter().reduce(|a, b| a + b).unwrap();
    assert_eq!(sum.plan(2).unwrap().bytes_read(), 100 * 64 * 50 * 8);
}

#[test]
fn what_is_made_in_many_ways_or_steps_is_not_looked_through() {
    let values = ndarray::Array2::from_shape_fn((64, 100), |(i, j)| ((i * 7 + j) % 11) as f64);
    let start = Array::from(values).rechunk([8, 100]);
    // Of twice as many ways with each step.
    let mut x = start.clone();
    for _ in 0..40 {
        x = x
            .roll(1, Axis(0))
            .zip_blocks(&x.roll(-1, Axis(0)), |a, b| (&a + &b).mapv(|sum: f64| sum / 2.0));
    }
    assert_eq!(x.std_axis(Axis(0), 0.0).shape(), [100]);
    // A small stack would not do for so many calls inside each other.
    let mut x = start;
    for _ in 0..20_000 {
        x = x.map_blocks(|block, _| block.to_owned());
    }
    let build = move || x.var_axis(Axis(0), 0.0).shape().to_vec();
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(build).unwrap();
    assert_eq!(thread.join().unwrap(), [100]);
}

#[test]
fn a_thread_that_ends_reduces_as_others_do() {
    struct AtTheEnd(std::sync::mpsc::Sender<f64>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            let x = Array::from(ndarray::Array2::<f64>::ones((64, 10))).rechunk([1, 10]);
            let sum = x.var_axis(Axis(0), 0.0).sum().compute_on(&Threads::new(1));
            self.0.send(sum.unwrap().into_scalar()).unwrap();
        }
    }
    thread_local! {
        static LAST: std::cell::RefCell<Option<AtTheEnd>> = const { std::cell::RefCell::new(None) };
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let run = move || {
        LAST.set(Some(AtTheEnd(sender)));
        let x = Array::from(ndarray::Array2::<f64>::ones((64, 10))).rechunk([1, 10]);
        x.std_axis(Axis(0), 0.0).shape().to_vec()
    };
    assert_eq!(std::thread::spawn(run).join().unwrap(), [10]);
    assert_eq!(receiver.recv().unwrap(), 0.0);
}

#[test]
fn of_equal_elements_in_several_chunks_the_first_is_found() {
    let equal = |number: usize| {
        ndarray::Array3::from_shape_fn((4, 40, 5), |(i, j, k)| {
            let is_one = [(1, number), (0, number + 1)].contains(&(i, j)) || k == number;
            if is_one { 9.0 } else { 0.0 }
        })
    };
    let first = |a: &ndarray::Array3<f64>, [p, q, r]: [usize; 3], axes: &[usize]| {
        // Along the reduced axes in C order.
        let lens = [p, q, r];
        let kept: Vec<usize> = (0..3).filter(|axis| !axes.contains(axis)).collect();
        let shape: Vec<usize> = kept.iter().map(|&axis| lens[axis]).collect();
        ArrayD::from_shape_fn(shape, |at| {
            let lane = a.indexed_iter().filter(|((i, j, k), _)| {
                let place = [*i, *j, *k];
                kept.iter().enumerate().all(|(along, &axis)| place[axis] == at[along])
            });
            let all: Vec<f64> = lane.map(|(_, &x)| x).collect();
            let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            all.iter().position(|&x| x == most).unwrap() as u64
        })
    };
    for (number, chunks) in
        [[4, 1, 5], [1, 1, 5], [2, 3, 5], [1, 40, 5], [4, 1, 2]].into_iter().enumerate()
    {
        let a = equal(number);
        let lens = [4, 40, 5];
        let x = Array::from(a.clone()).rechunk(chunks).map_blocks(|block, _| block.to_owned());
        for axes in [&[0, 1][..], &[0, 2], &[1, 2], &[0], &[1], &[0, 1, 2]] {
            let found = x.over(axes).argmax().compute().unwrap();
            assert_eq!(found, first(&a, lens, axes), "{chunks:?} over {axes:?}");
        }
    }
}

#[test]
fn few_chunks_of_a_function_stay_as_many_tasks() {
    let x = Array::from(ndarray::Array2::<f32>::ones((8, 100_000))).rechunk([1, 100_000]);
    let sum = x.mapv(|x| (x * 2.0).sin()).sum_axis(Axis(0));
    assert!(sum.plan(2).unwrap().tasks() >= 9, "{sum}");
}
