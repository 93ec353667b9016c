//! Functions of two elements, of arrays that broadcast either way and are cut differently, against the same of each pair.

use crate::given::Given;
use crate::plain::{Near, Workers, check, same};
use ndarray::{ArrayD, IxDyn, Zip};
use num_complex::Complex;
use taskweave_array::{Array, Element, Float, Real};

/// Two shapes that broadcast: either may lack axes of the other, or have them of length 1.
fn shapes(given: &mut Given) -> [Vec<usize>; 2] {
    let all = given.shape();
    [0, 1].map(|_| {
        let first = if given.below(3) == 0 { given.below(all.len() + 1) } else { 0 };
        all[first..].iter().map(|&len| if given.below(4) == 0 { 1 } else { len }).collect()
    })
}

/// `f` of each pair of elements.
fn of_pairs<A: Clone, B: Clone, C>(
    a: &ArrayD<A>,
    b: &ArrayD<B>,
    f: impl Fn(&A, &B) -> C,
) -> ArrayD<C> {
    let rank = a.ndim().max(b.ndim());
    let length = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    let both = |axis| match (length(a.shape(), axis), length(b.shape(), axis)) {
        (1, len) | (len, _) => len,
    };
    let shape: Vec<usize> = (0..rank).map(both).collect();
    let (a, b) = (a.broadcast(&shape[..]).unwrap(), b.broadcast(&shape[..]).unwrap());
    Zip::from(&a).and(&b).map_collect(f)
}

const OTHERS: [f64; 14] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -2.0,
    3.0,
    1e-30,
    -1e30,
    700.0,
    -1e-40,
];

fn number(given: &mut Given) -> f64 {
    match given.below(3) {
        0 => OTHERS[given.below(OTHERS.len())],
        1 => given.below(21) as f64 - 10.0,
        _ => 4.0 * given.normal(),
    }
}

/// A function, what it is of two numbers, by how many `epsilon` of the result it may be off, and whether zeros have the sign that they have there.
type Case<A> = (
    &'static str,
    fn(&Array<A, IxDyn>, &Array<A, IxDyn>) -> Array<A, IxDyn>,
    fn(f64, f64) -> f64,
    f64,
    bool,
);

fn logaddexp(a: f64, b: f64) -> f64 {
    match (a.max(b), (a - b).abs()) {
        _ if a.is_nan() || b.is_nan() => f64::NAN,
        (greater, _) if greater.is_infinite() => greater,
        (greater, apart) => greater + (-apart).exp().ln_1p(),
    }
}

fn spread_nan(a: f64, b: f64, f: fn(f64, f64) -> f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { f(a, b) }
}

/// The functions of analysis: within one unit in the last place, as the standard library's; one of which is up to two parts of `epsilon`.
fn functions<A: Float + Into<f64>>(epsilon: f64, least: f64, of: fn(f64) -> A, seeds: u64) {
    let cases: [Case<A>; 9] = [
        ("powf", |x, y| x.powf(y), f64::powf, 2.0, true),
        ("atan2", |x, y| x.atan2(y), f64::atan2, 2.5, true),
        ("hypot", |x, y| x.hypot(y), f64::hypot, 2.0, true),
        ("logaddexp", |x, y| x.logaddexp(y), logaddexp, 3.0, false),
        ("copysign", |x, y| x.copysign(y), f64::copysign, 0.0, true),
        ("fmax", |x, y| x.fmax(y), f64::max, 0.0, false),
        ("fmin", |x, y| x.fmin(y), f64::min, 0.0, false),
        ("maximum", |x, y| x.maximum(y), |a, b| spread_nan(a, b, f64::max), 0.0, false),
        ("minimum", |x, y| x.minimum(y), |a, b| spread_nan(a, b, f64::min), 0.0, false),
    ];
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        let (a, x) = given.pair(&first, |given| of(number(given)));
        let (b, y) = given.pair(&second, |given| of(number(given)));
        let on = all.some(&mut given);
        let (a, b) = (a.mapv(Into::<f64>::into), b.mapv(Into::<f64>::into));
        for (name, ours, plain, ulps, has_sign) in cases {
            let want = of_pairs(&a, &b, |&a, &b| {
                // The terms of a logarithm of a sum may be greater than it.
                let size = if name == "logaddexp" { 1.0 + a.max(b).abs() } else { 0.0 };
                let value: f64 = of(plain(a, b)).into();
                Near { value, within: ulps * epsilon * value.abs().max(size) + ulps * least }
            });
            let is = |got: &A, want: &Near| {
                let got: f64 = (*got).into();
                let has_its_sign = got.is_sign_negative() == want.value.is_sign_negative();
                want.is(got) && (!has_sign || got != 0.0 || want.value != 0.0 || has_its_sign)
            };
            let what = format!("seed {seed}, {name} of {x} and {y}");
            check(&what, &ours(&x, &y).compute_on(on).unwrap(), &want, is);
        }
    }
}

#[test]
fn functions_of_two_numbers_that_broadcast() {
    functions::<f64>(f64::EPSILON, f64::from_bits(1), |x| x, 120);
    functions::<f32>(f64::from(f32::EPSILON), f32::from_bits(1).into(), |x| x as f32, 80);
}

#[test]
fn the_sign_of_another_number_is_taken_to_the_bit() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        let signed = |given: &mut Given| f64::copysign(number(given), given.normal());
        let (a, x) = given.pair(&first, signed);
        let (b, y) = given.pair(&second, signed);
        let want = of_pairs(&a, &b, |a, b| a.copysign(*b).to_bits());
        let got = x.copysign(&y).compute().unwrap().mapv(f64::to_bits);
        assert_eq!(got, want, "seed {seed}, {x} and {y}");
        let negative = x.is_sign_negative().compute().unwrap();
        assert_eq!(negative, a.mapv(f64::is_sign_negative), "seed {seed}, {x}");
    }
}

/// The quotient towards minus infinity, and what is left.
fn floored(a: i64, b: i64) -> (i64, i64) {
    let (quotient, rest) = (a / b, a % b);
    match rest != 0 && (rest < 0) != (b < 0) {
        true => (quotient - 1, rest + b),
        false => (quotient, rest),
    }
}

/// Fractions of powers of two, of which quotients and remainders are exact.
fn fractions<A: Float + Into<f64>>(bits: u32, of: impl Fn(f64) -> A, seeds: u64) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        let scale = 2_f64.powi(given.below(40) as i32 - 20);
        let whole = |given: &mut Given, bits: u32| (given.next() as i64) >> (64 - bits);
        let number = |given: &mut Given| match given.below(4) {
            0 => whole(given, 3),
            1 => whole(given, bits),
            _ => whole(given, 1 + bits / 2),
        };
        let (a, x) = given.pair(&first, |given| of(number(given) as f64 * scale));
        let (b, y) = given.pair(&second, |given| {
            let divisor = number(given);
            of(if divisor == 0 { 1 } else { divisor } as f64 * scale)
        });
        let on = all.some(&mut given);
        let wide = |x: &A| -> f64 { (*x).into() };
        let of_both = |part: fn((i64, i64)) -> i64, scale_of_part: f64| {
            of_pairs(&a, &b, |a, b| {
                let whole = |x: &A| (wide(x) / scale) as i64;
                part(floored(whole(a), whole(b))) as f64 * scale_of_part
            })
        };
        let is = |got: &A, want: &f64| wide(got) == *want;
        let what = format!("seed {seed}, {x} and {y}");
        let quotients = x.floor_divide(&y).compute_on(on).unwrap();
        check(&what, &quotients, &of_both(|(quotient, _)| quotient, 1.0), is);
        let remainders = x.remainder(&y).compute_on(on).unwrap();
        check(&what, &remainders, &of_both(|(_, rest)| rest, scale), is);
        // What is left has the divisor's sign, also if it is zero.
        let has_sign = of_pairs(&remainders, &of_pairs(&a, &b, |_, &b| b), |rest, b| {
            wide(rest).is_sign_negative() == wide(b).is_sign_negative()
        });
        assert!(has_sign.iter().all(|has| *has), "{what}");
    }
}

#[test]
fn quotients_towards_minus_infinity_and_what_is_left() {
    fractions(40, |x| x, 100);
    fractions(23, |x| x as f32, 80);
    // As Python has it.
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for (a, b, quotient, rest) in [
        (1.0, 0.0, inf, nan),
        (-1.0, 0.0, -inf, nan),
        (0.0, 0.0, nan, nan),
        (inf, 1.0, nan, nan),
        (1.0, inf, 0.0, 1.0),
        (-1.0, inf, -1.0, inf),
        (1.0, -inf, -1.0, -inf),
        (-1.0, -inf, 0.0, -1.0),
        (nan, 1.0, nan, nan),
        (1.0, nan, nan, nan),
        (-0.0, 1.0, -0.0, 0.0),
        (0.0, -1.0, -0.0, -0.0),
        (1.0, 0.1, 9.0, 0.09999999999999995),
    ] {
        let (x, y) = (Array::from(vec![a; 5]).rechunk(2), Array::from(vec![b]));
        let bits_or_nan = |x: f64| if x.is_nan() { None } else { Some(x.to_bits()) };
        for got in x.floor_divide(&y).compute().unwrap() {
            assert_eq!(bits_or_nan(got), bits_or_nan(quotient), "{a} // {b}: {got}");
        }
        for got in x.remainder(&y).compute().unwrap() {
            assert_eq!(bits_or_nan(got), bits_or_nan(rest), "{a} % {b}: {got}");
        }
    }
}

/// Integers, of which the least one divided by -1 wraps around.
fn integers<A: Real + Into<i64>>(of: impl Fn(i64) -> A, ends: [i64; 2], seeds: u64) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        let number = |given: &mut Given| match given.below(4) {
            0 => ends[given.below(2)],
            1 => given.below(5) as i64 - 2,
            _ => (given.next() as i64) >> (32 + given.below(32)),
        };
        let (a, x) = given.pair(&first, |given| of(number(given)));
        let is_zero = |x: &A| Into::<i64>::into(*x) == 0;
        let zeros = given.below(4) == 0;
        let (b, y) = given.pair(&second, |given| match of(number(given)) {
            zero if is_zero(&zero) && !zeros => of(1),
            divisor => divisor,
        });
        let (what, on) = (format!("seed {seed}, {x} and {y}"), all.some(&mut given));
        let (quotients, remainders) = (x.floor_divide(&y), x.remainder(&y));
        if b.iter().any(is_zero) && !quotients.is_empty() {
            for quotients in [quotients, remainders] {
                let message = quotients.compute_on(on).unwrap_err().to_string();
                assert!(message.contains("an integer is divided by zero"), "{what}: {message}");
            }
            continue;
        }
        let of_both = |part: fn((i64, i64)) -> i64| {
            of_pairs(&a, &b, |&a, &b| of(part(floored(a.into(), b.into()))))
        };
        let is = |got: &A, want: &A| got == want;
        let quotients = quotients.compute_on(on).unwrap();
        check(&what, &quotients, &of_both(|(quotient, _)| quotient), is);
        check(&what, &remainders.compute_on(on).unwrap(), &of_both(|(_, rest)| rest), is);
    }
}

#[test]
fn quotients_of_integers_towards_minus_infinity() {
    integers(|x| x as i32, [i32::MIN.into(), i32::MAX.into()], 60);
    integers(|x| x as i8, [i8::MIN.into(), i8::MAX.into()], 60);
    integers(|x| x as u8, [0, u8::MAX.into()], 60);
}

fn close<A: Float + Into<f64>>(of: impl Fn(f64) -> A, seeds: u64) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        // Eighths, of which limits are exact.
        let number = |given: &mut Given| match given.below(8) {
            0 => OTHERS[given.below(5)],
            _ => given.below(80) as f64 / 8.0 - 5.0,
        };
        let (a, x) = given.pair(&first, |given| of(number(given)));
        let (b, y) = given.pair(&second, |given| of(number(given)));
        let tolerances = [0.0, 0.125, 0.25, 1.0];
        let (relative, absolute) = (tolerances[given.below(4)], tolerances[given.below(4)]);
        let (what, on) = (format!("seed {seed}, {x} and {y}"), all.some(&mut given));
        let want = of_pairs(&a, &b, |&a, &b| {
            let (a, b): (f64, f64) = (a.into(), b.into());
            match a.is_finite() && b.is_finite() {
                true => (a - b).abs() <= absolute + relative * b.abs(),
                false => a == b,
            }
        });
        let got = x.isclose(&y, relative, absolute);
        check(&what, &got.compute_on(on).unwrap(), &want, |got, want| got == want);
        let got = x.allclose(&y, relative, absolute).compute_on(on).unwrap().into_scalar();
        assert_eq!(got, want.iter().all(|is| *is), "{what}");
    }
}

#[test]
fn near_or_not_of_numbers_that_broadcast() {
    close(|x| x, 80);
    close(|x| x as f32, 40);
}

/// A function of the user's, of elements of two types.
fn zipped<A: Element, B: Element, C: Element>(
    of_first: impl Fn(&mut Given) -> A,
    of_second: impl Fn(&mut Given) -> B,
    f: fn(A, B) -> C,
    is: impl Fn(&C, &C) -> bool,
) {
    let all = Workers::new();
    for seed in 0..50 {
        let mut given = Given::seed(seed);
        let [first, second] = shapes(&mut given);
        let (a, x) = given.pair(&first, &of_first);
        let (b, y) = given.pair(&second, &of_second);
        let what = format!("seed {seed}, {x} and {y}");
        let want = of_pairs(&a, &b, |&a, &b| f(a, b));
        let got = x.zip_with(&y, f).compute_on(all.some(&mut given)).unwrap();
        check(&what, &got, &want, &is);
    }
}

#[test]
fn a_function_of_the_users_of_elements_of_any_two_types() {
    zipped(number, number, |a, b| a * b + a, same);
    zipped(number, |given| given.next() as i32, |a, b| a * f64::from(b), same);
    zipped(
        |given| given.next() as u8,
        |given| given.next() as i64,
        |a, b| i64::from(a) ^ b,
        i64::eq,
    );
    let number = |given: &mut Given| Complex::new(given.normal() as f32, 1.0);
    zipped(number, |given| given.below(2) == 0, |z, is| if is { z } else { -z }, Complex::eq);
    zipped(
        |given| given.below(2) == 0,
        |given| given.below(3) as u8,
        |is, n| is && n == 1,
        bool::eq,
    );
}
