//! Arrays in `graph!`, through the facade.
#![allow(clippy::unwrap_used)]

use ndarray::{Array1, Array2, Axis, Ix2};
use taskweave::array::{Array, Random};
use taskweave::prelude::*;

#[delayed]
fn spread(values: &Array1<f64>) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
        - values.iter().copied().fold(f64::MAX, f64::min)
}
#[delayed]
fn total(parts: Vec<f64>) -> f64 {
    parts.iter().sum()
}
#[delayed]
fn shifted(mut values: Array2<f64>, by: f64) -> Array2<f64> {
    values += by;
    values
}

#[test]
fn an_array_is_an_argument_like_any_other() {
    let x = Random::new(1).uniform::<f64, Ix2>([50, 40]).rechunk(7);
    let graph = graph!({
        let spreads: Vec<_> = (0..2).map(|axis| spread(x.sum_axis(Axis(axis)))).collect();
        total(spreads)
    });
    let values = x.compute().unwrap();
    let want: f64 = (0..2).map(|axis| spread(&values.sum_axis(Axis(axis)))).sum();
    assert!((graph.compute().unwrap() - want).abs() < 1e-9);
}

#[test]
fn tasks_give_arrays_their_blocks() {
    let part = |n: f64| graph!({ shifted(Array2::zeros((2, 3)), n) });
    let x = Array::from_graphs([4, 3], [2, 3], vec![part(1.0), part(2.0)]);
    assert_eq!(x.sum_axis(Axis(1)).compute().unwrap().to_vec(), [3.0, 3.0, 6.0, 6.0]);
}

#[test]
fn an_impossible_array_fails_its_task() {
    let bad = Array::<f64, _>::zeros([3]) + Array::<f64, _>::zeros([4]);
    let error = graph!({ spread(bad.clone()) }).compute().unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [3] and [4]"), "{error}");
}
