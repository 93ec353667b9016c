//! Histograms, counts of whole numbers, the largest few and the different elements, of every kind of number, against plain loops.

use crate::given::Given;
use crate::plain::{Near, Workers, check};
use ndarray::{ArrayD, Axis, IxDyn};
use taskweave_array::{Array, Bins, Element, Real};

/// Numbers of which many are edges of bins, some NaN or infinite.
fn number(given: &mut Given) -> f64 {
    match given.below(40) {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => f64::NEG_INFINITY,
        3..20 => given.below(41) as f64 / 4.0 - 5.0,
        _ => 3.0 * given.normal(),
    }
}

/// Bins of one length, or between edges, some of which may be equal or infinite.
fn bins(given: &mut Given) -> (Bins, Vec<f64>) {
    if given.below(2) == 0 {
        let (count, low) = (1 + given.below(30), given.below(9) as f64 / 2.0 - 5.0);
        let high = low + [0.1, 1.0, 7.3, 10.0][given.below(4)];
        let step = (high - low) / count as f64;
        let mut edges: Vec<f64> = (0..count).map(|bin| low + bin as f64 * step).collect();
        edges.push(high);
        return (Bins::even(count, low, high), edges);
    }
    let mut edges: Vec<f64> = (0..2 + given.below(12)).map(|_| number(given)).collect();
    edges.retain(|edge| !edge.is_nan());
    edges.extend([-1.0, 1.0]);
    edges.sort_by(f64::total_cmp);
    (Bins::between(edges.clone()), edges)
}

/// How many there are from each edge up to the next one: those before the latter less those before the former.
fn histogram(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let last = edges.len() - 2;
    let before = |edge: f64, or_equal: bool| {
        values.iter().filter(|&&x| x < edge || or_equal && x == edge).count() as u64
    };
    (0..=last).map(|bin| before(edges[bin + 1], bin == last) - before(edges[bin], false)).collect()
}

fn histograms<A: Real + Into<f64>>(seeds: u64, of: impl Fn(&mut Given) -> A) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, x) = given.pair(&shape, &of);
        let (bins, edges) = bins(&mut given);
        let (what, on) = (format!("seed {seed}, {bins:?} of {x}"), all.some(&mut given));
        assert_eq!(bins.edges().unwrap(), edges, "{what}");
        let values: Vec<f64> = a.iter().map(|&x| x.into()).collect();
        let counts = histogram(&values, &edges);
        assert_eq!(x.histogram_in(&bins).compute_on(on).unwrap().to_vec(), counts, "{what}");
        let all: u64 = counts.iter().sum();
        // NumPy's edges of even bins are f32 then, and the difference of two is.
        let is_single = A::DTYPE == <f32 as Element>::DTYPE && format!("{bins:?}").contains("Even");
        let density = |(bin, &count): (usize, &u64)| {
            let length = match is_single {
                true => f64::from(edges[bin + 1] as f32 - edges[bin] as f32),
                false => edges[bin + 1] - edges[bin],
            };
            let value = count as f64 / length / all as f64;
            Near { value, within: 2.0 * f64::EPSILON * value }
        };
        let densities = counts.iter().enumerate().map(density).collect();
        let want = ArrayD::from_shape_vec(IxDyn(&[counts.len()]), densities).unwrap();
        let got = x.histogram_density(&bins).compute_on(on).unwrap().into_dyn();
        check(&what, &got, &want, |got, want| want.is(*got));

        // Bins of one length that elements are the edges of.
        let (count, low) = (1 + given.below(40), given.below(9) as f64 - 4.0);
        let high = low + count as f64 / [1.0, 2.0, 4.0][given.below(3)];
        let step = (high - low) / count as f64;
        let edges: Vec<f64> = (0..=count).map(|bin| low + bin as f64 * step).collect();
        let got = x.histogram(count, low, high).compute_on(on).unwrap();
        assert_eq!(got.to_vec(), histogram(&values, &edges), "{what}, {count} {low} {high}");
    }
}

#[test]
fn histograms_of_any_shape_in_any_chunks() {
    histograms(120, number);
    histograms(60, |given| number(given) as f32);
    histograms(40, |given| given.below(13) as i32 - 6);
    histograms(40, |given| given.below(9) as u8);
}

/// Counts of whole numbers, and sums of weights that are exact.
fn bincounts<A: Real + Into<f64>>(seeds: u64, of: impl Fn(usize) -> A) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let (shape, bins) = (given.shape(), 1 + given.below(200));
        let (a, x) = given.pair(&shape, |given| of(given.below(bins)));
        let (w, weights) = given.pair(&shape, |given| given.below(64) as f64 / 8.0 - 4.0);
        let (what, on) = (format!("seed {seed}, {bins} bins, {x}"), all.some(&mut given));
        let more = bins + given.below(3);
        let (mut counts, mut sums) = (vec![0_u64; more], vec![0.0; more]);
        for (&value, weight) in a.iter().zip(&w) {
            let value: f64 = value.into();
            counts[value as usize] += 1;
            sums[value as usize] += weight;
        }
        assert_eq!(x.bincount(more).compute_on(on).unwrap().to_vec(), counts, "{what}");
        let got = x.bincount_weighted(&weights, more).compute_on(on).unwrap();
        assert_eq!(got.to_vec(), sums, "{what}");
        // One bin less than there have to be.
        let highest = a.iter().map(|&x| x.into()).fold(0.0, f64::max) as usize;
        if !a.is_empty() && highest > 0 {
            let message = x.bincount(highest).compute_on(on).unwrap_err().to_string();
            assert!(message.contains("is no whole number from 0 to"), "{what}: {message}");
        }
    }
}

#[test]
fn whole_numbers_of_every_type_are_counted() {
    bincounts(40, |n| n as f64);
    bincounts(40, |n| n as f32);
    bincounts(40, |n| n as i32);
    bincounts(40, |n| n as u8);
}

/// The largest few along an axis, and the different ones, without and with their numbers.
fn in_order<A: Real>(seeds: u64, of: impl Fn(&mut Given) -> A) {
    let all = Workers::new();
    let order = |a: &A, b: &A| {
        let is_nan = |x: &A| x.partial_cmp(x).is_none();
        a.partial_cmp(b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
    };
    let is = |got: &A, want: &A| order(got, want).is_eq();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let (a, x) = given.pair(&shape, &of);
        let (what, on) = (format!("seed {seed}, {x}"), all.some(&mut given));

        let mut sorted: Vec<A> = a.iter().copied().collect();
        sorted.sort_by(order);
        let runs: Vec<&[A]> = sorted.chunk_by(|a, b| order(a, b).is_eq()).collect();
        let (values, counts) = x.unique_counts().unwrap().compute_on(on).unwrap();
        let lengths: Vec<u64> = runs.iter().map(|run| run.len() as u64).collect();
        assert_eq!(counts.to_vec(), lengths, "{what}");
        let want = ndarray::Array1::from_iter(runs.iter().map(|run| run[0])).into_dyn();
        check(&what, &values.into_dyn(), &want, is);
        let values = x.unique().unwrap().compute_on(on).unwrap();
        check(&what, &values.into_dyn(), &want, is);

        let Some(axis) = (0..shape.len()).find(|_| given.below(2) == 0).map(Axis) else { continue };
        let len = shape[axis.0];
        assert!(x.topk(len + 1, axis).check().is_err(), "{what}");
        if len == 0 {
            continue;
        }
        let k = [1, len, 1 + given.below(len), 1 + given.below(len.min(4))][given.below(4)];
        let mut want = a.clone();
        for mut row in want.lanes_mut(axis) {
            let mut values = row.to_vec();
            values.sort_by(|a, b| order(b, a));
            row.iter_mut().zip(values).for_each(|(to, value)| *to = value);
        }
        let want = want.slice_axis(axis, (..k).into()).to_owned();
        let got: Array<A, IxDyn> = x.topk(k, axis);
        check(&format!("{k} of {what}"), &got.compute_on(on).unwrap(), &want, is);
    }
}

#[test]
fn the_largest_and_the_different_ones_of_every_type() {
    in_order(60, number);
    in_order(40, |given| number(given) as f32);
    in_order(40, |given| [0.0, -0.0, f64::NAN, 1.0][given.below(4)]);
    in_order(40, |given| (given.next() as i32) >> (4 * given.below(8)));
    in_order(40, |given| given.next() as u8);
    in_order(40, |given| given.next() as i64);
}
