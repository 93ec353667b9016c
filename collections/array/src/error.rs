//! What goes wrong with arrays, as one type.
//!
//! In: an impossible step, when it is written, or what happens while blocks are computed. Out: [`Error`], with its kind, the line of the
//! step, and the values. An array carries the error of its first impossible step from there on, so the type is cheap to clone.

use crate::array::Bytes;
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
    /// What the user called, if the message does not say it.
    operation: Option<&'static str>,
    location: Option<&'static Location<'static>>,
    /// What of both the message goes without.
    told: Told,
    /// The error of the task or the file behind it.
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What is said already by what tells of an error.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    Nothing,
    /// A task that stands where the step does.
    Place,
    /// One that has the name of the operation too.
    NameAndPlace,
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
    /// An iteration that came to no end: of singular values.
    NotConverged,
    /// A plan that needs more memory than it is given, or a block or a result that the system has no memory for.
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
        Error::built(kind, message.into(), None)
    }

    /// Of what the system says of a file: `message` says what could not be done, and to which.
    pub(crate) fn io(message: impl Display, error: std::io::Error) -> Error {
        let message = format!("{message}: {error}");
        Error::built(ErrorKind::Io, message, Some(Arc::new(error)))
    }

    fn built(
        kind: ErrorKind,
        message: String,
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        let (operation, location, told) = (None, None, Told::Nothing);
        Error(Arc::new(Inner { kind, message, operation, location, told, source }))
    }

    /// That the system has no memory for a block.
    pub(crate) fn no_memory(shape: &[usize], size: usize) -> Error {
        let message = format!(
            "no memory for a block of shape {shape:?}, which takes {}: make the chunks smaller, as `rechunk(Chunks::auto())` does, before this step, or ask this step for less",
            bytes_of(shape, size)
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// That the system has no memory for a block with its neighbours, of which there are more along an axis than the block has elements there.
    pub(crate) fn no_memory_for_neighbours(
        shape: &[usize],
        size: usize,
        axis: usize,
        (before, after): (usize, usize),
        own: usize,
    ) -> Error {
        let message = format!(
            "no memory for a block of shape {shape:?}, which takes {}: of a chunk with {} along axis {axis} the depth there asks for {before} neighbours before and {after} after it; ask for fewer neighbours",
            bytes_of(shape, size),
            counted(own, "element")
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// That the system has no memory for what is counted in each bin, which is as much for a small chunk as for a large one.
    pub(crate) fn no_memory_for_bins(bins: usize, size: usize) -> Error {
        let message = format!(
            "no memory for {}, which take {} for each chunk: ask for fewer bins, or count the different elements, as `unique_counts` does; larger chunks are fewer",
            counted(bins, "bin"),
            bytes_of(&[bins], size)
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// That the system has no memory for so many bytes that a factorisation works in besides its blocks.
    #[cfg(feature = "linalg")]
    pub(crate) fn no_memory_to_work_in(bytes: usize) -> Error {
        let message = format!(
            "no memory for {} that the factorisation works in: fewer workers have fewer of these at a time, and `.cast::<f32>()` takes half of it",
            Bytes(bytes as u64)
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// That the system has no memory for a list that is to be sorted.
    pub(crate) fn no_memory_to_sort(len: usize, size: usize) -> Error {
        let message = format!(
            "no memory for {} to be sorted, which take {}: smaller chunks and fewer workers have fewer at a time, as far as not all are sorted together",
            counted(len, "element"),
            bytes_of(&[len], size)
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// That the system has no memory for a result.
    pub(crate) fn no_memory_for_result(shape: &[usize], size: usize) -> Error {
        let message = format!(
            "no memory for a result of shape {shape:?}, which takes {}: store it chunk by chunk, as `store_npy` does, or reduce it",
            bytes_of(shape, size)
        );
        Error::new(ErrorKind::Memory, message)
    }

    /// What a function of the user's returned; `what` says which function, and when. An error of our own keeps its kind.
    pub(crate) fn of_function(
        what: &str,
        error: Box<dyn std::error::Error + Send + Sync>,
    ) -> Error {
        let kind = error.downcast_ref::<Error>().map_or(ErrorKind::Task, Error::kind);
        let message = format!("{what}: {error}");
        Error::built(kind, message, Some(error.into()))
    }

    /// Of what another collection says.
    pub(crate) fn with_source(
        kind: ErrorKind,
        message: String,
        error: Arc<dyn std::error::Error + Send + Sync>,
    ) -> Error {
        Error::built(kind, message, Some(error))
    }

    /// A panic of a function of the user's; `what` says of which, and when.
    pub(crate) fn panicked(what: &str, payload: &(dyn std::any::Any + Send)) -> Error {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Error::new(ErrorKind::Task, format!("{what}: {}", text.unwrap_or("no text")))
    }

    /// A panic while `operation` was computed, and `place` says of what; one of an error that found no other way out is that.
    pub(crate) fn of_panic(
        operation: &str,
        place: &str,
        payload: Box<dyn std::any::Any + Send>,
    ) -> Error {
        match payload.downcast::<Error>() {
            Ok(own) => *own,
            Err(payload) => Error::panicked(&format!("{operation} panicked{place}"), &*payload),
        }
    }

    /// The same, of the step that stands at `location`.
    pub(crate) fn at(self, location: &'static Location<'static>) -> Error {
        let operation = self.0.operation;
        self.placed(operation, location)
    }

    /// The same, of the step that stands at `location`, if nothing says of which it is.
    pub(crate) fn or_at(self, location: &'static Location<'static>) -> Error {
        if self.0.location.is_some() { self } else { self.at(location) }
    }

    /// The same, of a call of `operation` at `location`; of one that is placed already it stays what it is.
    pub(crate) fn of_call(
        self,
        operation: &'static str,
        location: &'static Location<'static>,
    ) -> Error {
        if self.0.location.is_some() { self } else { self.placed(Some(operation), location) }
    }

    /// The same, of `operation`, if what went wrong is a step of that: one that stands where it does.
    pub(crate) fn of_caller(
        self,
        operation: &'static str,
        location: &'static Location<'static>,
    ) -> Error {
        match self.0.location == Some(location) {
            true => self.placed(Some(operation), location),
            false => self,
        }
    }

    fn placed(
        self,
        operation: Option<&'static str>,
        location: &'static Location<'static>,
    ) -> Error {
        self.with(operation, Some(location), Told::Nothing)
    }

    /// The same, as the error of a task that has the name of its operation, if it has one, and stands where it does: that is said once.
    pub(crate) fn of_task(self) -> Error {
        self.told(Told::NameAndPlace)
    }

    /// The same, as the error of a task of this name, if it has one, at `location`: what both have in common is said once.
    pub(crate) fn within_task(
        self,
        name: Option<&'static str>,
        location: Option<&'static Location<'static>>,
    ) -> Error {
        let line = |at: &'static Location<'static>| (at.file(), at.line());
        if location.is_none() || self.0.location.map(line) != location.map(line) {
            return self;
        }
        self.told(if name.is_some() { Told::NameAndPlace } else { Told::Place })
    }

    fn told(self, told: Told) -> Error {
        let (operation, location) = (self.0.operation, self.0.location);
        self.with(operation, location, told)
    }

    fn with(
        self,
        operation: Option<&'static str>,
        location: Option<&'static Location<'static>>,
        told: Told,
    ) -> Error {
        let Inner { kind, message, source, .. } = &*self.0;
        let (kind, message, source) = (*kind, message.clone(), source.clone());
        Error(Arc::new(Inner { kind, message, operation, location, told, source }))
    }

    /// What the user called, if it is known.
    pub(crate) fn operation(&self) -> Option<&'static str> {
        self.0.operation
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
        let message = &self.0.message;
        match (self.0.told, self.0.location) {
            (Told::NameAndPlace, _) => return f.write_str(message),
            (Told::Nothing, Some(at)) => write!(f, "array ({}:{}): ", at.file(), at.line())?,
            _ => {}
        }
        match self.0.operation {
            Some(operation) if !has_word(message, operation) => write!(f, "{operation}: {message}"),
            _ => f.write_str(message),
        }
    }
}

/// Whether what is said first names the operation by itself: "cannot reshape shape …".
fn has_word(message: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let first = message.split(": ").next().unwrap_or(message);
    first.split(|c| !is_part(c)).any(|part| part == word)
}

/// So many of them: "1 term", "2 terms"; "1 axis", "2 axes".
pub(crate) fn counted(count: usize, one: &str) -> String {
    match (count, one.strip_suffix("is")) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}es"),
        _ => format!("{count} {one}s"),
    }
}

/// The verb behind a number.
pub(crate) fn is_or_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn bytes_of(shape: &[usize], size: usize) -> Bytes {
    Bytes(shape.iter().fold(size as u64, |bytes, &len| bytes.saturating_mul(len as u64)))
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

/// For `?` in a function that returns [`taskweave::Error`](taskweave_runtime::Error): one of the kind [`Failed`](taskweave_runtime::ErrorKind::Failed), with the text and the line of this one, and
/// the same [`source`](std::error::Error::source). Its [`downcast_ref`](taskweave_runtime::Error::downcast_ref) gives this one back. One that was made of a `taskweave::Error` is that again.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// # use taskweave_runtime as taskweave;
/// use array::{Array, ErrorKind};
/// fn total(rows: usize) -> Result<f64, taskweave::Error> {
///     let x = Array::<f64, _>::ones([4, 2]) + Array::ones([rows, 2]);
///     Ok(x.sum().compute()?.into_scalar())
/// }
/// assert_eq!(total(4)?, 16.0);
/// let error = total(3).unwrap_err();
/// assert!(error.to_string().contains("cannot add shapes [4, 2] and [3, 2]"));
/// assert_eq!(error.downcast_ref::<array::Error>().unwrap().kind(), ErrorKind::Shape);
/// # Ok::<(), taskweave::Error>(())
/// ```
impl From<Error> for taskweave_runtime::Error {
    fn from(error: Error) -> taskweave_runtime::Error {
        let error = error.told(Told::Nothing);
        let Inner { location, operation, source, .. } = &*error.0;
        let of_graph = source.as_deref().and_then(|source| source.downcast_ref::<Self>());
        match (of_graph, location, operation) {
            (Some(of_graph), None, None) => of_graph.clone(),
            _ => Self::of_collection(*location, Box::new(error)),
        }
    }
}

/// An error of our own that came through a task is itself again.
impl From<taskweave_runtime::Error> for Error {
    fn from(error: taskweave_runtime::Error) -> Error {
        if let Some(own) = error.downcast_ref::<Error>() {
            return own.clone().told(Told::Nothing);
        }
        let message = error.to_string();
        Error::built(ErrorKind::Task, message, Some(Arc::new(error)))
    }
}
