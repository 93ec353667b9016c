//! Static graphs with values whose destructors panic: always an error of the run, whichever way it runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use taskweave::prelude::*;
use taskweave::{ErrorKind, static_graph};

/// Bombs that are alive.
static ALIVE: AtomicUsize = AtomicUsize::new(0);

pub struct Bomb(u64);
impl Bomb {
    fn new(number: u64) -> Bomb {
        ALIVE.fetch_add(1, SeqCst);
        Bomb(number)
    }
}
impl Drop for Bomb {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, SeqCst);
        panic!("bomb {}", self.0);
    }
}

#[delayed]
fn made(number: u64) -> Bomb {
    Bomb::new(number)
}
/// Long enough to be tried on threads.
#[delayed]
fn look(bomb: &Bomb) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(40) {}
    bomb.0
}
#[delayed]
fn sum(a: u64, b: u64) -> u64 {
    a + b
}
#[delayed]
fn panics(a: u64, b: u64) -> u64 {
    panic!("{a} and {b}")
}
#[delayed]
fn fails(a: u64, b: u64) -> Result<u64, String> {
    Err(format!("{a} and {b}"))
}
#[delayed]
fn defused(bomb: Bomb, number: u64) -> u64 {
    ALIVE.fetch_sub(1, SeqCst);
    std::mem::forget(bomb);
    number
}

static_graph! {
    struct Lent(v: Bomb, w: Bomb) { let a = look(&v); let b = look(&w); let c = sum(a, b); c }
}
static_graph! {
    struct Made(x: u64) {
        let v = made(x);
        let w = made(x + 1);
        let a = look(&v);
        let b = look(&w);
        let c = sum(a, b);
        c
    }
}
static_graph! {
    struct Unread(_v: Bomb, w: Bomb) { let a = look(&w); let b = look(&w); let c = sum(a, b); c }
}
static_graph! {
    struct Output(v: Bomb) { let a = look(&v); let b = look(&v); let c = sum(a, b); let d = made(c); d }
}
static_graph! {
    struct Panics(v: Bomb, w: Bomb) { let a = look(&v); let b = look(&w); let c = panics(a, b); c }
}
static_graph! {
    struct Fails(v: Bomb, w: Bomb) {
        let a = look(&v);
        let b = look(&w);
        let c = fails(a, b)?;
        let d = defused(v, c);
        let e = defused(w, d);
        e
    }
}
static_graph! {
    struct Taken(v: Bomb, w: Bomb) {
        let a = look(&v);
        let b = look(&w);
        let c = defused(v, a);
        let d = defused(w, b);
        let e = sum(c, d);
        e
    }
}

/// Runs it in both ways; each time it gives the same.
fn each_time<T>(mut run: impl FnMut() -> Result<T, Error>) -> Option<(ErrorKind, String)> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut once = || {
        let outcome = catch_unwind(AssertUnwindSafe(&mut run)).expect("a run does not unwind");
        assert_eq!(ALIVE.load(SeqCst), 0, "all are dropped");
        outcome.err().map(|error| (error.kind(), error.to_string()))
    };
    let told = taskweave::with_scheduler(&Threads::new(2), || {
        let first = once();
        (0..4).for_each(|_| assert_eq!(once(), first));
        first
    });
    std::panic::set_hook(hook);
    told.unwrap()
}

#[test]
fn a_destructor_that_panics_is_an_error_of_a_static_graph() {
    let (mut lent, mut made, mut unread) = (Lent::new(), Made::new(), Unread::new());
    let (mut output, mut panics, mut fails) = (Output::new(), Panics::new(), Fails::new());
    let mut taken = Taken::new();
    let dropped = |task: &str, bomb: u64, told: Option<(ErrorKind, String)>| {
        let (kind, text) = told.expect("an error");
        assert_eq!(kind, ErrorKind::DropPanicked, "{text}");
        assert!(text.starts_with(&format!("task `{task}`")), "{text}");
        assert!(text.ends_with(&format!("panicked while it was dropped: bomb {bomb}")), "{text}");
    };
    dropped("look", 1, each_time(|| lent.run(Bomb::new(1), Bomb::new(2))));
    dropped("made", 1, each_time(|| made.run(1)));
    dropped("look", 1, each_time(|| unread.run(Bomb::new(1), Bomb::new(2))));
    // What the run would have given is dropped, too.
    dropped("look", 1, each_time(|| output.run(Bomb::new(1))));
    // A task's own failure is told rather.
    let (kind, text) = each_time(|| panics.run(Bomb::new(1), Bomb::new(2))).expect("an error");
    assert!(kind == ErrorKind::Panicked && text.ends_with("panicked: 1 and 2"), "{text}");
    let (kind, text) = each_time(|| fails.run(Bomb::new(1), Bomb::new(2))).expect("an error");
    assert!(kind == ErrorKind::Failed && text.ends_with("failed: 1 and 2"), "{text}");
    assert_eq!(each_time(|| taken.run(Bomb::new(1), Bomb::new(2))), None);
}
