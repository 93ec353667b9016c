//! A handle owns like its value; outputs are dropped by their last reader; nothing leaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use taskweave::prelude::*;

/// Counts itself: alive, and how often it was cloned.
#[derive(Debug)]
struct Counted {
    alive: Arc<AtomicI64>,
    clones: Arc<AtomicUsize>,
}
impl Counted {
    fn new(alive: &Arc<AtomicI64>, clones: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Counted { alive: alive.clone(), clones: clones.clone() }
    }
}
impl Clone for Counted {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, SeqCst);
        Counted::new(&self.alive, &self.clones)
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, SeqCst);
    }
}

fn counters() -> (Arc<AtomicI64>, Arc<AtomicUsize>) {
    (Arc::default(), Arc::default())
}

/// Not `Clone`.
struct Token(Counted);

#[delayed]
fn token(value: Counted) -> Token {
    Token(value)
}
#[delayed]
fn peek(token: &Token) -> i64 {
    token.0.alive.load(SeqCst)
}
#[delayed]
fn eat(token: Token) -> usize {
    token.0.clones.load(SeqCst)
}
#[delayed]
fn pass(value: Counted) -> Counted {
    value
}
#[delayed]
fn look(value: &Counted) -> u32 {
    u32::from(value.alive.load(SeqCst) > 0)
}
#[delayed]
fn show(value: Counted) -> String {
    format!("{}", value.clones.load(SeqCst) < 100)
}
#[delayed]
fn both(value: &Counted, text: &String) -> String {
    format!("{} {text}", value.alive.load(SeqCst) > 0)
}
#[delayed]
fn twice(x: f64) -> f64 {
    2.0 * x
}
#[delayed]
fn add_ref(x: &f64, y: f64) -> f64 {
    x + y
}
#[delayed]
fn sum(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

fn everywhere(mut check: impl FnMut(&dyn Scheduler)) {
    check(&InThread);
    for threads in [1, 2, 8] {
        check(&Threads::new(threads));
    }
}

#[test]
fn a_clone_and_its_original_do_not_wait_for_each_other() {
    everywhere(|scheduler| {
        let (alive, clones) = counters();
        let start = Counted::new(&alive, &clones);
        let graph = graph!({
            let m = pass(start);
            let a = m.clone();
            let s = show(m);
            both(&a, &s)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), "true true");
        assert_eq!(alive.load(SeqCst), 0);
        assert!(clones.load(SeqCst) <= 1);
    });
}

#[test]
fn a_copy_value_may_be_taken_before_it_is_lent() {
    everywhere(|scheduler| {
        let graph = graph!({
            let x = twice(1.0);
            let y = twice(x);
            add_ref(&x, y)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 6.0);
    });
}

#[test]
fn a_mover_waits_for_those_who_borrow() {
    everywhere(|scheduler| {
        let (alive, clones) = counters();
        let start = Counted::new(&alive, &clones);
        let graph = graph!({
            let t = token(start);
            let peeks: Vec<_> = (0..50).map(|_| peek(&t)).collect();
            // The mover stands first in the output, and still waits.
            (eat(t), peeks)
        });
        let (clones_seen, peeks) = graph.compute_on(scheduler).unwrap();
        assert_eq!(clones_seen, 0);
        assert!(peeks.iter().all(|&alive| alive == 1));
        assert_eq!((alive.load(SeqCst), clones.load(SeqCst)), (0, 0));
    });
}

#[test]
fn a_value_lent_a_million_times_and_then_moved() {
    for threads in [1, 2, 8] {
        let (alive, clones) = counters();
        let start = Counted::new(&alive, &clones);
        let graph = graph!({
            let t = token(start);
            let mut peeks = Vec::new();
            for _ in 0..1_000_000 {
                peeks.push(peek(&t));
            }
            (peeks, eat(t))
        });
        let (peeks, _) = graph.compute_on(&Threads::new(threads)).unwrap();
        assert_eq!(peeks.len(), 1_000_000);
        assert!(peeks.iter().all(|&alive| alive == 1));
        assert_eq!(alive.load(SeqCst), 0);
    }
}

#[test]
fn the_last_reader_of_a_clone_moves() {
    let (alive, clones) = counters();
    let start = Counted::new(&alive, &clones);
    let graph = graph!({
        let m = pass(start);
        let copies: Vec<_> = (0..3).map(|_| pass(m.clone())).collect();
        (copies, pass(m))
    });
    let output = graph.compute_on(&InThread).unwrap();
    // Four owners, three clones.
    assert_eq!((alive.load(SeqCst), clones.load(SeqCst)), (4, 3));
    drop(output);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn outputs_are_dropped_by_their_last_reader() {
    let (alive, clones) = counters();
    let peak = Arc::new(AtomicI64::new(0));
    #[delayed]
    fn load(alive: &Arc<AtomicI64>, clones: &Arc<AtomicUsize>, peak: &AtomicI64) -> Counted {
        let value = Counted::new(alive, clones);
        peak.fetch_max(alive.load(SeqCst), SeqCst);
        value
    }
    let peak = &*peak;
    let graph = graph!({
        // All loads are built before all reductions.
        let loads: Vec<_> = (0..1000).map(|_| load(&alive, &clones, peak)).collect();
        loads.iter().map(|value| look(value)).collect::<Vec<_>>()
    });
    assert_eq!(graph.compute_on(&Threads::new(2)).unwrap().len(), 1000);
    assert_eq!(alive.load(SeqCst), 0);
    assert!(peak.load(SeqCst) <= 4, "at most two a worker were alive: {}", peak.load(SeqCst));
}

#[test]
fn a_graph_that_is_dropped_or_fails_leaks_nothing() {
    everywhere(|scheduler| {
        let (alive, clones) = counters();
        #[delayed]
        fn fail(value: Counted) -> Counted {
            assert!(value.alive.load(SeqCst) < 0, "planned");
            value
        }
        let build = || {
            let values: Vec<Counted> = (0..9).map(|_| Counted::new(&alive, &clones)).collect();
            graph!({
                let mut outputs: Vec<_> = values.into_iter().map(|value| pass(value)).collect();
                let last = outputs.remove(0);
                let shared = last.clone();
                outputs.push(fail(last));
                outputs.push(shared);
                let dead = pass(outputs[0].clone());
                drop(dead);
                outputs
            })
        };
        drop(build());
        assert_eq!(alive.load(SeqCst), 0);
        assert!(build().compute_on(scheduler).is_err());
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn copies_are_read_as_often_as_wanted() {
    everywhere(|scheduler| {
        let graph = graph!({
            let x = twice(1.0);
            let xs: Vec<_> = (0..100).map(|_| x).collect();
            sum(xs) + x * x
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 204.0);
    });
}

#[test]
fn forgetting_a_graph_runs_nothing_and_is_sound() {
    let text = String::from("borrowed");
    let graph = graph!({ look_text(&text) });
    #[delayed]
    fn look_text(text: &str) -> usize {
        text.len()
    }
    std::mem::forget(graph);
    drop(text);
}
