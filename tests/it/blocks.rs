//! What may stand in `graph!`: ordinary blocks.

use std::collections::{BTreeMap, HashMap};
use taskweave::prelude::*;

mod tasks {
    use super::*;
    #[derive(Clone, Debug, PartialEq)]
    pub struct Model {
        pub alpha: f64,
        pub loss: f64,
    }
    #[delayed]
    pub fn fit(alpha: f64, beta: f64) -> Model {
        Model { alpha, loss: (alpha - 2.0).abs() + (beta - 3.0).abs() }
    }
    pub fn plain(x: f64) -> f64 {
        x * 0.5
    }
    pub mod deep {
        #[taskweave::delayed]
        pub fn deepest(x: f64) -> f64 {
            x + 100.0
        }
    }
}
use tasks::{Model, fit};

#[delayed]
fn loss(model: &Model) -> f64 {
    model.loss
}
#[delayed]
fn best(losses: Vec<f64>) -> f64 {
    losses.into_iter().fold(f64::MAX, f64::min)
}
#[delayed]
fn inc(x: f64) -> f64 {
    x + 1.0
}
#[delayed]
fn pair(x: f64) -> (f64, String) {
    (x, format!("{x}"))
}
#[delayed]
fn try_pair(text: &str) -> Result<(f64, usize), std::num::ParseFloatError> {
    Ok((text.parse()?, text.len()))
}
#[delayed]
fn parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
fn plain_parse(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}

#[test]
fn nested_loops_over_plain_values() -> Result<(), Error> {
    let grid = vec![1.0, 2.0, 3.0];
    let graph = graph! {
        let mut losses = Vec::new();
        for &alpha in &grid {
            for beta in 0..4 {
                if beta == 0 { continue; }
                losses.push(loss(&fit(alpha, tasks::plain(2.0 * f64::from(beta)))));
            }
        }
        let _half = mean(&grid);
        best(losses)
    };
    assert_eq!(graph.to_string(), "19 tasks, 18 edges, depth 3, widest level 9");
    assert_eq!(graph.compute()?, 0.0);
    Ok(())
}

#[test]
#[allow(clippy::nonminimal_bool)]
fn loops_labels_and_matches() -> Result<(), Error> {
    let words = ["1", "2", "stop", "3"];
    let option: Option<u32> = Some(2);
    let (low, name) = (3_usize, String::from("x"));
    let graph = graph!({
        let mut values = Vec::new();
        'words: for word in words {
            match word {
                "stop" => break 'words,
                digits if !digits.is_empty() => values.push(parse(digits)?),
                _ => unreachable!("no empty words"),
            }
        }
        let mut n = 0;
        while 0 < 3 - n && values.len() < 100 {
            n += 1;
            values.push(inc(n as f64));
        }
        let extra = loop {
            n += 1;
            if n >= 5 {
                break inc(n as f64);
            }
        };
        values.push(extra);
        if low > 2 && !(name == "y") || n as f64 <= 0.5 {
            values.push(inc(10.0));
        }
        if let Some(k) = option
            && k != 7
            && !name.is_empty()
        {
            values.push(inc(f64::from(k)));
        }
        let mut rest = words.as_slice();
        while let [_first, others @ ..] = rest {
            rest = others;
        }
        assert!(rest.is_empty());
        let chosen = if low == 3 { inc(0.0) } else { inc(1.0) };
        values.push(chosen);
        let Some(seven) = Some(7.0) else { panic!("it is there") };
        values.push(inc(seven));
        values
    });
    assert_eq!(graph.compute()?, [1.0, 2.0, 2.0, 3.0, 4.0, 6.0, 11.0, 3.0, 1.0, 8.0]);
    Ok(())
}

#[test]
fn closures_iterators_and_containers_make_tasks() -> Result<(), Error> {
    let graph = graph!({
        let models: Vec<_> = (0..3).map(|i| fit(f64::from(i), 3.0)).collect();
        let losses: Vec<_> = models.iter().map(|model| loss(model)).collect();
        let by_name: HashMap<String, _> =
            losses.iter().enumerate().map(|(i, loss)| (format!("m{i}"), inc(*loss))).collect();
        let mut sorted = BTreeMap::new();
        sorted.insert("a", vec![Some(inc(1.0)), None]);
        let nested = [[inc(1.0), inc(2.0)], [inc(3.0), inc(4.0)]];
        let add = |a: f64, b: f64| inc(a + b);
        let mixed = vec![(1, "one", add(0.5, 0.5)), (2, "two", add(1.0, 1.0))];
        (losses, by_name, sorted, nested, mixed, models)
    });
    let (losses, by_name, sorted, nested, mixed, models) = graph.compute()?;
    assert_eq!(losses, [2.0, 1.0, 0.0]);
    assert_eq!(by_name["m1"], 2.0);
    assert_eq!(sorted["a"], [Some(2.0), None]);
    assert_eq!(nested, [[2.0, 3.0], [4.0, 5.0]]);
    assert_eq!(mixed, [(1, "one", 2.0), (2, "two", 3.0)]);
    assert_eq!(models[2], Model { alpha: 2.0, loss: 0.0 });
    Ok(())
}

#[test]
fn macros_arguments_are_part_of_the_graph() -> Result<(), Error> {
    let graph = graph!({
        let v = vec![inc(1.0), inc(2.0)];
        let four = vec![inc(3.0); 2];
        println!("{} {:.1} {half}", v.len(), mean(&[1.0]), half = tasks::plain(1.0));
        assert_eq!(four.len(), 2, "copies of a `Copy` handle");
        assert!(matches!(four.len(), 2));
        (v, four)
    });
    assert_eq!(graph.compute()?, (vec![2.0, 3.0], vec![4.0, 4.0]));
    Ok(())
}

#[test]
fn shadowing_items_and_paths() -> Result<(), Error> {
    use tasks::fit as renamed_fit;
    let f = |x: f64| x + 0.25;
    let graph = graph!({
        #[delayed]
        fn inner(x: f64) -> f64 {
            x + 1.0
        }
        fn helper(x: f64) -> f64 {
            x * 2.0
        }
        let inc = inc(1.0);
        let f = &f;
        let quarter = f(1.0);
        let again = (f)(quarter);
        let mut all = vec![inner(helper(1.0)), inc, inner(again)];
        {
            use tasks::deep::*;
            use tasks::plain as half;
            all.push(inner(half(4.0)));
            all.push(deepest(1.0));
        }
        all.push(self::tasks::deep::deepest(2.0));
        all.push(loss(&renamed_fit(2.0, 2.0)));
        drop(fit(0.0, 0.0));
        let ten = std::cmp::max(1, 10);
        all.push(inner(f64::from(ten)));
        all
    });
    assert_eq!(graph.compute()?, [3.0, 2.0, 2.5, 3.0, 101.0, 102.0, 1.0, 11.0]);
    Ok(())
}

#[test]
fn tuples_are_taken_apart() -> Result<(), Error> {
    fn plain_pair() -> (f64, f64) {
        (1.0, 2.0)
    }
    let graph = graph!({
        let (x, text) = pair(3.0);
        let (y, n) = try_pair("2.5")?;
        let (a, b): (f64, f64) = plain_pair();
        let (_, s) = pair(1.0);
        let (p, q) = pair(inc(0.0)).unzip();
        (inc(x), text, y + 1.0, n, a + b, s, (p, q))
    });
    let expected = (4.0, "3".to_string(), 3.5, 3, 3.0, "1".to_string(), (1.0, "1".to_string()));
    assert_eq!(graph.compute()?, expected);
    Ok(())
}

#[test]
fn question_marks_are_the_graphs_or_the_functions() -> Result<(), Box<dyn std::error::Error>> {
    let graph = graph!({
        let plain = plain_parse("2.5")?;
        let late = parse("1.5")?;
        let result = parse("x");
        (plain, late, result)
    });
    let (plain, late, result) = graph.compute()?;
    assert_eq!((plain, late, result.is_err()), (2.5, 1.5, true));
    fn stops() -> Result<(), std::num::ParseFloatError> {
        let graph = graph!({
            let plain = plain_parse("not a number")?;
            inc(plain)
        });
        drop(graph);
        Ok(())
    }
    assert!(stops().is_err());
    Ok(())
}

#[test]
fn operators_on_handles() -> Result<(), Error> {
    let graph = graph!({
        let x = inc(1.0);
        let y = inc(3.0);
        let n = x.map(|x| x as i64);
        [(x + y) * 2.0 - 1.0 / x, -x % 3.0, (n << 3 | n ^ 7).map(|n| n as f64)]
    });
    assert_eq!(graph.compute()?, [11.5, -2.0, f64::from(2 << 3 | 2 ^ 7)]);
    Ok(())
}

#[test]
fn temporaries_live_as_long_as_in_plain_rust() -> Result<(), Error> {
    fn same(text: &str) -> &str {
        text
    }
    let graph = graph!({
        let n = same(&String::from("abc")).len();
        inc(n as f64)
    });
    assert_eq!(graph.compute()?, 4.0);
    Ok(())
}

#[test]
fn order_without_data() -> Result<(), Error> {
    let log = std::sync::Mutex::new(Vec::new());
    #[delayed]
    fn save(log: &std::sync::Mutex<Vec<String>>, name: String) {
        log.lock().unwrap().push(name);
    }
    let graph = graph!({
        let mut saved = Vec::new();
        for i in 0..20 {
            let done = save(&log, format!("{i}"));
            saved.push(match saved.last() {
                Some(before) => done.after(before),
                None => done,
            });
        }
        saved.reverse();
        saved
    });
    graph.compute_on(&Threads::new(4))?;
    let expected: Vec<String> = (0..20).map(|i| i.to_string()).collect();
    assert_eq!(log.into_inner().unwrap(), expected);
    Ok(())
}

#[test]
fn names_given_to_one_task() -> Result<(), Error> {
    let graph = graph!({ inc(inc(1.0).named("first")).named(format!("second {}", 2)) });
    let names: Vec<_> = graph.tasks()?.iter().map(|task| task.name().to_string()).collect();
    assert_eq!(names, ["first", "second 2"]);
    Ok(())
}

#[test]
fn raw_and_unicode_names() -> Result<(), Error> {
    #[delayed]
    fn r#type(r#match: f64) -> f64 {
        r#match + 1.0
    }
    #[delayed]
    fn größe(länge: f64) -> f64 {
        länge * 2.0
    }
    let graph = graph!({ größe(r#type(1.0)) });
    let names: Vec<_> = graph.tasks()?.iter().map(|task| task.name().to_string()).collect();
    assert_eq!(names, ["type", "größe"]);
    assert_eq!(graph.compute()?, 4.0);
    Ok(())
}

#[test]
fn move_closures_make_tasks() {
    #[delayed]
    fn two(a: i32, b: i32) -> i32 {
        a * 10 + b
    }
    let graph = graph!({
        let all = (0..3).flat_map(|i| (0..2).map(move |j| two(i, j)));
        all.collect::<Vec<_>>()
    });
    assert_eq!(graph.compute().unwrap(), [0, 1, 10, 11, 20, 21]);
}

#[test]
fn attributes_of_calls_and_what_they_leave_out() {
    use std::cell::Cell;
    let hits = Cell::new(0);
    fn hit(hits: &Cell<i32>) {
        hits.set(hits.get() + 1);
    }
    #[cfg(any())]
    #[delayed]
    fn only_elsewhere(x: f64) -> f64 {
        x
    }
    let graph = graph!({
        #[cfg(any())]
        hit(&hits);
        #[cfg(not(any()))]
        hit(&hits);
        let _a = inc(1.0);
        #[cfg(any())]
        let _a = only_elsewhere(_a);
        let all = [
            #[cfg(any())]
            inc(_a),
            inc(2.0),
        ];
        all.to_vec()
    });
    assert_eq!(graph.compute().unwrap(), [3.0]);
    assert_eq!(hits.get(), 1);
}

#[test]
fn items_of_the_block_hide_what_is_around() {
    fn step(x: f64) -> f64 {
        x + 1000.0
    }
    let graph = graph!({
        // A plain one over a delayed one of the module.
        fn inc(x: f64) -> f64 {
            x + 50.0
        }
        let plain: f64 = inc(1.0);
        let made = {
            #[delayed]
            fn doubled(x: f64) -> f64 {
                x * 2.0
            }
            doubled(3.0)
        };
        (plain, made, step(made_of()))
    });
    fn made_of() -> f64 {
        1.0
    }
    assert_eq!(graph.to_string(), "1 task, 0 edges, depth 1, widest level 1");
    assert_eq!(graph.compute().unwrap(), (51.0, 6.0, 1001.0));
}

#[test]
fn macro_rules_in_the_block_stay_where_they_are() {
    fn id(x: u32) -> u32 {
        x
    }
    let graph = graph!({
        fn helper(x: u32) -> u32 {
            x
        }
        let x = 5;
        macro_rules! number {
            () => {
                x + 1
            };
        }
        let a = id(number!());
        macro_rules! number {
            () => {
                2
            };
        }
        (a, helper(number!()))
    });
    assert_eq!(graph.compute().unwrap(), (6, 2));
}

#[test]
fn constants_in_the_block_call_what_they_call() {
    #[delayed]
    const fn four(x: usize) -> usize {
        4 * x
    }
    let graph = graph!({
        let bytes = [0_u8; four(2)];
        let twelve = const { four(3) };
        (bytes.len(), twelve, four(4), cfg!(any(unix, windows, not(unix))), matches!(id(3), 1..=3))
    });
    fn id(x: u32) -> u32 {
        x
    }
    assert_eq!(graph.compute().unwrap(), (8, 12, 16, true, true));
}

#[test]
fn closures_that_a_task_runs_call_what_they_call() {
    #[delayed]
    fn values(n: u32) -> Vec<f64> {
        (0..n).map(f64::from).collect()
    }
    #[delayed]
    fn total(values: &[f64]) -> f64 {
        values.iter().sum()
    }
    let graph = graph!({
        let v = values(4);
        let direct = values(3).map(|v| total(&v) + 1.0);
        let lent = v.map_ref(|v| total(v));
        (direct, lent, total(&v))
    });
    assert_eq!(graph.compute().unwrap(), (4.0, 6.0, 6.0));
}

#[test]
fn arguments_without_a_type_of_their_own_nest_deeply() {
    #[delayed]
    fn node(left: Option<Box<u64>>, right: u64) -> u64 {
        right + left.map_or(1, |left| *left)
    }
    let graph = graph!({
        node(None, node(None, node(None, node(None, node(None, node(None, node(None, node(None,
        node(None, node(None, node(None, node(None, node(None, node(None, node(None, node(None,
        node(None, node(None, node(None, node(None, node(None, node(None, node(None, node(None,
        node(None, node(None, node(None, node(None, node(None, node(None, node(None, node(None, 0
        ))))))))))))))))))))))))))))))))
    });
    assert_eq!(graph.compute().unwrap(), 32);
}

#[test]
fn asserts_in_the_block_say_what_was_written() {
    fn plain(x: u32) -> u32 {
        x
    }
    let message = std::panic::catch_unwind(|| {
        let _graph = graph!({
            assert!(plain(3) > 10);
            1
        });
    });
    let message = *message.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "assertion failed: plain(3) > 10");
}

#[test]
fn what_is_not_compiled_is_not_looked_up() {
    struct Pair {
        first: f64,
    }
    let graph = graph!({
        #[cfg(any())]
        {
            missing(3);
        }
        #[cfg(any())]
        if missing(1) {
            missing(2)
        }
        #[cfg(any())]
        for i in missing(1) {
            missing(i)
        }
        let arm = match 3 {
            #[cfg(any())]
            3 => missing(1),
            3 => inc(2.0),
            _ => inc(7.0),
        };
        let pair = Pair {
            #[cfg(any())]
            first: missing(1),
            #[cfg(not(any()))]
            first: 3.0,
        };
        arm + inc(pair.first)
    });
    assert_eq!(graph.compute().unwrap(), 7.0);
}
