use taskweave::prelude::*;

fn main() {
    let _graph = graph!({ std::rc::Rc::new(1) });
}
