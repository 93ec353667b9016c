//! Tasks for what has blocks.
//!
//! In: expressions to be computed, and a graph that is being built. Out: for each of them the handles of its blocks, in C order. Only chunks that something
//! needs get a task. A reduction's chunks are combined in a tree whose form the grid alone decides.
//!
//! Not here: which expressions have blocks (`fuse`), how a task computes (`program`, `reduce`).

mod bundle;
mod forecast;

pub(crate) use forecast::PlannedBlock;

use crate::block::Block;
use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef, Kind};
use crate::fuse::{Group, How, Scheme};
use crate::grid::{Dims, Grid, number, position};
use crate::map::Map;
use crate::pool::room;
use crate::program::{Program, below_views, seen};
use crate::tile::Operand;
use bundle::{Bundle, bundled, bundles, readers, reduce, reduced_chunks};
use ndarray::{ArrayViewMutD, Axis};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;
use taskweave_macros::delayed;
use taskweave_runtime::{Builder, Delayed};

/// A chunk of an expression's program.
#[delayed(crate = crate::__door)]
fn chunk(work: Arc<Work>, at: usize, blocks: Vec<Block>) -> Result<Block, Error> {
    let grid = &work.expr.grid;
    let at = position(at, &grid.counts());
    let place = Some(work.expr.location);
    guarded(&work.expr, None, place, || {
        work.program().block(&grid.origin(&at), grid.chunk_shape(&at), &blocks)
    })
}

/// A chunk of an expression's program, written to where it belongs in the result.
fn write<A: Element>(
    work: &Work,
    at: usize,
    blocks: &[Block],
    mut to: ArrayViewMutD<'_, A>,
) -> Result<(), Error> {
    let grid = &work.expr.grid;
    let at = position(at, &grid.counts());
    let (program, shape) = (work.program(), grid.chunk_shape(&at));
    let row = shape.last().copied().unwrap_or(1);
    let mut rows: Vec<&mut [A]> = if to.is_standard_layout() {
        to.as_slice_mut().into_iter().collect()
    } else {
        let rows = to.lanes_mut(Axis(shape.len() - 1)).into_iter();
        rows.map(|row| row.into_slice().expect("rows of a result in C order lie close")).collect()
    };
    let is_whole = rows.len() == 1;
    guarded(&work.expr, None, None, || {
        program.each_tile(&grid.origin(&at), &shape, blocks, |tile| {
            let values = tile.operand::<A>(program.result);
            let mut done = 0;
            while done < tile.n {
                let start = tile.start + done;
                let (row, from) = if is_whole { (0, start) } else { (start / row, start % row) };
                let to = &mut rows[row][from..];
                let n = to.len().min(tile.n - done);
                match values {
                    Operand::Slice(values) => to[..n].copy_from_slice(&values[done..done + n]),
                    Operand::Splat(value) => to[..n].fill(value),
                }
                done += n;
            }
        })
    })
}

/// Several blocks of states, as one; as elements, if nothing follows.
#[delayed(crate = crate::__door)]
fn combine(work: Arc<Work>, count: Option<u64>, blocks: Vec<Block>) -> Result<Block, Error> {
    let Kind::Reduce { reduction, .. } = &work.expr.kind else { return Err(no_such_task()) };
    guarded(&work.expr, None, Some(work.expr.location), || reduction.combine(&blocks, count))
}

/// The states of one of several reductions that several chunks have been read for, as one.
#[delayed(crate = crate::__door)]
fn combine_chunks(
    work: Arc<Work>,
    place: usize,
    count: Option<u64>,
    chunks: Vec<Arc<[Block]>>,
) -> Result<Block, Error> {
    let Kind::Reduce { reduction, .. } = &work.expr.kind else { return Err(no_such_task()) };
    let blocks: Vec<Block> = chunks.iter().map(|states| states[place].clone()).collect();
    guarded(&work.expr, None, Some(work.expr.location), || reduction.combine(&blocks, count))
}

/// A chunk of an expression of its own kind.
#[delayed(crate = crate::__door)]
fn custom(work: Arc<Work>, at: usize, blocks: Vec<Block>) -> Result<Block, Error> {
    let Kind::Custom { make, inputs } = &work.expr.kind else { return Err(no_such_task()) };
    let at = position(at, &work.expr.grid.counts());
    let mut all = blocks.into_iter();
    let mut blocks = Vec::with_capacity(all.len());
    make.needs(&work.expr, &at, &mut |input, chunk| {
        let (grid, view) = (&inputs[input].grid, &work.views[input]);
        let chunk = position(chunk, &grid.counts());
        if let Some(block) = all.next() {
            let (origin, shape) = (grid.origin(&chunk), grid.chunk_shape(&chunk));
            blocks.push(match view {
                None => block,
                Some((owner, map)) => seen(&block, owner, map, &origin, &shape),
            });
        }
    });
    let Expr { name, location, .. } = *work.expr;
    let _room = room(make.effort(&work.expr, &at).works);
    guarded(&work.expr, Some(name), Some(location), || make.make(&work.expr, &at, blocks))
}

/// What goes wrong in what a task does, also a panic, is an error that names its place in the user's source, unless the task itself stands there, and what went wrong, unless the task has that name.
fn guarded<T>(
    expr: &Expr,
    name: Option<&'static str>,
    location: Option<&'static Location<'static>>,
    f: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let done = catch_unwind(AssertUnwindSafe(f))
        .unwrap_or_else(|payload| Err(Error::of_panic(expr.name, "", payload)));
    let placed = |error: Error| match error.kind() {
        // Of what a block was to be says nothing.
        ErrorKind::Memory => error.of_call(expr.name, expr.location),
        _ => error.or_at(expr.location),
    };
    done.map_err(|error| placed(error).within_task(name, location))
}

fn no_such_task() -> Error {
    unreachable!("tasks are made for what they can do")
}

/// What all tasks of an expression share.
struct Work {
    expr: ExprRef,
    program: Option<Arc<Program>>,
    /// For each input of a custom expression, what it is a view of.
    views: Vec<Option<(ExprRef, Map)>>,
}

impl Work {
    fn program(&self) -> &Program {
        self.program.as_ref().expect("made with one")
    }
}

/// The chunk of `expr` that holds what is seen through `map` at `origin`.
fn chunk_seen(expr: &Expr, map: &Map, origin: &[usize]) -> usize {
    let position = map.position(origin);
    let chunk: Dims =
        position.iter().enumerate().map(|(axis, &at)| expr.grid.chunk_at(axis, at)).collect();
    number(&chunk, &expr.grid.counts())
}

/// Calls `need(expr, chunk)` for the blocks that the tasks of one chunk read.
struct Needs<'a> {
    scheme: &'a Scheme,
    /// For each group, as which it reads: of a reduction, the first one of its bundle.
    readers: &'a [usize],
}

impl Needs<'_> {
    fn of_program(
        &self,
        reader: usize,
        program: &Program,
        grid: &Grid,
        at: usize,
        need: &mut dyn FnMut(usize, usize),
    ) {
        let mut origin = None;
        for (slot, (expr, map)) in program.blocks().enumerate() {
            let origin = origin.get_or_insert_with(|| grid.origin(&position(at, &grid.counts())));
            need(self.scheme.read_by(reader, slot, expr), chunk_seen(expr, map, origin));
        }
    }

    /// Of chunk `at` of the group's expression; of a reduction, of all chunks of its input that become it.
    fn of_chunk(&self, number: usize, work: &Work, at: usize, need: &mut dyn FnMut(usize, usize)) {
        let (group, reader) = (&self.scheme.groups[number], self.readers[number]);
        let expr = &group.expr;
        match (&group.how, &expr.kind) {
            (How::Program(program), _) => self.of_program(reader, program, &expr.grid, at, need),
            (How::Reduce(program), Kind::Reduce { input, axes, .. }) => {
                for chunk in reduced_chunks(&input.grid, axes, &position(at, &expr.grid.counts())) {
                    self.of_program(reader, program, &input.grid, chunk, need);
                }
            }
            (How::Custom, Kind::Custom { make, inputs }) => {
                make.needs(expr, &position(at, &expr.grid.counts()), &mut |input, chunk| {
                    let read = &inputs[input];
                    match &work.views[input] {
                        None => need(self.scheme.read_by(reader, input, read), chunk),
                        Some((owner, map)) => {
                            let origin = read.grid.origin(&position(chunk, &read.grid.counts()));
                            let chunk = chunk_seen(owner, map, &origin);
                            need(self.scheme.read_by(reader, input, owner), chunk);
                        }
                    }
                });
            }
            _ => {}
        }
    }
}

/// The blocks of each group's chunks, where they are needed.
struct Handles<'g, 'env> {
    blocks: Vec<Vec<Option<Delayed<'g, 'env, Block>>>>,
    /// For each group, whether its blocks are made again for its reader, of others.
    is_late: Vec<bool>,
    /// Of those, the blocks that wait already.
    waiting: RefCell<HashSet<(usize, usize)>>,
}

impl<'g, 'env> Handles<'g, 'env> {
    fn block(&self, group: usize, chunk: usize) -> Delayed<'g, 'env, Block> {
        self.blocks[group][chunk].clone().expect("what a chunk needs is made before it")
    }

    /// The blocks that a task reads. Those that are made for its sake are made when all others are there: they would be held until then.
    fn read(&self, needs: &[(usize, usize)]) -> Vec<Delayed<'g, 'env, Block>> {
        let all = || needs.iter().map(|&(group, chunk)| self.block(group, chunk)).collect();
        if !needs.iter().any(|&(group, _)| self.is_late[group]) {
            return all();
        }
        let (late, others): (Vec<_>, Vec<_>) =
            needs.iter().partition(|&&(group, _)| self.is_late[group]);
        for &&(group, chunk) in &late {
            // Of several tasks of the reader, the first one counts.
            if !others.is_empty() && self.waiting.borrow_mut().insert((group, chunk)) {
                for &&(other, at) in &others {
                    let _ = self.block(group, chunk).after(&self.block(other, at));
                }
            }
        }
        all()
    }
}

/// The states of the chunks of each pass, by the number of the bundle and of the first chunk.
type Passes<'g, 'env> = HashMap<(usize, usize), Delayed<'g, 'env, Arc<[Block]>>>;

/// The tasks of some expressions, before they are added to a graph.
pub(crate) struct Lowering {
    scheme: Scheme,
    bundles: Vec<Arc<Bundle>>,
    /// For each group that is a reduction, its bundle and its place there.
    bundle_of: Vec<Option<(usize, usize)>>,
    works: Vec<Arc<Work>>,
    /// For each group, as which it reads; see [`Needs`].
    readers: Vec<usize>,
    /// For each group, which of its chunks are needed.
    needed: Vec<Vec<bool>>,
    /// Whether each task gets the name of its operation, which takes longer than adding it: 20 to 30 ns more of 1,000 tasks, 40 to 65 of 100,000.
    is_named: bool,
}

impl Lowering {
    pub(crate) fn new(roots: &[ExprRef]) -> Lowering {
        Lowering::of_chunks(roots, |_, needed| needed.fill(true))
    }

    /// The tasks of some chunks of each root, by its number: those that `need` says are needed.
    pub(crate) fn of_chunks(roots: &[ExprRef], need: impl Fn(usize, &mut [bool])) -> Lowering {
        let scheme = Scheme::new(roots);
        let works: Vec<_> =
            scheme.groups.iter().map(|group| Arc::new(work(&scheme, group))).collect();
        let mut needed: Vec<Vec<bool>> =
            scheme.groups.iter().map(|group| vec![false; group.expr.grid.count()]).collect();
        for (at, root) in roots.iter().enumerate() {
            need(at, &mut needed[scheme.place_of(root)]);
        }
        let bundle_of = bundles(&scheme);
        let readers = readers(&bundle_of);
        let needs = Needs { scheme: &scheme, readers: &readers };
        for number in 0..scheme.groups.len() {
            // What it reads comes later, so its own needs are known.
            for at in 0..needed[number].len() {
                if needed[number][at] {
                    needs.of_chunk(number, &works[number], at, &mut |group, chunk| {
                        needed[group][chunk] = true
                    });
                }
            }
        }
        let bundles = bundled(&scheme, &bundle_of);
        Lowering { scheme, bundles, bundle_of, works, readers, needed, is_named: false }
    }

    /// The same, with tasks that have the names of their operations: to be looked at.
    pub(crate) fn with_names(self) -> Lowering {
        Lowering { is_named: true, ..self }
    }

    fn named<'g, 'env, T: Send + Sync + 'static>(
        &self,
        task: Delayed<'g, 'env, T>,
        name: &'static str,
    ) -> Delayed<'g, 'env, T> {
        if self.is_named { task.named(name) } else { task }
    }

    fn needs(&self) -> Needs<'_> {
        Needs { scheme: &self.scheme, readers: &self.readers }
    }

    /// Adds the tasks; for each root, the handles of its blocks in C order.
    pub(crate) fn add_to<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        roots: &[ExprRef],
    ) -> Vec<Vec<Delayed<'g, 'env, Block>>> {
        let chunks = self.add_chunks_to(builder, roots);
        chunks.into_iter().map(|chunks| chunks.into_iter().flatten().collect()).collect()
    }

    /// Adds the tasks; for each root the handles of those of its blocks that are needed, in C order.
    pub(crate) fn add_chunks_to<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        roots: &[ExprRef],
    ) -> Vec<Vec<Option<Delayed<'g, 'env, Block>>>> {
        let handles = self.add_groups(builder, |_| true);
        // Roots that are the same to the last step have the same blocks.
        roots.iter().map(|root| handles.blocks[self.scheme.place_of(root)].clone()).collect()
    }

    /// For each group, whether its blocks are made again for its reader, of others: then they are made when all else is there that the reader reads.
    pub(crate) fn late(&self) -> Vec<bool> {
        let is_late = |group: &Group| match &group.expr.kind {
            Kind::Custom { make, inputs } => make.is_made_again() && !inputs.is_empty(),
            _ => false,
        };
        self.scheme.groups.iter().map(is_late).collect()
    }

    /// Adds the tasks of those groups, what is read before what reads it.
    fn add_groups<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Handles<'g, 'env> {
        let mut handles = Handles {
            blocks: self
                .needed
                .iter()
                .map(|chunks| chunks.iter().map(|_| None).collect())
                .collect(),
            is_late: self.late(),
            waiting: RefCell::default(),
        };
        let mut passes = HashMap::new();
        for number in (0..self.scheme.groups.len()).rev() {
            for at in 0..self.needed[number].len() {
                if self.needed[number][at] && is_wanted(number) {
                    let handle = match self.bundle_of[number] {
                        None => self.add(builder, number, at, &handles),
                        Some(_) => self.add_reduction(builder, number, at, &handles, &mut passes),
                    };
                    handles.blocks[number][at] = Some(handle);
                }
            }
        }
        handles
    }

    /// Adds the tasks of one chunk of a reduction; those that read the input only if no other reduction has added them.
    fn add_reduction<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        number: usize,
        at: usize,
        handles: &Handles<'g, 'env>,
        passes: &mut Passes<'g, 'env>,
    ) -> Delayed<'g, 'env, Block> {
        let (bundle_number, _) = self.bundle_of[number].expect("asked for reductions only");
        let (bundle, work) = (&self.bundles[bundle_number], &self.works[number]);
        let needs = self.needs();
        let kept = position(at, &work.expr.grid.counts());
        let pass = |chunks: Vec<usize>| {
            let first = chunks[0];
            let add = || {
                let mut read = Vec::new();
                for &chunk in &chunks {
                    needs.of_program(
                        self.readers[number],
                        &bundle.program,
                        &bundle.input.grid,
                        chunk,
                        &mut |group, chunk| read.push((group, chunk)),
                    );
                }
                let read = handles.read(&read);
                let name = if bundle.reductions.len() == 1 { work.expr.name } else { "reduce" };
                let pass = reduce::task_or_fail(bundle.clone(), chunks, read);
                self.named(builder.add_at(work.expr.location, pass), name)
            };
            passes.entry((bundle_number, first)).or_insert_with(add).clone()
        };
        let states: Vec<_> = bundle.passes(&kept).map(pass).collect();
        let reduced = bundle.input.shape.iter().zip(&bundle.axes).filter(|&(_, reduced)| *reduced);
        let count = reduced.map(|(&len, _)| len as u64).product();
        self.combined(builder, number, states, count)
    }

    /// Adds the tasks that write the only root's chunks to `parts`, which are in C order.
    pub(crate) fn write_to<'g, 'env, A: Element>(
        &self,
        builder: &'g Builder<'env>,
        root: &ExprRef,
        parts: impl Iterator<Item = ArrayViewMutD<'env, A>>,
    ) -> Delayed<'g, 'env, Vec<()>> {
        let root = self.scheme.place_of(root);
        let (group, work) = (&self.scheme.groups[root], &self.works[root]);
        let is_program = matches!(group.how, How::Program(_));
        let handles = self.add_groups(builder, |number| number != root || !is_program);
        let needs = self.needs();
        let write_one = |(at, mut part): (usize, ArrayViewMutD<'env, A>)| {
            if !is_program {
                let block = handles.block(root, at);
                return block.map(move |block| part.assign(&block.view::<A>())).named("write");
            }
            let mut read = Vec::new();
            needs.of_chunk(root, work, at, &mut |group, chunk| read.push((group, chunk)));
            let work = work.clone();
            let blocks = builder.gather(handles.read(&read));
            blocks
                .map(move |blocks: Vec<Block>| write(&work, at, &blocks, part))
                .named("write")
                .or_fail()
        };
        builder.gather(parts.enumerate().map(write_one).collect::<Vec<_>>())
    }

    fn add<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        number: usize,
        at: usize,
        handles: &Handles<'g, 'env>,
    ) -> Delayed<'g, 'env, Block> {
        let (group, work) = (&self.scheme.groups[number], &self.works[number]);
        let is_custom = matches!(group.how, How::Custom);
        if let (true, Kind::Custom { make, .. }) = (is_custom, &group.expr.kind) {
            let place = position(at, &group.expr.grid.counts());
            if let Some(made) = make.add(&group.expr, &place, builder) {
                return made;
            }
        }
        let mut read = Vec::new();
        self.needs().of_chunk(number, work, at, &mut |group, chunk| read.push((group, chunk)));
        let (read, here) = (handles.read(&read), group.expr.location);
        match is_custom {
            true => builder
                .add_at(here, custom::task_or_fail(work.clone(), at, read))
                .named(group.expr.name),
            false => {
                let chunk = builder.add_at(here, chunk::task_or_fail(work.clone(), at, read));
                self.named(chunk, group.expr.name)
            }
        }
    }

    /// Combines states in a tree, the neighbours first.
    fn combined<'g, 'env>(
        &self,
        builder: &'g Builder<'env>,
        number: usize,
        states: Vec<Delayed<'g, 'env, Arc<[Block]>>>,
        count: u64,
    ) -> Delayed<'g, 'env, Block> {
        let (bundle, place) = self.bundle_of[number].expect("asked for reductions only");
        let (work, most) = (&self.works[number], self.bundles[bundle].combined());
        let is_last = |inputs: usize| (inputs <= most).then_some(count);
        let here = work.expr.location;
        let named = |task| self.named(task, work.expr.name);
        let last = is_last(states.len());
        let first = |some| {
            builder.add_at(here, combine_chunks::task_or_fail(work.clone(), place, last, some))
        };
        let mut level: Vec<_> = grouped(states, most).map(first).map(named).collect();
        while level.len() > 1 {
            let last = is_last(level.len());
            let next = |some| builder.add_at(here, combine::task_or_fail(work.clone(), last, some));
            level = grouped(level, most).map(next).map(named).collect();
        }
        level.swap_remove(0)
    }
}

/// Neighbours, so many together as one task combines.
fn grouped<T>(all: Vec<T>, most: usize) -> impl Iterator<Item = Vec<T>> {
    let mut rest = all.into_iter();
    std::iter::from_fn(move || {
        let some: Vec<T> = rest.by_ref().take(most).collect();
        (!some.is_empty()).then_some(some)
    })
}

fn work(scheme: &Scheme, group: &Group) -> Work {
    let is_block = |expr: &ExprRef| scheme.has(expr);
    let views = match &group.expr.kind {
        Kind::Custom { inputs, .. } => inputs
            .iter()
            .map(|input| {
                let (owner, map) = below_views(input, Map::identity(input.shape.len()), is_block);
                (!Arc::ptr_eq(owner, input)).then(|| (owner.clone(), map))
            })
            .collect(),
        _ => Vec::new(),
    };
    let program = match &group.how {
        How::Program(program) | How::Reduce(program) => Some(program.clone()),
        How::Custom => None,
    };
    Work { expr: group.expr.clone(), program, views }
}

#[cfg(test)]
mod tests {
    use crate::array::Array;
    use crate::error::ErrorKind;
    use ndarray::{Axis, Ix1};

    #[test]
    fn what_has_no_memory_for_a_block_is_named() {
        let one = Array::<f64, Ix1>::zeros([1 << 45]).rechunk(1 << 45);
        let sums = one.insert_axis(Axis(0)).sum_axis(Axis(0)).slice(ndarray::s![..1]);
        let error = sums.compute().unwrap_err();
        let text = "sum: no memory for a block of shape [35184372088832]";
        assert!(error.kind() == ErrorKind::Memory && error.to_string().contains(text), "{error}");
    }

    #[test]
    fn many_readers_of_one_reduction_get_the_same() {
        let x = Array::<f64, Ix1>::ones([40]).rechunk(10).map_blocks(|block, _| block.to_owned());
        let sums: Vec<_> = (0..50).map(|_| x.sum().insert_axis(Axis(0))).collect();
        let all = crate::join::concatenate(Axis(0), &sums).compute().unwrap();
        assert_eq!(all.to_vec(), [40.0; 50]);
    }
}
