//! What depends on the order of elements, and running sums, against committed results of NumPy and plain loops.

use crate::given::Given;
use ndarray::{Array2, ArrayD, Axis, Ix2, IxDyn};
use std::collections::HashMap;
use taskweave_array::{Array, Bins, Element, ErrorKind, Random};

/// The results of `tests/numpy/order.py`, by name.
fn numpy() -> HashMap<&'static str, Vec<f64>> {
    let lines = include_str!("../numpy/order.txt").lines();
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        (words.next().unwrap(), words.map(|word| word.parse().unwrap()).collect())
    };
    lines.map(line).collect()
}

#[test]
fn what_numpy_gives() {
    let numpy = numpy();
    let a = Array2::from_shape_vec((5, 12), numpy["input"].clone()).unwrap();
    for chunks in [[5, 12], [2, 5], [1, 1], [5, 1], [3, 12]] {
        let x = Array::from(a.clone()).rechunk(chunks);
        let close = |name: &str, got: Array<f64, ndarray::IxDyn>| {
            let got: Vec<f64> = got.compute().unwrap().iter().copied().collect();
            let want = &numpy[name];
            let is_close =
                |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs() || a.is_nan() && b.is_nan();
            assert!(
                got.len() == want.len() && got.iter().zip(want).all(is_close),
                "{name}, {chunks:?}: {got:?} {want:?}"
            );
        };
        let (rows, columns) = (Axis(0), Axis(1));
        close("nansum0", x.nansum_axis(rows).into_dyn());
        close("nansum1", x.nansum_axis(columns).into_dyn());
        close("nanprod1", x.nanprod_axis(columns).into_dyn());
        close("nanmean0", x.nanmean_axis(rows).into_dyn());
        close("nanmean1", x.nanmean_axis(columns).into_dyn());
        close("nanvar1", x.nanvar_axis(columns, 1.0).into_dyn());
        close("nanstd0", x.nanstd_axis(rows, 0.0).into_dyn());
        close("nanmin0", x.nanmin_axis(rows).into_dyn());
        close("nanmax1", x.nanmax_axis(columns).into_dyn());
        close("median0", x.median_axis(rows).into_dyn());
        close("median1", x.median_axis(columns).into_dyn());
        for q in ["0.0", "0.1", "0.25", "0.9", "1.0"] {
            close(&format!("quantile0_{q}"), x.quantile_axis(rows, q.parse().unwrap()).into_dyn());
            close(
                &format!("quantile1_{q}"),
                x.quantile_axis(columns, q.parse().unwrap()).into_dyn(),
            );
        }
        let zeroed = x.is_nan().where_(0.0, &x);
        close("cumsum1", zeroed.cumsum(columns).into_dyn());
        close("cumprod0", zeroed.cumprod(rows).into_dyn());
        close("diff1", x.diff(columns).into_dyn());
        close("histogram", zeroed.histogram(7, -8.0, 9.5).cast::<f64>().into_dyn());
        close("bincount", (&zeroed + 10.0).trunc().bincount(25).cast::<f64>().into_dyn());
        close("topk1", zeroed.topk(3, columns).into_dyn());
        close("cov", zeroed.cov(1.0).into_dyn());
        close("cov0", zeroed.cov(0.0).into_dyn());
        close("corrcoef", zeroed.corrcoef().into_dyn());
        let unique = x.round().unique().unwrap().compute().unwrap().to_vec();
        let want = &numpy["unique"];
        assert_eq!(unique.len(), want.len());
        assert!(unique.iter().zip(want).all(|(a, b)| a == b || a.is_nan() && b.is_nan()));
    }
}

#[test]
fn running_sums_of_any_shape_in_any_chunks() {
    for seed in 0..200 {
        let mut given = Given::seed(seed);
        let mut shape: Vec<usize> = (0..given.below(3)).map(|_| given.below(5)).collect();
        shape.push(1 + given.below(300));
        let a = given.whole(&shape);
        let axis = given.below(shape.len());
        let mut ones = shape.iter().map(|&len| len.max(1)).collect::<Vec<_>>();
        ones[axis] = 1;
        let x = match given.below(3) {
            0 => Array::from(a.clone()).rechunk(&ones[..]),
            _ => given.chunked(&a),
        };
        let mut want = a.clone();
        want.accumulate_axis_inplace(Axis(axis), |before, all| *all += before);
        assert_eq!(x.cumsum(Axis(axis)).compute().unwrap(), want, "seed {seed}, {x}, axis {axis}");
        if shape[axis] > 0 {
            let later = a.slice_axis(Axis(axis), (1..).into());
            let earlier = a.slice_axis(Axis(axis), (..-1).into());
            assert_eq!(
                x.diff(Axis(axis)).compute().unwrap(),
                &later - &earlier,
                "seed {seed}, {x}, axis {axis}"
            );
        }
    }
    // Totals of totals of totals, and chunks that read some of all.
    let many = Array::<i64, _>::ones([70_000]).rechunk(1).cumsum(Axis(0)).compute().unwrap();
    assert!(many.iter().enumerate().all(|(at, &sum)| sum == at as i64 + 1));
    assert_eq!(
        Array::from(vec![100_i8; 3]).cumsum(Axis(0)).compute().unwrap().to_vec(),
        [100_i64, 200, 300]
    );
}

#[test]
fn edges_of_even_bins_are_numpys() {
    let bins = Bins::even(100, -0.3, 0.1);
    // `numpy.linspace(-0.3, 0.1, 101)[75]`; NumPy counts 0 there.
    assert_eq!(bins.edges().unwrap()[75], 0.0);
    let counts = Array::from(vec![0.0]).histogram(100, -0.3, 0.1).compute().unwrap();
    assert_eq!(counts.iter().position(|&count| count == 1), Some(75));
}

#[test]
fn bins_that_there_are_not_have_no_edges() {
    for (bins, text) in [
        (Bins::even(usize::MAX, 0.0, 1.0), "`INFERRED` is no number of bins"),
        (Bins::even(usize::MAX / 2, 0.0, 1.0), "have no different edges"),
        (Bins::even(1 << 44, -1e300, 1e300), "no memory for the edges of 17592186044416 bins"),
        (Bins::even(0, 0.0, 1.0), "0 bins from 0.0 to 1.0"),
        (Bins::even(1, 0.0, f64::NAN), "1 bin from 0.0 to NaN"),
        (Bins::between([1.0, 0.0]), "0.0 follows 1.0"),
    ] {
        let error = bins.edges().unwrap_err();
        let message = error.to_string();
        assert!(message.contains(text) && message.contains(file!()), "{message}");
    }
}

#[test]
fn an_element_in_no_bin_is_named_with_its_index() {
    let mut x = ndarray::Array2::<i64>::zeros((7, 5));
    x[[4, 3]] = -2;
    let weights = Array::<f64, _>::ones([7, 5]);
    for chunks in [[7, 5], [2, 2], [3, 5], [1, 1]] {
        for x in [
            Array::from(x.clone()).rechunk(chunks),
            Array::from(x.t().to_owned()).rechunk([chunks[1], chunks[0]]).t(),
        ] {
            for error in
                [x.bincount(3).compute().err(), x.bincount_weighted(&weights, 3).compute().err()]
            {
                let message = error.unwrap().to_string();
                assert!(
                    message.contains(": -2 at index [4, 3] is no whole number from 0 to 2"),
                    "{message}"
                );
            }
        }
    }
}

#[test]
fn histograms_count_each_edge_once() {
    let edges = ArrayD::from_shape_vec(IxDyn(&[1001]), Bins::even(1000, 0.1, 0.8).edges().unwrap())
        .unwrap();
    let counts = Array::from(edges).rechunk(70).histogram(1000, 0.1, 0.8).compute().unwrap();
    assert_eq!(counts.sum(), 1001);
    assert!(counts.iter().take(999).all(|&count| count == 1) && counts[999] == 2);
}

#[test]
fn quantiles_of_infinities_and_of_the_largest_numbers() {
    let inf = f64::INFINITY;
    let quantile = |values: &[f64], q| {
        Array::from(values.to_vec()).quantile(q).compute().unwrap().into_scalar()
    };
    assert_eq!(quantile(&[1.0, inf, inf, inf], 0.5), inf);
    assert_eq!(quantile(&[inf, inf], 0.5), inf);
    assert_eq!(quantile(&[-f64::MAX, f64::MAX], 0.5), 0.0);
    assert_eq!(quantile(&[-inf, 1.0, inf], 0.25), -inf);
}

#[test]
fn quantiles_of_all_elements_of_large_arrays() {
    /// Against the elements in order; `n` of them are more than 4 MiB.
    fn check<A: Element + PartialOrd>(
        name: &str,
        n: usize,
        of: impl Fn(u64) -> A,
        quantile: impl Fn(&Array<A, Ix2>, f64) -> f64,
        to_f64: impl Fn(A) -> f64,
    ) {
        let mut given = Given::seed(n as u64);
        let a = Array2::from_shape_simple_fn((n / 64, 64), || of(given.next()));
        let mut sorted: Vec<A> = a.iter().copied().collect();
        sorted.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
        let x = Array::from(a);
        let held = x.rechunk([n / 200, 50]).map_blocks(|block, _| block.to_owned());
        for q in [0.0, 0.21, 0.5, 1.0 - 1e-7, 1.0] {
            let place = q * (n - 1) as f64;
            let (low, high) =
                (to_f64(sorted[place.floor() as usize]), to_f64(sorted[place.ceil() as usize]));
            let want = low + (high - low) * place.fract();
            for x in [&x.t(), &held] {
                let got = quantile(x, q);
                assert!(
                    (got - want).abs() <= 1e-12 * want.abs(),
                    "{name}, {q}, {x}: {got}, {want}"
                );
            }
        }
    }
    let of_f64 = |x: &Array<f64, Ix2>, q| x.quantile(q).compute().unwrap().into_scalar();
    let n = 540_672;
    check("f64", n, |bits| (bits >> 11) as f64 / 3e15 - 1.0, of_f64, |x| x);
    // Few different ones, the first one most often.
    check("f64 twice", n, |bits| (bits % 7 / 3) as f64 * -1e9, of_f64, |x| x);
    let of_f32 = |x: &Array<f32, Ix2>, q| f64::from(x.quantile(q).compute().unwrap().into_scalar());
    check("f32", 2 * n, |bits| (bits % 1000) as f32 * 0.25, of_f32, f64::from);
    let of_i64 = |x: &Array<i64, Ix2>, q| x.quantile(q).compute().unwrap().into_scalar();
    check("i64", n, |bits| bits as i64 >> 13, of_i64, |x| x as f64);
    let of_u16 = |x: &Array<u16, Ix2>, q| x.quantile(q).compute().unwrap().into_scalar();
    check("u16", 4 * n, |bits| bits as u16, of_u16, f64::from);
    let of_i8 = |x: &Array<i8, Ix2>, q| x.quantile(q).compute().unwrap().into_scalar();
    check("i8", 8 * n, |bits| bits as i8, of_i8, f64::from);

    // One NaN is enough, and infinities are the ends.
    let last = n as i64 - 1;
    let x = Array::arange(0, last + 1, 1).rechunk(100_000);
    let value = |x: &Array<f64, ndarray::Ix1>, q| x.quantile(q).compute().unwrap().into_scalar();
    assert!(value(&x.mapv(|at| if at == 77 { f64::NAN } else { at as f64 }), 0.25).is_nan());
    let ends = x.mapv(move |at| if at == last { f64::INFINITY } else { -(at as f64) });
    assert_eq!((value(&ends, 1.0), value(&ends, 0.0)), (f64::INFINITY, 1.0 - last as f64));
    assert_eq!(value(&ends, 1.0 - 1e-7), f64::INFINITY);
}

#[test]
fn quantiles_and_running_sums_hold_a_few_chunks() {
    let n = 2_000_000;
    let x = Random::new(3).normal::<f64, _>([n]).rechunk(10_000);
    let chunk = 80_000;
    // Made again for each digit.
    assert!((&x * 2.0).median().plan(1).unwrap().peak_bytes() < 1 << 20);
    // Held, once.
    let blocks = x.map_blocks(|block, _| block.to_owned());
    let peak = blocks.median().plan(1).unwrap().peak_bytes();
    assert!((16_000_000..17_000_000).contains(&peak), "{peak}");
    let peak = blocks.cumsum(Axis(0)).max().plan(1).unwrap().peak_bytes();
    assert!((2 * chunk..4 * chunk).contains(&peak), "{peak}");
    let peak = blocks.cumsum(Axis(0)).plan_store(2).unwrap().peak_bytes();
    // Four of each worker wait for the other's, and three are in its hands.
    assert!((4 * chunk..14 * chunk).contains(&peak), "{peak}");
}

#[test]
fn refused_with_the_values() {
    let x = Array::from(vec![1.0, 2.5, f64::NAN]);
    let text = |result: Result<(), taskweave_array::Error>| result.unwrap_err().to_string();
    assert!(text(x.quantile(1.2).check()).contains("quantile: 1.2 is not a number from 0 to 1"));
    assert!(text(x.quantile(f64::NAN).check()).contains("quantile: NaN is not"));
    assert!(
        text(Array::<f64, _>::zeros([0]).median().check())
            .contains("median: a zero-size array has no such value")
    );
    assert!(
        text(x.topk(4, Axis(0)).check())
            .contains("no 4 largest elements along axis 0 of shape [3]")
    );
    assert_eq!(x.topk(0, Axis(0)).compute().unwrap().len(), 0);
    let none = Array::<f64, _>::ones([5, 4, 0]).rechunk([2, 3, 1]);
    for (axis, shape) in [[0, 4, 0], [5, 0, 0], [5, 4, 0]].iter().enumerate() {
        assert_eq!(none.topk(0, Axis(axis)).compute().unwrap().shape(), shape);
    }
    let sums = Array::<f64, _>::ones([5, 4]).rechunk([2, 3]).topk(0, Axis(1)).sum_axis(Axis(1));
    assert_eq!(sums.compute().unwrap().to_vec(), [0.0; 5]);
    assert!(text(x.histogram(0, 0.0, 1.0).check()).contains("0 bins from 0.0 to 1.0"));
    assert!(text(x.histogram(2, 1.0, 0.0).check()).contains("in rising order"));
    let far = text(x.histogram(3, f64::MIN, f64::MAX).check());
    assert!(
        far.contains("high - low, is more than the greatest number") && !far.contains("rising")
    );
    assert!(text(x.cumsum(Axis(1)).check()).contains("axis 1"));
    let error = x.bincount(3).compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    assert!(
        error.to_string().contains("bincount: 2.5 at index [1] is no whole number from 0 to 2"),
        "{error}"
    );
    assert!(x.median().compute().unwrap().into_scalar().is_nan());
}

#[test]
fn bins_have_different_edges() {
    // numpy 2.4.6: np.histogram([1, 1 + eps, 1 + 2 * eps], 2, (1, 1 + 2 * eps)) gives [1, 2]; with 3 bins it is a ValueError.
    let (one, next) = (1.0, 1.0 + f64::EPSILON);
    let x = Array::from(vec![one, next, next + f64::EPSILON]);
    let counts = x.histogram(2, one, next + f64::EPSILON).compute().unwrap();
    assert_eq!(counts.to_vec(), [1, 2]);
    for bins in [3, 1 << 40] {
        let error = x.histogram(bins, one, next + f64::EPSILON).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Value);
        assert!(error.to_string().contains("so many have no different edges"), "{error}");
    }
    // As many as are allowed are found at once.
    let bins = 1 << 20;
    let many = Array::linspace(0.0, 1.0, bins + 1).histogram(bins, 0.0, 1.0);
    let counts = many.compute().unwrap();
    assert!(counts.iter().take(bins - 1).all(|&count| count == 1) && counts[bins - 1] == 2);
}

#[test]
fn quantiles_without_nan_of_more_than_a_chunk() {
    let mut given = Given::seed(7);
    let len = 700_000;
    let values: Vec<f64> = (0..len)
        .map(|at| if at % 13 == 5 { f64::NAN } else { given.below(1 << 40) as f64 - 5e11 })
        .collect();
    let mut known: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let want = |q: f64| {
        let place = q * (known.len() - 1) as f64;
        let (low, part) = (known[place as usize], place.fract());
        let next = known[(place as usize + 1).min(known.len() - 1)];
        low + (next - low) * part
    };
    let x = Array::from(values);
    let nan = &x * f64::NAN;
    for x in [x.rechunk(100_000), (&x + 0.0).rechunk(313_131)] {
        for q in [0.0, 0.1, 0.5, 0.9, 1.0] {
            let got = x.nanquantile(q).compute().unwrap().into_scalar();
            assert!((got - want(q)).abs() <= 1e-6, "{x}, {q}: {got} {}", want(q));
        }
        assert!(x.quantile(0.5).compute().unwrap().into_scalar().is_nan());
    }
    assert!(nan.nanmedian().compute().unwrap().into_scalar().is_nan());
    let whole = Array::arange(0_u32, 2_000_001, 1);
    assert_eq!(whole.nanmedian().compute().unwrap().into_scalar(), 1e6);
}

#[test]
fn the_largest_of_many_chunks_are_those_of_one() {
    for (len, chunk, k) in [(1000, 1, 3), (1000, 7, 10), (640, 10, 1), (65, 1, 65), (9, 1, 9)] {
        let mut given = Given::seed(len as u64);
        let a = given.whole(&[len, 3]);
        let x = Array::from_ndarray(a.clone()).rechunk([chunk, 2]);
        let mut columns: Vec<Vec<f64>> =
            a.axis_iter(Axis(1)).map(|column| column.iter().copied().collect()).collect();
        columns.iter_mut().for_each(|column| column.sort_by(|a, b| b.total_cmp(a)));
        let got = x.topk(k, Axis(0)).compute().unwrap();
        assert_eq!(got.shape(), [k, 3]);
        for (column, want) in got.axis_iter(Axis(1)).zip(&columns) {
            assert_eq!(column.iter().copied().collect::<Vec<_>>(), want[..k], "{len} in {chunk}");
        }
    }
}
