//! Examples of what is found, ordered and counted; of diagonals, differences and sums by subscripts.

use super::{Dask, line, of, rows};
use ndarray::{Axis, MeshIndex};
use taskweave_array::{Array, Bins, Side, block, einsum, meshgrid};

pub fn diagonals(dask: &Dask) {
    dask.same("tri", Array::<f64, _>::tri([3, 5], 2));
    dask.same("tri.below", Array::<f64, _>::tri([3, 5], -1));
    let x = line(9, 9).reshape([3, 3]).rechunk(2);
    dask.same("diag.of", Array::from_diag(x.diag()));
    let x = rows([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]], 2);
    dask.same("tril", x.tril(-1));
    dask.same("triu", x.triu(-1));
    let a = line(8, 3).reshape([2, 2, 2]);
    dask.same("diagonal", a.diagonal(0, Axis(0), Axis(1)));
    let a = line(4, 2).reshape([2, 2]);
    dask.same("diagonal.1", a.diagonal(1, Axis(0), Axis(1)));
    let (x, y) = (Array::linspace(0.0, 1.0, 3).rechunk(2), Array::linspace(0.0, 1.0, 2).rechunk(1));
    let [x, y] = meshgrid([&x, &y], MeshIndex::XY);
    dask.same("meshgrid.x", x);
    dask.same("meshgrid.y", y);
    let (a, b) = (Array::<f64, _>::eye(2).rechunk(1) * 2.0, Array::eye(3).rechunk(2) * 3.0);
    dask.same("block", block([[&a, &Array::zeros([2, 3])], [&Array::ones([3, 2]), &b]]));
}

pub fn places(dask: &Dask) {
    let even = line(4, 2).reshape([2, 2]) * 2;
    dask.same("isin", even.isin(&of([1, 2, 4, 8], 2)));
    let x = of([0.2, 6.4, 3.0, 1.6], 2);
    dask.same("digitize", x.digitize(&[0.0, 1.0, 2.5, 4.0, 10.0], false));
    let (x, edges) = (of([1.2, 10.0, 12.4, 15.5, 20.0], 2), [0.0, 5.0, 10.0, 15.0, 20.0]);
    dask.same("digitize.right", x.digitize(&edges, true));
    dask.same("digitize.left", x.digitize(&edges, false));
    let x = of([11, 12, 13, 14, 15], 2);
    dask.same("searchsorted", x.searchsorted(&of([-10, 20, 12, 13], 2), Side::Left));
    dask.same("searchsorted.right", x.searchsorted(&of([13], 2), Side::Right));
    let x = line(6, 4).reshape([2, 3]);
    let places = x.gt(1).argwhere().unwrap().compute().unwrap();
    dask.same("argwhere", Array::from(places.mapv(|at| at as u64)));
    let places = Array::arange(-2, 3, 1).rechunk(2).flatnonzero().unwrap().compute().unwrap();
    dask.same("flatnonzero", Array::from(places.mapv(|at| at as u64)));
    let x = line(12, 5).reshape([3, 4]);
    let thirds = x.extract(&(&x % 3).equal(0)).unwrap().compute().unwrap();
    dask.same("extract", Array::from(thirds));
    let nan = f64::NAN;
    let x = rows([[nan, 4.0], [2.0, 3.0]], 2);
    dask.same("nanargmax.0", x.nanargmax_axis(Axis(0)));
    dask.same("nanargmax.1", x.nanargmax_axis(Axis(1)));
    dask.same("nanargmin.0", x.nanargmin_axis(Axis(0)));
    dask.same("nanargmin.1", x.nanargmin_axis(Axis(1)));
}

pub fn counts(dask: &Dask) {
    let x = of([1.0, 2.0, 1.0], 2);
    dask.same("histogram.edges", x.histogram_in(Bins::between([0.0, 1.0, 2.0, 3.0])));
    let x = Array::arange(0.0, 4.0, 1.0).rechunk(2);
    let edges = Bins::between([0.0, 1.0, 2.0, 3.0, 4.0]);
    dask.same("histogram.density", x.histogram_density(edges));
    let x = of([2.0, 4.0, 2.0, 4.0, 2.0, 4.0], 2);
    let y = of([2.0, 2.0, 4.0, 4.0, 2.0, 4.0], 2);
    dask.same("histogram2d", x.histogram2d(&y, (2, 0.0, 6.0), (2, 0.0, 6.0)));
    let (x, w) = (of([0, 1, 1, 2, 2, 2], 2), of([0.3, 0.5, 0.2, 0.7, 1.0, -0.6], 2));
    dask.same("bincount.weights", x.bincount_weighted(&w, 3));
    let unique = of([1, 2, 6, 4, 2, 3, 2], 2).unique_counts().unwrap();
    let (values, counts) = unique.compute().unwrap();
    dask.same("unique.values", Array::from(values));
    dask.same("unique.counts", Array::from(counts));
    let nan = f64::NAN;
    let x = rows([[1.0, 2.0], [3.0, nan]], 1);
    dask.same("nancumsum.0", x.nancumsum(Axis(0)));
    dask.same("nancumsum.1", x.nancumsum(Axis(1)));
    dask.same("nancumprod.0", x.nancumprod(Axis(0)));
    dask.same("nancumprod.1", x.nancumprod(Axis(1)));
    let x = rows([[10.0, nan, 4.0], [3.0, 2.0, 1.0]], 2);
    dask.same("nanmedian.0", x.nanmedian_axis(Axis(0)));
    dask.same("nanmedian.1", x.nanmedian_axis(Axis(1)));
    let f = of([1.0, 2.0, 4.0, 7.0, 11.0, 16.0], 3);
    dask.same("gradient", f.gradient(Axis(0), 1.0));
    dask.same("gradient.2", f.gradient(Axis(0), 2.0));
    let f = rows([[1.0, 2.0, 6.0], [3.0, 4.0, 5.0]], 3);
    dask.same("gradient.rows", f.gradient(Axis(0), 1.0));
    dask.same("ediff1d", of([1, 2, 4, 7, 0], 2).diff(Axis(0)));
    let x = Array::arange(0.0, 6.0, 1.0).rechunk(2).reshape([3, 2]);
    dask.same("average.rows", x.average_axis(Axis(1), &Array::from(vec![1.0 / 4.0, 3.0 / 4.0])));
}

pub fn closeness_and_signs(dask: &Dask) {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let close = |name: &str, x: [f64; 2], y: [f64; 2]| {
        dask.same(name, of(x, 2).isclose(&of(y, 2), 1e-5, 1e-8));
    };
    close("isclose", [1e10, 1e-7], [1.00001e10, 1e-8]);
    close("isclose.near", [1e10, 1e-8], [1.00001e10, 1e-9]);
    close("isclose.nan", [1.0, nan], [1.0, nan]);
    let far = of([1e10, 1e-8], 2).allclose(&of([1.0001e10, 1e-9], 2), 1e-5, 1e-8);
    dask.same("allclose.far", far);
    let x = of([-3, -2, -1, 1, 2, 3], 2);
    dask.same("fmod", &x % 2);
    dask.same("remainder.floored", x.remainder(2));
    dask.same("copysign", of([-1.0, 0.0, 1.0], 2).copysign(-1.1));
    dask.same("signbit", of([1.0, -2.3, 2.1], 2).is_sign_negative());
    dask.same("nan_to_num", of([inf, -inf, nan, -128.0, 128.0], 2).nan_to_num(0.0));
    dask.same("logaddexp", of([1e-50], 2).ln().logaddexp(&of([2.5e-50], 2).ln()));
    let angles = Array::arange(0.0, 12.0, 1.0).rechunk(5) * std::f64::consts::PI / 6.0;
    dask.same("degrees", angles.to_degrees());
}

pub fn subscripts(dask: &Dask) {
    let (a, b) = (line(25, 25).reshape([5, 5]).rechunk(2), line(5, 3));
    dask.same("einsum.ii", einsum("ii", (&a,)));
    dask.same("einsum.ii_to_i", einsum("ii->i", (&a,)));
    dask.same("einsum.ij_to_i", einsum("ij->i", (&a,)));
    dask.same("einsum.ji", einsum("ji", (&a,)));
    dask.same("einsum.ij_j", einsum("ij,j", (&a, &b)));
    dask.same("einsum.i_i", einsum("i,i", (&b, &b)));
    dask.same("einsum.i_j", einsum("i,j", (&b, &b)));
    let a = Array::arange(0.0, 60.0, 1.0).reshape([3, 4, 5]).rechunk(2);
    let b = Array::arange(0.0, 24.0, 1.0).reshape([4, 3, 2]).rechunk(2);
    dask.same("einsum.two", einsum("ijk,jil->kl", (&a, &b)));
    let (a, b) = (line(16, 16).reshape([2, 2, 4]), line(16, 16).reshape([2, 4, 2]));
    dask.same("matmul.stacks", einsum("bij,bjk->bik", (&a.rechunk(2), &b.rechunk(2))));
}
