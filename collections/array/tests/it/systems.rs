//! Systems and products of many blocks: against what they have to be, and against `faer` on the whole matrix.

use crate::given::Given;
use ndarray::{Array1, Array2, Axis, Ix2};
use taskweave_array::{Array, ErrorKind, Random};
use taskweave_runtime::{InThread, Threads};

/// Normal numbers in some chunks.
fn matrix(given: &mut Given, rows: usize, columns: usize) -> (Array2<f64>, Array<f64, Ix2>) {
    let whole = Random::new(given.next()).normal::<f64, Ix2>([rows, columns]).compute().unwrap();
    let chunks = given.chunks(&[rows, columns]);
    (whole.clone(), Array::from(whole).rechunk(chunks))
}

fn largest(a: &Array2<f64>) -> f64 {
    a.iter().fold(0.0, |max: f64, x| if x.is_nan() { f64::NAN } else { max.max(x.abs()) })
}

/// The matrix as one of `faer`.
fn of_faer(a: &Array2<f64>) -> faer::Mat<f64> {
    faer::Mat::from_fn(a.nrows(), a.ncols(), |i, j| a[[i, j]])
}

/// How far one is from the other, as a part of the largest element.
fn distance(a: &Array2<f64>, b: &faer::Mat<f64>) -> f64 {
    assert_eq!((a.nrows(), a.ncols()), (b.nrows(), b.ncols()));
    let (mut most, mut size) = (0.0_f64, f64::MIN_POSITIVE);
    for ((i, j), &x) in a.indexed_iter() {
        assert!(x.is_finite());
        most = most.max((x - b[(i, j)]).abs());
        size = size.max(b[(i, j)].abs());
    }
    most / size
}

#[test]
fn products_are_those_of_faer() {
    for (seed, [m, k, n]) in
        [[1, 1, 1], [700, 3, 40], [3, 900, 5], [260, 610, 330], [1, 5, 800]].into_iter().enumerate()
    {
        let mut given = Given::seed(seed as u64);
        let (a, x) = matrix(&mut given, m, k);
        let (b, y) = matrix(&mut given, k, n);
        let ours = x.dot(&y).compute().unwrap();
        assert!(distance(&ours, &(of_faer(&a) * of_faer(&b))) < 1e-13, "{m} {k} {n}");
        let single = x.cast::<f32>().dot(&y.cast::<f32>()).cast::<f64>().compute().unwrap();
        assert!(distance(&single, &(of_faer(&a) * of_faer(&b))) < 2e-4, "{m} {k} {n}");
    }
}

#[test]
fn systems_of_many_blocks_are_solved_as_those_of_one() {
    for (seed, n, sides) in [(0, 513, 1), (1, 1025, 3), (2, 1300, 0), (3, 700, 900)] {
        let mut given = Given::seed(seed);
        let (a, x) = matrix(&mut given, n, n);
        let (b, y) = matrix(&mut given, n, sides);
        let solution = x.solve(&y).compute().unwrap();
        let rest = a.dot(&solution) - &b;
        // The condition of such matrices is about n.
        assert!(sides == 0 || largest(&rest) < 1e-8, "{n}: {}", largest(&rest));
        if sides > 0 {
            let first = x.solve(&y.index_axis(Axis(1), 0)).compute().unwrap();
            let apart: Array1<f64> = &first - &solution.column(0);
            assert!(apart.iter().all(|x| x.abs() < 1e-8), "{n}");
        }
        let on_one = x.solve(&y).compute_on(&InThread).unwrap();
        let on_three = x.solve(&y).compute_on(&Threads::new(3)).unwrap();
        assert!(on_one == solution && on_three == solution, "{n}: the bits differ");
    }
}

#[test]
fn an_inverse_is_one_from_both_sides() {
    for (seed, n) in [(0, 0), (1, 1), (2, 40), (3, 600)] {
        let mut given = Given::seed(seed);
        let (a, x) = matrix(&mut given, n, n);
        let inverse = x.inv().compute().unwrap();
        let ones = Array2::<f64>::eye(n);
        assert!(largest(&(a.dot(&inverse) - &ones)) < 1e-8, "{n}");
        assert!(largest(&(inverse.dot(&a) - &ones)) < 1e-8, "{n}");
    }
    let error = Array::<f64, Ix2>::zeros([2, 2]).inv().compute().unwrap_err();
    assert!(error.to_string().contains("inv of a matrix of shape [2, 2]: it is singular"));
}

#[test]
fn cholesky_of_many_blocks_gives_back_the_matrix() {
    for (seed, n) in [(0, 512), (1, 513), (2, 1100), (3, 1600)] {
        let mut given = Given::seed(seed);
        let (_, x) = matrix(&mut given, n, 40);
        let definite = x.dot(&x.t()) + Array::eye(n) * 3.0;
        let whole = definite.compute().unwrap();
        let chunks = given.chunks(&[n, n]);
        // What is above the diagonal is not read.
        let mut lower = whole.clone();
        lower.indexed_iter_mut().filter(|((i, j), _)| j > i).for_each(|(_, x)| *x = f64::NAN);
        let l = Array::from(lower).rechunk(chunks).cholesky();
        let factor = l.compute().unwrap();
        assert!(largest(&(factor.dot(&factor.t()) - &whole)) < 1e-10, "{n}");
        assert!(factor.indexed_iter().all(|((i, j), &l)| j <= i || l == 0.0), "{n}");
        assert!(l.compute_on(&InThread).unwrap() == factor, "{n}: the bits differ");
    }
}

#[test]
fn what_is_wrong_in_a_later_block_is_said_with_its_place() {
    let n = 1200;
    let mut a = Array2::<f64>::eye(n);
    a[[1100, 700]] = f64::INFINITY;
    let error = Array::from(a.clone()).cholesky().compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NonFinite);
    assert!(error.to_string().contains("element (1100, 700) is inf; all have to"), "{error}");
    a[[1100, 700]] = 0.0;
    a[[900, 900]] = -1.0;
    let error = Array::from(a.clone()).cholesky().compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Singular);
    assert!(error.to_string().contains("not positive definite, as row 900 shows"), "{error}");
    a[[900, 900]] = 0.0;
    let error = Array::from(a).solve(&Array::ones([n, 1])).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Singular);
    assert!(error.to_string().contains("it is singular, as pivot 900 is zero"), "{error}");
    assert_eq!(error.location().unwrap().file(), file!());
}

#[test]
fn tiny_and_huge_matrices_have_solutions() {
    for scale in [1e-310, 1e-300, 1e300] {
        let mut given = Given::seed(1);
        let (a, x) = matrix(&mut given, 20, 20);
        let (b, y) = matrix(&mut given, 20, 1);
        let solution = (x * scale).solve(&(y * scale)).compute().unwrap();
        let rest = a.dot(&solution) - &b;
        // Numbers of 1e-310 have ten digits.
        assert!(largest(&rest) < 1e-6, "{scale}: {}", largest(&rest));
    }
}

/// The four conditions of Penrose, *A generalized inverse for matrices*, 1955, which one matrix alone fulfils.
#[test]
fn pseudoinverses_fulfil_penroses_conditions_also_of_less_than_full_rank() {
    for (seed, (rows, columns, rank)) in
        [(60, 7, 7), (7, 60, 7), (9, 9, 9), (40, 8, 3), (8, 40, 3), (5, 1, 1), (6, 4, 0)]
            .into_iter()
            .enumerate()
    {
        let mut given = Given::seed(seed as u64);
        let (left, _) = matrix(&mut given, rows, rank);
        let (right, _) = matrix(&mut given, rank, columns);
        let a = left.dot(&right);
        let x = Array::from(a.clone()).rechunk(given.chunks(&[rows, columns]));
        let p = x.pinv().compute().unwrap();
        assert_eq!(p.dim(), (columns, rows));
        let (ap, pa) = (a.dot(&p), p.dot(&a));
        let what = format!("{rows} x {columns} of rank {rank}");
        let tiny = 1e-11 * (1.0 + largest(&a)) * (1.0 + largest(&p));
        assert!(largest(&(ap.dot(&a) - &a)) < tiny && largest(&(pa.dot(&p) - &p)) < tiny, "{what}");
        assert!(largest(&(&ap - &ap.t())) < tiny && largest(&(&pa - &pa.t())) < tiny, "{what}");
        // And the solution that is nearest and shortest.
        let (sides, y) = matrix(&mut given, rows, 2);
        let fits = x.lstsq(&y).compute().unwrap();
        assert!(largest(&(p.dot(&sides) - fits)) < tiny, "{what}");
    }
    let none = Array::<f64, Ix2>::zeros([3, 0]).pinv().compute().unwrap();
    assert_eq!(none.dim(), (0, 3));
    let mut bad = Array2::<f64>::ones((4, 3));
    bad[[2, 0]] = f64::INFINITY;
    let error = Array::from(bad).pinv().compute().unwrap_err();
    assert_eq!((error.kind(), error.location().unwrap().file()), (ErrorKind::NonFinite, file!()));
    let text = "pinv of a matrix of shape [4, 3]: element (2, 0) is inf; all have to be finite";
    assert!(error.to_string().contains(text), "{error}");
}
