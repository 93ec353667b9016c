//! Frozen graphs: run again and again, with other inputs.

use crate::everywhere;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use taskweave::prelude::*;
use taskweave::{ErrorKind, Recorder, TaskStep, assert_graph, gather, input};

#[delayed]
fn add(a: f64, b: f64) -> f64 {
    a + b
}
#[delayed]
fn scaled(values: &[f64], by: f64) -> Vec<f64> {
    values.iter().map(|value| value * by).collect()
}
#[delayed]
fn total(values: Vec<Vec<f64>>) -> f64 {
    values.iter().flatten().sum()
}
#[delayed]
fn labelled(values: Vec<((usize, f64), f64)>) -> f64 {
    values.iter().map(|((at, key), value)| *at as f64 * key * value).sum()
}
#[derive(Clone)]
struct Config(f64);
#[delayed]
fn configured(config: Config, x: f64) -> f64 {
    config.0 * x
}
#[delayed]
fn checked(x: f64) -> Result<f64, String> {
    if x < 0.0 { Err(format!("{x} is negative")) } else { Ok(x.sqrt()) }
}
#[delayed]
fn brittle(x: f64) -> Vec<f64> {
    assert!(x < 100.0, "too large: {x}");
    vec![x]
}

#[test]
fn a_plan_gives_what_the_graph_gives_for_every_input() {
    let data = vec![1.0, 2.0, 3.0];
    let graph = |x: f64, y: f64| {
        graph!({
            let (x, y) = (input("x", x), input("y", y));
            let rows: Vec<_> = (0..5).map(|i| scaled(&data, x + f64::from(i))).collect();
            let keyed: Vec<_> =
                (0..5).map(|i| ((i, 0.5), configured(Config(2.0), add(y, i as f64)))).collect();
            let root = checked(add(x, y))?;
            (total(rows), labelled(keyed), root * 2.0 - x)
        })
    };
    everywhere(|scheduler| {
        let mut plan = graph(0.0, 0.0).freeze().unwrap();
        assert_eq!(plan.inputs().collect::<Vec<_>>().len(), 2);
        for (x, y) in [(1.0, 2.0), (3.0, 4.0), (0.5, 0.25), (3.0, 4.0)] {
            plan.set("x", x).unwrap();
            plan.set("y", y).unwrap();
            let expected = graph(x, y).compute_on(&InThread).unwrap();
            assert_eq!(plan.run_on(scheduler).unwrap(), expected);
            assert_eq!(plan.run_on(scheduler).unwrap(), expected);
        }
    });
}

#[test]
fn a_plan_runs_again_after_failures_and_drops_what_they_leave() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }
    #[delayed]
    fn make(alive: &Arc<AtomicUsize>, x: f64) -> Counted {
        assert!(x >= 0.0, "x is {x}");
        alive.fetch_add(1, SeqCst);
        Counted(alive.clone())
    }
    #[delayed]
    fn look(one: &Counted, other: Counted, x: f64) -> f64 {
        assert!(x < 11.0, "x is {x}");
        x + (Arc::ptr_eq(&one.0, &other.0) as u8 as f64)
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    everywhere(|scheduler| {
        let alive = Arc::new(AtomicUsize::new(0));
        let graph = graph!({
            let x = input("x", 1.0);
            let all: Vec<_> = (0..10)
                .map(|i| {
                    let kept = make(&alive, x);
                    let other = make(&alive, x - 1.0);
                    look(&kept, other, x + f64::from(i))
                })
                .collect();
            gather(all)
        });
        let mut plan = graph.freeze().unwrap();
        for (x, fails) in [(1.0, false), (0.5, true), (5.0, true), (1.0, false), (0.0, true)] {
            plan.set("x", x).unwrap();
            let outcome = plan.run_on(scheduler);
            assert_eq!(outcome.is_err(), fails, "{x}: {outcome:?}");
            assert_eq!(alive.load(SeqCst), 0);
        }
    });
    std::panic::set_hook(hook);
}

#[test]
fn wide_joins_shared_values_and_order_without_data() {
    #[delayed]
    fn word(n: usize) -> String {
        format!("{n}")
    }
    #[delayed]
    fn joined(words: Vec<String>, last: String) -> String {
        words.concat() + &last
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let n = input("n", 3_usize);
            let words: Vec<_> = (0..300).map(|i| word(n + i)).collect();
            let first = words[0].clone();
            let late = word(n).after(&words[299]);
            let (a, b) = pair(late);
            joined(vec![joined(words, first), b], a)
        });
        #[delayed]
        fn pair(word: String) -> (String, String) {
            (word.clone(), word + "!")
        }
        let mut plan = graph.freeze().unwrap();
        for n in [3_usize, 7, 3] {
            plan.set("n", n).unwrap();
            let words: String = (0..300).map(|i| format!("{}", n + i)).collect();
            assert_eq!(plan.run_on(scheduler).unwrap(), format!("{words}{n}{n}!{n}"));
        }
    });
}

#[test]
fn what_cannot_be_called_again_is_named() {
    struct Unique(#[allow(dead_code)] f64);
    #[delayed]
    fn eat(unique: Unique) -> f64 {
        unique.0
    }
    let text = String::from("given away");
    let error = |graph: Graph<'_, f64>| graph.freeze().unwrap_err();
    let closure = error(graph!({ add(1.0, 2.0).map(move |x| x + text.len() as f64) }));
    assert_eq!((closure.kind(), closure.task()), (ErrorKind::RunsOnce, Some("map")));
    assert!(closure.to_string().contains("write a #[delayed] function"), "{closure}");
    let argument = error(graph!({ eat(Unique(1.0)) }));
    assert_eq!((argument.kind(), argument.task()), (ErrorKind::RunsOnce, Some("eat")));
    let remedy = "cannot be cloned; declare the value before the graph and lend it with `&`, put it in an `Arc`, or make its type `Clone`";
    assert!(argument.to_string().ends_with(remedy), "{argument}");
    // Each of them helps.
    #[delayed]
    fn look(unique: &Unique) -> f64 {
        unique.0
    }
    #[delayed]
    fn share(unique: Arc<Unique>) -> f64 {
        unique.0
    }
    let unique = Unique(1.0);
    let mut lent = graph!({ add(look(&unique), share(Arc::new(Unique(2.0)))) }).freeze().unwrap();
    assert_eq!((lent.run().unwrap(), lent.run().unwrap()), (3.0, 3.0));
    let awaits = error(graph!({
        let x = add(1.0, 2.0);
        if x.await > 1.0 { add(x, 1.0) } else { x }
    }));
    assert!(awaits.to_string().contains("awaits is built anew each time"), "{awaits}");
    assert_eq!(awaits.location().unwrap().file(), file!());
}

#[test]
fn inputs_have_names_and_types() {
    let mut plan = graph!({ add(input("a", 1.0), input("a", 2.0)) }).freeze().unwrap();
    assert_eq!(plan.run().unwrap(), 3.0);
    plan.set("a", 5.0).unwrap();
    assert_eq!(plan.run().unwrap(), 10.0);
    let wrong = plan.set("a", 5_u8).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Input);
    assert_eq!(wrong.to_string(), "the input `a` is a `f64`, and was to be set to a `u8`");
    let unknown = plan.set("b", 5.0).unwrap_err().to_string();
    assert_eq!(unknown, "the plan has no input `b`; it has `a`, `a`");
    // In a graph that is just computed it is its value, and outside of one too.
    assert_eq!(graph!({ add(input("a", 1.0), 1.0) }).compute().unwrap(), input("b", 2.0));
}

#[test]
fn the_failure_is_that_of_the_lowest_place_each_time() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    everywhere(|scheduler| {
        let graph = graph!({
            let x = input("x", 0.0);
            let all: Vec<_> = (0..20).map(|i| brittle(x + f64::from(i))).collect();
            total(all)
        });
        let mut plan = graph.freeze().unwrap();
        for _ in 0..20 {
            for (x, outcome) in [(0.0, None), (90.0, Some("100")), (200.0, Some("200"))] {
                plan.set("x", x).unwrap();
                let got = plan.run_on(scheduler).err().map(|error| error.to_string());
                match outcome {
                    None => assert_eq!(got, None),
                    Some(first) => assert!(got.unwrap().ends_with(&format!("too large: {first}"))),
                }
            }
        }
    });
    std::panic::set_hook(hook);
}

#[test]
fn each_run_of_a_plan_is_observed() {
    let recorder = Arc::new(Recorder::new());
    let mut plan = graph!({ add(add(1.0, 2.0), 3.0) }).freeze().unwrap();
    for _ in 0..3 {
        plan.run_on(&InThread.observe(recorder.clone())).unwrap();
    }
    plan.run_on(&InThread).unwrap();
    assert_eq!(recorder.runs().len(), 3);
    let finished = |step| recorder.events().iter().filter(|event| event.step() == step).count();
    assert_eq!((finished(TaskStep::Finished), finished(TaskStep::Released)), (6, 3));
}

#[test]
fn plans_move_between_threads_and_borrow() {
    let data = vec![1.0, 2.0];
    let mut plan = graph!({ scaled(&data, input("by", 1.0)) }).freeze().unwrap();
    std::thread::scope(|scope| {
        let sum = scope.spawn(move || {
            plan.set("by", 3.0).unwrap();
            plan.run().unwrap()
        });
        assert_eq!(sum.join().unwrap(), [3.0, 6.0]);
    });
}

#[test]
fn contracts_of_graphs() {
    let graph = graph!({
        let all: Vec<_> = (0..10).map(|i| add(f64::from(i), 1.0)).collect();
        gather(all)
    });
    assert_graph!(graph, tasks == 11, edges == 10, depth <= 2, widest_level >= 10);
    let broken = std::panic::catch_unwind(|| {
        let graph = graph!({ add(1.0, 2.0) });
        assert_graph!(graph, tasks > 1);
    });
    let message = *broken.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("the graph has tasks = 1, which is not > 1: 1 task"), "{message}");
}

#[test]
fn nothing_can_be_asserted_of_a_graph_that_grows() {
    fn awaiting() -> Graph<'static, f64> {
        graph!({
            let x = add(1.0, 2.0);
            if x.await > 1.0 { add(x, 1.0) } else { x }
        })
    }
    let message = |asserts: fn()| {
        *std::panic::catch_unwind(asserts).unwrap_err().downcast::<String>().unwrap()
    };
    let alone = message(|| assert_graph!(awaiting(), tasks <= 100, depth <= 12));
    assert!(alone.starts_with("the graph awaits (") && alone.contains("plans.rs:"), "{alone}");
    assert!(alone.contains("between its `.await`s"), "{alone}");
    let part = message(|| assert_graph!(graph!({ add(awaiting(), 1.0) }), tasks <= 100));
    assert!(part.starts_with("a part of the graph awaits ("), "{part}");
    // What would not run is no part of it.
    let graph = graph!({
        let _unread = gather(awaiting());
        add(1.0, 2.0)
    });
    assert_graph!(graph, tasks == 1);
}

#[test]
fn an_input_that_nothing_reads_is_named_as_such() {
    let mut plan = graph!({
        let _unread = taskweave::input("unread", 1_u64);
        taskweave::input("read", 2_u64)
    })
    .freeze()
    .unwrap();
    let error = plan.set("unread", 7_u64).unwrap_err();
    assert_eq!(error.kind(), taskweave::ErrorKind::Input);
    assert!(error.to_string().contains("reads the input `unread`"), "{error}");
    assert_eq!(plan.run().unwrap(), 2);
}

#[test]
fn inputs_of_one_name_are_of_one_type() -> Result<(), Error> {
    let line = line!() + 1;
    let graph = graph!({ add(input("x", 1.0), count(input("x", 2_i64))) });
    let error = graph.freeze().map(drop).unwrap_err();
    assert_eq!((error.kind(), error.location().unwrap().line()), (ErrorKind::Input, line));
    let text = error.to_string();
    assert!(text.contains("`x` is a `f64` elsewhere and a `i64` here"), "{text}");
    // Of one type they are set together.
    let mut plan = graph!({ add(input("x", 1.0), input("x", 2.0)) }).freeze()?;
    assert_eq!(plan.run()?, 3.0);
    plan.set("x", 10.0)?;
    assert_eq!(plan.run()?, 20.0);
    Ok(())
}

#[delayed]
fn count(n: i64) -> f64 {
    n as f64
}

#[test]
fn the_value_of_an_input_is_any_expression() -> Result<(), Error> {
    let graph = graph!({
        let text = input("text", String::new());
        let values = input("values", Vec::new());
        let by = input("by", "2".parse().unwrap());
        (text, scaled(&values, by))
    });
    let mut plan = graph.freeze()?;
    assert_eq!(plan.run()?, (String::new(), vec![]));
    plan.set("values", vec![1.0, 2.0])?;
    plan.set("text", "a".to_owned())?;
    assert_eq!(plan.run()?, ("a".to_owned(), vec![2.0, 4.0]));
    Ok(())
}
