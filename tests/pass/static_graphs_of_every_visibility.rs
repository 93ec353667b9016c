//! A static graph's struct is seen as far as it says, also inside functions, where two scopes may have the same name, and with attributes.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]

use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

static_graph! {
    struct Private(x: f64) {
        let out = half(x);
        out
    }
}

mod deep {
    use super::*;
    static_graph! {
        /// Everywhere in the crate.
        #[must_use]
        pub(crate) struct InCrate(x: f64) {
            let out = half(x);
            out
        }
    }
    static_graph! {
        pub(super) struct InParent(x: f64) -> f64 {
            let out = half(x);
            out
        }
    }
    static_graph! {
        pub(in crate::deep) struct InPath(x: f64) {
            let out = half(x);
            out
        }
    }
    static_graph! {
        #[cfg(any())]
        pub(super) struct Absent(x: f64) {
            let out = half(x);
            out
        }
    }
    pub(super) mod deeper {
        use super::InPath as Renamed;
        pub(crate) fn run(x: f64) -> f64 {
            Renamed::new().run(x).unwrap()
        }
    }
}

mod taken {
    use super::*;
    // The scope around has one of this name too.
    static_graph! {
        #[derive(Debug)]
        pub(super) struct Private(x: f64) {
            let s = half(x);
            let out = half(s);
            out
        }
    }
}

fn in_a_function(x: f64) -> f64 {
    static_graph! {
        struct Private(x: f64) {
            let a = half(x);
            let b = half(a);
            let out = half(b);
            out
        }
    }
    Private::default().run(x).unwrap()
}

fn main() {
    const _: () = assert!(deep::InCrate::TASKS == 1 && taken::Private::TASKS == 2);
    assert_eq!(Private::new().run(8.0).unwrap(), 4.0);
    assert_eq!(deep::InCrate::new().run(8.0).unwrap(), 4.0);
    assert_eq!(deep::InParent::new().run(8.0).unwrap(), 4.0);
    assert_eq!(deep::deeper::run(8.0), 4.0);
    assert_eq!(taken::Private::new().run(8.0).unwrap(), 2.0);
    assert_eq!(in_a_function(8.0), 1.0);
}
