//! Medians and quantiles along axes and of all, with NaN and without, of every kind of element, against elements that are sorted.
//!
//! The one interpolation there is is the linear one.

use crate::given::Given;
use crate::plain::{Near, Workers, check, known, reduced};
use ndarray::{ArrayD, Axis, IxDyn};
use taskweave_array::{Array, Real, Summed};
use taskweave_runtime::Threads;

/// The quantile of numbers without NaN, off by a few roundings of the greater of its neighbours.
fn of_sorted(mut v: Vec<f64>, q: f64, epsilon: f64) -> Near {
    if v.is_empty() {
        return Near { value: f64::NAN, within: 0.0 };
    }
    v.sort_by(f64::total_cmp);
    let place = q * (v.len() - 1) as f64;
    let (low, high) = (v[place.floor() as usize], v[place.ceil() as usize]);
    let part = place.fract();
    let value = if low == high { low } else { low * (1.0 - part) + high * part };
    Near { value, within: 4.0 * epsilon * low.abs().max(high.abs()) }
}

fn quantile(v: Vec<f64>, q: f64, epsilon: f64) -> Near {
    match v.iter().any(|x| x.is_nan()) {
        true => Near { value: f64::NAN, within: 0.0 },
        false => of_sorted(v, q, epsilon),
    }
}

/// All quantiles of an array along an axis, and of all its elements.
fn check_all<A: Real>(
    what: &str,
    on: &Threads,
    x: &Array<A, IxDyn>,
    wide: &ArrayD<f64>,
    (axis, q, epsilon): (Axis, f64, f64),
) where
    <A as Summed>::Mean: Into<f64>,
{
    let what = |name: &str| format!("{name}, {q} along {axis:?}, {what}");
    let is = |got: &A::Mean, want: &Near| want.is((*got).into());
    if wide.len_of(axis) > 0 {
        let of = |q| reduced(wide, &[axis.0], |v| quantile(v, q, epsilon));
        let got = x.quantile_axis(axis, q).compute_on(on).unwrap();
        check(&what("quantile_axis"), &got, &of(q), is);
        let got = x.median_axis(axis).compute_on(on).unwrap();
        check(&what("median_axis"), &got, &of(0.5), is);
        let of = |q| reduced(wide, &[axis.0], |v| of_sorted(known(&v), q, epsilon));
        let got = x.nanquantile_axis(axis, q).compute_on(on).unwrap();
        check(&what("nanquantile_axis"), &got, &of(q), is);
        let got = x.nanmedian_axis(axis).compute_on(on).unwrap();
        check(&what("nanmedian_axis"), &got, &of(0.5), is);
    } else {
        let none = [x.quantile_axis(axis, q), x.median_axis(axis), x.nanmedian_axis(axis)];
        for none in none {
            let message = none.check().unwrap_err().to_string();
            assert!(message.contains("a zero-size array has no such value"), "{message}");
        }
    }
    if wide.is_empty() {
        for none in [x.quantile(q), x.median(), x.nanquantile(q), x.nanmedian()] {
            assert!(none.check().is_err(), "{}", what("of nothing"));
        }
        return;
    }
    let every: Vec<f64> = wide.iter().copied().collect();
    for (name, got, q) in [("quantile", x.quantile(q), q), ("median", x.median(), 0.5)] {
        let got = got.compute_on(on).unwrap().into_dyn();
        let want = ndarray::arr0(quantile(every.clone(), q, epsilon)).into_dyn();
        check(&what(name), &got, &want, is);
    }
    for (name, got, q) in [("nanquantile", x.nanquantile(q), q), ("nanmedian", x.nanmedian(), 0.5)]
    {
        let got = got.compute_on(on).unwrap().into_dyn();
        let want = ndarray::arr0(of_sorted(known(&every), q, epsilon)).into_dyn();
        check(&what(name), &got, &want, is);
    }
}

fn any_shape<A: Real + Into<f64>>(epsilon: f64, seeds: u64, of: impl Fn(&mut Given, usize) -> A)
where
    <A as Summed>::Mean: Into<f64>,
{
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let mut shape = given.shape();
        if shape.is_empty() {
            shape.push(1 + given.below(200));
        }
        let (kind, axis) = (given.below(4), Axis(given.below(shape.len())));
        let (a, x) = given.pair(&shape, |given| of(given, kind));
        let q = match given.below(3) {
            0 => [0.0, 0.25, 1.0 / 3.0, 0.75, 0.99, 1.0][given.below(6)],
            _ => given.unit(),
        };
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));
        check_all(&what, on, &x, &a.mapv(Into::into), (axis, q, epsilon));
    }
}

/// Normal, with many ties, with NaN, and with infinities and the largest numbers.
fn number(given: &mut Given, kind: usize) -> f64 {
    match (kind, given.below(20)) {
        (0, _) => given.normal(),
        (1, at) => at as f64 - 9.0,
        (2, 0..3) => f64::NAN,
        (3, 0..4) => f64::INFINITY,
        (3, 4..8) => f64::NEG_INFINITY,
        (3, at) => f64::from(f32::MAX) * (at as f64 / 10.0 - 1.0),
        _ => given.normal(),
    }
}

#[test]
fn medians_and_quantiles_of_floating_point_numbers() {
    any_shape(f64::EPSILON, 120, number);
    any_shape(f64::from(f32::EPSILON), 80, |given, kind| number(given, kind) as f32);
}

#[test]
fn medians_and_quantiles_of_integers_are_floating_point_numbers() {
    any_shape(f64::EPSILON, 60, |given, kind| (given.next() as i32) >> (8 * kind));
    any_shape(f64::EPSILON, 60, |given, kind| (given.next() as u8) >> (2 * kind));
}

#[test]
fn a_quantile_that_is_none_is_refused_in_every_form() {
    let x = Array::from(ndarray::arr2(&[[1.0, 2.0]]));
    for q in [-0.1, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY] {
        for refused in [x.quantile_axis(Axis(0), q), x.nanquantile_axis(Axis(1), q)] {
            assert!(
                refused.check().unwrap_err().to_string().contains("is not a number from 0 to 1")
            );
        }
        for refused in [x.quantile(q), x.nanquantile(q)] {
            assert!(
                refused.check().unwrap_err().to_string().contains("is not a number from 0 to 1")
            );
        }
    }
    for refused in [x.quantile_axis(Axis(2), 0.5), x.nanmedian_axis(Axis(2))] {
        assert!(refused.check().unwrap_err().to_string().contains("axis 2"));
    }
}
