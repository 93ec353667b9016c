use taskweave_array::Array;

fn main() {
    let (x, y) = (Array::<f64, _>::ones([4]), Array::<f64, _>::ones([4, 2]));
    let product = x.outer(&y);
    let _ = product.compute();
}
// Remedy: `x.tensordot(&y, [], [])` is of any ranks.
