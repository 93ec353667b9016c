use taskweave_array::Array;

fn main() {
    let x = Array::<f64, _>::ones([4]);
    for value in x {
        println!("{value}");
    }
}
// Remedy: loop over what is computed, `for value in x.compute()?`; or let `x.mapv(…)`, `x.map_axis(…)` or `x.map_blocks(…)` call a function for each part while it is computed.
