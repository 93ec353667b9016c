//! The rows of the table whose jobs are expressions, and the list of all.
//!
//! A new row is an entry in [`ALL`], a function that makes its job, and a function `library__row` in `baseline.py` for each rival.
//! Inputs in memory are results of `compute`, whose memory is in large pages, as that of NumPy's arrays is.

use crate::job::{Input, Job, Note, Peak, Row, THREADS, Within, checksum, scalar, threads};
use crate::{blocks, matrices};
use ndarray::{ArcArray2, Axis};
use taskweave::array::{Array, Random};

const NO_ROW: Row = Row {
    name: "",
    baseline: "",
    title: "",
    rivals: &[],
    within: Within::Relative(1e-10),
    peak: None,
    needs_gb: 1.0,
    make: || Job::new(|| Ok(()), |()| 0.0),
};

/// All rows.
pub static ALL: &[Row] = &[
    Row {
        name: "sum_axis0",
        baseline: "sum_axis0",
        title: "sum over axis 0 of 20000×5000 in memory",
        rivals: &[("numpy", Some(1.8)), ("dask", Some(3.5))],
        needs_gb: 3.0,
        make: || sum_axis(Axis(0)),
        ..NO_ROW
    },
    Row {
        name: "sum_axis1",
        baseline: "sum_axis1",
        title: "sum over axis 1 of 20000×5000 in memory",
        rivals: &[("numpy", Some(1.8)), ("dask", Some(3.5))],
        needs_gb: 3.0,
        make: || sum_axis(Axis(1)),
        ..NO_ROW
    },
    Row {
        name: "random_sum_axis0",
        baseline: "random_sum_axis0",
        title: "sum over axis 0 of 20000×5000 random numbers",
        rivals: &[("numpy", Some(5.0)), ("dask", Some(5.0))],
        // Other generators: 28 million (weighted) numbers' mean is known to 1 in 10⁴ or so.
        within: Within::Relative(1e-3),
        peak: Some(Peak::Mib(64.0)),
        needs_gb: 3.0,
        make: random_sum_axis0,
    },
    Row {
        name: "random_mean",
        baseline: "random_mean",
        title: "mean of 8e8 random numbers",
        rivals: &[("numpy", Some(5.0)), ("dask", Some(5.0))],
        within: Within::Relative(1e-3),
        peak: Some(Peak::Mib(64.0)),
        // NumPy makes all of them before it takes the mean.
        needs_gb: 8.0,
        make: random_mean,
    },
    Row {
        name: "standardize",
        baseline: "standardize",
        title: "((x − mean) / std).sum(), 20000×5000",
        rivals: &[("numpy", Some(8.0)), ("dask", Some(8.0))],
        // The sum is 0 but for the rounding of 1e8 elements; the check is of their absolute values, which add up to 8e7.
        within: Within::Absolute(1e-2),
        needs_gb: 5.0,
        make: standardize,
        ..NO_ROW
    },
    Row {
        name: "elementwise",
        baseline: "elementwise",
        title: "((x + 1).sin() · 2 + x²).sum(), 20000×5000",
        rivals: &[("numpy", Some(15.0)), ("dask", Some(9.0)), ("numexpr", Some(4.0))],
        needs_gb: 5.0,
        make: elementwise,
        ..NO_ROW
    },
    Row {
        name: "dot",
        baseline: "dot",
        title: "x.dot(x.t() + 1), 4000²",
        rivals: &[("numpy", Some(0.95)), ("dask", Some(1.8))],
        needs_gb: 3.0,
        make: matrices::product,
        ..NO_ROW
    },
    Row {
        name: "svd",
        baseline: "svd",
        title: "svd of 200000×50",
        rivals: &[("numpy", Some(2.5)), ("dask", Some(4.0))],
        needs_gb: 3.0,
        make: matrices::svd,
        ..NO_ROW
    },
    Row {
        name: "svd_compressed",
        baseline: "svd_compressed",
        title: "svd_compressed, k = 10, of a 10000² matrix of known spectrum",
        rivals: &[("numpy", Some(1.0)), ("dask", Some(3.0))],
        // Each samples at random; the largest value is known.
        within: Within::Relative(1e-6),
        needs_gb: 5.0,
        make: matrices::svd_compressed,
        ..NO_ROW
    },
    Row {
        name: "stencil",
        baseline: "stencil",
        title: "5-point stencil × 10 on 8000², ten steps in one function of blocks",
        rivals: &[("numpy", Some(15.0)), ("dask", Some(8.0))],
        needs_gb: 5.0,
        make: || blocks::stencil(true),
        ..NO_ROW
    },
    Row {
        name: "stencil_steps",
        baseline: "stencil",
        title: "the same, a function of blocks for each step",
        rivals: &[("numpy", None), ("dask", None)],
        needs_gb: 5.0,
        make: || blocks::stencil(false),
        ..NO_ROW
    },
    Row {
        name: "rechunk",
        baseline: "rechunk",
        title: "random numbers in (100, n), rechunked to (n, 100), summed; n = 14000, 1.57 GB",
        rivals: &[("dask", None)],
        within: Within::Relative(1e-3),
        peak: Some(Peak::OfDask(0.25)),
        needs_gb: 5.0,
        make: || blocks::rechunk(false),
    },
    Row {
        name: "rechunk_blocks",
        baseline: "rechunk_blocks",
        title: "the same of what a function of blocks makes of them, within 256 MiB, through a file",
        rivals: &[("dask", None)],
        within: Within::Relative(1e-3),
        peak: Some(Peak::OfDask(0.25)),
        needs_gb: 6.0,
        make: || blocks::rechunk(true),
    },
    Row {
        name: "small_chunks",
        baseline: "small_chunks",
        title: "sum of x + 1 in 10⁵ chunks of 100×100",
        within: Within::Relative(1e-12),
        make: blocks::small_chunks,
        ..NO_ROW
    },
];

/// Normal numbers of mean 3 and deviation 2, in memory.
pub fn in_memory(shape: [usize; 2]) -> (Input, ArcArray2<f64>) {
    let x = Random::new(1).normal::<f64, _>(shape) * 2.0 + 3.0;
    let values = x.compute_on(threads()).expect("random numbers fail at nothing").into_shared();
    (Array::from_ndarray(values.clone()), values)
}

fn sum_axis(axis: Axis) -> Job {
    let (x, values) = in_memory([20_000, 5_000]);
    let (sums, all) = (x.clone(), values.clone());
    // What the plain read adds up is another sum, of which it is known what it has to be.
    let (total, weighted) = (values.sum(), checksum(&values.sum_axis(axis)));
    let read = move |sum: &f64| {
        assert!(Within::Relative(1e-10).holds(*sum, total), "{sum} is read of {total}");
        weighted
    };
    Job::new(move || sums.sum_axis(axis).compute_on(threads()), checksum)
        .reading("x", &x)
        .beside(
            "a plain read of all elements",
            Some(0.8),
            move || Ok(plain_read(all.as_slice().expect("it has no gaps"))),
            read,
        )
        .noting(|ours, beside| {
            let gb = 20_000.0 * 5_000.0 * 8.0 / 1e9;
            let (here, plain) = (gb / ours, gb / beside[0]);
            Note {
                text: format!("{here:.1} GB/s, a plain read {plain:.1} GB/s"),
                figures: vec![("gb_per_second", here), ("plain_read_gb_per_second", plain)],
            }
        })
}

/// Reads all elements, each thread a part of them, as quickly as it goes: adds them up in as many numbers as registers hold.
fn plain_read(values: &[f64]) -> f64 {
    let part = values.len().div_ceil(THREADS);
    let one = |part: &[f64]| {
        let mut sums = [0.0; 32];
        for values in part.chunks_exact(32) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += value;
            }
        }
        sums.iter().sum::<f64>()
    };
    std::thread::scope(|scope| {
        let parts = values.chunks(part).map(|part| scope.spawn(move || one(part)));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().map(|part| part.join().expect("additions don't panic")).sum()
    })
}

fn random_sum_axis0() -> Job {
    Job::new(
        || {
            let x = Random::new(1).uniform::<f64, _>([20_000, 5_000]);
            x.sum_axis(Axis(0)).compute_on(threads())
        },
        checksum,
    )
}

fn random_mean() -> Job {
    Job::new(
        || Random::new(1).uniform::<f64, _>([800_000_000]).mean().compute_on(threads()),
        scalar,
    )
}

fn standardize() -> Job {
    let (x, _) = in_memory([20_000, 5_000]);
    let (same, again) = (x.clone(), x.clone());
    Job::new(move || ((&same - same.mean()) / same.std(0.0)).sum().compute_on(threads()), scalar)
        .checked_by(
            move || ((&again - again.mean()) / again.std(0.0)).abs().sum().compute_on(threads()),
            scalar,
        )
        .reading("x", &x)
}

fn elementwise() -> Job {
    let (x, _) = in_memory([20_000, 5_000]);
    let same = x.clone();
    Job::new(
        move || ((&same + 1.0).sin() * 2.0 + &same * &same).sum().compute_on(threads()),
        scalar,
    )
    .reading("x", &x)
}
