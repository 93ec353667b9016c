//! Views, against the same of `ndarray`.

use crate::given::Given;
use ndarray::{ArrayD, Axis, IxDyn, SliceInfo, SliceInfoElem, s};
use taskweave_array::Array;

/// A slice that fits the shape.
fn slice(given: &mut Given, shape: &[usize]) -> Vec<SliceInfoElem> {
    let mut parts = Vec::new();
    for &len in shape {
        if given.below(8) == 0 {
            parts.push(SliceInfoElem::NewAxis);
        }
        if len > 0 && given.below(6) == 0 {
            let index = given.below(len) as isize;
            parts.push(SliceInfoElem::Index(if given.below(2) == 0 {
                index
            } else {
                index - len as isize
            }));
            continue;
        }
        let start = given.below(len + 1) as isize;
        let end = match given.below(3) {
            0 => None,
            1 => Some(given.below(len + 1) as isize),
            _ => Some(-(given.below(len + 1) as isize)),
        };
        let step = 1 + given.below(4) as isize;
        let step = if given.below(2) == 0 { step } else { -step };
        // Backwards from behind the end is refused, where `ndarray` takes nothing.
        let place = |bound: isize| if bound < 0 { bound + len as isize } else { bound };
        let is_empty = place(start) > end.map_or(len as isize, place);
        let step = if is_empty { step.abs() } else { step };
        parts.push(SliceInfoElem::Slice { start, end, step });
    }
    parts
}

#[test]
fn slices_and_permutations_one_after_the_other() {
    for seed in 0..500 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let mut want: ArrayD<f64> = a.clone();
        let mut got = given.chunked(&a);
        for _ in 0..3 {
            match given.below(4) {
                0 => {
                    want = want.reversed_axes();
                    got = got.t();
                }
                1 if want.ndim() > 0 => {
                    let axis = Axis(given.below(want.ndim()));
                    want.invert_axis(axis);
                    got = got.invert_axis(axis);
                }
                2 => {
                    let axis = Axis(given.below(want.ndim() + 1));
                    want = want.insert_axis(axis);
                    got = got.insert_axis(axis);
                }
                _ => {
                    let parts = slice(&mut given, want.shape());
                    let info: SliceInfo<_, IxDyn, IxDyn> = SliceInfo::try_from(parts).unwrap();
                    want = want.slice(info.as_ref()).to_owned();
                    got = got.slice(info);
                }
            }
            if given.below(3) == 0 {
                want += 1.0;
                got += 1.0;
            }
        }
        assert_eq!(got.shape(), want.shape(), "seed {seed}");
        assert_eq!(got.compute().unwrap(), want, "seed {seed}, {got}");
        let both = (&got + got.rechunk(3)) / 2.0;
        assert_eq!(both.compute().unwrap(), want, "seed {seed}, rechunked");
        assert_eq!(got.sum().compute().unwrap().into_scalar(), want.sum(), "seed {seed}, sum");
    }
}

#[test]
fn axes_are_removed_swapped_and_broadcast() {
    let a = ndarray::Array3::from_shape_fn((4, 1, 5), |(i, _, k)| (i * 5 + k) as i64);
    let x = Array::from(a.clone()).rechunk(2);
    assert_eq!(x.remove_axis(Axis(1)).compute().unwrap(), a.clone().remove_axis(Axis(1)));
    assert_eq!(x.index_axis(Axis(0), 3).compute().unwrap(), a.index_axis(Axis(0), 3));
    let mut swapped = a.clone();
    swapped.swap_axes(0, 2);
    assert_eq!(x.swap_axes(0, 2).compute().unwrap(), swapped);
    assert_eq!(x.broadcast([2, 4, 3, 5]).compute().unwrap(), a.broadcast([2, 4, 3, 5]).unwrap());
    assert_eq!(x.permuted_axes([2, 0, 1]).compute().unwrap(), a.permuted_axes([2, 0, 1]));
    let row = Array::arange(0_i64, 3, 1);
    assert_eq!(row.broadcast([2, 3]).sum().compute().unwrap().into_scalar(), 6);
}

#[test]
fn steps_may_be_as_long_as_there_are_numbers() {
    let x = Array::arange(0, 9, 1).rechunk(4);
    for step in [isize::MIN, isize::MIN + 1, -9, 9, isize::MAX] {
        let got = x.slice(s![1..;step]);
        let want = [if step < 0 { 8 } else { 1 }];
        for blocks in [got.clone(), got.slice(s![..;step])] {
            let copied = blocks.map_blocks(|block, _| block.to_owned());
            assert_eq!(copied.compute().unwrap().to_vec(), want, "{step}");
        }
        assert_eq!(got.compute().unwrap().to_vec(), want, "{step}");
        assert_eq!(x.assign(s![1..;step], 50).max().compute().unwrap().into_scalar(), 50);
        assert_eq!(
            got.broadcast([2, 1]).slice(s![..;-1, ..;step]).sum().compute().unwrap().into_scalar(),
            2 * i64::from(want[0])
        );
    }
}

#[test]
fn chunks_follow_a_view() {
    let x = Array::<f64, _>::zeros([10, 6]).rechunk([4, 6]);
    assert_eq!(x.t().chunk_lengths(1), [4, 4, 2]);
    assert_eq!(x.slice(s![1..;3, ..]).chunk_lengths(0), [1, 2]);
    assert_eq!(x.slice(s![..;-1, ..]).chunk_lengths(0), [2, 4, 4]);
    assert_eq!((&x + x.rechunk([3, 3])).chunk_lengths(0), [3, 3, 3, 1]);
    assert_eq!((&x + x.rechunk([2, 6])).chunk_lengths(0), [2, 2, 2, 2, 2]);
}

#[test]
fn backwards_as_numpy_writes_it_is_refused() {
    let x = Array::arange(0, 10, 1);
    let (start, end) = (5, 1);
    let error = x.slice(s![start..end;-1]).check().unwrap_err();
    assert!(error.to_string().contains("slice 5..1;-1 along axis 0 of shape [10] takes nothing: a negative step goes through the same range from its end, so NumPy's [5:1:-1] is s![2..6;-1]"), "{error}");
    assert_eq!(x.slice(s![2..6;-1]).compute().unwrap().to_vec(), [5, 4, 3, 2]);
    assert_eq!(x.slice(s![5..5;-1]).shape(), [0]);
    // Forwards it takes nothing.
    assert_eq!(x.slice(s![start..end]).shape(), [0]);
}
