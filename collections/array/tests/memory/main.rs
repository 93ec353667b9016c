//! How much memory is in use at once, by an allocator that counts: what streams stays under a bound, whatever the array's size, and plans say about what it is.
//!
//! A binary of its own, and one test in it: everything that a process allocates is counted.
#![allow(clippy::unwrap_used)]

mod alone;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, Dimension, Ix1, Ix2, s};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_array::{
    Array, BlockPlace, Boundary, Bytes, Convolution, Element, Error, Pad, Plan, Random, concatenate,
};
use taskweave_runtime::{Threads, compute_on};

struct Counting;

/// Bytes that are allocated, and the most that there were since it was set. Written by all threads; Relaxed: read when those are at rest.
static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: passed on. What nobody writes to takes no memory, and is counted all the same.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Rows of the array, of which a chunk has some; columns follow from the case, so that no case is served with the buffers that another one has left.
const ROWS: usize = 2000;
const CHUNKS: usize = 100;
/// What a plan says of tasks is about right: one may take so many bytes more. What a run needs besides is in proportion to its workers.
const TASK_BYTES: usize = 320;
const WORKER_BYTES: usize = 128 << 10;
/// Chunks more that two workers may have, where they run the tasks in an order that no plan has gone through: plans know nothing of how long tasks take.
const UNTRIED: usize = 2;
/// The most chunks with two workers where those of one wait for the other's: four of each worker that wait, which the runtime allows, and three in the hands of each.
const AHEAD: usize = 14;
/// A forecast of at least a chunk is at most so many times what is measured. From below, what is measured is at most the forecast and these bytes of tasks and workers.
const FACTOR: f64 = 1.25;
/// With two workers it depends on time what each is at, and how many blocks of one wait for those of the other: a forecast is of the most.
const FACTOR_OF_TWO: f64 = 2.0;
/// So often a case runs at most, for what two workers hold at once.
const RUNS_MAX: usize = 5;

fn file() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("taskweave-memory-{}.npy", std::process::id()))
}

/// An array of its own for each case and number of workers: about 16 MB, in 100 chunks.
fn array(case: usize, workers: usize) -> Array<f64, Ix2> {
    let columns = 1000 + 10 * (2 * case + workers);
    Random::new(1).uniform::<f64, _>([ROWS, columns]).rechunk([ROWS / CHUNKS, columns])
}

fn blocks(x: &Array<f64, Ix2>) -> Array<f64, Ix2> {
    x.map_blocks(|block, _| block.to_owned())
}

/// The same, by tasks that take much longer than those that make its blocks.
fn slowly(x: &Array<f64, Ix2>) -> Array<f64, Ix2> {
    x.map_blocks(|block, _| {
        block.mapv(|a| std::hint::black_box((0..15).fold(a, |a, _| a.sin())).max(a))
    })
}

/// Blocks of which one in 13 takes long, so that what others have made waits for it.
fn unevenly(x: &Array<f64, Ix2>) -> Array<f64, Ix2> {
    x.map_blocks(|block, place| {
        if place.chunk[0] % 13 == 3 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        block.to_owned()
    })
}

/// Empties the pool of buffers, which would else let go of them while a case is measured: one as large as all that it keeps takes the others' place, and a small one that of the large one.
fn empty_pool() {
    for elements in [4 << 20, 9 << 10] {
        let one = Array::<f64, _>::from_elem([elements], 1.0).rechunk(elements) + 1.0;
        one.map_blocks_into::<f64, _>(|_, _, _| ()).sum().compute_on(&Threads::new(1)).unwrap();
    }
}

/// Its plan, and then it is computed: what making the plan takes does not count.
fn computed<A: Element, D: Dimension + 'static>(
    x: &Array<A, D>,
    workers: usize,
    threads: &Threads,
) -> Result<Plan, Error> {
    let (before, most) = (LIVE.load(Relaxed), PEAK.load(Relaxed));
    let plan = x.plan(workers)?;
    // What the plan itself keeps is little.
    if PEAK.load(Relaxed) > before {
        PEAK.store(most.max(before), Relaxed);
    }
    x.compute_on(threads)?;
    Ok(plan)
}

/// What is computed, and its plan.
type Case = fn(&Array<f64, Ix2>, usize, &Threads) -> Result<Plan, Error>;

/// The cases, by name, each with the most that it may take with one worker and with two, in chunks.
const CASES: &[(&str, [usize; 2], Case)] = &[
    ("sum", [0, 0], |x, workers, threads| {
        x.sum().compute_on(threads)?;
        x.sum().plan(workers)
    }),
    ("mean of blocks", [2, 4], |x, workers, threads| {
        let mean = blocks(x).mean();
        mean.compute_on(threads)?;
        mean.plan(workers)
    }),
    ("x - mean", [0, 0], |x, workers, threads| {
        let distance = (x - x.mean()).abs().max();
        distance.compute_on(threads)?;
        distance.plan(workers)
    }),
    ("std of blocks", [2, 4], |x, workers, threads| {
        let spread = blocks(x).std(0.0);
        spread.compute_on(threads)?;
        spread.plan(workers)
    }),
    ("store", [1, 2], |x, workers, threads| {
        let y = x.sin() * 2.0;
        y.store_npy_on(file(), threads)?;
        y.plan_store(workers)
    }),
    ("store of blocks", [2, 4], |x, workers, threads| {
        let y = blocks(x) - 0.5;
        y.store_npy_on(file(), threads)?;
        y.plan_store(workers)
    }),
    ("store of columns", [2, 4], |x, workers, threads| {
        let y = blocks(x).rechunk([ROWS, 10]);
        y.store_npy_on(file(), threads)?;
        y.plan_store(workers)
    }),
    // All of it, with a chunk of the result that its columns are put together to, but not twice.
    ("rechunk", [CHUNKS + 6, CHUNKS + 12], |x, workers, threads| {
        let sums = blocks(x).rechunk([ROWS, 10]).sum_axis(Axis(0));
        sums.compute_on(threads)?;
        sums.plan(workers)
    }),
    ("rechunk within", [3, 6], |x, workers, threads| {
        let sums = blocks(x).rechunk_within([ROWS, 10], 1 << 20).sum_axis(Axis(0));
        sums.compute_on(threads)?;
        sums.plan(workers)
    }),
    // A chunk of one worker waits for those before it, which the other one may have been at for long: all of them, if the system lets it sleep.
    ("rechunk within, read twice", [3, 8], |x, workers, threads| {
        let columns = blocks(x).rechunk_within([ROWS, 10], 1 << 20);
        let far = (&columns - columns.mean()).abs().max();
        far.compute_on(threads)?;
        far.plan(workers)
    }),
    ("fine chunks within", [5, 10], |x, workers, threads| {
        let rows = blocks(&x.rechunk([1, x.shape()[1]]));
        let sums = rows.rechunk_within([ROWS, 1], 4 << 20).sum_axis(Axis(0));
        sums.compute_on(threads)?;
        sums.plan(workers)
    }),
    ("x - mean of spilled blocks", [3, 8], |x, workers, threads| {
        let spilled = blocks(x).spill(0);
        let far = (&spilled - spilled.mean()).abs().max();
        far.compute_on(threads)?;
        far.plan(workers)
    }),
    ("median of spilled blocks", [6, 12], |x, workers, threads| {
        let median = blocks(x).spill(0).median();
        median.compute_on(threads)?;
        median.plan(workers)
    }),
    ("running sums", [3, AHEAD], |x, workers, threads| {
        let most = blocks(x).cumsum(Axis(0)).max();
        most.compute_on(threads)?;
        most.plan(workers)
    }),
    ("running sums, used slowly", [3, AHEAD], |x, workers, threads| {
        let most = slowly(&blocks(x).cumsum(Axis(0))).max();
        most.compute_on(threads)?;
        most.plan(workers)
    }),
    ("running sums, stored slowly", [3, AHEAD], |x, workers, threads| {
        let sums = slowly(&blocks(x).cumsum(Axis(0)));
        sums.store_npy_on(file(), threads)?;
        sums.plan_store(workers)
    }),
    ("running products of numbers, stored slowly", [3, AHEAD], |x, workers, threads| {
        let products = slowly(&blocks(x).nancumprod(Axis(0)));
        products.store_npy_on(file(), threads)?;
        products.plan_store(workers)
    }),
    ("running sums of a file, stored slowly", [3, AHEAD], |x, workers, threads| {
        let source = file().with_extension("source.npy");
        x.store_npy_on(&source, threads)?;
        let read = Array::<f64, Ix2>::from_npy(&source).rechunk([ROWS / CHUNKS, x.shape()[1]]);
        let sums = slowly(&read.cumsum(Axis(0)));
        let plan = sums.store_npy_on(file(), threads).and_then(|()| sums.plan_store(workers));
        std::fs::remove_file(source).unwrap();
        plan
    }),
    ("running sums of spilled blocks, stored slowly", [3, AHEAD], |x, workers, threads| {
        let sums = slowly(&blocks(x).spill(0).cumsum(Axis(0)));
        sums.store_npy_on(file(), threads)?;
        sums.plan_store(workers)
    }),
    ("running sums, waited for", [3, AHEAD], |x, workers, threads| {
        computed(&unevenly(x).cumsum(Axis(0)).max(), workers, threads)
    }),
    // Seven blocks of each worker and what they are put together to, and as many between what one is at and what the other has begun with.
    ("deep neighbours", [20, 52], |x, workers, threads| {
        let near = |_: ArrayView2<'_, f64>, _: &BlockPlace, _: ArrayViewMut2<'_, f64>| ();
        let deep = unevenly(x).map_overlap_into::<f64, _>(&[70, 0], Boundary::Nearest, near);
        computed(&deep.max(), workers, threads)
    }),
    ("deep neighbours, returned", [30, 72], |x, workers, threads| {
        let deep = unevenly(x).map_overlap(&[70, 0], Boundary::Nearest, |block| block.to_owned());
        computed(&deep.max(), workers, threads)
    }),
    ("x - x rolled by half", [6, 12], |x, workers, threads| {
        let x = blocks(x);
        let far = &x - x.roll(ROWS as isize / 2, Axis(0));
        computed(&far.abs().max(), workers, threads)
    }),
    ("median of chunks that went through files", [8, 16], |x, workers, threads| {
        let columns = blocks(x).rechunk_within([ROWS, 10], 1 << 20);
        computed(&columns.median(), workers, threads)
    }),
    ("many small chunks put together", [2, 4], |x, workers, threads| {
        let small = x.slice(s![.., ..10]).rechunk([1, 1]);
        computed(&blocks(&small).rechunk([ROWS, 1]).max(), workers, threads)
    }),
    ("median", [4, 12], |x, workers, threads| computed(&(x * 2.0).median(), workers, threads)),
    ("the largest three of each column", [7, 14], |x, workers, threads| {
        computed(&blocks(x).topk(3, Axis(0)), workers, threads)
    }),
    ("histogram", [3, 6], |x, workers, threads| {
        computed(&blocks(x).histogram(100, 0.0, 1.0), workers, threads)
    }),
    ("rows chosen from the last to the first", [4, 12], |x, workers, threads| {
        let order: Vec<usize> = (0..ROWS).rev().step_by(3).collect();
        computed(&blocks(x).select(Axis(0), &order).max(), workers, threads)
    }),
    ("padded", [4, 12], |x, workers, threads| {
        computed(&blocks(x).pad([(5, 5), (1, 0)], Pad::Edge).max(), workers, threads)
    }),
    ("gradient", [6, AHEAD], |x, workers, threads| {
        computed(&blocks(x).gradient(Axis(0), 0.5).abs().max(), workers, threads)
    }),
    ("put one behind the other", [3, 6], |x, workers, threads| {
        let both = concatenate(Axis(0), [&blocks(x), &blocks(&(x + 1.0))]);
        computed(&both.max(), workers, threads)
    }),
    ("a file, a chain of steps, a mean", [1, 2], |x, workers, threads| {
        let source = file().with_extension("source.npy");
        x.store_npy_on(&source, threads)?;
        let read = Array::<f64, Ix2>::from_npy(&source).rechunk([ROWS / CHUNKS, x.shape()[1]]);
        PEAK.store(LIVE.load(Relaxed), Relaxed);
        let mean = (read.sin() * 2.0 + &read).sqrt().mean();
        let plan = computed(&mean, workers, threads);
        std::fs::remove_file(source).unwrap();
        plan
    }),
    ("three times with neighbours", [12, 36], |x, workers, threads| {
        let near = |x: &Array<f64, Ix2>| {
            x.map_overlap(&[1, 0], Boundary::Nearest, |block| block.to_owned())
        };
        computed(&near(&near(&near(&blocks(x)))).max(), workers, threads)
    }),
];

/// Of what is small, or wide: a worker has these bytes besides what a plan says, and of all that, what is measured is at most so many times as much, with one worker and with several.
const BESIDES: usize = 32 << 10;
const FACTORS_BELOW: [f64; 2] = [1.05, 1.25];

/// What a run takes that a plan says too little of, if it does, by its name.
fn more_than_planned<A: Element, D: Dimension + 'static>(
    name: &str,
    x: &Array<A, D>,
) -> Vec<String> {
    let of_workers = |workers: usize| {
        let plan = x.plan(workers).unwrap();
        let threads = Threads::new(workers);
        array(CASES.len(), workers).sum().compute_on(&threads).unwrap();
        empty_pool();
        let before = LIVE.load(Relaxed);
        PEAK.store(before, Relaxed);
        x.compute_on(&threads).unwrap();
        let peak = PEAK.load(Relaxed).saturating_sub(before);
        let planned = (plan.peak_bytes() + plan.task_bytes()) as f64;
        let bound = planned * FACTORS_BELOW[usize::from(workers > 1)];
        (peak as f64 > bound + (workers * BESIDES) as f64).then(|| {
            format!(
                "more than planned: {name}, {workers} workers: measured {}; {plan}",
                Bytes(peak as u64)
            )
        })
    };
    [1, 8].into_iter().filter_map(of_workers).collect()
}

/// Blocks of few elements, states of many and wider ones, rows that are put together: what is in use besides elements is as much as these, or more.
fn small_and_wide() -> Vec<String> {
    let small = Array::<f64, _>::ones([9_000]).rechunk(3);
    let many = Array::<f64, _>::ones([60_000]).rechunk(3);
    let whole = Random::new(1).integers(0, 300_000, [20_000]).rechunk(2_000);
    let bytes = Array::<u8, _>::ones([400, 20_000]).rechunk([40, 20_000]);
    let high = Array::from(ndarray::Array2::<f64>::zeros((1000, 2000))).rechunk([500, 1000]);
    let deep = Array::from(ndarray::Array3::<f64>::zeros((10, 50, 5000))).rechunk([10, 25, 2500]);
    let samples = Random::new(1).uniform::<f64, _>([160_000]).rechunk(8_000);
    let filtered = samples.convolve([0.1; 10], Convolution::Same);
    let source = file().with_extension("rows.npy");
    Random::new(1).uniform::<f64, _>([1000, 3600]).store_npy(&source).unwrap();
    let read = Array::<f64, Ix2>::from_npy(&source).rechunk([125, 1200]);
    let rising = blocks_of(&Array::arange(0.0, 5e6, 1.0).rechunk(250_000));
    let all = [
        more_than_planned("small blocks", &small.coarsen(&[3], |block| block.sum())),
        more_than_planned("small blocks, written as they are made", &many),
        more_than_planned("small blocks, all of them", &blocks_of(&small).median()),
        more_than_planned("counts of many", &whole.bincount(300_000).max()),
        more_than_planned("counts of many, computed", &whole.bincount(300_000)),
        more_than_planned(
            "transposed, chosen",
            &high.t().lt(0.5).where_(&high.t(), 0.0).sum_axis(Axis(0)),
        ),
        more_than_planned("transposed, computed", &high.t().lt(0.5)),
        more_than_planned("transposed, places", &deep.t().nanargmin_axis(Axis(2))),
        more_than_planned("sums of bytes", &bytes.sum_axis(Axis(0)).max()),
        more_than_planned("sums of filtered samples", &filtered.sum()),
        // Blocks that are whole along the axis are of one length, so that the buffer of each is that of the next.
        more_than_planned("columns of a file", &read.map_axis(Axis(0), |column| column.sum())),
        more_than_planned("medians of columns of a file", &read.median_axis(Axis(0))),
        // What has been put together to a block that is larger than all buffers that are kept is let go of before its result is there.
        more_than_planned("all in order", &rising.sort(Axis(0)).max()),
    ];
    std::fs::remove_file(source).unwrap();
    all.concat()
}

fn blocks_of(x: &Array<f64, Ix1>) -> Array<f64, Ix1> {
    x.map_blocks(|block, _| block.to_owned())
}

/// What a product of matrices takes of its own while it runs, for each worker: a packed copy of what it reads of its operands.
const PACKED_BYTES: usize = 512 << 10;
/// The most chunks that a tall array times itself takes with one worker and with two.
const TALL: [usize; 2] = [12, 18];

/// A tall array times itself streams, in a few chunks for each worker.
fn tall_times_itself(workers: usize, threads: &Threads) -> Option<String> {
    let x = array(CASES.len() + 2, workers);
    let (rows, columns, chunk) = (ROWS * 10, x.ncols() / 10, x.len() / CHUNKS * 8);
    let tall = blocks(&x.reshape([rows, columns]).rechunk([rows / CHUNKS, columns]));
    let product = tall.t().dot(&tall);
    // What a thread keeps for all products is there before.
    product.slice(s![..1, ..]).compute_on(threads).unwrap();
    empty_pool();
    let plan = product.plan(workers).unwrap();
    let (forecast, of_tasks) = (plan.peak_bytes() as usize, plan.task_bytes() as usize);
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    product.compute_on(threads).unwrap();
    let peak = PEAK.load(Relaxed).saturating_sub(before);
    let around = plan.tasks() * TASK_BYTES + workers * WORKER_BYTES;
    let untried = UNTRIED * (workers - 1) * chunk;
    let most = TALL[workers - 1] * chunk + workers * PACKED_BYTES;
    let bound = most.min(forecast + untried) + of_tasks + around;
    let is_too_high = workers == 1 && forecast as f64 > FACTOR * peak as f64;
    (peak > bound || is_too_high).then(|| {
        format!(
            "a tall array times itself, {workers} workers: measured {}, bound {}; {plan}",
            Bytes(peak as u64),
            Bytes(bound as u64)
        )
    })
}

/// Of two large arrays in one run, the results are there, and each worker has a chunk or two in its hands.
fn computed_together() -> Option<String> {
    let x = array(CASES.len() + 1, 2);
    let (chunk, whole) = (x.len() / CHUNKS * 8, x.len() * 8);
    let threads = Threads::new(2);
    empty_pool();
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    compute_on((blocks(&x), &x + 1.0), &threads).unwrap();
    let peak = PEAK.load(Relaxed).saturating_sub(before);
    let bound = 2 * whole + 8 * chunk + 500 * TASK_BYTES + 2 * WORKER_BYTES;
    (peak > bound).then(|| {
        format!(
            "more than the bound: two arrays computed together: measured {}, bound {}",
            Bytes(peak as u64),
            Bytes(bound as u64)
        )
    })
}

#[test]
fn what_streams_stays_under_a_bound_and_plans_say_about_what_all_takes() {
    if alone::is_alone() {
        return;
    }
    let mut broken = Vec::new();
    for workers in [1, 2] {
        let threads = Threads::new(workers);
        // Threads begin, and what is made once in a process is made.
        let small = Random::new(1).uniform::<f64, _>([200, 2000]).rechunk([100, 1000]);
        small.dot(&small.t()).sum().compute_on(&threads).unwrap();
        array(CASES.len(), workers).sum().compute_on(&threads).unwrap();
        for (case, &(name, bounds, run)) in CASES.iter().enumerate() {
            let x = array(case, workers);
            let (chunk, whole) = (x.len() / CHUNKS * 8, x.len() * 8);
            let measured = || {
                empty_pool();
                let before = LIVE.load(Relaxed);
                PEAK.store(before, Relaxed);
                let plan = run(&x, workers, &threads).unwrap();
                (plan, PEAK.load(Relaxed).saturating_sub(before))
            };
            let (plan, mut peak) = measured();
            let (forecast, of_tasks) = (plan.peak_bytes() as usize, plan.task_bytes() as usize);
            let factor = if workers > 1 { FACTOR_OF_TWO } else { FACTOR };
            let is_too_high =
                |peak: usize| forecast >= chunk && forecast as f64 > factor * peak as f64;
            // Where the system lets a thread sleep, one alone may have done all.
            for _ in 1..RUNS_MAX {
                if workers > 1 && is_too_high(peak) {
                    peak = peak.max(measured().1);
                }
            }
            let around = plan.tasks() * TASK_BYTES + workers * WORKER_BYTES;
            let bound = bounds[workers - 1] * chunk + of_tasks + around;
            let what = format!(
                "{name}, {workers} workers: measured {}, forecast {}, bound {}, array {}; {plan}",
                Bytes(peak as u64),
                Bytes(forecast as u64),
                Bytes(bound as u64),
                Bytes(whole as u64)
            );
            if peak > bound || bound > whole && bounds[0] < CHUNKS && around < whole {
                broken.push(format!("more than the bound: {what}"));
            }
            let untried = UNTRIED * (workers - 1) * chunk;
            if peak > forecast + of_tasks + untried + around {
                broken.push(format!("more than the forecast: {what}"));
            }
            if is_too_high(peak) {
                broken.push(format!("forecast too high: {what}"));
            }
        }
        broken.extend(tall_times_itself(workers, &threads));
    }
    broken.extend(computed_together());
    broken.extend(small_and_wide());
    broken.extend(alone::those_alone());
    std::fs::remove_file(file()).unwrap();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
