//! Every function against std: f64 against std's f64, f32 against std's f64 rounded; with the best instruction set that the
//! machine has and with the baseline, on special values and on many others.

use super::*;
use crate::simd::TwoRoundings;

/// Reproducible numbers (xorshift).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    /// Between the two.
    fn within(&mut self, (low, high): (f64, f64)) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Values at which something happens in one function or another; each is also taken with the other sign.
const SPECIAL: &[f64] = &[
    0.0,
    f64::from_bits(1),
    f64::from_bits(3),
    2.2e-308,
    f64::MIN_POSITIVE,
    1e-40,
    1.0 / (1u64 << 54) as f64,
    1e-8,
    0.25,
    0.346_573_590_279_972_64,
    0.4375,
    0.5,
    std::f64::consts::FRAC_1_SQRT_2,
    std::f64::consts::FRAC_PI_4,
    0.999_999_999_999_999_9,
    0.999_999_94,
    1.0,
    1.000_000_000_000_000_2,
    1.000_000_1,
    std::f64::consts::SQRT_2,
    std::f64::consts::FRAC_PI_2,
    2.0,
    3.0,
    std::f64::consts::PI,
    10.0,
    22.0,
    29.0 * std::f64::consts::FRAC_PI_2,
    88.722_84,
    103.98,
    127.5,
    149.5,
    1000.0,
    708.4,
    709.782_712_893_384,
    709.782_712_893_384_1,
    710.475_860_073_943_9,
    710.5,
    744.44,
    745.13,
    745.133_219_101_942_2,
    1023.999,
    1024.0,
    1074.4,
    1075.0,
    1_647_099.0,
    1_647_099.5,
    1e7,
    1e18,
    1e22,
    1e38,
    1e300,
    f32::MAX as f64,
    f64::MAX,
    f64::INFINITY,
    f64::NAN,
];

fn specials() -> impl Iterator<Item = f64> {
    SPECIAL.iter().flat_map(|&x| [x, -x])
}

/// Special values, `count` in each of the ranges, `count` of any size.
fn samples(ranges: &[(f64, f64)], count: usize) -> Vec<f64> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut all: Vec<f64> = specials().collect();
    for &range in ranges {
        all.extend((0..count).map(|_| random.within(range)));
    }
    for i in 0..count {
        let x = f64::from_bits(random.bits());
        // Half of them of an f32's size.
        let size = 2.0f64.powf(random.within((-150.0, 128.0)));
        all.push(if i % 2 == 0 { x } else { size.copysign(x) });
    }
    all
}

/// How many numbers apart two are. NaN is NaN, and 0 has a sign.
fn distance(a: f64, b: f64) -> u64 {
    let place = |x: f64| {
        let bits = x.to_bits() as i64;
        if bits < 0 { i64::MIN - bits } else { bits }
    };
    if a.is_nan() && b.is_nan() {
        0
    } else if a.is_nan() || b.is_nan() || (a == 0.0 && b == 0.0 && a.to_bits() != b.to_bits()) {
        u64::MAX
    } else {
        place(a).abs_diff(place(b))
    }
}

/// [`distance`], in f32.
fn distance_single(a: f32, b: f32) -> u64 {
    let place = |x: f32| {
        let bits = x.to_bits() as i32;
        i64::from(if bits < 0 { i32::MIN - bits } else { bits })
    };
    let exact = distance(f64::from(a), f64::from(b));
    if exact == 0 || exact == u64::MAX { exact } else { place(a).abs_diff(place(b)) }
}

/// A function to be checked: its name, std's, the ranges worth looking into, and how far from std's it may be: 2 where std's
/// own is more than 1 off, as glibc's `log10`, `sinh`, `cosh` and `tanh` are, or nearly.
type Case = (fn(f64) -> f64, &'static [(f64, f64)], u64);

fn check<F: Unary<f64> + Unary<f32>>(name: &str, (std, ranges, most): Case) {
    let x = samples(ranges, 8000);
    let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let (mut best, mut baseline) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    unary::<F, f64>(&x, &mut best);
    Map { x: &x, out: &mut baseline, function: PhantomData::<F> }.run::<TwoRoundings>();
    let (mut best32, mut baseline32) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    unary::<F, f32>(&single, &mut best32);
    Map { x: &single, out: &mut baseline32, function: PhantomData::<F> }.run::<TwoRoundings>();
    for i in 0..x.len() {
        let expected = std(x[i]);
        for (kind, got) in [("best", best[i]), ("baseline", baseline[i])] {
            let apart = distance(got, expected);
            assert!(
                apart <= most,
                "{kind} {name}({:e}) = {got:e}, not {expected:e}: {apart}",
                x[i]
            );
        }
        let expected = std(f64::from(single[i])) as f32;
        for (kind, got) in [("best", best32[i]), ("baseline", baseline32[i])] {
            let (apart, x) = (distance_single(got, expected), single[i]);
            assert!(apart <= 1, "{kind} {name}({x:e}f32) = {got:e}, not {expected:e}: {apart}");
        }
    }
}

#[test]
fn exponentials() {
    check::<Exp>("exp", (f64::exp, &[(-746.0, 710.0), (-1.0, 1.0), (-104.0, 89.0)], 1));
    check::<Exp2>("exp2", (f64::exp2, &[(-1076.0, 1025.0), (-1.0, 1.0), (-150.0, 129.0)], 1));
    check::<ExpM1>("exp_m1", (f64::exp_m1, &[(-40.0, 710.0), (-1.0, 1.0), (-20.0, 89.0)], 2));
}

#[test]
fn logarithms() {
    const RANGES: &[(f64, f64)] = &[(0.0, 100.0), (0.5, 2.0), (0.99, 1.01)];
    check::<Ln>("ln", (f64::ln, RANGES, 1));
    check::<Log2>("log2", (f64::log2, RANGES, 1));
    check::<Log10>("log10", (f64::log10, RANGES, 2));
    check::<Ln1p>("ln_1p", (f64::ln_1p, &[(-1.0, 10.0), (-0.5, 0.5), (-1e-3, 1e-3)], 2));
}

#[test]
fn trigonometric() {
    // The last range lies across the limit, so that some elements of one slice are done over.
    const RANGES: &[(f64, f64)] = &[(-10.0, 10.0), (-1e6, 1e6), (1.6e6, 1.7e6)];
    check::<Sin>("sin", (f64::sin, RANGES, 1));
    check::<Cos>("cos", (f64::cos, RANGES, 1));
    check::<Tan>("tan", (f64::tan, RANGES, 1));
}

#[test]
fn close_to_a_multiple_of_a_quarter_turn() {
    // The doubles next to n·π/2, where all but the last bits cancel.
    let x: Vec<f64> = (1..1 << 20)
        .step_by(997)
        .flat_map(|n| {
            let x = f64::from(n) * std::f64::consts::FRAC_PI_2;
            [x.next_down(), x, x.next_up()]
        })
        .collect();
    let mut out = vec![0.0; x.len()];
    Map { x: &x, out: &mut out, function: PhantomData::<Sin> }.run::<TwoRoundings>();
    assert!(x.iter().zip(&out).all(|(x, &got)| distance(got, x.sin()) <= 1));
    unary::<Tan, f64>(&x, &mut out);
    assert!(x.iter().zip(&out).all(|(x, &got)| distance(got, x.tan()) <= 1));
}

#[test]
fn inverse_trigonometric() {
    const RANGES: &[(f64, f64)] = &[(-1.0, 1.0), (-0.6, 0.6), (0.999, 1.0)];
    check::<Asin>("asin", (f64::asin, RANGES, 1));
    check::<Acos>("acos", (f64::acos, RANGES, 1));
    check::<Atan>("atan", (f64::atan, &[(-1.0, 1.0), (-3.0, 3.0), (0.0, 100.0)], 1));
}

#[test]
fn hyperbolic_functions() {
    const RANGES: &[(f64, f64)] = &[(-711.0, 711.0), (-25.0, 25.0), (-1.0, 1.0)];
    check::<Sinh>("sinh", (f64::sinh, RANGES, 2));
    check::<Cosh>("cosh", (f64::cosh, RANGES, 2));
    check::<Tanh>("tanh", (f64::tanh, RANGES, 2));
}

fn check_of_two<F>(name: &str, std: fn(f64, f64) -> f64, most: u64)
where
    F: Binary<f64> + Binary<f32>,
{
    let mut random = Random(88_172_645_463_325_252);
    let mut pairs: Vec<(f64, f64)> =
        specials().flat_map(|x| specials().map(move |y| (x, y))).collect();
    for i in 0..40_000 {
        let x = random.within((-10.0, 10.0));
        let y = random.within((-10.0, 10.0)) * 2.0f64.powf(random.within((-60.0, 60.0)));
        let scale = 2.0f64.powf(random.within((-1000.0, 900.0)));
        pairs.push(if i % 2 == 0 { (x, y) } else { (x * scale, y * scale) });
    }
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (x32, y32): (Vec<f32>, Vec<f32>) = pairs.iter().map(|&(x, y)| (x as f32, y as f32)).unzip();
    let (mut best, mut baseline) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    let (mut best32, mut baseline32) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    binary::<F, f64>(&x, &y, &mut best);
    binary::<F, f32>(&x32, &y32, &mut best32);
    let function = PhantomData::<F>;
    Zip { x: &x, y: &y, out: &mut baseline, function }.run::<TwoRoundings>();
    Zip { x: &x32, y: &y32, out: &mut baseline32, function }.run::<TwoRoundings>();
    for i in 0..x.len() {
        let (x, y, expected) = (x[i], y[i], std(x[i], y[i]));
        for got in [best[i], baseline[i]] {
            let apart = distance(got, expected);
            assert!(apart <= most, "{name}({x:e}, {y:e}) = {got:e}, not {expected:e}: {apart}");
        }
        let (x, y) = (x32[i], y32[i]);
        let expected = std(f64::from(x), f64::from(y)) as f32;
        for got in [best32[i], baseline32[i]] {
            let apart = distance_single(got, expected);
            assert!(apart <= 1, "{name}({x:e}, {y:e}) = {got:e}, not {expected:e}: {apart}");
        }
    }
}

#[test]
fn of_a_point() {
    check_of_two::<Atan2>("atan2", f64::atan2, 2);
    check_of_two::<Hypot>("hypot", f64::hypot, 1);
}

#[test]
fn the_place_in_a_slice_does_not_matter() {
    // Whole vectors and what is left over at the end are different code.
    fn check<F: Unary<f64> + Unary<f32>>() {
        let x = samples(&[(-1.0, 1.0), (-1e7, 1e7)], 20);
        let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let (mut all, mut all32) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        unary::<F, f64>(&x, &mut all);
        unary::<F, f32>(&single, &mut all32);
        for i in 0..x.len() {
            let (mut alone, mut alone32) = ([0.0], [0.0]);
            unary::<F, f64>(&x[i..=i], &mut alone);
            unary::<F, f32>(&single[i..=i], &mut alone32);
            assert_eq!(distance(alone[0], all[i]), 0);
            assert_eq!(distance_single(alone32[0], all32[i]), 0);
        }
    }
    check::<Exp>();
    check::<Ln1p>();
    check::<Sin>();
    check::<Tan>();
    check::<Acos>();
    check::<Tanh>();
}

#[test]
fn exact_where_one_expects_it() {
    let mut out = [0.0; 5];
    unary::<Exp2, f64>(&[-1074.0, -1.0, 0.0, 10.0, 1023.0], &mut out);
    assert_eq!(out, [f64::from_bits(1), 0.5, 1.0, 1024.0, 2.0f64.powi(1023)]);
    unary::<Log2, f64>(&[f64::from_bits(1), 0.5, 1.0, 1024.0, 2.0f64.powi(1023)], &mut out);
    assert_eq!(out, [-1074.0, -1.0, 0.0, 10.0, 1023.0]);
    unary::<Log10, f64>(&[0.001, 1.0, 10.0, 1000.0, 1e15], &mut out);
    assert_eq!(out, [-3.0, 0.0, 1.0, 3.0, 15.0]);
    let (far, near) = (2.0f64.powi(1000), 2.0f64.powi(-1000));
    let x = [3.0, 5.0, 3.0 * far, 3.0 * near, 8.0];
    let y = [4.0, 12.0, 4.0 * far, 4.0 * near, 15.0];
    binary::<Hypot, f64>(&x, &y, &mut out);
    assert_eq!(out, [5.0, 13.0, 5.0 * far, 5.0 * near, 17.0]);
}

#[test]
fn the_rest_is_std() {
    let x = [0.3, 1.5, -2.0, f64::NAN, f64::INFINITY];
    let y = [2.0, -1.5, 3.0, 0.0, -1.0];
    let mut out = [0.0; 5];
    <f64 as RealMath>::cbrt(&x, &mut out);
    assert!(x.iter().zip(out).all(|(&x, got)| distance(got, x.cbrt()) == 0));
    <f64 as RealMath>::powf(&x, &y, &mut out);
    assert!((0..5).all(|i| distance(out[i], x[i].powf(y[i])) == 0));
}

/// A function of f64 at so many points, and its values there: computed with 60 digits and rounded.
fn check_points<F: Unary<f64> + Unary<f32>>(name: &str, points: &[(f64, f64)]) {
    let x: Vec<f64> = points.iter().map(|point| point.0).collect();
    let (mut best, mut baseline) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    unary::<F, f64>(&x, &mut best);
    Map { x: &x, out: &mut baseline, function: PhantomData::<F> }.run::<TwoRoundings>();
    for (i, &(x, right)) in points.iter().enumerate() {
        for (kind, got) in [("best", best[i]), ("baseline", baseline[i])] {
            let apart = distance(got, right);
            assert!(apart <= 1, "{kind} {name}({x:e}) = {got:e}, not {right:e}: {apart}");
        }
        let (mut single, x) = ([0.0], x as f32);
        unary::<F, f32>(&[x], &mut single);
        unary::<F, f64>(&[f64::from(x)], &mut best[..1]);
        assert_eq!(distance_single(single[0], best[0] as f32), 0, "{name}({x:e}f32)");
    }
}

/// Where the formulas of std lose digits, and elsewhere.
const ATANH: &[(f64, f64)] = &[
    (0.9999999999999999, 18.714973875118524),
    (0.9978163266708202, 3.409400777122866),
    (0.5, 0.5493061443340549),
    (0.3333333333333333, 0.34657359027997264),
    (0.1, 0.10033534773107558),
    (0.9, 1.4722194895832204),
    (1e-09, 1e-09),
    (0.0001, 0.00010000000033333334),
    (0.75, 0.9729550745276566),
    (0.999, 3.8002011672501994),
    (5e-324, 5e-324),
];
const ACOSH: &[(f64, f64)] = &[
    (1.0000000000000002, 2.1073424255447014e-08),
    (1.0000000001, 1.4142136208675862e-05),
    (1.001, 0.04471763360830685),
    (1.5, 0.9624236501192069),
    (2.0, 1.3169578969248168),
    (1.25, std::f64::consts::LN_2),
    (10.0, 2.993222846126381),
    (1000000.0, 14.508657738523969),
    (268435456.0, 20.101268236238415),
    (268435455.0, 20.101268232513124),
    (1000000000000000.0, 35.23192357547063),
    (1e+200, 461.2101657793691),
];
const ASINH: &[(f64, f64)] = &[
    (0.3, 0.29567304756342244),
    (1.5, 1.1947632172871092),
    (1e-09, 1e-09),
    (1e-05, 9.999999999833334e-06),
    (0.01, 0.009999833340832888),
    (0.1, 0.09983407889920756),
    (1.0, 0.881373587019543),
    (2.0, 1.4436354751788103),
    (3.0, 1.8184464592320668),
    (100.0, 5.298342365610589),
    (100000000.0, 19.11382792451231),
    (268435456.0, 20.101268236238415),
    (268435455.0, 20.101268232513124),
    (1000000000000000.0, 35.23192357547063),
    (1e+200, 461.2101657793691),
    (1.1754943508222875e-38, 1.1754943508222875e-38),
];

#[test]
fn inverse_hyperbolic() {
    check_points::<Atanh>("atanh", ATANH);
    check_points::<Acosh>("acosh", ACOSH);
    check_points::<Asinh>("asinh", ASINH);
    let negative: Vec<(f64, f64)> = ATANH.iter().map(|&(x, y)| (-x, -y)).collect();
    check_points::<Atanh>("atanh", &negative);
    let negative: Vec<(f64, f64)> = ASINH.iter().map(|&(x, y)| (-x, -y)).collect();
    check_points::<Asinh>("asinh", &negative);
}

#[test]
fn inverse_hyperbolic_at_the_ends() {
    let mut large = [0.0; 3];
    let is_right = |large: [f64; 3], right: [f64; 3]| {
        assert!(
            large.iter().zip(right).all(|(&got, right)| distance(got, right) <= 1),
            "{large:?}"
        );
    };
    <f64 as RealMath>::asinh(&[f64::MAX, -f64::MAX, 1e300], &mut large);
    is_right(large, [710.475860073944, -710.475860073944, 691.4686750787737]);
    <f64 as RealMath>::acosh(&[f64::MAX, 1e300, f64::INFINITY], &mut large);
    is_right(large, [710.475860073944, 691.4686750787737, f64::INFINITY]);
    let mut single = [0.0; 2];
    <f32 as RealMath>::asinh(&[f32::MAX, 1.5], &mut single);
    assert_eq!(single, [89.415_985, 1.194_763_2]);
    <f32 as RealMath>::atanh(&[-0.988, 1.0], &mut single);
    assert_eq!(single, [f64::from(-0.988_f32).atanh() as f32, f32::INFINITY]);
    let mut of_what_has_none = [0.0; 5];
    let check = |got: [f64; 5], right: [f64; 5]| {
        assert!(got.iter().zip(right).all(|(&got, right)| distance(got, right) == 0), "{got:?}");
    };
    let x = [-0.0, 1.0, -1.0, 1.5, f64::NEG_INFINITY];
    <f64 as RealMath>::atanh(&x, &mut of_what_has_none);
    check(of_what_has_none, [-0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::NAN]);
    <f64 as RealMath>::acosh(&[1.0, 0.0, -1.0, -1e300, f64::NAN], &mut of_what_has_none);
    check(of_what_has_none, [0.0, f64::NAN, f64::NAN, f64::NAN, f64::NAN]);
    <f64 as RealMath>::acosh(&[0.999, -5.0, f64::NEG_INFINITY, -1e9, -1.1], &mut of_what_has_none);
    check(of_what_has_none, [f64::NAN; 5]);
    let x = [-0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, f64::from_bits(1)];
    <f64 as RealMath>::asinh(&x, &mut of_what_has_none);
    check(of_what_has_none, x);
}
