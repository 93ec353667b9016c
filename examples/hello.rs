//! The smallest useful graph: two functions, a loop, one result.
//!
//!     cargo run --example hello

use taskweave::prelude::*;

#[delayed]
fn square(x: u64) -> u64 {
    x * x
}

#[delayed]
fn sum(squares: Vec<u64>) -> u64 {
    squares.into_iter().sum()
}

fn main() -> Result<(), Error> {
    let graph = graph!({
        let mut squares = Vec::new();
        for x in 1..=10 {
            squares.push(square(x));
        }
        sum(squares)
    });
    println!("{graph}");
    println!("the sum of the first ten squares is {}", graph.compute()?);
    Ok(())
}
