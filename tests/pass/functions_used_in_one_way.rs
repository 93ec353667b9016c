//! A function that is used plainly only, or in a graph only, is used.
#![deny(warnings, unused, dead_code)]
use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn plain(x: f64) -> f64 {
    x
}
#[delayed]
fn plain_of_any<T: Clone + Send + Sync + 'static>(x: T) -> T {
    x
}
#[delayed(retries = 2)]
fn plain_tried(x: f64) -> Result<f64, String> {
    Ok(x)
}
#[delayed]
fn task(x: f64) -> f64 {
    x
}
#[delayed]
fn task_of_any<T: Clone + Send + Sync + 'static>(x: T) -> T {
    x
}
#[delayed]
fn task_that_fails(x: &[f64]) -> Result<f64, String> {
    x.first().copied().ok_or_else(String::new)
}
#[delayed(retries = 2)]
fn task_whose_failure_is_a_value(x: f64) -> Result<f64, String> {
    Ok(x)
}
#[delayed]
fn task_of_a_closure(n: i32) -> f64 {
    f64::from(n)
}
#[delayed]
fn task_of_a_static_graph(x: f64) -> f64 {
    x
}
#[delayed]
fn task_of_the_explicit_form(x: f64) -> f64 {
    x
}
#[delayed]
fn task_of_a_trait_object(show: &(dyn ToString + Send + Sync)) -> String {
    show.to_string()
}
#[delayed]
fn r#match(x: f64) -> f64 {
    x
}

mod inner {
    use taskweave::prelude::*;

    #[delayed]
    pub(super) fn task(x: f64) -> f64 {
        x
    }
    #[delayed]
    pub(crate) fn plain(x: f64) -> f64 {
        x
    }
}

static_graph! {
    struct Chain(x: f64) {
        let y = task_of_a_static_graph(x);
        y
    }
}

fn main() -> Result<(), Error> {
    #[delayed]
    fn task_of_the_block(x: f64) -> f64 {
        x
    }
    let x = plain(plain_of_any(inner::plain(1.0))) + plain_tried(1.0).unwrap();
    let graph = graph!({
        let a = task(x);
        let b = task_of_any(r#match(a));
        let c = task_that_fails(&[1.0])?;
        let d = task_whose_failure_is_a_value(1.0);
        let e: Vec<_> = (0..3).map(|n| task_of_a_closure(n)).collect();
        (task_of_the_block(b), inner::task(c), d, e, task_of_a_trait_object(&x))
    });
    assert_eq!(graph.compute()?.0, 2.0);
    let _ = task_of_the_explicit_form::task(1.0);
    let _ = Chain::new;
    Ok(())
}
