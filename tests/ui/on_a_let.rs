use taskweave::prelude::*;

fn main() {
    #[delayed]
    let _x = 1.0;
}

// Remedy: a function that is #[delayed], called in `graph!`.
