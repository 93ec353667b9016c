//! The dataframes of a talk on blocked algorithms, on real flights: group, resample, roll, join, write, in files larger than the memory they are read in.
//!
//!     cargo run --release --features frame --example flights
//!     cargo run --release --features frame --example flights -- --grow 2GB [folder]
//!
//! The first reads six weeks of flights from New York's airports (`examples/data`). The second makes these into 2 GB on disk before, by copies that
//! are each six weeks later, in a folder that is there afterwards, or in a temporary one; then it does the same with them. Both print how much
//! memory was in use at most.
//!
//! ```text
//! pandas, dask                                        here
//! df = dd.read_csv("flights-*.csv")                   Frame::read_csv("flights-*.csv")
//! df.groupby(df.carrier).mean()                       df.group_by("carrier").mean()
//! df.resample("1w").mean()                            df.resample("time", "1w").mean()
//! df.rolling(100).mean()                              df.rolling(100).mean()
//! df.merge(planes, on="tailnum")                      df.join(&planes, "tailnum", JoinType::Inner)
//! df.to_parquet(folder)                               df.to_parquet(folder)
//! ```

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use taskweave::frame::Bytes;
use taskweave::frame::prelude::*;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/flights");
/// The committed flights are of so many days: whole weeks.
const DAYS: i64 = 42;
/// A grown file has at least so many bytes, the last one perhaps fewer, and a copy more at most.
const FILE_BYTES: u64 = 64 << 20;
const USAGE: &str = "flights, or flights --grow 2GB [folder]";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let scratch = Scratch::new()?;
    let committed = Path::new(COMMITTED);
    let folder = match words[..] {
        [] => committed.to_owned(),
        ["--grow", size] => grow(committed, bytes_of(size)?, &scratch.0.join("grown"))?,
        ["--grow", size, folder] => grow(committed, bytes_of(size)?, Path::new(folder))?,
        _ => return Err(USAGE.into()),
    };
    let start = Instant::now();
    let by_carrier = talk(&folder, &scratch.0.join("parquet"))?;
    let seconds = start.elapsed().as_secs_f64();
    // Copies of all rows have their means.
    let means = delays(&flights(committed)).group_by("carrier").mean().compute()?;
    assert_eq!(by_carrier, means);
    let peak = peak_memory().map_or("not known here".to_owned(), |peak| Bytes(peak).to_string());
    println!("{seconds:.2} s; memory in use at most: {peak}");
    Ok(())
}

/// All flights of a folder; nothing is read yet but what tells the types.
fn flights(folder: &Path) -> Frame {
    Frame::read_csv_with(folder.join("flights-*.csv"), CsvOptions::new().null_values(["NA"]))
}

fn delays(flights: &Frame) -> Frame {
    flights.select(["carrier", "dep_delay", "arr_delay", "distance"])
}

/// The dataframes of the talk; the first of their results.
fn talk(folder: &Path, parquet: &Path) -> Result<DataFrame> {
    let flights = flights(folder);
    println!("{flights}\n");

    // df.groupby(df.carrier).mean(): of the 19 columns of the files those that are needed are parsed.
    let means = delays(&flights).group_by("carrier").mean();
    println!("{}", means.explain()?);
    let by_carrier = means.compute()?;
    println!("group_by(\"carrier\").mean(): {}", by_carrier.head(Some(5)));
    assert_eq!(by_carrier.height(), 16);

    // df.resample("1w").mean(): weeks begin on Mondays, and the rows need not be sorted.
    let time = col("time_hour").str().to_datetime("%Y-%m-%dT%H:%M:%SZ").alias("time");
    let timed = flights.select([time, col("dep_delay"), col("arr_delay")]);
    let weeks = timed.resample("time", "1w").mean().compute()?;
    println!("resample(\"time\", \"1w\").mean(): {}", weeks.head(Some(7)));
    // The first week is that of New Year, and the last begins with the last day.
    assert_eq!((weeks.height() - 1) % 6, 0);

    // df.rolling(100).mean(): windows go on in the next partition, and in the next file.
    let rolling = flights.select(["dep_delay"]).rolling(100).mean();
    let worst = rolling.max().compute()?;
    println!("rolling(100).mean().max(): {worst}");

    // df.merge(planes): the planes are few, and every partition gets them.
    let planes = folder.join("planes.csv");
    let planes = Frame::read_csv_with(planes, CsvOptions::new().null_values(["NA"]));
    let flown = flights.join(&planes, "tailnum", JoinType::Inner);
    let makers = flown.group_by("manufacturer").agg([
        len().alias("flights"),
        col("arr_delay").mean(),
        col("seats").mean(),
    ]);
    let most_first = SortMultipleOptions::default().with_order_descending(true);
    let makers = makers.sort_with("flights", most_first).compute()?;
    println!("join(&planes, \"tailnum\"), by manufacturer: {}", makers.head(Some(5)));

    // df.to_parquet(folder): a file a partition, each under its name when it is whole.
    flights.to_parquet(parquet)?;
    let back = Frame::read_parquet(parquet.join("*.parquet"));
    println!("read back from Parquet: {}", back.plan(2)?);
    let again = delays(&back).group_by("carrier").mean();
    println!("{}", again.explain()?);
    assert_eq!(again.compute()?, by_carrier);
    Ok(by_carrier)
}

/// A flight of the committed ones, cut at its dates.
struct Row<'a> {
    /// Days after the first one, on New York's clock.
    day: i64,
    middle: &'a str,
    /// In UTC.
    utc_day: i64,
    hour: &'a str,
}

impl Row<'_> {
    /// Of a line `2013,1,31,…,2013-02-01T02:00:00Z`.
    fn of(line: &str, first: i64) -> Option<Row<'_>> {
        let mut fields = line.splitn(4, ',');
        let mut number = || fields.next()?.parse().ok();
        let date = [number()?, number()?, number()?];
        let (middle, time) = fields.next()?.rsplit_once(',')?;
        let (utc_date, hour) = time.split_once('T')?;
        let mut utc = utc_date.split('-').map(|field| field.parse().ok());
        let utc_date = [utc.next()??, utc.next()??, utc.next()??];
        Some(Row { day: day_of(date) - first, middle, utc_day: day_of(utc_date) - first, hour })
    }
}

/// Writes copies of the flights, each six weeks later than the one before, until there are so many bytes; the folder. Held in memory is one copy.
/// Hours stay as they are: there is no summer time in the copies.
fn grow(from: &Path, bytes: u64, into: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(into)?;
    if std::fs::read_dir(into)?.next().is_some() {
        return Err(format!("{} is not empty: name another folder", into.display()).into());
    }
    let texts = ["flights-2013-01.csv", "flights-2013-02.csv"]
        .map(|name| std::fs::read_to_string(from.join(name)));
    let [january, february] = texts;
    let (january, february) = (january?, february?);
    let header = january.lines().next().ok_or("the flights are gone")?;
    let first = day_of([2013, 1, 1]);
    let lines = january.lines().skip(1).chain(february.lines().skip(1));
    let rows: Option<Vec<Row<'_>>> = lines.map(|line| Row::of(line, first)).collect();
    let rows = rows.ok_or("the flights are others than they were")?;
    let (mut written, mut copy, mut files) = (0, 0, 0);
    while written < bytes {
        files += 1;
        // Under a name that no pattern finds, until it is whole.
        let unfinished = into.join("unfinished");
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&unfinished)?);
        writeln!(file, "{header}")?;
        let mut of_file = 0;
        while of_file < FILE_BYTES && written + of_file < bytes {
            of_file += write_copy(&mut file, &rows, first + DAYS * copy)?;
            copy += 1;
        }
        file.flush()?;
        std::fs::rename(unfinished, into.join(format!("flights-{files:04}.csv")))?;
        written += of_file;
    }
    std::fs::copy(from.join("planes.csv"), into.join("planes.csv"))?;
    println!("grown: {copy} copies, {} in {files} files\n", Bytes(written));
    Ok(into.to_owned())
}

/// Writes the rows as if the first day were that one; how many bytes.
fn write_copy(file: &mut impl Write, rows: &[Row<'_>], first: i64) -> std::io::Result<u64> {
    // One day more, which has begun in UTC when the last one ends.
    let dates: Vec<[i64; 3]> = (0..=DAYS).map(|day| date_of(first + day)).collect();
    let local = dates.iter().map(|[year, month, day]| format!("{year},{month},{day},"));
    let utc = dates.iter().map(|[year, month, day]| format!(",{year}-{month:02}-{day:02}T"));
    let (local, utc): (Vec<String>, Vec<String>) = (local.collect(), utc.collect());
    let mut bytes = 0;
    for row in rows {
        let [from, until] = [&local[row.day as usize], &utc[row.utc_day as usize]];
        for part in [from.as_str(), row.middle, until.as_str(), row.hour, "\n"] {
            file.write_all(part.as_bytes())?;
            bytes += part.len() as u64;
        }
    }
    Ok(bytes)
}

/// Days since 1970-01-01 of a year, month and day, from 1970 on. Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
fn day_of([year, month, day]: [i64; 3]) -> i64 {
    // Years begin in March, so that the odd day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The other way round: `civil_from_days` of the same.
fn date_of(day: i64) -> [i64; 3] {
    let (era, of_era) = ((day + 719_468) / 146_097, (day + 719_468) % 146_097);
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + years + i64::from(month <= 2);
    [year, month, of_year - (153 * from_march + 2) / 5 + 1]
}

/// Of `2GB`, `500MB` or `64MiB`.
fn bytes_of(size: &str) -> Result<u64> {
    let unit = size.find(|c: char| !c.is_ascii_digit()).unwrap_or(size.len());
    let (number, unit) = size.split_at(unit);
    let unit = match unit {
        "GB" => 1_000_000_000,
        "MB" => 1_000_000,
        "GiB" => 1 << 30,
        "MiB" => 1 << 20,
        _ => return Err(format!("`{size}` is no size: write it as 2GB, 500MB or 64MiB").into()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    bytes.ok_or_else(|| format!("`{size}` is no size: {USAGE}").into())
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let path = std::env::temp_dir().join(format!("taskweave-flights-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} is left behind: {error}", self.0.display());
        }
    }
}

/// The most memory that the process has had, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
