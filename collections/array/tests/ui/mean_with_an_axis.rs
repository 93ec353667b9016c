use ndarray::Axis;
use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::zeros([4, 2]);
    let means = x.mean(Axis(0));
    let _ = means.compute();
}
// Remedy: along one axis it is `x.mean_axis(Axis(0))`, along several `x.over([0, 1]).mean()`.
