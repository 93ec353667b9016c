//! What is known of a static graph: how deep, how wide, and its picture.
//!
//! In: who waits for whom. Out: numbers. The largest set of tasks of which none waits for another, directly or not, has as many members as
//! there are tasks less a maximum matching of the relation "waits for" (Dilworth 1950, through König; the matching by augmenting paths,
//! Kuhn 1955). O(tasks · pairs) time at worst.

use super::check::Model;
use super::parse::Declaration;
use quote::ToTokens;

pub(super) struct Facts {
    pub(super) critical_path: usize,
    pub(super) width: usize,
    pub(super) level_width: usize,
    pub(super) dot: String,
}

impl Facts {
    pub(super) fn of(declaration: &Declaration, model: &Model) -> Facts {
        let levels = levels(model);
        let critical_path = levels.iter().max().map_or(0, |deepest| deepest + 1);
        let mut widths = vec![0; critical_path];
        levels.iter().for_each(|&level| widths[level] += 1);
        Facts {
            critical_path,
            width: widest_antichain(model),
            level_width: widths.into_iter().max().unwrap_or(0),
            dot: dot(declaration, model),
        }
    }
}

/// The longest path to each task.
fn levels(model: &Model) -> Vec<usize> {
    let mut levels = vec![0; model.waits.len()];
    for &at in &model.order {
        levels[at] = model.waits[at].iter().map(|&input| levels[input] + 1).max().unwrap_or(0);
    }
    levels
}

/// A set of tasks.
#[derive(Clone)]
struct Set(Vec<u64>);

impl Set {
    fn new(tasks: usize) -> Set {
        Set(vec![0; tasks.div_ceil(64)])
    }
    fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }
    fn add(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }
    fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, &word)| {
            let mut word = word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros() as usize;
                (word != 0).then(|| {
                    word &= word - 1;
                    at * 64 + bit
                })
            })
        })
    }
}

fn widest_antichain(model: &Model) -> usize {
    let tasks = model.waits.len();
    // All that a task waits for, directly or not.
    let mut before = vec![Set::new(tasks); tasks];
    for &at in &model.order {
        let mut all = Set::new(tasks);
        for &input in &model.waits[at] {
            all.insert(input);
            all.add(&before[input]);
        }
        before[at] = all;
    }
    let mut partner: Vec<Option<usize>> = vec![None; tasks];
    let mut matched = 0;
    for at in 0..tasks {
        let mut seen = vec![false; tasks];
        matched += usize::from(augment(at, &before, &mut seen, &mut partner));
    }
    tasks - matched
}

/// Finds `start` a partner, others changing theirs if need be. Without recursion: a path can be as long as there are tasks.
fn augment(start: usize, before: &[Set], seen: &mut [bool], partner: &mut [Option<usize>]) -> bool {
    // For each step of the path: who looks for a partner, whom it may still ask, and whom it asks now.
    let choices = |at: usize| before[at].members().collect::<Vec<usize>>().into_iter();
    let mut path = vec![(start, choices(start), None)];
    while let Some((_, left, asked)) = path.last_mut() {
        match left.find(|&other| !seen[other]) {
            None => {
                path.pop();
            }
            Some(other) => {
                seen[other] = true;
                *asked = Some(other);
                match partner[other] {
                    Some(rival) => path.push((rival, choices(rival), None)),
                    None => {
                        for (at, _, asked) in path {
                            if let Some(other) = asked {
                                partner[other] = Some(at);
                            }
                        }
                        return true;
                    }
                }
            }
        }
    }
    false
}

fn dot(declaration: &Declaration, model: &Model) -> String {
    let mut text = format!("digraph {} {{\n  node [shape=box];\n", declaration.name);
    for (at, task) in declaration.tasks.iter().enumerate() {
        let function = task.call.func.to_token_stream().to_string().replace(' ', "");
        text += &format!("  t{at} [label=\"{} = {function}\"];\n", task.name);
    }
    for (at, inputs) in model.waits.iter().enumerate() {
        for input in inputs {
            text += &format!("  t{input} -> t{at};\n");
        }
    }
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::super::{check::check, parse};
    use super::*;
    use syn::parse::Parser;

    fn facts(text: &str) -> (usize, usize, usize) {
        let declaration =
            parse::declaration.parse2(text.parse().expect("tokens")).expect("a graph");
        let model = check(&declaration).unwrap_or_else(|error| panic!("{error}"));
        let facts = Facts::of(&declaration, &model);
        (facts.critical_path, facts.width, facts.level_width)
    }

    #[test]
    fn widths_are_those_of_the_widest_antichain() {
        assert_eq!(facts("struct G(x: f64) { let a = f(x); a }"), (1, 1, 1));
        assert_eq!(
            facts("struct G(x: f64) { let a = f(x); let b = f(a); let c = f(b); c }"),
            (3, 1, 1)
        );
        // A long branch beside short ones: more at once than on any one level.
        let text = "struct G(x: f64) {
            let a = f(x); let b = f(a); let c = f(b);
            let d = f(x); let e = f(x); let p = g(d, e);
            let out = h(c, p, a, b); out }";
        assert_eq!(facts(text), (4, 3, 3));
        let text = "struct G(x: f64) {
            let s = f(x); let a = f(s); let b = f(a); let c = f(s);
            let d = g(b, c); let e = f(c); let out = h(d, e); out }";
        assert_eq!(facts(text), (5, 2, 2));
        // Levels of one and two, but three that don't wait for each other: the first of one chain with both of another's fork.
        let text = "struct G(x: f64) {
            let r = f(x); let l1 = f(r); let l2 = f(l1); let m1 = f(r); let m2 = f(m1); let m3 = f(m1);
            let out = h(l2, m2, m3); out }";
        assert_eq!(facts(text), (4, 3, 3));
    }

    /// Against every subset, for graphs of up to ten tasks.
    #[test]
    fn the_widest_antichain_is_that_of_all_subsets() {
        let mut state = 7_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for _ in 0..300 {
            let tasks = 1 + next(10) as usize;
            let mut waits: Vec<Vec<usize>> = Vec::new();
            for at in 0..tasks {
                waits.push((0..at).filter(|_| next(4) == 0).collect());
            }
            let mut reach = vec![vec![false; tasks]; tasks];
            for at in 0..tasks {
                for &input in &waits[at] {
                    reach[at][input] = true;
                    let beyond = reach[input].clone();
                    reach[at].iter_mut().zip(beyond).for_each(|(here, far)| *here |= far);
                }
            }
            let apart = |set: u32| {
                (0..tasks).all(|a| {
                    (0..tasks).all(|b| set >> a & 1 == 0 || set >> b & 1 == 0 || !reach[a][b])
                })
            };
            let widest = (0..1_u32 << tasks).filter(|&set| apart(set)).map(u32::count_ones).max();
            let model = Model {
                uses: vec![Vec::new(); tasks],
                ordered_after: waits.clone(),
                order: (0..tasks).collect(),
                output: tasks - 1,
                edges: 0,
                waits,
            };
            assert_eq!(Some(widest_antichain(&model) as u32), widest);
        }
    }
}
