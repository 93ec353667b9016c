//! The examples in dask.array's documentation, and those of the NumPy functions that it follows: the same inputs in the same chunks give what dask gives.
//!
//! `tests/numpy/dask_examples.py` has the examples, and `dask_examples.txt` what came of them. Each of its lines is looked for by one call here, and none may be left over.

mod found;

use ndarray::{
    Array1, Array2, ArrayD, ArrayView1, ArrayView2, Axis, Dimension, Ix1, Ix2, Ix3, IxDyn, NewAxis,
    arr0, arr1, arr2, s,
};
use std::cell::RefCell;
use std::collections::HashMap;
use taskweave_array::{Array, Blockwise, Boundary, Cast, Chunks, Element, Pad, concatenate, stack};
use taskweave_runtime::Graph;

/// Shapes and values, by name; what has been compared is taken out.
struct Dask(RefCell<HashMap<&'static str, ArrayD<f64>>>);

impl Dask {
    fn read() -> Dask {
        let line = |line: &'static str| {
            let mut words = line.split(' ');
            let (name, shape) = (words.next().unwrap(), words.next().unwrap());
            let values: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
            let shape: Vec<usize> = match shape {
                _ if name.ends_with(".chunks") => vec![values.len()],
                "-" => Vec::new(),
                shape => shape.split(',').map(|length| length.parse().unwrap()).collect(),
            };
            (name, ArrayD::from_shape_vec(shape, values).unwrap())
        };
        let lines = include_str!("../numpy/dask_examples.txt").lines();
        Dask(RefCell::new(lines.map(line).collect()))
    }

    fn compare(&self, name: &str, got: &ArrayD<f64>) {
        let want = self.0.borrow_mut().remove(name);
        let want =
            want.unwrap_or_else(|| panic!("dask says nothing of {name}, or it is read twice"));
        let is_close = |(a, b): (&f64, &f64)| {
            a == b || (a - b).abs() <= 2e-15 * b.abs() || a.is_nan() && b.is_nan()
        };
        let is_same = got.shape() == want.shape() && got.iter().zip(&want).all(is_close);
        assert!(is_same, "{name}: {got} here, {want} in dask");
    }

    #[track_caller]
    fn same<A: Element, D: Dimension + 'static>(&self, name: &str, array: Array<A, D>)
    where
        f64: Cast<A>,
    {
        match array.cast::<f64>().compute() {
            Ok(got) => self.compare(name, &got.into_dyn()),
            Err(error) => panic!("{name}: {error}"),
        }
    }

    fn chunks<A: Element, D: Dimension + 'static>(&self, name: &str, array: &Array<A, D>) {
        let lengths = (0..array.ndim()).flat_map(|axis| array.chunk_lengths(axis));
        let lengths: Vec<f64> = lengths.map(|length| length as f64).collect();
        self.compare(&format!("{name}.chunks"), &arr1(&lengths).into_dyn());
    }
}

fn of<const N: usize, A: Element>(values: [A; N], chunk: usize) -> Array<A, Ix1> {
    Array::from(arr1(&values)).rechunk(chunk)
}

fn rows<const N: usize, const M: usize, A: Element>(
    values: [[A; M]; N],
    chunk: usize,
) -> Array<A, Ix2> {
    Array::from(arr2(&values)).rechunk(chunk)
}

fn line(end: i64, chunk: usize) -> Array<i64, Ix1> {
    Array::arange(0, end, 1).rechunk(chunk)
}

#[test]
fn every_example_gives_what_it_gives_in_dask() {
    let dask = Dask::read();
    functions_of_blocks(&dask);
    blockwise(&dask);
    creation(&dask);
    elements(&dask);
    two_operands(&dask);
    logic(&dask);
    reductions(&dask);
    reductions_without_nan(&dask);
    order(&dask);
    shape(&dask);
    choice(&dask);
    joining(&dask);
    products(&dask);
    found::diagonals(&dask);
    found::places(&dask);
    found::counts(&dask);
    found::closeness_and_signs(&dask);
    found::subscripts(&dask);
    let mut left: Vec<&str> = dask.0.into_inner().into_keys().collect();
    left.sort_unstable();
    assert!(left.is_empty(), "dask's examples that nothing here asks for: {left:?}");
}

fn functions_of_blocks(dask: &Dask) {
    let x = line(6, 3);
    dask.same("map_blocks", x.map_blocks(|x, _| &x * 2));
    let d = line(5, 2);
    dask.same("map_blocks.two", d.zip_blocks(&d, |a, b| &a + &(&b * &b)));
    let halves = x.map_blocks_to(vec![vec![2, 2]], |x, _| x.slice(s![..;2]).to_owned());
    dask.same("map_blocks.halves", halves);
    let a = line(18, 6);
    let firsts = a.map_blocks_to(vec![vec![3; 3]], |x, _| x.slice(s![..3]).to_owned());
    dask.same("map_blocks.firsts", firsts);
    let new = a.map_blocks_to(vec![vec![1], vec![6; 3], vec![1]], |x, _| {
        x.slice(s![NewAxis, .., NewAxis]).to_owned()
    });
    dask.chunks("map_blocks.new_axes", &new);
    dask.same("map_blocks.new_axes", new);
    let most = |x: Array<i64, Ix1>| {
        x.map_blocks_to(vec![vec![1; 10]], |x, _| arr1(&[x.iter().copied().max().unwrap()]))
    };
    let maxima = stack(Axis(1), &[most(line(1000, 100)), most(line(100, 10))]);
    dask.same("map_blocks.maxima", maxima.flatten());
    let places = Array::from_blocks([8], 4, |place| {
        let first = place.origin[0] as f64;
        Array1::from_iter((0..4).map(|at| first + f64::from(at)))
    });
    dask.same("map_blocks.places", places);
    let ones = Array::<i64, _>::ones([10]);
    dask.same("map_blocks.scalar", ones.map_blocks_to(vec![], |x, _| arr0(x.sum())));

    let x = of([1, 1, 2, 3, 3, 3, 2, 1, 1], 5);
    let derivative = x.map_overlap(&[1], Boundary::Constant(0), |x| {
        Array1::from_shape_fn(x.len(), |i| x[i] - x[(i + x.len() - 1) % x.len()])
    });
    dask.same("map_overlap.derivative", derivative);
    let d = line(16, 16).reshape([4, 4]).rechunk(2);
    let sizes = d.map_overlap(&[1, 1], Boundary::Reflect, |x| &x + x.len() as i64);
    dask.same("map_overlap.size", sizes);
    dask.same("map_overlap.row", d.map_overlap(&[1, 1], Boundary::Reflect, |x| &x + &x.row(2)));
    let sizes = |x: ArrayView2<'_, i64>| &x + x.len() as i64;
    let mixed = [Boundary::Reflect, Boundary::None];
    dask.same("map_overlap.axes", d.map_overlap(&[1, 1], mixed, sizes));
    let d = line(64, 64).reshape([8, 8]).rechunk(4);
    let mixed = [Boundary::Constant(100), Boundary::Reflect];
    let sums = d.map_overlap_into(&[2, 1], mixed, |x, _, mut out| out.fill(x.sum()));
    dask.same("map_overlap.sums", sums);

    let b = rows([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], 2);
    let ends = |a: ArrayView1<'_, f64>| (a[0] + a[a.len() - 1]) * 0.5;
    dask.same("apply_along_axis.0", b.map_axis(Axis(0), ends));
    dask.same("apply_along_axis.1", b.map_axis(Axis(1), ends));
    let sorted = rows([[8, 1, 7], [4, 3, 9], [5, 2, 6]], 2);
    let sorted = sorted.map_axis_into(Axis(1), 3, |row, mut out| {
        out.assign(&row);
        out.as_slice_mut().unwrap().sort_unstable();
    });
    dask.same("apply_along_axis.sorted", sorted);
    let squares = |x: ArrayView2<'_, f64>, _: &_| x.iter().map(|x| x * x).sum::<f64>();
    let sum = |a: f64, b: f64| a + b;
    dask.same("reduction.all", b.reduction(squares, sum, f64::sqrt));
    dask.same("reduction.0", b.reduction_axis(Axis(0), squares, sum, f64::sqrt));
    dask.same("reduction.1.kept", b.over([1]).keep_dims().reduction(squares, sum, f64::sqrt));
    let graph = Graph::build(|graph| graph.value(5).map(Array1::<f64>::ones));
    dask.same("from_delayed", Array::from_graphs([5], 5, vec![graph]));
}

fn blockwise(dask: &Dask) {
    let x = Array::from(arr2(&[[1, 2], [3, 4]])).rechunk([1, 2]);
    let y = rows([[10, 20], [0, 0]], 2);
    let both = || Blockwise::new("ij").with(&x, "ij");
    dask.same("blockwise.add", both().with(&y, "ij").map(|x, y| &x + &y));
    dask.same("blockwise.mixed", both().with(&y, "ji").map(|x, y| &x + &y.t()));
    dask.same("blockwise.number", both().map(|x| &x + 1234));
    let (a, b) = (of([0, 1, 2], 1), of([10, 50, 100], 1));
    let outer = Blockwise::new("ij")
        .with(&a, "i")
        .with(&b, "j")
        .map(|a, b| Array2::from_shape_fn((a.len(), b.len()), |(i, j)| a[i] * b[j]));
    dask.same("blockwise.outer", outer);
    let turned = Blockwise::new("ji").with(&x, "ij").map(|x| x.t().to_owned());
    dask.same("blockwise.transpose", turned);
    let dot = Blockwise::new("").with(&a, "i").with(&b, "i").map(|a, b| arr0(a.dot(&b)));
    dask.same("blockwise.dot", dot);
    let wide = |a: ArrayView1<'_, i32>| Array2::from_shape_fn((a.len(), 5), |(i, _)| a[i]);
    let of_a = || Blockwise::new("az").with(&a, "a");
    dask.same("blockwise.new_axis", of_a().new_axis('z', [5]).map(wide));
    let new_axes = of_a().new_axis('z', [5, 5]).map(wide);
    dask.chunks("blockwise.new_axes", &new_axes);
    dask.same("blockwise.new_axes", new_axes);
    let twice = both()
        .adjust_chunks('i', |n| 2 * n)
        .map(|x| ndarray::concatenate(Axis(0), &[x, x]).unwrap());
    dask.chunks("blockwise.adjusted", &twice);
    dask.same("blockwise.adjusted", twice);
}

fn creation(dask: &Dask) {
    dask.same("arange", line(3, 2));
    dask.same("arange.float", Array::arange(0.0, 3.0, 1.0).rechunk(2));
    dask.same("arange.from", Array::arange(3, 7, 1).rechunk(2));
    dask.same("arange.step", Array::arange(3, 7, 2).rechunk(2));
    dask.same("linspace", Array::linspace(2.0, 3.0, 5).rechunk(2));
    dask.same("eye", Array::<f64, _>::eye(2).rechunk(1));
    dask.same("full", Array::from_elem([2, 2], f64::INFINITY).rechunk(1));
    dask.same("full.10", Array::from_elem([2, 2], 10).rechunk(1));
    dask.same("ones", Array::<f64, _>::ones([2, 1]));
    dask.same("zeros", Array::<f64, _>::zeros([5]).rechunk(2));
    dask.same("full_like", Array::arange(0.0, 6.0, 1.0).mapv(|_| 0.1));
    let sums = Array::<i64, Ix2>::from_fn([3, 3], |[i, j]| (i + j) as i64);
    dask.same("fromfunction", sums.rechunk(2));
    let equal = Array::<bool, Ix2>::from_fn([3, 3], |[i, j]| i == j);
    dask.same("fromfunction.equal", equal.rechunk(2));
    let along = |axis: usize| Array::<u64, Ix2>::from_fn([2, 3], move |at| at[axis] as u64);
    dask.same("indices", stack(Axis(0), &[along(0), along(1)]));
    dask.same("asarray", Array::from(arr2(&[[1, 2, 3], [4, 5, 6]])));
}

fn elements(dask: &Dask) {
    use std::f64::consts::{E, PI};
    dask.same("log", of([1.0, E, E.powi(2), 0.0], 2).ln());
    dask.same("log2", of([0.0, 1.0, 2.0, 16.0], 2).log2());
    dask.same("log10", of([1e-15, -3.0], 2).log10());
    dask.same("log1p", of([1e-99], 2).ln_1p());
    dask.same("expm1", of([1e-10], 2).exp_m1());
    dask.same("exp2", of([2.0, 3.0], 2).exp2());
    dask.same("sqrt", of([1.0, 4.0, 9.0], 2).sqrt());
    dask.same("cbrt", of([1.0, 8.0, 27.0], 2).cbrt());
    dask.same("square", of([-1.5, 2.0], 2).powi(2));
    dask.same("power", Array::arange(0.0, 6.0, 1.0).rechunk(3).powi(3));
    dask.same("exp", Array::linspace(-2.0 * PI, 2.0 * PI, 100).rechunk(33).exp());
    let degrees = of([0.0, 30.0, 45.0, 60.0, 90.0], 2);
    dask.same("deg2rad", degrees.mapv(f64::to_radians));
    let angles = degrees * PI / 180.0;
    dask.same("sin", angles.sin());
    dask.same("cos", angles.cos());
    dask.same("tan", angles.tan());
    dask.same("sinh", angles.sinh());
    dask.same("cosh", angles.cosh());
    dask.same("tanh", angles.tanh());
    let ends = of([1.0, -1.0, 0.0], 2);
    dask.same("arcsin", ends.asin());
    dask.same("arccos", ends.acos());
    dask.same("arctan", ends.atan());
    dask.same("arcsinh", of([E, 10.0], 2).asinh());
    dask.same("arccosh", of([E, 10.0], 2).acosh());
    dask.same("arctanh", of([0.0, -0.5], 2).atanh());
    let fractions = of([-1.7, -1.5, -0.2, 0.2, 1.5, 1.7, 2.0], 2);
    dask.same("rint", fractions.round());
    dask.same("trunc", fractions.trunc());
    dask.same("floor", fractions.floor());
    dask.same("ceil", fractions.ceil());
    dask.same("absolute", of([-1.2, 1.2], 2).abs());
    dask.same("sign", of([-5.0, 4.5], 2).signum());
    dask.same("clip", line(10, 3).clip(1, 8));
}

fn two_operands(dask: &Dask) {
    let x = Array::arange(0.0, 9.0, 1.0).rechunk(4).reshape([3, 3]);
    let y = Array::arange(0.0, 3.0, 1.0).rechunk(2);
    dask.same("add", &x + &y);
    dask.same("subtract", &x - &y);
    dask.same("multiply", &x * &y);
    dask.same("divide", &x / &y);
    dask.same("floor_divide", (of([1.0, 2.0, 3.0, 4.0], 2) / 2.5).floor());
    dask.same("remainder", line(7, 3) % 5);
    let bases = Array::arange(0.0, 6.0, 1.0).rechunk(3);
    dask.same("power.each", bases.powf(&of([1.0, 2.0, 3.0, 3.0, 2.0, 1.0], 2)));
    let (y, x) = (of([-1.0, -1.0, 1.0, 1.0], 2), of([-1.0, 1.0, 1.0, -1.0], 2));
    dask.same("arctan2", y.atan2(&x) * 180.0 / std::f64::consts::PI);
    let inf = f64::INFINITY;
    let zeros = of([0.0, 0.0, inf], 2).atan2(&of([0.0, -0.0, inf], 2));
    dask.same("arctan2.zeros", zeros);
    let (three, four) = (Array::<f64, _>::ones([3, 3]).rechunk(2) * 3.0, Array::ones([3, 3]) * 4.0);
    dask.same("hypot", three.hypot(&four));
    let nan = f64::NAN;
    let pairs = |name: &str, f: fn(&Array<f64, Ix2>, &Array<f64, Ix2>) -> Array<f64, Ix2>| {
        let wide = |x: Array<f64, Ix1>| x.insert_axis(Axis(0));
        let plain = f(&wide(of([2.0, 3.0, 4.0], 2)), &wide(of([1.0, 5.0, 2.0], 2)));
        dask.same(name, plain.remove_axis(Axis(0)));
        let of_rows = f(&Array::eye(2).rechunk(1), &wide(of([0.5, 2.0], 2)));
        dask.same(&format!("{name}.rows"), of_rows);
        let with_nan = f(&wide(of([nan, 0.0, nan], 2)), &wide(of([0.0, nan, nan], 2)));
        dask.same(&format!("{name}.nan"), with_nan.remove_axis(Axis(0)));
    };
    pairs("maximum", |x, y| x.maximum(y));
    pairs("minimum", |x, y| x.minimum(y));
    pairs("fmax", |x, y| x.zip_with(y, f64::max));
    pairs("fmin", |x, y| x.zip_with(y, f64::min));
}

fn logic(dask: &Dask) {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    dask.same("isnan", of([nan, 1.0, -inf], 2).is_nan());
    dask.same("isfinite", of([nan, 1.0, -inf], 2).is_finite());
    dask.same("isinf", of([inf, -inf, 1.0, nan], 2).is_infinite());
    let x = line(5, 2);
    dask.same("logical_and", x.gt(1) & x.lt(4));
    dask.same("logical_or", x.lt(1) | x.gt(3));
    dask.same("logical_xor", x.lt(1) ^ x.gt(3));
    dask.same("logical_not", !x.lt(3));
    let (x, y) = (of([4, 2, 1], 2), of([2, 2, 2], 2));
    dask.same("greater", x.gt(&y));
    dask.same("greater_equal", x.ge(&y));
    dask.same("less", x.lt(&y));
    dask.same("less_equal", x.le(&y));
    dask.same("equal", x.equal(&y));
    dask.same("not_equal", of([1.0, 2.0], 2).not_equal(&of([1.0, 3.0], 2)));
    let a = line(10, 4);
    dask.same("where", a.lt(5).where_(&a, &(&a * 10)));
    let mask = rows([[true, false], [true, true]], 2);
    let chosen = mask.where_(&rows([[1, 2], [3, 4]], 1), &rows([[9, 8], [7, 6]], 2));
    dask.same("where.arrays", chosen);
    let (x, y) = (of([1e10, 1e-8], 2), of([1e10, 1e-8], 1));
    dask.same("allclose", (x - y).abs().le(0.0).all());
    dask.same("any.all", rows([[true, false], [true, true]], 1).any());
    let wide = rows([[true, false, true], [false, false, false]], 2);
    dask.same("any.0", wide.any_axis(Axis(0)));
    let x = rows([[true, false], [true, true]], 1);
    dask.same("all.all", x.all());
    dask.same("all.0", x.all_axis(Axis(0)));
}

/// A reduction of all, and along each of two axes.
macro_rules! forms {
    ($dask:ident, $label:literal, $x:expr, $name:ident, $axis:ident $(, $argument:expr)?) => {{
        let x = &$x;
        $dask.same(concat!($label, ".all"), x.$name($($argument)?));
        $dask.same(concat!($label, ".0"), x.$axis(Axis(0) $(, $argument)?));
        $dask.same(concat!($label, ".1"), x.$axis(Axis(1) $(, $argument)?));
    }};
}

fn reductions(dask: &Dask) {
    forms!(dask, "sum", rows([[0, 1], [0, 5]], 1), sum, sum_axis);
    let a = rows([[1, 2], [3, 4]], 1);
    forms!(dask, "mean", a, mean, mean_axis);
    forms!(dask, "var", a, var, var_axis, 0.0);
    forms!(dask, "std", a, std, std_axis, 0.0);
    forms!(dask, "prod", a, prod, prod_axis);
    dask.same("mean.kept", a.over([1]).keep_dims().mean());
    dask.same("std.ddof", a.std(1.0));
    let twelve = rows([[14, 8, 11, 10], [7, 9, 10, 11], [10, 15, 5, 10]], 2);
    forms!(dask, "var.12", twelve, var, var_axis, 0.0);
    let a = line(6, 3).reshape([2, 3]) + 10;
    forms!(dask, "argmin", a, argmin, argmin_axis);
    forms!(dask, "argmax", a, argmax, argmax_axis);
    dask.same("argmax.first", of([0, 5, 2, 3, 4, 5], 2).argmax());
    dask.same("argmin.first", of([10, 11, 12, 13, 10, 15], 2).argmin());
    let a = line(4, 2).reshape([2, 2]);
    forms!(dask, "min", a, min, min_axis);
    forms!(dask, "max", a, max, max_axis);
    let x = rows([[4, 9, 2, 10], [6, 9, 7, 12]], 2);
    dask.same("ptp.all", x.max() - x.min());
    dask.same("ptp.0", x.max_axis(Axis(0)) - x.min_axis(Axis(0)));
    dask.same("ptp.1", x.max_axis(Axis(1)) - x.min_axis(Axis(1)));
    let x = rows([[0, 1, 7, 0], [3, 0, 2, 19]], 2);
    forms!(dask, "count_nonzero", x, count_nonzero, count_nonzero_axis);
    dask.same("count_nonzero.eye", Array::<f64, _>::eye(4).rechunk(3).count_nonzero());
    let (x, w) = (Array::arange(1.0, 11.0, 1.0), Array::arange(10.0, 0.0, -1.0));
    let (x, w) = (x.rechunk(4), w.rechunk(4));
    dask.same("average", (&x * &w).sum() / w.sum());
    let cube = line(24, 7).reshape([2, 3, 4]);
    dask.same("apply_over_axes", cube.over([0, 2]).keep_dims().sum());
}

fn reductions_without_nan(dask: &Dask) {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let b = of([0.0, 1.0, nan, 3.0, 4.0], 2);
    dask.same("min.nan", b.min());
    dask.same("max.nan", b.max());
    dask.same("nanmin.nan", b.nanmin());
    dask.same("nanmax.nan", b.nanmax());
    forms!(dask, "nansum", rows([[1.0, 1.0], [1.0, nan]], 1), nansum, nansum_axis);
    let x = rows([[1.0, 2.0], [3.0, nan]], 1);
    forms!(dask, "nanprod", x, nanprod, nanprod_axis);
    forms!(dask, "nanmin", x, nanmin, nanmin_axis);
    forms!(dask, "nanmax", x, nanmax, nanmax_axis);
    let x = rows([[1.0, nan], [3.0, 4.0]], 1);
    forms!(dask, "nanmean", x, nanmean, nanmean_axis);
    forms!(dask, "nanvar", x, nanvar, nanvar_axis, 0.0);
    forms!(dask, "nanstd", x, nanstd, nanstd_axis, 0.0);
    dask.same("nansum.inf", of([1.0, nan, inf], 2).nansum());
    dask.same("nanmin.inf", of([1.0, 2.0, nan, -inf], 2).nanmin());
}

fn order(dask: &Dask) {
    let x = rows([[10.0, 7.0, 4.0], [3.0, 2.0, 1.0]], 2);
    dask.same("median.0", x.median_axis(Axis(0)));
    dask.same("median.1", x.median_axis(Axis(1)));
    let d = of([5, 1, 3, 6], 2);
    dask.same("topk", d.topk(2, Axis(0)));
    dask.same("topk.least", -(-&d).topk(2, Axis(0)));
    let x = Array::arange(0.0, 10_000.0, 1.0).rechunk(10);
    dask.same("histogram", x.histogram(10, 0.0, 10_000.0));
    dask.same("histogram.bins", Array::linspace(0.0, 10_000.0, 11));
    dask.same("histogram.two", x.histogram(2, 0.0, 10_000.0));
    dask.same("bincount", of([0, 1, 1, 3, 2, 1, 7], 3).bincount(8));
    let unique = of([1, 1, 2, 2, 3, 3], 2).unique().unwrap().compute().unwrap();
    dask.same("unique", Array::from(unique));
    let a = rows([[1, 2, 3], [4, 5, 6]], 2);
    dask.same("cumsum.0", a.cumsum(Axis(0)));
    dask.same("cumsum.1", a.cumsum(Axis(1)));
    dask.same("cumprod.0", a.cumprod(Axis(0)));
    dask.same("cumprod.1", a.cumprod(Axis(1)));
    let x = of([1, 2, 4, 7, 0], 2);
    dask.same("diff", x.diff(Axis(0)));
    dask.same("diff.2", x.diff(Axis(0)).diff(Axis(0)));
    dask.same("diff.0", rows([[1, 3, 6, 10], [0, 5, 6, 8]], 2).diff(Axis(0)));
}

fn shape(dask: &Dask) {
    let x = Array::<f64, _>::ones([1000, 1000]).rechunk(100);
    dask.chunks("rechunk.columns", &x.rechunk([1000, 10]));
    dask.chunks("rechunk.0", &x.rechunk([1000, 100]));
    dask.chunks("rechunk.400", &x.rechunk([400, 1000]));
    let given = Array::<f64, _>::zeros([100, 6]).rechunk(Chunks::lengths([vec![67, 33], vec![6]]));
    dask.chunks("from_array", &given);
    let x = line(120, 120).reshape([6, 5, 4]).rechunk([3, 2, 2]);
    dask.same("reshape.split", x.reshape([3, 2, 5, 4]));
    dask.same("reshape.merge", x.reshape([30, 4]));
    dask.same("ravel", rows([[1, 2, 3], [4, 5, 6]], 2).flatten());
    let x = Array::from(ndarray::arr3(&[[[0], [1], [2]]])).rechunk(2);
    dask.same("squeeze", x.remove_axis(Axis(2)).remove_axis(Axis(0)));
    dask.same("squeeze.0", x.remove_axis(Axis(0)));
    dask.same("expand_dims.0", of([1, 2], 1).insert_axis(Axis(0)));
    dask.same("expand_dims.1", of([1, 2], 1).insert_axis(Axis(1)));
    dask.same("broadcast_to", of([1, 2, 3], 2).broadcast([3, 3]));
    let a = line(8, 3).reshape([2, 2, 2]);
    dask.same("flip.0", a.invert_axis(Axis(0)));
    dask.same("flip.1", a.invert_axis(Axis(1)));
    dask.same("rot90", rows([[1, 2], [3, 4]], 1).t().invert_axis(Axis(0)));
    dask.same("swapaxes", a.swap_axes(0, 2));
    let x: Array<i64, Ix3> = line(60, 60).reshape([3, 4, 5]).rechunk(2);
    dask.same("moveaxis.last", x.permuted_axes([1, 2, 0]));
    dask.same("moveaxis.first", x.permuted_axes([2, 0, 1]));
    dask.same("rollaxis", x.permuted_axes([2, 0, 1]));
    dask.same("transpose", x.t());
    let x = line(10, 3);
    dask.same("roll", x.roll(2, Axis(0)));
    dask.same("roll.back", x.roll(-2, Axis(0)));
    dask.same("roll.rows", x.reshape([2, 5]).roll(1, Axis(0)));
    dask.same("roll.columns", x.reshape([2, 5]).roll(1, Axis(1)));
}

fn choice(dask: &Dask) {
    dask.same("take", of([4, 3, 5, 7, 6, 8], 2).select(Axis(0), &[0, 1, 4]));
    let x = rows([[1, 2], [3, 4], [5, 6]], 2);
    dask.same("compress", x.slice(s![..2, ..]).compress(Axis(0), &[false, true]));
    dask.same("compress.1", x.compress(Axis(1), &[false, true]));
    let x = of([-2, -1, 0, 1, 2], 2);
    let mask = x.le(0).compute().unwrap().to_vec();
    dask.same("mask", x.compress(Axis(0), &mask));
    let x = line(100, 20);
    dask.same("slice", x.slice(s![10..35]));
    dask.same("slice.3", x.slice(s![10..41;3]));
    dask.same("slice.40", x.slice(s![..;40]));
    dask.same("slice.back", x.slice(s![13..;-3]));
    dask.same("slice.one", x.index_axis(Axis(0), 25));
    dask.same("slice.list", x.select(Axis(0), &[5, 1, 47, 3]));
    dask.same("blocks.first", line(8, 2).slice(s![..6]));
    let x = line(8, 3).reshape([2, 4]);
    dask.same("setitem", x.assign(s![.., 1..3], &of([-88_i64, -99], 2)));
}

fn joining(dask: &Dask) {
    let (a, b) = (rows([[1, 2], [3, 4]], 1), rows([[5, 6]], 2));
    dask.same("concatenate.0", concatenate(Axis(0), &[a.clone(), b.clone()]));
    dask.same("concatenate.1", concatenate(Axis(1), &[a.clone(), b.t()]));
    let data: Vec<Array<f64, Ix2>> =
        (0..3).map(|i| Array::ones([4, 4]).rechunk(2) * f64::from(i)).collect();
    for axis in [0, 1] {
        let name = format!("concatenate.ones.{axis}");
        let joined = concatenate(Axis(axis), &data);
        dask.chunks(&name, &joined);
        dask.same(&name, joined);
        dask.same(&format!("stack.ones.{axis}"), stack(Axis(axis), &data));
    }
    dask.same("stack.ones.-1", stack(Axis(2), &data));
    let pair = [of([1, 2, 3], 2), of([4, 5, 6], 2)];
    dask.same("stack.0", stack(Axis(0), &pair));
    dask.same("stack.1", stack(Axis(1), &pair));
    dask.same("vstack", stack(Axis(0), &pair));
    dask.same("hstack", concatenate(Axis(0), &pair));
    dask.same("dstack", stack(Axis(1), &pair).insert_axis(Axis(0)));
    dask.same("repeat", a.repeat(3, Axis(1)));
    dask.same("tile", of([0, 1, 2], 2).tile(2, Axis(0)));
    dask.same("tile.matrix", rows([[1, 2], [3, 4]], 2).tile(2, Axis(1)));
    let a = of([1, 2, 3, 4, 5], 2);
    dask.same("pad.constant", a.pad(&[(2, 3)], Pad::Constant(4)));
    dask.same("pad.edge", a.pad(&[(2, 3)], Pad::Edge));
    dask.same("pad.reflect", a.pad(&[(2, 3)], Pad::Reflect));
    dask.same("pad.symmetric", a.pad(&[(2, 3)], Pad::Symmetric));
    dask.same("pad.wrap", a.pad(&[(2, 3)], Pad::Wrap));
    let ones = |lengths| Array::<f64, _>::ones([10]).rechunk(Chunks::lengths([lengths]));
    dask.same("unify_chunks", ones(vec![5, 2, 3]) + ones(vec![2, 3, 5]));
}

fn products(dask: &Dask) {
    let (a, b) = (rows([[1, 0], [0, 1]], 1), rows([[4, 1], [2, 2]], 2));
    dask.same("dot", a.dot(&b));
    dask.same("matmul.vector", a.dot(&of([1, 2], 1)));
    dask.same("matmul.before", of([1, 2], 1).dot(&b));
    let i = num_complex::Complex::<f64>::i();
    let z = of([i * 2.0, i * 3.0], 1).dot(&of([i * 2.0, i * 3.0], 2));
    dask.same("dot.complex", stack(Axis(0), &[z.mapv(|z| z.re), z.mapv(|z| z.im)]));
    let a = Array::arange(0.0, 60.0, 1.0).reshape([3, 4, 5]).rechunk(2);
    let b = Array::arange(0.0, 24.0, 1.0).reshape([4, 3, 2]).rechunk(2);
    dask.same("tensordot", a.tensordot(&b, [1, 0], [0, 1]));
    let four = rows([[1, 2], [3, 4]], 1).tensordot(&rows([[5, 6], [7, 8]], 2), [], []);
    let four: Array<_, IxDyn> = four.into_dyn();
    dask.same("tensordot.0", four);
    let outer = Array::ones([5]).rechunk(2).outer(Array::linspace(-2.0, 2.0, 5).rechunk(3));
    dask.same("outer", outer);
    dask.same("cov", rows([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]], 2).cov(1.0));
    let pair = [of([-2.1, -1.0, 4.3], 2), of([3.0, 1.1, 0.12], 2)];
    dask.same("cov.two", stack(Axis(0), &pair).cov(1.0));
    let variables = [
        [0.77395605, 0.43887844, 0.85859792],
        [0.69736803, 0.09417735, 0.97562235],
        [0.7611397, 0.78606431, 0.12811363],
    ];
    dask.same("corrcoef", rows(variables, 2).corrcoef());
    dask.same("diag", line(9, 9).reshape([3, 3]).rechunk(2).diag());
    dask.same("trace", Array::<f64, _>::eye(3).rechunk(2).trace());
    let x = Array::arange(0.0, 9.0, 1.0) - 4.0;
    dask.same("norm", x.rechunk(4).norm());
    dask.same("norm.matrix", x.reshape([3, 3]).rechunk(2).norm());
    let folder = std::env::temp_dir().join(format!("taskweave-dask-{}", std::process::id()));
    let x = Array::<f64, Ix3>::ones([5, 10, 10]).rechunk([2, 4, 4]);
    x.store_npy_stack(&folder).unwrap();
    dask.same("npy_stack", Array::<f64, Ix3>::from_npy_stack(&folder).over([1, 2]).sum());
    std::fs::remove_dir_all(&folder).unwrap();
}
