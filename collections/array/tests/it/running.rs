//! Running sums and products of every kind of element, with NaN and without, against plain loops.

use crate::given::Given;
use crate::plain::{Near, Workers, check};
use ndarray::{ArrayD, Axis};
use num_complex::Complex;
use std::fmt::Debug;
use taskweave_array::{Float, Number};

/// A shape with at least one axis.
fn shape(given: &mut Given) -> Vec<usize> {
    let mut shape = given.shape();
    if shape.is_empty() {
        shape.push(1 + given.below(500));
    }
    shape
}

/// What `step` makes of each element and of what those before it along the axis have come to.
fn running<A: Copy, S: Clone>(
    a: &ArrayD<A>,
    axis: Axis,
    start: S,
    step: impl Fn(&S, A) -> S,
) -> ArrayD<S> {
    let mut all = a.map(|_| start.clone());
    for (mut all, row) in all.lanes_mut(axis).into_iter().zip(a.lanes(axis)) {
        let mut state = start.clone();
        for (to, &x) in all.iter_mut().zip(&row) {
            state = step(&state, x);
            *to = state.clone();
        }
    }
    all
}

/// A sum so far, the number of its elements and the sum of their sizes; both sums are off by half of `epsilon` times the latter for each element.
#[derive(Clone, Debug, Default)]
struct Sum {
    value: f64,
    count: f64,
    size: f64,
}

impl Sum {
    fn add(&self, x: f64) -> Sum {
        Sum { value: self.value + x, count: self.count + 1.0, size: self.size + x.abs() }
    }

    fn is(&self, got: f64, epsilon: f64) -> bool {
        Near { value: self.value, within: self.count * epsilon * self.size }.is(got)
    }
}

/// A product so far, and the number of its factors.
#[derive(Clone, Debug)]
struct Product {
    value: f64,
    count: f64,
}

impl Product {
    const ONE: Product = Product { value: 1.0, count: 0.0 };

    fn mul(&self, x: f64) -> Product {
        Product { value: self.value * x, count: self.count + 1.0 }
    }

    fn is(&self, got: f64, epsilon: f64) -> bool {
        Near { value: self.value, within: self.count * epsilon * self.value.abs() }.is(got)
    }
}

fn floats<A: Float + Into<f64>>(epsilon: f64, seeds: u64, of: impl Fn(f64) -> A) {
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = shape(&mut given);
        let axis = Axis(given.below(shape.len()));
        // None, few or many that are no numbers.
        let one_of = [usize::MAX, 400, 5][given.below(3)];
        let other = |given: &mut Given| [f64::NAN, f64::NAN, f64::INFINITY, 0.0][given.below(4)];
        let (a, x) = given.pair(&shape, |given| match given.below(one_of) {
            0 => of(other(given)),
            _ => of(given.normal()),
        });
        let (what, on) = (format!("seed {seed}, {axis:?} of {x}"), all.some(&mut given));
        let wide = a.mapv(Into::<f64>::into);
        let is = |got: &A, want: &Sum| want.is((*got).into(), epsilon);
        let sums = running(&wide, axis, Sum::default(), Sum::add);
        check(&what, &x.cumsum(axis).compute_on(on).unwrap(), &sums, is);
        let sums =
            running(
                &wide,
                axis,
                Sum::default(),
                |sum, x| {
                    if x.is_nan() { sum.clone() } else { sum.add(x) }
                },
            );
        check(&what, &x.nancumsum(axis).compute_on(on).unwrap(), &sums, is);

        let (a, x) = given.pair(&shape, |given| match given.below(one_of) {
            0 => of(other(given)),
            at => of((2.0 * given.unit() - 1.0).exp2() * [1.0, -1.0][at % 2]),
        });
        let wide = a.mapv(Into::<f64>::into);
        let is = |got: &A, want: &Product| want.is((*got).into(), epsilon);
        let products = running(&wide, axis, Product::ONE, Product::mul);
        check(&what, &x.cumprod(axis).compute_on(on).unwrap(), &products, is);
        let products = running(&wide, axis, Product::ONE, |product, x| {
            if x.is_nan() { product.clone() } else { product.mul(x) }
        });
        check(&what, &x.nancumprod(axis).compute_on(on).unwrap(), &products, is);
    }
}

#[test]
fn running_sums_and_products_of_f64() {
    floats(f64::EPSILON, 40, |x| x);
}

#[test]
fn running_sums_and_products_of_f32() {
    floats(f64::from(f32::EPSILON), 40, |x| x as f32);
}

/// What is exact: sums and products of whole numbers.
fn whole<A: Number>(
    seeds: u64,
    of: impl Fn(&mut Given) -> A,
    [zero, one]: [A::Sum; 2],
    add: impl Fn(&A::Sum, A) -> A::Sum,
    mul: impl Fn(&A::Sum, A) -> A::Sum,
) where
    A::Sum: Debug,
{
    let all = Workers::new();
    for seed in 0..seeds {
        let mut given = Given::seed(seed);
        let shape = shape(&mut given);
        let axis = Axis(given.below(shape.len()));
        let (a, x) = given.pair(&shape, &of);
        let (what, on) = (format!("seed {seed}, {axis:?} of {x}"), all.some(&mut given));
        let is = |got: &A::Sum, want: &A::Sum| got == want;
        let sums = running(&a, axis, zero, &add);
        check(&what, &x.cumsum(axis).compute_on(on).unwrap(), &sums, is);
        check(&what, &x.nancumsum(axis).compute_on(on).unwrap(), &sums, is);
        let products = running(&a, axis, one, &mul);
        check(&what, &x.cumprod(axis).compute_on(on).unwrap(), &products, is);
        check(&what, &x.nancumprod(axis).compute_on(on).unwrap(), &products, is);
    }
}

#[test]
fn running_sums_and_products_of_integers_wrap_around() {
    let add = |sum: &i64, x: i64| sum.wrapping_add(x);
    let mul = |product: &i64, x: i64| product.wrapping_mul(x);
    whole(20, |given| given.next() as i64 | 1, [0, 1], add, mul);
    let add = |sum: &i64, x: i32| sum.wrapping_add(x.into());
    let mul = |product: &i64, x: i32| product.wrapping_mul(x.into());
    whole(20, |given| given.next() as i32 | 1, [0, 1], add, mul);
    let add = |sum: &u64, x: u8| sum + u64::from(x);
    let mul = |product: &u64, x: u8| product.wrapping_mul(x.into());
    whole(20, |given| given.next() as u8 | 1, [0, 1], add, mul);
}

#[test]
fn running_sums_and_products_of_complex_units_are_exact() {
    let units: [Complex<f64>; 4] =
        [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)].map(|(re, im)| Complex::new(re, im));
    let ends = [Complex::new(0.0, 0.0), Complex::new(1.0, 0.0)];
    whole(20, |given| units[given.below(4)], ends, |sum, x| sum + x, |product, x| product * x);
}
