//! Elements that are read from files when a task needs them.
//!
//! In: open files, or the files of a stack. Out: a [`Stored`] source, of which tasks read boxes.

use super::file::NamedFile;
use super::npy::Header;
use super::region::Region;
use super::stack::Stack;
use crate::block::Block;
use crate::element::Element;
use crate::error::Error;
use crate::expr::Stored;
use crate::grid::Dims;
use crate::pool::buffer;
use ndarray::Dimension;
use std::convert::identity;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

/// The elements of one file. It stays open, so that nobody can put another one in its place.
pub(crate) struct OfFile<A> {
    file: Arc<NamedFile>,
    /// Where the elements begin, in bytes.
    start: u64,
    shape: Dims,
    /// Whether the first axis is the one whose elements are neighbours.
    is_fortran: bool,
    /// What the user called, and where.
    name: &'static str,
    location: &'static Location<'static>,
    types: PhantomData<fn() -> A>,
}

impl<A: Element> OfFile<A> {
    pub(crate) fn new(
        file: NamedFile,
        header: Header,
        name: &'static str,
        location: &'static Location<'static>,
    ) -> OfFile<A> {
        let Header { is_fortran, shape, start, .. } = header;
        OfFile {
            file: Arc::new(file),
            start,
            shape,
            is_fortran,
            name,
            location,
            types: PhantomData,
        }
    }

    fn block(&self, region: &[Range<usize>]) -> Result<Block, Error> {
        // In Fortran order it is the array with its axes turned round.
        let turned: fn(Dims) -> Dims =
            if self.is_fortran { |dims| dims.into_iter().rev().collect() } else { identity };
        let shape = turned(region.iter().map(Range::len).collect());
        let mut region = region.to_vec();
        if self.is_fortran {
            region.reverse();
        }
        let mut out = buffer(&shape, A::default())?;
        read(&self.file, self.start, &turned(self.shape.clone()), &region, &mut out)?;
        let block = Block::from_buffer(out, shape);
        if !self.is_fortran {
            return Ok(block);
        }
        let strides = block.strides.iter().rev().copied().collect();
        Ok(block.part(turned(block.shape.clone()), strides, 0))
    }
}

impl<A: Element> Stored for OfFile<A> {
    fn read(&self, region: &[Range<usize>]) -> Result<Block, Error> {
        self.block(region).map_err(|error| error.of_call(self.name, self.location))
    }

    fn reshaped(&self, shape: &[usize]) -> Option<Arc<dyn Stored>> {
        if self.is_fortran {
            return None;
        }
        let OfFile { start, is_fortran, name, location, types, .. } = *self;
        let file = self.file.clone();
        Some(Arc::new(OfFile {
            file,
            start,
            shape: shape.into(),
            is_fortran,
            name,
            location,
            types,
        }))
    }
}

/// The elements of a stack. Files are opened for each reading: they may be more than a process can have open.
pub(crate) struct OfStack<A, D> {
    stack: Stack,
    location: &'static Location<'static>,
    types: PhantomData<fn() -> (A, D)>,
}

impl<A: Element, D: Dimension> OfStack<A, D> {
    pub(crate) fn new(stack: Stack, location: &'static Location<'static>) -> OfStack<A, D> {
        OfStack { stack, location, types: PhantomData }
    }

    fn block(&self, region: &[Range<usize>]) -> Result<Block, Error> {
        let shape: Dims = region.iter().map(Range::len).collect();
        let mut out = buffer(&shape, A::default())?;
        if out.is_empty() {
            return Ok(Block::from_buffer(out, shape));
        }
        let row: usize = shape[1..].iter().product();
        let mut rest = &mut out[..];
        for (number, rows) in self.stack.files_of(&region[0]) {
            let (from, to) = (rows.start.max(region[0].start), rows.end.min(region[0].end));
            let (file, header) = self.stack.open::<A, D>(number)?;
            let mut region = region.to_vec();
            region[0] = from - rows.start..to - rows.start;
            let part = rest.split_off_mut(..(to - from) * row).expect("rows of all files are ours");
            read(&file, header.start, &header.shape, &region, part)?;
        }
        Ok(Block::from_buffer(out, shape))
    }
}

impl<A: Element, D: Dimension + 'static> Stored for OfStack<A, D> {
    fn is_one_file(&self) -> bool {
        false
    }
    fn read(&self, region: &[Range<usize>]) -> Result<Block, Error> {
        self.block(region).map_err(|error| error.of_call("from_npy_stack", self.location))
    }
}

/// Reads a box of an array that lies in C order from `start` on; `out` is as long as the box.
fn read<A: Element>(
    file: &NamedFile,
    start: u64,
    shape: &[usize],
    region: &[Range<usize>],
    out: &mut [A],
) -> Result<(), Error> {
    let fill = |out: &mut [A], at: usize| {
        let start = start + (at * size_of::<A>()) as u64;
        A::fill(out, |bytes, at| file.read(bytes, start + at as u64))
    };
    let (mut rest, mut between) = (out, Vec::new());
    Region::new(shape, region).each_span(size_of::<A>(), |span| {
        let out = rest.split_off_mut(..span.runs * span.run).expect("as long as the box");
        if span.runs == 1 {
            return fill(out, span.at);
        }
        between.resize(span.len(), A::default());
        fill(&mut between, span.at)?;
        for (out, run) in out.chunks_exact_mut(span.run).zip(between.chunks(span.stride)) {
            out.copy_from_slice(&run[..span.run]);
        }
        Ok(())
    })
}
