//! The tasks that take an array through temporary files.
//!
//! In: an expression, a [`Layout`], and where files go. Out: the expression of the new chunks. For each part of the layout a task makes the file; each group is written by one task, which hands
//! on nothing but that file; when all groups of a part are written, or those of a new chunk, if these are few, its new chunks can be read, each as often as somebody wants it. The file is gone with the
//! last of these tasks.
//!
//! ```text
//! Opened ──> Written <── blocks of a group       for each group
//!               └──> Whole ──> Fetched           for each part; for each new chunk and reader
//! ```
//! Files belong to a run: they are made by its tasks, not with the expression, which may be computed many times, also at the same time.

use super::layout::{Layout, both};
use crate::block::Block;
use crate::element::Element;
use crate::error::Error;
use crate::expr::{Custom, Effort, Expr, ExprRef, Kind};
use crate::grid::{Dims, Grid};
use crate::pool::buffer;
use crate::rearrange::{each_in, needs_of_region, overlapping, pieces, region_of};
use crate::store::TemporaryFile;
use crate::tile::{Piece, type_of};
use ndarray::{ArrayView, ArrayViewMutD, Axis, IxDyn, Slice};
use smallvec::smallvec;
use std::marker::PhantomData;
use std::ops::Range;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Arc;

/// Pieces are read so many bytes at once, or one alone, if it is larger.
const READ_BYTES: usize = 1 << 20;

/// The expression in the chunks of `layout.new`, through temporary files in `folder`, or where the system has such, for what the user called.
pub(crate) fn spilled<A: Element>(
    expr: &ExprRef,
    layout: Layout,
    folder: Option<PathBuf>,
    called: &'static str,
    location: &'static Location<'static>,
) -> Expr {
    let layout = Arc::new(layout);
    let (parts, groups) = (layout.parts.count(), layout.groups.count());
    let opened =
        tokens("temporary", Arc::new(Opened { folder, called }), Vec::new(), parts, location);
    let written = Arc::new(Written::<A> { layout: layout.clone(), types: PhantomData });
    let written = tokens("spill", written, vec![expr.clone(), opened], groups, location);
    let is_close = layout.is_close();
    let there = match is_close {
        true => written,
        false => {
            let whole = Arc::new(Whole { layout: layout.clone() });
            tokens("spilled", whole, vec![written], parts, location)
        }
    };
    let grid = layout.new.clone();
    let fetched = Fetched::<A> { of: expr.clone(), layout, is_close, types: PhantomData };
    let kind = Kind::Custom { make: Arc::new(fetched), inputs: vec![there] };
    let (dtype, of, shape) = (expr.dtype, expr.of, expr.shape.clone());
    Expr { kind, name: "fetch", dtype, of, shape, grid, location }
}

/// An expression of so many tokens, which are counted as a byte each.
fn tokens(
    name: &'static str,
    make: Arc<dyn Custom>,
    inputs: Vec<ExprRef>,
    count: usize,
    location: &'static Location<'static>,
) -> ExprRef {
    let (shape, grid) = (smallvec![count], Grid::from_bounds([(0..=count).collect()]));
    let kind = Kind::Custom { make, inputs };
    Arc::new(Expr { kind, name, dtype: u8::DTYPE, of: type_of::<u8>(), shape, grid, location })
}

/// An empty file for each part.
struct Opened {
    folder: Option<PathBuf>,
    called: &'static str,
}

impl Custom for Opened {
    fn needs(&self, _: &Expr, _: &[usize], _: &mut dyn FnMut(usize, usize)) {}

    fn make(&self, expr: &Expr, _: &[usize], _: Vec<Block>) -> Result<Block, Error> {
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        let file = TemporaryFile::create(&folder)
            .map_err(|error| error.of_call(self.called, expr.location))?;
        Ok(Block::token(Arc::new(file)))
    }
}

/// The files, each time with one more group in them.
struct Written<A> {
    layout: Arc<Layout>,
    types: PhantomData<fn() -> A>,
}

impl<A: Element> Written<A> {
    /// Calls `f` with each new chunk that has elements of the group, and what these are.
    fn each_piece(
        &self,
        group: &[Range<usize>],
        mut f: impl FnMut(&[Range<usize>], &[Range<usize>]),
    ) {
        each_in(&overlapping(&self.layout.new, group), |chunk| {
            let chunk = region_of(&self.layout.new, chunk);
            f(&chunk, &both(&chunk, group));
        });
    }

    /// Whether a group is one old chunk.
    fn is_one(&self, group: &[Range<usize>]) -> bool {
        overlapping(&self.layout.old, group).iter().all(|range| range.len() == 1)
    }
}

impl<A: Element> Custom for Written<A> {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let group = self.layout.group(at[0]);
        need(1, self.layout.part_number(&group));
        needs_of_region(&self.layout.old, &group, |chunk| need(0, chunk));
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let group = self.layout.group(at[0]);
        let mut blocks = blocks.into_iter();
        let (Some(token), Some(source)) = (blocks.next(), expr.inputs().next()) else {
            unreachable!("a file and an array are read")
        };
        let shape = |region: &[Range<usize>]| region.iter().map(Range::len).collect();
        // One block of all, because each piece has a part of each.
        let whole = match self.is_one(&group) {
            true => blocks.next(),
            false => {
                let parts = pieces(&self.layout.old, &group, &mut blocks);
                Some(source.of.gather(shape(&group), &parts)?)
            }
        };
        let Some(whole) = whole else { unreachable!("a group has a block") };
        let file: &TemporaryFile = token.of_token();
        let mut done = Ok(());
        self.each_piece(&group, |chunk, region| {
            if done.is_err() {
                return;
            }
            let along = region.iter().zip(&group);
            let part: Vec<_> =
                along.map(|(at, group)| at.start - group.start..at.end - group.start).collect();
            let mut piece = whole.within(&part);
            if !piece.is_c_order() {
                let to = Dims::from_elem(0, part.len());
                match source.of.gather(shape(region), &[Piece { from: piece, to }]) {
                    Ok(copy) => piece = copy,
                    Err(error) => {
                        done = Err(error);
                        return;
                    }
                }
            }
            let elements = piece.as_slice::<A>().expect("pieces are in C order");
            done = file.write(A::as_bytes(elements), self.layout.start_of_piece(chunk, region));
        });
        done.map_err(|error| error.at(expr.location))?;
        Ok(token)
    }

    fn effort(&self, _: &Expr, at: &[usize]) -> Effort {
        let group = self.layout.group(at[0]);
        let mut works = 0;
        self.each_piece(&group, |_, piece| works = elements(piece).max(works));
        if !self.is_one(&group) {
            works += elements(&group);
        }
        let size = self.layout.size;
        let (works, written) = (works * size, elements(&group) * size);
        Effort { works, written, ..Effort::default() }
    }
}

/// The files with all groups in them.
struct Whole {
    layout: Arc<Layout>,
}

impl Custom for Whole {
    fn needs(&self, _: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        needs_of_region(&self.layout.groups, &self.layout.part(at[0]), |group| need(0, group));
    }

    fn make(&self, _: &Expr, _: &[usize], mut blocks: Vec<Block>) -> Result<Block, Error> {
        Ok(blocks.swap_remove(0))
    }
}

/// The new chunks.
struct Fetched<A> {
    /// What is in the files.
    of: ExprRef,
    layout: Arc<Layout>,
    /// Whether they wait for their own groups only.
    is_close: bool,
    types: PhantomData<fn() -> A>,
}

impl<A: Element> Fetched<A> {
    /// The pieces of a new chunk, in the order in which they lie in the file.
    fn pieces(&self, chunk: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
        let mut pieces = Vec::new();
        each_in(&overlapping(&self.layout.groups, chunk), |group| {
            pieces.push(both(&region_of(&self.layout.groups, group), chunk));
        });
        pieces
    }

    /// Whether the pieces of a new chunk, one after the other, are the chunk in C order: they are cut along its first axis of more than one element, or not at all.
    fn is_in_order(&self, chunk: &[Range<usize>]) -> bool {
        let cut = overlapping(&self.layout.groups, chunk);
        let first = chunk.iter().position(|range| range.len() > 1).unwrap_or(0);
        cut.iter().enumerate().all(|(axis, range)| axis <= first || range.len() == 1)
    }
}

impl<A: Element> Custom for Fetched<A> {
    fn needs(&self, expr: &Expr, at: &[usize], need: &mut dyn FnMut(usize, usize)) {
        let chunk = region_of(&expr.grid, at);
        match self.is_close {
            true => needs_of_region(&self.layout.groups, &chunk, |group| need(0, group)),
            false => need(0, self.layout.part_number(&chunk)),
        }
    }

    fn make(&self, expr: &Expr, at: &[usize], blocks: Vec<Block>) -> Result<Block, Error> {
        let file: &TemporaryFile = blocks[0].of_token();
        let chunk = region_of(&expr.grid, at);
        let shape = expr.grid.chunk_shape(at);
        let mut out = buffer(&shape, A::default())?;
        let mut start = self.layout.start_of_chunk(&chunk);
        let read = |out: &mut [A], start: u64| {
            A::fill(out, |bytes, at| file.read(bytes, start + at as u64))
                .map_err(|error| error.at(expr.location))
        };
        if self.is_in_order(&chunk) {
            read(&mut out, start)?;
            return Ok(Block::from_buffer(out, shape));
        }
        let mut whole = ArrayViewMutD::from_shape(IxDyn(&shape), &mut out)
            .expect("the buffer is as long as the shape says");
        let (all, mut between) = (self.pieces(&chunk), Vec::new());
        let mut rest = &all[..];
        while !rest.is_empty() {
            let (mut count, mut together) = (0, 0);
            for piece in rest {
                if count > 0 && (together + elements(piece)) * size_of::<A>() > READ_BYTES {
                    break;
                }
                (count, together) = (count + 1, together + elements(piece));
            }
            let now;
            (now, rest) = rest.split_at(count);
            between.resize(together, A::default());
            read(&mut between, start)?;
            start += (together * size_of::<A>()) as u64;
            place(now, &between, &chunk, &mut whole);
        }
        Ok(Block::from_buffer(out, shape))
    }

    fn effort(&self, expr: &Expr, at: &[usize]) -> Effort {
        let chunk = region_of(&expr.grid, at);
        let bytes = elements(&chunk) * size_of::<A>();
        let works = match self.is_in_order(&chunk) {
            true => 0,
            false => {
                let largest = self.pieces(&chunk).iter().map(|piece| elements(piece)).max();
                (largest.unwrap_or(0) * size_of::<A>()).max(READ_BYTES.min(bytes))
            }
        };
        Effort { works, read: bytes, ..Effort::default() }
    }

    fn is_made_again(&self) -> bool {
        true
    }

    fn rechunked<'a>(&'a self, _: &'a Expr) -> Option<&'a ExprRef> {
        Some(&self.of)
    }
}

fn elements(region: &[Range<usize>]) -> usize {
    region.iter().map(Range::len).product()
}

/// Copies pieces, which lie in `from` one after the other, to where they belong in the chunk.
fn place<A: Element>(
    pieces: &[Vec<Range<usize>>],
    mut from: &[A],
    chunk: &[Range<usize>],
    whole: &mut ArrayViewMutD<'_, A>,
) {
    for piece in pieces {
        let values;
        (values, from) = from.split_at(elements(piece));
        let mut part = whole.view_mut();
        for (axis, (piece, chunk)) in piece.iter().zip(chunk).enumerate() {
            let range = piece.start - chunk.start..piece.end - chunk.start;
            part.slice_axis_inplace(Axis(axis), Slice::from(range));
        }
        let shape: Vec<usize> = piece.iter().map(Range::len).collect();
        part.assign(&ArrayView::from_shape(IxDyn(&shape), values).expect("as long as the piece"));
    }
}
