//! Arrays in files: against `ndarray`, against files that NumPy made (`tests/data/make.py`), and against files that nobody should have made.

use crate::given::Given;
use ndarray::{
    Array2, ArrayD, Axis, Ix0, Ix1, Ix2, IxDyn, ShapeBuilder, SliceInfo, SliceInfoElem, arr2, s,
};
use num_complex::Complex;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use taskweave_array::{Array, Cast, Chunks, Element, ErrorKind};
use taskweave_runtime::{InThread, Threads};

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("taskweave-storage-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        Folder(folder.canonicalize().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What is in it, sorted.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn by_numpy<A: Element>(name: &str) -> Array<A, IxDyn> {
    Array::from_npy(data(name))
}

/// Ten times the row, and the column.
fn expected<A: Element + Cast<i32>>() -> ArrayD<A> {
    Array2::from_shape_fn((3, 4), |(i, j)| A::cast((i * 10 + j) as i32)).into_dyn()
}

#[test]
fn arrays_of_numpy_are_read() {
    fn check<A: Element + Cast<i32>>(name: &str) {
        assert_eq!(by_numpy::<A>(name).compute().unwrap(), expected::<A>(), "{name}");
    }
    check::<i8>("i1.npy");
    check::<i16>("i2.npy");
    check::<i32>("i4.npy");
    check::<i64>("i8.npy");
    check::<u8>("u1.npy");
    check::<u16>("u2.npy");
    check::<u32>("u4.npy");
    check::<u64>("u8.npy");
    check::<f32>("f4.npy");
    check::<f64>("f8.npy");
    check::<f64>("fortran.npy");
    check::<f64>("version_2.npy");
    check::<f64>("version_3.npy");
    let complex = expected::<f64>().mapv(|x| Complex::new(x, -x));
    assert_eq!(by_numpy::<Complex<f64>>("c16.npy").compute().unwrap(), complex);
    assert_eq!(
        by_numpy::<Complex<f32>>("c8.npy").cast::<Complex<f64>>().compute().unwrap(),
        complex
    );
    let thirds = expected::<i32>().mapv(|x| x % 3 == 0);
    assert_eq!(by_numpy::<bool>("bool.npy").compute().unwrap(), thirds);
    let scalar = Array::<f64, Ix0>::from_npy(data("rank_0.npy"));
    assert_eq!(scalar.compute().unwrap().into_scalar(), 2.5);
    assert_eq!(by_numpy::<f32>("empty.npy").compute().unwrap().shape(), [0, 3]);
}

#[test]
fn fortran_order_is_an_order_like_another() {
    let want = ArrayD::from_shape_vec(IxDyn(&[2, 3, 4]), (0..24).collect()).unwrap();
    let x = by_numpy::<i32>("fortran_3d.npy");
    assert_eq!(x.compute().unwrap(), want);
    for seed in 0..20 {
        let chunks = Given::seed(seed).chunks(&[2, 3, 4]);
        assert_eq!(x.rechunk(chunks.clone()).compute().unwrap(), want);
        let turned = x.rechunk(chunks).t();
        assert_eq!(turned.compute().unwrap(), want.t());
        assert_eq!(
            turned.sum_axis(Axis(1)).compute().unwrap(),
            want.t().sum_axis(Axis(1)).mapv(i64::from)
        );
    }
}

/// NumPy reads what is written: with `TASKWEAVE_KEEP=FOLDER` this test leaves its files in the folder, and `tests/data/check.py FOLDER` compares what `np.load`,
/// `np.fromfile` and dask-like stacks give. It was run with numpy 2.4.6.
#[test]
fn arrays_come_back_from_files_whatever_their_chunks() {
    fn check<A: Element + Cast<f64>>(given: &mut Given, folder: &Folder, name: &str) {
        let shape = given.shape();
        let whole = given.whole(&shape).mapv(A::cast);
        let chunks = given.chunks(&shape);
        let array = Array::from_ndarray(whole.clone()).rechunk(chunks.clone());
        let (npy, raw) = (folder.file(&format!("{name}.npy")), folder.file(&format!("{name}.raw")));
        let case = format!("{name}: shape {shape:?}, chunks {chunks:?}");
        array.store_npy(&npy).unwrap();
        array.store_raw_on(&raw, &InThread).unwrap();
        let from_npy = Array::<A, IxDyn>::from_npy(&npy);
        assert_eq!(from_npy.compute().unwrap(), whole, "{case}");
        let from_raw = Array::<A, IxDyn>::from_raw(&raw, &shape[..], 0);
        assert_eq!(from_raw.rechunk(given.chunks(&shape)).compute().unwrap(), whole, "{case}");
        // Parts, turned round, in other chunks.
        let part = from_npy.rechunk(given.chunks(&shape)).t();
        let mut want = whole.clone().reversed_axes();
        let mut along = |&len: &usize| {
            let start = given.below(len + 1) as isize;
            let end = Some(start + given.below(len + 1 - start as usize) as isize);
            SliceInfoElem::Slice { start, end, step: [1, 1, 2, -1, -3][given.below(5)] }
        };
        let slices: Vec<_> = want.shape().iter().map(&mut along).collect();
        let info: SliceInfo<_, IxDyn, IxDyn> = SliceInfo::try_from(slices).unwrap();
        want = want.slice_move(&info);
        let part = part.slice(&info);
        assert_eq!(part.compute().unwrap(), want, "{case}");
        // Each file is waited for until it is on the disk.
        if shape.is_empty() || array.chunk_lengths(0).len() > 6 {
            return;
        }
        let stack = folder.file(&format!("{name}.stack"));
        array.store_npy_stack_on(&stack, &Threads::new(2)).unwrap();
        let from_stack = Array::<A, IxDyn>::from_npy_stack(&stack);
        assert_eq!(from_stack.chunk_lengths(0), array.chunk_lengths(0), "{case}");
        assert_eq!(from_stack.compute().unwrap(), whole, "{case}");
        let again = from_stack.rechunk(given.chunks(&shape)).compute().unwrap();
        assert_eq!(again, whole, "{case}");
    }
    let kept = std::env::var_os("TASKWEAVE_KEEP").map(PathBuf::from);
    for seed in 0..5 {
        let (mut given, folder) = (Given::seed(seed), Folder::new());
        check::<bool>(&mut given, &folder, "bool");
        check::<i8>(&mut given, &folder, "i8");
        check::<i16>(&mut given, &folder, "i16");
        check::<i32>(&mut given, &folder, "i32");
        check::<i64>(&mut given, &folder, "i64");
        check::<u8>(&mut given, &folder, "u8");
        check::<u16>(&mut given, &folder, "u16");
        check::<u32>(&mut given, &folder, "u32");
        check::<u64>(&mut given, &folder, "u64");
        check::<f32>(&mut given, &folder, "f32");
        check::<f64>(&mut given, &folder, "f64");
        check::<Complex<f32>>(&mut given, &folder, "Complex<f32>");
        check::<Complex<f64>>(&mut given, &folder, "Complex<f64>");
        assert!(folder.names().iter().all(|name| !name.starts_with('.')));
        if let Some(kept) = &kept {
            fs::rename(&folder.0, kept.join(seed.to_string())).unwrap();
        }
    }
}

#[test]
fn what_is_computed_is_written_also_over_what_it_is_read_from() {
    let folder = Folder::new();
    let path = folder.file("x.npy");
    let x = Array::<f64, Ix2>::from_fn([50, 40], |[i, j]| (i * 40 + j) as f64).rechunk(7);
    x.store_npy(&path).unwrap();
    let from_file = Array::<f64, Ix2>::from_npy(&path).rechunk([9, 40]);
    let y = (&from_file - from_file.mean()).t();
    y.store_npy(&path).unwrap();
    let want = x.compute().unwrap();
    let mean = want.mean().unwrap();
    let got = Array::<f64, Ix2>::from_npy(&path).compute().unwrap();
    assert_eq!(got, want.mapv(|x| x - mean).reversed_axes());
    // The old file is still the one that was opened.
    assert_eq!(from_file.compute().unwrap(), want);
    assert_eq!(folder.names(), ["x.npy"]);
}

#[test]
fn files_are_read_where_they_are_needed() {
    let folder = Folder::new();
    let path = folder.file("x.npy");
    Array::<f64, _>::ones([100, 80]).store_npy(&path).unwrap();
    let x = Array::<f64, Ix2>::from_npy(&path).rechunk([10, 80]);
    // No tasks that only read: ten for each sum, which combine, and the elements.
    assert!(x.sum().to_string().contains("13 tasks"), "{}", x.sum());
    // Nothing of the file is kept between the mean and what needs it.
    assert!((&x - x.mean()).to_string().contains("23 tasks"), "{}", &x - x.mean());
    assert!((x.rechunk(Chunks::bytes(640)) + 1.0).to_string().contains("100 tasks"));
}

/// A file with these bytes.
fn bytes(folder: &Folder, bytes: &[u8]) -> PathBuf {
    let path = folder.file("hostile.npy");
    fs::write(&path, bytes).unwrap();
    path
}

/// A file of version 1.0 with this header, and some elements.
fn header(folder: &Folder, header: &str, elements: usize) -> PathBuf {
    let mut all = b"\x93NUMPY\x01\x00".to_vec();
    all.extend((header.len() as u16).to_le_bytes());
    all.extend(header.bytes());
    all.extend(vec![0; elements]);
    bytes(folder, &all)
}

#[track_caller]
fn refused<A: Element>(path: &Path, kind: ErrorKind, text: &str) {
    let line = std::panic::Location::caller().line();
    let array = Array::<A, IxDyn>::from_npy(path);
    let error = array.check().unwrap_err();
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    assert!(message.contains(text), "{message}");
    assert!(message.contains(path.file_name().unwrap().to_str().unwrap()), "{message}");
    assert!(message.len() < 1200, "{} bytes", message.len());
    assert!(error.location().unwrap().file() == file!() && line > 0);
    assert_eq!(array.sum_like().unwrap_err().to_string(), message);
}

trait SumLike {
    fn sum_like(&self) -> Result<(), taskweave_array::Error>;
}
impl<A: Element> SumLike for Array<A, IxDyn> {
    fn sum_like(&self) -> Result<(), taskweave_array::Error> {
        self.t().rechunk(3).compute().map(|_| ())
    }
}

#[test]
fn types_that_are_not_read_are_refused_with_a_remedy() {
    let check = |name: &str, text: &str| refused::<f64>(&data(name), ErrorKind::Format, text);
    check(
        "big_endian.npy",
        "of dtype >f8, in another byte order than this machine's; write it with .astype('<f8')",
    );
    check("half.npy", "of dtype <f2, which is not read; write it with .astype('f4')");
    check("text.npy", "of dtype <U2, which is not read");
    check("time.npy", "of dtype <M8[D], which is not read; write it with .view('i8')");
    check("fields.npy", "of dtype (('x', '<f8'), ('n', '<i4')), which is not read");
    check("fields_utf8.npy", "of dtype (('\u{4e16}', '<f8'),), which is not read");
    check("objects.npy", "of dtype |O, which is not read");
    check("f4.npy", "of dtype <f4, and f64 are asked for; ask for Array::<f32, _>, and cast that");
    refused::<u8>(&data("bool.npy"), ErrorKind::Format, "ask for Array::<bool, _>");
}

#[test]
fn a_rank_that_is_not_the_files_is_refused() {
    let error = Array::<f64, Ix1>::from_npy(data("f8.npy")).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    let text =
        "f8.npy: it holds an array with 2 axes, and 1 is asked for; ask for Array::<f64, Ix2>";
    assert!(error.to_string().ends_with(text), "{error}");
}

#[test]
fn files_that_are_no_arrays_are_refused() {
    let folder = Folder::new();
    let format = |path: PathBuf, text: &str| refused::<f64>(&path, ErrorKind::Format, text);
    format(bytes(&folder, b""), "it is no .npy file: it ends after 0 bytes");
    format(bytes(&folder, b"\x93NUMPY"), "it is no .npy file: it ends after 6 bytes");
    format(bytes(&folder, b"\x93NUMPY\x01\x00\x01"), "it ends after 9 bytes");
    format(bytes(&folder, b"\x93NUMPY\x02\x00\x01\x00"), "it ends after 10 bytes");
    format(bytes(&folder, b"PK\x03\x04 a zip"), "it is no .npy file but an archive, as .npz files");
    format(bytes(&folder, b"GIF89a picture"), "it begins with [47, 49, 46, 38, 39, 61]");
    format(bytes(&folder, b"\x93NUMPY\x04\x00\x01\x00{}"), "version 4.0 of .npy is not known");
    format(bytes(&folder, b"\x93NUMPY\x01\x01\x01\x00{}"), "version 1.1 of .npy is not known");
    let beyond = b"\x93NUMPY\x01\x00\xff\xff{}";
    format(bytes(&folder, beyond), "its header of 65535 bytes goes beyond its end at byte 12");
    let huge = b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}";
    format(bytes(&folder, huge), "its header of 4294967295 bytes goes beyond its end");
    let mut long = b"\x93NUMPY\x02\x00\x01\x00\x20\x00".to_vec();
    long.resize(12 + 0x20_0001, b' ');
    format(bytes(&folder, &long), "its header has 2097153 bytes, and 1048576 are the most");
    let utf8 = b"\x93NUMPY\x03\x00\x02\x00\x00\x00\xff\xfe";
    format(bytes(&folder, utf8), "its header is no UTF-8");
    let missing = folder.file("missing.npy");
    refused::<f64>(&missing, ErrorKind::Io, "cannot open");
    refused::<f64>(&folder.0, ErrorKind::Io, "it is a folder");
    let error = Array::<f64, Ix1>::from_npy(&missing).check().unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(source.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn types_are_read_by_all_names_that_numpy_has_for_them() {
    let folder = Folder::new();
    // numpy 2.4.6: numpy.dtype of each is that of the first one.
    fn read<A: Element>(folder: &Folder, names: &str) {
        let size = size_of::<A>();
        for name in names.split(' ') {
            let text = format!("{{'descr': '{name}', 'fortran_order': False, 'shape': (2,)}}");
            let x = Array::<A, Ix1>::from_npy(header(folder, &text, 2 * size));
            assert_eq!(x.check().map_err(|error| error.to_string()), Ok(()), "{name}");
        }
    }
    read::<bool>(&folder, "b1 ? |? bool bool_");
    read::<i8>(&folder, "i1 b |b int8 byte");
    read::<u8>(&folder, "u1 B uint8 ubyte");
    read::<i16>(&folder, "i2 h =h int16 short");
    read::<u16>(&folder, "u2 H uint16 ushort");
    read::<i32>(&folder, "i4 i int32 intc");
    read::<u32>(&folder, "u4 I uint32 uintc");
    read::<i64>(&folder, "i8 q int64 longlong");
    read::<u64>(&folder, "u8 Q uint64 ulonglong");
    read::<f32>(&folder, "f4 f float32 single");
    read::<f64>(&folder, "f8 d =d float64 float double");
    read::<Complex<f32>>(&folder, "c8 F complex64 csingle");
    read::<Complex<f64>>(&folder, "c16 D complex128 complex cdouble");
    for (name, text) in [("float16", "f4"), ("e", "f4"), ("<float64", "is not read")] {
        let text_of = format!("{{'descr': '{name}', 'fortran_order': False, 'shape': (2,)}}");
        refused::<f64>(&header(&folder, &text_of, 64), ErrorKind::Format, text);
    }
}

#[test]
fn nothing_of_a_reversed_axis_of_a_file_is_an_array_of_that_shape() {
    let folder = Folder::new();
    let path = folder.file("x.npy");
    Array::from(arr2(&[[1.0, 2.0, 3.0]])).store_npy(&path).unwrap();
    let start = fs::metadata(&path).unwrap().len() - 24;
    let open =
        [Array::<f64, Ix2>::from_npy(&path), Array::<f64, Ix2>::from_raw(&path, [1, 3], start)];
    for x in open {
        let nothing = x.invert_axis(Axis(0)).diff(Axis(0));
        assert_eq!(nothing.compute().unwrap().shape(), [0, 3]);
        assert_eq!(x.rot90(1, [1, 0]).diff(Axis(1)).compute().unwrap().shape(), [3, 0]);
        let negated = (-nothing).rechunk([1, 2]);
        assert_eq!(negated.sum_axis(Axis(0)).compute().unwrap().to_vec(), [0.0; 3]);
    }
}

#[test]
fn headers_that_say_what_cannot_be_are_refused() {
    let folder = Folder::new();
    let bad = |text: &str, message: &str| {
        refused::<f64>(&header(&folder, text, 64), ErrorKind::Format, message);
    };
    bad("", "its header is bad: it ends where a value should be");
    bad("nonsense", "at byte 0 there is \"nonsense\" instead of a value");
    bad("[]", "it is not a dictionary");
    bad("{'descr': '<f8', 'fortran_order': False}", "it has no key 'shape'");
    bad("{'shape': (), 'fortran_order': False}", "it has no key 'descr'");
    bad("{'descr': '<f8', 'fortran_order': 1, 'shape': ()}", "fortran_order is 1");
    bad("{'descr': '<f8', 'fortran_order': False, 'shape': 8}", "the shape is 8");
    bad("{'descr': '<f8', 'fortran_order': False, 'shape': ('8',)}", "the shape is ('8',)");
    bad(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2, -1)}",
        "(2, -1) has a negative length",
    );
    let long = "9".repeat(30);
    let shape =
        |shape: &str| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}");
    bad(&shape(&format!("({long},)")), "is more than can be addressed");
    bad(&shape(&format!("({},)", "9".repeat(300))), "has 300 digits");
    bad(&shape("(1, 2"), "there is \"}\" instead of `,` or `)`");
    bad(&shape("(9,)"), "an array of shape [9] of f64 has 72 bytes, and there are 64 from byte");
    bad(&shape(&"(".repeat(60_000)), "lists in lists go deeper than 32");
    bad(&shape(&format!("({})", "1000, ".repeat(5))), "has 8000000000000000 bytes");
    let overflow = header(&folder, &shape("(4294967296, 4294967296, 4294967296)"), 64);
    refused::<f64>(&overflow, ErrorKind::Overflow, "has more elements than can be addressed");
    let overflow = header(&folder, &shape("(0, 4294967296, 4294967296)"), 64);
    refused::<f64>(&overflow, ErrorKind::Overflow, "has more elements than can be addressed");
    let axes = format!("({})", "9, ".repeat(20_000));
    refused::<f64>(&header(&folder, &shape(&axes), 64), ErrorKind::Overflow, "shape [9, 9,");
    let descr =
        format!("{{'descr': '{}', 'fortran_order': False, 'shape': ()}}", "x".repeat(50_000));
    bad(&descr, "its elements are of dtype xxx");
    // Bytes that follow are ignored, as NumPy does; any shape of nothing is one chunk.
    let right = Array::<f64, Ix1>::from_npy(header(&folder, &shape("(3,)"), 64));
    assert_eq!(right.compute().unwrap().to_vec(), [0.0; 3]);
    let nothing = Array::<f64, Ix2>::from_npy(header(&folder, &shape("(0, 72057594037927936)"), 0));
    assert_eq!((nothing.shape(), nothing.chunk_count()), (&[0, 1 << 56][..], 1));
}

#[test]
fn any_bytes_are_an_array_or_an_error() {
    let folder = Folder::new();
    let original = fs::read(data("f8.npy")).unwrap();
    for seed in 0..2000 {
        let mut given = Given::seed(seed);
        let mut changed = original.clone();
        for _ in 0..1 + given.below(4) {
            let at = given.below(changed.len());
            changed[at] = given.next() as u8;
        }
        changed.truncate(original.len() - given.below(3) * given.below(original.len() / 2));
        let array = Array::<f64, IxDyn>::from_npy(bytes(&folder, &changed));
        if array.check().is_ok() {
            assert!(array.len() <= 12, "seed {seed}");
            array.compute().unwrap();
        }
    }
}

#[test]
fn bare_files_that_are_too_short_are_refused() {
    let folder = Folder::new();
    let path = folder.file("x.raw");
    fs::write(&path, [1, 2, 3, 4, 5, 6, 7]).unwrap();
    let x = |offset| Array::<u16, Ix1>::from_raw(&path, [3], offset);
    assert_eq!(x(1).compute().unwrap().to_vec(), [2, 4, 6].map(|low: u16| low + ((low + 1) << 8)));
    let behind = |offset| format!("to begin at byte {offset}, and it ends at byte 7");
    for (offset, text) in [
        (2, "has 6 bytes, and there are 5 from byte 2 on".into()),
        (7, "has 6 bytes, and there are 0 from byte 7 on".into()),
        (8, behind(8)),
        (u64::MAX, behind(u64::MAX)),
    ] {
        let error = x(offset).check().unwrap_err();
        assert!(error.kind() == ErrorKind::Format && error.to_string().contains(&text), "{error}");
    }
    let error = Array::<u8, Ix2>::from_raw(&path, [1 << 40, 1 << 40], 0).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overflow);
    // Any byte is a `bool`.
    let flags = Array::<bool, Ix1>::from_raw(&path, [7], 0);
    assert_eq!(flags.count_nonzero().compute().unwrap().into_scalar(), 7);
}

#[test]
fn a_file_that_became_shorter_is_an_error_of_the_task() {
    let folder = Folder::new();
    let path = folder.file("x.npy");
    Array::<f64, _>::ones([1000]).store_npy(&path).unwrap();
    let x = Array::<f64, Ix1>::from_npy(&path).rechunk(100);
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(5000).unwrap();
    let error = x.sum().compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    assert!(error.to_string().contains("x.npy ends at byte 5000, before byte 5728"), "{error}");
    assert!(error.location().is_some());
    assert_eq!(x.slice(s![..600]).sum().compute().unwrap().into_scalar(), 600.0);
}

#[test]
fn a_run_that_fails_leaves_what_was_there() {
    let folder = Folder::new();
    let fails = Array::arange(0, 100, 1)
        .rechunk(9)
        .mapv(|n: i32| if n == 57 { panic!("no {n}") } else { n });
    let stores: [&dyn Fn(PathBuf) -> Result<(), taskweave_array::Error>; 3] =
        [&|path| fails.store_npy(path), &|path| fails.store_raw_on(path, &InThread), &|path| {
            fails.store_npy_stack(path)
        }];
    for store in stores {
        let error = store(folder.file("x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Task);
        assert!(error.to_string().contains("no 57"), "{error}");
        assert_eq!(folder.names(), [""; 0]);
    }
    fs::write(folder.file("x"), "old").unwrap();
    assert!(fails.store_npy(folder.file("x")).is_err());
    let bad = Array::<f64, _>::zeros([2]) + Array::<f64, _>::zeros([3]);
    assert_eq!(bad.store_npy(folder.file("x")).unwrap_err().kind(), ErrorKind::Shape);
    assert_eq!(folder.names(), ["x"]);
    assert_eq!(fs::read(folder.file("x")).unwrap(), b"old");
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_computed() {
    let folder = Folder::new();
    let x = Array::from(vec![1.0, 2.0]).mapv(|_: f64| -> f64 { panic!("computed") });
    #[track_caller]
    fn refused(result: Result<(), taskweave_array::Error>, text: &str) {
        let (line, error) = (std::panic::Location::caller().line(), result.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!(error.location().unwrap().line(), line);
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.downcast_ref::<std::io::Error>().is_some());
    }
    let missing = format!("the folder {} is missing; make it first", folder.file("no").display());
    refused(x.store_npy(folder.file("no/x.npy")), &format!("no/x.npy: {missing}"));
    refused(x.store_npy_stack(folder.file("no/x")), &format!("no/x: {missing}"));
    refused(x.store_npy(&folder.0), "it is no regular file");
    refused(x.store_npy(""), "cannot write to the empty path: it has no name");
    if cfg!(unix) {
        refused(x.store_npy("/dev/full"), "cannot write /dev/full: it is no regular file");
    }
    let path = folder.file("x.npy");
    fs::write(&path, "old").unwrap();
    refused(x.store_npy_stack(&path), "x.npy: it is a file, and a stack is a folder");
    let open = Array::<f64, Ix1>::from_npy_stack(&path).check().unwrap_err().to_string();
    assert!(open.contains("it is a file, and a stack is a folder"), "{open}");
    refused(x.store_npy_stack(&folder.0), "the folder is not empty; remove it, or choose");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    refused(x.store_npy(&path), "the file is read-only");
    assert_eq!(folder.names(), ["x.npy"]);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    let scalar = Array::from(vec![1.0]).sum();
    let error = scalar.store_npy_stack(folder.file("x")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Axis);
}

#[test]
fn a_stack_says_what_it_is_and_its_files_have_to_be_that() {
    let folder = Folder::new();
    let stack = folder.file("stack");
    fs::create_dir(&stack).unwrap();
    let x = Array::<f32, Ix2>::from_fn([10, 4], |[i, j]| (10 * i + j) as f32).rechunk([4, 3]);
    x.store_npy_stack(&stack).unwrap();
    assert_eq!(folder.names(), ["stack"]);
    if cfg!(target_endian = "little") {
        let info = fs::read_to_string(stack.join("info")).unwrap();
        let text =
            r#"{"format": "npy stack 1", "descr": "<f4", "shape": [10, 4], "lengths": [4, 4, 2]}"#;
        assert_eq!(info.trim_end(), text);
    }
    let last = Array::<f32, Ix2>::from_npy(stack.join("2.npy")).compute().unwrap();
    assert_eq!(last, arr2(&[[80.0, 81.0, 82.0, 83.0], [90.0, 91.0, 92.0, 93.0]]));
    let open = || Array::<f32, Ix2>::from_npy_stack(&stack);
    let refused = |kind, text: &str| {
        let error = open().check().unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(text), "{error}");
    };
    let wrong_type = Array::<f64, Ix2>::from_npy_stack(&stack).check().unwrap_err();
    assert!(wrong_type.to_string().contains("0.npy: its elements are of dtype"), "{wrong_type}");
    let before = open();
    Array::<f32, _>::zeros([3, 4]).store_npy(stack.join("2.npy")).unwrap();
    let text = "2.npy: it holds shape [3, 4] in C order, and the stack's info says [2, 4]";
    refused(ErrorKind::Format, text);
    let error = before.sum().compute().unwrap_err();
    assert!(error.kind() == ErrorKind::Format && error.to_string().contains(text), "{error}");
    fs::remove_file(stack.join("2.npy")).unwrap();
    refused(ErrorKind::Io, "cannot open");
    for (info, text) in [
        ("", "it ends where a value should be"),
        ("\u{80}\u{3}}q", "it does not describe a stack"),
        (r#"{"format": "npy stack 2"}"#, "its format is 'npy stack 2', and 'npy stack 1' is known"),
        (r#"{"format": "npy stack 1", "shape": [], "lengths": []}"#, "its shape has no axis"),
        (r#"{"format": "npy stack 1", "shape": [-1], "lengths": []}"#, "shape is (-1,)"),
        (r#"{"format": "npy stack 1", "shape": [4, 4], "lengths": [4, 0]}"#, "lengths has a 0"),
        (
            r#"{"format": "npy stack 1", "shape": [4, 4], "lengths": [5]}"#,
            "its lengths make 5 rows",
        ),
        (r#"{"format": "npy stack 1", "shape": [0, 4], "lengths": []}"#, "its lengths make 0 rows"),
    ] {
        fs::write(stack.join("info"), info).unwrap();
        refused(ErrorKind::Format, text);
    }
}

#[test]
fn blocks_in_any_order_of_axes_are_written() {
    let folder = Folder::new();
    let path = folder.file("x.npy");
    let values =
        ArrayD::from_shape_fn(IxDyn(&[5, 6, 7]).f(), |i| (i[0] * 100 + i[1] * 10 + i[2]) as i32);
    let x = Array::from_ndarray(values.clone());
    x.rechunk([2, 6, 3]).store_npy(&path).unwrap();
    assert_eq!(Array::<i32, IxDyn>::from_npy(&path).compute().unwrap(), values);
}

#[test]
fn columns_are_put_together_to_rows_before_they_are_written() {
    let whole = ndarray::Array2::from_shape_fn((50_000, 3), |(i, j)| (3 * i + j) as f64);
    let path = std::env::temp_dir().join(format!("taskweave-columns-{}.npy", std::process::id()));
    for chunks in [[50_000, 1], [700, 2], [1, 1]] {
        let rows = if chunks[0] == 1 { 300 } else { 50_000 };
        let part = whole.slice(ndarray::s![..rows, ..]).to_owned();
        // Of blocks, which cannot be cut anew where they come from.
        let columns =
            Array::from(part.clone()).rechunk(chunks).map_blocks(|block, _| block.to_owned());
        // Each column would take a task to write; a row of 24 bytes, a call to the system.
        let written = columns.plan_store(1).unwrap().tasks() - columns.plan(1).unwrap().tasks();
        assert!(chunks[0] < 50_000 || written < 3, "{written}");
        columns.store_npy(&path).unwrap();
        assert_eq!(Array::<f64, ndarray::Ix2>::from_npy(&path).compute().unwrap(), part);
    }
    std::fs::remove_file(&path).unwrap();
}
