use taskweave_array::Random;

fn main() {
    let some = Random::new(1).choice_weighted(3, &[1, 0, 2], [10]);
    let _ = some.compute();
}
// Remedy: `&[1.0, 0.0, 2.0]`.
