//! Arrays that carry an error: whoever looks at the shape before the error sees lengths of 0 and no panic, and the first error is what comes out of whatever is made of them.

use ndarray::{Axis, Dimension, Ix0, Ix1, Ix2, Ix3, Ix6, IxDyn, MeshIndex, NewAxis, arr1, arr2, s};
use taskweave_array::{
    Array, Blockwise, Boundary, Chunks, Convolution, Element, ErrorKind, INFERRED, Pad, Random,
    Side, block, concatenate, einsum, meshgrid, stack,
};
use taskweave_runtime::{Graph, compute};

/// The array of a file that there is not.
#[track_caller]
fn missing<A: Element, D: Dimension + 'static>() -> Array<A, D> {
    Array::from_npy("/no/such/folder/x.npy")
}

/// Asserts that the array has an error, that its shape has the rank of its type, and that the error is what computing it says.
#[track_caller]
fn is_impossible<A: Element, D: Dimension + 'static>(x: &Array<A, D>, kind: ErrorKind) {
    let error = x.check().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let rank = D::NDIM.unwrap_or(0);
    assert_eq!((x.ndim(), x.len(), x.is_empty(), x.chunk_count()), (rank, 0, true, 0));
    assert_eq!((x.shape(), x.raw_dim().slice()), (&vec![0; rank][..], &vec![0; rank][..]));
    for axis in 0..rank + 2 {
        let chunks = if axis < rank { vec![0] } else { vec![] };
        assert_eq!((x.len_of(Axis(axis)), x.chunk_lengths(axis)), (0, chunks));
    }
    let message = error.to_string();
    assert_eq!(x.compute().unwrap_err().to_string(), message);
    assert_eq!(x.plan(1).unwrap_err().to_string(), message);
    assert_eq!(x.persist().unwrap_err().to_string(), message);
    assert_eq!(x.store_npy("/no/such/folder/y.npy").unwrap_err().to_string(), message);
    assert!(compute((x.clone(),)).unwrap_err().to_string().ends_with(&message));
    assert_eq!(x.to_string(), format!("no array: {message}"));
}

#[test]
fn an_impossible_array_has_the_axes_of_its_type() {
    is_impossible(&missing::<f64, Ix0>(), ErrorKind::Io);
    is_impossible(&missing::<u8, Ix1>(), ErrorKind::Io);
    is_impossible(&missing::<bool, Ix3>(), ErrorKind::Io);
    is_impossible(&missing::<f64, Ix6>(), ErrorKind::Io);
    is_impossible(&missing::<f64, IxDyn>(), ErrorKind::Io);
    let x = missing::<f64, Ix2>();
    is_impossible(&x, ErrorKind::Io);
    assert_eq!((x.dim(), x.nrows(), x.ncols(), x.shape()[1]), ((0, 0), 0, 0, 0));
    assert_eq!(missing::<f64, Ix1>().dim(), 0);
    assert_eq!(missing::<f64, IxDyn>().dim(), IxDyn(&[]));
}

#[test]
fn lengths_have_the_names_that_ndarray_gives_them() {
    let x = Array::<f64, Ix3>::zeros([4, 0, 3]);
    let plain = ndarray::Array3::<f64>::zeros([4, 0, 3]);
    assert_eq!((x.shape(), x.dim()), (plain.shape(), plain.dim()));
    assert_eq!((x.raw_dim(), x.ndim(), x.len()), (plain.raw_dim(), plain.ndim(), plain.len()));
    for axis in 0..3 {
        assert_eq!(x.len_of(Axis(axis)), plain.len_of(Axis(axis)));
    }
    assert_eq!((x.len_of(Axis(3)), x.len_of(Axis(usize::MAX))), (0, 0));
    let (x, plain) = (Array::<u8, Ix2>::ones([4, 7]), ndarray::Array2::<u8>::ones([4, 7]));
    assert_eq!((x.nrows(), x.ncols(), x.dim()), (plain.nrows(), plain.ncols(), plain.dim()));
    assert_eq!(Array::<u8, _>::zeros(x.raw_dim()).dim(), (4, 7));
    assert_eq!(x.clone().into_dyn().dim(), IxDyn(&[4, 7]));
    assert_eq!(Array::<u8, _>::from_elem((), 1).dim(), ());
}

#[test]
fn every_constructor_that_can_fail_gives_such_an_array() {
    const MANY: usize = usize::MAX / 2;
    type Matrix = Array<f64, Ix2>;
    let too_large: [Matrix; 8] = [
        Array::zeros([MANY, 2]),
        Array::ones([MANY, 2]),
        Array::from_elem([MANY, 2], 1.0),
        Array::from_fn([MANY, 2], |[i, _]| i as f64),
        Array::eye(MANY),
        Array::tri([MANY, 2], 0),
        Random::new(1).uniform([MANY, 2]),
        Random::new(1).normal([MANY, 2]),
    ];
    too_large.iter().for_each(|x| is_impossible(x, ErrorKind::Overflow));
    is_impossible(&Array::indices([MANY, 2]), ErrorKind::Overflow);
    is_impossible(&Array::linspace(0.0, 1.0, MANY), ErrorKind::Overflow);
    is_impossible(&Array::<f64, _>::zeros([INFERRED, 2]), ErrorKind::Shape);
    is_impossible(&Array::arange(0, 3, 0), ErrorKind::Value);
    is_impossible(&Array::arange(0.0, f64::NAN, 1.0), ErrorKind::Value);
    is_impossible(&Array::from_diag(missing::<f64, Ix1>()), ErrorKind::Io);
    let [x, y] = meshgrid([&Array::arange(0, 3, 1), &missing()], MeshIndex::XY);
    is_impossible(&y, ErrorKind::Io);
    assert!(x.check().is_err() || x.dim() == (0, 3));

    is_impossible(&Array::from_blocks([4, 2], 0, |_| arr2(&[[1.0]])), ErrorKind::Chunks);
    let part = Graph::build(|graph| graph.value(arr1(&[1, 2])));
    is_impossible(&Array::from_graphs([4], 2, vec![part]), ErrorKind::Chunks);

    let mut random = Random::new(1);
    let pair = Array::arange(0, 2, 1);
    is_impossible(&random.integers(3, 3, [2, 2]), ErrorKind::Value);
    is_impossible(&random.choice(0, [2, 2]), ErrorKind::Value);
    is_impossible(&random.choice(&missing::<f64, _>(), [2, 2]), ErrorKind::Io);
    is_impossible(&random.choice_weighted(&pair, &[0.0, 0.0], [2, 2]), ErrorKind::Value);
    is_impossible(&random.sample(2, 3), ErrorKind::Value);
    is_impossible(&random.sample_weighted(2, [1.0], 1), ErrorKind::Shape);
    is_impossible(&random.permutation(MANY), ErrorKind::Overflow);
    is_impossible(&random.shuffle(&pair, Axis(1)), ErrorKind::Axis);

    let none: [&Matrix; 0] = [];
    is_impossible(&concatenate(Axis(0), none), ErrorKind::Shape);
    is_impossible(&stack(Axis(0), none), ErrorKind::Shape);
    is_impossible(&block(none), ErrorKind::Shape);
    is_impossible(&einsum("ij->k", &Matrix::ones([2, 2])), ErrorKind::Value);

    let file = std::env::temp_dir().join(format!("taskweave-impossible-{}", std::process::id()));
    Matrix::ones([2, 2]).store_npy(&file).unwrap();
    is_impossible(&Array::<f32, Ix2>::from_npy(&file), ErrorKind::Format);
    is_impossible(&Array::<f64, Ix1>::from_npy(&file), ErrorKind::Shape);
    is_impossible(&Array::<f64, Ix2>::from_raw(&file, [1000, 2], 0), ErrorKind::Format);
    std::fs::write(&file, "no array").unwrap();
    is_impossible(&Array::<f64, Ix2>::from_npy(&file), ErrorKind::Format);
    std::fs::remove_file(&file).unwrap();
    is_impossible(&Array::<f64, Ix2>::from_raw("/no/such/file", [2, 2], 0), ErrorKind::Io);
    is_impossible(&Array::<f64, Ix2>::from_npy_stack("/no/such/folder"), ErrorKind::Io);
}

/// Asserts that all of these carry the error of the file.
macro_rules! carry {
    ($($x:expr),* $(,)?) => {$(
        let message = $x.check().unwrap_err().to_string();
        assert!(message.contains("/no/such/folder/x.npy"), "{}: {message}", stringify!($x));
    )*};
}

/// What is wrong later, often because of the lengths of 0, is not what is said.
#[test]
fn the_first_error_comes_out_of_chains_that_look_at_the_shape() {
    let x = missing::<f64, Ix2>();
    let (n, m) = x.dim();
    let v = missing::<f64, Ix1>();
    let more = Array::<f64, Ix2>::ones([n, 3]);
    carry![
        x.slice(s![..x.shape()[0], ..m]),
        x.slice(s![NewAxis, -1.., 5..]),
        x.reshape([x.len()]),
        x.reshape([INFERRED, m]).flatten(),
        x.broadcast([n, m]),
        x.index_axis(Axis(0), x.nrows().wrapping_sub(1)),
        x.index_axis(Axis(4), 0).index_axis(Axis(4), 0),
        x.rechunk([x.nrows().div_ceil(4), m]),
        x.rechunk(Chunks::lengths([vec![1], vec![]])),
        x.rechunk_within([0, 0], 1),
        x.select(Axis(1), &[m]),
        x.compress(Axis(0), &vec![true; n + 1]),
        x.permuted_axes([5, 5]).swap_axes(7, 8).t(),
        x.invert_axis(Axis(9)).remove_axis(Axis(9)),
        x.rot90(1, [0, 0]).roll(-3, Axis(8)),
        x.insert_axis(Axis(9)).into_dimensionality::<Ix1>(),
        x.clone().into_dyn().into_dimensionality::<Ix6>(),
        x.pad(&[(1, 1)], Pad::Reflect),
        x.repeat(2, Axis(2)).tile(usize::MAX, Axis(2)),
        x.assign(s![..9, 4], &more),
        x.tril(0).triu(-1).diagonal(0, Axis(0), Axis(0)),
        x.diag().sum(),
        x.trace() + x.norm(),
        x.sum() / n as f64,
        x.mean_axis(Axis(9)),
        x.over([0, 0, 7]).keep_dims().max(),
        x.argmin_axis(Axis(9)).cast::<f64>(),
        x.var(f64::NAN),
        x.quantile(2.0) + x.quantile_axis(Axis(9), -1.0),
        x.nanmedian_axis(Axis(3)),
        x.average(&more),
        x.cumsum(Axis(9)).diff(Axis(9)),
        x.gradient(Axis(9), 0.0).trapezoid(Axis(9), &[1.0][..]),
        x.topk(m, Axis(4)),
        x.sort(Axis(9)),
        x.argsort(Axis(9)).cast::<f64>(),
        x.digitize(&[1.0, 0.0, 2.0], true),
        x.interp(&[1.0, 0.0], &[]),
        v.convolve([], Convolution::Valid),
        v.searchsorted(&more, Side::Left),
        v.outer(&v),
        x.histogram(0, 1.0, -1.0),
        x.histogram_in(vec![1.0]),
        x.cast::<u64>().bincount(n),
        x.map_blocks(|block, _| block.to_owned()),
        x.map_blocks_to([9, 9, 9], |_, _| arr1(&[1.0])),
        x.map_overlap(&[1][..], Boundary::Reflect, |block| block.to_owned()),
        x.coarsen(&[0], |block| block.sum()),
        x.map_axis(Axis(9), |row| row.len() as u64),
        x.reduction_axis(Axis(9), |_, _| 1_u8, |a, b| a + b, |a| a),
        x.powf(&more).clip(2.0, 1.0).full_like(1.0).zeros_like(),
        x.spill(1),
        x.kron(&more).cov(1.0),
        x.corrcoef(),
        (-&x + 1.0).gt(0.0).where_(1.0, 2.0),
        !x.is_nan(),
    ];
    #[cfg(feature = "linalg")]
    {
        let (u, s, vt) = x.svd();
        let (q, r) = x.qr();
        let part = x.svd_compressed(0, taskweave_array::SvdOptions::default());
        carry![u, s, vt, q, r, part.u, part.s, part.vt, part.error];
        carry![x.solve(&more), x.lstsq(&more), x.inv(), x.cholesky()];
    }
    for error in [x.unique_counts().err(), x.argwhere().err()] {
        assert!(error.is_some_and(|error| error.kind() == ErrorKind::Io));
    }
    assert_eq!(x.extract(&more.gt(0.0)).err().unwrap().kind(), ErrorKind::Io);
}

/// An array that is impossible beside others, which don't fit it or each other.
#[test]
fn the_error_of_an_operand_is_that_of_the_whole() {
    let x = missing::<f64, Ix2>();
    let ok = Array::<f64, Ix2>::ones([4, 3]);
    let v = missing::<f64, Ix1>();
    let line = Array::<f64, Ix1>::ones([5]);
    carry![
        &ok + &x,
        &x + (&ok + Array::<f64, _>::ones([7, 7])),
        &ok + x.slice(s![..3, ..]) * &line,
        arr2(&[[1.0]]) - &x,
        ok.equal(&x).where_(&line, 0.0),
        ok.gt(0.0).where_(1.0, &x),
        ok.zip_with(&x, |a, b: f64| a + b),
        ok.isclose(&x, 0.0, 0.0),
        ok.array_equal(&x),
        x.array_equal(&ok),
        ok.isin(&x),
        ok.assign(s![.., ..], &x),
        ok.dot(&x),
        ok.dot(&v),
        ok.tensordot(&x, [0, 1, 2], [0]),
        line.outer(&v),
        ok.kron(&x),
        ok.cross(&x, Axis(7)),
        ok.average(&x),
        ok.take_along_axis(&x.cast::<u64>(), Axis(0)),
        line.searchsorted(&x, Side::Left),
        ok.histogram_weighted(&x, (0, 0.0, 1.0)),
        ok.histogram2d(&x, (0, 0.0, 1.0), (3, 1.0, 0.0)),
        ok.cast::<u64>().bincount_weighted(&x, 3),
        ok.zip_blocks(&x, |a, b| &a + &b),
        ok.zip_overlap(&x, 1, Boundary::Nearest, Boundary::Nearest, |a, _| a.to_owned()),
        Blockwise::new("ij").with(&ok, "ij").with(&x, "jk").map(|a, _| a.to_owned()),
        concatenate(Axis(9), [&ok, &x, &Array::ones([1, 1])]),
        stack(Axis(9), [&ok, &x]),
        block([[&ok, &x], [&ok, &ok.t()]]),
        block([[[&ok, &x]]]),
        block([vec![&ok], vec![&ok, &x]]),
        einsum("ij,jk->", (&ok, &x)),
        einsum("ij,jk,l->z", (&ok, &ok, &v)),
    ];
}
