//! What is said of tasks acts on every driver: retries and pauses here; beside it time limits, and whose turn it is.

use crate::everywhere;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use taskweave::prelude::*;
use taskweave::{ErrorKind, TaskOptions, cancelled, task_attempt};

/// Fails until it has been called so often.
#[derive(Clone, Debug)]
pub struct Flaky {
    calls: Arc<AtomicU32>,
    fails: u32,
}

pub fn flaky(fails: u32) -> Flaky {
    Flaky { calls: Arc::default(), fails }
}

impl Flaky {
    pub fn call(&self) -> Result<u32, String> {
        let call = self.calls.fetch_add(1, SeqCst);
        if call < self.fails { Err(format!("call {call}")) } else { Ok(call) }
    }
    pub fn calls(&self) -> u32 {
        self.calls.load(SeqCst)
    }
}

#[delayed(retries = 3)]
fn patient(flaky: Flaky) -> Result<u32, String> {
    flaky.call()
}
#[delayed(retries = 3)]
fn panicky(flaky: &Flaky) -> u32 {
    flaky.call().unwrap()
}
#[delayed]
fn once(flaky: Flaky) -> Result<u32, String> {
    flaky.call()
}
#[delayed]
fn double(x: u32) -> u32 {
    2 * x
}

fn silently<T>(f: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let value = f();
    std::panic::set_hook(hook);
    value
}

#[test]
fn a_task_is_tried_again_after_an_err() {
    everywhere(|scheduler| {
        let flaky = flaky(2);
        let graph = graph!({ double(patient(flaky.clone())?) });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 4);
        assert_eq!(flaky.calls(), 3);
    });
}

#[test]
fn a_task_is_tried_again_after_a_panic() {
    silently(|| {
        everywhere(|scheduler| {
            let flaky = flaky(3);
            assert_eq!(graph!({ double(panicky(&flaky)) }).compute_on(scheduler).unwrap(), 6);
            assert_eq!(flaky.calls(), 4);
        });
    });
}

#[test]
fn the_last_failure_is_the_tasks_and_says_which_attempt_it_was() {
    everywhere(|scheduler| {
        let flaky = flaky(9);
        let error = graph!({ double(patient(flaky.clone())?) }).compute_on(scheduler).unwrap_err();
        assert_eq!(flaky.calls(), 4);
        assert_eq!(error.kind(), ErrorKind::Failed);
        let text = error.to_string();
        assert!(text.ends_with("failed in attempt 4 of 4: call 3"), "{text}");
    });
}

#[test]
fn without_a_question_mark_an_err_is_tried_again_and_the_last_one_is_the_value() {
    everywhere(|scheduler| {
        let good = flaky(1);
        assert_eq!(graph!({ patient(good) }).compute_on(scheduler).unwrap(), Ok(1));
        let bad = flaky(9);
        let value = graph!({ patient(bad) }).compute_on(scheduler).unwrap();
        assert_eq!(value, Err("call 3".into()));
    });
}

#[test]
fn a_call_has_options_of_its_own_which_come_before_its_functions() {
    everywhere(|scheduler| {
        let (more, fewer, none) = (flaky(1), flaky(9), flaky(0));
        let graph = graph!({
            let more = once(more.clone())?.with(TaskOptions::new().retries(1));
            let fewer = patient(fewer.clone()).with(TaskOptions::new().retries(0));
            (more, fewer, once(none.clone()).with(TaskOptions::new())?)
        });
        let (one, other, third) = graph.compute_on(scheduler).unwrap();
        assert_eq!((one, other, third), (1, Err("call 0".into()), 0));
        assert_eq!((more.calls(), fewer.calls(), none.calls()), (2, 1, 1));
    });
}

#[test]
fn a_task_that_is_not_tried_again_because_its_run_stops_ends_with_its_own_outcome() {
    #[derive(Debug, PartialEq)]
    struct Busy;
    impl std::fmt::Display for Busy {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("busy")
        }
    }
    impl std::error::Error for Busy {}
    #[delayed(retries = 3)]
    fn busy(begun: Sender<()>) -> Result<u32, Busy> {
        begun.send(()).unwrap();
        while !cancelled() {
            std::thread::yield_now();
        }
        Err(Busy)
    }
    let pool = Threads::new(2);
    let (begun, begins) = channel();
    let run = graph!({ busy(begun.clone())? }).spawn_on(&pool);
    begins.recv().unwrap();
    let error = run.cancel_and_wait().unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Busy), "{error}");
    // Without `?` the `Err` is the value.
    let run = graph!({ busy(begun.clone()) }).spawn_on(&pool);
    begins.recv().unwrap();
    assert_eq!(run.cancel_and_wait().unwrap(), Err(Busy));
}

#[test]
fn a_task_can_ask_which_attempt_it_is() {
    #[delayed(retries = 5)]
    fn third() -> Result<u32, String> {
        if task_attempt() < 3 { Err("not yet".into()) } else { Ok(task_attempt()) }
    }
    #[delayed]
    fn first(_after: u32) -> u32 {
        task_attempt()
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let third = third()?;
            (third, first(third))
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (3, 1));
    });
    assert_eq!(task_attempt(), 1);
}

/// Counts how many of it there are.
#[derive(Debug)]
pub struct Counted(Arc<AtomicUsize>, Vec<u8>);
impl Counted {
    pub fn new(count: &Arc<AtomicUsize>) -> Counted {
        count.fetch_add(1, SeqCst);
        Counted(count.clone(), vec![7; 3])
    }
}
impl Clone for Counted {
    fn clone(&self) -> Counted {
        self.0.fetch_add(1, SeqCst);
        Counted(self.0.clone(), self.1.clone())
    }
}
impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[delayed]
fn counted(count: Arc<AtomicUsize>) -> Counted {
    Counted::new(&count)
}
#[delayed(retries = 2)]
fn consume(mut value: Counted, others: Vec<Counted>, lent: &Counted, flaky: Flaky) -> Counted {
    assert_eq!((value.1.len(), lent.1.len(), others.len()), (3, 3, 2), "attempts see the same");
    value.1.clear();
    flaky.call().unwrap();
    drop(others);
    value
}

#[test]
fn each_attempt_gets_what_the_first_got_and_nothing_is_left() {
    silently(|| {
        everywhere(|scheduler| {
            for fails in [0, 2, 9] {
                let (count, flaky) = (Arc::new(AtomicUsize::new(0)), flaky(fails));
                let graph = graph!({
                    let lent = counted(count.clone());
                    let plain = Counted::new(&count);
                    let late = counted(count.clone());
                    let others = vec![counted(count.clone()), late.clone()];
                    let _ = plain;
                    consume(late, others, &lent, flaky.clone())
                });
                let outcome = graph.compute_on(scheduler);
                assert_eq!(outcome.is_ok(), fails < 3);
                drop(outcome);
                assert_eq!(count.load(SeqCst), 0, "with {fails} failures");
            }
        });
    });
}

#[test]
fn plans_try_again_in_each_run() {
    everywhere(|scheduler| {
        let flaky = flaky(1);
        let mut plan = graph!({ double(patient(flaky.clone())?) }).freeze().unwrap();
        assert_eq!(plan.run_on(scheduler).unwrap(), 2);
        assert_eq!(plan.run_on(scheduler).unwrap(), 4);
        assert_eq!(flaky.calls(), 3);
    });
}

#[test]
fn graphs_that_await_try_again() {
    everywhere(|scheduler| {
        let flaky = flaky(2);
        let graph = graph!({
            let first = patient(flaky.clone())?.await;
            assert_eq!(first, 2);
            double(patient(flaky.clone())?)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 6);
    });
}

#[test]
fn what_cannot_be_tried_again_is_an_error_of_the_graph() {
    #[derive(Debug)]
    struct Whole;
    #[delayed]
    fn whole() -> Whole {
        Whole
    }
    #[delayed]
    fn eat(_whole: Whole) -> u32 {
        1
    }
    let options = TaskOptions::new().retries(1);
    let told = |graph: Graph<'_, u32>| {
        let error = graph.check().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Options);
        error.to_string()
    };
    let text = told(graph!({ eat(whole()).with(options) }));
    assert!(text.contains("task `eat`") && text.contains("not known to be `Clone`"), "{text}");
    let text = told(graph!({ double(1).map(|x| x + 1).with(options) }));
    assert!(text.contains("task `map`") && text.contains("write a #[delayed] function"), "{text}");
    let text = told(Graph::build(|graph| graph.value(1_u32).with(options)));
    assert!(text.contains("is a plain value and no task"), "{text}");
    let pause = TaskOptions::new().backoff(Duration::from_millis(1));
    let text = told(graph!({ double(1).with(pause) }));
    assert!(text.contains("say how often"), "{text}");
    assert!(graph!({ double(1).with(options).with(pause) }).check().is_ok());
}

#[test]
fn options_come_too_late_after_an_await() {
    let graph = graph!({
        let early = double(1);
        let two = double(early).await;
        early.with(TaskOptions::new().priority(two as i32))
    });
    let error = graph.compute().unwrap_err();
    assert!(error.to_string().contains("before the graph's next `.await`"), "{error}");
}

#[test]
fn pauses_between_attempts_grow_and_end_when_the_run_is_cancelled() {
    #[delayed(retries = 2, backoff = Duration::from_millis(5))]
    fn pausing(flaky: Flaky) -> Result<u32, String> {
        flaky.call()
    }
    everywhere(|scheduler| {
        let start = Instant::now();
        assert!(graph!({ pausing(flaky(9))? }).compute_on(scheduler).is_err());
        assert!(start.elapsed() >= Duration::from_millis(15));
    });
    #[delayed(retries = 1, backoff = Duration::from_secs(60))]
    fn sleepy(begun: Sender<()>) -> Result<u32, String> {
        begun.send(()).unwrap();
        Err("again".into())
    }
    let (begun, begins) = channel();
    let run = graph!({ sleepy(begun)? }).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    let start = Instant::now();
    assert!(run.cancel_and_wait().is_err());
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(begins.recv().is_err(), "it was not tried again");
}

struct Model(u32);
#[delayed]
impl Model {
    #[delayed(name = "predict", retries = 1)]
    fn predict(&self, flaky: Flaky) -> Result<u32, String> {
        flaky.call().map(|call| call + self.0)
    }
}
#[delayed]
fn model() -> Model {
    Model(10)
}

#[test]
fn methods_have_options_too() {
    everywhere(|scheduler| {
        let graph = graph!({
            let model = model();
            model.predict(flaky(1))?
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 11);
    });
}

#[delayed(retries = 1)]
fn generic<T: Clone + Send + Sync + 'static>(value: Vec<T>, flaky: Flaky) -> Result<usize, String> {
    flaky.call().map(|_| value.len())
}

#[test]
fn generic_functions_are_tried_again() {
    everywhere(|scheduler| {
        let graph = graph!({ generic(vec![Some("a"), None], flaky(1))? });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 2);
    });
}

type Fetched = Result<u32, String>;
#[delayed(retries = 1)]
fn aliased(flaky: &Flaky) -> Fetched {
    flaky.call()
}

#[test]
fn an_alias_of_a_result_is_one() {
    everywhere(|scheduler| {
        let flaky = flaky(1);
        assert_eq!(graph!({ aliased(&flaky) }).compute_on(scheduler).unwrap(), Ok(1));
    });
}

#[test]
fn destructors_that_panic_in_attempts_are_failures_and_nothing_worse() {
    #[derive(Clone)]
    struct Spiky;
    impl Drop for Spiky {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("spiky");
            }
        }
    }
    #[delayed(retries = 1)]
    fn keep(_in: &u32, lent: Spiky) -> Option<Spiky> {
        std::mem::forget(lent);
        Some(Spiky)
    }
    #[delayed]
    fn read(_spiky: Option<Spiky>) -> u32 {
        1
    }
    silently(|| {
        everywhere(|scheduler| {
            let error = graph!({ read(keep(&1, Spiky)) }).compute_on(scheduler).unwrap_err();
            assert!(error.to_string().contains("spiky"), "{error}");
            assert_eq!(graph!({ double(2) }).compute_on(scheduler).unwrap(), 4);
        });
    });
}
