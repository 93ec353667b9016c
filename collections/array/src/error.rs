//! What goes wrong with arrays, as one type.
//!
//! In: an impossible step, when it is written, or what happens while blocks are computed. Out: [`Error`], with its kind, the line of the
//! step, and the values. An array carries the error of its first impossible step from there on, so the type is cheap to clone.

use std::fmt::{Debug, Display, Formatter};
use std::panic::Location;
use std::sync::Arc;

/// What is wrong with an array, and where the step stands that made it so.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, ErrorKind};
/// let x = Array::<f64, _>::zeros([4, 2]);
/// let y = Array::<f64, _>::zeros([4, 3]);
/// let error = (&x + &y).check().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Shape);
/// assert!(error.to_string().contains("cannot add shapes [4, 2] and [4, 3]"));
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    location: Option<&'static Location<'static>>,
    /// The error of the task or the file behind it.
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Shapes that don't fit each other, or the operation.
    Shape,
    /// Chunks that don't fit the shape.
    Chunks,
    /// An axis that the array does not have, or one that is named twice.
    Axis,
    /// An index, a slice or a selection that is not within the array.
    Index,
    /// A size that can't be counted: more elements or bytes than addresses.
    Overflow,
    /// A value that the operation is not defined for: a division of integers by zero, a quantile of 1.2.
    Value,
    /// A matrix that has no inverse, or is not positive definite where it has to be.
    Singular,
    /// NaN or an infinity where an algorithm has no meaning with it, or does not end.
    NonFinite,
    /// A plan that needs more memory than it is given.
    Memory,
    /// A file that cannot be opened, read or written; [`source`](std::error::Error::source) is the system's error.
    Io,
    /// A file that is not what it is asked to be: another format, another element type, or too short.
    Format,
    /// A task failed: a panic, or an error of a function of the user's.
    Task,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error(Arc::new(Inner { kind, message: message.into(), location: None, source: None }))
    }

    /// Of what the system says of a file: `message` says what could not be done, and to which.
    pub(crate) fn io(message: impl Display, error: std::io::Error) -> Error {
        let message = format!("{message}: {error}");
        let source = Some(Arc::new(error) as _);
        Error(Arc::new(Inner { kind: ErrorKind::Io, message, location: None, source }))
    }

    /// What a function of the user's returned; `what` says which function, and when. An error of our own keeps its kind.
    pub(crate) fn of_function(
        what: &str,
        error: Box<dyn std::error::Error + Send + Sync>,
    ) -> Error {
        let kind = error.downcast_ref::<Error>().map_or(ErrorKind::Task, Error::kind);
        let message = format!("{what}: {error}");
        Error(Arc::new(Inner { kind, message, location: None, source: Some(error.into()) }))
    }

    /// A panic of a function of the user's; `what` says of which, and when.
    pub(crate) fn panicked(what: &str, payload: &(dyn std::any::Any + Send)) -> Error {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Error::new(ErrorKind::Task, format!("{what}: {}", text.unwrap_or("no text")))
    }

    /// The same, of the step that stands at `location`.
    pub(crate) fn at(self, location: &'static Location<'static>) -> Error {
        let Inner { kind, message, source, .. } = &*self.0;
        let (message, source) = (message.clone(), source.clone());
        Error(Arc::new(Inner { kind: *kind, message, location: Some(location), source }))
    }

    /// Its kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where the step stands that is wrong; of what a task reports, where the task comes from.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.0.location
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        if let Some(at) = self.0.location {
            write!(f, "array ({}:{}): ", at.file(), at.line())?;
        }
        f.write_str(&self.0.message)
    }
}

/// As `Display`: it is what `main` prints.
impl Debug for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|error| error as _)
    }
}

/// An error of our own that came through a task is itself again.
impl From<taskweave_runtime::Error> for Error {
    fn from(error: taskweave_runtime::Error) -> Error {
        if let Some(own) = error.downcast_ref::<Error>() {
            return own.clone();
        }
        let message = error.to_string();
        let kind = ErrorKind::Task;
        Error(Arc::new(Inner { kind, message, location: None, source: Some(Arc::new(error)) }))
    }
}
