//! What a static graph is made of passes where nothing else does.
#![deny(warnings, missing_docs, unused, nonstandard_style, future_incompatible, rust_2018_idioms)]
#![deny(let_underscore_drop, missing_debug_implementations, unreachable_pub, unused_qualifications)]
use taskweave::prelude::*;
use taskweave::{InThread, static_graph};

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

// A task that says it may be unused, and names with and without `r#`, which are one.
static_graph! {
    #[derive(Debug)]
    struct Plain(r#x: f64, r#in: f64) {
        let _v = half(x);
        let w = half(_v + r#in);
        r#w
    }
}

static_graph! {
    #[deprecated]
    #[must_use]
    #[derive(Debug)]
    pub(crate) struct Old(x: f64) { let y = half(x); y }
}

static_graph! {
    /// In a module of its own; see [`half()`].
    #[deprecated]
    #[allow(missing_debug_implementations)]
    pub(crate) struct Older(x: f64) { let y = half(x); y }
}

static_graph! {
    #[derive(Debug)]
    struct Several(x: f64) { let y = half(x); let z = half(y); (z, y, z) }
}
static_graph! {
    /// Of a type that is written.
    #[derive(Debug)]
    pub(crate) struct Both(scheduler: f64) -> (f64, f64) { let y = half(scheduler); let z = half(y); (z, y) }
}

macro_rules! make {
    ($name:ident) => {
        static_graph! {
            #[allow(missing_debug_implementations)]
            struct $name(x: f64) { let y = half(x); y }
        }
    };
}
make!(Made);

#[allow(deprecated)]
fn main() -> Result<(), Error> {
    assert_eq!(Plain::new().run(2.0, 1.0)?, 1.0);
    assert_eq!(Old::new().run(2.0)? + Older::new().run(2.0)? + Made::new().run(2.0)?, 3.0);
    assert_eq!(Several::new().run(4.0)?, (1.0, 2.0, 1.0));
    assert_eq!(Both::new().run_on(&InThread, 4.0)?, (1.0, 2.0));
    assert_eq!(graph!({ half(2.0) }).compute()?, 1.0);
    Ok(())
}
