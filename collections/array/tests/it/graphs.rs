//! Arrays beside graphs: as graphs, and in one run with others.

use ndarray::{Axis, Ix2};
use taskweave_array::{Array, Random};
use taskweave_runtime::{Graph, compute};

#[test]
fn an_array_is_computed_with_other_things_in_one_run() {
    let x = Random::new(1).uniform::<f64, _>([100, 100]).rechunk(30);
    let other = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    let (sum, rows, answer) = compute((x.sum(), x.sum_axis(Axis(1)), other)).unwrap();
    assert!((sum.into_scalar() - rows.sum()).abs() < 1e-9);
    assert_eq!(answer, 21);
}

#[test]
fn an_array_with_an_error_fails_the_run() {
    let bad = Array::<f64, _>::zeros([2]) + Array::<f64, _>::zeros([3]);
    let good = Array::<f64, _>::zeros([2]);
    let error = compute((good, bad)).unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [2] and [3]"), "{error}");
    assert_eq!(taskweave_array::Error::from(error).kind(), taskweave_array::ErrorKind::Shape);
}

#[test]
fn display_counts_chunks_tasks_and_bytes() {
    let x = Array::<f64, Ix2>::from_fn([10, 6], |[i, j]| (i + j) as f64).rechunk([4, 6]);
    assert_eq!(
        x.to_string(),
        "f64 array of shape [10, 6] in chunks of [4, 6]: 3 chunks, 3 tasks, 480 bytes"
    );
    // One program for each chunk, and one task that combines.
    assert_eq!(
        (&x * 2.0 + &x).sum().to_string(),
        "f64 array of shape [] in chunks of []: 1 chunk, 4 tasks, 8 bytes"
    );
    assert_eq!(
        Array::<i16, _>::zeros([3 << 20]).to_string(),
        "i16 array of shape [3145728] in chunks of [1572864]: 2 chunks, 2 tasks, 6.0 MiB"
    );
    assert_eq!(format!("{x:?}"), x.to_string());
}

#[test]
fn only_the_chunks_that_are_looked_at_get_tasks() {
    let x = Array::<f64, Ix2>::zeros([1000, 1000]).rechunk(10);
    let y = x.mapv(|x| x + 1.0);
    let blocks = &y + y.mapv(|y| y * 2.0);
    let corner = (blocks.rechunk(25)).slice(ndarray::s![..20, ..20]);
    assert_eq!(corner.chunk_count(), 1);
    assert!(corner.to_string().contains("11 tasks"), "{corner}");
    assert_eq!(corner.compute().unwrap().sum(), 1200.0);
}
