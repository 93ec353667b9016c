//! Einstein sums: products of several arrays, summed over some of their axes.
//!
//! In: subscripts, which name the axes, and arrays. Out: products and sums that come to the same. Operands are multiplied two at a time, those first whose product takes the fewest
//! multiplications; an axis is summed over as soon as no other operand and not the result has it.
//!
//! ```text
//! two operands       axes of both that stay   axes of both that are summed over
//! ij,jk->ik          none                     some            matrix product (`product`)
//! bij,bjk->bik       some                     some            a matrix product for each (`batched`)
//! i,i->  bi,bi->b                                             products in the pass of the sum
//! i,j->ij  ij,i->ij                           none            products of elements
//! ```
//! Not here: what the subscripts say (`subscripts`).

use super::batched::batched;
use super::product::{Total, product};
use super::subscripts::{Label, Sum};
use crate::array::Array;
use crate::either::AnyArray;
use crate::element::{Element, Number};
use crate::elementwise::elementwise;
use crate::error::Error;
use crate::expr::ExprRef;
use crate::grid::{Dims, check_size};
use crate::kernels::map2;
use crate::map::{Along, Map};
use crate::reducing::reduced;
use crate::views::{permuted, view};
use ndarray::{Dimension, IxDyn};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;

mod sealed {
    pub trait Sealed {}
}

/// The operands of an [Einstein sum](einsum), lazy arrays and those of `ndarray` ([`AnyArray`]): a tuple of up to eight, of any ranks, a list of arrays or of references to arrays of one kind
/// and rank, or a reference to one array.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of arrays of one type",
    label = "neither an array nor a list of arrays",
    note = "operands are arrays in one tuple, `einsum(\"ij,jk->ik\", (&x, &y))`, all of one type of elements: `.cast()` makes another"
)]
pub trait Operands<A>: sealed::Sealed {
    /// All of them.
    #[doc(hidden)]
    #[track_caller]
    fn arrays(self) -> Vec<Array<A, IxDyn>>;
}

macro_rules! lists {
    ($([$($generics:tt)*] $List:ty, $Each:ty;)*) => {$(
        impl<$($generics)*> sealed::Sealed for $List {}
        #[diagnostic::do_not_recommend]
        impl<$($generics)*, A: Element> Operands<A> for $List
        where
            $Each: AnyArray<A>,
        {
            fn arrays(self) -> Vec<Array<A, IxDyn>> {
                let mut all = Vec::with_capacity(self.len());
                for array in self {
                    all.push(array.lazy().into_dyn());
                }
                all
            }
        }
    )*};
}
lists! {
    ['a, T] &'a [T], &'a T;
    [T, const N: usize] [T; N], T;
    ['a, T, const N: usize] &'a [T; N], &'a T;
    [T] Vec<T>, T;
    ['a, T] &'a Vec<T>, &'a T;
}

macro_rules! one {
    ($($Own:ty;)*) => {$(
        impl<A, D> sealed::Sealed for $Own {}
        #[diagnostic::do_not_recommend]
        impl<A: Element, D: Dimension> Operands<A> for $Own {
            fn arrays(self) -> Vec<Array<A, IxDyn>> {
                vec![self.lazy().into_dyn()]
            }
        }
    )*};
}
one! { &Array<A, D>; &ndarray::Array<A, D>; }

macro_rules! tuples {
    ($($($T:ident $place:tt),+;)*) => {$(
        impl<$($T),+> sealed::Sealed for ($($T,)+) {}
        #[diagnostic::do_not_recommend]
        impl<A: Element, $($T: AnyArray<A>),+> Operands<A> for ($($T,)+) {
            fn arrays(self) -> Vec<Array<A, IxDyn>> {
                vec![$(self.$place.lazy().into_dyn()),+]
            }
        }
    )*};
}
tuples! {
    A0 0;
    A0 0, A1 1;
    A0 0, A1 1, A2 2;
    A0 0, A1 1, A2 2, A3 3;
    A0 0, A1 1, A2 2, A3 3, A4 4;
    A0 0, A1 1, A2 2, A3 3, A4 4, A5 5;
    A0 0, A1 1, A2 2, A3 3, A4 4, A5 5, A6 6;
    A0 0, A1 1, A2 2, A3 3, A4 4, A5 5, A6 6, A7 7;
}

/// The sum of products that `subscripts` describe, in Einstein's way: a letter for each axis of each operand, and after `->` those of the result. Operands are multiplied along axes
/// of one letter, and axes that the result does not have are summed over, in the numbers' own type. As NumPy's `einsum`: `...` stands for axes without a letter, a letter that stands twice
/// in one operand for its diagonal, axes of length 1 repeat, and without `->` the result has the letters that occur once, in alphabetical order.
///
/// | | |
/// |---|---|
/// | `"ij,jk->ik"` | the product of matrices |
/// | `"bij,bjk->bik"` | that of each matrix of a stack |
/// | `"ij->ji"`, `"ii->i"`, `"ii->"` | transposed, diagonal, trace |
/// | `"i,j->ij"`, `"i,i->"` | outer and inner product |
/// | `"ij,j,kj->ik"` | a scalar product with weights |
///
/// # Errors
/// Carried by the array: subscripts that don't fit the operands or each other.
///
/// # Examples
/// ```
/// # use taskweave_array as array;
/// use array::{Array, einsum};
/// let x = Array::from(ndarray::arr2(&[[1, 2], [3, 4]]));
/// let v = Array::from(vec![1, 10]);
/// assert_eq!(einsum("ij,j->i", (&x, &v)).compute()?, ndarray::arr1(&[21, 43]).into_dyn());
/// assert_eq!(einsum("ij,ij,i", (&x, &x, &v)).compute()?[[]], 1 + 4 + 90 + 160);
/// assert_eq!(einsum("ii", &x).compute()?[[]], 5);
/// assert_eq!(einsum("ij,j->i", (&x, ndarray::arr1(&[1, 0]))).compute()?.into_raw_vec_and_offset().0, [1, 3]);
/// assert_eq!(einsum("ij,jk->ik", [&x, &x]).compute()?, ndarray::arr2(&[[7, 10], [15, 22]]).into_dyn());
/// # Ok::<(), array::Error>(())
/// ```
///
/// # Cost
/// As [`dot`](Array::dot) of matrices for two operands that have axes of their own, and some that are summed over. All else is a pass over elements without arrays in between, but between
/// one product and the next.
#[doc(alias = "matmul")]
#[track_caller]
pub fn einsum<A: Number>(subscripts: &str, operands: impl Operands<A>) -> Array<A, IxDyn> {
    let location = Location::caller();
    let exprs = operands.arrays().into_iter().map(|array| array.state).collect();
    let state = Result::and_then(exprs, |exprs: Vec<ExprRef>| {
        let shapes: Vec<&[usize]> = exprs.iter().map(|expr| &expr.shape[..]).collect();
        let sum = Sum::new(subscripts, &shapes)?;
        contracted::<A>(&exprs, &sum, location)
    });
    Array::from_state(state.map_err(|error| error.of_call("einsum", location)))
}

/// An array whose axes have labels, each its own.
#[derive(Clone)]
struct Term {
    expr: ExprRef,
    labels: Vec<Label>,
}

type Lengths = BTreeMap<Label, usize>;
type Place = &'static Location<'static>;

fn contracted<A: Number>(exprs: &[ExprRef], sum: &Sum, at: Place) -> Result<ExprRef, Error> {
    let mut terms = Vec::new();
    for (expr, labels) in exprs.iter().zip(&sum.operands) {
        terms.push(of_operand(expr, labels, &sum.lengths)?);
    }
    // What one operand alone has is summed over first.
    for number in 0..terms.len() {
        let is_wanted = wanted(&terms, &[number], &sum.result);
        terms[number] = summed::<A>(&terms[number], &is_wanted, at)?;
    }
    while terms.len() > 1 {
        let (first, second) = cheapest(&terms, &sum.lengths);
        let is_wanted = wanted(&terms, &[first, second], &sum.result);
        let b = terms.remove(second);
        let a = terms.remove(first);
        terms.push(multiplied::<A>(&a, &b, &is_wanted, &sum.lengths, at)?);
    }
    let all = summed::<A>(&terms[0], &|label| sum.result.contains(&label), at)?;
    let place = |label: &Label| all.labels.iter().position(|other| other == label);
    let order: Option<Vec<usize>> = sum.result.iter().map(place).collect();
    turned(&all.expr, &order.expect("each label of the result is one of an operand"))
}

/// The expression with its axes in another order, if it is another one.
fn turned(expr: &ExprRef, order: &[usize]) -> Result<ExprRef, Error> {
    match order.iter().enumerate().all(|(axis, &of)| axis == of) {
        true => Ok(expr.clone()),
        false => Ok(Arc::new(permuted(expr, order)?)),
    }
}

/// Whether a label is asked for by the result, or by a term that is not one of `these`.
fn wanted(terms: &[Term], these: &[usize], result: &[Label]) -> impl Fn(Label) -> bool + use<> {
    let others = (0..terms.len()).filter(|number| !these.contains(number));
    let mut labels: Vec<Label> = others.flat_map(|number| terms[number].labels.clone()).collect();
    labels.extend(result);
    move |label| labels.contains(&label)
}

/// The operand with an axis for each label: diagonals where a label stands twice, and without axes of length 1 that are longer elsewhere.
fn of_operand(expr: &ExprRef, labels: &[Label], lengths: &Lengths) -> Result<Term, Error> {
    let mut own: Vec<Label> = Vec::new();
    let mut map = Map(Default::default());
    for (&label, &len) in labels.iter().zip(&expr.shape) {
        if len != lengths[&label] {
            map.0.push(Along::fixed(0));
            continue;
        }
        let place = own.iter().position(|&other| other == label).unwrap_or(own.len());
        if place == own.len() {
            own.push(label);
        }
        map.0.push(Along::axis(place));
    }
    let shape: Dims = own.iter().map(|label| lengths[label]).collect();
    Ok(Term { expr: Arc::new(view("einsum", expr, map, shape)?), labels: own })
}

/// The term without the axes that nobody wants.
fn summed<A: Number>(
    term: &Term,
    is_wanted: &dyn Fn(Label) -> bool,
    at: Place,
) -> Result<Term, Error> {
    let axes: Vec<usize> =
        (0..term.labels.len()).filter(|&axis| !is_wanted(term.labels[axis])).collect();
    if axes.is_empty() {
        return Ok(term.clone());
    }
    let expr = reduced("einsum", at, &term.expr, &axes, Total::<A>(PhantomData))?;
    let labels = term.labels.iter().copied().filter(|&label| is_wanted(label)).collect();
    Ok(Term { expr: Arc::new(expr), labels })
}

/// The two terms whose product takes the fewest multiplications.
fn cheapest(terms: &[Term], lengths: &Lengths) -> (usize, usize) {
    let cost = |&(a, b): &(usize, usize)| {
        let mut labels = [&terms[a].labels[..], &terms[b].labels[..]].concat();
        labels.sort_unstable();
        labels.dedup();
        labels.iter().fold(1.0, |cost, label| cost * lengths[label] as f64)
    };
    let pairs = (0..terms.len()).flat_map(|a| (a + 1..terms.len()).map(move |b| (a, b)));
    let cheapest = pairs.min_by(|a, b| f64::total_cmp(&cost(a), &cost(b)));
    cheapest.expect("there are two terms at least")
}

/// The product of two terms, summed over what nobody wants any more.
fn multiplied<A: Number>(
    a: &Term,
    b: &Term,
    is_wanted: &dyn Fn(Label) -> bool,
    lengths: &Lengths,
    at: Place,
) -> Result<Term, Error> {
    let (mut batch, mut inner, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for &label in &a.labels {
        match (b.labels.contains(&label), is_wanted(label)) {
            (true, true) => batch.push(label),
            (true, false) => inner.push(label),
            (false, _) => rows.push(label),
        }
    }
    let is_own = |label: &&Label| !a.labels.contains(label);
    let columns: Vec<Label> = b.labels.iter().filter(is_own).copied().collect();
    let labels = [&batch[..], &rows, &columns].concat();
    let in_parts = |term: &Term, parts: [&[Label]; 3]| -> Result<ExprRef, Error> {
        let place = |label: &Label| term.labels.iter().position(|other| other == label);
        let order: Vec<usize> = parts.concat().iter().filter_map(place).collect();
        turned(&term.expr, &order)
    };
    let expr = if inner.is_empty() || rows.is_empty() && columns.is_empty() {
        by_elements::<A>(a, b, &labels, &inner, lengths, at)?
    } else if batch.is_empty() {
        let (a, b) = (in_parts(a, [&rows, &inner, &[]])?, in_parts(b, [&inner, &columns, &[]])?);
        Arc::new(product::<A>("einsum", at, &a, &b, inner.len())?)
    } else if rows.is_empty() || columns.is_empty() {
        // As many elements are read as are multiplied: nothing is gained by blocks.
        by_elements::<A>(a, b, &labels, &inner, lengths, at)?
    } else {
        let a = in_parts(a, [&batch, &rows, &inner])?;
        let b = in_parts(b, [&batch, &inner, &columns])?;
        Arc::new(batched::<A>("einsum", at, &a, &b, batch.len(), inner.len())?)
    };
    Ok(Term { expr, labels })
}

/// The products of elements along all axes, and then their sum over the inner ones, in one pass.
fn by_elements<A: Number>(
    a: &Term,
    b: &Term,
    labels: &[Label],
    inner: &[Label],
    lengths: &Lengths,
    at: Place,
) -> Result<ExprRef, Error> {
    let all = [labels, inner].concat();
    let shape: Dims = all.iter().map(|label| lengths[label]).collect();
    check_size(&shape, size_of::<A>())?;
    let spread = |term: &Term| -> Result<ExprRef, Error> {
        let place = |label: &Label| all.iter().position(|other| other == label);
        let map = Map(term.labels.iter().filter_map(place).map(Along::axis).collect());
        Ok(Arc::new(view("einsum", &term.expr, map, shape.clone())?))
    };
    let (a, b) = (spread(a)?, spread(b)?);
    let products = Arc::new(elementwise::<A>("multiply", at, Arc::new(map2(A::mul_)), &[&a, &b])?);
    if inner.is_empty() {
        return Ok(products);
    }
    let axes: Vec<usize> = (labels.len()..all.len()).collect();
    Ok(Arc::new(reduced("einsum", at, &products, &axes, Total::<A>(PhantomData))?))
}
