//! All fits of the sweep, the best forecast first.
//!
//! In: points of the sweep with their fits, in the order of the loops. Out: a [`Ranking`].
//!
//! - I1: fits stand by rising root mean squared error; equal errors keep the order of the loops.
//! - I2: a fit whose error is NaN stands after all others, whatever its sign. (`total_cmp` alone would
//!   put a NaN with its sign bit set first, and the sign of a computed NaN is up to the processor.)

use taskweave::prelude::*;

use crate::holt::Fit;

/// A point of the sweep: the index of the airport's series, alpha, beta.
pub(crate) type Point = (usize, f64, f64);

/// Every point with its fit, in the order of I1 and I2.
#[derive(Debug)]
pub(crate) struct Ranking {
    ranked: Vec<(Point, Fit)>,
}

/// Ranks `fits`.
#[delayed]
pub(crate) fn score(fits: Vec<(Point, Fit)>) -> Ranking {
    let mut ranked = fits;
    // I1: the sort is stable.
    ranked.sort_by(|(_, a), (_, b)| {
        let nan_last = a.rmse.is_nan().cmp(&b.rmse.is_nan());
        nan_last.then(a.rmse.total_cmp(&b.rmse))
    });
    Ranking { ranked }
}

impl Ranking {
    /// How many fits there are.
    pub(crate) fn len(&self) -> usize {
        self.ranked.len()
    }

    /// The fits, the best first.
    pub(crate) fn best(&self) -> impl Iterator<Item = &(Point, Fit)> {
        self.ranked.iter()
    }

    /// The fit at exactly this point.
    pub(crate) fn at(&self, point: Point) -> Option<&Fit> {
        self.best().find(|(p, _)| *p == point).map(|(_, fit)| fit)
    }

    /// True if both rank the same points in the same order, with every number the same to the last bit.
    pub(crate) fn same_bits(&self, other: &Ranking) -> bool {
        self.best().map(bits).eq(other.best().map(bits))
    }
}

fn bits(&((airport, alpha, beta), fit): &(Point, Fit)) -> (usize, [u64; 5]) {
    (airport, [alpha, beta, fit.rmse, fit.level, fit.trend].map(f64::to_bits))
}
