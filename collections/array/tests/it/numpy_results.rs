//! Functions of NumPy, against its committed results, in several chunkings.

use ndarray::{Array1, Array2, ArrayD, Axis, IxDyn, MeshIndex};
use std::collections::HashMap;
use taskweave_array::{Array, Bins, Cast, Convolution, Element, Side, block, meshgrid};

/// The results of `tests/numpy/functions.py`, by name.
struct Numpy(HashMap<&'static str, ArrayD<f64>>);

impl Numpy {
    fn new() -> Numpy {
        let lines = include_str!("../numpy/functions.txt").lines();
        let line = |line: &'static str| {
            let mut words = line.split(' ');
            let (name, shape) = (words.next().unwrap(), words.next().unwrap());
            let shape: Vec<usize> = shape
                .split('x')
                .filter(|&len| len != "-")
                .map(|len| len.parse().unwrap())
                .collect();
            let values = words.map(|word| word.parse().unwrap()).collect();
            (name, ArrayD::from_shape_vec(IxDyn(&shape), values).unwrap())
        };
        Numpy(lines.map(line).collect())
    }

    fn line(&self, name: &str) -> Array1<f64> {
        self.0[name].clone().into_dimensionality().unwrap()
    }

    fn table(&self, name: &str) -> Array2<f64> {
        self.0[name].clone().into_dimensionality().unwrap()
    }

    #[track_caller]
    fn values(&self, name: &str, got: &ArrayD<f64>, what: &str) {
        let want = &self.0[name];
        let is_close = |(a, b): (&f64, &f64)| {
            a == b || (a - b).abs() <= 1e-12 * b.abs().max(1e-3) || a.is_nan() && b.is_nan()
        };
        let is_same = got.shape() == want.shape() && got.iter().zip(want).all(is_close);
        assert!(is_same, "{name}, {what}:\n{got}\n{want}");
    }

    /// Asserts that an array is what NumPy gave, but for rounding.
    #[track_caller]
    fn check<A: Element, D: ndarray::Dimension + 'static>(&self, name: &str, got: &Array<A, D>)
    where
        f64: Cast<A>,
    {
        let values = got.cast::<f64>().into_dyn().compute().unwrap();
        self.values(name, &values, &got.to_string());
    }
}

/// An array in several chunkings.
fn chunkings(values: &Array2<f64>) -> Vec<Array<f64, ndarray::Ix2>> {
    let array = Array::from(values.clone());
    [[5, 12], [2, 5], [1, 1], [5, 1], [3, 12]].map(|chunks| array.rechunk(chunks)).into()
}

#[test]
fn reductions() {
    let numpy = Numpy::new();
    let tables = ["a", "b", "w"].map(|name| chunkings(&numpy.table(name)));
    for ((a, b), w) in tables[0].iter().zip(&tables[1]).zip(&tables[2]) {
        for axis in [0, 1] {
            let check =
                |name: &str, got: Array<f64, IxDyn>| numpy.check(&format!("{name}{axis}"), &got);
            let along = Axis(axis);
            check("nanargmin", a.nanargmin_axis(along).cast().into_dyn());
            check("nanargmax", a.nanargmax_axis(along).cast().into_dyn());
            check("ptp", a.ptp_axis(along).into_dyn());
            check("average", b.average_axis(along, w).into_dyn());
            let row = if axis == 0 { w.index_axis(Axis(1), 3) } else { w.index_axis(Axis(0), 2) };
            check("average_row", b.average_axis(along, &row).into_dyn());
            check("nanmedian", a.nanmedian_axis(along).into_dyn());
            check("nanquantile", a.nanquantile_axis(along, 0.3).into_dyn());
            check("nancumsum", a.nancumsum(along).into_dyn());
            check("nancumprod", a.nancumprod(along).into_dyn());
            check("any", b.gt(9.0).over([axis]).keep_dims().any().cast().into_dyn());
            check("all", b.gt(-9.0).over([axis]).keep_dims().all().cast().into_dyn());
        }
        numpy.check("nanargmax", &a.nanargmax());
        numpy.check("nanmedian", &a.nanmedian());
        numpy.check("average", &b.average(w));
        numpy.check("ptp", &b.ptp());
    }
}

#[test]
fn order_along_an_axis_and_places() {
    let numpy = Numpy::new();
    let edges = Array::from(numpy.line("edges"));
    let bins: Vec<f64> = numpy.line("edges").to_vec();
    let falling: Vec<f64> = bins.iter().rev().copied().collect();
    let tables = ["a", "b", "c"].map(|name| chunkings(&numpy.table(name)));
    for ((a, b), c) in tables[0].iter().zip(&tables[1]).zip(tables[2].iter().rev()) {
        for axis in [0, 1] {
            let along = Axis(axis);
            numpy.check(&format!("sort{axis}"), &a.sort(along));
            numpy.check(&format!("argsort{axis}"), &b.argsort(along));
            numpy.check(&format!("argsort_nan{axis}"), &a.argsort(along));
            let taken = c.take_along_axis(&b.argsort(along), along);
            numpy.check(&format!("take_along{axis}"), &taken);
        }
        for edges in [edges.clone(), edges.rechunk(2), (&edges + 0.0).rechunk(1)] {
            numpy.check("searchsorted_left", &edges.searchsorted(a, Side::Left));
            numpy.check("searchsorted_right", &edges.searchsorted(a, Side::Right));
        }
        numpy.check("digitize_False", &a.digitize(&bins, false));
        numpy.check("digitize_True", &a.digitize(&bins, true));
        numpy.check("digitize_falling_False", &a.digitize(&falling, false));
        numpy.check("digitize_falling_True", &a.digitize(&falling, true));
        let test = Array::from(vec![7.0, -5.0, 9.4, f64::NAN, 0.0]);
        numpy.check("isin", &a.isin(&test.rechunk(2)));
        let unique = Array::from(b.unique().unwrap().compute().unwrap());
        numpy.check("unique_inverse", &unique.searchsorted(b, Side::Left));
    }
}

#[test]
fn counts_and_what_is_found() {
    let numpy = Numpy::new();
    let bins = Bins::between(numpy.line("edges").to_vec());
    let tables = ["a", "b", "c", "w"].map(|name| chunkings(&numpy.table(name)));
    for at in 0..tables[0].len() {
        let [a, b, c, w] = [&tables[0][at], &tables[1][at], &tables[2][4 - at], &tables[3][2]];
        numpy.check("histogram_edges", &a.histogram_in(&bins));
        numpy.check("histogram_even", &a.histogram(7, -8.0, 9.5));
        numpy.check("histogram_weighted", &b.histogram_weighted(w, &bins));
        numpy.check("histogram_density", &a.histogram_density(&[-8.0, -2.5, 0.0, 1.0, 6.0]));
        let single = a.cast::<f32>();
        numpy.check("histogram_density_f32", &single.histogram_density((6, -5.3, 6.1)));
        let edges = [-5.3, 0.7, 6.1];
        numpy.check("histogram_density_f32_edges", &single.histogram_density(&edges));
        let pairs = b.histogram2d(c, &[-10.0, -3.0, 0.0, 10.0], (4, -10.0, 20.0));
        numpy.check("histogram2d", &pairs);
        numpy.check("bincount_weighted", &(b + 10.0).bincount_weighted(w, 22));
        let (unique, counts) = a.round().unique_counts().unwrap().compute().unwrap();
        let what = a.to_string();
        numpy.values("unique", &unique.into_dyn(), &what);
        numpy.values("unique_counts", &counts.mapv(|n| n as f64).into_dyn(), &what);
        let places = b.flatnonzero().unwrap().compute().unwrap();
        numpy.values("flatnonzero", &places.mapv(|n| n as f64).into_dyn(), &what);
        let places = b.gt(8.0).argwhere().unwrap().compute().unwrap();
        numpy.values("argwhere", &places.mapv(|n| n as f64).into_dyn(), &what);
        let found = c.extract(&b.gt(5.0)).unwrap().compute().unwrap();
        numpy.values("extract", &found.into_dyn(), &what);
    }
}

#[test]
fn matrices_put_together() {
    let numpy = Numpy::new();
    let tables = ["b", "c"].map(|name| chunkings(&numpy.table(name)));
    for (b, c) in tables[0].iter().zip(tables[1].iter().rev()) {
        numpy.check("tril", &b.tril(2));
        numpy.check("triu", &b.triu(-1));
        numpy.check("diagonal", &b.diagonal(3, Axis(0), Axis(1)));
        numpy.check("diagonal_below", &b.diagonal(-2, Axis(0), Axis(1)));
        numpy.check("diagonal_far", &b.diagonal(40, Axis(0), Axis(1)));
        numpy.check("diag", &Array::from_diag(b.index_axis(Axis(0), 0)));
        let cube = b.reshape([5, 3, 4]);
        for cube in [cube.rechunk(2), cube] {
            numpy.check("diagonal_cube", &cube.diagonal(1, Axis(2), Axis(0)));
            numpy.check("rot90", &cube.rot90(1, [0, 2]));
            numpy.check("rot90", &cube.rot90(-7, [0, 2]));
            numpy.check("rot90_3", &cube.rot90(3, [2, 1]));
        }
        let part = |x: &Array<f64, _>, rows: [usize; 2], columns: [usize; 2]| {
            let [from, to] = columns;
            x.slice(ndarray::s![rows[0]..rows[1], from..to])
        };
        let rows = vec![
            vec![part(b, [0, 2], [0, 3]), part(b, [0, 2], [3, 12])],
            vec![part(c, [0, 1], [0, 7]), part(c, [0, 1], [7, 12])],
            vec![part(b, [3, 5], [0, 12])],
        ];
        numpy.check("block", &block(&rows[..]));
        numpy.check("block", &block(rows));
        let line =
            |row: usize, len: usize| b.index_axis(Axis(0), row).slice(ndarray::s![..len as isize]);
        let lines = [line(0, 3), line(1, 2), line(2, 4)];
        for (indexing, name) in [(MeshIndex::XY, "xy"), (MeshIndex::IJ, "ij")] {
            let parts = meshgrid([&lines[0], &lines[1], &lines[2]], indexing);
            for (number, part) in parts.iter().enumerate() {
                numpy.check(&format!("meshgrid_{name}{number}"), part);
            }
        }
    }
    numpy.check("tri", &Array::<f64, _>::tri([4, 6], -1));
    numpy.check("indices", &Array::indices([2, 3, 2]).rechunk(2));
}

#[test]
fn samples_of_functions() {
    let numpy = Numpy::new();
    let (points, values) = (numpy.line("points").to_vec(), numpy.line("values").to_vec());
    let kernel = numpy.table("w").row(0).to_vec();
    let tables = ["a", "b"].map(|name| chunkings(&numpy.table(name)));
    for (a, b) in tables[0].iter().zip(&tables[1]) {
        for axis in [0, 1] {
            let (along, x) = (Axis(axis), numpy.line(&format!("x{axis}")).to_vec());
            numpy.check(&format!("gradient{axis}"), &b.gradient(along, 0.25));
            numpy.check(&format!("gradient_at{axis}"), &b.gradient(along, &x[..]));
            numpy.check(&format!("trapezoid{axis}"), &b.trapezoid(along, 0.25));
            numpy.check(&format!("trapezoid_at{axis}"), &b.trapezoid(along, x));
        }
        numpy.check("interp", &a.interp(&points, &values));
        let line = b.flatten();
        for line in [line.rechunk(1), line.rechunk(7), line] {
            for (part, name) in [
                (Convolution::Full, "full"),
                (Convolution::Same, "same"),
                (Convolution::Valid, "valid"),
            ] {
                numpy.check(&format!("convolve_{name}"), &line.convolve(&kernel[..6], part));
                numpy.check(&format!("convolve_odd_{name}"), &line.convolve(&kernel[..5], part));
            }
        }
    }
}

#[test]
fn functions_of_special_numbers() {
    let numpy = Numpy::new();
    let special = Array::from(numpy.line("special"));
    for special in [special.rechunk(3), special] {
        let [left, right]: [Array<f64, _>; 2] =
            meshgrid([&special, &special], MeshIndex::XY).map(|part| part.flatten());
        numpy.check("floor_divide", &left.floor_divide(&right));
        numpy.check("remainder", &left.remainder(&right));
        numpy.check("fmod", &(&left % &right));
        numpy.check("copysign", &left.copysign(&right));
        numpy.check("signbit", &left.copysign(&right).is_sign_negative());
        numpy.check("fmax", &left.fmax(&right));
        numpy.check("fmin", &left.fmin(&right));
        numpy.check("logaddexp", &left.logaddexp(&right));
        numpy.check("isclose", &left.isclose(&right, 1e-5, 1e-8));
        numpy.check("isclose_tight", &left.isclose(&left * (1.0 + 2e-6), 1e-6, 0.0));
        numpy.check("nan_to_num", &special.nan_to_num(2.5));
        numpy.check("degrees", &special.to_degrees());
        numpy.check("radians", &special.to_radians());
        // Zeros have their signs too.
        let signs = |x: &Array<f64, ndarray::Ix1>| x.compute().unwrap().mapv(f64::is_sign_negative);
        let zeros = left.floor_divide(&right).compute().unwrap();
        let want = numpy.line("floor_divide");
        for (at, (got, want)) in zeros.iter().zip(&want).enumerate() {
            let both = (got.is_sign_negative(), want.is_sign_negative());
            assert!(*want != 0.0 || both.0 == both.1, "{at}: {got} {want}");
        }
        assert_eq!(signs(&left.copysign(&right)), signs(&right));
    }
    let (small, some) = (numpy.line("small"), numpy.line("some"));
    let small = Array::from(small).cast::<i8>().insert_axis(Axis(1)).rechunk([7, 1]);
    let some = Array::from(some).cast::<i8>();
    numpy.check("floor_divide_i8", &small.floor_divide(&some));
    numpy.check("remainder_i8", &small.remainder(&some));
}
