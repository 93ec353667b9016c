//! The same bits for any number of workers, of numbers whose sums and products are rounded.

use crate::given::Given;
use ndarray::{Axis, Dimension, Ix2, Ix3};
use num_complex::Complex;
use taskweave_array::{Array, Chunks, Element, Float, Random, Summed, einsum};
use taskweave_runtime::{InThread, Threads};

/// No workers, and one to eight of them.
struct Pools([Threads; 4]);

impl Pools {
    fn new() -> Pools {
        Pools([1, 2, 3, 8].map(Threads::new))
    }

    /// Asserts that all of them give the same.
    #[track_caller]
    fn agree<A: Bits, D: Dimension + 'static>(&self, name: &str, x: &Array<A, D>) {
        let bits = |a: ndarray::Array<A, D>| a.iter().flat_map(|x| x.bits()).collect::<Vec<u64>>();
        assert!(x.chunk_count() * x.len() > 0, "{name}: {x}");
        let once = bits(x.compute_on(&InThread).unwrap());
        for threads in &self.0 {
            let found = bits(x.compute_on(threads).unwrap());
            let workers = threads.threads().unwrap();
            assert!(found == once, "{name} with {workers} workers, {x}");
        }
    }
}

trait Bits: Element {
    fn bits(&self) -> [u64; 2];
}
impl Bits for f64 {
    fn bits(&self) -> [u64; 2] {
        [self.to_bits(), 0]
    }
}
impl Bits for f32 {
    fn bits(&self) -> [u64; 2] {
        [self.to_bits().into(), 0]
    }
}
impl Bits for Complex<f64> {
    fn bits(&self) -> [u64; 2] {
        [self.re.to_bits(), self.im.to_bits()]
    }
}

/// In uneven chunks, more along one axis than go together at once: as they lie in memory, made on the way, and in blocks of their own.
fn sources<A: Float>(seed: u64) -> [Array<A, Ix3>; 3] {
    let shape = [61, 13, 7];
    let made = Random::new(seed).normal::<A, Ix3>(shape);
    let lies = Array::from(made.compute().unwrap());
    let chunks = || Chunks::lengths([vec![1, 12, 3, 7, 8, 2, 9, 8, 10, 1], vec![4, 9], vec![2, 5]]);
    let blocks = lies.rechunk(chunks()).map_blocks(|block, _| block.to_owned());
    [lies.rechunk(chunks()), made.rechunk([17, 5, 4]), blocks.rechunk([13, 5, 7])]
}

fn reductions<A>(seed: u64)
where
    A: Float + Summed<Variance = A> + Bits,
{
    let pools = Pools::new();
    for (number, x) in sources::<A>(seed).into_iter().enumerate() {
        // Near 1, so that products stay in range; and with holes.
        let (near, holes) = (x.tanh().exp2(), x.sqrt());
        let weights = near.clone();
        // Each along several axes and along some others.
        let others = [vec![0], vec![1, 0], vec![2]][number].clone();
        for axes in [others, vec![0, 2], vec![0, 1, 2]] {
            let agree = |name: &str, x: &Array<A, ndarray::IxDyn>| {
                pools.agree(&format!("{name} along {axes:?}"), x);
            };
            let over = |x: &Array<A, Ix3>| x.over(&axes);
            agree("sum", &over(&x).sum());
            agree("prod", &over(&near).prod());
            agree("mean", &over(&x).mean());
            agree("var", &over(&x).var(1.0));
            agree("std", &over(&x).std(0.0));
            agree("nansum", &over(&holes).nansum());
            agree("nanprod", &over(&holes).nanprod());
            agree("nanmean", &over(&holes).nanmean());
            agree("nanvar", &over(&holes).nanvar(1.0));
            agree("nanstd", &over(&holes).nanstd(0.0));
            agree("average", &over(&x).average(&weights));
        }
        for axis in (0..3).map(Axis) {
            let agree = |name: &str, x: &Array<A, Ix3>| {
                pools.agree(&format!("{name} along {axis:?}"), x);
            };
            agree("cumsum", &x.cumsum(axis));
            agree("cumprod", &near.cumprod(axis));
            agree("nancumsum", &holes.nancumsum(axis));
            agree("nancumprod", &holes.nancumprod(axis));
        }
        pools.agree("norm", &x.norm());
        let centred = &x - x.mean();
        pools
            .agree("several passes", &((&centred / x.std(0.0)).sum_axis(Axis(1)) * centred.norm()));
    }
}

#[test]
fn reductions_and_running_sums_of_f64() {
    reductions::<f64>(1);
}

#[test]
fn reductions_and_running_sums_of_f32() {
    reductions::<f32>(2);
}

fn products<A: Float + Bits>(seed: u64) {
    let pools = Pools::new();
    let mut random = Random::new(seed);
    let lengths = Chunks::lengths([vec![3, 14, 1, 12], vec![40, 7, 100, 33, 20]]);
    let x = Array::from(random.normal::<A, Ix2>([30, 200]).compute().unwrap()).rechunk(lengths);
    let y = random.normal::<A, Ix2>([200, 25]).rechunk([23, 6]);
    let z = random.normal::<A, Ix3>([30, 25, 8]).rechunk([11, 4, 3]);
    pools.agree("cov", &x.cov(1.0));
    pools.agree("corrcoef", &x.corrcoef());
    pools.agree("dot", &x.dot(&y));
    pools.agree("a product of its own", &x.t().dot(&x));
    pools.agree("tensordot", &z.tensordot(&x.dot(&y), [0, 1], [0, 1]));
    pools.agree("tensordot of one axis", &z.tensordot(&x, [0], [0]));
    for subscripts in ["ij,jk->ik", "ij,jk->", "ij,jk->j", "ij,jk->kij"] {
        pools.agree(subscripts, &einsum(subscripts, (&x, &y)));
    }
    pools.agree("three operands", &einsum("ij,jk,ikl->l", (&x, &y, &z)));
    pools.agree("a diagonal", &einsum("ii->", &x.dot(&x.t())));
}

#[test]
fn products_of_matrices_and_einstein_sums() {
    products::<f64>(3);
    products::<f32>(4);
}

#[test]
fn weights_that_are_added_up_by_bins() {
    let pools = Pools::new();
    let mut given = Given::seed(5);
    let mut random = Random::new(5);
    let shape = [90, 80];
    let x = Array::from(random.normal::<f64, Ix2>(shape).compute().unwrap()).rechunk([17, 9]);
    let weights = Array::from(random.normal::<f64, Ix2>(shape).compute().unwrap());
    for _ in 0..4 {
        let weights = weights.rechunk(given.chunks(&shape));
        let edges = [-4.0, -1.5, -0.1, 0.0, 0.7, 3.0];
        pools.agree("histogram_weighted", &x.histogram_weighted(&weights, &edges));
        pools.agree("even bins", &x.histogram_weighted(&weights, (7, -2.0, 2.0)));
        pools.agree("histogram_density", &x.histogram_density(&edges));
        let bin = (x.abs() * 3.0).floor();
        pools.agree("bincount_weighted", &bin.bincount_weighted(&weights, 30));
    }
}

#[test]
fn means_of_integers_and_sums_of_complex_numbers() {
    let pools = Pools::new();
    let x = Random::new(6).integers(-1 << 40, 1 << 50, [70, 60]).rechunk([9, 7]);
    let thirds = x.cast::<f64>() / 3.0;
    let z = thirds.zip_with(&thirds.sin(), Complex::new);
    for axes in [vec![0], vec![1], vec![0, 1]] {
        pools.agree("mean", &x.over(&axes).mean());
        pools.agree("var", &x.over(&axes).var(1.0));
        pools.agree("nanstd", &x.over(&axes).nanstd(1.0));
        pools.agree("sum", &z.over(&axes).sum());
        pools.agree("mean", &z.over(&axes).mean());
        pools.agree("var", &z.over(&axes).var(0.0));
    }
    let units = &z / z.mapv(|z| Complex::new(z.norm(), 0.0));
    pools.agree("prod", &units.prod());
    pools.agree("cumprod", &units.cumprod(Axis(0)));
}

#[test]
#[cfg(feature = "linalg")]
fn singular_values_that_are_sampled() {
    fn check<A: taskweave_array::Decompose + Bits>(seed: u64) {
        let pools = Pools::new();
        let mut random = Random::new(seed);
        let lengths = Chunks::lengths([vec![50, 7, 90, 23], vec![60, 11, 29]]);
        let x = Array::from(random.normal::<A, Ix2>([170, 100]).compute().unwrap());
        let found = x.rechunk(lengths).svd_compressed(6, Default::default());
        pools.agree("u", &found.u);
        pools.agree("s", &found.s);
        pools.agree("vt", &found.vt);
        pools.agree("error", &found.error);
        let sides = random.normal::<A, ndarray::Ix1>([170]).rechunk(31);
        pools.agree("lstsq", &x.rechunk([40, 33]).lstsq(&sides));
    }
    check::<f64>(7);
    check::<f32>(8);
}

/// What the tests of this file would not see without it: the numbers are such that another order gives other bits.
#[test]
fn another_order_gives_other_bits() {
    let [x, ..] = sources::<f64>(1);
    let values: Vec<f64> = x.compute().unwrap().into_iter().collect();
    let forwards: f64 = values.iter().sum();
    let backwards: f64 = values.iter().rev().sum();
    assert!(forwards.to_bits() != backwards.to_bits());
}
