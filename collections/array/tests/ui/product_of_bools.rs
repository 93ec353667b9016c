use taskweave_array::Array;

fn main() {
    let is_large = Array::arange(0, 10, 1).gt(5);
    let product = is_large.prod();
    let _ = product.compute();
}
// Remedy: `is_large.all()` is true where NumPy gives 1; `is_large.cast::<u8>().prod()` is a number.
