//! Who takes a value, and who copies it.
//!
//! In: who uses what, and who waits for whom. Out: whom each task comes after, so that who takes a value comes after those who borrow it. Where that
//! cannot be, or there are more takers, the value has to be `Copy`, which the compiler checks. Two values may be in each other's way, as in
//! `p = f(k, &v)` beside `q = g(v, &k)`: then other orders are tried, so that few have to be `Copy`, and those that are likely to be.
//!
//! Not here: the rules of a declaration, and the order in which all tasks run (`check`).

use super::check::{How, Use, What, users};
use super::parse::Input;
use syn::{GenericArgument, PathArguments, Type};

/// How many steps other orders may take, of which each takes as many as there are pairs of a value and a task, or fewer: some
/// thousand orders of a graph that is written by hand, and none of the largest.
const STEPS_MAX: usize = 1 << 22;
/// What it costs to copy a value of which nothing is known; more than all that are known to be `Copy`, and less than one that is known not to be.
const UNKNOWN: u64 = 1 << 20;

/// A value that one task takes, while others borrow it.
struct Taken {
    what: What,
    taker: usize,
    others: Vec<usize>,
    /// What it costs to copy it.
    cost: u64,
}

/// See the module's text.
pub(super) fn order_takers(
    uses: &mut [Vec<Use>],
    waits: &[Vec<usize>],
    inputs: &[Input],
) -> Vec<Vec<usize>> {
    let (mut taken, mut copied) = (Vec::new(), Vec::new());
    for (what, (takers, lenders)) in users(uses) {
        let others = |taker| lenders.iter().copied().filter(move |lender| *lender != taker);
        match *takers {
            [taker] if others(taker).all(|lender| !reaches(waits, lender, taker)) => {
                let others: Vec<usize> = others(taker).collect();
                let is_copy = match what {
                    What::Input(at) => is_copy(&inputs[at].ty),
                    What::Task(_) => None,
                };
                let cost = match is_copy {
                    Some(true) => 1,
                    None => UNKNOWN,
                    Some(false) => UNKNOWN * UNKNOWN,
                };
                taken.push(Taken { what, taker, others, cost });
            }
            _ => copied.push((what, takers)),
        }
    }
    let (after, refused) = best_order(&mut taken, waits);
    copied.extend(refused.into_iter().map(|at| (taken[at].what, vec![taken[at].taker])));
    for (what, takers) in copied {
        for taker in takers {
            let takes = |one: &&mut Use| one.what == what && one.how == How::Take;
            uses[taker].iter_mut().filter(takes).for_each(|one| one.how = How::Copy);
        }
    }
    after
}

/// The inputs that several tasks take though they cannot be copied, so far as that can be seen: what they are, and who takes them.
pub(super) fn taken_twice<'a>(
    uses: &'a [Vec<Use>],
    inputs: &[Input],
) -> Vec<(String, Vec<&'a Use>)> {
    let mut twice = Vec::new();
    for (at, input) in inputs.iter().enumerate() {
        let Some(what) = never_copy(&input.ty) else { continue };
        let takes = |one: &&Use| one.what == What::Input(at) && one.how == How::Copy;
        let takers: Vec<&Use> =
            uses.iter().filter_map(|of_task| of_task.iter().find(takes)).collect();
        if takers.len() > 1 {
            twice.push((what, takers));
        }
    }
    twice
}

/// The name of a type that is not `Copy`, if it is one of the standard library's, and no other of its name: `Arc<T>`, but not `Arc`.
fn never_copy(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let (name, is_generic) = (last.ident.to_string(), !last.arguments.is_none());
    let known = match &*name {
        "String" | "PathBuf" => !is_generic,
        "Arc" | "Box" | "BTreeMap" | "HashMap" | "HashSet" | "Vec" => is_generic,
        _ => false,
    };
    known.then_some(name)
}

/// Whom each task comes after, and the values for which that could not be said, in the order in which they are then.
fn best_order(taken: &mut [Taken], waits: &[Vec<usize>]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut best = order(taken, waits);
    if best.1.is_empty() {
        return best;
    }
    // The dearest first; then each that was refused before all others.
    taken.sort_by_key(|one| std::cmp::Reverse(one.cost));
    best = order(taken, waits);
    let cost = |taken: &[Taken], refused: &[usize]| refused.iter().map(|&at| taken[at].cost).sum();
    let mut known: u64 = cost(taken, &best.1);
    let (mut steps, mut next) = (0, 0);
    while steps < STEPS_MAX && next < best.1.len() {
        let first = best.1[next];
        taken[..=first].rotate_right(1);
        let other = order(taken, waits);
        steps += taken.len() * waits.len();
        next += 1;
        match cost(taken, &other.1) {
            less if less < known => (known, best, next) = (less, other, 0),
            _ => taken[..=first].rotate_left(1),
        }
    }
    best
}

/// As [`best_order`], with the values asked as they stand.
fn order(taken: &[Taken], waits: &[Vec<usize>]) -> (Vec<Vec<usize>>, Vec<usize>) {
    let (mut after, mut refused) = (waits.to_vec(), Vec::new());
    for (at, Taken { taker, others, .. }) in taken.iter().enumerate() {
        if others.iter().any(|&lender| reaches(&after, lender, *taker)) {
            refused.push(at);
            continue;
        }
        for &lender in others {
            // Where it comes after already, nothing has to be said.
            if !reaches(&after, *taker, lender) {
                after[*taker].push(lender);
            }
        }
    }
    (after, refused)
}

/// Whether `from` waits for `to`, directly or not.
fn reaches(after: &[Vec<usize>], from: usize, to: usize) -> bool {
    let (mut seen, mut steps) = (vec![false; after.len()], vec![from]);
    while let Some(at) = steps.pop() {
        if at == to {
            return true;
        }
        if !std::mem::replace(&mut seen[at], true) {
            steps.extend(&after[at]);
        }
    }
    false
}

/// Whether a type is `Copy`, as far as it can be seen.
fn is_copy(ty: &Type) -> Option<bool> {
    match ty {
        Type::Reference(reference) => Some(reference.mutability.is_none()),
        Type::Ptr(_) | Type::BareFn(_) => Some(true),
        Type::Paren(inner) => is_copy(&inner.elem),
        Type::Group(inner) => is_copy(&inner.elem),
        Type::Array(array) => is_copy(&array.elem),
        Type::Tuple(tuple) => {
            tuple.elems.iter().map(is_copy).try_fold(true, |all, one| Some(all & one?))
        }
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match (&*last.ident.to_string(), &last.arguments) {
                ("Option", PathArguments::AngleBracketed(of)) => match of.args.first()? {
                    GenericArgument::Type(ty) => is_copy(ty),
                    _ => None,
                },
                (
                    "Arc" | "Box" | "BTreeMap" | "HashMap" | "HashSet" | "PathBuf" | "String"
                    | "Vec",
                    _,
                ) => Some(false),
                (name, _) => Some(true).filter(|_| crate::PRIMITIVES.contains(&name)),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::{How, check};
    use super::super::parse;
    use syn::parse::Parser;

    /// The names of what has to be `Copy`.
    fn copied(text: &str) -> String {
        let declaration =
            parse::declaration.parse2(text.parse().expect("tokens")).expect("a graph");
        let model = check(&declaration).unwrap_or_else(|error| panic!("{error}: {text}"));
        let uses = model.uses.iter().flatten().filter(|one| one.how == How::Copy);
        uses.map(|one| one.name.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn of_two_that_are_in_each_others_way_that_is_copied_which_can_be() {
        let tasks = "let p = scale(k, &v); let q = own(v, &k); let out = add(p, q); out";
        for (k, v) in [
            ("f64", "Vec<f64>"),
            ("&str", "Unknown"),
            ("(u8, [Option<char>; 2])", "Unknown"),
            ("Unknown", "Option<Box<u8>>"),
        ] {
            assert_eq!(copied(&format!("struct G(k: {k}, v: {v}) {{ {tasks} }}")), "k", "{k}");
            assert_eq!(copied(&format!("struct G(v: {v}, k: {k}) {{ {tasks} }}")), "k", "{k}");
        }
        // Of outputs nothing is known.
        let made = "let k = f(x); let v = g(x);";
        assert_eq!(copied(&format!("struct G(x: f64) {{ {made} {tasks} }}")), "x x v");
    }

    #[test]
    fn as_few_are_copied_as_can_be() {
        // `a` is in the way of all others, which are not in each other's.
        let text = "struct G(a: A, b: B, c: C) {
            let p = f(a, &b, &c); let q = f(b, &a); let r = f(c, &a); let out = f(p, q, r); out }";
        assert_eq!(copied(text), "a");
        // Nobody is in the way.
        let text = "struct G(a: A, b: B) { let p = f(&b, &a); let q = f(a, &b); let r = f(b, &p); let out = f(q, r); out }";
        assert_eq!(copied(text), "");
    }
}
