//! Arithmetic on handles: `a + b`, `a + 1.0`, `2.0 * a`, `-a`, `a += b` make tasks.
//!
//! Both sides are taken, as the operators of the values take them; the numeric types are `Copy`, so their handles
//! stay usable. Comparison is not here: a handle has no value to compare while the graph is built
//! ([`crate::language`]).

use super::handle::Delayed;
use super::node::TaskName;
use crate::task::step::Again;
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign,
    Mul, MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};
use std::panic::Location;

macro_rules! binary {
    ($($Op:ident $op:ident $OpAssign:ident $op_assign:ident $text:literal [$($N:ty)*];)*) => {$(
        const _: () = {
            struct Name;
            impl TaskName for Name {
                const NAME: &'static str = $text;
            }
            impl<'g, 'env, L, R> $Op<Delayed<'g, 'env, R>> for Delayed<'g, 'env, L>
            where
                L: $Op<R, Output: Send + Sync + 'static> + Send + Sync + 'static,
                R: Send + Sync + 'static,
            {
                type Output = Delayed<'g, 'env, L::Output>;
                #[track_caller]
                fn $op(self, right: Delayed<'g, 'env, R>) -> Self::Output {
                    let (_, builder) = self.parts();
                    let sources = (builder.take(&self), builder.take(&right));
                    let node = builder.push::<Name, _, _, L::Output>(
                        Location::caller(),
                        sources,
                        Again(|(left, right): (L, R)| Ok($Op::$op(left, right))),
                    );
                    Delayed::new(node, builder)
                }
            }
            // The handle becomes that of a new task: `sum += part(i)` is `sum = sum + part(i)`. Not for any `R` for which the handle has
            // the operator: another crate's operator could panic and leave a handle that was used up.
            impl<'g, 'env, L, R> $OpAssign<Delayed<'g, 'env, R>> for Delayed<'g, 'env, L>
            where
                L: $Op<R, Output = L> + Send + Sync + 'static,
                R: Send + Sync + 'static,
            {
                #[track_caller]
                fn $op_assign(&mut self, right: Delayed<'g, 'env, R>) {
                    *self = $Op::$op(self.again(), right);
                }
            }
            $(
                impl<'g, 'env> $OpAssign<$N> for Delayed<'g, 'env, $N> {
                    #[track_caller]
                    fn $op_assign(&mut self, right: $N) {
                        *self = $Op::$op(self.again(), right);
                    }
                }
                impl<'g, 'env> $Op<$N> for Delayed<'g, 'env, $N> {
                    type Output = Delayed<'g, 'env, $N>;
                    #[track_caller]
                    fn $op(self, right: $N) -> Self::Output {
                        let (_, builder) = self.parts();
                        let node = builder.push::<Name, _, _, $N>(
                            Location::caller(),
                            builder.take(&self),
                            Again(move |left: $N| Ok($Op::$op(left, right))),
                        );
                        Delayed::new(node, builder)
                    }
                }
                impl<'g, 'env> $Op<Delayed<'g, 'env, $N>> for $N {
                    type Output = Delayed<'g, 'env, $N>;
                    #[track_caller]
                    fn $op(self, right: Delayed<'g, 'env, $N>) -> Self::Output {
                        let (_, builder) = right.parts();
                        let node = builder.push::<Name, _, _, $N>(
                            Location::caller(),
                            builder.take(&right),
                            Again(move |right: $N| Ok($Op::$op(self, right))),
                        );
                        Delayed::new(node, builder)
                    }
                }
            )*
        };
    )*};
}
binary! {
    Add add AddAssign add_assign "+" [f64 f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Sub sub SubAssign sub_assign "-" [f64 f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Mul mul MulAssign mul_assign "*" [f64 f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Div div DivAssign div_assign "/" [f64 f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Rem rem RemAssign rem_assign "%" [f64 f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    BitAnd bitand BitAndAssign bitand_assign "&" [bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    BitOr bitor BitOrAssign bitor_assign "|" [bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    BitXor bitxor BitXorAssign bitxor_assign "^" [bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Shl shl ShlAssign shl_assign "<<" [i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
    Shr shr ShrAssign shr_assign ">>" [i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize];
}

macro_rules! unary {
    ($($Op:ident $op:ident $text:literal;)*) => {$(
        const _: () = {
            struct Name;
            impl TaskName for Name {
                const NAME: &'static str = $text;
            }
            impl<'g, 'env, T> $Op for Delayed<'g, 'env, T>
            where
                T: $Op<Output: Send + Sync + 'static> + Send + Sync + 'static,
            {
                type Output = Delayed<'g, 'env, T::Output>;
                #[track_caller]
                fn $op(self) -> Self::Output {
                    let (_, builder) = self.parts();
                    let node = builder.push::<Name, _, _, T::Output>(
                        Location::caller(),
                        builder.take(&self),
                        Again(|value: T| Ok($Op::$op(value))),
                    );
                    Delayed::new(node, builder)
                }
            }
        };
    )*};
}
unary! {
    Neg neg "-";
    Not not "!";
}
