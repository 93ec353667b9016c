//! Under `#[cfg]`, of what a name may be only what is there counts.
#![deny(warnings)]

use taskweave::gather;
use taskweave::prelude::*;

pub struct Model {
    pub loss: f64,
}
#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn fit(loss: f64) -> Model {
    Model { loss }
}

fn main() {
    // A plain function that is not there hides nothing; one that is hides the delayed one.
    let graph = graph!({
        #[cfg(any())]
        fn half(x: f64) -> f64 {
            x
        }
        half(4.0)
    });
    assert_eq!((graph.tasks().unwrap().len(), graph.compute().unwrap()), (1, 2.0));
    let graph = graph!({
        #[cfg(all())]
        fn half(x: f64) -> f64 {
            x
        }
        gather(half(4.0))
    });
    assert_eq!(graph.compute().unwrap(), 4.0);

    let graph = graph!({
        #[cfg(all())]
        let x = 3.0;
        #[cfg(any())]
        let x = half(1.0);
        #[cfg(all())]
        let model = Model { loss: 1.0 };
        #[cfg(any())]
        let model = fit(1.0);
        assert_eq!((x as u8, format!("{x}")), (3, "3".to_string()));
        #[cfg(all())]
        let both = half(4.0);
        #[cfg(not(all()))]
        let both = half(8.0);
        (half(model.loss), both.map(|v| half(v)))
    });
    assert_eq!(graph.compute().unwrap(), (0.5, 1.0));

    // Names of ours are nobody else's.
    let this_graph = graph!({ half(4.0) });
    let graph = graph!({ half(gather(this_graph)) });
    assert_eq!(graph.compute().unwrap(), 1.0);
    let _ = fit(1.0).loss;
}
