//! Arrays from nothing, and from memory.

use crate::given::Given;
use ndarray::{Array1, Array2, Ix0, Ix2, IxDyn, arr2};
use taskweave_array::{Array, Chunks, Random};

#[test]
fn the_same_whatever_the_chunks() {
    for seed in 0..60 {
        let mut given = Given::seed(seed);
        let shape = [1 + given.below(50), 1 + given.below(50)];
        let chunks = given.chunks(&shape);
        let x = Array::<u64, Ix2>::from_fn(shape, |[i, j]| (i * 1000 + j) as u64)
            .rechunk(chunks.clone());
        let want = Array2::from_shape_fn(shape, |(i, j)| (i * 1000 + j) as u64);
        assert_eq!(x.compute().unwrap(), want);
        let normal = |chunks: Chunks| {
            Random::new(seed).normal::<f64, _>(shape).rechunk(chunks).compute().unwrap()
        };
        assert_eq!(normal(chunks.clone()), normal(Chunks::auto()));
        let turned =
            Random::new(seed).uniform::<f32, _>(shape).rechunk(chunks).t().compute().unwrap();
        assert_eq!(
            turned,
            Random::new(seed).uniform::<f32, _>(shape).compute().unwrap().reversed_axes()
        );
    }
}

#[test]
fn ranges_are_those_of_numpy() {
    // numpy 2.4.6: np.arange(a, b, s).tolist(), np.linspace(a, b, n).tolist()
    let arange = |a, b, s| Array::arange(a, b, s).compute().unwrap().to_vec();
    assert_eq!(arange(0, 10, 4), [0, 4, 8]);
    assert_eq!(arange(10, 0, -3), [10, 7, 4, 1]);
    assert_eq!(arange(5, 5, 1), [0; 0]);
    assert_eq!(arange(5, 0, 1), [0; 0]);
    assert_eq!(Array::arange(0.0, 1.0, 0.25).compute().unwrap().to_vec(), [0.0, 0.25, 0.5, 0.75]);
    assert_eq!(
        Array::arange(i64::MIN, i64::MAX, i64::MAX).compute().unwrap().to_vec(),
        [i64::MIN, -1, i64::MAX - 1]
    );
    let linspace = |a: f64, b, n| Array::linspace(a, b, n).compute().unwrap().to_vec();
    assert_eq!(linspace(2.0, 3.0, 5), [2.0, 2.25, 2.5, 2.75, 3.0]);
    assert_eq!(linspace(2.0, 3.0, 1), [2.0]);
    assert_eq!(linspace(2.0, 3.0, 0), [0.0; 0]);
    assert_eq!(Array::<u8, _>::eye(2).compute().unwrap(), arr2(&[[1, 0], [0, 1]]));
    assert_eq!(Array::<u8, _>::eye(0).compute().unwrap().shape(), [0, 0]);
}

#[test]
fn rank_zero_is_a_number() {
    let x = Array::<f64, Ix0>::from_elem([], 2.5);
    assert_eq!(x.compute().unwrap().into_scalar(), 2.5);
    assert_eq!((x.exp().sum() + 1.0).shape(), [0; 0]);
    assert_eq!(Array::<f64, _>::ones(IxDyn(&[])).sum().compute().unwrap().into_scalar(), 1.0);
}

#[test]
fn shared_memory_is_not_copied_and_stays_as_it_was() {
    let a = Array1::from_iter(0..1000).into_shared();
    let x = Array::from_ndarray(a.clone()).rechunk(100);
    assert_eq!((&x + 1).sum().compute().unwrap().into_scalar(), 500_500_i64);
    assert_eq!(x.compute().unwrap(), a);
    let part = a.slice_move(ndarray::s![10..20;3]);
    assert_eq!(Array::from_ndarray(part).compute().unwrap().to_vec(), [10, 13, 16, 19]);
}

#[test]
fn random_numbers_are_within_their_bounds_and_differ_from_array_to_array() {
    let mut random = Random::new(0);
    let (x, y) = (random.uniform::<f64, _>([1000]), random.uniform::<f64, _>([1000]));
    assert!((x.ge(0.0) & x.lt(1.0)).all().compute().unwrap().into_scalar());
    assert!(!x.equal(&y).any().compute().unwrap().into_scalar());
    let dice = random.integers(-3, 4, [7000]).compute().unwrap();
    for face in -3..4 {
        let count = dice.iter().filter(|&&x| x == face).count();
        assert!((850..1150).contains(&count), "{face}: {count}");
    }
    assert_eq!(random.integers(i64::MIN, i64::MAX, [1]).compute().unwrap().len(), 1);
    assert!(random.exponential([10_000]).mean().compute().unwrap().into_scalar() > 0.9);
}
