use taskweave::prelude::*;

struct Parser;
impl Parser {
    #[delayed]
    fn parse<T: std::str::FromStr + Send + Sync + 'static>(text: &str) -> Option<T> {
        text.parse().ok()
    }
}

fn main() {}
// Remedy: put `#[delayed]` on free functions, or on the whole `impl` for its methods with `self`.
