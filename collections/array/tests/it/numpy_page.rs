//! The page for those who come from NumPy: every function that its tables name is called here, so that they compile, and none of the array's is left out.
#![allow(clippy::unwrap_used)]

use ndarray::{Axis, Ix1, Ix2, MeshIndex, s};
use taskweave_array::{
    Aggregate, Array, Bins, BlockPlace, Blockwise, Boundary, Chunks, Complex, Convolution, Error,
    ErrorKind, Failure, Pad, Random, Side, Spill, block, concatenate, einsum, meshgrid,
    ravel_multi_index, stack, unravel_index,
};
use taskweave_runtime::{Graph, InThread, Threads, with_scheduler};

const PAGE: &str = include_str!("../../docs/numpy.md");
const THIS: &str = include_str!("numpy_page.rs");

/// What stands before each `(` in a text, if it is the name of a method or function.
fn called(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').filter_map(|(at, _)| {
        let before = &text[..at];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = &before[before.trim_end_matches(is_name).len()..];
        name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(name)
    })
}

/// What the last column of the page's tables names.
fn on_page() -> Vec<&'static str> {
    let rows = PAGE.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.trim_end_matches([' ', '|']).rsplit('|').next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).flat_map(called).collect()
}

#[test]
fn what_the_tables_name_is_called_here() {
    let here: Vec<&str> = called(THIS).collect();
    let missing: Vec<_> = on_page().into_iter().filter(|name| !here.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_function_of_an_array_is_on_the_page() {
    let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut missing) = (vec![sources], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| line.trim_start().strip_prefix("pub fn "));
            let names = names.map(|rest| rest.split(['(', '<']).next().unwrap_or_default());
            let is_told = |name: &str| {
                let ends = ["(", "::<"].map(|end| PAGE.contains(&format!("{name}{end}")));
                ends.contains(&true) || name.starts_with('$')
            };
            missing.extend(names.filter(|name| !is_told(name)).map(str::to_owned));
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

fn table() -> Array<f64, Ix2> {
    Array::from_fn([6, 4], |[i, j]| (i * 4 + j) as f64 + 1.0).rechunk(3)
}

#[test]
fn creation_and_random_numbers() -> Result<(), Error> {
    let x = Array::<f64, _>::zeros([2, 3]) + Array::ones([2, 3]) + Array::from_elem([2, 3], 5.0);
    let likes = x.zeros_like() + x.ones_like() + x.full_like(2.0);
    assert_eq!(likes.sum().compute()?.into_scalar(), 18.0);
    Array::<f64, _>::tri([2, 3], 0).check()?;
    Array::from_diag(Array::arange(0, 3, 1)).check()?;
    Array::indices([2, 3]).check()?;
    let [a, b] = meshgrid([&Array::arange(0, 3, 1), &Array::arange(0, 2, 1)], MeshIndex::XY);
    (a + b).check()?;
    Array::<f64, _>::eye(2).check()?;
    Array::arange(0, 3, 1).check()?;
    Array::linspace(0.0, 1.0, 3).check()?;
    (Array::logspace(10.0, 0.0, 1.0, 3) + Array::geomspace(1.0, 9.0, 3)).check()?;
    Array::from_ndarray(ndarray::arr1(&[1])).check()?;
    Array::from(vec![1]).check()?;
    let part = || Graph::build(|graph| graph.value(1).map(|n| ndarray::arr1(&[n])));
    Array::from_graphs([2], 1, vec![part(), part()]).compute()?;
    let block = |place: &BlockPlace| Ok::<_, Error>(ndarray::arr1(&[place.range(0).len() as u64]));
    Array::from_blocks([2], 1, block).compute()?;
    let mut random = Random::new(1);
    let pair: [Array<f32, Ix1>; 2] = [random.uniform([3]), random.normal([3])];
    pair[0].dot(&pair[1]).check()?;
    random.exponential([3]).check()?;
    let p = [0.5, 0.0, 0.5];
    random.choice(&pair[0], [2]).check()?;
    random.choice_weighted(&pair[0], &p, [2]).check()?;
    random.sample(&pair[0], 2).check()?;
    random.sample_weighted(&pair[0], p, 2).check()?;
    random.permutation(3).check()?;
    random.shuffle(&x, Axis(0)).check()?;
    random.integers(0, 9, [3]).check()
}

#[test]
fn elements() -> Result<(), Error> {
    let x = table();
    let y = &x.t().t() + 1.0;
    for z in [
        x.exp(),
        x.exp2(),
        x.exp_m1(),
        x.ln(),
        x.log2(),
        x.log10(),
        x.ln_1p(),
        x.sin(),
        x.cos(),
        x.tan(),
        x.asin(),
        x.acos(),
        x.atan(),
        x.sinh(),
        x.cosh(),
        x.tanh(),
        x.asinh(),
        x.acosh(),
        x.atanh(),
        x.sqrt(),
        x.cbrt(),
        x.floor(),
        x.ceil(),
        x.round(),
        x.trunc(),
        x.abs(),
        x.signum(),
        x.powi(2),
        x.powf(&y),
        x.powf(2.0),
        x.atan2(&y),
        x.hypot(&y),
        x.maximum(&y),
        x.minimum(0.0),
        x.clip(0.0, 1.0),
        x.mapv(f64::tanh),
        x.fract(),
        x.recip(),
        x.zip_with(&y, f64::max),
        x.floor_divide(&y),
        x.remainder(&y),
        x.to_degrees(),
        x.to_radians(),
        x.copysign(&y),
        x.fmax(&y),
        x.fmin(0.0),
        x.logaddexp(&y),
        x.nan_to_num(0.0),
        x.interp(&[0.0, 9.0], &[1.0, 2.0]),
        x.is_nan().where_(0.0, &x),
        1.0 / &x,
        -&x,
        &x % 2.0,
    ] {
        assert_eq!(z.compute()?.shape(), [6, 4]);
    }
    let z = x.mapv(|x| Complex::new(x, 1.0));
    for of_z in [z.exp(), z.ln(), z.sqrt(), z.sin(), z.cos(), z.recip(), z.conj()] {
        assert_eq!(of_z.compute()?.shape(), [6, 4]);
    }
    let parts = z.re() * z.im() + z.modulus() * z.arg();
    assert!(parts.min().compute()?.into_scalar() > 0.0);
    let mask = x.lt(&y) & x.le(2.0) | x.gt(2.0) ^ x.ge(3.0) & x.equal(1.0) & x.not_equal(1.0);
    (mask & !(x.is_finite() | x.is_infinite())).compute()?;
    x.cast::<f32>().cast::<i64>().compute()?;
    let m = x.gt(3.0);
    assert!(m.where_(&x, f64::NAN).nanmean().compute()?.into_scalar() > 3.0);
    let same = x.array_equal(&x) & x.allclose(&x, 0.0, 1e-9) & x.isclose(&x, 0.0, 0.0).all();
    assert!((same & x.isin(&x).all()).compute()?.into_scalar());
    assert!(!x.is_sign_negative().any().compute()?.into_scalar());
    assert_eq!(x.digitize(&[2.0, 9.0], false).max().compute()?.into_scalar(), 2);
    assert_eq!(m.cast::<f64>().mean().compute()?.into_scalar(), 21.0 / 24.0);
    Ok(())
}

#[test]
fn differences_from_numpy() -> Result<(), Error> {
    let x = Array::from(vec![-7, 7]);
    assert_eq!((&x / 2).compute()?.to_vec(), [-3, 3]);
    assert_eq!((&x % 4).compute()?.to_vec(), [-3, 3]);
    assert_eq!(x.floor_divide(2).compute()?.to_vec(), [-4, 3]);
    let error = (&x / 0).compute().unwrap_err();
    assert!(error.kind() == ErrorKind::Value && error.location().is_some());
    assert_eq!((Array::from(vec![250_u8]) + 10).compute()?.to_vec(), [4]);
    let line = Array::arange(0, 8, 1);
    assert_eq!(line.slice(s![2..6;-1]).compute()?.to_vec(), [5, 4, 3, 2]);
    assert_eq!(line.slice(s![..;-3]).compute()?.to_vec(), [7, 4, 1]);
    assert!(line.slice(s![..9]).check().is_err());
    assert_eq!(line.slice(s![-3..]).compute()?.to_vec(), [5, 6, 7]);
    assert_eq!(line.slice(s![ndarray::NewAxis, ..]).shape(), [1, 8]);
    assert_eq!(Array::from(vec![f64::NAN]).nanmin().compute()?.into_scalar(), f64::INFINITY);
    Ok(())
}

#[test]
fn reductions_and_order() -> Result<(), Error> {
    let x = table();
    let sums = [
        x.sum(),
        x.prod(),
        x.mean(),
        x.min(),
        x.max(),
        x.var(0.0),
        x.std(1.0),
        x.norm(),
        x.median(),
        x.quantile(0.3),
        x.nanmedian(),
        x.nanquantile(0.3),
        x.nansum(),
        x.nanprod(),
        x.nanmean(),
        x.nanmin(),
        x.nanmax(),
        x.nanvar(0.0),
        x.nanstd(0.0),
        x.average(&x),
        x.ptp(),
    ];
    for sum in sums {
        assert!(sum.compute()?.into_scalar() > 0.0);
    }
    let axis = Axis(0);
    for sum in [
        x.sum_axis(axis),
        x.prod_axis(axis),
        x.mean_axis(axis),
        x.min_axis(axis),
        x.max_axis(axis),
        x.var_axis(axis, 0.0),
        x.std_axis(axis, 0.0),
        x.median_axis(axis),
        x.quantile_axis(axis, 0.5),
        x.nansum_axis(axis),
        x.nanprod_axis(axis),
        x.nanmean_axis(axis),
        x.nanmin_axis(axis),
        x.nanmax_axis(axis),
        x.nanvar_axis(axis, 0.0),
        x.nanstd_axis(axis, 0.0),
        x.map_axis(axis, |row| row[0]),
        x.nanmedian_axis(axis),
        x.nanquantile_axis(axis, 0.5),
        x.ptp_axis(axis),
        x.average_axis(axis, &x),
        x.trapezoid(axis, 0.5),
    ] {
        assert_eq!(sum.compute()?.shape(), [4]);
    }
    assert_eq!(x.over([0, 1]).sum().ndim(), 0);
    assert_eq!(x.over([0]).keep_dims().mean().compute()?.shape(), [1, 4]);
    let (sum, mean) = (|a: f64, b: f64| a + b, |sum: f64| sum / 24.0);
    let own = x.reduction(|values, _| values.sum(), sum, mean) - x.aggregate(Total) / 24.0;
    assert_eq!(own.compute()?.into_scalar(), 0.0);
    let own = x.reduction_axis(axis, |values, _| values.sum(), sum, mean);
    assert_eq!((own * 24.0 - x.aggregate_axis(axis, Total)).compute()?[3], 0.0);
    assert_eq!((x.argmin() + x.argmax()).compute()?.into_scalar(), 23);
    assert_eq!((x.nanargmin() + x.nanargmax()).compute()?.into_scalar(), 23);
    assert_eq!((x.nanargmin_axis(axis) + x.nanargmax_axis(axis)).compute()?[0], 5);
    assert_eq!((x.argmin_axis(axis) + x.argmax_axis(axis)).compute()?[0], 5);
    let last = unravel_index(x.argmax().compute()?.into_scalar(), x.shape())?;
    assert_eq!((ravel_multi_index(&last, x.shape())?, last), (23, vec![5, 3]));
    assert_eq!(x.count_nonzero().compute()?.into_scalar(), 24);
    assert_eq!(x.count_nonzero_axis(axis).compute()?[0], 6);
    let mask = x.gt(0.0);
    assert!((mask.any() & mask.all()).compute()?.into_scalar());
    assert!((mask.any_axis(axis) & mask.all_axis(axis)).compute()?[0]);
    assert!(mask.over([0, 1]).any().compute()?.iter().all(|&is| is));
    assert!(mask.over([0]).keep_dims().all().compute()?.iter().all(|&is| is));
    for z in [
        x.cumsum(axis),
        x.cumprod(axis),
        x.nancumsum(axis),
        x.nancumprod(axis),
        x.diff(axis),
        x.topk(2, axis),
        x.sort(axis),
        x.take_along_axis(&x.argsort(axis), axis),
        x.gradient(axis, 0.5),
    ] {
        z.compute()?;
    }
    x.flatten().diff(axis).compute()?;
    x.flatten().convolve([1.0, 2.0], Convolution::Full).compute()?;
    x.flatten().searchsorted(&x, Side::Left).compute()?;
    let bins = Bins::between(Bins::even(3, 0.0, 9.0).edges()?);
    x.histogram(3, 0.0, 9.0).compute()?;
    x.histogram_in(&bins).compute()?;
    x.histogram_weighted(&x, &bins).compute()?;
    x.histogram_density(&bins).compute()?;
    x.histogram2d(&x, &bins, &bins).compute()?;
    x.cast::<u8>().bincount(25).compute()?;
    x.bincount_weighted(&x, 25).compute()?;
    x.unique()?.compute()?;
    x.unique_counts()?.compute()?;
    x.flatnonzero()?.compute()?;
    x.argwhere()?.compute()?;
    x.extract(&mask)?.compute()?;
    Ok(())
}

/// The sum, as a reduction of one's own.
struct Total;
impl<D: ndarray::Dimension> Aggregate<f64, D> for Total {
    type State = f64;
    type Out = f64;
    fn chunk(
        &self,
        values: ndarray::ArrayView<'_, f64, D>,
        _: &BlockPlace,
    ) -> Result<f64, Failure> {
        Ok(values.sum())
    }
    fn combine(&self, earlier: f64, later: f64) -> f64 {
        earlier + later
    }
    fn finish(&self, sum: f64) -> Result<f64, Failure> {
        Ok(sum)
    }
}

#[test]
fn shapes_parts_and_joins() -> Result<(), Error> {
    let x = table();
    let axis = Axis(0);
    for z in [
        x.t(),
        x.permuted_axes([1, 0]),
        x.swap_axes(0, 1),
        x.invert_axis(axis),
        x.rot90(1, [0, 1]),
        x.tril(0),
        x.triu(0),
        block([[&x, &x], [&x, &x]]),
        x.reshape([4, 6]),
        x.broadcast([6, 4]),
        x.insert_axis(axis).remove_axis(axis),
        x.slice(s![1..;2, ..]),
        x.select(axis, &[0, 0]),
        x.compress(axis, &[true, false, true, false, true, false]),
        x.assign(s![0, ..], 0.0),
        x.repeat(2, axis),
        x.tile(2, axis),
        x.roll(-1, axis),
        x.pad(&[(1, 1), (0, 0)], Pad::Edge),
        concatenate(axis, &[x.clone(), x.clone()]),
        stack(axis, &[x.clone(), x.clone()]).index_axis(axis, 0),
        x.rechunk(Chunks::bytes(64)),
        x.rechunk(Chunks::auto()),
        x.rechunk(Chunks::lengths([vec![1, 5], vec![4]])),
        x.rechunk_within([6, 1], Spill::beyond(0).folder(std::env::temp_dir())),
        x.clone().into_dyn().into_dimensionality(),
        x.map_blocks(|block, _| &block + 1.0),
        x.zip_blocks(&x, |a, b| &a + &b),
        x.zip_overlap(&x, &[1, 1], Boundary::Nearest, Boundary::Constant(0.0), |a, b| &a + &b),
        x.map_overlap(&[1, 1], Boundary::Periodic, |block| block.to_owned()),
        x.map_axis_into(axis, 2, |row, mut out| out.fill(row[0])),
        x.map_blocks_owned(|block| block + 1.0),
        x.coarsen(&[2, 4], |block| block.sum()),
        x.map_blocks_into(|block, _, mut out| out.assign(&block)),
        x.map_overlap_into(&[1, 1], Boundary::None, |_, _, mut out| out.fill(1.0)),
        Blockwise::new("ij").with(&x, "ik").with(&x, "jk").map(|x, y| x.dot(&y.t())),
        Blockwise::new("iz")
            .with(&x, "ij")
            .new_axis('z', [4])
            .map_with_place(|x, _| ndarray::Array2::zeros((x.nrows(), 4))),
        Blockwise::new("ij").with(&x, "ij").adjust_chunks('i', |_| 3).map(|x| x.to_owned()),
        x.map_blocks_to(vec![vec![1, 1], vec![1, 1]], |block, _| ndarray::arr2(&[[block[[0, 0]]]])),
    ] {
        z.compute()?;
    }
    assert_eq!(x.flatten().len(), 24);
    assert_eq!(x.diagonal(1, axis, Axis(1)).len(), 3);
    assert!(!x.is_empty() && x.ndim() == 2 && x.chunk_count() == 4 && x.chunk_lengths(0) == [3, 3]);
    assert_eq!((x.dim(), x.raw_dim(), x.len_of(axis)), ((6, 4), Ix2(6, 4), 6));
    assert_eq!((x.nrows(), x.ncols()), (6, 4));
    assert_eq!((x.dtype().size, x.nbytes()), (8, 192));
    assert_eq!(x.compute()?.outer_iter().count(), 6);
    assert_eq!((x.row(2).len(), x.column(1).len()), (4, 6));
    Ok(())
}

#[test]
fn products() -> Result<(), Error> {
    let x = table();
    let v = x.index_axis(Axis(1), 0);
    x.t().dot(&v).compute()?;
    x.tensordot(&x, [0], [0]).compute()?;
    einsum("ij,ik->jk", (&x, &x)).compute()?;
    x.kron(&x).compute()?;
    (v.outer(&v).diag().sum() + v.outer(&v).trace()).compute()?;
    (v.outer(&v).cov(1.0) + v.outer(&v).corrcoef()).compute()?;
    let vectors = Array::<f64, _>::ones([4, 3]);
    vectors.cross(&vectors, Axis(1)).compute()?;
    #[cfg(feature = "linalg")]
    {
        let (_, r) = x.qr();
        let (_, s, _) = x.svd();
        let square = x.t().dot(&x) + Array::eye(4);
        (square.cholesky().sum() + r.sum() + s.sum()).compute()?;
        square.solve(&Array::ones([4])).compute()?;
        square.inv().compute()?;
        x.pinv().compute()?;
        x.lstsq(&v).compute()?;
        x.svd_compressed(1, Default::default()).s.compute()?;
    }
    Ok(())
}

#[test]
fn files_and_runs() -> Result<(), Error> {
    let folder = std::env::temp_dir().join(format!("taskweave-numpy-page-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (npy, raw, all) = (folder.join("x.npy"), folder.join("x.raw"), folder.join("x"));
    let x = Array::arange(0_i64, 9, 1).rechunk(2);
    x.store_npy(&npy)?;
    x.store_npy_on(&npy, &InThread)?;
    x.store_raw(&raw)?;
    x.store_raw_on(&raw, &InThread)?;
    x.store_npy_stack(&all)?;
    x.store_npy_stack_on(folder.join("y"), &InThread)?;
    let one = Array::<i64, Ix1>::from_npy(&npy) + Array::<i64, Ix1>::from_npy_stack(&all);
    let sum = (one + Array::from_raw(&raw, [9], 0)).sum();
    assert_eq!(sum.compute_on(&InThread)?.into_scalar(), 108);
    std::fs::remove_dir_all(&folder).unwrap();
    let kept = x.persist_on(&InThread)?.persist()?.spill(0);
    let (a, b) = taskweave_runtime::compute((kept.sum(), kept.max()))?;
    assert_eq!((a.into_scalar(), b.into_scalar()), (36, 8));
    let plan = kept.plan(2)?.within(1 << 20)?;
    assert!(
        plan.tasks() > 0
            && plan.bytes_read() == 0
            && plan.result_bytes() == 72
            && plan.peak_bytes() > 0
            && plan.task_bytes() > 0
            && plan.thread_bytes() == 0
            && plan.bytes_spilled() == plan.bytes_fetched()
    );
    assert!(kept.plan_store(2)?.tasks() > 0 && kept.plan_store_npy_stack(2)?.tasks() > 0);
    assert!(x.to_graph()?.to_dot()?.contains("digraph"));
    assert!(!x.to_graph()?.tasks()?.is_empty() && !x.to_graph()?.to_mermaid()?.is_empty());
    assert_eq!(x.to_graph()?.spawn().wait()?.len(), 9);
    let all = Graph::build(|graph| graph.gather(x.clone()).map_ref(|all| all.len()));
    assert_eq!(all.compute()?, 9);
    with_scheduler(&Threads::new(2), || x.compute())??;
    Ok(())
}
