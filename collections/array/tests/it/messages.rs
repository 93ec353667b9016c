//! What is printed of a wrong step: the operation that was called, the place, the values, and what to do.

#![allow(clippy::reversed_empty_ranges)]

use ndarray::{
    Array1, ArrayView1, ArrayViewMut1, Axis, Dimension, Ix0, Ix1, Ix2, Ix3, IxDyn, MeshIndex, s,
};
use taskweave_array::{
    Array, BlockPlace, Blockwise, Boundary, Chunks, Convolution, Element, INFERRED, Pad, Random,
    block, concatenate, einsum, meshgrid, stack,
};

/// What is wrong with the array, or with a task of it.
fn said<A: Element, D: Dimension + 'static>(x: Array<A, D>) -> String {
    match x.check() {
        Ok(()) => x.compute().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

fn x(shape: &[usize]) -> Array<f64, IxDyn> {
    Array::zeros(IxDyn(shape))
}

fn n(shape: &[usize]) -> Array<i32, IxDyn> {
    Array::zeros(IxDyn(shape))
}

fn m(rows: usize, columns: usize) -> Array<f64, Ix2> {
    Array::zeros([rows, columns])
}

fn v(len: usize) -> Array<f64, Ix1> {
    Array::zeros([len])
}

/// The name of the operation, and what is said of a wrong call of it.
macro_rules! each {
    ($($name:ident: $wrong:expr;)*) => {
        vec![$((stringify!($name), said($wrong))),*]
    };
}

/// Asserts that each message names its operation, after the place.
#[track_caller]
fn assert_named(all: &[(&str, String)]) {
    for (name, message) in all {
        println!("{name:20} {message}");
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    for (name, message) in all {
        let text = message.split_once("): ").map_or(&message[..], |(_, text)| text);
        let is_named = text.split(|c: char| !is_part(c)).any(|word| word == *name);
        assert!(is_named, "{name}: {message}");
        assert!(message.starts_with("array ("), "{message}");
    }
}

#[test]
fn operations_of_two_arrays_that_do_not_broadcast() {
    let (a, b, c, d) = (x(&[2]), x(&[3]), n(&[2]), n(&[3]));
    let yes = a.is_nan();
    assert_named(&each! {
        add: &a + &b;
        subtract: &a - &b;
        multiply: &a * &b;
        divide: &a / &b;
        rem: &a % &b;
        bitand: &c & &d;
        bitor: &c | &d;
        bitxor: &c ^ &d;
        powf: a.powf(&b);
        copysign: a.copysign(&b);
        logaddexp: a.logaddexp(&b);
        atan2: a.atan2(&b);
        hypot: a.hypot(&b);
        maximum: a.maximum(&b);
        minimum: a.minimum(&b);
        fmax: a.fmax(&b);
        fmin: a.fmin(&b);
        floor_divide: c.floor_divide(&d);
        remainder: c.remainder(&d);
        lt: a.lt(&b);
        le: a.le(&b);
        gt: a.gt(&b);
        ge: a.ge(&b);
        equal: a.equal(&b);
        not_equal: a.not_equal(&b);
        where_: yes.where_(&b, 0.0);
        zip_with: a.zip_with(&b, |a, b| a + b);
        zip_blocks: a.zip_blocks(&b, |a, _| a.to_owned());
        isclose: a.isclose(&b, 0.0, 0.0);
        allclose: a.allclose(&b, 0.0, 0.0);
        broadcast: a.broadcast(IxDyn(&[3]));
        assign: v(4).assign(s![1..3], &v(3));
        average: a.average(&b);
        average_axis: x(&[4, 2]).average_axis(Axis(0), &b);
        take_along_axis: x(&[2, 2]).take_along_axis(&Array::zeros(IxDyn(&[3, 3])), Axis(0));
        dot: m(2, 3).dot(&m(2, 3));
        tensordot: a.tensordot(&b, [0], [0]);
        einsum: einsum::<f64>("i,i->", (&a, &b));
        histogram_weighted: a.histogram_weighted(&b, (2, 0.0, 1.0));
        histogram2d: a.histogram2d(&b, (2, 0.0, 1.0), (2, 0.0, 1.0));
        bincount_weighted: c.bincount_weighted(&b, 3);
        concatenate: concatenate(Axis(0), &[m(2, 3), m(2, 4)]);
        stack: stack(Axis(0), &[m(2, 3), m(2, 4)]);
        block: block([[m(2, 3), m(3, 4)]]);
    });
}

#[test]
fn axes_that_there_are_not() {
    let (a, yes) = (x(&[4, 2]), x(&[4, 2]).is_nan());
    let axis = Axis(5);
    assert_named(&each! {
        sum_axis: a.sum_axis(axis);
        prod_axis: a.prod_axis(axis);
        mean_axis: a.mean_axis(axis);
        min_axis: a.min_axis(axis);
        max_axis: a.max_axis(axis);
        argmin_axis: a.argmin_axis(axis);
        argmax_axis: a.argmax_axis(axis);
        count_nonzero_axis: a.count_nonzero_axis(axis);
        var_axis: a.var_axis(axis, 0.0);
        std_axis: a.std_axis(axis, 0.0);
        nanmin_axis: a.nanmin_axis(axis);
        nanmax_axis: a.nanmax_axis(axis);
        nanmean_axis: a.nanmean_axis(axis);
        nanvar_axis: a.nanvar_axis(axis, 0.0);
        nanstd_axis: a.nanstd_axis(axis, 0.0);
        nansum_axis: a.nansum_axis(axis);
        nanprod_axis: a.nanprod_axis(axis);
        any_axis: yes.any_axis(axis);
        all_axis: yes.all_axis(axis);
        ptp_axis: a.ptp_axis(axis);
        nanargmin_axis: a.nanargmin_axis(axis);
        nanargmax_axis: a.nanargmax_axis(axis);
        average_axis: a.average_axis(axis, &a);
        sum: a.over([5]).sum();
        max: a.over([5]).keep_dims().max();
        ptp: a.over([0, 0]).ptp();
        reduction_axis: a.reduction_axis(axis, |_, _| 0.0, |a: f64, b| a + b, |a| a);
        median_axis: a.median_axis(axis);
        nanmedian_axis: a.nanmedian_axis(axis);
        quantile_axis: a.quantile_axis(axis, 0.5);
        nanquantile_axis: a.nanquantile_axis(axis, 0.5);
        map_axis: a.map_axis(axis, |row| row[0]);
        map_axis_into: a.map_axis_into(axis, 1, |row, mut out: ArrayViewMut1<'_, f64>| out[0] = row[0]);
        cumsum: a.cumsum(axis);
        cumprod: a.cumprod(axis);
        nancumsum: a.nancumsum(axis);
        nancumprod: a.nancumprod(axis);
        diff: a.diff(axis);
        gradient: a.gradient(axis, 1.0);
        trapezoid: a.trapezoid(axis, 1.0);
        sort: a.sort(axis);
        argsort: a.argsort(axis);
        take_along_axis: a.take_along_axis(&Array::zeros(IxDyn(&[4, 2])), axis);
        topk: a.topk(1, axis);
        swap_axes: a.swap_axes(0, 5);
        permuted_axes: a.permuted_axes(IxDyn(&[0, 5]));
        invert_axis: a.invert_axis(axis);
        rot90: a.rot90(1, [0, 5]);
        insert_axis: a.insert_axis(axis);
        index_axis: a.index_axis(axis, 0);
        remove_axis: a.remove_axis(axis);
        diagonal: a.diagonal(0, Axis(0), axis);
        select: a.select(axis, &[0]);
        compress: a.compress(axis, &[true]);
        repeat: a.repeat(2, axis);
        tile: a.tile(2, axis);
        roll: a.roll(1, axis);
        concatenate: concatenate(axis, &[a.clone(), a.clone()]);
        stack: stack(axis, &[a.clone(), a.clone()]);
        shuffle: Random::new(1).shuffle(&a, axis);
        tensordot: a.tensordot(&a, [5], [0]);
    });
}

#[test]
fn shapes_and_values_that_cannot_be() {
    let (a, none) = (x(&[4, 2]), x(&[0]));
    let mut random = Random::new(1);
    assert_named(&each! {
        min: none.min();
        max: none.max();
        argmin: none.argmin();
        argmax_axis: x(&[0, 2]).argmax_axis(Axis(0));
        nanmin: none.nanmin();
        ptp: none.ptp();
        nanargmax: none.nanargmax();
        nanargmin: (v(3) * f64::NAN).nanargmin();
        median: none.median();
        nanmedian: none.nanmedian();
        median_axis: x(&[0, 2]).median_axis(Axis(0));
        quantile: a.quantile(1.5);
        nanquantile: a.nanquantile(-0.5);
        compress: a.compress(Axis(0), &[true]);
        select: a.select(Axis(0), &[1, 4]);
        index_axis: a.index_axis(Axis(0), 4);
        remove_axis: a.remove_axis(Axis(0));
        slice: m(4, 2).slice(s![5.., ..]);
        slice: m(4, 2).slice(s![3..1;-1, ..]);
        slice: a.slice(s![..]);
        slice: v(4).slice(s![-5]);
        assign: v(4).assign(s![2..9], 0.0);
        reshape: a.reshape(IxDyn(&[3, 3]));
        into_dimensionality: a.clone().into_dimensionality::<Ix1>();
        permuted_axes: a.permuted_axes(IxDyn(&[0, 0]));
        rot90: a.rot90(1, [1, 1]);
        diagonal: a.diagonal(0, Axis(1), Axis(1));
        tril: v(3).tril(0);
        triu: v(3).triu(0);
        rechunk: a.rechunk(0);
        rechunk: a.rechunk([1, 1, 1]);
        rechunk: a.rechunk(Chunks::lengths([vec![1, 2], vec![2]]));
        rechunk_within: a.rechunk_within(0, 1 << 20);
        pad: a.pad(&[(1, 1)], Pad::Edge);
        pad: m(0, 2).pad(&[(9, 1), (0, 0)], Pad::Reflect);
        repeat: a.repeat(usize::MAX, Axis(0));
        tile: a.tile(usize::MAX, Axis(0));
        coarsen: a.coarsen(&[1, 9], |block| block.sum());
        cross: m(2, 3).cross(&m(2, 4), Axis(1));
        gradient: v(1).gradient(Axis(0), 1.0);
        gradient: v(3).gradient(Axis(0), &[1.0]);
        trapezoid: v(3).trapezoid(Axis(0), &[1.0]);
        convolve: v(1).convolve([1.0, 2.0], Convolution::Valid);
        interp: v(3).interp(&[0.0, 1.0], &[1.0]);
        interp: v(3).interp(&[1.0, 0.0], &[1.0, 2.0]);
        digitize: v(3).digitize(&[0.0, 2.0, 1.0], false);
        histogram: a.histogram(0, 0.0, 1.0);
        histogram: a.histogram(3, 1.0, 0.0);
        histogram_in: a.histogram_in(vec![0.0, 2.0, 1.0]);
        histogram_density: a.histogram_density(vec![0.0]);
        bincount: (v(3) + 9.0).bincount(3);
        bincount_weighted: (v(3) - 1.0).bincount_weighted(&v(3), 3);
        topk: a.topk(9, Axis(0));
        arange: Array::arange(0, 5, 0);
        zeros: m(1 << 40, 1 << 40);
        ones: Array::<f64, Ix1>::ones([usize::MAX]);
        from_elem: Array::from_elem([usize::MAX], 1.0);
        from_fn: Array::<f64, Ix1>::from_fn([usize::MAX], |_| 0.0);
        eye: Array::<f64, Ix2>::eye(usize::MAX);
        tri: Array::<f64, Ix2>::tri([usize::MAX, 9], 0);
        linspace: Array::linspace(0.0, 1.0, usize::MAX);
        indices: Array::indices([1 << 40, 1 << 40]);
        from_diag: Array::from_diag(Array::<u8, Ix1>::zeros([1 << 40]));
        meshgrid: meshgrid([&v(1 << 40), &v(1 << 40)], MeshIndex::XY).into_iter().next().unwrap();
        uniform: random.uniform::<f64, _>([usize::MAX]);
        integers: random.integers(3, 3, [2]);
        choice: random.choice(0, [2]);
        choice_weighted: random.choice_weighted(2, &[1.0], [2]);
        sample: random.sample(3, 4);
        sample_weighted: random.sample_weighted(3, [1.0, 0.0, 0.0], 2);
        from_blocks: Array::from_blocks([4], 0, |_: &BlockPlace| Array1::<f64>::zeros(1));
        from_graphs: Array::<f64, Ix1>::from_graphs([4], 2, Vec::new());
        map_blocks_to: v(4).map_blocks_to::<f64, Ix1, _>(vec![vec![1], vec![1]], |b, _| b.to_owned());
        map_blocks_to: v(4).map_blocks_to::<f64, Ix1, _>(vec![vec![1, 1]], |b, _| b.to_owned());
        map_overlap: v(4).map_overlap(&[1, 1], Boundary::None, |b| b.to_owned());
        zip_overlap: v(4).zip_overlap(&v(5), &[1], Boundary::None, Boundary::None, |b, _| b.to_owned());
        blockwise: Blockwise::new("i").with(&v(4), "ij").map(|b: ArrayView1<'_, f64>| b.to_owned());
        concatenate: concatenate(Axis(0), [] as [&Array<f64, Ix1>; 0]);
        stack: stack(Axis(0), [] as [&Array<f64, Ix1>; 0]);
        block: block(Vec::<Array<f64, Ix1>>::new());
        einsum: einsum::<f64>("ij->i", (&v(3),));
        einsum: einsum::<f64>("i->j", (&v(3),));
        tensordot: a.tensordot(&a, [0, 1], [0]);
        outer: v(1 << 40).outer(v(1 << 40));
        kron: m(1 << 30, 1 << 20).kron(m(1 << 20, 1 << 20));
        cov: m(1 << 40, 1).cov(1.0);
        take_along_axis: v(3).take_along_axis(&Array::from(vec![5_u64]), Axis(0));
    });
}

#[test]
fn what_tasks_find_wrong() {
    let no = |_: ArrayView1<'_, f64>| -> Result<f64, String> { Err("no".to_owned()) };
    let (numbers, zeros) = (Array::arange(1, 9, 1).rechunk(3), Array::arange(-5, 3, 1).rechunk(3));
    assert_named(&each! {
        divide: &numbers / &zeros;
        rem: &numbers % &zeros;
        floor_divide: numbers.floor_divide(&zeros).sum();
        remainder: numbers.remainder(&zeros).slice(s![4..]);
        divide: numbers.reshape([2, 4]).t() / zeros.reshape([2, 4]).t();
        nanargmin: (v(3) * f64::NAN).nanargmin();
        nanargmax: (m(2, 3) * f64::NAN).nanargmax_axis(Axis(1));
        bincount: (v(3) + 9.0).bincount(3);
        bincount_weighted: (v(3) - 1.0).bincount_weighted(&v(3), 3);
        take_along_axis: v(3).take_along_axis(&Array::from(vec![5_u64]), Axis(0));
        map_axis: m(4, 3).rechunk(2).map_axis(Axis(1), no);
        map_axis_into: m(3, 4).map_axis_into(Axis(0), 1, move |row, _: ArrayViewMut1<'_, f64>| no(row).map(|_| ()));
        map_blocks: v(4).map_blocks(|b, _| b.slice(s![1..]).to_owned());
        map_blocks_owned: v(4).map_blocks_owned(|b| b.slice(s![1..]).to_owned());
        map_blocks_to: v(4).map_blocks_to::<f64, Ix1, _>(vec![vec![1]], |b, _| b.to_owned());
        zip_blocks: v(4).zip_blocks(&v(4), |b, _| b.slice(s![1..]).to_owned());
        map_overlap: v(4).map_overlap(&[1], Boundary::Periodic, |b| b.slice(s![1..-1]).to_owned());
        blockwise: Blockwise::new("i").with(&v(4), "i").map(|b| b.slice(s![1..]).to_owned());
        from_blocks: Array::from_blocks([4], 2, |_: &BlockPlace| Array1::<f64>::zeros(1));
    });
}

#[test]
fn an_integer_divided_by_zero_says_at_which_index() {
    let (x, y) = (Array::arange(0, 12, 1), Array::arange(-7, 5, 1));
    let (x, y) = (x.reshape([3, 4]).rechunk(2), y.reshape([3, 4]).rechunk(2));
    let quotient = &x / &y;
    let all = [
        said(quotient.clone()),
        said(quotient.sum()),
        said(quotient.sum_axis(Axis(0))),
        said(quotient.t()),
        said(quotient.slice(s![1.., ..;-1]).cast::<f64>().exp()),
    ];
    let text = "divide: an integer is divided by zero at index [1, 3]: put another divisor there, as `y.equal(0).where_(1, &y)` does";
    for message in all {
        assert!(message.ends_with(text), "{message}");
    }
    assert_eq!((&x / y.equal(0).where_(1, &y)).compute().unwrap()[[1, 3]], 7);
}

#[test]
fn only_reshape_infers_a_length() {
    let mut random = Random::new(1);
    let path = std::env::temp_dir().join(format!("taskweave-inferred-{}.raw", std::process::id()));
    Array::arange(0.0, 8.0, 1.0).store_raw(&path).unwrap();
    let all = each! {
        zeros: Array::<f64, Ix2>::zeros([INFERRED, 3]);
        ones: Array::<f64, IxDyn>::ones(IxDyn(&[INFERRED, 3]));
        from_elem: Array::from_elem([INFERRED, 3], 1.0);
        from_fn: Array::<f64, Ix2>::from_fn([INFERRED, 3], |_| 0.0);
        tri: Array::<f64, Ix2>::tri([INFERRED, 3], 0);
        indices: Array::indices([INFERRED, 3]);
        broadcast: v(3).broadcast([INFERRED, 3]);
        uniform: random.uniform::<f64, _>([INFERRED, 3]);
        normal: random.normal::<f64, _>([INFERRED, 3]);
        exponential: random.exponential([INFERRED, 3]);
        integers: random.integers(0, 9, [INFERRED, 3]);
        choice: random.choice(9, [INFERRED, 3]);
        choice_weighted: random.choice_weighted(2, &[1.0, 2.0], [INFERRED, 3]);
        from_blocks: Array::from_blocks([INFERRED, 3], 1, |_: &BlockPlace| ndarray::Array2::<f64>::zeros((1, 1)));
        from_graphs: Array::<f64, Ix2>::from_graphs([INFERRED, 3], 1, Vec::new());
        from_raw: Array::<f64, Ix2>::from_raw(&path, [INFERRED, 3], 0);
    };
    std::fs::remove_file(&path).unwrap();
    assert_named(&all);
    let text = "nothing says what the length of axis 0 of shape [INFERRED, 3] follows from: only `reshape` infers lengths; say it (`INFERRED` is `usize::MAX`)";
    for (name, message) in all {
        assert!(message.ends_with(text), "{name}: {message}");
    }
}

#[test]
fn numbers_that_nothing_follows_for_are_called_by_their_name() {
    let (a, mut random) = (x(&[4, 2]), Random::new(1));
    let weights = [1.0, 2.0, 3.0];
    let all = each! {
        pad: a.pad(&[(0, 0), (1, INFERRED)], Pad::Constant(0.0));
        pad: a.pad(&[(INFERRED, 0), (0, 0)], Pad::Wrap);
        coarsen: a.coarsen(&[2, INFERRED], |block| block.sum());
        repeat: a.repeat(INFERRED, Axis(0));
        repeat: v(1).repeat(INFERRED, Axis(0));
        tile: a.tile(INFERRED, Axis(1));
        topk: a.topk(INFERRED, Axis(0));
        sample: random.sample(9, INFERRED);
        sample_weighted: random.sample_weighted(3, weights, INFERRED);
        histogram: a.histogram(INFERRED, 0.0, 1.0);
        histogram_in: a.histogram_in((INFERRED, 0.0, 1.0));
        histogram_weighted: a.histogram_weighted(&a, (INFERRED, 0.0, 1.0));
        histogram_density: a.histogram_density((INFERRED, 0.0, 1.0));
        histogram2d: a.histogram2d(&a, (3, 0.0, 1.0), (INFERRED, 0.0, 1.0));
        bincount: a.bincount(INFERRED);
        bincount_weighted: a.bincount_weighted(&a, INFERRED);
        map_overlap: v(4).map_overlap(INFERRED, Boundary::None, |b| b.to_owned());
        zip_overlap: v(4).zip_overlap(&v(4), [(1, INFERRED)], Boundary::None, Boundary::None, |b, _| b.to_owned());
    };
    assert_named(&all);
    for (name, message) in all {
        assert!(message.contains("`INFERRED` is no "), "{name}: {message}");
    }
    let all = each! {
        map_blocks_to: v(4).map_blocks_to::<f64, Ix1, _>(INFERRED, |b, _| b.to_owned());
        map_axis_into: m(3, 4).map_axis_into(Axis(0), INFERRED, |_, _: ArrayViewMut1<'_, f64>| ());
        blockwise: Blockwise::new("i").with(&v(4), "i").adjust_chunks('i', |_| INFERRED).map(|b| b.to_owned());
        eye: Array::<f64, Ix2>::eye(INFERRED);
        linspace: Array::linspace(0.0, 1.0, INFERRED);
        permutation: random.permutation(INFERRED);
    };
    assert_named(&all);
    for (name, message) in all {
        assert!(message.contains("only `reshape` infers lengths; say it"), "{name}: {message}");
    }
    let message = said(v(4).rechunk(vec![vec![INFERRED, 2]]));
    let text = "chunk 0 along axis 0 of shape [4] has the length `INFERRED`: in a list of the lengths of all chunks each is said";
    assert!(message.contains(text), "{message}");
    // What is too long, but was not to be inferred.
    let long = Array::<u8, Ix1>::zeros([isize::MAX as usize]);
    let message = said(concatenate(Axis(0), &[&long, &long, &long]));
    assert!(message.contains("more elements than can be addressed"), "{message}");
}

#[test]
fn indices_and_axes_counted_from_the_end_are_said_as_they_are_here() {
    let (a, ends) = (x(&[4, 3, 2]), |message: String, text: &str| {
        assert!(message.ends_with(text), "{message}");
    });
    let text = "index_axis: index -1 along axis 1 of shape [4, 3, 2]: indices are not counted from the end here; NumPy's -1 is 2, `len - 1`; `slice(s![.., -1, ..])` counts it so";
    ends(said(a.index_axis(Axis(1), INFERRED)), text);
    let text = "index_axis: index -4 along axis 0 of shape [4]: indices are not counted from the end here; NumPy's -4 is 0, `len - 4`; `slice(s![-4])` counts it so";
    ends(said(v(4).index_axis(Axis(0), -4_isize as usize)), text);
    let text = "there is no index -5 along axis 0 of shape [4], whose indices are 0 to 3";
    ends(said(v(4).index_axis(Axis(0), -5_isize as usize)), text);
    let text = "there is no index 4 along axis 0 of shape [4], whose indices are 0 to 3";
    ends(said(v(4).index_axis(Axis(0), 4)), text);
    ends(said(v(4).select(Axis(0), &[1, 4])), text);
    let text = "select: index -2 along axis 0 of shape [4]: indices are not counted from the end here; NumPy's -2 is 2, `len - 2`";
    ends(said(v(4).select(Axis(0), &[0, -2_isize as usize])), text);
    let text = "sum_axis: there is no axis -1 in shape [4, 3, 2], which has axes 0 to 2; axes are not counted from the last one here: that is axis 2";
    ends(said(a.sum_axis(Axis(-1_isize as usize))), text);
    let text = "insert_axis: axis -1 cannot be put into shape [4, 3, 2]: give one from 0 to 3";
    ends(said(a.insert_axis(Axis(-1_isize as usize))), text);
    let text = "take_along_axis: there is no index 18446744073709551615 along axis 0, which is 3 long: give indices from 0 on that are less, none counted from the end";
    ends(said(v(3).take_along_axis(&Array::from(vec![u64::MAX]), Axis(0))), text);
    let text = "select: there is no index 18446744073709551615 along axis 0 of shape [4], whose indices are 0 to 3";
    ends(said(v(4).select(Axis(0), &[0, u64::MAX])), text);
    let text = "there is no axis -4 in shape [4, 3, 2], which has axes 0 to 2";
    ends(said(a.sum_axis(Axis(-4_isize as usize))), text);
}

#[test]
fn blocks_of_neighbours_fit_into_the_axis() {
    let text = "cannot coarsen shape [4, 2] by [2, 3]: axis 1 has length 2, which holds no block of 3; give 2 at most";
    let message = said(x(&[4, 2]).coarsen(&[2, 3], |block| block.sum()));
    assert!(message.ends_with(text), "{message}");
    let none = x(&[0, 2]).coarsen(&[5, 2], |block| block.sum());
    assert_eq!(none.compute().unwrap().shape(), [0, 1]);
}

#[test]
fn a_row_that_fails_is_named_by_its_index() {
    let x = Array::<f64, Ix3>::from_fn([3, 4, 5], |[i, j, k]| (100 * i + 10 * j + k) as f64);
    let x = x.rechunk([2, 3, 2]);
    fn checked(row: ArrayView1<'_, f64>) -> Result<f64, String> {
        let is_sought = row.iter().any(|&x| x == 231.0);
        if is_sought { Err("it is here".to_owned()) } else { Ok(row[0]) }
    }
    let said_along = |axis| said(x.map_axis(Axis(axis), checked));
    assert!(
        said_along(0).ends_with("map_axis: `checked` failed for the row [.., 3, 1]: it is here")
    );
    assert!(
        said_along(1).ends_with("map_axis: `checked` failed for the row [2, .., 1]: it is here")
    );
    assert!(
        said_along(2).ends_with("map_axis: `checked` failed for the row [2, 3, ..]: it is here")
    );
    let panics = |row: ArrayView1<'_, f64>, _: ArrayViewMut1<'_, f64>| {
        assert!(!row.iter().any(|&x| x == 231.0), "it is here");
    };
    let message = said(x.map_axis_into(Axis(1), 1, panics));
    let text = "map_axis_into: the function panicked on the row [2, .., 1]: it is here";
    assert!(message.ends_with(text), "{message}");
}

#[test]
fn files_that_there_are_not() {
    let nowhere = std::env::temp_dir().join("taskweave-there-is-no-such-folder");
    let shown = nowhere.display();
    let stack = said(Array::<f64, Ix1>::from_npy_stack(&nowhere));
    let text = format!(
        "from_npy_stack: cannot open the stack {shown}: it has to be a folder with the file `info`, as `store_npy_stack` writes it; one `.npy` file is for `from_npy`: "
    );
    assert!(stack.contains(&text), "{stack}");
    let file = said(Array::<f64, Ix1>::from_npy(&nowhere));
    assert!(file.contains(&format!("): from_npy: cannot open {shown}: ")), "{file}");
    let raw = said(Array::<f64, Ix1>::from_raw(&nowhere, [2], 0));
    assert!(raw.contains(&format!("): from_raw: cannot open {shown}: ")), "{raw}");
    let path = nowhere.join("x.npy");
    let stored = v(2).store_npy(&path).unwrap_err().to_string();
    assert!(stored.contains("): store_npy: cannot "), "{stored}");
    let stored = Array::<f64, Ix0>::ones(()).store_npy_stack(&path).unwrap_err().to_string();
    assert!(stored.contains("): store_npy_stack: there is no axis 0 in shape []"), "{stored}");
}

#[test]
fn errors_go_from_arrays_to_graphs_and_back() {
    use std::error::Error as _;
    use taskweave_array::Error;
    type GraphError = taskweave_runtime::Error;
    fn kept(error: &Error, graph: &GraphError) {
        assert_eq!(graph.kind(), taskweave_runtime::ErrorKind::Failed);
        assert_eq!(graph.to_string(), error.to_string());
        assert_eq!(graph.location(), error.location());
        let source = |error: &dyn std::error::Error| error.source().map(ToString::to_string);
        assert_eq!(source(graph), source(error));
        let back = Error::from(graph.clone());
        assert_eq!((back.kind(), back.to_string()), (error.kind(), error.to_string()));
        assert_eq!(source(&back), source(error));
    }
    let shapes = (v(2) + v(3)).check().unwrap_err();
    let kind = taskweave_array::ErrorKind::Shape;
    assert_eq!((shapes.kind(), shapes.location().is_some()), (kind, true));
    kept(&shapes, &GraphError::from(shapes.clone()));
    // With what a function of the user's returned behind it, and the system's error.
    let failed =
        |_: ArrayView1<'_, f64>, _: &BlockPlace| "no".parse::<f64>().map(|x| ndarray::arr1(&[x]));
    let failed = v(2).map_blocks(failed).compute().unwrap_err();
    assert_eq!(failed.source().unwrap().to_string(), "invalid float literal");
    kept(&failed, &GraphError::from(failed.clone()));
    let missing = Array::<f64, Ix1>::from_npy("there is none.npy").check().unwrap_err();
    assert!(missing.source().is_some());
    kept(&missing, &GraphError::from(missing.clone()));
    // What came from a graph is that again.
    let of_graph = taskweave_runtime::Graph::build(|graph| {
        graph
            .value(1)
            .map(|_: i32| Err::<i32, _>("no".parse::<f64>().unwrap_err()))
            .named("read")
            .or_fail()
    });
    let of_graph = of_graph.compute().unwrap_err();
    let there_and_back = GraphError::from(Error::from(of_graph.clone()));
    assert_eq!(there_and_back.to_string(), of_graph.to_string());
    assert_eq!(there_and_back.task(), Some("read"));
    assert!(there_and_back.downcast_ref::<std::num::ParseFloatError>().is_some());
}

#[test]
fn what_is_made_of_other_operations_has_its_own_name_only_for_its_own_mistakes() {
    let wrong = v(2) + v(3);
    for message in [said(wrong.median()), said(wrong.flatten().cumsum(Axis(0)).norm())] {
        assert!(message.contains("): cannot add shapes [2] and [3]: "), "{message}");
    }
}
