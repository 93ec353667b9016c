use taskweave_array::{Array, Error};

fn main() -> Result<(), Error> {
    let x = Array::<f64, _>::eye(5);
    let y = x.solve(&Array::<f64, _>::ones([5]));
    println!("{}", y.compute()?);
    Ok(())
}
