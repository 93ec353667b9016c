use taskweave::prelude::*;

#[delayed]
fn shared<T: Clone + Send + Sync + 'static>(x: T) -> std::rc::Rc<T> {
    std::rc::Rc::new(x)
}

fn main() {
    let _graph = graph!({
        let _x = shared(1.0);
        0.5
    });
}
