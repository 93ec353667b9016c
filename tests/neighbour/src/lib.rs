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

    #[delayed]
    impl Model {
        /// Not a task.
        #[must_use]
        pub fn new(alpha: f64) -> Self {
            Model { alpha }
        }
        /// The model at a point.
        #[must_use]
        pub fn predict(&self, x: f64) -> f64 {
            self.alpha * x
        }
        /// The model with another parameter.
        ///
        /// # Errors
        /// If the factor is not positive.
        #[delayed(name = "a scaled model")]
        pub fn scaled<T: Into<f64> + Send + 'static>(self, by: T) -> Result<Self, String> {
            let by = by.into();
            if by > 0.0 { Ok(Model { alpha: self.alpha * by }) } else { Err("not positive".into()) }
        }
        fn own(&self) -> f64 {
            self.predict(1.0)
        }
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

    /// As text.
    #[delayed]
    #[must_use]
    pub fn shown(value: &dyn std::fmt::Display) -> String {
        value.to_string()
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

    /// Halves a number until it is small, which the results decide.
    pub fn halvings(from: f64) -> taskweave::Graph<'static, u32> {
        taskweave::graph! { move
            let mut model = fit(from);
            let mut halvings = 0;
            while model.own().await > 1.0 {
                model = model.scaled(0.5)?;
                halvings += 1;
            }
            halvings
        }
    }

    taskweave::static_graph! {
        /// A graph known when it is compiled.
        pub struct Wrong(alpha: f64, target: f64) -> f64 {
            let wrong = loss(&model, target);
            let model = fit(alpha);
            wrong
        }
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
