//! Covariances, correlations and norms, against sums in two passes.

use crate::given::Given;
use crate::plain::{Near, Workers, check};
use ndarray::{Array2, ArrayD, Ix2, IxDyn};
use taskweave_array::{Array, Float};

/// The covariances of the rows: off by as much as means that are, and by half of `epsilon` for each product.
fn covariances(a: &Array2<f64>, ddof: f64, epsilon: f64) -> ArrayD<Near> {
    let (n, m) = a.dim();
    let count = m as f64;
    let freedom = (count - ddof).max(0.0);
    let mean = |row: usize| a.row(row).sum() / count;
    let size = |row: usize| (a.row(row).iter().map(|x| x * x).sum::<f64>() / count).sqrt();
    let (means, sizes): (Vec<f64>, Vec<f64>) = (0..n).map(|row| (mean(row), size(row))).unzip();
    ArrayD::from_shape_fn(IxDyn(&[n, n]), |at| {
        let (i, j) = (at[0], at[1]);
        let products = a
            .row(i)
            .iter()
            .zip(a.row(j))
            .map(|(x, y)| (x - means[i]) * (y - means[j]))
            .sum::<f64>();
        let within = (count.min(64.0) + 8.0) * epsilon * count * sizes[i] * sizes[j] / freedom;
        Near { value: products / freedom, within }
    })
}

fn rows<A: Float + Into<f64>>(epsilon: f64, seeds: u64, of: impl Fn(f64) -> A) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let longest = [4, 30, 700][given.below(3)];
        let shape = [1 + given.below(9), given.below(longest)];
        let far = [0.0, 10.0][given.below(2)];
        let (a, x) = given.pair(&shape, |given| of(far + given.normal()));
        let (ddof, on) = ([0.0, 1.0, 2.0][given.below(3)], all.some(&mut given));
        let what = format!("seed {seed}, ddof {ddof}, {x}");
        let x: Array<A, Ix2> = x.into_dimensionality();
        let wide = a.mapv(Into::<f64>::into).into_dimensionality().unwrap();
        let want = covariances(&wide, ddof, epsilon);
        let is = |got: &A, want: &Near| want.is((*got).into());
        check(&what, &x.cov(ddof).compute_on(on).unwrap().into_dyn(), &want, is);

        let of_all = covariances(&wide, 0.0, epsilon);
        let want = ArrayD::from_shape_fn(of_all.raw_dim(), |at| {
            let (i, j) = (at[0], at[1]);
            let (of_i, of_j, both) = (&of_all[[i, i]], &of_all[[j, j]], &of_all[[i, j]]);
            let size = (of_i.value * of_j.value).sqrt();
            // As much as its numerator, and half as much as each of its divisors.
            let parts = both.within / size + of_i.within / of_i.value + of_j.within / of_j.value;
            let value = if shape[1] < 2 { f64::NAN } else { both.value / size };
            Near { value, within: parts + 4.0 * epsilon }
        });
        let got = x.corrcoef().compute_on(on).unwrap().into_dyn();
        check(&what, &got, &want, is);
        let is_within_one = |x: &A| Into::<f64>::into(*x).abs() <= 1.0;
        assert!(shape[1] < 2 || got.iter().all(is_within_one), "{what}");
    }
}

#[test]
fn covariances_and_correlations_of_rows() {
    rows(f64::EPSILON, 80, |x| x);
    rows(f64::from(f32::EPSILON), 60, |x| x as f32);
}

#[test]
fn a_row_that_is_the_same_everywhere_has_no_correlation() {
    for value in [0.0, 7.0, 0.1, 0.3, 123.456, 1e300 / 3.0] {
        for columns in [2, 3, 10, 49, 77, 107, 1000] {
            let a = Array2::from_shape_fn((2, columns), |(i, j)| match i {
                0 => value,
                _ => (j % 5) as f64 + 0.3,
            });
            for chunk in [columns, 7, 1] {
                let found = Array::from(a.clone()).rechunk([2, chunk]).corrcoef();
                let found = found.compute().unwrap();
                let is_none = [[0, 0], [0, 1], [1, 0]].map(|at| found[at].is_nan());
                assert_eq!(is_none, [true; 3], "{value} in {columns} by {chunk}: {found}");
                assert!((found[[1, 1]] - 1.0).abs() <= 4.0 * f64::EPSILON, "{found}");
            }
        }
    }
}

/// The norm, with a scale that keeps squares in range.
fn norm(v: &[f64]) -> f64 {
    let most = v.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    if v.iter().any(|x| x.is_nan()) || most == 0.0 || most.is_infinite() {
        return if v.iter().any(|x| x.is_nan()) { f64::NAN } else { most };
    }
    // In two steps: the power of two may be beyond the numbers.
    let half = (most.log2() / 2.0).floor().exp2();
    let squares = v.iter().map(|x| (x / half / half) * (x / half / half));
    squares.sum::<f64>().sqrt() * half * half
}

fn norms<A: Float + Into<f64>>(
    epsilon: f64,
    seeds: u64,
    [least, most]: [i32; 2],
    of: impl Fn(f64) -> A,
) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        // Near 1, near one other size, and of all sizes at once.
        let kind = given.below(4);
        let size = |given: &mut Given| least + given.below((most - least) as usize) as i32;
        let one_size = size(&mut given);
        let (a, x) = given.pair(&shape, |given| {
            let size = match kind {
                0 => 0,
                1 => one_size,
                _ => size(given),
            };
            match (kind, given.below(3000)) {
                (3, 0) => of(f64::INFINITY),
                (3, 1) => of(f64::NAN),
                _ => of((given.unit() - 0.5) * 2_f64.powi(size)),
            }
        });
        let values: Vec<f64> = a.iter().map(|&x| x.into()).collect();
        let want = norm(&values);
        // A sum of squares is off by no more than 32 of them, the root by half as much; what is the least of all numbers has no digits.
        let within = 20.0 * epsilon * want + f64::from_bits(1) * 4.0;
        let got: f64 = x.norm().compute_on(all.some(&mut given)).unwrap().into_scalar().into();
        assert!(Near { value: want, within }.is(got), "seed {seed}, {x}: {got} and not {want}");
    }
}

#[test]
fn norms_of_numbers_of_any_size() {
    norms(f64::EPSILON, 120, [-1070, 1010], |x| x);
    norms(f64::from(f32::EPSILON), 80, [-120, 110], |x| x as f32);
}
