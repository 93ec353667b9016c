//! Matrices that are no good ones: of less than full rank, tiny, huge, with NaN and infinities; against a pseudo-inverse that is computed plainly, and what the docs say.

use crate::given::Given;
use ndarray::{Array1, Array2, Axis, Ix1, Ix2};
use taskweave_array::{Array, Decompose, ErrorKind};
use taskweave_runtime::compute;

fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().fold(0.0, |max, x| if x.is_nan() { f64::NAN } else { max.max(x.abs()) })
}

/// What solves the system, by elimination; nothing, if the matrix is nearly singular.
fn solved(a: &Array2<f64>, b: &Array2<f64>) -> Option<Array2<f64>> {
    let (n, mut a, mut b) = (a.nrows(), a.clone(), b.clone());
    let limit = 1e-3 * largest(&a);
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[[i, k]].abs().total_cmp(&a[[j, k]].abs()))?;
        if a[[pivot, k]].abs() <= limit {
            return None;
        }
        for at in 0..n {
            a.swap([k, at], [pivot, at]);
        }
        for at in 0..b.ncols() {
            b.swap([k, at], [pivot, at]);
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[[i, k]] / a[[k, k]];
            let (row, sides) = (a.row(k).to_owned(), b.row(k).to_owned());
            a.row_mut(i).scaled_add(-factor, &row);
            b.row_mut(i).scaled_add(-factor, &sides);
        }
    }
    for k in 0..n {
        let pivot = a[[k, k]];
        b.row_mut(k).mapv_inplace(|x| x / pivot);
    }
    Some(b)
}

/// A matrix of that rank, of whole numbers, and the shortest of the solutions that are nearest to `b`: of `left · right`, both of full rank, the pseudo-inverse is
/// `rightᵀ · (right · rightᵀ)⁻¹ · (leftᵀ · left)⁻¹ · leftᵀ`.
fn deficient(
    given: &mut Given,
    [m, n, rank]: [usize; 3],
    b: &Array2<f64>,
) -> (Array2<f64>, Array2<f64>) {
    loop {
        let mut whole = |rows, columns| {
            Array2::from_shape_simple_fn((rows, columns), || given.below(9) as f64 - 4.0)
        };
        let (left, right) = (whole(m, rank), whole(rank, n));
        let inner = solved(&left.t().dot(&left), &left.t().dot(b));
        let Some(inner) = inner.and_then(|inner| solved(&right.dot(&right.t()), &inner)) else {
            continue;
        };
        return (left.dot(&right), right.t().dot(&inner));
    }
}

fn shortest<A: Decompose + Into<f64>>(seeds: u64, tolerance: f64, of: impl Fn(f64) -> A) {
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let (m, n) = match given.below(4) {
            0 => (100 + given.below(400), 2 + given.below(8)),
            1 => (2 + given.below(8), 100 + given.below(300)),
            _ => (3 + given.below(30), 3 + given.below(30)),
        };
        let (rank, sides) = (given.below(m.min(n)), 1 + given.below(3));
        let b = Array2::from_shape_simple_fn((m, sides), || given.below(19) as f64 - 9.0);
        let (a, want) = deficient(&mut given, [m, n, rank], &b);
        let x: Array<A, Ix2> = given.viewed(&a.mapv(&of).into_dyn()).into_dimensionality();
        let y: Array<A, Ix2> = given.viewed(&b.mapv(&of).into_dyn()).into_dimensionality();
        let what = format!("seed {seed}, rank {rank}, {x} and {y}");
        let got = x.lstsq(&y).compute().unwrap().mapv(Into::<f64>::into);
        assert_eq!(got.shape(), want.shape(), "{what}");
        let size = largest(&want);
        let off = largest(&(&got - &want));
        assert!(off <= tolerance * size, "{what}: {off} of {size}");
        let first = x.lstsq(&y.index_axis(Axis(1), 0)).compute().unwrap();
        let off = largest(&(first.mapv(Into::<f64>::into) - want.column(0)));
        assert!(off <= tolerance * size, "{what}: {off} of {size}");
    }
}

#[test]
fn of_less_than_full_rank_the_shortest_of_the_nearest_solutions() {
    shortest::<f64>(60, 1e-10, |x| x);
    shortest::<f32>(40, 1e-3, |x| x as f32);
}

#[test]
fn least_squares_of_tiny_and_huge_matrices() {
    for (seed, scale) in [1e-300, 1e-150, 1e150, 1e300].into_iter().enumerate() {
        let mut given = Given::seed(seed as u64);
        let b = Array2::from_shape_simple_fn((40, 2), || given.below(19) as f64 - 9.0);
        let (a, want) = deficient(&mut given, [40, 7, 5], &b);
        let chunks = given.chunks(&[40, 7]);
        let x = Array::from(a * scale).rechunk(chunks);
        for size in [scale, 1.0] {
            let got = x.lstsq(&Array::from(&b * size)).compute().unwrap();
            let want = &want * (size / scale);
            let off = largest(&(&got - &want)) / largest(&want);
            assert!(off < 1e-10, "{scale} and {size}: {off}");
        }
    }
}

#[test]
fn singular_values_of_tiny_and_huge_matrices_in_any_chunks() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let scale = [1e-300, 1e-200, 1e200, 1e300][given.below(4)];
        let shape = [1 + given.below(60), 1 + given.below(12)];
        let shape = if given.below(2) == 0 { shape } else { [shape[1], shape[0]] };
        let (a, x) = given.pair(&shape, Given::normal);
        let a: Array2<f64> = a.into_dimensionality().unwrap();
        let x: Array<f64, Ix2> = x.into_dimensionality();
        let what = format!("seed {seed}, {scale}, {x}");
        let (u, s, vt) = compute((&x * scale).svd()).unwrap();
        let s = s / scale;
        assert!(largest(&((&u * &s).dot(&vt) - &a)) < 1e-12, "{what}");
        let of_one = compute(x.svd()).unwrap().1;
        assert!(largest(&(&s / &of_one - 1.0)) < 1e-12, "{what}");
    }
}

/// Asserts that all factors say it.
#[track_caller]
fn have_none<A: Decompose>(x: &Array<A, Ix2>) {
    let (u, s, vt) = x.svd();
    let all = [u.compute().err(), s.compute().err(), vt.compute().err()];
    for error in all {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::NonFinite, "{x}: {error}");
        assert!(error.to_string().contains("svd of a matrix of shape"), "{error}");
    }
    let sides: Array<A, Ix1> = Array::ones([x.nrows()]);
    assert_eq!(x.lstsq(&sides).compute().unwrap_err().kind(), ErrorKind::NonFinite, "{x}");
}

#[test]
fn without_finite_numbers_there_are_no_singular_values() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(60), 1 + given.below(12)];
        let shape = if given.below(2) == 0 { shape } else { [shape[1], shape[0]] };
        let (at, one_of) = (given.below(shape[0] * shape[1]), given.below(3));
        let mut values = given.pair(&shape, Given::normal).0;
        let other = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][one_of];
        *values.iter_mut().nth(at).unwrap() = other;
        have_none(&given.viewed(&values).into_dimensionality());
        have_none(&given.viewed(&values.mapv(|x| x as f32)).into_dimensionality());
    }
    // Finite numbers, but the greatest singular value is beyond them.
    for shape in [[2, 2], [50, 3], [3, 50], [7, 7]] {
        have_none(&Array::from_elem(shape, 1.5e308));
        have_none(&Array::from_elem(shape, 3e38_f32));
    }
    // That of its triangular factor is not.
    have_none(&Array::from_elem([2, 2], 1.1e308));
    let s = Array::from_elem([2, 2], 8e307_f64).svd().1.compute().unwrap();
    assert!((s[0] / 1.6e308 - 1.0).abs() < 1e-14 && s[1] < 1e293, "{s}");
}

#[test]
fn what_is_solved_with_nan_is_nan() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let n = [1, 2, 5, 40][given.below(4)];
        let sides = 2 + given.below(3);
        let (a, x) = given.pair(&[n, n], Given::normal);
        let (mut b, y) = given.pair(&[n, sides], Given::normal);
        let solution: Array2<f64> = {
            let x: Array<f64, Ix2> = x.clone().into_dimensionality();
            x.solve(y.into_dimensionality::<Ix2>()).compute().unwrap()
        };
        // In a right-hand side: it alone.
        let column = given.below(sides);
        b[[given.below(n), column]] = f64::NAN;
        let what = format!("seed {seed}, {x}");
        let x: Array<f64, Ix2> = x.into_dimensionality();
        let y: Array<f64, Ix2> = given.viewed(&b).into_dimensionality();
        let found = x.solve(&y).compute().unwrap();
        for at in 0..sides {
            let (found, want) = (found.column(at), solution.column(at));
            match at == column {
                true => assert!(found.iter().all(|x| x.is_nan()), "{what}: {found}"),
                false => assert!(largest(&(&found - &want)) <= 1e-7 * largest(want), "{what}"),
            }
        }
        // In the matrix: all.
        let mut a = a;
        a[[given.below(n), given.below(n)]] = f64::NAN;
        let x: Array<f64, Ix2> = given.viewed(&a).into_dimensionality();
        let found = x.solve(&Array::ones([n, sides])).compute().unwrap();
        assert!(found.iter().all(|x| x.is_nan()), "{what}: {found}");
        let found = x.solve(&Array::<f64, Ix1>::ones([n])).compute().unwrap();
        assert!(found.iter().all(|x| x.is_nan()), "{what}: {found}");
        let found = x.inv().compute().unwrap();
        assert!(found.iter().all(|x| x.is_nan()), "{what}: {found}");
    }
    // From the first block of columns to those of the second.
    let n = 520;
    let mut a = Given::seed(1).pair(&[n, n], Given::normal).0;
    a[[3, 7]] = f64::NAN;
    let x: Array<f64, Ix2> = Array::from_ndarray(a).into_dimensionality();
    let found = x.solve(&Array::<f64, Ix1>::ones([n])).compute().unwrap();
    assert!(found.iter().all(|x| x.is_nan()), "{found}");
}

#[test]
fn infinities_are_no_error_of_a_system() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let n = [1, 2, 5, 40][given.below(4)];
        let (mut a, x) = given.pair(&[n, n], Given::normal);
        let mut b: Array1<f64> = Array1::ones(n);
        b[given.below(n)] = f64::INFINITY;
        let x: Array<f64, Ix2> = x.into_dimensionality();
        let found = x.solve(&Array::from(b)).compute().unwrap();
        assert!(found.iter().any(|x| !x.is_finite()), "seed {seed}: {found}");
        a[[given.below(n), given.below(n)]] = f64::INFINITY;
        let x: Array<f64, Ix2> = given.viewed(&a).into_dimensionality();
        x.solve(&Array::<f64, Ix1>::ones([n])).compute().unwrap();
        x.inv().compute().unwrap();
    }
}
