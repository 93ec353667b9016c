//! Static graphs as they are written: whatever stands first, and with what stands beside a task.

use taskweave::prelude::*;
use taskweave::static_graph;

#[delayed]
fn scale(k: f64, v: &[f64]) -> f64 {
    k * v.iter().sum::<f64>()
}
#[delayed]
fn own(v: Vec<f64>, k: &f64) -> f64 {
    v.len() as f64 + k
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

static_graph! {
    struct CopyFirst(k: f64, v: Vec<f64>) {
        let p = scale(k, &v);
        let q = own(v, &k);
        let out = add(p, q);
        out
    }
}
static_graph! {
    struct CopyLast(v: Vec<f64>, k: f64) {
        let p = scale(k, &v);
        let q = own(v, &k);
        let out = add(p, q);
        out
    }
}

#[test]
fn two_values_that_are_taken_and_lent_crosswise_may_stand_in_any_order() {
    assert_eq!(CopyFirst::new().run(2.0, vec![1.0, 2.0]).unwrap(), 10.0);
    assert_eq!(CopyLast::new().run(vec![1.0, 2.0], 2.0).unwrap(), 10.0);
}

static_graph! {
    struct Often(x: f64) {
        let a = add(x, 1.0);
        let b = add(if a > 1.0 { a } else { a * 2.0 }, 0.0);
        let c = add(b, b);
        c
    }
}

#[delayed]
fn both(a: &f64, b: &f64) -> f64 {
    a + b
}

#[test]
fn each_argument_that_reads_a_task_is_an_edge_as_in_a_graph() {
    let graph = graph!({
        let b = add(1.0, 0.0);
        both(&b, &b)
    });
    assert_eq!(graph.facts().unwrap().edges, 2);
    assert_eq!(Often::EDGES, 1 + 2);
}

#[deprecated]
fn old() -> f64 {
    0.5
}

static_graph! {
    /// More than clippy lets a function have.
    #[allow(missing_debug_implementations)]
    pub struct Many(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64) {
        /// The first two.
        let ab = add(a, b);
        // All others.
        #[allow(deprecated)]
        let rest = add(c + d + e + f + g + h, old());
        let out = add(ab, rest);
        out
    }
}

#[test]
fn tasks_may_have_docs_and_lints() {
    assert_eq!(Many::new().run(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0).unwrap(), 8.5);
}
