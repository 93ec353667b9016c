//! What is broadcast or read across its order is computed once.

use ndarray::{Array2, Axis, Ix1, Ix2, s};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave_array::{Array, Random};

/// Elements that count how often they are made.
fn counted(n: usize) -> (Array<f64, Ix1>, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let values = Array::from_fn([n], move |[at]| {
        counter.fetch_add(1, Relaxed);
        at as f64
    });
    (values, count)
}

#[test]
fn a_row_that_is_broadcast_is_made_once() {
    let x = Array::<f64, _>::ones([60, 100]).rechunk([7, 30]);
    for chunk in [100, 9] {
        let (row, count) = counted(100);
        let row = row.rechunk([chunk]);
        let sum = (&x * &row).sum().compute().unwrap().into_scalar();
        assert_eq!((sum, count.swap(0, Relaxed)), (60.0 * 4950.0, 100));
        // A function of it too, however long the chain.
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let twice = row.mapv(move |value| {
            counter.fetch_add(1, Relaxed);
            value * 2.0
        });
        let sum = (&x + &(&twice - 1.0)).sum().compute().unwrap().into_scalar();
        assert_eq!(sum, 60.0 * (9900.0 - 100.0) + 6000.0);
        assert_eq!((calls.load(Relaxed), count.swap(0, Relaxed)), (100, 100));
        let column = twice.clone().insert_axis(Axis(1)).broadcast([100, 8]);
        assert_eq!(column.sum().compute().unwrap().into_scalar(), 8.0 * 9900.0);
        assert_eq!((calls.load(Relaxed), count.swap(0, Relaxed)), (200, 100));
    }
}

#[test]
fn random_numbers_are_the_same_whichever_way_they_are_read() {
    let x = Random::new(3).uniform::<f64, Ix2>(ndarray::Dim([50, 70])).rechunk([20, 33]);
    let all: Array2<f64> = x.compute().unwrap();
    assert_eq!(x.t().compute().unwrap(), all.t());
    assert_eq!(x.slice(s![..;-1, ..;-1]).compute().unwrap(), all.slice(s![..;-1, ..;-1]));
    assert_eq!((&x.t() + 1.0).compute().unwrap(), &all.t() + 1.0);
    let column = x.slice(s![.., 3..4]);
    let other = Array::<f64, _>::zeros([50, 40]).rechunk([11, 40]);
    let wide = all.slice(s![.., 3..4]).broadcast([50, 40]).unwrap().to_owned();
    assert_eq!((&other + &column).compute().unwrap(), wide);
    let row = x.slice(s![4, ..]);
    let outer = row.outer(&row).compute().unwrap();
    assert_eq!(outer, Array2::from_shape_fn([70, 70], |(i, j)| all[[4, i]] * all[[4, j]]));
}
