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
    assert!(x.shape() == vec![0; D::NDIM.unwrap_or(0)] && x.is_empty() && x.chunk_count() == 0);
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
        "sum_axis: there is no axis 1 in shape [4], which has axis 0 only",
    );
    refused(x(&[]).sum_axis(Axis(0)), ErrorKind::Axis, "which has no axes");
    refused(
        x(&[1, 2]).over([1, 1]).sum(),
        ErrorKind::Axis,
        "axis 1 of shape [1, 2] is named twice",
    );
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
    refused(
        x(&[2, 2]).slice(s![..]),
        ErrorKind::Index,
        "a slice of 1 axis of shape [2, 2], which has 2",
    );
}

#[test]
fn values_and_sizes_that_cannot_be() {
    refused(
        x(&[0, 2]).min_axis(Axis(0)),
        ErrorKind::Shape,
        "min_axis: a zero-size array has no min: axis 0 of shape [0, 2] has length 0",
    );
    refused(x(&[0]).argmax(), ErrorKind::Shape, "a zero-size array has no argmax");
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
fn joined_arrays_and_neighbours_that_there_are_not() {
    use taskweave_array::{Pad, concatenate, stack};
    refused(
        stack(Axis(0), &[x(&[2]), x(&[3])]),
        ErrorKind::Shape,
        "cannot stack shapes [2] and [3]",
    );
    refused(stack(Axis(3), &[x(&[2]), x(&[2])]), ErrorKind::Axis, "axis 3");
    refused(concatenate(Axis(1), &[x(&[2]), x(&[2])]), ErrorKind::Axis, "axis 1");
    refused(x(&[2]).diff(Axis(1)), ErrorKind::Axis, "axis 1");
    refused(x(&[0]).pad(&[(3, 0)], Pad::Wrap), ErrorKind::Shape, "cannot pad axis 0");
    let made_elsewhere = x(&[2]);
    refused(
        made_elsewhere.pad(&[(usize::MAX - 1, 0)], Pad::Constant(0.0)),
        ErrorKind::Overflow,
        "more elements than can be addressed",
    );
}

#[test]
fn what_a_step_makes_on_the_way_stands_where_the_step_stands() {
    let y = Array::<f64, Ix2>::zeros([50, 50]).rechunk(9).map_blocks(|block, _| block.to_owned());
    let of_y = line!() - 1;
    let at = |lines: std::ops::Range<u32>, x: &Array<f64, Ix2>| {
        let error = x.plan(1).unwrap().within(1).unwrap_err().to_string();
        let mut found = 0;
        for place in error.split("refusals.rs:").skip(1) {
            let line: u32 = place.split(')').next().unwrap().parse().unwrap();
            found += u32::from(lines.contains(&line));
            assert!(lines.contains(&line) || line == of_y, "{lines:?}: {error}");
        }
        assert!(found > 0, "{error}");
    };
    let line = line!();
    let made = [
        y.topk(3, Axis(0)),
        y.roll(2, Axis(1)),
        y.cumsum(Axis(1)),
        y.pad(&[(3, 4), (1, 1)], taskweave_array::Pad::Constant(1.0)),
        y.reshape([25, 100]),
        taskweave_array::concatenate(Axis(0), &[y.clone(), y.rechunk(7)]),
        y.diff(Axis(0)).rechunk(5),
    ];
    made.iter().for_each(|made| at(line..line + 10, made));
}

#[test]
fn messages_are_short_whatever_the_numbers() {
    let message = Array::arange(-1e308, 1e308, 1e-300).check().unwrap_err().to_string();
    assert!(message.contains("arange from -1e308 to 1e308 in steps of 1e-300: "), "{message}");
    let message = x(&[2]).histogram(0, -1e300, 1e300).check().unwrap_err().to_string();
    assert!(message.contains("histogram: 0 bins from -1e300 to 1e300: "), "{message}");
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
    refused(x(&[2, 3]).tensordot(&x(&[3, 2]), [2], [0]), ErrorKind::Axis, "there is no axis 2 in");
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
    let of_fn = line!() + 1;
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
        // Which of the elements of a step it was is not counted.
        let bad = "): mapv panicked on an element from [54] to [62]: no 57";
        assert!(message.ends_with(bad), "{message}");
    }
    let flipped = mapped.invert_axis(Axis(0)).compute().unwrap_err().to_string();
    assert!(flipped.ends_with("mapv panicked on an element from [54] to [62]: no 57"), "{flipped}");
    let turned = mapped.reshape([10, 10]).t().slice(ndarray::s![7, 5..6]).compute().unwrap_err();
    assert!(turned.to_string().contains("mapv panicked on an element from [54] to "), "{turned}");
    let two = Array::<i32, Ix2>::ones([3, 4])
        .zip_with(&Array::arange(0, 4, 1), |_, b: i32| if b == 2 { panic!("no 2") } else { b });
    let two = two.t().slice(ndarray::s![2, 1..]).compute().unwrap_err().to_string();
    assert!(two.ends_with("zip_with panicked on an element from [1, 2] to [2, 2]: no 2"), "{two}");
    let panicked = "map_blocks: the function panicked on the block at [0]: no block";
    assert!(text(&blocks).ends_with(panicked), "{}", text(&blocks));
    assert!(text(&blocks).starts_with("array (collections/array/tests/it/refusals.rs:"));
    // Whoever computes it, alone or with others.
    let all = [
        from_fn.compute().map(|_| ()),
        (&from_fn * 2 + 1).compute().map(|_| ()),
        from_fn.sum().compute().map(|_| ()),
        from_fn.cast::<f64>().sin().compute().map(|_| ()),
        from_fn
            .slice(ndarray::s![..;-1])
            .map_blocks(|block, _| block.to_owned())
            .compute()
            .map(|_| ()),
        from_fn.sort(Axis(0)).compute().map(|_| ()),
    ];
    let bad = "): from_fn: the function panicked on the element at [5]: no 5";
    for result in all {
        let error = result.unwrap_err();
        assert_eq!(error.location().unwrap().line(), of_fn);
        assert!(error.to_string().ends_with(bad), "{error}");
    }
    fn odd([i, j]: [usize; 2]) -> f64 {
        if (i, j) == (2, 1) { panic!("neither") } else { 0.0 }
    }
    let named = Array::<f64, Ix2>::from_fn([3, 2], odd).rechunk(1).t().std(0.0);
    let message = named.compute().unwrap_err().to_string();
    assert!(
        message.ends_with("from_fn: `odd` panicked on the element at [2, 1]: neither"),
        "{message}"
    );
}
