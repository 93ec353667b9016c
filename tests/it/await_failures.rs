//! `.await` in `graph!`: which failure is told, and for how long what is borrowed lives.

use crate::everywhere;
use taskweave::ErrorKind;
use taskweave::prelude::*;

#[delayed]
fn half(x: f64) -> f64 {
    x / 2.0
}
#[delayed]
fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn boom(x: f64) -> f64 {
    assert!(x > 1e9, "boom at {x}");
    x
}

#[test]
fn a_borrower_that_fails_is_not_the_takers_failure() {
    #[delayed]
    fn make(n: usize) -> String {
        "s".repeat(n)
    }
    #[delayed]
    fn bad(text: &str) -> usize {
        assert!(text.len() > 100, "bad looked");
        text.len()
    }
    #[delayed]
    fn eat(text: String) -> usize {
        text.len()
    }
    everywhere(|scheduler| {
        let graph = graph!({
            let text = make(2);
            let _bad = bad(&text);
            let count = eat(text).await;
            count
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), 2);
        let graph = graph!({
            let text = make(2);
            let _bad = bad(&text);
            text.await
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), "ss");
        let graph = graph!({
            let known = make(3).await;
            let text = make(2);
            let _bad = bad(&text);
            (eat(text), known)
        });
        assert_eq!(graph.compute_on(scheduler).unwrap(), (2, "sss".to_owned()));
        let graph = graph!({
            let text = make(2);
            let bad = bad(&text);
            let count = eat(text).await;
            (bad, count)
        });
        assert!(graph.compute_on(scheduler).unwrap_err().to_string().contains("bad looked"));
    });
}

#[test]
fn which_failure_is_told_does_not_depend_on_threads() {
    everywhere(|scheduler| {
        let graph = graph!({
            let (a, b) = (boom(1.0), boom(2.0));
            let known = half(3.0).await;
            (b, a, known)
        });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.to_string().contains("boom at 2"), "{error}");
    });
}

#[test]
fn graphs_of_a_longer_lifetime_are_graphs_of_a_shorter() {
    fn part(x: f64) -> Graph<'static, f64> {
        graph! { move half(half(x).await) }
    }
    #[delayed]
    fn product(x: f64, y: f64) -> f64 {
        x * y
    }
    fn scaled(data: &[f64]) -> Graph<'_, f64> {
        let part = part(8.0);
        graph!({ product(sum(data), part) })
    }
    struct Job<'a> {
        graph: Graph<'a, f64>,
        name: &'a str,
    }
    fn job<'a>(name: &'a str, graph: Graph<'static, f64>) -> Job<'a> {
        Job { graph, name }
    }
    #[delayed]
    fn same(x: f64) -> f64 {
        x
    }
    let data = vec![1.0, 2.0];
    assert_eq!(graph!({ same(scaled(&data)) }).compute().unwrap(), 6.0);
    let name = String::from("x");
    let job = job(&name, part(4.0));
    assert_eq!((job.name, job.graph.compute().unwrap()), ("x", 1.0));
}

#[test]
fn an_error_of_a_graph_computed_in_the_body_is_its_tasks() {
    let graph = graph!({
        let x = half(1.0).await;
        let inner = graph!({ boom(3.0) }).compute()?;
        half(x + inner)
    });
    let error = graph.compute().unwrap_err();
    assert_eq!(error.task(), Some("boom"));
    assert_eq!(error.kind(), taskweave::ErrorKind::Panicked);
}

#[test]
fn text_and_boxed_errors_of_plain_values_stop_the_body() {
    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    fn owned(x: f64) -> Result<f64, String> {
        Err(format!("no {x}"))
    }
    fn literal(_: f64) -> Result<f64, &'static str> {
        Err("no text")
    }
    fn boxed(_: f64) -> Result<f64, Boxed> {
        Err(Box::new(std::fmt::Error))
    }
    fn of_a_graph(x: f64) -> Result<f64, Boxed> {
        Ok(graph!({ boom(x) }).compute()?)
    }
    everywhere(|scheduler| {
        let said = |error: taskweave::Error| {
            assert_eq!(error.kind(), ErrorKind::Failed);
            error.to_string()
        };
        let graph = graph!({ half(owned(half(1.0).await)?) });
        assert!(said(graph.compute_on(scheduler).unwrap_err()).ends_with("no 0.5"));
        let graph = graph!({ half(literal(half(1.0).await)?) });
        assert!(said(graph.compute_on(scheduler).unwrap_err()).ends_with("no text"));
        let graph = graph!({ half(boxed(half(1.0).await)?) });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert!(error.downcast_ref::<std::fmt::Error>().is_some());
        let graph = graph!({ half(of_a_graph(half(1.0).await)?) });
        let error = graph.compute_on(scheduler).unwrap_err();
        assert_eq!((error.kind(), error.task()), (ErrorKind::Panicked, Some("boom")));
    });
}

#[test]
fn tasks_that_wait_for_each_other_are_an_error_of_the_await() {
    #[delayed]
    fn one(x: u64) -> u64 {
        x
    }
    #[delayed]
    fn both(a: u64, b: u64) -> u64 {
        a + b
    }
    everywhere(|scheduler| {
        for late in [false, true] {
            let graph = graph!({
                let first = if late { one(0).await } else { 0 };
                let free = one(1);
                let a = one(2);
                let b = one(a);
                let a = a.after(&b);
                let sum = both(free, a);
                if late { sum + first } else { one(sum.await + 1) + first }
            });
            let error = graph.compute_on(scheduler).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cycle, "{error}");
        }
    });
}
