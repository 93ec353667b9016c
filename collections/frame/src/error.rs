//! What goes wrong with frames, as one type.
//!
//! In: an impossible step, when it is written, or what happens while partitions are computed. Out: [`Error`], with its kind, the line of the
//! step, and the values. A frame carries the error of its first impossible step from there on, so the type is cheap to clone.
//!
//! Not here: which step is wrong (`refused`, and whoever makes a step).

use polars_core::prelude::PolarsError;
use std::fmt::{Debug, Display, Formatter};
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;

/// What is wrong with a frame, and where the step stands that made it so.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

type Source = Arc<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    /// What the user called.
    operation: Option<&'static str>,
    location: Option<&'static Location<'static>>,
    /// The error of the task, the file or the block behind it.
    source: Option<Source>,
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A column that is not there, or one that is there twice.
    Column,
    /// Types that don't fit the operation, or each other.
    Type,
    /// Files, or partitions, whose columns differ, or are not what was declared.
    Schema,
    /// Columns of different lengths.
    Shape,
    /// A value that the operation is not defined for: a quantile of 1.2, a window of no rows.
    Value,
    /// Rows that are not in the order that was claimed, or divisions that are not theirs.
    Order,
    /// A sum that its type cannot hold.
    Overflow,
    /// An expression where it has no meaning: an aggregation in a filter.
    Expression,
    /// A plan that needs more memory than it may, or of which that is not known.
    Memory,
    /// What is not there yet.
    NotYet,
    /// A file that cannot be opened, read or written; [`source`](std::error::Error::source) is the system's error.
    Io,
    /// A file that is not what it is asked to be, or a record of it that cannot be read.
    Format,
    /// A task failed: a panic, or an error of a function of the user's.
    Task,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error::built(kind, message.into(), None)
    }

    /// Of what the system says of a file: `what` says what could not be done, as in "cannot open".
    pub(crate) fn io(what: &str, path: &Path, error: std::io::Error) -> Error {
        let message = format!("{what} {}: {error}", path.display());
        Error::built(ErrorKind::Io, message, Some(Arc::new(error)))
    }

    /// Of what polars refuses.
    pub(crate) fn polars(error: PolarsError) -> Error {
        let kind = match &error {
            PolarsError::ColumnNotFound(_) | PolarsError::Duplicate(_) => ErrorKind::Column,
            PolarsError::SchemaMismatch(_)
            | PolarsError::InvalidOperation(_)
            | PolarsError::SchemaFieldNotFound(_) => ErrorKind::Type,
            PolarsError::ShapeMismatch(_) => ErrorKind::Shape,
            PolarsError::IO { .. } => ErrorKind::Io,
            _ => ErrorKind::Value,
        };
        Error::built(kind, error.to_string(), Some(Arc::new(error)))
    }

    /// Of what the reader of CSV files says, which names file, line and column.
    pub(crate) fn csv(error: taskweave_csv::Error) -> Error {
        use taskweave_csv::ErrorKind as Csv;
        let kind = match error.kind() {
            Csv::Io => ErrorKind::Io,
            Csv::Column => ErrorKind::Column,
            Csv::Header => ErrorKind::Schema,
            Csv::Options => ErrorKind::Value,
            _ => ErrorKind::Format,
        };
        // As types are written of frames.
        let message = error.to_string();
        let message = message
            .replace("read it with what reads Parquet", "read it with `Frame::read_parquet`")
            .replace(
                "DataType::Datetime { utc: false }",
                "DataType::Datetime(TimeUnit::Microseconds, None)",
            )
            .replace(
                "DataType::Datetime { utc: true }",
                "DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))",
            );
        Error::built(kind, message, Some(Arc::new(error)))
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

    /// A panic; `what` says of what, and when. One of an error that found no other way out is that.
    pub(crate) fn of_panic(what: &str, payload: Box<dyn std::any::Any + Send>) -> Error {
        let payload = match payload.downcast::<Error>() {
            Ok(own) => return *own,
            Err(payload) => payload,
        };
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Error::new(ErrorKind::Task, format!("{what}: {}", text.unwrap_or("no text")))
    }

    fn built(kind: ErrorKind, message: String, source: Option<Source>) -> Error {
        Error(Arc::new(Inner { kind, message, operation: None, location: None, source }))
    }

    /// The same, with another message, which is made of its own.
    pub(crate) fn reworded(self, word: impl FnOnce(&str) -> String) -> Error {
        let message = word(&self.0.message);
        Error(Arc::new(Inner { message, ..(*self.0).clone() }))
    }

    /// The same, of a call of `operation` at `location`; of one that is placed already it stays what it is.
    pub(crate) fn of_call(
        self,
        operation: &'static str,
        location: &'static Location<'static>,
    ) -> Error {
        if self.0.location.is_some() {
            return self;
        }
        let (operation, location) = (Some(operation), Some(location));
        Error(Arc::new(Inner { operation, location, ..(*self.0).clone() }))
    }

    /// The same as an array's error, of a call of `operation` at `location`, where the array comes from.
    #[cfg(feature = "array")]
    pub(crate) fn for_array(
        self,
        operation: &'static str,
        location: &'static Location<'static>,
    ) -> taskweave_array::Error {
        use taskweave_array::__foreign::OfOther;
        use taskweave_array::ErrorKind as Array;
        let kind = match self.kind() {
            ErrorKind::Shape => Array::Shape,
            ErrorKind::Io => Array::Io,
            ErrorKind::Format => Array::Format,
            ErrorKind::Task => Array::Task,
            _ => Array::Value,
        };
        // What stands there is said once.
        let is_own = self.0.location == Some(location);
        let message = if is_own { self.0.message.clone() } else { self.to_string() };
        OfOther::of_other(operation, location, kind, message, Arc::new(self))
    }

    /// What is said, without the place.
    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
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
            write!(f, "frame ({}:{}): ", at.file(), at.line())?;
        }
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
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

/// For `?` in a function that returns [`taskweave::Error`](taskweave_runtime::Error): one of the kind
/// [`Failed`](taskweave_runtime::ErrorKind::Failed), with the text and the line of this one. Its
/// [`downcast_ref`](taskweave_runtime::Error::downcast_ref) gives this one back.
impl From<Error> for taskweave_runtime::Error {
    fn from(error: Error) -> taskweave_runtime::Error {
        Self::of_collection(error.location(), Box::new(error))
    }
}

/// For `?` on what polars gives, in functions of the user's.
impl From<PolarsError> for Error {
    fn from(error: PolarsError) -> Error {
        Error::polars(error)
    }
}

/// An error of our own that came through a task is itself again.
impl From<taskweave_runtime::Error> for Error {
    fn from(error: taskweave_runtime::Error) -> Error {
        if let Some(own) = error.downcast_ref::<Error>() {
            return own.clone();
        }
        let message = error.to_string();
        Error::built(ErrorKind::Task, message, Some(Arc::new(error)))
    }
}

/// What is wrong with an array that a frame is made of; [`source`](std::error::Error::source) is the array's error.
#[cfg(feature = "array")]
#[cfg_attr(docsrs, doc(cfg(feature = "array")))]
impl From<taskweave_array::Error> for Error {
    fn from(error: taskweave_array::Error) -> Error {
        use taskweave_array::ErrorKind as Array;
        let kind = match error.kind() {
            Array::Shape | Array::Axis => ErrorKind::Shape,
            Array::Io => ErrorKind::Io,
            Array::Format => ErrorKind::Format,
            Array::Task => ErrorKind::Task,
            _ => ErrorKind::Value,
        };
        Error::built(kind, error.to_string(), Some(Arc::new(error)))
    }
}

/// So many of them: "1 row", "2 rows".
pub(crate) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
