//! How elements get into registers: a few hundred at a time, so that all of a chain's intermediate results stay in the L1 cache.
//!
//! In: where a chunk's elements lie, in memory or on the virtual line of a generated array ([`Walk`]). Out: a [`Tile`], the stretch of a chunk that is
//! being computed, with typed access to what steps read and write.
//!
//! ```text
//! chunk in C order   |--- tile ---|--- tile ---|--- tile ---|-|      a tile is at most TILE elements: 8 KiB of f64
//! leaf of a step     a slice of a block, if the tile's elements are neighbours there; one number, if all are the same;
//!                    else they are copied into a register
//! ```
//! Not here: which steps there are (`program`), what they do (`kernels`).

use crate::ahead::Values;
use crate::block::Block;
use crate::error::Error;
use crate::expr::Effort;
use crate::grid::{Dims, c_strides};
use crate::map::Map;
use crate::picked::{Next, pick};
use crate::turned::Turned;
use crate::walk::Walk;
use ndarray::{ArrayViewMutD, Axis, IxDyn, Slice};
use smallvec::SmallVec;
use std::any::{Any, TypeId};
use std::fmt::Debug;
use std::ops::Range;

/// The most elements of a tile. With 512 the calls between steps show, with 4096 of `f64` a chain of a few steps leaves the L1 cache.
pub(crate) const TILE: usize = 1024;
/// Rows at least so long are cut into tiles each; of shorter ones several make a tile.
const ROW_MIN: usize = 256;

/// A vector whose element type its users know.
pub(crate) type Register = Box<dyn Any + Send>;

/// What is done with elements whose type is known at run time only: one object for each type.
pub(crate) trait Type: Send + Sync + Debug {
    /// Which type it is.
    fn id(&self) -> TypeId;
    /// Bytes of an element.
    fn size(&self) -> usize;
    /// A register: a `Vec<S>` of [`TILE`] elements.
    fn register(&self) -> Register;
    /// A buffer for a chunk: a `Vec<S>`.
    fn buffer(&self, shape: &[usize]) -> Result<Register, Error>;
    /// A block of what [`Type::buffer`] gave.
    fn block(&self, buffer: Register, shape: Dims) -> Block;
    /// Copies elements of the block into the register.
    fn load(&self, block: &Block, walk: &Walk, start: usize, n: usize, register: &mut Register);
    /// A block of this shape, put together from parts of others.
    fn gather(&self, shape: Dims, parts: &[Piece]) -> Result<Block, Error>;
    /// A block of this shape, whose elements along an axis are those of the blocks that `next` names for each place.
    fn select(
        &self,
        shape: Dims,
        axis: usize,
        blocks: &[Block],
        next: Next<'_>,
    ) -> Result<Block, Error>;
    /// A block of this shape with the elements of `whole`, and those of `new` where `map` says, counted from `place`.
    fn replaced(
        &self,
        shape: Dims,
        whole: &Piece,
        new: &Block,
        place: &[usize],
        map: &Map,
    ) -> Result<Block, Error>;
    /// A register of so many elements.
    fn registers(&self, elements: usize) -> Register;
    /// Copies rows and columns that the walk leads to in `block` into the register, see [`Walk::copy_turned`].
    fn turn(
        &self,
        block: &Block,
        walk: &Walk,
        along: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        register: &mut Register,
    );
    /// Copies some of a register's elements to another one, from `at` on.
    fn copy_part(&self, from: &Register, part: Range<usize>, to: &mut Register, at: usize);
    /// Copies what an operand is into the tile's target.
    fn copy(&self, tile: &mut Tile<'_>, from: Arg);
}

/// A part of a block, and where it goes.
pub(crate) struct Piece {
    /// The part.
    pub(crate) from: Block,
    /// Where it begins in the block that is put together.
    pub(crate) to: Dims,
}

/// The [`Type`] of `S`.
pub(crate) struct Of<S>(pub(crate) fn() -> S);

/// The [`Type`] of `S`, which a default makes a static.
pub(crate) const fn type_of<S: Copy + Default + Send + Sync + 'static>() -> &'static dyn Type {
    &Of::<S>(S::default)
}

impl<S> Debug for Of<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::any::type_name::<S>())
    }
}

impl<S: Copy + Send + Sync + 'static> Type for Of<S> {
    fn id(&self) -> TypeId {
        TypeId::of::<S>()
    }
    fn size(&self) -> usize {
        size_of::<S>()
    }
    fn register(&self) -> Register {
        self.registers(TILE)
    }
    fn buffer(&self, shape: &[usize]) -> Result<Register, Error> {
        Ok(Box::new(crate::pool::buffer(shape, (self.0)())?))
    }
    fn block(&self, buffer: Register, shape: Dims) -> Block {
        Block::from_buffer(*downcast::<Vec<S>>(buffer), shape)
    }
    fn load(&self, block: &Block, walk: &Walk, start: usize, n: usize, register: &mut Register) {
        let memory = block.memory::<S>();
        let out = &mut vec_mut::<S>(register)[..n];
        walk.runs(start, n, |at, step, run| {
            let out = &mut out[run];
            match step {
                1 => out.copy_from_slice(&memory[at..at + out.len()]),
                0 => out.fill(memory[at]),
                _ => {
                    let mut at = at;
                    for out in out {
                        *out = memory[at];
                        at = at.wrapping_add_signed(step);
                    }
                }
            }
        });
    }
    fn gather(&self, shape: Dims, parts: &[Piece]) -> Result<Block, Error> {
        let mut out = crate::pool::buffer(&shape, (self.0)())?;
        let mut whole = ArrayViewMutD::from_shape(IxDyn(&shape), &mut out)
            .expect("the buffer is as long as the shape says");
        for Piece { from, to } in parts {
            let mut part = whole.view_mut();
            for (axis, (&at, &len)) in to.iter().zip(&from.shape).enumerate() {
                part.slice_axis_inplace(Axis(axis), Slice::from(at..at + len));
            }
            ndarray::Zip::from(&mut part).and(&from.view::<S>()).for_each(|to, from| *to = *from);
        }
        Ok(Block::from_buffer(out, shape))
    }
    fn select(
        &self,
        shape: Dims,
        axis: usize,
        blocks: &[Block],
        next: Next<'_>,
    ) -> Result<Block, Error> {
        let mut out = crate::pool::buffer(&shape, (self.0)())?;
        pick(&mut out, &shape, axis, blocks, next);
        Ok(Block::from_buffer(out, shape))
    }
    fn registers(&self, elements: usize) -> Register {
        Box::new(vec![(self.0)(); elements])
    }
    fn turn(
        &self,
        block: &Block,
        walk: &Walk,
        along: usize,
        rows: Range<usize>,
        columns: Range<usize>,
        register: &mut Register,
    ) {
        walk.copy_turned(block.memory::<S>(), along, rows, columns, vec_mut::<S>(register));
    }
    fn copy_part(&self, from: &Register, part: Range<usize>, to: &mut Register, at: usize) {
        let part = elements(from, part.start, part.len());
        vec_mut::<S>(to)[at..at + part.len()].copy_from_slice(part);
    }
    fn replaced(
        &self,
        shape: Dims,
        whole: &Piece,
        new: &Block,
        place: &[usize],
        map: &Map,
    ) -> Result<Block, Error> {
        let mut out = crate::pool::buffer(&shape, (self.0)())?;
        for (to, from) in out.iter_mut().zip(&whole.from.view::<S>()) {
            *to = *from;
        }
        // Where elements of `new` stand in `out`, axis by axis of `new`.
        let strides = c_strides(&shape);
        let mut along: SmallVec<[isize; 4]> = SmallVec::from_elem(0, new.shape.len());
        for (axis, &stride) in map.0.iter().zip(&strides) {
            if let Some(of) = axis.of {
                along[of] = axis.step * stride;
            }
        }
        let start = place.iter().zip(&strides).map(|(&at, &stride)| at * stride as usize).sum();
        let values = new.memory::<S>();
        Walk::new(start, &new.shape, &along).runs(0, new.len(), |at, step, run| {
            let mut at = at;
            for value in &values[new.offset..][run] {
                out[at] = *value;
                at = at.wrapping_add_signed(step);
            }
        });
        Ok(Block::from_buffer(out, shape))
    }
    fn copy(&self, tile: &mut Tile<'_>, from: Arg) {
        tile.write::<S>(Dest::Target, |tile, out| match tile.operand::<S>(from) {
            Operand::Slice(values) => out.copy_from_slice(&values),
            Operand::Splat(value) => out.fill(value),
        });
    }
}

fn downcast<T: 'static>(any: Register) -> Box<T> {
    any.downcast().unwrap_or_else(|_| unreachable!("programs are made with types that fit"))
}
fn vec_mut<S: 'static>(register: &mut Register) -> &mut Vec<S> {
    register.downcast_mut().expect("programs are made with types that fit")
}

fn elements<S: 'static>(register: &Register, from: usize, n: usize) -> &[S] {
    let all = register.downcast_ref::<Vec<S>>().expect("programs are made with types that fit");
    &all[from..from + n]
}

/// Cuts a chunk into tiles, with `(start, n)` of each in C order: whole pieces of rows, or several rows, unless rows don't matter.
pub(crate) fn tiles(
    len: usize,
    row: usize,
    mut tile: impl FnMut(usize, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    if len == 0 {
        return Ok(());
    }
    let (row, most) = match row {
        row if row >= ROW_MIN => (row, row.div_ceil(row.div_ceil(TILE))),
        row => (len, TILE / row * row),
    };
    for first in (0..len).step_by(row) {
        let end = first + row;
        for start in (first..end).step_by(most) {
            tile(start, most.min(end - start))?;
        }
    }
    Ok(())
}

/// What a step reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arg {
    Register(usize),
    Leaf(usize),
    Constant(usize),
}

/// What a step writes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dest {
    Register(usize),
    /// The chunk itself, where the tile is.
    Target,
}

/// Elements of a tile.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a, S> {
    Slice(Values<'a, S>),
    /// The same for all.
    Splat(S),
}

/// Where a leaf's elements of this tile are.
#[derive(Clone, Copy)]
pub(crate) enum Loaded {
    /// In the block, from this position on.
    Direct(usize),
    /// One element of the block for all.
    Splat(usize),
    /// In this patch of what is turned, from this position on.
    Patch(usize, usize),
    /// In the leaf's register.
    Copied,
}

/// Where a leaf's elements come from.
pub(crate) enum Origin<'a> {
    Block(&'a Block),
    /// A block that is read across the order in which it lies.
    Turned(Turned<'a>),
    /// Made where they are needed.
    Generated(&'a dyn Generated),
}

/// Elements that follow from where they stand in the array, counted in C order.
pub(crate) trait Generated: Send + Sync {
    /// Makes those that the walk leads to.
    fn fill(&self, walk: &Walk, start: usize, n: usize, register: &mut Register);
    /// Whether neighbours are made together, so that others take much longer.
    fn goes_by_stretches(&self) -> bool {
        false
    }
    /// What it takes once, when the first element is made: `works` until that is there, `keeps` as long as there is the array.
    fn effort(&self) -> Effort {
        Effort::default()
    }
}

/// A leaf of the program, for the chunk at hand.
pub(crate) struct Leaf<'a> {
    pub(crate) origin: Origin<'a>,
    pub(crate) walk: Walk,
    pub(crate) of: &'static dyn Type,
    pub(crate) loaded: Loaded,
    pub(crate) register: Option<Register>,
}

impl Leaf<'_> {
    /// Puts the elements into the order in which they are read, where that saves time.
    pub(crate) fn turn(&mut self) {
        if let Origin::Block(block) = self.origin
            && let Some(turned) = Turned::new(block, &self.walk, self.of.size())
        {
            self.origin = Origin::Turned(turned);
        }
    }

    /// Gets the elements `start..start + n` of the chunk.
    fn load(&mut self, start: usize, n: usize) {
        let Leaf { origin, walk, of, loaded, register } = self;
        match origin {
            Origin::Turned(turned) => *loaded = turned.load(*of, walk, start, n, register),
            Origin::Generated(generated) => {
                generated.fill(walk, start, n, register.get_or_insert_with(|| of.register()));
                *loaded = Loaded::Copied;
            }
            Origin::Block(block) => {
                let mut first = None;
                walk.runs(start, n, |at, step, run| {
                    first.get_or_insert((at, step, run.len() == n));
                });
                *loaded = match first {
                    Some((at, 1, true)) => Loaded::Direct(at),
                    Some((at, 0, true)) => Loaded::Splat(at),
                    _ => {
                        of.load(
                            block,
                            walk,
                            start,
                            n,
                            register.get_or_insert_with(|| of.register()),
                        );
                        Loaded::Copied
                    }
                };
            }
        }
    }
}

/// What is wrong with an element of a tile, and which.
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) what: &'static str,
    pub(crate) remedy: &'static str,
}

/// A stretch of a chunk that is being computed.
pub(crate) struct Tile<'a> {
    pub(crate) leaves: Vec<Leaf<'a>>,
    pub(crate) registers: Vec<Option<Register>>,
    pub(crate) constants: &'a [Box<dyn Any + Send + Sync>],
    pub(crate) target: Option<Register>,
    /// Where it begins in the chunk, in C order.
    pub(crate) start: usize,
    pub(crate) n: usize,
    /// What a step found wrong.
    pub(crate) fault: Option<Fault>,
    /// Where the chunk begins, and its lengths.
    pub(crate) origin: Dims,
    pub(crate) shape: Dims,
}

impl Tile<'_> {
    /// Begins with the elements `start..start + n` of the chunk.
    pub(crate) fn begin(&mut self, start: usize, n: usize) {
        (self.start, self.n) = (start, n);
        for leaf in &mut self.leaves {
            leaf.load(start, n);
        }
    }

    /// The elements that `arg` stands for.
    pub(crate) fn operand<S: Copy + Send + Sync + 'static>(&self, arg: Arg) -> Operand<'_, S> {
        match arg {
            Arg::Constant(at) => {
                let value = self.constants[at].downcast_ref::<S>();
                Operand::Splat(*value.expect("programs are made with types that fit"))
            }
            Arg::Register(at) => Operand::Slice(self.read(self.registers[at].as_ref()).into()),
            Arg::Leaf(at) => {
                let leaf = &self.leaves[at];
                let block = match &leaf.origin {
                    Origin::Block(block) => Some(*block),
                    Origin::Turned(turned) => Some(turned.block()),
                    Origin::Generated(_) => None,
                };
                match (block, leaf.loaded) {
                    (_, Loaded::Patch(patch, from)) => {
                        let Origin::Turned(turned) = &leaf.origin else {
                            unreachable!("only what is turned has patches")
                        };
                        Operand::Slice(elements(turned.patch(patch), from, self.n).into())
                    }
                    (Some(block), Loaded::Direct(from)) => {
                        let values = &block.memory::<S>()[from..from + self.n];
                        Operand::Slice(Values::streamed(values))
                    }
                    (Some(block), Loaded::Splat(from)) => Operand::Splat(block.memory::<S>()[from]),
                    _ => Operand::Slice(self.read(leaf.register.as_ref()).into()),
                }
            }
        }
    }

    fn read<'b, S: 'static>(&self, register: Option<&'b Register>) -> &'b [S] {
        elements(register.expect("programs read what they have written"), 0, self.n)
    }

    /// Lets `f` write the elements that `dest` stands for.
    pub(crate) fn write<S: Copy + Send + Sync + 'static>(
        &mut self,
        dest: Dest,
        f: impl FnOnce(&mut Self, &mut [S]),
    ) {
        let (start, n) = (self.start, self.n);
        let place = |tile: &mut Self| match dest {
            Dest::Register(at) => std::mem::take(&mut tile.registers[at]),
            Dest::Target => tile.target.take(),
        };
        let mut register = place(self).expect("a step writes what no other step has in hand");
        let values = vec_mut::<S>(&mut register);
        match dest {
            Dest::Register(_) => f(self, &mut values[..n]),
            Dest::Target => f(self, &mut values[start..start + n]),
        }
        match dest {
            Dest::Register(at) => self.registers[at] = Some(register),
            Dest::Target => self.target = Some(register),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_chunk_once_and_keep_to_rows() {
        for (len, row) in [
            (0, 0),
            (0, 7),
            (0, 700),
            (1, 1),
            (5000, 5000),
            (3 * 1500, 1500),
            (7 * 100, 100),
            (10 * 256, 256),
            (4000, 1),
        ] {
            let mut end = 0;
            tiles(len, row, |start, n| {
                assert_eq!(start, end);
                assert!(n > 0 && n <= TILE);
                assert!(start / row == (start + n - 1) / row || (start % row == 0 && n % row == 0));
                end = start + n;
                Ok(())
            })
            .unwrap();
            assert_eq!(end, len);
        }
    }
}
