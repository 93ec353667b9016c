//! Graphs as arguments, and several things in one run.

use crate::everywhere;
use taskweave::prelude::*;
use taskweave::{ErrorKind, compute, compute_on};

#[delayed]
fn inc(x: i64) -> i64 {
    x + 1
}
#[delayed]
fn add(a: i64, b: i64) -> i64 {
    a + b
}
#[delayed]
fn sum(values: &[i64]) -> i64 {
    values.iter().sum()
}
#[delayed]
fn twice<T: std::ops::Add<Output = T> + Copy + Send + Sync + 'static>(x: T) -> T {
    x + x
}

fn part(n: i64) -> Graph<'static, i64> {
    graph!({ inc(inc(n)) })
}

#[test]
fn a_graph_is_an_argument() -> Result<(), Error> {
    let graph = graph!({
        let a = part(1);
        let many = sum((0..3).map(|n| part(n)).collect::<Vec<_>>());
        let generic = twice::<i64>(part(5));
        add(add(a, part(10)), many) + generic
    });
    assert!(graph.to_string().starts_with("17 tasks"), "{graph}");
    assert_eq!(graph.compute()?, 3 + 12 + 9 + 14);
    Ok(())
}

#[test]
fn a_graph_of_a_container_is_spliced_whole() -> Result<(), Error> {
    let values = graph!({ vec![inc(1), inc(2)] });
    let graph = graph!({ sum(values) });
    assert_eq!(graph.to_string(), "3 tasks, 2 edges, depth 2, widest level 2");
    assert_eq!(graph.compute()?, 5);
    Ok(())
}

#[test]
fn a_spliced_graph_may_borrow() -> Result<(), Error> {
    let data = vec![1, 2, 3];
    let inner = graph!({ sum(&data) });
    let outer = graph!({ (inner, inc(1)) });
    assert_eq!(outer.compute()?, (6, 2));
    Ok(())
}

#[test]
fn several_graphs_are_computed_together() -> Result<(), Error> {
    assert_eq!(compute((part(1), part(2)))?, (3, 4));
    assert_eq!(compute((part(1), (part(2), part(3))))?, (3, (4, 5)));
    assert_eq!(compute_on((part(1),), &InThread)?, (3,));
    Ok(())
}

#[test]
fn a_handle_of_another_graph_is_an_error_that_names_it() {
    let graph = graph!({
        let outer = inc(1);
        let inner = graph!({ inc(outer) });
        add(inner, outer)
    });
    let error = graph.check().unwrap_err();
    assert_eq!((error.kind(), error.task()), (ErrorKind::ForeignHandle, Some("inc")));
    assert!(error.to_string().contains("belongs to another graph"), "{error}");
    assert!(graph.to_string().starts_with("a graph that cannot run: task `inc`"));
    assert_eq!(graph.compute().unwrap_err().kind(), ErrorKind::ForeignHandle);
}

#[test]
fn tasks_that_wait_for_each_other_are_found_before_the_run() {
    let graph = graph!({
        let a = inc(1).named("a");
        let b = inc(a).named("b");
        let a = a.after(&b);
        add(a, b)
    });
    let error = graph.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cycle);
    assert!(error.to_string().contains("`a` (tests/it/composition.rs:"), "{error}");

    // A borrower that is made to come after the mover, which waits for it.
    struct Token;
    #[delayed]
    fn token() -> Token {
        Token
    }
    #[delayed]
    fn peek(_token: &Token) -> i64 {
        1
    }
    #[delayed]
    fn eat(_token: Token) -> i64 {
        2
    }
    let graph = graph!({
        let t = token();
        let p = peek(&t);
        let e = eat(t);
        let p = p.after(&e);
        add(p, e)
    });
    let error = graph.compute().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cycle);
    assert!(error.to_string().contains("still borrows it"), "{error}");
}

#[test]
fn the_output_of_a_part_can_be_lent_and_then_moved() {
    for scheduler in [&InThread as &dyn Scheduler, &Threads::new(3)] {
        for _ in 0..20 {
            let part: Graph<'_, Vec<String>> =
                graph!({ taskweave::val(vec![String::from("on the heap")]) });
            let graph = Graph::build(|graph| {
                let rows = taskweave::Compute::add_to(part, graph);
                let lent = rows.map_ref(|rows| rows[0].clone());
                let moved = rows.map(|rows| rows);
                graph.gather((moved, lent))
            });
            let (moved, lent) = graph.compute_on(scheduler).unwrap();
            assert_eq!((moved[0].as_str(), lent.as_str()), ("on the heap", "on the heap"));
        }
    }
}

#[test]
fn what_is_said_of_a_part_of_an_output_is_meant_of_its_task() {
    use std::sync::Mutex;
    type Log = Mutex<Vec<&'static str>>;
    #[delayed]
    fn step(log: &Log, name: &'static str) -> u64 {
        log.lock().unwrap().push(name);
        1
    }
    #[delayed]
    fn save(log: &Log) -> (u64, u64) {
        log.lock().unwrap().push("save");
        (1, 2)
    }
    #[delayed]
    fn check(log: &Log) -> Result<u64, String> {
        log.lock().unwrap().push("check");
        Ok(4)
    }
    let log = Log::default();
    let graph = graph!({
        let before = step(&log, "before");
        let (rows, bytes) = save(&log);
        let rows = rows.after(&before).named("saved");
        let checked = check(&log).or_fail().after(&rows).named("checked");
        rows + bytes + checked + before
    });
    let names: Vec<String> =
        graph.tasks().unwrap().iter().map(|task| task.name().to_string()).collect();
    assert!(names.contains(&"saved".into()) && names.contains(&"checked".into()), "{names:?}");
    assert_eq!(graph.compute_on(&Threads::new(3)).unwrap(), 8);
    assert_eq!(*log.lock().unwrap(), ["before", "save", "check"]);
}

#[test]
fn parts_within_parts_keep_their_names_and_order() {
    fn deep(levels: i64) -> Graph<'static, i64> {
        let mut graph = graph!({ inc(0).named("innermost") });
        for level in 1..levels {
            graph = graph!({
                let own = inc(level).named(format!("own {level}"));
                let below = inc(graph);
                own + below
            });
        }
        graph
    }
    let graph = deep(300);
    let tasks = graph.tasks().unwrap();
    assert_eq!(tasks.len(), 1 + 299 * 3);
    assert_eq!(tasks.iter().filter(|task| task.name().starts_with("own ")).count(), 299);
    let expected = (1..300).fold(1, |below, level| (level + 1) + (below + 1));
    assert_eq!(graph.compute_on(&Threads::new(2)).unwrap(), expected);
}

#[test]
fn many_graphs_are_computed_in_one_run() {
    let parts: Vec<_> = (0..100).map(part).collect();
    assert_eq!(compute(parts).unwrap(), (2..102).collect::<Vec<i64>>());
    let nothing: Vec<Graph<'_, i64>> = Vec::new();
    assert_eq!(compute((nothing, part(1))).unwrap(), (vec![], 3));
}

#[test]
fn tuples_are_taken_apart_by_any_tuple_pattern() {
    #[delayed]
    fn nested(n: u64) -> ((u64, String), u64, (u64, u64, u64)) {
        ((n, format!("{n}")), n + 1, (n + 2, n + 3, n + 4))
    }
    #[delayed]
    fn fails(n: u64) -> Result<((u64, u64), u64), String> {
        if n > 9 { Err("too large".into()) } else { Ok(((n, n + 1), n + 2)) }
    }
    #[delayed]
    fn pair(n: u64) -> ((u64, u64), (u64, u64)) {
        ((n, 1), (n, 2))
    }
    fn plain(n: u64) -> ((u64, u64), u64) {
        ((n, n), n)
    }
    #[delayed]
    fn plus(a: u64, b: u64) -> u64 {
        a + b
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let ((a, text), .., (x, .., z)) = nested(1);
            let (_, middle, ..) = nested(10);
            let ((b, c), d) = fails(3)?;
            let ((e, f), _) = plain(7);
            let (one, two) = pair(4);
            let (g, _h) = one;
            let (_i, j) = two;
            let first = plus(a, x);
            let second = plus(plus(b, c), d);
            (first, second, plus(g, j), plus(e, f), text, middle, z)
        });
        let expected = (4, 12, 6, 14, "1".to_string(), 11, 5);
        assert_eq!(graph.compute_on(scheduler).unwrap(), expected);
        let error = graph!({
            let ((a, b), _) = fails(10)?;
            plus(a, b)
        })
        .compute_on(scheduler)
        .unwrap_err();
        assert_eq!(error.task(), Some("fails"));
    });
}
