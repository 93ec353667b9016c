//! What `#[delayed]` takes, and that the function stays what it was.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave::prelude::*;
use taskweave::{DelayedFn, TaskFn};

#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}
#[delayed]
const fn constant(x: u32) -> u32 {
    x + 1
}
#[delayed]
extern "C" fn foreign(x: u32) -> u32 {
    x * 2
}
#[delayed]
fn twice<T>(mut x: T) -> T
where
    T: std::ops::Add<Output = T> + Clone + Send + Sync + 'static,
{
    x = x.clone() + x;
    x
}
#[delayed]
fn sum_of<const N: usize>(values: [f64; N]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn total(values: impl IntoIterator<Item = f64> + Send + Sync + 'static) -> f64 {
    values.into_iter().sum()
}
#[delayed]
fn shown(value: &(impl std::fmt::Debug + Send + Sync + 'static), prefix: &str) -> String {
    format!("{prefix}{value:?}")
}
#[delayed]
fn longest<'a>(path: &'a Path, text: &'a str, fixed: &'static str) -> usize {
    path.as_os_str().len().max(text.len()).max(fixed.len())
}
#[delayed]
fn of_slice(values: &[f64]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn through(f: &dyn Shape) -> f64 {
    f.area()
}
#[delayed]
fn through_sync(f: &(dyn Shape + Send + Sync)) -> f64 {
    f.area()
}
#[delayed]
fn destructured((a, b): (f64, f64), [c, d]: [f64; 2]) -> f64 {
    a + b + c + d
}
#[delayed]
fn halved(x: u32) -> Result<u32, String> {
    if x.is_multiple_of(2) { Ok(x / 2) } else { Err(format!("{x} is odd")) }
}
#[delayed]
fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Relaxed);
}
#[delayed(name = "a good name")]
fn renamed(x: i32) -> i32 {
    x
}
#[delayed]
#[must_use]
fn precious() -> i32 {
    5
}
#[delayed]
fn shadow(shadow: f64) -> f64 {
    shadow + 1.0
}
#[delayed]
fn callback(f: fn(f64) -> f64, x: f64) -> f64 {
    f(x)
}
#[delayed]
fn boxed(f: Box<dyn Fn(f64) -> f64 + Send>, x: f64) -> f64 {
    f(x)
}
#[delayed]
fn nothing() {}
#[delayed]
#[allow(clippy::too_many_arguments)]
fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8) -> u8 {
    a + b + c + d + e + f + g + h + i + j
}
/// Two functions under opposite conditions: one of them is there.
#[delayed]
#[cfg(test)]
fn chosen() -> &'static str {
    "test"
}
#[delayed]
#[cfg(not(test))]
fn chosen() -> i32 {
    0
}

pub trait Shape: Send + Sync {
    fn area(&self) -> f64;
}
pub struct Square(pub f64);
impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}
#[delayed]
fn square(side: f64) -> Square {
    Square(side)
}
#[delayed]
fn any_shape(side: f64) -> Box<dyn Shape> {
    Box::new(Square(side))
}

#[test]
fn a_delayed_function_is_still_a_function() {
    let pointer: fn(f64, f64) -> f64 = add;
    assert_eq!(pointer(1.0, 2.0), add(1.0, 2.0));
    const FIVE: u32 = constant(4);
    assert_eq!(FIVE, 5);
    assert_eq!(
        [1.0, 2.0].map(|x| add(x, 1.0)).to_vec(),
        [1.0, 2.0].iter().copied().map(shadow).collect::<Vec<_>>()
    );
    assert_eq!(
        (add::NAME, renamed::NAME, <halved as TaskFn>::NAME),
        ("add", "a good name", "halved")
    );
    fn output<F: DelayedFn<Output = f64>>(_: F) -> &'static str {
        F::NAME
    }
    assert_eq!(output(of_slice {}), "of_slice");
}

#[test]
fn every_kind_of_function_becomes_a_task() -> Result<(), Error> {
    let counter = AtomicUsize::new(0);
    let counter = &counter;
    let path = std::path::PathBuf::from("a/long/path");
    let graph = graph!({
        let x = add(1.0, 2.0);
        let y = twice(x);
        let z = twice::<f64>(0.5);
        let t = total(vec![x, y, z]);
        let s = sum_of([x, y]);
        let q = sum_of([1.0, 2.0, 3.0]);
        let u = foreign(constant(1));
        let l = longest(&path, "text", "fixed");
        let shape = square(2.0);
        let area = through(&shape) + through_sync(&shape);
        let d = destructured((x, 1.0), [x, y]);
        let h = halved(u)?;
        let c = count(counter);
        let text = shown(&x, "x = ");
        (t, s, q, (l, area, d, h), (c, renamed(7), text, precious()), chosen())
    });
    let (t, s, q, (l, area, d, h), (c, seven, text, five), chosen) = graph.compute()?;
    assert_eq!((t, s, q, l, area, d, h), (10.0, 9.0, 6.0, 11, 8.0, 13.0, 2));
    assert_eq!((c, seven, text.as_str(), five, chosen), ((), 7, "x = 3.0", 5, "test"));
    assert_eq!(counter.load(Relaxed), 1);
    Ok(())
}

#[test]
fn parameters_may_be_named_like_anything() -> Result<(), Error> {
    #[delayed]
    fn envelope(__env: f64, this_graph: f64, output: f64, task: f64) -> f64 {
        __env + this_graph + output + task
    }
    assert_eq!(graph!({ envelope(1.0, 2.0, 3.0, shadow(4.0)) }).compute()?, 11.0);
    let graph = graph!({
        #[delayed]
        fn sum4(a: f64, this_graph: f64, output: f64, task: f64) -> f64 {
            a + this_graph + output + task
        }
        sum4(shadow(0.0), 2.0, 3.0, 4.0)
    });
    assert_eq!(graph.compute()?, 10.0);
    Ok(())
}

#[test]
fn functions_and_closures_are_arguments() -> Result<(), Error> {
    let y = 4.0;
    let root: fn(f64) -> f64 = f64::sqrt;
    let add: Box<dyn Fn(f64) -> f64 + Send> = Box::new(move |x| x + y);
    let graph = graph!({
        let x = callback(root, 16.0);
        boxed(add, x)
    });
    assert_eq!(graph.compute()?, 8.0);
    Ok(())
}

#[test]
fn trait_objects_are_lent_from_anything_that_implements_the_trait() -> Result<(), Error> {
    let here = Square(1.0);
    let shared: std::sync::Arc<dyn Shape> = std::sync::Arc::new(Square(6.0));
    let object: Box<dyn Shape> = Box::new(Square(2.0));
    let graph = graph!({
        let handle = square(3.0);
        let boxed = any_shape(4.0);
        [
            through(&here),
            through(&*object),
            through(&handle),
            through(&boxed),
            through(taskweave::val(Square(5.0))),
            through(shared.clone()),
        ]
    });
    assert_eq!(graph.compute()?, [1.0, 4.0, 9.0, 16.0, 25.0, 36.0]);
    Ok(())
}

#[test]
fn a_task_may_have_ten_arguments() -> Result<(), Error> {
    let graph = graph!({
        let one = many(1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        many(one, 1, 1, 1, 1, 1, 1, 1, 1, one)
    });
    assert_eq!(graph.compute()?, 10);
    Ok(())
}

#[test]
fn the_explicit_form_needs_no_macro() -> Result<(), Error> {
    let graph = Graph::build(|graph| {
        let x = graph.add(add::task(1.0, 2.0).named("first"));
        let h = graph.add(halved::task(8).or_fail());
        let both = graph.gather((x, h));
        both.map(|(x, h): (f64, u32)| x + f64::from(h))
    });
    assert_eq!(graph.tasks()?[0].name(), "first");
    assert_eq!(graph.compute()?, 7.0);
    Ok(())
}

#[test]
fn a_function_without_output_is_a_task_too() -> Result<(), Error> {
    let graph = graph!({
        let mut done = Vec::new();
        for _ in 0..3 {
            done.push(nothing());
        }
        done
    });
    assert_eq!(graph.compute()?, [(), (), ()]);
    Ok(())
}

#[test]
fn borrowed_and_impl_parameters_that_are_not_static() {
    #[delayed]
    fn framed(frame: &str, text: impl std::fmt::Display + Send, times: &impl Into<u64>) -> String
    where
        for<'a> &'a str: Sized,
    {
        let _ = times;
        format!("{frame}{text}{frame}")
    }
    let local = String::from("inside");
    let graph = graph!({ framed("|", local.as_str(), &2_u64) });
    assert_eq!(graph.compute().unwrap(), "|inside|");
}
