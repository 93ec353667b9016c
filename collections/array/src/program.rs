//! A chain of elementwise expressions as a straight program over tiles.
//!
//! In: an expression, and which of those it is made of are blocks of their own. Out: a [`Program`]: leaves, and steps that read leaves and registers and
//! write registers, the last one the chunk itself. What occurs twice is computed once. Views are no steps: they change where a leaf is read.
//!
//! ```text
//! ((x + 1).sin() * 2 + x * x)        leaf 0: x
//!     r0 = leaf0 + 1 · r1 = sin r0 · r0 = r1 * 2 · r1 = leaf0 * leaf0 · target = r0 + r1
//! ```
//! One program serves all chunks of an expression; where a chunk's leaves lie is found when its task runs.

use crate::block::{Block, Strides};
use crate::error::{Error, ErrorKind};
use crate::expr::{Expr, ExprRef, Kind, Source, Stored};
use crate::grid::{Dims, c_strides, position};
use crate::kernels::Kernel;
use crate::map::Map;
use crate::tile::{Arg, Dest, Fault, Generated, Leaf, Loaded, Origin, Tile, Type, tiles};
use crate::walk::Walk;
use smallvec::SmallVec;
use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

/// Steps over the elements of chunks of one domain.
pub(crate) struct Program {
    pub(crate) leaves: Vec<LeafSpec>,
    constants: Vec<Box<dyn Any + Send + Sync>>,
    steps: Vec<Step>,
    registers: Vec<&'static dyn Type>,
    /// What the program gives.
    pub(crate) result: Arg,
    of: &'static dyn Type,
}

struct Step {
    kernel: Arc<dyn Kernel>,
    args: SmallVec<[Arg; 3]>,
    dest: Dest,
    /// Where its elements are, seen from the program's.
    map: Map,
    name: &'static str,
    location: &'static Location<'static>,
}

impl Step {
    /// Which element of the step's array that of number `at` of the tile is.
    fn index(&self, tile: &Tile<'_>, at: usize) -> Dims {
        let at = position(tile.start + at, &tile.shape);
        let at: Dims = at.iter().zip(&tile.origin).map(|(at, origin)| at + origin).collect();
        self.map.position(&at)
    }

    #[cold]
    fn failed(&self, tile: &Tile<'_>, fault: &Fault) -> Error {
        let at = self.index(tile, fault.at);
        let Fault { what, remedy, .. } = fault;
        let place = match at.is_empty() {
            true => String::new(),
            false => format!(" at index {:?}", &at[..]),
        };
        let message = format!("{what}{place}: {remedy}");
        Error::new(ErrorKind::Value, message).of_call(self.name, self.location)
    }

    /// A function of the user's panicked on one of a tile's elements: to know on which, each would have to be counted.
    #[cold]
    fn panicked(&self, tile: &Tile<'_>, payload: Box<dyn Any + Send>) -> Error {
        let (one, other) = (self.index(tile, 0), self.index(tile, tile.n.saturating_sub(1)));
        // Seen through a view, a tile may go backwards.
        let (first, last) = if other < one { (other, one) } else { (one, other) };
        let place = match first.is_empty() {
            true => String::new(),
            false if first == last => format!(" on the element at {:?}", &first[..]),
            false => format!(" on an element from {:?} to {:?}", &first[..], &last[..]),
        };
        Error::of_panic(self.name, &place, payload).or_at(self.location)
    }

    #[inline]
    fn run(&self, tile: &mut Tile<'_>, dest: Dest) -> Result<(), Error> {
        let run = AssertUnwindSafe(|| self.kernel.run(tile, &self.args, dest));
        if let Err(payload) = catch_unwind(run) {
            return Err(self.panicked(tile, payload));
        }
        match tile.fault.take() {
            Some(fault) => Err(self.failed(tile, &fault)),
            None => Ok(()),
        }
    }
}

/// A leaf of a program, for all chunks.
pub(crate) struct LeafSpec {
    pub(crate) origin: LeafOrigin,
    /// From the domain to the leaf's array.
    pub(crate) map: Map,
    of: &'static dyn Type,
}

pub(crate) enum LeafOrigin {
    /// The user's memory.
    Memory(Block),
    Generated(Arc<dyn Generated>, SmallVec<[isize; 4]>),
    /// What is read when the program runs.
    Stored(Arc<dyn Stored>),
    /// Blocks of other tasks.
    Blocks(ExprRef),
}

/// An expression, seen from the domain through a map.
type Seen = (*const Expr, Map);

struct Compiler<'a> {
    is_block: &'a dyn Fn(&ExprRef) -> bool,
    values: HashMap<Seen, Arg>,
    leaves: Vec<LeafSpec>,
    constants: Vec<Box<dyn Any + Send + Sync>>,
    steps: Vec<(Step, &'static dyn Type)>,
}

/// The expression below the views, and how it is seen through them.
pub(crate) fn below_views(
    mut expr: &ExprRef,
    mut map: Map,
    is_block: impl Fn(&ExprRef) -> bool,
) -> (&ExprRef, Map) {
    while let Kind::View { input, map: view } = &expr.kind {
        if is_block(expr) {
            break;
        }
        map = map.after(view);
        expr = input;
    }
    (expr, map)
}

impl Program {
    /// The program that computes chunks of `root`, in terms of the expressions that `is_block` says have blocks; of `root` only if it may be read too.
    pub(crate) fn new(
        root: &ExprRef,
        is_block: &dyn Fn(&ExprRef) -> bool,
        may_read_root: bool,
    ) -> Program {
        let not_the_root =
            |expr: &ExprRef| (may_read_root || !Arc::ptr_eq(expr, root)) && is_block(expr);
        let mut compiler = Compiler {
            is_block: &not_the_root,
            values: HashMap::new(),
            leaves: Vec::new(),
            constants: Vec::new(),
            steps: Vec::new(),
        };
        let result = compiler.value(root, Map::identity(root.shape.len()));
        let Compiler { leaves, constants, steps, .. } = compiler;
        let mut program = Program {
            leaves,
            constants,
            steps: Vec::new(),
            registers: Vec::new(),
            result,
            of: root.of,
        };
        program.allocate(steps);
        program
    }

    /// Gives each step's result a register, of those that nobody reads any more.
    fn allocate(&mut self, steps: Vec<(Step, &'static dyn Type)>) {
        let count = steps.len();
        let mut last_read = vec![0; count];
        for (at, (step, _)) in steps.iter().enumerate() {
            for arg in &step.args {
                if let Arg::Register(value) = arg {
                    last_read[*value] = at;
                }
            }
        }
        if let Arg::Register(value) = self.result {
            last_read[value] = count;
        }
        let mut register_of = vec![0; count];
        let mut free: Vec<usize> = Vec::new();
        let mut dies_at: Vec<Vec<usize>> = vec![Vec::new(); count + 1];
        for (at, (mut step, of)) in steps.into_iter().enumerate() {
            for arg in &mut step.args {
                if let Arg::Register(value) = arg {
                    *value = register_of[*value];
                }
            }
            let is_type = |&at: &usize| self.registers[at].id() == of.id();
            let register = match free.iter().position(is_type) {
                Some(found) => free.swap_remove(found),
                None => {
                    self.registers.push(of);
                    self.registers.len() - 1
                }
            };
            register_of[at] = register;
            dies_at[last_read[at].max(at)].push(register);
            step.dest = Dest::Register(register);
            self.steps.push(step);
            free.append(&mut dies_at[at]);
        }
        if let Arg::Register(value) = &mut self.result {
            *value = register_of[*value];
        }
    }

    /// Bytes of memory of the user's, and of files, that it reads for each element; those of files are in memory meanwhile.
    pub(crate) fn source_bytes(&self) -> (usize, usize) {
        let of = |is_source: fn(&LeafOrigin) -> bool| {
            self.leaves
                .iter()
                .filter(|leaf| is_source(&leaf.origin))
                .map(|leaf| leaf.of.size())
                .sum()
        };
        let from_files = of(|origin| matches!(origin, LeafOrigin::Stored(_)));
        (of(|origin| matches!(origin, LeafOrigin::Memory(_))) + from_files, from_files)
    }

    /// Bytes of files that are in memory while a chunk of this shape is made: of each leaf the box around what is read of it.
    pub(crate) fn stored_bytes(&self, shape: &[usize]) -> usize {
        let stored = |leaf: &&LeafSpec| matches!(leaf.origin, LeafOrigin::Stored(_));
        let bytes =
            |leaf: &LeafSpec| boxed(&leaf.map, shape).iter().product::<usize>() * leaf.of.size();
        self.leaves.iter().filter(stored).map(bytes).sum()
    }

    /// The bytes of a chunk of this shape, if its block is only a look at memory that is there: none at the user's, at what is stored those that are read. As [`Program::block`] makes it.
    pub(crate) fn looks(&self, shape: &[usize]) -> Option<usize> {
        let Arg::Leaf(at) = self.result else { return None };
        let leaf = &self.leaves[at];
        let (bytes, strides) = match &leaf.origin {
            LeafOrigin::Memory(block) => (0, block.strides.clone()),
            LeafOrigin::Stored(_) => {
                let region = boxed(&leaf.map, shape);
                (region.iter().product::<usize>() * leaf.of.size(), c_strides(&region))
            }
            LeafOrigin::Generated(..) | LeafOrigin::Blocks(_) => return None,
        };
        let repeats = || {
            let walk = Walk::new(0, shape, &seen_strides(&leaf.map, &strides, shape.len()));
            walk.repeats() && shape.iter().product::<usize>() > 1
        };
        (self.steps.is_empty() && !repeats()).then_some(bytes)
    }

    /// What it turns round, if blocks lie in C order.
    pub(crate) fn turned(&self) -> Turned<'_> {
        let of = |leaf: &LeafSpec| match &leaf.origin {
            LeafOrigin::Memory(block) => Some(block.strides.clone()),
            LeafOrigin::Blocks(expr) => {
                let longest = (0..expr.shape.len()).map(|axis| expr.grid.longest(axis));
                Some(c_strides(&longest.collect::<Dims>()))
            }
            LeafOrigin::Generated(..) | LeafOrigin::Stored(_) => None,
        };
        Turned { program: self, strides: self.leaves.iter().map(of).collect() }
    }

    /// The expressions whose blocks it reads, with the maps to them, in the order in which they are given.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (&ExprRef, &Map)> {
        self.leaves.iter().filter_map(|leaf| match &leaf.origin {
            LeafOrigin::Blocks(expr) => Some((expr, &leaf.map)),
            _ => None,
        })
    }

    /// The blocks of all leaves that have one, for the chunk that begins at `origin`: `blocks` are those of [`Program::blocks`], others are read now.
    pub(crate) fn read<'a>(
        &self,
        origin: &[usize],
        shape: &[usize],
        blocks: &'a [Block],
    ) -> Result<Cow<'a, [Block]>, Error> {
        if !self.leaves.iter().any(|leaf| matches!(leaf.origin, LeafOrigin::Stored(_))) {
            return Ok(Cow::Borrowed(blocks));
        }
        let mut given = blocks.iter();
        let mut all = Vec::new();
        for leaf in &self.leaves {
            match &leaf.origin {
                LeafOrigin::Stored(stored) => {
                    all.push(stored.read(&leaf.map.region(origin, shape))?)
                }
                LeafOrigin::Blocks(_) => all.extend(given.next().cloned()),
                _ => {}
            }
        }
        Ok(Cow::Owned(all))
    }

    /// The leaves for the chunk that begins at `origin`; `blocks` are those of [`Program::read`].
    fn leaves<'a>(
        &'a self,
        origin: &[usize],
        shape: &[usize],
        blocks: &'a [Block],
    ) -> Vec<Leaf<'a>> {
        let mut blocks = blocks.iter();
        let leaf = |spec: &'a LeafSpec| {
            let position = spec.map.position(origin);
            let (from, strides, offset) = match &spec.origin {
                LeafOrigin::Memory(block) => (Origin::Block(block), &block.strides, block.offset),
                LeafOrigin::Generated(make, strides) => (Origin::Generated(&**make), strides, 0),
                LeafOrigin::Blocks(_) | LeafOrigin::Stored(_) => {
                    let block =
                        blocks.next().expect("a task gets the blocks that its program reads");
                    (Origin::Block(block), &block.strides, block.offset)
                }
            };
            let position = match &spec.origin {
                LeafOrigin::Blocks(expr) => within_chunk(expr, position),
                LeafOrigin::Stored(_) => {
                    let region = spec.map.region(origin, shape);
                    position.iter().zip(region).map(|(at, range)| at - range.start).collect()
                }
                _ => position,
            };
            let start = position.iter().zip(strides).fold(offset, |start, (&at, &stride)| {
                start.wrapping_add_signed((at as isize).wrapping_mul(stride))
            });
            let walk = Walk::new(start, shape, &seen_strides(&spec.map, strides, shape.len()));
            Leaf { origin: from, walk, of: spec.of, loaded: Loaded::Copied, register: None }
        };
        self.leaves.iter().map(leaf).collect()
    }

    /// Runs the steps on one tile; what they give is at [`Program::result`].
    pub(crate) fn run_tile(
        &self,
        tile: &mut Tile<'_>,
        start: usize,
        n: usize,
    ) -> Result<(), Error> {
        tile.begin(start, n);
        self.steps.iter().try_for_each(|step| step.run(tile, step.dest))
    }

    /// A tile to run on, for the chunk that begins at `origin`.
    pub(crate) fn tile<'a>(
        &'a self,
        origin: &[usize],
        shape: &[usize],
        blocks: &'a [Block],
    ) -> Tile<'a> {
        let mut tile = self.tile_as_it_lies(origin, shape, blocks);
        tile.leaves.iter_mut().for_each(Leaf::turn);
        tile
    }

    fn tile_as_it_lies<'a>(
        &'a self,
        origin: &[usize],
        shape: &[usize],
        blocks: &'a [Block],
    ) -> Tile<'a> {
        Tile {
            leaves: self.leaves(origin, shape, blocks),
            registers: self.registers.iter().map(|of| Some(of.register())).collect(),
            constants: &self.constants,
            target: None,
            start: 0,
            n: 0,
            fault: None,
            origin: origin.into(),
            shape: shape.into(),
        }
    }

    /// Whether the chunk is read as it lies in memory, its rows one after the other: then a tile of it may have any length.
    pub(crate) fn is_read_as_it_lies(&self, tile: &Tile<'_>) -> bool {
        let is_memory = |leaf: &Leaf<'_>| !matches!(leaf.origin, Origin::Generated(_));
        matches!(self.result, Arg::Leaf(_))
            && self.steps.is_empty()
            && tile.leaves.iter().all(|leaf| is_memory(leaf) && leaf.walk.is_one_run())
    }

    /// Runs the steps on all of a chunk, and hands on each tile with what they give at [`Program::result`].
    pub(crate) fn each_tile(
        &self,
        origin: &[usize],
        shape: &[usize],
        blocks: &[Block],
        mut f: impl FnMut(&Tile<'_>),
    ) -> Result<(), Error> {
        let blocks = &self.read(origin, shape, blocks)?;
        let mut tile = self.tile(origin, shape, blocks);
        tiles(shape.iter().product(), shape.last().copied().unwrap_or(1), |start, n| {
            self.run_tile(&mut tile, start, n)?;
            f(&tile);
            Ok(())
        })
    }

    /// The block of a chunk.
    pub(crate) fn block(
        &self,
        origin: &[usize],
        shape: Dims,
        blocks: &[Block],
    ) -> Result<Block, Error> {
        let len = shape.iter().product();
        let blocks = &self.read(origin, &shape, blocks)?;
        let mut tile = self.tile_as_it_lies(origin, &shape, blocks);
        if let Some(view) = self.view(&tile, &shape) {
            return Ok(view);
        }
        tile.leaves.iter_mut().for_each(Leaf::turn);
        tile.target = Some(self.of.buffer(&shape)?);
        let row = match tile.leaves.iter().all(|leaf| leaf.walk.is_flat()) {
            true => len,
            false => shape.last().copied().unwrap_or(1),
        };
        let (last, before) = match (self.steps.split_last(), self.result) {
            (Some((last, before)), Arg::Register(_)) => (Some(last), before),
            _ => (None, &self.steps[..]),
        };
        tiles(len, row, |start, n| {
            tile.begin(start, n);
            before.iter().try_for_each(|step| step.run(&mut tile, step.dest))?;
            match last {
                Some(step) => step.run(&mut tile, Dest::Target)?,
                None => self.of.copy(&mut tile, self.result),
            }
            Ok(())
        })?;
        let target = tile.target.take().expect("each step gives back what it writes");
        Ok(self.of.block(target, shape))
    }

    /// The chunk as a part of a leaf's block, if that is all it is.
    fn view(&self, tile: &Tile<'_>, shape: &Dims) -> Option<Block> {
        let Arg::Leaf(at) = self.result else { return None };
        let leaf = &tile.leaves[at];
        let Origin::Block(block) = leaf.origin else { return None };
        // What repeats elements would keep few alive as many; it is copied.
        if !self.steps.is_empty() || leaf.walk.repeats() && shape.iter().product::<usize>() > 1 {
            return None;
        }
        Some(part(block, &self.leaves[at].map, leaf.walk.start(), shape))
    }
}

/// What a program turns round: of each leaf the strides of its blocks, where they are the same for all chunks.
pub(crate) struct Turned<'a> {
    program: &'a Program,
    strides: Vec<Option<Strides>>,
}

impl Turned<'_> {
    /// Bytes of it for a chunk of this shape: those that are there at once.
    pub(crate) fn bytes(&self, shape: &[usize]) -> usize {
        let of = |(leaf, strides): (&LeafSpec, &Option<Strides>)| {
            let of_region;
            let strides = match (&leaf.origin, strides) {
                (_, Some(strides)) => strides,
                (LeafOrigin::Stored(_), None) => {
                    of_region = c_strides(&boxed(&leaf.map, shape));
                    &of_region
                }
                _ => return 0,
            };
            let walk = Walk::new(0, shape, &seen_strides(&leaf.map, strides, shape.len()));
            let elements = |along| walk.rows_turned(along, leaf.of.size()) * walk.width(along);
            walk.neighbours().map_or(0, elements) * leaf.of.size()
        };
        if shape.contains(&0) {
            return 0;
        }
        self.program.leaves.iter().zip(&self.strides).map(of).sum()
    }
}

/// The lengths of the box around what a chunk of this shape shows through `map`.
fn boxed(map: &Map, shape: &[usize]) -> Dims {
    if shape.contains(&0) {
        return Dims::from_elem(0, map.0.len());
    }
    let region = map.region(&Dims::from_elem(0, shape.len()), shape);
    region.iter().map(ExactSizeIterator::len).collect()
}

/// The part of a block that begins at `offset` and is seen through `map`.
fn part(block: &Block, map: &Map, offset: usize, shape: &[usize]) -> Block {
    block.part(shape.into(), seen_strides(map, &block.strides, shape.len()), offset)
}

/// The strides of what is seen through `map`, which has so many axes.
fn seen_strides(map: &Map, strides: &[isize], rank: usize) -> SmallVec<[isize; 4]> {
    let mut seen: SmallVec<[isize; 4]> = SmallVec::from_elem(0, rank);
    for (axis, &stride) in map.0.iter().zip(strides) {
        if let Some(of) = axis.of {
            seen[of] += axis.step.wrapping_mul(stride);
        }
    }
    seen
}

/// The chunk that begins at `origin`, of what is seen through `map` of the expression that `block` is a block of.
pub(crate) fn seen(
    block: &Block,
    owner: &Expr,
    map: &Map,
    origin: &[usize],
    shape: &[usize],
) -> Block {
    if shape.contains(&0) {
        return block.part(shape.into(), c_strides(shape), 0);
    }
    let position = within_chunk(owner, map.position(origin));
    let offset =
        position.iter().zip(&block.strides).fold(block.offset, |offset, (&at, &stride)| {
            offset.wrapping_add_signed(at as isize * stride)
        });
    part(block, map, offset, shape)
}

/// The position within the chunk of `expr` that holds it.
fn within_chunk(expr: &Expr, mut position: Dims) -> Dims {
    for (axis, at) in position.iter_mut().enumerate() {
        *at = at.saturating_sub(expr.grid.bounds(axis)[expr.grid.chunk_at(axis, *at)]);
    }
    position
}

impl Compiler<'_> {
    /// Where the value of the expression will be. Without recursion, which long chains would exhaust.
    fn value(&mut self, root: &ExprRef, map: Map) -> Arg {
        let is_block = self.is_block;
        let (root, map) = below_views(root, map, is_block);
        let mut stack: Vec<(ExprRef, Map)> = vec![(root.clone(), map.clone())];
        while let Some((expr, map)) = stack.last().cloned() {
            let seen = (Arc::as_ptr(&expr), map.clone());
            if self.values.contains_key(&seen) {
                stack.pop();
                continue;
            }
            let arg = match &expr.kind {
                Kind::Elementwise { kernel, inputs } if !is_block(&expr) => {
                    let mut args = SmallVec::new();
                    for (input, to_input) in inputs {
                        let (input, map) = below_views(input, map.after(to_input), is_block);
                        match self.values.get(&(Arc::as_ptr(input), map.clone())) {
                            Some(&arg) => args.push(arg),
                            None => stack.push((input.clone(), map)),
                        }
                    }
                    if args.len() < inputs.len() {
                        continue;
                    }
                    let (kernel, name, location) = (kernel.clone(), expr.name, expr.location);
                    let step = Step { kernel, args, dest: Dest::Target, map, name, location };
                    self.steps.push((step, expr.of));
                    Arg::Register(self.steps.len() - 1)
                }
                _ => self.leaf(&expr, map),
            };
            self.values.insert(seen, arg);
            stack.pop();
        }
        self.values[&(Arc::as_ptr(root), map)]
    }

    fn leaf(&mut self, expr: &ExprRef, map: Map) -> Arg {
        let origin = match &expr.kind {
            // Read where it is needed, also if others have to have blocks of it.
            Kind::Source(Source::Stored(stored)) => LeafOrigin::Stored(stored.clone()),
            _ if (self.is_block)(expr) => LeafOrigin::Blocks(expr.clone()),
            Kind::Source(Source::Constant(value)) => {
                self.constants.push(value.boxed());
                return Arg::Constant(self.constants.len() - 1);
            }
            Kind::Source(Source::Memory(block)) => LeafOrigin::Memory(block.clone()),
            Kind::Source(Source::Generated { make, .. }) => {
                LeafOrigin::Generated(make.clone(), c_strides(&expr.shape))
            }
            _ => LeafOrigin::Blocks(expr.clone()),
        };
        self.leaves.push(LeafSpec { origin, map, of: expr.of });
        Arg::Leaf(self.leaves.len() - 1)
    }
}
