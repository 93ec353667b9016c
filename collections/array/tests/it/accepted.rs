//! The ways in which operands, chunks, depths and lists of arrays can be written, against `ndarray` in one block.

use crate::given::Given;
use ndarray::{
    Array2, Array3, ArrayD, ArrayView2, Axis, Ix1, Ix2, NewAxis, SliceInfoElem, arr1, arr2, s,
};
use taskweave_array::{Array, Boundary, Chunks, Pad, concatenate, einsum, stack};

/// Whole numbers, of which sums and products are exact, and the same in some chunks.
fn matrix(given: &mut Given, shape: [usize; 2]) -> (Array2<f64>, Array<f64, Ix2>) {
    let whole = Array2::from_shape_simple_fn(shape, || given.below(201) as f64 - 100.0);
    let chunks = given.chunks(&shape);
    (whole.clone(), Array::from(whole).rechunk(chunks))
}

#[test]
fn operands_of_ndarray_are_owned_shared_borrowed_or_views() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(20), 1 + given.below(20)];
        let ((a, x), (b, _)) = (matrix(&mut given, shape), matrix(&mut given, shape));
        let (sum, difference) = (&a + &b, &b - &a);
        let shared = b.to_shared();
        let view = &b.view();
        for got in
            [&x + b.clone(), &x + &b, &x + shared.clone(), &x + &shared, &x + b.view(), &x + view]
        {
            assert_eq!(got.compute().unwrap(), sum);
        }
        for got in
            [&b - &x, &b - x.clone(), &shared - &x, b.view() - &x, b.view() - x.clone(), view - &x]
        {
            assert_eq!(got.compute().unwrap(), difference);
        }
        // Parts that broadcast, and lie with gaps or backwards.
        let row = b.slice(s![-1, ..;-1]);
        assert_eq!((&x * row).compute().unwrap(), &a * &row);
        assert_eq!((row * &x).compute().unwrap(), &a * &row);
        let mut assigned = x.clone();
        assigned -= &b;
        assigned *= b.view();
        assert_eq!(assigned.compute().unwrap(), (&a - &b) * &b);
        assert_eq!(
            x.lt(&b).compute().unwrap(),
            ndarray::Zip::from(&a).and(&b).map_collect(|a, b| a < b)
        );
        let column = b.column(0);
        assert_eq!(x.t().dot(&column.to_owned()).compute().unwrap(), a.t().dot(&column));
        assert_eq!(x.dot(&b.t().to_owned()).compute().unwrap(), a.dot(&b.t()));
    }
}

#[test]
fn widths_are_numbers_pairs_and_lists_of_pairs() {
    let x = Array::from(arr2(&[[1, 2, 3], [4, 5, 6]]));
    let each =
        |x: &Array<i32, Ix2>, widths: [(usize, usize); 2]| x.pad(widths, Pad::Edge).compute();
    let all = [(2, 1), (2, 1)];
    let shared: std::sync::Arc<[(usize, usize)]> = all.into();
    let want = each(&x, all).unwrap();
    for got in [
        x.pad((2, 1), Pad::Edge),
        x.pad(all, Pad::Edge),
        x.pad(&all, Pad::Edge),
        x.pad(&all[..], Pad::Edge),
        x.pad(all.to_vec(), Pad::Edge),
        x.pad(&all.to_vec(), Pad::Edge),
        x.pad(shared, Pad::Edge),
        x.pad(arr1(&all), Pad::Edge),
    ] {
        assert_eq!(got.compute().unwrap(), want);
    }
    assert_eq!(x.pad(2, Pad::Edge).compute().unwrap(), each(&x, [(2, 2), (2, 2)]).unwrap());
    let number = Array::from_elem((), 7);
    assert_eq!(number.pad(3, Pad::Edge).compute().unwrap().into_scalar(), 7);
    let error = x.pad([(1, 1); 3], Pad::Edge).check().unwrap_err().to_string();
    assert!(error.contains("3 pairs of widths to pad shape [2, 3]: give one for each"), "{error}");
}

#[test]
fn lengths_of_chunks_are_lists_of_integers_of_axes_by_number_or_name() {
    let x = Array::<f64, Ix2>::zeros([10, 12]);
    let cut = Array::from(vec![2_u64, 8]).compute().unwrap();
    for got in [
        x.rechunk(Chunks::lengths([vec![2, 8], vec![12]])),
        x.rechunk(Chunks::lengths(vec![vec![2_usize, 8], vec![12]])),
        x.rechunk(Chunks::lengths([&[2_i64, 8][..], &[12]])),
        x.rechunk(Chunks::lengths([&cut, &arr1(&[12])])),
    ] {
        assert_eq!((got.chunk_lengths(0), got.chunk_lengths(Axis(1))), (vec![2, 8], vec![12]));
        assert_eq!(got.chunk_lengths(Axis(2)), got.chunk_lengths(7));
    }
}

#[test]
fn slices_of_every_rank_and_parts_of_a_matrix_are_ndarrays() {
    let whole = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (30 * i + 6 * j + k) as f64);
    let x = Array::from(whole.clone()).rechunk(2);
    assert_eq!(x.slice(s![0, .., 1]).compute().unwrap(), whole.slice(s![0, .., 1]));
    assert_eq!(x.slice(s![0, 1, 2]).compute().unwrap(), whole.slice(s![0, 1, 2]));
    // The rank that a literal leaves is known to what follows.
    let sums = x.slice(s![1, .., ..]).sum_axis(Axis(0)) + x.slice(s![1, 2, ..;-1]);
    let want = whole.slice(s![1, .., ..]).sum_axis(Axis(0)) + whole.slice(s![1, 2, ..;-1]);
    assert_eq!(sums.compute().unwrap(), want);
    let info = s![.., NewAxis, -1, ..3];
    assert_eq!(x.slice(info).compute().unwrap(), whole.slice(info));
    assert_eq!(x.slice(&info).compute().unwrap(), whole.slice(info));
    let (x_dyn, whole_dyn) = (x.clone().into_dyn(), whole.clone().into_dyn());
    assert_eq!(x_dyn.slice(s![0, .., 1]).compute().unwrap(), whole_dyn.slice(s![0, .., 1]));
    let parts = [SliceInfoElem::Index(1), SliceInfoElem::NewAxis, (..).into(), (1..3).into()];
    let (got, want) = (x_dyn.slice(&parts[..]), whole_dyn.slice(&parts[..]));
    assert_eq!(got.compute().unwrap(), want);
    let (matrix, lazy) = (whole.slice(s![2, .., ..]), x.slice(s![2, .., ..]));
    for at in 0..5 {
        assert_eq!(lazy.row(at).compute().unwrap(), matrix.row(at));
        assert_eq!(lazy.column(at).compute().unwrap(), matrix.column(at));
    }
    let error = lazy.row(5).check().unwrap_err().to_string();
    assert!(error.contains("row: there is no index 5 along axis 0 of shape [5, 6]"), "{error}");
    let error = lazy.column(6).check().unwrap_err().to_string();
    assert!(error.contains("column: there is no index 6 along axis 1"), "{error}");
}

#[test]
fn types_and_bytes_are_those_of_the_result() {
    let x = Array::<f32, Ix2>::zeros([10, 12]);
    let bytes = |len: usize, size: usize| (len * size) as u64;
    assert_eq!((x.nbytes(), x.dtype().size), (bytes(x.compute().unwrap().len(), 4), 4));
    assert_eq!((x.gt(0.0).nbytes(), x.gt(0.0).dtype().name), (120, "bool"));
    assert_eq!(x.broadcast([1000, 10, 12]).nbytes(), bytes(120_000, 4));
    let wrong = &x + Array::zeros([7]);
    assert_eq!((wrong.nbytes(), wrong.dtype()), (0, x.dtype()));
}

#[test]
fn arrays_are_made_of_rows_borrowed_arrays_and_views() {
    assert_eq!(Array::from([1, 2, 3]).compute().unwrap(), arr1(&[1, 2, 3]));
    let rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
    assert_eq!(Array::from(rows).compute().unwrap(), arr2(&rows));
    assert_eq!(Array::from(rows.to_vec()).compute().unwrap(), arr2(&rows));
    let cube = [[[1, 2], [3, 4]], [[5, 6], [7, 8]]];
    assert_eq!(Array::from(cube).compute().unwrap(), Array3::from(cube.to_vec()));
    let values = arr2(&rows);
    assert_eq!(Array::from(&values).compute().unwrap(), values);
    let part = values.slice(s![..;-1, 1]);
    assert_eq!(Array::from(part).compute().unwrap(), part);
}

#[test]
fn chunks_are_tuples_arrays_and_slices() {
    let x = Array::<f64, Ix2>::zeros([10, 12]);
    let lengths = |x: &Array<f64, Ix2>| [x.chunk_lengths(0), x.chunk_lengths(1)];
    let want = lengths(&x.rechunk([4, 6]));
    let list = vec![4, 6];
    for got in [x.rechunk((4, 6)), x.rechunk(&[4, 6]), x.rechunk(&list), x.rechunk(&list[..])] {
        assert_eq!(lengths(&got), want);
    }
    let error = x.rechunk((4, 6, 1)).check().unwrap_err().to_string();
    assert!(error.contains("chunks are given for 3 axes"), "{error}");
    let deep = Array::<f64, _>::zeros([2, 2, 2, 2, 2, 2]).rechunk((1, 2, 1, 2, 1, 2));
    assert_eq!(deep.chunk_count(), 8);
}

#[test]
fn depths_are_one_for_all_axes_or_one_for_each() {
    let (whole, x) = matrix(&mut Given::seed(3), [9, 7]);
    let add = |block: ArrayView2<'_, f64>| {
        let (rows, columns) = block.dim();
        Array2::from_shape_fn(block.raw_dim(), |(i, j)| {
            block
                .slice(s![
                    i.saturating_sub(1)..rows.min(i + 2),
                    j.saturating_sub(1)..columns.min(j + 2)
                ])
                .sum()
        })
    };
    let want = add(whole.view());
    let none = Boundary::None;
    for got in [
        x.map_overlap(1, none, add),
        x.map_overlap([1, 1], none, add),
        x.map_overlap(&[1, 1], [none, none], add),
        x.map_overlap([(1, 1), (1, 1)], none, add),
        x.map_overlap(vec![1, 1], none, add),
        x.map_overlap(vec![(1, 1), (1, 1)], none, add),
    ] {
        assert_eq!(got.compute().unwrap(), want);
    }
    let error = x.map_overlap([1], none, add).check().unwrap_err().to_string();
    assert!(error.contains("give one for each axis"), "{error}");
}

#[test]
fn lists_of_arrays_are_of_arrays_or_of_references() {
    let mut given = Given::seed(5);
    let ((a, x), (b, y)) = (matrix(&mut given, [4, 3]), matrix(&mut given, [4, 3]));
    let joined = ndarray::concatenate![Axis(1), a, b];
    let (owned, lent) = (vec![x.clone(), y.clone()], vec![&x, &y]);
    for got in [
        concatenate(Axis(1), [&x, &y]),
        concatenate(Axis(1), &[&x, &y]),
        concatenate(Axis(1), [x.clone(), y.clone()]),
        concatenate(Axis(1), &[x.clone(), y.clone()]),
        concatenate(Axis(1), (&x, &y)),
        concatenate(Axis(1), &owned),
        concatenate(Axis(1), &owned[..]),
        concatenate(Axis(1), &lent),
        concatenate(Axis(1), &lent[..]),
        concatenate(Axis(1), lent.clone()),
        concatenate(Axis(1), owned.clone()),
    ] {
        assert_eq!(got.compute().unwrap(), joined);
    }
    let stacked = ndarray::stack![Axis(0), a, b, a, b, a, b, a, b];
    assert_eq!(stack(Axis(0), (&x, &y, &x, &y, &x, &y, &x, &y)).compute().unwrap(), stacked);
    // In the order of the list: the first error is that of the first.
    let (first, second) = (x.rechunk((1, 2, 3)), &y + Array::<f64, Ix1>::zeros([9]));
    let error = concatenate(Axis(0), (&x, &first, &second)).check().unwrap_err().to_string();
    assert!(error.contains("rechunk"), "{error}");
}

#[test]
fn operands_of_an_einstein_sum_are_a_tuple_a_list_or_one_array() {
    let mut given = Given::seed(6);
    let ((a, x), (b, y)) = (matrix(&mut given, [4, 4]), matrix(&mut given, [4, 4]));
    let product: ArrayD<f64> = a.dot(&b).into_dyn();
    let owned = vec![x.clone(), y.clone()];
    for got in [
        einsum("ij,jk->ik", (&x, &y)),
        einsum("ij,jk->ik", [&x, &y]),
        einsum("ij,jk->ik", &[x.clone(), y.clone()]),
        einsum("ij,jk->ik", &owned),
        einsum("ij,jk->ik", &owned[..]),
    ] {
        assert_eq!(got.compute().unwrap(), product);
    }
    assert_eq!(einsum("ii->i", &x).compute().unwrap(), a.diag().to_owned().into_dyn());
}
