//! `#[delayed]` on an `impl`: methods on handles.

use taskweave::prelude::*;

mod model {
    use taskweave::delayed;

    #[derive(Clone, Debug, PartialEq)]
    pub struct Fit {
        pub slope: f64,
        pub offset: f64,
    }

    #[delayed]
    pub fn fit(slope: f64, offset: f64) -> Fit {
        Fit { slope, offset }
    }

    #[delayed]
    impl Fit {
        /// Not a method: stays an ordinary call.
        pub fn new(slope: f64, offset: f64) -> Self {
            Fit { slope, offset }
        }
        /// The line at `x`.
        pub fn predict(&self, x: f64) -> f64 {
            self.slope * x + self.offset
        }
        pub fn on(&self, xs: &[f64]) -> Vec<f64> {
            xs.iter().map(|x| self.predict(*x)).collect()
        }
        pub fn plus(self, other: Self) -> Self {
            Fit { slope: self.slope + other.slope, offset: self.offset + other.offset }
        }
        pub fn is(&self, other: &Self) -> bool {
            self == other
        }
        pub fn scaled<K: Into<f64> + Copy + Send + Sync + 'static>(&self, by: K) -> Self {
            Fit { slope: self.slope * by.into(), offset: self.offset * by.into() }
        }
        pub fn checked(&self) -> Result<f64, std::fmt::Error> {
            if self.slope > 0.0 { Ok(self.slope) } else { Err(std::fmt::Error) }
        }
        pub fn parts(self) -> (f64, f64) {
            (self.slope, self.offset)
        }
        pub fn try_parts(&self) -> Result<(f64, f64), std::fmt::Error> {
            self.checked().map(|slope| (slope, self.offset))
        }
        // Also a name of ours, for a message; the user's own comes first.
        pub fn len(&self) -> usize {
            2
        }
        #[delayed(name = "a name of its own")]
        pub fn named_otherwise(mut self, (slope, _): (f64, f64)) -> Self {
            self.slope = slope;
            self
        }
        pub fn text(&self, head: &str, tail: impl std::fmt::Display + Send + Sync) -> String {
            format!("{head}{}{tail}", self.secret())
        }
        pub fn option(&self, x: Option<f64>) -> f64 {
            x.unwrap_or(self.slope)
        }
        fn secret(&self) -> f64 {
            self.slope * 100.0
        }
    }

    pub fn with_secret() -> f64 {
        taskweave::graph!({ fit(0.5, 0.0).secret() }).compute().unwrap()
    }

    #[derive(Debug)]
    pub struct Once<T>(pub T);

    #[delayed]
    pub fn once(x: f64) -> Once<f64> {
        Once(x)
    }

    #[delayed(trait = OnceOps)]
    impl<T: Clone + Send + Sync + 'static> Once<T>
    where
        T: PartialEq,
    {
        pub fn open(self) -> T {
            self.0
        }
        pub fn peek(&self) -> T {
            self.0.clone()
        }
        pub fn same<const N: usize>(&self, others: [T; N]) -> usize {
            others.iter().filter(|&other| *other == self.0).count()
        }
    }
}

mod elsewhere {
    // The trait by its name, from another module.
    use super::model::{FitTasks as _, fit};

    pub fn predicted() -> f64 {
        taskweave::graph!({ fit(2.0, 2.0).predict(20.0) }).compute().unwrap()
    }
}

use model::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}

#[test]
fn methods_of_handles_are_tasks_and_those_of_values_are_calls() {
    let data = vec![1.0, 2.0];
    let local = Fit { slope: 1.0, offset: 0.0 };
    let graph = graph!({
        let m = fit(2.0, 1.0);
        let direct = m.predict(20.5);
        let chained = fit(1.0, 1.0).scaled(2_u8).predict(half(4.0));
        let borrowed = m.on(&data);
        let many = m.on(vec![half(2.0), half(4.0)]);
        let plain: f64 = local.predict(3.0);
        let same = m.is(&m);
        let moved = m.clone().plus(Fit::new(1.0, 1.0));
        (direct, chained, borrowed, many, plain, same, (moved, m.len()))
    });
    let (direct, chained, borrowed, many, plain, same, (moved, len)) = graph.compute().unwrap();
    assert_eq!((direct, chained, plain, same, len), (42.0, 6.0, 3.0, true, 2));
    assert_eq!((borrowed, many), (vec![3.0, 5.0], vec![3.0, 5.0]));
    assert_eq!(moved, Fit::new(3.0, 2.0));
    assert_eq!(elsewhere::predicted(), 42.0);
    assert_eq!(with_secret(), 50.0);
}

#[test]
fn generic_impls_and_methods_and_a_trait_of_another_name() {
    let graph = graph!({
        let one = once(7.0);
        let seen = one.peek();
        let same = one.same([half(7.0), half(14.0), half(16.0)]);
        (one.open(), seen, same)
    });
    assert_eq!(graph.compute().unwrap(), (7.0, 7.0, 1));
}

#[test]
fn parameters_of_methods_are_what_they_are_in_functions() {
    let graph = graph!({
        let m = fit(0.5, 1.0);
        let text = m.text("[", half(4.0));
        let changed = m.named_otherwise((half(8.0), 1.0));
        (text, changed.option(None), changed.option(Some(half(1.0))))
    });
    assert_eq!(graph.compute().unwrap(), ("[502".into(), 4.0, 0.5));
}

#[test]
fn results_and_tuples_of_methods() {
    let graph = graph!({
        let m = fit(2.0, 3.0);
        let slope = m.checked()?;
        let chained = fit(4.0, 3.0).scaled(2.0).checked()?;
        let (a, b) = m.try_parts()?;
        let (c, d) = m.parts();
        (half(slope), chained, a, b, c, d)
    });
    assert_eq!(graph.compute().unwrap(), (1.0, 8.0, 2.0, 3.0, 2.0, 3.0));
    let failing = graph!({
        let m = fit(-1.0, 0.0);
        half(m.checked()?)
    });
    let error = failing.compute().unwrap_err();
    assert_eq!(error.task(), Some("Fit::checked"));
    assert_eq!(error.location().unwrap().line(), line!() - 4);
}

#[test]
fn tasks_of_methods_have_names_and_lines() {
    let graph = graph!({
        let m = fit(2.0, 3.0);
        m.named_otherwise((1.0, 2.0))
    });
    let tasks = graph.tasks().unwrap();
    assert_eq!(tasks[1].name(), "a name of its own");
    assert_eq!(tasks[1].line(), line!() - 4);
    let graph = graph!({ fit(2.0, 3.0).predict(1.0) });
    assert_eq!(graph.tasks().unwrap()[1].name(), "Fit::predict");
}
