//! Calls of the user's functions: what they may give, and what is said when they fail.
//!
//! In: a function, the step that it was given to, and the block that it is called for. Out: its value, or an [`Error`] that names the step with its line, the function, if it has a
//! name, and the position of the block.
//!
//! ```text
//! Outcome<T>       T, or Result<T, E>                       blocks, states
//! ElementOutcome   an element, or a Result of one           whose type follows from it
//! ```
//! Not here: functions of single elements, which `program` calls a tile at a time.

use crate::element::Element;
use crate::error::Error;
use crate::expr::Expr;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};

/// An error of a function of the user's: any error, or a message, `"no root of -1".into()`.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

mod sealed {
    pub trait Sealed<T> {}
    impl<T> Sealed<T> for T {}
    impl<T, E> Sealed<T> for Result<T, E> {}
}

/// What a function of blocks may give where a `T` is wanted: a `T`, or a `Result<T, E>` of an error that can be boxed.
///
/// An `Err` is the error of the block's task: its message, after the line of the step, the name of the function, if it is not a closure, and the block's position. What the function returned is
/// the [`source`](std::error::Error::source).
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, BlockPlace};
/// use ndarray::{Array1, ArrayView1};
///
/// fn rooted(block: ArrayView1<'_, f64>, _: &BlockPlace) -> Result<Array1<f64>, String> {
///     match block.iter().find(|x| **x < 0.0) {
///         None => Ok(block.mapv(f64::sqrt)),
///         Some(x) => Err(format!("no root of {x}")),
///     }
/// }
/// let x = Array::from(vec![4.0, 9.0, -1.0, 16.0]).rechunk(2);
/// let error = x.map_blocks(rooted).compute().unwrap_err();
/// assert!(error.to_string().ends_with("map_blocks: `rooted` failed for the block at [1]: no root of -1"));
/// ```
#[diagnostic::on_unimplemented(
    message = "the function gives `{Self}`, and `{T}` is wanted",
    label = "this function has to return `{T}`, or a `Result` of it with an error that can be boxed",
    note = "a function that gives blocks of another rank or shape is for `map_blocks_to`, one that makes an element or a row of a row for `map_axis` or `map_axis_into`"
)]
pub trait Outcome<T>: sealed::Sealed<T> + Sized + 'static {
    #[doc(hidden)]
    fn outcome(self) -> Result<T, Failure>;
}

impl<T: 'static> Outcome<T> for T {
    fn outcome(self) -> Result<T, Failure> {
        Ok(self)
    }
}

impl<T: 'static, E: Into<Failure> + 'static> Outcome<T> for Result<T, E> {
    fn outcome(self) -> Result<T, Failure> {
        self.map_err(Into::into)
    }
}

/// What a function that gives single elements may give: an [`Element`], or a `Result` of one; see [`Outcome`].
pub trait ElementOutcome: 'static {
    /// The type of the element.
    type Element: Element;
    #[doc(hidden)]
    fn outcome(self) -> Result<Self::Element, Failure>;
}

impl<B: Element> ElementOutcome for B {
    type Element = B;
    fn outcome(self) -> Result<B, Failure> {
        Ok(self)
    }
}

impl<B: Element, E: Into<Failure> + 'static> ElementOutcome for Result<B, E> {
    type Element = B;
    fn outcome(self) -> Result<B, Failure> {
        self.map_err(Into::into)
    }
}

/// The name of the function that a closure is written in.
pub(crate) fn surrounding<F>(_: &F) -> &'static str {
    let mut path = std::any::type_name::<F>();
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    bare_name(path)
}

/// The last name of a path, without generic arguments.
fn bare_name(path: &str) -> &str {
    // From the end, where the `>` of an arrow closes nothing.
    let (mut depth, mut end) = (0, path.len());
    for (at, c) in path.char_indices().rev() {
        match c {
            '>' if !path[..at].ends_with('-') => depth += 1,
            '<' => {
                depth -= 1;
                if depth == 0 {
                    end = at;
                }
            }
            _ if depth == 0 => break,
            _ => {}
        }
    }
    let name = path[..end].trim_end_matches("::");
    name.rsplit("::").next().unwrap_or(name)
}

/// What a function of the user's is called in messages.
#[derive(Clone, Copy)]
pub(crate) struct Name(Option<&'static str>);

impl Name {
    /// Of a function; closures have no name.
    pub(crate) fn of<F>() -> Name {
        let path = std::any::type_name::<F>();
        // Without the arguments of a generic function, and not what a pointer's type ends with.
        let mut depth = 0;
        let is_within = |c: char| {
            depth += i32::from(c == '>') - i32::from(c == '<');
            depth > 0 || c == '<'
        };
        let path = if path.contains("fn(") { "" } else { path.trim_end_matches(is_within) };
        let is_name = |name: &&str| {
            let mut chars = name.chars();
            chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
                && chars.all(|c| c.is_alphanumeric() || c == '_')
        };
        let is_own = !["alloc::", "core::", "std::"].iter().any(|of| path.starts_with(of));
        Name(path.rsplit("::").next().filter(is_name).filter(|_| is_own))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(name) => write!(f, "`{name}`"),
            None => f.write_str("the function"),
        }
    }
}

/// A function of the user's while it is called for a block.
pub(crate) struct Call<'a> {
    /// The step: `map_blocks`.
    pub(crate) step: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) function: Name,
    /// The position of the block.
    pub(crate) at: &'a [usize],
}

impl<'a> Call<'a> {
    pub(crate) fn new(expr: &Expr, function: Name, at: &'a [usize]) -> Call<'a> {
        Call { step: expr.name, location: expr.location, function, at }
    }

    /// What `f` gives, or what is wrong with that it does not.
    pub(crate) fn run<T>(&self, f: impl FnOnce() -> Result<T, Failure>) -> Result<T, Error> {
        self.run_at(|| format!("the block at {:?}", self.at), f)
    }

    /// The same, of what lies at `place` when it fails.
    pub(crate) fn run_at<T>(
        &self,
        place: impl Fn() -> String,
        f: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let what = |happened: &str| format!("{} {happened} {}", self.function, place());
        let error = match catch_unwind(AssertUnwindSafe(f)) {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => Error::of_function(&what("failed for"), error),
            Err(payload) => Error::panicked(&what("panicked on"), &*payload),
        };
        Err(error.of_call(self.step, self.location))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named() {}
    fn generic<T>() {}
    trait Has {
        fn method();
    }
    struct Held;
    impl Has for Held {
        fn method() {}
    }
    impl Held {
        fn own<T>() {}
    }
    fn name_of<F>(_: F) -> String {
        Name::of::<F>().to_string()
    }

    fn operation<F: Fn(u8) -> u8>(_: F) -> [&'static str; 2] {
        let nested = || || ();
        [surrounding(&|| ()), surrounding(&nested())]
    }
    impl<T> Generic<T> {
        fn called<U>(_: U) -> &'static str {
            surrounding(&|| ())
        }
    }
    struct Generic<T>(T);

    #[test]
    fn closures_know_the_function_that_they_are_written_in() {
        assert_eq!(operation(|n| n), ["operation"; 2]);
        assert_eq!(operation(u8::wrapping_neg as fn(u8) -> u8), ["operation"; 2]);
        assert_eq!(Generic::<Vec<fn(u8) -> u8>>::called(named as fn()), "called");
    }

    #[test]
    fn functions_have_names_and_closures_have_none() {
        assert_eq!(name_of(named), "`named`");
        assert_eq!(name_of(generic::<Vec<(i32, &str)>>), "`generic`");
        assert_eq!(name_of(<Held as Has>::method), "`method`");
        assert_eq!(name_of(Held::own::<Option<u8>>), "`own`");
        assert_eq!(name_of(|| ()), "the function");
        assert_eq!(name_of(named as fn()), "the function");
        assert_eq!(name_of(str::to_owned as fn(&str) -> String), "the function");
        assert_eq!(name_of(Box::new(named) as Box<dyn Fn()>), "the function");
    }
}
