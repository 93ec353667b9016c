//! `static_graph!`: declared in any order, run again and again.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use taskweave::prelude::*;
use taskweave::{ErrorKind, static_graph};

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}
#[delayed]
fn words(text: &str, times: usize) -> Vec<String> {
    (0..times).map(|i| format!("{text}{i}")).collect()
}
#[delayed]
fn count(words: &[String]) -> usize {
    words.len()
}
#[delayed]
fn joined(words: Vec<String>, count: usize) -> String {
    format!("{count}:{}", words.join("+"))
}
#[delayed]
fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err(format!("{x} is negative")) } else { Ok(x.sqrt()) }
}
#[delayed]
fn brittle(x: f64) -> f64 {
    assert!(x < 1e6, "too large: {x}");
    x
}
#[delayed]
fn all(values: Vec<f64>, more: [f64; 2], (a, b): (f64, f64)) -> f64 {
    values.iter().chain(&more).sum::<f64>() + a + b
}

static_graph! {
    /// A small one.
    #[derive(Clone, Debug)]
    pub struct Pipe(x: f64) {
        let out = add(l, r);
        let l = half(s);
        let r = add(s, 1.0);
        let s = half(x);
        out
    }
}
const _: () = assert!(Pipe::TASKS == 4 && Pipe::EDGES == 4 && Pipe::CRITICAL_PATH == 3);
const _: () = assert!(Pipe::WIDTH == 2 && Pipe::LEVEL_WIDTH == 2);

static_graph! {
    struct Text(text: &str, times: usize) {
        // Takes the words, so it comes after `n`, which borrows them.
        let out = joined(w, n);
        let n = count(&w);
        let w = words(text, times);
        out
    }
}

// `n` reads `w`, and `out` both: nothing beside the data.
const _: () = assert!(Text::EDGES == 3 && Text::CRITICAL_PATH == 3 && Text::WIDTH == 1);

static_graph! {
    struct Order(text: &str, times: usize) {
        let out = told(a, b);
        // Nothing tells it from `b`'s place in the data, but it takes the words.
        let a = joined(w, 0);
        let b = count(&w);
        let w = words(text, times);
        out
    }
}
const _: () = assert!(Order::EDGES == 4 && Order::CRITICAL_PATH == 4);
const _: () = assert!(Order::WIDTH == 1 && Order::LEVEL_WIDTH == 1);

#[delayed]
fn told(text: String, count: usize) -> String {
    format!("{text}/{count}")
}

const ROOT_LINE: u32 = line!() + 5;

static_graph! {
    struct Fails(x: f64) {
        let out = add(a, b);
        let a = root(y)?;
        let b = brittle(y);
        let y = add(x, 1.0);
        out
    }
}

static_graph! {
    struct Containers(x: f64, scale: f64) {
        let out = all(vec![a, b, x], [a, half(scale)], (b, x.max(scale)));
        let a = half(x);
        let b = half(a);
        out
    }
}

#[test]
fn it_runs_again_and_again() {
    let mut pipe = Pipe::new();
    for x in 0..1_000 {
        let x = f64::from(x);
        assert_eq!(pipe.run(x).unwrap(), x / 4.0 + x / 2.0 + 1.0);
    }
    assert!(Pipe::DOT.starts_with("digraph Pipe {") && Pipe::DOT.contains("out = add"));
    assert_eq!(Pipe::default().run(4.0).unwrap(), 4.0);
}

#[test]
fn who_takes_a_value_comes_after_who_borrows_it() {
    let mut text = Text::new();
    let owned = String::from("w");
    assert_eq!(text.run(&owned, 3).unwrap(), "3:w0+w1+w2");
    assert_eq!(text.run("v", 0).unwrap(), "0:");
    assert_eq!(Order::new().run("w", 2).unwrap(), "0:w0+w1/2");
    assert!(Order::DOT.contains("t2 -> t1 [style=dashed];"), "{}", Order::DOT);
}

#[test]
fn failures_name_the_task_and_its_line() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut fails = Fails::new();
    assert_eq!(fails.run(3.0).unwrap(), 6.0);
    let error = fails.run(-5.0).unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("root")));
    assert_eq!(error.location().unwrap().line(), ROOT_LINE);
    let error = fails.run(1e7).unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::Panicked, Some("brittle")));
    assert!(error.to_string().contains("too large: 10000001"), "{error}");
    assert_eq!(fails.run(0.0).unwrap(), 2.0);
    std::panic::set_hook(hook);
}

#[test]
fn arguments_are_expressions_of_names() {
    let mut graph = Containers::new();
    let (x, scale) = (8.0_f64, 3.0);
    let (a, b) = (x / 2.0, x / 4.0);
    assert_eq!(graph.run(x, scale).unwrap(), (a + b + x) + (a + scale / 2.0) + b + x.max(scale));
}

/// Long enough to pay, so that the tasks run on the scheduler.
mod long {
    use super::*;

    /// How many times `work` has run.
    pub static RAN: AtomicUsize = AtomicUsize::new(0);

    pub fn turned(seed: u64, turns: u64) -> u64 {
        (0..turns).fold(seed, |x, n| std::hint::black_box(x.rotate_left(5) ^ n))
    }
    #[delayed]
    pub fn work(seed: u64, turns: u64) -> u64 {
        RAN.fetch_add(1, SeqCst);
        turned(seed, turns)
    }
    #[delayed]
    pub fn uncounted(seed: u64, turns: u64) -> u64 {
        turned(seed, turns)
    }
    #[delayed]
    pub fn boxed(seed: u64) -> Result<Box<u64>, String> {
        if seed == 13 { Err("unlucky".into()) } else { Ok(Box::new(seed)) }
    }
    #[allow(clippy::boxed_local)]
    #[delayed]
    pub fn both(a: &u64, b: Box<u64>, c: u64, d: u64) -> u64 {
        assert!(*a != 17, "seventeen");
        a ^ *b ^ c.wrapping_mul(3) ^ d
    }
    #[delayed]
    pub fn last(so_far: u64, out: Alone) -> u64 {
        so_far ^ out.0
    }
    /// Not `Clone`.
    pub struct Alone(pub u64);
    #[delayed]
    pub fn alone(x: u64) -> Alone {
        Alone(x)
    }
    static_graph! {
        /// Its last task reads a part of what it takes.
        pub struct ReadsAndTakes(seed: u64, turns: u64) {
            let l = uncounted(seed, turns);
            let r = uncounted(seed, turns);
            let both = alone(l ^ r.wrapping_mul(3));
            let out = last(both.0, both);
            out
        }
    }
    static_graph! {
        pub struct Long(seed: u64, turns: u64) {
            let out = both(&seed, first, l, r);
            let l = work(s, turns);
            let r = work(s, turns);
            let s = work(seed, turns);
            let first = boxed(seed)?;
            out
        }
    }
}

#[test]
fn long_runs_give_the_same_on_threads() {
    use long::*;
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let turns = 40_000;
    let expected = |seed: u64| {
        let s = turned(seed, turns);
        both(&seed, Box::new(seed), turned(s, turns), turned(s, turns))
    };
    let ran = || RAN.swap(0, SeqCst);
    for workers in [1, 2, 8] {
        taskweave::with_scheduler(&Threads::new(workers), || {
            let mut graph = Long::new();
            for round in 0..5 {
                for seed in [1, 2, 3] {
                    assert_eq!(graph.run(seed, turns).unwrap(), expected(seed), "{round}");
                    assert_eq!(ran(), 3, "each task once");
                }
                let error = graph.run(13, turns).unwrap_err();
                assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("boxed")));
                assert!(ran() <= 3);
                let error = graph.run(17, turns).unwrap_err();
                assert_eq!(ran(), 3, "all that the last one reads");
                assert_eq!((error.kind(), error.task()), (ErrorKind::Panicked, Some("both")));
                assert_eq!(error.location().unwrap().file(), file!());
            }
        })
        .unwrap();
    }
    std::panic::set_hook(hook);
}

/// Tasks that know how many of them are running.
mod beside {
    use super::*;
    use std::time::{Duration, Instant};

    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    /// The most that ran at once.
    pub static MOST: AtomicUsize = AtomicUsize::new(0);

    /// Waits a while for the other one; there may be only one thread.
    #[delayed]
    pub fn meets(x: u64) -> u64 {
        MOST.fetch_max(RUNNING.fetch_add(1, SeqCst) + 1, SeqCst);
        let since = Instant::now();
        while MOST.load(SeqCst) < 2 && since.elapsed() < Duration::from_millis(20) {
            std::thread::yield_now();
        }
        RUNNING.fetch_sub(1, SeqCst);
        x
    }
    #[delayed]
    pub fn sum(a: u64, b: u64) -> u64 {
        a + b
    }
    static_graph! {
        pub struct Beside(x: u64) {
            let out = sum(l, r);
            let l = meets(x);
            let r = meets(x);
            out
        }
    }
}

#[test]
fn tasks_run_at_once() {
    use beside::{Beside, MOST};
    taskweave::with_scheduler(&Threads::new(2), || {
        for _ in 0..50 {
            let mut graph = Beside::new();
            // The first run is one after the other, and says that threads may pay.
            assert_eq!((graph.run(3).unwrap(), MOST.load(SeqCst)), (6, 1));
            assert_eq!(graph.run(3).unwrap(), 6);
            if MOST.load(SeqCst) == 2 {
                return;
            }
        }
        panic!("two threads never ran two tasks at once");
    })
    .unwrap();
}

#[test]
fn who_takes_a_value_may_read_it_on_threads_too() {
    use long::*;
    for workers in [1, 2] {
        taskweave::with_scheduler(&Threads::new(workers), || {
            let mut graph = ReadsAndTakes::new();
            for _ in 0..20 {
                assert_eq!(graph.run(5, 40_000).unwrap(), 0);
            }
        })
        .unwrap();
    }
}

#[test]
fn it_can_be_declared_in_a_function_and_in_a_static() {
    static_graph! {
        struct Local(x: f64) { let a = half(x); a }
    }
    static SHARED: std::sync::Mutex<Pipe> = std::sync::Mutex::new(Pipe::new());
    assert_eq!(Local::new().run(3.0).unwrap(), 1.5);
    assert_eq!(SHARED.lock().unwrap().run(4.0).unwrap(), 4.0);
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Pipe>();
    assert_eq!(SHARED.lock().unwrap().clone().run(4.0).unwrap(), 4.0);
}

mod arguments {
    use taskweave::{delayed, static_graph};

    #[derive(Clone)]
    pub struct Output {
        pub name: String,
        pub value: f64,
    }
    pub const TABLE: f64 = 3.0;

    #[delayed]
    pub fn add(a: f64, b: f64) -> f64 {
        a + b
    }
    #[delayed]
    pub fn named(name: String, value: f64) -> Output {
        Output { name, value }
    }
    #[delayed]
    pub fn list(x: f64) -> Vec<f64> {
        vec![x, x + 1.0]
    }
    #[delayed]
    pub fn text(name: String) -> String {
        name
    }
    static_graph! {
        pub struct Arguments(x: f64, start: Output) {
            let a = add(v.iter().map(|a| a + x).sum(), TABLE);
            let v = list(x);
            let b = add(v[0], { let n = 1.0; n + a });
            let c = add(v[1], match v.first() { Some(y) if *y > 0.0 => *y, _ => b });
            let sum = add(out.value, start.value);
            let label = text(start.name.clone());
            let out = named(String::from("x"), c);
            let last = named(label, sum);
            last
        }
    }
}

#[test]
fn arguments_are_expressions_with_names_of_their_own() {
    let mut graph = arguments::Arguments::new();
    let start = arguments::Output { name: "start".to_owned(), value: 0.5 };
    for x in [1.0, 2.0] {
        let last = graph.run(x, start.clone()).unwrap();
        let list = [x, x + 1.0];
        let c = list[1] + list[0];
        assert_eq!((last.name.as_str(), last.value), ("start", c + 0.5));
    }
}

/// What is not `Clone`, and functions that are passed.
mod parts {
    use taskweave::{delayed, static_graph};

    pub struct Lone(pub String, pub Vec<f64>);
    impl Lone {
        pub fn into_name(self) -> String {
            self.0
        }
    }
    pub struct Scaled {
        pub scale: fn(f64) -> f64,
    }
    /// Another than the input of that name.
    pub fn scale(x: f64) -> f64 {
        x * 1000.0
    }
    pub fn twice(x: f64) -> f64 {
        x * 2.0
    }
    #[delayed]
    pub fn lone(x: f64) -> Lone {
        Lone(format!("{x}"), vec![x])
    }
    #[delayed]
    pub fn same(x: f64) -> f64 {
        x
    }
    #[delayed]
    pub fn pair(name: String, x: f64) -> (String, f64) {
        (name, x)
    }
    #[delayed]
    pub fn whole(count: usize, lone: Lone) -> (usize, String) {
        (count, lone.0)
    }
    #[delayed]
    pub fn sizes(of_all: usize, more: Vec<usize>) -> usize {
        of_all + more.into_iter().sum::<usize>()
    }
    #[delayed]
    pub fn count(values: &[f64]) -> usize {
        values.len()
    }
    static_graph! {
        pub struct Called(x: f64, scale: fn(f64) -> f64, all: [fn(f64) -> f64; 2], held: Scaled) {
            let a = same(scale(x));
            let b = same(scale(a) + same((|n: f64| n + x)(a)));
            let c = same(all[0](b) + (all[1])(b) + (held.scale)(b));
            let twice = same(twice(self::scale(c)));
            twice
        }
    }
    static_graph! {
        pub struct Taken(x: f64) {
            let l = lone(x);
            let taken = pair(l.0, l.1[0]);
            let m = lone(x);
            let named = pair(m.into_name(), x);
            let n = lone(x);
            let all = whole(n.1.len(), n);
            let out = all_of(taken, named, all);
            out
        }
    }
    #[delayed]
    pub fn all_of(a: (String, f64), b: (String, f64), c: (usize, String)) -> String {
        format!("{a:?} {b:?} {c:?}")
    }
    #[delayed]
    pub fn list(x: f64) -> Vec<f64> {
        vec![x; 3]
    }
    static_graph! {
        pub struct Hidden(x: f64) {
            let w = list(x);
            let n = count(&w);
            let r#in = sizes(w.iter().map(|w| size_of_val(&w)).sum(), vec![n, size_of_val(&w)]);
            let out = sizes({ let w = [0_u8; 5]; size_of_val(&w) }, vec![r#in, w.len()]);
            out
        }
    }
}

#[test]
fn values_are_called_as_they_would_be_in_a_function() {
    let held = || parts::Scaled { scale: |x| x + 7.0 };
    let out = parts::Called::new().run(1.0, |x| x * 2.0, [|x| x * 3.0, |x| x * 5.0], held());
    let b = 4.0 + 3.0;
    assert_eq!(out.unwrap(), parts::twice(parts::scale(b * 3.0 + b * 5.0 + b + 7.0)));
}

#[test]
fn who_alone_uses_a_value_may_take_parts_of_it() {
    let expected = r#"("1.5", 1.5) ("1.5", 1.5) (1, "1.5")"#;
    assert_eq!(parts::Taken::new().run(1.5).unwrap(), expected);
}

#[test]
fn what_an_argument_binds_hides_what_is_lent() {
    let n = 3;
    let inner = 3 * size_of::<&f64>() + n + size_of::<Vec<f64>>();
    assert_eq!(parts::Hidden::new().run(1.0).unwrap(), 5 + inner + 3);
}

#[test]
fn question_marks_and_returns_of_closures_leave_those() {
    static_graph! {
        struct Parsed(text: &'static str, add: u64) {
            let a = plus({
                let parse = |text: &str| -> Option<u64> { Some(text.parse::<u64>().ok()? + add) };
                let or_zero = |text: &str| match parse(text) {
                    Some(number) => number,
                    None => return 0,
                };
                or_zero(text)
            }, 1);
            a
        }
    }
    #[delayed]
    fn plus(a: u64, b: u64) -> u64 {
        a + b
    }
    assert_eq!(Parsed::new().run("7", 2).unwrap(), 10);
    assert_eq!(Parsed::new().run("x", 2).unwrap(), 1);
}

mod own {
    pub fn x() -> f64 {
        0.25
    }
    pub const LIMIT: f64 = 0.5;
}

#[test]
fn names_in_texts_and_imports_of_an_argument_are_its_own() {
    static_graph! {
        struct Own(x: f64) {
            // Braces that are escaped, a name that is given, a text that is no format, imports in a block.
            let a = sum_of(x, format!("{{x}} {x}", x = 1).len());
            let b = add(a, { use own::x; x() });
            let c = add(b, { use own::LIMIT as b; b });
            let d = sum_of(c, concat!("{x}").len() + stringify!(x).len());
            d
        }
    }
    #[delayed]
    fn sum_of(a: f64, n: usize) -> f64 {
        a + n as f64
    }
    assert_eq!(Own::new().run(1.0).unwrap(), 1.0 + 5.0 + 0.25 + 0.5 + 4.0);
}

#[test]
fn who_comes_last_anyway_may_take_parts_of_what_others_borrow() {
    static_graph! {
        struct Eaten(text: &'static str) {
            let out = joined(w.into_iter().rev().collect(), m);
            let m = plus(n, w.len());
            let n = count(&w);
            let w = words(text, 2);
            out
        }
    }
    #[delayed]
    fn plus(a: usize, b: usize) -> usize {
        a + b
    }
    assert_eq!(Eaten::new().run("w").unwrap(), "4:w1+w0");

    // Not for two arguments of one task, of which the second would find nothing.
    static_graph! {
        struct ReadTwice(text: &'static str) {
            let out = three(n, w.into_iter().count(), w.into_iter().map(|w| w.len()).sum());
            let n = count(&w);
            let w = words(text, 2);
            out
        }
    }
    #[delayed]
    fn three(a: usize, b: usize, c: usize) -> usize {
        100 * a + 10 * b + c
    }
    assert_eq!(ReadTwice::new().run("w").unwrap(), 224);
}
