//! What is known of tasks before they are added to a graph: how many they are, what they read, what they make of it.
//!
//! In: a [`Lowering`]. Out: counts, and [`PlannedBlock`]s, in numbers of groups and chunks.
//!
//! Not here: what follows for memory (`plan`).

use super::{Bundle, How, Lowering};
use crate::expr::{Effort, Kind};
use crate::grid::position;
use crate::program::{LeafOrigin, Turned};
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

/// A block that will be made, of which bytes, from which others, by group and chunk.
pub(crate) struct PlannedBlock {
    pub(crate) bytes: u128,
    /// Bytes that are in use besides while its task runs.
    pub(crate) works: u128,
    pub(crate) reads: Vec<(usize, usize)>,
}

impl Lowering {
    /// How many tasks there are.
    pub(crate) fn tasks(&self) -> usize {
        let mut read: HashSet<(usize, usize)> = HashSet::new();
        let mut tasks = 0;
        for (number, group) in self.scheme.groups.iter().enumerate() {
            let needed = (0..self.needed[number].len()).filter(|&at| self.needed[number][at]);
            let Some((bundle, _)) = self.bundle_of[number] else {
                tasks += needed.count();
                continue;
            };
            for at in needed {
                let kept = position(at, &group.expr.grid.counts());
                let mut level = 0;
                for chunks in self.bundles[bundle].passes(&kept) {
                    level += 1;
                    read.insert((bundle, chunks[0]));
                }
                // The tree above the chunks.
                let most = self.bundles[bundle].combined();
                while level > most {
                    level = level.div_ceil(most);
                    tasks += level;
                }
                tasks += 1;
            }
        }
        tasks + read.len()
    }

    /// Whether the tasks of the only root write to where its chunks belong in the result; else they make blocks, which are copied there.
    pub(crate) fn writes_in_place(&self) -> bool {
        matches!(self.scheme.groups[0].how, How::Program(_))
    }

    /// What the expression of a group, or of the first reduction of a pass, is called, and where it stands; counted as in [`Lowering::blocks`].
    pub(crate) fn origin(&self, group: usize) -> (&'static str, &'static Location<'static>) {
        let (groups, bundles) = (self.scheme.groups.len(), self.bundles.len());
        let first_of = |bundle: usize| {
            let is_first = |place: &Option<(usize, usize)>| *place == Some((bundle, 0));
            self.bundle_of.iter().position(is_first).unwrap_or(0)
        };
        let group = match group {
            _ if group < groups => group,
            _ if group < groups + bundles => first_of(group - groups),
            _ => group - groups - bundles,
        };
        let expr = &self.scheme.groups[group].expr;
        (expr.name, expr.location)
    }

    /// Bytes that programs read from memory of the user's and from files.
    pub(crate) fn bytes_read(&self) -> u64 {
        let mut bytes = 0;
        for (number, group) in self.scheme.groups.iter().enumerate() {
            // Of reductions that share a pass, the first one reads.
            let reads = self.bundle_of[number].is_none_or(|(_, place)| place == 0);
            let (How::Program(program) | How::Reduce(program), true) = (&group.how, reads) else {
                continue;
            };
            let (size, _) = program.source_bytes();
            let elements: usize = match &group.expr.kind {
                Kind::Reduce { input, .. } => input.shape.iter().product(),
                _ => {
                    let (grid, counts) = (&group.expr.grid, group.expr.grid.counts());
                    let needed =
                        (0..self.needed[number].len()).filter(|&at| self.needed[number][at]);
                    needed
                        .map(|at| {
                            grid.chunk_shape(&position(at, &counts)).iter().product::<usize>()
                        })
                        .sum()
                }
            };
            bytes = elements_bytes(bytes, elements, size);
        }
        bytes
    }

    /// What is made once for all that read it, by group.
    pub(crate) fn shared(&self) -> Vec<(usize, Effort)> {
        let (mut seen, mut all) = (HashSet::new(), Vec::new());
        for (number, group) in self.scheme.groups.iter().enumerate() {
            let (How::Program(program) | How::Reduce(program)) = &group.how else { continue };
            for leaf in &program.leaves {
                let LeafOrigin::Generated(make, _) = &leaf.origin else { continue };
                let effort = make.effort();
                if effort.keeps > 0 && seen.insert(Arc::as_ptr(make).cast::<()>()) {
                    all.push((number, effort));
                }
            }
        }
        all
    }

    /// Bytes that each thread keeps from its first task of a kind on: the most of any kind.
    pub(crate) fn of_thread(&self) -> usize {
        let mut most = 0;
        for (group, needed) in self.scheme.groups.iter().zip(&self.needed) {
            let Kind::Custom { make, .. } = &group.expr.kind else { continue };
            let counts = group.expr.grid.counts();
            if let Some(at) = needed.iter().position(|&is_needed| is_needed) {
                most = most.max(make.effort(&group.expr, &position(at, &counts)).of_thread);
            }
        }
        most
    }

    /// Bytes written to temporary files, and read from them.
    pub(crate) fn spilled(&self) -> (u64, u64) {
        let (mut written, mut read) = (0_u64, 0_u64);
        for (group, needed) in self.scheme.groups.iter().zip(&self.needed) {
            let Kind::Custom { make, .. } = &group.expr.kind else { continue };
            let counts = group.expr.grid.counts();
            for at in (0..needed.len()).filter(|&at| needed[at]) {
                let effort = make.effort(&group.expr, &position(at, &counts));
                written = written.saturating_add(effort.written as u64);
                read = read.saturating_add(effort.read as u64);
            }
        }
        (written, read)
    }

    /// For each group, its chunks, where they are needed, the only root's first; then, for each pass of reductions, the chunks of what it reads; then, for each group that is a reduction, what is
    /// between the passes and its chunks: states that have been combined.
    pub(crate) fn blocks(&self) -> Vec<Vec<Option<PlannedBlock>>> {
        let (needs, lies) = (self.needs(), self.read_as_they_lie());
        let groups = self.scheme.groups.len();
        let mut passes: Vec<Vec<Option<PlannedBlock>>> = self
            .bundles
            .iter()
            .map(|bundle| (0..bundle.input.grid.count()).map(|_| None).collect())
            .collect();
        let mut turned_in: Vec<_> = self.bundles.iter().map(|_| None).collect();
        let combined_from = groups + passes.len();
        let mut combined: Vec<Vec<Option<PlannedBlock>>> = Vec::with_capacity(groups);
        let mut all = Vec::with_capacity(combined_from + groups);
        for (number, group) in self.scheme.groups.iter().enumerate() {
            let (grid, counts) = (&group.expr.grid, group.expr.grid.counts());
            let (mut chunks, mut states) = (Vec::with_capacity(grid.count()), Vec::new());
            let mut turned = None;
            for at in 0..grid.count() {
                if !self.needed[number][at] {
                    chunks.push(None);
                    continue;
                }
                let place = position(at, &counts);
                let elements: usize = grid.chunk_shape(&place).iter().product();
                let mut bytes = elements as u128 * group.expr.dtype.size as u128;
                let (mut reads, mut works) = (Vec::new(), 0);
                match (self.bundle_of[number], &group.how) {
                    (Some((bundle, place_there)), _) => {
                        let reductions = &self.bundles[bundle].reductions;
                        let reduction = &reductions[place_there];
                        let of_states = elements as u128 * reduction.state_bytes() as u128;
                        for chunks in self.bundles[bundle].passes(&place) {
                            reads.push((groups + bundle, chunks[0]));
                            let pass = passes[bundle][chunks[0]].get_or_insert_with(|| {
                                let turned = &mut turned_in[bundle];
                                self.pass(self.readers[number], bundle, &chunks, turned)
                            });
                            pass.bytes += of_states;
                            let bytes = self.bundles[bundle].pass_bytes(&**reduction, &chunks);
                            pass.works += bytes as u128;
                        }
                        let most = self.bundles[bundle].combined();
                        while reads.len() > most {
                            let first = states.len();
                            let some = reads.chunks(most).map(|some| PlannedBlock {
                                bytes: of_states,
                                works: 0,
                                reads: some.to_vec(),
                            });
                            states.extend(some.map(Some));
                            reads = (first..states.len())
                                .map(|at| (combined_from + number, at))
                                .collect();
                        }
                    }
                    (None, how) => {
                        let looks = match how {
                            How::Program(program) if lies[number] => {
                                program.looks(&grid.chunk_shape(&place))
                            }
                            _ => None,
                        };
                        if let Some(read) = looks {
                            bytes = read as u128;
                        } else if let How::Program(program) = how {
                            let shape = grid.chunk_shape(&place);
                            let turned = turned.get_or_insert_with(|| program.turned());
                            works = (program.stored_bytes(&shape) + turned.bytes(&shape)) as u128;
                        }
                        if let (How::Custom, Kind::Custom { make, .. }) = (how, &group.expr.kind) {
                            let effort = make.effort(&group.expr, &place);
                            works = effort.works as u128;
                            bytes += effort.keeps as u128;
                        }
                        needs.of_chunk(number, &self.works[number], at, &mut |group, chunk| {
                            reads.push((group, chunk));
                        });
                    }
                }
                chunks.push(Some(PlannedBlock { bytes, works, reads }));
            }
            all.push(chunks);
            combined.push(states);
        }
        all.append(&mut passes);
        all.append(&mut combined);
        all
    }

    /// For each group, whether all that read its blocks read them as they lie. The result is copied.
    fn read_as_they_lie(&self) -> Vec<bool> {
        let mut lies = vec![true; self.scheme.groups.len()];
        lies[0] = false;
        for (number, group) in self.scheme.groups.iter().enumerate() {
            let (How::Custom, Kind::Custom { make, inputs }) = (&group.how, &group.expr.kind)
            else {
                continue;
            };
            for (input, read) in inputs.iter().enumerate() {
                let owner = self.works[number].views[input].as_ref().map_or(read, |view| &view.0);
                if !make.reads_as_it_lies(&group.expr, input) {
                    lies[self.scheme.read_by(self.readers[number], input, owner)] = false;
                }
            }
        }
        lies
    }

    /// A pass over chunks, without the states that it makes; with what its program turns round, found at the first one.
    fn pass<'a>(
        &'a self,
        reader: usize,
        bundle: usize,
        chunks: &[usize],
        turned: &mut Option<Turned<'a>>,
    ) -> PlannedBlock {
        let Bundle { input, program, .. } = &*self.bundles[bundle];
        let counts = input.grid.counts();
        let mut reads = Vec::new();
        for &chunk in chunks {
            self.needs().of_program(reader, program, &input.grid, chunk, &mut |group, chunk| {
                reads.push((group, chunk))
            });
        }
        let at_once = chunks.len().min(self.bundles[bundle].at_once());
        let turned = turned.get_or_insert_with(|| program.turned());
        let shape = |&chunk: &usize| input.grid.chunk_shape(&position(chunk, &counts));
        let most = |bytes: &dyn Fn(&[usize]) -> usize| {
            chunks.iter().map(|chunk| bytes(&shape(chunk)) as u128).max().unwrap_or(0)
        };
        let stored = most(&|shape| program.stored_bytes(shape));
        let works = at_once as u128 * (stored + most(&|shape| turned.bytes(shape)));
        PlannedBlock { bytes: 0, works, reads }
    }
}

/// So many bytes more, as far as they can be counted.
fn elements_bytes(bytes: u64, elements: usize, size: usize) -> u64 {
    bytes.saturating_add((elements as u64).saturating_mul(size as u64))
}
