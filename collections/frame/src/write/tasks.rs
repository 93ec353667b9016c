//! Frames into folders of files.
//!
//! In: frames, and where they are to be. Out: a folder with a file for each partition, written by the task that makes it, piece by piece. The
//! folder has its name when all files are whole, and not before.
//!
//! Not here: the files (`csv`, `parquet`, `hive`), the rows (`lower`).

use super::{
    CsvFile, CsvWriteOptions, HiveFiles, ParquetFile, ParquetWriteOptions, Pending, Written,
    file_of,
};
use crate::error::{Error, ErrorKind};
use crate::expr::IntoExprs;
use crate::frame::Frame;
use crate::lower::Lowering;
use crate::node::NodeRef;
use crate::pipeline::{Pipeline, guarded};
use crate::select::existing;
use crate::source::Sink;
use polars_core::prelude::{DataFrame, PlSmallStr};
use polars_core::schema::SchemaRef;
use std::ops::ControlFlow;
use std::panic::Location;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use taskweave_macros::delayed;
use taskweave_runtime::{Delayed, Graph};

/// A file, or files, that a partition is written to.
trait File: Sized {
    fn push(&mut self, piece: DataFrame) -> Result<(), Error>;
    fn finish(self) -> Result<Written, Error>;
}

impl File for ParquetFile {
    fn push(&mut self, piece: DataFrame) -> Result<(), Error> {
        ParquetFile::push(self, piece)
    }

    fn finish(self) -> Result<Written, Error> {
        ParquetFile::finish(self)
    }
}

impl File for CsvFile {
    fn push(&mut self, piece: DataFrame) -> Result<(), Error> {
        CsvFile::push(self, &piece)
    }

    fn finish(self) -> Result<Written, Error> {
        CsvFile::finish(self)
    }
}

impl File for HiveFiles<'_> {
    fn push(&mut self, piece: DataFrame) -> Result<(), Error> {
        HiveFiles::push(self, &piece)
    }

    fn finish(self) -> Result<Written, Error> {
        HiveFiles::finish(self)
    }
}

/// Hands pieces to a file, which is begun anew where they come again.
struct Filling<F, M> {
    file: Result<F, Error>,
    make: M,
    place: Place,
}

/// What the user called, and where.
type Place = (&'static str, &'static Location<'static>);

impl<F: File, M: Fn() -> Result<F, Error>> Sink for Filling<F, M> {
    fn restart(&mut self) {
        self.file = (self.make)();
    }

    fn take(&mut self, piece: DataFrame) -> Result<ControlFlow<()>, Error> {
        let file = self.file.as_mut().map_err(|error| error.clone());
        let (name, location) = self.place;
        let pushed = file.and_then(|file| file.push(piece));
        // Of writing, and not of the step that made the piece.
        pushed.map_err(|error| error.of_call(name, location))?;
        Ok(ControlFlow::Continue(()))
    }
}

/// What hands a partition's pieces to a sink.
type Run<'a> = &'a mut dyn FnMut(&mut dyn Sink) -> Result<(), Error>;

fn fill<F: File>(
    make: impl Fn() -> Result<F, Error>,
    run: Run<'_>,
    place: Place,
) -> Result<Written, Error> {
    let mut filling = Filling { file: make(), make, place };
    run(&mut filling)?;
    let (name, location) = place;
    filling.file.and_then(F::finish).map_err(|error| error.of_call(name, location))
}

/// Which files, where.
struct Target {
    folder: Pending,
    schema: SchemaRef,
    format: Format,
    place: Place,
}

enum Format {
    Parquet(ParquetWriteOptions),
    Hive(Vec<PlSmallStr>, ParquetWriteOptions),
    Csv(CsvWriteOptions),
}

impl Target {
    fn write(&self, partition: usize, run: Run<'_>) -> Result<Written, Error> {
        let name = |extension| file_of(Path::new(""), partition, extension);
        let Target { folder, schema, place, .. } = self;
        match &self.format {
            Format::Parquet(options) => {
                fill(|| ParquetFile::inside(folder, &name("parquet"), schema, options), run, *place)
            }
            Format::Csv(options) => {
                fill(|| CsvFile::inside(folder, &name("csv"), schema, options), run, *place)
            }
            Format::Hive(keys, options) => {
                fill(|| HiveFiles::new(folder, partition, schema, keys, options), run, *place)
            }
        }
    }
}

/// The file of a partition.
#[delayed(crate = crate::__door)]
fn write_partition(
    target: Arc<Target>,
    work: Arc<Pipeline>,
    at: usize,
    block: Option<DataFrame>,
) -> Result<Written, Error> {
    guarded(&work.of, || target.write(at, &mut |sink| work.run(at, block.as_ref(), sink)))
}

/// Refuses the name of a file: who gives it does not expect a folder.
fn expect_folder(path: &Path, format: &Format) -> Result<(), Error> {
    let (extension, one) = match format {
        Format::Parquet(_) | Format::Hive(..) => ("parquet", "to_parquet_file"),
        Format::Csv(_) => ("csv", "to_csv_file"),
    };
    let is_file = path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
    if !is_file {
        return Ok(());
    }
    let message = format!(
        "{} is the name of a file, and a folder is written, with a file for each partition: leave out `.{extension}`, or write one file with `{one}`",
        path.display()
    );
    Err(Error::new(ErrorKind::Value, message))
}

/// Writes all partitions, and lets the folder have its name.
fn written(
    node: &NodeRef,
    path: &Path,
    format: Format,
    (name, location): Place,
) -> Result<Written, Error> {
    let written = || {
        expect_folder(path, &format)?;
        let folder = Pending::folder(path)?;
        let target = Arc::new(Target {
            folder,
            schema: node.schema.clone(),
            format,
            place: (name, location),
        });
        let graph = Graph::build(|builder| {
            let lowering = Lowering::new(std::slice::from_ref(node));
            let all = lowering.add_consumers(builder, node, |work, at, block| {
                let task = write_partition::task_or_fail(target.clone(), work, at, block);
                builder.add_at(location, task).named(name)
            });
            builder.gather(all)
        });
        let done: Vec<Written> = graph.compute()?;
        let mut sum = Written::default();
        done.into_iter().for_each(|one| sum += one);
        // The graph is gone, and with it what its tasks held.
        match Arc::into_inner(target) {
            Some(target) => target.folder.finish()?,
            None => unreachable!("no task is left that could hold it"),
        }
        Ok(sum)
    };
    written().map_err(|error: Error| error.of_call(name, location))
}

/// A file that partitions are written to one after the other.
type Shared<F> = Arc<Mutex<Option<F>>>;

/// Puts a partition behind those that are there.
#[delayed(crate = crate::__door)]
fn append<F: File + Send + 'static>(
    file: Shared<F>,
    node: NodeRef,
    block: DataFrame,
) -> Result<(), Error> {
    guarded(&node, || match &mut *file.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(file) => file.push(block),
        None => unreachable!("the file is taken when all partitions are in it"),
    })
}

/// Writes all partitions into one file, in their order.
fn written_together<F: File + Send + 'static>(
    node: &NodeRef,
    create: impl FnOnce(&SchemaRef) -> Result<F, Error>,
    (name, location): Place,
) -> Result<Written, Error> {
    let written = || {
        let file: Shared<F> = Arc::new(Mutex::new(Some(create(&node.schema)?)));
        let graph = Graph::build(|builder| {
            let roots = std::slice::from_ref(node);
            let blocks = Lowering::new(roots).add_to(builder, roots).swap_remove(0);
            let mut all: Vec<Delayed<'_, 'static, ()>> = Vec::with_capacity(blocks.len());
            for block in blocks {
                let task = append::task_or_fail(file.clone(), node.clone(), block);
                let task = builder.add_at(location, task).named(name);
                all.push(match all.last() {
                    Some(before) => task.after(before),
                    None => task,
                });
            }
            builder.gather(all)
        });
        let _: Vec<()> = graph.compute()?;
        let file = file.lock().unwrap_or_else(PoisonError::into_inner).take();
        file.expect("nobody else takes it").finish()
    };
    written().map_err(|error: Error| error.of_call(name, location))
}

impl Frame {
    /// Computes the frame and writes it to one Parquet file, its partitions one after the other. The file has its name when it is whole, and
    /// not before; one that has the name already is replaced then.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("taskweave-frame-one-{}.parquet", std::process::id()));
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// frame.to_parquet_file(&path)?;
    /// assert_eq!(Frame::read_parquet(&path).compute()?, frame.compute()?);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Frame::compute), and a file that cannot be written ([`Io`](crate::ErrorKind::Io)).
    ///
    /// # Cost
    /// Partitions are computed in parallel, and written by one task at a time; [`to_parquet`](Frame::to_parquet) writes in parallel, too.
    #[track_caller]
    pub fn to_parquet_file(&self, path: impl AsRef<Path>) -> Result<Written, Error> {
        let place = ("to_parquet_file", Location::caller());
        let create = |schema: &SchemaRef| {
            ParquetFile::create(path.as_ref(), schema, &ParquetWriteOptions::new())
        };
        written_together(self.node()?, create, place)
    }

    /// [`to_parquet_file`](Frame::to_parquet_file) with another compression, or row groups of another size.
    ///
    /// # Errors
    /// As [`to_parquet_file`](Frame::to_parquet_file).
    ///
    /// # Cost
    /// As [`to_parquet_file`](Frame::to_parquet_file).
    #[track_caller]
    pub fn to_parquet_file_with(
        &self,
        path: impl AsRef<Path>,
        options: ParquetWriteOptions,
    ) -> Result<Written, Error> {
        let place = ("to_parquet_file_with", Location::caller());
        let create = |schema: &SchemaRef| ParquetFile::create(path.as_ref(), schema, &options);
        written_together(self.node()?, create, place)
    }

    /// Computes the frame and writes it to one CSV file with a header, its partitions one after the other. The file has its name when it is
    /// whole, and not before; one that has the name already is replaced then.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("taskweave-frame-one-{}.csv", std::process::id()));
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// frame.to_csv_file(&path)?;
    /// assert_eq!(std::fs::read_to_string(&path)?, "x\n1\n2\n3\n");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`to_parquet_file`](Frame::to_parquet_file), and columns of lists or structs ([`Type`](crate::ErrorKind::Type)).
    ///
    /// # Cost
    /// As [`to_parquet_file`](Frame::to_parquet_file).
    #[track_caller]
    pub fn to_csv_file(&self, path: impl AsRef<Path>) -> Result<Written, Error> {
        let place = ("to_csv_file", Location::caller());
        let create =
            |schema: &SchemaRef| CsvFile::create(path.as_ref(), schema, &CsvWriteOptions::new());
        written_together(self.node()?, create, place)
    }

    /// [`to_csv_file`](Frame::to_csv_file) with another separator, without a header, or with other texts for nulls.
    ///
    /// # Errors
    /// As [`to_csv_file`](Frame::to_csv_file), and options that contradict each other ([`Value`](ErrorKind::Value)).
    ///
    /// # Cost
    /// As [`to_csv_file`](Frame::to_csv_file).
    #[track_caller]
    pub fn to_csv_file_with(
        &self,
        path: impl AsRef<Path>,
        options: CsvWriteOptions,
    ) -> Result<Written, Error> {
        let place = ("to_csv_file_with", Location::caller());
        let create = |schema: &SchemaRef| CsvFile::create(path.as_ref(), schema, &options);
        written_together(self.node()?, create, place)
    }

    /// Computes the frame and writes it to a folder, which there must not be yet, or which is empty: a Parquet file for each partition,
    /// `part-00000.parquet` and so on. One file is written by [`to_parquet_file`](Frame::to_parquet_file). The folder has its name when all files are whole, and not before.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-write-{}", std::process::id()));
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3])?, 3);
    /// let written = frame.to_parquet(&folder)?;
    /// assert_eq!((written.files(), written.rows()), (3, 3));
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Frame::compute), and a folder that is there already, or cannot be written to ([`Io`](crate::ErrorKind::Io)), or has the
    /// name of a file, `flights.parquet` ([`Value`](crate::ErrorKind::Value)). Then there is no folder of that name.
    ///
    /// # Cost
    /// For each worker the rows of a row group.
    #[doc(alias = "sink_parquet")]
    #[track_caller]
    pub fn to_parquet(&self, folder: impl AsRef<Path>) -> Result<Written, Error> {
        let place = ("to_parquet", Location::caller());
        written(self.node()?, folder.as_ref(), Format::Parquet(ParquetWriteOptions::new()), place)
    }

    /// [`to_parquet`](Frame::to_parquet) with another compression, or row groups of another size.
    ///
    /// # Errors
    /// As [`to_parquet`](Frame::to_parquet).
    ///
    /// # Cost
    /// As [`to_parquet`](Frame::to_parquet).
    #[track_caller]
    pub fn to_parquet_with(
        &self,
        folder: impl AsRef<Path>,
        options: ParquetWriteOptions,
    ) -> Result<Written, Error> {
        let place = ("to_parquet_with", Location::caller());
        written(self.node()?, folder.as_ref(), Format::Parquet(options), place)
    }

    /// Computes the frame and writes it to folders that are named after the values of some columns, as Hive does:
    /// `origin=JFK/part-00000.parquet`. [`read_parquet`](Frame::read_parquet) of the folder makes columns of the names again, behind the others,
    /// with the types that the names look like, unless [`ParquetOptions::declare`](crate::ParquetOptions::declare) says others.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-hive-{}", std::process::id()));
    /// let frame = Frame::from_polars(df!("origin" => ["JFK", "LGA"], "x" => [1, 2])?, 1);
    /// frame.to_parquet_hive(&folder, "origin")?;
    /// assert!(folder.join("origin=JFK/part-00000.parquet").is_file());
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`to_parquet`](Frame::to_parquet), and keys that are not there, or leave no column ([`Column`](crate::ErrorKind::Column)).
    ///
    /// # Cost
    /// For each worker up to 128 MiB of rows, which wait until they are enough for a file. A partition writes a file for each combination of
    /// values that it has.
    #[doc(alias = "partition_by")]
    #[track_caller]
    pub fn to_parquet_hive(
        &self,
        folder: impl AsRef<Path>,
        keys: impl IntoExprs,
    ) -> Result<Written, Error> {
        let place = ("to_parquet_hive", Location::caller());
        let node = self.node()?;
        let keys =
            existing(node, &keys.into_exprs()).map_err(|error| error.of_call(place.0, place.1))?;
        written(node, folder.as_ref(), Format::Hive(keys, ParquetWriteOptions::new()), place)
    }

    /// Computes the frame and writes it to a folder, which there must not be yet, or which is empty: a CSV file for each partition,
    /// `part-00000.csv` and so on, each with a header. The folder has its name when all files are whole, and not before.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_frame as frame;
    /// use frame::prelude::*;
    /// # let folder = std::env::temp_dir().join(format!("taskweave-frame-to-csv-{}", std::process::id()));
    /// let frame = Frame::from_polars(df!("x" => [1, 2, 3], "s" => ["a", "b,c", ""])?, 2);
    /// frame.to_csv(&folder)?;
    /// assert_eq!(std::fs::read_to_string(folder.join("part-00000.csv"))?, "x,s\n1,a\n2,\"b,c\"\n");
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`to_parquet`](Frame::to_parquet), and columns of lists, structs, bytes or lengths of time ([`Type`](crate::ErrorKind::Type)).
    #[doc(alias = "sink_csv")]
    #[track_caller]
    pub fn to_csv(&self, folder: impl AsRef<Path>) -> Result<Written, Error> {
        let place = ("to_csv", Location::caller());
        written(self.node()?, folder.as_ref(), Format::Csv(CsvWriteOptions::new()), place)
    }

    /// [`to_csv`](Frame::to_csv) with another separator, without headers, or with other texts for nulls.
    ///
    /// # Errors
    /// As [`to_csv`](Frame::to_csv), and options that contradict each other ([`Value`](crate::ErrorKind::Value)).
    #[track_caller]
    pub fn to_csv_with(
        &self,
        folder: impl AsRef<Path>,
        options: CsvWriteOptions,
    ) -> Result<Written, Error> {
        let place = ("to_csv_with", Location::caller());
        written(self.node()?, folder.as_ref(), Format::Csv(options), place)
    }
}
