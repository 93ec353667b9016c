use taskweave::static_graph;

static_graph! {
    pub struct Lengths(text: &str) {
        let out = text.len();
        out
    }
}

fn main() {}
