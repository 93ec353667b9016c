//! The arrays of a talk on blocked algorithms: how a handful of NumPy's lines become graphs, and how large these are.
//!
//! `cargo run --release --features linalg --example talk_arrays`
//!
//! ```text
//! x.sum_axis(Axis(0)) f64 array of shape [15] in chunks of [5]: 3 chunks, 6 tasks, 120 bytes
//!                     7 tasks, 6 edges, depth 3, widest level 3
//! x.dot(x.t() + 1)    f64 array of shape [15, 15] in chunks of [15, 15]: 1 chunk, 3 tasks, 1.8 KiB
//!                     4 tasks, 4 edges, depth 4, widest level 1
//! svd(x.dot(x.t())).s f64 array of shape [400] in chunks of [400]: 1 chunk, 26 tasks, 3.1 KiB
//!                   s 27 tasks, 54 edges, depth 9, widest level 16
//! ```

use ndarray::Axis;
use taskweave::array::{Array, Random};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // x = ones((15, 15), chunks=(5, 5))
    let x = Array::<f64, _>::ones([15, 15]).rechunk(5);
    println!("x                   {x}");

    // x.sum(axis=0): one task for each block, and one for each column of blocks that puts three states together.
    let sum = x.sum_axis(Axis(0));
    println!("x.sum_axis(Axis(0)) {sum}");
    println!("                    {}", sum.to_graph()?);
    assert!(sum.compute()?.iter().all(|&total| total == 15.0));

    // x.dot(x.T + 1): the transposed blocks are looked at, not moved, and 1 is added where they are read.
    let product = x.dot(&(x.t() + 1.0));
    println!("x.dot(x.t() + 1)    {product}");
    println!("                    {}", product.to_graph()?);
    assert!(product.compute()?.iter().all(|&value| value == 30.0));

    // u, s, v = svd(x.dot(x.T)) of a random matrix: lazily, like all the rest. Of x.dot(x.T) as many singular values as x has columns are not zero.
    let x = Random::new(2024).normal::<f64, _>([400, 60]).rechunk([100, 60]);
    let gram = x.dot(&x.t());
    let (u, s, vt) = gram.svd();
    println!("svd(x.dot(x.t())).s {s}");
    for (name, graph) in [("u", u.to_graph()?), ("vt", vt.to_graph()?)] {
        println!("{name:>19} {graph}");
    }
    println!("{:>19} {}", "s", s.to_graph()?);
    let (values, gram, u, vt) = taskweave::compute((s, gram, u, vt))?;
    println!("largest of them     {:.3}", values[0]);
    // The values are those of x squared, and the factors give the matrix back.
    let of_x = x.svd().1.compute()?;
    let is_close = |a: f64, b: f64| (a - b).abs() < 1e-9 * values[0];
    assert!(values.iter().zip(&of_x).all(|(&value, root)| is_close(value, root * root)));
    assert!(values.iter().skip(of_x.len()).all(|&value| is_close(value, 0.0)));
    let back = (&u * &values).dot(&vt);
    assert!(back.iter().zip(&gram).all(|(&a, &b)| is_close(a, b)));
    Ok(())
}
