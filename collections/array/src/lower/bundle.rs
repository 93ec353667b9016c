//! Reductions that share a pass, and which chunks each of its tasks goes over.
//!
//! In: a [`Scheme`]. Out: [`Bundle`]s, and for each chunk of their result the chunks of their input, those together that go into one block of states.
//!
//! Not here: how many that are (`thin`), and what a task does with them (`pass`).

use super::guarded;
use crate::block::Block;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef, Kind};
use crate::fuse::{How, Scheme};
use crate::grid::{Dims, Grid, number, position};
use crate::pass::{ChunkOf, reduce_chunks};
use crate::pool::room;
use crate::program::{LeafOrigin, LeafSpec, Program};
use crate::reduce::AnyReduction;
use crate::thin::read_at_once;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::Arc;
use taskweave_macros::delayed;

/// So many blocks of states are combined by one task; fewer, where each is of several chunks: then combining them takes little time, and fewer wait.
const COMBINED: usize = 8;
const COMBINED_OF_SEVERAL: usize = 4;

/// Reductions of the same axes of the same input, which share one pass over it.
pub(super) struct Bundle {
    pub(super) reductions: Vec<Arc<dyn AnyReduction>>,
    pub(super) program: Arc<Program>,
    pub(super) input: ExprRef,
    pub(super) axes: Vec<bool>,
    /// What all of them are called, if that is one name.
    name: Option<&'static str>,
    /// Where all of them stand, if that is one place.
    location: Option<&'static Location<'static>>,
    /// How many chunks go into one block of states.
    together: usize,
    /// Where chunks are cut along their first reduced axis, so that nothing has to be put together of what they read.
    cuts: Option<(usize, Arc<[usize]>)>,
}

impl Bundle {
    /// The chunks of the input, by their numbers, that become one chunk when the axes are reduced, for each task.
    pub(super) fn passes(&self, kept: &[usize]) -> impl Iterator<Item = Vec<usize>> {
        let all = reduced_chunks(&self.input.grid, &self.axes, kept);
        // Even ones: of 10 chunks 5 and 5 instead of 8 and 2.
        let passes = all.len().div_ceil(self.together).max(1);
        let each = all.len().div_ceil(passes).max(1);
        let mut rest = all.into_iter();
        std::iter::from_fn(move || {
            let some: Vec<usize> = rest.by_ref().take(each).collect();
            (!some.is_empty()).then_some(some)
        })
    }

    /// Calls `part` with origin and shape of each part of a chunk.
    fn cut(&self, origin: Dims, shape: Dims, mut part: impl FnMut(Dims, Dims)) {
        let Some((axis, bounds)) = &self.cuts else { return part(origin, shape) };
        let (first, end) = (origin[*axis], origin[*axis] + shape[*axis]);
        let mut from = first;
        for &bound in bounds.iter().filter(|&&bound| first < bound && bound < end).chain([&end]) {
            let (mut origin, mut shape) = (origin.clone(), shape.clone());
            (origin[*axis], shape[*axis]) = (from, bound - from);
            part(origin, shape);
            from = bound;
        }
    }

    /// So many blocks of states are combined by one task.
    pub(super) fn combined(&self) -> usize {
        if self.together > 1 { COMBINED_OF_SEVERAL } else { COMBINED }
    }

    /// Of so many chunks at once a task has what it reads from files.
    pub(super) fn at_once(&self) -> usize {
        match self.program.source_bytes().1 {
            0 => self.together,
            bytes => read_at_once(&self.input, &self.axes, bytes).min(self.together),
        }
    }

    /// Whether a task with so many chunks goes through them by pieces of rows.
    pub(super) fn is_by_pieces(&self, chunks: usize) -> bool {
        chunks > 1 && chunks <= self.at_once()
    }

    /// Bytes that a reduction works in while a task goes over these chunks.
    pub(super) fn pass_bytes(&self, reduction: &dyn AnyReduction, chunks: &[usize]) -> usize {
        let counts = self.input.grid.counts();
        let mut shape = self.input.grid.chunk_shape(&position(chunks[0], &counts));
        if let Some(axis) = self.axes.iter().position(|is_reduced| *is_reduced) {
            shape[axis] = shape[axis].saturating_mul(chunks.len());
        }
        reduction.pass_bytes(&shape, &self.axes, self.is_by_pieces(chunks.len()))
    }
}

/// Some chunks of the input of several reductions, as states of each, which all that combine them share; `blocks` are as many of each chunk.
#[delayed(crate = crate::__door)]
pub(super) fn reduce(
    work: Arc<Bundle>,
    chunks: Vec<usize>,
    blocks: Vec<Block>,
) -> Result<Arc<[Block]>, Error> {
    let (grid, each) = (&work.input.grid, blocks.len() / chunks.len());
    let counts = grid.counts();
    // Of each part of a chunk, where it lies, and where in `blocks` its own are.
    let mut parts: Vec<(Dims, Dims, usize)> = Vec::with_capacity(chunks.len());
    for (number, &chunk) in chunks.iter().enumerate() {
        let at = position(chunk, &counts);
        let (origin, shape) = (grid.origin(&at), grid.chunk_shape(&at));
        work.cut(origin, shape, |origin, shape| parts.push((origin, shape, number * each)));
    }
    let parts: Vec<ChunkOf<'_>> = parts
        .iter()
        .map(|(origin, shape, first)| ChunkOf {
            program: &work.program,
            origin,
            shape,
            blocks: &blocks[*first..][..each],
            axes: &work.axes,
            whole: &work.input.shape,
        })
        .collect();
    let at_once = if work.cuts.is_some() { parts.len() } else { work.at_once() };
    // The blocks that are made here are those of the states, not of the input.
    let placed = |error: Error| match (error.kind(), work.location) {
        (ErrorKind::Memory, Some(here)) => error.of_call(work.name.unwrap_or("reduce"), here),
        _ => error.or_at(work.input.location),
    };
    let worked = work.reductions.iter().map(|each| work.pass_bytes(&**each, &chunks));
    let _room = room(worked.fold(0, usize::saturating_add));
    guarded(&work.input, None, work.location, || {
        reduce_chunks(&parts, at_once, &work.reductions).map_err(placed)
    })
    .map(Arc::from)
}

/// The bundle of each group that is a reduction, and its place there.
pub(super) fn bundles(scheme: &Scheme) -> Vec<Option<(usize, usize)>> {
    let mut members: HashMap<(*const Expr, &[bool], bool, usize), (usize, usize)> = HashMap::new();
    let mut places = Vec::with_capacity(scheme.groups.len());
    for group in &scheme.groups {
        let Kind::Reduce { reduction, input, axes, together } = &group.expr.kind else {
            places.push(None);
            continue;
        };
        let next = members.len();
        // What asks where elements are goes another way through them, in which sums would have other bits.
        let key = (Arc::as_ptr(input), &axes[..], reduction.asks_where(), *together);
        let (bundle, size) = members.entry(key).or_insert((next, 0));
        places.push(Some((*bundle, *size)));
        *size += 1;
    }
    places
}

/// The bundles themselves.
pub(super) fn bundled(scheme: &Scheme, bundle_of: &[Option<(usize, usize)>]) -> Vec<Arc<Bundle>> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for (group, place) in scheme.groups.iter().zip(bundle_of) {
        let (
            Kind::Reduce { reduction, input, axes, together },
            How::Reduce(program),
            Some((bundle, _)),
        ) = (&group.expr.kind, &group.how, place)
        else {
            continue;
        };
        if *bundle == bundles.len() {
            let (program, input, axes) = (program.clone(), input.clone(), axes.clone());
            let (reductions, together) = (Vec::new(), *together);
            let cuts = cuts(&program, &input, &axes);
            let (name, location) = (Some(group.expr.name), Some(group.expr.location));
            bundles.push(Bundle {
                reductions,
                program,
                input,
                axes,
                name,
                location,
                together,
                cuts,
            });
        }
        let bundle = &mut bundles[*bundle];
        bundle.name = bundle.name.filter(|name| *name == group.expr.name);
        bundle.location = bundle.location.filter(|place| *place == group.expr.location);
        bundle.reductions.push(reduction.clone());
    }
    bundles.into_iter().map(Arc::new).collect()
}

/// The first reduced axis, and where the chunks of what is read begin and end along it.
fn cuts(program: &Program, input: &Expr, axes: &[bool]) -> Option<(usize, Arc<[usize]>)> {
    let first = axes.iter().position(|is_reduced| *is_reduced)?;
    let bounds_of = |leaf: &LeafSpec| {
        let LeafOrigin::Stored(stored) = &leaf.origin else { return None };
        let all = leaf.map.bounds(stored.grid()?, &input.shape);
        all.into_iter().find(|(axis, bounds)| *axis == first && bounds.len() > 2)
    };
    program.leaves.iter().find_map(bounds_of)
}

/// For each group, as which it reads: of a reduction, the first one of its bundle.
pub(super) fn readers(bundle_of: &[Option<(usize, usize)>]) -> Vec<usize> {
    let mut first = Vec::new();
    let reader = |(number, place): (usize, &Option<(usize, usize)>)| match place {
        None => number,
        Some((bundle, _)) => {
            // Bundles are numbered as their first groups come.
            if *bundle == first.len() {
                first.push(number);
            }
            first[*bundle]
        }
    };
    bundle_of.iter().enumerate().map(reader).collect()
}

/// The chunks, by their numbers, that become one chunk when `axes` are reduced.
pub(super) fn reduced_chunks(grid: &Grid, axes: &[bool], kept: &[usize]) -> Vec<usize> {
    let counts = grid.counts();
    let reduced: Dims =
        counts.iter().zip(axes).filter(|&(_, reduced)| *reduced).map(|(&count, _)| count).collect();
    let total: usize = reduced.iter().product();
    let chunk = |at: usize| {
        let (mut along, mut kept) = (position(at, &reduced).into_iter(), kept.iter().copied());
        let all = axes.iter().map(|&is_reduced| {
            if is_reduced { along.next().unwrap_or(0) } else { kept.next().unwrap_or(0) }
        });
        number(&all.collect::<Dims>(), &counts)
    };
    (0..total).map(chunk).collect()
}
