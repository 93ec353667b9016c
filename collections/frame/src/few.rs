//! Few rows of large blocks, without what they are a part of.
//!
//! In: rows that were cut or chosen. polars' slices keep all that they are slices of, and chosen texts all bytes of the column that they were
//! chosen from. Out: the same rows with memory of their own, where that is less.
//!
//! Not here: which rows (`rows`, `shown`, `neighbours`).

use crate::error::Error;
use polars_core::prelude::{
    Column, DataFrame, IdxCa, IdxSize, IntoColumn, PlSmallStr, StringChunked,
};

/// Texts that keep so many bytes more than they have are copied.
const SPARE_BYTES: usize = 16 << 10;

/// Of rows that are fewer than one in so many a copy is made in any case.
const VERY_FEW: usize = 16;

/// A copy of its own of a few rows.
pub(crate) fn copied(rows: &DataFrame) -> Result<DataFrame, Error> {
    let all = IdxCa::from_vec(PlSmallStr::EMPTY, (0..rows.height() as IdxSize).collect());
    let copy = |column: &Column| match column.str() {
        // A selection of texts may share their bytes.
        Ok(texts) => {
            let copies: StringChunked = texts.iter().collect();
            Ok(copies.with_name(column.name().clone()).into_column())
        }
        Err(_) => column.take(&all).map_err(Error::polars),
    };
    let columns = rows.columns().iter().map(copy).collect::<Result<Vec<_>, _>>()?;
    DataFrame::new(rows.height(), columns).map_err(Error::polars)
}

/// Rows that were cut off from so many: a copy, if they are less than half.
pub(crate) fn cut(rows: DataFrame, of: usize) -> Result<DataFrame, Error> {
    if rows.height() * 2 < of { copied(&rows) } else { Ok(rows) }
}

/// Rows that were chosen of so many: a copy, if they are very few, which may be a slice.
pub(crate) fn some(rows: DataFrame, of: usize) -> Result<DataFrame, Error> {
    if rows.height() * VERY_FEW < of { copied(&rows) } else { Ok(rows) }
}

/// Rows that were chosen: their texts without the bytes of others, where these are more than half of all.
pub(crate) fn chosen(rows: DataFrame) -> DataFrame {
    let mut rows = rows;
    let lean: Vec<Column> = rows.columns().iter().filter_map(lean).collect();
    for column in lean {
        rows.with_column(column).expect("it has the name and the length of one that is there");
    }
    rows
}

/// A column of texts that keeps more than it needs, copied.
pub(crate) fn lean(column: &Column) -> Option<Column> {
    let texts = column.str().ok()?;
    let has_spare = texts.downcast_iter().any(|texts| {
        let kept = texts.total_buffer_len();
        // What it needs is only counted if it can be much less.
        kept > SPARE_BYTES && kept > SPARE_BYTES + 2 * texts.total_bytes_len()
    });
    has_spare.then(|| {
        let chunks = texts.downcast_iter().map(|texts| texts.clone().gc());
        let mut lean = StringChunked::from_chunk_iter(column.name().clone(), chunks);
        lean.set_sorted_flag(texts.is_sorted_flag());
        lean.into_column()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_core::df;
    use polars_core::prelude::BooleanChunked;

    #[test]
    fn chosen_texts_let_go_of_the_others() {
        let text: Vec<Option<String>> = (0..10_000)
            .map(|row| (row % 7 != 0).then(|| format!("a long text of row {row:05}")))
            .collect();
        let rows = df!("text" => text, "n" => (0..10_000).collect::<Vec<i32>>()).unwrap();
        let kept = |rows: &DataFrame| -> usize {
            rows["text"].str().unwrap().downcast_iter().map(|texts| texts.total_buffer_len()).sum()
        };
        for (every, is_lean) in [(1000, true), (3, true), (1, false)] {
            let mask: BooleanChunked = (0..10_000).map(|row| Some(row % every == 0)).collect();
            let some = rows.filter_seq(&mask).unwrap();
            let found = chosen(some.clone());
            assert!(found.equals_missing(&some), "every {every}");
            assert_eq!(kept(&found) < kept(&some), is_lean, "every {every}");
        }
        let none = chosen(rows.clear());
        assert_eq!(none.shape(), (0, 2));
    }

    #[test]
    fn what_is_cut_short_is_copied() {
        let rows = df!("text" => ["a text of more than twelve bytes"; 1000]).unwrap();
        let found = cut(rows.head(Some(3)), 1000).unwrap();
        assert!(found.equals(&rows.head(Some(3))));
        let kept = found["text"].str().unwrap().downcast_iter().next().unwrap().total_buffer_len();
        assert!(kept < 1000, "{kept}");
    }
}
