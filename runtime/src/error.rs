//! What `compute` returns when it does not return a value.
//!
//! One opaque, clonable [`Error`]. It names the task, the line of the *call* in the user's file, and what happened;
//! a task's own error can be asked for by its type, a panic's payload can be taken out.

use crate::run::control::Cancelled;
use crate::scheduler::attempts::TimedOut;
use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

/// Any error of the user's.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What kind of failure an [`Error`] is.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{ErrorKind, Graph};
/// let graph = Graph::build(|graph| graph.value(1).map(|one: i32| 1 / (one - 1)));
/// assert_eq!(graph.compute().unwrap_err().kind(), ErrorKind::Panicked);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A task panicked.
    Panicked,
    /// A task returned an `Err` that `graph!` took with `?`; or an array carries an error.
    Failed,
    /// A task did not return in the [time](crate::TaskOptions::timeout) it was given.
    TimedOut,
    /// A value's destructor panicked when the graph let go of it.
    DropPanicked,
    /// A handle of one graph was used in another.
    ForeignHandle,
    /// In `graph!`, a name is that of a plain function, which hides a delayed one of the same name.
    Hidden,
    /// Tasks wait for each other, through `.after(…)`.
    Cycle,
    /// More tasks or readers than a graph can hold.
    TooLarge,
    /// A task computed a graph, whose task computed a graph, and so on, beyond the 256 that can be inside each other.
    NestedTooDeep,
    /// A graph was to be frozen, and one of its tasks cannot be called again.
    RunsOnce,
    /// A task was given options that cannot act on it; see [`Delayed::with`](crate::Delayed::with).
    Options,
    /// A plan has no such input, or one of another type.
    Input,
    /// The run was cancelled before its output was there.
    Cancelled,
    /// The value of a [`Run`](crate::Run) was asked for a second time.
    Taken,
    /// `TASKWEAVE_SCHEDULER` or `TASKWEAVE_THREADS` has a value that means nothing.
    Environment,
}

/// Why a graph gave no value.
///
/// `Display` is one line: ``task `load` (src/main.rs:12) failed: invalid float literal``. The task is the failing one
/// with the lowest place in the depth-first order from the output, whatever the timing of a run.
///
/// # Examples
/// ```
/// # use taskweave_runtime as taskweave;
/// use taskweave::{ErrorKind, Graph};
/// let graph = Graph::build(|graph| {
///     let text = graph.value("12x");
///     text.map(|text: &str| text.parse::<i32>()).or_fail()
/// });
/// let error = graph.compute().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Failed);
/// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
/// assert!(error.to_string().ends_with("failed: invalid digit found in string"));
/// ```
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
    /// If several tasks have failed.
    all: Option<Arc<[Error]>>,
}

/// Which of how many attempts of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

struct Inner {
    kind: ErrorKind,
    task: Option<Cow<'static, str>>,
    location: Option<&'static Location<'static>>,
    /// The attempt that failed, if there could be several.
    attempt: Option<Attempt>,
    message: String,
    /// What a panic said.
    said: Option<String>,
    source: Option<BoxError>,
    payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: String) -> Self {
        Error::build(kind, None, None, message, None, None)
    }

    /// The run was cancelled, and nothing else went wrong.
    pub(crate) fn cancelled() -> Self {
        Error::new(ErrorKind::Cancelled, Cancelled.to_string())
    }

    /// A destructor panicked while a spawned run was put away.
    pub(crate) fn run_panicked(payload: Box<dyn Any + Send>) -> Self {
        let message = "a value panicked while it was dropped".into();
        Error::build(ErrorKind::DropPanicked, None, None, message, None, Some(payload))
    }

    pub(crate) fn at(
        kind: ErrorKind,
        location: Option<&'static Location<'static>>,
        message: String,
    ) -> Self {
        Error::build(kind, None, location, message, None, None)
    }

    pub(crate) fn of_task(
        kind: ErrorKind,
        task: Cow<'static, str>,
        location: &'static Location<'static>,
        message: String,
    ) -> Self {
        Error::build(kind, Some(task), Some(location), message, None, None)
    }

    pub(crate) fn panicked(
        kind: ErrorKind,
        task: Cow<'static, str>,
        location: &'static Location<'static>,
        payload: Box<dyn Any + Send>,
    ) -> Self {
        let message = match kind {
            ErrorKind::DropPanicked => "a value panicked while it was dropped",
            _ => "panicked",
        };
        Error::build(kind, Some(task), Some(location), message.into(), None, Some(payload))
    }

    pub(crate) fn failed(
        task: Cow<'static, str>,
        location: &'static Location<'static>,
        source: BoxError,
    ) -> Self {
        // Its text is the user's code, which is not run here, but where the error is shown.
        let (kind, message) = match source.is::<Cancelled>() {
            true => (ErrorKind::Cancelled, "stopped at a checkpoint"),
            false if source.is::<TimedOut>() => (ErrorKind::TimedOut, "timed out"),
            false => (ErrorKind::Failed, "failed"),
        };
        Error::build(kind, Some(task), Some(location), message.into(), Some(source), None)
    }

    /// Of the body of a graph that awaits, which is no task.
    pub(crate) fn of_body(
        kind: ErrorKind,
        location: &'static Location<'static>,
        source: BoxError,
    ) -> Self {
        Error::build(
            kind,
            None,
            Some(location),
            "the graph's body failed".into(),
            Some(source),
            None,
        )
    }

    pub(crate) fn body_panicked(
        location: &'static Location<'static>,
        payload: Box<dyn Any + Send>,
    ) -> Self {
        let message = "the graph's body panicked".into();
        Error::build(ErrorKind::Panicked, None, Some(location), message, None, Some(payload))
    }

    /// What a collection finds wrong outside of any task, for our own crates: it is told with the text of its own error alone, which has its place.
    #[doc(hidden)]
    pub fn of_collection(location: Option<&'static Location<'static>>, source: BoxError) -> Self {
        Error::build(ErrorKind::Failed, None, location, String::new(), Some(source), None)
    }

    fn build(
        kind: ErrorKind,
        task: Option<Cow<'static, str>>,
        location: Option<&'static Location<'static>>,
        message: String,
        source: Option<BoxError>,
        payload: Option<Box<dyn Any + Send>>,
    ) -> Self {
        let said = payload.as_ref().map(|payload| text_of(payload).to_owned());
        let payload = Mutex::new(payload);
        let attempt = None;
        let inner = Inner { kind, task, location, attempt, message, said, source, payload };
        Error { inner: Arc::new(inner), all: None }
    }

    /// The same, of this attempt; of an error that nobody else has yet.
    pub(crate) fn in_attempt(mut self, attempt: Attempt) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.attempt = Some(attempt).filter(|attempt| attempt.of > 1);
        }
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The name of the task that failed, if one did.
    pub fn task(&self) -> Option<&str> {
        self.inner.task.as_deref()
    }

    /// Where the failing task was called, or the step of an array that cannot be: the user's file and line.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.inner.location
    }

    /// The task's own error, if it is an `E`. What stands behind that is this error's `source()`: the text of the task's own error
    /// is part of this one's, so that a chain of causes shows nothing twice.
    pub fn downcast_ref<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.inner.source.as_deref().and_then(|source| source.downcast_ref())
    }

    /// The task's own error by value, if it is an `E` and nobody else has this one: not a clone, and not one of several ([`all`](Self::all)).
    ///
    /// # Errors
    /// Itself, if it is not so; [`downcast_ref`](Self::downcast_ref) may still show it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use std::io;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| {
    ///     graph.value(7).map(|n: u8| Err::<u8, _>(io::Error::other(format!("no page {n}")))).or_fail()
    /// });
    /// let error = graph.compute().unwrap_err();
    /// let error: io::Error = error.downcast().unwrap();
    /// assert_eq!(error.to_string(), "no page 7");
    /// ```
    pub fn downcast<E: std::error::Error + 'static>(mut self) -> Result<E, Self> {
        let is_one = self.all.is_none() && self.downcast_ref::<E>().is_some();
        match Arc::get_mut(&mut self.inner).and_then(|inner| inner.source.take_if(|_| is_one)) {
            Some(source) => match source.downcast() {
                Ok(source) => Ok(*source),
                Err(_) => Err(self),
            },
            None => Err(self),
        }
    }

    /// This error and all others that the run took note of, in the order of their places, itself first. One, unless
    /// [`Graph::on_failure`](crate::Graph::on_failure) says that a run goes on after a failure.
    pub fn all(&self) -> &[Error] {
        self.all.as_deref().unwrap_or(std::slice::from_ref(self))
    }

    /// The first of several, which knows the others.
    pub(crate) fn first_of(errors: Vec<Error>) -> Option<Error> {
        let mut first = errors.first()?.clone();
        if errors.len() > 1 {
            first.all = Some(errors.into());
        }
        Some(first)
    }

    /// An error that ended a body, and the failures of its tasks, of which it may be one.
    pub(crate) fn first_of_all(first: Error, mut others: Vec<Error>, most: usize) -> Error {
        others.retain(|other| !Arc::ptr_eq(&other.inner, &first.inner));
        others.insert(0, first.clone());
        others.truncate(most);
        Error::first_of(others).unwrap_or(first)
    }

    /// Takes the payload of a panic, for `std::panic::resume_unwind`; the first caller gets it.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_runtime as taskweave;
    /// use taskweave::Graph;
    /// let graph = Graph::build(|graph| graph.value(7_u8).map(|n| -> () { std::panic::panic_any(n) }));
    /// let error = graph.compute().unwrap_err();
    /// assert_eq!(*error.take_panic().unwrap().downcast::<u8>().unwrap(), 7);
    /// assert!(error.take_panic().is_none());
    /// ```
    pub fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.inner.payload.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What a panic said.
fn text_of(payload: &Box<dyn Any + Send>) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "a payload that is not text"
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (true, Some(source)) = (self.inner.message.is_empty(), &self.inner.source) {
            return write!(f, "{source}");
        }
        if let Some(task) = &self.inner.task {
            write!(f, "task `{task}` ")?;
        }
        if let Some(location) = self.inner.location {
            write!(f, "({}:{}) ", location.file(), location.line())?;
        }
        f.write_str(&self.inner.message)?;
        if let Some(Attempt { number, of }) = self.inner.attempt {
            write!(f, " in attempt {number} of {of}")?;
        }
        if let Some(said) = &self.inner.said {
            write!(f, ": {said}")?;
        }
        if let Some(source) = &self.inner.source {
            write!(f, ": {source}")?;
        }
        match self.all().len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more failure)"),
            more => write!(f, " (and {more} more failures)"),
        }
    }
}

/// As `Display`: it is what a `main` that returns an error shows.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().and_then(std::error::Error::source)
    }
}
