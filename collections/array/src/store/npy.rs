//! The header of a `.npy` file, after [numpy.lib.format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//!
//! In: an open file, or what is to be written. Out: a [`Header`]: dtype, shape, order, where the elements begin. A file that is read is not trusted: every length is
//! compared with that of the file before anything is allocated.
//!
//! ```text
//! \x93NUMPY  1 0  length (u16)  {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n  elements …
//!            2 0  length (u32)  Latin-1, as 1 0                                  padded to 64 bytes
//!            3 0  length (u32)  UTF-8
//! ```
//! Written is 1.0, or 2.0 if the header is longer than 65,535 bytes. Not here: structured and Python's own types, strings, half floats, the other byte order.

use super::bytes::NATIVE;
use super::file::NamedFile;
use super::literal::Literal;
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted, is_or_are};
use crate::grid::{Dims, check_size};
use ndarray::Dimension;
use std::ffi::c_long;
use std::fmt::Display;
use std::path::Path;

const MAGIC: &[u8] = b"\x93NUMPY";
/// Elements begin at a multiple of this.
const ALIGNED: usize = 64;
/// Room that NumPy leaves for a first axis to grow in its place.
const GROWTH_DIGITS: usize = 21;
/// A header that is longer describes no array that could be read here: it is a list of fields.
const HEADER_BYTES_MAX: usize = 1 << 20;

/// A file may be anything, and errors cite it; no message is longer.
const MESSAGE_CHARS_MAX: usize = 600;

/// What a header says.
#[derive(Debug, PartialEq)]
pub(crate) struct Header {
    /// NumPy's name of the element type.
    pub(crate) descr: String,
    pub(crate) is_fortran: bool,
    pub(crate) shape: Dims,
    /// Where the elements begin, in bytes.
    pub(crate) start: u64,
}

/// NumPy's name of an element type: `<f8`.
pub(crate) fn descr<A: Element>() -> String {
    let order = if size_of::<A>() == 1 { '|' } else { NATIVE };
    format!("{order}{}{}", A::KIND, size_of::<A>())
}

/// NumPy's short name of an element type, which a file may call otherwise: by a letter, or, without an order, by a name. Other texts stay as they are.
pub(crate) fn short_name(name: &str, has_order: bool) -> &str {
    let of_long = if size_of::<c_long>() == 4 { ["i4", "u4"] } else { ["i8", "u8"] };
    let of_pointer = if size_of::<usize>() == 4 { ["i4", "u4"] } else { ["i8", "u8"] };
    match name {
        "?" => "b1",
        "b" => "i1",
        "B" => "u1",
        "h" => "i2",
        "H" => "u2",
        "i" => "i4",
        "I" => "u4",
        "l" => of_long[0],
        "L" => of_long[1],
        "q" => "i8",
        "Q" => "u8",
        "n" | "p" => of_pointer[0],
        "N" | "P" => of_pointer[1],
        "e" => "f2",
        "f" => "f4",
        "d" => "f8",
        "F" => "c8",
        "D" => "c16",
        _ if has_order => name,
        "bool" | "bool_" => "b1",
        "int8" | "byte" => "i1",
        "uint8" | "ubyte" => "u1",
        "int16" | "short" => "i2",
        "uint16" | "ushort" => "u2",
        "int32" | "intc" => "i4",
        "uint32" | "uintc" => "u4",
        "int64" | "longlong" => "i8",
        "uint64" | "ulonglong" => "u8",
        "long" => of_long[0],
        "ulong" => of_long[1],
        "int" | "int_" | "intp" => of_pointer[0],
        "uint" | "uintp" => of_pointer[1],
        "float16" | "half" => "f2",
        "float32" | "single" => "f4",
        "float64" | "float" | "double" => "f8",
        "complex64" | "csingle" => "c8",
        "complex128" | "complex" | "cdouble" => "c16",
        _ => name,
    }
}

/// An error of a file that is not what it should be.
pub(crate) fn wrong(path: &Path, what: impl Display) -> Error {
    of_file(ErrorKind::Format, path, what)
}

fn of_file(kind: ErrorKind, path: &Path, what: impl Display) -> Error {
    let what = what.to_string();
    let end = what.char_indices().nth(MESSAGE_CHARS_MAX).map_or(what.len(), |(end, _)| end);
    Error::new(kind, format!("{}: {}", path.display(), &what[..end]))
}

impl Header {
    /// Reads the header of a file, which has to be long enough for what it says.
    pub(crate) fn read(file: &NamedFile) -> Result<Header, Error> {
        let wrong = |what: String| wrong(file.path(), what);
        let len = file.len()?;
        let mut first = [0; 12];
        // A file of version 1.0 may end with its header.
        let first = &mut first[..usize::try_from(len).unwrap_or(12).min(12)];
        file.read(first, 0)?;
        let (before, len_bytes) = match *first {
            [b'P', b'K', _, _, _, _, ..] => {
                return Err(wrong(
                    "it is no .npy file but an archive, as .npz files are: unpack it, for each of its arrays is a .npy file".to_owned(),
                ));
            }
            [a, b, c, d, e, f, ..] if [a, b, c, d, e, f] != *MAGIC => {
                let message = format!("it is no .npy file: it begins with {:02x?}", &first[..6]);
                return Err(wrong(message));
            }
            [_, _, _, _, _, _, 1, 0, a, b, ..] => (10, u32::from(u16::from_le_bytes([a, b]))),
            [_, _, _, _, _, _, 2 | 3, 0, a, b, c, d] => (12, u32::from_le_bytes([a, b, c, d])),
            [_, _, _, _, _, _, major, minor, ..] if !matches!((major, minor), (1..=3, 0)) => {
                return Err(wrong(format!(
                    "version {major}.{minor} of .npy is not known; 1.0, 2.0 and 3.0 are"
                )));
            }
            _ => {
                return Err(wrong(format!(
                    "it is no .npy file: it ends after {}",
                    counted(len as usize, "byte")
                )));
            }
        };
        let header_len = len_bytes as usize;
        if before + u64::from(len_bytes) > len {
            return Err(wrong(format!(
                "its header of {} goes beyond its end at byte {len}",
                counted(header_len, "byte")
            )));
        }
        if header_len > HEADER_BYTES_MAX {
            return Err(wrong(format!(
                "its header has {header_len} bytes, and {HEADER_BYTES_MAX} are the most"
            )));
        }
        let mut bytes = vec![0; header_len];
        file.read(&mut bytes, before)?;
        let text = match first[6] {
            3 => String::from_utf8(bytes)
                .map_err(|error| wrong(format!("its header is no UTF-8: {error}")))?,
            // Latin-1: each byte is its character.
            _ => bytes.into_iter().map(char::from).collect(),
        };
        let of_text = parsed(&text).map_err(|what| wrong(format!("its header is bad: {what}")))?;
        Ok(Header { start: before + u64::from(len_bytes), ..of_text })
    }

    /// Checks the element type and the rank, and that the file, which is `len` bytes long, has all elements.
    pub(crate) fn check<A: Element, D: Dimension>(&self, file: &NamedFile) -> Result<(), Error> {
        self.check_type::<A>(file.path())?;
        if let Some(rank) = D::NDIM
            && rank != self.shape.len()
        {
            let have = self.shape.len();
            let dim = if have <= 6 { format!("Ix{have}") } else { "IxDyn".to_owned() };
            let message = format_args!(
                "it holds an array with {}, and {rank} {} asked for; ask for Array::<{}, {dim}>",
                counted(have, "axis"),
                is_or_are(rank),
                A::DTYPE
            );
            return Err(of_file(ErrorKind::Shape, file.path(), message));
        }
        check_length::<A>(file, &self.shape, self.start)
    }

    fn check_type<A: Element>(&self, path: &Path) -> Result<(), Error> {
        let descr = &self.descr;
        let is_order = |c: char| matches!(c, '<' | '>' | '|' | '=');
        let (order, name) = match descr.strip_prefix(is_order) {
            Some(name) => (descr.chars().next().unwrap_or(NATIVE), name),
            None => (NATIVE, &descr[..]),
        };
        let name = short_name(name, name.len() < descr.len());
        let other = if NATIVE == '<' { '>' } else { '<' };
        let rust = match name {
            "b1" => "bool",
            "i1" => "i8",
            "i2" => "i16",
            "i4" => "i32",
            "i8" => "i64",
            "u1" => "u8",
            "u2" => "u16",
            "u4" => "u32",
            "u8" => "u64",
            "f4" => "f32",
            "f8" => "f64",
            "c8" => "Complex<f32>",
            "c16" => "Complex<f64>",
            _ => {
                let remedy = match name {
                    "f2" => "write it with .astype('f4')",
                    "f16" | "g" => "write it with .astype('f8')",
                    "c32" | "G" => "write it with .astype('c16')",
                    _ if name.starts_with(['m', 'M']) => "write it with .view('i8')",
                    _ => "write its numbers as a bool, integer, floating-point or complex array",
                };
                return Err(wrong(
                    path,
                    format_args!("its elements are of dtype {descr}, which is not read; {remedy}"),
                ));
            }
        };
        if order == other && !name.ends_with('1') {
            return Err(wrong(
                path,
                format_args!(
                    "its elements are of dtype {descr}, in another byte order than this machine's; write it with .astype('{NATIVE}{name}')"
                ),
            ));
        }
        if rust != A::DTYPE.name {
            return Err(wrong(
                path,
                format_args!(
                    "its elements are of dtype {descr}, and {} are asked for; ask for Array::<{rust}, _>, and cast that",
                    A::DTYPE
                ),
            ));
        }
        Ok(())
    }

    /// The bytes of the header of an array in C order.
    pub(crate) fn bytes<A: Element>(shape: &[usize]) -> Vec<u8> {
        let mut text = format!(
            "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
            descr::<A>(),
            Literal::List(shape.iter().map(|&len| Literal::Number(len as i128)).collect())
        );
        if let Some(first) = shape.first() {
            let digits = first.to_string().len();
            text.extend(std::iter::repeat_n(' ', GROWTH_DIGITS.saturating_sub(digits)));
        }
        let padded = |before: usize| (before + text.len() + 1).next_multiple_of(ALIGNED);
        let mut bytes = MAGIC.to_vec();
        match u16::try_from(padded(10) - 10) {
            Ok(len) => {
                bytes.extend([1, 0]);
                bytes.extend(len.to_le_bytes());
            }
            Err(_) => {
                bytes.extend([2, 0]);
                // A header of 4 GiB would have 100 million axes.
                bytes.extend(((padded(12) - 12) as u32).to_le_bytes());
            }
        }
        let end = padded(bytes.len());
        bytes.extend(text.bytes());
        bytes.resize(end - 1, b' ');
        bytes.push(b'\n');
        bytes
    }
}

/// Checks that the file has all elements of an array of that shape behind `start`. More may follow.
pub(crate) fn check_length<A: Element>(
    file: &NamedFile,
    shape: &[usize],
    start: u64,
) -> Result<(), Error> {
    check_size(shape, size_of::<A>())
        .map_err(|error| of_file(ErrorKind::Overflow, file.path(), error))?;
    let (count, size, len) =
        (shape.iter().product::<usize>() as u64, size_of::<A>() as u64, file.len()?);
    // The product fits into `isize`.
    if start.checked_add(count * size).is_some_and(|end| end <= len) {
        return Ok(());
    }
    let message = match len.checked_sub(start) {
        None => format!(
            "its elements are to begin at byte {start}, and it ends at byte {len}; give an offset within it, or look whether it has been cut off"
        ),
        Some(left) => format!(
            "an array of shape {shape:?} of {} has {}, and there are {left} from byte {start} on; it may have been cut off",
            A::DTYPE,
            counted((count * size) as usize, "byte")
        ),
    };
    Err(wrong(file.path(), message))
}

/// What the text of a header says; of where the elements begin it says nothing.
fn parsed(text: &str) -> Result<Header, String> {
    let dict = Literal::parse(text)?;
    let shape = dict.get("shape")?;
    let Literal::List(lengths) = shape else {
        return Err(format!("the shape is {shape}"));
    };
    let mut dims = Dims::new();
    for length in lengths {
        match length {
            Literal::Number(length) if *length < 0 => {
                return Err(format!("the shape {shape} has a negative length"));
            }
            Literal::Number(length) => match usize::try_from(*length) {
                Ok(length) => dims.push(length),
                Err(_) => return Err(format!("the length {length} is more than can be addressed")),
            },
            _ => return Err(format!("the shape is {shape}")),
        }
    }
    let is_fortran = match dict.get("fortran_order")? {
        Literal::Bool(is_fortran) => *is_fortran,
        other => return Err(format!("fortran_order is {other}")),
    };
    let descr = match dict.get("descr")? {
        Literal::Text(descr) => descr.clone(),
        // Fields, to be named in an error.
        other => other.to_string(),
    };
    Ok(Header { descr, is_fortran, shape: dims, start: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start_of(bytes: &[u8]) -> usize {
        assert!(bytes.ends_with(b"\n") && bytes.len().is_multiple_of(ALIGNED));
        bytes.len()
    }

    #[test]
    fn headers_are_those_of_numpy() {
        // numpy 2.4.6: numpy.lib.format.write_array_header_1_0 of ((3, 4), '<f8')
        let expected = [
            &b"\x93NUMPY\x01\x00v\x00"[..],
            b"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }",
            &[b' '; 58],
            b"\n",
        ]
        .concat();
        if NATIVE == '<' {
            assert_eq!(Header::bytes::<f64>(&[3, 4]), expected);
        }
        assert_eq!(start_of(&Header::bytes::<bool>(&[])), 128);
        assert_eq!(start_of(&Header::bytes::<u8>(&[usize::MAX])), 128);
    }

    #[test]
    fn a_long_header_is_of_version_2() {
        let bytes = Header::bytes::<u8>(&vec![1; 30_000]);
        assert_eq!(bytes[6..8], [2, 0]);
        let text: String =
            bytes[12..start_of(&bytes)].iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(parsed(&text).unwrap().shape.len(), 30_000);
    }
}
