//! The bytes of one file.
//!
//! In: what polars, or we, write. Out: a file that is whole, under its name. polars keeps what it writes to, and makes texts of the errors of the system: so this is shared, and remembers the first of them (W3).
//!
//! Not here: what is written (`csv`, `parquet`), and the name in the end (`pending`).

use super::pending::{Pending, cannot};
use crate::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that are given to the system at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A file that is being written.
#[derive(Clone, Debug)]
pub(super) struct Output(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Nothing when it is finished.
    file: Option<BufWriter<Box<dyn Sink>>>,
    /// Dropped after the file, which may have bytes yet.
    pending: Option<Pending>,
    /// The name that was asked for.
    shown: PathBuf,
    bytes: u64,
    failed: Option<io::Error>,
}

/// What bytes can be written to: a file, or in tests what fails.
pub(super) trait Sink: Write + Send + std::fmt::Debug {
    /// Waits until all is on the disk.
    fn sync(&self) -> io::Result<()>;
}

impl Sink for File {
    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Output {
    /// A file that gets its name when it is [`finish`](Output::finish)ed.
    pub(super) fn file(path: &Path) -> Result<Output, Error> {
        let (pending, file) = Pending::file(path)?;
        Ok(Output::new(Box::new(file), pending))
    }

    /// A file in a folder that is pending, at a path within it; the folders between them are made. One of this name that is not finished does not stand in its way: whoever begins a partition
    /// anew has the former one still.
    pub(super) fn inside(folder: &Pending, path: &Path) -> Result<Output, Error> {
        let (pending, file) = Pending::inside(folder, path)?;
        Ok(Output::new(Box::new(file), pending))
    }

    fn new(sink: Box<dyn Sink>, pending: Pending) -> Output {
        let file = Some(BufWriter::with_capacity(BUFFER_BYTES, sink));
        let shown = pending.shown().to_owned();
        let pending = Some(pending);
        Output(Arc::new(Mutex::new(State { file, pending, shown, bytes: 0, failed: None })))
    }

    /// One that writes to what a test gives, and would be `path`.
    #[cfg(test)]
    pub(super) fn of_sink(sink: Box<dyn Sink>, path: &Path) -> Result<Output, Error> {
        let (pending, _) = Pending::file(path)?;
        Ok(Output::new(sink, pending))
    }

    /// Writes all of it, or says why not.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.write_all(bytes).map_err(|error| self.said(error.to_string()))
    }

    /// What is wrong, if something is said to be.
    pub(super) fn said(&self, otherwise: String) -> Error {
        let mut state = self.state();
        let error = state.failed.take().unwrap_or_else(|| io::Error::other(otherwise));
        cannot(&state.shown, error)
    }

    /// Lets it have its name, when it is on the disk. Gives its bytes.
    pub(super) fn finish(self) -> Result<u64, Error> {
        let mut state = self.state();
        let shown = state.shown.clone();
        let fail = |error| cannot(&shown, error);
        let mut file = state.file.take().expect("it is finished once");
        file.flush().and_then(|()| file.get_ref().sync()).map_err(fail)?;
        drop(file);
        if let Some(pending) = state.pending.take() {
            pending.finish()?;
        }
        Ok(state.bytes)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic leaves is a file that is never finished.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state();
        let State { file: Some(file), .. } = &mut *state else {
            return Err(io::Error::other("it is finished"));
        };
        match file.write(bytes) {
            Ok(count) => {
                state.bytes += count as u64;
                Ok(count)
            }
            Err(error) => {
                let copy = io::Error::new(error.kind(), error.to_string());
                state.failed.get_or_insert(error);
                Err(copy)
            }
        }
    }

    /// Bytes are flushed in the end.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
