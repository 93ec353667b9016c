//! Sums, products, means, variances and extremes of every kind of element, with NaN and without, against plain loops.

use crate::given::Given;
use crate::plain::{self, Near, Workers, in_each_form, known, reduced, same};
use ndarray::{ArrayD, Axis, IxDyn};
use num_complex::Complex;
use taskweave_array::{Array, Float, Number, Real, Spread, Summed};

/// What elements are: normal, far from zero, whole with many NaN, normal with infinities and NaN among them.
const KINDS: usize = 4;

fn number(given: &mut Given, kind: usize) -> f64 {
    match (kind, given.below(60)) {
        (0, _) => given.normal(),
        (1, _) => 100.0 + given.normal(),
        (2, 0..20) | (3, 0) => f64::NAN,
        (2, _) => given.below(19) as f64 - 9.0,
        (_, 1) => f64::INFINITY,
        (_, 2) => f64::NEG_INFINITY,
        _ => given.normal(),
    }
}

/// Everything there is of floating-point numbers.
fn floats<A>(epsilon: f64, seeds: u64, of: impl Fn(f64) -> A)
where
    A: Float + Summed<Variance = A> + Into<f64>,
{
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let (shape, kind) = (given.shape(), given.below(KINDS));
        let (a, x) = given.pair(&shape, |given| of(number(given, kind)));
        let (axes, ddof) = (given.axes(shape.len()), [0.0, 1.0, 2.0][given.below(3)]);
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let wide = a.mapv(Into::<f64>::into);
        let near = |f: &dyn Fn(&[f64]) -> Near| reduced(&wide, &axes, |v| f(&v));
        let of_known = |f: &dyn Fn(&[f64]) -> Near| reduced(&wide, &axes, |v| f(&known(&v)));
        let is = |got: &A, want: &Near| want.is((*got).into());

        in_each_form!(what, on, x, axes, near(&|v| plain::sum(v, epsilon)), is, sum, sum_axis);
        let sums = of_known(&|v| plain::sum(v, epsilon));
        in_each_form!(what, on, x, axes, sums, is, nansum, nansum_axis);
        in_each_form!(what, on, x, axes, near(&|v| plain::mean(v, epsilon)), is, mean, mean_axis);
        let means = of_known(&|v| plain::mean(v, epsilon));
        in_each_form!(what, on, x, axes, means, is, nanmean, nanmean_axis);
        let variances = near(&|v| plain::variance(v, ddof, epsilon));
        in_each_form!(what, on, x, axes, variances, is, var, var_axis, ddof);
        // As in NumPy they are NaN, and not infinite, where no freedom is left.
        let if_free = |v: &[f64], near: Near| match v.len() as f64 > ddof {
            true => near,
            false => Near { value: f64::NAN, within: 0.0 },
        };
        let variances = of_known(&|v| if_free(v, plain::variance(v, ddof, epsilon)));
        in_each_form!(what, on, x, axes, variances, is, nanvar, nanvar_axis, ddof);
        let deviations = near(&|v| plain::deviation(v, ddof, epsilon));
        in_each_form!(what, on, x, axes, deviations, is, std, std_axis, ddof);
        let deviations = of_known(&|v| if_free(v, plain::deviation(v, ddof, epsilon)));
        in_each_form!(what, on, x, axes, deviations, is, nanstd, nanstd_axis, ddof);
    }
}

#[test]
fn sums_means_and_variances_of_f64() {
    floats(f64::EPSILON, 40, |x| x);
}

#[test]
fn sums_means_and_variances_of_f32() {
    floats(f64::from(f32::EPSILON), 40, |x| x as f32);
}

/// Extremes and where they are: exactly.
fn extremes<A: Real + Into<f64>>(seeds: u64, of: impl Fn(&mut Given, usize) -> A) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let (shape, kind) = (given.shape(), given.below(KINDS));
        let (a, x) = given.pair(&shape, |given| of(given, kind));
        let axes = given.axes(shape.len());
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let wide = a.mapv(Into::<f64>::into);
        if axes.iter().any(|&axis| shape[axis] == 0) {
            for none in [x.over(&axes).nanmin(), x.over(&axes).max(), x.over(&axes).ptp()] {
                let message = none.check().unwrap_err().to_string();
                assert!(message.contains("a zero-size array has no"), "{what}: {message}");
            }
            assert!(x.over(&axes).argmin().check().is_err(), "{what}");
            assert!(x.over(&axes).nanargmax().check().is_err(), "{what}");
            continue;
        }
        let is = |got: &A, want: &f64| same(&(*got).into(), want);
        let of = |f: &dyn Fn(&[f64]) -> f64| reduced(&wide, &axes, |v| f(&v));
        let least = |v: &[f64]| v.iter().copied().fold(f64::INFINITY, f64::min);
        let most = |v: &[f64]| v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let or_nan = |v: &[f64], x: f64| if v.iter().any(|x| x.is_nan()) { f64::NAN } else { x };

        in_each_form!(what, on, x, axes, of(&|v| or_nan(v, least(v))), is, min, min_axis);
        in_each_form!(what, on, x, axes, of(&|v| or_nan(v, most(v))), is, max, max_axis);
        in_each_form!(what, on, x, axes, of(&|v| least(v)), is, nanmin, nanmin_axis);
        in_each_form!(what, on, x, axes, of(&|v| most(v)), is, nanmax, nanmax_axis);

        let is = |got: &u64, want: &u64| got == want;
        let place = |is_better| reduced(&wide, &axes, |v| plain::place(&v, is_better));
        in_each_form!(what, on, x, axes, place(|a, b| a < b), is, argmin, argmin_axis);
        in_each_form!(what, on, x, axes, place(|a, b| a > b), is, argmax, argmax_axis);
        let nonzero = |v: Vec<f64>| v.iter().filter(|&&x| x != 0.0).count() as u64;
        let nonzero = reduced(&wide, &axes, nonzero);
        in_each_form!(what, on, x, axes, nonzero, is, count_nonzero, count_nonzero_axis);

        let has_none = reduced(&wide, &axes, |v| v.iter().all(|x| x.is_nan()));
        if has_none.iter().any(|&has_none| has_none) {
            for nothing in [x.over(&axes).nanargmin(), x.over(&axes).nanargmax()] {
                let message = nothing.compute_on(on).unwrap_err().to_string();
                assert!(message.contains("there is nothing but NaN"), "{what}: {message}");
            }
            continue;
        }
        // NaN is worse than everything, and not the first of several.
        let of_known = |worst: f64, is_better: fn(f64, f64) -> bool| {
            reduced(&wide, &axes, |v| {
                let first = v.iter().position(|x| !x.is_nan()).unwrap();
                let rest: Vec<f64> =
                    v[first..].iter().map(|&x| if x.is_nan() { worst } else { x }).collect();
                first as u64 + plain::place(&rest, is_better)
            })
        };
        let least = of_known(f64::INFINITY, |a, b| a < b);
        in_each_form!(what, on, x, axes, least, is, nanargmin, nanargmin_axis);
        let most = of_known(f64::NEG_INFINITY, |a, b| a > b);
        in_each_form!(what, on, x, axes, most, is, nanargmax, nanargmax_axis);
    }
}

#[test]
fn extremes_of_floating_point_numbers_and_where_they_are() {
    extremes(40, number);
    extremes(20, |given, kind| number(given, kind) as f32);
    // Ties of both zeros.
    extremes(20, |given, _| [0.0, -0.0, f64::NAN][given.below(3)]);
}

#[test]
fn extremes_of_integers_and_where_they_are() {
    extremes(20, |given, kind| (given.next() as i32) >> (8 * kind));
    extremes(20, |given, kind| (given.next() as u8) >> (2 * kind));
}

/// Products, exact or near.
fn products<A: Number>(
    seeds: u64,
    of: impl Fn(&mut Given) -> A,
    is_nan: fn(&A) -> bool,
    product: impl Fn(&[A]) -> A::Sum,
    is_near: impl Fn(&A::Sum, &A::Sum, usize) -> bool,
) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, x) = given.pair(&shape, &of);
        let axes = given.axes(shape.len());
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let count = axes.iter().map(|&axis| shape[axis]).product();
        let is = |got: &A::Sum, want: &A::Sum| is_near(got, want, count);
        let of_known = |mut v: Vec<A>| {
            v.retain(|x| !is_nan(x));
            product(&v)
        };
        in_each_form!(what, on, x, axes, reduced(&a, &axes, |v| product(&v)), is, prod, prod_axis);
        let want = reduced(&a, &axes, of_known);
        in_each_form!(what, on, x, axes, want, is, nanprod, nanprod_axis);
    }
}

/// A factor that is no farther from 1 than 2 and ½, of either sign; now and then NaN, if it may be.
fn factor(given: &mut Given, one_of: usize) -> f64 {
    match given.below(one_of) {
        0 => f64::NAN,
        at => (2.0 * given.unit() - 1.0).exp2() * if at % 2 == 0 { 1.0 } else { -1.0 },
    }
}

#[test]
fn products_of_floating_point_numbers() {
    // In any order a product is off by half of `epsilon` for each factor, and so is this one.
    let near = |got: f64, want: f64, count: usize, epsilon: f64| {
        Near { value: want, within: epsilon * count as f64 * want.abs() }.is(got)
    };
    let is_near = |got: &f64, want: &f64, count| near(*got, *want, count, f64::EPSILON);
    products(60, |given| factor(given, 100), |x| x.is_nan(), |v| v.iter().product(), is_near);
    let is_near = |got: &f32, want: &f32, count| {
        near(f64::from(*got), f64::from(*want), count, f64::from(f32::EPSILON))
    };
    let product = |v: &[f32]| v.iter().map(|&x| f64::from(x)).product::<f64>() as f32;
    products(60, |given| factor(given, 100) as f32, |x| x.is_nan(), product, is_near);
    // Powers of two have exact products, in any order.
    let power = |given: &mut Given| [0.5, 1.0, -1.0, 2.0][given.below(4)];
    products(40, power, |_| false, |v: &[f64]| v.iter().product(), |got, want, _| got == want);
}

#[test]
fn products_of_integers_wrap_around() {
    let of_signed = |v: &[i32]| v.iter().fold(1, |all: i64, &x| all.wrapping_mul(x.into()));
    products(40, |given| given.next() as i32 | 1, |_| false, of_signed, |got, want, _| got == want);
    let of_unsigned = |v: &[u8]| v.iter().fold(1, |all: u64, &x| all.wrapping_mul(x.into()));
    products(40, |given| given.next() as u8, |_| false, of_unsigned, |got, want, _| got == want);
}

/// Sums and means of integers: sums exactly, those of means as floating-point numbers.
fn integers<A>(seeds: u64, of: impl Fn(&mut Given) -> A, sum: impl Fn(&[A]) -> A::Sum)
where
    A: Spread + Summed<Mean = f64, Variance = f64> + Into<f64>,
{
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, x) = given.pair(&shape, &of);
        let (axes, ddof) = (given.axes(shape.len()), [0.0, 1.0][given.below(2)]);
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let wide = a.mapv(Into::<f64>::into);
        let sums = reduced(&a, &axes, |v| sum(&v));
        let is = |got: &A::Sum, want: &A::Sum| got == want;
        in_each_form!(what, on, x, axes, sums.clone(), is, sum, sum_axis);
        in_each_form!(what, on, x, axes, sums, is, nansum, nansum_axis);
        let is = |got: &f64, want: &Near| want.is(*got);
        let means = reduced(&wide, &axes, |v| plain::mean(&v, f64::EPSILON));
        in_each_form!(what, on, x, axes, means.clone(), is, mean, mean_axis);
        in_each_form!(what, on, x, axes, means, is, nanmean, nanmean_axis);
        let variances = reduced(&wide, &axes, |v| plain::variance(&v, ddof, f64::EPSILON));
        in_each_form!(what, on, x, axes, variances, is, var, var_axis, ddof);
        let variances = reduced(&wide, &axes, |v| match v.len() as f64 > ddof {
            true => plain::variance(&v, ddof, f64::EPSILON),
            false => Near { value: f64::NAN, within: 0.0 },
        });
        in_each_form!(what, on, x, axes, variances, is, nanvar, nanvar_axis, ddof);
        let deviations = reduced(&wide, &axes, |v| plain::deviation(&v, ddof, f64::EPSILON));
        in_each_form!(what, on, x, axes, deviations, is, std, std_axis, ddof);
    }
}

#[test]
fn sums_means_and_variances_of_integers() {
    let of_signed = |v: &[i32]| v.iter().map(|&x| i64::from(x)).sum::<i64>();
    integers(40, |given| given.next() as i32, of_signed);
    let of_unsigned = |v: &[u8]| v.iter().map(|&x| u64::from(x)).sum::<u64>();
    integers(40, |given| given.next() as u8, of_unsigned);
}

#[test]
fn truths_are_counted_and_joined() {
    let all = Workers::new();
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let (shape, often) = (given.shape(), given.below(3));
        // Few that are true, half of them, few that are false.
        let (a, x) = given.pair(&shape, |given| match often {
            0 => given.below(200) == 0,
            1 => given.below(2) == 0,
            _ => given.below(200) > 0,
        });
        let axes = given.axes(shape.len());
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let is = |got: &bool, want: &bool| got == want;
        let any = reduced(&a, &axes, |v| v.contains(&true));
        in_each_form!(what, on, x, axes, any, is, any, any_axis);
        let every = reduced(&a, &axes, |v| !v.contains(&false));
        in_each_form!(what, on, x, axes, every, is, all, all_axis);
        let count = reduced(&a, &axes, |v| v.iter().filter(|is| **is).count() as u64);
        let is = |got: &u64, want: &u64| got == want;
        in_each_form!(what, on, x, axes, count.clone(), is, count_nonzero, count_nonzero_axis);
        in_each_form!(what, on, x, axes, count.clone(), is, sum, sum_axis);
        let part =
            reduced(&a, &axes, |v| v.iter().filter(|is| **is).count() as f64 / v.len() as f64);
        in_each_form!(what, on, x, axes, part, same, mean, mean_axis);
    }
}

/// Complex numbers, of which both parts are as near as those of the others.
fn complex<A>(epsilon: f64, seeds: u64, of: impl Fn(f64, f64) -> A, parts: impl Fn(&A) -> [f64; 2])
where
    A: Spread + Summed<Sum = A, Mean = A>,
    A::Variance: Into<f64>,
{
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let (shape, one_of) = (given.shape(), [20, usize::MAX][given.below(2)]);
        let (a, x) = given.pair(&shape, |given| {
            let re = if given.below(one_of) == 0 { f64::NAN } else { given.normal() };
            of(re, given.normal() + 1.0)
        });
        let axes = given.axes(shape.len());
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let of_part =
            |v: &[A], part: usize| -> Vec<f64> { v.iter().map(|x| parts(x)[part]).collect() };
        let is_known = |x: &&A| parts(x).iter().all(|part| !part.is_nan());
        let known = |v: &[A]| -> Vec<A> { v.iter().filter(is_known).copied().collect() };
        let both = |v: &[A], f: &dyn Fn(&[f64]) -> Near| [f(&of_part(v, 0)), f(&of_part(v, 1))];
        // NaN in one part leaves the other as it is in a sum, and the whole number out of one without NaN.
        let is = |got: &A, want: &[Near; 2]| {
            let [re, im] = parts(got);
            want[0].is(re) && want[1].is(im)
        };
        let sum = |v: &[f64]| plain::sum(v, epsilon);
        let sums = reduced(&a, &axes, |v| both(&v, &sum));
        in_each_form!(what, on, x, axes, sums, is, sum, sum_axis);
        let sums = reduced(&a, &axes, |v| both(&known(&v), &sum));
        in_each_form!(what, on, x, axes, sums, is, nansum, nansum_axis);
        let mean = |v: &[f64]| {
            let mean = plain::mean(v, epsilon);
            Near { within: mean.within + 2.0 * epsilon, ..mean }
        };
        let means = reduced(&a, &axes, |v| both(&known(&v), &mean));
        in_each_form!(what, on, x, axes, means, is, nanmean, nanmean_axis);
        let variance = |v: &[A]| {
            let [re, im] = both(v, &|v| plain::variance(v, 1.0, epsilon));
            Near { value: re.value + im.value, within: re.within + im.within }
        };
        let is = |got: &A::Variance, want: &Near| want.is((*got).into());
        let variances = reduced(&a, &axes, |v| variance(&v));
        in_each_form!(what, on, x, axes, variances, is, var, var_axis, 1.0);
        let variances = reduced(&a, &axes, |v| variance(&known(&v)));
        in_each_form!(what, on, x, axes, variances, is, nanvar, nanvar_axis, 1.0);
        let deviations = reduced(&a, &axes, |v| {
            let Near { value, .. } = variance(&v);
            Near { value: value.sqrt(), within: 4.0 * epsilon * value.sqrt() }
        });
        in_each_form!(what, on, x, axes, deviations, is, std, std_axis, 1.0);
    }
}

#[test]
fn sums_means_and_variances_of_complex_numbers() {
    complex(f64::EPSILON, 20, Complex::new, |z| [z.re, z.im]);
    let single = |re: f64, im: f64| Complex::new(re as f32, im as f32);
    let parts = |z: &Complex<f32>| [z.re, z.im].map(f64::from);
    complex(f64::from(f32::EPSILON), 20, single, parts);
    // Units have exact products.
    let units = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];
    let unit = |given: &mut Given| {
        let (re, im) = units[given.below(4)];
        Complex::new(re, im)
    };
    let product = |v: &[Complex<f64>]| v.iter().product();
    products(40, unit, |_| false, product, |got, want, _| got == want);
}

#[test]
fn means_with_weights() {
    let all = Workers::new();
    for seed in 0..80 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, x) = given.pair(&shape, Given::normal);
        let (w, weights) = given.pair(&shape, |given| given.unit() + 0.5);
        let axes = given.axes(shape.len());
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        let pairs = ndarray::Zip::from(&a).and(&w).map_collect(|&a, &w| (a, w));
        let average = |v: Vec<(f64, f64)>| {
            let products: Vec<f64> = v.iter().map(|(a, w)| a * w).collect();
            let weights: Vec<f64> = v.iter().map(|(_, w)| *w).collect();
            let (sum, weight) =
                (plain::sum(&products, f64::EPSILON), plain::sum(&weights, f64::EPSILON));
            let value = sum.value / weight.value;
            let within = (2.0 * sum.within + value.abs() * weight.within) / weight.value;
            Near { value, within: within + f64::EPSILON * value.abs() }
        };
        let is = |got: &f64, want: &Near| want.is(*got);
        let want = reduced(&pairs, &axes, average);
        in_each_form!(what, on, x, axes, want, is, average, average_axis, &weights);
        // One for each index along one axis.
        let Some(&axis) = axes.first() else { continue };
        let (w, weights) = given.pair(&shape[axis..=axis], |given| given.unit() + 0.5);
        let along: ArrayD<f64> = ArrayD::from_shape_fn(IxDyn(&shape), |index| w[[index[axis]]]);
        let pairs = ndarray::Zip::from(&a).and(&along).map_collect(|&a, &w| (a, w));
        let got: Array<f64, IxDyn> = x.average_axis(Axis(axis), &weights);
        plain::check(&what, &got.compute_on(on).unwrap(), &reduced(&pairs, &[axis], average), is);
    }
}
