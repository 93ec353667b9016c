//! Where the chunks of an array that is being written go.
//!
//! In: the array's shape and chunks, and what they are to become. Out: a [`Sink`], to which tasks give blocks in any order, each of which has its own place in a file.

use super::file::NamedFile;
use super::npy::{Header, descr};
use super::pending::{Pending, sync_folder};
use super::region::Region;
use super::stack::{file_of, info, info_of};
use crate::block::Block;
use crate::element::Element;
use crate::error::Error;
use crate::expr::Expr;
use crate::grid::{Dims, Grid};
use crate::room::in_block;
use std::io;
use std::ops::Range;
use std::path::Path;

/// What an array is stored as.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Npy,
    Raw,
    Stack,
}

/// What chunks are written to.
pub(crate) struct Sink<'a> {
    expr: &'a Expr,
    place: Place,
    pending: Pending,
}

enum Place {
    /// One file, in which elements begin at `start`.
    File { file: NamedFile, start: u64 },
    /// A file for each chunk along the first axis. They are opened for each block: they may be more than a process can have open.
    Folder,
}

impl<'a> Sink<'a> {
    pub(crate) fn new<A: Element>(
        path: &Path,
        format: Format,
        expr: &'a Expr,
    ) -> Result<Sink<'a>, Error> {
        let header = match format {
            Format::Npy => Header::bytes::<A>(&expr.shape),
            Format::Raw => Vec::new(),
            Format::Stack => return Sink::folder::<A>(path, expr),
        };
        let (pending, file) = Pending::file(path)?;
        begin::<A>(&file, &header, &expr.shape)?;
        Ok(Sink { expr, place: Place::File { file, start: header.len() as u64 }, pending })
    }

    fn folder<A: Element>(path: &Path, expr: &'a Expr) -> Result<Sink<'a>, Error> {
        let pending = Pending::folder(path)?;
        for number in 0..expr.grid.count_along(0) {
            let shape = shape_of(expr, number);
            let file = create(&file_of(pending.path(), number))?;
            let file = file.called(file_of(pending.target(), number));
            begin::<A>(&file, &Header::bytes::<A>(&shape), &shape)?;
        }
        Ok(Sink { expr, place: Place::Folder, pending })
    }

    /// Writes the block of a chunk to its place.
    pub(crate) fn write<A: Element>(&self, chunk: &[usize], block: &Block) -> Result<(), Error> {
        let Expr { shape, grid, .. } = self.expr;
        let mut region = region(grid, chunk);
        match &self.place {
            Place::File { file, start } => write::<A>(file, *start, shape, &region, block),
            Place::Folder => {
                let shape = shape_of(self.expr, chunk[0]);
                let file = self.member(chunk[0])?;
                region[0] = 0..shape[0];
                let start = Header::bytes::<A>(&shape).len() as u64;
                write::<A>(&file, start, &shape, &region, block)
            }
        }
    }

    /// A file of the folder.
    fn member(&self, number: usize) -> Result<NamedFile, Error> {
        let file = NamedFile::open_to_write(&file_of(self.pending.path(), number))?;
        Ok(file.called(file_of(self.pending.target(), number)))
    }

    /// Lets what has been written have its name, when it is on the disk.
    pub(crate) fn finish<A: Element>(self) -> Result<(), Error> {
        match &self.place {
            Place::File { file, .. } => file.sync()?,
            Place::Folder => {
                let Expr { shape, grid, .. } = self.expr;
                let folder = self.pending.path();
                let lengths: Vec<usize> =
                    (0..grid.count_along(0)).map(|at| grid.range(0, at).len()).collect();
                for number in 0..lengths.len() {
                    self.member(number)?.sync()?;
                }
                let file = create(&info_of(folder))?.called(info_of(self.pending.target()));
                file.write(info(&descr::<A>(), shape, &lengths).as_bytes(), 0)?;
                file.sync()?;
                sync_folder(folder);
            }
        }
        self.pending.finish()
    }
}

fn create(path: &Path) -> Result<NamedFile, Error> {
    let fail = |error: io::Error| Error::io(format_args!("cannot write {}", path.display()), error);
    NamedFile::create(path).map_err(fail)
}

/// The shape of a file of a stack.
fn shape_of(expr: &Expr, number: usize) -> Dims {
    let mut shape = expr.shape.clone();
    shape[0] = expr.grid.range(0, number).len();
    shape
}

fn region(grid: &Grid, chunk: &[usize]) -> Vec<Range<usize>> {
    chunk.iter().enumerate().map(|(axis, &at)| grid.range(axis, at)).collect()
}

/// Writes what stands before the elements, and makes the file as long as it will be.
fn begin<A: Element>(file: &NamedFile, header: &[u8], shape: &[usize]) -> Result<(), Error> {
    let bytes = shape.iter().product::<usize>() as u64 * size_of::<A>() as u64;
    file.write(header, 0)?;
    file.set_len(header.len() as u64 + bytes)
}

/// Writes a box of an array that lies in C order from `start` on.
fn write<A: Element>(
    file: &NamedFile,
    start: u64,
    shape: &[usize],
    region: &[Range<usize>],
    block: &Block,
) -> Result<(), Error> {
    if block.len() == 0 {
        return Ok(());
    }
    let elements = in_block::<A>(block)?;
    let mut rest = &*elements;
    Region::new(shape, region).each_run(|span| {
        let run;
        (run, rest) = rest.split_at(span.run);
        file.write(A::as_bytes(run), start + (span.at * size_of::<A>()) as u64)
    })
}
