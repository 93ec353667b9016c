//! Plain functions called like macros, modules and crates; a module and a function of one name in two scopes.
#![deny(warnings)]
use taskweave::prelude::*;

#[delayed]
fn fit(a: f64) -> f64 {
    a
}
fn write(x: f64) -> f64 {
    x
}
fn log(x: f64) -> f64 {
    x.ln()
}
fn std_like(x: f64) -> f64 {
    x
}
mod score {
    #[taskweave::delayed]
    pub fn score(x: f64) -> f64 {
        x
    }
}

fn take(f: impl Fn(f64) -> f64) -> f64 {
    let graph = graph!({
        let f = &f;
        let y = f(1.0);
        let z = (f)(y);
        fit(z)
    });
    graph.compute().unwrap()
}

fn main() {
    let graph = graph!({
        let a = fit(write(1.0));
        let b = fit(log(1.0) + std_like(2.0));
        let c = score::score(f64::from(std::cmp::max(1, 2)) + f64::max(1.0, 2.0));
        vec![a, b, c, fit(f64::from(1_u8)), fit(1.0_f64.sqrt())]
    });
    assert_eq!(graph.compute().unwrap(), [1.0, 2.0, 4.0, 1.0, 1.0]);
    assert_eq!(take(|x| x + 1.0), 3.0);
}
