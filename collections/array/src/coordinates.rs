//! Where elements stand, as arrays.
//!
//! In: shapes, or coordinates along axes, or places of elements in C order. Out: indices, which follow from the place, and views of the coordinates; and single indices for places, and places for indices.
//!
//! Not here: functions of the index (`create`).

use crate::array::Array;
use crate::create::{by_index, source};
use crate::element::Element;
use crate::error::{Error, ErrorKind, counted};
use crate::grid::{Dims, check_said, check_size, number, position};
use crate::list::{List, Position};
use crate::map::{Along, Map};
use crate::views::view;
use ndarray::{Dimension, IntoDimension, Ix1, MeshIndex};
use std::panic::Location;
use std::sync::Arc;

impl<D: Dimension> Array<u64, D> {
    /// The indices of each element of an array of this shape: part `i` along the first axis says where the element is along axis `i`. NumPy's `indices`.
    ///
    /// # Examples
    /// ```
    /// # use taskweave_array as array;
    /// use ndarray::{Axis, arr2};
    /// let places = array::Array::indices([2, 3]);
    /// assert_eq!(places.index_axis(Axis(0), 0).compute()?, arr2(&[[0, 0, 0], [1, 1, 1]]));
    /// assert_eq!(places.index_axis(Axis(0), 1).compute()?, arr2(&[[0, 1, 2], [0, 1, 2]]));
    /// # Ok::<(), array::Error>(())
    /// ```
    #[track_caller]
    pub fn indices(shape: impl IntoDimension<Dim = D>) -> Array<u64, D::Larger> {
        let shape = shape.into_dimension();
        let of = Dims::from_slice(shape.slice());
        let mut all = of.clone();
        all.insert(0, of.len());
        let index = move |place: usize| {
            let mut place = place;
            let mut along = 0;
            // From the last axis to the first, with the axis that is asked for in front.
            let elements: usize = of.iter().product();
            let axis = place / elements.max(1);
            for (at, &len) in of.iter().enumerate().rev() {
                if at == axis {
                    along = place % len;
                }
                place /= len;
            }
            along as u64
        };
        let location = Location::caller();
        let said = check_said(shape.slice()).map_err(|error| error.of_call("indices", location));
        let made =
            said.and_then(|()| source::<u64>("indices", &all, location, by_index(index, false)));
        Array::from_state(made.map(Arc::new))
    }
}

/// The coordinates of the points of a grid, from those along each axis: one array for each, all of the shape of the grid. NumPy's `meshgrid`.
///
/// With [`MeshIndex::IJ`] the first ones go along axis 0, the second ones along axis 1, and so on. With [`MeshIndex::XY`], NumPy's default, the first two are exchanged: in a picture x goes to the
/// right, and y down. The coordinates are arrays of one type: one of `ndarray` is `Array::from(values)`.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, meshgrid};
/// use ndarray::{MeshIndex, arr2};
/// let [x, y] = meshgrid([&Array::arange(0, 3, 1), &Array::arange(7, 9, 1)], MeshIndex::XY);
/// assert_eq!(x.compute()?, arr2(&[[0, 1, 2], [0, 1, 2]]));
/// assert_eq!(y.compute()?, arr2(&[[7, 7, 7], [8, 8, 8]]));
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// Views. In formulas broadcasting says the same with less: `x.insert_axis(Axis(0))` and `y.insert_axis(Axis(1))`.
#[track_caller]
pub fn meshgrid<A: Element, E: Dimension, const N: usize>(
    along: [&Array<A, Ix1>; N],
    indexing: MeshIndex,
) -> [Array<A, E>; N]
where
    [usize; N]: IntoDimension<Dim = E>,
{
    let axis_of = |number: usize| match (indexing, number) {
        (MeshIndex::XY, 0 | 1) if N > 1 => 1 - number,
        _ => number,
    };
    let mut shape = Dims::from_elem(0, N);
    for (number, array) in along.iter().enumerate() {
        shape[axis_of(number)] = array.len();
    }
    // Without a closure, which would hide the caller's line.
    let mut all = [const { None }; N];
    for (number, array) in along.iter().enumerate() {
        all[number] = Some(array.step_of("meshgrid", |expr| {
            for other in along {
                other.check()?;
            }
            let map = Map([Along::axis(axis_of(number))].into_iter().collect());
            view("meshgrid", expr, map, shape.clone())
        }));
    }
    all.map(|array| array.expect("each of them is set"))
}

/// The index of the element that is `place`-th in C order of an array of this shape, counted from 0, along each axis: what [`argmax`](Array::argmax) says, as an index. NumPy's `unravel_index`.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, ravel_multi_index, unravel_index};
/// let x = Array::from(ndarray::arr2(&[[1.0, 7.0, 2.0], [0.0, 9.0, 3.0]]));
/// let place = x.argmax().compute()?.into_scalar();
/// let index = unravel_index(place, x.shape())?;
/// assert_eq!((place, &index[..]), (4, &[1, 1][..]));
/// assert_eq!(ravel_multi_index(index, x.shape())?, 4);
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Index`] of a place that no element has.
#[track_caller]
pub fn unravel_index(place: impl Position, shape: &[usize]) -> Result<Vec<usize>, Error> {
    let (location, given, place) = (Location::caller(), place, place.index());
    let here = |error: Error| error.of_call("unravel_index", location);
    let elements = elements_of(shape).map_err(here)?;
    if place >= elements {
        let message = format!(
            "an array of shape {shape:?} has {}, and none is at {given}",
            counted(elements, "element")
        );
        return Err(here(Error::new(ErrorKind::Index, message)));
    }
    Ok(position(place, shape).to_vec())
}

/// At which place in C order, counted from 0, the element at this index of an array of this shape is: NumPy's `ravel_multi_index`.
///
/// # Errors
/// [`ErrorKind::Index`] of an index of more or fewer numbers than there are axes, or beyond an axis.
#[track_caller]
pub fn ravel_multi_index(index: impl List<usize>, shape: &[usize]) -> Result<usize, Error> {
    let location = Location::caller();
    let here = |error: Error| error.of_call("ravel_multi_index", location);
    let index = index.list();
    elements_of(shape).map_err(here)?;
    if index.len() != shape.len() || index.iter().zip(shape).any(|(at, len)| at >= len) {
        let message = format!("an array of shape {shape:?} has no element at {:?}", &index[..]);
        return Err(here(Error::new(ErrorKind::Index, message)));
    }
    Ok(number(&index, shape))
}

/// How many there are, if that can be counted.
fn elements_of(shape: &[usize]) -> Result<usize, Error> {
    check_said(shape)?;
    check_size(shape, 1)?;
    Ok(shape.iter().product())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_no_element_has_is_named_as_it_was_given() {
        let said = |error: Error| error.to_string();
        let large = said(unravel_index(u64::MAX, &[3]).unwrap_err());
        assert!(large.contains("none is at 18446744073709551615"), "{large}");
        let negative = said(unravel_index(-1, &[1]).unwrap_err());
        assert!(negative.contains("has 1 element, and none is at -1"), "{negative}");
    }
}
