//! Elements in other places, against the same of `ndarray`.

use crate::given::Given;
use ndarray::{ArrayD, Axis, IxDyn, SliceInfo, SliceInfoElem, arr1, concatenate, s};
use taskweave_array::{Array, Pad};

/// An array, and the same in chunks, with at least one axis.
fn given_pair(given: &mut Given) -> (ArrayD<f64>, Array<f64, IxDyn>) {
    let mut shape = given.shape();
    if shape.is_empty() {
        shape.push(1 + given.below(50));
    }
    let a = given.whole(&shape);
    let x = given.chunked(&a);
    (a, x)
}

#[test]
fn joined_rolled_tiled_repeated_and_selected() {
    for seed in 0..300 {
        let mut given = Given::seed(seed);
        let (a, x) = given_pair(&mut given);
        let axis = Axis(given.below(a.ndim()));
        let len = a.len_of(axis);
        let what = format!("seed {seed}, {x}, {axis:?}");

        let mut other = a.shape().to_vec();
        other[axis.0] = given.below(20);
        let b = given.whole(&other);
        let y = given.chunked(&b);
        let joined = taskweave_array::concatenate(axis, &[x.clone(), y, x.clone()]);
        let want = concatenate(axis, &[a.view(), b.view(), a.view()]).unwrap();
        assert_eq!(joined.compute().unwrap(), want, "{what}");
        assert_eq!(
            (&joined * 2.0).sum().compute().unwrap().into_scalar(),
            2.0 * want.sum(),
            "{what}"
        );

        let stacked = taskweave_array::stack(axis, &[x.clone(), &x + 1.0]);
        let want = ndarray::stack(axis, &[a.view(), (&a + 1.0).view()]).unwrap();
        assert_eq!(stacked.compute().unwrap(), want, "{what}");

        let shift = given.below(2 * len + 3) as isize - len as isize;
        let rolled: Vec<usize> = (0..len)
            .map(|at| (at as isize - shift).rem_euclid(len.max(1) as isize) as usize)
            .collect();
        assert_eq!(x.roll(shift, axis).compute().unwrap(), a.select(axis, &rolled), "{what}");

        let indices: Vec<usize> = if len == 0 {
            vec![]
        } else {
            (0..given.below(40)).map(|_| given.below(len)).collect()
        };
        assert_eq!(x.select(axis, &indices).compute().unwrap(), a.select(axis, &indices), "{what}");
        let keep: Vec<bool> = (0..len).map(|_| given.below(2) == 0).collect();
        let kept: Vec<usize> = (0..len).filter(|&at| keep[at]).collect();
        assert_eq!(x.compress(axis, &keep).compute().unwrap(), a.select(axis, &kept), "{what}");

        let count = given.below(4);
        let tiled: Vec<usize> = (0..len * count).map(|at| at % len.max(1)).collect();
        assert_eq!(x.tile(count, axis).compute().unwrap(), a.select(axis, &tiled), "{what}");
        let repeated: Vec<usize> = (0..len * count).map(|at| at / count).collect();
        assert_eq!(x.repeat(count, axis).compute().unwrap(), a.select(axis, &repeated), "{what}");
    }
}

#[test]
fn many_elements_selected_and_kept_from_blocks_of_every_kind() {
    for seed in 0..12 {
        let mut given = Given::seed(seed);
        let shape = match given.below(4) {
            0 => vec![5_000],
            1 => vec![3, 1500],
            2 => vec![1200, 5],
            _ => vec![30, 40, 6],
        };
        let a = given.whole(&shape);
        let chunked = given.chunked(&a);
        // The user's memory in C order and in another one, blocks of their own, views backwards.
        let turned = Array::from_ndarray(a.t().as_standard_layout().reversed_axes().to_owned());
        let turned = turned.rechunk(given.chunks(&shape));
        let blocks = chunked.map_blocks(|block, _| block.to_owned());
        let columns =
            turned.map_blocks(|block, _| block.t().as_standard_layout().reversed_axes().to_owned());
        let mut back = a.clone();
        back.invert_axis(Axis(0));
        let back = Array::from_ndarray(back.as_standard_layout().to_owned());
        let back = back.rechunk(given.chunks(&shape)).invert_axis(Axis(0));
        for axis in (0..shape.len()).map(Axis) {
            let len = shape[axis.0];
            let lists: [Vec<usize>; 4] = [
                (0..2 * len).map(|_| given.below(len)).collect(),
                (0..len).filter(|at| at % 7 != 3).collect(),
                (0..len).rev().collect(),
                vec![len - 1; 700],
            ];
            let keep: Vec<bool> = (0..len).map(|_| given.below(3) == 0).collect();
            let kept: Vec<usize> = (0..len).filter(|&at| keep[at]).collect();
            for x in [&chunked, &turned, &blocks, &columns, &back] {
                let what = format!("seed {seed}, {x}, {axis:?}");
                for list in &lists {
                    let want = a.select(axis, list);
                    assert_eq!(x.select(axis, list).compute().unwrap(), want, "{what}");
                }
                let want = a.select(axis, &kept);
                assert_eq!(x.compress(axis, &keep).compute().unwrap(), want, "{what}");
            }
        }
    }
}

#[test]
fn padded_in_every_way() {
    for seed in 0..200 {
        let mut given = Given::seed(seed);
        let (a, x) = given_pair(&mut given);
        let widths: Vec<(usize, usize)> = (0..a.ndim())
            .map(|_| (given.below(4), given.below(if seed % 2 == 0 { 4 } else { 14 })))
            .collect();
        type Source = fn(isize, isize) -> Option<isize>;
        let ways: [(Pad<f64>, Source); 5] = [
            (Pad::Constant(-7.0), |at, len| (0..len).contains(&at).then_some(at)),
            (Pad::Edge, |at, len| Some(at.clamp(0, len - 1))),
            (Pad::Wrap, |at, len| Some(at.rem_euclid(len))),
            (Pad::Symmetric, |at, len| {
                Some(at.rem_euclid(2 * len).min(2 * len - 1 - at.rem_euclid(2 * len)))
            }),
            // As numpy 2.4.6, also where the axis is gone round several times.
            (Pad::Reflect, |at, len| {
                let period = (2 * len - 2).max(1);
                Some(at.rem_euclid(period).min((period - at.rem_euclid(period)) % period.max(2)))
            }),
        ];
        for (how, source) in ways {
            let got = x.pad(&widths, how);
            if let Err(error) = got.check() {
                // Of no elements nothing is made.
                let short = a.shape().contains(&0);
                assert!(short && error.to_string().contains("cannot pad"), "seed {seed}: {error}");
                continue;
            }
            let shape: Vec<usize> =
                a.shape().iter().zip(&widths).map(|(&len, &(b, c))| len + b + c).collect();
            let want = ArrayD::from_shape_fn(IxDyn(&shape), |index| {
                let from: Option<Vec<usize>> = (0..a.ndim())
                    .map(|axis| {
                        source(
                            index[axis] as isize - widths[axis].0 as isize,
                            a.shape()[axis] as isize,
                        )
                    })
                    .map(|at| at.map(|at| at as usize))
                    .collect();
                from.map_or(-7.0, |from| a[&from[..]])
            });
            assert_eq!(got.compute().unwrap(), want, "seed {seed}, {how:?}, {x}");
        }
    }
}

#[test]
fn assigned_to_slices() {
    for seed in 0..400 {
        let mut given = Given::seed(seed);
        let (mut a, x) = given_pair(&mut given);
        let parts: Vec<SliceInfoElem> = a
            .shape()
            .to_vec()
            .iter()
            .map(|&len| {
                if len > 0 && given.below(4) == 0 {
                    return SliceInfoElem::Index(given.below(len) as isize);
                }
                let (from, to) = (given.below(len + 1), given.below(len + 1));
                // Backwards from behind the end is refused.
                let is_forward = given.below(2) == 0 || from > to;
                let step = (1 + given.below(3) as isize) * if is_forward { 1 } else { -1 };
                SliceInfoElem::Slice { start: from as isize, end: Some(to as isize), step }
            })
            .collect();
        let info: SliceInfo<_, IxDyn, IxDyn> = SliceInfo::try_from(parts).unwrap();
        let shape = a.slice(&info).shape().to_vec();
        let values = given.whole(&shape);
        let got = x.assign(&info, &given.chunked(&values));
        let number = x.assign(&info, 5.5);
        let mut filled = a.clone();
        a.slice_mut(&info).assign(&values);
        filled.slice_mut(&info).fill(5.5);
        assert_eq!(got.compute().unwrap(), a, "seed {seed}, {x}, {info:?}");
        assert_eq!(number.compute().unwrap(), filled, "seed {seed}, {x}, {info:?}");
    }
}

#[test]
fn rows_to_columns_by_way_of_coarser_chunks() {
    for (shape, old, new) in [
        ([300, 400, 1], [1, 400, 1], [300, 1, 1]),
        ([50, 60, 30], [1, 60, 2], [25, 1, 30]),
        ([7, 200, 300], [1, 1, 300], [3, 200, 1]),
    ] {
        let a =
            ArrayD::from_shape_fn(IxDyn(&shape), |at| (at[0] * 1000 + at[1] * 7 + at[2]) as i32);
        let x = Array::from(a.clone()).rechunk(&old[..]).map_blocks(|block, _| block.to_owned());
        let y = x.rechunk(&new[..]);
        let same = y.map_blocks(|block, _| block.to_owned());
        assert_eq!(same.compute().unwrap(), a);
        let chunks: Vec<usize> = (0..3).map(|axis| y.chunk_lengths(axis)[0]).collect();
        assert_eq!(chunks, new);
        // Functions before and after, and what is between.
        let (before, after) = (2 * x.chunk_count(), same.chunk_count());
        let tasks = same.plan(1).unwrap().tasks();
        assert!(tasks < before + after + x.chunk_count(), "{tasks}, {before}, {after}");
    }
}

#[test]
fn reshaped_in_c_order() {
    for seed in 0..300 {
        let mut given = Given::seed(seed);
        let (a, x) = given_pair(&mut given);
        let x = if given.below(2) == 0 { x } else { (&x.t() + 0.0).t() };
        let mut shape = vec![a.len()];
        for _ in 0..given.below(4) {
            let last = shape.pop().unwrap();
            let divisors: Vec<usize> = (1..=last).filter(|d| last.is_multiple_of(*d)).collect();
            let part = if divisors.is_empty() { 1 } else { divisors[given.below(divisors.len())] };
            shape.extend([part, last / part]);
        }
        let want = a.clone().into_shape_with_order(IxDyn(&shape)).unwrap();
        let got = x.reshape(IxDyn(&shape));
        assert_eq!(got.compute().unwrap(), want, "seed {seed}, {x} to {shape:?}");
        let flat = got.rechunk(given.chunks(&shape)).flatten();
        assert_eq!(
            flat.compute().unwrap().to_vec(),
            a.iter().copied().collect::<Vec<_>>(),
            "seed {seed}"
        );
    }
    // Nothing is computed or copied for what follows from its place.
    assert_eq!(Array::arange(0, 12, 1).reshape([3, 4]).t().flatten().compute().unwrap()[1], 4);
}

#[test]
fn refused_with_the_shapes() {
    let x = Array::<f64, _>::zeros([3, 4]);
    let text = |error: Result<(), taskweave_array::Error>| error.unwrap_err().to_string();
    let joined = taskweave_array::concatenate(Axis(0), &[x.clone(), Array::zeros([3, 5])]);
    assert!(
        text(joined.check())
            .contains("shapes [3, 4] and [3, 5] cannot be put one after the other along axis 0")
    );
    assert!(
        text(taskweave_array::concatenate(Axis(0), [] as [&Array<f64, ndarray::Ix1>; 0]).check())
            .contains("concatenate: there is no array: give one at least")
    );
    assert!(
        text(taskweave_array::stack(Axis(0), &[x.clone(), Array::zeros([3, 5])]).check())
            .contains("cannot stack shapes [3, 4] and [3, 5]")
    );
    assert!(
        text(taskweave_array::concatenate(Axis(2), std::slice::from_ref(&x)).check())
            .contains("axis 2")
    );
    assert!(
        text(x.pad(&[(1, 1)], Pad::Edge).check()).contains("1 pair of widths to pad shape [3, 4]")
    );
    assert!(
        text(x.slice(s![..0, ..]).pad(&[(3, 0), (0, 0)], Pad::Reflect).check())
            .contains("by 3 and 0: it has no elements to make others of; give `Pad::Constant`")
    );
    assert!(text(x.reshape([5, 2]).check()).contains("with 12 elements to [5, 2], which has 10"));
    assert!(
        text(x.select(Axis(1), &[4]).check()).contains("select: there is no index 4 along axis 1")
    );
    assert!(
        text(x.compress(Axis(1), &[true]).check())
            .contains("compress: a mask of length 1 along axis 1")
    );
    assert!(
        text(x.assign(s![0, ..], &Array::zeros([3])).check())
            .contains("cannot assign shape [3] to a slice of shape [4]")
    );
    assert!(
        text(x.tile(usize::MAX - 1, Axis(0)).check())
            .contains("more elements than can be addressed")
    );
    assert!(
        text(x.repeat(usize::MAX - 1, Axis(0)).check())
            .contains("repeated 18446744073709551614 times")
    );
    assert_eq!(
        x.assign(s![.., 0], &Array::from(arr1(&[1.0, 2.0, 3.0])))
            .sum()
            .compute()
            .unwrap()
            .into_scalar(),
        6.0
    );
}

#[test]
fn rolling_in_a_loop_keeps_the_chunks() {
    let x = Array::arange(0, 40, 1).rechunk([9]);
    let mut all = x.clone();
    for shift in [1, -3, 9, 40, 17, 0, 1] {
        all = all.roll(shift, Axis(0));
        assert_eq!(all.chunk_lengths(0), x.chunk_lengths(0));
    }
    let expected: Vec<i32> = (0..40).map(|at: i32| (at - 65).rem_euclid(40)).collect();
    assert_eq!(all.compute().unwrap().to_vec(), expected);
}

#[test]
fn differences_of_nothing_are_none() {
    assert_eq!(Array::<f64, _>::zeros([2, 0]).diff(Axis(1)).compute().unwrap().shape(), [2, 0]);
    assert_eq!(Array::<f64, _>::zeros([0]).diff(Axis(0)).compute().unwrap().len(), 0);
}

#[test]
fn an_inferred_length_of_chunks_is_the_whole_axis() {
    use taskweave_array::{Chunks, INFERRED};
    let a = ndarray::Array2::from_shape_fn((10, 7), |(i, j)| 7 * i + j).mapv(|n| n as u64);
    for x in [Array::from(a.clone()), Array::from(a.clone()).rechunk([3, 2]) + 0] {
        let lengths = |x: &Array<u64, ndarray::Ix2>| [x.chunk_lengths(0), x.chunk_lengths(1)];
        let tall = x.rechunk([INFERRED, 3]);
        assert_eq!(lengths(&tall), [vec![10], vec![3, 3, 1]]);
        assert_eq!(lengths(&x.rechunk(&[4, INFERRED][..])), [vec![4, 4, 2], vec![7]]);
        assert_eq!(x.rechunk(INFERRED).chunk_count(), 1);
        assert_eq!(x.rechunk_within([INFERRED, 1], 1 << 20).chunk_count(), 7);
        assert_eq!(tall.compute().unwrap(), a);
    }
    let made = Array::from_blocks([4, 6], [INFERRED, 2], |place| {
        ndarray::Array2::from_elem((4, 2), place.chunk[1]).mapv(|n| n as u64)
    });
    assert_eq!(made.sum().compute().unwrap().into_scalar(), 8 * (1 + 2));
    // Lengths of all chunks have to add up to the axis.
    let error =
        Array::from(a).rechunk(Chunks::lengths([vec![INFERRED], vec![7]])).check().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("chunk 0 along axis 0 of shape [10, 7] has the length `INFERRED`"),
        "{error}"
    );
}

#[test]
fn one_length_of_a_shape_may_follow_from_the_others() {
    use taskweave_array::INFERRED;
    let a = ndarray::Array1::from_iter(0..24);
    let x = Array::from(a.clone()).rechunk(5);
    for (shape, want) in [
        ([INFERRED, 3, 4], [2, 3, 4]),
        ([6, INFERRED, 2], [6, 2, 2]),
        ([1, 24, INFERRED], [1, 24, 1]),
        ([2, 3, 4], [2, 3, 4]),
    ] {
        let want = a.clone().into_shape_with_order(want).unwrap();
        assert_eq!(x.reshape(shape).compute().unwrap(), want);
        assert_eq!((&x + 1).reshape(shape).compute().unwrap(), want + 1);
    }
    assert_eq!(x.reshape(ndarray::IxDyn(&[INFERRED, 8])).shape(), [3, 8]);
    let none = Array::<i32, _>::zeros([0, 3]);
    assert_eq!(none.reshape([INFERRED, 5]).shape(), [0, 5]);
    let refused = |x: Array<i32, ndarray::Ix2>, text: &str| {
        let error = x.check().unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    let text = "cannot reshape shape [24] with 24 elements to [INFERRED, 7]: the other lengths make 7, of which this is no multiple";
    refused(x.reshape([INFERRED, 7]), text);
    refused(x.reshape([INFERRED, INFERRED]), "only one length follows");
    refused(none.reshape([0, INFERRED]), "beside a length of 0 any other would do");
    let error = x.reshape([INFERRED, 1 << 40, 1 << 40]).check().unwrap_err().to_string();
    assert!(error.contains("the other lengths make too many"), "{error}");
}

/// The elements of an array's largest chunk.
fn largest<D: ndarray::Dimension>(x: &Array<f64, D>) -> usize {
    (0..x.ndim()).map(|axis| x.chunk_lengths(axis).iter().copied().max().unwrap_or(0)).product()
}

/// Another shape of as many elements.
fn other_shape(given: &mut Given, mut elements: usize) -> Vec<usize> {
    let mut shape = vec![];
    for factor in [2, 3, 5, 7, 2, 2, 3] {
        if elements > 0 && elements.is_multiple_of(factor) && given.below(2) == 0 {
            elements /= factor;
            shape.push(factor);
        }
    }
    shape.insert(given.below(shape.len() + 1), elements);
    shape
}

#[test]
fn no_chunk_is_larger_in_another_shape_than_the_largest_was_or_4_mib() {
    const BY_ITSELF: usize = (4 << 20) / 8;
    for seed in 0..300 {
        let mut given = Given::seed(seed);
        // Up to 2⁴² elements, which nobody computes: made, behind a function of blocks, and turned round.
        let shape: Vec<usize> =
            (0..1 + given.below(3)).map(|_| 1 << (4 + given.below(11))).collect();
        let chunks: Vec<usize> = shape.iter().map(|&len| 1 + given.below(len)).collect();
        let made = Array::<f64, _>::ones(IxDyn(&shape));
        let eighths: Vec<usize> = shape.iter().map(|len| len.div_ceil(8)).collect();
        let coarse = made.rechunk(&eighths);
        let of_blocks = coarse.map_blocks(|block, _| block.to_owned());
        let fine = match shape.iter().product::<usize>() {
            ..100_000 => made.rechunk(&chunks).map_blocks(|block, _| block.to_owned()),
            _ => of_blocks.clone(),
        };
        for x in [made, of_blocks.t(), of_blocks, fine.t(), fine] {
            let to = other_shape(&mut given, x.len());
            let y = x.reshape(IxDyn(&to));
            assert_eq!(y.shape(), to, "seed {seed}");
            let bound = largest(&x).max(BY_ITSELF);
            assert!(largest(&y) <= bound, "seed {seed}: {x} to {y}");
            assert!(largest(&x.flatten()) <= bound, "seed {seed}: {x} to {}", x.flatten());
        }
    }
    // Beyond 256 GiB, where chunks are larger if nobody says anything, those that are said are not left.
    let x = Array::<f64, _>::ones([1 << 18, 1 << 19]).rechunk([1, 1 << 19]);
    let turned = x.map_blocks(|block, _| block.to_owned()).reshape([1 << 19, 1 << 18]);
    assert_eq!((largest(&turned), turned.chunk_count()), (BY_ITSELF, 1 << 18));
    let large = Array::<f64, _>::ones([1 << 18, 1 << 19]);
    assert_eq!(largest(&large.reshape([1 << 37])), largest(&large));
}
