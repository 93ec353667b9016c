//! Random choices and orders: the same for any chunks and workers, and distributed as they say.

use crate::given::Given;
use ndarray::{Axis, IxDyn, s};
use std::collections::HashMap;
use taskweave_array::{Array, ErrorKind, Random};
use taskweave_runtime::{InThread, Threads};

/// Chi squared of counts against what they should be, in deviations of its own.
fn surprise(counts: &[f64], expected: &[f64]) -> f64 {
    let chi_squared: f64 =
        counts.iter().zip(expected).map(|(count, want)| (count - want).powi(2) / want).sum();
    let freedom = (counts.len() - 1) as f64;
    (chi_squared - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn the_same_for_any_chunks_and_workers() {
    let names = Array::from_iter_of(9);
    let weights: Vec<f64> = (0..9).map(|n| n as f64).collect();
    let made = |chunk: usize| {
        let mut random = Random::new(3);
        let names = names.rechunk(1 + chunk % 9);
        vec![
            random.choice(9, [100, 7]).rechunk(chunk).flatten(),
            random.choice(&names, [700]).rechunk(chunk).cast(),
            random.choice_weighted(9, &weights, [700]).rechunk(chunk),
            random.sample(5000, 700).rechunk(chunk),
            random.sample(&names, 5).rechunk(chunk).cast(),
            random.sample_weighted(9, &weights, 8).rechunk(chunk),
            random.permutation(10_000).rechunk(chunk * 97),
            random.permutation(700).slice(s![..;-3]).rechunk(chunk),
        ]
    };
    let want: Vec<_> = made(1000).iter().map(|x| x.compute_on(&InThread).unwrap()).collect();
    for chunk in [1, 13, 64] {
        for (x, want) in made(chunk).iter().zip(&want) {
            assert_eq!(&x.compute_on(&Threads::new(3)).unwrap(), want, "{x}");
        }
    }
    assert_ne!(want[0], made(1)[2].compute().unwrap());
}

trait FromIterOf {
    fn from_iter_of(n: usize) -> Self;
}
impl FromIterOf for Array<i32, ndarray::Ix1> {
    fn from_iter_of(n: usize) -> Self {
        Array::from((0..n as i32).map(|n| 100 - 7 * n).collect::<Vec<_>>())
    }
}

#[test]
fn each_choice_is_as_likely_as_it_should_be() {
    let (draws, seeds) = (20_000, 30);
    let weights = [0.5, 0.0, 3.0, 1.25, 0.25, 0.0, 1e-300, 5.0];
    let sum: f64 = weights.iter().sum();
    let likely = [0, 2, 3, 4, 7];
    let expected = likely.map(|at| draws as f64 * weights[at] / sum);
    let of_seed = |seed| {
        let chosen = Random::new(seed).choice_weighted(8, &weights, [draws]);
        let counts = chosen.bincount(8).compute().unwrap().mapv(|n| n as f64);
        assert_eq!((counts[1], counts[5], counts[6]), (0.0, 0.0, 0.0));
        surprise(&likely.map(|at| counts[at]), &expected)
    };
    let mean = (0..seeds).map(of_seed).sum::<f64>() / seeds as f64;
    assert!(mean.abs() < 3.5 / (seeds as f64).sqrt(), "{mean}");

    let counts = Random::new(6).choice(10, [draws]).bincount(10).compute().unwrap();
    let counts: Vec<f64> = counts.iter().map(|&n| n as f64).collect();
    let surprise = surprise(&counts, &[draws as f64 / 10.0; 10]);
    assert!(surprise.abs() < 3.5, "{surprise}");
}

#[test]
fn samples_with_weights_are_drawn_one_after_the_other() {
    // The probability of (i, j) is w[i] / sum * w[j] / (sum - w[i]).
    let (weights, draws) = ([1.0, 2.0, 5.0], 4_000);
    let mut random = Random::new(8);
    let mut counts: HashMap<(u64, u64), f64> = HashMap::new();
    let samples: Vec<_> = (0..draws).map(|_| random.sample_weighted(3, weights, 2)).collect();
    for sample in samples {
        let sample = sample.compute_on(&InThread).unwrap();
        *counts.entry((sample[0], sample[1])).or_default() += 1.0;
    }
    let sum: f64 = weights.iter().sum();
    let (mut got, mut want) = (Vec::new(), Vec::new());
    for ((i, j), count) in counts {
        let (i, j) = (weights[i as usize], weights[j as usize]);
        got.push(count);
        want.push(f64::from(draws) * i / sum * j / (sum - i));
    }
    assert_eq!(got.len(), 6);
    let surprise = surprise(&got, &want);
    assert!(surprise.abs() < 3.5, "{surprise}");
}

#[test]
fn a_sample_is_the_beginning_of_a_permutation_and_shuffling_follows_it() {
    for n in [0, 1, 2, 50, 4096, 4097, 100_000] {
        let order = Random::new(9).permutation(n).compute().unwrap();
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..n as u64), "{n}");
        let sample = Random::new(9).sample(n, n / 2).compute().unwrap();
        assert_eq!(sample, order.slice(s![..n / 2]), "{n}");
    }
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let mut shape = given.shape();
        if shape.is_empty() {
            shape.push(1 + given.below(600));
        }
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let axis = Axis(given.below(shape.len()));
        let order = Random::new(seed).permutation(shape[axis.0]).compute().unwrap();
        let order: Vec<usize> = order.iter().map(|&index| index as usize).collect();
        let want = a.select(axis, &order);
        let shuffled = Random::new(seed).shuffle(&x, axis);
        assert_eq!(shuffled.compute().unwrap(), want, "seed {seed}, {x}, {axis:?}");
        if shape[axis.0] > 0 {
            let first = shuffled.index_axis(axis, 0);
            assert_eq!(first.compute().unwrap(), want.index_axis(axis, 0), "seed {seed}");
        }
    }
}

#[test]
fn a_large_permutation_takes_no_memory() {
    // 8 TB of numbers, of which a few are looked at.
    let order = Random::new(1).permutation(1 << 40);
    let few = order.slice(s![(1_i64 << 39) as isize..(1_i64 << 39) as isize + 4]);
    assert!(few.compute().unwrap().iter().all(|&n| n < 1 << 40));
    let sample = Random::new(1).sample(1 << 50, 1000).compute().unwrap().to_vec();
    let different: std::collections::HashSet<u64> = sample.iter().copied().collect();
    assert_eq!(different.len(), 1000);
}

#[test]
fn refused_with_the_values() {
    let mut random = Random::new(1);
    let refused = |x: Array<u64, ndarray::Ix1>, text: &str| {
        let error = x.check().unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
        assert!(error.location().unwrap().file().ends_with("choices.rs"), "{error}");
        error.kind()
    };
    let kind = refused(random.choice(0, [3]), "choice: there is nothing to choose from");
    assert_eq!(kind, ErrorKind::Value);
    refused(random.sample(3, 4), "sample: 4 of 3 without replacement");
    let kind = refused(random.choice_weighted(2, &[1.0], [3]), "1 weight for 2 things");
    assert_eq!(kind, ErrorKind::Shape);
    refused(random.choice_weighted(2, &[1.0, -1.0], [3]), "weight 1 is -1");
    refused(random.choice_weighted(1, &[f64::NAN], [3]), "weight 0 is NaN");
    refused(random.choice_weighted(2, &[0.0, 0.0], [3]), "no weight is above 0");
    refused(random.choice_weighted(0, &[], [3]), "no weight is above 0");
    let weights = [1.0, 0.0, 2.0];
    refused(random.sample_weighted(3, weights, 3), "3 without replacement, and 2 of 3 weights");
    let x = Array::<f64, _>::zeros(IxDyn(&[2]));
    let error = random.shuffle(&x, Axis(1)).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Axis);
    let broken = Array::<u64, _>::zeros([2]) + Array::zeros([3]);
    assert!(random.choice(&broken, [2]).check().unwrap_err().to_string().contains("cannot add"));
    assert!(random.sample(&broken, 2).check().unwrap_err().to_string().contains("cannot add"));
    // Nothing of nothing is something.
    assert_eq!(random.sample(0, 0).compute().unwrap().len(), 0);
    assert_eq!(random.permutation(0).compute().unwrap().len(), 0);
}
