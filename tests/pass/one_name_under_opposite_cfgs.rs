//! Of functions and methods with one name, one is there.
#![deny(warnings)]

use taskweave::prelude::*;

pub struct Model {
    pub slope: f64,
}

#[delayed]
impl Model {
    #[cfg(debug_assertions)]
    pub fn predict(&self, x: f64) -> f64 {
        self.slope * x
    }
    #[cfg(not(debug_assertions))]
    pub fn predict(&self, x: f64) -> f64 {
        x * self.slope
    }
}

#[cfg(debug_assertions)]
#[delayed]
fn fit(slope: f64) -> Model {
    Model { slope }
}
#[cfg(not(debug_assertions))]
#[delayed]
fn fit(slope: f64) -> Model {
    Model { slope: slope * 1.0 }
}

fn main() {
    let graph = graph!({
        let model = fit(2.0);
        model.predict(3.0)
    });
    assert_eq!(graph.compute().unwrap(), 6.0);
}
