//! What a step does with the elements of a tile: one dynamic call for up to a thousand of them.
//!
//! In: functions of one, two or three elements, or of whole slices. Out: [`Kernel`]s, whose loops are compiled for each instruction set. An operand
//! that is one number for the whole tile stays a number: `x + 1` reads one slice.
//!
//! Not here: the functions themselves.

use crate::ahead::{BLOCK, Values};
use crate::simd::{self, MulAdd, dispatch};
use crate::tile::{Arg, Dest, Fault, Operand, Tile};
use std::marker::PhantomData;

/// What one step of a program does.
pub(crate) trait Kernel: Send + Sync {
    /// Reads `args`, writes `dest`.
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest);
    /// Whether it calls a function of the user's, which may take any time.
    fn is_users(&self) -> bool {
        false
    }
}

/// A kernel that calls a function of the user's.
pub(crate) struct Users<K>(pub(crate) K);

impl<K: Kernel> Kernel for Users<K> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        self.0.run(tile, args, dest);
    }
    fn is_users(&self) -> bool {
        true
    }
}

/// `f` of each element.
pub(crate) struct Map1<A, B, F>(F, PhantomData<fn(A) -> B>);
/// `f` of the elements of two operands.
pub(crate) struct Map2<A, B, C, F>(F, PhantomData<fn(A, B) -> C>);
/// `f` of the elements of three operands.
pub(crate) struct Map3<A, B, C, D, F>(F, PhantomData<fn(A, B, C) -> D>);
/// A function of slices, which has its own loop.
pub(crate) struct Whole<A, B>(pub(crate) fn(&[A], &mut [B]));
/// A function of two slices, which has its own loop.
pub(crate) struct Whole2<A, B>(pub(crate) fn(&[A], &[A], &mut [B]));
/// A quotient or remainder of integers: a division by zero is reported.
pub(crate) struct Checked<K, A>(pub(crate) K, pub(crate) fn(A) -> bool);

pub(crate) fn map1<A, B, F: Fn(A) -> B>(f: F) -> Map1<A, B, F> {
    Map1(f, PhantomData)
}
pub(crate) fn map2<A, B, C, F: Fn(A, B) -> C>(f: F) -> Map2<A, B, C, F> {
    Map2(f, PhantomData)
}
pub(crate) fn map3<A, B, C, D, F: Fn(A, B, C) -> D>(f: F) -> Map3<A, B, C, D, F> {
    Map3(f, PhantomData)
}

/// The loops have what they call by value: read through a reference in each turn, a number beside a slice would keep the compiler from making vectors.
struct Loop1<'a, A, B, F>(Values<'a, A>, &'a mut [B], F);
impl<A: Copy, B, F: Fn(A) -> B> simd::Kernel for Loop1<'_, A, B, F> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let Loop1(a, out, f) = self;
        for (out, a) in out.chunks_mut(BLOCK).zip(a.blocks()) {
            for (out, &a) in out.iter_mut().zip(a) {
                *out = f(a);
            }
        }
    }
}

struct Loop2<'a, A, B, C, F>(Values<'a, A>, Values<'a, B>, &'a mut [C], F);
impl<A: Copy, B: Copy, C, F: Fn(A, B) -> C> simd::Kernel for Loop2<'_, A, B, C, F> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let Loop2(a, b, out, f) = self;
        for ((out, a), b) in out.chunks_mut(BLOCK).zip(a.blocks()).zip(b.blocks()) {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = f(a, b);
            }
        }
    }
}

struct Loop3<'a, A, B, C, D, F>(Values<'a, A>, Values<'a, B>, Values<'a, C>, &'a mut [D], F);
impl<A: Copy, B: Copy, C: Copy, D, F: Fn(A, B, C) -> D> simd::Kernel for Loop3<'_, A, B, C, D, F> {
    type Output = ();
    #[inline(always)]
    fn run<M: MulAdd>(self) {
        let Loop3(a, b, c, out, f) = self;
        let blocks = a.blocks().zip(b.blocks()).zip(c.blocks());
        for (out, ((a, b), c)) in out.chunks_mut(BLOCK).zip(blocks) {
            for (((out, &a), &b), &c) in out.iter_mut().zip(a).zip(b).zip(c) {
                *out = f(a, b, c);
            }
        }
    }
}

/// Element types, without the traits that are of no matter here.
pub(crate) trait Plain: Copy + Send + Sync + 'static {}
impl<S: Copy + Send + Sync + 'static> Plain for S {}

impl<A: Plain, B: Plain, F: Fn(A) -> B + Send + Sync> Kernel for Map1<A, B, F> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        tile.write::<B>(dest, |tile, out| match tile.operand(args[0]) {
            Operand::Slice(a) => dispatch(Loop1(a, out, &self.0)),
            Operand::Splat(a) => out.fill_with(|| (self.0)(a)),
        });
    }
}

impl<A: Plain, B: Plain, C: Plain, F: Fn(A, B) -> C + Send + Sync> Kernel for Map2<A, B, C, F> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        let f = &self.0;
        tile.write::<C>(dest, |tile, out| match (tile.operand(args[0]), tile.operand(args[1])) {
            (Operand::Slice(a), Operand::Slice(b)) => dispatch(Loop2(a, b, out, f)),
            (Operand::Slice(a), Operand::Splat(b)) => dispatch(Loop1(a, out, move |a| f(a, b))),
            (Operand::Splat(a), Operand::Slice(b)) => dispatch(Loop1(b, out, move |b| f(a, b))),
            (Operand::Splat(a), Operand::Splat(b)) => out.fill_with(|| f(a, b)),
        });
    }
}

impl<A: Plain, B: Plain, C: Plain, D: Plain, F: Fn(A, B, C) -> D + Send + Sync> Kernel
    for Map3<A, B, C, D, F>
{
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        use Operand::{Slice, Splat};
        let f = &self.0;
        tile.write::<D>(dest, |tile, out| {
            match (tile.operand(args[0]), tile.operand(args[1]), tile.operand(args[2])) {
                (Slice(a), Slice(b), Slice(c)) => dispatch(Loop3(a, b, c, out, f)),
                (Slice(a), Slice(b), Splat(c)) => {
                    dispatch(Loop2(a, b, out, move |a, b| f(a, b, c)))
                }
                (Slice(a), Splat(b), Slice(c)) => {
                    dispatch(Loop2(a, c, out, move |a, c| f(a, b, c)))
                }
                (Splat(a), Slice(b), Slice(c)) => {
                    dispatch(Loop2(b, c, out, move |b, c| f(a, b, c)))
                }
                (Slice(a), Splat(b), Splat(c)) => dispatch(Loop1(a, out, move |a| f(a, b, c))),
                (Splat(a), Slice(b), Splat(c)) => dispatch(Loop1(b, out, move |b| f(a, b, c))),
                (Splat(a), Splat(b), Slice(c)) => dispatch(Loop1(c, out, move |c| f(a, b, c))),
                (Splat(a), Splat(b), Splat(c)) => out.fill_with(|| f(a, b, c)),
            }
        });
    }
}

impl<A: Plain, B: Plain> Kernel for Whole<A, B> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        tile.write::<B>(dest, |tile, out| match tile.operand(args[0]) {
            Operand::Slice(a) => (self.0)(&a, out),
            Operand::Splat(a) => {
                let Some((first, rest)) = out.split_first_mut() else { return };
                (self.0)(&[a], std::slice::from_mut(first));
                rest.fill(*first);
            }
        });
    }
}

impl<A: Plain, B: Plain> Kernel for Whole2<A, B> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        tile.write::<B>(dest, |tile, out| {
            let n = out.len();
            match (tile.operand(args[0]), tile.operand(args[1])) {
                (Operand::Slice(a), Operand::Slice(b)) => (self.0)(&a, &b, out),
                (Operand::Slice(a), Operand::Splat(b)) => (self.0)(&a, &vec![b; n], out),
                (Operand::Splat(a), Operand::Slice(b)) => (self.0)(&vec![a; n], &b, out),
                (Operand::Splat(a), Operand::Splat(b)) => {
                    let Some((first, rest)) = out.split_first_mut() else { return };
                    (self.0)(&[a], &[b], std::slice::from_mut(first));
                    rest.fill(*first);
                }
            }
        });
    }
}

impl<K: Kernel, A: Plain> Kernel for Checked<K, A> {
    fn run(&self, tile: &mut Tile<'_>, args: &[Arg], dest: Dest) {
        let wrong = match tile.operand::<A>(args[1]) {
            Operand::Slice(values) => values.iter().position(|&value| (self.1)(value)),
            Operand::Splat(value) => (tile.n > 0 && (self.1)(value)).then_some(0),
        };
        if let (Some(at), None) = (wrong, &tile.fault) {
            let remedy = "put another divisor there, as `y.equal(0).where_(1, &y)` does";
            tile.fault = Some(Fault { at, what: "an integer is divided by zero", remedy });
        }
        self.0.run(tile, args, dest);
    }
}
