//! A t-digest: what is kept of many numbers so that their quantiles are known about.
//!
//! In: numbers, digests of other ones. Out: about which number stands at a part of the way from the least to the greatest.
//!
//! Numbers in their order are put together into centroids, of which only mean and weight are kept: small ones at both ends, larger ones in
//! the middle. Source: T. Dunning and O. Ertl, "Computing extremely accurate quantiles using t-digests", arXiv:1902.04023, 2019: the
//! merging variant (algorithm 1) with the scale function `k1`, by which a centroid that begins at `q` ends where
//! `asin(2q - 1)` is larger by `2π / δ`. Two neighbours are always more than that together, so there are at most δ of them.
//!
//! - `D1`: centroids stand in the order of their means; each mean lies between the least and the greatest number that is in it.
//! - `D2`: the least and the greatest number are known exactly, and so is how many are infinite or NaN: these are in no centroid.
//! - `D3`: nothing is drawn at random, and no function is called that rounds differently elsewhere (roots are exact): the same numbers in the
//!   same order give the same bits.
//!
//! No bound of the error is proven: a mean far above most of what it is made of can be out of place. Tests measure it.
//!
//! Not here: when numbers go into a digest (`sketch`).

use std::cmp::Ordering;

#[cfg(test)]
mod tests;

/// δ, how many centroids there are at most: half of them as a rule, of 16 bytes. In the middle a centroid has at most the part `π / δ` of
/// all numbers, 0.8 %.
#[cfg(test)]
const DELTA: f64 = 400.0;

/// `cos(2π / δ)` and `sin(2π / δ)`.
const COS: f64 = 0.999_876_632_481_660_6;
const SIN: f64 = 0.015_707_317_311_820_675;

/// Numbers that stand side by side.
#[derive(Clone, Copy, Debug)]
struct Centroid {
    mean: f64,
    /// How many: a whole number.
    weight: f64,
}

#[derive(Clone, Debug)]
pub(super) struct Digest {
    /// Of what is finite (D1).
    centroids: Box<[Centroid]>,
    /// How many of them are finite; a whole number, as weights are.
    finite: f64,
    /// The least and the greatest that is finite (D2).
    least: f64,
    greatest: f64,
    /// How many are infinite, and less than all others.
    below: u64,
    /// How many are infinite, and greater than all others.
    above: u64,
    /// How many are NaN, which is greater still.
    nans: u64,
}

impl Digest {
    /// Of nothing.
    pub(super) fn new() -> Digest {
        Digest {
            centroids: Box::new([]),
            finite: 0.0,
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
            below: 0,
            above: 0,
            nans: 0,
        }
    }

    /// Adds numbers.
    pub(super) fn add(&mut self, values: &[f64]) {
        if values.is_empty() {
            return;
        }
        let mut all = Vec::with_capacity(self.centroids.len() + values.len());
        all.extend_from_slice(&self.centroids);
        for &value in values {
            if value.is_finite() {
                all.push(Centroid { mean: value, weight: 1.0 });
            } else if value.is_nan() {
                self.nans += 1;
            } else if value > 0.0 {
                self.above += 1;
            } else {
                self.below += 1;
            }
        }
        let new = &mut all[self.centroids.len()..];
        new.sort_unstable_by(order);
        if let (Some(first), Some(last)) = (new.first(), new.last()) {
            self.least = self.least.min(first.mean);
            self.greatest = self.greatest.max(last.mean);
        }
        self.finite += new.len() as f64;
        self.centroids = compressed(all, self.finite);
    }

    /// Adds what another digest is of.
    pub(super) fn absorb(&mut self, later: Digest) {
        self.finite += later.finite;
        self.least = self.least.min(later.least);
        self.greatest = self.greatest.max(later.greatest);
        self.below += later.below;
        self.above += later.above;
        self.nans += later.nans;
        self.centroids = match self.centroids.is_empty() {
            true => later.centroids,
            false => compressed([&*self.centroids, &*later.centroids].concat(), self.finite),
        };
    }

    /// About which number stands at the part `q` of the way from the least to the greatest; none of nothing.
    pub(super) fn quantile(&self, q: f64) -> Option<f64> {
        let finite = self.below as f64 + self.finite;
        let count = finite + self.above as f64 + self.nans as f64;
        if count == 0.0 {
            return None;
        }
        let place = (count - 1.0) * q;
        let nearest = place.round();
        Some(if nearest < self.below as f64 {
            f64::NEG_INFINITY
        } else if nearest < finite {
            self.at(place - self.below as f64)
        } else if nearest < finite + self.above as f64 {
            f64::INFINITY
        } else {
            f64::NAN
        })
    }

    /// About which finite number has so many before it. That in the middle of a centroid is its mean; between two middles it is in
    /// proportion.
    fn at(&self, place: f64) -> f64 {
        if place <= 0.0 {
            return self.least;
        }
        if place >= self.finite - 1.0 {
            return self.greatest;
        }
        let mut before = 0.0;
        let (mut left, mut low) = (0.0, self.least);
        for centroid in &self.centroids {
            let middle = before + (centroid.weight - 1.0) / 2.0;
            if place <= middle {
                return between(low, centroid.mean, (place - left) / (middle - left));
            }
            (left, low) = (middle, centroid.mean);
            before += centroid.weight;
        }
        between(low, self.greatest, (place - left) / (self.finite - 1.0 - left))
    }

    /// How much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Digest>() + size_of_val(&*self.centroids)
    }
}

fn order(a: &Centroid, b: &Centroid) -> Ordering {
    a.mean.total_cmp(&b.mean)
}

/// What stands at the part `part` of the way from one number to another.
fn between(low: f64, high: f64, part: f64) -> f64 {
    if low == high { low } else { (low * (1.0 - part) + high * part).clamp(low, high) }
}

/// Two runs of centroids, each in order, as one, put together as far as they may be; `count` numbers are in them.
fn compressed(mut all: Vec<Centroid>, count: f64) -> Box<[Centroid]> {
    // Finds the runs, and merges them.
    all.sort_by(order);
    let Some(&first) = all.first() else { return Box::new([]) };
    let mut open = Open::new(first);
    let (mut kept, mut before) = (0, 0.0);
    let mut end = count * end_of(0.0);
    for at in 1..all.len() {
        let next = all[at];
        if before + open.weight + next.weight <= end {
            open.add(next);
            continue;
        }
        before += open.weight;
        end = count * end_of(before / count);
        all[kept] = open.centroid();
        kept += 1;
        open = Open::new(next);
    }
    all[kept] = open.centroid();
    all[..=kept].into()
}

/// Where a centroid has to end that begins at `q`, both from 0 to 1: the angle whose sine is `2q - 1`, and `2π / δ` more, but no more than a
/// right one.
fn end_of(q: f64) -> f64 {
    let sine = 2.0 * q - 1.0;
    if sine >= COS {
        return 1.0;
    }
    let cosine = (1.0 - sine * sine).max(0.0).sqrt();
    (sine * COS + cosine * SIN + 1.0) / 2.0
}

/// A centroid to which others are added, in their order.
struct Open {
    first: f64,
    last: f64,
    weight: f64,
    /// Of the distances from the first, by their weights: of equal numbers it is exactly 0.
    distances: f64,
}

impl Open {
    fn new(first: Centroid) -> Open {
        Open { first: first.mean, last: first.mean, weight: first.weight, distances: 0.0 }
    }

    fn add(&mut self, next: Centroid) {
        self.distances += (next.mean - self.first) * next.weight;
        self.weight += next.weight;
        self.last = next.mean;
    }

    fn centroid(&self) -> Centroid {
        let mean = self.first + self.distances / self.weight;
        // Distances can be greater than the greatest float.
        let mean = if mean.is_finite() { mean } else { self.first / 2.0 + self.last / 2.0 };
        Centroid { mean: mean.clamp(self.first, self.last), weight: self.weight }
    }
}
