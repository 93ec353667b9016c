//! Einstein sums, against loops over all indices, and against `ndarray`'s products.

use crate::given::Given;
use ndarray::{Array3, ArrayD, Axis, Ix2, Ix3, IxDyn};
use taskweave_array::{Array, einsum};

/// The sum as it is written: for all values of all letters.
fn by_loops(operands: &[(String, ArrayD<f64>)], result: &str, lengths: &[usize; 5]) -> ArrayD<f64> {
    let number = |letter: u8| usize::from(letter - b'a');
    let shape: Vec<usize> = result.bytes().map(|letter| lengths[number(letter)]).collect();
    let mut all = ArrayD::zeros(IxDyn(&shape));
    // Letters that nobody has are not gone through.
    let is_there =
        |letter: u8| operands.iter().any(|(letters, _)| letters.contains(letter as char));
    let counts: Vec<usize> = (b'a'..=b'e')
        .map(|letter| if is_there(letter) { lengths[number(letter)] } else { 1 })
        .collect();
    for mut at in 0..counts.iter().product() {
        let mut values = [0; 5];
        for (value, count) in values.iter_mut().zip(&counts) {
            *value = at % count;
            at /= count;
        }
        let index = |letters: &str| -> Vec<usize> {
            letters.bytes().map(|letter| values[number(letter)]).collect()
        };
        let factor = |(letters, operand): &(String, ArrayD<f64>)| operand[&index(letters)[..]];
        all[&index(result)[..]] += operands.iter().map(factor).product::<f64>();
    }
    all
}

#[test]
fn any_letters_of_up_to_four_operands_in_any_chunks() {
    for seed in 0..400 {
        let mut given = Given::seed(seed);
        let lengths: [usize; 5] =
            std::array::from_fn(|_| if given.below(20) == 0 { 0 } else { 1 + given.below(5) });
        let (mut operands, mut arrays) = (Vec::new(), Vec::new());
        for _ in 0..1 + given.below(4) {
            let letters: String =
                (0..given.below(4)).map(|_| (b'a' + given.below(5) as u8) as char).collect();
            let shape: Vec<usize> =
                letters.bytes().map(|l| lengths[usize::from(l - b'a')]).collect();
            let values =
                ArrayD::from_shape_simple_fn(IxDyn(&shape), || given.below(7) as f64 - 3.0);
            arrays.push(given.chunked(&values));
            operands.push((letters, values));
        }
        let mut left: Vec<char> =
            operands.iter().flat_map(|(letters, _)| letters.chars()).collect();
        left.sort_unstable();
        left.dedup();
        let mut result = String::new();
        while !left.is_empty() && given.below(4) > 0 {
            result.push(left.swap_remove(given.below(left.len())));
        }
        let terms: Vec<&str> = operands.iter().map(|(letters, _)| &letters[..]).collect();
        let subscripts = format!("{}->{result}", terms.join(","));
        let want = by_loops(&operands, &result, &lengths);
        let got = einsum(&subscripts, &arrays[..]).compute();
        assert_eq!(got.unwrap(), want, "seed {seed}: {subscripts}, {arrays:?}");
    }
}

#[test]
fn stacks_of_matrices_are_multiplied_one_by_one() {
    for seed in 0..40 {
        let mut given = Given::seed(seed);
        let [b, m, k, n] = std::array::from_fn(|_| 1 + given.below(12));
        let (x, y) = (given.whole(&[b, m, k]), given.whole(&[b, k, n]));
        let (cx, cy) = (given.chunked(&x), given.chunked(&y));
        let (x, y): (Array3<f64>, Array3<f64>) =
            (x.into_dimensionality().unwrap(), y.into_dimensionality().unwrap());
        let mut want = Array3::zeros([b, m, n]);
        for (mut want, (x, y)) in want.outer_iter_mut().zip(x.outer_iter().zip(y.outer_iter())) {
            want.assign(&x.dot(&y));
        }
        let got = einsum("bij,bjk->bik", (&cx, &cy)).into_dimensionality::<Ix3>();
        assert_eq!(got.compute().unwrap(), want, "seed {seed}");
        // In another order of the axes, and with dots for the stack.
        let got = einsum("...ij,...jk->ki...", (&cx, &cy)).compute().unwrap();
        assert_eq!(got, want.permuted_axes([2, 1, 0]).into_dyn(), "seed {seed}");
    }
}

#[test]
fn dots_broadcast_and_axes_of_length_one_repeat() {
    let x = Array::from(ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]));
    let v = Array::from(vec![1, 10, 100]);
    let row = |values: &[i32]| ndarray::arr1(values).into_dyn();
    assert_eq!(
        einsum("...,...", (&x, &v)).compute().unwrap(),
        (x.compute().unwrap() * v.compute().unwrap()).into_dyn()
    );
    assert_eq!(einsum("...j,j", (&x, &v)).compute().unwrap(), row(&[321, 654]));
    assert_eq!(einsum("ij->j", (&x,)).compute().unwrap(), row(&[5, 7, 9]));
    let one = v.slice(ndarray::s![1..2]);
    assert_eq!(einsum("ij,j->i", (&x, &one)).compute().unwrap(), row(&[60, 150]));
    assert_eq!(einsum("i,i->i", (&one, &v)).compute().unwrap(), row(&[10, 100, 1000]));
    assert_eq!(
        einsum(",->", (&Array::from_elem((), 6), &Array::from_elem((), 7))).compute().unwrap()[[]],
        42
    );
}

#[test]
fn a_matrix_product_is_one() {
    let x = Array::<f64, Ix2>::from_fn([70, 40], |[i, j]| ((i * 3 + j) % 11) as f64).rechunk(16);
    let y = Array::<f64, Ix2>::from_fn([40, 50], |[i, j]| ((i + j * 5) % 7) as f64).rechunk(20);
    let want = x.compute().unwrap().dot(&y.compute().unwrap());
    let got = einsum("ij,jk->ik", (&x, &y));
    assert_eq!(got.compute().unwrap(), want.clone().into_dyn());
    // The same tasks as of the product, and no larger array.
    assert_eq!(got.plan(2).unwrap().tasks(), x.dot(&y).plan(2).unwrap().tasks());
    assert_eq!(einsum("ij,jk->ki", (&x, &y)).compute().unwrap(), want.t().into_owned().into_dyn());
    // From the cheap end, although the dear one comes first.
    let v = y.index_axis(Axis(1), 0);
    let chain = einsum("ij,kj,k->i", (&x, &x, &x.index_axis(Axis(1), 3)));
    let (a, w) = (x.compute().unwrap(), x.index_axis(Axis(1), 3).compute().unwrap());
    assert_eq!(chain.compute().unwrap(), a.dot(&a.t().dot(&w)).into_dyn());
    assert_eq!(
        einsum("ij,j", (&x, &v)).compute().unwrap(),
        a.dot(&v.compute().unwrap()).into_dyn()
    );
}

#[test]
fn what_is_wrong_is_said_with_shapes_and_line() {
    let x = Array::<f64, _>::ones([2, 3]);
    let error = einsum("ij,jk", (&x, &x)).check().unwrap_err().to_string();
    assert!(error.contains("einsum.rs:"), "{error}");
    assert!(
        error
            .contains("einsum \"ij,jk\" of shapes [[2, 3], [2, 3]]: axes `j` have lengths 3 and 2"),
        "{error}"
    );
    let broken = &x + Array::<f64, _>::ones([5, 7]);
    let error = einsum("ij,ij", (&x, &broken)).check().unwrap_err().to_string();
    assert!(error.contains("cannot add"), "{error}");
}

#[test]
fn kronecker_products_of_any_shapes_in_any_chunks() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let [m, n, p, q] = std::array::from_fn(|_| given.below(8));
        let (a, b) = (given.whole(&[m, n]), given.whole(&[p, q]));
        let (x, y) = (given.chunked(&a), given.chunked(&b));
        let want = ArrayD::from_shape_fn(IxDyn(&[m * p, n * q]), |at| {
            a[[at[0] / p, at[1] / q]] * b[[at[0] % p, at[1] % q]]
        });
        let (x, y) = (x.into_dimensionality::<Ix2>(), y.into_dimensionality::<Ix2>());
        assert_eq!(x.kron(&y).compute().unwrap().into_dyn(), want, "seed {seed}");
    }
    let large = Array::<f64, Ix2>::zeros([1 << 20, 1 << 20]);
    assert!(large.kron(&large).check().unwrap_err().to_string().contains("than can be addressed"));
}
