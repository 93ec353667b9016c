use taskweave::static_graph;

static_graph! {
    pub struct Distance(x: f64) {
        let out = f64::abs(x);
        out
    }
}

fn main() {}
