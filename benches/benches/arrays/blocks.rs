//! The rows whose jobs depend on chunks: stencils, other chunks, many small chunks.

use crate::job::{Job, Note, THREADS, checksum, scalar, threads};
use crate::rows::in_memory;
use ndarray::{Array2, ArrayBase, ArrayView2, ArrayViewMut2, Axis, Ix2, RawData, s};
use taskweave::array::{Array, Boundary, Chunks, Random};

/// The steps of the stencil.
const STEPS: usize = 10;

/// Ten steps of a 5-point stencil on a torus.
pub fn stencil(is_fused: bool) -> Job {
    let (x, _) = in_memory([8_000, 8_000]);
    let same = x.clone();
    Job::new(
        move || {
            let mut y = same.rechunk(STENCIL_CHUNK);
            if is_fused {
                y = y.map_overlap(&[STEPS, STEPS], Boundary::Periodic, ten_steps);
            } else {
                for _ in 0..STEPS {
                    y = y.map_overlap_into(&[1, 1], Boundary::Periodic, |block, _, out| {
                        step(block, out)
                    });
                }
            }
            y.compute_on(threads())
        },
        checksum,
    )
    .reading("x", &x)
}

/// 2 MB; the quickest of those tried from 125×500 to 1000×1000.
const STENCIL_CHUNK: [usize; 2] = [500, 500];

/// Each step is right for one element less on each side: what is left after the last is the block without its neighbours.
fn ten_steps(block: ArrayView2<f64>) -> Array2<f64> {
    let (mut now, mut next) = (Array2::zeros(block.raw_dim()), Array2::zeros(block.raw_dim()));
    step(block, within(now.view_mut(), 1));
    for margin in 2..=STEPS {
        step(within(now.view(), margin - 1), within(next.view_mut(), margin));
        std::mem::swap(&mut now, &mut next);
    }
    now
}

/// All but a margin.
fn within<S: RawData>(mut all: ArrayBase<S, Ix2>, margin: usize) -> ArrayBase<S, Ix2> {
    let (height, width) = all.dim();
    all.slice_collapse(s![margin..height - margin, margin..width - margin]);
    all
}

/// Each element and its four neighbours, averaged; `to` lacks the outermost elements of `from`.
fn step(from: ArrayView2<f64>, mut to: ArrayViewMut2<f64>) {
    let row = |at: usize| from.index_axis_move(Axis(0), at).to_slice().expect("rows have no gaps");
    for (at, out) in to.rows_mut().into_iter().enumerate() {
        let out = out.into_slice().expect("rows have no gaps");
        let n = out.len();
        let (up, here, down) = (&row(at)[1..][..n], row(at + 1), &row(at + 2)[1..][..n]);
        let (left, here, right) = (&here[..n], &here[1..][..n], &here[2..][..n]);
        for i in 0..n {
            out[i] = (here[i] + up[i] + down[i] + left[i] + right[i]) * 0.2;
        }
    }
}

/// Sums along chunks that are the other way round than those that the elements are made in.
pub fn rechunk(is_opaque: bool) -> Job {
    const N: usize = 14_000;
    Job::new(
        move || {
            let x = Random::new(1).uniform::<f64, _>([N, N]).rechunk([100, N]);
            let columns = match is_opaque {
                false => x.rechunk([N, 100]),
                true => {
                    let doubled = x.map_blocks(|block, _| block.mapv(|value| value * 2.0));
                    doubled.rechunk_within([N, 100], 256 << 20)
                }
            };
            columns.sum_axis(Axis(0)).compute_on(threads())
        },
        checksum,
    )
}

/// What small chunks cost, beside the same elements in large ones.
pub fn small_chunks() -> Job {
    const SHAPE: [usize; 2] = [100, 100 * CHUNKS];
    const CHUNKS: usize = 100_000;
    let sum = |chunks: Chunks| {
        let x = Array::<f64, _>::ones(SHAPE).rechunk(chunks);
        (x + 1.0).sum().compute_on(threads())
    };
    Job::new(move || sum(Chunks::from([100, 100])), scalar)
        .beside("the same in chunks of 4 MB", None, move || sum(Chunks::from([100, 5_000])), scalar)
        .noting(|ours, beside| {
            let of_wall = (ours - beside[0]) * 1e6 / CHUNKS as f64;
            let of_threads = of_wall * THREADS as f64;
            let text = format!(
                "{of_wall:.2} µs of wall time a chunk beyond the kernels with {THREADS} threads, {of_threads:.2} µs of thread time; goal: at most 1"
            );
            let figures = vec![
                ("us_a_chunk_wall_time", of_wall),
                ("us_a_chunk_thread_time", of_threads),
            ];
            Note { text, figures }
        })
}
