//! All rules of `static_graph!`, and what follows from the declaration.
//!
//! In: [`Declaration`]. Out: [`Model`]: which task reads which, how, and an order in which they can run; or all mistakes. The order is depth
//! first from the output, but that who takes a value comes after those who borrow it.

use super::parse::{Declaration, Output, Task};
use super::takers::{order_takers, taken_twice};
use super::uses::uses_of;
use crate::near::nearest;
use proc_macro2::{Ident, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use syn::Error;

/// More tasks than this are no longer written by hand; all that each waits for is kept for the widest antichain.
const TASKS_MAX: usize = 4096;

/// See the module's text. Tasks are known by their indices in the declaration, inputs by theirs.
pub(super) struct Model {
    pub(super) uses: Vec<Vec<Use>>,
    /// Tasks that each task waits for, each once, in the order of its arguments.
    pub(super) waits: Vec<Vec<usize>>,
    /// As `waits`, with those who borrow before somebody takes.
    pub(super) ordered_after: Vec<Vec<usize>>,
    /// All tasks, dependencies first.
    pub(super) order: Vec<usize>,
    /// What the output takes when all tasks have run: each of its members, in order.
    pub(super) output: Vec<Use>,
    /// The members' tasks, and those that borrow what it takes, each once.
    pub(super) output_after: Vec<usize>,
    /// How many arguments read tasks, each as many times as tasks that it reads.
    pub(super) edges: usize,
}

/// That a task uses a name in its arguments.
#[derive(Clone)]
pub(super) struct Use {
    pub(super) what: What,
    /// As it is written there.
    pub(super) name: Ident,
    /// The argument that uses it.
    pub(super) argument: usize,
    pub(super) how: How,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum What {
    Input(usize),
    Task(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// Borrows the value.
    Lend,
    /// Takes it: nobody else does, and who borrows it comes before.
    Take,
    /// Copies it.
    Copy,
    /// Reads a part of it, calls it or a method of it: takes it if no task needs it later, else borrows it.
    Part,
}

pub(super) fn check(declaration: &Declaration) -> Result<Model, Error> {
    let mut mistakes = Mistakes(None);
    let tasks = &declaration.tasks;
    if tasks.len() > TASKS_MAX {
        mistakes
            .add(declaration.name.span(), &format!("a static graph has at most {TASKS_MAX} tasks"));
    }
    let names = names(declaration, &mut mistakes);
    let mut uses: Vec<Vec<Use>> =
        tasks.iter().map(|task| uses_of(task, &names, &mut mistakes)).collect();
    // The output stands behind the tasks, as one that takes its members.
    uses.push(taken_by_output(&declaration.output, &names, &mut mistakes));
    let output = tasks.len();
    let mut waits: Vec<Vec<usize>> = uses.iter().map(|uses| tasks_in(uses)).collect();
    settle_parts(&mut uses, &waits);
    if let Some(error) = mistakes.0 {
        return Err(error);
    }
    if let Some(cycle) = cycle(&waits) {
        return Err(told_cycle(&cycle, tasks));
    }
    // Of tasks that only such ones read, the last says all.
    let dead = dead(&waits, output);
    let is_read = |at: usize| waits.iter().any(|waits| waits.contains(&at));
    for dead in dead.into_iter().filter(|&at| !is_read(at)) {
        let name = &tasks[dead].name;
        let message = format!(
            "task `{name}` does not lead to the output, so it would never be needed\nuse it, or remove it"
        );
        mistakes.add(name.span(), &message);
    }
    for (at, input) in declaration.inputs.iter().enumerate() {
        let name = &input.name;
        let is_used = uses.iter().flatten().any(|one| one.what == What::Input(at));
        if !is_used && !plain(name).starts_with('_') {
            let message = format!(
                "no task reads the input `{name}`\nuse it, remove it, or call it `_{name}`"
            );
            mistakes.add(name.span(), &message);
        }
    }
    if let Some(error) = mistakes.0 {
        return Err(error);
    }
    let edges = uses[..output].iter().map(|uses| edges(uses)).sum();
    let mut ordered_after = order_takers(&mut uses, &waits, &declaration.inputs);
    for (what, mut takers) in taken_twice(&uses, &declaration.inputs) {
        // At the last one as it is written.
        if let Some(one) = takers.pop() {
            let name = &one.name;
            let message = format!(
                "the input `{name}` is taken by several tasks, and a `{what}` is not `Copy`\n\
                 lend it to those that only read it: `&{name}`, or give the others a copy: `{name}.clone()`"
            );
            mistakes.add(name.span(), &message);
        }
    }
    if let Some(error) = mistakes.0 {
        return Err(error);
    }
    let mut order = depth_first(&ordered_after, output);
    let output = uses.pop().unwrap_or_default();
    let output_after = ordered_after.pop().unwrap_or_default();
    waits.pop();
    order.pop();
    Ok(Model { uses, waits, ordered_after, order, output, output_after, edges })
}

fn taken_by_output(
    output: &Output,
    names: &HashMap<String, What>,
    mistakes: &mut Mistakes,
) -> Vec<Use> {
    let mut taken = Vec::new();
    for (argument, name) in output.names().iter().enumerate() {
        match names.get(&plain(name)) {
            Some(&what @ What::Task(_)) => {
                taken.push(Use { what, name: name.clone(), argument, how: How::Take });
            }
            Some(What::Input(_)) => {
                let message = match output {
                    Output::One(_) => "the output is an input: let it go through a task",
                    Output::Tuple(_) => {
                        "a member of the output is an input: let it go through a task, or leave it out: who calls `run` has it"
                    }
                };
                mistakes.add(name.span(), message);
            }
            None => mistakes.add(name.span(), &unknown(name, names)),
        }
    }
    taken
}

/// A name without `r#`, which is not part of it.
pub(super) fn plain(name: &Ident) -> String {
    let text = name.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

pub(super) struct Mistakes(Option<Error>);

impl Mistakes {
    pub(super) fn add(&mut self, span: Span, message: &str) {
        let error = Error::new(span, message);
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }
}

fn names(declaration: &Declaration, mistakes: &mut Mistakes) -> HashMap<String, What> {
    let mut names = HashMap::new();
    let inputs = declaration.inputs.iter().enumerate().map(|(at, i)| (&i.name, What::Input(at)));
    let tasks = declaration.tasks.iter().enumerate().map(|(at, t)| (&t.name, What::Task(at)));
    for (name, what) in inputs.chain(tasks) {
        if names.insert(plain(name), what).is_some() {
            let message = format!(
                "`{name}` is declared twice: in a static graph there is no order, so no shadowing\ngive one of them another name"
            );
            mistakes.add(name.span(), &message);
        }
    }
    names
}

pub(super) fn unknown(name: &Ident, names: &HashMap<String, What>) -> String {
    let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
    known.sort_unstable();
    let meant = nearest(&plain(name), &known)
        .map(|meant| format!("; did you mean `{meant}`?"))
        .unwrap_or_default();
    format!("no task or input named `{name}` in this graph{meant}")
}

/// A task that reads a part of a value takes the value if nobody needs it any more: if it is the only one that uses it, or the others only borrow
/// it, and the task waits for them anyway.
fn settle_parts(uses: &mut [Vec<Use>], waits: &[Vec<usize>]) {
    let users = users(uses);
    for (at, of_task) in uses.iter_mut().enumerate() {
        let mut before = None;
        let mut times: BTreeMap<What, usize> = BTreeMap::new();
        of_task.iter().for_each(|one| *times.entry(one.what).or_default() += 1);
        for one in of_task.iter_mut().filter(|one| one.how == How::Part) {
            // Two arguments may take two parts of it, but not two methods it, which borrow it if they must.
            let is_once = times[&one.what] == 1;
            let last = users.get(&one.what).is_some_and(|(takers, lenders)| {
                takers.iter().all(|&taker| taker == at)
                    && lenders.iter().all(|&lender| {
                        lender == at
                            || is_once
                                && before.get_or_insert_with(|| before_task(waits, at))[lender]
                    })
            });
            one.how = if last { How::Take } else { How::Lend };
        }
    }
}

/// Of each task whether `at` waits for it, directly or not.
fn before_task(waits: &[Vec<usize>], at: usize) -> Vec<bool> {
    let (mut seen, mut steps) = (vec![false; waits.len()], vec![at]);
    while let Some(at) = steps.pop() {
        for &earlier in &waits[at] {
            if !std::mem::replace(&mut seen[earlier], true) {
                steps.push(earlier);
            }
        }
    }
    seen
}

/// Who takes each value, and who uses it otherwise, each once and all in the order of the declaration.
pub(super) fn users(uses: &[Vec<Use>]) -> BTreeMap<What, (Vec<usize>, Vec<usize>)> {
    let mut users: BTreeMap<What, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, of_task) in uses.iter().enumerate() {
        for one in of_task {
            let (takers, lenders) = users.entry(one.what).or_default();
            let list = if one.how == How::Take { takers } else { lenders };
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
    }
    users
}

/// As those of `graph!`, for an argument that reads a task twice is one.
fn edges(uses: &[Use]) -> usize {
    let tasks = uses.iter().filter(|one| matches!(one.what, What::Task(_)));
    tasks.map(|one| (one.argument, one.what)).collect::<BTreeSet<_>>().len()
}

fn tasks_in(uses: &[Use]) -> Vec<usize> {
    let mut tasks = Vec::new();
    for one in uses {
        if let What::Task(at) = one.what
            && !tasks.contains(&at)
        {
            tasks.push(at);
        }
    }
    tasks
}

/// A cycle, as the tasks on it, each waiting for the next; none, if there is none.
fn cycle(waits: &[Vec<usize>]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Entered,
        Left,
    }
    let mut seen = vec![Seen::No; waits.len()];
    for start in 0..waits.len() {
        // The path down from `start`, each with how many of its dependencies have been looked at.
        let mut path: Vec<(usize, usize)> = Vec::new();
        if seen[start] == Seen::No {
            path.push((start, 0));
            seen[start] = Seen::Entered;
        }
        while let Some((at, next)) = path.last_mut() {
            match waits[*at].get(*next).copied() {
                None => {
                    seen[*at] = Seen::Left;
                    path.pop();
                }
                Some(to) => {
                    *next += 1;
                    if seen[to] == Seen::Entered {
                        let from = path.iter().position(|step| step.0 == to).unwrap_or(0);
                        return Some(path[from..].iter().map(|step| step.0).collect());
                    }
                    if seen[to] == Seen::No {
                        seen[to] = Seen::Entered;
                        path.push((to, 0));
                    }
                }
            }
        }
    }
    None
}

fn told_cycle(cycle: &[usize], tasks: &[Task]) -> Error {
    let names: Vec<String> =
        cycle.iter().chain(cycle.first()).map(|&at| tasks[at].name.to_string()).collect();
    let message = format!(
        "these tasks wait for each other: {}\none of them has to do without another's output",
        names.join(" -> ")
    );
    Error::new(tasks[cycle[0]].name.span(), message)
}

fn dead(waits: &[Vec<usize>], output: usize) -> Vec<usize> {
    let mut alive = vec![false; waits.len()];
    let mut steps = vec![output];
    while let Some(at) = steps.pop() {
        if !std::mem::replace(&mut alive[at], true) {
            steps.extend(&waits[at]);
        }
    }
    (0..waits.len()).filter(|&at| !alive[at]).collect()
}

/// Depth first from the output: dependencies first, in the order of arguments.
fn depth_first(after: &[Vec<usize>], output: usize) -> Vec<usize> {
    let (mut order, mut seen) = (Vec::new(), vec![false; after.len()]);
    let mut steps = vec![(output, false)];
    while let Some((at, leave)) = steps.pop() {
        if leave {
            order.push(at);
        } else if !std::mem::replace(&mut seen[at], true) {
            steps.push((at, true));
            steps.extend(after[at].iter().rev().map(|&earlier| (earlier, false)));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse::Parser;

    fn model(text: &str) -> Result<Model, String> {
        let tokens = text.parse().expect("tokens");
        let declaration =
            super::super::parse::declaration.parse2(tokens).map_err(|e| e.to_string())?;
        check(&declaration).map_err(|error| error.to_string())
    }

    #[test]
    fn takers_come_after_borrowers() {
        let model = model(
            "struct G(x: f64) { let out = join(a, b); let a = eat(s); let b = look(&s); let s = f(x); out }",
        )
        .expect("a graph");
        assert_eq!(model.order, [3, 2, 1, 0]);
        assert_eq!(model.uses[1][0].how, How::Take);
        assert_eq!(model.edges, 4);
    }

    #[test]
    fn a_value_that_is_borrowed_behind_its_taker_is_copied() {
        let model =
            model("struct G(x: f64) { let y = twice(x); let z = add(&x, y); z }").expect("a graph");
        assert_eq!(model.order, [0, 1]);
        assert_eq!(model.uses[0][0].how, How::Copy);
    }

    #[test]
    fn names_bound_in_an_argument_are_its_own() {
        let uses = |argument: &str| {
            let inputs = ["x: f64", "v: Vec<f64>"].into_iter();
            let inputs: Vec<&str> = inputs.filter(|i| argument.contains(&i[..1])).collect();
            let text = format!("struct G({}) {{ let a = f({argument}); a }}", inputs.join(", "));
            let model = model(&text).unwrap_or_else(|error| panic!("{argument}: {error}"));
            let names = model.uses[0].iter().map(|one| format!("{} {:?}", one.name, one.how));
            names.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(uses("v.iter().map(|a| a + x).sum()"), "v Take, x Take");
        assert_eq!(uses("{ let n = x; let v = n; n + v } + v[0]"), "x Take, v Lend");
        assert_eq!(
            uses("match v.first() { Some(y) if y > x => y, _ => x }"),
            "v Take, x Take, x Take"
        );
        assert_eq!(uses("if let Some(y) = v.get(1) { y } else { x }"), "v Take, x Take");
        assert_eq!(uses("{ fn v(x: f64) -> f64 { x } v(x) } + v[0]"), "x Take, v Lend");
        assert_eq!(uses("v[0]"), "v Lend");
        assert_eq!(uses("v.field"), "v Take");
        assert_eq!(uses("(v.field, &v)"), "v Take, v Lend");
        assert_eq!(uses("v(r#x)"), "v Take, r#x Take");
        assert_eq!(uses("other(x) + a(x)"), "x Take, x Take");
        assert_eq!(uses("(v.field)(1.0) + (v)(&(x)) + path::v()"), "v Take, v Take, x Lend");
        assert_eq!(uses("(|x: f64| x + v)(x)"), "v Take, x Take");
        assert_eq!(uses("vec![x; 2], &v[1..]"), "x Take, v Lend");
        assert_eq!(uses("{ use m::other as x; x } + v[0] + x"), "v Lend, x Take");
        assert_eq!(uses("{ use m::{n, x}; x } + { use m::x::{self}; x }"), "x Take");
        assert_eq!(uses(r#"x, format!("{{x}} {x}", x = 1), concat!("{x}")"#), "x Take");
        assert_eq!(uses(r#"x, |p: P| format!("{}, {}", p.x, "{x}"), stringify!(x)"#), "x Take");
    }

    #[test]
    fn who_reads_a_part_takes_it_if_no_other_task_uses_it() {
        let model = model(
            "struct G(x: f64) { let p = f(x.first, x.second.len()); let q = f(p.first, &p); let r = g(&q, q.len()); let s = g(&q, r); s }",
        )
        .expect("a graph");
        let hows = |at: usize| model.uses[at].iter().map(|one| one.how).collect::<Vec<_>>();
        assert_eq!(hows(0), [How::Take, How::Take]);
        assert_eq!(hows(1), [How::Take, How::Lend]);
        assert_eq!(hows(2), [How::Lend, How::Lend]);
    }

    #[test]
    fn who_reads_a_part_takes_it_if_the_others_have_borrowed_it_before() {
        let hows = |text: &str| {
            let model = model(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            model.uses.iter().map(|uses| uses[uses.len() - 1].how).collect::<Vec<_>>()
        };
        let text =
            "struct G(s: S) { let b = look(&s); let c = look(b); let out = add(c, s.eat()); out }";
        assert_eq!(hows(text), [How::Lend, How::Take, How::Take]);
        // Of two readers of a part the later one.
        let text = "struct G(s: S) { let b = look(s.len()); let out = add(b, s.eat()); out }";
        assert_eq!(hows(text), [How::Lend, How::Take]);
        // Not where another may come later, or takes it.
        let text =
            "struct G(s: S) { let b = look(&s); let c = look(s.eat()); let out = add(b, c); out }";
        assert_eq!(hows(text), [How::Lend, How::Lend, How::Take]);
        let text = "struct G(s: S) { let b = look(s); let out = add(b, s.len()); out }";
        assert_eq!(hows(text), [How::Copy, How::Lend]);
    }

    #[test]
    fn only_what_is_lent_by_the_graph_stands_without_its_reference() {
        let in_function = |argument: &str| {
            let text = format!("struct G(w: Vec<u8>) {{ let a = f({argument}); a }}");
            let declaration = super::super::parse::declaration
                .parse2(text.parse().expect("tokens"))
                .expect("a graph");
            let model = check(&declaration).expect("a graph");
            let call = super::super::uses::in_function(&declaration.tasks[0], &model.uses[0]);
            quote::ToTokens::to_token_stream(&call.args).to_string()
        };
        assert_eq!(in_function("&w"), "w");
        assert_eq!(in_function("&w, vec![&w; 2]"), "w , vec ! [w ; 2]");
        assert_eq!(in_function("&w, |w| g(&w)"), "w , | w | g (& w)");
        assert_eq!(in_function("{ let w = &w; &w }, &w"), "{ let w = w ; & w } , w");
    }

    #[test]
    fn what_may_be_copy_is_taken_by_several() {
        for ty in ["Arc", "f64", "Vec", "my::String<u8>", "Option<Vec<u8>>"] {
            let text = format!("struct G(v: {ty}) {{ let a = f(v); let b = f(v); (a, b) }}");
            assert!(model(&text).is_ok(), "{ty}");
        }
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("struct G() { let a = f(b); let b = g(c); let c = h(a); a }", "a -> b -> c -> a"),
            (
                "struct G(x: f64) { let a = f(x); let b = f(x); a }",
                "`b` does not lead to the output",
            ),
            ("struct G(input: f64) { let a = f(imput); a }", "did you mean `input`?"),
            ("struct G(x: f64) { let x = f(x); x }", "`x` is declared twice"),
            ("struct G(x: f64) { x }", "the output is an input"),
            ("struct G(x: f64, y: u8) { let a = f(x); a }", "no task reads the input `y`"),
            ("struct G(x: &mut f64) { let a = f(x); a }", "cannot be borrowed mutably"),
            ("struct G(x: str) { let a = f(x); a }", "borrow it, as in `text: &str`"),
            ("struct G(x: [f64]) { let a = f(x); a }", "its size must be known"),
            ("struct G(x: dyn Fn()) { let a = f(x); a }", "its size must be known"),
            ("struct G(x: &[str]) { let a = f(x); a }", "`str` has no size, so `[str]` cannot"),
            ("struct G(x: &'a f64) { let a = f(x); a }", "no named lifetime"),
            ("struct G(x: impl Into<f64>) { let a = f(x); a }", "has no type parameters"),
            ("struct G(x: f64) -> _ { let a = f(x); a }", "leave `-> _` away"),
            ("struct G(x: f64) { let a = f(g(x)?); a }", "behind the whole call"),
            ("struct G(x: f64) { let a = x(x); a }", "both the function that is called"),
            ("struct G(x: f64) { let a = f::<f64>(x); a }", "a generic #[delayed] function"),
            ("struct G(x: f64) { let a = x.sin(); a }", "a method cannot be a task"),
            ("struct G(x: f64) { let a = x + 1.0; a }", "the call of a #[delayed] function"),
            ("struct G(x: f64) { let a = f(x); }", "the name of the output is missing"),
            ("struct G(x: f64) { let a = f(x); g(a) }", "give it a name first"),
            ("struct G(mut x: f64) { let a = f(x); a }", "without `mut`"),
            ("struct G<T>(x: T) { let a = f(x); a }", "has no parameters of types"),
            ("struct G(x: f64) { let a = f(format!(\"{x}\")); a }", "does not look into `format!`"),
            ("struct G(x: f64) { let a = f(format!(\"{:.x$}\", 1.0)); a }", "which uses `x`"),
            ("struct G(x: f64) { let a = f(assert!(true, \"{{{x}\")); a }", "which uses `x`"),
            (
                "struct G(v: Vec<f64>) { let a = f(v); let b = f(v); let c = g(a, b); c }",
                "lend it to those that only read it: `&v`",
            ),
            ("struct G(x: f64, x: f64) { let a = f(x); a }", "`x` is declared twice"),
        ];
        for (text, expected) in cases {
            let error = model(text).err().unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
