use ndarray::Axis;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    let some = x.compress(Axis(0), &x.gt(0.0));
    let _ = some.compute();
}
// Remedy: the shape follows from the mask: `x.compress(Axis(0), &x.gt(0.0).compute()?)`, or `x.extract(x.gt(0.0))?`, a graph.
