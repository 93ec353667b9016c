//! Products of matrices and tensors, against `ndarray`'s in one block.

use crate::given::Given;
use ndarray::{Array1, Array2, ArrayD, Axis, Ix1, Ix2, IxDyn};
use num_complex::Complex;
use taskweave_array::{Array, Chunks, Random};
use taskweave_runtime::{InThread, Threads};

/// A matrix of small whole numbers, of which products are exact in any order, and the same in some chunks.
fn matrix(given: &mut Given, rows: usize, columns: usize) -> (Array2<f64>, Array<f64, Ix2>) {
    let whole =
        ArrayD::from_shape_simple_fn(IxDyn(&[rows, columns]), || given.below(201) as f64 - 100.0);
    let array = given.chunked(&whole).into_dimensionality();
    (whole.into_dimensionality().unwrap(), array)
}

fn vector(given: &mut Given, len: usize) -> (Array1<f64>, Array<f64, Ix1>) {
    let (whole, array) = matrix(given, 1, len);
    (whole.index_axis_move(Axis(0), 0), array.index_axis(Axis(0), 0))
}

#[test]
fn products_of_any_shapes_in_any_chunks() {
    for seed in 0..120 {
        let mut given = Given::seed(seed);
        let longest = if seed % 20 == 0 { 500 } else { 60 };
        let [m, k, n] = [0; 3].map(|_| given.below(longest));
        let ((a, x), (b, y)) = (matrix(&mut given, m, k), matrix(&mut given, k, n));
        let ((c, v), (d, w)) = (vector(&mut given, k), vector(&mut given, k));
        let what = format!("seed {seed}, {x} and {y}");
        assert_eq!(x.dot(&y).compute().unwrap(), a.dot(&b), "{what}");
        assert_eq!(x.dot(&v).compute().unwrap(), a.dot(&c), "{what}");
        assert_eq!(v.dot(&y).compute().unwrap(), c.dot(&b), "{what}");
        assert_eq!(v.dot(&w).compute().unwrap().into_scalar(), c.dot(&d), "{what}");
        let outer = Array2::from_shape_fn((k, k), |(i, j)| c[i] * d[j]);
        assert_eq!(v.outer(&w).compute().unwrap(), outer, "{what}");
        assert_eq!(x.diag().compute().unwrap(), a.diag(), "{what}");
        assert_eq!(x.trace().compute().unwrap().into_scalar(), a.diag().sum(), "{what}");
    }
}

#[test]
fn operands_are_seen_through_views_and_functions() {
    for seed in 0..12 {
        let mut given = Given::seed(seed);
        let [m, k] = [0; 2].map(|_| 1 + given.below(300));
        let (a, x) = matrix(&mut given, m, k);
        let what = format!("seed {seed}, {x}");
        let one = x.dot(&(x.t() + 1.0)).compute().unwrap();
        assert_eq!(one, a.dot(&(&a.t() + 1.0)), "{what}");
        assert_eq!(x.t().dot(&x).compute().unwrap(), a.t().dot(&a), "{what}");
        let (y, b) = (x.slice(ndarray::s![..;-1, ..;2]), a.slice(ndarray::s![..;-1, ..;2]));
        assert_eq!(y.t().dot(&x).compute().unwrap(), b.t().dot(&a), "{what}");
        let row = Array::from_elem([1, k], 2.0).broadcast([m, k]);
        assert_eq!(x.dot(&row.t()).compute().unwrap(), a.dot(&Array2::from_elem((k, m), 2.0)));
    }
}

#[test]
fn all_numbers_have_products() {
    let bytes = Array2::from_shape_fn((40, 50), |(i, j)| (i * 7 + j * 3) as u8);
    let x = Array::from(bytes.clone());
    // Integers wrap around in their own type.
    let want = Array2::from_shape_fn((40, 40), |(i, j)| {
        (0..50).fold(0_u8, |sum, k| sum.wrapping_add(bytes[[i, k]].wrapping_mul(bytes[[j, k]])))
    });
    assert_eq!(x.dot(&x.t()).compute().unwrap(), want);
    let row = x.index_axis(Axis(0), 1);
    assert_eq!(row.dot(&row).compute().unwrap().into_scalar(), want[[1, 1]]);
    let complex = bytes.mapv(|x| Complex::new(f32::from(x), -1.0));
    let z = Array::from(complex.clone());
    assert_eq!(z.dot(&z.t()).compute().unwrap(), complex.dot(&complex.t()));
}

#[test]
fn tensordot_sums_over_any_axes() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let (ranks, shared) = ([1 + given.below(4), 1 + given.below(4)], given.below(4));
        let shared = shared.min(ranks[0]).min(ranks[1]);
        let mut shapes = ranks.map(|rank| (0..rank).map(|_| given.below(7)).collect::<Vec<_>>());
        let axes = ranks.map(|rank| {
            let mut axes: Vec<usize> = (0..rank).collect();
            for at in (1..rank).rev() {
                axes.swap(at, given.below(at + 1));
            }
            axes.truncate(shared);
            axes
        });
        for (&a, &b) in axes[0].iter().zip(&axes[1]) {
            shapes[1][b] = shapes[0][a];
        }
        let [a, b] = shapes.each_ref().map(|shape| given.whole(shape));
        let (x, y) = (given.chunked(&a), given.chunked(&b));
        let what = format!("seed {seed}, {x} and {y}, axes {axes:?}");
        let got = x.tensordot(&y, &axes[0][..], &axes[1][..]).compute().unwrap();
        assert_eq!(got, tensordot(&a, &b, &axes), "{what}");
    }
}

/// By way of matrices: the axes that stay, then those that are summed over.
fn tensordot(a: &ArrayD<f64>, b: &ArrayD<f64>, axes: &[Vec<usize>; 2]) -> ArrayD<f64> {
    let stays = |rank: usize, axes: &[usize]| -> Vec<usize> {
        (0..rank).filter(|axis| !axes.contains(axis)).collect()
    };
    let matrix = |a: &ArrayD<f64>, axes: &[usize]| {
        let free = stays(a.ndim(), axes);
        let order: Vec<usize> = free.iter().chain(axes).copied().collect();
        let shape: Vec<usize> = free.iter().map(|&axis| a.len_of(Axis(axis))).collect();
        let columns: usize = axes.iter().map(|&axis| a.len_of(Axis(axis))).product();
        let rows = shape.iter().product();
        let all: Vec<f64> = a.view().permuted_axes(IxDyn(&order)).iter().copied().collect();
        (Array2::from_shape_vec((rows, columns), all).unwrap(), shape)
    };
    let ((a, mut shape), (b, more)) = (matrix(a, &axes[0]), matrix(b, &axes[1]));
    shape.extend(more);
    let product = a.dot(&b.t()).as_standard_layout().into_owned();
    product.into_shape_with_order(IxDyn(&shape)).unwrap()
}

#[test]
fn the_same_bits_for_any_number_of_workers() {
    let x = Random::new(3).uniform::<f64, _>([700, 600]).rechunk([100, 150]);
    let product = x.t().dot(&x);
    let one = product.compute_on(&InThread).unwrap();
    for workers in [1, 2, 5] {
        assert_eq!(product.compute_on(&Threads::new(workers)).unwrap(), one);
    }
    let want = x.compute().unwrap();
    let want = want.t().dot(&want);
    assert!((&one - &want).iter().all(|error| error.abs() < 1e-10));
}

#[test]
fn bands_are_cut_to_squares_and_what_is_used_twice_is_computed_once() {
    let x = Random::new(3).uniform::<f64, _>([4000, 4000]);
    assert_eq!(x.chunk_lengths(0)[0], 130);
    let product = x.dot(&x.t());
    assert_eq!((product.chunk_lengths(0), product.chunk_lengths(1)), (vec![500; 8], vec![500; 8]));
    // 8 chunks of random numbers, and one step for each of 64 chunks of the product.
    assert!(product.to_string().contains("72 tasks"), "{product}");
}

#[test]
fn a_norm_neither_overflows_nor_gets_lost() {
    for (scale, chunk) in [(1e300_f64, 3), (1.0, 7), (1e-300, 1), (1e-310, 1000)] {
        let x = Array::from(vec![3.0 * scale, 0.0, -4.0 * scale]);
        let norm: f64 = x.rechunk(chunk).norm().compute().unwrap().into_scalar();
        assert!((norm - 5.0 * scale).abs() <= 1e-15 * norm, "{norm}");
    }
    let mixed = Array::from(vec![1e-200, 1.0, 1e200, f64::MIN_POSITIVE, 1e200]);
    for chunk in 1..6 {
        let norm = mixed.rechunk(chunk).norm().compute().unwrap().into_scalar();
        assert!((norm / 2.0_f64.sqrt() - 1e200).abs() < 1e186, "{norm}");
    }
    let norm = |values: Vec<f64>| Array::from(values).norm().compute().unwrap().into_scalar();
    assert_eq!(norm(vec![]), 0.0);
    assert_eq!(norm(vec![1.0, f64::NEG_INFINITY]), f64::INFINITY);
    assert!(norm(vec![1.0, f64::NAN, f64::INFINITY]).is_nan());
    assert_eq!(norm(vec![f64::MAX, f64::MAX]), f64::INFINITY);
    let ones = Array::<f32, _>::from_elem([300, 300], 1e30).rechunk(Chunks::bytes(4000));
    assert_eq!(ones.norm().compute().unwrap().into_scalar(), 300.0 * 1e30);
}
