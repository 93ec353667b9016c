//! The jobs as users of frames write them, and the process that does one of them.
//!
//! In: a job, the folder with the data, and where the result goes if it is compared. Out: on stdout `seconds peak`, as `baseline.py` does.
//! Timed is from the names of the files to the result in memory; the threads are there before.

use crate::jobs::{Job, THREADS};
use std::io::Write;
use std::time::Instant;
use taskweave::Threads;
use taskweave::frame::prelude::*;

/// Does a job.
pub fn run(job: &Job, folder: &str, result: Option<&str>) {
    let threads = Threads::new(THREADS);
    let start = Instant::now();
    let computed = frame(job.name, folder).compute_on(&threads);
    let seconds = start.elapsed().as_secs_f64();
    let computed = computed.unwrap_or_else(|error| {
        eprintln!("{}: {error}", job.name);
        std::process::exit(1)
    });
    println!("{seconds:e} {}", taskweave_benches::measure::status_kib("VmHWM").unwrap_or(0));
    if let Some(path) = result {
        write(&computed, path).expect("the result has room beside the data");
    }
}

fn frame(name: &str, folder: &str) -> Frame {
    match name {
        "J1" => csv(folder).group_by("carrier").agg([col("dep_delay").mean()]),
        "J2" => csv(folder).filter(col("dep_delay").gt(0)).group_by(["origin", "carrier"]).agg([
            col("arr_delay").mean().alias("mean"),
            len().alias("n"),
            col("arr_delay").std(1).alias("std"),
        ]),
        "J3" => csv(folder)
            .with_columns([col("time_hour").str().to_datetime("%Y-%m-%dT%H:%M:%SZ").alias("t")])
            .resample("t", "1w")
            .agg([col("dep_delay").mean()]),
        "J4" => csv(folder).select([col("dep_delay").rolling_mean(100)]).max(),
        "J5" => parquet(folder).group_by("carrier").agg([col("dep_delay").mean()]),
        "J6" => parquet(folder)
            .group_by([col("tailnum"), col("time_hour").dt().date().alias("day")])
            .agg([col("dep_delay").mean().alias("mean"), len().alias("n")]),
        "J7" => {
            let planes = Frame::read_csv_with(
                format!("{folder}/planes.csv"),
                CsvOptions::new().null_values(["NA"]),
            );
            csv(folder)
                .join(&planes, "tailnum", JoinType::Inner)
                .group_by("manufacturer")
                .agg([col("arr_delay").mean().alias("mean"), len().alias("n")])
        }
        _ => unreachable!("jobs::ALL has no {name}"),
    }
}

fn csv(folder: &str) -> Frame {
    let files = format!("{folder}/flights-*.csv");
    Frame::read_csv_with(files, CsvOptions::new().null_values(["NA"]))
}

fn parquet(folder: &str) -> Frame {
    Frame::read_parquet(format!("{folder}/flights-*.parquet"))
}

/// Tab-separated, without a header: times as dates, nothing for null.
fn write(result: &DataFrame, path: &str) -> Result<(), Box<dyn std::error::Error>> {
    let as_text = |column: &Column| match column.dtype().is_temporal() {
        true => column.cast(&DataType::Date)?.cast(&DataType::String),
        false => column.cast(&DataType::String),
    };
    let columns = result.columns().iter().map(as_text).collect::<Result<Vec<_>, _>>()?;
    let texts = columns.iter().map(|column| column.str()).collect::<Result<Vec<_>, _>>()?;
    let mut rows: Vec<_> = texts.iter().map(|text| text.iter()).collect();
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    for _ in 0..result.height() {
        for (at, column) in rows.iter_mut().enumerate() {
            let tab = if at == 0 { "" } else { "\t" };
            write!(file, "{tab}{}", column.next().flatten().unwrap_or_default())?;
        }
        writeln!(file)?;
    }
    Ok(file.flush()?)
}
