use taskweave_array::Array;

fn main() {
    let x = Array::arange(0, 10, 1);
    let y = x.gt(5) + x.lt(2);
    let _ = y.compute();
}
// Remedy: the elements are `bool`, which have `|`, `&` and `^`: `x.gt(5) | x.lt(2)`; to add them, make numbers of them: `.cast::<u8>()`. `sum` and `mean` take `bool`.
