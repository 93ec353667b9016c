//! Factorisations and what follows from them: against what they have to be, and against NumPy's (`tests/numpy/linalg.py`).

use crate::given::Given;
use ndarray::{Array1, Array2, ArrayD, Ix1, Ix2, IxDyn};
use std::collections::HashMap;
use taskweave_array::{Array, ErrorKind, Random, SvdOptions};
use taskweave_runtime::{InThread, Threads, compute, compute_on};

/// The largest absolute value.
fn largest(a: &Array2<f64>) -> f64 {
    a.iter().fold(0.0, |max: f64, x| if x.is_nan() { f64::NAN } else { max.max(x.abs()) })
}

fn is_small(a: &Array2<f64>) -> bool {
    largest(a) < 1e-11
}

fn is_orthonormal(q: &Array2<f64>) -> bool {
    is_small(&(q.t().dot(q) - Array2::<f64>::eye(q.ncols())))
}

/// A matrix of normal numbers in some chunks, small in some columns, now and then of less than full rank.
fn matrix(given: &mut Given, rows: usize, columns: usize) -> (Array2<f64>, Array<f64, Ix2>) {
    let random = Random::new(given.next()).normal::<f64, Ix2>([rows, columns]);
    let mut whole = random.compute().unwrap();
    if columns > 2 && given.below(4) == 0 {
        let copy = whole.column(0).to_owned();
        whole.column_mut(columns - 1).assign(&copy);
    }
    let chunks = given.chunks(&[rows, columns]);
    (whole.clone(), Array::from(whole).rechunk(chunks))
}

#[test]
fn qr_gives_back_the_matrix_from_orthonormal_columns() {
    for seed in 0..80 {
        let mut given = Given::seed(seed);
        let (m, n) = (given.below([9, 60, 500][seed as usize % 3]), given.below(9));
        let (a, x) = matrix(&mut given, m, n);
        let what = format!("seed {seed}, {x}");
        let (q, r) = x.qr();
        let k = m.min(n);
        assert_eq!((q.shape(), r.shape()), (&[m, k][..], &[k, n][..]), "{what}");
        let (q, r) = compute((q, r)).unwrap();
        assert!(is_small(&(q.dot(&r) - &a)) && is_orthonormal(&q), "{what}");
        assert!(r.indexed_iter().all(|((i, j), &r)| j >= i || r == 0.0), "{what}");
        assert!(r.diag().iter().all(|&r| r >= 0.0), "{what}");
    }
}

#[test]
fn matrices_of_many_columns_with_copies_and_zeros_are_factorised() {
    for (rows, columns, chunk) in [(900, 150, 900), (900, 150, 300), (70, 200, 70), (260, 260, 50)]
    {
        let random = Random::new(3).normal::<f64, Ix2>([rows, columns]);
        let mut a = random.compute().unwrap();
        let copy = a.column(7).to_owned();
        a.column_mut(40).assign(&copy);
        a.column_mut(60).fill(0.0);
        a.column_mut(columns - 1).assign(&copy);
        let x = Array::from(a.clone()).rechunk([chunk, columns]);
        let (q, r) = compute(x.qr()).unwrap();
        let what = format!("{rows} x {columns} in {chunk}");
        assert!(is_orthonormal(&q) && is_small(&(q.dot(&r) - &a)), "{what}");
        let (u, s, vt) = compute(x.svd()).unwrap();
        assert!(is_small(&((&u * &s).dot(&vt) - &a)), "{what}");
        // Of a square R, and so of U, the null space is as orthonormal as the rest.
        assert!(is_orthonormal(&u) && is_orthonormal(&vt.t().to_owned()), "{what}");
    }
}

#[test]
fn large_arrays_of_one_run_are_put_together_by_all_workers() {
    let x = Random::new(6).uniform::<f64, Ix2>([1100, 1000]).rechunk([170, 300]);
    let y = &x + 1.0;
    let (x_alone, y_alone) = (x.compute().unwrap(), y.compute().unwrap());
    for workers in [1, 2, 3] {
        let both = compute_on((x.clone(), y.clone()), &Threads::new(workers)).unwrap();
        assert!(both.0 == x_alone && both.1 == y_alone, "{workers} workers");
    }
    let both = compute_on((x, y), &InThread).unwrap();
    assert!(both.0 == x_alone && both.1 == y_alone);
}

#[test]
fn of_numbers_that_are_not_finite_all_factors_are_nan() {
    for (bad, at) in [(f64::NAN, (500, 2)), (f64::INFINITY, (3, 1)), (f64::NAN, (1999, 4))] {
        for chunk in [2000, 300] {
            let mut a = Array2::from_shape_fn((2000, 5), |(i, j)| ((i * 7 + j * 3) % 11) as f64);
            a[at] = bad;
            let (q, r) = compute(Array::from(a).rechunk([chunk, 5]).qr()).unwrap();
            assert!(q.iter().chain(&r).all(|x| x.is_nan()), "{at:?} in {chunk}");
        }
    }
}

#[test]
fn tiny_and_huge_matrices_are_factorised_as_those_near_one() {
    let hilbert = Array2::from_shape_fn((24, 6), |(i, j)| 1.0 / (i + j + 1) as f64);
    let (_, values, _) = compute(Array::from(hilbert.clone()).svd()).unwrap();
    for scale in [1e-300, 1e-160, 1e160, 1e300] {
        for chunk in [24, 12] {
            let x = Array::from(&hilbert * scale).rechunk([chunk, 6]);
            let (q, r) = compute(x.qr()).unwrap();
            assert!(is_orthonormal(&q) && is_small(&(q.dot(&(r / scale)) - &hilbert)), "{scale}");
            let (_, scaled, _) = compute(x.svd()).unwrap();
            assert!((scaled / scale - &values).iter().all(|x| x.abs() < 1e-15), "{scale}");
        }
    }
    let a = ndarray::arr2(&[[1_f32, 1.0], [1.0, 1.01], [1.0, 0.99]]);
    let (_, values, _) = compute(Array::from(a * 1e-36).svd()).unwrap();
    assert!((values[1] / 1e-36 - 0.01).abs() < 1e-6, "{values}");
    let huge = Array2::from_shape_fn(
        (300, 2),
        |(i, j)| if j == 0 { 1e307 } else { (i % 2) as f64 * 1e307 },
    );
    let (_, r) = compute(Array::from(huge).qr()).unwrap();
    assert!((r[[0, 0]] / (300_f64.sqrt() * 1e307) - 1.0).abs() < 1e-14, "{r}");
}

#[test]
fn chunks_that_are_factorised_in_pieces_are_the_factors_chunks() {
    let x = Random::new(4).normal::<f64, Ix2>([90_000, 12]).rechunk([80_000, 12]);
    let (q, r) = x.qr();
    assert_eq!(q.chunk_lengths(0), [80_000, 10_000]);
    let (q, r, x) = compute((q, r, x)).unwrap();
    assert!(is_orthonormal(&q) && is_small(&(q.dot(&r) - x)));
}

#[test]
fn a_tree_of_three_levels_gives_the_same_factors_as_one_block() {
    let x = Random::new(5).normal::<f64, _>([2000, 3]).rechunk([20, 3]);
    let (q, r) = x.qr();
    let (q_whole, r_whole) = x.rechunk([2000, 3]).qr();
    // 100 bands of random numbers and their factors, 13 and 2 merged ones and one above; 2, 13, 100 and 100 on the way down.
    assert!(q.to_string().contains("100 chunks, 431 tasks"), "{q}");
    let (q, r, q_whole, r_whole) = compute((q, r, q_whole, r_whole)).unwrap();
    assert!(is_small(&(q - q_whole)) && is_small(&(r - r_whole)));
}

#[test]
fn svd_gives_back_the_matrix_and_has_fixed_signs() {
    for seed in 0..80 {
        let mut given = Given::seed(seed);
        let (mut m, mut n) = (given.below([9, 60, 300][seed as usize % 3]), given.below(9));
        if given.below(2) == 0 {
            (m, n) = (n, m);
        }
        let (a, x) = matrix(&mut given, m, n);
        let what = format!("seed {seed}, {x}");
        let (u, s, vt) = compute(x.svd()).unwrap();
        assert!(is_small(&((&u * &s).dot(&vt) - &a)), "{what}");
        assert!(is_orthonormal(&u) && is_orthonormal(&vt.t().to_owned()), "{what}");
        assert!(s.iter().is_sorted_by(|a, b| a >= b) && s.iter().all(|&s| s >= 0.0), "{what}");
        let small = if m >= n { vt } else { u.t().to_owned() };
        for row in small.rows() {
            let peak = row.iter().fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
            assert!(peak > 0.0, "{what}");
        }
    }
}

#[test]
fn factors_are_the_same_bits_for_any_number_of_workers() {
    let (u, _, vt) = Random::new(2).normal::<f64, _>([1500, 7]).rechunk([50, 7]).svd();
    let (u_one, vt_one) = (u.compute_on(&InThread).unwrap(), vt.compute_on(&InThread).unwrap());
    for workers in [1, 2, 5] {
        assert_eq!(u.compute_on(&Threads::new(workers)).unwrap(), u_one);
        assert_eq!(vt.compute_on(&Threads::new(workers)).unwrap(), vt_one);
    }
}

#[test]
fn single_precision_is_factorised_in_its_own() {
    let x = Random::new(2).normal::<f32, _>([300, 6]).rechunk([50, 6]);
    let (q, r) = x.qr();
    assert!((q.dot(&r) - &x).norm().compute().unwrap().into_scalar() < 1e-4);
    let (u, s, vt) = x.svd();
    assert!(((u * s).dot(&vt) - &x).norm().compute().unwrap().into_scalar() < 1e-4);
}

#[test]
fn compressed_svd_finds_the_largest_of_falling_singular_values() {
    let mut random = Random::new(8);
    let (left, _) = random.normal::<f64, Ix2>([600, 40]).qr();
    let (right, _) = random.normal::<f64, Ix2>([300, 40]).qr();
    let values = Array1::from_shape_fn(40, |i| 0.8_f64.powi(i as i32));
    for is_turned in [false, true] {
        let x = (&left * &Array::from(values.clone())).dot(&right.t());
        let x = if is_turned { x.t() } else { x };
        let found = x.svd_compressed(10, SvdOptions::default());
        let rest = (found.u.clone() * found.s.clone()).dot(&found.vt) - &x;
        let (s, error, rest, all) = compute((found.s, found.error, rest.norm(), x.norm())).unwrap();
        for (found, want) in s.iter().zip(&values) {
            assert!((found / want - 1.0).abs() < 1e-6, "{found} {want}");
        }
        assert!(
            (error.into_scalar() / (rest.into_scalar() / all.into_scalar()) - 1.0).abs() < 1e-6
        );
    }
}

#[test]
fn solutions_solve() {
    for seed in 0..30 {
        let mut given = Given::seed(seed);
        let (n, sides) = (given.below(40), 1 + given.below(5));
        let (a, x) = matrix(&mut given, n, n);
        let a = a + Array2::<f64>::from_diag_elem(n, 8.0);
        let x = x + Array::eye(n) * 8.0;
        let (b, y) = matrix(&mut given, n, sides);
        let what = format!("seed {seed}, {x} and {y}");
        let close = |x: &Array2<f64>, a: &Array2<f64>| largest(&(a.dot(x) - &b)) < 1e-9;
        assert!(close(&x.solve(&y).compute().unwrap(), &a), "{what}");
        assert!(close(&x.lstsq(&y).compute().unwrap(), &a), "{what}");
        let first = y.index_axis(ndarray::Axis(1), 0);
        let solution = x.solve(&first).compute().unwrap();
        assert!((a.dot(&solution) - b.column(0)).iter().all(|x| x.abs() < 1e-9), "{what}");
        let definite = x.dot(&x.t());
        let l = definite.cholesky().compute().unwrap();
        assert!(largest(&(l.dot(&l.t()) - a.dot(&a.t()))) < 1e-9, "{what}");
        assert!(l.indexed_iter().all(|((i, j), &l)| j <= i || l == 0.0), "{what}");
    }
}

/// What NumPy has made, by name.
fn numpy() -> HashMap<&'static str, ArrayD<f64>> {
    let line = |line: &'static str| {
        let mut parts = line.split(' ');
        let (name, shape) = (parts.next().unwrap(), parts.next().unwrap());
        let shape: Vec<usize> = shape.split('x').filter_map(|len| len.parse().ok()).collect();
        let values = parts.map(|x| x.parse().unwrap()).collect();
        (name, ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap())
    };
    include_str!("../numpy/linalg.txt").lines().map(line).collect()
}

#[test]
fn numpy_finds_the_same() {
    let numpy = numpy();
    let get = |name: &str| Array::from_ndarray(numpy[name].clone());
    let matrix = |name: &str| get(name).into_dimensionality::<Ix2>().rechunk(2);
    let check = |name: &str, got: ArrayD<f64>| {
        let want = &numpy[name];
        assert_eq!(got.shape(), want.shape(), "{name}");
        let error = got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-12, "{name}: {got} and {want}");
    };
    for name in ["tall", "wide", "square"] {
        let a = matrix(&format!("{name}.a"));
        let ((q, r), (u, s, vt)) = (a.qr(), a.svd());
        for (part, x) in [("q", q), ("r", r), ("u", u), ("vt", vt)] {
            check(&format!("{name}.{part}"), x.compute().unwrap().into_dyn());
        }
        check(&format!("{name}.s"), s.compute().unwrap().into_dyn());
        let b = get(&format!("{name}.b"));
        check(&format!("{name}.lstsq"), a.lstsq(&b).compute().unwrap());
        check(&format!("{name}.norm"), a.norm().compute().unwrap().into_dyn());
    }
    check("definite.l", matrix("definite.a").cholesky().compute().unwrap().into_dyn());
    check("system.x", matrix("system.a").solve(&get("system.b")).compute().unwrap());
    let tensor = get("tensor.a").tensordot(&get("tensor.b"), [2, 0], [0, 1]);
    check("tensor.x", tensor.compute().unwrap());
}

/// Asserts kind and text of an error that comes when the array is computed, and that it names the line.
#[track_caller]
fn fails<D: ndarray::Dimension + 'static>(x: &Array<f64, D>, kind: ErrorKind, text: &str) {
    x.check().unwrap();
    let error = x.compute().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.location().unwrap().file(), file!());
    assert!(error.to_string().contains(text), "{error}");
}

#[test]
fn what_has_no_factors_is_said_when_it_is_computed() {
    let with_nan = |rows: usize, columns: usize| {
        let mut a =
            Array2::<f64>::eye(rows.max(columns)).slice_move(ndarray::s![..rows, ..columns]);
        a[[1, 1]] = f64::NAN;
        Array::from(a)
    };
    for (rows, columns) in [(50, 3), (3, 50), (4, 4)] {
        let text = format!(
            "): svd of a matrix of shape [{rows}, {columns}]: element (1, 1) is NaN; all have to be finite"
        );
        let (u, s, vt) = with_nan(rows, columns).svd();
        fails(&u, ErrorKind::NonFinite, &text);
        fails(&s, ErrorKind::NonFinite, &text);
        fails(&vt, ErrorKind::NonFinite, &text);
    }
    let infinite = Array::from_elem([9, 2], f64::INFINITY);
    let text = "svd of a matrix of shape [9, 2]: element (0, 0) is inf; all have";
    fails(&infinite.svd().1, ErrorKind::NonFinite, text);
    // In whatever chunk it is, and whichever way the matrix is cut: of several the first one of its row or column.
    for chunks in [[20, 3], [7, 2], [200, 3]] {
        let mut a = Array2::<f64>::ones((200, 3));
        (a[[137, 1]], a[[137, 2]], a[[151, 0]]) = (f64::NEG_INFINITY, f64::NAN, f64::NAN);
        let x = Array::from(a).rechunk(chunks);
        let text = "svd of a matrix of shape [200, 3]: element (137, 1) is -inf; all";
        fails(&x.svd().1, ErrorKind::NonFinite, text);
        let text = "svd of a matrix of shape [3, 200]: element (1, 137) is -inf; all";
        fails(&x.t().svd().1, ErrorKind::NonFinite, text);
    }
    // Finite elements whose singular values are not.
    let text = "its singular values are beyond the range of its elements; divide it by its largest";
    fails(&Array::from_elem([50, 2], f64::MAX).svd().1, ErrorKind::NonFinite, text);
    let row = Array::from(ndarray::arr2(&[[f64::MAX, 0.9 * f64::MAX], [0.0, 0.0]]));
    fails(&row.svd().1, ErrorKind::NonFinite, text);
    // What is made of it names itself, and the matrix that it was called with.
    for (rows, columns) in [(50, 3), (3, 50), (4, 4)] {
        let matrix = with_nan(rows, columns).rechunk([7, 7]);
        let found = matrix.svd_compressed(2, Default::default());
        let text = format!("): svd_compressed of a matrix of shape [{rows}, {columns}]: it has");
        fails(&found.u, ErrorKind::NonFinite, &text);
        fails(&found.s, ErrorKind::NonFinite, &text);
        fails(&found.vt, ErrorKind::NonFinite, &text);
        fails(&found.error, ErrorKind::NonFinite, &text);
        let solved = matrix.lstsq(&Array::<f64, Ix1>::ones([rows]));
        let text = format!(
            "): lstsq of a matrix of shape [{rows}, {columns}]: element (1, 1) is NaN; all"
        );
        fails(&solved, ErrorKind::NonFinite, &text);
    }
    fails(
        &with_nan(3, 3).cholesky(),
        ErrorKind::NonFinite,
        "element (1, 1) is NaN; all have to be finite",
    );
    let ones = Array::<f64, Ix2>::ones([3, 3]);
    fails(
        &ones.solve(&Array::<f64, Ix1>::ones([3])),
        ErrorKind::Singular,
        "solve of a matrix of shape [3, 3]: it is singular, as pivot 1 is zero; `lstsq` gives",
    );
    fails(
        &(ones - Array::eye(3) * 2.0).cholesky(),
        ErrorKind::Singular,
        "cholesky of a matrix of shape [3, 3]: it is not positive definite, as row 0 shows",
    );
}

#[test]
fn what_cannot_have_factors_is_said_at_once() {
    let matrix = |rows, columns| Array::<f64, Ix2>::ones([rows, columns]);
    let text = |error: Result<(), taskweave_array::Error>| {
        let error = error.unwrap_err();
        assert_eq!(error.location().unwrap().file(), file!());
        error.to_string()
    };
    let error = text(matrix(4, 3).cholesky().check());
    assert!(
        error.contains("cholesky of a matrix of shape [4, 3], which has to be square"),
        "{error}"
    );
    let error = text(matrix(4, 3).solve(&matrix(4, 1)).check());
    assert!(error.contains("which has to be square; `lstsq` takes any shape"), "{error}");
    for error in [
        text(matrix(3, 3).solve(&matrix(4, 1)).check()),
        text(matrix(3, 2).lstsq(&matrix(4, 1)).check()),
    ] {
        assert!(error.contains("and right-hand sides of shape [4, 1], which have to be a vector of length 3 or a matrix of so many rows"), "{error}");
    }
    let error = text(matrix(4, 3).svd_compressed(4, SvdOptions::default()).vt.check());
    assert!(error.contains("svd_compressed with 4 singular values of a matrix of shape [4, 3], which has 3; ask for 1 to 3"), "{error}");
    // An error goes through.
    let none = matrix(4, 3).dot(&matrix(4, 3));
    assert!(text(none.qr().0.check()).contains("no dot product"));
    assert!(text(none.svd().1.check()).contains("no dot product"));
    assert!(
        text(none.svd_compressed(1, SvdOptions::default()).error.check())
            .contains("no dot product")
    );
    assert!(text(matrix(4, 4).lstsq(&none).check()).contains("no dot product"));
}

#[test]
fn singular_values_of_tiny_and_huge_matrices_keep_their_digits() {
    for scale in [1e-300, 1e-200, 1.0, 1e200, 1e300] {
        let x = Array::from(ndarray::arr2(&[[3.0 * scale, 0.0], [4.0 * scale, 5.0 * scale]]));
        let values = (x.svd().1 / scale).compute().unwrap();
        // Of [[3, 0], [4, 5]]: 3 times the root of 5, and the root of 5.
        let root = 5.0_f64.sqrt();
        assert!(
            (values[0] - 3.0 * root).abs() < 1e-14 && (values[1] - root).abs() < 1e-14,
            "{scale}: {values}"
        );
    }
}
