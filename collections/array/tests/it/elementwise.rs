//! Operators and functions, against the same in one block.

use crate::given::Given;
use ndarray::{ArrayD, arr1, arr2};
use taskweave_array::Array;
use taskweave_runtime::{InThread, Threads};

/// A shape that broadcasts against `shape`.
fn partner(given: &mut Given, shape: &[usize]) -> Vec<usize> {
    let skipped = given.below(shape.len() + 1);
    shape[skipped..].iter().map(|&len| if given.below(3) == 0 { 1 } else { len }).collect()
}

#[test]
fn chains_of_any_shape_in_any_chunks_are_those_in_one_block() {
    let threads = Threads::new(3);
    for seed in 0..300 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, b) = (given.whole(&shape), given.whole(&partner(&mut Given::seed(seed), &shape)));
        let (x, y) = (given.chunked(&a), given.chunked(&b));
        let got = (&x + &y) * 2.0 - (&x * &y - 3.0 / (y.abs() + 1.0)).maximum(-&x);
        let (left, right) = (&a * &b - 3.0 / (b.abs() + 1.0), -&a);
        let mut greater = left.clone();
        ndarray::Zip::from(&mut greater).and_broadcast(&right).for_each(|l, &r| *l = l.max(r));
        let want = (&a + &b) * 2.0 - greater;
        assert_eq!(got.shape(), want.shape(), "seed {seed}");
        assert_eq!(got.compute_on(&InThread).unwrap(), want, "seed {seed}, {got}");
        assert_eq!(got.compute_on(&threads).unwrap(), want, "seed {seed}, {got}");
        assert_eq!(got.to_graph().unwrap().compute().unwrap(), want, "seed {seed}, {got}");
    }
}

#[test]
fn functions_are_those_of_the_standard_library_within_an_ulp_or_two() {
    let a = ndarray::Array1::from_iter((-4000..4000).map(|n| f64::from(n) / 40.0));
    let x = Array::from(a.clone()).rechunk(777);
    type Case = (fn(&Array<f64, ndarray::Ix1>) -> Array<f64, ndarray::Ix1>, fn(f64) -> f64);
    let cases: [Case; 24] = [
        (Array::exp, f64::exp),
        (Array::exp2, f64::exp2),
        (Array::exp_m1, f64::exp_m1),
        (Array::ln, f64::ln),
        (Array::log2, f64::log2),
        (Array::log10, f64::log10),
        (Array::ln_1p, f64::ln_1p),
        (Array::sin, f64::sin),
        (Array::cos, f64::cos),
        (Array::tan, f64::tan),
        (Array::asin, f64::asin),
        (Array::acos, f64::acos),
        (Array::atan, f64::atan),
        (Array::sinh, f64::sinh),
        (Array::cosh, f64::cosh),
        (Array::tanh, f64::tanh),
        (Array::asinh, f64::asinh),
        (Array::acosh, f64::acosh),
        (Array::cbrt, f64::cbrt),
        (Array::sqrt, f64::sqrt),
        (Array::floor, f64::floor),
        (Array::ceil, f64::ceil),
        (Array::round, f64::round_ties_even),
        (Array::trunc, f64::trunc),
    ];
    for (number, (ours, std)) in cases.into_iter().enumerate() {
        let (got, want) = (ours(&x).compute().unwrap(), a.mapv(std));
        for (got, want) in got.iter().zip(&want) {
            let is_same = got.is_nan() && want.is_nan() || got == want;
            assert!(
                is_same || (got - want).abs() <= 4e-16 * want.abs(),
                "case {number}: {got} {want}"
            );
        }
    }
}

#[test]
fn two_arguments_and_conditions() {
    let x = Array::from(arr2(&[[1.0, -2.0, f64::NAN], [0.0, 3.5, -0.5]])).rechunk([1, 2]);
    let row = Array::from(arr1(&[0.5, 2.0, 1.0]));
    let compute = |x: &Array<f64, ndarray::Ix2>| x.compute().unwrap();
    assert_eq!(compute(&x.maximum(&row)).row(1).to_vec(), [0.5, 3.5, 1.0]);
    assert!(
        compute(&x.minimum(&row))[[0, 2]].is_nan() && compute(&x.maximum(0.0))[[0, 2]].is_nan()
    );
    assert_eq!(compute(&x.clip(-1.0, 1.0)).row(0).to_vec()[..2], [1.0, -1.0]);
    assert!(compute(&x.clip(-1.0, 1.0))[[0, 2]].is_nan());
    assert_eq!(compute(&x.powi(2)).row(1).to_vec(), [0.0, 12.25, 0.25]);
    assert_eq!(compute(&x.powf(2.0)).row(1).to_vec(), [0.0, 12.25, 0.25]);
    assert_eq!(compute(&x.hypot(0.0)).row(1).to_vec(), [0.0, 3.5, 0.5]);
    assert_eq!(compute(&x.atan2(&row))[[1, 0]], 0.0);
    assert_eq!(compute(&x.signum()).row(1).to_vec(), [0.0, 1.0, -1.0]);
    let is_less = x.lt(&row).compute().unwrap();
    assert_eq!(is_less, arr2(&[[false, true, false], [true, false, true]]));
    assert_eq!(x.is_nan().count_nonzero().compute().unwrap().into_scalar(), 1);
    assert_eq!((!x.is_nan() & x.gt(0.0)).compute().unwrap().row(0).to_vec(), [true, false, false]);
    assert_eq!(compute(&x.is_nan().where_(7.0, &x)).row(0).to_vec(), [1.0, -2.0, 7.0]);
    assert!(x.equal(&x).compute().unwrap()[[0, 0]] && !x.equal(&x).compute().unwrap()[[0, 2]]);
    assert!(x.not_equal(&x).compute().unwrap()[[0, 2]]);
    let wide = Array::from(vec![1.0, f64::INFINITY, f64::NAN]);
    assert_eq!(wide.is_finite().compute().unwrap().to_vec(), [true, false, false]);
    assert_eq!(wide.is_infinite().compute().unwrap().to_vec(), [false, true, false]);
}

#[test]
fn integers_wrap_and_a_division_by_zero_is_an_error_with_its_line() {
    let x = Array::from(vec![100_i8, -128, 7]);
    assert_eq!((&x + 100).compute().unwrap().to_vec(), [-56, -28, 107]);
    assert_eq!((-&x).compute().unwrap().to_vec(), [-100, -128, -7]);
    assert_eq!((&x / -1).compute().unwrap().to_vec(), [-100, -128, -7]);
    assert_eq!(x.abs().compute().unwrap().to_vec(), [100, -128, 7]);
    assert_eq!((&x % 30).compute().unwrap().to_vec(), [10, -8, 7]);
    assert_eq!((5 - &x).compute().unwrap().to_vec(), [-95, -123, -2]);
    assert_eq!((&x ^ 1).compute().unwrap().to_vec(), [101, -127, 6]);
    let line = line!() + 1;
    let quotient = &x / (&x - 7);
    let error = (quotient + 1).compute().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "array (collections/array/tests/it/elementwise.rs:{line}): divide: an integer is divided by zero at index [2]: put another divisor there, as `y.equal(0).where_(1, &y)` does"
        )
    );
    assert_eq!(error.location().unwrap().line(), line);
}

#[test]
fn what_is_read_in_two_places_is_computed_once_and_what_nobody_reads_not_at_all() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let x = Array::<f64, ndarray::Ix2>::from_fn([40, 50], |[i, j]| (i + j) as f64).rechunk(7);
    let y = x.mapv(move |value| {
        counted.fetch_add(1, SeqCst);
        value * 2.0
    });
    let norm = ((&y - y.mean()) / y.std(0.0)).sum();
    assert!(norm.compute().unwrap().into_scalar().abs() < 1e-9);
    assert_eq!(calls.swap(0, SeqCst), 2000);
    // Reductions of the same axes share one pass.
    let spread = y.std(0.0) / y.mean() + y.max() - y.min();
    assert_eq!(
        spread.to_string(),
        "f64 array of shape [] in chunks of []: 1 chunk, 77 tasks, 8 bytes"
    );
    spread.compute().unwrap();
    assert_eq!(calls.swap(0, SeqCst), 2000);
    // Within one program too.
    (&y * &y + &y).sum().compute().unwrap();
    assert_eq!(calls.swap(0, SeqCst), 2000);
    // Seen from another side it is another value of each program, so it is computed as blocks.
    (&y.slice(ndarray::s![..40, ..40]) + &y.slice(ndarray::s![..40, ..40]).t())
        .sum()
        .compute()
        .unwrap();
    assert_eq!(calls.swap(0, SeqCst), 40 * 42, "whole chunks of what is read");
    y.slice(ndarray::s![0..7, 0..7]).compute().unwrap();
    assert_eq!(calls.swap(0, SeqCst), 49);
}

#[test]
fn a_chain_of_a_hundred_thousand_steps_needs_no_deep_stack() {
    let computed = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
        let mut x = Array::<f64, _>::zeros([3]);
        for _ in 0..100_000 {
            x += 1.0;
        }
        x.compute().unwrap()
    });
    let computed: ndarray::Array1<f64> = computed.unwrap().join().unwrap();
    assert_eq!(computed.to_vec(), [100_000.0; 3]);
}

#[test]
fn the_same_bits_for_any_number_of_workers() {
    let x = taskweave_array::Random::new(3).normal::<f64, _>([300, 400]).rechunk([37, 61]);
    let y = (x.sin() * 2.0 + &x * &x).sum_axis(ndarray::Axis(0));
    let want = y.compute_on(&InThread).unwrap();
    for workers in [1, 2, 5] {
        let got = y.compute_on(&Threads::new(workers)).unwrap();
        assert!(got.iter().zip(&want).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn casts_are_rusts() {
    let x = Array::from(vec![-1.5, 255.9, 1e300, f64::NAN]);
    assert_eq!(x.cast::<u8>().compute().unwrap().to_vec(), [0, 255, 255, 0]);
    assert_eq!(x.cast::<f32>().compute().unwrap()[2], f32::INFINITY);
    let z = x.cast::<num_complex::Complex<f64>>();
    assert_eq!(
        (&z * num_complex::Complex::i()).compute().unwrap()[0],
        num_complex::Complex::new(0.0, -1.5)
    );
    let n = Array::from(vec![300_i32, -1]);
    assert_eq!(n.cast::<u8>().compute().unwrap().to_vec(), [44, 255]);
    assert_eq!(n.cast::<bool>().cast::<u64>().sum().compute().unwrap().into_scalar(), 2);
}

#[test]
fn an_array_of_no_elements_goes_through_everything() {
    for shape in [vec![0], vec![0, 3], vec![3, 0], vec![2, 0, 2]] {
        let x = Array::<f64, _>::zeros(ndarray::IxDyn(&shape));
        let y = ((&x + 1.0) * &x).sin();
        assert_eq!(y.compute().unwrap(), ArrayD::<f64>::zeros(ndarray::IxDyn(&shape)));
        assert_eq!(y.sum().compute().unwrap().into_scalar(), 0.0);
        assert!(y.mean().compute().unwrap().into_scalar().is_nan());
    }
}

#[test]
fn clipped_as_numpy_does() {
    // numpy 2.4.6: np.clip of these, by (0, 2), (3, 1), (nan, 2), (0, nan).
    let nan = f64::NAN;
    let x = Array::from(vec![1.0, nan, -0.0, 5.0, -3.0]).rechunk(2);
    let clip = |low, high| x.clip(low, high).compute().unwrap().to_vec();
    assert_eq!(format!("{:?}", clip(0.0, 2.0)), "[1.0, NaN, -0.0, 2.0, 0.0]");
    assert_eq!(format!("{:?}", clip(3.0, 1.0)), "[1.0, NaN, 1.0, 1.0, 1.0]");
    assert!(clip(nan, 2.0).iter().all(|x| x.is_nan()) && clip(0.0, nan).iter().all(|x| x.is_nan()));
    assert_eq!(Array::arange(0, 5, 1).clip(1, 3).compute().unwrap().to_vec(), [1, 1, 2, 3, 3]);
}

#[test]
fn complex_quotients_are_right_where_squares_are_out_of_range() {
    let z = |re, im| num_complex::Complex::<f64>::new(re, im);
    // NumPy's values.
    let cases = [
        (z(1e200, 1e200), z(1e200, 1e200), z(1.0, 0.0)),
        (z(1e-200, 1e-200), z(1e-200, 1e-200), z(1.0, 0.0)),
        (z(1e300, 0.0), z(1e300, 1.0), z(1.0, -1e-300)),
        (z(3.0, 4.0), z(0.0, 2.0), z(2.0, -1.5)),
        (z(3.0, 4.0), z(1.0, 2.0), z(2.2, -0.4)),
    ];
    let of = |part: fn(&(_, _, _)) -> _| Array::from(cases.iter().map(part).collect::<Vec<_>>());
    let quotients = (of(|case| case.0) / of(|case| case.1)).compute().unwrap();
    for (quotient, (_, _, right)) in quotients.iter().zip(cases) {
        assert!((quotient - right).norm() <= 1e-15 * right.norm(), "{quotient} and not {right}");
    }
    let by_zero = Array::from(vec![z(1.0, 0.0)]) / Array::from(vec![z(0.0, 0.0)]);
    let by_zero = by_zero.compute().unwrap()[0];
    assert!(by_zero.re.is_infinite() && by_zero.im.is_nan());
    let small = num_complex::Complex::<f32>::new(1e25, 0.0);
    let one = (Array::from(vec![small]) / Array::from(vec![small])).compute().unwrap()[0];
    assert_eq!(one, num_complex::Complex::new(1.0, 0.0));
}

#[test]
fn an_array_of_ndarray_is_an_operand_on_either_side() {
    let a = ndarray::Array2::from_shape_fn((4, 3), |(i, j)| (10 * i + j) as f64 - 7.0);
    let row = arr1(&[1.0, -2.0, 4.0]);
    let x = Array::from(a.clone()).rechunk([2, 1]);
    let compute = |x: Array<f64, ndarray::Ix2>| x.compute().unwrap();
    assert_eq!(compute(&x + row.clone()), &a + &row);
    assert_eq!(compute(x.clone() - row.clone().into_shared()), &a - &row);
    assert_eq!(compute(row.clone() / &x), &row / &a);
    assert_eq!(compute(row.clone().into_shared() * x.clone()), &a * &row);
    assert_eq!(compute(a.clone() % x.maximum(row.clone())), {
        &a % &ndarray::Zip::from(&a).and_broadcast(&row).map_collect(|a, b| a.max(*b))
    });
    let is_less = x.lt(row.clone()).compute().unwrap();
    assert_eq!(is_less, ndarray::Zip::from(&a).and_broadcast(&row).map_collect(|a, b| a < b));
    let mut y = x.clone();
    y += row.clone();
    y *= 2.0;
    y -= &x;
    assert_eq!(compute(y), (&a + &row) * 2.0 - &a);
    // A literal has the type of the elements, as before.
    let single = Array::<f32, _>::ones([2]) * 0.5 + arr1(&[1.0, 2.0]);
    assert_eq!(single.compute().unwrap(), arr1(&[1.5_f32, 2.5]));
    let error = (&x + arr1(&[1.0, 2.0])).check().unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [4, 3] and [2]"), "{error}");
    assert!(error.location().is_some_and(|at| at.file() == file!()));
    let error = (arr1(&[1.0, 2.0]) - &x).check().unwrap_err();
    assert!(error.to_string().contains("cannot subtract shapes [2] and [4, 3]"), "{error}");
    assert!(error.location().is_some_and(|at| at.file() == file!()));
}

#[test]
fn arrays_are_added_by_sum_of_an_iterator() {
    let arrays: Vec<Array<f64, ndarray::Ix1>> =
        (0..5).map(|at| Array::from_elem([4], f64::from(at)).rechunk(at as usize + 1)).collect();
    let sum: Array<f64, ndarray::Ix1> = arrays.iter().sum();
    assert_eq!(sum.compute().unwrap().to_vec(), [10.0; 4]);
    assert_eq!(arrays.into_iter().sum::<Array<_, _>>().compute().unwrap().to_vec(), [10.0; 4]);
    // An axis of length 1 is that of the others, as for operators.
    let rows = [Array::<i32, ndarray::Ix2>::ones([1, 2]), Array::ones([3, 2])];
    assert_eq!(rows.iter().sum::<Array<_, _>>().shape(), [3, 2]);
    let wrong = [Array::<i32, ndarray::Ix1>::ones([3]), Array::ones([2])];
    let error = wrong.into_iter().sum::<Array<_, _>>().check().unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [3] and [2]"), "{error}");
    assert!(error.location().unwrap().file().ends_with("elementwise.rs"), "{error}");
    let none = std::iter::empty::<Array<i32, ndarray::Ix1>>().sum::<Array<_, _>>();
    let error = none.compute().unwrap_err();
    assert_eq!(error.kind(), taskweave_array::ErrorKind::Value);
    assert!(error.to_string().contains("a sum of no arrays has no shape; begin with"), "{error}");
}
