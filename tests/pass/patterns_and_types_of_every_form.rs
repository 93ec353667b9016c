//! A pattern that is a struct without fields, and an `impl` of a type that a macro passes on.

use taskweave::prelude::*;

pub struct Unit;

#[delayed]
fn sum(Unit: Unit, _: f64, (a, b): (f64, f64), [c, d]: [f64; 2]) -> f64 {
    a + b + c + d
}

#[derive(Clone)]
pub struct Model(f64);

macro_rules! delayed_methods {
    ($model:ty) => {
        #[delayed]
        impl $model {
            pub fn value(&self) -> f64 {
                self.0
            }
        }
    };
}
delayed_methods!(Model);

#[delayed]
fn fit() -> Model {
    Model(3.0)
}

fn main() {
    let graph = graph!({ (sum(Unit, 1.0, (1.0, 2.0), [3.0, 4.0]), fit().value()) });
    assert_eq!(graph.compute().ok(), Some((10.0, 3.0)));
}
