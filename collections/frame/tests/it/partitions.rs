//! Steps of whole partitions: functions of the user's, other cuts, frames one behind the other, frames of items, frames that are kept.

use crate::support::{
    Random, assert_same, check, computed, first_of, framed, is_error, kept, names, refused,
    refused_at_once, table, taken, ticks,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use taskweave_frame::prelude::*;
use taskweave_frame::{Error, ErrorKind};
use taskweave_macros::delayed;
use taskweave_runtime::{Graph, InThread};

#[test]
fn functions_see_each_partition_once_and_whole() {
    for seed in 0..8 {
        let random = &mut Random::new(seed);
        let rows = table(random, 30);
        let frame = framed(random, &rows);
        // The sums of partitions are those of their rows, in their order.
        let sums = frame.map_partitions(|part| -> Result<DataFrame, Error> {
            let n = part.column("n")?.i64()?.iter().flatten().collect::<Vec<_>>();
            Ok(df!("rows" => [n.len() as i64], "first" => [n.first().copied()], "sum" => [n.iter().sum::<i64>()])?)
        });
        let found = computed(&sums).unwrap();
        assert_eq!(found.height(), frame.partitions());
        let parts = frame.compute_partitions().unwrap();
        for (at, part) in parts.iter().enumerate() {
            let n = ticks(part, "n");
            assert_eq!(ticks(&found, "rows")[at], Some(n.len() as i64), "seed {seed}");
            assert_eq!(ticks(&found, "first")[at], n.first().copied().flatten(), "seed {seed}");
        }
        let stacked = parts.into_iter().reduce(|all, next| all.vstack(&next).unwrap()).unwrap();
        assert_same(&stacked, &rows, &format!("seed {seed}"));
    }
}

#[test]
fn functions_see_columns_in_the_order_of_the_frame() {
    check(
        |f| {
            f.with_columns([lit(1_i64).alias("n")]).filter(col("i").gt(0)).map_partitions(
                |part: DataFrame| {
                    let all = names(&part).join(" ");
                    let rows = part.height();
                    DataFrame::new(rows, vec![Column::new("names".into(), vec![all; rows])])
                        .unwrap()
                },
            )
        },
        |t| {
            let i = ticks(t, "i");
            let rows = i.iter().filter(|v| **v > Some(0)).count();
            let all = names(t).join(" ");
            DataFrame::new(rows, vec![Column::new("names".into(), vec![all; rows])]).unwrap()
        },
    );
}

/// Only so many.
#[delayed(crate = taskweave_frame::__door)]
fn first_rows(part: DataFrame, count: usize) -> DataFrame {
    part.head(Some(count))
}

#[test]
fn a_task_is_also_a_function() {
    let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4]).unwrap(), 2);
    let firsts = frame.map_partitions(|part| first_rows(part, 1));
    assert_eq!(computed(&firsts).unwrap(), df!("x" => [1, 3]).unwrap());
}

#[test]
fn functions_that_fail_say_of_which_partition() {
    let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4]).unwrap(), 4);
    let failing = frame.map_partitions(|part| match first_of(&part) {
        Some(3) => Err("no threes"),
        _ => Ok(part),
    });
    refused(
        &failing,
        ErrorKind::Task,
        &["map_partitions", "partition 2", "no threes", "partitions.rs"],
    );
    let panicking = frame.map_partitions(|part| {
        assert_ne!(first_of(&part), Some(3), "a three");
        part
    });
    refused(&panicking, ErrorKind::Task, &["map_partitions", "a three", "partitions.rs"]);
    // Of no rows it says which columns there are.
    let panicking = frame.map_partitions(|part| {
        let _first = part.column("x").unwrap().i32().unwrap().get(0).unwrap();
        part
    });
    refused_at_once(&panicking, ErrorKind::Task, &["without rows", "map_partitions_to"]);
    let said = frame.map_partitions_to(df!("y" => [0_i64]).unwrap().clear(), |part| part);
    assert!(said.check().is_ok());
    refused(&said, ErrorKind::Schema, &["partition ", "`y`", "x: i32"]);
    let said = frame.map_partitions_to(df!("x" => [0_i64]).unwrap().clear(), |part| part);
    refused(&said, ErrorKind::Schema, &["`x`", "i32", "i64"]);
    let said = frame.map_partitions_to(df!("x" => [0_i32]).unwrap().clear(), |part| {
        let mut part = part;
        let height = part.height();
        part.with_column(Column::new("y".into(), vec![1; height])).unwrap();
        part
    });
    refused(&said, ErrorKind::Schema, &["`y`", "was not said"]);
}

#[test]
fn other_cuts_hold_the_same_rows() {
    check(|f| f.repartition(1), |t| t.clone());
    check(
        |f| f.repartition(3).filter(col("i").gt(0)),
        |t| {
            let i = ticks(t, "i");
            kept(t, |row| i[row] > Some(0))
        },
    );
    check(|f| f.repartition(19).repartition(5).repartition(7), |t| t.clone());
    let frame = Frame::from_polars(df!("x" => [1, 2, 3, 4, 5, 6, 7]).unwrap(), 2);
    for count in 1..10 {
        let parts = frame.repartition(count).compute_partitions().unwrap();
        assert_eq!(parts.len(), count);
        assert_eq!(frame.repartition(count).partitions(), count);
    }
}

#[test]
fn frames_stand_one_behind_the_other() {
    check(
        |f| {
            Frame::concat([
                f,
                &f.filter(col("i").gt(0)),
                &f.select(["l", "at", "d", "b", "t", "s", "g", "f", "k", "i", "n"]),
            ])
        },
        |t| {
            let i = ticks(t, "i");
            let some = kept(t, |row| i[row] > Some(0));
            t.vstack(&some).unwrap().vstack(t).unwrap()
        },
    );
}

#[test]
fn a_part_of_the_rows_is_that_for_the_same_seed() {
    let random = &mut Random::new(0);
    let rows = table(random, 200);
    let frame = framed(random, &rows);
    assert_same(&computed(&frame.sample(1.0, 1)).unwrap(), &rows, "all");
    assert_eq!(computed(&frame.sample(0.0, 1)).unwrap().height(), 0);
    let half = computed(&frame.sample(0.5, 1)).unwrap();
    assert!((60..140).contains(&half.height()), "{}", half.height());
    assert_same(&computed(&frame.sample(0.5, 1)).unwrap(), &half, "again");
    assert!(!computed(&frame.sample(0.5, 2)).unwrap().equals_missing(&half));
    let numbers: Vec<usize> = ticks(&half, "n").into_iter().map(|n| n.unwrap() as usize).collect();
    assert!(numbers.is_sorted());
    assert_same(&half, &taken(&rows, &numbers), "rows as they were");
    // Which rows, does not depend on the columns that are asked for.
    assert_same(
        &computed(&frame.sample(0.5, 1).select("s")).unwrap(),
        &half.select(["s"]).unwrap(),
        "a column",
    );
    refused_at_once(&frame.sample(1.5, 1), ErrorKind::Value, &["0 to 1", "1.5"]);
    refused_at_once(&frame.sample(f64::NAN, 1), ErrorKind::Value, &["0 to 1"]);
}

#[test]
fn items_are_made_into_partitions() {
    let schema = df!("x" => [0_i64]).unwrap().clear();
    let frame =
        Frame::from_map(0..5_i64, |item| df!("x" => [*item, item * 10]).unwrap(), schema.clone());
    assert_eq!(frame.partitions(), 5);
    let found = computed(&frame.filter(col("x").gt(2))).unwrap();
    assert_eq!(found, df!("x" => [10_i64, 20, 3, 30, 4, 40]).unwrap());
    let failing = Frame::from_map(
        0..5_i64,
        |item| if *item == 3 { Err("no threes") } else { Ok(df!("x" => [1_i64]).unwrap()) },
        schema.clone(),
    );
    refused(&failing, ErrorKind::Task, &["from_map", "item 3", "no threes"]);
    let other = Frame::from_map(0..5_i64, |_| df!("x" => ["text"]).unwrap(), schema.clone());
    refused(&other, ErrorKind::Schema, &["item ", "`x`", "str", "i64"]);
    let panicking =
        Frame::from_map(0..2_i64, |_| -> DataFrame { panic!("not today") }, schema.clone());
    refused(&panicking, ErrorKind::Task, &["not today"]);
    refused_at_once(
        &Frame::from_map(0..0_i64, |_| df!("x" => [1_i64]).unwrap(), schema),
        ErrorKind::Value,
        &["no item"],
    );
}

#[test]
fn what_is_kept_is_computed_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counting = calls.clone();
    let schema = df!("x" => [0_i64]).unwrap().clear();
    let frame = Frame::from_map(
        0..4_i64,
        move |item| {
            // Relaxed: it is read when all tasks are done.
            counting.fetch_add(1, Ordering::Relaxed);
            df!("x" => [*item]).unwrap()
        },
        schema,
    );
    let kept = frame.sorted_by("x").persist().unwrap();
    assert_eq!(kept.divisions().column(), Some("x"));
    let before = calls.load(Ordering::Relaxed);
    assert_eq!(kept.loc(2_i64..).compute().unwrap(), df!("x" => [2_i64, 3]).unwrap());
    assert_eq!(kept.sum().compute().unwrap(), df!("x" => [6_i64]).unwrap());
    assert_eq!(calls.load(Ordering::Relaxed), before);
    // What two steps read is read once.
    let filtered = frame.filter(col("x").gt(0));
    let both = Frame::concat([&filtered, &filtered]);
    let before = calls.load(Ordering::Relaxed);
    assert_eq!(both.compute().unwrap().height(), 6);
    assert_eq!(calls.load(Ordering::Relaxed) - before, 4);
}

#[test]
fn a_frame_is_a_task_of_a_larger_graph() {
    let frame = Frame::from_polars(df!("k" => ["a", "b", "a"], "x" => [1, 2, 3]).unwrap(), 3);
    let groups = frame.group_by("k").sum();
    let graph = groups.to_graph().unwrap();
    assert_eq!(
        graph.compute_on(&InThread).unwrap(),
        df!("k" => ["a", "b"], "x" => [4, 2]).unwrap()
    );
    let run = frame.to_graph().unwrap().spawn();
    assert_eq!(run.wait().unwrap().height(), 3);
    let wrong =
        frame.filter(col("y").gt(1)).to_graph().map(|_: Graph<'_, DataFrame>| ()).unwrap_err();
    is_error(&wrong, ErrorKind::Column, &["`y`"]);
}

#[test]
fn partitions_of_the_same_columns_in_another_order_are_the_same() {
    let frame = Frame::from_partitions([
        df!("a" => [1], "b" => ["x"]).unwrap(),
        df!("b" => ["y"], "a" => [2]).unwrap(),
    ]);
    assert_eq!(computed(&frame).unwrap(), df!("a" => [1, 2], "b" => ["x", "y"]).unwrap());
    let other = Frame::from_partitions([df!("a" => [1]).unwrap(), df!("a" => ["text"]).unwrap()]);
    refused_at_once(&other, ErrorKind::Schema, &["partition 1", "`a`", "str", "i32"]);
    let none: [DataFrame; 0] = [];
    refused_at_once(&Frame::from_partitions(none), ErrorKind::Value, &["no partition"]);
}
