//! Reductions, against the same in one block.

use crate::given::Given;
use crate::plain::{exact_variance, reduced};
use ndarray::{ArrayD, Axis, IxDyn};
use taskweave_array::{Array, Random};
use taskweave_runtime::InThread;

fn close(got: &ArrayD<f64>, want: &ArrayD<f64>) -> bool {
    got.shape() == want.shape()
        && got
            .iter()
            .zip(want)
            .all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs().max(1.0) || a.is_nan() && b.is_nan())
}

#[test]
fn along_any_axes_of_any_shape_in_any_chunks() {
    for seed in 0..400 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let axes = given.axes(shape.len());
        let over = || x.over(axes.clone());
        let what = format!("seed {seed}, {x}, axes {axes:?}");
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        assert_eq!(
            over().sum().compute_on(&InThread).unwrap(),
            reduced(&a, &axes, |v| v.iter().sum::<f64>()),
            "{what}"
        );
        let nonzero = reduced(&a, &axes, |v| v.iter().filter(|&&x| x != 0.0).count() as u64);
        assert_eq!(over().count_nonzero().compute().unwrap(), nonzero, "{what}");
        let mean = reduced(&a, &axes, |v| v.iter().sum::<f64>() / v.len() as f64);
        assert!(close(&over().mean().compute().unwrap(), &mean), "{what}");
        for ddof in [0.0, 1.0] {
            let variance = reduced(&a, &axes, |v| {
                let mean = v.iter().sum::<f64>() / v.len() as f64;
                v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (v.len() as f64 - ddof).max(0.0)
            });
            assert!(close(&over().var(ddof).compute().unwrap(), &variance), "{what}");
            assert!(
                close(&over().std(ddof).compute().unwrap(), &variance.mapv(f64::sqrt)),
                "{what}"
            );
        }
        let kept = over().keep_dims().sum();
        assert_eq!(kept.shape().len(), shape.len());
        assert_eq!((&x - &kept).shape(), &shape[..]);
        if count == 0 && !axes.is_empty() {
            assert!(over().min().check().is_err(), "{what}");
            continue;
        }
        let least = reduced(&a, &axes, |v| v.iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(over().min().compute().unwrap(), least, "{what}");
        let first = |v: &[f64], best: fn(f64, f64) -> f64| {
            let best = v.iter().copied().reduce(best).unwrap_or(0.0);
            v.iter().position(|&x| x == best).unwrap_or(0) as u64
        };
        let argmax = reduced(&a, &axes, |v| first(&v, f64::max));
        assert_eq!(over().argmax().compute().unwrap(), argmax, "{what}");
        let argmin = reduced(&a, &axes, |v| first(&v, f64::min));
        assert_eq!(over().argmin().compute().unwrap(), argmin, "{what}");
        let is_any = reduced(&a, &axes, |v| v.iter().any(|&x| x > 900.0));
        assert_eq!(x.gt(900.0).over(axes.clone()).any().compute().unwrap(), is_any, "{what}");
    }
}

#[test]
fn one_axis_and_all_of_them() {
    let a = ndarray::Array3::from_shape_fn((7, 5, 11), |(i, j, k)| {
        ((i * 13 + j * 7 + k * 3) % 17) as f64
    });
    let x = Array::from(a.clone()).rechunk([3, 2, 4]);
    for axis in 0..3 {
        assert_eq!(x.sum_axis(Axis(axis)).compute().unwrap(), a.sum_axis(Axis(axis)));
        assert_eq!(
            x.prod_axis(Axis(axis)).compute().unwrap(),
            a.map_axis(Axis(axis), |v| v.product())
        );
    }
    assert_eq!(x.max().compute().unwrap().into_scalar(), 16.0);
    assert_eq!(
        x.argmax().compute().unwrap().into_scalar(),
        a.iter().position(|&v| v == 16.0).unwrap() as u64
    );
    assert!(x.ge(0.0).all().compute().unwrap().into_scalar());
    assert!(!x.gt(0.0).all().compute().unwrap().into_scalar());
}

#[test]
fn nan_comes_out_of_extremes_and_first() {
    let x = Array::from(vec![3.0, f64::NAN, 1.0, f64::NAN, 5.0]);
    for length in 1..6 {
        let x = x.rechunk(length);
        assert!(x.min().compute().unwrap().into_scalar().is_nan());
        assert!(x.max().compute().unwrap().into_scalar().is_nan());
        assert_eq!(x.argmin().compute().unwrap().into_scalar(), 1);
        assert_eq!(x.argmax().compute().unwrap().into_scalar(), 1);
        assert!(x.sum().compute().unwrap().into_scalar().is_nan());
    }
}

#[test]
fn sums_of_integers_are_as_wide_as_they_get() {
    let x = Array::from(vec![i8::MAX; 1000]).rechunk(7);
    assert_eq!(x.sum().compute().unwrap().into_scalar(), 127_000_i64);
    assert_eq!(x.mean().compute().unwrap().into_scalar(), 127.0);
    assert_eq!(
        Array::from(vec![u32::MAX; 10]).sum().compute().unwrap().into_scalar(),
        10 * u64::from(u32::MAX)
    );
    let z = Array::from(vec![
        num_complex::Complex::new(0.0, 1.0),
        num_complex::Complex::new(0.0, -1.0),
    ]);
    assert_eq!(z.var(0.0).compute().unwrap().into_scalar(), 1.0);
}

#[test]
fn a_sum_of_many_small_numbers_loses_little() {
    // 10^7 times 0.1: one after the other in f32, the sum would be 9% off.
    for length in [1_000, 999_983, 10_000_000] {
        let x = Array::from_elem([10_000_000], 0.1_f32).rechunk(length);
        let sum = f64::from(x.sum().compute().unwrap().into_scalar());
        assert!((sum - 1e6).abs() < 1.0, "{sum}");
        let columns =
            Array::from_elem([5_000_000, 2], 0.1_f32).rechunk([length, 2]).sum_axis(Axis(0));
        assert!(columns.compute().unwrap().iter().all(|&sum| (f64::from(sum) - 5e5).abs() < 1.0));
    }
}

#[test]
fn a_variance_far_from_zero_keeps_its_digits() {
    // NIST StRD "NumAcc4": mean 10000000.2, standard deviation 0.1.
    let mut values = vec![10_000_000.2];
    for _ in 0..500 {
        values.extend([10_000_000.1, 10_000_000.3]);
    }
    for length in [1, 10, 1001] {
        let x = Array::from(values.clone()).rechunk(length);
        let std: f64 = x.std(1.0).compute().unwrap().into_scalar();
        assert!((std - 0.1).abs() < 1e-9, "{std}");
    }
}

#[test]
fn moments_of_random_numbers() {
    let x = Random::new(5).normal::<f64, _>([1000, 1000]);
    assert!(x.mean().compute().unwrap().into_scalar().abs() < 4e-3);
    assert!((x.std(0.0).compute().unwrap().into_scalar() - 1.0).abs() < 3e-3);
}

#[test]
fn extremes_are_the_same_bits_in_any_chunks() {
    let others = [f64::from_bits(0x7FF8_0000_0000_0001), f64::from_bits(0xFFF8_0000_0000_0002)];
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(40), 1 + given.below(40)];
        let has_nan = seed % 2 == 0;
        let a = ArrayD::from_shape_simple_fn(IxDyn(&shape), || match given.below(40) {
            0 | 1 if has_nan => others[given.below(2)],
            few if few < 20 => 0.0,
            _ => -0.0,
        });
        let bits = |x: Array<f64, IxDyn>| -> Vec<u64> {
            x.compute().unwrap().iter().map(|x| x.to_bits()).collect()
        };
        let whole = Array::from_ndarray(a.clone());
        for _ in 0..4 {
            let parts = whole.rechunk(given.chunks(&shape));
            for axes in [vec![], vec![0], vec![1], vec![0, 1]] {
                assert_eq!(
                    bits(parts.over(axes.clone()).min()),
                    bits(whole.over(axes.clone()).min()),
                    "seed {seed}, {parts}"
                );
                assert_eq!(
                    bits(parts.over(axes.clone()).max()),
                    bits(whole.over(axes.clone()).max())
                );
                assert_eq!(
                    bits(parts.over(axes.clone()).nanmin()),
                    bits(whole.over(axes.clone()).nanmin())
                );
                assert_eq!(
                    bits(parts.over(axes.clone()).nanmax()),
                    bits(whole.over(axes).nanmax())
                );
            }
            if !has_nan {
                assert_eq!(bits(parts.topk(1, Axis(0))), bits(whole.topk(1, Axis(0))));
                let different = parts.unique().unwrap().compute().unwrap();
                assert!(
                    different.len() == 1
                        && different[0].to_bits()
                            == whole.unique().unwrap().compute().unwrap()[0].to_bits()
                );
            }
        }
    }
    // As NumPy: of zeros the one whose sign is that of the extreme.
    let x = Array::from(vec![0.0_f64, -0.0, 0.0]);
    let (least, most) = (x.min().compute().unwrap(), x.max().compute().unwrap());
    assert!(least.into_scalar().is_sign_negative() && most.into_scalar().is_sign_positive());
}

#[test]
fn short_rows_of_any_length_with_nan_and_infinity() {
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, 2.0];
    for len in 1..80 {
        let mut given = Given::seed(len as u64);
        let of = |given: &mut Given| match given.below(4) {
            0 => special[given.below(special.len())],
            _ => given.below(9) as f64 - 4.0,
        };
        // Three axes, of which the first and the last are reduced, so that rows go to states in several runs.
        let a = ArrayD::from_shape_fn(IxDyn(&[3, 7, len]), |_| of(&mut given));
        for axes in [&[2][..], &[0, 2], &[1, 2]] {
            for chunks in [[3, 7, len], [2, 7, len.div_ceil(2)], [1, 3, len.div_ceil(3)]] {
                let x = Array::from_ndarray(a.clone()).rechunk(chunks);
                let over = || x.over(axes.to_vec());
                let what = format!("length {len}, axes {axes:?}, {x}");
                let nan = |v: &[f64]| v.iter().any(|x| x.is_nan());
                let place = |v: &[f64], is_better: fn(f64, f64) -> bool| {
                    let mut best = 0;
                    for at in 1..v.len() {
                        let is_first_nan = v[at].is_nan() && !v[best].is_nan();
                        if is_first_nan || is_better(v[at], v[best]) {
                            best = at;
                        }
                    }
                    best as u64
                };
                let most = reduced(&a, axes, |v| place(&v, |a, b| a > b));
                assert_eq!(over().argmax().compute().unwrap(), most, "{what}");
                let least = reduced(&a, axes, |v| place(&v, |a, b| a < b));
                assert_eq!(over().argmin().compute().unwrap(), least, "{what}");
                let max = reduced(&a, axes, |v| match nan(&v) {
                    true => f64::NAN,
                    false => v.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                });
                let same = |got: ArrayD<f64>, want: ArrayD<f64>| {
                    let is_same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
                    got.shape() == want.shape() && got.iter().zip(&want).all(is_same)
                };
                assert!(same(over().max().compute().unwrap(), max), "{what}");
                let sum = reduced(&a, axes, |v| v.iter().sum::<f64>());
                assert!(same(over().sum().compute().unwrap(), sum), "{what}");
                let sum = reduced(&a, axes, |v| v.iter().filter(|x| !x.is_nan()).sum::<f64>());
                assert!(same(over().nansum().compute().unwrap(), sum), "{what}");
                let count = reduced(&a, axes, |v| v.iter().filter(|&&x| x != 0.0).count() as u64);
                assert_eq!(over().count_nonzero().compute().unwrap(), count, "{what}");
                let variance = reduced(&a, axes, |v| {
                    let mean = v.iter().sum::<f64>() / v.len() as f64;
                    v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / v.len() as f64
                });
                assert!(close(&over().var(0.0).compute().unwrap(), &variance), "{what}");
            }
        }
    }
}

#[test]
fn variances_of_f32_far_from_zero_are_right_to_their_last_digits() {
    let normal = Random::new(5).normal::<f32, ndarray::Ix2>([600, 350]);
    for far in [0.0, 1000.0, -30_000.0] {
        let a = normal.compute().unwrap().mapv(|x| x + far);
        let wide = a.mapv(f64::from);
        for chunks in [[600, 350], [600, 31], [70, 350], [9, 5], [1, 300]] {
            // As it lies in memory, and computed in tiles.
            let lies = Array::from_ndarray(a.clone()).rechunk(chunks);
            for x in [lies.clone(), -(-lies)] {
                for axes in [vec![0], vec![1], vec![0, 1]] {
                    let want = reduced(&wide.clone().into_dyn(), &axes, |v| {
                        let mean = v.iter().sum::<f64>() / v.len() as f64;
                        v.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / v.len() as f64
                    });
                    let got = x.over(axes).var(0.0).compute().unwrap();
                    let off = |(got, want): (&f32, &f64)| (f64::from(*got) - want).abs() / want;
                    let most = got.iter().zip(&want).map(off).fold(0.0, f64::max);
                    assert!(most < 1e-6, "{far}, {x}: {most}");
                }
            }
        }
    }
}

#[test]
fn variances_of_f64_far_from_zero_are_right_to_their_last_digits() {
    let normal = Random::new(6).normal::<f64, ndarray::Ix2>([240, 150]).compute().unwrap();
    for (far, spread) in [(0.0, 1.0), (1e6, 1e-3), (-1e8, 1.0), (1e12, 1.0)] {
        // The second one drifts, so that chunks differ.
        for drift in [0.0, 1e-2] {
            let a = ndarray::Array2::from_shape_fn((240, 150), |(i, j)| {
                far + spread * (normal[[i, j]] + drift * (i + j) as f64)
            });
            for axes in [vec![0], vec![1], vec![0, 1]] {
                let want = reduced(&a.clone().into_dyn(), &axes, |v| exact_variance(&v));
                for chunks in [[240, 150], [240, 31], [70, 150], [10, 150], [9, 5], [1, 130]] {
                    // As it lies in memory, and computed in tiles.
                    let lies = Array::from_ndarray(a.clone()).rechunk(chunks);
                    for x in [lies.clone(), -(-lies)] {
                        let over = || x.over(axes.clone());
                        let got = over().var(0.0).compute_on(&InThread).unwrap();
                        assert_eq!(over().var(0.0).compute().unwrap(), got);
                        for got in [got, over().nanvar(0.0).compute().unwrap()] {
                            let off = |(got, want): (&f64, &f64)| (got - want).abs() / want;
                            let most = got.iter().zip(&want).map(off).fold(0.0, f64::max);
                            assert!(most < 2e-15, "{far}, axes {axes:?}, {x}: {most}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn bools_have_sums_and_means() {
    let a =
        ndarray::Array3::from_shape_fn((7, 5, 6), |(i, j, k)| (i * 31 + j * 17 + k * 7) % 3 == 0);
    let ones = a.mapv(u64::from);
    for chunks in [[7, 5, 6], [2, 5, 4], [3, 1, 6], [1, 2, 1]] {
        let m = Array::from(a.clone()).rechunk(chunks);
        assert_eq!(m.sum().compute().unwrap().into_scalar(), ones.sum());
        let mean = m.mean().compute().unwrap().into_scalar();
        assert!((mean - ones.sum() as f64 / 210.0).abs() < 1e-15, "{mean}");
        for axis in 0..3 {
            let len = a.shape()[axis] as f64;
            let sums = ones.sum_axis(Axis(axis));
            assert_eq!(m.sum_axis(Axis(axis)).compute().unwrap(), sums);
            let means = m.mean_axis(Axis(axis)).compute().unwrap();
            assert_eq!(means, sums.mapv(|sum| sum as f64 / len));
        }
        let some = m.over([0, 2]).keep_dims().sum().compute().unwrap();
        assert_eq!(some.shape(), [1, 5, 1]);
        assert_eq!(some.sum(), ones.sum());
    }
    let none = Array::<bool, _>::from_elem([0], true);
    assert_eq!(none.sum().compute().unwrap().into_scalar(), 0);
    assert!(none.mean().compute().unwrap().into_scalar().is_nan());
}

#[test]
fn an_infinity_in_any_row_has_no_variance() {
    for rows in 2..20 {
        for at in 0..rows {
            let mut a = ndarray::Array2::<f64>::zeros((rows, 3));
            a[[at, 1]] = f64::INFINITY;
            let x = Array::from(a.clone());
            for x in [x.clone(), x.rechunk([rows, 1]), x.rechunk([2, 3])] {
                let found = x.var_axis(ndarray::Axis(0), 0.0).compute().unwrap();
                assert!(found[1].is_nan() && found[0] == 0.0, "{rows} rows, {at}: {found}");
            }
        }
    }
}

/// A power of two, which the spread of `normal` is stretched by.
fn stretched<A: Clone>(
    normal: &ndarray::Array2<f64>,
    power: i32,
    to: impl Fn(f64) -> A,
) -> ndarray::Array2<A> {
    normal.mapv(|x| to(x * 2_f64.powi(power)))
}

#[test]
fn a_variance_beyond_all_numbers_is_infinite() {
    let normal = Random::new(7).normal::<f64, ndarray::Ix2>([60, 50]).compute().unwrap();
    let normal = normal.mapv(|x| f64::from(x as f32));
    for (power, power_of_f32) in [(0, 0), (500, 55), (600, 70), (1018, 120), (1021, 124)] {
        let wide = stretched(&normal, power, |x| x);
        let narrow = stretched(&normal, power_of_f32, |x| x as f32);
        for axes in [vec![0], vec![1], vec![0, 1]] {
            let spread = reduced(&normal.clone().into_dyn(), &axes, |v| exact_variance(&v));
            let times = |power| 2_f64.powi(power);
            let var = spread.mapv(|spread| spread * times(power) * times(power));
            let std = spread.mapv(|spread| (spread.sqrt() * times(power_of_f32)) as f32);
            for chunks in [[60, 50], [60, 7], [20, 50], [9, 5], [1, 30], [1, 1]] {
                let x = Array::from_ndarray(wide.clone()).rechunk(chunks);
                for x in [x.clone(), -(-x)] {
                    let got = x.over(axes.clone()).var(0.0).compute().unwrap();
                    let some = x.over(axes.clone()).nanvar(0.0).compute().unwrap();
                    for got in [got, some] {
                        let is_it =
                            |got: f64, var: f64| got == var || (got / var - 1.0).abs() < 1e-14;
                        let all = got.iter().zip(&var).all(|(&got, &var)| is_it(got, var));
                        assert!(all, "2^{power}, axes {axes:?}, {x}: {got}, not {var}");
                    }
                }
                let x = Array::from_ndarray(narrow.clone()).rechunk(chunks);
                let got = x.over(axes.clone()).std(0.0).compute().unwrap();
                let all = got.iter().zip(&std).all(|(got, std)| (got / std - 1.0).abs() < 1e-6);
                assert!(all, "2^{power_of_f32}, axes {axes:?}, {x}: {got}, not {std}");
            }
        }
    }
    let equal = Array::<f64, _>::from_elem([40, 40], f64::MAX).rechunk([7, 13]);
    assert_eq!(equal.var(0.0).compute().unwrap().into_scalar(), 0.0);
}

#[test]
fn equal_numbers_do_not_vary() {
    for chunk in [7, 214, 820] {
        let x = Array::<f64, _>::from_elem([3, 820], 0.1).rechunk([2, chunk]);
        for axis in [0, 1] {
            let deviations = x.std_axis(Axis(axis), 0.0).compute().unwrap();
            assert!(deviations.iter().all(|&deviation| deviation == 0.0), "{chunk} {axis}");
        }
        assert_eq!(x.std(0.0).compute().unwrap().into_scalar(), 0.0);
        assert!(x.var(f64::NAN).compute().unwrap().into_scalar().is_nan());
    }
}
