//! The rows of a partition.
//!
//! In: a partition, the columns that are wanted, comparisons that every wanted row fulfils. Out: pieces of rows, in their order. A column of a row group is read from the file in one
//! go and decoded on the calling thread; what is held at a time are the wanted columns of one row group, once as they are in the file (one column of them) and once decoded.
//!
//! Not here: which row groups are left out (`prune`).

use super::footer::{damaged, guarded};
use super::open::{Group, ParquetSource};
use super::prune::Comparison;
use crate::error::{Error, ErrorKind};
use crate::undocumented::to_deserializer;
use polars_buffer::Buffer;
use polars_core::error::PolarsResult;
use polars_core::prelude::{
    ArrowField, Column, DataFrame, IntoColumn, PlSmallStr, Series, polars_bail,
};
use polars_parquet::parquet::page::CompressedPage;
use polars_parquet::read::{ColumnChunkMetadata, PageReader};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};

impl ParquetSource {
    /// Reads a partition, and hands out its rows in pieces, none of which is empty. Without `columns` these are all; with none of them a piece has a height and no columns.
    ///
    /// Row groups in which no row can fulfil all `comparisons` are left out; others are read whole, with the rows that don't fulfil them.
    ///
    /// # Errors
    /// `Column` of one that is not there; `Io` of a file that cannot be read, or has changed; `Format` of one that is damaged; what `each` returns.
    pub(crate) fn read(
        &self,
        part: usize,
        columns: Option<&[PlSmallStr]>,
        comparisons: &[Comparison],
        each: &mut dyn FnMut(DataFrame) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let all: Vec<PlSmallStr>;
        let columns = match columns {
            Some(columns) => columns,
            None => {
                all = self.schema().iter_names_cloned().collect();
                &all
            }
        };
        self.check(columns)?;
        let mut open: Option<(usize, File)> = None;
        for group in self.groups(part) {
            if group.rows == 0 || self.is_impossible(group, comparisons) {
                continue;
            }
            let file = match &mut open {
                Some((number, file)) if *number == group.file => file,
                _ => {
                    let file = self.0.files[group.file].footer.open()?;
                    &mut open.insert((group.file, file)).1
                }
            };
            let columns = columns.iter().map(|name| self.column(file, group, name));
            let columns = columns.collect::<Result<Vec<_>, _>>()?;
            cut(group.rows, columns, self.0.options.piece_rows, each)?;
        }
        Ok(())
    }

    fn check(&self, columns: &[PlSmallStr]) -> Result<(), Error> {
        let schema = self.schema();
        let Some(missing) = columns.iter().find(|name| !schema.contains(name)) else {
            return Ok(());
        };
        let names: Vec<&str> = schema.iter_names().map(|name| name.as_str()).collect();
        let path = self.0.files[0].footer.path.display();
        let message =
            format!("there is no column `{missing}` in {path}, which has {}", names.join(", "));
        Err(Error::new(ErrorKind::Column, message))
    }

    /// A column of a row group.
    fn column(&self, file: &mut File, group: &Group, name: &PlSmallStr) -> Result<Column, Error> {
        let opened = &self.0.files[group.file];
        if let Some(constant) = opened.constant(name) {
            return Ok(Column::new_scalar(name.clone(), constant.value.clone(), group.rows));
        }
        let metadata = self.metadata(group);
        let chunks = metadata.columns_under_root_iter(name);
        let (Some(field), Some(chunks)) = (opened.fields.get(name), chunks) else {
            // One that the file need not have.
            let data_type = self.schema().get(name).expect("`check` found it");
            return Ok(Column::full_null(name.clone(), group.rows, data_type));
        };
        let mut read = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let path = &opened.footer.path;
            let bytes =
                bytes(file, chunk).map_err(|error| Error::io("cannot read", path, error))?;
            read.push((chunk, Buffer::from_vec(bytes)));
        }
        let decoded = guarded(|| decode(read, field, group.rows));
        decoded.map_err(|said| {
            let number = group.number;
            let what = format!("column `{name}` of row group {number} cannot be read: {said}");
            damaged(&opened.footer.path, &what)
        })
    }
}

/// The bytes of a column, of which I1 says that there are so many.
fn bytes(file: &mut File, chunk: &ColumnChunkMetadata) -> io::Result<Vec<u8>> {
    let range = chunk.byte_range();
    let length = (range.end - range.start) as usize;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    file.seek(SeekFrom::Start(range.start))?;
    file.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

type Chunk<'a> = (&'a ColumnChunkMetadata, Buffer<u8>);

fn decode(chunks: Vec<Chunk<'_>>, field: &ArrowField, rows: usize) -> PolarsResult<Column> {
    for chunk in &chunks {
        check(chunk)?;
    }
    let (arrays, _) = to_deserializer(chunks, field.clone(), None)?;
    let series = Series::try_from((field, arrays))?;
    if series.len() != rows {
        polars_bail!(ComputeError: "it has {} rows, and the footer says {rows}", series.len());
    }
    Ok(series.into_column())
}

/// Whether the pages have as many values as the footer says: the decoder takes memory for those before it looks. Only the heads of pages are read.
fn check((chunk, bytes): &Chunk<'_>) -> PolarsResult<()> {
    let mut values = 0;
    for page in PageReader::new(Cursor::new(bytes.clone()), chunk, Vec::new(), usize::MAX) {
        if let CompressedPage::Data(page) = page? {
            values += page.num_values() as i64;
        }
    }
    if values != chunk.num_values() {
        let expected = chunk.num_values();
        polars_bail!(ComputeError: "its pages have {values} values, and the footer says {expected}");
    }
    Ok(())
}

/// Hands out rows in pieces.
fn cut(
    rows: usize,
    columns: Vec<Column>,
    piece_rows: usize,
    each: &mut dyn FnMut(DataFrame) -> Result<(), Error>,
) -> Result<(), Error> {
    let piece_rows = piece_rows.max(1);
    let mut start = 0;
    while start < rows {
        let count = piece_rows.min(rows - start);
        let part = columns.iter().map(|column| column.slice(start as i64, count)).collect();
        each(DataFrame::new(count, part).map_err(Error::polars)?)?;
        start += count;
    }
    Ok(())
}
