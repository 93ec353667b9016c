use taskweave_array::Array;

fn main() {
    let _x = Array::from(vec![vec![1.0, 2.0], vec![3.0, 4.0]]);
}
// Remedy: rows of one length are arrays, `Array::from([[1.0, 2.0], [3.0, 4.0]])`; of many values `Array::from(values).reshape([rows, columns])`.
