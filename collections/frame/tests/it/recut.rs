//! Partitions of other sizes and with other borders, frames of graphs, and files in one piece.

use crate::support::{Random, assert_same, computed, cut};
use taskweave_frame::ErrorKind;
use taskweave_frame::prelude::*;
use taskweave_runtime::Graph;

fn sorted_rows(random: &mut Random) -> DataFrame {
    let mut keys: Vec<i64> = (0..40).map(|_| random.below(30) as i64).collect();
    keys.sort_unstable();
    df!("t" => keys, "x" => (0..40_i64).collect::<Vec<_>>()).unwrap()
}

#[test]
fn borders_cut_where_they_say_and_lose_no_row() {
    for seed in 0..20 {
        let random = &mut Random::new(seed);
        let rows = sorted_rows(random);
        let frame = Frame::from_partitions(cut(random, &rows)).sorted_by("t");
        let mut borders: Vec<i64> =
            (0..1 + random.below(4)).map(|_| random.below(30) as i64).collect();
        borders.extend([0, 30]);
        borders.sort_unstable();
        let again = frame.repartition_at(borders.clone());
        assert_same(&computed(&again).unwrap(), &rows, &format!("seed {seed}, {borders:?}"));
        let parts = again.compute_partitions().unwrap();
        assert_eq!(parts.len(), borders.len() - 1);
        for (part, pair) in parts.iter().zip(borders.windows(2)) {
            let keys = part["t"].i64().unwrap();
            assert!(
                keys.iter().flatten().all(|key| pair[0] <= key && key <= pair[1]),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn borders_that_leave_rows_out_are_refused() {
    let frame = Frame::from_polars(df!("t" => [1, 2, 3]).unwrap(), 2).sorted_by("t");
    for borders in [vec![2, 5], vec![0, 2], vec![5, 1]] {
        let error = frame.repartition_at(borders).check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Order, "{error}");
    }
    assert_eq!(frame.repartition_at([1]).check().unwrap_err().kind(), ErrorKind::Value);
    let unsorted = Frame::from_polars(df!("t" => [1, 2, 3]).unwrap(), 2);
    let error = unsorted.repartition_at([1, 3]).check().unwrap_err();
    assert!(error.to_string().contains("sorted_by"), "{error}");
}

#[test]
fn sizes_cut_large_partitions_and_put_small_ones_together() {
    for seed in 0..10 {
        let random = &mut Random::new(seed);
        let rows = sorted_rows(random);
        let frame = Frame::from_partitions(cut(random, &rows));
        for bytes in [1, 50, 100, 400, 1 << 20] {
            let again = frame.repartition_bytes(bytes);
            assert_same(&computed(&again).unwrap(), &rows, &format!("seed {seed}, {bytes}"));
        }
        assert_eq!(frame.repartition_bytes(1 << 20).partitions(), 1);
    }
    let frame = Frame::from_polars(df!("t" => [1]).unwrap(), 1);
    assert_eq!(frame.repartition_bytes(0).check().unwrap_err().kind(), ErrorKind::Value);
}

#[test]
fn graphs_are_partitions_once() {
    let part =
        |n: i64| Graph::build(move |graph| graph.value(n).map(|n| df!("n" => [n, n + 1]).unwrap()));
    let frame = Frame::from_graphs(vec![part(1), part(10)], df!("n" => [0_i64]).unwrap());
    assert_eq!(frame.plan(2).unwrap().partitions(), 2);
    let tens = frame.with_columns(col("n") * 10);
    assert_eq!(tens.compute().unwrap(), df!("n" => [10_i64, 20, 100, 110]).unwrap());
    let error = tens.compute().unwrap_err();
    assert!(error.to_string().contains("persist"), "{error}");
    let other = Frame::from_graphs(vec![part(1)], df!("m" => [0_i64]).unwrap());
    assert_eq!(other.compute().unwrap_err().kind(), ErrorKind::Schema);
    let none = Frame::from_graphs(Vec::new(), df!("n" => [0_i64]).unwrap());
    assert_eq!(none.check().unwrap_err().kind(), ErrorKind::Value);
}

#[test]
fn files_in_one_piece_have_the_rows_in_their_order() {
    let folder =
        std::env::temp_dir().join(format!("taskweave-frame-one-piece-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for seed in 0..5 {
        let random = &mut Random::new(seed);
        let rows = sorted_rows(random);
        let frame = Frame::from_partitions(cut(random, &rows));
        let (csv, parquet) = (folder.join("rows.csv"), folder.join("rows.parquet"));
        // The second time they replace those that are there.
        assert_eq!(frame.to_csv_file(&csv).unwrap().rows(), 40);
        assert_eq!(frame.to_parquet_file(&parquet).unwrap().files(), 1);
        assert_same(&Frame::read_csv(&csv).compute().unwrap(), &rows, "csv");
        assert_same(&Frame::read_parquet(&parquet).compute().unwrap(), &rows, "parquet");
    }
    let error = Frame::from_polars(df!("x" => [1]).unwrap(), 1)
        .to_csv_file(folder.join("not there").join("x.csv"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}
