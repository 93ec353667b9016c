//! Handles that stand in vectors, tuples and patterns: `?`, tuple patterns and methods on them.

use std::collections::BTreeMap;
use taskweave::prelude::*;

#[derive(Clone)]
pub struct Model {
    loss: f64,
}

#[delayed]
impl Model {
    pub fn refit(&self, by: f64) -> Result<f64, String> {
        if by > 0.0 { Ok(self.loss + by) } else { Err(format!("cannot refit by {by}")) }
    }
}

#[delayed]
fn model(loss: f64) -> Model {
    Model { loss }
}

#[delayed]
fn ends(x: f64) -> (f64, f64) {
    (x, x + 1.0)
}

#[delayed]
fn nested(x: f64) -> ((f64, f64), f64) {
    ((x, x + 1.0), x + 2.0)
}

#[delayed]
fn sum(all: Vec<f64>) -> f64 {
    all.iter().sum()
}

#[test]
fn a_question_mark_behind_a_method_of_an_element_stops_what_follows() {
    let refitted = |by: f64| {
        graph!({
            let models = vec![model(1.0), model(2.0)];
            let pair = (model(3.0), by);
            let mut all = vec![pair.0.refit(pair.1)?, models[1].refit(by)?];
            for (n, one) in models.iter().enumerate() {
                all.push(one.refit(by + n as f64)?);
            }
            for one in models {
                all.push(one.refit(by)?);
            }
            sum(all)
        })
    };
    assert_eq!(refitted(1.0).compute().unwrap(), 4.0 + 3.0 + (2.0 + 4.0) + (2.0 + 3.0));
    let failed = refitted(-0.5).compute().unwrap_err().to_string();
    assert!(failed.contains("cannot refit by -0.5"), "{failed}");
}

#[test]
fn a_tuple_pattern_takes_the_handle_of_a_tuple_apart_wherever_it_stands() {
    let graph = graph!({
        let pairs = vec![ends(1.0), ends(10.0)];
        let mut all = Vec::new();
        let (first, _) = pairs[0];
        all.push(first);
        for (low, high) in pairs {
            all.extend([low, high]);
        }
        for pair in [ends(100.0)] {
            let (low, high) = pair;
            all.extend([low, high]);
        }
        for ((low, middle), high) in [nested(1000.0)] {
            all.extend([low, middle, high]);
        }
        let doubled: Vec<_> = [ends(7.0)].into_iter().map(|(low, high)| low + high * 2.0).collect();
        all.extend(doubled);
        let held = (ends(5.0), 1.0);
        let (low, high) = held.0;
        all.extend([low, high]);
        sum(all)
    });
    let expected = 1.0 + (1.0 + 2.0 + 10.0 + 11.0) + (100.0 + 101.0) + 3003.0 + 23.0 + 11.0;
    assert_eq!(graph.compute().unwrap(), expected);
}

#[test]
fn plain_pairs_and_options_beside_handles_stay_what_they_are() {
    fn sums(weights: &[(f64, f64)]) -> Option<f64> {
        let graph = graph!({
            let mut all = Vec::new();
            for (low, high) in weights {
                let (a, b) = (*low, *high);
                all.push(ends(a).map(move |(x, y)| x + y + b));
            }
            let last = Some(weights.len());
            let many = last.filter(|many| *many > 0);
            let named: Vec<(usize, Delayed<'_, '_, f64>)> = all.into_iter().enumerate().collect();
            let mut out = Vec::new();
            for (n, handle) in named {
                out.push(handle.map(move |x| x * (n + 1) as f64));
            }
            assert!(many.is_none() || out.len() == weights.len());
            sum(out)
        });
        graph.compute().ok()
    }
    assert_eq!(sums(&[(1.0, 0.5), (2.0, 0.5)]), Some(3.5 + 11.0));
    assert_eq!(sums(&[]), Some(0.0));
}

#[test]
fn a_map_of_handles_is_gone_over_in_pairs() {
    let graph = graph!({
        let mut named = BTreeMap::new();
        named.insert(1, model(1.0));
        named.insert(2, model(10.0));
        let mut kept = Vec::new();
        for (key, one) in &named {
            if *key == 1 {
                kept.push(one.refit(1.0)?);
            }
        }
        kept.push(named[&2].refit(2.0)?);
        for one in named.values() {
            kept.push(one.map_ref(|one| one.loss));
        }
        let (first, _) = named.iter().next().unwrap();
        assert_eq!(*first, 1);
        for (key, one) in named {
            kept.push(one.map(move |one| one.loss * f64::from(key)));
        }
        sum(kept)
    });
    assert_eq!(graph.compute().unwrap(), 2.0 + 12.0 + (1.0 + 10.0) + (1.0 + 20.0));
}

#[test]
fn pairs_are_taken_apart_in_nested_patterns_and_behind_branches() {
    let graph = |chosen: bool| {
        graph!({
            let mut all = Vec::new();
            for (at, (low, high)) in [ends(1.0), ends(2.0)].into_iter().enumerate() {
                all.push(low.map(move |low| low * at as f64));
                all.push(high);
            }
            for ((low, _), by) in vec![ends(10.0)].into_iter().zip([3.0]) {
                all.push(low.map(move |low| low * by));
            }
            let (low, high) = if chosen { ends(100.0) } else { ends(200.0) };
            all.extend([low, high]);
            let (one, two) = match all.len() {
                0 => (1.0, 2.0),
                _ => (3.0, 4.0),
            };
            all.push(ends(one).map(move |(low, _)| low + two));
            sum(all)
        })
    };
    let first = 2.0 + 2.0 + 3.0 + 30.0 + 7.0;
    assert_eq!(graph(true).compute().unwrap(), first + 201.0);
    assert_eq!(graph(false).compute().unwrap(), first + 401.0);
}

#[test]
fn the_members_of_a_tuple_are_taken_apart_in_a_nested_pattern() {
    fn plain_ends(x: f64) -> (f64, f64) {
        (x, x + 1.0)
    }
    let graph = graph!({
        let scale = 2.0;
        let (by, (low, _)) = (scale, ends(1.0));
        let (one, ((a, b), (c, _))) = (low, (ends(10.0), plain_ends(100.0)));
        let scaled = one.map(move |low| low * by);
        sum(vec![scaled, a, b, ends(c).map(|(low, _)| low)])
    });
    assert_eq!(graph.compute().unwrap(), 2.0 + 10.0 + 11.0 + 100.0);
}

#[test]
fn an_iterator_of_handles_of_pairs_is_unzipped_into_handles() {
    let graph = graph!({
        let (low, high): (Vec<_>, Vec<_>) = (0..3).map(|n| ends(f64::from(n))).unzip();
        let pairs = vec![ends(10.0), ends(20.0)];
        let (lows, highs) = pairs.into_iter().unzip();
        (sum(low), sum(high), sum(lows), sum(highs))
    });
    assert_eq!(graph.compute().unwrap(), (3.0, 6.0, 30.0, 32.0));
}
