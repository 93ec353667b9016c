//! Static graphs whose output is a tuple of tasks.

use std::sync::{Arc, Mutex};
use taskweave::prelude::*;
use taskweave::{ErrorKind, InThread, Recorder, Scheduler, Threads, static_graph};

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn text(x: f64) -> String {
    x.to_string()
}
#[delayed]
fn length(text: &str) -> usize {
    text.len()
}
#[delayed]
fn root(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err(format!("{x} has no root")) } else { Ok(x.sqrt()) }
}

static_graph! {
    pub struct Halves(t: f64) -> (f64, f64) { let a = half(t); let b = half(a); (a, b) }
}
static_graph! {
    // What others read first, what is lent, and what nobody reads; a task that fails.
    pub struct Mixed(x: f64) {
        let size = length(&shown);
        let shown = text(low);
        let low = root(x)?;
        (size, shown, low)
    }
}
static_graph! {
    struct Alone(x: f64) { let a = text(x); (a,) }
}
static_graph! {
    struct InParentheses(x: f64) { let a = half(x); (a) }
}
static_graph! {
    struct Twice(x: f64) -> (f64, f64, f64) { let a = half(x); let b = half(a); (a, b, a) }
}

const _: () = {
    assert!(Halves::DEPTH == 2 && Mixed::DEPTH == Mixed::CRITICAL_PATH);
    assert!(Halves::TASKS == 2 && Halves::EDGES == 1 && Halves::CRITICAL_PATH == 2);
    assert!(Halves::WIDTH == 1 && Halves::LEVEL_WIDTH == 1);
    assert!(Mixed::TASKS == 3 && Mixed::EDGES == 2 && Mixed::CRITICAL_PATH == 3);
};

#[test]
fn an_output_may_be_a_tuple_of_tasks() {
    assert_eq!(Halves::new().run(8.0).unwrap(), (4.0, 2.0));
    let mut mixed = Mixed::new();
    assert_eq!(mixed.run(4.0).unwrap(), (1, "2".to_owned(), 2.0));
    let error = mixed.run(-1.0).unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("root")));
    assert_eq!(Alone::new().run(1.5).unwrap(), ("1.5".to_owned(),));
    assert_eq!(InParentheses::new().run(1.5).unwrap(), 0.75);
    assert_eq!(Twice::new().run(4.0).unwrap(), (2.0, 1.0, 2.0));
}

#[test]
fn the_picture_has_the_tasks_alone() {
    let lines: Vec<&str> = Halves::DOT.lines().map(str::trim).collect();
    assert_eq!(
        lines[2..],
        ["t0 [label=\"a = half\"];", "t1 [label=\"b = half\"];", "t0 -> t1;", "}"]
    );
}

mod slow {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use taskweave::{delayed, static_graph};

    pub static DROPPED: AtomicU64 = AtomicU64::new(0);
    pub struct Held(pub u64);
    impl Drop for Held {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Relaxed);
        }
    }

    #[delayed]
    pub fn slowly(x: u64) -> u64 {
        std::thread::sleep(std::time::Duration::from_millis(1));
        x + 1
    }
    #[delayed]
    pub fn held(x: u64) -> Held {
        Held(x)
    }
    #[delayed]
    pub fn look(held: &Held) -> u64 {
        held.0
    }
    #[delayed]
    pub fn checked(x: u64) -> Result<u64, String> {
        if x > 100 { Err(format!("{x} is too much")) } else { Ok(x) }
    }

    static_graph! {
        pub struct Several(x: u64, y: u64) {
            let left = slowly(x);
            let right = slowly(y);
            let kept = held(left);
            let seen = look(&kept);
            let late = checked(right)?;
            let early = checked(left)?;
            (seen, kept, left, late, early)
        }
    }
    const _: () = assert!(Several::WIDTH == 3 && Several::TASKS == 6 && Several::EDGES == 4);
}

/// Both tests below count what is dropped.
static COUNTS: Mutex<()> = Mutex::new(());

#[test]
fn a_tuple_is_the_same_on_threads_and_nothing_of_it_is_lost() {
    let _alone = COUNTS.lock().unwrap();
    let before = slow::DROPPED.load(std::sync::atomic::Ordering::Relaxed);
    let recorder = Arc::new(Recorder::new());
    taskweave::with_scheduler(&Threads::new(3).observe(recorder.clone()), || {
        let mut several = slow::Several::new();
        for n in 0..20 {
            let (seen, kept, left, late, early) = several.run(n, n + 1).unwrap();
            assert_eq!((seen, kept.0, left, late, early), (n + 1, n + 1, n + 1, n + 2, n + 1));
            // Of two failures that of the member which comes first.
            let error = several.run(200, 300).map(drop).unwrap_err();
            assert!(error.to_string().contains("301 is too much"), "{error}");
        }
    })
    .unwrap();
    assert_eq!(slow::DROPPED.load(std::sync::atomic::Ordering::Relaxed) - before, 40);
    let events = recorder.events();
    assert!(!events.is_empty(), "no run was on threads");
    // What puts the tuple together is no task, and has no events.
    assert!(events.iter().all(|event| event.name() == "static"));
}

#[test]
fn a_run_on_a_scheduler_is_as_one_on_the_current() {
    let _alone = COUNTS.lock().unwrap();
    let recorder = Arc::new(Recorder::new());
    let threads = Threads::new(3).observe(recorder.clone());
    let mut several = slow::Several::new();
    for n in 0..20 {
        let (seen, kept, ..) = several.run_on(&threads, n, n + 1).unwrap();
        assert_eq!((seen, kept.0), (n + 1, n + 1));
    }
    assert!(!recorder.events().is_empty(), "no run was on these threads");
    let schedulers: [&dyn Scheduler; 2] = [&InThread, &threads];
    for scheduler in schedulers {
        assert_eq!(Halves::new().run_on(scheduler, 8.0).unwrap(), (4.0, 2.0));
        assert_eq!(Alone::new().run_on(scheduler, 1.5).unwrap().0, "1.5");
        let error = several.run_on(scheduler, 200, 0).map(drop).unwrap_err();
        assert_eq!(error.task(), Some("checked"));
    }
}

type Outcome<T> = Result<T, String>;

#[delayed]
fn checked(x: f64) -> Outcome<f64> {
    if x < 0.0 { Err(format!("{x} is negative")) } else { Ok(x) }
}

static_graph! {
    /// Its output's function returns a `Result` under another name.
    pub struct Checked(x: f64) {
        let out = checked(x)?;
        out
    }
}
static_graph! {
    struct CheckedTwice(x: f64) {
        let first = checked(x)?;
        let second = checked(first)?;
        (first, second)
    }
}

#[test]
fn what_a_question_mark_takes_from_a_result_of_another_name_is_the_output() {
    assert_eq!(Checked::new().run(2.0).unwrap(), 2.0);
    assert_eq!(CheckedTwice::new().run(2.0).unwrap(), (2.0, 2.0));
    let error = CheckedTwice::new().run(-1.0).unwrap_err().to_string();
    assert!(error.contains("-1 is negative"), "{error}");
}

#[delayed]
fn or_zero(result: Result<f64, String>) -> f64 {
    result.unwrap_or(0.0)
}
#[delayed]
fn is_err(result: &Result<f64, String>) -> bool {
    result.is_err()
}
#[delayed]
fn shown(result: &dyn std::fmt::Debug) -> String {
    format!("{result:?}")
}

static_graph! {
    pub struct Recovered(x: f64) {
        let result = root(x);
        let failed = is_err(&result);
        let text = shown(&result);
        let out = or_zero(result);
        (failed, text, out)
    }
}

#[test]
fn a_result_without_a_question_mark_is_passed_on_to_who_takes_results() {
    assert_eq!(Recovered::new().run(4.0).unwrap(), (false, "Ok(2.0)".to_owned(), 2.0));
    let (failed, text, out) = Recovered::new().run(-1.0).unwrap();
    assert_eq!((failed, out), (true, 0.0));
    assert!(text.contains("-1 has no root"), "{text}");
}
