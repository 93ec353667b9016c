//! Failures that are caught: what goes on, which failure is seen, and what still stops a run.

use crate::everywhere;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc::channel;
use taskweave::prelude::*;
use taskweave::{ErrorKind, Recorder, TaskStep, cancelled};

#[delayed]
fn even(x: u64) -> Result<u64, String> {
    if x.is_multiple_of(2) { Ok(x) } else { Err(format!("{x} is odd")) }
}
#[delayed]
fn small(x: u64) -> u64 {
    assert!(x < 10, "{x} is not small");
    x
}
#[delayed]
fn add(a: u64, b: u64) -> u64 {
    a + b
}
#[delayed]
fn total(values: Vec<u64>) -> u64 {
    values.iter().sum()
}

#[test]
fn a_failure_that_is_caught_stops_nothing_but_what_needs_it() {
    everywhere(|scheduler| {
        let graph = graph!({
            let caught: Vec<_> = (0..40)
                .map(|x| {
                    let even = even(x)?;
                    let both = add(even, 1);
                    both.catch(|error| {
                        assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("even")));
                        1_000
                    })
                })
                .collect();
            let paniced = small(11).catch(|error| {
                assert_eq!(error.kind(), ErrorKind::Panicked);
                5
            });
            let good = small(3).catch(|_| 1_000_000);
            (total(caught), paniced, good)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (20_000 + 380 + 20, 5, 3));
    });
}

#[test]
fn of_several_failures_the_one_of_the_lowest_place_is_seen() {
    everywhere(|scheduler| {
        let graph = graph!({
            let values: Vec<_> = [8, 7, 6, 5].map(|x| even(x)?).into();
            total(values).catch(|error| {
                assert!(error.to_string().ends_with("failed: 7 is odd"), "{error}");
                0
            })
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 0);
    });
}

#[test]
fn a_catch_that_fails_is_a_failure_and_can_be_caught() {
    everywhere(|scheduler| {
        let inner = || Graph::build(|graph| graph.value(7_u64).map(|x| -> u64 { panic!("{x}") }));
        let graph = graph!({
            let first = taskweave::gather((inner)());
            first.catch(|error| panic!("again: {error}")).catch(|error| {
                assert_eq!(error.task(), Some("catch"));
                assert!(error.to_string().contains("again: task `map`"));
                1
            })
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 1);
        let graph = graph!({ small(10).catch(|_| panic!("worse")) });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("panicked: worse"), "{error}");
    });
}

#[test]
fn a_failure_with_another_way_to_the_output_stops_the_run() {
    everywhere(|scheduler| {
        let graph = graph!({
            let odd = even(3)?;
            let caught = odd.catch(|_| 1);
            add(caught, odd)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("failed: 3 is odd"), "{error}");
    });
}

#[test]
fn what_a_task_only_comes_after_is_not_caught() {
    everywhere(|scheduler| {
        let graph = graph!({
            let odd = even(5)?;
            let good = small(1).catch(|_| 2).after(&odd);
            let caught = odd.catch(|_| 3);
            add(good, caught)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("failed: 5 is odd"), "{error}");
    });
}

#[test]
fn owned_and_lent_values_are_let_go_of_when_something_is_caught() {
    struct Alive(Arc<AtomicUsize>);
    impl Drop for Alive {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    #[delayed]
    fn alive(count: &Arc<AtomicUsize>) -> Alive {
        count.fetch_add(1, SeqCst);
        Alive(count.clone())
    }
    #[delayed]
    fn breaks(_a: &Alive, _b: Alive, fails: bool) -> Alive {
        assert!(!fails, "broken");
        Alive(Arc::new(AtomicUsize::new(1)))
    }
    #[delayed]
    fn seen(_a: &Alive) -> u64 {
        1
    }
    everywhere(|scheduler| {
        for fails in [false, true] {
            let count = Arc::new(AtomicUsize::new(0));
            let spare = count.clone();
            let graph = graph!({
                let (a, b) = (alive(&count), alive(&count));
                let broken = breaks(&a, b, fails);
                let caught = broken.catch(move |_| {
                    spare.fetch_add(1, SeqCst);
                    Alive(spare)
                });
                add(seen(&caught), seen(&a))
            });
            assert_eq!(graph.compute_on(scheduler).unwrap(), 2);
            assert_eq!(count.load(SeqCst), 0);
        }
    });
}

#[test]
fn graphs_that_await_catch_too() {
    everywhere(|scheduler| {
        let graph = graph!({
            let mut sum = 0;
            for x in 0..6 {
                sum += even(x)?.catch(|_| 100).await;
            }
            let late = small(sum);
            late.catch(move |error| {
                assert_eq!(error.task(), Some("small"));
                sum
            })
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 306);
    });
}

#[test]
fn a_spliced_graph_that_fails_is_caught_by_the_graph_around_it() {
    everywhere(|scheduler| {
        let part = |x: u64| graph!({ add(even(x)?, 1) });
        let graph = graph!({
            let parts: Vec<_> =
                (0..4).map(|x| taskweave::gather((part)(x)).catch(|_| 50)).collect();
            total(parts)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 1 + 50 + 3 + 50);
    });
}

#[test]
fn cancelling_is_not_caught() {
    #[delayed]
    fn waits(begun: std::sync::mpsc::Sender<()>) -> u64 {
        begun.send(()).unwrap();
        while !cancelled() {
            std::thread::yield_now();
        }
        1
    }
    let (begun, begins) = channel();
    let run = graph!({
        let waited = waits(begun);
        add(waited, 1).catch(|_| 2)
    })
    .spawn_on(&Threads::new(2));
    begins.recv().unwrap();
    assert_eq!(run.cancel_and_wait().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn observers_see_the_failure_and_the_catch() {
    let recorder = Arc::new(Recorder::new());
    let graph = graph!({
        let odd = even(9)?;
        add(odd, 1).catch(|_| 0)
    });
    assert_eq!(graph.compute_on(&InThread.observe(recorder.clone())).unwrap(), 0);
    let events = recorder.events();
    let steps = |name: &str| -> Vec<TaskStep> {
        let events = events.iter().filter(|event| event.name() == name);
        events.map(|event| event.step()).filter(|step| !matches!(step, TaskStep::Ready)).collect()
    };
    assert!(steps("even").contains(&TaskStep::Failed));
    assert!(steps("add").contains(&TaskStep::Skipped));
    assert!(steps("catch").contains(&TaskStep::Finished));
}

#[test]
fn a_graph_that_catches_cannot_be_frozen() {
    let error = graph!({ small(1).catch(|_| 2) }).freeze().err().unwrap();
    assert_eq!((error.kind(), error.task()), (ErrorKind::RunsOnce, Some("catch")));
}

#[test]
fn a_catch_after_the_task_that_it_catches_is_not_run() {
    everywhere(|scheduler| {
        let graph = graph!({
            let odd = even(3)?;
            odd.catch(|_| 1).after(&odd)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("failed: 3 is odd"), "{error}");
    });
}

#[test]
fn a_destructor_that_panics_does_not_hide_why_a_task_was_skipped() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    #[delayed]
    fn with(x: u64, bad: Bad) -> u64 {
        std::mem::forget(bad);
        x
    }
    everywhere(|scheduler| {
        let graph = graph!({
            with(even(3)?, Bad).catch(|error| {
                assert_eq!(error.kind(), ErrorKind::Failed, "{error}");
                7
            })
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 7);
    });
}

#[test]
fn what_a_catch_has_caught_is_not_seen_behind_its_own_failure() {
    everywhere(|scheduler| {
        let seen = std::sync::Mutex::new(Vec::new());
        let graph = graph!({
            let odd = even(1)?;
            let worse = odd.catch(|_| panic!("second"));
            let last = worse.catch(|error| {
                seen.lock().unwrap().push(error.to_string());
                5
            });
            (worse, last)
        });
        let error =
            graph.on_failure(taskweave::OnFailure::Finish).compute_on(scheduler).unwrap_err();
        assert!(error.to_string().ends_with("panicked: second"), "{error}");
        assert_eq!(error.all().len(), 1);
        assert!(seen.lock().unwrap().is_empty());
    });
}
