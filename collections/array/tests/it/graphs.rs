//! Arrays beside graphs: as graphs, and in one run with others.

use ndarray::{Array2, Axis, Ix2};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use taskweave_array::{Array, BlockPlace, Error, ErrorKind, Random};
use taskweave_runtime::{Compute, Graph, InThread, compute};

#[test]
fn an_array_is_computed_with_other_things_in_one_run() {
    let x = Random::new(1).uniform::<f64, _>([100, 100]).rechunk(30);
    let other = Graph::build(|graph| graph.value(20).map(|n: i32| n + 1));
    let (sum, rows, answer) = compute((x.sum(), x.sum_axis(Axis(1)), other)).unwrap();
    assert!((sum.into_scalar() - rows.sum()).abs() < 1e-9);
    assert_eq!(answer, 21);
}

#[test]
fn borrowed_arrays_and_a_fixed_number_of_them_are_computed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let x = Array::arange(0, 100, 1).rechunk(7).mapv(move |n: i64| {
        counted.fetch_add(1, SeqCst);
        n
    });
    let total = x.sum();
    let (whole, sum, largest) = compute((&x, &total, x.max())).unwrap();
    assert_eq!((whole.len(), sum.into_scalar(), largest.into_scalar()), (100, 4950, 99));
    // What they have in common is computed once.
    assert_eq!(calls.load(SeqCst), 100);
    let [sum, largest] = compute([total, x.max()]).unwrap();
    assert_eq!((sum.into_scalar(), largest.into_scalar(), calls.load(SeqCst)), (4950, 99, 200));
    let bad = Array::<f64, _>::zeros([2]) + Array::<f64, _>::zeros([3]);
    let line = line!() + 1;
    let text = compute([&Array::ones([2]), &bad]).unwrap_err().to_string();
    let begins = format!("task `array 2 of 2` ({}:{line}) failed: array ({}:", file!(), file!());
    assert!(text.starts_with(&begins), "{text}");
    let none: [Array<f64, Ix2>; 0] = [];
    assert!(compute(none).unwrap().is_empty());
}

#[test]
fn an_array_with_an_error_fails_the_run() {
    let bad = Array::<f64, _>::zeros([2]) + Array::<f64, _>::zeros([3]);
    let good = Array::<f64, _>::zeros([2]);
    let line = line!() + 1;
    let error = compute((good.clone(), bad.clone(), good.sum())).unwrap_err();
    // Which of them it is, where they are computed, and where the step stands that is wrong.
    let text = error.to_string();
    let begins = format!("task `array 2 of 3` ({}:{line}) failed: array ({}:", file!(), file!());
    assert!(text.starts_with(&begins), "{text}");
    assert!(
        text.ends_with(
            "cannot add shapes [2] and [3]: axis 0 has lengths 2 and 3, which have to be equal or 1"
        ),
        "{text}"
    );
    let text = compute(vec![good, bad.clone()]).unwrap_err().to_string();
    assert!(text.starts_with("task `array 2 of 2` "), "{text}");
    assert!(compute((bad,)).unwrap_err().to_string().starts_with("task `array` "));
    assert_eq!(taskweave_array::Error::from(error).kind(), taskweave_array::ErrorKind::Shape);
}

#[test]
fn display_counts_chunks_tasks_and_bytes() {
    let x = Array::<f64, Ix2>::from_fn([10, 6], |[i, j]| (i + j) as f64).rechunk([4, 6]);
    assert_eq!(
        x.to_string(),
        "f64 array of shape [10, 6] in chunks of [4, 6]: 3 chunks, 3 tasks, 480 bytes"
    );
    // One program for each chunk, and one task that combines.
    assert_eq!(
        (&x * 2.0 + &x).sum().to_string(),
        "f64 array of shape [] in chunks of []: 1 chunk, 4 tasks, 8 bytes"
    );
    assert_eq!(
        Array::<i16, _>::zeros([3 << 20]).to_string(),
        "i16 array of shape [3145728] in chunks of [1572864]: 2 chunks, 2 tasks, 6.0 MiB"
    );
    assert_eq!(format!("{x:?}"), x.to_string());
}

#[test]
fn only_the_chunks_that_are_looked_at_get_tasks() {
    let x = Array::<f64, Ix2>::zeros([1000, 1000]).rechunk(10);
    let y = x.mapv(|x| x + 1.0);
    let blocks = &y + y.mapv(|y| y * 2.0);
    let corner = (blocks.rechunk(25)).slice(ndarray::s![..20, ..20]);
    assert_eq!(corner.chunk_count(), 1);
    assert!(corner.to_string().contains("11 tasks"), "{corner}");
    assert_eq!(corner.compute().unwrap().sum(), 1200.0);
}

#[test]
fn a_persisted_array_is_not_computed_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let x = Array::arange(0, 100, 1).rechunk(7).mapv(move |n: i64| {
        counted.fetch_add(1, SeqCst);
        n * n
    });
    let kept = x.persist().unwrap();
    assert_eq!(kept.chunk_lengths(0), x.chunk_lengths(0));
    let sum: i64 = (0..100).map(|n| n * n).sum();
    for _ in 0..3 {
        assert_eq!(kept.sum().compute().unwrap().into_scalar(), sum);
        assert_eq!(kept.slice(ndarray::s![..;-1]).compute().unwrap()[0], 99 * 99);
    }
    assert_eq!(kept.rechunk(30).persist_on(&InThread).unwrap().compute().unwrap()[31], 31 * 31);
    assert_eq!(calls.load(SeqCst), 100);
}

#[test]
fn blocks_come_from_functions_and_their_errors_too() {
    let x = Array::from_blocks([4, 6], [3, 4], |place: &BlockPlace| {
        let shape = (3.min(4 - place.origin[0]), 4.min(6 - place.origin[1]));
        let origin = place.origin.clone();
        Ok::<_, Error>(ndarray::Array2::from_shape_fn(shape, |(i, j)| {
            (10 * (origin[0] + i) + origin[1] + j) as i64
        }))
    });
    let want = ndarray::Array2::from_shape_fn((4, 6), |(i, j)| (10 * i + j) as i64);
    assert_eq!(x.compute().unwrap(), want);
    assert_eq!(x.t().sum_axis(Axis(1)).compute().unwrap(), want.sum_axis(Axis(0)));
    let failing = Array::<i64, ndarray::Ix1>::from_blocks([4], 2, |place: &BlockPlace| match place
        .chunk[0]
    {
        0 => Ok(ndarray::arr1(&[1, 2])),
        _ => Err("no such file"),
    });
    let error = failing.sum().compute().unwrap_err();
    assert!(error.to_string().ends_with("no such file") && error.location().is_some(), "{error}");
    assert_eq!(error.kind(), ErrorKind::Task);
    let short = Array::from_blocks([4], 2, |_: &BlockPlace| Ok::<_, Error>(ndarray::arr1(&[1])));
    assert!(short.compute().unwrap_err().to_string().contains(
        "from_blocks: the function returned shape [1] for the block at [0], whose shape is [2]"
    ));
    assert!(
        Array::from_blocks([4], 0, |_: &BlockPlace| Ok::<_, Error>(ndarray::arr1(&[1])))
            .check()
            .is_err()
    );
}

#[test]
fn graphs_run_once_as_blocks() {
    let part =
        |n: i64| Graph::build(move |graph| graph.value(n).map(|n| ndarray::arr1(&[n, n + 1])));
    let x = Array::from_graphs([6], 2, vec![part(0), part(10), part(20)]);
    // Read in two places, computed once.
    let y = &x - x.sum();
    assert_eq!(y.compute().unwrap().to_vec(), [-63, -62, -53, -52, -43, -42]);
    let error = y.compute().unwrap_err();
    assert!(error.to_string().contains("a graph runs once; `persist()` the array"), "{error}");
    let kept = Array::from_graphs([4], 2, vec![part(0), part(10)]).persist().unwrap();
    assert_eq!(
        (kept.sum().compute().unwrap(), kept.max().compute().unwrap().into_scalar()),
        (ndarray::arr0(22), 11)
    );
    let error = Array::from_graphs([4], 2, vec![part(0)]).check().unwrap_err();
    assert!(error.to_string().contains("1 graph for an array of shape [4] in 2 chunks"), "{error}");
    let wrong = Array::from_graphs([3], 3, vec![part(0)]).compute().unwrap_err();
    assert!(
        wrong.to_string().contains("returned shape [2] for the block at [0], whose shape is [3]"),
        "{wrong}"
    );
    let failing: Graph<'static, ndarray::Array1<i64>> = Graph::build(|graph| {
        graph.value(0).map(|_| -> ndarray::Array1<i64> { panic!("no block") })
    });
    assert!(
        Array::from_graphs([3], 3, vec![failing])
            .compute()
            .unwrap_err()
            .to_string()
            .contains("no block")
    );
}

#[test]
fn an_array_is_an_argument_of_a_task() {
    use taskweave_macros::delayed;
    #[delayed(crate = taskweave_array::__door)]
    fn spread(values: ndarray::Array1<f64>, by: f64) -> f64 {
        (values[2] - values[0]) * by
    }
    #[delayed(crate = taskweave_array::__door)]
    fn look(values: &ndarray::Array1<f64>) -> f64 {
        values.sum()
    }
    let x = Array::arange(0.0, 3.0, 1.0);
    let graph = Graph::build(|graph| graph.add(spread::task(&x * 2.0, 10.0)));
    assert_eq!(graph.compute().unwrap(), 40.0);
    let graph = Graph::build(|graph| graph.add(look::task(x.clone())));
    assert_eq!(graph.compute().unwrap(), 3.0);
    // Tasks stand where the operations were called.
    let line = line!() + 1;
    let bad = x.clone() + Array::zeros([2]);
    let error = Graph::build(|graph| graph.add(look::task(bad))).compute().unwrap_err();
    // Name and place are said once, and the error itself has them.
    let text = format!("task `add` ({}:{line}) failed: cannot add shapes [3] and [2]: ", file!());
    assert!(error.to_string().starts_with(&text), "{error}");
    assert_eq!(error.to_string().matches(file!()).count(), 1, "{error}");
    let own = Error::from(error).to_string();
    let text = format!("array ({}:{line}): cannot add shapes [3] and [2]: ", file!());
    assert!(own.starts_with(&text), "{own}");
    let line = line!() + 1;
    let bad = x.sum_axis(Axis(1)).insert_axis(Axis(0));
    let error = Graph::build(|graph| graph.add(look::task(bad))).compute().unwrap_err();
    let text = format!("task `sum_axis` ({}:{line}) failed: there is no axis 1 in", file!());
    assert!(error.to_string().starts_with(&text), "{error}");
    let line = line!() + 1;
    let bad = x.map_blocks_to(vec![vec![3]], |_, _| Err::<ndarray::Array1<f64>, _>("no luck"));
    let error = Graph::build(|graph| graph.add(look::task(bad))).compute().unwrap_err();
    let text = format!(
        "task `map_blocks_to` ({}:{line}) failed: the function failed for the block at [0]: no luck",
        file!()
    );
    assert_eq!(error.to_string(), text);
    let own = Error::from(error).to_string();
    let text = format!(
        "array ({}:{line}): map_blocks_to: the function failed for the block at [0]: no luck",
        file!()
    );
    assert_eq!(own, text);
    // A step that is computed inside of another one's task stands elsewhere, and says where.
    let line = line!() + 1;
    let bad = Array::arange(0, 3, 1) / 0;
    let total = bad.sum().mapv(|n| n as f64).insert_axis(Axis(0));
    let error = Graph::build(|graph| graph.add(look::task(total))).compute().unwrap_err();
    let text = format!(" failed: array ({}:{line}): divide: ", file!());
    assert!(error.to_string().contains(&text), "{error}");
    // One that has the same line is not said twice.
    let line = line!() + 1;
    let bad = (Array::from(vec![1_i64, 2]) / 0).sum().mapv(|n| n as f64).insert_axis(Axis(0));
    let error = Graph::build(|graph| graph.add(look::task(bad))).compute().unwrap_err();
    let text = format!("({}:{line}) failed: divide: ", file!());
    assert!(error.to_string().contains(&text), "{error}");
}

#[test]
fn arrays_in_one_run_share_what_they_have_in_common() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let x = Array::arange(0, 1000, 1).rechunk(70).mapv(move |n: i64| {
        counted.fetch_add(1, SeqCst);
        n % 7
    });
    let doubled = &x * 2;
    let one = Graph::build(|graph| graph.value(1));
    let (sum, most, all, again, one) =
        compute((doubled.sum(), x.max(), x.clone(), vec![x.clone(), doubled.clone()], one))
            .unwrap();
    assert_eq!((sum.into_scalar(), most.into_scalar(), one), (2 * all.sum(), 6, 1));
    assert_eq!((&again[0], &again[1]), (&all, &(&all * 2)));
    assert_eq!(calls.load(SeqCst), 1000);
    // A reduction and what it is made of: one pass.
    let (a, b) = compute((x.mean(), x.std(0.0))).unwrap();
    assert!(a.into_scalar() > 2.9 && b.into_scalar() > 1.9);
    assert_eq!(calls.load(SeqCst), 2000);
}

#[test]
fn a_graph_to_look_at_has_the_names_of_operations() {
    let x = Array::<f64, _>::ones([40, 3]).rechunk([2, 3]).map_blocks(|block, _| block.to_owned());
    let dot = x.sin().sum_axis(Axis(0)).exp().to_graph().unwrap().to_dot().unwrap();
    for name in ["map_blocks", "sum", "exp"] {
        assert!(dot.contains(&format!("label=\"{name}\"")), "{name}: {dot}");
    }
    for name in ["chunk", "reduce", "combine"] {
        assert!(!dot.contains(&format!("label=\"{name}")), "{name}: {dot}");
    }
    let shared = (x.sum_axis(Axis(0)) / x.max_axis(Axis(0))).to_graph().unwrap().to_dot().unwrap();
    for name in ["reduce", "sum", "max", "divide"] {
        assert!(shared.contains(&format!("label=\"{name}\"")), "{name}: {shared}");
    }
}

/// Large arrays go block by block to where they belong.
#[test]
fn large_arrays_are_computed_together() {
    let all = Array2::from_shape_fn((1100, 1000), |(i, j)| (i * 1000 + j) as f64);
    for chunks in [[100, 1000], [1100, 90], [333, 417]] {
        let x = Array::from(all.clone()).rechunk(chunks);
        let y = x.map_blocks(|block, _| &block * 2.0);
        // Twice the same, one that the others are made of, another element type, and a small one.
        let both =
            (x.clone(), y.clone(), &y + 1.0, y.clone(), y.cast::<i64>(), y.sum_axis(Axis(0)));
        let (same, twice, more, again, whole, sums) = compute(both).unwrap();
        assert_eq!(same, all);
        assert_eq!(twice, &all * 2.0);
        assert_eq!(more, &all * 2.0 + 1.0);
        assert_eq!(again, twice);
        assert_eq!(whole, twice.mapv(|a| a as i64));
        assert_eq!(sums, twice.sum_axis(Axis(0)));
    }
}

#[test]
fn a_failure_among_large_arrays_is_that_of_the_run() {
    let x = Random::new(1).uniform::<f64, _>([1100, 1000]).rechunk([100, 1000]);
    let fails = x.map_blocks(|block, place| {
        assert!(place.chunk[0] != 7, "no seventh block");
        block.to_owned()
    });
    let error = Error::from(compute((&x + 1.0, fails)).unwrap_err());
    assert!(error.to_string().contains("no seventh block"), "{error}");
    // What has no memory fails too, and says what it would have been.
    let huge = Array::<f64, _>::zeros([1 << 24, 1 << 22]).rechunk([1 << 24, 1 << 12]);
    let error = Error::from(compute((x, huge)).unwrap_err());
    assert!(error.to_string().contains("shape [16777216, 4194304]"), "{error}");
}

#[test]
fn a_large_array_is_a_part_of_a_graph_that_is_frozen() {
    let x = Random::new(1).uniform::<f64, _>([2_000_000]).rechunk(100_000);
    let mut plan = Graph::build(|builder| x.clone().add_to(builder)).freeze().unwrap();
    let expected = x.compute().unwrap();
    for _ in 0..2 {
        assert_eq!(plan.run_on(&InThread).unwrap(), expected);
    }
}
