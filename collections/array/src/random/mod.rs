//! Random arrays: the same numbers for any chunks and any number of workers.
//!
//! In: a seed, and shapes. Out: sources whose elements are a function of the seed, of how many arrays the generator has made before, and of the element's place in C
//! order. Where they are read in several places they are made anew in each: that takes about as long as reading them, and nothing is kept.
//!
//! Not here: the bits (`philox`), what distributions make of them (`distributions`), and choices among things (`choice`).

mod choice;
mod distributions;
mod permutation;
mod philox;

use crate::array::Array;
use crate::create::array;
use crate::element::{Element, Float};
use crate::error::{Error, ErrorKind};
use crate::expr::{Effort, Source};
use crate::kernels::map1;
use crate::tile::{Generated, Register};
use crate::walk::Walk;
use ndarray::{Dimension, IntoDimension};
use std::num::NonZeroU64;
use std::panic::Location;
use std::sync::Arc;

pub use choice::Choices;

/// A generator of random arrays.
///
/// Each array that it makes has a stream of its own, so a program that asks for the same arrays in the same order gets the same numbers, whatever the chunks,
/// the scheduler, the number of workers and the instruction set. Nothing of an array is kept: its numbers are made where they are read, also in several places, which takes
/// about as long as reading them (1.9 thousand million uniform and 0.6 thousand million normal `f64` a second on one thread with AVX-512);
/// [`persist`](Array::persist) keeps them. The generator is Philox4x32-10 (Salmon and others, *Parallel random numbers: as easy as 1, 2, 3*,
/// SC'11). It is no cryptographic one.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::Random;
/// let mut random = Random::new(42);
/// let x = random.normal::<f64, _>([1000, 1000]);
/// assert!(x.mean().compute()?.into_scalar().abs() < 0.005);
/// let again = Random::new(42).normal::<f64, _>([1000, 1000]).rechunk([7, 1000]);
/// assert!(x.equal(&again).all().compute()?.into_scalar());
/// # Ok::<(), array::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Random {
    seed: u64,
    stream: u32,
}

/// Fills a slice with the numbers of consecutive elements.
type Fill<A> = dyn Fn(u64, &mut [A]) + Send + Sync;

/// Elements that are made several at a time.
struct ByStretch<A>(Box<Fill<A>>, Effort);

impl<A: Element> Generated for ByStretch<A> {
    fn fill(&self, walk: &Walk, start: usize, n: usize, register: &mut Register) {
        let out = register.downcast_mut::<Vec<A>>().expect("programs are made with types that fit");
        walk.runs(start, n, |at, step, run| {
            let out = &mut out[run];
            if step == 1 {
                return (self.0)(at as u64, out);
            }
            let mut at = at;
            for out in out {
                (self.0)(at as u64, std::slice::from_mut(out));
                at = at.wrapping_add_signed(step);
            }
        });
    }
    fn goes_by_stretches(&self) -> bool {
        true
    }
    fn effort(&self) -> Effort {
        self.1
    }
}

/// An array whose elements are made several at a time; `is_cheap` if that is as quick as reading them.
#[track_caller]
fn by_stretch<A: Element, D: Dimension>(
    name: &'static str,
    shape: D,
    is_cheap: bool,
    fill: impl Fn(u64, &mut [A]) + Send + Sync + 'static,
) -> Array<A, D> {
    let from = made_with(Effort::default(), is_cheap, fill);
    array(name, shape, Location::caller(), from)
}

/// Such elements, for the first of which something is made that all share.
fn made_with<A: Element>(
    effort: Effort,
    is_cheap: bool,
    fill: impl Fn(u64, &mut [A]) + Send + Sync + 'static,
) -> Source {
    Source::Generated { make: Arc::new(ByStretch(Box::new(fill), effort)), is_cheap }
}

/// Floating-point types with random numbers.
pub trait Uniform: Sized {
    #[doc(hidden)]
    fn uniform(seed: u64, stream: u32, start: u64, out: &mut [Self]);
    #[doc(hidden)]
    fn normal(seed: u64, stream: u32, start: u64, out: &mut [Self]);
}
impl Uniform for f64 {
    fn uniform(seed: u64, stream: u32, start: u64, out: &mut [f64]) {
        distributions::uniform_f64(seed, stream, start, out);
    }
    fn normal(seed: u64, stream: u32, start: u64, out: &mut [f64]) {
        distributions::normal_f64(seed, stream, start, out);
    }
}
impl Uniform for f32 {
    fn uniform(seed: u64, stream: u32, start: u64, out: &mut [f32]) {
        distributions::uniform_f32(seed, stream, start, out);
    }
    fn normal(seed: u64, stream: u32, start: u64, out: &mut [f32]) {
        distributions::normal_f32(seed, stream, start, out);
    }
}

impl Random {
    /// A generator whose numbers follow from `seed`.
    pub fn new(seed: u64) -> Random {
        Random { seed, stream: 0 }
    }

    /// Seed and stream of the next array.
    fn next(&mut self) -> (u64, u32) {
        let stream = self.stream;
        self.stream = self.stream.wrapping_add(1);
        if self.stream == 0 {
            // All streams of the seed are used up: on with those of another one.
            self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        }
        (self.seed, stream)
    }

    #[track_caller]
    fn array<A: Element, D: Dimension>(
        &mut self,
        name: &'static str,
        shape: D,
        fill: impl Fn((u64, u32), u64, &mut [A]) + Send + Sync + 'static,
    ) -> Array<A, D> {
        let key = self.next();
        by_stretch(name, shape, true, move |start, out: &mut [A]| fill(key, start, out))
    }

    /// Uniform numbers in `[0, 1)`: multiples of 2⁻⁵³ for `f64`, of 2⁻²⁴ for `f32`.
    #[doc(alias("random", "rand"))]
    #[track_caller]
    pub fn uniform<A: Float, D: Dimension>(
        &mut self,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<A, D> {
        self.array("uniform", shape.into_dimension(), |(seed, stream), start, out| {
            A::uniform(seed, stream, start, out)
        })
    }

    /// Normal numbers of mean 0 and standard deviation 1, by Box and Muller's method; none is more than 8.57 from 0 (`f32`: 6.66). For another mean and deviation write
    /// `random.normal(shape) * deviation + mean`.
    #[doc(alias("standard_normal", "randn"))]
    #[track_caller]
    pub fn normal<A: Float, D: Dimension>(
        &mut self,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<A, D> {
        self.array("normal", shape.into_dimension(), |(seed, stream), start, out| {
            A::normal(seed, stream, start, out)
        })
    }

    /// Exponential numbers of mean 1.
    #[track_caller]
    pub fn exponential<D: Dimension>(
        &mut self,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<f64, D> {
        self.array("exponential", shape.into_dimension(), |(seed, stream), start, out| {
            distributions::exponential_f64(seed, stream, start, out);
        })
    }

    /// Integers from `low` up to but not including `high`, each as likely as the others.
    ///
    /// # Errors
    /// Carried by the array: `low` has to be less than `high`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// let dice = array::Random::new(1).integers(1, 7, [600_000]);
    /// let sixes = dice.equal(6).count_nonzero().compute()?.into_scalar();
    /// assert!((98_000..102_000).contains(&sixes));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[doc(alias = "randint")]
    #[track_caller]
    pub fn integers<D: Dimension>(
        &mut self,
        low: i64,
        high: i64,
        shape: impl IntoDimension<Dim = D>,
    ) -> Array<i64, D> {
        let span = (i128::from(high) - i128::from(low)).try_into().ok().and_then(NonZeroU64::new);
        let Some(span) = span else {
            let message = format!(
                "no integer is at least {low} and less than {high}: the second number has to be greater than the first"
            );
            let error = Error::new(ErrorKind::Value, message);
            return Array::from_state(Err(error.of_call("integers", Location::caller())));
        };
        let numbers =
            self.array("integers", shape.into_dimension(), move |(seed, stream), start, out| {
                distributions::below_u64(seed, stream, start, span, out);
            });
        numbers.unary("integers", map1(move |number: u64| low.wrapping_add_unsigned(number)))
    }
}
