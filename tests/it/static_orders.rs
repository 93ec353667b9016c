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

#[delayed]
fn seen(x: f64) -> String {
    x.to_string()
}
#[delayed]
fn eaten(text: String, fails: bool) -> Result<usize, String> {
    if fails { Err("eaten".into()) } else { Ok(text.len()) }
}
#[delayed]
fn looked_at(text: &str, fails: bool) -> Result<usize, String> {
    if fails { Err("looked at".into()) } else { Ok(text.len()) }
}
#[delayed]
fn sum(a: usize, b: usize) -> usize {
    std::thread::sleep(std::time::Duration::from_micros(50));
    a + b
}

static_graph! {
    struct EatenFirst(x: f64, taker: bool, lender: bool) {
        let out = sum(a, b);
        let a = eaten(text, taker)?;
        let b = looked_at(&text, lender)?;
        let text = seen(x);
        out
    }
}
static_graph! {
    // Where a task stands in the declaration says nothing.
    struct LentTwice(x: f64, first: bool, second: bool) {
        let b = looked_at(&text, second)?;
        let text = seen(x);
        let a = looked_at(&text, first)?;
        let out = sum(a, b);
        out
    }
}
static_graph! {
    struct InATuple(x: f64, first: bool, second: bool) {
        let text = seen(x);
        let b = looked_at(&text, second)?;
        let a = looked_at(&text, first)?;
        (a, b)
    }
}

fn line_of(error: &taskweave::Error) -> (String, u32) {
    (error.task().unwrap().to_owned(), error.location().unwrap().line())
}

#[test]
fn of_several_failures_the_first_in_the_order_of_a_run_is_told() {
    // A graph asks the arguments alone; a static one lets who takes a value come after those who borrow it.
    let graph = graph!({
        let text = seen(1.0);
        let b = looked_at(&text, true)?;
        let a = eaten(text, true)?;
        sum(a, b)
    });
    assert_eq!(graph.compute().unwrap_err().task(), Some("eaten"));
    for workers in [1, 3] {
        taskweave::with_scheduler(&taskweave::Threads::new(workers), || {
            let mut eaten_first = EatenFirst::new();
            let (mut lent_twice, mut in_a_tuple) = (LentTwice::new(), InATuple::new());
            // The first runs are in order; those that follow on the threads as well.
            for _ in 0..20 {
                let of = |taker, lender, graph: &mut EatenFirst| {
                    graph.run(1.0, taker, lender).map_err(|error| line_of(&error).0)
                };
                assert_eq!(of(false, false, &mut eaten_first), Ok(2));
                assert_eq!(of(true, false, &mut eaten_first), Err("eaten".to_owned()));
                assert_eq!(of(true, true, &mut eaten_first), Err("looked_at".to_owned()));
                let first = line_of(&lent_twice.run(1.0, true, false).unwrap_err());
                let second = line_of(&lent_twice.run(1.0, false, true).unwrap_err());
                assert!(first > second, "the second argument's task is declared first");
                assert_eq!(line_of(&lent_twice.run(1.0, true, true).unwrap_err()), first);
                let first = line_of(&in_a_tuple.run(1.0, true, false).unwrap_err());
                assert_eq!(line_of(&in_a_tuple.run(1.0, true, true).unwrap_err()), first);
                assert_eq!(in_a_tuple.run(1.0, false, false).unwrap(), (1, 1));
            }
        })
        .unwrap();
    }
}
