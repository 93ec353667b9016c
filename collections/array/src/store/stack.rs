//! A stack: a folder with a `.npy` file for each chunk along the first axis, and one that says what they are together.
//!
//! In: the folder. Out: a [`Stack`], which of the rows lie in which file.
//!
//! ```text
//! folder/info     {"format": "npy stack 1", "descr": "<f8", "shape": [10, 4], "lengths": [4, 4, 2]}
//! folder/0.npy    rows 0 to 3      folder/1.npy    rows 4 to 7      folder/2.npy    rows 8 and 9
//! ```
//! Names and cuts are those of dask's `to_npy_stack`; its `info` is a pickle, a program in disguise, and ours is JSON (and Python's `ast.literal_eval` reads it too).

use super::bytes::NATIVE;
use super::file::NamedFile;
use super::literal::Literal;
use super::npy::{Header, short_name, wrong};
use crate::element::Element;
use crate::error::{Error, counted};
use crate::grid::Dims;
use ndarray::Dimension;
use std::ops::Range;
use std::path::{Path, PathBuf};

const FORMAT: &str = "npy stack 1";
/// What says more than this describes no stack: it would be of millions of files.
const INFO_BYTES_MAX: u64 = 16 << 20;

/// What the files of a folder are together.
pub(crate) struct Stack {
    folder: PathBuf,
    /// The dtype of all files, if the folder says it.
    descr: Option<String>,
    pub(crate) shape: Dims,
    /// Where the files begin along the first axis, and where the last one ends.
    pub(crate) bounds: Vec<usize>,
}

/// The name of a file of a stack.
pub(crate) fn file_of(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number}.npy"))
}

/// The name of the file that says what the others are.
pub(crate) fn info_of(folder: &Path) -> PathBuf {
    folder.join("info")
}

/// What stands in that file.
pub(crate) fn info(descr: &str, shape: &[usize], lengths: &[usize]) -> String {
    format!(
        "{{\"format\": \"{FORMAT}\", \"descr\": \"{descr}\", \"shape\": {shape:?}, \"lengths\": {lengths:?}}}\n"
    )
}

impl Stack {
    /// Reads what the folder says of itself, and looks at all files.
    pub(crate) fn open_all<A: Element, D: Dimension>(folder: &Path) -> Result<Stack, Error> {
        info_of(folder).metadata().map_err(|error| {
            if folder.is_file() {
                let what = "it is a file, and a stack is a folder; one `.npy` file is for `from_npy`";
                return Error::io(
                    format_args!("cannot open the stack {}: {what}", folder.display()),
                    error,
                );
            }
            let folder = folder.display();
            let what = "it has to be a folder with the file `info`, as `store_npy_stack` writes it; one `.npy` file is for `from_npy`";
            Error::io(format_args!("cannot open the stack {folder}: {what}"), error)
        })?;
        let file = NamedFile::open(&info_of(folder))?;
        let len = file.len()?;
        if len > INFO_BYTES_MAX {
            return Err(wrong(file.path(), format_args!("it has {len} bytes, and no stack has")));
        }
        let mut bytes = vec![0; len as usize];
        file.read(&mut bytes, 0)?;
        let stack = parsed(folder, &bytes).map_err(|what| {
            let hint = "a stack of dask has to be written anew, by store_npy_stack";
            wrong(file.path(), format_args!("it does not describe a stack: {what}; {hint}"))
        })?;
        for number in 0..stack.bounds.len() - 1 {
            stack.open::<A, D>(number)?;
        }
        Ok(stack)
    }

    /// The files that hold some of these rows, and which rows of the whole each holds.
    pub(crate) fn files_of(
        &self,
        rows: &Range<usize>,
    ) -> impl Iterator<Item = (usize, Range<usize>)> {
        let first = self.bounds.partition_point(|&bound| bound <= rows.start).saturating_sub(1);
        let end = rows.end;
        let all = self.bounds.windows(2).enumerate().skip(first);
        all.map(|(number, bounds)| (number, bounds[0]..bounds[1]))
            .take_while(move |(_, rows)| rows.start < end)
    }

    /// Opens a file, which has to be what the stack says.
    pub(crate) fn open<A: Element, D: Dimension>(
        &self,
        number: usize,
    ) -> Result<(NamedFile, Header), Error> {
        let file = NamedFile::open(&file_of(&self.folder, number))?;
        let header = Header::read(&file)?;
        // What is said of one file that differs would not help: the others are as `info` says.
        if let Some(descr) = self.descr.as_ref().filter(|descr| !is_same(descr, &header.descr)) {
            let message = format_args!(
                "its elements are of dtype {}, and the stack's info says {descr}; all files of a stack have one dtype: write it anew",
                header.descr
            );
            return Err(wrong(file.path(), message));
        }
        header.check::<A, D>(&file)?;
        let mut expected = self.shape.clone();
        expected[0] = self.bounds[number + 1] - self.bounds[number];
        if header.shape != expected || header.is_fortran {
            let order = if header.is_fortran { "Fortran" } else { "C" };
            let message = format_args!(
                "it holds shape {:?} in {order} order, and the stack's info says {:?} in C order",
                &header.shape[..],
                &expected[..]
            );
            return Err(wrong(file.path(), message));
        }
        Ok((file, header))
    }
}

/// Whether two names of dtypes mean the same on this machine.
fn is_same(a: &str, b: &str) -> bool {
    let name = |descr: &str| match descr.strip_prefix(['=', '|', NATIVE]) {
        Some(name) => short_name(name, true).to_owned(),
        None => short_name(descr, false).to_owned(),
    };
    name(a) == name(b)
}

fn parsed(folder: &Path, bytes: &[u8]) -> Result<Stack, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    let dict = Literal::parse(text)?;
    let format = dict.get("format")?;
    if *format != Literal::Text(FORMAT.to_owned()) {
        return Err(format!("its format is {format}, and '{FORMAT}' is known"));
    }
    let lengths = |key: &str| {
        let value = dict.get(key)?;
        value.lengths().ok_or_else(|| format!("{key} is {value}"))
    };
    let (shape, lengths) = (Dims::from_vec(lengths("shape")?), lengths("lengths")?);
    let descr = match dict.get("descr") {
        Ok(Literal::Text(descr)) => Some(descr.clone()),
        Ok(other) => return Err(format!("descr is {other}")),
        Err(_) => None,
    };
    let Some(&rows) = shape.first() else { return Err("its shape has no axis".to_owned()) };
    let mut bounds = vec![0];
    let mut end = 0_usize;
    for length in lengths {
        if length == 0 && rows != 0 {
            return Err("lengths has a 0".to_owned());
        }
        end = end.saturating_add(length);
        bounds.push(end);
    }
    if end != rows || bounds.len() == 1 || rows == 0 && bounds.len() != 2 {
        return Err(format!(
            "its lengths make {}, and its shape is {:?}",
            counted(end, "row"),
            &shape[..]
        ));
    }
    Ok(Stack { folder: folder.to_owned(), descr, shape, bounds })
}
