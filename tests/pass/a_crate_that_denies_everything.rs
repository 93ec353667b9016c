//! The expansion passes where nothing else does.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused, nonstandard_style, future_incompatible, rust_2018_idioms)]
#![deny(let_underscore_drop, missing_debug_implementations, unreachable_pub, unused_qualifications)]
use taskweave::prelude::*;

/// Documented.
#[delayed]
pub(crate) fn half(x: f64) -> f64 {
    x / 2.0
}

#[delayed]
#[allow(clippy::needless_pass_by_value)]
fn generic<T: Clone + Send + Sync + 'static>(x: T, text: &str) -> (T, String) {
    (x.clone(), text.to_owned())
}

fn main() -> Result<(), Error> {
    let graph = graph!({
        let (a, text) = generic(half(4.0), "t");
        (a, text)
    });
    assert_eq!(graph.compute()?, (2.0, "t".to_owned()));
    Ok(())
}
