//! Functions of complex numbers, against those of `num-complex` of each element.

use crate::given::Given;
use ndarray::{ArrayD, arr1};
use num_complex::Complex;
use taskweave_array::{Array, ErrorKind, ravel_multi_index, unravel_index};

type Z = Complex<f64>;

fn close(a: Z, b: Z) -> bool {
    a == b || (a - b).norm() <= 1e-15 * b.norm().max(1e-300)
}

#[test]
fn functions_are_those_of_num_complex_in_any_chunks() {
    type Case =
        (&'static str, fn(&Array<Z, ndarray::IxDyn>) -> Array<Z, ndarray::IxDyn>, fn(Z) -> Z);
    let cases: [Case; 7] = [
        ("exp", |z| z.exp(), Z::exp),
        ("ln", |z| z.ln(), Z::ln),
        ("sqrt", |z| z.sqrt(), Z::sqrt),
        ("sin", |z| z.sin(), Z::sin),
        ("cos", |z| z.cos(), Z::cos),
        ("recip", |z| z.recip(), |z| Z::new(1.0, 0.0) / z),
        ("conj", |z| z.conj(), |z| z.conj()),
    ];
    type Part =
        (&'static str, fn(&Array<Z, ndarray::IxDyn>) -> Array<f64, ndarray::IxDyn>, fn(Z) -> f64);
    let parts: [Part; 4] = [
        ("re", |z| z.re(), |z| z.re),
        ("im", |z| z.im(), |z| z.im),
        ("modulus", |z| z.modulus(), |z| z.norm()),
        ("arg", |z| z.arg(), |z| z.arg()),
    ];
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (re, im) = (given.whole(&shape) / 97.0, given.whole(&shape) / 89.0);
        let mut values = ArrayD::from_elem(re.raw_dim(), Z::new(0.0, 0.0));
        ndarray::Zip::from(&mut values)
            .and(&re)
            .and(&im)
            .for_each(|z, &re, &im| *z = Z::new(re, im));
        let z = Array::from_ndarray(values.clone()).rechunk(given.chunks(&shape));
        for (name, ours, of_one) in &cases {
            let (got, want) = (ours(&z).compute().unwrap(), values.mapv(of_one));
            for (got, want) in got.iter().zip(&want) {
                assert!(close(*got, *want) || want.is_nan(), "seed {seed}, {name}: {got}, {want}");
            }
        }
        for (name, ours, of_one) in &parts {
            let (got, want) = (ours(&z).compute().unwrap(), values.mapv(of_one));
            for (got, want) in got.iter().zip(&want) {
                let is_close = (got - want).abs() <= 1e-15 * want.abs();
                assert!(is_close, "seed {seed}, {name}: {got}, {want}");
            }
        }
    }
}

#[test]
fn steps_of_complex_numbers_are_one_pass_with_those_around_them() {
    let x = Array::<f64, _>::ones([1000]).rechunk(100).map_blocks(|block, _| block.to_owned());
    let z = x.mapv(|x| Z::new(x, x));
    let chain = (z.exp() * Z::new(0.0, 2.0)).conj().sqrt().modulus() + 1.0;
    // As many tasks as one step has: ten that read the blocks.
    assert_eq!(chain.plan(1).unwrap().tasks(), (&x + 1.0).plan(1).unwrap().tasks(), "{chain}");
    let of_one = |x: f64| (Z::new(x, x).exp() * Z::new(0.0, 2.0)).conj().sqrt().norm() + 1.0;
    let got = chain.compute().unwrap();
    assert!(got.iter().all(|got| (got - of_one(1.0)).abs() < 1e-14), "{got}");
}

/// As C99 and NumPy have them.
#[test]
fn special_values_keep_their_signs_and_do_not_overflow_on_the_way() {
    let z = Array::from(vec![
        Z::new(-4.0, 0.0),
        Z::new(-4.0, -0.0),
        Z::new(3e300, 4e300),
        Z::new(f64::INFINITY, f64::NAN),
        Z::new(-0.0, -0.0),
    ]);
    let roots = z.sqrt().compute().unwrap();
    assert_eq!((roots[0], roots[1]), (Z::new(0.0, 2.0), Z::new(0.0, -2.0)));
    let moduli = z.modulus().compute().unwrap();
    assert_eq!((moduli[0], moduli[2], moduli[3]), (4.0, 5e300, f64::INFINITY));
    let arguments = z.arg().compute().unwrap();
    let pi = std::f64::consts::PI;
    assert_eq!((arguments[0], arguments[1], arguments[4]), (pi, -pi, -pi));
    assert!(z.conj().im().is_sign_negative().compute().unwrap()[0]);
    // Of `f32` too, and of real numbers as before.
    let small = z.cast::<Complex<f32>>().slice(ndarray::s![..1]);
    assert_eq!(small.sqrt().compute().unwrap()[0], Complex::new(0.0_f32, 2.0));
    assert_eq!(small.arg().compute().unwrap()[0], std::f32::consts::PI);
    assert_eq!(Array::from(vec![4.0_f32]).sqrt().compute().unwrap(), arr1(&[2.0_f32]));
    let x = Array::from(vec![f64::INFINITY, -0.0, 2.5]);
    let (recip, fract) = (x.recip().compute().unwrap(), x.fract().compute().unwrap());
    assert_eq!(recip.to_vec(), [0.0, f64::NEG_INFINITY, 0.4]);
    assert!(fract[0].is_nan() && fract[1] == 0.0 && fract[2] == 0.5);
}

#[test]
fn powers_and_factors_end_where_they_should() {
    // np.logspace(-1, 2, 7), np.logspace(0, 3, 4, base=-2) has no meaning there and the sign here.
    let have = Array::logspace(10.0_f64, -1.0, 2.0, 7).rechunk(3).compute().unwrap();
    for (at, have) in have.iter().enumerate() {
        assert!((have / 10_f64.powf(at as f64 / 2.0 - 1.0) - 1.0).abs() < 1e-15, "{at}: {have}");
    }
    assert_eq!((have[0], have[6]), (0.1, 100.0));
    assert_eq!(
        Array::logspace(-2.0, 0.0, 3.0, 4).compute().unwrap().to_vec(),
        [-1.0, -2.0, -4.0, -8.0]
    );
    assert_eq!(Array::logspace(2.0_f32, 5.0, 9.0, 1).compute().unwrap().to_vec(), [32.0]);
    assert!(Array::logspace(2.0, 5.0, 9.0, 0).compute().unwrap().is_empty());
    // np.geomspace(1, 256, 9)
    let have = Array::geomspace(1.0_f64, 256.0, 9).rechunk(2).compute().unwrap();
    assert!(
        have.iter().enumerate().all(|(at, have)| (have / (1 << at) as f64 - 1.0).abs() < 1e-14)
    );
    assert_eq!((have[0], have[8]), (1.0, 256.0));
    assert_eq!(Array::geomspace(-3.0, -5.0, 1).compute().unwrap().to_vec(), [-3.0]);
    assert!(Array::geomspace(3.0, 5.0, 0).compute().unwrap().is_empty());
    for (start, end) in [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)]
    {
        let error = Array::geomspace(start, end, 3).check().unwrap_err();
        assert_eq!((error.kind(), error.location().unwrap().file()), (ErrorKind::Value, file!()));
        assert!(error.to_string().contains("no factor leads from one to the other"), "{error}");
    }
}

#[test]
fn places_and_indices_are_each_others_inverse() {
    let shape = [3, 1, 4];
    // np.unravel_index(range(12), (3, 1, 4))
    for (place, index) in ndarray::indices([3, 1, 4]).into_iter().enumerate() {
        let index = [index.0, index.1, index.2];
        assert_eq!(unravel_index(place, &shape).unwrap(), index);
        assert_eq!(ravel_multi_index(index, &shape).unwrap(), place);
    }
    // Of rank 0 there is one element.
    assert_eq!(unravel_index(0_u64, &[]).unwrap(), [0_usize; 0]);
    assert_eq!(ravel_multi_index([], &[]).unwrap(), 0);
    let line = line!() + 1;
    let error = unravel_index(12, &shape).unwrap_err();
    assert_eq!((error.kind(), error.location().unwrap().line()), (ErrorKind::Index, line));
    let text = "an array of shape [3, 1, 4] has 12 elements, and none is at 12";
    assert!(error.to_string().contains(text), "{error}");
    assert!(unravel_index(-1, &shape).unwrap_err().to_string().contains("none is at -1"));
    assert!(unravel_index(0, &[2, 0]).is_err());
    for index in [&[2, 0][..], &[2, 1, 0], &[3, 0, 0], &[0, 0, 0, 0]] {
        let error = ravel_multi_index(index, &shape).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Index, "{error}");
        assert!(error.to_string().contains(&format!("no element at {index:?}")), "{error}");
    }
    let error = unravel_index(0, &[usize::MAX - 1, 2]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overflow, "{error}");
}

/// What half an angle loses, and what a zero times an infinity does.
#[test]
fn near_the_axes_and_far_out_no_digits_are_lost() {
    let z = [
        (-1.0, 1e-20),
        (-1.0, -1e-20),
        (1.5e308, 1.5e308),
        (3e-320, -4e-320),
        (0.0, 0.0),
        (-4.0, -0.0),
    ];
    let z = Array::from(z.map(|(re, im)| Z::new(re, im)).to_vec());
    let found = z.sqrt().compute().unwrap();
    let long = (1.5e308_f64 / 2.0).sqrt() * (1.0 + 2.0_f64.sqrt()).sqrt();
    let want = [
        (5e-21, 1.0),
        (5e-21, -1.0),
        (long, 0.5 * (1.5e308 / long)),
        (2e-160, -1e-160),
        (0.0, 0.0),
        (0.0, -2.0),
    ];
    for (at, (found, want)) in found.iter().zip(want).enumerate() {
        // Numbers below the normal ones have few digits.
        let digits = if at == 3 { 1e-4 } else { 1e-15 };
        for (found, want) in [(found.re, want.0), (found.im, want.1)] {
            assert!((found - want).abs() <= digits * want.abs(), "{at}: {found} for {want}");
        }
    }
    let mut given = Given::seed(7);
    let parts = given
        .whole(&[400])
        .mapv(|x: f64| (x / 3.0).sin() * 10.0_f64.powf(x.rem_euclid(12.0) - 6.0));
    let all: Vec<Z> =
        parts.iter().zip(parts.iter().skip(1)).map(|(re, im)| Z::new(*re, *im)).collect();
    let found = Array::from(all.clone()).sqrt().compute().unwrap();
    for (root, z) in found.iter().zip(&all) {
        assert!(root.re >= 0.0 && (root * root - z).norm() <= 1e-15 * z.norm(), "{root} of {z}");
    }
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for (z, want) in [
        ((inf, 2.0), (inf, 0.0)),
        ((-inf, -2.0), (0.0, -inf)),
        ((nan, inf), (inf, inf)),
        ((inf, nan), (inf, nan)),
        ((1.0, nan), (nan, nan)),
    ] {
        let found = Array::from(vec![Z::new(z.0, z.1)]).sqrt().compute().unwrap()[0];
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        assert!(same(found.re, want.0) && same(found.im, want.1), "{found} of {z:?}");
    }
    let of = |re: f64, im: f64| Array::from(vec![Z::new(re, im)]);
    assert_eq!(of(800.0, 0.0).exp().compute().unwrap()[0], Z::new(inf, 0.0));
    assert_eq!(of(0.0, 800.0).sin().compute().unwrap()[0], Z::new(0.0, inf));
    assert_eq!(of(0.0, 800.0).cos().compute().unwrap()[0], Z::new(inf, -0.0));
    let small = Array::from(vec![Complex::new(-1.0_f32, 1e-20)]);
    assert_eq!(small.sqrt().compute().unwrap()[0], Complex::new(5e-21_f32, 1.0));
}
