//! What parameters accept.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use taskweave::prelude::*;
use taskweave::val;

#[delayed]
fn one(x: f64) -> f64 {
    x
}
#[delayed]
fn text(x: f64) -> String {
    x.to_string()
}
#[delayed]
fn slice(values: &[f64]) -> f64 {
    values.iter().sum()
}
#[delayed]
fn length(text: &str) -> usize {
    text.len()
}
#[delayed]
fn parts(path: &std::path::Path) -> usize {
    path.components().count()
}
#[delayed]
fn option(x: Option<f64>) -> f64 {
    x.unwrap_or(-1.0)
}
#[delayed]
fn map(values: &HashMap<String, f64>) -> f64 {
    values.values().sum()
}
#[delayed]
fn sorted(values: BTreeMap<u8, Vec<f64>>) -> f64 {
    values.values().flatten().sum()
}
#[delayed]
fn nested(values: Vec<((f64, f64), Option<(u8, f64)>)>) -> f64 {
    values.iter().map(|((a, b), c)| a + b + c.map_or(0.0, |c| c.1)).sum()
}
#[delayed]
#[allow(clippy::ptr_arg)]
fn borrowed_cow(text: &Cow<'static, str>) -> usize {
    text.len()
}
#[delayed]
fn vectors(values: Vec<Vec<(String, f64)>>) -> f64 {
    values.iter().flatten().map(|entry| entry.1).sum()
}

#[test]
fn reference_parameters_take_what_lends_them() -> Result<(), Error> {
    let data = vec![1.0, 2.0];
    let array = [1.0, 2.0, 3.0];
    let shared = Arc::new(vec![1.0, 2.0, 3.0, 4.0]);
    let (string, path) = (String::from("four"), PathBuf::from("a/b/c"));
    let names = vec!["a", "bb", "ccc"];
    let cow: Cow<'static, str> = "cow".into();
    let graph = graph!({
        let handle = one(5.0);
        let v = slice(vec![handle, handle]);
        let sums = [
            slice(&data),
            slice(&array),
            slice(&data[..1]),
            slice(shared.clone()),
            slice(vec![10.0]),
            slice([handle, one(1.0)]),
            v,
        ];
        let t = text(1.5);
        let mut lengths = vec![length(&t), length("literal"), length(&string), length(t)];
        for name in &names {
            lengths.push(length(name));
        }
        lengths.push(borrowed_cow(&cow));
        (sums, lengths, [parts(&path), parts(path.clone())])
    });
    let (sums, lengths, parts) = graph.compute()?;
    assert_eq!(sums, [3.0, 6.0, 1.0, 10.0, 10.0, 6.0, 10.0]);
    assert_eq!(lengths, [3, 7, 4, 3, 1, 2, 3, 3]);
    assert_eq!(parts, [3, 3]);
    Ok(())
}

#[test]
fn a_borrow_that_is_borrowed_in_the_block_is_copied() -> Result<(), Error> {
    let (words, data) = ("a,bb,ccc".to_string(), [1.0, 2.0, 3.0]);
    let graph = graph!({
        let parts: Vec<&str> = words.split(',').collect();
        let lengths: Vec<_> = parts.iter().map(|part| length(part)).collect();
        let pairs: Vec<&[f64]> = data.chunks(2).collect();
        let mut sums = Vec::new();
        for pair in &pairs {
            sums.push(slice(pair));
        }
        (lengths, sums)
    });
    assert_eq!(graph.compute()?, (vec![1, 2, 3], vec![3.0, 3.0]));
    Ok(())
}

#[test]
fn containers_of_handles_are_gathered() -> Result<(), Error> {
    let graph = graph!({
        let x = one(2.0);
        let a = option(Some(x)) + option(None) + option(Some(1.0));
        let mut by_name = HashMap::new();
        by_name.insert("x".to_string(), x);
        let b = map(by_name);
        let c = sorted(BTreeMap::from([(1, vec![x, x]), (2, vec![])]));
        let d = nested(vec![((x, 1.0), Some((1, one(3.0)))), ((one(1.0), 1.0), None)]);
        (a, b, c, d)
    });
    assert_eq!(graph.compute()?, (2.0, 2.0, 4.0, 8.0));
    Ok(())
}

#[test]
fn empty_values_get_the_parameters_type() -> Result<(), Error> {
    let graph = graph!({
        let a = vectors(Vec::new());
        let b = vectors(vec![]);
        let c = vectors(Default::default());
        let d = vectors(val((0..2).map(|_| vec![]).collect()));
        let e = map(HashMap::new());
        a + b + c + d + e
    });
    assert_eq!(graph.compute()?, 0.0);
    // Where the type is written it may be one of handles, or of graphs.
    let graph = graph!({
        let a = vectors(Vec::<Vec<(String, f64)>>::new());
        let b = slice(Vec::<Delayed<'_, '_, f64>>::new());
        let c = slice(Vec::<Graph<'_, f64>>::new());
        let d = vectors(Vec::<_>::new());
        a + b + c + d
    });
    assert_eq!(graph.compute()?, 0.0);
    Ok(())
}

#[test]
fn a_million_arguments_in_one_vector() -> Result<(), Error> {
    let graph = graph!({
        let handles: Vec<_> = (0..1_000_000).map(|i| one(f64::from(i))).collect();
        slice(handles)
    });
    assert_eq!(
        graph.to_string(),
        "1,000,001 tasks, 1,000,000 edges, depth 2, widest level 1,000,000"
    );
    assert_eq!(graph.compute()?, 499_999_500_000.0);
    Ok(())
}

#[test]
fn tuples_up_to_eight_mix_values_and_handles() -> Result<(), Error> {
    let graph = graph!({
        let x = one(1.0);
        ((x, 2), (1, x), (1, 2, x), (1, 2, 3, 4, 5, 6, 7, x), (x, 2, x, 4, x, 6, x, 8))
    });
    let (a, b, c, d, e) = graph.compute()?;
    assert_eq!((a, b, c), ((1.0, 2), (1, 1.0), (1, 2, 1.0)));
    assert_eq!((d, e), ((1, 2, 3, 4, 5, 6, 7, 1.0), (1.0, 2, 1.0, 4, 1.0, 6, 1.0, 8)));
    Ok(())
}

#[test]
fn more_containers_hold_handles() {
    use std::collections::VecDeque;
    #[delayed]
    fn inc(x: i64) -> i64 {
        x + 1
    }
    #[allow(clippy::boxed_local)]
    #[delayed]
    fn queue(values: VecDeque<i64>, boxed: Box<[i64]>) -> i64 {
        values.iter().sum::<i64>() + boxed.iter().sum::<i64>()
    }
    let graph = graph!({
        let values: VecDeque<_> = (0..3).map(|x| inc(x)).collect();
        let boxed: Box<[_]> = (0..2).map(|x| inc(x)).collect();
        queue(values, boxed)
    });
    assert_eq!(graph.compute().unwrap(), 9);
}

#[test]
fn handles_are_added_to() {
    #[delayed]
    fn inc(x: i64) -> i64 {
        x + 1
    }
    let graph = graph!({
        let mut sum = inc(0);
        for i in 0..4 {
            sum += inc(i);
        }
        sum *= 2;
        sum -= inc(sum) % 7;
        sum
    });
    assert_eq!(graph.compute().unwrap(), 22 - 23 % 7);
}

#[delayed]
fn total(values: Vec<f64>) -> f64 {
    values.iter().sum()
}

#[test]
fn outputs_collected_where_a_vector_is_taken_need_no_type() -> Result<(), Error> {
    let graph = graph!({
        let mut pairs = vec![(2, one(1.0)), (1, one(2.0))];
        pairs.sort_by_key(|(n, _)| *n);
        for n in 3..5 {
            pairs.push((n, one(n as f64)));
        }
        let by_name: BTreeMap<i32, _> = (0..3).map(|n| (n, one(n as f64))).collect();
        let mut filled = HashMap::new();
        filled.insert("a", one(10.0));
        let outputs = vec![one(1.0), one(2.0), one(4.0)];
        let large = total(pairs.iter().filter(|(n, _)| *n > 1).map(|(_, x)| *x).collect());
        (
            large,
            total(pairs.into_iter().map(|(_, x)| x).collect()),
            total(by_name.into_values().collect()),
            total(filled.into_values().collect()),
            total(outputs.iter().take(2).copied().collect()),
            total(outputs.into_iter().rev().skip(1).collect()),
        )
    });
    assert_eq!(graph.compute()?, (8.0, 10.0, 3.0, 10.0, 3.0, 3.0));
    // Of plain values, too.
    let values = [1.0, 2.0];
    assert_eq!(graph!({ total(values.iter().map(|x| x + 1.0).collect()) }).compute()?, 5.0);
    Ok(())
}
