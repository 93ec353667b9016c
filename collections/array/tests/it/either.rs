//! What calls take: arrays of `ndarray` beside lazy ones, and lists of values in any form.

use ndarray::{
    ArcArray, Array1, Array2, ArrayView1, ArrayView2, Axis, Ix1, Ix2, IxDyn, arr1, arr2, s,
};
use std::sync::Arc;
use taskweave_array::{
    Array, Blockwise, Boundary, Convolution, Element, Random, concatenate, einsum, stack,
};

/// Asserts that a function gives the same of a lazy array, and of an array of `ndarray` in all its forms.
macro_rules! same_of_all {
    ($values:expr, |$given:ident| $f:expr) => {{
        let values = $values;
        let lazy = Array::from(&values);
        let want = {
            let $given = &lazy;
            $f
        }
        .compute()
        .unwrap();
        let shared = ArcArray::from(values.clone());
        let twisted = values.clone().reversed_axes().as_standard_layout().into_owned();
        let view = values.view();
        let gets = [
            {
                let $given = lazy.clone();
                $f
            },
            {
                let $given = &&lazy;
                $f
            },
            {
                let $given = values.clone();
                $f
            },
            {
                let $given = &values;
                $f
            },
            {
                let $given = shared.clone();
                $f
            },
            {
                let $given = &shared;
                $f
            },
            {
                let $given = values.view();
                $f
            },
            {
                let $given = &view;
                $f
            },
            // With strides, and not in order.
            {
                let $given = twisted.t();
                $f
            },
        ];
        for (at, got) in gets.into_iter().enumerate() {
            assert_eq!(got.compute().unwrap(), want, "{at}: {}", stringify!($f));
        }
    }};
}

#[test]
fn functions_of_several_arrays_take_those_of_ndarray() {
    // Whole numbers of 64ths, whose sums of products are exact in any order.
    let x = (Random::new(1).uniform::<f64, Ix2>([6, 4]) * 64.0).floor().rechunk([4, 3]) / 64.0;
    let line = Random::new(2).uniform::<f64, Ix1>([4]).rechunk(3);
    let table = arr2(&[[0.5, 2.0, -1.0, 0.25], [3.0, 0.0, 1.0, 1.0]]);
    let square = Array2::from_shape_fn((6, 4), |(i, j)| (i * 4 + j) as f64 / 32.0);
    let weights = arr1(&[1.0, 2.0, 0.5, 0.25]);

    same_of_all!(square.clone(), |y| x.zip_with(y, |a, b: f64| a * 2.0 + b));
    same_of_all!(square.clone(), |y| x.array_equal(y));
    same_of_all!(table.clone(), |y| x.isin(y));
    same_of_all!(table.clone(), |y| x.tensordot(y, [1], [1]));
    same_of_all!(weights.clone(), |y| line.outer(y));
    same_of_all!(table.clone(), |y| x.kron(y));
    same_of_all!(arr1(&[1.0, -1.0, 2.0]), |y| line.slice(s![..3]).cross(y, Axis(0)));
    same_of_all!(arr2(&[[3_u64, 0], [2, 2]]), |y| x.slice(s![..2, ..]).take_along_axis(y, Axis(1)));
    same_of_all!(square.clone(), |y| x.average(y));
    same_of_all!(weights.clone(), |y| x.average_axis(Axis(1), y));
    same_of_all!(weights.clone(), |y| x.over([1]).average(y));
    same_of_all!(weights.clone(), |y| x.over([1]).keep_dims().average(y));
    same_of_all!(weights.clone(), |y| Array::from_diag(y));
    same_of_all!(square.clone(), |y| x.histogram_weighted(y, (3, 0.0, 1.0)));
    same_of_all!(square.clone(), |y| x.histogram2d(y, (3, 0.0, 1.0), (2, 0.0, 1.0)));
    same_of_all!(square.clone(), |y| (&x * 3.0).floor().bincount_weighted(y, 3));
    same_of_all!(weights.clone(), |y| x.zip_blocks(y, |a, b| &a - &b));
    same_of_all!(square.clone(), |y| {
        let both = |a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>| &a + &b;
        x.zip_overlap(y, 1, Boundary::Nearest, Boundary::Periodic, both)
    });
    same_of_all!(weights.clone(), |y| {
        let scaled = |a: ArrayView2<'_, f64>, b: ArrayView1<'_, f64>| &a * &b;
        Blockwise::new("ij").with(&x, "ij").with(y, "j").map(scaled)
    });
    same_of_all!(square.clone(), |y| Random::new(5).shuffle(y, Axis(0)));
    #[cfg(feature = "linalg")]
    {
        let regular = x.t().dot(&x) + Array::eye(4);
        same_of_all!(weights.clone(), |y| regular.solve(y));
        same_of_all!(weights.clone(), |y| regular.lstsq(y));
    }

    let chosen = |from: &Array1<f64>| Random::new(1).choice(from, [9]).compute().unwrap();
    assert_eq!(
        chosen(&weights),
        Random::new(1).choice(&Array::from(&weights), [9]).compute().unwrap()
    );
    let mask = x.gt(0.5).compute().unwrap();
    let under = |graph: Result<taskweave_runtime::Graph<'static, Array1<f64>>, _>| -> Array1<f64> {
        graph.map_err(|error: taskweave_array::Error| error).unwrap().compute().unwrap()
    };
    assert_eq!(under(x.extract(&mask)), under(x.extract(x.gt(0.5))));
    assert_eq!(under(x.extract(mask.view())), under(x.extract(&x.gt(0.5))));
}

#[test]
fn arrays_of_ndarray_stand_in_tuples_with_lazy_ones() {
    let x = Array::<f64, Ix2>::from_fn([3, 2], |[i, j]| (i * 2 + j) as f64).rechunk(2);
    let rows = arr2(&[[7.0, 8.0]]);
    let lazy = Array::from(&rows);
    let want = concatenate(Axis(0), [&x, &lazy, &x]).compute().unwrap();
    assert_eq!(concatenate(Axis(0), (&x, &rows, &x)).compute().unwrap(), want);
    assert_eq!(concatenate(Axis(0), (x.clone(), rows.view(), &x)).compute().unwrap(), want);
    assert_eq!(concatenate(Axis(0), (&x, rows.to_shared(), &&x)).compute().unwrap(), want);
    let stacked = stack(Axis(0), (&lazy, &rows)).compute().unwrap();
    assert_eq!(stacked, stack(Axis(0), [&lazy, &lazy]).compute().unwrap());
    // Lists of one kind, by value and by reference.
    let two = ndarray::concatenate![Axis(0), rows, rows];
    let list = vec![rows.clone(), rows.clone()];
    for got in [
        concatenate(Axis(0), &list),
        concatenate(Axis(0), &list[..]),
        concatenate(Axis(0), [&rows, &rows]),
        concatenate(Axis(0), &[rows.view(), rows.view()]),
        concatenate(Axis(0), list.iter().collect::<Vec<_>>()),
        concatenate(Axis(0), list),
    ] {
        assert_eq!(got.compute().unwrap(), two);
    }
    // Of any ranks, and of one.
    let v = arr1(&[1.0, -1.0]);
    let want = x.compute().unwrap().dot(&v).into_dyn();
    assert_eq!(einsum("ij,j->i", (&x, &v)).compute().unwrap(), want);
    assert_eq!(einsum("ij,j->i", (x.compute().unwrap(), Array::from(&v))).compute().unwrap(), want);
    assert_eq!(einsum("j,ij->i", (v.view(), x.clone())).compute().unwrap(), want);
    assert_eq!(einsum("ij->", &rows).compute().unwrap()[[]], 15.0);
    assert_eq!(einsum("i,i->", [&v, &v]).compute().unwrap()[[]], 2.0);
    assert_eq!(einsum("i,i->", vec![v.clone(), v]).compute().unwrap()[[]], 2.0);
    // As the types of a generic function say.
    fn twice<A: Element, D: ndarray::Dimension>(
        x: &Array<A, D>,
        all: &[Array<A, D>],
    ) -> Array<A, D> {
        concatenate(Axis(0), (x, concatenate(Axis(0), all), concatenate(Axis(0), all.to_vec())))
    }
    let dynamic = twice(&x, std::slice::from_ref(&x)).into_dyn();
    assert_eq!(twice(&dynamic, &[]).check().unwrap_err().kind(), taskweave_array::ErrorKind::Shape);
    assert_eq!(dynamic.dim(), IxDyn(&[9, 2]));
}

/// Asserts that a function gives the same of a slice and of the same list in all its forms.
macro_rules! same_of_lists {
    ($values:expr, |$list:ident| $f:expr) => {{
        let values = $values;
        let vector = values.to_vec();
        let boxed: Box<[_]> = vector.clone().into();
        let shared: Arc<[_]> = vector.clone().into();
        let one = Array1::from(vector.clone());
        let reversed = one.slice(s![..;-1]).to_owned();
        let want = { let $list = &values[..]; $f }.compute().unwrap();
        for (at, got) in [
            { let $list = values; $f },
            { let $list = &values; $f },
            { let $list = &&values[..]; $f },
            { let $list = &vector; $f },
            { let $list = vector.clone(); $f },
            { let $list = &boxed; $f },
            { let $list = shared.clone(); $f },
            { let $list = &one; $f },
            { let $list = one.clone(); $f },
            { let $list = one.view(); $f },
            { let $list = one.to_shared(); $f },
            { let $list = reversed.slice(s![..;-1]); $f },
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(got.compute().unwrap(), want, "{at}: {}", stringify!($f));
        }
    }};
}

#[test]
fn lists_are_slices_arrays_vectors_and_arrays_of_ndarray() {
    let x = Array::<f64, Ix2>::from_fn([6, 4], |[i, j]| (i * 4 + j) as f64).rechunk(4);
    let line = Array::arange(0.0, 9.0, 0.5).rechunk(5);
    same_of_lists!([3, 0, 0, 5], |list| x.select(Axis(0), list));
    same_of_lists!([true, false, false, true], |list| x.compress(Axis(1), list));
    same_of_lists!([3, 2], |list| x.coarsen(list, |block| block.sum()));
    same_of_lists!([0.5, 0.0, 2.0], |list| Random::new(1).choice_weighted(3, list, [20]));
    same_of_lists!([0.5, 1.0, 2.0], |list| Random::new(1).sample_weighted(3, list, 2));
    same_of_lists!([1.0, 2.5, 7.0], |list| x.digitize(list, false));
    same_of_lists!([1.0, 2.5, 7.0], |list| x.interp(list, [0.0, 1.0, 0.0]));
    same_of_lists!([1.0, 2.5, 7.0], |list| x.interp(&[0.0, 10.0, 20.0], list));
    same_of_lists!([1.0, 2.5, 7.0], |list| line.convolve(list, Convolution::Same));
    // None at all.
    assert_eq!(x.select(Axis(0), [0_usize; 0]).dim(), (0, 4));
    assert_eq!(x.select(Axis(1), Vec::<u64>::new()).dim(), (6, 0));
}

#[test]
fn indices_are_integers_of_any_type() {
    let v = Array::from(vec![30.0, 10.0, 20.0, 0.0]).rechunk(3);
    let x = Array::<f64, Ix2>::from_fn([4, 3], |[i, j]| (i * 3 + j) as f64).rechunk(2);
    let want = x.compute().unwrap().select(Axis(0), &[3, 1, 2, 0]);
    let order = v.argsort(Axis(0)).compute().unwrap();
    let rows = [
        x.select(Axis(0), &order),
        x.select(Axis(0), order.view()),
        x.select(Axis(0), [3_i32, 1, 2, 0]),
        x.select(Axis(0), vec![3_i64, 1, 2, 0]),
        x.select(Axis(0), [3_u32, 1, 2, 0]),
        x.select(Axis(0), [3_usize, 1, 2, 0]),
        x.select(Axis(0), &[3, 1, 2, 0]),
    ];
    for rows in rows {
        assert_eq!(rows.compute().unwrap(), want);
    }
    let error = x.select(Axis(0), [0, -1]).check().unwrap_err().to_string();
    assert!(error.contains("index -1 along axis 0 of shape [4, 3]"), "{error}");
    let error = x.select(Axis(0), [1_u64 << 40]).check().unwrap_err().to_string();
    assert!(error.contains("1099511627776"), "{error}");
}

#[test]
fn products_take_views_of_ndarray() {
    let a = Array2::from_shape_fn((4, 3), |(i, j)| (i * 3 + j) as f64);
    let x = Array::from(&a).rechunk(2);
    let want = a.dot(&a.t());
    assert_eq!(x.dot(&a.t()).compute().unwrap(), want);
    assert_eq!(x.dot(&a.view().reversed_axes()).compute().unwrap(), want);
    assert_eq!(x.dot(&a.t().to_shared()).compute().unwrap(), want);
    assert_eq!(x.dot(&a.row(1)).compute().unwrap(), a.dot(&a.row(1)));
    let error = x.dot(&a.view()).check().unwrap_err().to_string();
    assert!(error.contains("dot"), "{error}");
}

#[test]
fn axes_are_named_alone_or_several_at_once() {
    let x = Array::<f64, _>::ones([2, 3, 4]);
    let one = [x.over(1).sum(), x.over(Axis(1)).sum(), x.over([1]).sum(), x.over(vec![1]).sum()];
    for sums in one {
        assert_eq!(sums.shape(), [2, 4]);
    }
    for sums in [x.over((0, 2)).sum(), x.over([0, 2]).sum(), x.over(&[0, 2][..]).sum()] {
        assert_eq!(sums.compute().unwrap(), arr1(&[8.0, 8.0, 8.0]).into_dyn());
    }
}
