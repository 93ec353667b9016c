//! Loops compiled once for each instruction set, and chosen when they run.
//!
//! In: a [`Kernel`], a loop over slices written plainly, so that the compiler makes vectors of it. Out: what it returns, computed with
//! AVX-512, AVX2 or the target's baseline, whichever the processor has. All of a kernel has to be inlined into the function
//! that has the instruction set's name on it, so everything it calls is `#[inline(always)]`, and it calls nothing dynamic.
//!
//! Not here: the kernels. Results may differ in the last bit from one instruction set to another (fused multiply-add), never
//! from one number of threads to another.

/// A multiply-add as the instruction set at hand does it best.
pub(crate) trait MulAdd: Copy {
    /// Whether it is rounded once.
    const IS_FUSED: bool;
    /// `a * b + c`, rounded once where that is one instruction, twice where it is not.
    fn mul_add<T: Fused>(a: T, b: T, c: T) -> T;
}

/// Has a fused multiply-add.
#[derive(Clone, Copy)]
pub(crate) struct OneRounding;
/// Has none: `mul_add` would be a call of a function.
#[derive(Clone, Copy)]
pub(crate) struct TwoRoundings;

/// Numbers with a fused multiply-add.
pub(crate) trait Fused:
    Copy + std::ops::Mul<Output = Self> + std::ops::Add<Output = Self>
{
    fn fused(self, b: Self, c: Self) -> Self;
}
impl Fused for f64 {
    #[inline(always)]
    fn fused(self, b: f64, c: f64) -> f64 {
        self.mul_add(b, c)
    }
}
impl Fused for f32 {
    #[inline(always)]
    fn fused(self, b: f32, c: f32) -> f32 {
        self.mul_add(b, c)
    }
}

impl MulAdd for OneRounding {
    const IS_FUSED: bool = true;
    #[inline(always)]
    fn mul_add<T: Fused>(a: T, b: T, c: T) -> T {
        a.fused(b, c)
    }
}
impl MulAdd for TwoRoundings {
    const IS_FUSED: bool = false;
    #[inline(always)]
    fn mul_add<T: Fused>(a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// A loop to be compiled for each instruction set.
pub(crate) trait Kernel {
    type Output;
    /// The loop. `#[inline(always)]`, or it is compiled for the baseline only.
    fn run<M: MulAdd>(self) -> Self::Output;
}

/// Runs `kernel` with the best instruction set that the processor has.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    struct Op<K>(K);
    impl<K: Kernel> pulp::WithSimd for Op<K> {
        type Output = K::Output;
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) -> K::Output {
            // What is not scalar here is AVX2 with FMA, AVX-512, or NEON.
            if const { S::IS_SCALAR } {
                self.0.run::<TwoRoundings>()
            } else {
                self.0.run::<OneRounding>()
            }
        }
    }
    pulp::Arch::new().dispatch(Op(kernel))
}
