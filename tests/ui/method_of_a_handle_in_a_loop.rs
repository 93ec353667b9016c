use taskweave::prelude::*;

#[delayed]
fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_string).collect()
}

fn main() {
    let _graph = graph!({
        let lines: Vec<_> = ["to weave", "a graph"].map(|line| words(line)).into();
        let mut lengths = Vec::new();
        for line in lines {
            lengths.push(line.len());
        }
        lengths
    });
}
