//! Blocks of neighbours, and vector products, against plain loops.

use crate::given::Given;
use ndarray::{Array2, ArrayD, Axis, IxDyn};
use taskweave_array::{Array, ErrorKind};

#[test]
fn blocks_of_neighbours_become_elements_in_any_chunks() {
    for seed in 0..200 {
        let mut given = Given::seed(seed);
        let rank = given.below(4);
        let by: Vec<usize> = (0..rank).map(|_| 1 + given.below(4)).collect();
        let coarse: Vec<usize> = (0..rank).map(|_| given.below(6)).collect();
        let shape: Vec<usize> = by.iter().zip(&coarse).map(|(by, len)| by * len).collect();
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let want = ArrayD::from_shape_fn(IxDyn(&coarse), |index| {
            let mut part = a.view();
            for (axis, &by) in by.iter().enumerate() {
                let from = index[axis] * by;
                part.slice_axis_inplace(Axis(axis), (from..from + by).into());
            }
            // Of all elements, and of where they are.
            part.sum() + 7.0 * part.iter().next().unwrap()
        });
        let got = x.coarsen(&by, |part| part.sum() + 7.0 * part.iter().next().unwrap());
        assert_eq!(got.compute().unwrap(), want, "seed {seed}, {x} by {by:?}");
        assert_eq!((-(-x)).coarsen(&by, |part| part.len() as u64).shape(), coarse);
    }
}

#[test]
fn blocks_that_do_not_fit_and_functions_that_fail() {
    let x = Array::from(Array2::from_shape_fn((7, 6), |(i, j)| (6 * i + j) as f64)).rechunk(4);
    let refused = |by: &[usize], kind: ErrorKind, text: &str| {
        let error = x.coarsen(by, |part| part.sum()).check().unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().ends_with(text), "{error}");
    };
    refused(
        &[2],
        ErrorKind::Axis,
        "cannot coarsen shape [7, 6] by [2]: give one number for each axis, 1 where it stays as it is",
    );
    refused(&[1, 0], ErrorKind::Value, "no block has 0 elements; give 1 at least");
    refused(
        &[2, 3],
        ErrorKind::Shape,
        "by [2, 3]: axis 0 is no multiple of 2; leave out what is left over, as `slice` to length 6 does",
    );
    let even = x.slice(ndarray::s![..6, ..]);
    let checked = |part: ndarray::ArrayView2<'_, f64>| match part.sum() {
        sum if sum > 140.0 => Err(format!("{sum} is too much")),
        sum => Ok(sum),
    };
    let error = even.coarsen(&[2, 3], checked).compute().unwrap_err().to_string();
    let text =
        "coarsen: the function failed for the block of the element at [2, 0]: 168 is too much";
    assert!(error.ends_with(text), "{error}");
}

#[test]
fn vector_products_along_any_axis() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let rank = 1 + given.below(3);
        let axis = given.below(rank);
        let mut shape: Vec<usize> = (0..rank).map(|_| 1 + given.below(5)).collect();
        shape[axis] = 3;
        let (a, b) = (given.whole(&shape), given.whole(&shape));
        let (x, y) = (given.chunked(&a), given.chunked(&b));
        let want = ArrayD::from_shape_fn(IxDyn(&shape), |mut index| {
            let at = index[axis];
            let mut of = |values: &ArrayD<f64>, shift: usize| {
                index[axis] = (at + shift) % 3;
                values[&index]
            };
            of(&a, 1) * of(&b, 2) - of(&a, 2) * of(&b, 1)
        });
        assert_eq!(x.cross(&y, Axis(axis)).compute().unwrap(), want, "seed {seed}");
    }
    // One vector with many.
    let many = Array::from(Array2::from_shape_fn((4, 3), |(i, j)| (i * i + j) as i64)).rechunk(2);
    let one = Array::from(ndarray::arr2(&[[0, 0, 1]]));
    let turned = many.cross(&one, Axis(1)).compute().unwrap();
    for (turned, row) in turned.rows().into_iter().zip(many.compute().unwrap().rows()) {
        assert_eq!(turned.to_vec(), [row[1], -row[0], 0]);
    }
    let error = many.cross(&many.t(), Axis(1)).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(
        error.to_string().contains("no cross product of shapes [4, 3] and [3, 4] along axis 1")
    );
    assert_eq!(many.cross(&one, Axis(2)).check().unwrap_err().kind(), ErrorKind::Axis);
    let three = Array::<i64, _>::ones([5, 3]);
    let line = line!() + 1;
    let error = many.cross(&three, Axis(1)).check().unwrap_err().to_string();
    assert!(error.contains(&format!("coarsened.rs:{line}")), "{error}");
    assert!(error.contains("cross: shapes [4, 3] and [5, 3]"), "{error}");
    // Of ranks that are not known before.
    let vector = one.index_axis(Axis(0), 0).into_dyn();
    for (x, y) in [(&many.clone().into_dyn(), &vector), (&vector, &many.clone().into_dyn())] {
        let error = x.cross(y, Axis(0)).check().unwrap_err().to_string();
        assert!(error.contains("give arrays of one rank"), "{error}");
    }
    let held = many.map_blocks(|block, _| block.to_owned()).cross(&one, Axis(1));
    let plan = held.plan(1).unwrap().within(1).unwrap_err().to_string();
    assert!(plan.contains("`cross`") && !plan.contains("`subtract`"), "{plan}");
}
