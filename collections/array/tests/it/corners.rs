//! What has no elements, no axes, or one element: every operation gives what NumPy gives, or an error, and none panics.

use ndarray::{ArrayD, Axis, Ix1, Ix2, IxDyn, s};
use taskweave_array::{Array, Boundary, Chunks, Pad, Random, concatenate, stack};

type Dyn = Array<f64, IxDyn>;

fn shapes() -> Vec<Vec<usize>> {
    vec![vec![], vec![0], vec![1], vec![0, 3], vec![3, 0], vec![1, 1], vec![0, 0, 2], vec![2, 1, 3]]
}

/// The array computed, or the shape that an error keeps it from having.
#[track_caller]
fn shape_of(x: &Dyn) -> Vec<usize> {
    let (computed, shape) = (x.compute().unwrap(), x.shape().to_vec());
    assert_eq!(computed.shape(), shape);
    let graph = x.to_graph().unwrap().compute().unwrap();
    assert!(graph.iter().zip(&computed).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
    assert!(x.plan(0).is_ok() && !x.to_string().is_empty());
    shape
}

#[test]
fn every_operation_of_arrays_of_no_or_one_element() {
    for shape in shapes() {
        let a = ArrayD::from_elem(IxDyn(&shape), 2.0);
        for is_computed in [false, true] {
            let x: Dyn = Array::from_ndarray(a.clone());
            let x = if is_computed { x.map_blocks(|block, _| block.to_owned()) } else { x };
            assert_eq!(shape_of(&x.rechunk(usize::MAX)), shape);
            assert_eq!(shape_of(&x.rechunk(Chunks::bytes(0))), shape);
            assert_eq!(shape_of(&x.rechunk(1).t().t()), shape);
            assert_eq!(shape_of(&(&x + &x.mapv(|x| x.sin()).powi(0).clip(0.0, 1.0))), shape);
            assert_eq!(shape_of(&x.persist().unwrap()), shape);
            assert_eq!(shape_of(&x.over([]).sum()), shape);
            assert_eq!(shape_of(&x.over([]).argmax().cast::<f64>()), shape);
            assert_eq!(shape_of(&x.zip_blocks(&x.sum(), |a, b| &a + &b)), shape);
            assert_eq!(
                shape_of(
                    &x.map_overlap(&vec![1; shape.len()], Boundary::Reflect, |b| b.to_owned())
                ),
                shape
            );
            assert_eq!(
                shape_of(
                    &x.map_overlap(&vec![9; shape.len()], Boundary::Nearest, |b| b.to_owned())
                ),
                shape
            );
            assert_eq!(
                shape_of(&x.pad(&vec![(1, 2); shape.len()], Pad::Constant(0.0))),
                shape.iter().map(|len| len + 3).collect::<Vec<_>>()
            );
            assert_eq!(shape_of(&x.pad(&vec![(0, 0); shape.len()], Pad::Wrap)), shape);
            assert_eq!(x.flatten().compute().unwrap().len(), a.len());
            let all = x.over((0..shape.len()).collect::<Vec<_>>());
            assert_eq!(shape_of(&all.keep_dims().mean()), vec![1; shape.len()]);
            assert_eq!(x.sum().compute().unwrap().into_scalar(), a.sum());
            assert_eq!(x.count_nonzero().compute().unwrap().into_scalar(), a.len() as u64);
            assert_eq!(x.max().check().is_err(), a.is_empty());
            assert_eq!(x.median().check().is_err(), a.is_empty());
            assert_eq!(x.var(0.0).compute().unwrap().into_scalar().is_nan(), a.is_empty());
            assert_eq!(x.unique().unwrap().compute().unwrap().len(), a.len().min(1));
            assert_eq!(
                x.histogram(3, 0.0, 2.0).compute().unwrap().to_vec(),
                [0, 0, a.len() as u64]
            );
            assert_eq!(x.bincount(3).compute().unwrap().to_vec(), [0, 0, a.len() as u64]);
            assert_eq!(x.bincount(0).compute().is_err(), !a.is_empty());
            assert!(x.norm().compute().unwrap().into_scalar() >= 0.0);
            for axis in (0..shape.len()).map(Axis) {
                let len = shape[axis.0];
                let with = |len: usize| {
                    let mut shape = shape.clone();
                    shape[axis.0] = len;
                    shape
                };
                assert_eq!(shape_of(&concatenate(axis, &[x.clone(), x.clone()])), with(2 * len));
                assert_eq!(
                    shape_of(&stack(axis, &[x.clone(), x.clone()]).into_dyn()).len(),
                    shape.len() + 1
                );
                assert_eq!(shape_of(&x.tile(2, axis)), with(2 * len));
                assert_eq!(shape_of(&x.tile(0, axis)), with(0));
                assert_eq!(shape_of(&x.repeat(2, axis)), with(2 * len));
                assert_eq!(x.tile(usize::MAX - 1, axis).check().is_ok(), len == 0);
                assert_eq!(x.repeat(usize::MAX - 1, axis).check().is_ok(), len == 0);
                // A negative one.
                assert!(x.tile(usize::MAX, axis).check().is_err());
                assert!(x.repeat(usize::MAX, axis).check().is_err());
                assert_eq!(shape_of(&x.select(axis, [0_usize; 0])), with(0));
                assert_eq!(shape_of(&x.compress(axis, &vec![false; len])), with(0));
                assert_eq!(shape_of(&x.roll(isize::MIN, axis)), shape);
                assert_eq!(shape_of(&x.invert_axis(axis)), shape);
                assert_eq!(shape_of(&x.cumsum(axis)), shape);
                assert_eq!(shape_of(&x.cumprod(axis)), shape);
                assert_eq!(shape_of(&x.diff(axis)), with(len.saturating_sub(1)));
                assert_eq!(x.topk(1, axis).check().is_err(), len == 0);
                assert_eq!(shape_of(&x.sum_axis(axis)).len(), shape.len() - 1);
                assert_eq!(
                    shape_of(&x.map_axis(axis, |row| row.len() as f64)).len(),
                    shape.len() - 1
                );
                assert_eq!(x.quantile_axis(axis, 0.5).check().is_err(), len == 0);
            }
        }
    }
}

#[test]
fn matrices_of_no_elements() {
    let m = |rows, columns| Array::<f64, Ix2>::ones([rows, columns]);
    for (rows, inner, columns) in [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0), (1, 1, 1)] {
        let product = m(rows, inner).dot(&m(inner, columns)).compute().unwrap();
        assert_eq!(product, ndarray::Array2::from_elem((rows, columns), inner as f64));
        let tensor = m(rows, inner).into_dyn().tensordot(&m(inner, columns).into_dyn(), [], []);
        assert_eq!(shape_of(&tensor), [rows, inner, inner, columns]);
        assert_eq!(m(rows, columns).diag().compute().unwrap().len(), rows.min(columns));
        assert_eq!(m(rows, columns).cov(1.0).compute().unwrap().dim(), (rows, rows));
        assert_eq!(m(rows, columns).corrcoef().compute().unwrap().dim(), (rows, rows));
        let (u, v) = (Array::<f64, Ix1>::ones([rows]), Array::<f64, Ix1>::ones([columns]));
        assert_eq!(u.outer(&v).compute().unwrap().dim(), (rows, columns));
    }
    assert_eq!(Random::new(1).normal::<f64, _>([0, 3]).compute().unwrap().dim(), (0, 3));
    assert_eq!(Array::<f64, Ix2>::eye(0).compute().unwrap().dim(), (0, 0));
}

#[test]
fn assignments_to_nothing_and_shapes_that_only_have_no_elements() {
    let x = Array::arange(0, 5, 1).rechunk(2);
    assert_eq!(x.assign(s![3..3], 7).compute().unwrap().to_vec(), [0, 1, 2, 3, 4]);
    assert_eq!(x.assign(s![4], 7).compute().unwrap().to_vec(), [0, 1, 2, 3, 7]);
    let none = Array::<f64, Ix1>::zeros([0]);
    for computed in [none.clone(), none.map_blocks(|b, _| b.to_owned())] {
        assert_eq!(computed.reshape([3, 0]).compute().unwrap().dim(), (3, 0));
        // No array in one block can be so long along its axes.
        let error = computed.reshape([0, 1 << 62, 4]).check().unwrap_err();
        assert!(error.to_string().contains("more elements than can be addressed"), "{error}");
    }
}
