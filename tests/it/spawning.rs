//! Graphs that are computed in the background: waiting, awaiting, cancelling, dropping.

use crate::everywhere;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use taskweave::prelude::*;
use taskweave::{Cancelled, ErrorKind, Recorder, Run, cancelled, checkpoint, input};

#[delayed]
fn square(x: u64) -> u64 {
    x * x
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}
fn squares(n: u64) -> Graph<'static, u64> {
    graph!({ total((0..n).map(|x| square(x)).collect::<Vec<_>>()) })
}

/// What a task waits at until the test lets it go on; it tells first that it has begun.
#[derive(Clone)]
struct Gate(Sender<()>, Arc<Mutex<Receiver<()>>>);

fn gate() -> (Gate, Receiver<()>, Sender<()>) {
    let ((begun, begins), (open, opened)) = (channel(), channel());
    (Gate(begun, Arc::new(Mutex::new(opened))), begins, open)
}

#[delayed]
fn pass(gate: Gate, value: u64) -> u64 {
    gate.0.send(()).unwrap();
    gate.1.lock().unwrap().recv().unwrap();
    value
}
/// Runs until its run is cancelled; tells that it has begun, and returns how it ended.
#[delayed]
fn endless(begun: Sender<()>) -> Result<u64, Cancelled> {
    begun.send(()).unwrap();
    loop {
        checkpoint()?;
        std::thread::yield_now();
    }
}

/// What an async runtime does, in the smallest form.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn a_spawned_graph_gives_what_compute_gives() {
    everywhere(|scheduler| {
        let expected = squares(300).compute_on(scheduler).unwrap();
        assert_eq!(squares(300).spawn_on(scheduler).wait().unwrap(), expected);
        assert_eq!(block_on(squares(300).spawn_on(scheduler)).unwrap(), expected);
        let runs: Vec<Run<u64>> = (0..50).map(|n| squares(n).spawn_on(scheduler)).collect();
        for (n, run) in runs.into_iter().enumerate() {
            assert_eq!(run.wait().unwrap(), squares(n as u64).compute_on(&InThread).unwrap());
        }
    });
}

#[test]
fn in_thread_it_has_run_when_spawn_returns() {
    let run = squares(3).spawn_on(&InThread);
    assert!(run.is_finished());
    assert_eq!(run.wait_timeout(Duration::ZERO).unwrap().unwrap(), 5);
    assert_eq!(run.wait_timeout(Duration::ZERO).unwrap().unwrap_err().kind(), ErrorKind::Taken);
    assert_eq!(block_on(run).unwrap_err().kind(), ErrorKind::Taken);
}

#[test]
fn it_goes_on_after_a_timeout() {
    let (gate, begins, open) = gate();
    let run = graph!({ pass(gate, 7) }).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    assert!(run.wait_timeout(Duration::from_millis(1)).is_none());
    assert!(!run.is_finished());
    open.send(()).unwrap();
    assert_eq!(run.wait_timeout(Duration::MAX).unwrap().unwrap(), 7);
    assert!(run.is_finished());
}

#[test]
fn errors_and_growing_graphs_come_out_of_wait() {
    #[delayed]
    fn fails(x: u64) -> Result<u64, String> {
        Err(format!("no {x}"))
    }
    everywhere(|scheduler| {
        let error = graph!({ fails(3)? }).spawn_on(scheduler).wait().unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("fails")));
        let grown = graph! { move
            let mut sum = 0;
            for x in 0..10 {
                sum += square(x).await;
            }
            square(sum)
        };
        assert_eq!(grown.spawn_on(scheduler).wait().unwrap(), 285 * 285);
    });
}

#[test]
fn tasks_that_spawn_and_wait_need_no_more_threads() {
    fn deep(scheduler: &Threads, depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        let scheduler = scheduler.clone();
        let inner = scheduler.clone();
        let graph = Graph::build(move |graph| {
            let below = move |()| -> u64 {
                let runs: Vec<Run<u64>> = (0..2)
                    .map(|_| {
                        let inner = inner.clone();
                        Graph::build(move |graph| {
                            graph.value(()).map(move |()| deep(&inner, depth - 1))
                        })
                        .spawn()
                    })
                    .collect();
                runs.into_iter().map(|run| run.wait().unwrap()).sum()
            };
            graph.value(()).map(below)
        });
        graph.spawn_on(&scheduler).wait().unwrap()
    }
    for workers in [1, 2, 8] {
        assert_eq!(deep(&Threads::new(workers), 4), 16);
    }
}

#[test]
fn cancelling_skips_what_has_not_begun_and_tells_what_has() {
    for workers in [1, 2, 8] {
        let threads = Threads::new(workers);
        let (begun, begins) = channel();
        let started = Arc::new(AtomicUsize::new(0));
        let counter = started.clone();
        let after = move |result: Result<u64, Cancelled>| {
            counter.fetch_add(1, SeqCst);
            result.is_err()
        };
        let graph = graph!({
            let ends: Vec<_> = (0..20).map(|_| endless(begun.clone())).collect();
            ends.into_iter().map(|end| end.map(after.clone())).collect::<Vec<_>>()
        });
        let run = graph.spawn_on(&threads);
        begins.recv().unwrap();
        let error = run.cancel_and_wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert_eq!(error.to_string(), "the run was cancelled");
        // At most one task a thread had begun, and at most one more was taken already.
        let begun = 1 + begins.try_iter().count();
        assert!(begun <= 2 * workers, "{begun} tasks began on {workers} threads");
        assert!(started.load(SeqCst) <= workers);
        assert_eq!(squares(9).compute_on(&threads).unwrap(), 204);
    }
}

#[test]
fn a_task_that_stops_at_a_checkpoint_is_named() {
    let (begun, begins) = channel();
    let run = graph!({ endless(begun)? }).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    let error = run.cancel_and_wait().unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::Cancelled, Some("endless")));
    assert!(error.to_string().ends_with("stopped at a checkpoint: the run was cancelled"));
    assert!(error.downcast_ref::<Cancelled>().is_some());
}

#[test]
fn a_run_that_is_over_or_has_nothing_left_to_start_cannot_be_cancelled() {
    let run = squares(4).spawn_on(&InThread);
    assert_eq!(run.cancel_and_wait().unwrap(), 14);
    let (gate, begins, open) = gate();
    let run = graph!({ pass(gate, 8) }).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    run.cancel();
    open.send(()).unwrap();
    assert_eq!(run.wait().unwrap(), 8);
}

#[test]
fn what_a_task_computes_is_cancelled_with_it() {
    for workers in [1, 2, 8] {
        let (begun, begins) = channel();
        let inner = move |()| {
            let begun = begun.clone();
            let outcome = graph!({
                let end = endless(begun)?;
                square(end)
            })
            .compute();
            outcome.map_err(|error| error.kind())
        };
        let run = Graph::build(|graph| graph.value(()).map(inner)).spawn_on(&Threads::new(workers));
        begins.recv().unwrap();
        assert_eq!(run.cancel_and_wait().unwrap(), Err(ErrorKind::Cancelled));
    }
}

#[test]
fn a_graph_that_awaits_ends_at_its_next_await() {
    for workers in [1, 2, 8] {
        let (gate, begins, open) = gate();
        let steps = Arc::new(AtomicUsize::new(0));
        let counter = steps.clone();
        let run = graph! { move
            let mut x = pass(gate.clone(), 1).await;
            loop {
                counter.fetch_add(1, SeqCst);
                x = square(x).await;
                if x > 1 { break }
            }
            x
        }
        .spawn_on(&Threads::new(workers));
        begins.recv().unwrap();
        run.cancel();
        open.send(()).unwrap();
        assert_eq!(run.wait().unwrap_err().kind(), ErrorKind::Cancelled);
        assert!(steps.load(SeqCst) <= 1);
    }
}

#[test]
fn a_plan_in_a_cancelled_run_stops_too_and_can_run_again() {
    #[delayed]
    fn slow(x: u64, begun: &Sender<()>) -> u64 {
        begun.send(()).unwrap();
        while x == 0 && !cancelled() {
            std::thread::yield_now();
        }
        x
    }
    let (begun, begins) = channel();
    let (give, given) = channel();
    let plan = move |()| {
        let mut plan = graph!({
            let x = input("x", 0_u64);
            let first = slow(x, &begun);
            square(first)
        })
        .freeze()
        .unwrap();
        let outcome = plan.run().map_err(|error| error.kind());
        give.send(()).unwrap();
        outcome
    };
    let run = Graph::build(move |graph| graph.value(()).map(plan)).spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    assert_eq!(run.cancel_and_wait().unwrap(), Err(ErrorKind::Cancelled));
    given.recv().unwrap();
}

#[test]
fn a_run_that_is_dropped_is_cancelled() {
    let (begun, begins) = channel();
    let (told, tells) = channel();
    let run = graph!({ endless(begun).map(move |end| told.send(end.is_err()).unwrap()) })
        .spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    drop(run);
    // The task ends, and what comes after it does not begin: the sender goes without a word.
    assert!(tells.recv().is_err());
}

/// Holds a channel open while it is alive.
struct Alive(#[allow(dead_code)] Sender<()>);

impl Alive {
    fn new(open: &Sender<()>) -> Alive {
        Alive(open.clone())
    }
}

/// Waits until all who hold the channel open are gone: a thread may still be putting something away.
fn gone(open: Sender<()>, closed: &Receiver<()>) {
    drop(open);
    let minute = Duration::from_secs(60);
    assert_eq!(closed.recv_timeout(minute), Err(RecvTimeoutError::Disconnected), "a leak");
}

#[test]
fn cancels_and_drops_at_any_moment_lose_nothing_and_the_pool_lives_on() {
    #[delayed]
    fn make(open: Sender<()>, _plain: Alive) -> Alive {
        Alive(open)
    }
    #[delayed]
    fn merge(a: Alive, _b: &Alive) -> Alive {
        a
    }
    for workers in [1, 2, 8] {
        let threads = Threads::new(workers);
        let (alive, closed) = channel();
        for moment in 0..400_u32 {
            let graph = graph!({
                let mut last = make(alive.clone(), Alive::new(&alive));
                for _ in 0..20 {
                    let other = make(alive.clone(), Alive::new(&alive));
                    last = merge(last, &other);
                }
                last
            });
            let run = graph.spawn_on(&threads);
            for _ in 0..moment % 97 {
                std::hint::spin_loop();
            }
            match moment % 3 {
                0 => drop(run),
                1 => drop(run.cancel_and_wait()),
                _ => {
                    let other = std::thread::spawn(move || drop(run));
                    other.join().unwrap();
                }
            }
        }
        assert_eq!(squares(9).compute_on(&threads).unwrap(), 204);
        gone(alive, &closed);
    }
}

#[test]
fn observers_of_the_scope_see_what_is_spawned_in_it() {
    let recorder = Arc::new(Recorder::new());
    let run = taskweave::with_observer(recorder.clone(), || squares(5).spawn_on(&Threads::new(2)));
    run.wait().unwrap();
    assert_eq!(recorder.runs().len(), 1);
}

#[test]
fn the_last_handle_of_a_pool_may_go_while_its_runs_go_on() {
    let (gate, begins, open) = gate();
    let run = graph!({ pass(gate, 5) }).spawn_on(&Threads::new(3));
    begins.recv().unwrap();
    open.send(()).unwrap();
    assert_eq!(run.wait().unwrap(), 5);
}

#[test]
fn cancelled_is_false_where_nothing_can_be_cancelled() {
    assert!(!cancelled());
    assert_eq!(checkpoint(), Ok(()));
    let asked = Graph::build(|graph| graph.value(()).map(|()| cancelled()));
    assert!(!asked.compute().unwrap());
}

#[test]
fn an_observer_is_told_once_wherever_the_run_is_computed() {
    for workers in [1, 2] {
        let threads = Threads::new(workers);
        let recorder = Arc::new(Recorder::new());
        taskweave::with_observer(recorder.clone(), || {
            let runs: Vec<Run<u64>> = (0..20).map(|_| squares(3).spawn_on(&threads)).collect();
            runs.into_iter().for_each(|run| assert_eq!(run.wait().unwrap(), 5));
        });
        assert_eq!(recorder.runs().len(), 20);
    }
}

#[test]
fn tasks_may_poll_and_wait_with_a_limit_where_all_threads_are_in_such_tasks() {
    for workers in [1, 2] {
        let threads = Threads::new(workers);
        let polls = |_: ()| block_on(squares(4).spawn()).unwrap();
        let waits = |_: ()| squares(4).spawn().wait_timeout(Duration::MAX).unwrap().unwrap();
        let runs: Vec<Run<u64>> = (0..6)
            .map(|at| {
                Graph::build(|graph| match at % 2 {
                    0 => graph.value(()).map(polls),
                    _ => graph.value(()).map(waits),
                })
                .spawn_on(&threads)
            })
            .collect();
        runs.into_iter().for_each(|run| assert_eq!(run.wait().unwrap(), 14));
    }
}

#[test]
fn runs_that_are_taken_from_the_queue_do_not_stay_in_it() {
    let threads = Threads::new(1);
    let (alive, closed) = channel();
    let open = alive.clone();
    let graph = Graph::build(|graph| {
        graph.value(()).map(move |()| {
            for n in 0..5_000_u64 {
                let held = Alive::new(&open);
                let run = Graph::build(|graph| graph.value(n).map(move |n| (n, held).0)).spawn();
                if n % 2 == 0 {
                    drop(run);
                } else {
                    assert_eq!(run.wait().unwrap(), n);
                }
            }
        })
    });
    graph.spawn_on(&threads).wait().unwrap();
    gone(alive, &closed);
}
