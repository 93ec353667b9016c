//! Arrays in `graph!`, through the facade.
#![allow(clippy::unwrap_used)]

use ndarray::{Array0, Array1, Array2, Axis, Ix1, Ix2, arr1, arr2};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use taskweave::array::{Array, BlockPlace, Blockwise, Boundary, Random};
use taskweave::prelude::*;
use taskweave::{gather, input};

#[delayed]
fn spread(values: &Array1<f64>) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
        - values.iter().copied().fold(f64::MAX, f64::min)
}
#[delayed]
fn total(parts: Vec<f64>) -> f64 {
    parts.iter().sum()
}
#[delayed]
fn shifted(mut values: Array2<f64>, by: f64) -> Array2<f64> {
    values += by;
    values
}

#[test]
fn an_array_is_an_argument_like_any_other() {
    let x = Random::new(1).uniform::<f64, Ix2>([50, 40]).rechunk(7);
    let graph = graph!({
        let spreads: Vec<_> = (0..2).map(|axis| spread(x.sum_axis(Axis(axis)))).collect();
        total(spreads)
    });
    let values = x.compute().unwrap();
    let want: f64 = (0..2).map(|axis| spread(&values.sum_axis(Axis(axis)))).sum();
    assert!((graph.compute().unwrap() - want).abs() < 1e-9);
}

#[delayed]
fn number(value: Array0<f64>) -> f64 {
    value.into_scalar()
}

#[test]
fn the_sum_of_an_array_is_computed_as_its_mean_is() {
    let x = Array::<f64, Ix2>::ones([3, 4]);
    let graph = graph!({
        let sums = (number(x.sum()), number(x.powi(2).sum()), number(x.mapv(|v| v * 2.0).prod()));
        let gathered = gather(x.sum()).map(|sum| sum.into_scalar());
        (sums, number(x.mean()), gathered)
    });
    assert_eq!(graph.compute().unwrap(), ((12.0, 12.0, 4096.0), 1.0, 12.0));
    let awaited = graph!({ gather(x.sum()).await.into_scalar() });
    assert_eq!(awaited.compute().unwrap(), 12.0);
}

#[test]
fn tasks_give_arrays_their_blocks() {
    let part = |n: f64| graph!({ shifted(Array2::zeros((2, 3)), n) });
    let x = Array::from_graphs([4, 3], [2, 3], vec![part(1.0), part(2.0)]);
    assert_eq!(x.sum_axis(Axis(1)).compute().unwrap().to_vec(), [3.0, 3.0, 6.0, 6.0]);
}

#[test]
fn an_impossible_array_fails_its_task() {
    let bad = Array::<f64, _>::zeros([3]) + Array::<f64, _>::zeros([4]);
    let error = graph!({ spread(bad.clone()) }).compute().unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [3] and [4]"), "{error}");
}

#[delayed]
fn rooted(x: f64) -> f64 {
    x.sqrt()
}
#[delayed]
fn loaded(place: &BlockPlace) -> Result<Array2<f64>, String> {
    match place.chunk[..] {
        [1, 2] => Err("no such file".to_owned()),
        _ => Ok(Array2::from_elem((2, 2), place.origin[1] as f64)),
    }
}
/// A state that is no element.
type Names = Vec<String>;
#[delayed]
fn joined(mut earlier: Names, later: Names) -> Names {
    earlier.extend(later);
    earlier
}
#[delayed(name = "count the names")]
fn counted(names: Names) -> u64 {
    names.len() as u64
}
#[delayed]
fn doubled(block: &Array2<f64>) -> Result<Array2<f64>, String> {
    if block.sum() < 0.0 { Err("less than nothing".to_owned()) } else { Ok(block * 2.0) }
}
#[delayed]
fn added(mut x: Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
    x += y;
    x
}

#[delayed]
fn halved(mut block: Array2<f64>) -> Array2<f64> {
    block /= 2.0;
    block
}

#[test]
fn delayed_functions_are_functions_of_blocks() {
    let x = Array::<f64, Ix2>::from_fn([4, 6], |[i, j]| (i * 6 + j) as f64).rechunk(2);
    let whole = x.compute().unwrap();
    // By their names, where they take what the method gives.
    assert_eq!(x.mapv(rooted).compute().unwrap(), whole.mapv(f64::sqrt));
    let read = Array::from_blocks([4, 6], 2, loaded);
    assert_eq!(read.slice(ndarray::s![..2, ..]).sum().compute().unwrap().into_scalar(), 24.0);
    let names = |values: ndarray::ArrayView2<'_, f64>, _: &BlockPlace| -> Names {
        values.iter().map(|x| x.to_string()).collect()
    };
    assert_eq!(x.reduction(names, joined, counted).compute().unwrap().into_scalar(), 24);
    assert_eq!(x.map_blocks_owned(halved).compute().unwrap(), &whole / 2.0);
    // In a closure, where they hold what the method only shows.
    let twice = &whole * 2.0;
    let mapped = x.map_blocks(|block, _| doubled(&block.to_owned()));
    assert_eq!(mapped.compute().unwrap(), twice);
    let around = x.map_overlap(&[1, 0], Boundary::Nearest, |block| doubled(&block.to_owned()));
    assert_eq!(around.compute().unwrap(), twice);
    let zipped = x.zip_blocks(&x, |a, b| added(a.to_owned(), &b.to_owned()));
    assert_eq!(zipped.compute().unwrap(), twice);
    let labelled = Blockwise::new("ji")
        .with(&x, "ij")
        .with(&x.t(), "ji")
        .map(|a, b| added(a.t().to_owned(), &b.to_owned()));
    assert_eq!(labelled.compute().unwrap(), twice.t());
    let spreads = x.map_axis(Axis(1), |row| spread(&row.to_owned()));
    assert_eq!(spreads.compute().unwrap().to_vec(), [5.0; 4]);
    let blocks = x
        .map_blocks_to(vec![vec![1; 6]], |block, _| arr1(&[spread(&block.flatten().into_owned())]));
    assert_eq!(blocks.compute().unwrap(), Array1::from_elem(6, 7.0));
    // And they are tasks as before.
    let graph = graph!({
        let half = halved(x.clone());
        doubled(half)?
    });
    assert_eq!(graph.compute().unwrap(), whole);
}

#[test]
fn a_delayed_function_that_fails_says_where() {
    let read = Array::from_blocks([4, 6], 2, loaded);
    let line = line!() - 1;
    let error = read.sum().compute().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "array (tests/features/tests/array.rs:{line}): from_blocks: `loaded` failed for the block at [1, 2]: no such file"
        )
    );
    let x = Array::from(arr2(&[[1.0, 2.0], [-3.0, -4.0]])).rechunk([1, 2]);
    let error = x.map_blocks(|block, _| doubled(&block.to_owned())).compute().unwrap_err();
    assert!(
        error.to_string().ends_with(
            "map_blocks: the function failed for the block at [1, 0]: less than nothing"
        ),
        "{error}"
    );
    // The task of a graph, too, has the array's message.
    let error = graph!({ spread(Array::<f64, Ix1>::from_blocks([2], 1, refused)) }).compute();
    let error = error.unwrap_err();
    assert!(error.to_string().contains("`refused` failed for the block at [0]: no"), "{error}");
}

#[delayed]
fn refused(_: &BlockPlace) -> Result<Array1<f64>, String> {
    Err("no".to_owned())
}

#[test]
fn a_graph_with_arrays_is_frozen() {
    let x = Array::<f64, Ix2>::from_fn([4, 6], |[i, j]| (i * 6 + j) as f64).rechunk(2);
    let mut plan = graph!({
        let by = input("by", 1.0);
        shifted(&x - x.mean(), by)
    })
    .freeze()
    .unwrap();
    let values = x.compute().unwrap();
    let values = &values - values.mean().unwrap();
    assert_eq!(plan.run().unwrap(), &values + 1.0);
    plan.set("by", 2.0).unwrap();
    assert_eq!(plan.run().unwrap(), &values + 2.0);
}

#[test]
fn a_graph_with_arrays_of_many_kinds_is_frozen() {
    let part = |n: f64| graph!({ shifted(Array2::zeros((2, 3)), n) });
    let x = Array::from_graphs([4, 3], [2, 3], vec![part(1.0), part(2.0)]);
    let noise = Random::new(1).normal::<f64, Ix2>([4, 3]).rechunk(2);
    let product = x.map_blocks_owned(halved).rechunk(2).dot(&noise.t()).persist().unwrap();
    let x = Array::from_graphs([4, 3], [2, 3], vec![part(1.0), part(2.0)]);
    let y = x.map_blocks_owned(halved).rechunk(2).dot(&noise.t());
    let mut plan =
        graph!({ together(y.clone(), (&y * 0.0).mean(), vec![product.clone()]) }).freeze().unwrap();
    let want = 2.0 * product.sum().compute().unwrap().into_scalar();
    for _ in 0..3 {
        assert!((plan.run().unwrap() - want).abs() < 1e-9);
    }
}

#[delayed]
fn together(first: &Array2<f64>, mean: ndarray::Array0<f64>, rest: Vec<Array2<f64>>) -> f64 {
    first.sum() + mean.into_scalar() + rest.iter().map(|part| part.sum()).sum::<f64>()
}

/// An array of four chunks that counts how often one is made.
fn counted_calls() -> (Array<f64, Ix2>, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let x = Array::from_blocks([4, 4], 2, move |place| {
        counter.fetch_add(1, Relaxed);
        Array2::from_elem((2, 2), place.origin[1] as f64)
    });
    (x, calls)
}

#[test]
fn what_arguments_have_in_common_is_computed_once() {
    let (x, calls) = counted_calls();
    // The mean of 1 is 1, the sums 16, 32 and 16.
    let graph = graph!({
        let y = &x + 1.0;
        // What contains `x` comes first, and in another task.
        let before = shifted(y.clone(), 0.0);
        let rest = vec![y, x.clone()];
        (before, together(x.clone(), x.mean(), rest))
    });
    assert_eq!(calls.load(Relaxed), 0);
    let (before, sum) = graph.compute().unwrap();
    assert_eq!((before.sum(), sum), (32.0, 16.0 + 1.0 + 32.0 + 16.0));
    assert_eq!(calls.load(Relaxed), 4);
}

#[test]
fn what_arguments_have_in_common_is_computed_once_between_two_awaits() {
    let (x, calls) = counted_calls();
    let graph = graph!({
        // The sums are 4 and 12.
        let sum = spread((&x + 1.0).sum_axis(Axis(0))).await;
        let again = shifted(x.clone(), sum);
        (again, together(x.clone(), x.mean(), vec![&x + 1.0]))
    });
    let (again, sum) = graph.compute().unwrap();
    assert_eq!((again.sum(), sum), (16.0 + 16.0 * 8.0, 16.0 + 1.0 + 32.0));
    assert_eq!(calls.load(Relaxed), 8);
}

#[delayed]
fn length(x: &Array<f64, Ix2>) -> usize {
    x.len()
}
#[delayed]
fn described<T: std::fmt::Debug>(x: &T) -> String {
    format!("{x:?}")
}

#[test]
fn a_borrowed_array_is_itself() {
    let (x, calls) = counted_calls();
    let (len, text) = graph!({ (length(&x), described(&x)) }).compute().unwrap();
    assert_eq!(len, 16);
    assert!(text.starts_with("f64 array of shape [4, 4]"), "{text}");
    assert_eq!(calls.load(Relaxed), 0);
}

#[test]
fn what_is_gathered_of_an_array_can_be_awaited() {
    let x = Array::from(vec![1.0, 2.0, 6.0]);
    let graph = graph!({
        let mean = taskweave::gather(x.mean()).await;
        if mean.into_scalar() > 2.5 { 1 } else { 2 }
    });
    assert_eq!(graph.compute().unwrap(), 1);
}

#[delayed]
fn address(values: &Array2<f64>) -> usize {
    values.as_ptr().addr()
}

#[test]
fn what_is_gathered_of_an_array_is_put_together_once_and_lent_to_all() {
    let (x, calls) = counted_calls();
    let graph = graph!({
        let all = taskweave::gather(x.clone());
        let addresses = [address(&all), address(&all), address(&all)];
        (addresses, shifted(all, 1.0))
    });
    let dot = graph.to_dot().unwrap();
    assert_eq!(dot.matches("label=\"array\"").count(), 1, "{dot}");
    let ([first, second, third], last) = graph.compute().unwrap();
    assert_eq!((first, last.sum()), (second, 16.0 + 16.0));
    // The last reader's own is the one that was lent.
    assert_eq!((first, last.as_ptr().addr()), (third, first));
    assert_eq!(calls.load(Relaxed), 4);
}

#[test]
fn an_array_is_awaited_and_steers_the_graph() {
    let (x, calls) = counted_calls();
    let graph = graph!({
        let mut x = &x - 0.0;
        let mut steps = 0;
        while x.max().await.into_scalar() > 1.0 {
            x *= 0.5;
            steps += 1;
        }
        (steps, x)
    });
    assert_eq!(calls.load(Relaxed), 0);
    let (steps, values) = graph.compute().unwrap();
    assert_eq!((steps, values.sum()), (1, 8.0));
    assert_eq!(calls.load(Relaxed), 3 * 4);
    // An impossible one ends the block, with its own error.
    let bad = Array::<f64, _>::zeros([3]) + Array::<f64, _>::zeros([4]);
    let error = graph!({ spread(bad.clone().await) }).compute().unwrap_err();
    assert!(error.to_string().contains("cannot add shapes [3] and [4]"), "{error}");
}

#[test]
fn no_arrays_at_all_are_an_argument_too() {
    let graph = graph!({ total_of(Vec::<Array<f64, Ix1>>::new()) });
    assert_eq!(graph.compute().unwrap(), 0.0);
}

#[delayed]
fn total_of(parts: Vec<Array1<f64>>) -> f64 {
    parts.iter().map(|part| part.sum()).sum()
}

/// A module that takes all its names from the two preludes.
mod with_preludes {
    use taskweave::array::prelude::*;
    use taskweave::prelude::*;

    /// A name that functions of `taskweave` and of its arrays have too.
    #[delayed]
    fn gather(x: &Array2<f64>, mean: Array0<f64>) -> f64 {
        x.slice(s![0, ..]).sum() - mean.into_scalar()
    }
    #[delayed]
    fn stack(a: f64, b: f64) -> [f64; 2] {
        [a, b]
    }

    #[test]
    fn the_preludes_of_both_go_together() -> Result<(), Error> {
        let x = Array::<f64, Ix2>::from_fn([4, 6], |[i, j]| (i * 6 + j) as f64).rechunk((2, 3));
        let graph = graph!({
            let rows = x.slice(s![..2, ..]);
            stack(gather(rows.clone(), rows.mean()), gather(x.clone(), x.mean_axis(Axis(0)).mean()))
        });
        assert_eq!(graph.compute()?, [15.0 - 5.5, 15.0 - 11.5]);
        Ok(())
    }
}
