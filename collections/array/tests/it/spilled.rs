//! Rechunking through files: the same elements, within the bound, and no file left.

use crate::given::Given;
use ndarray::{Array2, ArrayD, Axis, IxDyn, s};
use num_complex::Complex;
use std::path::PathBuf;
use taskweave_array::{Array, Element, ErrorKind, Spill};
use taskweave_runtime::Threads;

/// The array behind a function of blocks, so that it cannot be cut anew at its source.
fn opaque<A: Element>(x: &Array<A, IxDyn>) -> Array<A, IxDyn> {
    x.map_blocks(|block, _| block.to_owned())
}

/// A folder of the test's own, which is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("taskweave-spilled-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn files(&self) -> usize {
        self.0.read_dir().unwrap().count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn any_chunks_of_any_array_come_back_as_they_were() {
    let mut spilled = 0;
    for seed in 0..250 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = opaque(&given.chunked(&a).rechunk(given.chunks(&shape)));
        let y = x.rechunk_within(given.chunks(&shape), given.below(4) as u64 * 3000);
        let what = format!("seed {seed}, {x} to {y}");
        // A function of blocks reads blocks; the array alone would not be rechunked to be computed.
        let same = opaque(&y);
        assert_eq!(same.compute().unwrap(), a, "{what}");
        assert_eq!(y.compute().unwrap(), a, "{what}");
        let plan = same.plan(1).unwrap();
        assert_eq!(plan.bytes_spilled(), plan.bytes_fetched(), "{what}");
        assert_eq!(y.plan(1).unwrap().bytes_spilled(), 0, "{what}");
        spilled += usize::from(plan.bytes_spilled() > 0);
        // Two readers, and one that reads twice, the other way round.
        let both = (&y.sum() + &y.t()) + y.t();
        let want = a.mapv(|x| x * 2.0 + a.sum()).reversed_axes();
        assert_eq!(opaque(&both).compute().unwrap(), want, "{what}");
    }
    assert!(spilled > 30, "{spilled} arrays went through files");
}

#[test]
fn elements_of_all_sizes() {
    fn check<A: Element>(of: impl Fn(usize) -> A) {
        let a = Array2::from_shape_fn((23, 17), |(i, j)| of(i * 17 + j)).into_dyn();
        let x = opaque(&Array::from_ndarray(a.clone()).rechunk([5, 17]));
        for chunks in [[23, 1], [23, 4], [7, 3], [23, 17]] {
            let y = x.rechunk_within(chunks, 16);
            assert!(opaque(&y).plan(1).unwrap().bytes_spilled() > 0);
            assert_eq!(opaque(&y).compute().unwrap(), a);
        }
    }
    check(|at| at.is_multiple_of(3));
    check(|at| at as u8);
    check(|at| at as i16);
    check(|at| at as f32);
    check(|at| Complex::new(at as f64, -1.0));
}

#[test]
fn nothing_is_held_for_the_last_reader() {
    // 8 MB. Each reader reads the file, so the mean does not keep the blocks for what is taken from it.
    let a = Array2::from_shape_fn((1000, 1000), |(i, j)| ((i * j) % 1013) as f64);
    let x = Array::from(a.clone()).rechunk([50, 1000]).map_blocks(|block, _| block.to_owned());
    let limit = 2 << 20;
    let y = x.rechunk_within([1000, 50], limit);
    let z = (&y - y.mean()).map_blocks(|block, _| block.to_owned()).max_axis(Axis(1));
    for workers in [1, 2] {
        let plan = z.plan(workers).unwrap().within(limit * workers as u64).unwrap();
        assert_eq!((plan.bytes_spilled(), plan.bytes_fetched()), (8_000_000, 16_000_000));
        let text = "7.6 MiB written to temporary files and 15.3 MiB read from them";
        assert!(plan.to_string().contains(text), "{plan}");
    }
    let mean = a.mean().unwrap();
    let want = a.fold_axis(Axis(1), f64::MIN, |&most, &x| most.max(x - mean));
    let have = z.compute().unwrap();
    assert!((have - want).iter().all(|difference| difference.abs() < 1e-9));
}

#[test]
fn an_array_is_computed_several_times_at_once() {
    let a = Array2::from_shape_fn((60, 40), |(i, j)| ((i * 41 + j * 17) % 101) as f64);
    let x = Array::from(a.clone()).rechunk([1, 40]).map_blocks(|block, _| block.to_owned());
    let y = x.rechunk_within([60, 1], 0);
    let medians = y.median_axis(Axis(0));
    let want = Array::from(a.clone()).median_axis(Axis(0)).compute().unwrap();
    std::thread::scope(|scope| {
        let run = || {
            for threads in [1, 2, 4] {
                assert_eq!(medians.compute_on(&Threads::new(threads)).unwrap(), want);
            }
        };
        for _ in 0..4 {
            scope.spawn(run);
        }
    });
    // In one run they share a file.
    let (sums, total) = taskweave_runtime::compute((y.sum_axis(Axis(0)), y.sum())).unwrap();
    assert_eq!((sums, total.into_scalar()), (a.sum_axis(Axis(0)), a.sum()));
}

#[test]
fn blocks_wait_in_a_file_for_their_last_reader() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = opaque(&given.chunked(&a).rechunk(given.chunks(&shape)));
        let y = x.spill(0);
        let z = opaque(&(&y - y.sum()));
        assert_eq!(z.compute().unwrap(), a.mapv(|x| x - a.sum()), "seed {seed}, {y}");
        let bytes = a.len() as u64 * 8;
        let plan = z.plan(1).unwrap();
        assert_eq!((plan.bytes_spilled(), plan.bytes_fetched()), (bytes, 2 * bytes));
        assert_eq!(x.spill(bytes).sum().plan(1).unwrap().bytes_spilled(), 0);
    }
    // As one source, or as small as this.
    let x = Array::from(Array2::<f64>::zeros((100, 100))).rechunk([1, 100]);
    assert_eq!(x.spill(0).sum().plan(1).unwrap().bytes_spilled(), 0);
    let x = x.map_blocks(|block, _| block.to_owned());
    let large = Array::from(Array2::from_shape_fn((2000, 400), |(i, j)| (i * j) as f64));
    let large = large.rechunk([20, 400]).map_blocks(|block, _| block.to_owned());
    let median = |x: &Array<f64, ndarray::Ix2>| x.median().plan(1).unwrap().peak_bytes();
    assert!(median(&large) > 6_400_000);
    assert!(median(&large.spill(0)) < 1_000_000, "{}", median(&large.spill(0)));
    assert_eq!(large.spill(0).median().compute().unwrap(), large.median().compute().unwrap());
    let bad = x.slice(s![..200, ..]).spill(0);
    assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::Index);
}

#[test]
fn what_needs_no_file_has_none() {
    let x = Array::from(Array2::<f64>::zeros((100, 100))).rechunk([1, 100]);
    let spills = |y: Array<f64, ndarray::Ix2>| {
        let read = y.map_blocks(|block, _| block.to_owned());
        read.plan(1).unwrap().bytes_spilled() > 0
    };
    // What is cut at its source, what is cut finer, what is left as it is, and what is small.
    assert!(!spills((x.sin() + &x).rechunk_within([100, 1], 0)));
    let x = x.map_blocks(|block, _| block.to_owned());
    assert!(spills(x.rechunk_within([100, 1], 0)));
    assert!(!spills(x.rechunk_within([1, 10], 0)));
    assert!(!spills(x.rechunk_within([1, 100], 0)));
    assert!(!spills(x.rechunk_within([100, 1], 1 << 20)));
    // Parts of two rows, which need nothing of each other, are small too: one for each processor, with a chunk that is made of it.
    let processors = std::thread::available_parallelism().unwrap().get() as u64;
    assert!(!spills(x.rechunk_within([2, 50], processors.min(50) * (1600 + 800))));
    assert!(spills(x.rechunk_within([2, 50], 1600)));
    assert!(spills(x.rechunk_within([100, 50], 80_000)));
}

#[test]
fn files_have_no_name_and_are_gone_after_success_and_failure() {
    let folder = Folder::new("names");
    let spill = Spill::beyond(0).folder(&folder.0);
    let a = Array2::from_shape_fn((40, 40), |(i, j)| (i * 40 + j) as u32);
    let x = Array::from(a.clone()).rechunk([1, 40]).map_blocks(|block, _| block.to_owned());
    let path = folder.0.clone();
    let seen = x.rechunk_within([40, 1], spill.clone()).map_blocks(move |block, _| {
        let files = path.read_dir().unwrap().count();
        assert!(files == 0 || !cfg!(unix), "{files} files have names");
        block.to_owned()
    });
    for threads in [1, 3] {
        assert_eq!(seen.compute_on(&Threads::new(threads)).unwrap(), a);
        assert_eq!(folder.files(), 0);
    }
    let fails = x.map_blocks(|block, place| {
        assert!(place.chunk[0] != 17, "number 17");
        block.to_owned()
    });
    let error = fails.rechunk_within([40, 1], spill).sum().compute().unwrap_err();
    assert!(error.to_string().contains("number 17"), "{error}");
    assert_eq!(folder.files(), 0);
}

#[test]
fn a_folder_that_is_not_there_is_an_error_with_its_name_and_the_line() {
    let x = Array::from(Array2::<f64>::zeros((10, 10))).rechunk([1, 10]);
    let x = x.map_blocks(|block, _| block.to_owned());
    let line = line!() + 1;
    let y = x.rechunk_within([10, 1], Spill::beyond(0).folder("/no/such/folder"));
    let error = y.slice(s![.., 2..]).sum().compute().unwrap_err();
    assert_eq!((error.kind(), error.location().unwrap().line()), (ErrorKind::Io, line));
    let message = "cannot make a temporary file in /no/such/folder: No such file";
    assert!(error.to_string().contains(message), "{error}");
    // Nothing is written to compute the array itself: each element goes to its place.
    assert_eq!(y.compute().unwrap().into_dyn(), ArrayD::<f64>::zeros(IxDyn(&[10, 10])));
    let bad = x.rechunk_within([0, 1], 5);
    assert_eq!(bad.check().unwrap_err().kind(), ErrorKind::Chunks);
}
