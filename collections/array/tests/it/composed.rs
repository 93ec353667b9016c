//! What is made of reductions, views, and neighbours: against plain loops, over any axes of any shape in any chunks.

use crate::given::Given;
use ndarray::{ArrayD, Axis, Dimension, IxDyn, Slice, concatenate};
use taskweave_array::{Array, Convolution, ErrorKind, block};

/// Some of the axes, in any order.
fn axes(given: &mut Given, rank: usize) -> Vec<usize> {
    let mut axes: Vec<usize> = (0..rank).filter(|_| given.below(2) == 0).collect();
    if given.below(2) == 0 {
        axes.reverse();
    }
    axes
}

/// `f` of the places along the axes, in C order, and their elements; the axes are kept, of length 1.
fn reduced<B: Clone>(
    a: &ArrayD<f64>,
    axes: &[usize],
    f: impl Fn(Vec<(usize, f64)>) -> B,
) -> ArrayD<B> {
    let mut shape = a.shape().to_vec();
    axes.iter().for_each(|&axis| shape[axis] = 1);
    ArrayD::from_shape_fn(IxDyn(&shape), |index| {
        let mut part = a.view();
        for axis in (0..a.ndim()).filter(|axis| !axes.contains(axis)) {
            part.slice_axis_inplace(Axis(axis), Slice::from(index[axis]..index[axis] + 1));
        }
        f(part.iter().copied().enumerate().collect())
    })
}

#[test]
fn extremes_and_weighted_means_along_any_axes() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape).mapv(|x| if x % 7.0 == 0.0 { f64::NAN } else { x % 50.0 });
        let x = Array::from_ndarray(a.clone()).rechunk(given.chunks(&shape));
        let axes = axes(&mut given, shape.len());
        let over = || x.over(axes.clone()).keep_dims();
        let what = format!("seed {seed}, {x}, axes {axes:?}");
        if axes.iter().any(|&axis| shape[axis] == 0) {
            assert_eq!(over().nanargmin().check().unwrap_err().kind(), ErrorKind::Shape, "{what}");
            assert_eq!(over().ptp().check().unwrap_err().kind(), ErrorKind::Shape, "{what}");
            continue;
        }
        let first = |is_better: fn(f64, f64) -> bool| {
            reduced(&a, &axes, |all| {
                let known = all.into_iter().filter(|(_, value)| !value.is_nan());
                let best = known.reduce(|a, b| if is_better(b.1, a.1) { b } else { a });
                best.map_or(u64::MAX, |(at, _)| at as u64)
            })
        };
        for (got, want) in
            [(over().nanargmin(), first(|a, b| a < b)), (over().nanargmax(), first(|a, b| a > b))]
        {
            if want.iter().any(|&at| at == u64::MAX) {
                let error = got.compute().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Value, "{what}");
                assert!(error.to_string().contains("nothing but NaN"), "{what}: {error}");
            } else {
                assert_eq!(got.compute().unwrap(), want, "{what}");
            }
        }
        let known = x.is_nan().where_(0.0, &x);
        let of = a.mapv(|x| if x.is_nan() { 0.0 } else { x });
        let spread = reduced(&of, &axes, |all| {
            let values = || all.iter().map(|(_, value)| *value);
            values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
        });
        assert_eq!(known.over(axes.clone()).keep_dims().ptp().compute().unwrap(), spread, "{what}");
        let is_any = reduced(&of, &axes, |all| all.iter().any(|(_, value)| *value > 40.0));
        assert_eq!(known.gt(40.0).over(axes.clone()).keep_dims().any().compute().unwrap(), is_any);
        let is_all = reduced(&of, &axes, |all| all.iter().all(|(_, value)| *value > -40.0));
        assert_eq!(known.gt(-40.0).over(axes.clone()).keep_dims().all().compute().unwrap(), is_all);

        let weights = given.whole(&shape).mapv(|w| w.abs() + 1.0);
        let w = given.chunked(&weights);
        let products =
            reduced(&(&of * &weights), &axes, |all| all.iter().map(|(_, x)| x).sum::<f64>());
        let total = reduced(&weights, &axes, |all| all.iter().map(|(_, x)| x).sum::<f64>());
        let want = products / total;
        let got = known.over(axes.clone()).keep_dims().average(&w).compute().unwrap();
        assert_eq!(got, want, "{what}");
        let got = known.over(axes.clone()).average(&w).compute().unwrap();
        assert!(got.iter().eq(want.iter()) && got.ndim() + axes.len() == shape.len(), "{what}");
    }
}

#[test]
fn diagonals_and_sides_of_them() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let mut shape = given.shape();
        while shape.len() < 2 {
            shape.push(given.below(30));
        }
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let (rank, k) = (shape.len(), given.below(41) as isize - 20);
        let what = format!("seed {seed}, {x}, {k}");
        let above = |index: &IxDyn| index[rank - 1] as isize - index[rank - 2] as isize;
        let side = |is_kept: &dyn Fn(isize) -> bool| {
            let mut side = a.clone();
            side.indexed_iter_mut()
                .filter(|(at, _)| !is_kept(above(at)))
                .for_each(|(_, x)| *x = 0.0);
            side
        };
        assert_eq!(x.tril(k).compute().unwrap(), side(&|above| above <= k), "{what}");
        assert_eq!(x.triu(k).compute().unwrap(), side(&|above| above >= k), "{what}");

        let down = given.below(rank);
        let right = (down + 1 + given.below(rank - 1)) % rank;
        let got = x.diagonal(k, Axis(down), Axis(right)).compute().unwrap();
        let (from_down, from_right) = ((-k).max(0) as usize, k.max(0) as usize);
        let len =
            shape[down].saturating_sub(from_down).min(shape[right].saturating_sub(from_right));
        let others: Vec<usize> = (0..rank).filter(|&axis| axis != down && axis != right).collect();
        let mut of_result: Vec<usize> = others.iter().map(|&axis| shape[axis]).collect();
        of_result.push(len);
        let want = ArrayD::from_shape_fn(IxDyn(&of_result), |index| {
            let mut at = vec![0; rank];
            others.iter().zip(index.slice()).for_each(|(&axis, &index)| at[axis] = index);
            (at[down], at[right]) = (from_down + index[rank - 2], from_right + index[rank - 2]);
            a[&at[..]]
        });
        assert_eq!(got, want, "{what}");
        assert!(x.tril(0).full_like(1.5).chunk_count() == x.chunk_count(), "{what}");
        let turned = x.rot90(1, [down, right]).rot90(3, [down, right]);
        assert_eq!(turned.compute().unwrap(), a, "{what}");
        assert_eq!(
            x.rot90(2, [down, right]).compute().unwrap(),
            x.rot90(1, [down, right]).rot90(1, [down, right]).compute().unwrap()
        );
    }
    for n in [0, 1, 5, 30] {
        let v = Array::arange(1, n + 1, 1).rechunk(7);
        let want = ndarray::Array2::from_diag(&v.compute().unwrap());
        for v in [&v + 0, v] {
            assert_eq!(Array::from_diag(&v).compute().unwrap(), want);
            assert_eq!(Array::from_diag(&v).rechunk(3).diag().compute().unwrap(), want.diag());
        }
    }
}

#[test]
fn blocks_in_rows_and_columns() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let rank = 2 + given.below(2);
        let mut shape: Vec<usize> = (0..rank).map(|_| 1 + given.below(9)).collect();
        let (mut rows, mut of_rows) = (Vec::new(), Vec::new());
        let width = shape[rank - 1];
        for _ in 0..1 + given.below(4) {
            shape[rank - 2] = given.below(8);
            // One width, cut anywhere.
            let cut = given.below(width + 1);
            let parts: Vec<_> = [cut, width - cut]
                .map(|len| {
                    shape[rank - 1] = len;
                    given.whole(&shape)
                })
                .into();
            let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
            of_rows.push(concatenate(Axis(rank - 1), &views).unwrap());
            rows.push(parts.iter().map(|part| given.chunked(part)).collect::<Vec<_>>());
        }
        let views: Vec<_> = of_rows.iter().map(|row| row.view()).collect();
        let want = concatenate(Axis(rank - 2), &views).unwrap();
        assert_eq!(block(&rows[..]).compute().unwrap(), want, "seed {seed}");
        if rank == 3 {
            let twice = concatenate(Axis(0), &[want.view(), want.view()]).unwrap();
            assert_eq!(block([rows.clone(), rows]).compute().unwrap(), twice, "seed {seed}");
        }
    }
}

#[test]
fn gradients_at_coordinates_are_those_of_numpy() {
    let infinity = f64::INFINITY;
    // numpy 2.4.6: numpy.gradient of each, at these coordinates.
    let cases: [(&[f64], &[f64], &[f64]); 4] = [
        (&[0.0, infinity, 0.0], &[0.0, 1.0, 3.0], &[infinity, infinity, -infinity]),
        (&[1.0, infinity, 2.0], &[0.0, 1.0, 2.0], &[infinity, 0.5, -infinity]),
        (
            &[1e308, -1e308, 1e308, 3.0],
            &[0.0, 1.0, 3.0, 3.5],
            &[-infinity, -9.999999999999998e307, -1.4e308, -infinity],
        ),
        (
            &[1.0, 0.3, 2.0, 5.7],
            &[0.0, 0.1, 0.3, 0.7],
            &[-6.999999999999999, -1.8333333333333321, 8.75, 9.250000000000002],
        ),
    ];
    for (values, at, want) in cases {
        let x = Array::from(values.to_vec()).rechunk(2);
        assert_eq!(x.gradient(Axis(0), at).compute().unwrap().to_vec(), want, "{values:?}");
    }
    let x = Array::from(vec![1.0, infinity, 2.0, -infinity]);
    assert!(x.gradient(Axis(0), &[0.0, 1.0, 2.0, 4.0]).compute().unwrap()[1].is_nan());
}

#[test]
fn gradients_areas_and_convolutions() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let mut shape = given.shape();
        if shape.is_empty() {
            shape.push(given.below(300));
        }
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let axis = Axis(given.below(shape.len()));
        let len = a.len_of(axis);
        let what = format!("seed {seed}, {x}, {axis:?}");
        let area = a.map_axis(axis, |row| {
            row.windows(2).into_iter().map(|pair| (pair[0] + pair[1]) * 0.25).sum::<f64>()
        });
        assert_eq!(x.trapezoid(axis, 0.5).compute().unwrap(), area, "{what}");
        let at: Vec<f64> = (0..len).map(|n| n as f64 * 0.5 - 3.0).collect();
        assert_eq!(x.trapezoid(axis, &at[..]).compute().unwrap(), area, "{what}");
        if len < 2 {
            assert_eq!(x.gradient(axis, 1.0).check().unwrap_err().kind(), ErrorKind::Shape);
            continue;
        }
        let mut slopes = a.clone();
        for (mut to, row) in slopes.lanes_mut(axis).into_iter().zip(a.lanes(axis)) {
            for at in 0..len {
                let (before, after) = (at.saturating_sub(1), (at + 1).min(len - 1));
                to[at] = (row[after] - row[before]) / ((after - before) as f64 * 0.5);
            }
        }
        assert_eq!(x.gradient(axis, 0.5).compute().unwrap(), slopes, "{what}");

        let line: Vec<f64> = a.iter().copied().take(400).collect();
        let count = line.len();
        if count == 0 {
            continue;
        }
        let x = Array::from(line.clone()).rechunk(1 + given.below(count));
        let kernel: Vec<f64> =
            (0..1 + given.below(count.min(90))).map(|_| given.below(9) as f64 - 4.0).collect();
        let mut full = vec![0.0; count + kernel.len() - 1];
        for (i, a) in line.iter().enumerate() {
            kernel.iter().enumerate().for_each(|(j, k)| full[i + j] += a * k);
        }
        let start = (kernel.len() - 1) / 2;
        let parts = [
            (Convolution::Full, &full[..]),
            (Convolution::Same, &full[start..start + count]),
            (Convolution::Valid, &full[kernel.len() - 1..count]),
        ];
        for (part, want) in parts {
            assert_eq!(
                x.convolve(&kernel, part).compute().unwrap().to_vec(),
                want,
                "{what} {part:?}"
            );
        }
    }
    // All of a convolution with a kernel that is longer.
    let x = Array::from(vec![1, 2]);
    assert_eq!(
        x.convolve([1, 1, 1, 1], Convolution::Full).compute().unwrap().to_vec(),
        [1, 3, 3, 3, 2]
    );
}

#[test]
fn equal_arrays() {
    let x = Array::<f64, _>::ones([3, 4]).rechunk(2);
    let is = |same: Array<bool, ndarray::Ix0>| same.compute().unwrap().into_scalar();
    assert!(is(x.array_equal(&(&x + 0.0))) && !is(x.array_equal(&(&x + x.tril(0)))));
    assert!(!is(x.array_equal(&x.t())) && !is(x.array_equal(&x.index_axis(Axis(0), 0))));
    assert!(!is((&x * f64::NAN).array_equal(&(&x * f64::NAN))));
    assert!(is(Array::<u8, _>::zeros([0]).array_equal(&Array::zeros([0]))));
    let broken = &x + Array::<f64, _>::ones([7]);
    assert!(x.array_equal(&broken).check().is_err() && broken.array_equal(&x).check().is_err());
    assert!(is(x.allclose(1.0 + 1e-9, 1e-5, 1e-8)) && !is(x.allclose(1.1, 1e-5, 1e-8)));
    assert!(x.zeros_like().sum().compute().unwrap().into_scalar() == 0.0);
    assert!(x.ones_like().sum().compute().unwrap().into_scalar() == 12.0);
}

#[test]
fn refused_with_the_values() {
    let (v, x) = (Array::<f64, _>::ones([3]), Array::<f64, _>::ones([3, 4]));
    let text = |result: Result<(), taskweave_array::Error>| {
        let error = result.unwrap_err();
        assert!(error.location().unwrap().file().ends_with("composed.rs"), "{error}");
        error.to_string()
    };
    assert!(
        text(v.tril(0).check())
            .contains("tril of an array of shape [3], which has less than two axes")
    );
    assert!(text(x.diagonal(0, Axis(1), Axis(1)).check()).contains("name two different axes"));
    assert!(text(x.diagonal(0, Axis(1), Axis(2)).check()).contains("axis 2"));
    assert!(text(x.rot90(1, [0, 0]).check()).contains("axis 0 alone"));
    assert!(text(x.rot90(0, [0, 5]).check()).contains("axis 5"));
    assert!(
        text(x.average(&v).check())
            .contains("weights of shape [3] for the average along axes [0, 1]")
    );
    assert!(text(x.average_axis(Axis(1), &v).check()).contains("weights of shape [3]"));
    assert!(text(x.average_axis(Axis(2), &v).check()).contains("axis 2"));
    assert!(text(x.gradient(Axis(0), &[1.0]).check()).contains("1 coordinate along axis 0"));
    assert!(text(x.trapezoid(Axis(3), 1.0).check()).contains("axis 3"));
    assert!(text(x.interp(&[], &[]).check()).contains("0 points with 0 values"));
    assert!(
        text(x.interp(&[1.0, 0.0], &[0.0, 1.0]).check())
            .contains("points of which number 1, 0.0, follows 1.0")
    );
    let error = text(x.interp(&[1.0, f64::NAN, 2.0], &[0.0, 1.0, 2.0]).check());
    assert!(error.contains("interp between points of which number 1 is NaN"), "{error}");
    assert!(
        text(v.convolve([], Convolution::Full).check()).contains("3 elements with a kernel of 0")
    );
    assert!(text(v.convolve([0.0; 4], Convolution::Same).check()).contains("a kernel of 4"));
    assert!(
        text(block([[&x, &v.insert_axis(Axis(0))]]).check()).contains("block: arrays of shapes")
    );
    assert!(text(block([[[&x]]]).check()).contains("lists that are 3 deep"));
    assert!(
        text(block(Vec::<Array<f64, IxDyn>>::new()).check()).contains("block: there is no array")
    );
    let broken = &x + &v;
    assert!(text(block([[&x, &broken]]).check()).contains("cannot add"));
    let [a, b] = taskweave_array::meshgrid([&v, &(&v + &Array::ones([2]))], ndarray::MeshIndex::IJ);
    assert!(text(a.check()).contains("cannot add") && text(b.check()).contains("cannot add"));
    assert_eq!(v.cast::<i32>().floor_divide(0).compute().unwrap_err().kind(), ErrorKind::Value);
}

#[test]
fn weights_whose_sum_is_zero_have_no_mean_and_their_place_is_named() {
    let x = Array::from(ndarray::arr2(&[[1.0, 2.0], [3.0, 4.0]])).rechunk([1, 2]);
    let w = Array::from(ndarray::arr2(&[[1.0, -1.0], [1.0, 2.0]]));
    let said = |error: taskweave_array::Error| {
        assert_eq!(error.kind(), ErrorKind::Value);
        error.to_string()
    };
    let text = said(x.average_axis(Axis(1), &w).compute().unwrap_err());
    assert!(text.contains("average: the sum of the weights is 0 at index [0]: "), "{text}");
    assert_eq!(x.average_axis(Axis(0), &w).compute().unwrap().to_vec(), [2.0, 6.0]);
    let text = said(x.average(&(&w * 0.0)).compute().unwrap_err());
    assert!(text.contains("average: the sum of the weights is 0: there is no mean"), "{text}");
    // Of each row there is one, and of each column.
    let w = &w + 0.5;
    assert_eq!(x.average_axis(Axis(1), &w).compute().unwrap().to_vec(), [0.5, 3.625]);
    let empty = Array::<f64, _>::ones([2, 0]);
    assert!(empty.average_axis(Axis(1), &empty).compute().unwrap()[0].is_nan());
}
