use taskweave_array::{Array, Pad};

fn main() {
    let x = Array::<f64, _>::ones([4, 2]);
    let _ = x.pad([1, 2], Pad::Edge).compute();
}
// Remedy: NumPy's `[1, 2]` is `(1, 2)`, before and after along all axes; for each axis its own is `[(1, 1), (2, 2)]`.
