//! A closure given to `.map` of a handle is plain inside, wherever the handle comes from; one given to an iterator or an `Option` makes tasks.
#![deny(warnings, clippy::all)]

use std::collections::BTreeMap;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn pair(x: f64) -> (f64, f64) {
    (x, x)
}

fn main() {
    let graph = graph!({
        let mut out = Vec::new();
        let written = vec![half(8.0), half(16.0)];
        for (_, h) in written.into_iter().enumerate() {
            out.push(h.map(|v| half(v) + 1.0));
        }
        let mut pushed = Vec::new();
        for x in [8.0, 16.0] {
            pushed.push(half(x));
        }
        for h in &pushed {
            out.push(h.clone().map(|v| half(v)));
        }
        out.push(pushed[0].clone().map(|v| half(v)));
        out.extend([8.0, 16.0].map(|x| half(x)).map(|h| h.map(|v| half(v))));
        out
    });
    assert_eq!(graph.tasks().unwrap().len(), 13);
    assert_eq!(graph.compute().unwrap(), [3.0, 5.0, 2.0, 4.0, 2.0, 2.0, 4.0]);

    let graph = graph!({
        let members = (half(8.0), Some(8.0));
        let make = |x: f64| half(x);
        let chosen = if members.1.is_some() { half(4.0) } else { make(4.0) };
        let late;
        late = -half(4.0);
        let (left, right) = pair(2.0);
        (
            members.0.map(|v| half(v)),
            members.1.map(|v| half(v)),
            make(4.0).map(|v| half(v)),
            chosen.map(|v| half(v)),
            late.map(|v| half(v)),
            (left + right).map(|v| half(v)),
            Some(half(4.0)).unwrap().map(|v| half(v)),
        )
    });
    let (member, option, made, chosen, late, sum, unwrapped) = graph.compute().unwrap();
    assert_eq!((member, option), (2.0, Some(4.0)));
    assert_eq!((made, chosen, late, sum, unwrapped), (1.0, 1.0, -1.0, 2.0, 1.0));

    let graph = graph!({
        let mut named = BTreeMap::new();
        named.insert("a", half(8.0));
        named.insert("b", half(16.0));
        let last = vec![half(4.0)].pop().map(|h| half(h));
        (named.remove("a").map(|h| half(h)), named.get("b").map(|h| half(h.clone())), last)
    });
    assert_eq!(graph.compute().unwrap(), (Some(2.0), Some(4.0), Some(1.0)));
}
