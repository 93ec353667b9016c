//! Functions of blocks, against the same of the whole.

use crate::given::Given;
use ndarray::{Array2, ArrayD, ArrayView2, ArrayViewD, Axis, Ix2, IxDyn};
use taskweave_array::{Array, BlockPlace, Boundary, ErrorKind};

#[test]
fn each_block_with_its_place() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let places = x.map_blocks(|block: ArrayViewD<'_, f64>, place: &BlockPlace| {
            let origin = place.origin.clone();
            ArrayD::from_shape_fn(block.raw_dim(), |index| {
                let at: usize = origin
                    .iter()
                    .enumerate()
                    .map(|(axis, &o)| (o + index[axis]) << (8 * axis))
                    .sum();
                block[index] + (at as f64) * 1e4
            })
        });
        let want = ArrayD::from_shape_fn(IxDyn(&shape), |index| {
            let at: usize = (0..shape.len()).map(|axis| index[axis] << (8 * axis)).sum();
            a[index] + (at as f64) * 1e4
        });
        assert_eq!(places.compute().unwrap(), want, "seed {seed}");
        let both =
            x.zip_blocks(&x.sum(), |block, sum| &block + sum[vec![0; sum.ndim()].as_slice()]);
        if !a.is_empty() {
            assert_eq!(both.compute().unwrap(), &a + a.sum(), "seed {seed}");
        }
        for axis in 0..shape.len() {
            let spread =
                x.map_axis(Axis(axis), |row| row.iter().fold(0.0, |sum: f64, x| sum * 0.5 + x));
            let want =
                a.map_axis(Axis(axis), |row| row.iter().fold(0.0, |sum: f64, x| sum * 0.5 + x));
            assert_eq!(spread.compute().unwrap(), want, "seed {seed}, axis {axis}");
        }
    }
}

#[test]
fn blocks_of_other_shapes_and_ranks() {
    let x = Array::<f64, Ix2>::from_fn([6, 4], |[i, j]| (10 * i + j) as f64).rechunk([2, 4]);
    let sums = x.map_blocks_to(vec![vec![1; 3]], |block, _| ndarray::arr1(&[block.sum()]));
    assert_eq!(sums.compute().unwrap().to_vec(), [52.0, 212.0, 372.0]);
    let error = x
        .map_blocks_to(vec![vec![1; 4]], |block, _| ndarray::arr1(&[block.sum()]))
        .check()
        .unwrap_err();
    assert!(error.to_string().contains("4 chunks are promised, and the array has 3"), "{error}");
    let error = x
        .map_blocks_to(vec![vec![1; 3]; 2], |block, _| ndarray::arr1(&[block.sum()]))
        .check()
        .unwrap_err();
    assert!(error.to_string().contains("for 2 axes of blocks of rank 1"), "{error}");
    let wrong = x.map_blocks(|block, _| block.slice(ndarray::s![..1, ..]).to_owned());
    let error = wrong.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("map_blocks: the function returned shape [1, 4] for the block at [0, 0], whose shape is [2, 4]"), "{error}");
    let error = x.map_blocks(|_, _| -> Array2<f64> { panic!("no") }).sum().compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
}

/// The sum of what is around, by 1 along the first axis and by `d` along the second.
fn around(block: ArrayView2<'_, f64>, d: usize) -> Array2<f64> {
    let at = |i: isize, j: isize| {
        let inside =
            i >= 0 && j >= 0 && (i as usize) < block.nrows() && (j as usize) < block.ncols();
        if inside { block[[i as usize, j as usize]] } else { 0.0 }
    };
    Array2::from_shape_fn(block.raw_dim(), |(i, j)| {
        let (i, j, d) = (i as isize, j as isize, d as isize);
        at(i, j) + 2.0 * at(i - 1, j) + 3.0 * at(i + 1, j) + 4.0 * at(i, j - d) + 5.0 * at(i, j + d)
    })
}

#[test]
fn with_neighbours_under_every_boundary() {
    for seed in 0..200 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(12), 1 + given.below(12)];
        let a: Array2<f64> = given.whole(&shape).into_dimensionality().unwrap();
        let x = given.chunked(&a.clone().into_dyn()).into_dimensionality::<Ix2>();
        let d = 1 + given.below(5);
        type Source = fn(isize, isize) -> Option<isize>;
        let ways: [(Boundary<f64>, Source); 5] = [
            (Boundary::None, |at, len| (0..len).contains(&at).then_some(at)),
            (Boundary::Constant(0.5), |at, len| (0..len).contains(&at).then_some(at)),
            (Boundary::Nearest, |at, len| Some(at.clamp(0, len - 1))),
            (Boundary::Periodic, |at, len| Some(at.rem_euclid(len))),
            (Boundary::Reflect, |at, len| {
                Some(at.rem_euclid(2 * len).min(2 * len - 1 - at.rem_euclid(2 * len)))
            }),
        ];
        for (boundary, source) in ways {
            let got = x.map_overlap(&[1, d], boundary, move |block| around(block, d));
            let outside = if boundary == Boundary::None { 0.0 } else { 0.5 };
            let at = |i: isize, j: isize| {
                let place = source(i, shape[0] as isize).zip(source(j, shape[1] as isize));
                place.map_or(outside, |(i, j)| a[[i as usize, j as usize]])
            };
            let want = Array2::from_shape_fn(shape, |(i, j)| {
                let (i, j, d) = (i as isize, j as isize, d as isize);
                at(i, j)
                    + 2.0 * at(i - 1, j)
                    + 3.0 * at(i + 1, j)
                    + 4.0 * at(i, j - d)
                    + 5.0 * at(i, j + d)
            });
            assert_eq!(got.compute().unwrap(), want, "seed {seed}, {boundary:?}, depth {d}, {x}");
        }
    }
}

#[test]
fn what_a_stencil_returns_has_to_be_what_it_got() {
    let x = Array::<f64, Ix2>::zeros([4, 4]).rechunk(2);
    let error = x
        .map_overlap(&[1, 1], Boundary::None, |b| b.slice(ndarray::s![1.., ..]).to_owned())
        .compute()
        .unwrap_err();
    assert!(error.to_string().contains("map_overlap: the function returned shape [2, 3] for the block at [0, 0], which with its neighbours has shape [3, 3]"), "{error}");
    assert!(x.map_overlap(&[1], Boundary::None, |b| b.to_owned()).check().is_err());
    assert!(x.map_overlap(&[1, usize::MAX], Boundary::None, |b| b.to_owned()).check().is_err());
}
