//! What is large, and what is too large: chunks by themselves, repeated arrays, memory that there is not.

use crate::given::Given;
use ndarray::{Array1, Array2, ArrayView2, Axis, Ix1, Ix2, NewAxis, s};
use taskweave_array::{Array, Boundary, Chunks, Element, ErrorKind, concatenate};

/// More bytes than there are addresses for, as `f64`, and fewer than can be counted.
const HUGE: usize = 1 << 45;
const CHUNK_BYTES: usize = 4 << 20;

/// The bytes of the largest chunk.
fn largest<A: Element, D: ndarray::Dimension>(x: &Array<A, D>) -> usize {
    let longest = |axis| x.chunk_lengths(axis).into_iter().max().unwrap_or(0);
    (0..x.ndim()).map(longest).product::<usize>() * size_of::<A>()
}

#[test]
fn what_repeats_is_cut_to_chunks_as_they_are_by_themselves() {
    let x = Array::<f64, Ix1>::from_fn([50_000], |[i]| i as f64);
    let table = x.slice(s![.., NewAxis]) - x.slice(s![NewAxis, ..]);
    let is_good = |bytes| (CHUNK_BYTES / 4..=CHUNK_BYTES).contains(&bytes);
    assert!(is_good(largest(&table)) && (4000..10_000).contains(&table.chunk_count()), "{table}");
    // Each operand is read as often as there are chunks across it: as few as can be.
    assert!(table.chunk_lengths(0).len() == table.chunk_lengths(1).len(), "{table}");
    let corner = table.slice(s![49_998.., ..3]).compute().unwrap();
    assert_eq!(
        corner,
        ndarray::arr2(&[[49_998.0, 49_997.0, 49_996.0], [49_999.0, 49_998.0, 49_997.0]])
    );
    assert!(is_good(largest(&x.broadcast([1000, 50_000]))));
    assert!(is_good(largest(&x.outer(&x))));
    assert!(is_good(largest(&x.slice(s![.., NewAxis]).lt(&x).where_(&x, 0.0))));
    let pairs = x.slice(s![..2000, NewAxis]).zip_blocks(&x, |a, b| {
        assert!(a.len() * 8 <= CHUNK_BYTES && a.dim() == b.dim());
        Array2::from_elem((a.nrows(), b.ncols()), 1_u8)
    });
    assert_eq!(pairs.sum().compute().unwrap().into_scalar(), 2000 * 50_000);

    // What is no larger than its operands stays as it is.
    let wide = Array::<f64, Ix2>::zeros([4000, 1000]).rechunk(4000);
    assert_eq!((&wide + 1.0).chunk_count(), 1);
    assert_eq!((&wide - wide.mean_axis(Axis(0))).chunk_count(), 1);
}

#[test]
fn a_view_that_was_cut_is_cut_otherwise_without_a_copy() {
    let x = Array::<f64, Ix1>::from_fn([3000], |[i]| i as f64).map_blocks(|x, _| x.to_owned());
    let rows = x.broadcast([3000, 3000]).rechunk([10, 3000]);
    // One block is made, and another of it; the others look at that.
    assert!(rows.to_string().contains("302 tasks"), "{rows}");
    assert_eq!(rows.sum().compute().unwrap().into_scalar(), 3000.0 * 2999.0 * 1500.0);
}

#[test]
fn small_arrays_that_are_repeated_often_make_few_chunks() {
    let x = Array::from(vec![1_i64, 2, 3]);
    let many = 1_000_000;
    let indices: Vec<usize> = (0..3 * many).map(|at| at * 7 % 3).collect();
    for repeated in [x.tile(many, Axis(0)), x.repeat(many, Axis(0)), x.select(Axis(0), &indices)] {
        assert_eq!(repeated.shape(), [3 * many]);
        assert!(repeated.chunk_count() <= 6 && largest(&repeated) <= CHUNK_BYTES, "{repeated}");
        assert_eq!(repeated.sum().compute().unwrap().into_scalar(), 6 * many as i64);
    }
    assert_eq!(
        x.tile(many, Axis(0)).slice(s![4_000..4_004]).compute().unwrap().to_vec(),
        [2, 3, 1, 2]
    );
    assert_eq!(
        x.repeat(many, Axis(0)).slice(s![999_999..1_000_001]).compute().unwrap().to_vec(),
        [1, 2]
    );
    // Chunks that somebody has chosen are as many as before, and no smaller.
    let parts = x.tile(100, Axis(0)).rechunk(10);
    assert_eq!(parts.select(Axis(0), &[0; 50]).chunk_lengths(0), [10; 5]);
    assert_eq!(parts.select(Axis(0), &[0; 600]).chunk_lengths(0), [20; 30]);
    // Large ones are not copied.
    let large = Array::<f64, Ix1>::zeros([1 << 19]);
    assert_eq!(large.tile(3, Axis(0)).chunk_lengths(0), [1 << 19; 3]);
    assert_eq!(x.tile(0, Axis(0)).compute().unwrap().len() + large.tile(0, Axis(0)).len(), 0);
    assert_eq!(x.slice(s![..0]).tile(9, Axis(0)).compute().unwrap().len(), 0);
}

#[test]
fn copies_that_no_memory_is_for_are_refused_before_a_slice_of_them_makes_one() {
    let many = 1_000_000_000_000_000;
    let x = Array::from(vec![1.0, 2.0, 3.0]);
    let made = x.rechunk(1).mapv(|a| a + 1.0);
    let large = Array::<f64, Ix1>::ones([1 << 20]).mapv(|a| a + 1.0);
    let of_each = "a result of shape [3000000000000000] takes 21.3 PiB, and each of its chunks, which are made as a whole, 341.1 GiB: ";
    let fewer = "give a smaller number, or repeat no more than the part that is needed";
    let addressed =
        "1000000000000000000 times has more elements than can be addressed; give a smaller number";
    for (name, wrong, texts) in [
        ("repeat", x.repeat(many, Axis(0)), [of_each, fewer]),
        ("repeat", made.repeat(many, Axis(0)), [of_each, fewer]),
        ("repeat", large.repeat(many / 1000, Axis(0)), ["116.4 TiB: ", fewer]),
        ("tile", x.tile(many, Axis(0)), [of_each, fewer]),
        ("tile", made.tile(many, Axis(0)), [of_each, fewer]),
        (
            "tile",
            large.tile(many / 1000, Axis(0)),
            ["axis 0 of shape [1048576] tiled 1000000000000 times", "give a smaller number"],
        ),
        ("repeat", x.repeat(many * 1000, Axis(0)), ["axis 0 of shape [3] repeated ", addressed]),
        ("tile", x.tile(many * 1000, Axis(0)), ["axis 0 of shape [3] tiled ", addressed]),
        (
            "flatten",
            made.broadcast([many, 3]).flatten(),
            ["shape [3000000000000000] takes 21.3 PiB", "slice the array before this step"],
        ),
        (
            "reshape",
            x.broadcast([many, 3]).reshape([3 * many]),
            ["shape [3000000000000000] takes 21.3 PiB", "slice the array before this step"],
        ),
    ] {
        let error = wrong.slice(s![..4]).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Overflow, "{error}");
        assert!(error.location().is_some_and(|at| at.file() == file!()), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("): {name}: ")), "{text}");
        assert!(texts.iter().all(|part| text.contains(part)), "{text}");
    }
    // What nobody has to make as a whole may be as large as can be counted.
    assert_eq!(made.broadcast([many, 3]).slice(s![..2, 0]).compute().unwrap().to_vec(), [2.0, 2.0]);
    let flat = Array::<f64, Ix2>::ones([many, 3]).flatten();
    assert_eq!(flat.slice(s![..2]).compute().unwrap().to_vec(), [1.0, 1.0]);
    let same = made.broadcast([many, 3]).slice(s![.., 0]).flatten();
    assert_eq!(same.reshape([many]).slice(s![..2]).compute().unwrap().to_vec(), [2.0, 2.0]);
    let cut = made.broadcast([many, 3]).slice(s![..2, ..]).flatten();
    assert_eq!(cut.compute().unwrap().to_vec(), [2.0, 3.0, 4.0, 2.0, 3.0, 4.0]);
    // A terabyte, in chunks of some megabytes.
    let much = x.repeat(1 << 36, Axis(0)).slice(s![(1_isize << 36) - 1..(1_isize << 36) + 1]);
    assert_eq!(much.compute().unwrap().to_vec(), [1.0, 2.0]);
}

#[test]
fn arrays_that_are_joined_in_a_loop_make_no_chain() {
    let piece = |n: i64| Array::from(vec![n, -n]).mapv(|n| n + 1);
    let mut all = piece(0);
    for n in 1..300 {
        all = match n % 3 {
            0 => concatenate(Axis(0), &[piece(n), all]),
            _ => concatenate(Axis(0), &[all, piece(n)]),
        };
    }
    // One that makes each piece, and one that hands it on.
    assert!(all.to_string().contains("600 tasks"), "{all}");
    assert_eq!(all.sum().compute().unwrap().into_scalar(), 600);
    assert_eq!(all.compute().unwrap()[0], 298);
    let rows = taskweave_array::stack(Axis(0), &[all.clone(), all.clone()]);
    let both = concatenate(Axis(0), &[rows.clone(), rows]);
    assert_eq!(both.sum_axis(Axis(1)).compute().unwrap().to_vec(), [600; 4]);
}

#[test]
fn where_neighbours_are_more_than_the_chunk_fewer_of_them_are_the_remedy() {
    let x = Array::<f64, Ix1>::ones([4]).rechunk(2);
    for boundary in [Boundary::Constant(0.0), Boundary::Periodic, Boundary::Nearest] {
        let deep = x.map_overlap(1 << 45, boundary, |block| block.to_owned());
        let error = deep.compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        let text = "512.0 TiB: of a chunk with 2 elements along axis 0 the depth there asks for 35184372088832 neighbours before and 35184372088832 after it; ask for fewer neighbours";
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn memory_that_there_is_not_is_an_error_that_says_what_to_do() {
    let x = Array::<f64, Ix1>::zeros([HUGE]);
    let error = x.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.location().is_some_and(|at| at.file() == file!()));
    let text = "no memory for a result of shape [35184372088832], which takes 256.0 TiB: store it chunk by chunk";
    assert!(error.to_string().contains(text), "{error}");

    let one = x.rechunk(HUGE);
    let failing: [Array<f64, Ix1>; 5] = [
        one.map_blocks(|block, _| block.to_owned()).rechunk(HUGE / 2).slice(s![..1]),
        (&one + 1.0).rechunk([HUGE]).map_blocks(|_, _| Array1::zeros(1)).slice(s![..1]),
        one.map_overlap(&[1], Boundary::Periodic, |block| block.to_owned()).slice(s![..1]),
        one.cumsum(Axis(0)).slice(s![..1]),
        one.insert_axis(Axis(0)).sum_axis(Axis(0)).slice(s![..1]),
    ];
    for (case, failing) in failing.into_iter().enumerate() {
        let error = failing.compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "case {case}: {error}");
        assert!(error.location().is_some(), "case {case}: {error}");
        assert!(
            error.to_string().contains("256.0 TiB: make the chunks smaller"),
            "case {case}: {error}"
        );
    }
    let counts = Array::from(vec![1.0]).histogram(HUGE, 0.0, 1.0).slice(s![..1]);
    assert_eq!(counts.compute().unwrap_err().kind(), ErrorKind::Memory);
}

#[test]
fn depths_beyond_what_can_be_addressed_are_refused_and_deep_ones_are_quick() {
    let x = Array::<f64, Ix2>::zeros([4, 4]).rechunk(2);
    for (depth, boundary) in [
        ([1 << 60, 1 << 60], Boundary::Periodic),
        ([1 << 30, 1 << 31], Boundary::Constant(0.0)),
        ([0, usize::MAX - 1], Boundary::None),
        ([isize::MAX as usize, 0], Boundary::Nearest),
    ] {
        let error = x.map_overlap(&depth, boundary, |b| b.to_owned()).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Overflow);
        assert!(error.to_string().contains("give smaller depths"), "{error}");
    }
    // Nothing lies beyond the ends.
    let none = x.map_overlap(&[1 << 60, 1 << 60], Boundary::None, |b| {
        assert_eq!(b.dim(), (4, 4));
        b.to_owned()
    });
    assert_eq!(none.compute().unwrap(), Array2::<f64>::zeros((4, 4)));

    let deep = 700_000;
    let x = Array::from(vec![1.0, 2.0, 3.0]).rechunk(2);
    for boundary in [Boundary::Periodic, Boundary::Reflect] {
        let ends = x.map_overlap(&[deep], boundary, move |block| {
            let is_next = |(a, b): (&f64, &f64)| match boundary {
                Boundary::Periodic => *b == a % 3.0 + 1.0,
                _ => (a - b).abs() <= 1.0,
            };
            assert!(block.len() > 2 * deep && block.iter().zip(block.iter().skip(1)).all(is_next));
            block.to_owned()
        });
        assert_eq!(ends.compute().unwrap().to_vec(), [1.0, 2.0, 3.0]);
    }
}

#[test]
fn neighbours_go_round_as_often_as_it_takes() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(4), 1 + given.below(4)];
        let a: Array2<f64> = given.whole(&shape).into_dimensionality().unwrap();
        let x = given.chunked(&a.clone().into_dyn()).into_dimensionality::<Ix2>();
        let depth = [given.below(12), given.below(12)];
        for is_periodic in [true, false] {
            let boundary = if is_periodic { Boundary::Periodic } else { Boundary::Reflect };
            // What lies as far from each element as the depths are, on both sides.
            let far = move |block: ArrayView2<'_, f64>| {
                Array2::from_shape_fn(block.dim(), |(i, j)| {
                    let get = |i: usize, j: usize| block.get((i, j)).copied().unwrap_or(0.0);
                    get(i + depth[0], j + depth[1])
                        + 1e6 * get(i.wrapping_sub(depth[0]), j.wrapping_sub(depth[1]))
                })
            };
            let got = x.map_overlap(&depth, boundary, far).compute().unwrap();
            let at = |at: isize, len: usize| {
                let len = len as isize;
                let round = at.rem_euclid(2 * len);
                (if is_periodic { at.rem_euclid(len) } else { round.min(2 * len - 1 - round) })
                    as usize
            };
            let want = Array2::from_shape_fn(shape, |(i, j)| {
                let get = |sign: isize| {
                    let [p, q] = depth.map(|depth| sign * depth as isize);
                    a[[at(i as isize + p, shape[0]), at(j as isize + q, shape[1])]]
                };
                get(1) + 1e6 * get(-1)
            });
            assert_eq!(got, want, "seed {seed}, {boundary:?}, depth {depth:?}, {x}");
        }
    }
}

#[test]
fn arrays_without_elements_and_huge_ones_have_a_sensible_number_of_chunks() {
    assert_eq!(Array::<f64, Ix2>::zeros([0, 1 << 40]).chunk_count(), 1);
    assert_eq!(Array::<f64, Ix2>::zeros([1 << 50, 0]).rechunk(Chunks::bytes(8)).chunk_count(), 1);
    let huge = Array::<f64, Ix2>::ones([1 << 30, 1 << 25]);
    assert!((1 << 15..=1 << 17).contains(&huge.chunk_count()), "{}", huge.chunk_count());
    assert_eq!(huge.slice(s![5, 1 << 20..(1 << 20) + 2]).compute().unwrap().to_vec(), [1.0; 2]);
    // Other chunks are said afterwards, which is free, and how many can be is said where they are too many.
    assert_eq!(huge.rechunk([1 << 30, 16]).chunk_count(), 1 << 21);
    let error = huge.rechunk([1, 1 << 10]).check().unwrap_err();
    assert!(
        error.to_string().contains("and 67108864 are the most; make the chunks larger"),
        "{error}"
    );
}

#[test]
fn bins_that_there_is_no_memory_for_are_to_be_fewer() {
    let x = Array::from(vec![1.0, 2.0]);
    for failing in [x.bincount(HUGE), x.histogram(HUGE, 0.0, 1.0)] {
        let error = failing.slice(s![..1]).compute().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        assert!(error.location().is_some_and(|at| at.file() == file!()), "{error}");
        let text = "no memory for 35184372088832 bins, which take 256.0 TiB for each chunk: ask for fewer bins";
        assert!(error.to_string().contains(text), "{error}");
    }
}
