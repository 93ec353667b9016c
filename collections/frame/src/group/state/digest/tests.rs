//! Digests against the sorted numbers they are of.

use super::*;

/// Numbers from 0 to 1 that look random (xorshift).
fn random(count: usize) -> Vec<f64> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

/// A digest of numbers that come so many at a time, in so many digests that are merged in pairs.
fn digest(values: &[f64], parts: usize, piece: usize) -> Digest {
    let parts = values.chunks(values.len().div_ceil(parts));
    let mut digests: Vec<Digest> = parts
        .map(|part| {
            let mut digest = Digest::new();
            part.chunks(piece).for_each(|values| digest.add(values));
            digest
        })
        .collect();
    while digests.len() > 1 {
        let pairs = digests.chunks(2).map(|pair| {
            let mut first = pair[0].clone();
            pair.get(1).into_iter().for_each(|later| first.absorb(later.clone()));
            first
        });
        digests = pairs.collect();
    }
    digests.remove(0)
}

/// How far the rank of a value is from a part: 0 where the part lies among the ranks of equal values.
fn rank_error(sorted: &[f64], value: f64, q: f64) -> f64 {
    let rank = |at: usize| at as f64 / sorted.len() as f64;
    let first = rank(sorted.partition_point(|other| *other < value));
    let last = rank(sorted.partition_point(|other| *other <= value));
    (first - q).max(q - last).max(0.0)
}

/// That the digest keeps what it promises, and ranks are no further away than this, near the ends than that.
fn check(values: &[f64], what: &str, middle: f64, ends: f64) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    for (parts, piece) in [(1, 16_384), (1, 512), (16, 16_384), (100, 700)] {
        let digest = digest(values, parts, piece);
        let what = format!("{what}, {parts} parts of pieces of {piece}");
        assert!(digest.centroids.len() <= DELTA as usize, "{what}: {}", digest.centroids.len());
        assert!(digest.centroids.is_sorted_by(|a, b| a.mean <= b.mean), "{what}: D1");
        let weight: f64 = digest.centroids.iter().map(|centroid| centroid.weight).sum();
        assert_eq!(weight, values.len() as f64, "{what}");
        let at = |q: f64| digest.quantile(q).expect("it is of something");
        assert_eq!((at(0.0), at(1.0)), (sorted[0], sorted[sorted.len() - 1]), "{what}: D2");
        for q in [0.0001, 0.001, 0.01, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99, 0.999, 0.9999] {
            let error = rank_error(&sorted, at(q), q);
            let is_near_end = !(0.01..=0.99).contains(&q);
            let most = if is_near_end { ends } else { middle };
            assert!(error <= most, "{what}: {q} is {}, {error} away", at(q));
        }
    }
}

#[test]
fn ranks_are_near() {
    let random = random(50_000);
    let mut sorted = random.clone();
    sorted.sort_by(f64::total_cmp);
    check(&random, "random", 0.002, 0.0005);
    check(&sorted, "sorted", 0.002, 0.0005);
    sorted.reverse();
    check(&sorted, "reversed", 0.002, 0.0005);
    let of_each = |of: &dyn Fn(f64) -> f64| random.iter().map(|u| of(*u)).collect::<Vec<_>>();
    check(&of_each(&|u| -(1.0 - u).ln()), "exponential", 0.002, 0.0005);
    check(&of_each(&|u| (u * 20.0).floor()), "ties", 0.002, 0.0005);
    check(&of_each(&|u| if u < 0.9 { 0.0 } else { u }), "mostly zero", 0.002, 0.0005);
    // From 1 to more than 1e80, where means are those of the greatest.
    check(&of_each(&|u| (-20.0 * (1.0 - u).ln()).exp()), "far apart", 0.01, 0.001);
}

#[test]
fn the_angle_is_that_of_delta() {
    let step = std::f64::consts::TAU / DELTA;
    assert!((COS - step.cos()).abs() < 1e-16 && (SIN - step.sin()).abs() < 1e-16);
    // From 0 to 1 it takes half of δ steps.
    let (mut q, mut steps) = (0.0, 0);
    while q < 1.0 {
        q = end_of(q);
        steps += 1;
    }
    assert!((200..=201).contains(&steps), "{steps}");
}

#[test]
fn equal_numbers_stay_what_they_are() {
    let digest = digest(&[0.1; 5_000], 7, 300);
    for q in [0.0, 0.001, 0.3, 0.5, 1.0] {
        assert_eq!(digest.quantile(q), Some(0.1));
    }
}

#[test]
fn nothing_has_no_quantile_and_one_number_is_each() {
    let mut digest = Digest::new();
    digest.add(&[]);
    assert_eq!(digest.quantile(0.5), None);
    digest.add(&[3.0]);
    assert_eq!([0.0, 0.2, 1.0].map(|q| digest.quantile(q)), [Some(3.0); 3]);
    let mut other = Digest::new();
    other.absorb(digest);
    assert_eq!(other.quantile(0.5), Some(3.0));
}

#[test]
fn what_is_infinite_or_nan_stands_at_the_ends() {
    let mut values = random(1_000);
    values.extend([f64::INFINITY; 500]);
    values.extend([f64::NEG_INFINITY; 250]);
    values.extend([f64::NAN, -f64::NAN].repeat(125));
    let digest = digest(&values, 3, 600);
    let at = |q: f64| digest.quantile(q).expect("it is of something");
    assert_eq!([0.0, 0.12].map(at), [f64::NEG_INFINITY; 2]);
    assert!((at(0.375) - 0.5).abs() < 0.05, "{}", at(0.375));
    assert_eq!([0.63, 0.87].map(at), [f64::INFINITY; 2]);
    assert!([0.88, 1.0].map(at).iter().all(|value| value.is_nan()));
}

#[test]
fn the_greatest_floats_do_not_overflow() {
    let values: Vec<f64> = random(5_000).iter().map(|u| (u * 2.0 - 1.0) * f64::MAX).collect();
    check(&values, "as far apart as can be", 0.005, 0.001);
    let ends: Vec<f64> =
        (0..2_000).map(|at| if at % 2 == 0 { f64::MIN } else { f64::MAX }).collect();
    let digest = digest(&ends, 4, 100);
    assert_eq!(
        [0.0, 0.4, 0.6, 1.0].map(|q| digest.quantile(q)),
        [f64::MIN, f64::MIN, f64::MAX, f64::MAX].map(Some)
    );
}
