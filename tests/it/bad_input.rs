//! Bad and odd input: each has a decided behaviour.

use taskweave::prelude::*;

#[delayed]
fn inc(x: f64) -> f64 {
    x + 1.0
}
#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}
#[delayed]
fn factorial(n: u64) -> u64 {
    if n < 2 { 1 } else { n * factorial(n - 1) }
}

#[test]
fn an_empty_grid_is_an_empty_vector() -> Result<(), Error> {
    let grid: [f64; 0] = [];
    let graph = graph!({
        let mut values = Vec::new();
        for &x in &grid {
            values.push(inc(x));
        }
        total(values)
    });
    assert_eq!(graph.to_string(), "1 task, 0 edges, depth 1, widest level 1");
    assert_eq!(graph.compute()?, 0.0);
    Ok(())
}

#[test]
fn zero_tasks_and_only_plain_values() -> Result<(), Error> {
    let graph = graph!({ (1, "two", vec![3.0]) });
    assert_eq!(graph.to_string(), "0 tasks, 0 edges, depth 0, widest level 0");
    assert_eq!(graph.compute()?, (1, "two", vec![3.0]));
    let nothing = graph!({});
    assert_eq!(nothing.compute()?, ());
    Ok(())
}

#[test]
fn recursion_is_a_plain_call_in_the_function_and_a_task_in_the_graph() -> Result<(), Error> {
    fn tree(depth: u32) -> Graph<'static, f64> {
        if depth == 0 {
            return graph!({ inc(0.0) });
        }
        let (left, right) = (tree(depth - 1), tree(depth - 1));
        graph!({ total(vec![left, right]) })
    }
    let graph = tree(5);
    assert!(graph.to_string().starts_with("63 tasks"), "{graph}");
    assert_eq!(graph.compute()?, 32.0);
    assert_eq!(graph!({ factorial(10) }).compute()?, 3_628_800);
    Ok(())
}

#[test]
fn a_panic_while_the_graph_is_built_is_an_ordinary_panic() {
    let dropped = std::sync::Arc::new(());
    #[delayed]
    fn keep(_value: std::sync::Arc<()>) -> f64 {
        1.0
    }
    let built = std::panic::catch_unwind(|| {
        let graph = graph!({
            let a = keep(dropped.clone());
            let index = [0_usize; 2].len();
            let plain = [1.0, 2.0][index];
            inc(a + plain)
        });
        graph.compute()
    });
    assert!(built.is_err());
    assert_eq!(std::sync::Arc::strong_count(&dropped), 1, "what it had captured was dropped");
}

#[test]
fn nan_is_a_value_like_any_other() -> Result<(), Error> {
    assert!(graph!({ inc(f64::NAN) }).compute()?.is_nan());
    Ok(())
}

#[test]
fn long_chains_need_no_stack() -> Result<(), Error> {
    let chain = || {
        let graph = graph!({
            let mut x = inc(0.0);
            for _ in 1..1_000_000 {
                x = inc(x);
            }
            x
        });
        assert_eq!(
            graph.to_string(),
            "1,000,000 tasks, 999,999 edges, depth 1,000,000, widest level 1"
        );
        graph.compute_on(&Threads::new(2))
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(chain).unwrap();
    assert_eq!(thread.join().unwrap()?, 1_000_000.0);
    Ok(())
}

#[test]
fn over_aligned_values_keep_their_alignment() -> Result<(), Error> {
    #[derive(Clone, Copy)]
    #[repr(align(128))]
    struct Wide(u8);
    #[delayed]
    fn wide(n: u8) -> Wide {
        Wide(n)
    }
    #[delayed]
    fn check(wide: &Wide, again: Wide) -> (bool, u8) {
        (std::ptr::from_ref(wide).addr().is_multiple_of(128), again.0)
    }
    let graph = graph!({
        let w = wide(7);
        check(&w, w)
    });
    assert_eq!(graph.compute()?, (true, 7));
    Ok(())
}

#[test]
fn the_unit_and_other_empty_types_are_values() -> Result<(), Error> {
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Empty;
    #[delayed]
    fn empty(_: ()) -> Empty {
        Empty
    }
    #[delayed]
    fn join(a: Empty, b: &Empty) -> [Empty; 2] {
        [a, *b]
    }
    let graph = graph!({
        let e = empty(());
        join(e, &e)
    });
    assert_eq!(graph.compute()?, [Empty, Empty]);
    Ok(())
}
