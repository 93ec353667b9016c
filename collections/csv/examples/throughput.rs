//! How fast two of nineteen columns are read by two threads, from files that are in the page cache.
//!
//! In: a folder, if the files are not to lie in that for temporary ones; they are written if they are not there, 12 of 86 MB each.
//! Out: the mean delay of each carrier's flights, and the best of some times, in seconds.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use taskweave_csv::{Options, Source};

const FILES: usize = 12;
const ROWS: usize = 900_000;
const THREADS: usize = 2;
const TIMES: usize = 7;
const HEADER: &str = "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour\n";
const CARRIERS: [&str; 8] = ["UA", "AA", "B6", "DL", "EV", "MQ", "US", "9E"];

fn write(path: &PathBuf, seed: usize) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(HEADER.as_bytes())?;
    let mut line = String::new();
    for row in 0..ROWS {
        let mixed = (row + seed * ROWS).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        let (month, day, hour) = (1 + mixed % 12, 1 + mixed / 12 % 28, 5 + mixed / 400 % 18);
        let delay = (mixed / 7 % 90) as i64 - 12;
        let carrier = CARRIERS[mixed / 11 % CARRIERS.len()];
        let flight = mixed / 13 % 6000;
        line.clear();
        let _ = if mixed.is_multiple_of(40) {
            // Cancelled.
            writeln!(
                line,
                "2013,{month},{day},NA,{hour}05,NA,NA,{hour}59,NA,{carrier},{flight},N{flight}{carrier},EWR,IAH,NA,1400,{hour},5,2013-{month:02}-{day:02} {hour:02}:00:00"
            )
        } else {
            writeln!(
                line,
                "2013,{month},{day},{hour}17,{hour}15,{delay},{hour}50,{hour}59,{},{carrier},{flight},N{flight}{carrier},EWR,IAH,227,1400,{hour},15,2013-{month:02}-{day:02} {hour:02}:00:00",
                delay + 9
            )
        };
        file.write_all(line.as_bytes())?;
    }
    file.flush()
}

type Sums = BTreeMap<Vec<u8>, (f64, u64)>;

fn mean_delays(source: &Source, part_bytes: u64) -> Result<Sums, taskweave_csv::Error> {
    let parts = source.parts(part_bytes);
    let next = AtomicUsize::new(0);
    let total: Mutex<Sums> = Mutex::default();
    let work = || -> Result<(), taskweave_csv::Error> {
        // Relaxed: each part is taken once, and that is all.
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Carriers are two bytes: no table is simpler, and the reader is what is measured.
            let sums = source.fold(
                part,
                &["carrier", "dep_delay"],
                || vec![(0.0, 0_u64); 1 << 16],
                |sums, columns| {
                    if let (Some(carriers), Some(delays)) =
                        (columns.column(0).as_string(), columns.column(1).as_int64())
                    {
                        let rows = carriers.views().iter().zip(delays.values());
                        for (row, (view, &delay)) in rows.enumerate() {
                            let valid = delays.validity().is_none_or(|bits| bits.get(row));
                            if let &[2, 0, 0, 0, a, b, ..] = view
                                && valid
                            {
                                let sum = &mut sums[usize::from(a) << 8 | usize::from(b)];
                                *sum = (sum.0 + delay as f64, sum.1 + 1);
                            }
                        }
                    }
                    ControlFlow::Continue(())
                },
            )?;
            let mut total = total.lock().unwrap_or_else(|error| error.into_inner());
            for (key, (sum, count)) in sums.into_iter().enumerate().filter(|(_, sum)| sum.1 > 0) {
                let entry = total.entry(vec![(key >> 8) as u8, key as u8]).or_default();
                *entry = (entry.0 + sum, entry.1 + count);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| match thread.join() {
            Ok(result) => result,
            Err(payload) => std::panic::resume_unwind(payload),
        })
    })?;
    Ok(total.into_inner().unwrap_or_default())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let mut paths = Vec::new();
    for file in 0..FILES {
        let path = folder.join(format!("taskweave-flights-{file}.csv"));
        if !path.exists() {
            write(&path, file)?;
        }
        paths.push(path);
    }
    let mut bytes = 0;
    for path in &paths {
        bytes += path.metadata()?.len();
    }
    for part_bytes in [1 << 40, 16 << 20, 4 << 20] {
        let mut best = f64::INFINITY;
        let mut sums = Sums::new();
        for _ in 0..TIMES {
            let start = Instant::now();
            // Opened anew each time: nothing is known of borders.
            let source = Source::open(&paths, Options::new().null_values(["NA"]))?;
            sums = mean_delays(&source, part_bytes)?;
            best = best.min(start.elapsed().as_secs_f64());
        }
        let mut shown = String::new();
        for (carrier, (sum, count)) in &sums {
            write!(shown, " {} {:.2}", carrier.escape_ascii(), sum / *count as f64)?;
        }
        println!("{bytes} bytes, parts of {part_bytes}: {best:.3} s;{shown}");
    }
    Ok(())
}
