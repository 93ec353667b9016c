//! Stretches of the numbers, whose elements are counted.
//!
//! In: how many of one length, or edges. Out: [`Bins`], which know which of them a number is in.
//!
//! Not here: counting (`histogram`).

use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::grid::check_number;
use std::panic::Location;
use std::sync::LazyLock;

/// The stretches whose elements a histogram counts. Each has its lower end in it, and the last one its upper end too, as in NumPy.
///
/// Besides the two functions there are conversions: `(10, 0.0, 1.0)` for [`even`](Bins::even) ones, and an array, a slice or a `Vec` of edges.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, Bins};
/// let x = Array::from(vec![0.5, 3.0, 40.0, 40.0]);
/// assert_eq!(x.histogram_in(&[0.0, 1.0, 10.0, 100.0]).compute()?.to_vec(), [1, 1, 2]);
/// assert_eq!(Bins::even(4, 0.0, 2.0).edges()?, [0.0, 0.5, 1.0, 1.5, 2.0]);
/// # Ok::<(), array::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Bins(Form);

/// So many bins are looked at one by one, whether they have different edges. More need to be wider than rounding.
const LOOKED_AT: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Even { count: usize, low: f64, high: f64 },
    Between(Vec<f64>),
}

impl Bins {
    /// `count` bins of equal length from `low` to `high`.
    pub fn even(count: usize, low: f64, high: f64) -> Bins {
        Bins(Form::Even { count, low, high })
    }

    /// Bins between neighbours of these edges, which do not fall. They may be infinite.
    pub fn between(edges: impl Into<Vec<f64>>) -> Bins {
        Bins(Form::Between(edges.into()))
    }

    /// The edges: one more than there are bins.
    ///
    /// # Errors
    /// Of bins that there are not, as the histogram of them: none at all, ends that do not rise. Of the kind [`ErrorKind::Memory`], if they are more than the memory holds.
    #[track_caller]
    pub fn edges(&self) -> Result<Vec<f64>, Error> {
        let (edges, here) = (self.check().and_then(|()| self.all_edges()), Location::caller());
        edges.map_err(|error| error.of_call("edges", here))
    }

    /// The edges, of bins that are checked.
    pub(crate) fn all_edges(&self) -> Result<Vec<f64>, Error> {
        let Form::Even { count, .. } = self.0 else {
            return Ok((0..=self.count()).map(|bin| self.edge(bin)).collect());
        };
        let mut edges = Vec::new();
        if edges.try_reserve_exact(count.saturating_add(1)).is_err() {
            let bins = counted(count, "bin");
            let message = format!("no memory for the edges of {bins}: ask for fewer");
            return Err(Error::new(ErrorKind::Memory, message));
        }
        edges.extend((0..=count).map(|bin| self.edge(bin)));
        Ok(edges)
    }

    /// How long each is for elements of type `A`, of bins that are checked: of even bins of f32 the difference of edges that are f32, as NumPy has it.
    pub(crate) fn lengths<A: Element>(&self) -> Result<Vec<f64>, Error> {
        let edges = self.all_edges()?;
        Ok(match self.of_f32::<A>(&edges) {
            Some(edges) => edges.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect(),
            None => edges.windows(2).map(|pair| pair[1] - pair[0]).collect(),
        })
    }

    /// The edges as f32, of even bins of elements that are f32, unless some of them are the same then, or infinite.
    fn of_f32<A: Element>(&self, edges: &[f64]) -> Option<Vec<f32>> {
        let is_even = matches!(self.0, Form::Even { .. });
        if !is_even || A::DTYPE != <f32 as Element>::DTYPE {
            return None;
        }
        let edges: Vec<f32> = edges.iter().map(|&edge| edge as f32).collect();
        let is_right = |pair: &[f32]| pair[0] < pair[1] && (pair[1] - pair[0]).is_finite();
        edges.windows(2).all(is_right).then_some(edges)
    }

    /// How many bins there are.
    pub(crate) fn count(&self) -> usize {
        match &self.0 {
            Form::Even { count, .. } => *count,
            Form::Between(edges) => edges.len().saturating_sub(1),
        }
    }

    fn edge(&self, bin: usize) -> f64 {
        match &self.0 {
            Form::Even { count, high, .. } if bin == *count => *high,
            // As NumPy has it, to the last bit.
            Form::Even { count, low, high } => low + bin as f64 * ((high - low) / *count as f64),
            Form::Between(edges) => edges[bin],
        }
    }

    /// Whether neighbours among the edges differ, of bins of one length.
    fn has_different_edges(&self) -> bool {
        let Form::Even { count, low, high } = self.0 else { return true };
        // Edges are off by three units in the last place of what is largest.
        let rounding = 8.0 * f64::EPSILON * low.abs().max(high.abs());
        let rises = || (0..count).all(|bin| self.edge(bin) < self.edge(bin + 1));
        (high - low) / count as f64 > rounding || count <= LOOKED_AT && rises()
    }

    /// Checks that there is a bin, and that edges do not fall.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let message = match &self.0 {
            Form::Even { count, low, high } => {
                check_number("number of bins", *count)?;
                let is_right = low.is_finite() && high.is_finite() && (high - low).is_finite();
                let what = match *count > 0 && is_right && low < high {
                    true if self.has_different_edges() => return Ok(()),
                    true => {
                        "so many have no different edges; give fewer bins, or ends that are further apart"
                    }
                    false if *count > 0 && low.is_finite() && high.is_finite() && low < high => {
                        "the distance of the ends, high - low, is more than the greatest number; give ends that are closer"
                    }
                    false => "give at least one bin, and finite ends in rising order",
                };
                format!("{} from {low:?} to {high:?}: {what}", counted(*count, "bin"))
            }
            Form::Between(edges) => {
                let falls = edges.windows(2).position(|pair| pair[0] > pair[1]);
                match (edges.iter().position(|edge| edge.is_nan()), falls) {
                    (None, None) if edges.len() > 1 => return Ok(()),
                    (Some(at), _) => {
                        format!("bins between edges of which number {at} is NaN: leave it out")
                    }
                    (None, Some(at)) => format!(
                        "bins between edges of which {:?} follows {:?}: give them in rising order",
                        edges[at + 1],
                        edges[at]
                    ),
                    (None, None) => format!(
                        "bins between {}: give two edges at least, one more than bins",
                        counted(edges.len(), "edge")
                    ),
                }
            }
        };
        Err(Error::new(ErrorKind::Value, message))
    }
}

/// [`Bins`] that numbers are looked up in.
pub(crate) struct Lookup {
    edges: Vec<f64>,
    /// Of bins of one length: where they begin, and how many there are in one.
    even: Option<(f64, f64)>,
}

impl Lookup {
    /// Of bins that [`Bins::check`] is content with; made when it is needed, because bins may be many.
    pub(crate) fn lazy(bins: Bins) -> LazyLock<Lookup, impl FnOnce() -> Lookup> {
        LazyLock::new(move || Lookup::new(&bins))
    }

    /// As [`lazy`](Lookup::lazy), for elements of type `A`: of f32 the edges of even bins are f32, so that one that is an edge to its last digit is on it. As NumPy has it.
    pub(crate) fn of<A: Element>(bins: Bins) -> LazyLock<Lookup, impl FnOnce() -> Lookup> {
        LazyLock::new(move || {
            let mut lookup = Lookup::new(&bins);
            if let Some(edges) = bins.of_f32::<A>(&lookup.edges) {
                lookup.edges = edges.into_iter().map(f64::from).collect();
            }
            lookup
        })
    }

    fn new(bins: &Bins) -> Lookup {
        let even = match bins.0 {
            Form::Even { count, low, high } => Some((low, count as f64 / (high - low))),
            Form::Between(_) => None,
        };
        // Of bins that are less than the smallest number long, there are infinitely many in one.
        let edges = (0..=bins.count()).map(|bin| bins.edge(bin)).collect();
        Lookup { edges, even: even.filter(|(_, per_one)| per_one.is_finite()) }
    }

    /// The bin that a value is in.
    #[inline]
    pub(crate) fn find(&self, value: f64) -> Option<usize> {
        let (edges, last) = (&self.edges, self.edges.len() - 2);
        if !(edges[0] <= value && value <= edges[last + 1]) {
            return None;
        }
        let Some((low, per_one)) = self.even else {
            return Some((edges.partition_point(|&edge| edge <= value) - 1).min(last));
        };
        // The product may be one off by rounding: the edges decide.
        let mut bin = (((value - low) * per_one) as usize).min(last);
        while bin > 0 && value < edges[bin] {
            bin -= 1;
        }
        while bin < last && value >= edges[bin + 1] {
            bin += 1;
        }
        Some(bin)
    }
}

/// [`Bins::even`].
impl From<(usize, f64, f64)> for Bins {
    fn from((count, low, high): (usize, f64, f64)) -> Bins {
        Bins::even(count, low, high)
    }
}

/// [`Bins::between`].
impl From<Vec<f64>> for Bins {
    fn from(edges: Vec<f64>) -> Bins {
        Bins::between(edges)
    }
}

/// [`Bins::between`].
impl From<&[f64]> for Bins {
    fn from(edges: &[f64]) -> Bins {
        Bins::between(edges)
    }
}

/// [`Bins::between`].
impl<const N: usize> From<&[f64; N]> for Bins {
    fn from(edges: &[f64; N]) -> Bins {
        Bins::between(edges)
    }
}

impl From<&Bins> for Bins {
    fn from(bins: &Bins) -> Bins {
        bins.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_bins_of_f32_have_edges_that_are_f32() {
        let find = |bins: (usize, f64, f64), value: f32| {
            let bins = Lookup::of::<f32>(bins.into());
            bins.find(f64::from(value))
        };
        assert_eq!(find((3, -0.3, 0.6), 0.6), Some(2));
        assert_eq!(find((3, -0.3, 0.6), -0.3), Some(0));
        assert_eq!(find((3, -0.3, 0.6), 0.7), None);
        assert_eq!(find((10, 0.0, 1.0), 0.7), Some(7));
        for at in 0..10_u16 {
            assert_eq!(find((10, 0.0, 1.0), f32::from(at) / 10.0), Some(usize::from(at)));
        }
        // Where f32 has no such edges they stay what they are.
        assert_eq!(find((2, 0.0, 1e300), f32::INFINITY), None);
        assert_eq!(find((2, 1.0, 1.0 + 1e-12), 1.0), Some(0));
        let exact = Lookup::of::<f64>((10, 0.0, 1.0).into());
        assert_eq!(exact.find(f64::from(0.7_f32)), Some(6));
        let said = Lookup::of::<f32>(Bins::between([0.0, 0.7, 1.0]));
        assert_eq!(said.find(f64::from(0.7_f32)), Some(0));
    }
}
