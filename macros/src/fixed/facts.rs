//! What is known of a static graph: how deep, how wide, and its picture.
//!
//! In: who runs after whom: those that read one another, and who takes a value after those who borrow it. Out: numbers, and a picture in which the
//! order without data is dashed. The largest set of tasks of which none waits for another, directly or not, has as many members as
//! there are tasks less a maximum matching of the relation "waits for" (Dilworth 1950, through König; the matching by augmenting paths, Kuhn
//! 1955, in rounds in which nobody is asked twice, as Hopcroft and Karp 1973 do). A round takes tasks² / 64 steps, and chains and trees
//! need two.

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
    let mut levels = vec![0; model.ordered_after.len()];
    for &at in &model.order {
        levels[at] =
            model.ordered_after[at].iter().map(|&input| levels[input] + 1).max().unwrap_or(0);
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
    fn remove(&mut self, at: usize) {
        self.0[at / 64] &= !(1 << (at % 64));
    }
    fn add(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }
    /// The first member of both, not before the word `from`.
    fn first_of_both(&self, other: &Set, from: usize) -> Option<usize> {
        let words = self.0.iter().zip(&other.0).enumerate().skip(from);
        let mut both = words.map(|(at, (word, other))| (at, word & other));
        both.find(|(_, both)| *both != 0).map(|(at, both)| at * 64 + both.trailing_zeros() as usize)
    }
}

fn widest_antichain(model: &Model) -> usize {
    let tasks = model.ordered_after.len();
    // All that a task waits for, directly or not; tasks by their places in the order.
    let mut place = vec![0; tasks];
    model.order.iter().enumerate().for_each(|(at, &task)| place[task] = at);
    let mut before: Vec<Set> = Vec::with_capacity(tasks);
    for &task in &model.order {
        let mut all = Set::new(tasks);
        for input in model.ordered_after[task].iter().map(|&input| place[input]) {
            all.insert(input);
            all.add(&before[input]);
        }
        before.push(all);
    }
    let mut matching = Matching::new(&before);
    while matching.round() {}
    tasks - matching.pairs
}

/// Pairs of a task and one that it waits for, each task in at most one pair as the first, and in one as the second.
struct Matching<'a> {
    before: &'a [Set],
    /// Who has each task for its second.
    first: Vec<Option<usize>>,
    has_second: Vec<bool>,
    pairs: usize,
}

impl Matching<'_> {
    fn new(before: &[Set]) -> Matching<'_> {
        let tasks = before.len();
        Matching { before, first: vec![None; tasks], has_second: vec![false; tasks], pairs: 0 }
    }

    /// Looks for a second for each task without; says whether any has found one. If none has, there are no more pairs to be had.
    fn round(&mut self) -> bool {
        let mut unasked = Set::new(self.before.len());
        (0..self.before.len()).for_each(|at| unasked.insert(at));
        let known = self.pairs;
        for at in 0..self.before.len() {
            if !self.has_second[at] && self.augment(at, &mut unasked) {
                self.has_second[at] = true;
                self.pairs += 1;
            }
        }
        self.pairs > known
    }

    /// Finds `start` a second, others changing theirs if need be. Without recursion: a path can be as long as there are tasks.
    fn augment(&mut self, start: usize, unasked: &mut Set) -> bool {
        // For each step of the path: who looks for a second, whom it asks now, and the word of the set where it goes on.
        let mut path = vec![(start, None, 0)];
        while let Some((at, asked, from)) = path.last_mut() {
            let Some(other) = self.before[*at].first_of_both(unasked, *from) else {
                path.pop();
                continue;
            };
            unasked.remove(other);
            *asked = Some(other);
            *from = other / 64;
            match self.first[other] {
                Some(rival) => path.push((rival, None, 0)),
                None => {
                    for (at, asked, _) in path {
                        if let Some(other) = asked {
                            self.first[other] = Some(at);
                        }
                    }
                    return true;
                }
            }
        }
        false
    }
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
        for earlier in model.ordered_after[at].iter().filter(|earlier| !inputs.contains(earlier)) {
            text += &format!("  t{earlier} -> t{at} [style=dashed];\n");
        }
    }
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::super::check::{How, check};
    use super::super::parse;
    use super::*;
    use syn::parse::Parser;

    fn all_of(text: &str) -> (Model, Facts) {
        let declaration =
            parse::declaration.parse2(text.parse().expect("tokens")).expect("a graph");
        let model = check(&declaration).unwrap_or_else(|error| panic!("{error}: {text}"));
        let facts = Facts::of(&declaration, &model);
        (model, facts)
    }

    fn facts(text: &str) -> (usize, usize, usize) {
        let (_, facts) = all_of(text);
        (facts.critical_path, facts.width, facts.level_width)
    }

    #[test]
    fn who_takes_a_value_stands_behind_those_who_borrow_it() {
        let text = "struct G(x: f64) {
            let out = join(a, b); let a = eat(s); let b = look(&s); let s = f(x); out }";
        let (model, of_text) = all_of(text);
        assert_eq!((model.edges, facts(text)), (4, (4, 1, 1)));
        assert!(of_text.dot.contains("t2 -> t1 [style=dashed];"), "{}", of_text.dot);
        assert_eq!(of_text.dot.matches("->").count(), 5, "{}", of_text.dot);
        // One borrower behind another: the data say so already, so nothing is dashed.
        let text = "struct G(x: f64) {
            let s = f(x); let b = look(&s); let c = look(&b); let out = join(s, c); out }";
        let (_, of_text) = all_of(text);
        assert_eq!(facts(text), (4, 1, 1));
        assert!(!of_text.dot.contains("dashed"), "{}", of_text.dot);
        // An input that is taken.
        let text = "struct G(x: Vec<f64>) {
            let a = eat(x); let b = look(&x); let c = look(&x); let out = join(a, b, c); out }";
        assert_eq!(facts(text), (3, 2, 2));
    }

    /// Against all subsets and all paths, in graphs whose tasks borrow and take what others give.
    #[test]
    fn the_facts_are_those_of_the_order_in_which_tasks_run() {
        let mut next = random(5);
        let mut ordered = 0;
        for _ in 0..300 {
            let tasks = 2 + next(8);
            // Whom each reads, and whether it takes that; the last one borrows all that nobody reads.
            let mut reads: Vec<Vec<(usize, bool)>> = Vec::new();
            let (mut is_read, mut is_taken) = (vec![false; tasks], vec![false; tasks]);
            for at in 0..tasks {
                let read: Vec<_> = (0..at).filter(|_| next(3) == 0).collect();
                let how = read.into_iter().map(|other| {
                    // Two that take a value copy it, and come in any order.
                    let takes = next(2) == 0 && !is_taken[other];
                    (is_read[other], is_taken[other]) = (true, is_taken[other] || takes);
                    (other, takes)
                });
                reads.push(how.collect());
            }
            reads[tasks - 1]
                .extend((0..tasks - 1).filter(|&at| !is_read[at]).map(|at| (at, false)));
            let argument = |&(other, takes): &(usize, bool)| {
                if takes { format!("t{other}") } else { format!("&t{other}") }
            };
            let declared = reads.iter().enumerate().map(|(at, reads)| {
                let arguments: Vec<_> = reads.iter().map(argument).collect();
                format!("let t{at} = f({}); ", arguments.join(", "))
            });
            let declared: String = declared.collect();
            let text = format!("struct G() {{ {declared} t{} }}", tasks - 1);
            let (model, facts) = all_of(&text);
            // After whom each one runs: those it reads, and those who borrow what it takes, unless it copies it.
            let mut after = vec![vec![false; tasks]; tasks];
            for (at, uses) in model.uses.iter().enumerate() {
                for (one, &(other, _)) in uses.iter().zip(&reads[at]) {
                    after[at][other] = true;
                    if one.how == How::Take {
                        let borrows = |&lender: &usize| {
                            lender != at && reads[lender].iter().any(|&(what, _)| what == other)
                        };
                        (0..tasks).filter(borrows).for_each(|lender| after[at][lender] = true);
                    }
                }
            }
            ordered += usize::from(facts.dot.contains("dashed"));
            for by in 0..tasks {
                for at in 0..tasks {
                    for to in 0..tasks {
                        after[at][to] |= after[at][by] && after[by][to];
                    }
                }
            }
            assert!((0..tasks).all(|at| !after[at][at]), "{text}");
            let sets = |fits: &dyn Fn(usize, usize) -> bool| {
                let is_one = |set: &u32| {
                    let has = |at: usize| set >> at & 1 == 1;
                    let pairs = (0..tasks).flat_map(|a| (0..a).map(move |b| (a, b)));
                    pairs.filter(|&(a, b)| has(a) && has(b)).all(|(a, b)| fits(a, b))
                };
                (1..1_u32 << tasks).filter(is_one).map(u32::count_ones).max()
            };
            let apart = sets(&|a, b| !after[a][b] && !after[b][a]);
            let chain = sets(&|a, b| after[a][b] || after[b][a]);
            assert_eq!(Some(facts.width as u32), apart, "{text}");
            assert_eq!(Some(facts.critical_path as u32), chain, "{text}");
            assert!(facts.level_width <= facts.width, "{text}");
        }
        assert!(ordered > 50, "{ordered} graphs with an order beside the data's");
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

    /// Numbers below a bound, always the same ones.
    fn random(seed: u64) -> impl FnMut(usize) -> usize {
        let mut state = seed;
        move |below| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((state >> 33) % below as u64) as usize
        }
    }

    /// Tasks in any order, of which each waits for one in `sparse` of those before it.
    fn any_model(tasks: usize, sparse: usize, next: &mut impl FnMut(usize) -> usize) -> Model {
        let mut order: Vec<usize> = (0..tasks).collect();
        (1..tasks).for_each(|at| order.swap(at, next(at + 1)));
        let mut waits = vec![Vec::new(); tasks];
        for at in 0..tasks {
            waits[order[at]] = order[..at].iter().copied().filter(|_| next(sparse) == 0).collect();
        }
        model(waits, order)
    }

    fn model(waits: Vec<Vec<usize>>, order: Vec<usize>) -> Model {
        let uses = vec![Vec::new(); waits.len()];
        Model {
            uses,
            ordered_after: waits.clone(),
            output: Vec::new(),
            output_after: Vec::new(),
            edges: 0,
            waits,
            order,
        }
    }

    /// Who waits for whom, directly or not.
    fn reach(model: &Model) -> Vec<Vec<bool>> {
        let tasks = model.waits.len();
        let mut reach = vec![vec![false; tasks]; tasks];
        for &at in &model.order {
            for &input in &model.ordered_after[at] {
                reach[at][input] = true;
                let beyond = reach[input].clone();
                reach[at].iter_mut().zip(beyond).for_each(|(here, far)| *here |= far);
            }
        }
        reach
    }

    /// Against every subset, for graphs of up to ten tasks.
    #[test]
    fn the_widest_antichain_is_that_of_all_subsets() {
        let mut next = random(7);
        for _ in 0..400 {
            let (tasks, sparse) = (1 + next(10), 2 + next(5));
            let model = any_model(tasks, sparse, &mut next);
            let reach = reach(&model);
            let apart = |set: u32| {
                (0..tasks).all(|a| {
                    (0..tasks).all(|b| set >> a & 1 == 0 || set >> b & 1 == 0 || !reach[a][b])
                })
            };
            let widest = (0..1_u32 << tasks).filter(|&set| apart(set)).map(u32::count_ones).max();
            assert_eq!(Some(widest_antichain(&model) as u32), widest);
        }
    }

    /// Against paths looked for anew for each task, for graphs over several words.
    #[test]
    fn the_widest_antichain_is_that_of_a_plain_matching() {
        fn find(at: usize, reach: &[Vec<bool>], seen: &mut [bool], first: &mut [usize]) -> bool {
            (0..seen.len()).any(|other| {
                let fits = reach[at][other] && !std::mem::replace(&mut seen[other], true);
                let found =
                    fits && (first[other] == usize::MAX || find(first[other], reach, seen, first));
                if found {
                    first[other] = at;
                }
                found
            })
        }
        let mut next = random(11);
        for _ in 0..60 {
            let (tasks, sparse) = (100 + next(60), 5 + next(150));
            let model = any_model(tasks, sparse, &mut next);
            let reach = reach(&model);
            let mut first = vec![usize::MAX; tasks];
            let pairs = (0..tasks)
                .filter(|&at| find(at, &reach, &mut vec![false; tasks], &mut first))
                .count();
            assert_eq!(widest_antichain(&model), tasks - pairs);
        }
    }

    #[test]
    fn as_many_tasks_as_there_may_be_are_no_trouble() {
        let tasks = 4095;
        let chain = (0..tasks).map(|at| (at > 0).then(|| at - 1).into_iter().collect()).collect();
        assert_eq!(widest_antichain(&model(chain, (0..tasks).collect())), 1);
        let inputs = |at: usize| [2 * at + 1, 2 * at + 2].into_iter().filter(|&one| one < tasks);
        let tree = (0..tasks).map(|at| inputs(at).collect()).collect();
        assert_eq!(widest_antichain(&model(tree, (0..tasks).rev().collect())), 2048);
    }
}
