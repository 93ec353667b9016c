//! `.await` in `graph!`: results that steer the graph.

use crate::everywhere;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, mpsc};
use taskweave::prelude::*;
use taskweave::{ErrorKind, Event, Observer, Recorder, TaskStep, gather, with_observer};

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn texts(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("text {i}")).collect()
}
#[delayed]
fn load(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}
fn plain(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}
#[delayed]
fn boom(x: f64) -> f64 {
    assert!(x > 1e9, "boom at {x}");
    x
}

#[test]
fn nothing_runs_before_compute_and_locals_are_borrowed() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    #[delayed]
    fn counted(values: &[f64]) -> f64 {
        RAN.fetch_add(1, SeqCst);
        values.iter().sum()
    }
    everywhere(|scheduler| {
        let data = vec![1.0, 2.0, 5.0];
        let mut steps = 0;
        let before = RAN.load(SeqCst);
        let graph = graph!({
            let mut x = counted(&data);
            while x.await > 1.0 {
                x = half(x);
                steps += 1;
            }
            (x, steps)
        });
        assert!(graph.to_string().contains("grows while it runs"), "{graph}");
        assert_eq!(RAN.load(SeqCst), before);
        assert_eq!(graph.compute_on(scheduler).unwrap(), (1.0, 3));
        assert_eq!((steps, data.len()), (3, 3));
    });
}

#[test]
fn decisions_loops_and_patterns_on_results() {
    everywhere(|scheduler| {
        let graph = graph!({
            let words = texts(3).await;
            let counted = match words.len() {
                0 => half(0.0),
                n if n > 2 => half(n as f64),
                _ => half(1.0),
            };
            let mut all = Vec::new();
            for word in &words {
                all.push(half(word.len() as f64));
            }
            if let [first, ..] = gather(all).await[..] {
                half(first + counted.await)
            } else {
                counted
            }
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (3.0 + 1.5) / 2.0);
    });
}

#[test]
fn a_value_is_moved_out_and_borrowers_come_first() {
    #[delayed]
    fn lengths(words: &[String]) -> usize {
        words.iter().map(String::len).sum()
    }
    #[delayed]
    fn joined(words: Vec<String>) -> String {
        words.join("+")
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let words = texts(3);
            let first = lengths(&words);
            let again = words.clone();
            let n = words.map_ref(|words| words.len()).await;
            let mut owned = words.await;
            owned.push(format!("{n}"));
            let second = lengths(&again);
            let third = lengths(&again);
            (joined(again), joined(owned), first, second, third)
        });
        let (a, b, first, second, third) = graph.compute_on(scheduler).unwrap();
        assert_eq!((a.as_str(), b.as_str()), ("text 0+text 1+text 2", "text 0+text 1+text 2+3"));
        assert_eq!([first, second, third], [18; 3]);
    });
}

#[test]
fn copies_and_later_readers_of_what_has_been_read() {
    #[delayed]
    fn add(x: &f64, y: f64) -> f64 {
        x + y
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let x = half(8.0);
            let y = half(x);
            let now = x.await;
            // Read again, by value and by reference, after it was read by value.
            let z = half(x);
            let both = add(&x, y);
            let late = both.await;
            (z, both, add(&x, x), now + late)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (2.0, 6.0, 8.0, 10.0));
    });
}

#[test]
fn question_marks() {
    everywhere(|scheduler| {
        // Of a plain call: the error of `compute`.
        let graph = graph!({
            let a = plain("nope")?;
            let x = half(a);
            if x.await > 1.0 { half(x) } else { x }
        });
        let line = line!() - 4;
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.downcast_ref::<std::num::ParseFloatError>().is_some());
        let at = format!("(tests/it/awaiting.rs:{line}) the graph's body failed: ");
        assert!(error.to_string().starts_with(&at), "{error}");
        // Of a delayed one: the handle of its value.
        let graph = graph!({
            let a = load("16")?;
            if a.await > 1.0 { half(a) } else { a }
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 8.0);
        // Awaiting a failed task ends the body with the task's error.
        let reached = AtomicUsize::new(0);
        let graph = graph!({
            let a = load("x")?;
            let b = half(a);
            if b.await > 1.0 {
                reached.fetch_add(1, SeqCst);
            }
            b
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("load")));
        assert_eq!(reached.load(SeqCst), 0);
    });
}

#[test]
fn what_fails_where_nobody_looks_changes_nothing() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    everywhere(|scheduler| {
        for _ in 0..50 {
            let graph = graph!({
                let _bad = boom(1.0);
                let mut x = half(64.0);
                while x.await > 1.0 {
                    x = half(x);
                }
                x
            });
            assert_eq!(graph.compute_on(scheduler).unwrap(), 1.0);
            // Of two that are needed, the first.
            let graph = graph!({
                let x = half(2.0).await;
                let first = boom(x);
                let second = boom(x + 1.0);
                (second, first)
            });
            let error = graph.compute_on(scheduler).unwrap_err().to_string();
            assert!(error.ends_with("boom at 2"), "{error}");
        }
    });
    std::panic::set_hook(hook);
}

#[test]
fn a_body_that_panics_is_an_error_that_says_where() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    everywhere(|scheduler| {
        let kept = Arc::new(());
        let held = kept.clone();
        #[delayed]
        fn keep(held: Arc<()>) -> Arc<()> {
            held
        }
        let graph = graph!({
            let held = keep(held);
            let x = half(3.0).await;
            assert!(x > 10.0, "x is {x}");
            (held, x)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().ends_with("the graph's body panicked: x is 1.5"), "{error}");
        assert_eq!(error.location().unwrap().file(), file!());
        assert_eq!(Arc::strong_count(&kept), 1);
    });
    std::panic::set_hook(hook);
}

#[test]
fn graphs_that_outlive_their_function_and_their_thread() {
    fn make(x: f64) -> Graph<'static, f64> {
        graph! { move
            let mut y = half(x);
            while y.await > 1.0 {
                y = half(y);
            }
            y
        }
    }
    assert_eq!(make(8.0).compute().unwrap(), 1.0);
    let elsewhere = std::thread::spawn(|| make(8.0).compute().unwrap());
    let graph = make(16.0);
    assert_eq!(elsewhere.join().unwrap(), 1.0);
    assert_eq!(std::thread::spawn(move || graph.compute().unwrap()).join().unwrap(), 1.0);
    // Dropped without being run.
    drop(make(1.0));
}

#[test]
fn graphs_within_graphs_whichever_of_them_awaits() {
    fn eager(x: f64) -> Graph<'static, f64> {
        graph!({ half(half(x)) })
    }
    fn lazy(x: f64) -> Graph<'static, f64> {
        graph! { move
            let mut y = half(x);
            while y.await > 1.0 {
                y = half(y);
            }
            y
        }
    }
    everywhere(|scheduler| {
        let inner = lazy(64.0);
        let graph = graph!({ half(inner) });
        assert!(graph.to_string().contains("1 is a graph that grows while it runs"), "{graph}");
        assert_eq!(graph.compute_on(scheduler).unwrap(), 0.5);
        let (inner, other) = (lazy(64.0), eager(8.0));
        let graph = graph!({
            let (h, k) = (half(inner), half(other));
            if h.await > 0.1 { (h, k) } else { (k, h) }
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (0.5, 1.0));
        let (inner, deep) = (lazy(4.0), graph!({ half(half(lazy(64.0))) }));
        let graph = graph!({ sum(vec![half(deep), half(inner)]) });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 0.125 + 0.5);
        // As the output, and gathered.
        let inner = lazy(8.0);
        assert_eq!(graph!({ inner }).compute_on(scheduler).unwrap(), 1.0);
        let inner = eager(8.0);
        let graph = graph!({
            let h = gather(inner);
            if h.await > 1.0 { half(h) } else { h }
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 1.0);
        // And awaited themselves.
        let (inner, other) = (eager(8.0), lazy(8.0));
        let graph = graph!({ half(inner.await + other.await) });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 1.5);
        let parts = taskweave::compute_on((lazy(8.0), eager(8.0), vec![lazy(2.0)]), scheduler);
        assert_eq!(parts.unwrap(), (1.0, 2.0, vec![1.0]));
    });
}

#[test]
fn a_failure_inside_a_graph_that_grows_is_its_tasks() {
    fn lazy() -> Graph<'static, f64> {
        graph! { move
            let x = half(1.0).await;
            load("not a number")? + x
        }
    }
    everywhere(|scheduler| {
        let inner = lazy();
        let error = graph!({ half(inner) }).compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Failed, Some("load")));
        assert!(error.downcast_ref::<std::num::ParseFloatError>().is_some());
    });
}

#[test]
fn other_tasks_run_while_the_body_waits() {
    #[delayed]
    fn send(to: &Mutex<mpsc::Sender<u32>>, value: u32) -> u32 {
        to.lock().unwrap().send(value).unwrap();
        value
    }
    #[delayed]
    fn receive(from: &Mutex<mpsc::Receiver<u32>>) -> u32 {
        from.lock().unwrap().recv().unwrap()
    }
    // Waits for a task that waits for one nobody waits for yet: on two threads both run.
    let (to, from) = mpsc::channel();
    let (to, from) = (Mutex::new(to), Mutex::new(from));
    let graph = graph!({
        let got = receive(&from);
        let sent = send(&to, 7);
        (got.await, sent)
    });
    assert_eq!(graph.compute_on(&Threads::new(2)).unwrap(), (7, 7));
}

#[test]
fn only_what_is_awaited_runs_on_one_thread() {
    let recorder = Arc::new(Recorder::new());
    let graph = graph!({
        let all: Vec<_> = (0..100).map(|i| half(f64::from(i))).collect();
        let mut best = 0.0;
        for i in [3, 50] {
            best = all[i].await;
        }
        half(best)
    });
    with_observer(recorder.clone(), || graph.compute_on(&InThread)).unwrap();
    let events = recorder.events();
    let of = |step| events.iter().filter(|event| event.step() == step).count();
    assert_eq!((of(TaskStep::Started), of(TaskStep::Finished), of(TaskStep::Skipped)), (3, 3, 0));
}

#[test]
fn observers_are_told_how_it_grows() {
    #[derive(Default)]
    struct Grew(Mutex<Vec<(usize, Vec<String>)>>);
    impl Observer for Grew {
        fn observe(&self, event: &Event<'_>) {
            if let Event::RunGrew(more) = event {
                let tasks = more.graph();
                assert_eq!(tasks.len(), more.tasks);
                for (at, task) in tasks.iter().enumerate() {
                    let place = (more.first + at) as u32;
                    assert!(task.dependencies.iter().all(|&dependency| dependency < place));
                }
                let names = tasks.iter().filter(|task| !task.glue);
                let names = names.map(|task| task.name.to_string()).collect();
                self.0.lock().unwrap().push((more.first, names));
            }
        }
    }
    let (grew, recorder) = (Arc::new(Grew::default()), Arc::new(Recorder::new()));
    let graph = graph!({
        let x = half(8.0).named("first").await;
        let y = half(x).after(&half(1.0)).await;
        half(y)
    });
    assert_eq!(
        graph.compute_on(&InThread.observe(grew.clone()).observe(recorder.clone())).unwrap(),
        1.0
    );
    let grew = grew.0.lock().unwrap();
    let names: Vec<Vec<&str>> =
        grew.iter().map(|(_, names)| names.iter().map(String::as_str).collect()).collect();
    assert_eq!(names, [vec!["first"], vec!["half", "half"], vec!["half"]]);
    assert!(matches!(recorder.runs()[0].finished, Some((_, false))));
    assert_eq!(recorder.events().iter().filter(|e| e.step() == TaskStep::Finished).count(), 4);
}

#[test]
fn after_what_may_run_already_is_too_late_and_cycles_are_found() {
    everywhere(|scheduler| {
        let graph = graph!({
            let a = half(1.0).named("a");
            let n = a.await;
            let b = half(n);
            let a = a.after(&b);
            (a, b)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Cycle, Some("a")));
        assert!(error.to_string().contains("before the graph's next `.await`"), "{error}");
        let graph = graph!({
            let n = half(1.0).await;
            let a = half(n).named("a");
            let b = half(a).named("b");
            let a = a.after(&b);
            (a, b)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cycle);
        assert!(error.to_string().contains("tasks wait for each other: `"), "{error}");
    });
}

#[test]
fn outputs_are_dropped_when_the_body_can_no_longer_ask_for_them() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    #[delayed]
    fn make(alive: &Arc<AtomicUsize>) -> Counted {
        alive.fetch_add(1, SeqCst);
        Counted(alive.clone())
    }
    #[delayed]
    fn take(value: Counted) -> f64 {
        drop(value);
        1.0
    }
    #[delayed]
    fn look(value: &Counted) -> f64 {
        value.0.load(SeqCst) as f64
    }
    everywhere(|scheduler| {
        let alive = Arc::new(AtomicUsize::new(0));
        let graph = graph!({
            let mut sum = 0.0;
            for _ in 0..50 {
                // Taken by value: gone at once.
                sum += take(make(&alive)).await;
            }
            let rest = alive.load(SeqCst);
            let kept = make(&alive);
            sum += look(&kept).await;
            // Read later: kept until then.
            let again = look(&kept);
            let all: Vec<_> = (0..50).map(|_| take(make(&alive))).collect();
            (sum, rest, again, all)
        });
        let (sum, rest, _, all) = graph.compute_on(scheduler).unwrap();
        assert_eq!((sum, rest, all.len()), (51.0, 0, 50));
        assert_eq!(alive.load(SeqCst), 0);
    });
}

#[test]
fn containers_of_graphs_and_deep_loops() {
    everywhere(|scheduler| {
        let graph = graph!({
            let mut total = 0.0;
            for round in 0..300 {
                let parts: Vec<_> = (0..8).map(|i| half(f64::from(round * i))).collect();
                let parts = gather(parts).await;
                total += parts.iter().sum::<f64>();
            }
            half(total)
        });
        let expected: f64 = (0..300).map(|r| f64::from(r * 28) / 2.0).sum();
        assert_eq!(graph.compute_on(scheduler).unwrap(), expected / 2.0);
    });
}

#[test]
fn bodies_compute_graphs_and_are_computed_in_tasks() {
    #[delayed]
    fn inner(x: f64) -> Result<f64, Error> {
        let graph = graph!({
            let y = half(x);
            if y.await > 1.0 { half(y) } else { y }
        });
        graph.compute()
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let x = inner(16.0)?.await;
            let direct = graph!({ half(x) }).compute()?;
            let all: Vec<_> = (0..20).map(|i| inner(f64::from(i)).or_fail()).collect();
            half(direct + gather(all).await[8])
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (2.0 + 2.0) / 2.0);
    });
}

/// Random programs that await give what they give as plain programs.
#[test]
fn random_bodies_give_the_plain_result() {
    #[delayed]
    fn leaf(n: u64) -> Box<u64> {
        Box::new(n)
    }
    #[allow(clippy::boxed_local)]
    #[delayed]
    fn mix(a: &u64, b: Box<u64>) -> Box<u64> {
        Box::new(a.rotate_left(7) ^ b.wrapping_mul(31))
    }
    #[allow(clippy::vec_box)]
    #[delayed]
    fn fold(values: Vec<Box<u64>>) -> Box<u64> {
        Box::new(values.iter().fold(1, |sum, value| sum.wrapping_mul(17) ^ **value))
    }
    fn next(state: &mut u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }
    fn plainly(seed: u64) -> Box<u64> {
        let mut state = seed;
        let mut values = vec![leaf(next(&mut state))];
        for _ in 0..60 {
            let (i, j) = (next(&mut state) as usize, next(&mut state) as usize);
            let (i, j) = (i % values.len(), j % values.len());
            let made = match next(&mut state) % 6 {
                0 => leaf(next(&mut state)),
                1 => mix(&values[i], values[j].clone()),
                2 => {
                    let moved = values.swap_remove(i);
                    values.push(mix(&moved, moved.clone()));
                    mix(&values[values.len() - 1], moved)
                }
                3 => fold(vec![values[i].clone(), values[j].clone()]),
                4 => {
                    let read = values[i].clone();
                    if *read % 3 == 0 { leaf(*read) } else { mix(&values[j], values[i].clone()) }
                }
                _ if values.len() > 1 => {
                    let read = values.swap_remove(i);
                    leaf(read.wrapping_add(next(&mut state)))
                }
                _ => leaf(1),
            };
            values.push(made);
        }
        fold(values)
    }
    fn graph(seed: u64) -> Graph<'static, Box<u64>> {
        graph! { move
            let mut state = seed;
            let mut values = vec![leaf(next(&mut state))];
            for _ in 0..60 {
                let (i, j) = (next(&mut state) as usize, next(&mut state) as usize);
                let (i, j) = (i % values.len(), j % values.len());
                let made = match next(&mut state) % 6 {
                    0 => leaf(next(&mut state)),
                    1 => mix(&values[i], values[j].clone()),
                    2 => {
                        let moved = values.swap_remove(i);
                        values.push(mix(&moved, moved.clone()));
                        mix(&values[values.len() - 1], moved)
                    }
                    3 => fold(vec![values[i].clone(), values[j].clone()]),
                    4 => {
                        let read = values[i].clone().await;
                        if *read % 3 == 0 { leaf(*read) } else { mix(&values[j], values[i].clone()) }
                    }
                    _ if values.len() > 1 => {
                        let read = values.swap_remove(i).await;
                        leaf(read.wrapping_add(next(&mut state)))
                    }
                    _ => leaf(1),
                };
                values.push(made);
            }
            fold(values)
        }
    }
    let pools: Vec<Threads> = [1, 2, 8].into_iter().map(Threads::new).collect();
    for seed in 0..150 {
        let expected = plainly(seed);
        assert_eq!(graph(seed).compute_on(&InThread).unwrap(), expected, "seed {seed}");
        for pool in &pools {
            assert_eq!(graph(seed).compute_on(pool).unwrap(), expected, "seed {seed}, {pool:?}");
        }
    }
}
