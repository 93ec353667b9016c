//! Tasks that take too long: what they know, what happens to what they return, and who is told when.

use crate::everywhere;
use crate::options::{Counted, Flaky, flaky};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use taskweave::prelude::*;
use taskweave::{Cancelled, ErrorKind, TaskOptions, cancelled, checkpoint};

#[delayed]
fn double(x: u32) -> u32 {
    2 * x
}

/// Runs until it is cancelled, or its time is over.
#[delayed(timeout = Duration::from_millis(10))]
fn endless(stopped: Sender<bool>) -> u32 {
    while !cancelled() {
        std::thread::yield_now();
    }
    stopped.send(cancelled()).unwrap();
    1
}
#[delayed(timeout = Duration::from_millis(10))]
fn checking() -> Result<u32, Cancelled> {
    loop {
        checkpoint()?;
        std::thread::yield_now();
    }
}

#[test]
fn a_task_that_takes_too_long_knows_it_and_what_needs_it_does_not_start() {
    everywhere(|scheduler| {
        let (stopped, stops) = channel();
        let ran = AtomicUsize::new(0);
        let graph =
            graph!({ endless(stopped.clone()).map(|x| ran.fetch_add(1, SeqCst) as u32 + x) });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::TimedOut, Some("endless")));
        let text = error.to_string();
        assert!(text.ends_with("timed out: it did not return within 10ms"), "{text}");
        assert!(stops.recv().unwrap());
        assert_eq!(ran.load(SeqCst), 0);
        // That it left at a checkpoint is not why it failed.
        let error = graph!({ checking()? }).compute_on(scheduler).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        // A failure like any other.
        assert_eq!(graph!({ checking()?.catch(|_| 5) }).compute_on(scheduler).unwrap(), 5);
    });
}

#[test]
fn a_value_that_comes_too_late_is_dropped() {
    everywhere(|scheduler| {
        let count = Arc::new(AtomicUsize::new(0));
        fn late(count: &Arc<AtomicUsize>) -> Counted {
            while !cancelled() {
                std::thread::yield_now();
            }
            Counted::new(count)
        }
        let graph = graph!({
            let task = double(1).map(|_| late(&count));
            task.with(TaskOptions::new().timeout(Duration::from_millis(5)))
        });
        assert_eq!(graph.compute_on(scheduler).unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(count.load(SeqCst), 0);
    });
}

#[delayed(timeout = Duration::from_millis(60), retries = 2)]
fn slow_at_first(flaky: Flaky) -> u32 {
    let late = flaky.call().is_err();
    while late && !cancelled() {
        std::thread::yield_now();
    }
    assert_eq!(late, cancelled(), "each attempt has its own time");
    9
}

#[test]
fn a_timeout_is_of_one_attempt_and_is_tried_again() {
    everywhere(|scheduler| {
        let twice = flaky(2);
        assert_eq!(graph!({ slow_at_first(twice.clone()) }).compute_on(scheduler).unwrap(), 9);
        let always = flaky(9);
        let error = graph!({ slow_at_first(always.clone()) }).compute_on(scheduler).unwrap_err();
        let text = error.to_string();
        assert!(
            text.ends_with("timed out in attempt 3 of 3: it did not return within 60ms"),
            "{text}"
        );
        assert_eq!(always.calls(), 3);
    });
}

#[test]
fn a_graph_that_a_task_computes_is_cancelled_when_its_time_is_over() {
    #[delayed]
    fn inner() -> Result<u32, Cancelled> {
        loop {
            checkpoint()?;
            std::thread::yield_now();
        }
    }
    #[delayed(timeout = Duration::from_millis(10))]
    fn outer() -> Result<u32, Error> {
        graph!({ inner()? }).compute()
    }
    everywhere(|scheduler| {
        let error = graph!({ outer()? }).compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::TimedOut, Some("outer")));
    });
}

/// Holds on until the test lets it go, whatever it is told.
#[delayed]
fn stubborn(release: Arc<Mutex<Receiver<()>>>) -> u32 {
    let _ = release.lock().unwrap().recv();
    1
}

#[test]
fn who_waits_for_a_spawned_run_is_told_in_time_and_cancelling_waits() {
    let threads = Threads::new(2);
    let (let_go, release) = channel();
    let release = Arc::new(Mutex::new(release));
    let spawn = || {
        let release = release.clone();
        let timeout = TaskOptions::new().timeout(Duration::from_millis(20));
        graph!({ double(stubborn(release).with(timeout)) }).spawn_on(&threads)
    };
    // The task holds on meanwhile.
    let start = Instant::now();
    let error = spawn().wait().unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::TimedOut, Some("stubborn")));
    assert!(start.elapsed() >= Duration::from_millis(20));
    let run = spawn();
    let error = run.wait_timeout(Duration::from_secs(60)).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(run.is_finished());
    // Two tasks run on; this one is told when it has returned.
    let run = spawn();
    run.cancel();
    let waiting = std::thread::spawn(move || run.cancel_and_wait());
    let_go.send(()).unwrap();
    let_go.send(()).unwrap();
    let_go.send(()).unwrap();
    let outcome = waiting.join().unwrap();
    assert!(outcome.is_err(), "{outcome:?}");
}

#[test]
fn of_several_failures_that_of_the_lowest_place_is_told_in_time() {
    let threads = Threads::new(2);
    let (let_go, release) = channel();
    let release = Arc::new(Mutex::new(release));
    let (failed, fails) = channel();
    #[delayed]
    fn fail(failed: Sender<()>) -> Result<u32, String> {
        failed.send(()).unwrap();
        Err("first".into())
    }
    let timeout = TaskOptions::new().timeout(Duration::from_millis(20));
    let run = graph!({
        let first = fail(failed)?;
        let second = stubborn(release).with(timeout);
        first + second
    })
    .spawn_on(&threads);
    fails.recv().unwrap();
    let error = run.wait().unwrap_err();
    // Whether the other has begun before is the timing's.
    assert_eq!(error.task(), Some("fail"), "{error}");
    drop(let_go);
}

#[test]
fn who_is_woken_by_a_time_limit_may_wait_for_another() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Wake, Waker};
    /// Computes a graph with a time limit where it is woken.
    struct Computes(Sender<ErrorKind>);
    impl Wake for Computes {
        fn wake(self: Arc<Self>) {
            let error = graph!({ checking()? }).compute_on(&InThread).unwrap_err();
            self.0.send(error.kind()).unwrap();
        }
    }
    let (let_go, release) = channel();
    let release = Arc::new(Mutex::new(release));
    let timeout = TaskOptions::new().timeout(Duration::from_millis(10));
    let mut run = pin!(graph!({ stubborn(release).with(timeout) }).spawn_on(&Threads::new(2)));
    let (woken, wakes) = channel();
    let waker = Waker::from(Arc::new(Computes(woken)));
    // Ready at once, if the machine was busy for as long.
    if run.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        assert_eq!(wakes.recv().unwrap(), ErrorKind::TimedOut);
        let outcome = run.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(matches!(outcome, Poll::Ready(Err(error)) if error.kind() == ErrorKind::TimedOut));
    }
    let_go.send(()).unwrap();
}
