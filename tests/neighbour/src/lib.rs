//! Delayed functions that other crates use. Denies what a strict crate denies: the expansion must pass.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]

/// Functions in a module.
pub mod steps {
    use taskweave::delayed;

    /// A model.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Model {
        /// Its parameter.
        pub alpha: f64,
    }

    /// Fits a model.
    #[delayed]
    #[must_use]
    pub fn fit(alpha: f64) -> Model {
        Model { alpha }
    }

    /// How wrong it is.
    #[delayed(name = "loss of a model")]
    #[must_use]
    pub fn loss(model: &Model, target: f64) -> f64 {
        (model.alpha - target).abs()
    }

    /// The largest of them.
    ///
    /// # Errors
    /// If there are none.
    #[delayed]
    pub fn largest<T: PartialOrd + Copy + Send + Sync + 'static>(
        values: &[T],
    ) -> Result<T, String> {
        let larger = |a: T, b: &T| if *b > a { *b } else { a };
        let first = values.first().ok_or("no values")?;
        Ok(values.iter().fold(*first, larger))
    }

    /// An old name.
    #[delayed]
    #[deprecated(note = "use `fit`")]
    #[must_use]
    pub fn old_fit(alpha: f64) -> Model {
        Model { alpha }
    }

    #[delayed]
    fn private(alpha: f64) -> f64 {
        alpha
    }

    /// A graph made of them.
    pub fn whole(alphas: &[f64]) -> taskweave::Graph<'_, f64> {
        taskweave::graph!({
            let mut losses = Vec::new();
            for &alpha in alphas {
                losses.push(loss(&fit(private(alpha)), 1.0));
            }
            largest(losses)?
        })
    }
}
pub use steps::{fit, loss as renamed_loss};

/// Under another name: what a facade of the user's own would do.
pub mod facade {
    pub use taskweave as weave;
}
