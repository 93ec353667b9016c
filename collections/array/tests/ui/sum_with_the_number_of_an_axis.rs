use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::zeros([4, 2]);
    let sums = x.sum(0);
    let _ = sums.compute();
}
// Remedy: along one axis it is `x.sum_axis(Axis(0))`, along several `x.over([0, 1]).sum()`.
