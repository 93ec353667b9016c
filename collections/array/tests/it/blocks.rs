//! Functions of blocks, against the same of the whole.

use crate::given::Given;
use ndarray::{Array1, Array2, ArrayD, ArrayView1, ArrayView2, ArrayViewD, Axis, Ix1, Ix2, IxDyn};
use std::sync::{Arc, Mutex};
use taskweave_array::{Array, BlockPlace, Boundary, Chunks, Error, ErrorKind};
use taskweave_runtime::InThread;

#[test]
fn each_block_with_its_place() {
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let places = x.map_blocks(|block: ArrayViewD<'_, f64>, place: &BlockPlace| {
            assert_eq!(place.extent, block.shape());
            let origin: Vec<_> = (0..block.ndim()).map(|axis| place.range(axis).start).collect();
            assert_eq!((&origin, place.range(block.ndim())), (&place.origin, 0..0));
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
            let len = given.below(4);
            let parts = x.map_axis_into(Axis(axis), len, |row, mut out| {
                let sum: f64 = row.sum();
                out.iter_mut().zip(0..).for_each(|(out, at)| *out = sum * f64::from(at));
            });
            let sums = a.sum_axis(Axis(axis));
            let want: Vec<_> = (0..len).map(|at| &sums * at as f64).collect();
            let want: Vec<_> = want.iter().map(|part| part.view()).collect();
            let parts = parts.compute().unwrap();
            assert_eq!(parts.len_of(Axis(axis)), len);
            if len > 0 {
                assert_eq!(parts, ndarray::stack(Axis(axis), &want).unwrap(), "seed {seed}");
            }
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
    assert!(error.to_string().contains("for 2 axes, and the blocks have rank 1"), "{error}");
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
            let into = x.map_overlap_into(&[1, d], boundary, move |block, place, mut out| {
                assert_eq!(place.extent, out.shape());
                let own = |axis: usize, len: usize| {
                    ndarray::Slice::from(place.before[axis]..place.before[axis] + len)
                };
                let mut all = around(block, d);
                all.slice_axis_inplace(Axis(0), own(0, out.nrows()));
                all.slice_axis_inplace(Axis(1), own(1, out.ncols()));
                out.assign(&all);
            });
            assert_eq!(into.compute().unwrap(), want, "seed {seed}, {boundary:?}, depth {d}, {x}");
        }
    }
}

/// Where position `at` of an axis is under a boundary: in it, or beyond it with a number or without.
fn beyond(boundary: Boundary<f64>, at: isize, len: isize) -> Result<isize, Option<f64>> {
    match boundary {
        _ if (0..len).contains(&at) => Ok(at),
        Boundary::Constant(value) => Err(Some(value)),
        Boundary::Nearest => Ok(at.clamp(0, len - 1)),
        Boundary::Periodic => Ok(at.rem_euclid(len)),
        Boundary::Reflect => Ok(at.rem_euclid(2 * len).min(2 * len - 1 - at.rem_euclid(2 * len))),
        _ => Err(None),
    }
}

#[test]
fn another_boundary_and_depth_on_each_side() {
    for seed in 0..300 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(9), 1 + given.below(9)];
        let a: Array2<f64> = given.whole(&shape).into_dimensionality().unwrap();
        let x = given.chunked(&a.clone().into_dyn()).into_dimensionality::<Ix2>();
        let mut some = || match given.below(5) {
            0 => Boundary::None,
            1 => Boundary::Constant(given.below(9) as f64 + 0.5),
            2 => Boundary::Nearest,
            3 => Boundary::Reflect,
            _ => Boundary::Periodic,
        };
        let ends = [some(), some()];
        let depth = [(); 2].map(|()| (given.below(6), given.below(6)));
        // Each block's sum, and how many elements it has, tell what it was.
        let sums = x.map_overlap_into(&depth, ends, |block, place, mut out| {
            let before = place.before[0] + 10 * place.before[1];
            out.fill(block.sum() + block.len() as f64 * 1e-3 + before as f64 * 1e-6);
        });
        let got = sums.compute().unwrap();
        let ranges = |axis: usize| {
            let mut end = 0;
            x.chunk_lengths(axis).into_iter().map(move |len| {
                end += len;
                (end - len) as isize..end as isize
            })
        };
        for rows in ranges(0) {
            for columns in ranges(1) {
                let (mut sum, mut count) = (0.0, 0);
                let own = [rows.clone(), columns.clone()];
                let far = |axis: usize| {
                    own[axis].start - depth[axis].0 as isize..own[axis].end + depth[axis].1 as isize
                };
                for i in far(0) {
                    for j in far(1) {
                        let i = beyond(ends[0], i, shape[0] as isize);
                        let j = beyond(ends[1], j, shape[1] as isize);
                        let value = match (i, j) {
                            (Err(None), _) | (_, Err(None)) => continue,
                            (_, Err(Some(value))) | (Err(Some(value)), Ok(_)) => value,
                            (Ok(i), Ok(j)) => a[[i as usize, j as usize]],
                        };
                        (sum, count) = (sum + value, count + 1);
                    }
                }
                let before = |axis: usize| match ends[axis] {
                    Boundary::None => depth[axis].0.min(own[axis].start as usize),
                    _ => depth[axis].0,
                };
                let want =
                    sum + f64::from(count) * 1e-3 + (before(0) + 10 * before(1)) as f64 * 1e-6;
                let at = [rows.start as usize, columns.start as usize];
                assert!((got[at] - want).abs() < 1e-7, "seed {seed}, {ends:?}, {depth:?}, {x}");
            }
        }
        let whole = x.map_overlap(&depth, ends, |block| block.to_owned());
        assert_eq!(whole.compute().unwrap(), a, "seed {seed}");
    }
    let x = Array::<f64, Ix2>::zeros([4, 4]);
    let error = x.map_overlap(&[1, 1], [Boundary::None], |b| b.to_owned()).check().unwrap_err();
    assert!(
        error.to_string().contains("boundaries for 1 axis of an array of shape [4, 4]"),
        "{error}"
    );
    // Of an axis without elements nothing is known, and nothing is left.
    let none = Array::<f64, Ix2>::zeros([0, 3]).map_overlap(&[2, 1], Boundary::Nearest, |block| {
        assert_eq!((block.dim(), block.sum()), ((4, 5), 0.0));
        block.to_owned()
    });
    assert_eq!(none.compute().unwrap().dim(), (0, 3));
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

#[test]
fn written_blocks_are_what_returned_ones_are() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = given.shape();
        let a = given.whole(&shape);
        let x = given.chunked(&a);
        let first = |place: &BlockPlace| place.origin.iter().sum::<usize>() as f64;
        let returned = x.map_blocks(move |block, place| &block * 2.0 + first(place));
        let written = x.map_blocks_into(move |block, place, mut out| {
            out.assign(&block);
            out.mapv_inplace(|x| x * 2.0 + first(place));
        });
        assert_eq!(written.compute().unwrap(), returned.compute().unwrap(), "seed {seed}");
        // Large enough for the buffers that come back, with what they had.
        let wide =
            Array::<f64, Ix2>::from_fn([64, 4096], |[i, j]| (i + j) as f64).rechunk([4, 4096]);
        let copied = wide.map_blocks_into(|block, _, mut out| out.assign(&block)).sum();
        assert_eq!(copied.compute().unwrap(), wide.sum().compute().unwrap());
    }
}

#[test]
fn a_block_that_nothing_else_reads_is_given_away() {
    let x = Array::<f64, Ix2>::from_fn([60, 50], |[i, j]| (i * j) as f64).rechunk([20, 50]);
    let whole = x.compute().unwrap();
    let written = Arc::new(Mutex::new(Vec::new()));
    let got = Arc::new(Mutex::new(Vec::new()));
    let note = |all: &Arc<Mutex<Vec<usize>>>| {
        let all = all.clone();
        move |at: *const f64| all.lock().unwrap().push(at as usize)
    };
    let (note_written, note_got) = (note(&written), note(&got));
    let blocks = x.map_blocks_into(move |block, _, mut out| {
        note_written(out.as_ptr());
        out.assign(&block);
    });
    let doubled = blocks.map_blocks_owned(move |mut block| {
        note_got(block.as_ptr());
        block *= 2.0;
        block
    });
    assert_eq!(doubled.compute_on(&InThread).unwrap(), &whole * 2.0);
    assert_eq!(*written.lock().unwrap(), *got.lock().unwrap());
    // What others read stays what it is.
    let sum = (&blocks + &doubled).compute().unwrap();
    assert_eq!(sum, &whole * 3.0);
    let memory = Array::from_ndarray(whole.clone()).rechunk([20, 50]);
    assert_eq!(memory.map_blocks_owned(|block| block * 2.0).compute().unwrap(), &whole * 2.0);
    assert_eq!(memory.compute().unwrap(), whole);
    let turned = memory.t().map_blocks_owned(|block| block + 1.0);
    assert_eq!(turned.compute().unwrap(), &whole.t() + 1.0);
}

/// Which of the two blocks fails.
const BAD: &str = "on the block at [1]: no block here";

#[test]
fn every_function_of_blocks_says_where_it_panics() {
    let x = Array::<f64, Ix1>::ones([6]).rechunk(3);
    fn fail(place: usize) {
        assert!(place < 3, "no block here");
    }
    let first = |block: &ArrayView1<'_, f64>| if block[0] > 1.0 { 3 } else { 0 };
    let marked = x.assign(ndarray::s![3..], 2.0);
    let line = line!();
    let all: [(&str, Array<f64, Ix1>); 8] = [
        (
            "map_blocks",
            x.map_blocks(|block, place| {
                fail(place.origin[0]);
                block.to_owned()
            }),
        ),
        (
            "map_blocks_into",
            x.map_blocks_into(|_, place, mut out| {
                fail(place.origin[0]);
                out.fill(0.0)
            }),
        ),
        (
            "map_blocks_to",
            x.map_blocks_to(vec![vec![3, 3]], |block, place| {
                fail(place.origin[0]);
                block.to_owned()
            }),
        ),
        (
            "zip_blocks",
            marked.zip_blocks(&x, move |a, b| {
                fail(first(&a));
                b.to_owned()
            }),
        ),
        (
            "map_overlap",
            marked.map_overlap(&[0], Boundary::None, move |a| {
                fail(first(&a));
                a.to_owned()
            }),
        ),
        (
            "map_overlap_into",
            x.map_overlap_into(&[1], Boundary::Nearest, |_, place, mut out| {
                fail(place.origin[0]);
                out.fill(0.0)
            }),
        ),
        (
            "map_blocks_owned",
            marked.map_blocks_owned(move |a| {
                fail(first(&a.view()));
                a
            }),
        ),
        (
            "from_blocks",
            Array::from_blocks([6], 3, |place| {
                fail(place.origin[0]);
                Array1::zeros(3)
            }),
        ),
    ];
    let mut before = line;
    for (name, array) in all {
        let error = array.compute_on(&InThread).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task);
        let at = error.location().unwrap().line();
        assert!((before + 1..line + 60).contains(&at), "{error}");
        before = at;
        let text = error.to_string();
        assert!(text.ends_with(&format!("): {name}: the function panicked {BAD}")), "{text}");
        // Also where the result is read by others.
        let error = (&array + 1.0).sum().compute().unwrap_err();
        assert_eq!(error.to_string(), text);
    }
    let rows = Array::<f64, Ix2>::from_fn([4, 2], |[i, _]| i as f64).rechunk(2);
    let spread = rows.map_axis(Axis(1), |row| {
        fail(if row[0] > 1.0 { 3 } else { 0 });
        row[0]
    });
    let text = spread.compute_on(&InThread).unwrap_err().to_string();
    let bad = "): map_axis: the function panicked on the row [2, ..]: no block here";
    assert!(text.ends_with(bad), "{text}");
}

#[test]
fn a_function_that_fails_is_named_with_its_block() {
    fn refuse<T>(_: &T) -> Result<Array1<f64>, String> {
        Err("not today".to_owned())
    }
    fn mapped(block: ArrayView1<'_, f64>, place: &BlockPlace) -> Result<Array1<f64>, String> {
        if place.chunk[0] == 1 { refuse(&block) } else { Ok(block.to_owned()) }
    }
    fn zipped(a: ArrayView1<'_, f64>, _: ArrayView1<'_, f64>) -> Result<Array1<f64>, String> {
        if a[0] > 1.0 { refuse(&a) } else { Ok(a.to_owned()) }
    }
    fn around(a: ArrayView1<'_, f64>) -> Result<Array1<f64>, String> {
        if a[0] > 1.0 { refuse(&a) } else { Ok(a.to_owned()) }
    }
    fn written(
        _: ArrayView1<'_, f64>,
        place: &BlockPlace,
        mut out: ndarray::ArrayViewMut1<'_, f64>,
    ) -> Result<(), String> {
        out.fill(0.0);
        if place.chunk[0] == 1 { refuse(&0).map(drop) } else { Ok(()) }
    }
    fn owned(a: Array1<f64>) -> Result<Array1<f64>, String> {
        if a[0] > 1.0 { refuse(&a) } else { Ok(a) }
    }
    fn row(row: ArrayView1<'_, f64>) -> Result<f64, String> {
        if row[0] > 1.0 { refuse(&0).map(|_| 0.0) } else { Ok(row[0]) }
    }
    fn copied(
        row: ArrayView1<'_, f64>,
        mut out: ndarray::ArrayViewMut1<'_, f64>,
    ) -> Result<(), String> {
        out.assign(&row);
        if row[0] > 1.0 { refuse(&0).map(drop) } else { Ok(()) }
    }
    fn made(place: &BlockPlace) -> Result<Array1<f64>, String> {
        if place.chunk[0] == 1 { refuse(place) } else { Ok(Array1::zeros(3)) }
    }
    let x = Array::from(vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0]).rechunk(3);
    let column = x.insert_axis(Axis(1)).rechunk([3, 1]);
    let all = [
        ("map_blocks", "mapped", x.map_blocks(mapped)),
        ("map_blocks_to", "mapped", x.map_blocks_to(vec![vec![3, 3]], mapped)),
        ("zip_blocks", "zipped", x.zip_blocks(&x, zipped)),
        ("map_overlap", "around", x.map_overlap(&[0], Boundary::None, around)),
        ("map_blocks_into", "written", x.map_blocks_into(written)),
        ("map_overlap_into", "written", x.map_overlap_into(&[1], Boundary::None, written)),
        ("map_blocks_owned", "owned", x.map_blocks_owned(owned)),
        ("map_axis_into", "copied", column.map_axis_into(Axis(1), 1, copied).remove_axis(Axis(1))),
        ("map_axis", "row", column.map_axis(Axis(1), row)),
        ("from_blocks", "made", Array::from_blocks([6], 3, made)),
    ];
    for (step, name, array) in all {
        let error = array.compute_on(&InThread).unwrap_err();
        let at = if step.starts_with("map_axis") { "row [3, ..]" } else { "block at [1]" };
        let want = format!("): {step}: `{name}` failed for the {at}: not today");
        assert!(error.to_string().ends_with(&want), "{error}");
        assert_eq!(error.kind(), ErrorKind::Task);
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "not today");
    }
    // An error of an array keeps its kind.
    let inner = |_: ArrayView1<'_, f64>, _: &BlockPlace| -> Result<Array1<f64>, Error> {
        Array::from(vec![1_u8]).cast::<f64>().reshape([3]).compute()
    };
    let error = x.map_blocks(inner).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn tasks_of_functions_of_blocks_have_the_names_of_their_steps() {
    let x = Array::<f64, Ix1>::ones([6]).rechunk(3);
    let graph = x.map_blocks(|block, _| block.to_owned()).cumsum(Axis(0)).to_graph().unwrap();
    let names: Vec<String> =
        graph.tasks().unwrap().iter().map(|task| task.name().to_owned()).collect();
    assert!(names.iter().filter(|name| *name == "map_blocks").count() == 2, "{names:?}");
    assert!(names.iter().any(|name| name == "cumsum"), "{names:?}");
}

#[test]
fn blocks_of_other_shapes_are_said_by_one_length_for_each_axis() {
    let x = Array::<f64, Ix2>::from_fn([6, 4], |[i, j]| (10 * i + j) as f64).rechunk([4, 3]);
    let ends = |block: ndarray::ArrayView2<'_, f64>, _: &BlockPlace| {
        let last = block.len() - 1;
        ndarray::arr2(&[[block[[0, 0]], *block.iter().nth(last).unwrap()]])
    };
    let lists = x.map_blocks_to(vec![vec![1; 2], vec![2; 2]], ends).compute().unwrap();
    assert_eq!(lists, ndarray::arr2(&[[0.0, 32.0, 3.0, 33.0], [40.0, 52.0, 43.0, 53.0]]));
    assert_eq!(x.map_blocks_to([1, 2], ends).compute().unwrap(), lists);
    assert_eq!(
        x.map_blocks_to(Chunks::lengths([vec![1; 2], vec![2; 2]]), ends).compute().unwrap(),
        lists
    );
    let corner = x.map_blocks_to(1, |block, _| ndarray::arr2(&[[block[[0, 0]]]]));
    assert_eq!(corner.compute().unwrap(), ndarray::arr2(&[[0.0, 3.0], [40.0, 43.0]]));
    let said = |x: Array<f64, Ix2>| x.check().unwrap_err().to_string();
    let by_bytes = said(x.map_blocks_to(Chunks::auto(), ends));
    assert!(by_bytes.contains("chunks by bytes say nothing of the blocks"), "{by_bytes}");
    let of_one = said(x.map_blocks_to([1], ends));
    assert!(of_one.contains("for each of 1 axis, and the array has rank 2"), "{of_one}");
}

#[test]
fn blocks_of_two_arrays_with_neighbours_under_boundaries_of_their_own() {
    type Source = fn(isize, isize) -> Option<isize>;
    let sources: [(Boundary<f64>, Boundary<i64>, Source); 4] = [
        (Boundary::Constant(0.5), Boundary::Constant(7), |at, len| {
            (0..len).contains(&at).then_some(at)
        }),
        (Boundary::Nearest, Boundary::Nearest, |at, len| Some(at.clamp(0, len - 1))),
        (Boundary::Periodic, Boundary::Periodic, |at, len| Some(at.rem_euclid(len))),
        (Boundary::Reflect, Boundary::Reflect, |at, len| {
            Some(at.rem_euclid(2 * len).min(2 * len - 1 - at.rem_euclid(2 * len)))
        }),
    ];
    for seed in 0..100 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(12), 1 + given.below(12)];
        let a: Array2<f64> = given.whole(&shape).into_dimensionality().unwrap();
        let b: Array2<i64> =
            given.whole(&shape).into_dimensionality().unwrap().mapv(|b: f64| b as i64);
        let x = given.chunked(&a.clone().into_dyn()).into_dimensionality::<Ix2>();
        let y = given
            .chunked(&b.mapv(|b| b as f64).into_dyn())
            .into_dimensionality::<Ix2>()
            .cast::<i64>();
        let (before, after) = (given.below(4), given.below(4));
        let (one, _, of_one) = sources[given.below(4)];
        let (_, two, of_two) = sources[given.below(4)];
        let depth = [(before, after), (1, 0)];
        let got = x.zip_overlap(&y, &depth, one, two, move |x, y| {
            Array2::from_shape_fn(x.raw_dim(), |(i, j)| {
                if i < before || i + after >= x.nrows() || j < 1 {
                    return f64::NAN;
                }
                x[[i - before, j]]
                    + 2.0 * x[[i + after, j - 1]]
                    + (3 * y[[i, j - 1]] * y[[i + after, j]]) as f64
            })
        });
        let [rows, columns] = shape.map(|len| len as isize);
        let of_x = |i: isize, j: isize| {
            let place = of_one(i, rows).zip(of_one(j, columns));
            place.map_or(0.5, |(i, j)| a[[i as usize, j as usize]])
        };
        let of_y = |i: isize, j: isize| {
            let place = of_two(i, rows).zip(of_two(j, columns));
            place.map_or(7, |(i, j)| b[[i as usize, j as usize]])
        };
        let (before, after) = (before as isize, after as isize);
        let want = Array2::from_shape_fn(shape, |(i, j)| {
            let (i, j) = (i as isize, j as isize);
            of_x(i - before, j)
                + 2.0 * of_x(i + after, j - 1)
                + (3 * of_y(i, j - 1) * of_y(i + after, j)) as f64
        });
        assert_eq!(
            got.compute().unwrap(),
            want,
            "seed {seed}, {one:?}, {two:?}, {depth:?}, {x}, {y}"
        );
    }
    // Both are cut alike at the ends.
    let x = Array::arange(0, 7, 1).rechunk(3);
    let lens = x.zip_overlap(&x.rechunk(2), &[2], Boundary::None, Boundary::None, |x, y| {
        assert_eq!(x, y);
        &x * 0 + x.len() as i32
    });
    assert_eq!(lens.compute().unwrap().to_vec(), [4, 4, 6, 6, 5, 5, 3]);
    let none = Array::<i32, _>::zeros([0]);
    let none =
        none.zip_overlap(&none, &[1], Boundary::Nearest, Boundary::Nearest, |x, _| x.to_owned());
    assert_eq!(none.compute().unwrap().len(), 0);
    let other = Array::<f64, _>::zeros([6]);
    let wrong = x.zip_overlap(&other, &[1], Boundary::None, Boundary::None, |x, _| x.to_owned());
    let error = wrong.check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(
        error
            .to_string()
            .contains("zip_overlap: blocks with their neighbours of shapes [7] and [6]"),
        "{error}"
    );
    let short = x.zip_overlap(&x, &[1], Boundary::None, Boundary::None, |x, _| {
        x.slice(ndarray::s![1..]).to_owned()
    });
    let error = short.compute().unwrap_err().to_string();
    assert!(error.contains("zip_overlap: the function returned shape [3] for the block at [0], which with its neighbours has shape [4]"), "{error}");
    let depths = x.zip_overlap(&x, &[1, 1], Boundary::None, Boundary::None, |x, _| x.to_owned());
    assert!(depths.check().is_err());
}
