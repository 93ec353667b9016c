//! What a run does after a failure: stop, stop after some, or finish what it can.

use crate::everywhere;
use std::collections::BTreeSet;
use std::sync::Mutex;
use taskweave::prelude::*;
use taskweave::{ErrorKind, OnFailure, cancelled};

#[delayed]
fn even(x: u64, ran: &Mutex<BTreeSet<u64>>) -> Result<u64, String> {
    ran.lock().unwrap().insert(x);
    if x.is_multiple_of(2) { Ok(x) } else { Err(format!("{x} is odd")) }
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}
#[delayed]
fn broken(x: u64) -> u64 {
    panic!("{x} breaks")
}

fn texts(error: &Error) -> Vec<String> {
    let text = |error: &Error| error.to_string().split(") ").nth(1).unwrap().to_string();
    error.all().iter().map(text).collect()
}

#[test]
fn finishing_runs_all_that_does_not_need_what_failed_and_tells_every_failure() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({
            let values: Vec<_> = (0..20).map(|x| even(x, &ran)?).collect();
            let bad = broken(99);
            (total(values), bad)
        });
        let error = graph.on_failure(OnFailure::Finish).compute_on(scheduler).unwrap_err();
        let mut expected: Vec<String> =
            (1..20).step_by(2).map(|x| format!("failed: {x} is odd")).collect();
        expected.push("panicked: 99 breaks".into());
        let mut got = texts(&error);
        // The first one's text counts the others.
        assert_eq!(got[0], "failed: 1 is odd");
        assert!(error.to_string().ends_with("failed: 1 is odd (and 10 more failures)"), "{error}");
        got[0] = "failed: 1 is odd".into();
        assert_eq!(got, expected);
        assert_eq!(error.kind(), ErrorKind::Failed);
        assert_eq!(error.all()[10].kind(), ErrorKind::Panicked);
        assert_eq!(ran.into_inner().unwrap(), (0..20).collect());
    });
}

#[test]
fn stopping_after_some_tells_those_of_the_lowest_places() {
    everywhere(|scheduler| {
        for (most, told) in [(0, 1), (1, 1), (3, 3), (10, 10), (11, 10)] {
            let ran = Mutex::new(BTreeSet::new());
            let graph = graph!({ (0..20).map(|x| even(x, &ran)?).collect::<Vec<_>>() });
            let error =
                graph.on_failure(OnFailure::StopAfter(most)).compute_on(scheduler).unwrap_err();
            let expected: Vec<String> =
                (1..20).step_by(2).take(told).map(|x| format!("failed: {x} is odd")).collect();
            assert_eq!(texts(&error), expected);
            // All of lower places have run.
            let last = 2 * told as u64 - 1;
            assert!((0..=last).all(|x| ran.lock().unwrap().contains(&x)));
        }
    });
}

#[test]
fn in_thread_nothing_behind_the_last_failure_runs() {
    let ran = Mutex::new(BTreeSet::new());
    let graph = graph!({ (0..20).map(|x| even(x, &ran)?).collect::<Vec<_>>() });
    graph.on_failure(OnFailure::StopAfter(3)).compute_on(&InThread).unwrap_err();
    assert_eq!(ran.into_inner().unwrap(), (0..=5).collect());
}

#[test]
fn without_a_failure_there_is_nothing_to_see_of_it() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({ total((0..9).map(|x| even(2 * x, &ran)?).collect::<Vec<_>>()) });
        assert_eq!(graph.on_failure(OnFailure::Finish).compute_on(scheduler).unwrap(), 72);
    });
}

#[test]
fn what_is_caught_is_no_failure_of_the_run() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({
            let caught: Vec<_> = (0..6).map(|x| even(x, &ran)?.catch(|_| 0)).collect();
            (total(caught), even(7, &ran)?, even(9, &ran)?)
        });
        let error = graph.on_failure(OnFailure::Finish).compute_on(scheduler).unwrap_err();
        assert_eq!(texts(&error), ["failed: 7 is odd", "failed: 9 is odd"]);
    });
}

#[test]
fn a_plan_keeps_its_policy_from_run_to_run() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({ (0..6).map(|x| even(x, &ran)?).collect::<Vec<_>>() });
        let mut plan = graph.on_failure(OnFailure::Finish).freeze().unwrap();
        for _ in 0..3 {
            let error = plan.run_on(scheduler).unwrap_err();
            assert_eq!(error.all().len(), 3);
        }
    });
}

#[test]
fn a_graph_that_awaits_finishes_what_it_has_begun() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({
            let others: Vec<_> = [5, 6, 7, 8].map(|x| even(x, &ran)?).into();
            let first = even(3, &ran)?.await;
            let others = total(others);
            others + first
        });
        let error = graph.on_failure(OnFailure::Finish).compute_on(scheduler).unwrap_err();
        assert_eq!(texts(&error)[0], "failed: 3 is odd");
        // Where there are threads for them, the others are begun ahead.
        let odd: Vec<String> = texts(&error)[1..].to_vec();
        let expected: Vec<String> = [5, 7].iter().map(|x| format!("failed: {x} is odd")).collect();
        assert!(odd.is_empty() || odd == expected, "{odd:?}");
    });
}

#[test]
fn cancelling_stops_a_run_that_would_finish() {
    #[delayed]
    fn waits(begun: std::sync::mpsc::Sender<()>) -> u64 {
        begun.send(()).unwrap();
        while !cancelled() {
            std::thread::yield_now();
        }
        0
    }
    let (begun, begins) = std::sync::mpsc::channel();
    let graph = graph!({ (0..9).map(|_| waits(begun.clone())).collect::<Vec<_>>() });
    let run = graph.on_failure(OnFailure::Finish).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    assert_eq!(run.cancel_and_wait().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_graph_that_awaits_does_not_tell_what_it_caught() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let graph = graph!({
            let caught = even(1, &ran)?.catch(|_| 5).await;
            let odd = even(7, &ran)?.await;
            caught + odd
        });
        let error = graph.on_failure(OnFailure::Finish).compute_on(scheduler).unwrap_err();
        assert_eq!(texts(&error), ["failed: 7 is odd"]);
        let graph = graph!({
            let _others: Vec<_> = [1, 3, 5].map(|x| even(x, &ran)).into();
            let bad: Vec<_> = [11, 13, 15].map(|x| even(x, &ran)?).into();
            let odd = even(9, &ran)?.await;
            total(bad) + odd
        });
        let error = graph.on_failure(OnFailure::StopAfter(2)).compute_on(scheduler).unwrap_err();
        assert!(error.all().len() <= 2);
    });
}

#[test]
fn a_part_that_awaits_keeps_its_own_policy() {
    everywhere(|scheduler| {
        let ran = Mutex::new(BTreeSet::new());
        let part = graph!({
            let first = even(2, &ran)?.await;
            let bad: Vec<_> = [3, 5].map(|x| even(x, &ran)?).into();
            total(bad) + first
        })
        .on_failure(OnFailure::Finish);
        let error = graph!({ taskweave::gather(part) }).compute_on(scheduler).unwrap_err();
        assert_eq!(texts(&error), ["failed: 3 is odd", "failed: 5 is odd"]);
    });
}
