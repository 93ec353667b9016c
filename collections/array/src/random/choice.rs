//! Random choices among things, and random orders of them.
//!
//! In: an array of rank 1, or the numbers from 0 to one less than `n`, and how likely each is. Out: arrays whose elements follow from the seed and their place, like all that is random.
//! With replacement each element chooses for itself: one of equally likely ones by its own number, others by a table (A. J. Walker, "An efficient method for generating discrete random
//! variables with general distributions", ACM TOMS 3 (1977), with M. D. Vose's construction, IEEE TSE 17 (1991)). Without replacement they are the first ones of a random order: a
//! permutation, or, where weights say how likely each is to be the next, that of exponential numbers divided by them (P. S. Efraimidis, P. G. Spirakis, "Weighted random sampling with a
//! reservoir", IPL 97 (2006)).
//!
//! Not here: how a permutation is made (`permutation`), how elements get to their places (`places`).

use super::permutation::Permutation;
use super::philox::bits_u64;
use super::{Random, by_stretch, distributions, made_with};
use crate::array::{Array, check_axis};
use crate::create::array;
use crate::either::AnyArray;
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted, is_or_are};
use crate::expr::Effort;
use crate::grid::check_number;
use crate::list::List;
use crate::pages;
use crate::places::{at_places, reordered};
use ndarray::{Axis, Dimension, IntoDimension, Ix1};
use std::panic::{Location, resume_unwind};
use std::sync::OnceLock;

mod sealed {
    pub trait Sealed {}
    impl Sealed for usize {}
    impl<A> Sealed for &super::Array<A, super::Ix1> {}
    impl<A> Sealed for &ndarray::Array1<A> {}
}

/// What can be chosen from: an array of rank 1, also of `ndarray`, which is copied, or a number `n`, which stands for 0, 1, …, `n - 1`.
pub trait Choices: sealed::Sealed {
    /// What is chosen.
    type Chosen: Element;
    /// How many there are; an error of the array comes first.
    #[doc(hidden)]
    fn count(&self) -> Result<usize, Error>;
    /// Those at some places.
    #[doc(hidden)]
    #[track_caller]
    fn at<D: Dimension>(&self, name: &'static str, places: Array<u64, D>)
    -> Array<Self::Chosen, D>;
}

impl Choices for usize {
    type Chosen = u64;
    fn count(&self) -> Result<usize, Error> {
        Ok(*self)
    }
    fn at<D: Dimension>(&self, _: &'static str, places: Array<u64, D>) -> Array<u64, D> {
        places
    }
}

impl<A: Element> Choices for &Array<A, Ix1> {
    type Chosen = A;
    fn count(&self) -> Result<usize, Error> {
        self.check().map(|()| self.len())
    }
    fn at<D: Dimension>(&self, name: &'static str, places: Array<u64, D>) -> Array<A, D> {
        at_places(name, self, &places)
    }
}

impl<A: Element> Choices for &ndarray::Array1<A> {
    type Chosen = A;
    fn count(&self) -> Result<usize, Error> {
        Ok(self.len())
    }
    fn at<D: Dimension>(&self, name: &'static str, places: Array<u64, D>) -> Array<A, D> {
        at_places(name, &self.lazy(), &places)
    }
}

/// An array that carries an error of the step at the caller's.
#[track_caller]
fn refused<A: Element, D: Dimension>(name: &'static str, error: Error) -> Array<A, D> {
    Array::from_state(Err(error.of_call(name, Location::caller())))
}

fn value(message: String) -> Error {
    Error::new(ErrorKind::Value, message)
}

/// Checks weights: one for each of `count`, finite, none negative, and one at least above zero. How many those are.
fn check_weights(name: &str, weights: &[f64], count: usize) -> Result<usize, Error> {
    if weights.len() != count {
        let message = format!(
            "{name}: {} for {} to choose from; give one for each",
            counted(weights.len(), "weight"),
            counted(count, "thing")
        );
        return Err(Error::new(ErrorKind::Shape, message));
    }
    let is_weight = |weight: f64| weight.is_finite() && weight >= 0.0;
    if let Some(at) = weights.iter().position(|&weight| !is_weight(weight)) {
        let message =
            format!("{name}: weight {at} is {}; weights are finite, and not negative", weights[at]);
        return Err(value(message));
    }
    match weights.iter().filter(|&&weight| weight > 0.0).count() {
        0 => Err(value(format!("{name}: no weight is above 0, so there is nothing to choose"))),
        some => Ok(some),
    }
}

/// Room for what there is of each of so many weights.
fn room<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut room = Vec::new();
    room.try_reserve_exact(count).map_err(|_| {
        let weights = counted(count, "weight");
        let message =
            format!("no memory for a table of {weights}: leave out what is rarely chosen");
        Error::new(ErrorKind::Memory, message)
    })?;
    Ok(room)
}

/// Which one is chosen, by 64 bits of its own: the upper part of a product says which column of the table, the lower part which of the two that share it.
struct Table {
    /// For each column the share of the first one, in units of 2^-53, and both places.
    columns: Vec<(u64, u64, u64)>,
}

impl Table {
    /// Of weights that [`check_weights`] is content with.
    fn new(weights: &[f64]) -> Result<Table, Error> {
        let possible = weights.iter().filter(|&&weight| weight > 0.0).count();
        let mut places: Vec<usize> = room(possible)?;
        places.extend((0..weights.len()).filter(|&at| weights[at] > 0.0));
        // Divided by the largest, sums and shares are finite.
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let sum: f64 = places.iter().map(|&at| weights[at] / largest).sum();
        let scale = places.len() as f64 / sum;
        let mut shares: Vec<f64> = room(possible)?;
        shares.extend(places.iter().map(|&at| weights[at] / largest * scale));
        // Whoever has less than a column shares it with one that has more.
        let less = shares.iter().filter(|&&share| share < 1.0).count();
        let (mut few, mut many): (Vec<usize>, Vec<usize>) = (room(less)?, room(possible - less)?);
        for (column, &share) in shares.iter().enumerate() {
            if share < 1.0 { few.push(column) } else { many.push(column) }
        }
        let unit = (1_u64 << 53) as f64;
        let place = |column: usize| places[column] as u64;
        let mut columns: Vec<(u64, u64, u64)> = room(possible)?;
        columns.extend((0..possible).map(|column| (1 << 53, place(column), place(column))));
        while let (Some(&less), Some(&more)) = (few.last(), many.last()) {
            few.pop();
            columns[less] = ((shares[less] * unit) as u64, place(less), place(more));
            shares[more] -= 1.0 - shares[less];
            if shares[more] < 1.0 {
                many.pop();
                few.push(more);
            }
        }
        // What is left has a column of its own, but for rounding.
        Ok(Table { columns })
    }

    #[inline]
    fn choice(&self, bits: u64) -> u64 {
        let product = u128::from(bits) * self.columns.len() as u128;
        let (share, first, second) = self.columns[(product >> 64) as usize];
        if (product as u64) >> 11 < share { first } else { second }
    }
}

/// `time / weight`, in an order that the ends of the range of f64 leave as it is: what is beyond them is in a class before or after all else, by a power of two nearer.
fn weighted_time(time: f64, weight: f64) -> (i8, f64) {
    let quotient = time / weight;
    let power = |exponent: i32| 2.0_f64.powi(exponent);
    match () {
        () if quotient == f64::INFINITY => (1, time * power(-500) / weight),
        () if quotient < f64::MIN_POSITIVE => (-1, time * power(500) / weight),
        () => (0, quotient),
    }
}

/// The order in which things are chosen one after the other without being put back, the next one as likely as its weight among those that are left. That there is no memory for it unwinds, and is
/// the task's error.
fn weighted_order((seed, stream): (u64, u32), weights: &[f64]) -> Vec<u64> {
    let none = || -> ! { resume_unwind(Box::new(Error::no_memory_to_sort(weights.len(), 16))) };
    let mut times = pages::filled(weights.len(), 0.0).unwrap_or_else(|| none());
    distributions::exponential_f64(seed, stream, 0, &mut times);
    // Empty as long as all are in the middle one, as nearly always.
    let mut classes: Vec<i8> = Vec::new();
    for (at, (time, &weight)) in times.iter_mut().zip(weights).enumerate() {
        let class;
        (class, *time) = weighted_time(*time, weight);
        if class != 0 && weight > 0.0 {
            classes.resize(weights.len(), 0);
            classes[at] = class;
        }
    }
    let mut order: Vec<u64> = Vec::new();
    let possible = || (0..weights.len() as u64).filter(|&at| weights[at as usize] > 0.0);
    // Sorting takes room for some of them, and ends the process where there is none.
    let count = possible().count();
    if order.try_reserve_exact(count).is_err() || Vec::<u64>::new().try_reserve(count).is_err() {
        none();
    }
    order.extend(possible());
    let class = |at: u64| classes.get(at as usize).copied().unwrap_or(0);
    order.sort_by(|&a, &b| {
        class(a).cmp(&class(b)).then(times[a as usize].total_cmp(&times[b as usize]))
    });
    order
}

/// What [`weighted_order`] takes: the times of all weights and half of the order while it is sorted, and the order of those above 0.
fn effort_of_order(weights: usize, possible: usize) -> Effort {
    let bytes = |count: usize| count.saturating_mul(size_of::<u64>());
    let works = bytes(weights).saturating_add(bytes(possible / 2));
    Effort { works, keeps: bytes(possible), ..Effort::default() }
}

impl Random {
    /// Elements chosen from `from`, an array of rank 1 or a number `n` for 0, 1, …, `n - 1`, each as likely as the others and as often as it happens: with replacement. NumPy's
    /// `choice`.
    ///
    /// # Errors
    /// Carried by the array: there has to be something to choose from.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use array::{Array, Random};
    /// let mut random = Random::new(1);
    /// let dice = random.choice(6, [60_000]) + 1;
    /// assert!((9_600..10_400).contains(&dice.equal(6).count_nonzero().compute()?.into_scalar()));
    /// let colours = Array::from(vec![b'r', b'g', b'b']);
    /// assert_eq!(random.choice(&colours, [2, 3]).compute()?.dim(), (2, 3));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Of a number nothing more than random numbers. Of an array, each chunk of the result reads all of it.
    #[track_caller]
    pub fn choice<C: Choices, D: Dimension>(
        &mut self,
        from: C,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<C::Chosen, D> {
        let count = match from.count() {
            Ok(count) => count as u64,
            Err(error) => return refused("choice", error),
        };
        let Some(bound) = std::num::NonZeroU64::new(count) else {
            return refused(
                "choice",
                value(
                    "choice: there is nothing to choose from; give one thing at least".to_owned(),
                ),
            );
        };
        let places =
            self.array("choice", shape.into_dimension(), move |(seed, stream), start, out| {
                distributions::below_u64(seed, stream, start, bound, out);
            });
        from.at("choice", places)
    }

    /// As [`choice`](Random::choice), each as likely as its weight says. Weights are NumPy's probabilities `p`, but need not add up to 1.
    ///
    /// # Errors
    /// Carried by the array: a weight for each, finite and not negative, one of them above 0.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let rare = array::Random::new(1).choice_weighted(3, &[0.9, 0.0, 0.1], [10_000]);
    /// let counts = rare.bincount(3).compute()?;
    /// assert!(counts[1] == 0 && (900..1100).contains(&counts[2]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// A table of 24 bytes for each weight, and O(1) for each element.
    #[doc(alias = "choice")]
    #[track_caller]
    pub fn choice_weighted<C: Choices, D: Dimension>(
        &mut self,
        from: C,
        weights: impl List<f64>,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<C::Chosen, D> {
        let weights = weights.list();
        let made = from
            .count()
            .and_then(|count| check_weights("choice_weighted", &weights, count))
            .and_then(|_| Table::new(&weights));
        let table = match made {
            Ok(table) => table,
            Err(error) => return refused("choice_weighted", error),
        };
        let name = "choice_weighted";
        let places = self.array(name, shape.into_dimension(), move |(seed, stream), start, out| {
            bits_u64(seed, stream, start, out);
            out.iter_mut().for_each(|bits| *bits = table.choice(*bits));
        });
        from.at(name, places)
    }

    /// `count` elements chosen from `from`, each at most once, in a random order: without replacement. NumPy's `choice` with `replace=False`.
    ///
    /// # Errors
    /// Carried by the array: there have to be as many.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let mut lottery = array::Random::new(1).sample(49, 6).compute()?.to_vec();
    /// lottery.sort();
    /// lottery.dedup();
    /// assert!(lottery.len() == 6 && lottery.iter().all(|&number| number < 49));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Nothing is kept of those that are chosen already: see [`permutation`](Random::permutation). Of an array, each chunk of the result reads all of it.
    #[doc(alias = "choice")]
    #[track_caller]
    pub fn sample<C: Choices>(&mut self, from: C, count: usize) -> Array<C::Chosen, Ix1> {
        let counted = check_number("number of elements", count);
        let available = match from.count().and_then(|available| counted.map(|()| available)) {
            Ok(available) => available,
            Err(error) => return refused("sample", error),
        };
        if count > available {
            return refused(
                "sample",
                value(format!(
                    "sample: {count} of {available} without replacement; `choice` may choose one again"
                )),
            );
        }
        let places = self.order("sample", available, count);
        from.at("sample", places)
    }

    /// As [`sample`](Random::sample), the next one always as likely as its weight is among those that are left. NumPy's `choice` with `replace=False` and `p`.
    ///
    /// # Errors
    /// Carried by the array: a weight for each, finite and not negative, and `count` of them above 0.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let two = array::Random::new(1).sample_weighted(3, &[1.0, 0.0, 5.0], 2).compute()?;
    /// assert!(two[0] + two[1] == 2 && two[0] != two[1]);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// O(n log n) of n weights, once, when an element is needed, and their order is kept.
    #[doc(alias = "choice")]
    #[track_caller]
    pub fn sample_weighted<C: Choices>(
        &mut self,
        from: C,
        weights: impl List<f64>,
        count: usize,
    ) -> Array<C::Chosen, Ix1> {
        let (name, weights) = ("sample_weighted", weights.list());
        let checked = from.count().and_then(|available| {
            check_number("number of elements", count)?;
            check_weights(name, &weights, available)
        });
        let possible = match checked {
            Ok(possible) => possible,
            Err(error) => return refused("sample_weighted", error),
        };
        if count > possible {
            return refused(
                "sample_weighted",
                value(format!(
                    "{name}: {count} without replacement, and {possible} of {} {} above 0; ask for fewer",
                    counted(weights.len(), "weight"),
                    is_or_are(possible)
                )),
            );
        }
        let (key, weights, order) = (self.next(), weights.into_owned(), OnceLock::new());
        let effort = effort_of_order(weights.len(), possible);
        let places = made_with(effort, true, move |start, out: &mut [u64]| {
            let order = order.get_or_init(|| weighted_order(key, &weights));
            out.copy_from_slice(&order[start as usize..start as usize + out.len()]);
        });
        from.at(name, array(name, Ix1(count), Location::caller(), places))
    }

    /// The numbers 0, 1, …, `n - 1` in a random order. NumPy's `permutation` of a number.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let order = array::Random::new(1).permutation(1_000_000);
    /// assert_eq!(order.sum().compute()?.into_scalar(), 999_999 * 500_000);
    /// assert_eq!(order.rechunk(1000).slice(ndarray::s![5..9]).compute()?, order.compute()?.slice(ndarray::s![5..9]));
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Each number is made by itself, and nothing is kept of the others. Of at most 4096 numbers every order is as likely as the others, as far as seeds can tell them apart; of more it is
    /// that of a Feistel network with eight rounds.
    #[track_caller]
    pub fn permutation(&mut self, n: usize) -> Array<u64, Ix1> {
        self.order("permutation", n, n)
    }

    /// The first ones of `n` numbers in a random order.
    #[track_caller]
    fn order(&mut self, name: &'static str, n: usize, count: usize) -> Array<u64, Ix1> {
        let (seed, stream) = self.next();
        let permutation = Permutation::new(seed, stream, n as u64);
        by_stretch(name, Ix1(count), false, move |start, out: &mut [u64]| {
            for (place, out) in (start..).zip(out) {
                *out = permutation.at(place);
            }
        })
    }

    /// The array with what lies along an axis in a random order: rows of a matrix along axis 0, which stay whole. NumPy's `permutation` of an array. The order is the one that
    /// [`permutation`](Random::permutation) would have given.
    ///
    /// # Errors
    /// Carried by the array: it has to have the axis.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::Axis;
    /// let x = array::Array::<f64, _>::from_fn([100, 3], |[i, j]| (3 * i + j) as f64).rechunk(10);
    /// let shuffled = array::Random::new(1).shuffle(&x, Axis(0));
    /// let order = array::Random::new(1).permutation(100).compute()?.mapv(|n| n as usize);
    /// assert_eq!(shuffled.compute()?, x.select(Axis(0), order.as_slice().unwrap()).compute()?);
    /// # Ok::<(), array::Error>(())
    /// ```
    ///
    /// # Cost
    /// Each chunk of the result reads all chunks of the array along the axis, so that of an array that is not in memory all are held.
    #[doc(alias = "permutation")]
    #[track_caller]
    pub fn shuffle<A: Element, D: Dimension>(
        &mut self,
        x: impl AnyArray<A, Dim = D>,
        axis: Axis,
    ) -> Array<A, D> {
        let (seed, stream) = self.next();
        x.lazy().step(|expr| {
            check_axis(axis.0, &expr.shape)?;
            let permutation = Permutation::new(seed, stream, expr.shape[axis.0] as u64);
            let order = move |index: usize| permutation.at(index as u64) as usize;
            reordered::<A>("shuffle", expr, axis.0, order)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_table_add_up_to_the_weights() {
        let many: Vec<f64> = (0..1000).map(|n| (f64::from(n) * 0.7).sin().abs()).collect();
        let large = [f64::MAX, f64::MAX / 3.0, f64::MIN_POSITIVE];
        for weights in [&[3.0][..], &[1.0, 1.0], &[0.0, 2.0, 0.0, 1.0, 7.5], &large, &many] {
            let table = Table::new(weights).unwrap();
            let mut shares = vec![0.0; weights.len()];
            let unit = (1_u64 << 53) as f64;
            for &(share, first, second) in &table.columns {
                shares[first as usize] += share as f64 / unit;
                shares[second as usize] += 1.0 - share as f64 / unit;
            }
            let largest = weights.iter().copied().fold(0.0, f64::max);
            let sum: f64 = weights.iter().map(|weight| weight / largest).sum();
            for (share, weight) in shares.iter().zip(weights) {
                let want = weight / largest / sum;
                let got = share / table.columns.len() as f64;
                assert!(
                    (got - want).abs() < 1e-14 && (*weight > 0.0 || got == 0.0),
                    "{got} {want}"
                );
            }
        }
    }

    #[test]
    fn the_next_one_is_as_likely_as_its_weight_however_small_or_large() {
        // How often each of some weights is at a place of the order, of 4000.
        let counts = |weights: &[f64], place: usize| {
            let mut counts = vec![0; weights.len()];
            for seed in 0..4000 {
                counts[weighted_order((seed, 0), weights)[place] as usize] += 1;
            }
            counts
        };
        for weight in [5e-324, 1e-310, 1.0, 1e300, f64::MAX] {
            let counts = counts(&[weight; 4], 0);
            assert!(counts.iter().all(|count| (880..1120).contains(count)), "{weight}: {counts:?}");
        }
        let after_a_large_one = counts(&[1.0, 1e-310, 1e-310], 1);
        assert!((1850..2150).contains(&after_a_large_one[1]), "{after_a_large_one:?}");
        assert_eq!(after_a_large_one[0], 0);
        let thrice = counts(&[1e-310, 3e-310, f64::MAX], 1);
        assert!((880..1120).contains(&thrice[0]), "{thrice:?}");
        // Of ordinary weights the quotients themselves are compared.
        assert_eq!(weighted_time(1.5, 3.0), (0, 0.5));
    }

    #[test]
    fn bits_from_end_to_end_choose_all_columns() {
        let table = Table::new(&[1.0, 2.0, 1.0]).unwrap();
        assert!(table.choice(0) == 0 && table.choice(u64::MAX) < 3);
        let chosen: Vec<u64> = (0..1200).map(|at| table.choice(at * (u64::MAX / 1200))).collect();
        let count = |one: u64| chosen.iter().filter(|&&other| other == one).count();
        assert!((299..=301).contains(&count(0)) && (599..=601).contains(&count(1)));
    }
}
