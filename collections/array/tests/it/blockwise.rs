//! Functions of blocks of several arrays with labels, against the same of the whole.

use crate::given::Given;
use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, Ix1, Ix2, Ix3, IxDyn};
use taskweave_array::{Array, BlockPlace, Blockwise, ErrorKind};
use taskweave_runtime::InThread;

fn matrix(given: &mut Given, shape: [usize; 2]) -> (Array2<f64>, Array<f64, Ix2>) {
    let whole = given.whole(&shape);
    let chunked = given.chunked(&whole).into_dimensionality();
    (whole.into_dimensionality().unwrap(), chunked)
}

fn dot(x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> Array2<f64> {
    x.dot(&y)
}

#[test]
fn contracted_labels_are_whole_in_any_chunks() {
    for seed in 0..150 {
        let mut given = Given::seed(seed);
        let [n, m, k] = [(); 3].map(|()| given.below(12) + usize::from(seed % 5 > 0));
        let (a, x) = matrix(&mut given, [n, k]);
        let (b, y) = matrix(&mut given, [k, m]);
        let (c, z) = matrix(&mut given, [m, n]);
        let product = Blockwise::new("ij").with(&x, "ik").with(&y, "kj").map(dot);
        assert_eq!(product.compute().unwrap(), a.dot(&b), "seed {seed}, {x}, {y}");
        // The other way round, and with a third array that is seen transposed.
        let three = Blockwise::new(['j', 'i'])
            .with(&x, ['i', 'k'])
            .with(&y, ['k', 'j'])
            .with(&z, ['j', 'i'])
            .map(|x, y, z| x.dot(&y).reversed_axes() + z);
        let want = a.dot(&b).reversed_axes() + &c;
        assert_eq!(three.compute_on(&InThread).unwrap(), want, "seed {seed}");
        // A piece of the long axis at a time.
        let parts = Blockwise::new("ikj")
            .with(&x, "ik")
            .with(&y, "kj")
            .adjust_chunks('k', |len| len.min(1))
            .map(|x, y| {
                let parts = x.dot(&y).insert_axis(Axis(1));
                if x.ncols() == 0 { Array3::zeros((x.nrows(), 0, y.ncols())) } else { parts }
            });
        assert_eq!(parts.sum_axis(Axis(1)).compute().unwrap(), a.dot(&b), "seed {seed}");
    }
}

#[test]
fn labels_alone_broadcast_repeat_and_run_dynamic() {
    let mut given = Given::seed(3);
    let (a, x) = matrix(&mut given, [9, 9]);
    // An axis of length 1 goes with any other.
    let row = Array::from(a.slice(ndarray::s![..1, ..]).to_owned()).rechunk([1, 4]);
    let sum = Blockwise::new("ij").with(&x, "ij").with(&row, "ij").map(|x, row| &x + &row);
    assert_eq!(sum.compute().unwrap(), &a + &a.slice(ndarray::s![..1, ..]));
    // The same label twice: blocks of the diagonal.
    let diagonal = Blockwise::new("i").with(&x, "ii").map(|x| x.diag().to_owned());
    assert_eq!(diagonal.compute().unwrap(), a.diag());
    let trace = Blockwise::new("").with(&x, "ii").map(|x| ndarray::arr0(x.diag().sum()));
    assert_eq!(trace.compute().unwrap().into_scalar(), a.diag().sum());
    // Rank known at run time.
    let turned = Blockwise::new("ji").with(&x.clone().into_dyn(), "ij").map(|x| x.t().to_owned());
    assert_eq!(turned.compute().unwrap(), a.t().to_owned().into_dyn());
    // Four arrays, of four types.
    let (u, v) = (Array::arange(0_i32, 5, 1).rechunk(2), Array::arange(0_u8, 4, 1).rechunk(3));
    let (w, b) = (Array::<f32, Ix1>::ones([4]), Array::from(vec![true, false, true, true, false]));
    let four = Blockwise::new("uv").with(&u, "u").with(&v, "v").with(&w, "v").with(&b, "u").map(
        |u, v, w, b| {
            Array2::from_shape_fn((u.len(), v.len()), |(i, j)| {
                f64::from(u[i]) + f64::from(v[j]) + f64::from(w[j]) + f64::from(u8::from(b[i]))
            })
        },
    );
    let want = Array2::from_shape_fn((5, 4), |(i, j)| {
        (i + j + 1 + usize::from([true, false, true, true, false][i])) as f64
    });
    assert_eq!(four.compute().unwrap(), want);
}

#[test]
fn new_axes_are_made_chunk_by_chunk() {
    let x = Array::arange(0_i64, 7, 1).rechunk(3);
    let made = Blockwise::new("zi").with(&x, "i").new_axis('z', [2, 3]).map_with_place(
        |x, place: &BlockPlace| {
            let rows = [2, 3][place.chunk[0]];
            assert_eq!(place.extent, [rows, x.len()]);
            let first = place.origin[0];
            Array2::from_shape_fn((rows, x.len()), |(z, i)| 100 * (first + z) as i64 + x[i])
        },
    );
    let want = Array2::from_shape_fn((5, 7), |(z, i)| (100 * z + i) as i64);
    assert_eq!(made.compute().unwrap(), want);
    assert_eq!((made.chunk_lengths(0), made.chunk_lengths(1)), (vec![2, 3], vec![3, 3, 1]));
}

#[test]
fn what_cannot_be_is_said_when_it_is_written() {
    let x = Array::<f64, Ix2>::zeros([4, 6]).rechunk(2);
    let v = Array::<f64, Ix1>::zeros([5]);
    let refused = |array: Array<f64, Ix2>, kind: ErrorKind, part: &str| {
        let error = array.check().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "{error}");
        assert!(error.location().unwrap().file().ends_with("blockwise.rs"), "{error}");
    };
    let copy = |x: ArrayView2<'_, f64>| x.to_owned();
    let one =
        |out: &'static str, labels: &'static str| Blockwise::new(out).with(&x, labels).map(copy);
    refused(
        one("ij", "ijk"),
        ErrorKind::Axis,
        "array 0 of blockwise has shape [4, 6] and the labels \"ijk\"; give one for each axis",
    );
    refused(one("ii", "ij"), ErrorKind::Axis, "label `i` stands twice in \"ii\"");
    refused(
        one("iz", "ij"),
        ErrorKind::Axis,
        "label `z` of blockwise's result is of none of its arrays; an axis of its own is said by `new_axis('z', lengths)`",
    );
    refused(
        one("i", "ij"),
        ErrorKind::Axis,
        "returns blocks of rank 2, and the labels of the result are \"i\"",
    );
    refused(
        one("ij", "ii"),
        ErrorKind::Shape,
        "label `i` stands for length 4 along axis 0 of array 0 of blockwise, and for 6 along axis 1 of array 0",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").with(&v, "i").map(|x, _| x.to_owned()),
        ErrorKind::Shape,
        "and for 5 along axis 0 of array 1; axes of one label are of one length, or 1",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").new_axis('j', [2]).map(copy),
        ErrorKind::Axis,
        "the new axis `j` of blockwise is there already",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").new_axis('z', [2]).map(copy),
        ErrorKind::Axis,
        "the new axis `z` of blockwise is not among the labels of the result, \"ij\"",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").adjust_chunks('k', |len| len).map(copy),
        ErrorKind::Axis,
        "the adjusted axis `k` of blockwise is not among",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").adjust_chunks('j', |_| 0).map(copy),
        ErrorKind::Chunks,
        "along `j` have the lengths [0, 0, 0]",
    );
    refused(
        Blockwise::new("ij").with(&x, "ij").adjust_chunks('j', |_| usize::MAX - 1).map(copy),
        ErrorKind::Overflow,
        "more elements than can be addressed",
    );
    // An array that is none carries its own error.
    let none = &x + &v;
    refused(
        Blockwise::new("ij").with(&x, "ij").with(&none, "ij").map(|x, _| x.to_owned()),
        ErrorKind::Shape,
        "cannot add shapes",
    );
    let dynamic = Blockwise::new("ij").with(&x.into_dyn(), "i").map(|x| x.to_owned());
    let _: &Array<f64, IxDyn> = &dynamic;
    assert_eq!(dynamic.check().unwrap_err().kind(), ErrorKind::Axis);
}

#[test]
fn what_goes_wrong_in_a_block_says_where() {
    fn halves(x: ArrayView2<'_, f64>) -> Result<Array2<f64>, std::num::ParseIntError> {
        "no number".parse::<i32>().map(|_| x.to_owned())
    }
    let x = Array::<f64, Ix2>::zeros([4, 6]).rechunk(2);
    let line = line!() + 1;
    let error = Blockwise::new("ij").with(&x, "ij").map(halves).compute().unwrap_err();
    assert_eq!(error.location().unwrap().line(), line);
    assert!(
        error.to_string().contains("blockwise: `halves` failed for the block at [0, 0]: invalid"),
        "{error}"
    );
    let short = Blockwise::new("ij").with(&x, "ik").with(&x, "jk").map(|x, _| x.to_owned());
    let error = short.compute().unwrap_err();
    assert!(
        error.to_string().contains(
            "blockwise: the function returned shape [2, 6] for the block at [0, 0], whose shape is [2, 2]"
        ),
        "{error}"
    );
    let cube = Blockwise::new("ijk").with(&x, "ij").with(&x, "ik").map_with_place(|x, y, place| {
        assert!(place.chunk[2] < 1, "block {:?} is one too many", place.chunk);
        Array3::<f64>::zeros((x.nrows(), x.ncols(), y.ncols()))
    });
    let _: &Array<f64, Ix3> = &cube;
    let error = cube.compute_on(&InThread).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Task);
    assert!(
        error.to_string().contains(
            "blockwise: the function panicked on the block at [0, 0, 1]: block [0, 0, 1] is one too many"
        ),
        "{error}"
    );
    let sums = Blockwise::new("i").with(&x, "ij").map(|x| -> Array1<f64> { x.sum_axis(Axis(1)) });
    assert_eq!(sums.compute().unwrap().len(), 4);
}
