//! Examples of order and places, of what matrices are put together from, and of reductions that leave NaN out.

use super::{Dask, line, of, rows};
use ndarray::{Axis, MeshIndex, s};
use taskweave_array::{Array, Bins, Side, block, einsum, meshgrid};

pub fn places(dask: &Dask) {
    let x = of([0.2, 6.4, 3.0, 1.6], 2);
    dask.same("digitize", x.digitize(&[0.0, 1.0, 2.5, 4.0, 10.0], false));
    let x = of([1.2, 10.0, 12.4, 15.5, 20.0], 2);
    dask.same("digitize.right", x.digitize(&[0.0, 5.0, 10.0, 15.0, 20.0], true));
    let sorted = of([11, 12, 13, 14, 15], 2);
    dask.same("searchsorted", sorted.searchsorted(&of([-10, 20, 12, 13], 2), Side::Left));
    dask.same("searchsorted.right", sorted.searchsorted(&of([13], 2), Side::Right));
    let x = (line(4, 3) * 2).reshape([2, 2]);
    let is_in = x.isin(&Array::from(vec![1, 2, 4, 8]));
    dask.same("isin", is_in.clone());
    dask.same("isin.invert", !is_in);
    let x = of([1, 2, 6, 4, 2, 3, 2], 2);
    let (values, counts) = x.unique_counts().unwrap().compute().unwrap();
    let values = Array::from(values);
    dask.same("unique.values", values.clone());
    dask.same("unique.counts", Array::from(counts));
    dask.same("unique.inverse", values.searchsorted(&x, Side::Left));
    let numbers = |places: ndarray::Array1<usize>| Array::from(places.mapv(|n| n as u64));
    let x = rows([[3, 0, 0], [0, 4, 0], [5, 6, 0]], 2);
    let places = x.argwhere().unwrap().compute().unwrap();
    dask.same("nonzero.rows", numbers(places.column(0).to_owned()));
    dask.same("argwhere", Array::from(places.mapv(|n| n as u64)));
    let x = Array::arange(-2, 3, 1).rechunk(2);
    dask.same("flatnonzero", numbers(x.flatnonzero().unwrap().compute().unwrap()));
    let x = line(12, 12).reshape([3, 4]).rechunk(2);
    let thirds = x.extract(&(&x % 3).equal(0)).unwrap().compute().unwrap();
    dask.same("extract", Array::from(thirds));

    let (a, b) = (of([0.0, 1.0, 2.0, 2.5], 2), of([0.5, 0.5, 1.5, 3.0], 2));
    dask.same("histogram2d", a.histogram2d(&b, (3, 0.0, 3.0), Bins::even(2, 0.0, 4.0)));
    let density = of([1, 2, 1], 2).histogram_density(&[0.0, 1.0, 2.0, 3.0]);
    dask.same("histogram.density", density);
    let weights = of([0.3, 0.5, 0.2, 0.7, 1.0, -0.6], 2);
    let sums = of([0, 1, 1, 2, 2, 2], 2).bincount_weighted(&weights, 3);
    dask.same("bincount.weights", sums);
}

pub fn matrices(dask: &Dask) {
    let x = Array::arange(1, 13, 1).reshape([4, 3]).rechunk(2);
    dask.same("tril", x.tril(-1));
    dask.same("triu", x.triu(-1));
    dask.same("tri", Array::<i64, _>::tri([3, 5], 2));
    let x = line(8, 8).reshape([2, 2, 2]).rechunk(1);
    dask.same("diagonal", x.diagonal(0, Axis(0), Axis(1)));
    dask.same("diagonal.1", line(4, 4).reshape([2, 2]).diagonal(1, Axis(0), Axis(1)));
    dask.same("diag.vector", Array::from_diag(&line(3, 2)));
    let eye = |n: usize| Array::<f64, _>::eye(n).rechunk(2);
    let upper = [eye(2) * 2.0, Array::zeros([2, 3])];
    dask.same("block", block([upper, [Array::ones([3, 2]), eye(3) * 3.0]]));
    let (x, y) = (Array::linspace(0.0, 1.0, 3).rechunk(2), Array::linspace(0.0, 1.0, 2));
    let [x, y] = meshgrid([&x, &y], MeshIndex::XY);
    dask.same("meshgrid.0", x);
    dask.same("meshgrid.1", y);
    let x = of([1.0, 2.0, 4.0, 7.0, 11.0, 16.0], 3);
    dask.same("gradient", x.gradient(Axis(0), 1.0));
    dask.same("gradient.2", x.gradient(Axis(0), 2.0));

    let (a, b) = (line(25, 25).reshape([5, 5]).rechunk(2), line(5, 3));
    dask.same("einsum.trace", einsum("ii", (&a,)));
    dask.same("einsum.diagonal", einsum("ii->i", (&a,)));
    dask.same("einsum.rows", einsum("ij->i", (&a,)));
    dask.same("einsum.transpose", einsum("ji", (&line(6, 6).reshape([2, 3]),)));
    dask.same("einsum.vector", einsum("ij,j", (&a, &b)));
    dask.same("einsum.dots", einsum("...j,j", (&a, &b)));
    dask.same("einsum.outer", einsum("i,j", (&(line(2, 1) + 1), &b)));
    let a = Array::arange(0.0, 60.0, 1.0).reshape([3, 4, 5]).rechunk(2);
    let b = Array::arange(0.0, 24.0, 1.0).reshape([4, 3, 2]).rechunk(2);
    dask.same("einsum.tensor", einsum("ijk,jil->kl", (&a, &b)));

    let (a, b) = (of([1e10, 1e-7], 2), of([1.00001e10, 1e-8], 2));
    dask.same("isclose", a.isclose(&b, 1e-5, 1e-8));
    let (a, b) = (of([1e10, 1e-8], 2), of([1.00001e10, 1e-9], 2));
    dask.same("isclose.near", a.isclose(&b, 1e-5, 1e-8));
    dask.same("copysign", of([-1.0, 0.0, 1.0], 2).copysign(-1.1));
    dask.same("signbit", of([1.0, -2.3, 2.1], 2).is_sign_negative());
    let small = Array::from(vec![1e-50_f64.ln()]);
    dask.same("logaddexp", small.logaddexp(&of([2.5e-50], 2).ln()));
    let x = of([f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -128.0, 128.0], 2);
    dask.same("nan_to_num", x.nan_to_num(0.0));
}

pub fn without_nan(dask: &Dask) {
    let nan = f64::NAN;
    let a = rows([[nan, 4.0], [2.0, 3.0]], 2);
    dask.same("nanargmax", a.nanargmax());
    dask.same("nanargmax.0", a.nanargmax_axis(Axis(0)));
    dask.same("nanargmax.1", a.nanargmax_axis(Axis(1)));
    dask.same("nanargmin", a.nanargmin());
    dask.same("nanargmin.0", a.nanargmin_axis(Axis(0)));
    dask.same("nanargmin.1", a.nanargmin_axis(Axis(1)));
    let a = rows([[1.0, 2.0], [3.0, nan]], 2);
    dask.same("nancumsum.0", a.nancumsum(Axis(0)));
    dask.same("nancumprod.1", a.nancumprod(Axis(1)));
    let a = rows([[10.0, nan, 4.0], [3.0, 2.0, 1.0]], 3);
    dask.same("nanmedian.0", a.nanmedian_axis(Axis(0)));
    dask.same("nanmedian.1", a.nanmedian_axis(Axis(1)));
    let x = line(6, 3).reshape([3, 2]);
    let weights = of([0.25, 0.75], 2);
    dask.same("average.weights", x.average_axis(Axis(1), &weights.slice(s![..])));
}
