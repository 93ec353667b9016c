//! What takes memory of its own on each thread, reads files, or has blocks of many lengths one after the other: the first of it in a process, against its plan.
//!
//! In: cases. Out: those that take more than their plans say, or far less. Not here: cases that follow others in one process (`main`).

use crate::{LIVE, PEAK, WORKER_BYTES, file};
use ndarray::{Axis, Dimension, Ix2};
use std::sync::atomic::Ordering::Relaxed;
use taskweave_array::{Array, Bytes, Plan, Random, einsum};
use taskweave_runtime::Threads;

/// Which case a process of its own runs.
const ALONE: &str = "TASKWEAVE_MEMORY_ALONE";
/// What the first tasks of their kind in a process take is at most so many times what is planned, with one worker and with two, besides what workers have; and that is at most so many times what
/// they take.
const ALONE_ABOVE: [f64; 2] = [1.02, 1.1];
const ALONE_FACTOR: f64 = 2.0;

/// Its plan, and what it takes.
type Alone = fn(usize, &Threads) -> (Plan, usize);

fn alone<D: Dimension + 'static>(
    x: &Array<f64, D>,
    workers: usize,
    threads: &Threads,
) -> (Plan, usize) {
    let plan = x.plan(workers).unwrap();
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    x.compute_on(threads).unwrap();
    (plan, PEAK.load(Relaxed).saturating_sub(before))
}

#[cfg(feature = "linalg")]
fn given(rows: usize, columns: usize) -> Array<f64, Ix2> {
    let element = |(i, j): (usize, usize)| {
        let far = if i == j { 1000.0 } else { 0.0 };
        ((i * 31 + j * 17) % 101) as f64 + ((i * j) % 7) as f64 + far
    };
    Array::from(ndarray::Array2::from_shape_fn((rows, columns), element))
}

/// A file of 16 MB in NumPy's format, which goes with the process; not written by tasks, which would leave buffers.
fn written() -> Array<f64, Ix2> {
    let about = "{'descr': '<f8', 'fortran_order': False, 'shape': (2000, 1000), }";
    let head = format!("\u{1}\0\u{76}\0{about:<117}\n");
    let bytes = [b"\x93NUMPY", head.as_bytes(), &vec![0; 16_000_000]].concat();
    std::fs::write(file(), bytes).unwrap();
    Array::from_npy(file())
}

/// What takes memory of its own on each thread, and blocks of many lengths one after the other: the first of it in a process.
const CASES_ALONE: &[(&str, Alone)] = &[
    ("a product", |workers, threads| {
        let x = Random::new(1).uniform::<f64, _>([4000, 600]).rechunk([400, 600]);
        alone(&x.t().dot(&x), workers, threads)
    }),
    ("order of blocks that a function made", |workers, threads| {
        let x = Random::new(1).uniform::<f64, _>([2000, 1500]).rechunk([300, 300]);
        let order = x.map_blocks(|block, _| block.to_owned()).argsort(Axis(1));
        alone(&order.cast::<f64>().max(), workers, threads)
    }),
    ("medians of long rows", |workers, threads| {
        let x = Random::new(1).uniform::<f64, _>([8, 200_000]).rechunk([1, 50_000]);
        let rows = x.map_blocks(|block, _| block.mapv(|a| if a < 0.1 { f64::NAN } else { a }));
        alone(&rows.nanmedian_axis(Axis(1)), workers, threads)
    }),
    ("the largest of long rows", |workers, threads| {
        let x = Random::new(1).uniform::<f64, _>([8, 200_000]).rechunk([1, 50_000]);
        alone(&x.topk(1000, Axis(1)), workers, threads)
    }),
    ("products of a stack", |workers, threads| {
        let mut random = Random::new(1);
        let mut stack = || random.uniform::<f64, _>([4, 500, 500]).rechunk([1, 500, 500]);
        alone(&einsum("bij,bjk->bik", (stack(), stack())), workers, threads)
    }),
    ("a product of matrices that are there", |workers, threads| {
        let element = |(i, j): (usize, usize)| ((i * 31 + j * 17) % 101) as f64;
        let x = Array::from(ndarray::Array2::from_shape_fn((1200, 900), element));
        alone(&x.dot(&x.t()), workers, threads)
    }),
    ("a file, as it is", |workers, threads| {
        alone(&written().rechunk([2000, 1000]), workers, threads)
    }),
    ("every tenth row of a file", |workers, threads| {
        alone(&written().slice(ndarray::s![..;10, ..]).sum(), workers, threads)
    }),
    ("the diagonal of a file", |workers, threads| {
        alone(&written().rechunk(1000).diag().sum(), workers, threads)
    }),
    ("the same shape of a file in other chunks", |workers, threads| {
        let x = written().rechunk([20, 1000]).reshape([2000, 1000]).rechunk([2000, 20]);
        alone(&(x + 1.0).sum(), workers, threads)
    }),
    ("blocks that a function owns, of what is there", |workers, threads| {
        let x = Array::from(ndarray::Array2::<f64>::ones((2000, 1000))).rechunk([500, 1000]);
        let x = x.t().map_blocks_owned(|block: ndarray::Array2<f64>| block + 1.0);
        alone(&x.sum(), workers, threads)
    }),
    ("a sum of products of what is turned", |workers, threads| {
        let x = Array::from(ndarray::Array2::<f64>::ones((2000, 1000))).rechunk([500, 1000]);
        alone(&x.t().tensordot(&x.t(), [0, 1], [0, 1]), workers, threads)
    }),
    #[cfg(feature = "linalg")]
    ("qr of a tall one", |workers, threads| alone(&given(60_000, 50).qr().0, workers, threads)),
    #[cfg(feature = "linalg")]
    ("q times r", |workers, threads| {
        let (q, r) = given(60_000, 50).qr();
        alone(&q.dot(&r).sum_axis(Axis(0)), workers, threads)
    }),
    #[cfg(feature = "linalg")]
    ("svd of a square one", |workers, threads| alone(&given(300, 300).svd().0, workers, threads)),
    #[cfg(feature = "linalg")]
    ("svd of a wide one", |workers, threads| alone(&given(200, 3000).svd().0, workers, threads)),
    #[cfg(feature = "linalg")]
    ("pinv", |workers, threads| alone(&given(20_000, 50).pinv(), workers, threads)),
    #[cfg(feature = "linalg")]
    ("inv", |workers, threads| alone(&given(800, 800).inv(), workers, threads)),
    #[cfg(feature = "linalg")]
    ("cholesky", |workers, threads| {
        // The covariance of a random walk.
        let covariance = |(i, j): (usize, usize)| i.min(j) as f64 + 1.0;
        let x = Array::from(ndarray::Array2::from_shape_fn((800, 800), covariance));
        alone(&x.cholesky(), workers, threads)
    }),
];

/// Runs a case, if this process is one's own; whether it is.
pub(crate) fn is_alone() -> bool {
    let Ok(place) = std::env::var(ALONE) else { return false };
    let (case, workers) = place.split_once(' ').unwrap();
    let (name, run) = CASES_ALONE[case.parse::<usize>().unwrap()];
    let workers = workers.parse().unwrap();
    let threads = Threads::new(workers);
    // What a run of any kind makes once is there.
    Array::<f64, _>::ones([100]).rechunk(10).sum().compute_on(&threads).unwrap();
    let (plan, peak) = run(workers, &threads);
    let _ = std::fs::remove_file(file());
    let planned = (plan.peak_bytes() + plan.task_bytes()) as f64;
    let with_threads = planned + plan.thread_bytes() as f64;
    let what = format!("{name}, {workers} workers: measured {}; {plan}", Bytes(peak as u64));
    assert!(
        peak as f64 <= with_threads * ALONE_ABOVE[workers - 1] + (workers * WORKER_BYTES) as f64,
        "{what}"
    );
    // A thread that does none of it keeps nothing.
    assert!(planned <= peak as f64 * ALONE_FACTOR, "planned too much: {what}");
    true
}

/// Those that take more than their plans say, or far less.
pub(crate) fn those_alone() -> Vec<String> {
    let all = (0..CASES_ALONE.len()).flat_map(|case| [1, 2].map(|workers| (case, workers)));
    let failed = all.filter_map(|(case, workers)| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .env(ALONE, format!("{case} {workers}"))
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (!output.status.success()).then(|| String::from_utf8_lossy(&text).into_owned())
    });
    failed.collect()
}
