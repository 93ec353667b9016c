//! Errors name the task and the line of the call, and don't depend on timing.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};
use taskweave::ErrorKind;
use taskweave::prelude::*;

#[delayed]
fn inc(x: i64) -> i64 {
    x + 1
}
#[delayed]
fn parse(text: &str) -> Result<i64, std::num::ParseIntError> {
    text.parse()
}
#[delayed]
fn boom(x: i64) -> i64 {
    panic!("boom {x}")
}
#[delayed]
fn fail_at(at: usize, ran: &AtomicUsize) -> Result<usize, String> {
    ran.fetch_add(1, SeqCst);
    Err(format!("at {at}"))
}
#[delayed]
fn fine(at: usize, ran: &AtomicUsize) -> usize {
    ran.fetch_add(1, SeqCst);
    at
}

#[test]
fn a_panic_names_the_task_the_line_and_the_payload() {
    let graph = graph!({
        let x = inc(1);
        inc(boom(x))
    });
    let line = line!() - 2;
    let error = graph.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(error.task(), Some("boom"));
    assert_eq!(
        error.to_string(),
        format!("task `boom` (tests/it/errors.rs:{line}) panicked: boom 2")
    );
    assert_eq!(*error.take_panic().unwrap().downcast::<String>().unwrap(), "boom 2");
}

#[test]
fn an_err_keeps_its_type() {
    let ran = AtomicUsize::new(0);
    let graph = graph!({
        let x = parse("12a")?;
        #[delayed]
        fn downstream(x: i64, ran: &AtomicUsize) -> i64 {
            ran.fetch_add(1, SeqCst);
            x
        }
        downstream(x, &ran)
    });
    let error = graph.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.to_string().starts_with("task `parse` (tests/it/errors.rs:"), "{error}");
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    // Its text is in this one's already: a chain of causes shows nothing twice.
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(ran.load(SeqCst), 0, "nothing downstream ran");
    let copy = error.clone();
    assert_eq!(copy.to_string(), error.to_string());
}

#[test]
fn or_fail_on_a_handle_names_the_task_that_returned_the_error() {
    let graph = graph!({
        let result = parse("x");
        inc(result.or_fail())
    });
    assert_eq!(graph.compute().unwrap_err().task(), Some("parse"));
}

#[test]
fn without_a_question_mark_the_result_is_the_value() {
    let graph = graph!({ [parse("1"), parse("x")] });
    let [one, x] = graph.compute().unwrap();
    assert!(one == Ok(1) && x.is_err());
}

#[test]
fn the_failure_with_the_lowest_place_is_returned_whatever_the_timing() {
    for threads in [1, 2, 8] {
        let pool = Threads::new(threads);
        for round in 0..50 {
            let ran = AtomicUsize::new(0);
            let graph = graph!({
                let mut all = Vec::new();
                for at in 0..100 {
                    let fails = at % 10 == 7;
                    all.push(if fails { fail_at(at, &ran)? } else { fine(at, &ran) });
                }
                all
            });
            let error = graph.compute_on(&pool).unwrap_err();
            assert!(error.to_string().ends_with("failed: at 7"), "round {round}: {error}");
            assert!(ran.load(SeqCst) >= 8, "those of a lower place ran");
        }
    }
}

#[test]
fn after_a_failure_tasks_of_a_higher_place_do_not_start() {
    let ran = AtomicUsize::new(0);
    let graph = graph!({
        let mut all = vec![fine(0, &ran), fail_at(1, &ran)?];
        for at in 2..1000 {
            all.push(fine(at, &ran));
        }
        all
    });
    assert!(graph.compute_on(&InThread).is_err());
    assert_eq!(ran.load(SeqCst), 2);
}

#[test]
fn a_pool_survives_panics() {
    let pool = Threads::new(2);
    for _ in 0..20 {
        assert!(graph!({ boom(1) }).compute_on(&pool).is_err());
        assert_eq!(graph!({ inc(1) }).compute_on(&pool).unwrap(), 2);
    }
}

#[test]
fn a_value_whose_drop_panics_is_an_error_of_its_task() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("bomb");
            }
        }
    }
    #[delayed]
    fn make(_n: u8) -> Bomb {
        Bomb
    }
    #[delayed]
    fn read(_bomb: &Bomb) -> u8 {
        1
    }
    #[delayed]
    fn unused(_x: u8, bomb: Bomb) -> u8 {
        std::mem::forget(bomb);
        0
    }
    for threads in [1, 2] {
        let pool = Threads::new(threads);
        // Dropped by the last reader.
        let error = graph!({ read(&make(1)) }).compute_on(&pool).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::DropPanicked, Some("make")));
        // Captured by a task that is skipped: the first failure wins.
        let bomb = Bomb;
        let graph = graph!({ unused(read_n(boom(1)), bomb) });
        #[delayed]
        fn read_n(n: i64) -> u8 {
            n as u8
        }
        assert_eq!(graph.compute_on(&pool).unwrap_err().kind(), ErrorKind::Panicked);
        // Captured by a task that leads nowhere.
        let bomb = Bomb;
        let graph = graph!({
            drop(unused(0, bomb));
            inc(1)
        });
        assert_eq!(graph.compute_on(&pool).unwrap_err().kind(), ErrorKind::DropPanicked);
    }
}

#[test]
fn a_clone_that_panics_is_an_error_of_the_reader() {
    struct Brittle;
    impl Clone for Brittle {
        fn clone(&self) -> Self {
            panic!("not to be cloned")
        }
    }
    #[delayed]
    fn brittle() -> Brittle {
        Brittle
    }
    #[delayed]
    fn use_three(_values: Vec<Brittle>, _late: i64) -> u8 {
        1
    }
    for threads in [1, 2] {
        let graph = graph!({
            let b = brittle();
            use_three(vec![b.clone(), b.clone(), b], inc(1))
        });
        let error = graph.compute_on(&Threads::new(threads)).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panicked, Some("use_three")));
    }
}

#[test]
fn debug_and_source_are_those_of_an_ordinary_error() {
    fn ordinary() -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
        Ok(graph!({ parse("?")? }).compute()?)
    }
    let error = ordinary().unwrap_err();
    // What `main` shows when it returns the error.
    assert!(format!("{error:?}").starts_with("task `parse` (tests/it/errors.rs:"));
}

#[test]
fn errors_and_payloads_may_panic_when_they_are_shown_or_dropped() {
    #[derive(Debug)]
    struct Vile(u64);
    impl std::fmt::Display for Vile {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }
    impl std::error::Error for Vile {}
    impl Drop for Vile {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }
    #[delayed]
    fn fails(n: u64) -> Result<u64, Vile> {
        Err(Vile(n))
    }
    #[delayed]
    fn panics(n: u64) -> u64 {
        std::panic::panic_any(Vile(n))
    }
    #[delayed]
    fn all(values: Vec<u64>) -> u64 {
        values.len() as u64
    }
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(1), &Threads::new(4)] {
        let graph = graph!({
            let mut values = Vec::new();
            for n in 0..40 {
                // The later ones fail first where places are taken from the back.
                values.push(if n % 2 == 0 { fails(n)? } else { panics(n) });
            }
            all(values)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("fails")));
        assert_eq!(error.downcast_ref::<Vile>().unwrap().0, 0);
        // It cannot be dropped either.
        std::mem::forget(error);
        assert_eq!(graph!({ all(vec![1]) }).compute_on(scheduler).unwrap(), 1);
    }
}

/// So many that `planted-leak` is seen by LeakSanitizer wherever a run stops and whatever old addresses lie on stacks.
#[test]
fn what_waits_for_a_task_that_fails_is_dropped() {
    #[delayed]
    fn join(word: String, among: Arc<()>, x: i64) -> usize {
        word.len() + Arc::strong_count(&among) + usize::from(x > 0)
    }
    let threads = Threads::new(4);
    for scheduler in [&InThread as &dyn Scheduler, &threads] {
        let alive = Arc::new(());
        let graph = graph!({
            let x = boom(1);
            let lengths: Vec<_> =
                (0..1000).map(|i| join(format!("word {i}"), alive.clone(), x)).collect();
            lengths
        });
        assert_eq!(Arc::strong_count(&alive), 1001);
        assert_eq!(graph.compute_on(scheduler).unwrap_err().task(), Some("boom"));
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}

#[test]
fn no_payload_is_leaked_where_several_values_panic_as_they_are_dropped() {
    static ALIVE: AtomicIsize = AtomicIsize::new(0);
    struct Counted;
    impl Counted {
        fn new() -> Counted {
            ALIVE.fetch_add(1, SeqCst);
            Counted
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }
    #[derive(Clone)]
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                std::panic::panic_any(Counted::new());
            }
        }
    }
    #[delayed]
    fn bomb() -> Bomb {
        Bomb
    }
    /// Called with a clone, while another attempt may follow: its value and what it keeps to clone are both dropped by a panic.
    #[delayed(retries = 1)]
    fn passes_on(bomb: Bomb) -> Result<Bomb, String> {
        Ok(bomb)
    }
    #[delayed]
    fn gathers(bombs: Vec<Bomb>) -> usize {
        bombs.iter().map(|bomb| std::mem::forget(bomb.clone())).count()
    }
    let threads = Threads::new(4);
    for scheduler in [&InThread as &dyn Scheduler, &threads] {
        let graph = graph!({
            let mut bombs = Vec::new();
            for _ in 0..20 {
                bombs.push(passes_on(bomb())?);
            }
            gathers(bombs)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        drop(error);
        assert_eq!(ALIVE.load(SeqCst), 0);
    }
}

#[test]
fn of_two_values_that_panic_late_the_one_built_first_is_told() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    #[delayed]
    fn a() -> Bomb {
        Bomb
    }
    #[delayed]
    fn b() -> Bomb {
        Bomb
    }
    #[delayed]
    fn look(_bomb: &Bomb) -> u64 {
        1
    }
    let threads = Threads::new(4);
    for _ in 0..50 {
        for scheduler in [&InThread as &dyn Scheduler, &threads] {
            let graph = graph!({
                let (first, second) = (a(), b());
                let (x, y) = (look(&second), look(&first));
                x + y
            });
            let error = graph.compute_on(scheduler).unwrap_err();
            assert_eq!((error.kind(), error.task()), (ErrorKind::DropPanicked, Some("a")));
        }
    }
}
