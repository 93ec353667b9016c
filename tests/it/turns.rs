//! Whose turn it is: limits of how many tasks run at once, and priorities.

use crate::everywhere;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use taskweave::prelude::*;
use taskweave::{ErrorKind, Limit, TaskOptions, gather};

#[delayed]
fn double(x: u32) -> u32 {
    2 * x
}
/// Tells that it has begun, and holds on until the test lets it go.
#[delayed]
fn hold(begun: Sender<()>, release: Arc<Mutex<Receiver<()>>>) -> u32 {
    begun.send(()).unwrap();
    let _ = release.lock().unwrap().recv();
    1
}

static PAIRS: Limit = Limit::new(2);

#[delayed]
fn within(running: Arc<AtomicUsize>, most: Arc<AtomicUsize>) -> usize {
    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
    std::thread::yield_now();
    running.fetch_sub(1, SeqCst)
}

#[test]
fn no_more_tasks_run_than_a_limit_lets_in_whichever_runs_they_are_of() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let graph = || {
        let (running, most) = (running.clone(), most.clone());
        graph!({
            let all: Vec<_> = (0..200)
                .map(|_| {
                    within(running.clone(), most.clone()).with(TaskOptions::new().within(&PAIRS))
                })
                .collect();
            gather(all)
        })
    };
    std::thread::scope(|scope| {
        for number in 0..4 {
            let graph = graph();
            scope.spawn(move || {
                let all = match number {
                    0 => graph.compute_on(&InThread),
                    _ => graph.compute_on(&Threads::new(4)),
                };
                assert_eq!(all.unwrap().len(), 200);
            });
        }
    });
    assert!((1..=2).contains(&most.load(SeqCst)), "{most:?} at once");
    assert_eq!((PAIRS.running(), PAIRS.max()), (0, 2));
}

#[delayed(max_running = 1)]
fn alone(depth: u32) -> u32 {
    // A graph in a task that has the place.
    if depth == 0 { 1 } else { graph!({ alone(depth - 1) + alone(depth - 1) }).compute().unwrap() }
}

#[test]
fn a_task_with_a_place_computes_graphs_with_the_same_limit() {
    everywhere(|scheduler| {
        assert_eq!(graph!({ alone(3) }).compute_on(scheduler).unwrap(), 8);
    });
}

#[test]
fn what_waits_for_its_turn_is_skipped_when_the_run_stops() {
    static ONE: Limit = Limit::new(1);
    let holder = Threads::new(2);
    let (let_go, release) = channel();
    let release = Arc::new(Mutex::new(release));
    let one = TaskOptions::new().within(&ONE);
    let (begun, begins) = channel();
    let held = graph!({ hold(begun, release).with(one) }).spawn_on(&holder);
    begins.recv().unwrap();
    // Fails while its other task waits.
    #[delayed]
    fn fail() -> Result<u32, String> {
        Err("stop".into())
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let failed = fail()?;
            failed + double(3).with(one)
        });
        assert!(graph.compute_on(scheduler).is_err());
    });
    // Is cancelled while it waits.
    let run = graph!({ double(1).with(one) }).spawn_on(&Threads::new(2));
    assert!(run.wait_timeout(Duration::from_millis(20)).is_none());
    assert_eq!(run.cancel_and_wait().unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(ONE.running(), 1);
    let_go.send(()).unwrap();
    assert_eq!(held.wait().unwrap(), 1);
    assert_eq!(graph!({ double(4).with(one) }).compute().unwrap(), 8);
}

#[test]
fn a_higher_priority_comes_first_among_ready_tasks() {
    #[delayed]
    fn note(log: Arc<Mutex<Vec<i32>>>, number: i32) -> i32 {
        log.lock().unwrap().push(number);
        number
    }
    #[delayed(priority = 5)]
    fn urgent(log: Arc<Mutex<Vec<i32>>>, number: i32) -> i32 {
        log.lock().unwrap().push(number);
        number
    }
    let priorities = [0, -3, 7, 2, 7, 0, -1];
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(1)] {
        let log = Arc::new(Mutex::new(Vec::new()));
        let graph = graph!({
            let all: Vec<_> = priorities
                .iter()
                .enumerate()
                .map(|(at, &priority)| {
                    note(log.clone(), at as i32).with(TaskOptions::new().priority(priority))
                })
                .collect();
            let urgent = urgent(log.clone(), 10);
            let after = note(log.clone(), 11).after(&urgent);
            gather((all, urgent, after))
        });
        graph.compute_on(scheduler).unwrap();
        // Of equals the first; what becomes ready later takes its turn then.
        assert_eq!(*log.lock().unwrap(), [2, 4, 10, 3, 0, 5, 11, 6, 1]);
        // The same of a graph that awaits.
        log.lock().unwrap().clear();
        let graph = graph!({
            let all: Vec<_> = priorities
                .iter()
                .enumerate()
                .map(|(at, &priority)| {
                    note(log.clone(), at as i32).with(TaskOptions::new().priority(priority))
                })
                .collect();
            gather(all).await.len()
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 7);
        assert_eq!(*log.lock().unwrap(), [2, 4, 3, 0, 5, 6, 1]);
    }
}

#[test]
fn priorities_do_not_change_which_error_is_returned() {
    #[delayed]
    fn fail(number: u32) -> Result<u32, String> {
        Err(format!("number {number}"))
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let all: Vec<_> =
                (0..20).map(|n| fail(n)?.with(TaskOptions::new().priority(n as i32))).collect();
            gather(all)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("failed: number 0"), "{error}");
    });
}

#[test]
fn a_place_is_nobodys_who_is_at_something_else() {
    // Tasks of the limit beside tasks that compute graphs of it: no thread may be left to take a place that was kept for one of the former.
    #[delayed(max_running = 1)]
    fn fetch(n: u64) -> u64 {
        std::thread::yield_now();
        n
    }
    #[delayed]
    fn analyse(n: u64) -> u64 {
        (0..3).map(|_| graph!({ fetch(n) }).compute().unwrap()).sum()
    }
    #[delayed]
    fn sum(all: Vec<u64>) -> u64 {
        all.iter().sum()
    }
    everywhere(|scheduler| {
        for _ in 0..10 {
            let graph = graph!({
                let mut all = Vec::new();
                for n in 0..10 {
                    all.push(fetch(n));
                    all.push(analyse(n));
                }
                sum(all)
            });
            assert_eq!(graph.compute_on(scheduler).unwrap(), 180);
        }
    });
}

#[test]
fn a_task_that_waits_does_not_keep_its_place_from_what_its_thread_is_at() {
    static ONE: Limit = Limit::new(1);
    #[delayed]
    fn nested(waits: Sender<()>) -> u32 {
        waits.send(()).unwrap();
        graph!({ double(2).with(TaskOptions::new().within(&ONE)) }).compute().unwrap()
    }
    let one = TaskOptions::new().within(&ONE);
    let ((begun, begins), (let_go, release)) = (channel(), channel());
    let release = Arc::new(Mutex::new(release));
    let held = graph!({ hold(begun, release).with(one) }).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    let (waits, waited) = channel();
    let waiting = std::thread::spawn(move || {
        graph!({ gather((double(1).with(one), nested(waits))) }).compute_on(&InThread)
    });
    // The first one waits by now, on the thread of the second one.
    waited.recv().unwrap();
    let_go.send(()).unwrap();
    assert_eq!(held.wait().unwrap(), 1);
    assert_eq!(waiting.join().unwrap().unwrap(), (2, 4));
}

#[test]
fn a_task_with_a_place_spawns_runs_with_the_same_limit() {
    #[delayed(max_running = 1)]
    fn walk(n: u32) -> u32 {
        if n == 0 { 0 } else { graph!({ walk(n - 1) }).spawn().wait().unwrap() + 1 }
    }
    everywhere(|scheduler| assert_eq!(graph!({ walk(3) }).compute_on(scheduler).unwrap(), 3));
}

#[test]
fn destructors_compute_graphs_with_a_limit_that_the_task_before_had_a_place_in() {
    static ONE: Limit = Limit::new(1);
    struct Computes;
    impl Drop for Computes {
        fn drop(&mut self) {
            let one = TaskOptions::new().within(&ONE);
            assert_eq!(graph!({ double(1).with(one) }).compute().unwrap(), 2);
        }
    }
    #[delayed]
    fn make(late: bool) -> Computes {
        while late && !taskweave::cancelled() {
            std::thread::yield_now();
        }
        Computes
    }
    #[delayed]
    fn read(_computes: &Computes) -> u32 {
        5
    }
    everywhere(|scheduler| {
        let one = TaskOptions::new().within(&ONE);
        let graph = graph!({
            let made = make(false);
            read(&made).with(one)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 5);
        let graph = graph!({
            let made = make(true).with(one.timeout(Duration::from_millis(5)));
            read(&made)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(ONE.running(), 0);
    });
}
