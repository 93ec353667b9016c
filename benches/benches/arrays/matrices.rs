//! The rows whose jobs are linear algebra.

use crate::job::{Job, threads};
use crate::rows::in_memory;
use taskweave::array::{Array, Error, Random, SvdOptions};

/// A matrix times its own transposed, plus one.
pub fn product() -> Job {
    let (x, _) = in_memory([4_000, 4_000]);
    let same = x.clone();
    Job::new(move || same.dot(&(same.t() + 1.0)).compute_on(threads()), crate::job::checksum)
        .reading("x", &x)
}

/// All of the singular value decomposition of a tall matrix. Singular vectors have signs of their own in each library: the values are compared.
pub fn svd() -> Job {
    let (x, _) = in_memory([200_000, 50]);
    let same = x.clone();
    Job::new(
        move || {
            let (u, s, vt) = same.svd();
            taskweave::compute_on((u, s, vt), threads()).map_err(Error::from)
        },
        |(_, values, _)| crate::job::checksum(values),
    )
    .reading("x", &x)
}

/// The largest singular value of [`spectrum`].
const LARGEST: f64 = 1000.0;

/// A matrix of 10,000 × 10,000 whose singular values are 1000 · 0.8^i for i up to 49, and 0.
fn spectrum() -> Result<Array<f64, ndarray::Ix2>, Error> {
    let mut random = Random::new(7);
    let mut side = || random.normal::<f64, _>([10_000, 50]).qr().0.persist();
    let (u, v) = (side()?, side()?);
    let values = Array::arange(0.0, 50.0, 1.0).mapv(|i: f64| LARGEST * 0.8_f64.powf(i));
    Ok(Array::from_ndarray((u * values).dot(&v.t()).compute()?))
}

/// Ten singular values and vectors of a large matrix, by random sampling with two power iterations.
pub fn svd_compressed() -> Job {
    let x = spectrum().expect("random matrices have a decomposition");
    let same = x.clone();
    Job::new(
        move || {
            let found = same.svd_compressed(10, SvdOptions::default());
            taskweave::compute_on((found.u, found.s, found.vt), threads()).map_err(Error::from)
        },
        |(_, values, _)| {
            assert!((values[0] / LARGEST - 1.0).abs() < 1e-6, "{} is to be {LARGEST}", values[0]);
            values[0]
        },
    )
    .reading("x", &x)
}
