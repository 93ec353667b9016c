//! Plans say what computing takes, and refuse what does not fit.

use ndarray::{Array2, Axis};
use taskweave_array::{Array, Error, ErrorKind, Plan, Random};

#[test]
fn tasks_and_bytes_are_counted() {
    let x = Array::from(Array2::<f64>::zeros((100, 50))).rechunk([10, 50]);
    let plan = (&x + 1.0).sum().plan(1).unwrap();
    // Ten chunks, two tasks that combine eight and two of them, one that combines these. The sum is there twice: as it is made, and where it goes.
    assert_eq!((plan.tasks(), plan.bytes_read(), plan.result_bytes()), (13, 40_000, 8));
    assert_eq!(
        plan.to_string(),
        "13 tasks, 39.1 KiB read, about 80 bytes in use at once with 1 worker"
    );
    // Both reductions read in one pass; what follows reads once more.
    let norm = ((&x - x.mean()) / x.std(0.0)).sum().plan(4).unwrap();
    assert_eq!(norm.bytes_read(), 80_000);
    assert_eq!(x.plan(1).unwrap().peak_bytes(), 40_000);
    assert_eq!(x.slice(ndarray::s![..15, ..]).plan(1).unwrap().bytes_read(), 15 * 50 * 8);
}

#[test]
fn blocks_are_let_go_of_after_their_last_reader() {
    let x = Random::new(1).uniform::<f64, _>([1000, 100]).rechunk([10, 100]);
    // Each chunk of 8,000 bytes becomes another, and then a part of a sum.
    let streaming =
        x.map_blocks(|block, _| block.to_owned()).map_blocks(|block, _| block.to_owned()).sum();
    assert!(
        (16_000..26_000).contains(&streaming.plan(1).unwrap().peak_bytes()),
        "{}",
        streaming.plan(1).unwrap()
    );
    assert!(
        (32_000..60_000).contains(&streaming.plan(2).unwrap().peak_bytes()),
        "{}",
        streaming.plan(2).unwrap()
    );
    // The mean has to be there before anything can be taken from it, so all of `x` is kept.
    let line = line!() + 1;
    let y = x.map_blocks(|block, _| block.to_owned());
    let kept = (&y - y.mean()).abs().max_axis(Axis(0)).plan(1).unwrap();
    assert!((800_000..900_000).contains(&kept.peak_bytes()), "{kept}");
    let error = kept.within(400_000).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    let message = error.to_string();
    assert!(message.contains("with 1 worker, and 390.6 KiB are the limit"), "{message}");
    assert!(
        message.contains(&format!(
            "`map_blocks` (collections/array/tests/it/plans.rs:{line}) holds 781.2 KiB"
        )),
        "{message}"
    );
    assert!(streaming.plan(1).unwrap().within(1 << 20).is_ok());
}

#[test]
fn what_is_stored_is_in_memory_a_chunk_at_a_time() {
    let x = Random::new(1).uniform::<f64, _>([1000, 100]).rechunk([10, 100]);
    let y = x.map_blocks(|block, _| block.to_owned());
    let peak = |plan: Result<Plan, Error>| plan.unwrap().peak_bytes();
    // A chunk of `x`, one of `y`, and all of `y`, if it is computed.
    assert_eq!((peak(y.plan(1)), peak(y.plan_store(1))), (816_000, 16_000));
    assert_eq!((peak(y.plan(3)), peak(y.plan_store(3))), (816_000 + 32_000, 16_000 + 32_000));
    assert_eq!(y.plan_store(1).unwrap().result_bytes(), 800_000);
    // Its rows are long enough to be written as they are, and not if they are cut.
    assert_eq!(peak(y.rechunk([1000, 100]).plan_store(1)), 16_000);
    let wide = Random::new(1).uniform::<f64, _>([100, 1000]).rechunk([1, 1000]);
    let wide = wide.map_blocks(|block, _| block.to_owned());
    assert_eq!(peak(wide.rechunk([100, 10]).plan_store(1)), 16_000);
    let narrow = wide.rechunk([100, 10]).map_blocks(|block, _| block.to_owned());
    assert!(peak(narrow.rechunk([1, 1000]).plan_store(1)) > 800_000);
    assert!(peak(narrow.rechunk_within([1, 1000], 0).plan_store(1)) > 800_000);
    assert!(peak(wide.rechunk_within([100, 10], 0).sum().plan_store(1)) < 50_000);
}

#[test]
fn to_be_computed_an_array_is_not_rechunked() {
    let a = Array2::from_shape_fn((60, 50), |(i, j)| (i * 50 + j) as f64);
    let x = Array::from(a.clone()).rechunk([10, 50]).map_blocks(|block, _| block.to_owned());
    let y = x.rechunk([60, 5]).rechunk([7, 7]).rechunk([7, 1]);
    assert_eq!(y.compute().unwrap(), a);
    assert_eq!(y.to_graph().unwrap().compute().unwrap(), a);
    assert_eq!(y.plan(1).unwrap().tasks(), x.plan(1).unwrap().tasks());
    assert_eq!((y.chunk_count(), x.chunk_count()), (9 * 50, 6));
    assert_eq!(y.persist().unwrap().chunk_count(), 9 * 50);
    let (all, sum) = taskweave_runtime::compute((y.clone(), y.sum())).unwrap();
    assert_eq!((all, sum.into_scalar()), (a.clone(), a.sum()));
}

#[test]
fn an_array_with_an_error_has_no_plan() {
    let bad = Array::<f64, _>::zeros([2]) + Array::<f64, _>::zeros([3]);
    assert_eq!(bad.plan(1).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(bad.plan_store(1).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(bad.plan_store_npy_stack(1).unwrap_err().kind(), ErrorKind::Shape);
}

/// Columns are put together to rows before they are written to one file, and not to those of a stack.
#[test]
fn a_stack_is_planned_as_it_is_written() {
    let x = Random::new(1).uniform::<f64, _>([20_000, 10]).rechunk([20_000, 1]);
    let columns = x.map_blocks(|block, _| block.to_owned());
    let (file, stack) = (columns.plan_store(1).unwrap(), columns.plan_store_npy_stack(1).unwrap());
    // A column is 160 kB, which there are two of: as it is made, and of the function.
    assert!(file.peak_bytes() > 1_600_000, "{file}");
    assert_eq!((stack.tasks(), stack.peak_bytes(), stack.result_bytes()), (20, 320_000, 1_600_000));
    let line = line!() + 1;
    let error = columns.sum().plan_store_npy_stack(1).unwrap_err();
    assert_eq!((error.kind(), error.location().unwrap().line()), (ErrorKind::Axis, line));
}

#[test]
fn figures_that_cannot_be_counted_are_the_largest_there_are() {
    let y = Array::from(vec![1.0]).broadcast([1_usize << 59]);
    let blocks = y.map_blocks(|b, _| b.to_owned()).map_blocks(|b, _| b.to_owned());
    assert!(blocks.plan(8).unwrap().within(1 << 60).is_err());
    assert!(y.plan(usize::MAX).unwrap().peak_bytes() >= 1 << 62);
}

#[test]
fn tasks_themselves_count_where_there_are_many() {
    // Of chunks with fewer elements several would be one task.
    let x = Random::new(1).uniform::<f64, _>([100_000, 9]).rechunk([1, 9]);
    let plan = x.map_blocks(|block, _| block.to_owned()).max().plan(2).unwrap();
    assert!(plan.peak_bytes() < 2000, "{plan}");
    // A process that computes it grows by 78 MiB.
    assert!((70 << 20..95 << 20).contains(&plan.task_bytes()), "{plan}");
    assert!(plan.to_string().contains(" MiB for tasks"), "{plan}");
    let message = plan.within(16 << 20).unwrap_err().to_string();
    let tasks = "and 16.0 MiB are the limit: 314,289 tasks take ";
    assert!(message.contains(tasks) && message.ends_with("larger chunks need less"), "{message}");
}

/// A variance is made of four numbers, and of rows that wait.
#[test]
fn states_count_as_what_they_are() {
    let x = Random::new(1).uniform::<f64, _>([8, 100_000]).rechunk([8, 100_000]);
    let states = x.var_axis(Axis(0), 0.0).plan(1).unwrap().peak_bytes();
    assert!((12_800_000..16_000_000).contains(&states), "{states}");
    let sums = x.sum_axis(Axis(0)).plan(1).unwrap().peak_bytes();
    assert!((800_000..2_500_000).contains(&sums), "{sums}");
}
