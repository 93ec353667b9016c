//! What cannot be: an error with the line of the step and the values, from there on.

use ndarray::{Axis, Ix1, Ix2, Ix3, IxDyn, s};
use taskweave_array::{Array, Chunks, Element, ErrorKind, Random};

/// Asserts kind and text of what the array carries, and that planning and computing say the same.
#[track_caller]
fn refused<A: Element, D: ndarray::Dimension + 'static>(
    x: Array<A, D>,
    kind: ErrorKind,
    text: &str,
) {
    let line = std::panic::Location::caller().line();
    let error = x.check().unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let message = error.to_string();
    let at = error.location().unwrap();
    // The step stands within the call of `refused`, which may have several lines.
    assert!(at.file() == file!() && (line..line + 6).contains(&at.line()), "{message}");
    assert!(message.starts_with(&format!("array ({}:{}): ", at.file(), at.line())), "{message}");
    assert!(message.contains(text), "{message}");
    assert_eq!(x.compute().unwrap_err().to_string(), message);
    assert_eq!(x.to_graph().unwrap_err().to_string(), message);
    assert_eq!(x.to_string(), format!("no array: {message}"));
    // The first error wins, and nothing that follows panics.
    assert_eq!(
        x.clone().into_dyn().rechunk(0).t().sum_like().check().unwrap_err().to_string(),
        message
    );
    assert!(
        x.shape().is_empty()
            && x.is_empty()
            && x.chunk_count() == 0
            && x.chunk_lengths(0).is_empty()
    );
}

trait SumLike {
    fn sum_like(&self) -> Array<u64, ndarray::Ix0>;
}
impl<A: Element> SumLike for Array<A, IxDyn> {
    fn sum_like(&self) -> Array<u64, ndarray::Ix0> {
        self.over([9]).count_nonzero().into_dimensionality()
    }
}

#[track_caller]
fn x(shape: &[usize]) -> Array<f64, IxDyn> {
    Array::zeros(IxDyn(shape))
}

#[test]
fn shapes_that_do_not_broadcast() {
    refused(
        x(&[4, 2]) + x(&[4, 3]),
        ErrorKind::Shape,
        "cannot add shapes [4, 2] and [4, 3]: axis 1 has lengths 2 and 3",
    );
    refused(x(&[4]) * x(&[2, 3]), ErrorKind::Shape, "cannot multiply shapes [4] and [2, 3]");
    refused(x(&[0]) - x(&[2]), ErrorKind::Shape, "cannot subtract shapes [0] and [2]");
    refused(x(&[2]).lt(&x(&[3])).where_(0.0, &x(&[3])), ErrorKind::Shape, "lengths 2 and 3");
    refused(
        x(&[4, 2]).broadcast(IxDyn(&[2])),
        ErrorKind::Shape,
        "cannot broadcast shape [4, 2] to [2]",
    );
    refused(x(&[4, 2]).broadcast(IxDyn(&[4, 3])), ErrorKind::Shape, "cannot broadcast");
}

#[test]
fn chunks_that_do_not_fit() {
    refused(x(&[4]).rechunk(0), ErrorKind::Chunks, "chunks of length 0 along axis 0 of shape [4]");
    refused(x(&[4]).rechunk([1, 1]), ErrorKind::Chunks, "chunks are given for 2 axes");
    refused(
        x(&[4]).rechunk(Chunks::lengths([vec![1, 2]])),
        ErrorKind::Chunks,
        "add up to 3, and the axis is 4 long",
    );
    refused(
        (x(&[4]) + 1.0).rechunk(Chunks::lengths([vec![4, 0]])),
        ErrorKind::Chunks,
        "chunk 1 along axis 0",
    );
}

#[test]
fn axes_that_there_are_not() {
    refused(
        x(&[4]).sum_axis(Axis(1)),
        ErrorKind::Axis,
        "axis 1 of an array of shape [4], whose axes are 0 only",
    );
    refused(x(&[]).sum_axis(Axis(0)), ErrorKind::Axis, "whose axes are none");
    refused(x(&[1, 2]).over([1, 1]).sum(), ErrorKind::Axis, "axis 1 is named twice");
    refused(x(&[1, 2]).invert_axis(Axis(2)), ErrorKind::Axis, "0 to 1");
    refused(x(&[1, 2]).insert_axis(Axis(3)), ErrorKind::Axis, "axis 3");
    refused(x(&[1, 2]).swap_axes(0, 2), ErrorKind::Axis, "axis 2");
    refused(
        x(&[1, 2]).permuted_axes(IxDyn(&[0, 0])),
        ErrorKind::Axis,
        "each axis has to be named once",
    );
    refused(
        x(&[1, 2]).permuted_axes(IxDyn(&[0])),
        ErrorKind::Axis,
        "each axis has to be named once",
    );
    refused(x(&[1, 2]).remove_axis(Axis(1)), ErrorKind::Shape, "it has length 2");
    refused(
        x(&[1, 2]).into_dimensionality::<Ix3>(),
        ErrorKind::Shape,
        "has 2 axes, and 3 are asked for",
    );
}

#[test]
fn indices_that_there_are_not() {
    let y = Array::<f64, Ix1>::zeros([5]);
    refused(
        y.slice(s![5]),
        ErrorKind::Index,
        "index 5 along axis 0 of shape [5], whose indices are 0 to 4 and -5 to -1",
    );
    refused(y.slice(s![-6]), ErrorKind::Index, "index -6");
    refused(
        y.slice(s![2..7]),
        ErrorKind::Index,
        "slice 2..7 along axis 0 of shape [5] goes beyond its length 5",
    );
    refused(y.index_axis(Axis(0), 5), ErrorKind::Index, "index 5");
    refused(x(&[0, 2]).index_axis(Axis(0), 0), ErrorKind::Index, "whose indices are none");
    refused(x(&[2, 2]).slice(s![..]), ErrorKind::Index, "a slice of 1 axes");
}

#[test]
fn values_and_sizes_that_cannot_be() {
    refused(
        x(&[0, 2]).min_axis(Axis(0)),
        ErrorKind::Shape,
        "min of no elements: axis 0 of shape [0, 2] has length 0",
    );
    refused(x(&[0]).argmax(), ErrorKind::Shape, "argmax of no elements");
    refused(Array::arange(0, 5, 0), ErrorKind::Value, "a step of zero gets nowhere");
    refused(Array::arange(0.0, f64::INFINITY, 1.0), ErrorKind::Value, "have to be finite");
    refused(Array::arange(0.0, 1e300, 1e-3), ErrorKind::Value, "more than can be counted");
    refused(
        Random::new(0).integers(3, 3, [2]),
        ErrorKind::Value,
        "no integer is at least 3 and less than 3",
    );
    refused(x(&[1 << 40, 1 << 40]), ErrorKind::Overflow, "more elements than can be addressed");
    refused(x(&[1 << 62]), ErrorKind::Overflow, "more elements than can be addressed");
    refused(
        x(&[1 << 31, 1]) + x(&[1, 1 << 31]),
        ErrorKind::Overflow,
        "more elements than can be addressed",
    );
    refused(
        x(&[1 << 31, 1 << 25]).rechunk(1),
        ErrorKind::Overflow,
        "chunks, and 67108864 are the most",
    );
    refused(
        x(&[1 << 20]).rechunk(1) + x(&[1 << 20, 1]).rechunk(1),
        ErrorKind::Overflow,
        "1099511627776 chunks",
    );
}

#[test]
fn products_that_there_are_not() {
    let m = |rows, columns| Array::<f64, Ix2>::zeros([rows, columns]);
    let v = |len| Array::<f64, Ix1>::zeros([len]);
    refused(
        m(4, 2).dot(&m(3, 5)),
        ErrorKind::Shape,
        "no dot product of shapes [4, 2] and [3, 5]: axis 1 of the first has length 2 and axis 0 of the second 3, which have to be equal",
    );
    refused(m(4, 2).dot(&v(4)), ErrorKind::Shape, "no dot product of shapes [4, 2] and [4]");
    refused(v(2).dot(&m(4, 2)), ErrorKind::Shape, "no dot product of shapes [2] and [4, 2]");
    refused(v(2).dot(&v(3)), ErrorKind::Shape, "no dot product of shapes [2] and [3]");
    refused(
        x(&[2, 3]).tensordot(&x(&[3, 2]), [0, 1], [0]),
        ErrorKind::Axis,
        "tensordot over 2 axes of the first array and 1 of the second",
    );
    refused(
        x(&[2, 3]).tensordot(&x(&[3, 2]), [0], [0]),
        ErrorKind::Shape,
        "no tensordot of shapes",
    );
    refused(x(&[2, 3]).tensordot(&x(&[3, 2]), [2], [0]), ErrorKind::Axis, "axis 2 of an array");
    refused(
        x(&[2, 2]).tensordot(&x(&[2, 2]), [0, 1], [1, 1]),
        ErrorKind::Axis,
        "axis 1 is named twice; name each axis to be summed over once",
    );
    refused(
        m(1 << 40, 1).dot(&m(1, 1 << 40)),
        ErrorKind::Overflow,
        "more elements than can be addressed",
    );
    refused(x(&[1 << 40]).tensordot(&x(&[1 << 40]), [], []), ErrorKind::Overflow, "more elements");
}

#[test]
fn a_function_that_panics_is_an_error_with_its_line() {
    let from_fn = Array::<i32, Ix1>::from_fn([9], |[i]| if i == 5 { panic!("no {i}") } else { 1 });
    let line = line!() + 1;
    let mapped = Array::arange(0, 100, 1)
        .rechunk(9)
        .mapv(|n: i32| if n == 57 { panic!("no {n}") } else { n });
    let blocks =
        Array::arange(0, 9, 1).map_blocks(|_, _| -> ndarray::Array1<i32> { panic!("no block") });
    let text = |x: &Array<i32, Ix1>| x.compute().unwrap_err().to_string();
    for error in [mapped.sum().compute().unwrap_err(), (&mapped + 1).compute().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Task);
        let message = error.to_string();
        // The step has several lines.
        assert!((line..line + 5).contains(&error.location().unwrap().line()), "{message}");
        assert!(message.ends_with("): mapv panicked: no 57"), "{message}");
    }
    let panicked = "map_blocks: the function panicked on the block at [0]: no block";
    assert!(text(&blocks).ends_with(panicked), "{}", text(&blocks));
    assert!(text(&blocks).starts_with("array (collections/array/tests/it/refusals.rs:"));
    assert!(text(&from_fn).ends_with("panicked: no 5"), "{}", text(&from_fn));
}
