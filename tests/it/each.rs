//! Outputs one by one, as they are done.

use crate::everywhere;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use taskweave::ErrorKind;
use taskweave::prelude::*;

#[delayed]
fn even(x: u64) -> Result<u64, String> {
    if x.is_multiple_of(2) { Ok(x) } else { Err(format!("{x} is odd")) }
}
#[delayed]
fn square(x: u64) -> u64 {
    x * x
}
#[delayed]
fn boxed(x: u64) -> Box<u64> {
    Box::new(x)
}

/// What is given, by index; each index once.
fn collected<T: Send + Sync + 'static>(
    graph: Graph<'_, Vec<T>>,
    scheduler: &dyn Scheduler,
) -> BTreeMap<usize, Result<T, String>> {
    let mut all = BTreeMap::new();
    graph
        .compute_each_on(scheduler, |at, result| {
            let result = result.map_err(|error| error.to_string());
            assert!(all.insert(at, result).is_none(), "{at} is given twice");
        })
        .unwrap();
    all
}

#[test]
fn each_member_is_given_once_also_those_that_fail() {
    everywhere(|scheduler| {
        let graph = graph!({ (0..50).map(|x| square(even(x)?)).collect::<Vec<_>>() });
        let all = collected(graph, scheduler);
        assert_eq!(all.len(), 50);
        for (at, result) in all {
            let at = at as u64;
            match result {
                Ok(value) => assert_eq!((value, at % 2), (at * at, 0)),
                Err(error) => assert!(error.ends_with(&format!("failed: {at} is odd")), "{error}"),
            }
        }
    });
}

#[test]
fn owned_shared_and_borrowed_values_are_given() {
    everywhere(|scheduler| {
        let words = ["to".to_string(), "weave".to_string()];
        #[delayed]
        fn length(word: &str) -> u64 {
            word.len() as u64
        }
        let graph = graph!({
            let (a, b) = (boxed(1), boxed(2));
            let sum = a.map_ref(|a| Box::new(**a + 10));
            vec![a, b.clone(), sum, b]
        });
        let all = collected(graph, scheduler);
        let expected = [1, 2, 11, 2].map(|x| Ok(Box::new(x)));
        assert_eq!(all.into_values().collect::<Vec<_>>(), expected);
        let twice = graph!({
            let x = square(3);
            vec![x, x]
        });
        assert_eq!(collected(twice, scheduler).into_values().collect::<Vec<_>>(), [Ok(9), Ok(9)]);
        let borrowed =
            graph!({ words.iter().map(|word| length(word.as_str())).collect::<Vec<_>>() });
        assert_eq!(
            collected(borrowed, scheduler).into_values().collect::<Vec<_>>(),
            [Ok(2), Ok(5)]
        );
    });
}

#[test]
fn a_member_is_given_before_others_are_done() {
    #[delayed]
    fn waits(given: &Mutex<Receiver<usize>>) -> u64 {
        // Until the other member has been given.
        given.lock().unwrap().recv().unwrap() as u64
    }
    let (give, given) = channel();
    let given = Mutex::new(given);
    let graph = graph!({ vec![waits(&given), square(2)] });
    let mut order = Vec::new();
    graph
        .compute_each_on(&Threads::new(2), |at, result| {
            order.push((at, result.unwrap()));
            give.send(at).unwrap();
        })
        .unwrap();
    assert_eq!(order, [(1, 4), (0, 1)]);
}

#[test]
fn a_vector_that_one_task_makes_and_one_of_plain_values_come_at_the_end() {
    #[delayed]
    fn numbers(n: u64) -> Vec<u64> {
        (0..n).collect()
    }
    everywhere(|scheduler| {
        assert_eq!(collected(graph!({ numbers(3) }), scheduler).len(), 3);
        assert_eq!(collected(graph!({ vec![1, 2] }), scheduler).len(), 2);
        let empty: Graph<'static, Vec<u64>> = graph!({
            let none: Vec<Delayed<'_, '_, u64>> = Vec::new();
            none
        });
        assert_eq!(collected(empty, scheduler).len(), 0);
        let grown = graph!({
            let n = square(2).await;
            (0..n).map(|x| square(x)).collect::<Vec<_>>()
        });
        assert_eq!(collected(grown, scheduler).len(), 4);
        let nested = graph!({ vec![vec![square(1), square(2)], vec![square(3)]] });
        let all = collected(nested, scheduler).into_values().collect::<Vec<_>>();
        assert_eq!(all, [Ok(vec![1, 4]), Ok(vec![9])]);
    });
}

#[test]
fn a_receiver_that_panics_ends_the_run() {
    everywhere(|scheduler| {
        let graph = graph!({ (0..20).map(|x| square(x)).collect::<Vec<_>>() });
        let mut calls = 0;
        let error = graph
            .compute_each_on(scheduler, |_, _| {
                calls += 1;
                panic!("enough");
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().ends_with("panicked: enough"), "{error}");
        assert_eq!(calls, 1);
        let all_at_once = graph!({
            let n = square(2).await;
            (0..n).map(|x| square(x)).collect::<Vec<_>>()
        });
        let error = all_at_once.compute_each_on(scheduler, |_, _| panic!("enough")).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panicked, Some("compute_each")));
    });
}

#[test]
fn what_is_spawned_gives_its_members_as_they_are_done() {
    everywhere(|scheduler| {
        let graph = graph!({ (0..30).map(|x| square(even(x)?)).collect::<Vec<_>>() });
        let all: BTreeMap<_, _> = graph.as_completed_on(scheduler).collect();
        assert_eq!(all.len(), 30);
        assert!(all.iter().all(|(at, result)| result.is_ok() == at.is_multiple_of(2)));
    });
    let (give, given) = channel();
    #[delayed]
    fn waits(given: Receiver<u64>) -> u64 {
        given.recv().unwrap() + 1
    }
    let graph = graph!({ vec![waits(given), square(2)] });
    let mut completed = graph.as_completed_on(&Threads::new(2));
    let (first, four) = completed.next().unwrap();
    give.send(four.unwrap()).unwrap();
    assert_eq!((first, completed.next().unwrap().1.unwrap()), (1, 5));
    assert!(completed.next().is_none());
    completed.wait().unwrap();
}

#[test]
fn what_is_spawned_can_be_cancelled_and_dropped_between_two_members() {
    #[delayed]
    fn endless(x: u64) -> u64 {
        while x > 0 && !taskweave::cancelled() {
            std::thread::yield_now();
        }
        x
    }
    let graph = || graph!({ (0..9).map(|x| endless(x)).collect::<Vec<_>>() });
    let mut completed = graph().as_completed_on(&Threads::new(2));
    assert_eq!(completed.next().unwrap().1.unwrap(), 0);
    completed.cancel();
    assert_eq!(completed.wait().unwrap_err().kind(), ErrorKind::Cancelled);
    let mut completed = graph().as_completed_on(&Threads::new(2));
    assert_eq!(completed.next().unwrap().0, 0);
    drop(completed);
}
