//! Frames of arrays and arrays of frames, against polars and ndarray in one block.

use crate::support::Random;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use taskweave_array::ndarray::{Array2, Axis, Ix1, Ix2, arr1, arr2, concatenate};
use taskweave_array::{Array, Chunks, ErrorKind as ArrayErrorKind, Random as RandomArray};
use taskweave_frame::polars_core::prelude::{Column, NamedFrom, PlSmallStr};
use taskweave_frame::prelude::*;
use taskweave_frame::{ArrayElement, ErrorKind};
use taskweave_runtime::{Graph, InThread, Threads};

/// Lengths that add up to `total`; with zeros among them, if that is asked for.
fn lengths(random: &mut Random, total: usize, zeros: bool) -> Vec<usize> {
    let (mut left, mut all) = (total, Vec::new());
    while left > 0 {
        if zeros && random.once_in(3) {
            all.push(0);
        }
        let some = 1 + random.below(left);
        all.push(some);
        left -= some;
    }
    if all.is_empty() || zeros && random.once_in(2) {
        all.push(0);
    }
    all
}

/// The frame in partitions of these lengths.
fn parts(whole: &DataFrame, lengths: &[usize]) -> Frame {
    let mut first = 0;
    let part = |&rows: &usize| {
        let part = whole.slice(first, rows);
        first += rows as i64;
        part
    };
    Frame::from_partitions(lengths.iter().map(part))
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("c{at}")).collect()
}

/// An array of this type, in any chunks, is the frame of its columns, and back again.
fn goes_round<T: ArrayElement>(seed: u64, value: impl Fn(usize) -> T) {
    let mut random = Random::new(seed);
    for (rows, columns) in [(7, 3), (1000, 5), (1, 1), (0, 2), (3, 0), (0, 0)] {
        let values = Array2::from_shape_fn((rows, columns), |(i, j)| value(i * columns + j));
        let wanted: Vec<Column> = (0..columns)
            .map(|j| T::column(format!("c{j}").into(), values.column(j).to_vec()))
            .collect();
        let wanted = DataFrame::new(rows, wanted).unwrap();
        for _ in 0..4 {
            let chunks = [rows, columns].map(|len| lengths(&mut random, len, false));
            let x = Array::from(values.clone()).rechunk(Chunks::lengths(chunks.clone()));
            let frame = Frame::from_array(&x, names(columns));
            assert_eq!(frame.partitions(), chunks[0].len(), "{frame}");
            assert_eq!(*frame.schema(), **wanted.schema());
            for threads in [1, 3] {
                let computed = frame.compute_on(&Threads::new(threads)).unwrap();
                assert!(computed.equals_missing(&wanted), "{chunks:?}\n{computed}\n{wanted}");
                assert_eq!(computed.height(), rows);
            }
            let again = frame.to_array::<T>();
            assert_eq!(again.chunk_lengths(0), chunks[0]);
            assert_eq!(again.compute().unwrap(), values);
            // And of partitions that are there, some without rows.
            let cut = lengths(&mut random, rows, true);
            let x = parts(&wanted, &cut).to_array::<T>();
            assert_eq!(x.compute().unwrap(), values, "{cut:?}");
            assert_eq!(x.shape(), [rows, columns]);
            let said = parts(&wanted, &cut).to_array_with_lengths::<T>(&cut);
            assert_eq!(said.compute().unwrap(), values, "{cut:?}");
        }
    }
}

#[test]
fn every_type_goes_round() {
    goes_round(1, |at| at.is_multiple_of(3));
    goes_round(2, |at| at as i8);
    goes_round(3, |at| at as i16 - 20);
    goes_round(4, |at| at as i32 - 20);
    goes_round(5, |at| at as i64 - i64::MAX);
    goes_round(6, |at| at as u8);
    goes_round(7, |at| at as u16);
    goes_round(8, |at| at as u32);
    goes_round(9, |at| u64::MAX - at as u64);
    goes_round(10, |at| at as f32 / 3.0);
    goes_round(11, |at| at as f64 / 3.0);
}

#[test]
fn views_are_frames_too() {
    let values = Array2::from_shape_fn((6, 4), |(i, j)| (i * 4 + j) as i64);
    let x = Array::from(values.clone()).rechunk([4, 3]);
    let same = |array: &Array<i64, Ix2>, wanted: Array2<i64>| {
        let frame = Frame::from_array(array, names(wanted.ncols())).compute().unwrap();
        for (j, column) in wanted.columns().into_iter().enumerate() {
            let own = frame.column(&format!("c{j}")).unwrap().i64().unwrap();
            assert!(own.iter().flatten().eq(column.iter().copied()), "{frame}\n{wanted}");
        }
    };
    same(&x.t(), values.t().to_owned());
    let part = taskweave_array::ndarray::s![1..5;2, ..;-1];
    same(&x.slice(part), values.slice(part).to_owned());
    same(&(&x + x.sum_axis(Axis(0))), &values + &values.sum_axis(Axis(0)));
    let row = arr1(&[1_i64, 2]);
    same(&Array::from(row.clone()).broadcast([5, 2]), row.broadcast((5, 2)).unwrap().to_owned());
}

#[test]
fn arrays_of_ndarray_and_of_rank_1_are_frames() {
    let values = arr2(&[[1, 2], [3, 4]]);
    let wanted = df!("a" => [1, 3], "b" => [2, 4]).unwrap();
    assert_eq!(Frame::from_array(&values, ["a", "b"]).compute().unwrap(), wanted);
    assert_eq!(Frame::from_array(values.view(), ("a", "b")).compute().unwrap(), wanted);
    assert_eq!(Frame::from_array(values, vec!["a", "b"]).compute().unwrap(), wanted);
    let x = Array::arange(0_u8, 10, 1).rechunk(4);
    let frame = Frame::from_array(&x, "n");
    assert_eq!(frame.partitions(), 3);
    assert_eq!(frame.sum().compute().unwrap(), df!("n" => [45_i64]).unwrap());
}

/// Chunks that are counted when they are made.
fn counted(chunks: [usize; 2]) -> (Array<f64, Ix2>, Arc<Mutex<Vec<Vec<usize>>>>) {
    let made = Arc::new(Mutex::new(Vec::new()));
    let log = made.clone();
    let x = Array::from_blocks([8, 6], chunks, move |place| {
        log.lock().unwrap().push(place.chunk.clone());
        let [first, left] = [place.origin[0], place.origin[1]];
        let at = |(i, j)| ((first + i) * 6 + left + j) as f64;
        Array2::from_shape_fn((place.extent[0], place.extent[1]), at)
    });
    (x, made)
}

#[test]
fn chunks_without_a_needed_column_or_row_are_not_made() {
    let (x, made) = counted([2, 2]);
    let frame = Frame::from_array(&x, names(6));
    assert_eq!(made.lock().unwrap().len(), 0);
    let taken = || std::mem::take(&mut *made.lock().unwrap());
    let sum = frame.select(["c3", "c0"]).sum().compute_on(&InThread).unwrap();
    assert_eq!(sum, df!("c3" => [192.0], "c0" => [168.0]).unwrap());
    let wanted: Vec<_> = (0..4).flat_map(|row| [vec![row, 0], vec![row, 1]]).collect();
    assert_eq!(taken(), wanted);
    assert_eq!(frame.agg(len()).compute().unwrap(), df!("len" => [8_u32]).unwrap());
    assert_eq!(taken().len(), 0);
    assert_eq!(frame.head(1).unwrap().height(), 1);
    assert_eq!(taken().len(), 3);
    let text = frame.explain().unwrap();
    assert!(text.starts_with("from_array of shape [8, 6]: 4 partitions"), "{text}");
    // A table for each row of chunks, the chunks, and the output of all.
    assert_eq!(frame.plan(2).unwrap().tasks(), 4 + 12);
    assert_eq!(taken().len(), 0);
}

#[test]
fn blocks_are_read_as_soon_as_they_are_there() {
    let (x, made) = counted([2, 6]);
    let log = made.clone();
    let read = Frame::from_array(&x, names(6)).map_partitions(move |part: DataFrame| {
        // Without rows it is asked for the columns.
        if part.height() > 0 {
            let first = part.column("c0")?.f64()?.get(0).unwrap_or(f64::NAN);
            log.lock().unwrap().push(vec![first as usize / 12, 99]);
        }
        Ok::<_, taskweave_frame::Error>(part)
    });
    let sum = read.to_array_with_lengths::<f64>([2, 2, 2, 2]).map_blocks({
        let log = made.clone();
        move |block, place| {
            log.lock().unwrap().push(vec![place.chunk[0], 100]);
            block.to_owned()
        }
    });
    assert_eq!(sum.sum().compute_on(&InThread).unwrap().into_scalar(), 1128.0);
    let wanted: Vec<_> = (0..4).flat_map(|at| [vec![at, 0], vec![at, 99], vec![at, 100]]).collect();
    assert_eq!(*made.lock().unwrap(), wanted);
}

#[test]
fn what_two_arrays_of_frames_have_in_common_is_computed_once() {
    let calls = Arc::new(AtomicUsize::new(0));
    let own = calls.clone();
    let make = move |n: &i64| {
        own.fetch_add(1, Relaxed);
        df!("a" => [*n, 1], "b" => [10 * n, 2])
    };
    let frame = Frame::from_map(0..5_i64, make, df!("a" => [0_i64], "b" => [0_i64]).unwrap());
    let lengths = [2; 5];
    let a = frame.select("a").to_array_with_lengths::<f64>(lengths);
    let b = frame.select("b").to_array_with_lengths::<f64>(lengths);
    let both = taskweave_array::concatenate(Axis(1), (&a, &b));
    let wanted = frame.compute().unwrap();
    calls.store(0, Relaxed);
    let x = both.compute().unwrap();
    assert_eq!(calls.swap(0, Relaxed), 5);
    let column = |name: &str| {
        let own = wanted.column(name).unwrap().i64().unwrap();
        own.iter().flatten().map(|v| v as f64).collect::<Vec<_>>()
    };
    assert_eq!(x.column(0).to_vec(), column("a"));
    assert_eq!(x.column(1).to_vec(), column("b"));
    // Only the partitions that are read.
    assert_eq!(a.slice(taskweave_array::ndarray::s![4..5, ..]).compute().unwrap()[[0, 0]], 2.0);
    assert_eq!(calls.load(Relaxed), 1);
}

#[test]
fn arrays_of_frames_of_arrays_of_frames_are_one_graph() {
    let values = Array2::from_shape_fn((50, 3), |(i, j)| (i * 3 + j) as f64);
    let mut x = Array::from(values.clone()).rechunk([7, 2]);
    for _ in 0..5 {
        x = Frame::from_array(&x + 1.0, names(3)).to_array::<f64>() - 1.0;
        x = Frame::from_array(x.rechunk([9, 1]), names(3)).to_array();
    }
    assert_eq!(x.compute().unwrap(), values);
    let graph = x.to_graph().unwrap();
    assert_eq!(graph.compute().unwrap(), values);
    let frame = Frame::from_array(&x, names(3)).filter(col("c0").lt(6)).to_graph().unwrap();
    assert_eq!(frame.spawn().wait().unwrap().shape(), (2, 3));
}

#[test]
fn graphs_go_on_in_arrays() {
    let part = |n: i64| Graph::build(move |graph| graph.value(n).map(|n| df!("n" => [n]).unwrap()));
    let frame = Frame::from_graphs(vec![part(1), part(2)], df!("n" => [0_i64]).unwrap());
    let x = frame.to_array_with_lengths::<i64>(vec![1, 1]);
    assert_eq!((&x * &x).sum().compute().unwrap().into_scalar(), 5);
    let error = x.sum().compute().unwrap_err().to_string();
    assert!(error.contains("`persist()` the frame"), "{error}");
}

#[test]
fn columns_are_put_beside_each_other_as_polars_does() {
    let mut random = Random::new(20);
    let rows = 700;
    let floats = (0..rows).map(|at| (at % 7 > 0).then_some(at as f64 / 7.0));
    let whole = df!(
        "i8" => (0..rows).map(|at| at as i8).collect::<Vec<_>>(),
        "u16" => (0..rows).map(|at| at as u16).collect::<Vec<_>>(),
        "i64" => (0..rows).map(|at| at as i64 - 350).collect::<Vec<_>>(),
        "f32" => (0..rows).map(|at| at as f32 / 8.0).collect::<Vec<_>>(),
        "f64" => floats.collect::<Vec<_>>(),
        "b" => (0..rows).map(|at| at % 3 == 0).collect::<Vec<_>>(),
        "n" => (0..rows).map(|at| (at % 5 > 0).then_some(at as u32)).collect::<Vec<_>>(),
        "o" => (0..rows).map(|at| (at % 9 > 0).then_some(at % 2 == 0)).collect::<Vec<_>>()
    )
    .unwrap();
    // As floats: null is NaN.
    let column = |name: &str| {
        let column = whole.column(name).unwrap().cast(&DataType::Float64).unwrap();
        let values = column.f64().unwrap().iter().map(|value| value.unwrap_or(f64::NAN));
        Array2::from_shape_vec((rows, 1), values.collect()).unwrap()
    };
    let all: Vec<_> = whole.get_column_names().into_iter().map(|name| column(name)).collect();
    let views: Vec<_> = all.iter().map(|column| column.view()).collect();
    let wanted = concatenate(Axis(1), &views).unwrap();
    for _ in 0..5 {
        let frame = parts(&whole, &lengths(&mut random, rows, true));
        let x = frame.to_array::<f64>().compute().unwrap();
        assert!(x.iter().zip(&wanted).all(|(x, y)| x == y || x.is_nan() && y.is_nan()), "{x}");
        // Behind steps, and in partitions of several pieces.
        let large = Frame::concat(vec![&frame; 60]).repartition(2).filter(col("i64").gt(0));
        let x = large.select(["n", "f64"]).to_array::<f32>();
        assert_eq!(x.nrows(), 60 * 349);
        let x = x.compute().unwrap();
        let rows = wanted.rows().into_iter().filter(|row| row[2] > 0.0);
        for (at, (x, row)) in x.rows().into_iter().zip(rows.cycle().take(x.nrows())).enumerate() {
            let same = |x: f32, y: f64| x == y as f32 || x.is_nan() && y.is_nan();
            assert!(same(x[0], row[6]) && same(x[1], row[4]), "{at}: {x} {row}");
        }
    }
}

/// Whether `T` holds the values of a column; the error of the first one that it does not.
fn cast<T: ArrayElement>(values: Series) -> Result<Vec<T>, String> {
    let frame = DataFrame::new(values.len(), vec![values.with_name("x".into()).into()]).unwrap();
    let x = Frame::from_polars(frame, 2).to_array::<T>();
    x.compute().map(|x| x.iter().copied().collect()).map_err(|error| error.to_string())
}

fn series<T, Item: ?Sized>(values: T) -> Series
where
    Series: NamedFrom<T, Item>,
{
    Series::new(PlSmallStr::EMPTY, values)
}

#[test]
fn values_that_a_type_does_not_hold_are_told() {
    let says = |error: Result<Vec<_>, String>, value: &str, row: usize| {
        let error = error.map(|_: Vec<String>| ()).unwrap_err();
        let text =
            format!("column `x` has {value} in row {row} of the frame, counted from 0 (partition");
        assert!(error.contains(&text), "{error}");
        assert!(error.starts_with("array (") && error.contains("): to_array: "), "{error}");
        assert_eq!(error.matches("arrays.rs").count(), 1, "{error}");
    };
    fn shown<T: ToString>(all: Result<Vec<T>, String>) -> Result<Vec<String>, String> {
        all.map(|all| all.iter().map(ToString::to_string).collect())
    }
    says(shown(cast::<i8>(series([1_i64, 128]))), "128", 1);
    says(shown(cast::<u64>(series([1_i64, 2, -1]))), "-1", 2);
    says(shown(cast::<i64>(series([u64::MAX]))), "18446744073709551615", 0);
    says(shown(cast::<i64>(series([1.0, 2.5]))), "2.5", 1);
    says(shown(cast::<i64>(series([1.0, f64::NAN]))), "NaN", 1);
    says(shown(cast::<i64>(series([f64::INFINITY]))), "inf", 0);
    says(shown(cast::<i64>(series([9.3e18]))), "9.3e18", 0);
    says(shown(cast::<i64>(series([2_f64.powi(63)]))), "9.223372036854776e18", 0);
    says(shown(cast::<f64>(series([0, (1_i64 << 53) + 1]))), "9007199254740993", 1);
    says(shown(cast::<f64>(series([i64::MAX]))), "9223372036854775807", 0);
    says(shown(cast::<f32>(series([(1_i32 << 24) + 1]))), "16777217", 0);
    says(shown(cast::<f32>(series([1e300]))), "1e300", 0);
    assert_eq!(cast::<i64>(series([-2_f64.powi(63)])).unwrap(), [i64::MIN]);
    assert_eq!(
        cast::<f64>(series([i64::MIN, 1 << 60])).unwrap(),
        [-2_f64.powi(63), 2_f64.powi(60)]
    );
    assert_eq!(cast::<i8>(series([-0.0, 127.0])).unwrap(), [0, 127]);
    assert_eq!(cast::<f32>(series([0.1, f64::INFINITY])).unwrap(), [0.1, f32::INFINITY]);
    assert!(cast::<f32>(series([f64::NAN])).unwrap()[0].is_nan());
    assert_eq!(cast::<u8>(series([true, false])).unwrap(), [1, 0]);
}

#[test]
fn nulls_are_nan_or_told() {
    let error = cast::<i64>(series([Some(1), None, Some(3)])).unwrap_err();
    let text = "column `x` has a null in row 1 of the frame, counted from 0 (partition 0), and an array of i64 holds none: fill them before, with `fill_null(0)`";
    assert!(error.contains(text), "{error}");
    let error = cast::<bool>(series([Some(true), None])).unwrap_err();
    assert!(error.contains("an array of bool holds none"), "{error}");
    assert!(cast::<f32>(series([Some(1), None])).unwrap()[1].is_nan());
    let nulls = Series::new_null("x".into(), 3);
    assert!(cast::<f64>(nulls.clone()).unwrap().iter().all(|x| x.is_nan()));
    assert!(cast::<u8>(nulls).unwrap_err().contains("a null in row 0"));
}

#[test]
fn columns_that_hold_no_numbers_are_told_at_once() {
    let frame = df!("x" => [1.0], "s" => ["a"]).unwrap();
    let frame = Frame::from_polars(frame, 1);
    let says = |error: taskweave_array::Error, text: &str| {
        let error = error.to_string();
        assert!(error.contains(text) && error.contains("arrays.rs"), "{error}");
        assert_eq!(error.matches("arrays.rs").count(), 1, "{error}");
    };
    let error = frame.to_array::<f64>().check().unwrap_err();
    assert_eq!(error.kind(), ArrayErrorKind::Value);
    let source =
        std::error::Error::source(&error).unwrap().downcast_ref::<taskweave_frame::Error>();
    assert_eq!(source.unwrap().kind(), ErrorKind::Type);
    says(
        error,
        "to_array: column `s` is of type str, and an array of f64 does not hold such: leave it out, with `select` or `drop(\"s\")`",
    );
    let error = frame.to_array::<bool>().sum().compute().unwrap_err();
    says(
        error,
        "column `x` is of type f64, and an array of bool does not hold such: compare it before, as in `col(\"x\").neq(0)`",
    );
    let day = frame.select(lit("2020-01-01").str().to_date("%Y-%m-%d").alias("d"));
    says(
        day.to_array::<i64>().check().unwrap_err(),
        "make numbers of it before, with a function of `col(\"d\").dt()`",
    );
}

#[test]
fn errors_stay_in_the_chain() {
    let wrong = Frame::from_polars(df!("x" => [1.0]).unwrap(), 1).filter(col("y").gt(0));
    let x = (wrong.to_array::<f64>() + 1.0).sum();
    let error = x.compute().unwrap_err().to_string();
    assert!(error.contains("to_array: frame (") && error.contains("filter: "), "{error}");
    let wrong = Array::<f64, Ix2>::ones([2, 2]) + Array::<f64, Ix2>::ones([3, 2]);
    let frame = Frame::from_array(&wrong, ["a", "b"]).filter(col("a").gt(0));
    let error = frame.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert!(error.to_string().contains("cannot add shapes [2, 2] and [3, 2]"), "{error}");
    let x = Array::<f64, Ix2>::ones([2, 2]);
    let kind = |frame: Frame| frame.check().unwrap_err().kind();
    assert_eq!(kind(Frame::from_array(&x, ["a"])), ErrorKind::Shape);
    assert_eq!(kind(Frame::from_array(&x, ["a", "a"])), ErrorKind::Column);
    assert_eq!(kind(Frame::from_array(&x, [col("a"), col("b") + 1])), ErrorKind::Expression);
    let error = Frame::from_array(&x, ["a"]).check().unwrap_err().to_string();
    let text = "an array of shape [2, 2] has 2 columns, and 1 name is given: say one for each";
    assert!(error.contains(text), "{error}");
    // Of tasks, in both directions.
    let fails = Array::<f64, Ix2>::ones([4, 1]).rechunk([2, 1]).map_blocks(|block, place| {
        if place.chunk[0] == 1 { Err("no such block") } else { Ok(block.to_owned()) }
    });
    let error = Frame::from_array(&fails, ["a"]).sum().compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    assert!(error.to_string().contains("no such block"), "{error}");
    let again = Frame::from_array(&fails, ["a"]).to_array::<f64>().sum().compute().unwrap_err();
    assert!(again.to_string().contains("no such block"), "{again}");
}

#[test]
fn lengths_are_checked() {
    let whole = df!("x" => (0..100_i64).collect::<Vec<_>>()).unwrap();
    let frame = Frame::from_polars(whole, 4).filter(col("x").lt(60));
    let right = frame.to_array_with_lengths::<i64>([25, 25, 10, 0]);
    assert_eq!(right.chunk_lengths(0), [25, 25, 10]);
    assert_eq!(right.sum().compute().unwrap().into_scalar(), 1770);
    for (said, partition, seen) in
        [([25, 24, 10, 0], 1, 25), ([25, 25, 0, 0], 2, 10), ([25, 25, 10, 3], 3, 0)]
    {
        let error = frame.to_array_with_lengths::<i64>(said).compute().unwrap_err().to_string();
        let text = format!(
            "partition {partition} has {seen} rows, and was said to have {}",
            said[partition]
        );
        assert!(error.contains(&text), "{error}");
    }
    let error = frame.to_array_with_lengths::<i64>([1, 2]).check().unwrap_err();
    assert_eq!(error.kind(), ArrayErrorKind::Shape);
    let text = "2 lengths for a frame of 4 partitions: say how many rows each of them has";
    assert!(error.to_string().contains(text), "{error}");
    // Rows that come and go are seen too.
    let calls = AtomicUsize::new(0);
    let make = move |_: &i64| df!("x" => vec![1_i64; calls.fetch_add(1, Relaxed) + 2]);
    let frame = Frame::from_map([0_i64], make, df!("x" => [0_i64]).unwrap());
    let x = frame.to_array::<i64>();
    let error = x.compute().unwrap_err().to_string();
    assert!(error.contains("partition 0 has 3 rows, and was counted as 2"), "{error}");
}

#[test]
fn rows_are_counted_only_where_nobody_knows_them() {
    let calls = Arc::new(AtomicUsize::new(0));
    let own = calls.clone();
    let make = move |n: &i64| {
        own.fetch_add(1, Relaxed);
        df!("x" => vec![*n; *n as usize])
    };
    let frame = Frame::from_map(1..4_i64, make, df!("x" => [0_i64]).unwrap());
    let x = frame.to_array::<f64>();
    assert_eq!(calls.swap(0, Relaxed), 3);
    assert_eq!(x.chunk_lengths(0), [1, 2, 3]);
    let kept = frame.persist().unwrap();
    calls.store(0, Relaxed);
    let steps = kept.with_columns((col("x") * 2).alias("y")).select("y");
    assert_eq!(steps.to_array::<i64>().compute().unwrap().column(0).to_vec(), [2, 4, 4, 6, 6, 6]);
    let folder = std::env::temp_dir().join(format!("taskweave-arrays-{}", std::process::id()));
    kept.to_parquet(&folder).unwrap();
    let read = Frame::read_parquet(&folder).to_array::<i64>();
    assert_eq!(read.shape(), [6, 1]);
    assert_eq!(read.sum().compute().unwrap().into_scalar(), 14);
    let some = Frame::read_parquet(&folder).filter(col("x").gt(1)).to_array::<i64>();
    assert_eq!(some.shape(), [5, 1]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(calls.load(Relaxed), 0);
    let csv = std::env::temp_dir().join(format!("taskweave-arrays-{}.csv", std::process::id()));
    kept.to_csv_file(&csv).unwrap();
    let x = Frame::read_csv(&csv).to_array::<f64>();
    assert_eq!(x.compute().unwrap().sum(), 14.0);
    std::fs::remove_file(&csv).unwrap();
}

#[test]
fn results_are_the_same_for_any_number_of_workers() {
    let x = RandomArray::new(3).normal::<f64, Ix2>([5000, 4]).rechunk([700, 3]);
    let frame = Frame::from_array(&x, names(4)).with_columns((col("c0") * col("c1")).alias("d"));
    let y = frame.to_array::<f32>().rechunk([999, 2]);
    let one = y.compute_on(&InThread).unwrap();
    for threads in [1, 2, 4] {
        assert_eq!(y.compute_on(&Threads::new(threads)).unwrap(), one);
    }
    let sum: Array<f64, Ix1> = frame.to_array::<f64>().sum_axis(Axis(0));
    let own = frame.sum().compute().unwrap();
    for (at, sum) in sum.compute().unwrap().iter().enumerate() {
        let other = own.columns()[at].f64().unwrap().get(0).unwrap();
        assert!((sum - other).abs() < 1e-9 * other.abs().max(1.0), "{sum} {other}");
    }
}
