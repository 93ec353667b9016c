//! What a frame says it will do, before it does it: which columns are read, which steps stand in which task.

use crate::support::{Folder, Random, framed, is_error, table};
use taskweave_frame::prelude::*;
use taskweave_frame::{CsvOptions, ErrorKind};

fn abc() -> Frame {
    let rows =
        df!("a" => [1, 2, 3], "b" => [4, 5, 6], "c" => [7, 8, 9], "t" => ["x", "y", "z"]).unwrap();
    Frame::from_polars(rows, 3)
}

#[track_caller]
fn explains(frame: &Frame, parts: &[&str]) {
    let text = frame.explain().unwrap();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn readers_are_asked_only_for_the_columns_that_are_needed() {
    explains(&abc(), &["all 4 columns"]);
    explains(&abc().select("b"), &["columns b of 4"]);
    explains(&abc().select([col("b") + col("c")]), &["columns b, c of 4"]);
    explains(&abc().filter(col("a").gt(1)).select("b"), &["columns a, b of 4"]);
    explains(&abc().group_by("t").agg([col("b").mean()]), &["columns b, t of 4"]);
    explains(&abc().agg([len()]), &["no columns"]);
    explains(&abc().with_columns([(col("a") + 1).alias("d")]).select("b"), &["columns b of 4"]);
    explains(&abc().with_columns([(col("a") + 1).alias("b")]).select("b"), &["columns a of 4"]);
    explains(&abc().rename([("a", "z")]).select("z"), &["columns a of 4"]);
    explains(&abc().drop("a").sort("b").select("c"), &["columns b, c of 4"]);
    explains(&abc().select([col("a").rolling_mean(2)]).max(), &["columns a of 4"]);
    explains(&abc().repartition(2).select("b"), &["columns b of 4"]);
    explains(&abc().sample(0.5, 1).select("b"), &["columns b of 4"]);
    explains(&Frame::concat([&abc(), &abc()]).select("b"), &["columns b of 4"]);
    explains(&abc().map_partitions(|part| part).select("b"), &["all 4 columns"]);
    explains(&abc().unpivot(["a", "b"], "t").select("value"), &["columns a, b of 4"]);
    let joined = abc().join(&abc(), "t", JoinType::Inner);
    explains(&joined.select("a_right"), &["columns a, t of 4"]);
    explains(
        &abc().join(&abc(), "t", JoinType::Semi).select("a"),
        &["columns a, t of 4", "columns t of 4"],
    );
}

#[test]
fn steps_of_rows_stand_in_the_task_of_their_reader() {
    let steps =
        abc().filter(col("a").gt(1)).with_columns([(col("b") * 2).alias("b")]).select(["a", "b"]);
    // A task for each partition, and that which gathers them.
    assert_eq!(steps.plan(2).unwrap().tasks(), abc().plan(2).unwrap().tasks());
    assert_eq!(steps.plan(2).unwrap().partitions(), 3);
    explains(&steps, &["select", "│ with_columns", "│ filter"]);
    explains(&steps.group_by("a").sum(), &["sum", "│ select", "│ with_columns"]);
    let apart = abc().map_partitions(|part| part).plan(2).unwrap();
    assert_eq!(apart.tasks(), abc().plan(2).unwrap().tasks() + 3);
}

#[test]
fn a_step_with_several_readers_is_told_of_once() {
    let mut frame = abc();
    for _ in 0..40 {
        frame = Frame::concat([&frame, &frame]).repartition(3);
    }
    let text = frame.explain().unwrap();
    assert_eq!(text.lines().count(), 40 * 3 + 1, "{text}");
    assert!(text.contains("repartition: 3 partitions, as above"), "{text}");
    // Ordered functions read what is before them twice.
    let filled = abc().forward_fill(None).forward_fill(None).forward_fill(None);
    let lines = filled.explain().unwrap().lines().count();
    assert!(lines < 100, "{lines}");
}

#[test]
fn bytes_of_files_are_said() {
    let folder = Folder::new();
    let text = format!("a,b,t\n{}", "1,2,text\n".repeat(20_000));
    folder.write("1.csv", &text);
    folder.write("2.csv", &text);
    let options = CsvOptions::new().partition_bytes(1_000);
    let frame = Frame::read_csv_with(folder.path("*.csv"), options);
    assert!(frame.partitions() >= 4, "{}", frame.partitions());
    explains(&frame.select("a"), &["2 CSV files", "columns a of 3", "to read"]);
    assert_eq!(frame.plan(2).unwrap().bytes_read(), 2 * text.len() as u64);
    let written = folder.path("parquet");
    frame.to_parquet(&written).unwrap();
    let parquet = Frame::read_parquet(&written);
    let (all, one) =
        (parquet.plan(2).unwrap().bytes_read(), parquet.select("a").plan(2).unwrap().bytes_read());
    assert!(0 < one && one < all, "{one} of {all}");
    let sorted = Frame::from_polars(df!("x" => (0..100_i64).collect::<Vec<_>>()).unwrap(), 10);
    sorted.to_parquet(folder.path("sorted")).unwrap();
    let some = Frame::read_parquet(folder.path("sorted")).filter(col("x").gt(84));
    explains(&some.agg([len()]), &["x"]);
    assert_eq!(some.compute().unwrap().height(), 15);
}

#[test]
fn plans_are_not_wrong_about_partitions() {
    for seed in 0..6 {
        let random = &mut Random::new(seed);
        let rows = table(random, 20);
        let frame = framed(random, &rows);
        for made in [
            frame.sort("i"),
            frame.explode("l"),
            frame.repartition(4),
            frame.group_by("s").len(),
            frame.cum_count(),
        ] {
            assert_eq!(made.compute_partitions().unwrap().len(), made.partitions(), "seed {seed}");
            assert_eq!(made.plan(2).unwrap().partitions(), made.partitions(), "seed {seed}");
            let schema = made.schema();
            assert_eq!(
                made.columns(),
                schema.iter_names().map(|name| name.to_string()).collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn aggregates_that_nobody_wants_are_not_made() {
    let rows = df!("k" => [1, 2, 1], "x" => [1, 2, 3], "y" => [4, 5, 6]).unwrap();
    let frame = Frame::from_polars(rows, 2);
    let groups =
        frame.group_by("k").agg([col("x").sum(), (col("y").max() - col("x").min()).alias("far")]);
    let sums = groups.select(["k", "x"]);
    let text = sums.explain().unwrap();
    assert!(text.contains("columns k, x of 3") && !text.contains("max"), "{text}");
    assert_eq!(sums.compute().unwrap(), df!("k" => [1, 2], "x" => [4, 2]).unwrap());
    let keys = frame.unique("k").select("k");
    let text = keys.explain().unwrap();
    assert!(text.contains("columns k of 3"), "{text}");
    assert_eq!(keys.compute().unwrap(), df!("k" => [1, 2]).unwrap());
    // Of whole frames, too, where there is no key; and none at all where rows are only counted.
    let least = frame.agg([col("x").min(), col("y").min()]).select("y");
    assert!(least.explain().unwrap().contains("columns y of 3"));
    assert_eq!(least.compute().unwrap(), df!("y" => [4]).unwrap());
    let count = frame.agg([col("x").min(), len()]).select([len().alias("rows")]);
    assert_eq!(count.compute().unwrap(), df!("rows" => [1_u32]).unwrap());
}

#[test]
fn functions_of_other_rows_that_nobody_wants_are_not_computed() {
    let rows = df!("t" => [1, 2, 3, 4], "x" => [1, 2, 3, 4], "y" => [5, 6, 7, 8]).unwrap();
    let frame = Frame::from_polars(rows, 3);
    let both = frame.with_columns([col("x").shift(1).alias("s"), col("y").cum_sum().alias("c")]);
    for (columns, read) in
        [(vec!["t"], "t of 3"), (vec!["t", "s"], "t, x of 3"), (vec!["c"], "y of 3")]
    {
        let some = both.select(columns.clone());
        let text = some.explain().unwrap();
        assert!(text.contains(&format!("columns {read}")), "{text}");
        let all = both.compute().unwrap();
        assert!(some.compute().unwrap().equals_missing(&all.select(columns).unwrap()), "{text}");
    }
    // Without the functions each partition is one task.
    assert_eq!(both.select("t").plan(2).unwrap().tasks(), 3);
    assert_eq!(both.agg([len()]).compute().unwrap(), df!("len" => [4_u32]).unwrap());
}

#[test]
fn long_chains_are_explained_without_recursion() {
    let mut frame = Frame::from_polars(df!("x" => [1, 2, 3]).unwrap(), 2);
    for _ in 0..30_000 {
        frame = frame.filter(col("x").gt(0));
    }
    let text = frame.shift(-1).explain().unwrap();
    assert_eq!(text.matches("filter").count(), 60_000);
}

/// Of eight bytes a value, and so many rows.
fn numbers(rows: i64, partitions: usize) -> Frame {
    let values: Vec<i64> = (0..rows).collect();
    let rows = df!("a" => &values, "b" => &values).unwrap();
    Frame::from_polars(rows, partitions)
}

#[track_caller]
fn holds(frame: &Frame, workers: usize, bytes: u64) {
    assert_eq!(frame.plan(workers).unwrap().peak_bytes(), Some(bytes), "{frame}");
}

#[test]
fn plans_say_what_is_in_memory_at_once() {
    const ALL: u64 = 16 * 1000;
    // Blocks that are in memory already are not counted; what is made of them is.
    let mapped = numbers(1000, 10).map_partitions(|part| part);
    // The last partition, its copy, and what is there already of the result; then with a second worker.
    holds(&mapped, 1, ALL + ALL / 10);
    holds(&mapped, 2, ALL + ALL / 10 + ALL / 5);
    // States are small, and blocks go behind their only reader.
    holds(&mapped.sum(), 1, 2 * ALL / 10);
    holds(&numbers(1000, 10).sum(), 4, 0);
    holds(&mapped.select("a").sum(), 1, 2 * ALL / 10);
    // All of it, and the sorted one.
    holds(&numbers(1000, 10).sort("a"), 1, 2 * ALL);
    holds(
        &numbers(1000, 10).repartition(20).map_partitions(|part| part).sum(),
        1,
        3 * ALL / 20 + ALL / 20,
    );
}

#[test]
fn plans_say_how_many_rows_there_are_at_most() {
    let rows = |frame: Frame| frame.plan(1).unwrap().rows();
    let frame = || numbers(1000, 7);
    assert_eq!(rows(frame()), Some(1000));
    assert_eq!(rows(frame().filter(col("a").lt(10))), Some(1000));
    assert_eq!(rows(frame().unpivot(["a", "b"], [""; 0])), Some(2000));
    assert_eq!(rows(Frame::concat([&frame(), &frame()])), Some(2000));
    assert_eq!(rows(frame().sort("a")), Some(1000));
    assert_eq!(rows(frame().top_k(5, "a")), Some(5));
    assert_eq!(rows(frame().select([col("a").rolling_mean(10)])), Some(1000));
    let other = numbers(10, 3);
    assert_eq!(rows(frame().join(&other, "a", JoinType::Left)), None);
    assert_eq!(rows(frame().join(&other, "a", JoinType::Semi)), Some(1000));
    assert_eq!(rows(frame().group_by("a").len()), None);
    assert_eq!(rows(frame().group_by("a").len().sort("a")), None);
    assert_eq!(rows(frame().map_partitions(|part| part)), None);
    let repartitioned = rows(frame().repartition(3)).unwrap();
    assert!((1000..1010).contains(&repartitioned), "{repartitioned}");
}

#[test]
fn rows_of_csv_files_are_estimated_and_those_of_parquet_known() {
    let folder = Folder::new();
    let text: String = (0..50_000).map(|at| format!("{at},{}\n", at % 7)).collect();
    let path = folder.write("rows.csv", format!("a,b\n{text}"));
    let csv = Frame::read_csv(&path);
    let rows = csv.plan(1).unwrap().rows().unwrap();
    assert!((40_000..70_000).contains(&rows), "{rows}");
    let parquet = folder.path("rows");
    csv.to_parquet(&parquet).unwrap();
    let parquet = Frame::read_parquet(&parquet);
    assert_eq!(parquet.plan(1).unwrap().rows(), Some(50_000));
    let peak = parquet.plan(1).unwrap().peak_bytes().unwrap();
    let taken = parquet.compute().unwrap().estimated_size() as u64;
    assert!((taken..4 * taken).contains(&peak), "{peak} for {taken}");
}

#[test]
fn plans_are_held_against_a_limit() {
    let plan = numbers(1000, 10).sort("a").plan(2).unwrap();
    let peak = plan.peak_bytes().unwrap();
    let said = format!("about {} in use at once with 2 workers", taskweave_frame::Bytes(peak));
    assert_eq!(plan.to_string().rsplit(", ").next(), Some(said.as_str()), "{plan}");
    assert!(plan.clone().within(peak).is_ok());
    let error = plan.within(peak - 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().contains("with 2 workers"), "{error}");
    let made = Frame::from_map(0..3, |n: &i64| df!("n" => [*n]), df!("n" => [0_i64]).unwrap())
        .plan(1)
        .unwrap();
    assert_eq!((made.rows(), made.peak_bytes()), (None, None));
    assert!(made.to_string().ends_with("memory not known before"), "{made}");
    let error = made.within(1 << 30).unwrap_err();
    is_error(&error, ErrorKind::Memory, &["1.0 GiB", "`persist`", "plans.rs"]);
}
